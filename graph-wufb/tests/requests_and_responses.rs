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
