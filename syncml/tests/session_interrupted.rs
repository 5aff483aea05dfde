//! What ends before it is whole: commands, objects and sessions that one side breaks off, and
//! messages that are sent again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{
    NOW, announce, asked, chunk, config, device, events, handle, message, outcomes, said, status,
};
use syncml::model::{Format, Group, Request};
use syncml::session::{Cause, Event, ServerSession, SessionError, SessionState, Verdict, peek};
use syncml::simulator::{MemoryTree, Profile, Step};
use syncml::{Command, Data, ErrorKind, Item, Limits, Message, decode};

const ABORT: &str = "<Alert><CmdID>8</CmdID><Data>1223</Data></Alert><Final/>";
const NEXT: &str = "<Alert><CmdID>8</CmdID><Data>1222</Data></Alert>";

/// A request with this many items.
fn many(count: usize) -> Request<'static> {
    let mut request = Request::default();
    request.items = (0..count).map(|n| Item::target(format!("./Vendor/Node{n}"))).collect();
    request
}

fn large() -> Command<'static> {
    let digits: String = (0..1000).map(|n| format!("{n:04}")).collect();
    Command::replace("./a", Format::Chr, Data::text(digits))
}

/// The nodes of the answer's commands.
fn nodes(answer: &Message<'_>) -> Vec<String> {
    let sent = answer.body.commands.iter().filter(|command| command.request().is_some());
    let items = sent.flat_map(|command| command.items().iter());
    items.map(|item| item.loc_uri().unwrap().to_owned()).collect()
}

/// As another node goes on: through bytes, and through JSON.
fn elsewhere(session: ServerSession<u32>) -> ServerSession<u32> {
    let state = SessionState::<u32>::from_bytes(&session.into_state().to_bytes()).unwrap();
    let json = serde_json::to_string(&state).unwrap();
    ServerSession::resume(serde_json::from_str(&json).unwrap(), &config()).unwrap()
}

#[test]
fn a_command_of_which_not_all_items_were_sent_is_partial() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::Delete(many(60))).unwrap();
    let (_, answer) = handle(&mut session, &message(1, &announce(1400), "<Final/>"));
    assert!(nodes(&answer).len() < 60);
    let body = format!("{}{ABORT}", status(1, 2, "Delete", "", 200));
    let (found, _) = handle(&mut session, &message(2, "", &body));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.verdict, outcome.cause), (Verdict::Partial, Some(Cause::Aborted)));

    // A Get that goes item by item after an abort, and is aborted again.
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::Get(many(3))).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let body = format!("{}{ABORT}", status(1, 2, "Get", "", 200));
    let _ = handle(&mut session, &message(2, "", &body));
    let mut session = session.into_next_session();
    let (_, answer) = handle(&mut session, &message(1, "", "<Final/>"));
    assert_eq!(nodes(&answer).len(), 1);
    let result = "<Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Item><Source>\
        <LocURI>./Vendor/Node0</LocURI></Source><Data>x</Data></Item></Results>";
    let body = format!("{}{result}{ABORT}", status(1, 2, "Get", "", 200));
    let (found, _) = handle(&mut session, &message(2, "", &body));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.verdict, outcome.results.len()), (Verdict::Partial, 1));
}

/// A Results for the Get in our first message.
fn result(uri: &str) -> String {
    format!(
        "<Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Item><Source><LocURI>{uri}\
         </LocURI></Source><Data>x</Data></Item></Results>"
    )
}

#[test]
fn a_get_that_is_cut_off_in_its_results_is_asked_again() {
    let list = || Command::get("./L?list=StructData");
    let ok = status(1, 2, "Get", "", 200);
    let missing = status(1, 2, "Get", "./Vendor/Node1", 404);
    let (one, two) = (result("./Vendor/Node0"), result("./Vendor/Node1"));
    for (command, body, done) in [
        (list(), format!("{ok}{}", result("./L/a")), false),
        (list(), status(1, 2, "Get", "", 404), true),
        // One status for all of them, and not all of the results.
        (Command::Get(many(3)), format!("{ok}{one}{two}"), false),
        (Command::Get(many(3)), status(1, 2, "Get", "", 500), true),
        (Command::Get(many(2)), format!("{ok}{one}{two}"), true),
        (Command::Get(many(2)), format!("{ok}{missing}{one}"), true),
        (Command::Get(many(2)), format!("{ok}{missing}"), false),
    ] {
        for aborts in [false, true] {
            let mut session = ServerSession::new(&config());
            session.submit(1, command.clone()).unwrap();
            let _ = handle(&mut session, &message(1, "", "<Final/>"));
            let rest = if aborts { ABORT } else { "" };
            let (mut found, _) = handle(&mut session, &message(2, "", &format!("{body}{rest}")));
            session.give_up();
            found.extend(events(&mut session));
            assert_eq!(outcomes(found).len(), usize::from(done), "{body} {aborts}");
            let next = elsewhere(session).into_next_session();
            assert_eq!(next.queued().count(), usize::from(!done), "{body} {aborts}");
        }
    }
}

