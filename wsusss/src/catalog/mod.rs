//! An index over update metadata, in memory: what an MDM asks when it shows, approves and reports.
//!
//! A [`Catalog`] is filled document by document, in any order, and answers at any time from what
//! it has: a classification or a bundle's part may come later. It keeps titles in the languages
//! that the caller names, and identifiers once.
//!
//! ```
//! use wsusss::{Limits, UpdateId};
//! use wsusss::catalog::{Catalog, Terms};
//!
//! # let document = r#"<Update><UpdateIdentity UpdateID="6964aab4-c5b5-43bd-a17d-ffb4346a8e1d" RevisionNumber="200"/><Properties UpdateType="Software" EulaID="aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"><KBArticleID>5013943</KBArticleID></Properties><LocalizedPropertiesCollection><LocalizedProperties><Language>en</Language><Title>A cumulative update</Title></LocalizedProperties></LocalizedPropertiesCollection></Update>"#;
//! let mut catalog = Catalog::new(["en", "de"]);
//! catalog.insert_document(document, &Limits::default())?;
//!
//! let id: UpdateId = "6964aab4-c5b5-43bd-a17d-ffb4346a8e1d".parse()?;
//! assert_eq!(catalog.title(id, "de"), Some("A cumulative update"));
//! assert_eq!(catalog.by_kb("KB5013943").collect::<Vec<_>>(), [id]);
//! assert!(matches!(catalog.terms(id), Terms::Known { eulas, complete: true } if eulas.len() == 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod graph;
mod state;

use std::collections::BTreeMap;

pub use entry::CatalogEntry;
pub use graph::{Member, Terms};
pub use state::{CatalogState, ResumeError, STATE_VERSION};

use self::entry::{Entry, Ref};
use crate::error::{Error, ErrorKind, Limits};
use crate::id::UpdateId;
use crate::metadata::{Localized, Select, Update};

/// What came of an insertion.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Inserted {
    /// The update is new.
    New,
    /// It takes the place of this revision. The same revision again is taken as well: a document
    /// can be read once more with other languages.
    Replaced(u32),
    /// A newer revision is known, and kept (seed 001: the highest one counts).
    Older(u32),
}

/// One update that something is known about: itself, or that others name it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Node {
    entry: Option<Box<Entry>>,
    superseded_by: Vec<Ref>,
    bundled_in: Vec<Ref>,
}

/// The most updates by default; the public catalog has some hundred thousand.
const MAX: usize = 1_000_000;

/// An index over update metadata. See the [module](self).
#[derive(Clone, Debug, PartialEq)]
pub struct Catalog {
    /// The languages that titles are kept in, and further ones that stand in for them.
    wanted: Vec<String>,
    languages: Vec<Box<str>>,
    descriptions: bool,
    max: usize,
    ids: Vec<UpdateId>,
    nodes: Vec<Node>,
    places: BTreeMap<UpdateId, Ref>,
    kb: BTreeMap<Box<str>, Vec<Ref>>,
    length: usize,
}

impl Catalog {
    /// An empty catalog that keeps titles in these languages, and in those that stand in for them:
    /// the document's default, `all`, English.
    pub fn new<L: Into<String>>(languages: impl IntoIterator<Item = L>) -> Self {
        Self {
            wanted: languages.into_iter().map(Into::into).collect(),
            languages: Vec::new(),
            descriptions: false,
            max: MAX,
            ids: Vec::new(),
            nodes: Vec::new(),
            places: BTreeMap::new(),
            kb: BTreeMap::new(),
            length: 0,
        }
    }

    /// This catalog, which keeps descriptions as well from now on.
    #[must_use]
    pub fn with_descriptions(mut self) -> Self {
        self.descriptions = true;
        self
    }

    /// This catalog with room for another number of updates (1,000,000 by default). An update that
    /// others only name counts.
    #[must_use]
    pub fn with_max(mut self, max: usize) -> Self {
        self.max = max.min(Ref::MAX as usize);
        self
    }

