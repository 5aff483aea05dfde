//! Plans against simulated devices: applied, nothing is left to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use proptest::prelude::*;
use syncml::session::{Config, Event, Session};
use syncml::simulator::{Device, Leaf, MemoryTree, NodeValue, Step as DeviceStep, Tree};
use syncml::{Command, Data, Item, LocUri, StatusCode};
use update_csp::plan::{
    Intent, Managed, Outcome, Plan, PolicyQuery, ReadFinding, Reported, Rollback, Step, Verb, diff,
};
use update_csp::policy::{CONFIG, PolicyId, PolicySet};
use update_csp::simulator::WindowsUpdate;
use update_csp::{Build, DeferralCategory, Ring, Shape};

/// Executes one command and answers as the tree does.
fn execute(tree: &mut impl Tree, command: &Command<'_>) -> StatusCode {
    let item = &command.items()[0];
    let uri: LocUri = item.loc_uri().unwrap().parse().unwrap();
    let leaf = || {
        let format = item.meta.as_ref().and_then(|meta| meta.format.as_ref());
        let data = item.data.as_ref().map(Data::as_str).unwrap_or_default();
        Leaf::new(format.unwrap().as_str(), data)
    };
    match command.name() {
        "Add" => tree.add(&uri, Some(leaf())),
        "Replace" => tree.replace(&uri, leaf()),
        "Delete" => tree.delete(&uri),
        "Exec" => tree.exec(&uri),
        other => panic!("{other}"),
    }
}

/// Reads everything, in one of the two shapes.
fn read(tree: &impl Tree, shape: Shape) -> Reported {
    let mut reported = Reported::default();
    let root: LocUri = CONFIG.parse().unwrap();
    let (status, items) = match shape {
        Shape::StructData => match tree.leaves(&root) {
            Ok(leaves) => {
                let items = leaves
                    .into_iter()
                    .map(|(uri, leaf)| {
                        Item::source(uri.to_string()).with_data(Data::text(leaf.data))
                    })
                    .collect();
                (StatusCode::OK, items)
            }
            Err(status) => (status, Vec::new()),
        },
        Shape::Names => match tree.get(&root) {
            Ok(NodeValue::Interior(names)) => {
                let item = Item::source(CONFIG).with_data(Data::text(names.join("/")));
                (StatusCode::OK, vec![item])
            }
            Ok(NodeValue::Leaf(_)) => panic!("a leaf"),
            Err(status) => (status, Vec::new()),
        },
    };
    for finding in reported.apply(&PolicyQuery::All, Some(status), &items) {
        // Raw policies can have any value.
        assert!(matches!(finding, ReadFinding::OddValue { .. }), "{finding:?}");
    }
    reported
}

/// Applies a plan, with what answers ask for. Returns how many commands it took.
fn apply(tree: &mut impl Tree, plan: Plan, reported: &mut Reported) -> usize {
    let mut sent = 0;
    for step in plan {
        let mut next = Some(step);
        while let Some(step) = next.take() {
            sent += 1;
            match reported.record(&step, execute(tree, &step.command())) {
                Outcome::Done => {}
                Outcome::Retry(again) => next = Some(again),
                other => panic!("{step}: {other:?}"),
            }
        }
    }
    sent
}

