//! Repair: what comes out is read strictly, and repairing it again changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::corpus;
use proptest::prelude::*;
use syncml::model::{Header, Location};
use syncml::repair::{Change, Remedy, RepairOptions, repair, repair_bytes, repair_commands};
use syncml::{
    Command, Data, DecodeOptions, DiagnosticCode as Code, Error, ErrorKind, Format, Limits,
    Message, decode, decode_with, encode,
};

fn header() -> Header<'static> {
    Header::new(1.into(), 1.into(), Location::new("urn:uuid:1"), Location::new("https://mdm"))
}

fn options() -> RepairOptions<'static> {
    RepairOptions::default().with_header(header())
}

/// What repair promises, whatever it was given.
fn keeps_its_promise(message: &Message<'_>) {
    let mut out = Vec::new();
    encode(message, &mut out).unwrap();
    let text = String::from_utf8_lossy(&out).into_owned();
    let strict = decode_with(&out, &DecodeOptions::default().strict()).expect(&text);
    assert_eq!(&strict, message, "{text}");
    let again = repair(strict.clone(), &RepairOptions::default()).expect(&text);
    assert_eq!(again.changes, [], "{text}");
    assert_eq!(again.message, strict, "{text}");
    // Byte for byte, too.
    let mut twice = Vec::new();
    encode(&again.message, &mut twice).unwrap();
    assert_eq!(out, twice);
}

