//! Commands that only SyncML DS has. They are read and written so that no message is lost; nothing
//! here gives them a meaning.
//!
//! *Specified*: OMA-SyncML-RepPro 1.2 DTD; not used in OMA DM (OMA-TS-DM_RepPro 1.2.1, 4.1).

use std::borrow::Cow;

use super::command::Command;
use super::extra::{Attribute, OwnBytes, Raw};
use super::item::{Cred, Data, Location};
use super::meta::Meta;
use super::owned::into_owned;
use super::rare::Rare;
use crate::id::CmdId;

/// Changes of one data store.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Sync<'a> {
    /// The command in its message.
    pub cmd_id: Option<CmdId<'a>>,
    /// No status is wanted.
    pub no_resp: bool,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// The recipient's data store.
    pub target: Option<Location<'a>>,
    /// The sender's data store.
    pub source: Option<Location<'a>>,
    /// Metadata.
    pub meta: Option<Meta<'a>>,
    /// How many changes there are in all.
    pub number_of_changes: Option<Cow<'a, str>>,
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

/// Which of the client's identifiers are which of the server's.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Map<'a> {
    /// The command in its message.
    pub cmd_id: Option<CmdId<'a>>,
    /// The recipient's data store.
    pub target: Option<Location<'a>>,
    /// The sender's data store.
    pub source: Option<Location<'a>>,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// Metadata.
    pub meta: Option<Meta<'a>>,
    /// The pairs.
    pub items: Vec<MapItem<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
    /// The bytes that it was read from, if they were asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub own_bytes: OwnBytes<'a>,
}

/// One pair of a [`Map`].
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct MapItem<'a> {
    /// The server's identifier.
    pub target: Option<Location<'a>>,
    /// The client's identifier.
    pub source: Option<Location<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

/// Looks for data.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Search<'a> {
    /// The command in its message.
    pub cmd_id: Option<CmdId<'a>>,
    /// No status is wanted.
    pub no_resp: bool,
    /// No results are wanted.
    pub no_results: bool,
    /// Credentials.
    pub cred: Option<Cred<'a>>,
    /// Where the results go.
    pub target: Option<Location<'a>>,
    /// Where to look.
    pub sources: Vec<Location<'a>>,
    /// The language of the results.
    pub lang: Option<Cow<'a, str>>,
    /// Metadata; its type names the search grammar.
    pub meta: Option<Meta<'a>>,
    /// The query.
    pub data: Option<Data<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
    /// The bytes that it was read from, if they were asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub own_bytes: OwnBytes<'a>,
}

into_owned! {
    Sync {
        cmd_id, no_resp, cred, target, source, meta, number_of_changes, commands, extra,
        attributes, own_bytes,
    }
    Map { cmd_id, target, source, cred, meta, items, extra, attributes, own_bytes }
    MapItem { target, source, extra, attributes }
    Search {
        cmd_id, no_resp, no_results, cred, target, sources, lang, meta, data, extra, attributes,
        own_bytes,
    }
}
