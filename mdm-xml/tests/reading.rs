//! Walking a document: children, text, raw slices, skipping, namespaces.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::borrow::Cow;

use mdm_xml::{Content, NsId, Options, Reader, TextKind};

fn reader(text: &str) -> Reader<'_> {
    Reader::new(text, &Options::default()).unwrap()
}

fn text_of(inner: &str) -> (String, TextKind, bool) {
    let document = format!("<a>{inner}</a>");
    let mut reader = reader(&document);
    reader.root().unwrap();
    let text = reader.text().unwrap();
    let value = text.value();
    (value.clone().into_owned(), text.kind(), matches!(value, Cow::Borrowed(_)))
}

#[test]
fn text_is_joined_and_borrowed_where_it_is_one_piece() {
    use TextKind::{CData, Mixed, Plain};
    for (inner, value, kind, borrowed) in [
        ("", "", Plain, true),
        (" x ", " x ", Plain, true),
        ("a&amp;b&#x20;c", "a&b c", Plain, false),
        ("<![CDATA[x<y]]>", "x<y", CData, true),
        ("<![CDATA[]]>", "", CData, true),
        ("a<![CDATA[x<y]]>b", "ax<yb", Mixed, false),
        ("<![CDATA[a]]><![CDATA[b]]>", "ab", CData, false),
        ("<![CDATA[a]]&gt;]]>", "a]]&gt;", CData, true),
        ("a<!-- c -->b", "ab", Plain, false),
        ("a<?p i?>b", "ab", Plain, false),
        ("a\r\nb\rc", "a\nb\nc", Plain, false),
        ("<![CDATA[a\r\nb]]>", "a\nb", CData, false),
        ("&#13;", "\r", Plain, false),
    ] {
        assert_eq!(text_of(inner), (value.to_owned(), kind, borrowed), "{inner}");
    }
}

#[test]
fn raw_slices_and_skipping_end_where_the_element_ends() {
    let mut reader = reader("<r><a x='1'><a/>t</a><b/><c><d>&lt;</d></c><e>f</e></r>");
    reader.root().unwrap();
    reader.child().unwrap().unwrap();
    let raw = reader.raw().unwrap();
    assert_eq!((raw.outer(), raw.inner()), ("<a x='1'><a/>t</a>", "<a/>t"));
    reader.child().unwrap().unwrap();
    let raw = reader.raw().unwrap();
    assert_eq!((raw.outer(), raw.inner(), raw.offset()), ("<b/>", "", 21));
    reader.child().unwrap().unwrap();
    match reader.content().unwrap() {
        Content::Markup(raw) => assert_eq!(raw.inner(), "<d>&lt;</d>"),
        Content::Text(_) => panic!("it has a child"),
    }
    reader.child().unwrap().unwrap();
    match reader.content().unwrap() {
        Content::Text(text) => assert_eq!(text.value(), "f"),
        Content::Markup(_) => panic!("it has no child"),
    }
    assert!(reader.child().unwrap().is_none());
    reader.finish().unwrap();
}

#[test]
fn content_after_text_is_markup_with_the_text() {
    let mut reader = reader("<r>x<a/>y<b/></r>");
    reader.root().unwrap();
    match reader.content().unwrap() {
        Content::Markup(raw) => assert_eq!(raw.inner(), "x<a/>y<b/>"),
        Content::Text(_) => panic!("it has children"),
    }
    reader.finish().unwrap();
}

#[test]
fn an_empty_tag_has_empty_content_and_no_children() {
    let mut reader = reader("<r><a/><b/><c/><d/></r>");
    reader.root().unwrap();
    assert!(reader.child().unwrap().unwrap().is_empty_tag());
    assert!(reader.child().unwrap().is_none(), "a has no child and is closed");
    reader.child().unwrap().unwrap();
    assert_eq!(reader.text().unwrap().value(), "");
    reader.child().unwrap().unwrap();
    assert!(matches!(reader.content().unwrap(), Content::Text(text) if text.is_blank()));
    reader.child().unwrap().unwrap();
    reader.skip().unwrap();
    assert!(reader.child().unwrap().is_none());
}

#[test]
fn namespaces_follow_their_scope() {
    const NAMESPACES: &[&str] = &["one", "two"];
    let text = "<a xmlns='one' xmlns:p='two' p:x='1' y='2'>\
                <b xmlns=''/><p:c/><d xmlns='thr&#101;e'><e/></d><f/></a>";
    let mut reader = Reader::new(text, &Options::new(NAMESPACES)).unwrap();
    let a = reader.root().unwrap();
    assert_eq!(a.ns(), NsId::known(1));
    assert_eq!(reader.attribute(&a, NsId::known(2), "x").as_deref(), Some("1"));
    assert_eq!(reader.attribute(&a, NsId::NONE, "y").as_deref(), Some("2"));
    assert_eq!(reader.attribute(&a, NsId::NONE, "x"), None);
    assert_eq!(reader.attributes(&a).count(), 2, "declarations are no attributes");
    let y = reader.attributes(&a).nth(1).unwrap();
    assert_eq!(text.get(y.offset()..y.offset() + 1), Some("y"));
    let mut seen = Vec::new();
    while let Some(child) = reader.child().unwrap() {
        seen.push((child.local(), reader.namespace_uri(child.ns()).to_owned()));
        if child.local() == "d" {
            let e = reader.child().unwrap().unwrap();
            assert_eq!(e.ns(), child.ns());
            reader.skip().unwrap();
        }
        reader.skip().unwrap();
    }
    let expected = [("b", ""), ("c", "two"), ("d", "three"), ("f", "one")];
    assert_eq!(seen, expected.map(|(local, uri)| (local, uri.to_owned())));
}

#[test]
fn text_between_elements_is_passed_over_and_remembered() {
    let mut reader = reader("<a>\n <b/> oops <b/></a>");
    reader.root().unwrap();
    reader.child().unwrap();
    reader.skip().unwrap();
    assert_eq!(reader.take_stray_text(), None);
    reader.child().unwrap();
    assert_eq!(reader.take_stray_text(), Some((9, " oops ")));
    assert_eq!(reader.take_stray_text(), None);
}

#[test]
fn text_at_the_top_of_a_fragment_is_text_only() {
    let options =
        Options::default().with_fragment(true).with_doctype(mdm_xml::Doctype::IgnoreSubset);
    for text in [
        "x<a/>",
        "<?xml version='1.0'?>x<a/>",
        "<!DOCTYPE a>x<a/>",
        "<!DOCTYPE a [<!ENTITY b '>'><!-- ]> -->]><![CDATA[x]]><a/>",
        "<?xml version='1.0'?><!-- ?> --><!DOCTYPE a><?b?>x<a/>",
    ] {
        let mut reader = Reader::new(text, &options).unwrap();
        let mdm_xml::Event::Text(found) = reader.next().unwrap() else { panic!("{text}") };
        assert_eq!(found.value(), "x", "{text}");
        assert!(!found.is_blank(), "{text}");
    }
}
