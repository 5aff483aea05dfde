//! What all rollouts do alike: requests out, answers in.

use chrono::{DateTime, Utc};

use super::approvals::Index;
use super::event::{BlockCause, Event, Step};
use super::plan::Goal;
use super::send::Next;
use super::state::{Flight, Job, STATE_VERSION, State};
use super::{Handled, Loss, RolloutState, Token};
use crate::error::{Error, ErrorKind};
use crate::json::{Limits, Options};
use crate::moment::Moment;
use crate::requests::{Headers, Request, check_target};
use crate::response::Response;

impl State {
    pub(super) fn resume(mut self, drivers: bool) -> Result<Self, Error> {
        if self.version != STATE_VERSION {
            let (found, known) = (self.version, STATE_VERSION);
            return Err(ErrorKind::StateVersion { found, known }.into());
        }
        if drivers != (self.plan.goal == Goal::Drivers) {
            return Err(Error::command("resume", "the state is of another kind of rollout"));
        }
        if (self.step >= Step::Leaving) != self.leaving.is_some() {
            return Err(Error::command("resume", "the state contradicts itself"));
        }
        // Where the next request goes is vetted as the link that it came from was.
        let list = self.flight.as_ref().and_then(|flight| flight.job.list());
        if let Some(target) = list.and_then(|list| list.target.as_ref()) {
            check_target(&self.plan.origin, target)?;
        }
        self.index = Index::of(&self.approvals);
        let round = self.rounds;
        for offer in self.offers.values().filter(|offer| offer.round == round) {
            self.seen.offers += 1;
            self.seen.matches += offer.devices.len();
        }
        if let Some(flight) = &mut self.flight {
            flight.lost |= flight.sent;
        }
        Ok(self)
    }

    pub(super) fn handle_response(
        &mut self,
        now: DateTime<Utc>,
        token: Token,
        status: u16,
        headers: &Headers,
        body: &[u8],
    ) -> Handled {
        match self.flight.take_if(|flight| flight.sent && flight.token == token.0) {
            Some(flight) => {
                let limits = Limits::new().with_bytes(self.plan.answer_bytes);
                // What was made in 2021 or 2023 may still be shown in that year's shape.
                let options = Options::tolerant().with_limits(limits).any_dialect();
                let response = Response::parse_with(status, headers, body, &options);
                self.answer(now, flight, response);
                self.settle(now);
                Handled::Applied
            }
            None => Handled::Stale,
        }
    }

    pub(super) fn handle_loss(&mut self, now: DateTime<Utc>, token: Token, loss: Loss) -> Handled {
        match self.flight.take_if(|flight| flight.sent && flight.token == token.0) {
            Some(flight) => {
                self.again(now, flight, loss == Loss::Unknown, None);
                self.settle(now);
                Handled::Applied
            }
            None => Handled::Stale,
        }
    }

    pub(super) fn retry(&mut self) {
        if self.blocked {
            self.forget_list();
        }
        self.blocked = self.plan.devices.is_empty();
        if let Some(flight) = &mut self.flight {
            flight.tries = 0;
            flight.job.rewind(0);
            flight.not_before = None;
        }
        self.vain = 0;
        self.enrol_again();
    }

    /// The list that the rollout stopped in begins anew: what was kept of it would count for ever.
    fn forget_list(&mut self) {
        match self.flight.as_ref().map(|flight| &flight.job) {
            Some(Job::NoteAudiences { .. }) => self.others.clear(),
            Some(Job::ListPolicies { .. }) => self.policies.clear(),
            Some(Job::ListDeployments { .. }) => {
                self.deployments.retain(|known| self.deployment.as_ref() == Some(known));
            }
            _ => {}
        }
    }

    pub(super) fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<(Token, Request)> {
        if self.blocked || self.is_full() {
            return None;
        }
        if let Some(mut flight) = self.flight.take_if(|flight| flight.lost) {
            (flight.sent, flight.lost) = (false, false);
            flight.token = self.take_token();
            if let Some(search) = flight.job.search() {
                flight.job = search;
            }
            // What the departure makes pointless is not asked for again.
            if !self.is_pointless(&flight.job) {
                self.flight = Some(flight);
            }
        }
        if self.flight.is_none() {
            match self.next(now) {
                Next::Now(job) => self.launch(job, None),
                Next::Later | Next::Nothing => return None,
            }
        }
        let flight = self.flight.as_ref()?;
        if flight.not_before.is_some_and(|Moment(time)| now < time) && !flight.sent {
            return None;
        }
        let Some(request) = self.request(&flight.job) else {
            // Only a state that was tampered with has work without what the work is about.
            self.flight = None;
            self.block(BlockCause::State, "the state contradicts itself".to_owned(), None);
            return None;
        };
        let flight = self.flight.as_mut()?;
        flight.sent = true;
        Some((Token(flight.token), request))
    }

    /// Puts a job into the air.
    pub(super) fn launch(&mut self, job: Job, not_before: Option<Moment>) {
        let token = self.take_token();
        self.flight = Some(Flight { token, job, tries: 0, not_before, sent: false, lost: false });
    }
}

