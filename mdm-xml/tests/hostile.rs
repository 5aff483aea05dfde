//! Documents that were made to hurt, each with what stops it. The table is HOSTILE.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::string_slice)]

use mdm_xml::{
    Code, Doctype, Encoding, Error, ErrorKind, Findings, Limit, Limits, Malformed, NsId, Options,
    Reader, Severity, Source, Tolerance, unescape, unescape_into,
};

fn read(text: &str, options: &Options) -> Result<(), Error> {
    Reader::new(text, options)?.finish()
}

fn refused(text: &str) -> (ErrorKind, usize) {
    let error = read(text, &Options::default()).expect_err("it is refused");
    let place = error.position().expect("a place");
    (error.kind().clone(), place.offset)
}

fn limit(limit: Limit, max: usize) -> ErrorKind {
    ErrorKind::Limit { limit, max }
}

/// The text of the only element.
fn value(document: &str) -> Result<String, ErrorKind> {
    let mut reader = Reader::new(document, &Options::default()).map_err(kind)?;
    reader.root().map_err(kind)?;
    Ok(reader.text().map_err(kind)?.value().into_owned())
}

fn kind(error: Error) -> ErrorKind {
    error.into_parts().0
}

const LAUGHS: &str = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
                      <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><a>&c;</a>";

#[test]
fn a_billion_laughs_are_never_laughed() {
    assert_eq!(refused(LAUGHS), (ErrorKind::InternalSubset, 0));
    let no_doctype = Options::default().with_doctype(Doctype::Refuse);
    assert_eq!(kind(read(LAUGHS, &no_doctype).unwrap_err()), ErrorKind::Doctype);
    // Where the subset is passed over, nothing in it is declared.
    let ignore = Options::default().with_doctype(Doctype::IgnoreSubset);
    let unknown = ErrorKind::UnknownEntity("c".into());
    assert_eq!(kind(read(LAUGHS, &ignore).unwrap_err()), unknown);
    let attribute = LAUGHS.replace("<a>&c;</a>", "<a b='&c;'/>");
    assert_eq!(kind(read(&attribute, &ignore).unwrap_err()), unknown);
}

#[test]
fn an_external_entity_is_not_fetched() {
    let file = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
    let ignore = Options::default().with_doctype(Doctype::IgnoreSubset);
    assert_eq!(kind(read(file, &ignore).unwrap_err()), ErrorKind::UnknownEntity("x".into()));
    // An external subset is a name and no more.
    assert!(read("<!DOCTYPE a SYSTEM 'http://evil.example/a.dtd'><a/>", &ignore).is_ok());
    let parameter = "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://evil.example/'> %p;]><a/>";
    assert_eq!(refused(parameter), (ErrorKind::InternalSubset, 0));
}

#[test]
fn a_hundred_thousand_nested_elements_stop_at_the_depth() {
    let deep = "<a>".repeat(100_000);
    assert_eq!(refused(&deep), (limit(Limit::Depth, 64), 64 * 3));
    let closed = format!("{}{}", "<a>".repeat(64), "</a>".repeat(64));
    assert!(read(&closed, &Options::default()).is_ok());
    let closed = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
    assert_eq!(refused(&closed).0, limit(Limit::Depth, 64));
    // Every way to read counts.
    let mut reader = Reader::new(&deep, &Options::default()).unwrap();
    reader.root().unwrap();
    assert_eq!(kind(reader.skip().unwrap_err()), limit(Limit::Depth, 64));
    let mut reader = Reader::new(&deep, &Options::default()).unwrap();
    reader.root().unwrap();
    assert_eq!(kind(reader.content().unwrap_err()), limit(Limit::Depth, 64));
}

#[test]
fn an_error_far_inside_costs_no_memory_for_the_way_there() {
    // What XML forbids is found before the depth is: a million elements are open there.
    let deep = format!("{}\u{1}", "<a>".repeat(1_000_000));
    let error = read(&deep, &Options::default()).unwrap_err();
    assert_eq!(kind(error.clone()), ErrorKind::ForbiddenChar(1));
    assert_eq!(error.position().map(|place| place.offset), Some(3_000_000));
    let path = error.path().unwrap();
    assert!(path.len() < 1024 && path.ends_with("a/…"), "{}", path.len());
    // Names are quoted; so are the names of paths.
    let long = format!("<{}>\u{1}", "n".repeat(1 << 20));
    let error = read(&long, &Options::default()).unwrap_err();
    assert_eq!(error.path().map(|path| path.chars().count()), Some(65));
}

