//! Items: addresses, metadata and data.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;

use super::command::Raw;
use super::{all_owned, owned};
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
}

impl<'a> Location<'a> {
    /// The location at this address.
    #[must_use]
    pub fn new(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self { loc_uri: loc_uri.into(), loc_name: None }
    }

    /// The address, if it is one of a node.
    ///
    /// # Errors
    /// [`LocUriError`].
    pub fn address(&self) -> Result<LocUri, LocUriError> {
        self.loc_uri.parse()
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Location<'static> {
        Location { loc_uri: owned(self.loc_uri), loc_name: self.loc_name.map(owned) }
    }
}

/// The format of data (OMA-SyncML-MetInf 1.2; OMA-TS-DM_TND 1.2.1, 8.3.7). Others are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Format<'a> {
    /// Base64 of bytes.
    B64,
    /// Bytes, which only WBXML can carry.
    Bin,
    /// `true` or `false`.
    Bool,
    /// Text.
    Chr,
    /// A date.
    Date,
    /// A floating point number.
    Float,
    /// A number.
    Int,
    /// An interior node.
    Node,
    /// Nothing.
    Null,
    /// A time of day.
    Time,
    /// XML.
    Xml,
    /// Another one.
    Other(Cow<'a, str>),
}

impl<'a> Format<'a> {
    /// The format of this name. Names differ in case in the wild.
    #[must_use]
    pub fn from_text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        match &*text {
            "b64" => Self::B64,
            "bin" => Self::Bin,
            "bool" => Self::Bool,
            "chr" => Self::Chr,
            "date" => Self::Date,
            "float" => Self::Float,
            "int" => Self::Int,
            "node" => Self::Node,
            "null" => Self::Null,
            "time" => Self::Time,
            "xml" => Self::Xml,
            _ => Self::Other(text),
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::B64 => "b64",
            Self::Bin => "bin",
            Self::Bool => "bool",
            Self::Chr => "chr",
            Self::Date => "date",
            Self::Float => "float",
            Self::Int => "int",
            Self::Node => "node",
            Self::Null => "null",
            Self::Time => "time",
            Self::Xml => "xml",
            Self::Other(text) => text,
        }
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Format<'static> {
        match self {
            Self::Other(text) => Format::Other(owned(text)),
            known => Format::from_text(known.as_str().to_owned()),
        }
    }
}

/// Where two sides stood after their last synchronisation (OMA-SyncML-MetInf 1.2).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Anchor<'a> {
    /// Before.
    pub last: Option<Cow<'a, str>>,
    /// Now.
    pub next: Option<Cow<'a, str>>,
}

/// Meta: how to read what it belongs to (OMA-SyncML-MetInf 1.2).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Meta<'a> {
    /// The format of the data.
    pub format: Option<Format<'a>>,
    /// The media type, or the type of an alert.
    pub typ: Option<Cow<'a, str>>,
    /// The importance of an alert.
    pub mark: Option<Cow<'a, str>>,
    /// Bytes in a large object, as it travels.
    pub size: Option<Cow<'a, str>>,
    /// Synchronisation anchors.
    pub anchor: Option<Anchor<'a>>,
    /// The version of the data.
    pub version: Option<Cow<'a, str>>,
    /// The nonce for the next authentication, as it travels (base64).
    pub next_nonce: Option<Cow<'a, str>>,
    /// Bytes that the sender takes in one message.
    pub max_msg_size: Option<Cow<'a, str>>,
    /// Bytes that the sender takes in one object.
    pub max_obj_size: Option<Cow<'a, str>>,
    /// Everything else, in order.
    pub extra: Vec<Raw<'a>>,
}

impl<'a> Meta<'a> {
    /// Meta with a format.
    #[must_use]
    pub fn format(format: Format<'a>) -> Self {
        Self { format: Some(format), ..Self::default() }
    }

    /// The same with a type.
    #[must_use]
    pub fn with_type(mut self, typ: impl Into<Cow<'a, str>>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Meta<'static> {
        Meta {
            format: self.format.map(Format::into_owned),
            typ: self.typ.map(owned),
            mark: self.mark.map(owned),
            size: self.size.map(owned),
            anchor: self.anchor.map(|anchor| Anchor {
                last: anchor.last.map(owned),
                next: anchor.next.map(owned),
            }),
            version: self.version.map(owned),
            next_nonce: self.next_nonce.map(owned),
            max_msg_size: self.max_msg_size.map(owned),
            max_obj_size: self.max_obj_size.map(owned),
            extra: all_owned(self.extra, Raw::into_owned),
        }
    }
}

/// Credentials. The secret does not appear in `Debug` output.
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Cred<'a> {
    /// The kind: `syncml:auth-basic`, `syncml:auth-md5`.
    pub meta: Meta<'a>,
    /// The secret.
    pub data: Cow<'a, str>,
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
        Self { meta, data: data.into() }
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Cred<'static> {
        Cred { meta: self.meta.into_owned(), data: owned(self.data) }
    }
}

/// Chal: which credentials are wanted. The nonce does not appear in `Debug` output.
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Challenge<'a> {
    /// Type, format and nonce.
    pub meta: Meta<'a>,
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
        Self { meta }
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Challenge<'static> {
        Challenge { meta: self.meta.into_owned() }
    }
}

/// Data: a value as text, or markup as it stands (MS-MDM 2.2.5.1).
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Data<'a> {
    /// Text, references and CDATA sections resolved.
    Text(Cow<'a, str>),
    /// Elements, as they stand between the tags of Data.
    Markup(Cow<'a, str>),
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
            Self::Text(text) => Data::Text(owned(text)),
            Self::Markup(text) => Data::Markup(owned(text)),
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
    pub data_attributes: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// More of this value follows in the next message.
    pub more_data: bool,
    /// Elements that are not known here.
    pub extra: Vec<Raw<'a>>,
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

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Item<'static> {
        Item {
            target: self.target.map(Location::into_owned),
            source: self.source.map(Location::into_owned),
            meta: self.meta.map(Meta::into_owned),
            data: self.data.map(Data::into_owned),
            data_attributes: self
                .data_attributes
                .into_iter()
                .map(|(name, value)| (owned(name), owned(value)))
                .collect(),
            more_data: self.more_data,
            extra: all_owned(self.extra, Raw::into_owned),
        }
    }
}
