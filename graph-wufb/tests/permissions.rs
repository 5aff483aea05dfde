//! Every path and method that the service's permissions list has a request here, with the least
//! permission that the list names; Intune's requests are those of a table from its documentation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "shared/requests.rs"]
mod requests;

use std::collections::{BTreeMap, BTreeSet};

use graph_wufb::requests::{self as r, Expect, Method, Request};
use mdm_test_support::corpus;
use requests::{all, intune};

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
    let Some(_) = corpus("graph-wufb") else { return };
    let ours: BTreeMap<(String, String), Request> = all()
        .into_iter()
        .map(|it| ((normal_target(&it.target), it.method.as_str().to_owned()), it))
        .collect();
    let listed = listed();
    for ((path, method), least) in &listed {
        let request = ours.get(&(path.clone(), method.clone()));
        let request = request.unwrap_or_else(|| panic!("no request for {method} {path}"));
        assert_eq!(request.permission.as_str(), least, "{method} {path}");
    }
    // What the list does not have (see `drift.rs` for where each leads) is read with the
    // permission for reading and written with the one for writing.
    for request in all() {
        let reads = request.method == Method::Get;
        let least = if reads { r::Permission::Read } else { r::Permission::ReadWrite };
        assert_eq!(request.permission, least, "{} {}", request.method, request.target);
    }
}

#[test]
fn a_request_that_is_repeated_does_no_more_than_once_or_says_so() {
    for request in all().into_iter().chain(intune()) {
        let makes = request.method == Method::Post && request.expect == Expect::Entity;
        assert_eq!(request.idempotent, !makes, "{} {}", request.method, request.target);
        assert_eq!(request.headers.get("Prefer"), Some("include-unknown-enum-members"));
        assert_eq!(request.headers.get("Accept"), Some("application/json"));
        let has_body = request.body.is_some();
        assert_eq!(request.headers.get("Content-Type").is_some(), has_body, "{}", request.target);
        // A GET or DELETE with a body is not passed on by every proxy (RFC 9110 section 9.3).
        let may = matches!(request.method, Method::Post | Method::Patch);
        assert!(may || !has_body, "{} {}", request.method, request.target);
    }
}

/// Intune's requests as its documentation has them (Graph reference, "deviceManagement": path and
/// least permission of the application; the actions of driver profiles): method, path, least
/// permission, whether it may be repeated, what a good answer holds.
const INTUNE: &str = "
GET    /v1.0/deviceManagement/deviceConfigurations                        Read      again  page
POST   /v1.0/deviceManagement/deviceConfigurations                        ReadWrite once   entity
GET    /v1.0/deviceManagement/deviceConfigurations/x                      Read      again  entity
PATCH  /v1.0/deviceManagement/deviceConfigurations/x                      ReadWrite again  entity
DELETE /v1.0/deviceManagement/deviceConfigurations/x                      ReadWrite again  nothing
POST   /v1.0/deviceManagement/deviceConfigurations/x/assign               ReadWrite again  nothing
GET    /beta/deviceManagement/deviceConfigurations/x/microsoft.graph.windowsUpdateForBusinessConfiguration/deviceUpdateStates Read again page
GET    /v1.0/deviceManagement/softwareUpdateStatusSummary                 Read      again  entity
GET    /beta/deviceManagement/windowsUpdateCatalogItems                   Read      again  page
GET    /beta/deviceManagement/windowsFeatureUpdateProfiles                Read      again  page
POST   /beta/deviceManagement/windowsFeatureUpdateProfiles                ReadWrite once   entity
GET    /beta/deviceManagement/windowsFeatureUpdateProfiles/x              Read      again  entity
PATCH  /beta/deviceManagement/windowsFeatureUpdateProfiles/x              ReadWrite again  entity
DELETE /beta/deviceManagement/windowsFeatureUpdateProfiles/x              ReadWrite again  nothing
POST   /beta/deviceManagement/windowsFeatureUpdateProfiles/x/assign       ReadWrite again  nothing
GET    /beta/deviceManagement/windowsQualityUpdateProfiles                Read      again  page
POST   /beta/deviceManagement/windowsQualityUpdateProfiles                ReadWrite once   entity
GET    /beta/deviceManagement/windowsQualityUpdateProfiles/x              Read      again  entity
PATCH  /beta/deviceManagement/windowsQualityUpdateProfiles/x              ReadWrite again  entity
DELETE /beta/deviceManagement/windowsQualityUpdateProfiles/x              ReadWrite again  nothing
POST   /beta/deviceManagement/windowsQualityUpdateProfiles/x/assign       ReadWrite again  nothing
GET    /beta/deviceManagement/windowsQualityUpdatePolicies                Read      again  page
POST   /beta/deviceManagement/windowsQualityUpdatePolicies                ReadWrite once   entity
GET    /beta/deviceManagement/windowsQualityUpdatePolicies/x              Read      again  entity
PATCH  /beta/deviceManagement/windowsQualityUpdatePolicies/x              ReadWrite again  entity
DELETE /beta/deviceManagement/windowsQualityUpdatePolicies/x              ReadWrite again  nothing
POST   /beta/deviceManagement/windowsQualityUpdatePolicies/x/assign       ReadWrite again  nothing
GET    /beta/deviceManagement/windowsDriverUpdateProfiles                 Read      again  page
POST   /beta/deviceManagement/windowsDriverUpdateProfiles                 ReadWrite once   entity
GET    /beta/deviceManagement/windowsDriverUpdateProfiles/x               Read      again  entity
PATCH  /beta/deviceManagement/windowsDriverUpdateProfiles/x               ReadWrite again  entity
DELETE /beta/deviceManagement/windowsDriverUpdateProfiles/x               ReadWrite again  nothing
POST   /beta/deviceManagement/windowsDriverUpdateProfiles/x/assign        ReadWrite again  nothing
GET    /beta/deviceManagement/windowsDriverUpdateProfiles/x/driverInventories Read  again  page
POST   /beta/deviceManagement/windowsDriverUpdateProfiles/x/executeAction ReadWrite again  nothing
POST   /beta/deviceManagement/windowsDriverUpdateProfiles/x/syncInventory ReadWrite again  nothing
";

