//! The rules of the sync machine, one by one, against the simulated upstream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "syncing/mod.rs"]
mod syncing;

use chrono::{DateTime, Duration, Utc};
use syncing::{Bench, CLASS, OTHER_PRODUCT, PRODUCT, changed, config, document, filtered, key};
use wsusss::messages::{self, Fault, FaultCode, Message, Soap};
use wsusss::sync::{
    Event, FailReason, Filter, Phase, STATE_VERSION, Scope, Sync, SyncError, SyncState, Want,
};
use wsusss::{Limits, UpdateId, UpdateKey};

#[test]
fn a_full_sync_makes_the_calls_of_the_specification_in_their_order() {
    let mut bench = Bench::new(&filtered(&[PRODUCT]));
    let update = bench.offer(0x1000, 1, PRODUCT);
    let other = bench.offer(0x1001, 1, OTHER_PRODUCT);
    bench.run();
    assert_eq!(
        bench.names(),
        [
            "GetAuthConfig",
            "GetAuthorizationCookie",
            "GetCookie",
            "GetConfigData",
            "GetRevisionIdList",
            "GetUpdateData",
            "GetRevisionIdList",
            "GetUpdateData",
        ]
    );
    assert!(bench.sync.known().contains_key(&update.id));
    assert!(!bench.sync.known().contains_key(&other.id));
    // Nothing is new: two lists and nothing else, each from its own anchor.
    bench.next_run();
    assert_eq!(bench.names(), ["GetConfigData", "GetRevisionIdList", "GetRevisionIdList"]);
    assert!(bench.filter(true).0.is_some());
    let (anchor, deltas) = bench.filter(false);
    assert!(anchor.is_some() && deltas == [true, true]);
}

#[test]
fn an_anchor_counts_when_everything_before_it_was_committed() {
    let mut bench = Bench::new(&filtered(&[PRODUCT]));
    let updates = [bench.offer(0x1000, 1, PRODUCT), bench.offer(0x1001, 1, PRODUCT)];
    bench.commit = false;
    bench.run();
    assert_eq!(bench.sync.anchors(), (None, None));
    for category in [PRODUCT, OTHER_PRODUCT, CLASS] {
        bench.sync.committed(key(category, 1));
    }
    assert!(bench.sync.anchors().0.is_some());
    bench.sync.committed(updates[0]);
    assert_eq!(bench.sync.anchors().1, None);
    // The process ends here: what was not committed is fetched again, and nothing else.
    let state = serde_json::to_string(bench.sync.state()).unwrap();
    let state: SyncState = serde_json::from_str(&state).unwrap();
    bench.sync = Sync::resume(state, &filtered(&[PRODUCT])).unwrap();
    bench.commit = true;
    bench.next_run();
    assert_eq!(bench.batches(), [1]);
    assert!(bench.sync.anchors().1.is_some());
}

#[test]
fn another_filter_asks_for_what_it_adds_whole_and_for_the_rest_as_changes() {
    let mut bench = Bench::new(&filtered(&[PRODUCT]));
    bench.offer(0x1000, 1, PRODUCT);
    let other = bench.offer(0x1001, 1, OTHER_PRODUCT);
    bench.run();
    changed(&mut bench, &filtered(&[PRODUCT, OTHER_PRODUCT]));
    bench.next_run();
    let (anchor, deltas) = bench.filter(false);
    assert!(anchor.is_some());
    // Product, other product, classification.
    assert_eq!(deltas, [true, false, true]);
    assert_eq!(bench.batches(), [1], "what is known is not fetched again");
    assert!(bench.sync.known().contains_key(&other.id));
    // Everything instead of some: no delta says that, so the list begins anew.
    let mut everything = config();
    everything.scope = Scope::Updates(Filter::everything());
    changed(&mut bench, &everything);
    bench.next_run();
    assert_eq!(bench.filter(false), (None, Vec::new()));
}

#[test]
fn a_server_that_changed_is_taken_over_from_the_beginning_once() {
    let mut bench = Bench::new(&filtered(&[PRODUCT]));
    bench.offer(0x1000, 1, PRODUCT);
    bench.run();
    bench.upstream.become_another();
    bench.next_run();
    assert_eq!(bench.events.iter().filter(|event| **event == Event::ServerChanged).count(), 1);
    assert_eq!(bench.filter(false).0, None);
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })), "{:?}", bench.events);
    // One that changes again and again is given up.
    for _ in 0..9 {
        bench.upstream.fail_next(Some("GetConfigData"), Fault::new(FaultCode::ServerChanged));
    }
    bench.next_run();
    assert!(matches!(bench.events.last(), Some(Event::Failed(FailReason::Fault(_)))));
}

