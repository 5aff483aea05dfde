//! WBXML both ways: what is written is read as the same message, and hostile input is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::corpus;
use mdm_xml::{Event, Options, Reader, Tolerance};
use proptest::prelude::*;
use syncml::model::{Challenge, Header, Item, Location, Namespace};
use syncml::wbxml::{self, EncodeOptions, PublicId, Version, WbxmlError};
use syncml::{Command, Data, ErrorKind, Format, Limits, Message, Meta, StatusCode, decode, encode};

fn every_form() -> Vec<EncodeOptions> {
    let mut forms = Vec::new();
    for version in [Version::V11, Version::V12, Version::V13] {
        for id in [PublicId::Number, PublicId::Text] {
            for table in [false, true] {
                let options = EncodeOptions::default().with_version(version).with_public_id(id);
                forms.push(options.with_string_table(table));
            }
        }
    }
    forms
}

/// What a document says, whatever the prefixes: names with their namespaces, attributes, text.
fn said(message: &Message<'_>) -> Vec<String> {
    let mut message = message.clone();
    if message.namespace == Namespace::None {
        message.namespace = Namespace::V12;
    }
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let options = Options::default().with_undeclared_prefixes(Tolerance::Keep);
    let mut reader = Reader::new(&text, &options).unwrap();
    let mut lines: Vec<String> = Vec::new();
    loop {
        match reader.next().unwrap() {
            Event::Start(element) => {
                let uri = reader.namespace_uri(element.ns());
                let mut line = format!("<{{{uri}}}{}", element.local());
                let mut attributes: Vec<String> = reader
                    .attributes(&element)
                    .map(|one| {
                        let uri = reader.namespace_uri(one.ns()).to_owned();
                        format!(" {{{uri}}}{}={:?}", one.local(), one.value())
                    })
                    .collect();
                attributes.sort();
                line.extend(attributes);
                lines.push(line);
            }
            Event::Text(text) if !text.value().is_empty() => {
                lines.push(format!("{:?}", text.value()));
            }
            Event::Text(_) => {}
            Event::End => lines.push(">".to_owned()),
            _ => return lines,
        }
    }
}

fn there_and_back(message: &Message<'_>, options: &EncodeOptions, name: &str) {
    let mut bytes = b"before".to_vec();
    wbxml::encode_with(message, options, &mut bytes).unwrap();
    let bytes = bytes.strip_prefix(b"before").unwrap();
    let mut twice = Vec::new();
    wbxml::encode_with(message, options, &mut twice).unwrap();
    assert_eq!(bytes, twice, "{name}: written in two ways");
    assert!(wbxml::looks_like(bytes), "{name}");
    let again = wbxml::decode(bytes, &Limits::default())
        .unwrap_or_else(|error| panic!("{name}: {error}: {bytes:02X?}"));
    assert_eq!(said(&again), said(message), "{name}: {options:?}");
}

fn example() -> Message<'static> {
    let mut header = Header::new(
        1.into(),
        2.into(),
        Location::new("urn:uuid:1"),
        Location::new("https://mdm.example/"),
    );
    header.resp_uri = Some("https://mdm.example/2".into());
    let mut message = Message::new(header, Default::default());
    let mut status = Command::status(1.into(), 0.into(), "SyncHdr", StatusCode::UNAUTHORIZED);
    if let Command::Status(status) = &mut status {
        let mut meta = Meta::format(Format::B64).with_type("syncml:auth-md5");
        meta.next_nonce = Some("AP8Q".into());
        status.challenge = Some(Challenge::new(meta));
    }
    message.body.commands.push(status);
    message.body.commands.push(Command::replace("./A", Format::Bin, Data::text("AP8A")));
    message.body.commands.push(Command::replace("./B", Format::B64, Data::text("AP8A")));
    message.body.commands.push(Command::add("./C", Format::Chr, Data::text("<on/> & \u{e4}")));
    message.body.commands.push(Command::atomic(vec![Command::delete("./D"), Command::exec("./D")]));
    message.body.commands.push(Command::get("./DevInfo?list=StructData"));
    message.body.is_final = true;
    let mut number = 0;
    for command in &mut message.body.commands {
        number += 1;
        command.set_cmd_id(number.into());
    }
    message
}

