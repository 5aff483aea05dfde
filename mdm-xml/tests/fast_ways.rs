//! The fast ways through a document say what the plain ones say: `plain_text` before `content`,
//! `leaf`, `leaf_of` and `enter` before `child`, and declarations that are recognised again instead of being
//! read again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use mdm_test_support::corpus;
use mdm_xml::{
    Content, Element, Error, ErrorKind, Limit, Limits, NsId, Options, Reader, Source, Tags,
    Tolerance, tags,
};
use proptest::prelude::*;

const KNOWN: &[&str] = &["u", "v"];

/// Elements that are expected.
const LEAVES: &[Tags] = &[
    tags!("b"),
    tags!("b" in "u"),
    tags!("c"),
    tags!("c" in "w"),
    tags!("LocURI"),
    tags!("CmdID"),
    tags!("Data"),
    tags!("Format" in "syncml:metinf"),
];
const PARENTS: &[Tags] = &[tags!("a"), tags!("a" in "u"), tags!("Item"), tags!("Target")];

/// An element that stands here as it is expected: what is told of it is added, and whether it is
/// open is returned.
fn expected(reader: &mut Reader<'_>, lines: &mut Vec<String>) -> Option<bool> {
    let default = reader.resolve_prefix("");
    let strange = NsId::known(77);
    for tags in LEAVES {
        let scope = scope(reader);
        if tags.namespace().is_none() {
            assert_eq!(reader.leaf(*tags, strange), None);
        }
        let Some(text) = reader.leaf(*tags, default) else { continue };
        let (name, end) = (tags.name(), reader.offset());
        let offset = end - tags.open().len() - text.len() - tags.close().len();
        let uri = tags.namespace().unwrap_or_else(|| reader.namespace_uri(default));
        lines.push(format!("{name} {{{uri}}} [] {offset}"));
        let own = tags.namespace().map(|uri| format!("={uri}"));
        let scopes = own.into_iter().chain((!scope.is_empty()).then_some(scope));
        lines.push(scopes.collect::<Vec<_>>().join(" "));
        lines.push(format!("{text:?} to {end}"));
        return Some(false);
    }
    for tags in PARENTS {
        assert!(reader.enter(*tags, strange).is_none());
        let Some(element) = reader.enter(*tags, default) else { continue };
        assert_eq!(reader.path().rsplit('/').next(), Some(element.name()));
        tell(reader, &element, lines);
        return Some(true);
    }
    None
}

fn tell(reader: &Reader<'_>, element: &Element<'_>, lines: &mut Vec<String>) {
    let attributes: Vec<_> = reader
        .attributes(element)
        .map(|attribute| format!("{}={}", attribute.name(), attribute.value()))
        .collect();
    assert_eq!(element.has_attributes(), !attributes.is_empty());
    let uri = reader.namespace_uri(element.ns()).to_owned();
    lines.push(format!("{} {{{uri}}} {attributes:?} {}", element.name(), element.offset()));
    lines.push(scope(reader));
}

fn scope(reader: &Reader<'_>) -> String {
    let scope: Vec<_> =
        reader.declarations().map(|(prefix, uri)| format!("{prefix}={uri}")).collect();
    scope.join(" ")
}

/// How a document is walked.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Plain,
    /// Elements without children by `plain_text`.
    Texts,
    /// The same, and what is expected by `leaf` and `enter`.
    Expecting,
    /// The same, by `leaf_of`.
    Alike,
}

/// A child that is named as its parent is, and is expected: what is told of it is added.
fn alike<'x>(reader: &mut Reader<'x>, parents: &[Element<'x>], lines: &mut Vec<String>) -> bool {
    let Some((parent, before)) = parents.split_last() else { return false };
    let scope = scope(reader);
    for local in ["b", "c", "LocURI", "CmdID", "Data", "Format"] {
        assert!(before.iter().all(|outer| reader.leaf_of(outer, local).is_none()));
        let Some(text) = reader.leaf_of(parent, local) else { continue };
        let name = match parent.prefix() {
            "" => local.to_owned(),
            prefix => format!("{prefix}:{local}"),
        };
        let offset = reader.offset() - 2 * name.len() - text.len() - "<></>".len();
        let uri = reader.namespace_uri(parent.ns());
        lines.push(format!("{name} {{{uri}}} [] {offset}"));
        lines.push(scope);
        lines.push(format!("{text:?} to {}", reader.offset()));
        return true;
    }
    false
}

