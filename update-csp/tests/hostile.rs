//! Hostile documents and answers: what a DDF file, a device or a saved state may cost, and what of
//! other nodes and updates an answer may say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use mdm_xml::{ErrorKind as XmlError, Limit};
use syncml::{Command, Data, Item, StatusCode};
use update_csp::ddf::{Allowed, AllowedValue, AllowedValues, Context, Document, ErrorKind, Limits};
use update_csp::ddf::{Lookup, Tree, ValueKind};
use update_csp::device::{CspVersions, DeviceInfo, DeviceQuery, RebootQuery, RebootSchedule};
use update_csp::effects::{self, Update};
use update_csp::hresult::HResult;
use update_csp::inventory::{Finding, ReadLimits, Reading, ScanTime};
use update_csp::plan::{MAX_REPORTED, Managed, PolicyQuery, ReadFinding, Reported, diff};
use update_csp::policy::{PolicyId, PolicySet, Setting};
use update_csp::{Build, Classification, Edition, Inventory, Query, UpdateGuid};

const OK: Option<StatusCode> = Some(StatusCode::OK);

fn refused(text: &str, limits: &Limits) -> ErrorKind {
    Document::read(text.as_bytes(), limits).expect_err("refused").kind().clone()
}

fn node(inside: &str) -> String {
    format!("<MgmtTree><Node><NodeName>a</NodeName>{inside}</Node></MgmtTree>")
}

fn properties(inside: &str) -> String {
    node(&format!("<DFProperties>{inside}</DFProperties>"))
}

