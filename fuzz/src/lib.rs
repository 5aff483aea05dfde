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
    // With its own bytes it says the same.
    let keep = syncml::DecodeOptions::default().with_own_bytes(true);
    let kept = syncml::decode_with(data, &keep).expect("keeping bytes refuses nothing");
    let mut own = Vec::new();
    syncml::encode_own_bytes(&kept, &mut own).expect("what was read can be written");
    if let Ok(again) = syncml::decode(&own, &limits) {
        assert_eq!(again, message);
    }
    // Strict reading refuses exactly what has findings.
    let strict = syncml::DecodeOptions::default().strict();
    assert_eq!(syncml::decode_with(data, &strict).is_ok(), message.diagnostics.is_empty());
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
    assert!(uri.is_same(&uri.in_scope(uri.scope())) && uri.is_under(&uri));
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
    if let Ok(once) = syncml::wbxml::decode(&out, &limits) {
        // Once more it is the same, also by the byte.
        let mut again = Vec::new();
        syncml::wbxml::encode(&once, &mut again).expect("what was read can be written");
        if let Ok(twice) = syncml::wbxml::decode(&again, &limits) {
            assert_eq!(twice, once);
        }
        assert_eq!(once.body.commands.len(), read.body.commands.len());
    }
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
        session = ServerSession::resume(session.into_state(), &config).expect("this version");
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

/// Property lists: decode, write, decode.
pub fn plist(data: &[u8]) {
    use apple_mdm::plist::{Limits, decode, write_xml};
    let limits = Limits::default().with_nodes(100_000);
    let Ok(value) = decode(data, &limits) else { return };
    let mut out = Vec::new();
    if write_xml(&value, &mut out) == 0 {
        let again = decode(&out, &Limits::default()).expect("what was written can be read");
        let mut twice = Vec::new();
        write_xml(&again, &mut twice);
        assert_eq!(out, twice);
    }
}

/// The update plan against any report.
pub fn apple_plan(data: &[u8]) {
    use apple_mdm::messages::Report;
    use apple_mdm::plan::UpdatePlan;
    let mut plan = UpdatePlan::new("fuzz", "18.7.2");
    for part in data.split(|byte| *byte == 0).take(16) {
        if let Ok(report) = Report::decode(part, &apple_mdm::plist::Limits::default()) {
            plan.handle_report(NOW, &report);
        }
        let command = plan.poll_transmit(NOW).expect("it can be written");
        assert_eq!(plan.poll_transmit(NOW).expect("again"), command);
        while plan.poll_event().is_some() {}
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