    /// How many updates there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Reads what is kept of a document, and nothing else, and inserts it.
    ///
    /// # Errors
    /// As [`Update::read`] and [`insert`](Self::insert).
    pub fn insert_document(&mut self, text: &str, limits: &Limits) -> Result<Inserted, Error> {
        let languages: Vec<&str> = self.wanted.iter().map(String::as_str).collect();
        let update = Update::read(text, Select::CATALOG.languages(&languages), limits)?;
        self.insert(&update)
    }

    /// Inserts an update, which was read with [`Select::CATALOG`] at least. The newest revision
    /// counts, whatever the order in which they come.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] where there is no room; the catalog is as it was then.
    pub fn insert(&mut self, update: &Update<'_>) -> Result<Inserted, Error> {
        let id = update.key.id;
        let before = self.entry(id).map(|entry| entry.revision);
        if let Some(known) = before.filter(|&known| known > update.key.revision) {
            return Ok(Inserted::Older(known));
        }
        self.check_room(update)?;
        let languages: Vec<&str> = self.wanted.iter().map(String::as_str).collect();
        let select = Select::CATALOG.languages(&languages);
        let default = update.default_language();
        let texts: Vec<&Localized<'_>> = update
            .localized
            .iter()
            .filter(|local| select.wants_language(&local.language, default))
            .collect();
        let (ids, nodes, places) = (&mut self.ids, &mut self.nodes, &mut self.places);
        let names = &mut self.languages;
        let mut place = |id| place_of(id, ids, nodes, places);
        let entry = Entry::new(update, &texts, self.descriptions, &mut place, |name| {
            language_of(name, names)
        });
        let place = place(id);
        self.put(place, Some(entry));
        Ok(before.map_or(Inserted::New, Inserted::Replaced))
    }

    /// Removes an update; whether it was there. That others name it stays known.
    pub fn remove(&mut self, id: UpdateId) -> bool {
        let Some(&place) = self.places.get(&id) else { return false };
        let there = self.node(place).is_some_and(|node| node.entry.is_some());
        self.put(place, None);
        there
    }

    /// Puts an entry at a place and keeps the indexes right.
    fn put(&mut self, place: Ref, entry: Option<Entry>) {
        let Some(node) = self.nodes.get_mut(place as usize) else { return };
        let before = std::mem::replace(&mut node.entry, entry.map(Box::new));
        let after = node.entry.take();
        for (entry, there) in [(before.as_deref(), false), (after.as_deref(), true)] {
            let Some(entry) = entry else { continue };
            self.length = if there { self.length + 1 } else { self.length - 1 };
            for &other in &entry.superseded {
                self.relate(other, place, there, |node| &mut node.superseded_by);
            }
            for &(other, _) in &entry.bundled {
                self.relate(other, place, there, |node| &mut node.bundled_in);
            }
            for kb in &entry.kb_articles {
                let kb = kb_number(kb);
                if there {
                    set(self.kb.entry(kb.into()).or_default(), place, true);
                } else if let Some(places) = self.kb.get_mut(kb) {
                    set(places, place, false);
                    if places.is_empty() {
                        self.kb.remove(kb);
                    }
                }
            }
        }
        if let Some(node) = self.nodes.get_mut(place as usize) {
            node.entry = after;
        }
    }

    fn relate(
        &mut self,
        other: Ref,
        place: Ref,
        there: bool,
        list: impl Fn(&mut Node) -> &mut Vec<Ref>,
    ) {
        if let Some(node) = self.nodes.get_mut(other as usize) {
            set(list(node), place, there);
        }
    }

    /// All updates that this one names have room.
    fn check_room(&self, update: &Update<'_>) -> Result<(), Error> {
        let named = update
            .prerequisite_ids()
            .chain(update.bundled_keys().map(|(id, _)| id))
            .chain(update.superseded.iter().copied())
            .chain([update.key.id]);
        let mut new: Vec<UpdateId> = named.filter(|id| !self.places.contains_key(id)).collect();
        new.sort_unstable();
        new.dedup();
        if self.ids.len() + new.len() > self.max {
            let kind = ErrorKind::Limit { what: "updates in the catalog", max: self.max };
            return Err(kind.into());
        }
        Ok(())
    }