#[test]
fn document_types_are_passed_over_and_their_entities_never_expanded() {
    let subset = "<!DOCTYPE MgmtTree [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>";
    assert!(Document::read(format!("{subset}{}", node("")).as_bytes(), &Limits::default()).is_ok());
    let text = format!("{subset}{}", properties("<Description>&b;</Description>"));
    let kind = refused(&text, &Limits::default());
    assert_eq!(kind, ErrorKind::Xml(XmlError::UnknownEntity("b".into())));
    let file =
        "<!DOCTYPE MgmtTree SYSTEM 'file:///etc/passwd' [<!ENTITY % x SYSTEM 'http://x'> %x;]>";
    assert!(Document::read(format!("{file}{}", node("")).as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn documents_are_read_to_their_limits_and_no_further() {
    let over = |limit, max| ErrorKind::Xml(XmlError::Limit { limit, max });
    let deep = |n: usize| {
        "<MgmtTree>".to_owned() + &"<Node>".repeat(n) + &"</Node>".repeat(n) + "</MgmtTree>"
    };
    assert!(Document::read(deep(63).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&deep(64), &Limits::default()), over(Limit::Depth, 64));
    assert_eq!(refused(&deep(100_000), &Limits::default()), over(Limit::Depth, 64));
    let attributes: String = (0..100_000).map(|i| format!(" a{i}=''")).collect();
    let text = format!("<MgmtTree{attributes}/>");
    assert_eq!(refused(&text, &Limits::default()), over(Limit::Attributes, 64));
    let nul = node("\0");
    assert_eq!(refused(&nul, &Limits::default()), ErrorKind::Xml(XmlError::ForbiddenChar(0)));
    // Nodes that a path goes through count as nodes: a tree has each of them.
    let path = |n: usize| node(&format!("<Path>.{}</Path>", "/x".repeat(n)));
    let limits = Limits::default().with_nodes(4).with_path(1 << 20);
    assert_eq!(Document::read(path(3).as_bytes(), &limits).unwrap().nodes.len(), 1);
    assert_eq!(refused(&path(4), &limits), ErrorKind::Nodes { max: 4 });
    let names = node("").replace(">a<", ">a/b/c/d/e<");
    assert_eq!(refused(&names, &limits), ErrorKind::Nodes { max: 4 });
    let long = Limits::default().with_path(4096);
    assert_eq!(refused(&path(4096), &long), ErrorKind::Path { max: 4096 });
}

#[test]
fn what_nodes_inherit_is_not_multiplied_beyond_the_limit() {
    let text = |builds: &str, children: usize| {
        let child = "<Node><NodeName>b</NodeName></Node>".repeat(children);
        properties(&format!(
            "<Applicability><OsBuildVersion>{builds}</OsBuildVersion></Applicability>"
        ))
        .replace("</Node></MgmtTree>", &format!("{child}</Node></MgmtTree>"))
    };
    let limits = Limits::default().with_inherited(30);
    assert!(Document::read(text("10.0.19045", 3).as_bytes(), &limits).is_ok());
    assert_eq!(refused(&text("10.0.19045", 4), &limits), ErrorKind::Inherited { max: 30 });
    let long = "10.0.19045,".repeat(100_000);
    let kind = refused(&text(&long, 50_000), &Limits::default());
    assert_eq!(kind, ErrorKind::Inherited { max: 32 << 20 });
    // A version of its own and the builds from above.
    let own = text("10.0.19045", 0).replace(
        "</Node></MgmtTree>",
        "<Node><NodeName>b</NodeName><DFProperties><Applicability><CspVersion>1</CspVersion>\
         </Applicability></DFProperties></Node></Node></MgmtTree>",
    );
    let kind = refused(&own, &Limits::default().with_inherited(9));
    assert_eq!(kind, ErrorKind::Inherited { max: 9 });
}

#[test]
fn dependencies_of_one_node_have_a_limit() {
    let one = "<Dependency><DependencyUri>./A</DependencyUri></Dependency>";
    let text = |n: usize| {
        let groups = format!("<DependencyGroup>{one}</DependencyGroup>").repeat(n - 1);
        properties(&format!(
            "<DependencyBehavior>{groups}<DependencyGroup>{one}</DependencyGroup></DependencyBehavior>"
        ))
    };
    assert!(Document::read(text(256).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&text(257), &Limits::default()), ErrorKind::Dependencies { max: 256 });
    let two = Limits::default().with_dependencies(2);
    assert!(Document::read(text(2).as_bytes(), &two).is_ok());
    assert_eq!(refused(&text(3), &two), ErrorKind::Dependencies { max: 2 });
}

#[test]
fn patterns_and_lists_that_cost_too_much_are_left_undecided() {
    let of = |kind, values: Vec<String>, delimiter: Option<&str>| {
        let mut allowed = AllowedValues::default();
        allowed.kind = kind;
        allowed.values = values.into_iter().map(AllowedValue::new).collect();
        allowed.delimiter = delimiter.map(str::to_owned);
        allowed
    };
    let undecided = |allowed: &AllowedValues, value: &str| {
        matches!(allowed.check(value, None), Allowed::Undecided(_))
    };
    // Backtracking would take until the end of time.
    let nested = of(ValueKind::RegEx, vec!["^(a+)+$".to_owned()], None);
    assert!(matches!(nested.check(&("a".repeat(1000) + "b"), None), Allowed::No(_)));
    // What is compiled to a quarter of a megabyte is for short values only.
    let large = of(ValueKind::RegEx, vec!["^(?:a?){2000}$".to_owned()], None);
    assert_eq!(large.check(&"a".repeat(100), None), Allowed::Yes);
    assert!(undecided(&large, &"a".repeat((4 << 10) + 1)));
    let repeated = of(ValueKind::RegEx, vec!["((a{1000}){1000}){1000}".to_owned()], None);
    assert!(undecided(&repeated, "a"));
    let long = |n: usize| of(ValueKind::RegEx, vec![format!("^{}$", "a".repeat(n - 2))], None);
    assert!(!undecided(&long(16 << 10), "a") && undecided(&long((16 << 10) + 1), "a"));
    let many = |n: usize| of(ValueKind::RegEx, vec!["^b$".to_owned(); n], None);
    assert!(!undecided(&many(16), "a") && undecided(&many(17), "a"));
    assert!(undecided(&of(ValueKind::RegEx, vec!["(".repeat(100_000)], None), "a"));
    // Lists: all of the values together, and each with each part of a list.
    let list = |bytes: usize| of(ValueKind::Enum, vec!["x".repeat(bytes)], None);
    assert!(!undecided(&list(256 << 10), "a") && undecided(&list((256 << 10) + 1), "a"));
    let parts = of(ValueKind::Enum, vec!["1".to_owned(); 4096], Some(";"));
    assert_eq!(parts.check(&"1;".repeat(511), None), Allowed::Yes);
    assert!(undecided(&parts, &"1;".repeat(512)));
    let few = of(ValueKind::Enum, vec!["1".to_owned()], Some(";"));
    assert_eq!(few.check(&"1;".repeat(1023), None), Allowed::Yes);
    assert!(undecided(&few, &"1;".repeat(1024)));
    // Ends of ranges that are no numbers.
    for range in ["[-9223372036854775808-9223372036854775807]", "[0-0]"] {
        assert_eq!(
            of(ValueKind::Range, vec![range.to_owned()], None).check("0", None),
            Allowed::Yes
        );
    }
    let over = of(ValueKind::Range, vec!["[0-9223372036854775808]".to_owned()], None);
    assert!(undecided(&over, "0"));
}

#[test]
fn wrong_names_among_many_siblings_are_answered_at_once() {
    let siblings: String = (0..20_000)
        .map(|i| format!("<Node><NodeName>{}{i:05}</NodeName></Node>", "a".repeat(70)))
        .collect();
    let text =
        format!("<MgmtTree><Node><NodeName>A</NodeName><Path>.</Path>{siblings}</Node></MgmtTree>");
    let mut tree = Tree::default();
    tree.add(&Document::read(text.as_bytes(), &Limits::default()).unwrap());
    let wrong = Command::get(format!("./A/{}", "b".repeat(75)));
    let commands = vec![wrong; 50];
    assert_eq!(tree.check_all(&commands, &Context::default()).len(), 50);
    let near = format!("./A/{}0000", "a".repeat(70)).parse().unwrap();
    let Lookup::Missing { suggestion, .. } = tree.lookup(&near) else { panic!("missing") };
    assert_eq!(suggestion, Some(format!("{}00000", "a".repeat(70))));
}

fn leaf(uri: &str, data: &str) -> Item<'static> {
    Item::source(format!("./Vendor/MSFT/Update/{uri}")).with_data(Data::text(data.to_owned()))
}

fn guid(number: u128) -> UpdateGuid {
    UpdateGuid::from_u128(number)
}

#[test]
fn an_inventory_does_not_grow_with_each_report() {
    let limits = ReadLimits::default().with_unknown(2);
    let mut inventory = Inventory::default();
    let mut report = |query: Query, names: &[&str]| {
        let mut reading = Reading::new(query).with_limits(limits);
        let items: Vec<Item<'_>> = names.iter().map(|name| leaf(name, "1")).collect();
        reading.take(&items);
        let findings = inventory.complete(reading, StatusCode::OK);
        let names: Vec<String> = inventory.other.keys().cloned().collect();
        (names, findings)
    };
    let too_much = Finding::TooMuch { what: "unknown leaves".to_owned(), max: 2 };
    let list = Query::Installed;
    let (names, findings) = report(list, &["InstalledUpdates/x/a", "InstalledUpdates/x/b"]);
    assert_eq!((names.len(), findings.contains(&too_much)), (2, false));
    let (names, findings) = report(list, &["InstalledUpdates/x/c"]);
    assert_eq!((names.len(), findings.contains(&too_much)), (2, true), "one more is told");
    let (names, _) = report(list, &["InstalledUpdates/x/b"]);
    assert_eq!(names.len(), 2, "what is known is brought up to date");
    // A report of everything says what there is.
    let (names, findings) = report(Query::Everything, &["New/d"]);
    assert_eq!((names, findings.contains(&too_much)), (vec!["New/d".to_owned()], false));
}

#[test]
fn the_answer_about_one_update_says_nothing_about_others() {
    let (asked, other) = (guid(1), guid(2));
    let mut inventory = Inventory::default();
    let of = |id: UpdateGuid, kind: &str| leaf(&format!("InstallableUpdates/{id}/Type"), kind);
    inventory.apply(Query::Installable, OK, &[of(asked, "1"), of(other, "1")]);
    let mut reading = Reading::one(Query::Installable, asked);
    let more: Vec<Item<'_>> = (3..100).map(|id| of(guid(id), "1")).collect();
    reading.take(&more);
    reading.take(&[of(asked, "2"), of(other, "2")]);
    inventory.complete(reading, StatusCode::OK);
    let list = inventory.installable.as_ref().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[&asked].kind.map(|kind| kind.0), Some(2));
    assert_eq!(list[&other].kind.map(|kind| kind.0), Some(1));
}

#[test]
fn answers_are_read_to_their_limits_and_no_further() {
    let limits = ReadLimits::default().with_updates(3).with_text(4).with_findings(2);
    let mut reading = Reading::new(Query::Installed).with_limits(limits);
    let names: Vec<String> = (0..5).map(|id| guid(id).to_string()).collect();
    reading.take(&[leaf("InstalledUpdates", &names.join("/"))]);
    reading.take(&[leaf("InstalledUpdates", "a/b/c/d")]);
    let mut inventory = Inventory::default();
    let findings = inventory.complete(reading, StatusCode::OK);
    assert_eq!(inventory.installed.as_ref().map(|list| list.len()), Some(3));
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0], Finding::TooMuch { what: "updates".to_owned(), max: 3 });
    // A megabyte of slashes, and names without end.
    let mut inventory = Inventory::default();
    for text in ["/".repeat(1 << 20), "a/".repeat(1 << 19), "\u{e9}".repeat(1 << 19)] {
        let findings = inventory.apply(Query::Installed, OK, &[leaf("InstalledUpdates", &text)]);
        assert!(findings.len() <= 1000);
        assert_eq!(inventory.installed.as_ref().map(|list| list.len()), Some(0));
    }
    let time = leaf("LastSuccessfulScanTime", &"9".repeat(1 << 20));
    inventory.apply(Query::LastScan, OK, &[time]);
    let Some(ScanTime::Unreadable(text)) = &inventory.last_scan else { panic!("unreadable") };
    assert_eq!(text.len(), 64);
    // Policies: their number and the length of a value.
    let policy = |name: &str, data: &str| {
        Item::source(format!("{}/{name}", update_csp::policy::CONFIG))
            .with_data(Data::text(data.to_owned()))
    };
    for (count, many) in [(MAX_REPORTED, false), (MAX_REPORTED + 1, true)] {
        let items: Vec<Item<'_>> = (0..count).map(|i| policy(&format!("P{i}"), "1")).collect();
        let found = Reported::default().apply(&PolicyQuery::All, OK, &items);
        assert_eq!(found.contains(&ReadFinding::TooMany), many);
    }
    for (length, long) in [(65_536, false), (65_537, true)] {
        let items = [policy("P", &"x".repeat(length))];
        let found = Reported::default().apply(&PolicyQuery::All, OK, &items);
        assert_eq!(found.iter().any(|one| matches!(one, ReadFinding::TooLong { .. })), long);
    }
}

