//! What a peer that controls every byte can do to a session: what is kept of it, how it grows, and
//! what of another session, device or command it may say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, events, handle, message, outcomes, status};
use syncml::session::{Config, Event, ServerSession, SessionError, SessionState, Verdict, peek};
use syncml::{Command, Data, ErrorKind, Format, Limits, StatusCode};

fn session(config: &Config) -> ServerSession<u32> {
    ServerSession::new(config)
}

fn refused(session: &mut ServerSession<u32>, bytes: &[u8]) -> ErrorKind {
    let before = serde_json::to_string(&session_state(session)).unwrap();
    let kind = session.handle_message(NOW, bytes).expect_err("refused").kind().clone();
    assert!(session.poll_event().is_none());
    assert_eq!(serde_json::to_string(&session_state(session)).unwrap(), before, "as it was");
    kind
}

fn session_state(session: &mut ServerSession<u32>) -> SessionState<u32> {
    let taken = std::mem::replace(session, ServerSession::new(&config()));
    let state = taken.into_state();
    *session = ServerSession::resume(state.clone(), &config()).unwrap();
    state
}

/// Bytes of the state as it is stored.
fn stored(session: ServerSession<u32>) -> (usize, SessionState<u32>) {
    let state = session.into_state();
    (serde_json::to_string(&state).unwrap().len(), state)
}

/// A session that has sent a Get of this many items.
fn asked(config: &Config, items: usize) -> ServerSession<u32> {
    let mut session = session(config);
    let get = format!(
        "<Get>{}</Get>",
        (0..items)
            .map(|i| format!("<Item><Target><LocURI>./A/{i}</LocURI></Target></Item>"))
            .collect::<String>()
    );
    let get = syncml::decode(get.as_bytes(), &Limits::default()).unwrap().body.commands.remove(0);
    session.submit(1, get).unwrap();
    let alert = "<Alert><CmdID>1</CmdID><Data>1201</Data></Alert><Final/>";
    session.handle_message(NOW, &message(1, "", alert)).unwrap();
    session.poll_transmit(NOW).unwrap();
    events(&mut session);
    session
}

#[test]
fn identifiers_that_every_answer_repeats_have_a_limit() {
    let text = |session: &str, msg: &str| {
        let text = String::from_utf8(message(1, "", "<Final/>")).unwrap();
        text.replace("<SessionID>1<", &format!("<SessionID>{session}<"))
            .replace("<MsgID>1<", &format!("<MsgID>{msg}<"))
    };
    let long = |n: usize| "7".repeat(n);
    for (good, bad) in [
        (text(&long(256), "1"), text(&long(257), "1")),
        (text("1", &long(256)), text("1", &long(257))),
    ] {
        assert!(session(&config()).handle_message(NOW, good.as_bytes()).is_ok());
        let kind = refused(&mut session(&config()), bad.as_bytes());
        assert_eq!(kind, ErrorKind::Identifier { max: 256 });
        assert!(peek(good.as_bytes(), &Limits::default()).is_ok());
        let error = peek(bad.as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Identifier { max: 256 });
        assert!(peek(bad.as_bytes(), &Limits::default().with_identifier(257)).is_ok());
    }
}

