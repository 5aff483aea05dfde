//! What a server knows of a device.

use crate::declarations::rules::Installed;
use crate::declarations::support::{Enrollment, check_enforcement};
use crate::enrollment::MachineInfo;
use crate::messages::{
    Answer, AvailableOsUpdatesItem, BootstrapTokenAllowed, Channel, CheckIn, CheckInMessage,
};
use crate::plan::{BootstrapToken, Device};
use crate::profile::AccessRights;
use crate::schema::{Platform, Since};
use crate::version::{Build, OsVersion};

/// How many updates of one device are kept; of more, the first. Real devices list ten.
pub const MAX_UPDATES: usize = 1000;

/// The most bytes of a model or a name in the version catalogue; longer ones are not taken.
pub const MAX_NAME: usize = 256;

/// How a device came to be managed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum EnrollmentKind {
    /// By a profile that somebody installed.
    Device,
    /// By Apple's program (ADE, formerly DEP).
    Automated,
    /// By its user's account (BYOD).
    User,
}

/// What a server knows of a Mac's bootstrap token.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct BootstrapFacts {
    /// Whether updates need it (SecurityInfo, BootstrapTokenRequiredForSoftwareUpdate). It counts
    /// only where it may authorise.
    pub required: bool,
    /// Whether it may authorise (SecurityInfo, BootstrapTokenAllowedForAuthentication); `None` if
    /// not known.
    pub allowed: Option<bool>,
    /// Whether the server has it (SetBootstrapToken).
    pub escrowed: bool,
}

/// An update that a device said it knows of (AvailableOSUpdates).
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct KnownUpdate {
    /// Its name in ScheduleOSUpdate.
    pub product_key: String,
    /// The version it brings, where the device gave one that is a version, or named one
    /// ([`version_in_words`](Self::version_in_words)).
    pub version: Option<OsVersion>,
    /// Whether the version stands only in the update's name or file name. A security update of an
    /// old Mac names the version that it is for and keeps it, so the device may have it already.
    /// What was saved before this was kept says no.
    #[cfg_attr(feature = "serde", serde(default))]
    pub version_in_words: bool,
    /// The build it brings.
    pub build: Option<Build>,
    /// Whether it is a background security improvement.
    pub is_security_response: bool,
    /// Whether InstallLater works; `None` if the device did not say.
    pub allows_install_later: Option<bool>,
    /// Whether the bootstrap token has to authorise it.
    pub requires_bootstrap_token: bool,
    /// Bytes to download and to install.
    pub size: Option<i64>,
}

impl KnownUpdate {
    /// An update of which only the name is known.
    #[must_use]
    pub fn new(product_key: impl Into<String>) -> Self {
        Self {
            product_key: product_key.into(),
            version: None,
            version_in_words: false,
            build: None,
            is_security_response: false,
            allows_install_later: None,
            requires_bootstrap_token: false,
            size: None,
        }
    }

    /// The same with the version it brings.
    #[must_use]
    pub fn with_version(mut self, version: OsVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// What the device said. *Observed*: the version may be a build, or only in the name, and the
    /// build missing.
    #[must_use]
    pub fn read(item: &AvailableOsUpdatesItem<'_>) -> Self {
        let version = item.version().unwrap_or_default();
        let build = item.build().unwrap_or(version);
        let sizes = item
            .download_size()
            .map(|download| download.saturating_add(item.install_size().unwrap_or_default()));
        let build_version = item.supplemental_build_version().unwrap_or(build);
        let version = item.os_version();
        Self {
            product_key: item.product_key().unwrap_or_default().to_owned(),
            version,
            version_in_words: version.is_some() && !item.says_version(),
            build: build_version.parse().ok(),
            is_security_response: item.is_security_response().unwrap_or_default(),
            allows_install_later: item.allows_install_later(),
            requires_bootstrap_token: item.requires_bootstrap_token().unwrap_or_default(),
            size: sizes,
        }
    }
}

/// What a server knows of a device, as far as updates depend on it.
///
/// ```
/// use apple_mdm::check::{DeviceFacts, EnrollmentKind};
/// use apple_mdm::schema::Platform;
///
/// let mac = DeviceFacts::new(Platform::MacOs, "14.7.1".parse()?)
///     .with_supervised(true)
///     .with_enrollment(EnrollmentKind::Automated);
/// assert!(mac.takes_enforcement());
/// # Ok::<(), apple_mdm::version::VersionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct DeviceFacts {
    /// The platform.
    pub platform: Platform,
    /// The version, with the letter of a background security improvement.
    pub version: OsVersion,
    /// Its name in the version catalogue (SoftwareUpdateDeviceID; iOS 15, macOS 12).
    pub software_update_device_id: Option<String>,
    /// Its model (ProductName), which is its name in the catalogue unless it is a Mac.
    pub product_name: Option<String>,
    /// The build, of a background security improvement if there is one.
    pub build: Option<Build>,
    /// Whether it is supervised.
    pub supervised: bool,
    /// How it came to be managed.
    pub enrollment: EnrollmentKind,
    /// The channel on which commands would be sent.
    pub channel: Channel,
    /// Whether it is a Shared iPad.
    pub shared_ipad: bool,
    /// What the enrolment allows; `None` if not known, and then not checked.
    pub access_rights: Option<AccessRights>,
    /// Whether a declaration enforces an update on it (softwareupdate.enforcement.specific, active).
    pub has_enforcement: bool,
    /// Whether a Mac has looked for updates lately (ScheduleOSUpdateScan).
    pub has_scanned: Option<bool>,
    /// The updates that it said it knows of; `None` if it was not asked.
    pub updates: Option<Vec<KnownUpdate>>,
    /// Whether its user was asked to install and chose to do it later.
    pub user_chose_later: bool,
    /// Its bootstrap token.
    pub bootstrap: BootstrapFacts,
    /// Whether it has mains power; `None` if not known.
    pub on_power: Option<bool>,
    /// Free bytes; `None` if not known.
    pub free_bytes: Option<i64>,
}