#[test]
fn an_anchor_that_the_server_does_not_take_is_dropped_once() {
    let mut bench = Bench::new(&filtered(&[PRODUCT]));
    bench.offer(0x1000, 1, PRODUCT);
    bench.run();
    let fault = || Fault::new(FaultCode::InvalidParameters).with_message("filter");
    bench.upstream.fail_next(Some("GetRevisionIdList"), fault());
    bench.next_run();
    assert!(matches!(bench.events.last(), Some(Event::Finished { .. })));
    assert!(bench.sync.anchors().0.is_some());
    for _ in 0..9 {
        bench.upstream.fail_next(Some("GetRevisionIdList"), fault());
    }
    bench.next_run();
    assert!(matches!(bench.events.last(), Some(Event::Failed(_))));
    assert!(bench.requests.len() <= 4, "{:?}", bench.names());
}

#[test]
fn a_refused_cookie_is_renewed_then_authorized_anew_and_then_believed() {
    for refusals in 1..=3 {
        let mut bench = Bench::new(&config());
        let wanted = bench.offer(0x1000, 1, PRODUCT);
        bench.sync.want(wanted);
        for _ in 0..refusals {
            bench.upstream.fail_next(Some("GetUpdateData"), Fault::new(FaultCode::InvalidCookie));
        }
        bench.run();
        let count = |name: &str| bench.names().iter().filter(|other| **other == name).count();
        assert_eq!(count("GetUpdateData"), usize::min(refusals + 1, 3));
        assert_eq!(count("GetCookie"), usize::min(refusals + 1, 3));
        assert_eq!(count("GetAuthorizationCookie"), usize::min(refusals, 2));
        assert_eq!(bench.sync.known().len(), usize::from(refusals < 3));
    }
}

#[test]
fn a_busy_server_is_waited_for_with_the_callers_jitter_and_not_for_ever() {
    for (jitter, seconds) in [(0, 60), (u32::MAX / 2, 179), (u32::MAX, 300)] {
        let mut bench = Bench::new(&config());
        let wanted = bench.offer(0x1000, 1, PRODUCT);
        bench.sync.want(wanted);
        bench.sync.set_jitter(jitter);
        bench.upstream.fail_next(Some("GetUpdateData"), Fault::new(FaultCode::ServerBusy));
        bench.run();
        let again = bench.sync.poll_timeout().unwrap();
        assert_eq!((again - bench.now).num_seconds(), seconds);
        assert_eq!(bench.sync.progress().phase, Phase::Waiting(again));
        bench.now = again - Duration::seconds(1);
        assert!(!bench.step(), "not before");
        bench.now = again;
        bench.run();
        assert_eq!(bench.sync.known().len(), 1);
    }
    let mut bench = Bench::new(&config());
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    for _ in 0..99 {
        bench.upstream.fail_next(None, Fault::new(FaultCode::ServerBusy));
    }
    for _ in 0..4 {
        bench.run();
        bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
    }
    // Three repeats, then the next run.
    assert_eq!(bench.requests.len(), 4);
    assert!(matches!(bench.events.last(), Some(Event::Failed(FailReason::Fault(_)))));
}

#[test]
fn cookies_that_end_while_a_busy_server_is_waited_for_do_not_prolong_that() {
    let mut bench = Bench::new(&config());
    // By our skew of two minutes, each is good for one.
    bench.upstream.config_mut().cookie_life = Duration::minutes(3);
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    for _ in 0..20 {
        bench.upstream.fail_next(Some("GetUpdateData"), Fault::new(FaultCode::ServerBusy));
    }
    let failed = |bench: &Bench| matches!(bench.events.last(), Some(Event::Failed(_)));
    while !failed(&bench) && bench.requests.len() < 99 {
        if !bench.step() {
            bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
        }
    }
    assert!(failed(&bench));
    assert_eq!(bench.batches(), [1; 4], "three repeats");
    assert!(bench.upstream.calls("GetCookie") > 1);
}

