//! Attributes of a start tag.

use std::borrow::Cow;

use crate::error::Malformed;
use crate::name::{self, NsId};
use crate::text;

/// One attribute as it stands in a start tag.
#[derive(Clone, Copy)]
pub(crate) struct RawAttribute<'x> {
    pub(crate) name: &'x str,
    pub(crate) value: &'x str,
    /// Bytes before the name, counted from where the splitting began.
    pub(crate) offset: usize,
}

/// Splits what follows the name in a start tag.
#[derive(Clone)]
pub(crate) struct RawAttributes<'x> {
    text: &'x str,
    at: usize,
}

impl<'x> RawAttributes<'x> {
    pub(crate) fn new(text: &'x str) -> Self {
        Self { text, at: 0 }
    }

    fn split(&mut self) -> Result<Option<RawAttribute<'x>>, Malformed> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let from = rest.trim_start_matches(crate::is_space);
        if from.is_empty() {
            return Ok(None);
        }
        // Attributes are separated by white space.
        if from.len() == rest.len() {
            return Err(Malformed::Attribute);
        }
        let offset = self.text.len() - from.len();
        let (name, value) = from.split_once('=').ok_or(Malformed::Attribute)?;
        let name = name.trim_end_matches(crate::is_space);
        let value = value.trim_start_matches(crate::is_space);
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let value = quote.and_then(|quote| value.strip_prefix(quote)?.split_once(quote));
        let (value, after) = value.ok_or(Malformed::Attribute)?;
        if !name::is_name(name) {
            return Err(Malformed::Name);
        }
        if memchr::memchr(b'<', value.as_bytes()).is_some() {
            return Err(Malformed::Attribute);
        }
        self.at = self.text.len() - after.len();
        Ok(Some(RawAttribute { name, value, offset }))
    }
}

impl<'x> Iterator for RawAttributes<'x> {
    type Item = Result<RawAttribute<'x>, (usize, Malformed)>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        let split = self.split().map_err(|malformed| {
            self.at = self.text.len();
            (at, malformed)
        });
        split.transpose()
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
        name::split(self.name).0
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local(&self) -> &'x str {
        name::split(self.name).1
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
        text::attribute_value(self.raw)
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

    type Split<'x> = Result<Vec<(&'x str, &'x str, usize)>, (usize, Malformed)>;

    fn split(text: &str) -> Split<'_> {
        RawAttributes::new(text)
            .map(|attribute| attribute.map(|found| (found.name, found.value, found.offset)))
            .collect()
    }

    #[test]
    fn attributes_are_split_at_their_quotes() {
        assert_eq!(split(" a='1'\n b:c = \"'2'>\"  "), Ok(vec![("a", "1", 1), ("b:c", "'2'>", 8)]));
        assert_eq!(split(""), Ok(vec![]));
        assert_eq!(split("  "), Ok(vec![]));
    }

    #[test]
    fn what_is_no_attribute_is_refused_where_it_stands() {
        for (text, expected) in [
            (" a", (0, Malformed::Attribute)),
            (" a=1", (0, Malformed::Attribute)),
            (" a='1'b='2'", (6, Malformed::Attribute)),
            (" a='<'", (0, Malformed::Attribute)),
            (" 1='1'", (0, Malformed::Name)),
            (" ='1'", (0, Malformed::Name)),
        ] {
            assert_eq!(split(text), Err(expected), "{text}");
        }
    }
}
