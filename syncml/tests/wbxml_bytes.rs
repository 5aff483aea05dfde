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
