//! Every path and method that the service's permissions list has a request here, with the least
//! permission that the list names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use graph_wufb::json::RawObject;
use graph_wufb::models::{
    ApprovalId, AudienceId, CatalogEntryId, ConnectionId, ContentApproval, Deployment,
    DeploymentId, DeviceId, KnownIssueId, OperationalInsightsConnection, PolicyApproval,
    PolicyApprovalId, PolicyId, ProductId, QualityUpdatePolicy, QualityUpdateRing,
    RequestedDeploymentStateValue, RingId, UpdateCategory, UpdatePolicy,
};
use graph_wufb::requests::{self as r, AssetKind, AudienceUpdate, Query, Request};
use mdm_test_support::corpus;

/// One request of every kind, with `x` for every ID and 1 for every number.
fn requests() -> Vec<Request> {
    let (asset, audience) = (DeviceId::new("x").unwrap(), AudienceId::new("x").unwrap());
    let (policy, change) = (PolicyId::new("x").unwrap(), ApprovalId::new("x").unwrap());
    let (deployment, entry) = (DeploymentId::new("x").unwrap(), CatalogEntryId::new("x").unwrap());
    let (ring, approval) = (RingId::new("x").unwrap(), PolicyApprovalId::new("x").unwrap());
    let (product, issue) = (ProductId::new("x").unwrap(), KnownIssueId::new("x").unwrap());
    let connection = ConnectionId::new("x").unwrap();
    let (driver, device, all) = (UpdateCategory::Driver, AssetKind::Device, Query::new());
    let update = AudienceUpdate::new().add_members([&asset]);
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
        r::get_mdm_app_settings("x"),
        r::patch_mdm_app_settings("x", RawObject::new()),
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
        r::create_content_approval(&policy, &entry, None),
        r::create_compliance_change(&policy, &ContentApproval::default()),
        r::get_compliance_change(&policy, &change),
        r::delete_compliance_change(&policy, &change),
        r::patch_compliance_change(&policy, &change, &ContentApproval::default()),
        r::revoke_content_approval(&policy, &change),
    ]
}

/// A path in one spelling: lower case, `{}` for what a caller puts in, no `Default.` before
/// functions (the list has them with and without).
fn normal(path: &str) -> String {
    let mut out = String::new();
    let mut open = false;
    for character in path.chars() {
        match character {
            '{' => {
                open = true;
                out.push_str("{}");
            }
            '}' => open = false,
            _ if open => {}
            _ => out.push(character.to_ascii_lowercase()),
        }
    }
    out.replace("/default.", "/")
}

/// The same of a request's target.
fn normal_target(target: &str) -> String {
    let path = target.split('?').next().unwrap().strip_prefix("/beta").unwrap();
    let segments = path.split('/').map(|segment| match segment.split_once('(') {
        _ if segment == "x" => "{}".to_owned(),
        Some((name, parameters)) => {
            let parameters = parameters.trim_end_matches(')').split(',');
            let parameters: Vec<String> =
                parameters.map(|it| format!("{}={{}}", it.split('=').next().unwrap())).collect();
            format!("{name}({})", parameters.join(","))
        }
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/").to_ascii_lowercase()
}

/// What the list says: path and method, and the least permission.
fn listed() -> BTreeMap<(String, String), String> {
    let mut all: BTreeMap<(String, String), String> = BTreeMap::new();
    let Some(corpus) = corpus("graph-wufb") else { return all };
    for file in corpus.files().iter().filter(|file| file.name.ends_with(".json")) {
        let Ok(json) = serde_json::from_slice::<serde_json::Value>(&file.bytes) else { continue };
        let Some(permissions) = json.get("permissions").and_then(|it| it.as_object()) else {
            continue;
        };
        for (name, permission) in permissions {
            for set in permission["pathSets"].as_array().unwrap() {
                for (path, least) in set["paths"].as_object().unwrap() {
                    for method in set["methods"].as_array().unwrap() {
                        let key = (normal(path), method.as_str().unwrap().to_owned());
                        let least = least.as_str().is_some_and(|text| text.contains("least="));
                        // Where two are called least, reading is less than writing.
                        let reads = name.contains(".Read.");
                        if least && (reads || !all.contains_key(&key)) {
                            all.insert(key, name.clone());
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_listed_path_and_method_has_a_request_with_its_least_permission() {
    let ours: BTreeMap<(String, String), Request> = requests()
        .into_iter()
        .map(|it| ((normal_target(&it.target), it.method.as_str().to_owned()), it))
        .collect();
    for ((path, method), least) in listed() {
        let request = ours.get(&(path.clone(), method.clone()));
        let request = request.unwrap_or_else(|| panic!("no request for {method} {path}"));
        assert_eq!(request.permission.as_str(), least, "{method} {path}");
    }
}

#[test]
fn a_request_that_is_repeated_does_no_more_than_once_or_says_so() {
    for request in requests() {
        let makes = request.method == r::Method::Post && request.expect == r::Expect::Entity;
        assert_eq!(request.idempotent, !makes, "{} {}", request.method, request.target);
        assert_eq!(request.headers.get("Prefer"), Some("include-unknown-enum-members"));
    }
}
