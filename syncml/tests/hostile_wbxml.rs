//! The known attacks on readers of WBXML: tables, lengths and names that stand for more than there
//! is, each with the limit that stops it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_xml::Limit;
use syncml::wbxml::{self, WbxmlError};
use syncml::{ErrorKind, Limits};

/// A document with this body in a SyncBody, and this string table.
fn binary(table: &[u8], inside: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x02\xA4\x01\x6A".to_vec();
    let length = u32::try_from(table.len()).unwrap();
    for shift in [21, 14, 7, 0] {
        let more = if shift > 0 { 0x80 } else { 0 };
        bytes.push(u8::try_from(length >> shift & 0x7F).unwrap() | more);
    }
    bytes.extend(table);
    bytes.extend(b"\x6D\x6B");
    bytes.extend(inside);
    bytes.extend(b"\x01\x01");
    bytes
}

fn wbxml_refused(bytes: &[u8], limits: &Limits) -> WbxmlError {
    match wbxml::decode(bytes, limits).expect_err("refused").kind() {
        ErrorKind::Wbxml(error) => error.clone(),
        other => panic!("{other}"),
    }
}

/// Two bytes stand for a text of the table: in content, in attributes, and in processing
/// instructions, of which nothing is written.
#[test]
fn texts_of_the_string_table_are_not_multiplied_beyond_the_limit() {
    let table = |bytes: usize| [b"a".repeat(bytes - 1), vec![0]].concat();
    let content = |n: usize| [&b"\x4F"[..], &b"\x83\x00".repeat(n), b"\x01"].concat();
    // An element with an attribute, and an instruction with one.
    let attribute =
        |n: usize| [&b"\xCF\x04\x86\x1F"[..], &b"\x83\x00".repeat(n), b"\x01\x01"].concat();
    let instruction =
        |n: usize| [&b"\x43\x04\x86\x1F"[..], &b"\x83\x00".repeat(n), b"\x01"].concat();
    // The name of the attribute is the last letter of the text.
    for inside in [&content as &dyn Fn(usize) -> Vec<u8>, &attribute, &instruction] {
        let bytes = binary(&table(801), &inside(12));
        let spent = 12 * 800 + usize::from(inside(0).contains(&0x1F));
        let least = wbxml::to_xml(&bytes, &Limits::default()).unwrap().len().max(spent);
        let at = |max| Limits::default().with_xml(mdm_xml::Limits::DEFAULT.with_bytes(max));
        assert!(wbxml::to_xml(&bytes, &at(least)).is_ok());
        let over = WbxmlError::Limit { limit: Limit::Bytes, max: least - 1 };
        assert_eq!(wbxml_refused(&bytes, &at(least - 1)), over);
        // At full size: a megabyte, a million times.
        let bytes = binary(&table(1 << 20), &inside(1_000_000));
        let over = WbxmlError::Limit { limit: Limit::Bytes, max: 8 << 20 };
        assert_eq!(wbxml_refused(&bytes, &Limits::default()), over);
    }
}

#[test]
fn names_and_namespaces_of_the_string_table_are_not_multiplied_either() {
    let over = WbxmlError::Limit { limit: Limit::Bytes, max: 8 << 20 };
    let name = [b"a".repeat(1 << 20), vec![0]].concat();
    let literals = b"\x04\x00".repeat(1_000);
    assert_eq!(wbxml_refused(&binary(&name, &literals), &Limits::default()), over);
    // A default namespace of a megabyte on a literal, with a million elements in it.
    let table = [&b"xmlns\0b\0"[..], &name].concat();
    let mut inside = b"\xC4\x06\x04\x00\x83\x08\x01".to_vec();
    inside.extend(b"\x04\x06".repeat(100_001));
    inside.push(1);
    let limits = Limits::default().with_xml(mdm_xml::Limits::DEFAULT.with_elements(100_000));
    let text = wbxml::to_xml(&binary(&table, &inside), &limits).unwrap();
    assert_eq!(text.matches("<b/>").count(), 100_001);
    let error = wbxml::decode(&binary(&table, &inside), &limits).unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::Xml(mdm_xml::ErrorKind::Limit { limit: Limit::Elements, max: 100_000 })
    );
}

