//! What an answer changes.

use chrono::{DateTime, Utc};

use super::event::{BlockCause, Event, Step};
use super::plan::Goal;
use super::state::{Check, Flight, Job, Leaving, State};
use crate::error::{Error, ErrorKind};
use crate::models::{
    AudienceId, AzureAdDevice, ContentApproval, Deployment, DeploymentAudience, UpdatableAsset,
    UpdatePolicy,
};
use crate::moment::Moment;
use crate::response::Response;

/// What to do with the flight after a good answer.
pub(super) enum Then {
    /// It is over.
    Over,
    /// The next page, or another look after some time.
    Go(Job, Option<Moment>),
    /// The answer lacks what was to be in it.
    Lost,
}

impl State {
    /// Takes the answer to the flight, which is no longer in `self.flight`.
    pub(super) fn answer(
        &mut self,
        now: DateTime<Utc>,
        mut flight: Flight,
        response: Result<Response, Error>,
    ) {
        let then = match response {
            // What is missing at the end may be the rest of a list.
            Ok(response) if response.error.is_none() && response.is_cut_off() => {
                self.unreadable("the answer is cut off");
                return self.again(now, flight, true, None);
            }
            Ok(response) => match response.ok() {
                Ok(response) => self.good(now, &mut flight.job, &response),
                Err(error) => return self.bad(now, flight, *error),
            },
            Err(error) => Err(error),
        };
        match then {
            Ok(Then::Over) => {}
            Ok(Then::Go(job, _)) if self.is_pointless(&job) => {}
            Ok(Then::Go(job, not_before)) => self.launch(job, not_before),
            Ok(Then::Lost) => self.again(now, flight, true, None),
            // Nobody waits for it: the departure goes on.
            Err(error) if self.is_pointless(&flight.job) => self.unreadable(&error.to_string()),
            Err(error) if fatal(&error) => {
                // It was answered well, so what was to be made may have been made.
                flight.lost = flight.job.search().is_some();
                if matches!(error.kind(), ErrorKind::Limit { .. }) {
                    self.forget_round(&mut flight.job);
                }
                self.put_back(flight);
                self.block(BlockCause::Answer, error.to_string(), None);
            }
            Err(error) => {
                self.unreadable(&error.to_string());
                self.again(now, flight, true, None);
            }
        }
    }

    // --- good answers ---------------------------------------------------------------------------

