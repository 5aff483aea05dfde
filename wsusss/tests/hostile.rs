//! The known attacks on readers of XML, at every reader there is: whole messages, answers that
//! arrive in chunks, update documents, and documents that are skimmed. `HOSTILE.md` is the table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_xml::Limit;
use wsusss::metadata::{Select, Skimmer, Update};
use wsusss::stream::Decoder;
use wsusss::{Error, ErrorKind, Limits, messages};

const ID: &str = "6964aab4-c5b5-43bd-a17d-ffb4346a8e1d";

/// Where in a document something hostile stands: in a message, and in a document.
struct Place {
    message: String,
    document: String,
}

/// What is inside an element that is read, with `prolog` before the root and `attributes` in it.
fn place(prolog: &str, attributes: &str, inside: &str) -> Place {
    let message = format!(
        "{prolog}<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <GetUpdateDataResponse><GetUpdateDataResult><updates><ServerSyncUpdateData>\
         <XmlUpdateBlob{attributes}>{inside}</XmlUpdateBlob></ServerSyncUpdateData></updates>\
         </GetUpdateDataResult></GetUpdateDataResponse></s:Body></s:Envelope>"
    );
    let document = format!(
        "{prolog}<Update><UpdateIdentity UpdateID=\"{ID}\" RevisionNumber=\"1\"/><Properties>\
         <KBArticleID{attributes}>{inside}</KBArticleID></Properties></Update>"
    );
    Place { message, document }
}

type Read = fn(&[u8], &Limits) -> Result<(), Error>;

fn message(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    messages::decode(bytes, limits).map(drop)
}

fn stream(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let mut decoder = Decoder::new(limits);
    let mut chunks = bytes.chunks(4000);
    while !decoder.is_finished() {
        match chunks.next() {
            Some(chunk) => decoder.handle_bytes(chunk),
            None => decoder.handle_end(),
        }
        while decoder.poll_event()?.is_some() {}
    }
    Ok(())
}

fn document(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let source = mdm_xml::Source::new(bytes, &limits.xml)?;
    Update::read(source.text(), Select::ALL, limits).map(drop)
}

fn skimmed(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let mut skimmer = Skimmer::new(Select::ALL, limits);
    for chunk in bytes.chunks(4000) {
        skimmer.handle_bytes(chunk)?;
    }
    skimmer.finish().map(drop)
}

const MESSAGES: [(&str, Read); 2] = [("message", message), ("stream", stream)];
const DOCUMENTS: [(&str, Read); 2] = [("document", document), ("skimmed", skimmed)];

impl Place {
    /// What every reader finds wrong; each error has a place.
    fn errors(&self, limits: &Limits) -> Vec<(&'static str, Option<ErrorKind>)> {
        let read = |(name, read): &(&'static str, Read), text: &str| {
            let error = read(text.as_bytes(), limits).err();
            assert!(error.as_ref().is_none_or(|error| error.position().is_some()), "{name}");
            (*name, error.map(|error| error.into_parts().0))
        };
        let messages = MESSAGES.iter().map(|reader| read(reader, &self.message));
        let documents = DOCUMENTS.iter().map(|reader| read(reader, &self.document));
        messages.chain(documents).collect()
    }

    fn refused(&self, limits: &Limits, expected: impl Fn(&mdm_xml::ErrorKind) -> bool) {
        for (name, kind) in self.errors(limits) {
            let Some(ErrorKind::Xml(kind)) = &kind else { panic!("{name}: {kind:?}") };
            assert!(expected(kind), "{name}: {kind:?}");
        }
    }

    fn read(&self, limits: &Limits) {
        for (name, kind) in self.errors(limits) {
            assert_eq!(kind, None, "{name}");
        }
    }
}

fn is_limit(limit: Limit, max: usize) -> impl Fn(&mdm_xml::ErrorKind) -> bool {
    move |kind| *kind == mdm_xml::ErrorKind::Limit { limit, max }
}

#[test]
fn entities_are_never_expanded() {
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let limits = Limits::default();
    for subset in [
        format!("<!ENTITY l0 \"ha\">{laughs}"),
        "<!ENTITY l9 SYSTEM \"file:///etc/passwd\">".to_owned(),
        "<!ENTITY % p SYSTEM \"http://evil.example/\">%p;".to_owned(),
    ] {
        let place = place(&format!("<!DOCTYPE a [{subset}]>"), "", "&l9;");
        place.refused(&limits, |kind| *kind == mdm_xml::ErrorKind::InternalSubset);
    }
    // Without a subset there is no entity to be expanded.
    let unknown = |kind: &mdm_xml::ErrorKind| matches!(kind, mdm_xml::ErrorKind::UnknownEntity(_));
    place("<!DOCTYPE a SYSTEM \"http://evil.example/a.dtd\">", "", "&l9;")
        .refused(&limits, unknown);
    place("", "", "&nbsp;").refused(&limits, unknown);
}