#[test]
fn batches_are_bounded_by_the_server_by_us_and_by_size() {
    let mut config = config();
    config.max_batch = 30;
    let mut bench = Bench::new(&config);
    bench.upstream.config_mut().max_updates = 40;
    for number in 0..90 {
        let wanted = bench.offer(0x1000 + number, 1, PRODUCT);
        bench.sync.want(wanted);
    }
    bench.run();
    assert_eq!(bench.batches(), [30, 30, 30]);
    // The server takes fewer than it did.
    for number in 0..90 {
        let wanted = bench.offer(0x1000 + number, 2, PRODUCT);
        bench.sync.want(wanted);
    }
    bench.upstream.config_mut().max_updates = 20;
    bench.next_run();
    assert!(bench.batches().iter().all(|size| *size <= 20), "{:?}", bench.batches());
    assert!(bench.sync.needed().is_empty());
    // Documents are large.
    config.max_answer = 5_000;
    changed(&mut bench, &config);
    for number in 0..90 {
        let wanted = bench.offer(0x1000 + number, 3, PRODUCT);
        bench.sync.want(wanted);
    }
    bench.next_run();
    assert!(bench.batches().iter().all(|size| *size < 10), "{:?}", bench.batches());
    assert!(bench.sync.needed().is_empty());
}

#[test]
fn updates_that_nobody_knows_are_isolated_and_rest_longer_each_time() {
    let mut bench = Bench::new(&config());
    for number in 0..64 {
        let wanted = bench.offer(0x1000 + number, 1, PRODUCT);
        bench.sync.want(wanted);
    }
    let unknown = key(0x1000 + 17, 2);
    let strange = key(0xbad, 1);
    bench.sync.want(unknown);
    bench.sync.want(strange);
    bench.run();
    // The revision that the server has is stored instead of the one that it does not have.
    assert_eq!(bench.sync.known().len(), 64);
    let mut rests: Vec<Duration> = Vec::new();
    for _ in 0..8 {
        let resting: Vec<(UpdateKey, DateTime<Utc>)> = bench.sync.quarantine().collect();
        assert_eq!(resting.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [strange, unknown]);
        rests.push(resting[0].1 - bench.now);
        bench.next_run();
    }
    let hours: Vec<i64> = rests.iter().map(Duration::num_hours).collect();
    assert_eq!(hours, [1, 2, 4, 8, 16, 24, 24, 24]);
    assert_eq!(bench.batches(), [2, 1, 1], "only these are asked for");
    // Once the server has it, it comes.
    bench.offer(0xbad, 1, PRODUCT);
    bench.next_run();
    assert!(bench.sync.known().contains_key(&strange.id));
}

#[test]
fn a_server_that_fails_at_everything_ends_the_run_before_everything_rests() {
    let mut config = config();
    config.max_failures = 10;
    let mut bench = Bench::new(&config);
    for number in 0..500 {
        let wanted = bench.offer(0x1000 + number, 1, PRODUCT);
        bench.sync.want(wanted);
    }
    for _ in 0..1000 {
        bench.upstream.fail_next(Some("GetUpdateData"), Fault::new(FaultCode::InternalServerError));
    }
    bench.run();
    assert_eq!(bench.batches().len(), 11);
    assert!(matches!(bench.events.last(), Some(Event::Failed(FailReason::ServerFails(_)))));
    assert!(bench.sync.quarantine().count() <= 10);
    assert_eq!(bench.sync.needed().len(), 500);
}

#[test]
fn runs_keep_their_distance_whatever_is_configured_or_asked() {
    let mut config = config();
    config.interval = Duration::minutes(5);
    let mut bench = Bench::new(&config);
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    let start = bench.now;
    bench.run();
    let wanted = bench.offer(0x1000, 2, PRODUCT);
    bench.sync.want(wanted);
    bench.sync.hurry();
    assert_eq!(bench.sync.poll_timeout(), Some(start + Duration::hours(1)));
    bench.now = start + Duration::minutes(59);
    assert!(!bench.step());
    // The default is two hours, and hurrying makes one of them.
    let mut bench = Bench::new(&syncing::config());
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.run();
    let wanted = bench.offer(0x1000, 2, PRODUCT);
    bench.sync.want(wanted);
    assert_eq!(bench.sync.poll_timeout(), Some(bench.now + Duration::hours(2)));
    bench.sync.hurry();
    assert_eq!(bench.sync.poll_timeout(), Some(bench.now + Duration::hours(1)));
}