#[test]
fn answers_of_others_change_nothing() {
    let mut session = asked(&config(), 1);
    let other = |from: &str, to: &str| {
        let text = String::from_utf8(message(2, "", "<Final/>")).unwrap();
        text.replace(from, to).into_bytes()
    };
    let kind = refused(&mut session, &other("<SessionID>1<", "<SessionID>2<"));
    assert!(matches!(kind, ErrorKind::Session(SessionError::OtherSession { .. })));
    let kind = refused(&mut session, &other("urn:uuid:4", "urn:uuid:5"));
    let (expected, found) = ("urn:uuid:4".into(), "urn:uuid:5".into());
    assert_eq!(kind, ErrorKind::Session(SessionError::OtherDevice { expected, found }));
    let long = other("urn:uuid:4", &"x".repeat(1000));
    let ErrorKind::Session(SessionError::OtherDevice { found, .. }) = refused(&mut session, &long)
    else {
        panic!("another device")
    };
    assert_eq!(found.len(), 64);
    // The last message with other content, and one from before.
    let changed = message(1, "", "<Alert><CmdID>9</CmdID><Data>1201</Data></Alert><Final/>");
    assert!(matches!(
        refused(&mut session, &changed),
        ErrorKind::Session(SessionError::Changed(_))
    ));
    let kind = refused(&mut session, &other("<MsgID>2<", "<MsgID>0<"));
    assert!(matches!(kind, ErrorKind::Session(SessionError::Stale { .. })));
    // Statuses and results of commands that were never sent, or by another number.
    let foreign = [
        status(1, 7, "Get", "", 200),
        status(9, 2, "Get", "", 200),
        status(0, 0, "SyncHdr", "", 500),
        "<Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>99</CmdRef><Item><Source><LocURI>./A/0\
         </LocURI></Source><Data>x</Data></Item></Results>"
            .to_owned(),
    ];
    let (found, _) = handle(&mut session, &message(2, "", &foreign.concat()));
    assert!(found.iter().all(|event| !matches!(event, Event::Outcome(_) | Event::Results { .. })));
    // Without an address the header says nothing against it, and the session goes on.
    let bare = String::from_utf8(message(3, "", "<Final/>")).unwrap();
    let bare = bare.replace("<LocURI>urn:uuid:4</LocURI>", "");
    session.handle_message(NOW, bare.as_bytes()).unwrap();
    let found = outcomes(events(&mut session));
    assert_eq!(found[0].verdict, Verdict::Unanswered);
}

#[test]
fn numbers_in_headers_that_fit_nowhere_are_no_sizes() {
    for (size, fits) in [
        ("0", true),
        ("-1", true),
        ("18446744073709551616", true),
        ("99999999999999999999999999", true),
        ("18446744073709551615", true),
        ("1", false),
    ] {
        let mut session = session(&config());
        session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
        let meta = format!(
            "<Meta><MaxMsgSize xmlns='syncml:metinf'>{size}</MaxMsgSize>\
             <MaxObjSize xmlns='syncml:metinf'>{size}</MaxObjSize></Meta>"
        );
        let (_, answer) = handle(&mut session, &message(1, &meta, "<Final/>"));
        let sent = answer.body.commands.iter().any(|command| command.name() == "Get");
        assert_eq!(sent, fits, "{size}");
    }
    // A MsgID past all numbers is a text like any other.
    for id in ["18446744073709551615", "18446744073709551616", "x", "-1"] {
        let mut session = session(&config());
        let text = String::from_utf8(message(1, "", "<Final/>")).unwrap();
        let text = text.replace("<MsgID>1<", &format!("<MsgID>{id}<"));
        let (_, answer) = handle(&mut session, text.as_bytes());
        let Command::Status(first) = &answer.body.commands[0] else { panic!("a Status") };
        assert_eq!(first.msg_ref.as_ref().unwrap().as_str(), id);
        // The next one is taken, and the same with other content is not.
        assert!(session.handle_message(NOW, text.as_bytes()).is_ok());
        let other = text.replace("<Final/>", "");
        assert!(session.handle_message(NOW, other.as_bytes()).is_err());
    }
}

/// A large object that is announced costs what was sent of it, and one over the limit nothing.
#[test]
fn objects_that_are_announced_and_never_sent_cost_nothing() {
    let chunk = |size: &str, data: &str| {
        format!(
            "<Alert><CmdID>2</CmdID><Data>1226</Data><Item><Source><LocURI>./Log</LocURI></Source>\
             <Meta><Size xmlns='syncml:metinf'>{size}</Size></Meta><Data>{data}</Data><MoreData/>\
             </Item></Alert>"
        )
    };
    for (size, code) in [
        ("8388608", StatusCode::CHUNK_ACCEPTED),
        ("8388609", StatusCode::TOO_LARGE),
        ("1073741824", StatusCode::TOO_LARGE),
        ("99999999999999999999", StatusCode::SIZE_REQUIRED),
        ("-1", StatusCode::SIZE_REQUIRED),
        // It is larger than it said.
        ("2", StatusCode::SIZE_MISMATCH),
    ] {
        let mut session = session(&config());
        let (_, answer) = handle(&mut session, &message(1, "", &chunk(size, "abc")));
        let Command::Status(status) = &answer.body.commands[1] else { panic!("a Status") };
        assert_eq!(status.code(), Some(code), "{size}");
        let (bytes, state) = stored(session);
        assert!(bytes < 8_000, "{size}: {bytes}");
        assert!(ServerSession::resume(state, &config()).is_ok());
    }
    // One object after the other is begun: each is given up, and the answers are bounded.
    let begun: String =
        (0..3_000).map(|i| chunk("9", "x").replace("./Log", &format!("./Log/{i}"))).collect();
    let mut session = session(&config());
    for id in 1..6 {
        handle(&mut session, &message(id, "", &begun));
    }
    let (bytes, _) = stored(session);
    // Ten thousand statuses are left over, and those of one message come on top.
    assert!(bytes < 16 << 20, "{bytes}");
}

