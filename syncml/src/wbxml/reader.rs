//! From tokens to XML text.

use std::rc::Rc;

use base64::Engine as _;
use mdm_xml::{Limit, Sink, Writer};

use super::error::WbxmlError;
use super::formats::Formats;
use super::tables::Kind;
use crate::decode::Coded;
use crate::error::{Error, ErrorKind, Limits};

/// Whether these bytes begin as a WBXML document of SyncML does.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> bool {
    let mut input = Input { bytes, at: 0 };
    input.header().is_ok_and(|head| matches!(head.kind, Kind::Syncml(_)))
}

/// The document as XML text. Opaque data is written as markup where it is a document of its own
/// (DDF, DevInf), as base64 where it is a nonce, the data of an item whose format is `bin`, or no
/// text, and as text otherwise. Only [`decode`](super::decode) tells where bytes had no format.
///
/// # Errors
/// [`ErrorKind::Wbxml`].
///
/// ```
/// let bytes = [
///     0x02, 0x00, 0x00, 0x6A, 0x1E, // version 1.2, public identifier in the string table
///     b'-', b'/', b'/', b'S', b'Y', b'N', b'C', b'M', b'L', b'/', b'/', b'D', b'T', b'D', b' ',
///     b'S', b'y', b'n', b'c', b'M', b'L', b' ', b'1', b'.', b'2', b'/', b'/', b'E', b'N', 0x00,
///     0x6D, 0x6B, 0x12, 0x01, 0x01, // SyncML, SyncBody, Final
/// ];
/// assert_eq!(
///     syncml::wbxml::to_xml(&bytes, &syncml::Limits::default())?,
///     "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Final/></SyncBody></SyncML>"
/// );
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn to_xml(bytes: &[u8], limits: &Limits) -> Result<String, Error> {
    to_coded_xml(bytes, limits).map(|(xml, _)| xml)
}

/// The same, and where there is base64 that no format tells.
pub(super) fn to_coded_xml(bytes: &[u8], limits: &Limits) -> Result<(String, Vec<Coded>), Error> {
    let error = |error| Error::new(ErrorKind::Wbxml(error));
    let mut converter = Converter::new(bytes, limits, true).map_err(error)?;
    converter.convert().map_err(error)?;
    Ok((converter.out, converter.coded))
}

struct Input<'x> {
    bytes: &'x [u8],
    at: usize,
}

struct Head<'x> {
    kind: Kind,
    latin: bool,
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
        // WBXML 1.0 has no character set. 106 is UTF-8, 3 is US-ASCII, 4 is ISO-8859-1, 0 is unknown.
        let charset = if version > 0 { self.number()? } else { 0 };
        if !matches!(charset, 0 | 3 | 4 | 106) {
            return Err(WbxmlError::Charset(charset));
        }
        let length = self.number()?;
        let strings = self.take(length)?;
        let kind = match index {
            None => Kind::by_number(id),
            Some(index) => in_table(strings, index)
                .and_then(|text| std::str::from_utf8(text).ok())
                .and_then(Kind::by_name),
        };
        let kind = kind.ok_or(WbxmlError::NotSyncml)?;
        Ok(Head { kind, latin: charset == 4, strings })
    }
}

/// The text that begins at `index` of the string table.
fn in_table(strings: &[u8], index: u32) -> Option<&[u8]> {
    let rest = strings.get(usize::try_from(index).ok()?..)?;
    rest.get(..memchr::memchr(0, rest).unwrap_or(rest.len()))
}

/// An element that is open.
struct Open {
    name: String,
    /// The default namespace in it; shared, since it can be as long as the document.
    default: Rc<str>,
    /// Its start tag is not finished, because `<name/>` needs to know whether content comes.
    empty: bool,
}

const SWITCH_PAGE: u8 = 0x00;
const END: u8 = 0x01;
const ENTITY: u8 = 0x02;
const STR_I: u8 = 0x03;
const LITERAL: u8 = 0x04;
const PI: u8 = 0x43;
const STR_T: u8 = 0x83;
const OPAQUE: u8 = 0xC3;

struct Converter<'x, 'l> {
    input: Input<'x>,
    head: Head<'x>,
    limits: &'l Limits,
    /// Whether documents in opaque data are looked for: not in one that is inside already.
    outermost: bool,
    out: String,
    open: Vec<Open>,
    formats: Formats,
    page: u8,
    /// Bytes of texts and names so far, also of those that nothing is written of: two bytes can
    /// refer to a text as long as the string table.
    spent: usize,
    /// Base64 in `out` that no format tells, as far as there can be items that have it.
    coded: Vec<Coded>,
}

impl<'x, 'l> Converter<'x, 'l> {
    fn new(bytes: &'x [u8], limits: &'l Limits, outermost: bool) -> Result<Self, WbxmlError> {
        if bytes.len() > limits.xml.bytes {
            return Err(too_many(Limit::Bytes, limits.xml.bytes));
        }
        let mut input = Input { bytes, at: 0 };
        let head = input.header()?;
        Ok(Self {
            out: String::with_capacity(bytes.len().saturating_mul(2)),
            input,
            head,
            limits,
            outermost,
            open: Vec::new(),
            formats: Formats::default(),
            page: 0,
            spent: 0,
            coded: Vec::new(),
        })
    }

