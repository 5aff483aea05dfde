//! How values, records and lists are read and written. A record names its elements once, in the
//! order of the WSDL; reading, writing and the table in [`schema`](super::schema) follow from that.

use std::borrow::Cow;
use std::fmt;

use mdm_xml::{Element, Findings, NsId, Reader, Writer};

use super::diagnostic::DiagnosticCode;
use super::presence::{List, Presence};
use super::schema::{Kind, Record};
use super::values::{Base64, Guid, Secret};
use crate::error::{Error, ErrorKind, Limits, bad_value};
use crate::id::{UpdateId, UpdateKey, XsDateTime};

pub(super) const XSI_URI: &str = "http://www.w3.org/2001/XMLSchema-instance";
pub(super) const XSI: NsId = NsId::known(3);

/// What a value is in a message.
pub(super) trait Shaped {
    const KIND: Kind;
    /// Whether it is one text. The WSDL requires such results and no others.
    const IS_VALUE: bool = !matches!(Self::KIND, Kind::Record(_) | Kind::List { .. });
}

/// What is read from an element that was just opened, and closes it.
pub(super) trait Read<'x>: Sized {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error>;
}

/// What is written as an element.
pub(super) trait Write {
    fn write(&self, w: &mut W<'_>, name: &str);
}

/// What an element of a message holds, written without the element itself.
pub(super) trait Body {
    fn write_children(&self, w: &mut W<'_>);
}

/// What can be independent of the text it was read from.
pub(super) trait Own {
    type Owned;
    fn own(self) -> Self::Owned;
}

/// A value that is one text.
pub(super) trait Scalar: Sized {
    const WHAT: &'static str;
    const KIND: Kind;
    fn parse(text: Cow<'_, str>) -> Result<Self, Cow<'_, str>>;
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// An item of a list.
pub(super) trait Item {
    const ITEM: &'static str;
}

pub(super) type W<'o> = Writer<&'o mut Vec<u8>>;

pub(super) struct Decoder<'x> {
    pub(super) r: Reader<'x>,
    pub(super) limits: Limits,
    pub(super) found: Option<Findings<DiagnosticCode>>,
}

/// Which elements of a record came, for findings.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    bits: u64,
    last: usize,
}

impl<'x> Decoder<'x> {
    pub(super) fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        Error::at(kind, self.r.locate(offset))
    }

    pub(super) fn note(
        &mut self,
        code: DiagnosticCode,
        element: &Element<'x>,
        detail: impl FnOnce() -> String,
    ) {
        if let Some(found) = &mut self.found {
            let start = element.offset();
            found.note(code, start..start + element.name().len() + 1, detail);
        }
    }

    /// Passes over an element that nobody knows.
    pub(super) fn unknown(&mut self, element: &Element<'x>) -> Result<(), Error> {
        self.note(DiagnosticCode::UnknownElement, element, || element.name().to_owned());
        Ok(self.r.skip()?)
    }

    /// Notes what is odd about a record's element, before it is read.
    pub(super) fn came(
        &mut self,
        seen: &mut Seen,
        child: &Element<'x>,
        index: usize,
        record: &Record,
    ) {
        if self.found.is_none() {
            return;
        }
        let bit = 1u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
        if seen.bits & bit != 0 {
            self.note(DiagnosticCode::RepeatedElement, child, || child.name().to_owned());
        } else if index < seen.last {
            let before = record.elements.get(seen.last).map_or("", |field| field.name);
            self.note(DiagnosticCode::OutOfOrder, child, || {
                format!("{} after {before}", child.local())
            });
        }
        seen.bits |= bit;
        seen.last = index.max(seen.last);
    }

    /// Notes what did not come, at the end of a record.
    pub(super) fn ended(&mut self, seen: Seen, element: &Element<'x>, record: &Record) {
        if self.found.is_none() {
            return;
        }
        self.stray();
        for (index, field) in record.elements.iter().enumerate() {
            let bit = u32::try_from(index).ok().and_then(|index| 1u64.checked_shl(index));
            if field.required && seen.bits & bit.unwrap_or_default() == 0 {
                self.note(DiagnosticCode::MissingElement, element, || field.name.to_owned());
            }
        }
        for field in record.attributes.iter().filter(|field| field.required) {
            if self.r.attribute(element, NsId::NONE, field.name).is_none() {
                self.note(DiagnosticCode::MissingElement, element, || format!("@{}", field.name));
            }
        }
    }