/// What a device says beside a status is kept once for each node, and all of it together up to
/// `max_result_bytes`.
#[test]
fn statuses_and_results_are_kept_up_to_one_limit() {
    let long = "x".repeat(1000);
    let said = |target: usize| {
        format!(
            "<Status><CmdID>{target}</CmdID><MsgRef>1</MsgRef><CmdRef>3</CmdRef><Cmd>Get</Cmd>\
             <TargetRef>./A/{target}</TargetRef><Data>404</Data><Item><Data>{long}</Data></Item>\
             </Status>"
        )
    };
    // Two statuses of the node's address and a text of a thousand bytes.
    let each = "./A/1".len() + long.len();
    for (room, kept) in [(2 * each, 2), (2 * each - 1, 1)] {
        let mut config = config();
        config.max_result_bytes = room;
        let mut session = asked(&config, 3);
        let body = [said(1), said(2), "<Final/>".to_owned()].concat();
        session.handle_message(NOW, &message(2, "", &body)).unwrap();
        let outcome = outcomes(events(&mut session)).remove(0);
        assert_eq!(outcome.statuses.len(), 2, "the codes are there");
        let texts = outcome.statuses.iter().filter(|status| !status.data.is_empty()).count();
        assert_eq!((texts, outcome.truncated), (kept, kept == 1));
    }
    // Of many commands, message after message, without Final.
    let mut config = config();
    config.max_result_bytes = 100_000;
    let mut session = session(&config);
    for key in 0..50 {
        session.submit(key, Command::get(format!("./A/{key}"))).unwrap();
    }
    session.handle_message(NOW, &message(1, "", "<Final/>")).unwrap();
    session.poll_transmit(NOW).unwrap();
    let large = "y".repeat(20_000);
    for id in 2..30 {
        let all: String = (2..=51)
            .map(|cmd| {
                status(1, cmd, "Get", "", 200).replace(
                    "</Status>",
                    &format!("<Item><Data>{large}{id}</Data></Item></Status>"),
                )
            })
            .collect();
        session.handle_message(NOW, &message(id, "", &all)).unwrap();
        session.poll_transmit(NOW).unwrap();
        events(&mut session);
    }
    let (bytes, _) = stored(session);
    assert!(bytes < 300_000, "{bytes}");
}

#[test]
fn a_meta_of_results_is_not_multiplied_beyond_the_limit() {
    let items: String = (0..300)
        .map(|i| format!("<Item><Source><LocURI>./A/{i}</LocURI></Source><Data>1</Data></Item>"))
        .collect();
    let typ = "t".repeat(1 << 20);
    let results = format!(
        "<Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>3</CmdRef><Meta>\
         <Type xmlns='syncml:metinf'>{typ}</Type></Meta>{items}</Results>"
    );
    for hand_over in [false, true] {
        let mut config = config();
        config.hand_over_results = hand_over;
        let mut session = asked(&config, 1);
        let body = [status(1, 3, "Get", "", 200), results.clone(), "<Final/>".to_owned()].concat();
        session.handle_message(NOW, &message(2, "", &body)).unwrap();
        let mut kept = 0;
        let mut truncated = false;
        for event in events(&mut session) {
            match event {
                Event::Results { items, .. } => kept += items.len(),
                Event::Outcome(outcome) => {
                    kept += outcome.results.len();
                    truncated = outcome.truncated;
                }
                _ => {}
            }
        }
        // Eight megabytes, and a little less than one of them for each.
        assert_eq!((kept, truncated), (7, true), "hand over: {hand_over}");
    }
}