/// What every rollout can do, for a loop that drives them all. The methods are those of
/// [`DriverRollout`](super::DriverRollout) and [`DeploymentRollout`](super::DeploymentRollout) of the
/// same names, and are described there.
pub trait Rollout {
    /// A copy of the state, to save.
    fn state(&self) -> RolloutState;
    /// How far the rollout is.
    fn step(&self) -> Step;
    /// Whether it is over.
    fn is_done(&self) -> bool {
        self.step() == Step::Done
    }
    /// Whether it waits for [`retry`](Self::retry).
    fn is_blocked(&self) -> bool;
    /// Goes on after [`Event::Blocked`].
    fn retry(&mut self);
    /// The request to send now, if any.
    fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<(Token, Request)>;
    /// Takes the answer to a request.
    fn handle_response(
        &mut self,
        now: DateTime<Utc>,
        token: Token,
        status: u16,
        headers: &Headers,
        body: &[u8],
    ) -> Handled;
    /// Takes note that a request gets no answer.
    fn handle_loss(&mut self, now: DateTime<Utc>, token: Token, loss: Loss) -> Handled;
    /// What happened next, oldest first.
    fn poll_event(&mut self) -> Option<Event>;
    /// When to poll again.
    fn poll_timeout(&self) -> Option<DateTime<Utc>>;
}

/// The methods of every rollout, which is a struct with a field `state`.
macro_rules! rollout {
    ($name:ident, drivers: $drivers:literal) => {
        impl $name {
            /// Goes on from a saved state. A request that was given out and not answered counts as lost
            /// once [`poll_transmit`](Self::poll_transmit) is called; until then its answer is still taken.
            ///
            /// # Errors
            /// [`ErrorKind::StateVersion`](crate::ErrorKind::StateVersion) if another version of this crate wrote it in another
            /// form, [`ErrorKind::Command`](crate::ErrorKind::Command) if it is of another kind of rollout or
            /// contradicts itself, [`ErrorKind::ForeignLink`](crate::ErrorKind::ForeignLink) if the page that
            /// it would ask for next is none that a link could lead to.
            pub fn resume(state: RolloutState) -> Result<Self, Error> {
                Ok(Self { state: state.0.resume($drivers)? })
            }

            /// A copy of the state, to save. Serialising the rollout itself gives the same text
            /// without the copy.
            ///
            /// *What it costs*: in the order of the devices and of the offers with their devices
            /// (about 150 bytes each as JSON), not of what happened so far, but for the approvals.
            /// *When to save*: before a request is sent that changes something, that is any but a
            /// GET, and after commands. The looks in between can be lost: an older state looks again
            /// and tells the same events again.
            #[must_use]
            pub fn state(&self) -> RolloutState {
                RolloutState(self.state.clone())
            }

            /// The state, to save.
            #[must_use]
            pub fn into_state(self) -> RolloutState {
                RolloutState(self.state)
            }

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

            /// Whether it is over.
            #[must_use]
            pub fn is_done(&self) -> bool {
                self.state.step == Step::Done
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

            /// The devices and how far their enrolment is.
            pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &DeviceStatus)> {
                self.state.devices.iter()
            }

            /// Takes the answer to a request. An answer that comes twice or too late changes nothing.
            pub fn handle_response(
                &mut self,
                now: DateTime<Utc>,
                token: Token,
                status: u16,
                headers: &Headers,
                body: &[u8],
            ) -> Handled {
                self.state.handle_response(now, token, status, headers, body)
            }

            /// Takes note that a request gets no answer: it is repeated later, or its effect looked for.
            pub fn handle_loss(&mut self, now: DateTime<Utc>, token: Token, loss: Loss) -> Handled {
                self.state.handle_loss(now, token, loss)
            }

            /// Goes on after [`Event::Blocked`], when the vendor has done something about it: a new access
            /// token, a permission, a device that can be enrolled now.
            pub fn retry(&mut self) {
                self.state.retry();
            }

            /// The request to send now, if any. The same one comes again until it is answered; poll again
            /// after each answer, command and timeout, until `None`.
            #[must_use]
            pub fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<(Token, Request)> {
                self.state.poll_transmit(now)
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
        }

        impl engine::Rollout for $name {
            fn state(&self) -> RolloutState {
                Self::state(self)
            }

            fn step(&self) -> Step {
                Self::step(self)
            }

            fn is_blocked(&self) -> bool {
                Self::is_blocked(self)
            }

            fn retry(&mut self) {
                Self::retry(self);
            }

            fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<(Token, Request)> {
                Self::poll_transmit(self, now)
            }

            fn handle_response(
                &mut self,
                now: DateTime<Utc>,
                token: Token,
                status: u16,
                headers: &Headers,
                body: &[u8],
            ) -> Handled {
                Self::handle_response(self, now, token, status, headers, body)
            }

            fn handle_loss(&mut self, now: DateTime<Utc>, token: Token, loss: Loss) -> Handled {
                Self::handle_loss(self, now, token, loss)
            }

            fn poll_event(&mut self) -> Option<Event> {
                Self::poll_event(self)
            }

            fn poll_timeout(&self) -> Option<DateTime<Utc>> {
                Self::poll_timeout(self)
            }
        }

        impl serde::Serialize for $name {
            /// The same as [`RolloutState`].
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.state.serialize(serializer)
            }
        }
    };
}

pub(super) use rollout;
