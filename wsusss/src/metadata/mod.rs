//! Update documents: the metadata that GetUpdateData returns.
//!
//! Typed and borrowed; what is not typed is kept as a raw slice. The schema is MS-WUSP 3.1.1.1 and
//! its appendix, with what real documents add.

mod read;

use std::borrow::Cow;

pub use read::{Select, read};

use crate::id::{UpdateId, UpdateKey};

/// What an update document is about. Others are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UpdateType<'a> {
    /// A product, product family, company or classification.
    Category,
    /// A test that other updates refer to.
    Detectoid,
    /// A driver.
    Driver,
    /// Everything that is installed otherwise.
    Software,
    /// Another one.
    Other(Cow<'a, str>),
}

impl<'a> UpdateType<'a> {
    fn from_text(text: Cow<'a, str>) -> Self {
        match &*text {
            "Category" => Self::Category,
            "Detectoid" => Self::Detectoid,
            "Driver" => Self::Driver,
            "Software" => Self::Software,
            _ => Self::Other(text),
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Category => "Category",
            Self::Detectoid => "Detectoid",
            Self::Driver => "Driver",
            Self::Software => "Software",
            Self::Other(text) => text,
        }
    }
}

/// Title, description and addresses in one language.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Localized<'a> {
    /// `en`, `zh-cn`; `all` for every language.
    pub language: Cow<'a, str>,
    /// The title.
    pub title: Cow<'a, str>,
    /// The description.
    pub description: Option<Cow<'a, str>>,
    /// How to uninstall it.
    pub uninstall_notes: Option<Cow<'a, str>>,
    /// Where there is more.
    pub more_info_url: Option<Cow<'a, str>>,
    /// Where there is help.
    pub support_url: Option<Cow<'a, str>>,
}

/// One clause of a condition: any of these updates. A condition is all of its clauses.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Clause {
    /// The updates; the revision is there for bundles.
    pub any: Vec<(UpdateId, Option<u32>)>,
    /// The updates are categories: the product or the classification.
    pub is_category: bool,
}

/// A file of an update.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct File<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its digest (base64), by which its address is found.
    pub digest: Cow<'a, str>,
    /// The digest's algorithm, `SHA1`.
    pub algorithm: Cow<'a, str>,
    /// Other digests: algorithm and digest (base64).
    pub additional: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Its size in bytes.
    pub size: Option<u64>,
}

/// A file with licence terms.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct EulaFile<'a> {
    /// The file.
    pub file: File<'a>,
    /// The language.
    pub language: Cow<'a, str>,
    /// The region, if the terms are for one.
    pub geo_id: Option<Cow<'a, str>>,
}

/// What a driver is for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Driver<'a> {
    /// The hardware.
    pub hardware_id: Cow<'a, str>,
    /// Its date, `yyyy-mm-dd`.
    pub date: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
    /// Its class.
    pub class: Cow<'a, str>,
    /// Who provides it.
    pub provider: Cow<'a, str>,
    /// Who made the device.
    pub manufacturer: Cow<'a, str>,
    /// The device's model.
    pub model: Cow<'a, str>,
}

/// An update document.
///
/// ```
/// use wsusss::metadata::{Select, Update};
///
/// let text = r#"<upd:Update xmlns:upd="http://schemas.microsoft.com/msus/2002/12/Update">
///     <upd:UpdateIdentity UpdateID="6964aab4-c5b5-43bd-a17d-ffb4346a8e1d" RevisionNumber="200"/>
///     <upd:Properties UpdateType="Software" DefaultPropertiesLanguage="en">
///     <upd:KBArticleID>5013943</upd:KBArticleID></upd:Properties>
///     <upd:LocalizedPropertiesCollection><upd:LocalizedProperties><upd:Language>en</upd:Language>
///     <upd:Title>A cumulative update</upd:Title></upd:LocalizedProperties>
///     </upd:LocalizedPropertiesCollection></upd:Update>"#;
/// let update = Update::read(text, Select::ALL, &wsusss::Limits::default())?;
/// assert_eq!(update.title("de"), Some("A cumulative update"));
/// assert_eq!(update.kb_articles, ["5013943"]);
/// # Ok::<(), wsusss::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Update<'a> {
    /// Which revision of which update it is.
    pub key: UpdateKey,
    /// What it is about.
    pub update_type: UpdateType<'a>,
    /// The attributes of Properties, all of them, in order.
    pub properties: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// KB articles, as numbers without `KB`.
    pub kb_articles: Vec<Cow<'a, str>>,
    /// Security bulletins.
    pub bulletins: Vec<Cow<'a, str>>,
    /// CVEs.
    pub cves: Vec<Cow<'a, str>>,
    /// Where there is help.
    pub support_url: Option<Cow<'a, str>>,
    /// Where there is more, in the first language that has an address.
    pub more_info_url: Option<Cow<'a, str>>,
    /// Titles and descriptions.
    pub localized: Vec<Localized<'a>>,
    /// Files with licence terms.
    pub eula_files: Vec<EulaFile<'a>>,
    /// What has to be installed or true before.
    pub prerequisites: Vec<Clause>,
    /// What is installed with it.
    pub bundled: Vec<Clause>,
    /// What it supersedes.
    pub superseded: Vec<UpdateId>,
    /// Its files.
    pub files: Vec<File<'a>>,
    /// The drivers in it.
    pub drivers: Vec<Driver<'a>>,
    /// ApplicabilityRules, as they stand.
    pub applicability_rules: Option<Cow<'a, str>>,
    /// HandlerSpecificData, as it stands.
    pub handler_data: Option<Cow<'a, str>>,
}