    fn good(
        &mut self,
        now: DateTime<Utc>,
        job: &mut Job,
        response: &Response,
    ) -> Result<Then, Error> {
        match job {
            Job::Enroll { from } => {
                self.progress = from.saturating_add(self.chunk(*from).len());
                if self.step == Step::Enrolling && self.progress >= self.plan.devices.len() {
                    self.await_enrolment(now);
                }
            }
            Job::CheckDevice { device } => {
                let read = response.entity::<AzureAdDevice>()?;
                self.looked_at(now, device, read.as_ref().map(|read| &read.value));
            }
            Job::ListDevices { list } => {
                let page = response.page::<UpdatableAsset>()?;
                let more = match self.more(list, &page) {
                    Err(error) if matches!(error.kind(), ErrorKind::Limit { .. }) => None,
                    more => Some(more?),
                };
                if let Some(job) = self.listed(now, &page, more) {
                    return Ok(Then::Go(job, None));
                }
            }
            Job::NoteAudiences { list } => {
                let page = response.page::<DeploymentAudience>()?;
                let ids = page.items.iter().filter_map(|audience| audience.id.get().cloned());
                self.others.extend(ids);
                self.bound(self.others.len())?;
                if let Some(list) = self.more(list, &page)? {
                    return Ok(Then::Go(Job::NoteAudiences { list }, None));
                }
                self.advance(Step::NotingAudiences, Step::CreatingAudience);
            }
            Job::CreateAudience => {
                let read = response.entity::<DeploymentAudience>()?;
                match read.and_then(|read| read.value.id.into_option()) {
                    Some(id) => self.audience_stands(id, false),
                    None => return Ok(Then::Lost),
                }
            }
            Job::FindAudience { list, looks, found } => {
                let page = response.page::<DeploymentAudience>()?;
                // Copied: if this page cannot be gone on from, it is asked for again.
                return self.find_audience(now, list, *looks, found.clone(), &page);
            }
            Job::CheckAudience(check) => {
                // An answer that says nothing does not say that there are no members.
                if response.body.is_none() {
                    return Ok(Then::Lost);
                }
                let page = response.page::<UpdatableAsset>()?;
                // Somebody else's audience would have members by the time that anybody looks.
                if !page.items.is_empty() {
                    return Ok(self.not_ours(now, check));
                }
                // A page may be empty and not be the last.
                if let Some(list) = self.more(&check.list, &page)? {
                    let next = Check { list, ..check.clone() };
                    return Ok(Then::Go(Job::CheckAudience(next), None));
                }
                self.audience_stands(check.audience.clone(), true);
            }
            Job::AddMembers { from } => {
                self.progress = self.members(*from).1;
                if !self.has_members_from(self.progress) {
                    self.event(Event::MembersAdded { devices: self.enrolled() });
                    let next = match self.plan.goal {
                        Goal::Drivers => Step::CreatingPolicy,
                        Goal::Feature { .. } | Goal::Expedited { .. } => Step::CreatingDeployment,
                    };
                    self.advance(Step::AddingMembers, next);
                }
            }
            Job::CreatePolicy => {
                let read = response.entity::<UpdatePolicy>()?;
                match read.and_then(|read| read.value.id.into_option()) {
                    Some(policy) => self.policy_stands(now, policy, false),
                    None => return Ok(Then::Lost),
                }
            }
            Job::FindPolicy { list, looks } => {
                return self.find_policy(now, list, *looks, response);
            }
            Job::CreateDeployment => {
                let read = response.entity::<Deployment>()?;
                match read.and_then(|read| read.value.id.into_option()) {
                    Some(deployment) => self.deployment_stands(now, deployment, false),
                    None => return Ok(Then::Lost),
                }
            }
            Job::FindDeployment { list, looks } => {
                return self.find_deployment(now, list, *looks, response);
            }
            Job::CheckDeployment => {
                if let Some(read) = response.entity::<Deployment>()? {
                    self.watch(&read.value);
                }
                self.look_after(now, self.rounds.saturating_add(1));
            }
            Job::AskDeployment { requested } => {
                // Unless the vendor has asked for something else meanwhile.
                self.requested.take_if(|wanted| wanted == requested);
                if let Some(read) = response.entity::<Deployment>()? {
                    self.watch(&read.value);
                }
                // The service takes its time.
                self.look_after(now, 0);
            }
            Job::ListContent { list } => return self.content(now, list, response),
            Job::ListMatches { entry, list } => return self.matches(now, entry, list, response),
            Job::Approve { index } => {
                let read = response.entity::<ContentApproval>()?;
                match read.and_then(|read| read.value.id.into_option()) {
                    Some(id) => self.approved(*index, id, false),
                    None => return Ok(Then::Lost),
                }
            }
            Job::FindApproval { index, list, looks } => {
                return self.find_approval(now, *index, list, *looks, response);
            }
            Job::Revoke { index } => self.revoked(*index),
            Job::Unenroll { from } => {
                let unenrolled = from.saturating_add(self.chunk(*from).len().max(1));
                self.leaving = self.leaving.map(|leaving| Leaving { unenrolled, ..leaving });
            }
            Job::ListPolicies { list } => {
                let page = response.page::<UpdatePolicy>()?;
                let ours = page.items.iter().filter(|policy| self.is_ours(policy));
                let ids: Vec<_> = ours.filter_map(|policy| policy.id.get().cloned()).collect();
                self.policies.extend(ids);
                self.bound(self.policies.len())?;
                if let Some(list) = self.more(list, &page)? {
                    return Ok(Then::Go(Job::ListPolicies { list }, None));
                }
                self.listed_policies();
            }
            Job::DeletePolicy { policy } => {
                self.policies.remove(policy);
                self.policy.take_if(|known| known == policy);
            }
            Job::ListDeployments { list } => {
                let page = response.page::<Deployment>()?;
                let ours = page.items.iter().filter(|deployment| self.is_for_us(deployment));
                let ids: Vec<_> =
                    ours.filter_map(|deployment| deployment.id.get().cloned()).collect();
                self.deployments.extend(ids);
                self.bound(self.deployments.len())?;
                if let Some(list) = self.more(list, &page)? {
                    return Ok(Then::Go(Job::ListDeployments { list }, None));
                }
                self.listed_deployments();
            }
            Job::DeleteDeployment { deployment } => {
                self.deployments.remove(deployment);
            }
            Job::DeleteAudience => self.audience = None,
        }
        Ok(Then::Over)
    }

