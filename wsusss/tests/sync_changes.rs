//! What happens to the sync machine between and inside runs: another configuration, commands in the
//! middle of a run, addresses and anchors that are good no more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "syncing/mod.rs"]
mod syncing;

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use syncing::{Bench, CLASS, OTHER_PRODUCT, PRODUCT, changed, config, document, filtered, key};
use wsusss::messages::{Fault, FaultCode, Message};
use wsusss::sync::{Config, Event, FailReason, Filter, Scope, Sync, SyncState, Transmit};
use wsusss::{UpdateId, UpdateKey};

/// The state as JSON, changed, and taken up again.
fn tampered(bench: &mut Bench, config: &Config, change: impl FnOnce(&mut Value)) {
    let mut json = serde_json::to_value(bench.sync.state()).unwrap();
    change(&mut json);
    let state: SyncState = serde_json::from_value(json).unwrap();
    bench.sync = Sync::resume(state, config).unwrap();
}

/// Goes on with a run until the list of updates is asked for; the request.
fn until_list(bench: &mut Bench) -> Transmit {
    bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
    loop {
        let request = bench.sync.poll_transmit(bench.now).unwrap();
        let body = String::from_utf8(request.body.clone()).unwrap();
        if request.soap_action.contains("GetRevisionIdList") && !body.contains(">true</GetConfig>")
        {
            return request;
        }
        bench.step();
    }
}

/// The products that lists of updates were asked for.
fn products(bench: &Bench) -> Vec<UpdateId> {
    let mut found = Vec::new();
    for (_, message) in &bench.requests {
        if let Message::GetRevisionIdList(request) = message {
            let filter = request.filter.value().unwrap();
            found.extend(
                filter.categories.iter().map(|one| UpdateId::from(*one.id.value().unwrap())),
            );
        }
    }
    found
}

#[test]
fn one_unknown_update_in_each_of_many_batches_keeps_nothing_else_away() {
    let mut config = config();
    config.max_batch = 2;
    let mut bench = Bench::new(&config);
    for number in 0..70 {
        let wanted = bench.offer(0x1000 + 2 * number, 1, PRODUCT);
        bench.sync.want(wanted);
        bench.sync.want(key(0x1001 + 2 * number, 1));
    }
    bench.run();
    assert_eq!(bench.sync.known().len(), 70);
    assert_eq!(bench.sync.quarantine().count(), 70);
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })));
}

#[test]
fn one_unknown_update_at_the_beginning_keeps_nothing_else_away() {
    let mut config = config();
    config.max_failures = 3;
    let mut bench = Bench::new(&config);
    bench.sync.want(key(1, 1));
    for number in 0..250 {
        let wanted = bench.offer(0x1000 + number, 1, PRODUCT);
        bench.sync.want(wanted);
    }
    bench.run();
    assert_eq!(bench.sync.known().len(), 250);
    assert_eq!(bench.sync.quarantine().count(), 1);
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })));
}

#[test]
fn what_needed_a_higher_version_comes_once_that_is_spoken() {
    let mut before = filtered(&[PRODUCT]);
    before.protocol_version = "1.8".to_owned();
    let mut bench = Bench::new(&before);
    let old = bench.offer(0x1000, 1, PRODUCT);
    let new = key(0x1001, 1);
    let text = document(new, "Software", &[PRODUCT, CLASS], "")
        .replace("UpdateType=", "CompatibleProtocolVersion=\"1.20\" UpdateType=");
    bench.upstream.add(text).unwrap();
    bench.run();
    assert!(bench.sync.known().contains_key(&old.id));
    assert!(!bench.sync.known().contains_key(&new.id));
    changed(&mut bench, &filtered(&[PRODUCT]));
    bench.next_run();
    assert!(bench.sync.known().contains_key(&new.id));
    assert_eq!(bench.batches(), [1], "what is known is not fetched again");
}

