//! Updates at enrolment: a device says what it is, and a server may ask it to update first.
//!
//! *Specified*: Apple's schema, other/machineinfo and mdm/errors/softwareupdate.required.

use std::fmt;

use crate::fields::view;
use crate::gdmf::Set;
use crate::plist::{Dictionary, write_xml};
use crate::schema::{Platform, Since};
use crate::version::{Build, OsVersion};

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
/// let answer = SoftwareUpdateRequired::new("18.7.2".parse()?).with_build("22H124".parse()?);
/// let mut body = Vec::new();
/// answer.encode(&mut body);
/// assert!(String::from_utf8_lossy(&body).contains("com.apple.softwareupdate.required"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct SoftwareUpdateRequired {
    version: OsVersion,
    build: Option<Build>,
    description: Option<String>,
    message: Option<String>,
    /// Its name for people, and its token.
    beta_program: Option<(String, String)>,
}

impl fmt::Debug for SoftwareUpdateRequired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareUpdateRequired")
            .field("version", &self.version.to_string())
            .field("build", &self.build.as_ref().map(Build::as_str))
            .field("description", &self.description)
            .field("message", &self.message)
            .field("beta_program", &self.beta_program.as_ref().map(|(name, _)| name))
            .finish()
    }
}

impl SoftwareUpdateRequired {
    /// Asks for this version.
    #[must_use]
    pub const fn new(version: OsVersion) -> Self {
        Self { version, build: None, description: None, message: None, beta_program: None }
    }

    /// The same with a build. Where it is one of another version, the version counts.
    #[must_use]
    pub fn with_build(mut self, build: Build) -> Self {
        self.build = Some(build);
        self
    }

    /// The same with words for the device's log.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The same with words for the user.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// The same with a program of pre-release versions, which the device joins and stays in (iOS
    /// 17.5, macOS 14.5): its name for people, and its token, a secret.
    #[must_use]
    pub fn with_beta_program(
        mut self,
        description: impl Into<String>,
        token: impl Into<String>,
    ) -> Self {
        self.beta_program = Some((description.into(), token.into()));
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

    /// Whether a device can be asked for a release of this set of the version catalogue: a Mac
    /// before macOS 15, or of a version that it does not say, only for what everybody is offered
    /// and for background security improvements. What is in both sets is what everybody is offered.
    ///
    /// *Specified*: Apple, Deploying software updates using declarative management.
    #[must_use]
    pub fn may_ask_for(device: &MachineInfo<'_>, set: Set) -> bool {
        let version = || device.os_version()?.parse::<OsVersion>().ok();
        set != Set::Managed
            || match device.product().and_then(Platform::of_model) {
                Some(Platform::MacOs) => version().is_some_and(|version| version.major() >= 15),
                platform => platform.is_some(),
            }
    }

    /// The body as a dictionary, to be written as JSON or as a property list.
    #[must_use]
    pub fn to_dictionary(&self) -> Dictionary<'static> {
        let details = Dictionary::new()
            .with("OSVersion", self.version.to_string())
            .with_opt("BuildVersion", self.build.as_ref().map(ToString::to_string))
            .with_opt(
                "RequireBetaProgram",
                self.beta_program.as_ref().map(|(description, token)| {
                    Dictionary::new()
                        .with("Description", description.clone())
                        .with("Token", token.clone())
                }),
            );
        Dictionary::new()
            .with("code", "com.apple.softwareupdate.required")
            .with_opt("description", self.description.clone())
            .with_opt("message", self.message.clone())
            .with("details", details)
    }

    /// Appends the XML property list to `out`; its media type is `application/xml`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        write_xml(&self.to_dictionary().into(), out);
    }
}