#[test]
fn a_message_is_the_same_in_every_form() {
    let message = example();
    for options in every_form() {
        there_and_back(&message, &options, "example");
        let mut bytes = Vec::new();
        wbxml::encode_with(&message, &options, &mut bytes).unwrap();
        assert_eq!(wbxml::decode(&bytes, &Limits::default()).unwrap(), message, "{options:?}");
    }
    for namespace in [Namespace::V10, Namespace::V11, Namespace::Other("urn:other".into())] {
        let mut message = message.clone();
        message.namespace = namespace;
        // Another namespace is not SyncML's for a reader, but it survives.
        for options in every_form() {
            let mut bytes = Vec::new();
            wbxml::encode_with(&message, &options, &mut bytes).unwrap();
            let xml = wbxml::to_xml(&bytes, &Limits::default()).unwrap();
            let start = format!("<SyncML xmlns=\"{}\">", message.namespace.uri());
            assert!(xml.starts_with(&start), "{xml}");
        }
    }
}

#[test]
fn nonces_and_binary_data_travel_raw_and_other_data_as_text() {
    let mut bytes = Vec::new();
    wbxml::encode(&example(), &mut bytes).unwrap();
    let contains = |piece: &[u8]| bytes.windows(piece.len()).any(|window| window == piece);
    // NextNonce, token 10 of page 1, and Data, token 0F of page 0, with three bytes each.
    assert!(contains(&[0x50, 0xC3, 0x03, 0x00, 0xFF, 0x10]), "the nonce is raw");
    assert!(contains(&[0x4F, 0xC3, 0x03, 0x00, 0xFF, 0x00]), "bin is raw");
    assert!(contains(b"\x4F\x03AP8A\0"), "b64 is text");
    // Text that happens to be bytes for nobody: bin stays bin when it is also readable text.
    let mut message = Message::default();
    message.body.commands.push(Command::replace("./A", Format::Bin, Data::text("QUJD")));
    // What is no base64 stays as it is.
    message.body.commands.push(Command::replace("./A", Format::Bin, Data::text("QUJD\n")));
    // The command's format holds for items without one.
    let mut inherited = Command::replace("./A", Format::Bin, Data::text("AAAA"));
    if let Command::Replace(request) = &mut inherited {
        request.meta = Some(Box::new(Meta::format(Format::Bin)));
        request.items[0].meta = None;
        request.items.push(
            Item::target("./B").with_meta(Meta::format(Format::Chr)).with_data(Data::text("AAAA")),
        );
    }
    message.body.commands.push(inherited);
    let mut bytes = Vec::new();
    wbxml::encode(&message, &mut bytes).unwrap();
    assert_eq!(wbxml::decode(&bytes, &Limits::default()).unwrap(), message);
    let opaque = bytes.windows(2).filter(|two| *two == [0x4F, 0xC3]).count();
    assert_eq!(opaque, 2);
}

#[test]
fn the_description_of_a_tree_uses_its_code_page() {
    let text = "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target><Data>\
        <MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>x</NodeName>\
        <DFProperties><AccessType><Get/></AccessType><DFFormat><node/></DFFormat></DFProperties></Node>\
        </MgmtTree></Data></Item></Replace>";
    let mut message = decode(text.as_bytes(), &Limits::default()).unwrap();
    message.namespace = Namespace::V12;
    let mut bytes = Vec::new();
    wbxml::encode(&message, &mut bytes).unwrap();
    assert!(bytes.windows(3).any(|three| three == [0x00, 0x02, 0x60]), "{bytes:02X?}");
    assert!(!bytes.windows(8).any(|eight| eight == b"MgmtTree"));
    assert_eq!(wbxml::decode(&bytes, &Limits::default()).unwrap(), message);
    // libwbxml's form: a document of its own in opaque data.
    let mut inside =
        b"\x03\x00\x00\x6A\x1B-//OMA//DTD-DM-DDF 1.2//EN\0\x00\x02\x60\x77\x031.2\0\x01\x01"
            .to_vec();
    let mut document = b"\x03\xA4\x01\x6A\x00\x6D\x6B\x60\x4B\x031\0\x01\x54\x4F\xC3".to_vec();
    document.push(u8::try_from(inside.len()).unwrap());
    document.append(&mut inside);
    document.extend(b"\x01\x01\x01\x01\x01");
    let message = wbxml::decode(&document, &Limits::default()).unwrap();
    let data = message.body.commands[0].items()[0].data.as_ref().unwrap();
    assert_eq!(
        data,
        &Data::Markup("<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD></MgmtTree>".into())
    );
}

