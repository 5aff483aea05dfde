//! From a message to tokens, by way of its XML: one model, one order of elements, one set of rules.

use std::collections::HashMap;

use base64::Engine as _;
use mdm_xml::{Event, Options, Reader, Tolerance};

use super::formats::Formats;
use super::tables;
use crate::error::{Error, ErrorKind};
use crate::model::{Message, Namespace};

/// A version of WBXML.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Version {
    /// 1.1.
    V11,
    /// 1.2, which SyncML asks for (OMA-SyncML-RepPro 1.2, 8).
    #[default]
    V12,
    /// 1.3.
    V13,
}

/// How the public identifier is written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PublicId {
    /// As the registered number.
    #[default]
    Number,
    /// As text in the string table; *observed* from older peers.
    Text,
}

/// How a message is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct EncodeOptions {
    /// The version of WBXML.
    pub version: Version,
    /// The form of the public identifier.
    pub public_id: PublicId,
    /// Whether texts that occur several times go into the string table, which makes messages
    /// smaller.
    pub string_table: bool,
}

impl EncodeOptions {
    /// The same with another version.
    #[must_use]
    pub const fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// The same with another form of the public identifier.
    #[must_use]
    pub const fn with_public_id(mut self, public_id: PublicId) -> Self {
        self.public_id = public_id;
        self
    }

    /// The same with another [`string_table`](Self::string_table).
    #[must_use]
    pub const fn with_string_table(mut self, string_table: bool) -> Self {
        self.string_table = string_table;
        self
    }
}

/// Appends the message in WBXML 1.2 to `out`. The same message gives the same bytes.
///
/// A message without a namespace is written as SyncML 1.2: WBXML has no form for it. Comments and
/// CDATA sections in markup become what they say.
///
/// # Errors
/// [`ErrorKind::Unwritable`]; also where Data holds markup that is no complete markup. `out` is then
/// as it was.
///
/// ```
/// let mut message = syncml::Message::default();
/// message.body.is_final = true;
/// let mut out = Vec::new();
/// syncml::wbxml::encode(&message, &mut out)?;
/// // Version 1.2, SyncML 1.2, UTF-8, no string table; SyncML, SyncBody, Final.
/// assert_eq!(out, [0x02, 0xA4, 0x01, 0x6A, 0x00, 0x6D, 0x6B, 0x12, 0x01, 0x01]);
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn encode(message: &Message<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    encode_with(message, &EncodeOptions::default(), out)
}

/// Appends the message in WBXML to `out`, as `options` say.
///
/// # Errors
/// As [`encode`].
pub fn encode_with(
    message: &Message<'_>,
    options: &EncodeOptions,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut xml = Vec::new();
    crate::encode::encode(message, &mut xml)?;
    out.extend_from_slice(&of_xml(&xml, &message.namespace, options)?);
    Ok(())
}

/// The same of a message that [`encode`](crate::encode()) wrote.
pub(crate) fn of_xml(
    xml: &[u8],
    namespace: &Namespace<'_>,
    options: &EncodeOptions,
) -> Result<Vec<u8>, Error> {
    let xml = std::str::from_utf8(xml).map_err(|_| ErrorKind::Unwritable)?;
    convert(xml, namespace.uri(), options)
}

/// How many bytes [`encode`] appends. They are written to be counted.
///
/// # Errors
/// As [`encode`].
pub fn encoded_len(message: &Message<'_>) -> Result<usize, Error> {
    let mut out = Vec::new();
    encode(message, &mut out)?;
    Ok(out.len())
}

/// One step of the output; texts are put into the string table once all are known.
enum Op {
    Start { page: u8, tag: u8, content: bool, attributes: Vec<(u32, String)> },
    Literal { name: u32, content: bool, attributes: Vec<(u32, String)> },
    Text(String),
    Opaque(Vec<u8>),
    End,
}