#[test]
fn a_hundred_thousand_nested_elements_are_refused_at_the_limit() {
    let nested =
        |depth: usize| place("", "", &format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth)));
    let limits = Limits::default();
    nested(100_000).refused(&limits, |kind| {
        let unexpected = matches!(kind, mdm_xml::ErrorKind::UnexpectedElement(_));
        unexpected || is_limit(Limit::Depth, 64)(kind)
    });
    // Never closed, and nothing else.
    for (name, reader) in MESSAGES.iter().chain(&DOCUMENTS) {
        let error = reader("<a>".repeat(100_000).as_bytes(), &limits).unwrap_err();
        assert!(error.to_string().len() < 1000, "{name}: {error}");
    }
    // 7 around the first, of 64.
    let text = nested(57).message;
    assert_eq!(
        (message(text.as_bytes(), &limits), stream(text.as_bytes(), &limits)),
        (Ok(()), Ok(()))
    );
    let text = nested(58).message;
    for (name, reader) in MESSAGES {
        let kind = reader(text.as_bytes(), &limits).unwrap_err().into_parts().0;
        let ErrorKind::Xml(kind) = kind else { panic!("{name}") };
        assert!(is_limit(Limit::Depth, 64)(&kind), "{name}: {kind:?}");
    }
    let document_of = |depth: usize| {
        format!(
            "<Update><UpdateIdentity UpdateID=\"{ID}\"/>{}{}</Update>",
            "<a>".repeat(depth),
            "</a>".repeat(depth)
        )
    };
    for (name, reader) in DOCUMENTS {
        assert_eq!(reader(document_of(63).as_bytes(), &limits), Ok(()), "{name}");
        let kind = reader(document_of(64).as_bytes(), &limits).unwrap_err().into_parts().0;
        let ErrorKind::Xml(kind) = kind else { panic!("{name}") };
        assert!(is_limit(Limit::Depth, 64)(&kind), "{name}: {kind:?}");
    }
}

/// What nobody asked for is passed over in constant memory, however deep it is.
#[test]
fn what_is_skimmed_over_has_no_depth() {
    let limits = Limits::default().with_document(4_500);
    let mut skimmer = Skimmer::new(Select::IDENTITY, &limits);
    skimmer
        .handle_bytes(format!("<Update><UpdateIdentity UpdateID=\"{ID}\"/><a>").as_bytes())
        .unwrap();
    for tag in ["<a>", "</a>"] {
        for _ in 0..100 {
            skimmer.handle_bytes(tag.repeat(1000).as_bytes()).unwrap();
        }
    }
    skimmer.handle_bytes(b"</a></Update>").unwrap();
    assert_eq!(skimmer.finish().unwrap().key.id.to_string(), ID);
}

#[test]
fn a_hundred_thousand_attributes_are_refused_at_the_limit() {
    let attributes = |n: usize| (0..n).map(|n| format!(" a{n}=\"\"")).collect::<String>();
    let limits = Limits::default();
    place("", &attributes(64), "x").read(&limits);
    place("", &attributes(65), "x").refused(&limits, is_limit(Limit::Attributes, 64));
    place("", &attributes(100_000), "x").refused(&limits, is_limit(Limit::Attributes, 64));
    let twice =
        |kind: &mdm_xml::ErrorKind| matches!(kind, mdm_xml::ErrorKind::DuplicateAttribute(_));
    place("", " a=\"1\" b=\"\" a=\"2\"", "x").refused(&limits, twice);
    // The same one under two prefixes.
    place("", " xmlns:p=\"u\" xmlns:q=\"u\" p:a=\"1\" q:a=\"2\"", "x").refused(&limits, twice);
}

