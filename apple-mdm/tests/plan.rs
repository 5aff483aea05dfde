//! The two-step update against the simulated iPhone, with state on disk at every step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use apple_mdm::messages::Report;
use apple_mdm::plan::{Event, Stage, UpdatePlan};
use apple_mdm::plist::{self, Limits};
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

#[test]
fn limits_take_n_and_refuse_one_more() {
    let nested =
        |n: usize| format!("<plist>{}{}</plist>", "<array>".repeat(n), "</array>".repeat(n));
    let wide = |n: usize| format!("<plist><array>{}</array></plist>", "<true/>".repeat(n));
    let limits = Limits::default().with_depth(5).with_nodes(8);
    assert!(plist::decode(nested(5).as_bytes(), &limits).is_ok());
    assert!(plist::decode(nested(6).as_bytes(), &limits).is_err());
    assert!(plist::decode(wide(7).as_bytes(), &limits).is_ok());
    assert!(plist::decode(wide(8).as_bytes(), &limits).is_err());
    let deep = Limits::default().with_depth(usize::MAX);
    assert!(plist::decode(nested(256).as_bytes(), &deep).is_ok());
    assert!(plist::decode(nested(257).as_bytes(), &deep).is_err());
}

/// A binary property list of these objects, the first of them on top; references of one byte.
fn binary(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut list = b"bplist00".to_vec();
    let mut places = Vec::new();
    for object in objects {
        places.push(u32::try_from(list.len()).unwrap());
        list.extend(object);
    }
    let table = u64::try_from(list.len()).unwrap();
    for place in places {
        list.extend(place.to_be_bytes());
    }
    list.extend([0, 0, 0, 0, 0, 0, 4, 1]);
    for number in [u64::try_from(objects.len()).unwrap(), 0, table] {
        list.extend(number.to_be_bytes());
    }
    list
}

#[test]
fn shared_objects_cost_what_they_become() {
    let limits = Limits::default();
    // An array that holds itself is refused for its depth, whatever its length.
    let mut own = vec![0xAF, 0x11, 0xFF, 0xFF];
    own.extend([0; 0xFFFF]);
    let began = std::time::Instant::now();
    assert!(plist::decode(&binary(&[own]), &limits).is_err());
    // Twenty uses of a megabyte are twenty megabytes.
    let mut users = vec![0xAF, 0x10, 20];
    users.extend([1; 20]);
    let mut data = vec![0x4F, 0x12, 0x00, 0x10, 0x00, 0x00];
    data.extend(vec![7; 1 << 20]);
    let list = binary(&[users, data]);
    assert!(plist::decode(&list, &limits).is_err());
    let mut more = limits;
    more.xml = more.xml.with_bytes(20 << 20);
    assert!(plist::decode(&list, &more).is_ok());
    more.xml = more.xml.with_bytes((20 << 20) - 1);
    assert!(plist::decode(&list, &more).is_err());
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn errors_say_where() {
    let text = b"<plist>\n<dict>\n<key>a</key><integer>x</integer></dict></plist>";
    let error = plist::decode(text, &Limits::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"x\" is no integer, at line 3, column 13 (in plist/dict/integer)"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn loss_changes_nothing(faults in prop::collection::vec(0u8..3, 0..20)) {
        let (device, stage, _) = run(phone(), "18.7.2", &faults);
        prop_assert_eq!((device.version(), device.installations(), stage), ("18.7.2", 1, Stage::Done));
    }

    #[test]
    fn nothing_panics(text in "(<|</|>|/>|plist|dict|array|key|string|integer|data| |1|A=|&amp;){0,30}") {
        let _ = plist::decode(text.as_bytes(), &Limits::default());
    }

    #[test]
    fn binary_never_panics(body in prop::collection::vec(any::<u8>(), 0..80), count in 0u8..9, top in 0u8..4) {
        let mut list = b"bplist00".to_vec();
        list.extend(&body);
        let table = u8::try_from(list.len().saturating_sub(usize::from(count))).unwrap();
        list.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        list.extend([0, 0, 0, 0, 0, 0, 0, count]);
        list.extend([0, 0, 0, 0, 0, 0, 0, top]);
        list.extend([0, 0, 0, 0, 0, 0, 0, table]);
        let _ = plist::decode(&list, &Limits::default().with_nodes(10_000));
    }
}