#[test]
fn intunes_requests_are_those_of_its_documentation() {
    let expected: BTreeSet<String> = INTUNE
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let ours: BTreeSet<String> = intune()
        .into_iter()
        .map(|it| {
            let permission = it.permission.as_str();
            let short = permission.strip_prefix("DeviceManagementConfiguration.").unwrap();
            let path = it.target.split('?').next().unwrap();
            let again = if it.idempotent { "again" } else { "once" };
            let expect = format!("{:?}", it.expect).to_lowercase();
            let short = short.strip_suffix(".All").unwrap();
            format!("{} {path} {short} {again} {expect}", it.method)
        })
        .collect();
    assert_eq!(ours, expected);
    // Rings are filtered out of all configurations, and say what they are.
    let rings = r::list_intune_profiles(r::IntuneProfile::Ring, &r::Query::new());
    assert!(rings.target.contains("$filter=isof("), "{}", rings.target);
    for request in intune().iter().filter(|it| it.target.ends_with("/deviceConfigurations")) {
        if let Some(body) = request.body_value() {
            let body = body.as_object().unwrap();
            let name = "microsoft.graph.windowsUpdateForBusinessConfiguration";
            assert_eq!(body.odata_type(), Some(name));
        }
    }
    assert!(intune().iter().all(|request| r::lint(request).iter().all(|lint| {
        // The empty changes of this test.
        lint.code == r::LintCode::EmptyPatch
    })));
}

#[test]
fn every_list_takes_a_query() {
    let lists: Vec<Request> =
        all().into_iter().chain(intune()).filter(|it| it.expect == Expect::Page).collect();
    assert!(lists.len() > 30);
    let query = r::Query::new()
        .filter(r::Field::new("id").ne("a&b"))
        .select("id")
        .expand("more")
        .order_by("id")
        .top(3)
        .skip(4)
        .count();
    for list in lists {
        let request = list.clone().with_query(&query);
        let path = |target: &str| target.split('?').next().unwrap().to_owned();
        assert_eq!(path(&request.target), path(&list.target));
        let (_, options) = request.target.split_once('?').unwrap();
        let names: Vec<&str> =
            options.split('&').map(|option| option.split('=').next().unwrap()).collect();
        let once: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(once.len(), names.len(), "{options}");
        for name in ["$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$count"] {
            assert!(once.contains(name), "{}", request.target);
        }
        assert!(options.contains("id%20ne%20%27a%26b%27"), "{options}");
        assert_eq!(r::lint(&request), [], "{}", request.target);
        // Nothing but the target has changed.
        let mut rest = request;
        rest.target.clone_from(&list.target);
        assert_eq!(rest, list);
    }
}
