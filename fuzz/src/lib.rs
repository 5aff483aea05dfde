//! What the fuzz targets do, as functions, so that the corpus can be replayed with a stable
//! compiler as well (`cargo test`).
//!
//! Each asserts more than "no panic": what was read is written and read again without loss.
#![forbid(unsafe_code)]

pub mod apple;
pub mod budget;
mod graph_data;
mod graph_failures;
mod graph_machines;
mod objects;
pub mod targets;
mod wbxml_text;
mod windows;
pub mod wsus;

use chrono::DateTime;
pub use graph_data::{graph_models, graph_repair};
pub use graph_machines::{graph_batch, graph_pager, graph_rollout};
pub use targets::{Kind, TARGETS, Target, named, run};
pub use windows::{session_bytes, session_ops, update_ops, wbxml_model, windows_budget};

const NOW: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

/// The XML reader, strict and tolerant: raw slices are slices of the text, and what is skipped is
/// checked like everything else.
pub fn xml(data: &[u8]) {
    use mdm_xml::{Doctype, Event, Limits, Options, Reader, Source, Tolerance};
    let Ok(source) = Source::new(data, &Limits::default()) else { return };
    let text = source.text();
    let tolerant = Options::default()
        .with_doctype(Doctype::IgnoreSubset)
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_forbidden_chars(Tolerance::Keep)
        .with_fragment(true);
    for options in [Options::default(), tolerant] {
        let walk = || -> Result<usize, mdm_xml::Error> {
            let mut reader = Reader::new(text, &options)?;
            let mut elements = 0;
            loop {
                match reader.next()? {
                    Event::Start(element) => {
                        elements += 1;
                        for attribute in reader.attributes(&element) {
                            let _ = attribute.value();
                        }
                    }
                    Event::Text(text) => {
                        let _ = (text.value(), text.kind());
                    }
                    Event::Eof => return Ok(elements),
                    _ => {}
                }
            }
        };
        let walked = walk();
        let skipped = || -> Result<(), mdm_xml::Error> {
            let mut reader = Reader::new(text, &options)?;
            while reader.child()?.is_some() {
                let raw = reader.raw()?;
                assert!(text.contains(raw.outer()) && raw.outer().contains(raw.inner()));
            }
            reader.finish()
        };
        assert_eq!(walked.is_ok(), skipped().is_ok(), "skipping checks what walking checks");
        if let Err(error) = walked {
            let position = error.position().expect("a place");
            assert!(position.offset <= text.len());
        }
        let (plain, names) = leaves(text, &options, &[]);
        let (fast, _) = leaves(text, &options, &names);
        assert_eq!(fast, plain, "what is expected is what is there");
    }
}

