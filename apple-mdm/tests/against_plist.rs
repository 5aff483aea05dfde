//! Our reader and writers against the crate `plist` (1.10), which has no limits and drops some of
//! what it reads: equal, or the difference is listed here with who is right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::Cursor;

use apple_mdm::plist::{
    Date, Dictionary, Duplicates, Limits, Value, decode, write_binary, write_xml,
};
use mdm_test_support::corpus;
use proptest::prelude::*;

/// What the other crate reads, as our value.
fn theirs(bytes: &[u8]) -> Result<Value<'static>, String> {
    // Where XML fails, its detection of forms tries an OpenStep list, which any text can be.
    let value = if bytes.starts_with(b"<") {
        plist::Value::from_reader_xml(Cursor::new(bytes))
    } else {
        plist::Value::from_reader(Cursor::new(bytes))
    };
    value.map(|value| convert(&value)).map_err(|error| error.to_string())
}

fn convert(value: &plist::Value) -> Value<'static> {
    match value {
        plist::Value::Array(values) => values.iter().map(convert).collect::<Vec<_>>().into(),
        plist::Value::Dictionary(entries) => {
            let mut dictionary = Dictionary::new();
            for (key, value) in entries {
                dictionary.push(key.clone(), convert(value));
            }
            dictionary.into()
        }
        plist::Value::Boolean(value) => Value::from(*value),
        plist::Value::Data(bytes) => bytes.clone().into(),
        plist::Value::Date(date) => Value::Date(Date::from_text(&date.to_xml_format()).unwrap()),
        plist::Value::Real(value) => Value::Real(*value),
        plist::Value::Integer(value) => Value::Integer(match value.as_signed() {
            Some(value) => value.into(),
            None => value.as_unsigned().unwrap().into(),
        }),
        plist::Value::String(text) => text.clone().into(),
        plist::Value::Uid(uid) => Value::Uid(uid.get()),
        other => panic!("{other:?}"),
    }
}

/// Without fractions of seconds, which the other crate leaves out of its texts of dates, and with
/// real numbers as bits.
fn plain(value: Value<'_>) -> Value<'static> {
    match value.into_owned() {
        Value::Array(values) => values.into_iter().map(plain).collect::<Vec<_>>().into(),
        Value::Dictionary(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, plain(value)))
            .collect::<Dictionary<'_>>()
            .into(),
        Value::Date(date) => Value::Date(chrono_whole(&date)),
        Value::Real(number) => Value::Uid(number.to_bits()),
        other => other,
    }
}

fn chrono_whole(date: &Date) -> Date {
    let text = date.as_str().trim_end_matches('Z');
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    Date::from_text(&format!("{whole}Z")).unwrap()
}

fn ours(bytes: &[u8]) -> Result<Value<'static>, String> {
    let limits = Limits::default().with_duplicates(Duplicates::Last);
    decode(bytes, &limits).map(Value::into_owned).map_err(|error| error.to_string())
}

/// How two readings differ, in one word.
fn difference(bytes: &[u8]) -> &'static str {
    match (ours(bytes), theirs(bytes)) {
        (Ok(ours), Ok(theirs)) if plain(ours.clone()) == plain(theirs.clone()) => "equal",
        (Ok(_), Ok(_)) => "values differ",
        (Ok(_), Err(_)) => "only ours reads",
        (Err(_), Ok(_)) => "only theirs reads",
        (Err(_), Err(_)) => "refused",
    }
}

/// Documents on which the two differ: what, how, and who is right.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "<plist><integer>-0x1f</integer></plist>",
        "only ours reads",
        "ours: Apple's reader takes a sign before 0x (CFPropertyList.c)",
    ),
    (
        "<plist><string><![CDATA[Idle]]></string></plist>",
        "values differ",
        "ours: CDATA is text (XML 1.0, 2.7)",
    ),
    (
        "<plist><dict><key><![CDATA[a]]></key><true/></dict></plist>",
        "values differ",
        "ours: CDATA is text",
    ),
    (
        "<plist><string>a&foo;b</string></plist>",
        "only theirs reads",
        "ours: an entity that nobody defined is an error (XML 1.0, 4.1)",
    ),
    (
        "<plist><dict><string>a</string><true/></dict></plist>",
        "only theirs reads",
        "ours: a key is <key> (PropertyList-1.0.dtd)",
    ),
    (
        "<plist><array><key>a</key></array></plist>",
        "only theirs reads",
        "ours: an array has no keys (PropertyList-1.0.dtd)",
    ),
    ("<plist><true/>", "only theirs reads", "ours: an element has an end tag (XML 1.0, 3)"),
    (
        "<plist><x:string>a</x:string></plist>",
        "only theirs reads",
        "ours: a name with a prefix is another name",
    ),
    (
        "<plist><string>a\r\nb</string></plist>",
        "values differ",
        "ours: a line ends in a line feed (XML 1.0, 2.11)",
    ),
    (
        "<plist><integer> 7 </integer></plist>",
        "only ours reads",
        "ours: Apple's reader passes over blanks",
    ),
    (
        "<plist><data>Zm8</data></plist>",
        "only ours reads",
        "ours: as Apple's reader, with a finding",
    ),
    (
        "<plist><data>(redacted)</data></plist>",
        "only ours reads",
        "ours: as Apple's reader, with a finding",
    ),
    (
        "<plist><date>2026-11-21T07:30:00</date></plist>",
        "only ours reads",
        "ours: UTC is meant, with a finding",
    ),
    ("{ a = b; }", "only theirs reads", "ours: no device sends OpenStep lists"),
];

