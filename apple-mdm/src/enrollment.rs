//! Updates at enrolment: a device says what it is, and a server may ask it to update first.
//!
//! *Specified*: Apple's schema, other/machineinfo and mdm/errors/softwareupdate.required.

use crate::fields::view;
use crate::plist::{Dictionary, write_xml};
use crate::schema::{Platform, Since};
use crate::version::OsVersion;

view! {
    /// What a device says of itself when it asks for its enrolment profile (MachineInfo), once the
    /// signature around it was taken away.
    struct MachineInfo: "other.machineinfo", Payload, "" {
        /// The device.
        udid: &'a str = "UDID";
        /// The serial number.
        serial: &'a str = "SERIAL";
        /// The model, such as `iPhone14,2`.
        product: &'a str = "PRODUCT";
        /// The build.
        version: &'a str = "VERSION";
        /// The version (iOS and tvOS 17, macOS 14).
        os_version: &'a str = "OS_VERSION";
        /// The build with a background security improvement.
        supplemental_build_version: &'a str = "SUPPLEMENTAL_BUILD_VERSION";
        /// The letter of a background security improvement.
        supplemental_os_version_extra: &'a str = "SUPPLEMENTAL_OS_VERSION_EXTRA";
        /// The identity of its radio.
        imei: &'a str = "IMEI";
        /// The identity of its radio in other networks.
        meid: &'a str = "MEID";
        /// The language of its user.
        language: &'a str = "LANGUAGE";
        /// Whether [`SoftwareUpdateRequired`] may be answered (iOS 17, macOS 14).
        can_request_software_update: bool = "MDM_CAN_REQUEST_SOFTWARE_UPDATE";
        /// What the pairing of a watch needs; a secret.
        pairing_token: &'a [u8] = "PAIRING_TOKEN";
        /// The name of the device in the version catalogue (iOS 17.4, macOS 14.4).
        software_update_device_id: &'a str = "SOFTWARE_UPDATE_DEVICE_ID";
    }
}

view! {
    /// The program of pre-release versions that a device has to join.
    struct BetaProgram: "error.softwareupdate.required", Payload, "details/RequireBetaProgram" {
        /// Its name for people.
        description: &'a str = "Description";
        /// Its token; a secret.
        token: &'a str = "Token";
    }
}

view! {
    /// The details of [`SoftwareUpdateRequired`].
    struct RequiredDetails: "error.softwareupdate.required", Payload, "details" {
        /// The version to update to.
        os_version: &'a str = "OSVersion";
        /// The build to update to.
        build_version: &'a str = "BuildVersion";
        /// The program to join (iOS 17.5, macOS 14.5).
        require_beta_program: BetaProgram<'a> = "RequireBetaProgram";
    }
}

view! {
    /// The answer with status 403 that makes a device update before it enrols, as a view.
    struct RequiredAnswer: "error.softwareupdate.required", Payload, "" {
        /// `com.apple.softwareupdate.required`.
        code: &'a str = "code";
        /// Words for logs.
        description: &'a str = "description";
        /// Words for the user.
        message: &'a str = "message";
        /// What to update to.
        details: RequiredDetails<'a> = "details";
    }
}

/// The answer with status 403 that makes a device update before it enrols.
///
/// ```
/// use apple_mdm::enrollment::SoftwareUpdateRequired;
///
/// let answer = SoftwareUpdateRequired::new("18.7.2".parse()?).with_build("22H124");
/// let mut body = Vec::new();
/// answer.encode(&mut body);
/// assert!(String::from_utf8_lossy(&body).contains("com.apple.softwareupdate.required"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SoftwareUpdateRequired {
    version: OsVersion,
    build: Option<String>,
    message: Option<String>,
}

impl SoftwareUpdateRequired {
    /// Asks for this version.
    #[must_use]
    pub const fn new(version: OsVersion) -> Self {
        Self { version, build: None, message: None }
    }

    /// The same with a build.
    #[must_use]
    pub fn with_build(mut self, build: impl Into<String>) -> Self {
        self.build = Some(build.into());
        self
    }

    /// The same with words for the user.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Whether a device takes this answer: it says so in its MachineInfo, and its platform has it.
    #[must_use]
    pub fn is_taken_by(device: &MachineInfo<'_>) -> bool {
        let platform = device.product().and_then(Platform::of_model);
        let knows = platform.zip(crate::schema::by_id("error.softwareupdate.required"));
        let knows =
            knows.is_some_and(|(platform, group)| group.support.on(platform).since != Since::Never);
        knows && device.can_request_software_update() == Some(true)
    }

    /// The body as a dictionary, to be written as JSON or as a property list.
    #[must_use]
    pub fn to_dictionary(&self) -> Dictionary<'static> {
        let details = Dictionary::new()
            .with("OSVersion", self.version.to_string())
            .with_opt("BuildVersion", self.build.clone());
        Dictionary::new()
            .with("code", "com.apple.softwareupdate.required")
            .with_opt("message", self.message.clone())
            .with("details", details)
    }

    /// Appends the XML property list to `out`; its media type is `application/xml`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        write_xml(&self.to_dictionary().into(), out);
    }
}
