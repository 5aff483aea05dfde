#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attribute;
mod diagnostic;
mod error;
mod escape;
mod event;
mod limits;
mod name;
mod position;
mod reader;
mod reference;
mod source;
mod text;
mod tokenizer;
mod unescape;
mod words;
mod writer;

pub use attribute::Attribute;
pub use diagnostic::{Code, Diagnostic, Findings, Severity};
#[doc(hidden)]
pub use error::Located;
pub use error::{Error, ErrorKind, Limit, Malformed, printable};
pub use escape::escape_text;
pub use event::{Content, Element, Event, Raw};
pub use limits::{Doctype, Limits, Options, Tolerance};
pub use name::{NsId, is_name};
pub use position::{Location, Position};
pub use reader::{Memory, Reader, Tags};
pub use source::{Encoding, Source};
pub use text::{Text, TextKind, forbidden_char};
pub use unescape::{Unescaped, unescape, unescape_into};
pub use writer::{Counter, Sink, Tag, Writer, encoded_len};

/// White space as XML has it (XML 1.0, production 3), which is less than Unicode's.
#[must_use]
pub const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}
