//! Escaping: exactly what XML needs to give the same characters back.

use std::borrow::Cow;

use crate::text::is_char;
use crate::words::{self, COPY, copy};
use crate::writer::Sink;

const TEXT: u8 = 1;
const ATTRIBUTE: u8 = 2;
/// May begin a character that XML cannot carry.
const SUSPECT: u8 = 4;

/// What each byte needs: a bit for text, one for attributes.
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a constant")]
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'&' | b'<' | b'>' | b'\r' => TEXT | ATTRIBUTE,
            b'"' | b'\t' | b'\n' => ATTRIBUTE,
            0..0x20 => TEXT | ATTRIBUTE | SUSPECT,
            // The first byte of U+F000 to U+FFFF.
            0xEF => TEXT | ATTRIBUTE | SUSPECT,
            _ => 0,
        };
        byte += 1;
    }
    class
};

#[inline(always)]
fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Whether a byte may need something, without a branch.
#[inline(always)]
fn needs<const NEEDS: u8>(byte: u8) -> bool {
    let markup = (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == 0xEF);
    if NEEDS == ATTRIBUTE {
        markup | (byte < 0x20) | (byte == b'"')
    } else {
        markup | ((byte < 0x20) & (byte != b'\t') & (byte != b'\n'))
    }
}

/// Whether a block may hold something. There is no branch inside, so that the compiler makes vector
/// instructions of it.
#[inline(always)]
fn is_suspect<const NEEDS: u8, const N: usize>(block: &[u8; N]) -> bool {
    block.iter().fold(false, |found, &byte| found | needs::<NEEDS>(byte))
}

/// Looks at blocks of `N`; the last one may begin in the one before it. Says where the first is
/// that may hold something, or that there is none. There have to be `N` bytes.
#[inline(always)]
fn suspect_block<const NEEDS: u8, const N: usize>(bytes: &[u8]) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<N>();
    if let Some(index) = blocks.iter().position(is_suspect::<NEEDS, N>) {
        return Some(index * N);
    }
    let last = bytes.last_chunk::<N>()?;
    is_suspect::<NEEDS, N>(last).then(|| bytes.len() - N)
}

/// Where the first byte stands that needs something.
#[inline(always)]
fn first_special<const NEEDS: u8>(bytes: &[u8]) -> Option<usize> {
    let from = match bytes.len() {
        4..=16 if NEEDS == TEXT && words::none_to_escape::<false>(bytes) => return None,
        4..=16 if NEEDS == ATTRIBUTE && words::none_to_escape::<true>(bytes) => return None,
        0..=16 => 0,
        17..32 => suspect_block::<NEEDS, 16>(bytes)?,
        _ => suspect_block::<NEEDS, 32>(bytes)?,
    };
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|&byte| class(byte) & NEEDS != 0).map(|found| from + found)
}

/// Writes character data; returns how many characters XML cannot carry.
#[inline]
pub(crate) fn text_into(text: &str, sink: &mut impl Sink) -> usize {
    escape_into::<TEXT>(text, sink)
}

/// Writes an attribute's value; returns how many characters XML cannot carry.
pub(crate) fn attribute_into(text: &str, sink: &mut impl Sink) -> usize {
    escape_into::<ATTRIBUTE>(text, sink)
}

#[inline]
fn escape_into<const NEEDS: u8>(text: &str, sink: &mut impl Sink) -> usize {
    match first_special::<NEEDS>(text.as_bytes()) {
        None => {
            sink.push_str(text);
            0
        }
        Some(first) => escape_from::<NEEDS>(text, first, sink),
    }
}

/// What is written for each byte, with its length in the highest eight bits: 0 where the character
/// has to be looked at.
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a constant")]
const fn written(needs: u8) -> [u64; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let plain = [byte as u8];
        let (text, class): (&[u8], u8) = match byte as u8 {
            b'&' => (b"&amp;", TEXT | ATTRIBUTE),
            b'<' => (b"&lt;", TEXT | ATTRIBUTE),
            b'>' => (b"&gt;", TEXT | ATTRIBUTE),
            // A reader makes a newline of a bare one.
            b'\r' => (b"&#13;", TEXT | ATTRIBUTE),
            b'"' => (b"&quot;", ATTRIBUTE),
            b'\t' => (b"&#9;", ATTRIBUTE),
            b'\n' => (b"&#10;", ATTRIBUTE),
            _ => (&plain, TEXT | ATTRIBUTE),
        };
        let text: &[u8] = if class & needs == 0 { &plain } else { text };
        if CLASS[byte] & SUSPECT == 0 {
            let mut at = text.len();
            while at > 0 {
                at -= 1;
                table[byte] = table[byte] << 8 | text[at] as u64;
            }
            table[byte] |= (text.len() as u64) << 56;
        }
        byte += 1;
    }
    table
}

