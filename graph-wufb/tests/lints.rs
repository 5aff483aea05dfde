//! Each lint fires where it should, and not beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use graph_wufb::json::RawObject;
use graph_wufb::requests::{Expect, LintCode, Method, Request, lint};

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
    // Method, path, body that is wrong, what is said, body that is right.
    let cases: Vec<(Method, &str, String, Code, String)> = vec![
        (Patch, "updatePolicies/p", "{}".into(), Code::EmptyPatch, r#"{"deploymentSettings":null}"#.into()),
        (Patch, change, r#"{"isRevoked":true,"content":null}"#.into(), Code::OnePropertyPatch, r#"{"isRevoked":true}"#.into()),
        (Patch, "updatePolicies/p", r#"{"complianceChangeRules":[]}"#.into(), Code::PolicyPatch, r#"{"deploymentSettings":{}}"#.into()),
        (Patch, "policies/p/approvals/a", r#"{"catalogEntryId":"e"}"#.into(), Code::FixedCatalogEntry, r#"{"status":"suspended"}"#.into()),
        (Patch, change, r#"{"isRevoked":false}"#.into(), Code::FinalRevocation, r#"{"isRevoked":true}"#.into()),
        (Post, "policies/p/rings", number("deferralInDays", 31), Code::OutOfRange, number("deferralInDays", 30)),
        (Post, "policies/p/rings", number("deferralInDays", -1), Code::OutOfRange, number("deferralInDays", 0)),
        (Post, "deployments", number("devicesPerOffer", 0), Code::OutOfRange, number("devicesPerOffer", 1)),
        (Post, "policies", long("displayName", 201), Code::TooLong, long("displayName", 200)),
        (Post, "policies", long("description", 1501), Code::TooLong, long("description", 1500)),
        (Post, "deployments", format!(r#"{{{rate},"durationBetweenOffers":"P1D"}}"#), Code::IdleInterval, format!(r#"{{{rate},"durationBetweenOffers":"P1D","devicesPerOffer":5}}"#)),
        (Post, "deployments", number("devicePerOffer", 5), Code::Misspelt, number("devicesPerOffer", 5)),
        (Post, "deployments", r#"{"devicesPerOffer":"5"}"#.into(), Code::StringNumber, number("devicesPerOffer", 5)),
        (Post, "deployments", r#"{"durationBetweenOffers":"7 days"}"#.into(), Code::BadDuration, r#"{"durationBetweenOffers":"P1W"}"#.into()),
        (Post, "updatableAssets/enrollAssetsById", r##"{"memberEntityType":"#microsoft.graph.windowsUpdates.updatableAssetGroup"}"##.into(), Code::EnrolledGroup, r##"{"memberEntityType":"#microsoft.graph.windowsUpdates.azureADDevice"}"##.into()),
        (Post, "updatableAssets/enrollAssets", r##"{"assets":[{"@odata.type":"#microsoft.graph.windowsUpdates.updatableAssetGroup"}]}"##.into(), Code::EnrolledGroup, r##"{"assets":[{"@odata.type":"#microsoft.graph.windowsUpdates.azureADDevice"}]}"##.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"ineligible","action":"alertError"}]}"#.into(), Code::MonitoringRule, r#"{"monitoringRules":[{"signal":"ineligible","action":"offerFallback"}]}"#.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"rollback","action":"offerFallback","threshold":5}]}"#.into(), Code::MonitoringRule, r#"{"monitoringRules":[{"signal":"rollback","action":"pauseDeployment","threshold":5}]}"#.into()),
        (Post, "deployments", r#"{"monitoringRules":[{"signal":"rollback","action":"alertError"},{"signal":"rollback","action":"pauseDeployment"}]}"#.into(), Code::SecondMonitoringRule, r#"{"monitoringRules":[{"signal":"rollback","action":"alertError"},{"signal":"ineligible","action":"offerFallback"}]}"#.into()),
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
    bare.headers = graph_wufb::requests::Headers::new();
    assert_eq!(lint(&bare)[0].code, Code::NoPreference);
}