#[test]
fn a_list_that_is_cut_off_again_and_again_is_partial_in_the_end() {
    for (aborts, times) in [(true, 2), (false, 3)] {
        let mut session = ServerSession::new(&config());
        session.submit(1, Command::get("./L?list=StructData")).unwrap();
        for time in 1..=times {
            let _ = handle(&mut session, &message(1, "", "<Final/>"));
            let rest = if aborts { ABORT } else { "" };
            let body = format!("{}{}{rest}", status(1, 2, "Get", "", 200), result("./L/a"));
            let (mut found, _) = handle(&mut session, &message(2, "", &body));
            session.give_up();
            found.extend(events(&mut session));
            if time < times {
                assert!(outcomes(found).is_empty());
                session = elsewhere(session.into_next_session());
                continue;
            }
            let [outcome] = outcomes(found).try_into().unwrap();
            assert_eq!((outcome.verdict, outcome.cause), (Verdict::Partial, Some(Cause::Aborted)));
            assert!(outcome.truncated && session.queued().count() == 0);
        }
    }
}

/// It is not asked again, since the other commands in it would be as well.
#[test]
fn a_get_in_a_sequence_that_is_cut_off_in_its_results_makes_it_partial() {
    let set = || Command::replace("./a", Format::Chr, Data::text("x"));
    let list = Command::get("./L?list=StructData");
    let ok = [(2, "Sequence"), (3, "Replace"), (4, "Get")];
    let ok = ok.map(|(cmd, name)| status(1, cmd, name, "", 200)).concat();
    let missing = status(1, 4, "Get", "./Vendor/Node1", 404);
    let result = |uri: &str| result(uri).replace("<CmdRef>2<", "<CmdRef>4<");
    let one = result("./Vendor/Node0");
    for (get, body, whole) in [
        (Command::get("./a"), ok.clone(), false),
        (Command::get("./a"), format!("{ok}{}", result("./a")), true),
        (Command::Get(many(2)), format!("{ok}{one}"), false),
        (Command::Get(many(2)), format!("{ok}{one}{one}"), false),
        (Command::Get(many(2)), format!("{ok}{one}{}", result("./Vendor/Node1")), true),
        (list, format!("{ok}{}", result("./L/a")), false),
        // One of them is not there: partial, and all is here.
        (Command::Get(many(2)), format!("{ok}{missing}{one}"), true),
    ] {
        for (aborts, hands_over) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut config = config();
            config.hand_over_results = hands_over;
            let mut session = ServerSession::new(&config);
            let mut group = Group::default();
            group.commands = vec![set(), get.clone()];
            session.submit(1, Command::Sequence(group)).unwrap();
            let _ = handle(&mut session, &message(1, "", "<Final/>"));
            let rest = if aborts { ABORT } else { "" };
            let state = elsewhere(session).into_state();
            let mut session = ServerSession::resume(state, &config).unwrap();
            let (mut found, _) = handle(&mut session, &message(2, "", &format!("{body}{rest}")));
            let mut session = elsewhere(session);
            session.give_up();
            found.extend(events(&mut session));
            let [outcome] = outcomes(found).try_into().unwrap();
            assert_eq!(outcome.truncated, !whole, "{body} {aborts}");
            assert_eq!(outcome.cause, (!whole).then_some(Cause::Aborted), "{body} {aborts}");
            let applied = whole && !body.contains("404");
            let verdict = if applied { Verdict::Applied } else { Verdict::Partial };
            assert_eq!(outcome.verdict, verdict, "{body} {aborts}");
            assert_eq!(session.queued().count(), 0);
        }
    }
}