/// A device that has these policies.
fn tree(set: &PolicySet) -> MemoryTree {
    set.commands().into_iter().map(|(_, command)| command).fold(
        MemoryTree::default(),
        |mut tree, command| {
            let item = &command.items()[0];
            let data = item.data.as_ref().unwrap().as_str();
            tree = tree.with(item.loc_uri().unwrap(), "chr", data);
            tree
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// The minimal plan: one command for each difference, none else.
    #[test]
    fn a_plan_applied_leaves_nothing_to_do(
        before in support::set(12),
        after in support::set_with_raw(12),
        knows in 0_u8..3,
    ) {
        let mut tree = tree(&before);
        let mut reported = match knows {
            0 => read(&tree, Shape::StructData),
            1 => read(&tree, Shape::Names),
            _ => Reported::default(),
        };
        let managed = if knows == 2 { Managed::Set(before.clone()) } else { Managed::All };
        let intent = Intent::from(after.clone());
        let plan = diff(&intent, &reported, &managed);
        if knows == 0 {
            let same = before.settings().filter(|setting| {
                after.value(setting.policy()) == Some(setting.value())
                    || after.raw().any(|raw| raw.id() == Some(setting.policy())
                        && update_csp::policy::Setting::parse(setting.policy(), raw.data()).as_ref() == Ok(setting))
            }).count();
            let gone = before.settings().filter(|setting| !after.contains(setting.policy())).count();
            prop_assert_eq!(plan.len(), after.len() - same + gone);
        }
        let steps = plan.len();
        let sent = apply(&mut tree, plan, &mut reported);
        // What was known to be so is so: only blind plans need second commands.
        prop_assert!(knows == 2 || sent == steps);
        prop_assert!(diff(&intent, &reported, &managed).is_empty(), "by what was recorded");
        let fresh = read(&tree, Shape::StructData);
        prop_assert!(diff(&intent, &fresh, &managed).is_empty(), "by what the device says");
        // Nothing else is left on the device.
        let nothing = Intent::from(PolicySet::new());
        prop_assert!(diff(&nothing, &fresh, &Managed::Everything).len() == after.len());
        // What nobody here knows is left, unless the plan that set it remembers.
        let unknown = after.raw().filter(|raw| raw.id().is_none()).count();
        let plan = diff(&nothing, &fresh, &Managed::All);
        prop_assert_eq!((plan.len(), plan.left().len()), (after.len() - unknown, unknown));
        prop_assert_eq!(diff(&nothing, &reported, &Managed::All).len(), after.len());
    }

    #[test]
    fn sets_and_steps_survive_storage(set in support::set_with_raw(8)) {
        let json = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(&serde_json::from_str::<PolicySet>(&json).unwrap(), &set);
        let mut reported = Reported::default();
        for step in diff(&Intent::from(set), &reported.clone(), &Managed::All) {
            let json = serde_json::to_string(&step).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Step>(&json).unwrap(), &step);
            let _ = reported.record(&step, StatusCode::OK);
        }
        let json = serde_json::to_string(&reported).unwrap();
        let back: Reported = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back.checked().unwrap(), reported);
    }

    /// What a device may say, in any form.
    #[test]
    fn any_answer_can_be_taken_in(
        items in proptest::collection::vec(("[ -~]{0,40}", proptest::option::of("[ -~]{0,20}")), 0..6),
        below in any::<bool>(),
        status in proptest::sample::select(vec![200_u16, 404, 500, 0]),
    ) {
        let items: Vec<Item<'_>> = items
            .iter()
            .map(|(name, data)| {
                let uri = if below { format!("{CONFIG}/{name}") } else { name.clone() };
                let item = Item::source(uri);
                match data {
                    Some(data) => item.with_data(Data::text(data.clone())),
                    None => item,
                }
            })
            .collect();
        let mut reported = Reported::default();
        let status = (status > 0).then(|| StatusCode::new(status));
        for query in [PolicyQuery::All, PolicyQuery::One(PolicyId::AllowAutoUpdate)] {
            let _ = reported.apply(&query, status, &items);
            for id in PolicyId::ALL {
                let _ = reported.value(id);
            }
        }
    }
}

