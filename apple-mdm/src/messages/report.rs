//! What devices answer.

use super::answers::{
    Answer, AvailableOsUpdatesItem, ENVELOPE, MISSPELT, OsUpdateStatusItem, UpdateResultsItem,
};
use super::diagnostic::{Diagnostic, DiagnosticCode, Notes, strict};
use super::error::{self, Error, ErrorKind};
use super::inspect::inspect;
use super::{CommandUuid, Enrollment, ErrorChain, ErrorClass};
use crate::fields::{FromField as _, Redacted};
use crate::open_enum::open_enum;
use crate::plist::{self, Dictionary, Format, Limits, Value, push_index};
use crate::schema::{self, Place};
use crate::version::{Build, OsVersion};

open_enum! {
    /// The status of an answer. Others are kept.
    pub enum ReportStatus {
        /// The command was done.
        Acknowledged = "Acknowledged",
        /// The command failed; see the error chain.
        Error = "Error",
        /// The command is malformed.
        CommandFormatError = "CommandFormatError",
        /// The device has nothing to say and waits for a command.
        Idle = "Idle",
        /// The device cannot do it now and asks again later by itself, if this is the last that it
        /// says.
        NotNow = "NotNow",
    }
}

/// An answer of a device, or its `Idle`.
///
/// ```
/// use apple_mdm::messages::{Answer, Report, ReportStatus};
///
/// let body = b"<plist version=\"1.0\"><dict><key>Status</key><string>Acknowledged</string>
///     <key>CommandUUID</key><string>0001</string>
///     <key>UDID</key><string>00008020-000915083C80012E</string>
///     <key>UpdateResults</key><array><dict><key>ProductKey</key><string>iOSUpdate22H100</string>
///     <key>InstallAction</key><string>InstallASAP</string>
///     <key>Status</key><string>Downloading</string></dict></array></dict></plist>";
/// let report = Report::decode(body, &Default::default())?;
/// assert_eq!(report.status, ReportStatus::Acknowledged);
/// let Answer::UpdateResults(results) = report.answer() else { return Err("no results".into()) };
/// assert!(!results[0].status().ok_or("a status")?.is_failure());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Report<'a> {
    /// The status.
    pub status: ReportStatus,
    /// The device: its UDID, or the enrolment's identifier.
    pub device: String,
    /// The command that this answers; `Idle` has none.
    pub command_uuid: Option<CommandUuid>,
    /// The errors.
    pub errors: ErrorChain,
    /// Everything, as it came.
    pub dictionary: Dictionary<'a>,
}

impl std::fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Report").field(&Redacted(&self.dictionary)).finish()
    }
}

impl<'a> Report<'a> {
    /// Reads an answer.
    ///
    /// # Errors
    /// Every [`ErrorKind`] of reading.
    pub fn decode(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let (dictionary, _) = error::dictionary(bytes, limits)?;
        Self::of(dictionary).map_err(|kind| Error::in_list(kind, bytes, limits, ""))
    }

    /// Reads an answer and says what was odd about it.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    ///
    /// ```
    /// use apple_mdm::messages::{DiagnosticCode, Report};
    ///
    /// let body = b"<plist><dict><key>Status</key><string>Acknowledged</string>
    ///     <key>CommandUUID</key><string>1</string><key>UDID</key><string>2</string>
    ///     <key>ScanInititated</key><true/></dict></plist>";
    /// let (report, found) = Report::decode_noting(body, &Default::default())?;
    /// assert!(found.iter().any(|found| found.code == DiagnosticCode::MisspeltKey));
    /// # Ok::<(), apple_mdm::messages::Error>(())
    /// ```
    pub fn decode_noting(
        bytes: &'a [u8],
        limits: &Limits,
    ) -> Result<(Self, Vec<Diagnostic>), Error> {
        let (dictionary, found) = error::dictionary(bytes, limits)?;
        let report =
            Self::of(dictionary).map_err(|kind| Error::in_list(kind, bytes, limits, ""))?;
        let mut notes = Notes::default();
        report.inspect(&mut notes);
        Ok((report, notes.finish(bytes, limits, found)))
    }

