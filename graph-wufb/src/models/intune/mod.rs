//! Intune's resources for the updates of Windows, that administrators of Windows Update for
//! Business use beside the deployment service (`/deviceManagement`; v1.0 for rings, beta for
//! profiles).

mod driver;
mod feature;
mod open;
mod quality;
mod ring;
mod state;

pub use driver::{
    DriverInventorySyncStatus, DriverUpdateInventory, DriverUpdateProfile,
    DriverUpdateProfileAssignment,
};
pub use feature::{
    FeatureUpdateCatalogItem, FeatureUpdateProfile, FeatureUpdateProfileAssignment, RolloutSettings,
};
pub use open::{
    AutoRestartNotificationDismissal, AutomaticUpdateMode, CatalogCveSeverityLevel,
    DeliveryOptimizationMode, DriverApprovalAction, DriverApprovalStatus, DriverCategory,
    DriverProfileApprovalType, Enablement, InventorySyncState, NotificationDisplayOption,
    PolicyActionType, PolicyApprovalMethod, PrereleaseFeatures, QualityApprovalStatus,
    QualityCadence, QualityCategory, ServicingChannel, UpdateStatus, UpdateWeeks, WeeklySchedule,
};
pub use quality::{
    CatalogArticle, CatalogBuildVersion, CatalogCve, CatalogCveSeverity, CatalogItemPolicyDetail,
    CatalogProductRevision, ExpeditedQualityUpdateSettings, QualityUpdateApprovalSetting,
    QualityUpdateCatalogItem, QualityUpdatePolicy, QualityUpdatePolicyAssignment,
    QualityUpdateProfile, QualityUpdateProfileAssignment,
};
pub use ring::{
    ActiveHoursInstall, InstallSchedule, InstallScheduleBase, ScheduledInstall,
    UpdateForBusinessConfiguration,
};
pub use state::{CatalogItem, CatalogItemBase, SoftwareUpdateStatusSummary, WindowsUpdateState};

/// Declares an object of the namespace `microsoft.graph`.
macro_rules! intune_model {
    ($($rest:tt)*) => {
        $crate::models::object::model_of! { "microsoft.graph."; $($rest)* }
    };
}

use intune_model;
