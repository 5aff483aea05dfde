//! What peers send although no specification has it, and what the limits refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use syncml::repair::{RepairOptions, repair_bytes};
use syncml::{
    Command, Data, DecodeOptions, DiagnosticCode as Code, ErrorKind, Limits, Message, decode,
    decode_prefix, decode_with, encode, encode_own_bytes,
};

fn read(text: &str) -> (Message<'_>, Vec<Code>) {
    let message = decode(text.as_bytes(), &Limits::default()).expect(text);
    let codes = message.diagnostics.iter().map(|found| found.code).collect();
    (message, codes)
}

fn body(inner: &str) -> String {
    format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>a</LocURI></Target>\
         <Source><LocURI>b</LocURI></Source></SyncHdr><SyncBody>{inner}</SyncBody></SyncML>"
    )
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
    assert_eq!(codes, [Code::Namespace, Code::SeveralCommands, Code::BlankAddress]);
    assert_eq!(message.diagnostics[1].path, "SyncML/SyncBody/Replace/CmdID[2]");
}

/// Commands are read in their place in the message; one that is not whole does not stay there.
#[test]
fn a_message_that_is_cut_has_the_commands_before_the_cut_and_no_other() {
    let item = |name: &str| {
        format!("<Item><Source><LocURI>./{name}</LocURI></Source><Data>0</Data></Item>")
    };
    let text = body(&format!(
        "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>\
         <Data>200</Data></Status><Alert><CmdID>2</CmdID><Data>1201</Data></Alert>\
         <Replace><CmdID>3</CmdID>{}<CmdID>4</CmdID>{}</Replace>\
         <Atomic><CmdID>5</CmdID><Add><CmdID>6</CmdID>{}</Add></Atomic>\
         <Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>9</CmdRef>{}</Results>\
         <Map><CmdID>8</CmdID></Map><Other/><Search><CmdID>9</CmdID></Search>\
         <Get><CmdID>10</CmdID>{}</Get><Final/>",
        item("a"),
        item("b"),
        item("c"),
        item("d"),
        item("e")
    ));
    let (whole, _) = read(&text);
    assert_eq!(whole.body.commands.len(), 10);
    let mut counts = vec![0; 11];
    for end in 0..text.len() {
        let (message, error) = decode_prefix(&text.as_bytes()[..end], &Limits::default());
        assert!(error.is_some(), "{end}");
        let read = &message.body.commands;
        assert_eq!(read, &whole.body.commands[..read.len()], "cut at {end}");
        counts[read.len()] += 1;
    }
    assert!(
        counts.iter().all(|count| *count > 0),
        "each command is the last somewhere: {counts:?}"
    );
}

/// Found by fuzzing: those of all bodies were written into one tag, which nobody could read.
#[test]
fn of_several_bodies_the_first_has_its_attributes_kept() {
    let bodies =
        "<SyncBody a='1' b='2'><Final c='3'/></SyncBody><SyncBody/><SyncBody b='4' d='5'/>";
    for text in [format!("<SyncML xmlns='SYNCML:SYNCML1.2'>{bodies}</SyncML>"), bodies.to_owned()] {
        let (message, codes) = read(&text);
        let kept: Vec<_> =
            message.body_attributes.iter().map(|one| (&*one.name, &*one.value)).collect();
        assert_eq!(kept, [("a", "1"), ("b", "2"), ("c", "3")], "{text}");
        let unknown = codes.iter().filter(|code| **code == Code::UnknownAttribute).count();
        assert_eq!(unknown, 5, "each is noted: {text}");
        assert_eq!(codes.iter().filter(|code| **code == Code::Repeated).count(), 2, "{text}");
        let mut out = Vec::new();
        encode(&message, &mut out).unwrap();
        assert_eq!(decode(&out, &Limits::default()).unwrap(), message, "{text}");
    }
}

