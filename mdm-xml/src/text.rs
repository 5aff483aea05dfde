//! Character data: kept as it stands, resolved when asked for.

use std::borrow::Cow;
use std::ops::Range;

use crate::tokenizer::Tokenizer;
use crate::unescape::{normalize_lines, resolved};

/// What the character data of an element is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TextKind {
    /// Text only (or nothing).
    Plain,
    /// CDATA sections only, blanks around them aside.
    CData,
    /// Text and CDATA sections.
    Mixed,
}

/// A run of character data: text, references, CDATA sections, with comments and processing
/// instructions between them passed over.
///
/// It is checked when it is read and joined when it is asked for, so what nobody asks for costs
/// nothing.
///
/// ```
/// use std::borrow::Cow;
/// use mdm_xml::{Options, Reader, TextKind};
///
/// let mut reader = Reader::new("<a>1 &lt; <![CDATA[2]]></a>", &Options::default())?;
/// reader.root()?;
/// let text = reader.text()?;
/// assert_eq!(text.value(), "1 < 2");
/// assert_eq!(text.kind(), TextKind::Mixed);
///
/// let mut reader = Reader::new("<a><![CDATA[2]]></a>", &Options::default())?;
/// reader.root()?;
/// assert!(matches!(reader.text()?.value(), Cow::Borrowed("2")));
/// # Ok::<(), mdm_xml::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Text<'x> {
    raw: &'x str,
    offset: usize,
    pieces: Pieces,
}

/// What a run holds, found while it was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pieces {
    /// A reference or a carriage return in text.
    pub(crate) resolve: bool,
    /// A CDATA section.
    pub(crate) cdata: bool,
    /// Text that is not blank.
    pub(crate) text: bool,
    /// Other markup than that and tags.
    pub(crate) markup: bool,
}

impl<'x> Text<'x> {
    pub(crate) fn new(raw: &'x str, offset: usize, pieces: Pieces) -> Self {
        Self { raw, offset, pieces }
    }

    /// The text: references and CDATA sections resolved, line ends as `\n`. Borrowed when it
    /// stands in one piece.
    #[must_use]
    pub fn value(&self) -> Cow<'x, str> {
        let Pieces { resolve, cdata, markup, .. } = self.pieces;
        if !cdata && !markup {
            return if resolve { resolved(self.raw) } else { Cow::Borrowed(self.raw) };
        }
        if let Some(only) = only_section(self.raw) {
            return normalize_lines(only);
        }
        let mut joined = String::with_capacity(self.raw.len());
        for_each_piece(self.raw, |piece| match piece {
            Piece::Text(text) => joined.push_str(&resolved(text)),
            Piece::Section(text) => joined.push_str(&normalize_lines(text)),
        });
        Cow::Owned(joined)
    }

    /// The text as it stands in the document, markup of CDATA sections and comments included.
    #[must_use]
    pub fn raw(&self) -> &'x str {
        self.raw
    }

    /// The text if it stands in the document in one piece that needs no resolving, so that it can
    /// be taken without looking at it again.
    #[must_use]
    pub fn as_borrowed(&self) -> Option<&'x str> {
        match self.value_if_borrowed() {
            Some(text) => Some(text),
            None if self.pieces.cdata => match normalize_lines(only_section(self.raw)?) {
                Cow::Borrowed(text) => Some(text),
                Cow::Owned(_) => None,
            },
            None => None,
        }
    }

    /// The text as it stands in the document if it is in one piece that needs resolving: what
    /// [`unescape_into`](crate::unescape_into) makes [`value`](Self::value) of, or of any
    /// beginning of it that does not end inside a reference.
    #[must_use]
    pub fn as_escaped(&self) -> Option<&'x str> {
        let Pieces { resolve, cdata, markup, .. } = self.pieces;
        (resolve && !cdata && !markup).then_some(self.raw)
    }

    fn value_if_borrowed(&self) -> Option<&'x str> {
        let Pieces { resolve, cdata, markup, .. } = self.pieces;
        (!resolve && !cdata && !markup).then_some(self.raw)
    }

    /// What it is made of.
    #[must_use]
    pub fn kind(&self) -> TextKind {
        match (self.pieces.cdata, self.pieces.text) {
            (false, _) => TextKind::Plain,
            (true, false) => TextKind::CData,
            (true, true) => TextKind::Mixed,
        }
    }

    /// Bytes before it in the document.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether it is empty or white space only, CDATA sections looked into.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        if !self.pieces.text && !self.pieces.cdata {
            return true;
        }
        self.value().trim_matches(crate::is_space).is_empty()
    }
}

/// The content of the CDATA section that `raw` is, if it is one and nothing else.
fn only_section(raw: &str) -> Option<&str> {
    let content = raw.strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
    (!content.contains("]]>")).then_some(content)
}

