//! Elements that are written as most peers write them are read a faster way. It says what the other
//! way says: with a blank in its tags, no element is written as it is expected.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

use mdm_test_support::corpus;
use mdm_xml::{Event, Options, Reader, Source, Tolerance};
use proptest::prelude::*;
use syncml::{Limits, decode_prefix};

/// The same document with a blank in each start tag; nothing if it is not well-formed.
fn with_blanks(text: &str) -> Option<String> {
    let options = Options::default().with_undeclared_prefixes(Tolerance::Keep);
    let mut reader = Reader::new(text, &options).ok()?;
    let (mut out, mut done) = (String::new(), 0);
    loop {
        match reader.next().ok()? {
            Event::Start(element) => {
                let end = reader.offset() - 1 - usize::from(element.is_empty_tag());
                out.push_str(&text[done..end]);
                out.push(' ');
                done = end;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    out.push_str(&text[done..]);
    Some(out)
}

/// What is read of a message: blanks in tags do not count where they are kept. What is noted comes
/// with the text that it is noted about.
fn told(text: &str, limits: &Limits) -> (String, Vec<String>, Option<String>) {
    let (message, error) = decode_prefix(text.as_bytes(), limits);
    let plain = |mut text: String| {
        for end in [">", "/>", "&gt;", "/&gt;"] {
            while text.contains(&format!(" {end}")) {
                text = text.replace(&format!(" {end}"), end);
            }
        }
        text
    };
    let findings = message.diagnostics.iter().map(|found| {
        // Long details are cut.
        let detail: String = plain(found.detail.clone()).chars().take(32).collect();
        let place = text.get(found.position.offset..found.end).unwrap_or_default();
        format!("{:?} {} {detail} {}", found.code, found.path, plain(place.to_owned()))
    });
    let findings = findings.collect();
    let error = error.map(|error| format!("{:?} {:?}", error.kind(), error.path()));
    let mut bytes = Vec::new();
    let _ = syncml::encode(&message, &mut bytes);
    (plain(String::from_utf8(bytes).unwrap()), findings, error.map(plain))
}

fn agree(text: &str, limits: &Limits) {
    let Some(other) = with_blanks(text) else { return };
    assert_eq!(told(text, limits), told(&other, limits), "{text}");
}

#[test]
fn the_corpus_is_told_alike() {
    let Some(corpus) = corpus("syncml") else { return };
    let mut read = 0;
    for file in corpus.files() {
        let Ok(source) = Source::new(&file.bytes, &mdm_xml::Limits::default()) else { continue };
        read += usize::from(with_blanks(source.text()).is_some());
        agree(source.text(), &Limits::default());
    }
    assert!(read > 0, "no message is well-formed");
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<Status>",
        "</Status>",
        "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>",
        "<Results>",
        "</Results>",
        "<Alert>",
        "</Alert>",
        "<Replace>",
        "<Get>",
        "</Get>",
        "</Replace>",
        "<Atomic>",
        "</Atomic>",
        "<Item>",
        "</Item>",
        "<Item><Source><LocURI>./DevInfo/Man</LocURI></Source>",
        "<Target>",
        "</Target>",
        "<Source>",
        "</Source>",
        "<Meta>",
        "<Meta xmlns=\"syncml:metinf\">",
        "</Meta>",
        "<CmdID>1</CmdID>",
        "<CmdID> 2</CmdID>",
        "<CmdID>2 </CmdID>",
        "<CmdID/>",
        "<CmdID></CmdID>",
        "<CmdID a=\"1\">3</CmdID>",
        "<MsgRef>1</MsgRef>",
        "<CmdRef>2</CmdRef>",
        "<Cmd>Get</Cmd>",
        "<TargetRef>./DevInfo</TargetRef>",
        "<TargetRef><LocURI>./DevInfo</LocURI></TargetRef>",
        "<SourceRef>./DevInfo</SourceRef>",
        "<Data>200</Data>",
        "<Data>a &amp; b</Data>",
        "<Data><a/></Data>",
        "<Data xmlns=\"\">200</Data>",
        "<LocURI>./Vendor/MSFT</LocURI>",
        "<LocURI> ./Vendor/MSFT\n</LocURI>",
        "<LocName>n</LocName>",
        "<Format>int</Format>",
        "<Format xmlns=\"syncml:metinf\">int</Format>",
        "<Format xmlns=\"syncml:metinf\"> chr</Format>",
        "<Type xmlns=\"syncml:metinf\">text/plain</Type>",
        "<Type>text/plain</Type>",
        "<Type xmlns=\"other\">text/plain</Type>",
        "<Mark xmlns=\"syncml:metinf\">critical</Mark>",
        "<MoreData/>",
        "<Unknown/>",
        "text",
        "\n  ",
    ])
}

fn header_piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<VerDTD>1.2</VerDTD>",
        "<VerDTD> 1.2</VerDTD>",
        "<VerProto>DM/1.2</VerProto>",
        "<SessionID>1</SessionID>",
        "<SessionID/>",
        "<MsgID>1</MsgID>",
        "<MsgID>2 </MsgID>",
        "<Target><LocURI>https://mdm.example/</LocURI></Target>",
        "<Target> https://mdm.example/ </Target>",
        "<Source><LocURI>urn:uuid:1</LocURI><LocName>n</LocName></Source>",
        "<Source></Source>",
        "<RespURI>https://mdm.example/</RespURI>",
        "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">65536</MaxMsgSize></Meta>",
        "text",
        "\n",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn chance_messages_are_told_alike(
        header in prop::collection::vec(header_piece(), 0..12),
        in_order in any::<bool>(),
        pieces in prop::collection::vec(piece(), 0..32),
    ) {
        let mut header = header;
        if in_order {
            // As it is in the list of pieces, which is the order of the DTD.
            header.sort_by_key(|piece| {
                let order = ["VerD", "VerP", "Sess", "MsgI", "Targ", "Sour", "Resp", "Meta"];
                order.iter().position(|name| piece.contains(name))
            });
        }
        let header = format!("<SyncHdr>{}</SyncHdr>", header.concat());
        // Whatever is open at the end is closed, so that the document is well-formed more often.
        let mut open: Vec<String> = Vec::new();
        let mut body = String::new();
        for piece in &pieces {
            if let Some(name) = piece.strip_prefix("</") {
                let name = name.trim_end_matches('>');
                if open.last().is_none_or(|last| last != name) {
                    continue;
                }
            }
            body.push_str(piece);
            let mut rest = *piece;
            while let Some(at) = rest.find('<') {
                rest = &rest[at + 1..];
                let end = rest.find('>').unwrap();
                let tag = &rest[..end];
                if tag.starts_with('/') {
                    open.pop();
                } else if !tag.ends_with('/') {
                    open.push(tag.split(' ').next().unwrap().to_owned());
                }
            }
        }
        for name in open.iter().rev() {
            body.push_str(&format!("</{name}>"));
        }
        for namespace in ["SYNCML:SYNCML1.2", "", "syncml:metinf"] {
            let root = format!(
                "<SyncML xmlns=\"{namespace}\">{header}<SyncBody>{body}</SyncBody></SyncML>"
            );
            prop_assert!(with_blanks(&root).is_some(), "{}", root);
            agree(&root, &Limits::default());
            agree(&root, &Limits::default().with_items(2).with_commands(3).with_diagnostics(4));
        }
    }
}
