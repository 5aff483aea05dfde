//! What an independent reader reads, this one reads the same: documents made by chance, documents
//! broken by chance, and every XML file of the corpus.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use mdm_test_support::corpus;
use mdm_xml::{Doctype, Event, Limits, Options, Reader, Source, Tolerance};
use proptest::prelude::*;

/// A document as a list of lines, by roxmltree.
fn theirs(text: &str) -> Option<Vec<String>> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, options).ok()?;
    let mut lines = Vec::new();
    // Elements nest as deep as the document does: a stack, not recursion.
    let mut stack = vec![(document.root_element(), false)];
    while let Some((node, done)) = stack.pop() {
        if done {
            lines.push("end".to_owned());
        } else if node.is_text() {
            push_text(&mut lines, node.text().unwrap_or_default());
        } else if node.is_element() {
            lines.push(format!(
                "{{{}}}{}",
                node.tag_name().namespace().unwrap_or_default(),
                node.tag_name().name()
            ));
            for attribute in node.attributes() {
                lines.push(format!("@{}={:?}", attribute.name(), attribute.value()));
            }
            stack.push((node, true));
            stack.extend(node.children().rev().map(|child| (child, false)));
        }
    }
    Some(lines)
}

fn push_text(lines: &mut Vec<String>, text: &str) {
    match lines.last_mut().filter(|line| line.starts_with('"')) {
        Some(line) => {
            line.push_str(text);
        }
        None if text.is_empty() => {}
        None => lines.push(format!("\"{text}")),
    }
}

/// The same list by our reader.
fn ours(text: &str, options: &Options) -> Result<Vec<String>, mdm_xml::Error> {
    let mut reader = Reader::new(text, options)?;
    let mut lines = Vec::new();
    loop {
        match reader.next()? {
            Event::Start(element) => {
                let uri = reader.namespace_uri(element.ns());
                lines.push(format!("{{{uri}}}{}", element.local()));
                for attribute in reader.attributes(&element) {
                    lines.push(format!("@{}={:?}", attribute.local(), attribute.value()));
                }
            }
            Event::Text(text) => push_text(&mut lines, &text.value()),
            Event::End => lines.push("end".to_owned()),
            Event::Eof => return Ok(lines),
            _ => unreachable!("no other event is known"),
        }
    }
}

fn element() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[a-z &&[^\n]]{0,6}",
        Just("&amp;&#x41;&lt;".to_owned()),
        Just("<![CDATA[<x>&amp;]]>".to_owned()),
        Just("<!-- c -->".to_owned()),
        Just("<?p i?>".to_owned()),
        Just("\r\n\t".to_owned()),
        Just("ü鷗".to_owned()),
    ];
    let attributes = prop_oneof![
        Just(""),
        Just(" b='1'"),
        Just(" b=\"&quot;\" c='\t'"),
        Just(" xmlns='u'"),
        Just(" xmlns=''"),
        Just(" xmlns:p='v' p:d=''"),
    ];
    let leaf = text.prop_map(|text| text);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        (attributes.clone(), prop::collection::vec(inner, 0..5)).prop_map(|(attributes, inner)| {
            if inner.is_empty() {
                format!("<e{attributes}/>")
            } else {
                format!("<e{attributes}>{}</e>", inner.concat())
            }
        })
    })
    .prop_map(|content| format!("<r>{content}</r>"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn documents_are_read_alike(text in element()) {
        prop_assert_eq!(ours(&text, &Options::default()).ok(), theirs(&text));
    }

    #[test]
    fn broken_documents_are_read_alike_or_refused(
        text in element(),
        at in any::<prop::sample::Index>(),
        junk in prop_oneof!["[<>&;/='\"! \\]\\[-]{1,3}", ".{0,2}", Just("\u{1}".to_owned())],
        remove in 0usize..4,
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        let end = (at + remove).min(characters.len());
        characters.splice(at..end, junk.chars());
        let broken: String = characters.into_iter().collect();
        // roxmltree reads some things that XML forbids, and we read `]]>` in text; where both
        // read a document they agree.
        if let (Ok(ours), Some(theirs)) = (ours(&broken, &Options::default()), theirs(&broken)) {
            prop_assert_eq!(ours, theirs, "{:?}", broken);
        }
    }

    #[test]
    fn nothing_panics(text in "[<>a-c&;/=' !\\[\\]CDAT?xml:-]{0,60}") {
        let tolerant = Options::default()
            .with_doctype(Doctype::IgnoreSubset)
            .with_undeclared_prefixes(Tolerance::Keep)
            .with_forbidden_chars(Tolerance::Keep)
            .with_fragment(true);
        let _ = ours(&text, &tolerant);
        let _ = ours(&text, &Options::default());
    }
}

#[test]
fn every_xml_file_of_the_corpus_is_read_alike() {
    let mut read = 0;
    for name in ["syncml", "wsusss", "apple-mdm", "update-csp", "enrollment", "graph-wufb"] {
        let Some(corpus) = corpus(name) else { continue };
        for file in corpus.files() {
            let limits = Limits::default();
            let Ok(source) = Source::new(&file.bytes, &limits) else { continue };
            let Some(theirs) = theirs(source.text()) else { continue };
            let options = Options::default().with_doctype(Doctype::IgnoreSubset);
            match ours(source.text(), &options) {
                Ok(ours) => assert_eq!(ours, theirs, "{name}/{}", file.name),
                // roxmltree expands entities of a document type; we never do.
                Err(error) => {
                    let text = source.text();
                    let declares = text.contains("<!ENTITY");
                    assert!(declares, "{name}/{}: {error}", file.name);
                }
            }
            read += 1;
        }
    }
    assert!(read > 0 || !mdm_test_support::is_named(), "no XML file in the corpus");
}
