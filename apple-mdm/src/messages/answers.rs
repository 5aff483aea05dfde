//! Typed views of what devices answer to commands about updates.
//!
//! *Specified*: Apple's schema, system.update.{schedule,scan,available,status}, information.device,
//! information.security, settings. A method gives `None` where the device did not say, or said it in
//! another type; the dictionary has it then.

use crate::fields::view;
use crate::messages::{ErrorChain, InstallAction};
use crate::open_enum::open_enum;
use crate::plist::{Date, Dictionary, Value};
use crate::version::OsVersion;

view! {
    /// An update that a device knows of (AvailableOSUpdates).
    struct AvailableOsUpdatesItem: "command.AvailableOSUpdates", Response, "AvailableOSUpdates/AvailableOSUpdatesItem" {
        /// Names the update in ScheduleOSUpdate.
        product_key: &'a str = "ProductKey";
        /// Its name for people.
        human_readable_name: &'a str = "HumanReadableName";
        /// The language of that name (macOS).
        human_readable_name_locale: &'a str = "HumanReadableNameLocale";
        /// Where its metadata is (macOS).
        metadata_url: &'a str = "MetadataURL";
        /// The name of the product, such as `iOS` (iOS and tvOS).
        product_name: &'a str = "ProductName";
        /// The version it brings; *observed* blank, and a build:
        /// [`os_version`](Self::os_version).
        version: &'a str = "Version";
        /// The build it brings; *observed*: macOS leaves it out.
        build: &'a str = "Build";
        /// Bytes to download.
        download_size: i64 = "DownloadSize";
        /// Bytes to install; both sizes together have to be free (iOS and tvOS).
        install_size: i64 = "InstallSize";
        /// The apps that have to be closed (macOS).
        app_identifiers_to_close: Vec<&'a str> = "AppIdentifiersToClose";
        /// Whether it is critical.
        is_critical: bool = "IsCritical";
        /// Whether it brings configuration data only (macOS).
        is_config_data_update: bool = "IsConfigDataUpdate";
        /// Whether it brings firmware (macOS).
        is_firmware_update: bool = "IsFirmwareUpdate";
        /// Whether it brings another major version (macOS 10.11.4).
        is_major_os_update: bool = "IsMajorOSUpdate";
        /// Whether it needs a restart.
        restart_required: bool = "RestartRequired";
        /// Whether the action InstallLater works.
        allows_install_later: bool = "AllowsInstallLater";
        /// Until when a restriction holds it back (macOS 10.12.4).
        deferred_until: &'a Date = "DeferredUntil";
        /// Whether the bootstrap token has to authorise it (macOS 11). It counts only where
        /// [`SecurityInfo::bootstrap_token_allowed`] says `allowed`.
        requires_bootstrap_token: bool = "RequiresBootstrapToken";
        /// Whether it is a background security improvement (iOS and tvOS 16.2, macOS 13.1).
        is_security_response: bool = "IsSecurityResponse";
        /// The build with a background security improvement.
        supplemental_build_version: &'a str = "SupplementalBuildVersion";
        /// The letter of a background security improvement.
        supplemental_os_version_extra: &'a str = "SupplementalOSVersionExtra";
    }
}