#[test]
fn results_that_were_handed_over_come_again_when_the_get_is_asked_again() {
    let mut config = config();
    config.hand_over_results = true;
    let mut session = ServerSession::new(&config);
    session.submit(1, Command::Get(many(2))).unwrap();
    let (one, two) = (result("./Vendor/Node0"), result("./Vendor/Node1"));
    // In one session each comes once.
    for (results, handed) in [(format!("{one}{one}"), 1), (format!("{one}{two}"), 2)] {
        let _ = handle(&mut session, &message(1, "", "<Final/>"));
        let body = format!("{}{results}", status(1, 2, "Get", "", 200));
        let (found, _) = handle(&mut session, &message(2, "", &body));
        let count = found.iter().map(|event| match event {
            Event::Results { items, .. } => items.len(),
            _ => 0,
        });
        assert_eq!(count.sum::<usize>(), handed);
        session = session.into_next_session();
    }
    assert_eq!(outcomes(events(&mut session))[0].verdict, Verdict::Applied);
}

/// A Get goes item by item where a device aborted over it, and not because an answer was lost.
#[test]
fn a_get_without_an_answer_is_asked_again_as_it_was_and_then_item_by_item() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::Get(many(3))).unwrap();
    for sent in [3, 3, 1] {
        let (_, answer) = handle(&mut session, &message(1, "", "<Final/>"));
        assert_eq!(nodes(&answer).len(), sent);
        session = elsewhere(session.into_next_session());
        assert_eq!(session.queued().count(), usize::from(sent > 1));
    }
}

#[test]
fn a_value_of_which_only_a_part_was_taken_is_not_applied() {
    let mut session = ServerSession::new(&config());
    session.submit(1, large()).unwrap();
    let _ = handle(&mut session, &message(1, &announce(1500), "<Final/>"));
    // 200 to a piece of it: the device knows nothing of more data.
    let body = format!("{}<Final/>", status(1, 2, "Replace", "", 200));
    let (found, _) = handle(&mut elsewhere(session), &message(2, "", &body));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!(outcome.verdict, Verdict::Partial);
}

#[test]
fn the_server_can_end_a_session_in_the_middle_of_a_command() {
    let mut session = ServerSession::new(&config());
    session.submit(1, large()).unwrap();
    let (_, answer) = handle(&mut session, &message(1, &announce(1500), "<Final/>"));
    assert!(answer.body.commands[1].items()[0].more_data);
    let body = format!("{}{NEXT}", status(1, 2, "Replace", "", 213));
    session.handle_message(NOW, &message(2, "", &body)).unwrap();
    session.abort();
    let answer = session.poll_transmit(NOW).unwrap().body;
    let answer = decode(&answer, &Limits::default()).unwrap();
    assert_eq!(said(&answer).last().unwrap().1, 1223);
    assert!(answer.body.is_final && session.is_ended());
    let found = events(&mut session);
    assert!(found.contains(&Event::Ended));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.verdict, outcome.cause), (Verdict::Unanswered, Some(Cause::Aborted)));
    assert_eq!(session.unanswered().count() + session.queued().count(), 0);
}

#[test]
fn an_end_that_is_asked_for_after_an_answer_comes_with_the_next_one() {
    for aborts in [false, true] {
        let mut session = ServerSession::new(&config());
        session.submit(1, Command::exec("./a")).unwrap();
        let first = message(1, "", "<Final/>");
        session.handle_message(NOW, &first).unwrap();
        let answer = session.poll_transmit(NOW).unwrap();
        let mut session = elsewhere(session);
        session.abort();
        assert!(!session.is_ended());
        // What may be with the device already stays what it is.
        session.handle_message(NOW, &first).unwrap();
        assert_eq!(session.poll_transmit(NOW).unwrap(), answer);
        let mut session = elsewhere(session);
        session.submit(2, Command::get("./b")).unwrap();
        let rest = if aborts { ABORT } else { "<Final/>" };
        let body = format!("{}{rest}", status(1, 2, "Exec", "", 200));
        let (found, answer) = handle(&mut session, &message(2, "", &body));
        assert!(session.is_ended() && answer.body.is_final && nodes(&answer).is_empty());
        // A device that ended the session itself is not told that it ends.
        assert_eq!(said(&answer).iter().any(|(_, code)| *code == 1223), !aborts);
        assert_eq!(
            (found.contains(&Event::Ended), found.contains(&Event::Aborted)),
            (!aborts, aborts)
        );
        assert_eq!(outcomes(found)[0].verdict, Verdict::Applied);
        assert!(session.queued().eq(&[2]));
    }
}

