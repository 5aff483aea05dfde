//! What to send next.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::event::Step;
use super::plan::Goal;
use super::state::{Check, Job, List, State};
use crate::models::{
    AudienceId, CatalogContent, CatalogEntry, DeployableContent, Deployment, DeploymentAudience,
    DeploymentSettings, DeploymentState, DeploymentStateReasonValue, DeploymentStateValue,
    FeatureUpdateCatalogEntry, MonitoringSettings, Open, QualityUpdateCatalogEntry,
    RequestedDeploymentStateValue,
};
use crate::moment::Moment;
use crate::requests::{self, AudienceUpdate, Expect, Method, Query, Request};

/// What there is to do.
pub(super) enum Next {
    Now(Job),
    Later,
    Nothing,
}

impl State {
    /// The work of the current step. Changes only what time changes: rounds and deadlines.
    pub(super) fn next(&mut self, now: DateTime<Utc>) -> Next {
        match self.step {
            Step::Enrolling => Next::Now(Job::Enroll { from: self.progress }),
            Step::AwaitingEnrolment => self.next_look(now),
            Step::NotingAudiences => Next::Now(Job::NoteAudiences { list: List::default() }),
            Step::CreatingAudience => Next::Now(Job::CreateAudience),
            Step::AddingMembers => Next::Now(Job::AddMembers { from: self.progress }),
            Step::CreatingPolicy => Next::Now(Job::CreatePolicy),
            Step::CreatingDeployment => Next::Now(Job::CreateDeployment),
            Step::Active => match self.command_job() {
                Some(job) => Next::Now(job),
                None if !self.watches() => Next::Nothing,
                None => match self.next_round {
                    Some(Moment(time)) if now < time => Next::Later,
                    _ => Next::Now(self.look_job()),
                },
            },
            Step::Leaving => self.next_departure(now),
            Step::Done => Next::Nothing,
        }
    }

    /// When there is something to do; in the past for at once.
    pub(super) fn wake(&self) -> Option<DateTime<Utc>> {
        let at_once = Some(DateTime::UNIX_EPOCH);
        // With too many events waiting nothing is sent, whatever the time.
        if self.blocked || self.is_full() {
            return None;
        }
        if let Some(flight) = &self.flight {
            return match flight.not_before {
                _ if flight.sent && !flight.lost => None,
                Some(Moment(time)) => Some(time),
                None => at_once,
            };
        }
        let round = self.next_round.map(|time| time.0);
        match self.step {
            Step::Done => None,
            Step::AwaitingEnrolment if self.round.is_none() => round.or(at_once),
            Step::Leaving => round.or(at_once),
            Step::Active if self.command_job().is_none() => {
                // A deployment that is gone needs no more looks.
                if self.watches() { round.or(at_once) } else { None }
            }
            _ => at_once,
        }
    }

    /// What the vendor asked for.
    fn command_job(&self) -> Option<Job> {
        match &self.plan.goal {
            Goal::Drivers => self.approval_job(),
            Goal::Feature { .. } | Goal::Expedited { .. } => {
                let requested = self.requested.clone().filter(|_| self.deployment.is_some())?;
                Some(Job::AskDeployment { requested })
            }
        }
    }

    /// What is looked at from time to time once everything stands.
    fn look_job(&self) -> Job {
        match &self.plan.goal {
            Goal::Drivers => match self.unmatched.first() {
                Some(entry) => Job::ListMatches { entry: entry.clone(), list: List::default() },
                None => Job::ListContent { list: List::default() },
            },
            Goal::Feature { .. } | Goal::Expedited { .. } => Job::CheckDeployment,
        }
    }

    fn watches(&self) -> bool {
        let archived = Open::from(DeploymentStateValue::Archived);
        self.plan.goal == Goal::Drivers
            || (self.deployment.is_some() && self.effective.as_ref() != Some(&archived))
    }

    /// The request of a job: the same bytes for the same state.
    pub(super) fn request(&self, job: &Job) -> Option<Request> {
        let category = self.plan.goal.category();
        let (audience, policy) = (self.audience.as_ref(), self.policy.as_ref());
        let first = match job {
            Job::Enroll { from } => requests::enroll_assets(category, self.chunk(*from)),
            Job::Unenroll { from } => requests::unenroll_assets(category, self.chunk(*from)),
            Job::ListDevices { .. } => requests::list_updatable_assets(),
            Job::CheckDevice { device } => requests::get_updatable_asset(device),
            Job::NoteAudiences { .. } | Job::FindAudience { .. } => {
                requests::list_deployment_audiences()
            }
            Job::CreateAudience => requests::create_deployment_audience(),
            Job::CheckAudience(check) => requests::list_audience_members(&check.audience),
            Job::AddMembers { from } => {
                let update = AudienceUpdate::new().add_members(self.members(*from).0);
                requests::update_audience(audience?, &update)
            }
            Job::CreatePolicy => {
                requests::create_update_policy(audience?, self.plan.settings.as_ref())
            }
            Job::CreateDeployment => requests::create_deployment(&self.new_deployment(audience?)),
            Job::FindDeployment { .. } => requests::list_deployments_of_audience(audience?),
            Job::CheckDeployment => requests::get_deployment(self.deployment.as_ref()?),
            Job::AskDeployment { requested } => {
                let mut state = DeploymentState::tagged();
                state.requested_value = requested.clone().into();
                let mut change = Deployment::tagged();
                change.state = state.into();
                if self.resumes_from_monitoring(requested) {
                    let mut settings = DeploymentSettings::tagged();
                    let monitoring_rules = Vec::new().into();
                    let monitoring = MonitoringSettings { monitoring_rules, ..Default::default() };
                    settings.monitoring = monitoring.into();
                    change.settings = settings.into();
                }
                requests::patch_deployment(self.deployment.as_ref()?, &change)
            }
            Job::FindPolicy { .. } | Job::ListPolicies { .. } => requests::list_update_policies(),
            Job::ListContent { .. } => {
                let query = Query::new().expand("catalogEntry").expand("matchedDevices");
                requests::list_applicable_content(audience?).with_query(&query)
            }
            Job::ListMatches { entry, .. } => requests::list_matched_devices(audience?, entry),
            Job::Approve { index } => {
                let approval = self.approvals.get(*index)?;
                let settings = approval.settings.as_ref();
                requests::create_content_approval(policy?, &approval.entry, settings)
            }
            Job::FindApproval { .. } => requests::list_compliance_changes(policy?),
            Job::Revoke { index } => {
                let id = self.approvals.get(*index)?.id.as_ref()?;
                requests::revoke_content_approval(policy?, id)
            }
            Job::DeletePolicy { policy } => requests::delete_update_policy(policy),
            Job::ListDeployments { .. } => requests::list_deployments_of_audience(audience?),
            Job::DeleteDeployment { deployment } => requests::delete_deployment(deployment),
            Job::DeleteAudience => requests::delete_deployment_audience(audience?),
        };
        Some(match job.list().and_then(|list| list.target.as_ref()) {
            Some(target) => Request::new(Method::Get, target.clone(), Expect::Page),
            None => first,
        })
    }

