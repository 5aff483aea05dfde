//! Whatever somebody wrote into the saved state of a deployment: it is refused, or goes on, ends or
//! stops with a reason, and keeps nobody busy. Those of drivers are in `rollout_limits.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Utc};
use graph_wufb::models::{CatalogEntryId, DeviceId};
use graph_wufb::simulator::{Service, Timing};
use graph_wufb::workflow::{Cleanup, DeploymentRollout, Plan, RolloutState};
use serde_json::{Value, json};

struct World {
    rollout: DeploymentRollout,
    service: Service,
    now: DateTime<Utc>,
}

impl World {
    fn new(expedited: bool) -> Self {
        let mut service = Service::new().with_timing(Timing::immediate()).with_page_size(2);
        service.add_feature_update("f1", "Windows 11, version 25H2");
        service.add_quality_update("q1", "2026-11 B");
        let mut plan = Plan::new((0..3).map(|n| DeviceId::new(&format!("d{n}")).unwrap()));
        (plan.chunk, plan.one_by_one) = (Some(2), 1);
        let entry = |name: &str| CatalogEntryId::new(name).unwrap();
        let rollout = if expedited {
            DeploymentRollout::expedited(plan, entry("q1"), 2)
        } else {
            DeploymentRollout::feature(plan, entry("f1"))
        };
        Self { rollout, service, now: "2026-01-12T08:00:00Z".parse().unwrap() }
    }

    /// One request, or the time until the next; `None` where nothing is left to do.
    fn step(&mut self) -> Option<()> {
        while self.rollout.poll_event().is_some() {}
        if let Some((token, request)) = self.rollout.poll_transmit(self.now) {
            let (status, headers, body) = self.service.handle_request(&request, self.now);
            self.rollout.handle_response(self.now, token, status, &headers, &body);
        } else {
            let wake = self.rollout.poll_timeout()?;
            assert!(wake > self.now, "woken for nothing: {:?}", self.rollout);
            self.now = wake;
        }
        Some(())
    }
}

/// The places of all values that hold no others, and of what is empty.
fn leaves(value: &Value, path: String, out: &mut Vec<String>) {
    let before = out.len();
    match value {
        Value::Object(inner) => {
            inner.iter().for_each(|(key, inner)| leaves(inner, format!("{path}/{key}"), out));
        }
        Value::Array(inner) => {
            inner.iter().enumerate().for_each(|(at, it)| leaves(it, format!("{path}/{at}"), out));
        }
        _ => {}
    }
    if out.len() == before {
        out.push(path);
    }
}

/// What was never written there.
fn forged(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(_) => [0, 1, u64::from(u32::MAX), u64::MAX].map(Value::from).to_vec(),
        Value::Bool(word) => vec![json!(!word)],
        Value::String(_) => {
            let words = ["", "x", "9999-12-31T23:59:59Z", "Active", "Leaving", "Done", "Pending"];
            words.map(Value::from).to_vec()
        }
        Value::Null => {
            let moment = json!("1970-01-01T00:00:00Z");
            vec![json!(""), json!("d1"), json!("d9"), json!("paused"), moment, json!(0)]
        }
        _ => vec![Value::Null, json!([]), json!({})],
    }
}

#[test]
fn no_saved_state_breaks_a_deployment() {
    let (mut forgeries, mut taken) = (0, 0);
    for expedited in [false, true] {
        for leaves_at in [None, Some(12)] {
            let mut world = World::new(expedited);
            for step in 0..18 {
                if leaves_at == Some(step) {
                    world.rollout.finish(Cleanup::Remove).unwrap();
                }
                // Now and then before its answer.
                if step % 2 == 0 {
                    let _ = world.rollout.poll_transmit(world.now);
                }
                if step % 3 != 0 {
                    world.step();
                    continue;
                }
                let saved = serde_json::to_value(&world.rollout).unwrap();
                let mut places = Vec::new();
                leaves(&saved, String::new(), &mut places);
                for (place, value) in places.iter().flat_map(|it| {
                    forged(saved.pointer(it).unwrap()).into_iter().map(move |v| (it, v))
                }) {
                    forgeries += 1;
                    let mut state = saved.clone();
                    *state.pointer_mut(place).unwrap() = value.clone();
                    let Ok(state) = serde_json::from_value::<RolloutState>(state) else { continue };
                    let Ok(rollout) = DeploymentRollout::resume(state) else { continue };
                    taken += 1;
                    let mut other =
                        World { rollout, service: world.service.clone(), now: world.now };
                    for round in 0..24 {
                        if other.step().is_some() {
                            continue;
                        }
                        if round % 2 == 0 {
                            other.rollout.retry();
                        } else {
                            let _ = other.rollout.finish(Cleanup::Remove);
                        }
                    }
                    // What this version wrote can be read again.
                    let text = serde_json::to_string(&other.rollout).unwrap();
                    let state: RolloutState = serde_json::from_str(&text).unwrap();
                    DeploymentRollout::resume(state)
                        .unwrap_or_else(|error| panic!("{place} {value}: {error}"));
                }
                world.step();
            }
        }
    }
    assert!(taken > 1_000 && forgeries > taken, "{taken} of {forgeries}");
}
