//! Status reports, catalogues, versions and answers to a plan that were made to hurt, each with what
//! stops it. The table is HOSTILE.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use apple_mdm::check::{DeviceFacts, MAX_NAME, MAX_UPDATES};
use apple_mdm::declarations::rules::Installed;
use apple_mdm::declarations::status::{StatusReport, StatusStore, StoreLimits};
use apple_mdm::declarations::support::Enrollment;
use apple_mdm::declarations::{
    self, Declaration, DeclarationSet, Endpoint, EnforcementSpecific, LocalDateTime, MAX_ENDPOINT,
    Payload, rules,
};
use apple_mdm::gdmf::{self, Catalogue, Policy};
use apple_mdm::json::{self, Limits, Object, Value};
use apple_mdm::messages::Report;
use apple_mdm::plan::{Device, Failure, Goal, Outcome, Path, PlanState, UpdatePlan, Way};
use apple_mdm::schema::Platform;
use apple_mdm::version::{Build, MAX_BUILD, OsVersion};
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime};

const START: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

fn report(text: &str) -> StatusReport {
    StatusReport::decode(text.as_bytes(), &Limits::default()).unwrap()
}

fn kind(text: &str) -> json::ErrorKind {
    json::decode(text.as_bytes(), &Limits::default()).unwrap_err().into_parts().0
}

#[test]
fn a_hundred_thousand_nested_arrays_stop_at_the_depth() {
    let limit = |max| json::ErrorKind::Limit { what: "arrays and objects inside each other", max };
    assert_eq!(kind(&"[".repeat(100_000)), limit(64));
    assert_eq!(kind(&"{\"a\":".repeat(100_000)), limit(64));
    // serde_json's own bound is behind ours, whatever a caller sets.
    let deep = Limits::default().with_depth(usize::MAX);
    let error = json::decode("[".repeat(100_000).as_bytes(), &deep).unwrap_err();
    assert_eq!(error.kind(), &limit(120));
}

