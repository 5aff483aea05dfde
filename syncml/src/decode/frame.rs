//! The frame of a message: the root, the header, and parts that stand without them.

use std::borrow::Cow;

use mdm_xml::{Element, tags};

use super::Decoder;
use super::check::{HEADER, Order};
use super::name::Name;
use crate::diagnostic::DiagnosticCode;
use crate::error::{Error, ErrorKind};
use crate::id::{MsgId, SessionId};
use crate::model::{Command, Header, Location, Message, Namespace};

/// Errors that a fragment may have before its first element, and a document may not.
pub(super) fn is_frame(kind: &mdm_xml::ErrorKind) -> bool {
    matches!(
        kind,
        mdm_xml::ErrorKind::TextOutsideRoot
            | mdm_xml::ErrorKind::Malformed(mdm_xml::Malformed::Declaration)
    )
}

/// Elements that may stand alone.
fn is_part(local: &str) -> bool {
    Name::of(local).is_command()
        || matches!(
            local,
            "SyncHdr"
                | "SyncBody"
                | "Final"
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

impl<'x> Decoder<'x> {
    pub(super) fn root(
        &mut self,
        root: &Element<'x>,
        message: &mut Message<'x>,
    ) -> Result<(), Error> {
        self.namespace = root.ns();
        message.namespace = self.namespace_of(root);
        if message.namespace != Namespace::V12 || !root.prefix().is_empty() {
            let uri = message.namespace.uri().to_owned();
            self.note(DiagnosticCode::Namespace, root.offset()..self.reader.offset(), || uri);
        }
        // Declarations of prefixes, which values may use, and other attributes.
        for (prefix, uri) in self.reader.declarations() {
            if !prefix.is_empty() && prefix != root.prefix() {
                let name = Cow::Owned(format!("xmlns:{prefix}"));
                message.attributes.push((name, Cow::Owned(uri.to_owned())));
                self.root_declarations.push((prefix, self.reader.resolve_prefix(prefix)));
            }
        }
        message.attributes.reverse();
        for (name, value) in self.pairs(root) {
            if !name.contains(':') {
                self.note_tag(DiagnosticCode::UnknownAttribute, root, || name.to_string());
            }
            message.attributes.push((name, value));
        }
        let mut bodies = 0;
        while let Some(child) = self.reader.child()? {
            match Name::of(child.local()) {
                Name::SyncHdr if self.ours(&child) => {
                    if bodies > 0 {
                        self.note_tag(DiagnosticCode::Order, &child, || child.name().to_owned());
                    }
                    if message.header.is_some() {
                        self.count_command(child.offset())?;
                        let raw = self.repeated(&child)?;
                        message.body.commands.push(Command::Unknown(raw));
                        continue;
                    }
                    message.header = Some(self.header(&child)?);
                    if self.has_enough(message) {
                        return Ok(());
                    }
                }
                Name::SyncBody if self.ours(&child) => {
                    bodies += 1;
                    self.begin_body(&child, message);
                    self.body(message)?;
                }
                // *Observed* in published samples: commands beside the header, without a body.
                name if name.is_command() || name == Name::Final => {
                    self.note_tag(DiagnosticCode::Fragment, &child, || child.name().to_owned());
                    self.command(child, message)?;
                    bodies += 1;
                }
                _ => {
                    self.count_command(child.offset())?;
                    let raw = self.unknown(&child)?;
                    message.body.commands.push(Command::Unknown(raw));
                }
            }
        }
        self.stray();
        if message.header.is_none() {
            self.note(DiagnosticCode::NoHeader, root.offset()..root.offset() + 1, String::new);
        }
        if bodies == 0 {
            self.missing(root, "SyncBody");
        }
        Ok(())
    }

    pub(super) fn fragment(&mut self, message: &mut Message<'x>) -> Result<(), Error> {
        let mut first = true;
        while let Some(element) = self.reader.child()? {
            let stray = self.stray();
            if first && element.local() == "SyncML" && self.is_syncml(element.ns()) {
                return self.pasted(&element, stray, message);
            }
            if first {
                if !is_part(element.local()) || !self.is_syncml(element.ns()) {
                    let kind = ErrorKind::NotSyncml(element.name().chars().take(64).collect());
                    return Err(self.fail(kind, element.offset()));
                }
                self.namespace = element.ns();
                message.namespace = self.namespace_of(&element);
                self.note_tag(DiagnosticCode::Fragment, &element, || element.name().to_owned());
                first = false;
            }
            match Name::of(element.local()) {
                Name::SyncHdr if self.ours(&element) && message.header.is_none() => {
                    message.header = Some(self.header(&element)?);
                }
                Name::SyncBody if self.ours(&element) => {
                    self.begin_body(&element, message);
                    self.body(message)?;
                }
                _ => self.command(element, message)?,
            }
            self.stray();
        }
        self.stray();
        if first {
            return Err(self.fail(mdm_xml::ErrorKind::NoRoot.into(), self.reader.offset()));
        }
        Ok(())
    }

    /// A message that was pasted with blanks before its XML declaration, or in the midst of other
    /// text, of which there is `stray`. Elements behind it are not the message's: in it they would be
    /// taken for commands.
    fn pasted(
        &mut self,
        root: &Element<'x>,
        stray: bool,
        message: &mut Message<'x>,
    ) -> Result<(), Error> {
        if !stray {
            let before = self.reader.source().get(..root.offset()).unwrap_or_default();
            let start = before.len() - before.trim_start().len();
            let detail = || "before the message".to_owned();
            self.note(DiagnosticCode::StrayText, start..root.offset(), detail);
        }
        self.root(root, message)?;
        if self.has_enough(message) {
            return Ok(());
        }
        while let Some(element) = self.reader.child()? {
            self.stray();
            self.reader.skip()?;
            self.note_element(DiagnosticCode::UnknownElement, &element);
        }
        self.stray();
        Ok(())
    }

    fn header(&mut self, element: &Element<'x>) -> Result<Header<'x>, Error> {
        let mut header = Header::new(
            SessionId::new(""),
            MsgId::new(""),
            Location::default(),
            Location::default(),
        );
        header.ver_dtd = Cow::Borrowed("");
        header.ver_proto = Cow::Borrowed("");
        self.attributes(element, "", 0, &mut header.attributes);
        let mut order = Order::new(&HEADER);
        // Which of the children that have no Option of their own were there.
        let mut seen: [bool; 6] = [false; 6];
        let [ver_dtd, ver_proto, session_id, msg_id, target, source] = &mut seen;
        // What peers send, in the order of the DTD.
        if let Some(text) = self.token_leaf(tags!("VerDTD")) {
            header.ver_dtd = text;
            *ver_dtd = true;
        }
        if let Some(text) = self.token_leaf(tags!("VerProto")) {
            header.ver_proto = text;
            *ver_proto = true;
            order.step(Name::VerProto);
        }
        if let Some(text) = self.token_leaf(tags!("SessionID")) {
            header.session_id = SessionId::new(text);
            *session_id = true;
            order.step(Name::SessionId);
        }
        if let Some(text) = self.token_leaf(tags!("MsgID")) {
            header.msg_id = MsgId::new(text);
            *msg_id = true;
            order.step(Name::MsgId);
        }
        if let Some(child) = self.enter(tags!("Target")) {
            header.target = self.location(&child)?;
            *target = true;
            order.step(Name::Target);
        }
        if let Some(child) = self.enter(tags!("Source")) {
            header.source = self.location(&child)?;
            *source = true;
            order.step(Name::Source);
        }
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                header.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            self.order(&mut order, name, &child);
            if let Some(place) = HEADER.place(name)
                && let Some(seen) = seen.get_mut(usize::from(place))
                && std::mem::replace(seen, true)
            {
                header.extra.push(self.repeated(&child)?);
                continue;
            }
            let kept = &mut header.attributes;
            match name {
                Name::VerDtd => {
                    self.attributes(&child, "VerDTD", 0, kept);
                    header.ver_dtd = self.token(&child)?;
                }
                Name::VerProto => {
                    self.attributes(&child, "VerProto", 0, kept);
                    header.ver_proto = self.token(&child)?;
                }
                Name::SessionId => {
                    self.attributes(&child, "SessionID", 0, kept);
                    header.session_id = SessionId::new(self.token(&child)?);
                }
                Name::MsgId => {
                    self.attributes(&child, "MsgID", 0, kept);
                    header.msg_id = MsgId::new(self.token(&child)?);
                }
                Name::Target => header.target = self.location(&child)?,
                Name::Source => header.source = self.location(&child)?,
                Name::RespUri if header.resp_uri.is_none() => {
                    self.attributes(&child, "RespURI", 0, kept);
                    header.resp_uri = Some(self.token(&child)?);
                }
                Name::NoResp if !header.no_resp => {
                    self.attributes(&child, "NoResp", 0, kept);
                    self.reader.skip()?;
                    header.no_resp = true;
                }
                Name::Cred if header.cred.is_none() => header.cred = Some(self.cred(&child)?),
                Name::Meta if header.meta.is_none() => header.meta = Some(self.meta(&child)?),
                Name::RespUri | Name::NoResp | Name::Cred | Name::Meta => {
                    header.extra.push(self.repeated(&child)?);
                }
                _ => header.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        let [.., target, source] = seen;
        self.check_header(&header, element, (target, source));
        Ok(header)
    }
}
