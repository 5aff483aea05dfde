//! Percent-coding of segments (OMA-TS-DM_TND 1.2.1, node addressing: UTF-8, then URI escapes).

/// Writes a segment: UTF-8, then `%XX` for everything that is not a letter, a digit or one of
/// `-._~` and a few that Windows writes plain.
pub(super) fn percent_encode(name: &str, out: &mut String) {
    const HEX: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or('0');
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' => {
                out.push(char::from(byte));
            }
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

/// Reads a segment. What is not percent-coding stays as it is.
pub(crate) fn percent_decode(segment: &str) -> String {
    if !segment.contains('%') {
        return segment.to_owned();
    }
    String::from_utf8(percent_bytes(segment.as_bytes())).unwrap_or_else(|_| segment.to_owned())
}

/// Reads text whatever it codes: bytes that are no UTF-8 become U+FFFD.
pub(crate) fn percent_decode_lossy(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    String::from_utf8_lossy(&percent_bytes(text.as_bytes())).into_owned()
}

/// The bytes that a segment codes.
pub(super) fn percent_bytes(segment: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment;
    while let Some((&first, after)) = rest.split_first() {
        let coded = match after {
            [high, low, ..] if first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match coded {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
