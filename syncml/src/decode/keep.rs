//! What is kept as it stands: unknown elements, attributes, a command's own bytes; and what such a
//! slice needs to mean the same where it is written again.

use std::borrow::Cow;

use mdm_xml::{Element, NsId};

use super::Decoder;
use crate::diagnostic::DiagnosticCode;
use crate::error::Error;
use crate::model::{Attribute, OwnBytes, Rare, Raw};

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
    pub(super) fn bytes_of(&self, offset: usize, name: &str) -> OwnBytes<'x> {
        if !self.own_bytes {
            return OwnBytes::default();
        }
        let outer = self.reader.source().get(offset..self.reader.offset());
        OwnBytes(outer.map(|outer| self.standing(outer, name, Place::Message)))
    }

    /// An element that was read to its end, with the declarations that it takes from further out.
    fn standing(&self, outer: &'x str, name: &str, place: Place) -> Cow<'x, str> {
        let tag = start_tag(outer);
        let mut needed = String::new();
        // Another default namespace than the message's has to come along.
        let default = self.reader.resolve_prefix("");
        if default != self.namespace && !declares(tag, "xmlns") {
            declare(&mut needed, "xmlns", self.reader.namespace_uri(default));
        }
        if outer.contains(':') {
            for (prefix, uri) in self.in_scope() {
                let at_root = place == Place::Message && self.is_at_root(prefix, uri);
                let attribute = format!("xmlns:{prefix}");
                let used = outer.contains(&format!("{prefix}:"));
                if used && !at_root && !declares(tag, &attribute) {
                    declare(&mut needed, &attribute, uri);
                }
            }
        }
        if needed.is_empty() {
            return Cow::Borrowed(outer);
        }
        let (name, rest) = outer.split_at_checked(1 + name.len()).unwrap_or((outer, ""));
        Cow::Owned(format!("{name}{needed}{rest}"))
    }

    /// The prefixes in scope, each once.
    fn in_scope(&self) -> impl Iterator<Item = (&'x str, &str)> {
        let mut seen: Vec<&str> = Vec::new();
        self.reader.declarations().filter(move |(prefix, _)| {
            let first = !prefix.is_empty() && !seen.contains(prefix);
            if first {
                seen.push(prefix);
            }
            first
        })
    }

    fn is_at_root(&self, prefix: &str, uri: &str) -> bool {
        self.root_declarations.iter().any(|(name, value)| *name == prefix && value == uri)
    }

    /// What markup in the element that was just opened takes from declarations on it and further
    /// out, the root left aside: pairs of an attribute's name and a namespace. Most often nothing.
    pub(super) fn scope(&self) -> Vec<(String, String)> {
        let mut scope = Vec::new();
        let default = self.reader.resolve_prefix("");
        let prefixes = self.reader.declarations().filter(|(prefix, _)| !prefix.is_empty()).count();
        if default == self.namespace && prefixes == self.root_declarations.len() {
            return scope;
        }
        if default != self.namespace {
            scope.push(("xmlns".to_owned(), self.reader.namespace_uri(default).to_owned()));
        }
        for (prefix, uri) in self.in_scope() {
            if !self.is_at_root(prefix, uri) {
                scope.push((format!("xmlns:{prefix}"), uri.to_owned()));
            }
        }
        scope
    }

    /// The attributes of an element that was just opened, into its parent's list: SyncML has none.
    /// `element` and `index` are empty and 0 for those of the parent itself.
    pub(super) fn attributes(
        &mut self,
        element: &Element<'x>,
        of: &'static str,
        index: usize,
        out: &mut Rare<Attribute<'x>>,
    ) {
        if !element.has_attributes() {
            return;
        }
        for (name, value) in self.pairs(element) {
            if !name.contains(':') {
                self.note_tag(DiagnosticCode::UnknownAttribute, element, || name.to_string());
            }
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            out.push(Attribute { element: Cow::Borrowed(of), index, name, value });
        }
    }

    /// The attributes of an element that was just opened, and the declarations that they need.
    pub(super) fn pairs(&mut self, element: &Element<'x>) -> Rare<(Cow<'x, str>, Cow<'x, str>)> {
        let mut pairs = Rare::new();
        if !element.has_attributes() {
            return pairs;
        }
        let mut undeclared = None;
        for attribute in self.reader.attributes(element) {
            let prefix = attribute.prefix();
            if attribute.ns() == NsId::UNDECLARED {
                undeclared = Some(attribute.name());
            } else if !prefix.is_empty() && prefix != "xml" {
                let uri = self.reader.namespace_uri(attribute.ns());
                let name = format!("xmlns:{prefix}");
                let new = !pairs.iter().any(|(known, _): &(Cow<'_, str>, _)| *known == name);
                if new && !self.is_at_root(prefix, uri) {
                    pairs.push((Cow::Owned(name), Cow::Owned(uri.to_owned())));
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

/// Whether a start tag has an attribute of this name.
fn declares(tag: &str, attribute: &str) -> bool {
    let mut rest = tag;
    while let Some((_, after)) = rest.split_once(attribute) {
        if after.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('=') {
            return true;
        }
        rest = after;
    }
    false
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
