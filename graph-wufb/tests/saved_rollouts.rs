//! Whoever goes on with a saved rollout does what the one that saved it would have done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "shared/pair.rs"]
mod pair;

use graph_wufb::requests::{Headers, Method};
use graph_wufb::simulator::{Service, Timing};
use graph_wufb::workflow::{Cleanup, DeviceStatus, DriverRollout, Event, Plan, RolloutState, Step};
use pair::{Pair, device, start};

/// Six devices, each in the service's list, none asked for by itself, two on a page.
fn listed(timing: Timing) -> Pair {
    let mut plan = Plan::new((0..6).map(|n| device(&format!("d{n}"))));
    plan.one_by_one = 0;
    let mut pair = Pair::with(plan);
    pair.service = Service::new().with_timing(timing).with_page_size(2);
    pair
}

/// Looks at devices, with another node for each request, until none is waited for; how many.
fn looks(pair: &mut Pair, refused: impl Fn(&str) -> bool) -> usize {
    let mut looks = 0;
    while pair.rollout.step() <= Step::AwaitingEnrolment && !pair.rollout.is_blocked() {
        let (token, request) = pair.poll().unwrap();
        assert!(looks < 1_000, "still looking at {}: {:?}", pair.now, pair.events.last());
        looks += usize::from(request.method == Method::Get);
        let (status, headers, body) = if refused(&request.target) {
            (400, Headers::new(), Vec::new())
        } else {
            pair.service.handle_request(&request, pair.now)
        };
        pair.rollout.handle_response(pair.now, token, status, &headers, &body);
        pair.drain();
        pair.save_and_resume();
    }
    looks
}

/// How many devices are enrolled, and how many were given up.
fn ends(pair: &Pair) -> (usize, usize) {
    let count = |wanted: DeviceStatus| {
        pair.rollout.devices().filter(|(_, status)| **status == wanted).count()
    };
    (count(DeviceStatus::Enrolled), count(DeviceStatus::Overdue))
}

#[test]
fn a_round_of_looks_goes_on_on_another_node_where_the_list_cannot_be_read() {
    let later = |target: &str| target.contains("skiptoken");
    let any = |target: &str| target.contains("updatableAssets?");
    for refused in [&later as &dyn Fn(&str) -> bool, &any] {
        // One round: the list's first two pages as often as anything is tried, and the devices.
        let round = 8 * 2 + 6;
        let mut pair = listed(Timing::immediate());
        let count = looks(&mut pair, refused);
        assert_eq!(ends(&pair), (6, 0), "{:?}", pair.events);
        assert!(count <= round, "{count}");
        // Nobody is ever enrolled: the rounds become rarer and end when patience does.
        let mut timing = Timing::immediate();
        timing.enrolled = 1_000_000;
        let mut pair = listed(timing);
        let count = looks(&mut pair, refused);
        assert!(pair.rollout.is_blocked());
        assert_eq!(ends(&pair), (0, 6));
        let waited = (pair.now - start()).num_seconds();
        // The last round begins in time, and may begin the list anew seven times; after it comes
        // one last look, which may too.
        assert!((900..960 + 2 * 250).contains(&waited), "{waited} s");
        // 3, 6, 12, 24, 48 and then 60 seconds apart: 19 rounds at most, and the last look.
        assert!(count <= 20 * round, "{count}");
    }
}

#[test]
fn a_round_of_looks_goes_on_on_another_node_where_the_list_has_too_many_pages() {
    let mut timing = Timing::immediate();
    timing.enrolled = 1_000_000;
    for pages in [1, 2] {
        let mut pair = listed(timing);
        let mut plan = pair.rollout.plan().clone();
        plan.pages = pages;
        pair.rollout = DriverRollout::new(plan);
        let count = looks(&mut pair, |_| false);
        assert_eq!((pair.rollout.is_blocked(), ends(&pair)), (true, (0, 6)));
        assert!(count <= 19 * 8, "{count}");
    }
}

#[test]
fn a_saved_rollout_is_the_same_once_it_is_read() {
    let read = |pair: &Pair| {
        let saved = serde_json::to_string(&pair.rollout).unwrap();
        let state: RolloutState = serde_json::from_str(&saved).unwrap();
        DriverRollout::resume(state).unwrap()
    };
    for breaks_off in [false, true] {
        for one_by_one in [0, 20] {
            let mut pair = listed(Timing::default());
            let mut plan = pair.rollout.plan().clone();
            plan.one_by_one = one_by_one;
            pair.rollout = DriverRollout::new(plan);
            for number in 0..3 {
                let devices = [device("d0"), device(&format!("d{number}"))];
                pair.service.add_driver(&format!("e{number}"), "Driver", &devices);
            }
            assert_eq!(read(&pair), pair.rollout);
            for step in 0..120 {
                if pair.rollout.offers().count() == 3 && pair.rollout.approvals().is_empty() {
                    pair.rollout.approve(&pair::entry("e1"), None).unwrap();
                }
                if step == 100 {
                    pair.rollout.unenroll(Cleanup::Remove).unwrap();
                }
                let Some((token, request)) = pair.poll() else { break };
                let list = request.target.contains("updatableAssets?");
                let (status, headers, body) = if breaks_off && list {
                    (400, Headers::new(), Vec::new())
                } else {
                    pair.service.handle_request(&request, pair.now)
                };
                pair.rollout.handle_response(pair.now, token, status, &headers, &body);
                // Nothing is under way that could be lost.
                assert_eq!(read(&pair), pair.rollout, "step {step}, {request:?}");
                pair.drain();
                assert_eq!(read(&pair), pair.rollout, "step {step}, {request:?}");
            }
            assert!(pair.events.contains(&Event::Unenrolled), "{:?}", pair.events);
        }
    }
}

#[test]
fn a_saved_round_of_looks_is_read_as_it_was_written() {
    let mut pair = listed(Timing::immediate());
    let resumed = |pair: &Pair, round: serde_json::Value| {
        let mut saved = serde_json::to_value(&pair.rollout).unwrap();
        saved["round"] = round;
        serde_json::from_value(saved).map(|state| DriverRollout::resume(state).unwrap())
    };
    pair.step();
    let (token, request) = pair.poll().unwrap();
    pair.rollout.handle_response(pair.now, token, 400, &Headers::new(), &[]);
    // Begun, and nobody looked at.
    assert_eq!(serde_json::to_value(&pair.rollout).unwrap()["round"], "");
    let next =
        |mut rollout: DriverRollout| rollout.poll_transmit(start()).map(|sent| sent.1.target);
    let list = request.target;
    let path = list.split_once('?').unwrap().0;
    // What earlier versions wrote is read: the one looked at last, or no round.
    let last = resumed(&pair, "d4".into()).unwrap();
    assert_eq!(next(last), Some(format!("{path}/d5")));
    assert_eq!(next(resumed(&pair, "".into()).unwrap()), Some(format!("{path}/d0")));
    let mut later = resumed(&pair, serde_json::Value::Null).unwrap();
    let (_, request) = later.poll_transmit(pair.now).unwrap();
    assert_eq!(request.target, list);
    resumed(&pair, "..".into()).unwrap_err();
    resumed(&pair, 7.into()).unwrap_err();
}
