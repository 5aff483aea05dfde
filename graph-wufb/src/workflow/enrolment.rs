//! Waiting until devices are enrolled.

use std::ops::Bound;

use chrono::{DateTime, Utc};

use super::event::{BlockCause, DeviceStatus, Event, Step};
use super::send::Next;
use super::state::{Job, List, State, clip};
use crate::models::{AzureAdDevice, DeviceId, UpdatableAsset, UpdatableAssetError};
use crate::moment::Moment;
use crate::response::Page;

/// Reasons kept of a device that could not be registered.
const REASONS: usize = 16;

impl State {
    pub(super) fn await_enrolment(&mut self, now: DateTime<Utc>) {
        self.step = Step::AwaitingEnrolment;
        self.rounds = 0;
        self.round = None;
        self.next_round = Some(Moment::after(now, self.plan.enrolment.delay(0)));
        let patience = chrono::TimeDelta::seconds(self.plan.patience.into());
        self.deadline = Some(Moment::after(now, patience));
    }

    pub(super) fn next_look(&mut self, now: DateTime<Utc>) -> Next {
        if self.round.is_none() {
            match self.next_round {
                Some(Moment(time)) if now < time => return Next::Later,
                _ => {}
            }
            if self.pending_after(None).nth(self.plan.one_by_one).is_some() {
                return Next::Now(Job::ListDevices { list: List::default() });
            }
            self.round = Some(None);
        }
        match self.waiting() {
            Some(device) => Next::Now(Job::CheckDevice { device }),
            None => {
                self.end_round(now);
                // The next round was set, which may be due at once, or the next step.
                if self.blocked { Next::Later } else { self.next(now) }
            }
        }
    }

    fn pending_after(&self, last: Option<&DeviceId>) -> impl Iterator<Item = &DeviceId> {
        let from = last.map_or(Bound::Unbounded, Bound::Excluded);
        self.devices
            .range((from, Bound::Unbounded))
            .filter(|(_, status)| **status == DeviceStatus::Pending)
            .map(|(device, _)| device)
    }

    /// The next device of a round of looks at one after the other.
    fn waiting(&self) -> Option<DeviceId> {
        let last = self.round.as_ref()?.as_ref();
        self.pending_after(last).next().cloned()
    }

    fn judge(&mut self, read: &AzureAdDevice, device: DeviceId) {
        let status = if read.is_enrolled(self.plan.goal.category()) {
            DeviceStatus::Enrolled
        } else if !read.errors.items().is_empty() {
            let reason = |error: &UpdatableAssetError| clip(error.reason(), 64);
            let errors = read.errors.items().iter().take(REASONS);
            DeviceStatus::Failed(errors.map(reason).collect())
        } else {
            return;
        };
        self.devices.insert(device.clone(), status.clone());
        self.event(match status {
            DeviceStatus::Enrolled => Event::DeviceEnrolled { device },
            status => Event::DeviceLeftOut { device, status },
        });
    }

    /// One device of the round was looked at; `read` is what the service says, if it knows it.
    pub(super) fn looked_at(
        &mut self,
        now: DateTime<Utc>,
        device: &DeviceId,
        read: Option<&AzureAdDevice>,
    ) {
        if let Some(read) = read {
            self.judge(read, device.clone());
        }
        self.round = Some(Some(device.clone()));
        if self.step == Step::AwaitingEnrolment && self.waiting().is_none() {
            self.end_round(now);
        }
    }

    /// A page of the service's devices; `more` if there is another one. A tenant can have more
    /// pages than the plan allows: what is not seen on those is asked for by itself.
    pub(super) fn listed(
        &mut self,
        now: DateTime<Utc>,
        page: &Page<UpdatableAsset>,
        more: Option<Option<List>>,
    ) -> Option<Job> {
        for asset in &page.items {
            let UpdatableAsset::Device(read) = asset else { continue };
            let Some(id) = read.id.get() else { continue };
            let known = self.devices.get_key_value(id);
            if let Some((id, DeviceStatus::Pending)) = known {
                self.judge(read, id.clone());
            }
        }
        if self.step != Step::AwaitingEnrolment {
            return None;
        }
        if self.pending_after(None).next().is_none() {
            self.end_round(now);
            return None;
        }
        match more {
            Some(Some(list)) => return Some(Job::ListDevices { list }),
            Some(None) => self.end_round(now),
            None => self.round = Some(None),
        }
        None
    }

    fn end_round(&mut self, now: DateTime<Utc>) {
        self.round = None;
        let pending: Vec<_> = self.pending_after(None).cloned().collect();
        let overdue = self.deadline.is_some_and(|deadline| now >= deadline.0);
        // A slow round may have come to a device long before the deadline: one more look, then, and
        // at once.
        let began_late = match (self.next_round, self.deadline) {
            (Some(round), Some(deadline)) => round.0 >= deadline.0,
            _ => true,
        };
        if !(pending.is_empty() || overdue && began_late) {
            self.rounds = self.rounds.saturating_add(1);
            let next = Moment::after(now, self.plan.enrolment.delay(self.rounds));
            self.next_round = Some(if overdue { Moment(now) } else { next });
            return;
        }
        for device in pending {
            let status = DeviceStatus::Overdue;
            self.devices.insert(device.clone(), status.clone());
            self.event(Event::DeviceLeftOut { device, status });
        }
        if self.devices.values().any(|status| *status == DeviceStatus::Enrolled) {
            self.advance(Step::AwaitingEnrolment, Step::NotingAudiences);
        } else {
            self.block(BlockCause::NoneEnrolled, "no device is enrolled".to_owned(), None);
        }
    }

    /// After a stop because no device could be enrolled: all are asked for again.
    pub(super) fn enrol_again(&mut self) {
        let hopeless = |status: &DeviceStatus| {
            !matches!(status, DeviceStatus::Pending | DeviceStatus::Enrolled)
        };
        if self.step == Step::AwaitingEnrolment
            && self.flight.is_none()
            && self.devices.values().all(hopeless)
        {
            self.step = Step::Enrolling;
            self.progress = 0;
            for status in self.devices.values_mut() {
                *status = DeviceStatus::Pending;
            }
        }
    }

    /// The enrolled devices of one request, from this place in the plan on, and where the next one
    /// begins.
    pub(super) fn members(&self, from: usize) -> (Vec<&DeviceId>, usize) {
        let most = self.plan.chunk.map_or(usize::MAX, |chunk| chunk.max(1));
        let mut next = from;
        let mut members = Vec::new();
        for device in self.plan.devices.get(from..).unwrap_or_default() {
            if members.len() == most {
                break;
            }
            next += 1;
            if self.devices.get(device) == Some(&DeviceStatus::Enrolled) {
                members.push(device);
            }
        }
        (members, next)
    }

    /// Whether the plan has an enrolled device from this place on.
    pub(super) fn has_members_from(&self, from: usize) -> bool {
        let rest = self.plan.devices.get(from..).unwrap_or_default();
        rest.iter().any(|device| self.devices.get(device) == Some(&DeviceStatus::Enrolled))
    }

    /// How many devices are enrolled.
    pub(super) fn enrolled(&self) -> usize {
        self.devices.values().filter(|status| **status == DeviceStatus::Enrolled).count()
    }

    /// The devices of one request to enrol or unenrol, from this one on.
    pub(super) fn chunk(&self, from: usize) -> &[DeviceId] {
        let rest = self.plan.devices.get(from..).unwrap_or_default();
        let most = self.plan.chunk.map_or(rest.len(), |chunk| chunk.max(1).min(rest.len()));
        rest.get(..most).unwrap_or_default()
    }
}
