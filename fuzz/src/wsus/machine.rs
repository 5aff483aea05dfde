//! The sync machine, its stored states, the catalogue and the server, driven by random operations.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use wsusss::catalog::{Catalog, CatalogState};
use wsusss::simulator::Upstream;
use wsusss::sync::{Config, Event, Filter, Scope, Sync, SyncState, Want};
use wsusss::{Fault, FaultCode, Limits, UpdateId, UpdateKey, messages};

use super::choices::Choices;
use super::{document, envelope};

fn key(c: &mut Choices<'_>) -> UpdateKey {
    let revision = [1, 2, 200, 0x7fff_ffff, 0x8000_0000, u32::MAX][c.below(6)];
    UpdateKey::new(id(c), revision)
}

fn id(c: &mut Choices<'_>) -> UpdateId {
    let text = format!("0000000{}-0000-4000-8000-00000000000{}", c.below(2), c.below(6));
    text.parse().expect("a GUID")
}

fn config(c: &mut Choices<'_>) -> Config {
    let mut config = Config::new("http://upstream", "fuzz", "0f0e7c8d-0000-4000-8000-000000000001");
    let choice = c.byte();
    config.scope = match choice & 3 {
        0 | 1 => Scope::Needed,
        2 => Scope::Categories,
        _ => Scope::Updates(Filter::everything()),
    };
    config.max_batch = 1 + usize::from(choice >> 2 & 7);
    config.bundles = u32::from(choice >> 5 & 1) * 2;
    config.definition_updates = choice & 64 != 0;
    config.max_needed = if choice & 128 != 0 { 4 } else { 100 };
    config.max_documents = 3_000;
    config.max_failures = 8;
    config.current_revisions = choice & 65 == 65;
    config.limits = Limits::default().with_document(20_000).with_items(200);
    config
}

/// A fault of any kind.
fn fault(c: &mut Choices<'_>) -> Fault {
    let codes = [
        "InvalidParameters",
        "InvalidCookie",
        "InvalidAuthorizationCookie",
        "CookieExpired",
        "ConfigChanged",
        "InternalServerError",
        "IncompatibleProtocolVersion",
        "ServerChanged",
        "ServerBusy",
        "TooManyIds",
        "Other",
    ];
    Fault::new(FaultCode::from_text(codes[c.below(codes.len())]))
}

/// A run of the sync machine against a server that is honest, broken or evil by turns, with clocks
/// that jump and restarts from the stored state at any point.
pub fn sync(data: &[u8]) {
    let mut c = Choices::new(data);
    let config = config(&mut c);
    let mut machine = Sync::new(&config);
    let mut upstream = Upstream::default();
    let mut now = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    let mut wanted: BTreeMap<UpdateId, u32> = BTreeMap::new();
    let mut steps = 0usize;
    while !c.is_done() && steps < 300 {
        steps += 1;
        match c.below(16) {
            0 => {
                let key = key(&mut c);
                match machine.want(key) {
                    Want::Needed => {
                        wanted.insert(key.id, key.revision);
                    }
                    Want::Impossible => assert!(key.revision > 0x7fff_ffff),
                    _ => {}
                }
            }
            1 => {
                let id = id(&mut c);
                machine.forget(id);
                wanted.remove(&id);
            }
            2 => {
                let key = key(&mut c);
                machine.leave_out(key);
                wanted.remove(&key.id);
            }
            3 => machine.hurry(),
            4 => machine.start_over(),
            5 => machine.lost(id(&mut c)),
            6 => drop(upstream.add(document::document(&mut c))),
            7 => upstream.fail_next(None, fault(&mut c)),
            8 => {
                let jumps = [-400_000, -100, 1, 61, 3_600, 7_201, 90_000, i64::from(i32::MAX)];
                now = now.checked_add_signed(Duration::seconds(jumps[c.below(8)])).unwrap_or(now);
            }
            9 => {
                let json = serde_json::to_string(machine.state()).expect("it can be written");
                let state: SyncState = serde_json::from_str(&json).expect("it can be read");
                assert_eq!(serde_json::to_string(&state).expect("again"), json);
                machine = Sync::resume(state, &config).expect("this version");
            }
            10 => match c.below(3) {
                0 => upstream.drop_cookies(),
                1 => upstream.become_another(),
                _ => machine.set_jitter(u32::from(c.byte()) << 24),
            },
            _ => exchange(&mut c, &mut machine, &mut upstream, now, &mut wanted),
        }
        assert!(machine.needed().len() <= config.max_needed.max(wanted.len()));
        // What rests is asked for or listed, and that has a limit.
        let _ = (machine.progress().to_string(), machine.anchors(), machine.quarantine().count());
        // What is due is sent, and nothing else; the machine has seen the clock by then.
        let sent = machine.poll_transmit(now);
        let due = machine.poll_timeout().is_some_and(|due| due <= now);
        assert_eq!(sent.is_some(), due, "{:?} at {now}", machine.poll_timeout());
    }
    for (id, revision) in &wanted {
        let known = machine.known().get(id).is_some_and(|known| known >= revision);
        let needed = machine.needed().contains_key(id);
        let left_out = machine.want(UpdateKey::new(*id, *revision)) == Want::LeftOut;
        assert!(known || needed || left_out, "what is needed is not forgotten");
    }
}

