//! From bytes to a message.
//!
//! One pass over the reader's events. Names are compared without prefixes, in any of the
//! namespaces that peers use; children are taken in any order; what is not known is kept as it
//! stands. Each deviation is noted.

mod check;
mod command;
mod frame;
mod item;
mod keep;
mod meta;
mod name;
mod options;
mod sync;

use std::borrow::Cow;
use std::ops::Range;

use mdm_xml::{Content, Element, Findings, NsId, Options, Reader, Source, Tags, Tolerance};

use crate::diagnostic::DiagnosticCode;
use crate::error::{Error, ErrorKind, Limits};
use crate::loc_uri::Siblings;
use crate::model::{Command, Message, Namespace};
use name::Name;

pub(crate) use item::in_own_namespace;
pub use options::DecodeOptions;

/// The namespaces that peers write SyncML in.
const NAMESPACES: &[&str] =
    &["SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1", "SYNCML:SYNCML1.0", "syncml:metinf"];
const METINF: NsId = NsId::known(4);

/// Reads a message in XML, in any encoding, or a part of one: a SyncBody, or bare commands.
///
/// The message borrows from `bytes` if they are UTF-8. What was odd about it is in
/// [`Message::diagnostics`].
///
/// # Errors
/// [`ErrorKind::Xml`] for what is not well-formed, [`ErrorKind::NotSyncml`] for a document of
/// another kind, and the limits' kinds.
///
/// ```
/// let bytes = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>
///     <VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>
///     <Target><LocURI>https://mdm.example/</LocURI></Target>
///     <Source><LocURI>urn:uuid:1</LocURI></Source></SyncHdr>
///     <SyncBody><Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/></SyncBody></SyncML>"#;
/// let message = syncml::decode(bytes, &syncml::Limits::default())?;
/// assert_eq!(message.body.commands[0].name(), "Alert");
/// assert!(message.body.is_final && message.diagnostics.is_empty());
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Message<'a>, Error> {
    decode_with(bytes, &DecodeOptions::default().with_limits(*limits))
}

/// Reads a message as [`decode`] does, as `options` say: strictly, or with its own bytes kept.
///
/// # Errors
/// As [`decode`], and [`ErrorKind::Strict`].
pub fn decode_with<'a>(bytes: &'a [u8], options: &DecodeOptions) -> Result<Message<'a>, Error> {
    let source = Source::new(bytes, &options.limits.xml)?;
    let lies = source.declaration_lies();
    match source.into_text() {
        Cow::Borrowed(text) => decode_text(text, lies, options),
        Cow::Owned(text) => Ok(decode_text(&text, lies, options)?.into_owned()),
    }
}

/// Reads a message to the end of its header, and not what follows.
pub(crate) fn decode_header<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Message<'a>, Error> {
    let header_only = DecodeOptions { header_only: true, ..DecodeOptions::default() };
    decode_with(bytes, &header_only.with_limits(*limits))
}

/// Reads as much of a message as there is: what stands before the first error, and the error.
///
/// For people who look at broken or cut messages (a log that keeps 64 kB, a pasted half). What it
/// gives is not to be answered or carried out. Of an Atomic, Sequence or Sync that is cut nothing is
/// kept; the commands before it are.
///
/// ```
/// let cut = b"<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><Get><CmdID>1</CmdID></Get><Add><CmdI";
/// let (message, error) = syncml::decode_prefix(cut, &syncml::Limits::default());
/// assert_eq!(message.body.commands.len(), 1);
/// assert!(error.is_some_and(|error| error.position().is_some()));
/// ```
#[must_use]
pub fn decode_prefix<'a>(bytes: &'a [u8], limits: &Limits) -> (Message<'a>, Option<Error>) {
    let source = match Source::new(bytes, &limits.xml) {
        Ok(source) => source,
        Err(error) => return (Message::default(), Some(error.into())),
    };
    let lies = source.declaration_lies();
    let options = DecodeOptions::default().with_limits(*limits);
    let mut message = Message::default();
    match source.into_text() {
        Cow::Borrowed(text) => {
            let result = decode_into(text, lies, Vec::new(), &options, &mut message);
            (message, result.err())
        }
        Cow::Owned(text) => {
            let mut message = Message::default();
            let result = decode_into(&text, lies, Vec::new(), &options, &mut message);
            (message.into_owned(), result.err())
        }
    }
}

