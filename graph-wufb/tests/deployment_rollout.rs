//! Feature and expedited rollouts against the simulated service: whatever gets lost, one deployment
//! stands and the machine knows it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{CatalogEntryId, DeploymentStateValue, DeviceId, Open};
use graph_wufb::simulator::Service;
use graph_wufb::workflow::{
    Cleanup, DeploymentRollout, DriverRollout, Event, Loss, Plan, RolloutState, Step,
};
use proptest::prelude::*;

const UPDATE: &str = "f341705b-0b15-4ce3-aaf2-6a1681d78606";

struct World {
    service: Service,
    rollout: DeploymentRollout,
    now: DateTime<Utc>,
    events: Vec<Event>,
}

impl World {
    fn new(expedited: bool) -> Self {
        let mut service = Service::new();
        service.add_feature_update(UPDATE, "Windows 11, version 25H2");
        service.add_quality_update("q1", "2026-11 B");
        let devices = (0..3).map(|n| DeviceId::new(&format!("device-{n}")).unwrap());
        let plan = Plan::new(devices);
        let rollout = if expedited {
            DeploymentRollout::expedited(plan, CatalogEntryId::new("q1").unwrap(), 2)
        } else {
            DeploymentRollout::feature(plan, CatalogEntryId::new(UPDATE).unwrap())
        };
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        Self { service, rollout, now, events: Vec::new() }
    }

    /// Everything that can be done until the machine only waits for time; true if it sent something.
    fn turn(&mut self) -> bool {
        let mut sent = false;
        while let Some((token, request)) = self.rollout.poll_transmit(self.now) {
            sent = true;
            let (status, headers, body) = self.service.handle_request(&request, self.now);
            self.rollout.handle_response(self.now, token, status, &headers, &body);
        }
        self.take_events();
        sent
    }

    fn take_events(&mut self) {
        while let Some(event) = self.rollout.poll_event() {
            self.events.push(event);
        }
    }

    fn wait(&mut self) {
        let wake = self.rollout.poll_timeout().expect("it waits for something");
        self.now = wake.max(self.now) + TimeDelta::seconds(1);
    }

    fn until(&mut self, done: impl Fn(&DeploymentRollout) -> bool) {
        for _ in 0..200 {
            self.turn();
            if done(&self.rollout) {
                return;
            }
            self.wait();
        }
        panic!("it never came there: {:?} {:?}", self.rollout.step(), self.events);
    }

    fn does(&self, value: DeploymentStateValue) -> bool {
        self.rollout.effective() == Some(&Open::from(value))
    }
}

#[test]
fn a_feature_update_is_enrolled_for_deployed_paused_and_removed() {
    let mut world = World::new(false);
    world.until(|rollout| rollout.effective().is_some());
    assert!(world.does(DeploymentStateValue::Offering));
    assert_eq!(world.service.counts().deployments, 1);
    let enrolled = |event: &&Event| matches!(event, Event::DeviceEnrolled { .. });
    assert_eq!(world.events.iter().filter(enrolled).count(), 3);
    world.rollout.pause().unwrap();
    world.until(|rollout| rollout.effective().is_some_and(|word| word.as_str() == "paused"));
    world.rollout.go_on().unwrap();
    world.until(|rollout| rollout.effective().is_some_and(|word| word.as_str() == "offering"));
    world.rollout.finish(Cleanup::Remove).unwrap();
    assert!(world.rollout.pause().is_err());
    world.until(|rollout| rollout.step() == Step::Done);
    let counts = world.service.counts();
    assert_eq!((counts.deployments, counts.audiences), (0, 0));
    assert!(world.events.contains(&Event::Unenrolled) && world.events.contains(&Event::Finished));
}

