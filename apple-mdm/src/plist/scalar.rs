//! The texts of simple values in XML.

/// Decimal or hexadecimal, in the range of 64 bits with or without sign (CFPropertyList.c).
pub(super) fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => (16, hex),
        None => (10, digits),
    };
    // The sign was taken: another one is none.
    if !digits.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// Bytes, and whether the text was base64 as RFC 4648 has it, white space aside.
///
/// As Apple's reader does (CFPropertyList.c), characters that are none of base64 are passed over,
/// and padding ends nothing: a device that sends such data would otherwise lose its whole message.
pub(super) fn base64(text: &str) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut sum, mut digits, mut padding, mut clean) = (0u32, 0u8, 0u8, true);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            b'=' => {
                padding = padding.saturating_add(1);
                continue;
            }
            _ => {
                clean = false;
                continue;
            }
        };
        // Digits after padding: two texts in a row.
        clean &= padding == 0;
        sum = sum << 6 | u32::from(digit);
        digits += 1;
        if digits == 4 {
            let [_, first, second, third] = sum.to_be_bytes();
            bytes.extend([first, second, third]);
            (sum, digits) = (0, 0);
        }
    }
    match digits {
        0 => clean &= padding == 0,
        1 => clean = false,
        2 => {
            bytes.push(u8::try_from(sum >> 4 & 0xFF).unwrap_or_default());
            clean &= padding == 2 && sum & 0xF == 0;
        }
        _ => {
            let [_, _, first, second] = (sum >> 2).to_be_bytes();
            bytes.extend([first, second]);
            clean &= padding == 1 && sum & 3 == 0;
        }
    }
    (bytes, clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_sign_and_64_bits() {
        for (text, value) in [
            ("-1", -1),
            ("+7", 7),
            ("0x1f", 31),
            ("-0x10", -16),
            ("18446744073709551615", i128::from(u64::MAX)),
            ("-9223372036854775808", i128::from(i64::MIN)),
        ] {
            assert_eq!(integer(text), Some(value), "{text}");
        }
        let broken = ["", "-", "+-1", "0x", "0x-1", "1 ", "1e3", "18446744073709551616", "--1"];
        for text in broken {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn base64_is_read_and_told_apart() {
        for (text, bytes, clean) in [
            ("", &b""[..], true),
            ("Zg==", b"f", true),
            ("Zm8=", b"fo", true),
            ("Zm\n 9v", b"foo", true),
            ("Zm8", b"fo", false),
            ("Zg=", b"f", false),
            ("Zh==", b"f", false),
            ("Z", b"", false),
            ("Zm9v=", b"foo", false),
            ("Zm*9v", b"foo", false),
            ("Zg==Zg==", b"f\x06`", false),
        ] {
            assert_eq!(base64(text), (bytes.to_vec(), clean), "{text:?}");
        }
    }
}
