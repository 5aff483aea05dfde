//! References, line ends and attribute values: from what stands in a document to what it means.

use std::borrow::Cow;

use crate::error::{ErrorKind, Malformed, quote};
use crate::limits::Tolerance;
use crate::text::is_char;

/// The longest reference that can be a character: `&#x0010FFFF;` has twelve bytes; some peers pad
/// numbers with zeros.
const LONGEST_REFERENCE: usize = 32;

/// The character of one of XML's own entities that `text` begins with, and how long it is written.
/// Escaped documents have one every thirty bytes.
#[inline(always)]
fn predefined(text: &[u8]) -> Option<(u8, usize)> {
    const LT: u32 = u32::from_le_bytes(*b"&lt;");
    const GT: u32 = u32::from_le_bytes(*b"&gt;");
    const AMP: u32 = u32::from_le_bytes(*b"&amp");
    const QUOT: u32 = u32::from_le_bytes(*b"&quo");
    const APOS: u32 = u32::from_le_bytes(*b"&apo");
    let (four, rest) = text.split_first_chunk::<4>()?;
    match u32::from_le_bytes(*four) {
        LT => Some((b'<', 4)),
        GT => Some((b'>', 4)),
        AMP if rest.starts_with(b";") => Some((b'&', 5)),
        QUOT if rest.starts_with(b"t;") => Some((b'"', 6)),
        APOS if rest.starts_with(b"s;") => Some((b'\'', 6)),
        _ => None,
    }
}

/// The character of the reference that `text` begins with, and what follows it.
#[inline]
fn reference(text: &str) -> Result<(char, &str), ErrorKind> {
    match predefined(text.as_bytes()) {
        Some((byte, length)) => Ok((char::from(byte), text.get(length..).unwrap_or_default())),
        None => character_reference(text),
    }
}

/// A reference to a character by its number.
#[cold]
fn character_reference(text: &str) -> Result<(char, &str), ErrorKind> {
    let inside = text.strip_prefix('&').unwrap_or(text);
    let window = inside.as_bytes().get(..LONGEST_REFERENCE.min(inside.len())).unwrap_or_default();
    let Some(end) = memchr::memchr(b';', window) else {
        return Err(Malformed::Reference.into());
    };
    let (Some(name), Some(after)) = (inside.get(..end), inside.get(end + 1..)) else {
        return Err(Malformed::Reference.into());
    };
    let Some(number) = name.strip_prefix('#') else {
        return Err(if crate::name::is_name(name) {
            ErrorKind::UnknownEntity(quote(name))
        } else {
            Malformed::Reference.into()
        });
    };
    let code = match number.strip_prefix('x') {
        Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            u32::from_str_radix(hex, 16)
        }
        None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse(),
        _ => return Err(ErrorKind::CharReference(quote(name))),
    };
    let character = code.ok().and_then(char::from_u32);
    let character = character.ok_or_else(|| ErrorKind::CharReference(quote(name)))?;
    Ok((character, after))
}

/// Each byte of a word of eight.
const ONES: u64 = u64::from_ne_bytes([1; 8]);
/// What of each byte is not its highest bit.
const LOWS: u64 = u64::from_ne_bytes([0x7f; 8]);
/// Bytes that are looked at together: escaped markup has a reference in most, other text in few.
const BLOCK: usize = 32;

/// Marks the bytes that are `byte`, and no others, in their highest bits; the first byte of the
/// text is the lowest one of the word.
#[inline(always)]
const fn marks_of(word: u64, byte: u8) -> u64 {
    // A byte of zero is where `byte` was, and the only one whose highest bit nothing sets.
    let differs = word ^ (ONES * byte as u64);
    !((differs & LOWS).wrapping_add(LOWS) | differs | LOWS)
}

