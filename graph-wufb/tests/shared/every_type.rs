//! Every model by its type, for the tests that hold for all of them. `every_model.rs` compares the
//! list with the schema.

/// Calls `$run!(type)` for every object type, then for every type that `@odata.type` decides.
macro_rules! every_type {
    ($run:ident) => {
        every_type!(@ $run models: ApplicableContent ApplicableContentDeviceMatch ApprovalRuleBase
            AssignedGroup AzureAdDevice AzureAdDeviceRegistrationError BuildVersion Catalog
            CatalogContent CatalogEntryBase ContentApplicabilitySettings ContentApproval
            ContentApprovalRule CveInformation CveSeverityInformation DateDrivenRolloutSettings
            Deployment DeploymentAudience DeploymentSettings DeploymentState DeploymentStateReason
            DriverUpdateCatalogEntry DriverUpdateFilter DurationDrivenRolloutSettings Edition
            ExcludedGroupAssignment ExpediteSettings FeatureUpdateCatalogEntry
            GradualRolloutSettings IncludedGroupAssignment ItemBody KnowledgeBaseArticle KnownIssue
            KnownIssueHistoryItem MonitoringRule MonitoringSettings OperationalInsightsConnection
            PolicyApproval Product ProductRevision QualityUpdateApprovalRule
            QualityUpdateCatalogEntry QualityUpdateFilter QualityUpdatePolicy QualityUpdateRing
            RateDrivenRolloutSettings RecoveryApprovalRule RecoveryUpdateCatalogEntry
            RemediationUpdateFilter ResourceConnectionBase SafeguardProfile SafeguardSettings
            ScheduleSettings ServicingPeriod UpdatableAssetGroup
            UpdateCategoryEnrollmentInformation UpdateManagementEnrollment UpdatePolicy
            UserExperienceSettings WindowsUpdateFilter
            ApprovalRule CatalogEntry ComplianceChange ComplianceChangeRule ContentFilter
            DeployableContent GradualRollout GroupAssignment Policy ResourceConnection Ring
            UpdatableAsset UpdatableAssetError);
        every_type!(@ $run intune: ActiveHoursInstall CatalogArticle CatalogBuildVersion CatalogCve
            CatalogCveSeverity CatalogItemBase CatalogItemPolicyDetail CatalogProductRevision
            DriverInventorySyncStatus DriverUpdateInventory DriverUpdateProfile
            DriverUpdateProfileAssignment ExpeditedQualityUpdateSettings FeatureUpdateCatalogItem
            FeatureUpdateProfile FeatureUpdateProfileAssignment InstallScheduleBase
            QualityUpdateApprovalSetting QualityUpdateCatalogItem QualityUpdatePolicy
            QualityUpdatePolicyAssignment QualityUpdateProfile QualityUpdateProfileAssignment
            RolloutSettings ScheduledInstall SoftwareUpdateStatusSummary
            UpdateForBusinessConfiguration WindowsUpdateState CatalogItem InstallSchedule);
    };
    (@ $run:ident $module:ident: $($model:ident)*) => { $( $run!($module::$model); )* };
}
