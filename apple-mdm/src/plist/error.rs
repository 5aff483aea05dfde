//! What can be wrong with a property list, and where.

use mdm_xml::{Code as _, Location, Position};

use super::DiagnosticCode;

/// What is wrong with a property list.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// An element that property lists do not have, or not here.
    #[error("<{0}> does not belong here")]
    Element(Box<str>),
    /// A value in a dictionary without a key before it, or a key without a value.
    #[error("a dictionary needs a key before each value")]
    Key,
    /// A key that occurs twice in a dictionary, where
    /// [`Duplicates::Refuse`](super::Duplicates::Refuse) was chosen.
    #[error("the key {0:?} occurs twice")]
    Duplicate(Box<str>),
    /// A property list without a value, or with a second one.
    #[error("a property list holds one value")]
    OneValue,
    /// A text that is not of its element's type.
    #[error("{text:?} is no {what}")]
    Value {
        /// The type.
        what: &'static str,
        /// The text, cut after 64 characters.
        text: Box<str>,
    },
    /// Text where elements are expected.
    #[error("text where elements are expected")]
    Text,
    /// Not a binary property list, or one whose parts point outside.
    #[error("the binary property list is broken: {0}")]
    Binary(&'static str),
    /// More of something than [`Limits`](super::Limits) allow.
    #[error("more than {max} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// An oddity, where none is tolerated ([`decode_strict`](super::decode_strict)).
    #[error("{} ({})", .0.summary(), .0.id())]
    Odd(DiagnosticCode),
}

mdm_xml::located_error! {
    /// What is wrong with a property list, and where: byte, line and column, and the path of keys.
    pub struct Error(ErrorKind);
}

/// What is wrong, and at which byte.
pub(super) struct Fault {
    pub(super) kind: ErrorKind,
    pub(super) offset: usize,
}

impl Fault {
    pub(super) fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// The error in a document that has bytes only, before anything of it was read.
    pub(super) fn in_bytes(self) -> Error {
        Error::at(self.kind, Location::new(Position::of_byte(self.offset), String::new()))
    }
}

impl From<mdm_xml::Error> for Fault {
    fn from(error: mdm_xml::Error) -> Self {
        let (kind, location) = error.into_parts();
        Self { kind: kind.into(), offset: location.map_or(0, |place| place.position.offset) }
    }
}