    /// The text, and what it took whether or not there is one.
    fn run(mut self) -> (Result<String, WbxmlError>, usize) {
        let done = self.convert();
        (done.map(|()| self.out), self.spent)
    }

    fn convert(&mut self) -> Result<(), WbxmlError> {
        let mut rooted = false;
        while self.input.at < self.input.bytes.len() {
            self.within()?;
            let offset = self.input.at;
            let token = self.input.byte()?;
            match token {
                SWITCH_PAGE => self.page = self.input.byte()?,
                END => self.end(offset)?,
                PI => {
                    // Nothing in SyncML is said by processing instructions.
                    self.attributes(offset)?;
                }
                ENTITY | STR_I | STR_T => {
                    let text = self.string(token, offset)?;
                    self.text(&text, offset)?;
                }
                OPAQUE => {
                    let length = self.input.number()?;
                    let data = self.input.take(length)?;
                    self.opaque(data, offset)?;
                }
                _ => {
                    if self.open.is_empty() && rooted {
                        return Err(WbxmlError::Nesting(offset));
                    }
                    rooted = true;
                    self.start(token, offset)?;
                }
            }
        }
        self.within()?;
        if self.open.is_empty() && rooted { Ok(()) } else { Err(WbxmlError::End) }
    }

    fn within(&self) -> Result<(), WbxmlError> {
        let max = self.limits.xml.bytes;
        if self.out.len() > max { Err(too_many(Limit::Bytes, max)) } else { Ok(()) }
    }

    /// Counts a text or a name.
    fn spend(&mut self, bytes: usize) -> Result<(), WbxmlError> {
        self.spent = self.spent.saturating_add(bytes);
        let max = self.limits.xml.bytes;
        if self.spent > max { Err(too_many(Limit::Bytes, max)) } else { Ok(()) }
    }

    fn start(&mut self, token: u8, offset: usize) -> Result<(), WbxmlError> {
        if self.open.len() >= self.limits.xml.depth {
            return Err(too_many(Limit::Depth, self.limits.xml.depth));
        }
        let literal = token & 0x3F == LITERAL;
        let name = if literal {
            self.name(offset)?
        } else {
            let name = self.head.kind.tag(self.page, token & 0x3F);
            let page = self.page;
            name.ok_or(WbxmlError::Token { page, token, offset })?.to_owned()
        };
        let attributes = if token & 0x80 == 0 { Vec::new() } else { self.attributes(offset)? };
        let outer = self.open.last().map_or_else(|| Rc::from(""), |open| Rc::clone(&open.default));
        let mut default = Rc::clone(&outer);
        let mut declared = attributes.iter().find(|(name, _)| name == "xmlns");
        if !literal {
            let namespace = self.head.kind.namespace(self.page);
            // *Observed*: Nokia's devices write the namespace of a version as an attribute.
            let same = declared.is_some_and(|(_, uri)| {
                namespace.eq_ignore_ascii_case(uri) || (self.page == 0 && self.open.is_empty())
            });
            if !same {
                declared = None;
                let inherits = self.page == 0 && self.head.kind.namespace(0) == namespace;
                let root = self.open.first().map(|root| &root.default);
                default = match root {
                    // The root's own name for the namespace of page 0.
                    Some(root) if inherits && !root.is_empty() => Rc::clone(root),
                    _ if *outer == *namespace => outer.clone(),
                    _ => Rc::from(namespace),
                };
            }
        }
        if let Some((_, uri)) = declared {
            default = Rc::from(uri.as_str());
        }
        // Most often it is the very same; comparing would read all of it.
        let changes = !Rc::ptr_eq(&default, &outer) && default != outer;
        if !self.open.is_empty() {
            self.begin_content(offset)?;
        }
        self.out.push('<');
        self.out.push_str(&name);
        let mut tag = String::new();
        {
            let mut writer = Writer::new(&mut tag);
            let mut element = writer.element("a");
            if changes {
                element = element.attr("xmlns", &default);
            }
            for (name, value) in &attributes {
                if name != "xmlns" {
                    element = element.attr(name, value);
                }
            }
            element.empty();
            if writer.replaced() > 0 {
                return Err(WbxmlError::Text(offset));
            }
        }
        let inner = tag.strip_prefix("<a").and_then(|tag| tag.strip_suffix("/>"));
        self.out.push_str(inner.unwrap_or_default());
        self.formats.start(&name);
        if token & 0x40 == 0 {
            self.formats.end(&name);
            self.out.push_str("/>");
        } else {
            self.open.push(Open { name, default, empty: true });
        }
        Ok(())
    }

