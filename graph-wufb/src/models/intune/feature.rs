//! Profiles for feature updates.

use super::intune_model;
use super::state::WindowsUpdateState;
use crate::json::RawObject;
use crate::models::{GraphDateTime, IntuneProfileId};

intune_model! {
    /// The feature update that devices are kept at (`windowsFeatureUpdateProfile`).
    pub struct FeatureUpdateProfile = "windowsFeatureUpdateProfile" {
        /// The ID.
        id: IntuneProfileId = "id",
        /// To whom, if expanded.
        assignments: Vec<FeatureUpdateProfileAssignment> = "assignments",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// The update's name.
        deployable_content_display_name: String = "deployableContentDisplayName",
        /// A description.
        description: String = "description",
        /// The name to show.
        display_name: String = "displayName",
        /// When the update gets no more updates itself.
        end_of_support_date: GraphDateTime = "endOfSupportDate",
        /// How far its devices are, if expanded (2021; gone since).
        device_update_states: Vec<WindowsUpdateState> = "deviceUpdateStates",
        /// The version, such as `Windows 11, version 24H2`.
        feature_update_version: String = "featureUpdateVersion",
        /// Whether users may choose it instead of getting it.
        install_feature_updates_optional: bool = "installFeatureUpdatesOptional",
        /// Whether devices that cannot run Windows 11 get the newest Windows 10.
        install_latest_windows10_on_windows11_ineligible_device: bool
            = "installLatestWindows10OnWindows11IneligibleDevice",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// Who may see it.
        role_scope_tag_ids: Vec<String> = "roleScopeTagIds",
        /// In which steps.
        rollout_settings: RolloutSettings = "rolloutSettings",
    }
}

intune_model! {
    /// In which steps (`windowsUpdateRolloutSettings`).
    pub struct RolloutSettings = "windowsUpdateRolloutSettings" {
        /// The last offer.
        offer_end_date_time_in_utc: GraphDateTime = "offerEndDateTimeInUTC",
        /// Days between two offers.
        offer_interval_in_days: i32 = "offerIntervalInDays",
        /// The first offer. Less than two days ahead it is refused with 400, "An error has occurred"
        /// (*Observed* by others).
        offer_start_date_time_in_utc: GraphDateTime = "offerStartDateTimeInUTC",
    }
}

intune_model! {
    /// To whom a profile goes (`windowsFeatureUpdateProfileAssignment`).
    pub struct FeatureUpdateProfileAssignment = "windowsFeatureUpdateProfileAssignment" {
        /// The ID.
        id: String = "id",
        /// The group (`deviceAndAppManagementAssignmentTarget`).
        target: RawObject = "target",
    }
}

intune_model! {
    /// A feature update that a profile can be made of (`windowsFeatureUpdateCatalogItem`).
    pub struct FeatureUpdateCatalogItem = "windowsFeatureUpdateCatalogItem" {
        /// The ID.
        id: String = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// When it gets no more updates.
        end_of_support_date: GraphDateTime = "endOfSupportDate",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// The version.
        version: String = "version",
    }
}
