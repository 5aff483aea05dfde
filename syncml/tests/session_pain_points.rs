//! What people who run such servers complained about, by the number of their complaint.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::{NOW, config, device, events, handle, message, outcomes, run, status};
use syncml::builder::{Atomic, Change, Sequence};
use syncml::model::{Format, Request};
use syncml::preflight::{Observed, Reason, predict};
use syncml::session::{Event, LoginStatus, Outcome, ServerSession, SessionError, Verdict};
use syncml::simulator::MemoryTree;
use syncml::upsert::Upsert;
use syncml::{Command, Data, ErrorKind, Item, LocUri, StatusCode};

fn replace(uri: &str, value: &str) -> Command<'static> {
    Command::replace(uri.to_owned(), Format::Chr, Data::text(value.to_owned()))
}

fn uri(text: &str) -> LocUri {
    text.parse().unwrap()
}

fn tree() -> MemoryTree {
    MemoryTree::default().with("./Vendor/a", "chr", "0").with("./Vendor/b", "chr", "0")
}

/// fleetdm/fleet #16316: an XML declaration inside Data made a profile pend for ever, and every
/// other one behind it.
#[test]
fn fleet_16316_one_broken_profile_does_not_block_the_others() {
    let mut session = ServerSession::new(&config());
    let broken = Data::Markup("<?xml version='1.0'?><a/>".into());
    session.submit(1, Command::replace("./Vendor/a", Format::Xml, broken)).unwrap_err();
    // As text it is what was meant, escaped.
    session.submit(2, replace("./Vendor/a", "<?xml version='1.0'?><a/>")).unwrap();
    session.submit(3, replace("./Vendor/b", "1")).unwrap();
    let (found, _) = run(&mut session, &mut device(tree()), usize::MAX);
    let found = outcomes(found);
    assert_eq!(found.iter().map(|outcome| outcome.key).collect::<Vec<_>>(), [2, 3]);
    assert!(found.iter().all(Outcome::is_success));
}

/// fleetdm/fleet PR 15277: without a CmdID everything is 400.
#[test]
fn fleet_15277_every_command_has_a_number_of_its_own() {
    let mut session = ServerSession::new(&config());
    let atomic = Atomic::new(Change::delete(&uri("./Vendor/a")));
    let sequence = Sequence::new(Change::delete(&uri("./Vendor/b")))
        .then_atomic(atomic.clone())
        .then_get(&uri("./Vendor"));
    session.submit(1, sequence.into()).unwrap();
    session.submit(2, atomic.into()).unwrap();
    session.submit(3, Command::get("./Vendor")).unwrap();
    let (_, answer) = handle(&mut session, &message(1, "", "<Final/>"));
    let mut ids = BTreeSet::new();
    let mut stack: Vec<&Command<'_>> = answer.body.commands.iter().collect();
    let mut count = 0;
    while let Some(command) = stack.pop() {
        count += 1;
        let id = command.cmd_id().unwrap().to_string();
        assert!(id != "0" && ids.insert(id));
        stack.extend(command.children());
    }
    assert_eq!(count, 1 + 5 + 2 + 1);
}

/// fleetdm/fleet PR 14680: the number is known only when the message is made, so commands could not
/// be stored.
#[test]
fn fleet_14680_a_command_is_stored_without_a_number() {
    let stored = serde_json::to_string(&replace("./Vendor/a", "1")).unwrap();
    for others in 0..3 {
        let mut session = ServerSession::new(&config());
        for key in 0..others {
            session.submit(key, Command::get("./Vendor")).unwrap();
        }
        let command: Command<'static> = serde_json::from_str(&stored).unwrap();
        assert!(command.cmd_id().is_none());
        session.submit(9, command).unwrap();
        let (found, _) = run(&mut session, &mut device(tree()), usize::MAX);
        assert!(outcomes(found).iter().all(Outcome::is_success));
    }
}

