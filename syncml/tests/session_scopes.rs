//! Sessions of the device alone and of one user alone, as PCs that several users share have them
//! (MS-MDM 3.2.5.1.5).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, device, events, message, outcomes, run};
use syncml::model::{Group, Request};
use syncml::session::{Config, Event, ServerSession, SessionState, SyncType};
use syncml::simulator::{DeviceSession, MemoryTree};
use syncml::upsert::Upsert;
use syncml::{Command, Data, Format, Item};

fn replace(uri: &str) -> Command<'static> {
    Command::replace(uri.to_owned(), Format::Chr, Data::text("1"))
}

fn pc(sync_type: Option<SyncType>) -> DeviceSession<MemoryTree> {
    let tree = MemoryTree::default().with("./Vendor/a", "chr", "0");
    let mut device = device(tree.with("./User/Vendor/u", "chr", "0"));
    device.sync_type = sync_type;
    device
}

/// Commands for the user, for the device, and for both.
fn submit(session: &mut ServerSession<&'static str>) {
    session.submit("user", replace("./User/Vendor/u")).unwrap();
    session.submit("device", replace("./Device/Vendor/a")).unwrap();
    session.submit("unscoped", Command::get("./Vendor/a")).unwrap();
    let mut two = Request::default();
    two.items = vec![Item::target("./Vendor/a"), Item::target("./User/Vendor/u")].into();
    session.submit("both", Command::Get(two)).unwrap();
    let mut group = Group::default();
    group.commands = vec![Command::atomic(vec![replace("./User/Vendor/u")])];
    session.submit("deep", Command::Sequence(group)).unwrap();
    let set = Upsert::new("./Vendor/a", Format::Chr, Data::text("2"));
    session.submit_upsert("upsert", set).unwrap();
}

/// What was carried out, and what waits.
fn tried(
    config: &Config,
    sync_type: Option<SyncType>,
) -> (Vec<(&'static str, u16)>, Vec<&'static str>) {
    let mut session = ServerSession::new(config);
    submit(&mut session);
    let (found, _) = run(&mut session, &mut pc(sync_type), usize::MAX);
    let mut done: Vec<_> = outcomes(found)
        .iter()
        .map(|outcome| (outcome.key, outcome.code().unwrap().number()))
        .collect();
    done.sort_unstable();
    assert!(session.is_ended());
    (done, session.queued().copied().collect())
}

#[test]
fn commands_wait_for_a_session_of_their_scope() {
    let all = [
        ("both", 200),
        ("deep", 200),
        ("device", 200),
        ("unscoped", 200),
        ("upsert", 200),
        ("user", 200),
    ];
    for sync_type in [None, Some(SyncType::Mixed), Some(SyncType::Other("new".to_owned()))] {
        assert_eq!(tried(&config(), sync_type), (all.to_vec(), vec![]));
    }
    let (done, waits) = tried(&config(), Some(SyncType::User));
    assert_eq!(done, [("deep", 200), ("user", 200)]);
    assert_eq!(waits, ["device", "unscoped", "both", "upsert"]);
    let (done, waits) = tried(&config(), Some(SyncType::Device));
    assert_eq!(done, [("device", 200), ("unscoped", 200), ("upsert", 200)]);
    assert_eq!(waits, ["user", "both", "deep"]);
    // Without, each is refused, and the vendor learns it from a status.
    let mut sends = config();
    sends.holds_other_scope = false;
    let (done, waits) = tried(&sends, Some(SyncType::User));
    assert!(waits.is_empty());
    let refused = done.iter().filter(|(_, code)| *code == 405).map(|(key, _)| *key);
    assert_eq!(refused.collect::<Vec<_>>(), ["both", "device", "unscoped", "upsert"]);
}

#[test]
fn what_waits_is_sent_in_the_next_session_of_its_scope() {
    let mut session = ServerSession::new(&config());
    submit(&mut session);
    let mut done = Vec::new();
    for sync_type in [SyncType::Device, SyncType::User, SyncType::Mixed] {
        let (found, _) = run(&mut session, &mut pc(Some(sync_type)), usize::MAX);
        done.push(outcomes(found).iter().map(|outcome| outcome.key).collect::<Vec<_>>());
        session = session.into_next_session();
    }
    done.iter_mut().for_each(|keys| keys.sort_unstable());
    assert_eq!(done, [vec!["device", "unscoped", "upsert"], vec!["deep", "user"], vec!["both"]]);
}

/// What the session is for survives being stored, and is not what the next one is for.
#[test]
fn whose_nodes_a_session_is_for_is_stored_with_it() {
    let alert = |word: &str| {
        format!(
            "<Alert><CmdID>2</CmdID><Data>1224</Data><Item><Meta><Type xmlns='syncml:metinf'>\
             com.microsoft.mdm.synctype</Type></Meta><Data>{word}</Data></Item></Alert>"
        )
    };
    let config = config();
    let mut session = ServerSession::<u32>::new(&config);
    session.handle_message(NOW, &message(1, "", &alert("user"))).unwrap();
    session.poll_transmit(NOW).unwrap();
    let json = serde_json::to_string(&session.into_state()).unwrap();
    let state: SessionState<u32> = serde_json::from_str(&json).unwrap();
    let state = SessionState::<u32>::from_bytes(&state.to_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&state).unwrap(), json);
    let mut session = ServerSession::resume(state, &config).unwrap();
    session.submit(1, replace("./Vendor/a")).unwrap();
    session.submit(2, replace("./User/Vendor/u")).unwrap();
    session.handle_message(NOW, &message(2, "", "<Final/>")).unwrap();
    assert!(events(&mut session).iter().any(|event| matches!(event, Event::PackageOne(_))));
    session.poll_transmit(NOW).unwrap();
    assert!(session.queued().eq(&[1]) && session.unanswered().eq(&[2]));
    // A device that says otherwise on its way is believed; an unknown word forbids nothing.
    for word in ["mixed", "new"] {
        let mut session = ServerSession::new(&config);
        session.submit(1, replace("./Vendor/a")).unwrap();
        let both = alert("user") + &alert(word) + "<Final/>";
        session.handle_message(NOW, &message(1, "", &both)).unwrap();
        session.poll_transmit(NOW).unwrap();
        assert!(session.unanswered().eq(&[1]), "{word}");
    }
    // The next session begins without.
    let mut session = session.into_next_session();
    session.handle_message(NOW, &message(1, "", "<Final/>")).unwrap();
    session.poll_transmit(NOW).unwrap();
    assert!(session.unanswered().eq(&[1]));
}

