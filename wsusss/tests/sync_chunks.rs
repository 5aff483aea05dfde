//! Answers fed to the sync machine while they arrive do what whole answers do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use wsusss::messages::FileUrl;
use wsusss::metadata::{Select, Update};
use wsusss::simulator::{Upstream, documents};
use wsusss::sync::{Config, Event, FailReason, Filter, Phase, Scope, Sync, SyncError, SyncState};
use wsusss::{ErrorKind, Limits, UpdateId, UpdateKey};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn config() -> Config {
    Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001")
}

fn keys() -> Vec<UpdateKey> {
    let read =
        |text: &String| Update::read(text, Select::IDENTITY, &Limits::default()).unwrap().key;
    documents().iter().map(read).collect()
}

fn upstream() -> Upstream {
    let mut upstream = Upstream::default();
    for (number, document) in documents().into_iter().enumerate() {
        // Files of its own, and one that several share.
        let files = format!(
            "<upd:Files><upd:File Digest=\"own{number}=\" FileName=\"a\" /><upd:File \
             Digest=\"shared{}=\" FileName=\"b\" /></upd:Files></upd:Update>",
            number % 2
        );
        upstream.add(document.replace("</upd:Update>", &files)).unwrap();
    }
    upstream
}

/// Feeds an answer in chunks of these sizes, repeated, and hands each event to `each` as soon as
/// it is there.
fn feed(
    sync: &mut Sync,
    token: u64,
    body: &[u8],
    sizes: &[usize],
    mut each: impl FnMut(&mut Sync, Event),
) -> Result<(), SyncError> {
    let mut rest = body;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
        sync.handle_response_chunk(now(), token, chunk)?;
        while let Some(event) = sync.poll_event() {
            each(sync, event);
        }
        rest = after;
    }
    sync.handle_response_end(now(), token)?;
    while let Some(event) = sync.poll_event() {
        each(sync, event);
    }
    Ok(())
}

/// Addresses that came after their document, with it.
fn joined(events: Vec<Event>) -> Vec<String> {
    let mut files: BTreeMap<UpdateKey, Vec<FileUrl>> = BTreeMap::new();
    for event in &events {
        if let Event::Files { key, files: more, .. } = event {
            files.entry(*key).or_default().extend(more.iter().cloned());
        }
    }
    let mut shown = Vec::new();
    for event in events {
        match event {
            Event::Files { .. } => {}
            Event::Update { key, document, files: mut own, .. } => {
                own.extend(files.remove(&key).unwrap_or_default());
                own.sort_by_key(|file| file.digest.as_str().unwrap().to_owned());
                shown.push(format!("{key} {document} {own:?}"));
            }
            other => shown.push(format!("{other:?}")),
        }
    }
    shown
}

fn state(sync: &Sync) -> serde_json::Value {
    serde_json::to_value(sync.state()).unwrap()
}

/// Two machines in step, one with whole answers; how many documents came.
fn in_step(config: &Config, wanted: &[UpdateKey], sizes: &[usize]) -> usize {
    let (mut whole, mut chunked) = (Sync::new(config), Sync::new(config));
    for key in wanted {
        whole.want(*key);
        chunked.want(*key);
    }
    let mut upstream = upstream();
    let mut documents = 0;
    for _ in 0..100 {
        let request = whole.poll_transmit(now());
        assert_eq!(chunked.poll_transmit(now()), request);
        let Some(request) = request else {
            assert_eq!(state(&chunked), state(&whole));
            return documents;
        };
        let body = upstream.handle(&request.body, now()).body;
        whole.handle_response(now(), request.token, &body).unwrap();
        let mut events = Vec::new();
        while let Some(event) = whole.poll_event() {
            events.push(event);
        }
        let mut others = Vec::new();
        feed(&mut chunked, request.token, &body, sizes, |_, event| others.push(event)).unwrap();
        documents += events.iter().filter(|event| matches!(event, Event::Update { .. })).count();
        assert_eq!(joined(others), joined(events.clone()));
        assert_eq!(state(&chunked), state(&whole));
        for event in events {
            if let Event::Update { key, .. } = event {
                whole.committed(key);
                chunked.committed(key);
            }
        }
    }
    panic!("the sync does not end");
}

