//! Answers in the shapes that tenants were seen to get in 2026, which no schema has: written by
//! ourselves. Strict reading takes them, and nothing in them is of an earlier dialect.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, TimeDelta};
use graph_wufb::Response;
use graph_wufb::json::{Options, RawObject, Value};
use graph_wufb::models::dialect::Dialect;
use graph_wufb::models::{
    CatalogEntry, CatalogEntryId, ComplianceChangeRule, ContentApproval, ContentFilter,
    DeployableContent, Deployment, DeviceId, DriverInventoryId, IntuneProfileId, MdmAppId, Member,
    Open, PolicyId, QualityUpdateCatalogEntry, UpdatableAsset, UpdateCategory, UpdatePolicy,
    decode, intune,
};
use graph_wufb::requests::{
    Expect, Headers, Method, Request, create_deployment, create_update_ring, lint,
};
use graph_wufb::simulator::Service;
use graph_wufb::views;
use graph_wufb::workflow::{DeploymentRollout, Event, Plan};

/// What an update is hurried in, whose entry has no ID.
const HURRIED: &str = r##"{"id":"d1","createdDateTime":"2026-07-01T10:20:30.1234567Z","state":{"effectiveValue":"offering","requestedValue":"none","reasons":[]},"content":{"@odata.type":"#microsoft.graph.windowsUpdates.catalogContent","catalogEntry":{"@odata.type":"#microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry","id":"","displayName":null,"releaseDateTime":"2026-06-09T00:00:00Z","isExpeditable":false,"qualityUpdateClassification":"security","qualityUpdateCadence":"monthly","cveSeverityInformation":null}},"settings":{"schedule":null,"userExperience":{"daysUntilForcedReboot":0,"offerAsOptional":null,"isHotpatchEnabled":null},"expedite":{"isExpedited":true,"isReadinessTest":false}},"audience":{"id":"a1"}}"##;

fn page(items: &str) -> String {
    format!(
        r#"{{"@odata.context":"https://graph.microsoft.com/beta/$metadata#x","value":[{items}]}}"#
    )
}

fn strict(text: &str) -> Response {
    let options = Options::strict().any_dialect();
    Response::parse_with(200, &Headers::new(), text.as_bytes(), &options).unwrap()
}

fn entry(deployment: &Deployment) -> &QualityUpdateCatalogEntry {
    let Some(DeployableContent::Catalog(content)) = deployment.content.get() else { panic!() };
    let Some(CatalogEntry::Quality(entry)) = content.catalog_entry.get() else { panic!() };
    entry
}

