//! The state of a rollout: plain data that any node can go on with.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::models::{
    ApprovalId, AudienceId, CatalogEntry, CatalogEntryId, DeploymentId, DeploymentSettings,
    DeploymentStateReasonValue, DeploymentStateValue, DeviceId, Open, PolicyId,
    RequestedDeploymentStateValue,
};
use crate::moment::Moment;
use crate::response::GraphError;

/// The version of the saved state that this crate writes and reads.
pub const STATE_VERSION: u32 = 2;

/// How far a rollout is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum Step {
    /// Devices are being enrolled.
    Enrolling,
    /// Waiting until the service has enrolled them.
    AwaitingEnrolment,
    /// Noting which audiences there are, so that ours is known even if the answer is lost.
    NotingAudiences,
    /// The audience is being made.
    CreatingAudience,
    /// The enrolled devices are being added to the audience.
    AddingMembers,
    /// The policy is being made.
    CreatingPolicy,
    /// The deployment is being made.
    CreatingDeployment,
    /// Everything stands: content is looked for, approvals are made and taken back.
    Active,
    /// Approvals are taken back, devices leave, what was made is removed if so asked.
    Leaving,
    /// Over.
    Done,
}

/// How far a device's enrolment is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum DeviceStatus {
    /// Asked for, not seen yet.
    Pending,
    /// Enrolled for the category, or the category needs no enrolment.
    Enrolled,
    /// The service could not register it, for these reasons.
    Failed(Vec<String>),
    /// Not enrolled within the plan's patience.
    Overdue,
}

/// A driver that applies to devices of the audience.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Offer {
    /// The driver.
    pub entry: Option<CatalogEntry>,
    /// The devices.
    pub devices: BTreeSet<DeviceId>,
    pub(super) round: u32,
}

/// How far an approval is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum ApprovalStatus {
    /// Asked for by the vendor.
    Requested,
    /// The service has it.
    Standing,
    /// To be taken back.
    Revoking,
    /// Taken back for good.
    Revoked,
    /// The service refused it.
    Refused,
}

/// An approval of a driver.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Approval {
    /// The driver.
    pub entry: CatalogEntryId,
    /// The approval's ID, once the service has it.
    pub id: Option<ApprovalId>,
    /// Its settings.
    pub settings: Option<DeploymentSettings>,
    /// How far it is.
    pub status: ApprovalStatus,
    /// Revoked by the vendor while the request was under way.
    pub(super) unwanted: bool,
}

/// What is left of a rollout when it is over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Cleanup {
    /// The policy, its deployments and the audience stay, as a record.
    Keep,
    /// They are deleted.
    Remove,
}

/// Something that happened.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Event {
    /// A device is enrolled.
    #[non_exhaustive]
    DeviceEnrolled {
        /// The device.
        device: DeviceId,
    },
    /// A device could not be enrolled and is left out.
    #[non_exhaustive]
    DeviceLeftOut {
        /// The device.
        device: DeviceId,
        /// Why.
        status: DeviceStatus,
    },
    /// The audience stands.
    #[non_exhaustive]
    AudienceCreated {
        /// Its ID.
        audience: AudienceId,
        /// Whether the answer was lost and it was found by looking.
        found: bool,
    },
    /// The enrolled devices are members of the audience, or will be in a moment.
    #[non_exhaustive]
    MembersAdded {
        /// How many.
        devices: usize,
    },
    /// The policy stands.
    #[non_exhaustive]
    PolicyCreated {
        /// Its ID.
        policy: PolicyId,
        /// Whether the answer was lost and it was found by looking.
        found: bool,
    },
    /// A driver applies to devices: new, or to other devices than before. See
    /// [`DriverRollout::offer`](super::DriverRollout::offer).
    #[non_exhaustive]
    ContentOffered {
        /// The driver.
        entry: CatalogEntryId,
        /// The name to show.
        name: String,
        /// How many devices.
        devices: usize,
    },
    /// A driver applies to no device any more.
    #[non_exhaustive]
    ContentGone {
        /// The driver.
        entry: CatalogEntryId,
    },
    /// An approval stands; the service makes a deployment of it.
    #[non_exhaustive]
    ApprovalCreated {
        /// The driver.
        entry: CatalogEntryId,
        /// The approval's ID.
        approval: ApprovalId,
        /// Whether the answer was lost and it was found by looking.
        found: bool,
    },
    /// The service refused an approval.
    #[non_exhaustive]
    ApprovalRefused {
        /// The driver.
        entry: CatalogEntryId,
        /// What the service says.
        error: GraphError,
    },
    /// An approval was taken back.
    #[non_exhaustive]
    ApprovalRevoked {
        /// The driver.
        entry: CatalogEntryId,
        /// The approval's ID.
        approval: ApprovalId,
    },
    /// The deployment stands.
    #[non_exhaustive]
    DeploymentCreated {
        /// Its ID.
        deployment: DeploymentId,
        /// Whether the answer was lost and it was found by looking.
        found: bool,
    },
    /// The deployment does something else than before.
    #[non_exhaustive]
    DeploymentChanged {
        /// What it does, as the service spelt it.
        effective: Open<DeploymentStateValue>,
        /// Why, as the service spelt it.
        reasons: Vec<Open<DeploymentStateReasonValue>>,
    },
    /// The service refused what the deployment was asked to do.
    #[non_exhaustive]
    RequestRefused {
        /// What it was asked to do.
        requested: Open<RequestedDeploymentStateValue>,
        /// What the service says.
        error: GraphError,
    },
    /// The deployment is gone: somebody deleted it.
    DeploymentGone,
    /// The devices were taken back from management; takes effect some seconds later.
    Unenrolled,
    /// Something may be left in the service that this rollout could not recognise or delete.
    #[non_exhaustive]
    LeftOver {
        /// What, as the path below the namespace's root.
        what: String,
        /// What the service says of it, if it was asked.
        error: Option<GraphError>,
    },
    /// An answer could not be read; the request is repeated, or its effect looked for.
    #[non_exhaustive]
    AnswerUnreadable {
        /// Why not.
        reason: String,
    },
    /// Nothing goes on until [`DriverRollout::retry`](super::DriverRollout::retry).
    #[non_exhaustive]
    Blocked {
        /// Where.
        step: Step,
        /// Why, for a person.
        reason: String,
        /// What the service says, if it does.
        error: Option<GraphError>,
    },
    /// The rollout is over.
    Finished,
}

