//! From bytes to a message.
//!
//! One pass over the reader's events. Names are compared without prefixes, in any of the
//! namespaces that peers use; children are taken in any order; what is not known is kept as it
//! stands. Each deviation is noted.

mod command;
mod item;

use std::borrow::Cow;
use std::ops::Range;

use mdm_xml::{Content, Element, Findings, NsId, Options, Reader, Source, Tolerance};

use crate::diagnostic::DiagnosticCode;
use crate::error::{Error, ErrorKind, Limits};
use crate::id::{MsgId, SessionId};
use crate::model::{Header, Location, Message, Namespace, Raw};

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
    let source = Source::new(bytes, &limits.xml)?;
    let lies = source.declaration_lies();
    match source.into_text() {
        Cow::Borrowed(text) => decode_text(text, lies, limits),
        Cow::Owned(text) => Ok(decode_text(&text, lies, limits)?.into_owned()),
    }
}

/// Reads a message in XML from text.
pub(crate) fn decode_text<'a>(
    text: &'a str,
    lies: bool,
    limits: &Limits,
) -> Result<Message<'a>, Error> {
    let options =
        Options::new(NAMESPACES).with_limits(limits.xml).with_undeclared_prefixes(Tolerance::Keep);
    let mut decoder = Decoder::new(text, &options, limits)?;
    if lies {
        decoder.note(DiagnosticCode::EncodingDeclaration, 0..0, String::new);
    }
    let mut message = Message::default();
    match decoder.reader.root() {
        Ok(root) if root.local() == "SyncML" && decoder.ours(&root) => {
            decoder.root(&root, &mut message)?;
            decoder.reader.finish()?;
        }
        // A part of a message may have several elements at its top, and text around them.
        Err(error) if !is_frame(error.kind()) => return Err(error.into()),
        _ => {
            decoder = Decoder::new(text, &options.with_fragment(true), limits)?;
            decoder.fragment(&mut message)?;
        }
    }
    message.diagnostics = decoder.findings.finish(text);
    Ok(message)
}

/// Errors that a fragment may have before its first element, and a document may not.
fn is_frame(kind: &mdm_xml::ErrorKind) -> bool {
    matches!(
        kind,
        mdm_xml::ErrorKind::TextOutsideRoot
            | mdm_xml::ErrorKind::Malformed(mdm_xml::Malformed::Declaration)
    )
}

/// Elements that may stand alone.
fn is_part(local: &str) -> bool {
    command::is_command(local)
        || matches!(
            local,
            "SyncHdr"
                | "SyncBody"
                | "Final"
                | "Sync"
                | "Map"
                | "Search"
                | "Item"
                | "Meta"
                | "Data"
                | "LocURI"
                | "Target"
                | "Source"
                | "Cred"
                | "Chal"
                | "CmdID"
                | "MetInf"
        )
}

struct Decoder<'x> {
    reader: Reader<'x>,
    findings: Findings<DiagnosticCode>,
    limits: Limits,
    /// The namespace of the message.
    namespace: NsId,
    commands: usize,
    items: usize,
}

impl<'x> Decoder<'x> {
    fn new(text: &'x str, options: &Options, limits: &Limits) -> Result<Self, Error> {
        Ok(Self {
            reader: Reader::new(text, options)?,
            findings: Findings::new(limits.diagnostics),
            limits: *limits,
            namespace: NsId::NONE,
            commands: 0,
            items: 0,
        })
    }

    fn note(&mut self, code: DiagnosticCode, span: Range<usize>, detail: impl FnOnce() -> String) {
        self.findings.note(code, span, detail);
    }

    /// Notes a finding about an element that was just read to its end.
    fn note_element(&mut self, code: DiagnosticCode, element: &Element<'x>) {
        let span = element.offset()..self.reader.offset();
        self.findings.note(code, span, || element.name().to_owned());
    }

    fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        Error::at(kind, self.reader.locate(offset))
    }

    /// Whether the element can be one of SyncML's.
    fn ours(&mut self, element: &Element<'x>) -> bool {
        let ns = element.ns();
        if ns == NsId::NONE || ns.is_known() {
            return true;
        }
        if ns == NsId::UNDECLARED {
            self.note_element(DiagnosticCode::UndeclaredPrefix, element);
            return true;
        }
        // With blanks or in another case: *observed* in published samples.
        let uri = self.reader.namespace_uri(ns).trim().to_ascii_lowercase();
        uri.starts_with("syncml:")
    }

    fn root(&mut self, root: &Element<'x>, message: &mut Message<'x>) -> Result<(), Error> {
        self.namespace = root.ns();
        let uri = self.reader.namespace_uri(root.ns()).to_owned();
        let prefixed = !root.prefix().is_empty();
        message.namespace = Namespace::from_uri(uri);
        if message.namespace != Namespace::V12 || prefixed {
            let uri = message.namespace.uri().to_owned();
            self.note(DiagnosticCode::Namespace, root.offset()..self.reader.offset(), || uri);
        }
        // Declarations of prefixes, which values may use, and other attributes.
        for (prefix, uri) in self.reader.declarations() {
            if !prefix.is_empty() && prefix != root.prefix() {
                let name = Cow::Owned(format!("xmlns:{prefix}"));
                message.attributes.push((name, Cow::Owned(uri.to_owned())));
            }
        }
        message.attributes.reverse();
        for attribute in self.reader.attributes(root) {
            message.attributes.push((Cow::Borrowed(attribute.name()), attribute.value()));
        }
        while let Some(child) = self.reader.child()? {
            match child.local() {
                "SyncHdr" if self.ours(&child) => {
                    if message.header.is_some() {
                        self.note_element(DiagnosticCode::Repeated, &child);
                    }
                    message.header = Some(self.header()?);
                }
                "SyncBody" if self.ours(&child) => self.body(&mut message.body)?,
                // *Observed* in published samples: commands beside the header, without a body.
                local if command::is_command(local) || local == "Final" => {
                    self.note_element(DiagnosticCode::Fragment, &child);
                    self.command(child, &mut Vec::new(), &mut message.body)?;
                }
                _ => {
                    let raw = self.unknown(&child)?;
                    message.body.commands.push(crate::model::Command::Unknown(raw));
                }
            }
        }
        self.stray();
        if message.header.is_none() {
            self.note(DiagnosticCode::NoHeader, root.offset()..root.offset() + 1, String::new);
        }
        Ok(())
    }

    fn fragment(&mut self, message: &mut Message<'x>) -> Result<(), Error> {
        let mut first = true;
        while let Some(element) = self.reader.child()? {
            self.stray();
            if first {
                if !is_part(element.local()) || !self.ours(&element) {
                    let kind = ErrorKind::NotSyncml(element.name().chars().take(64).collect());
                    return Err(self.fail(kind, element.offset()));
                }
                self.namespace = element.ns();
                message.namespace =
                    Namespace::from_uri(self.reader.namespace_uri(element.ns()).to_owned());
                self.note_element(DiagnosticCode::Fragment, &element);
                first = false;
            }
            match element.local() {
                "SyncHdr" => message.header = Some(self.header()?),
                "SyncBody" => self.body(&mut message.body)?,
                _ => self.command(element, &mut Vec::new(), &mut message.body)?,
            }
            self.stray();
        }
        self.stray();
        if first {
            return Err(self.fail(mdm_xml::ErrorKind::NoRoot.into(), self.reader.offset()));
        }
        Ok(())
    }

    fn header(&mut self) -> Result<Header<'x>, Error> {
        let mut header = Header::new(
            SessionId::new(""),
            MsgId::new(""),
            Location::default(),
            Location::default(),
        );
        header.ver_dtd = Cow::Borrowed("");
        header.ver_proto = Cow::Borrowed("");
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                header.extra.push(self.unknown(&child)?);
                continue;
            }
            match child.local() {
                "VerDTD" => header.ver_dtd = self.value()?,
                "VerProto" => header.ver_proto = self.value()?,
                "SessionID" => header.session_id = SessionId::new(self.value()?),
                "MsgID" => header.msg_id = MsgId::new(self.value()?),
                "Target" => header.target = self.location()?,
                "Source" => header.source = self.location()?,
                "RespURI" => header.resp_uri = Some(self.value()?),
                "NoResp" => {
                    self.reader.skip()?;
                    header.no_resp = true;
                }
                "Cred" => header.cred = Some(self.cred()?),
                "Meta" => header.meta = Some(self.meta(&child)?),
                _ => header.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        Ok(header)
    }

    /// The value of an element that holds text. Should it hold elements, their markup is the value.
    fn value(&mut self) -> Result<Cow<'x, str>, Error> {
        match self.reader.content()? {
            Content::Text(text) => Ok(text.value()),
            Content::Markup(raw) => {
                let span = raw.offset()..raw.offset() + raw.outer().len();
                self.note(DiagnosticCode::Markup, span, String::new);
                Ok(Cow::Borrowed(raw.inner()))
            }
        }
    }

    /// An element that is not known, as it stands; with the declarations it needs to be read alone
    /// if they stand further out.
    fn unknown(&mut self, element: &Element<'x>) -> Result<Raw<'x>, Error> {
        let raw = self.reader.raw()?;
        let (name, rest) = raw.outer().split_at((1 + element.name().len()).min(raw.outer().len()));
        let tag_end = rest.find('>').unwrap_or(rest.len());
        let tag = rest.get(..tag_end).unwrap_or_default();
        let mut needed = String::new();
        // Another default namespace than the message's has to come along.
        let default = self.reader.resolve_prefix("");
        if default != self.namespace && !tag.contains("xmlns=") {
            declare(&mut needed, "xmlns", self.reader.namespace_uri(default));
        }
        if raw.outer().contains(':') {
            let mut seen: Vec<&str> = Vec::new();
            for (prefix, uri) in self.reader.declarations() {
                if prefix.is_empty() || seen.contains(&prefix) {
                    continue;
                }
                seen.push(prefix);
                let attribute = format!("xmlns:{prefix}");
                let used = raw.outer().contains(&format!("{prefix}:"));
                if used && !tag.contains(&attribute) {
                    declare(&mut needed, &attribute, uri);
                }
            }
        }
        self.note_element(DiagnosticCode::UnknownElement, element);
        Ok(Raw(if needed.is_empty() {
            Cow::Borrowed(raw.outer())
        } else {
            Cow::Owned(format!("{name}{needed}{rest}"))
        }))
    }

    /// Notes text that was passed over between elements.
    fn stray(&mut self) {
        if let Some((offset, text)) = self.reader.take_stray_text() {
            let detail = || text.trim().chars().take(64).collect();
            self.findings.note(DiagnosticCode::StrayText, offset..offset + text.len(), detail);
        }
    }
}

fn declare(out: &mut String, attribute: &str, uri: &str) {
    let mut escaped = String::new();
    {
        let mut writer = mdm_xml::Writer::new(&mut escaped);
        writer.element("a").attr(attribute, uri).empty();
    }
    // `<a xmlns="…"/>` without its frame.
    out.push_str(escaped.strip_prefix("<a").and_then(|text| text.strip_suffix("/>")).unwrap_or(""));
}
