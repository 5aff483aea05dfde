//! Every request of the crate once, for the tests that compare them with the schema and the
//! permissions.
#![allow(dead_code, reason = "each test file uses a part")]

use graph_wufb::json::RawObject;
use graph_wufb::models::intune::{
    DriverApprovalAction, DriverUpdateProfile, FeatureUpdateProfile, QualityUpdatePolicy as Policy,
    QualityUpdateProfile, UpdateForBusinessConfiguration,
};
use graph_wufb::models::{
    ApprovalId, AudienceId, CatalogEntryId, ConnectionId, ContentApproval, Deployment,
    DeploymentId, DeviceId, DriverInventoryId, GroupId, IntuneProfileId, KnownIssueId, MdmAppId,
    OperationalInsightsConnection, PolicyApproval, PolicyApprovalId, PolicyId, ProductId,
    QualityUpdatePolicy, QualityUpdateRing, RequestedDeploymentStateValue, RingId, UpdateCategory,
    UpdatePolicy,
};
use graph_wufb::requests::{self as r, AssetKind, AudienceUpdate, IntuneProfile, Query, Request};

/// One request of every kind, with `x` for every ID, 1 for every number, and every list filled.
pub(crate) fn all() -> Vec<Request> {
    let (asset, audience) = (DeviceId::new("x").unwrap(), AudienceId::new("x").unwrap());
    let (policy, change) = (PolicyId::new("x").unwrap(), ApprovalId::new("x").unwrap());
    let (deployment, entry) = (DeploymentId::new("x").unwrap(), CatalogEntryId::new("x").unwrap());
    let (ring, approval) = (RingId::new("x").unwrap(), PolicyApprovalId::new("x").unwrap());
    let (product, issue) = (ProductId::new("x").unwrap(), KnownIssueId::new("x").unwrap());
    let (connection, app) = (ConnectionId::new("x").unwrap(), MdmAppId::new("x").unwrap());
    let (driver, device, all) = (UpdateCategory::Driver, AssetKind::Device, Query::new());
    let update = AudienceUpdate::new()
        .add_members([&asset])
        .remove_members([&asset])
        .add_exclusions([&asset])
        .remove_exclusions([&asset]);
    vec![
        r::list_catalog_entries(&all),
        r::list_deployment_audiences(),
        r::create_deployment_audience(),
        r::get_deployment_audience(&audience),
        r::delete_deployment_audience(&audience),
        r::list_audience_exclusions(&audience),
        r::list_audience_members(&audience),
        r::update_audience(&audience, &update),
        r::update_audience_by_id(&audience, &update, device),
        r::list_applicable_content(&audience),
        r::list_matched_devices(&audience, &entry),
        r::list_deployments(),
        r::create_deployment(&Deployment::default()),
        r::get_deployment(&deployment),
        r::delete_deployment(&deployment),
        r::patch_deployment(&deployment, &Deployment::default()),
        r::request_deployment_state(&deployment, RequestedDeploymentStateValue::Paused),
        r::update_deployment_audience_by_id(&deployment, &update, device),
        r::list_known_issues(),
        r::get_known_issue(&issue),
        r::find_known_issues_by_kb_number(1),
        r::list_policies(),
        r::create_policy(&QualityUpdatePolicy::default()),
        r::get_policy(&policy),
        r::delete_policy(&policy),
        r::patch_policy(&policy, &QualityUpdatePolicy::default()),
        r::list_policy_applicable_content(&policy),
        r::list_policy_matched_devices(&policy, &entry),
        r::list_policy_approvals(&policy),
        r::create_policy_approval(&policy, &PolicyApproval::default()),
        r::get_policy_approval(&policy, &approval),
        r::delete_policy_approval(&policy, &approval),
        r::patch_policy_approval(&policy, &approval, &PolicyApproval::default()),
        r::list_rings(&policy),
        r::create_ring(&policy, &QualityUpdateRing::default()),
        r::get_ring(&policy, &ring),
        r::delete_ring(&policy, &ring),
        r::patch_ring(&policy, &ring, &QualityUpdateRing::default()),
        r::list_products(&all),
        r::get_product(&product),
        r::find_products_by_catalog_id(&entry, &all),
        r::find_products_by_kb_number(1, &all),
        r::find_products_by_end_of_service(1),
        r::list_editions(&product),
        r::list_product_revisions(&product),
        r::list_product_known_issues(&product),
        r::get_known_issues_by_time_range(&product, 1, Some(true)),
        r::list_resource_connections(),
        r::list_operational_insights_connections(),
        r::create_resource_connection(&OperationalInsightsConnection::default()),
        r::get_resource_connection(&connection),
        r::delete_resource_connection(&connection),
        r::get_tenant_settings(),
        r::patch_tenant_settings(RawObject::new()),
        r::list_mdm_app_settings(),
        r::create_mdm_app_settings(RawObject::new()),
        r::get_mdm_app_settings(&app),
        r::patch_mdm_app_settings(&app, RawObject::new()),
        r::list_updatable_assets(),
        r::list_azure_ad_devices(),
        r::create_updatable_asset_group(),
        r::list_updatable_asset_groups(),
        r::get_updatable_asset(&asset),
        r::delete_updatable_asset(&asset),
        r::enroll_assets(driver, [&asset]),
        r::enroll_assets_by_id(driver, [&asset]),
        r::unenroll_assets(driver, [&asset]),
        r::unenroll_assets_by_id(driver, [&asset]),
        r::add_group_members(&asset, [&asset]),
        r::add_group_members_by_id(&asset, [&asset], device),
        r::remove_group_members(&asset, [&asset]),
        r::remove_group_members_by_id(&asset, [&asset], device),
        r::list_group_members(&asset),
        r::list_update_policies(),
        r::create_update_policy(&audience, None),
        r::create_update_policy_of(&UpdatePolicy::default()),
        r::get_update_policy(&policy),
        r::delete_update_policy(&policy),
        r::patch_update_policy(&policy, &UpdatePolicy::default()),
        r::list_compliance_changes(&policy),
        r::list_content_approvals(&policy),
        r::list_deployments_of_approval(&policy, &change),
        r::create_content_approval(&policy, &entry, None),
        r::create_compliance_change(&policy, &ContentApproval::default()),
        r::get_compliance_change(&policy, &change),
        r::delete_compliance_change(&policy, &change),
        r::patch_compliance_change(&policy, &change, &ContentApproval::default()),
        r::revoke_content_approval(&policy, &change),
    ]
}