    fn node(&self, place: Ref) -> Option<&Node> {
        self.nodes.get(place as usize)
    }

    fn entry(&self, id: UpdateId) -> Option<&Entry> {
        self.node(*self.places.get(&id)?)?.entry.as_deref()
    }

    fn id(&self, place: Ref) -> Option<UpdateId> {
        self.ids.get(place as usize).copied()
    }

    fn language(&self, place: u16) -> &str {
        self.languages.get(usize::from(place)).map_or("", |name| name)
    }

    /// What is known about an update.
    #[must_use]
    pub fn get(&self, id: UpdateId) -> Option<CatalogEntry<'_>> {
        self.entry(id).map(|entry| CatalogEntry { catalog: self, id, entry })
    }

    /// Every update, in the order of their identifiers.
    pub fn iter(&self) -> impl Iterator<Item = CatalogEntry<'_>> {
        self.places.keys().filter_map(|&id| self.get(id))
    }

    /// The latest revision of an update that is known.
    #[must_use]
    pub fn latest_revision(&self, id: UpdateId) -> Option<u32> {
        self.entry(id).map(|entry| entry.revision)
    }

    /// The title of an update in this language, or the nearest.
    #[must_use]
    pub fn title(&self, id: UpdateId, language: &str) -> Option<&str> {
        self.get(id)?.title(language)
    }

    /// Updates of a KB article, `KB5013943` or `5013943`, in the order of their identifiers.
    pub fn by_kb(&self, article: &str) -> impl Iterator<Item = UpdateId> + use<> {
        let places = self.kb.get(kb_number(article)).map(Vec::as_slice).unwrap_or_default();
        let mut ids: Vec<UpdateId> = places.iter().filter_map(|&place| self.id(place)).collect();
        ids.sort_unstable();
        ids.into_iter()
    }

    /// Whether it is a definition update; `None` for one that is not known.
    #[must_use]
    pub fn is_definition_update(&self, id: UpdateId) -> Option<bool> {
        self.get(id).map(|entry| entry.is_definition_update())
    }

    /// Whether it, or something that is installed with it, has licence terms; `None` if that is
    /// not known.
    #[must_use]
    pub fn needs_eula(&self, id: UpdateId) -> Option<bool> {
        match self.terms(id) {
            Terms::Known { complete: false, eulas } if eulas.is_empty() => None,
            Terms::Known { eulas, .. } => Some(!eulas.is_empty()),
            Terms::WithoutId => Some(true),
            Terms::Unknown => None,
        }
    }
}

/// The digits of `KB5013943`.
fn kb_number(article: &str) -> &str {
    let article = article.trim();
    let prefix = article.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("kb"));
    prefix.and_then(|prefix| article.get(prefix.len()..)).unwrap_or(article).trim()
}

/// Puts a place into a sorted list, or takes it out.
fn set(list: &mut Vec<Ref>, place: Ref, there: bool) {
    match (list.binary_search(&place), there) {
        (Err(at), true) => list.insert(at, place),
        (Ok(at), false) => drop(list.remove(at)),
        _ => {}
    }
}

fn place_of(
    id: UpdateId,
    ids: &mut Vec<UpdateId>,
    nodes: &mut Vec<Node>,
    places: &mut BTreeMap<UpdateId, Ref>,
) -> Ref {
    *places.entry(id).or_insert_with(|| {
        let place = Ref::try_from(ids.len()).unwrap_or(Ref::MAX);
        ids.push(id);
        nodes.push(Node::default());
        place
    })
}

/// The place of a language; past 65,535 of them, the last.
fn language_of(name: &str, names: &mut Vec<Box<str>>) -> u16 {
    let place = names.iter().position(|known| **known == *name).unwrap_or_else(|| {
        if names.len() < usize::from(u16::MAX) {
            names.push(name.into());
        }
        names.len().saturating_sub(1)
    });
    u16::try_from(place).unwrap_or(u16::MAX)
}
