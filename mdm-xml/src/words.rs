//! Eight bytes at a time, for what is too short to set up a search.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = ONES << 7;

/// Marks the bytes that are `byte`, and no others, in their highest bits; the first byte of the
/// text is the lowest one of the word.
#[inline(always)]
pub(crate) const fn marks_of(word: u64, byte: u8) -> u64 {
    // A byte of zero is where `byte` was, and the only one whose highest bit nothing sets.
    let differs = word ^ (ONES * byte as u64);
    !((differs & !HIGHS).wrapping_add(!HIGHS) | differs | !HIGHS)
}

/// Marks the first of the bytes that are `byte`, and perhaps others behind it (Mycroft's test for a
/// byte of zero): less work than [`marks_of`].
#[inline(always)]
pub(crate) const fn first_mark_of(word: u64, byte: u8) -> u64 {
    let differs = word ^ (ONES * byte as u64);
    differs.wrapping_sub(ONES) & !differs & HIGHS
}

/// Which byte the lowest mark stands for.
#[inline(always)]
pub(crate) const fn first_of(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// A bit for each of 64 bytes, the lowest one for the first: whether it is wanted.
#[inline(always)]
pub(crate) fn bits_of(block: &[u8; 64], wanted: impl Fn(u8) -> bool) -> u64 {
    // Without a branch, so that the compiler makes vector instructions of it.
    let mut found = [0; 64];
    for (found, &byte) in found.iter_mut().zip(block) {
        *found = u8::from(wanted(byte));
    }
    let (words, _) = found.as_chunks::<8>();
    words.iter().enumerate().fold(0, |bits, (index, word)| {
        // The product has the eight bits side by side in its highest byte.
        let eight = u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits | eight << (8 * index)
    })
}

/// Bytes that [`copy`] copies at once.
pub(crate) const COPY: usize = 32;

/// Copies `length` bytes, and perhaps some behind them; `None` where there is no room for those.
#[inline(always)]
pub(crate) fn copy(
    source: &[u8],
    from: usize,
    length: usize,
    out: &mut [u8],
    to: usize,
) -> Option<()> {
    let mut copied = 0;
    loop {
        let wide: &[u8; COPY] = source.get(from + copied..)?.first_chunk()?;
        *out.get_mut(to + copied..)?.first_chunk_mut()? = *wide;
        copied += COPY;
        if copied >= length {
            return Some(());
        }
    }
}

/// How many letters of ASCII eight bytes begin with.
#[inline(always)]
pub(crate) fn letters(eight: [u8; 8]) -> usize {
    let eight = u64::from_le_bytes(eight);
    // In lower case and seven bits, so that no sum reaches the next byte.
    let lower = (eight & !HIGHS) | (ONES * 0x20);
    let from_a = lower + ONES * (0x80 - b'a' as u64);
    let past_z = lower + ONES * (0x80 - b'z' as u64 - 1);
    let others = !(from_a & !past_z & !eight) & HIGHS;
    others.trailing_zeros() as usize / 8
}

/// Where the first `<`, `&` or carriage return stands in eight bytes.
#[inline(always)]
pub(crate) fn special(eight: [u8; 8]) -> Option<usize> {
    let word = u64::from_le_bytes(eight);
    let marks = first_mark_of(word, b'<') | first_mark_of(word, b'&') | first_mark_of(word, b'\r');
    (marks != 0).then(|| first_of(marks))
}

/// Marks bytes that may have to be escaped in text in the highest bit: `<`, `>`, `&`, everything below
/// a blank, and what the last characters of Unicode's first plane begin with; in an attribute `"` as
/// well. None is left out; which of them it is, is to be looked up.
#[inline(always)]
pub(crate) fn to_escape<const QUOTES: bool>(eight: &[u8; 8]) -> u64 {
    marks::<QUOTES>(u64::from_le_bytes(*eight))
}

/// Whether none of four to sixteen bytes has to be escaped, as far as [`to_escape`] tells. Those in
/// the middle are looked at twice.
#[inline(always)]
pub(crate) fn none_to_escape<const QUOTES: bool>(bytes: &[u8]) -> bool {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return to_escape::<QUOTES>(first) | to_escape::<QUOTES>(last) == 0;
    }
    let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else { return false };
    let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
    marks::<QUOTES>(u64::from(first) | u64::from(last) << 32) == 0
}

