//! What a peer, a saved state and a large tenant cannot do to a rollout: grow it without bound, stop
//! it without a word, keep it busy, or make each step cost more than the one before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{CatalogEntryId, DeviceId};
use graph_wufb::requests::{Headers, Method, Request};
use graph_wufb::simulator::{Service, Timing};
use graph_wufb::workflow::{
    ApprovalStatus, Cleanup, DeploymentRollout, DeviceStatus, DriverRollout, Event, Plan,
    RolloutState, Schedule, Step, Token,
};
use proptest::prelude::*;
use serde_json::Value;

fn start() -> DateTime<Utc> {
    "2026-01-12T08:00:00Z".parse().unwrap()
}

fn device(number: usize) -> DeviceId {
    format!("0f0e7c8d-0000-4000-8000-{number:012}").parse().unwrap()
}

fn entry(name: &str) -> CatalogEntryId {
    name.parse().unwrap()
}

struct Tenant {
    rollout: DriverRollout,
    service: Service,
    now: DateTime<Utc>,
    events: Vec<Event>,
    requests: usize,
    bytes: usize,
}

impl Tenant {
    fn new(plan: Plan, drivers: usize) -> Self {
        let mut service = Service::new().with_timing(Timing::immediate()).with_page_size(500);
        for number in 0..drivers {
            // Each applies to ten devices or to all there are.
            let count = plan.devices.len();
            let devices: Vec<_> = (0..count.min(10))
                .map(|at| plan.devices[(number * 10 + at) % count].clone())
                .collect();
            service.add_driver(&format!("e{number}"), &format!("Driver {number}"), &devices);
        }
        let rollout = DriverRollout::new(plan);
        Self { rollout, service, now: start(), events: Vec::new(), requests: 0, bytes: 0 }
    }

    fn drain(&mut self) {
        self.events.extend(std::iter::from_fn(|| self.rollout.poll_event()));
    }

    fn poll(&mut self) -> Option<(Token, Request)> {
        loop {
            let polled = self.rollout.poll_transmit(self.now);
            self.drain();
            if polled.is_some() {
                return polled;
            }
            self.now = self.rollout.poll_timeout()?.max(self.now + TimeDelta::milliseconds(1));
        }
    }

    fn step(&mut self) -> bool {
        let Some((token, request)) = self.poll() else { return false };
        self.requests += 1;
        self.bytes += request.body.as_ref().map_or(0, Vec::len);
        let (status, headers, body) = self.service.handle_request(&request, self.now);
        self.rollout.handle_response(self.now, token, status, &headers, &body);
        self.drain();
        true
    }

    fn until(&mut self, done: impl Fn(&Self) -> bool) -> bool {
        while !done(self) && self.requests < 100_000 && self.step() {}
        done(self)
    }

    fn blocked(&self) -> Option<&str> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Blocked { reason, .. } => Some(reason.as_str()),
            _ => None,
        })
    }
}

fn plan(devices: usize) -> Plan {
    Plan::new((0..devices).map(device))
}

/// Whether a round of looks is over.
fn looked(tenant: &Tenant) -> bool {
    let told = |event: &Event| matches!(event, Event::ContentOffered { .. });
    tenant.rollout.is_blocked() || tenant.events.iter().any(told)
}

// --- limits, each at n and n + 1 ------------------------------------------------------------------

#[test]
fn a_rollout_keeps_as_many_offers_as_planned() {
    for (drivers, fine) in [(3, true), (4, false)] {
        let mut limited = plan(10);
        limited.objects = 3;
        let mut tenant = Tenant::new(limited, drivers);
        tenant.until(looked);
        assert_eq!(tenant.rollout.is_blocked(), !fine);
        assert_eq!(tenant.blocked(), (!fine).then_some("more than 3 list entries"));
        assert!(tenant.rollout.offers().count() <= 3);
    }
}

