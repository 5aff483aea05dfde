//! Saved states: as bytes, and as the JSON that version 0.1 wrote.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, events, message, outcomes, status};
use syncml::session::{Event, LoginStatus, ServerSession, SessionError, SessionState, StateKey};
use syncml::{Command, Data, Error, ErrorKind, Format};

/// What the first version wrote with serde_json: an account, a command that was sent, a group, an
/// upsert and a long value that wait, and the answer.
const VERSION_2: &str = include_str!("states/version_2.json");
/// The same state as bytes, in base64: what is stored today has to be read tomorrow.
const BYTES_1: &str = include_str!("states/bytes_1.txt");
/// Events of a session that nobody asked for, as they were stored before alerts had their errors,
/// DevInfo what makers add, and sessions a scope.
const VERSION_2_EVENTS: &str = include_str!("states/version_2_events.json");
const BYTES_1_EVENTS: &str = include_str!("states/bytes_1_events.txt");
/// The same in the middle of package 1.
const BYTES_1_PACKAGE: &str = include_str!("states/bytes_1_package.txt");

fn bytes(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    let text: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn stored() -> SessionState<u32> {
    serde_json::from_str(VERSION_2).unwrap()
}

fn json<K: serde::Serialize>(state: &SessionState<K>) -> String {
    serde_json::to_string(state).unwrap()
}

fn kind(error: &Error) -> &SessionError {
    let ErrorKind::Session(kind) = error.kind() else { panic!("{error}") };
    kind
}

/// Ends a session whose state was stored after its first answer.
fn finish(state: SessionState<u32>) -> Vec<u32> {
    let mut session = ServerSession::resume(state, &config()).unwrap();
    assert!(session.queued().eq(&[2, 3, 4]));
    assert!(session.unanswered().eq(&[1]));
    let answers = [status(1, 0, "SyncHdr", "", 212), status(1, 4, "Get", "", 404)].concat();
    session.handle_message(NOW, &common_message(2, &answers)).unwrap();
    let answer = String::from_utf8(session.poll_transmit(NOW).unwrap().body).unwrap();
    assert!(answer.contains("<Atomic>") && !answer.contains("c2VydmVyOnNlY3JldA"), "{answer}");
    outcomes(events(&mut session)).iter().map(|outcome| outcome.key).collect()
}

fn common_message(id: u32, body: &str) -> Vec<u8> {
    let text = String::from_utf8(message(id, "", &format!("{body}<Final/>"))).unwrap();
    text.replace("<SessionID>1<", "<SessionID>7<").into_bytes()
}

#[test]
fn states_of_the_first_version_are_read() {
    assert_eq!(json(&stored()), VERSION_2.trim(), "nothing is lost");
    assert_eq!(finish(stored()), [1]);
}

#[test]
fn bytes_say_all_that_json_says_in_a_fraction() {
    let bytes = stored().to_bytes();
    assert_eq!(json(&SessionState::<u32>::from_bytes(&bytes).unwrap()), VERSION_2.trim());
    let answer = stored_answer_len();
    let (text, bytes) = (VERSION_2.len() - answer, bytes.len() - answer);
    assert!(3 * bytes < text, "{bytes} bytes, {text} as JSON, without the answer");
    let empty = ServerSession::<u32>::new(&config()).into_state().to_bytes();
    assert!(empty.len() < 30, "{} bytes", empty.len());
}

fn stored_answer_len() -> usize {
    let value: serde_json::Value = serde_json::from_str(VERSION_2).unwrap();
    value["last_reply"]["body"].as_str().unwrap().len()
}

#[test]
fn bytes_that_were_stored_are_read() {
    let bytes = bytes(BYTES_1);
    assert_eq!(json(&SessionState::<u32>::from_bytes(&bytes).unwrap()), VERSION_2.trim());
    let again = stored().to_bytes();
    assert_eq!((bytes[3], again[3]), (1, 2), "the form is a version of its own if it changes");
    assert_eq!(bytes[4..], again[4..], "what the first version knew is said as it said it");
    assert_eq!(finish(SessionState::from_bytes(&bytes).unwrap()), [1]);
}

#[test]
fn states_from_before_a_field_was_added_are_read() {
    let from_json: SessionState<u32> = serde_json::from_str(VERSION_2_EVENTS).unwrap();
    assert_eq!(json(&from_json), VERSION_2_EVENTS.trim(), "what is not said takes no room");
    assert_eq!(from_json.to_bytes()[4..], bytes(BYTES_1_EVENTS)[4..]);
    let from_bytes = SessionState::<u32>::from_bytes(&bytes(BYTES_1_EVENTS)).unwrap();
    assert_eq!(json(&from_bytes), VERSION_2_EVENTS.trim());
    for state in [from_json, from_bytes] {
        let mut session = ServerSession::resume(state, &config()).unwrap();
        let found = events(&mut session);
        let Event::Generic(alert) = &found[1] else { panic!("{found:?}") };
        assert_eq!((alert.correlator.as_deref(), &alert.original_error), (Some("c2"), &None));
        let Event::PackageOne(package) = &found[4] else { panic!("{found:?}") };
        assert_eq!((&package.login, &package.sync_type), (&Some(LoginStatus::Nobody), &None));
        assert!(package.device.other.is_empty() && !package.device.truncated);
        // The session goes on as it was: in 1.2, for nodes of any scope.
        session.submit(2, Command::get("./User/Vendor/u")).unwrap();
        let body = status(1, 6, "Get", "", 404) + "<Final/>";
        session.handle_message(NOW, &message(3, "", &body)).unwrap();
        let answer = String::from_utf8(session.poll_transmit(NOW).unwrap().body).unwrap();
        assert!(answer.contains("DM/1.2") && answer.contains("./User/Vendor/u"), "{answer}");
    }
    let state = SessionState::<u32>::from_bytes(&bytes(BYTES_1_PACKAGE)).unwrap();
    assert_eq!(state.to_bytes()[4..], bytes(BYTES_1_PACKAGE)[4..]);
    let mut session = ServerSession::resume(state, &config()).unwrap();
    session.poll_transmit(NOW).unwrap();
    session.handle_message(NOW, &message(2, "", "<Final/>")).unwrap();
    let found = events(&mut session);
    let package = found.iter().find_map(|event| match event {
        Event::PackageOne(package) => Some(package),
        _ => None,
    });
    assert_eq!(package.unwrap().device.lang.as_deref(), Some("de"));
}

/// Who does not know what was added refuses the state, and says why.
#[test]
fn a_state_with_what_was_added_has_a_version_of_its_own() {
    for version in [0, 3, 255] {
        let mut bytes = stored().to_bytes();
        bytes[3] = version;
        let error = SessionState::<u32>::from_bytes(&bytes).unwrap_err();
        assert!(
            matches!(kind(&error), SessionError::StateVersion(found) if *found == u32::from(version))
        );
    }
    // What is read of the version before is of this one from then on.
    let session = ServerSession::resume(stored(), &config()).unwrap();
    assert!(VERSION_2.contains("{\"version\":2,"));
    let state = session.into_state();
    assert!(json(&state).starts_with("{\"version\":3,"));
    let state = SessionState::<u32>::from_bytes(&state.to_bytes()).unwrap();
    assert!(json(&state).starts_with("{\"version\":3,"));
    assert_eq!(finish(state), [1]);
}

#[test]
fn bytes_that_were_changed_are_refused() {
    let bytes = stored().to_bytes();
    for end in 0..bytes.len() {
        let error = SessionState::<u32>::from_bytes(&bytes[..end]).unwrap_err();
        assert!(matches!(kind(&error), SessionError::StateBytes { .. }), "{end}: {error}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let error = SessionState::<u32>::from_bytes(&changed).unwrap_err();
        match kind(&error) {
            SessionError::StateVersion(version) => assert_eq!((at, *version), (3, 0x12)),
            SessionError::StateBytes { position } => assert!(*position <= bytes.len()),
            other => panic!("{other}"),
        }
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(SessionState::<u32>::from_bytes(&longer).is_err());
}

#[test]
fn keys_are_the_vendors() {
    fn round<K: StateKey + Clone + PartialEq + std::fmt::Debug>(keys: &[K]) {
        let mut session = ServerSession::new(&config());
        for key in keys {
            session.submit(key.clone(), Command::get("./DevDetail/SwV")).unwrap();
        }
        let bytes = session.into_state().to_bytes();
        let state = SessionState::<K>::from_bytes(&bytes).unwrap();
        let session = ServerSession::resume(state, &config()).unwrap();
        assert_eq!(session.queued().collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
    }
    round(&[0_u8, 255]);
    round(&[0_u64, u64::MAX]);
    round(&[i64::MIN, -1, 0, i64::MAX]);
    round(&[0_usize, usize::MAX]);
    round(&[i128::MIN, i128::MAX]);
    round(&[String::new(), "é".to_owned(), "k".repeat(127), "k".repeat(128), "k".repeat(70_000)]);
    round(&[vec![], vec![0_u8; 300]]);
    round(&[(), ()]);
    // Another type of key.
    let mut session = ServerSession::new(&config());
    session.submit(7_u8, Command::get("./DevDetail/SwV")).unwrap();
    let bytes = session.into_state().to_bytes();
    let error = SessionState::<u32>::from_bytes(&bytes).unwrap_err();
    assert!(matches!(kind(&error), SessionError::StateBytes { .. }));
}

#[test]
fn values_stay_out_of_debug_and_errors() {
    let mut session = ServerSession::new(&config());
    let secret = Command::replace("./Vendor/MSFT/A", Format::Chr, Data::text("hidden-value"));
    session.submit(1_u32, secret).unwrap();
    session.handle_message(NOW, &message(1, "", "<Final/>")).unwrap();
    events(&mut session);
    let state = session.into_state();
    assert!(!format!("{state:?}").contains("hidden-value"));
    let mut bytes = state.to_bytes();
    *bytes.last_mut().unwrap() ^= 1;
    let error = SessionState::<u32>::from_bytes(&bytes).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hidden"));
}
