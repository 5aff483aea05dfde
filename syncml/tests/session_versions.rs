//! Devices that speak another version of the protocol than 1.2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, events, message, outcomes, status};
use syncml::model::Namespace;
use syncml::session::{Event, ServerSession, SessionError, SessionState};
use syncml::{Command, ErrorKind, Limits, Message, StatusCode, decode, wbxml};

/// A device's message in this version.
fn in_version(version: &str, proto: &str, id: u32, body: &str) -> Vec<u8> {
    let text = String::from_utf8(message(id, "", body)).unwrap();
    text.replace("SYNCML1.2", &format!("SYNCML{version}"))
        .replace("<VerDTD>1.2", &format!("<VerDTD>{version}"))
        .replace("DM/1.2", proto)
        .into_bytes()
}

fn answer(
    session: &mut ServerSession<u32>,
    in_wbxml: bool,
    bytes: &[u8],
) -> (Vec<u8>, Message<'static>) {
    let mut bytes = bytes.to_vec();
    if in_wbxml {
        let message = decode(&bytes, &Limits::default()).unwrap().into_owned();
        bytes.clear();
        wbxml::encode(&message, &mut bytes).unwrap();
    }
    session.handle_message(NOW, &bytes).unwrap();
    let body = session.poll_transmit(NOW).unwrap().body;
    assert_eq!(wbxml::looks_like(&body), in_wbxml);
    let read = match in_wbxml {
        true => wbxml::decode(&body, &Limits::default()).unwrap(),
        false => decode(&body, &Limits::default()).unwrap().into_owned(),
    };
    (body, read)
}

fn is_in(message: &Message<'_>, namespace: &Namespace<'_>, dtd: &str, proto: &str) -> bool {
    let header = message.header.as_ref().unwrap();
    message.namespace == *namespace && header.ver_dtd == dtd && header.ver_proto == proto
}

/// *Observed*: Nokia and Sony Ericsson phones, in XML and in WBXML.
#[test]
fn a_device_that_speaks_1_1_is_answered_in_it() {
    for in_wbxml in [false, true] {
        let mut session = ServerSession::new(&config());
        session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
        let package_1 = in_version("1.1", "DM/1.1", 1, "<Final/>");
        let (bytes, first) = answer(&mut session, in_wbxml, &package_1);
        assert!(is_in(&first, &Namespace::V11, "1.1", "DM/1.1"), "{first:?}");
        if in_wbxml {
            // Version 1.2 of WBXML, and SyncML 1.1.
            assert_eq!(bytes.get(..3), Some(&[0x02, 0x9F, 0x53][..]));
        }
        assert!(first.body.commands.iter().any(|command| command.name() == "Get"));
        // The version is stored, and the answer is the same again.
        let state = session.into_state();
        let json = serde_json::to_string(&state).unwrap();
        assert!(json.contains("speaks_1_1"));
        assert_eq!(
            serde_json::to_string(&serde_json::from_str::<SessionState<u32>>(&json).unwrap())
                .unwrap(),
            json
        );
        let state = SessionState::<u32>::from_bytes(&state.to_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&state).unwrap(), json);
        let mut session = ServerSession::resume(state, &config()).unwrap();
        assert_eq!(session.poll_transmit(NOW).unwrap().body, bytes);
        let body = [status(1, 0, "SyncHdr", "", 200), status(1, 2, "Get", "", 404)].concat();
        let (_, last) =
            answer(&mut session, in_wbxml, &in_version("1.1", "DM/1.1", 2, &(body + "<Final/>")));
        assert!(is_in(&last, &Namespace::V11, "1.1", "DM/1.1"));
        let found = events(&mut session);
        assert!(found.contains(&Event::Ended));
        assert_eq!(outcomes(found)[0].code(), Some(StatusCode::NOT_FOUND));
    }
}

/// What decides is VerProto: samples have the namespace and the DTD of 1.1 in messages of 1.2.
#[test]
fn all_other_devices_that_can_be_read_are_answered_in_1_2() {
    for (version, proto) in [
        ("1.2", "DM/1.2"),
        ("1.1", "DM/1.2"),
        ("1.2", "DM/1.3"),
        ("1.2", "DM/1.2.1"),
        ("1.1", "SyncML/1.1"),
        ("1.2", ""),
    ] {
        for in_wbxml in [false, true] {
            let mut session = ServerSession::new(&config());
            session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
            let bytes = in_version(version, proto, 1, "<Final/>");
            let (bytes, first) = answer(&mut session, in_wbxml, &bytes);
            assert!(is_in(&first, &Namespace::V12, "1.2", "DM/1.2"), "{version} {proto}");
            assert!(!in_wbxml || bytes.starts_with(&[0x02, 0xA4, 0x01]));
            assert!(session.unanswered().eq(&[1]));
            assert!(!serde_json::to_string(&session.into_state()).unwrap().contains("speaks_1_1"));
        }
    }
    // A header without a version is one of the version before.
    let mut session = ServerSession::new(&config());
    answer(&mut session, false, &in_version("1.1", "DM/1.1", 1, ""));
    let (_, next) = answer(&mut session, false, &in_version("1.1", "", 2, "<Final/>"));
    assert!(is_in(&next, &Namespace::V11, "1.1", "DM/1.1"));
}

/// OMA-SyncML-RepPro 1.2: 513 names the versions that are spoken.
#[test]
fn a_version_that_is_not_spoken_is_refused_with_those_that_are() {
    for proto in ["DM/1.0", "DM/1.0.1", "DM/2.0", "DM/2", "DM/4294967296.1"] {
        let mut session = ServerSession::new(&config());
        session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
        let alert = "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>";
        let bytes = in_version("1.2", proto, 1, alert);
        let (_, refusal) = answer(&mut session, false, &bytes);
        let expected = [("SyncHdr".to_owned(), 513), ("Alert".to_owned(), 513)];
        assert_eq!(common::said(&refusal), expected);
        let Command::Status(first) = &refusal.body.commands[0] else { panic!("{refusal:?}") };
        let spoken: Vec<_> = first.items.iter().filter_map(|item| item.data.as_ref()).collect();
        assert_eq!(
            spoken.iter().map(|data| data.as_str()).collect::<Vec<_>>(),
            ["DM/1.2", "DM/1.1"]
        );
        let answered = StatusCode::PROTOCOL_NOT_SUPPORTED;
        let found = events(&mut session);
        let violation = Event::Violation { command: "SyncHdr".to_owned(), answered };
        assert_eq!(found, [violation, Event::Ended]);
        // Nothing was sent; the same message is answered again, and no other.
        assert!(session.is_ended() && session.queued().eq(&[1]));
        session.handle_message(NOW, &bytes).unwrap();
        let error = session.handle_message(NOW, &in_version("1.2", proto, 2, alert)).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Session(SessionError::Ended));
        // The device begins again in a version that both speak.
        let mut session = session.into_next_session();
        let (_, first) = answer(&mut session, false, &in_version("1.1", "DM/1.1", 1, "<Final/>"));
        assert!(is_in(&first, &Namespace::V11, "1.1", "DM/1.1") && session.unanswered().eq(&[1]));
    }
}
