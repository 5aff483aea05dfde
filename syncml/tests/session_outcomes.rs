//! One outcome for each key, whatever a device says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, device, events, handle, message, outcomes, run, status};
use syncml::builder::{Change, Sequence};
use syncml::model::{Format, Request};
use syncml::session::{Cause, Event, Outcome, ServerSession, SessionError, Verdict};
use syncml::simulator::{MemoryTree, NodeValue, Profile, Tree};
use syncml::upsert::Upsert;
use syncml::{AlertCode, Command, Data, ErrorKind, Item, LocUri, StatusCode};

fn get(uris: &[&'static str]) -> Command<'static> {
    let mut request = Request::default();
    request.items = uris.iter().map(|uri| Item::target(*uri)).collect();
    Command::Get(request)
}

fn replace(uri: &'static str, value: &'static str) -> Command<'static> {
    Command::replace(uri, Format::Chr, Data::text(value))
}

fn uri(text: &str) -> LocUri {
    text.parse().unwrap()
}

/// The outcome of one command whose answer is this body. Its CmdID is 2, behind the header's status.
fn answered(command: Command<'static>, body: &str) -> Outcome<u32> {
    let mut session = ServerSession::new(&config());
    session.submit(1, command).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let head = status(1, 0, "SyncHdr", "", 200);
    let (found, _) = handle(&mut session, &message(2, "", &format!("{head}{body}<Final/>")));
    let [outcome] = outcomes(found).try_into().unwrap();
    outcome
}

fn atomic() -> Command<'static> {
    Command::atomic(vec![replace("./a", "1"), replace("./b", "2"), replace("./c", "3")])
}

/// Statuses of an Atomic and its three commands.
fn atomic_statuses(whole: u16, codes: [u16; 3]) -> String {
    let mut body = status(1, 2, "Atomic", "", whole);
    for (id, code) in (3..).zip(codes) {
        if code != 0 {
            body += &status(1, id, "Replace", "", code);
        }
    }
    body
}

#[test]
fn statuses_of_one_command_are_told_apart_by_target() {
    // As Windows 11 does it: the same CmdRef for each item, one Results for those that were found.
    let body = [
        status(1, 2, "Get", "./DevDetail/SwV", 200),
        status(1, 2, "Get", "./Device/Vendor/Missing", 404),
        "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Item><Source><LocURI>\
         ./DevDetail/SwV</LocURI></Source><Data>10.0</Data></Item></Results>"
            .to_owned(),
    ];
    let outcome = answered(get(&["./DevDetail/SwV", "./Device/Vendor/Missing"]), &body.concat());
    assert_eq!(outcome.verdict, Verdict::Partial);
    assert_eq!(outcome.code(), Some(StatusCode::NOT_FOUND));
    let code = |uri| outcome.status_of(uri).map(|status| status.code.number());
    assert_eq!(code("./DevDetail/SwV"), Some(200));
    assert_eq!(code("./Vendor/Missing"), Some(404), "whatever the spelling");
    assert_eq!(code("./Other"), None);
    assert_eq!(outcome.results.len(), 1);
    let data = outcome.result_of("./Device/DevDetail/swv").unwrap().data.as_ref();
    assert_eq!(data.unwrap().as_str(), "10.0");
    assert!(outcome.result_of("./DevDetail/HwV").is_none());
}

/// Pain point ms-iot #84: only the first Status was looked at, and a 405 was ignored.
#[test]
fn no_status_is_overlooked_even_without_targets() {
    let both = [status(1, 2, "Get", "", 200), status(1, 2, "Get", "", 405)].concat();
    let outcome = answered(get(&["./a", "./b"]), &both);
    assert_eq!(outcome.verdict, Verdict::Partial);
    assert_eq!(outcome.code(), Some(StatusCode::METHOD_NOT_ALLOWED));
    assert_eq!(outcome.statuses.len(), 2);
}

#[test]
fn repeated_statuses_and_results_count_once_and_bounded() {
    let result = "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Meta>\
        <Format xmlns='syncml:metinf'>int</Format></Meta><Item><Source><LocURI>./a</LocURI></Source>\
        <Data>1</Data></Item></Results>";
    let once = format!("{}{result}", status(1, 2, "Get", "", 200));
    let outcome = answered(get(&["./a"]), &once.repeat(50));
    assert_eq!((outcome.statuses.len(), outcome.results.len()), (1, 1));
    // The command's Meta goes for the item.
    let meta = outcome.results[0].meta.as_ref().unwrap();
    assert_eq!(meta.format, Some(Format::Int));
    let many: String = (0..100).map(|n| status(1, 2, "Get", &format!("./x{n}"), 404)).collect();
    assert_eq!(answered(get(&["./a"]), &many).statuses.len(), 2, "one for each item, and one");
}

