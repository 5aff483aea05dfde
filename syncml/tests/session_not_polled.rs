//! Events that nobody asked for before the state was stored: none is lost, and each comes once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, announce, config, events, handle, message, outcomes, status};
use syncml::Command;
use syncml::session::{Cause, Event, ServerSession, SessionState, Verdict};

/// As a vendor has it who asks for events before the answer is made, and not after.
fn hasty(stored: Option<Vec<u8>>, bytes: &[u8]) -> (Vec<Event<u32>>, Vec<u8>, Vec<u8>) {
    let mut session = match stored {
        Some(bytes) => {
            ServerSession::resume(SessionState::from_bytes(&bytes).unwrap(), &config()).unwrap()
        }
        None => ServerSession::new(&config()),
    };
    session.handle_message(NOW, bytes).unwrap();
    let found = events(&mut session);
    if found.iter().any(|event| matches!(event, Event::PackageOne(_))) {
        session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
        session.submit(2, Command::get("./DevDetail/HwV")).unwrap();
    }
    let answer = session.poll_transmit(NOW).unwrap().body;
    (found, answer, session.into_state().to_bytes())
}

#[test]
fn an_outcome_that_comes_with_the_answer_waits_in_the_state() {
    let package_1 = message(1, &announce(300), "<Final/>");
    let (found, answer, stored) = hasty(None, &package_1);
    assert!(outcomes(found).is_empty());
    // The device asks for the answer once more, and another node gives it.
    let (found, again, stored) = hasty(Some(stored), &package_1);
    assert_eq!(again, answer);
    assert_eq!(found.last(), Some(&Event::Ended), "in the order in which they happened");
    let found = outcomes(found);
    assert_eq!(found.iter().map(|outcome| outcome.key).collect::<Vec<_>>(), [1, 2]);
    for outcome in found {
        assert_eq!(outcome.verdict, Verdict::NotSent);
        assert!(matches!(outcome.cause, Some(Cause::TooLarge { .. })));
    }
    let (found, again, _) = hasty(Some(stored), &package_1);
    assert_eq!((found, again), (Vec::new(), answer), "each comes once");
}

#[test]
fn what_an_abort_brings_waits_for_the_next_session_too() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::delete("./a")).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    session.abort();
    session.handle_message(NOW, &message(2, "", &status(1, 0, "SyncHdr", "", 200))).unwrap();
    session.poll_transmit(NOW).unwrap();
    // Through JSON, which people read.
    let json = serde_json::to_string(&session.into_state()).unwrap();
    let state: SessionState<u32> = serde_json::from_str(&json).unwrap();
    let next = ServerSession::resume(state, &config()).unwrap().into_next_session();
    let stored = next.into_state().to_bytes();
    let state = SessionState::<u32>::from_bytes(&stored).unwrap();
    let found = outcomes(events(&mut ServerSession::resume(state, &config()).unwrap()));
    assert_eq!(found.iter().map(|outcome| outcome.key).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_state_without_events_says_nothing_of_them() {
    let mut session = ServerSession::<u32>::new(&config());
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let state = session.into_state();
    assert!(!serde_json::to_string(&state).unwrap().contains("\"events\""));
    assert!(format!("{state:?}").contains("events: 0"));
}