#[test]
fn chunks_of_every_size_do_what_the_whole_answer_does() {
    let mut wanted = keys();
    wanted.push(UpdateKey::new(UpdateId::from_u128(1), 1));
    let mut followed = config();
    followed.bundles = 3;
    let mut listed = config();
    listed.scope = Scope::Categories;
    let product: UpdateId = "1b9f6c20-5d53-4c4b-8c7e-7f5a2f0c1101".parse().unwrap();
    let classes = ["0fa1201d-4330-4fa8-8ae9-b877473b6441", "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83"];
    let mut filtered = config();
    filtered.scope = Scope::Updates(
        Filter::new([product], classes.map(|class| class.parse::<UpdateId>().unwrap())).unwrap(),
    );
    for size in [1, 7, 64, 1000, 1 << 20] {
        assert!(in_step(&config(), &wanted, &[size]) >= 4, "{size}");
        assert!(in_step(&followed, &wanted, &[size]) >= 4, "{size}");
        in_step(&listed, &[], &[size]);
        assert!(in_step(&filtered, &[], &[size]) > 0, "{size}");
    }
}

/// A machine that waits for documents, its request's token, and the answer.
fn asked(wanted: &[UpdateKey], config: &Config) -> (Sync, Upstream, u64, Vec<u8>) {
    let mut sync = Sync::new(config);
    for key in wanted {
        sync.want(*key);
    }
    let mut upstream = upstream();
    loop {
        let request = sync.poll_transmit(now()).unwrap();
        let body = upstream.handle(&request.body, now()).body;
        if request.soap_action.contains("GetUpdateData") {
            return (sync, upstream, request.token, body);
        }
        sync.handle_response(now(), request.token, &body).unwrap();
        while sync.poll_event().is_some() {}
    }
}

fn software() -> Vec<UpdateKey> {
    let mut newest: BTreeMap<UpdateId, u32> = BTreeMap::new();
    for key in keys() {
        let revision = newest.entry(key.id).or_default();
        *revision = key.revision.max(*revision);
    }
    let definition = keys().pop().unwrap();
    newest.remove(&definition.id);
    newest.into_iter().map(|(id, revision)| UpdateKey::new(id, revision)).collect()
}

#[test]
fn documents_come_before_the_answer_is_complete_and_their_addresses_after() {
    let (mut sync, _, token, body) = asked(&software(), &config());
    let urls = String::from_utf8(body.clone()).unwrap().find("<fileUrls>").unwrap();
    sync.handle_response_chunk(now(), token, &body[..urls]).unwrap();
    let mut updates = 0;
    while let Some(event) = sync.poll_event() {
        let Event::Update { files, .. } = event else { panic!("{event:?}") };
        assert!(files.is_empty());
        updates += 1;
    }
    assert_eq!(updates, software().len());
    sync.handle_response_chunk(now(), token, &body[urls..]).unwrap();
    assert_eq!(sync.poll_event(), None);
    sync.handle_response_end(now(), token).unwrap();
    let mut files = 0;
    while let Some(event) = sync.poll_event() {
        let Event::Files { files: more, .. } = event else { panic!("{event:?}") };
        assert!(!more.is_empty());
        files += 1;
    }
    assert!(files > 0);
    // Nobody waits for it any more.
    let late = sync.handle_response_chunk(now(), token, b"x");
    assert_eq!(late, Err(SyncError::Token(token)));
    assert_eq!(sync.handle_response_end(now(), token), Err(SyncError::Token(token)));
}