#[test]
fn a_meta_is_not_copied_for_each_chunk_of_a_command() {
    let item = |i: usize| {
        format!("<Item><Source><LocURI>./A/{i}</LocURI></Source><Data>x</Data><MoreData/></Item>")
    };
    let items: String = (0..20_000).map(item).collect();
    let results = format!(
        "<Results><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Meta><Size \
         xmlns='syncml:metinf'>9</Size><Type xmlns='syncml:metinf'>{}</Type></Meta>{items}</Results>",
        "t".repeat(4 << 20)
    );
    let mut session = asked(&config(), 1);
    // Copied each time, it would be eighty gigabytes.
    let (_, answer) = handle(&mut session, &message(2, "", &results));
    let Command::Status(status) = &answer.body.commands[1] else { panic!("a Status") };
    assert_eq!(status.code(), Some(StatusCode::CHUNK_ACCEPTED), "of the last");
}

#[test]
fn what_an_alert_says_once_is_there_once() {
    let items = "<Item><Meta><Type xmlns='syncml:metinf'>x</Type></Meta></Item>".repeat(20_000);
    let long = "c".repeat(1 << 20);
    let alert = format!(
        "<Alert><CmdID>2</CmdID><Data>1226</Data><Correlator>{long}</Correlator>{items}</Alert>"
    );
    let mut session = session(&config());
    session.handle_message(NOW, &message(1, "", &alert)).unwrap();
    let found: Vec<_> = events(&mut session)
        .into_iter()
        .filter_map(|event| match event {
            Event::Generic(alert) => alert.correlator,
            _ => None,
        })
        .collect();
    assert_eq!(found.len(), 20_000);
    assert!(found.iter().all(|one| std::ptr::eq(one.as_ptr(), found[0].as_ptr())), "shared");
}

#[test]
fn many_commands_of_a_device_cost_time_in_proportion() {
    // DevInfo with a megabyte in it, and thousands of further Replaces.
    let info = |name: &str, value: &str| {
        format!(
            "<Replace><CmdID>2</CmdID><Item><Source><LocURI>./DevInfo/{name}</LocURI></Source>\
             <Data>{value}</Data></Item></Replace>"
        )
    };
    let body = info("Man", &"m".repeat(1 << 20)) + &info("Lang", "de").repeat(3_000) + "<Final/>";
    let mut session = session(&config());
    let (found, _) = handle(&mut session, &message(1, "", &body));
    let package = found.iter().find_map(|event| match event {
        Event::PackageOne(package) => Some(package),
        _ => None,
    });
    let device = &package.unwrap().device;
    assert_eq!(
        (device.man.as_ref().map(String::len), device.lang.as_deref()),
        (Some(1 << 20), Some("de"))
    );
    // The header's status, ten thousand times, with thousands of commands on their way.
    let mut session: ServerSession<u32> = ServerSession::new(&config());
    for key in 0..2_000 {
        session.submit(key, Command::replace("./A", Format::Chr, Data::text("1"))).unwrap();
    }
    let mut id = 1;
    while session.queued().next().is_some() {
        session.handle_message(NOW, &message(id, "", "<Final/>")).unwrap();
        session.poll_transmit(NOW).unwrap();
        events(&mut session);
        id += 1;
        assert!(id < 20);
    }
    let refusals = status(1, 0, "SyncHdr", "", 500).repeat(9_000);
    session.handle_message(NOW, &message(id, "", &refusals)).unwrap();
    let refusals = events(&mut session)
        .iter()
        .filter(|event| matches!(event, Event::HeaderRefused(_)))
        .count();
    assert_eq!(refusals, 1, "a message has one header");
}

