//! The sync machine against a server that means it no good, and against states that somebody wrote
//! by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::string_slice)]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use wsusss::messages::{self, FileUrl, List, Message, RevisionList, Soap, UpdateData};
use wsusss::messages::{Base64, UpdateDocument};
use wsusss::simulator::Upstream;
use wsusss::sync::{Config, Event, FailReason, Filter, Scope, Sync, SyncState, Want};
use wsusss::{ErrorKind, UpdateId, UpdateKey};

const PRODUCT: u128 = 0x100;
const CLASS: u128 = 0x200;

fn key(number: u128, revision: u32) -> UpdateKey {
    UpdateKey::new(UpdateId::from_u128(number), revision)
}

fn document(key: UpdateKey, relationships: &str) -> String {
    format!(
        "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">\
         <upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"{}\" /><upd:Properties \
         UpdateType=\"Software\" /><upd:Relationships>{relationships}</upd:Relationships>\
         </upd:Update>",
        key.id, key.revision
    )
}

fn encode(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    messages::encode(Soap::V11, message, &mut out).unwrap();
    out
}

fn data(updates: Vec<UpdateDocument<'static>>, files: Vec<FileUrl>) -> Vec<u8> {
    let mut data = UpdateData::default();
    data.updates = updates.into();
    data.file_urls = files.into();
    encode(&Message::GetUpdateDataResponse(data.into()))
}

fn keys(request: &Message<'_>) -> Vec<UpdateKey> {
    let Message::GetUpdateData(request) = request else { panic!("{}", request.name()) };
    request.update_ids.iter().copied().collect()
}

