//! The schema as this crate knows it, to compare with the service's own: what a new version of the
//! CSDL has and this crate has not.

use super::open::Vocabulary;

/// An object type and its members, those of its base types included.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ObjectType {
    /// Its full name.
    pub name: &'static str,
    /// Its members and their types, as CSDL writes them; `object` for a type of another part of
    /// Graph.
    pub members: Vec<(&'static str, String)>,
}

/// An enum.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct EnumType {
    /// Its full name.
    pub name: &'static str,
    /// Its words, `unknownFutureValue` included.
    pub words: Vec<&'static str>,
    /// Those above `unknownFutureValue`.
    pub hidden: &'static [&'static str],
}

/// A type whose value says in `@odata.type` which of several it is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PolymorphicType {
    /// The full name of the base type.
    pub name: String,
    /// For each model: the short names that lead to it, and its own full name.
    pub types: Vec<(&'static [&'static str], &'static str)>,
}

/// Everything that this crate has a model of.
///
/// ```
/// let schema = graph_wufb::models::schema();
/// assert!(schema.objects.iter().any(|object| object.name.ends_with(".deployment")));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Schema {
    /// Object types.
    pub objects: Vec<ObjectType>,
    /// Enums.
    pub enums: Vec<EnumType>,
    /// Types that `@odata.type` decides.
    pub polymorphic: Vec<PolymorphicType>,
}

pub(crate) trait Described {
    fn describe() -> ObjectType;
}

pub(crate) trait Polymorphic {
    fn describe() -> PolymorphicType;
}

fn words<T: Vocabulary>() -> EnumType {
    EnumType {
        name: T::TYPE,
        words: T::WORDS.iter().map(|(word, _)| *word).collect(),
        hidden: T::HIDDEN,
    }
}

macro_rules! all {
    (
        objects: $($object:ident)*;
        enums: $($words:ident)*;
        polymorphic: $($base:ident)*;
        intune objects: $($intune_object:ident)*;
        intune enums: $($intune_words:ident)*;
        intune polymorphic: $($intune_base:ident)*;
    ) => {
        /// The schema as this crate knows it.
        #[must_use]
        pub fn schema() -> Schema {
            Schema {
                objects: vec![
                    $( <super::$object as Described>::describe(), )*
                    $( <super::intune::$intune_object as Described>::describe(), )*
                ],
                enums: vec![
                    $( words::<super::$words>(), )*
                    $( words::<super::intune::$intune_words>(), )*
                ],
                polymorphic: vec![
                    $( <super::$base as Polymorphic>::describe(), )*
                    $( <super::intune::$intune_base as Polymorphic>::describe(), )*
                ],
            }
        }
    };
}

all! {
    objects:
        ApplicableContent ApplicableContentDeviceMatch ApprovalRuleBase AssignedGroup AzureAdDevice
        AzureAdDeviceRegistrationError BuildVersion Catalog CatalogContent CatalogEntryBase
        ContentApplicabilitySettings ContentApproval ContentApprovalRule CveInformation
        CveSeverityInformation DateDrivenRolloutSettings Deployment DeploymentAudience
        DeploymentSettings DeploymentState DeploymentStateReason DriverUpdateCatalogEntry
        DriverUpdateFilter DurationDrivenRolloutSettings Edition ExcludedGroupAssignment
        ExpediteSettings FeatureUpdateCatalogEntry GradualRolloutSettings IncludedGroupAssignment
        ItemBody KnowledgeBaseArticle KnownIssue KnownIssueHistoryItem MonitoringRule
        MonitoringSettings OperationalInsightsConnection PolicyApproval Product ProductRevision
        QualityUpdateApprovalRule QualityUpdateCatalogEntry QualityUpdateFilter QualityUpdatePolicy
        QualityUpdateRing RateDrivenRolloutSettings RecoveryApprovalRule RecoveryUpdateCatalogEntry
        RemediationUpdateFilter ResourceConnectionBase SafeguardProfile SafeguardSettings
        ScheduleSettings ServicingPeriod UpdatableAssetGroup UpdateCategoryEnrollmentInformation
        UpdateManagementEnrollment UpdatePolicy UserExperienceSettings WindowsUpdateFilter;
    enums:
        ApprovalStatus BodyType CveSeverityLevel DeploymentStateReasonValue DeploymentStateValue
        EnrollmentState MonitoringAction MonitoringSignal QualityUpdateCadence
        QualityUpdateClassification RegistrationErrorReason ReleaseHealthStatus RemediationType
        RequestedDeploymentStateValue ResourceConnectionState SafeguardCategory UpdateCategory;
    polymorphic:
        ApprovalRule CatalogEntry ComplianceChange ComplianceChangeRule ContentFilter
        DeployableContent GradualRollout GroupAssignment Policy ResourceConnection Ring
        UpdatableAsset UpdatableAssetError;
    intune objects:
        ActiveHoursInstall CatalogArticle CatalogBuildVersion CatalogCve CatalogCveSeverity
        CatalogItemBase CatalogItemPolicyDetail CatalogProductRevision DriverInventorySyncStatus
        DriverUpdateInventory DriverUpdateProfile DriverUpdateProfileAssignment
        ExpeditedQualityUpdateSettings FeatureUpdateCatalogItem FeatureUpdateProfile
        FeatureUpdateProfileAssignment InstallScheduleBase QualityUpdateApprovalSetting
        QualityUpdateCatalogItem QualityUpdatePolicy QualityUpdatePolicyAssignment
        QualityUpdateProfile QualityUpdateProfileAssignment RolloutSettings ScheduledInstall
        SoftwareUpdateStatusSummary UpdateForBusinessConfiguration WindowsUpdateState;
    intune enums:
        AutoRestartNotificationDismissal AutomaticUpdateMode CatalogCveSeverityLevel
        DeliveryOptimizationMode DriverApprovalAction DriverApprovalStatus DriverCategory
        DriverProfileApprovalType Enablement InventorySyncState NotificationDisplayOption
        PolicyActionType PolicyApprovalMethod PrereleaseFeatures QualityApprovalStatus
        QualityCadence QualityCategory ServicingChannel UpdateStatus UpdateWeeks WeeklySchedule;
    intune polymorphic:
        CatalogItem InstallSchedule;
}