impl AvailableOsUpdatesItem<'_> {
    /// The version it brings, with the letter of a background security improvement. `None` where the
    /// device says a build in its place, or nothing.
    ///
    /// *Observed*: Macs up to 10.15 leave it blank for updates of their system, give no build, and
    /// say it only in the name (`macOS High Sierra 10.13.5 Update`) or, for a security update, in
    /// the file name of its metadata (`macOSUpd10.13.1Supplemental.smd`). There it is the first whole
    /// version of two numbers or three.
    ///
    /// Other products have versions as well, of the same numbers (iTunes 12.7.5, Safari 13.1): it is a
    /// version of the system where [`is_system_update`](Self::is_system_update) holds.
    #[must_use]
    pub fn os_version(&self) -> Option<OsVersion> {
        let said = self.version().unwrap_or_default().trim();
        if !said.is_empty() {
            let version: OsVersion = said.parse().ok()?;
            let extra = self.supplemental_os_version_extra();
            return extra.and_then(|extra| version.with_extra(extra).ok()).or(Some(version));
        }
        if self.build().is_some_and(|build| !build.trim().is_empty()) {
            return None;
        }
        let in_words = |letter: char| letter == '.' || letter.is_ascii_alphanumeric();
        let in_file = |letter: char| letter == '.' || letter.is_ascii_digit();
        let name = self.human_readable_name().unwrap_or_default();
        first_version(name, in_words).or_else(|| first_version(self.metadata_file(), in_file))
    }

    /// Whether it is an update of the system, and not of Safari, iTunes, developer tools or
    /// configuration data.
    ///
    /// *Decision*: by what else there is, as names of updates of the system differ from language to
    /// language; those of products do not. A product that nobody has seen in a list counts as the
    /// system.
    #[must_use]
    pub fn is_system_update(&self) -> bool {
        let name = self.human_readable_name().unwrap_or_default().trim_start();
        let file = self.metadata_file();
        self.is_config_data_update() != Some(true)
            && !OTHERS.iter().any(|other| name.starts_with(other) || file.starts_with(other))
    }

    /// Whether the device says a version, a build in its place among them: otherwise
    /// [`os_version`](Self::os_version) is from words.
    pub(crate) fn says_version(&self) -> bool {
        self.version().is_some_and(|said| !said.trim().is_empty())
    }

    /// The file name of its metadata; empty if it has none.
    pub(crate) fn metadata_file(&self) -> &str {
        self.metadata_url().and_then(|url| url.rsplit('/').next()).unwrap_or_default()
    }
}

/// What Macs list besides their system and what calls itself configuration data, by its name or
/// the file name of its metadata. *Observed* in lists of macOS 10.9 to 26.
const OTHERS: [&str; 14] = [
    "CLTools",
    "Command Line Tools",
    "Gatekeeper",
    "Motion",
    "MRT",
    "Pro Video Formats",
    "ProVideoFormats",
    "Remote Desktop",
    "RemoteDesktop",
    "Safari",
    "XProtect",
    "Xcode",
    "iBooks",
    "iTunes",
];

/// The first word of a text, of letters of which this holds, that is a version of at least two
/// numbers.
fn first_version(text: &str, is_letter: impl Fn(char) -> bool) -> Option<OsVersion> {
    let words = text.split(|letter| !is_letter(letter)).map(|word| word.trim_matches('.'));
    words.filter(|word| word.contains('.')).find_map(|word| word.parse().ok())
}

open_enum! {
    /// How far one update is (OSUpdateStatus). Others are kept.
    pub enum StatusWord {
        /// Nothing happens.
        Idle = "Idle",
        /// It is downloaded.
        Downloading = "Downloading",
        /// It is installed.
        Installing = "Installing",
    }
}

view! {
    /// How far an update is (OSUpdateStatus).
    struct OsUpdateStatusItem: "command.OSUpdateStatus", Response, "OSUpdateStatus/OSUpdateStatusItem" {
        /// The update.
        product_key: &'a str = "ProductKey";
        /// Whether it is downloaded; *observed* as a number.
        is_downloaded: bool = "IsDownloaded";
        /// How much of it is downloaded, 0 to 1.
        download_percent_complete: f64 = "DownloadPercentComplete";
        /// What happens.
        status: StatusWord = "Status";
        /// How often the user may defer (macOS 12.3).
        max_deferrals: i64 = "MaxDeferrals";
        /// How often the user still may defer (macOS 12.3).
        deferrals_remaining: i64 = "DeferralsRemaining";
        /// When it will be installed (macOS 12.3).
        next_scheduled_install: &'a Date = "NextScheduledInstall";
        /// When the user was told (macOS 12.3).
        past_notifications: Vec<&'a Date> = "PastNotifications";
    }
}

open_enum! {
    /// What became of a scheduled update (ScheduleOSUpdate). Others are kept.
    pub enum UpdateStatus {
        /// Nothing happens.
        Idle = "Idle",
        /// It is downloaded.
        Downloading = "Downloading",
        /// The download failed.
        DownloadFailed = "DownloadFailed",
        /// The device has to be connected to a computer to download it.
        DownloadRequiresComputer = "DownloadRequiresComputer",
        /// Too little space to download it.
        DownloadInsufficientSpace = "DownloadInsufficientSpace",
        /// Too little power to download it.
        DownloadInsufficientPower = "DownloadInsufficientPower",
        /// Too little network to download it.
        DownloadInsufficientNetwork = "DownloadInsufficientNetwork",
        /// It is installed.
        Installing = "Installing",
        /// Too little space to install it.
        InstallInsufficientSpace = "InstallInsufficientSpace",
        /// Too little power to install it.
        InstallInsufficientPower = "InstallInsufficientPower",
        /// Not while the user is on the phone.
        InstallPhoneCallInProgress = "InstallPhoneCallInProgress",
        /// The installation failed.
        InstallFailed = "InstallFailed",
    }
}