/// As messages are pasted from logs: XML allows nothing before its declaration.
#[test]
fn parts_of_an_undeclared_prefix_need_no_declaration_when_written() {
    let text = "<p:Get/><Get><Item><Data>a<b/></Data></Item></Get><Other/>";
    let (message, _) = read(text);
    let [Command::Get(_), Command::Get(get), Command::Unknown(other)] = &*message.body.commands
    else {
        panic!("{message:?}")
    };
    assert!(get.items[0].data_attributes.is_empty());
    assert_eq!(other.as_str(), "<Other/>");
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    let again = decode(&out, &Limits::default()).unwrap();
    assert_eq!(again.body, message.body);
}

#[test]
fn a_metinf_in_a_metinf_says_what_is_in_it() {
    let meta = "<MetInf xmlns='syncml:metinf'><MetInf><MetInf/><Mark>m</Mark></MetInf>\
                <Type>t</Type></MetInf><Size xmlns='syncml:metinf'>1</Size>";
    let text = body(&format!("<Get><CmdID>1</CmdID><Meta>{meta}</Meta></Get>"));
    let (message, codes) = read(&text);
    let Some(Command::Get(get)) = message.body.commands.first() else { panic!("{message:?}") };
    let meta = get.meta.as_deref().unwrap();
    let known = (meta.mark.as_deref(), meta.typ.as_deref(), meta.size.as_deref());
    assert_eq!(known, (Some("m"), Some("t"), Some("1")));
    assert!(meta.extra.is_empty());
    assert_eq!(codes.iter().filter(|code| **code == Code::Repeated).count(), 2);
    // Nothing is left that would be read as another wrapper.
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
}