#[test]
fn a_list_begins_anew_where_changes_cannot_say_what_is_asked_for() {
    const NONE: &[i32] = &[];
    let with = |(version, only, languages): (&str, bool, &[i32])| {
        let mut config = config();
        config.protocol_version = version.to_owned();
        config.only_63_languages = only;
        let (product, class) = (UpdateId::from_u128(PRODUCT), UpdateId::from_u128(CLASS));
        let filter = Filter::new([product], [class]).unwrap();
        config.scope = Scope::Updates(filter.with_languages(languages.iter().copied()));
        config
    };
    for (before, after, goes_on) in [
        (("1.8", false, NONE), ("1.20", false, NONE), false),
        (("1.20", false, NONE), ("1.8", false, NONE), true),
        (("1.20", true, NONE), ("1.20", false, NONE), false),
        (("1.20", false, NONE), ("1.20", true, NONE), true),
        (("1.20", false, &[1033]), ("1.20", false, &[1031, 1033]), false),
        (("1.20", false, &[1033]), ("1.20", false, &[1031]), false),
        (("1.20", false, &[1031, 1033]), ("1.20", false, &[1033]), true),
        (("1.20", false, NONE), ("1.20", false, &[1033]), true),
        (("1.20", false, &[1033]), ("1.20", false, NONE), false),
        // Languages cannot be said in 1.2, and in 1.1 there are no more than 63.
        (("1.20", false, &[1033]), ("1.2", false, &[1033]), false),
        (("1.2", false, &[1033]), ("1.2", false, &[1031]), true),
        (("1.2", true, NONE), ("1.1", false, NONE), true),
    ] {
        let mut bench = Bench::new(&with(before));
        bench.run();
        changed(&mut bench, &with(after));
        bench.next_run();
        let (anchor, deltas) = bench.filter(false);
        assert_eq!(anchor.is_some(), goes_on, "{before:?} {after:?}");
        assert_eq!(deltas, [goes_on, goes_on], "{before:?} {after:?}");
        // Once.
        bench.next_run();
        let (anchor, deltas) = bench.filter(false);
        assert!(anchor.is_some() && deltas == [true, true], "{before:?} {after:?}");
    }
}

/// A state of before does not say what its anchors were asked for with, so the lists begin anew.
#[test]
fn a_state_of_before_is_read_and_its_lists_begin_anew_once() {
    fn strip(value: &mut Value) {
        let new = [
            "protocol_minor",
            "only_63_languages",
            "start_over",
            "anchors_dropped",
            "without_files",
            "outdated",
            "looked_up",
            "no_lookups",
            "lookup_max",
            "lookups_work",
            "lookup_failures",
            "told",
            "hurried",
            "refused_cookie",
        ];
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !new.contains(&name.as_str()));
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let config = filtered(&[PRODUCT]);
    let mut bench = Bench::new(&config);
    bench.offer(0x1000, 1, PRODUCT);
    bench.run();
    tampered(&mut bench, &config, strip);
    assert!(bench.sync.anchors().0.is_some() && bench.sync.anchors().1.is_some());
    bench.next_run();
    assert_eq!((bench.filter(true).0, bench.filter(false).0), (None, None));
    assert_eq!(bench.batches(), [0; 0], "what is known is not fetched again");
    // In the middle of a run as well.
    until_list(&mut bench);
    tampered(&mut bench, &config, |json| {
        strip(json);
        json["run"]["anchor_dropped"] = true.into();
    });
    bench.run();
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })));
    bench.next_run();
    bench.next_run();
    assert!(bench.filter(true).0.is_some() && bench.filter(false).0.is_some());
}

