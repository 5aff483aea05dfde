//! What can be wrong with a document, and where.

use std::borrow::Cow;

use crate::position::Location;

/// Markup that is not XML.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// `<` followed by something that no markup begins with.
    #[error("`<` begins no known markup")]
    Markup,
    /// A tag without its `>`.
    #[error("a tag has no `>`")]
    OpenTag,
    /// An attribute value without its closing quote.
    #[error("an attribute value has no closing quote")]
    OpenAttribute,
    /// A comment without `-->`.
    #[error("a comment has no `-->`")]
    OpenComment,
    /// A CDATA section without `]]>`.
    #[error("a CDATA section has no `]]>`")]
    OpenCData,
    /// A processing instruction or declaration without `?>`.
    #[error("a processing instruction has no `?>`")]
    OpenInstruction,
    /// A document type declaration without its `>`.
    #[error("a document type declaration has no `>`")]
    OpenDoctype,
    /// A name with a character that names cannot have, or no name at all.
    #[error("an element or attribute name is not a name")]
    Name,
    /// An attribute that is not `name="value"`.
    #[error("an attribute is not of the form name=\"value\"")]
    Attribute,
    /// `&` that begins no reference.
    #[error("`&` begins no reference")]
    Reference,
    /// `<?xml …?>` that is not at the very start.
    #[error("an XML declaration stands inside the document")]
    Declaration,
    /// A document type declaration after the root has begun.
    #[error("a document type declaration stands inside the document")]
    Doctype,
    /// A reserved prefix or namespace that is declared, or a prefix declared as empty.
    #[error("a namespace declaration is not allowed")]
    Namespace,
}

/// A bound of [`Limits`](crate::Limits).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::bytes`](crate::Limits::bytes).
    #[error("bytes in the document")]
    Bytes,
    /// [`Limits::depth`](crate::Limits::depth).
    #[error("elements open at one time")]
    Depth,
    /// [`Limits::elements`](crate::Limits::elements).
    #[error("elements in the document")]
    Elements,
    /// [`Limits::attributes`](crate::Limits::attributes).
    #[error("attributes of one element")]
    Attributes,
    /// [`Limits::text`](crate::Limits::text).
    #[error("bytes in one text")]
    Text,
    /// [`Limits::namespaces`](crate::Limits::namespaces).
    #[error("namespace declarations in scope")]
    Namespaces,
}

/// What is wrong with a document. Names are quoted up to 64 bytes, characters that end a line or
/// steer a terminal escaped.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Bytes that are not UTF-8, in a document that does not say that it is something else.
    #[error("the document is not valid UTF-8")]
    Utf8,
    /// Bytes that are not UTF-16 although they begin as UTF-16 does.
    #[error("the document is not valid UTF-16")]
    Utf16,
    /// An encoding that is not read here.
    #[error("the encoding {0:?} is not supported")]
    Encoding(Box<str>),
    /// Not XML.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// The document ended with elements open.
    #[error("the document ends inside <{open}>")]
    UnexpectedEnd {
        /// The innermost open element.
        open: Box<str>,
    },
    /// An end tag of another name than the open element.
    #[error("<{expected}> is closed by </{found}>")]
    MismatchedEndTag {
        /// The open element.
        expected: Box<str>,
        /// The end tag.
        found: Box<str>,
    },
    /// An end tag with no element open.
    #[error("</{0}> closes nothing")]
    UnmatchedEndTag(Box<str>),
    /// A document without an element.
    #[error("the document has no root element")]
    NoRoot,
    /// A second root element.
    #[error("a second root element <{0}>")]
    SecondRoot(Box<str>),
    /// Character data before or after the root.
    #[error("text outside the root element")]
    TextOutsideRoot,
    /// A prefix that nobody declared.
    #[error("the namespace prefix {0:?} is not declared")]
    UndeclaredPrefix(Box<str>),
    /// A reference to an entity that XML does not define.
    #[error("the entity &{0}; is not defined")]
    UnknownEntity(Box<str>),
    /// A character that XML 1.0 forbids, as itself or as a reference.
    #[error("the character U+{0:04X} is not allowed in XML")]
    ForbiddenChar(u32),
    /// A reference to a number that is no character.
    #[error("the character reference &{0}; is not a character")]
    CharReference(Box<str>),
    /// A document type declaration where none may be.
    #[error("a document type declaration is not allowed here")]
    Doctype,
    /// A document type declaration with an internal subset, which could declare entities.
    #[error("a document type declaration with an internal subset is not allowed")]
    InternalSubset,
    /// Two attributes of one name in one element.
    #[error("the attribute {0:?} occurs twice")]
    DuplicateAttribute(Box<str>),
    /// More of something than [`Limits`](crate::Limits) allow.
    #[error("more than {max} {limit}")]
    Limit {
        /// What there is too much of.
        limit: Limit,
        /// How much is allowed.
        max: usize,
    },
    /// An element where only text may be.
    #[error("<{0}> where only text may be")]
    UnexpectedElement(Box<str>),
}

/// What is wrong, and where: what [`located_error!`](crate::located_error) wraps.
#[derive(Clone, Debug, Eq, PartialEq)]
#[doc(hidden)]
pub struct Located<K> {
    pub kind: K,
    pub location: Option<Location>,
}

