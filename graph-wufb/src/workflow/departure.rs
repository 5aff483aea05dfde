//! The end of a rollout: nothing is left behind that was asked to go.

use chrono::{DateTime, Utc};

use super::event::{Cleanup, Event, Step};
use super::send::Next;
use super::state::{Job, Leaving, List, State};
use crate::moment::Moment;
use crate::response::GraphError;

impl State {
    /// Ends the rollout; what is made is told by `cleanup`.
    pub(super) fn leave(&mut self, cleanup: Cleanup) {
        // Devices that nobody asked to be enrolled are not ours to unenrol.
        let asked = match (self.step, &self.flight) {
            // With a deadline all were asked for once, and this is another time.
            _ if self.deadline.is_some() => self.plan.devices.len(),
            (Step::Enrolling, Some(flight)) => match flight.job {
                Job::Enroll { from } => from.saturating_add(self.chunk(from).len()),
                _ => self.progress,
            },
            (Step::Enrolling, None) => self.progress,
            _ => self.plan.devices.len(),
        };
        let devices = if self.plan.goal.needs_enrolment() { asked } else { 0 };
        self.leaving = Some(Leaving::new(cleanup, devices.min(self.plan.devices.len())));
        self.step = Step::Leaving;
        (self.round, self.next_round) = (None, None);
        self.blocked = false;
        if cleanup == Cleanup::Remove {
            self.deployments.extend(self.deployment.clone());
        }
        // A failed request that was to be repeated: only what may have made something matters now.
        let _ = self.flight.take_if(|flight| !flight.sent && !flight.job.is_search());
        if let Some(flight) = &mut self.flight {
            flight.tries = 0;
        }
        self.vain = 0;
        // Only what is looked at again later depends on the time.
        self.settle(DateTime::<Utc>::MIN_UTC);
    }

    /// Whether a request of the time before the departure is of no use any more: neither does it
    /// look for what may have been made, nor is it part of the departure.
    pub(super) fn is_pointless(&self, job: &Job) -> bool {
        self.leaving.is_some()
            && !job.is_search()
            && job.search().is_none()
            && !matches!(
                job,
                Job::Revoke { .. }
                    | Job::Unenroll { .. }
                    | Job::ListPolicies { .. }
                    | Job::DeletePolicy { .. }
                    | Job::ListDeployments { .. }
                    | Job::DeleteDeployment { .. }
                    | Job::DeleteAudience
            )
    }

    /// After a change: says what is over without waiting for the next poll.
    pub(super) fn settle(&mut self, now: DateTime<Utc>) {
        if self.step == Step::Leaving && self.flight.is_none() && !self.blocked {
            let _ = self.next_departure(now);
        }
    }

    pub(super) fn next_departure(&mut self, now: DateTime<Utc>) -> Next {
        let Some(leaving) = self.leaving else { return Next::Nothing };
        if let Some(job) = self.approval_job() {
            return Next::Now(job);
        }
        if leaving.unenrolled < leaving.devices {
            return Next::Now(Job::Unenroll { from: leaving.unenrolled });
        }
        // Not where some of it was refused.
        if leaving.devices > 0 && !leaving.told {
            self.leaving = Some(Leaving { told: true, ..leaving });
            self.event(Event::Unenrolled);
        }
        if leaving.cleanup == Cleanup::Remove {
            if self.next_round.is_some_and(|Moment(time)| now < time) {
                return Next::Later;
            }
            if let Some(job) = self.deletion(leaving) {
                return Next::Now(job);
            }
        }
        self.step = Step::Done;
        self.event(Event::Finished);
        Next::Nothing
    }

    /// What is to be deleted next: the policy, what is deployed, and then the audience, which the
    /// service keeps as long as something refers to it.
    fn deletion(&self, leaving: Leaving) -> Option<Job> {
        let list = List::default();
        if let Some(policy) = self.policy.as_ref().or_else(|| self.policies.first()) {
            return Some(Job::DeletePolicy { policy: policy.clone() });
        }
        let audience = self.audience.is_some();
        if audience && !leaving.policies_listed {
            return Some(Job::ListPolicies { list });
        }
        if audience && !leaving.deployments_listed {
            return Some(Job::ListDeployments { list });
        }
        if let Some(deployment) = self.deployments.first() {
            return Some(Job::DeleteDeployment { deployment: deployment.clone() });
        }
        audience.then_some(Job::DeleteAudience)
    }

    /// The service kept the audience because something refers to it: what a lost answer made and
    /// nobody saw, or a deployment that it makes of an approval some time later. After a while
    /// everything that refers to it is listed again.
    pub(super) fn sweep(&mut self, now: DateTime<Utc>, leaving: Leaving) {
        self.next_round = Some(Moment::after(now, self.plan.retry.delay(leaving.sweeps)));
        self.leaving = Some(Leaving {
            policies_listed: false,
            deployments_listed: false,
            sweeps: leaving.sweeps.saturating_add(1),
            ..leaving
        });
    }

    /// What is to be taken away is gone (404) or stays.
    pub(super) fn left_over(&mut self, list: &str, id: Option<&str>, error: GraphError) {
        if error.status != 404 {
            let what = format!("{list}/{}", id.unwrap_or_default());
            self.event(Event::LeftOver { what, error: Some(error) });
        }
    }
}
