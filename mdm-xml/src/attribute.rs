//! Attributes of a start tag.

use std::borrow::Cow;

use crate::error::Malformed;
use crate::name::{self, NsId};
use crate::{unescape, words};

/// One attribute as it stands in a start tag.
#[derive(Clone, Copy)]
pub(crate) struct RawAttribute<'x> {
    pub(crate) name: &'x str,
    /// Bytes before the colon of the name; none for 0.
    pub(crate) colon: usize,
    pub(crate) value: &'x str,
    /// Bytes before the name in the text that was split.
    pub(crate) offset: usize,
    /// There is an `&` in the value.
    pub(crate) references: bool,
}

/// The attribute whose name begins `at` bytes into the text, and where it ends.
#[inline(always)]
pub(crate) fn split(text: &str, at: usize) -> Result<(RawAttribute<'_>, usize), Malformed> {
    let from = text.get(at..).unwrap_or_default();
    let bytes = from.as_bytes();
    let Some(name) = name::scan(bytes) else {
        return Err(Malformed::Name);
    };
    let open = match bytes.get(name.length..) {
        // As nearly everybody writes it.
        Some([b'=', b'"' | b'\'', ..]) => name.length + 1,
        _ => quote_behind(bytes, name.length)?,
    };
    let quote = bytes.get(open).copied().unwrap_or_default();
    let inside = from.get(open + 1..).unwrap_or_default();
    let (length, references) =
        end_of_value(inside.as_bytes(), quote).ok_or(Malformed::OpenAttribute)?;
    if inside.as_bytes().get(length) != Some(&quote) {
        return Err(Malformed::Attribute);
    }
    let attribute = RawAttribute {
        name: from.get(..name.length).unwrap_or_default(),
        colon: name.colon,
        value: inside.get(..length).unwrap_or_default(),
        offset: at,
        references,
    };
    Ok((attribute, at + open + 1 + length + 1))
}

/// Where the quote stands behind `=`, with blanks around that.
#[cold]
fn quote_behind(bytes: &[u8], name: usize) -> Result<usize, Malformed> {
    let space = |at: usize| {
        let rest = bytes.iter().skip(at);
        at + rest.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
    };
    let equals = space(name);
    match bytes.get(equals) {
        Some(b'=') => {}
        Some(_) => return Err(Malformed::Attribute),
        None => return Err(Malformed::OpenTag),
    }
    let open = space(equals + 1);
    match bytes.get(open) {
        Some(b'"' | b'\'') => Ok(open),
        Some(_) => Err(Malformed::Attribute),
        None => Err(Malformed::OpenTag),
    }
}

/// Where the first quote or `<` stands, and whether there is an `&` before it. Most values are so
/// short that to set up a search takes longer than to look.
#[inline(always)]
fn end_of_value(inside: &[u8], quote: u8) -> Option<(usize, bool)> {
    /// Words before a search is set up: a GUID fits.
    const WORDS: usize = 5;
    let (words, _) = inside.as_chunks::<8>();
    let (mut looked_at, mut references) = (0, false);
    for eight in words.iter().take(WORDS) {
        let word = u64::from_le_bytes(*eight);
        let ends = words::first_mark_of(word, quote) | words::first_mark_of(word, b'<');
        // Those before the end.
        references |= words::first_mark_of(word, b'&') & ends.wrapping_sub(1) & !ends != 0;
        if ends != 0 {
            return Some((looked_at + words::first_of(ends), references));
        }
        looked_at += 8;
    }
    let rest = inside.get(looked_at..)?;
    let more = memchr::memchr2(quote, b'<', rest)?;
    references = references || memchr::memchr(b'&', rest.get(..more)?).is_some();
    Some((looked_at + more, references))
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
    fn values_end_at_their_quote_wherever_it_stands() {
        for length in 0..70 {
            for (quote, other) in [('"', '\''), ('\'', '"')] {
                // Neighbours of the bytes that are looked for stand before them.
                for plain in ["=", "#", "%", "\u{bc}", "\u{a6}", "a"] {
                    let plain = plain.repeat(length);
                    let value = format!("{plain}{other}");
                    let text = format!("a={quote}{value}{quote} b={quote}&{quote}");
                    let (found, end) = split(&text, 0).unwrap();
                    assert_eq!((found.value, found.references), (&*value, false), "{text}");
                    let (found, _) = split(&text, end + 1).unwrap();
                    assert_eq!((found.value, found.references), ("&", true), "{text}");
                    let text = format!("a={quote}{plain}&{plain}{quote}");
                    assert!(split(&text, 0).unwrap().0.references, "{text}");
                    for bad in [format!("a={quote}{plain}<{quote}"), format!("a={quote}{plain}")] {
                        assert!(split(&bad, 0).is_err(), "{bad}");
                    }
                }
            }
        }
    }

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