#[test]
fn an_answer_that_breaks_off_has_delivered_what_came_and_the_rest_is_asked_for() {
    let (_, _, _, body) = asked(&software(), &config());
    for cut in (0..body.len()).step_by(97) {
        let (mut sync, mut upstream, token, body) = asked(&software(), &config());
        let mut stored = BTreeMap::new();
        let mut store = |sync: &mut Sync, event| match event {
            Event::Update { key, document, .. } => {
                assert!(stored.insert(key, document).is_none(), "{key} twice");
                sync.committed(key);
            }
            Event::Unreadable { .. } | Event::Failed(_) => panic!("{event:?}"),
            _ => {}
        };
        feed(&mut sync, token, &body[..cut], &[50], &mut store).unwrap();
        let mut time = now();
        for _ in 0..20 {
            let Some(request) = sync.poll_transmit(time) else {
                let Some(next) = sync.poll_timeout() else { break };
                time = next.max(time);
                continue;
            };
            let body = upstream.handle(&request.body, time).body;
            feed(&mut sync, request.token, &body, &[50], &mut store).unwrap();
        }
        assert_eq!(stored.len(), software().len(), "{cut}");
    }
}

/// The addresses that came for each update, and how often its document did.
#[derive(Default)]
struct Came(BTreeMap<UpdateKey, (usize, BTreeSet<String>)>);

impl Came {
    fn take(&mut self, sync: &mut Sync) {
        while let Some(event) = sync.poll_event() {
            let (key, documents, files) = match event {
                Event::Update { key, files, .. } => (key, 1, files),
                Event::Files { key, files, .. } => (key, 0, files),
                _ => continue,
            };
            let entry = self.0.entry(key).or_default();
            entry.0 += documents;
            entry.1.extend(files.iter().map(|file| file.digest.as_str().unwrap().to_owned()));
        }
    }

    /// Every document came once, each with an address of its own and a shared one.
    fn check(&self, what: &str) {
        assert_eq!(self.0.keys().copied().collect::<Vec<_>>(), software(), "{what}");
        for (key, (documents, files)) in &self.0 {
            let own = files.iter().filter(|digest| digest.starts_with("own")).count();
            assert_eq!((*documents, own, files.len()), (1, 1, 2), "{what}: {key} {files:?}");
        }
    }
}

/// Goes on until nothing more comes in this run, with nothing committed.
fn go_on(sync: &mut Sync, upstream: &mut Upstream, came: &mut Came, size: usize) {
    let mut time = now();
    for _ in 0..30 {
        let Some(request) = sync.poll_transmit(time) else {
            let Phase::Waiting(until) = sync.progress().phase else { return };
            time = until.max(time);
            continue;
        };
        let body = upstream.handle(&request.body, time).body;
        if size == 0 {
            sync.handle_response(time, request.token, &body).unwrap();
        } else {
            for chunk in body.chunks(size) {
                sync.handle_response_chunk(time, request.token, chunk).unwrap();
                came.take(sync);
            }
            sync.handle_response_end(time, request.token).unwrap();
        }
        came.take(sync);
    }
    panic!("the run does not end");
}

#[test]
fn addresses_that_an_answer_broke_off_before_come_with_the_next_one() {
    let (_, _, _, body) = asked(&software(), &config());
    let text = String::from_utf8(body).unwrap();
    let documents = text.find("<fileUrls>").unwrap();
    // Before the addresses, in the middle of them, and after some of the documents.
    let mut cuts = vec![documents, text.len() - 5];
    cuts.extend(text.match_indices("</ServerSyncUpdateData>").map(|(at, end)| at + end.len()));
    cuts.extend(text.match_indices("</ServerSyncUrlData>").map(|(at, end)| at + end.len()));
    assert!(cuts.len() > 8);
    for cut in cuts {
        for (size, how) in [(0, 0), (50, 0), (0, 1), (50, 1), (0, 2), (50, 2)] {
            let (mut sync, mut upstream, token, body) = asked(&software(), &config());
            let mut came = Came::default();
            sync.handle_response_chunk(now(), token, &body[..cut]).unwrap();
            came.take(&mut sync);
            match how {
                0 => sync.handle_response_end(now(), token).unwrap(),
                1 => sync.handle_no_answer(now(), token, "reset by peer").unwrap(),
                // The process ends; the documents are stored, and not committed.
                _ => {
                    let saved = serde_json::from_value(state(&sync)).unwrap();
                    sync = Sync::resume(saved, &config()).unwrap();
                }
            }
            came.take(&mut sync);
            go_on(&mut sync, &mut upstream, &mut came, size);
            came.check(&format!("{cut} {size} {how}"));
        }
    }
}