/// Every element with its text if it is a plain one, where it ends, and whether all of them could be
/// read. Those of the names that are expected are taken at once. With them, some of the names.
fn leaves<'t>(
    text: &'t str,
    options: &mdm_xml::Options,
    expected: &[&str],
) -> ((Vec<(usize, Option<&'t str>)>, bool), Vec<&'t str>) {
    let (mut found, mut names, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    let Ok(mut reader) = mdm_xml::Reader::new(text, options) else {
        return ((found, false), names);
    };
    loop {
        let leaf = parents
            .last()
            .and_then(|parent| expected.iter().find_map(|local| reader.leaf_of(parent, local)));
        if let Some(leaf) = leaf {
            found.push((reader.offset(), Some(leaf)));
            continue;
        }
        match reader.child() {
            Err(_) => return ((found, false), names),
            Ok(None) if parents.pop().is_none() => return ((found, true), names),
            Ok(None) => {}
            Ok(Some(element)) => {
                if names.len() < 8 && !names.contains(&element.local()) {
                    names.push(element.local());
                }
                let leaf = reader.plain_text();
                found.push((reader.offset(), leaf));
                if leaf.is_none() {
                    parents.push(element);
                }
            }
        }
    }
}

/// SyncML: decode, encode, decode.
pub fn syncml(data: &[u8]) {
    let limits = syncml::Limits::default();
    let Ok(message) = syncml::decode(data, &limits) else { return };
    let mut out = Vec::new();
    // Characters that XML cannot carry cannot come out of XML.
    syncml::encode(&message, &mut out).expect("what was read can be written");
    assert_eq!(out.len(), syncml::encoded_len(&message));
    let wide = wider_limits();
    assert_eq!(syncml::decode(&out, &wide).expect("what was written can be read"), message);
    // With its own bytes it says the same.
    let keep = syncml::DecodeOptions::default().with_own_bytes(true);
    let kept = syncml::decode_with(data, &keep).expect("keeping bytes refuses nothing");
    let mut own = Vec::new();
    syncml::encode_own_bytes(&kept, &mut own).expect("what was read can be written");
    assert_eq!(syncml::decode(&own, &wide).expect("what was written can be read"), message);
    // Strict reading refuses exactly what has findings.
    let strict = syncml::DecodeOptions::default().strict();
    assert_eq!(syncml::decode_with(data, &strict).is_ok(), message.diagnostics.is_empty());
}

/// Limits that our spelling of a message within the usual ones keeps.
fn wider_limits() -> syncml::Limits {
    let usual = syncml::Limits::default();
    let xml = usual.xml.with_bytes(16 * usual.xml.bytes).with_text(16 * usual.xml.text);
    usual.with_xml(xml).with_copies(16 * usual.copies)
}

/// Repair: what comes out is valid, and repairing it again changes nothing.
pub fn repair(data: &[u8]) {
    use syncml::repair::{RepairOptions, repair, repair_bytes};
    let place = || syncml::model::Location::new("./");
    let header = syncml::model::Header::new(1.into(), 1.into(), place(), place());
    let options = RepairOptions::default().with_header(header);
    let Ok(repaired) = repair_bytes(data, &options) else { return };
    let mut out = Vec::new();
    syncml::encode(&repaired.message, &mut out).expect("what was repaired can be written");
    let strict = syncml::DecodeOptions::default().strict();
    if let Ok(again) = syncml::decode_with(&out, &strict) {
        assert_eq!(again, repaired.message);
        let twice = repair(again, &RepairOptions::default()).expect("it was valid");
        assert!(twice.changes.is_empty() && twice.message == repaired.message);
    } else {
        // Only the limits may be in the way.
        assert!(out.len() > 1 << 20, "what was repaired is valid");
    }
}

/// Addresses: every spelling of a node is the node, and the reserved-path check sees what LocUri sees.
pub fn loc_uri(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let reserved =
        syncml::reserved::ReservedPaths::new(["./Vendor/MSFT/BitLocker"]).expect("a path");
    let reach = reserved.reach(text).map(|(_, reach)| reach);
    let _ = reserved.check_bytes(data, &syncml::Limits::default());
    let Ok(uri) = text.parse::<syncml::LocUri>() else { return };
    assert!(uri.is_under(&uri));
    // What is put together of addresses and texts is an address, or an error.
    let made = [
        uri.in_scope(uri.scope()),
        uri.in_scope(syncml::Scope::Device),
        uri.join(&uri.last_segment()),
        uri.join(text),
        uri.with_query(text),
    ];
    if let Ok(same) = &made[0] {
        assert!(uri.is_same(same));
    }
    for made in made.into_iter().flatten() {
        assert_eq!(made.as_str().parse().as_ref(), Ok(&made));
    }
    if let Some(parent) = uri.parent() {
        assert!(uri.is_under(&parent) && !parent.is_under(&uri));
    }
    let root: syncml::LocUri = "./Vendor/MSFT/BitLocker".parse().expect("an address");
    if uri.is_under(&root) {
        use syncml::reserved::Reach;
        assert!(matches!(reach, Some(Reach::Within | Reach::Unclear)), "{text}");
    }
}

/// Values: the same value is the same, and a difference has one reason.
pub fn compare(data: &[u8]) {
    use syncml::compare::{Value, Verdict, compare};
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (one, two) = text.split_once('\0').unwrap_or((text, text));
    for format in ["chr", "int", "bool", "b64", "xml", "float", "date", "node", "null"] {
        let value = |text: &str| {
            let data = syncml::Data::text(text.to_owned());
            Value::new(syncml::Format::from_text(format), data)
        };
        assert_eq!(compare(&value(one), &value(one)).verdict, Verdict::Identical);
        let found = compare(&value(one), &value(two));
        assert_eq!(found.is_same(), found.difference().is_none());
    }
}

/// WBXML: what comes out is XML; what was read, from either form, goes there and back.
pub fn wbxml(data: &[u8]) {
    let limits = syncml::Limits::default();
    let read = match syncml::wbxml::decode(data, &limits) {
        Ok(message) => message,
        Err(_) => match syncml::decode(data, &limits) {
            Ok(message) => message.into_owned(),
            Err(_) => return,
        },
    };
    let mut out = Vec::new();
    syncml::wbxml::encode(&read, &mut out).expect("what was read can be written");
    let wide = wider_limits();
    let once = syncml::wbxml::decode(&out, &wide).expect("what was written can be read");
    assert_eq!(wbxml_text::said(&once), wbxml_text::said(&read));
    // Once more it is the same, also by the byte.
    let mut again = Vec::new();
    syncml::wbxml::encode(&once, &mut again).expect("what was read can be written");
    assert_eq!(syncml::wbxml::decode(&again, &wide).expect("what was written can be read"), once);
}

/// A session between server and device of a kind and with sizes that the first bytes say, with a
/// fault for each byte.
pub fn session(data: &[u8]) {
    use syncml::session::{Config, Event, ServerSession};
    use syncml::simulator::{DeviceSession, MemoryTree, Profile, Step};
    use syncml::{Command, Data, Format};
    let [kind, size, announced, ..] = data else { return };
    let mut config = Config::new("https://mdm.example/");
    config.announced_message_bytes = (*announced > 0).then(|| 700 + u32::from(*announced) * 10);
    let mut profile = match kind % 3 {
        0 => Profile::WINDOWS_11,
        1 => Profile::WINDOWS_10,
        _ => Profile::CONFORMING,
    };
    profile.wbxml = *kind > 127;
    profile.max_msg_size = (*size > 0).then(|| usize::from(*size) * 10);
    let tree = MemoryTree::default().with("./DevDetail/SwV", "chr", &"10.0 & more ".repeat(40));
    let mut device =
        DeviceSession::new("urn:uuid:1", "https://mdm.example/", tree).with_profile(profile);
    let mut session = ServerSession::new(&config);
    let commands = data.len().min(8);
    for key in 0..commands {
        let command = match key % 3 {
            0 => Command::replace(
                "./DevDetail/SwV",
                Format::Chr,
                Data::text("<\u{fc}>".repeat(key * 25)),
            ),
            _ => Command::get("./DevDetail/SwV"),
        };
        session.submit(key, command).expect("room");
    }
    let Ok(mut request) = device.start(&[]) else { return };
    let mut outcomes = vec![0; commands];
    let mut honest = true;
    for fault in data.iter().take(64).chain(&[0; 64]) {
        let mut sent = request.clone();
        if *fault > 200 {
            let at = usize::from(*fault) * 7 % sent.len();
            sent[at] ^= *fault;
            honest = false;
        }
        if session.handle_message(NOW, &sent).is_err() {
            continue;
        }
        let answer = session.poll_transmit(NOW);
        while let Some(event) = session.poll_event() {
            if let Event::Outcome(outcome) = event {
                outcomes[outcome.key] += 1;
                assert_eq!(outcomes[outcome.key], 1, "one outcome for each command");
            }
        }
        let stored = session.into_state().to_bytes();
        let state =
            syncml::session::SessionState::from_bytes(&stored).expect("what was stored is read");
        session = ServerSession::resume(state, &config).expect("this version");
        let Ok(answer) = answer else { return };
        match device.handle_message(&answer.body) {
            Ok(Step::Send(next)) => request = next,
            Ok(Step::Done) => {
                // A device that aborts leaves the rest for the next session.
                session.queued().chain(session.unanswered()).for_each(|key| outcomes[*key] += 1);
                assert!(!honest || outcomes.iter().all(|count| *count == 1), "{outcomes:?}");
                return;
            }
            Err(error) => {
                assert!(!honest, "the device refuses our answer: {error}");
                return;
            }
        }
    }
}

/// SOAP: decode, encode, decode.
pub fn soap(data: &[u8]) {
    let limits = wsusss::Limits::default();
    let Ok((soap, message)) = wsusss::messages::decode(data, &limits) else { return };
    if matches!(message, wsusss::Message::Other { .. }) {
        return;
    }
    let mut out = Vec::new();
    wsusss::messages::encode(soap, &message, &mut out).expect("what was read can be written");
    let (_, again) = wsusss::messages::decode(&out, &limits).expect("what was written can be read");
    assert_eq!(again, message);
}

/// Update documents: reading less gives less and nothing else.
pub fn metadata(data: &[u8]) {
    use wsusss::metadata::{Select, Update};
    let limits = wsusss::Limits::default();
    let Ok(source) = mdm_xml::Source::new(data, &limits.xml) else { return };
    let all = Update::read(source.text(), Select::ALL, &limits);
    let some = Update::read(source.text(), Select::SUMMARY, &limits);
    assert!(all.is_err() || some.is_ok(), "what can be read can be read in part: {some:?}");
    if let (Ok(all), Ok(some)) = (all, some) {
        assert_eq!(all.key, some.key);
        assert_eq!(all.localized, some.localized);
        if !reads_the_same_in_chunks(data) {
            return;
        }
        let mut skimmer = wsusss::metadata::Skimmer::new(Select::SUMMARY, &limits);
        for chunk in data.chunks(13) {
            skimmer.handle_bytes(chunk).expect("it is not too long");
        }
        assert_eq!(skimmer.finish().expect("it was read"), some);
        let _ = (all.title("de"), all.is_definition_update(), all.needs_eula());
    }
}

/// Whether nothing has to be looked ahead for: ISO 8859-1 is seen at the first byte that is no
/// UTF-8, and a document type declaration with markup in it may end elsewhere.
fn reads_the_same_in_chunks(data: &[u8]) -> bool {
    let source = mdm_xml::Source::new(data, &mdm_xml::Limits::DEFAULT);
    source.is_ok_and(|source| {
        source.encoding() != mdm_xml::Encoding::Latin1
            && !source.text().to_ascii_uppercase().contains("<!DOCTYPE")
    })
}

/// Answers in chunks: their sizes make no difference, and what a whole message is read from, is
/// streamed as well.
pub fn stream(data: &[u8]) {
    use wsusss::stream::Decoder;
    let limits = wsusss::Limits::default();
    let read = |size: usize| {
        let mut decoder = Decoder::new(&limits);
        let mut chunks = data.chunks(size);
        let mut events = Vec::new();
        loop {
            let chunk = chunks.next();
            match chunk {
                Some(chunk) => decoder.handle_bytes(chunk),
                None => decoder.handle_end(),
            }
            loop {
                match decoder.poll_event() {
                    Ok(Some(event)) => events.push(event.into_owned()),
                    Ok(None) => break,
                    Err(error) => return (events, Some(error)),
                }
            }
            if chunk.is_none() {
                return (events, None);
            }
        }
    };
    let whole = read(data.len().max(1));
    for size in [1, 7, 61] {
        assert_eq!(read(size), whole);
    }
    if reads_the_same_in_chunks(data) {
        assert_eq!(whole.1.is_some(), wsusss::messages::decode(data, &limits).is_err());
    }
}

/// Cabinets: never more than the limit, the same in blocks, and what we make comes back.
pub fn cabinet(data: &[u8]) {
    use wsusss::cab::{Cabinet, Compression, Maker, extract};
    for max in [0, 1000, 1 << 20] {
        let Ok(file) = extract(data, max) else { continue };
        assert!(file.len() <= max);
        let cabinet = Cabinet::read(data).expect("it was read");
        let mut blocks = Vec::new();
        let each = |block: &[u8]| {
            blocks.extend_from_slice(block);
            std::ops::ControlFlow::Continue(())
        };
        cabinet.extract_in_blocks(&cabinet.files()[0], max, each).expect("it was extracted");
        assert_eq!(blocks, file);
    }
    let kinds = [Compression::Verbatim, Compression::Aligned, Compression::Mixed];
    let kind = kinds[data.len() % kinds.len()];
    let maker = Maker::default().compression(kind).block(700 + data.len() % 999);
    assert_eq!(extract(&maker.make("blob", data), data.len()).as_deref(), Ok(data));
}

/// The sync machine against answers that make no sense: it loses nothing.
pub fn sync_answers(data: &[u8]) {
    use wsusss::sync::{Config, Sync};
    let config = Config::new("http://upstream", "fuzz", "0f0e7c8d-0000-4000-8000-000000000001");
    let mut sync = Sync::new(&config);
    let key = wsusss::UpdateKey::new(wsusss::UpdateId::from_u128(7), 1);
    sync.want(key);
    let mut upstream = wsusss::simulator::Upstream::default();
    for part in data.chunks(97).take(12) {
        let Some(request) = sync.poll_transmit(NOW) else { break };
        let mut answer = upstream.handle(&request.body, NOW).body;
        for (at, byte) in part.iter().enumerate() {
            if *byte > 127 && !answer.is_empty() {
                let place = (at * 31 + usize::from(*byte)) % answer.len();
                answer[place] = *byte & 0x7f;
            }
        }
        sync.handle_response(NOW, request.token, &answer).expect("it waits for this");
        while sync.poll_event().is_some() {}
        sync = Sync::resume(sync.state().clone(), &config).expect("this version");
    }
    assert!(sync.needed().contains_key(&key.id), "what is needed stays needed");
}

/// Property lists: decode, write in both forms, decode.
pub fn plist(data: &[u8]) {
    use apple_mdm::plist::{Format, Limits, decode_noting, write};
    // What is written is read with the defaults: XML needs more bytes than a binary list.
    let limits = Limits::default().with_nodes(100_000).with_expansion(1 << 20);
    let Ok((value, found)) = decode_noting(data, &limits) else { return };
    assert!(found.len() <= 256);
    // A comment behind an XML list means nothing, and makes it one that is not read the short way.
    if Format::of(data) == Format::Xml && !data.contains(&0) && std::str::from_utf8(data).is_ok() {
        let commented = [data, b"<!---->"].concat();
        let long = decode_noting(&commented, &limits).expect("a comment may stand at the end");
        // As text: a real number that is none equals nothing.
        assert_eq!(format!("{value:?} {found:?}"), format!("{:?} {:?}", long.0, long.1));
    }
    for format in [Format::Xml, Format::Binary] {
        let mut out = Vec::new();
        if write(&value, format, &mut out) == 0 {
            let again = apple_mdm::plist::decode(&out, &Limits::default());
            let again = again.expect("what was written can be read");
            let mut twice = Vec::new();
            write(&again, format, &mut twice);
            assert_eq!(out, twice);
        }
    }
}

/// Any message of a device and any command: read with its oddities, written, read.
pub fn apple_messages(data: &[u8]) {
    use apple_mdm::check::DeviceFacts;
    use apple_mdm::messages::{CheckIn, Report, Request};
    use apple_mdm::plist::{Format, Limits};
    use apple_mdm::schema::Platform;
    let limits = Limits::default().with_nodes(100_000).with_expansion(1 << 20);
    let mut device = DeviceFacts::new(Platform::Ios, apple_mdm::version::OsVersion::new(18, 0, 0));
    if let Ok((report, found)) = Report::decode_noting(data, &limits) {
        assert!(found.iter().all(|found| !found.to_string().is_empty()));
        let _ = (report.errors.classify(), report.enrollment().key());
        device.learn(&report.answer());
        let mut out = Vec::new();
        report.encode(Format::Binary, &mut out).expect("binary lists hold anything");
        let again = Report::decode(&out, &Limits::default()).expect("what was written can be read");
        let mut twice = Vec::new();
        again.encode(Format::Binary, &mut twice).expect("binary lists hold anything");
        assert_eq!(out, twice);
    }
    if let Ok((message, _)) = CheckIn::decode_noting(data, &limits) {
        device.learn_check_in(&message);
    }
    if let Ok((request, _)) = Request::decode_noting(data, &limits) {
        let _ = request.command.check(&device);
        let (mut out, mut again) = (Vec::new(), Vec::new());
        request.encode_as(Format::Binary, &mut out).expect("binary lists hold anything");
        let read = Request::decode(&out, &Limits::default()).expect("what was written can be read");
        read.encode_as(Format::Binary, &mut again).expect("binary lists hold anything");
        assert_eq!(out, again);
    }
}

/// The version catalogue: read, and every entry is the target or has a reason.
pub fn apple_catalogue(data: &[u8]) {
    use apple_mdm::check::DeviceFacts;
    use apple_mdm::gdmf::{Catalogue, Policy};
    use apple_mdm::schema::Platform;
    let Ok((catalogue, _)) = Catalogue::decode_noting(data, &Default::default()) else { return };
    let Some(name) = catalogue.entries().iter().flat_map(|entry| entry.devices()).next() else {
        return;
    };
    let mut device = DeviceFacts::new(Platform::Ios, apple_mdm::version::OsVersion::new(1, 0, 0));
    device.product_name = Some(name.clone());
    let found = Policy::new(NOW.date_naive()).with_non_public(true).resolve(&catalogue, &device);
    let targets = usize::from(found.target.is_some());
    assert_eq!(found.others.len() + targets, catalogue.entries().len());
}

/// Declarations, manifests and status reports: what is written reads as the same, and a report
/// that is repeated changes nothing.
pub fn apple_declarations(data: &[u8]) {
    use apple_mdm::declarations::status::{StatusReport, StatusStore};
    use apple_mdm::declarations::{Declaration, Manifest, TokensResponse};
    use apple_mdm::json::{self, Limits};
    let limits = Limits::default();
    let Ok(value) = json::decode(data, &limits) else { return };
    let again = json::decode(&value.to_json(), &limits).expect("what was written can be read");
    assert_eq!(again.to_json(), value.to_json());
    macro_rules! same {
        ($type:ty) => {
            if let Ok(read) = <$type>::decode(data, &limits) {
                let _ = read.unknown();
                let mut out = Vec::new();
                read.encode(&mut out);
                let again = <$type>::decode(&out, &limits).expect("what was written can be read");
                let mut twice = Vec::new();
                again.encode(&mut twice);
                assert_eq!(out, twice);
            }
        };
    }
    same!(Declaration);
    same!(Manifest);
    same!(TokensResponse);
    same!(StatusReport);
    if let Ok(authored) = Declaration::decode_authored(data, &limits) {
        let mut out = Vec::new();
        authored.encode(&mut out);
        let sent = Declaration::decode(&out, &limits).expect("it has a token now");
        assert_eq!(sent.server_token(), authored.server_token());
        // The token is of what it says, and not of the one before.
        let again = Declaration::decode_authored(&out, &limits).expect("what was written");
        assert_eq!(again.server_token(), authored.server_token());
    } else {
        assert!(Declaration::decode(data, &limits).is_err(), "a form takes what a device takes");
    }
    if let Ok(report) = StatusReport::decode(data, &limits) {
        let mut store = StatusStore::default();
        if store.apply(&report, &Default::default()).is_ok() {
            let before = store.clone();
            let _ = store.apply(&report, &Default::default());
            assert_eq!(store, before);
            let _ = store.items();
        }
    }
}

/// The update plan against any report, by the path that the first byte chooses: the same question
/// gives the same bytes, and what is saved goes on.
pub fn apple_plan(data: &[u8]) {
    use apple_mdm::declarations::rules::Installed;
    use apple_mdm::declarations::status::StatusReport;
    use apple_mdm::declarations::support::Enrollment;
    use apple_mdm::messages::Report;
    use apple_mdm::plan::{Device, Goal, UpdatePlan};
    use apple_mdm::schema::Platform;
    let (platform, version) = match data.first().map_or(0, |byte| byte % 4) {
        0 => (Platform::Ios, "16.7"),
        1 => (Platform::MacOs, "13.1"),
        2 => (Platform::TvOs, "17.1"),
        _ => (Platform::Ios, "26.0"),
    };
    let installed = Installed::new(platform, version.parse().expect("a version"), None);
    let device = Device::new(installed, Enrollment::Supervised);
    let deadline = "2026-01-20T18:00:00".parse().expect("a time");
    let goal = Goal::new("26.1".parse().expect("a version"), deadline);
    let mut plan = UpdatePlan::new("fuzz", device, goal);
    for part in data.split(|byte| *byte == 0).take(16) {
        if let Ok(report) = Report::decode(part, &apple_mdm::plist::Limits::default()) {
            plan.handle_report(NOW, &report);
        }
        if let Ok(report) = StatusReport::decode(part, &Default::default()) {
            plan.handle_status(NOW, &report);
        }
        let command = plan.poll_transmit(NOW).expect("it can be written");
        assert_eq!(plan.poll_transmit(NOW).expect("again"), command);
        while plan.poll_event().is_some() {}
        plan = UpdatePlan::resume(plan.into_state()).expect("of this version");
    }
}

/// DDF documents, and commands for their nodes.
pub fn ddf(data: &[u8]) {
    let limits = update_csp::ddf::Limits::default();
    if let Ok(document) = update_csp::ddf::Document::read(data, &limits) {
        let mut tree = update_csp::ddf::Tree::default();
        tree.add(&document);
        for node in &document.nodes {
            assert!(!node.path.is_empty());
            let value = node.default.clone().unwrap_or_default();
            let format = node.format.clone().unwrap_or(syncml::Format::Chr);
            let commands = [
                syncml::Command::get(node.path.clone()),
                syncml::Command::replace(node.path.clone(), format, syncml::Data::text(value)),
            ];
            let context =
                update_csp::ddf::Context::default().with_build(update_csp::Build::WINDOWS_11_24H2);
            for found in tree.check_all(&commands, &context) {
                assert!(found.command < commands.len() && found.item == 0);
            }
        }
    }
}

/// Policies: each line is a name and a value, as an administrator, a device, a registry and Graph
/// have them. What is taken is checked, planned, recorded and mapped there and back.
pub fn policies(data: &[u8]) {
    use update_csp::effects::{self, Update};
    use update_csp::plan::{Intent, Managed, PolicyQuery, Reported, diff};
    use update_csp::policy::{PolicySet, RawPolicy, Setting, ValueFormat};
    use update_csp::{Build, Classification, Edition, PolicyId};
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines().take(256);
    let build: Build =
        lines.next().and_then(|line| line.parse().ok()).unwrap_or(Build::WINDOWS_11_24H2);
    let mut set = PolicySet::new();
    let mut items = Vec::new();
    let mut values = Vec::new();
    let mut ring = update_csp::graph_ring::RingConfiguration::new();
    let mut catalog = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        let _ = value.parse::<Edition>();
        match name.parse::<PolicyId>() {
            Ok(id) => {
                if let Ok(setting) = Setting::parse(id, value) {
                    assert_eq!(
                        Setting::parse(id, &setting.value().to_string()),
                        Ok(setting.clone())
                    );
                    set = set.with_setting(setting);
                }
            }
            Err(error) => {
                let _ = error.to_string();
                if let Ok(raw) = RawPolicy::new(name, ValueFormat::Chr, value) {
                    set = set.with_raw(raw);
                }
            }
        }
        items.push(
            syncml::Item::source(format!("{}/{name}", update_csp::policy::CONFIG))
                .with_data(syncml::Data::text(value)),
        );
        let data = match value.parse() {
            Ok(number) => update_csp::gpo::RegistryData::Dword(number),
            Err(_) => update_csp::gpo::RegistryData::Sz(value.to_owned()),
        };
        values.push(update_csp::gpo::RegistryValue::new(update_csp::gpo::KEY, name, data));
        ring = match value.parse::<i64>() {
            Ok(number) => ring.with(name, number),
            Err(_) => ring.with(name, value),
        };
        catalog.push(windows::catalog_setting(name, value));
    }
    let target = update_csp::rules::Target::new(build, Edition::PROFESSIONAL);
    let _ = set.validate(&target).to_string();

    // Whatever a device said, a plan that it takes leaves nothing to do.
    let mut device = Reported::default();
    device.apply(&PolicyQuery::All, Some(syncml::StatusCode::OK), &items);
    let intent = Intent::from(set.clone());
    for managed in [Managed::All, Managed::Everything] {
        let mut device = device.clone();
        for step in diff(&intent, &device, &managed) {
            let _ = step.command();
            let _ = device.record(&step, syncml::StatusCode::OK);
        }
        let plan = diff(&intent, &device, &managed);
        assert!(plan.is_empty());
        assert!(plan.left().is_empty() || managed == Managed::All, "nothing else stays");
    }

    let export = update_csp::gpo::export(&set, build);
    assert!(update_csp::gpo::import(&export.values, build).unmapped.is_empty());
    let import = update_csp::gpo::import(&values, build);
    let _ = import.policies.validate(&target);
    let import = ring.import();
    let _ = update_csp::graph_ring::RingConfiguration::export(&import.intent);
    let settings = update_csp::graph_ring::GraphValue::List(catalog);
    let import = update_csp::graph_ring::CatalogPolicy::new().with("settings", settings).import();
    for setting in import.intent.policies.settings() {
        let id = setting.policy();
        assert_eq!(Setting::parse(id, &setting.value().to_string()).as_ref(), Ok(&setting));
    }

    let released = chrono::DateTime::UNIX_EPOCH;
    for class in Classification::all() {
        let _ = effects::offer(&set, build, &Update::new(*class, released));
        let moments = effects::Moments::offered(released).with_restart_pending(released);
        assert!(effects::restart(&set, build, class.deferral(), &moments).is_some());
        let _ = effects::next_installation(&set, build, class.deferral(), &released);
    }
}

/// Answers about updates: each line is an address below the Update CSP and a value. Whatever comes,
/// in whatever pages, is read alike, and known kinds of text are read without a panic.
pub fn update_csp(data: &[u8]) {
    use update_csp::inventory::Reading;
    use update_csp::{Inventory, Query};
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = text.parse::<update_csp::UpdateGuid>();
    let _ = text.parse::<update_csp::hresult::HResult>().map(|code| code.describe());
    let _ = update_csp::device::CspVersions::read(data);
    let items: Vec<syncml::Item<'_>> = text
        .lines()
        .take(256)
        .map(|line| {
            let (uri, value) = line.split_once(' ').unwrap_or((line, ""));
            syncml::Item::source(format!("{}/{uri}", update_csp::UPDATE_CSP))
                .with_data(syncml::Data::text(value))
        })
        .collect();
    for query in Query::ALL.into_iter().chain([Query::Everything]) {
        let mut whole = Inventory::default();
        let findings = whole.apply(query, Some(syncml::StatusCode::OK), &items);
        let mut reading = Reading::new(query);
        for item in &items {
            reading.take(std::slice::from_ref(item));
        }
        let mut paged = Inventory::default();
        assert_eq!(paged.complete(reading, syncml::StatusCode::OK), findings);
        assert_eq!(paged, whole);
        assert!(whole.changes_since(&whole).is_empty());
        let _ = whole.changes_since(&Inventory::default());
        let judge = update_csp::compliance::Judge::new(&update_csp::approvals::NoMetadata);
        let report = judge.judge(&whole, chrono::DateTime::UNIX_EPOCH);
        let mut rollup = update_csp::compliance::Rollup::default();
        rollup.add("ring", &report);
        assert_eq!(rollup.total().devices, 1);
    }
}

/// Graph JSON: what is read strictly is read tolerantly without a repair, and alike; and every view
/// of it says what the strict reader and the models say. As the message of a failure it has bounds.
pub fn graph_json(data: &[u8]) {
    use graph_wufb::json::{Options, read};
    let tolerant = read(data, &Options::tolerant());
    if let Ok(strict) = read(data, &Options::strict()) {
        let tolerant = tolerant.expect("tolerant reads what strict reads");
        assert_eq!(strict.value, tolerant.value);
        let text = strict.value.to_json();
        let again =
            read(text.as_bytes(), &Options::strict()).expect("what was written can be read");
        assert_eq!(again.value, strict.value);
    }
    if let Err(difference) = graph_wufb::views::check(data) {
        panic!("{difference}");
    }
    graph_failures::message(data);
}