/// Reads a message in XML from text. `lies`: its declaration named another encoding.
pub(crate) fn decode_text<'a>(
    text: &'a str,
    lies: bool,
    options: &DecodeOptions,
) -> Result<Message<'a>, Error> {
    let mut message = Message::default();
    decode_into(text, lies, Vec::new(), options, &mut message)?;
    Ok(message)
}

/// A piece of a text that stands for bytes, as base64, although nothing in the text says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Coded {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// A format says something else.
    pub(crate) told: bool,
}

/// Reads a message that was WBXML; `coded` is in the order of the text.
pub(crate) fn decode_coded<'a>(
    text: &'a str,
    coded: Vec<Coded>,
    options: &DecodeOptions,
) -> Result<Message<'a>, Error> {
    let mut message = Message::default();
    decode_into(text, false, coded, options, &mut message)?;
    Ok(message)
}

/// The same into a message, which keeps what stands before an error.
fn decode_into<'a>(
    text: &'a str,
    lies: bool,
    coded: Vec<Coded>,
    options: &DecodeOptions,
    message: &mut Message<'a>,
) -> Result<(), Error> {
    let xml = Options::new(NAMESPACES)
        .with_limits(options.limits.xml)
        .with_undeclared_prefixes(Tolerance::Keep);
    let mut decoder = Decoder::new(text, &xml, options)?;
    if lies {
        decoder.note(DiagnosticCode::EncodingDeclaration, 0..0, String::new);
    }
    decoder.coded = coded;
    let read = decoder.read(message).and_then(|()| decoder.within_copies());
    decoder.check_ids();
    // The last, so that they hide nothing where there are more findings than are kept.
    for Coded { start, end, .. } in std::mem::take(&mut decoder.coded) {
        decoder.note(DiagnosticCode::Bytes, start..end, String::new);
    }
    if !options.strict {
        message.diagnostics = decoder.findings.finish(text);
        return read;
    }
    read?;
    if decoder.findings.is_empty() && decoder.findings.dropped() == 0 {
        return Ok(());
    }
    let found = decoder.findings.finish(text);
    let place = found.first().map(|first| (first.position, first.path.clone()));
    let kind = ErrorKind::Strict(found.into());
    Err(match place {
        Some((position, path)) => {
            let mut location = decoder.reader.locate(position.offset);
            location.path = path;
            Error::at(kind, location)
        }
        None => Error::new(kind),
    })
}

/// What stands before the commands of a message, so that they can be read by themselves; nothing
/// where it is so long that reading it with each of them would take too much time.
pub(crate) fn frame_of(message: &Message<'_>) -> Option<Vec<u8>> {
    // A root tag as long as this is no peer's.
    const LONGEST: usize = 16 << 10;
    let frame = Message {
        namespace: message.namespace.clone(),
        attributes: message.attributes.clone(),
        ..Message::default()
    };
    let mut bytes = Vec::new();
    crate::encode::encode(&frame, &mut bytes).ok()?;
    bytes.truncate(bytes.len().saturating_sub(FRAME_END.len()));
    (bytes.len() <= LONGEST).then_some(bytes)
}

const FRAME_END: &[u8] = b"</SyncBody></SyncML>";

/// Whether these bytes of a command, where they stood in a message with this frame, say what
/// `command` says.
pub(crate) fn reads_as(bytes: &str, frame: &[u8], command: &Command<'_>) -> bool {
    let whole = [frame, bytes.as_bytes(), FRAME_END].concat();
    // It was within the limits once; here it only has to end.
    let xml = mdm_xml::Limits::DEFAULT
        .with_bytes(usize::MAX)
        .with_depth(4096)
        .with_elements(usize::MAX)
        .with_attributes(usize::MAX)
        .with_text(usize::MAX)
        .with_namespaces(4096);
    let limits = Limits::default()
        .with_xml(xml)
        .with_commands(usize::MAX)
        .with_items(usize::MAX)
        .with_nesting(usize::MAX)
        .with_copies(usize::MAX)
        .with_diagnostics(0);
    let read = decode(&whole, &limits);
    read.is_ok_and(|read| match read.body.commands.as_slice() {
        [only] => only == command && !read.body.is_final,
        _ => false,
    })
}

/// Whether there is white space around a text. Most texts begin and end with a letter or a digit.
#[inline]
fn has_blanks_around(text: &str) -> bool {
    let plain = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, 0x21..=0x7f));
    let bytes = text.as_bytes();
    !(plain(bytes.first()) && plain(bytes.last())) && text.trim().len() != text.len()
}