    /// Notes text that stood between elements.
    pub(super) fn stray(&mut self) {
        if let (Some((offset, text)), Some(found)) = (self.r.take_stray_text(), &mut self.found) {
            let end = offset + text.len();
            found.note(DiagnosticCode::StrayText, offset..end, || text.trim().to_owned());
        }
    }

    /// An error if a list is full.
    pub(super) fn room(&self, length: usize) -> Result<(), Error> {
        let max = self.limits.items;
        if length >= max {
            let kind = ErrorKind::Limit { what: "items in a list", max };
            return Err(self.fail(kind, self.r.offset()));
        }
        Ok(())
    }

    pub(super) fn is_nil(&self, element: &Element<'x>) -> bool {
        let nil = self.r.attribute(element, XSI, "nil");
        nil.is_some_and(|nil| matches!(nil.trim(), "true" | "1"))
    }

    #[cfg(feature = "reporting")]
    pub(super) fn attribute<T: Scalar>(
        &self,
        element: &Element<'x>,
        name: &str,
    ) -> Result<Presence<T>, Error> {
        let Some(value) = self.r.attribute(element, NsId::NONE, name) else {
            return Ok(Presence::Absent);
        };
        T::parse(value)
            .map(Presence::Value)
            .map_err(|value| self.fail(bad_value(T::WHAT, &value), element.offset()))
    }
}

impl<T: Scalar> Shaped for T {
    const KIND: Kind = <T as Scalar>::KIND;
}

impl<'x, T: Scalar> Read<'x> for T {
    fn read(d: &mut Decoder<'x>, _: &Element<'x>) -> Result<Self, Error> {
        let text = d.r.text()?;
        T::parse(text.value()).map_err(|value| d.fail(bad_value(T::WHAT, &value), text.offset()))
    }
}

impl<T: Scalar> Write for T {
    fn write(&self, w: &mut W<'_>, name: &str) {
        w.element(name).text_fmt(format_args!("{}", Shown(self)));
    }
}

impl<T: Scalar> Own for T {
    type Owned = T;

    fn own(self) -> T {
        self
    }
}

/// A value as it is written.
pub(super) struct Shown<'v, T>(pub(super) &'v T);

impl<T: Scalar> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

impl<T: Shaped> Shaped for Presence<T> {
    const KIND: Kind = T::KIND;
}

impl<'x, T: Read<'x>> Read<'x> for Presence<T> {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error> {
        if d.is_nil(element) {
            d.r.skip()?;
            return Ok(Self::Nil);
        }
        T::read(d, element).map(Self::Value)
    }
}

impl<T: Write> Write for Presence<T> {
    fn write(&self, w: &mut W<'_>, name: &str) {
        match self {
            Self::Absent => {}
            Self::Nil => write_nil(w, name),
            Self::Value(value) => value.write(w, name),
        }
    }
}

impl<T: Own> Own for Presence<T> {
    type Owned = Presence<T::Owned>;

    fn own(self) -> Self::Owned {
        self.map(T::own)
    }
}

fn write_nil(w: &mut W<'_>, name: &str) {
    w.element(name).attr("xsi:nil", "true").attr("xmlns:xsi", XSI_URI).empty();
}

impl<T: Shaped + Item> Shaped for List<T> {
    const KIND: Kind = Kind::List { item: T::ITEM, kind: &T::KIND };
}

impl<'x, T: Read<'x> + Item> Read<'x> for List<T> {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error> {
        if d.is_nil(element) {
            d.r.skip()?;
            return Ok(Self::nil());
        }
        let mut items = Self::default();
        while let Some(child) = d.r.child()? {
            if child.local() != T::ITEM {
                d.unknown(&child)?;
                continue;
            }
            d.room(items.len())?;
            items.push(Presence::<T>::read(d, &child)?.into_value());
        }
        d.stray();
        Ok(items)
    }
}

impl<T: Write + Item> Write for List<T> {
    fn write(&self, w: &mut W<'_>, name: &str) {
        if self.is_nil() {
            write_nil(w, name);
        } else if !self.is_absent() {
            w.element(name).body(|w| {
                for item in self.slots() {
                    match item {
                        Some(item) => item.write(w, T::ITEM),
                        None => write_nil(w, T::ITEM),
                    }
                }
            });
        }
    }
}

impl<T: Own> Own for List<T> {
    type Owned = List<T::Owned>;

    fn own(self) -> Self::Owned {
        self.map(T::own)
    }
}

