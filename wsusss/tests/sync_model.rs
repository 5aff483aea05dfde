//! The sync machine against the upstream, whatever happens: faults, lost answers, restarts from
//! saved state, updates that nobody knows, another configuration on either side, clocks that jump.
//! In the end every update that is needed and there is stored once at its newest revision, every
//! other one rests, and runs have kept their distance. Of what is there at other revisions than were
//! named, the current one is stored if it may be asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use wsusss::messages::{Fault, FaultCode};
use wsusss::simulator::Upstream;
use wsusss::sync::{Config, Event, Filter, Scope, Sync, SyncState};
use wsusss::{UpdateId, UpdateKey};

const PRODUCTS: [u128; 2] = [0x100, 0x101];
const CLASSES: [u128; 3] = [0x200, 0x201, 0xe0789628_ce08_4437_be74_2495b842f43b];

fn document(key: UpdateKey, kind: &str, product: u128, class: u128) -> String {
    let clause = |id: u128| {
        format!(
            "<upd:AtLeastOne IsCategory=\"true\"><upd:UpdateIdentity UpdateID=\"{}\" />\
             </upd:AtLeastOne>",
            UpdateId::from_u128(id)
        )
    };
    let clauses = if kind == "Software" { clause(product) + &clause(class) } else { String::new() };
    format!(
        "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">\
         <upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"{}\" /><upd:Properties \
         UpdateType=\"{kind}\" /><upd:Relationships><upd:Prerequisites>{clauses}\
         </upd:Prerequisites></upd:Relationships></upd:Update>",
        key.id, key.revision
    )
}

/// What the upstream has: by update its product, its class and its revisions.
#[derive(Clone, Debug)]
struct Offer {
    product: usize,
    class: usize,
    revisions: BTreeSet<u32>,
}

#[derive(Clone, Debug)]
enum Step {
    /// A device needs an update (by number, possibly one that nobody knows) at a revision.
    Want(u8, u32),
    /// The upstream offers an update or a newer revision.
    Offer(u8, u32),
    /// The request is lost, and the process with it.
    LoseRequest,
    /// The answer is lost, and the process with it.
    LoseAnswer,
    /// The request fails.
    NoAnswer,
    /// The answer is garbled at a place.
    Garble(u16, u8),
    /// The process ends before it stored what came.
    Crash,
    /// Stored, but the news of it comes late.
    CommitLate,
    /// The upstream answers the next request with a fault.
    Fault(u8),
    /// The upstream takes its cookies back.
    DropCookies,
    /// The upstream is replaced: the same updates, and changes counted anew.
    AnotherServer,
    /// The upstream takes fewer or more updates at a time.
    MaxUpdates(u8),
    /// The vendor asks for other products and classes, or for what devices need only.
    Scope(u8),
    /// The vendor takes definition updates, or no longer.
    Definitions(bool),
    /// The vendor's clock jumps, in minutes.
    Clock(i32),
    /// IT presses the button.
    Hurry,
    /// Time goes by, in minutes.
    Sleep(u16),
    /// Just go on.
    Go,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u8..14, 1u32..5).prop_map(|(id, revision)| Step::Want(id, revision)),
        4 => (0u8..10, 1u32..5).prop_map(|(id, revision)| Step::Offer(id, revision)),
        2 => Just(Step::LoseRequest),
        2 => Just(Step::LoseAnswer),
        2 => Just(Step::NoAnswer),
        2 => (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Step::Garble(at, byte)),
        2 => Just(Step::Crash),
        2 => Just(Step::CommitLate),
        4 => (0u8..12).prop_map(Step::Fault),
        1 => Just(Step::DropCookies),
        1 => Just(Step::AnotherServer),
        1 => (1u8..6).prop_map(Step::MaxUpdates),
        2 => (0u8..8).prop_map(Step::Scope),
        1 => any::<bool>().prop_map(Step::Definitions),
        2 => (-100_000i32..100_000).prop_map(Step::Clock),
        1 => Just(Step::Hurry),
        3 => (0u16..400).prop_map(Step::Sleep),
        12 => Just(Step::Go),
    ]
}