#[test]
fn what_has_no_token_survives_as_a_literal() {
    let text = "<SyncML xmlns=\"SYNCML:SYNCML1.2\" xmlns:m=\"urn:m\" a=\"1\"><SyncBody>\
        <Odd/><Add b=\"2\"><CmdID m:c=\"3\">1</CmdID><Meta><Type xmlns=\"syncml:metinf\">t</Type>\
        <Own xmlns=\"urn:own\" d=\"&lt;\"><Item/></Own></Meta><Item><Data><x:on xmlns:x=\"urn:x\">\
        <y xmlns=\"\"/>text<m:z/></x:on></Data></Item><Item><Data><Data>1</Data></Data></Item></Add>\
        </SyncBody></SyncML>";
    let message = decode(text.as_bytes(), &Limits::default()).unwrap();
    for options in every_form() {
        there_and_back(&message, &options, "literals");
    }
}

#[test]
fn all_of_the_corpus_goes_there_and_back() {
    let Some(corpus) = corpus("syncml") else { return };
    let mut count = 0;
    for file in corpus.files() {
        if matches!(file.extension(), "wbxml" | "bin") {
            continue;
        }
        let Ok(message) = decode(&file.bytes, &Limits::default()) else { continue };
        count += 1;
        for options in [EncodeOptions::default(), every_form().pop().unwrap()] {
            there_and_back(&message, &options, &file.name);
        }
    }
    eprintln!("{count} messages there and back");
    assert!(count > 0);
}

/// A document with this body in a SyncBody.
fn document(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x02\xA4\x01\x6A\x06ab\0<x\0\x6D\x6B".to_vec();
    bytes.extend(body);
    bytes.extend(b"\x01\x01");
    bytes
}

fn refused(bytes: &[u8]) -> WbxmlError {
    match wbxml::decode(bytes, &Limits::default()).expect_err("refused").kind() {
        ErrorKind::Wbxml(error) => error.clone(),
        other => panic!("{other}"),
    }
}

#[test]
fn public_identifiers_and_character_sets_of_every_kind_are_read() {
    let read = |head: &[u8]| {
        let mut bytes = head.to_vec();
        bytes.extend(b"\x6D\x6B\x12\x01\x01");
        wbxml::decode(&bytes, &Limits::default()).map(|message| message.namespace)
    };
    for (head, namespace) in [
        (&b"\x02\xA4\x01\x6A\x00"[..], Namespace::V12),
        (b"\x02\x9F\x53\x6A\x00", Namespace::V11),
        (b"\x02\x9F\x51\x6A\x00", Namespace::V10),
        (b"\x01\x01\x6A\x00", Namespace::V12),
        (b"\x00\xA4\x01\x00", Namespace::V12),
        (b"\x03\xA4\x01\x03\x00", Namespace::V12),
        (b"\x02\x00\x00\x6A\x1F-//SYNCML//DTD SyncML 1.1//EN\0\0", Namespace::V11),
        (b"\x02\x00\x02\x6A\x20x\0-//SYNCML//DTD SyncML 1.0//EN\0", Namespace::V10),
    ] {
        assert_eq!(read(head).unwrap(), namespace, "{head:02X?}");
    }
    for (head, error) in [
        (&b"\x04\xA4\x01\x6A\x00"[..], WbxmlError::Version(4)),
        (b"\x02\x05\x6A\x00", WbxmlError::NotSyncml),
        (b"\x02\x00\x00\x6A\x02x\0", WbxmlError::NotSyncml),
        (b"\x02\x00\x09\x6A\x02x\0", WbxmlError::NotSyncml),
        (b"\x02\xA4\x01\x87\x68\x00", WbxmlError::Charset(1000)),
        (b"\x02\xA4\x01\x6A\x7F", WbxmlError::End),
        (b"\x02\xFF\xFF\xFF\xFF\xFF\x01\x6A\x00", WbxmlError::Number(1)),
    ] {
        let mut bytes = head.to_vec();
        bytes.extend(b"\x6D\x6B\x12\x01\x01");
        assert_eq!(refused(&bytes), error, "{head:02X?}");
    }
    // Latin-1, an entity, the string table, an opaque text: all one value.
    let bytes = b"\x02\xA4\x01\x04\x03a\xE4\0\x6D\x6B\x60\x4B\x031\0\x01\x54\x4F\x03\xE4\0\x02\x81\x64\x83\x00\xC3\x02ok\x01\x01\x01\x01\x01";
    let message = wbxml::decode(bytes, &Limits::default()).unwrap();
    assert_eq!(message.body.commands[0].items()[0].data, Some(Data::text("\u{e4}\u{e4}a\u{e4}ok")));
}