struct Decoder<'x> {
    reader: Reader<'x>,
    findings: Findings<DiagnosticCode>,
    limits: Limits,
    own_bytes: bool,
    header_only: bool,
    /// The namespace of the message.
    namespace: NsId,
    /// Declarations of the root that the message keeps.
    root_declarations: Vec<(&'x str, NsId)>,
    commands: usize,
    items: usize,
    /// Bytes that are kept more than once.
    copies: usize,
    /// Where they became too many. Nothing is copied from there on.
    overdrawn: Option<usize>,
    /// The CmdIDs with the places of their commands.
    ids: Vec<(Cow<'x, str>, usize)>,
    highest_id: u64,
    ids_ascend: bool,
    /// Bytes that were raw in WBXML.
    coded: Vec<Coded>,
    /// Values of this command that look as if they were escaped twice: whether their items say that
    /// they are XML, and where they are.
    escaped: Vec<(Option<bool>, Range<usize>)>,
    /// Addresses of items.
    siblings: Siblings<'x>,
    /// A SyncBody has begun.
    in_body: bool,
}

impl<'x> Decoder<'x> {
    fn new(text: &'x str, xml: &Options, options: &DecodeOptions) -> Result<Self, Error> {
        Ok(Self {
            reader: Reader::new(text, xml)?,
            findings: Findings::new(options.limits.diagnostics),
            limits: options.limits,
            own_bytes: options.own_bytes,
            header_only: options.header_only,
            namespace: NsId::NONE,
            root_declarations: Vec::new(),
            commands: 0,
            items: 0,
            copies: 0,
            overdrawn: None,
            ids: Vec::new(),
            highest_id: 0,
            ids_ascend: true,
            coded: Vec::new(),
            escaped: Vec::new(),
            siblings: Siblings::default(),
            in_body: false,
        })
    }

    /// Reads the whole document: a message, or parts of one.
    fn read(&mut self, message: &mut Message<'x>) -> Result<(), Error> {
        match self.reader.root() {
            Ok(root) if root.local() == "SyncML" && self.is_syncml(root.ns()) => {
                self.root(&root, message)?;
                if self.has_enough(message) {
                    return Ok(());
                }
                self.reader.finish()?;
                Ok(())
            }
            // A part of a message may have several elements at its top, and text around them.
            Err(error) if !frame::is_frame(error.kind()) => Err(error.into()),
            _ => {
                self.reader.restart_as_fragment();
                self.fragment(message)
            }
        }
    }

    /// Whether nothing more is wanted.
    fn has_enough(&self, message: &Message<'_>) -> bool {
        self.header_only && message.header.is_some()
    }

    fn note(&mut self, code: DiagnosticCode, span: Range<usize>, detail: impl FnOnce() -> String) {
        self.findings.note(code, span, detail);
    }

    /// Notes a finding about an element that was just read to its end.
    fn note_element(&mut self, code: DiagnosticCode, element: &Element<'x>) {
        let span = element.offset()..self.reader.offset();
        self.findings.note(code, span, || element.name().to_owned());
    }

    /// Notes a finding about an element's start tag.
    fn note_tag(
        &mut self,
        code: DiagnosticCode,
        element: &Element<'x>,
        detail: impl FnOnce() -> String,
    ) {
        let span = element.offset()..element.offset() + 1 + element.name().len();
        self.findings.note(code, span, detail);
    }

    fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        Error::at(kind, self.reader.locate(offset))
    }

    /// Whether so many bytes more may be kept a second time, for what stands at `offset`. A small
    /// message could make a large one of itself otherwise: ten thousand elements of six bytes, each
    /// with the same declaration of a megabyte.
    fn may_copy(&mut self, bytes: usize, offset: usize) -> bool {
        self.copies = self.copies.saturating_add(bytes);
        if self.copies > self.limits.copies {
            self.overdrawn.get_or_insert(offset);
        }
        self.overdrawn.is_none()
    }

    fn within_copies(&self) -> Result<(), Error> {
        let max = self.limits.copies;
        self.overdrawn.map_or(Ok(()), |offset| Err(self.fail(ErrorKind::Copies { max }, offset)))
    }

    /// Counts a command, or what stands in the place of one.
    fn count_command(&mut self, offset: usize) -> Result<(), Error> {
        self.commands += 1;
        let max = self.limits.commands;
        if self.commands > max {
            return Err(self.fail(ErrorKind::Commands { max }, offset));
        }
        Ok(())
    }

    /// Whether this namespace can be one that peers write SyncML in.
    fn is_syncml(&self, ns: NsId) -> bool {
        if ns == NsId::NONE || ns == NsId::UNDECLARED || ns.is_known() {
            return true;
        }
        // With blanks or in another case: *observed* in published samples. Elements ask this one by
        // one, and a name can be as long as the message: only its beginning is looked at.
        let uri = self.reader.namespace_uri(ns);
        let start = uri.char_indices().take(64).find(|(_, letter)| !letter.is_whitespace());
        let head = start.and_then(|(at, _)| uri.get(at..)?.get(..7));
        head.is_some_and(|head| head.eq_ignore_ascii_case("syncml:"))
    }

    /// Whether the element that was just opened can be one of SyncML's.
    #[inline]
    fn ours(&mut self, element: &Element<'x>) -> bool {
        element.ns() == self.namespace || self.nearly_ours(element)
    }

    fn nearly_ours(&mut self, element: &Element<'x>) -> bool {
        let ns = element.ns();
        if ns == NsId::UNDECLARED {
            self.note_tag(DiagnosticCode::UndeclaredPrefix, element, || element.name().to_owned());
            return true;
        }
        if !self.is_syncml(ns) {
            return false;
        }
        // The element that leaves the message's namespace is noted, those in it are not again.
        let tag = self.reader.source().get(element.offset()..self.reader.offset());
        let declares = tag.is_some_and(|tag| tag.contains("xmlns"));
        let metinf = ns == METINF && Name::of(element.local()).is_metinf();
        if (declares || !element.prefix().is_empty()) && !metinf {
            let span = element.offset()..element.offset() + 1 + element.name().len();
            let uri = self.reader.namespace_uri(ns);
            let detail = || uri.chars().take(256).collect();
            self.findings.note(DiagnosticCode::Namespace, span, detail);
        }
        true
    }

    /// The value of an element that holds text. Should it hold elements, their markup is the value.
    #[inline]
    fn value(&mut self) -> Result<Cow<'x, str>, Error> {
        match self.reader.plain_text() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.any_value(),
        }
    }

    fn any_value(&mut self) -> Result<Cow<'x, str>, Error> {
        match self.reader.content()? {
            Content::Text(text) => Ok(text.value()),
            Content::Markup(raw) => {
                let span = raw.offset()..raw.offset() + raw.outer().len();
                self.note(DiagnosticCode::Markup, span, String::new);
                Ok(Cow::Borrowed(raw.inner()))
            }
        }
    }

    /// The value of an identifier, a code or a name, as it stands. Blanks around it are noted.
    fn token(&mut self, element: &Element<'x>) -> Result<Cow<'x, str>, Error> {
        let value = self.value()?;
        if has_blanks_around(&value) {
            self.note_element(DiagnosticCode::BlankValue, element);
        }
        Ok(value)
    }

    /// The text of the child that comes next, if it is the one that is expected and is written as
    /// most peers write it. It is not looked up, and needs no more checks: nothing is odd about it.
    #[inline(always)]
    fn leaf(&mut self, tags: Tags) -> Option<&'x str> {
        self.reader.leaf(tags, self.namespace)
    }

    /// The element that comes next, if it is the one that is expected.
    #[inline(always)]
    fn enter(&mut self, tags: Tags) -> Option<Element<'x>> {
        self.reader.enter(tags, self.namespace)
    }

    /// A [`leaf`](Self::leaf) for what [`token`](Self::token) takes.
    #[inline(always)]
    fn token_leaf(&mut self, tags: Tags) -> Option<Cow<'x, str>> {
        let text = self.leaf(tags)?;
        if has_blanks_around(text) {
            self.note_leaf(tags, text);
        }
        Some(Cow::Borrowed(text))
    }

    /// Notes blanks around the text of the child that was read last.
    #[cold]
    fn note_leaf(&mut self, tags: Tags, text: &str) {
        let end = self.reader.offset();
        let start = end.saturating_sub(tags.open().len() + text.len() + tags.close().len());
        self.note(DiagnosticCode::BlankValue, start..end, || tags.name().to_owned());
    }

    /// Notes text that was passed over between elements, and says whether there was any.
    #[inline]
    fn stray(&mut self) -> bool {
        let Some((offset, text)) = self.reader.take_stray_text() else { return false };
        let detail = || text.trim().chars().take(64).collect();
        self.findings.note(DiagnosticCode::StrayText, offset..offset + text.len(), detail);
        true
    }

    fn namespace_of(&self, element: &Element<'x>) -> Namespace<'x> {
        Namespace::from_uri(self.reader.namespace_uri(element.ns()).to_owned())
    }
}