/// Everything about a document as a reader tells it.
fn walk(text: &str, options: &Options, way: Way) -> Result<Vec<String>, Error> {
    let mut reader = Reader::new(text, options)?;
    let mut lines = Vec::new();
    let mut depth = 0_usize;
    let mut parents = Vec::new();
    loop {
        if way == Way::Alike && alike(&mut reader, &parents, &mut lines) {
            continue;
        }
        if way == Way::Expecting
            && let Some(open) = expected(&mut reader, &mut lines)
        {
            depth += usize::from(open);
            continue;
        }
        let Some(element) = reader.child()? else {
            if depth == 0 {
                return Ok(lines);
            }
            depth -= 1;
            parents.pop();
            lines.push("end".to_owned());
            continue;
        };
        tell(&reader, &element, &mut lines);
        // By its name: some elements are walked into, some are taken whole.
        if PARENTS.iter().any(|parent| parent.name() == element.local()) {
            depth += 1;
            parents.push(element);
            continue;
        }
        let text = if way != Way::Plain { reader.plain_text().map(str::to_owned) } else { None };
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
    let plain = walk(text, options, Way::Plain);
    assert_eq!(walk(text, options, Way::Texts), plain, "{text}");
    assert_eq!(walk(text, options, Way::Expecting), plain, "{text}");
    assert_eq!(walk(text, options, Way::Alike), plain, "{text}");
    if !text.contains("\n xmlns") {
        let other = walk(&never_again(text), options, Way::Texts);
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
        "<b xmlns=\"u\">1</b>",
        "<c xmlns=\"w\">1</c>",
        "<c xmlns=\"w\">&#49;</c>",
        "<c>2</c>",
        "<a xmlns=\"u\">",
        "<p:a xmlns:p='u'>",
        "<p:a>",
        "</p:a>",
        "<p:b>1</p:b>",
        "<p:b>1</p:c>",
        "<p:c>1 &lt; 2</p:c>",
        "<q:b>1</q:b>",
        "<p:b q='1'>1</p:b>",
        "\n\t ",
        "                                                                ",
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
        let prefixes = options.with_undeclared_prefixes(Tolerance::Keep);
        agree(&format!("<p:a>{body}</p:a>"), &prefixes);
        agree(&format!("<p:a xmlns:p='v'>{body}</p:a>"), &options);
        agree(&body, &options.with_fragment(true));
        let tight = Limits::default().with_namespaces(2).with_text(8);
        agree(&format!("<a>{body}</a>"), &options.with_limits(tight));
        let tight = Limits::default().with_depth(3).with_elements(8);
        agree(&format!("<a>{body}</a>"), &options.with_limits(tight));
    }
}

#[test]
fn a_declaration_that_comes_again_counts_against_the_limit() {
    for max in 1..4 {
        let text = format!("{}{}", "<a xmlns='u'>".repeat(max), "</a>".repeat(max));
        let read = |limit: usize| {
            let limits = Limits::default().with_namespaces(limit);
            walk(&text, &Options::new(KNOWN).with_limits(limits), Way::Texts)
        };
        assert!(read(max).is_ok());
        let refused = read(max - 1).unwrap_err();
        let limit = Limit::Namespaces;
        assert_eq!(*refused.kind(), ErrorKind::Limit { limit, max: max - 1 });
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
fn what_is_expected_is_taken_within_the_limits_only() {
    let text = "<a><a><b xmlns=\"u\">1234</b></a></a>";
    let taken = |limits: Limits| {
        let mut reader = Reader::new(text, &Options::new(KNOWN).with_limits(limits)).unwrap();
        reader.root().unwrap();
        reader.enter(tags!("a"), NsId::NONE).and_then(|_| {
            let text = reader.leaf(tags!("b" in "u"), NsId::known(1));
            // What is not taken is there still, to be refused.
            assert_eq!(text.is_none(), reader.skip().is_err());
            text
        })
    };
    let limits = Limits::default();
    for (limits, too_few) in [
        (limits.with_depth(3), limits.with_depth(2)),
        (limits.with_elements(3), limits.with_elements(2)),
        (limits.with_text(4), limits.with_text(3)),
        (limits.with_namespaces(1), limits.with_namespaces(0)),
        (limits.with_attributes(1), limits.with_attributes(0)),
    ] {
        assert_eq!(taken(limits), Some("1234"));
        assert_eq!(taken(too_few), None, "{too_few:?}");
    }
    let entered = |limits: Limits| {
        let mut reader = Reader::new(text, &Options::default().with_limits(limits)).unwrap();
        reader.root().unwrap();
        let entered = reader.enter(tags!("a"), NsId::NONE).is_some();
        let refused = (!entered).then(|| reader.child().unwrap_err().kind().clone());
        (entered, refused)
    };
    let limit = |limit, max| Some(ErrorKind::Limit { limit, max });
    assert_eq!(entered(limits.with_depth(2)), (true, None));
    assert_eq!(entered(limits.with_depth(1)), (false, limit(Limit::Depth, 1)));
    assert_eq!(entered(limits.with_elements(2)), (true, None));
    assert_eq!(entered(limits.with_elements(1)), (false, limit(Limit::Elements, 1)));
}

#[test]
fn nothing_is_expected_at_the_top_or_behind_an_empty_tag() {
    let options = Options::default().with_fragment(true);
    let mut reader = Reader::new("<b>1</b><a><b/><b>2</b></a>", &options).unwrap();
    assert_eq!(reader.leaf(tags!("b"), NsId::NONE), None);
    assert!(reader.enter(tags!("b"), NsId::NONE).is_none());
    reader.child().unwrap();
    reader.skip().unwrap();
    reader.child().unwrap();
    reader.child().unwrap();
    // Inside of <b/>.
    assert_eq!(reader.leaf(tags!("b"), NsId::NONE), None);
    assert!(reader.enter(tags!("b"), NsId::NONE).is_none());
    assert!(reader.child().unwrap().is_none());
    assert_eq!(reader.leaf(tags!("b"), NsId::NONE), Some("2"));
}

#[test]
fn the_corpus_is_told_alike() {
    for part in ["syncml", "wsusss", "update-csp", "apple-mdm", "enrollment"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            let Ok(source) = Source::new(&file.bytes, &Limits::default()) else { continue };
            let options = Options::new(&["SYNCML:SYNCML1.2", "syncml:metinf"]);
            let plain = walk(source.text(), &options, Way::Plain);
            for way in [Way::Texts, Way::Expecting] {
                assert_eq!(walk(source.text(), &options, way), plain, "{}", file.name);
            }
        }
    }
}

/// Blanks before a tag are passed over at once, if they are few: any number says the same, and they
/// count as text.
#[test]
fn blanks_before_tags_count_as_text_whatever_their_number() {
    let children = |blanks: usize, limits: Limits| -> Result<Vec<usize>, Error> {
        let blank: String = " \t\r\n".chars().cycle().take(blanks).collect();
        let text = format!("<a>{blank}<b></b>{blank}<b/>{blank}</a>");
        let mut reader = Reader::new(&text, &Options::default().with_limits(limits))?;
        let mut offsets = vec![reader.root()?.offset()];
        while let Some(child) = reader.child()? {
            offsets.push(child.offset());
            reader.skip()?;
        }
        assert_eq!((reader.offset(), reader.take_stray_text()), (text.len(), None));
        reader.finish()?;
        Ok(offsets)
    };
    for blanks in [0, 1, 63, 64, 65, 1_000] {
        let expected = vec![0, 3 + blanks, 10 + 2 * blanks];
        assert_eq!(children(blanks, Limits::DEFAULT).unwrap(), expected, "{blanks}");
    }
    for most in [0, 1, 63, 64, 65, 1_000] {
        let limits = Limits::DEFAULT.with_text(most);
        assert!(children(most, limits).is_ok(), "{most}");
        let error = children(most + 1, limits).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Limit { limit: Limit::Text, .. }), "{error}");
    }
}