#[test]
fn a_hundred_thousand_attributes_stop_at_64() {
    let tag = |count: usize| {
        let attributes: String = (0..count).map(|at| format!(" a{at}=''")).collect();
        format!("<a{attributes}/>")
    };
    let at = tag(64).len() - 2 + 1;
    assert_eq!(refused(&tag(100_000)), (limit(Limit::Attributes, 64), at));
    assert!(read(&tag(64), &Options::default()).is_ok());
    assert_eq!(refused(&tag(65)).0, limit(Limit::Attributes, 64));
}

#[test]
fn ten_thousand_namespace_declarations_stop_at_128() {
    let declarations = |from: usize, to: usize| -> String {
        (from..to).map(|at| format!(" xmlns:p{at}='u{at}'")).collect()
    };
    // In one tag they are attributes first.
    let tag = format!("<a{}/>", declarations(0, 10_000));
    assert_eq!(refused(&tag).0, limit(Limit::Attributes, 64));
    let many = Options::default().with_limits(Limits::default().with_attributes(20_000));
    assert_eq!(kind(read(&tag, &many).unwrap_err()), limit(Limit::Namespaces, 128));
    // In nested tags they add up.
    let nested = |last: usize| {
        let (one, two) = (declarations(0, 64), declarations(64, last));
        format!("<a{one}><a{two}></a></a>")
    };
    assert!(read(&nested(128), &Options::default()).is_ok());
    let three = format!(
        "<a{}><a{}><a{}/></a></a>",
        declarations(0, 64),
        declarations(64, 128),
        declarations(128, 129)
    );
    assert_eq!(refused(&three).0, limit(Limit::Namespaces, 128));
}

/// Sixty-four attributes of one local name under as many prefixes, in every tag: looking each
/// prefix up for each pair costs 250,000 comparisons a tag, and minutes for the document.
#[test]
fn prefixes_are_looked_up_once_for_each_attribute() {
    let declarations: String = (0..64).map(|at| format!(" xmlns:p{at:02}='u{at}'")).collect();
    let outer: String = (0..63).map(|at| format!(" xmlns:q{at:02}='v{at}'")).collect();
    let attributes: String = (0..64).map(|at| format!(" p{at:02}:a=''")).collect();
    let tags = format!("<a{attributes}/>").repeat(1_500);
    let document = format!("<r{declarations}><s{outer}>{tags}</s></r>");
    assert!(read(&document, &Options::default()).is_ok());
    let twice = "<a xmlns:p='u' xmlns:q='u' p:a='' q:a=''/>";
    assert_eq!(refused(twice).0, ErrorKind::DuplicateAttribute("q:a".into()));
}

#[test]
fn a_text_that_is_announced_and_never_sent_costs_what_was_sent() {
    // XML announces nothing: what is open at the end is an error at the end.
    let open = format!("<a>{}", "x".repeat(100_000));
    assert_eq!(refused(&open), (ErrorKind::UnexpectedEnd { open: "a".into() }, open.len()));
    for (markup, malformed) in [
        ("<a><![CDATA[", Malformed::OpenCData),
        ("<a><!-- ", Malformed::OpenComment),
        ("<a><?p ", Malformed::OpenInstruction),
        ("<a b='", Malformed::OpenAttribute),
        ("<!DOCTYPE a '", Malformed::OpenDoctype),
    ] {
        let text = format!("{markup}{}", "x".repeat(100_000));
        assert_eq!(refused(&text).0, malformed.into(), "{markup}");
    }
    let short = Options::default().with_limits(Limits::default().with_text(1000));
    assert!(read(&format!("<a>{}</a>", "x".repeat(1000)), &short).is_ok());
    let error = read(&format!("<a>{}</a>", "x".repeat(1001)), &short).unwrap_err();
    assert_eq!(kind(error), limit(Limit::Text, 1000));
    // Comments and sections in a text count with it.
    let error = read(&format!("<a>{}</a>", "<!---->".repeat(143)), &short).unwrap_err();
    assert_eq!(kind(error), limit(Limit::Text, 1000));
    let bytes = vec![b' '; (16 << 20) + 1];
    let error = Source::new(&bytes, &Limits::default()).unwrap_err();
    assert_eq!(kind(error), limit(Limit::Bytes, 16 << 20));
}

