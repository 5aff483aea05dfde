//! Forbidden characters are looked for while the text is read, a part at a time: none is ever handed
//! out, wherever it stands, and what was wrong before is said instead of what comes of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use mdm_xml::{Error, ErrorKind, Event, NsId, Options, Reader, Tolerance, tags};
use proptest::prelude::*;

/// Longer than several of the parts that are looked at.
const ROWS: usize = 300;

/// A row of a document: elements as they are expected, and everything else that can be written.
fn row(number: usize, long: bool) -> String {
    let more = if long { "l".repeat(9_000) } else { String::new() };
    format!(
        "<r><b>text {number}</b><c d='{number}'/><!-- {number} --><?p {number}?><e><![CDATA[{number}]]>\
         </e>\n<f>&lt;{number}{more}</f ></r>"
    )
}

fn document() -> String {
    let rows: String = (0..ROWS).map(|number| row(number, number % 100 == 50)).collect();
    format!("<a>{rows}</a>")
}

/// Everything that can be had of a document, the fast ways first; and what ends it.
fn read(text: &str, mut give: impl FnMut(&str)) -> Result<(), Error> {
    let mut reader = Reader::new(text, &Options::default())?;
    reader.root()?;
    while let Some(row) = reader.child()? {
        give(row.name());
        if let Some(text) = reader.leaf(tags!("b"), NsId::NONE) {
            give(text);
        }
        while let Some(element) = reader.child()? {
            give(element.name());
            reader.attributes(&element).for_each(|attribute| give(&attribute.value()));
            match reader.plain_text() {
                Some(text) => give(text),
                None => give(reader.text()?.raw()),
            }
        }
    }
    reader.finish()
}

fn events(text: &str, mut give: impl FnMut(&str)) -> Result<(), Error> {
    let mut reader = Reader::new(text, &Options::default())?;
    loop {
        match reader.next()? {
            Event::Start(element) => {
                reader.attributes(&element).for_each(|attribute| give(&attribute.value()));
            }
            Event::Text(text) => give(text.raw()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// As [`read`], without a look at anything.
fn skip(text: &str) -> Result<(), Error> {
    let mut reader = Reader::new(text, &Options::default())?;
    reader.root()?;
    reader.skip()?;
    reader.finish()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(100)
    })]

    #[test]
    fn none_is_handed_out_and_each_is_found_where_it_stands(
        at in any::<prop::sample::Index>(),
        bad in prop::sample::select(vec!['\0', '\u{1}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}']),
    ) {
        let mut text = document();
        let at = at.index(text.len());
        text.insert(at, bad);
        let watch = |given: &str| assert!(!given.contains(bad), "{at}: {given:?}");
        for result in [read(&text, watch), events(&text, watch), skip(&text)] {
            let error = result.unwrap_err();
            prop_assert_eq!(error.kind(), &ErrorKind::ForbiddenChar(bad.into()));
            let position = error.position().unwrap();
            prop_assert_eq!(position.offset, at);
        }
    }
}

#[test]
fn what_is_read_does_not_depend_on_what_comes_much_later() {
    let text = format!("{}\u{1}", document());
    let mut reader = Reader::new(&text, &Options::default()).unwrap();
    reader.root().unwrap();
    assert_eq!(reader.child().unwrap().map(|row| row.name()), Some("r"));
    assert_eq!(reader.leaf(tags!("b"), NsId::NONE), Some("text 0"));
}

#[test]
fn it_is_said_instead_of_another_error() {
    let text = format!("<a><b></c>{}\u{1}", " ".repeat(50_000));
    let error = skip(&text).unwrap_err();
    assert_eq!(
        *error.kind(),
        ErrorKind::ForbiddenChar(1),
        "a caller may read it again and keep it"
    );
    let keep = Options::default().with_forbidden_chars(Tolerance::Keep);
    let mut reader = Reader::new(&text, &keep).unwrap();
    reader.root().unwrap();
    let error = reader.skip().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::MismatchedEndTag { .. }));
}
