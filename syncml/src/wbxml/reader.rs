//! The tokens of WBXML.

use base64::Engine as _;
use mdm_xml::{Sink, Writer};

use super::tables;
use crate::error::{Error, ErrorKind, Limits};

/// What is wrong with a WBXML document.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WbxmlError {
    /// It ends too early.
    #[error("it ends too early")]
    End,
    /// A version that is not 1.0 to 1.3.
    #[error("version byte 0x{0:02X} is not of WBXML 1.0 to 1.3")]
    Version(u8),
    /// A character set that is not read here.
    #[error("character set {0} is not supported")]
    Charset(u32),
    /// A document of another kind.
    #[error("the public identifier is not one of SyncML")]
    NotSyncml,
    /// A number of more than 32 bits.
    #[error("a number is too large, at byte {0}")]
    Number(usize),
    /// A token without a meaning.
    #[error("token 0x{token:02X} of code page {page} is not known, at byte {offset}")]
    Token {
        /// The code page.
        page: u8,
        /// The token.
        token: u8,
        /// Bytes before it.
        offset: usize,
    },
    /// A text that is not in the string table.
    #[error("a text is not in the string table, at byte {0}")]
    StringTable(usize),
    /// Text that is not of its character set.
    #[error("a text is not valid, at byte {0}")]
    Text(usize),
    /// An end without a start, or a start without an end.
    #[error("elements do not nest, at byte {0}")]
    Nesting(usize),
    /// More than the limits allow.
    #[error("the document is larger or deeper than the limits allow")]
    Limit,
}

/// Whether these bytes begin as a WBXML document of SyncML does.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> bool {
    let mut input = Input { bytes, at: 0 };
    input.header().is_ok()
}

/// The document as XML text. Opaque data that is text is written as text, other as base64.
///
/// # Errors
/// [`ErrorKind::Wbxml`].
///
/// ```
/// let bytes = [
///     0x02, 0x00, 0x00, 0x6A, 0x1D, // version 1.2, public identifier in the string table
///     b'-', b'/', b'/', b'S', b'Y', b'N', b'C', b'M', b'L', b'/', b'/', b'D', b'T', b'D', b' ',
///     b'S', b'y', b'n', b'c', b'M', b'L', b' ', b'1', b'.', b'2', b'/', b'/', b'E', 0x00,
///     0x6D, 0x6B, 0x12, 0x01, 0x01, // SyncML, SyncBody, Final
/// ];
/// assert_eq!(
///     syncml::wbxml::to_xml(&bytes, &syncml::Limits::default())?,
///     "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Final/></SyncBody></SyncML>"
/// );
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn to_xml(bytes: &[u8], limits: &Limits) -> Result<String, Error> {
    convert(bytes, limits).map_err(|error| Error::new(ErrorKind::Wbxml(error)))
}

struct Input<'x> {
    bytes: &'x [u8],
    at: usize,
}

struct Head<'x> {
    namespace: &'static str,
    strings: &'x [u8],
}

impl<'x> Input<'x> {
    fn byte(&mut self) -> Result<u8, WbxmlError> {
        let byte = self.bytes.get(self.at).copied().ok_or(WbxmlError::End)?;
        self.at += 1;
        Ok(byte)
    }

    fn number(&mut self) -> Result<u32, WbxmlError> {
        let start = self.at;
        let mut value: u32 = 0;
        for _ in 0..5 {
            let byte = self.byte()?;
            value = value.checked_mul(128).ok_or(WbxmlError::Number(start))?;
            value |= u32::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(WbxmlError::Number(start))
    }

    fn take(&mut self, length: u32) -> Result<&'x [u8], WbxmlError> {
        let length = usize::try_from(length).map_err(|_| WbxmlError::End)?;
        let end = self.at.checked_add(length).ok_or(WbxmlError::End)?;
        let taken = self.bytes.get(self.at..end).ok_or(WbxmlError::End)?;
        self.at = end;
        Ok(taken)
    }

    fn until_zero(&mut self) -> Result<&'x [u8], WbxmlError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = memchr::memchr(0, rest).ok_or(WbxmlError::End)?;
        self.at += end + 1;
        rest.get(..end).ok_or(WbxmlError::End)
    }

    fn header(&mut self) -> Result<Head<'x>, WbxmlError> {
        let version = self.byte()?;
        if version > 3 {
            return Err(WbxmlError::Version(version));
        }
        let id = self.number()?;
        let index = if id == 0 { Some(self.number()?) } else { None };
        // WBXML 1.0 has no character set. 106 is UTF-8, 3 is US-ASCII, 0 is unknown.
        if version > 0 {
            let charset = self.number()?;
            if !matches!(charset, 0 | 3 | 106) {
                return Err(WbxmlError::Charset(charset));
            }
        }
        let length = self.number()?;
        let strings = self.take(length)?;
        let namespace = match index {
            None => tables::by_number(id),
            Some(index) => {
                let at = usize::try_from(index).unwrap_or(usize::MAX);
                let text = strings.get(at..).unwrap_or_default();
                let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
                std::str::from_utf8(text).ok().and_then(tables::by_name)
            }
        };
        let namespace = namespace.ok_or(WbxmlError::NotSyncml)?;
        Ok(Head { namespace, strings })
    }
}

