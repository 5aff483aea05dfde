//! Each lint fires where it should, and not beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use graph_wufb::json::RawObject;
use graph_wufb::models::intune::UpdateForBusinessConfiguration;
use graph_wufb::models::{Deployment, IntuneProfileId, Open, UpdateCategory};
use graph_wufb::requests::{
    Expect, Field, Headers, IntuneProfile, LintCode, Method, Query, Request, create_deployment,
    create_update_ring, delete_deployment, get_deployment, lint, list_deployments,
    patch_intune_profile, patch_update_ring,
};

const ROOT: &str = "/beta/admin/windows/updates";

fn found(method: Method, path: &str, body: &str) -> Vec<LintCode> {
    let mut request = Request::new(method, format!("{ROOT}/{path}"), Expect::Nothing);
    if !body.is_empty() {
        request = request.with_body(RawObject::try_from(body).unwrap());
    }
    lint(&request).into_iter().map(|lint| lint.code).collect()
}

#[test]
fn every_lint_fires_where_it_should_and_not_beside_it() {
    use LintCode as Code;
    use Method::{Delete, Get, Patch, Post};
    let long = |name: &str, length: usize| format!(r#"{{"{name}":"{}"}}"#, "ü".repeat(length));
    let number = |name: &str, value: i64| format!(r#"{{"{name}":{value}}}"#);
    let rate = r##""@odata.type":"#microsoft.graph.windowsUpdates.rateDrivenRolloutSettings""##;
    let change = "updatePolicies/p/complianceChanges/c";
    let typed = |short: &str, members: &str| {
        let comma = if members.is_empty() { "" } else { "," };
        format!(r##"{{"@odata.type":"#microsoft.graph.windowsUpdates.{short}"{comma}{members}}}"##)
    };
    let approval = |members: &str| typed("contentApproval", members);
    let ring = |days: i64| typed("qualityUpdateRing", &format!(r#""deferralInDays":{days}"#));
    let policy = |name: &str, length: usize| {
        typed("qualityUpdatePolicy", long(name, length).trim_matches(['{', '}']))
    };
    // Method, path, body that is wrong, what is said, body that is right.
    let cases: Vec<(Method, &str, String, Code, String)> = vec![
        (Patch, "updatePolicies/p", "{}".into(), Code::EmptyPatch, r#"{"deploymentSettings":null}"#.into()),
        (Patch, change, approval(r#""isRevoked":true,"content":null"#), Code::OnePropertyPatch, approval(r#""isRevoked":true"#)),
        (Patch, "updatePolicies/p", r#"{"complianceChangeRules":[]}"#.into(), Code::PolicyPatch, r#"{"deploymentSettings":{}}"#.into()),
        (Patch, "updatePolicies/p", r#"{"autoEnrollmentUpdateCategories":["driver"]}"#.into(), Code::PolicyPatch, r#"{"deploymentSettings":null}"#.into()),
        (Patch, "policies/p/approvals/a", r#"{"catalogEntryId":"e"}"#.into(), Code::FixedCatalogEntry, r#"{"status":"suspended"}"#.into()),
        (Patch, change, approval(r#""isRevoked":false"#), Code::FinalRevocation, approval(r#""isRevoked":true"#)),
        (Patch, change, r#"{"isRevoked":true}"#.into(), Code::NoType, approval(r#""isRevoked":true"#)),
        (Post, "updatePolicies/p/complianceChanges", r#"{"content":null}"#.into(), Code::NoType, approval(r#""content":null"#)),
        (Post, "policies", r#"{"@odata.type":""}"#.into(), Code::NoType, typed("qualityUpdatePolicy", "")),
        (Patch, "policies/p", long("displayName", 1), Code::NoType, policy("displayName", 1)),
        (Post, "policies/p/rings", number("deferralInDays", 30), Code::NoType, ring(30)),
        (Patch, "policies/p/rings/r", number("deferralInDays", 30), Code::NoType, ring(30)),
        (Post, "resourceConnections", "{}".into(), Code::NoType, typed("operationalInsightsConnection", "")),
        (Post, "updatableAssets", "{}".into(), Code::NoType, typed("updatableAssetGroup", "")),
        (Post, "policies/p/rings", ring(31), Code::OutOfRange, ring(30)),
        (Post, "policies/p/rings", ring(-1), Code::OutOfRange, ring(0)),
        (Post, "deployments", number("devicesPerOffer", 0), Code::OutOfRange, number("devicesPerOffer", 1)),
        (Post, "policies", policy("displayName", 201), Code::TooLong, policy("displayName", 200)),
        (Post, "policies", policy("description", 1501), Code::TooLong, policy("description", 1500)),
        (Post, "deployments", format!(r#"{{{rate},"durationBetweenOffers":"P1D"}}"#), Code::IdleInterval, format!(r#"{{{rate},"durationBetweenOffers":"P1D","devicesPerOffer":5}}"#)),
        (Post, "deployments", number("devicePerOffer", 5), Code::Misspelt, number("devicesPerOffer", 5)),
        (Post, "deployments", r#"{"devicesPerOffer":"5"}"#.into(), Code::StringNumber, number("devicesPerOffer", 5)),
        (Post, "deployments", r#"{"durationBetweenOffers":"7 days"}"#.into(), Code::BadDuration, r#"{"durationBetweenOffers":"P1W"}"#.into()),
        (Post, "updatableAssets/enrollAssetsById", r##"{"memberEntityType":"#microsoft.graph.windowsUpdates.updatableAssetGroup"}"##.into(), Code::EnrolledGroup, r##"{"memberEntityType":"#microsoft.graph.windowsUpdates.azureADDevice"}"##.into()),
        (Post, "updatableAssets/enrollAssets", r##"{"assets":[{"@odata.type":"#microsoft.graph.windowsUpdates.updatableAssetGroup"}]}"##.into(), Code::EnrolledGroup, r##"{"assets":[{"@odata.type":"#microsoft.graph.windowsUpdates.azureADDevice"}]}"##.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"ineligible","action":"alertError"}]}"#.into(), Code::MonitoringRule, r#"{"monitoringRules":[{"signal":"ineligible","action":"offerFallback"}]}"#.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"ineligible","action":"offerFallback","threshold":5}]}"#.into(), Code::MonitoringRule, r#"{"monitoringRules":[{"signal":"rollback","action":"pauseDeployment","threshold":5}]}"#.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"rollback","action":"offerFallback"}]}"#.into(), Code::MonitoringRule, r#"{"monitoringRules":[{"signal":"rollback","action":"alertError"}]}"#.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"rollback","action":"alertError"},{"signal":"rollback","action":"pauseDeployment"}]}"#.into(), Code::SecondMonitoringRule, r#"{"monitoringRules":[{"signal":"rollback","action":"pauseDeployment"}]}"#.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"rollback","action":"alertError"},{"signal":"ineligible","action":"offerFallback"}]}"#.into(), Code::SecondMonitoringRule, r#"{"monitoringRules":[{"signal":"ineligible","action":"offerFallback"}]}"#.into()),
        (Delete, "policies/p/approvals/a", String::new(), Code::UndeletableApproval, "=".into()),
        (Get, "updatableAssets/g?$expand=members", String::new(), Code::ExpandedMembers, "=".into()),
        (Get, "products?expand=revisions", String::new(), Code::BareOption, "=".into()),
    ];
    for (method, path, wrong, code, right) in cases {
        assert_eq!(found(method, path, &wrong), [code], "{method} {path} {wrong}");
        if right != "=" {
            assert_eq!(found(method, path, &right), [], "{method} {path} {right}");
        }
    }
    assert_eq!(found(Delete, "policies/p/rings/a", ""), []);
    assert_eq!(found(Get, "products?$expand=revisions", ""), []);
    assert_eq!(found(Get, "deploymentAudiences/a?$expand=members", ""), []);
    let mut bare = Request::new(Get, format!("{ROOT}/products"), Expect::Page);
    bare.headers = Headers::new();
    assert_eq!(lint(&bare)[0].code, Code::NoPreference);
}

#[test]
fn the_deadlines_of_rings_have_the_ranges_of_the_documentation() {
    for (days, fine) in [(-1, false), (0, true), (30, true), (31, false)] {
        let mut ring = UpdateForBusinessConfiguration::default();
        ring.deadline_for_feature_updates_in_days = days.into();
        ring.deadline_for_quality_updates_in_days = days.into();
        let found = lint(&create_update_ring(&ring));
        assert_eq!(found.len(), if fine { 0 } else { 2 }, "{found:?}");
        assert!(found.iter().all(|lint| lint.code == LintCode::OutOfRange));
    }
}

/// What an export from beta has, and v1.0 has not.
#[test]
fn what_only_beta_says_of_a_ring_is_told_before_it_goes_to_v1() {
    let id = IntuneProfileId::new("r1").unwrap();
    for name in [
        "roleScopeTagIds",
        "supportsScopeTags",
        "deviceManagementApplicabilityRuleDeviceMode",
        "deviceManagementApplicabilityRuleOsEdition",
        "DeviceManagementApplicabilityRuleOsVersion",
    ] {
        let text = format!(r#"{{"displayName":"r","{name}":null}}"#);
        let object = RawObject::try_from(text.as_str()).unwrap();
        let ring = UpdateForBusinessConfiguration::from_object(object.clone());
        for request in [create_update_ring(&ring), patch_update_ring(&id, &ring)] {
            assert!(request.target.starts_with("/v1.0/"));
            let found = lint(&request);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].code, LintCode::BetaMember);
            assert_eq!(found[0].pointer, format!("/{name}"));
            let beta = request.target.replace("/v1.0/", "/beta/");
            let beta = Request::new(request.method, beta, Expect::Entity);
            assert_eq!(lint(&beta.with_body(object.clone())), []);
        }
    }
    let mut ring = UpdateForBusinessConfiguration::default();
    ring.description = "d".to_owned().into();
    assert_eq!(lint(&create_update_ring(&ring)), []);
    // The kinds that are of beta themselves have one of them.
    let body = RawObject::try_from(r#"{"roleScopeTagIds":[]}"#).unwrap();
    assert_eq!(lint(&patch_intune_profile(IntuneProfile::Driver, &id, body)), []);
}

/// A request with a body that its maker wrote by hand.
fn raw(method: Method, path: &str, body: &str) -> Vec<(LintCode, String)> {
    let mut request = Request::new(method, format!("{ROOT}/{path}"), Expect::Nothing)
        .with_header("Content-Type", "application/json");
    request.body = Some(body.as_bytes().to_vec());
    lint(&request).into_iter().map(|lint| (lint.code, lint.pointer)).collect()
}

#[test]
fn bodies_are_looked_at_as_they_will_be_sent() {
    use LintCode as Code;
    use Method::Post;
    // Weeks: by hand in a member of the schema, in another case, in a member that nobody knows.
    let weeks = |pointer: &str| vec![(Code::Weeks, pointer.to_owned())];
    let rollout = r#"{"settings":{"schedule":{"gradualRollout":{"durationBetweenOffers":"P1W"}}}}"#;
    let pointer = "/settings/schedule/gradualRollout/durationBetweenOffers";
    assert_eq!(raw(Post, "deployments", rollout), weeks(pointer));
    assert_eq!(
        raw(Post, "deployments", r#"{"DurationUntilDeploymentEnd":"P2W"}"#),
        weeks("/DurationUntilDeploymentEnd")
    );
    assert_eq!(raw(Post, "deployments", r#"{"a":[{"newDelay":"P3W"}]}"#), weeks("/a/0/newDelay"));
    assert_eq!(raw(Post, "deployments", r#"{"displayName":"P3W","newDelay":"P21D"}"#), []);
    // The same through an extra member of a model, which is written as it is.
    let mut deployment = Deployment::default();
    deployment.extra.insert("newDelay", "P1W");
    let found = lint(&create_deployment(&deployment));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code, found[0].pointer.as_str()), (Code::Weeks, "/newDelay"));
    assert!(found[0].code.is_refused() && found[0].detail.contains("P7D"), "{}", found[0]);
    // In a member of the schema they never get as far.
    let schedule = |duration: &str| {
        let text = rollout.replace("P1W", duration);
        create_deployment(&Deployment::from_object(RawObject::try_from(text.as_str()).unwrap()))
    };
    assert_eq!(schedule("P1W"), schedule("P7D"));
    assert_eq!(lint(&schedule("P1W")), []);

    // What is no JSON object.
    for (body, pointer) in [
        ("{", ""),
        ("[]", ""),
        (r#"{"a":1,"a":2}"#, "/a"),
        (r#"{"a":{"b":[1,]}}"#, "/a/b"),
        ("\u{feff}{}", ""),
    ] {
        assert_eq!(raw(Post, "deployments", body), [(Code::BadBody, pointer.to_owned())], "{body}");
    }
    let mut request = Request::new(Post, format!("{ROOT}/deployments"), Expect::Entity);
    request.body = Some(b"{}".to_vec());
    assert_eq!(lint(&request)[0].code, Code::NoContentType);
    assert_eq!(lint(&request.with_body(RawObject::new())), []);
}

#[test]
fn queries_that_the_service_refuses_are_named() {
    use LintCode as Code;
    let page = |target: &str| {
        let request = Request::new(Method::Get, format!("{ROOT}/{target}"), Expect::Page);
        lint(&request).into_iter().map(|lint| lint.code).collect::<Vec<_>>()
    };
    for (wrong, code, right) in [
        ("deployments?$top=5&$top=6", Code::RepeatedOption, "deployments?$top=5&$skip=6"),
        ("deployments?%24top=5&$Top=6", Code::RepeatedOption, "deployments?%24top=5"),
        ("deployments?$fliter=x", Code::UnknownOption, "deployments?fliter=x"),
        ("deployments?$top=ten", Code::BadOption, "deployments?$top=10"),
        ("deployments?$top=-1", Code::BadOption, "deployments?$top=0"),
        ("deployments?$count=yes", Code::BadOption, "deployments?$count=true"),
        ("deployments?$filter=", Code::BadOption, "deployments?$filter=a%20eq%20null"),
        ("deployments?$filter=(a", Code::BadOption, "deployments?$filter=(a%20eq%20%27)%27)"),
        ("deployments?$filter=a)(b", Code::BadOption, "deployments?$filter=(a)"),
        ("deployments?$filter=a%20eq%20'x", Code::BadOption, "deployments?$filter=a%20eq%20'x''y'"),
        ("deployments?$select=a,,b", Code::BadOption, "deployments?$select=a,b"),
        (
            "updatableAssets/a/microsoft.graph.windowsUpdates.azureADDevice",
            Code::CastItem,
            "updatableAssets/microsoft.graph.windowsUpdates.azureADDevice",
        ),
        (
            "updatableAssets/g?$expand=id,members($top=1)",
            Code::ExpandedMembers,
            "updatableAssets/g/microsoft.graph.windowsUpdates.updatableAssetGroup/members",
        ),
    ] {
        assert_eq!(page(wrong), [code], "{wrong}");
        assert_eq!(page(right), [], "{right}");
    }
    // Options of lists where there is none.
    let id = "d1".parse().unwrap();
    let few = Query::new().top(3);
    let one = get_deployment(&id).with_query(&few);
    assert_eq!(lint(&one)[0].code, Code::ListOption);
    assert_eq!(lint(&get_deployment(&id).with_query(&Query::new().select("id"))), []);
    assert_eq!(lint(&delete_deployment(&id).with_query(&few))[0].code, Code::ListOption);
    // A word above the sentinel, and the header that makes it known.
    let driver = Open::from(UpdateCategory::Driver);
    let query = Query::new().filter(Field::new("updateCategory").eq(driver));
    let request = list_deployments().with_query(&query);
    assert_eq!(lint(&request), []);
    let mut bare = request;
    bare.headers = Headers::new();
    let codes: Vec<_> = lint(&bare).into_iter().map(|lint| lint.code).collect();
    assert_eq!(codes, [Code::NoPreference, Code::HiddenWord]);
}

/// Each code has its own name, and a test in this file.
#[test]
fn every_code_is_tested_here() {
    let text = include_str!("lints.rs");
    let names: std::collections::BTreeSet<_> = LintCode::ALL.iter().map(|code| code.id()).collect();
    assert_eq!(names.len(), LintCode::ALL.len());
    for code in LintCode::ALL {
        assert!(text.contains(&format!("Code::{code:?}")), "{code:?}");
    }
}