#[test]
fn a_million_elements_are_read_and_not_one_more() {
    let many = |count: usize| format!("<r>{}</r>", "<a/>".repeat(count));
    assert!(read(&many(999_999), &Options::default()).is_ok());
    assert_eq!(refused(&many(1_000_000)).0, limit(Limit::Elements, 1_000_000));
}

#[test]
fn numbers_of_characters_do_not_overflow() {
    for number in ["#x110000", "#xD800", "#xDFFF", "#4294967296", "#x100000041", "#-1", "#+65", "#"]
    {
        let expected = ErrorKind::CharReference(number.into());
        assert_eq!(value(&format!("<a>&{number};</a>")), Err(expected.clone()), "{number}");
        assert_eq!(unescape(&format!("&{number};")), Err(expected), "{number}");
    }
    // So many digits that it is no reference.
    let long = format!("<a>&#{}65;</a>", "0".repeat(64));
    assert_eq!(value(&long), Err(Malformed::Reference.into()));
    assert_eq!(value("<a>&#0000065;</a>").as_deref(), Ok("A"));
}

#[test]
fn a_nul_is_refused_as_itself_and_as_a_reference() {
    assert_eq!(refused("<a>\0</a>"), (ErrorKind::ForbiddenChar(0), 3));
    for reference in ["&#0;", "&#x0;", "&#00;"] {
        let text = format!("<a>{reference}</a>");
        assert_eq!(refused(&text), (ErrorKind::ForbiddenChar(0), 3));
        assert_eq!(refused(&format!("<a b='{reference}'/>")), (ErrorKind::ForbiddenChar(0), 3));
    }
    // A caller that keeps it gets it, and it ends nothing.
    let keep = Options::default().with_forbidden_chars(Tolerance::Keep);
    let mut reader = Reader::new("<a>1\0&#0;2</a>", &keep).unwrap();
    reader.root().unwrap();
    assert_eq!(reader.text().unwrap().value(), "1\0\x002");
    assert_eq!(refused("<a\0>").0, ErrorKind::ForbiddenChar(0));
}

#[test]
fn lone_surrogates_are_no_text_in_any_encoding() {
    let utf16 = |units: &[u16], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        units.iter().flat_map(|unit| bytes(*unit)).collect()
    };
    let limits = Limits::default();
    for bytes in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        for lone in [&[0xD800][..], &[0xDC00], &[0xDC00, 0xD800], &[0xD800, 0x41]] {
            let mut units: Vec<u16> = "\u{feff}<a>".encode_utf16().collect();
            units.extend(lone);
            units.extend("</a>".encode_utf16());
            let error = Source::new(&utf16(&units, bytes), &limits).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Utf16);
            assert_eq!(error.position().map(|place| place.offset), Some(3));
        }
    }
    // As UTF-8 would write one, as CESU-8 writes a pair, and a zero in two bytes.
    for bytes in
        [&b"\xED\xA0\x80"[..], b"\xED\xA0\xBD\xED\xB8\x80", b"\xC0\x80", b"\xF4\x90\x80\x80"]
    {
        let document = [b"<a>", bytes, b"</a>"].concat();
        let error = Source::new(&document, &limits).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Utf8);
        assert_eq!(error.position().map(|place| place.offset), Some(3));
    }
}

