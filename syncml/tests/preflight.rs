//! What is predicted is what the simulated device answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::{config, device, outcomes, run};
use proptest::prelude::*;
use syncml::builder::{Atomic, BuildError, Change};
use syncml::model::{Format, Group, Request};
use syncml::preflight::{
    Certainty, Knowledge, Observed, Prediction, Presence, Reason, Verb, predict,
};
use syncml::session::{LoginStatus, ServerSession, SyncType};
use syncml::simulator::{MemoryTree, Step};
use syncml::{Command, Data, Item, LocUri, Message, Meta, decode, encode};

fn replace(uri: &str) -> Command<'static> {
    Command::replace(uri.to_owned(), Format::Chr, Data::text("1"))
}

fn one(command: Command<'static>, device: &Observed) -> Prediction {
    predict(&[command], device).remove(0)
}

fn known() -> Observed {
    let mut device = Observed::default();
    device.learn_present("./Vendor/a");
    device.learn_absent("./Vendor/b");
    device
}

fn code(prediction: &Prediction) -> Option<u16> {
    prediction.code.map(|code| code.number())
}

#[test]
fn each_rule_has_its_status_and_its_reason() {
    let mut device = known();
    device.login = Some(LoginStatus::Nobody);
    device.max_obj_size = Some(10);
    device.max_uri_len = Some(20);
    device.learn_verb("./Vendor/a", Verb::Delete, false);
    let copy = Command::Copy(Request::new(Item::target("./Vendor/a")));
    let put = Command::Put(Request::new(Item::target("./Vendor/a")));
    let mut empty = Item::target("./Vendor/a");
    empty.target = None;
    let value =
        |bytes: usize| Command::replace("./Vendor/a", Format::Chr, Data::text("x".repeat(bytes)));
    for (command, expected, reason) in [
        (replace("./Vendor/a"), Some(200), Reason::Fine),
        (replace("./Vendor/b"), Some(404), Reason::NoSuchNode),
        (Command::get("./Vendor/b/below"), Some(404), Reason::NoSuchNode),
        (Command::get("./Vendor/c"), None, Reason::Unknown),
        (Command::add_node("./device/vendor/A"), Some(418), Reason::NodeExists),
        (Command::delete("./Vendor/a"), Some(405), Reason::VerbNotAllowed),
        (Command::get("./Vendor/a?prop=ACL"), Some(406), Reason::NoSuchProperty),
        (Command::get("./Vendor/a?prop=Type"), Some(200), Reason::Fine),
        (replace("./User/Vendor/a"), Some(500), Reason::NotSignedIn),
        (Command::get(".\\Vendor"), Some(404), Reason::BadAddress),
        (Command::get("./Vendor/0123456789"), None, Reason::Unknown),
        (Command::get("./Vendor/0123456789A"), None, Reason::Unknown),
        (Command::get("./Vendor/0123456789AB"), Some(414), Reason::UriTooLong),
        (value(10), Some(200), Reason::Fine),
        (value(11), Some(413), Reason::ValueTooLarge),
        (copy, Some(406), Reason::NoCopy),
        (put, Some(400), Reason::NotDm),
        (Command::Get(Request::new(empty)), Some(400), Reason::Malformed),
        (Command::Get(Request::default()), Some(400), Reason::Malformed),
    ] {
        let found = one(command.clone(), &device);
        assert_eq!((code(&found), found.reason), (expected, reason), "{command:?}");
        assert!(!found.reason.summary().is_empty() && !found.reason.reference().is_empty());
    }
}

/// MS-MDM 3.2.5.1.5: on a PC that several share, a session is the device's or one user's.
#[test]
fn a_session_of_the_user_or_of_the_device_refuses_the_other_scope() {
    let mut device = known();
    device.learn_present("./User/Vendor/a");
    for (sync_type, expected) in [
        (SyncType::User, [Some(200), Some(405), Some(405)]),
        (SyncType::Device, [Some(405), Some(200), Some(200)]),
        (SyncType::Mixed, [Some(200); 3]),
        (SyncType::Other("new".to_owned()), [Some(200); 3]),
    ] {
        device.sync_type = Some(sync_type);
        let plan = ["./User/Vendor/a", "./Vendor/a", "./Device/Vendor/a"].map(replace);
        let found = predict(&plan, &device);
        assert_eq!(found.iter().map(code).collect::<Vec<_>>(), expected);
        let refused = found.iter().filter(|one| code(one) == Some(405));
        assert!(refused.clone().all(|one| one.reason == Reason::OtherScope));
    }
}