/// Which byte the lowest mark stands for.
#[inline(always)]
const fn first_of(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// Checks every reference of `text`; the error says how far it is in.
pub(crate) fn check_references(
    text: &str,
    forbidden_chars: Tolerance,
) -> Result<(), (usize, ErrorKind)> {
    let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
    for (index, block) in blocks.iter().enumerate() {
        // Without a branch inside, so that the compiler makes vector instructions of it.
        if block.iter().fold(false, |found, &byte| found | (byte == b'&')) {
            check_words(text, index * BLOCK, block, forbidden_chars)?;
        }
    }
    check_words(text, blocks.len() * BLOCK, rest, forbidden_chars)
}

/// Checks the references that begin in `bytes`, which stand in `text` behind `start`.
#[inline(always)]
fn check_words(
    text: &str,
    start: usize,
    bytes: &[u8],
    forbidden_chars: Tolerance,
) -> Result<(), (usize, ErrorKind)> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let mut marks = marks_of(u64::from_le_bytes(*word), b'&');
        while marks != 0 {
            check_reference(text, start + index * 8 + first_of(marks), forbidden_chars)?;
            marks &= marks - 1;
        }
    }
    let start = start + words.len() * 8;
    for (at, _) in rest.iter().enumerate().filter(|(_, byte)| **byte == b'&') {
        check_reference(text, start + at, forbidden_chars)?;
    }
    Ok(())
}

/// Checks the reference that the `&` at a place begins. There is no `&` inside of a reference.
#[inline(always)]
fn check_reference(
    text: &str,
    at: usize,
    forbidden_chars: Tolerance,
) -> Result<(), (usize, ErrorKind)> {
    if predefined(text.as_bytes().get(at..).unwrap_or_default()).is_some() {
        return Ok(());
    }
    let from = text.get(at..).unwrap_or_default();
    let (character, _) = character_reference(from).map_err(|kind| (at, kind))?;
    if forbidden_chars == Tolerance::Refuse && !is_char(character) {
        return Err((at, ErrorKind::ForbiddenChar(character.into())));
    }
    Ok(())
}

/// What to do with `&` that begins no reference, and with references to characters that XML
/// forbids.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Bad {
    Refuse,
    /// The text was checked before, as its reader was told to. A reference to any character means
    /// it; should one come that is none, it stays as it stands.
    Keep,
}

/// Appends `raw` with references and line ends resolved.
fn resolve_onto(raw: &str, out: &mut Vec<u8>, bad: Bad) -> Result<(), (usize, ErrorKind)> {
    let start = out.len();
    out.resize(start + raw.len(), 0);
    let (length, result) = resolve_into(raw, out.get_mut(start..).unwrap_or_default(), bad);
    out.truncate(start + length);
    result
}

/// Writes `raw` with references and line ends resolved into `out`, which is as long at least: no
/// reference is shorter than its character. Returns how much was written, and how it ended.
fn resolve_into(raw: &str, out: &mut [u8], bad: Bad) -> (usize, Result<(), (usize, ErrorKind)>) {
    // Line ends of Windows are rare in what is escaped.
    if memchr::memchr(b'\r', raw.as_bytes()).is_some() {
        resolve::<true>(raw, out, bad)
    } else {
        resolve::<false>(raw, out, bad)
    }
}

fn resolve<const RETURNS: bool>(
    raw: &str,
    out: &mut [u8],
    bad: Bad,
) -> (usize, Result<(), (usize, ErrorKind)>) {
    let bytes = raw.as_bytes();
    let (mut from, mut to) = (0, 0);
    loop {
        let plain = copy_plain::<RETURNS>(bytes, from, out, to);
        from += plain;
        to += plain;
        let rest = bytes.get(from..).unwrap_or_default();
        if let (Some((byte, length)), Some(place)) = (predefined(rest), out.get_mut(to)) {
            *place = byte;
            from += length;
            to += 1;
            continue;
        }
        match rest {
            [] => return (to, Ok(())),
            [b'\r', after @ ..] => {
                from += if after.first() == Some(&b'\n') { 2 } else { 1 };
                to += put(out, to, '\n');
                continue;
            }
            _ => {}
        }
        match reference(raw.get(from..).unwrap_or_default()) {
            Ok((character, _)) if bad == Bad::Refuse && !is_char(character) => {
                return (to, Err((from, ErrorKind::ForbiddenChar(character.into()))));
            }
            Ok((character, after)) => {
                from = raw.len() - after.len();
                to += put(out, to, character);
            }
            Err(kind) if bad == Bad::Refuse => return (to, Err((from, kind))),
            Err(_) => {
                from += 1;
                to += put(out, to, '&');
            }
        }
    }
}

