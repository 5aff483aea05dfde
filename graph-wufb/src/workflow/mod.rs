//! Rollouts as state machines without I/O.
//!
//! [`DriverRollout`] is the flow of "Manage driver approvals" (seed 003): enrol, audience, members,
//! policy, applicable content, approvals, revocation, departure.

mod plan;
mod receive;
mod search;
mod send;
mod state;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::models::{AudienceId, CatalogEntryId, DeploymentSettings, DeviceId, PolicyId};
use crate::moment::Moment;
use crate::requests::{Headers, Request};
use crate::response::Response;
use send::Next;
use state::{Leaving, State};

pub use plan::{Plan, Schedule};
pub use state::{
    Approval, ApprovalStatus, Cleanup, DeviceStatus, Event, Offer, STATE_VERSION, Step,
};

/// Names one sending of one request, so that its answer finds back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Token(u64);

/// What became of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Handled {
    /// It was taken.
    Applied,
    /// Nobody waits for it: it came twice, or too late.
    Stale,
}

/// What is known of a request without an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Loss {
    /// The service cannot have seen it: no connection came about.
    NotSent,
    /// The service may have carried it out.
    Unknown,
}

/// A saved rollout: plain data for any serde format.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RolloutState(State);

/// The rollout of drivers to a set of devices.
///
/// *The rule*: one node at a time has the rollout; it saves the state after
/// [`poll_transmit`](Self::poll_transmit) and before it sends, and hands in each answer once it
/// has come. There is never more than one request under way.
///
/// 1. [`poll_transmit`](Self::poll_transmit) gives the request to send, the same until its answer
///    comes. [`poll_timeout`](Self::poll_timeout) says when to ask again if there is none.
/// 2. [`handle_response`](Self::handle_response) takes the answer,
///    [`handle_loss`](Self::handle_loss) its absence.
/// 3. [`poll_event`](Self::poll_event) says what happened; the vendor decides with
///    [`approve`](Self::approve), [`revoke`](Self::revoke) and [`unenroll`](Self::unenroll).
///
/// # Lost answers
/// A POST that makes something is never repeated blindly. If its answer is lost (the node crashed
/// after sending and the state is resumed, [`Loss::Unknown`], a 5xx), the rollout looks first:
///
/// - *policy*: the one whose audience is ours, in the list of policies. Certain.
/// - *approval*: the one for our update that stands and is not yet known, among the policy's
///   compliance changes. Certain as long as nobody else approves in our policy.
/// - *audience*: the API gives an audience neither name nor owner. So the rollout notes which ones
///   there are before it makes its own; the one that came since and has no members is ours. If
///   several came, none is taken and [`Event::LeftOver`] names them: an empty audience without a
///   policy does nothing.
///
/// Only what is not found after [`Plan::looks`] looks is made again. Other requests have the same
/// effect twice as once and are repeated as they are.
///
/// # Example
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use graph_wufb::models::DeviceId;
/// use graph_wufb::simulator::Service;
/// use graph_wufb::workflow::{DriverRollout, Event, Plan, Step};
///
/// let device = DeviceId::new("fb95f07d-9e73-411d-99ab-7eca3a5122b1")?;
/// let mut service = Service::new();
/// service.add_driver("5d6dede6", "Contoso - Net - 1.0.0.1", [&device]);
/// let mut rollout = DriverRollout::new(Plan::new([device]));
/// let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
/// while rollout.offers().next().is_none() {
///     while let Some((token, request)) = rollout.poll_transmit(now) {
///         // A vendor saves `rollout.state()` here, then sends with its own HTTP client.
///         let (status, headers, body) = service.handle_request(&request, now);
///         rollout.handle_response(now, token, status, &headers, &body);
///     }
///     while let Some(event) = rollout.poll_event() {
///         assert!(!matches!(event, Event::Blocked { .. }), "{event:?}");
///     }
///     now = rollout.poll_timeout().unwrap().max(now) + TimeDelta::seconds(1);
/// }
/// assert_eq!(rollout.step(), Step::Active);
/// let (entry, _) = rollout.offers().next().unwrap();
/// let entry = entry.clone();
/// rollout.approve(&entry, None)?;
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DriverRollout {
    state: State,
}

