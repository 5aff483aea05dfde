//! An answer in chunks gives what the whole answer gives, wherever the chunks end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::string_slice)]

mod streaming;

use mdm_xml::Limit;
use proptest::prelude::*;
use streaming::{agree, fixtures, read};
use wsusss::messages::Message;
use wsusss::stream::{Decoder, Event};
use wsusss::{ErrorKind, Limits};

#[test]
fn chunks_of_every_size_give_the_same_events() {
    let limits = Limits::default();
    for (name, bytes) in fixtures() {
        let whole = read(&bytes, &limits, [bytes.len()]);
        assert!(whole.1.is_none(), "{name}: {:?}", whole.1);
        assert!(!whole.0.is_empty(), "{name}");
        agree(name, &bytes, &limits);
        for size in [1, 2, 3, 5, 7, 11, 13, 16, 31, 64, 100, 1000] {
            assert_eq!(read(&bytes, &limits, [size]), whole, "{name}: chunks of {size}");
        }
    }
}

#[test]
fn an_answer_cut_anywhere_is_an_error_at_its_end_and_loses_nothing_before() {
    let limits = Limits::default();
    for (name, bytes) in fixtures() {
        let whole = read(&bytes, &limits, [7]).0;
        let mut most = 0;
        // Every place in the small ones.
        for end in (0..bytes.len()).step_by(bytes.len() / 400 + 1) {
            let (events, error) = read(&bytes[..end], &limits, [7]);
            assert_eq!(events, whole[..events.len()], "{name}: {end}");
            // What is behind the root may be missing.
            if error.is_some() {
                assert!(events.len() >= most, "{name}: {end}");
                most = events.len();
            }
            agree(name, &bytes[..end], &limits);
        }
    }
}

#[test]
fn what_is_before_an_error_arrives_and_the_error_stays() {
    let (_, bytes) = fixtures().remove(0);
    let text = String::from_utf8(bytes).unwrap();
    let at = text.rfind("<ServerSyncUpdateData>").unwrap();
    let broken = format!("{}<ServerSyncUpdateData><Id></Ix>{}", &text[..at], &text[at..]);
    let mut decoder = Decoder::new(&Limits::default());
    decoder.handle_bytes(broken.as_bytes());
    let mut updates = 0;
    let error = loop {
        match decoder.poll_event() {
            Ok(Some(Event::Update(_))) => updates += 1,
            Ok(Some(_)) => {}
            Ok(None) => panic!("no error"),
            Err(error) => break error,
        }
    };
    assert_eq!(updates, text[..at].matches("<ServerSyncUpdateData>").count());
    assert!(error.path().unwrap().ends_with("/updates/ServerSyncUpdateData[3]/Id"), "{error}");
    assert_eq!(decoder.poll_event().unwrap_err(), error);
    assert!(!decoder.is_finished());
}

#[test]
fn only_the_item_that_is_coming_is_held() {
    let revisions: String = (0..50_000)
        .map(|number| {
            format!(
                "<UpdateIdentity><UpdateID>00000000-0000-0000-0000-{number:012x}</UpdateID>\
                 <RevisionNumber>{}</RevisionNumber></UpdateIdentity>",
                number % 300
            )
        })
        .collect();
    let text = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <GetRevisionIdListResponse><GetRevisionIdListResult><NewRevisions>{revisions}\
         </NewRevisions><Anchor>a,b</Anchor></GetRevisionIdListResult></GetRevisionIdListResponse>\
         </s:Body></s:Envelope>"
    );
    let mut decoder = Decoder::new(&Limits::default());
    let (mut count, mut anchor) = (0, None);
    for chunk in text.as_bytes().chunks(1000) {
        decoder.handle_bytes(chunk);
        while let Some(event) = decoder.poll_event().unwrap() {
            match event {
                Event::Revision(key) => {
                    assert_eq!(key.revision, count % 300);
                    count += 1;
                }
                Event::Anchor(text) => anchor = Some(text),
                _ => {}
            }
        }
        assert!(decoder.buffered() < 200, "{}", decoder.buffered());
    }
    decoder.handle_end();
    assert_eq!(decoder.poll_event(), Ok(None));
    assert!(decoder.is_finished());
    assert_eq!((count, anchor.as_deref()), (50_000, Some("a,b")));
}