#[test]
fn half_a_million_values_are_read_and_not_one_more() {
    let list = |count: usize| format!("[{}0]", "0,".repeat(count - 2));
    assert!(json::decode(list(500_000).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(kind(&list(500_001)), json::ErrorKind::Limit { what: "values", max: 500_000 });
    let long = vec![b' '; (16 << 20) + 1];
    let error = json::decode(&long, &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), &json::ErrorKind::Limit { what: "bytes", max: 16 << 20 });
    assert_eq!(error.position().map(|place| place.offset), Some(16 << 20));
}

#[test]
fn texts_and_numbers_of_json_are_what_json_says() {
    let decode = |text: &str| json::decode(text.as_bytes(), &Limits::default()).ok();
    // Lone surrogates, and pairs in the wrong order.
    for text in [r#""\ud800""#, r#""\udc00""#, r#""\udc00\ud800""#, r#""\ud800A""#, "\"\0\""] {
        assert_eq!(decode(text), None, "{text}");
    }
    assert_eq!(decode(r#""\ud834\udd1e\u0000""#), Some("\u{1d11e}\0".into()));
    // What does not fit 64 bits is a real; what fits no real is refused.
    assert_eq!(decode("18446744073709551615"), Some(Value::Integer(u64::MAX.into())));
    assert_eq!(decode("18446744073709551616"), Some(Value::Real(18_446_744_073_709_551_616.0)));
    assert_eq!(decode("-9223372036854775809"), Some(Value::Real(-9_223_372_036_854_775_808.0)));
    for text in ["1e999", "-1e999", "NaN", "Infinity", "0x10", "+1", "1.", ".5", "01"] {
        assert_eq!(decode(text), None, "{text}");
    }
    // Digits by the megabyte are rounded once.
    let digits = format!("0.{}", "9".repeat(1 << 20));
    assert_eq!(decode(&digits), Some(Value::Real(1.0)));
    // One encoding: UTF-8, with its mark or without.
    let wide: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(json::decode(&wide, &Limits::default()).is_err());
    assert!(json::decode(b"\xEF\xBB\xBF\xEF\xBB\xBF{}", &Limits::default()).is_err());
}

#[test]
fn a_key_by_the_hundred_thousand_is_taken_out_in_one_pass() {
    let count = 100_000;
    let mut object = Object::new();
    for at in 0..count {
        object.push("a", Value::from(at));
    }
    for at in 0..count {
        object.push(format!("k{at}"), true);
    }
    // Again and again from the middle, this took the square of both.
    assert_eq!(object.remove("a"), Some(Value::from(count - 1)));
    assert_eq!(object.len(), usize::try_from(count).unwrap());
    assert_eq!(object.get("a"), None);
}

#[test]
fn errors_of_json_are_placed_in_one_line_and_one_pass() {
    // Sixty levels of long keys above half a million values, and then a value of a wrong type:
    // the pointer of each value would be four kilobytes.
    let key = "k".repeat(64);
    let mut deep = format!("[{}0]", "0,".repeat(400_000));
    for _ in 0..58 {
        deep = format!("{{\"{key}\":{deep}}}");
    }
    let text = format!("{{\"x\":{deep}}}");
    let error = StatusReport::decode(text.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), &declarations::ErrorKind::Missing);
    assert_eq!(error.path(), Some("/StatusItems"));
    // Of a key that stands twice, the value that counts is the one that is wrong.
    let text = r#"{"StatusItems": {}, "StatusItems": []}"#;
    let error = StatusReport::decode(text.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), &declarations::ErrorKind::Type("an object"));
    assert_eq!(error.position().map(|place| place.offset), text.find('['));
    let error = kind_at("{\"a\\nERROR\\u0085\\u001b[2J\": tru}");
    assert!(error.contains("ERROR") && !error.contains(char::is_control), "{error:?}");
    let error = Catalogue::decode(
        b"{\"PublicAssetSets\": {\"\\nERROR\": [0, 0]}}",
        &gdmf::Limits::default().with_entries(1),
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("ERROR") && !error.contains(char::is_control), "{error:?}");
}

fn kind_at(text: &str) -> String {
    json::decode(text.as_bytes(), &Limits::default()).unwrap_err().to_string()
}

/// A name of many dots once nested as deep as it was long, and dropping that ended the process.
#[test]
fn an_items_name_of_a_hundred_thousand_dots_is_a_name() {
    let name = "a.".repeat(100_000);
    let text =
        format!(r#"{{"StatusItems": {{"{name}": 1, "softwareupdate": {{"device-id": "X"}}}}}}"#);
    let mut store = StatusStore::default();
    store.apply(&report(&text), &StoreLimits::default()).unwrap();
    assert_eq!(store.get(&name), Some(&Value::Integer(1)));
    let items = store.items();
    assert_eq!(items.softwareupdate.and_then(|update| update.device_id).as_deref(), Some("X"));
    // Thirty-two parts are told apart, and the rest is one.
    let mut value = Value::from(items.unknown.clone());
    let mut parts = 0;
    while let Value::Object(object) = &value {
        let Some((_, inner)) = object.iter().next() else { break };
        (value, parts) = (inner.clone(), parts + 1);
    }
    assert_eq!((value, parts), (Value::Integer(1), 32));
}

#[test]
fn a_hundred_thousand_items_are_put_together_without_a_square() {
    let items: Vec<String> = (0..99_000).map(|at| format!("\"i{at}\":{at}")).collect();
    let text = format!("{{\"StatusItems\": {{{}}}}}", items.join(","));
    let mut store = StatusStore::default();
    assert_eq!(store.apply(&report(&text), &StoreLimits::default()).unwrap().len(), 99_000);
    assert_eq!(store.items().unknown.len(), 99_000);
}

/// Names are made of all keys above an item: a megabyte above each of many is a terabyte.
#[test]
fn a_long_key_above_many_short_ones_is_counted_before_it_is_copied() {
    let text = |length: usize, count: usize| {
        let items: Vec<String> = (0..count).map(|at| format!("\"{at:06}\":0")).collect();
        format!("{{\"StatusItems\":{{\"{}\":{{{}}}}}}}", "k".repeat(length), items.join(","))
    };
    let mut store = StatusStore::default();
    let error = store.apply(&report(&text(1 << 20, 300_000)), &StoreLimits::default()).unwrap_err();
    let what = "bytes of status of one device";
    assert_eq!(error.kind(), &declarations::ErrorKind::Limit { what, max: 4 << 20 });
    assert_eq!(store, StatusStore::default(), "nothing is changed by what is refused");
    // Ten names of 107 bytes: exactly so many, and not one fewer.
    let limits = StoreLimits::default().with_bytes(1070);
    assert!(store.apply(&report(&text(100, 10)), &limits).is_ok());
    assert!(
        StatusStore::default().apply(&report(&text(100, 10)), &limits.with_bytes(1069)).is_err()
    );
    // The same above objects without anything in them, which are no items.
    let empty = vec!["{}"; 300_000].join(",\"a\":");
    let text = format!("{{\"StatusItems\":{{\"{}\":{{\"a\":{empty}}}}}}}", "k".repeat(1 << 20));
    assert_eq!(StatusStore::default().apply(&report(&text), &StoreLimits::default()), Ok(vec![]));
    // And names at which items begin, as the device says, are as long as names are.
    let own = format!(
        r#"{{"StatusItems":{{"management":{{"client-capabilities":{{"supported-payloads":
        {{"status-items":["{0}","a.b"]}}}}}},"{0}":{{"x":1}},"a":{{"b":{{"c":1}}}}}}}}"#,
        "k".repeat(257)
    );
    let mut store = StatusStore::default();
    store.apply(&report(&own), &StoreLimits::default()).unwrap();
    let names: Vec<&str> = store.iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"a.b") && names.iter().any(|name| name.ends_with("k.x")), "{names:?}");
}

