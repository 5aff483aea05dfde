//! Items: addresses, metadata and data.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;

use super::extra::{Attribute, Raw};
use super::meta::Meta;
use super::owned::{by_into_owned, into_owned};
use super::rare::Rare;
use crate::loc_uri::{LocUri, LocUriError};

/// Target or Source: an address and a name for people.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Location<'a> {
    /// The address as it stands, white space around it included.
    pub loc_uri: Cow<'a, str>,
    /// A name; in a device's SyncHdr the user's.
    pub loc_name: Option<Cow<'a, str>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

impl<'a> Location<'a> {
    /// The location at this address.
    #[must_use]
    pub fn new(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self { loc_uri: loc_uri.into(), ..Self::default() }
    }

    /// The address, if it is one of a node.
    ///
    /// # Errors
    /// [`LocUriError`].
    pub fn address(&self) -> Result<LocUri, LocUriError> {
        self.loc_uri.parse()
    }
}

/// Credentials. The secret does not appear in `Debug` output.
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Cred<'a> {
    /// The kind: `syncml:auth-basic`, `syncml:auth-md5`.
    pub meta: Box<Meta<'a>>,
    /// The secret.
    pub data: Cow<'a, str>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

impl fmt::Debug for Cred<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cred").field("type", &self.meta.typ).field("data", &"…").finish()
    }
}

impl<'a> Cred<'a> {
    /// Credentials of this kind.
    #[must_use]
    pub fn new(meta: Meta<'a>, data: impl Into<Cow<'a, str>>) -> Self {
        Self { meta: Box::new(meta), data: data.into(), ..Self::default() }
    }
}

/// Chal: which credentials are wanted. The nonce does not appear in `Debug` output.
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Challenge<'a> {
    /// Type, format and nonce.
    pub meta: Box<Meta<'a>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

impl fmt::Debug for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").field("type", &self.meta.typ).finish_non_exhaustive()
    }
}

impl<'a> Challenge<'a> {
    /// A challenge.
    #[must_use]
    pub fn new(meta: Meta<'a>) -> Self {
        Self { meta: Box::new(meta), ..Self::default() }
    }
}

/// Data: a value as text, or markup as it stands (MS-MDM 2.2.5.1). `Debug` shows its size only:
/// values may be secrets.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Data<'a> {
    /// Text, references and CDATA sections resolved.
    Text(Cow<'a, str>),
    /// Elements, as they stand between the tags of Data.
    Markup(Cow<'a, str>),
}

by_into_owned!(Data);

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Markup(text) => write!(f, "Markup({} bytes)", text.len()),
        }
    }
}

impl<'a> Data<'a> {
    /// A value as text.
    #[must_use]
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// The text, or the markup as it stands.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) | Self::Markup(text) => text,
        }
    }

    /// The value as a number, white space around it dropped.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        self.as_str().trim().parse().ok()
    }

    /// The value as a truth value: `true`, `false`, `1`, `0`, in any case.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        let text = self.as_str().trim();
        match text {
            "1" => Some(true),
            "0" => Some(false),
            _ if text.eq_ignore_ascii_case("true") => Some(true),
            _ if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The value as bytes, if it is base64; line ends in it are dropped.
    #[must_use]
    pub fn as_bytes(&self) -> Option<Vec<u8>> {
        let text: String = self.as_str().chars().filter(|text| !text.is_whitespace()).collect();
        base64::engine::general_purpose::STANDARD.decode(text).ok()
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Data<'static> {
        match self {
            Self::Text(text) => Data::Text(Cow::Owned(text.into_owned())),
            Self::Markup(text) => Data::Markup(Cow::Owned(text.into_owned())),
        }
    }
}

/// An item: what a command is about.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Item<'a> {
    /// The node that the command is for.
    pub target: Option<Location<'a>>,
    /// The node that the data comes from.
    pub source: Option<Location<'a>>,
    /// How to read the data; each child overrides the command's (MS-MDM 2.2.5.3).
    pub meta: Option<Meta<'a>>,
    /// The value.
    pub data: Option<Data<'a>>,
    /// Other attributes of Data, such as `msft:originalerror`.
    pub data_attributes: Rare<(Cow<'a, str>, Cow<'a, str>)>,
    /// More of this value follows in the next message.
    pub more_data: bool,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

impl<'a> Item<'a> {
    /// An item for this node.
    #[must_use]
    pub fn target(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self { target: Some(Location::new(loc_uri)), ..Self::default() }
    }

    /// An item from this node.
    #[must_use]
    pub fn source(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self { source: Some(Location::new(loc_uri)), ..Self::default() }
    }

    /// The same with a value.
    #[must_use]
    pub fn with_data(mut self, data: Data<'a>) -> Self {
        self.data = Some(data);
        self
    }

    /// The same with metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta<'a>) -> Self {
        self.meta = Some(meta);
        self
    }

    /// The address of the node it is for or from: the target's, or else the source's.
    #[must_use]
    pub fn loc_uri(&self) -> Option<&str> {
        self.target.as_ref().or(self.source.as_ref()).map(|location| &*location.loc_uri)
    }

    /// The HRESULT that Windows gives with a failure (`msft:originalerror`), if it does.
    #[must_use]
    pub fn original_error(&self) -> Option<&str> {
        let found = self.data_attributes.iter().find(|(name, _)| {
            name.rsplit(':').next().is_some_and(|local| local.eq_ignore_ascii_case("originalerror"))
        });
        found.map(|(_, value)| &**value)
    }

    /// Whether its value looks like XML from its beginning to its end that was escaped once more
    /// than Data needs (MS-MDM 2.2.5.1). A part of a large object may begin and end anywhere in a
    /// value. What it then is, [`Escaped`] says.
    pub(crate) fn looks_escaped_twice(&self) -> bool {
        let Some(Data::Text(text)) = &self.data else { return false };
        // Nearly all begin with a letter or a digit.
        let may_begin = |byte: &u8| *byte == b'&' || !byte.is_ascii_graphic();
        if !text.as_bytes().first().is_some_and(may_begin) {
            return false;
        }
        let text = text.trim();
        !self.more_data && text.starts_with("&lt;") && text.ends_with("&gt;")
    }
}

/// What a value is that [looks](Item::looks_escaped_twice) as if it was escaped twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Escaped {
    /// XML that the device does not get as XML.
    Twice,
    /// A text, which may be meant as it stands.
    Perhaps,
    /// What a device has, and says so, or nothing that is set.
    Told,
}

impl Escaped {
    /// `verb`: the command's name; `own` and `outer`: whether the item and the command say that the
    /// value is XML ([`Meta::is_xml`]). The item's format overrides the command's (MS-MDM 2.2.5.3).
    /// Only a server's commands set values: those of Results, Status and Alert are as they are.
    pub(crate) fn of(verb: &str, own: Option<bool>, outer: Option<bool>) -> Self {
        match own.or(outer) {
            _ if !matches!(verb, "Add" | "Exec" | "Replace") => Self::Told,
            Some(true) => Self::Twice,
            _ => Self::Perhaps,
        }
    }
}

into_owned! {
    Location { loc_uri, loc_name, extra, attributes }
    Cred { meta, data, extra, attributes }
    Challenge { meta, extra, attributes }
    Item { target, source, meta, data, data_attributes, more_data, extra, attributes }
}
