//! Rollouts as state machines without I/O.
//!
//! [`DriverRollout`] is the flow of "Manage driver approvals" (seed 003): enrol, audience, members,
//! policy, applicable content, approvals, revocation, departure. [`DeploymentRollout`] brings one
//! feature update, or one quality update in a hurry, to devices.

mod approvals;
mod departure;
mod deployment;
mod engine;
mod enrolment;
mod event;
mod failure;
mod lists;
mod plan;
mod preview;
mod receive;
mod search;
mod send;
mod state;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::models::{AudienceId, CatalogEntryId, DeploymentSettings, DeviceId, PolicyId};
use crate::requests::{Headers, Request};
use state::State;

pub use deployment::DeploymentRollout;
pub use engine::Rollout;
pub use event::{Approval, ApprovalStatus, BlockCause, Cleanup, DeviceStatus, Event, Offer, Step};
pub use plan::{Plan, Schedule};
pub use preview::{MAX_WAVES, NoPreview, Wave, preview};
pub use state::STATE_VERSION;

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
/// [`poll_transmit`](Self::poll_transmit) and before it sends a request that changes something (any
/// but a GET), and after commands, and hands in each answer once it has come. There is never more
/// than one request under way.
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
/// Only what is not found after [`Plan::looks`] looks is made again; the looks have to go on for as
/// long as the service needs to list something new, and with the defaults do so for twelve seconds.
/// Other requests have the same effect twice as once and are repeated as they are.
///
/// # The departure
/// With [`Cleanup::Remove`] the policy, what is deployed to the audience and the audience are
/// deleted. The service keeps an audience as long as something refers to it; then the policies and
/// deployments for it are listed and deleted again, until it goes or [`Plan::tries`] are over.
///
/// # Many devices
/// Enrolment and members go in as few requests as [`Plan::chunk`] allows, more than
/// [`Plan::one_by_one`] waiting devices are looked for in the service's list, and nothing costs more
/// for what was done before: the requests, the bytes and the state of 10,000 devices are a thousand
/// times those of ten. Today's service lists the devices of each driver by themselves, a hundred a
/// page, so a round of looks has a request or more for each driver; commands go in between.
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

engine::rollout!(DriverRollout, drivers: true);

impl DriverRollout {
    /// Starts a rollout.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self { state: State::new(plan) }
    }

    // --- getters --------------------------------------------------------------------------------

    /// The policy, once it stands.
    #[must_use]
    pub fn policy(&self) -> Option<&PolicyId> {
        self.state.policy.as_ref()
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

    /// The approvals in the order they were asked for, revoked ones included. One that stands on
    /// because its revocation was refused changes places with the one that was to replace it: the
    /// last of a driver is the one that counts.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.state.approvals
    }

    // --- commands -------------------------------------------------------------------------------

    /// Approves a driver, with settings that win over the policy's. Sent once the policy stands.
    /// After a revocation this makes a new approval, which is how content is offered again.
    ///
    /// # Errors
    /// [`ErrorKind::Command`](crate::ErrorKind::Command) if the driver is approved already (a second approval would make a
    /// second deployment) or the rollout is ending.
    pub fn approve(
        &mut self,
        entry: &CatalogEntryId,
        settings: Option<DeploymentSettings>,
    ) -> Result<(), Error> {
        self.state.approve(entry, settings)
    }

    /// Takes the approval of a driver back, for good.
    ///
    /// # Errors
    /// [`ErrorKind::Command`](crate::ErrorKind::Command) if no approval of the driver stands or is under way.
    pub fn revoke(&mut self, entry: &CatalogEntryId) -> Result<(), Error> {
        self.state.revoke(entry)
    }

    /// Ends the rollout: approvals are taken back, the devices unenrolled, and, with
    /// [`Cleanup::Remove`], the policy, its deployments and the audience deleted.
    ///
    /// # Errors
    /// [`ErrorKind::Command`](crate::ErrorKind::Command) if it is ending already.
    pub fn unenroll(&mut self, cleanup: Cleanup) -> Result<(), Error> {
        if self.state.leaving.is_some() {
            return Err(Error::command("unenroll", "the rollout is ending already"));
        }
        self.state.take_all_back();
        self.state.leave(cleanup);
        Ok(())
    }
}
