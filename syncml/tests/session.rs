//! Sessions between the server and the simulated device: loss, repetition, and restart of both
//! sides from their saved state at every step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use syncml::model::Format;
use syncml::session::{Config, Event, Outcome, STATE_VERSION, Session, SessionError, SessionState};
use syncml::simulator::{Device, MemoryTree, NodeValue, Step, Tree};
use syncml::{Command, Data, Error, ErrorKind, LocUri, StatusCode};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn tree() -> MemoryTree {
    let update = "./Vendor/MSFT/Update/InstallableUpdates/44db9a1c";
    MemoryTree::default()
        .with("./DevDetail/SwV", "chr", "10.0.26100.1")
        .with(&format!("{update}/Type"), "int", "1")
        .with(&format!("{update}/RevisionNumber"), "int", "200")
        .with("./Vendor/MSFT/Policy/Config/Update/RequireUpdateApproval", "int", "0")
}

fn device() -> Device<MemoryTree> {
    Device::new("urn:uuid:4", "https://mdm.example/", tree())
}

fn config() -> Config {
    Config::new("https://mdm.example/")
}

/// The state as it is stored: what bytes say is what JSON says.
fn save(session: Session<u32>) -> String {
    let bytes = session.into_state().to_bytes();
    serde_json::to_string(&SessionState::<u32>::from_bytes(&bytes).unwrap()).unwrap()
}

/// Both sides' disks, and what happens between them.
struct Pair {
    server: String,
    device: String,
    outcomes: Vec<Outcome<u32>>,
    ended: bool,
}

impl Pair {
    fn new(commands: Vec<(u32, Command<'static>)>) -> Self {
        let mut session = Session::new(&config());
        for (key, command) in commands {
            session.submit(key, command).unwrap();
        }
        let server = save(session);
        let device = serde_json::to_string(&device()).unwrap();
        Self { server, device, outcomes: Vec::new(), ended: false }
    }

    fn device(&self) -> Device<MemoryTree> {
        serde_json::from_str(&self.device).unwrap()
    }

    /// The server handles a request: state from disk, state to disk, then the answer.
    fn serve(&mut self, request: &[u8]) -> Result<Vec<u8>, Error> {
        let state: SessionState<u32> = serde_json::from_str(&self.server).unwrap();
        let mut session = Session::resume(state, &config()).unwrap();
        session.handle_message(NOW, request)?;
        let answer = session.poll_transmit(NOW)?.body;
        while let Some(event) = session.poll_event() {
            match event {
                Event::Outcome(outcome) => self.outcomes.push(outcome),
                Event::Ended => self.ended = true,
                _ => {}
            }
        }
        self.server = save(session);
        Ok(answer)
    }

    /// Runs to the end. `faults` says for each exchange what goes wrong: 1 the request is lost,
    /// 2 the answer is lost, 3 the answer arrives twice, 4 the request arrives twice.
    fn run(&mut self, faults: &[u8]) {
        let mut device = self.device();
        device.start(&[]).unwrap();
        self.device = serde_json::to_string(&device).unwrap();
        for step in 0..200 {
            // Each step begins with what is on the disks.
            let mut device = self.device();
            let Some(request) = device.outgoing().map(<[u8]>::to_vec) else { return };
            let fault = faults.get(step).copied().unwrap_or_default();
            if fault == 1 {
                continue;
            }
            let answer = self.serve(&request).unwrap();
            if fault == 4 {
                assert_eq!(self.serve(&request).unwrap(), answer, "the same bytes again");
            }
            if fault == 2 {
                continue;
            }
            let step = device.handle_message(&answer).unwrap();
            if fault == 3 {
                assert_eq!(device.handle_message(&answer).unwrap(), step);
            }
            self.device = serde_json::to_string(&device).unwrap();
        }
        panic!("the session does not end");
    }
}

fn commands() -> Vec<(u32, Command<'static>)> {
    let approve = "./Vendor/MSFT/Update/ApprovedUpdates/44db9a1c";
    let policy = "./Vendor/MSFT/Policy/Config/Update/RequireUpdateApproval";
    vec![
        (1, Command::get("./Vendor/MSFT/Update/InstallableUpdates?list=StructData")),
        (2, Command::replace(policy, Format::Int, Data::text("1"))),
        (3, Command::add_node(approve)),
        (4, Command::add_node(approve)),
        (5, Command::get("./Vendor/MSFT/Update/Nothing")),
        (6, Command::get("./Vendor/MSFT/Update/InstallableUpdates")),
        (
            7,
            Command::atomic(vec![
                Command::replace(policy, Format::Int, Data::text("0")),
                Command::replace("./Vendor/Missing", Format::Int, Data::text("1")),
                Command::delete(policy),
            ]),
        ),
    ]
}

fn check(pair: &Pair) {
    assert!(pair.ended);
    let keys: Vec<u32> = pair.outcomes.iter().map(|outcome| outcome.key).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [1, 2, 3, 4, 5, 6, 7], "each command has one outcome");
    let outcome = |key: u32| pair.outcomes.iter().find(|outcome| outcome.key == key).unwrap();
    let data: Vec<&str> =
        outcome(1).results.iter().map(|item| item.data.as_ref().unwrap().as_str()).collect();
    assert_eq!(data, ["200", "1"]);
    assert_eq!(outcome(2).code(), Some(StatusCode::OK));
    assert_eq!(outcome(3).code(), Some(StatusCode::OK));
    assert_eq!(outcome(4).code(), Some(StatusCode::ALREADY_EXISTS));
    assert_eq!(outcome(5).code(), Some(StatusCode::NOT_FOUND));
    assert_eq!(outcome(6).results[0].data.as_ref().unwrap().as_str(), "44db9a1c");
    let atomic = outcome(7);
    assert_eq!(atomic.code(), Some(StatusCode::ATOMIC_FAILED));
    let codes: Vec<u16> = atomic.children.iter().map(|child| child[0].code.number()).collect();
    assert_eq!(codes, [216, 404, 215]);

