//! What a document may cost, and how strictly it is read.

/// Bounds on one document. Each is a count that is still accepted; one more is
/// [`ErrorKind::Limit`](crate::ErrorKind::Limit).
///
/// The defaults are meant for input from the public internet: no message that a Windows device, a
/// Windows Server Update Services server or an Apple device sends comes near them, and a document
/// that uses all of them up costs a few megabytes and milliseconds.
///
/// ```
/// let limits = mdm_xml::Limits::default().with_bytes(64 * 1024).with_depth(16);
/// let error = mdm_xml::Source::new(&vec![b' '; 64 * 1024 + 1], &limits).unwrap_err();
/// assert_eq!(error.to_string(), "more than 65536 bytes in the document, at line 1, column 1");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Limits {
    /// Bytes in the document, before and after it is converted to UTF-8. Default 16 MiB.
    pub bytes: usize,
    /// Elements open at one time. Default 64; the deepest real message known to us has 14.
    pub depth: usize,
    /// Elements in the document. Default 1,000,000.
    pub elements: usize,
    /// Attributes of one element, namespace declarations included. Default 64. Each is compared
    /// with those before it, and its prefix with the declarations in scope: whoever raises this or
    /// [`namespaces`](Self::namespaces) to thousands pays the square.
    pub attributes: usize,
    /// Bytes of one run of character data, markup of CDATA sections and comments included.
    /// Default 16 MiB: an update document travels as one text.
    pub text: usize,
    /// Namespace declarations in scope at one time. Default 128.
    pub namespaces: usize,
}

impl Limits {
    /// The defaults, as a constant.
    pub const DEFAULT: Self = Self {
        bytes: 16 << 20,
        depth: 64,
        elements: 1_000_000,
        attributes: 64,
        text: 16 << 20,
        namespaces: 128,
    };

    /// These limits with another [`bytes`](Self::bytes).
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// These limits with another [`depth`](Self::depth).
    #[must_use]
    pub const fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// These limits with another [`elements`](Self::elements).
    #[must_use]
    pub const fn with_elements(mut self, elements: usize) -> Self {
        self.elements = elements;
        self
    }

    /// These limits with another [`attributes`](Self::attributes).
    #[must_use]
    pub const fn with_attributes(mut self, attributes: usize) -> Self {
        self.attributes = attributes;
        self
    }

    /// These limits with another [`text`](Self::text).
    #[must_use]
    pub const fn with_text(mut self, text: usize) -> Self {
        self.text = text;
        self
    }

    /// These limits with another [`namespaces`](Self::namespaces).
    #[must_use]
    pub const fn with_namespaces(mut self, namespaces: usize) -> Self {
        self.namespaces = namespaces;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whether something that XML forbids, but that peers send, is refused or kept as it stands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tolerance {
    /// It is an error.
    #[default]
    Refuse,
    /// It is kept as it stands.
    Keep,
}

/// What a `<!DOCTYPE …>` may be. Entities that a document type declares are never expanded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Doctype {
    /// None at all.
    Refuse,
    /// One without an internal subset, as property lists have. The default.
    #[default]
    Plain,
    /// One with an internal subset, which is passed over unread: DDF files have them.
    IgnoreSubset,
}

/// How a document is read.
///
/// ```
/// use mdm_xml::{Options, Tolerance};
///
/// const NAMESPACES: &[&str] = &["SYNCML:SYNCML1.2", "syncml:metinf"];
/// let options = Options::new(NAMESPACES).with_undeclared_prefixes(Tolerance::Keep);
/// # assert_eq!(options.namespaces.len(), 2);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// What the document may cost.
    pub limits: Limits,
    /// The namespaces that the caller knows. They get the ids 1, 2, … in this order, so that a
    /// decoder compares numbers; see [`NsId::known`](crate::NsId::known).
    pub namespaces: &'static [&'static str],
    /// A prefix that nobody declared: refused, or kept as [`NsId::UNDECLARED`](crate::NsId).
    pub undeclared_prefixes: Tolerance,
    /// What a document type declaration may be.
    pub doctype: Doctype,
    /// Characters that XML 1.0 forbids (most control characters, U+FFFE, U+FFFF), as themselves
    /// and as character references.
    pub forbidden_chars: Tolerance,
    /// Whether this is a fragment: any number of elements at the top, text between them.
    pub fragment: bool,
}

impl Options {
    /// The default options for a decoder that knows these namespaces.
    #[must_use]
    pub fn new(namespaces: &'static [&'static str]) -> Self {
        Self { namespaces, ..Self::default() }
    }

    /// These options with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// These options with undeclared prefixes refused or kept.
    #[must_use]
    pub const fn with_undeclared_prefixes(mut self, tolerance: Tolerance) -> Self {
        self.undeclared_prefixes = tolerance;
        self
    }

    /// These options with another rule for document type declarations.
    #[must_use]
    pub const fn with_doctype(mut self, doctype: Doctype) -> Self {
        self.doctype = doctype;
        self
    }

    /// These options with forbidden characters refused or kept.
    #[must_use]
    pub const fn with_forbidden_chars(mut self, tolerance: Tolerance) -> Self {
        self.forbidden_chars = tolerance;
        self
    }

    /// These options for a fragment instead of a document, or the other way round.
    #[must_use]
    pub const fn with_fragment(mut self, fragment: bool) -> Self {
        self.fragment = fragment;
        self
    }
}
