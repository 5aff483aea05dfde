//! Everything that the reader refuses has a kind of its own, and a place.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use mdm_xml::{Doctype, Error, ErrorKind, Malformed, Options, Reader, Tolerance};

fn read(text: &str, options: &Options) -> Result<(), Error> {
    Reader::new(text, options)?.finish()
}

fn refused(text: &str) -> (ErrorKind, usize) {
    let error = read(text, &Options::default()).expect_err(text);
    let position = error.position().expect("a place");
    (error.kind().clone(), position.offset)
}

#[test]
fn each_refusal_has_its_kind_and_its_place() {
    for (text, kind, at) in [
        ("<a/><b/>", ErrorKind::SecondRoot("b".into()), "<b"),
        ("<a/> x", ErrorKind::TextOutsideRoot, "x"),
        ("x<a/>", ErrorKind::TextOutsideRoot, "x"),
        ("<a/><![CDATA[x]]>", ErrorKind::TextOutsideRoot, "<!["),
        ("<a><p:b/></a>", ErrorKind::UndeclaredPrefix("p".into()), "<p"),
        ("<a p:b=''/>", ErrorKind::UndeclaredPrefix("p".into()), "p:b"),
        ("<a>x &foo;</a>", ErrorKind::UnknownEntity("foo".into()), "&foo"),
        ("<a b='&foo;'/>", ErrorKind::UnknownEntity("foo".into()), "b="),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", ErrorKind::InternalSubset, "<!D"),
        ("<a>x\u{1}</a>", ErrorKind::ForbiddenChar(1), "\u{1}"),
        ("<a>x&#1;</a>", ErrorKind::ForbiddenChar(1), "&#1"),
        ("<a b='' c='' b=''/>", ErrorKind::DuplicateAttribute("b".into()), "b=''/"),
        (
            "<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>",
            ErrorKind::DuplicateAttribute("q:b".into()),
            "q:b",
        ),
        (
            "<a><b></a>",
            ErrorKind::MismatchedEndTag { expected: "b".into(), found: "a".into() },
            "</a>",
        ),
        ("<a/></b>", ErrorKind::UnmatchedEndTag("b".into()), "</b>"),
        ("<a><?xml version='1.0'?></a>", Malformed::Declaration.into(), "<?xml"),
        ("<a><!DOCTYPE b></a>", Malformed::Doctype.into(), "<!D"),
        ("<a/><!DOCTYPE a>", Malformed::Doctype.into(), "<!D"),
        ("<a>&</a>", Malformed::Reference.into(), "&"),
        ("<a xmlns:xml='u'/>", Malformed::Namespace.into(), "xmlns"),
        ("<a xmlns:p=''/>", Malformed::Namespace.into(), "xmlns"),
        ("<a:b:c/>", Malformed::Name.into(), "<a"),
    ] {
        assert_eq!(refused(text), (kind, text.find(at).unwrap()), "{text}");
    }
    // The end of the document is the place.
    for (text, kind) in [
        ("", ErrorKind::NoRoot),
        ("  <!-- x -->", ErrorKind::NoRoot),
        ("<a><b>", ErrorKind::UnexpectedEnd { open: "b".into() }),
    ] {
        assert_eq!(refused(text), (kind, text.len()), "{text}");
    }
}

#[test]
fn what_a_tolerant_caller_keeps_is_kept() {
    let keep = Options::default()
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_forbidden_chars(Tolerance::Keep)
        .with_doctype(Doctype::IgnoreSubset);
    let text = "<!DOCTYPE a [<!ENTITY b 'c'>]><p:a>\u{1}&#2;</p:a>";
    let mut reader = Reader::new(text, &keep).unwrap();
    let root = reader.root().unwrap();
    assert_eq!((root.prefix(), root.ns()), ("p", mdm_xml::NsId::UNDECLARED));
    assert_eq!(reader.text().unwrap().value(), "\u{1}\u{2}");
    reader.finish().unwrap();
    // An entity that a subset declares is still unknown.
    assert!(read("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", &keep).is_err());
}

#[test]
fn a_plain_document_type_is_read_unless_refused() {
    let plist =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"-//A//B [x]\" \"http://c/\">\n<plist/>";
    assert!(read(plist, &Options::default()).is_ok());
    let refuse = Options::default().with_doctype(Doctype::Refuse);
    assert_eq!(read(plist, &refuse).unwrap_err().kind(), &ErrorKind::Doctype);
}

#[test]
fn a_fragment_has_any_number_of_roots_and_text_between_them() {
    let fragment = Options::default().with_fragment(true);
    let mut reader = Reader::new("<a/>x<b>1</b>", &fragment).unwrap();
    assert_eq!(reader.child().unwrap().map(|a| a.local()), Some("a"));
    reader.skip().unwrap();
    assert_eq!(reader.child().unwrap().map(|b| b.local()), Some("b"));
    assert_eq!(reader.take_stray_text(), Some((4, "x")));
    assert_eq!(reader.text().unwrap().value(), "1");
    assert!(reader.child().unwrap().is_none());

    // Indented as a whole, declaration included; but not with something before it.
    assert!(read("\n  <?xml version='1.0'?>\n  <a/>", &fragment).is_ok());
    assert!(read("<a/><?xml version='1.0'?>", &fragment).is_err());
    assert!(read("\n<?xml version='1.0'?><a/>", &Options::default()).is_err());
}

#[test]
fn an_error_says_line_column_and_path() {
    let text = "<SyncML>\n <SyncBody>\n  <Replace/>\n  <Replace><Item>\n   <Data>&x;</Data>";
    let error = read(text, &Options::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the entity &x; is not defined, at line 5, column 10 \
         (in SyncML/SyncBody/Replace[2]/Item/Data)"
    );
}