#[test]
fn answers_about_other_nodes_are_no_answers() {
    let time = Data::text("2026-11-01T03:00:00");
    let other = [Item::source("./Vendor/MSFT/Other").with_data(time.clone())];
    let mut schedule = RebootSchedule::default();
    assert!(!schedule.apply(RebootQuery::Single, OK, &other));
    let weekly = [Item::source(RebootQuery::Weekly.uri()).with_data(time.clone())];
    assert!(!schedule.apply(RebootQuery::Single, OK, &weekly));
    assert_eq!(schedule, RebootSchedule::default());
    let own = [weekly[0].clone(), Item::source(RebootQuery::Single.uri()).with_data(time)];
    assert!(schedule.apply(RebootQuery::Single, OK, &own) && schedule.single.is_some());
    let mut device = DeviceInfo::default();
    let build = [Item::source("./DevDetail/FwV").with_data(Data::text("10.0.26100.1"))];
    assert!(device.apply(DeviceQuery::Build, OK, &build).is_some());
    assert_eq!(device.build, None);
    let mut inventory = Inventory::default();
    inventory.apply(Query::Installed, OK, &[leaf("InstalledUpdates", &guid(1).to_string())]);
    let before = inventory.clone();
    let user = Item::source("./User/Vendor/MSFT/Update/InstalledUpdates").with_data(Data::text(""));
    inventory.apply(Query::Installed, OK, &[user]);
    inventory.apply(Query::Installed, Some(StatusCode::COMMAND_FAILED), &[]);
    assert_eq!(inventory, before, "what was there stays");
}

