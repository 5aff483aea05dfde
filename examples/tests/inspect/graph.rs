//! What `mdm-inspect` shows of Graph and Intune: which model it is, what that notes, failures, and
//! what rings set.

use super::shown::{has, json, odd};

#[test]
fn pages_are_told_by_their_context_and_hold_the_model_to_it() {
    let view = json(
        "{\"@odata.context\": \"https://graph.microsoft.com/beta/$metadata#admin/windows/updates/\
         deployments(content,audience())\",\n \"@odata.nextLink\": \"https://graph.microsoft.com/next\",\n\
         \"value\": [{\"id\": \"d1\",\n \"createdDateTime\": 5, \"State\": {\"effectiveValue\": \"offering\"}}]}",
    );
    assert_eq!((view.kind.as_str(), &view.error), ("Graph JSON", &None));
    has(&view, &["page of 1: deployment", "next: https://graph.microsoft.com/next"]);
    let found = odd(&view, "unexpected-type");
    assert_eq!((found.line, found.path.as_str()), (4, "/value/0/createdDateTime"));
    odd(&view, "name-case");
}

#[test]
fn objects_are_told_by_their_type_and_by_their_members() {
    let by_type = json(
        r##"{"@odata.type": "#microsoft.graph.windowsUpdates.azureADDevice", "id": "1", "errors": 1}"##,
    );
    has(&by_type, &["updatable asset"]);
    odd(&by_type, "unexpected-type");
    let by_members =
        json(r#"{"value": {"content": {}, "settings": {"rollout": {"devicesPerOffer": 5}}}}"#);
    has(&by_members, &["deployment", "in the dialect of 2021"]);
    let found = odd(&by_members, "graph-dialect");
    assert!(found.message.contains("rollout") && found.line == 1 && found.column > 1, "{found:?}");
    let unknown =
        json(r##"{"@odata.type": "#microsoft.graph.user", "content": {}, "settings": {}}"##);
    assert!(unknown.kind == "Graph JSON" && unknown.lines[0].starts_with("microsoft.graph.user"));
    for (text, name) in [
        (r#"{"featureUpdateVersion": "25H2", "displayName": "p"}"#, "feature update profile"),
        (r#"{"expeditedUpdateSettings": null}"#, "quality update profile"),
        (r#"{"complianceChangeRules": []}"#, "update policy"),
        (r#"{"catalogEntryId": "e", "matchedDevices": []}"#, "applicable content"),
    ] {
        has(&json(text), &[name]);
    }
    assert_eq!(json(r#"{"a": [1, {"b": null}]}"#).kind, "JSON");
    assert_eq!(json("[1]").lines, ["1 values", "  -: 1"]);
}

#[test]
fn what_is_repaired_is_told_once() {
    let view = json("{\"content\": {}, \"state\": {},}");
    let commas = view.diagnostics.iter().filter(|odd| odd.code == "trailing-comma").count();
    assert_eq!(commas, 1, "{view:#?}");
    odd(&json("{\"a\": 1,}"), "trailing-comma");
    assert!(json("{\"a\" \u{1}").error.is_some() || !json("{\"a\" \u{1}").diagnostics.is_empty());
}

#[test]
fn failures_say_their_codes_and_the_activity() {
    let message = r#"{\"Message\": \"Not licensed. - Activity ID: act-1\", \"CustomApiErrorPhrase\": \"NoLicence\"}"#;
    let view = json(&format!(
        r#"{{"error": {{"code": "Forbidden", "message": "{message}", "innerError": {{"code": "inner",
            "request-id": "r-1", "client-request-id": "c-1", "date": "2026-01-20T18:00:00"}}}}}}"#
    ));
    has(
        &view,
        &[
            "failure Forbidden",
            "message Not licensed.",
            "inner code inner",
            "inner code NoLicence",
            "activity act-1",
            "request r-1",
            "request of the client c-1",
            "at 2026-01-20T18:00:00",
        ],
    );
    assert_eq!(view.kind, "Graph JSON");
}

#[test]
fn parts_of_a_batch_are_looked_at_one_by_one_with_their_places() {
    let view = json(
        "{\"responses\": [\n{\"id\": \"1\", \"status\": 429, \"body\": {\"error\": {\"code\": \"Busy\",\
         \"message\": \"Later.\"}}},\n{\"id\": \"2\", \"status\": 200, \"body\":\n  {\"content\": {},\
         \"state\": 7}},\n{\"id\": \"3\", \"status\": 204}]}",
    );
    has(
        &view,
        &[
            "batch of 3 responses",
            "1: status 429",
            "failure Busy",
            "message Later.",
            "2: status 200",
            "deployment",
            "3: status 204",
        ],
    );
    let found = odd(&view, "unexpected-type");
    assert_eq!((found.line, found.column), (4, 27), "{found:?}");
    let view =
        json(r#"{"requests": [{"id": "1", "method": "GET", "url": "/admin/windows/updates"}]}"#);
    has(&view, &["batch of 1 requests", "1: GET /admin/windows/updates"]);
}

#[test]
fn rings_and_settings_catalogs_show_what_they_set() {
    let view = json(
        r##"{"@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration", "displayName": "r",
            "qualityUpdatesDeferralPeriodInDays": 7, "featureUpdatesDeferralPeriodInDays": 9999,
            "prereleaseFeatures": "settingsOnly", "madeUp": 1}"##,
    );
    has(
        &view,
        &[
            "update ring",
            "sets DeferQualityUpdatesPeriodInDays = 7",
            "sets nothing: featureUpdatesDeferralPeriodInDays (not a value of the policy)",
            "sets nothing: madeUp (no property that is known)",
            "sets nothing: prereleaseFeatures (a policy of another area)",
        ],
    );
    let view = json(
        r#"{"settings": [{"settingInstance": {"settingDefinitionId":
            "device_vendor_msft_policy_config_update_deferqualityupdatesperiodindays",
            "simpleSettingValue": {"value": 5}}}],
            "settings@odata.nextLink": "https://graph.microsoft.com/beta/next"}"#,
    );
    has(
        &view,
        &[
            "a policy of the settings catalog",
            "sets DeferQualityUpdatesPeriodInDays = 5",
            "sets nothing: settings@odata.nextLink (more of it was not read)",
        ],
    );
}

#[test]
fn secrets_are_not_shown() {
    let view = json(
        r#"{"access_token": "c2VjcmV0", "clientSecret": {"a": "c2VjcmV0"}, "token_type": "Bearer"}"#,
    );
    has(
        &view,
        &["access_token: (not shown)", "clientSecret: (not shown)", "token_type: \"Bearer\""],
    );
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
}