impl<'a> Update<'a> {
    /// Reads a document from text.
    ///
    /// # Errors
    /// [`ErrorKind::Xml`](crate::ErrorKind::Xml), [`ErrorKind::NotUpdate`](crate::ErrorKind),
    /// [`ErrorKind::Missing`](crate::ErrorKind), [`ErrorKind::Value`](crate::ErrorKind) and
    /// [`ErrorKind::Limit`](crate::ErrorKind).
    pub fn read(
        text: &'a str,
        select: Select,
        limits: &crate::Limits,
    ) -> Result<Self, crate::Error> {
        read(text, select, limits)
    }

    /// The value of an attribute of Properties.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// When this revision was made, as it stands.
    #[must_use]
    pub fn creation_date(&self) -> Option<&str> {
        self.property("CreationDate")
    }

    /// `Critical`, `Important`, …
    #[must_use]
    pub fn severity(&self) -> Option<&str> {
        self.property("MsrcSeverity")
    }

    /// The licence terms that have to be accepted before it is approved.
    #[must_use]
    pub fn eula_id(&self) -> Option<&str> {
        self.property("EulaID").filter(|id| !id.trim().is_empty())
    }

    /// Whether licence terms have to be accepted before it is approved.
    #[must_use]
    pub fn needs_eula(&self) -> bool {
        self.eula_id().is_some() || !self.eula_files.is_empty()
    }

    /// Titles and description in this language, or the nearest: its language without region, the
    /// document's default language, `all`, English, the first.
    #[must_use]
    pub fn localized(&self, language: &str) -> Option<&Localized<'a>> {
        let find = |wanted: &str| {
            self.localized.iter().find(|local| local.language.eq_ignore_ascii_case(wanted))
        };
        let base = language.split('-').next().unwrap_or_default();
        let default = self.property("DefaultPropertiesLanguage").unwrap_or("en");
        [language, base, default, "all", "en"]
            .into_iter()
            .find_map(find)
            .or_else(|| self.localized.first())
    }

    /// The title in this language, or the nearest.
    #[must_use]
    pub fn title(&self, language: &str) -> Option<&str> {
        self.localized(language).map(|local| &*local.title)
    }

    /// Every update that a clause of the prerequisites names alone or with others.
    pub fn prerequisite_ids(&self) -> impl Iterator<Item = UpdateId> + '_ {
        self.prerequisites.iter().flat_map(|clause| clause.any.iter().map(|(id, _)| *id))
    }

    /// The categories it belongs to: products and its classification, which only the categories'
    /// own documents tell apart.
    pub fn categories(&self) -> impl Iterator<Item = UpdateId> + '_ {
        let categories = self.prerequisites.iter().filter(|clause| clause.is_category);
        categories.flat_map(|clause| clause.any.iter().map(|(id, _)| *id))
    }

    /// Its classification, the first of its prerequisites that is one of `known`. *Observed*: not
    /// every document marks the clause as one of categories.
    #[must_use]
    pub fn classification(&self, known: &[UpdateId]) -> Option<UpdateId> {
        self.categories()
            .find(|id| known.contains(id))
            .or_else(|| self.prerequisite_ids().find(|id| known.contains(id)))
    }

    /// Whether it is a definition update, which comes several times a day and is not worth a row
    /// in anybody's database (seed 000).
    #[must_use]
    pub fn is_definition_update(&self) -> bool {
        self.prerequisite_ids().any(|id| id == UpdateId::DEFINITION_UPDATES)
    }

    /// Whether a person could want to install it: software or a driver that is offered by itself.
    #[must_use]
    pub fn is_deployable(&self) -> bool {
        let offered = self.property("ExplicitlyDeployable") != Some("false");
        offered && matches!(self.update_type, UpdateType::Software | UpdateType::Driver)
    }
}
