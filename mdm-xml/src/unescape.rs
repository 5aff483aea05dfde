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

/// Where the first `&` stands. In escaped markup one often follows the other at once or after a
/// name, where to set up a search takes longer than to look.
#[inline(always)]
fn next_reference(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    const WANTED: u64 = u64::from_ne_bytes([b'&'; 8]);
    if bytes.first() == Some(&b'&') {
        return Some(0);
    }
    let (words, _) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words.get(..WORDS).unwrap_or(words) {
        // A byte of zero is where `&` was; of several, the lowest one is found for certain.
        let differs = u64::from_le_bytes(*word) ^ WANTED;
        let zero = differs.wrapping_sub(ONES) & !differs & HIGH;
        if zero != 0 {
            return Some(at + zero.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr(b'&', bytes.get(at..)?).map(|more| at + more)
}

/// As far as [`next_reference`] looks before it searches.
const WORDS: usize = 4;

/// Checks every reference of `text` from its first `&` on; the error says how far it is in.
pub(crate) fn check_references(
    text: &str,
    forbidden_chars: Tolerance,
) -> Result<bool, (usize, ErrorKind)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut found = false;
    while let Some(next) = next_reference(bytes.get(at..).unwrap_or_default()) {
        found = true;
        at += next;
        if let Some((_, length)) = predefined(bytes.get(at..).unwrap_or_default()) {
            at += length;
            continue;
        }
        let from = text.get(at..).unwrap_or_default();
        let (character, after) = character_reference(from).map_err(|kind| (at, kind))?;
        if forbidden_chars == Tolerance::Refuse && !is_char(character) {
            return Err((at, ErrorKind::ForbiddenChar(character.into())));
        }
        at = text.len() - after.len();
    }
    Ok(found)
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
fn resolve_into(raw: &str, out: &mut Vec<u8>, bad: Bad) -> Result<(), (usize, ErrorKind)> {
    let bytes = raw.as_bytes();
    let start = out.len();
    // No reference is shorter than its character.
    out.resize(start + bytes.len(), 0);
    // Line ends of Windows are rare in what is escaped; a search for one byte is faster.
    let returns = memchr::memchr(b'\r', bytes).is_some();
    let (mut from, mut to) = (0, start);
    let result = loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let special =
            if returns { memchr::memchr2(b'&', b'\r', rest) } else { next_reference(rest) };
        let plain = special.unwrap_or(rest.len());
        if plain > 0 {
            copy(rest, out.get_mut(to..).unwrap_or_default(), plain);
        }
        from += plain;
        to += plain;
        if special.is_none() {
            break Ok(());
        }
        let rest = bytes.get(from..).unwrap_or_default();
        if let (Some((byte, length)), Some(place)) = (predefined(rest), out.get_mut(to)) {
            *place = byte;
            from += length;
            to += 1;
            continue;
        }
        if rest.first() == Some(&b'\r') {
            from += if rest.get(1) == Some(&b'\n') { 2 } else { 1 };
            to += put(out, to, '\n');
            continue;
        }
        match reference(raw.get(from..).unwrap_or_default()) {
            Ok((character, _)) if bad == Bad::Refuse && !is_char(character) => {
                break Err((from, ErrorKind::ForbiddenChar(character.into())));
            }
            Ok((character, after)) => {
                from = raw.len() - after.len();
                to += put(out, to, character);
            }
            Err(kind) if bad == Bad::Refuse => break Err((from, kind)),
            Err(_) => {
                from += 1;
                to += put(out, to, '&');
            }
        }
    };
    out.truncate(to);
    result
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

/// Copies the first `length` bytes, and more where that is faster: what comes later overwrites it.
#[inline(always)]
fn copy(from: &[u8], to: &mut [u8], length: usize) {
    const WORD: usize = 32;
    match (from.first_chunk::<WORD>(), to.first_chunk_mut::<WORD>()) {
        (Some(from), Some(to)) if length <= WORD => *to = *from,
        _ => {
            if let (Some(from), Some(to)) = (from.get(..length), to.get_mut(..length)) {
                to.copy_from_slice(from);
            }
        }
    }
}

/// Text that was checked when it was read, with references and line ends resolved.
pub(crate) fn resolved(raw: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'&', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::new();
    // What it cannot resolve it keeps.
    let _ = resolve_into(raw, &mut out, Bad::Keep);
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
        let result = resolve_into(text, &mut bytes, Bad::Refuse);
        *out = into_string(bytes);
        return result;
    }
    // What is there is not looked at again, so that many small pieces cost no more than one.
    let mut bytes = Vec::new();
    let result = resolve_into(text, &mut bytes, Bad::Refuse);
    out.push_str(&into_string(bytes));
    result
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
    fn the_next_reference_is_found_wherever_it_is() {
        for at in 0..80 {
            for more in 0..20 {
                // Neighbours of `&` and bytes of characters before it, others behind it.
                for before in ["a", "\'", "%", "\u{fc}", "\u{a6}"] {
                    let text = format!("{}&{}", before.repeat(at), "&b".repeat(more));
                    let expected = text.find('&');
                    assert_eq!(next_reference(text.as_bytes()), expected, "{text}");
                    let none = before.repeat(at);
                    assert_eq!(next_reference(none.as_bytes()), None);
                }
            }
        }
    }

    #[test]
    fn attribute_values_have_blanks_for_white_space_but_keep_references_to_it() {
        assert_eq!(attribute_value("a\tb\r\nc&#10;d&amp;"), "a b c\nd&");
        assert!(matches!(attribute_value("plain"), Cow::Borrowed("plain")));
    }
}
