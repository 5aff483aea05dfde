//! The four endpoints, tokens, and what a server keeps of status reports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use apple_mdm::declarations::status::{
    Change, PendingVersion, ReasonCode, StatusReport, StatusStore, StoreLimits, Verdict,
};
use apple_mdm::declarations::{
    ActivationSimple, Declaration, DeclarationSet, Endpoint, EnforcementSpecific, ErrorKind, Kind,
    MAX_ENDPOINT, Manifest, OrganizationInfo, Payload, ServerToken, SetFinding,
    StatusSubscriptions, TokensResponse, read_check_in,
};
use apple_mdm::json::Value;
use apple_mdm::plist::{self, Dictionary};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn update(version: &str) -> Declaration {
    let time = "2026-01-20T18:00:00".parse().unwrap();
    let payload = EnforcementSpecific::new(version.parse().unwrap(), time);
    Declaration::new("update".parse().unwrap(), Payload::Enforcement(payload))
}

fn set() -> DeclarationSet {
    let update = update("26.1");
    let subscriptions = Payload::Subscriptions(StatusSubscriptions::updates());
    let subscriptions = Declaration::new("subscriptions".parse().unwrap(), subscriptions);
    let names = vec![update.identifier().clone(), subscriptions.identifier().clone()];
    let activation = ActivationSimple::new(names)
        .with_predicate("@status(device.operating-system.family) == 'iOS'");
    let activation = Declaration::new("all".parse().unwrap(), Payload::Activation(activation));
    let owner = Payload::Organization(OrganizationInfo::new("Example"));
    let owner = Declaration::new("owner".parse().unwrap(), owner);
    DeclarationSet::new([update, subscriptions, activation, owner]).unwrap()
}

/// What a device does: it asks for tokens, the manifest, and each declaration that is new.
#[test]
fn a_device_fetches_everything_over_the_endpoints() {
    let set = set();
    let limits = Default::default();
    let ask = |endpoint: &str| set.answer(&endpoint.parse().unwrap(), &[], NOW);
    let tokens = TokensResponse::decode(&ask("tokens").body, &limits).unwrap();
    assert_eq!(tokens.sync_tokens.timestamp, "1970-01-01T00:00:00Z");
    let manifest = Manifest::decode(&ask("declaration-items").body, &limits).unwrap();
    assert_eq!(manifest.declarations_token, tokens.sync_tokens.declarations_token);
    let mut fetched = Vec::new();
    for (kind, item) in manifest.items() {
        let response = ask(&format!("declaration/{kind}/{}", item.identifier));
        assert_eq!(response.status, 200);
        let declaration = Declaration::decode(&response.body, &limits).unwrap();
        assert_eq!(*declaration.server_token(), item.server_token);
        fetched.push(declaration);
    }
    assert_eq!(DeclarationSet::new(fetched).unwrap(), set);
    assert_eq!(ask("declaration/asset/update").status, 404, "of another kind");
    assert_eq!(ask("declaration/configuration/none").status, 404);
}

#[test]
fn tokens_change_with_the_content_and_only_with_it() {
    let one = set();
    assert_eq!(one.token(), set().token());
    let mut other = set();
    let before = other.insert(update("26.2")).unwrap();
    assert_ne!(before.server_token(), update("26.2").server_token());
    assert_ne!(other.token(), one.token());
    other.insert(before);
    assert_eq!(other.token(), one.token(), "and back");
    other.remove("owner").unwrap();
    assert_ne!(other.token(), one.token());
    let revision: ServerToken = "rev-7".parse().unwrap();
    let mut renamed = set();
    renamed.insert(update("26.1").with_server_token(revision));
    assert_ne!(renamed.token(), one.token(), "a token of the caller's counts");
    let mut backwards: Vec<Declaration> = one.declarations().to_vec();
    backwards.reverse();
    assert_eq!(DeclarationSet::new(backwards).unwrap().token(), one.token());
    // Fixed for ever: devices keep them.
    assert_eq!(ServerToken::of(b"").as_str(), "6c62272e07bb014262b821756295c58d");
    assert_eq!(ServerToken::of(b"foobar").as_str(), "343e1662793c64bf6f0d3597ba446f18");
}