#[test]
fn results_without_references_mean_the_first_command_of_the_first_message() {
    let mut session = ServerSession::new(&config());
    session.submit(1, get(&["./a"])).unwrap();
    // NoResp: no status of ours comes before the Get, which is command 1.
    let _ = handle(&mut session, &message(1, "<NoResp/>", "<Final/>"));
    let body = "<Status><CmdID>1</CmdID><CmdRef>1</CmdRef><Data>200</Data></Status><Results>\
        <CmdID>2</CmdID><Item><Source><LocURI>./a</LocURI></Source><Data>x</Data></Item></Results>";
    let (found, _) = handle(&mut session, &message(2, "", &format!("{body}<Final/>")));
    assert_eq!(outcomes(found)[0].results.len(), 1);
}

#[test]
fn an_atomic_is_applied_rolled_back_or_failed() {
    for (whole, codes, verdict) in [
        (200, [200, 200, 200], Verdict::Applied),
        (200, [0, 0, 0], Verdict::Applied),
        (507, [216, 404, 215], Verdict::RolledBack),
        (507, [0, 0, 0], Verdict::RolledBack),
        (500, [0, 0, 0], Verdict::Failed),
        // What could not be undone may be in effect.
        (507, [516, 404, 215], Verdict::Failed),
        (516, [0, 0, 0], Verdict::Failed),
        (517, [0, 0, 0], Verdict::Failed),
        // The whole is said to be good, and a part is not.
        (200, [200, 404, 200], Verdict::Failed),
    ] {
        let outcome = answered(atomic(), &atomic_statuses(whole, codes));
        assert_eq!(outcome.verdict, verdict, "{whole} {codes:?}");
        let found =
            outcome.children.iter().map(|child| child.first().map_or(0, |s| s.code.number()));
        assert_eq!(found.collect::<Vec<_>>(), codes);
        assert_eq!(outcome.is_success(), verdict == Verdict::Applied);
    }
}

#[test]
fn an_atomic_waits_for_the_statuses_of_its_commands() {
    let mut session = ServerSession::new(&config());
    session.submit(1, atomic()).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let (found, _) = handle(&mut session, &message(2, "", &status(1, 2, "Atomic", "", 507)));
    assert_eq!(outcomes(found).len(), 0);
    let rest = atomic_statuses(507, [216, 404, 215]);
    let (found, _) = handle(&mut session, &message(3, "", &format!("{rest}<Final/>")));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!(outcome.children.len(), 3);
    assert_eq!(outcome.verdict, Verdict::RolledBack);
}

#[test]
fn what_follows_a_refusal_in_a_sequence_is_not_executed() {
    let tree = || MemoryTree::default().with("./Vendor/Reboot", "null", "");
    for (confirms, verdict, codes) in
        [(true, Verdict::Applied, [200, 200, 200]), (false, Verdict::Failed, [304, 215, 215])]
    {
        let mut session = ServerSession::new(&config());
        let sequence = Sequence::confirmed("Restart?")
            .then(Change::exec(&uri("./Vendor/Reboot"), None))
            .then(Change::delete(&uri("./Vendor/Reboot")));
        session.submit(1, sequence.into()).unwrap();
        let mut device = device(tree());
        device.confirms = confirms;
        let (found, _) = run(&mut session, &mut device, usize::MAX);
        let [outcome] = outcomes(found).try_into().unwrap();
        let found: Vec<u16> = outcome.children.iter().map(|child| child[0].code.number()).collect();
        assert_eq!(found, codes);
        assert_eq!(outcome.verdict, verdict);
        assert_eq!(device.journal().is_empty(), !confirms);
    }
    let half = [status(1, 2, "Sequence", "", 200), status(1, 3, "Replace", "", 200)].concat();
    let mut group = syncml::model::Group::default();
    group.commands = vec![replace("./a", "1"), replace("./b", "2")];
    let outcome = answered(Command::Sequence(group), &half);
    assert_eq!(outcome.verdict, Verdict::Partial);
}

#[test]
fn results_of_a_get_in_a_sequence_belong_to_it() {
    let mut session = ServerSession::new(&config());
    let sequence = Sequence::new(Change::replace(&uri("./a"), Format::Chr, Data::text("new")))
        .then_get(&uri("./a"));
    session.submit(1, sequence.into()).unwrap();
    let tree = MemoryTree::default().with("./a", "chr", "old");
    let (found, _) = run(&mut session, &mut device(tree), usize::MAX);
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!(outcome.verdict, Verdict::Applied);
    assert_eq!(outcome.results[0].data.as_ref().unwrap().as_str(), "new");
}