macro_rules! scalar {
    ($($type:ty, $what:literal, $kind:expr, $text:ident => $parse:expr;)*) => {$(
        impl Scalar for $type {
            const WHAT: &'static str = $what;
            const KIND: Kind = $kind;

            fn parse($text: Cow<'_, str>) -> Result<Self, Cow<'_, str>> {
                $parse.ok_or($text)
            }

            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    )*};
}

scalar! {
    UpdateId, "GUID", Kind::Guid, text => text.parse().ok();
    Guid, "GUID", Kind::Guid, text => text.parse().ok();
    i32, "number", Kind::Number { min: -0x8000_0000, max: 0x7fff_ffff },
        text => text.trim().parse().ok();
    i16, "number", Kind::Number { min: -0x8000, max: 0x7fff }, text => text.trim().parse().ok();
    u8, "number", Kind::Number { min: 0, max: 0xff }, text => text.trim().parse().ok();
    bool, "boolean", Kind::Boolean, text => match text.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    };
}

macro_rules! text_scalar {
    ($($type:ty, $kind:expr, $make:expr, $show:expr;)*) => {$(
        impl Scalar for $type {
            const WHAT: &'static str = "text";
            const KIND: Kind = $kind;

            fn parse(text: Cow<'_, str>) -> Result<Self, Cow<'_, str>> {
                Ok($make(text.into_owned()))
            }

            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let show: fn(&$type) -> &str = $show;
                f.write_str(show(self))
            }
        }
    )*};
}

text_scalar! {
    String, Kind::Text, std::convert::identity, String::as_str;
    Base64, Kind::Binary, Base64::new, Base64::as_str;
    Secret, Kind::Binary, Secret::new, Secret::expose;
    XsDateTime, Kind::Time, XsDateTime::new, XsDateTime::as_str;
}

macro_rules! item {
    ($($type:ty = $name:literal,)*) => {$(
        impl $crate::messages::wire::Item for $type {
            const ITEM: &'static str = $name;
        }
    )*};
}
pub(super) use item;

item! {
    String = "string",
    Base64 = "base64Binary",
    i32 = "int",
    Guid = "guid",
    UpdateId = "guid",
    UpdateKey = "UpdateIdentity",
}

/// The update identity is one value for us: without both parts it says nothing.
const IDENTITY: Record = Record::new(
    &[],
    &[
        super::schema::Field::new("UpdateID", true, Kind::Guid),
        super::schema::Field::new(
            "RevisionNumber",
            true,
            Kind::Number { min: 0, max: 0x7fff_ffff },
        ),
    ],
);

impl Shaped for UpdateKey {
    const KIND: Kind = Kind::Record(&IDENTITY);
}

impl<'x> Read<'x> for UpdateKey {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error> {
        let (mut id, mut revision) = (None, None);
        let mut seen = Seen::default();
        while let Some(child) = d.r.child()? {
            match child.local() {
                "UpdateID" => {
                    d.came(&mut seen, &child, 0, &IDENTITY);
                    id = Some(UpdateId::read(d, &child)?);
                }
                "RevisionNumber" => {
                    d.came(&mut seen, &child, 1, &IDENTITY);
                    let number = i32::read(d, &child)?;
                    let number = u32::try_from(number).map_err(|_| {
                        let kind = bad_value("revision number", &number.to_string());
                        d.fail(kind, child.offset())
                    })?;
                    revision = Some(number);
                }
                _ => d.unknown(&child)?,
            }
        }
        d.stray();
        let missing = |name| d.fail(ErrorKind::Missing(name), element.offset());
        let id = id.ok_or_else(|| missing("UpdateID"))?;
        let revision = revision.ok_or_else(|| missing("RevisionNumber"))?;
        Ok(Self::new(id, revision))
    }
}

impl Write for UpdateKey {
    fn write(&self, w: &mut W<'_>, name: &str) {
        w.element(name).body(|w| {
            self.id.write(w, "UpdateID");
            w.element("RevisionNumber").text_fmt(format_args!("{}", self.revision));
        });
    }
}

impl Own for UpdateKey {
    type Owned = Self;

    fn own(self) -> Self {
        self
    }
}

/// Defines records: types whose elements (and attributes, after `@`) are named once, in the order
/// of the WSDL. `[!]` marks what the WSDL requires; a name after `|` is read as well.
macro_rules! records {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $(@ $(#[$ameta:meta])* $attribute:ident: $atype:ty = $awire:literal $([$amust:tt])?;)*
            $($(#[$fmeta:meta])* $field:ident: $type:ty = $wire:literal $(| $alias:literal)* $([$must:tt])?,)*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$ameta])* pub $attribute: Presence<$atype>,)*
            $($(#[$fmeta])* pub $field: $type,)*
        }

        /// Nothing is there.
        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($attribute: Presence::Absent,)*
                    $($field: <$type as $crate::messages::wire::Lacking>::LACKING,)*
                }
            }
        }

        impl $name {
            pub(crate) const RECORD: $crate::messages::schema::Record =
                $crate::messages::schema::Record::new(
                    &[$($crate::messages::schema::Field::new(
                        $awire,
                        $crate::messages::wire::required!($($amust)?),
                        <$atype as $crate::messages::wire::Shaped>::KIND,
                    ),)*],
                    &[$($crate::messages::schema::Field::new(
                        $wire,
                        $crate::messages::wire::required!($($must)?),
                        <$type as $crate::messages::wire::Shaped>::KIND,
                    ),)*],
                );
        }

        impl $crate::messages::wire::Shaped for $name {
            const KIND: $crate::messages::schema::Kind =
                $crate::messages::schema::Kind::Record(&Self::RECORD);
        }

        impl<'x> $crate::messages::wire::Read<'x> for $name {
            #[allow(unused_assignments, unused_mut, unused_variables)]
            fn read(
                d: &mut $crate::messages::wire::Decoder<'x>,
                element: &mdm_xml::Element<'x>,
            ) -> Result<Self, $crate::Error> {
                let mut value = Self::default();
                $(value.$attribute = d.attribute(element, $awire)?;)*
                let mut seen = $crate::messages::wire::Seen::default();
                while let Some(child) = d.r.child()? {
                    let mut index = 0usize;
                    $(
                        if matches!(child.local(), $wire $(| $alias)*) {
                            d.came(&mut seen, &child, index, &Self::RECORD);
                            value.$field = $crate::messages::wire::Read::read(d, &child)?;
                            continue;
                        }
                        index += 1;
                    )*
                    d.unknown(&child)?;
                }
                d.ended(seen, element, &Self::RECORD);
                Ok(value)
            }
        }

        impl $crate::messages::wire::Body for $name {
            #[allow(unused_variables)]
            fn write_children(&self, w: &mut $crate::messages::wire::W<'_>) {
                $($crate::messages::wire::Write::write(&self.$field, w, $wire);)*
            }
        }

        impl $crate::messages::wire::Write for $name {
            fn write(&self, w: &mut $crate::messages::wire::W<'_>, name: &str) {
                let tag = w.element(name);
                $(
                    let text = self.$attribute.value().map(|value| {
                        $crate::messages::wire::Shown(value).to_string()
                    });
                    let tag = tag.attr_opt($awire, text.as_deref());
                )*
                tag.body(|w| $crate::messages::wire::Body::write_children(self, w));
            }
        }

        impl $crate::messages::wire::Own for $name {
            type Owned = Self;

            fn own(self) -> Self {
                self
            }
        }
    )*};
}
pub(super) use records;

macro_rules! required {
    () => {
        false
    };
    (!) => {
        true
    };
}
pub(super) use required;

/// What stands for an element that is not there.
pub(super) trait Lacking {
    const LACKING: Self;
}

impl<T> Lacking for Presence<T> {
    const LACKING: Self = Self::Absent;
}

impl<T> Lacking for List<T> {
    const LACKING: Self = Self::absent();
}

/// Defines words of a list that can grow: what is not in it is kept.
#[cfg(feature = "reporting")]
macro_rules! words {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($(#[$wmeta:meta])* $word:ident = $wire:literal,)* }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$wmeta])* $word,)*
            /// Another one, as it stands.
            Other(String),
        }

        impl $name {
            /// The word as it stands.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$word => $wire,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl $crate::messages::wire::Scalar for $name {
            const WHAT: &'static str = "word";
            const KIND: $crate::messages::schema::Kind =
                $crate::messages::schema::Kind::Word(&[$($wire),*]);

            fn parse(text: std::borrow::Cow<'_, str>) -> Result<Self, std::borrow::Cow<'_, str>> {
                Ok(match &*text {
                    $($wire => Self::$word,)*
                    _ => Self::Other(text.into_owned()),
                })
            }

            fn show(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
#[cfg(feature = "reporting")]
pub(super) use words;