/// Found by fuzzing (apple_store): where an array took the place of one of other things, the mark of
/// removal was kept as if it were a thing, and taken away by the same report again.
#[test]
fn an_array_that_begins_anew_has_no_marks_of_removal() {
    let mut store = StatusStore::default();
    let limits = StoreLimits::default();
    store.apply(&report(r#"{"StatusItems": {"test": ["a"]}}"#), &limits).unwrap();
    let marked = report(
        r#"{"StatusItems": {"test": [{"identifier": "1"}, {"identifier": "2", "_removed": true}]}}"#,
    );
    assert_eq!(store.apply(&marked, &limits).unwrap().len(), 1);
    assert_eq!(store.get("test").and_then(Value::as_array).map(<[Value]>::len), Some(1));
    assert_eq!(store.apply(&marked, &limits), Ok(vec![]), "a repeated report changes nothing");
    // One that comes and goes in one report.
    let both = report(
        r#"{"StatusItems": {"other": [{"identifier": "1"}, {"identifier": "1", "_removed": true}]}}"#,
    );
    store.apply(&report(r#"{"StatusItems": {"other": ["a"]}}"#), &limits).unwrap();
    store.apply(&both, &limits).unwrap();
    assert_eq!(store.get("other").and_then(Value::as_array), Some(&[][..]));
    assert_eq!(store.apply(&both, &limits), Ok(vec![]), "a repeated report changes nothing");
}

#[test]
fn errors_that_a_device_reports_are_kept_up_to_their_values() {
    let text = |names: &str, count: usize| {
        let zeros = vec!["0"; count].join(",");
        format!(r#"{{"StatusItems":{{}},"Errors":[{{"StatusItem":"{names}","x":[{zeros}]}}]}}"#)
    };
    // One error of ten zeros is an object, its name, an array and the zeros.
    let limits = StoreLimits::default().with_nodes(13);
    let mut store = StatusStore::default();
    store.apply(&report(&text("a", 10)), &limits).unwrap();
    assert_eq!(store.errors().count(), 1);
    store.apply(&report(&text("b", 0)), &limits).unwrap();
    assert_eq!(store.errors().count(), 1, "there is no room for a second one");
    let mut store = StatusStore::default();
    store.apply(&report(&text("a", 11)), &limits).unwrap();
    assert_eq!(store.errors().count(), 0);
    // A thousand reports with half a million zeros each stay within the default.
    let mut store = StatusStore::default();
    for name in ["a", "b", "c"] {
        store.apply(&report(&text(name, 60_000)), &StoreLimits::default()).unwrap();
    }
    assert_eq!(store.errors().count(), 1);
}

#[test]
fn versions_and_builds_are_short_and_their_numbers_fit() {
    for text in ["4294967296", "1.4294967296", "1.2.3.4", "-1", "1.2 (\u{e9})", "1.2 ()", "1 (a))("]
    {
        assert!(text.parse::<OsVersion>().is_err(), "{text}");
    }
    let top: OsVersion = "4294967295.4294967295.4294967295 (z)".parse().unwrap();
    assert_eq!(top.to_string().parse(), Ok(top));
    // Zeros before a number once made a build as long as a message.
    let build = |zeros: usize| format!("{}1A1", "0".repeat(zeros)).parse::<Build>();
    assert!(build(MAX_BUILD - 3).is_ok());
    assert!(build(MAX_BUILD - 2).is_err());
    for text in ["4294967296A1", "1A4294967296", "1\u{c9}1", "1A1\u{e9}"] {
        assert!(text.parse::<Build>().is_err(), "{text}");
    }
    let build: Build = "4294967295Z4294967295z".parse().unwrap();
    assert_eq!((build.train(), build.number()), (u32::MAX, u32::MAX));
}

#[test]
fn times_of_declarations_have_four_digits_at_both_ends() {
    let read = |text: &str| text.parse::<LocalDateTime>().is_ok();
    for (text, reads) in [
        ("0000-01-01T00:00:00", true),
        ("9999-12-31T23:59:59", true),
        ("10000-01-01T00:00:00", false),
        ("-0001-01-01T00:00:00", false),
        ("+2026-01-01T00:00:00", false),
        ("2016-12-31T23:59:60", false),
        ("2026-01-01T24:00:00", false),
        ("2026-01-01T00:00:00\0", false),
    ] {
        assert_eq!(read(text), reads, "{text}");
    }
    for time in
        [NaiveDateTime::MIN, NaiveDateTime::MAX, NaiveDate::MIN.and_hms_opt(0, 0, 0).unwrap()]
    {
        let own = LocalDateTime::from(time);
        assert_eq!(own.as_str().parse::<LocalDateTime>().as_ref(), Ok(&own));
        assert!(
            read(own.earlier(Duration::MAX).as_str()) && read(own.earlier(Duration::MIN).as_str())
        );
        let _ = own.latest_utc();
    }
    let first: LocalDateTime = "0000-01-01T00:00:00".parse().unwrap();
    assert_eq!(first.earlier(Duration::hours(1)), first);
}

#[test]
fn days_of_a_catalogue_are_days_at_both_ends() {
    let text = |posted: &str, expires: &str| {
        format!(
            r#"{{"PublicAssetSets":{{"iOS":[{{"ProductVersion":"18.1","Build":"22B1",
            "PostingDate":"{posted}","ExpirationDate":"{expires}","SupportedDevices":["X"]}}]}}}}"#
        )
    };
    let mut phone = DeviceFacts::new(Platform::Ios, OsVersion::new(18, 0, 0));
    phone.product_name = Some("X".to_owned());
    for (posted, expires) in [
        ("-262143-01-01", "+262142-12-31"),
        ("+262142-12-31", "-262143-01-01"),
        ("9999999999-01-01", "0-0-0"),
        ("\\u0000", ""),
    ] {
        let bytes = text(posted, expires);
        let catalogue = Catalogue::decode(bytes.as_bytes(), &Default::default()).unwrap();
        for today in [NaiveDate::MIN, NaiveDate::MAX, START.date_naive()] {
            let found = Policy::new(today).with_wait_days(u16::MAX).resolve(&catalogue, &phone);
            assert_eq!(found.others.len() + usize::from(found.target.is_some()), 1);
        }
    }
}

