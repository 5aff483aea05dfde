//! Bytes in WBXML that no format tells from text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use syncml::{Data, DiagnosticCode as Code, Format, Limits, wbxml};

/// A document with this body in a SyncBody.
fn document(body: &[u8]) -> Vec<u8> {
    [&b"\x02\xA4\x01\x6A\x00\x6D\x6B"[..], body, b"\x01\x01"].concat()
}

/// *Observed* from Sony Ericsson's phones: bytes in the Data of an item without a Meta.
#[test]
fn bytes_without_a_format_are_told_from_text() {
    let item = |meta: &[u8], data: &[u8]| {
        let length = u8::try_from(data.len()).unwrap();
        let body = [&b"\x60\x4B\x031\0\x01\x54\x67\x57\x03./A\0\x01\x01"[..], meta];
        let data = [&[0x4F, 0xC3, length][..], data, b"\x01\x01\x01"].concat();
        document(&[&body.concat()[..], &data].concat())
    };
    let format = |name: &[u8]| [&b"\x5A\x00\x01\x47\x03"[..], name, b"\0\x01\x00\x00\x01"].concat();
    let typ = b"\x5A\x00\x01\x53\x03t\0\x01\x00\x00\x01".to_vec();
    let read = |bytes: &[u8]| {
        let message = wbxml::decode(bytes, &Limits::default()).unwrap();
        let mut out = Vec::new();
        wbxml::encode(&message, &mut out).unwrap();
        let again = wbxml::decode(&out, &Limits::default()).unwrap();
        assert_eq!(again, message, "{bytes:02X?}");
        message
    };
    let raw = [0x37, 0x00, 0x98, 0xFF];
    let coded = Some(Data::text("NwCY/w=="));
    for (meta, data, value, told, odd) in [
        (vec![], &raw[..], coded.clone(), Some(Format::Bin), true),
        (typ.clone(), &raw, coded.clone(), Some(Format::Bin), true),
        // A format that says it, and one that says something else.
        (format(b"bin"), &raw, coded.clone(), Some(Format::Bin), false),
        (format(b"b64"), &raw, coded.clone(), Some(Format::B64), false),
        (format(b"chr"), &raw, coded, Some(Format::Chr), true),
        // Text is text.
        (vec![], b"caf\xC3\xA9", Some(Data::text("caf\u{e9}")), None, false),
        (typ, b"1\r\n", Some(Data::text("1\r\n")), None, false),
    ] {
        let bytes = item(&meta, data);
        let message = read(&bytes);
        let item = &message.body.commands[0].items()[0];
        assert_eq!(item.data, value);
        assert_eq!(item.meta.as_ref().and_then(|meta| meta.format.clone()), told, "{meta:02X?}");
        let found: Vec<_> =
            message.diagnostics.iter().filter(|one| one.code == Code::Bytes).collect();
        assert_eq!(found.len(), usize::from(odd), "{meta:02X?}");
        if let [found] = found[..] {
            let text = wbxml::to_xml(&bytes, &Limits::default()).unwrap();
            assert_eq!(text.get(found.position.offset..found.end), Some("NwCY/w=="));
            assert_eq!(found.path, "SyncML/SyncBody/Replace/Item/Data");
        }
    }
    // The command's format holds for its items.
    let outer = b"\x60\x4B\x031\0\x01\x5A\x00\x01\x47\x03b64\0\x01\x00\x00\x01\x54\x4F\xC3\x01\xFF\x01\x01\x01";
    let message = read(&document(outer));
    assert!(message.body.commands[0].items()[0].meta.is_none());
    assert!(message.diagnostics.iter().all(|found| found.code != Code::Bytes));
    // Two pieces are no base64 together, and an address is none at all: told, and left as they are.
    let pieces = document(b"\x60\x4B\x031\0\x01\x54\x4F\xC3\x01\xFF\xC3\x01\xFE\x01\x01\x01");
    let address = document(b"\x60\x4B\x031\0\x01\x54\x6E\x57\xC3\x01\xFF\x01\x01\x01\x01");
    for (bytes, count) in [(pieces, 2), (address, 1)] {
        let message = read(&bytes);
        assert!(message.body.commands[0].items()[0].meta.is_none());
        let found = message.diagnostics.iter().filter(|found| found.code == Code::Bytes);
        assert_eq!(found.count(), count);
    }
    // As many as there may be items are told, and no more are kept in mind.
    let many = |n: usize| document(&b"\x4F\xC3\x01\xFF\x01".repeat(n));
    for (n, told) in [(3, 3), (4, 3)] {
        let limits = Limits::default().with_items(3);
        let message = wbxml::decode(&many(n), &limits).unwrap();
        let found = message.diagnostics.iter().filter(|found| found.code == Code::Bytes);
        assert_eq!(found.count(), told);
    }
}

