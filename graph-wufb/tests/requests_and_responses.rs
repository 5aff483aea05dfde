//! Requests have the seed's shapes; answers are read whatever their form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{
    ApplicableContent, AzureAdDevice, DeploymentSettings, DeviceId, GradualRollout, IsoDuration,
    Member, RateDrivenRolloutSettings, ScheduleSettings, UpdateCategory, UpdatePolicy,
};
use graph_wufb::requests::{self, AudienceUpdate, Headers, Method, Permission, Request};
use graph_wufb::{ErrorKind, Response, RetryAfter};
use serde_json::{Value, json};

const DEVICE: &str = "#microsoft.graph.windowsUpdates.azureADDevice";

fn body(request: &Request) -> Value {
    serde_json::from_slice(request.body.as_deref().unwrap()).unwrap()
}

fn tail(request: &Request) -> &str {
    request.target.strip_prefix("/beta/admin/windows/updates/").unwrap()
}

#[test]
fn enrolment_names_devices_by_type_and_id() {
    let ids: Vec<DeviceId> = ["d1", "d2"].iter().map(|id| id.parse().unwrap()).collect();
    let request = requests::enroll_assets(UpdateCategory::Driver, &ids);
    assert_eq!(tail(&request), "updatableAssets/enrollAssets");
    let assets = json!([{"@odata.type": DEVICE, "id": "d1"}, {"@odata.type": DEVICE, "id": "d2"}]);
    assert_eq!(body(&request), json!({"updateCategory": "driver", "assets": assets}));
    assert_eq!(request.headers.get("content-type"), Some("application/json"));
    assert_eq!(request.headers.get("prefer"), Some("include-unknown-enum-members"));
    assert_eq!((request.permission, request.idempotent), (Permission::ReadWrite, true));
    let request = requests::unenroll_assets(UpdateCategory::Feature, &ids[..1]);
    assert_eq!(tail(&request), "updatableAssets/unenrollAssets");
    assert_eq!(body(&request)["updateCategory"], "feature");
}

#[test]
fn audiences_are_made_empty_and_changed_by_lists() {
    let request = requests::create_deployment_audience();
    assert_eq!((tail(&request), body(&request)), ("deploymentAudiences", json!({})));
    assert!(!request.idempotent);
    let (one, two): (DeviceId, DeviceId) = ("d1".parse().unwrap(), "d2".parse().unwrap());
    let update = AudienceUpdate::new().add_members([&one]).remove_exclusions([&two]);
    let request = requests::update_audience(&"a1".parse().unwrap(), &update);
    assert_eq!(tail(&request), "deploymentAudiences/a1/updateAudience");
    let device = |id| json!([{"@odata.type": DEVICE, "id": id}]);
    assert_eq!(
        body(&request),
        json!({"addMembers": device("d1"), "removeExclusions": device("d2")})
    );
}

#[test]
fn a_policy_binds_its_audience() {
    let request = requests::create_update_policy(&"a1".parse().unwrap(), None);
    assert_eq!((request.method, tail(&request)), (Method::Post, "updatePolicies"));
    assert_eq!(body(&request), json!({"audience": {"@odata.id": "a1"}}));
    let request = requests::get_update_policy(&"p1".parse().unwrap());
    assert_eq!((tail(&request), request.permission), ("updatePolicies/p1", Permission::Read));
    assert_eq!(request.body, None);
    let mut change = UpdatePolicy::default();
    let mut settings = DeploymentSettings::default();
    settings.expedite = Member::Null;
    change.deployment_settings = settings.into();
    let request = requests::patch_update_policy(&"p1".parse().unwrap(), &change);
    assert_eq!(request.method, Method::Patch);
    assert_eq!(body(&request), json!({"deploymentSettings": {"expedite": null}}));
}

#[test]
fn an_approval_names_the_driver_and_when_to_start() {
    let start: DateTime<Utc> = "2026-02-14T01:00:00Z".parse().unwrap();
    let settings = DeploymentSettings::starting(start);
    let (policy, entry) = ("p1".parse().unwrap(), "5d6d".parse().unwrap());
    let request = requests::create_content_approval(&policy, &entry, Some(&settings));
    assert_eq!(tail(&request), "updatePolicies/p1/complianceChanges");
    assert_eq!(
        body(&request),
        json!({
            "@odata.type": "#microsoft.graph.windowsUpdates.contentApproval",
            "content": {
                "@odata.type": "#microsoft.graph.windowsUpdates.catalogContent",
                "catalogEntry": {
                    "@odata.type": "#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry",
                    "id": "5d6d"
                }
            },
            "deploymentSettings": {
                "@odata.type": "microsoft.graph.windowsUpdates.deploymentSettings",
                "schedule": {"startDateTime": "2026-02-14T01:00:00Z"}
            }
        })
    );
    let request = requests::revoke_content_approval(&policy, &"c1".parse().unwrap());
    assert_eq!(
        (request.method, tail(&request)),
        (Method::Patch, "updatePolicies/p1/complianceChanges/c1")
    );
    assert_eq!(
        body(&request),
        json!({"@odata.type": "#microsoft.graph.windowsUpdates.contentApproval", "isRevoked": true})
    );
}

