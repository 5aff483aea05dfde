//! Reading an update document, as far as the caller wants it.

use std::borrow::Cow;

use mdm_xml::{
    Attribute, Diagnostic, Element, Event, Findings, Memory, NsId, Options, Reader, Tolerance,
};

use super::visit::{Ended, Part, Relation};
use super::words::{Impact, RebootBehavior};
use super::{
    Behavior, Driver, EulaFile, Extension, FeatureScore, File, Localized, Oddity, Readiness, Rules,
    Select, Update,
};
use crate::error::{Error, ErrorKind, Limits, bad_value};
use crate::id::{MAX_REVISION, UpdateId, UpdateKey};

const NAMESPACES: &[&str] = &["http://www.w3.org/2001/XMLSchema-instance"];
pub(super) const XSI: NsId = NsId::known(1);

/// Parts of a document, to see which were read.
const IDENTITY: u8 = 1;
const PROPERTIES: u8 = 2;
const LOCALIZED: u8 = 4;
const RELATIONSHIPS: u8 = 8;
const FILES: u8 = 16;
const RULES: u8 = 32;
const HANDLER: u8 = 64;
/// There is always more to look for.
const EXTENSIONS: u8 = 128;

/// Reads a document from text; see [`Update::read`].
///
/// # Errors
/// As [`Update::read`].
pub fn read<'a>(text: &'a str, select: Select<'_>, limits: &Limits) -> Result<Update<'a>, Error> {
    let mut update = Update::empty();
    let mut document = Document::new(text, select, limits, 0, Memory::default())?;
    document.visit(&mut |part| update.take(part))?;
    Ok(update)
}

