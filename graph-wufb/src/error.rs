//! The crate's one error type: what went wrong, where in the text, and where in the document.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in a JSON text.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[non_exhaustive]
pub struct Position {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// The place of byte `offset` in `text`.
    ///
    /// ```
    /// let place = graph_wufb::Position::of("{\n  \"a\"", 4);
    /// assert_eq!((place.line, place.column), (2, 3));
    /// ```
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let mut cursor = Cursor::new(text);
        cursor.advance(offset)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Finds many positions in one pass over the text, as long as the offsets do not go back.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    rest: std::str::CharIndices<'a>,
    length: usize,
    line: u32,
    column: u32,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text.char_indices(), length: text.len(), line: 1, column: 1 }
    }

    pub(crate) fn advance(&mut self, offset: usize) -> Position {
        while self.rest.offset() < offset {
            match self.rest.next() {
                Some((_, '\n')) => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                Some(_) => self.column = self.column.saturating_add(1),
                None => break,
            }
        }
        Position { offset: offset.min(self.length), line: self.line, column: self.column }
    }
}

/// Which limit was passed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum LimitKind {
    /// Bytes of the text ([`Limits::bytes`](crate::json::Limits::bytes)).
    Bytes,
    /// Open objects and arrays ([`Limits::depth`](crate::json::Limits::depth)).
    Depth,
    /// Values and member names ([`Limits::nodes`](crate::json::Limits::nodes)).
    Nodes,
    /// Repairs of one text ([`Limits::repairs`](crate::json::Limits::repairs)).
    Repairs,
    /// Pages of one list, or objects kept from it.
    List,
    /// Requests of one [`Batcher`](crate::Batcher).
    Requests,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Depth => "open objects and arrays",
            Self::Nodes => "values and names",
            Self::Repairs => "repairs",
            Self::List => "list entries",
            Self::Requests => "requests",
        })
    }
}

/// What went wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Malformed: the text is not JSON (RFC 8259).
    #[error("expected {expected}, found {found}")]
    #[non_exhaustive]
    Syntax {
        /// What JSON allows here.
        expected: &'static str,
        /// What is there, shortened.
        found: String,
    },
    /// Malformed: the text is not UTF-8.
    #[error("the text is not UTF-8")]
    Encoding,
    /// Malformed: an object has two members of one name (RFC 8259 section 4).
    #[error("the name {name:?} occurs twice in one object")]
    #[non_exhaustive]
    DuplicateName {
        /// The name, shortened.
        name: String,
    },
    /// Invalid: JSON, but not what the schema of the namespace has here.
    #[error("expected {expected}, found {found}")]
    #[non_exhaustive]
    Shape {
        /// What the schema has here.
        expected: &'static str,
        /// What is there, shortened.
        found: String,
    },
    /// A limit was passed.
    #[error("more than {limit} {what}")]
    #[non_exhaustive]
    Limit {
        /// What was counted.
        what: LimitKind,
        /// The limit.
        limit: usize,
    },
    /// Refused: a next link leads to another origin than the one asked (see
    /// [`requests::next_page`](crate::requests::next_page)).
    #[error("the link leads away from {origin}: {link}")]
    #[non_exhaustive]
    ForeignLink {
        /// Where the first page came from.
        origin: String,
        /// The link, shortened.
        link: String,
    },
    /// Refused: a next link was followed before, so the list would never end.
    #[error("the link was followed before")]
    LinkLoop,
    /// The service reported a failure where its answer is needed.
    #[error("{0}")]
    Failed(Box<crate::GraphError>),
    /// Misuse: a value of the caller is not a valid one.
    #[error("{what} is not valid: {value:?}")]
    #[non_exhaustive]
    Value {
        /// What the value was to be.
        what: &'static str,
        /// The value, shortened.
        value: String,
    },
    /// Misuse: a command that the state does not allow.
    #[error("{command} is not possible: {reason}")]
    #[non_exhaustive]
    Command {
        /// The command.
        command: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// Unsupported: the saved state was written by another version of this crate.
    #[error("the saved state has version {found}, this crate reads {known}")]
    #[non_exhaustive]
    StateVersion {
        /// The version of the saved state.
        found: u32,
        /// The version that this crate reads and writes.
        known: u32,
    },
}

/// What went wrong and where.
///
/// ```
/// use graph_wufb::json::{Options, read};
///
/// let error = read(b"{\"value\": [1 2]}", &Options::strict()).unwrap_err();
/// assert_eq!(error.path(), Some("/value/1"));
/// assert_eq!(error.position().unwrap().column, 14);
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Inner {
    kind: ErrorKind,
    position: Option<Position>,
    path: Option<String>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, position: None, path: None }))
    }

    pub(crate) fn at(kind: ErrorKind, position: Option<Position>, path: String) -> Self {
        Self(Box::new(Inner { kind, position, path: Some(path) }))
    }

    pub(crate) fn value(what: &'static str, value: &str) -> Self {
        Self::new(ErrorKind::Value { what, value: excerpt(value) })
    }

    pub(crate) fn command(command: &'static str, reason: &'static str) -> Self {
        Self::new(ErrorKind::Command { command, reason })
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where in the text, if a text was read.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// Where in the document: a JSON pointer (RFC 6901), empty for the whole document.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.kind)?;
        if let Some(position) = self.0.position {
            write!(f, ", at {position}")?;
        }
        match self.0.path.as_deref() {
            Some(path) if !path.is_empty() => write!(f, " (in {path})"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("position", &self.0.position)
            .field("path", &self.0.path)
            .finish()
    }
}

impl std::error::Error for Error {}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

/// At most 64 characters of a text that a peer sent.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let text = "äb\nc\r\nd";
        let all: Vec<_> = [0, 2, 4, 6, 7, 99]
            .into_iter()
            .map(|offset| {
                let place = Position::of(text, offset);
                (place.line, place.column)
            })
            .collect();
        assert_eq!(all, [(1, 1), (1, 2), (2, 1), (2, 3), (3, 1), (3, 2)]);
    }

    #[test]
    fn an_excerpt_ends_after_64_characters() {
        assert_eq!(excerpt(&"ä".repeat(64)), "ä".repeat(64));
        assert_eq!(excerpt(&"ä".repeat(65)), format!("{}…", "ä".repeat(64)));
    }
}
