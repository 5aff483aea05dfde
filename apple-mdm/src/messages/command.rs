//! Commands, and the envelope in which they travel.

use super::diagnostic::{Diagnostic, DiagnosticCode, Notes, strict};
use super::error::{self, Error, ErrorKind};
use super::inspect::inspect;
use super::report::encode;
use super::{CommandUuid, ScheduleOsUpdate, Setting};
use crate::fields::Redacted;
use crate::plist::{Dictionary, Format, Limits, Value, push_index};
use crate::schema::{self, Family, Group, Place};

/// A command.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Downloads or installs updates. Apple removes it in OS 27.
    ScheduleOsUpdate(ScheduleOsUpdate),
    /// Makes a Mac look for updates. Apple removes it in OS 27.
    ScheduleOsUpdateScan {
        /// Whether to look now, and not when the Mac finds it convenient. `None` is no.
        force: Option<bool>,
    },
    /// Asks which updates there are. Apple removes it in OS 27.
    AvailableOsUpdates,
    /// Asks how far updates are. Apple removes it in OS 27.
    OsUpdateStatus,
    /// Asks about the device.
    DeviceInformation {
        /// What is asked; see [`Query`](super::Query).
        queries: Vec<String>,
    },
    /// Asks about the device's security.
    SecurityInfo,
    /// Sets things.
    Settings(Vec<Setting>),
    /// Turns declarative management on, and tells that declarations have changed.
    DeclarativeManagement {
        /// The tokens, as JSON; without them the device asks for them.
        data: Option<Vec<u8>>,
    },
    /// Another command, as its dictionary.
    Other(Dictionary<'static>),
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Command").field(&Redacted(&self.to_dictionary())).finish()
    }
}

impl Command {
    /// The command that installs a configuration profile, signed or not.
    #[must_use]
    pub fn install_profile(profile: Vec<u8>) -> Self {
        let named = Dictionary::new().with("RequestType", "InstallProfile");
        Self::Other(named.with("Payload", profile))
    }

    /// Its RequestType.
    #[must_use]
    pub fn request_type(&self) -> &str {
        match self {
            Self::ScheduleOsUpdate(_) => "ScheduleOSUpdate",
            Self::ScheduleOsUpdateScan { .. } => "ScheduleOSUpdateScan",
            Self::AvailableOsUpdates => "AvailableOSUpdates",
            Self::OsUpdateStatus => "OSUpdateStatus",
            Self::DeviceInformation { .. } => "DeviceInformation",
            Self::SecurityInfo => "SecurityInfo",
            Self::Settings(_) => "Settings",
            Self::DeclarativeManagement { .. } => "DeclarativeManagement",
            Self::Other(dictionary) => dictionary.str("RequestType").unwrap_or_default(),
        }
    }