#[test]
fn a_document_that_cannot_be_read_counts_once_however_often_its_answer_breaks_off() {
    let (mut sync, mut upstream, mut token, mut body) = asked(&software(), &config());
    let mut rests = Vec::new();
    for _ in 0..3 {
        // The first document is none, and behind it the answer ends.
        let end = "</ServerSyncUpdateData>";
        let text = String::from_utf8(body).unwrap();
        let text = text.replacen("&lt;upd:Update ", "&lt;upd:Other ", 1);
        let cut = text.find(end).unwrap() + end.len();
        sync.handle_response_chunk(now(), token, &text.as_bytes()[..cut]).unwrap();
        sync.handle_no_answer(now(), token, "reset by peer").unwrap();
        rests.push(sync.quarantine().collect::<Vec<_>>());
        let Phase::Waiting(until) = sync.progress().phase else { panic!() };
        let request = sync.poll_transmit(until).unwrap();
        let asked = String::from_utf8(request.body.clone()).unwrap();
        for (key, _) in rests.iter().flatten() {
            assert!(!asked.contains(&key.id.to_string()), "{key} rests");
        }
        (token, body) = (request.token, upstream.handle(&request.body, until).body);
    }
    // Another one each time, and each once.
    assert_eq!(rests.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(sync.progress().summary.unreadable, 3);
}

#[test]
fn addresses_that_never_come_end_a_run_all_the_same() {
    let (mut sync, mut upstream, token, body) = asked(&software(), &config());
    let mut came = Came::default();
    let (mut time, mut token, mut body, mut requests) = (now(), token, body, 0);
    // Every answer breaks off after its first document.
    loop {
        requests += 1;
        assert!(requests < 40);
        let text = String::from_utf8(body).unwrap();
        let end = "</ServerSyncUpdateData>";
        let cut = text.find(end).map_or(text.len(), |at| at + end.len());
        sync.handle_response_chunk(time, token, &text.as_bytes()[..cut]).unwrap();
        sync.handle_response_end(time, token).unwrap();
        came.take(&mut sync);
        if let Phase::Waiting(until) = sync.progress().phase {
            time = until;
        }
        let Some(request) = sync.poll_transmit(time) else { break };
        token = request.token;
        body = upstream.handle(&request.body, time).body;
    }
    assert!(sync.progress().summary.failed);
    assert!(came.0.values().all(|(documents, files)| *documents == 1 && files.is_empty()));
    // The next run brings the documents again, and their addresses.
    let mut came = Came::default();
    time = sync.poll_timeout().unwrap();
    while let Some(request) = sync.poll_transmit(time) {
        let body = upstream.handle(&request.body, time).body;
        sync.handle_response(time, request.token, &body).unwrap();
        came.take(&mut sync);
    }
    came.check("the next run");
}

#[test]
fn what_was_committed_without_its_addresses_is_not_asked_for_again() {
    let (mut sync, _, token, body) = asked(&software(), &config());
    let cut = String::from_utf8(body.clone()).unwrap().find("<fileUrls>").unwrap();
    feed(&mut sync, token, &body[..cut], &[50], |sync, event| {
        if let Event::Update { key, .. } = event {
            sync.committed(key);
        }
    })
    .unwrap();
    let Phase::Waiting(until) = sync.progress().phase else { panic!() };
    assert_eq!(sync.poll_transmit(until), None);
    assert_eq!(sync.progress().phase, Phase::Idle);
}

#[test]
fn a_restart_in_the_middle_repeats_the_request() {
    let (mut sync, _, token, body) = asked(&software(), &config());
    sync.handle_response_chunk(now(), token, &body[..body.len() / 2]).unwrap();
    let saved = serde_json::to_string(sync.state()).unwrap();
    let saved: SyncState = serde_json::from_str(&saved).unwrap();
    let mut again = Sync::resume(saved, &config()).unwrap();
    let request = again.poll_transmit(now()).unwrap();
    assert_eq!(request.token, token);
    again.handle_response_chunk(now(), token, &body).unwrap();
    again.handle_response_end(now(), token).unwrap();
    // A whole answer in between begins anew as well.
    sync.handle_response(now(), token, &body).unwrap();
    assert_eq!(sync.handle_response_end(now(), token), Err(SyncError::Token(token)));
}

#[test]
fn an_answer_without_its_result_or_of_another_kind_is_none() {
    let soap = |body: &str| {
        format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{body}\
             </s:Body></s:Envelope>"
        )
    };
    let mut seen = Vec::new();
    for body in [
        "<GetUpdateDataResponse/>",
        "<GetUpdateDataResponse></GetUpdateDataResponse>",
        "<GetRevisionIdListResponse><GetRevisionIdListResult/></GetRevisionIdListResponse>",
        "<GetCookieResponse/>",
        "<GetUpdateDataResponse><GetUpdateDataResult/></GetUpdateDataResponse>",
    ] {
        let body = soap(body);
        let (mut whole, _, token, _) = asked(&software(), &config());
        let (mut chunked, ..) = asked(&software(), &config());
        whole.handle_response(now(), token, body.as_bytes()).unwrap();
        let mut events = Vec::new();
        feed(&mut chunked, token, body.as_bytes(), &[9], |_, event| events.push(event)).unwrap();
        let expected: Vec<Event> = std::iter::from_fn(|| whole.poll_event()).collect();
        assert_eq!(events, expected, "{body}");
        assert_eq!(state(&chunked), state(&whole), "{body}");
        seen.push(matches!(events.first(), Some(Event::Failed(FailReason::UnexpectedAnswer(_)))));
    }
    assert_eq!(seen, [true, true, true, true, false]);
}

