//! What can be wrong with a message, and where.

use mdm_xml::Code as _;

use super::DiagnosticCode;
use crate::plist::{self, Dictionary, Limits, Value};

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable property list.
    #[error(transparent)]
    Plist(#[from] plist::ErrorKind),
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// A property list that is no dictionary.
    #[error("the message is no dictionary")]
    NotDictionary,
    /// A key that the message cannot do without.
    #[error("the key {0} is missing")]
    Missing(&'static str),
    /// A value with a character that XML cannot carry, in a message to be written.
    #[error("a value has a character that XML cannot carry")]
    Unwritable,
    /// An oddity, where none is tolerated.
    #[error("{} ({})", .0.summary(), .0.id())]
    Odd(DiagnosticCode),
}

mdm_xml::located_error! {
    /// What is wrong with a message, and where: byte, line and column, and the path of keys.
    pub struct Error(ErrorKind);
}

impl Error {
    /// The error at the value with this path, in bytes that are a property list.
    pub(crate) fn in_list(kind: ErrorKind, bytes: &[u8], limits: &Limits, path: &str) -> Self {
        match plist::places(bytes, limits, &[path.to_owned()]).pop().flatten() {
            Some(place) => Self::at(kind, place),
            None => Self::new(kind),
        }
    }
}

impl From<plist::Error> for Error {
    fn from(error: plist::Error) -> Self {
        match error.into_parts() {
            (kind, Some(location)) => Self::at(kind.into(), location),
            (kind, None) => Self::new(kind.into()),
        }
    }
}

/// Reads a message: a property list that is a dictionary.
pub(crate) fn dictionary<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<(Dictionary<'a>, Vec<plist::Diagnostic>), Error> {
    match plist::decode_noting(bytes, limits)? {
        (Value::Dictionary(dictionary), found) => Ok((dictionary, found)),
        _ => Err(Error::in_list(ErrorKind::NotDictionary, bytes, limits, "")),
    }
}