#[test]
fn ten_thousand_namespace_declarations_are_refused_at_the_limit() {
    let declarations = |n: std::ops::Range<usize>| -> String {
        n.map(|n| format!(" xmlns:p{n}=\"urn:{n}\"")).collect()
    };
    let limits = Limits::default();
    // In one element they are attributes.
    place("", &declarations(0..10_000), "x").refused(&limits, is_limit(Limit::Attributes, 64));
    // In elements inside each other they are in scope together; the envelope has one.
    let nested = |n: usize| {
        let parts: Vec<String> =
            (0..n).step_by(50).map(|from| declarations(from..(from + 50).min(n))).collect();
        let open: String = parts.iter().map(|part| format!("<a{part}>")).collect();
        format!("{open}{}", "</a>".repeat(parts.len()))
    };
    for (n, fits) in [(127, true), (128, false), (2_500, false)] {
        let text = place("", "", &nested(n)).message;
        for (name, reader) in MESSAGES {
            let kind = reader(text.as_bytes(), &limits).err().map(|error| error.into_parts().0);
            let limit = mdm_xml::ErrorKind::Limit { limit: Limit::Namespaces, max: 128 };
            assert_eq!(kind, (!fits).then_some(ErrorKind::Xml(limit)), "{name}: {n}");
        }
    }
    for (n, fits) in [(128, true), (129, false), (2_500, false)] {
        let text = format!("<Update><UpdateIdentity UpdateID=\"{ID}\"/>{}</Update>", nested(n));
        for (name, reader) in DOCUMENTS {
            let kind = reader(text.as_bytes(), &limits).err().map(|error| error.into_parts().0);
            let limit = mdm_xml::ErrorKind::Limit { limit: Limit::Namespaces, max: 128 };
            assert_eq!(kind, (!fits).then_some(ErrorKind::Xml(limit)), "{name}: {n}");
        }
    }
}

/// A long name that every part needs is written into each of them: 200 bytes that cost a megabyte.
#[test]
fn namespaces_that_parts_need_have_a_limit() {
    let uri = "u".repeat(10_000);
    let text = |parts: usize| {
        let detail = "<p:d/>".repeat(parts);
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:p=\"{uri}\">\
             <s:Body><s:Fault><faultcode>s:Server</faultcode><detail>{detail}</detail></s:Fault>\
             </s:Body></s:Envelope>"
        )
    };
    // ` xmlns:p=""` around it.
    let one = uri.len() + 11;
    let limits = Limits::default().with_document(3 * one);
    for (name, reader) in MESSAGES {
        assert_eq!(reader(text(3).as_bytes(), &limits), Ok(()), "{name}");
        let error = reader(text(4).as_bytes(), &limits).unwrap_err();
        let what = "bytes of namespaces that parts need";
        assert_eq!(*error.kind(), ErrorKind::Limit { what, max: 3 * one }, "{name}");
        assert!(error.position().is_some());
    }
    let (_, read) = messages::decode(text(3).as_bytes(), &limits)
        .map(|(soap, message)| (soap, message.into_owned()))
        .unwrap();
    let wsusss::Message::Fault(fault) = read else { panic!() };
    assert_eq!(fault.detail, vec![format!("<p:d xmlns:p=\"{uri}\"/>"); 3]);
    // A prefix is a whole name, wherever it is used, and each is declared once.
    let body = "<p:d q=\"xp:y p.p:z\"><o:e k=\"ap:b\" v=\"q:w\"/>q:o:</p:d>";
    let text = text(0).replace(
        "<detail>",
        &format!("<detail xmlns:o=\"o\" xmlns:q=\"q&quot;&lt;\" xmlns:x=\"x\">{body}"),
    );
    let (_, read) = messages::decode(text.as_bytes(), &Limits::default()).unwrap();
    let wsusss::Message::Fault(fault) = read else { panic!() };
    let expected = format!("<p:d xmlns:p=\"{uri}\" xmlns:o=\"o\" xmlns:q=\"q&quot;&lt;\" q=");
    assert!(fault.detail[0].starts_with(&expected), "{}", fault.detail[0]);
}