#[test]
fn a_rollout_keeps_as_many_matches_as_planned() {
    // Where devices come with the updates, and where each update has a list of them.
    for (limit, fine, inline) in
        [(40, true, true), (39, false, true), (40, true, false), (39, false, false)]
    {
        let mut limited = plan(10);
        limited.matches = limit;
        let mut tenant = Tenant::new(limited, 4);
        if inline {
            tenant.service = tenant.service.with_inline_content();
        }
        tenant.until(looked);
        assert_eq!(tenant.rollout.is_blocked(), !fine);
        let kept: usize = tenant.rollout.offers().map(|(_, offer)| offer.devices.len()).sum();
        assert!(kept <= limit);
        // What is gone makes room.
        if fine {
            for at in 0..10 {
                tenant.service.install(&entry("e0"), &device(at));
            }
            tenant.service.add_driver("e9", "Another", &(0..10).map(device).collect::<Vec<_>>());
            assert!(tenant.until(|tenant| {
                tenant.rollout.offer(&entry("e9")).is_some_and(|offer| offer.devices.len() == 10)
            }));
        }
    }
}

/// What was seen before the stop does not count in the round after it, on this node or another, and
/// is told only if it still applies.
#[test]
fn a_stop_because_of_too_many_offers_or_matches_can_be_left() {
    let cases = [(3, 250_000, false), (3, 250_000, true), (10_000, 39, false), (10_000, 39, true)];
    for (objects, matches, inline) in cases {
        for (page, resumed, first) in
            [(500, false, true), (1, true, true), (500, true, false), (1, false, false)]
        {
            let mut limited = plan(10);
            (limited.objects, limited.matches) = (objects, matches);
            let all: Vec<_> = (0..10).map(device).collect();
            let mut tenant = Tenant::new(limited, 3);
            tenant.service = tenant.service.with_page_size(page);
            if inline {
                tenant.service = tenant.service.with_inline_content();
            }
            if !first {
                assert!(tenant.until(looked) && !tenant.rollout.is_blocked());
            }
            // One too many, seen before the others.
            tenant.service.add_driver("d9", "Another", &all);
            tenant.events.clear();
            assert!(tenant.until(|tenant| tenant.rollout.is_blocked()));
            let told = |event: &&Event| {
                matches!(event, Event::ContentOffered { .. } | Event::ContentGone { .. })
            };
            assert_eq!(tenant.events.iter().filter(told).count(), 0);
            // Still too many, as often as somebody tries.
            for _ in 0..3 {
                tenant.rollout.retry();
                assert!(tenant.until(|tenant| tenant.rollout.is_blocked()));
                assert!(tenant.rollout.offers().count() <= 3, "nothing is kept of vain rounds");
            }
            tenant.service.withdraw(&entry("d9"));
            tenant.service.install(&entry("e0"), &device(0));
            if resumed {
                let saved = serde_json::to_string(&tenant.rollout).unwrap();
                let state: RolloutState = serde_json::from_str(&saved).unwrap();
                tenant.rollout = DriverRollout::resume(state).unwrap();
            }
            tenant.events.clear();
            tenant.rollout.retry();
            assert!(tenant.until(looked) && !tenant.rollout.is_blocked(), "{:?}", tenant.events);
            let devices: Vec<_> = tenant.rollout.offers().map(|it| it.1.devices.len()).collect();
            assert_eq!(devices, [9, 10, 10]);
            // All are new, or only this one has changed.
            let told = tenant.events.iter().filter(told).count();
            assert_eq!(told, if first { 3 } else { 1 }, "{:?}", tenant.events);
        }
    }
}

#[test]
fn a_rollout_keeps_entries_as_large_as_planned() {
    let mut tenant = Tenant::new(plan(1), 1);
    tenant.until(looked);
    let size = tenant.rollout.offer(&entry("e0")).unwrap().entry.as_ref().unwrap().to_json().len();
    for (limit, kept) in [(size, true), (size - 1, false)] {
        let mut limited = plan(1);
        limited.entry_bytes = limit;
        let mut tenant = Tenant::new(limited, 1);
        tenant.until(looked);
        let offer = tenant.rollout.offer(&entry("e0")).unwrap();
        assert_eq!((offer.entry.is_some(), offer.devices.len()), (kept, 1));
        // It is told by its name all the same.
        assert!(tenant.events.iter().any(
            |event| matches!(event, Event::ContentOffered { name, .. } if name == "Driver 0")
        ));
    }
}

