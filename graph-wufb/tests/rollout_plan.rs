//! What a plan sets, each at n and n + 1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "shared/pair.rs"]
mod pair;

use graph_wufb::models::DeviceId;
use graph_wufb::requests::{self, Headers, Method};
use graph_wufb::simulator::{Service, Timing};
use graph_wufb::workflow::{
    ApprovalStatus, Cleanup, DeviceStatus, Event, Loss, Plan, Schedule, Step,
};
use pair::{Pair, device, entry, start};

fn devices(count: usize) -> Vec<DeviceId> {
    (0..count).map(|n| device(&format!("d{n}"))).collect()
}

fn pair(plan: Plan, timing: Timing) -> Pair {
    let mut pair = Pair::with(plan);
    pair.service = Service::new().with_timing(timing);
    pair.service.add_driver("e1", "Driver", &devices(1));
    pair
}

#[test]
fn as_many_events_wait_as_planned_and_then_nothing_is_sent() {
    // Each of three devices is enrolled at the first look at it, which is an event.
    for (events, looks) in [(0, 1), (1, 1), (2, 2), (3, 3)] {
        let mut plan = Plan::new(devices(3));
        plan.events = events;
        let mut pair = pair(plan, Timing::immediate());
        let now = start() + chrono::TimeDelta::hours(1);
        pair.step();
        let mut sent = 0;
        while let Some((token, request)) = pair.rollout.poll_transmit(now) {
            sent += 1;
            let (status, headers, body) = pair.service.handle_request(&request, now);
            pair.rollout.handle_response(now, token, status, &headers, &body);
        }
        assert_eq!((sent, pair.rollout.poll_timeout()), (looks, None), "room for {events}");
        // Taken one by one, they all come.
        assert!(pair.rollout.poll_event().is_some());
        assert!(pair.rollout.poll_timeout().is_some() && pair.rollout.poll_transmit(now).is_some());
        pair.run_to(Step::Active);
    }
}

#[test]
fn what_a_lost_answer_may_have_made_is_looked_for_as_often_as_planned() {
    for (looks, expected) in [(0, 1), (1, 1), (2, 2), (3, 3), (7, 7)] {
        for end in ["deploymentAudiences", "updatePolicies"] {
            let mut plan = Plan::new(devices(1)).with_retry(Schedule::new(5, 40), 3);
            plan.looks = looks;
            let mut pair = pair(plan, Timing::immediate());
            let (token, _) = pair.run_to_request(Method::Post, end);
            pair.rollout.handle_loss(pair.now, token, Loss::Unknown);
            let mut times = Vec::new();
            loop {
                let (token, request) = pair.poll().unwrap();
                if request.method == Method::Post {
                    break;
                }
                assert!(request.target.contains(end), "{}", request.target);
                times.push(pair.now);
                let (status, headers, body) = pair.service.handle_request(&request, pair.now);
                pair.rollout.handle_response(pair.now, token, status, &headers, &body);
            }
            assert_eq!(times.len(), expected, "{looks} {end}");
            let waits: Vec<_> =
                times.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds()).collect();
            assert_eq!(waits, [10, 20, 40, 40, 40, 40][..expected - 1]);
        }
    }
}

#[test]
fn what_is_not_found_is_asked_for_as_often_as_planned() {
    for (looks, expected) in [(0, 1), (1, 1), (2, 2), (4, 4)] {
        let mut plan = Plan::new(devices(1)).with_retry(Schedule::new(1, 1), 8);
        plan.looks = looks;
        let mut pair = pair(plan, Timing::immediate());
        pair.run_to(Step::Active);
        pair.rollout.approve(&entry("e1"), None).unwrap();
        let stands = |pair: &Pair| pair.rollout.approvals()[0].status == ApprovalStatus::Standing;
        pair.run_until(stands);
        pair.rollout.revoke(&entry("e1")).unwrap();
        let mut asked = 0;
        while pair.rollout.approvals()[0].status != ApprovalStatus::Revoked {
            let (token, request) = pair.poll().unwrap();
            if request.method == Method::Get {
                let (status, headers, body) = pair.service.handle_request(&request, pair.now);
                pair.rollout.handle_response(pair.now, token, status, &headers, &body);
                continue;
            }
            asked += 1;
            pair.rollout.handle_response(pair.now, token, 404, &Headers::new(), &[]);
        }
        assert_eq!(asked, expected, "{looks}");
        assert!(!pair.rollout.is_blocked());
    }
}