#[test]
fn other_messages_come_in_one_piece() {
    let fault =
        b"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>\
        <faultcode>s:Server</faultcode><faultstring>Fault occurred</faultstring><detail><ErrorCode>\
        InternalServerError</ErrorCode></detail></s:Fault></s:Body></s:Envelope>";
    let (events, error) = read(fault, &Limits::default(), [5]);
    assert_eq!(error, None);
    let [Event::Message(_, Message::Fault(fault))] = events.as_slice() else { panic!() };
    assert_eq!(fault.code, Some(wsusss::FaultCode::InternalServerError));
}

#[test]
fn only_the_first_message_of_a_body_counts_and_only_in_its_namespace() {
    let (name, bytes) = fixtures().remove(0);
    let text = String::from_utf8(bytes).unwrap();
    let first = read(text.as_bytes(), &Limits::default(), [50]);
    for second in ["<x/>", "<GetCookieResponse><y></y></GetCookieResponse>", "<!-- --><s/> <s></s>"]
    {
        let more = text.replace("</soap:Body>", &format!("{second}</soap:Body>"));
        assert_eq!(read(more.as_bytes(), &Limits::default(), [50]), first, "{second}");
        agree(name, more.as_bytes(), &Limits::default());
    }
    // What is passed over is checked all the same.
    let broken = text.replace("</soap:Body>", "<x></y></soap:Body>");
    let (events, error) = read(broken.as_bytes(), &Limits::default(), [50]);
    assert_eq!((events, error.is_some()), (first.0, true));
    agree(name, broken.as_bytes(), &Limits::default());
    let foreign = text.replace("http://www.microsoft.com/SoftwareDistribution", "urn:other");
    let (events, error) = read(foreign.as_bytes(), &Limits::default(), [50]);
    assert_eq!(error, None);
    assert!(matches!(events.as_slice(), [Event::Message(_, Message::Other { .. })]));
}

#[test]
fn text_is_borrowed_where_it_stands_in_one_piece() {
    let bytes = b"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
        <GetUpdateDataResponse><GetUpdateDataResult><updates><ServerSyncUpdateData>\
        <XmlUpdateBlobCompressed>TVND</XmlUpdateBlobCompressed></ServerSyncUpdateData></updates>\
        </GetUpdateDataResult></GetUpdateDataResponse></s:Body></s:Envelope>";
    let mut decoder = Decoder::new(&Limits::default());
    decoder.handle_bytes(bytes);
    assert!(matches!(decoder.poll_event(), Ok(Some(Event::UpdateData(_)))));
    let Ok(Some(Event::Update(update))) = decoder.poll_event() else { panic!() };
    use wsusss::messages::Presence;
    let Presence::Value(std::borrow::Cow::Borrowed("TVND")) = update.compressed else { panic!() };
}

#[test]
fn every_limit_accepts_n_and_refuses_one_more() {
    let (_, bytes) = fixtures().remove(0);
    let error = |limits: &Limits| {
        let one = read(&bytes, limits, [bytes.len()]);
        for size in [1, 7, 100] {
            assert_eq!(read(&bytes, limits, [size]), one, "chunks of {size}");
        }
        one.1.map(|error| error.into_parts().0)
    };
    let default = Limits::default();
    let item = |max| ErrorKind::Limit { what: "bytes in one item", max };
    let xml = |limit, max| ErrorKind::Xml(mdm_xml::ErrorKind::Limit { limit, max });
    // The longest item of the fixture.
    let text = std::str::from_utf8(&bytes).unwrap();
    let longest = text
        .split("<ServerSyncUpdateData>")
        .skip(1)
        .map(|rest| rest.find("</ServerSyncUpdateData>").unwrap() + 45)
        .max()
        .unwrap();
    assert_eq!(error(&default.with_item(longest)), None);
    assert_eq!(error(&default.with_item(longest - 1)), Some(item(longest - 1)));
    assert_eq!(error(&default.with_items(3)), None);
    assert!(matches!(error(&default.with_items(2)), Some(ErrorKind::Limit { max: 2, .. })));
    let with = |set: fn(mdm_xml::Limits, usize) -> mdm_xml::Limits, max: usize| {
        error(&default.with_xml(set(default.xml, max)))
    };
    assert_eq!(with(mdm_xml::Limits::with_bytes, bytes.len()), None);
    let short = bytes.len() - 1;
    assert_eq!(with(mdm_xml::Limits::with_bytes, short), Some(xml(Limit::Bytes, short)));
    let elements = (1..)
        .find(|max| {
            let limits = default.with_xml(default.xml.with_elements(*max));
            wsusss::messages::decode(&bytes, &limits).is_ok()
        })
        .unwrap();
    assert_eq!(with(mdm_xml::Limits::with_elements, elements), None);
    assert_eq!(
        with(mdm_xml::Limits::with_elements, elements - 1),
        Some(xml(Limit::Elements, elements - 1))
    );
    assert_eq!(with(mdm_xml::Limits::with_depth, 8), None);
    assert_eq!(with(mdm_xml::Limits::with_depth, 7), Some(xml(Limit::Depth, 7)));
    // A run of text between items.
    let spaced = text.replace("<fileUrls>", &format!("{}<fileUrls>", " ".repeat(5000)));
    let run = |max| {
        let limits = default.with_xml(default.xml.with_text(max));
        let one = read(spaced.as_bytes(), &limits, [spaced.len()]);
        assert_eq!(read(spaced.as_bytes(), &limits, [3]), one);
        one.1.map(|error| error.into_parts().0)
    };
    assert_eq!(run(5001), None);
    assert_eq!(run(4999), Some(xml(Limit::Text, 4999)));
}

