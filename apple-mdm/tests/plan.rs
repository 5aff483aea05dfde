//! The two-step update against the simulated iPhone, with state on disk at every step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use apple_mdm::messages::Report;
use apple_mdm::plan::{Event, Stage, UpdatePlan};
use apple_mdm::plist::Limits;
use apple_mdm::simulator::AppleDevice;
use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

/// Runs to the end; faults: 1 the device's message is lost, 2 the command is lost.
fn run(mut device: AppleDevice, target: &str, faults: &[u8]) -> (AppleDevice, Stage, Vec<Event>) {
    let mut now: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let mut plan = serde_json::to_string(&UpdatePlan::new("test", target)).unwrap();
    let mut events = Vec::new();
    for round in 0..200 {
        now += Duration::minutes(5);
        if !device.is_reachable(now) {
            continue;
        }
        let mut said = Some(device.check_in());
        while let Some(message) = said.take() {
            let fault = faults.get(round).copied().unwrap_or_default();
            if fault == 1 {
                break;
            }
            let mut state: UpdatePlan = serde_json::from_str(&plan).unwrap();
            state.handle_report(now, &Report::decode(&message, &Limits::default()).unwrap());
            let command = state.poll_transmit(now).unwrap();
            assert_eq!(state.poll_transmit(now).unwrap(), command, "the same bytes again");
            events.extend(std::iter::from_fn(|| state.poll_event()));
            plan = serde_json::to_string(&state).unwrap();
            if state.is_over() {
                return (device, state.stage(), events);
            }
            let not_now = message.windows(6).any(|window| window == b"NotNow");
            if fault == 2 || not_now {
                break;
            }
            if let Some(command) = command {
                said = device.handle_command(&command, now).unwrap();
            }
        }
    }
    panic!("the plan does not end");
}

fn phone() -> AppleDevice {
    AppleDevice::new("00008020-000915083C80012E", "18.7.1", "18.7.2", "iOSUpdate22H100")
}

#[test]
fn an_iphone_is_updated_in_two_steps() {
    let (device, stage, events) = run(phone(), "18.7.2", &[]);
    assert_eq!((device.version(), device.installations(), stage), ("18.7.2", 1, Stage::Done));
    assert!(matches!(
        events.as_slice(),
        [
            Event::Found { .. },
            Event::DownloadStarted,
            Event::Downloaded,
            Event::InstallStarted,
            Event::Done { .. }
        ]
    ));
}

#[test]
fn a_busy_device_is_left_to_ask_again() {
    let (device, stage, events) = run(phone().with_busy(3), "18.7.2", &[]);
    assert_eq!((device.version(), stage), ("18.7.2", Stage::Done));
    assert_eq!(events.iter().filter(|event| **event == Event::NotNow).count(), 3);
}

#[test]
fn no_update_is_no_failure() {
    let (_, stage, _) = run(phone(), "19.0", &[]);
    assert_eq!(stage, Stage::NoUpdate);
    let current = AppleDevice::new("1", "18.7.2", "18.7.2", "x");
    let (_, stage, _) = run(current, "18.7.2", &[]);
    assert_eq!(stage, Stage::Done);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn loss_changes_nothing(faults in prop::collection::vec(0u8..3, 0..20)) {
        let (device, stage, _) = run(phone(), "18.7.2", &faults);
        prop_assert_eq!((device.version(), device.installations(), stage), ("18.7.2", 1, Stage::Done));
    }
}