fn mended(text: &str) -> (String, Vec<Change>) {
    let repaired = repair_bytes(text.as_bytes(), &options()).expect(text);
    keeps_its_promise(&repaired.message);
    let mut out = Vec::new();
    encode(&repaired.message, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    let body = out.split_once("<SyncBody>").unwrap().1;
    (body.strip_suffix("</SyncBody></SyncML>").unwrap().to_owned(), repaired.changes)
}

fn codes(changes: &[Change]) -> Vec<Option<Code>> {
    changes.iter().map(|change| change.code).collect()
}

/// The pasted commands of seeds 000 and 001: several pairs in one command, blanks, no order.
#[test]
fn pasted_commands_become_a_valid_message() {
    let (body, changes) = mended(
        "<SyncBody xmlns='SYNCML:SYNCML1.1'><Replace xmlns=''><CmdID>1</CmdID><Item>\
         <Target><LocURI>./A </LocURI></Target><Meta><Type>text/plain</Type><Format> INT</Format></Meta>\
         <Data>0</Data></Item><CmdID>1</CmdID><Item><Data>1</Data>\
         <Target><LocURI>/B\\C/</LocURI></Target></Item></Replace>\
         <Exec><Item><Target><LocURI>./D</LocURI></Target></Item>\
         <Item><Target><LocURI>./E</LocURI></Target></Item></Exec><Final/></SyncBody>",
    );
    assert_eq!(
        body,
        "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target><Meta>\
         <Format xmlns=\"syncml:metinf\">int</Format><Type xmlns=\"syncml:metinf\">text/plain</Type>\
         </Meta><Data>0</Data></Item></Replace>\
         <Replace><CmdID>2</CmdID><Item><Target><LocURI>./B/C</LocURI></Target><Data>1</Data></Item></Replace>\
         <Exec><CmdID>3</CmdID><Item><Target><LocURI>./D</LocURI></Target></Item></Exec>\
         <Exec><CmdID>4</CmdID><Item><Target><LocURI>./E</LocURI></Target></Item></Exec><Final/>"
    );
    let told = codes(&changes);
    for code in [
        Code::Fragment,
        Code::Namespace,
        Code::NoHeader,
        Code::SeveralCommands,
        Code::RepeatedCmdId,
        Code::NoCmdId,
        Code::BlankAddress,
        Code::BadAddress,
        Code::AfterData,
        Code::BadFormat,
        Code::BlankValue,
        Code::MetInfNamespace,
        Code::SeveralItems,
    ] {
        assert!(told.contains(&Some(code)), "{code} is not told: {told:?}");
    }
    let id = changes.iter().find(|change| change.code == Some(Code::RepeatedCmdId)).unwrap();
    assert_eq!((id.remedy, &*id.before, &*id.after), (Remedy::Changed, "1", "2"));
    assert!(id.position.is_some() && id.path.ends_with("Replace"), "{id}");
}

#[test]
fn values_are_escaped_and_kept() {
    // CDATA, markup without a namespace, and markup with one.
    let (body, changes) = mended(
        "<Add><CmdID>7</CmdID><Item><Target><LocURI>./A</LocURI></Target>\
         <Data><![CDATA[<on/>]]></Data></Item><Item><Target><LocURI>./B</LocURI></Target>\
         <Data><on a='1'/></Data></Item><Item><Target><LocURI>./C</LocURI></Target>\
         <Data><on xmlns='urn:x'/></Data></Item></Add>",
    );
    assert!(body.contains("./A</LocURI></Target><Data>&lt;on/&gt;</Data>"), "{body}");
    assert!(body.contains("./B</LocURI></Target><Data>&lt;on a='1'/&gt;</Data>"), "{body}");
    assert!(body.contains("./C</LocURI></Target><Data><on xmlns='urn:x'/></Data>"), "{body}");
    let expected = [Code::Fragment, Code::CData, Code::Markup, Code::NoHeader];
    assert_eq!(codes(&changes), expected.map(Some));
    assert!(!format!("{changes:?}").contains("on/"), "values stay out of Debug");
}

/// MicrosoftDocs/windows-itpro-docs #1746: a customer's MSI job, to which Windows said 200 and did nothing.
#[test]
fn itpro_docs_1746_what_was_escaped_twice_is_escaped_once() {
    let exec = |data: &str| {
        format!(
            "<Exec><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target><Meta>\
             <Format xmlns='syncml:metinf'>xml</Format></Meta><Data>{data}</Data></Item></Exec>"
        )
    };
    let twice = "&amp;lt;Job id=&quot;1&quot;&amp;gt;a &amp;amp;amp; b&amp;lt;/Job&amp;gt;";
    let (body, changes) = mended(&exec(twice));
    assert!(body.contains("<Data>&lt;Job id=\"1\"&gt;a &amp;amp; b&lt;/Job&gt;</Data>"), "{body}");
    assert_eq!(
        codes(&changes),
        [Some(Code::Fragment), Some(Code::DoublyEscaped), Some(Code::NoHeader)]
    );
    assert_eq!(changes[1].remedy, Remedy::Changed);
    // With elements in it as well, nobody knows what was meant; nor with a reference to nothing.
    assert_eq!(left(&exec("&amp;lt;a&amp;gt;&lt;b/>&amp;lt;/a&amp;gt;")), [Code::DoublyEscaped]);
    assert_eq!(left(&exec("&amp;lt;a&amp;gt;&amp;odd;&amp;lt;/a&amp;gt;")), [Code::DoublyEscaped]);
    // The command's format is its items', however it is spelled.
    let outer = |name: &str, item: &str| {
        format!(
            "<{name}><CmdID>1</CmdID><Meta><Format xmlns='syncml:metinf'>XML</Format></Meta><Item>\
             <Target><LocURI>./A</LocURI></Target>{item}<Data>&amp;lt;a/&amp;gt;</Data></Item></{name}>"
        )
    };
    let chr = "<Meta><Format xmlns='syncml:metinf'>chr</Format></Meta>";
    for (text, mends) in [
        (outer("Replace", ""), true),
        (outer("Replace", chr), false),
        // What a device reports is left as it is.
        (outer("Results", ""), false),
    ] {
        let (body, changes) = mended(&text);
        assert_eq!(codes(&changes).contains(&Some(Code::DoublyEscaped)), mends, "{text}");
        let data =
            if mends { "<Data>&lt;a/&gt;</Data>" } else { "<Data>&amp;lt;a/&amp;gt;</Data>" };
        assert!(body.contains(data), "{body}");
    }
}

#[test]
fn what_does_not_belong_is_left_out_and_told() {
    let (body, changes) = mended(
        "<Get a='1'><CmdID>1</CmdID><Lang>en</Lang><NoResp/><Cred><Data>x</Data></Cred><Odd>1</Odd>oops\
         <Meta><Own xmlns='urn:own'/><Odd/></Meta>\
         <Item u:b='1'><Target><LocURI>./A</LocURI></Target></Item></Get><x:Get xmlns:x='urn:x'/>",
    );
    assert_eq!(
        body,
        "<Get><CmdID>1</CmdID><Meta><Own xmlns='urn:own'/></Meta>\
         <Item><Target><LocURI>./A</LocURI></Target></Item></Get>"
    );
    let removed = changes.iter().filter(|change| change.remedy == Remedy::Removed).count();
    assert_eq!(removed, 9, "{changes:#?}");
    assert!(changes.iter().any(|change| change.before.contains("<Odd>1</Odd>")));
}

fn left(text: &str) -> Vec<Code> {
    let error: Error = repair_bytes(text.as_bytes(), &options()).expect_err(text);
    match error.kind() {
        ErrorKind::Unrepairable(left) => left.iter().map(|found| found.code).collect(),
        other => panic!("{text}: {other}"),
    }
}

#[test]
fn what_was_meant_is_never_guessed() {
    let item = "<Item><Target><LocURI>./A</LocURI></Target></Item>";
    for (text, code) in [
        ("<Get><CmdID>1</CmdID></Get>".to_owned(), Code::Missing),
        ("<Get><CmdID>1</CmdID><Item/></Get>".to_owned(), Code::Missing),
        ("<Alert><CmdID>1</CmdID><Data>soon</Data></Alert>".to_owned(), Code::BadCode),
        (
            format!("<Atomic><CmdID>1</CmdID><Get><CmdID>2</CmdID>{item}</Get></Atomic>"),
            Code::InAtomic,
        ),
        (format!("<Put><CmdID>1</CmdID>{item}</Put>"), Code::NotInDm),
        (
            "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A/../B</LocURI></Target></Item></Get>"
                .to_owned(),
            Code::BadAddress,
        ),
        (
            format!(
                "<Add><CmdID>1</CmdID><Meta><Format xmlns='syncml:metinf'>hex</Format></Meta>{item}</Add>"
            ),
            Code::BadFormat,
        ),
    ] {
        assert_eq!(left(&text), [code], "{text}");
    }
    // Without a header to fall back on, one that is missing is not made up.
    let error = repair_bytes(b"<SyncBody/>", &RepairOptions::default()).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unrepairable(left) if left[0].code == Code::NoHeader)
    );
}

