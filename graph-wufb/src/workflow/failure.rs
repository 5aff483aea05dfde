//! What failures change: trying again, giving up, going on without.

use chrono::{DateTime, TimeDelta, Utc};

use super::event::{ApprovalStatus, BlockCause, Event};
use super::receive::Then;
use super::state::{Flight, Job, Leaving, State};
use crate::models::CatalogEntryId;
use crate::moment::Moment;
use crate::response::GraphError;

impl State {
    /// Tries the same job again later, or looks for its effect if that is unknown.
    pub(super) fn again(
        &mut self,
        now: DateTime<Utc>,
        mut flight: Flight,
        unknown: bool,
        error: Option<GraphError>,
    ) {
        if self.is_pointless(&flight.job) {
            return;
        }
        if let (Job::Approve { index }, false) = (&flight.job, unknown)
            && self.is_unwanted(*index)
        {
            // Taken back meanwhile, and the service has not made it.
            self.set_approval(*index, ApprovalStatus::Revoked);
            return;
        }
        if self.leaving.is_some() && !unknown && flight.job.search().is_some() {
            // The service has not made it, and it is not wanted any more.
            return;
        }
        flight.tries = flight.tries.saturating_add(1);
        let mut delay = self.plan.retry.delay(flight.tries - 1);
        if let Some(wait) = error.as_ref().and_then(|error| error.retry_after.as_ref()) {
            // A day at most: a service that means longer can say so again.
            delay = delay.max(wait.delay(now).min(TimeDelta::days(1)));
        }
        flight.not_before = Some(Moment::after(now, delay));
        flight.lost = unknown;
        // A search starts its own count, so what was made in vain is counted apart.
        self.vain = self.vain.saturating_add(u32::from(unknown && flight.job.search().is_some()));
        let give_up = flight.tries.max(self.vain) >= self.plan.tries;
        if let (Job::ListMatches { entry, .. }, true) = (&flight.job, give_up) {
            // One driver does not hold up the others, which wait as long as it would have.
            self.next_round = Some(Moment::after(now, delay));
            let reason = error.map_or_else(|| "too many tries".to_owned(), |it| it.to_string());
            return self.matches_refused(now, entry, &reason);
        }
        self.put_back(flight);
        if give_up {
            self.block(BlockCause::TooManyTries, "too many tries".to_owned(), error);
        }
    }

    pub(super) fn put_back(&mut self, mut flight: Flight) {
        // A late second answer to the old token must not be taken for one to the new request.
        flight.token = self.take_token();
        flight.sent = flight.lost;
        self.flight = Some(flight);
    }

    /// Whether what is not found may only not be found yet: the service needs some seconds until
    /// what it made is there for every request.
    fn may_come(&self, flight: &Flight, error: &GraphError) -> bool {
        error.status == 404 && flight.tries.saturating_add(1) < self.plan.looks
    }

