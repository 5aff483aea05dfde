//! From the bytes of a document to its text.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Limit, quote};
use crate::limits::Limits;
use crate::position::{Location, Position};

/// What the bytes of a document turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with one.
    Utf8Bom,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// ISO 8859-1, and only where the declaration says so and the bytes are not UTF-8.
    Latin1,
}

impl Encoding {
    /// The encoding of a document that begins with these bytes, and how long its byte order mark
    /// is. Three bytes are enough, or the whole document if it is shorter. What would be UTF-8 and
    /// is not valid can still turn out to be ISO 8859-1: [`Source::new`] looks at its declaration.
    ///
    /// ```
    /// assert_eq!(mdm_xml::Encoding::detect(b"<\0a"), (mdm_xml::Encoding::Utf16Le, 0));
    /// ```
    #[must_use]
    pub fn detect(bytes: &[u8]) -> (Self, usize) {
        detect(bytes)
    }
}

/// A document's text, whatever its encoding.
///
/// The bytes decide, the declaration does not: Windows devices and update services send UTF-8
/// with `encoding="utf-16"` (text that was UTF-16 when it was put together), and UTF-16 without
/// any declaration (*Observed*: `XmlUpdateBlobCompressed` of WSUS). UTF-8 is borrowed, everything
/// else is converted once.
///
/// ```
/// use mdm_xml::{Encoding, Limits, Source};
///
/// let bytes: Vec<u8> = "<a>ü</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
/// let source = Source::new(&bytes, &Limits::default())?;
/// assert_eq!(source.encoding(), Encoding::Utf16Le);
/// assert_eq!(source.text(), "<a>ü</a>");
/// # Ok::<(), mdm_xml::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Source<'x> {
    text: Cow<'x, str>,
    encoding: Encoding,
}

impl<'x> Source<'x> {
    /// Finds out the encoding of a document and converts it to UTF-8 if it is another.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] for [`Limits::bytes`], [`ErrorKind::Utf8`], [`ErrorKind::Utf16`], and
    /// [`ErrorKind::Encoding`] where a document that is not UTF-8 declares what is not read here.
    pub fn new(bytes: &'x [u8], limits: &Limits) -> Result<Self, Error> {
        let within = |length: usize| {
            let kind = ErrorKind::Limit { limit: Limit::Bytes, max: limits.bytes };
            if length > limits.bytes { Err(at_start(kind)) } else { Ok(()) }
        };
        within(bytes.len())?;
        let (encoding, start) = detect(bytes);
        let content = bytes.get(start..).unwrap_or_default();
        let text = match encoding {
            Encoding::Utf16Le => utf16(content, u16::from_le_bytes)?,
            Encoding::Utf16Be => utf16(content, u16::from_be_bytes)?,
            Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Latin1 => {
                match std::str::from_utf8(content) {
                    Ok(text) => Cow::Borrowed(text),
                    Err(error) => return Self::not_utf8(content, error, limits),
                }
            }
        };
        within(text.len())?;
        Ok(Self { text, encoding })
    }

    /// A document that is not UTF-8 and has no sign of UTF-16: its declaration has the word.
    fn not_utf8(
        bytes: &'x [u8],
        error: std::str::Utf8Error,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        match declared_encoding(valid) {
            Some(name) if is_one_of(name, &["iso-8859-1", "latin1", "us-ascii"]) => {
                let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
                if text.len() > limits.bytes {
                    let kind = ErrorKind::Limit { limit: Limit::Bytes, max: limits.bytes };
                    return Err(at_start(kind));
                }
                Ok(Self { text: Cow::Owned(text), encoding: Encoding::Latin1 })
            }
            Some(name) if !is_one_of(name, &["utf-8", "utf8", "utf-16", "unicode"]) => {
                Err(at_start(ErrorKind::Encoding(quote(name))))
            }
            _ => {
                let position = Position::of(valid, valid.len());
                Err(Error::at(ErrorKind::Utf8, Location { position, path: String::new() }))
            }
        }
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, borrowed if the document is UTF-8.
    #[must_use]
    pub fn into_text(self) -> Cow<'x, str> {
        self.text
    }

    /// What the bytes turned out to be.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The encoding that the document's declaration names, if it has one.
    #[must_use]
    pub fn declared(&self) -> Option<&str> {
        declared_encoding(&self.text)
    }