#[test]
fn a_catalogue_has_so_many_entries_and_not_one_more() {
    let text = |count: usize| {
        let entry = r#"{"ProductVersion":"18.1","Build":"22B1","SupportedDevices":["X"]}"#;
        let entries = vec![entry; count].join(",");
        // A set twice is one set: what a second list adds counts as well.
        format!(r#"{{"AssetSets":{{"iOS":[{entries}]}},"AssetSets":{{"iOS":[{entry}]}}}}"#)
    };
    let limits = gdmf::Limits::default();
    let read = Catalogue::decode(text(19_999).as_bytes(), &limits).unwrap();
    assert_eq!(read.entries().len(), 20_000);
    let error = Catalogue::decode(text(20_000).as_bytes(), &limits).unwrap_err();
    assert_eq!(error.kind(), &gdmf::ErrorKind::Limit { what: "entries", max: 20_000 });
    // Twenty thousand entries for one device, all alike, are ranked without a square.
    let mut phone = DeviceFacts::new(Platform::Ios, OsVersion::new(18, 0, 0));
    phone.product_name = Some("X".to_owned());
    let found = Policy::new(START.date_naive()).with_non_public(true).resolve(&read, &phone);
    assert_eq!(found.others.len(), 19_999);
}

#[test]
fn a_stored_catalogue_is_put_in_order() {
    let text = r#"{"PublicAssetSets":{"iOS":[{"ProductVersion":"18.1","SupportedDevices":["A","B","C"]}]}}"#;
    let read = Catalogue::decode(text.as_bytes(), &Default::default()).unwrap();
    let stored = serde_json::to_string(&read).unwrap();
    let other = stored.replace(r#"["A","B","C"]"#, r#"["C","B","A"]"#);
    assert_ne!(stored, other);
    assert_eq!(serde_json::from_str::<Catalogue>(&other).unwrap(), read);
}

#[test]
fn endpoints_are_short_and_of_four_kinds() {
    let endpoint = |length: usize| {
        let identifier = "a".repeat(length - "declaration/asset/".len());
        format!("declaration/asset/{identifier}").parse::<Endpoint>()
    };
    assert!(endpoint(MAX_ENDPOINT).is_ok());
    let error = endpoint(MAX_ENDPOINT + 1).unwrap_err();
    let what = "bytes in an endpoint";
    assert_eq!(error.kind(), &declarations::ErrorKind::Limit { what, max: MAX_ENDPOINT });
    for text in
        ["", "Tokens", "tokens/", "declaration", "declaration/asset/", "/status", "../status"]
    {
        assert!(text.parse::<Endpoint>().is_err(), "{text}");
    }
    // Nothing is decoded: an identifier is what it is.
    let set = DeclarationSet::default();
    let answer = set.answer(&"declaration/asset/%2e%2e%2f%00".parse().unwrap(), b"", START);
    assert_eq!((answer.status, answer.body.len()), (404, 0));
}

#[test]
fn a_report_that_cannot_be_read_is_refused_with_its_place() {
    let set = DeclarationSet::default();
    let answer = set.answer(&Endpoint::Status, b"{\"StatusItems\": {\n]}", START);
    assert_eq!((answer.status, answer.report), (400, None));
    let place = answer.error.unwrap().position().unwrap();
    assert_eq!((place.line, place.column), (2, 1));
    // Bounds are the caller's, if they say so.
    let limits = Limits::default().with_nodes(2);
    let text = br#"{"StatusItems": {}}"#;
    assert_eq!(set.answer_within(&Endpoint::Status, text, START, &limits).status, 200);
    let limits = Limits::default().with_nodes(1);
    let answer = set.answer_within(&Endpoint::Status, text, START, &limits);
    assert_eq!(answer.status, 400);
    let kind = declarations::ErrorKind::Json(json::ErrorKind::Limit { what: "values", max: 1 });
    assert_eq!(answer.error.unwrap().kind(), &kind);
}

#[test]
fn no_debug_of_json_shows_a_token() {
    let text = r#"{"StatusItems": {"management": {"push-token": "hunter2"},
        "mdm": {"push-magic": "hunter2", "push-token": ["hunter2"]},
        "enhanced-logging": {"applecare-token": {"inner": {"more": "hunter2"}, "at": 1}}},
        "FullReport": true, "Passcode": "hunter2"}"#;
    let read = report(text);
    let mut store = StatusStore::default();
    let came = store.apply(&read, &StoreLimits::default()).unwrap();
    // Each is an item of its own.
    assert!(store.get("mdm.push-magic").is_some() && came.len() == 5, "{came:?}");
    let changed =
        store.apply(&report(&text.replace("hunter2", "hunter22")), &StoreLimits::default());
    let mut gone = store.clone();
    let gone =
        gone.apply(&report(r#"{"StatusItems": {}, "FullReport": true}"#), &StoreLimits::default());
    let program = r#"{"Type": "com.apple.configuration.softwareupdate.settings", "Identifier": "1",
        "ServerToken": "2", "Payload": {"Beta": {"ProgramEnrollment": "AlwaysOn",
        "RequireProgram": {"Description": "D", "Token": "hunter2"}}}}"#;
    let program = Declaration::decode(program.as_bytes(), &Limits::default()).unwrap();
    let set = DeclarationSet::new([program]).unwrap();
    let endpoint = "declaration/configuration/1".parse().unwrap();
    let answer = set.answer(&endpoint, b"", START);
    assert!(String::from_utf8_lossy(&answer.body).contains("hunter2"));
    let value = json::decode(text.as_bytes(), &Limits::default()).unwrap();
    for shown in [
        format!("{read:?}"),
        format!("{value:?}"),
        format!("{set:?}"),
        format!("{answer:?}"),
        format!("{:?}", store.items()),
        format!("{store:?}"),
        format!("{came:?}"),
        format!("{changed:?}"),
        format!("{gone:?}"),
    ] {
        assert!(!shown.contains("hunter2") && !shown.contains("104, 117, 110"), "{shown}");
    }
}

#[test]
fn a_stored_set_of_declarations_is_put_in_order() {
    let one = |name: &str| {
        let time = "2026-01-20T18:00:00".parse().unwrap();
        let update = EnforcementSpecific::new(OsVersion::new(26, 1, 0), time);
        Declaration::new(name.parse().unwrap(), Payload::Enforcement(update))
    };
    let stored = serde_json::to_string(&vec![one("c"), one("a"), one("b")]).unwrap();
    let set: DeclarationSet = serde_json::from_str(&stored).unwrap();
    assert!(["a", "b", "c"].iter().all(|name| set.get(name).is_some()));
    assert_eq!(
        serde_json::from_str::<DeclarationSet>(&serde_json::to_string(&set).unwrap()).unwrap(),
        set
    );
    let twice = serde_json::to_string(&vec![one("a"), one("a")]).unwrap();
    assert!(serde_json::from_str::<DeclarationSet>(&twice).is_err());
}

/// The answers of a device that lies, by the command that it was asked.
fn exchange(
    plan: &mut UpdatePlan,
    now: DateTime<chrono::Utc>,
    answer: impl Fn(&str) -> String,
) -> bool {
    let Some(body) = plan.poll_transmit(now).unwrap() else { return false };
    let command = String::from_utf8(body).unwrap();
    let uuid = command.split("<key>CommandUUID</key><string>").nth(1).unwrap();
    let uuid = uuid.split("</string>").next().unwrap();
    let list = format!(
        "<plist><dict><key>CommandUUID</key><string>{uuid}</string><key>UDID</key>\
         <string>1</string>{}</dict></plist>",
        answer(&command)
    );
    let limits = apple_mdm::plist::Limits::default();
    plan.handle_report(now, &Report::decode(list.as_bytes(), &limits).unwrap());
    true
}

fn plan() -> UpdatePlan {
    let phone = Installed::new(Platform::Ios, "16.7".parse().unwrap(), None);
    let goal = Goal::new("16.7.2".parse().unwrap(), "1970-01-03T00:00:00".parse().unwrap());
    let goal = goal.with_way(Way::Only(Path::Commands));
    UpdatePlan::new("phone", Device::new(phone, Enrollment::Supervised), goal)
}

const DONE: &str = "<key>Status</key><string>Acknowledged</string>";

/// A device that takes every command and says nothing of it was once told to download for ever, as
/// fast as it answered.
#[test]
fn a_device_that_says_yes_to_everything_is_given_up() {
    let yes = |command: &str| {
        let more = if command.contains("DeviceInformation") {
            "<key>QueryResponses</key><dict><key>OSVersion</key><string>16.7</string></dict>"
        } else if command.contains("AvailableOSUpdates") {
            "<key>AvailableOSUpdates</key><array><dict><key>ProductKey</key><string>K</string>\
             <key>Version</key><string>16.7.2</string></dict></array>"
        } else if command.contains("OSUpdateStatus") {
            "<key>OSUpdateStatus</key><array/>"
        } else {
            ""
        };
        format!("{DONE}{more}")
    };
    let (mut plan, mut now, mut commands) = (plan(), START, 0);
    while !plan.is_over() {
        let mut at_once = 0;
        while exchange(&mut plan, now, yes) {
            at_once += 1;
            assert!(at_once < 20, "it is asked without a pause");
        }
        commands += at_once;
        now += Duration::minutes(5);
    }
    let failure = Failure::Download("the device says nothing of it".to_owned());
    assert_eq!(plan.outcome(), Some(&Outcome::Failed(failure)));
    assert!(commands < 100, "{commands}");
}

#[test]
fn what_a_plan_keeps_of_a_device_is_short_and_of_one_line() {
    let words = format!("ERROR\n\u{1b}[2J{}", "x".repeat(1 << 20));
    let build = format!("{}20A1", "0".repeat(1 << 20));
    let lies = |command: &str| {
        if command.contains("DeviceInformation") {
            format!(
                "{DONE}<key>QueryResponses</key><dict><key>OSVersion</key><string>16.7</string>\
                 <key>BuildVersion</key><string>{build}</string></dict>"
            )
        } else {
            format!(
                "<key>Status</key><string>Error</string><key>ErrorChain</key><array><dict>\
                 <key>ErrorDomain</key><string>D</string><key>ErrorCode</key><integer>1</integer>\
                 <key>USEnglishDescription</key><string>{words}</string></dict></array>"
            )
        }
    };
    // The device says U+001B as a reference: it is kept by the list, and not by the plan.
    let lies = |command: &str| lies(command).replace('\u{1b}', "&#x1b;");
    let (mut plan, mut now) = (plan(), START);
    while !plan.is_over() {
        while exchange(&mut plan, now, lies) {}
        now += Duration::hours(1);
    }
    let Some(Outcome::Failed(failure)) = plan.outcome() else { panic!("{:?}", plan.outcome()) };
    let printed = failure.to_string();
    assert!(printed.contains("ERROR\\n\\u{1b}[2J") && printed.len() < 400, "{printed}");
    let state = serde_json::to_string(&plan.into_state()).unwrap();
    assert!(state.len() < 8 << 10, "{}", state.len());
}

#[test]
fn answers_to_other_commands_and_answers_sent_again_change_nothing() {
    let limits = apple_mdm::plist::Limits::default();
    let mut plan = plan();
    assert!(plan.poll_transmit(START).unwrap().is_some());
    let state: PlanState = plan.clone().into_state();
    let done = "<key>QueryResponses</key><dict><key>OSVersion</key><string>16.7.2</string></dict>";
    for uuid in ["", "phone", "phone-0000", "phone-0002", "PHONE-0001", "other-0001", "phone-0001 "]
    {
        let list = format!(
            "<plist><dict><key>CommandUUID</key><string>{uuid}</string>{DONE}{done}</dict></plist>"
        );
        plan.handle_report(START, &Report::decode(list.as_bytes(), &limits).unwrap());
        assert_eq!(plan.clone().into_state(), state, "{uuid}");
    }
    // The true answer ends the plan, and the same one again changes nothing.
    let done = |_: &str| format!("{DONE}{done}");
    assert!(exchange(&mut plan, START, done));
    assert!(plan.is_over());
    let over = plan.clone().into_state();
    assert!(!exchange(&mut plan, START, done));
    assert_eq!(plan.into_state(), over);
}

#[test]
fn a_plan_saved_by_somebody_else_does_not_overflow() {
    // Every number of the state at its ends, and times at both ends of chrono's.
    let mut plan = plan();
    let _ = plan.poll_transmit(START);
    let state = serde_json::to_value(plan.into_state()).unwrap();
    let mut places = Vec::new();
    let mut waiting = vec![(String::new(), &state)];
    while let Some((path, value)) = waiting.pop() {
        match value {
            serde_json::Value::Object(object) => {
                waiting.extend(object.iter().map(|(key, inner)| (format!("{path}/{key}"), inner)));
            }
            serde_json::Value::Number(_) | serde_json::Value::Null => places.push(path),
            _ => {}
        }
    }
    assert!(places.len() > 30, "{places:?}");
    let times = [START, DateTime::<chrono::Utc>::MIN_UTC, DateTime::<chrono::Utc>::MAX_UTC];
    for place in places.iter().filter(|place| *place != "/version") {
        for number in [i64::MIN.into(), i64::MAX.into(), u64::MAX.into(), u32::MAX.into(), 0.into()]
        {
            let number: serde_json::Number = number;
            let mut state = state.clone();
            *state.pointer_mut(place).unwrap() = number.into();
            let Ok(state) = serde_json::from_value::<PlanState>(state) else { continue };
            for now in times {
                let mut plan = UpdatePlan::resume(state.clone()).unwrap();
                let _ = plan.poll_timeout();
                plan.handle_timeout(now);
                exchange(&mut plan, now, |_| DONE.to_owned());
                let _ = (plan.poll_timeout(), plan.declarations());
                plan.withdraw(now);
            }
        }
    }
}

#[test]
fn what_is_learnt_of_a_device_is_bounded() {
    let limits = apple_mdm::plist::Limits::default();
    let learn = |facts: &mut DeviceFacts, inner: &str| {
        let list = format!("<plist><dict>{DONE}{inner}</dict></plist>");
        facts.learn(&Report::decode(list.as_bytes(), &limits).unwrap().answer());
    };
    let updates = |count: usize| {
        format!("<key>AvailableOSUpdates</key><array>{}</array>", "<dict/>".repeat(count))
    };
    let name = |length: usize| {
        let name = "n".repeat(length);
        format!(
            "<key>QueryResponses</key><dict><key>ProductName</key><string>{name}</string>\
             <key>SoftwareUpdateDeviceID</key><string>{name}</string>\
             <key>AvailableDeviceCapacity</key><real>1e308</real></dict>"
        )
    };
    let mut facts = DeviceFacts::new(Platform::Ios, OsVersion::new(18, 0, 0));
    for (count, kept) in [(MAX_UPDATES, MAX_UPDATES), (MAX_UPDATES + 1, MAX_UPDATES)] {
        learn(&mut facts, &updates(count));
        assert_eq!(facts.updates.as_ref().map(Vec::len), Some(kept));
    }
    learn(&mut facts, &name(MAX_NAME + 1));
    assert_eq!((&facts.product_name, &facts.software_update_device_id), (&None, &None));
    assert_eq!(facts.free_bytes, Some(1_000_000_000_000_000_000));
    learn(&mut facts, &name(MAX_NAME));
    assert!(facts.product_name.is_some() && facts.software_update_device_id.is_some());
}

#[test]
fn a_preview_of_updates_ends() {
    // Every declaration asks for every release again and again.
    let time: LocalDateTime = "2026-01-20T18:00:00".parse().unwrap();
    let releases: Vec<rules::Release> = (0..60)
        .map(|patch| {
            let build = format!("23A{}", 100 + patch).parse().unwrap();
            rules::Release::new(OsVersion::new(26, 1, patch), build)
        })
        .collect();
    let asked = EnforcementSpecific::new(OsVersion::new(26, 1, 0), time);
    let all = vec![&asked; 60];
    let installed = Installed::new(Platform::Ios, OsVersion::new(26, 0, 0), None);
    assert!(rules::preview(&all, &installed, &releases).len() <= releases.len());
}
