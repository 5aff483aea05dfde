//! What all rollouts do alike: requests out, answers in.

use chrono::{DateTime, Utc};

use super::plan::Goal;
use super::send::Next;
use super::state::{Cleanup, DeviceStatus, Flight, Leaving, STATE_VERSION, State, Step};
use super::{Handled, Loss, Token};
use crate::error::{Error, ErrorKind};
use crate::moment::Moment;
use crate::requests::{Headers, Request};
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
                let response = Response::parse(status, headers, body);
                self.answer(now, flight, response);
                self.settle();
                Handled::Applied
            }
            None => Handled::Stale,
        }
    }

    pub(super) fn handle_loss(&mut self, now: DateTime<Utc>, token: Token, loss: Loss) -> Handled {
        match self.flight.take_if(|flight| flight.sent && flight.token == token.0) {
            Some(flight) => {
                self.again(now, flight, loss == Loss::Unknown, None);
                Handled::Applied
            }
            None => Handled::Stale,
        }
    }

    pub(super) fn retry(&mut self) {
        self.blocked = self.plan.devices.is_empty();
        if let Some(flight) = &mut self.flight {
            flight.tries = 0;
            flight.job.rewind();
            flight.not_before = None;
        }
        self.vain = 0;
        let stuck = self.flight.is_none()
            && self.round.is_empty()
            && self
                .devices
                .values()
                .all(|status| !matches!(status, DeviceStatus::Pending | DeviceStatus::Enrolled));
        if self.step == Step::AwaitingEnrolment && stuck {
            self.step = Step::Enrolling;
            self.progress = 0;
            for status in self.devices.values_mut() {
                *status = DeviceStatus::Pending;
            }
        }
    }

    pub(super) fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<(Token, Request)> {
        if self.blocked || self.events.len() >= self.plan.events {
            return None;
        }
        let lost = self.flight.take_if(|flight| flight.lost);
        if let Some(mut flight) = lost {
            match flight.job.search() {
                Some(search) => {
                    let token = self.take_token();
                    flight = Flight { token, job: search, ..flight };
                }
                None => flight.token = self.take_token(),
            }
            self.flight = Some(Flight { sent: false, lost: false, ..flight });
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
        let request = self.request(&flight.job)?;
        let flight = self.flight.as_mut()?;
        flight.sent = true;
        Some((Token(flight.token), request))
    }

    /// Ends the rollout; what is made is told by `cleanup`.
    pub(super) fn leave(&mut self, cleanup: Cleanup) {
        self.leaving = Some(Leaving { cleanup, unenrolled: 0, told: false, listed: false });
        self.step = Step::Leaving;
        self.round.clear();
        self.blocked = false;
        // A failed request that was to be repeated: only what may have made something matters now.
        if self.flight.as_ref().is_some_and(|flight| !flight.sent) {
            let _ = self.flight.take_if(|flight| !flight.job.is_search());
        }
        self.settle();
    }
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
            /// form, [`ErrorKind::Command`](crate::ErrorKind::Command) if it is of another kind of rollout.
            pub fn resume(state: RolloutState) -> Result<Self, Error> {
                Ok(Self { state: state.0.resume($drivers)? })
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
    };
}

pub(super) use rollout;
