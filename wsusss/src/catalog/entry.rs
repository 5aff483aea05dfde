//! What the catalog keeps of one update.

use crate::id::{UpdateId, UpdateKey};
use crate::metadata::{CategoryType, EulaId, Handler, KbArticle, Localized, Update, UpdateType};

/// A place among the catalog's nodes.
pub(super) type Ref = u32;

/// A text in a language, which is a place among the catalog's languages.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) language: u16,
    pub(super) title: Box<str>,
    pub(super) description: Option<Box<str>>,
}

/// What is kept of one update. Other updates are places, not identifiers: four bytes instead of
/// sixteen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) revision: u32,
    pub(super) update_type: UpdateType<'static>,
    pub(super) category_type: Option<CategoryType<'static>>,
    pub(super) created: Option<Box<str>>,
    pub(super) severity: Option<Box<str>>,
    pub(super) default_language: u16,
    pub(super) expired: bool,
    pub(super) deployable: bool,
    pub(super) eula: Option<EulaId>,
    /// There are files with licence terms.
    pub(super) eula_files: bool,
    pub(super) max_download_size: Option<u64>,
    pub(super) kb_articles: Box<[Box<str>]>,
    pub(super) texts: Box<[Text]>,
    pub(super) more_info_url: Option<Box<str>>,
    pub(super) support_url: Option<Box<str>>,
    /// The updates of clauses that say that they are of categories, and of the other clauses.
    pub(super) categories: Box<[Ref]>,
    pub(super) prerequisites: Box<[Ref]>,
    pub(super) superseded: Box<[Ref]>,
    pub(super) bundled: Box<[(Ref, Option<u32>)]>,
}

impl Entry {
    /// What is kept of an update; `place` and `language` find the place of an identifier and of a
    /// language.
    pub(super) fn new(
        update: &Update<'_>,
        texts: &[&Localized<'_>],
        descriptions: bool,
        mut place: impl FnMut(UpdateId) -> Ref,
        mut language: impl FnMut(&str) -> u16,
    ) -> Self {
        let boxed = |text: &str| -> Box<str> { text.into() };
        let category_type = match update.handler_data.as_ref().map(|data| &data.handler) {
            Some(Handler::Category(category)) => category.category_type.clone(),
            _ => None,
        };
        let mut clauses = |categories: bool| -> Box<[Ref]> {
            let wanted =
                update.prerequisites.iter().filter(|clause| clause.is_category == categories);
            wanted.flat_map(|clause| clause.any.iter()).map(|(id, _)| place(*id)).collect()
        };
        let (categories, prerequisites) = (clauses(true), clauses(false));
        let default = update.default_language();
        Self {
            revision: update.key.revision,
            update_type: update.update_type.clone().into_owned(),
            category_type: category_type.map(CategoryType::into_owned),
            created: update.creation_date().map(boxed),
            severity: update.severity().map(boxed),
            default_language: language(default),
            expired: update.property("PublicationState") == Some("Expired"),
            deployable: update.is_deployable(),
            eula: update.eula(),
            eula_files: !update.eula_files.is_empty(),
            max_download_size: update.max_download_size(),
            kb_articles: update.kb_articles.iter().map(|kb| boxed(kb)).collect(),
            texts: texts
                .iter()
                .map(|local| Text {
                    language: language(&local.language),
                    title: boxed(&local.title),
                    description: local.description.as_deref().filter(|_| descriptions).map(boxed),
                })
                .collect(),
            more_info_url: update.more_info_url(default).map(boxed),
            support_url: update.support_url(default).map(boxed),
            categories,
            prerequisites,
            superseded: update.superseded.iter().map(|id| place(*id)).collect(),
            bundled: update.bundled_keys().map(|(id, revision)| (place(id), revision)).collect(),
        }
    }
}

/// An update in the catalog.
#[derive(Clone, Copy, Debug)]
pub struct CatalogEntry<'c> {
    pub(super) catalog: &'c super::Catalog,
    pub(super) id: UpdateId,
    pub(super) entry: &'c Entry,
}

impl<'c> CatalogEntry<'c> {
    /// Its latest revision.
    #[must_use]
    pub fn key(&self) -> UpdateKey {
        UpdateKey::new(self.id, self.entry.revision)
    }

