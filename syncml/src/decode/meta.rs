//! Meta and the elements of MetInf in it.

use std::borrow::Cow;

use mdm_xml::{Element, Tags, tags};

use super::Decoder;
use super::command::{flag, once};
use super::name::Name;
use super::{METINF, has_blanks_around};
use crate::diagnostic::DiagnosticCode;
use crate::error::Error;
use crate::model::{Anchor, Format, Mem, Meta};

impl<'x> Decoder<'x> {
    pub(super) fn meta(&mut self, element: &Element<'x>) -> Result<Meta<'x>, Error> {
        let mut meta = Meta::default();
        self.meta_into(element, &mut meta)?;
        Ok(meta)
    }

    /// The same into one that says nothing yet.
    pub(super) fn meta_into(
        &mut self,
        element: &Element<'x>,
        meta: &mut Meta<'x>,
    ) -> Result<(), Error> {
        self.attributes(element, "", 0, &mut meta.attributes);
        // Windows writes an alert's type before its format, and everybody else the other way round.
        meta.format = self.format_leaf();
        meta.typ = self.metinf_leaf(tags!("Type" in "syncml:metinf"), tags!("Type"));
        if meta.format.is_none() {
            meta.format = self.format_leaf();
        }
        // A wrapper that MetInf's DTD has, and WBXML converters write. One in another says the same.
        let mut wrappers = 0;
        loop {
            let Some(child) = self.reader.child()? else {
                if wrappers == 0 {
                    break;
                }
                wrappers -= 1;
                continue;
            };
            let name = Name::of(child.local());
            if name != Name::MetInf || !self.is_syncml(child.ns()) {
                self.in_meta(&child, name, meta)?;
                continue;
            }
            if wrappers > 0 {
                self.note_tag(DiagnosticCode::Repeated, &child, || child.name().to_owned());
            }
            wrappers += 1;
        }
        // *Observed* in published samples: a Meta that is a format without its element.
        if let Some((offset, text)) = self.reader.take_stray_text() {
            let span = offset..offset + text.len();
            self.note(DiagnosticCode::StrayText, span, || {
                format!("{} in {}", text.trim(), element.name())
            });
        }
        self.check_meta(meta, element);
        Ok(())
    }

    fn format_leaf(&mut self) -> Option<Format<'x>> {
        let text = self.metinf_leaf(tags!("Format" in "syncml:metinf"), tags!("Format"));
        text.map(Format::from_text)
    }

    /// A child that is written as most peers write it, with a declaration of its own or below one.
    #[inline(always)]
    fn metinf_leaf(&mut self, declaring: Tags, plain: Tags) -> Option<Cow<'x, str>> {
        let (tags, text) = match self.reader.leaf(declaring, METINF) {
            Some(text) => (declaring, text),
            None => (plain, self.reader.leaf(plain, METINF)?),
        };
        if has_blanks_around(text) {
            self.note_leaf(tags, text);
        }
        Some(Cow::Borrowed(text))
    }

    fn in_meta(
        &mut self,
        child: &Element<'x>,
        name: Name,
        meta: &mut Meta<'x>,
    ) -> Result<(), Error> {
        let known = name.is_metinf() && self.is_syncml(child.ns());
        if known && child.ns() != METINF {
            self.note_tag(DiagnosticCode::MetInfNamespace, child, || child.name().to_owned());
        }
        if known {
            return self.metinf(child, name, meta);
        }
        // Meta may hold elements of other documents (OMA-SyncML-RepPro 1.2, Meta).
        let raw = match self.is_syncml(child.ns()) {
            true => self.unknown(child)?,
            false => self.foreign(child)?,
        };
        meta.extra.push(raw);
        Ok(())
    }

    /// One of the elements that [`Name::is_metinf`] names.
    pub(super) fn metinf(
        &mut self,
        child: &Element<'x>,
        name: Name,
        meta: &mut Meta<'x>,
    ) -> Result<(), Error> {
        let child = *child;
        match name {
            Name::Format => {
                once!(self, meta.format, child, "Format", Format::from_text(self.token(&child)?));
            }
            Name::Type => once!(self, meta.typ, child, "Type", self.token(&child)?),
            Name::Mark => once!(self, meta.mark, child, "Mark", self.token(&child)?),
            Name::Size => once!(self, meta.size, child, "Size", self.token(&child)?),
            Name::Version => once!(self, meta.version, child, "Version", self.token(&child)?),
            Name::NextNonce => {
                once!(self, meta.next_nonce, child, "NextNonce", self.token(&child)?);
            }
            Name::MaxMsgSize => {
                once!(self, meta.max_msg_size, child, "MaxMsgSize", self.token(&child)?);
            }
            Name::MaxObjSize => {
                once!(self, meta.max_obj_size, child, "MaxObjSize", self.token(&child)?);
            }
            Name::FieldLevel => once!(self, meta.field_level, child, "FieldLevel", self.value()?),
            Name::Emi => {
                self.attributes(&child, "EMI", meta.emi.len(), &mut meta.attributes);
                meta.emi.push(self.value()?);
            }
            Name::Anchor => once!(self, meta.anchor, child, Box::new(self.anchor(&child)?)),
            _ => once!(self, meta.mem, child, Box::new(self.mem(&child)?)),
        }
        Ok(())
    }

    fn anchor(&mut self, element: &Element<'x>) -> Result<Anchor<'x>, Error> {
        let mut anchor = Anchor::default();
        self.attributes(element, "", 0, &mut anchor.attributes);
        while let Some(child) = self.reader.child()? {
            match Name::of(child.local()) {
                Name::Last => once!(self, anchor.last, child, "Last", self.value()?),
                Name::Next => once!(self, anchor.next, child, "Next", self.value()?),
                _ => anchor.extra.push(self.unknown(&child)?),
            }
        }
        Ok(anchor)
    }

    fn mem(&mut self, element: &Element<'x>) -> Result<Mem<'x>, Error> {
        let mut mem = Mem::default();
        self.attributes(element, "", 0, &mut mem.attributes);
        while let Some(child) = self.reader.child()? {
            match Name::of(child.local()) {
                Name::SharedMem => flag!(self, mem.shared, child, "SharedMem"),
                Name::FreeMem => once!(self, mem.free_mem, child, "FreeMem", self.value()?),
                Name::FreeId => once!(self, mem.free_id, child, "FreeID", self.value()?),
                _ => mem.extra.push(self.unknown(&child)?),
            }
        }
        Ok(mem)
    }
}
