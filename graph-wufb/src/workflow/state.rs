//! The state of a rollout: plain data that any node can go on with.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::approvals::Index;
use super::event::{Approval, BlockCause, Cleanup, DeviceStatus, Event, Offer, Step};
use super::plan::Plan;
use crate::models::{
    AudienceId, CatalogEntryId, DeploymentId, DeploymentStateReasonValue, DeploymentStateValue,
    DeviceId, Open, PolicyId, RequestedDeploymentStateValue,
};
use crate::moment::Moment;
use crate::response::GraphError;

/// The version of the saved state that this crate writes and reads.
pub const STATE_VERSION: u32 = 3;

/// One request's worth of work.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Job {
    Enroll { from: usize },
    CheckDevice { device: DeviceId },
    ListDevices { list: List },
    NoteAudiences { list: List },
    CreateAudience,
    FindAudience { list: List, looks: u32, found: BTreeSet<AudienceId> },
    CheckAudience(Check),
    AddMembers { from: usize },
    CreatePolicy,
    FindPolicy { list: List, looks: u32 },
    CreateDeployment,
    FindDeployment { list: List, looks: u32 },
    CheckDeployment,
    AskDeployment { requested: Open<RequestedDeploymentStateValue> },
    ListContent { list: List },
    ListMatches { entry: CatalogEntryId, list: List },
    Approve { index: usize },
    FindApproval { index: usize, list: List, looks: u32 },
    Revoke { index: usize },
    Unenroll { from: usize },
    ListPolicies { list: List },
    DeletePolicy { policy: PolicyId },
    ListDeployments { list: List },
    DeleteDeployment { deployment: DeploymentId },
    DeleteAudience,
}

/// Whether an audience that came since is ours.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Check {
    pub(super) audience: AudienceId,
    /// How often ours was looked for before.
    #[serde(default)]
    pub(super) looks: u32,
    /// Its members.
    #[serde(default)]
    pub(super) list: List,
}

/// How far a list has been read.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct List {
    /// Path and query of the page to ask for; `None` for the first.
    pub(super) target: Option<String>,
    pub(super) pages: u32,
    /// How often it was begun anew because a later page was refused.
    #[serde(default)]
    pub(super) rewinds: u32,
}

/// A request under way.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Flight {
    pub(super) token: u64,
    pub(super) job: Job,
    pub(super) tries: u32,
    pub(super) not_before: Option<Moment>,
    /// Given to the vendor.
    pub(super) sent: bool,
    /// Sent, and the answer will not come.
    pub(super) lost: bool,
}

/// How many offers, and devices of them together, were seen in a round. Those of the round before
/// that are gone make room at its end.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Seen {
    pub(super) offers: usize,
    pub(super) matches: usize,
}

/// How far the departure is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Leaving {
    pub(super) cleanup: Cleanup,
    /// How many devices of the plan are to be taken back, and how many were.
    pub(super) devices: usize,
    pub(super) unenrolled: usize,
    /// Whether [`Event::Unenrolled`] was told, or would not be true.
    pub(super) told: bool,
    /// Whether the policies for our audience need no (other) look.
    pub(super) policies_listed: bool,
    /// The same for its deployments.
    pub(super) deployments_listed: bool,
    /// How often the audience's deletion was refused because something still refers to it.
    pub(super) sweeps: u32,
}

impl Leaving {
    pub(super) const fn new(cleanup: Cleanup, devices: usize) -> Self {
        Self {
            cleanup,
            devices,
            unenrolled: 0,
            told: false,
            // One's own policy is known; a look is only needed if the audience cannot be deleted.
            policies_listed: true,
            deployments_listed: false,
            sweeps: 0,
        }
    }
}