#[test]
fn clocks_that_jump_neither_stop_it_nor_hurry_it() {
    let mut bench = Bench::new(&config());
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.run();
    let wanted = bench.offer(0x1000, 2, PRODUCT);
    bench.sync.want(wanted);
    // A year back: what was to be waited is waited still.
    bench.now -= Duration::days(365);
    assert!(!bench.step());
    assert_eq!(bench.sync.poll_timeout(), Some(bench.now + Duration::hours(2)));
    // A cookie that has expired by our clock when it comes is good as long as the server says so.
    let mut bench = Bench::new(&config());
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    let server = bench.now;
    let ours = server + Duration::days(30);
    for _ in 0..20 {
        let Some(request) = bench.sync.poll_transmit(ours) else { break };
        let answer = bench.upstream.handle(&request.body, server);
        bench.sync.handle_response(ours, request.token, &answer.body).unwrap();
        while let Some(event) = bench.sync.poll_event() {
            if let Event::Update { key, .. } = event {
                bench.sync.committed(key);
            }
        }
    }
    assert_eq!(bench.sync.known().len(), 1);
    assert_eq!(bench.upstream.calls("GetCookie"), 1);
}

#[test]
fn bundles_are_followed_as_deep_as_is_asked() {
    for (depth, expected) in [(0, 1), (1, 2), (2, 3), (9, 3), (u32::MAX, 3)] {
        let mut config = config();
        config.bundles = depth;
        let mut bench = Bench::new(&config);
        let bundle = |child: UpdateKey| {
            format!(
                "<upd:BundledUpdates><upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"{}\"/>\
                 </upd:BundledUpdates>",
                child.id, child.revision
            )
        };
        let (top, middle, leaf) = (key(0x1000, 1), key(0x1001, 2), key(0x1002, 3));
        for (key, rest) in [(top, bundle(middle)), (middle, bundle(leaf)), (leaf, bundle(top))] {
            bench.upstream.add(document(key, "Software", &[PRODUCT, CLASS], &rest)).unwrap();
        }
        bench.sync.want(top);
        bench.run();
        assert_eq!(bench.sync.known().len(), expected, "depth {depth}");
    }
}

#[test]
fn a_document_brings_where_its_files_can_be_had() {
    let mut bench = Bench::new(&config());
    let key = key(0x1000, 1);
    let text = document(key, "Software", &[PRODUCT, CLASS], "").replace(
        "</upd:Update>",
        "<upd:Files><upd:File Digest=\"AQID\" FileName=\"a.cab\" Size=\"1\"/></upd:Files></upd:Update>",
    );
    bench.upstream.add(text).unwrap();
    bench.sync.want(key);
    bench.run();
    let found = bench.events.iter().find_map(|event| match event {
        Event::Update { files, .. } => Some(files),
        _ => None,
    });
    let [file] = found.unwrap().as_slice() else { panic!() };
    assert_eq!(file.digest.as_str(), Some("AQID"));
    assert!(file.mu_url.as_str().unwrap().starts_with("http://"));
}

#[test]
fn what_is_needed_has_a_limit_and_so_has_what_is_remembered() {
    let mut config = config();
    config.max_needed = 2;
    let mut sync = Sync::new(&config);
    assert_eq!(sync.want(key(1, 1)), Want::Needed);
    assert_eq!(sync.want(key(2, 1)), Want::Needed);
    assert_eq!(sync.want(key(3, 1)), Want::Full);
    assert_eq!(sync.want(key(2, 2)), Want::Needed, "another revision is no other update");
    for revision in 1..100 {
        sync.want(key(2, revision));
    }
    assert!(serde_json::to_string(sync.state()).unwrap().len() < 4_000);
    // Of the revisions of one update, the eight highest.
    for (named, kept) in [(8, 8), (9, 8)] {
        let mut bench = Bench::new(&syncing::config());
        for revision in 1..=named {
            bench.sync.want(key(0xbad, revision));
        }
        for _ in 0..12 {
            bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
            bench.run();
        }
        let resting: Vec<u32> = bench.sync.quarantine().map(|(key, _)| key.revision).collect();
        assert_eq!(resting.len(), kept);
        assert_eq!(resting.last(), Some(&named));
    }
    sync.forget(key(1, 1).id);
    assert_eq!(sync.want(key(3, 1)), Want::Needed);
    // Definition updates are many: the ten thousand met last are remembered.
    for number in 0..10_001 {
        sync.leave_out(key(0x10_0000 + number, 1));
    }
    assert_eq!(sync.want(key(0x10_0000, 1)), Want::Full, "no longer known as one");
    assert_eq!(sync.want(key(0x10_0001, 1)), Want::LeftOut);
    assert!(!sync.is_left_out(key(0x10_0000, 1).id) && sync.is_left_out(key(0x10_0001, 1).id));
}

