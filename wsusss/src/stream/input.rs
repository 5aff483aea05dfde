//! From chunks of bytes to text, whatever the encoding and wherever the chunks end.

use mdm_xml::{Encoding, ErrorKind, Limit, Limits, Source};

/// Turns bytes into text. What is wrong with the bytes is found here and said later, after
/// everything before it.
pub(crate) struct Input {
    encoding: Option<Encoding>,
    /// Bytes that are not yet a character.
    carry: Vec<u8>,
    /// Bytes that came, and bytes of text that they gave.
    came: usize,
    gave: usize,
    max: usize,
    /// The beginning of the text, as far as the declaration may reach; and whether there was
    /// anything but ASCII.
    beginning: String,
    ascii: bool,
    fault: Option<ErrorKind>,
}

impl std::fmt::Debug for Input {
    /// Not what came: it may hold cookies.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input")
            .field("encoding", &self.encoding)
            .field("came", &self.came)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// How far a declaration reaches.
const DECLARATION: usize = 256;

impl Input {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            encoding: None,
            carry: Vec::new(),
            came: 0,
            gave: 0,
            max: limits.bytes,
            beginning: String::new(),
            ascii: true,
            fault: None,
        }
    }

    /// What is wrong with the bytes behind the text that they gave.
    pub(crate) fn fault(&self) -> Option<&ErrorKind> {
        self.fault.as_ref()
    }

    fn too_many(&mut self) {
        self.fault = Some(ErrorKind::Limit { limit: Limit::Bytes, max: self.max });
    }

    /// Appends the text of `bytes` to `text`.
    pub(crate) fn take(&mut self, bytes: &[u8], text: &mut String) {
        if self.fault.is_some() {
            return;
        }
        let room = self.max - self.came;
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.came += taken.len();
        self.decode(taken, text, false);
        if taken.len() < bytes.len() && self.fault.is_none() {
            self.too_many();
        }
    }

    /// No more bytes come.
    pub(crate) fn end(&mut self, text: &mut String) {
        if self.fault.is_none() {
            self.decode(&[], text, true);
        }
    }

    fn decode(&mut self, bytes: &[u8], text: &mut String, ended: bool) {
        let joined;
        let mut bytes = bytes;
        if !self.carry.is_empty() {
            bytes = self.complete(bytes, text, ended);
            if self.fault.is_some() {
                return;
            }
        }
        if !self.carry.is_empty() {
            self.carry.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.carry);
            bytes = &joined;
        }
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None if bytes.len() < 3 && !ended => {
                self.carry = bytes.to_vec();
                return;
            }
            None => {
                let (encoding, mark) = Encoding::detect(bytes);
                self.encoding = Some(encoding);
                bytes = bytes.get(mark..).unwrap_or_default();
                encoding
            }
        };
        match encoding {
            Encoding::Utf16Le => self.utf16(bytes, u16::from_le_bytes, text, ended),
            Encoding::Utf16Be => self.utf16(bytes, u16::from_be_bytes, text, ended),
            Encoding::Latin1 => self.latin1(bytes, text),
            _ => self.utf8(bytes, text, ended),
        }
    }

    /// Completes a character of UTF-8 that was cut off, without a copy of all that follows it; the
    /// bytes behind it. Everything else is left to whoever sees all of it.
    fn complete<'b>(&mut self, bytes: &'b [u8], text: &mut String, ended: bool) -> &'b [u8] {
        if ended || !matches!(self.encoding, Some(Encoding::Utf8 | Encoding::Utf8Bom)) {
            return bytes;
        }
        let length = match self.carry.first() {
            Some(0xC0..0xE0) => 2,
            Some(0xE0..0xF0) => 3,
            _ => 4,
        };
        let more = length - self.carry.len().min(length);
        let mut character = [0; 4];
        let there = self.carry.iter().chain(bytes.iter().take(more));
        let count = character.iter_mut().zip(there).map(|(place, byte)| *place = *byte).count();
        match std::str::from_utf8(character.get(..count).unwrap_or_default()) {
            Ok(one) if count == length => {
                self.carry.clear();
                self.give(one, text);
                bytes.get(more..).unwrap_or_default()
            }
            _ => bytes,
        }
    }

    fn utf8(&mut self, bytes: &[u8], text: &mut String, ended: bool) {
        let error = match std::str::from_utf8(bytes) {
            Ok(valid) => return self.give(valid, text),
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at_checked(error.valid_up_to()).unwrap_or((bytes, &[]));
        self.give(std::str::from_utf8(valid).unwrap_or_default(), text);
        if self.fault.is_some() {
            return;
        }
        if error.error_len().is_none() && !ended {
            self.carry.extend_from_slice(rest);
            return;
        }
        // One piece serves both: what the declaration makes of it is decided where a whole
        // document is read. A document that had other characters before is no ISO 8859-1 here.
        // It begins as it came, with its mark: without, `a` and a NUL would be UTF-16.
        let mark = if self.encoding == Some(Encoding::Utf8Bom) { "\u{feff}" } else { "" };
        let mut document = format!("{mark}{}", std::mem::take(&mut self.beginning)).into_bytes();
        document.extend(rest.iter().take(4));
        match Source::new(&document, &Limits::DEFAULT) {
            Err(error) => self.fault = Some(error.into_parts().0),
            Ok(source) if self.ascii && source.encoding() == Encoding::Latin1 => {
                self.encoding = Some(Encoding::Latin1);
                self.latin1(rest, text);
            }
            Ok(_) => self.fault = Some(ErrorKind::Utf8),
        }
    }

    fn latin1(&mut self, bytes: &[u8], text: &mut String) {
        let valid: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        self.give(&valid, text);
    }

    fn utf16(
        &mut self,
        bytes: &[u8],
        unit: impl Fn([u8; 2]) -> u16,
        text: &mut String,
        ended: bool,
    ) {
        let (units, odd) = bytes.as_chunks::<2>();
        let mut valid = String::with_capacity(bytes.len() / 2);
        let mut used = 0;
        loop {
            used += push_ascii(units.get(used..).unwrap_or_default(), &unit, &mut valid);
            let rest = units.get(used..).unwrap_or_default();
            let mut characters = char::decode_utf16(rest.iter().map(|&pair| unit(pair)));
            match characters.next() {
                None => break,
                Some(Ok(character)) => {
                    valid.push(character);
                    used += character.len_utf16();
                }
                // The other half of the pair may come.
                Some(Err(_)) if rest.len() == 1 && !ended && is_first_half(rest.last(), &unit) => {
                    break;
                }
                Some(Err(_)) => {
                    self.give(&valid, text);
                    self.fault.get_or_insert(ErrorKind::Utf16);
                    return;
                }
            }
        }
        self.give(&valid, text);
        let rest = bytes.get(used * 2..).unwrap_or_default();
        if ended && !odd.is_empty() {
            self.fault.get_or_insert(ErrorKind::Utf16);
        } else {
            self.carry.clear();
            self.carry.extend_from_slice(rest);
        }
    }

    /// Appends text, as far as it is not too much.
    fn give(&mut self, valid: &str, text: &mut String) {
        let mut end = valid.len().min(self.max - self.gave);
        while !valid.is_char_boundary(end) {
            end -= 1;
        }
        let given = valid.get(..end).unwrap_or_default();
        self.gave += given.len();
        if self.beginning.len() < DECLARATION {
            let mut end = given.len().min(DECLARATION - self.beginning.len());
            while !given.is_char_boundary(end) {
                end -= 1;
            }
            self.beginning.push_str(given.get(..end).unwrap_or_default());
        }
        self.ascii = self.ascii && given.is_ascii();
        text.push_str(given);
        if given.len() < valid.len() {
            self.too_many();
        }
    }
}