/// What a Get returns before a change is not what it returns after it.
#[test]
fn a_node_that_a_sequence_gets_twice_has_two_results() {
    for (hand_over, repeats) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut config = config();
        config.hand_over_results = hand_over;
        let mut session = ServerSession::new(&config);
        let set = |value| Change::replace(&uri("./a"), Format::Chr, Data::text(value));
        let sequence =
            Sequence::new(set("1")).then_get(&uri("./a")).then(set("2")).then_get(&uri("./a"));
        session.submit(1, sequence.into()).unwrap();
        session.submit(2, get(&["./b"])).unwrap();
        let mut profile = Profile::CONFORMING;
        profile.repeats_results = repeats;
        let tree = MemoryTree::default().with("./a", "chr", "old").with("./b", "chr", "b");
        let mut device = device(tree).with_profile(profile);
        let (found, _) = run(&mut session, &mut device, usize::MAX);
        let mut items = Vec::new();
        for event in found {
            match event {
                Event::Results { key: 1, items: handed } => items.extend(handed),
                Event::Outcome(outcome) if outcome.key == 1 => {
                    assert_eq!(outcome.verdict, Verdict::Applied);
                    items.extend(outcome.results);
                }
                _ => {}
            }
        }
        let values: Vec<&str> =
            items.iter().map(|item| item.data.as_ref().unwrap().as_str()).collect();
        assert_eq!(values, ["1", "2"], "{hand_over} {repeats}");
    }
}

#[test]
fn what_the_user_answers_comes_with_the_status() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::alert(AlertCode::TEXT_INPUT)).unwrap();
    let mut device = device(MemoryTree::default());
    device.typed_text = "Room 4".to_owned();
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!(outcome.statuses[0].data, ["Room 4"]);
    assert!(!format!("{outcome:?}").contains("Room"), "values stay out of Debug");
}

#[test]
fn a_command_without_a_status_is_unanswered_once_the_package_ends() {
    let outcome = answered(replace("./a", "1"), "");
    assert_eq!((outcome.verdict, outcome.code()), (Verdict::Unanswered, None));
    // 101 is only a promise.
    let outcome = answered(replace("./a", "1"), &status(1, 2, "Replace", "", 101));
    assert_eq!(outcome.verdict, Verdict::Unanswered);
    let outcome = answered(replace("./a", "1"), &status(1, 2, "Replace", "", 202));
    assert_eq!(outcome.verdict, Verdict::Applied, "202: it will be done");
}

#[test]
fn the_error_behind_a_status_is_kept() {
    let body = "<Status xmlns:msft='http://schemas.microsoft.com/MobileDevice/MDM'><CmdID>1</CmdID>\
        <MsgRef>1</MsgRef><CmdRef>2</CmdRef><Cmd>Replace</Cmd>\
        <Data msft:originalerror='0x86000002'>500</Data></Status>";
    let outcome = answered(replace("./a", "1"), body);
    assert_eq!(outcome.statuses[0].original_error.as_deref(), Some("0x86000002"));
}