/// All there is to a rollout.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
// The version is read whatever else there is, so that an old state is refused with a reason.
#[serde(default)]
pub(super) struct State {
    pub(super) version: u32,
    pub(super) plan: Plan,
    pub(super) step: Step,
    pub(super) blocked: bool,
    /// How many devices the request of the current step has reached.
    pub(super) progress: usize,
    pub(super) devices: BTreeMap<DeviceId, DeviceStatus>,
    /// A round of looks at one device after the other, and which one was looked at last.
    #[serde(with = "round")]
    pub(super) round: Option<Option<DeviceId>>,
    pub(super) rounds: u32,
    pub(super) next_round: Option<Moment>,
    pub(super) deadline: Option<Moment>,
    /// The audiences that there were before ours.
    pub(super) others: BTreeSet<AudienceId>,
    pub(super) audience: Option<AudienceId>,
    pub(super) policy: Option<PolicyId>,
    pub(super) deployment: Option<DeploymentId>,
    /// What the service last said that it does.
    pub(super) effective: Option<Open<DeploymentStateValue>>,
    pub(super) reasons: Vec<Open<DeploymentStateReasonValue>>,
    /// What the vendor wants it to do, until the service has taken it.
    pub(super) requested: Option<Open<RequestedDeploymentStateValue>>,
    pub(super) offers: BTreeMap<CatalogEntryId, Offer>,
    /// The offers of this round whose devices are not shown with them, and still to be asked for.
    pub(super) unmatched: BTreeSet<CatalogEntryId>,
    /// What was seen in this round.
    #[serde(skip)]
    pub(super) seen: Seen,
    pub(super) approvals: Vec<Approval>,
    #[serde(skip)]
    pub(super) index: Index,
    pub(super) leaving: Option<Leaving>,
    /// What is to be deleted.
    pub(super) policies: BTreeSet<PolicyId>,
    pub(super) deployments: BTreeSet<DeploymentId>,
    pub(super) flight: Option<Flight>,
    /// How often in a row something was to be made and the answer was lost.
    pub(super) vain: u32,
    pub(super) next_token: u64,
    pub(super) events: VecDeque<Event>,
}

/// Serde writes a round that has looked at nobody like none: here it is an empty text, which no ID is.
mod round {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::models::DeviceId;

    type Round = Option<Option<DeviceId>>;

    pub(super) fn serialize<S: Serializer>(round: &Round, to: S) -> Result<S::Ok, S::Error> {
        let last = round.as_ref().map(|last| last.as_ref().map_or("", DeviceId::as_str));
        last.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Round, D::Error> {
        let last = Option::<String>::deserialize(from)?;
        let id = |text: String| match text.as_str() {
            "" => Ok(None),
            text => DeviceId::new(text).map(Some),
        };
        last.map(id).transpose().map_err(serde::de::Error::custom)
    }
}

impl Default for State {
    /// Of no version: what a saved state lacks is not guessed.
    fn default() -> Self {
        Self { version: 0, ..Self::new(Plan::new([])) }
    }
}

impl State {
    pub(super) fn new(plan: Plan) -> Self {
        let (status, step) = if plan.goal.needs_enrolment() {
            (DeviceStatus::Pending, Step::Enrolling)
        } else {
            (DeviceStatus::Enrolled, Step::NotingAudiences)
        };
        let devices = plan.devices.iter().map(|device| (device.clone(), status.clone())).collect();
        let mut state = Self {
            version: STATE_VERSION,
            plan,
            step,
            blocked: false,
            progress: 0,
            devices,
            round: None,
            rounds: 0,
            next_round: None,
            deadline: None,
            others: BTreeSet::new(),
            audience: None,
            policy: None,
            deployment: None,
            effective: None,
            reasons: Vec::new(),
            requested: None,
            offers: BTreeMap::new(),
            unmatched: BTreeSet::new(),
            seen: Seen::default(),
            approvals: Vec::new(),
            index: Index::default(),
            leaving: None,
            policies: BTreeSet::new(),
            deployments: BTreeSet::new(),
            flight: None,
            vain: 0,
            next_token: 1,
            events: VecDeque::new(),
        };
        if state.plan.devices.is_empty() {
            state.block(BlockCause::NoDevices, "the plan has no devices".to_owned(), None);
        }
        state
    }

    pub(super) fn take_token(&mut self) -> u64 {
        let token = self.next_token;
        self.next_token = self.next_token.wrapping_add(1);
        token
    }

    pub(super) fn event(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Whether so many events wait that the vendor has to take them first.
    pub(super) fn is_full(&self) -> bool {
        // With room for none it would stop without a word.
        self.events.len() >= self.plan.events.max(1)
    }

    pub(super) fn block(&mut self, cause: BlockCause, reason: String, error: Option<GraphError>) {
        self.blocked = true;
        self.event(Event::Blocked { step: self.step, cause, reason, error });
    }

    /// What was asked for did not come about, or came about otherwise: an event with its reason,
    /// which a peer may have filled.
    pub(super) fn unreadable(&mut self, reason: &str) {
        self.event(Event::AnswerUnreadable { reason: clip(reason, 1_024) });
    }
}

/// A peer's text, at most so many characters of it.
pub(super) fn clip(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