/// fleetdm/fleet #13595, #38417: only one Exec at a time, and no Delete.
#[test]
fn fleet_13595_38417_exec_and_delete_in_any_number() {
    let mut session = ServerSession::new(&config());
    for key in 0..5 {
        session.submit(key, Command::exec("./Vendor/a")).unwrap();
    }
    session.submit(5, Command::delete("./Vendor/a")).unwrap();
    session.submit(6, Command::exec("./Vendor/a")).unwrap();
    let mut device = device(tree());
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    let codes: Vec<u16> =
        outcomes(found).iter().map(|outcome| outcome.code().unwrap().number()).collect();
    assert_eq!(codes, [200, 200, 200, 200, 200, 200, 404]);
    assert_eq!(device.journal().len(), 7);
}

/// fleetdm/fleet #25865, #26904: a Wi-Fi profile cannot be sent again: Add says 418, Replace 404.
#[test]
fn fleet_25865_26904_a_profile_can_be_sent_again() {
    let mut device = device(MemoryTree::default());
    for _ in 0..3 {
        let mut session = ServerSession::new(&config());
        let profile =
            Upsert::new("./Vendor/MSFT/WiFi/Profile/Office/WlanXml", Format::Chr, Data::text("…"));
        session.submit_upsert(1, profile).unwrap();
        let (found, _) = run(&mut session, &mut device, usize::MAX);
        assert!(outcomes(found)[0].is_success());
    }
}

/// fleetdm/fleet #28666: settings stayed on the device when their profile was removed. Removing what
/// is gone already is no failure that has to be repeated.
#[test]
fn fleet_28666_what_was_set_can_be_removed() {
    let mut device = device(tree());
    for expected in [StatusCode::OK, StatusCode::NOT_FOUND] {
        let mut session = ServerSession::new(&config());
        session.submit(1, Command::delete("./Vendor/a")).unwrap();
        let (found, _) = run(&mut session, &mut device, usize::MAX);
        let code = outcomes(found)[0].code().unwrap();
        assert_eq!(code, expected);
        assert!(!code.may_retry());
    }
}

/// fleetdm/fleet #37932, #37935: with Atomic one bad node undid everything; without it, many
/// statuses had to be mapped to one profile.
#[test]
fn fleet_37932_37935_one_bad_node_among_many_under_one_key() {
    let mut profile = Request::default();
    profile.items = ["./Vendor/a", "./Vendor/missing", "./Vendor/b"]
        .map(|uri| Item::target(uri).with_data(Data::text("1")))
        .into();
    let mut session = ServerSession::new(&config());
    session.submit("profile", Command::Replace(profile)).unwrap();
    let (found, _) = run(&mut session, &mut device(tree()), usize::MAX);
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!(outcome.verdict, Verdict::Partial);
    let bad: Vec<&str> = outcome
        .statuses
        .iter()
        .filter(|status| !status.code.is_success())
        .filter_map(|status| status.target.as_deref())
        .collect();
    assert_eq!(bad, ["./Vendor/missing"]);
}

/// fleetdm/fleet #31819: a wipe has no results, or no answer at all: the device is gone.
#[test]
fn fleet_31819_a_wipe_ends_with_an_outcome_even_without_an_answer() {
    let wipe = || Command::exec("./Vendor/a");
    let mut session = ServerSession::new(&config());
    session.submit(1, wipe()).unwrap();
    let (found, _) = run(&mut session, &mut device(tree()), usize::MAX);
    let [outcome] = outcomes(found).try_into().unwrap();
    assert!(outcome.is_success() && outcome.results.is_empty());
    let mut session = ServerSession::new(&config());
    session.submit(1, wipe()).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    session.give_up();
    let [outcome] = outcomes(events(&mut session)).try_into().unwrap();
    assert_eq!(outcome.verdict, Verdict::Unanswered);
}

