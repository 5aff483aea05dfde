//! What revision an update has now, where the one that was named is not to be had.
//!
//! It is asked last in a run, and nothing depends on it: an answer makes further revisions needed, and
//! a refusal is an event.

use std::collections::{BTreeMap, BTreeSet};

use super::documents::known_or_left_out;
use super::state::{Call, SyncState};
use super::{Event, Sync};
use crate::id::{MAX_REVISION, UpdateId, UpdateKey};
use crate::messages::{Fault, List};

impl Sync {
    /// The server does not have a revision of this update.
    pub(super) fn note_outdated(&mut self, id: UpdateId) {
        if self.config.current_revisions {
            let run = self.run();
            if !run.no_lookups && !run.looked_up.contains(&id) {
                run.outdated.insert(id);
            }
        }
    }

    /// The next question, if there is one. What it asks for stays there until it is answered.
    pub(super) fn next_lookup(&mut self) -> Option<Call> {
        if !self.config.current_revisions {
            return None;
        }
        let max = self.batch();
        let SyncState { wanted, run, .. } = &mut self.state;
        let outdated = &mut run.as_mut()?.outdated;
        outdated.retain(|id| wanted.contains_key(id));
        let ids: BTreeSet<UpdateId> = outdated.iter().take(max).copied().collect();
        (!ids.is_empty()).then_some(Call::Current(ids))
    }

    /// What was asked for is needed at the revision that it has now: of several, the highest.
    pub(super) fn take_current(&mut self, asked: BTreeSet<UpdateId>, told: &List<UpdateKey>) {
        let mut current: BTreeMap<UpdateId, u32> = BTreeMap::new();
        for key in told.iter().filter(|key| asked.contains(&key.id)) {
            let revision = current.entry(key.id).or_default();
            *revision = key.revision.max(*revision);
        }
        let run = self.run();
        run.outdated.retain(|id| !asked.contains(id));
        run.looked_up.extend(asked);
        for (id, revision) in current {
            let key = UpdateKey::new(id, revision);
            let wanted = self.state.wanted.get(&id);
            // Forgotten, or stored, since it was asked for.
            let Some(depth) = wanted.map(|wanted| wanted.depth) else { continue };
            if revision <= MAX_REVISION && !known_or_left_out(&self.state, &self.config, &key) {
                self.need(key, depth);
            }
        }
    }

    /// The server does not tell: nothing is asked any more in this run.
    pub(super) fn no_current(&mut self, fault: Fault) {
        let run = self.run();
        run.outdated.clear();
        run.no_lookups = true;
        run.refusals = 0;
        run.retries = 0;
        self.events.push_back(Event::NoCurrentRevisions(fault));
    }
}
