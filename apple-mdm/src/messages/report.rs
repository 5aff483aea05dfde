//! What devices answer.

use crate::messages::schedule::InstallAction;
use crate::messages::{CommandUuid, Error, ErrorKind};
use crate::plist::{self, Dictionary, Limits, Value};

/// The status of an answer. Others are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReportStatus {
    /// The command was done.
    Acknowledged,
    /// The command failed; see the error chain.
    Error,
    /// The command is malformed.
    CommandFormatError,
    /// The device has nothing to say and waits for a command.
    Idle,
    /// The device cannot do it now and asks again later by itself.
    NotNow,
    /// Another one.
    Other(String),
}

impl ReportStatus {
    fn from_text(text: &str) -> Self {
        match text {
            "Acknowledged" => Self::Acknowledged,
            "Error" => Self::Error,
            "CommandFormatError" => Self::CommandFormatError,
            "Idle" => Self::Idle,
            "NotNow" => Self::NotNow,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Acknowledged => "Acknowledged",
            Self::Error => "Error",
            Self::CommandFormatError => "CommandFormatError",
            Self::Idle => "Idle",
            Self::NotNow => "NotNow",
            Self::Other(text) => text,
        }
    }
}

/// One error of a chain.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ErrorEntry {
    /// Its domain.
    pub domain: String,
    /// Its number.
    pub code: i64,
    /// Words for people, in English if the device gave them.
    pub description: String,
}

/// What a chain of errors means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorClass {
    /// There is no update: an empty list, not a failure (*observed* since iOS 11.3).
    NoUpdateAvailable,
    /// The device has to be enrolled by Apple's program, or supervised.
    NeedsSupervision,
    /// The update does not allow this action.
    UnsupportedAction,
    /// The device does not know the command.
    UnknownCommand,
    /// Something else.
    Other,
}

/// The errors of an answer, outermost first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ErrorChain {
    /// The errors.
    pub entries: Vec<ErrorEntry>,
}

impl ErrorChain {
    fn read(value: Option<&Value<'_>>) -> Self {
        let entries = value.and_then(Value::as_array).unwrap_or_default();
        let entries = entries.iter().filter_map(Value::as_dictionary).map(|entry| ErrorEntry {
            domain: entry.str("ErrorDomain").unwrap_or_default().to_owned(),
            code: entry.get("ErrorCode").and_then(Value::as_int).unwrap_or_default(),
            description: entry
                .str("USEnglishDescription")
                .or_else(|| entry.str("LocalizedDescription"))
                .unwrap_or_default()
                .to_owned(),
        });
        Self { entries: entries.collect() }
    }

    /// What it means.
    #[must_use]
    pub fn classify(&self) -> ErrorClass {
        let has = |domain: &str, code: i64| {
            self.entries.iter().any(|entry| entry.domain == domain && entry.code == code)
        };
        if has("DeviceManagement.error", 2213) || has("com.apple.softwareupdateservices.errors", 3)
        {
            ErrorClass::NoUpdateAvailable
        } else if has("MDMClientError", 74) {
            ErrorClass::NeedsSupervision
        } else if has("MCMDMErrorDomain", 12008) {
            ErrorClass::UnsupportedAction
        } else if has("MCMDMErrorDomain", 12021) || has("MDMClientError", 91) {
            ErrorClass::UnknownCommand
        } else {
            ErrorClass::Other
        }
    }
}

/// What became of one scheduled update.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UpdateResult {
    /// The update.
    pub product_key: String,
    /// What the device does, which need not be what was asked.
    pub install_action: InstallAction,
    /// How it goes: `Downloading`, `Installing`, `InstallFailed`, …, as it stands.
    pub status: String,
    /// Why not.
    pub errors: ErrorChain,
}

/// An update that is there.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AvailableUpdate {
    /// The update; empty if the device gave none.
    pub product_key: String,
    /// Its name for people.
    pub name: String,
    /// The version it brings; *observed* blank, or a build.
    pub version: String,
    /// The build it brings; macOS leaves it out.
    pub build: Option<String>,
    /// Whether it needs a restart.
    pub restart_required: bool,
    /// Bytes to download.
    pub download_size: Option<i64>,
}

/// How far an update is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UpdateProgress {
    /// The update.
    pub product_key: String,
    /// Whether it is downloaded; *observed* as a number.
    pub is_downloaded: bool,
    /// How much is downloaded, 0 to 1.
    pub download_complete: f64,
    /// `Idle`, `Downloading`, `Installing`, as it stands.
    pub status: String,
}