#[test]
fn a_rollout_reads_as_many_pages_as_planned() {
    for (pages, fine) in [(3, true), (2, false)] {
        let mut limited = plan(5);
        limited.pages = pages;
        let mut tenant = Tenant::new(limited, 6);
        tenant.service = tenant.service.with_page_size(2);
        tenant.until(|tenant| tenant.rollout.is_blocked() || tenant.rollout.offers().count() == 6);
        assert_eq!(tenant.rollout.is_blocked(), !fine, "{:?}", tenant.events);
    }
    // The devices of one driver, two on a page.
    for (pages, fine) in [(3, true), (2, false)] {
        let mut limited = plan(5);
        limited.pages = pages;
        let mut tenant = Tenant::new(limited, 1);
        tenant.service = tenant.service.with_page_size(2);
        tenant.until(looked);
        assert_eq!(tenant.rollout.is_blocked(), !fine, "{:?}", tenant.events);
        assert_eq!(tenant.blocked(), (!fine).then_some("more than 2 list entries"));
    }
    // Of the list of devices, what is not seen is asked for by itself.
    let mut limited = plan(5);
    (limited.pages, limited.one_by_one) = (2, 0);
    let mut tenant = Tenant::new(limited, 1);
    tenant.service = tenant.service.with_page_size(2);
    assert!(tenant.until(|tenant| tenant.rollout.step() == Step::Active), "{:?}", tenant.events);
    assert_eq!(tenant.rollout.devices().filter(|it| *it.1 == DeviceStatus::Enrolled).count(), 5);
}