/// Commands that wait are not read again with each message, and keep their places.
#[test]
fn what_waits_keeps_its_place_and_costs_nothing() {
    let submit = |session: &mut ServerSession<u32>, keys: std::ops::Range<u32>| {
        for key in keys {
            let scope = if key % 3 == 0 { "." } else { "./User" };
            session.submit(key, replace(&format!("{scope}/Vendor/n{key}"))).unwrap();
        }
        session.submit(1_000 + keys_end(session), Command::alert(syncml::AlertCode::DISPLAY)).ok();
    };
    fn keys_end(session: &ServerSession<u32>) -> u32 {
        u32::try_from(session.queued().count()).unwrap()
    }
    let alert = "<Alert><CmdID>2</CmdID><Data>1224</Data><Item><Meta><Type xmlns='syncml:metinf'>\
                 com.microsoft.mdm.synctype</Type></Meta><Data>device</Data></Item></Alert><Final/>";
    let mut session = ServerSession::new(&config());
    submit(&mut session, 0..40);
    let order = |session: &ServerSession<u32>| session.queued().copied().collect::<Vec<_>>();
    for id in 1..=4 {
        // Stored between any two messages, and with more to do each time.
        let state = SessionState::<u32>::from_bytes(&session.into_state().to_bytes()).unwrap();
        session = ServerSession::resume(state, &config()).unwrap();
        submit(&mut session, id * 100..id * 100 + 10);
        let before = order(&session);
        let body = if id == 1 { alert } else { "<Final/>" };
        let room = format!("<Meta><MaxMsgSize xmlns='syncml:metinf'>{}</MaxMsgSize></Meta>", 1_100);
        session.handle_message(NOW, &message(id, &room, body)).unwrap();
        session.poll_transmit(NOW).unwrap();
        let left = order(&session);
        let now: Vec<_> = before.iter().filter(|key| !left.contains(key)).copied().collect();
        assert!(!now.is_empty() && now.iter().all(|key| key % 3 == 0 || *key >= 1_000), "{now:?}");
        // Nothing is lost, and all of it is where it was.
        let expected: Vec<_> = before.iter().filter(|key| !now.contains(key)).copied().collect();
        assert_eq!(left, expected);
    }
    let waits = session.queued().filter(|key| **key < 1_000 && *key % 3 != 0).count();
    assert_eq!(waits, 26 + 4 * 7 - 1, "{:?}", order(&session));
}