/// An answer of a device, or its `Idle`.
///
/// ```
/// use apple_mdm::messages::{Report, ReportStatus};
///
/// let body = b"<plist version=\"1.0\"><dict><key>Status</key><string>Idle</string>
///     <key>UDID</key><string>00008020-000915083C80012E</string></dict></plist>";
/// let report = Report::decode(body, &Default::default())?;
/// assert_eq!(report.status, ReportStatus::Idle);
/// assert_eq!(report.command_uuid, None);
/// # Ok::<(), apple_mdm::messages::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The status.
    pub status: ReportStatus,
    /// The device: its UDID, or the enrolment's identifier.
    pub device: String,
    /// The command that this answers; `Idle` has none.
    pub command_uuid: Option<CommandUuid>,
    /// The errors.
    pub errors: ErrorChain,
    /// Everything, as it came.
    pub dictionary: Dictionary<'static>,
}

impl Report {
    /// Reads an answer.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let Value::Dictionary(dictionary) = plist::decode(bytes, limits)? else {
            return Err(ErrorKind::NotDictionary.into());
        };
        let status = dictionary.str("Status").ok_or(ErrorKind::Missing("Status"))?;
        let device = dictionary.str("UDID").or_else(|| dictionary.str("EnrollmentID"));
        Ok(Self {
            status: ReportStatus::from_text(status),
            device: device.unwrap_or_default().to_owned(),
            command_uuid: dictionary.str("CommandUUID").map(CommandUuid::new),
            errors: ErrorChain::read(dictionary.get("ErrorChain")),
            dictionary: dictionary.into_owned(),
        })
    }

    fn items(&self, key: &str) -> Option<impl Iterator<Item = &Dictionary<'static>>> {
        let items = self.dictionary.get(key)?.as_array()?;
        Some(items.iter().filter_map(Value::as_dictionary))
    }

    /// What became of scheduled updates; `None` if the answer does not say, as after a restart.
    #[must_use]
    pub fn update_results(&self) -> Option<Vec<UpdateResult>> {
        let read = |item: &Dictionary<'_>| UpdateResult {
            product_key: item.str("ProductKey").unwrap_or_default().to_owned(),
            install_action: InstallAction::from_text(item.str("InstallAction").unwrap_or_default()),
            status: item.str("Status").unwrap_or_default().to_owned(),
            errors: ErrorChain::read(item.get("ErrorChain")),
        };
        Some(self.items("UpdateResults")?.map(read).collect())
    }

    /// The updates that are there. The error "no update available" is an empty list.
    #[must_use]
    pub fn available_updates(&self) -> Option<Vec<AvailableUpdate>> {
        if self.status == ReportStatus::Error
            && self.errors.classify() == ErrorClass::NoUpdateAvailable
        {
            return Some(Vec::new());
        }
        let text = |item: &Dictionary<'_>, key| item.str(key).unwrap_or_default().trim().to_owned();
        let read = |item: &Dictionary<'_>| AvailableUpdate {
            product_key: text(item, "ProductKey"),
            name: text(item, "HumanReadableName"),
            version: text(item, "Version"),
            build: item.str("Build").map(str::to_owned),
            restart_required: item
                .get("RestartRequired")
                .and_then(Value::as_bool)
                .unwrap_or_default(),
            download_size: item.get("DownloadSize").and_then(Value::as_int),
        };
        Some(self.items("AvailableOSUpdates")?.map(read).collect())
    }

    /// How far updates are.
    #[must_use]
    pub fn update_progress(&self) -> Option<Vec<UpdateProgress>> {
        let read = |item: &Dictionary<'_>| UpdateProgress {
            product_key: item.str("ProductKey").unwrap_or_default().to_owned(),
            is_downloaded: item.get("IsDownloaded").and_then(Value::as_bool).unwrap_or_default(),
            download_complete: item
                .get("DownloadPercentComplete")
                .and_then(Value::as_real)
                .unwrap_or_default(),
            status: item.str("Status").unwrap_or_default().to_owned(),
        };
        Some(self.items("OSUpdateStatus")?.map(read).collect())
    }

    /// A value of a DeviceInformation answer, as text.
    #[must_use]
    pub fn query_response(&self, key: &str) -> Option<&str> {
        self.dictionary.get("QueryResponses")?.as_dictionary()?.str(key)
    }
}
