//! The whole namespace `microsoft.graph.windowsUpdates` as typed values (CSDL of 2026-08-03).
//!
//! Every model keeps what it does not know: unknown members and annotations are in `extra`, and
//! decode then encode gives the members in their order and spelling. Members are three-valued
//! ([`Member`]), words are open ([`Open`]), dates and durations keep their text.

mod approval;
mod asset;
mod autopatch;
mod calendar;
mod connection;
mod content;
mod deployment;
pub mod dialect;
mod ids;
pub mod intune;
mod member;
mod object;
mod open;
mod policy;
mod product;
mod rule;
pub mod schema;
mod settings;
mod time;
mod wire;

pub use approval::{ComplianceChange, ContentApproval};
pub use asset::{
    AzureAdDevice, AzureAdDeviceRegistrationError, UpdatableAsset, UpdatableAssetError,
    UpdatableAssetGroup, UpdateCategoryEnrollmentInformation, UpdateManagementEnrollment,
};
pub use autopatch::{
    ApprovalRule, ApprovalRuleBase, AssignedGroup, ExcludedGroupAssignment, GroupAssignment,
    IncludedGroupAssignment, Policy, PolicyApproval, QualityUpdateApprovalRule,
    QualityUpdatePolicy, QualityUpdateRing, RecoveryApprovalRule, Ring,
};
pub use calendar::{GraphDate, TimeOfDay};
pub use connection::{
    Catalog, OperationalInsightsConnection, ResourceConnection, ResourceConnectionBase,
};
pub use content::{
    ApplicableContent, ApplicableContentDeviceMatch, CatalogContent, CatalogEntry,
    CatalogEntryBase, CveInformation, CveSeverityInformation, DeployableContent,
    DriverUpdateCatalogEntry, FeatureUpdateCatalogEntry, QualityUpdateCatalogEntry,
    RecoveryUpdateCatalogEntry,
};
pub use deployment::{Deployment, DeploymentState, DeploymentStateReason};
pub use ids::{
    ApprovalId, ArticleId, AudienceId, CatalogEntryId, ConnectionId, DeploymentId, DeviceId,
    DriverInventoryId, EditionId, GroupId, IntuneProfileId, KnownIssueId, MdmAppId,
    PolicyApprovalId, PolicyId, ProductId, RevisionId, RingId,
};
pub use member::Member;
pub use object::Extra;
pub use open::{
    ApprovalStatus, BodyType, CveSeverityLevel, DeploymentStateReasonValue, DeploymentStateValue,
    EnrollmentState, MonitoringAction, MonitoringSignal, Open, QualityUpdateCadence,
    QualityUpdateClassification, RegistrationErrorReason, ReleaseHealthStatus, RemediationType,
    RequestedDeploymentStateValue, ResourceConnectionState, SafeguardCategory, UpdateCategory,
    Vocabulary,
};
pub use policy::{DeploymentAudience, UpdatePolicy};
pub use product::{
    BuildVersion, Edition, ItemBody, KnowledgeBaseArticle, KnownIssue, KnownIssueHistoryItem,
    Product, ProductRevision, ServicingPeriod,
};
pub use rule::{
    ComplianceChangeRule, ContentApprovalRule, ContentFilter, DriverUpdateFilter,
    QualityUpdateFilter, RemediationUpdateFilter, WindowsUpdateFilter,
};
#[doc(no_inline)]
pub use schema::schema;
pub use settings::{
    ContentApplicabilitySettings, DateDrivenRolloutSettings, DeploymentSettings,
    DurationDrivenRolloutSettings, ExpediteSettings, GradualRollout, GradualRolloutSettings,
    MonitoringRule, MonitoringSettings, RateDrivenRolloutSettings, SafeguardProfile,
    SafeguardSettings, ScheduleSettings, UserExperienceSettings,
};
pub use time::{GraphDateTime, IsoDuration};
pub use wire::{Decoded, Model, decode};

pub(crate) use ids::is_id;
#[doc(hidden)]
pub use wire::{Context, Wire};
pub(crate) use wire::{from_value, shape};