impl DriverRollout {
    /// Starts a rollout.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let mut state = State::new(plan);
        if state.plan.devices.is_empty() {
            state.block("the plan has no devices".to_owned(), None);
        }
        Self { state }
    }

    /// Goes on from a saved state. A request that was given out and not answered counts as lost
    /// once [`poll_transmit`](Self::poll_transmit) is called; until then its answer is still taken.
    ///
    /// # Errors
    /// [`ErrorKind::StateVersion`] if another version of this crate wrote it in another form.
    pub fn resume(state: RolloutState) -> Result<Self, Error> {
        let mut state = state.0;
        if state.version != STATE_VERSION {
            let (found, known) = (state.version, STATE_VERSION);
            return Err(ErrorKind::StateVersion { found, known }.into());
        }
        if let Some(flight) = &mut state.flight {
            flight.lost |= flight.sent;
        }
        Ok(Self { state })
    }

    /// A copy of the state, to save.
    #[must_use]
    pub fn state(&self) -> RolloutState {
        RolloutState(self.state.clone())
    }

    /// The state, to save.
    #[must_use]
    pub fn into_state(self) -> RolloutState {
        RolloutState(self.state)
    }

    // --- getters --------------------------------------------------------------------------------

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.state.plan
    }

    /// How far the rollout is.
    #[must_use]
    pub fn step(&self) -> Step {
        self.state.step
    }

    /// Whether it waits for [`retry`](Self::retry).
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.state.blocked
    }

    /// The audience, once it stands.
    #[must_use]
    pub fn audience(&self) -> Option<&AudienceId> {
        self.state.audience.as_ref()
    }

    /// The policy, once it stands.
    #[must_use]
    pub fn policy(&self) -> Option<&PolicyId> {
        self.state.policy.as_ref()
    }

    /// The devices and how far their enrolment is.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &DeviceStatus)> {
        self.state.devices.iter()
    }

    /// The drivers that apply.
    pub fn offers(&self) -> impl Iterator<Item = (&CatalogEntryId, &Offer)> {
        self.state.offers.iter()
    }

    /// One driver that applies.
    #[must_use]
    pub fn offer(&self, entry: &CatalogEntryId) -> Option<&Offer> {
        self.state.offers.get(entry)
    }

    /// The approvals in the order they were asked for, revoked ones included.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.state.approvals
    }

    // --- what came in ---------------------------------------------------------------------------

    /// Takes the answer to a request. An answer that comes twice or too late changes nothing.
    pub fn handle_response(
        &mut self,
        now: DateTime<Utc>,
        token: Token,
        status: u16,
        headers: &Headers,
        body: &[u8],
    ) -> Handled {
        match self.state.flight.take_if(|flight| flight.sent && flight.token == token.0) {
            Some(flight) => {
                let response = Response::parse(status, headers, body);
                self.state.answer(now, flight, response);
                self.state.settle();
                Handled::Applied
            }
            None => Handled::Stale,
        }
    }

    /// Takes note that a request gets no answer: it is repeated later, or its effect looked for.
    pub fn handle_loss(&mut self, now: DateTime<Utc>, token: Token, loss: Loss) -> Handled {
        match self.state.flight.take_if(|flight| flight.sent && flight.token == token.0) {
            Some(flight) => {
                self.state.again(now, flight, loss == Loss::Unknown, None);
                Handled::Applied
            }
            None => Handled::Stale,
        }
    }

    // --- commands -------------------------------------------------------------------------------

    /// Approves a driver, with settings that win over the policy's. Sent once the policy stands.
    /// After a revocation this makes a new approval, which is how content is offered again.
    ///
    /// # Errors
    /// [`ErrorKind::Command`] if the driver is approved already (a second approval would make a
    /// second deployment) or the rollout is ending.
    pub fn approve(
        &mut self,
        entry: &CatalogEntryId,
        settings: Option<DeploymentSettings>,
    ) -> Result<(), Error> {
        if self.state.leaving.is_some() {
            return Err(Error::command("approve", "the rollout is ending"));
        }
        let taken = self.state.approvals.iter().any(|approval| {
            let under_way =
                matches!(approval.status, ApprovalStatus::Requested | ApprovalStatus::Standing);
            approval.entry == *entry && under_way && !approval.unwanted
        });
        if taken {
            return Err(Error::command("approve", "the update is approved already"));
        }
        if self.state.approvals.len() >= self.state.plan.objects {
            return Err(Error::command("approve", "the plan allows no more approvals"));
        }
        self.state.approvals.push(Approval {
            entry: entry.clone(),
            id: None,
            settings,
            status: ApprovalStatus::Requested,
            unwanted: false,
        });
        Ok(())
    }

    /// Takes the approval of a driver back, for good.
    ///
    /// # Errors
    /// [`ErrorKind::Command`] if no approval of the driver stands or is under way.
    pub fn revoke(&mut self, entry: &CatalogEntryId) -> Result<(), Error> {
        let mut revoked = false;
        let indices: Vec<_> = (0..self.state.approvals.len()).collect();
        for index in indices {
            if self.state.approvals.get(index).is_some_and(|known| known.entry == *entry) {
                revoked |= self.take_back(index);
            }
        }
        if revoked { Ok(()) } else { Err(Error::command("revoke", "no approval stands")) }
    }

    /// Ends the rollout: approvals are taken back, the devices unenrolled, and, with
    /// [`Cleanup::Remove`], the policy, its deployments and the audience deleted.
    ///
    /// # Errors
    /// [`ErrorKind::Command`] if it is ending already.
    pub fn unenroll(&mut self, cleanup: Cleanup) -> Result<(), Error> {
        if self.state.leaving.is_some() {
            return Err(Error::command("unenroll", "the rollout is ending already"));
        }
        for index in 0..self.state.approvals.len() {
            self.take_back(index);
        }
        self.state.leaving = Some(Leaving { cleanup, unenrolled: 0, told: false, listed: false });
        self.state.step = Step::Leaving;
        self.state.round.clear();
        self.state.blocked = false;
        // A failed request that was to be repeated: only what may have made something matters now.
        if self.state.flight.as_ref().is_some_and(|flight| !flight.sent) {
            let _ = self.state.flight.take_if(|flight| !flight.job.is_search());
        }
        self.state.settle();
        Ok(())
    }

    /// Goes on after [`Event::Blocked`], when the vendor has done something about it: a new access
    /// token, a permission, a device that can be enrolled now.
    pub fn retry(&mut self) {
        self.state.blocked = self.state.plan.devices.is_empty();
        if let Some(flight) = &mut self.state.flight {
            flight.tries = 0;
            flight.not_before = None;
        }
        self.state.vain = 0;
        let stuck =
            self.state.flight.is_none()
                && self.state.round.is_empty()
                && self.state.devices.values().all(|status| {
                    !matches!(status, DeviceStatus::Pending | DeviceStatus::Enrolled)
                });
        if self.state.step == Step::AwaitingEnrolment && stuck {
            self.state.step = Step::Enrolling;
            self.state.progress = 0;
            for status in self.state.devices.values_mut() {
                *status = DeviceStatus::Pending;
            }
        }
    }

    // --- what to send, what happened, when to wake ----------------------------------------------

    /// The request to send now, if any. The same one comes again until it is answered; poll again
    /// after each answer, command and timeout, until `None`.
    #[must_use]
    pub fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<(Token, Request)> {
        let state = &mut self.state;
        if state.blocked || state.events.len() >= state.plan.events {
            return None;
        }
        let lost = state.flight.take_if(|flight| flight.lost);
        if let Some(mut flight) = lost {
            match flight.job.search() {
                Some(search) => {
                    let token = state.take_token();
                    flight = state::Flight { token, job: search, ..flight };
                }
                None => flight.token = state.take_token(),
            }
            state.flight = Some(state::Flight { sent: false, lost: false, ..flight });
        }
        if state.flight.is_none() {
            match state.next(now) {
                Next::Now(job) => state.launch(job, None),
                Next::Later | Next::Nothing => return None,
            }
        }
        let flight = state.flight.as_ref()?;
        if flight.not_before.is_some_and(|Moment(time)| now < time) && !flight.sent {
            return None;
        }
        let request = state.request(&flight.job)?;
        let flight = state.flight.as_mut()?;
        flight.sent = true;
        Some((Token(flight.token), request))
    }

    /// What happened next, oldest first. New after answers and commands.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.state.events.pop_front()
    }

    /// When to call [`poll_transmit`](Self::poll_transmit) again: a time in the past for at once,
    /// `None` if only an answer, a command or [`retry`](Self::retry) brings anything new.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<DateTime<Utc>> {
        self.state.wake()
    }

    fn take_back(&mut self, index: usize) -> bool {
        let about = |flight: &state::Flight| {
            matches!(flight.job,
                state::Job::Approve { index: at } | state::Job::FindApproval { index: at, .. }
                if at == index)
        };
        // An approval that is not with the service yet is not sent at all.
        let _ = self
            .state
            .flight
            .take_if(|flight| about(flight) && !flight.sent && !flight.job.is_search());
        let under_way = self.state.flight.as_ref().is_some_and(about);
        let Some(approval) = self.state.approvals.get_mut(index) else { return false };
        match approval.status {
            ApprovalStatus::Standing => approval.status = ApprovalStatus::Revoking,
            ApprovalStatus::Requested if approval.unwanted => return false,
            ApprovalStatus::Requested if under_way => approval.unwanted = true,
            ApprovalStatus::Requested => approval.status = ApprovalStatus::Revoked,
            _ => return false,
        }
        true
    }
}