#[inline(always)]
fn marks<const QUOTES: bool>(eight: u64) -> u64 {
    let zero = |eight: u64| eight.wrapping_sub(ONES) & !eight;
    // Two pairs that differ in one bit each.
    let angle = zero((eight | (ONES * 0b10)) ^ (ONES * b'>' as u64));
    let quote = match QUOTES {
        true => zero((eight | (ONES * 0b100)) ^ (ONES * b'&' as u64)),
        false => zero(eight ^ (ONES * b'&' as u64)),
    };
    let last = zero(eight ^ (ONES * 0xEF));
    let control = eight.wrapping_sub(ONES * 0x20) & !eight;
    (angle | quote | last | control) & HIGHS
}

/// Whether `bytes` begin with `name`: names are so short that to call a comparison takes longer
/// than to compare.
#[inline(always)]
pub(crate) fn begin_with(bytes: &[u8], name: &[u8]) -> bool {
    let Some(begin) = bytes.get(..name.len()) else { return false };
    match name.len() {
        4..8 => ends_equal::<4>(begin, name),
        8..16 => ends_equal::<8>(begin, name),
        16..=32 => ends_equal::<16>(begin, name),
        _ => begin == name,
    }
}

/// Whether the first and the last `N` bytes are equal.
#[inline(always)]
fn ends_equal<const N: usize>(left: &[u8], right: &[u8]) -> bool {
    left.first_chunk::<N>() == right.first_chunk() && left.last_chunk::<N>() == right.last_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_of_the_byte_and_of_no_other() {
        for other in 0..=u8::MAX {
            let word = [other, b'&', other, other, b'&', b'&', other, other];
            let expected: u64 = if other == b'&' { HIGHS } else { 0x0000_8080_0000_8000 };
            assert_eq!(marks_of(u64::from_le_bytes(word), b'&'), expected, "{other}");
        }
    }

    #[test]
    fn bits_are_of_the_bytes_that_are_wanted() {
        for at in 0..64 {
            for other in 0..64 {
                let mut block = [b'a'; 64];
                (block[at], block[other]) = (b'&', b'&');
                assert_eq!(bits_of(&block, |byte| byte == b'&'), 1 << at | 1 << other);
            }
        }
        assert_eq!(bits_of(&[b'&'; 64], |byte| byte == b'&'), u64::MAX);
    }

    #[test]
    fn letters_are_those_of_ascii() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut eight = *b"aZzAmMyB";
                eight[at] = byte;
                let expected = if byte.is_ascii_alphabetic() { 8 } else { at };
                assert_eq!(letters(eight), expected, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn the_first_special_byte_is_found() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut eight = *b"=%;'\x0c\x0e\xbc\xff";
                eight[at] = byte;
                let expected = matches!(byte, b'<' | b'&' | b'\r').then_some(at);
                assert_eq!(special(eight), expected, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn what_may_have_to_be_escaped_is_marked() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut eight = *b"= a\x80\x7f;\xbc\xff";
                eight[at] = byte;
                let marked = matches!(byte, b'<' | b'>' | b'&' | 0..0x20 | 0xEF);
                let first = to_escape::<false>(&eight).trailing_zeros() as usize / 8;
                assert_eq!(first, if marked { at } else { 8 }, "{byte} at {at}");
                let first = to_escape::<true>(&eight).trailing_zeros() as usize / 8;
                assert_eq!(first, if marked || byte == b'"' { at } else { 8 }, "{byte} at {at}");
            }
        }
        for length in 4..=16 {
            assert!(none_to_escape::<true>(&[b'a'; 16][..length]));
            assert!(none_to_escape::<false>(&[b'"'; 16][..length]));
            for at in 0..length {
                let mut bytes = [b'a'; 16];
                bytes[at] = b'<';
                assert!(!none_to_escape::<false>(&bytes[..length]), "{at} of {length}");
                bytes[at] = b'"';
                assert!(!none_to_escape::<true>(&bytes[..length]), "{at} of {length}");
            }
        }
        // One behind another is marked as well, whatever else is.
        assert_eq!(to_escape::<true>(b"<&>\"\t\xef\x00<"), HIGHS);
    }

    #[test]
    fn beginnings_of_every_length_are_compared() {
        let text = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
        for length in 0..=text.len() {
            assert!(begin_with(text, &text[..length]));
            for at in 0..length {
                let mut other = text[..length].to_vec();
                other[at] = b'-';
                assert!(!begin_with(text, &other), "{length} {at}");
            }
            assert!(length == 0 || !begin_with(&text[..length - 1], &text[..length]));
        }
    }
}