#[test]
fn numbers_at_both_ends_are_numbers_or_nothing() {
    for text in ["0x80240017", "-2145124329", "2149842967"] {
        assert_eq!(text.parse::<HResult>(), "0x80240017".parse::<HResult>(), "{text}");
    }
    for text in
        ["", "0x", "4294967296", "-2147483649", "0x180240017", "99999999999999999999", "+-1"]
    {
        assert!(text.parse::<HResult>().is_err(), "{text}");
    }
    for text in ["-2147483648", "4294967295", "0xFFFFFFFF", "0"] {
        assert!(text.parse::<HResult>().unwrap().describe().to_string().len() > 4, "{text}");
    }
    for text in ["4294967295.4294967295.4294967295.4294967295", "10.0.4294967295"] {
        let build: Build = text.parse().unwrap();
        assert_eq!(build.to_string(), text);
        let _ = (build.family(), build.has(&[Build::WINDOWS_11_24H2]), build.is_windows_11());
    }
    for text in ["10.0.4294967296", "10.0.-1.0", "99999999999999999999", "1.2.3.4.5"] {
        assert!(text.parse::<Build>().is_err(), "{text}");
    }
    for (leaf_name, value) in [("RevisionNumber", "4294967296"), ("Type", "9223372036854775808")] {
        let mut inventory = Inventory::default();
        let item = leaf(&format!("InstalledUpdates/{}/{leaf_name}", guid(1)), value);
        let findings = inventory.apply(Query::Installed, OK, &[item]);
        assert!(matches!(findings[0], Finding::Unreadable { .. }), "{leaf_name}");
    }
    for policy in PolicyId::ALL {
        for text in ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e9"] {
            if let Ok(setting) = Setting::parse(policy, text) {
                assert_eq!(setting.value().text(), Some(text), "{policy} is a text");
            }
        }
    }
    for id in [
        "{00000000-0000-0000-0000-000000000000",
        "00000000000000000000000000000000",
        "\u{661}0000000-0000-0000-0000-000000000000",
        "%7B%7B00000000-0000-0000-0000-000000000000%7D%7D",
    ] {
        assert!(id.parse::<UpdateGuid>().is_err(), "{id}");
    }
    assert!("4294967296".parse::<Edition>().is_err() && "-1".parse::<Edition>().is_err());
}

