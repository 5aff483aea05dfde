//! Profiles for drivers.

use super::intune_model;
use super::open::{
    DriverApprovalStatus, DriverCategory, DriverProfileApprovalType, InventorySyncState,
};
use crate::json::RawObject;
use crate::models::{DriverInventoryId, GraphDateTime, IntuneProfileId, Open};

intune_model! {
    /// Which drivers devices get (`windowsDriverUpdateProfile`).
    pub struct DriverUpdateProfile = "windowsDriverUpdateProfile" {
        /// The ID.
        id: IntuneProfileId = "id",
        /// Who approves. Cannot be changed later.
        approval_type: Open<DriverProfileApprovalType> = "approvalType",
        /// To whom, if expanded.
        assignments: Vec<DriverUpdateProfileAssignment> = "assignments",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// Days between publication and offer, where drivers approve themselves.
        deployment_deferral_in_days: i32 = "deploymentDeferralInDays",
        /// A description.
        description: String = "description",
        /// How many devices report.
        device_reporting: i32 = "deviceReporting",
        /// The name to show.
        display_name: String = "displayName",
        /// The drivers, if expanded.
        driver_inventories: Vec<DriverUpdateInventory> = "driverInventories",
        /// How the inventory went.
        inventory_sync_status: DriverInventorySyncStatus = "inventorySyncStatus",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// How many drivers wait for a decision.
        new_updates: i32 = "newUpdates",
        /// Who may see it.
        role_scope_tag_ids: Vec<String> = "roleScopeTagIds",
    }
}

intune_model! {
    /// A driver that fits devices of a profile (`windowsDriverUpdateInventory`).
    pub struct DriverUpdateInventory = "windowsDriverUpdateInventory" {
        /// The ID.
        id: DriverInventoryId = "id",
        /// How many devices it fits.
        applicable_device_count: i32 = "applicableDeviceCount",
        /// What was decided.
        approval_status: Open<DriverApprovalStatus> = "approvalStatus",
        /// Recommended or not.
        category: Open<DriverCategory> = "category",
        /// When it is offered.
        deploy_date_time: GraphDateTime = "deployDateTime",
        /// The class of the device that it drives.
        driver_class: String = "driverClass",
        /// Who makes the device.
        manufacturer: String = "manufacturer",
        /// Its name.
        name: String = "name",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// Its version.
        version: String = "version",
    }
}

intune_model! {
    /// How the inventory went (`windowsDriverUpdateProfileInventorySyncStatus`).
    pub struct DriverInventorySyncStatus = "windowsDriverUpdateProfileInventorySyncStatus" {
        /// How it went.
        driver_inventory_sync_state: Open<InventorySyncState> = "driverInventorySyncState",
        /// When it last worked.
        last_successful_sync_date_time: GraphDateTime = "lastSuccessfulSyncDateTime",
    }
}

intune_model! {
    /// To whom a profile goes (`windowsDriverUpdateProfileAssignment`).
    pub struct DriverUpdateProfileAssignment = "windowsDriverUpdateProfileAssignment" {
        /// The ID.
        id: String = "id",
        /// The group (`deviceAndAppManagementAssignmentTarget`).
        target: RawObject = "target",
    }
}