/// As [`read`], and says what was odd about the document: up to a hundred findings.
///
/// # Errors
/// As [`Update::read`].
///
/// ```
/// use wsusss::metadata::{Oddity, Select, read_noting};
///
/// let text = r#"<Update><UpdateIdentity UpdateID="6964aab4-c5b5-43bd-a17d-ffb4346a8e1d"/></Update>"#;
/// let (update, found) = read_noting(text, Select::ALL, &wsusss::Limits::default())?;
/// assert_eq!(update.key.revision, 0);
/// assert_eq!(found[0].code, Oddity::NoRevision);
/// # Ok::<(), wsusss::Error>(())
/// ```
pub fn read_noting<'a>(
    text: &'a str,
    select: Select<'_>,
    limits: &Limits,
) -> Result<(Update<'a>, Vec<Diagnostic<Oddity>>), Error> {
    let mut update = Update::empty();
    let mut document = Document::new(text, select, limits, 100, Memory::default())?;
    document.visit(&mut |part| update.take(part))?;
    let source = document.r.source();
    Ok((update, document.found.finish(source)))
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

pub(super) struct Document<'x, 'l> {
    pub(super) r: Reader<'x>,
    select: Select<'l>,
    max: usize,
    items: usize,
    found: Findings<Oddity>,
    /// DefaultPropertiesLanguage of the Properties that were read last.
    default_language: Option<Cow<'x, str>>,
}

impl<'x, 'l> Document<'x, 'l> {
    pub(super) fn new(
        text: &'x str,
        select: Select<'l>,
        limits: &Limits,
        findings: usize,
        memory: Memory,
    ) -> Result<Self, Error> {
        // Blobs have no declaration and, where a fragment was cut out of one, not every prefix.
        let options = Options::new(NAMESPACES)
            .with_limits(limits.xml)
            .with_undeclared_prefixes(Tolerance::Keep);
        let r = Reader::with_memory(text, &options, memory)?;
        let found = Findings::new(findings);
        Ok(Self { r, select, max: limits.items, items: 0, found, default_language: None })
    }

    /// The parts that are wanted, in the document's order.
    pub(super) fn visit(&mut self, each: &mut impl FnMut(Part<'x>)) -> Result<Ended, Error> {
        let root = self.r.root()?;
        if root.local() != "Update" {
            let kind = ErrorKind::NotUpdate(root.name().chars().take(64).collect());
            return Err(self.fail(kind, root.offset()));
        }
        let raw = [Select::RULES, Select::HANDLER, Select::EXTENSIONS];
        if raw.into_iter().any(|part| self.select.has(part)) {
            for (prefix, uri) in self.r.declarations() {
                each(Part::Namespace { prefix, uri: uri.into() });
            }
        }
        let mut wanted = IDENTITY | PROPERTIES;
        for (part, bit) in [
            (Select::LOCALIZED, LOCALIZED),
            (Select::RELATIONSHIPS, RELATIONSHIPS),
            (Select::FILES, FILES),
            (Select::RULES, RULES),
            (Select::DRIVERS, RULES),
            (Select::HANDLER, HANDLER),
            (Select::EXTENSIONS, EXTENSIONS),
        ] {
            if self.select.has(part) {
                wanted |= bit;
            }
        }
        let mut seen = 0;
        while let Some(child) = self.r.child()? {
            let part = match child.local() {
                "UpdateIdentity" => IDENTITY,
                "Properties" => PROPERTIES,
                "LocalizedPropertiesCollection" => LOCALIZED,
                "Relationships" => RELATIONSHIPS,
                "Files" => FILES,
                "ApplicabilityRules" => RULES,
                "HandlerSpecificData" => HANDLER,
                _ => EXTENSIONS,
            };
            if part != EXTENSIONS && seen & part != 0 {
                self.note(Oddity::Repeated, &child, child.name());
                // Whoever stops early has read the first one, and so does everybody else.
                if matches!(part, IDENTITY | PROPERTIES | RULES | HANDLER) {
                    self.r.skip()?;
                    continue;
                }
            }
            seen |= part;
            match part {
                IDENTITY => {
                    let (id, revision) = self.identity(&child)?;
                    if revision.is_none() {
                        self.note(Oddity::NoRevision, &child, "");
                    }
                    each(Part::Identity(UpdateKey::new(id, revision.unwrap_or_default())));
                }
                PROPERTIES => self.properties(&child, each)?,
                LOCALIZED if wanted & part != 0 => self.localized(each)?,
                RELATIONSHIPS if wanted & part != 0 => self.relationships(each)?,
                FILES if wanted & part != 0 => {
                    while let Some(child) = self.r.child()? {
                        if child.local() == "File" {
                            let file = self.file("File", &child, each)?;
                            each(Part::File(file));
                        } else {
                            self.extension("Files", each)?;
                        }
                    }
                }
                RULES if wanted & part != 0 => self.rules(&child, each)?,
                HANDLER if wanted & part != 0 => each(Part::Handler(self.handler_data(&child)?)),
                EXTENSIONS => self.extension("Update", each)?,
                _ => self.r.skip()?,
            }
            if self.select.stops_early() && wanted & !seen == 0 {
                return Ok(Ended::Early);
            }
        }
        self.r.finish()?;
        if seen & IDENTITY == 0 {
            return Err(self.fail(ErrorKind::Missing("UpdateIdentity"), root.offset()));
        }
        Ok(Ended::AtEnd)
    }

    pub(super) fn into_memory(self) -> Memory {
        self.r.into_memory()
    }

    pub(super) fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        Error::at(kind, self.r.locate(offset))
    }

    pub(super) fn note(&mut self, code: Oddity, element: &Element<'x>, detail: &str) {
        let span = element.offset()..self.r.offset();
        self.found.note(code, span, || detail.to_owned());
    }

    /// Counts everything that is kept in a list.
    pub(super) fn count(&mut self) -> Result<(), Error> {
        self.items += 1;
        if self.items > self.max {
            let kind = ErrorKind::Limit { what: "parts of an update", max: self.max };
            return Err(self.fail(kind, self.r.offset()));
        }
        Ok(())
    }

    pub(super) fn text(&mut self) -> Result<Cow<'x, str>, Error> {
        Ok(self.r.text()?.value())
    }

    /// The text of the open element, unless there was one before.
    pub(super) fn first(
        &mut self,
        element: &Element<'x>,
        place: &mut Option<Cow<'x, str>>,
    ) -> Result<(), Error> {
        if place.is_some() {
            return self.repeated(element);
        }
        *place = Some(self.text()?);
        Ok(())
    }

    /// The open element was there before, and the first one counts.
    pub(super) fn repeated(&mut self, element: &Element<'x>) -> Result<(), Error> {
        self.note(Oddity::Repeated, element, element.name());
        Ok(self.r.skip()?)
    }

    /// The text of the open element, one of any number.
    fn one_of_many(&mut self) -> Result<Cow<'x, str>, Error> {
        self.count()?;
        self.text()
    }

    /// The text of the open element, one more in a list.
    pub(super) fn one_more(&mut self, list: &mut Vec<Cow<'x, str>>) -> Result<(), Error> {
        self.count()?;
        list.push(self.text()?);
        Ok(())
    }

    /// The attributes without a prefix.
    pub(super) fn plain(&self, element: &Element<'x>) -> impl Iterator<Item = Attribute<'x>> {
        self.r.attributes(element).filter(|attribute| attribute.ns() == NsId::NONE)
    }

    /// A number in an attribute. What is none is noted and absent: it is not worth a document.
    pub(super) fn number<T: std::str::FromStr>(
        &mut self,
        element: &Element<'x>,
        text: &str,
    ) -> Option<T> {
        let number = text.trim().parse().ok();
        if number.is_none() {
            self.note(Oddity::NotNumber, element, text);
        }
        number
    }

    pub(super) fn boolean(&mut self, element: &Element<'x>, text: &str) -> Option<bool> {
        let value = boolean(text);
        if value.is_none() {
            self.note(Oddity::NotBoolean, element, text);
        }
        value
    }

    /// An element that nobody knows, which is then closed.
    fn extension(
        &mut self,
        parent: &'static str,
        each: &mut impl FnMut(Part<'x>),
    ) -> Result<(), Error> {
        if !self.select.has(Select::EXTENSIONS) {
            return Ok(self.r.skip()?);
        }
        self.count()?;
        let raw = Cow::Borrowed(self.r.raw()?.outer());
        each(Part::Extension(Extension { parent: Cow::Borrowed(parent), raw }));
        Ok(())
    }

    /// UpdateID and RevisionNumber of an element, which is then closed.
    fn identity(&mut self, element: &Element<'x>) -> Result<(UpdateId, Option<u32>), Error> {
        let (mut id, mut revision) = (None, None);
        for attribute in self.plain(element) {
            match attribute.local() {
                "UpdateID" => id = Some(attribute.value()),
                "RevisionNumber" => revision = Some(attribute.value()),
                _ => {}
            }
        }
        let Some(id) = id else {
            return Err(self.fail(ErrorKind::Missing("UpdateID"), element.offset()));
        };
        let id = id.parse().map_err(|_| self.fail(bad_value("GUID", &id), element.offset()))?;
        // Without its number a revision is another one, so this is an error.
        let revision = match revision {
            None => None,
            Some(text) => {
                let number = text.trim().parse().ok().filter(|number| *number <= MAX_REVISION);
                let bad = || self.fail(bad_value("revision number", &text), element.offset());
                Some(number.ok_or_else(bad)?)
            }
        };
        self.r.skip()?;
        Ok((id, revision))
    }

    fn properties(
        &mut self,
        element: &Element<'x>,
        each: &mut impl FnMut(Part<'x>),
    ) -> Result<(), Error> {
        each(Part::Properties);
        self.default_language = None;
        for attribute in self.r.attributes(element) {
            let (name, value) = (attribute.name(), attribute.value());
            if name == "DefaultPropertiesLanguage" && self.default_language.is_none() {
                self.default_language = Some(value.clone());
            }
            each(Part::Property { name, value });
        }
        if !self.select.has(Select::PROPERTIES) {
            return Ok(self.r.skip()?);
        }
        let (mut installation, mut uninstallation, mut is_ready) = (false, false, false);
        while let Some(child) = self.r.child()? {
            match child.local() {
                "KBArticleID" => each(Part::KbArticle(self.one_of_many()?)),
                "SecurityBulletinID" => each(Part::Bulletin(self.one_of_many()?)),
                "CveID" => each(Part::Cve(self.one_of_many()?)),
                "Language" => each(Part::Language(self.one_of_many()?)),
                "SupportUrl" => each(Part::SupportUrl(self.text()?)),
                "MoreInfoUrl" => each(Part::MoreInfoUrl(self.text()?)),
                "InstallationBehavior" if installation => self.repeated(&child)?,
                "InstallationBehavior" => {
                    installation = true;
                    each(Part::Installation(self.behavior(&child)?));
                }
                "UninstallationBehavior" if uninstallation => self.repeated(&child)?,
                "UninstallationBehavior" => {
                    uninstallation = true;
                    each(Part::Uninstallation(self.behavior(&child)?));
                }
                "Readiness" if is_ready => self.repeated(&child)?,
                "Readiness" => {
                    is_ready = true;
                    let mut readiness = Readiness::default();
                    for attribute in self.plain(&child) {
                        match attribute.local() {
                            "Level" => readiness.level = attribute.value(),
                            "Date" => readiness.date = Some(attribute.value()),
                            name => {
                                readiness.other.push((Cow::Borrowed(name), attribute.value()));
                            }
                        }
                    }
                    self.r.skip()?;
                    each(Part::Readiness(readiness));
                }
                "SecuredFragment" => self.secured_fragment(each)?,
                _ => self.extension("Properties", each)?,
            }
        }
        Ok(())
    }

    /// *Observed* (Microsoft's own service): its name is the text. Names of elements count too.
    fn secured_fragment(&mut self, each: &mut impl FnMut(Part<'x>)) -> Result<(), Error> {
        loop {
            let name = match self.r.next()? {
                Event::Start(fragment) => {
                    self.r.skip()?;
                    Cow::Borrowed(fragment.local())
                }
                Event::Text(text) => match text.value() {
                    Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                    Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
                },
                _ => return Ok(()),
            };
            if !name.is_empty() {
                self.count()?;
                each(Part::SecuredFragment(name));
            }
        }
    }

    fn behavior(&mut self, element: &Element<'x>) -> Result<Behavior<'x>, Error> {
        let mut behavior = Behavior::default();
        let (mut input, mut network) = (None, None);
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "Impact" => behavior.impact = Some(Impact::from_text(value)),
                "RebootBehavior" => behavior.reboot = Some(RebootBehavior::from_text(value)),
                "CanRequestUserInput" => input = Some(value),
                "RequiresNetworkConnectivity" => network = Some(value),
                name => behavior.other.push((Cow::Borrowed(name), value)),
            }
        }
        behavior.can_request_user_input = input.and_then(|text| self.boolean(element, &text));
        behavior.requires_network = network.and_then(|text| self.boolean(element, &text));
        self.r.skip()?;
        Ok(behavior)
    }

    fn localized(&mut self, each: &mut impl FnMut(Part<'x>)) -> Result<(), Error> {
        while let Some(child) = self.r.child()? {
            match child.local() {
                "LocalizedProperties" => self.localized_properties(&child, each)?,
                "EulaFile" => {
                    let file = self.file("EulaFile", &child, each)?;
                    let mut eula = EulaFile { file, ..EulaFile::default() };
                    // The two that only licence files have.
                    for (name, value) in std::mem::take(&mut eula.file.other) {
                        match &*name {
                            "Language" => eula.language = value,
                            "GeoId" => eula.geo_id = Some(value),
                            _ => eula.file.other.push((name, value)),
                        }
                    }
                    each(Part::EulaFile(eula));
                }
                _ => self.extension("LocalizedPropertiesCollection", each)?,
            }
        }
        Ok(())
    }

    fn localized_properties(
        &mut self,
        element: &Element<'x>,
        each: &mut impl FnMut(Part<'x>),
    ) -> Result<(), Error> {
        let mut local = Localized::default();
        let (mut has_language, mut has_title) = (false, false);
        // As every document has them that was seen.
        if let Some(language) = self.r.leaf_of(element, "Language") {
            local.language = language.into();
            has_language = true;
            if !self.wants(&local) {
                return Ok(self.r.skip()?);
            }
            if let Some(title) = self.r.leaf_of(element, "Title") {
                local.title = title.into();
                has_title = true;
            }
            local.description = self.r.leaf_of(element, "Description").map(Cow::Borrowed);
        }
        while let Some(part) = self.r.child()? {
            match part.local() {
                "Language" if has_language => self.repeated(&part)?,
                "Language" => {
                    local.language = self.text()?;
                    has_language = true;
                    if !self.wants(&local) {
                        return Ok(self.r.skip()?);
                    }
                }
                "Title" if has_title => self.repeated(&part)?,
                "Title" => {
                    local.title = self.text()?;
                    has_title = true;
                }
                "Description" => self.first(&part, &mut local.description)?,
                "UninstallNotes" => self.first(&part, &mut local.uninstall_notes)?,
                "MoreInfoUrl" => self.first(&part, &mut local.more_info_url)?,
                "SupportUrl" => self.first(&part, &mut local.support_url)?,
                _ => self.extension("LocalizedProperties", each)?,
            }
        }
        if !has_language {
            self.note(Oddity::NoLanguage, element, "");
        }
        self.count()?;
        each(Part::Localized(local));
        Ok(())
    }

    fn wants(&self, local: &Localized<'_>) -> bool {
        let default = self.default_language.as_deref().unwrap_or("en");
        self.select.wants_language(&local.language, default)
    }

    fn relationships(&mut self, each: &mut impl FnMut(Part<'x>)) -> Result<(), Error> {
        while let Some(child) = self.r.child()? {
            match child.local() {
                "Prerequisites" => self.clauses(Relation::Prerequisites, each)?,
                "BundledUpdates" => self.clauses(Relation::Bundled, each)?,
                "SupersededUpdates" => {
                    while let Some(child) = self.r.child()? {
                        if child.local() != "UpdateIdentity" {
                            self.extension("SupersededUpdates", each)?;
                            continue;
                        }
                        self.count()?;
                        let (id, _) = self.identity(&child)?;
                        each(Part::Superseded(id));
                    }
                }
                _ => self.extension("Relationships", each)?,
            }
        }
        Ok(())
    }

    fn clauses(
        &mut self,
        relation: Relation,
        each: &mut impl FnMut(Part<'x>),
    ) -> Result<(), Error> {
        while let Some(child) = self.r.child()? {
            match child.local() {
                "UpdateIdentity" => {
                    self.count()?;
                    let (id, revision) = self.identity(&child)?;
                    each(Part::Clause { relation, is_category: false });
                    each(Part::Member { relation, id, revision });
                }
                "AtLeastOne" => {
                    self.count()?;
                    let mut is_category = false;
                    if let Some(text) = self.r.attribute(&child, NsId::NONE, "IsCategory") {
                        is_category = self.boolean(&child, &text).unwrap_or_default();
                    }
                    each(Part::Clause { relation, is_category });
                    let mut empty = true;
                    while let Some(member) = self.r.child()? {
                        if member.local() != "UpdateIdentity" {
                            self.extension("AtLeastOne", each)?;
                            continue;
                        }
                        self.count()?;
                        let (id, revision) = self.identity(&member)?;
                        each(Part::Member { relation, id, revision });
                        empty = false;
                    }
                    if empty {
                        self.note(Oddity::EmptyClause, &child, "");
                    }
                }
                _ => self.extension(relation.name(), each)?,
            }
        }
        Ok(())
    }

    fn file(
        &mut self,
        name: &'static str,
        element: &Element<'x>,
        each: &mut impl FnMut(Part<'x>),
    ) -> Result<File<'x>, Error> {
        self.count()?;
        let mut file = File::default();
        let (mut size, mut encrypted) = (None, None);
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "FileName" => file.name = value,
                "Digest" => file.digest = value,
                "DigestAlgorithm" => file.algorithm = value,
                "Size" => size = Some(value),
                "Modified" => file.modified = Some(value),
                "PatchingType" => file.patching_type = Some(value),
                "IsEncrypted" => encrypted = Some(value),
                name => file.other.push((Cow::Borrowed(name), value)),
            }
        }
        file.size = size.and_then(|text| self.number(element, &text));
        file.is_encrypted = encrypted.and_then(|text| self.boolean(element, &text));
        while let Some(child) = self.r.child()? {
            if child.local() == "AdditionalDigest" {
                self.count()?;
                let algorithm = self.r.attribute(&child, NsId::NONE, "Algorithm");
                let digest = self.text()?;
                file.additional.push((algorithm.unwrap_or_default(), digest));
            } else {
                self.extension(name, each)?;
            }
        }
        Ok(file)
    }

    /// The rules as they stand, and the drivers in their metadata.
    fn rules(
        &mut self,
        element: &Element<'x>,
        each: &mut impl FnMut(Part<'x>),
    ) -> Result<(), Error> {
        let mut rules = Rules::default();
        while let Some(part) = self.r.child()? {
            let inner = self.r.offset();
            if part.local() == "Metadata" && self.select.has(Select::DRIVERS) {
                while let Some(child) = self.r.child()? {
                    if child.local() == "WindowsDriverMetaData" {
                        each(Part::Driver(self.driver(&child)?));
                    } else {
                        self.r.skip()?;
                    }
                }
            } else {
                self.r.skip()?;
            }
            let content = self.r.source().get(inner..self.r.offset()).unwrap_or_default();
            let content = content.rsplit_once("</").map_or("", |(content, _)| content);
            let place = match part.local() {
                "IsInstalled" => &mut rules.is_installed,
                "IsSuperseded" => &mut rules.is_superseded,
                "IsInstallable" => &mut rules.is_installable,
                "Metadata" => &mut rules.metadata,
                _ => continue,
            };
            if place.is_some() {
                self.note(Oddity::Repeated, &part, part.name());
            } else {
                *place = Some(Cow::Borrowed(content));
            }
        }
        if self.select.has(Select::RULES) {
            let raw = self.r.source().get(element.offset()..self.r.offset());
            rules.raw = Cow::Borrowed(raw.unwrap_or_default());
            each(Part::Rules(rules));
        }
        Ok(())
    }

    fn driver(&mut self, element: &Element<'x>) -> Result<Driver<'x>, Error> {
        self.count()?;
        let mut driver = Driver::default();
        let mut whql = None;
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "HardwareID" => driver.hardware_id = value,
                "DriverVerDate" => driver.date = value,
                "DriverVerVersion" => driver.version = value,
                "WhqlDriverID" => whql = Some(value),
                "Class" => driver.class = value,
                "Company" => driver.company = value,
                "Provider" => driver.provider = value,
                "Manufacturer" => driver.manufacturer = value,
                "Model" => driver.model = value,
                _ => {}
            }
        }
        driver.whql_driver_id = whql.and_then(|text| self.number(element, &text));
        while let Some(part) = self.r.child()? {
            match part.local() {
                "FeatureScore" => {
                    self.count()?;
                    let mut score = FeatureScore::default();
                    for attribute in self.plain(&part) {
                        match attribute.local() {
                            "OperatingSystem" => score.operating_system = attribute.value(),
                            "FeatureScore" => score.score = attribute.value(),
                            _ => {}
                        }
                    }
                    self.r.skip()?;
                    driver.feature_scores.push(score);
                }
                "DistributionComputerHardwareId" => {
                    self.one_more(&mut driver.distribution_computers)?;
                }
                "TargetComputerHardwareId" => self.one_more(&mut driver.target_computers)?,
                "CompatibleProvider" => self.one_more(&mut driver.compatible_providers)?,
                _ => self.r.skip()?,
            }
        }
        Ok(driver)
    }
}
