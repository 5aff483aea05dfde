//! Values that are one text, and the update identity, which is one value for us.

use std::borrow::Cow;
use std::fmt;

use mdm_xml::Element;

use super::schema::{Field, Kind, Record};
use super::values::{Base64, Guid, Secret};
use super::wire::{Decoder, Own, Read, Scalar, Seen, Shaped, W, Write};
use crate::error::{Error, ErrorKind};
use crate::id::{UpdateId, UpdateKey, XsDateTime};

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

/// The update identity is one value for us: without both parts it says nothing.
const IDENTITY: Record = Record::new(
    &[],
    &[
        Field::new("UpdateID", true, Kind::Guid),
        Field::new("RevisionNumber", true, <Revision as Scalar>::KIND),
    ],
);

impl Shaped for UpdateKey {
    const KIND: Kind = Kind::Record(&IDENTITY);
}

impl<'x> Read<'x> for UpdateKey {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error> {
        // A list has tens of thousands of them.
        let mut id = d.leaf_of(element, "UpdateID")?;
        let mut revision = match id {
            Some(_) => d.leaf_of::<Revision>(element, "RevisionNumber")?,
            None => None,
        };
        let mut seen = Seen::first(usize::from(id.is_some()) + usize::from(revision.is_some()));
        while let Some(child) = d.r.child()? {
            match child.local() {
                "UpdateID" => {
                    if d.came(&mut seen, &child, 0, &IDENTITY)? {
                        id = Some(UpdateId::read(d, &child)?);
                    }
                }
                "RevisionNumber" => {
                    if d.came(&mut seen, &child, 1, &IDENTITY)? {
                        revision = Some(Revision::read(d, &child)?);
                    }
                }
                _ => d.unknown(&child)?,
            }
        }
        d.stray();
        let missing = |name| d.fail(ErrorKind::Missing(name), element.offset());
        let id = id.ok_or_else(|| missing("UpdateID"))?;
        let Revision(revision) = revision.ok_or_else(|| missing("RevisionNumber"))?;
        Ok(Self::new(id, revision))
    }
}

/// A number that is not negative, though it travels as one that may be.
struct Revision(u32);

impl Scalar for Revision {
    const WHAT: &'static str = "revision number";
    const KIND: Kind = Kind::Number { min: 0, max: 0x7fff_ffff };

    fn parse(text: Cow<'_, str>) -> Result<Self, Cow<'_, str>> {
        let number: Option<i32> = text.trim().parse().ok();
        number.and_then(|number| u32::try_from(number).ok()).map(Self).ok_or(text)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Write for UpdateKey {
    fn write(&self, w: &mut W<'_>, name: &str) {
        w.element(name).body(|w| {
            self.id.write(w, "UpdateID");
            Revision(self.revision).write(w, "RevisionNumber");
        });
    }
}

impl Own for UpdateKey {
    type Owned = Self;

    fn own(self) -> Self {
        self
    }
}