/// The schema's lists of abstract types (`policy`, `ring`, `complianceChange`, `resourceConnection`)
/// do not say what is meant; every published request to them does.
#[test]
fn what_goes_to_a_list_of_an_abstract_type_names_its_own() {
    use graph_wufb::models::{
        ContentApproval, OperationalInsightsConnection, QualityUpdatePolicy, QualityUpdateRing,
    };
    use graph_wufb::requests::{Patch, lint};
    let (policy, approval, ring) =
        ("p1".parse().unwrap(), "c1".parse().unwrap(), "r1".parse().unwrap());
    let name = |name: &str| Patch::<QualityUpdateRing>::new().set(|it| &mut it.display_name, name);
    let paused = Patch::<QualityUpdateRing>::new().set(|it| &mut it.is_paused, true);
    let named = Patch::<QualityUpdatePolicy>::new().set(|it| &mut it.display_name, "a");
    let revoked = Patch::<ContentApproval>::new().set(|it| &mut it.is_revoked, true);
    let mut connection = OperationalInsightsConnection::default();
    connection.workspace_name = "w".to_owned().into();
    for (request, expected) in [
        (requests::create_policy(named.as_model()), "qualityUpdatePolicy"),
        (requests::patch_policy(&policy, named.as_model()), "qualityUpdatePolicy"),
        (requests::create_ring(&policy, name("a").as_model()), "qualityUpdateRing"),
        (requests::patch_ring(&policy, &ring, paused.as_model()), "qualityUpdateRing"),
        (requests::create_compliance_change(&policy, revoked.as_model()), "contentApproval"),
        (
            requests::patch_compliance_change(&policy, &approval, revoked.as_model()),
            "contentApproval",
        ),
        (requests::create_resource_connection(&connection), "operationalInsightsConnection"),
    ] {
        let body = request.body_value().unwrap();
        let expected = format!("microsoft.graph.windowsUpdates.{expected}");
        assert_eq!(body.as_object().unwrap().odata_type(), Some(expected.as_str()));
        assert_eq!(lint(&request), [], "{}", request.target);
    }
    // One that is named stays, be it the abstract one that the documentation's samples have.
    let mut change = QualityUpdateRing::default();
    change.extra.insert("@odata.type", "#microsoft.graph.windowsUpdates.ring");
    let request = requests::patch_ring(&policy, &ring, &change);
    assert_eq!(body(&request), json!({"@odata.type": "#microsoft.graph.windowsUpdates.ring"}));
    let request = requests::create_ring(&policy, &QualityUpdateRing::tagged());
    assert_eq!(body(&request).as_object().unwrap().len(), 1);
}

#[test]
fn durations_never_leave_in_weeks() {
    let read = serde_json::from_value::<IsoDuration>(json!("P2W")).unwrap();
    let mut rollout = RateDrivenRolloutSettings::new(10, 1);
    rollout.duration_between_offers = read.into();
    let mut schedule = ScheduleSettings::default();
    schedule.gradual_rollout = GradualRollout::RateDriven(rollout).into();
    let mut settings = DeploymentSettings::default();
    settings.schedule = schedule.into();
    let request = requests::create_update_policy(&"a1".parse().unwrap(), Some(&settings));
    let rollout = &body(&request)["deploymentSettings"]["schedule"]["gradualRollout"];
    assert_eq!(rollout["durationBetweenOffers"], "P14D");
    assert_eq!(rollout["devicesPerOffer"], 10);
}

#[test]
fn ids_cannot_leave_their_segment() {
    let id = "../deployments?x='é#".parse().unwrap();
    let request = requests::get_updatable_asset(&id);
    assert_eq!(tail(&request), "updatableAssets/..%2Fdeployments%3Fx%3D%27%C3%A9%23");
    let request = requests::list_deployments_of_audience(&"a'b c".parse().unwrap());
    assert_eq!(tail(&request), "deployments?$filter=audience/id%20eq%20%27a%27%27b%20c%27");
    assert_eq!(tail(&requests::list_deployments()), "deployments");
}

