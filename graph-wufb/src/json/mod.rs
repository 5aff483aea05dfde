//! The reading layer: JSON with positions, and a report of what had to be repaired.
//!
//! [`read`] has two modes. *Strict* takes RFC 8259 without duplicate names and refuses anything
//! else with line, column, JSON pointer and what was expected. *Tolerant* also reads what the
//! published examples and some peers send (trailing and missing commas, unclosed tails, braces too
//! many, duplicate names) and reports each repair as a [`Diagnostic`]. Neither guesses silently.

mod diagnostic;
mod reader;
mod scalar;
mod value;

pub use diagnostic::{Code, Diagnostic, Severity};
pub use value::{Number, RawObject, Value};

use crate::error::{Error, ErrorKind};

/// The deepest nesting that any [`Limits`] allow, whatever the caller asks for.
///
/// *Decision*: values are dropped and written by walking down, so the depth has a constant bound;
/// serde_json has the same one.
pub const MAX_DEPTH: usize = 128;

/// What the reader accepts of one text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the text. Default 16 MiB: a page of a list is far below.
    pub bytes: usize,
    /// Open objects and arrays. Default 64: the schema's deepest answer has 12. At most
    /// [`MAX_DEPTH`].
    pub depth: usize,
    /// Values and member names. Default 1,000,000.
    pub nodes: usize,
    /// Repairs and other diagnostics of one text. Default 1,000; more repairs than that refuse the
    /// text.
    pub repairs: usize,
}

impl Limits {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: 16 << 20, depth: 64, nodes: 1_000_000, repairs: 1_000 }
    }

    /// Sets [`Self::bytes`].
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets [`Self::depth`]; more than [`MAX_DEPTH`] is taken as [`MAX_DEPTH`].
    #[must_use]
    pub const fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// Sets [`Self::nodes`].
    #[must_use]
    pub const fn with_nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// Sets [`Self::repairs`].
    #[must_use]
    pub const fn with_repairs(mut self, repairs: usize) -> Self {
        self.repairs = repairs;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether deviations are refused or repaired and reported.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "a deviation is either refused or reported")]
pub enum Mode {
    /// Every deviation is an error.
    Strict,
    /// Every deviation that can be read is a [`Diagnostic`].
    #[default]
    Tolerant,
}

/// Which shapes of the namespace objects are read from. The reader of this module does not look at
/// it; [`models::decode`](crate::models::decode) and [`Response`](crate::Response) do.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "either all are read or today's only")]
pub enum Dialects {
    /// Today's only: what has an earlier shape stays in `extra`, and is written as it was read.
    #[default]
    Current,
    /// Those of 2021 and 2023 too: they are turned into today's, and what was changed is listed
    /// (see [`models::dialect`](crate::models::dialect)).
    Any,
}

/// How to read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Refuse or repair.
    pub mode: Mode,
    /// What is too much.
    pub limits: Limits,
    /// Which shapes of the namespace.
    pub dialects: Dialects,
}

impl Options {
    /// Strict, default limits.
    #[must_use]
    pub const fn strict() -> Self {
        Self { mode: Mode::Strict, limits: Limits::new(), dialects: Dialects::Current }
    }

    /// Tolerant, default limits.
    #[must_use]
    pub const fn tolerant() -> Self {
        Self { mode: Mode::Tolerant, limits: Limits::new(), dialects: Dialects::Current }
    }

    /// Reads the dialects of 2021 and 2023 too.
    #[must_use]
    pub const fn any_dialect(mut self) -> Self {
        self.dialects = Dialects::Any;
        self
    }

    /// Sets the limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// A text that was read.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// What it says.
    pub value: Value,
    /// What was repaired to read it, in the order of the text; always empty in strict mode.
    pub diagnostics: Vec<Diagnostic>,
}

impl Document {
    /// The document as an object.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if it is something else.
    pub fn into_object(self) -> Result<RawObject, Error> {
        match self.value {
            Value::Object(object) => Ok(object),
            other => Err(Error::at(
                ErrorKind::Shape { expected: "an object", found: other.name().to_owned() },
                None,
                String::new(),
            )),
        }
    }
}

/// Reads one JSON text.
///
/// ```
/// use graph_wufb::json::{Code, Options, read};
///
/// let text = br#"{"value": [{"id": "1"},]}"#;
/// let error = read(text, &Options::strict()).unwrap_err();
/// assert_eq!(error.to_string(), "expected a value, found `]`, at line 1, column 24 (in /value)");
///
/// let document = read(text, &Options::tolerant())?;
/// assert_eq!(document.diagnostics[0].code, Code::TrailingComma);
/// assert_eq!(document.value.to_json(), r#"{"value":[{"id":"1"}]}"#);
/// # Ok::<(), graph_wufb::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Encoding`], [`ErrorKind::Limit`], and in strict mode [`ErrorKind::Syntax`] and
/// [`ErrorKind::DuplicateName`]. Tolerant mode gives [`ErrorKind::Syntax`] where no repair is
/// defined.
pub fn read(bytes: &[u8], options: &Options) -> Result<Document, Error> {
    reader::read(bytes, options)
}

/// Reads again to find where the values at these pointers start; used only when something is to be
/// reported.
pub(crate) use reader::locate;

/// A name as one segment of a JSON pointer. A name can be as long as the text, and there can be as
/// many pointers as repairs, so a long one is cut: such a pointer leads to the value around it.
pub(crate) fn segment(name: &str) -> String {
    const LONGEST: usize = 128;
    let cut = name.char_indices().nth(LONGEST).and_then(|(end, _)| name.get(..end));
    let mut segment = cut.unwrap_or(name).replace('~', "~0").replace('/', "~1");
    if cut.is_some() {
        segment.push('…');
    }
    segment
}