    /// What Apple's schema says of it, if it concerns updates.
    #[must_use]
    pub fn schema(&self) -> Option<&'static Group> {
        schema::group(Family::Command, self.request_type())
    }

    /// Its dictionary, as it is sent.
    #[must_use]
    pub fn to_dictionary(&self) -> Dictionary<'static> {
        let named = || Dictionary::new().with("RequestType", self.request_type().to_owned());
        match self {
            Self::ScheduleOsUpdate(schedule) => schedule.write(named()),
            Self::ScheduleOsUpdateScan { force } => named().with_opt("Force", *force),
            Self::AvailableOsUpdates | Self::OsUpdateStatus | Self::SecurityInfo => named(),
            Self::DeviceInformation { queries } => {
                let queries = queries.iter().cloned().map(Value::from).collect();
                named().with("Queries", Value::Array(queries))
            }
            Self::Settings(settings) => {
                let settings = settings.iter().map(|setting| setting.write().into()).collect();
                named().with("Settings", Value::Array(settings))
            }
            Self::DeclarativeManagement { data } => named().with_opt("Data", data.clone()),
            Self::Other(dictionary) => dictionary.clone(),
        }
    }

    /// Reads a command out of a dictionary; what it has no place for stays there.
    pub(crate) fn take(dictionary: &mut Dictionary<'_>) -> Self {
        let taken = match dictionary.str("RequestType") {
            Some("ScheduleOSUpdate") => {
                Some(Self::ScheduleOsUpdate(ScheduleOsUpdate::take(dictionary)))
            }
            Some("ScheduleOSUpdateScan") => {
                let force = match dictionary.get("Force") {
                    Some(Value::Boolean(force)) => Some(*force),
                    _ => None,
                };
                if force.is_some() {
                    dictionary.remove("Force");
                }
                Some(Self::ScheduleOsUpdateScan { force })
            }
            Some("AvailableOSUpdates") => Some(Self::AvailableOsUpdates),
            Some("OSUpdateStatus") => Some(Self::OsUpdateStatus),
            Some("SecurityInfo") => Some(Self::SecurityInfo),
            Some("DeviceInformation") => {
                let queries = dictionary.array("Queries").and_then(|queries| {
                    queries.iter().map(|query| query.as_str().map(str::to_owned)).collect()
                });
                queries.map(|queries| {
                    dictionary.remove("Queries");
                    Self::DeviceInformation { queries }
                })
            }
            Some("Settings") => {
                let settings: Option<Vec<Setting>> = dictionary.array("Settings").and_then(|all| {
                    all.iter().map(|one| one.as_dictionary().map(Setting::read)).collect()
                });
                settings.map(|settings| {
                    dictionary.remove("Settings");
                    Self::Settings(settings)
                })
            }
            Some("DeclarativeManagement") => {
                let data = dictionary.data("Data").map(<[u8]>::to_vec);
                if data.is_some() {
                    dictionary.remove("Data");
                }
                Some(Self::DeclarativeManagement { data })
            }
            _ => None,
        };
        match taken {
            Some(command) => {
                dictionary.remove("RequestType");
                command
            }
            None => Self::Other(std::mem::take(dictionary).into_owned()),
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
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// Its identifier, which the answer has as well.
    pub command_uuid: CommandUuid,
    /// The command.
    pub command: Command,
    /// Whether the device should wait for a tethered network (RequestRequiresNetworkTether).
    pub requires_network_tether: Option<bool>,
    /// Keys of the command that its type has no place for.
    extra: Dictionary<'static>,
    /// Keys beside `Command` and `CommandUUID`.
    beside: Dictionary<'static>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("command_uuid", &self.command_uuid)
            .field("command", &Redacted(&self.command_dictionary()))
            .field("beside", &Redacted(&self.beside))
            .finish()
    }
}

impl Request {
    /// A command under this identifier.
    #[must_use]
    pub const fn new(command_uuid: CommandUuid, command: Command) -> Self {
        Self {
            command_uuid,
            command,
            requires_network_tether: None,
            extra: Dictionary::new(),
            beside: Dictionary::new(),
        }
    }