/// A device that never is at the end of its package is asked for more, but not for ever.
#[test]
fn a_session_has_n_answers_and_no_more() {
    for max in 1..6 {
        let mut session_config = config();
        session_config.max_messages = max;
        let mut session = ServerSession::new(&session_config);
        session.submit(1, Command::get("./a")).unwrap();
        for id in 1..=max {
            let ended = |code: &(String, u16)| code.1 == 1223;
            session.handle_message(NOW, &message(id, "", "")).unwrap();
            let answer = session.poll_transmit(NOW).unwrap().body;
            let answer = decode(&answer, &Limits::default()).unwrap();
            assert_eq!(said(&answer).iter().any(ended), id == max, "{id} of {max}");
            assert_eq!((answer.body.is_final, session.is_ended()), (id == max, id == max));
            session = ServerSession::resume(session.into_state(), &session_config).unwrap();
        }
        let error = session.handle_message(NOW, &message(max + 1, "", "")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Session(SessionError::Ended)), "{error}");
        assert!(session.into_next_session().queued().eq(&[1]));
    }
}

/// A session that owes ten statuses to a device of this size, which has more to say.
fn owing(max: usize) -> ServerSession<u32> {
    let alerts: String =
        (2..12).map(|id| format!("<Alert><CmdID>{id}</CmdID><Data>1100</Data></Alert>")).collect();
    let mut session = ServerSession::new(&config());
    session.handle_message(NOW, &message(1, &announce(max), &alerts)).unwrap();
    session
}

/// The answer to it, which is not larger than the device takes.
fn answer(session: &mut ServerSession<u32>, max: usize) -> Message<'static> {
    let body = session.poll_transmit(NOW).unwrap().body;
    assert!(body.len() <= max, "{} bytes of {max}", body.len());
    decode(&body, &Limits::default()).unwrap().into_owned()
}

#[test]
fn asking_for_the_next_message_takes_no_room_that_is_not_there() {
    for max in 800..2500 {
        let mut session = owing(max);
        let mut statuses = 0;
        for id in 2..15 {
            let answer = answer(&mut session, max);
            let said = said(&answer);
            statuses += said.iter().filter(|(name, code)| name == "Alert" && *code == 200).count();
            if id == 2 && max > 2400 {
                assert_eq!((statuses, said.last().unwrap().1), (10, 1222), "all fits");
            }
            if answer.body.is_final {
                break;
            }
            session.handle_message(NOW, &message(id, "", "<Final/>")).unwrap();
        }
        assert!(session.is_ended(), "{max}");
        assert_eq!(statuses, 10, "{max}");
    }
}

#[test]
fn ending_a_session_takes_no_room_that_is_not_there() {
    for max in 800..2500 {
        let mut session = owing(max);
        session.abort();
        let answer = answer(&mut session, max);
        assert_eq!(said(&answer).last().unwrap().1, 1223);
        assert!(answer.body.is_final && session.is_ended(), "{max}");
        // Statuses that had no room are not kept for anybody.
        let state = serde_json::to_string(&session.into_state()).unwrap();
        assert!(state.contains("\"owed\":[]"));
    }
}

#[test]
fn an_object_that_a_device_gives_up_does_not_keep_the_session_open() {
    for (size, code) in [(Some(7), 413), (None, 411), (Some(2), 424), (Some(6), 213)] {
        let mut session = asked();
        let body = format!("{}{}", status(1, 2, "Get", "", 200), chunk(1, true, size, "abcd"));
        let (_, answer) = handle(&mut session, &message(2, "", &body));
        assert_eq!(said(&answer)[1], ("Results".to_owned(), code));
        let body = format!("{}<Final/>", status(2, 0, "SyncHdr", "", 200));
        let (found, answer) = handle(&mut session, &message(3, "", &body));
        // One that was refused was answered already.
        let gives_up = said(&answer).contains(&("!".to_owned(), 1225));
        assert_eq!(gives_up, code == 213);
        assert!(answer.body.is_final && session.is_ended(), "{code}");
        // A status of success for nothing: not all that was asked for is here.
        let [outcome] = outcomes(found).try_into().unwrap();
        assert!(outcome.results.is_empty() && outcome.truncated, "{code}");
        assert_eq!(outcome.verdict, Verdict::Partial, "{code}");
    }
}

