//! References: what one means, and whether all of a text's are right.

use crate::error::{ErrorKind, Malformed, quote};
use crate::limits::Tolerance;
use crate::text::is_char;
use crate::words::{first_of, marks_of};

/// The longest reference that can be a character: `&#x0010FFFF;` has twelve bytes; some peers pad
/// numbers with zeros.
const LONGEST_REFERENCE: usize = 32;

/// The character of one of XML's own entities that `text` begins with, and how long it is written.
/// Escaped documents have one every thirty bytes.
#[inline(always)]
pub(crate) fn predefined(text: &[u8]) -> Option<(u8, usize)> {
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
pub(crate) fn reference(text: &str) -> Result<(char, &str), ErrorKind> {
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

/// Bytes that are looked at together.
const BLOCK: usize = 32;
/// A block, and what of a reference may stand behind it.
const WINDOW: usize = BLOCK + 3;

/// Whether every `&` of the block that a window begins with begins `&lt;` or `&gt;`, as in escaped
/// markup nearly all of them do. Without a branch inside, so that the compiler makes vector
/// instructions of it: in markup a reference is where nobody would guess.
#[inline(always)]
fn only_angles(window: &[u8; WINDOW]) -> bool {
    let [_, second @ ..] = window;
    let [_, third @ ..] = second;
    let [_, fourth @ ..] = third;
    let places = window.iter().zip(second).zip(third).zip(fourth);
    places.fold(true, |all, (((&first, &second), &third), &fourth)| {
        let angle = ((second == b'l') | (second == b'g')) & (third == b't') & (fourth == b';');
        all & ((first != b'&') | angle)
    })
}

/// Checks every reference of `text`; the error says how far it is in.
pub(crate) fn check_references(
    text: &str,
    forbidden_chars: Tolerance,
) -> Result<(), (usize, ErrorKind)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if !only_angles(window) {
            let block = window.get(..BLOCK).unwrap_or_default();
            check_words(text, at, block, forbidden_chars)?;
        }
        at += BLOCK;
    }
    check_words(text, at, bytes.get(at..).unwrap_or_default(), forbidden_chars)
}

/// Checks the references that begin in `bytes`, which stand in `text` behind `start`. Away from the
/// blocks, which have no need of the registers that it takes.
#[inline(never)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
                // Nearly one that is looked for in blocks.
                for near in ["&lt", "&lt,", "&gt ", "&xt;", "&lx;", "&g;t", "&", "&&lt;"] {
                    let before = "a".repeat(at);
                    let text = format!("{before}{near}{}", "b&gt;".repeat(more));
                    assert_eq!(check(&text).unwrap_err().0, before.len(), "{text}");
                }
            }
        }
        assert_eq!(check_references("&#1;", Tolerance::Keep), Ok(()));
    }
}