    fn end(&mut self, offset: usize) -> Result<(), WbxmlError> {
        let element = self.open.pop().ok_or(WbxmlError::Nesting(offset))?;
        self.formats.end(&element.name);
        if element.empty {
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.push_str(&element.name);
            self.out.push('>');
        }
        Ok(())
    }

    /// A name from the string table.
    fn name(&mut self, offset: usize) -> Result<String, WbxmlError> {
        let index = self.input.number()?;
        let text = in_table(self.head.strings, index).ok_or(WbxmlError::StringTable(offset))?;
        self.spend(text.len())?;
        let text = std::str::from_utf8(text).map_err(|_| WbxmlError::Name(offset))?;
        if mdm_xml::is_name(text) { Ok(text.to_owned()) } else { Err(WbxmlError::Name(offset)) }
    }

    /// The attributes of an element, to their end: literals only, since SyncML has no others.
    fn attributes(&mut self, offset: usize) -> Result<Vec<(String, String)>, WbxmlError> {
        let mut attributes: Vec<(String, String)> = Vec::new();
        let mut page = 0;
        loop {
            let at = self.input.at;
            let token = self.input.byte()?;
            match token {
                END => return Ok(attributes),
                SWITCH_PAGE => page = self.input.byte()?,
                LITERAL => {
                    if attributes.len() >= self.limits.xml.attributes {
                        return Err(too_many(Limit::Attributes, self.limits.xml.attributes));
                    }
                    let name = self.name(offset)?;
                    attributes.push((name, String::new()));
                }
                ENTITY | STR_I | STR_T => {
                    let text = self.string(token, at)?;
                    let (_, value) = attributes.last_mut().ok_or(WbxmlError::Nesting(at))?;
                    value.push_str(&text);
                }
                _ => return Err(WbxmlError::Token { page, token, offset: at }),
            }
        }
    }

    /// A piece of text.
    fn string(&mut self, token: u8, offset: usize) -> Result<String, WbxmlError> {
        let bytes = match token {
            ENTITY => {
                let code = self.input.number()?;
                let character = char::from_u32(code).ok_or(WbxmlError::Text(offset))?;
                return Ok(character.to_string());
            }
            STR_I => self.input.until_zero()?,
            _ => {
                let index = self.input.number()?;
                in_table(self.head.strings, index).ok_or(WbxmlError::StringTable(offset))?
            }
        };
        self.spend(bytes.len())?;
        if self.head.latin {
            return Ok(bytes.iter().map(|byte| char::from(*byte)).collect());
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(WbxmlError::Text(offset)),
        }
    }

    fn text(&mut self, text: &str, offset: usize) -> Result<(), WbxmlError> {
        self.begin_content(offset)?;
        self.formats.text(text);
        let mut writer = Writer::new(&mut self.out);
        writer.text(text);
        if writer.replaced() > 0 { Err(WbxmlError::Text(offset)) } else { Ok(()) }
    }

    /// Finishes the start tag that content follows.
    fn begin_content(&mut self, offset: usize) -> Result<(), WbxmlError> {
        let element = self.open.last_mut().ok_or(WbxmlError::Nesting(offset))?;
        if element.empty {
            element.empty = false;
            self.out.push('>');
        }
        Ok(())
    }

    fn opaque(&mut self, data: &[u8], offset: usize) -> Result<(), WbxmlError> {
        let element = self.open.last().map(|open| open.name.as_str()).unwrap_or_default();
        let is_data = element == "Data";
        let bytes = element == "NextNonce" || (is_data && self.formats.is_bin());
        if !bytes && is_data && self.outermost {
            // A document of its own: a DDF, or a device's information.
            let inside = Converter::new(data, self.limits, false)
                .ok()
                .filter(|inside| !matches!(inside.head.kind, Kind::Syncml(_)));
            let inside = match inside {
                Some(mut inside) => {
                    inside.spent = self.spent;
                    let (markup, spent) = inside.run();
                    // What was looked for in vain counts as well.
                    self.spent = spent;
                    self.spend(0)?;
                    markup.ok()
                }
                None => None,
            };
            if let Some(markup) = inside {
                self.begin_content(offset)?;
                Sink::push_str(&mut self.out, &markup);
                return Ok(());
            }
        }
        let text = std::str::from_utf8(data).ok().filter(|text| {
            !bytes && !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        });
        if let Some(text) = text {
            return self.text(text, offset);
        }
        let format = if is_data { self.formats.format() } else { "" };
        let (is_clear, told) = (bytes || format == "b64", !format.is_empty());
        self.begin_content(offset)?;
        let start = self.out.len();
        let encoded = base64::engine::general_purpose::STANDARD.encode(data);
        Sink::push_str(&mut self.out, &encoded);
        if !is_clear && self.coded.len() < self.limits.items {
            self.coded.push(Coded { start, end: self.out.len(), told });
        }
        Ok(())
    }
}

fn too_many(limit: Limit, max: usize) -> WbxmlError {
    WbxmlError::Limit { limit, max }
}