#[test]
fn a_message_is_found_behind_blanks_and_in_other_text() {
    let plain = body("<Final/>");
    let declared = format!("<?xml version=\"1.0\"?>{plain}");
    let (expected, codes) = read(&declared);
    assert_eq!(codes, []);
    for text in [
        format!("\n{declared}"),
        format!(" \r\n\t{declared}\n"),
        format!("received: {plain}"),
        format!("\n{declared} and so on"),
    ] {
        let (message, codes) = read(&text);
        assert!(codes.iter().all(|code| *code == Code::StrayText), "{text}: {codes:?}");
        assert!(!codes.is_empty(), "{text}");
        assert_eq!(message.header, expected.header, "{text}");
        assert_eq!(message.body, expected.body, "{text}");
        let strict = decode_with(text.as_bytes(), &DecodeOptions::default().strict());
        assert!(matches!(strict.unwrap_err().kind(), ErrorKind::Strict(_)), "{text}");
        let peeked = syncml::session::peek(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(peeked.msg_id, "1");
        let repaired = repair_bytes(text.as_bytes(), &RepairOptions::default()).unwrap();
        assert_eq!(repaired.message.body, expected.body, "{text}");
        assert!(!repaired.changes.is_empty(), "{text}");
    }
    let text = format!("\n  {declared}");
    let found = &read(&text).0.diagnostics[0];
    assert_eq!((found.position.line, found.position.column), (2, 3), "{found}");
    // Blanks alone are no harm where nothing is declared.
    assert_eq!(read(&format!("\n{plain}\n")).1, []);
    // What stands behind the message is not the message's, whatever it is.
    let command = "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Get>";
    let part = format!("<SyncBody>{command}<Final/></SyncBody>");
    let headless = "<SyncML xmlns=\"SYNCML:SYNCML1.2\" xmlns:p=\"u\"><SyncBody/></SyncML>";
    for behind in [plain.as_str(), command, &part, "<SyncHdr/>", "<Final/>", "<Other/>", "<p:x/>"] {
        for message in [&declared, &format!("<?xml version='1.0'?>{headless}")] {
            let alone = format!("\n{message}");
            let (alone, text) = (read(&alone).0, format!("\n{message}{behind}"));
            let (found, codes) = read(&text);
            assert_eq!((&found.header, &found.body), (&alone.header, &alone.body), "{text}");
            assert_eq!(codes.last(), Some(&Code::UnknownElement), "{text}");
            let mut out = Vec::new();
            encode(&found, &mut out).unwrap();
            assert_eq!(decode(&out, &Limits::default()).unwrap(), found, "{text}");
        }
    }
    // Blanks that are written as references are blanks all the same.
    let text = format!("&#32;{plain}");
    let (message, codes) = read(&text);
    assert_eq!((message.body, codes), (expected.body, vec![Code::StrayText]));
    assert_eq!(message.diagnostics[0].detail, "before the message");
}

/// Format xml for an item.
const XML: &str = "<Meta><Format xmlns='syncml:metinf'>xml</Format></Meta>";
/// A source for an item.
const S: &str = "<Source><LocURI>./A</LocURI></Source>";
/// A target for an item.
const T: &str = "<Target><LocURI>./A</LocURI></Target>";

/// Each code, with a body that has this deviation and no other.
fn examples() -> Vec<(Code, String)> {
    let get = |id: &str| format!("<Get><CmdID>{id}</CmdID><Item>{T}</Item></Get>");
    let add = |inner: &str| format!("<Add><CmdID>1</CmdID><Item>{T}{inner}</Item></Add>");
    let meta = |inner: &str| add(&format!("<Meta>{inner}</Meta>"));
    let status = |inner: &str| {
        format!(
            "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef><Cmd>Get</Cmd>{inner}</Status>"
        )
    };
    vec![
        (Code::NoCmdId, format!("<Get><Item>{T}</Item></Get>")),
        (Code::BadCmdId, get("0")),
        (Code::BadCmdId, get("")),
        (Code::RepeatedCmdId, get("1") + &get("2") + &get("1")),
        (Code::Missing, "<Get><CmdID>1</CmdID></Get>".to_owned()),
        (Code::Missing, "<Get><CmdID>1</CmdID><Item/></Get>".to_owned()),
        (Code::Missing, format!("<Copy><CmdID>1</CmdID><Item>{T}</Item></Copy>")),
        (Code::Missing, "<Atomic><CmdID>1</CmdID></Atomic>".to_owned()),
        (Code::Missing, "<Alert><CmdID>1</CmdID></Alert>".to_owned()),
        (Code::Missing, status("")),
        // Windows answers so to a command without a CmdID.
        (
            Code::Missing,
            status("<Data>400</Data>").replace("<CmdRef>1</CmdRef>", "<CmdRef></CmdRef>"),
        ),
        (Code::Missing, status("<Data>200</Data>").replace("<MsgRef>1</MsgRef>", "<MsgRef/>")),
        (
            Code::Missing,
            format!("<Results><CmdID>1</CmdID><CmdRef/><Item>{T}<Data>1</Data></Item></Results>"),
        ),
        (Code::BadCode, "<Alert><CmdID>1</CmdID><Data>x</Data></Alert>".to_owned()),
        (Code::BadCode, status("<Data>OK</Data>")),
        (Code::RefElement, status("<TargetRef><LocURI>./A</LocURI></TargetRef><Data>200</Data>")),
        (Code::CData, add("<Data><![CDATA[x]]></Data>")),
        (Code::CData, add("<Data>a<![CDATA[x]]></Data>")),
        (
            Code::DoublyEscaped,
            add(&format!("{XML}<Data> &amp;lt;a b='1'&amp;gt;&amp;lt;/a&amp;gt;\n</Data>")),
        ),
        (
            Code::DoublyEscaped,
            format!(
                "<Exec><CmdID>1</CmdID>{XML}<Item>{T}<Data>&amp;lt;a/&amp;gt;</Data></Item></Exec>"
            ),
        ),
        (Code::Markup, add("<Data><x/></Data>")),
        (Code::Markup, add("<Data><!-- x --><x a='>'/></Data>")),
        (Code::AfterData, format!("<Add><CmdID>1</CmdID><Item><Data/>{T}</Item></Add>")),
        (Code::OutsideMeta, add("<Type xmlns='syncml:metinf'>a</Type>")),
        (Code::OutsideMeta, add("<Format>chr</Format>")),
        (Code::MetInfNamespace, meta("<Type>a</Type>")),
        (Code::BadFormat, meta("<Format xmlns='syncml:metinf'>integer</Format>")),
        (Code::BadNumber, meta("<Size xmlns='syncml:metinf'>many</Size>")),
        (Code::BlankValue, meta("<Type xmlns='syncml:metinf'> a</Type>")),
        (Code::Repeated, meta("<Mark xmlns='syncml:metinf'>a</Mark><Mark xmlns='syncml:metinf'/>")),
        (Code::Repeated, add("<Data>1</Data><Data>2</Data>")),
        // Found by fuzzing: written after the items, it began another command.
        (Code::Repeated, format!("<Add><CmdID>1</CmdID><CmdID>2</CmdID><Item>{T}</Item></Add>")),
        (
            Code::BareAddress,
            "<Add><CmdID>1</CmdID><Item><Target>./A</Target></Item></Add>".to_owned(),
        ),
        (
            Code::BlankAddress,
            "<Get><CmdID>1</CmdID><Item><Target><LocURI> ./A</LocURI></Target></Item></Get>"
                .to_owned(),
        ),
        (
            Code::BadAddress,
            "<Get><CmdID>1</CmdID><Item><Target><LocURI>/A</LocURI></Target></Item></Get>"
                .to_owned(),
        ),
        (
            Code::SeveralCommands,
            format!("<Get><CmdID>1</CmdID><Item>{T}</Item><CmdID>2</CmdID><Item>{T}</Item></Get>"),
        ),
        (
            Code::SeveralItems,
            format!("<Exec><CmdID>1</CmdID><Item>{T}</Item><Item>{T}</Item></Exec>"),
        ),
        (Code::Order, format!("<Get><Item>{T}</Item><CmdID>1</CmdID></Get>")),
        (Code::Order, format!("<Sequence>{}<CmdID>2</CmdID></Sequence>", get("1"))),
        (Code::Order, add("<Meta/><Source><LocURI>./B</LocURI></Source>")),
        (Code::InAtomic, format!("<Atomic><CmdID>2</CmdID>{}</Atomic>", get("1"))),
        (
            Code::InAtomic,
            format!(
                "<Atomic><CmdID>3</CmdID><Sequence><CmdID>2</CmdID>{}</Sequence></Atomic>",
                get("1")
            ),
        ),
        (
            Code::NotInDm,
            "<Put><CmdID>1</CmdID><Item><Source><LocURI>./A</LocURI></Source></Item></Put>"
                .to_owned(),
        ),
        (Code::NotInDm, "<Sync><CmdID>1</CmdID></Sync>".to_owned()),
        (Code::NotInDm, format!("<Get><CmdID>1</CmdID><Lang>en</Lang><Item>{T}</Item></Get>")),
        (Code::NotInDm, format!("<Get><CmdID>1</CmdID><NoResp/><Item>{T}</Item></Get>")),
        (Code::AfterFinal, format!("<Final/>{}", get("1"))),
        (Code::StrayText, format!("<Add><CmdID>1</CmdID><Item>{T}</Item>oops</Add>")),
        (Code::UnknownElement, format!("<Add><CmdID>1</CmdID><Other/><Item>{T}</Item></Add>")),
        (Code::UnknownElement, "<x:Add xmlns:x='urn:x'/>".to_owned()),
        (Code::UnknownAttribute, format!("<Add><CmdID a='1'>1</CmdID><Item>{T}</Item></Add>")),
        (Code::UnknownAttribute, add("<Data a='1'>x</Data>")),
        (Code::UndeclaredPrefix, add("<Data u:a='1'>x</Data>")),
        (Code::UndeclaredPrefix, format!("<u:Get><CmdID>1</CmdID><Item>{T}</Item></u:Get>")),
        (Code::Namespace, format!("<Get xmlns=''><CmdID>1</CmdID><Item>{T}</Item></Get>")),
        (
            Code::Namespace,
            format!("<Get xmlns='SYNCML:SYNCML1.1'><CmdID>1</CmdID><Item>{T}</Item></Get>"),
        ),
    ]
}

/// Whole documents, for the codes of the frame.
fn documents() -> Vec<(Code, String)> {
    let whole = body("");
    let header = whole
        .split_once("<SyncHdr>")
        .and_then(|(_, rest)| rest.split_once("</SyncHdr>"))
        .map(|(header, _)| format!("<SyncHdr>{header}</SyncHdr>"))
        .unwrap();
    let with = |from: &str, to: &str| whole.replacen(from, to, 1);
    vec![
        (Code::NoHeader, whole.replace(&header, "")),
        (Code::Fragment, format!("<Get><CmdID>1</CmdID><Item>{T}</Item></Get>")),
        (Code::Fragment, "<SyncBody><Final/></SyncBody>".to_owned()),
        (Code::Namespace, with("SYNCML1.2", "SYNCML1.1")),
        (Code::Namespace, with(" xmlns=\"SYNCML:SYNCML1.2\"", "")),
        (Code::Namespace, with("SYNCML:SYNCML1.2", " syncml:syncml1.2 ")),
        (Code::Version, with("<VerDTD>1.2", "<VerDTD>1.1")),
        (Code::Version, with("DM/1.2", "SyncML/1.2")),
        (Code::Missing, with("<SessionID>1</SessionID>", "")),
        (Code::Missing, with("<LocURI>a</LocURI>", "")),
        (Code::Missing, with("<SyncBody></SyncBody>", "")),
        (
            Code::Order,
            with(
                "<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>",
                "<VerProto>DM/1.2</VerProto><VerDTD>1.2</VerDTD>",
            ),
        ),
        (Code::Repeated, with("<MsgID>1</MsgID>", "<MsgID>1</MsgID><MsgID>2</MsgID>")),
        (Code::EncodingDeclaration, format!("<?xml version='1.0' encoding='utf-16'?>{whole}")),
    ]
}

#[test]
fn each_deviation_is_noted_alone_and_refused_strictly() {
    assert_eq!(read(&body("")).1, []);
    let bodies = examples().into_iter().map(|(code, inner)| (code, body(&inner)));
    let all: Vec<(Code, String)> = bodies.chain(documents()).collect();
    for (code, text) in &all {
        let (message, found) = read(text);
        assert!(!found.is_empty() && found.iter().all(|one| one == code), "{text}: {found:?}");
        for found in &message.diagnostics {
            // The span is a piece of the text, and the rule is named.
            assert!(text.get(found.position.offset..found.end).is_some(), "{text}");
            assert!(!found.reference().is_empty() && found.code.to_string().starts_with("syncml-"));
        }
        let error = decode_with(text.as_bytes(), &DecodeOptions::default().strict()).unwrap_err();
        let ErrorKind::Strict(refused) = error.kind() else { panic!("{text}: {error}") };
        assert_eq!(refused.to_vec(), message.diagnostics, "{text}");
        assert_eq!(error.position(), Some(message.diagnostics[0].position));
        assert_eq!(error.path(), Some(&*message.diagnostics[0].path));
        // With findings that nobody keeps it is refused all the same.
        let none = DecodeOptions::default().with_limits(Limits::default().with_diagnostics(0));
        assert!(decode_with(text.as_bytes(), &none).unwrap().diagnostics.is_empty());
        assert!(decode_with(text.as_bytes(), &none.strict()).is_err());
        // Nothing is lost.
        let mut out = Vec::new();
        encode(&message, &mut out).unwrap();
        assert_eq!(decode(&out, &Limits::default()).unwrap(), message, "{text}");
    }
    // `Bytes` is of WBXML alone (`wbxml_bytes.rs`).
    for code in Code::ALL.iter().filter(|code| **code != Code::Bytes) {
        assert!(all.iter().any(|(shown, _)| shown == code), "{code} has no example");
    }
}

#[test]
fn what_the_specifications_allow_is_no_deviation() {
    let item = format!(
        "<Item>{T}<Meta><x:Own xmlns:x='urn:x'/></Meta>\
        <Data><MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD></MgmtTree></Data></Item>"
    );
    for inner in [
        format!("<Replace><CmdID>1</CmdID>{item}</Replace>"),
        // The order of MS-MDM 2.2.6.1, and that of OMA.
        "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>\
         <Data>200</Data><SourceRef>a</SourceRef><TargetRef>b</TargetRef></Status>"
            .to_owned(),
        "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>\
         <TargetRef>b</TargetRef><SourceRef>a</SourceRef><Data>200</Data></Status>"
            .to_owned(),
        // As Windows writes it: without MsgRef, Cmd and Meta.
        "<Results><CmdID>1</CmdID><CmdRef>4</CmdRef><Item><Source><LocURI>./A</LocURI></Source>\
         <Data>x</Data></Item></Results>"
            .to_owned(),
        format!("<Exec><CmdID>4d6c-uuid</CmdID><Correlator>c</Correlator><Item>{T}</Item></Exec>"),
        format!("<Add><CmdID>1</CmdID><Item>{T}<Data m:originalerror='0x1'>x</Data></Item></Add>"),
        // A part of a value of format xml, and a value that is text with markup in it.
        format!(
            "<Add><CmdID>1</CmdID><Item>{T}{XML}<Data>&amp;lt;a&amp;gt;</Data><MoreData/></Item></Add>"
        ),
        format!("<Add><CmdID>1</CmdID><Item>{T}{XML}<Data>&amp;lt;a&lt;/b></Data></Item></Add>"),
        format!("<Add><CmdID>1</CmdID><Item>{T}<Data>&amp;lt;p&amp;gt;</Data></Item></Add>"),
        // An item's own format overrides the command's, and a device says what it has.
        format!(
            "<Add><CmdID>1</CmdID>{XML}<Item>{T}<Meta><Format xmlns='syncml:metinf'>chr</Format></Meta>\
             <Data>&amp;lt;p&amp;gt;</Data></Item></Add>"
        ),
        format!(
            "<Results><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef>{XML}<Item>{S}{XML}\
             <Data>&amp;lt;p&amp;gt;</Data></Item></Results>"
        ),
        format!(
            "<Alert><CmdID>1</CmdID><Data>1226</Data><Item>{XML}<Data>&amp;lt;p&amp;gt;</Data></Item>\
             </Alert><Get><CmdID>2</CmdID><Item>{T}</Item></Get>"
        ),
    ] {
        let text = body(&inner).replacen("<SyncML", "<SyncML xmlns:m='urn:m'", 1);
        assert_eq!(read(&text).1, [], "{inner}");
    }
}

#[test]
fn attributes_and_unknown_elements_survive_wherever_they_stand() {
    let text = "<SyncML xmlns=\"SYNCML:SYNCML1.2\" xmlns:r=\"urn:r\" a=\"0\">\
        <SyncHdr a=\"1\"><VerDTD a=\"2\">1.2</VerDTD><VerProto r:a=\"3\">DM/1.2</VerProto>\
        <SessionID a=\"4\">1</SessionID><MsgID a=\"5\">1</MsgID>\
        <Target a=\"6\"><LocURI a=\"7\">a</LocURI><LocName a=\"8\">n</LocName><Odd1/></Target>\
        <Source><LocURI>b</LocURI></Source><Cred a=\"9\"><Meta a=\"10\"/><Data a=\"11\">x</Data><Odd2/></Cred>\
        <Odd3/></SyncHdr><SyncBody a=\"12\"><Status a=\"13\"><CmdID>1</CmdID><MsgRef a=\"14\">1</MsgRef>\
        <CmdRef>1</CmdRef><Cmd>Get</Cmd><TargetRef>x</TargetRef><TargetRef a=\"15\">y</TargetRef>\
        <Chal a=\"16\"><Meta><NextNonce xmlns=\"syncml:metinf\" a=\"17\">AQ==</NextNonce></Meta><Odd4/></Chal>\
        <Data s:a=\"18\" xmlns:s=\"urn:s\">401</Data><Odd5 s=\">\"/></Status>\
        <Atomic a=\"19\"><CmdID a=\"20\">2</CmdID><Meta><EMI xmlns=\"syncml:metinf\">e</EMI>\
        <EMI xmlns=\"syncml:metinf\" a=\"21\">f</EMI><Mem xmlns=\"syncml:metinf\" a=\"22\"><SharedMem/>\
        <FreeMem a=\"23\">9</FreeMem><FreeID>8</FreeID><Odd6/></Mem><Anchor xmlns=\"syncml:metinf\">\
        <Last>1</Last><Next a=\"24\">2</Next><Odd7/></Anchor><Odd8/></Meta>\
        <Add><CmdID>3</CmdID><Correlator a=\"25\">c</Correlator><Item a=\"26\"><Target><LocURI>./A</LocURI></Target>\
        <Data xmlns:t=\"urn:t\"><t:v>1</t:v></Data><MoreData a=\"27\"/><Odd9/></Item></Add><Odd10/></Atomic>\
        <Map a=\"28\"><CmdID>4</CmdID><MapItem a=\"29\"><Target><LocURI>1</LocURI></Target>\
        <Source><LocURI>2</LocURI></Source><Odd11/></MapItem></Map>\
        <Search><CmdID>5</CmdID><NoResults/><Source><LocURI>2</LocURI></Source><Lang>en</Lang>\
        <Meta/><Data a=\"30\">q</Data></Search>\
        <Sync><CmdID>6</CmdID><Target><LocURI>1</LocURI></Target><NumberOfChanges a=\"31\">1</NumberOfChanges>\
        <Move><CmdID>7</CmdID><Item/></Move></Sync><Odd12/><Final a=\"32\"/></SyncBody></SyncML>";
    let (message, _) = read(text);
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
    let out = String::from_utf8(out).unwrap();
    for number in 0..=32 {
        assert!(out.contains(&format!("a=\"{number}\"")), "attribute {number} is lost: {out}");
    }
    for number in 1..=12 {
        assert!(out.contains(&format!("<Odd{number}")), "element {number} is lost: {out}");
    }
    assert!(out.contains("<Data xmlns:t=\"urn:t\"><t:v>1</t:v></Data>"), "{out}");
    assert_eq!(message.clone().into_owned(), message);
    let json = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<Message<'_>>(&json).unwrap(), message);
}

#[test]
fn a_foreign_target_in_a_mapitem_is_kept_apart() {
    let text = body(
        "<Map><CmdID>1</CmdID><Target><LocURI>a</LocURI></Target><Source><LocURI>b</LocURI></Source>\
         <MapItem><x:Target xmlns:x='urn:x'><LocURI>./foreign</LocURI></x:Target>\
         <Target><LocURI>./real</LocURI></Target><Source><LocURI>c</LocURI></Source></MapItem></Map>",
    );
    let (message, codes) = read(&text);
    let Command::Map(map) = &message.body.commands[0] else { panic!("{message:?}") };
    assert_eq!(map.items[0].target.as_ref().unwrap().loc_uri, "./real");
    assert_eq!(map.items[0].extra.len(), 1);
    assert!(codes.contains(&Code::UnknownElement) && !codes.contains(&Code::Repeated), "{codes:?}");
}

/// Found by fuzzing: each time that it was written, one of them was lost.
#[test]
fn an_empty_meta_stays_where_another_follows() {
    let metas = "<Meta/>".repeat(4);
    let cred = format!("<Cred>{metas}<Data>x</Data></Cred>");
    let text = body(&format!("<Replace><CmdID>1</CmdID>{cred}<Item>{T}</Item></Replace>"));
    let (first, _) = read(&text);
    let mut out = Vec::new();
    encode(&first, &mut out).unwrap();
    let again = decode(&out, &Limits::default()).unwrap();
    assert_eq!(again.body, first.body);
    assert_eq!(String::from_utf8_lossy(&out).matches("<Meta").count(), 4);
}

/// Found by fuzzing: written in the order of the DTD and read again, it was not the same message.
#[test]
fn attributes_of_children_in_another_order_are_the_same_attributes() {
    let of = |meta: &str| {
        let text = format!("<Add><CmdID>1</CmdID><Meta>{meta}</Meta><Item/></Add>");
        read(&body(&text)).0.into_owned()
    };
    let message = of("<EMI a='1'/><EMI/><Mark b='2' a='3'/><EMI a='4'/>");
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
    // What belongs to another child, or is written otherwise, is something else.
    for other in [
        "<EMI a='1'/><EMI a='4'/><Mark b='2' a='3'/><EMI/>",
        "<EMI a='1'/><EMI/><Mark b='2' a='3'/><EMI a='5'/>",
        "<EMI a='1'/><EMI/><Mark b='2'/><EMI a='4'/>",
        "<EMI a='1'/><EMI/><Mark a='3' b='2'/><EMI a='4'/>",
    ] {
        assert_ne!(of(other), message, "{other}");
    }
}

#[test]
fn untouched_commands_are_written_with_their_own_bytes() {
    let text = "<s:SyncML xmlns:s='SYNCML:SYNCML1.2' xmlns:m=\"urn:m\"><s:SyncBody>\
        <s:Get ><s:CmdID>1</s:CmdID> <s:Item/></s:Get>\
        <s:Atomic><s:Add><s:CmdID>3</s:CmdID><s:Item><s:Data m:x='1'><![CDATA[v]]></s:Data></s:Item></s:Add>\
        <s:Delete><s:CmdID>4</s:CmdID><s:Item ></s:Item></s:Delete><s:CmdID>2</s:CmdID></s:Atomic>\
        </s:SyncBody></s:SyncML>";
    let options = DecodeOptions::default().with_own_bytes(true);
    let mut message = decode_with(text.as_bytes(), &options).unwrap();
    let written = |message: &Message<'_>| {
        let mut out = Vec::new();
        encode_own_bytes(message, &mut out).unwrap();
        assert_eq!(&decode(&out, &Limits::default()).unwrap(), message);
        String::from_utf8(out).unwrap()
    };
    let same = written(&message);
    let declared =
        "<s:Get xmlns=\"\" xmlns:s=\"SYNCML:SYNCML1.2\" ><s:CmdID>1</s:CmdID> <s:Item/></s:Get>";
    assert!(same.contains(declared), "{same}");
    assert!(same.contains("<![CDATA[v]]>") && same.contains("<s:Item ></s:Item>"), "{same}");
    // A child that was touched is written anew with its group; its siblings are not.
    let children = message.body.commands[1].children_mut().unwrap();
    children[0].set_cmd_id(9.into());
    let touched = written(&message);
    assert!(touched.contains("<Atomic><CmdID>2</CmdID><Add><CmdID>9</CmdID>"), "{touched}");
    assert!(touched.contains("<s:Item ></s:Item>") && !touched.contains("CDATA"), "{touched}");
    // Reordered, added and removed commands are no obstacle; nor is owning the message.
    message.body.commands.reverse();
    message.body.commands.push(Command::get("./B"));
    let moved = written(&message.into_owned());
    assert!(
        moved.contains(declared)
            && moved.ends_with("./B</LocURI></Target></Item></Get></SyncBody></SyncML>")
    );
    // In a message with the usual declaration the bytes are the very same.
    let plain = body("<Get  ><CmdID>1</CmdID><!-- x --><Item></Item></Get>");
    let message = decode_with(plain.as_bytes(), &options).unwrap();
    assert!(written(&message).contains("<Get  ><CmdID>1</CmdID><!-- x --><Item></Item></Get>"));
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
            request.meta = typ.map(|typ| Box::new(syncml::Meta::default().with_type(typ)));
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