/// Pain point fleet #16316: one broken profile was sent again and again, and blocked all others.
#[test]
fn a_malformed_command_fails_alone_and_at_once() {
    let mut session = ServerSession::new(&config());
    session.submit(1, replace("./a", "1")).unwrap();
    let markup =
        |markup: &'static str| Command::replace("./a", Format::Xml, Data::Markup(markup.into()));
    let kind = |error: syncml::Error| error.kind().clone();
    for broken in [
        "<a>",
        "<a></b>",
        "</Data></Item></Replace><Delete/>",
        "<?xml version='1.0'?><a/>",
        "&nbsp;",
        "<p:a/>",
    ] {
        let error = session.submit(2, markup(broken)).unwrap_err();
        let ErrorKind::Session(SessionError::Markup(name)) = kind(error) else {
            panic!("{broken} was taken")
        };
        assert_eq!(&*name, "Replace");
    }
    session.submit(2, markup("<a xmlns='x'>&lt;<b/></a>")).unwrap();
    for text in ["a\u{2}", "\u{ffff}"] {
        let error = session.submit(9, replace("./a", text)).unwrap_err();
        assert_eq!(kind(error), ErrorKind::Unwritable);
    }
    // Text is escaped and never markup, whatever is in it.
    session.submit(3, replace("./a", "<?xml version='1.0'?><a>]]></b> \r\n&nbsp; ")).unwrap();
    for address in ["/a", "./a//b", ".\\a", "", "./a/../b"] {
        let error = session.submit(9, Command::get(address)).unwrap_err();
        assert!(
            matches!(kind(error), ErrorKind::Session(SessionError::Address { .. })),
            "{address}"
        );
    }
    let mut no_target = Request::default();
    let error = session.submit(9, Command::Get(no_target.clone())).unwrap_err();
    assert!(matches!(kind(error), ErrorKind::Session(SessionError::NoTarget(_))));
    no_target.items = vec![Item::source("./a")].into();
    let error = session.submit(9, Command::Get(no_target)).unwrap_err();
    assert!(matches!(kind(error), ErrorKind::Session(SessionError::NoTarget(_))));
    let mut silent = Request::new(Item::target("./a"));
    silent.no_resp = true;
    for refused in [
        Command::Delete(silent),
        Command::alert(AlertCode::NEXT_MESSAGE),
        Command::atomic(vec![]),
        Command::Copy(Request::new(Item::target("./a"))),
    ] {
        let error = session.submit(9, refused).unwrap_err();
        assert!(matches!(kind(error), ErrorKind::Session(SessionError::NotSendable(_))));
    }
    assert_eq!(session.queued().copied().collect::<Vec<_>>(), [1, 2, 3]);
    let tree = MemoryTree::default().with("./a", "chr", "0");
    let (found, _) = run(&mut session, &mut device(tree), usize::MAX);
    assert!(outcomes(found).iter().all(Outcome::is_success));
}

/// Pain points fleet #25865 and #26904: a profile cannot be sent again, or not at all.
#[test]
fn an_upsert_has_one_key_and_one_outcome_whatever_it_takes() {
    let value = |device: &syncml::simulator::DeviceSession<MemoryTree>| match device
        .tree
        .get(&uri("./Vendor/WiFi"))
    {
        Ok(NodeValue::Leaf(leaf)) => leaf.data,
        other => panic!("{other:?}"),
    };
    for (tree, adding, verbs) in [
        (MemoryTree::default(), false, vec!["Replace", "Add"]),
        (MemoryTree::default(), true, vec!["Add"]),
        (MemoryTree::default().with("./Vendor/WiFi", "chr", "old"), false, vec!["Replace"]),
        (MemoryTree::default().with("./Vendor/WiFi", "chr", "old"), true, vec!["Add", "Replace"]),
    ] {
        let mut session = ServerSession::new(&config());
        let upsert = Upsert::new("./Vendor/WiFi", Format::Chr, Data::text("new"));
        let upsert = if adding { upsert.adding_first() } else { upsert };
        session.submit_upsert("wifi", upsert).unwrap();
        session.submit("after", get(&["./Vendor/WiFi"])).unwrap();
        let mut device = device(tree);
        let (found, _) = run(&mut session, &mut device, usize::MAX);
        let found = outcomes(found);
        let keys: Vec<&str> = found.iter().map(|outcome| outcome.key).collect();
        assert_eq!(keys.len(), 2, "{keys:?}");
        let wifi = found.iter().find(|outcome| outcome.key == "wifi").unwrap();
        assert_eq!((wifi.verdict, wifi.code()), (Verdict::Applied, Some(StatusCode::OK)));
        let names = device.journal().iter().map(|entry| entry.name.as_str());
        assert_eq!(names.filter(|name| *name != "Get").collect::<Vec<_>>(), verbs);
        assert_eq!(value(&device), "new");
    }
}

#[test]
fn commands_are_sent_in_the_order_of_their_submission() {
    let mut session = ServerSession::new(&config());
    let names = ["Replace", "Add", "Delete", "Add", "Replace"];
    for (key, name) in names.iter().enumerate() {
        let command = match *name {
            "Replace" => replace("./a", "1"),
            "Add" => Command::add_node("./b"),
            _ => Command::delete("./b"),
        };
        session.submit(key, command).unwrap();
    }
    let mut device = device(MemoryTree::default().with("./a", "chr", "0"));
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    assert_eq!(device.journal().iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), names);
    let outcomes = outcomes(found);
    assert_eq!(outcomes.iter().map(|outcome| outcome.key).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn the_server_can_end_a_session_and_each_command_has_its_outcome() {
    let mut session = ServerSession::new(&config());
    session.submit(1, replace("./a", "1")).unwrap();
    session.submit(2, get(&["./a"])).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    // The device says only half of its package.
    session.handle_message(NOW, &message(2, "", "")).unwrap();
    session.submit(3, get(&["./b"])).unwrap();
    session.abort();
    let answer = session.poll_transmit(NOW).unwrap();
    assert!(String::from_utf8(answer.body).unwrap().contains("<Data>1223</Data></Alert><Final/>"));
    let found = events(&mut session);
    assert!(found.contains(&Event::Ended));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.key, outcome.verdict), (1, Verdict::Unanswered));
    assert_eq!(outcome.cause, Some(Cause::Aborted));
    // What was not sent, and what can be asked again without harm, goes to the next session.
    let next = session.into_next_session();
    assert_eq!(next.queued().copied().collect::<Vec<_>>(), [2, 3]);
    assert!(!next.is_ended());
}

