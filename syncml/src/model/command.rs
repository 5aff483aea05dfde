//! Commands.

use std::borrow::Cow;

use super::item::{Challenge, Cred, Data, Format, Item, Location, Meta};
use super::{all_owned, owned};
use crate::codes::{AlertCode, StatusCode};
use crate::id::{CmdId, MsgId};

/// An element that is kept as it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Raw<'a>(pub(crate) Cow<'a, str>);

impl<'a> Raw<'a> {
    /// The element with its tags.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its name, with its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        let tag = self.0.strip_prefix('<').unwrap_or(&self.0);
        let end = tag.find(['>', '/', ' ', '\t', '\r', '\n']);
        end.and_then(|end| tag.get(..end)).unwrap_or(tag)
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Raw<'static> {
        Raw(owned(self.0))
    }
}

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
    /// Gives data that was not asked for; not in OMA DM.
    Put(Request<'a>),
    /// Changes a node.
    Replace(Request<'a>),
    /// What was asked for.
    Results(Results<'a>),
    /// Several commands in order.
    Sequence(Group<'a>),
    /// What became of a command.
    Status(Status<'a>),
    /// Another element where a command is expected, kept as it stands.
    Unknown(Raw<'a>),
}

/// Add, Copy, Delete, Exec, Get, Put or Replace.
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
    pub meta: Option<Meta<'a>>,
    /// Names what later alerts about this command refer to.
    pub correlator: Option<Cow<'a, str>>,
    /// What it is about.
    pub items: Vec<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Vec<Raw<'a>>,
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
    pub items: Vec<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Vec<Raw<'a>>,
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
    pub target_refs: Vec<Cow<'a, str>>,
    /// The sources it is about, as text.
    pub source_refs: Vec<Cow<'a, str>>,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// Which credentials are wanted.
    pub challenge: Option<Challenge<'a>>,
    /// The code, as it stands; [`code`](Self::code) reads it.
    pub data: Option<Cow<'a, str>>,
    /// Attributes of the code, such as `msft:originalerror`.
    pub data_attributes: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// More about it.
    pub items: Vec<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Vec<Raw<'a>>,
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
    pub meta: Option<Meta<'a>>,
    /// The targets it is about, as text.
    pub target_refs: Vec<Cow<'a, str>>,
    /// The sources it is about, as text.
    pub source_refs: Vec<Cow<'a, str>>,
    /// The nodes and their values; the address is the source.
    pub items: Vec<Item<'a>>,
    /// Elements that are not known here.
    pub extra: Vec<Raw<'a>>,
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
    pub meta: Option<Meta<'a>>,
    /// The commands in it.
    pub commands: Vec<Command<'a>>,
    /// Elements that are not known here.
    pub extra: Vec<Raw<'a>>,
}

impl<'a> Request<'a> {
    /// A request about one item.
    #[must_use]
    pub fn new(item: Item<'a>) -> Self {
        Self { items: vec![item], ..Self::default() }
    }

    fn into_owned(self) -> Request<'static> {
        Request {
            cmd_id: self.cmd_id.map(CmdId::into_owned),
            no_resp: self.no_resp,
            cred: self.cred.map(Cred::into_owned),
            meta: self.meta.map(Meta::into_owned),
            correlator: self.correlator.map(owned),
            items: all_owned(self.items, Item::into_owned),
            extra: all_owned(self.extra, Raw::into_owned),
        }
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
        let data = Some(Cow::Owned(code.number().to_string()));
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
            data: Some(Cow::Owned(code.number().to_string())),
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
            Self::Put(_) => "Put",
            Self::Replace(_) => "Replace",
            Self::Results(_) => "Results",
            Self::Sequence(_) => "Sequence",
            Self::Status(_) => "Status",
            Self::Unknown(raw) => raw.name().rsplit(':').next().unwrap_or_default(),
        }
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
            Self::Add(request)
            | Self::Copy(request)
            | Self::Delete(request)
            | Self::Exec(request)
            | Self::Get(request)
            | Self::Put(request)
            | Self::Replace(request) => &mut request.cmd_id,
            Self::Unknown(_) => return,
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

    /// The commands in an Atomic or Sequence.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match self {
            Self::Atomic(group) | Self::Sequence(group) => &group.commands,
            _ => &[],
        }
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Command<'static> {
        match self {
            Self::Add(request) => Command::Add(request.into_owned()),
            Self::Copy(request) => Command::Copy(request.into_owned()),
            Self::Delete(request) => Command::Delete(request.into_owned()),
            Self::Exec(request) => Command::Exec(request.into_owned()),
            Self::Get(request) => Command::Get(request.into_owned()),
            Self::Put(request) => Command::Put(request.into_owned()),
            Self::Replace(request) => Command::Replace(request.into_owned()),
            Self::Atomic(group) => Command::Atomic(group.into_owned()),
            Self::Sequence(group) => Command::Sequence(group.into_owned()),
            Self::Alert(alert) => Command::Alert(Alert {
                cmd_id: alert.cmd_id.map(CmdId::into_owned),
                no_resp: alert.no_resp,
                cred: alert.cred.map(Cred::into_owned),
                data: alert.data.map(owned),
                correlator: alert.correlator.map(owned),
                items: all_owned(alert.items, Item::into_owned),
                extra: all_owned(alert.extra, Raw::into_owned),
            }),
            Self::Status(status) => Command::Status(Status {
                cmd_id: status.cmd_id.map(CmdId::into_owned),
                msg_ref: status.msg_ref.map(MsgId::into_owned),
                cmd_ref: status.cmd_ref.map(CmdId::into_owned),
                cmd: status.cmd.map(owned),
                target_refs: all_owned(status.target_refs, owned),
                source_refs: all_owned(status.source_refs, owned),
                cred: status.cred.map(Cred::into_owned),
                challenge: status.challenge.map(Challenge::into_owned),
                data: status.data.map(owned),
                data_attributes: status
                    .data_attributes
                    .into_iter()
                    .map(|(name, value)| (owned(name), owned(value)))
                    .collect(),
                items: all_owned(status.items, Item::into_owned),
                extra: all_owned(status.extra, Raw::into_owned),
            }),
            Self::Results(results) => Command::Results(Results {
                cmd_id: results.cmd_id.map(CmdId::into_owned),
                msg_ref: results.msg_ref.map(MsgId::into_owned),
                cmd_ref: results.cmd_ref.map(CmdId::into_owned),
                cmd: results.cmd.map(owned),
                meta: results.meta.map(Meta::into_owned),
                target_refs: all_owned(results.target_refs, owned),
                source_refs: all_owned(results.source_refs, owned),
                items: all_owned(results.items, Item::into_owned),
                extra: all_owned(results.extra, Raw::into_owned),
            }),
            Self::Unknown(raw) => Command::Unknown(raw.into_owned()),
        }
    }
}

impl Group<'_> {
    fn into_owned(self) -> Group<'static> {
        Group {
            cmd_id: self.cmd_id.map(CmdId::into_owned),
            no_resp: self.no_resp,
            meta: self.meta.map(Meta::into_owned),
            commands: all_owned(self.commands, Command::into_owned),
            extra: all_owned(self.extra, Raw::into_owned),
        }
    }
}

fn valued<'a>(loc_uri: Cow<'a, str>, format: Format<'a>, data: Data<'a>) -> Item<'a> {
    Item {
        target: Some(Location::new(loc_uri)),
        meta: Some(Meta::format(format).with_type("text/plain")),
        data: Some(data),
        ..Item::default()
    }
}
