//! The sync machine against the simulated upstream: under loss, repetition, and restart from saved
//! state at every step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use wsusss::metadata::{Select, Update};
use wsusss::simulator::{Upstream, documents};
use wsusss::sync::{Config, Event, Sync, SyncError, SyncState, Want};
use wsusss::{Limits, UpdateId, UpdateKey};

fn config() -> Config {
    Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001")
}

fn keys() -> Vec<UpdateKey> {
    let read =
        |text: &String| Update::read(text, Select::IDENTITY, &Limits::default()).unwrap().key;
    documents().iter().map(read).collect()
}

fn unknown(number: u128) -> UpdateKey {
    UpdateKey::new(UpdateId::from_u128(number), 1)
}

/// A vendor: its database and its upstream.
struct World {
    now: DateTime<Utc>,
    upstream: Upstream,
    state: String,
    stored: BTreeMap<UpdateId, (u32, String)>,
    skipped: Vec<UpdateKey>,
    unavailable: Vec<UpdateKey>,
}

impl World {
    fn new() -> Self {
        let mut upstream = Upstream::default();
        for document in documents() {
            upstream.add(document).unwrap();
        }
        let state = serde_json::to_string(Sync::new(&config()).state()).unwrap();
        Self {
            now: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            upstream,
            state,
            stored: BTreeMap::new(),
            skipped: Vec::new(),
            unavailable: Vec::new(),
        }
    }

    fn sync(&self) -> Sync {
        let state: SyncState = serde_json::from_str(&self.state).unwrap();
        Sync::resume(state, &config()).unwrap()
    }

    fn save(&mut self, sync: &Sync) {
        self.state = serde_json::to_string(sync.state()).unwrap();
    }

    fn want(&mut self, keys: &[UpdateKey]) {
        let mut sync = self.sync();
        for key in keys {
            sync.want(*key);
        }
        self.save(&sync);
    }

    /// Stores what came, in one transaction with the state.
    fn drain(&mut self, sync: &mut Sync) {
        while let Some(event) = sync.poll_event() {
            match event {
                Event::Update { key, document, .. } => {
                    let before = self.stored.insert(key.id, (key.revision, document));
                    assert!(before.is_none_or(|(revision, _)| revision < key.revision));
                    sync.committed(key);
                }
                Event::DefinitionUpdateSkipped(key) => self.skipped.push(key),
                Event::Unavailable { key, .. } => self.unavailable.push(key),
                Event::Unreadable { key, error } => panic!("{key}: {error}"),
                _ => {}
            }
        }
        self.save(sync);
    }

    /// Runs until nothing is due. Faults: 1 the request is lost with the process, 2 the answer is
    /// lost with the process, 3 the answer comes twice, 4 the process ends before it stored what
    /// came, 5 the request fails.
    fn run(&mut self, faults: &[u8]) {
        for step in 0..1000 {
            let fault = faults.get(step).copied().unwrap_or_default();
            let mut sync = self.sync();
            let Some(request) = sync.poll_transmit(self.now) else {
                self.drain(&mut sync);
                match sync.poll_timeout() {
                    Some(next) if step < faults.len() + 60 => {
                        self.now = self.now.max(next);
                        continue;
                    }
                    _ => return,
                }
            };
            self.save(&sync);
            if fault == 1 {
                continue;
            }
            assert!(request.url.starts_with("http://upstream/"), "{}", request.url);
            let answer = self.upstream.handle(&request.body, self.now);
            if fault == 2 {
                continue;
            }
            if fault == 5 {
                sync.handle_no_answer(self.now, request.token, "timed out").unwrap();
            } else {
                sync.handle_response(self.now, request.token, &answer.body).unwrap();
            }
            if fault == 3 {
                let again = sync.handle_response(self.now, request.token, &answer.body);
                assert_eq!(again, Err(SyncError::Token(request.token)));
            }
            if fault != 4 {
                self.drain(&mut sync);
            }
        }
        panic!("the sync does not end");
    }

    fn check(&self) {
        let mut expected: BTreeMap<UpdateId, u32> = BTreeMap::new();
        let definition = keys().pop().unwrap();
        for key in keys() {
            if key.id != definition.id {
                let newest = expected.entry(key.id).or_default();
                *newest = key.revision.max(*newest);
            }
        }
        let stored: BTreeMap<UpdateId, u32> =
            self.stored.iter().map(|(id, (revision, _))| (*id, *revision)).collect();
        assert_eq!(stored, expected);
        assert!(self.skipped.contains(&definition), "definition updates are left out");
        assert!(self.unavailable.contains(&unknown(1)) && self.unavailable.contains(&unknown(2)));
        let needed: Vec<UpdateId> = self.sync().needed().keys().copied().collect();
        assert_eq!(needed, [unknown(1).id, unknown(2).id], "they stay needed");
    }
}

/// What devices want: everything there is, and two updates that the server does not know.
fn wanted() -> Vec<UpdateKey> {
    let mut wanted = keys();
    wanted.push(unknown(1));
    wanted.push(unknown(2));
    wanted
}

