//! Any plan, any sizes, any trouble on the way, and both sides restarted from what they stored
//! before each step: the same outcomes and the same device as without any of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use common::{NOW, config, device};
use proptest::prelude::*;
use syncml::builder::{Atomic, Change, Sequence};
use syncml::model::{Format, Request};
use syncml::session::{
    Cause, Config, Event, Outcome, ServerSession, SessionError, SessionState, Verdict,
};
use syncml::simulator::{DeviceSession, MemoryTree, Profile, Step};
use syncml::upsert::Upsert;
use syncml::{Command, Data, ErrorKind, Item, LocUri};

type Disk = DeviceSession<MemoryTree>;

/// What a vendor submits.
#[derive(Clone, Debug)]
enum Plan {
    Get(Vec<u8>),
    Add(u8, usize),
    Replace(u8, usize),
    Delete(u8),
    Exec(u8),
    Atomic(Vec<(u8, u8)>),
    Sequence(Vec<(u8, u8)>),
    Upsert(u8, usize, bool),
}

fn node(number: u8) -> String {
    format!("./Vendor/Node{}", number % 8)
}

fn uri(number: u8) -> LocUri {
    node(number).parse().unwrap()
}

/// A value of about this many bytes, with letters that are escaped and that are wide.
fn value(bytes: usize) -> Data<'static> {
    let text: String = "<a>&\r\n\"ü\u{1F600} ".chars().cycle().take(bytes / 2).collect();
    Data::text(format!("{bytes}{text}"))
}

fn change(kind: u8, number: u8) -> Change {
    match kind % 3 {
        0 => Change::replace(&uri(number), Format::Chr, Data::text(format!("v{kind}"))),
        1 => Change::delete(&uri(number)),
        _ => Change::add(&uri(number), Format::Chr, Data::text(format!("a{kind}"))),
    }
}

fn submit(session: &mut ServerSession<usize>, key: usize, plan: &Plan) {
    let command: Command<'static> = match plan {
        Plan::Get(nodes) => {
            let mut request = Request::default();
            request.items = nodes.iter().map(|n| Item::target(node(*n))).collect();
            Command::Get(request)
        }
        Plan::Add(n, bytes) => Command::add(node(*n), Format::Chr, value(*bytes)),
        Plan::Replace(n, bytes) => Command::replace(node(*n), Format::Chr, value(*bytes)),
        Plan::Delete(n) => Command::delete(node(*n)),
        Plan::Exec(n) => Command::exec(node(*n)),
        Plan::Atomic(changes) => {
            let (kind, number) = changes[0];
            let mut atomic = Atomic::new(change(kind, number));
            for (kind, number) in &changes[1..] {
                // What cannot be built is left out.
                atomic = atomic.clone().and(change(*kind, *number)).unwrap_or(atomic);
            }
            atomic.into()
        }
        Plan::Sequence(changes) => {
            let (kind, number) = changes[0];
            let mut sequence = Sequence::new(change(kind, number));
            for (kind, number) in &changes[1..] {
                sequence = sequence.then(change(*kind, *number));
            }
            sequence.into()
        }
        Plan::Upsert(n, bytes, adds) => {
            let upsert = Upsert::new(node(*n), Format::Chr, value(*bytes));
            let upsert = if *adds { upsert.adding_first() } else { upsert };
            return session.submit_upsert(key, upsert).unwrap();
        }
    };
    session.submit(key, command).unwrap();
}

