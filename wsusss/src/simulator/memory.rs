//! A catalogue in memory.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Limits};
use crate::id::{UpdateId, UpdateKey};
use crate::messages::{Base64, FileUrl};
use crate::metadata::{Select, Update, UpdateType};
use crate::upstream::{Catalog, Selection, Stored};

/// Documents by update and revision.
#[derive(Clone, Debug, Default)]
pub struct MemoryCatalog {
    entries: BTreeMap<UpdateId, BTreeMap<u32, Entry>>,
    change: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    stored: Stored,
    changed: u64,
    /// A category, classification or detectoid.
    config: bool,
    /// What its prerequisites name: *observed*, not every document marks its categories as such.
    categories: Vec<UpdateId>,
    needs_minor: u32,
}

impl MemoryCatalog {
    /// Offers a document, under the identity it has.
    ///
    /// # Errors
    /// Those of [`Update::read`].
    pub fn add(&mut self, document: impl Into<String>) -> Result<UpdateKey, Error> {
        let document = document.into();
        let (key, entry) = self.entry(&document, Stored::text(document.clone()))?;
        self.entries.entry(key.id).or_default().insert(key.revision, entry);
        Ok(key)
    }

    /// Offers a compressed document, given as the cabinet it is.
    ///
    /// # Errors
    /// Those of [`cab::document`](crate::cab::document) and [`Update::read`].
    #[cfg(feature = "cab")]
    pub fn add_cabinet(&mut self, cab: &[u8]) -> Result<UpdateKey, Error> {
        let document = crate::cab::document(cab, &Limits::default())?;
        let (key, entry) = self.entry(&document, Stored::cabinet(Base64::encode(cab)))?;
        self.entries.entry(key.id).or_default().insert(key.revision, entry);
        Ok(key)
    }

    /// No longer offers an update.
    pub fn remove(&mut self, id: UpdateId) {
        self.entries.remove(&id);
    }

    fn entry(&mut self, document: &str, mut stored: Stored) -> Result<(UpdateKey, Entry), Error> {
        let update = Update::read(document, Select::RELATIONSHIPS, &Limits::default())?;
        let minor = update
            .property("CompatibleProtocolVersion")
            .and_then(|version| version.split_once('.').and_then(|(_, minor)| minor.parse().ok()));
        // Files and licence terms alike.
        let digests = document.split(" Digest=\"").skip(1);
        let digests = digests.filter_map(|rest| rest.split('"').next());
        let digests: BTreeSet<&str> = digests.filter(|digest| !digest.is_empty()).collect();
        stored.file_urls = digests
            .iter()
            .map(|digest| {
                let name: String = digest.chars().filter(char::is_ascii_alphanumeric).collect();
                FileUrl {
                    digest: Base64::new(*digest).into(),
                    mu_url: format!("http://download.example/{name}").into(),
                    uss_url: "".into(),
                    ..FileUrl::default()
                }
            })
            .collect();
        stored.file_digests = digests.into_iter().map(Base64::new).collect();
        self.change += 1;
        let entry = Entry {
            stored,
            changed: self.change,
            config: matches!(update.update_type, UpdateType::Category | UpdateType::Detectoid),
            categories: update.prerequisite_ids().collect(),
            needs_minor: minor.unwrap_or_default(),
        };
        Ok((update.key, entry))
    }

    /// The newest revision of each document, as text.
    #[must_use]
    pub fn newest(&self) -> Vec<String> {
        let newest = self.entries.values().filter_map(|revisions| revisions.values().next_back());
        newest
            .filter_map(|entry| match &entry.stored.document {
                Ok(text) => Some(text.clone()),
                #[cfg(feature = "cab")]
                Err(cabinet) => {
                    let cabinet = cabinet.decode().ok()?;
                    crate::cab::document(&cabinet, &Limits::default()).ok()
                }
                #[cfg(not(feature = "cab"))]
                Err(_) => None,
            })
            .collect()
    }

    /// The newest revision of each update that is offered.
    pub fn keys(&self) -> impl Iterator<Item = UpdateKey> {
        self.latest(|_| true)
    }

    fn latest(&self, takes: impl Fn(&Entry) -> bool) -> impl Iterator<Item = UpdateKey> {
        self.entries.iter().filter_map(move |(id, revisions)| {
            let (revision, entry) = revisions.last_key_value()?;
            takes(entry).then(|| UpdateKey::new(*id, *revision))
        })
    }
}

impl Catalog for MemoryCatalog {
    fn change(&self) -> u64 {
        self.change
    }

    fn categories(&self, since: Option<u64>) -> Vec<UpdateKey> {
        let new = |entry: &Entry| since.is_none_or(|since| entry.changed > since);
        self.latest(|entry| entry.config && new(entry)).collect()
    }

    fn updates(&self, selection: &Selection) -> Vec<UpdateKey> {
        let takes = |entry: &Entry| {
            !entry.config && selection.takes(&entry.categories, entry.changed, entry.needs_minor)
        };
        self.latest(takes).collect()
    }

    fn document(&self, key: UpdateKey) -> Option<Stored> {
        self.entries.get(&key.id)?.get(&key.revision).map(|entry| entry.stored.clone())
    }

    /// As the public service.
    fn tells_current_revisions(&self) -> bool {
        true
    }

    fn current_revision(&self, id: UpdateId) -> Option<u32> {
        self.entries.get(&id)?.last_key_value().map(|(revision, _)| *revision)
    }

    fn has_file(&self, digest: &Base64) -> bool {
        let entries = self.entries.values().flat_map(BTreeMap::values);
        entries.into_iter().any(|entry| entry.stored.file_digests.contains(digest))
    }
}