impl DeviceFacts {
    /// A device of which only platform and version are known: not supervised, enrolled by a
    /// profile, on the device channel.
    #[must_use]
    pub const fn new(platform: Platform, version: OsVersion) -> Self {
        Self {
            platform,
            version,
            software_update_device_id: None,
            product_name: None,
            build: None,
            supervised: false,
            enrollment: EnrollmentKind::Device,
            channel: Channel::Device,
            shared_ipad: false,
            access_rights: None,
            has_enforcement: false,
            has_scanned: None,
            updates: None,
            user_chose_later: false,
            bootstrap: BootstrapFacts { required: false, allowed: None, escrowed: false },
            on_power: None,
            free_bytes: None,
        }
    }

    /// The same, supervised or not.
    #[must_use]
    pub const fn with_supervised(mut self, supervised: bool) -> Self {
        self.supervised = supervised;
        self
    }

    /// The same with another way of enrolment.
    #[must_use]
    pub const fn with_enrollment(mut self, enrollment: EnrollmentKind) -> Self {
        self.enrollment = enrollment;
        self
    }

    /// The same on another channel.
    #[must_use]
    pub const fn with_channel(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }

    /// The same with other rights.
    #[must_use]
    pub const fn with_access_rights(mut self, rights: AccessRights) -> Self {
        self.access_rights = Some(rights);
        self
    }

    /// The same with the updates that it knows of.
    #[must_use]
    pub fn with_updates(mut self, updates: Vec<KnownUpdate>) -> Self {
        self.updates = Some(updates);
        self
    }

    /// Takes what an answer of the device says of it. What the answer does not say stays.
    pub fn learn(&mut self, answer: &Answer<'_>) {
        match answer {
            Answer::DeviceInformation(said) => {
                let (extra, build) =
                    (said.supplemental_os_version_extra(), said.supplemental_build_version());
                // Who was not asked for the letter has not said that there is none.
                let known = self.version.base();
                let says_less = self.version.is_supplemental()
                    && (extra, build) == (None, None)
                    && said.os_version().is_some_and(|text| text.parse() == Ok(known));
                if !says_less {
                    self.learn_version(said.os_version(), extra);
                    self.learn_build(build.or(said.build_version()));
                }
                self.learn_model(said.product_name());
                self.learn_device_id(said.software_update_device_id());
                self.supervised = said.is_supervised().unwrap_or(self.supervised);
                self.shared_ipad = said.is_multi_user().unwrap_or(self.shared_ipad);
                if let Some(capacity) = said.available_device_capacity() {
                    // *Specified*: GB, and GiB up to macOS 11.
                    let old_mac = self.platform == Platform::MacOs && self.version.major() <= 11;
                    let unit = if old_mac { f64::from(1 << 30) } else { 1e9 };
                    // Far below the limit of either type.
                    #[allow(clippy::cast_possible_truncation)]
                    let bytes = (capacity.clamp(0.0, 1e9) * unit) as i64;
                    self.free_bytes = Some(bytes);
                }
            }
            Answer::SecurityInfo(said) => {
                if let Some(required) = said.bootstrap_token_required_for_software_update() {
                    self.bootstrap.required = required;
                }
                if let Some(allowed) = said.bootstrap_token_allowed() {
                    self.bootstrap.allowed = Some(allowed == BootstrapTokenAllowed::Allowed);
                }
                if let Some(status) = said.management_status() {
                    if status.is_user_enrollment() == Some(true) {
                        self.enrollment = EnrollmentKind::User;
                    } else if status.enrolled_via_dep() == Some(true) {
                        self.enrollment = EnrollmentKind::Automated;
                    }
                }
            }
            Answer::AvailableOsUpdates(updates) => {
                let kept = updates.iter().take(MAX_UPDATES).map(KnownUpdate::read);
                self.updates = Some(kept.collect());
            }
            Answer::Scan(scan) if scan.began() == Some(true) => self.has_scanned = Some(true),
            _ => {}
        }
    }

