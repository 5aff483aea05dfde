//! Character data: kept as it stands, resolved when asked for.

use std::borrow::Cow;

use crate::error::{ErrorKind, Malformed, quote};
use crate::limits::Tolerance;

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
    /// A comment or a processing instruction.
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
            return if resolve { Cow::Owned(resolved(self.raw)) } else { Cow::Borrowed(self.raw) };
        }
        if let Some(only) = only_section(self.raw) {
            return normalize_lines(only);
        }
        let mut joined = String::with_capacity(self.raw.len());
        for_each_piece(self.raw, |piece| match piece {
            Piece::Text(text) => resolve_into(text, &mut joined),
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
        } else if let Some(comment) = markup.strip_prefix("<!--") {
            comment.split_once("-->").map_or("", |(_, after)| after)
        } else {
            markup.split_once("?>").map_or("", |(_, after)| after)
        };
    }
}

/// `text` with `\r\n` and `\r` as `\n` (XML 1.0, 2.11).
fn normalize_lines(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut lines = String::with_capacity(text.len());
    push_lines(text, &mut lines);
    Cow::Owned(lines)
}

fn push_lines(text: &str, out: &mut String) {
    let mut pieces = text.split('\r');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.push('\n');
        out.push_str(piece.strip_prefix('\n').unwrap_or(piece));
    }
}

fn resolved(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    resolve_into(raw, &mut out);
    out
}

/// Appends `raw` with its references and line ends resolved. A reference that is none was refused
/// when the text was read; should one come all the same, it stays as it stands.
fn resolve_into(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', b'\r', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = if let Some(after) = from.strip_prefix('\r') {
            out.push('\n');
            after.strip_prefix('\n').unwrap_or(after)
        } else {
            match reference(from) {
                Ok((character, after)) => {
                    out.push(character);
                    after
                }
                Err(_) => {
                    out.push('&');
                    from.strip_prefix('&').unwrap_or_default()
                }
            }
        };
    }
    out.push_str(rest);
}

/// The longest reference that can be a character: `&#x0010FFFF;` has twelve bytes; some peers pad
/// numbers with zeros.
const LONGEST_REFERENCE: usize = 32;

/// The character of the reference that `text` begins with, and what follows it.
fn reference(text: &str) -> Result<(char, &str), ErrorKind> {
    let inside = text.strip_prefix('&').unwrap_or(text);
    let window = inside.as_bytes().get(..LONGEST_REFERENCE.min(inside.len())).unwrap_or_default();
    let Some(end) = memchr::memchr(b';', window) else {
        return Err(Malformed::Reference.into());
    };
    let (Some(name), Some(after)) = (inside.get(..end), inside.get(end + 1..)) else {
        return Err(Malformed::Reference.into());
    };
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => match name.strip_prefix('#') {
            Some(number) => {
                let code = match number.strip_prefix('x') {
                    Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                        u32::from_str_radix(hex, 16)
                    }
                    None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse(),
                    _ => return Err(ErrorKind::CharReference(quote(name))),
                };
                let character = code.ok().and_then(char::from_u32);
                character.ok_or_else(|| ErrorKind::CharReference(quote(name)))?
            }
            None if crate::name::is_name(name) => {
                return Err(ErrorKind::UnknownEntity(quote(name)));
            }
            None => return Err(Malformed::Reference.into()),
        },
    };
    Ok((character, after))
}

/// Checks every reference of `text` from its first `&` on; the error says how far it is in.
pub(crate) fn check_references(
    text: &str,
    forbidden_chars: Tolerance,
) -> Result<bool, (usize, ErrorKind)> {
    let mut rest = text;
    let mut found = false;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        found = true;
        let from = rest.get(at..).unwrap_or_default();
        let offset = text.len() - from.len();
        let (character, after) = reference(from).map_err(|kind| (offset, kind))?;
        if forbidden_chars == Tolerance::Refuse && !is_char(character) {
            return Err((offset, ErrorKind::ForbiddenChar(character.into())));
        }
        rest = after;
    }
    Ok(found)
}

/// Whether XML 1.0 allows the character (production 2).
pub(crate) fn is_char(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}