#[test]
fn bytes_decide_and_no_document_has_two_encodings() {
    let limits = Limits::default();
    let read = |bytes: &[u8]| {
        Source::new(bytes, &limits)
            .map(|source| (source.text().to_owned(), source.encoding(), source.declaration_lies()))
            .map_err(kind)
    };
    // UTF-8 that calls itself something else is UTF-8; it is told.
    let lie = "<?xml version='1.0' encoding='utf-16'?><a>\u{e9}</a>";
    assert_eq!(read(lie.as_bytes()), Ok((lie.to_owned(), Encoding::Utf8, true)));
    // What begins as UTF-16 has to be UTF-16 to its end.
    let mut mixed: Vec<u8> = "<a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    mixed.extend(b"</a>!");
    assert_eq!(read(&mixed), Err(ErrorKind::Utf16));
    // UTF-8 with one byte of another encoding is nothing, unless the declaration has its name.
    assert_eq!(read(b"<a>\xC3\xA9\xE9</a>"), Err(ErrorKind::Utf8));
    let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xC3\xA9\xE9</a>";
    assert_eq!(read(latin).map(|read| read.1), Ok(Encoding::Latin1));
    let other = b"<?xml version='1.0' encoding='utf-7'?><a>+ADw-script+AD4-\xff</a>";
    assert_eq!(read(other), Err(ErrorKind::Encoding("utf-7".into())));
    // Other instructions declare nothing.
    assert_eq!(read(b"<?xml-a encoding='iso-8859-1'?><a>\xE9</a>"), Err(ErrorKind::Utf8));
    // UTF-32 is UTF-16 with NUL characters, which nothing reads.
    let wide: Vec<u8> =
        "\u{feff}<a/>".chars().flat_map(|character| u32::from(character).to_le_bytes()).collect();
    let (text, encoding, _) = read(&wide).unwrap();
    assert_eq!(encoding, Encoding::Utf16Le);
    assert_eq!(refused(&text).0, ErrorKind::ForbiddenChar(0));
}

#[test]
fn utf16_grows_to_one_and_a_half_times_its_bytes_at_most() {
    let document = |count: usize| -> Vec<u8> {
        let text = format!("<a>{}</a>", "\u{9dd7}".repeat(count));
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    // 307 is what it has as UTF-8.
    let limits = Limits::default().with_bytes(307);
    assert_eq!(Source::new(&document(100), &limits).unwrap().text().len(), 307);
    let error = Source::new(&document(101), &limits).unwrap_err();
    assert_eq!(kind(error), limit(Limit::Bytes, 307));
}

#[test]
fn a_value_is_one_value_whatever_stands_inside_it() {
    for (inner, expected) in [
        ("Id<!-- -->le", "Idle"),
        ("Id<!-- </a><a>Error -->le", "Idle"),
        ("Id<?p </a> ?>le", "Idle"),
        ("<![CDATA[Id]]>le", "Idle"),
        ("Id<![CDATA[]]>le", "Idle"),
        ("<![CDATA[]]]]><![CDATA[>]]>", "]]>"),
        ("<![CDATA[&lt;]]>&lt;", "&lt;<"),
        ("&amp;lt;", "&lt;"),
        ("&#38;#60;", "&#60;"),
        ("I\r\nd\rle", "I\nd\nle"),
    ] {
        assert_eq!(value(&format!("<a>{inner}</a>")).as_deref(), Ok(expected), "{inner}");
    }
    // An element inside is no part of it and not passed over.
    assert_eq!(value("<a>Id<b/>le</a>"), Err(ErrorKind::UnexpectedElement("b".into())));
}

#[test]
fn attributes_that_occur_twice_are_refused_however_they_are_named() {
    for text in [
        "<a b='1' b='2'/>",
        "<a b='1' c='' b='1'/>",
        "<a xmlns:p='u' xmlns:p='v'/>",
        "<a xmlns='u' xmlns='u'/>",
        "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
        "<r xmlns:p='u'><a xmlns:q='&#117;' q:b='1' p:b='2'/></r>",
    ] {
        assert!(matches!(refused(text).0, ErrorKind::DuplicateAttribute(_)), "{text}");
    }
    assert!(read("<a xmlns:p='u' b='1' p:b='2'/>", &Options::default()).is_ok());
}

#[test]
fn prefixes_mean_what_the_innermost_declaration_says() {
    const NAMES: &[&str] = &["good", "evil"];
    let text = "<p:a xmlns:p='good'><p:b xmlns:p='evil'/><p:c p:d=''/></p:a>";
    let mut reader = Reader::new(text, &Options::new(NAMES)).unwrap();
    assert_eq!(reader.root().unwrap().ns(), NsId::known(1));
    assert_eq!(reader.child().unwrap().unwrap().ns(), NsId::known(2));
    reader.skip().unwrap();
    let c = reader.child().unwrap().unwrap();
    assert_eq!(c.ns(), NsId::known(1));
    assert!(reader.attributes(&c).all(|attribute| attribute.ns() == NsId::known(1)));
    // A declaration counts for its own tag, before it and behind it.
    let mut reader = Reader::new("<p:a p:b='' xmlns:p='evil'/>", &Options::new(NAMES)).unwrap();
    let a = reader.root().unwrap();
    assert_eq!(
        (a.ns(), reader.attributes(&a).next().unwrap().ns()),
        (NsId::known(2), NsId::known(2))
    );
    // The closing tag has the prefix of the opening one, not another of the same namespace.
    let closed = refused("<p:a xmlns:p='u' xmlns:q='u'></q:a>").0;
    assert!(matches!(closed, ErrorKind::MismatchedEndTag { .. }));
    // The two reserved prefixes and their namespaces stay what they are.
    for text in [
        "<a xmlns:xml='evil'/>",
        "<a xmlns:xmlns='evil'/>",
        "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p=''/>",
    ] {
        assert_eq!(refused(text).0, Malformed::Namespace.into(), "{text}");
    }
    assert_eq!(refused("<xmlns:a/>").0, ErrorKind::UndeclaredPrefix("xmlns".into()));
}

#[test]
fn errors_quote_a_peer_in_one_line() {
    let forged = "</a\nERROR all devices wiped \u{1b}[2J>";
    let keep = Options::default().with_forbidden_chars(Tolerance::Keep);
    for text in [
        format!("<a>{forged}"),
        "<a>&#\nERROR;</a>".to_owned(),
        "<a\u{85}ERROR></b>".to_owned(),
        "<a\u{202e}ERROR>".to_owned(),
        "<a\u{2028}ERROR></b>".to_owned(),
    ] {
        let printed = read(&text, &keep).unwrap_err().to_string();
        let odd = |character: char| {
            character.is_control() || matches!(character, '\u{2028}' | '\u{202e}')
        };
        assert!(!printed.contains(odd), "{printed:?}");
        assert!(printed.contains("ERROR"));
    }
}

#[derive(Clone, Copy)]
struct Odd;

impl Code for Odd {
    fn id(self) -> &'static str {
        "odd"
    }
    fn severity(self) -> Severity {
        Severity::Info
    }
    fn summary(self) -> &'static str {
        "odd"
    }
    fn reference(self) -> &'static str {
        "here"
    }
}