#[test]
fn an_object_goes_on_after_messages_that_had_no_room_for_it() {
    let mut session = asked();
    let pair = |name: &str, code| (name.to_owned(), code);
    // A device may say Final with each message.
    let first = format!("{}<Final/>", chunk(1, true, Some(6), "abc"));
    let (_, answer) = handle(&mut session, &message(2, "", &first));
    assert_eq!(said(&answer), [pair("SyncHdr", 200), pair("Results", 213), pair("!", 1222)]);
    for (id, body) in [(3, String::new()), (4, NEXT.to_owned())] {
        let body = format!("{}{body}", status(id - 1, 0, "SyncHdr", "", 200));
        let (_, answer) = handle(&mut session, &message(id, "", &body));
        assert!(!answer.body.is_final);
    }
    let (_, answer) = handle(&mut session, &message(5, "", &chunk(2, true, None, "de")));
    assert_eq!(said(&answer), [pair("SyncHdr", 200), pair("Results", 213), pair("!", 1222)]);
    let last = format!("{}<Final/>", chunk(3, false, None, "f"));
    let (found, _) = handle(&mut session, &message(6, "", &last));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!(outcome.results[0].data.as_ref().unwrap().as_str(), "abcdef");
}

#[test]
fn the_size_of_an_object_may_stand_in_its_commands_meta() {
    let meta = "<Meta><Format xmlns='syncml:metinf'>int</Format><Size xmlns='syncml:metinf'>6</Size>\
        </Meta><Item>";
    let (first, last) = (chunk(1, true, None, "123"), chunk(2, false, None, "456"));
    let first = first.replace("<Item>", meta);
    // What only the first chunk said holds for the whole; a Size that is repeated does not.
    for last in [last.replace("<Item>", meta), last] {
        let mut session = asked();
        let (_, answer) = handle(&mut session, &message(2, "", &first));
        assert_eq!(said(&answer)[1], ("Results".to_owned(), 213));
        let (found, _) = handle(&mut session, &message(3, "", &format!("{last}<Final/>")));
        let [outcome] = outcomes(found).try_into().unwrap();
        let item = &outcome.results[0];
        assert_eq!(item.data.as_ref().unwrap().as_str(), "123456");
        let meta = item.meta.as_ref().unwrap();
        assert_eq!((meta.format.clone(), meta.size.clone()), (Some(Format::Int), None));
    }
    // The item's own comes before it.
    let mut session = asked();
    let first = chunk(1, true, Some(7), "123").replace("<Item>", meta);
    let (_, answer) = handle(&mut session, &message(2, "", &first));
    assert_eq!(said(&answer)[1], ("Results".to_owned(), 413));

    // The other way round, and in DevInfo.
    let part = |meta: &str, more: &str, data: &str| {
        format!(
            "<Replace><CmdID>2</CmdID>{meta}<Item><Target><LocURI>./DevInfo/Man</LocURI></Target>\
             <Data>{data}</Data>{more}</Item></Replace>"
        )
    };
    let size = "<Meta><Size xmlns='syncml:metinf'>6</Size></Meta>";
    let (first, last) = (part(size, "<MoreData/>", "abc"), part("", "", "def") + "<Final/>");
    let mut session = ServerSession::<u32>::new(&config());
    let source = |text: &str| text.replace("Target", "Source");
    let (_, answer) = handle(&mut session, &message(1, "", &source(&first)));
    assert_eq!(said(&answer)[1], ("Replace".to_owned(), 213));
    let (_, answer) = handle(&mut session, &message(2, "", &source(&last)));
    assert_eq!(said(&answer)[1], ("Replace".to_owned(), 200));

    let tree = MemoryTree::default().with("./DevInfo/Man", "chr", "old");
    let mut device = device(tree).with_profile(Profile::CONFORMING);
    device.start(&[]).unwrap();
    for (id, body, code) in [(1, first, 213), (2, last, 200)] {
        let step = device.handle_message(&message(id, "", &body)).unwrap();
        let Step::Send(answer) = step else { panic!("a status") };
        let answer = decode(&answer, &Limits::default()).unwrap();
        assert!(said(&answer).contains(&("Replace".to_owned(), code)), "{:?}", said(&answer));
    }
}

