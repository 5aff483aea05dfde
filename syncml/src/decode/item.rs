//! Items, addresses, credentials.

use std::borrow::Cow;
use std::ops::Range;

use mdm_xml::{Content, Element, Options, Reader, TextKind, Tolerance, tags};

use super::check::{self, Addressed, Order};
use super::command::{flag, once};
use super::keep::start_tag;
use super::name::Name;
use super::{Decoder, METINF, NAMESPACES};
use crate::diagnostic::DiagnosticCode;
use crate::error::{Error, ErrorKind};
use crate::model::{Challenge, Cred, Data, Escaped, Format, Item, Location, Meta, Rare};

/// A value and other attributes of its element.
pub(super) type Attributes<'x> = Rare<(Cow<'x, str>, Cow<'x, str>)>;

impl<'x> Decoder<'x> {
    /// Target or Source.
    pub(super) fn location(&mut self, element: &Element<'x>) -> Result<Location<'x>, Error> {
        self.stray();
        let mut location = Location::default();
        let mut found = false;
        self.attributes(element, "", 0, &mut location.attributes);
        let mut order = Order::new(&check::LOCATION);
        if let Some(text) = self.leaf(tags!("LocURI")) {
            let end = self.reader.offset();
            let start = end.saturating_sub(text.len() + tags!("LocURI").close().len());
            self.check_blanks_of_address(text, start..end);
            location.loc_uri = Cow::Borrowed(text);
            found = true;
        }
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                location.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            self.order(&mut order, name, &child);
            match name {
                Name::LocUri if !found => {
                    self.attributes(&child, "LocURI", 0, &mut location.attributes);
                    location.loc_uri = self.address()?;
                    found = true;
                }
                Name::LocUri => location.extra.push(self.repeated(&child)?),
                Name::LocName => once!(self, location.loc_name, child, "LocName", self.value()?),
                _ => location.extra.push(self.unknown(&child)?),
            }
        }
        if found {
            self.stray();
        } else if let Some((offset, text)) = self.reader.take_stray_text() {
            let span = offset..offset + text.len();
            self.note(DiagnosticCode::BareAddress, span, || text.trim().to_owned());
            location.loc_uri = text_of(text);
        }
        Ok(location)
    }

