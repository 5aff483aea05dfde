//! Reading an answer, in as many pages as it comes.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use syncml::{Item, LocUri, StatusCode};

use super::entry::{Entry, ScanTime, UpdateKind, UpdateState};
use super::query::Query;
use super::{Finding, Inventory};
use crate::id::UpdateGuid;

/// Bounds on what is kept of one answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct ReadLimits {
    /// Updates in all lists together. Default 20,000; a device has some hundred.
    pub updates: usize,
    /// Leaves that are not known here. Default 1,000.
    pub unknown: usize,
    /// Bytes of a value that is kept as text. Default 4,096.
    pub text: usize,
    /// Findings. Default 1,000.
    pub findings: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { updates: 20_000, unknown: 1000, text: 4096, findings: 1000 }
    }
}

impl ReadLimits {
    /// These limits with another [`updates`](Self::updates).
    #[must_use]
    pub const fn with_updates(mut self, updates: usize) -> Self {
        self.updates = updates;
        self
    }

    /// These limits with another [`unknown`](Self::unknown).
    #[must_use]
    pub const fn with_unknown(mut self, unknown: usize) -> Self {
        self.unknown = unknown;
        self
    }

    /// These limits with another [`text`](Self::text).
    #[must_use]
    pub const fn with_text(mut self, text: usize) -> Self {
        self.text = text;
        self
    }

    /// These limits with another [`findings`](Self::findings).
    #[must_use]
    pub const fn with_findings(mut self, findings: usize) -> Self {
        self.findings = findings;
        self
    }
}

/// An answer that is being read: the items of its Results in any order, any number of pages and
/// either shape. Plain and serialisable, so that pages can arrive at different servers.
///
/// ```
/// use syncml::{Data, Item, StatusCode};
/// use update_csp::inventory::Reading;
/// use update_csp::{Inventory, Query};
///
/// let id = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a";
/// let leaf = |name: &str, value: &'static str| {
///     Item::source(format!("./Vendor/MSFT/Update/FailedUpdates/{id}/{name}"))
///         .with_data(Data::text(value))
/// };
/// let mut reading = Reading::new(Query::Failed);
/// reading.take(&[leaf("State", "256")]);
/// reading.take(&[leaf("HResult", "-2145124329")]);
/// let mut inventory = Inventory::default();
/// assert!(inventory.complete(reading, StatusCode::OK).is_empty());
/// assert_eq!(inventory.failed.unwrap()[&id.parse()?].hresult.unwrap().bits(), 0x8024_0017);
/// # Ok::<(), update_csp::ParseIdError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Reading {
    query: Query,
    /// One update of the list.
    only: Option<UpdateGuid>,
    limits: ReadLimits,
    lists: BTreeMap<Query, BTreeMap<UpdateGuid, Entry>>,
    /// How many updates there are in the lists.
    updates: usize,
    /// How many unknown leaves were kept.
    unknown: usize,
    scan: Option<ScanTime>,
    defer: Option<bool>,
    rollbacks: BTreeMap<Query, String>,
    other: BTreeMap<String, String>,
    /// A leaf was among the items, so that what is absent is not there.
    leaves: bool,
    findings: Vec<Finding>,
    /// Limits that were met, each noted once.
    met: BTreeSet<String>,
}

impl Reading {
    /// The answer to a query.
    #[must_use]
    pub fn new(query: Query) -> Self {
        Self {
            query,
            only: None,
            limits: ReadLimits::default(),
            lists: BTreeMap::new(),
            updates: 0,
            unknown: 0,
            scan: None,
            defer: None,
            rollbacks: BTreeMap::new(),
            other: BTreeMap::new(),
            leaves: false,
            findings: Vec::new(),
            met: BTreeSet::new(),
        }
    }

    /// The answer to [`Query::command_for`]: one update of a list. It adds to what is known about
    /// that update and takes nothing away but the update itself, where the device answers 404. As
    /// long as the list was not read it changes nothing.
    #[must_use]
    pub fn one(query: Query, id: UpdateGuid) -> Self {
        Self { only: Some(id), ..Self::new(query) }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: ReadLimits) -> Self {
        self.limits = limits;
        self
    }