/// A device that has something to say besides 213 waits for the rest of the object all the same.
#[test]
fn what_a_device_says_with_213_does_not_come_between_two_chunks() {
    let mut session = ServerSession::new(&config());
    session.submit(1, large()).unwrap();
    let _ = handle(&mut session, &message(1, &announce(1500), "<Final/>"));
    let generic = "<Alert><CmdID>8</CmdID><Data>1226</Data><Item><Data>x</Data></Item></Alert>";
    let body = format!("{}{generic}", status(1, 2, "Replace", "", 213));
    let (_, answer) = handle(&mut session, &message(2, "", &body));
    assert_eq!(nodes(&answer), ["./a"]);
    assert!(!said(&answer).contains(&("!".to_owned(), 1222)), "{:?}", said(&answer));
    // Without 213 it has more to say first.
    let (_, answer) = handle(&mut session, &message(3, "", generic));
    assert!(nodes(&answer).is_empty() && said(&answer).contains(&("!".to_owned(), 1222)));
}

/// Not every device counts its sessions, and most have nothing to do.
#[test]
fn a_session_of_one_exchange_begins_again_with_the_same_message() {
    let first = message(1, "", "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>");
    let who = peek(&first, &Limits::default()).unwrap();
    let mut session = ServerSession::new(&config());
    let (found, _) = handle(&mut session, &first);
    assert!(session.is_ended() && found.contains(&Event::Ended));
    let state = elsewhere(session).into_state();
    let mut session = ServerSession::open(Some(state), &who, &config()).unwrap();
    assert!(!session.is_ended());
    session.handle_message(NOW, &first).unwrap();
    assert!(events(&mut session).iter().any(|event| matches!(event, Event::PackageOne(_))));
    session.submit(1, Command::exec("./a")).unwrap();
    let answer = session.poll_transmit(NOW).unwrap();
    // With something to do, it is the same session, and the same bytes.
    let mut session = ServerSession::open(Some(session.into_state()), &who, &config()).unwrap();
    session.handle_message(NOW, &first).unwrap();
    assert_eq!(session.poll_transmit(NOW).unwrap(), answer);
    assert!(session.unanswered().eq(&[1]) && events(&mut session).is_empty());
}

#[cfg(feature = "auth")]
mod challenged {
    use super::*;
    use syncml::auth::Account;

    /// The device does not take our message without other credentials.
    fn challenge(msg: u32) -> String {
        format!(
            "<Status><CmdID>1</CmdID><MsgRef>{msg}</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Chal>\
             <Meta><Type xmlns='syncml:metinf'>syncml:auth-basic</Type></Meta></Chal><Data>401</Data>\
             </Status>"
        )
    }