    /// Goes on, unless the vendor has ended the rollout meanwhile.
    pub(super) fn advance(&mut self, from: Step, to: Step) {
        if self.step == from {
            self.step = to;
            self.progress = 0;
        }
    }

    pub(super) fn audience_stands(&mut self, audience: AudienceId, found: bool) {
        self.audience = Some(audience.clone());
        self.others.clear();
        self.vain = 0;
        self.event(Event::AudienceCreated { audience, found });
        self.advance(Step::CreatingAudience, Step::AddingMembers);
    }

    pub(super) fn policy_stands(
        &mut self,
        now: DateTime<Utc>,
        policy: crate::models::PolicyId,
        found: bool,
    ) {
        self.policy = Some(policy.clone());
        self.vain = 0;
        self.event(Event::PolicyCreated { policy, found });
        self.advance(Step::CreatingPolicy, Step::Active);
        self.look_after(now, 0);
    }

    pub(super) fn deployment_stands(
        &mut self,
        now: DateTime<Utc>,
        deployment: crate::models::DeploymentId,
        found: bool,
    ) {
        self.deployment = Some(deployment.clone());
        self.vain = 0;
        self.event(Event::DeploymentCreated { deployment, found });
        self.advance(Step::CreatingDeployment, Step::Active);
        self.look_after(now, 0);
    }

    /// Whether a policy governs our audience.
    pub(super) fn is_ours(&self, policy: &UpdatePolicy) -> bool {
        let audience = policy.audience.get().and_then(DeploymentAudience::target);
        audience.is_some() && audience == self.audience
    }

    /// Whether a deployment of the list for our audience is ours, as far as it says for whom it is
    /// and what it deploys. *Decision*: the list is asked for by the audience, so what says neither is
    /// taken for ours; what names another audience or another update is somebody else's, and is
    /// neither adopted nor deleted.
    pub(super) fn is_for_us(&self, deployment: &Deployment) -> bool {
        let audience = deployment.audience.get().and_then(DeploymentAudience::target);
        let entry = deployment.content.get().and_then(|content| content.catalog_entry_id());
        audience.is_none_or(|audience| Some(&audience) == self.audience.as_ref())
            && entry.is_none_or(|entry| match &self.plan.goal {
                Goal::Drivers => self.was_approved(&entry),
                Goal::Feature { entry: ours } | Goal::Expedited { entry: ours } => entry == *ours,
            })
    }

    /// When to look again, after so many looks.
    pub(super) fn look_after(&mut self, now: DateTime<Utc>, rounds: u32) {
        self.rounds = rounds;
        if self.leaving.is_none() {
            self.next_round = Some(Moment::after(now, self.plan.content.delay(rounds)));
        }
    }

    /// What the deployment does now.
    fn watch(&mut self, deployment: &Deployment) {
        let Some(state) = deployment.state.get() else { return };
        // A peer's words are kept in the state: no more of them than make sense. An empty one says
        // nothing.
        let fits = |word: &str| (1..=WORD).contains(&word.len());
        let effective = state.effective_value.get().filter(|word| fits(word.as_str()));
        let Some(effective) = effective.cloned() else { return };
        let reasons = state.reasons.items().iter().filter_map(|reason| reason.value.get());
        let reasons: Vec<_> =
            reasons.filter(|word| fits(word.as_str())).take(REASONS).cloned().collect();
        if self.effective.as_ref() != Some(&effective) || self.reasons != reasons {
            self.effective = Some(effective.clone());
            self.reasons.clone_from(&reasons);
            self.event(Event::DeploymentChanged { effective, reasons });
        }
    }
}

/// Bytes of a word of a state or a reason; longer ones are not kept.
const WORD: usize = 256;
/// Reasons of a deployment's state; more are not kept.
const REASONS: usize = 64;

/// Trying again would not help: the peer misleads, or a limit is too low.
fn fatal(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ForeignLink { .. } | ErrorKind::LinkLoop | ErrorKind::Limit { .. }
    )
}
