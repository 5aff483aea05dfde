//! What a rollout makes of refusals, other people's objects and changed states: it stops, goes on or
//! tells, and takes nothing for its own that is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "shared/pair.rs"]
mod pair;

use chrono::TimeDelta;
use graph_wufb::ErrorKind;
use graph_wufb::models::AudienceId;
use graph_wufb::requests::{self, AudienceUpdate, Headers, Method};
use graph_wufb::simulator::{Service, Timing};
use graph_wufb::workflow::{
    ApprovalStatus, Cleanup, DriverRollout, Event, Loss, Plan, RolloutState, Schedule, Step,
};
use pair::{CONTENT, Pair, device, entry};

// --- lists that break off -------------------------------------------------------------------------

/// Five devices and five drivers, two on a page, and three tries.
fn paged() -> Pair {
    let names = (0..5).map(|n| device(&format!("d{n}"))).collect::<Vec<_>>();
    let plan = Plan::new(names.clone()).with_retry(Schedule::new(1, 1), 3);
    let mut pair = Pair::with(plan);
    pair.service = Service::new().with_page_size(2);
    for n in 0..5 {
        pair.service.add_driver(&format!("e{n}"), "Driver", &names);
    }
    pair
}

/// Up to 400 steps with a service that refuses the later pages of lists with this in their path;
/// gives how many it refused.
fn run_without_later_pages(pair: &mut Pair, path: &str, done: impl Fn(&Pair) -> bool) -> usize {
    let mut refused = 0;
    for _ in 0..400 {
        if done(pair) {
            break;
        }
        let Some((token, request)) = pair.poll() else { break };
        let later = request.target.contains("skiptoken") && request.target.contains(path);
        let (status, headers, body) = if later {
            refused += 1;
            (400, Headers::new(), Vec::new())
        } else {
            pair.service.handle_request(&request, pair.now)
        };
        pair.rollout.handle_response(pair.now, token, status, &headers, &body);
        pair.drain();
    }
    refused
}

#[test]
fn a_list_that_always_breaks_off_stops_the_rollout() {
    let mut pair = paged();
    let refused = run_without_later_pages(&mut pair, "", |pair| pair.rollout.is_blocked());
    assert!(pair.rollout.is_blocked(), "{:?}", pair.events);
    assert_eq!(refused, 3, "as often as anything is tried");
    assert!(matches!(pair.events.last(), Some(Event::Blocked { error: Some(_), .. })));
    // Told to go on, it has as many tries again.
    pair.rollout.retry();
    let refused = run_without_later_pages(&mut pair, "", |pair| pair.rollout.is_blocked());
    assert_eq!((refused, pair.rollout.is_blocked()), (3, true));
    pair.rollout.retry();
    pair.run_until(|pair| pair.rollout.offers().count() == 5);
}

#[test]
fn where_the_list_of_devices_breaks_off_each_is_asked_for() {
    let names = (0..5).map(|n| device(&format!("d{n}")));
    let mut plan = Plan::new(names).with_retry(Schedule::new(1, 1), 3);
    plan.one_by_one = 0;
    let mut pair = paged();
    pair.rollout = DriverRollout::new(plan);
    let active = |pair: &Pair| pair.rollout.step() == Step::Active;
    let refused = run_without_later_pages(&mut pair, "updatableAssets", active);
    assert!(active(&pair) && refused >= 3, "{refused} {:?}", pair.events);
    let enrolled = |event: &&Event| matches!(event, Event::DeviceEnrolled { .. });
    assert_eq!(pair.events.iter().filter(enrolled).count(), 5);
}

#[test]
fn a_departure_goes_on_where_the_list_of_deployments_breaks_off() {
    let mut pair = paged();
    for n in 0..5 {
        pair.rollout.approve(&entry(&format!("e{n}")), None).unwrap();
    }
    let standing = |pair: &Pair| {
        pair.rollout.approvals().iter().all(|it| it.status == ApprovalStatus::Standing)
    };
    pair.run_until(standing);
    pair.now += TimeDelta::seconds(10);
    pair.rollout.unenroll(Cleanup::Remove).unwrap();
    let done = |pair: &Pair| pair.rollout.is_done();
    let refused = run_without_later_pages(&mut pair, "deployments", done);
    assert!(done(&pair) && refused >= 3, "{refused} {:?}", pair.events);
    let counts = pair.service.counts();
    assert_eq!((counts.audiences, counts.policies, counts.deployments), (0, 0, 0));
}