#[test]
fn known_differences_are_as_they_are_listed() {
    for (text, how, who) in DIFFERENCES {
        assert_eq!(difference(text.as_bytes()), *how, "{text} ({who})");
    }
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend("<plist><true/></plist>".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(difference(&utf16), "only ours reads", "ours: XML processors read UTF-16");
}

/// `bplist0` and any byte is a binary list to Apple's reader (CFBinaryPList.c); the other crate takes
/// what is not `bplist00` for an OpenStep list, which is one text.
#[test]
fn binary_lists_of_other_minor_versions_are_read() {
    let mut bytes = Vec::new();
    write_binary(&Value::from(Dictionary::new().with("Status", "Idle")), &mut bytes);
    assert_eq!(difference(&bytes), "equal");
    for minor in [b'1', b'<', 0xFF] {
        bytes[7] = minor;
        assert_eq!(ours(&bytes).unwrap(), Value::from(Dictionary::new().with("Status", "Idle")));
        assert_ne!(difference(&bytes), "equal", "{minor}");
    }
}

#[test]
fn what_is_clear_is_equal() {
    for text in [
        "<plist><dict><key>a</key><integer>1</integer><key>b</key><real>0.1</real></dict></plist>",
        "<plist><dict><key>a</key><true/><key>a</key><false/></dict></plist>",
        "<plist><!-- c --><array><string>a&lt;&#38;</string><data>Zm9v\nYmE=</data></array></plist>",
        "<plist><integer>0x1f</integer></plist>",
        "<plist><integer>18446744073709551615</integer></plist>",
        "<plist><date>2026-11-21T07:30:00Z</date></plist>",
        "<dict><key>a</key><true/></dict>",
    ] {
        assert_eq!(difference(text.as_bytes()), "equal", "{text}");
    }
    for text in ["", "<plist/>", "<plist><integer>1.0</integer></plist>", "<html/>", "bplist00"] {
        assert_eq!(difference(text.as_bytes()), "refused", "{text}");
    }
}

/// The corpus: the same, or one of the differences above, by what the file holds.
#[test]
fn the_corpus_is_read_alike() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    let mut equal = 0;
    for file in corpus.files() {
        // The other crate has no limits: what is made to exhaust them stays away from it.
        if file.extension() == "json" || file.what.contains("hostile") {
            continue;
        }
        match difference(&file.bytes) {
            "equal" => equal += 1,
            "refused" => {}
            // OpenStep lists again: anything without markup is one to it.
            "only theirs reads" => {
                let error = ours(&file.bytes).unwrap_err();
                let text = String::from_utf8_lossy(&file.bytes);
                let why = error.contains("text")
                    || error.contains("inside <plist>")
                    || error.contains("markup")
                    || error.contains("XML declaration")
                    || error.contains("binary property list")
                    || !text.contains("<plist");
                assert!(why, "{}: {error}", file.name);
            }
            "only ours reads" => {
                eprintln!("{}: {}", file.name, theirs(&file.bytes).unwrap_err());
            }
            how => panic!("{}: {how}", file.name),
        }
    }
    assert!(equal > 0 || corpus.files().iter().all(|file| file.extension() == "json"));
}

fn values() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(|number| Value::Integer(number.into())),
        (-1e15..1e15).prop_map(Value::Real),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::from),
        "[a-zäöü€ <&>\"']{0,20}".prop_map(Value::from),
        (0i64..4_000_000_000).prop_map(|seconds| {
            Value::Date(chrono::DateTime::from_timestamp(seconds, 0).unwrap().into())
        }),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,5}", inner, 0..5).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
                Value::from(entries.collect::<Dictionary<'_>>())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_reads_what_the_other_writes(value in values()) {
        for write in [|value: &Value<'_>, out: &mut Vec<u8>| { write_xml(value, out); }, |value: &Value<'_>, out: &mut Vec<u8>| write_binary(value, out)] {
            let mut out = Vec::new();
            write(&value, &mut out);
            let read = theirs(&out).map_err(TestCaseError::fail)?;
            prop_assert_eq!(plain(read), plain(value.clone()));
        }
        let mut ours_in_xml = Vec::new();
        write_xml(&value, &mut ours_in_xml);
        let other = plist::Value::from_reader(Cursor::new(&ours_in_xml)).unwrap();
        let (mut xml, mut binary) = (Vec::new(), Vec::new());
        other.to_writer_xml(&mut xml).unwrap();
        other.to_writer_binary(&mut binary).unwrap();
        for bytes in [xml, binary] {
            let read = ours(&bytes).map_err(TestCaseError::fail)?;
            prop_assert_eq!(plain(read), plain(value.clone()));
        }
    }
}
