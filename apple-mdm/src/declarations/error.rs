//! What can be wrong with a declaration or a status report.

use crate::json;

/// What is wrong with a document of declarative management.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not readable JSON.
    #[error(transparent)]
    Json(#[from] json::ErrorKind),
    /// A required key is missing.
    #[error("a required key is missing")]
    Missing,
    /// A value of another type.
    #[error("{0} is expected")]
    Type(&'static str),
    /// A text that is not of its kind.
    #[error("{text:?} is no {what}")]
    Value {
        /// The kind.
        what: &'static str,
        /// The text, cut after 64 characters.
        text: Box<str>,
    },
    /// An empty identifier or token, or one of more than 64 bytes (declarationbase).
    #[error("an identifier or token has 1 to 64 bytes, not {0}")]
    Length(usize),
    /// Two declarations with one identifier in a set.
    #[error("a second declaration {0:?}")]
    Duplicate(Box<str>),
    /// More of something than a limit allows.
    #[error("more than {max} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
}

mdm_xml::located_error! {
    @shape
    /// What is wrong with a document of declarative management, and where: the path is a
    /// JSON pointer.
    pub struct Error(ErrorKind);
}

impl From<json::Error> for Error {
    fn from(error: json::Error) -> Self {
        match error.into_parts() {
            (kind, Some(location)) => Self::at(kind.into(), location),
            (kind, None) => Self::new(kind.into()),
        }
    }
}