#[test]
fn an_authorization_address_that_does_not_work_is_asked_for_again_in_the_next_run() {
    let mut bench = Bench::new(&config());
    bench.upstream.config_mut().authorization_service = "Old/Dss.asmx".to_owned();
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    assert!(bench.step());
    for _ in 0..4 {
        bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
        let request = bench.sync.poll_transmit(bench.now).unwrap();
        assert_eq!(request.url, "http://upstream/Old/Dss.asmx");
        bench.sync.handle_no_answer(bench.now, request.token, "404").unwrap();
    }
    let events: Vec<Event> = std::iter::from_fn(|| bench.sync.poll_event()).collect();
    assert!(matches!(events.last(), Some(Event::Failed(FailReason::NoAnswer(_)))), "{events:?}");
    bench.upstream.config_mut().authorization_service = "New/Dss.asmx".to_owned();
    bench.next_run();
    assert_eq!(bench.names()[0], "GetAuthConfig");
    assert_eq!(bench.requests[1].0.url, "http://upstream/New/Dss.asmx");
    assert!(bench.sync.known().contains_key(&wanted.id));
    // One that works is kept, whatever fails after it.
    let fault = Fault::new(FaultCode::InternalServerError);
    bench.upstream.fail_next(Some("GetConfigData"), fault);
    let wanted = bench.offer(0x1001, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.next_run();
    assert!(matches!(bench.events.last(), Some(Event::Failed(_))));
    bench.next_run();
    assert!(!bench.names().contains(&"GetAuthConfig"), "{:?}", bench.names());
}

#[test]
fn a_list_that_is_no_longer_configured_is_not_asked_for_after_a_restart() {
    let start = || {
        let mut bench = Bench::new(&filtered(&[PRODUCT]));
        let request = until_list(&mut bench);
        bench.requests.clear();
        (bench, request)
    };
    // Nothing is listed any more.
    let (mut bench, request) = start();
    changed(&mut bench, &config());
    assert!(bench.sync.handle_response(bench.now, request.token, b"").is_err());
    bench.run();
    assert!(!bench.names().contains(&"GetRevisionIdList"), "{:?}", bench.names());
    // Another product is.
    let (mut bench, _) = start();
    let other = bench.offer(0x1000, 1, OTHER_PRODUCT);
    changed(&mut bench, &filtered(&[OTHER_PRODUCT]));
    bench.run();
    assert_eq!(products(&bench), [UpdateId::from_u128(OTHER_PRODUCT)]);
    assert!(bench.sync.known().contains_key(&other.id));
    // Definition updates are, which decides what is taken of the list.
    let (mut bench, request) = start();
    let mut definitions = filtered(&[PRODUCT]);
    definitions.definition_updates = true;
    changed(&mut bench, &definitions);
    assert_ne!(bench.sync.poll_transmit(bench.now).unwrap().token, request.token);
    // The same is: with the same bytes.
    let (mut bench, request) = start();
    let mut same = filtered(&[PRODUCT]);
    same.max_batch = 7;
    changed(&mut bench, &same);
    assert_eq!(bench.sync.poll_transmit(bench.now), Some(request));
}

#[test]
fn starting_over_in_the_middle_of_a_run_counts_for_the_next_one() {
    let config = filtered(&[PRODUCT]);
    let mut bench = Bench::new(&config);
    bench.offer(0x1000, 1, PRODUCT);
    bench.run();
    let new = bench.offer(0x1001, 1, PRODUCT);
    // The list of what has changed is on its way.
    until_list(&mut bench);
    bench.sync.start_over();
    tampered(&mut bench, &config, |_| {});
    bench.run();
    assert!(bench.sync.known().contains_key(&new.id), "the run goes on as it began");
    bench.next_run();
    assert_eq!(bench.filter(true), (None, Vec::new()));
    assert_eq!(bench.filter(false), (None, vec![false, false]));
    // Once, and at once if no run is under way.
    bench.next_run();
    assert!(bench.filter(true).0.is_some() && bench.filter(false).0.is_some());
    bench.sync.start_over();
    assert_eq!(bench.sync.anchors(), (None, None));
    bench.next_run();
    assert_eq!(bench.filter(false), (None, vec![false, false]));
}

#[test]
fn hurrying_in_the_middle_of_a_run_counts_for_the_next_one() {
    let next = |bench: &Bench| match bench.events.last() {
        Some(Event::Finished { next }) => *next,
        other => panic!("{other:?}"),
    };
    let start = |bench: &mut Bench| -> DateTime<Utc> {
        let wanted = bench.offer(0x1000, 1, PRODUCT);
        bench.sync.want(wanted);
        assert!(bench.step());
        bench.sync.hurry();
        tampered(bench, &config(), |_| {});
        bench.now
    };
    let mut bench = Bench::new(&config());
    let began = start(&mut bench);
    bench.now += Duration::minutes(10);
    bench.run();
    assert_eq!(next(&bench), began + Duration::hours(1));
    bench.sync.want(key(0xbad, 1));
    assert_eq!(bench.sync.poll_timeout(), Some(began + Duration::hours(1)));
    // Once.
    bench.next_run();
    assert_eq!(next(&bench), bench.now + Duration::hours(2));
    // A run that took longer than the distance is followed at once.
    let mut bench = Bench::new(&config());
    start(&mut bench);
    bench.now += Duration::hours(3);
    bench.run();
    assert_eq!(next(&bench), bench.now + Duration::seconds(1));
}

#[test]
fn the_anchors_of_both_lists_may_be_dropped_in_one_run() {
    let config = filtered(&[PRODUCT]);
    let mut bench = Bench::new(&config);
    let known = bench.offer(0x1000, 1, PRODUCT);
    bench.run();
    tampered(&mut bench, &config, |json| {
        json["categories"]["anchor"] = "bad".into();
        json["updates"]["anchor"] = "bad".into();
    });
    let new = bench.offer(0x1001, 1, PRODUCT);
    bench.next_run();
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })), "{:?}", bench.events);
    let lists = bench.names().iter().filter(|name| **name == "GetRevisionIdList").count();
    assert_eq!(lists, 4, "each twice");
    assert!(bench.sync.known().contains_key(&known.id) && bench.sync.known().contains_key(&new.id));
}