fn config() -> Config {
    Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001")
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A machine, and a server that is honest where it is not told otherwise.
struct Bench {
    sync: Sync,
    now: DateTime<Utc>,
    honest: Upstream,
    calls: BTreeMap<String, usize>,
    events: Vec<Event>,
    chunk: usize,
}

impl Bench {
    fn new(config: &Config) -> Self {
        Self {
            sync: Sync::new(config),
            now: start(),
            honest: Upstream::default(),
            calls: BTreeMap::new(),
            events: Vec::new(),
            chunk: 0,
        }
    }

    /// At most `most` requests; whether the run came to its end before that. Nothing is committed.
    fn run(&mut self, most: usize, evil: impl Fn(&Message<'_>) -> Option<Vec<u8>>) -> bool {
        for _ in 0..most {
            let Some(request) = self.sync.poll_transmit(self.now) else { return true };
            let (_, message) = messages::decode(&request.body, &Default::default()).unwrap();
            *self.calls.entry(message.name().to_owned()).or_default() += 1;
            let honest = || self.honest.handle(&request.body, self.now).body;
            let answer = evil(&message).unwrap_or_else(honest);
            let events = deliver(&mut self.sync, self.now, request.token, &answer, self.chunk);
            self.events.extend(events);
        }
        false
    }

    fn updates(&self) -> Vec<UpdateKey> {
        let key = |event: &Event| match event {
            Event::Update { key, .. } => Some(*key),
            _ => None,
        };
        self.events.iter().filter_map(key).collect()
    }
}

/// Hands an answer over, whole (0) or in chunks of this size; the events of each.
fn deliver(
    sync: &mut Sync,
    now: DateTime<Utc>,
    token: u64,
    body: &[u8],
    chunk: usize,
) -> Vec<Event> {
    let mut events = Vec::new();
    if chunk == 0 {
        sync.handle_response(now, token, body).unwrap();
    } else {
        for part in body.chunks(chunk) {
            sync.handle_response_chunk(now, token, part).unwrap();
            events.extend(std::iter::from_fn(|| sync.poll_event()));
        }
        sync.handle_response_end(now, token).unwrap();
    }
    events.extend(std::iter::from_fn(|| sync.poll_event()));
    events
}

const CHUNKS: [usize; 2] = [0, 1000];

/// The state as JSON, with one value in it replaced.
fn tampered(state: &SyncState, path: &[&str], value: serde_json::Value) -> SyncState {
    let mut json = serde_json::to_value(state).unwrap();
    let mut place = &mut json;
    for name in path {
        place = &mut place[*name];
    }
    *place = value;
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_revision_that_is_always_newer_than_asked_does_not_keep_a_run_going_for_ever() {
    for chunk in CHUNKS {
        let mut bench = Bench::new(&config());
        bench.chunk = chunk;
        bench.sync.want(key(1, 200));
        let newer = |request: &Message<'_>| {
            matches!(request, Message::GetUpdateData(_)).then(|| {
                let found = key(1, 201);
                data(vec![UpdateDocument::text(found, document(found, ""))], Vec::new())
            })
        };
        assert!(bench.run(50, newer), "the run ends");
        assert_eq!(bench.updates(), [key(1, 201)]);
        assert_eq!(bench.calls["GetUpdateData"], 1);
        // Not committed, so it is still needed in the next run.
        assert!(bench.sync.needed().contains_key(&key(1, 200).id));
    }
}

#[test]
fn numbers_at_both_ends_in_a_stored_state_overflow_nothing() {
    let config = config();
    let mut bench = Bench::new(&config);
    bench.sync.want(key(1, 1));
    bench.sync.want(key(2, 0x7fff_ffff));
    // In the middle of a run, and behind one.
    bench.run(4, |_| None);
    let middle = bench.sync.state().clone();
    bench.run(50, |_| None);
    let end = bench.sync.state().clone();
    let times: [&[&str]; 4] = [&["last_start"], &["next_run"], &["seen"], &["run", "wait"]];
    let mut numbers: Vec<Vec<&str>> = times.iter().map(|path| path.to_vec()).collect();
    for name in ["requests", "total", "delivered", "left_out", "unavailable", "unreadable"] {
        numbers.push(vec!["run", "summary", name]);
    }
    for name in ["refusals", "retries", "failures"] {
        numbers.push(vec!["run", name]);
    }
    for name in ["next_token", "left_out_count", "document_size"] {
        numbers.push(vec![name]);
    }
    for state in [middle, end] {
        for path in &numbers {
            let in_run = path[0] == "run";
            if in_run && serde_json::to_value(&state).unwrap()["run"].is_null() {
                continue;
            }
            for number in [i64::MIN, -1, 0, i64::MAX] {
                let unsigned =
                    !matches!(path.last(), Some(&"last_start" | &"next_run" | &"seen" | &"wait"));
                if unsigned && number < 0 {
                    continue;
                }
                let value = match (unsigned, number, path[..] == ["run", "refusals"]) {
                    (true, i64::MAX, _)
                        if matches!(path.last(), Some(&"refusals" | &"retries" | &"failures")) =>
                    {
                        u32::MAX.into()
                    }
                    (true, i64::MAX, _) => u64::MAX.into(),
                    _ => number.into(),
                };
                let state = tampered(&state, path, value);
                for now in [DateTime::<Utc>::MIN_UTC, start(), DateTime::<Utc>::MAX_UTC] {
                    let mut bench = Bench::new(&config);
                    bench.sync = Sync::resume(state.clone(), &config).unwrap();
                    bench.now = now;
                    bench.sync.hurry();
                    let _ = bench.sync.progress().summary.done();
                    let _ = (bench.sync.progress().to_string(), bench.sync.poll_timeout());
                    bench.run(20, |_| None);
                    bench.sync.leave_out(key(9, 1));
                    let _ = bench.sync.progress().to_string();
                    assert!(!bench.sync.needed().is_empty(), "{path:?} {number}");
                }
            }
        }
    }
}

/// A device reports the number, and one that no server can read would fail all that is asked for
/// with it.
#[test]
fn a_revision_that_cannot_travel_is_not_asked_for() {
    let mut sync = Sync::new(&config());
    assert_eq!(sync.want(key(1, 0x8000_0000)), Want::Impossible);
    assert_eq!(sync.want(key(1, u32::MAX)), Want::Impossible);
    assert!(sync.needed().is_empty());
    assert_eq!(sync.want(key(1, 0x7fff_ffff)), Want::Needed);
    // In a state of before, too.
    let revisions = serde_json::json!([0x7fff_ffff_u32, 0x8000_0000_u32]);
    let id = key(1, 0).id.to_string();
    let state = tampered(sync.state(), &["wanted", &id, "revisions"], revisions);
    assert_eq!(Sync::resume(state, &config()).unwrap().needed()[&key(1, 0).id], 0x7fff_ffff);
    let state =
        tampered(sync.state(), &["wanted", &id, "revisions"], serde_json::json!([u32::MAX]));
    assert!(Sync::resume(state, &config()).unwrap().needed().is_empty());
    // And in a document.
    let read = |revision: &str| {
        let text =
            document(key(1, 1), "").replace("Number=\"1\"", &format!("Number=\"{revision}\""));
        wsusss::Update::read(&text, wsusss::metadata::Select::IDENTITY, &Default::default())
            .map(|update| update.key.revision)
    };
    assert_eq!(read("2147483647"), Ok(0x7fff_ffff));
    for number in ["2147483648", "4294967295", "4294967296", "99999999999999999999", "-1", ""] {
        let error = read(number).unwrap_err();
        let ErrorKind::Value { what: "revision number", .. } = error.kind() else {
            panic!("{error}")
        };
        assert!(error.position().is_some());
    }
}

/// A wait that was stored as a time that cannot be is the end of time, not 1970: a caller who
/// sleeps until then must not spin.
#[test]
fn times_that_cannot_be_are_the_end_of_time_on_their_side() {
    let mut sync = Sync::new(&config());
    sync.want(key(1, 1));
    assert!(sync.poll_transmit(start()).is_some());
    let state = tampered(sync.state(), &["run", "wait"], i64::MAX.into());
    let state = tampered(&state, &["pending_call"], serde_json::Value::Null);
    let mut sync = Sync::resume(state, &config()).unwrap();
    assert_eq!(sync.poll_transmit(start()), None);
    assert_eq!(sync.poll_timeout(), Some(DateTime::<Utc>::MAX_UTC));
    // What is due, is sent: at every time the two agree.
    for wait in [i64::MIN, -1, 0, i64::MAX] {
        for now in [DateTime::<Utc>::MIN_UTC, start(), DateTime::<Utc>::MAX_UTC] {
            let state = tampered(sync.state(), &["run", "wait"], wait.into());
            let state = tampered(&state, &["seen"], serde_json::Value::Null);
            let mut sync = Sync::resume(state, &config()).unwrap();
            let due = sync.poll_timeout().is_some_and(|due| due <= now);
            assert_eq!(sync.poll_transmit(now).is_some(), due, "{wait} {now}");
        }
    }
}

#[test]
fn a_stored_address_of_another_server_is_not_gone_to() {
    let mut bench = Bench::new(&config());
    bench.sync.want(key(1, 1));
    bench.run(1, |_| None);
    for (address, trusted) in [
        ("http://upstream/DssAuthWebService/DssAuthWebService.asmx", true),
        ("http://evil.example/DssAuthWebService/DssAuthWebService.asmx", false),
        ("https://upstream/DssAuthWebService/DssAuthWebService.asmx", false),
        ("http://upstream@evil.example/", false),
    ] {
        let state = tampered(bench.sync.state(), &["authorization_url"], address.into());
        let mut sync = Sync::resume(state, &config()).unwrap();
        let request = sync.poll_transmit(bench.now).unwrap();
        assert!(request.url.starts_with("http://upstream/"), "{}", request.url);
        assert_eq!(request.soap_action.contains("GetAuthorizationCookie"), trusted, "{address}");
    }
    // Also when the request was on its way.
    let _ = bench.sync.poll_transmit(bench.now).unwrap();
    let state = tampered(bench.sync.state(), &["authorization_url"], "http://evil.example/".into());
    let mut sync = Sync::resume(state, &config()).unwrap();
    assert_eq!(sync.poll_transmit(bench.now), None);
    assert!(matches!(sync.poll_event(), Some(Event::Failed(_))));
    // The next run begins where an address is asked for.
    let request = sync.poll_transmit(sync.poll_timeout().unwrap()).unwrap();
    assert!(request.soap_action.contains("GetAuthConfig"));
}

/// Lists and bundles are the server's: what they name counts against what can be needed.
#[test]
fn what_a_server_names_does_not_grow_without_bound() {
    for chunk in CHUNKS {
        let bundle = |parts: std::ops::Range<u32>| -> String {
            let part = |n| {
                let id = UpdateId::from_u128(0x5000 + u128::from(n));
                format!("<upd:UpdateIdentity UpdateID=\"{id}\" RevisionNumber=\"1\" />")
            };
            format!(
                "<upd:BundledUpdates>{}</upd:BundledUpdates>",
                parts.map(part).collect::<String>()
            )
        };
        let mut config = config();
        config.max_needed = 10;
        config.bundles = 3;
        for (parts, no_room) in [(9, 0), (10, 1), (1000, 991)] {
            let mut bench = Bench::new(&config);
            bench.chunk = chunk;
            bench.sync.want(key(1, 1));
            let text = document(key(1, 1), &bundle(0..parts));
            bench.run(30, |request| match request {
                Message::GetUpdateData(_) if keys(request).contains(&key(1, 1)) => {
                    Some(data(vec![UpdateDocument::text(key(1, 1), text.clone())], Vec::new()))
                }
                _ => None,
            });
            assert!(bench.sync.needed().len() <= 10);
            let left: usize = bench
                .events
                .iter()
                .map(|event| match event {
                    Event::NoRoom { parts, .. } => *parts,
                    _ => 0,
                })
                .sum();
            assert_eq!(left, no_room);
        }
        // A list of updates that the server then does not have, another one each time.
        let mut config = self::config();
        config.max_needed = 10;
        config.scope = Scope::Updates(
            Filter::new([UpdateId::from_u128(PRODUCT)], [UpdateId::from_u128(CLASS)]).unwrap(),
        );
        let mut bench = Bench::new(&config);
        bench.chunk = chunk;
        let mut sizes = Vec::new();
        for round in 0..12u128 {
            bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
            bench.run(300, |request| match request {
                Message::GetRevisionIdList(request) => {
                    let filter = request.filter.value().unwrap();
                    let updates = filter.get_config.value() == Some(&false);
                    let mut list = RevisionList::default();
                    list.anchor = format!("{round}").into();
                    let named = (0..50).map(|n| key(0x9000 + round * 50 + n, 1));
                    list.new_revisions = if updates { named.collect() } else { List::default() };
                    Some(encode(&Message::GetRevisionIdListResponse(list.into())))
                }
                // It has none of them, and says that it has become another server now and then.
                Message::GetUpdateData(_) if round % 3 == 2 => {
                    let fault = wsusss::Fault::new(wsusss::FaultCode::ServerChanged);
                    Some(encode(&Message::Fault(fault)))
                }
                Message::GetUpdateData(_) => Some(data(Vec::new(), Vec::new())),
                _ => None,
            });
            assert!(bench.sync.needed().len() <= 10);
            sizes.push(serde_json::to_string(bench.sync.state()).unwrap().len());
        }
        // What is needed and one list at a time, not twelve.
        assert!(sizes.iter().max().unwrap() < &(2 * sizes[1].max(sizes[0])), "{sizes:?}");
        assert!(bench.sync.quarantine().count() <= 10 + 50);
    }
}

/// A cabinet can hold a thousand times its size, and an answer thousands of cabinets.
#[test]
fn an_answer_of_cabinet_bombs_is_taken_as_far_as_there_is_room() {
    for chunk in CHUNKS {
        let padded = |key: UpdateKey| {
            document(key, "")
                .replace("</upd:Update>", &format!("{}</upd:Update>", " ".repeat(20_000)))
        };
        let size = padded(key(1, 1)).len();
        let bomb = |n: u128| {
            let cabinet = wsusss::cab::make_document(&padded(key(n, 1)));
            assert!(cabinet.len() < 1_000);
            UpdateDocument::compressed(key(n, 1), Base64::encode(&cabinet).as_str().to_owned())
        };
        let bombs: BTreeMap<UpdateId, UpdateDocument<'_>> =
            (0..10).map(|n| (UpdateId::from_u128(n), bomb(n))).collect();
        // Room for two, one byte more or less: the last one may go past it, and there is always one.
        for (room, batches) in
            [(2 * size, 5), (2 * size + 1, 4), (size + 1, 5), (size, 10), (0, 10)]
        {
            let mut config = config();
            config.max_documents = room;
            let mut bench = Bench::new(&config);
            bench.chunk = chunk;
            for n in 0..10 {
                bench.sync.want(key(n, 1));
            }
            let mut held = 0;
            while let Some(request) = bench.sync.poll_transmit(bench.now) {
                let (_, message) = messages::decode(&request.body, &Default::default()).unwrap();
                *bench.calls.entry(message.name().to_owned()).or_default() += 1;
                let answer = if matches!(message, Message::GetUpdateData(_)) {
                    data(
                        keys(&message).iter().map(|key| bombs[&key.id].clone()).collect(),
                        Vec::new(),
                    )
                } else {
                    bench.honest.handle(&request.body, bench.now).body
                };
                let mut in_one = 0;
                for event in deliver(&mut bench.sync, bench.now, request.token, &answer, chunk) {
                    if let Event::Update { document, .. } = &event {
                        in_one += document.len();
                    }
                    bench.events.push(event);
                }
                held = held.max(in_one);
            }
            assert!(held <= room + size, "{room}: {held}");
            assert_eq!(
                (bench.updates().len(), bench.calls["GetUpdateData"]),
                (10, batches),
                "{room}"
            );
        }
    }
}

#[test]
fn what_was_not_asked_for_is_not_even_decompressed() {
    for chunk in CHUNKS {
        let mut config = config();
        config.max_documents = 10_000;
        let mut bench = Bench::new(&config);
        bench.chunk = chunk;
        bench.sync.want(key(1, 1));
        let bomb = wsusss::cab::make_document(&document(key(2, 1), &" ".repeat(99_000)));
        let answer = |request: &Message<'_>| {
            matches!(request, Message::GetUpdateData(_)).then(|| {
                let cabinet = Base64::encode(&bomb).as_str().to_owned();
                let mut all = vec![UpdateDocument::compressed(key(2, 1), cabinet); 9];
                all.push(UpdateDocument::text(key(1, 1), document(key(1, 1), "")));
                data(all, Vec::new())
            })
        };
        assert!(bench.run(20, answer));
        assert_eq!(bench.updates(), [key(1, 1)]);
        assert_eq!(bench.calls["GetUpdateData"], 1);
    }
}

/// A long address that every document names is copied for each of them, which counts.
#[test]
fn addresses_that_every_document_names_count_as_well() {
    for chunk in CHUNKS {
        let mut config = config();
        config.max_documents = 100_000;
        config.limits = config.limits.with_document(50_000);
        let mut bench = Bench::new(&config);
        bench.chunk = chunk;
        for n in 0..20 {
            bench.sync.want(key(n, 1));
        }
        let answer = |request: &Message<'_>| {
            matches!(request, Message::GetUpdateData(_)).then(|| {
                let file = "<upd:Files><upd:File Digest=\"AAEC\" /></upd:Files></upd:Update>";
                let one = |key: UpdateKey| {
                    let text = document(key, "").replace("</upd:Update>", file);
                    UpdateDocument::text(key, text)
                };
                let mut url = FileUrl::default();
                url.digest = Base64::new("AAEC").into();
                url.mu_url = format!("http://a.example/{}", "x".repeat(60_000)).into();
                data(keys(request).into_iter().map(one).collect(), vec![url])
            })
        };
        assert!(bench.run(60, answer));
        if chunk == 0 {
            assert_eq!((bench.updates().len(), bench.calls["GetUpdateData"]), (20, 10));
        } else {
            // The documents came first; of their addresses as many as there is room for.
            assert_eq!(bench.updates().len(), 20);
            let files = bench.events.iter().filter(|event| matches!(event, Event::Files { .. }));
            assert!(files.count() < 5 * 4);
            let max = config.max_documents + config.limits.document;
            let what = "bytes of documents in an answer";
            // It is said why, and waited.
            let limit = |event: &Event| match event {
                Event::Waiting { reason: FailReason::Answer(error), .. } => {
                    *error.kind() == ErrorKind::Limit { what, max }
                }
                _ => false,
            };
            assert!(bench.events.iter().any(limit), "{:?}", bench.events.last());
        }
    }
}

