//! How values, records and lists are read and written. A record names its elements once, in the
//! order of the WSDL; reading, writing and the table in [`schema`](super::schema) follow from that.

use std::borrow::Cow;
use std::fmt;

use mdm_xml::{Element, Findings, NsId, Reader, Writer};

use super::diagnostic::DiagnosticCode;
use super::presence::{List, Presence};
use super::schema::{Kind, Record};
use super::values::{Base64, Guid};
use crate::error::{Error, ErrorKind, Limits, bad_value};
use crate::id::{UpdateId, UpdateKey};

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
    /// Bytes of declarations that parts of the message needed to stand alone.
    pub(super) added: usize,
}

/// Which elements of a record came: the first of each counts.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    bits: u64,
    last: usize,
}

impl Seen {
    /// The first `count` elements of a record came, in its order.
    pub(super) fn first(count: usize) -> Self {
        Self { bits: (1 << count) - 1, last: count.saturating_sub(1) }
    }
}

impl<'x> Decoder<'x> {
    /// The error; or, as for errors of the XML, that a forbidden character follows: it has to be the
    /// same for all who read the message, whole or while it arrives.
    pub(super) fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        match self.r.forbidden_ahead() {
            Some(error) => error.into(),
            None => Error::at(kind, self.r.locate(offset)),
        }
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

    /// A child that is one text, if it comes next and is written as nearly everybody writes it.
    /// `None`, and nothing is read, for everything else.
    pub(super) fn leaf_of<T: Scalar>(
        &mut self,
        parent: &Element<'x>,
        local: &str,
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.r.leaf_of(parent, local) else { return Ok(None) };
        T::parse(Cow::Borrowed(text)).map(Some).map_err(|value| {
            // Its end tag is behind it, with the parent's prefix.
            let name = parent.name().len() - parent.local().len() + local.len();
            let offset = self.r.offset() - "</>".len() - name - text.len();
            self.fail(bad_value(T::WHAT, &value), offset)
        })
    }

    /// Whether a record's element is the first of its name, which counts. What is odd about it is
    /// noted. Another one is passed over: it has to be the same for all who read the message,
    /// whole or while it arrives.
    pub(super) fn came(
        &mut self,
        seen: &mut Seen,
        child: &Element<'x>,
        index: usize,
        record: &Record,
    ) -> Result<bool, Error> {
        let bit = 1u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
        if seen.bits & bit != 0 {
            self.note(DiagnosticCode::RepeatedElement, child, || child.name().to_owned());
            self.r.skip()?;
            return Ok(false);
        }
        if index < seen.last {
            let before = record.elements.get(seen.last).map_or("", |field| field.name);
            self.note(DiagnosticCode::OutOfOrder, child, || {
                format!("{} after {before}", child.local())
            });
        }
        seen.bits |= bit;
        seen.last = index.max(seen.last);
        Ok(true)
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
        is_nil(&self.r, element)
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

/// Whether an element says that it has no value, whatever is in it.
pub(super) fn is_nil<'x>(r: &Reader<'x>, element: &Element<'x>) -> bool {
    let nil = r.attribute(element, XSI, "nil");
    nil.is_some_and(|nil| matches!(nil.trim(), "true" | "1"))
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

super::records::item! {
    String = "string",
    Base64 = "base64Binary",
    i32 = "int",
    Guid = "guid",
    UpdateId = "guid",
    UpdateKey = "UpdateIdentity",
}