/// A server with the same categories and one update, whose changes are fewer than the anchor says.
fn replaced(bench: &mut Bench) -> UpdateKey {
    let mut other = Bench::new(&config()).upstream;
    for _ in 0..2 {
        // Each is another one than all before.
        other.config_mut().server_id = bench.upstream.config().server_id;
        other.become_another();
    }
    let fresh = key(0x2000, 1);
    other.add(document(fresh, "Software", &[PRODUCT, CLASS], "")).unwrap();
    bench.upstream = other;
    fresh
}

#[test]
fn a_server_that_was_replaced_while_no_cookie_was_good_is_noticed() {
    let started = || {
        let mut bench = Bench::new(&filtered(&[PRODUCT]));
        for number in 0..5 {
            bench.offer(0x1000 + number, 1, PRODUCT);
        }
        bench.run();
        bench
    };
    let noticed = |bench: &Bench, fresh: UpdateKey| {
        assert!(bench.events.contains(&Event::ServerChanged), "{:?}", bench.names());
        assert!(matches!(bench.events.last(), Some(Event::Finished { .. })), "{:?}", bench.events);
        assert_eq!(bench.sync.known().get(&fresh.id), Some(&1));
    };
    // The cookie has expired.
    let mut bench = started();
    let fresh = replaced(&mut bench);
    bench.now += Duration::hours(5);
    bench.next_run();
    noticed(&bench, fresh);
    // The server before had refused it, and authorization too; and the process was restarted.
    for restarts in [false, true] {
        let mut bench = started();
        bench.offer(0x1005, 1, PRODUCT);
        let refusal = || Fault::new(FaultCode::InvalidCookie);
        bench.upstream.fail_next(Some("GetConfigData"), refusal());
        bench.upstream.fail_next(Some("GetConfigData"), refusal());
        bench.requests.clear();
        bench.events.clear();
        bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
        while bench.names().iter().filter(|name| **name == "GetConfigData").count() < 2 {
            assert!(bench.step());
        }
        if restarts {
            tampered(&mut bench, &filtered(&[PRODUCT]), |_| {});
        }
        let fresh = replaced(&mut bench);
        bench.run();
        noticed(&bench, fresh);
    }
    // A server that cannot read the cookie of before.
    let mut bench = started();
    let fresh = replaced(&mut bench);
    bench.upstream.fail_next(Some("GetCookie"), Fault::new(FaultCode::InvalidCookie));
    bench.now += Duration::hours(5);
    bench.next_run();
    noticed(&bench, fresh);
    // The same server, however often it refuses cookies, is no other one.
    let mut bench = started();
    bench.upstream.drop_cookies();
    bench.next_run();
    assert!(!bench.events.contains(&Event::ServerChanged));
    assert!(bench.filter(false).0.is_some());
    // Nor is one that could read the cookie of before, and says that it has expired.
    bench.now += Duration::hours(5);
    bench.upstream.fail_next(Some("GetCookie"), Fault::new(FaultCode::CookieExpired));
    bench.next_run();
    assert!(!bench.events.contains(&Event::ServerChanged));
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })), "{:?}", bench.events);
    assert!(bench.filter(false).0.is_some());
    assert_eq!(old_cookies(&bench), [true, false]);
}