/// What is stored and sent back with every request has a length.
#[test]
fn cookies_anchors_and_addresses_have_a_length() {
    for chunk in CHUNKS {
        const MAX: usize = 1000;
        let mut config = config();
        config.max_token = MAX;
        config.scope = Scope::Categories;
        let lengthen = |answer: &[u8], name: &str, length: usize| {
            let text = String::from_utf8(answer.to_vec()).unwrap();
            let at = text.find(&format!("<{name}>"))? + name.len() + 2;
            let end = at + text[at..].find("</")?;
            let value = "a".repeat(length);
            Some(format!("{}{value}{}", &text[..at], &text[end..]).into_bytes())
        };
        for (name, beside, what) in [
            ("ServiceUrl", 0, "bytes of an address"),
            ("CookieData", "DssTargeting".len(), "bytes of a cookie"),
            ("EncryptedData", "2026-09-21T14:13:20.000Z".len(), "bytes of a cookie"),
            ("NewConfigAnchor", 0, "bytes of an anchor"),
            ("ProtocolVersion", 0, "bytes of an anchor"),
            ("Anchor", 0, "bytes of an anchor"),
        ] {
            for more in [0, 1] {
                let mut bench = Bench::new(&config);
                bench.chunk = chunk;
                let stored = loop {
                    let before = serde_json::to_string(bench.sync.state()).unwrap().len();
                    let request = bench.sync.poll_transmit(bench.now).unwrap();
                    let answer = bench.honest.handle(&request.body, bench.now).body;
                    let long = lengthen(&answer, name, MAX - beside + more);
                    let body = long.as_deref().unwrap_or(&answer);
                    let events = deliver(&mut bench.sync, bench.now, request.token, body, chunk);
                    bench.events.extend(events);
                    if long.is_some() {
                        let after = serde_json::to_string(bench.sync.state()).unwrap().len();
                        break after.saturating_sub(before) > MAX / 2;
                    }
                };
                let refused = bench.events.iter().find_map(|event| match event {
                    Event::Failed(FailReason::Answer(error)) => Some(error.kind().clone()),
                    _ => None,
                });
                let expected = ErrorKind::Limit { what, max: MAX };
                assert_eq!(
                    (refused, stored),
                    ((more == 1).then_some(expected), more == 0),
                    "{name} {more}"
                );
            }
        }
    }
}