#[test]
fn dates_at_both_ends_of_the_calendar_end_in_nothing() {
    let ends = [DateTime::<Utc>::MIN_UTC, DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC];
    let days = ["0001-01-01", "9999-12-31"];
    let scheduled =
        PolicySet::new().with_setting(Setting::parse(PolicyId::AllowAutoUpdate, "4").unwrap());
    for day in days {
        let set = PolicySet::new()
            .with_setting(Setting::parse(PolicyId::PauseQualityUpdatesStartTime, day).unwrap())
            .with_setting(Setting::parse(PolicyId::DeferQualityUpdatesPeriodInDays, "30").unwrap())
            .with_setting(
                Setting::parse(PolicyId::ConfigureDeadlineForQualityUpdates, "30").unwrap(),
            )
            .with_setting(Setting::parse(PolicyId::AllowAutoUpdate, "3").unwrap());
        // Where the clock is ahead or behind, the local time is of no day of the calendar.
        let zones = [-3600, 0, 3600].map(|east| FixedOffset::east_opt(east).unwrap());
        for (at, zone) in ends.iter().flat_map(|at| zones.iter().map(move |zone| (at, zone))) {
            let at = at.with_timezone(zone);
            for (class, set) in Classification::all().iter().flat_map(|class| {
                [(*class, set.clone()), (*class, PolicySet::new()), (*class, scheduled.clone())]
            }) {
                let (build, kind) = (Build::WINDOWS_11_24H2, class.deferral());
                let _ = effects::offer(&set, build, &Update::new(class, at));
                let moments = effects::Moments::offered(at).with_restart_pending(at);
                let _ = effects::restart(&set, build, kind, &moments);
                let _ = effects::next_installation(&set, build, kind, &at);
            }
        }
    }
    // What a device may say of its last scan.
    for text in [
        "+262142-12-31T23:59:59Z",
        "-262143-01-01T00:00:00",
        "9999-12-31T23:59:59-23:59",
        "0000-01-01T00:00:00+23:59",
        "2026-02-30T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "1601-01-01T00:00:00Z",
    ] {
        let mut inventory = Inventory::default();
        inventory.apply(Query::Installable, OK, &[leaf("InstallableUpdates", "")]);
        inventory.apply(Query::LastScan, OK, &[leaf("LastSuccessfulScanTime", text)]);
        for now in ends {
            let judge = update_csp::compliance::Judge::new(&update_csp::approvals::NoMetadata);
            let report = judge.judge(&inventory, now);
            assert!(!report.compliance.to_string().is_empty(), "{text}");
        }
    }
    let mut schedule = RebootSchedule::default();
    let at = |text: &str| [Item::default().with_data(Data::text(text.to_owned()))];
    assert!(!schedule.apply(RebootQuery::Single, OK, &at("9999-99-99T99:99:99")));
    assert!(!schedule.apply(RebootQuery::Single, OK, &at("2026-11-01T03:00:0\u{e9}")));
    assert!(schedule.apply(RebootQuery::Single, OK, &at("9999-12-31T23:59:59")));
    assert_eq!(schedule.single.map(|at| at.date()), NaiveDate::from_ymd_opt(9999, 12, 31));
}