enum Piece<'x> {
    Text(&'x str),
    Section(&'x str),
}

/// Splits a run that was checked while it was read.
fn for_each_piece<'x>(raw: &'x str, mut piece: impl FnMut(Piece<'x>)) {
    let mut rest = raw;
    while !rest.is_empty() {
        let (text, markup) =
            rest.split_at(memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len()));
        if !text.is_empty() {
            piece(Piece::Text(text));
        }
        rest = if let Some(section) = markup.strip_prefix("<![CDATA[") {
            let (content, after) = section.split_once("]]>").unwrap_or((section, ""));
            piece(Piece::Section(content));
            after
        } else {
            // At the top of a fragment also a declaration or a document type.
            let mut tokens = Tokenizer::new(markup);
            let passed = tokens.markup().is_ok();
            markup.get(tokens.offset()..).filter(|_| passed).unwrap_or_default()
        };
    }
}

/// Whether XML 1.0 allows the character (production 2).
pub(crate) fn is_char(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}

/// The first character that XML 1.0 forbids (production 2), and the bytes before it: what a
/// [`Reader`](crate::Reader) refuses, for who reads in another way or keeps such characters.
///
/// ```
/// assert_eq!(mdm_xml::forbidden_char("<a>\0</a>"), Some((3, '\0')));
/// assert_eq!(mdm_xml::forbidden_char("<a>\t\u{fffd}</a>"), None);
/// ```
#[must_use]
pub fn forbidden_char(text: &str) -> Option<(usize, char)> {
    forbidden_char_in(text, 0..text.len())
}

/// The same, of the characters that begin in `within`.
pub(crate) fn forbidden_char_in(text: &str, within: Range<usize>) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let end = within.end.min(bytes.len());
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    let noncharacters = memchr::memmem::Finder::new(b"\xef\xbf");
    // Part by part, so that a large text comes from memory once and not for each search.
    let mut start = within.start;
    while start < end {
        let after = end.min(start + PART);
        let part = bytes.get(start..after).unwrap_or_default();
        let control = first_control(part).map(|at| start + at);
        // With the second byte of what begins in this part.
        let more = bytes.get(start..bytes.len().min(after + 1)).unwrap_or_default();
        let noncharacter = noncharacters.find_iter(more).map(|at| start + at).find(|&at| {
            let third = bytes.get(at + 2);
            third.is_some_and(|third| *third >= 0xBE)
        });
        let first = match (control, noncharacter) {
            (Some(control), Some(other)) => Some(control.min(other)),
            (control, other) => control.or(other),
        };
        if let Some(at) = first {
            return Some((at, text.get(at..)?.chars().next()?));
        }
        start = after;
    }
    None
}

/// Bytes that stay in the first cache while they are looked at, and for who reads them then.
pub(crate) const PART: usize = 1 << 13;

/// The first control character that XML forbids.
fn first_control(bytes: &[u8]) -> Option<usize> {
    let control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Blocks without a branch inside, so that the compiler makes vector instructions of them. The
    // smallest byte says enough of most, unless there are many line ends.
    let smallest = |block: &[u8]| block.iter().fold(u8::MAX, |least, &byte| least.min(byte));
    let suspect = |block: &[u8]| block.iter().fold(false, |found, &byte| found | control(byte));
    let mut blocks = bytes.chunks(256).enumerate();
    let (index, block) = blocks.find(|(_, block)| smallest(block) < 0x20 && suspect(block))?;
    block.iter().position(|&byte| control(byte)).map(|at| index * 256 + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_forbidden_character_is_found_wherever_it_is() {
        assert_eq!(forbidden_char("a\tb\r\nc\u{fffd}"), None);
        let parts = (PART - 4..PART + 4).chain([2 * PART - 2, 2 * PART - 1]);
        for at in [0, 1, 255, 256, 257, 1000].into_iter().chain(parts) {
            let text = format!("{}\u{1}{}", "a".repeat(at), "\u{ffff}");
            assert_eq!(forbidden_char(&text), Some((at, '\u{1}')));
            let text = format!("{}\u{ffff}{}", "a".repeat(at), "\u{1}");
            assert_eq!(forbidden_char(&text), Some((at, '\u{ffff}')));
            let text = format!("{}\u{fffd}\u{fffe}", "\u{fff0}".repeat(at));
            assert_eq!(forbidden_char(&text), Some((3 * at + 3, '\u{fffe}')));
            let text = format!("{}\u{1}", "\u{fffd}".repeat(at));
            assert_eq!(forbidden_char(&text), Some((3 * at, '\u{1}')));
        }
    }

    #[test]
    fn parts_of_a_text_one_after_another_leave_nothing_out() {
        for bad in ["\u{1}", "\u{fffe}"] {
            let text = format!("aäa{bad}a");
            let at = text.find(bad).unwrap();
            for cut in 0..=text.len() {
                let found = forbidden_char_in(&text, 0..cut);
                assert_eq!(found.is_some(), cut > at, "{cut}");
                // A character that began before is the earlier part's.
                let rest = forbidden_char_in(&text, cut..usize::MAX);
                assert_eq!(rest.is_some(), cut <= at, "{cut}");
            }
        }
    }
}