#[test]
fn a_device_has_as_long_as_planned_to_be_enrolled() {
    // Looks are ten seconds apart; the first one at or after the end of patience is the last.
    for (patience, enrolled, fine) in
        [(30, 30, true), (30, 31, false), (21, 30, true), (31, 40, true), (31, 41, false)]
    {
        let plan = Plan::new(devices(1)).with_enrolment_schedule(Schedule::new(10, 10), patience);
        let mut timing = Timing::immediate();
        timing.enrolled = enrolled;
        let mut pair = pair(plan, timing);
        while pair.rollout.step() <= Step::AwaitingEnrolment && !pair.rollout.is_blocked() {
            assert!(pair.step());
        }
        let (_, status) = pair.rollout.devices().next().unwrap();
        let expected = if fine { DeviceStatus::Enrolled } else { DeviceStatus::Overdue };
        assert_eq!(*status, expected, "{enrolled} s, patience for {patience} s");
        let waited = (pair.now - start()).num_seconds();
        assert_eq!(waited, i64::from(patience.div_ceil(10) * 10));
    }
}

#[test]
fn as_many_devices_as_planned_are_asked_for_one_by_one() {
    for (one_by_one, count, listed) in [(0, 1, true), (3, 3, false), (3, 4, true)] {
        let mut plan = Plan::new(devices(count));
        plan.one_by_one = one_by_one;
        let mut pair = pair(plan, Timing::immediate());
        pair.run_to(Step::NotingAudiences);
        let lists = pair.sent.iter().filter(|sent| sent.target.contains("updatableAssets?"));
        let single = pair.sent.iter().filter(|sent| sent.target.contains("updatableAssets/d"));
        let expected = if listed { (1, 0) } else { (0, count) };
        assert_eq!((lists.count(), single.count()), expected, "{count} with {one_by_one}");
    }
    // Those that wait count, not those of the plan: the second round waits for one less.
    let mut plan = Plan::new(devices(4));
    plan.one_by_one = 3;
    let mut timing = Timing::immediate();
    timing.enrolled = 5;
    let mut pair = pair(plan, timing);
    pair.service.refuse_device(&device("d1"), "invalidAzureADDeviceId");
    pair.run_to(Step::NotingAudiences);
    let looks: Vec<_> = pair.sent.iter().filter(|sent| sent.method == Method::Get).collect();
    assert_eq!(looks.len(), 4, "{looks:?}");
    assert!(looks[0].target.contains("updatableAssets?"));
    assert!(looks[1..].iter().all(|look| look.target.contains("updatableAssets/d")));
}

// --- objects of lists -----------------------------------------------------------------------------