#[test]
fn broken_documents_are_refused_with_their_place() {
    for (body, error) in [
        (&b"\x7F"[..], WbxmlError::Token { page: 0, token: 0x7F, offset: 13 }),
        (b"\x00\x09\x45", WbxmlError::Token { page: 9, token: 0x45, offset: 15 }),
        (b"\x40", WbxmlError::Token { page: 0, token: 0x40, offset: 13 }),
        (b"\x83\x7F", WbxmlError::StringTable(13)),
        (b"\x44\x7F", WbxmlError::StringTable(13)),
        // A name from the string table that would be markup.
        (b"\x44\x03", WbxmlError::Name(13)),
        (b"\x03\xFF\0", WbxmlError::Text(13)),
        (b"\x03\x01\0", WbxmlError::Text(13)),
        (b"\x02\x00", WbxmlError::Text(13)),
        (b"\x02\x83\xB0\x00", WbxmlError::Text(13)),
        (b"\xC3\x7F", WbxmlError::End),
        (b"\x01\x01\x01", WbxmlError::Nesting(15)),
        (b"\x01\x01\x6D", WbxmlError::Nesting(15)),
        (b"\xCF\x05\x01", WbxmlError::Token { page: 0, token: 0x05, offset: 14 }),
        (b"\xCF\x03x\0\x01", WbxmlError::Nesting(14)),
    ] {
        assert_eq!(refused(&document(body)), error, "{body:02X?}");
    }
    assert_eq!(refused(b"\x02\xA4\x01\x6A\x00"), WbxmlError::End);
    assert_eq!(refused(b"\x02\xA4\x01\x6A\x00\x6D"), WbxmlError::End);
    assert!(!wbxml::looks_like(b"<SyncML/>") && wbxml::looks_like(&document(b"")));
}

#[test]
fn limits_take_n_and_refuse_one_more() {
    let nested = |n: usize| {
        let mut body = vec![0x4F; n];
        body.extend(vec![0x01; n]);
        document(&body)
    };
    let xml = |limits: mdm_xml::Limits| Limits::default().with_xml(limits);
    let deep = xml(mdm_xml::Limits::DEFAULT.with_depth(10));
    assert!(wbxml::to_xml(&nested(8), &deep).is_ok());
    assert!(wbxml::to_xml(&nested(9), &deep).is_err());
    let attributes = |n: usize| {
        let mut body = vec![0xCF];
        for _ in 0..n {
            body.extend(b"\x04\x00\x03x\0");
        }
        body.extend(b"\x01\x01");
        document(&body)
    };
    let few = xml(mdm_xml::Limits::DEFAULT.with_attributes(1));
    assert!(wbxml::to_xml(&attributes(1), &few).is_ok());
    assert!(wbxml::to_xml(&attributes(2), &few).is_err());
    // A text of the string table that is used again and again does not outgrow the limit.
    let table = "x".repeat(1000);
    let mut bomb = b"\x02\xA4\x01\x6A\x87\x69".to_vec();
    bomb.extend(table.as_bytes());
    bomb.extend(b"\0\x6D\x6B\x4F");
    for _ in 0..1000 {
        bomb.extend(b"\x83\x00");
    }
    bomb.extend(b"\x01\x01\x01");
    assert!(wbxml::to_xml(&bomb, &Limits::default()).is_ok());
    let small = xml(mdm_xml::Limits::DEFAULT.with_bytes(100_000));
    assert!(wbxml::to_xml(&bomb, &small).is_err());
    let bytes = document(b"\x12");
    let length = wbxml::to_xml(&bytes, &Limits::default()).unwrap().len();
    let exact = xml(mdm_xml::Limits::DEFAULT.with_bytes(length));
    let less = xml(mdm_xml::Limits::DEFAULT.with_bytes(length - 1));
    assert!(wbxml::to_xml(&bytes, &exact).is_ok() && wbxml::to_xml(&bytes, &less).is_err());
    let input = xml(mdm_xml::Limits::DEFAULT.with_bytes(bytes.len() - 1));
    assert!(wbxml::to_xml(&bytes, &input).is_err());
}

#[test]
fn what_cannot_be_written_leaves_the_output_as_it_was() {
    let mut message = Message::default();
    message.body.commands.push(Command::add("./A", Format::Chr, Data::Markup("<open>".into())));
    let mut out = b"before".to_vec();
    assert!(wbxml::encode(&message, &mut out).is_err());
    message.body.commands[0] = Command::add("./A", Format::Chr, Data::text("\u{1}"));
    assert!(wbxml::encode(&message, &mut out).is_err());
    assert_eq!(out, b"before");
}