/// Which of two faults is told does not depend on how the bytes came.
#[test]
fn an_item_that_is_too_long_and_broken_is_refused_for_the_same_however_it_comes() {
    let head = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>";
    let value = "<GetUpdateData><a>".to_owned() + &"x".repeat(900) + "</a><b>y</b>";
    let deep = "<c>".repeat(20);
    for broken in ["<!x>", "<![CDAT", &deep, "&nothing;<!-x", "</GetUpdateData><!x>"] {
        for before in ["", "  ", "<d/>"] {
            let text = format!("{head}{before}{value}{broken}");
            for item in [100, 900, 940, 945, 950, 960, 970, 2_000] {
                let limits = Limits::default().with_item(item);
                let limits = limits.with_xml(limits.xml.with_depth(16).with_text(950));
                let whole = read(text.as_bytes(), &limits, [text.len()]);
                assert!(whole.1.is_some(), "{broken}");
                for size in [1, 10, 64, 500] {
                    let chunked = read(text.as_bytes(), &limits, [size]);
                    assert_eq!(chunked, whole, "{before:?} {broken} {item} in chunks of {size}");
                }
            }
        }
    }
}

#[test]
fn hostile_streams_are_refused_before_they_are_held() {
    let limits = Limits::default().with_item(10_000);
    let head = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
                <GetUpdateDataResponse><GetUpdateDataResult><updates>";
    for (name, endless) in [
        ("an open tag", "<ServerSyncUpdateData a=\"".to_owned()),
        ("an item", "<ServerSyncUpdateData><XmlUpdateBlob>".to_owned()),
        ("a nest", "<a>".repeat(100)),
        ("an unknown element", "<x>".to_owned()),
    ] {
        let mut decoder = Decoder::new(&limits);
        decoder.handle_bytes(head.as_bytes());
        decoder.handle_bytes(endless.as_bytes());
        let mut given = 0;
        loop {
            match decoder.poll_event() {
                Ok(Some(_)) => continue,
                Ok(None) => {}
                Err(error) => {
                    let limit = format!("{:?}", error.kind()).contains("Limit");
                    assert!(limit, "{name}: {error}");
                    break;
                }
            }
            assert!(given < 20_000, "{name}");
            given += 1000;
            decoder.handle_bytes(&[b'y'; 1000]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// The heart of it: any chunking, any answer, well-formed or not.
    #[test]
    fn any_chunking_gives_the_same_events(
        which in 0usize..16,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0u8..6, any::<u8>()), 0..4),
        chunks in prop::collection::vec(1usize..200, 1..12),
    ) {
        let mut all = fixtures();
        let (name, mut bytes) = all.swap_remove(which % all.len());
        for (at, what, byte) in edits {
            let at = at.index(bytes.len().max(1));
            streaming::edit(&mut bytes, at, what, byte);
        }
        let limits = Limits::default();
        let whole = read(&bytes, &limits, [bytes.len().max(1)]);
        prop_assert_eq!(&read(&bytes, &limits, chunks), &whole);
        agree(name, &bytes, &limits);
    }
}

/// Found by fuzzing: how much is needed to see that `<!` begins nothing depended on the chunk, and
/// so did what was found wrong first.
#[test]
fn markup_that_is_none_is_refused_alike_in_every_chunking() {
    let limits = Limits::default();
    for text in
        ["x<![CDAT07\0\0", "<!-\u{1}é>", "<!DOCé\0", "<!", "<![CDATA", "<!é\0\0\0\0\0\0\0\0\0"]
    {
        let whole = read(text.as_bytes(), &limits, [text.len()]);
        assert!(whole.1.is_some(), "{text:?}");
        for size in 1..text.len() {
            assert_eq!(read(text.as_bytes(), &limits, [size]), whole, "{text:?}: {size}");
        }
    }
}

/// Found by fuzzing: behind a mark of UTF-8, `s` and a NUL were taken for UTF-16 when bytes that are
/// neither followed, as far as the chunk had an odd number of them.
#[test]
fn a_forbidden_character_comes_before_a_bad_value_wherever_the_chunks_end() {
    let limits = Limits::default();
    // Characters are looked at 8 KiB ahead of the markup, and a stream leaves headers out.
    for length in 8_120..8_180 {
        let text = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header/><s:Body>\
             <RollupDownstreamServers xmlns=\"http://www.microsoft.com/SoftwareDistribution\">\
             <downstreamServers><DownstreamServerRollupInfo><IsReplica>often</IsReplica><Version>\
             {}\u{1}</Version></DownstreamServerRollupInfo></downstreamServers>\
             </RollupDownstreamServers></s:Body></s:Envelope>",
            "1".repeat(length - 200)
        );
        let error = wsusss::messages::decode(text.as_bytes(), &limits).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Xml(mdm_xml::ErrorKind::ForbiddenChar(1)));
        let size = text.len();
        assert_eq!(read(text.as_bytes(), &limits, [size]).1, Some(error.clone()), "{length}");
        assert_eq!(read(text.as_bytes(), &limits, [100]).1, Some(error), "{length}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_alike_in_every_chunking() {
    let limits = Limits::default();
    for beginning in ["\u{feff}s\0F\0", "\u{feff}s", "\u{feff}<?xml version='1.0'?>"] {
        let bytes = [beginning.as_bytes(), &[0xFF; 9]].concat();
        let whole = read(&bytes, &limits, [bytes.len()]);
        let error = whole.1.as_ref().expect("an error");
        assert!(matches!(error.kind(), ErrorKind::Xml(mdm_xml::ErrorKind::Utf8)), "{error}");
        for size in 1..bytes.len() {
            assert_eq!(read(&bytes, &limits, [size]), whole, "{beginning:?}: {size}");
        }
        agree(beginning, &bytes, &limits);
    }
}

#[test]
fn what_is_in_a_nil_list_is_passed_over() {
    for (result, updates) in [("", " xsi:nil='true'"), (" xsi:nil='1'", ""), ("", "")] {
        let body = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
             xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><s:Body><GetUpdateDataResponse \
             xmlns='http://www.microsoft.com/SoftwareDistribution'><GetUpdateDataResult{result}>\
             <updates{updates}><ServerSyncUpdateData><XmlUpdateBlob>x</XmlUpdateBlob>\
             </ServerSyncUpdateData></updates></GetUpdateDataResult></GetUpdateDataResponse></s:Body>\
             </s:Envelope>"
        );
        agree(&format!("{result}{updates}"), body.as_bytes(), &Limits::default());
    }
}

