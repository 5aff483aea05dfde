//! The tokenizer finds the same tags, texts and errors as quick-xml's: in documents put together
//! by chance from pieces that are hard to split, and in every XML file of the corpus.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::string_slice)]

mod oracle;

use mdm_test_support::corpus;
use mdm_xml::{Limits, Source};
use proptest::prelude::*;

fn agree(text: &str) -> Result<(), TestCaseError> {
    oracle::agree(text).map_err(TestCaseError::fail)
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
