//! Update documents: the metadata that GetUpdateData returns.
//!
//! Typed and borrowed; what is not typed is kept as a raw slice. The schema is MS-WUSP 3.1.1.1 and
//! its appendix, with what real documents add. The caller says which parts it wants ([`Select`])
//! and pays for those.

mod article;
mod classification;
mod collect;
mod eula;
mod handler;
mod model;
mod oddity;
mod own;
mod read;
mod read_handler;
mod select;
mod skim;
mod visit;
mod words;

use std::borrow::Cow;

pub use article::KbArticle;
pub(crate) use eula::language_rank;
pub use eula::{EulaId, ParseEulaIdError};
pub use handler::{
    Category, CommandLine, Handler, HandlerData, InstallerPackage, InstallerPatch, RepairPath,
    ReturnCode, WindowsPatch,
};
pub use model::{
    Behavior, Clause, Driver, EulaFile, Extension, FeatureScore, File, Localized, Readiness, Rules,
};
pub use oddity::Oddity;
pub use read::{read, read_noting};
pub use select::Select;
pub use skim::Skimmer;
#[cfg(feature = "cab")]
pub(crate) use visit::visit_cabinet;
pub(crate) use visit::visit_escaped;
pub use visit::{Part, Relation, Scratch, visit};
pub use words::{CategoryType, Impact, PublicationState, RebootBehavior, Severity, UpdateType};

use crate::error::{Error, Limits};
use crate::id::{UpdateId, UpdateKey};

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
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Update<'a> {
    /// Which revision of which update it is.
    pub key: UpdateKey,
    /// What it is about.
    pub update_type: UpdateType<'a>,
    /// The attributes of Properties, all of them, in order.
    pub properties: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// KB articles, as they stand: in Microsoft's documents numbers without `KB`, in others any text.
    /// [`articles`](Self::articles) has them to be printed.
    pub kb_articles: Vec<Cow<'a, str>>,
    /// Security bulletins: `MS13-081`, in documents of others any text.
    pub bulletins: Vec<Cow<'a, str>>,
    /// CVEs.
    pub cves: Vec<Cow<'a, str>>,
    /// Where there is help.
    pub support_url: Option<Cow<'a, str>>,
    /// Where there is more, in the first language that has an address.
    pub more_info_url: Option<Cow<'a, str>>,
    /// The languages that it can be installed in; `all` for every one.
    pub languages: Vec<Cow<'a, str>>,
    /// What installing does.
    pub installation: Option<Behavior<'a>>,
    /// What uninstalling does; absent where it cannot be uninstalled.
    pub uninstallation: Option<Behavior<'a>>,
    /// How far it has got on its way to everybody.
    pub readiness: Option<Readiness<'a>>,
    /// What has to be fetched separately, or a key that is needed (SecuredFragment): `FileUrl`,
    /// `FileDecryption`, …
    pub secured_fragments: Vec<Cow<'a, str>>,
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
    /// The applicability rules, as they stand.
    pub applicability_rules: Option<Rules<'a>>,
    /// What the installer is told.
    pub handler_data: Option<HandlerData<'a>>,
    /// Prefixes that the document's root declares, and their namespaces: what the raw slices need
    /// to stand alone. Read with rules, handler data and extensions.
    pub namespaces: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Elements that nobody knows.
    pub extensions: Vec<Extension<'a>>,
}

own::owned! {
    Update {
        key, update_type, properties, kb_articles, bulletins, cves, support_url, more_info_url,
        languages, installation, uninstallation, readiness, secured_fragments, localized,
        eula_files, prerequisites, bundled, superseded, files, drivers, applicability_rules,
        handler_data, namespaces, extensions,
    }
}

impl<'a> Update<'a> {
    /// Reads a document from text.
    ///
    /// # Errors
    /// [`ErrorKind::Xml`](crate::ErrorKind::Xml), [`ErrorKind::NotUpdate`](crate::ErrorKind),
    /// [`ErrorKind::Missing`](crate::ErrorKind), [`ErrorKind::Value`](crate::ErrorKind) and
    /// [`ErrorKind::Limit`](crate::ErrorKind).
    pub fn read(text: &'a str, select: Select<'_>, limits: &Limits) -> Result<Self, Error> {
        read(text, select, limits)
    }

