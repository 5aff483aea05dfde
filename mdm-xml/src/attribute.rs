//! Attributes of a start tag.

use std::borrow::Cow;

use crate::error::Malformed;
use crate::name::{self, NsId};
use crate::unescape;

/// One attribute as it stands in a start tag.
#[derive(Clone, Copy)]
pub(crate) struct RawAttribute<'x> {
    pub(crate) name: &'x str,
    /// Bytes before the colon of the name; none for 0.
    pub(crate) colon: usize,
    pub(crate) value: &'x str,
    /// Bytes before the name in the text that was split.
    pub(crate) offset: usize,
}

/// The attribute whose name begins `at` bytes into the text, and where it ends.
#[inline(always)]
pub(crate) fn split(text: &str, at: usize) -> Result<(RawAttribute<'_>, usize), Malformed> {
    let bytes = text.as_bytes();
    let space = |mut at: usize| {
        while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            at += 1;
        }
        at
    };
    let Some(name) = name::scan(bytes.get(at..).unwrap_or_default()) else {
        return Err(Malformed::Name);
    };
    let name_end = at + name.length;
    let equals = space(name_end);
    match bytes.get(equals) {
        Some(b'=') => {}
        Some(_) => return Err(Malformed::Attribute),
        None => return Err(Malformed::OpenTag),
    }
    let open = space(equals + 1);
    let quote = match bytes.get(open) {
        Some(quote @ (b'"' | b'\'')) => *quote,
        Some(_) => return Err(Malformed::Attribute),
        None => return Err(Malformed::OpenTag),
    };
    let inside = bytes.get(open + 1..).unwrap_or_default();
    let length = memchr::memchr2(quote, b'<', inside).ok_or(Malformed::OpenAttribute)?;
    if inside.get(length) != Some(&quote) {
        return Err(Malformed::Attribute);
    }
    let end = open + 1 + length;
    let attribute = RawAttribute {
        name: text.get(at..name_end).unwrap_or_default(),
        colon: name.colon,
        value: text.get(open + 1..end).unwrap_or_default(),
        offset: at,
    };
    Ok((attribute, end + 1))
}

/// Splits what follows the name in a start tag, which was checked when the tag was read.
#[derive(Clone)]
pub(crate) struct RawAttributes<'x> {
    text: &'x str,
    at: usize,
}

impl<'x> RawAttributes<'x> {
    pub(crate) fn new(text: &'x str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'x> Iterator for RawAttributes<'x> {
    type Item = RawAttribute<'x>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        let from = rest.trim_start_matches(crate::is_space);
        let (attribute, after) = split(self.text, self.text.len() - from.len()).ok()?;
        self.at = after;
        Some(attribute)
    }
}

/// The prefix that a namespace declaration declares, empty for the default namespace; `None` for
/// an attribute that declares nothing.
pub(crate) fn declared_prefix(name: &str) -> Option<&str> {
    match name.strip_prefix("xmlns")? {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}

/// One attribute of an element; see [`Reader::attributes`](crate::Reader::attributes).
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'x> {
    pub(crate) name: &'x str,
    pub(crate) colon: usize,
    pub(crate) raw: &'x str,
    pub(crate) ns: NsId,
    pub(crate) offset: usize,
}

impl<'x> Attribute<'x> {
    /// The name with its prefix.
    #[must_use]
    pub fn name(&self) -> &'x str {
        self.name
    }

    /// The prefix, empty for none.
    #[must_use]
    pub fn prefix(&self) -> &'x str {
        name::prefix(self.name, self.colon)
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local(&self) -> &'x str {
        name::local(self.name, self.colon)
    }

    /// The namespace; an attribute without a prefix has none, whatever its element's is.
    #[must_use]
    pub fn ns(&self) -> NsId {
        self.ns
    }

    /// The value: references resolved, tabs and line ends as blanks. Borrowed where nothing of
    /// that is needed.
    #[must_use]
    pub fn value(&self) -> Cow<'x, str> {
        unescape::attribute_value(self.raw)
    }

    /// The value as it stands between its quotes.
    #[must_use]
    pub fn raw(&self) -> &'x str {
        self.raw
    }

    /// Bytes before the name in the document.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_split_at_their_quotes() {
        let split = |text| -> Vec<(&str, &str, usize)> {
            RawAttributes::new(text).map(|found| (found.name, found.value, found.offset)).collect()
        };
        assert_eq!(split(" a='1'\n b:c = \"'2'>\"  "), [("a", "1", 1), ("b:c", "'2'>", 8)]);
        assert_eq!(split(""), []);
        assert_eq!(split("  "), []);
    }

    #[test]
    fn what_is_no_attribute_is_refused() {
        for (text, expected) in [
            ("a", Malformed::OpenTag),
            ("a=1", Malformed::Attribute),
            ("a b='1'", Malformed::Attribute),
            ("a='<'", Malformed::Attribute),
            ("a='1", Malformed::OpenAttribute),
            ("1='1'", Malformed::Name),
            ("='1'", Malformed::Name),
        ] {
            assert_eq!(split(text, 0).err(), Some(expected), "{text}");
        }
    }
}