#[test]
fn a_rollout_reads_answers_as_large_as_planned() {
    for (more, fine) in [(0, true), (1, false)] {
        let mut limited = plan(1);
        limited.answer_bytes = 1_000;
        let mut tenant = Tenant::new(limited, 1);
        // The looks at the device come after the enrolment.
        tenant.step();
        let (token, _) = tenant.poll().unwrap();
        let body = format!(r#"{{"id":"{}","x":""}}"#, device(0));
        let body = body.replace(r#""""#, &format!("\"{}\"", "x".repeat(1_000 + more - body.len())));
        assert_eq!(body.len(), 1_000 + more);
        tenant.rollout.handle_response(tenant.now, token, 200, &Headers::new(), body.as_bytes());
        tenant.drain();
        assert_eq!(tenant.blocked(), (!fine).then_some("more than 1000 bytes"));
    }
    // What is too large to be read may still have been made: after the stop it is looked for.
    let mut tenant = Tenant::new(plan(1), 1);
    loop {
        let (token, request) = tenant.poll().unwrap();
        let (status, headers, mut body) = tenant.service.handle_request(&request, tenant.now);
        let policy = request.method == Method::Post && request.target.ends_with("updatePolicies");
        if policy {
            body.resize((16 << 20) + 1, b' ');
        }
        tenant.rollout.handle_response(tenant.now, token, status, &headers, &body);
        tenant.drain();
        if policy {
            break;
        }
    }
    assert!(tenant.rollout.is_blocked());
    tenant.rollout.retry();
    assert!(tenant.until(|tenant| tenant.rollout.step() == Step::Active));
    assert_eq!(tenant.service.counts().policies, 1);
}

#[test]
fn a_rollout_takes_as_many_approvals_as_planned() {
    let mut limited = plan(1);
    limited.objects = 2;
    let mut rollout = DriverRollout::new(limited);
    rollout.approve(&entry("e0"), None).unwrap();
    rollout.approve(&entry("e1"), None).unwrap();
    assert!(rollout.approve(&entry("e2"), None).is_err());
}

#[test]
fn a_request_is_tried_as_often_as_planned() {
    for (failures, fine) in [(2, true), (3, false)] {
        let mut tenant = Tenant::new(plan(1).with_retry(Schedule::new(1, 1), 3), 1);
        for _ in 0..failures {
            tenant.service.fail_next(503, None, false);
        }
        assert_eq!(tenant.until(|tenant| tenant.rollout.step() == Step::Active), fine);
    }
}

#[test]
fn what_a_peer_says_is_cut_to_what_makes_sense() {
    let long = "x".repeat(100_000);
    // Why a device could not be registered.
    let mut tenant = Tenant::new(plan(1), 1);
    tenant.step();
    let (token, _) = tenant.poll().unwrap();
    let error = format!(
        r##"{{"@odata.type":"#microsoft.graph.windowsUpdates.azureADDeviceRegistrationError","reason":"{long}"}}"##
    );
    let body = format!(r#"{{"id":"{}","errors":[{}]}}"#, device(0), vec![error; 20].join(","));
    tenant.rollout.handle_response(tenant.now, token, 200, &Headers::new(), body.as_bytes());
    let (_, status) = tenant.rollout.devices().next().unwrap();
    let DeviceStatus::Failed(reasons) = status else { panic!("{status:?}") };
    assert_eq!((reasons.len(), reasons[0].chars().count()), (16, 65));
    // What a deployment does and why; the name of a driver; a broken answer; an error.
    let words = format!(
        r#"{{"state":{{"effectiveValue":"faulted","reasons":[{}]}}}}"#,
        vec![format!(r#"{{"value":"{long}"}},{{"value":"x"}}"#); 100].join(",")
    );
    let content = format!(
        r#"{{"value":[{{"catalogEntry":{{"id":"e","displayName":"{long}"}},"matchedDevices":[]}}]}}"#
    );
    let broken = format!(r#"{{"{long}":{{"{long}":}}}}x"#);
    let error = format!(
        r#"{{"error":{{"code":"{long}","message":"{long}","innerError":{{"code":"{long}","request-id":"{long}","date":"{long}"}}}}}}"#
    );
    for (status, body) in
        [(200, words), (200, content), (200, broken), (400, error.clone()), (403, error)]
    {
        let devices = [DeviceId::new("d").unwrap()];
        let mut rollout = DeploymentRollout::expedited(Plan::new(devices), entry("q"), 2);
        let mut service = Service::new().with_timing(Timing::immediate());
        service.add_quality_update("q", "B");
        let mut now = start();
        while rollout.deployment().is_none() {
            let (token, request) = rollout.poll_transmit(now).unwrap();
            let (status, headers, body) = service.handle_request(&request, now);
            rollout.handle_response(now, token, status, &headers, &body);
        }
        while rollout.poll_event().is_some() {}
        let before = serde_json::to_string(&rollout).unwrap().len();
        now = rollout.poll_timeout().unwrap();
        let (token, _) = rollout.poll_transmit(now).unwrap();
        rollout.handle_response(now, token, status, &Headers::new(), body.as_bytes());
        let after = serde_json::to_string(&rollout).unwrap().len();
        assert!(after < before + 16_000, "{status} {before} {after}");
    }
}

// --- growth ---------------------------------------------------------------------------------------

/// Requests, bytes sent and the largest state of a whole rollout.
fn cost(devices: usize, drivers: usize, approvals: usize) -> (usize, usize, usize) {
    let mut tenant = Tenant::new(plan(devices).with_chunk(500), drivers);
    for number in 0..approvals {
        tenant.rollout.approve(&entry(&format!("e{number}")), None).unwrap();
    }
    assert!(tenant.until(|tenant| {
        let standing = |it: &graph_wufb::workflow::Approval| it.status == ApprovalStatus::Standing;
        tenant.rollout.offers().count() == drivers
            && tenant.rollout.approvals().iter().all(standing)
    }));
    let state = serde_json::to_string(&tenant.rollout).unwrap().len();
    assert_eq!(serde_json::to_string(&tenant.rollout.state()).unwrap().len(), state);
    tenant.rollout.unenroll(Cleanup::Remove).unwrap();
    assert!(tenant.until(|tenant| tenant.rollout.step() == Step::Done));
    let counts = tenant.service.counts();
    assert_eq!((counts.audiences, counts.policies, counts.deployments), (0, 0, 0));
    (tenant.requests, tenant.bytes, state)
}

/// Ten times the devices: at most ten times the requests, the bytes and the state, and no more than
/// a constant beside. Going through all devices for each of them would take hours at the end.
#[test]
fn ten_thousand_devices_cost_a_thousand_times_what_ten_do() {
    let small = cost(10, 1, 1);
    let mut before = small;
    for devices in [100, 1_000, 10_000] {
        let now = cost(devices, 1, 1);
        assert!(now.0 <= small.0 + devices / 20, "{devices} devices, {} requests", now.0);
        assert!(now.1 <= 10 * before.1 && now.2 <= 10 * before.2, "{before:?} {now:?}");
        before = now;
    }
}

#[test]
fn a_thousand_drivers_cost_a_hundred_times_what_ten_do() {
    let small = cost(100, 10, 10);
    let large = cost(100, 1_000, 1_000);
    // Three requests for each approval: it is made, taken back, and its deployment deleted.
    assert!(large.0 - small.0 <= 4 * 990, "{small:?} {large:?}");
    assert!(large.1 <= 100 * small.1 && large.2 <= 100 * small.2, "{small:?} {large:?}");
}

/// Requests that only look need no saving: a node that dies loses time and nothing else.
#[test]
fn few_requests_of_a_large_rollout_need_the_state_saved() {
    let mut tenant = Tenant::new(plan(1_000).with_chunk(500), 100);
    let mut saves = 0;
    while tenant.rollout.offers().count() < 100 {
        let (token, request) = tenant.poll().unwrap();
        saves += usize::from(request.method != Method::Get);
        let (status, headers, body) = tenant.service.handle_request(&request, tenant.now);
        tenant.rollout.handle_response(tenant.now, token, status, &headers, &body);
    }
    // Two to enrol, the audience, two for its members, the policy.
    assert_eq!(saves, 6);
}

// --- dialects -------------------------------------------------------------------------------------

/// What was made in 2021 may be shown in that year's shape.
#[test]
fn a_rollout_understands_the_dialect_of_2021() {
    let devices = [DeviceId::new("d").unwrap()];
    let mut rollout = DeploymentRollout::feature(Plan::new(devices), entry("f"));
    let mut now = start();
    let mut events = Vec::new();
    for _ in 0..20 {
        while let Some((token, request)) = rollout.poll_transmit(now) {
            let target = request.target.trim_start_matches("/beta/admin/windows/updates/");
            let body: &str = match (request.method, target) {
                (Method::Get, "updatableAssets/d") => {
                    r##"{"@odata.type":"#microsoft.graph.windowsUpdates.azureADDevice","id":"d","errors":[],
                        "enrollments":[{"@odata.type":"#microsoft.graph.windowsUpdates.updateManagementEnrollment",
                        "updateCategory":"feature"}]}"##
                }
                (Method::Get, "deploymentAudiences") => r#"{"value":[]}"#,
                (Method::Post, "deploymentAudiences") => r#"{"id":"a"}"#,
                (_, it) if it.starts_with("deployments") => {
                    r#"{"id":"x","state":{"value":"offering","requestedValue":"none"}}"#
                }
                _ => "",
            };
            rollout.handle_response(now, token, 200, &Headers::new(), body.as_bytes());
        }
        events.extend(std::iter::from_fn(|| rollout.poll_event()));
        if rollout.effective().is_some() {
            break;
        }
        now = rollout.poll_timeout().unwrap();
    }
    assert_eq!(rollout.effective().map(|word| word.as_str()), Some("offering"), "{events:?}");
}

// --- saved states ---------------------------------------------------------------------------------

/// Changes one value somewhere in a saved state to something that was never written there.
fn mutate(state: &mut Value, mut dice: impl Iterator<Item = u16>) {
    let mut here = state;
    loop {
        let roll = usize::from(dice.next().unwrap_or(0));
        let inside = match here {
            Value::Object(map) => map.len(),
            Value::Array(list) => list.len(),
            _ => 0,
        };
        if inside == 0 || roll % 5 == 0 {
            break;
        }
        here = match here {
            Value::Object(map) => map.values_mut().nth(roll % inside).unwrap(),
            Value::Array(list) => &mut list[roll % inside],
            _ => return,
        };
    }
    let roll = usize::from(dice.next().unwrap_or(0));
    match here {
        Value::Number(number) => {
            let large = [0, 1, u64::from(u32::MAX), i64::MAX as u64, u64::MAX];
            *number = large[roll % large.len()].into();
        }
        Value::Bool(word) => *word = !*word,
        Value::String(text) => {
            let texts = [
                "",
                "x",
                "9999-12-31T23:59:59Z",
                "+262142-12-31T23:59:59Z",
                "Active",
                "Leaving",
                "Done",
                "Standing",
                "Revoking",
                "Requested",
                "Enrolled",
                "Pending",
            ];
            *text = texts[roll % texts.len()].to_owned();
        }
        Value::Array(list) if roll % 2 == 0 => list.clear(),
        Value::Array(list) => list.extend(list.clone()),
        Value::Object(map) if roll % 2 == 0 => {
            let first = map.keys().next().cloned();
            first.map(|name| map.remove(&name));
        }
        other => *other = Value::Null,
    }
}

/// `PROPTEST_CASES` sets more for a longer run.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: cases.unwrap_or(96), failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Whatever somebody wrote into a saved state: it is refused, or goes on, ends or stops with a
    /// reason, and keeps nobody busy.
    #[test]
    fn no_saved_state_breaks_a_rollout(
        steps in 0usize..40,
        changes in prop::collection::vec(prop::collection::vec(any::<u16>(), 1..12), 1..4),
        ends in any::<bool>(),
    ) {
        let mut planned = plan(3).with_chunk(2);
        planned.one_by_one = 1;
        let mut tenant = Tenant::new(planned, 2);
        tenant.rollout.approve(&entry("e0"), None).unwrap();
        for _ in 0..steps {
            tenant.step();
        }
        if ends {
            tenant.rollout.unenroll(Cleanup::Remove).unwrap();
        }
        let _ = tenant.poll();
        let mut saved = serde_json::to_value(&tenant.rollout).unwrap();
        for change in changes {
            mutate(&mut saved, change.into_iter());
        }
        let Ok(state) = serde_json::from_value::<RolloutState>(saved) else { return Ok(()) };
        let Ok(rollout) = DriverRollout::resume(state) else { return Ok(()) };
        tenant.rollout = rollout;
        for round in 0..150 {
            while tenant.rollout.poll_event().is_some() {}
            let polled = tenant.rollout.poll_transmit(tenant.now);
            if let Some((token, request)) = polled {
                let (status, headers, body) = tenant.service.handle_request(&request, tenant.now);
                tenant.rollout.handle_response(tenant.now, token, status, &headers, &body);
                // What was saved by this version can be read again.
                let text = serde_json::to_string(&tenant.rollout).unwrap();
                let state: RolloutState = serde_json::from_str(&text).unwrap();
                tenant.rollout = DriverRollout::resume(state).unwrap();
            } else if let Some(wake) = tenant.rollout.poll_timeout() {
                prop_assert!(wake > tenant.now, "woken for nothing: {:?}", tenant.rollout);
                tenant.now = wake;
            } else if round % 2 == 0 {
                tenant.rollout.retry();
            } else {
                let _ = tenant.rollout.unenroll(Cleanup::Remove);
            }
        }
    }
}
