//! The fast ways through a document say what the plain ones say: `plain_text` before `content`,
//! and declarations that are recognised again instead of being read again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use mdm_test_support::corpus;
use mdm_xml::{Content, Error, Limits, Options, Reader, Source};
use proptest::prelude::*;

const KNOWN: &[&str] = &["u", "v"];

/// Everything about a document as a reader tells it; elements without children by `fast`.
fn walk(text: &str, options: &Options, fast: bool) -> Result<Vec<String>, Error> {
    let mut reader = Reader::new(text, options)?;
    let mut lines = Vec::new();
    let mut depth = 0_usize;
    loop {
        let Some(element) = reader.child()? else {
            if depth == 0 {
                return Ok(lines);
            }
            depth -= 1;
            lines.push("end".to_owned());
            continue;
        };
        let attributes: Vec<_> = reader
            .attributes(&element)
            .map(|attribute| format!("{}={}", attribute.name(), attribute.value()))
            .collect();
        assert_eq!(element.has_attributes(), !attributes.is_empty());
        let uri = reader.namespace_uri(element.ns()).to_owned();
        lines.push(format!("{} {{{uri}}} {attributes:?} {}", element.name(), element.offset()));
        let scope: Vec<_> =
            reader.declarations().map(|(prefix, uri)| format!("{prefix}={uri}")).collect();
        lines.push(scope.join(" "));
        // By its name: some elements are walked into, some are taken whole.
        if element.local() == "a" {
            depth += 1;
            continue;
        }
        let text = if fast { reader.plain_text().map(str::to_owned) } else { None };
        let text = match text {
            Some(text) => text,
            None => match reader.content()? {
                Content::Text(text) => text.value().into_owned(),
                Content::Markup(raw) => raw.outer().to_owned(),
            },
        };
        lines.push(format!("{text:?} to {}", reader.offset()));
    }
}

/// A document where no declaration is the same as one before: blanks make them differ, and
/// nothing else.
fn never_again(text: &str) -> String {
    let mut parts = text.split(" xmlns=");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        out.push_str(&" ".repeat(number));
        out.push_str("xmlns=");
        out.push_str(part);
    }
    out
}

/// The lines without the places.
fn placeless(lines: Result<Vec<String>, Error>) -> Result<Vec<String>, String> {
    let cut =
        |line: String| line.rsplit_once(' ').map_or(line.clone(), |(line, _)| line.to_owned());
    lines
        .map(|lines| lines.into_iter().map(cut).collect())
        .map_err(|error| format!("{:?} {:?}", error.kind(), error.path()))
}

fn agree(text: &str, options: &Options) {
    let plain = walk(text, options, false);
    assert_eq!(walk(text, options, true), plain, "{text}");
    if !text.contains("\n xmlns") {
        let other = walk(&never_again(text), options, true);
        assert_eq!(placeless(other), placeless(plain), "{text}");
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<a>",
        "</a>",
        "<a xmlns='u'>",
        "<a xmlns='v'>",
        "<a xmlns='w'>",
        "<a xmlns=''>",
        "<b>1</b>",
        "<b></b>",
        "<b/>",
        "<b xmlns='u'>a longer text, of more than eight bytes</b>",
        "<b xmlns='u'/>",
        "<c xmlns='u'>x</c>",
        "<c xmlns='u' >x</c>",
        "<c xmlns='u' d='1'>x</c>",
        "<c xmlns='&#117;'>x</c>",
        "<c xmlns:p='u'><p:d/></c>",
        "<b>1 &lt; 2</b>",
        "<b>line\r\nend</b>",
        "<b><![CDATA[<]]></b>",
        "<b>one<!-- two -->three</b>",
        "<b><c>4</c></b>",
        "<b>1</b >",
        "<b>1</c>",
        "<b>&nbsp;</b>",
        "<b>1234567</b>",
        "<b>12345678</b>",
        "<b>123456789 a text of many more bytes than a search is set up for, so that it is</b>",
        "text",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn chance_documents_are_told_alike(pieces in prop::collection::vec(piece(), 0..24)) {
        let body = pieces.concat();
        let options = Options::new(KNOWN);
        agree(&format!("<a>{body}</a>"), &options);
        agree(&body, &options.with_fragment(true));
        let tight = Limits::default().with_namespaces(2).with_text(8);
        agree(&format!("<a>{body}</a>"), &options.with_limits(tight));
    }
}

#[test]
fn a_declaration_that_comes_again_counts_against_the_limit() {
    for max in 1..4 {
        let text = format!("{}{}", "<a xmlns='u'>".repeat(max), "</a>".repeat(max));
        let read = |limit: usize| {
            let limits = Limits::default().with_namespaces(limit);
            walk(&text, &Options::new(KNOWN).with_limits(limits), true)
        };
        assert!(read(max).is_ok());
        let refused = read(max - 1).unwrap_err();
        let limit = mdm_xml::Limit::Namespaces;
        assert_eq!(*refused.kind(), mdm_xml::ErrorKind::Limit { limit, max: max - 1 });
        assert_eq!(refused.position().map(|place| place.offset), Some(13 * (max - 1) + 3));
    }
}

#[test]
fn plain_text_is_within_the_limit_of_texts() {
    for (limit, fits) in [(4, true), (3, false)] {
        let options = Options::default().with_limits(Limits::default().with_text(limit));
        let mut reader = Reader::new("<a>1234</a>", &options).unwrap();
        reader.root().unwrap();
        assert_eq!(reader.plain_text(), fits.then_some("1234"));
        if !fits {
            assert!(reader.content().is_err());
        }
    }
}

#[test]
fn the_corpus_is_told_alike() {
    for part in ["syncml", "wsusss", "update-csp", "apple-mdm", "enrollment"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            let Ok(source) = Source::new(&file.bytes, &Limits::default()) else { continue };
            let options = Options::new(&["SYNCML:SYNCML1.2", "syncml:metinf"]);
            let plain = walk(source.text(), &options, false);
            assert_eq!(walk(source.text(), &options, true), plain, "{}", file.name);
        }
    }
}