/// The names and texts that are written once and referred to.
#[derive(Default)]
struct Strings {
    bytes: Vec<u8>,
    places: HashMap<String, u32>,
}

impl Strings {
    fn place(&mut self, text: &str) -> Result<u32, Error> {
        if let Some(place) = self.places.get(text) {
            return Ok(*place);
        }
        let place = u32::try_from(self.bytes.len()).map_err(|_| ErrorKind::Unwritable)?;
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        self.places.insert(text.to_owned(), place);
        Ok(place)
    }
}

fn convert(xml: &str, namespace: &str, options: &EncodeOptions) -> Result<Vec<u8>, Error> {
    let mut strings = Strings::default();
    let (number, text) = tables::public_id(namespace);
    let by_text = options.public_id == PublicId::Text;
    if by_text {
        strings.place(text)?;
    }
    let ops = ops(xml, namespace, &mut strings)?;
    if options.string_table {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for op in &ops {
            if let Op::Text(text) = op {
                *counts.entry(text).or_default() += 1;
            }
        }
        for op in &ops {
            if let Op::Text(text) = op
                && text.len() > 3
                && counts.get(text.as_str()).is_some_and(|count| *count > 1)
            {
                strings.place(text)?;
            }
        }
    }
    let mut out = Vec::with_capacity(xml.len());
    out.push(match options.version {
        Version::V11 => 0x01,
        Version::V12 => 0x02,
        Version::V13 => 0x03,
    });
    if by_text {
        out.extend([0, 0]);
    } else {
        push_number(&mut out, number);
    }
    push_number(&mut out, 106);
    push_length(&mut out, strings.bytes.len())?;
    out.extend_from_slice(&strings.bytes);
    let mut current = 0;
    for op in ops {
        match op {
            Op::Start { page, tag, content, attributes } => {
                if page != current {
                    out.extend([0x00, page]);
                    current = page;
                }
                out.push(tag | flags(content, &attributes));
                push_attributes(&mut out, &attributes);
            }
            Op::Literal { name, content, attributes } => {
                out.push(0x04 | flags(content, &attributes));
                push_number(&mut out, name);
                push_attributes(&mut out, &attributes);
            }
            Op::Text(text) => match strings.places.get(&text).filter(|_| options.string_table) {
                Some(place) => {
                    out.push(0x83);
                    push_number(&mut out, *place);
                }
                None => push_text(&mut out, &text),
            },
            Op::Opaque(bytes) => {
                out.push(0xC3);
                push_length(&mut out, bytes.len())?;
                out.extend_from_slice(&bytes);
            }
            Op::End => out.push(0x01),
        }
    }
    Ok(out)
}

fn flags(content: bool, attributes: &[(u32, String)]) -> u8 {
    u8::from(content) << 6 | u8::from(!attributes.is_empty()) << 7
}

fn push_attributes(out: &mut Vec<u8>, attributes: &[(u32, String)]) {
    for (name, value) in attributes {
        out.push(0x04);
        push_number(out, *name);
        push_text(out, value);
    }
    if !attributes.is_empty() {
        out.push(0x01);
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(0x03);
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}

/// A number of 7 bits a byte, the highest first.
fn push_number(out: &mut Vec<u8>, number: u32) {
    for shift in [28, 21, 14, 7] {
        let high = number >> shift;
        if high > 0 {
            out.push(u8::try_from(high & 0x7F).unwrap_or_default() | 0x80);
        }
    }
    out.push(u8::try_from(number & 0x7F).unwrap_or_default());
}

fn push_length(out: &mut Vec<u8>, length: usize) -> Result<(), Error> {
    let length = u32::try_from(length).map_err(|_| ErrorKind::Unwritable)?;
    push_number(out, length);
    Ok(())
}

/// An element that is open in the XML.
struct Open<'x> {
    name: &'x str,
    /// Where its start is among the steps.
    at: usize,
    /// Declarations in scope in it.
    declarations: usize,
}