/// A start tag that is not finished, because `<name/>` needs to know whether content comes.
struct Open {
    name: &'static str,
    page: u8,
    empty: bool,
}

const SWITCH_PAGE: u8 = 0x00;
const END: u8 = 0x01;
const ENTITY: u8 = 0x02;
const STR_I: u8 = 0x03;
const STR_T: u8 = 0x83;
const OPAQUE: u8 = 0xC3;

fn convert(bytes: &[u8], limits: &Limits) -> Result<String, WbxmlError> {
    if bytes.len() > limits.xml.bytes {
        return Err(WbxmlError::Limit);
    }
    let mut input = Input { bytes, at: 0 };
    let head = input.header()?;
    let mut out = String::with_capacity(bytes.len().saturating_mul(3));
    let mut open: Vec<Open> = Vec::new();
    let mut page = 0;
    let mut rooted = false;
    while input.at < bytes.len() {
        if out.len() > limits.xml.bytes {
            return Err(WbxmlError::Limit);
        }
        let offset = input.at;
        let token = input.byte()?;
        match token {
            SWITCH_PAGE => page = input.byte()?,
            END => {
                let element = open.pop().ok_or(WbxmlError::Nesting(offset))?;
                if element.empty {
                    out.push_str("/>");
                } else {
                    out.push_str("</");
                    out.push_str(element.name);
                    out.push('>');
                }
            }
            ENTITY => {
                let code = input.number()?;
                let character = char::from_u32(code).ok_or(WbxmlError::Text(offset))?;
                content(&mut open, &mut out, offset)?;
                Writer::new(&mut out).text(character.encode_utf8(&mut [0; 4]));
            }
            STR_I => {
                let text = input.until_zero()?;
                let text = std::str::from_utf8(text).map_err(|_| WbxmlError::Text(offset))?;
                content(&mut open, &mut out, offset)?;
                Writer::new(&mut out).text(text);
            }
            STR_T => {
                let index = usize::try_from(input.number()?).unwrap_or(usize::MAX);
                let text = head.strings.get(index..).ok_or(WbxmlError::StringTable(offset))?;
                let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
                let text = std::str::from_utf8(text).map_err(|_| WbxmlError::Text(offset))?;
                content(&mut open, &mut out, offset)?;
                Writer::new(&mut out).text(text);
            }
            OPAQUE => {
                let length = input.number()?;
                let data = input.take(length)?;
                let element = open.last().map_or("", |element| element.name);
                content(&mut open, &mut out, offset)?;
                opaque(data, element, limits, &mut out)?;
            }
            _ => {
                let attributes = token & 0x80 != 0;
                let Some(name) = tables::tag(page, token & 0x3F).filter(|_| !attributes) else {
                    return Err(WbxmlError::Token { page, token, offset });
                };
                if open.is_empty() && rooted {
                    return Err(WbxmlError::Nesting(offset));
                }
                if open.len() >= limits.xml.depth {
                    return Err(WbxmlError::Limit);
                }
                rooted = true;
                let outer = open.last().map(|element| element.page);
                if !open.is_empty() {
                    content(&mut open, &mut out, offset)?;
                }
                out.push('<');
                out.push_str(name);
                if outer != Some(page) {
                    out.push_str(" xmlns=\"");
                    out.push_str(tables::namespace(page, head.namespace));
                    out.push('"');
                }
                if token & 0x40 == 0 {
                    out.push_str("/>");
                } else {
                    open.push(Open { name, page, empty: true });
                }
            }
        }
    }
    if open.is_empty() && rooted { Ok(out) } else { Err(WbxmlError::End) }
}

/// Finishes the start tag that content follows.
fn content(open: &mut [Open], out: &mut String, offset: usize) -> Result<(), WbxmlError> {
    let element = open.last_mut().ok_or(WbxmlError::Nesting(offset))?;
    if element.empty {
        element.empty = false;
        out.push('>');
    }
    Ok(())
}

/// Opaque data: a nested WBXML document (a DDF in Data), text, or bytes, which XML carries as
/// base64. A nonce is bytes always.
fn opaque(data: &[u8], element: &str, limits: &Limits, out: &mut String) -> Result<(), WbxmlError> {
    let text = std::str::from_utf8(data).ok().filter(|text| {
        element != "NextNonce" && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
    });
    match text {
        Some(text) => Writer::new(&mut *out).text(text),
        None => {
            // Devices' information in DS messages is a document of its own, of another kind.
            let encoded = base64::engine::general_purpose::STANDARD.encode(data);
            if out.len() + encoded.len() > limits.xml.bytes {
                return Err(WbxmlError::Limit);
            }
            Sink::push_str(out, &encoded);
        }
    }
    Ok(())
}