#[test]
fn sets_say_what_is_wrong_with_them() {
    assert!(set().findings().is_empty());
    let mut without = set();
    let gone = without.remove("update").unwrap();
    let missing = SetFinding::MissingConfiguration {
        activation: "all".parse().unwrap(),
        configuration: gone.identifier().clone(),
    };
    assert_eq!(without.findings(), [missing]);
    let mut idle = set();
    idle.remove("all").unwrap();
    assert_eq!(idle.findings().len(), 2);
    let twice = DeclarationSet::new([update("26.1"), update("26.2")]).unwrap_err();
    assert!(matches!(twice.kind(), ErrorKind::Duplicate(name) if &**name == "update"));
}

#[test]
fn check_in_messages_are_read() {
    let message = |endpoint: &str| {
        Dictionary::new()
            .with("MessageType", "DeclarativeManagement")
            .with("Endpoint", endpoint.to_owned())
    };
    let (endpoint, data) = read_check_in(&message("status")).unwrap().unwrap();
    assert_eq!((endpoint, data.as_slice()), (Endpoint::Status, [].as_slice()));
    let text = b"<plist><dict><key>MessageType</key><string>DeclarativeManagement</string>
        <key>Endpoint</key><string>status</string><key>Data</key><data>e30=</data></dict></plist>";
    let value = plist::decode(text, &Default::default()).unwrap();
    let (_, data) = read_check_in(value.as_dictionary().unwrap()).unwrap().unwrap();
    assert_eq!(data, b"{}");
    assert!(
        read_check_in(&Dictionary::new().with("MessageType", "TokenUpdate")).unwrap().is_none()
    );
    for wrong in ["", "declaration", "declaration/", "declaration/asset/", "Tokens"] {
        assert!(read_check_in(&message(wrong)).is_err(), "{wrong}");
    }
    let long = |n: usize| format!("declaration/asset/{}", "a".repeat(n - 18));
    assert!(read_check_in(&message(&long(MAX_ENDPOINT))).is_ok());
    assert!(read_check_in(&message(&long(MAX_ENDPOINT + 1))).is_err());
    let kind: Endpoint = "declaration/other/1".parse().unwrap();
    assert!(matches!(kind, Endpoint::Declaration { kind: Kind::Other(_), .. }));
    assert_eq!(set().answer(&Endpoint::Status, b"nonsense", NOW).status, 400);
}

fn report(text: &str) -> StatusReport {
    StatusReport::decode(text.as_bytes(), &Default::default()).unwrap()
}

fn names(changes: &[Change]) -> Vec<(&str, bool)> {
    changes.iter().map(|change| (&*change.item, change.after.is_some())).collect()
}

#[test]
fn full_reports_replace_and_others_add() {
    let mut store = StatusStore::default();
    let limits = StoreLimits::default();
    let first = report(
        r#"{"StatusItems": {"device": {"model": {"family": "iPhone"},
            "operating-system": {"version": "26.0"}},
            "softwareupdate": {"install-state": "downloading", "pending-version":
            {"os-version": "26.1", "build-version": "23B85", "later": 1}}},
            "Errors": [{"StatusItem": "softwareupdate.device-id",
            "Reasons": [{"Code": "Error.Unknown"}]}], "FullReport": true}"#,
    );
    store.apply(&first, &limits).unwrap();
    assert_eq!(store.errors().count(), 1);
    let next = report(
        r#"{"StatusItems": {"softwareupdate": {"install-state": "installing", "device-id": "J1",
            "pending-version": {"os-version": "", "build-version": ""}}}, "Errors": []}"#,
    );
    let changes = store.apply(&next, &limits).unwrap();
    assert_eq!(
        names(&changes),
        [
            ("softwareupdate.device-id", true),
            ("softwareupdate.install-state", true),
            ("softwareupdate.pending-version", true)
        ]
    );
    assert_eq!(store.errors().count(), 0, "the item is there now");
    let pending = store.get("softwareupdate.pending-version").unwrap();
    assert_eq!(pending.as_object().unwrap().get("later"), None, "items are replaced whole");
    assert_eq!(store.get("device.model.family").unwrap().as_str(), Some("iPhone"));
    let full = report(
        r#"{"StatusItems": {"device": {"operating-system": {"version": "26.1"}},
            "softwareupdate": {"device-id": "J1"}}, "FullReport": true}"#,
    );
    let changes = store.apply(&full, &limits).unwrap();
    assert!(names(&changes).contains(&("device.model.family", false)));
    assert!(names(&changes).contains(&("softwareupdate.install-state", false)));
    assert_eq!(store.iter().count(), 2);
    assert!(store.apply(&full, &limits).unwrap().is_empty());
}

