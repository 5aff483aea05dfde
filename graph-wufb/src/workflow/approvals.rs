//! The approvals of a rollout, and which of them there is something to do about.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Approval, ApprovalStatus, Event};
use super::state::{Flight, Job, State};
use crate::error::Error;
use crate::models::{ApprovalId, CatalogEntryId, DeploymentSettings};

/// Finds approvals without looking at all of them. Made anew from a saved state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index {
    /// The newest approval of an update. Only that one can be under way: each is taken back before
    /// the next is asked for.
    latest: BTreeMap<CatalogEntryId, usize>,
    requested: BTreeSet<usize>,
    revoking: BTreeSet<usize>,
    known: BTreeSet<ApprovalId>,
}

impl Index {
    pub(super) fn of(approvals: &[Approval]) -> Self {
        let mut index = Self::default();
        for (at, approval) in approvals.iter().enumerate() {
            index.latest.insert(approval.entry.clone(), at);
            index.known.extend(approval.id.clone());
            index.note(at, approval);
        }
        index
    }

    fn note(&mut self, at: usize, approval: &Approval) {
        self.requested.remove(&at);
        self.revoking.remove(&at);
        match approval.status {
            ApprovalStatus::Requested if !approval.unwanted => self.requested.insert(at),
            ApprovalStatus::Revoking => self.revoking.insert(at),
            _ => false,
        };
    }
}

impl State {
    pub(super) fn approve(
        &mut self,
        entry: &CatalogEntryId,
        settings: Option<DeploymentSettings>,
    ) -> Result<(), Error> {
        if self.leaving.is_some() {
            return Err(Error::command("approve", "the rollout is ending"));
        }
        let latest = self.index.latest.get(entry).and_then(|at| self.approvals.get(*at));
        let taken = latest.is_some_and(|approval| {
            matches!(approval.status, ApprovalStatus::Requested | ApprovalStatus::Standing)
                && !approval.unwanted
        });
        if taken {
            return Err(Error::command("approve", "the update is approved already"));
        }
        if self.approvals.len() >= self.plan.objects {
            return Err(Error::command("approve", "the plan allows no more approvals"));
        }
        let approval = Approval {
            entry: entry.clone(),
            id: None,
            settings,
            status: ApprovalStatus::Requested,
            unwanted: false,
        };
        let at = self.approvals.len();
        self.index.latest.insert(entry.clone(), at);
        self.index.note(at, &approval);
        self.approvals.push(approval);
        Ok(())
    }

    pub(super) fn revoke(&mut self, entry: &CatalogEntryId) -> Result<(), Error> {
        let latest = self.index.latest.get(entry).copied();
        if latest.is_some_and(|at| self.take_back(at)) {
            Ok(())
        } else {
            Err(Error::command("revoke", "no approval stands"))
        }
    }

    /// Takes back whatever is not taken back yet.
    pub(super) fn take_all_back(&mut self) {
        for at in 0..self.approvals.len() {
            self.take_back(at);
        }
    }

    fn take_back(&mut self, at: usize) -> bool {
        let about = |flight: &Flight| {
            matches!(flight.job,
                Job::Approve { index } | Job::FindApproval { index, .. } if index == at)
        };
        // An approval that is not with the service yet is not sent at all.
        let _ =
            self.flight.take_if(|flight| about(flight) && !flight.sent && !flight.job.is_search());
        let under_way = self.flight.as_ref().is_some_and(about);
        let Some(approval) = self.approvals.get_mut(at) else { return false };
        match approval.status {
            ApprovalStatus::Standing => approval.status = ApprovalStatus::Revoking,
            ApprovalStatus::Requested if approval.unwanted => return false,
            ApprovalStatus::Requested if under_way => approval.unwanted = true,
            ApprovalStatus::Requested => approval.status = ApprovalStatus::Revoked,
            _ => return false,
        }
        self.index.note(at, approval);
        true
    }

    /// Revocations go before approvals, so that an update is never approved twice at a time.
    pub(super) fn approval_job(&self) -> Option<Job> {
        let revoke = self.index.revoking.first().map(|at| Job::Revoke { index: *at });
        revoke.or_else(|| self.index.requested.first().map(|at| Job::Approve { index: *at }))
    }

    pub(super) fn set_approval(&mut self, at: usize, status: ApprovalStatus) {
        if let Some(approval) = self.approvals.get_mut(at) {
            (approval.status, approval.unwanted) = (status, false);
            self.index.note(at, approval);
        }
    }

    /// An approval that stands on is its update's newest again, and changes places with what was to
    /// replace it. Gives the latter if it was still to be asked for: a second approval would make a
    /// second deployment.
    pub(super) fn stands_on(&mut self, at: usize) -> Option<usize> {
        let entry = &self.approvals.get(at)?.entry;
        let newer = self.index.latest.get(entry).copied().filter(|newer| *newer != at)?;
        let status = self.approvals.get(newer)?.status;
        if matches!(status, ApprovalStatus::Standing | ApprovalStatus::Revoking) {
            return None;
        }
        self.approvals.swap(at, newer);
        for at in [at, newer] {
            if let Some(approval) = self.approvals.get(at) {
                self.index.note(at, approval);
            }
        }
        (status == ApprovalStatus::Requested).then_some(at)
    }

    pub(super) fn is_unwanted(&self, at: usize) -> bool {
        self.approvals.get(at).is_some_and(|approval| approval.unwanted)
    }

    /// Whether an approval of the service is one that was made and known before.
    pub(super) fn is_known(&self, id: &ApprovalId) -> bool {
        self.index.known.contains(id)
    }

    /// Whether an update was ever approved here.
    pub(super) fn was_approved(&self, entry: &CatalogEntryId) -> bool {
        self.index.latest.contains_key(entry)
    }

    pub(super) fn approved(&mut self, at: usize, id: ApprovalId, found: bool) {
        self.vain = 0;
        let unwanted = self.is_unwanted(at) || self.leaving.is_some();
        let Some(approval) = self.approvals.get_mut(at) else { return };
        approval.id = Some(id.clone());
        let entry = approval.entry.clone();
        self.index.known.insert(id.clone());
        let status = if unwanted { ApprovalStatus::Revoking } else { ApprovalStatus::Standing };
        self.set_approval(at, status);
        self.event(Event::ApprovalCreated { entry, approval: id, found });
    }

    pub(super) fn revoked(&mut self, at: usize) {
        self.set_approval(at, ApprovalStatus::Revoked);
        let known = self.approvals.get(at);
        let known = known.and_then(|known| Some((known.entry.clone(), known.id.clone()?)));
        if let Some((entry, approval)) = known {
            self.event(Event::ApprovalRevoked { entry, approval });
        }
    }
}