// --- whose audience it is -------------------------------------------------------------------------

#[test]
fn somebody_elses_audience_does_not_end_the_search_for_ours() {
    // Its members are shown, or, as with those that Intune makes, not found.
    for shown in [true, false] {
        let mut timing = Timing::default();
        timing.listed = 3;
        let mut pair = Pair::new();
        pair.service = std::mem::take(&mut pair.service).with_timing(timing);
        let (token, request) = pair.run_to_request(Method::Post, "deploymentAudiences");
        // Made after ours were noted, and listed before ours is.
        let earlier = pair.now - TimeDelta::seconds(5);
        let (_, _, body) = pair.service.handle_request(&request, earlier);
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let foreign: AudienceId = body["id"].as_str().unwrap().parse().unwrap();
        let member = device("other");
        let update = AudienceUpdate::new().add_members([&member]);
        pair.service.handle_request(&requests::update_audience(&foreign, &update), earlier);
        pair.service.handle_request(&request, pair.now);
        pair.rollout.handle_loss(pair.now, token, Loss::Unknown);
        let mut asked = 0;
        while pair.rollout.step() < Step::Active {
            let (token, request) = pair.poll().unwrap();
            let foreign = request.target.contains(&format!("/{foreign}/members"));
            asked += usize::from(foreign);
            let (status, headers, body) = if foreign && !shown {
                (404, Headers::new(), Vec::new())
            } else {
                pair.service.handle_request(&request, pair.now)
            };
            pair.rollout.handle_response(pair.now, token, status, &headers, &body);
            pair.drain();
        }
        assert!(asked > 0);
        assert_eq!(pair.service.counts().audiences, 2, "theirs and ours: {:?}", pair.events);
        assert_ne!(pair.rollout.audience(), Some(&foreign));
        let found = |event: &Event| matches!(event, Event::AudienceCreated { found: true, .. });
        assert!(pair.events.iter().any(found), "{:?}", pair.events);
    }
}

