//! The tokenizer finds the same tags, texts and errors as quick-xml's: in documents put together
//! by chance from pieces that are hard to split, and in every XML file of the corpus.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::string_slice)]

use mdm_test_support::corpus;
use mdm_xml::{Doctype, Event, Limits, Options, Reader, Source, Tolerance};
use proptest::prelude::*;
use quick_xml::events::Event as Quick;

/// Start tags as they stand, end tags, and runs of character data as they stand.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Line {
    Start(String),
    Text(String),
    End,
}

/// The document by quick-xml; `None` where it refuses it.
fn theirs(text: &str) -> Option<Vec<Line>> {
    let mut reader = quick_xml::Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    let mut lines = Vec::new();
    let mut depth = 0usize;
    let mut run = false;
    loop {
        let from = usize::try_from(reader.buffer_position()).unwrap();
        let event = reader.read_event().ok()?;
        let to = usize::try_from(reader.buffer_position()).unwrap();
        // What stands between tags is one run, whatever quick-xml makes of it.
        let piece = &text[from..to];
        match event {
            Quick::Start(start) => {
                lines.push(Line::Start(start.as_ref().to_owned()));
                depth += 1;
                run = false;
            }
            Quick::End(_) => {
                lines.push(Line::End);
                depth = depth.checked_sub(1)?;
                run = false;
            }
            Quick::Eof => return (depth == 0).then_some(lines),
            Quick::Empty(_) => unreachable!("empty elements are expanded"),
            // Before and after the root is nothing to compare but the root itself.
            _ if depth == 0 => {}
            _ if run => match lines.last_mut() {
                Some(Line::Text(run)) => run.push_str(piece),
                _ => unreachable!("a run goes on"),
            },
            _ => {
                lines.push(Line::Text(piece.to_owned()));
                run = true;
            }
        }
    }
}

/// The same by our reader.
fn ours(text: &str) -> Result<Vec<Line>, mdm_xml::Error> {
    let options = Options::default()
        .with_fragment(true)
        .with_doctype(Doctype::IgnoreSubset)
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_forbidden_chars(Tolerance::Keep);
    let mut reader = Reader::new(text, &options)?;
    let mut lines = Vec::new();
    loop {
        match reader.next()? {
            Event::Start(element) => {
                let end = reader.offset() - 1 - usize::from(element.is_empty_tag());
                lines.push(Line::Start(text[element.offset() + 1..end].to_owned()));
            }
            Event::Text(_) if reader.depth() == 0 => {}
            Event::Text(run) => lines.push(Line::Text(run.raw().to_owned())),
            Event::End => lines.push(Line::End),
            _ => return Ok(lines),
        }
    }
}

fn agree(text: &str) -> Result<(), TestCaseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (theirs, ours) = (theirs(text), ours(text));
    match ours {
        Ok(ours) => {
            prop_assert!(theirs.is_some(), "only we read {text:?}: {ours:?}");
            prop_assert_eq!(Some(ours), theirs, "{:?}", text);
        }
        Err(error) => {
            use mdm_xml::{ErrorKind as Kind, Malformed};
            // quick-xml looks for the ends of markup, not at what stands inside, and lets quotes
            // stand open where a document type has them outside its declarations.
            let ours_alone = matches!(
                error.kind(),
                Kind::Malformed(
                    Malformed::Name
                        | Malformed::Attribute
                        | Malformed::Reference
                        | Malformed::Namespace
                        | Malformed::Declaration
                        | Malformed::Doctype
                        | Malformed::OpenDoctype
                ) | Kind::UnknownEntity(_)
                    | Kind::CharReference(_)
                    | Kind::DuplicateAttribute(_)
            );
            prop_assert!(theirs.is_none() || ours_alone, "only we refuse {text:?}: {error}");
        }
    }
    Ok(())
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<a>",
        "</a>",
        "<b>",
        "</b>",
        "<a/>",
        "<b />",
        "<a\n>",
        "</a >",
        "<p:a>",
        "</p:a>",
        "<a x='1'>",
        "<a x=\"1\" y = '2'/>",
        "<a x='>'>",
        "<a x='</a>'>",
        "<a xmlns='u'>",
        "<a x='1",
        "'>",
        "\">",
        "text",
        " ",
        "\r\n",
        "&amp;",
        "&lt;b&gt;",
        "&",
        ";",
        "&#65;",
        "<![CDATA[",
        "]]>",
        "]]",
        "<!-- ",
        "-->",
        "--",
        "<!-->",
        "<?pi ",
        "?>",
        "<?xml ?>",
        "<?xml version='1.0'?>",
        "<?xmlx?>",
        "<!DOCTYPE a>",
        "<!DOCTYPE a [",
        "]>",
        "<!x>",
        "<",
        ">",
        "/>",
        "<!",
        "</",
        "é",
        "\u{fffd}",
        "<!ENTITY e '>'>",
        "<1>",
        "=",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(4_000)
    })]

    #[test]
    fn what_is_put_together_by_chance_is_split_alike(
        pieces in prop::collection::vec(piece(), 0..12),
    ) {
        agree(&pieces.concat())?;
    }

    #[test]
    fn what_stands_inside_elements_is_split_alike(
        pieces in prop::collection::vec(piece(), 0..8),
    ) {
        agree(&format!("<r>{}</r>", pieces.concat()))?;
    }
}

#[test]
fn the_corpus_is_split_alike() {
    for part in ["syncml", "wsusss", "update-csp", "apple-mdm", "enrollment"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            let Ok(source) = Source::new(&file.bytes, &Limits::default()) else { continue };
            if let Err(error) = agree(source.text()) {
                panic!("{}: {error}", file.name);
            }
        }
    }
}
