//! What a vendor sees of a rollout: its steps, what became of devices and approvals, events.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::models::{
    ApprovalId, AudienceId, CatalogEntry, CatalogEntryId, DeploymentId, DeploymentSettings,
    DeploymentStateReasonValue, DeploymentStateValue, DeviceId, Open, PolicyId,
    RequestedDeploymentStateValue,
};
use crate::response::GraphError;

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
    /// The service could not register it, for these reasons: at most 16, each shortened.
    Failed(Vec<String>),
    /// Not enrolled within the plan's patience.
    Overdue,
}

/// Why a rollout is blocked, and so what can be done about it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum BlockCause {
    /// The plan has no devices: nothing can be done.
    NoDevices,
    /// None of the devices is enrolled; what the service says of each was told before.
    NoneEnrolled,
    /// The access token is missing, not valid, or not valid any more (401): take a new one.
    AccessToken,
    /// The service refuses, and will until somebody changes something: a permission, a licence.
    Refused,
    /// It was tried as often as [`Plan::tries`](super::Plan::tries) says, and nothing goes on
    /// without it.
    TooManyTries,
    /// The service's answer goes over a limit, or leads to another host or round in a circle.
    Answer,
    /// The saved state contradicts itself: somebody changed it.
    State,
    /// It was saved by a version that did not say.
    #[default]
    Unknown,
}

/// A driver that applies to devices of the audience.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Offer {
    /// The driver; `None` if the service did not show it, or showed more of it than
    /// [`Plan::entry_bytes`](super::Plan::entry_bytes).
    pub entry: Option<CatalogEntry>,
    /// The devices; while a round of looks is under way, those that it came to so far.
    pub devices: BTreeSet<DeviceId>,
    pub(super) round: u32,
    /// What was known before this round, until the round is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Before>,
}

/// What was known of an offer when a round of looks came to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Before {
    /// Its devices; `None` if it is new.
    pub(super) devices: Option<BTreeSet<DeviceId>>,
    /// The name to tell it by now.
    pub(super) name: String,
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
    /// A driver applies to devices: new, or to other devices than before; told once all pages of
    /// the list and of the drivers' devices were read. See [`DriverRollout::offer`](super::DriverRollout::offer).
    #[non_exhaustive]
    ContentOffered {
        /// The driver.
        entry: CatalogEntryId,
        /// The name to show, shortened.
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
    /// The service refused an approval, or, told by [`Self::RevocationRefused`] before, to take back
    /// the one that it was to replace: then it was not asked for.
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
    /// The service refused to take an approval back: it stands on, and
    /// [`DriverRollout::revoke`](super::DriverRollout::revoke) can ask again. An approval that was to
    /// replace it is refused with it. While a rollout ends, [`Self::LeftOver`] tells it.
    #[non_exhaustive]
    RevocationRefused {
        /// The driver.
        entry: CatalogEntryId,
        /// The approval's ID.
        approval: ApprovalId,
        /// What the service says.
        error: GraphError,
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
    /// All devices were taken back from management; takes effect some seconds later. Not told where
    /// the service refused it for some: those requests are told by [`Self::LeftOver`].
    Unenrolled,
    /// Something may be left in the service that this rollout could not recognise or delete.
    #[non_exhaustive]
    LeftOver {
        /// What, as the path below the namespace's root.
        what: String,
        /// What the service says of it, if it was asked.
        error: Option<GraphError>,
    },
    /// An answer could not be read; the request is repeated, its effect looked for, or, as with the
    /// list of a driver's devices, the rollout goes on without.
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
        /// Why, for a program.
        #[serde(default)]
        cause: BlockCause,
        /// Why, for a person.
        reason: String,
        /// What the service says, if it does.
        error: Option<GraphError>,
    },
    /// The rollout is over.
    Finished,
}
