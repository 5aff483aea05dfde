//! Every limit accepts n and refuses n + 1.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use mdm_xml::{ErrorKind, Limit, Limits, Options, Reader};

fn read(text: &str, limits: Limits) -> Result<(), ErrorKind> {
    let options = Options::default().with_limits(limits);
    let result = Reader::new(text, &options).and_then(|mut reader| reader.finish());
    result.map_err(|error| error.into_parts().0)
}

fn check(limit: Limit, limits: impl Fn(usize) -> Limits, text: impl Fn(usize) -> String) {
    for max in [1, 2, 7] {
        assert_eq!(read(&text(max), limits(max)), Ok(()), "{limit} {max}");
        let over = read(&text(max + 1), limits(max));
        assert!(
            matches!(over, Err(ErrorKind::Limit { limit: found, .. }) if found == limit),
            "{limit} {max}: {over:?}"
        );
    }
}

#[test]
fn bytes() {
    check(
        Limit::Bytes,
        |n| Limits::default().with_bytes(n + 4),
        |n| format!("<a/>{}", " ".repeat(n)),
    );
}

#[test]
fn depth() {
    check(
        Limit::Depth,
        |n| Limits::default().with_depth(n),
        |n| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n)),
    );
}

#[test]
fn elements() {
    check(
        Limit::Elements,
        |n| Limits::default().with_elements(n + 1),
        |n| format!("<r>{}</r>", "<a/>".repeat(n)),
    );
}

#[test]
fn attributes() {
    check(
        Limit::Attributes,
        |n| Limits::default().with_attributes(n),
        |n| format!("<r{}/>", (0..n).map(|i| format!(" a{i}=''")).collect::<String>()),
    );
}

#[test]
fn text() {
    check(Limit::Text, |n| Limits::default().with_text(n), |n| format!("<r>{}</r>", "x".repeat(n)));
    check(
        Limit::Text,
        |n| Limits::default().with_text(n + 12),
        |n| format!("<r><![CDATA[{}]]></r>", "x".repeat(n)),
    );
}

#[test]
fn namespaces() {
    // In scope at one time: an element that is closed gives its declarations back.
    check(
        Limit::Namespaces,
        |n| Limits::default().with_namespaces(n),
        |n| {
            let open: String = (0..n).map(|i| format!("<p{i}:a xmlns:p{i}='u{i}'>")).collect();
            let close: String = (0..n).rev().map(|i| format!("</p{i}:a>")).collect();
            format!("<r><a xmlns='x'/><a xmlns='y'/>{open}{close}</r>")
        },
    );
}

#[test]
fn the_defaults_hold_against_what_is_made_to_hurt() {
    let deep = "<a>".repeat(1_000_000);
    assert!(matches!(read(&deep, Limits::default()), Err(ErrorKind::Limit { .. })));
    let many = format!("<r>{}</r>", "<a/>".repeat(1_000_001));
    assert!(matches!(read(&many, Limits::default()), Err(ErrorKind::Limit { .. })));
    let references = format!("<r>{}", "&#65;".repeat(200_000));
    assert!(matches!(read(&references, Limits::default()), Err(ErrorKind::UnexpectedEnd { .. })));
}