#[test]
fn an_item_that_is_given_again_is_no_error_any_more() {
    let mut store = StatusStore::default();
    let given = report(r#"{"StatusItems": {"softwareupdate": {"device-id": "J1"}}}"#);
    let failed =
        report(r#"{"StatusItems": {}, "Errors": [{"StatusItem": "softwareupdate.device-id"}]}"#);
    for (one, errors) in [(&given, 0), (&failed, 1), (&given, 0)] {
        store.apply(one, &StoreLimits::default()).unwrap();
        assert_eq!(store.errors().count(), errors);
    }
}

#[test]
fn arrays_of_named_things_are_merged_by_name() {
    let mut store = StatusStore::default();
    let apps = |list: &str| {
        report(&format!(r#"{{"StatusItems": {{"app": {{"managed": {{"list": {list}}}}}}}}}"#))
    };
    let limits = StoreLimits::default();
    store.apply(&apps(r#"[{"identifier": "a", "v": 1}, {"identifier": "b"}]"#), &limits).unwrap();
    let change = r#"[{"identifier": "b", "_removed": true}, {"identifier": "c"},
                     {"identifier": "a", "v": 2}, {"identifier": "x", "_removed": true}]"#;
    store.apply(&apps(change), &limits).unwrap();
    let Some(Value::Array(list)) = store.get("app.managed.list") else { panic!() };
    let text: Vec<String> =
        list.iter().map(|one| String::from_utf8(one.to_json()).unwrap()).collect();
    assert_eq!(text, [r#"{"identifier":"a","v":2}"#, r#"{"identifier":"c"}"#]);
    // To somebody who knew nothing before, what is gone is no thing; and twice is once.
    let mut fresh = StatusStore::default();
    fresh.apply(&apps(change), &limits).unwrap();
    assert!(fresh.apply(&apps(change), &limits).unwrap().is_empty());
    let Some(Value::Array(list)) = fresh.get("app.managed.list") else { panic!() };
    assert_eq!(list.len(), 2);
}

#[test]
fn the_store_takes_n_values_and_refuses_one_more() {
    let list = |n: usize| {
        let zeros = vec!["0"; n].join(",");
        report(&format!(r#"{{"StatusItems": {{"test": [{zeros}]}}}}"#))
    };
    let limits = StoreLimits::default().with_nodes(10);
    let mut store = StatusStore::default();
    store.apply(&list(9), &limits).unwrap();
    let before = store.clone();
    assert!(store.apply(&list(10), &limits).is_err());
    assert_eq!(store, before, "nothing is changed by what is refused");
    store.apply(&list(9), &limits).unwrap();
    let text = |n: usize| report(&format!(r#"{{"StatusItems": {{"t": "{}"}}}}"#, "a".repeat(n)));
    let limits = StoreLimits::default().with_bytes(41);
    let mut store = StatusStore::default();
    store.apply(&text(40), &limits).unwrap();
    assert!(store.apply(&text(41), &limits).is_err());
    store.apply(&text(39), &limits).unwrap();
    // Errors beyond the limit are not kept; the report is taken all the same.
    let errors = |n: usize| {
        let all: Vec<String> = (0..n).map(|n| format!(r#"{{"StatusItem": "i{n}"}}"#)).collect();
        report(&format!(r#"{{"StatusItems": {{}}, "Errors": [{}]}}"#, all.join(",")))
    };
    let limits = StoreLimits::default().with_errors(3);
    for (given, kept) in [(3, 3), (4, 3)] {
        let mut store = StatusStore::default();
        store.apply(&errors(given), &limits).unwrap();
        assert_eq!(store.errors().count(), kept);
    }
}

/// Where an item begins is told by the device too. What a report says of that, or no longer says,
/// counts for the report itself.
#[test]
fn a_report_that_changes_what_items_there_are_is_the_same_when_it_is_repeated() {
    let says = |items: &str, full: bool, more: &str| {
        report(&format!(
            r#"{{"StatusItems": {{"management": {{"client-capabilities": {{"supported-payloads":
            {{"status-items": [{items}]}}}}}}{more}}}, "FullReport": {full}}}"#
        ))
    };
    let silent = |full: bool| {
        report(&format!(r#"{{"StatusItems": {{"a.b": {{"c": {{}}}}}}, "FullReport": {full}}}"#))
    };
    let item = r#", "a.b": {"c": {}}"#;
    for changing in [silent(true), silent(false), says("", false, item), says("", true, item)] {
        let mut store = StatusStore::default();
        store.apply(&says(r#""a.b""#, true, ""), &StoreLimits::default()).unwrap();
        store.apply(&changing, &StoreLimits::default()).unwrap();
        let once = store.clone();
        assert_eq!(store.apply(&changing, &StoreLimits::default()).unwrap(), []);
        assert_eq!(store, once);
    }
    // What it said before counts as long as it says nothing else.
    let mut store = StatusStore::default();
    store.apply(&says(r#""a.b""#, true, ""), &StoreLimits::default()).unwrap();
    store.apply(&silent(false), &StoreLimits::default()).unwrap();
    assert!(store.get("a.b").is_some());
}

#[test]
fn a_refused_declaration_is_refused_even_if_it_is_called_active() {
    let text = r#"{"StatusItems": {"management": {"declarations": {"configurations": [
        {"identifier": "a", "server-token": "1", "active": true, "valid": "invalid", "reasons":
         [{"code": "Error.ConfigurationCannotBeApplied", "details": {"Error": "older"}}]},
        {"identifier": "b", "server-token": "1", "active": false, "valid": "unknown", "reasons":
         [{"code": "Info.NotReferencedByActivation"}]},
        {"identifier": "c", "server-token": "1", "active": true, "valid": "valid"},
        {"identifier": "d", "active": true, "valid": "unknown"},
        {"identifier": "e", "valid": "valid", "reasons": [{"code": "Error.New"}]}]}}}}"#;
    let report = report(text);
    let declarations = report.status_items.declarations().unwrap();
    let verdict = |name, token| declarations.get(name).unwrap().verdict(token);
    assert_eq!(verdict("a", "1"), Verdict::Refused);
    assert_eq!(verdict("b", "1"), Verdict::Inactive);
    assert_eq!(verdict("c", "1"), Verdict::Active);
    assert_eq!(verdict("c", "2"), Verdict::Pending, "it speaks of another revision");
    assert_eq!(verdict("d", "1"), Verdict::Pending);
    assert_eq!(verdict("e", "1"), Verdict::Refused, "codes that we do not know");
    let reason = declarations.get("a").unwrap().reasons().next().unwrap();
    assert_eq!(reason.code, ReasonCode::ConfigurationCannotBeApplied);
    let mut out = Vec::new();
    report.encode(&mut out);
    let again: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(text).unwrap());
}

/// kmfddm has "unknown" from a device; Apple's schema says nothing of the validity.
#[test]
fn what_nothing_calls_for_is_inactive_whatever_its_validity() {
    let verdict = |active: &str, valid: &str, code: &str| {
        let text = format!(
            r#"{{"StatusItems": {{"management": {{"declarations": {{"configurations": [
            {{"identifier": "a", "server-token": "1", "active": {active}, "valid": "{valid}",
              "reasons": [{{"code": "{code}"}}]}}]}}}}}}}}"#
        );
        let report = report(&text);
        report.status_items.declarations().unwrap().get("a").unwrap().verdict("1")
    };
    for code in ["NotReferencedByActivation", "NotReferencedByConfiguration", "Predicate"] {
        let code = format!("Info.{code}");
        assert_eq!(verdict("false", "unknown", &code), Verdict::Inactive);
        assert_eq!(verdict("false", "valid", &code), Verdict::Inactive);
        assert_eq!(verdict("false", "invalid", &code), Verdict::Refused);
        assert_eq!(verdict("true", "unknown", &code), Verdict::Pending, "being looked at");
    }
    assert_eq!(verdict("false", "unknown", "Info.New"), Verdict::Pending);
    assert_eq!(verdict("false", "unknown", "Error.MissingAssets"), Verdict::Refused);
}

