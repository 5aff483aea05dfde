//! Escaping: exactly what XML needs to give the same characters back.

use std::borrow::Cow;

use crate::text::is_char;
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

fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Writes character data; returns how many characters XML cannot carry.
pub(crate) fn text_into(text: &str, sink: &mut impl Sink) -> usize {
    escape_into(text, TEXT, sink)
}

/// Writes an attribute's value; returns how many characters XML cannot carry.
pub(crate) fn attribute_into(text: &str, sink: &mut impl Sink) -> usize {
    escape_into(text, ATTRIBUTE, sink)
}

fn escape_into(text: &str, needs: u8, sink: &mut impl Sink) -> usize {
    let mut replaced = 0;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| class(byte) & needs != 0) {
        let (before, from) = rest.split_at(at);
        sink.push_str(before);
        let character = from.chars().next().unwrap_or_default();
        let (_, after) = from.split_at(character.len_utf8().min(from.len()));
        match character {
            '&' => sink.push_str("&amp;"),
            '<' => sink.push_str("&lt;"),
            '>' => sink.push_str("&gt;"),
            '"' => sink.push_str("&quot;"),
            '\t' => sink.push_str("&#9;"),
            '\n' => sink.push_str("&#10;"),
            // A reader makes a newline of a bare one.
            '\r' => sink.push_str("&#13;"),
            other if is_char(other) => sink.push_str(other.encode_utf8(&mut [0; 4])),
            _ => {
                replaced += 1;
                sink.push_str("\u{fffd}");
            }
        }
        rest = after;
    }
    sink.push_str(rest);
    replaced
}

/// `text` as character data of an XML document. Characters that XML cannot carry become U+FFFD.
///
/// ```
/// assert_eq!(mdm_xml::escape_text("a < b"), "a &lt; b");
/// ```
#[must_use]
pub fn escape_text(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| class(byte) & TEXT != 0) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + text.len() / 8 + 8);
    text_into(text, &mut escaped);
    Cow::Owned(escaped)
}