impl UpdateStatus {
    /// Whether the device gave up on the update, for now or for good.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        !matches!(self, Self::Idle | Self::Downloading | Self::Installing | Self::Other(_))
    }

    /// Whether the same command may work once the user or the surroundings have changed something:
    /// space, power, network, a call.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::DownloadInsufficientSpace
                | Self::DownloadInsufficientPower
                | Self::DownloadInsufficientNetwork
                | Self::InstallInsufficientSpace
                | Self::InstallInsufficientPower
                | Self::InstallPhoneCallInProgress
        )
    }
}

view! {
    /// What became of one scheduled update (ScheduleOSUpdate).
    struct UpdateResultsItem: "command.ScheduleOSUpdate", Response, "UpdateResults/UpdateResultsItem" {
        /// The update.
        product_key: &'a str = "ProductKey";
        /// What the device does, which need not be what was asked (seed 002).
        install_action: InstallAction = "InstallAction";
        /// How it goes.
        status: UpdateStatus = "Status";
        /// Why not.
        error_chain: ErrorChain = "ErrorChain";
    }
}

view! {
    /// Whether a scan began (ScheduleOSUpdateScan).
    struct ScanAnswer: "command.ScheduleOSUpdateScan", Response, "" {
        /// Whether it began, under the key's right name.
        scan_initiated: bool = "ScanInitiated";
    }
}

impl ScanAnswer<'_> {
    /// Whether it began. *Observed* in Apple's example: `ScanInititated` as well, which is read
    /// where the right name is missing.
    #[must_use]
    pub fn began(&self) -> Option<bool> {
        self.scan_initiated().or_else(|| self.dictionary().bool(MISSPELT))
    }
}

/// The misspelt key of Apple's example.
pub(super) const MISSPELT: &str = "ScanInititated";

view! {
    /// What a device says of itself, as far as it concerns updates (DeviceInformation).
    struct DeviceInformation: "command.DeviceInformation", Response, "QueryResponses" {
        /// Whether it waits in Setup Assistant.
        awaiting_configuration: bool = "AwaitingConfiguration";
        /// The version.
        os_version: &'a str = "OSVersion";
        /// The letter of a background security improvement.
        supplemental_os_version_extra: &'a str = "SupplementalOSVersionExtra";
        /// The build.
        build_version: &'a str = "BuildVersion";
        /// The build with a background security improvement.
        supplemental_build_version: &'a str = "SupplementalBuildVersion";
        /// The model number.
        model: &'a str = "Model";
        /// Whether a Mac has Apple silicon (macOS 12).
        is_apple_silicon: bool = "IsAppleSilicon";
        /// The model, such as `iPhone14,2`.
        product_name: &'a str = "ProductName";
        /// Free space in GB.
        available_device_capacity: f64 = "AvailableDeviceCapacity";
        /// The charge of the battery, 0 to 1; -1 where it is not known.
        battery_level: f64 = "BatteryLevel";
        /// Whether it is supervised.
        is_supervised: bool = "IsSupervised";
        /// Whether it is a Shared iPad.
        is_multi_user: bool = "IsMultiUser";
        /// The settings of macOS for updates.
        os_update_settings: OsUpdateSettings<'a> = "OSUpdateSettings";
        /// The name of the device in the version catalogue (iOS 15, macOS 12).
        software_update_device_id: &'a str = "SoftwareUpdateDeviceID";
        /// The settings of iOS for updates (iOS 14.5).
        software_update_settings: SoftwareUpdateSettingsInfo<'a> = "SoftwareUpdateSettings";
    }
}