const IN_TEXT: [u64; 256] = written(TEXT);
const IN_ATTRIBUTE: [u64; 256] = written(ATTRIBUTE);

/// Bytes with a bit each in one word of marks.
const BLOCK: usize = 64;
/// Bytes that are escaped into the buffer before the sink gets them.
const PART: usize = 2 * BLOCK;
/// A part and what may be read behind it.
const WINDOW: usize = PART + COPY;
/// The most that a part takes, and what may be written behind it.
const BUFFER: usize = PART * "&quot;".len() + COPY;

/// Escapes the first `length` bytes of a window into a buffer, up to a character that has to be
/// looked at. Returns how many bytes were taken and how many are in the buffer.
///
/// In markup the next special byte is near and never where one would guess. So there is no branch
/// for it: 32 bytes are copied whatever is wanted of them, and behind what is wanted stands what is
/// written for the special byte, eight bytes whatever its length.
fn fill<const NEEDS: u8>(
    window: &[u8; WINDOW],
    length: usize,
    buffer: &mut [u8; BUFFER],
) -> (usize, usize) {
    let table = if NEEDS == ATTRIBUTE { &IN_ATTRIBUTE } else { &IN_TEXT };
    let (mut taken, mut filled) = (0, 0);
    let (blocks, _) = window.as_chunks::<BLOCK>();
    for (start, block) in (0..length).step_by(BLOCK).zip(blocks) {
        let mut marks = words::bits_of(block, needs::<NEEDS>);
        if let Some(wanted @ 0..BLOCK) = length.checked_sub(start) {
            marks &= (1 << wanted) - 1;
        }
        while marks != 0 {
            let at = start + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            let Some(entry) = window.get(at).and_then(|&byte| table.get(usize::from(byte))) else {
                return (taken, filled);
            };
            if *entry == 0 && is_allowed(window, at) {
                continue;
            }
            let plain = at - taken;
            if copy(window, taken, plain, buffer, filled).is_none() {
                return (taken, filled);
            }
            (taken, filled) = (at, filled + plain);
            let written = (entry >> 56) as usize;
            let place = buffer.get_mut(filled..).and_then(<[u8]>::first_chunk_mut);
            let (Some(place), 1..) = (place, written) else { return (taken, filled) };
            // With its length behind it, which what follows is written over.
            *place = entry.to_le_bytes();
            (taken, filled) = (at + 1, filled + written);
        }
    }
    let plain = length - taken;
    match copy(window, taken, plain, buffer, filled) {
        Some(()) => (length, filled + plain),
        None => (taken, filled),
    }
}

/// Whether a byte that has to be looked at begins a character of XML: U+F000 to U+FFFD, among them
/// the punctuation of Chinese.
#[inline(always)]
fn is_allowed(window: &[u8; WINDOW], at: usize) -> bool {
    match window.get(at..).and_then(<[u8]>::first_chunk) {
        Some([0xEF, second, third]) => (*second, *third) < (0xBF, 0xBE),
        _ => false,
    }
}

/// The same for a text whose first special byte is known. Away from the others, which have no need
/// of the registers that it takes.
#[inline(never)]
fn escape_from<const NEEDS: u8>(text: &str, first: usize, sink: &mut impl Sink) -> usize {
    let bytes = text.as_bytes();
    let mut buffer = [0; BUFFER];
    let mut replaced = 0;
    let (mut at, mut next) = (0, Some(first));
    while let Some(more) = next {
        if more > 0 {
            sink.push_str(text.get(at..at + more).unwrap_or_default());
            at += more;
        }
        let (mut taken, mut filled) = escape_part::<NEEDS>(bytes, at, &mut buffer);
        // A character that was cut is taken the next time; its bytes stand for themselves.
        while !text.is_char_boundary(at + taken) {
            (taken, filled) = (taken - 1, filled - 1);
        }
        sink.push_utf8(buffer.get(..filled).unwrap_or_default());
        at += taken;
        if bytes.get(at).is_some_and(|&byte| class(byte) & SUSPECT != 0) {
            let from = text.get(at..).unwrap_or_default();
            let character = from.chars().next().unwrap_or_default();
            let end = at + character.len_utf8();
            if is_char(character) {
                sink.push_str(text.get(at..end).unwrap_or_default());
            } else {
                replaced += 1;
                sink.push_str("\u{fffd}");
            }
            at = end;
        }
        // Where much was escaped there is more of it.
        let rest = bytes.get(at..).unwrap_or_default();
        next =
            if filled > taken && !rest.is_empty() { Some(0) } else { first_special::<NEEDS>(rest) };
    }
    sink.push_str(text.get(at..).unwrap_or_default());
    replaced
}

