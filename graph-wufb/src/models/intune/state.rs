//! What devices report, and the catalog that profiles are made from.

use super::feature::FeatureUpdateCatalogItem;
use super::intune_model;
use super::open::UpdateStatus;
use super::quality::QualityUpdateCatalogItem;
use crate::models::object::polymorphic;
use crate::models::{GraphDateTime, Open};

intune_model! {
    /// How far a device is with the updates of its ring (`windowsUpdateState`).
    pub struct WindowsUpdateState = "windowsUpdateState" {
        /// The ID.
        id: String = "id",
        /// The device's name.
        device_display_name: String = "deviceDisplayName",
        /// The device.
        device_id: String = "deviceId",
        /// The feature update that it has.
        feature_update_version: String = "featureUpdateVersion",
        /// When it last looked for updates.
        last_scan_date_time: GraphDateTime = "lastScanDateTime",
        /// When Intune last heard of it.
        last_sync_date_time: GraphDateTime = "lastSyncDateTime",
        /// The quality update that it has.
        quality_update_version: String = "qualityUpdateVersion",
        /// How far it is.
        status: Open<UpdateStatus> = "status",
        /// The user.
        user_id: String = "userId",
        /// The user's name.
        user_principal_name: String = "userPrincipalName",
    }
}

intune_model! {
    /// How many devices and users are where (`softwareUpdateStatusSummary`).
    pub struct SoftwareUpdateStatusSummary = "softwareUpdateStatusSummary" {
        /// The ID.
        id: String = "id",
        /// The policy's name.
        display_name: String = "displayName",
        /// Devices that have what they should.
        compliant_device_count: i32 = "compliantDeviceCount",
        /// Their users.
        compliant_user_count: i32 = "compliantUserCount",
        /// Devices with policies that contradict each other.
        conflict_device_count: i32 = "conflictDeviceCount",
        /// Their users.
        conflict_user_count: i32 = "conflictUserCount",
        /// Devices with an error.
        error_device_count: i32 = "errorDeviceCount",
        /// Their users.
        error_user_count: i32 = "errorUserCount",
        /// Devices that lack something.
        non_compliant_device_count: i32 = "nonCompliantDeviceCount",
        /// Their users.
        non_compliant_user_count: i32 = "nonCompliantUserCount",
        /// Devices that it does not concern.
        not_applicable_device_count: i32 = "notApplicableDeviceCount",
        /// Their users.
        not_applicable_user_count: i32 = "notApplicableUserCount",
        /// Devices that were put right.
        remediated_device_count: i32 = "remediatedDeviceCount",
        /// Their users.
        remediated_user_count: i32 = "remediatedUserCount",
        /// Devices of which nothing is known.
        unknown_device_count: i32 = "unknownDeviceCount",
        /// Their users.
        unknown_user_count: i32 = "unknownUserCount",
    }
}

polymorphic! {
    /// An update that profiles can be made of (`windowsUpdateCatalogItem`).
    pub enum CatalogItem = "windowsUpdateCatalogItem" ("a catalog item") {
        /// A feature update.
        Feature(FeatureUpdateCatalogItem) = "windowsFeatureUpdateCatalogItem",
        /// A quality update.
        Quality(QualityUpdateCatalogItem) = "windowsQualityUpdateCatalogItem",
        /// The base type's name.
        Base(CatalogItemBase) = "windowsUpdateCatalogItem",
    }
}

intune_model! {
    /// What every item has (`windowsUpdateCatalogItem`).
    pub struct CatalogItemBase = "windowsUpdateCatalogItem" {
        /// The ID.
        id: String = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// When it gets no more updates.
        end_of_support_date: GraphDateTime = "endOfSupportDate",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
    }
}