/// Appends the ASCII characters that `units` begin with, some at a time, and not all of the last
/// ones; returns how many.
fn push_ascii(units: &[[u8; 2]], read: impl Fn([u8; 2]) -> u16, text: &mut String) -> usize {
    const BLOCK: usize = 16;
    let (blocks, _) = units.as_chunks::<BLOCK>();
    let mut count = 0;
    for block in blocks {
        let mut ascii = [0; BLOCK];
        let mut all = 0;
        for (place, &pair) in ascii.iter_mut().zip(block) {
            let unit = read(pair);
            all |= unit;
            *place = unit.to_le_bytes()[0];
        }
        if all >= 0x80 {
            break;
        }
        text.push_str(std::str::from_utf8(&ascii).unwrap_or_default());
        count += BLOCK;
    }
    count
}

fn is_first_half(unit: Option<&[u8; 2]>, read: impl Fn([u8; 2]) -> u16) -> bool {
    unit.is_some_and(|pair| (0xD800..0xDC00).contains(&read(*pair)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], chunk: usize, max: usize) -> (String, Option<ErrorKind>) {
        let mut input = Input::new(&Limits::default().with_bytes(max));
        let mut text = String::new();
        for chunk in bytes.chunks(chunk) {
            input.take(chunk, &mut text);
        }
        input.end(&mut text);
        (text, input.fault().cloned())
    }

    #[test]
    fn every_encoding_is_read_from_chunks_of_every_size() {
        let text = "<?xml version='1.0'?><a>ü鷗𝄞</a>";
        let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect();
        let marked: Vec<u8> = [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat();
        for bytes in
            [text.as_bytes().to_vec(), marked, wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
        {
            for chunk in 1..9 {
                assert_eq!(read(&bytes, chunk, 1000), (text.to_owned(), None), "{chunk}");
            }
        }
        let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xfc\xfd</a>";
        for chunk in [1, 3, 50, 100] {
            let (text, fault) = read(latin, chunk, 1000);
            assert_eq!((text.ends_with("<a>üý</a>"), fault), (true, None), "{chunk}");
        }
    }

    #[test]
    fn what_is_wrong_comes_after_what_is_right() {
        for chunk in 1..9 {
            assert_eq!(read(b"<a>\xff</a>", chunk, 99), ("<a>".into(), Some(ErrorKind::Utf8)));
            assert_eq!(read(b"<a>\xe9", chunk, 99), ("<a>".into(), Some(ErrorKind::Utf8)));
            assert_eq!(read(b"<\0a\0>", chunk, 99), ("<a".into(), Some(ErrorKind::Utf16)));
            assert_eq!(read(b"<\0\0\xd8x\0", chunk, 99), ("<".into(), Some(ErrorKind::Utf16)));
            assert_eq!(read(b"<\0\0\xd8", chunk, 99), ("<".into(), Some(ErrorKind::Utf16)));
            let (text, fault) = read(b"<?xml version='1.0' encoding='koi8-r'?>\xff", chunk, 99);
            assert_eq!((text.len(), fault), (39, Some(ErrorKind::Encoding("koi8-r".into()))));
        }
    }

    #[test]
    fn bytes_are_counted_before_and_after_conversion() {
        let limit = |max| Some(ErrorKind::Limit { limit: Limit::Bytes, max });
        for chunk in 1..9 {
            assert_eq!(read(b"12345678", chunk, 8), ("12345678".into(), None));
            assert_eq!(read(b"123456789", chunk, 8), ("12345678".into(), limit(8)));
            // Three units are six bytes of UTF-16 and nine of UTF-8.
            let wide: Vec<u8> = "<鷗鷗鷗".encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(read(&wide, chunk, 10), ("<鷗鷗鷗".into(), None));
            assert_eq!(read(&wide, chunk, 9), ("<鷗鷗".into(), limit(9)));
        }
    }
}