/// What a rule paused goes on once the rules are gone, and not before (Graph, "Manage monitoring
/// rules"): a requested value of `none` it has already.
#[test]
fn going_on_after_a_pause_by_a_monitoring_rule_removes_the_rules() {
    let mut world = World::new(false);
    world.until(|rollout| rollout.effective().is_some());
    // A pause of one's own leaves the rules alone.
    world.rollout.pause().unwrap();
    world.until(|rollout| rollout.effective().is_some_and(|word| word.as_str() == "paused"));
    world.rollout.go_on().unwrap();
    let (token, request) = world.rollout.poll_transmit(world.now).unwrap();
    let body = String::from_utf8(request.body.clone().unwrap()).unwrap();
    assert!(body.contains(r#""requestedValue":"none""#) && !body.contains("settings"), "{body}");
    let (status, headers, body) = world.service.handle_request(&request, world.now);
    world.rollout.handle_response(world.now, token, status, &headers, &body);
    assert!(world.does(DeploymentStateValue::Offering));
    let deployment = world.rollout.deployment().unwrap().clone();
    world.service.trip_monitoring(&deployment);
    world.until(|rollout| {
        rollout.reasons().iter().any(|reason| reason.as_str() == "pausedByMonitoring")
    });
    assert!(world.does(DeploymentStateValue::Paused));
    world.rollout.go_on().unwrap();
    let (token, request) = world.rollout.poll_transmit(world.now).unwrap();
    let body: serde_json::Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
    assert_eq!(body["settings"]["monitoring"]["monitoringRules"], serde_json::json!([]));
    assert_eq!(body["state"]["requestedValue"], "none");
    assert!(request.method.as_str() == "PATCH");
    assert_eq!(graph_wufb::requests::lint(&request), []);
    let (status, headers, body) = world.service.handle_request(&request, world.now);
    world.rollout.handle_response(world.now, token, status, &headers, &body);
    world.until(|rollout| rollout.effective().is_some_and(|word| word.as_str() == "offering"));
    assert!(world.rollout.reasons().is_empty());
}

#[test]
fn an_expedited_update_needs_no_enrolment_and_says_that_it_is_in_a_hurry() {
    let mut world = World::new(true);
    let mut bodies = Vec::new();
    while world.rollout.deployment().is_none() {
        while let Some((token, request)) = world.rollout.poll_transmit(world.now) {
            assert!(!request.target.contains("nroll"), "{}", request.target);
            bodies.extend(request.body.clone().map(|body| String::from_utf8(body).unwrap()));
            let (status, headers, body) = world.service.handle_request(&request, world.now);
            world.rollout.handle_response(world.now, token, status, &headers, &body);
        }
    }
    let deployment = bodies.last().unwrap();
    assert!(deployment.contains(r#""isExpedited":true"#), "{deployment}");
    assert!(deployment.contains(r#""daysUntilForcedReboot":2"#), "{deployment}");
    assert!(deployment.contains("qualityUpdateCatalogEntry"), "{deployment}");
}

#[test]
fn an_archived_deployment_takes_no_more_orders() {
    let mut world = World::new(true);
    world.until(|rollout| rollout.effective().is_some());
    world.rollout.archive().unwrap();
    world.until(|rollout| rollout.effective().is_some_and(|word| word.as_str() == "archived"));
    assert!(world.rollout.go_on().is_err());
}

#[test]
fn a_deployment_that_somebody_deleted_is_told_and_not_asked_for_again() {
    let mut world = World::new(true);
    // It was seen before: what was only just made may not be found yet.
    world.until(|rollout| rollout.effective().is_some());
    let id = world.rollout.deployment().unwrap().clone();
    let request = graph_wufb::requests::delete_deployment(&id);
    world.service.handle_request(&request, world.now);
    world.until(|rollout| rollout.deployment().is_none());
    assert!(world.events.contains(&Event::DeploymentGone));
    assert_eq!(world.rollout.poll_timeout(), None);
    assert!(world.rollout.pause().is_err());
}

/// A service, or a gateway, that takes no notice of the filter shows other people's deployments.
#[test]
fn what_others_deploy_is_neither_adopted_nor_deleted() {
    let mut world = World::new(true);
    world.until(|rollout| rollout.effective().is_some());
    let audience = world.rollout.audience().unwrap().clone();
    world.rollout.finish(Cleanup::Remove).unwrap();
    let mut deleted = Vec::new();
    for _ in 0..20 {
        let Some((token, request)) = world.rollout.poll_transmit(world.now) else { break };
        let body = if request.target.contains("deployments?") {
            let content = |entry: &str| {
                format!(
                    r##""content":{{"@odata.type":"#microsoft.graph.windowsUpdates.catalogContent","catalogEntry":
                    {{"@odata.type":"#microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry","id":"{entry}"}}}}"##
                )
            };
            format!(
                r#"{{"value":[{{"id":"x1","audience":{{"id":"foreign"}}}},{{"id":"x2",{}}},
                    {{"id":"x3",{},"audience":{{"id":"foreign"}}}},{{"id":"ours","audience":{{"id":"{audience}"}},{}}}]}}"#,
                content("other"),
                content("q1"),
                content("Q1"),
            )
        } else {
            String::new()
        };
        if request.method.as_str() == "DELETE" {
            deleted.push(request.target.rsplit('/').next().unwrap().to_owned());
        }
        let headers = graph_wufb::requests::Headers::new();
        world.rollout.handle_response(world.now, token, 200, &headers, body.as_bytes());
    }
    assert_eq!(world.rollout.step(), Step::Done);
    assert!(!deleted.iter().any(|id| id.starts_with('x')), "{deleted:?}");
    assert!(deleted.contains(&"ours".to_owned()) && deleted.contains(&audience.to_string()));
}

#[test]
fn a_state_of_one_kind_is_not_taken_for_the_other() {
    let world = World::new(true);
    assert!(DriverRollout::resume(world.rollout.state()).is_err());
    let drivers = DriverRollout::new(Plan::new([DeviceId::new("d").unwrap()]));
    assert!(DeploymentRollout::resume(drivers.state()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// Answers lost, failures, throttling, and a restart from saved state at every step: in the end
    /// there is one deployment and one audience.
    #[test]
    fn one_deployment_stands_whatever_is_lost(
        dice in prop::collection::vec(0u8..12, 0..40),
        expedited in any::<bool>(),
    ) {
        let mut world = World::new(expedited);
        let mut dice = dice.into_iter();
        for _ in 0..400 {
            let saved = serde_json::to_string(&world.rollout.state()).unwrap();
            if let Some((token, request)) = world.rollout.poll_transmit(world.now) {
                match dice.next() {
                    // The node dies before it sends, or after; the state is as it was saved.
                    Some(0) => {
                        let state: RolloutState = serde_json::from_str(&saved).unwrap();
                        world.rollout = DeploymentRollout::resume(state).unwrap();
                    }
                    Some(1) => {
                        let saved = serde_json::to_string(&world.rollout.state()).unwrap();
                        world.service.handle_request(&request, world.now);
                        let state: RolloutState = serde_json::from_str(&saved).unwrap();
                        world.rollout = DeploymentRollout::resume(state).unwrap();
                    }
                    // The request or its answer is lost.
                    Some(2) => {
                        world.rollout.handle_loss(world.now, token, Loss::Unknown);
                    }
                    Some(3) => {
                        world.service.handle_request(&request, world.now);
                        world.rollout.handle_loss(world.now, token, Loss::Unknown);
                    }
                    other => {
                        match other {
                            Some(4) => world.service.fail_next(429, Some("3"), false),
                            Some(5) => world.service.fail_next(503, None, false),
                            Some(6) => world.service.fail_next(500, None, true),
                            _ => {}
                        }
                        let (status, headers, body) = world.service.handle_request(&request, world.now);
                        world.rollout.handle_response(world.now, token, status, &headers, &body);
                    }
                }
            } else if world.rollout.effective().is_some() {
                break;
            } else {
                if world.rollout.is_blocked() {
                    world.rollout.retry();
                }
                let wake = world.rollout.poll_timeout().unwrap_or(world.now);
                world.now = wake.max(world.now) + TimeDelta::seconds(1);
            }
            world.take_events();
        }
        prop_assert!(world.rollout.effective().is_some(), "{:?} {:?}", world.rollout.step(), world.events);
        let counts = world.service.counts();
        prop_assert_eq!(counts.deployments, 1);
        let left = world.events.iter().filter(|event| matches!(event, Event::LeftOver { .. })).count();
        prop_assert!(counts.audiences <= 1 + left, "{} {:?}", counts.audiences, world.events);
    }
}