fn ops(xml: &str, base: &str, strings: &mut Strings) -> Result<Vec<Op>, Error> {
    // What the message was read with is over; here it only has to be whole.
    let limits = mdm_xml::Limits::DEFAULT
        .with_bytes(usize::MAX)
        .with_depth(4096)
        .with_elements(usize::MAX)
        .with_attributes(usize::MAX)
        .with_text(usize::MAX)
        .with_namespaces(4096);
    let options = Options::default().with_limits(limits).with_undeclared_prefixes(Tolerance::Keep);
    let mut reader = Reader::new(xml, &options)?;
    let mut ops: Vec<Op> = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut formats = Formats::default();
    loop {
        match reader.next()? {
            Event::Start(element) => {
                if let Some(parent) = open.last() {
                    content(&mut ops, parent.at);
                }
                let uri = reader.namespace_uri(element.ns());
                let token = tables::token(base, uri, element.local());
                let before = open.last().map_or(0, |parent| parent.declarations);
                let declarations = reader.declarations().count();
                let new = declarations.saturating_sub(before);
                let mut attributes: Vec<(u32, String)> = Vec::new();
                // A token says its namespace itself; a literal has to declare it.
                let declared: Vec<(String, String)> = reader
                    .declarations()
                    .take(new)
                    .map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
                    .collect();
                for (prefix, uri) in declared.iter().rev() {
                    let name = match prefix.as_str() {
                        "" if token.is_some() && is_plain(base, uri, open.is_empty()) => continue,
                        "" => "xmlns".to_owned(),
                        prefix => format!("xmlns:{prefix}"),
                    };
                    attributes.push((strings.place(&name)?, uri.clone()));
                }
                for attribute in reader.attributes(&element) {
                    let name = strings.place(attribute.name())?;
                    attributes.push((name, attribute.value().into_owned()));
                }
                formats.start(element.local());
                let at = ops.len();
                ops.push(match token.filter(|_| element.prefix().is_empty()) {
                    Some((page, tag)) => Op::Start { page, tag, content: false, attributes },
                    None => {
                        let name = strings.place(element.name())?;
                        Op::Literal { name, content: false, attributes }
                    }
                });
                open.push(Open { name: element.local(), at, declarations });
            }
            Event::Text(text) => {
                let Some(parent) = open.last() else { continue };
                let value = text.value();
                if value.is_empty() {
                    continue;
                }
                content(&mut ops, parent.at);
                formats.text(&value);
                let bytes = match parent.name {
                    "NextNonce" => true,
                    "Data" => formats.is_bin(),
                    _ => false,
                };
                // Only what comes back letter by letter: base64 with line ends stays text.
                let engine = &base64::engine::general_purpose::STANDARD;
                let decoded = bytes
                    .then(|| engine.decode(&*value).ok())
                    .flatten()
                    .filter(|decoded| engine.encode(decoded) == *value);
                ops.push(match decoded {
                    Some(bytes) => Op::Opaque(bytes),
                    None => Op::Text(value.into_owned()),
                });
            }
            Event::End => {
                let Some(element) = open.pop() else { continue };
                formats.end(element.name);
                // `<a/>` has no end token.
                let has_content = match ops.get(element.at) {
                    Some(Op::Start { content, .. } | Op::Literal { content, .. }) => *content,
                    _ => true,
                };
                if has_content {
                    ops.push(Op::End);
                }
            }
            _ => return Ok(ops),
        }
    }
}

/// Whether a token's page says this default namespace already.
fn is_plain(base: &str, uri: &str, root: bool) -> bool {
    match uri {
        "syncml:metinf" | "syncml:dmddf1.2" => true,
        tables::V12 | tables::V11 | tables::V10 => uri == base || root,
        _ => false,
    }
}

fn content(ops: &mut [Op], at: usize) {
    if let Some(Op::Start { content, .. } | Op::Literal { content, .. }) = ops.get_mut(at) {
        *content = true;
    }
}
