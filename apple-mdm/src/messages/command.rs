//! Commands, and the envelope in which they travel.

use super::diagnostic::{Diagnostic, DiagnosticCode, Notes, strict};
use super::error::{self, Error, ErrorKind};
use super::inspect::inspect;
use super::{CommandUuid, ScheduleOsUpdate, Setting};
use crate::fields::Redacted;
use crate::plist::{self, Dictionary, Format, Limits, Out, Value, known, push_index};
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
        plist::dictionary(|out| self.write(out))
    }

    /// Tells the entries of its dictionary.
    fn write(&self, out: &mut impl Out) {
        if let Self::Other(dictionary) = self {
            return out.entries(dictionary);
        }
        out.text_of(known!("RequestType"), self.request_type());
        match self {
            Self::ScheduleOsUpdate(schedule) => schedule.write(out),
            Self::ScheduleOsUpdateScan { force: Some(force) } => {
                out.key(known!("Force"));
                out.boolean(*force);
            }
            Self::DeviceInformation { queries } => {
                out.key(known!("Queries"));
                out.array(|out| queries.iter().for_each(|query| out.text(query)));
            }
            Self::Settings(settings) => {
                out.key(known!("Settings"));
                out.array(|out| {
                    settings.iter().for_each(|one| out.dictionary(|out| one.write(out)));
                });
            }
            Self::DeclarativeManagement { data: Some(data) } => {
                out.key(known!("Data"));
                out.data(data);
            }
            _ => {}
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
        plist::dictionary(|out| self.write_command(out))
    }

    fn write_command(&self, out: &mut impl Out) {
        self.command.write(out);
        if let Some(tether) = self.requires_network_tether {
            out.key(known!("RequestRequiresNetworkTether"));
            out.boolean(tether);
        }
        out.entries(&self.extra);
    }

    fn write(&self, out: &mut impl Out) {
        out.key(known!("Command"));
        out.dictionary(|out| self.write_command(out));
        out.text_of(known!("CommandUUID"), self.command_uuid.as_str());
        out.entries(&self.beside);
    }

    /// Appends the XML property list to `out`. The same request gives the same bytes. Into a buffer
    /// with room nothing is allocated, unless keys that have no place in the types are written back.
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
        let before = out.len();
        let replaced = match format {
            Format::Xml => plist::write_with(out, |xml| xml.dictionary(|xml| self.write(xml))),
            Format::Binary => {
                plist::write(&plist::dictionary(|out| self.write(out)).into(), format, out)
            }
        };
        if replaced > 0 {
            out.truncate(before);
            return Err(ErrorKind::Unwritable.into());
        }
        Ok(())
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