/// A text that is announced and never ends: what is held of it has a limit.
#[test]
fn a_text_that_never_ends_is_held_up_to_the_limit() {
    const MAX: usize = 50_000;
    let head = place("", "", "");
    let until = |text: &str| {
        text.split("</XmlUpdateBlob>")
            .next()
            .unwrap()
            .split("</KBArticleID>")
            .next()
            .unwrap()
            .to_owned()
    };
    let (open, begun) = (until(&head.message), until(&head.document));
    // The item begins with its own tag.
    let inside = open.len() - open.find("<ServerSyncUpdateData>").unwrap();
    let limits = Limits::default().with_item(MAX).with_document(MAX);
    let fed = |more: usize| {
        let mut decoder = Decoder::new(&limits);
        decoder.handle_bytes(open.as_bytes());
        let (mut left, mut events) = (more, 0);
        loop {
            while decoder.poll_event().map_err(Error::into_parts)?.is_some() {
                events += 1;
            }
            assert!(decoder.buffered() <= MAX + 1000);
            if left == 0 {
                return Ok::<_, (ErrorKind, _)>(events);
            }
            let chunk = left.min(1000);
            decoder.handle_bytes(&vec![b'y'; chunk]);
            left -= chunk;
        }
    };
    assert_eq!(fed(MAX - inside).ok(), Some(1));
    let what = "bytes in one item";
    assert_eq!(fed(MAX - inside + 1).unwrap_err().0, ErrorKind::Limit { what, max: MAX });
    assert_eq!(fed(1 << 30).unwrap_err().0, ErrorKind::Limit { what, max: MAX });
    let skim = |more: usize| {
        let mut skimmer = Skimmer::new(Select::PROPERTIES, &limits);
        skimmer.handle_bytes(begun.as_bytes())?;
        let mut left = more;
        while left > 0 {
            let chunk = left.min(1000);
            skimmer.handle_bytes(&vec![b'y'; chunk])?;
            left -= chunk;
        }
        Ok(())
    };
    assert_eq!(skim(MAX - begun.len()), Ok(()));
    let what = "bytes of a document";
    for more in [MAX - begun.len() + 1, 1 << 30] {
        let error: Error = skim(more).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Limit { what, max: MAX });
        assert!(error.position().is_some());
    }
    // And every byte of a message counts, also those that are passed over.
    let limits = Limits::default().with_xml(Limits::default().xml.with_bytes(head.message.len()));
    for (name, reader) in MESSAGES {
        assert_eq!(reader(head.message.as_bytes(), &limits), Ok(()), "{name}");
        let kind =
            reader(format!("{} ", head.message).as_bytes(), &limits).unwrap_err().into_parts().0;
        let limit = mdm_xml::ErrorKind::Limit { limit: Limit::Bytes, max: head.message.len() };
        assert_eq!(kind, ErrorKind::Xml(limit), "{name}");
    }
}

/// What is remembered of each part that is left out costs more than the part.
#[test]
fn parts_that_are_left_out_one_by_one_count_as_held() {
    let text = |between: &str, n: usize| {
        format!(
            "<Update><UpdateIdentity UpdateID=\"{ID}\"/>{}</Update>",
            format!("<a/>{between}").repeat(n)
        )
    };
    let skim = |text: &str, max: usize| {
        let limits = Limits::default().with_document(max);
        let mut skimmer = Skimmer::new(Select::IDENTITY, &limits);
        for chunk in text.as_bytes().chunks(100) {
            skimmer.handle_bytes(chunk)?;
        }
        skimmer.finish().map(|update| update.key.id.to_string())
    };
    // With nothing between them they are one.
    assert_eq!(skim(&text("", 100_000), 1_000).as_deref(), Ok(ID));
    let (mut least, mut most) = (0, 1 << 20);
    let spaced = text(" ", 1_000);
    while least < most {
        let middle = (least + most) / 2;
        if skim(&spaced, middle).is_ok() { most = middle } else { least = middle + 1 }
    }
    // A byte between them, and what is remembered of each.
    assert!((20_000..40_000).contains(&least), "{least}");
    let what = "bytes of a document";
    assert_eq!(
        *skim(&spaced, least - 1).unwrap_err().kind(),
        ErrorKind::Limit { what, max: least - 1 }
    );
}

#[test]
fn null_and_other_characters_that_are_none_are_refused() {
    let limits = Limits::default();
    for (text, code) in [
        ("a\0b", 0),
        ("\u{1}", 1),
        ("\u{8}", 8),
        ("\u{b}", 0xb),
        ("\u{fffe}", 0xfffe),
        ("\u{ffff}", 0xffff),
    ] {
        place("", "", text)
            .refused(&limits, |kind| *kind == mdm_xml::ErrorKind::ForbiddenChar(code));
    }
    for reference in [
        "&#0;",
        "&#x0;",
        "&#xD800;",
        "&#xDFFF;",
        "&#x110000;",
        "&#99999999999999999999;",
        "&#xFFFFFFFFFFFFFFFF;",
        "&#-1;",
        "&#;",
        "&#x;",
        "&#8;",
        "&#xFFFE;",
    ] {
        place("", "", reference).refused(&limits, |kind| {
            matches!(
                kind,
                mdm_xml::ErrorKind::CharReference(_) | mdm_xml::ErrorKind::ForbiddenChar(_)
            )
        });
    }
}