fn plan() -> impl Strategy<Value = Plan> {
    let few = || prop::collection::vec((any::<u8>(), any::<u8>()), 1..4);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 1..8).prop_map(|mut nodes| {
            // Two items of one node cannot be told apart.
            nodes.iter_mut().for_each(|node| *node %= 8);
            nodes.sort_unstable();
            nodes.dedup();
            Plan::Get(nodes)
        }),
        (any::<u8>(), 0usize..4000).prop_map(|(n, bytes)| Plan::Add(n, bytes)),
        (any::<u8>(), 0usize..4000).prop_map(|(n, bytes)| Plan::Replace(n, bytes)),
        any::<u8>().prop_map(Plan::Delete),
        any::<u8>().prop_map(Plan::Exec),
        few().prop_map(Plan::Atomic),
        few().prop_map(Plan::Sequence),
        (any::<u8>(), 0usize..2000, any::<bool>())
            .prop_map(|(n, bytes, adds)| Plan::Upsert(n, bytes, adds)),
    ]
}

fn tree() -> MemoryTree {
    (0..4).fold(MemoryTree::default(), |tree, n| {
        tree.with(&node(n), "chr", &"x".repeat(usize::from(n) * 400))
    })
}

/// The state as it is stored: what bytes say is what JSON says.
fn save(session: ServerSession<usize>) -> String {
    let bytes = session.into_state().to_bytes();
    serde_json::to_string(&SessionState::<usize>::from_bytes(&bytes).unwrap()).unwrap()
}

/// Both sides' disks, and what happens between them.
struct World {
    config: Config,
    server: String,
    device: String,
    outcomes: Vec<Outcome<usize>>,
    /// What went beside the last answer.
    hmac: Option<String>,
    /// The largest message that either side may send.
    server_max: usize,
    device_max: usize,
}

impl World {
    fn new(plans: &[Plan], config: Config, profile: Profile) -> Self {
        Self::with_accounts(plans, config, profile, |_| {}, |device| device)
    }

    fn with_accounts(
        plans: &[Plan],
        config: Config,
        profile: Profile,
        server: impl FnOnce(&mut ServerSession<usize>),
        client: impl FnOnce(Disk) -> Disk,
    ) -> Self {
        let mut session = ServerSession::new(&config);
        server(&mut session);
        for (key, plan) in plans.iter().enumerate() {
            submit(&mut session, key, plan);
        }
        let server_max = profile.max_msg_size.unwrap_or(usize::MAX);
        let device = client(device(tree()).with_profile(profile));
        Self {
            hmac: None,
            server: save(session),
            device: serde_json::to_string(&device).unwrap(),
            outcomes: Vec::new(),
            device_max: config.announced_message_bytes.map_or(usize::MAX, |max| max as usize),
            server_max,
            config,
        }
    }

    fn disk(&self) -> Disk {
        serde_json::from_str(&self.device).unwrap()
    }

    fn session(&self) -> ServerSession<usize> {
        let state: SessionState<usize> = serde_json::from_str(&self.server).unwrap();
        ServerSession::resume(state, &self.config).unwrap()
    }

    /// The server handles a request. Every step goes through the disk.
    fn serve(&mut self, request: &[u8]) -> Vec<u8> {
        let mut session = self.session();
        let hmac = self.disk().outgoing_hmac().map(str::to_owned);
        session.handle_message_with_hmac(NOW, request, hmac.as_deref()).unwrap();
        #[cfg(feature = "auth")]
        if session.poll_transmit(NOW).is_err() {
            // Randomness is the caller's: here, something new each time.
            let nonce = format!("{}{}", self.server.len(), String::from_utf8_lossy(request).len());
            let nonce = format!("{nonce}{:?}", std::time::Instant::now());
            session.provide_nonce(syncml::auth::Nonce::new(nonce).unwrap());
        }
        let transmit = session.poll_transmit(NOW).unwrap();
        self.hmac = transmit.hmac;
        let answer = transmit.body;
        assert!(answer.len() <= self.server_max, "{} bytes", answer.len());
        while let Some(event) = session.poll_event() {
            match event {
                Event::Outcome(outcome) => self.outcomes.push(outcome),
                // What a device says that does right belongs to something, whatever gets lost.
                Event::UnmatchedStatus { .. } => panic!("{event:?}"),
                _ => {}
            }
        }
        self.server = save(session);
        answer
    }

