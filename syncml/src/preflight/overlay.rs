//! What a plan changes on its way, and what an Atomic undoes.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::knowledge::{Knowledge, Presence};
use crate::loc_uri::LocUri;

/// The keys of the nodes above, without the root.
pub(super) fn ancestors(key: &str) -> impl Iterator<Item = &str> {
    let ends = key.match_indices('\u{0}').map(|(at, _)| at).skip(1);
    ends.filter_map(move |end| key.get(..end))
}

/// When a node was last made and removed; 0 is never.
#[derive(Clone, Copy, Default)]
struct Change {
    made: u64,
    removed: u64,
    /// When nobody knew any more.
    blurred: u64,
}

/// The device as it will be at this point of the plan.
pub(super) struct Overlay<'k, D> {
    device: &'k D,
    changes: BTreeMap<String, Change>,
    clock: u64,
    /// What stood there before, for undoing.
    log: Vec<(String, Change)>,
}

impl<'k, D: Knowledge> Overlay<'k, D> {
    pub(super) fn new(device: &'k D) -> Self {
        Self { device, changes: BTreeMap::new(), clock: 0, log: Vec::new() }
    }

    pub(super) fn device(&self) -> &'k D {
        self.device
    }

    pub(super) fn presence(&self, uri: &LocUri) -> Presence {
        let key = uri.key();
        let change = |key: &str| self.changes.get(key).copied().unwrap_or_default();
        let own = change(&key);
        // A node that was removed took those below it along, even if it was made again since.
        let (mut removed, mut blurred) = (own.removed, own.blurred);
        for above in ancestors(&key).map(change) {
            removed = removed.max(above.removed);
            blurred = blurred.max(above.blurred);
        }
        if blurred > own.made.max(removed) {
            return Presence::Unknown;
        }
        match own.made.cmp(&removed) {
            Ordering::Greater => Presence::Present,
            Ordering::Less => Presence::Absent,
            Ordering::Equal => self.device.presence(uri),
        }
    }

    fn set(&mut self, key: String, present: bool) {
        self.clock += 1;
        let change = self.changes.entry(key.clone()).or_default();
        self.log.push((key, *change));
        if present {
            change.made = self.clock;
        } else {
            change.removed = self.clock;
        }
    }

    pub(super) fn add(&mut self, uri: &LocUri) {
        let key = uri.key();
        let above: Vec<String> = ancestors(&key).map(str::to_owned).collect();
        for above in above {
            self.set(above, true);
        }
        self.set(key, true);
    }

    pub(super) fn remove(&mut self, uri: &LocUri) {
        self.set(uri.key(), false);
    }

    /// A point to come back to.
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    /// Whether what was changed since then will last is not known.
    pub(super) fn blur_from(&mut self, mark: usize) {
        self.clock += 1;
        for (key, _) in self.log.get(mark..).unwrap_or_default() {
            self.changes.entry(key.clone()).or_default().blurred = self.clock;
        }
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        for (key, before) in self.log.drain(mark.min(self.log.len())..).rev() {
            self.changes.insert(key, before);
        }
    }
}