#[test]
fn saved_states_that_were_changed_are_refused_or_harmless() {
    let session = asked(&config(), 2);
    let (_, state) = stored(session);
    let json = serde_json::to_string(&state).unwrap();
    // Numbers at both ends wherever one stands.
    let places: Vec<usize> = json
        .match_indices(|c: char| c.is_ascii_digit())
        .map(|(at, _)| at)
        .filter(|at| !json.as_bytes()[at - 1].is_ascii_digit())
        .filter(|at| matches!(json.as_bytes()[at - 1], b':' | b',' | b'['))
        .collect();
    assert!(places.len() > 5, "{json}");
    for at in places {
        let (before, number) = json.split_at(at);
        let after = number.trim_start_matches(|c: char| c.is_ascii_digit());
        for number in ["0", "1", "4294967295", "18446744073709551615", "-1", "1e99"] {
            let changed = format!("{before}{number}{after}");
            let Ok(state) = serde_json::from_str::<SessionState<u32>>(&changed) else { continue };
            let Ok(mut session) = ServerSession::resume(state, &config()) else { continue };
            let body = [status(1, 3, "Get", "./A/0", 200), "<Final/>".to_owned()].concat();
            let _ = session.handle_message(NOW, &message(2, "", &body));
            let _ = session.poll_transmit(NOW);
            events(&mut session);
            let _ = session.into_next_session().into_state();
        }
    }
    // Groups in groups: the reader of JSON stops it, and nothing recurses deeper.
    let deep = |n: usize| {
        let (open, close) = (
            r#"{"Atomic":{"cmd_id":null,"no_resp":false,"meta":null,"commands":["#,
            r#"],"extra":[],"attributes":[]}}"#,
        );
        open.repeat(n) + &close.repeat(n)
    };
    assert!(serde_json::from_str::<Command<'_>>(&deep(20)).is_ok());
    assert!(serde_json::from_str::<Command<'_>>(&deep(10_000)).is_err());
}

#[test]
fn sums_over_a_saved_state_do_not_overflow() {
    let mut session = asked(&config(), 2);
    session.submit(2, Command::get("./B")).unwrap();
    session.submit(3, Command::get("./C")).unwrap();
    let (_, answer) = handle(&mut session, &message(2, "", "<Final/>"));
    assert_eq!(answer.body.commands.len(), 3);
    let (_, state) = stored(session);
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(json.matches("\"bytes\":0").count(), 2);
    let forged = json.replace("\"bytes\":0", "\"bytes\":18446744073709551615");
    let result = "<Results><CmdID>7</CmdID><MsgRef>2</MsgRef><CmdRef>2</CmdRef><Item><Source><LocURI>\
        ./B</LocURI></Source><Data>x</Data></Item></Results>";
    let body =
        [status(2, 2, "Get", "./B", 200), status(2, 3, "Get", "./C", 200), result.to_owned()];
    for hand_over in [false, true] {
        let state: SessionState<u32> = serde_json::from_str(&forged).unwrap();
        let state = SessionState::<u32>::from_bytes(&state.to_bytes()).unwrap();
        let mut config = config();
        (config.hand_over_results, config.max_result_bytes) = (hand_over, usize::MAX);
        let mut session = ServerSession::resume(state, &config).unwrap();
        let body = format!("{}<Final/>", body.concat());
        let (found, _) = handle(&mut session, &message(3, "", &body));
        let found = outcomes(found);
        assert_eq!(found.len(), 2);
        assert!(found[0].truncated && found[0].results.is_empty(), "there is no room for more");
    }
}

#[test]
fn secrets_stay_out_of_debug_output_and_errors() {
    let secret = "hunter2";
    let cred = format!(
        "<Cred><Meta><Type xmlns='syncml:metinf'>syncml:auth-basic</Type></Meta><Data>{secret}</Data></Cred>"
    );
    let token = format!(
        "<Alert><CmdID>2</CmdID><Data>1224</Data><Item><Meta><Type xmlns='syncml:metinf'>\
         com.microsoft/MDM/AADUserToken</Type></Meta><Data>{secret}</Data></Item></Alert>\
         <Status><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Chal><Meta>\
         <NextNonce xmlns='syncml:metinf'>{secret}</NextNonce></Meta></Chal><Data>401</Data></Status>\
         <Results><CmdID>4</CmdID><CmdRef>1</CmdRef><Item><Source><LocURI>./A</LocURI></Source>\
         <Data>{secret}</Data></Item></Results><Final/>"
    );
    let bytes = message(1, &cred, &token);
    let mut session = session(&config());
    session.handle_message(NOW, &bytes).unwrap();
    let read = syncml::decode(&bytes, &Limits::default()).unwrap();
    let printed = format!("{read:?} {session:?} {:?}", events(&mut session));
    assert!(!printed.contains(secret), "{printed}");
    // Broken in the middle of it.
    let cut = [&bytes[..bytes.len() - 100], b"&"].concat();
    let error = session.handle_message(NOW, &cut).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(secret));
    assert!(error.position().is_some());
}