/// The client of iOS reports every revision that it has, in the order of identifiers and tokens.
#[test]
fn each_revision_of_a_declaration_has_its_own_status() {
    let row = |token: &str, active: bool| {
        format!(
            r#"{{"identifier": "a", {token} "active": {active}, "valid": "unknown",
               "reasons": [{{"code": "Info.NotReferencedByActivation"}}]}}"#
        )
    };
    let of = |rows: &[String]| {
        report(&format!(
            r#"{{"StatusItems": {{"management": {{"declarations": {{"activations": [],
            "configurations": [{}]}}}}}}}}"#,
            rows.join(",")
        ))
    };
    let (new, old) = (r#""server-token": "1","#, r#""server-token": "2","#);
    let token = |report: &StatusReport, wanted: &str| {
        let declarations = report.status_items.declarations().unwrap();
        let found = declarations.revision("a", wanted);
        found.map(|found| found.server_token.clone().unwrap_or_default())
    };
    let both = of(&[row(old, false), row("", false), row(new, true)]);
    assert_eq!(token(&both, "1").as_deref(), Some("1"));
    assert_eq!(token(&both, "2").as_deref(), Some("2"));
    assert_eq!(token(&both, "3").as_deref(), Some(""), "that may be it");
    assert_eq!(token(&of(&[row(old, false)]), "1").as_deref(), Some("2"), "of another one");
    assert_eq!(both.status_items.declarations().unwrap().revision("b", "1"), None);
    // All of them are kept, and gone with the first report that has the item without them: it is no
    // array, of which only changes are reported.
    let mut store = StatusStore::default();
    let limits = StoreLimits::default();
    let kept = |store: &StatusStore| {
        let items = store.items();
        let all: Vec<String> =
            items.declarations().unwrap().iter().filter_map(|it| it.server_token.clone()).collect();
        all.join(",")
    };
    let both = of(&[row(new, true), row(old, false)]);
    store.apply(&both, &limits).unwrap();
    assert_eq!(kept(&store), "1,2");
    assert!(store.apply(&both, &limits).unwrap().is_empty());
    let elsewhere = r#"{"StatusItems": {"softwareupdate": {"install-state": "none"}}}"#;
    store.apply(&report(elsewhere), &limits).unwrap();
    assert_eq!(kept(&store), "1,2", "nothing is said of it");
    store.apply(&of(&[row(new, true)]), &limits).unwrap();
    assert_eq!(kept(&store), "1");
    let mut full = of(&[row(old, true)]);
    full.full_report = Some(true);
    store.apply(&full, &limits).unwrap();
    assert_eq!(kept(&store), "2");
}

