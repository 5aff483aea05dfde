//! A catalog as a plain value, to be stored.

use super::entry::{Entry, Text};
use super::{Catalog, place_of};
use crate::id::{UpdateId, UpdateKey};
use crate::metadata::{CategoryType, EulaId, UpdateType};

/// The version that this program writes and reads.
pub const STATE_VERSION: u32 = 1;

/// A state that cannot be taken up.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It was written by another version of this program.
    #[error("the catalog has version {found}, and {STATE_VERSION} is read")]
    Version {
        /// Its version.
        found: u32,
    },
    /// It names more updates than it has room for.
    #[error("more than {max} updates")]
    Limit {
        /// How many there may be.
        max: usize,
    },
}

/// A catalog as a plain value, serialisable with the feature `serde`. It has no more in it than
/// the catalog's entries: indexes are made again.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct CatalogState {
    version: u32,
    languages: Vec<String>,
    descriptions: bool,
    max: usize,
    #[cfg_attr(feature = "serde", serde(default = "max_text"))]
    max_text: usize,
    updates: Vec<Stored>,
}

/// What states of before have.
#[cfg(feature = "serde")]
fn max_text() -> usize {
    super::MAX_TEXT
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct Stored {
    key: UpdateKey,
    update_type: UpdateType<'static>,
    category_type: Option<CategoryType<'static>>,
    created: Option<Box<str>>,
    severity: Option<Box<str>>,
    default_language: Box<str>,
    expired: bool,
    deployable: bool,
    eula: Option<EulaId>,
    eula_files: bool,
    max_download_size: Option<u64>,
    kb_articles: Vec<Box<str>>,
    texts: Vec<StoredText>,
    more_info_url: Option<Box<str>>,
    support_url: Option<Box<str>>,
    categories: Vec<UpdateId>,
    prerequisites: Vec<UpdateId>,
    superseded: Vec<UpdateId>,
    bundled: Vec<(UpdateId, Option<u32>)>,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct StoredText {
    language: Box<str>,
    title: Box<str>,
    description: Option<Box<str>>,
}

impl Catalog {
    /// The catalog as a plain value, updates in the order of their identifiers.
    #[must_use]
    pub fn state(&self) -> CatalogState {
        let ids = |places: &[u32]| places.iter().filter_map(|&place| self.id(place)).collect();
        let stored = |entry: super::CatalogEntry<'_>| {
            let key = entry.key();
            let bundled = entry.bundled().collect();
            let entry = entry.entry;
            let text = |text: &Text| StoredText {
                language: self.language(text.language).into(),
                title: text.title.clone(),
                description: text.description.clone(),
            };
            Stored {
                key,
                update_type: entry.update_type.clone(),
                category_type: entry.category_type.clone(),
                created: entry.created.clone(),
                severity: entry.severity.clone(),
                default_language: self.language(entry.default_language).into(),
                expired: entry.expired,
                deployable: entry.deployable,
                eula: entry.eula.clone(),
                eula_files: entry.eula_files,
                max_download_size: entry.max_download_size,
                kb_articles: entry.kb_articles.to_vec(),
                texts: entry.texts.iter().map(text).collect(),
                more_info_url: entry.more_info_url.clone(),
                support_url: entry.support_url.clone(),
                categories: ids(&entry.categories),
                prerequisites: ids(&entry.prerequisites),
                superseded: ids(&entry.superseded),
                bundled,
            }
        };
        CatalogState {
            version: STATE_VERSION,
            languages: self.wanted.clone(),
            descriptions: self.descriptions,
            max: self.max,
            max_text: self.max_text,
            updates: self.iter().map(stored).collect(),
        }
    }

    /// The catalog of a stored value. Identifiers that nobody names any more are gone.
    ///
    /// # Errors
    /// [`ResumeError`].
    pub fn resume(state: CatalogState) -> Result<Self, ResumeError> {
        if state.version != STATE_VERSION {
            return Err(ResumeError::Version { found: state.version });
        }
        let mut catalog =
            Self::new(state.languages).with_max(state.max).with_max_text(state.max_text);
        catalog.descriptions = state.descriptions;
        for stored in state.updates {
            let (ids, nodes, places) = (&mut catalog.ids, &mut catalog.nodes, &mut catalog.places);
            let mut place = |id| place_of(id, ids, nodes, places);
            let names = &mut catalog.languages;
            let entry = Entry {
                revision: stored.key.revision,
                update_type: stored.update_type,
                category_type: stored.category_type,
                created: stored.created,
                severity: stored.severity,
                default_language: names.place_of(&stored.default_language),
                expired: stored.expired,
                deployable: stored.deployable,
                eula: stored.eula,
                eula_files: stored.eula_files,
                max_download_size: stored.max_download_size,
                kb_articles: stored.kb_articles.into(),
                texts: stored
                    .texts
                    .into_iter()
                    .map(|text| Text {
                        language: names.place_of(&text.language),
                        title: text.title,
                        description: text.description,
                    })
                    .collect(),
                more_info_url: stored.more_info_url,
                support_url: stored.support_url,
                categories: stored.categories.into_iter().map(&mut place).collect(),
                prerequisites: stored.prerequisites.into_iter().map(&mut place).collect(),
                superseded: stored.superseded.into_iter().map(&mut place).collect(),
                bundled: stored
                    .bundled
                    .into_iter()
                    .map(|(id, revision)| (place(id), revision))
                    .collect(),
            };
            let place = place(stored.key.id);
            if catalog.ids.len() > catalog.max {
                return Err(ResumeError::Limit { max: catalog.max });
            }
            catalog.put(place, Some(entry));
        }
        Ok(catalog)
    }
}