    let device = pair.device();
    let mut executed: Vec<(&str, &str)> = device
        .journal()
        .iter()
        .map(|entry| (entry.message.as_str(), entry.command.as_str()))
        .collect();
    let all = executed.len();
    executed.sort_unstable();
    executed.dedup();
    assert_eq!(executed.len(), all, "nothing is executed twice");
    let policy: LocUri =
        "./Vendor/MSFT/Policy/Config/Update/RequireUpdateApproval".parse().unwrap();
    match device.tree.get(&policy).unwrap() {
        NodeValue::Leaf(leaf) => assert_eq!(leaf.data, "1", "the Atomic was undone"),
        NodeValue::Interior(_) => panic!("a policy is a leaf"),
    }
}

#[test]
fn a_whole_session_gives_each_command_its_outcome() {
    let mut pair = Pair::new(commands());
    pair.run(&[]);
    check(&pair);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn loss_repetition_and_restarts_change_nothing(
        faults in prop::collection::vec(0u8..5, 0..12),
    ) {
        let mut pair = Pair::new(commands());
        pair.run(&faults);
        check(&pair);
    }

    #[test]
    fn a_broken_message_is_refused_and_changes_nothing(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut device = device();
        let mut request = device.start(&[]).unwrap();
        let at = at.index(request.len());
        request[at] = byte;
        let mut session = Session::<u32>::new(&config());
        session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
        let before = serde_json::to_string(&Session::<u32>::new(&config()).into_state()).unwrap();
        let mut other = Session::<u32>::new(&config());
        if other.handle_message(NOW, &request).is_err() {
            prop_assert_eq!(serde_json::to_string(&other.into_state()).unwrap(), before);
        }
        let _ = session.handle_message(NOW, &request);
        let _ = session.poll_transmit(NOW);
    }
}

