//! What a SyncML message says, in document order.
//!
//! Every text borrows from the message it was read from where it can; `into_owned` makes a value
//! that outlives it. Texts are kept as the peer wrote them; typed accessors read them.

mod command;
mod extra;
mod item;
mod meta;
mod owned;
mod packed;
mod rare;
mod sync;

use std::borrow::Cow;

pub use command::{Alert, Command, Group, Request, Results, Status};
pub use extra::{Attribute, OwnBytes, Raw};
pub(crate) use item::Escaped;
pub use item::{Challenge, Cred, Data, Item, Location};
pub use meta::{Anchor, Format, Mem, Meta};
pub use rare::{Few, Listed, Rare};
pub use sync::{Map, MapItem, Search, Sync};

use owned::{by_into_owned, into_owned};

use crate::diagnostic::DiagnosticCode;
use crate::id::{CmdId, MsgId, SessionId};

/// The namespace that a message is written in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Namespace<'a> {
    /// `SYNCML:SYNCML1.2`, as devices write it.
    #[default]
    V12,
    /// `SYNCML:SYNCML1.1`, as many of Microsoft's samples have it. *Observed*: Windows 11 accepts it.
    V11,
    /// `SYNCML:SYNCML1.0`.
    V10,
    /// None.
    None,
    /// Another one.
    Other(Cow<'a, str>),
}

impl<'a> Namespace<'a> {
    /// The namespace of this name.
    #[must_use]
    pub fn from_uri(uri: impl Into<Cow<'a, str>>) -> Self {
        let uri = uri.into();
        match &*uri {
            "SYNCML:SYNCML1.2" => Self::V12,
            "SYNCML:SYNCML1.1" => Self::V11,
            "SYNCML:SYNCML1.0" => Self::V10,
            "" => Self::None,
            _ => Self::Other(uri),
        }
    }

    /// Its name; empty for none.
    #[must_use]
    pub fn uri(&self) -> &str {
        match self {
            Self::V12 => "SYNCML:SYNCML1.2",
            Self::V11 => "SYNCML:SYNCML1.1",
            Self::V10 => "SYNCML:SYNCML1.0",
            Self::None => "",
            Self::Other(uri) => uri,
        }
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Namespace<'static> {
        match self {
            Self::V12 => Namespace::V12,
            Self::V11 => Namespace::V11,
            Self::V10 => Namespace::V10,
            Self::None => Namespace::None,
            Self::Other(uri) => Namespace::Other(Cow::Owned(uri.into_owned())),
        }
    }
}

/// A SyncML message (MS-MDM 2.2.2). Two messages are equal when they say the same: how oddly it was
/// said ([`diagnostics`](Self::diagnostics)) does not count.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Message<'a> {
    /// The namespace it is written in.
    pub namespace: Namespace<'a>,
    /// Other attributes of the root, among them declarations of prefixes that values use.
    pub attributes: Rare<(Cow<'a, str>, Cow<'a, str>)>,
    /// The header; fragments and many samples have none.
    pub header: Option<Header<'a>>,
    /// The body.
    pub body: Body<'a>,
    /// Attributes of SyncBody and Final.
    pub body_attributes: Rare<Attribute<'a>>,
    /// What was odd about it, in the order of the places.
    pub diagnostics: Vec<mdm_xml::Diagnostic<DiagnosticCode>>,
}

impl PartialEq for Message<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.namespace == other.namespace
            && self.attributes == other.attributes
            && self.header == other.header
            && self.body == other.body
            && self.body_attributes == other.body_attributes
    }
}

impl<'a> Message<'a> {
    /// A message to be sent.
    #[must_use]
    pub fn new(header: Header<'a>, body: Body<'a>) -> Self {
        Self { header: Some(header), body, ..Self::default() }
    }
}

/// SyncHdr: who talks to whom, in which session and message (MS-MDM 2.2.4.2).
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Header<'a> {
    /// `1.2`.
    pub ver_dtd: Cow<'a, str>,
    /// `DM/1.2`.
    pub ver_proto: Cow<'a, str>,
    /// The session.
    pub session_id: SessionId<'a>,
    /// The message in the session.
    pub msg_id: MsgId<'a>,
    /// The recipient.
    pub target: Location<'a>,
    /// The sender; a device's LocURI is its DevId.
    pub source: Location<'a>,
    /// Where the answer is to be sent to, if elsewhere.
    pub resp_uri: Option<Cow<'a, str>>,
    /// No status is wanted for this message.
    pub no_resp: bool,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// Sizes and other information.
    pub meta: Option<Meta<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

impl<'a> Header<'a> {
    /// The header of an OMA DM 1.2 message.
    #[must_use]
    pub fn new(
        session_id: SessionId<'a>,
        msg_id: MsgId<'a>,
        target: Location<'a>,
        source: Location<'a>,
    ) -> Self {
        Self {
            ver_dtd: Cow::Borrowed("1.2"),
            ver_proto: Cow::Borrowed("DM/1.2"),
            session_id,
            msg_id,
            target,
            source,
            resp_uri: None,
            no_resp: false,
            cred: None,
            meta: None,
            extra: Rare::new(),
            attributes: Rare::new(),
        }
    }
}

/// SyncBody: the commands, in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Body<'a> {
    /// The commands.
    pub commands: Vec<Command<'a>>,
    /// Whether this is the last message of its package.
    pub is_final: bool,
}

impl<'a> Body<'a> {
    /// The body of the last message of a package.
    #[must_use]
    pub fn last(commands: Vec<Command<'a>>) -> Self {
        Self { commands, is_final: true }
    }
}

impl Message<'_> {
    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        use owned::IntoOwned as _;
        Message {
            namespace: self.namespace.into_owned(),
            attributes: self.attributes.owned(),
            header: self.header.owned(),
            body: self.body.into_owned(),
            body_attributes: self.body_attributes.owned(),
            diagnostics: self.diagnostics,
        }
    }
}

by_into_owned!(CmdId, MsgId, SessionId);

into_owned! {
    Header {
        ver_dtd, ver_proto, session_id, msg_id, target, source, resp_uri, no_resp, cred, meta,
        extra, attributes,
    }
    Body { commands, is_final }
}