view! {
    /// The settings of macOS for updates (DeviceInformation).
    struct OsUpdateSettings: "command.DeviceInformation", Response, "QueryResponses/OSUpdateSettings" {
        /// Where it looks for updates.
        catalog_url: &'a str = "CatalogURL";
        /// Whether it looks at Apple.
        is_default_catalog: bool = "IsDefaultCatalog";
        /// When it looked last.
        previous_scan_date: &'a Date = "PreviousScanDate";
        /// What came of it (until macOS 14).
        previous_scan_result: PreviousScanResult<'a> = "PreviousScanResult";
        /// Whether it looks again and again.
        perform_periodic_check: bool = "PerformPeriodicCheck";
        /// Whether it looks by itself.
        auto_check_enabled: bool = "AutoCheckEnabled";
        /// Whether it downloads in the background.
        background_download_enabled: bool = "BackgroundDownloadEnabled";
        /// Whether it installs updates of apps by itself.
        automatic_app_installation_enabled: bool = "AutomaticAppInstallationEnabled";
        /// Whether it installs updates of macOS by itself.
        automatic_os_installation_enabled: bool = "AutomaticOSInstallationEnabled";
        /// Whether it installs security updates by itself.
        automatic_security_updates_enabled: bool = "AutomaticSecurityUpdatesEnabled";
    }
}

view! {
    /// The settings of iOS for updates (DeviceInformation).
    struct SoftwareUpdateSettingsInfo: "command.DeviceInformation", Response, "QueryResponses/SoftwareUpdateSettings" {
        /// Which updates the user sees; 0 both, 1 the lower, 2 the higher version. The answer's key
        /// has an `s` that the command's has not.
        recommendations_cadence: i64 = "RecommendationsCadence";
    }
}

open_enum! {
    /// Whether the bootstrap token may authorise updates. Others are kept.
    pub enum BootstrapTokenAllowed {
        /// It may.
        Allowed = "allowed",
        /// It may not.
        Disallowed = "disallowed",
        /// The Mac knows no such token.
        NotSupported = "not supported",
    }
}

open_enum! {
    /// What a Mac starts. Others are kept.
    pub enum SecureBootLevel {
        /// Anything.
        Off = "off",
        /// What was signed once.
        Medium = "medium",
        /// What is signed today.
        Full = "full",
        /// The Mac cannot say.
        NotSupported = "not supported",
    }
}

view! {
    /// What a device says of its security, as far as it concerns updates (SecurityInfo).
    struct SecurityInfo: "command.SecurityInfo", Response, "SecurityInfo" {
        /// Whether there is a passcode: the user has to type it for an update (iOS).
        passcode_present: bool = "PasscodePresent";
        /// How the device is managed.
        management_status: ManagementStatus<'a> = "ManagementStatus";
        /// What a Mac starts.
        secure_boot: SecureBoot<'a> = "SecureBoot";
        /// Whether the bootstrap token may authorise updates (macOS 11). A text in the schema,
        /// although its descriptions speak of true.
        bootstrap_token_allowed: BootstrapTokenAllowed = "BootstrapTokenAllowedForAuthentication";
        /// Whether it has to (macOS 11).
        bootstrap_token_required_for_software_update: bool = "BootstrapTokenRequiredForSoftwareUpdate";
        /// Whether it has to for kernel extensions (macOS 11).
        bootstrap_token_required_for_kernel_extension_approval: bool = "BootstrapTokenRequiredForKernelExtensionApproval";
        /// Whether the recovery lock is set (macOS 11.5).
        is_recovery_lock_enabled: bool = "IsRecoveryLockEnabled";
    }
}

view! {
    /// How a device is managed (SecurityInfo).
    struct ManagementStatus: "command.SecurityInfo", Response, "SecurityInfo/ManagementStatus" {
        /// Whether Apple's program enrolled it (macOS).
        enrolled_via_dep: bool = "EnrolledViaDEP";
        /// Whether its user approved the enrolment (macOS).
        user_approved_enrollment: bool = "UserApprovedEnrollment";
        /// Whether its user enrolled it with an account.
        is_user_enrollment: bool = "IsUserEnrollment";
        /// Whether the activation lock can be managed (macOS 10.15).
        is_activation_lock_manageable: bool = "IsActivationLockManageable";
    }
}

view! {
    /// What a Mac starts (SecurityInfo).
    struct SecureBoot: "command.SecurityInfo", Response, "SecurityInfo/SecureBoot" {
        /// What it starts.
        secure_boot_level: SecureBootLevel = "SecureBootLevel";
    }
}

view! {
    /// What became of one setting (Settings).
    struct SettingResult: "command.Settings.SoftwareUpdateSettings", Response, "Settings" {
        /// `Acknowledged` or `Error`.
        status: &'a str = "Status";
        /// Why not.
        error_chain: ErrorChain = "ErrorChain";
        /// Of which setting, for some.
        identifier: &'a str = "Identifier";
    }
}

