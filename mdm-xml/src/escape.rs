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
        4..=16 if words::none_to_escape(bytes) => return None,
        0..=16 => 0,
        17..32 => suspect_block::<NEEDS, 16>(bytes)?,
        _ => suspect_block::<NEEDS, 32>(bytes)?,
    };
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|&byte| class(byte) & NEEDS != 0).map(|found| from + found)
}

/// The same behind one that was found: in markup the next is near.
#[inline(always)]
fn next_special<const NEEDS: u8>(bytes: &[u8]) -> Option<usize> {
    /// Eights before blocks are set up.
    const EIGHTS: usize = 4;
    let mut at = 0;
    for eight in bytes.as_chunks().0.iter().take(EIGHTS) {
        let mut marks = words::to_escape(eight);
        while marks != 0 {
            let place = marks.trailing_zeros() as usize / 8;
            if class(*eight.get(place)?) & NEEDS != 0 {
                return Some(at + place);
            }
            marks &= marks - 1;
        }
        at += eight.len();
    }
    first_special::<NEEDS>(bytes.get(at..)?).map(|more| at + more)
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

/// The same for a text whose first special byte is known. Away from the others, which have no need
/// of the registers that it takes.
#[inline(never)]
fn escape_from<const NEEDS: u8>(text: &str, first: usize, sink: &mut impl Sink) -> usize {
    let bytes = text.as_bytes();
    let mut replaced = 0;
    let (mut done, mut next) = (0, Some(first));
    while let Some(more) = next {
        let at = done + more;
        sink.push_str(text.get(done..at).unwrap_or_default());
        done = at + 1;
        match bytes.get(at) {
            Some(b'&') => sink.push_str("&amp;"),
            Some(b'<') => sink.push_str("&lt;"),
            Some(b'>') => sink.push_str("&gt;"),
            Some(b'"') => sink.push_str("&quot;"),
            Some(b'\t') => sink.push_str("&#9;"),
            Some(b'\n') => sink.push_str("&#10;"),
            // A reader makes a newline of a bare one.
            Some(b'\r') => sink.push_str("&#13;"),
            _ => {
                let from = text.get(at..).unwrap_or_default();
                let character = from.chars().next().unwrap_or_default();
                done = at + character.len_utf8();
                if is_char(character) {
                    sink.push_str(text.get(at..done).unwrap_or_default());
                } else {
                    replaced += 1;
                    sink.push_str("\u{fffd}");
                }
            }
        }
        next = next_special::<NEEDS>(bytes.get(done..).unwrap_or_default());
    }
    sink.push_str(text.get(done..).unwrap_or_default());
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
