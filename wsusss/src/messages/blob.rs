//! Documents as they travel: text that is escaped, or a cabinet in base64.

use std::borrow::Cow;
use std::fmt;

use mdm_xml::{Text, unescape_into};

use crate::error::{Error, ErrorKind};
use crate::metadata::{self, Part, Scratch, Select};

/// A document's text. Servers escape it; that is undone when it is read, as far as it is read.
///
/// ```
/// use wsusss::messages::DocumentText;
///
/// let text = DocumentText::from("<upd:Update/>");
/// assert_eq!(text.to_text(), "<upd:Update/>");
/// ```
#[derive(Clone)]
pub struct DocumentText<'a>(Inner<'a>);

#[derive(Clone)]
enum Inner<'a> {
    Plain(Cow<'a, str>),
    /// As it stands in the message. Its references were checked.
    Escaped(Cow<'a, str>),
}

impl<'a> DocumentText<'a> {
    pub(super) fn of(text: &Text<'a>) -> Self {
        Self(match text.as_escaped() {
            Some(raw) => Inner::Escaped(Cow::Borrowed(raw)),
            None => Inner::Plain(text.value()),
        })
    }

    /// The text. Borrowed if it did not come escaped.
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        match &self.0 {
            Inner::Plain(text) => Cow::Borrowed(text),
            Inner::Escaped(raw) => Cow::Owned(resolved(raw)),
        }
    }

    /// The text itself.
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        match self.0 {
            Inner::Plain(text) => text,
            Inner::Escaped(raw) => Cow::Owned(resolved(&raw)),
        }
    }

    /// Appends the text to a buffer that is used again and again.
    pub fn push_to(&self, out: &mut String) {
        match &self.0 {
            Inner::Plain(text) => out.push_str(text),
            // It was checked when the message was read.
            Inner::Escaped(raw) => drop(unescape_into(raw, out)),
        }
    }

    /// Whether it is empty or white space only.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match &self.0 {
            Inner::Plain(text) => text.trim().is_empty(),
            // White space is not escaped, or by its number; and a carriage return is as good as
            // escaped, since a line end is made of it.
            Inner::Escaped(raw) => {
                let rest = raw.trim_start();
                rest.is_empty() || (rest.starts_with("&#") && resolved(raw).trim().is_empty())
            }
        }
    }

    /// The same, independent of the message that it was read from.
    #[must_use]
    pub fn into_owned(self) -> DocumentText<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        DocumentText(match self.0 {
            Inner::Plain(text) => Inner::Plain(own(text)),
            Inner::Escaped(raw) => Inner::Plain(own(resolved(&raw).into())),
        })
    }

    pub(super) fn visit<'s>(
        &'s self,
        select: Select<'_>,
        limits: &crate::Limits,
        scratch: &'s mut Scratch,
        each: impl FnMut(Part<'s>),
    ) -> Result<(), Error> {
        match &self.0 {
            Inner::Plain(text) => metadata::visit(text, select, limits, scratch, each),
            Inner::Escaped(raw) => metadata::visit_escaped(raw, select, limits, scratch, each),
        }
    }

    /// The part of the message that it borrows, and whether that is escaped.
    pub(crate) fn borrowed(&self) -> Option<(&'a str, bool)> {
        match self.0 {
            Inner::Plain(Cow::Borrowed(text)) => Some((text, false)),
            Inner::Escaped(Cow::Borrowed(text)) => Some((text, true)),
            _ => None,
        }
    }

    /// What [`borrowed`](Self::borrowed) gave, as it was.
    pub(crate) fn restored(text: &'a str, escaped: bool) -> Self {
        let text = Cow::Borrowed(text);
        Self(if escaped { Inner::Escaped(text) } else { Inner::Plain(text) })
    }
}

fn resolved(raw: &str) -> String {
    let mut text = String::new();
    let _ = unescape_into(raw, &mut text);
    text
}

impl<'a> From<Cow<'a, str>> for DocumentText<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Inner::Plain(text))
    }
}

impl<'a> From<&'a str> for DocumentText<'a> {
    fn from(text: &'a str) -> Self {
        Self(Inner::Plain(Cow::Borrowed(text)))
    }
}

impl From<String> for DocumentText<'_> {
    fn from(text: String) -> Self {
        Self(Inner::Plain(Cow::Owned(text)))
    }
}

impl fmt::Debug for DocumentText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), f)
    }
}

impl fmt::Display for DocumentText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_text())
    }
}

/// Two are the same if their texts are, whether they came escaped or not.
impl PartialEq for DocumentText<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.to_text() == other.to_text()
    }
}

impl Eq for DocumentText<'_> {}

impl PartialEq<str> for DocumentText<'_> {
    fn eq(&self, other: &str) -> bool {
        self.to_text() == other
    }
}

impl PartialEq<&str> for DocumentText<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.to_text() == *other
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for DocumentText<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for DocumentText<'_> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <String as serde::Deserialize>::deserialize(deserializer).map(Self::from)
    }
}

/// An update document as it travels.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Blob<'a> {
    /// As text.
    Text(Cow<'a, str>),
    /// As a cabinet in base64; see [`cab`](crate::cab).
    Compressed(Cow<'a, str>),
    /// Not there.
    None,
}

impl<'a> Blob<'a> {
    /// The document's text.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] where there is none, [`ErrorKind::Value`] for what is no base64, and
    /// those of [`cab::document`](crate::cab::document).
    #[cfg(feature = "cab")]
    pub fn document(&self, limits: &crate::Limits) -> Result<Cow<'_, str>, Error> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Compressed(text) => {
                let cab = super::values::decode_base64(text)?;
                crate::cab::document(&cab, limits).map(Cow::Owned)
            }
            Self::None => Err(ErrorKind::Missing("XmlUpdateBlob").into()),
        }
    }

    /// The document, as far as it is wanted. What is not is never held, not even while it is
    /// decompressed.
    ///
    /// # Errors
    /// As [`document`](Self::document) and [`Update::read`](crate::Update::read).
    #[cfg(feature = "cab")]
    pub fn update(
        &self,
        select: Select<'_>,
        limits: &crate::Limits,
    ) -> Result<crate::Update<'_>, Error> {
        match self {
            Self::Text(text) => crate::Update::read(text, select, limits),
            Self::Compressed(text) => {
                crate::cab::read_update(&super::values::decode_base64(text)?, select, limits)
            }
            Self::None => Err(ErrorKind::Missing("XmlUpdateBlob").into()),
        }
    }

    /// The document's text, decompressed if need be; borrowed if not.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] where there is none, or none that can be read without the feature
    /// `cab`; else those of `document`.
    pub fn into_document(self, limits: &crate::Limits) -> Result<Cow<'a, str>, Error> {
        match self {
            Self::Text(text) => Ok(text),
            #[cfg(feature = "cab")]
            blob => blob.document(limits).map(|text| Cow::Owned(text.into_owned())),
            #[cfg(not(feature = "cab"))]
            _ => {
                let _ = limits;
                Err(ErrorKind::Missing("XmlUpdateBlob").into())
            }
        }
    }
}