/// Declares an error type that says what is wrong and where, in the one shape that all crates of
/// the family have.
///
/// The type wraps an enum of kinds that derives `Clone`, `Debug`, `PartialEq` and
/// `thiserror::Error` and has a variant `Xml(#[from] mdm_xml::ErrorKind)`, so that `?` works on
/// what a [`Reader`](crate::Reader) returns. It has `kind()`, `position()`, `path()`, and prints
/// `kind, at line 3, column 7 (in SyncML/SyncBody/Get)`.
///
/// ```
/// #[derive(Clone, Debug, PartialEq, thiserror::Error)]
/// #[non_exhaustive]
/// pub enum ErrorKind {
///     #[error(transparent)]
///     Xml(#[from] mdm_xml::ErrorKind),
///     #[error("no version")]
///     NoVersion,
/// }
///
/// mdm_xml::located_error! {
///     /// What is wrong with a message, and where.
///     pub struct Error(ErrorKind);
/// }
///
/// let error = Error::from(ErrorKind::NoVersion);
/// assert_eq!(error.kind(), &ErrorKind::NoVersion);
/// assert_eq!(error.position(), None);
/// ```
#[macro_export]
macro_rules! located_error {
    ($(#[$meta:meta])* $vis:vis struct $name:ident($kind:ty);) => {
        $crate::located_error! { @shape $(#[$meta])* $vis struct $name($kind); }

        impl ::core::convert::From<$crate::Error> for $name {
            fn from(error: $crate::Error) -> Self {
                let (kind, location) = error.into_parts();
                Self(::std::boxed::Box::new($crate::Located { kind: kind.into(), location }))
            }
        }
    };
    (@shape $(#[$meta:meta])* $vis:vis struct $name:ident($kind:ty);) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name(::std::boxed::Box<$crate::Located<$kind>>);

        // Not every crate needs every method of the shape.
        #[allow(dead_code)]
        impl $name {
            /// An error of this kind at no known place.
            #[must_use]
            pub fn new(kind: $kind) -> Self {
                Self(::std::boxed::Box::new($crate::Located { kind, location: None }))
            }

            /// An error of this kind at this place.
            #[must_use]
            pub fn at(kind: $kind, location: $crate::Location) -> Self {
                Self(::std::boxed::Box::new($crate::Located { kind, location: Some(location) }))
            }

            /// What is wrong.
            #[must_use]
            pub fn kind(&self) -> &$kind {
                &self.0.kind
            }

            /// Where it is wrong, if a place in the input is to blame.
            #[must_use]
            pub fn position(&self) -> ::core::option::Option<$crate::Position> {
                self.0.location.as_ref().map(|location| location.position)
            }

            /// The elements around the place, outermost first, separated by `/`.
            #[must_use]
            pub fn path(&self) -> ::core::option::Option<&str> {
                self.0.location.as_ref().map(|location| location.path.as_str())
            }

            /// The kind and the place.
            #[must_use]
            pub fn into_parts(self) -> ($kind, ::core::option::Option<$crate::Location>) {
                (self.0.kind, self.0.location)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0.kind, f)?;
                if let ::core::option::Option::Some(location) = &self.0.location {
                    ::core::write!(f, ", at {}", location.position)?;
                    if !location.path.is_empty() {
                        ::core::write!(f, " (in {})", location.path)?;
                    }
                }
                ::core::result::Result::Ok(())
            }
        }

        impl ::std::error::Error for $name {
            fn source(&self) -> ::core::option::Option<&(dyn ::std::error::Error + 'static)> {
                ::std::error::Error::source(&self.0.kind)
            }
        }

        impl ::core::convert::From<$kind> for $name {
            fn from(kind: $kind) -> Self {
                Self::new(kind)
            }
        }
    };
}

located_error! {
    @shape
    /// What is wrong with a document, and where.
    ///
    /// ```
    /// use mdm_xml::{ErrorKind, Options, Reader};
    ///
    /// let mut reader = Reader::new("<a>\n  <b>1</c>\n</a>", &Options::default())?;
    /// reader.root()?;
    /// let error = reader.skip().unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::MismatchedEndTag { .. }));
    /// assert_eq!(error.to_string(), "<b> is closed by </c>, at line 2, column 7 (in a/b)");
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    pub struct Error(ErrorKind);
}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self::new(malformed.into())
    }
}

/// A name from the input, as long as an error message may quote it.
pub(crate) fn quote(name: &str) -> Box<str> {
    const LONGEST: usize = 64;
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let kept = name.get(..end).unwrap_or_default();
    let quoted = printable(kept);
    if kept.len() == name.len() { quoted.into() } else { format!("{quoted}…").into() }
}

/// Whether a character could end a line of a log, steer a terminal, or turn the text around it.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// A peer's text for one line of a log: characters that could end the line, steer a terminal or
/// turn the text around them are escaped.
///
/// ```
/// assert_eq!(mdm_xml::printable("a\nERROR \u{1b}[2J"), "a\\nERROR \\u{1b}[2J");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unprintable(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}