/// One request, if one is due, and what becomes of it.
fn exchange(
    c: &mut Choices<'_>,
    machine: &mut Sync,
    upstream: &mut Upstream,
    now: DateTime<Utc>,
    wanted: &mut BTreeMap<UpdateId, u32>,
) {
    let request = machine.poll_transmit(now);
    // That a run is over may be of an earlier time.
    while machine.poll_event().is_some() {}
    let Some(request) = request else { return };
    assert_eq!(machine.poll_transmit(now).as_ref(), Some(&request), "the same again");
    assert!(is_at_home(&request.url), "{}", request.url);
    messages::decode(&request.body, &Limits::default()).expect("what is sent can be read");
    assert!(machine.handle_response(now, request.token.wrapping_add(1), b"").is_err());
    let mut body = upstream.handle(&request.body, now).body;
    let kind = c.byte();
    match kind {
        0..=150 => {}
        // Any other message, or a broken one.
        151..=180 => body = envelope::message(c).into_bytes(),
        181..=210 => {
            for _ in 0..1 + c.below(4) {
                let at = c.below(65_536) % body.len().max(1);
                if let Some(byte) = body.get_mut(at) {
                    *byte = c.byte() & 0x7f;
                }
            }
        }
        211..=230 => body.truncate(c.below(65_536) % (body.len() + 1)),
        231..=240 => body = vec![b'<'; 3],
        _ => {
            machine.handle_no_answer(now, request.token, "lost").expect("it waits for this");
            return;
        }
    }
    let mut events = Vec::new();
    if kind & 1 == 0 {
        machine.handle_response(now, request.token, &body).expect("it waits for this");
    } else {
        let size = 1 + c.below(3_000);
        for chunk in body.chunks(size) {
            machine.handle_response_chunk(now, request.token, chunk).expect("it waits for this");
            events.extend(std::iter::from_fn(|| machine.poll_event()));
        }
        machine.handle_response_end(now, request.token).expect("it waits for this");
    }
    assert!(machine.handle_response(now, request.token, &body).is_err(), "once only");
    events.extend(std::iter::from_fn(|| machine.poll_event()));
    assert!(events.len() <= 16 + body.len(), "events cost bytes");
    for event in events {
        match event {
            Event::Update { key, document, .. } => {
                assert!(document.len() <= body.len().max(20_000));
                if c.byte() & 3 != 3 {
                    machine.committed(key);
                    if wanted.get(&key.id).is_some_and(|revision| *revision <= key.revision) {
                        wanted.remove(&key.id);
                    }
                }
            }
            Event::DefinitionUpdateSkipped(key) => drop(wanted.remove(&key.id)),
            Event::Waiting { until, .. } | Event::Unavailable { until, .. } => {
                assert!(until >= now)
            }
            Event::Finished { next } => assert!(next > now),
            _ => {}
        }
    }
}

/// States that somebody wrote: read or refused, and whatever is asked of them nothing overflows.
pub fn states(data: &[u8]) {
    let config = Config::new("http://upstream", "fuzz", "0f0e7c8d-0000-4000-8000-000000000001");
    if let Ok(state) = serde_json::from_slice::<SyncState>(data)
        && let Ok(mut machine) = Sync::resume(state, &config)
    {
        let mut upstream = Upstream::default();
        for now in [DateTime::<Utc>::MIN_UTC, DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC] {
            machine.hurry();
            let _ = (machine.progress().to_string(), machine.progress().summary.done());
            let _ = (machine.needed(), machine.quarantine().count(), machine.poll_timeout());
            for _ in 0..20 {
                let Some(request) = machine.poll_transmit(now) else { break };
                assert!(is_at_home(&request.url), "{}", request.url);
                let answer = upstream.handle(&request.body, now);
                machine
                    .handle_response(now, request.token, &answer.body)
                    .expect("it waits for this");
                while machine.poll_event().is_some() {}
            }
        }
        let json = serde_json::to_string(machine.state()).expect("it can be written");
        let again: SyncState = serde_json::from_str(&json).expect("what was written can be read");
        assert_eq!(serde_json::to_string(&again).expect("again"), json);
    }
    if let Ok(state) = serde_json::from_slice::<CatalogState>(data)
        && let Ok(catalog) = Catalog::resume(state)
    {
        asked(&catalog);
        let again = Catalog::resume(catalog.state()).expect("what it has has room");
        assert_eq!(again.state(), catalog.state());
    }
}