/// Copies what stands before the next `&` (or carriage return, if there is one in the text), and
/// returns how long that is. Eight bytes at a time, and perhaps more than are wanted, since what
/// comes later overwrites them: in escaped markup one reference follows the other at once or after
/// a name, where to set up a search takes longer than to look.
#[inline(always)]
fn copy_plain<const RETURNS: bool>(bytes: &[u8], from: usize, out: &mut [u8], to: usize) -> usize {
    /// Words before a search is set up.
    const WORDS: usize = 4;
    let from = bytes.get(from..).unwrap_or_default();
    let to = out.get_mut(to..).unwrap_or_default();
    if from.first() == Some(&b'&') {
        return 0;
    }
    let words = from.as_chunks::<8>().0.iter().zip(to.as_chunks_mut::<8>().0).take(WORDS);
    let mut plain = 0;
    for (word, place) in words {
        *place = *word;
        let word = u64::from_le_bytes(*word);
        let mut marks = marks_of(word, b'&');
        if RETURNS {
            marks |= marks_of(word, b'\r');
        }
        if marks != 0 {
            return plain + first_of(marks);
        }
        plain += 8;
    }
    let rest = from.get(plain..).unwrap_or_default();
    let more =
        if RETURNS { memchr::memchr2(b'&', b'\r', rest) } else { memchr::memchr(b'&', rest) };
    let more = more.unwrap_or(rest.len());
    if let (Some(rest), Some(place)) = (rest.get(..more), to.get_mut(plain..plain + more)) {
        place.copy_from_slice(rest);
    }
    plain + more
}

/// Writes a character; returns how long it is.
#[inline(always)]
fn put(out: &mut [u8], to: usize, character: char) -> usize {
    if let (Ok(byte), Some(place)) = (u8::try_from(character), out.get_mut(to))
        && byte.is_ascii()
    {
        *place = byte;
        return 1;
    }
    let length = character.len_utf8();
    match out.get_mut(to..to + length) {
        Some(place) => character.encode_utf8(place).len(),
        None => 0,
    }
}

/// Text that was checked when it was read, with references and line ends resolved.
pub(crate) fn resolved(raw: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'&', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::new();
    // What it cannot resolve it keeps.
    let _ = resolve_onto(raw, &mut out, Bad::Keep);
    Cow::Owned(into_string(out))
}

/// Every piece that was put in is UTF-8, so nothing is replaced.
fn into_string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
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
    if memchr::memchr2(b'&', b'\r', text.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::new();
    unescape_into(text, &mut out).map_err(|(_, kind)| kind)?;
    Ok(Cow::Owned(out))
}

/// Appends `text` with its references resolved to a buffer that is used again and again.
///
/// # Errors
/// As [`unescape`], with how many bytes of `text` stand before what is wrong; what stands before
/// it has been appended.
///
/// ```
/// let mut out = "1".to_owned();
/// assert!(mdm_xml::unescape_into(" &lt; 2", &mut out).is_ok());
/// assert_eq!(out, "1 < 2");
/// assert_eq!(mdm_xml::unescape_into("3 &", &mut out).unwrap_err().0, 2);
/// ```
pub fn unescape_into(text: &str, out: &mut String) -> Result<(), (usize, ErrorKind)> {
    if out.is_empty() {
        let mut bytes = std::mem::take(out).into_bytes();
        let result = resolve_onto(text, &mut bytes, Bad::Refuse);
        *out = into_string(bytes);
        return result;
    }
    // What is there is not looked at again, so that many small pieces cost no more than one.
    let mut bytes = Vec::new();
    let result = resolve_onto(text, &mut bytes, Bad::Refuse);
    out.push_str(&into_string(bytes));
    result
}

/// Memory for texts whose references are resolved one after the other. It is as large as the
/// largest of them was, and unlike with [`unescape_into`] none of it is written twice.
///
/// ```
/// use mdm_xml::Unescaped;
///
/// let mut memory = Unescaped::default();
/// assert_eq!(memory.unescape("1 &lt; 2")?, "1 < 2");
/// assert_eq!(memory.unescape("&#x26;")?, "&");
/// assert_eq!(memory.unescape("3 &").unwrap_err().0, 2);
/// # Ok::<(), (usize, mdm_xml::ErrorKind)>(())
/// ```
#[derive(Default)]
pub struct Unescaped {
    /// What was resolved last, at its beginning.
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Unescaped {
    /// Not what it holds: that may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unescaped").field("capacity", &self.capacity()).finish()
    }
}