/// MicrosoftDocs/windows-itpro-docs #1746: Windows said 200 and did nothing.
#[test]
fn itpro_docs_1746_a_value_that_is_escaped_twice_is_found_before_it_is_sent() {
    let device = known();
    let job = "&lt;MsiInstallJob id=\"1\"&gt;&lt;/MsiInstallJob&gt;";
    let exec = |format: Format<'static>, data: &'static str| {
        let mut request = Request::new(Item::target("./Vendor/a").with_data(Data::text(data)));
        request.meta = Some(Box::new(Meta::format(format)));
        Command::Exec(request)
    };
    for (command, expected, reason, certainty) in [
        (exec(Format::Xml, job), Some(200), Reason::DoublyEscaped, Certainty::Likely),
        (exec(Format::from_text("XML"), job), Some(200), Reason::DoublyEscaped, Certainty::Likely),
        (exec(Format::Xml, "<Job>&lt;&gt;</Job>"), Some(200), Reason::Fine, Certainty::Likely),
        // A policy's text that begins like this may be meant so.
        (exec(Format::Chr, job), None, Reason::DoublyEscaped, Certainty::Guess),
        (exec(Format::Chr, "&lt; 5"), Some(200), Reason::Fine, Certainty::Likely),
    ] {
        let found = one(command, &device);
        assert_eq!((code(&found), found.reason, found.certainty), (expected, reason, certainty));
        assert!(!found.reason.summary().is_empty() && !found.reason.reference().is_empty());
    }
    // Nobody knows whether the node is there; that it is for nothing is known all the same.
    let unknown = |format: Format<'static>| {
        one(Command::replace("./Vendor/c", format, Data::text(job)), &device)
    };
    let found = unknown(Format::Xml);
    let said = (found.code, found.reason, found.certainty);
    assert_eq!(said, (None, Reason::DoublyEscaped, Certainty::Likely));
    assert!(found.is_in_vain() && !found.fails());
    assert!(!unknown(Format::Chr).is_in_vain());
    let group = Command::atomic(vec![replace("./Vendor/a"), exec(Format::Xml, job)]);
    let found = one(group, &device);
    assert!(
        found.is_in_vain() && !found.fails() && !one(replace("./Vendor/a"), &device).is_in_vain()
    );
    // What is refused anyway is refused for its own reason.
    let missing = Command::replace("./Vendor/b", Format::Xml, Data::text(job));
    assert_eq!(one(missing, &device).reason, Reason::NoSuchNode);
}

#[test]
fn an_atomic_fails_for_what_is_in_it() {
    let device = known();
    let fine = || replace("./Vendor/a");
    for (child, expected, reason) in [
        (Command::get("./Vendor/a"), 500, Reason::GetInAtomic),
        (Command::atomic(vec![fine()]), 500, Reason::NestedAtomic),
        (Command::Sequence(Group::default()), 500, Reason::NestedGroup),
        (replace("./Vendor/b"), 404, Reason::NoSuchNode),
        (Command::add_node("./Vendor/a"), 418, Reason::NodeExists),
    ] {
        let found = one(Command::atomic(vec![fine(), child, fine()]), &device);
        assert_eq!((code(&found), found.reason), (Some(507), Reason::ChildFails));
        let codes: Vec<_> = found.parts.iter().map(code).collect();
        assert_eq!(codes, [Some(216), Some(expected), Some(215)]);
        assert_eq!(found.parts[1].reason, reason);
    }
    let twice = vec![Command::add_node("./Vendor/new"), replace("./vendor/NEW")];
    let found = one(Command::atomic(twice), &device);
    assert_eq!(found.parts[1].reason, Reason::AddThenReplace);
    assert_eq!(one(Command::atomic(vec![fine(), fine()]), &device).reason, Reason::Fine);
    assert!(one(Command::atomic(vec![]), &device).fails());
    // Nobody knows, and it is said so.
    let found = one(Command::atomic(vec![fine(), replace("./Vendor/c")]), &device);
    assert_eq!((found.code, found.certainty), (None, Certainty::Guess));
}

