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
//! assert!(matches!(catalog.terms(id), Terms::Known { eulas, complete: true, .. } if eulas.len() == 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod graph;
mod state;

use std::collections::{BTreeMap, BTreeSet};

pub use entry::CatalogEntry;
pub use graph::{Member, Terms};
pub use state::{CatalogState, ResumeError, STATE_VERSION};

use self::entry::{Entry, Ref};
use crate::error::{Error, ErrorKind, Limits};
use crate::id::UpdateId;
use crate::metadata::{KbArticle, Localized, Select, Update};

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
    superseded_by: BTreeSet<Ref>,
    bundled_in: BTreeSet<Ref>,
}

/// The most bytes of texts of one update by default: all of 38 languages have some hundred thousand.
const MAX_TEXT: usize = 1 << 20;
/// The most updates by default; the public catalog has some hundred thousand.
const MAX: usize = 1_000_000;

/// An index over update metadata. See the [module](self).
#[derive(Clone, Debug, PartialEq)]
pub struct Catalog {
    /// The languages that titles are kept in, and further ones that stand in for them.
    wanted: Vec<String>,
    languages: Languages,
    descriptions: bool,
    max: usize,
    max_text: usize,
    ids: Vec<UpdateId>,
    nodes: Vec<Node>,
    places: BTreeMap<UpdateId, Ref>,
    kb: BTreeMap<Box<str>, BTreeSet<Ref>>,
    length: usize,
}

impl Catalog {
    /// An empty catalog that keeps titles in these languages, and in those that stand in for them:
    /// the same language in other regions, the document's default, `all`, English.
    pub fn new<L: Into<String>>(languages: impl IntoIterator<Item = L>) -> Self {
        Self {
            wanted: languages.into_iter().map(Into::into).collect(),
            languages: Languages::default(),
            descriptions: false,
            max: MAX,
            max_text: MAX_TEXT,
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

    /// This catalog with room for another number of bytes of texts in each update: titles,
    /// descriptions, addresses, KB articles and the like (1 MiB by default).
    #[must_use]
    pub fn with_max_text(mut self, bytes: usize) -> Self {
        self.max_text = bytes;
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
        self.check_texts(update, &texts)?;
        let (ids, nodes, places) = (&mut self.ids, &mut self.nodes, &mut self.places);
        let names = &mut self.languages;
        let mut place = |id| place_of(id, ids, nodes, places);
        let entry =
            Entry::new(update, &texts, self.descriptions, &mut place, |name| names.place_of(name));
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
                    self.kb.entry(kb.into()).or_default().insert(place);
                } else if let Some(places) = self.kb.get_mut(kb) {
                    places.remove(&place);
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
        list: impl Fn(&mut Node) -> &mut BTreeSet<Ref>,
    ) {
        if let Some(node) = self.nodes.get_mut(other as usize) {
            if there {
                list(node).insert(place);
            } else {
                list(node).remove(&place);
            }
        }
    }

    /// The texts that are kept of an update have room.
    fn check_texts(&self, update: &Update<'_>, texts: &[&Localized<'_>]) -> Result<(), Error> {
        let length = |text: Option<&str>| text.map_or(0, str::len);
        let local = texts.iter().map(|local| {
            let description = local.description.as_deref().filter(|_| self.descriptions);
            local.language.len() + local.title.len() + length(description)
        });
        let default = update.default_language();
        let alone = [
            Some(default),
            Some(update.update_type.as_str()),
            update.creation_date(),
            update.severity(),
            update.eula_id(),
            update.more_info_url(default),
            update.support_url(default),
        ];
        let kbs = update.kb_articles.iter().map(|kb| kb.len());
        let kept = local.chain(alone.map(length)).chain(kbs).fold(0, usize::saturating_add);
        if kept > self.max_text {
            let kind =
                ErrorKind::Limit { what: "bytes of texts in one update", max: self.max_text };
            return Err(kind.into());
        }
        Ok(())
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
        self.languages.name(place)
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

    /// Updates of a KB article, `KB5013943` or `5013943`, in the order of their identifiers. One
    /// that is no number is looked for as it stands: `sp94728`.
    pub fn by_kb(&self, article: &str) -> impl Iterator<Item = UpdateId> + use<> {
        let places = self.kb.get(kb_number(article)).into_iter().flatten();
        let mut ids: Vec<UpdateId> = places.filter_map(|&place| self.id(place)).collect();
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
            Terms::Known { eulas, without_id, .. } if without_id || !eulas.is_empty() => Some(true),
            Terms::Known { complete, .. } => complete.then_some(false),
            Terms::Unknown => None,
        }
    }
}

/// The digits of `KB5013943`; what is no number as it stands.
fn kb_number(article: &str) -> &str {
    let article = KbArticle::new(article);
    article.number().unwrap_or(article.as_str())
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

/// The languages of texts, each once.
#[derive(Clone, Debug, Default, PartialEq)]
struct Languages {
    names: Vec<Box<str>>,
    places: BTreeMap<Box<str>, u16>,
}

impl Languages {
    /// The place of a language; past 65,535 of them, the last.
    fn place_of(&mut self, name: &str) -> u16 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = match u16::try_from(self.names.len()) {
            Ok(place) if place < u16::MAX => place,
            _ => return u16::MAX - 1,
        };
        self.names.push(name.into());
        self.places.insert(name.into(), place);
        place
    }

    fn name(&self, place: u16) -> &str {
        self.names.get(usize::from(place)).map_or("", |name| name)
    }
}