#[test]
fn digests_that_wait_for_addresses_are_limited() {
    let key = software()[0];
    let answer = |digests: usize| {
        let digests: String =
            (0..digests).map(|number| format!("<base64Binary>{number}</base64Binary>")).collect();
        format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
             <GetUpdateDataResponse><GetUpdateDataResult><updates><ServerSyncUpdateData>\
             <XmlUpdateBlob>&lt;Update>&lt;UpdateIdentity UpdateID='{}' RevisionNumber='{}'/>\
             &lt;/Update></XmlUpdateBlob><FileDigestList>{digests}</FileDigestList>\
             </ServerSyncUpdateData></updates></GetUpdateDataResult></GetUpdateDataResponse></s:Body>\
             </s:Envelope>",
            key.id, key.revision
        )
    };
    let mut config = config();
    config.limits = Limits::default().with_items(200);
    for refused in [false, true] {
        let (mut sync, _, token, _) = asked(&[key], &config);
        let mut events = Vec::new();
        // Two hundred in the list, which is as long as it may be, and one in the document.
        let more = if refused { " Digest=\"a\"&lt;/Update>" } else { "&lt;/Update>" };
        let body = answer(200).replace("&lt;/Update>", more);
        feed(&mut sync, token, body.as_bytes(), &[100], |_, event| events.push(event)).unwrap();
        let limited = events.iter().any(|event| {
            let Event::Waiting { reason: FailReason::Answer(error), .. } = event else {
                return false;
            };
            matches!(error.kind(), ErrorKind::Limit { max: 200, .. })
        });
        assert!(matches!(events.first(), Some(Event::Update { .. })), "{events:?}");
        assert_eq!(limited, refused, "{events:?}");
    }
}

#[test]
fn what_came_of_an_answer_stays_out_of_debug_output() {
    let mut sync = Sync::new(&config());
    sync.want(keys()[1]);
    let request = sync.poll_transmit(now()).unwrap();
    sync.handle_response_chunk(now(), request.token, b"<Envelope><EncryptedData>c2VjcmV0").unwrap();
    let shown = format!("{sync:?}");
    assert!(!shown.contains("c2VjcmV0") && !shown.contains("99, 50, 86, 106"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_chunking_does_what_the_whole_answer_does(
        sizes in prop::collection::vec(1usize..3000, 1..8),
        bundles in 0u32..3,
        unknown in any::<bool>(),
    ) {
        let mut config = config();
        config.bundles = bundles;
        let mut wanted = keys();
        if unknown {
            wanted.push(UpdateKey::new(UpdateId::from_u128(1), 1));
        }
        in_step(&config, &wanted, &sizes);
    }
}
