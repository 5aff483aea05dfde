//! References, line ends and attribute values: from what stands in a document to what it means.

use std::borrow::Cow;

use crate::error::ErrorKind;
use crate::reference::{predefined, reference};
use crate::text::is_char;
use crate::words::{COPY, bits_of, copy, first_of, marks_of};

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
        (from, to) = resolve_blocks::<RETURNS>(bytes, from, out, to);
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

/// Bytes whose references are found together.
const BLOCK: usize = 64;
/// A block, the end of a reference that begins in it, and what may be read behind that.
const WINDOW: usize = BLOCK + "quot;".len() + COPY;

/// Resolves the references of blocks, up to one that has to be looked at, or to a block with none,
/// or to the end of the text. Returns how far it came in both.
///
/// In markup the next reference is near and never where one would guess. So there is no branch for
/// it: 32 bytes are copied whatever is wanted of them, what comes later overwrites the others.
#[inline(always)]
fn resolve_blocks<const RETURNS: bool>(
    bytes: &[u8],
    mut from: usize,
    out: &mut [u8],
    mut to: usize,
) -> (usize, usize) {
    while let Some(window) = bytes.get(from..).and_then(<[u8]>::first_chunk::<WINDOW>)
        && let Some(block) = window.first_chunk()
    {
        let mut marks = bits_of(block, |byte| (byte == b'&') | (RETURNS & (byte == b'\r')));
        if marks == 0 {
            break;
        }
        let mut taken = 0;
        while marks != 0 {
            let at = marks.trailing_zeros() as usize;
            marks &= marks - 1;
            let plain = at - taken;
            if copy(window, taken, plain, out, to).is_none() {
                return (from + taken, to);
            }
            (taken, to) = (at, to + plain);
            let rest = window.get(at..).unwrap_or_default();
            let (Some((byte, length)), Some(place)) = (predefined(rest), out.get_mut(to)) else {
                return (from + taken, to);
            };
            *place = byte;
            (taken, to) = (at + length, to + 1);
        }
        let plain = BLOCK.saturating_sub(taken);
        if copy(window, taken, plain, out, to).is_none() {
            return (from + taken, to);
        }
        (from, to) = (from + taken + plain, to + plain);
    }
    (from, to)
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
/// [`Malformed::Reference`](crate::Malformed::Reference).
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
    use proptest::prelude::*;

    use super::*;
    use crate::reference::check_references;
    use crate::{Malformed, Tolerance};

    /// Character by character, as anybody would write it: what is meant, and how far it was right.
    fn simply(text: &str) -> (String, Option<usize>) {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(character) = rest.chars().next() {
            let (meant, length) = match character {
                '&' => match reference(rest) {
                    Ok((meant, after)) if is_char(meant) => (meant, rest.len() - after.len()),
                    _ => return (out, Some(text.len() - rest.len())),
                },
                '\r' if rest.starts_with("\r\n") => ('\n', 2),
                '\r' => ('\n', 1),
                other => (other, other.len_utf8()),
            };
            out.push(meant);
            rest = rest.get(length..).unwrap_or_default();
        }
        (out, None)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn blocks_say_what_characters_say(
            text in "(&lt;|&gt;|&lt;a&gt;|&amp;|&quot;|&apos;|&#13;|&#x1F600;|\r\n|\r|\u{fc}|\u{20ac}|[a-z ;]{1,9}|[a-z]{20,70}){0,60}(&|&b;|&#1;)?[a-z]{0,120}",
        ) {
            let (meant, wrong) = simply(&text);
            let mut out = "before".to_owned();
            let result = unescape_into(&text, &mut out);
            prop_assert_eq!(result.as_ref().err().map(|(at, _)| *at), wrong);
            prop_assert_eq!(out, format!("before{meant}"));
            let mut memory = Unescaped::default();
            prop_assert_eq!(memory.unescape(&text), result.as_ref().map(|()| &*meant).map_err(Clone::clone));
            let checked = check_references(&text, Tolerance::Refuse);
            prop_assert_eq!(checked, result);
            if wrong.is_none() {
                prop_assert_eq!(&*resolved(&text), meant);
            }
        }
    }

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
