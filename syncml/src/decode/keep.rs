//! What is kept as it stands: unknown elements, attributes, a command's own bytes; and what such a
//! slice needs to mean the same where it is written again.

use std::borrow::Cow;

use mdm_xml::{Attribute, Element, NsId};

use super::Decoder;
use crate::diagnostic::DiagnosticCode;
use crate::error::Error;
use crate::model::{self, OwnBytes, Rare, Raw};

/// Elements that SyncML has and OMA DM does not use (OMA-TS-DM_RepPro 1.2.1, 4.1).
const NOT_IN_DM: &[&str] = &[
    "Archive",
    "Field",
    "Filter",
    "FilterType",
    "Lang",
    "MapItem",
    "NoResults",
    "NumberOfChanges",
    "Record",
    "SftDel",
    "SourceParent",
    "TargetParent",
];

/// A slice that is to be written elsewhere.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    /// In a message with the same root.
    Message,
    /// Anywhere.
    Anywhere,
}

impl<'x> Decoder<'x> {
    /// An element that is not known, as it stands; with the declarations it needs to be read alone
    /// if they stand further out.
    pub(super) fn unknown(&mut self, element: &Element<'x>) -> Result<Raw<'x>, Error> {
        let raw = self.reader.raw()?;
        let known = NOT_IN_DM.contains(&element.local()) && self.is_syncml(element.ns());
        let code = match known {
            true => DiagnosticCode::NotInDm,
            false => DiagnosticCode::UnknownElement,
        };
        self.note_element(code, element);
        Ok(Raw(self.standing(raw.outer(), element.name(), Place::Anywhere)))
    }

    /// An element that may occur once and was there already, as it stands.
    pub(super) fn repeated(&mut self, element: &Element<'x>) -> Result<Raw<'x>, Error> {
        let raw = self.reader.raw()?;
        self.note_element(DiagnosticCode::Repeated, element);
        Ok(Raw(self.standing(raw.outer(), element.name(), Place::Anywhere)))
    }

    /// An element of a namespace of its own in Meta, where any may stand.
    pub(super) fn foreign(&mut self, element: &Element<'x>) -> Result<Raw<'x>, Error> {
        let raw = self.reader.raw()?;
        Ok(Raw(self.standing(raw.outer(), element.name(), Place::Anywhere)))
    }

    /// The bytes of a command whose element was just read to its end.
    pub(super) fn bytes_of(&mut self, offset: usize, name: &str) -> OwnBytes<'x> {
        if !self.own_bytes {
            return OwnBytes::default();
        }
        let outer = self.reader.source().get(offset..self.reader.offset());
        OwnBytes(outer.map(|outer| self.standing(outer, name, Place::Message)))
    }

    /// An element that was read to its end, with the declarations that it takes from further out.
    fn standing(&mut self, outer: &'x str, name: &str, place: Place) -> Cow<'x, str> {
        let tag = start_tag(outer);
        let offset = self.reader.offset().saturating_sub(outer.len());
        let mut needed = String::new();
        // Another default namespace than the message's has to come along.
        let default = self.reader.resolve_prefix("");
        if default != self.default_when_written() && !declares(tag, "xmlns") {
            self.declare(&mut needed, "xmlns", default, offset);
        }
        for (prefix, ns) in self.used_prefixes(outer) {
            let at_root = place == Place::Message && self.is_at_root(prefix, ns);
            let attribute = format!("xmlns:{prefix}");
            if !at_root && !declares(tag, &attribute) {
                self.declare(&mut needed, &attribute, ns, offset);
            }
        }
        if needed.is_empty() {
            return Cow::Borrowed(outer);
        }
        let (name, rest) = outer.split_at_checked(1 + name.len()).unwrap_or((outer, ""));
        Cow::Owned(format!("{name}{needed}{rest}"))
    }

    /// What names without a prefix mean in the message as it is written. Parts of a message whose
    /// prefix nobody declared are written without a namespace.
    fn default_when_written(&self) -> NsId {
        if self.namespace == NsId::UNDECLARED { NsId::NONE } else { self.namespace }
    }

    /// The prefixes in scope that a text may use, each once, with what they mean. What this costs
    /// depends on the text, not on how long the declarations are.
    fn used_prefixes(&self, text: &str) -> Vec<(&'x str, NsId)> {
        let mut used: Vec<(&'x str, NsId)> = Vec::new();
        for (prefix, _) in self.reader.declarations() {
            let fits = !prefix.is_empty() && prefix.len() < text.len();
            if fits
                && text.contains(&format!("{prefix}:"))
                && !used.iter().any(|(known, _)| *known == prefix)
            {
                used.push((prefix, self.reader.resolve_prefix(prefix)));
            }
        }
        used
    }

    fn is_at_root(&self, prefix: &str, ns: NsId) -> bool {
        self.root_declarations.iter().any(|(name, root)| *root == ns && *name == prefix)
    }

    /// Writes a declaration that stands further out.
    fn declare(&mut self, out: &mut String, attribute: &str, ns: NsId, offset: usize) {
        let bytes = attribute.len() + self.reader.namespace_uri(ns).len();
        if !self.may_copy(bytes, offset) {
            return;
        }
        let mut escaped = String::new();
        {
            let mut writer = mdm_xml::Writer::new(&mut escaped);
            writer.element("a").attr(attribute, self.reader.namespace_uri(ns)).empty();
        }
        // `<a xmlns="…"/>` without its frame.
        let inside = escaped.strip_prefix("<a").and_then(|text| text.strip_suffix("/>"));
        out.push_str(inside.unwrap_or_default());
    }

    /// What markup in an element that was just read to its end takes from the declarations on the
    /// element and further out, the root left aside, goes to the element's attributes. Most often
    /// nothing.
    pub(super) fn bring_along(
        &mut self,
        element: &Element<'x>,
        markup: &str,
        attributes: &mut Rare<(Cow<'x, str>, Cow<'x, str>)>,
    ) {
        let own: Vec<(&'x str, Cow<'x, str>)> = element.declarations().collect();
        let default = self.reader.resolve_prefix("");
        let offset = element.offset();
        if let Some((_, uri)) = own.iter().find(|(prefix, _)| prefix.is_empty()) {
            if *uri != self.reader.namespace_uri(self.namespace) {
                attributes.push((Cow::Borrowed("xmlns"), uri.clone()));
            }
        } else if default != self.default_when_written() {
            self.lend("xmlns".to_owned(), default, offset, attributes);
        }
        for (prefix, uri) in &own {
            let used = !prefix.is_empty() && markup.contains(&format!("{prefix}:"));
            let outside = self.reader.resolve_prefix(prefix);
            let same = self.is_at_root(prefix, outside);
            if used && !(same && *uri == self.reader.namespace_uri(outside)) {
                let name = format!("xmlns:{prefix}");
                if !attributes.iter().any(|(known, _)| *known == name) {
                    attributes.push((Cow::Owned(name), uri.clone()));
                }
            }
        }
        for (prefix, ns) in self.used_prefixes(markup) {
            let again = own.iter().any(|(known, _)| *known == prefix);
            if !again && !self.is_at_root(prefix, ns) {
                self.lend(format!("xmlns:{prefix}"), ns, offset, attributes);
            }
        }
    }

    /// A declaration that stands further out, as an attribute.
    fn lend(
        &mut self,
        name: String,
        ns: NsId,
        offset: usize,
        attributes: &mut Rare<(Cow<'x, str>, Cow<'x, str>)>,
    ) {
        let known = attributes.iter().any(|(known, _)| *known == name);
        if !known && self.may_copy(name.len() + self.reader.namespace_uri(ns).len(), offset) {
            let uri = self.reader.namespace_uri(ns).to_owned();
            attributes.push((Cow::Owned(name), Cow::Owned(uri)));
        }
    }

    /// The attributes of an element that was just opened, into its parent's list: SyncML has none.
    /// `element` and `index` are empty and 0 for those of the parent itself.
    #[inline]
    pub(super) fn attributes(
        &mut self,
        element: &Element<'x>,
        of: &'static str,
        index: usize,
        out: &mut Rare<model::Attribute<'x>>,
    ) {
        if element.has_attributes() {
            self.keep_attributes(element, of, index, out);
        }
    }

    /// A SyncBody's start. A message may have several, and is written with one, with the attributes of
    /// the first: those of another one could give prefixes in the first a meaning.
    pub(super) fn begin_body(&mut self, element: &Element<'x>, message: &mut model::Message<'x>) {
        let mut dropped = Rare::new();
        let out = match std::mem::replace(&mut self.in_body, true) {
            false => &mut message.body_attributes,
            true => {
                self.note_tag(DiagnosticCode::Repeated, element, || element.name().to_owned());
                &mut dropped
            }
        };
        self.attributes(element, "SyncBody", 0, out);
    }

    #[cold]
    fn keep_attributes(
        &mut self,
        element: &Element<'x>,
        of: &'static str,
        index: usize,
        out: &mut Rare<model::Attribute<'x>>,
    ) {
        for (name, value) in self.pairs(element) {
            if !name.contains(':') {
                self.note_tag(DiagnosticCode::UnknownAttribute, element, || name.to_string());
            }
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let element = Cow::Borrowed(of);
            out.push(model::Attribute { element, index, name, value });
        }
    }

    /// The attributes of an element that was just opened, and the declarations that they need.
    pub(super) fn pairs(&mut self, element: &Element<'x>) -> Rare<(Cow<'x, str>, Cow<'x, str>)> {
        let mut pairs: Rare<(Cow<'x, str>, Cow<'x, str>)> = Rare::new();
        if !element.has_attributes() {
            return pairs;
        }
        let mut undeclared = None;
        let attributes: Vec<Attribute<'x>> = self.reader.attributes(element).collect();
        for attribute in attributes {
            let prefix = attribute.prefix();
            if attribute.ns() == NsId::UNDECLARED {
                undeclared = Some(attribute.name());
            } else if !prefix.is_empty()
                && prefix != "xml"
                && !self.is_at_root(prefix, attribute.ns())
            {
                let name = format!("xmlns:{prefix}");
                let own = element.declarations().find(|(own, _)| *own == prefix);
                match own {
                    _ if pairs.iter().any(|(known, _)| *known == name) => {}
                    Some((_, uri)) => pairs.push((Cow::Owned(name), uri)),
                    None => self.lend(name, attribute.ns(), element.offset(), &mut pairs),
                }
            }
            pairs.push((Cow::Borrowed(attribute.name()), attribute.value()));
        }
        if let Some(name) = undeclared {
            self.note_tag(DiagnosticCode::UndeclaredPrefix, element, || name.to_owned());
        }
        pairs
    }
}

/// The start tag that an element begins with; `>` in its attributes' values is none of its ends.
pub(crate) fn start_tag(outer: &str) -> &str {
    let mut quote = None;
    for (at, byte) in outer.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return outer.get(..at).unwrap_or_default(),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    outer
}

/// Whether a start tag has an attribute of this name; what is in values does not count.
fn declares(tag: &str, attribute: &str) -> bool {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b' ' | b'\t' | b'\r' | b'\n') => {
                let name = tag.get(at + 1..).and_then(|rest| rest.strip_prefix(attribute));
                let equals = name.map(|rest| rest.trim_start_matches([' ', '\t', '\r', '\n']));
                if equals.is_some_and(|rest| rest.starts_with('=')) {
                    return true;
                }
            }
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    false
}