#[test]
fn text_that_is_nearly_xml_is_mended_first() {
    let item = "<Item><Target><LocURI>./A</LocURI></Target>";
    let meta = "<Meta><Format xmlns=\u{2019}syncml:metinf\u{2019}>chr</Format></Meta>";
    let (body, changes) = mended(&format!(
        " <?xml version=\u{201c}1.0\u{201d}?><!\u{2014} a note \u{2014}>\
         <Add><CmdID>1</CmdID>{item}{meta}<Data>a & b &lt; c &#x41; < d</Data></Item>< /Add>"
    ));
    assert_eq!(
        body,
        format!(
            "<Add><CmdID>1</CmdID>{item}<Meta><Format xmlns=\"syncml:metinf\">chr</Format></Meta>\
             <Data>a &amp; b &lt; c A &lt; d</Data></Item></Add>"
        )
    );
    let xml = changes.iter().filter(|change| change.code.is_none());
    assert_eq!(xml.clone().count(), 6, "{changes:#?}");
    assert!(xml.clone().all(|change| change.position.is_some()));
    // A declaration in Data, the profile that blocked all others (Fleet #16316), and a bare value.
    let (body, _) = mended(&format!(
        "<Add><CmdID>1</CmdID>{item}<Data><?xml version='1.0'?><on a=1 b='x'/></Data></Item></Add>"
    ));
    assert!(body.contains("<Data>&lt;on a=\"1\" b='x'/&gt;</Data>"), "{body}");
    // What is not clear stays refused, with the place in the text that was given.
    let error = repair_bytes(b"<Add><CmdID>1</CmdID><Item></Add>", &options()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Xml(_)) && error.position().is_some());
    let limits = Limits::default().with_xml(mdm_xml::Limits::DEFAULT.with_bytes(10));
    let error = repair_bytes(b"<Add>&</Add><Add/>", &options().with_limits(limits)).unwrap_err();
    assert!(error.to_string().contains("10"), "{error}");
}

#[test]
fn commands_alone_are_repaired_for_messages_of_the_vendors_own() {
    let text = b"<SyncML><SyncBody><Delete><Item><Target><LocURI>./A</LocURI></Target></Item>\
        </Delete><Final/></SyncBody></SyncML>";
    let (commands, changes) = repair_commands(text, &Limits::default()).unwrap();
    assert_eq!(commands.len(), 1);
    assert_eq!(commands[0].cmd_id().unwrap().as_str(), "1");
    assert_eq!(codes(&changes), [Some(Code::Namespace), Some(Code::NoCmdId)]);
}