/// Escapes the next part of a text; the end of the text is put into a window of its own.
#[inline(always)]
fn escape_part<const NEEDS: u8>(
    bytes: &[u8],
    at: usize,
    buffer: &mut [u8; BUFFER],
) -> (usize, usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(window) = rest.first_chunk() {
        return fill::<NEEDS>(window, PART, buffer);
    }
    let mut window = [0; WINDOW];
    for (to, from) in window.iter_mut().zip(rest) {
        *to = *from;
    }
    fill::<NEEDS>(&window, rest.len().min(PART), buffer)
}

/// `text` as character data of an XML document. Characters that XML cannot carry become U+FFFD.
///
/// ```
/// assert_eq!(mdm_xml::escape_text("a < b"), "a &lt; b");
/// ```
#[must_use]
pub fn escape_text(text: &str) -> Cow<'_, str> {
    if first_special::<TEXT>(text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + text.len() / 8 + 8);
    text_into(text, &mut escaped);
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::writer::Counter;

    /// Character by character, as anybody would write it.
    fn simply(text: &str, in_attribute: bool) -> (String, usize) {
        let (mut out, mut replaced) = (String::new(), 0);
        for character in text.chars() {
            match character {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '\r' => out.push_str("&#13;"),
                '"' if in_attribute => out.push_str("&quot;"),
                '\t' if in_attribute => out.push_str("&#9;"),
                '\n' if in_attribute => out.push_str("&#10;"),
                other if is_char(other) => out.push(other),
                _ => {
                    out.push('\u{fffd}');
                    replaced += 1;
                }
            }
        }
        (out, replaced)
    }

    /// Two sinks that are given the same.
    impl<A: Sink, B: Sink> Sink for (A, B) {
        fn push_str(&mut self, text: &str) {
            self.0.push_str(text);
            self.1.push_str(text);
        }

        fn push_utf8(&mut self, bytes: &[u8]) {
            self.0.push_utf8(bytes);
            self.1.push_utf8(bytes);
        }
    }

    /// A sink that knows only how to take text.
    struct Plain(String);

    impl Sink for Plain {
        fn push_str(&mut self, text: &str) {
            self.0.push_str(text);
        }
    }

    fn check(text: &str) {
        for (into, in_attribute) in
            [(text_into as fn(&str, &mut _) -> _, false), (attribute_into, true)]
        {
            let (expected, replaced) = simply(text, in_attribute);
            let mut sink = (Plain(String::new()), (Vec::new(), Counter::default()));
            assert_eq!(into(text, &mut sink), replaced);
            let (Plain(string), (bytes, counter)) = sink;
            assert_eq!(string, expected, "{text:?}");
            assert_eq!((bytes.as_slice(), counter.bytes()), (expected.as_bytes(), expected.len()));
        }
        assert_eq!(escape_text(text), simply(text, false).0);
    }

    #[test]
    fn each_byte_is_escaped_wherever_it_stands() {
        let special = [
            "&", "<", ">", "\r", "\"", "\t", "\n", "\0", "\u{1f}", "ä", "ｦ", "，", "\u{fffd}",
            "\u{ffff}", "𝄞",
        ];
        for one in special {
            for before in 0..40 {
                for after in [0, 1, 7, 8, 9, 30] {
                    check(&format!("{}{one}{}", "a".repeat(before), "b".repeat(after)));
                }
            }
            // Over and over the buffer, and with plain text between.
            check(&one.repeat(2 * BUFFER));
            check(&format!("{one}{}", "a".repeat(100)).repeat(20));
            check(&format!("{one}éa").repeat(BUFFER));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(500)
        })]

        #[test]
        fn chance_texts_are_escaped_as_anybody_would(
            parts in prop::collection::vec("[a-z]{0,40}|[<>&\"\r\n\t]{1,6}|[é€𝄞ｦ\u{1}\u{fffd}\u{fffe}\u{ffff}]{1,9}", 0..60),
        ) {
            check(&parts.concat());
        }
    }
}