    /// Reads an answer and refuses what is odd about it.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode), and [`ErrorKind::Odd`].
    pub fn decode_strict(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        Self::decode_noting(bytes, limits).and_then(strict)
    }

    /// The answer that a dictionary is.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] without a status.
    pub fn from_dictionary(dictionary: Dictionary<'a>) -> Result<Self, Error> {
        Self::of(dictionary).map_err(Error::new)
    }

    fn of(dictionary: Dictionary<'a>) -> Result<Self, ErrorKind> {
        let status = dictionary.str("Status").ok_or(ErrorKind::Missing("Status"))?;
        let device = dictionary.str("UDID").or_else(|| dictionary.str("EnrollmentID"));
        Ok(Self {
            status: ReportStatus::from_text(status),
            device: device.unwrap_or_default().to_owned(),
            command_uuid: dictionary.str("CommandUUID").map(CommandUuid::new),
            errors: ErrorChain::read(dictionary.get("ErrorChain")),
            dictionary,
        })
    }

    /// Appends the answer to `out`, with everything that it came with. For simulated devices and
    /// for logs.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`]; `out` is then as it was.
    pub fn encode(&self, format: Format, out: &mut Vec<u8>) -> Result<(), Error> {
        encode(self.dictionary.clone(), format, out)
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Report<'static> {
        Report {
            status: self.status,
            device: self.device,
            command_uuid: self.command_uuid,
            errors: self.errors,
            dictionary: self.dictionary.into_owned(),
        }
    }

    /// Whose answer it is.
    #[must_use]
    pub fn enrollment(&self) -> Enrollment<'_> {
        Enrollment::read(&self.dictionary)
    }

    /// What it holds besides its status.
    #[must_use]
    pub fn answer(&self) -> Answer<'_> {
        Answer::read(&self.dictionary)
    }

    /// Whether the device says that there is no update: an error to AvailableOSUpdates and
    /// ScheduleOSUpdate since iOS 11.3, an empty list before.
    #[must_use]
    pub fn is_no_update(&self) -> bool {
        self.status == ReportStatus::Error
            && self.errors.classify() == ErrorClass::NoUpdateAvailable
    }

    /// What became of scheduled updates; `None` if the answer does not say, as after a restart.
    #[must_use]
    pub fn update_results(&self) -> Option<Vec<UpdateResultsItem<'_>>> {
        Vec::from_field(self.dictionary.get("UpdateResults")?)
    }

    /// The updates that are there. The error "no update available" is an empty list.
    #[must_use]
    pub fn available_updates(&self) -> Option<Vec<AvailableOsUpdatesItem<'_>>> {
        if self.is_no_update() {
            return Some(Vec::new());
        }
        Vec::from_field(self.dictionary.get("AvailableOSUpdates")?)
    }

    /// How far updates are.
    #[must_use]
    pub fn update_progress(&self) -> Option<Vec<OsUpdateStatusItem<'_>>> {
        Vec::from_field(self.dictionary.get("OSUpdateStatus")?)
    }

    /// A value of a DeviceInformation answer, as text.
    #[must_use]
    pub fn query_response(&self, key: &str) -> Option<&str> {
        self.dictionary.get("QueryResponses")?.as_dictionary()?.str(key)
    }

    fn inspect(&self, notes: &mut Notes) {
        let list = &self.dictionary;
        if self.enrollment().device().is_none() {
            notes.note(DiagnosticCode::NoDevice, "", "");
        }
        if let ReportStatus::Other(status) = &self.status {
            notes.note(DiagnosticCode::UnknownValue, "Status", status);
        }
        if self.command_uuid.is_none() && self.status != ReportStatus::Idle {
            notes.note(DiagnosticCode::MissingKey, "", "CommandUUID");
        }
        if let Some(name) = list.str("RequestType") {
            notes.note(DiagnosticCode::EchoedRequestType, "RequestType", name);
        }
        if list.contains(MISSPELT) {
            notes.note(DiagnosticCode::MisspeltKey, MISSPELT, "ScanInitiated");
        }
        inspect_errors(list.get("ErrorChain"), notes);
        let mut known = ENVELOPE.to_vec();
        known.extend([MISSPELT, "NotOnConsole"]);
        let id = match self.answer() {
            Answer::Nothing | Answer::Other => {
                // What no view fits has a key of an answer in another form than the schema's.
                for (key, value) in list.iter() {
                    if ["AvailableOSUpdates", "OSUpdateStatus", "UpdateResults"].contains(&key) {
                        notes.note(DiagnosticCode::WrongType, key, value.type_name());
                    }
                }
                return;
            }
            Answer::AvailableOsUpdates(_) => "command.AvailableOSUpdates",
            Answer::OsUpdateStatus(_) => "command.OSUpdateStatus",
            Answer::UpdateResults(_) => "command.ScheduleOSUpdate",
            Answer::Scan(_) => "command.ScheduleOSUpdateScan",
            Answer::DeviceInformation(_) => "command.DeviceInformation",
            Answer::SecurityInfo(_) => "command.SecurityInfo",
            Answer::Settings(_) => "command.Settings.SoftwareUpdateSettings",
        };
        // The right name may be missing where the misspelt one is.
        if list.contains(MISSPELT) {
            known.push("ScanInitiated");
        }
        if let Some(group) = schema::by_id(id) {
            inspect(group, Place::Response, "", list, "", &known, notes);
        }
        if let Answer::AvailableOsUpdates(updates) = self.answer() {
            for (index, update) in updates.iter().enumerate() {
                let Some(version) = update.version() else { continue };
                let mut path = "AvailableOSUpdates".to_owned();
                push_index(&mut path, index);
                path.push_str("/Version");
                if version.trim().is_empty() {
                    // What Macs up to 10.15 say in words is usual.
                    if update.os_version().is_none() {
                        notes.note(DiagnosticCode::BlankVersion, &path, "");
                    }
                } else if version.parse::<OsVersion>().is_err() && version.parse::<Build>().is_ok()
                {
                    notes.note(DiagnosticCode::BuildAsVersion, &path, version);
                }
            }
        }
    }
}