#[test]
fn counts_that_were_saved_are_any_numbers() {
    let mut rollup = update_csp::compliance::Rollup::default();
    let judge = update_csp::compliance::Judge::new(&update_csp::approvals::NoMetadata);
    let mut inventory = Inventory::default();
    inventory.apply(Query::Failed, OK, &[leaf(&format!("FailedUpdates/{}/HResult", guid(1)), "5")]);
    let report = judge.judge(&inventory, DateTime::UNIX_EPOCH);
    rollup.add("a", &report);
    let json = serde_json::to_string(&rollup).unwrap();
    // Every count at its end, in two rings.
    let mut largest = String::new();
    let mut rest = json.as_str();
    while let Some((before, after)) = rest.split_once(':') {
        largest.push_str(before);
        largest.push(':');
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() < after.len() {
            largest.push_str("18446744073709551615");
        }
    }
    largest.push_str(rest);
    let largest = largest.replace("{\"a\":", "{\"b\":");
    let mut rollup: update_csp::compliance::Rollup = serde_json::from_str(&largest).unwrap();
    rollup.add("a", &report);
    rollup.add("b", &report);
    assert_eq!(rollup.total().devices, usize::MAX);
    assert!(rollup.total().compliant_permille() <= 1000);
    assert!(rollup.updates().values().all(|one| one.devices() == usize::MAX));
    assert!(rollup.table(&update_csp::approvals::NoMetadata).to_string().contains("Ring"));
}