#[test]
fn any_2xx_is_good_with_or_without_body() {
    for status in [200, 201, 202, 204, 299] {
        let response = Response::parse(status, &Headers::new(), b" \n").unwrap().ok().unwrap();
        assert!(response.entity::<UpdatePolicy>().unwrap().is_none());
        assert!(response.page::<ApplicableContent>().unwrap().items.is_empty());
    }
    // One object, wrapped as some documentation does.
    let text = br#"{"value": {"id": "d1", "errors": []}}"#;
    let response = Response::parse(200, &Headers::new(), text).unwrap();
    let device = response.entity::<AzureAdDevice>().unwrap().unwrap().value;
    assert_eq!(device.id.get().unwrap().as_str(), "d1");
    // Not what was asked for.
    let error = response.page::<ApplicableContent>().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Shape { .. }), "{error}");
    assert!(Response::parse(200, &Headers::new(), b"<html>").is_err());
}

#[test]
fn pages_say_where_the_next_one_is() {
    let text = br#"{"@odata.count": 7, "value": [], "@odata.nextLink": "https://graph.microsoft.com/beta/x"}"#;
    let page = Response::parse(200, &Headers::new(), text).unwrap().page::<ApplicableContent>();
    let page = page.unwrap();
    assert_eq!((page.count, page.items.len()), (Some(7), 0));
    assert_eq!(page.next_link.as_deref(), Some("https://graph.microsoft.com/beta/x"));
}