#[test]
fn an_audience_is_ours_only_if_all_pages_of_its_members_are_empty() {
    let link = r#""@odata.nextLink":"https://graph.microsoft.com/beta/x?$skiptoken=1""#;
    let more = format!(r#"{{"value":[],{link}}}"#);
    // Pages of members, and whether the audience is taken for ours after them.
    let member = r#"{"value":[{"id":"d9"}]}"#;
    for (pages, ours) in [
        (vec![more.as_str()], false),
        (vec![more.as_str(), member], false),
        (vec![r#"{"value":[],"@odata.nextLink":7}"#], false),
        (vec![""], false),
        (vec![more.as_str(), r#"{"value":[]}"#], true),
        (vec![r#"{"value":[]}"#], true),
    ] {
        let mut pair = Pair::new();
        let (token, _) = pair.run_to_request(Method::Post, "deploymentAudiences");
        pair.rollout.handle_loss(pair.now, token, Loss::Unknown);
        let list = r#"{"value":[{"id":"theirs"}]}"#;
        let mut ends =
            ["deploymentAudiences", "theirs/members", "/beta/x?$skiptoken=1"].into_iter();
        for body in std::iter::once(list).chain(pages.iter().copied()) {
            let (token, request) = pair.poll().unwrap();
            assert!(request.target.ends_with(ends.next().unwrap()), "{}", request.target);
            pair.rollout.handle_response(pair.now, token, 200, &Headers::new(), body.as_bytes());
        }
        assert_eq!(pair.rollout.audience().is_some(), ours, "{pages:?}");
        if !ours {
            pair.run_to(Step::Active);
            assert_eq!(pair.service.counts().audiences, 1, "{pages:?}");
            assert_ne!(pair.rollout.audience().unwrap().as_str(), "theirs");
        }
    }
}

#[test]
fn of_two_new_audiences_none_is_forgotten_where_a_page_is_asked_for_again() {
    let mut pair = Pair::new();
    let (token, _) = pair.run_to_request(Method::Post, "deploymentAudiences");
    pair.rollout.handle_loss(pair.now, token, Loss::Unknown);
    let link = |link: &str| format!(r#"{{"value":[{{"id":"a1"}}],"@odata.nextLink":{link}}}"#);
    for body in [
        link(r#""https://graph.microsoft.com/beta/x?$skiptoken=1""#),
        r#"{"value":[],"@odata.nextLink":7}"#.to_owned(),
        r#"{"value":[{"id":"a2"}]}"#.to_owned(),
    ] {
        let (token, _) = pair.poll().unwrap();
        pair.rollout.handle_response(pair.now, token, 200, &Headers::new(), body.as_bytes());
    }
    pair.drain();
    let left = pair.events.iter().filter(|event| matches!(event, Event::LeftOver { .. })).count();
    assert_eq!(left, 2, "{:?}", pair.events);
}

// --- the departure --------------------------------------------------------------------------------

#[test]
fn devices_that_are_not_taken_back_are_told_as_left_over() {
    // None refused, the first of three requests, all of them.
    for (status, refusals) in [(404, 0), (404, 1), (400, 1), (404, 3)] {
        let mut pair = Pair::with(Plan::new(["d1", "d2", "d3"].map(device)).with_chunk(1));
        pair.run_to(Step::Active);
        pair.rollout.unenroll(Cleanup::Keep).unwrap();
        pair.run_to_request(Method::Post, "unenrollAssets");
        for _ in 0..refusals {
            pair.service.fail_next(status, None, false);
        }
        pair.run_to(Step::Done);
        let left = |event: &&Event| {
            matches!(event, Event::LeftOver { what, error: Some(error), .. }
                if what == "updatableAssets/unenrollAssets" && error.status == status)
        };
        assert_eq!(pair.events.iter().filter(left).count(), refusals, "{:?}", pair.events);
        assert_eq!(pair.events.contains(&Event::Unenrolled), refusals == 0, "{:?}", pair.events);
        assert_eq!(pair.service.enrolled("driver").count(), refusals);
    }
}

#[test]
fn what_is_refused_after_the_departure_is_not_made_again() {
    for path in ["deploymentAudiences", "updatePolicies"] {
        for status in [400, 403, 409] {
            let mut pair = Pair::with(Plan::new(["d1", "d2"].map(device)));
            pair.run_to_request(Method::Post, path);
            let (token, _) = pair.poll().expect("it is to be made");
            pair.rollout.unenroll(Cleanup::Remove).unwrap();
            pair.rollout.handle_response(pair.now, token, status, &Headers::new(), b"");
            pair.run_to(Step::Done);
            let blocked = pair.events.iter().any(|event| matches!(event, Event::Blocked { .. }));
            assert!(!blocked, "{path} {status}: {:?}", pair.events);
            let counts = pair.service.counts();
            assert_eq!((counts.audiences, counts.policies), (0, 0), "{path} {status}");
        }
    }
}

// --- offers ---------------------------------------------------------------------------------------

/// One round of looks, page by page: each page one update and the devices that it applies to.
fn round(pair: &mut Pair, pages: &[(&str, &[&str])]) -> Vec<(String, usize)> {
    pair.drain();
    pair.events.clear();
    for (at, (entry, devices)) in pages.iter().enumerate() {
        let (token, request) = pair.poll().unwrap();
        let end = if at == 0 { CONTENT.to_owned() } else { format!("skip={at}") };
        assert!(request.target.ends_with(&end), "{}", request.target);
        let devices: Vec<_> =
            devices.iter().map(|device| format!(r#"{{"deviceId":"{device}"}}"#)).collect();
        let next =
            format!(r#","@odata.nextLink":"https://graph.microsoft.com/beta/x?$skip={}""#, at + 1);
        let body = format!(
            r#"{{"value":[{{"catalogEntry":{{"id":"{entry}"}},"matchedDevices":[{}]}}]{}}}"#,
            devices.join(","),
            if at + 1 < pages.len() { next.as_str() } else { "" }
        );
        pair.rollout.handle_response(pair.now, token, 200, &Headers::new(), body.as_bytes());
        // Another node may take the next page.
        pair.save_and_resume();
    }
    pair.drain();
    let told = pair.events.iter().filter_map(|event| match event {
        Event::ContentOffered { entry, devices, .. } => Some((entry.to_string(), *devices)),
        Event::ContentGone { entry, .. } => Some((entry.to_string(), 0)),
        _ => None,
    });
    told.collect()
}

#[test]
fn an_update_on_two_pages_is_told_once_and_only_where_something_changed() {
    let mut pair = Pair::new();
    pair.run_to(Step::Active);
    let told = |told: &[(&str, usize)]| -> Vec<(String, usize)> {
        told.iter().map(|(entry, devices)| ((*entry).to_owned(), *devices)).collect()
    };
    let all: &[(&str, &[&str])] = &[("e1", &["d1"]), ("e2", &["d3"]), ("e1", &["d2", "d1"])];
    assert_eq!(round(&mut pair, all), told(&[("e1", 2), ("e2", 1)]));
    for _ in 0..3 {
        assert_eq!(round(&mut pair, all), []);
    }
    // The other way round it is the same; one device more or less is not.
    assert_eq!(round(&mut pair, &[("e1", &["d2"]), ("e1", &["d1"]), ("e2", &["d3"])]), []);
    assert_eq!(round(&mut pair, &[("e1", &["d2"]), ("e2", &["d3"])]), told(&[("e1", 1)]));
    assert_eq!(
        round(&mut pair, &[("e1", &["d2"]), ("e1", &["d3"])]),
        told(&[("e1", 2), ("e2", 0)])
    );
    assert_eq!(pair.rollout.offer(&entry("e1")).unwrap().devices.len(), 2);
}

/// One answer to what is asked next, whose path must end so; another node goes on after it.
fn answer(pair: &mut Pair, end: &str, status: u16, body: &str) {
    let (token, request) = pair.poll().unwrap();
    assert!(request.target.ends_with(end), "{} {end}", request.target);
    pair.rollout.handle_response(pair.now, token, status, &Headers::new(), body.as_bytes());
    pair.save_and_resume();
    pair.drain();
}

fn page(items: &[&str], next: &str) -> String {
    let link = format!(r#","@odata.nextLink":"https://graph.microsoft.com/beta/{next}""#);
    let link = if next.is_empty() { String::new() } else { link };
    format!(r#"{{"value":[{}]{link}}}"#, items.join(","))
}

/// The offers as the service shows them since 2024 (Graph, "Deploy a driver update"): expanded, the
/// devices are an empty list and a link. Its link to the next page expands the updates only.
fn offers_with_links(pair: &mut Pair) {
    let path = "https://graph.microsoft.com/beta/admin/windows/updates/deploymentAudiences/a/applicableContent";
    let first = format!(
        r##"{{"catalogEntryId":"e1","catalogEntry":{{"@odata.type":"#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry","id":"e1","displayName":"Net"}},
        "matchedDevices":[],"matchedDevices@odata.nextLink":"{path}/e1/matchedDevices"}}"##
    );
    let second = r##"{"catalogEntryId":"e2","catalogEntry":{"@odata.type":"#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry","id":"e2","displayName":"Audio"}}"##;
    answer(pair, CONTENT, 200, &page(&[&first], "x?$expand=catalogEntry&$skiptoken=1"));
    answer(pair, "x?$expand=catalogEntry&$skiptoken=1", 200, &page(&[second], ""));
}

fn offered(pair: &mut Pair) -> Vec<(String, usize)> {
    let told = std::mem::take(&mut pair.events).into_iter().filter_map(|event| match event {
        Event::ContentOffered { entry, devices, .. } => Some((entry.to_string(), devices)),
        Event::ContentGone { entry, .. } => Some((entry.to_string(), 0)),
        _ => None,
    });
    told.collect()
}

#[test]
fn devices_that_are_not_shown_with_an_offer_are_asked_for() {
    let mut pair = Pair::new();
    pair.run_to(Step::Active);
    let (d1, d2) = (r#"{"deviceId":"d1","recommendedBy":["Microsoft"]}"#, r#"{"deviceId":"D2"}"#);
    let (d3, other) = (r#"{"deviceId":"d3"}"#, r#"{"deviceId":"somebody else's"}"#);
    let e1 = "/applicableContent/e1/matchedDevices";
    let e2 = "/applicableContent/e2/matchedDevices";
    offers_with_links(&mut pair);
    answer(&mut pair, e1, 200, &page(&[d1, other], "y?$skiptoken=1"));
    answer(&mut pair, "y?$skiptoken=1", 200, &page(&[d2, d1], ""));
    assert_eq!(offered(&mut pair), [], "not all is known yet");
    // What the vendor wants does not wait until all lists are read.
    pair.rollout.approve(&entry("e1"), None).unwrap();
    answer(&mut pair, "/complianceChanges", 201, r#"{"id":"c1"}"#);
    answer(&mut pair, e2, 200, &page(&[d3], ""));
    assert_eq!(offered(&mut pair), [("e1".to_owned(), 2), ("e2".to_owned(), 1)]);
    assert!(pair.rollout.offer(&entry("e2")).unwrap().entry.is_some());
    // The next rounds: as before, and to another device.
    for (second, told) in [(d3, vec![]), (d1, vec![("e2".to_owned(), 1)])] {
        // Unlike what is left of a round, a round waits for its time.
        assert!(pair.rollout.poll_timeout().unwrap() > pair.now);
        offers_with_links(&mut pair);
        // A later page that is refused: from the first one again.
        answer(&mut pair, e1, 200, &page(&[d1], "y?$skiptoken=1"));
        answer(&mut pair, "y?$skiptoken=1", 400, "");
        answer(&mut pair, e1, 200, &page(&[d1, d2], ""));
        answer(&mut pair, e2, 200, "");
        answer(&mut pair, e2, 200, &page(&[second], ""));
        assert_eq!(offered(&mut pair), told);
    }
    // A link in the list of devices is vetted as any.
    offers_with_links(&mut pair);
    let elsewhere = page(&[d1], "x").replace("graph.microsoft.com", "example.org");
    answer(&mut pair, e1, 200, &elsewhere);
    assert!(pair.rollout.is_blocked());
}

#[test]
fn an_offer_whose_devices_are_refused_is_told_with_those_that_were_known() {
    let mut pair = Pair::new();
    pair.run_to(Step::Active);
    let (e1, e2) = ("/e1/matchedDevices", "/e2/matchedDevices");
    let both = page(&[r#"{"deviceId":"d1"}"#, r#"{"deviceId":"d2"}"#], "");
    offers_with_links(&mut pair);
    answer(&mut pair, e1, 200, &both);
    answer(&mut pair, e2, 404, "");
    assert!(pair.events.iter().any(|event| matches!(event,
        Event::AnswerUnreadable { reason, .. } if reason.starts_with("the devices of e2: "))));
    assert_eq!(offered(&mut pair), [("e1".to_owned(), 2), ("e2".to_owned(), 0)]);
    offers_with_links(&mut pair);
    answer(&mut pair, e1, 400, "");
    answer(&mut pair, e2, 200, &both);
    assert_eq!(offered(&mut pair), [("e2".to_owned(), 2)]);
    assert_eq!(pair.rollout.offer(&entry("e1")).unwrap().devices.len(), 2);
    // A matter of the token or of a permission stops the rollout.
    offers_with_links(&mut pair);
    answer(&mut pair, e1, 403, "");
    assert!(pair.rollout.is_blocked());
    pair.rollout.retry();
    answer(&mut pair, e1, 200, &both);
    answer(&mut pair, e2, 200, &both);
    assert_eq!(offered(&mut pair), []);
}

#[test]
fn an_offer_whose_devices_never_come_does_not_hold_up_the_others() {
    let (e1, e2) = ("/e1/matchedDevices", "/e2/matchedDevices");
    let one = page(&[r#"{"deviceId":"d1"}"#], "");
    // Failures, answers that cannot be read, and answers that say nothing.
    for (status, body) in [(500, ""), (429, ""), (200, "<html>"), (200, "")] {
        let mut pair = Pair::new();
        pair.run_to(Step::Active);
        let tries = pair.rollout.plan().tries;
        let in_vain = |pair: &mut Pair| {
            for _ in 0..tries {
                answer(pair, e1, status, body);
            }
            assert!(pair.events.iter().any(|event| matches!(event,
                Event::AnswerUnreadable { reason, .. } if reason.starts_with("the devices of e1: "))));
            // The next driver is not asked for before this one would have been.
            assert!(pair.rollout.poll_timeout().unwrap() > pair.now);
        };
        offers_with_links(&mut pair);
        in_vain(&mut pair);
        answer(&mut pair, e2, 200, &one);
        assert!(!pair.rollout.is_blocked());
        assert_eq!(offered(&mut pair), [("e1".to_owned(), 0), ("e2".to_owned(), 1)]);
        // In the next round it is asked for anew; what is known then stays.
        offers_with_links(&mut pair);
        answer(&mut pair, e1, 200, &one);
        answer(&mut pair, e2, 200, &one);
        assert_eq!(offered(&mut pair), [("e1".to_owned(), 1)]);
        offers_with_links(&mut pair);
        in_vain(&mut pair);
        answer(&mut pair, e2, 200, &one);
        assert_eq!(offered(&mut pair), []);
        assert_eq!(pair.rollout.offer(&entry("e1")).unwrap().devices.len(), 1);
    }
}

// --- saved states ---------------------------------------------------------------------------------

#[test]
fn a_saved_page_is_vetted_as_a_link_is() {
    let mut pair = Pair::new();
    pair.service = std::mem::take(&mut pair.service).with_page_size(1);
    pair.run_to_request(Method::Get, &format!("{CONTENT}&$skiptoken=1"));
    let saved = serde_json::to_value(pair.rollout.state()).unwrap();
    let resume = |target: &str| {
        let mut saved = saved.clone();
        let known = &mut saved["flight"]["job"]["ListContent"]["list"]["target"];
        assert!(known.is_string());
        *known = target.into();
        let state: RolloutState = serde_json::from_value(saved).unwrap();
        DriverRollout::resume(state)
    };
    for target in [
        "@evil.example/x",
        ".evil.example/x",
        ":8443/x",
        ":443/x",
        "//evil.example/x",
        "/x\r\nX-Evil: 1",
        "/beta/../v1.0/me",
        "x",
        "",
    ] {
        let error = resume(target).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::ForeignLink { .. }), "{target:?} {error}");
    }
    let mut rollout = resume("/beta/x?$skiptoken=2").unwrap();
    let (_, request) = rollout.poll_transmit(pair.now).unwrap();
    assert_eq!(
        request.url("https://graph.microsoft.com"),
        "https://graph.microsoft.com/beta/x?$skiptoken=2"
    );
}

#[test]
fn states_saved_before_lists_were_counted_are_read() {
    let mut pair = Pair::new();
    pair.service = std::mem::take(&mut pair.service).with_page_size(1);
    pair.run_to_request(Method::Get, &format!("{CONTENT}&$skiptoken=1"));
    let mut saved = serde_json::to_value(pair.rollout.state()).unwrap();
    let list = saved["flight"]["job"]["ListContent"]["list"].as_object_mut().unwrap();
    assert!(list.remove("rewinds").is_some());
    assert!(saved.as_object_mut().unwrap().remove("unmatched").is_some());
    for offer in saved["offers"].as_object_mut().unwrap().values_mut() {
        assert!(offer.as_object_mut().unwrap().remove("before").is_some());
    }
    pair.rollout = DriverRollout::resume(serde_json::from_value(saved).unwrap()).unwrap();
    pair.run_until(|pair| pair.rollout.offers().count() == 2);
    // A check of an audience under way.
    let mut pair = Pair::new();
    let (token, _) = pair.run_to_request(Method::Post, "deploymentAudiences");
    pair.rollout.handle_loss(pair.now, token, Loss::Unknown);
    let mut saved = serde_json::to_value(pair.rollout.state()).unwrap();
    saved["flight"]["job"] = serde_json::json!({"CheckAudience": {"audience": "theirs"}});
    saved["flight"]["lost"] = false.into();
    pair.rollout = DriverRollout::resume(serde_json::from_value(saved).unwrap()).unwrap();
    pair.run_to(Step::Active);
    assert_eq!(pair.service.counts().audiences, 1);
}