/// Where the first character stands that XML 1.0 forbids.
pub(crate) fn forbidden_char(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Blocks without a branch inside, so that the compiler makes vector instructions of them.
    let suspect = |block: &[u8]| block.iter().fold(false, |found, &byte| found | control(byte));
    let mut first = None;
    for (index, block) in bytes.chunks(256).enumerate() {
        if suspect(block) {
            first = block.iter().position(|&byte| control(byte)).map(|at| index * 256 + at);
            break;
        }
    }
    let control = first.and_then(|at| Some((at, text.get(at..)?.chars().next()?)));
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    let noncharacter = memchr::memmem::find_iter(bytes, b"\xef\xbf").find_map(|at| {
        let character = text.get(at..)?.chars().next()?;
        (!is_char(character)).then_some((at, character))
    });
    match (control, noncharacter) {
        (Some(control), Some(other)) => Some(control.min(other)),
        (control, other) => control.or(other),
    }
}

/// `text` with its references resolved: what is between quotes or tags in XML as what it means.
///
/// # Errors
/// [`ErrorKind::UnknownEntity`], [`ErrorKind::CharReference`], [`ErrorKind::ForbiddenChar`] and
/// [`Malformed::Reference`].
///
/// ```
/// assert_eq!(mdm_xml::unescape("a &lt; b &#x26; c")?, "a < b & c");
/// assert!(mdm_xml::unescape("&nbsp;").is_err());
/// # Ok::<(), mdm_xml::ErrorKind>(())
/// ```
pub fn unescape(text: &str) -> Result<Cow<'_, str>, ErrorKind> {
    match check_references(text, Tolerance::Refuse) {
        Ok(true) => Ok(Cow::Owned(resolved(text))),
        Ok(false) => Ok(normalize_lines(text)),
        Err((_, kind)) => Err(kind),
    }
}

/// An attribute's value as XML reads it: references resolved, tabs and line ends as blanks.
pub(crate) fn attribute_value(raw: &str) -> Cow<'_, str> {
    let needs = raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r'));
    if !needs {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r'))
    {
        let (before, from) = rest.split_at(at);
        value.push_str(before);
        rest = if let Some(after) = from.strip_prefix("\r\n") {
            value.push(' ');
            after
        } else if let Some(after) = from.strip_prefix(['\t', '\n', '\r']) {
            value.push(' ');
            after
        } else if let Ok((character, after)) = reference(from) {
            value.push(character);
            after
        } else {
            value.push('&');
            from.strip_prefix('&').unwrap_or_default()
        };
    }
    value.push_str(rest);
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_or_named_in_the_error() {
        let long = format!("&{};", "a".repeat(100));
        assert_eq!(
            unescape("&amp;&lt;&gt;&quot;&apos;&#65;&#x42;&#x0000043;"),
            Ok("&<>\"'ABC".into())
        );
        assert_eq!(unescape("a\r\nb\rc"), Ok("a\nb\nc".into()));
        assert_eq!(unescape("&foo;"), Err(ErrorKind::UnknownEntity("foo".into())));
        assert_eq!(unescape("&#xD800;"), Err(ErrorKind::CharReference("#xD800".into())));
        assert_eq!(unescape("&#x110000;"), Err(ErrorKind::CharReference("#x110000".into())));
        assert_eq!(unescape("&#+5;"), Err(ErrorKind::CharReference("#+5".into())));
        assert_eq!(unescape("&#1;"), Err(ErrorKind::ForbiddenChar(1)));
        for text in ["&", "& ", "&;", "&a b;", long.as_str()] {
            assert_eq!(unescape(text), Err(Malformed::Reference.into()), "{text}");
        }
    }

    #[test]
    fn the_first_forbidden_character_is_found_wherever_it_is() {
        assert_eq!(forbidden_char("a\tb\r\nc\u{fffd}"), None);
        for at in [0, 1, 255, 256, 257, 1000] {
            let text = format!("{}\u{1}{}", "a".repeat(at), "\u{ffff}");
            assert_eq!(forbidden_char(&text), Some((at, '\u{1}')));
            let text = format!("{}\u{ffff}{}", "a".repeat(at), "\u{1}");
            assert_eq!(forbidden_char(&text), Some((at, '\u{ffff}')));
        }
    }

    #[test]
    fn attribute_values_have_blanks_for_white_space_but_keep_references_to_it() {
        assert_eq!(attribute_value("a\tb\r\nc&#10;d&amp;"), "a b c\nd&");
        assert!(matches!(attribute_value("plain"), Cow::Borrowed("plain")));
    }
}