#[test]
fn declarations_of_files_get_the_token_of_their_content() {
    let text = |token: &str, version: &str, more: &str| {
        format!(
            r#"{{"Type": "com.apple.configuration.softwareupdate.enforcement.specific",
            {token} "Payload": {{"TargetLocalDateTime": "2026-01-20T18:00:00",
            "TargetOSVersion": "{version}"}}, "Identifier": "update"{more}}}"#
        )
    };
    let read = |text: &str| Declaration::decode_authored(text.as_bytes(), &Default::default());
    let plain = text("", "26.1", "");
    assert!(Declaration::decode(plain.as_bytes(), &Default::default()).is_err());
    // The same as of who builds it, in whatever order its keys are.
    assert_eq!(read(&plain).unwrap(), update("26.1"));
    assert_eq!(read(&text(r#""ServerToken": "old","#, "26.1", "")).unwrap(), update("26.1"));
    assert_eq!(read(&text(r#""ServerToken": 7,"#, "26.1", "")).unwrap(), update("26.1"));
    assert_ne!(read(&text("", "26.2", "")).unwrap().server_token(), update("26.1").server_token());
    // What the device is sent counts, known or not.
    let more = read(&text("", "26.1", r#", "Later": 1"#)).unwrap();
    assert_ne!(more.server_token(), update("26.1").server_token());
    let mut sent = Vec::new();
    more.encode(&mut sent);
    assert_eq!(Declaration::decode(&sent, &Default::default()).unwrap(), more);
    // What is wrong is placed.
    let error = read(&text("", "new", "")).unwrap_err();
    assert_eq!(error.path(), Some("/Payload/TargetOSVersion"));
    assert!(read(r#"{"Type": "x", "Payload": {}}"#).is_err(), "no identifier");
}

#[test]
fn a_pending_version_says_when_it_will_be_installed() {
    let pending = |more: &str| {
        let text = format!(
            r#"{{"StatusItems": {{"softwareupdate": {{"pending-version":
            {{"os-version": "26.6.2", "build-version": "25G83"{more}}}}}}}}}"#
        );
        let report = report(&text);
        let unknown = report.unknown().len();
        let mut out = Vec::new();
        report.encode(&mut out);
        let again: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(&text).unwrap());
        let update = report.status_items.softwareupdate.unwrap();
        (update.pending_version.unwrap(), unknown)
    };
    let (known, unknown) = pending(r#", "target-local-date-time": "2026-09-01T12:00:00""#);
    assert_eq!(known.target_local_date_time, "2026-09-01T12:00:00".parse().ok());
    assert_eq!((unknown, pending("").0.target_local_date_time), (0, None));
    // A time that is none is kept as it is.
    let (other, unknown) = pending(r#", "target-local-date-time": "2026-09-01T12:00:00Z""#);
    assert_eq!((other.target_local_date_time, unknown), (None, 1));
    // As it was saved before the key had a field.
    let saved = r#"{"os_version":"26.6.2","build_version":"25G83",
        "unknown":"{\"target-local-date-time\":\"2026-09-01T12:00:00\"}"}"#;
    let saved: PendingVersion = serde_json::from_str(saved).unwrap();
    assert_eq!((saved.os_version.as_str(), &saved.target_local_date_time), ("26.6.2", &None));
    assert_eq!(saved.unknown.str("target-local-date-time"), Some("2026-09-01T12:00:00"));
    // A field that was filled since counts, and the key is written once.
    let written = |pending: PendingVersion| {
        let mut report = report(
            r#"{"StatusItems": {"softwareupdate": {"pending-version": {
            "os-version": "26.6.2", "build-version": "25G83"}}}}"#,
        );
        report.status_items.softwareupdate.as_mut().unwrap().pending_version = Some(pending);
        let mut out = Vec::new();
        report.encode(&mut out);
        let text = String::from_utf8(out).unwrap();
        let times = text.split("target-local-date-time\":").skip(1);
        times.map(|time| time.chars().take(12).collect()).collect::<Vec<String>>()
    };
    assert_eq!(written(saved.clone()), ["\"2026-09-01T"]);
    let later = saved.with_target_local_date_time("2027-01-01T12:00:00".parse().unwrap());
    assert_eq!(written(later), ["\"2027-01-01T"]);
}

