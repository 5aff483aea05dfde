//! What revision an update has now, where the one that was named is not to be had.
//!
//! It is asked last in a run, and nothing depends on it: an answer is a further revision to be asked
//! for, and whatever else comes, or does not, is an event at most. What is told is not as good as
//! named: it goes when it is not to be had either, or when what was named is dealt with.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::documents::known_or_left_out;
use super::state::{Call, SyncState, time};
use super::{Event, FailReason, Sync};
use crate::id::{MAX_REVISION, UpdateId, UpdateKey};
use crate::messages::List;

/// How many updates may be refused alone before the server is believed to tell of none, if it has
/// told of none: one may be to blame itself.
const MAX_ALONE: u32 = 1;

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
        let run = run.as_mut()?;
        let max = match usize::try_from(run.lookup_max) {
            Ok(fewer) if fewer > 0 => max.min(fewer),
            _ => max,
        };
        let outdated = &mut run.outdated;
        // What is not needed any more goes when it is the first, so that each is looked at once.
        while outdated.first().is_some_and(|id| !wanted.contains_key(id)) {
            outdated.pop_first();
        }
        let needed = outdated.iter().filter(|id| wanted.contains_key(id));
        let ids: BTreeSet<UpdateId> = needed.take(max).copied().collect();
        (!ids.is_empty()).then_some(Call::Current(ids))
    }

    /// What was asked for is asked for at the revision that it has now: of several, the highest.
    pub(super) fn take_current(
        &mut self,
        now: DateTime<Utc>,
        asked: BTreeSet<UpdateId>,
        told: &List<UpdateKey>,
    ) {
        let mut current: BTreeMap<UpdateId, u32> = BTreeMap::new();
        for key in told.iter().filter(|key| asked.contains(&key.id)) {
            let revision = current.entry(key.id).or_default();
            *revision = key.revision.max(*revision);
        }
        let run = self.run();
        if !std::mem::replace(&mut run.lookups_work, true) && run.lookup_failures > 0 {
            // It was the one, and not how many.
            run.lookup_max = 0;
        }
        for id in &asked {
            run.outdated.remove(id);
        }
        run.looked_up.extend(asked);
        let mut due = Vec::new();
        for (id, revision) in current {
            let key = UpdateKey::new(id, revision);
            if revision > MAX_REVISION || known_or_left_out(&self.state, &self.config, &key) {
                continue;
            }
            // Forgotten, or stored, or named as well, since it was asked for.
            let Some(wanted) = self.state.wanted.get_mut(&id) else { continue };
            // Or delivered in this run, or not to be had.
            let asked = self.state.run.as_ref().is_some_and(|run| run.asked.contains(&key));
            if asked || wanted.revisions.contains(&revision) {
                continue;
            }
            wanted.told = Some(revision);
            if !self.state.rests(&key, now) {
                due.push(key);
            }
        }
        self.queue(due);
    }

    /// A revision that was told and not named is not to be had either, and is not asked for any
    /// more. When what was named is: after that the server is asked again.
    pub(super) fn forget_told(
        &mut self,
        now: DateTime<Utc>,
        key: UpdateKey,
    ) -> Option<DateTime<Utc>> {
        if self.state.is_listed(&key) {
            return None;
        }
        let wanted = self.state.wanted.get_mut(&key.id)?;
        if wanted.revisions.contains(&key.revision) {
            return None;
        }
        wanted.told.take_if(|told| *told == key.revision)?;
        let resting = self.state.resting.get(&key.id);
        let until = resting.and_then(|revisions| revisions.values().map(|rest| rest.until).min());
        Some(until.map_or(now, time).max(now))
    }

    /// A question was refused, or its answer cannot be read. It may be too long, or one of them to
    /// blame: fewer at a time, until one is alone.
    pub(super) fn lookup_refused(&mut self, asked: &BTreeSet<UpdateId>, why: FailReason) {
        let most = self.config.max_failures;
        let run = self.run();
        run.refusals = 0;
        run.retries = 0;
        if asked.len() > 1 {
            run.lookup_max = u32::try_from(asked.len() / 2).unwrap_or(u32::MAX);
            return;
        }
        for id in asked {
            run.outdated.remove(id);
            run.looked_up.insert(*id);
        }
        run.lookup_failures = run.lookup_failures.saturating_add(1);
        let works = run.lookups_work;
        if works {
            run.lookup_max = 0;
        }
        let most = if works { most } else { MAX_ALONE };
        if run.lookup_failures > most || (!works && run.outdated.is_empty()) {
            self.no_current(why);
        }
    }

    /// The server does not tell: nothing is asked any more in this run.
    pub(super) fn no_current(&mut self, why: FailReason) {
        let run = self.run();
        run.outdated.clear();
        run.no_lookups = true;
        run.refusals = 0;
        run.retries = 0;
        self.events.push_back(Event::NoCurrentRevisions(why));
    }
}