/// Whether an address is the upstream's; names of hosts have no case (RFC 3986, 3.2.2), the port may
/// be named, and no path be there (6.2.3).
fn is_at_home(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    let Some(rest) = url.strip_prefix("http://upstream") else { return false };
    let path = [":80", ":"].iter().find_map(|port| rest.strip_prefix(port)).unwrap_or(rest);
    path.is_empty() || path.starts_with(['/', '?'])
}

/// Every question there is, about every update.
fn asked(catalog: &Catalog) {
    let ids: Vec<UpdateId> = catalog.iter().take(50).map(|entry| entry.key().id).collect();
    assert!(ids.len() <= catalog.len());
    for id in ids {
        let chain = catalog.superseded_by_chain(id);
        assert!(!chain.contains(&id), "circles end");
        assert_eq!(
            catalog.is_superseded(id),
            !chain.is_empty() || catalog.superseded_by(id).next().is_some()
        );
        let members = catalog.bundle_members(id);
        assert!(members.iter().all(|member| member.id != id));
        let _ = (catalog.replacements(id), catalog.bundles_with(id), catalog.products(id));
        let _ = (catalog.classification(id), catalog.terms(id), catalog.needs_eula(id));
        let entry = catalog.get(id).expect("it is there");
        let _ = (entry.title("de"), entry.description("zh-tw"), entry.is_definition_update());
        for kb in entry.kb_articles() {
            let _ = catalog.by_kb(kb).count();
        }
        for article in entry.articles() {
            assert!(catalog.by_kb(&article.to_string()).any(|found| found == id));
        }
    }
    for (id, _) in catalog.missing_members() {
        assert!(catalog.get(id).is_none());
    }
}

/// A catalogue that is filled, emptied and stored: after each step its indexes are those of one
/// that is made anew from its state.
pub fn catalog(data: &[u8]) {
    let mut c = Choices::new(data);
    let mut catalog = Catalog::new(["de", "en"]).with_max(40).with_max_text(300);
    if c.one_in(2) {
        catalog = catalog.with_descriptions();
    }
    let limits = Limits::default().with_items(60);
    for _ in 0..40 {
        if c.is_done() {
            break;
        }
        if c.below(5) == 4 {
            let id = id(&mut c);
            let there = catalog.get(id).is_some();
            assert_eq!(catalog.remove(id), there);
            assert!(catalog.get(id).is_none());
        } else {
            let text = document::document(&mut c);
            let before = catalog.state();
            match catalog.insert_document(&text, &limits) {
                Ok(_) => {}
                Err(_) => assert_eq!(catalog.state(), before, "what was there is there"),
            }
        }
        assert_eq!(catalog.len(), catalog.iter().count());
        asked(&catalog);
        let again = Catalog::resume(catalog.state()).expect("what it has has room");
        assert_eq!(again.state(), catalog.state());
        for entry in catalog.iter() {
            let id = entry.key().id;
            assert_eq!(again.superseded_by_chain(id), catalog.superseded_by_chain(id));
            assert_eq!(again.bundle_members(id), catalog.bundle_members(id));
            assert_eq!(again.bundles_with(id), catalog.bundles_with(id));
        }
    }
}

/// The server of one's own against any request: an answer that can be read, the same each time.
pub fn server(data: &[u8]) {
    let mut c = Choices::new(data);
    let mut upstream = Upstream::default();
    for _ in 0..c.below(3) {
        let _ = upstream.add(document::document(&mut c));
    }
    let now =
        [DateTime::<Utc>::MIN_UTC, DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC][c.below(3)];
    let mut cookie = String::new();
    for _ in 0..8 {
        if c.is_done() {
            break;
        }
        let mut request = envelope::message(&mut c);
        // With a cookie that the server gave, or nearly that one.
        if !cookie.is_empty() && c.one_in(2) {
            for (from, to) in
                [("<EncryptedData>", "</EncryptedData>"), ("<CookieData>", "</CookieData>")]
            {
                if let Some(at) = request.find(from).map(|at| at + from.len())
                    && let Some(end) = request[at..].find(to)
                {
                    request.replace_range(at..at + end, &cookie);
                }
            }
        }
        let answer = upstream.handle(request.as_bytes(), now);
        assert!(answer.status == 200 || answer.status == 500);
        let (_, message) =
            messages::decode(&answer.body, &Limits::default()).expect("an answer can be read");
        assert_eq!(matches!(message, messages::Message::Fault(_)), answer.status == 500);
        assert_eq!(upstream.handle(request.as_bytes(), now), answer, "the same again");
        let body = String::from_utf8(answer.body).expect("UTF-8");
        for from in ["<EncryptedData>", "<CookieData>"] {
            if let Some(at) = body.find(from).map(|at| at + from.len())
                && let Some(end) = body[at..].find('<')
            {
                cookie = body[at..at + end].to_owned();
            }
        }
    }
}