const CODES: [&str; 12] = [
    "InvalidParameters",
    "InvalidCookie",
    "InvalidAuthorizationCookie",
    "CookieExpired",
    "ConfigChanged",
    "InternalServerError",
    "IncompatibleProtocolVersion",
    "ServerChanged",
    "ServerBusy",
    "FileDigestsMissing",
    "TooManyIds",
    "SomethingNew",
];

struct World {
    /// The real time, which the upstream's clock shows.
    time: DateTime<Utc>,
    /// By how much the vendor's clock is wrong.
    wrong: Duration,
    upstream: Upstream,
    offers: BTreeMap<u8, Offer>,
    config: Config,
    state: String,
    stored: BTreeMap<UpdateId, u32>,
    late: Vec<UpdateKey>,
    /// Answers come in chunks of this size; 0 for whole ones.
    chunk: usize,
    /// When runs began, by the vendor's clock; a break where that went back or forth.
    starts: Vec<Option<DateTime<Utc>>>,
    wanted: BTreeMap<u8, BTreeSet<u32>>,
}

fn id(number: u8) -> UpdateId {
    UpdateId::from_u128(0x1000 + u128::from(number))
}

/// An upstream with nothing but categories.
fn stocked() -> Upstream {
    let mut upstream = Upstream::default();
    for number in PRODUCTS.iter().chain(&CLASSES) {
        let key = UpdateKey::new(UpdateId::from_u128(*number), 1);
        upstream.add(document(key, "Category", 0, 0)).unwrap();
    }
    upstream
}

impl World {
    fn new() -> Self {
        let mut config =
            Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001");
        config.quarantine = Duration::minutes(90);
        // Less than is allowed, so that the floor holds or the test does not.
        config.interval = Duration::minutes(10);
        let state = serde_json::to_string(Sync::new(&config).state()).unwrap();
        let mut world = Self {
            time: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            wrong: Duration::zero(),
            upstream: stocked(),
            offers: BTreeMap::new(),
            config,
            state,
            stored: BTreeMap::new(),
            late: Vec::new(),
            chunk: 0,
            starts: Vec::new(),
            wanted: BTreeMap::new(),
        };
        for number in 0..6 {
            world.offer(number, 1);
        }
        world
    }

    fn offer(&mut self, number: u8, revision: u32) {
        // The last one is a definition update.
        let (product, class) =
            (usize::from(number) % 2, if number == 5 { 2 } else { usize::from(number) % 2 });
        let fresh = || Offer { product, class, revisions: BTreeSet::new() };
        let offer = self.offers.entry(number).or_insert_with(fresh);
        // A catalogue only grows: an older revision is not offered after a newer one.
        if offer.revisions.last().is_none_or(|last| *last < revision) {
            offer.revisions.insert(revision);
            let key = UpdateKey::new(id(number), revision);
            self.upstream
                .add(document(key, "Software", PRODUCTS[product], CLASSES[class]))
                .unwrap();
        }
    }