#[test]
fn stored_sets_are_checked_when_they_are_read() {
    for json in [
        r#"{"policies":{"AllowAutoUpdate":"6"}}"#,
        r#"{"policies":{"DeferQualityUpdatePeriodInDays":"7"}}"#,
        r#"{"policies":{},"raw":[["a/b","int","1"]]}"#,
        r#"{"policies":{"PauseQualityUpdatesStartTime":"tomorrow"}}"#,
    ] {
        assert!(serde_json::from_str::<PolicySet>(json).is_err(), "{json}");
    }
    let set: PolicySet = serde_json::from_str(r#"{"policies":{"allowautoupdate":"3"}}"#).unwrap();
    assert_eq!(set.number(PolicyId::AllowAutoUpdate), Some(3));
}

/// A whole session: the device's answers, lost knowledge and all, lead to what IT wants.
fn converse(device: &mut Device<WindowsUpdate>, reported: &mut Reported, intent: &Intent) -> usize {
    let config = Config::new("https://mdm.example/");
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    #[derive(Clone, Debug, PartialEq)]
    enum Key {
        Read,
        Step(Step),
    }
    let mut session = Session::new(&config);
    session.submit(Key::Read, PolicyQuery::All.command(Shape::StructData)).unwrap();
    let (mut sent, mut planned) = (0, false);
    let mut request = device.start(&[]).unwrap();
    loop {
        session.handle_message(now, &request).unwrap();
        while let Some(event) = session.poll_event() {
            let Event::Outcome(outcome) = event else { continue };
            match &outcome.key {
                Key::Read => {
                    let findings =
                        reported.apply(&PolicyQuery::All, outcome.code(), &outcome.results);
                    assert_eq!(findings, []);
                    if !std::mem::replace(&mut planned, true) {
                        for step in diff(intent, reported, &Managed::All) {
                            session.submit(Key::Step(step.clone()), step.command()).unwrap();
                        }
                    }
                }
                Key::Step(step) => {
                    sent += 1;
                    match reported.record(step, outcome.code().unwrap()) {
                        Outcome::Done => {}
                        Outcome::Retry(again) => {
                            session.submit(Key::Step(again.clone()), again.command()).unwrap();
                        }
                        other => panic!("{step}: {other:?}"),
                    }
                }
            }
        }
        let answer = session.poll_transmit(now).unwrap();
        match device.handle_message(&answer.body).unwrap() {
            DeviceStep::Send(next) => request = next,
            _ => return sent,
        }
    }
}

#[test]
fn a_device_follows_its_ring_through_pause_and_change() {
    let mut device = Device::new(
        "urn:uuid:1",
        "https://mdm.example/",
        WindowsUpdate::new("10.0.26100.1", Vec::new()),
    );
    let mut reported = Reported::default();
    let [test, all] = Ring::test_and_all();
    let day = "2026-11-21".parse().unwrap();
    let pause =
        all.policies.clone().paused(DeferralCategory::Update, Build::WINDOWS_11_24H2, day).unwrap();
    for (policies, commands) in [
        (&test.policies, 3),
        (&test.policies, 0),
        // Another deferral; approval is not required by default either, so that is deleted.
        (&all.policies, 2),
        (&pause, 1),
        (&pause, 0),
        (&all.policies, 1),
        (&PolicySet::new(), 2),
        (&PolicySet::new(), 0),
    ] {
        let intent = Intent::from(policies.clone());
        assert_eq!(converse(&mut device, &mut reported, &intent), commands, "{policies}");
        // The server forgets; the device says it all again.
        reported = Reported::default();
    }
}

#[test]
fn commands_are_those_of_oma_dm() {
    let intent = Intent::from(PolicySet::all_ring()).with_rollback(Rollback::Quality);
    let mut absent = Reported::default();
    let _ = absent.apply(&PolicyQuery::All, Some(StatusCode::NOT_FOUND), &[]);
    let plan = diff(&intent, &absent, &Managed::All);
    let commands: Vec<Command<'static>> = plan.steps().iter().map(Step::command).collect();
    assert_eq!(
        plan.steps().iter().map(Step::verb).collect::<Vec<_>>(),
        [Verb::Add, Verb::Add, Verb::Exec]
    );
    let names: Vec<&str> = commands.iter().map(Command::name).collect();
    assert_eq!(names, ["Add", "Add", "Exec"]);
    let item = &commands[1].items()[0];
    assert_eq!(item.loc_uri(), Some(format!("{CONFIG}/DeferQualityUpdatesPeriodInDays").as_str()));
    assert_eq!(item.data.as_ref().unwrap().as_str(), "7");
    // C16: an Exec has no data (Update CSP, Rollback).
    assert!(commands[2].items()[0].data.is_none());
}