#[test]
fn documents_in_opaque_data_share_the_limit() {
    // A DDF whose table is used many times and that breaks off: looked for in vain, a thousand times.
    let table = [&b"-//OMA//DTD-DM-DDF 1.2//EN\0"[..], &b"a".repeat(1 << 10), b"\0"].concat();
    let number = |length: usize| {
        let digit = |shift: usize| u8::try_from((length >> shift) & 0x7F).unwrap();
        [digit(14) | 0x80, digit(7) | 0x80, digit(0)]
    };
    let head = [&b"\x02\x00\x00\x6A"[..], &number(table.len())].concat();
    let inner = [&head[..], &table, b"\x45", &b"\x83\x1B".repeat(2_000)].concat();
    let data = [&b"\x4F\xC3"[..], &number(inner.len()), &inner, b"\x01"].concat();
    let inside = data.repeat(1_000);
    let over = WbxmlError::Limit { limit: Limit::Bytes, max: 8 << 20 };
    assert_eq!(wbxml_refused(&binary(b"", &inside), &Limits::default()), over);
}

#[test]
fn lengths_and_places_that_are_not_there_are_refused() {
    let limits = Limits::default();
    // Opaque data of four gigabytes, of which nothing comes; a table of as much.
    let opaque = binary(b"", b"\x4F\xC3\x8F\xFF\xFF\xFF\x7F");
    assert_eq!(wbxml_refused(&opaque, &limits), WbxmlError::End);
    assert_eq!(wbxml_refused(b"\x02\xA4\x01\x6A\x8F\xFF\xFF\xFF\x7F", &limits), WbxmlError::End);
    // Numbers of more than 32 bits, and of more than five bytes.
    for number in
        [&b"\x90\x80\x80\x80\x00"[..], b"\x80\x80\x80\x80\x80\x01", b"\xFF\xFF\xFF\xFF\x7F"]
    {
        let bytes = binary(b"", &[b"\x4F\xC3", number].concat());
        assert!(matches!(wbxml_refused(&bytes, &limits), WbxmlError::Number(_)), "{number:x?}");
    }
    // A reference past the table; into the middle of a text is allowed.
    let table = b"abc\0";
    assert!(matches!(
        wbxml_refused(&binary(table, b"\x4F\x83\x05\x01"), &limits),
        WbxmlError::StringTable(_)
    ));
    assert!(wbxml::to_xml(&binary(table, b"\x4F\x83\x01\x01"), &limits).unwrap().contains("bc"));
    // No character, half of one, and text that is not UTF-8.
    for text in [&b"\x02\x83\xB0\x00"[..], b"\x02\x00", b"\x03\xFF\x00", b"\x02\x83\xFF\x7F"] {
        let bytes = binary(b"", &[b"\x4F", text, b"\x01"].concat());
        assert!(matches!(wbxml_refused(&bytes, &limits), WbxmlError::Text(_)), "{text:x?}");
    }
    let deep = |n: usize| binary(b"", &[b"\x4F".repeat(n), b"\x01".repeat(n)].concat());
    assert!(wbxml::to_xml(&deep(30), &limits).is_ok());
    let too_deep = WbxmlError::Limit { limit: Limit::Depth, max: 32 };
    assert_eq!(wbxml_refused(&deep(31), &limits), too_deep);
    assert_eq!(wbxml_refused(&deep(1_000_000), &limits), too_deep);
    let attributes =
        |n: usize| binary(b"a\0", &[&b"\x8F"[..], &b"\x04\x00".repeat(n), b"\x01"].concat());
    let many = WbxmlError::Limit { limit: Limit::Attributes, max: 64 };
    assert_eq!(wbxml_refused(&attributes(65), &limits), many);
    assert_ne!(
        wbxml::decode(&attributes(64), &limits).unwrap_err().kind(),
        &ErrorKind::Wbxml(many)
    );
}

#[test]
fn a_format_as_long_as_the_message_is_not_read_for_each_value() {
    // Get, Meta, Format with a megabyte of blanks, then a million empty opaque values.
    let blanks = [&b"\x03"[..], &b" ".repeat(1 << 20), b"\0"].concat();
    let mut inside = [&b"\x60\x5A\x00\x01\x47"[..], &blanks, b"\x01\x01\x00\x00\x54\x4F"].concat();
    inside.extend(b"\xC3\x00".repeat(1_000_000));
    inside.extend(b"\x01\x01\x01");
    let message = wbxml::decode(&binary(b"", &inside), &Limits::default()).unwrap();
    assert_eq!(message.body.commands[0].items().len(), 1);
}
