//! Looking for what a lost answer made.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::event::{ApprovalStatus, Event};
use super::receive::Then;
use super::state::{Check, Job, List, State};
use crate::error::Error;
use crate::models::{AudienceId, ComplianceChange, Deployment, DeploymentAudience, UpdatePolicy};
use crate::moment::Moment;
use crate::response::{Page, Response};

impl State {
    /// Another look later, or, after enough looks, the end: the step makes it again.
    fn look_again(&self, now: DateTime<Utc>, looks: u32, job: impl FnOnce(u32) -> Job) -> Then {
        let looks = looks.saturating_add(1);
        if looks >= self.plan.looks {
            return Then::Over;
        }
        let time = Moment::after(now, self.plan.retry.delay(looks));
        Then::Go(job(looks), Some(time))
    }

    /// *Decision*: an audience has no member that says who made it, so the only one that was not
    /// there before and has no members is taken for the one that the lost answer was about. That is
    /// right as long as nobody else makes audiences meanwhile; where two are new, neither is taken,
    /// and both are told as left over.
    pub(super) fn find_audience(
        &mut self,
        now: DateTime<Utc>,
        list: &List,
        looks: u32,
        mut found: BTreeSet<AudienceId>,
        page: &Page<DeploymentAudience>,
    ) -> Result<Then, Error> {
        let new = page.items.iter().filter_map(|audience| audience.id.get());
        let new = new.filter(|id| !self.others.contains(*id));
        // A list that shifts between two pages shows an audience twice.
        found.extend(new.cloned());
        self.bound(found.len())?;
        if let Some(list) = self.more(list, page)? {
            return Ok(Then::Go(Job::FindAudience { list, looks, found }, None));
        }
        Ok(match (found.len(), found.pop_first()) {
            (1, Some(audience)) => {
                let list = List::default();
                Then::Go(Job::CheckAudience(Check { audience, looks, list }), None)
            }
            (_, None) => self.look_for_audience(now, looks),
            (_, Some(first)) => {
                found.insert(first);
                // Nothing tells which one is ours; an empty audience without a policy does nothing.
                for id in found {
                    let what = format!("deploymentAudiences/{id}");
                    self.event(Event::LeftOver { what, error: None });
                    self.others.insert(id);
                }
                Then::Over
            }
        })
    }

    /// An audience that came since is somebody else's: ours may not be listed yet.
    pub(super) fn not_ours(&mut self, now: DateTime<Utc>, check: &Check) -> Then {
        self.others.insert(check.audience.clone());
        self.look_for_audience(now, check.looks)
    }

    fn look_for_audience(&self, now: DateTime<Utc>, looks: u32) -> Then {
        self.look_again(now, looks, |looks| Job::FindAudience {
            list: List::default(),
            looks,
            found: BTreeSet::new(),
        })
    }

    pub(super) fn find_policy(
        &mut self,
        now: DateTime<Utc>,
        list: &List,
        looks: u32,
        response: &Response,
    ) -> Result<Then, Error> {
        let page = response.page::<UpdatePolicy>()?;
        let ours = page.items.iter().find(|policy| self.is_ours(policy));
        if let Some(id) = ours.and_then(|policy| policy.id.get().cloned()) {
            self.policy_stands(now, id, true);
            return Ok(Then::Over);
        }
        Ok(match self.more(list, &page)? {
            Some(list) => Then::Go(Job::FindPolicy { list, looks }, None),
            None => self
                .look_again(now, looks, |looks| Job::FindPolicy { list: List::default(), looks }),
        })
    }

    /// A deployment for an audience that nobody else knows is ours.
    pub(super) fn find_deployment(
        &mut self,
        now: DateTime<Utc>,
        list: &List,
        looks: u32,
        response: &Response,
    ) -> Result<Then, Error> {
        let page = response.page::<Deployment>()?;
        let mut ours = page.items.iter().filter(|deployment| self.is_for_us(deployment));
        if let Some(id) = ours.find_map(|deployment| deployment.id.get().cloned()) {
            self.deployment_stands(now, id, true);
            return Ok(Then::Over);
        }
        Ok(match self.more(list, &page)? {
            Some(list) => Then::Go(Job::FindDeployment { list, looks }, None),
            None => self.look_again(now, looks, |looks| Job::FindDeployment {
                list: List::default(),
                looks,
            }),
        })
    }

    pub(super) fn find_approval(
        &mut self,
        now: DateTime<Utc>,
        index: usize,
        list: &List,
        looks: u32,
        response: &Response,
    ) -> Result<Then, Error> {
        let page = response.page::<ComplianceChange>()?;
        let wanted = self.approvals.get(index).map(|approval| approval.entry.clone());
        let ours = page.items.iter().find_map(|change| match change {
            ComplianceChange::Approval(approval) => {
                let id = approval.id.get()?;
                let same = wanted.is_some() && approval.catalog_entry_id() == wanted;
                (same && approval.stands() && !self.is_known(id)).then(|| id.clone())
            }
            ComplianceChange::Other(_) => None,
        });
        if let Some(id) = ours {
            self.approved(index, id, true);
            return Ok(Then::Over);
        }
        if let Some(list) = self.more(list, &page)? {
            return Ok(Then::Go(Job::FindApproval { index, list, looks }, None));
        }
        let then = self.look_again(now, looks, |looks| Job::FindApproval {
            index,
            list: List::default(),
            looks,
        });
        if matches!(then, Then::Over) && self.is_unwanted(index) {
            self.set_approval(index, ApprovalStatus::Revoked);
        }
        Ok(then)
    }
}