    /// What is being read.
    #[must_use]
    pub const fn query(&self) -> Query {
        self.query
    }

    fn note(&mut self, finding: Finding) {
        if self.findings.len() < self.limits.findings {
            self.findings.push(finding);
        }
    }

    fn note_limit(&mut self, what: &str, max: usize) {
        if self.met.insert(what.to_owned()) {
            self.note(Finding::TooMuch { what: what.to_owned(), max });
        }
    }

    fn cut(&self, text: &str) -> String {
        let mut end = text.len().min(self.limits.text);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.get(..end).unwrap_or_default().to_owned()
    }

    /// Takes one page.
    pub fn take(&mut self, items: &[Item<'_>]) {
        let Ok(root) = crate::UPDATE_CSP.parse::<LocUri>() else { return };
        for item in items {
            let text = item.loc_uri().unwrap_or_default();
            let data = item.data.as_ref().map_or("", |data| data.as_str());
            // *Observed*: an item without an address, in the answer to a Get of one leaf.
            if text.is_empty() && !self.query.is_list() && self.query != Query::Everything {
                let segments: Vec<&str> = self.query.node().split('/').collect();
                self.leaf(&segments, self.query.node(), item, data);
                continue;
            }
            let below = text.parse::<LocUri>().ok().and_then(|uri| uri.relative_to(&root));
            let Some(below) = below else {
                self.note(Finding::Elsewhere(text.chars().take(128).collect()));
                continue;
            };
            let segments: Vec<&str> = below.iter().map(String::as_str).collect();
            if self.concerns(&segments) {
                self.leaf(&segments, text, item, data);
            } else {
                self.note(Finding::Elsewhere(text.chars().take(128).collect()));
            }
        }
    }

    /// Whether an address is part of what was asked for.
    fn concerns(&self, segments: &[&str]) -> bool {
        let mut given = segments.iter();
        let asked = self.query.node();
        asked.is_empty()
            || asked
                .split('/')
                .all(|part| given.next().is_some_and(|given| given.eq_ignore_ascii_case(part)))
    }

    fn leaf(&mut self, segments: &[&str], text: &str, item: &Item<'_>, data: &str) {
        let interior = item
            .meta
            .as_ref()
            .and_then(|meta| meta.format.as_ref())
            .is_some_and(|format| format.as_str().eq_ignore_ascii_case("node"));
        match segments {
            // The names of the CSP's children: nothing about updates.
            [] => {}
            [list] if Query::of_list(list).is_some() => {
                if let Some(list) = Query::of_list(list) {
                    self.names(list, data);
                }
            }
            [list, name, rest @ ..] if Query::of_list(list).is_some() => {
                if let Some(list) = Query::of_list(list) {
                    self.update(list, name, rest, (text, data), interior);
                }
            }
            [name] if name.eq_ignore_ascii_case(Query::LastScan.node()) => {
                self.leaves = true;
                let scan = ScanTime::read(data);
                if matches!(scan, ScanTime::Unreadable(_)) {
                    self.note(unreadable(text, data));
                }
                self.scan = Some(scan);
            }
            [name] if name.eq_ignore_ascii_case(Query::DeferUpgrade.node()) => {
                self.leaves = true;
                self.defer = item.data.as_ref().and_then(|data| data.as_bool());
                if self.defer.is_none() {
                    self.note(unreadable(text, data));
                }
            }
            [name] if name.eq_ignore_ascii_case("Rollback") => {}
            _ => {
                let path = segments.join("/");
                let rollback = [Query::QualityRollback, Query::FeatureRollback]
                    .into_iter()
                    .find(|query| query.node().eq_ignore_ascii_case(&path));
                if let Some(query) = rollback {
                    self.leaves = true;
                    let value = self.cut(data.trim());
                    self.rollbacks.insert(query, value);
                } else if !interior {
                    self.leaves = true;
                    self.keep(path, data);
                }
            }
        }
    }

    /// Keeps a leaf that is not known here.
    fn keep(&mut self, path: String, data: &str) {
        if self.unknown >= self.limits.unknown || path.len() > self.limits.text {
            self.note_limit("unknown leaves", self.limits.unknown);
            return;
        }
        self.unknown += 1;
        let value = self.cut(data);
        self.other.insert(path, value);
    }

    /// The names of a list's children, with `/` between them.
    fn names(&mut self, list: Query, data: &str) {
        self.lists.entry(list).or_default();
        for name in data.split('/').map(str::trim).filter(|name| !name.is_empty()) {
            self.entry(list, name);
        }
    }

    /// The update of this name; it is made if it is not there.
    fn entry(&mut self, list: Query, name: &str) -> Option<UpdateGuid> {
        let Ok(id) = name.parse::<UpdateGuid>() else {
            self.note(Finding::NotAGuid(name.chars().take(64).collect()));
            return None;
        };
        if let btree_map::Entry::Vacant(place) = self.lists.entry(list).or_default().entry(id) {
            if self.updates >= self.limits.updates {
                self.note_limit("updates", self.limits.updates);
                return None;
            }
            self.updates += 1;
            place.insert(Entry::default());
        }
        Some(id)
    }

    fn update(
        &mut self,
        list: Query,
        name: &str,
        rest: &[&str],
        (text, data): (&str, &str),
        interior: bool,
    ) {
        let Some(id) = self.entry(list, name) else {
            // Not an update, but perhaps something that a later Windows has here.
            if !rest.is_empty() && !interior && name.parse::<UpdateGuid>().is_err() {
                self.keep(format!("{}/{name}/{}", list.node(), rest.join("/")), data);
            }
            return;
        };
        if rest.is_empty() {
            return;
        }
        self.leaves = true;
        let leaf = rest.join("/");
        let mut said = Entry::default();
        match read_leaf(&mut said, &leaf, data) {
            Leaf::Read => {}
            Leaf::Unreadable => {
                self.note(unreadable(text, data));
                return;
            }
            Leaf::Unknown if interior => return,
            Leaf::Unknown => {
                if self.unknown >= self.limits.unknown || leaf.len() > self.limits.text {
                    self.note_limit("unknown leaves", self.limits.unknown);
                    return;
                }
                self.unknown += 1;
                said.other.insert(leaf, self.cut(data));
            }
        }
        if let Some(time) = &mut said.time {
            *time = self.cut(time);
        }
        let entry = self.lists.entry(list).or_default().entry(id).or_default();
        for leaf in entry.complete(said) {
            self.note(Finding::Contradicts { update: id, leaf: leaf.to_owned() });
        }
    }

    /// Gives what was read to the inventory.
    pub(super) fn give(mut self, inventory: &mut Inventory, code: StatusCode) -> Vec<Finding> {
        let missing = code == StatusCode::NOT_FOUND;
        if !code.is_success() && !missing {
            self.note(Finding::ReadFailed { query: self.query, code });
            return self.findings;
        }
        // An answer about other nodes only says nothing about the list that was asked for.
        let elsewhere = self.findings.iter().any(|found| matches!(found, Finding::Elsewhere(_)));
        if self.query.is_list() && !missing && elsewhere && !self.lists.contains_key(&self.query) {
            self.note(Finding::NoAnswer(self.query));
            return self.findings;
        }
        // An answer with leaves is whole: a list that is not in it is empty. So is one that says that
        // nothing is there, as it is for each list asked for by itself.
        let everything = self.query == Query::Everything && self.only.is_none();
        let whole = everything && (self.leaves || missing);
        match self.query {
            Query::LastScan if missing => inventory.last_scan = Some(ScanTime::Never),
            Query::Everything if missing && whole => inventory.last_scan = Some(ScanTime::Never),
            Query::LastScan | Query::DeferUpgrade if !missing && !self.leaves => {
                self.note(Finding::NoAnswer(self.query));
            }
            _ => {}
        }
        if let Some(scan) = self.scan.take() {
            inventory.last_scan = Some(scan);
        }
        if let Some(defer) = self.defer {
            inventory.defer_upgrade = Some(defer);
        }
        for (query, value) in std::mem::take(&mut self.rollbacks) {
            let status = match query {
                Query::QualityRollback => &mut inventory.quality_rollback,
                _ => &mut inventory.feature_rollback,
            };
            *status = Some(value);
        }
        if whole {
            inventory.other.clear();
        }
        // Report by report, a device could make up new names without end.
        for (leaf, value) in std::mem::take(&mut self.other) {
            let known = inventory.other.contains_key(&leaf);
            if known || inventory.other.len() < self.limits.unknown {
                inventory.other.insert(leaf, value);
            } else if self.met.insert("unknown leaves".to_owned())
                && self.findings.len() < self.limits.findings
            {
                let what = "unknown leaves".to_owned();
                self.findings.push(Finding::TooMuch { what, max: self.limits.unknown });
            }
        }
        if self.query.is_list() || whole {
            let asked = if self.query.is_list() {
                std::slice::from_ref(&self.query)
            } else {
                Query::LISTS.as_slice()
            };
            for list in asked {
                self.lists.entry(*list).or_default();
            }
        }
        // Of the others, names of the lists, without anything about lists that are not named.
        for (list, fresh) in std::mem::take(&mut self.lists) {
            match self.only {
                Some(only) => self.merge_one(inventory, list, fresh, only, missing),
                None => merge(inventory.list_mut(list), fresh),
            }
        }
        if inventory.approved.is_some() {
            inventory.taken.clear();
        }
        self.findings
    }

    /// The answer about one update says nothing about others, nor about a list that was not read:
    /// whether that one update is in it does not say that nothing else is.
    fn merge_one(
        &mut self,
        inventory: &mut Inventory,
        query: Query,
        mut fresh: BTreeMap<UpdateGuid, Entry>,
        only: UpdateGuid,
        missing: bool,
    ) {
        let most = self.limits.unknown;
        let said = fresh.remove(&only);
        match inventory.list_mut(query) {
            Some(known) if missing => {
                known.remove(&only);
            }
            Some(known) => {
                if let Some(said) = said {
                    let entry = known.entry(only).or_default();
                    let old = std::mem::replace(entry, said);
                    entry.keep(old, most);
                }
            }
            None if said.is_some() => self.note(Finding::ListNotRead { query, update: only }),
            None => {}
        }
    }
}

fn merge(known: &mut super::Listing, fresh: BTreeMap<UpdateGuid, Entry>) {
    let mut before = known.take().unwrap_or_default();
    let merged = fresh.into_iter().map(|(id, entry)| {
        // A list of names says nothing about what was known in detail.
        let old = before.remove(&id).filter(|_| entry == Entry::default());
        (id, old.unwrap_or(entry))
    });
    *known = Some(merged.collect());
}

fn unreadable(node: &str, value: &str) -> Finding {
    let cut = |text: &str, most: usize| text.chars().take(most).collect();
    Finding::Unreadable { node: cut(node, 256), value: cut(value, 64) }
}

enum Leaf {
    Read,
    Unreadable,
    Unknown,
}

/// Reads one leaf of an update. Names are compared as Windows does: without regard to case.
fn read_leaf(entry: &mut Entry, leaf: &str, data: &str) -> Leaf {
    let text = data.trim();
    let number = text.parse::<i64>().ok();
    let read = match leaf.to_ascii_lowercase().as_str() {
        "type" => {
            entry.kind = number.map(UpdateKind);
            entry.kind.is_some()
        }
        "revisionnumber" => {
            entry.revision = text.parse().ok();
            entry.revision.is_some()
        }
        "hresult" => {
            entry.hresult = text.parse().ok();
            entry.hresult.is_some()
        }
        // The node is called Status in DDF and State in newer documentation (C19).
        "state" | "status" => {
            entry.state = number.map(UpdateState);
            entry.state.is_some()
        }
        "installedtime" | "approvedtime" => {
            entry.time = Some(text.to_owned());
            true
        }
        _ => return Leaf::Unknown,
    };
    if read { Leaf::Read } else { Leaf::Unreadable }
}