    /// Whether offering is to go on that a monitoring rule has paused. The service does so once the
    /// rules are gone, whatever the requested value (Graph, "Manage monitoring rules", step 2).
    fn resumes_from_monitoring(&self, requested: &Open<RequestedDeploymentStateValue>) -> bool {
        let by_rule = Open::from(DeploymentStateReasonValue::PausedByMonitoring);
        *requested == Open::from(RequestedDeploymentStateValue::None)
            && self.reasons.contains(&by_rule)
    }

    /// The deployment to make, bound to the audience.
    fn new_deployment(&self, audience: &AudienceId) -> Deployment {
        let mut new = Deployment::tagged();
        let update = match &self.plan.goal {
            Goal::Drivers => None,
            Goal::Feature { entry } => {
                let mut update = FeatureUpdateCatalogEntry::tagged();
                update.id = entry.clone().into();
                Some(CatalogEntry::Feature(update))
            }
            Goal::Expedited { entry } => {
                let mut update = QualityUpdateCatalogEntry::tagged();
                update.id = entry.clone().into();
                Some(CatalogEntry::Quality(update))
            }
        };
        if let Some(update) = update {
            let mut content = CatalogContent::tagged();
            content.catalog_entry = update.into();
            new.content = DeployableContent::Catalog(content).into();
        }
        if let Some(settings) = &self.plan.settings {
            new.settings = settings.clone().into();
        }
        let bound = DeploymentAudience { id: audience.clone().into(), ..Default::default() };
        new.audience = bound.into();
        new
    }
}

impl Job {
    /// Begins the list anew: a place in it may have gone stale. `rewinds` is how often that was done.
    pub(super) fn rewind(&mut self, rewinds: u32) {
        let first = List { rewinds, ..List::default() };
        match self {
            Self::FindAudience { list, found, .. } => {
                *list = first;
                found.clear();
            }
            Self::NoteAudiences { list }
            | Self::ListDevices { list }
            | Self::ListPolicies { list }
            | Self::CheckAudience(Check { list, .. })
            | Self::FindPolicy { list, .. }
            | Self::FindDeployment { list, .. }
            | Self::ListContent { list }
            | Self::ListMatches { list, .. }
            | Self::FindApproval { list, .. }
            | Self::ListDeployments { list } => *list = first,
            _ => {}
        }
    }

    pub(super) fn list(&self) -> Option<&List> {
        match self {
            Self::NoteAudiences { list }
            | Self::ListDevices { list }
            | Self::ListPolicies { list }
            | Self::FindAudience { list, .. }
            | Self::CheckAudience(Check { list, .. })
            | Self::FindPolicy { list, .. }
            | Self::FindDeployment { list, .. }
            | Self::ListContent { list }
            | Self::ListMatches { list, .. }
            | Self::FindApproval { list, .. }
            | Self::ListDeployments { list } => Some(list),
            _ => None,
        }
    }

    /// Whether the rollout goes on without this list if it is refused.
    pub(super) fn is_dispensable(&self) -> bool {
        matches!(
            self,
            Self::ListDevices { .. }
                | Self::ListMatches { .. }
                | Self::ListPolicies { .. }
                | Self::ListDeployments { .. }
        )
    }

    pub(super) fn is_search(&self) -> bool {
        matches!(
            self,
            Self::FindAudience { .. }
                | Self::CheckAudience(_)
                | Self::FindPolicy { .. }
                | Self::FindDeployment { .. }
                | Self::FindApproval { .. }
        )
    }

    /// Where to look for what a lost answer may have made.
    pub(super) fn search(&self) -> Option<Self> {
        let list = List::default();
        match self {
            Self::CreateAudience => {
                Some(Self::FindAudience { list, looks: 0, found: BTreeSet::new() })
            }
            Self::CreatePolicy => Some(Self::FindPolicy { list, looks: 0 }),
            Self::CreateDeployment => Some(Self::FindDeployment { list, looks: 0 }),
            Self::Approve { index } => Some(Self::FindApproval { index: *index, list, looks: 0 }),
            _ => None,
        }
    }
}