/// The requests that carry out an action or a function, with as little as they can hold.
pub(crate) fn smallest() -> Vec<Request> {
    let (asset, audience) = (DeviceId::new("x").unwrap(), AudienceId::new("x").unwrap());
    let (deployment, entry) = (DeploymentId::new("x").unwrap(), CatalogEntryId::new("x").unwrap());
    let product = ProductId::new("x").unwrap();
    let (driver, device, all) = (UpdateCategory::Driver, AssetKind::Group, Query::new());
    let update = AudienceUpdate::new();
    vec![
        r::enroll_assets(driver, []),
        r::enroll_assets_by_id(driver, []),
        r::unenroll_assets(driver, []),
        r::unenroll_assets_by_id(driver, []),
        r::add_group_members(&asset, []),
        r::add_group_members_by_id(&asset, [], device),
        r::remove_group_members(&asset, []),
        r::remove_group_members_by_id(&asset, [], device),
        r::update_audience(&audience, &update),
        r::update_audience_by_id(&audience, &update, device),
        r::update_deployment_audience_by_id(&deployment, &update, device),
        r::find_products_by_catalog_id(&entry, &all),
        r::find_products_by_kb_number(1, &all),
        r::get_known_issues_by_time_range(&product, 1, None),
    ]
}

/// Every request to Intune.
pub(crate) fn intune() -> Vec<Request> {
    use IntuneProfile::{Driver, Feature, Quality, QualityPolicy, Ring};
    let (group, all) = (GroupId::new("x").unwrap(), Query::new());
    let (profile, driver) =
        (IntuneProfileId::new("x").unwrap(), DriverInventoryId::new("x").unwrap());
    let (profile, approve) = (&profile, DriverApprovalAction::Approve);
    let mut requests = vec![
        r::create_update_ring(&UpdateForBusinessConfiguration::default()),
        r::patch_update_ring(profile, &UpdateForBusinessConfiguration::default()),
        r::create_feature_update_profile(&FeatureUpdateProfile::default()),
        r::create_quality_update_profile(&QualityUpdateProfile::default()),
        r::create_quality_update_policy(&Policy::default()),
        r::create_driver_update_profile(&DriverUpdateProfile::default()),
        r::list_driver_inventories(profile, &all),
        r::execute_driver_action(profile, approve, [&driver], Some("2026-01-01")),
        r::sync_driver_inventory(profile),
        r::list_update_catalog_items(&all),
        r::list_device_update_states(profile),
        r::get_software_update_status_summary(),
    ];
    for kind in [Ring, Feature, Quality, QualityPolicy, Driver] {
        requests.extend([
            r::list_intune_profiles(kind, &all),
            r::get_intune_profile(kind, profile),
            r::delete_intune_profile(kind, profile),
            r::assign_intune_profile(kind, profile, [&group], [&group]),
        ]);
        if kind != Ring {
            requests.push(r::patch_intune_profile(kind, profile, RawObject::new()));
        }
    }
    requests
}
