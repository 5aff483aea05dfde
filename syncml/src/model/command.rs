//! Commands.

use std::borrow::Cow;

use super::extra::{Attribute, OwnBytes, Raw};
use super::item::{Challenge, Cred, Data, Item, Location};
use super::meta::{Format, Meta};
use super::owned::{by_into_owned, into_owned};
use super::rare::{Few, Rare};
use super::sync::{Map, Search, Sync};
use crate::codes::{AlertCode, StatusCode};
use crate::id::{CmdId, MsgId};

/// A command (MS-MDM 2.2.7; OMA-SyncML-RepPro 1.2).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Command<'a> {
    /// Makes a node.
    Add(Request<'a>),
    /// Says that something happened.
    Alert(Alert<'a>),
    /// All of several commands, or none.
    Atomic(Group<'a>),
    /// Copies a node; not on Windows.
    Copy(Request<'a>),
    /// Removes a node.
    Delete(Request<'a>),
    /// Executes a node.
    Exec(Request<'a>),
    /// Asks for nodes.
    Get(Request<'a>),
    /// Says which of the client's identifiers are which of the server's; SyncML DS only.
    Map(Map<'a>),
    /// Moves a node; SyncML DS only.
    Move(Request<'a>),
    /// Gives data that was not asked for; not in OMA DM.
    Put(Request<'a>),
    /// Changes a node.
    Replace(Request<'a>),
    /// What was asked for.
    Results(Results<'a>),
    /// Looks for data; SyncML DS only.
    Search(Search<'a>),
    /// Several commands in order.
    Sequence(Group<'a>),
    /// What became of a command.
    Status(Status<'a>),
    /// Changes of one data store; SyncML DS only.
    Sync(Sync<'a>),
    /// Another element where a command is expected, kept as it stands.
    Unknown(Raw<'a>),
}

/// Add, Copy, Delete, Exec, Get, Move, Put or Replace.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Request<'a> {
    /// The command in its message. A message to be sent has one on every command.
    pub cmd_id: Option<CmdId<'a>>,
    /// No status is wanted.
    pub no_resp: bool,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// How to read the items' data.
    pub meta: Option<Box<Meta<'a>>>,
    /// Names what later alerts about this command refer to.
    pub correlator: Option<Cow<'a, str>>,
    /// What it is about.
    pub items: Few<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
    /// The bytes that it was read from, if they were asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub own_bytes: OwnBytes<'a>,
}

/// An alert.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Alert<'a> {
    /// The command in its message.
    pub cmd_id: Option<CmdId<'a>>,
    /// No status is wanted.
    pub no_resp: bool,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// The code, as it stands; [`code`](Self::code) reads it.
    pub data: Option<Cow<'a, str>>,
    /// Names what the alert refers to.
    pub correlator: Option<Cow<'a, str>>,
    /// What it is about; the type in an item's Meta says what kind of event it is.
    pub items: Few<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
    /// The bytes that it was read from, if they were asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub own_bytes: OwnBytes<'a>,
}

impl<'a> Alert<'a> {
    /// The code, if there is one and it is a number.
    #[must_use]
    pub fn code(&self) -> Option<AlertCode> {
        self.data.as_deref()?.parse().ok()
    }

    /// The type of the first item, white space and the prefix `Reversed-Domain-Name:` dropped;
    /// *observed* with both.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        let typ = self.items.first()?.meta.as_ref()?.typ.as_deref()?.trim();
        Some(typ.strip_prefix("Reversed-Domain-Name:").unwrap_or(typ).trim())
    }
}

/// The status of a command (MS-MDM 2.2.6.1).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Status<'a> {
    /// This status in its message.
    pub cmd_id: Option<CmdId<'a>>,
    /// The message of the command that it is about.
    pub msg_ref: Option<MsgId<'a>>,
    /// The command that it is about; `0` is the header.
    pub cmd_ref: Option<CmdId<'a>>,
    /// The command's name; `SyncHdr` for the header.
    pub cmd: Option<Cow<'a, str>>,
    /// The targets it is about, as text.
    pub target_refs: Few<Cow<'a, str>>,
    /// The sources it is about, as text.
    pub source_refs: Rare<Cow<'a, str>>,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// Which credentials are wanted.
    pub challenge: Option<Challenge<'a>>,
    /// The code, as it stands; [`code`](Self::code) reads it.
    pub data: Option<Cow<'a, str>>,
    /// Attributes of the code, such as `msft:originalerror`.
    pub data_attributes: Rare<(Cow<'a, str>, Cow<'a, str>)>,
    /// More about it.
    pub items: Vec<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
    /// The bytes that it was read from, if they were asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub own_bytes: OwnBytes<'a>,
}

impl Status<'_> {
    /// The code, if there is one and it is a number.
    #[must_use]
    pub fn code(&self) -> Option<StatusCode> {
        self.data.as_deref()?.parse().ok()
    }
}

/// What a Get asked for (MS-MDM 2.2.7.8).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Results<'a> {
    /// This command in its message.
    pub cmd_id: Option<CmdId<'a>>,
    /// The message of the Get; `1` if absent.
    pub msg_ref: Option<MsgId<'a>>,
    /// The Get; `1` if absent.
    pub cmd_ref: Option<CmdId<'a>>,
    /// `Get`; *observed*: Windows 11 leaves it out.
    pub cmd: Option<Cow<'a, str>>,
    /// How to read the items' data.
    pub meta: Option<Box<Meta<'a>>>,
    /// The targets it is about, as text.
    pub target_refs: Few<Cow<'a, str>>,
    /// The sources it is about, as text.
    pub source_refs: Rare<Cow<'a, str>>,
    /// The nodes and their values; the address is the source.
    pub items: Few<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
    /// The bytes that it was read from, if they were asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub own_bytes: OwnBytes<'a>,
}

/// Atomic or Sequence.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Group<'a> {
    /// The command in its message.
    pub cmd_id: Option<CmdId<'a>>,
    /// No status is wanted.
    pub no_resp: bool,
    /// Metadata.
    pub meta: Option<Box<Meta<'a>>>,
    /// The commands in it.
    pub commands: Vec<Command<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
    /// The bytes that it was read from, if they were asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub own_bytes: OwnBytes<'a>,
}

impl<'a> Request<'a> {
    /// A request about one item.
    #[must_use]
    pub fn new(item: Item<'a>) -> Self {
        Self { items: Few::one(item), ..Self::default() }
    }
}

impl<'a> Command<'a> {
    /// Asks for a node. The CmdID is given to it when the message is put together.
    ///
    /// ```
    /// use syncml::Command;
    ///
    /// let get = Command::get("./Vendor/MSFT/Update/InstallableUpdates?list=StructData");
    /// assert_eq!(get.name(), "Get");
    /// ```
    #[must_use]
    pub fn get(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self::Get(Request::new(Item::target(loc_uri)))
    }

    /// Makes a node with a value.
    #[must_use]
    pub fn add(loc_uri: impl Into<Cow<'a, str>>, format: Format<'a>, data: Data<'a>) -> Self {
        Self::Add(Request::new(valued(loc_uri.into(), format, data)))
    }

    /// Makes an interior node.
    #[must_use]
    pub fn add_node(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self::Add(Request::new(Item::target(loc_uri).with_meta(Meta::format(Format::Node))))
    }

    /// Gives a node a value.
    #[must_use]
    pub fn replace(loc_uri: impl Into<Cow<'a, str>>, format: Format<'a>, data: Data<'a>) -> Self {
        Self::Replace(Request::new(valued(loc_uri.into(), format, data)))
    }

    /// Removes a node.
    #[must_use]
    pub fn delete(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self::Delete(Request::new(Item::target(loc_uri)))
    }

    /// Executes a node.
    #[must_use]
    pub fn exec(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self::Exec(Request::new(Item::target(loc_uri)))
    }

    /// An alert without items.
    #[must_use]
    pub fn alert(code: AlertCode) -> Self {
        let data = Some(code.text());
        Self::Alert(Alert { data, ..Alert::default() })
    }

    /// The status of one command of another message.
    #[must_use]
    pub fn status(
        msg_ref: MsgId<'a>,
        cmd_ref: CmdId<'a>,
        cmd: impl Into<Cow<'a, str>>,
        code: StatusCode,
    ) -> Self {
        Self::Status(Status {
            msg_ref: Some(msg_ref),
            cmd_ref: Some(cmd_ref),
            cmd: Some(cmd.into()),
            data: Some(code.text()),
            ..Status::default()
        })
    }

    /// All of these commands, or none.
    #[must_use]
    pub fn atomic(commands: Vec<Self>) -> Self {
        Self::Atomic(Group { commands, ..Group::default() })
    }

    /// The element's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Add(_) => "Add",
            Self::Alert(_) => "Alert",
            Self::Atomic(_) => "Atomic",
            Self::Copy(_) => "Copy",
            Self::Delete(_) => "Delete",
            Self::Exec(_) => "Exec",
            Self::Get(_) => "Get",
            Self::Map(_) => "Map",
            Self::Move(_) => "Move",
            Self::Put(_) => "Put",
            Self::Replace(_) => "Replace",
            Self::Results(_) => "Results",
            Self::Search(_) => "Search",
            Self::Sequence(_) => "Sequence",
            Self::Status(_) => "Status",
            Self::Sync(_) => "Sync",
            Self::Unknown(raw) => raw.local_name(),
        }
    }

    /// The element's name, independent of the command.
    pub(crate) fn own_name(&self) -> Cow<'static, str> {
        let name = self.name();
        Self::known_name(name).map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed)
    }

    /// The name as a constant, if it is one of a command.
    pub(crate) fn known_name(name: &str) -> Option<&'static str> {
        const NAMES: [&str; 17] = [
            "SyncHdr", "Alert", "Replace", "Results", "Status", "Add", "Atomic", "Copy", "Delete",
            "Exec", "Get", "Map", "Move", "Put", "Search", "Sequence", "Sync",
        ];
        NAMES.into_iter().find(|known| *known == name)
    }

    /// The request, if it is one.
    #[must_use]
    pub fn request(&self) -> Option<&Request<'a>> {
        match self {
            Self::Add(request)
            | Self::Copy(request)
            | Self::Delete(request)
            | Self::Exec(request)
            | Self::Get(request)
            | Self::Move(request)
            | Self::Put(request)
            | Self::Replace(request) => Some(request),
            _ => None,
        }
    }

    /// The request, if it is one, to be changed.
    pub fn request_mut(&mut self) -> Option<&mut Request<'a>> {
        match self {
            Self::Add(request)
            | Self::Copy(request)
            | Self::Delete(request)
            | Self::Exec(request)
            | Self::Get(request)
            | Self::Move(request)
            | Self::Put(request)
            | Self::Replace(request) => Some(request),
            _ => None,
        }
    }

    /// The command in its message.
    #[must_use]
    pub fn cmd_id(&self) -> Option<&CmdId<'a>> {
        match self {
            Self::Alert(alert) => alert.cmd_id.as_ref(),
            Self::Atomic(group) | Self::Sequence(group) => group.cmd_id.as_ref(),
            Self::Results(results) => results.cmd_id.as_ref(),
            Self::Status(status) => status.cmd_id.as_ref(),
            Self::Map(map) => map.cmd_id.as_ref(),
            Self::Search(search) => search.cmd_id.as_ref(),
            Self::Sync(sync) => sync.cmd_id.as_ref(),
            other => other.request().and_then(|request| request.cmd_id.as_ref()),
        }
    }

    /// Gives the command its identifier in the message. An unknown element has none.
    pub fn set_cmd_id(&mut self, id: CmdId<'a>) {
        let place = match self {
            Self::Alert(alert) => &mut alert.cmd_id,
            Self::Atomic(group) | Self::Sequence(group) => &mut group.cmd_id,
            Self::Results(results) => &mut results.cmd_id,
            Self::Status(status) => &mut status.cmd_id,
            Self::Map(map) => &mut map.cmd_id,
            Self::Search(search) => &mut search.cmd_id,
            Self::Sync(sync) => &mut sync.cmd_id,
            other => match other.request_mut() {
                Some(request) => &mut request.cmd_id,
                None => return,
            },
        };
        *place = Some(id);
    }

    /// The items; none for Atomic, Sequence and unknown elements.
    #[must_use]
    pub fn items(&self) -> &[Item<'a>] {
        match self {
            Self::Alert(alert) => &alert.items,
            Self::Results(results) => &results.items,
            Self::Status(status) => &status.items,
            other => other.request().map_or(&[], |request| &request.items),
        }
    }

    /// The commands in an Atomic, Sequence or Sync.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match self {
            Self::Atomic(group) | Self::Sequence(group) => &group.commands,
            Self::Sync(sync) => &sync.commands,
            _ => &[],
        }
    }

    /// The items, to be changed.
    pub fn items_mut(&mut self) -> Option<&mut [Item<'a>]> {
        match self {
            Self::Alert(alert) => Some(&mut alert.items),
            Self::Results(results) => Some(&mut results.items),
            Self::Status(status) => Some(&mut status.items),
            other => other.request_mut().map(|request| &mut *request.items),
        }
    }

    /// The commands in an Atomic, Sequence or Sync, to be changed.
    pub fn children_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Atomic(group) | Self::Sequence(group) => Some(&mut group.commands),
            Self::Sync(sync) => Some(&mut sync.commands),
            _ => None,
        }
    }

    /// The bytes that it was read from, if they were asked for when it was read and it is a command
    /// of its own there (not one of several in one element).
    #[must_use]
    pub fn own_bytes(&self) -> Option<&str> {
        let bytes = match self {
            Self::Alert(alert) => &alert.own_bytes,
            Self::Atomic(group) | Self::Sequence(group) => &group.own_bytes,
            Self::Results(results) => &results.own_bytes,
            Self::Status(status) => &status.own_bytes,
            Self::Map(map) => &map.own_bytes,
            Self::Search(search) => &search.own_bytes,
            Self::Sync(sync) => &sync.own_bytes,
            Self::Unknown(raw) => return Some(raw.as_str()),
            other => &other.request()?.own_bytes,
        };
        bytes.as_str()
    }

    pub(crate) fn set_own_bytes(&mut self, bytes: OwnBytes<'a>) {
        let place = match self {
            Self::Alert(alert) => &mut alert.own_bytes,
            Self::Atomic(group) | Self::Sequence(group) => &mut group.own_bytes,
            Self::Results(results) => &mut results.own_bytes,
            Self::Status(status) => &mut status.own_bytes,
            Self::Map(map) => &mut map.own_bytes,
            Self::Search(search) => &mut search.own_bytes,
            Self::Sync(sync) => &mut sync.own_bytes,
            Self::Unknown(_) => return,
            other => match other.request_mut() {
                Some(request) => &mut request.own_bytes,
                None => return,
            },
        };
        *place = bytes;
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Command<'static> {
        match self {
            Self::Add(request) => Command::Add(request.into_owned()),
            Self::Alert(alert) => Command::Alert(alert.into_owned()),
            Self::Atomic(group) => Command::Atomic(group.into_owned()),
            Self::Copy(request) => Command::Copy(request.into_owned()),
            Self::Delete(request) => Command::Delete(request.into_owned()),
            Self::Exec(request) => Command::Exec(request.into_owned()),
            Self::Get(request) => Command::Get(request.into_owned()),
            Self::Map(map) => Command::Map(map.into_owned()),
            Self::Move(request) => Command::Move(request.into_owned()),
            Self::Put(request) => Command::Put(request.into_owned()),
            Self::Replace(request) => Command::Replace(request.into_owned()),
            Self::Results(results) => Command::Results(results.into_owned()),
            Self::Search(search) => Command::Search(search.into_owned()),
            Self::Sequence(group) => Command::Sequence(group.into_owned()),
            Self::Status(status) => Command::Status(status.into_owned()),
            Self::Sync(sync) => Command::Sync(sync.into_owned()),
            Self::Unknown(raw) => Command::Unknown(raw.into_owned()),
        }
    }
}

by_into_owned!(Command);

into_owned! {
    Request {
        cmd_id, no_resp, cred, meta, correlator, items, extra, attributes, own_bytes,
    }
    Alert { cmd_id, no_resp, cred, data, correlator, items, extra, attributes, own_bytes }
    Status {
        cmd_id, msg_ref, cmd_ref, cmd, target_refs, source_refs, cred, challenge, data,
        data_attributes, items, extra, attributes, own_bytes,
    }
    Results {
        cmd_id, msg_ref, cmd_ref, cmd, meta, target_refs, source_refs, items, extra, attributes,
        own_bytes,
    }
    Group { cmd_id, no_resp, meta, commands, extra, attributes, own_bytes }
}

fn valued<'a>(loc_uri: Cow<'a, str>, format: Format<'a>, data: Data<'a>) -> Item<'a> {
    Item {
        target: Some(Location::new(loc_uri)),
        meta: Some(Meta::format(format).with_type("text/plain")),
        data: Some(data),
        ..Item::default()
    }
}
