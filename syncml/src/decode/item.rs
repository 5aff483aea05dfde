//! Items, addresses, metadata, credentials.

use std::borrow::Cow;

use mdm_xml::{Content, Element, Options, Reader, TextKind, Tolerance};

use super::{Decoder, METINF};
use crate::diagnostic::DiagnosticCode;
use crate::error::{Error, ErrorKind};
use crate::model::{Anchor, Challenge, Cred, Data, Format, Item, Location, Meta};

/// A value and other attributes of its element.
pub(super) type Attributes<'x> = Vec<(Cow<'x, str>, Cow<'x, str>)>;

impl<'x> Decoder<'x> {
    /// Target or Source.
    pub(super) fn location(&mut self) -> Result<Location<'x>, Error> {
        self.stray();
        let mut location = Location::default();
        let mut found = false;
        while let Some(child) = self.reader.child()? {
            match child.local() {
                "LocURI" => {
                    location.loc_uri = self.address()?;
                    found = true;
                }
                "LocName" => location.loc_name = Some(self.value()?),
                _ => {
                    self.reader.skip()?;
                    self.note_element(DiagnosticCode::UnknownElement, &child);
                }
            }
        }
        if found {
            self.stray();
        } else if let Some((offset, text)) = self.reader.take_stray_text() {
            let span = offset..offset + text.len();
            self.note(DiagnosticCode::BareAddress, span, || text.trim().to_owned());
            location.loc_uri = mdm_xml::unescape(text).unwrap_or(Cow::Borrowed(text));
        }
        Ok(location)
    }

    /// A LocURI's text.
    fn address(&mut self) -> Result<Cow<'x, str>, Error> {
        let offset = self.reader.offset();
        let text = self.value()?;
        if text.trim().len() != text.len() {
            let span = offset..self.reader.offset();
            self.note(DiagnosticCode::BlankAddress, span, || text.trim().to_owned());
        }
        Ok(text)
    }

    /// TargetRef or SourceRef: text, or a LocURI with text in it.
    pub(super) fn reference(&mut self, element: &Element<'x>) -> Result<Cow<'x, str>, Error> {
        match self.reader.content()? {
            Content::Text(text) => Ok(text.value()),
            Content::Markup(raw) => {
                self.note_element(DiagnosticCode::RefElement, element);
                let options = Options::default()
                    .with_limits(self.limits.xml)
                    .with_undeclared_prefixes(Tolerance::Keep)
                    .with_fragment(true);
                let mut inner = Reader::new(raw.inner(), &options)?;
                while let Some(child) = inner.child()? {
                    if child.local() == "LocURI" {
                        return Ok(match inner.content()? {
                            Content::Text(text) => text.value(),
                            Content::Markup(raw) => Cow::Borrowed(raw.inner()),
                        });
                    }
                    inner.skip()?;
                }
                Ok(Cow::Borrowed(raw.inner()))
            }
        }
    }

    pub(super) fn item(&mut self, element: &Element<'x>) -> Result<Item<'x>, Error> {
        self.items += 1;
        if self.items > self.limits.items {
            let max = self.limits.items;
            return Err(self.fail(ErrorKind::Items { max }, element.offset()));
        }
        let mut item = Item::default();
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                item.extra.push(self.unknown(&child)?);
                continue;
            }
            let after_data = item.data.is_some();
            match child.local() {
                "Target" => item.target = Some(self.location()?),
                "Source" => item.source = Some(self.location()?),
                "Meta" => item.meta = Some(self.meta(&child)?),
                "Data" => {
                    let (data, attributes) = self.data(&child)?;
                    if after_data {
                        self.note_element(DiagnosticCode::Repeated, &child);
                    }
                    item.data = Some(data);
                    item.data_attributes = attributes;
                }
                "MoreData" => {
                    self.reader.skip()?;
                    item.more_data = true;
                }
                local if is_metinf(local) => {
                    let meta = item.meta.get_or_insert_default();
                    self.metinf(&child, meta)?;
                    self.note_element(DiagnosticCode::OutsideMeta, &child);
                }
                _ => item.extra.push(self.unknown(&child)?),
            }
            if after_data && !matches!(child.local(), "MoreData" | "Data") {
                self.note_element(DiagnosticCode::AfterData, &child);
            }
        }
        self.stray();
        Ok(item)
    }

    pub(super) fn data(
        &mut self,
        element: &Element<'x>,
    ) -> Result<(Data<'x>, Attributes<'x>), Error> {
        let attributes = self
            .reader
            .attributes(element)
            .map(|attribute| (Cow::Borrowed(attribute.name()), attribute.value()))
            .collect();
        let data = match self.reader.content()? {
            Content::Text(text) => {
                if text.kind() != TextKind::Plain {
                    self.note_element(DiagnosticCode::CData, element);
                }
                Data::Text(text.value())
            }
            Content::Markup(raw) => {
                self.note_element(DiagnosticCode::Markup, element);
                Data::Markup(Cow::Borrowed(raw.inner()))
            }
        };
        Ok((data, attributes))
    }

    pub(super) fn cred(&mut self) -> Result<Cred<'x>, Error> {
        let mut cred = Cred::default();
        while let Some(child) = self.reader.child()? {
            match child.local() {
                "Meta" => cred.meta = self.meta(&child)?,
                "Data" => cred.data = self.value()?,
                local if is_metinf(local) => self.metinf(&child, &mut cred.meta)?,
                _ => {
                    self.reader.skip()?;
                    self.note_element(DiagnosticCode::UnknownElement, &child);
                }
            }
        }
        self.stray();
        Ok(cred)
    }

    pub(super) fn challenge(&mut self) -> Result<Challenge<'x>, Error> {
        let mut meta = Meta::default();
        while let Some(child) = self.reader.child()? {
            match child.local() {
                "Meta" => meta = self.meta(&child)?,
                _ => self.metinf(&child, &mut meta)?,
            }
        }
        self.stray();
        Ok(Challenge::new(meta))
    }

    pub(super) fn meta(&mut self, element: &Element<'x>) -> Result<Meta<'x>, Error> {
        let mut meta = Meta::default();
        while let Some(child) = self.reader.child()? {
            if child.ns() != METINF && is_metinf(child.local()) {
                let span = child.offset()..child.offset() + 1 + child.name().len();
                self.note(DiagnosticCode::MetInfNamespace, span, || child.name().to_owned());
            }
            // A wrapper that MetInf's DTD has, and WBXML converters write.
            if child.local() == "MetInf" {
                while let Some(inner) = self.reader.child()? {
                    self.metinf(&inner, &mut meta)?;
                }
                continue;
            }
            self.metinf(&child, &mut meta)?;
        }
        // *Observed* in published samples: a Meta that is a format without its element.
        if let Some((offset, text)) = self.reader.take_stray_text() {
            let span = offset..offset + text.len();
            self.note(DiagnosticCode::StrayText, span, || {
                format!("{} in {}", text.trim(), element.name())
            });
        }
        Ok(meta)
    }

    /// One child of Meta.
    pub(super) fn metinf(&mut self, child: &Element<'x>, meta: &mut Meta<'x>) -> Result<(), Error> {
        match child.local() {
            "Format" => meta.format = Some(Format::from_text(self.value()?)),
            "Type" => meta.typ = Some(self.value()?),
            "Mark" => meta.mark = Some(self.value()?),
            "Size" => meta.size = Some(self.value()?),
            "Version" => meta.version = Some(self.value()?),
            "NextNonce" => meta.next_nonce = Some(self.value()?),
            "MaxMsgSize" => meta.max_msg_size = Some(self.value()?),
            "MaxObjSize" => meta.max_obj_size = Some(self.value()?),
            "Anchor" => {
                let mut anchor = Anchor::default();
                while let Some(part) = self.reader.child()? {
                    match part.local() {
                        "Last" => anchor.last = Some(self.value()?),
                        "Next" => anchor.next = Some(self.value()?),
                        _ => self.reader.skip()?,
                    }
                }
                meta.anchor = Some(anchor);
            }
            _ => meta.extra.push(self.unknown(child)?),
        }
        Ok(())
    }
}

/// Elements of MetInf that are read here.
pub(super) fn is_metinf(local: &str) -> bool {
    matches!(
        local,
        "Format"
            | "Type"
            | "Mark"
            | "Size"
            | "Version"
            | "NextNonce"
            | "MaxMsgSize"
            | "MaxObjSize"
            | "Anchor"
    )
}
