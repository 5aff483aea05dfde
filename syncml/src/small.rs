//! Small numbers as text that is there already: nearly every identifier and code is one, and to ask
//! for memory costs more than to write three digits.

use std::borrow::Cow;

/// How many there are.
const COUNT: usize = 1_000;

/// Three digits of each.
const DIGITS: [u8; 3 * COUNT] = {
    let mut digits = [0; 3 * COUNT];
    let mut rest: &mut [u8] = &mut digits;
    let mut number = *b"000";
    while let Some((place, more)) = rest.split_first_chunk_mut() {
        *place = number;
        number = match number {
            [hundreds, b'9', b'9'] => [hundreds + 1, b'0', b'0'],
            [hundreds, tens, b'9'] => [hundreds, tens + 1, b'0'],
            [hundreds, tens, ones] => [hundreds, tens, ones + 1],
        };
        rest = more;
    }
    digits
};

static TEXT: &str = match std::str::from_utf8(&DIGITS) {
    Ok(text) => text,
    Err(_) => "",
};

/// The number as it is written.
pub(crate) fn text(number: u32) -> Cow<'static, str> {
    match small(number) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(number.to_string()),
    }
}

/// The same text, if it is that of a small number.
pub(crate) fn same(text: &str) -> Option<&'static str> {
    if text.len() > 3 {
        return None;
    }
    let number = text.bytes().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
    })?;
    // Not 007, nor nothing.
    small(number).filter(|same| *same == text)
}

fn small(number: u32) -> Option<&'static str> {
    let before = match number {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let place = 3 * usize::try_from(number).ok().filter(|number| *number < COUNT)?;
    TEXT.get(place + before..place + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_its_text() {
        for number in 0..2_000_u32 {
            let written = number.to_string();
            assert_eq!(text(number), written);
            assert_eq!(matches!(text(number), Cow::Borrowed(_)), number < 1_000);
            assert_eq!(same(&written), (number < 1_000).then_some(&*written));
        }
        assert_eq!(text(u32::MAX), u32::MAX.to_string());
    }

    #[test]
    fn other_texts_are_none() {
        for text in ["", "007", "00", " 7", "7 ", "+7", "1a", "٣", "1000", "é1"] {
            assert_eq!(same(text), None, "{text:?}");
        }
    }
}