#[test]
fn a_list_that_comes_again_is_passed_over_wherever_it_is_broken() {
    // What the items hold would be refused in a list that counts.
    let lists = [
        ("GetUpdateData", "fileUrls", "<ServerSyncUrlData><MUUrl><x/></MUUrl></ServerSyncUrlData>"),
        ("GetUpdateData", "updates", "<ServerSyncUpdateData><Id>x</Id></ServerSyncUpdateData>"),
        ("GetRevisionIdList", "NewRevisions", "<UpdateIdentity>x</UpdateIdentity>"),
        ("GetRevisionIdList", "Anchor", "<x/>"),
    ];
    for (operation, list, items) in lists {
        for end in ["", "<<", "</x>", "<!x"] {
            let body = format!(
                "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
                 xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><s:Body>\
                 <{operation}Response xmlns='http://www.microsoft.com/SoftwareDistribution'>\
                 <{operation}Result><{list} xsi:nil='true'/><{list}>{items}{end}</{list}>\
                 </{operation}Result></{operation}Response></s:Body></s:Envelope>"
            );
            let again = body.rfind(&format!("<{list}>")).unwrap();
            for cut in again..=body.len() {
                let name = format!("{list} {end} {cut}");
                agree(&name, &body.as_bytes()[..cut], &Limits::default());
            }
        }
    }
}
