//! The reader: what is refused and where, what is repaired and how, and its bounds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use graph_wufb::json::{Code, Limits, Options, RawObject, Value, read};
use graph_wufb::{ErrorKind, LimitKind};
use proptest::prelude::*;

/// Code, line, column and pointer.
type Repair = (Code, u32, u32, &'static str);

/// Text, what it is read as, and the repairs with their places.
const REPAIRS: &[(&str, &str, &[Repair])] = &[
    ("[1,]", "[1]", &[(Code::TrailingComma, 1, 4, "")]),
    ("{\"a\":1,\n}", r#"{"a":1}"#, &[(Code::TrailingComma, 2, 1, "")]),
    ("[1,,2]", "[1,2]", &[(Code::ExtraComma, 1, 4, "/1")]),
    ("[,1]", "[1]", &[(Code::ExtraComma, 1, 2, "/0")]),
    ("{,\"a\":1}", r#"{"a":1}"#, &[(Code::ExtraComma, 1, 2, "")]),
    ("[1 2]", "[1,2]", &[(Code::MissingComma, 1, 4, "/1")]),
    ("{\"a\":{\"b\":1 \"c\":2}}", r#"{"a":{"b":1,"c":2}}"#, &[(Code::MissingComma, 1, 13, "/a")]),
    ("{\"a\" 1}", r#"{"a":1}"#, &[(Code::MissingColon, 1, 6, "/a")]),
    ("{\"a\":,\"b\":2}", r#"{"a":null,"b":2}"#, &[(Code::MissingValue, 1, 6, "/a")]),
    ("\"a\":1", r#"{"a":1}"#, &[(Code::MissingOpen, 1, 4, ""), (Code::UnclosedTail, 1, 6, "")]),
    ("{\"a\":[1}", r#"{"a":[1]}"#, &[(Code::MissingClose, 1, 8, "/a")]),
    ("[1}]", "[1]", &[(Code::SurplusClose, 1, 3, "")]),
    ("{\"a\":1}}", r#"{"a":1}"#, &[(Code::SurplusClose, 1, 8, "")]),
    ("{\"a\":1},\"b\":2}", r#"{"a":1,"b":2}"#, &[(Code::SurplusClose, 1, 7, "")]),
    (
        "{\"a\":[{\"b\":\"c",
        r#"{"a":[{"b":"c"}]}"#,
        &[(Code::UnclosedTail, 1, 14, "/a/0/b"), (Code::UnclosedTail, 1, 14, "/a/0")],
    ),
    ("[tru", "[true]", &[(Code::UnclosedTail, 1, 2, "/0"), (Code::UnclosedTail, 1, 5, "")]),
    ("[1.", "[1]", &[(Code::UnclosedTail, 1, 4, "/0"), (Code::UnclosedTail, 1, 4, "")]),
    ("{\"s\":null,\"s\":{\"t\":1}}", r#"{"s":{"t":1}}"#, &[(Code::DuplicateName, 1, 11, "/s")]),
    ("[\"a\tb\"]", r#"["a\tb"]"#, &[(Code::ControlCharacter, 1, 4, "/0")]),
    ("[\"\\x\"]", "[\"\u{fffd}\"]", &[(Code::BadEscape, 1, 3, "/0")]),
    ("[\"\\ud83d!\"]", "[\"\u{fffd}!\"]", &[(Code::BadEscape, 1, 3, "/0")]),
    ("\u{feff}[]", "[]", &[(Code::ByteOrderMark, 1, 1, "")]),
];

#[test]
fn each_repair_is_refused_strictly_and_reported_tolerantly() {
    for (text, meaning, repairs) in REPAIRS {
        let error = read(text.as_bytes(), &Options::strict()).expect_err(text);
        assert!(error.position().is_some(), "{text}: {error}");
        let document = read(text.as_bytes(), &Options::tolerant()).expect(text);
        assert_eq!(document.value.to_json(), *meaning, "{text}");
        let found: Vec<_> = document
            .diagnostics
            .iter()
            .map(|d| (d.code, d.position.line, d.position.column, d.pointer.as_str()))
            .collect();
        assert_eq!(found, *repairs, "{text}");
    }
}

#[test]
fn what_no_repair_is_defined_for_is_refused() {
    for text in [
        "", " ", "nul1", "[01]", "{a:1}", "{'a':1}", "// x\n[]", "[...]", "1 2", "[1]2", "}",
        "{1:2}", "[-a]",
    ] {
        let error = read(text.as_bytes(), &Options::tolerant()).expect_err(text);
        assert!(matches!(error.kind(), ErrorKind::Syntax { .. }), "{text}: {error}");
    }
    let error = read(b"[\"\xff\"]", &Options::tolerant()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Encoding);
    assert_eq!(error.position().unwrap().column, 3);
}

#[test]
fn errors_say_what_was_expected_and_where() {
    for (text, message) in [
        ("{\"value\": [{\"a\"}]}", "expected `:`, found `}`, at line 1, column 16 (in /value/0/a)"),
        ("{\"a\": 1\n \"b\": 2}", "expected `,` or `}`, found `\"`, at line 2, column 2"),
        ("{\"a/b\": [tru]}", "expected a value, found `tru`, at line 1, column 10 (in /a~1b/0)"),
        ("[1", "expected `,` or `]`, found the end of the text, at line 1, column 3"),
        (
            "{\"a\":1,\"a\":2}",
            "the name \"a\" occurs twice in one object, at line 1, column 8 (in /a)",
        ),
        ("[] []", "expected the end of the text, found `[`, at line 1, column 4"),
    ] {
        assert_eq!(read(text.as_bytes(), &Options::strict()).unwrap_err().to_string(), message);
    }
}

#[test]
fn every_limit_holds_at_n_and_not_at_n_plus_one() {
    let at = |text: &str, limits: Limits| {
        read(text.as_bytes(), &Options::tolerant().with_limits(limits)).map(|_| ()).map_err(
            |error| match error.kind() {
                ErrorKind::Limit { what, limit, .. } => (*what, *limit),
                other => panic!("{other}"),
            },
        )
    };
    let base = Limits::new();
    assert_eq!(at("[1,2]", base.with_bytes(5)), Ok(()));
    assert_eq!(at("[1,2]", base.with_bytes(4)), Err((LimitKind::Bytes, 4)));
    assert_eq!(at("[{\"a\":[]}]", base.with_depth(3)), Ok(()));
    assert_eq!(at("[{\"a\":[]}]", base.with_depth(2)), Err((LimitKind::Depth, 2)));
    // The array, the object, the name, the value.
    assert_eq!(at("[{\"a\":1}]", base.with_nodes(4)), Ok(()));
    assert_eq!(at("[{\"a\":1}]", base.with_nodes(3)), Err((LimitKind::Nodes, 3)));
    assert_eq!(at("[1 2 3]", base.with_repairs(2)), Ok(()));
    assert_eq!(at("[1 2 3]", base.with_repairs(1)), Err((LimitKind::Repairs, 1)));
    // Whatever is asked for, no more than 128 deep.
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(at(&nested(128), base.with_depth(usize::MAX)), Ok(()));
    assert_eq!(at(&nested(129), base.with_depth(usize::MAX)), Err((LimitKind::Depth, 128)));
}

#[test]
fn hostile_texts_are_read_in_linear_time() {
    // A quadratic reader would need minutes for these.
    let many: String = (0..200_000).map(|i| format!("\"k{i}\":{i},")).collect();
    let text = format!("{{{}\"k0\":1}}", many);
    let document = read(text.as_bytes(), &Options::tolerant()).unwrap();
    assert_eq!(document.diagnostics.len(), 1);
    assert_eq!(document.value.as_object().unwrap().get("k0"), Some(&Value::from(1)));
    assert!(read("[".repeat(1_000_000).as_bytes(), &Options::tolerant()).is_err());
    assert!(read("{},".repeat(1_000_000).as_bytes(), &Options::tolerant()).is_err());
    assert!(read("[,".repeat(1_000_000).as_bytes(), &Options::tolerant()).is_err());
    let quotes = "\"\\".repeat(500_000);
    let _ = read(quotes.as_bytes(), &Options::tolerant());
}

#[test]
fn order_and_spelling_survive() {
    let text = r##"{"b":1.0,"a":1e2,"@odata.type":"#x","z@odata.context":"c","n":-0,"big":123456789012345678901234567890}"##;
    let object = RawObject::try_from(text).unwrap();
    assert_eq!(object.to_json(), text);
    assert_eq!(object.odata_type(), Some("x"));
    assert_eq!(object.get_loose("A").unwrap().to_json(), "1e2");
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1e9..1e9_f64).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map("[a-c~/\"\\\\é]{0,3}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A text with up to four pieces cut out or put in.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..3_usize, "[\\[\\]{},:\"0-9ntf\\\\ -]{0,3}");
    (json(), prop::collection::vec(edit, 0..4)).prop_map(|(value, edits)| {
        let mut text: Vec<char> = value.to_string().chars().collect();
        for (at, cut, insert) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, insert.chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..Default::default() })]

    #[test]
    fn strict_agrees_with_serde_json(text in mutated()) {
        let reference = serde_json::from_str::<serde_json::Value>(&text);
        match (read(text.as_bytes(), &Options::strict()), reference) {
            (Ok(document), Ok(reference)) => {
                let again: serde_json::Value =
                    serde_json::from_str(&document.value.to_json()).unwrap();
                prop_assert_eq!(again, reference);
            }
            (Err(error), Ok(_)) => {
                let duplicate = matches!(error.kind(), ErrorKind::DuplicateName { .. });
                prop_assert!(duplicate, "{}: {}", text, error);
            }
            (Ok(_), Err(error)) => {
                prop_assert!(error.to_string().contains("out of range"), "{text}: {error}");
            }
            (Err(error), Err(_)) => prop_assert!(error.position().is_some()),
        }
    }

    #[test]
    fn tolerant_reads_what_strict_reads_and_ends_in_what_strict_reads(text in mutated()) {
        let strict = read(text.as_bytes(), &Options::strict());
        let tolerant = read(text.as_bytes(), &Options::tolerant());
        match (&strict, &tolerant) {
            (Ok(strict), tolerant) => prop_assert_eq!(tolerant.as_ref().unwrap(), strict),
            (Err(_), Ok(document)) => {
                prop_assert!(!document.diagnostics.is_empty());
                for diagnostic in &document.diagnostics {
                    prop_assert!(diagnostic.position.offset <= text.len());
                }
                let again = read(document.value.to_json().as_bytes(), &Options::strict()).unwrap();
                prop_assert_eq!(&again.value, &document.value);
            }
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes, &Options::tolerant());
    }

    #[test]
    fn serde_gives_back_the_value(value in json()) {
        let ours: Value = serde_json::from_value(value.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&ours).unwrap(), value);
    }
}

/// A root that goes on again and again is no reason to look at all of it again each time.
#[test]
fn a_root_that_is_closed_early_again_and_again_takes_linear_time() {
    let mut text = String::from("{");
    for name in 0..100_000 {
        text.push_str(&format!("\"{name}\":0,"));
    }
    text.push_str("\"x\":0}");
    for _ in 0..400 {
        text.push_str(",\"x\":1}");
    }
    let document = read(text.as_bytes(), &Options::tolerant()).unwrap();
    assert_eq!(document.value.as_object().unwrap().len(), 100_001);
}
