//! Escaping: exactly what XML needs to give the same characters back.

use std::borrow::Cow;

use crate::text::is_char;
use crate::words;
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

/// Whether a block may hold something. There is no branch inside, so that the compiler makes vector
/// instructions of it.
#[inline(always)]
fn is_suspect<const NEEDS: u8, const N: usize>(block: &[u8; N]) -> bool {
    let suspect = |byte: u8| {
        let markup = (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == 0xEF);
        if NEEDS == ATTRIBUTE {
            markup | (byte < 0x20) | (byte == b'"')
        } else {
            markup | ((byte < 0x20) & (byte != b'\t') & (byte != b'\n'))
        }
    };
    block.iter().fold(false, |found, &byte| found | suspect(byte))
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

/// Bytes that are put together before the sink gets them.
const BUFFER: usize = 512;
/// The most that eight bytes take, and what is written behind them.
const ROOM: usize = 8 * "&quot;".len() + 8;

/// Escapes bytes into a buffer, as far as it goes: until it is full, until nothing had to be escaped
/// for a while, or to a character that has to be looked at. Returns how many bytes were taken and
/// how many are in the buffer.
///
/// In markup the next special byte is near, so each byte of a word that has one is looked up, and
/// eight bytes are written for it, whatever it is: no branch has to be guessed.
fn fill<const NEEDS: u8>(bytes: &[u8], buffer: &mut [u8; BUFFER]) -> (usize, usize) {
    /// Eights without a special byte.
    const PLAIN: usize = 8;
    let (mut taken, mut filled, mut plain) = (0, 0, 0);
    let (eights, rest) = bytes.as_chunks::<8>();
    for eight in eights {
        if filled > BUFFER - ROOM || plain == PLAIN {
            return (taken, filled);
        }
        let marks = match NEEDS {
            ATTRIBUTE => words::to_escape::<true>(eight),
            _ => words::to_escape::<false>(eight),
        };
        if marks == 0 {
            let Some(place) = place(buffer, filled) else { break };
            *place = *eight;
            (taken, filled, plain) = (taken + 8, filled + 8, plain + 1);
            continue;
        }
        plain = 0;
        for &byte in eight {
            let Some(length) = put::<NEEDS>(byte, buffer, filled) else { return (taken, filled) };
            (taken, filled) = (taken + 1, filled + length);
        }
    }
    if filled <= BUFFER - ROOM {
        for &byte in rest {
            let Some(length) = put::<NEEDS>(byte, buffer, filled) else { break };
            (taken, filled) = (taken + 1, filled + length);
        }
    }
    (taken, filled)
}

#[inline(always)]
fn place(buffer: &mut [u8; BUFFER], at: usize) -> Option<&mut [u8; 8]> {
    buffer.get_mut(at..)?.first_chunk_mut()
}

/// Writes one byte, and says how many it takes; `None` where the character has to be looked at.
#[inline(always)]
fn put<const NEEDS: u8>(byte: u8, buffer: &mut [u8; BUFFER], at: usize) -> Option<usize> {
    let table = if NEEDS == ATTRIBUTE { &IN_ATTRIBUTE } else { &IN_TEXT };
    let entry = *table.get(usize::from(byte))?;
    // With its length behind it, which what follows is written over.
    *place(buffer, at)? = entry.to_le_bytes();
    let length = entry >> 56;
    (length != 0).then_some(length as usize)
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
        sink.push_str(text.get(at..at + more).unwrap_or_default());
        at += more;
        let (mut taken, mut filled) =
            fill::<NEEDS>(bytes.get(at..).unwrap_or_default(), &mut buffer);
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
        next = first_special::<NEEDS>(bytes.get(at..).unwrap_or_default());
    }
    sink.push_str(text.get(at..).unwrap_or_default());
    replaced
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
        let special =
            ["&", "<", ">", "\r", "\"", "\t", "\n", "\0", "\u{1f}", "ä", "ｦ", "\u{ffff}", "𝄞"];
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
            parts in prop::collection::vec("[a-z]{0,40}|[<>&\"\r\n\t]{1,6}|[é€𝄞ｦ\u{1}\u{ffff}]{1,9}", 0..60),
        ) {
            check(&parts.concat());
        }
    }
}