/// What the last scan of a Mac came to: a number in real answers, a text in the schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)]
pub enum PreviousScanResult<'a> {
    /// A number.
    Number(i64),
    /// A text.
    Text(&'a str),
}

impl<'a> crate::fields::FromField<'a> for PreviousScanResult<'a> {
    const TYPE: crate::schema::Type = crate::schema::Type::Text;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text)),
            value => value.as_int().map(Self::Number),
        }
    }
}

/// What an answer holds, by the keys that it has: answers do not say to which command.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// Nothing but its status.
    Nothing,
    /// To AvailableOSUpdates.
    AvailableOsUpdates(Vec<AvailableOsUpdatesItem<'a>>),
    /// To OSUpdateStatus.
    OsUpdateStatus(Vec<OsUpdateStatusItem<'a>>),
    /// To ScheduleOSUpdate. After the restart of an update there is none (seed 002).
    UpdateResults(Vec<UpdateResultsItem<'a>>),
    /// To ScheduleOSUpdateScan.
    Scan(ScanAnswer<'a>),
    /// To DeviceInformation.
    DeviceInformation(DeviceInformation<'a>),
    /// To SecurityInfo.
    SecurityInfo(SecurityInfo<'a>),
    /// To Settings. *Observed* in Apple's example: an array, where the schema has a dictionary;
    /// both are read.
    Settings(Vec<SettingResult<'a>>),
    /// To another command, or in a form that no view fits.
    Other,
}

/// Keys of the envelope, which say nothing about the command.
pub(super) const ENVELOPE: [&str; 10] = [
    "CommandUUID",
    "EnrollmentID",
    "EnrollmentUserID",
    "ErrorChain",
    "RequestType",
    "Status",
    "UDID",
    "UserID",
    "UserLongName",
    "UserShortName",
];

/// The keys that say to which command it is.
const KEYS: [&str; 8] = [
    "AvailableOSUpdates",
    "OSUpdateStatus",
    "QueryResponses",
    "ScanInitiated",
    MISSPELT,
    "SecurityInfo",
    "Settings",
    "UpdateResults",
];

impl<'a> Answer<'a> {
    pub(super) fn read(report: &'a Dictionary<'a>) -> Self {
        Self::known(report).unwrap_or_else(|| {
            let bare =
                report.iter().all(|(key, _)| ENVELOPE.contains(&key) || key == "NotOnConsole");
            if bare { Self::Nothing } else { Self::Other }
        })
    }

    fn known(report: &'a Dictionary<'a>) -> Option<Self> {
        use crate::fields::FromField as _;
        // Of a key that stands twice the last value counts, here as everywhere.
        let mut last: [Option<(usize, &Value<'a>)>; KEYS.len()] = [None; KEYS.len()];
        for (at, (key, value)) in report.iter().enumerate() {
            let place = KEYS.iter().position(|known| *known == key);
            if let Some(place) = place.and_then(|place| last.get_mut(place)) {
                *place = Some((at, value));
            }
        }
        let mut there: Vec<_> = KEYS
            .into_iter()
            .zip(last)
            .filter_map(|(key, found)| found.map(|(at, value)| (at, key, value)))
            .collect();
        there.sort_unstable_by_key(|(at, ..)| *at);
        for (_, key, value) in there {
            let read = match key {
                "AvailableOSUpdates" => Vec::from_field(value).map(Self::AvailableOsUpdates),
                "OSUpdateStatus" => Vec::from_field(value).map(Self::OsUpdateStatus),
                "UpdateResults" => Vec::from_field(value).map(Self::UpdateResults),
                "ScanInitiated" | MISSPELT => Some(Self::Scan(ScanAnswer::new(report))),
                "QueryResponses" => {
                    DeviceInformation::from_field(value).map(Self::DeviceInformation)
                }
                "SecurityInfo" => SecurityInfo::from_field(value).map(Self::SecurityInfo),
                "Settings" => match value {
                    Value::Dictionary(one) => Some(Self::Settings(vec![SettingResult::new(one)])),
                    value => Vec::from_field(value).map(Self::Settings),
                },
                _ => None,
            };
            if read.is_some() {
                return read;
            }
        }
        None
    }
}