#[test]
fn identifiers_take_64_bytes_and_no_more() {
    use apple_mdm::declarations::Identifier;
    assert!("a".repeat(64).parse::<Identifier>().is_ok());
    assert!("a".repeat(65).parse::<Identifier>().is_err());
    assert!("".parse::<Identifier>().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever keys somebody adds, they survive in their order.
    #[test]
    fn unknown_keys_survive_in_order(keys in prop::collection::vec("[a-zA-Z]{1,6}", 0..6)) {
        let extra: String = keys.iter().enumerate().map(|(n, key)| format!(",\"x{key}\":{n}")).collect();
        let text = format!(
            r#"{{"Type":"com.apple.configuration.softwareupdate.enforcement.specific","Identifier":"1","ServerToken":"2","Payload":{{"TargetOSVersion":"26.1","TargetLocalDateTime":"2026-01-20T18:00:00"{extra}}}{extra}}}"#
        );
        let read = Declaration::decode(text.as_bytes(), &Default::default()).unwrap();
        let mut out = Vec::new();
        read.encode(&mut out);
        prop_assert_eq!(String::from_utf8(out).unwrap(), text);
        prop_assert_eq!(read.unknown().len(), keys.len() * 2);
    }

    /// Full reports and partial ones come to the same as a map of the latest values.
    #[test]
    fn the_store_is_the_sum_of_its_reports(
        reports in prop::collection::vec((any::<bool>(), prop::collection::btree_map("[a-d]", 0i64..4, 0..4)), 0..8)
    ) {
        let mut store = StatusStore::default();
        let mut model = std::collections::BTreeMap::new();
        for (full, items) in reports {
            let body: Vec<String> = items.iter().map(|(k, v)| format!("\"{k}\":{{\"i\":{v}}}")).collect();
            let text = format!(r#"{{"StatusItems":{{{}}},"FullReport":{full}}}"#, body.join(","));
            store.apply(&report(&text), &StoreLimits::default()).unwrap();
            if full {
                model.clear();
            }
            model.extend(items.into_iter().map(|(key, value)| (format!("{key}.i"), value)));
            let kept: std::collections::BTreeMap<String, i64> =
                store.iter().map(|(key, value)| (key.to_owned(), value.as_int().unwrap())).collect();
            prop_assert_eq!(&kept, &model);
        }
    }
}
