//! The enrolment itself.

use std::fmt;

use super::payload;
use crate::fields::FromField;
use crate::plist::Value;
use crate::schema::Type;

/// What an enrolment allows the server (AccessRights): a sum of bits.
///
/// *Specified*: Apple's schema, com.apple.mdm, AccessRights. A right cannot be added later.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AccessRights(u32);

/// The rights that the schema of commands names, with their bits in com.apple.mdm.
const RIGHTS: [(&str, u32); 5] = [
    ("AllowPasscodeRemovalAndLock", 4),
    ("AllowQueryDeviceInformation", 16),
    ("AllowQuerySecurity", 1024),
    ("AllowSettings", 2048),
    ("AllowAppInstallation", 4096),
];

impl AccessRights {
    /// All of them.
    pub const ALL: Self = Self(8191);

    /// The rights that are these bits.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether an enrolment can have them: not none, and who installs profiles (2, 128) inspects
    /// them as well (1, 64).
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.0 != 0
            && (self.0 & 2 == 0 || self.0 & 1 != 0)
            && (self.0 & 128 == 0 || self.0 & 64 != 0)
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether it has a right, by its name in the schema. A name that is no right is always there:
    /// `None` and `SpecialCase` ask for nothing that can be said in advance.
    #[must_use]
    pub fn has(self, right: &str) -> bool {
        let bit = RIGHTS.iter().find(|(name, _)| *name == right).map(|(_, bit)| bit);
        bit.is_none_or(|bit| self.0 & bit != 0)
    }
}

impl fmt::Display for AccessRights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<AccessRights> for Value<'_> {
    fn from(rights: AccessRights) -> Self {
        Self::from(i64::from(rights.0))
    }
}

impl<'a> FromField<'a> for AccessRights {
    const TYPE: Type = Type::Integer;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        u32::try_from(value.as_int()?).ok().map(Self)
    }
}

/// A list of texts that is set at once.
type Texts<'a> = Vec<&'a str>;

impl<'a> From<Texts<'a>> for Value<'a> {
    fn from(texts: Texts<'a>) -> Self {
        Self::Array(texts.into_iter().map(Value::from).collect())
    }
}

payload! {
    /// com.apple.mdm: the enrolment.
    struct MdmPayload: "profile.com.apple.mdm", "com.apple.mdm" {
        /// The payload with the device's identity.
        identity_certificate_uuid, with_identity_certificate_uuid: &str = "IdentityCertificateUUID";
        /// The topic of push notifications.
        topic, with_topic: &str = "Topic";
        /// Where the device asks for commands.
        server_url, with_server_url: &str = "ServerURL";
        /// Where the device checks in; as [`server_url`](Self::server_url) if missing.
        check_in_url, with_check_in_url: &str = "CheckInURL";
        /// Whether the device signs its messages.
        sign_message, with_sign_message: bool = "SignMessage";
        /// What the server may do.
        access_rights, with_access_rights: AccessRights = "AccessRights";
        /// Whether push notifications come from Apple's service for development.
        use_development_apns, with_use_development_apns: bool = "UseDevelopmentAPNS";
        /// The user's account; gone in iOS 18 and macOS 15.
        managed_apple_id, with_managed_apple_id: &str = "ManagedAppleID";
        /// The account that the user has to sign in with (iOS 15, macOS 14).
        assigned_managed_apple_id, with_assigned_managed_apple_id: &str = "AssignedManagedAppleID";
        /// Whose device it is: `BYOD` or `ADDE` (iOS 15, macOS 14).
        enrollment_mode, with_enrollment_mode: &str = "EnrollmentMode";
        /// Certificates that the server has to have.
        server_url_pinning_certificate_uuids, with_server_url_pinning_certificate_uuids: Vec<&str> = "ServerURLPinningCertificateUUIDs";
        /// Certificates that the check-in server has to have.
        check_in_url_pinning_certificate_uuids, with_check_in_url_pinning_certificate_uuids: Vec<&str> = "CheckInURLPinningCertificateUUIDs";
        /// Whether pinned certificates are looked up for revocation.
        pinning_revocation_check_required, with_pinning_revocation_check_required: bool = "PinningRevocationCheckRequired";
        /// What the server can do: a Mac leaves its bootstrap token only with
        /// `com.apple.mdm.bootstraptoken`.
        server_capabilities, with_server_capabilities: Vec<&str> = "ServerCapabilities";
        /// Whether the device says when it leaves.
        check_out_when_removed, with_check_out_when_removed: bool = "CheckOutWhenRemoved";
        /// The app that enrols (iOS 15.1).
        required_app_id_for_mdm, with_required_app_id_for_mdm: i64 = "RequiredAppIDForMDM";
        /// Whether the user is asked before the bootstrap token may authorise (macOS 11).
        prompt_user_to_allow_bootstrap_token, with_prompt_user_to_allow_bootstrap_token: bool = "PromptUserToAllowBootstrapTokenForAuthentication";
    }
}