/// Notes what is odd about a chain of errors.
fn inspect_errors(chain: Option<&Value<'_>>, notes: &mut Notes) {
    let entries = match chain {
        None => return,
        Some(Value::Array(entries)) => entries,
        Some(other) => {
            notes.note(DiagnosticCode::WrongType, "ErrorChain", other.type_name());
            return;
        }
    };
    for (index, entry) in entries.iter().enumerate() {
        let mut path = "ErrorChain".to_owned();
        push_index(&mut path, index);
        let Value::Dictionary(entry) = entry else {
            notes.note(DiagnosticCode::WrongType, &path, entry.type_name());
            continue;
        };
        for key in ["ErrorCode", "ErrorDomain", "LocalizedDescription"] {
            if !entry.contains(key) {
                notes.note(DiagnosticCode::MissingKey, &path, key);
            }
        }
        for key in ["LocalizedDescription", "USEnglishDescription"] {
            if entry.str(key).is_some_and(has_escaped_bytes) {
                notes.note(DiagnosticCode::EscapedBytes, &format!("{path}/{key}"), "");
            }
        }
    }
}

/// `\x` and two hexadecimal digits.
fn has_escaped_bytes(text: &str) -> bool {
    let hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    text.split("\\x").skip(1).any(|rest| {
        let bytes = rest.as_bytes();
        hex(bytes.first()) && hex(bytes.get(1))
    })
}

/// Appends a message to `out`; where that cannot be, `out` is as it was.
pub(super) fn encode(
    dictionary: Dictionary<'_>,
    format: Format,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let before = out.len();
    if plist::write(&dictionary.into(), format, out) > 0 {
        out.truncate(before);
        return Err(ErrorKind::Unwritable.into());
    }
    Ok(())
}