    pub(super) fn bad(&mut self, now: DateTime<Utc>, mut flight: Flight, error: GraphError) {
        if error.is_transient() {
            let unknown = error.is_ambiguous();
            return self.again(now, flight, unknown, Some(error));
        }
        let refused = !matches!(error.status, 401 | 403);
        let later = flight.job.list().filter(|list| list.target.is_some());
        if let (true, Some(rewinds)) = (refused, later.map(|list| list.rewinds)) {
            let more = rewinds.saturating_add(1);
            if more < self.plan.tries || !flight.job.is_dispensable() {
                // A place in a list does not keep for ever: from the first page, then. That page may
                // well be answered each time, so these tries are counted with the list.
                flight.tries = rewinds;
                flight.job.rewind(more);
                return self.again(now, flight, false, Some(error));
            }
        }
        match &flight.job {
            job if self.is_pointless(job) => {}
            // Refused, so nothing was made, and nothing is wanted any more.
            Job::CreateAudience | Job::CreatePolicy | Job::CreateDeployment
                if self.leaving.is_some() => {}
            Job::CheckDevice { device } if error.status == 404 => {
                self.looked_at(now, device, None);
            }
            // Not in one go, then.
            Job::ListDevices { .. } if refused => self.round = Some(None),
            // Told with the devices that are known, then.
            Job::ListMatches { entry, .. } if refused => {
                self.matches_refused(now, entry, &error.to_string());
            }
            Job::CheckAudience(_)
            | Job::Approve { .. }
            | Job::Revoke { .. }
            | Job::DeletePolicy { .. }
            | Job::DeleteDeployment { .. }
            | Job::DeleteAudience
                if self.may_come(&flight, &error) =>
            {
                self.again(now, flight, false, Some(error));
            }
            Job::Approve { index } if refused => self.approval_refused(*index, error),
            // Audiences that Intune made do not show their members.
            Job::CheckAudience(check) if error.status == 404 => {
                let then = self.not_ours(now, check);
                if let Then::Go(job, not_before) = then {
                    self.launch(job, not_before);
                }
            }
            Job::CheckDeployment | Job::AskDeployment { .. }
                if error.status == 404 && self.effective.is_some() =>
            {
                self.deployment_gone();
            }
            Job::AskDeployment { requested } if refused && error.status != 404 => {
                self.requested.take_if(|wanted| wanted == requested);
                self.event(Event::RequestRefused { requested: requested.clone(), error });
            }
            Job::Revoke { index } if error.status == 404 => self.revoked(*index),
            // Without its policy, which somebody else has deleted, no approval stands.
            Job::FindApproval { index, .. }
                if error.status == 404
                    && self.leaving.is_some()
                    && !self.may_come(&flight, &error) =>
            {
                self.set_approval(*index, ApprovalStatus::Revoked);
            }
            // The departure goes on past what is refused.
            Job::Revoke { index } if refused && self.leaving.is_some() => {
                let id = self.approvals.get(*index).and_then(|approval| approval.id.clone());
                self.left_over("complianceChanges", id.as_ref().map(|id| id.as_str()), error);
                self.set_approval(*index, ApprovalStatus::Standing);
            }
            // One refusal does not hold up the others.
            Job::Revoke { index } if refused => self.revocation_refused(*index, error),
            Job::Unenroll { from } if refused => {
                let unenrolled = from.saturating_add(self.chunk(*from).len().max(1));
                let next = |leaving| Leaving { unenrolled, told: true, ..leaving };
                self.leaving = self.leaving.map(next);
                // Not even a 404 says that the devices are gone: one of them may be, or none.
                let what = "updatableAssets/unenrollAssets".to_owned();
                self.event(Event::LeftOver { what, error: Some(error) });
            }
            Job::DeletePolicy { policy } if refused => {
                self.policies.remove(policy);
                self.policy.take_if(|known| known == policy);
                self.left_over("updatePolicies", Some(policy.as_str()), error);
            }
            Job::DeleteDeployment { deployment } if refused => {
                self.deployments.remove(deployment);
                self.left_over("deployments", Some(deployment.as_str()), error);
            }
            Job::DeleteAudience if refused => self.audience_kept(now, error),
            // Without the list the audience's deletion may be refused, which is reported then.
            Job::ListDeployments { .. } if refused => self.listed_deployments(),
            Job::ListPolicies { .. } if refused => self.listed_policies(),
            // What was just made may not be found yet; if it never is, the tries run out.
            _ if error.status == 404 => self.again(now, flight, false, Some(error)),
            _ => {
                self.put_back(flight);
                let cause = match error.status {
                    401 => BlockCause::AccessToken,
                    _ => BlockCause::Refused,
                };
                self.block(cause, error.to_string(), Some(error));
            }
        }
    }

    fn approval_refused(&mut self, index: usize, error: GraphError) {
        self.vain = 0;
        self.set_approval(index, ApprovalStatus::Refused);
        let entry: Option<CatalogEntryId> =
            self.approvals.get(index).map(|approval| approval.entry.clone());
        if let Some(entry) = entry {
            self.event(Event::ApprovalRefused { entry, error });
        }
    }

    fn revocation_refused(&mut self, index: usize, error: GraphError) {
        self.set_approval(index, ApprovalStatus::Standing);
        let known = self.approvals.get(index);
        let known = known.and_then(|known| Some((known.entry.clone(), known.id.clone()?)));
        if let Some((entry, approval)) = known {
            let refused = error.clone();
            self.event(Event::RevocationRefused { entry, approval, error: refused });
        }
        if let Some(newer) = self.stands_on(index) {
            self.approval_refused(newer, error);
        }
    }

    fn deployment_gone(&mut self) {
        self.deployment = None;
        self.requested = None;
        self.event(Event::DeploymentGone);
    }

    fn audience_kept(&mut self, now: DateTime<Utc>, error: GraphError) {
        match self.leaving {
            Some(leaving)
                if matches!(error.status, 400 | 409)
                    && leaving.sweeps.saturating_add(1) < self.plan.tries =>
            {
                self.sweep(now, leaving);
            }
            _ => {
                let gone = self.audience.take();
                self.left_over("deploymentAudiences", gone.as_ref().map(|id| id.as_str()), error);
            }
        }
    }

    pub(super) fn listed_deployments(&mut self) {
        self.leaving = self.leaving.map(|leaving| Leaving { deployments_listed: true, ..leaving });
    }

    pub(super) fn listed_policies(&mut self) {
        self.leaving = self.leaving.map(|leaving| Leaving { policies_listed: true, ..leaving });
    }
}