    /// Whether the declaration names another encoding than the bytes turned out to have.
    #[must_use]
    pub fn declaration_lies(&self) -> bool {
        let names: &[&str] = match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => {
                // Text of ASCII only is what these say as well.
                if self.text.is_ascii() {
                    &["utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "latin1"]
                } else {
                    &["utf-8", "utf8"]
                }
            }
            Encoding::Utf16Le => &["utf-16", "utf-16le", "unicode"],
            Encoding::Utf16Be => &["utf-16", "utf-16be", "unicode"],
            Encoding::Latin1 => &["iso-8859-1", "latin1", "us-ascii"],
        };
        self.declared().is_some_and(|name| !is_one_of(name, names))
    }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn at_start(kind: ErrorKind) -> Error {
    Error::at(kind, Location { position: Position::of("", 0), path: String::new() })
}

/// The encoding, and how long the byte order mark is. A document's first character is ASCII (`<`
/// or white space), so a zero byte beside it is half of a UTF-16 unit.
fn detect(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8Bom, 3),
        [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
        [first, 0, ..] if first.is_ascii() && *first != 0 => (Encoding::Utf16Le, 0),
        [0, second, ..] if second.is_ascii() && *second != 0 => (Encoding::Utf16Be, 0),
        _ => (Encoding::Utf8, 0),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, Error> {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    for character in char::decode_utf16(units.iter().map(|&pair| unit(pair))) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => {
                let position = Position::of(&text, text.len());
                return Err(Error::at(
                    ErrorKind::Utf16,
                    Location { position, path: String::new() },
                ));
            }
        }
    }
    if rest.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        let position = Position::of(&text, text.len());
        Err(Error::at(ErrorKind::Utf16, Location { position, path: String::new() }))
    }
}

/// The `encoding` of the XML declaration at the start of the text.
fn declared_encoding(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("<?xml").filter(|rest| rest.starts_with(crate::is_space))?;
    let (declaration, _) = rest.split_once("?>")?;
    let (_, after) = declaration.split_once("encoding")?;
    let value = after.trim_start_matches(crate::is_space).strip_prefix('=')?;
    let value = value.trim_start_matches(crate::is_space);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.strip_prefix(quote)?.split_once(quote).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, Encoding, bool), ErrorKind> {
        let source =
            Source::new(bytes, &Limits::default()).map_err(|error| error.into_parts().0)?;
        Ok((source.text().to_owned(), source.encoding(), source.declaration_lies()))
    }

    fn utf16_bytes(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_is_read_with_and_without_mark() {
        let text = "<?xml version='1.0' encoding='UTF-16'?><a>ü𝄞</a>";
        let marked = format!("\u{feff}{text}");
        for (bytes, encoding, lies) in [
            (text.as_bytes().to_vec(), Encoding::Utf8, true),
            (marked.as_bytes().to_vec(), Encoding::Utf8Bom, true),
            (utf16_bytes(text, u16::to_le_bytes), Encoding::Utf16Le, false),
            (utf16_bytes(&marked, u16::to_le_bytes), Encoding::Utf16Le, false),
            (utf16_bytes(text, u16::to_be_bytes), Encoding::Utf16Be, false),
            (utf16_bytes(&marked, u16::to_be_bytes), Encoding::Utf16Be, false),
        ] {
            assert_eq!(read(&bytes), Ok((text.to_owned(), encoding, lies)), "{encoding:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(read(b"<a>\xff</a>"), Err(ErrorKind::Utf8));
        assert_eq!(read(b"<\0a\0>"), Err(ErrorKind::Utf16));
        assert_eq!(read(b"<\0\x00\xd8"), Err(ErrorKind::Utf16));
        assert_eq!(
            read(b"<?xml version='1.0' encoding='koi8-r'?><a>\xff</a>"),
            Err(ErrorKind::Encoding("koi8-r".into()))
        );
        assert_eq!(
            read(b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xfc</a>").map(|read| read.1),
            Ok(Encoding::Latin1)
        );
    }

    #[test]
    fn an_empty_document_is_an_empty_text() {
        assert_eq!(read(b""), Ok((String::new(), Encoding::Utf8, false)));
        assert_eq!(read(b"\xef\xbb\xbf"), Ok((String::new(), Encoding::Utf8Bom, false)));
    }

    #[test]
    fn bytes_are_counted_before_and_after_conversion() {
        let limits = Limits::default().with_bytes(8);
        assert!(Source::new(b"12345678", &limits).is_ok());
        assert!(Source::new(b"123456789", &limits).is_err());
        // Three units are six bytes of UTF-16 and nine of UTF-8.
        let wide = utf16_bytes("<", u16::to_le_bytes);
        let wide: Vec<u8> =
            wide.into_iter().chain(utf16_bytes("鷗鷗鷗", u16::to_le_bytes)).collect();
        assert!(Source::new(&wide, &limits).is_err());
        assert!(Source::new(&wide, &limits.with_bytes(10)).is_ok());
    }
}