#[test]
fn findings_are_so_many_so_long_and_of_one_line() {
    let mut findings = Findings::new(3);
    for _ in 0..4 {
        findings.note(Odd, 0..1, || format!("1\r\n2{}", "x".repeat(1 << 20)));
    }
    assert_eq!(findings.dropped(), 1);
    let found = findings.finish("<a/>");
    assert_eq!(found.len(), 3);
    for one in found {
        assert_eq!(one.detail.chars().count(), 256);
        assert!(
            one.to_string().starts_with("info odd at line 1, column 1 (in a): odd: 1\\r\\n2xx")
        );
    }
}

#[test]
fn many_small_pieces_are_unescaped_into_one_buffer() {
    let mut out = String::new();
    for _ in 0..50_000 {
        unescape_into("&lt;\u{9dd7}", &mut out).unwrap();
    }
    assert_eq!(out.len(), 200_000);
    // An error leaves what was there before.
    let before = out.len();
    assert!(unescape_into("a&nbsp;", &mut out).is_err());
    assert_eq!(&out[before..], "a");
}

#[test]
fn one_piece_after_another_is_joined_in_one_pass() {
    let pieces = "<![CDATA[a]]><!-- b -->c&lt;<?d?>".repeat(100_000);
    let text = format!("<a>{pieces}</a>");
    assert_eq!(value(&text).map(|value| value.len()), Ok(300_000));
    let references = format!("<a>{}</a>", "&#65;".repeat(500_000));
    assert_eq!(value(&references).map(|value| value.len()), Ok(500_000));
}