#[test]
fn every_file_of_the_corpus_is_repaired_or_refused_for_a_reason() {
    let Some(corpus) = corpus("syncml") else { return };
    let (mut repaired, mut refused, mut nearly) = (0, 0, 0);
    for file in corpus.files() {
        if matches!(file.extension(), "wbxml" | "bin") {
            continue;
        }
        let readable = decode(&file.bytes, &Limits::default());
        match repair_bytes(&file.bytes, &options()) {
            Ok(done) => {
                keeps_its_promise(&done.message);
                repaired += 1;
                match readable {
                    Ok(message) => {
                        assert_eq!(
                            message.diagnostics.is_empty(),
                            done.changes.is_empty(),
                            "{}",
                            file.name
                        );
                        // No command is lost; an Exec of several items is several.
                        let before = message.body.commands.iter();
                        let known =
                            before.filter(|one| !matches!(one, Command::Unknown(_))).count();
                        assert!(done.message.body.commands.len() >= known, "{}", file.name);
                    }
                    Err(_) => nearly += 1,
                }
            }
            Err(error) => {
                refused += 1;
                match error.kind() {
                    ErrorKind::Unrepairable(left) => {
                        for found in left {
                            let unclear = matches!(
                                found.code,
                                Code::Missing
                                    | Code::BadCode
                                    | Code::BadNumber
                                    | Code::BadFormat
                                    | Code::BadAddress
                                    | Code::InAtomic
                                    | Code::NotInDm
                            );
                            assert!(unclear, "{}: {found}", file.name);
                        }
                    }
                    // What is no XML or no SyncML.
                    _ => assert!(readable.is_err(), "{}: {error}", file.name),
                }
            }
        }
    }
    eprintln!("{repaired} repaired ({nearly} of them no XML before), {refused} refused");
    assert!(repaired > refused, "most can be repaired");
}

#[test]
fn messages_built_by_hand_are_repaired_too() {
    let mut message = Message::default();
    for _ in 0..3 {
        message.body.commands.push(Command::replace(" ./A\n", Format::Chr, Data::text("1")));
    }
    message.body.commands.push(Command::atomic(vec![Command::delete("./B")]));
    let done = repair(message, &options()).unwrap();
    keeps_its_promise(&done.message);
    let ids: Vec<&str> =
        done.message.body.commands.iter().map(|one| one.cmd_id().unwrap().as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    assert!(done.changes.iter().all(|change| change.position.is_none()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pieces_in_any_order_keep_the_promise(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "<CmdID>1</CmdID>", "<CmdID> 0 </CmdID>", "<CmdID/>", "<NoResp/>", "<Meta/>",
            "<Meta><Type> a</Type><Format>INT</Format><Odd/></Meta>", "<Odd a='1'>x</Odd>",
            "<Item><Target><LocURI>./A</LocURI></Target><Data><a/></Data><Meta/></Item>",
            "<Item><Data>1</Data><Data>2</Data><Target a='1'>./B\\C</Target></Item>",
            "<Item><Target><LocURI> /D//E/ </LocURI><LocURI>x</LocURI></Target><Type>t</Type></Item>",
            "text", "<Correlator u:a='1'>c</Correlator>", "<Cred><Data>x</Data></Cred>",
        ]), 0..8),
        name in prop::sample::select(vec!["Add", "Get", "Exec", "Replace", "Delete"]),
        frame in prop::sample::select(vec![
            ("", ""), ("<Sequence>", "</Sequence>"), ("<Atomic xmlns=''>", "<CmdID>1</CmdID></Atomic>"),
            ("<SyncBody>", "<Final/><Final/></SyncBody>"),
            ("<s:SyncML xmlns:s='SYNCML:SYNCML1.1' s:a='1' xmlns='x'><SyncBody>", "</SyncBody></s:SyncML>"),
        ]),
    ) {
        let text = format!("{}<{name}>{}</{name}><Status/>{}", frame.0, pieces.concat(), frame.1);
        let text = text.replace("<Status/>", "");
        if let Ok(done) = repair_bytes(text.as_bytes(), &options()) {
            keeps_its_promise(&done.message);
        }
    }

    #[test]
    fn nearly_xml_never_panics(text in "(<|</|>|/>|<!|\u{2014}|\u{201d}|\u{2019}|'|\"|=| |&|&amp;|Get|Item|a|<\\?xml|\\?>|<!--|-->|<!\\[CDATA\\[|\\]\\]>){0,30}") {
        if let Ok(done) = repair_bytes(text.as_bytes(), &options()) {
            keeps_its_promise(&done.message);
        }
    }
}