/// There may be hundreds of them; what else is odd is found all the same.
#[test]
fn bytes_hide_no_other_finding() {
    for meta in [&b""[..], b"\x5A\x00\x01\x47\x03chr\0\x01\x00\x00\x01"] {
        let item =
            [&b"\x54\x6E\x57\x03./A\0\x01\x01"[..], meta, b"\x4F\xC3\x01\xFF\x01\x01"].concat();
        let items = [&b"\x60\x4B\x031\0\x01"[..], &item.repeat(300), b"\x01"].concat();
        // An Alert without a code comes last.
        let bytes = document(&[&items[..], b"\x46\x4B\x032\0\x01\x01"].concat());
        let message = wbxml::decode(&bytes, &Limits::default()).unwrap();
        let last = message.diagnostics.last().unwrap();
        assert_eq!((last.code, last.path.as_str()), (Code::Missing, "SyncML/SyncBody/Alert"));
        let max = Limits::default().with_diagnostics(400);
        let found = wbxml::decode(&bytes, &max).unwrap().diagnostics;
        let all = found.iter().filter(|found| found.code == Code::Bytes).count();
        assert_eq!(all, 300);
    }
}

/// Each chunk is told from text by itself; what is joined is one value.
#[test]
fn an_object_of_bytes_has_chunks_that_are_text() {
    use syncml::session::{Config, Event, ServerSession};
    let now = chrono::DateTime::UNIX_EPOCH;
    let chunk = |id: u32, size: bool, data: &[u8], more: bool, outer: bool| {
        let size = if size { "<Size xmlns='syncml:metinf'>6</Size>" } else { "" };
        let bin = "<Meta><Format xmlns='syncml:metinf'>bin</Format></Meta>";
        let text = format!(
            "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD>\
             <VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>{id}</MsgID><Target>\
             <LocURI>s</LocURI></Target><Source><LocURI>d</LocURI></Source></SyncHdr><SyncBody>\
             <Results><CmdID>5</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef>{}<Item><Source>\
             <LocURI>./a</LocURI></Source><Meta>{size}</Meta><Data>@@@</Data>{}</Item></Results>\
             </SyncBody></SyncML>",
            if outer { bin } else { "" },
            if more { "<MoreData/>" } else { "" }
        );
        let message = syncml::decode(text.as_bytes(), &Limits::default()).unwrap();
        let mut bytes = Vec::new();
        wbxml::encode(&message, &mut bytes).unwrap();
        // The same with raw bytes: text is an inline string or opaque.
        let at = bytes.windows(3).position(|part| part == b"@@@").unwrap();
        let inline = bytes[at - 1] == 3;
        let (start, end) = if inline { (at - 1, at + 4) } else { (at - 2, at + 3) };
        let opaque = [&[0xC3, u8::try_from(data.len()).unwrap()], data].concat();
        bytes.splice(start..end, opaque);
        bytes
    };
    let (raw, text) = (&b"\xFF\xFE\xFD"[..], &b"abc"[..]);
    for (outer, parts, value) in [
        (false, [raw, text], "//79YWJj"),
        (false, [text, raw], "YWJj//79"),
        (false, [raw, raw], "//79//79"),
        (true, [raw, text], "//79YWJj"),
        (true, [text, raw], "YWJj//79"),
        (true, [text, text], "YWJjYWJj"),
        (false, [text, text], "abcabc"),
    ] {
        let mut config = Config::new("s");
        config.hand_over_results = true;
        let mut session = ServerSession::new(&config);
        session.submit(1, syncml::Command::get("./a")).unwrap();
        let first = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2\
            </VerProto><SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>s</LocURI></Target>\
            <Source><LocURI>d</LocURI></Source></SyncHdr><SyncBody><Final/></SyncBody></SyncML>";
        session.handle_message(now, first.as_bytes()).unwrap();
        session.poll_transmit(now).unwrap();
        for (id, size, data, more) in [(2, true, parts[0], true), (3, false, parts[1], false)] {
            session.handle_message(now, &chunk(id, size, data, more, outer)).unwrap();
            session.poll_transmit(now).unwrap();
        }
        let found = std::iter::from_fn(|| session.poll_event()).find_map(|event| match event {
            Event::Results { items, .. } => Some(items),
            _ => None,
        });
        let item = &found.expect("all of it")[0];
        assert_eq!(item.data, Some(Data::text(value)), "{outer} {parts:?}");
        let format = item.meta.as_ref().and_then(|meta| meta.format.clone());
        assert_eq!(format, (value != "abcabc").then_some(Format::Bin));
    }
}