/// A list of objects with these IDs and this beside each.
fn list(prefix: &str, count: usize, more: &str) -> Vec<u8> {
    let items: Vec<_> = (0..count).map(|n| format!(r#"{{"id":"{prefix}{n}"{more}}}"#)).collect();
    format!(r#"{{"value":[{}]}}"#, items.join(",")).into_bytes()
}

fn limited() -> Plan {
    let mut plan = Plan::new(devices(1)).with_retry(Schedule::new(1, 1), 3);
    plan.objects = 3;
    plan
}

const REASON: &str = "more than 3 list entries";

fn blocked(pair: &Pair) -> Option<&str> {
    pair.events.iter().rev().find_map(|event| match event {
        Event::Blocked { reason, .. } => Some(reason.as_str()),
        _ => None,
    })
}

#[test]
fn as_many_audiences_are_noted_as_planned() {
    for (before, fine) in [(3, true), (4, false)] {
        for page in [100, 2] {
            let mut pair = pair(limited(), Timing::immediate());
            pair.service = std::mem::take(&mut pair.service).with_page_size(page);
            let mut made = Vec::new();
            for _ in 0..before {
                let create = requests::create_deployment_audience();
                let (_, _, body) = pair.service.handle_request(&create, pair.now);
                let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
                made.push(body["id"].as_str().unwrap().parse().unwrap());
            }
            while pair.rollout.audience().is_none() && !pair.rollout.is_blocked() {
                assert!(pair.step());
            }
            assert_eq!(pair.rollout.is_blocked(), !fine);
            assert_eq!(blocked(&pair), (!fine).then_some(REASON));
            if fine {
                continue;
            }
            // As long as there are so many, it stops again; once there are fewer, it goes on.
            pair.rollout.retry();
            while pair.rollout.audience().is_none() && !pair.rollout.is_blocked() {
                assert!(pair.step());
            }
            assert!(pair.rollout.is_blocked());
            let delete = requests::delete_deployment_audience(&made[0]);
            assert_eq!(pair.service.handle_request(&delete, pair.now).0, 204);
            pair.rollout.retry();
            pair.run_until(|pair| pair.rollout.audience().is_some());
            assert_eq!(pair.service.counts().audiences, 4);
        }
    }
}

#[test]
fn as_many_new_audiences_are_found_as_planned() {
    for (count, fine) in [(3, true), (4, false)] {
        let mut pair = pair(limited(), Timing::immediate());
        let (token, _) = pair.run_to_request(Method::Post, "deploymentAudiences");
        pair.rollout.handle_loss(pair.now, token, Loss::Unknown);
        let (token, _) = pair.poll().unwrap();
        let found = list("a", count, "");
        pair.rollout.handle_response(pair.now, token, 200, &Headers::new(), &found);
        pair.drain();
        assert_eq!(blocked(&pair), (!fine).then_some(REASON));
        let left = |event: &&Event| matches!(event, Event::LeftOver { .. });
        assert_eq!(pair.events.iter().filter(left).count(), if fine { count } else { 0 });
        pair.rollout.retry();
        pair.run_to(Step::Active);
    }
}

#[test]
fn as_many_policies_and_deployments_are_deleted_as_planned() {
    for path in ["updatePolicies", "deployments"] {
        for (count, fine) in [(3, true), (4, false)] {
            let mut pair = pair(limited(), Timing::immediate());
            pair.run_to(Step::Active);
            let audience = pair.rollout.audience().unwrap().clone();
            pair.rollout.unenroll(Cleanup::Remove).unwrap();
            // The audience is kept, so that everything is listed again.
            pair.run_to_request(Method::Delete, audience.as_str());
            pair.service.fail_next(409, None, false);
            let more = format!(r#","audience":{{"id":"{audience}"}}"#);
            let mut shown = count;
            let mut deleted = 0;
            for _ in 0..50 {
                if pair.rollout.is_done() {
                    break;
                }
                if pair.rollout.is_blocked() {
                    assert_eq!((blocked(&pair), deleted, shown), (Some(REASON), 0, 4));
                    // Somebody takes one away.
                    shown = 3;
                    pair.rollout.retry();
                }
                let (token, request) = pair.poll().unwrap();
                let (at, ours) = (&request.target, request.target.contains(path));
                let (status, headers, body) = if request.method == Method::Get && ours {
                    (200, Headers::new(), list("x", shown, &more))
                } else if request.method == Method::Delete && at.contains(&format!("{path}/x")) {
                    deleted += 1;
                    (204, Headers::new(), Vec::new())
                } else {
                    pair.service.handle_request(&request, pair.now)
                };
                pair.rollout.handle_response(pair.now, token, status, &headers, &body);
                pair.drain();
            }
            assert!(pair.rollout.is_done(), "{path} {count} {:?}", pair.events);
            assert_eq!((blocked(&pair).is_none(), deleted), (fine, 3), "{path} {count}");
        }
    }
}
