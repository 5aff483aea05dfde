//! What was tolerated, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Position;

/// How much a deviation matters.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum Severity {
    /// The meaning is certain.
    Info,
    /// The meaning is very likely what was read.
    Warning,
    /// Something was lost, or the reading is a guess.
    Error,
}

/// The kinds of deviation that are tolerated.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum Code {
    /// A byte order mark before the text (RFC 8259 section 8.1).
    ByteOrderMark,
    /// A comma before a closing bracket.
    TrailingComma,
    /// Two commas, or one before the first member.
    ExtraComma,
    /// No comma between two members or elements (*Observed*: seed 003, the answer to the approval).
    MissingComma,
    /// No colon after a name.
    MissingColon,
    /// No value where one belongs; read as `null`.
    MissingValue,
    /// The text starts with a member: the opening brace was added.
    MissingOpen,
    /// A bracket was closed by an outer one: its own was added.
    MissingClose,
    /// A closing bracket that closes nothing, or closes the document too early; left out
    /// (*Observed*: seed 003).
    SurplusClose,
    /// The text ends inside: what was open was closed (*Observed*: seed 003, applicable content).
    UnclosedTail,
    /// A name occurs twice: the last value stands (*Observed*: seed 003, `schedule`).
    DuplicateName,
    /// A control character in a string (RFC 8259 section 7).
    ControlCharacter,
    /// An escape that stands for no character; read as U+FFFD.
    BadEscape,
    /// A member of the schema in another case (*Observed*: product-findbykbnumber).
    NameCase,
    /// A member by a known misspelling of its name (`devicePerOffer`).
    MisspelledName,
    /// An integer as a string (*Observed*: `"devicesPerOffer": "100"`).
    StringInteger,
    /// A member of the schema with a value of another type; kept as it is in `extra`.
    UnexpectedType,
    /// A date or duration that is none; its text is kept.
    UnreadableTime,
}

impl Code {
    /// The name for logs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte-order-mark",
            Self::TrailingComma => "trailing-comma",
            Self::ExtraComma => "extra-comma",
            Self::MissingComma => "missing-comma",
            Self::MissingColon => "missing-colon",
            Self::MissingValue => "missing-value",
            Self::MissingOpen => "missing-open",
            Self::MissingClose => "missing-close",
            Self::SurplusClose => "surplus-close",
            Self::UnclosedTail => "unclosed-tail",
            Self::DuplicateName => "duplicate-name",
            Self::ControlCharacter => "control-character",
            Self::BadEscape => "bad-escape",
            Self::NameCase => "name-case",
            Self::MisspelledName => "misspelled-name",
            Self::StringInteger => "string-integer",
            Self::UnexpectedType => "unexpected-type",
            Self::UnreadableTime => "unreadable-time",
        }
    }

    /// How much it matters.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::ByteOrderMark
            | Self::TrailingComma
            | Self::ExtraComma
            | Self::ControlCharacter
            | Self::NameCase
            | Self::StringInteger => Severity::Info,
            Self::MissingComma
            | Self::MissingColon
            | Self::MissingOpen
            | Self::MisspelledName
            | Self::UnreadableTime => Severity::Warning,
            Self::MissingValue
            | Self::MissingClose
            | Self::SurplusClose
            | Self::UnclosedTail
            | Self::DuplicateName
            | Self::BadEscape
            | Self::UnexpectedType => Severity::Error,
        }
    }

    /// The rule that the text deviates from.
    #[must_use]
    pub const fn reference(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "RFC 8259 section 8.1",
            Self::TrailingComma
            | Self::ExtraComma
            | Self::MissingComma
            | Self::MissingColon
            | Self::MissingValue
            | Self::MissingOpen
            | Self::MissingClose
            | Self::SurplusClose
            | Self::UnclosedTail => "RFC 8259 sections 2, 4 and 5",
            Self::DuplicateName => "RFC 8259 section 4",
            Self::ControlCharacter | Self::BadEscape => "RFC 8259 section 7",
            Self::NameCase
            | Self::MisspelledName
            | Self::StringInteger
            | Self::UnexpectedType
            | Self::UnreadableTime => "CSDL of microsoft.graph.windowsUpdates",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// One deviation that was tolerated.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What kind.
    pub code: Code,
    /// Where in the text.
    pub position: Position,
    /// Where in the document: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What was found and what was made of it.
    pub message: String,
}

impl Diagnostic {
    /// How much it matters.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The rule that the text deviates from.
    #[must_use]
    pub const fn reference(&self) -> &'static str {
        self.code.reference()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, at {}", self.code, self.message, self.position)?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, " (in {})", self.pointer) }
    }
}