    /// The value of an attribute of Properties.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// An attribute of Properties that is true or false.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        read::boolean(self.property(name)?)
    }

    /// When this revision was made, as it stands.
    #[must_use]
    pub fn creation_date(&self) -> Option<&str> {
        self.property("CreationDate")
    }

    /// `Critical`, `Important`, …, as it stands.
    #[must_use]
    pub fn severity(&self) -> Option<&str> {
        self.property("MsrcSeverity")
    }

    /// How bad what it repairs is.
    #[must_use]
    pub fn msrc_severity(&self) -> Option<Severity<'_>> {
        self.severity().map(|text| Severity::from_text(Cow::Borrowed(text)))
    }

    /// Whether it is still offered.
    #[must_use]
    pub fn publication_state(&self) -> Option<PublicationState<'_>> {
        self.property("PublicationState")
            .map(|text| PublicationState::from_text(Cow::Borrowed(text)))
    }

    /// The most bytes that a device downloads for it.
    #[must_use]
    pub fn max_download_size(&self) -> Option<u64> {
        self.property("MaxDownloadSize")?.trim().parse().ok()
    }

    /// The fewest bytes that a device downloads for it.
    #[must_use]
    pub fn min_download_size(&self) -> Option<u64> {
        self.property("MinDownloadSize")?.trim().parse().ok()
    }

    /// The language of what has no language of its own.
    #[must_use]
    pub fn default_language(&self) -> &str {
        self.property("DefaultPropertiesLanguage").unwrap_or("en")
    }

    /// Titles and description in this language, or the nearest: its language without region, the
    /// same language in another region, the document's default language, `all`, English, the
    /// first.
    #[must_use]
    pub fn localized(&self, language: &str) -> Option<&Localized<'a>> {
        let default = self.default_language();
        self.localized.iter().min_by_key(|local| language_rank(&local.language, language, default))
    }

    /// The title in this language, or the nearest.
    #[must_use]
    pub fn title(&self, language: &str) -> Option<&str> {
        self.localized(language).map(|local| &*local.title)
    }

    /// The description in this language, or the nearest that has one.
    #[must_use]
    pub fn description(&self, language: &str) -> Option<&str> {
        self.nearest(language, |local| local.description.as_deref())
    }

    /// Where there is more, in this language or the nearest that has an address; else the
    /// address in Properties.
    #[must_use]
    pub fn more_info_url(&self, language: &str) -> Option<&str> {
        self.nearest(language, |local| local.more_info_url.as_deref())
            .or(self.more_info_url.as_deref())
    }

    /// Where there is help, in this language or the nearest that has an address; else the address
    /// in Properties.
    #[must_use]
    pub fn support_url(&self, language: &str) -> Option<&str> {
        self.nearest(language, |local| local.support_url.as_deref()).or(self.support_url.as_deref())
    }

    fn nearest<'s>(
        &'s self,
        language: &str,
        field: impl Fn(&'s Localized<'a>) -> Option<&'s str>,
    ) -> Option<&'s str> {
        let default = self.default_language();
        self.localized
            .iter()
            .filter_map(|local| Some((local, field(local)?)))
            .min_by_key(|(local, _)| language_rank(&local.language, language, default))
            .map(|(_, text)| text)
    }

    /// Every update that a clause of the prerequisites names alone or with others.
    pub fn prerequisite_ids(&self) -> impl Iterator<Item = UpdateId> + '_ {
        self.prerequisites.iter().flat_map(|clause| clause.any.iter().map(|(id, _)| *id))
    }

    /// Every update that is installed with it, with its revision.
    pub fn bundled_keys(&self) -> impl Iterator<Item = (UpdateId, Option<u32>)> + '_ {
        self.bundled.iter().flat_map(|clause| clause.any.iter().copied())
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
        self.classification_by(|id| known.contains(&id))
    }

    /// As [`classification`](Self::classification), among those that every server knows
    /// ([`UpdateId::classification_name`]).
    #[must_use]
    pub fn well_known_classification(&self) -> Option<UpdateId> {
        self.classification_by(|id| id.classification_name().is_some())
    }

    fn classification_by(&self, known: impl Fn(UpdateId) -> bool) -> Option<UpdateId> {
        self.categories()
            .find(|id| known(*id))
            .or_else(|| self.prerequisite_ids().find(|id| known(*id)))
    }

    /// The products it is for: its categories but the well-known classifications. *Observed*:
    /// hidden parts of a bundle name their product in a clause that is not marked as one of
    /// categories; without a mark, products cannot be told from detectoids here, only a
    /// [`Catalog`](crate::catalog::Catalog) that has the categories' documents can.
    pub fn products(&self) -> impl Iterator<Item = UpdateId> + '_ {
        self.categories().filter(|id| id.classification_name().is_none())
    }

    /// Whether it is a definition update, which comes several times a day and is not worth a row
    /// in anybody's database (seed 000).
    #[must_use]
    pub fn is_definition_update(&self) -> bool {
        self.prerequisite_ids().any(|id| id == UpdateId::DEFINITION_UPDATES)
    }

    /// Whether a person could want to install it: software or a driver that says that it is offered
    /// by itself (`ExplicitlyDeployable`). *Observed*: hidden parts of bundles say nothing, offered
    /// updates and drivers say `true`.
    #[must_use]
    pub fn is_deployable(&self) -> bool {
        let offered = self.flag("ExplicitlyDeployable") == Some(true);
        offered && matches!(self.update_type, UpdateType::Software | UpdateType::Driver)
    }
}

/// `zh` of `zh-cn`.
fn base_language(language: &str) -> &str {
    language.split_once('-').map_or(language, |(base, _)| base)
}

/// Whether a text is for every language (MS-WUSP 2.2.5.2).
fn is_neutral(language: &str) -> bool {
    language.eq_ignore_ascii_case("all") || language.eq_ignore_ascii_case("NeutralLanguage")
}