    /// What it is about.
    #[must_use]
    pub fn update_type(&self) -> &'c UpdateType<'static> {
        &self.entry.update_type
    }

    /// What a category is.
    #[must_use]
    pub fn category_type(&self) -> Option<&'c CategoryType<'static>> {
        self.entry.category_type.as_ref()
    }

    /// Its title in this language, or the nearest that is kept.
    #[must_use]
    pub fn title(&self, language: &str) -> Option<&'c str> {
        self.nearest(language, |_| true).map(|text| &*text.title)
    }

    /// Its description in this language, or the nearest that is kept.
    #[must_use]
    pub fn description(&self, language: &str) -> Option<&'c str> {
        self.nearest(language, |text| text.description.is_some())?.description.as_deref()
    }

    fn nearest(&self, language: &str, usable: impl Fn(&Text) -> bool) -> Option<&'c Text> {
        let default = self.catalog.language(self.entry.default_language);
        self.entry.texts.iter().filter(|text| usable(text)).min_by_key(|text| {
            let own = self.catalog.language(text.language);
            crate::metadata::language_rank(own, language, default)
        })
    }

    /// Its KB articles, as they stand: in Microsoft's documents numbers without `KB`, in others any
    /// text.
    pub fn kb_articles(&self) -> impl Iterator<Item = &'c str> + use<'c> {
        self.entry.kb_articles.iter().map(|kb| &**kb)
    }

    /// Its KB articles, to be printed.
    pub fn articles(&self) -> impl Iterator<Item = KbArticle<'c>> + use<'c> {
        self.kb_articles().map(KbArticle::new)
    }

    /// When its revision was made, as it stands.
    #[must_use]
    pub fn created(&self) -> Option<&'c str> {
        self.entry.created.as_deref()
    }

    /// `Critical`, `Important`, …
    #[must_use]
    pub fn severity(&self) -> Option<&'c str> {
        self.entry.severity.as_deref()
    }

    /// The most bytes that a device downloads for it.
    #[must_use]
    pub fn max_download_size(&self) -> Option<u64> {
        self.entry.max_download_size
    }

    /// Where there is more.
    #[must_use]
    pub fn more_info_url(&self) -> Option<&'c str> {
        self.entry.more_info_url.as_deref()
    }

    /// Where there is help.
    #[must_use]
    pub fn support_url(&self) -> Option<&'c str> {
        self.entry.support_url.as_deref()
    }

    /// The licence terms that it names itself; [`Catalog::terms`](super::Catalog::terms) has those
    /// of its parts as well.
    #[must_use]
    pub fn eula(&self) -> Option<&'c EulaId> {
        self.entry.eula.as_ref()
    }

    /// Whether licence terms have to be accepted before it is approved.
    #[must_use]
    pub fn needs_eula(&self) -> bool {
        self.entry.eula.is_some() || self.entry.eula_files
    }

    /// Whether it was withdrawn.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.entry.expired
    }

    /// Whether a person could want to install it: see
    /// [`Update::is_deployable`](crate::metadata::Update::is_deployable).
    #[must_use]
    pub fn is_deployable(&self) -> bool {
        self.entry.deployable
    }

    /// Whether it is a definition update.
    #[must_use]
    pub fn is_definition_update(&self) -> bool {
        self.prerequisites().any(|id| id == UpdateId::DEFINITION_UPDATES)
    }

    /// Every update that its prerequisites name, categories first.
    pub fn prerequisites(&self) -> impl Iterator<Item = UpdateId> + use<'c> {
        let catalog = self.catalog;
        let all = self.entry.categories.iter().chain(&self.entry.prerequisites);
        all.filter_map(|&place| catalog.id(place))
    }

    /// What it supersedes.
    pub fn superseded(&self) -> impl Iterator<Item = UpdateId> + use<'c> {
        let catalog = self.catalog;
        self.entry.superseded.iter().filter_map(|&place| catalog.id(place))
    }

    /// What is installed with it, with revisions.
    pub fn bundled(&self) -> impl Iterator<Item = (UpdateId, Option<u32>)> + use<'c> {
        let catalog = self.catalog;
        let bundled = self.entry.bundled.iter();
        bundled.filter_map(|&(place, revision)| Some((catalog.id(place)?, revision)))
    }
}
