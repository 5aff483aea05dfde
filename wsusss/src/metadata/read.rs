//! Reading an update document, as far as the caller wants it.

use std::borrow::Cow;

use mdm_xml::{Element, NsId, Options, Reader, Tolerance};

use super::{Clause, Driver, EulaFile, File, Localized, Update, UpdateType};
use crate::error::{Error, ErrorKind, Limits, bad_value};
use crate::id::{UpdateId, UpdateKey};

/// Which parts of a document are read. The rest is passed over without an allocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Select(u8);

impl Select {
    /// Identity and Properties, which are always read.
    pub const IDENTITY: Self = Self(0);
    /// Titles, descriptions and licence files.
    pub const LOCALIZED: Self = Self(1);
    /// Prerequisites, bundles and superseded updates.
    pub const RELATIONSHIPS: Self = Self(2);
    /// Files.
    pub const FILES: Self = Self(4);
    /// Applicability rules, drivers in them, and handler data.
    pub const RULES: Self = Self(8);
    /// What a person wants to know: without files and rules.
    pub const SUMMARY: Self = Self(1 | 2);
    /// Everything.
    pub const ALL: Self = Self(15);

    /// These parts and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }
}

/// Reads a document from text; see [`Update::read`].
///
/// # Errors
/// As [`Update::read`].
pub fn read<'a>(text: &'a str, select: Select, limits: &Limits) -> Result<Update<'a>, Error> {
    // Blobs have no declaration and, where a fragment was cut out of one, not every prefix.
    let options =
        Options::default().with_limits(limits.xml).with_undeclared_prefixes(Tolerance::Keep);
    let mut d = Document { r: Reader::new(text, &options)?, select, max: limits.items, items: 0 };
    let root = d.r.root()?;
    if root.local() != "Update" {
        let kind = ErrorKind::NotUpdate(root.name().chars().take(64).collect());
        return Err(d.fail(kind, root.offset()));
    }
    let mut key = None;
    let mut update = Update {
        key: UpdateKey::new(UpdateId::from_u128(0), 0),
        update_type: UpdateType::Other(Cow::Borrowed("")),
        properties: Vec::new(),
        kb_articles: Vec::new(),
        bulletins: Vec::new(),
        cves: Vec::new(),
        support_url: None,
        more_info_url: None,
        localized: Vec::new(),
        eula_files: Vec::new(),
        prerequisites: Vec::new(),
        bundled: Vec::new(),
        superseded: Vec::new(),
        files: Vec::new(),
        drivers: Vec::new(),
        applicability_rules: None,
        handler_data: None,
    };
    while let Some(child) = d.r.child()? {
        match child.local() {
            "UpdateIdentity" => {
                let (id, revision) = d.identity(&child)?;
                key = Some(UpdateKey::new(id, revision.unwrap_or_default()));
            }
            "Properties" => d.properties(&child, &mut update)?,
            "LocalizedPropertiesCollection" if select.has(Select::LOCALIZED) => {
                d.localized(&mut update)?;
            }
            "Relationships" if select.has(Select::RELATIONSHIPS) => d.relationships(&mut update)?,
            "Files" if select.has(Select::FILES) => {
                while let Some(child) = d.r.child()? {
                    let file = d.file(&child)?;
                    update.files.push(file);
                }
            }
            "ApplicabilityRules" if select.has(Select::RULES) => {
                let raw = d.r.raw()?;
                update.applicability_rules = Some(Cow::Borrowed(raw.outer()));
                d.drivers(raw.outer(), limits, &mut update)?;
            }
            "HandlerSpecificData" if select.has(Select::RULES) => {
                update.handler_data = Some(Cow::Borrowed(d.r.raw()?.outer()));
            }
            _ => d.r.skip()?,
        }
    }
    d.r.finish()?;
    update.key = key.ok_or_else(|| d.fail(ErrorKind::Missing("UpdateIdentity"), root.offset()))?;
    Ok(update)
}

struct Document<'x> {
    r: Reader<'x>,
    select: Select,
    max: usize,
    items: usize,
}