    fn replace(&mut self) {
        let mut fresh = stocked();
        fresh.remember(&self.upstream);
        *fresh.config_mut() = self.upstream.config().clone();
        fresh.become_another();
        self.upstream = fresh;
        for (number, offer) in std::mem::take(&mut self.offers) {
            for revision in offer.revisions {
                self.offer(number, revision);
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.time + self.wrong
    }

    fn sync(&self) -> Sync {
        let state: SyncState = serde_json::from_str(&self.state).unwrap();
        Sync::resume(state, &self.config).unwrap()
    }

    fn save(&mut self, sync: &Sync) {
        self.state = serde_json::to_string(sync.state()).unwrap();
    }

    fn with(&mut self, change: impl FnOnce(&mut Sync)) {
        let mut sync = self.sync();
        change(&mut sync);
        self.save(&sync);
    }

    /// Stores what came, in one transaction with the state.
    fn drain(&mut self, sync: &mut Sync, late: bool) {
        while let Some(event) = sync.poll_event() {
            if let Event::Update { key, .. } = event {
                let before = self.stored.insert(key.id, key.revision);
                // Once: never again, unless its commit is still under way.
                let again = before.is_some_and(|before| before >= key.revision);
                assert!(!again || self.late.iter().any(|late| late.id == key.id), "{key} twice");
                if late {
                    self.late.push(key);
                } else {
                    sync.committed(key);
                }
            }
        }
        self.save(sync);
    }

    /// One request, if one is due. Returns whether there was one.
    fn exchange(&mut self, step: &Step) -> bool {
        let mut sync = self.sync();
        let before = sync.state().clone();
        let request = sync.poll_transmit(self.now());
        self.note_start(&before, &sync);
        let Some(request) = request else {
            self.drain(&mut sync, false);
            return false;
        };
        // Asked again, before or after a restart, it gives the same bytes.
        assert_eq!(sync.poll_transmit(self.now()).unwrap(), request);
        self.save(&sync);
        assert_eq!(self.sync().poll_transmit(self.now()).unwrap(), request);
        if matches!(step, Step::LoseRequest) {
            return true;
        }
        let mut answer = self.upstream.handle(&request.body, self.time).body;
        match step {
            Step::LoseAnswer => return true,
            Step::Garble(at, byte) => {
                let at = usize::from(*at) % answer.len();
                // Another digit in a list's identifier is another update, and another one in a
                // cookie hides whose it is: nobody can notice that.
                let unseen = byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
                answer[at] = if unseen { b'<' } else { *byte };
            }
            _ => {}
        }
        if matches!(step, Step::NoAnswer) {
            sync.handle_no_answer(self.now(), request.token, "timed out").unwrap();
        } else {
            if self.chunk == 0 {
                sync.handle_response(self.now(), request.token, &answer).unwrap();
            } else {
                for chunk in answer.chunks(self.chunk) {
                    sync.handle_response_chunk(self.now(), request.token, chunk).unwrap();
                }
                sync.handle_response_end(self.now(), request.token).unwrap();
            }
            sync.handle_response(self.now(), request.token, &answer).unwrap_err();
        }
        if !matches!(step, Step::Crash) {
            self.drain(&mut sync, matches!(step, Step::CommitLate));
        }
        true
    }

    fn note_start(&mut self, before: &SyncState, sync: &Sync) {
        let start = |state: &SyncState| {
            let state = serde_json::to_value(state).unwrap();
            state["run"].is_null()
        };
        if start(before) && !start(sync.state()) {
            let now = self.now();
            if let Some(Some(last)) = self.starts.last() {
                assert!(
                    now - *last >= Duration::hours(1),
                    "a run {} after the one before",
                    now - *last
                );
            }
            self.starts.push(Some(now));
        }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Want(number, revision) => {
                self.wanted.entry(*number).or_default().insert(*revision);
                let key = UpdateKey::new(id(*number), *revision);
                self.with(|sync| {
                    sync.want(key);
                });
            }
            Step::Offer(number, revision) => self.offer(*number, *revision),
            Step::Fault(code) => {
                let code = FaultCode::from_text(CODES[usize::from(*code)]);
                self.upstream.fail_next(None, Fault::new(code));
            }
            Step::DropCookies => self.upstream.drop_cookies(),
            Step::AnotherServer => self.replace(),
            Step::MaxUpdates(max) => self.upstream.config_mut().max_updates = u32::from(*max),
            Step::Scope(number) => self.config.scope = scope(*number),
            Step::Definitions(wanted) => {
                self.config.definition_updates = *wanted;
                // What was refused as a definition update, devices report again every day.
                let all = self.wanted.clone();
                self.with(|sync| {
                    for (number, revisions) in all {
                        for revision in revisions {
                            sync.want(UpdateKey::new(id(number), revision));
                        }
                    }
                });
            }
            Step::Clock(minutes) => {
                self.wrong += Duration::minutes(i64::from(*minutes));
                self.starts.push(None);
            }
            Step::Hurry => self.with(Sync::hurry),
            Step::Sleep(minutes) => self.time += Duration::minutes(i64::from(*minutes)),
            Step::Go => {}
            exchange => {
                self.exchange(exchange);
                return;
            }
        }
        self.exchange(&Step::Go);
    }

    /// Goes on until nothing new can come: some runs without trouble.
    fn settle(&mut self) {
        let late = std::mem::take(&mut self.late);
        self.with(|sync| late.into_iter().for_each(|key| sync.committed(key)));
        for _ in 0..12 {
            for request in 0.. {
                assert!(request < 400, "a run does not end");
                if !self.exchange(&Step::Go) {
                    let sync = self.sync();
                    match sync.poll_timeout() {
                        // A wait inside the run.
                        Some(next) if sync.progress().to_string().contains("again at") => {
                            self.time += (next - self.now()).max(Duration::seconds(1));
                        }
                        _ => break,
                    }
                }
            }
            let sync = self.sync();
            let Some(next) = sync.poll_timeout() else { break };
            self.time += (next - self.now()).max(Duration::minutes(30));
        }
    }

    fn check(&self) {
        let sync = self.sync();
        let resting: BTreeSet<UpdateKey> = sync.quarantine().map(|(key, _)| key).collect();
        let mut expected: BTreeMap<UpdateId, u32> = BTreeMap::new();
        let left_out = |number: u8| {
            self.offers.get(&number).is_some_and(|offer| offer.class == 2)
                && !self.config.definition_updates
        };
        for (number, revisions) in &self.wanted {
            let offered = self.offers.get(number);
            let there =
                |revision: &&u32| offered.is_some_and(|offer| offer.revisions.contains(revision));
            // The highest that a device named and the server has; a list may have brought more.
            let newest = revisions.iter().rev().find(there).copied();
            if left_out(*number) {
                continue;
            }
            let has = self.stored.get(&id(*number)).copied();
            if let Some(newest) = newest {
                assert!(has >= Some(newest), "{number}: {has:?} instead of {newest}");
                expected.insert(id(*number), newest);
            } else if let Some(offer) = offered.filter(|_| self.config.current_revisions) {
                // None that a device named, so the one that there is.
                assert_eq!(has.as_ref(), offer.revisions.last(), "{number}: not the current one");
            }
            // What is above it and was named rests, and stays needed.
            for revision in
                revisions.iter().filter(|revision| has.is_none_or(|has| has < **revision))
            {
                let key = UpdateKey::new(id(*number), *revision);
                assert!(resting.contains(&key), "{key} is neither there nor at rest");
                assert!(sync.needed().contains_key(&key.id));
            }
        }
        if let Scope::Updates(filter) = &self.config.scope {
            for (number, offer) in &self.offers {
                let all = filter.products().count() == 0;
                let product = UpdateId::from_u128(PRODUCTS[offer.product]);
                let class = UpdateId::from_u128(CLASSES[offer.class]);
                let taken = all
                    || filter.products().any(|id| id == product)
                        && filter.classifications().any(|id| id == class);
                if taken && !left_out(*number) {
                    let has = self.stored.get(&id(*number));
                    assert_eq!(has, offer.revisions.last(), "{number} of the filter");
                }
            }
        }
        if self.config.scope != Scope::Needed {
            for category in PRODUCTS.iter().chain(&CLASSES) {
                assert!(self.stored.contains_key(&UpdateId::from_u128(*category)), "{category:x}");
            }
            assert!(sync.anchors().0.is_some());
        }
        // What is known is what is stored.
        assert_eq!(sync.known(), &self.stored);
    }
}

fn scope(number: u8) -> Scope {
    let ids =
        |numbers: &[u128]| numbers.iter().map(|id| UpdateId::from_u128(*id)).collect::<Vec<_>>();
    let filter = |products: &[u128], classes: &[u128]| {
        Scope::Updates(Filter::new(ids(products), ids(classes)).unwrap())
    };
    match number {
        0 | 1 => Scope::Needed,
        2 => Scope::Categories,
        3 => filter(&PRODUCTS[..1], &CLASSES[..1]),
        4 => filter(&PRODUCTS, &CLASSES[..1]),
        5 => filter(&PRODUCTS[1..], &CLASSES),
        6 => filter(&PRODUCTS, &CLASSES),
        _ => Scope::Updates(Filter::everything()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_everything_there_is_arrives_once(
        steps in prop::collection::vec(step(), 1..60),
        chunk in prop_oneof![Just(0), 1usize..4000],
        current: bool,
    ) {
        let mut world = World::new();
        world.chunk = chunk;
        world.config.current_revisions = current;
        for step in &steps {
            world.apply(step);
        }
        world.settle();
        world.check();
    }
}
