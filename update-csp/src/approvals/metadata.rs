//! What has to be known about an update before anybody can approve it.

use std::collections::BTreeMap;

use super::terms::Terms;
use crate::classification::Classification;
use crate::id::{EulaId, UpdateGuid};

/// What is known about updates from their metadata: implemented over whatever holds it, such as
/// what `wsusss` fetched from Microsoft Update.
pub trait UpdateMetadata {
    /// The licence terms of an update and of everything that is installed with it. A store that
    /// can fail is read before: what could not be read is not [`Terms::Unknown`], which leaves
    /// approvals standing that were given one by one.
    fn terms(&self, update: UpdateGuid) -> Terms;

    /// The classification of an update, if it is known. Of definition updates, which are approved as
    /// a class and which a sync leaves out, it is all that has to be known.
    fn classification(&self, update: UpdateGuid) -> Option<Classification> {
        let _ = update;
        None
    }

    /// The title of an update, if it is known.
    fn title(&self, update: UpdateGuid) -> Option<String> {
        let _ = update;
        None
    }
}

impl<M: UpdateMetadata + ?Sized> UpdateMetadata for &M {
    fn terms(&self, update: UpdateGuid) -> Terms {
        (**self).terms(update)
    }

    fn classification(&self, update: UpdateGuid) -> Option<Classification> {
        (**self).classification(update)
    }

    fn title(&self, update: UpdateGuid) -> Option<String> {
        (**self).title(update)
    }
}

/// Nothing is known about any update.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMetadata;

impl UpdateMetadata for NoMetadata {
    fn terms(&self, _update: UpdateGuid) -> Terms {
        Terms::Unknown
    }
}

/// What is known about one update.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(from = "StoredFacts"))]
#[non_exhaustive]
pub struct UpdateFacts {
    /// Its licence terms, and those of everything that is installed with it.
    pub terms: Terms,
    /// Its classification.
    pub classification: Option<Classification>,
    /// Its title; empty if nobody knows it.
    pub title: String,
}

/// How facts are stored; there was only one identifier of terms once.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct StoredFacts {
    #[serde(default)]
    terms: Option<Terms>,
    #[serde(default)]
    eula: Option<EulaId>,
    #[serde(default)]
    classification: Option<Classification>,
    title: String,
}

#[cfg(feature = "serde")]
impl From<StoredFacts> for UpdateFacts {
    fn from(facts: StoredFacts) -> Self {
        let StoredFacts { terms, eula, classification, title } = facts;
        let terms = match (terms, eula) {
            // Terms that nobody knows would be incomplete with none besides.
            (Some(terms), None) => terms,
            (terms, eula) => terms.unwrap_or(Terms::None).and(eula.into()),
        };
        Self { terms, classification, title }
    }
}

impl UpdateFacts {
    /// An update without terms.
    #[must_use]
    pub fn new(title: impl Into<String>, classification: Option<Classification>) -> Self {
        Self { terms: Terms::None, classification, title: title.into() }
    }

    /// The same with these licence terms, besides those that it has.
    #[must_use]
    pub fn with_eula(self, eula: EulaId) -> Self {
        self.with_terms(eula.into())
    }

    /// The same with these licence terms, besides those that it has.
    #[must_use]
    pub fn with_terms(mut self, terms: Terms) -> Self {
        self.terms = self.terms.and(terms);
        self
    }
}

/// Metadata in memory, for servers that keep it there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Catalog(BTreeMap<UpdateGuid, UpdateFacts>);

impl Catalog {
    /// Takes what is known about an update, in place of what was known before.
    pub fn insert(&mut self, update: UpdateGuid, facts: UpdateFacts) {
        self.0.insert(update, facts);
    }

    /// What is known about an update.
    #[must_use]
    pub fn get(&self, update: UpdateGuid) -> Option<&UpdateFacts> {
        self.0.get(&update)
    }
}

impl UpdateMetadata for Catalog {
    fn terms(&self, update: UpdateGuid) -> Terms {
        self.0.get(&update).map_or(Terms::Unknown, |facts| facts.terms.clone())
    }

    fn classification(&self, update: UpdateGuid) -> Option<Classification> {
        self.0.get(&update)?.classification
    }

    fn title(&self, update: UpdateGuid) -> Option<String> {
        let title = self.0.get(&update).map(|facts| facts.title.clone());
        title.filter(|title| !title.is_empty())
    }
}