fn kind(error: &Error) -> &SessionError {
    match error.kind() {
        ErrorKind::Session(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn messages_out_of_turn_are_refused_and_lose_nothing() {
    let mut device = device();
    let first = device.start(&[]).unwrap();
    let mut session = Session::new(&config());
    session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
    assert!(matches!(
        session.poll_transmit(NOW).map_err(|error| kind(&error).clone()),
        Err(SessionError::NothingToAnswer)
    ));
    session.handle_message(NOW, &first).unwrap();
    let answer = session.poll_transmit(NOW).unwrap().body;
    let Step::Send(second) = device.handle_message(&answer).unwrap() else {
        panic!("it has a Get")
    };

    let other = String::from_utf8(first.clone()).unwrap();
    let changed = other.replace("en-US", "de-DE");
    let error = session.handle_message(NOW, changed.as_bytes()).unwrap_err();
    assert!(matches!(kind(&error), SessionError::Changed(_)), "{error}");
    let foreign = other.replace("<SessionID>1<", "<SessionID>9<");
    let error = session.handle_message(NOW, foreign.as_bytes()).unwrap_err();
    assert!(matches!(kind(&error), SessionError::OtherSession { .. }), "{error}");

    session.handle_message(NOW, &second).unwrap();
    let error = session.handle_message(NOW, &first).unwrap_err();
    assert!(matches!(kind(&error), SessionError::Stale { .. }), "{error}");
    let outcomes = std::iter::from_fn(|| session.poll_event())
        .filter(|event| matches!(event, Event::Outcome(_)))
        .count();
    assert_eq!(outcomes, 1);
    session.poll_transmit(NOW).unwrap();
    assert!(session.is_ended());
    let error = session.submit(2, Command::get("./DevDetail/SwV")).unwrap_err();
    assert!(matches!(kind(&error), SessionError::Ended));
}

#[test]
fn what_a_server_cannot_send_is_refused() {
    let mut session = Session::new(&config());
    let get = || Command::get("./DevDetail/SwV");
    for command in [
        Command::atomic(vec![get()]),
        Command::atomic(vec![Command::atomic(vec![])]),
        Command::status(1.into(), 1.into(), "Get", StatusCode::OK),
    ] {
        let error = session.submit(1, command).unwrap_err();
        assert!(matches!(kind(&error), SessionError::NotSendable(_)), "{error}");
    }
}

#[test]
fn the_queue_takes_n_commands_and_no_more() {
    let mut config = config();
    config.max_queue = 3;
    let mut session = Session::new(&config);
    for key in 0..3 {
        session.submit(key, Command::get("./DevDetail/SwV")).unwrap();
    }
    let error = session.submit(3, Command::get("./DevDetail/SwV")).unwrap_err();
    assert!(matches!(kind(&error), SessionError::QueueFull { max: 3 }));
}

#[test]
fn a_message_takes_n_commands_and_the_rest_waits() {
    let mut config = config();
    config.max_commands = 3;
    let mut device = device();
    let mut session = Session::new(&config);
    for key in 0..4 {
        session.submit(key, Command::get("./DevDetail/SwV")).unwrap();
    }
    session.handle_message(NOW, &device.start(&[]).unwrap()).unwrap();
    session.poll_transmit(NOW).unwrap();
    assert_eq!((session.unanswered().count(), session.queued().count()), (3, 1));
}

#[test]
fn results_are_kept_up_to_the_limit_and_no_further() {
    // One result of the device's software version: its value, its address, and 64 bytes.
    let size = "10.0.26100.1".len() + "./DevDetail/SwV".len() + 64;
    for (room, kept) in [(size, 1), (size - 1, 0)] {
        let mut config = config();
        config.max_result_bytes = room;
        let mut device = device();
        let mut session = Session::new(&config);
        session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
        session.handle_message(NOW, &device.start(&[]).unwrap()).unwrap();
        let answer = session.poll_transmit(NOW).unwrap().body;
        let Step::Send(next) = device.handle_message(&answer).unwrap() else { panic!("results") };
        session.handle_message(NOW, &next).unwrap();
        let outcome = std::iter::from_fn(|| session.poll_event()).find_map(|event| match event {
            Event::Outcome(outcome) => Some(outcome),
            _ => None,
        });
        let outcome = outcome.unwrap();
        assert_eq!((outcome.results.len(), outcome.truncated), (kept, kept == 0));
    }
}

#[test]
fn values_stay_out_of_debug_output() {
    let mut session = Session::new(&config());
    let secret = Command::replace("./Vendor/Wifi", Format::Chr, Data::text("hunter2"));
    session.submit(1, secret).unwrap();
    session.handle_message(NOW, &device().start(&[]).unwrap()).unwrap();
    let answer = session.poll_transmit(NOW).unwrap();
    let printed = format!("{session:?} {answer:?} {:?}", session);
    assert!(!printed.contains("hunter2") && printed.contains("pending: 1"), "{printed}");
}

#[test]
fn a_package_in_several_messages_gets_alert_1222_and_no_commands_before_its_end() {
    let message = |id: u32, last: &str| {
        format!(
            "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD>\
             <VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>{id}</MsgID>\
             <Target><LocURI>x</LocURI></Target><Source><LocURI>y</LocURI></Source></SyncHdr>\
             <SyncBody><Alert><CmdID>2</CmdID><Data>1201</Data></Alert>{last}</SyncBody></SyncML>"
        )
    };
    let mut session = Session::new(&config());
    session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
    session.handle_message(NOW, message(1, "").as_bytes()).unwrap();
    let answer = String::from_utf8(session.poll_transmit(NOW).unwrap().body).unwrap();
    assert!(answer.contains("<Data>1222</Data>") && !answer.contains("<Get>"), "{answer}");
    assert!(!answer.contains("<Final/>"));
    session.handle_message(NOW, message(2, "<Final/>").as_bytes()).unwrap();
    let answer = String::from_utf8(session.poll_transmit(NOW).unwrap().body).unwrap();
    assert!(answer.contains("<Get>") && answer.contains("<Final/>"), "{answer}");
}

#[test]
fn a_state_of_another_version_is_refused() {
    let state = Session::<u32>::new(&config()).into_state();
    let ours = format!("\"version\":{STATE_VERSION}");
    let json = serde_json::to_string(&state).unwrap();
    assert!(json.contains(&ours));
    for other in [STATE_VERSION - 2, STATE_VERSION + 1] {
        let json = json.replace(&ours, &format!("\"version\":{other}"));
        let state: SessionState<u32> = serde_json::from_str(&json).unwrap();
        let error = Session::resume(state, &config()).unwrap_err();
        assert!(matches!(kind(&error), SessionError::StateVersion(found) if *found == other));
    }
    // A state from before may lack what is there today: still refused with the reason.
    let state: SessionState<u32> = serde_json::from_str("{\"version\":1,\"owed\":[]}").unwrap();
    let error = Session::resume(state, &config()).unwrap_err();
    assert!(matches!(kind(&error), SessionError::StateVersion(1)));
}
