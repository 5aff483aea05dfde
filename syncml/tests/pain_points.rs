//! What went wrong elsewhere with messages, by the number of its report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::corpus;
use syncml::compare::{Value, compare, verify};
use syncml::model::{Header, Location};
use syncml::repair::{RepairOptions, repair_bytes, repair_commands};
use syncml::reserved::{Reach, ReservedPaths};
use syncml::{
    Command, Data, DiagnosticCode as Code, ErrorKind, Format, Limits, decode, decode_prefix,
    encode, wbxml,
};

fn limits() -> Limits {
    Limits::default()
}

fn profile(data: &str) -> String {
    format!(
        "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./Vendor/MSFT/A</LocURI></Target>\
         <Meta><Format xmlns=\"syncml:metinf\">chr</Format></Meta><Data>{data}</Data></Item></Replace>"
    )
}

#[test]
fn fleet_16316_an_xml_declaration_in_data_is_found_when_it_is_uploaded() {
    let broken = profile("<?xml version=\"1.0\"?><on/>");
    let error = decode(broken.as_bytes(), &limits()).unwrap_err();
    let position = error.position().unwrap();
    assert!(broken.get(position.offset..).unwrap().starts_with("<?xml"), "{error}");
    assert_eq!(error.path(), Some("Replace/Item/Data"));
    // It can be mended, and what is sent is escaped.
    let (commands, changes) = repair_commands(broken.as_bytes(), &limits()).unwrap();
    assert_eq!(commands[0].items()[0].data, Some(Data::text("<on/>")));
    assert!(changes.iter().any(|change| change.before.starts_with("<?xml")));
    // A value that carries one is escaped whenever we write it.
    let mut out = Vec::new();
    let mut message = syncml::Message::default();
    let value = "<?xml version=\"1.0\"?><on/>";
    message.body.commands.push(Command::replace("./A", Format::Chr, Data::text(value)));
    encode(&message, &mut out).unwrap();
    let again = decode(&out, &limits()).unwrap();
    assert_eq!(again.body.commands[0].items()[0].data, Some(Data::text(value)));
}

#[test]
fn fleet_33350_28499_29769_a_profile_with_cdata_is_verified() {
    let sent = profile("<![CDATA[<enabled/><data id=\"A\" value=\"1\"/>]]>");
    let sent = decode(sent.as_bytes(), &limits()).unwrap();
    // What devices give back: escaped, as markup, with other blanks and letter case.
    for returned in [
        "&lt;enabled/&gt;&lt;data id=\"A\" value=\"1\"/&gt;",
        "<enabled/><data id=\"A\" value=\"1\"/>",
        "\r\n<Enabled />\r\n<data value='1' id='A'></data>",
    ] {
        let answer = format!(
            "<Results><CmdID>2</CmdID><CmdRef>1</CmdRef><Item><Source>\
             <LocURI>./Vendor/MSFT/A</LocURI></Source><Data>{returned}</Data></Item></Results>"
        );
        let answer = decode(answer.as_bytes(), &limits()).unwrap();
        let checked = verify(&sent.body.commands, &answer.body.commands);
        assert!(checked[0].is_as_desired(), "{returned}: {checked:?}");
    }
}

#[test]
fn fleet_39231_31921_each_difference_has_its_reason() {
    let desired = Value::new(Format::Chr, Data::text("<a><b>1</b></a>"));
    let found = compare(&desired, &Value::text("<a><b>2</b></a>"));
    assert_eq!(found.to_string(), "different: another text in a/b");
    let found = compare(&desired, &Value::text("<a> <b>1</b> </a>"));
    assert_eq!(found.to_string(), "equivalent: the same XML, written in another way");
}

#[test]
fn fleet_43802_plain_text_is_no_profile() {
    for text in ["", "just text", "<html/>", "{\"a\":1}", "<mobileconfig/>"] {
        let error = decode(text.as_bytes(), &limits()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Xml(_) | ErrorKind::NotSyncml(_)), "{error}");
        assert!(repair_commands(text.as_bytes(), &limits()).is_err());
    }
}

#[test]
fn fleet_49715_comments_and_cdata_do_not_hide_a_reserved_node() {
    let reserved = ReservedPaths::new(["./Vendor/MSFT/BitLocker"]).unwrap();
    for uri in [
        "./Vendor/MSFT/<!-- -->BitLocker/X",
        "./Vendor/MSFT/<![CDATA[BitLocker]]>/X",
        "./Device/Vendor/MSFT/%42itLocker",
    ] {
        let text = format!(
            "<Get><CmdID>1</CmdID><Item><Target><LocURI>{uri}</LocURI></Target></Item></Get>"
        );
        let uses = reserved.check_bytes(text.as_bytes(), &limits()).unwrap();
        assert_eq!(uses[0].reach, Reach::Within, "{uri}");
    }
}