/// A document has one encoding, and only one reading.
#[test]
fn mixed_encodings_and_lone_surrogates_are_refused_or_read_alike() {
    let limits = Limits::default();
    let place = place("", "", "Gr\u{fc}\u{df}e");
    let wide = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    for (readers, text) in [(MESSAGES, &place.message), (DOCUMENTS, &place.document)] {
        let half = text.find("Gr").unwrap();
        let (before, after) = (&text.as_bytes()[..half], &text.as_bytes()[half..]);
        let little = wide(text, u16::to_le_bytes);
        let surrogate = |unit: u16| {
            let mut bytes = little.clone();
            bytes[2 * half..2 * half + 2].copy_from_slice(&unit.to_le_bytes());
            bytes
        };
        let declared = |encoding: &str| {
            format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{text}").into_bytes()
        };
        let latin = |encoding: &str| {
            let mut bytes = declared(encoding);
            let at = bytes.windows(2).position(|pair| pair == [0xc3, 0xbc]).unwrap();
            bytes.splice(at..at + 2, [0xfc]);
            bytes
        };
        let cases: [(&str, Vec<u8>, bool); 16] = [
            ("UTF-8 and then UTF-16", [before, &wide("x</a>", u16::to_le_bytes)].concat(), false),
            ("a mark in the middle", [before, b"\xef\xbb\xbf", after].concat(), true),
            ("a mark of the other kind", [b"\xff\xfe", text.as_bytes()].concat(), false),
            ("two marks", [b"\xef\xbb\xbf\xef\xbb\xbf", text.as_bytes()].concat(), true),
            ("overlong", [before, b"\xc0\xaf", after].concat(), false),
            ("a surrogate in UTF-8", [before, b"\xed\xa0\x80", after].concat(), false),
            ("half a pair, the first", surrogate(0xd800), false),
            ("half a pair, the second", surrogate(0xdc00), false),
            ("a null in UTF-16", surrogate(0), false),
            ("an odd byte", [&little[..], b"x"].concat(), false),
            (
                "UTF-16 that says UTF-8",
                wide(&String::from_utf8(declared("utf-8")).unwrap(), u16::to_le_bytes),
                true,
            ),
            ("UTF-8 that says UTF-16", declared("utf-16"), true),
            ("UTF-8 that says nonsense", declared("x-unknown"), true),
            ("Latin 1 that says so", latin("iso-8859-1"), true),
            ("Latin 1 that says nothing of it", latin("utf-8"), false),
            ("UTF-16 from its other end", wide(text, u16::to_be_bytes), true),
        ];
        for (case, bytes, fine) in cases {
            for (name, reader) in readers {
                let read = reader(&bytes, &limits);
                assert_eq!(read.is_ok(), fine, "{name}, {case}: {read:?}");
            }
        }
    }
}

/// Tags, comments and sections that hide something from one reader and not from another.
#[test]
fn what_hides_in_comments_sections_and_prefixes_is_read_alike() {
    let limits = Limits::default();
    for inside in [
        "a<!-- </XmlUpdateBlob></KBArticleID> -->b",
        "<![CDATA[</XmlUpdateBlob></KBArticleID>]]>",
        "<![CDATA[<]]><![CDATA[/XmlUpdateBlob>]]>",
        "<?p </XmlUpdateBlob></KBArticleID>?>",
        "a<!-- -- -->b",
        "a]]>b",
        "a<!-->-->b",
        "<!---->",
        "&lt;![CDATA[",
        "a<b c='</XmlUpdateBlob></KBArticleID>'/>",
    ] {
        let place = place("", "", inside);
        let both = |text: &str, readers: [(&str, Read); 2]| {
            let read: Vec<bool> = readers
                .iter()
                .map(|(_, reader)| reader(text.as_bytes(), &limits).is_ok())
                .collect();
            assert_eq!(read[0], read[1], "{inside}");
        };
        both(&place.message, MESSAGES);
        both(&place.document, DOCUMENTS);
    }
    // A prefix that is bound to something else further in names something else.
    let rebound = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
                   <s:Fault xmlns:s=\"urn:evil\"><faultcode>x</faultcode></s:Fault></s:Body></s:Envelope>";
    let (_, read) = messages::decode(rebound.as_bytes(), &limits).unwrap();
    assert!(matches!(read, wsusss::Message::Other { .. }));
    let not_soap = rebound.replacen("http://schemas.xmlsoap.org/soap/envelope/", "urn:evil", 1);
    let error = messages::decode(not_soap.as_bytes(), &limits).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotSoap("s:Envelope".into()));
}