    /// Takes what a check-in message says of the device: version, build and model as it enrols, the
    /// kind of enrolment, and whether the server has the bootstrap token now. The
    /// [`channel`](Self::channel) stays: it is that of the commands, and a Mac checks in on both.
    pub fn learn_check_in(&mut self, message: &CheckIn<'_>) {
        let enrollment = message.enrollment();
        if enrollment.is_user_enrollment() {
            self.enrollment = EnrollmentKind::User;
        }
        self.shared_ipad |= enrollment.is_shared_ipad();
        match message.message() {
            CheckInMessage::Authenticate(said) => {
                self.learn_version(said.os_version(), None);
                self.learn_build(said.build_version());
                self.learn_model(said.product_name());
                // A device that enrols anew has left nothing with the server.
                self.bootstrap.escrowed = false;
                self.updates = None;
            }
            CheckInMessage::SetBootstrapToken(said) => {
                self.bootstrap.escrowed = said.bootstrap_token().is_some_and(|it| !it.is_empty());
            }
            _ => {}
        }
    }

    /// Takes what a device says of itself before it enrols.
    pub fn learn_machine(&mut self, said: &MachineInfo<'_>) {
        self.learn_version(said.os_version(), said.supplemental_os_version_extra());
        self.learn_build(said.supplemental_build_version().or(said.version()));
        self.learn_model(said.product());
        self.learn_device_id(said.software_update_device_id());
    }

    fn learn_device_id(&mut self, name: Option<&str>) {
        if let Some(name) = name.filter(|name| name.len() <= MAX_NAME) {
            self.software_update_device_id = Some(name.to_owned());
        }
    }

    fn learn_version(&mut self, version: Option<&str>, extra: Option<&str>) {
        if let Some(version) = version.and_then(|text| text.parse::<OsVersion>().ok()) {
            let full = extra.and_then(|extra| version.with_extra(extra).ok());
            self.version = full.unwrap_or(version);
        }
    }

    fn learn_build(&mut self, build: Option<&str>) {
        if let Some(build) = build.and_then(|text| text.parse().ok()) {
            self.build = Some(build);
        }
    }

    fn learn_model(&mut self, model: Option<&str>) {
        if let Some(model) = model.filter(|model| model.len() <= MAX_NAME) {
            self.platform = Platform::of_model(model).unwrap_or(self.platform);
            self.product_name = Some(model.to_owned());
        }
    }

    /// Whether a declaration can enforce an update on it (softwareupdate.enforcement.specific): by
    /// its platform, version, supervision and enrolment.
    #[must_use]
    pub fn takes_enforcement(&self) -> bool {
        check_enforcement(self.platform, self.version, self.management()).is_ok()
    }

    /// How declarations see its enrolment: supervision comes first.
    #[must_use]
    pub const fn management(&self) -> Enrollment {
        match self.enrollment {
            _ if self.supervised => Enrollment::Supervised,
            EnrollmentKind::User => Enrollment::User,
            EnrollmentKind::Device | EnrollmentKind::Automated => Enrollment::Device,
        }
    }

    /// What is installed on it, for the rules of declarations.
    #[must_use]
    pub fn installed(&self) -> Installed {
        Installed::new(self.platform, self.version, self.build.clone())
    }

    /// Whether it takes commands about updates at all: Apple removes them in OS 27.
    #[must_use]
    pub fn takes_commands(&self) -> bool {
        let schedule = crate::messages::Command::OsUpdateStatus;
        let Some(group) = schedule.schema() else { return false };
        let terms = group.support.on(self.platform);
        let Since::Version(since) = terms.since else { return false };
        self.version >= since
            && terms.removed.is_none_or(|removed| self.version < removed)
            && (self.supervised || terms.supervised != Some(true))
    }
}

/// What a plan wants to know of a device.
impl From<&DeviceFacts> for Device {
    fn from(facts: &DeviceFacts) -> Self {
        let bootstrap = facts.bootstrap;
        Self::new(facts.installed(), facts.management()).with_bootstrap_token(
            match (bootstrap.required, bootstrap.escrowed) {
                (_, true) => BootstrapToken::Escrowed,
                (true, false) if bootstrap.allowed != Some(false) => BootstrapToken::Missing,
                // SecurityInfo was asked, and does not require it; or it may not authorise, and
                // what is required then means nothing (R17).
                (_, false) if bootstrap.allowed.is_some() => BootstrapToken::NotNeeded,
                (_, false) => BootstrapToken::Unknown,
            },
        )
    }
}