    /// A LocURI's text.
    fn address(&mut self) -> Result<Cow<'x, str>, Error> {
        let offset = self.reader.offset();
        let text = self.value()?;
        self.check_blanks_of_address(&text, offset..self.reader.offset());
        Ok(text)
    }

    fn check_blanks_of_address(&mut self, text: &str, span: Range<usize>) {
        if super::has_blanks_around(text) {
            self.note(DiagnosticCode::BlankAddress, span, || text.trim().to_owned());
        }
    }

    /// TargetRef or SourceRef: text, or a LocURI with text in it.
    pub(super) fn reference(&mut self, element: &Element<'x>) -> Result<Cow<'x, str>, Error> {
        if let Some(text) = self.reader.plain_text() {
            if super::has_blanks_around(text) {
                self.note_element(DiagnosticCode::BlankValue, element);
            }
            return Ok(Cow::Borrowed(text));
        }
        match self.reader.content()? {
            Content::Text(text) => {
                let text = text.value();
                if super::has_blanks_around(&text) {
                    self.note_element(DiagnosticCode::BlankValue, element);
                }
                Ok(text)
            }
            Content::Markup(raw) => {
                self.note_element(DiagnosticCode::RefElement, element);
                let options = Options::default()
                    .with_limits(self.limits.xml)
                    .with_undeclared_prefixes(Tolerance::Keep)
                    .with_fragment(true);
                let mut inner = Reader::new(raw.inner(), &options)?;
                while let Some(child) = inner.child()? {
                    if Name::of(child.local()) == Name::LocUri {
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

    pub(super) fn count_item(&mut self, element: &Element<'x>) -> Result<(), Error> {
        self.items += 1;
        if self.items > self.limits.items {
            let max = self.limits.items;
            return Err(self.fail(ErrorKind::Items { max }, element.offset()));
        }
        Ok(())
    }

    pub(super) fn item(
        &mut self,
        element: &Element<'x>,
        addressed: Addressed,
        item: &mut Item<'x>,
    ) -> Result<(), Error> {
        self.count_item(element)?;
        self.attributes(element, "", 0, &mut item.attributes);
        let mut order = Order::new(&check::ITEM);
        if let Some(child) = self.enter(tags!("Target")) {
            item.target = Some(self.location(&child)?);
        }
        if let Some(child) = self.enter(tags!("Source")) {
            item.source = Some(self.location(&child)?);
            order.step(Name::Source);
        }
        if let Some(child) = self.enter(tags!("Meta")) {
            self.meta_into(&child, item.meta.insert(Meta::default()))?;
            order.step(Name::Meta);
        }
        let mut data_at = 0..0;
        if let Some(text) = self.leaf(tags!("Data")) {
            item.data = Some(Data::Text(Cow::Borrowed(text)));
            let end = self.reader.offset();
            data_at = end.saturating_sub(tags!("Data").close().len() + text.len())..end;
        }
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                item.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            if item.data.is_some() && !matches!(name, Name::MoreData | Name::Data) {
                self.note_tag(DiagnosticCode::AfterData, &child, || child.name().to_owned());
            } else {
                self.order(&mut order, name, &child);
            }
            match name {
                Name::Target => once!(self, item.target, child, self.location(&child)?),
                Name::Source => once!(self, item.source, child, self.location(&child)?),
                // A Type that stood outside Meta is in it already.
                Name::Meta => match &mut item.meta {
                    None => item.meta = Some(self.meta(&child)?),
                    Some(_) => item.extra.push(self.repeated(&child)?),
                },
                Name::Data if item.data.is_none() => {
                    let start = self.reader.offset();
                    let (data, attributes) = self.data(&child)?;
                    data_at = start..self.reader.offset();
                    item.data = Some(data);
                    item.data_attributes = attributes;
                }
                Name::Data => item.extra.push(self.repeated(&child)?),
                Name::MoreData => flag!(self, item.more_data, child, "MoreData"),
                name if name.is_metinf() => {
                    self.note_tag(DiagnosticCode::OutsideMeta, &child, || child.name().to_owned());
                    let meta = item.meta.get_or_insert_default();
                    self.metinf(&child, name, meta)?;
                }
                _ => item.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        if item.looks_escaped_twice() {
            // What its command says of it may follow.
            let own = item.meta.as_ref().and_then(Meta::is_xml);
            self.escaped.push((own, data_at.clone()));
        }
        if !self.coded.is_empty() {
            self.tell_format(item, data_at.start);
        }
        self.check_item(item, addressed, element);
        Ok(())
    }

    /// Notes which values were escaped twice, of those that a command of this name and Meta has.
    pub(super) fn note_escaped(&mut self, verb: &str, outer: Option<&Meta<'_>>) {
        let outer = outer.and_then(Meta::is_xml);
        for (own, span) in std::mem::take(&mut self.escaped) {
            if Escaped::of(verb, own, outer) == Escaped::Twice {
                self.note(DiagnosticCode::DoublyEscaped, span, String::new);
            }
        }
    }

    /// A value that was bytes in WBXML, and that nobody gave a format, has the one of bytes.
    #[cold]
    fn tell_format(&self, item: &mut Item<'x>, data_at: usize) {
        let Some(Data::Text(text)) = &item.data else { return };
        let found = self.coded.binary_search_by_key(&data_at, |coded| coded.start);
        let coded = found.ok().and_then(|index| self.coded.get(index));
        if coded.is_some_and(|coded| coded.end - coded.start == text.len() && !coded.told) {
            item.meta.get_or_insert_default().format.get_or_insert(Format::Bin);
        }
    }

    pub(super) fn data(
        &mut self,
        element: &Element<'x>,
    ) -> Result<(Data<'x>, Attributes<'x>), Error> {
        let mut attributes = self.pairs(element);
        if let Some((name, _)) = attributes.iter().find(|(name, _)| !name.contains(':')) {
            let name = name.to_string();
            self.note_tag(DiagnosticCode::UnknownAttribute, element, || name);
        }
        if let Some(text) = self.reader.plain_text() {
            return Ok((Data::Text(Cow::Borrowed(text)), attributes));
        }
        let data = match self.reader.content()? {
            Content::Text(text) => {
                if text.kind() != TextKind::Plain {
                    self.note_element(DiagnosticCode::CData, element);
                }
                Data::Text(text.value())
            }
            Content::Markup(raw) => {
                if !in_own_namespace(raw.inner()) {
                    self.note_element(DiagnosticCode::Markup, element);
                }
                self.bring_along(element, raw.inner(), &mut attributes);
                Data::Markup(Cow::Borrowed(raw.inner()))
            }
        };
        Ok((data, attributes))
    }

    pub(super) fn cred(&mut self, element: &Element<'x>) -> Result<Cred<'x>, Error> {
        let mut cred = Cred::default();
        self.attributes(element, "", 0, &mut cred.attributes);
        let mut order = Order::new(&check::CRED);
        let (mut meta, mut data) = (false, false);
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                cred.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            self.order(&mut order, name, &child);
            match name {
                Name::Meta if !meta => {
                    *cred.meta = self.meta(&child)?;
                    meta = true;
                }
                Name::Data if !data => {
                    self.attributes(&child, "Data", 0, &mut cred.attributes);
                    cred.data = self.value()?;
                    data = true;
                }
                Name::Meta | Name::Data => cred.extra.push(self.repeated(&child)?),
                name if name.is_metinf() => {
                    self.note_tag(DiagnosticCode::OutsideMeta, &child, || child.name().to_owned());
                    self.metinf(&child, name, &mut cred.meta)?;
                }
                _ => cred.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        Ok(cred)
    }

    pub(super) fn challenge(&mut self, element: &Element<'x>) -> Result<Challenge<'x>, Error> {
        let mut challenge = Challenge::default();
        self.attributes(element, "", 0, &mut challenge.attributes);
        let mut found = false;
        while let Some(child) = self.reader.child()? {
            if child.ns() != METINF && !self.ours(&child) {
                challenge.extra.push(self.unknown(&child)?);
                continue;
            }
            match Name::of(child.local()) {
                Name::Meta if !found => {
                    *challenge.meta = self.meta(&child)?;
                    found = true;
                }
                Name::Meta => challenge.extra.push(self.repeated(&child)?),
                name if name.is_metinf() => {
                    self.note_tag(DiagnosticCode::OutsideMeta, &child, || child.name().to_owned());
                    self.metinf(&child, name, &mut challenge.meta)?;
                }
                _ => challenge.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        Ok(challenge)
    }
}

/// Text that stands where elements are expected, with its references and CDATA sections resolved.
fn text_of(raw: &str) -> Cow<'_, str> {
    let options = Options::new(NAMESPACES).with_fragment(true);
    let whole = format!("<a>{raw}</a>");
    let read = Reader::new(&whole, &options).and_then(|mut reader| {
        reader.root()?;
        Ok(reader.text()?.value().into_owned())
    });
    match read {
        Ok(text) if text == raw => Cow::Borrowed(raw),
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(raw),
    }
}

/// Whether markup begins with an element that is in a namespace of its own (MS-MDM 2.2.5.1).
pub(crate) fn in_own_namespace(markup: &str) -> bool {
    let mut rest = markup.trim_start();
    // Comments may stand before it.
    while let Some(after) = rest.strip_prefix("<!--") {
        rest = after.split_once("-->").map_or("", |(_, rest)| rest).trim_start();
    }
    let tag = start_tag(rest);
    let name = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
    name.contains(':') || tag.contains("xmlns=")
}