#[test]
fn fleet_15277_a_missing_cmdid_is_found_and_given() {
    let text = "<Add><Item><Target><LocURI>./A</LocURI></Target></Item></Add>\
        <Add><CmdID>1</CmdID><Item><Target><LocURI>./B</LocURI></Target></Item></Add>";
    let message = decode(text.as_bytes(), &limits()).unwrap();
    assert!(message.diagnostics.iter().any(|found| found.code == Code::NoCmdId));
    let (commands, _) = repair_commands(text.as_bytes(), &limits()).unwrap();
    let ids: Vec<&str> = commands.iter().map(|one| one.cmd_id().unwrap().as_str()).collect();
    assert_eq!(ids, ["2", "1"], "no other command loses its own");
}

#[test]
fn itpro_docs_6805_backslashes_are_found_and_mended() {
    let text = "<Get><CmdID>1</CmdID><Item><Target><LocURI>.\\Vendor\\MSFT\\A</LocURI></Target></Item></Get>";
    let message = decode(text.as_bytes(), &limits()).unwrap();
    assert!(message.diagnostics.iter().any(|found| found.code == Code::BadAddress));
    let (commands, _) = repair_commands(text.as_bytes(), &limits()).unwrap();
    assert_eq!(commands[0].items()[0].loc_uri(), Some("./Vendor/MSFT/A"));
}

#[test]
fn microsoft_samples_with_curly_quotes_wrong_namespaces_and_repeated_ids_are_mended() {
    let get = "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target>\
        <Meta><Type xmlns=\u{201d}syncml:metinfo\u{201d}>text/plain</Type></Meta></Item></Get>";
    let (commands, changes) = repair_commands(get.repeat(2).as_bytes(), &limits()).unwrap();
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[1].cmd_id().unwrap().as_str(), "2");
    assert_eq!(commands[0].items()[0].meta.as_ref().unwrap().typ.as_deref(), Some("text/plain"));
    for code in [None, Some(Code::MetInfNamespace), Some(Code::RepeatedCmdId)] {
        assert!(changes.iter().any(|change| change.code == code), "{code:?}");
    }
}

#[test]
fn syncmlviewer_1_a_message_that_is_cut_is_read_up_to_there() {
    let admx = "x".repeat(64 * 1024);
    let whole =
        format!("<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody>{}{}", profile("1"), profile(&admx));
    let cut = whole.get(..64 * 1024).unwrap();
    assert!(decode(cut.as_bytes(), &limits()).is_err());
    let (message, error) = decode_prefix(cut.as_bytes(), &limits());
    assert_eq!(message.body.commands.len(), 1);
    assert_eq!(message.body.commands[0].items()[0].data, Some(Data::text("1")));
    assert!(error.unwrap().position().is_some());
    // What is whole is the same, without an error.
    let whole = format!("{whole}</SyncBody></SyncML>");
    let (message, error) = decode_prefix(whole.as_bytes(), &limits());
    assert_eq!((message, error), (decode(whole.as_bytes(), &limits()).unwrap(), None));
}

#[test]
fn libwbxml_41_unknown_tokens_and_pages_are_refused_with_their_place() {
    // A token that no page has, and a page that there is not: NULL in libwbxml before 0.11.9.
    for body in
        [&b"\x02\xA4\x01\x6A\x00\x6D\x7F\x01\x01"[..], b"\x02\xA4\x01\x6A\x00\x00\x63\x45\x01"]
    {
        let error = wbxml::decode(body, &limits()).unwrap_err();
        assert!(error.to_string().contains("at byte"), "{error}");
    }
    // The files that crashed it, where the corpus has them.
    let Some(corpus) = corpus("syncml") else { return };
    for file in corpus.files().iter().filter(|file| file.extension() == "bin") {
        let _ = wbxml::decode(&file.bytes, &limits());
        let _ = wbxml::to_xml(&file.bytes, &limits());
    }
}

#[test]
fn httptoolkit_753_wbxml_is_shown_as_xml() {
    let mut message = syncml::Message::default();
    message.body.commands.push(Command::get("./DevInfo"));
    let mut bytes = Vec::new();
    wbxml::encode(&message, &mut bytes).unwrap();
    assert!(wbxml::looks_like(&bytes));
    let xml = wbxml::to_xml(&bytes, &limits()).unwrap();
    let mut direct = Vec::new();
    encode(&message, &mut direct).unwrap();
    assert_eq!(xml.as_bytes(), direct);
}

#[test]
fn fleet_14680_raw_xml_is_stored_and_gets_its_ids_when_it_is_sent() {
    let pasted = "<Exec><Item><Target><LocURI>./A</LocURI></Target></Item></Exec>";
    let (commands, _) = repair_commands(pasted.as_bytes(), &limits()).unwrap();
    let header = Header::new(1.into(), 1.into(), Location::new("a"), Location::new("b"));
    let options = RepairOptions::default().with_header(header);
    for first in [5, 9] {
        let mut command = commands[0].clone();
        command.set_cmd_id(first.into());
        let mut out = Vec::new();
        let mut message = syncml::Message::default();
        message.body.commands.push(command);
        encode(&message, &mut out).unwrap();
        let repaired = repair_bytes(&out, &options).unwrap();
        assert_eq!(repaired.message.body.commands[0].cmd_id().unwrap().as_str(), first.to_string());
    }
}
