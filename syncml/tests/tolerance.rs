//! What peers send although no specification has it, and what the limits refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use syncml::{Command, Data, DiagnosticCode as Code, Limits, Message, decode, encode};

fn read(text: &str) -> (Message<'_>, Vec<Code>) {
    let message = decode(text.as_bytes(), &Limits::default()).expect(text);
    let codes = message.diagnostics.iter().map(|found| found.code).collect();
    (message, codes)
}

fn body(inner: &str) -> String {
    format!("<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr/><SyncBody>{inner}</SyncBody></SyncML>")
}

#[test]
fn several_pairs_of_cmdid_and_item_are_several_commands() {
    let item = |name: &str| {
        format!("<Item><Target><LocURI>./{name}</LocURI></Target><Data>0</Data></Item>")
    };
    let text = body(&format!(
        "<Replace xmlns=\"\"><CmdID>1</CmdID>{}<CmdID>2</CmdID>{}</Replace>",
        item("A"),
        item("B ")
    ));
    let (message, codes) = read(&text);
    let read: Vec<(&str, &str)> = message
        .body
        .commands
        .iter()
        .map(|command| (command.cmd_id().unwrap().as_str(), command.items()[0].loc_uri().unwrap()))
        .collect();
    assert_eq!(read, [("1", "./A"), ("2", "./B ")]);
    assert_eq!(codes, [Code::SeveralCommands, Code::BlankAddress]);
    assert_eq!(message.diagnostics[0].path, "SyncML/SyncBody/Replace/CmdID[2]");
}

#[test]
fn each_deviation_is_noted() {
    for (inner, expected) in [
        ("<Get><Item/></Get>", vec![Code::NoCmdId]),
        (
            "<Status><CmdID>1</CmdID><TargetRef><LocURI>./A</LocURI></TargetRef></Status>",
            vec![Code::RefElement],
        ),
        ("<Add><CmdID>1</CmdID><Item><Data><![CDATA[x]]></Data></Item></Add>", vec![Code::CData]),
        ("<Add><CmdID>1</CmdID><Item><Data><x/></Data></Item></Add>", vec![Code::Markup]),
        (
            "<Add><CmdID>1</CmdID><Item><Data/><Target><LocURI>./A</LocURI></Target></Item></Add>",
            vec![Code::AfterData],
        ),
        ("<Add><CmdID>1</CmdID><Item><Type>a</Type></Item></Add>", vec![Code::OutsideMeta]),
        (
            "<Add><CmdID>1</CmdID><Item><Meta><Type>a</Type></Meta></Item></Add>",
            vec![Code::MetInfNamespace],
        ),
        ("<Add><CmdID>1</CmdID><Item><Target>./A</Target></Item></Add>", vec![Code::BareAddress]),
        ("<Add><CmdID>1</CmdID><Item/>oops</Add>", vec![Code::StrayText]),
        ("<Add><CmdID>1</CmdID><Other/><Item/></Add>", vec![Code::UnknownElement]),
    ] {
        assert_eq!(read(&body(inner)).1, expected, "{inner}");
    }
    let (message, codes) = read("<Get><CmdID>1</CmdID></Get><Exec><CmdID>2</CmdID></Exec>");
    assert_eq!(message.body.commands.len(), 2);
    assert_eq!(codes, [Code::Fragment]);
    let (_, codes) = read("<?xml version='1.0' encoding='utf-16'?><SyncML><SyncBody/></SyncML>");
    assert_eq!(codes, [Code::EncodingDeclaration, Code::Namespace, Code::NoHeader]);
}

#[test]
fn unknown_elements_survive_with_what_they_need() {
    let text = "<SyncML xmlns=\"SYNCML:SYNCML1.2\" xmlns:m=\"urn:m\"><SyncBody>\
                <Add><CmdID>1</CmdID><Meta xmlns=\"syncml:metinf\" xmlns:n=\"urn:n\"><Odd n:a=\"1\">x</Odd></Meta>\
                <m:Thing/><Item><Data m:originalerror=\"0x1\">v</Data></Item></Add></SyncBody></SyncML>";
    let (message, _) = read(text);
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    let again = decode(&out, &Limits::default()).unwrap();
    assert_eq!(again, message);
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("<Odd xmlns=\"syncml:metinf\" xmlns:n=\"urn:n\" n:a=\"1\">"), "{out}");
    assert_eq!(message.body.commands[0].items()[0].original_error(), Some("0x1"));
}

#[test]
fn limits_take_n_and_refuse_one_more() {
    let nested = |n: usize| body(&format!("{}{}", "<Atomic>".repeat(n), "</Atomic>".repeat(n)));
    let commands = |n: usize| body(&"<Get/>".repeat(n));
    let items = |n: usize| body(&format!("<Get>{}</Get>", "<Item/>".repeat(n)));
    let limits = Limits::default().with_nesting(3).with_commands(5).with_items(5);
    for (make, n) in [(&nested as &dyn Fn(usize) -> String, 3), (&commands, 5), (&items, 5)] {
        assert!(decode(make(n).as_bytes(), &limits).is_ok());
        assert!(decode(make(n + 1).as_bytes(), &limits).is_err());
    }
    // Whatever is set, nesting stays shallow enough to be dropped without a deep stack.
    let deep = Limits::default().with_nesting(usize::MAX);
    assert!(decode(nested(16).as_bytes(), &deep).is_ok());
    assert!(decode(nested(17).as_bytes(), &deep).is_err());
    // Findings past the limit are dropped, not the message.
    let few = Limits::default().with_diagnostics(2);
    assert_eq!(decode(commands(9).as_bytes(), &few).unwrap().diagnostics.len(), 2);
}

#[test]
fn what_xml_cannot_carry_is_refused_and_nothing_is_written() {
    let mut message = Message::default();
    let add = Command::add("./A", syncml::Format::Chr, Data::text("\u{1}"));
    message.body.commands.push(add);
    let mut out = b"before".to_vec();
    assert!(encode(&message, &mut out).is_err());
    assert_eq!(out, b"before");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn values_come_back_as_they_were(
        uri in "[ -~]{1,20}",
        data in "[\\t\\n\\r -~\u{e4}\u{9df4}]{0,40}",
        typ in prop::option::of("[a-z/.:]{1,12}"),
    ) {
        let mut message = Message::default();
        let mut command = Command::replace(uri, syncml::Format::Chr, Data::text(data));
        if let Command::Replace(request) = &mut command {
            request.meta = typ.map(|typ| syncml::Meta::default().with_type(typ));
        }
        message.body.commands.push(command);
        let mut out = Vec::new();
        encode(&message, &mut out).unwrap();
        prop_assert_eq!(&decode(&out, &Limits::default()).unwrap(), &message);
    }

    #[test]
    fn nothing_panics(text in "(<|</|>|/>|Get|Item|Meta|Data|Atomic|SyncML|SyncBody|CmdID| |x|&amp;|<!\\[CDATA\\[|\\]\\]>| xmlns=''){0,40}") {
        if let Ok(message) = decode(text.as_bytes(), &Limits::default()) {
            let mut out = Vec::new();
            encode(&message, &mut out).unwrap();
            prop_assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
        }
    }

    #[test]
    fn wbxml_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut document = vec![0x02, 0xA4, 0x01, 0x6A, 0x00];
        document.extend(bytes);
        let _ = syncml::wbxml::decode(&document, &Limits::default());
    }
}
