//! The namespace `microsoft.graph.windowsUpdates` as typed values, as far as the driver flow and
//! deployments need it.
//!
//! Every model keeps what it does not know: unknown members and annotations are in `extra`, and
//! decode then encode gives the members in their order and spelling. Members are three-valued
//! ([`Member`]), words are open ([`Open`]), dates and durations keep their text.

mod approval;
mod asset;
mod content;
mod deployment;
mod ids;
mod member;
mod object;
mod open;
mod policy;
mod settings;
mod time;
mod wire;

pub use approval::{ComplianceChange, ContentApproval};
pub use asset::{
    AzureAdDevice, AzureAdDeviceRegistrationError, UpdatableAsset, UpdatableAssetGroup,
    UpdateCategoryEnrollmentInformation, UpdateManagementEnrollment,
};
pub use content::{
    ApplicableContent, ApplicableContentDeviceMatch, CatalogContent, CatalogEntry,
    CatalogEntryBase, DeployableContent, DriverUpdateCatalogEntry, FeatureUpdateCatalogEntry,
    QualityUpdateCatalogEntry, RecoveryUpdateCatalogEntry,
};
pub use deployment::{Deployment, DeploymentState, DeploymentStateReason};
pub use ids::{ApprovalId, AudienceId, CatalogEntryId, DeploymentId, DeviceId, PolicyId};
pub use member::Member;
pub use object::Extra;
pub use open::{
    DeploymentStateReasonValue, DeploymentStateValue, EnrollmentState, MonitoringAction,
    MonitoringSignal, Open, QualityUpdateCadence, QualityUpdateClassification,
    RegistrationErrorReason, RequestedDeploymentStateValue, SafeguardCategory, UpdateCategory,
    Vocabulary,
};
pub use policy::{DeploymentAudience, UpdatePolicy};
pub use settings::{
    ContentApplicabilitySettings, DateDrivenRolloutSettings, DeploymentSettings,
    DurationDrivenRolloutSettings, ExpediteSettings, GradualRollout, GradualRolloutSettings,
    MonitoringRule, MonitoringSettings, RateDrivenRolloutSettings, SafeguardProfile,
    SafeguardSettings, ScheduleSettings, UserExperienceSettings,
};
pub use time::{GraphDateTime, IsoDuration};
pub use wire::{Decoded, Model, decode};

pub(crate) use wire::from_value;
#[doc(hidden)]
pub use wire::{Context, Wire};
