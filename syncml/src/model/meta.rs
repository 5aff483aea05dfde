//! MetInf: how to read what it belongs to.

use std::borrow::Cow;
use std::fmt;

use super::extra::{Attribute, Raw};
use super::owned::{by_into_owned, into_owned};
use super::rare::Rare;

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
    /// The format of this name, as it stands; [`known`](Self::known) looks through letter case and
    /// blanks, which differ in the wild.
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

    /// The format that is meant: blanks around its name dropped, letter case ignored, `integer`,
    /// `boolean` and `string` taken for int, bool and chr. *Observed* in published samples.
    #[must_use]
    pub fn known(&self) -> Self {
        let Self::Other(text) = self else { return self.clone() };
        let name = text.trim().to_ascii_lowercase();
        match name.as_str() {
            "integer" => Self::Int,
            "boolean" => Self::Bool,
            "string" | "text" => Self::Chr,
            _ => match Self::from_text(name) {
                Self::Other(_) => self.clone(),
                known => known,
            },
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
            Self::B64 => Format::B64,
            Self::Bin => Format::Bin,
            Self::Bool => Format::Bool,
            Self::Chr => Format::Chr,
            Self::Date => Format::Date,
            Self::Float => Format::Float,
            Self::Int => Format::Int,
            Self::Node => Format::Node,
            Self::Null => Format::Null,
            Self::Time => Format::Time,
            Self::Xml => Format::Xml,
            Self::Other(text) => Format::Other(Cow::Owned(text.into_owned())),
        }
    }
}

by_into_owned!(Format);

/// Where two sides stood after their last synchronisation (OMA-SyncML-MetInf 1.2).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Anchor<'a> {
    /// Before.
    pub last: Option<Cow<'a, str>>,
    /// Now.
    pub next: Option<Cow<'a, str>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

/// How much room there is (OMA-SyncML-MetInf 1.2).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Mem<'a> {
    /// The memory is shared between stores.
    pub shared: bool,
    /// Free bytes.
    pub free_mem: Option<Cow<'a, str>>,
    /// Free identifiers.
    pub free_id: Option<Cow<'a, str>>,
    /// Elements that are not known here.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

/// Meta: how to read what it belongs to (OMA-SyncML-MetInf 1.2). The nonce does not appear in
/// `Debug` output.
#[derive(Clone, Default, Eq, PartialEq)]
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
    pub anchor: Option<Box<Anchor<'a>>>,
    /// The version of the data.
    pub version: Option<Cow<'a, str>>,
    /// The nonce for the next authentication, as it travels (base64).
    pub next_nonce: Option<Cow<'a, str>>,
    /// Bytes that the sender takes in one message.
    pub max_msg_size: Option<Cow<'a, str>>,
    /// Bytes that the sender takes in one object.
    pub max_obj_size: Option<Cow<'a, str>>,
    /// Experimental information, for whoever understands it.
    pub emi: Rare<Cow<'a, str>>,
    /// Memory.
    pub mem: Option<Box<Mem<'a>>>,
    /// Whether an item's Data is a field of a record (SyncML DS 1.2).
    pub field_level: Option<Cow<'a, str>>,
    /// Everything else, in order.
    pub extra: Rare<Raw<'a>>,
    /// Attributes that are not known here.
    pub attributes: Rare<Attribute<'a>>,
}

impl fmt::Debug for Meta<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("format", &self.format)
            .field("typ", &self.typ)
            .field("mark", &self.mark)
            .field("size", &self.size)
            .field("anchor", &self.anchor)
            .field("version", &self.version)
            .field("next_nonce", &self.next_nonce.as_ref().map(|_| "…"))
            .field("max_msg_size", &self.max_msg_size)
            .field("max_obj_size", &self.max_obj_size)
            .field("emi", &self.emi)
            .field("mem", &self.mem)
            .field("field_level", &self.field_level)
            .field("extra", &self.extra)
            .field("attributes", &self.attributes)
            .finish()
    }
}

into_owned! {
    Anchor { last, next, extra, attributes }
    Mem { shared, free_mem, free_id, extra, attributes }
    Meta {
        format, typ, mark, size, anchor, version, next_nonce, max_msg_size, max_obj_size, emi, mem,
        field_level, extra, attributes,
    }
}

impl<'a> Meta<'a> {
    /// Whether its format, if it has one, is `xml`, however that is spelled.
    pub(crate) fn is_xml(&self) -> Option<bool> {
        self.format.as_ref().map(|format| format.known() == Format::Xml)
    }

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

    /// What holds for an item: each child of this Meta, or else of the command's `outer`
    /// (MS-MDM 2.2.5.3).
    #[must_use]
    pub fn over(&self, outer: &Self) -> Self {
        fn either<T: Clone>(inner: &Option<T>, outer: &Option<T>) -> Option<T> {
            inner.as_ref().or(outer.as_ref()).cloned()
        }
        Self {
            format: either(&self.format, &outer.format),
            typ: either(&self.typ, &outer.typ),
            mark: either(&self.mark, &outer.mark),
            size: either(&self.size, &outer.size),
            anchor: either(&self.anchor, &outer.anchor),
            version: either(&self.version, &outer.version),
            next_nonce: either(&self.next_nonce, &outer.next_nonce),
            max_msg_size: either(&self.max_msg_size, &outer.max_msg_size),
            max_obj_size: either(&self.max_obj_size, &outer.max_obj_size),
            emi: if self.emi.is_empty() { outer.emi.clone() } else { self.emi.clone() },
            mem: either(&self.mem, &outer.mem),
            field_level: either(&self.field_level, &outer.field_level),
            extra: if self.extra.is_empty() { outer.extra.clone() } else { self.extra.clone() },
            attributes: self.attributes.clone(),
        }
    }
}