#[test]
fn an_empty_id_in_an_answer_is_none() {
    let read = strict(&page(HURRIED)).page::<Deployment>().unwrap();
    assert_eq!((read.dialect, read.diagnostics), (Dialect::Current, Vec::new()));
    let mut deployment = read.items[0].clone();
    assert_eq!(deployment.content.get().unwrap().catalog_entry_id(), None);
    assert!(entry(&deployment).id.is_absent());
    assert_eq!(entry(&deployment).extra.get("id").unwrap().as_str(), Some(""));
    assert_eq!(deployment.to_json(), HURRIED, "nothing is lost");
    let saved = serde_json::to_string(&deployment).unwrap();
    assert_eq!(serde_json::from_str::<Deployment>(&saved).unwrap(), deployment);
    // Views say the same.
    let text = page(HURRIED);
    let view = views::page(text.as_bytes(), &Default::default()).unwrap();
    let object = view.objects().next().unwrap();
    let content = object.get("content").unwrap().as_object().unwrap();
    let seen = content.get("catalogEntry").unwrap().as_object().unwrap();
    let id = seen.member::<views::IdView<'_, CatalogEntryId>>("id");
    assert!(id.is_absent());
    // One that is set takes its place: no name is written twice.
    let Some(DeployableContent::Catalog(content)) = deployment.content.get_mut() else { panic!() };
    let Some(CatalogEntry::Quality(entry)) = content.catalog_entry.get_mut() else { panic!() };
    entry.id = CatalogEntryId::new("e1").unwrap().into();
    assert_eq!(deployment.to_json(), HURRIED.replace(r#""id":"","#, r#""id":"e1","#));
    // Wherever an update is looked for.
    let text = r##"{"id":"c","content":{"@odata.type":"#microsoft.graph.windowsUpdates.catalogContent","id":""}}"##;
    let approval = decode::<ContentApproval>(text.as_bytes(), &Options::strict()).unwrap().value;
    assert_eq!(approval.catalog_entry_id(), None);
    let text = br##"{"@odata.type":"#x.newAsset","id":""}"##;
    let asset = decode::<UpdatableAsset>(text, &Options::strict()).unwrap().value;
    assert_eq!(asset.id(), None);
}

#[test]
fn an_id_that_is_no_id_is_still_told() {
    for id in ["\"..\"", "\"a\\u0000\"", "7"] {
        let text = format!(r#"{{"id":{id}}}"#);
        assert!(decode::<Deployment>(text.as_bytes(), &Options::strict()).is_err(), "{id}");
        let read = decode::<Deployment>(text.as_bytes(), &Options::tolerant()).unwrap();
        assert_eq!(read.diagnostics.len(), 1, "{id}");
        assert_eq!(read.value.to_json(), text);
    }
    // Nor is it one that we make.
    assert!(CatalogEntryId::new("").is_err() && DeviceId::new("").is_err());
    assert!(serde_json::from_str::<DeviceId>("\"\"").is_err());
}

#[test]
fn no_request_has_an_empty_id() {
    let deployment = decode::<Deployment>(HURRIED.as_bytes(), &Options::strict()).unwrap().value;
    let request = create_deployment(&deployment);
    let body = request.body_value().unwrap().to_json();
    assert_eq!(body, HURRIED.replace(r#""id":"","#, ""));
    assert_eq!(lint(&request), []);
    // Every member of the schema that is an ID, at any depth, however it is spelt.
    for name in ["id", "catalogEntryId", "deviceId", "groupId", "ID"] {
        let inner = RawObject::from_iter([(name, ""), ("displayName", "")]);
        let list = vec![inner.clone().into()];
        let mut body = inner;
        body.insert("x", RawObject::from_iter([("list", list)]));
        let request = Request::new(Method::Post, "/x", Expect::Nothing).with_body(body);
        assert_eq!(
            request.body_value().unwrap().to_json(),
            r#"{"displayName":"","x":{"list":[{"displayName":""}]}}"#,
            "{name}"
        );
    }
}

#[test]
fn a_policy_enrols_devices_by_itself() {
    let policy = |category: &str, filter: &str| {
        format!(
            r##"{{"id":"p1","createdDateTime":"2026-01-02T03:04:05.678Z","autoEnrollmentUpdateCategories":["{category}"],"complianceChangeRules":[{{"@odata.type":"#microsoft.graph.windowsUpdates.contentApprovalRule","lastEvaluatedDateTime":"0001-01-01T00:00:00Z","durationBeforeDeploymentStart":"PT0S","contentFilter":{{"@odata.type":"#microsoft.graph.windowsUpdates.{filter}"}}}}],"deploymentSettings":{{"schedule":null,"contentApplicability":{{"offerWhileRecommendedBy":["microsoft"],"safeguard":null}}}},"audience":{{"id":"a1"}}}}"##
        )
    };
    let text = [policy("quality", "qualityUpdateFilter"), policy("Driver", "driverUpdateFilter")];
    let read = strict(&page(&text.join(","))).page::<UpdatePolicy>().unwrap();
    assert_eq!((read.dialect, read.changes, read.diagnostics), (Dialect::Current, vec![], vec![]));
    let categories: Vec<_> = read
        .items
        .iter()
        .flat_map(|policy| policy.auto_enrollment_update_categories.items())
        .map(Open::known)
        .collect();
    assert_eq!(categories, [Some(UpdateCategory::Quality), Some(UpdateCategory::Driver)]);
    for (policy, text) in read.items.iter().zip(&text) {
        assert!(policy.extra.is_empty());
        assert_eq!(policy.to_json(), *text);
        let rules = policy.compliance_change_rules.items();
        let ComplianceChangeRule::Approval(rule) = &rules[0] else { panic!() };
        assert!(rule.last_evaluated_date_time.get().unwrap().is_unset());
        assert!(!matches!(rule.content_filter.get(), Some(ContentFilter::Other(_)) | None));
    }
}

/// Intune's: a request to delete a profile with an empty ID would be one to the whole list.
#[test]
fn an_empty_id_of_intunes_is_none() {
    let text = br#"{"id":"","displayName":"x"}"#;
    macro_rules! read {
        ($($model:ident),+) => {$(
            let read = decode::<intune::$model>(text, &Options::strict()).unwrap().value;
            assert!(read.id.is_absent(), stringify!($model));
            assert_eq!(read.extra.get("id").unwrap().as_str(), Some(""));
            assert_eq!(read.to_json().as_bytes(), text);
        )+};
    }
    read!(UpdateForBusinessConfiguration, FeatureUpdateProfile, QualityUpdateProfile);
    read!(QualityUpdatePolicy, DriverUpdateProfile, DriverUpdateInventory);
    // Nor can one be made for a request.
    for text in ["", ".", "..", "a\n"] {
        assert!(IntuneProfileId::new(text).is_err(), "{text:?}");
        assert!(DriverInventoryId::new(text).is_err() && MdmAppId::new(text).is_err(), "{text:?}");
    }
    assert!(serde_json::from_str::<IntuneProfileId>("\"\"").is_err());
    let ring = decode::<intune::UpdateForBusinessConfiguration>(text, &Options::strict()).unwrap();
    let body = create_update_ring(&ring.value).body_value().unwrap();
    assert!(body.as_object().unwrap().get("id").is_none());
}

/// A typed member is set by its field, and no name is written twice.
#[test]
fn a_typed_member_and_another_of_its_name_are_written_once() {
    const NAME: &str = "autoEnrollmentUpdateCategories";
    let text = format!(r#"{{"id":"p1","{NAME}":["driver"],"x":1}}"#);
    let read = || decode::<UpdatePolicy>(text.as_bytes(), &Options::strict()).unwrap().value;
    let quality = || vec![Value::from("quality")];
    let mut policy = read();
    policy.extra.insert(NAME, quality());
    assert_eq!(policy.to_json(), text, "the field is set");
    policy.auto_enrollment_update_categories = Member::Absent;
    assert_eq!(policy.to_json(), format!(r#"{{"id":"p1","x":1,"{NAME}":["quality"]}}"#));
    // Of one that was not read there is no other place.
    let mut policy = UpdatePolicy::default();
    policy.extra.insert(NAME, quality());
    policy.extra.insert("x", 1);
    assert_eq!(policy.to_json(), format!(r#"{{"{NAME}":["quality"],"x":1}}"#));
    policy.auto_enrollment_update_categories = Member::Null;
    assert_eq!(policy.to_json(), format!(r#"{{"{NAME}":null,"x":1}}"#));
    // Names that come twice, as serde hands them on.
    for (text, written) in [
        (r#"{"id":"a","id":"b","y":1,"y":2}"#, r#"{"id":"a","y":1,"y":2}"#),
        (r#"{"id":"","x":1,"id":"b"}"#, r#"{"x":1,"id":"b"}"#),
        (r#"{"ID":"","id":"b","id":""}"#, r#"{"ID":"","id":"b"}"#),
    ] {
        let policy: UpdatePolicy = serde_json::from_str(text).unwrap();
        assert_eq!(policy.to_json(), written);
    }
    let mut policy: UpdatePolicy = serde_json::from_str(r#"{"id":"","x":1,"id":""}"#).unwrap();
    assert_eq!(policy.to_json(), r#"{"id":"","x":1,"id":""}"#, "as it was read");
    policy.id = PolicyId::new("b").unwrap().into();
    assert_eq!(policy.to_json(), r#"{"id":"b","x":1}"#);
}

/// An export with all metadata: types, links and actions beside the members.
#[test]
fn a_ring_of_beta_says_to_which_windows_it_applies() {
    let text = r##"{"@odata.type":"#microsoft.graph.windowsUpdateForBusinessConfiguration","id":"r1","lastModifiedDateTime@odata.type":"#DateTimeOffset","lastModifiedDateTime":"2026-01-02T03:04:05.6Z","supportsScopeTags":true,"deviceManagementApplicabilityRuleOsEdition":{"osEditionTypes":["windows10Enterprise"]},"deviceManagementApplicabilityRuleOsVersion":null,"deviceManagementApplicabilityRuleDeviceMode":null,"businessReadyUpdatesOnly":"windowsInsiderBuildFast","updateWeeks":null,"qualityUpdatesPauseExpiryDateTime":"0001-01-01T00:00:00Z","#microsoft.graph.extendQualityUpdatesPause":{"title":"x"}}"##;
    let read = strict(text).entity::<intune::UpdateForBusinessConfiguration>().unwrap().unwrap();
    assert_eq!(read.diagnostics, []);
    let ring = read.value;
    assert_eq!(ring.supports_scope_tags.get(), Some(&true));
    assert!(ring.device_management_applicability_rule_os_edition.get().is_some());
    assert!(ring.device_management_applicability_rule_device_mode.is_null());
    assert!(ring.extra.iter().all(|(name, _)| name.contains(['@', '#'])), "{:?}", ring.extra);
    assert_eq!(ring.to_json(), text);
}

/// An empty word is no state: the rollout goes on with what it knows, and says nothing. Nor is it a
/// reason, beside a state.
#[test]
fn a_rollout_takes_an_answer_that_leaves_texts_empty() {
    let device = DeviceId::new("fb95f07d-9e73-411d-99ab-7eca3a5122b1").unwrap();
    let update = CatalogEntryId::new("f341705b-0b15-4ce3-aaf2-6a1681d78606").unwrap();
    let mut service = Service::new();
    service.add_feature_update(update.as_str(), "Windows 11, version 25H2");
    let mut rollout = DeploymentRollout::feature(Plan::new([device]), update);
    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let (mut looks, mut events) = (0, Vec::new());
    for _ in 0..400 {
        if looks == 4 {
            break;
        }
        while let Some((token, request)) = rollout.poll_transmit(now) {
            let (status, headers, mut body) = service.handle_request(&request, now);
            let looked = request.method == Method::Get && request.target.contains("/deployments/");
            if looked {
                looks += 1;
            }
            if looks == 2 && looked {
                let text = r#"{"id":"x","state":{"effectiveValue":"","reasons":[{"value":""}]}}"#;
                body = text.as_bytes().to_vec();
            }
            if looks == 3 && looked {
                let text = r#"{"id":"x","state":{"effectiveValue":"paused","reasons":[{"value":""},{"value":"pausedByRequest"},{"value":""}]}}"#;
                body = text.as_bytes().to_vec();
            }
            rollout.handle_response(now, token, status, &headers, &body);
        }
        events.extend(std::iter::from_fn(|| rollout.poll_event()));
        now = rollout.poll_timeout().unwrap().max(now) + TimeDelta::seconds(1);
    }
    assert_eq!(looks, 4, "{events:?}");
    let unreadable = |event: &Event| matches!(event, Event::AnswerUnreadable { .. });
    assert!(!events.iter().any(unreadable), "{events:?}");
    for event in &events {
        if let Event::DeploymentChanged { effective, .. } = event {
            assert!(!effective.as_str().is_empty(), "{events:?}");
        }
    }
    let paused = events.iter().find_map(|event| match event {
        Event::DeploymentChanged { effective, reasons, .. } if effective.as_str() == "paused" => {
            Some(reasons.iter().map(Open::as_str).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(paused, Some(vec!["pausedByRequest"]), "{events:?}");
    assert!(rollout.effective().is_some());
}