/// fleetdm/fleet #49616: commands of the same second came in another order; they were also grouped
/// by verb.
#[test]
fn fleet_49616_the_order_is_that_of_submission() {
    let mut session = ServerSession::new(&config());
    let mut expected = Vec::new();
    for key in 0..40_u32 {
        let (name, command) = match key % 4 {
            0 => ("Replace", replace("./Vendor/a", "1")),
            1 => ("Get", Command::get("./Vendor/a")),
            2 => ("Exec", Command::exec("./Vendor/a")),
            _ => ("Delete", Command::delete("./Vendor/none")),
        };
        expected.push(name);
        session.submit(key, command).unwrap();
    }
    let mut device = device(tree());
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    assert_eq!(device.journal().iter().map(|entry| &*entry.name).collect::<Vec<_>>(), expected);
    let keys: Vec<u32> = outcomes(found).iter().map(|outcome| outcome.key).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..40).collect::<Vec<_>>());
}

/// fleetdm/fleet PR 51310, #50196, #48931: `./User` before anybody is signed in is 500, and an Atomic
/// around it is rolled back.
#[test]
fn fleet_51310_50196_48931_user_scope_waits_for_the_user() {
    let plan = Command::atomic(vec![replace("./Vendor/a", "1"), replace("./User/Vendor/u", "1")]);
    let tree = || tree().with("./User/Vendor/u", "chr", "0");
    for login in [LoginStatus::Nobody, LoginStatus::Others, LoginStatus::User] {
        let mut device = device(tree());
        device.login_status = login.clone();
        let mut session = ServerSession::new(&config());
        session.submit(1, plan.clone()).unwrap();
        let (found, _) = run(&mut session, &mut device, usize::MAX);
        // The vendor learns it from package 1, before it sends anything.
        let package = found.iter().find_map(|event| match event {
            Event::PackageOne(package) => Some(package.clone()),
            _ => None,
        });
        let package = package.unwrap();
        assert_eq!(package.login, Some(login.clone()));
        let mut known = Observed::default();
        known.login = package.login;
        known.learn_present("./Vendor/a");
        known.learn_present("./User/Vendor/u");
        let expected = predict(std::slice::from_ref(&plan), &known).remove(0);
        let outcome = outcomes(found).remove(0);
        assert_eq!(outcome.code(), expected.code);
        if login == LoginStatus::User {
            assert_eq!(outcome.verdict, Verdict::Applied);
        } else {
            assert_eq!(outcome.verdict, Verdict::RolledBack);
            assert_eq!(expected.parts[1].reason, Reason::NotSignedIn);
            assert_eq!(outcome.children[1][0].code, StatusCode::COMMAND_FAILED);
        }
    }
}

/// The same: what is for the user waits, and the rest goes ahead.
#[test]
fn fleet_51310_commands_for_the_user_wait_until_the_user_signs_in() {
    let mut config = config();
    config.holds_user_scope = true;
    let mut session = ServerSession::new(&config);
    let user = || replace("./User/Vendor/u", "1");
    session.submit("user", user()).unwrap();
    session.submit("atomic", Command::atomic(vec![replace("./Vendor/a", "2"), user()])).unwrap();
    session.submit("device", replace("./Vendor/a", "1")).unwrap();
    let mut device = device(tree().with("./User/Vendor/u", "chr", "0"));
    device.login_status = LoginStatus::Nobody;
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    assert_eq!(outcomes(found).iter().map(|outcome| outcome.key).collect::<Vec<_>>(), ["device"]);
    assert!(session.is_ended());
    assert_eq!(session.queued().copied().collect::<Vec<_>>(), ["user", "atomic"]);
    let mut session = session.into_next_session();
    session.submit("after", Command::get("./User/Vendor/u")).unwrap();
    device.login_status = LoginStatus::User;
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    let found = outcomes(found);
    assert!(found.iter().all(Outcome::is_success));
    let mut keys: Vec<&str> = found.iter().map(|outcome| outcome.key).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["after", "atomic", "user"]);
}

