//! Strict errors and tolerant repairs, each against a second reader: of the faults that published
//! messages have, and of whatever a changed text has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "shared/reference.rs"]
mod reference;
#[path = "shared/repairs.rs"]
mod repairs;

use graph_wufb::json::Code;
use proptest::prelude::*;
use repairs::check;

#[test]
fn every_kind_of_repair_is_one_edit_of_the_text() {
    use Code::*;
    let cases: &[(&str, &[Code])] = &[
        ("\u{feff}{}", &[ByteOrderMark]),
        ("{\"a\":1,\n}", &[TrailingComma]),
        ("[1 , ]", &[TrailingComma]),
        ("[,1,,2]", &[ExtraComma, ExtraComma]),
        ("{,\"a\":1}", &[ExtraComma]),
        ("{\"a\":1 \"b\":[1 2]}", &[MissingComma, MissingComma]),
        ("{\"a\" 1}", &[MissingColon]),
        ("{\"a\":,\"b\":}", &[MissingValue, MissingValue]),
        ("\"a\": 1, \"b\": 2", &[MissingOpen, UnclosedTail]),
        ("{\"a\":[1}", &[MissingClose]),
        ("[{\"a\":1]", &[MissingClose]),
        ("[1]]", &[SurplusClose]),
        ("[1}]", &[SurplusClose]),
        ("{\"a\":{}},\n\"b\":2}", &[SurplusClose]),
        ("{\"a\":[1,{\"b\":\"c", &[UnclosedTail, UnclosedTail]),
        ("[tru", &[UnclosedTail, UnclosedTail]),
        ("{\"a\"", &[UnclosedTail, MissingValue, UnclosedTail]),
        ("[1.", &[UnclosedTail, UnclosedTail]),
        ("[1,", &[UnclosedTail]),
        ("{\"a\":1,\"b\":2,\"a\":3}", &[DuplicateName]),
        ("{\"a\":1,\"a\":2,\"a\":3}", &[DuplicateName, DuplicateName]),
        ("[\"a\tb\"]", &[ControlCharacter]),
        (r#"["\x","\ud800","\u12"]"#, &[BadEscape, BadEscape, BadEscape]),
        // The faults of the published flow: a list that is not closed, with its last comma; a
        // missing comma twice, an object closed once too often, a member twice.
        (
            "{\n  \"value\": [\n    {\n      \"e\": {\"n\": \"\"}\n    },\n}",
            &[TrailingComma, MissingClose],
        ),
        (
            "{\n \"c\": {\n  \"t\": \"#x\"\n  \"i\": \"5\"\n  }\n },\n \"s\": {\n  \"a\": null\n  \"a\": {\"d\": 0}\n }\n}",
            &[MissingComma, SurplusClose, MissingComma, DuplicateName],
        ),
    ];
    for (text, expected) in cases {
        let (codes, _) = check(text, text).unwrap_or_else(|| panic!("{text}: refused"));
        assert_eq!(codes, *expected, "{text}");
    }
    for text in
        ["", " ", "nul x", "// x\n{}", "{'a':1}", "[1...]", "{\"a\":x}", "[01]", "]", "{} {}"]
    {
        assert!(check(text, text).is_none(), "{text}: repaired");
    }
}

/// JSON texts with few names, so that faults and doubles are likely.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1.5e-2".to_owned()),
        (0..200_i32).prop_map(|number| number.to_string()),
        prop::sample::select(&["a", "é", "x\\\\y", "\\u00e9", "\\ud83d\\ude00", ""][..])
            .prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let members = prop::collection::vec(
            (prop::sample::select(&["a", "b", "c", "/~"][..]), inner.clone()),
            0..4,
        );
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            members.prop_map(|members| {
                let members: Vec<String> =
                    members.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
                format!("{{{}}}", members.join(",\n"))
            }),
        ]
    })
}

/// A change of one place: something left out, put in, or cut off.
fn change() -> impl Strategy<Value = (usize, usize, &'static str)> {
    let new =
        ["", "", "", ",", ":", "]", "}", "[", "{", "\"", "\\", "\t", "1", "nul", "\u{feff}", "é"];
    (0..64_usize, 0..3_usize, prop::sample::select(new.to_vec()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_changed_text_is_repaired_edit_by_edit(
        text in json(),
        changes in prop::collection::vec(change(), 0..4),
        cut in prop::option::of(0..64_usize),
    ) {
        let mut characters: Vec<String> = text.chars().map(String::from).collect();
        for (at, count, new) in changes {
            let at = at % (characters.len() + 1);
            let end = (at + count).min(characters.len());
            characters.splice(at..end, [new.to_owned()]);
        }
        if let Some(cut) = cut {
            characters.truncate(cut);
        }
        let text = characters.concat();
        check(&text, &text);
    }
}