#[test]
fn a_page_in_other_spellings_is_read_and_reported() {
    use graph_wufb::json::{Code, Options};
    let read = |text: &str| {
        Response::parse(200, &Headers::new(), text.as_bytes()).unwrap().page::<AzureAdDevice>()
    };
    let strict = |text: &str| {
        let headers = Headers::new();
        let answer = Response::parse_with(200, &headers, text.as_bytes(), &Options::strict());
        answer.unwrap().page::<AzureAdDevice>().unwrap_err()
    };
    let text = "{\"@odata.Count\": \"7\",\n \"Value\": [],\n \"@odata.nextlink\": \"https://x/y\"}";
    let page = read(text).unwrap();
    assert_eq!((page.count, page.next_link.as_deref()), (Some(7), Some("https://x/y")));
    assert!(!page.unreadable_link);
    let found: Vec<_> = page
        .diagnostics
        .iter()
        .map(|it| (it.code, it.pointer.as_str(), it.position.line, it.position.column))
        .collect();
    assert_eq!(
        found,
        [
            (Code::NameCase, "/Value", 2, 11),
            (Code::NameCase, "/@odata.nextlink", 3, 21),
            (Code::NameCase, "/@odata.Count", 1, 18),
            (Code::StringInteger, "/@odata.Count", 1, 18),
        ]
    );
    assert_eq!(
        strict(text).to_string(),
        "expected value, found the name \"Value\", at line 2, column 11 (in /Value)"
    );
    // A link that is no text: there is more, and nobody can say where.
    for (link, unreadable) in
        [("7", true), ("{}", true), ("[]", true), ("true", true), ("null", false)]
    {
        let text = format!(r#"{{"value": [{{"id": "a"}}], "@odata.nextLink": {link}}}"#);
        let page = read(&text).unwrap();
        assert_eq!((page.items.len(), page.next_link), (1, None), "{link}");
        assert_eq!(page.unreadable_link, unreadable, "{link}");
        assert_eq!(page.diagnostics.len(), 1, "{link}");
        assert_eq!(page.diagnostics[0].code, Code::UnexpectedType);
        let error = strict(&text);
        assert_eq!(error.path(), Some("/@odata.nextLink"));
        assert_eq!(error.position().unwrap().column, 45, "{error}");
    }
    let page = read(r#"{"value": [], "@odata.nextLink": }"#).unwrap();
    assert!(page.unreadable_link, "null stands for what was missing");
    assert!(!read(r#"{"value": []}"#).unwrap().unreadable_link);
}

#[test]
fn what_is_no_page_or_object_is_refused_with_its_place() {
    let page = |text: &str| {
        let answer = Response::parse(200, &Headers::new(), text.as_bytes()).unwrap();
        answer.page::<AzureAdDevice>().unwrap_err().to_string()
    };
    for (text, error) in [
        ("[]", "expected an object with an array `value`, found an array, at line 1, column 1"),
        ("{}", "expected an array `value`, found an object without one, at line 1, column 1"),
        (
            " {\n\"value\": 7}",
            "expected an array `value`, found a number, at line 2, column 10 (in /value)",
        ),
        (
            "{\"value\":\n[{}, null]}",
            "expected an object (azureADDevice), found null, at line 2, column 6 (in /value/1)",
        ),
    ] {
        assert_eq!(page(text), error, "{text}");
    }
    let entity = |text: &str| {
        let answer = Response::parse(200, &Headers::new(), text.as_bytes()).unwrap();
        answer.entity::<AzureAdDevice>().unwrap_err().to_string()
    };
    assert_eq!(
        entity("\n  7"),
        "expected an object (azureADDevice), found a number, at line 2, column 3"
    );
    // A list of the schema inside an object: the element that does not fit.
    let text = br#"{"id": "a", "errors": [{}, 5]}"#;
    let read = graph_wufb::models::decode::<AzureAdDevice>(text, &Default::default()).unwrap();
    let found = &read.diagnostics[0];
    assert_eq!((found.pointer.as_str(), found.position.column), ("/errors/1", 28), "{found}");
    assert!(read.value.extra.get("errors").is_some(), "kept as it is");
}

#[test]
fn what_an_error_says_is_bounded() {
    use graph_wufb::GraphError;
    let read = |code: usize, message: usize| {
        let (code, message) = ("c".repeat(code), "ü".repeat(message));
        let text = format!(
            r#"{{"error":{{"code":"{code}","message":"{message}","innerError":{{"code":"{code}","request-id":"{code}"}}}}}}"#
        );
        Response::parse(400, &Headers::new(), text.as_bytes()).unwrap().error.unwrap()
    };
    let (code, message) = (GraphError::MAX_CODE, GraphError::MAX_MESSAGE);
    let exact = read(code, message);
    assert_eq!((exact.code.len(), exact.message.chars().count()), (code, message));
    let over = read(code + 1, message + 1);
    assert_eq!(over.message.chars().count(), message + 1);
    assert!(over.message.ends_with("ü…"));
    for text in [&over.code, &over.inner_codes[0], over.request_id.as_ref().unwrap()] {
        assert_eq!(text.chars().count(), code + 1);
        assert!(text.ends_with("c…"));
    }
}

#[test]
fn failures_give_the_innermost_code_and_when_to_try_again() {
    let headers = Headers::from_iter([("request-id", "r0"), ("RETRY-AFTER", "2.128")]);
    let text = br#"{"error": {"code": "outer", "message": "m", "innererror": {
        "code": "middle", "innerError": {"code": "", "request-id": "r1", "date": "2026-02-13T10:17:05"}}}}"#;
    let error = Response::parse(429, &headers, text).unwrap().ok().unwrap_err();
    assert_eq!(error.code, "outer");
    assert_eq!(error.innermost_code(), "middle");
    assert_eq!(error.request_id.as_deref(), Some("r1"));
    assert_eq!(error.retry_after, Some(RetryAfter::Seconds(3)));
    assert!(error.is_transient() && !error.is_ambiguous());
    assert_eq!(error.date.clone().unwrap().date().unwrap().timestamp(), 1_770_977_825);
    assert_eq!(error.to_string(), "the service answered 429 middle: m");
    let gateway = Response::parse(502, &headers, b"<html>Bad Gateway").unwrap().error.unwrap();
    assert!(gateway.is_transient() && gateway.is_ambiguous());
    assert_eq!((gateway.code.as_str(), gateway.request_id.as_deref()), ("", Some("r0")));
    let forbidden = Response::parse(403, &Headers::new(), b"").unwrap().error.unwrap();
    assert!(!forbidden.is_transient());
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now: DateTime<Utc> = "2026-01-12T08:00:00Z".parse().unwrap();
    for (text, seconds) in [
        ("0", 0),
        ("30", 30),
        (" 7.0 ", 7),
        ("0.1", 1),
        ("99999999999", i64::from(u32::MAX)),
        ("Mon, 12 Jan 2026 08:00:30 GMT", 30),
        ("Mon, 12 Jan 2026 07:00:00 GMT", 0),
    ] {
        let wait = RetryAfter::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(wait.delay(now), TimeDelta::seconds(seconds), "{text}");
    }
    for text in ["", ".5", "-1", "1e3", "soon"] {
        assert_eq!(RetryAfter::parse(text), None, "{text}");
    }
}

#[test]
fn tokens_do_not_show() {
    let headers = Headers::from_iter([("Authorization", "Bearer abc"), ("Accept", "x")]);
    let shown = format!("{headers:?}");
    assert!(!shown.contains("abc") && shown.contains("\"x\""), "{shown}");
}
