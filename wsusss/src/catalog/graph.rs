//! Questions that go from one update to others: what supersedes it, what is in it, what it is.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Ref};
use super::{Catalog, Node};
use crate::id::UpdateId;
use crate::metadata::{CategoryType, EulaId, UpdateType};

/// A part of a bundle, or of a part of it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Member {
    /// The update.
    pub id: UpdateId,
    /// The revision that the bundle names.
    pub revision: Option<u32>,
    /// Whether the catalog has it.
    pub known: bool,
}

/// Licence terms of an update and of everything that is installed with it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(from = "StoredTerms"))]
#[non_exhaustive]
pub enum Terms {
    /// The update is not in the catalog, so there may be some.
    Unknown,
    /// These, which may be none.
    Known {
        /// Which ones; each once.
        eulas: Vec<EulaId>,
        /// There are files with terms besides that nothing identifies. What is accepted of those
        /// can count for this update alone.
        without_id: bool,
        /// Every part of the bundle is known. If not, there may be more: see
        /// [`Config::bundles`](crate::sync::Config::bundles) and [`Catalog::missing_members`].
        complete: bool,
    },
}

/// Terms as they may be stored, by versions of before too.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
enum StoredTerms {
    Unknown,
    Known {
        eulas: Vec<EulaId>,
        #[serde(default)]
        without_id: bool,
        complete: bool,
    },
    /// Of before: it did not say whether parts were missing.
    WithoutId,
}

#[cfg(feature = "serde")]
impl From<StoredTerms> for Terms {
    fn from(stored: StoredTerms) -> Self {
        match stored {
            StoredTerms::Unknown => Self::Unknown,
            StoredTerms::Known { eulas, without_id, complete } => {
                Self::Known { eulas, without_id, complete }
            }
            StoredTerms::WithoutId => {
                Self::Known { eulas: Vec::new(), without_id: true, complete: false }
            }
        }
    }
}

impl Terms {
    /// Whether there are none for sure: everything is known, and nothing of it has terms.
    ///
    /// ```
    /// use wsusss::UpdateId;
    /// use wsusss::catalog::{Catalog, Terms};
    ///
    /// let nothing_is_known = Catalog::new(["en"]).terms(UpdateId::from_u128(1));
    /// assert_eq!(nothing_is_known, Terms::Unknown);
    /// assert!(!nothing_is_known.is_none());
    /// ```
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Known { eulas, without_id: false, complete: true } if eulas.is_empty())
    }
}

impl Catalog {
    /// What supersedes an update directly, in the order of the identifiers.
    pub fn superseded_by(&self, id: UpdateId) -> impl Iterator<Item = UpdateId> + use<> {
        let place = self.places.get(&id).copied();
        let node = place.and_then(|place| self.node(place));
        let places = node.into_iter().flat_map(|node| &node.superseded_by);
        self.sorted(places.copied()).into_iter()
    }

    /// Everything that supersedes an update, directly or through others, nearest first. Updates
    /// that supersede each other are named once, and the update itself never.
    #[must_use]
    pub fn superseded_by_chain(&self, id: UpdateId) -> Vec<UpdateId> {
        self.walk(id, |node| &node.superseded_by)
    }

    /// The updates to install instead: of those that supersede it and are not withdrawn, the ones
    /// that no other of these supersedes, directly or through others. Empty if nothing supersedes
    /// it, or only what is withdrawn. Of updates that supersede each other, none is named.
    ///
    /// *Decision*: nobody is offered what is withdrawn, so what only that superseded is to be
    /// installed again.
    #[must_use]
    pub fn replacements(&self, id: UpdateId) -> Vec<UpdateId> {
        let mut found = self.superseded_by_chain(id);
        let place = |id: &UpdateId| self.places.get(id).copied();
        let offered = |place: Ref| self.entry_at(place).is_some_and(|entry| !entry.expired);
        let chain: BTreeSet<Ref> = found.iter().chain([&id]).filter_map(place).collect();
        // One pass over all of it, from what is offered down to what it supersedes.
        let mut open: Vec<Ref> = chain.iter().copied().filter(|&place| offered(place)).collect();
        let mut superseded = BTreeSet::new();
        while let Some(newer) = open.pop() {
            for &older in self.entry_at(newer).map_or(&[][..], |entry| &entry.superseded) {
                let new = older != newer && chain.contains(&older) && superseded.insert(older);
                if new && !offered(older) {
                    open.push(older);
                }
            }
        }
        let last = |place: Ref| offered(place) && !superseded.contains(&place);
        found.retain(|id| place(id).is_some_and(last));
        found
    }

    /// Whether anything in the catalog supersedes it, withdrawn or not.
    #[must_use]
    pub fn is_superseded(&self, id: UpdateId) -> bool {
        let node = self.places.get(&id).and_then(|&place| self.node(place));
        node.is_some_and(|node| !node.superseded_by.is_empty())
    }

    /// The bundles that an update is a part of, directly or through others, nearest first.
    #[must_use]
    pub fn bundles_with(&self, id: UpdateId) -> Vec<UpdateId> {
        self.walk(id, |node| &node.bundled_in)
    }