#[test]
fn one_run_brings_everything_and_isolates_what_the_server_does_not_know() {
    let mut world = World::new();
    world.want(&wanted());
    world.run(&[]);
    world.check();
    assert_eq!(world.upstream.calls("GetAuthConfig"), 1);
    // A second run within the cookie's time authorizes nothing and asks for what is left only.
    let cookies = world.upstream.calls("GetCookie");
    let asked = world.upstream.calls("GetUpdateData");
    let mut sync = world.sync();
    assert_eq!(sync.want(keys()[0]), Want::Known);
    // A definition update is only known as one: who reports on devices asks for that.
    let definition = *keys().last().unwrap();
    assert_eq!(sync.want(definition), Want::LeftOut);
    assert!(sync.is_left_out(definition.id) && !sync.known().contains_key(&definition.id));
    assert!(!sync.is_left_out(keys()[0].id) && !sync.is_left_out(unknown(1).id));
    assert!(sync.poll_transmit(world.now).is_none(), "not before the interval is over");
    assert!(cookies >= 1 && asked >= 3);
}

#[test]
fn runs_keep_their_distance_and_reuse_the_cookie() {
    let mut world = World::new();
    world.want(&[keys()[1]]);
    world.run(&[]);
    assert_eq!(world.upstream.calls("GetCookie"), 1);
    world.want(&[keys()[5]]);
    let mut sync = world.sync();
    let next = sync.poll_timeout().unwrap();
    assert!(next >= world.now + Duration::hours(2) - Duration::seconds(1));
    assert!(sync.poll_transmit(world.now + Duration::minutes(119)).is_none());
    world.now = next;
    world.run(&[]);
    assert_eq!(world.stored.len(), 2);
    assert_eq!(world.upstream.calls("GetCookie"), 1, "the cookie is still good");
    assert_eq!(world.upstream.calls("GetAuthorizationCookie"), 1);
    // After its end it is asked for again; the authorization is kept.
    world.now += Duration::hours(5);
    world.want(&[keys()[3]]);
    world.run(&[]);
    assert_eq!(world.upstream.calls("GetCookie"), 2);
    assert_eq!(world.upstream.calls("GetAuthorizationCookie"), 1);
}

#[test]
fn a_cookie_that_the_server_takes_back_is_renewed_once() {
    let mut world = World::new();
    world.want(&[keys()[1]]);
    world.run(&[]);
    world.upstream.drop_cookies();
    world.want(&[keys()[5]]);
    world.now += Duration::hours(2);
    world.run(&[]);
    assert_eq!(world.stored.len(), 2);
    assert_eq!(world.upstream.calls("GetCookie"), 2);
}

#[test]
fn another_origin_is_not_trusted() {
    for (url, trusted) in [
        ("DssAuthWebService/DssAuthWebService.asmx", true),
        ("/DssAuthWebService/DssAuthWebService.asmx", true),
        ("http://upstream/x.asmx", true),
        ("http://upstream.evil/x.asmx", false),
        ("//evil/x.asmx", false),
    ] {
        let mut sync = Sync::new(&config());
        sync.want(keys()[1]);
        let now = DateTime::UNIX_EPOCH;
        let request = sync.poll_transmit(now).unwrap();
        let answer = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
             <GetAuthConfigResponse xmlns='http://www.microsoft.com/SoftwareDistribution'>\
             <GetAuthConfigResult><AuthInfo><AuthPlugInInfo><PlugInID>DssTargeting</PlugInID>\
             <ServiceUrl>{url}</ServiceUrl></AuthPlugInInfo></AuthInfo></GetAuthConfigResult>\
             </GetAuthConfigResponse></s:Body></s:Envelope>"
        );
        sync.handle_response(now, request.token, answer.as_bytes()).unwrap();
        assert_eq!(sync.poll_transmit(now).is_some(), trusted, "{url}");
    }
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let mut world = World::new();
    world.want(&[keys()[1]]);
    world.run(&[]);
    let state = format!("{:?}", world.sync());
    // Base64 of what every cookie of the simulator begins with.
    assert!(!state.contains("d3N1c3Nz"), "{state}");
    assert!(world.state.contains("d3N1c3Nz"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn loss_repetition_and_restarts_change_nothing(faults in prop::collection::vec(0u8..6, 0..25)) {
        let mut world = World::new();
        world.want(&wanted());
        world.run(&faults);
        world.check();
    }

    #[test]
    fn broken_answers_lose_nothing(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        broken in prop::collection::vec(any::<bool>(), 5),
    ) {
        let mut world = World::new();
        world.want(&[keys()[1]]);
        let mut sync = world.sync();
        for broken in broken {
            let Some(request) = sync.poll_transmit(world.now) else { break };
            let mut body = world.upstream.handle(&request.body, world.now).body;
            let place = at.index(body.len());
            if broken {
                body[place] = byte;
            }
            sync.handle_response(world.now, request.token, &body).unwrap();
        }
        let id = keys()[1].id;
        let original = documents()[1].clone();
        while let Some(event) = sync.poll_event() {
            // Whoever has it stores it, if it is what it was.
            if let Event::Update { key, document, .. } = event
                && document == original
            {
                world.stored.insert(key.id, (key.revision, document));
                sync.committed(key);
            }
        }
        prop_assert!(sync.needed().contains_key(&id) != world.stored.contains_key(&id));
        // What nobody has touched brings the rest.
        world.save(&sync);
        world.now += Duration::hours(3);
        world.run(&[]);
        let needed = world.sync().needed().contains_key(&id);
        prop_assert!(needed || world.stored[&id].1 == original);
    }
}