#[test]
fn saved_reports_and_lists_are_checked_when_they_are_read() {
    // Graph's objects in objects: the reader of JSON stops it.
    use update_csp::graph_ring::RingConfiguration;
    let deep = |n: usize| format!("{{\"a\":{}1{}}}", "[".repeat(n), "]".repeat(n));
    assert!(serde_json::from_str::<RingConfiguration>(&deep(20)).is_ok());
    assert!(serde_json::from_str::<RingConfiguration>(&deep(100_000)).is_err());
    let huge = "{\"updateWeeks\":\"everyWeek\",\"deadlineForQualityUpdatesInDays\":1e400}";
    assert!(serde_json::from_str::<RingConfiguration>(huge).is_err());
    let ring: RingConfiguration =
        serde_json::from_str("{\"deadlineForQualityUpdatesInDays\":9223372036854775807}").unwrap();
    assert!(ring.import().intent.policies.is_empty());
    // Settings that no policy takes.
    for text in [
        "[\"AllowAutoUpdate\",\"99\"]",
        "[\"DeferQualityUpdatesPeriodInDays\",\"9223372036854775808\"]",
        "[\"PauseQualityUpdatesStartTime\",\"2026-02-30\"]",
    ] {
        assert!(serde_json::from_str::<Setting>(text).is_err(), "{text}");
    }
    // A report of a version to come.
    let json = serde_json::to_string(&Reported::default())
        .unwrap()
        .replace("\"version\":1", "\"version\":2");
    assert!(serde_json::from_str::<Reported>(&json).unwrap().checked().is_err());
}

#[test]
fn names_that_a_device_makes_up_lead_to_no_other_node() {
    let names = ["..", ".", "*", "a/b", "%2e%2e", "\u{0}", "x?prop=ACL", "\u{202e}"];
    let mut reported = Reported::default();
    let items: Vec<Item<'_>> = names
        .iter()
        .map(|name| {
            let coded = name.replace('%', "%25").replace('/', "%2F").replace('?', "%3F");
            Item::source(format!("{}/{coded}", update_csp::policy::CONFIG))
                .with_data(Data::text("1"))
        })
        .collect();
    reported.apply(&PolicyQuery::All, OK, &items);
    let plan = diff(&PolicySet::new().into(), &reported, &Managed::Everything);
    assert!(!plan.is_empty());
    let root: syncml::LocUri = update_csp::policy::CONFIG.parse().unwrap();
    for step in plan.steps() {
        let command = step.command();
        let uri: syncml::LocUri = command.items()[0].loc_uri().unwrap().parse().unwrap();
        assert_eq!(uri.relative_to(&root).map(|below| below.len()), Some(1), "{uri}");
        assert!(uri.query().is_none());
    }
}

#[test]
fn versions_of_csps_are_read_to_the_limit_and_no_further() {
    let text = |n: usize| {
        let csp = "<CSP Node='./A' Version='1'/>".repeat(n);
        format!("<DeviceManageability>{csp}</DeviceManageability>")
    };
    assert!(CspVersions::read(text(9_999).as_bytes()).is_ok());
    let error = CspVersions::read(text(10_000).as_bytes()).unwrap_err().to_string();
    assert!(error.contains("more than 10000 elements in the document"), "{error}");
    let large = vec![b' '; (1 << 20) + 1];
    assert!(CspVersions::read(&large).unwrap_err().to_string().contains("more than 1048576 bytes"));
    let deep = "<DeviceManageability>".to_owned() + &"<CSP>".repeat(100_000);
    assert!(CspVersions::read(deep.as_bytes()).unwrap_err().to_string().contains("more than 64"));
}