prop_compose! {
    fn value()(text in "[ -~\\t\\n\u{e4}\u{9df4}]{0,12}") -> String { text }
}

fn command() -> impl Strategy<Value = Command<'static>> {
    let format = prop::sample::select(vec!["chr", "bin", "b64", "int", "xml", "odd"]);
    let leaf = (value(), format, value(), 0..6_u8, prop::option::of(value())).prop_map(
        |(uri, format, data, kind, nonce)| {
            let format = Format::from_text(format);
            let mut command = match kind {
                0 => Command::get(uri),
                1 => Command::add(uri, format, Data::text(data)),
                2 => Command::replace(uri, format, Data::text(data)),
                3 => Command::replace(
                    uri,
                    format,
                    Data::Markup("<a xmlns=\"urn:a\" b=\"1\">x<c/></a>".into()),
                ),
                4 => Command::exec(uri),
                _ => Command::status(1.into(), 2.into(), uri, StatusCode::OK),
            };
            if let (Some(nonce), Command::Add(request) | Command::Replace(request)) =
                (nonce, &mut command)
            {
                let mut meta = Meta::format(Format::Bin);
                meta.next_nonce = Some(nonce.into());
                request.meta = Some(Box::new(meta));
            }
            command
        },
    );
    let leaf = leaf.boxed();
    prop_oneof![leaf.clone(), prop::collection::vec(leaf, 0..4).prop_map(Command::atomic),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn messages_come_back_as_they_were(
        commands in prop::collection::vec(command(), 0..5),
        form in 0..12_usize,
        session in value(),
    ) {
        let mut message = example();
        message.body.commands.extend(commands);
        if let Some(header) = &mut message.header {
            header.session_id = syncml::SessionId::new(session);
        }
        let options = every_form()[form];
        let mut bytes = Vec::new();
        wbxml::encode_with(&message, &options, &mut bytes).unwrap();
        let again = wbxml::decode(&bytes, &Limits::default()).unwrap();
        prop_assert_eq!(again, message);
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..96), nested in any::<bool>()) {
        let whole = if nested { document(&bytes) } else { bytes };
        if let Ok(message) = wbxml::decode(&whole, &Limits::default()) {
            let mut out = Vec::new();
            wbxml::encode(&message, &mut out).unwrap();
            let again = wbxml::decode(&out, &Limits::default()).unwrap();
            prop_assert_eq!(said(&again), said(&message));
        }
    }

    #[test]
    fn nothing_panics_with_likely_tokens(
        tokens in prop::collection::vec(prop::sample::select(vec![
            &b"\x01"[..], b"\x60", b"\x4B", b"\x54", b"\x4F", b"\x5A", b"\x00\x01", b"\x00\x00", b"\x00\x02",
            b"\x47", b"\x50", b"\x03x\0", b"\x03bin\0", b"\xC3\x02\x00\xFF", b"\x83\x00", b"\x44\x00", b"\xC4\x00\x04\x00\x01",
            b"\xCF\x04\x00\x03v\0\x01", b"\x12", b"\x02\x41",
        ]), 0..24),
    ) {
        let whole = document(&tokens.concat());
        if let Ok(message) = wbxml::decode(&whole, &Limits::default()) {
            let mut out = Vec::new();
            wbxml::encode(&message, &mut out).unwrap();
            let again = wbxml::decode(&out, &Limits::default()).unwrap();
            prop_assert_eq!(said(&again), said(&message));
        }
    }
}

/// Found by fuzzing: names that XML has and that are no letters were written and not read.
#[test]
fn names_of_any_letters_come_back() {
    for name in ["\u{feff}rce", "\u{fc}", "_1.-\u{b7}", "a\u{301}", "\u{1f600}"] {
        let text = format!(
            "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><{name}/><Final/></SyncBody></SyncML>"
        );
        let message = decode(text.as_bytes(), &Limits::default()).unwrap();
        let mut out = Vec::new();
        wbxml::encode(&message, &mut out).unwrap();
        let again = wbxml::decode(&out, &Limits::default()).expect(name);
        let [Command::Unknown(raw)] = &again.body.commands[..] else { panic!("{again:?}") };
        assert!(raw.as_str().contains(name), "{name}: {}", raw.as_str());
    }
}