/// Whether the requests for a cookie had the one of before.
fn old_cookies(bench: &Bench) -> Vec<bool> {
    let old = |message: &Message<'_>| match message {
        Message::GetCookie(request) => Some(request.old_cookie.value().is_some()),
        _ => None,
    };
    bench.requests.iter().filter_map(|(_, message)| old(message)).collect()
}

#[test]
fn a_cookie_of_before_that_the_server_cannot_digest_is_sent_once() {
    for (code, finishes) in [
        (Some(FaultCode::InternalServerError), true),
        (Some(FaultCode::InvalidParameters), true),
        (None, true),
        // What no cookie is to blame for.
        (Some(FaultCode::IncompatibleProtocolVersion), false),
    ] {
        let mut bench = Bench::new(&config());
        let wanted = bench.offer(0x1000, 1, PRODUCT);
        bench.sync.want(wanted);
        bench.run();
        let wanted = bench.offer(0x1001, 1, PRODUCT);
        bench.sync.want(wanted);
        bench.upstream.fail_next(Some("GetConfigData"), Fault::new(FaultCode::InvalidCookie));
        let mut fault = Fault::default();
        fault.code.clone_from(&code);
        bench.upstream.fail_next(Some("GetCookie"), fault);
        bench.next_run();
        let finished = matches!(bench.events.last(), Some(Event::Finished { .. }));
        assert_eq!(finished, finishes, "{code:?} {:?}", bench.events);
        assert_eq!(bench.sync.known().contains_key(&wanted.id), finishes);
        assert_eq!(old_cookies(&bench), [true, false][..1 + usize::from(finishes)], "{code:?}");
    }
}

#[test]
fn a_configuration_anchor_that_the_server_does_not_take_is_dropped_once() {
    let mut bench = Bench::new(&config());
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.run();
    tampered(&mut bench, &config(), |json| json["config_anchor"] = "bad".into());
    let asked =
        |bench: &Bench| bench.names().iter().filter(|name| **name == "GetConfigData").count();
    let wanted = bench.offer(0x1001, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.next_run();
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })), "{:?}", bench.events);
    assert_eq!(asked(&bench), 2);
    // What is refused without an anchor too is refused for good.
    let fault = || Fault::new(FaultCode::InvalidParameters).with_message("configAnchor");
    bench.upstream.fail_next(Some("GetConfigData"), fault());
    bench.upstream.fail_next(Some("GetConfigData"), fault());
    let wanted = bench.offer(0x1002, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.next_run();
    assert!(matches!(bench.events.last(), Some(Event::Failed(FailReason::Fault(_)))));
    assert_eq!(asked(&bench), 2);
}