    /// Everything that is installed with an update: its parts and theirs, nearest first.
    #[must_use]
    pub fn bundle_members(&self, id: UpdateId) -> Vec<Member> {
        let Some(&start) = self.places.get(&id) else { return Vec::new() };
        let mut seen = BTreeSet::from([start]);
        let (mut level, mut found) = (vec![start], Vec::new());
        while !level.is_empty() {
            let mut next: Vec<(UpdateId, Ref, Option<u32>)> = Vec::new();
            for place in level {
                for &(part, revision) in
                    self.entry_at(place).map_or(&[][..], |entry| &entry.bundled)
                {
                    if seen.insert(part)
                        && let Some(id) = self.id(part)
                    {
                        next.push((id, part, revision));
                    }
                }
            }
            next.sort_unstable();
            let known = |place| self.entry_at(place).is_some();
            found.extend(next.iter().map(|&(id, place, revision)| Member {
                id,
                revision,
                known: known(place),
            }));
            level = next.into_iter().map(|(_, place, _)| place).collect();
        }
        found
    }

    /// Parts of bundles that are not in the catalog, with the revision that was named last: what a
    /// sync has to fetch next. Definition updates that a sync left out are among them.
    pub fn missing_members(&self) -> impl Iterator<Item = (UpdateId, Option<u32>)> + '_ {
        let entries = self.nodes.iter().filter_map(|node| node.entry.as_deref());
        let mut missing: BTreeMap<UpdateId, Option<u32>> = BTreeMap::new();
        for entry in entries {
            // Of one bundle the first one that names it counts, of bundles the last.
            for &(part, revision) in entry.bundled.iter().rev() {
                if self.entry_at(part).is_none()
                    && let Some(id) = self.id(part)
                {
                    missing.insert(id, revision);
                }
            }
        }
        missing.into_iter()
    }

    /// The classification of an update: the first of its prerequisites that is one, by its own
    /// document or because every server knows it. Clauses that are marked as categories come
    /// first; *observed*: not every document marks them.
    #[must_use]
    pub fn classification(&self, id: UpdateId) -> Option<UpdateId> {
        let entry = self.entry(id)?;
        let all = entry.categories.iter().chain(&entry.prerequisites);
        all.filter_map(|&place| Some((self.id(place)?, place)))
            .find(|&(id, place)| self.is_classification(id, place))
            .map(|(id, _)| id)
    }

    /// The products that an update is for: its categories but the classification, and what else of
    /// its prerequisites is a product or a family of them by its own document.
    #[must_use]
    pub fn products(&self, id: UpdateId) -> Vec<UpdateId> {
        let Some(entry) = self.entry(id) else { return Vec::new() };
        let marked = entry.categories.iter().filter(|&&place| match self.category(place) {
            Some(kind) => matches!(kind, CategoryType::Product | CategoryType::ProductFamily),
            None => self.id(place).is_some_and(|id| id.classification_name().is_none()),
        });
        let others = entry.prerequisites.iter().filter(|&&place| {
            matches!(
                self.category(place),
                Some(CategoryType::Product | CategoryType::ProductFamily)
            )
        });
        let mut seen = BTreeSet::new();
        let all = marked.chain(others).filter_map(|&place| self.id(place));
        all.filter(|id| seen.insert(*id)).collect()
    }

    /// The licence terms of an update and of everything that is installed with it: what has to be
    /// accepted before it is approved.
    #[must_use]
    pub fn terms(&self, id: UpdateId) -> Terms {
        let Some(own) = self.entry(id) else { return Terms::Unknown };
        let members = self.bundle_members(id);
        let complete = members.iter().all(|member| member.known);
        let parts = members.iter().filter_map(|member| self.entry(member.id));
        let (mut eulas, mut seen) = (Vec::new(), BTreeSet::new());
        let mut without_id = false;
        for entry in std::iter::once(own).chain(parts) {
            match &entry.eula {
                Some(eula) if seen.insert(eula) => eulas.push(eula.clone()),
                Some(_) => {}
                None => without_id |= entry.eula_files,
            }
        }
        Terms::Known { eulas, without_id, complete }
    }

    fn entry_at(&self, place: Ref) -> Option<&Entry> {
        self.node(place)?.entry.as_deref()
    }

    fn category(&self, place: Ref) -> Option<&CategoryType<'static>> {
        let entry = self.entry_at(place)?;
        entry.category_type.as_ref().filter(|_| entry.update_type == UpdateType::Category)
    }

    fn is_classification(&self, id: UpdateId, place: Ref) -> bool {
        match self.category(place) {
            Some(kind) => *kind == CategoryType::UpdateClassification,
            None => id.classification_name().is_some(),
        }
    }

    fn sorted(&self, places: impl Iterator<Item = Ref>) -> Vec<UpdateId> {
        let mut ids: Vec<UpdateId> = places.filter_map(|place| self.id(place)).collect();
        ids.sort_unstable();
        ids
    }

    /// Everything that is reached from an update, nearest first; of equally near ones, in the
    /// order of the identifiers. Circles end.
    fn walk(&self, id: UpdateId, next: impl Fn(&Node) -> &BTreeSet<Ref>) -> Vec<UpdateId> {
        let Some(&start) = self.places.get(&id) else { return Vec::new() };
        let mut seen = BTreeSet::from([start]);
        let (mut level, mut found) = (vec![start], Vec::new());
        while !level.is_empty() {
            let mut reached = Vec::new();
            for node in level.iter().filter_map(|&place| self.node(place)) {
                reached.extend(next(node).iter().copied().filter(|&place| seen.insert(place)));
            }
            found.extend(self.sorted(reached.iter().copied()));
            level = reached;
        }
        found
    }
}