#[test]
fn a_session_that_a_device_leaves_is_given_up_without_loss() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::exec("./a")).unwrap();
    session.submit(2, get(&["./a"])).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    session.give_up();
    session.give_up();
    let [outcome] = outcomes(events(&mut session)).try_into().unwrap();
    assert_eq!((outcome.key, outcome.verdict), (1, Verdict::Unanswered));
    let mut next = session.into_next_session();
    let tree = MemoryTree::default().with("./a", "chr", "0");
    let (found, _) = run(&mut next, &mut device(tree), usize::MAX);
    assert_eq!(outcomes(found)[0].key, 2);
}

/// Not every device counts its sessions, and one that lost power begins anew.
#[test]
fn a_message_finds_its_session_or_begins_the_next() {
    use syncml::session::{SessionState, peek};
    let limits = syncml::Limits::default();
    let open = |state: &SessionState<u32>, bytes: &[u8]| {
        let peek = peek(bytes, &limits).unwrap();
        ServerSession::open(Some(state.clone()), &peek, &config()).unwrap()
    };
    let first = message(1, "", "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>");
    let none =
        ServerSession::<u32>::open(None, &peek(&first, &limits).unwrap(), &config()).unwrap();
    let mut session =
        ServerSession::open(Some(none.into_state()), &peek(&first, &limits).unwrap(), &config())
            .unwrap();
    session.submit(1, replace("./a", "1")).unwrap();
    let _ = handle(&mut session, &first);
    let state = session.into_state();
    // The answer was lost: the same session, the same bytes.
    assert_eq!(open(&state, &first).unanswered().count(), 1);
    let second = message(2, "", &format!("{}<Final/>", status(1, 3, "Replace", "", 200)));
    assert_eq!(open(&state, &second).session_id(), Some("1"));
    // Another package 1, under the same number: the command may have been executed.
    let anew = message(1, "", "<Alert><CmdID>3</CmdID><Data>1201</Data></Alert><Final/>");
    let mut next = open(&state, &anew);
    assert_eq!(next.session_id(), None);
    let [outcome] = outcomes(events(&mut next)).try_into().unwrap();
    assert_eq!((outcome.key, outcome.verdict), (1, Verdict::Unanswered));
    // After the end, the last message is answered again, and the first begins another session.
    let mut session = open(&state, &second);
    let _ = handle(&mut session, &second);
    assert!(session.is_ended());
    let state = session.into_state();
    assert!(open(&state, &second).is_ended());
    assert!(!open(&state, &first).is_ended());
    assert!(!open(&state, &anew).is_ended());
    // A late message of another session does not end this one.
    let other =
        String::from_utf8(second.clone()).unwrap().replace("<SessionID>1<", "<SessionID>0<");
    assert_eq!(open(&state, other.as_bytes()).session_id(), Some("1"));
}

/// One that loses power in the middle and always says SessionID 1 is not sent away for ever.
#[test]
fn a_device_that_does_not_count_its_sessions_begins_anew_in_the_middle_of_one() {
    use syncml::session::peek;
    let first = message(1, "", "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>");
    let who = peek(&first, &syncml::Limits::default()).unwrap();
    let mut session = ServerSession::new(&config());
    session.submit(1, get(&["./a"])).unwrap();
    let _ = handle(&mut session, &first);
    session.submit(2, Command::exec("./b")).unwrap();
    session.submit(3, get(&["./c"])).unwrap();
    let body = format!("{}<Final/>", status(1, 3, "Get", "", 404));
    let _ = handle(&mut session, &message(2, "", &body));
    assert!(session.unanswered().eq(&[2, 3]));
    let mut next = ServerSession::open(Some(session.into_state()), &who, &config()).unwrap();
    let (found, answer) = handle(&mut next, &first);
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.key, outcome.verdict), (2, Verdict::Unanswered));
    assert!(answer.body.commands.iter().any(|command| command.name() == "Get"));
    // The answer to that is lost: the same session.
    let again = ServerSession::open(Some(next.into_state()), &who, &config()).unwrap();
    assert!(again.unanswered().eq(&[3]));
}