/// As Microsoft's own service words it.
fn missing(keys: &[UpdateKey]) -> Fault {
    let names: Vec<String> =
        keys.iter().map(|key| format!("{}.{}", key.id, key.revision)).collect();
    Fault::new(FaultCode::InternalServerError).with_message(format!(
        "Requested 3 returned 1 (test content removed: 0). Missing Revisions: {}",
        names.join(", ")
    ))
}

#[test]
fn what_a_fault_names_as_missing_rests_and_nothing_is_halved() {
    let (first, second) = (key(0x1001, 1), key(0x1002, 1));
    let start = || {
        let mut config = config();
        // Such faults are no failures.
        config.max_failures = 0;
        let mut bench = Bench::new(&config);
        let there = bench.offer(0x1000, 1, PRODUCT);
        for wanted in [there, first, second] {
            bench.sync.want(wanted);
        }
        bench
    };
    let resting =
        |bench: &Bench| -> Vec<UpdateKey> { bench.sync.quarantine().map(|(key, _)| key).collect() };
    let mut bench = start();
    bench.upstream.fail_next(Some("GetUpdateData"), missing(&[first, second]));
    bench.run();
    assert_eq!((bench.batches(), resting(&bench)), (vec![3, 1], vec![first, second]));
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })), "{:?}", bench.events);
    // One after the other, and in another form.
    let mut bench = start();
    bench.upstream.fail_next(Some("GetUpdateData"), missing(&[first]));
    let mut fault = missing(&[second]);
    fault.message = fault.message.map(|text| text.to_uppercase().replace(',', ";") + ".");
    bench.upstream.fail_next(Some("GetUpdateData"), fault);
    bench.run();
    assert_eq!((bench.batches(), resting(&bench)), (vec![3, 2, 1], vec![first, second]));
    // All of them.
    let mut bench = start();
    bench
        .upstream
        .fail_next(Some("GetUpdateData"), missing(&[first, key(0x1000, 1), second, first]));
    bench.run();
    assert_eq!((bench.batches(), resting(&bench).len()), (vec![3], 3));
    // What was not asked for, or at another revision, says nothing.
    let mut bench = start();
    bench.upstream.fail_next(Some("GetUpdateData"), missing(&[key(0x1001, 2), key(0xbad, 1)]));
    bench.run();
    assert!(matches!(bench.events.last(), Some(Event::Failed(FailReason::ServerFails(_)))));
    assert_eq!(resting(&bench), []);
}

#[test]
fn a_cookie_that_ends_inside_a_run_is_renewed_before_it_is_sent() {
    let mut config = config();
    config.max_batch = 1;
    let mut bench = Bench::new(&config);
    bench.upstream.config_mut().cookie_life = Duration::hours(1);
    for number in 0..3 {
        let wanted = bench.offer(0x1000 + number, 1, PRODUCT);
        bench.sync.want(wanted);
    }
    while bench.batches().is_empty() {
        assert!(bench.step());
    }
    // Up to two minutes before its end it is good.
    for (minutes, renewed) in [(57, false), (1, true)] {
        bench.now += Duration::minutes(minutes);
        bench.requests.clear();
        assert!(bench.step());
        assert_eq!(bench.names()[0] == "GetCookie", renewed, "{minutes}");
    }
    bench.run();
    assert_eq!(bench.sync.known().len(), 3);
    // One that seems to have ended when it comes is good as long as the server says so.
    let mut bench = Bench::new(&config);
    bench.upstream.config_mut().cookie_life = Duration::minutes(2);
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.run();
    assert_eq!((bench.sync.known().len(), bench.upstream.calls("GetCookie")), (1, 1));
}