impl Unescaped {
    /// The text with its references resolved. It replaces the one before.
    ///
    /// # Errors
    /// As [`unescape`], with how many bytes of `text` stand before what is wrong.
    pub fn unescape(&mut self, text: &str) -> Result<&str, (usize, ErrorKind)> {
        if self.bytes.len() < text.len() {
            // What is there is of no use, so it is not copied.
            if self.bytes.capacity() < text.len() {
                self.bytes = Vec::new();
            }
            self.bytes.resize(text.len(), 0);
        }
        let (length, result) = resolve_into(text, &mut self.bytes, Bad::Refuse);
        result?;
        // Every piece that was put in is UTF-8.
        let resolved = self.bytes.get(..length).unwrap_or_default();
        std::str::from_utf8(resolved).map_err(|error| (error.valid_up_to(), ErrorKind::Utf8))
    }

    /// Bytes that it holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

/// `text` with `\r\n` and `\r` as `\n` (XML 1.0, 2.11).
pub(crate) fn normalize_lines(text: &str) -> Cow<'_, str> {
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
    fn references_and_line_ends_are_resolved_wherever_they_stand() {
        // Around the word that is looked at in one step.
        for at in 0..40 {
            for (special, resolved) in
                [("&amp;", "&"), ("\r\n", "\n"), ("\r", "\n"), ("&#252;", "ü")]
            {
                let text = format!("{}{special}{}", "ö".repeat(at), "b".repeat(at));
                let expected = format!("{}{resolved}{}", "ö".repeat(at), "b".repeat(at));
                assert_eq!(unescape(&text), Ok(expected.into()));
            }
            let text = format!("{}& ", "ö".repeat(at));
            let mut out = String::new();
            let error = (2 * at, Malformed::Reference.into());
            assert_eq!(unescape_into(&text, &mut out), Err(error));
            assert_eq!(out, "ö".repeat(at));
        }
    }

    #[test]
    fn every_reference_is_checked_wherever_it_stands() {
        let check = |text: &str| check_references(text, Tolerance::Refuse);
        for at in 0..80 {
            for more in 0..20 {
                // Neighbours of `&` and bytes of characters before it, others behind it.
                for before in ["a", "\'", "%", "\u{fc}", "\u{a6}", "&#38;"] {
                    let before = before.repeat(at);
                    let text = format!("{before}&lt;{}", "&amp;b".repeat(more));
                    assert_eq!(check(&text), Ok(()), "{text}");
                    let text = format!("{before}&b{}", "&b".repeat(more));
                    assert_eq!(check(&text), Err((before.len(), Malformed::Reference.into())));
                    let text = format!("{before}&#1;{}", "&b".repeat(more));
                    assert_eq!(check(&text), Err((before.len(), ErrorKind::ForbiddenChar(1))));
                    assert_eq!(check(&before), Ok(()));
                }
            }
        }
        assert_eq!(check_references("&#1;", Tolerance::Keep), Ok(()));
    }

    #[test]
    fn marks_are_of_the_byte_and_of_no_other() {
        for other in 0..=u8::MAX {
            let word = [other, b'&', other, other, b'&', b'&', other, other];
            let expected: u64 = if other == b'&' { !LOWS } else { 0x0000_8080_0000_8000 };
            assert_eq!(marks_of(u64::from_le_bytes(word), b'&'), expected, "{other}");
        }
    }

    #[test]
    fn memory_for_texts_grows_with_the_largest_and_shows_only_the_last() {
        let mut memory = Unescaped::default();
        for text in ["a &lt; b", "&amp;", "", "a\r\nb", &"x&#252;".repeat(50), "y"] {
            assert_eq!(memory.unescape(text).ok(), unescape(text).ok().as_deref(), "{text}");
        }
        assert!((350..700).contains(&memory.capacity()));
        assert_eq!(memory.unescape("abc&").unwrap_err(), (3, Malformed::Reference.into()));
        assert_eq!(
            format!("{memory:?}"),
            format!("Unescaped {{ capacity: {} }}", memory.capacity())
        );
    }

    #[test]
    fn attribute_values_have_blanks_for_white_space_but_keep_references_to_it() {
        assert_eq!(attribute_value("a\tb\r\nc&#10;d&amp;"), "a b c\nd&");
        assert!(matches!(attribute_value("plain"), Cow::Borrowed("plain")));
    }
}