    /// The keys of the command that its type has no place for, as they came.
    #[must_use]
    pub const fn extra(&self) -> &Dictionary<'static> {
        &self.extra
    }

    /// The dictionary of the command with all of its keys.
    #[must_use]
    pub fn command_dictionary(&self) -> Dictionary<'static> {
        let mut command = self
            .command
            .to_dictionary()
            .with_opt("RequestRequiresNetworkTether", self.requires_network_tether);
        for (key, value) in self.extra.iter() {
            command.push(key.to_owned(), value.clone());
        }
        command
    }

    /// Appends the XML property list to `out`. The same request gives the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`]; `out` is then as it was.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.encode_as(Format::Xml, out)
    }

    /// Appends the property list in one of its forms to `out`. The same request gives the same
    /// bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`] for XML; `out` is then as it was.
    pub fn encode_as(&self, format: Format, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut dictionary = Dictionary::new()
            .with("Command", self.command_dictionary())
            .with("CommandUUID", self.command_uuid.as_str().to_owned());
        for (key, value) in self.beside.iter() {
            dictionary.push(key.to_owned(), value.clone());
        }
        encode(dictionary, format, out)
    }

    /// Reads a command, as a device or a tool does. *Observed* in Apple's examples: the command
    /// inside a second `Command`.
    ///
    /// # Errors
    /// Every [`ErrorKind`] of reading.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let (dictionary, _) = error::dictionary(bytes, limits)?;
        Self::of(dictionary).map_err(|kind| Error::in_list(kind, bytes, limits, ""))
    }

    /// Reads a command and says what was odd about it.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    pub fn decode_noting(bytes: &[u8], limits: &Limits) -> Result<(Self, Vec<Diagnostic>), Error> {
        let (dictionary, found) = error::dictionary(bytes, limits)?;
        let mut notes = Notes::default();
        note(&dictionary, &mut notes);
        let request =
            Self::of(dictionary).map_err(|kind| Error::in_list(kind, bytes, limits, ""))?;
        Ok((request, notes.finish(bytes, limits, found)))
    }

    /// Reads a command and refuses what is odd about it.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode), and [`ErrorKind::Odd`].
    pub fn decode_strict(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        Self::decode_noting(bytes, limits).and_then(strict)
    }

    fn of(mut outer: Dictionary<'_>) -> Result<Self, ErrorKind> {
        // However deep: what is written has to read as the same.
        while is_nested(&outer)
            && let Some(Value::Dictionary(inner)) = outer.remove("Command")
        {
            // What was beside the outer one stays beside the inner one.
            let beside = std::mem::replace(&mut outer, inner);
            for (key, value) in beside {
                outer.push(key, value);
            }
        }
        let Some(Value::Dictionary(mut inner)) = outer.remove("Command") else {
            return Err(ErrorKind::Missing("Command"));
        };
        let uuid = outer.str("CommandUUID").ok_or(ErrorKind::Missing("CommandUUID"))?;
        let command_uuid = CommandUuid::new(uuid);
        outer.remove("CommandUUID");
        let requires_network_tether = match inner.get("RequestRequiresNetworkTether") {
            Some(Value::Boolean(tether)) => Some(*tether),
            _ => None,
        };
        if requires_network_tether.is_some() {
            inner.remove("RequestRequiresNetworkTether");
        }
        Ok(Self {
            command_uuid,
            command: Command::take(&mut inner),
            requires_network_tether,
            extra: inner.into_owned(),
            beside: outer.into_owned(),
        })
    }
}

/// Whether the command stands inside a second `Command`.
fn is_nested(outer: &Dictionary<'_>) -> bool {
    let inner = outer.dictionary("Command");
    inner.is_some_and(|inner| inner.dictionary("Command").is_some())
}

/// Notes what is odd about a request.
fn note(outer: &Dictionary<'_>, notes: &mut Notes) {
    let (mut outer, mut path) = (outer, "Command".to_owned());
    if is_nested(outer) {
        notes.note(DiagnosticCode::NestedCommand, "Command", "");
        outer = outer.dictionary("Command").unwrap_or(outer);
        path.push_str("/Command");
    }
    let Some(command) = outer.dictionary("Command") else { return };
    let name = command.str("RequestType").unwrap_or_default();
    let Some(group) = schema::group(Family::Command, name) else { return };
    if command.contains("ForceUpdateScan") {
        notes.note(DiagnosticCode::OtherKey, &format!("{path}/ForceUpdateScan"), "Force");
    }
    let known = ["ForceUpdateScan", "RequestRequiresNetworkTether", "RequestType"];
    inspect(group, Place::Payload, "", command, &path, &known, notes);
    let mut asked = std::collections::HashSet::new();
    for (index, query) in command.array("Queries").unwrap_or_default().iter().enumerate() {
        if query.as_str().is_some_and(|query| !asked.insert(query)) {
            let mut path = format!("{path}/Queries");
            push_index(&mut path, index);
            notes.note(DiagnosticCode::DuplicateQuery, &path, query.as_str().unwrap_or_default());
        }
    }
}