impl<'x> Document<'x> {
    fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        Error::at(kind, self.r.locate(offset))
    }

    /// Counts everything that is kept in a list.
    fn count(&mut self) -> Result<(), Error> {
        self.items += 1;
        if self.items > self.max {
            let kind = ErrorKind::Limit { what: "parts of an update", max: self.max };
            return Err(self.fail(kind, self.r.offset()));
        }
        Ok(())
    }

    fn text(&mut self) -> Result<Cow<'x, str>, Error> {
        Ok(self.r.text()?.value())
    }

    fn attribute(&self, element: &Element<'x>, name: &str) -> Option<Cow<'x, str>> {
        self.r.attribute(element, NsId::NONE, name)
    }

    /// UpdateID and RevisionNumber of an element, which is then closed.
    fn identity(&mut self, element: &Element<'x>) -> Result<(UpdateId, Option<u32>), Error> {
        let Some(id) = self.attribute(element, "UpdateID") else {
            return Err(self.fail(ErrorKind::Missing("UpdateID"), element.offset()));
        };
        let id = id.parse().map_err(|_| self.fail(bad_value("GUID", &id), element.offset()))?;
        let revision =
            match self.attribute(element, "RevisionNumber") {
                None => None,
                Some(text) => Some(text.trim().parse().map_err(|_| {
                    self.fail(bad_value("revision number", &text), element.offset())
                })?),
            };
        self.r.skip()?;
        Ok((id, revision))
    }

    fn properties(&mut self, element: &Element<'x>, update: &mut Update<'x>) -> Result<(), Error> {
        update.properties = self
            .r
            .attributes(element)
            .map(|attribute| (Cow::Borrowed(attribute.name()), attribute.value()))
            .collect();
        if let Some(text) = self.attribute(element, "UpdateType") {
            update.update_type = UpdateType::from_text(text);
        }
        while let Some(child) = self.r.child()? {
            match child.local() {
                "KBArticleID" => {
                    self.count()?;
                    let text = self.text()?;
                    update.kb_articles.push(text);
                }
                "SecurityBulletinID" => {
                    self.count()?;
                    let text = self.text()?;
                    update.bulletins.push(text);
                }
                "CveID" => {
                    self.count()?;
                    let text = self.text()?;
                    update.cves.push(text);
                }
                "SupportUrl" => update.support_url = Some(self.text()?),
                "MoreInfoUrl" => {
                    let text = self.text()?;
                    update.more_info_url.get_or_insert(text);
                }
                _ => self.r.skip()?,
            }
        }
        Ok(())
    }

    fn localized(&mut self, update: &mut Update<'x>) -> Result<(), Error> {
        while let Some(child) = self.r.child()? {
            match child.local() {
                "LocalizedProperties" => {
                    self.count()?;
                    let mut local = Localized::default();
                    while let Some(part) = self.r.child()? {
                        match part.local() {
                            "Language" => local.language = self.text()?,
                            "Title" => local.title = self.text()?,
                            "Description" => local.description = Some(self.text()?),
                            "UninstallNotes" => local.uninstall_notes = Some(self.text()?),
                            "MoreInfoUrl" => local.more_info_url = Some(self.text()?),
                            "SupportUrl" => local.support_url = Some(self.text()?),
                            _ => self.r.skip()?,
                        }
                    }
                    update.localized.push(local);
                }
                "EulaFile" => {
                    let language = self.attribute(&child, "Language").unwrap_or_default();
                    let geo_id = self.attribute(&child, "GeoId");
                    let file = self.file(&child)?;
                    update.eula_files.push(EulaFile { file, language, geo_id });
                }
                _ => self.r.skip()?,
            }
        }
        Ok(())
    }

    fn relationships(&mut self, update: &mut Update<'x>) -> Result<(), Error> {
        while let Some(child) = self.r.child()? {
            match child.local() {
                "Prerequisites" => update.prerequisites = self.clauses()?,
                "BundledUpdates" => update.bundled = self.clauses()?,
                "SupersededUpdates" => {
                    while let Some(child) = self.r.child()? {
                        self.count()?;
                        let (id, _) = self.identity(&child)?;
                        update.superseded.push(id);
                    }
                }
                _ => self.r.skip()?,
            }
        }
        Ok(())
    }

    fn clauses(&mut self) -> Result<Vec<Clause>, Error> {
        let mut clauses = Vec::new();
        while let Some(child) = self.r.child()? {
            match child.local() {
                "UpdateIdentity" => {
                    self.count()?;
                    let one = self.identity(&child)?;
                    clauses.push(Clause { any: vec![one], is_category: false });
                }
                "AtLeastOne" => {
                    let is_category = self
                        .attribute(&child, "IsCategory")
                        .is_some_and(|text| matches!(text.trim(), "true" | "1"));
                    let mut any = Vec::new();
                    while let Some(child) = self.r.child()? {
                        self.count()?;
                        any.push(self.identity(&child)?);
                    }
                    clauses.push(Clause { any, is_category });
                }
                _ => self.r.skip()?,
            }
        }
        Ok(clauses)
    }

    fn file(&mut self, element: &Element<'x>) -> Result<File<'x>, Error> {
        self.count()?;
        let mut file = File {
            name: self.attribute(element, "FileName").unwrap_or_default(),
            digest: self.attribute(element, "Digest").unwrap_or_default(),
            algorithm: self.attribute(element, "DigestAlgorithm").unwrap_or_default(),
            additional: Vec::new(),
            size: self.attribute(element, "Size").and_then(|size| size.trim().parse().ok()),
        };
        while let Some(child) = self.r.child()? {
            if child.local() == "AdditionalDigest" {
                self.count()?;
                let algorithm = self.attribute(&child, "Algorithm").unwrap_or_default();
                let digest = self.text()?;
                file.additional.push((algorithm, digest));
            } else {
                self.r.skip()?;
            }
        }
        Ok(file)
    }

    /// The drivers in the rules' metadata.
    fn drivers(
        &mut self,
        rules: &'x str,
        limits: &Limits,
        update: &mut Update<'x>,
    ) -> Result<(), Error> {
        if self.select == Select::IDENTITY || !rules.contains("WindowsDriverMetaData") {
            return Ok(());
        }
        let options =
            Options::default().with_limits(limits.xml).with_undeclared_prefixes(Tolerance::Keep);
        let mut r = Reader::new(rules, &options)?;
        r.root()?;
        while let Some(part) = r.child()? {
            if part.local() != "Metadata" {
                r.skip()?;
                continue;
            }
            while let Some(driver) = r.child()? {
                if driver.local() == "WindowsDriverMetaData" {
                    self.count()?;
                    let field = |name| r.attribute(&driver, NsId::NONE, name).unwrap_or_default();
                    update.drivers.push(Driver {
                        hardware_id: field("HardwareID"),
                        date: field("DriverVerDate"),
                        version: field("DriverVerVersion"),
                        class: field("Class"),
                        provider: field("Provider"),
                        manufacturer: field("Manufacturer"),
                        model: field("Model"),
                    });
                }
                r.skip()?;
            }
        }
        Ok(())
    }
}
