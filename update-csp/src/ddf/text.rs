//! Text that was coded twice: UTF-8 that somebody took for Windows-1252 and coded as UTF-8 again,
//! as in Microsoft's files of February 2025 (D04).

use std::borrow::Cow;

/// What Windows-1252 has at 0x80 to 0x9F; its five holes are the control characters themselves, as
/// Windows maps them (WHATWG Encoding Standard, windows-1252).
const WINDOWS_1252: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

fn byte(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ 0..=0xFF => u8::try_from(code).ok(),
        _ => {
            let at = WINDOWS_1252.iter().position(|known| *known == character)?;
            u8::try_from(0x80 + at).ok()
        }
    }
}

/// A run of characters beyond ASCII, put right; none if it was not coded twice. Where a byte was
/// one of the holes, it is lost, and with it its character.
fn right(run: &str) -> Option<String> {
    const LOST: char = char::REPLACEMENT_CHARACTER;
    let mut out = String::new();
    let mut pieces = run.split(LOST).peekable();
    while let Some(piece) = pieces.next() {
        let bytes: Vec<u8> = piece.chars().map(byte).collect::<Option<_>>()?;
        let lost = pieces.peek().is_some();
        match std::str::from_utf8(&bytes) {
            Ok(_) if lost => return None,
            Ok(text) => out.push_str(text),
            // A sequence that breaks off where the byte was lost.
            Err(error) if lost && error.error_len().is_none() => {
                let (whole, tail) = bytes.split_at_checked(error.valid_up_to())?;
                // One character alone may well be itself.
                if tail.len() < 2 {
                    return None;
                }
                out.push_str(std::str::from_utf8(whole).ok()?);
                out.push(LOST);
            }
            Err(_) => return None,
        }
    }
    Some(out)
}

/// The text with runs that were coded twice put right; borrowed if there is none.
pub(super) fn repair(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    let mut out = String::new();
    let mut changed = false;
    let mut run = String::new();
    let mut flush = |run: &mut String, out: &mut String| {
        match right(run) {
            Some(right) => {
                changed |= !run.is_empty();
                out.push_str(&right);
            }
            None => out.push_str(run),
        }
        run.clear();
    };
    for character in text.chars() {
        if character.is_ascii() {
            flush(&mut run, &mut out);
            out.push(character);
        } else {
            run.push(character);
        }
    }
    flush(&mut run, &mut out);
    if changed { Cow::Owned(out) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_coded_twice_is_changed() {
        let twice = |text: &str| -> String {
            text.bytes()
                .map(|byte| match byte {
                    0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
                    other => char::from(other),
                })
                .collect()
        };
        for text in ["Note\u{A0}The", "it\u{2019}s", "0 \u{2013} 5", "\u{20AC}"] {
            assert_eq!(repair(Cow::Borrowed(&twice(text))), text);
        }
        assert_eq!(repair(Cow::Borrowed("a\u{E2}\u{20AC}\u{FFFD}b")), "a\u{FFFD}b", "a lost byte");
        for text in [
            "plain",
            "\u{FFFD}",
            "\u{E9}\u{FFFD}",
            "caf\u{E9}",
            "\u{4F60}\u{597D}",
            "it\u{2019}s",
            "\u{E9}\u{A0}",
        ] {
            assert!(matches!(repair(Cow::Borrowed(text)), Cow::Borrowed(same) if same == text));
        }
    }
}