/// fleetdm/fleet #44188, #43773: whole envelopes were the top writer of the database, and devices
/// that poll each minute a storm.
#[test]
fn fleet_44188_43773_an_idle_session_is_one_exchange_and_a_small_state() {
    let mut session = ServerSession::<u32>::new(&config());
    let mut device = device(tree());
    let (found, count) = run(&mut session, &mut device, usize::MAX);
    assert_eq!(count, 1);
    assert!(found.contains(&Event::Ended));
    let request = device.start(&[]).unwrap();
    let state = serde_json::to_string(&session.into_state()).unwrap();
    assert!(state.len() < 2 * request.len(), "{} bytes", state.len());
    // What was sent and answered does not stay in it.
    let mut session = ServerSession::new(&config());
    session.submit(1, replace("./Vendor/a", &"x".repeat(100_000))).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let body = format!("{}<Final/>", status(1, 2, "Replace", "", 200));
    let _ = handle(&mut session, &message(2, "", &body));
    let state = serde_json::to_string(&session.into_state()).unwrap();
    assert!(state.len() < 3_000, "{} bytes", state.len());
}

/// smallstep/docs #519: settings of several CSPs at once gave HTTP 502.
#[test]
fn smallstep_519_settings_of_several_csps_go_together() {
    let nodes = ["./Vendor/MSFT/Policy/x", "./Vendor/MSFT/WiFi/y", "./DevDetail/Ext/z"];
    let tree = nodes.iter().fold(MemoryTree::default(), |tree, uri| tree.with(uri, "chr", "0"));
    let mut session = ServerSession::new(&config());
    let changes = nodes.map(|node| Change::replace(&uri(node), Format::Chr, Data::text("1")));
    let [first, second, third] = changes;
    let atomic = Atomic::new(first).and(second).unwrap().and(third).unwrap();
    session.submit(1, atomic.into()).unwrap();
    let (found, _) = run(&mut session, &mut device(tree), usize::MAX);
    assert_eq!(outcomes(found)[0].verdict, Verdict::Applied);
}

/// ms-iot #84: only the first Status was looked at; the 405 of the Replace behind it was not seen.
#[test]
fn ms_iot_84_each_status_finds_its_command() {
    let mut session = ServerSession::new(&config());
    session.submit("add", Command::add_node("./Vendor/a")).unwrap();
    session.submit("replace", replace("./Vendor/a", "1")).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let body = [
        status(1, 0, "SyncHdr", "", 200),
        status(1, 2, "Add", "", 200),
        status(1, 3, "Replace", "", 405),
        "<Final/>".to_owned(),
    ];
    let (found, _) = handle(&mut session, &message(2, "", &body.concat()));
    let found = outcomes(found);
    assert_eq!((found[0].key, found[0].verdict), ("add", Verdict::Applied));
    assert_eq!((found[1].key, found[1].verdict), ("replace", Verdict::Failed));
    assert_eq!(found[1].code(), Some(StatusCode::METHOD_NOT_ALLOWED));
}

/// okieselbach/SyncMLViewer #1: ADMX files of more than 64 KB were cut off.
#[test]
fn syncmlviewer_1_a_value_of_more_than_64_kilobytes_arrives_whole() {
    let admx = "<policy name=\"ü\"/>\r\n".repeat(5_000);
    assert!(admx.len() > 65_536);
    let mut session = ServerSession::new(&config());
    session.submit(1, replace("./Vendor/a", &admx)).unwrap();
    session.submit(2, Command::get("./Vendor/a")).unwrap();
    let (found, _) = run(&mut session, &mut device(tree()), usize::MAX);
    let found = outcomes(found);
    assert_eq!(found[1].results[0].data.as_ref().unwrap().as_str(), admx);
}

/// MicrosoftDocs/windows-itpro-docs #6805: a sample with backslashes in its address, which vendors
/// copied.
#[test]
fn itpro_docs_6805_a_backslash_in_an_address_is_refused_where_it_is_written() {
    let mut session = ServerSession::new(&config());
    let error = session.submit(1, Command::get(".\\Vendor\\MSFT\\x")).unwrap_err();
    let ErrorKind::Session(SessionError::Address { uri, .. }) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!(&**uri, ".\\Vendor\\MSFT\\x");
    assert_eq!(session.queued().count(), 0);
    session.handle_message(NOW, &message(1, "", "<Final/>")).unwrap();
}
