//! The check-in messages, one view each. Whose they are is in
//! [`Enrollment`](crate::messages::Enrollment); the methods here are for what is theirs alone.

use crate::fields::view;

view! {
    /// A device begins to enrol.
    struct Authenticate: "checkin.authenticate", Payload, "" {
        /// The name that its user gave it (macOS).
        device_name: &'a str = "DeviceName";
        /// The name of its model for people (macOS).
        model_name: &'a str = "ModelName";
        /// Its model (macOS).
        model: &'a str = "Model";
        /// `Authenticate`.
        message_type: &'a str = "MessageType";
        /// The topic of push notifications.
        topic: &'a str = "Topic";
        /// The device.
        udid: &'a str = "UDID";
        /// The enrolment of a device that its user enrolled with an account.
        enrollment_id: &'a str = "EnrollmentID";
        /// The version.
        os_version: &'a str = "OSVersion";
        /// The build.
        build_version: &'a str = "BuildVersion";
        /// The model, such as `iPhone14,2`.
        product_name: &'a str = "ProductName";
        /// The serial number.
        serial_number: &'a str = "SerialNumber";
        /// The identity of its radio.
        imei: &'a str = "IMEI";
        /// The identity of its radio in other networks.
        meid: &'a str = "MEID";
    }
}

view! {
    /// A device has a token for push notifications: it is enrolled.
    struct TokenUpdate: "checkin.tokenupdate", Payload, "" {
        /// Whether the user is not at the screen (macOS, user channel).
        not_on_console: bool = "NotOnConsole";
        /// `TokenUpdate`.
        message_type: &'a str = "MessageType";
        /// The topic of push notifications.
        topic: &'a str = "Topic";
        /// The device.
        udid: &'a str = "UDID";
        /// The enrolment of a device that its user enrolled with an account.
        enrollment_id: &'a str = "EnrollmentID";
        /// The user of such an enrolment.
        enrollment_user_id: &'a str = "EnrollmentUserID";
        /// The user's short name.
        user_short_name: &'a str = "UserShortName";
        /// The user.
        user_id: &'a str = "UserID";
        /// The user's name for people.
        user_long_name: &'a str = "UserLongName";
        /// The token for push notifications; a secret.
        token: &'a [u8] = "Token";
        /// What push notifications hold; a secret.
        push_magic: &'a str = "PushMagic";
        /// What removes the passcode; a secret.
        unlock_token: &'a [u8] = "UnlockToken";
        /// Whether the device waits in Setup Assistant.
        awaiting_configuration: bool = "AwaitingConfiguration";
    }
}

view! {
    /// A device leaves.
    struct CheckOut: "checkin.checkout", Payload, "" {
        /// `CheckOut`.
        message_type: &'a str = "MessageType";
        /// The topic of push notifications.
        topic: &'a str = "Topic";
        /// The device.
        udid: &'a str = "UDID";
        /// The enrolment of a device that its user enrolled with an account.
        enrollment_id: &'a str = "EnrollmentID";
    }
}

view! {
    /// A user of a Mac signs in.
    struct UserAuthenticate: "checkin.userauthenticate", Payload, "" {
        /// `UserAuthenticate`.
        message_type: &'a str = "MessageType";
        /// The device.
        udid: &'a str = "UDID";
        /// The user.
        user_id: &'a str = "UserID";
        /// The answer to a challenge; a secret.
        digest_response: &'a str = "DigestResponse";
    }
}

view! {
    /// A Mac leaves its bootstrap token with the server.
    struct SetBootstrapToken: "checkin.setbootstraptoken", Payload, "" {
        /// `SetBootstrapToken`.
        message_type: &'a str = "MessageType";
        /// The token; a secret. Without one the server forgets the one it has.
        bootstrap_token: &'a [u8] = "BootstrapToken";
        /// Whether the device waits in Setup Assistant.
        awaiting_configuration: bool = "AwaitingConfiguration";
    }
}

view! {
    /// A Mac asks for its bootstrap token.
    struct GetBootstrapToken: "checkin.getbootstraptoken", Payload, "" {
        /// `GetBootstrapToken`.
        message_type: &'a str = "MessageType";
        /// Whether the device waits in Setup Assistant.
        awaiting_configuration: bool = "AwaitingConfiguration";
    }
}

view! {
    /// Declarative management: the device asks for tokens, declarations, or reports its status.
    struct DeclarativeManagement: "checkin.declarativemanagement", Payload, "" {
        /// `DeclarativeManagement`.
        message_type: &'a str = "MessageType";
        /// What it asks for: `tokens`, `declaration-items`, `status`, `declaration/…`.
        endpoint: &'a str = "Endpoint";
        /// The status report, as JSON.
        data: &'a [u8] = "Data";
        /// The device.
        udid: &'a str = "UDID";
        /// The enrolment of a device that its user enrolled with an account.
        enrollment_id: &'a str = "EnrollmentID";
        /// The user of such an enrolment.
        enrollment_user_id: &'a str = "EnrollmentUserID";
        /// The user's short name.
        user_short_name: &'a str = "UserShortName";
        /// The user.
        user_id: &'a str = "UserID";
        /// The user's name for people.
        user_long_name: &'a str = "UserLongName";
    }
}

view! {
    /// A device asks for a token of a service.
    struct GetToken: "checkin.gettoken", Payload, "" {
        /// `GetToken`.
        message_type: &'a str = "MessageType";
        /// The service: `com.apple.maid`, `com.apple.watch.pairing`.
        token_service_type: &'a str = "TokenServiceType";
        /// What the service needs.
        token_parameters: TokenParameters<'a> = "TokenParameters";
        /// The device.
        udid: &'a str = "UDID";
        /// The enrolment of a device that its user enrolled with an account.
        enrollment_id: &'a str = "EnrollmentID";
        /// The user of such an enrolment.
        enrollment_user_id: &'a str = "EnrollmentUserID";
        /// The user's short name.
        user_short_name: &'a str = "UserShortName";
        /// The user.
        user_id: &'a str = "UserID";
        /// The user's name for people.
        user_long_name: &'a str = "UserLongName";
    }
}

view! {
    /// What the pairing of a watch needs.
    struct TokenParameters: "checkin.gettoken", Payload, "TokenParameters" {
        /// A secret of the phone.
        security_token: &'a str = "SecurityToken";
        /// The phone.
        phone_udid: &'a str = "PhoneUDID";
        /// The watch.
        watch_udid: &'a str = "WatchUDID";
    }
}
