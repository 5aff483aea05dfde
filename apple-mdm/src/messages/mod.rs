//! MDM commands and what devices answer.
//!
//! *Specified*: Apple's device-management schema (system.update.schedule, .available, .status) and
//! "MDM Protocol Reference"; seed 002 for ScheduleOSUpdate.

mod report;
mod schedule;

use std::fmt;

pub use report::{
    AvailableUpdate, ErrorChain, ErrorClass, ErrorEntry, Report, ReportStatus, UpdateProgress,
    UpdateResult,
};
pub use schedule::{InstallAction, Priority, ScheduleError, ScheduleOsUpdate, ScheduledUpdate};

use crate::plist::{self, Dictionary, Limits, Value, write_xml};

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable property list.
    #[error(transparent)]
    Plist(#[from] plist::ErrorKind),
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// A property list that is no dictionary.
    #[error("the message is no dictionary")]
    NotDictionary,
    /// A key that the message cannot do without.
    #[error("the key {0} is missing")]
    Missing(&'static str),
    /// A value with a character that XML cannot carry, in a message to be written.
    #[error("a value has a character that XML cannot carry")]
    Unwritable,
}

mdm_xml::located_error! {
    /// What is wrong with a message, and where.
    pub struct Error(ErrorKind);
}

impl From<plist::Error> for Error {
    fn from(error: plist::Error) -> Self {
        match error.into_parts() {
            (kind, Some(location)) => Self::at(kind.into(), location),
            (kind, None) => Self::new(kind.into()),
        }
    }
}

/// The identifier of a command: any text. *Observed*: not only UUIDs; Apple's own examples use
/// `0001_ScheduleOSUpdate`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct CommandUuid(String);

impl CommandUuid {
    /// The identifier with this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A command.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Downloads or installs updates. Apple removes it in OS 27.
    ScheduleOsUpdate(ScheduleOsUpdate),
    /// Asks which updates there are.
    AvailableOsUpdates,
    /// Asks how far updates are.
    OsUpdateStatus,
    /// Asks about the device.
    DeviceInformation {
        /// What is asked.
        queries: Vec<String>,
    },
    /// Another command, as its dictionary.
    Other(Dictionary<'static>),
}

impl Command {
    /// Its RequestType.
    #[must_use]
    pub fn request_type(&self) -> &str {
        match self {
            Self::ScheduleOsUpdate(_) => "ScheduleOSUpdate",
            Self::AvailableOsUpdates => "AvailableOSUpdates",
            Self::OsUpdateStatus => "OSUpdateStatus",
            Self::DeviceInformation { .. } => "DeviceInformation",
            Self::Other(dictionary) => dictionary.str("RequestType").unwrap_or_default(),
        }
    }

    fn to_dictionary(&self) -> Dictionary<'static> {
        let named = || Dictionary::new().with("RequestType", self.request_type().to_owned());
        match self {
            Self::ScheduleOsUpdate(schedule) => schedule.write(named()),
            Self::AvailableOsUpdates | Self::OsUpdateStatus => named(),
            Self::DeviceInformation { queries } => {
                let queries = queries.iter().cloned().map(Value::from).collect();
                named().with("Queries", Value::Array(queries))
            }
            Self::Other(dictionary) => dictionary.clone(),
        }
    }

    fn from_dictionary(dictionary: &Dictionary<'_>) -> Self {
        match dictionary.str("RequestType") {
            Some("ScheduleOSUpdate") => Self::ScheduleOsUpdate(ScheduleOsUpdate::read(dictionary)),
            Some("AvailableOSUpdates") if dictionary.len() == 1 => Self::AvailableOsUpdates,
            Some("OSUpdateStatus") if dictionary.len() == 1 => Self::OsUpdateStatus,
            Some("DeviceInformation") if dictionary.len() == 2 => {
                let queries = dictionary.get("Queries").and_then(Value::as_array);
                match queries {
                    Some(queries) => Self::DeviceInformation {
                        queries: queries
                            .iter()
                            .filter_map(Value::as_str)
                            .map(str::to_owned)
                            .collect(),
                    },
                    None => Self::Other(dictionary.clone().into_owned()),
                }
            }
            _ => Self::Other(dictionary.clone().into_owned()),
        }
    }
}

/// A command as it is sent.
///
/// ```
/// use apple_mdm::messages::{Command, CommandUuid, InstallAction, Request, ScheduleOsUpdate, ScheduledUpdate};
///
/// let update = ScheduledUpdate::by_version("18.7.2", InstallAction::Default)?;
/// let command = Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]));
/// let request = Request::new(CommandUuid::new("0001_ScheduleOSUpdate"), command);
/// let mut body = Vec::new();
/// request.encode(&mut body)?;
/// assert_eq!(Request::decode(&body, &Default::default())?, request);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// Its identifier, which the answer has as well.
    pub command_uuid: CommandUuid,
    /// The command.
    pub command: Command,
}

impl Request {
    /// A command under this identifier.
    #[must_use]
    pub const fn new(command_uuid: CommandUuid, command: Command) -> Self {
        Self { command_uuid, command }
    }

    /// Appends the property list to `out`. The same request gives the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`]; `out` is then as it was.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let before = out.len();
        let dictionary = Dictionary::new()
            .with("Command", self.command.to_dictionary())
            .with("CommandUUID", self.command_uuid.as_str().to_owned());
        if write_xml(&dictionary.into(), out) > 0 {
            out.truncate(before);
            return Err(ErrorKind::Unwritable.into());
        }
        Ok(())
    }

    /// Reads a command, as a device or a tool does. *Observed* in Apple's examples: the command
    /// inside a second `Command`.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let value = plist::decode(bytes, limits)?;
        let Value::Dictionary(mut outer) = value else {
            return Err(ErrorKind::NotDictionary.into());
        };
        let nested = |outer: &Dictionary<'_>| {
            let inner = outer.get("Command").and_then(Value::as_dictionary)?;
            inner.get("Command").and_then(Value::as_dictionary)?;
            Some(inner.clone().into_owned())
        };
        if let Some(inner) = nested(&outer) {
            outer = inner;
        }
        let command = outer.get("Command").and_then(Value::as_dictionary);
        let command = command.ok_or(ErrorKind::Missing("Command"))?;
        let uuid = outer.str("CommandUUID").ok_or(ErrorKind::Missing("CommandUUID"))?;
        Ok(Self::new(CommandUuid::new(uuid), Command::from_dictionary(command)))
    }
}