#[test]
fn a_plan_sees_what_it_changes_and_what_is_undone() {
    let device = known();
    let plan = [
        Command::add_node("./Vendor/b/x"),
        replace("./Vendor/b/x"),
        Command::atomic(vec![Command::delete("./Vendor/b"), Command::get("./Vendor/a")]),
        Command::get("./Vendor/b/x"),
        Command::delete("./Vendor/b"),
        Command::get("./Vendor/b/x"),
        Command::add_node("./Vendor/b"),
        Command::get("./Vendor/b/x"),
    ];
    let codes: Vec<_> = predict(&plan, &device).iter().map(code).collect();
    // Whether the Add of what is missing works is up to the node.
    let expected =
        [Some(200), Some(200), Some(507), Some(200), Some(200), Some(404), Some(200), Some(404)];
    assert_eq!(codes, expected);
}

#[test]
fn knowledge_grows_with_outcomes() {
    let mut session = ServerSession::new(&config());
    let mut several = Request::default();
    several.items = vec![Item::target("./Vendor/a"), Item::target("./Vendor/b")].into();
    session.submit(1, Command::Get(several)).unwrap();
    let tree = MemoryTree::default().with("./Vendor/a", "chr", "1");
    let (found, _) = run(&mut session, &mut device(tree), usize::MAX);
    let mut known = Observed::default();
    let uri = |text: &str| text.parse::<LocUri>().unwrap();
    assert_eq!(known.presence(&uri("./Vendor/a")), Presence::Unknown);
    for outcome in outcomes(found) {
        known.learn(&outcome);
    }
    assert_eq!(known.presence(&uri("./Device/Vendor/A")), Presence::Present);
    assert_eq!(known.presence(&uri("./Vendor")), Presence::Present);
    assert_eq!(known.presence(&uri("./Vendor/b/c")), Presence::Absent);
    assert_eq!(known.presence(&uri("./Vendor/d")), Presence::Unknown);
}

/// The builder has no method for a Get or an Atomic in an Atomic; and one rule it checks.
#[test]
fn what_is_built_is_never_refused_for_its_shape() {
    let uri: LocUri = "./Vendor/a".parse().unwrap();
    let value = || Data::text("1");
    let atomic = Atomic::new(Change::add(&uri, Format::Int, value()));
    let error = atomic.clone().and(Change::replace(&uri, Format::Int, value())).unwrap_err();
    assert_eq!(error, BuildError::AddThenReplace(uri.clone()));
    let command: Command<'static> = atomic.and(Change::delete(&uri)).unwrap().into();
    ServerSession::new(&config()).submit(1, command).unwrap();
    assert!(
        !format!("{:?}", Change::add(&uri, Format::Chr, Data::text("secret"))).contains("secret")
    );
}

fn node(number: u8) -> String {
    format!("./Vendor/n{}/m{}", number % 3, number / 3 % 3)
}

fn simple() -> impl Strategy<Value = Command<'static>> {
    (0u8..6, 0u8..9).prop_map(|(verb, number)| match verb {
        0 => Command::get(node(number)),
        1 => Command::add(node(number), Format::Chr, Data::text("1")),
        2 => Command::delete(node(number)),
        3 => Command::delete(format!("./Vendor/n{}", number % 3)),
        4 => Command::exec(node(number)),
        _ => replace(&node(number)),
    })
}

/// Groups as nobody should send them, too.
fn command() -> impl Strategy<Value = Command<'static>> {
    let children = || prop::collection::vec(simple(), 1..4);
    prop_oneof![
        3 => simple(),
        2 => children().prop_map(Command::atomic),
        1 => (children(), children()).prop_map(|(inner, mut outer)| {
            outer.insert(outer.len() / 2, Command::atomic(inner));
            Command::atomic(outer)
        }),
        1 => (children(), children()).prop_map(|(inner, mut commands)| {
            commands.push(Command::atomic(inner));
            let mut group = Group::default();
            group.commands = commands;
            Command::Sequence(group)
        }),
    ]
}

