//! What the fuzz targets do, as functions, so that the corpus can be replayed with a stable
//! compiler as well (`cargo test`).
//!
//! Each asserts more than "no panic": what was read is written and read again without loss.
#![forbid(unsafe_code)]

use chrono::DateTime;

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
    // Our spelling of a large message may be over the limits of reading.
    if let Ok(again) = syncml::decode(&out, &limits) {
        assert_eq!(again, message);
    }
}

/// WBXML: what comes out is XML.
pub fn wbxml(data: &[u8]) {
    let limits = syncml::Limits::default();
    if let Ok(text) = syncml::wbxml::to_xml(data, &limits) {
        let _ = syncml::decode(text.as_bytes(), &limits);
    }
}

/// A session between server and device, with a fault for each byte.
pub fn session(data: &[u8]) {
    use syncml::Command;
    use syncml::session::{Config, Event, Session};
    use syncml::simulator::{Device, MemoryTree, Step};
    let config = Config::new("https://mdm.example/");
    let tree = MemoryTree::default().with("./DevDetail/SwV", "chr", "10.0");
    let mut device = Device::new("urn:uuid:1", "https://mdm.example/", tree);
    let mut session = Session::new(&config);
    let commands = data.len().min(20);
    for key in 0..commands {
        session.submit(key, Command::get("./DevDetail/SwV")).expect("room");
    }
    let Ok(mut request) = device.start(&[]) else { return };
    let mut outcomes = vec![0; commands];
    for fault in data.iter().take(64).chain(&[0; 64]) {
        let mut sent = request.clone();
        if *fault > 200 {
            let at = usize::from(*fault) * 7 % sent.len();
            sent[at] ^= *fault;
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
        session = Session::resume(session.into_state(), &config).expect("this version");
        let Ok(answer) = answer else { return };
        match device.handle_message(&answer.body) {
            Ok(Step::Send(next)) => request = next,
            Ok(Step::Done) | Err(_) => return,
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
    if let (Ok(all), Ok(some)) = (all, some) {
        assert_eq!(all.key, some.key);
        assert_eq!(all.localized, some.localized);
        let _ = (all.title("de"), all.is_definition_update(), all.needs_eula());
    }
}

/// Cabinets: never more than the limit.
pub fn cabinet(data: &[u8]) {
    for max in [0, 1000, 1 << 20] {
        if let Ok(file) = wsusss::cab::extract(data, max) {
            assert!(file.len() <= max);
        }
    }
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

/// DDF documents.
pub fn ddf(data: &[u8]) {
    let limits = update_csp::ddf::Limits::default();
    if let Ok(document) = update_csp::ddf::Document::read(data, &limits) {
        for node in document.nodes {
            assert!(!node.path.is_empty());
        }
    }
}

/// Graph JSON: what is read strictly is read tolerantly without a repair, and alike.
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
}