    /// A request that was answered long ago changes nothing.
    fn late_request(&mut self, request: &[u8]) {
        let before = self.server.clone();
        let mut session = self.session();
        let error = session.handle_message(NOW, request).unwrap_err();
        let ErrorKind::Session(kind) = error.kind() else { panic!("{error}") };
        assert!(matches!(kind, SessionError::Stale { .. }), "{kind}");
        assert!(session.poll_event().is_none());
        assert_eq!(serde_json::to_string(&session.into_state()).unwrap(), before);
    }

    /// Runs a session. `faults` says for each exchange what goes wrong: 1 the request is lost, 2 the
    /// answer is lost, 3 the answer arrives twice, 4 the request arrives twice, 5 the request before
    /// arrives again, 6 the answer before does.
    fn run(&mut self, faults: &mut impl Iterator<Item = u8>) {
        let mut disk = self.disk();
        disk.start(&[]).unwrap();
        self.device = serde_json::to_string(&disk).unwrap();
        let (mut last_request, mut last_answer): (Vec<u8>, Vec<u8>) = Default::default();
        for _ in 0..3_000 {
            let mut disk = self.disk();
            let Some(request) = disk.outgoing().map(<[u8]>::to_vec) else { return };
            assert!(request.len() <= self.device_max, "{} bytes", request.len());
            let fault = faults.next().unwrap_or_default();
            if fault == 1 {
                continue;
            }
            let answer = self.serve(&request);
            if fault == 4 {
                assert_eq!(self.serve(&request), answer, "the same bytes again");
            }
            if !last_request.is_empty() && last_request != request && fault == 5 {
                self.late_request(&last_request);
            }
            if fault == 2 {
                continue;
            }
            if fault == 6 && !last_answer.is_empty() && last_answer != answer {
                let before = serde_json::to_string(&disk).unwrap();
                // The last answer that was executed gets the same request again.
                let again = disk.handle_message(&last_answer).unwrap();
                assert_eq!(again, Step::Send(request.clone()));
                assert_eq!(serde_json::to_string(&disk).unwrap(), before);
            }
            let hmac = self.hmac.clone();
            let step = disk.handle_message_with_hmac(&answer, hmac.as_deref()).unwrap();
            if fault == 3 {
                assert_eq!(disk.handle_message(&answer).unwrap(), step);
            }
            self.device = serde_json::to_string(&disk).unwrap();
            (last_request, last_answer) = (request, answer);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        panic!("it does not end:\n{}\n{}", text(&last_request), text(&last_answer));
    }

    /// Sessions until nothing is left: after an abort, the next one goes on.
    fn run_all(&mut self, faults: &[u8]) -> u32 {
        let mut faults = faults.iter().copied();
        for round in 1..30 {
            self.run(&mut faults);
            let session = self.session();
            assert!(session.is_ended());
            assert_eq!(session.unanswered().count(), 0, "each has its outcome");
            let left = session.queued().count();
            if left == 0 {
                return round;
            }
            self.server = save(session.into_next_session());
        }
        panic!("the plan does not end");
    }

    fn sorted(mut self) -> (Vec<Outcome<usize>>, Disk) {
        self.outcomes.sort_by_key(|outcome| outcome.key);
        let disk = self.disk();
        (self.outcomes, disk)
    }
}

/// What an outcome says, whatever the order of the results.
fn essence(outcome: &Outcome<usize>) -> (usize, Verdict, Vec<u16>, BTreeMap<String, String>) {
    let codes = outcome.statuses.iter().chain(outcome.children.iter().flatten());
    let results = outcome.results.iter().map(|item| {
        let data = item.data.as_ref().map_or("", Data::as_str);
        (item.loc_uri().unwrap().to_owned(), data.to_owned())
    });
    let codes = codes.map(|status| status.code.number()).collect();
    (outcome.key, outcome.verdict, codes, results.collect())
}

/// What the device executed, in order, without what depends on the messages.
fn executed(disk: &Disk) -> Vec<(String, String, u16)> {
    let entry = |entry: &syncml::simulator::Executed| {
        (entry.name.clone(), entry.target.clone(), entry.status.number())
    };
    disk.journal().iter().map(entry).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_lost_and_nothing_is_done_twice(
        plans in prop::collection::vec(plan(), 0..12),
        faults in prop::collection::vec(0u8..7, 0..60),
        // An Atomic of three changes fits in the least.
        server_max in prop::option::of(1200usize..4000),
        device_max in prop::option::of(1000u32..4000),
        max_commands in 1usize..20,
        wbxml in any::<bool>(),
    ) {
        // As it is without any trouble.
        let mut plain = World::new(&plans, config(), Profile::CONFORMING);
        plain.run_all(&[]);
        let (expected, expected_disk) = plain.sorted();

        let mut config = config();
        config.announced_message_bytes = device_max;
        config.max_commands = max_commands;
        let mut profile = Profile::CONFORMING;
        profile.max_msg_size = server_max;
        profile.wbxml = wbxml;
        let mut world = World::new(&plans, config, profile);
        prop_assert_eq!(world.run_all(&faults), 1);
        let (found, disk) = world.sorted();

        // Every command has exactly one outcome, the same one.
        prop_assert_eq!(found.iter().map(|o| o.key).collect::<Vec<_>>(), (0..plans.len()).collect::<Vec<_>>());
        let essences = |outcomes: &[Outcome<usize>]| outcomes.iter().map(essence).collect::<Vec<_>>();
        prop_assert_eq!(essences(&found), essences(&expected));
        // Upserts in a row go together if there is room; everything else is in order.
        if !plans.iter().any(|plan| matches!(plan, Plan::Upsert(..))) {
            prop_assert_eq!(executed(&disk), executed(&expected_disk));
        }
        let mut once: Vec<_> = disk.journal().iter().map(|e| (e.session, &e.message, &e.command, &e.target, &e.name)).collect();
        let all = once.len();
        once.sort_unstable();
        once.dedup();
        // An Atomic or Sequence may name a node twice only under other commands.
        prop_assert_eq!(once.len(), all);
    }

    #[test]
    fn a_device_that_aborts_over_sizes_gets_everything_in_the_end(
        plans in prop::collection::vec(plan(), 0..10),
        faults in prop::collection::vec(0u8..7, 0..60),
        device_max in 1000u32..3000,
    ) {
        let mut plain = World::new(&plans, config(), Profile::CONFORMING);
        plain.run_all(&[]);
        let (_, expected) = plain.sorted();

        let mut config = config();
        config.announced_message_bytes = Some(device_max);
        let mut world = World::new(&plans, config, Profile::WINDOWS_11);
        // The status of a Get says that it aborts: the announced size does not bind it any more.
        world.device_max = usize::MAX;
        world.run_all(&faults);
        let (found, disk) = world.sorted();
        prop_assert_eq!(found.iter().map(|o| o.key).collect::<Vec<_>>(), (0..plans.len()).collect::<Vec<_>>());
        for outcome in &found {
            // A Get of what is there has its results, however often it was asked.
            let good = outcome.statuses.iter().filter(|status| status.code.is_success()).count();
            if outcome.command == "Get" {
                prop_assert_eq!(outcome.results.len(), good);
                prop_assert_eq!(outcome.cause, None);
            } else {
                // Without room for its status, nobody knows; it is not sent again.
                let unknown = outcome.verdict == Verdict::Unanswered;
                prop_assert!(!unknown || outcome.cause == Some(Cause::Aborted));
            }
        }
        // Changes are executed once and in order, Gets as often as it takes.
        let changes = |disk: &Disk| {
            let mut all = executed(disk);
            all.retain(|(name, ..)| name != "Get");
            all
        };
        if !plans.iter().any(|plan| matches!(plan, Plan::Upsert(..))) {
            prop_assert_eq!(changes(&disk), changes(&expected));
        }
    }

    #[cfg(feature = "auth")]
    #[test]
    fn authentication_survives_loss_repetition_and_restarts(
        plans in prop::collection::vec(plan(), 0..6),
        faults in prop::collection::vec(0u8..7, 0..40),
        device_scheme in 0u8..5,
        server_scheme in 0u8..5,
        knows_nonce in any::<bool>(),
    ) {
        use syncml::auth::{Account, Nonce, PasswordDigest, Scheme};
        let account = |scheme: u8, user: &str| {
            let account = match scheme {
                1 => Account::basic(user, "OhBehave"),
                2 | 3 => Account::new(user, PasswordDigest::of(user, "OhBehave"), Scheme::Md5),
                _ => Account::new(user, PasswordDigest::of(user, "OhBehave"), Scheme::Hmac),
            };
            let nonce = Nonce::new(b"enrolled".to_vec()).unwrap();
            if knows_nonce { account.with_nonce(nonce) } else { account }
        };
        let mut plain = World::new(&plans, config(), Profile::CONFORMING);
        plain.run_all(&[]);
        let (expected, expected_disk) = plain.sorted();

        let server = |session: &mut ServerSession<usize>| {
            if device_scheme > 0 {
                session.authenticate_device(account(device_scheme, "device"), device_scheme == 3);
            }
            if server_scheme > 0 {
                session.authenticate_server(account(server_scheme, "server"));
            }
        };
        let client = |mut device: Disk| {
            if device_scheme > 0 {
                device = device.with_account(account(device_scheme, "device"));
            }
            if server_scheme > 0 {
                device = device.asking_for(account(server_scheme, "server"), server_scheme == 3);
            }
            device
        };
        let mut world =
            World::with_accounts(&plans, config(), Profile::CONFORMING, server, client);
        prop_assert_eq!(world.run_all(&faults), 1);
        let (found, disk) = world.sorted();
        let essences = |outcomes: &[Outcome<usize>]| outcomes.iter().map(essence).collect::<Vec<_>>();
        prop_assert_eq!(essences(&found), essences(&expected));
        prop_assert_eq!(executed(&disk), executed(&expected_disk));
    }

    #[test]
    fn state_survives_storage_at_every_step(
        plans in prop::collection::vec(plan(), 1..8),
        server_max in 1200usize..3000,
    ) {
        let mut session = ServerSession::new(&config());
        for (key, plan) in plans.iter().enumerate() {
            submit(&mut session, key, plan);
        }
        let mut profile = Profile::CONFORMING;
        profile.max_msg_size = Some(server_max);
        let mut disk = device(tree()).with_profile(profile);
        let mut request = disk.start(&[]).unwrap();
        for _ in 0..500 {
            let json = serde_json::to_string(&session.into_state()).unwrap();
            let state: SessionState<usize> = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&serde_json::to_string(&state).unwrap(), &json);
            let state = SessionState::<usize>::from_bytes(&state.to_bytes()).unwrap();
            prop_assert_eq!(serde_json::to_string(&state).unwrap(), json);
            session = ServerSession::resume(state, &config()).unwrap();
            session.handle_message(NOW, &request).unwrap();
            while session.poll_event().is_some() {}
            // Stored between the message and its answer, too.
            let json = serde_json::to_string(&session.into_state()).unwrap();
            session = ServerSession::resume(serde_json::from_str(&json).unwrap(), &config()).unwrap();
            let answer = session.poll_transmit(NOW).unwrap().body;
            match disk.handle_message(&answer).unwrap() {
                Step::Send(next) => request = next,
                Step::Done => break,
            }
        }
        prop_assert!(session.is_ended());
    }
}