fn flat(prediction: &Prediction, out: &mut Vec<Option<u16>>) {
    out.push(code(prediction));
    for part in &prediction.parts {
        flat(part, out);
    }
}

/// Every status of the device's answer, by the order of its references.
fn answers(plan: Vec<Command<'static>>, tree: MemoryTree) -> Vec<Option<u16>> {
    let mut device = device(tree);
    let first = device.start(&[]).unwrap();
    let mut message: Message<'_> = decode(&first, &Default::default()).unwrap();
    let header = message.header.as_mut().unwrap();
    std::mem::swap(&mut header.target, &mut header.source);
    let mut id = 0;
    let mut given = Vec::new();
    fn number(command: &mut Command<'_>, id: &mut u32, given: &mut Vec<u32>, inside: bool) {
        *id += 1;
        command.set_cmd_id((*id).into());
        given.push(*id);
        // What is in an Atomic in an Atomic is not looked at.
        if let (Command::Atomic(group), true) = (&*command, inside) {
            let _ = group;
            return;
        }
        let atomic = matches!(command, Command::Atomic(_));
        if let Command::Atomic(group) | Command::Sequence(group) = command {
            group.commands.iter_mut().for_each(|child| number(child, id, given, atomic));
        }
    }
    let mut plan = plan;
    plan.iter_mut().for_each(|command| number(command, &mut id, &mut given, false));
    message.body.commands = plan;
    message.body.is_final = true;
    let mut bytes = Vec::new();
    encode(&message, &mut bytes).unwrap();
    let Step::Send(answer) = device.handle_message(&bytes).unwrap() else { return Vec::new() };
    let answer = decode(&answer, &Default::default()).unwrap();
    let code_of = |id: u32| {
        answer.body.commands.iter().find_map(|command| match command {
            Command::Status(status) if status.cmd_ref == Some(id.into()) => {
                status.code().map(|code| code.number())
            }
            _ => None,
        })
    };
    given.into_iter().map(code_of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn with_full_knowledge_each_status_is_predicted(
        plan in prop::collection::vec(command(), 1..8),
        there in prop::collection::btree_set(0u8..9, 0..9),
    ) {
        let mut known = Observed::default();
        let mut tree = MemoryTree::default();
        let parents: BTreeSet<u8> = there.iter().map(|number| number % 3).collect();
        for number in 0..3 {
            if !parents.contains(&number) {
                known.learn_absent(&format!("./Vendor/n{number}"));
            }
        }
        for number in 0..9 {
            if there.contains(&number) {
                known.learn_present(&node(number));
                tree = tree.with(&node(number), "chr", "0");
            } else {
                known.learn_absent(&node(number));
            }
        }
        let mut expected = Vec::new();
        for prediction in predict(&plan, &known) {
            flat(&prediction, &mut expected);
        }
        prop_assert_eq!(answers(plan, tree), expected);
    }

    /// Less knowledge gives fewer answers, and no wrong ones.
    #[test]
    fn what_is_predicted_in_ignorance_is_not_wrong(
        plan in prop::collection::vec(command(), 1..6),
        there in prop::collection::btree_set(0u8..9, 0..9),
    ) {
        let tree = there.iter().fold(MemoryTree::default(), |tree, n| tree.with(&node(*n), "chr", "0"));
        let mut known = Observed::default();
        for number in &there {
            known.learn_present(&node(*number));
        }
        let predictions = predict(&plan, &known);
        // Whole commands only: which child of a failing Atomic fails first may depend on what is
        // not known.
        let mut places = Vec::new();
        let mut at = 0;
        for prediction in &predictions {
            let mut all = Vec::new();
            flat(prediction, &mut all);
            places.push(at);
            at += all.len();
        }
        let found = answers(plan, tree);
        for (at, prediction) in places.iter().zip(&predictions) {
            if let (Some(code), true) = (code(prediction), prediction.certainty == Certainty::Certain) {
                prop_assert_eq!(found[*at], Some(code));
            }
        }
    }
}