#[test]
fn progress_is_a_line_that_a_person_can_read() {
    let mut bench = Bench::new(&config());
    for number in 0..250 {
        let wanted = bench.offer(0x1000 + number, 1, PRODUCT);
        bench.sync.want(wanted);
    }
    bench.sync.want(key(0xbad, 1));
    let mut lines = vec![bench.sync.progress().to_string()];
    while bench.sync.poll_transmit(bench.now).is_some() {
        lines.push(bench.sync.progress().to_string());
        bench.step();
    }
    lines.dedup();
    assert_eq!(lines[0], "idle");
    assert_eq!(lines[1], "authorizing");
    assert_eq!(lines[2], "reading the server's configuration");
    let line = "fetching documents, 100 of 251, 99 new, 1 not at the server";
    assert!(lines.iter().any(|other| other == line), "{lines:?}");
    bench.step();
    assert_eq!(bench.sync.progress().to_string(), "idle, 250 new, 1 not at the server");
    let summary = bench.sync.progress().summary;
    assert!(!summary.failed && summary.ended.is_some() && summary.done() == 251);
}

#[test]
fn another_server_account_or_version_is_authorized_at_anew() {
    let mut bench = Bench::new(&filtered(&[PRODUCT]));
    bench.run();
    for change in 0..3 {
        let mut config = filtered(&[PRODUCT]);
        match change {
            0 => config.account_guid = "0f0e7c8d-0000-4000-8000-000000000002".to_owned(),
            1 => config.protocol_version = "1.8".to_owned(),
            _ => config.server = "http://another".to_owned(),
        }
        let sync = Sync::resume(bench.sync.state().clone(), &config).unwrap();
        assert_eq!(sync.anchors().0.is_none(), change == 2, "anchors are a server's");
        changed(&mut bench, &config);
        bench.next_run();
        assert_eq!(bench.names()[0], "GetAuthConfig");
        changed(&mut bench, &filtered(&[PRODUCT]));
    }
    // Another port of the same host takes the cookie, but no anchor.
    bench.next_run();
    let mut config = filtered(&[PRODUCT]);
    config.server = "http://upstream:8530".to_owned();
    changed(&mut bench, &config);
    assert_eq!(bench.sync.anchors(), (None, None));
    bench.next_run();
    assert_eq!(bench.names()[0], "GetConfigData");
}

#[test]
fn a_request_without_answer_is_dropped_with_the_configuration_it_was_made_for() {
    let mut sync = Sync::new(&config());
    sync.want(key(1, 1));
    let now = DateTime::UNIX_EPOCH;
    let request = sync.poll_transmit(now).unwrap();
    let mut other = config();
    other.server = "http://another".to_owned();
    let mut sync = Sync::resume(sync.into_state(), &other).unwrap();
    let late = sync.handle_response(now, request.token, b"");
    assert_eq!(late, Err(SyncError::Token(request.token)));
    assert!(sync.poll_transmit(now).unwrap().url.starts_with("http://another/"));
}

#[test]
fn versions_decide_what_a_list_may_say() {
    for (version, only, languages) in [
        ("1.1", None, false),
        ("1.2", Some(false), false),
        ("1.3", Some(false), true),
        ("1.20", Some(false), true),
    ] {
        let mut config = config();
        config.protocol_version = version.to_owned();
        config.scope = Scope::Updates(Filter::everything().with_languages([1033]));
        let mut bench = Bench::new(&config);
        bench.run();
        let found = bench.requests.iter().rev().find_map(|(_, message)| match message {
            Message::GetRevisionIdList(request) => request.filter.value(),
            _ => None,
        });
        let filter = found.unwrap();
        assert_eq!(filter.get_63_language_only.value().copied(), only, "{version}");
        assert_eq!(!filter.languages.is_absent(), languages, "{version}");
    }
}

#[test]
fn versions_that_do_not_fit_are_said() {
    let mut config = config();
    config.protocol_version = "2.0".to_owned();
    let mut bench = Bench::new(&config);
    bench.sync.want(key(1, 1));
    bench.run();
    let [.., Event::Failed(FailReason::Version { ours, .. })] = bench.events.as_slice() else {
        panic!("{:?}", bench.events)
    };
    assert_eq!(ours, "2.0");
}