/// Found by fuzzing: what was left out as definition updates and is wanted now came on top of the
/// limit.
#[test]
fn definition_updates_that_are_wanted_again_find_room_or_wait() {
    let mut config = config();
    config.max_needed = 4;
    let mut sync = Sync::new(&config);
    for n in 0..10 {
        sync.leave_out(key(n, 1));
    }
    config.definition_updates = true;
    let mut sync = Sync::resume(sync.into_state(), &config).unwrap();
    assert_eq!(sync.needed().len(), 4);
    let needed: Vec<UpdateId> = sync.needed().into_keys().collect();
    for id in &needed {
        sync.committed(UpdateKey::new(*id, 1));
    }
    let sync = Sync::resume(sync.into_state(), &config).unwrap();
    assert_eq!(sync.needed().len(), 4);
    assert!(needed.iter().all(|id| !sync.needed().contains_key(id)));
}

/// What was stored, and left out by its vendor afterwards, is needed by nobody.
#[test]
fn definition_updates_that_are_known_are_not_needed_again() {
    let mut config = config();
    let mut sync = Sync::new(&config);
    sync.committed(key(1, 2));
    for (number, revision) in [(1, 2), (2, 1), (3, 1)] {
        sync.leave_out(key(number, revision));
    }
    sync.committed(key(2, 1));
    config.definition_updates = true;
    let mut sync = Sync::resume(sync.into_state(), &config).unwrap();
    assert_eq!(sync.needed().into_keys().collect::<Vec<_>>(), [key(3, 1).id]);
    sync.committed(key(3, 1));
    assert_eq!(sync.poll_timeout(), None);
}

/// Found by fuzzing: what is needed and known all the same was put on the queue and taken off it
/// again, for ever.
#[test]
fn what_is_needed_and_known_all_the_same_ends_a_run() {
    let mut sync = Sync::new(&config());
    assert_eq!(sync.want(key(7, 3)), Want::Needed);
    let mut state = serde_json::to_value(sync.into_state()).unwrap();
    state["known"] = serde_json::json!({ key(7, 0).id.to_string(): 5 });
    let state: SyncState = serde_json::from_value(state).unwrap();
    let mut sync = Sync::resume(state, &config()).unwrap();
    let mut upstream = Upstream::default();
    let mut requests = 0;
    while let Some(request) = sync.poll_transmit(start()) {
        let answer = upstream.handle(&request.body, start()).body;
        let _ = sync.handle_response(start(), request.token, &answer);
        requests += 1;
        assert!(requests < 20);
    }
    assert!(requests > 0);
}
