//! What an answer changes.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::plan::Goal;
use super::state::{
    ApprovalStatus, DeviceStatus, Event, Flight, Job, Leaving, List, Offer, State, Step,
};
use crate::error::{Error, ErrorKind, LimitKind};
use crate::models::{
    ApplicableContent, AudienceId, AzureAdDevice, ContentApproval, Deployment, DeploymentAudience,
    Model, UpdatableAsset, UpdatableAssetError, UpdatePolicy,
};
use crate::moment::Moment;
use crate::requests::next_page;
use crate::response::{GraphError, Page, Response};

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
        flight: Flight,
        response: Result<Response, Error>,
    ) {
        let then = match response {
            // What is missing at the end may be the rest of a list.
            Ok(response) if response.error.is_none() && response.is_cut_off() => {
                self.event(Event::AnswerUnreadable { reason: "the answer is cut off".to_owned() });
                return self.again(now, flight, true, None);
            }
            Ok(response) => match response.ok() {
                Ok(response) => self.good(now, &flight.job, &response),
                Err(error) => return self.bad(now, flight, *error),
            },
            Err(error) => Err(error),
        };
        match then {
            Ok(Then::Over) => {}
            Ok(Then::Go(job, not_before)) => self.launch(job, not_before),
            Ok(Then::Lost) => self.again(now, flight, true, None),
            Err(error) if fatal(&error) => {
                self.put_back(flight);
                self.block(error.to_string(), None);
            }
            Err(error) => {
                self.event(Event::AnswerUnreadable { reason: error.to_string() });
                self.again(now, flight, true, None);
            }
        }
    }

    /// Tries the same job again later, or looks for its effect if that is unknown.
    pub(super) fn again(
        &mut self,
        now: DateTime<Utc>,
        mut flight: Flight,
        unknown: bool,
        error: Option<GraphError>,
    ) {
        flight.tries = flight.tries.saturating_add(1);
        let mut delay = self.plan.retry.delay(flight.tries - 1);
        if let Some(wait) = error.as_ref().and_then(|error| error.retry_after.as_ref()) {
            // A day at most: a service that means longer can say so again.
            delay = delay.max(wait.delay(now).min(chrono::TimeDelta::days(1)));
        }
        flight.not_before = Some(Moment::after(now, delay));
        flight.lost = unknown;
        // A search starts its own count, so what was made in vain is counted apart.
        self.vain += u32::from(unknown && flight.job.search().is_some());
        let give_up = flight.tries.max(self.vain) >= self.plan.tries;
        self.put_back(flight);
        if give_up {
            self.block("too many tries".to_owned(), error);
        }
    }

    fn put_back(&mut self, mut flight: Flight) {
        // A late second answer to the old token must not be taken for one to the new request.
        flight.token = self.take_token();
        flight.sent = flight.lost;
        self.flight = Some(flight);
    }

    // --- failures -------------------------------------------------------------------------------

    fn bad(&mut self, now: DateTime<Utc>, flight: Flight, error: GraphError) {
        if error.is_transient() {
            let unknown = error.is_ambiguous();
            return self.again(now, flight, unknown, Some(error));
        }
        let refused = !matches!(error.status, 401 | 403);
        match &flight.job {
            Job::CheckDevice { .. } if error.status == 404 => self.looked_at(now),
            Job::Approve { index } if refused => {
                self.vain = 0;
                if let Some(approval) = self.approvals.get_mut(*index) {
                    approval.status = ApprovalStatus::Refused;
                    let entry = approval.entry.clone();
                    self.event(Event::ApprovalRefused { entry, error });
                }
            }
            // Audiences that Intune made do not show their members.
            Job::CheckAudience { audience } if error.status == 404 => {
                self.others.insert(audience.clone());
            }
            // What was just made may not be found yet.
            Job::CheckDeployment | Job::AskDeployment { .. }
                if error.status == 404 && self.effective.is_none() =>
            {
                self.again(now, flight, false, Some(error));
            }
            Job::AddMembers { .. } | Job::CreatePolicy | Job::CreateDeployment
                if error.status == 404 =>
            {
                self.again(now, flight, false, Some(error));
            }
            Job::CheckDeployment | Job::AskDeployment { .. } if error.status == 404 => {
                self.deployment = None;
                self.requested = None;
                self.event(Event::DeploymentGone);
            }
            Job::AskDeployment { requested } if refused => {
                self.requested.take_if(|wanted| wanted == requested);
                self.event(Event::RequestRefused { requested: requested.clone(), error });
            }
            Job::Revoke { index } if error.status == 404 => self.revoked(*index),
            // The departure goes on past what is refused.
            Job::Revoke { index } if refused && self.leaving.is_some() => {
                let id = self.approvals.get(*index).and_then(|approval| approval.id.clone());
                self.left_over("complianceChanges", id.as_ref().map(|id| id.as_str()), error);
                self.revoked(*index);
            }
            Job::Unenroll { from } if refused => {
                let unenrolled = from + self.chunk(&self.plan.devices, *from).len().max(1);
                self.leaving = self.leaving.map(|leaving| Leaving { unenrolled, ..leaving });
                self.left_over("updatableAssets", Some("unenrollAssets"), error);
            }
            Job::DeletePolicy if refused => {
                let gone = self.policy.take();
                self.left_over("updatePolicies", gone.as_ref().map(|id| id.as_str()), error);
            }
            Job::DeleteDeployment { deployment } if refused => {
                self.deployments.pop_front();
                self.left_over("deployments", Some(deployment.as_str()), error);
            }
            Job::DeleteAudience if refused => {
                let gone = self.audience.take();
                self.left_over("deploymentAudiences", gone.as_ref().map(|id| id.as_str()), error);
            }
            // Without the list the audience's deletion may be refused, which is reported then.
            Job::ListDeployments { .. } if refused => self.listed_deployments(),
            _ => {
                self.put_back(flight);
                self.block(error.to_string(), Some(error));
            }
        }
    }

    /// What is to be deleted is gone (404) or stays.
    fn left_over(&mut self, list: &str, id: Option<&str>, error: GraphError) {
        if error.status != 404 {
            let what = format!("{list}/{}", id.unwrap_or_default());
            self.event(Event::LeftOver { what, error: Some(error) });
        }
    }

    // --- good answers ---------------------------------------------------------------------------

    fn good(&mut self, now: DateTime<Utc>, job: &Job, response: &Response) -> Result<Then, Error> {
        match job {
            Job::Enroll { from } => {
                self.progress = from + self.chunk(&self.plan.devices, *from).len();
                if self.step == Step::Enrolling && self.progress >= self.plan.devices.len() {
                    self.await_enrolment(now);
                }
            }
            Job::CheckDevice { device } => {
                if let Some(read) = response.entity::<AzureAdDevice>()? {
                    self.judge(device.clone(), &read.value);
                }
                self.looked_at(now);
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
                return self.find_audience(now, list, *looks, found, response);
            }
            Job::CheckAudience { audience } => {
                // Somebody else's audience would have members by the time that anybody looks.
                if response.page::<UpdatableAsset>()?.items.is_empty() {
                    self.audience_stands(audience.clone(), true);
                } else {
                    self.others.insert(audience.clone());
                }
            }
            Job::AddMembers { from } => {
                let members = self.enrolled();
                self.progress = from + self.chunk(&members, *from).len();
                if self.progress >= members.len() {
                    self.event(Event::MembersAdded { devices: members.len() });
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
                self.rounds = self.rounds.saturating_add(1);
                self.next_round = Some(Moment::after(now, self.plan.content.delay(self.rounds)));
            }
            Job::AskDeployment { requested } => {
                // Unless the vendor has asked for something else meanwhile.
                self.requested.take_if(|wanted| wanted == requested);
                if let Some(read) = response.entity::<Deployment>()? {
                    self.watch(&read.value);
                }
                // The service takes its time.
                self.rounds = 0;
                self.next_round = Some(Moment::after(now, self.plan.content.delay(0)));
            }
            Job::ListContent { list } => return self.content(now, list, response),
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
                let unenrolled = from + self.chunk(&self.plan.devices, *from).len();
                self.leaving = self.leaving.map(|leaving| Leaving { unenrolled, ..leaving });
            }
            Job::DeletePolicy => self.policy = None,
            Job::ListDeployments { list } => {
                let page = response.page::<Deployment>()?;
                let ours = page.items.iter().filter(|deployment| self.is_ours(deployment));
                let ids: Vec<_> =
                    ours.filter_map(|deployment| deployment.id.get().cloned()).collect();
                self.deployments.extend(ids);
                self.bound(self.deployments.len())?;
                if let Some(list) = self.more(list, &page)? {
                    return Ok(Then::Go(Job::ListDeployments { list }, None));
                }
                self.listed_deployments();
            }
            Job::DeleteDeployment { .. } => {
                self.deployments.pop_front();
            }
            Job::DeleteAudience => self.audience = None,
        }
        Ok(Then::Over)
    }

    fn await_enrolment(&mut self, now: DateTime<Utc>) {
        self.step = Step::AwaitingEnrolment;
        self.rounds = 0;
        self.next_round = Some(Moment::after(now, self.plan.enrolment.delay(0)));
        let patience = chrono::TimeDelta::seconds(self.plan.patience.into());
        self.deadline = Some(Moment::after(now, patience));
    }

    fn judge(&mut self, device: crate::models::DeviceId, read: &AzureAdDevice) {
        let status = if read.is_enrolled(self.plan.goal.category()) {
            DeviceStatus::Enrolled
        } else if !read.errors.items().is_empty() {
            let reason = |error: &UpdatableAssetError| error.reason().to_owned();
            DeviceStatus::Failed(read.errors.items().iter().map(reason).collect())
        } else {
            return;
        };
        self.devices.insert(device.clone(), status.clone());
        self.event(match status {
            DeviceStatus::Enrolled => Event::DeviceEnrolled { device },
            status => Event::DeviceLeftOut { device, status },
        });
    }

    /// One device of the round was looked at.
    fn looked_at(&mut self, now: DateTime<Utc>) {
        self.round.pop_front();
        if !self.round.is_empty() || self.step != Step::AwaitingEnrolment {
            return;
        }
        let overdue = self.deadline.is_some_and(|deadline| now >= deadline.0);
        let pending: Vec<_> = self
            .devices
            .iter()
            .filter(|(_, status)| **status == DeviceStatus::Pending)
            .map(|(device, _)| device.clone())
            .collect();
        if !overdue && !pending.is_empty() {
            self.rounds = self.rounds.saturating_add(1);
            self.next_round = Some(Moment::after(now, self.plan.enrolment.delay(self.rounds)));
            return;
        }
        for device in pending {
            let status = DeviceStatus::Overdue;
            self.devices.insert(device.clone(), status.clone());
            self.event(Event::DeviceLeftOut { device, status });
        }
        if self.enrolled().is_empty() {
            self.block("no device is enrolled".to_owned(), None);
        } else {
            self.advance(Step::AwaitingEnrolment, Step::NotingAudiences);
        }
    }

    /// Goes on, unless the vendor has ended the rollout meanwhile.
    fn advance(&mut self, from: Step, to: Step) {
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
        self.rounds = 0;
        self.next_round = Some(Moment::after(now, self.plan.content.delay(0)));
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
        self.rounds = 0;
        self.next_round = Some(Moment::after(now, self.plan.content.delay(0)));
    }

    /// Whether a deployment is for our audience, as far as it says for whom it is.
    pub(super) fn is_ours(&self, deployment: &Deployment) -> bool {
        let audience = deployment.audience.get().and_then(DeploymentAudience::target);
        audience.is_none_or(|audience| Some(&audience) == self.audience.as_ref())
    }

    /// What the deployment does now.
    fn watch(&mut self, deployment: &Deployment) {
        let Some(state) = deployment.state.get() else { return };
        let Some(effective) = state.effective_value.get().cloned() else { return };
        let reasons: Vec<_> =
            state.reasons.items().iter().filter_map(|reason| reason.value.get().cloned()).collect();
        if self.effective.as_ref() != Some(&effective) || self.reasons != reasons {
            self.effective = Some(effective.clone());
            self.reasons.clone_from(&reasons);
            self.event(Event::DeploymentChanged { effective, reasons });
        }
    }

    pub(super) fn approved(&mut self, index: usize, id: crate::models::ApprovalId, found: bool) {
        let leaving = self.leaving.is_some();
        self.vain = 0;
        if let Some(approval) = self.approvals.get_mut(index) {
            approval.id = Some(id.clone());
            let unwanted = std::mem::take(&mut approval.unwanted) || leaving;
            approval.status =
                if unwanted { ApprovalStatus::Revoking } else { ApprovalStatus::Standing };
            let entry = approval.entry.clone();
            self.event(Event::ApprovalCreated { entry, approval: id, found });
        }
    }

    fn revoked(&mut self, index: usize) {
        if let Some(approval) = self.approvals.get_mut(index) {
            approval.status = ApprovalStatus::Revoked;
            if let Some(id) = approval.id.clone() {
                let entry = approval.entry.clone();
                self.event(Event::ApprovalRevoked { entry, approval: id });
            }
        }
    }

    fn listed_deployments(&mut self) {
        self.leaving = self.leaving.map(|leaving| Leaving { listed: true, ..leaving });
    }

    // --- lists ----------------------------------------------------------------------------------

    pub(super) fn bound(&self, objects: usize) -> Result<(), Error> {
        let limit = self.plan.objects;
        if objects > limit {
            return Err(ErrorKind::Limit { what: LimitKind::List, limit }.into());
        }
        Ok(())
    }

    /// The next page, vetted: same origin, another page than this one, and not too many.
    pub(super) fn more<T: Model>(
        &self,
        list: &List,
        page: &Page<T>,
    ) -> Result<Option<List>, Error> {
        let Some(link) = &page.next_link else { return Ok(None) };
        let target = next_page(&self.plan.origin, link)?.target;
        let pages = list.pages.saturating_add(1);
        if pages >= self.plan.pages || list.target.as_ref() == Some(&target) {
            let limit = usize::try_from(pages).unwrap_or(usize::MAX);
            return Err(ErrorKind::Limit { what: LimitKind::List, limit }.into());
        }
        Ok(Some(List { target: Some(target), pages }))
    }

    fn content(
        &mut self,
        now: DateTime<Utc>,
        list: &List,
        response: &Response,
    ) -> Result<Then, Error> {
        let page = response.page::<ApplicableContent>()?;
        let more = self.more(list, &page)?;
        for item in page.items {
            let Some(entry) = item.entry_id() else { continue };
            let found: BTreeSet<_> = item
                .matched_devices
                .items()
                .iter()
                .filter_map(|matched| matched.device_id.get().cloned())
                .filter(|id| self.devices.contains_key(id))
                .collect();
            let known = self.offers.get_mut(&entry);
            let devices = match known {
                // One update may be spread over pages.
                Some(offer) if offer.round == self.rounds => {
                    let before = offer.devices.len();
                    offer.devices.extend(found);
                    (offer.devices.len() != before).then_some(offer.devices.len())
                }
                Some(offer) => {
                    offer.round = self.rounds;
                    let changed = offer.devices != found;
                    offer.devices = found;
                    if let Some(read) = item.catalog_entry.get() {
                        offer.entry = Some(read.clone());
                    }
                    changed.then_some(offer.devices.len())
                }
                None => {
                    self.bound(self.offers.len() + 1)?;
                    let devices = found.len();
                    let read = item.catalog_entry.into_option();
                    let offer = Offer { entry: read, devices: found, round: self.rounds };
                    self.offers.insert(entry.clone(), offer);
                    Some(devices)
                }
            };
            if let Some(devices) = devices {
                let read = self.offers.get(&entry).and_then(|offer| offer.entry.as_ref());
                let name = read.map(|entry| entry.display_name().to_owned()).unwrap_or_default();
                self.event(Event::ContentOffered { entry, name, devices });
            }
        }
        if let Some(list) = more {
            return Ok(Then::Go(Job::ListContent { list }, None));
        }
        let gone: Vec<_> = self
            .offers
            .iter()
            .filter(|(_, offer)| offer.round != self.rounds)
            .map(|(entry, _)| entry.clone())
            .collect();
        for entry in gone {
            self.offers.remove(&entry);
            self.event(Event::ContentGone { entry });
        }
        self.rounds = self.rounds.saturating_add(1);
        self.next_round = Some(Moment::after(now, self.plan.content.delay(self.rounds)));
        Ok(Then::Over)
    }
}

/// Trying again would not help: the peer misleads, or a limit is too low.
fn fatal(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ForeignLink { .. } | ErrorKind::Limit { .. })
}