    /// A session whose first message was taken, but not for the whole session (212).
    fn begun(
        command: &Command<'static>,
        code: u16,
        rest: &str,
    ) -> (ServerSession<u32>, [Message<'static>; 2]) {
        let mut session = ServerSession::new(&config());
        session.authenticate_server(Account::basic("Bruce2", "OhBehave"));
        session.submit(1, command.clone()).unwrap();
        session.submit(2, Command::exec("./last")).unwrap();
        let (_, first) = handle(&mut session, &message(1, &announce(1500), "<Final/>"));
        let answers =
            [status(1, 0, "SyncHdr", "", 200), status(1, 2, command.name(), "", code)].concat();
        let (_, second) = handle(&mut session, &message(2, "", &format!("{answers}{rest}")));
        (elsewhere(session), [first, second])
    }

    /// A device may ask for credentials after the end, but not for ever.
    #[test]
    fn a_session_that_was_done_has_n_answers_and_no_more_where_the_server_proves_itself() {
        for max in 2..6 {
            let mut config = config();
            config.max_messages = max;
            let mut session = ServerSession::<u32>::new(&config);
            session.authenticate_server(Account::basic("Bruce2", "OhBehave"));
            let mut ends = 0;
            for id in 1..=max {
                let rest = if id == 1 { "<Final/>" } else { "" };
                let (found, answer) = handle(&mut session, &message(id, "", rest));
                ends += found.iter().filter(|event| **event == Event::Ended).count();
                let aborts = said(&answer).iter().any(|(_, code)| *code == 1223);
                assert_eq!(aborts, id == max, "{id} of {max}");
                assert_eq!(session.is_ended(), id == 1 || id == max, "{id} of {max}");
            }
            assert_eq!(ends, 1);
            let error = session.handle_message(NOW, &message(max + 1, "", "")).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Session(SessionError::Ended)), "{error}");
        }
    }

    #[test]
    fn only_what_a_challenge_refused_is_sent_again() {
        let (mut session, [first, second]) = begun(&Command::Add(many(60)), 200, "<Final/>");
        let body = format!("{}{}<Final/>", challenge(2), status(2, 2, "Add", "", 401));
        let (mut found, mut answer) = handle(&mut session, &message(3, "", &body));
        assert_eq!(nodes(&answer), nodes(&second));
        let mut sent = nodes(&first);
        for id in 4..20 {
            sent.extend(nodes(&answer));
            let executed =
                answer.body.commands.iter().filter(|command| command.request().is_some());
            let statuses: String = executed
                .map(|command| {
                    let cmd = command.cmd_id().unwrap().as_str().parse().unwrap();
                    status(id - 1, cmd, command.name(), "", 200)
                })
                .collect();
            let next;
            (next, answer) = handle(&mut session, &message(id, "", &format!("{statuses}<Final/>")));
            found.extend(next);
            if session.is_ended() {
                break;
            }
        }
        let all: Vec<String> = (0..60).map(|n| format!("./Vendor/Node{n}")).collect();
        assert_eq!(sent, [&all[..], &["./last".to_owned()]].concat(), "each once, in order");
        let found = outcomes(found);
        assert_eq!(found.iter().map(|outcome| outcome.key).collect::<Vec<_>>(), [1, 2]);
        assert!(found.iter().all(|outcome| outcome.is_success()));
    }

    #[test]
    fn a_chunk_that_a_challenge_refused_is_sent_again_and_no_other() {
        let (mut session, [first, second]) = begun(&large(), 213, NEXT);
        let data = |answer: &Message<'_>| {
            let sent = answer.body.commands.iter().find(|command| command.name() == "Replace");
            sent.unwrap().items()[0].data.as_ref().unwrap().as_str().to_owned()
        };
        let (_, again) = handle(&mut session, &message(3, "", &(challenge(2) + NEXT)));
        assert_eq!(data(&again), data(&second));
        let mut whole = data(&first) + &data(&again);
        for id in 4..20 {
            let body = status(id - 1, 3, "Replace", "", 213) + NEXT;
            let (_, answer) = handle(&mut session, &message(id, "", &body));
            whole += &data(&answer);
            if answer.body.is_final {
                break;
            }
        }
        assert_eq!(whole, large().items()[0].data.as_ref().unwrap().as_str());
    }

    #[test]
    fn a_device_that_is_challenged_in_an_object_gets_its_next_chunk() {
        let cred = "<Cred><Meta><Type xmlns='syncml:metinf'>syncml:auth-basic</Type></Meta><Data>\
            QnJ1Y2UyOk9oQmVoYXZl</Data></Cred>";
        let mut session = ServerSession::new(&config());
        session.authenticate_device(Account::basic("Bruce2", "OhBehave"), true);
        session.submit(1, large()).unwrap();
        let header = format!("{cred}{}", announce(1500));
        let _ = handle(&mut session, &message(1, &header, "<Final/>"));
        let body = status(1, 2, "Replace", "", 213) + NEXT;
        let (found, answer) = handle(&mut session, &message(2, "", &body));
        assert!(found.contains(&Event::Challenged(syncml::StatusCode::MISSING_CREDENTIALS)));
        assert!(nodes(&answer).is_empty());
        let (_, answer) = handle(&mut elsewhere(session), &message(3, cred, &body));
        assert_eq!(nodes(&answer), ["./a"]);
        assert!(!said(&answer).contains(&("!".to_owned(), 1222)), "{:?}", said(&answer));
    }

    #[test]
    fn the_last_chunk_is_sent_again_without_anything_between() {
        let (mut session, [_, mut answer]) = begun(&large(), 213, NEXT);
        let mut id = 3;
        let more = |answer: &Message<'_>| {
            answer.body.commands.iter().any(|one| one.items().iter().any(|item| item.more_data))
        };
        while more(&answer) {
            let body = status(id - 1, 3, "Replace", "", 213) + NEXT;
            (_, answer) = handle(&mut session, &message(id, "", &body));
            id += 1;
        }
        let (_, again) = handle(&mut session, &message(id, "", &(challenge(id - 1) + NEXT)));
        assert_eq!(nodes(&again)[0], "./a");
        assert!(!said(&again).contains(&("!".to_owned(), 1222)), "{:?}", said(&again));
    }
}
