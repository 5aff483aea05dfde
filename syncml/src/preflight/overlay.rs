//! What a plan changes on its way, and what an Atomic undoes.

use std::collections::BTreeMap;

use super::knowledge::{Knowledge, Presence};
use crate::loc_uri::{LocUri, Scope};

/// What is the same for all spellings of a node.
pub(super) fn key(uri: &LocUri) -> String {
    let scope = if uri.scope() == Scope::User { "user" } else { "device" };
    let mut key = scope.to_owned();
    for segment in uri.segments() {
        key.push('\u{0}');
        key.push_str(&segment.to_lowercase());
    }
    key
}

/// The keys of the nodes above, without the root.
pub(super) fn ancestors(key: &str) -> impl Iterator<Item = &str> {
    let ends = key.match_indices('\u{0}').map(|(at, _)| at).skip(1);
    ends.filter_map(move |end| key.get(..end))
}

/// The device as it will be at this point of the plan.
pub(super) struct Overlay<'k, D> {
    device: &'k D,
    /// Nodes that were made (true) or removed, and when: the later word counts.
    changes: BTreeMap<String, (u64, bool)>,
    clock: u64,
    /// What stood there before, for undoing.
    log: Vec<(String, Option<(u64, bool)>)>,
}

impl<'k, D: Knowledge> Overlay<'k, D> {
    pub(super) fn new(device: &'k D) -> Self {
        Self { device, changes: BTreeMap::new(), clock: 0, log: Vec::new() }
    }

    pub(super) fn device(&self) -> &'k D {
        self.device
    }

    pub(super) fn presence(&self, uri: &LocUri) -> Presence {
        let key = key(uri);
        let own = self.changes.get(&key).copied();
        // A node that was removed took those below it along.
        let removed = ancestors(&key)
            .filter_map(|above| self.changes.get(above))
            .filter(|(_, present)| !present)
            .map(|(when, _)| *when)
            .max();
        match (own, removed) {
            (Some((when, present)), removed) if removed.is_none_or(|removed| when > removed) => {
                if present {
                    Presence::Present
                } else {
                    Presence::Absent
                }
            }
            (_, Some(_)) => Presence::Absent,
            _ => self.device.presence(uri),
        }
    }

    fn set(&mut self, key: String, present: bool) {
        self.clock += 1;
        let before = self.changes.insert(key.clone(), (self.clock, present));
        self.log.push((key, before));
    }

    pub(super) fn add(&mut self, uri: &LocUri) {
        let key = key(uri);
        let above: Vec<String> = ancestors(&key).map(str::to_owned).collect();
        for above in above {
            self.set(above, true);
        }
        self.set(key, true);
    }

    pub(super) fn remove(&mut self, uri: &LocUri) {
        self.set(key(uri), false);
    }

    /// A point to come back to.
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        for (key, before) in self.log.drain(mark.min(self.log.len())..).rev() {
            match before {
                Some(before) => self.changes.insert(key, before),
                None => self.changes.remove(&key),
            };
        }
    }
}