/// One request's worth of work.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Job {
    Enroll { from: usize },
    CheckDevice { device: DeviceId },
    NoteAudiences { list: List },
    CreateAudience,
    FindAudience { list: List, looks: u32, found: Vec<AudienceId> },
    CheckAudience { audience: AudienceId },
    AddMembers { from: usize },
    CreatePolicy,
    FindPolicy { list: List, looks: u32 },
    CreateDeployment,
    FindDeployment { list: List, looks: u32 },
    CheckDeployment,
    AskDeployment { requested: Open<RequestedDeploymentStateValue> },
    ListContent { list: List },
    Approve { index: usize },
    FindApproval { index: usize, list: List, looks: u32 },
    Revoke { index: usize },
    Unenroll { from: usize },
    DeletePolicy,
    ListDeployments { list: List },
    DeleteDeployment { deployment: DeploymentId },
    DeleteAudience,
}

/// How far a list has been read.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct List {
    /// Path and query of the page to ask for; `None` for the first.
    pub(super) target: Option<String>,
    pub(super) pages: u32,
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

/// How far the departure is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Leaving {
    pub(super) cleanup: Cleanup,
    pub(super) unenrolled: usize,
    pub(super) told: bool,
    pub(super) listed: bool,
}

/// All there is to a rollout.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct State {
    pub(super) version: u32,
    pub(super) plan: Plan,
    pub(super) step: Step,
    pub(super) blocked: bool,
    /// How many devices the request of the current step has reached.
    pub(super) progress: usize,
    pub(super) devices: BTreeMap<DeviceId, DeviceStatus>,
    /// The devices still to be looked at in this round.
    pub(super) round: VecDeque<DeviceId>,
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
    pub(super) approvals: Vec<Approval>,
    pub(super) leaving: Option<Leaving>,
    pub(super) deployments: VecDeque<DeploymentId>,
    pub(super) flight: Option<Flight>,
    /// How often in a row something was to be made and the answer was lost.
    pub(super) vain: u32,
    pub(super) next_token: u64,
    pub(super) events: VecDeque<Event>,
}

impl State {
    pub(super) fn new(plan: Plan) -> Self {
        let (status, step) = if plan.goal.needs_enrolment() {
            (DeviceStatus::Pending, Step::Enrolling)
        } else {
            (DeviceStatus::Enrolled, Step::NotingAudiences)
        };
        let devices = plan.devices.iter().map(|device| (device.clone(), status.clone())).collect();
        Self {
            version: STATE_VERSION,
            plan,
            step,
            blocked: false,
            progress: 0,
            devices,
            round: VecDeque::new(),
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
            approvals: Vec::new(),
            leaving: None,
            deployments: VecDeque::new(),
            flight: None,
            vain: 0,
            next_token: 1,
            events: VecDeque::new(),
        }
    }

    pub(super) fn take_token(&mut self) -> u64 {
        let token = self.next_token;
        self.next_token += 1;
        token
    }

    pub(super) fn enrolled(&self) -> Vec<DeviceId> {
        self.plan
            .devices
            .iter()
            .filter(|device| self.devices.get(*device) == Some(&DeviceStatus::Enrolled))
            .cloned()
            .collect()
    }

    /// The devices of one request, from this one on.
    pub(super) fn chunk<'a>(&self, devices: &'a [DeviceId], from: usize) -> &'a [DeviceId] {
        let rest = devices.get(from..).unwrap_or_default();
        rest.get(..self.chunk_len(rest.len())).unwrap_or_default()
    }

    fn chunk_len(&self, rest: usize) -> usize {
        self.plan.chunk.map_or(rest, |chunk| chunk.max(1).min(rest))
    }

    pub(super) fn event(&mut self, event: Event) {
        self.events.push_back(event);
    }

    pub(super) fn block(&mut self, reason: String, error: Option<GraphError>) {
        self.blocked = true;
        self.event(Event::Blocked { step: self.step, reason, error });
    }
}