#[test]
fn soap_1_2_works_as_well() {
    let mut config = config();
    config.soap = Soap::V12;
    let mut bench = Bench::new(&config);
    let wanted = bench.offer(0x1000, 1, PRODUCT);
    bench.sync.want(wanted);
    bench.sync.want(key(0xbad, 1));
    bench.run();
    assert_eq!(bench.sync.known().len(), 1);
    assert_eq!(bench.sync.quarantine().count(), 1);
    let content_type = &bench.requests[0].0.content_type;
    assert!(
        content_type.starts_with("application/soap+xml") && content_type.contains("GetAuthConfig")
    );
}

#[test]
fn a_state_of_another_version_is_refused_with_its_number() {
    let json = serde_json::to_string(Sync::new(&config()).state()).unwrap();
    let from = format!("\"version\":{STATE_VERSION}");
    let json = json.replace(&from, "\"version\":1");
    let state: SyncState = serde_json::from_str(&json).unwrap();
    assert_eq!(Sync::resume(state, &config()).unwrap_err(), SyncError::StateVersion(1));
    // What the version before wrote.
    let old = r#"{"version":1,"needed":{"44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a":1},"known":{},
        "definitions":[],"quarantine":{},"plug_in":{"plug_in_id":"x","service_url":"y","parameter":""},
        "authorization":null,"cookie":{"expiration":"2026-10-04T20:33:26Z","encrypted_data":"AAAA"},
        "max_updates":100,"next_run":5,"run":{"batches":[],"renewals":0},"in_flight":null,"next_token":3}"#;
    let state: SyncState = serde_json::from_str(old).unwrap();
    assert_eq!(Sync::resume(state, &config()).unwrap_err(), SyncError::StateVersion(1));
}

#[test]
fn a_list_that_names_an_update_twice_is_asked_for_once_at_its_highest_revision() {
    let mut config = config();
    config.scope = Scope::Categories;
    let mut bench = Bench::new(&config);
    for _ in 0..4 {
        assert!(bench.step());
    }
    let request = bench.sync.poll_transmit(bench.now).unwrap();
    assert!(request.soap_action.contains("GetRevisionIdList"));
    // As WSUS 2025 does it: 4,275 rows for 4,233 categories.
    let identity = |number: u128, revision: u32| {
        format!(
            "<UpdateIdentity><UpdateID>{}</UpdateID><RevisionNumber>{revision}</RevisionNumber>\
             </UpdateIdentity>",
            UpdateId::from_u128(number)
        )
    };
    let rows =
        identity(PRODUCT, 1) + &identity(CLASS, 3) + &identity(PRODUCT, 1) + &identity(CLASS, 2);
    let answer = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <GetRevisionIdListResponse xmlns=\"{}\"><GetRevisionIdListResult><Anchor>opaque</Anchor>\
         <NewRevisions>{rows}</NewRevisions></GetRevisionIdListResult></GetRevisionIdListResponse>\
         </s:Body></s:Envelope>",
        messages::SERVER_SYNC
    );
    bench.sync.handle_response(bench.now, request.token, answer.as_bytes()).unwrap();
    let request = bench.sync.poll_transmit(bench.now).unwrap();
    let (_, message) = messages::decode(&request.body, &Limits::default()).unwrap();
    let Message::GetUpdateData(data) = message else { panic!() };
    let asked: Vec<UpdateKey> = data.update_ids.iter().copied().collect();
    assert_eq!(asked, [key(PRODUCT, 1), key(CLASS, 3)]);
}

#[test]
fn what_a_list_names_and_the_server_does_not_give_is_not_lost_with_the_anchor() {
    let mut bench = Bench::new(&filtered(&[PRODUCT]));
    bench.run();
    let update = bench.offer(0x1000, 1, PRODUCT);
    let fault = Fault::new(FaultCode::InternalServerError);
    bench.upstream.fail_next(Some("GetUpdateData"), fault);
    let before = bench.sync.anchors().1.map(str::to_owned);
    bench.next_run();
    // The list has ended: its anchor counts, and the update is needed from now on.
    assert_ne!(bench.sync.anchors().1.map(str::to_owned), before);
    assert_eq!(bench.sync.quarantine().map(|(key, _)| key).collect::<Vec<_>>(), [update]);
    assert!(bench.sync.needed().contains_key(&update.id));
    bench.next_run();
    assert!(bench.sync.known().contains_key(&update.id));
}
