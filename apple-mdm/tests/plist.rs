//! Property lists: both forms, oddities, limits at n and n+1, errors with places.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use apple_mdm::plist::{
    self, Date, DiagnosticCode, Dictionary, Duplicates, ErrorKind, Limits, Value, write_binary,
    write_xml,
};
use chrono::DateTime;
use proptest::prelude::*;

fn frame(inner: &str) -> Vec<u8> {
    format!("<plist version=\"1.0\">{inner}</plist>").into_bytes()
}

fn read(inner: &str) -> Value<'static> {
    plist::decode(&frame(inner), &Limits::default()).unwrap().into_owned()
}

fn codes(bytes: &[u8]) -> Vec<(DiagnosticCode, String)> {
    let (_, found) = plist::decode_noting(bytes, &Limits::default()).unwrap();
    found.into_iter().map(|found| (found.code, found.path)).collect()
}

fn error(bytes: &[u8], limits: &Limits) -> String {
    plist::decode(bytes, limits).unwrap_err().to_string()
}

/// A binary property list of these objects, the first of them on top; references of one byte.
fn binary(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut list = b"bplist00".to_vec();
    let mut places = Vec::new();
    for object in objects {
        places.push(u32::try_from(list.len()).unwrap());
        list.extend(object);
    }
    let table = u64::try_from(list.len()).unwrap();
    for place in places {
        list.extend(place.to_be_bytes());
    }
    list.extend([0, 0, 0, 0, 0, 0, 4, 1]);
    for number in [u64::try_from(objects.len()).unwrap(), 0, table] {
        list.extend(number.to_be_bytes());
    }
    list
}

#[test]
fn every_type_is_read_from_xml() {
    let value = read(
        "<dict><key>a</key><array><true/><false/></array><key>i</key><integer>-0x10</integer>\
         <key>r</key><real>-1.5e3</real><key>s</key><string>a &lt;b&#x3E; &amp; c</string>\
         <key>d</key><data>\n\tZm9v\n\tYmE=\n</data><key>t</key><date>2026-11-21T07:30:00Z</date>\
         </dict>",
    );
    let expected = Dictionary::new()
        .with("a", vec![Value::from(true), Value::from(false)])
        .with("i", -16)
        .with("r", Value::Real(-1500.0))
        .with("s", "a <b> & c")
        .with("d", b"fooba".as_slice())
        .with("t", Date::from_text("2026-11-21T07:30:00Z").unwrap());
    assert_eq!(value, expected.into());
}

#[test]
fn cdata_comments_and_line_ends_are_text() {
    let inner = "<dict><key>a<![CDATA[<b>]]></key><string>x<!-- no -->y\r\nz</string></dict>";
    assert_eq!(read(inner), Dictionary::new().with("a<b>", "xy\nz").into());
    let found = codes(&frame("<dict><key>a</key><string><![CDATA[Idle]]></string></dict>"));
    assert_eq!(found, [(DiagnosticCode::CData, "a".to_owned())]);
}

#[test]
fn unknown_entities_are_refused_not_dropped() {
    let message = error(&frame("<string>a&foo;b</string>"), &Limits::default());
    assert!(
        message.starts_with("the entity &foo; is not defined, at line 1, column "),
        "{message}"
    );
}

#[test]
fn a_zero_byte_does_not_lose_the_message() {
    let bytes = frame("<dict><key>Status</key><string>a\0b</string></dict>");
    let value = plist::decode(&bytes, &Limits::default()).unwrap();
    assert_eq!(value.as_dictionary().unwrap().str("Status"), Some("a\0b"));
    assert_eq!(codes(&bytes)[0].0, DiagnosticCode::ForbiddenCharacter);
    let reference = frame("<array><string/><string>&#1;</string></array>");
    assert_eq!(codes(&reference), [(DiagnosticCode::ForbiddenCharacter, "[1]".to_owned())]);
}

#[test]
fn oddities_are_read_and_told() {
    let of = |inner: &str| codes(&frame(inner));
    let whole = |code| vec![(code, String::new())];
    assert_eq!(of("<real>1</real>"), whole(DiagnosticCode::WholeReal));
    assert_eq!(of("<real>1.5</real>"), []);
    assert_eq!(of("<integer> 7 </integer>"), whole(DiagnosticCode::Padded));
    assert_eq!(of("<data>Zm8</data>"), whole(DiagnosticCode::Base64));
    assert_eq!(of("<data>(redacted)</data>"), whole(DiagnosticCode::Base64));
    assert_eq!(of("<date>2026-11-21T08:30:00+01:00</date>"), whole(DiagnosticCode::DateForm));
    let date = read("<date>2026-11-21T08:30:00+01:00</date>");
    assert_eq!(date.as_date().unwrap().as_str(), "2026-11-21T07:30:00Z");
    let text = binary(&[vec![0x52, 0xC3, 0xBC]]);
    assert_eq!(codes(&text), whole(DiagnosticCode::NotAscii));
}

#[test]
fn what_is_no_property_list_is_refused() {
    for inner in [
        "<dict><string>no key</string></dict>",
        "<dict><key>no value</key></dict>",
        "<dict><key>a</key><key>b</key></dict>",
        "<array><key>a</key></array>",
        "<x:string xmlns:x='u'>a</x:string>",
        "<true>yes</true>",
        "<integer>1.0</integer>",
        "<integer>18446744073709551616</integer>",
        "<date>2026-02-30T00:00:00Z</date>",
        "<date>2026-11-21T23:59:60Z</date>",
        "<real>1,5</real>",
        "<string>a</string><string>b</string>",
        "<dict>text<key>a</key><true/></dict>",
        "<unknown/>",
        "",
    ] {
        assert!(plist::decode(&frame(inner), &Limits::default()).is_err(), "{inner}");
    }
}

#[test]
fn keys_that_occur_twice_are_the_callers_choice() {
    let inner = "<dict><key>a</key><integer>1</integer><key>b</key><true/>\
                 <key>a</key><integer>2</integer></dict>";
    let xml = frame(inner);
    let mut twice = vec![0xD3, 1, 2, 1, 3, 4, 5];
    twice.splice(1..1, []);
    let list = binary(&[
        twice,
        vec![0x51, b'a'],
        vec![0x51, b'b'],
        vec![0x10, 1],
        vec![0x09],
        vec![0x10, 2],
    ]);
    for bytes in [xml, list] {
        let with = |duplicates| {
            plist::decode(&bytes, &Limits::default().with_duplicates(duplicates))
                .map(Value::into_owned)
        };
        let kept = with(Duplicates::Keep).unwrap();
        let kept = kept.as_dictionary().unwrap();
        assert_eq!((kept.len(), kept.int("a")), (3, Some(2)));
        let pairs = |a: i64| Value::from(Dictionary::new().with("a", a).with("b", true));
        assert_eq!(with(Duplicates::First).unwrap(), pairs(1));
        assert_eq!(with(Duplicates::Last).unwrap(), pairs(2));
        let refused = with(Duplicates::Refuse).unwrap_err();
        assert_eq!(refused.kind(), &ErrorKind::Duplicate("a".into()));
        assert_eq!(codes(&bytes), [(DiagnosticCode::DuplicateKey, "a".to_owned())]);
    }
    // Beyond the number of keys that are compared one by one.
    let many: String = (0..100).map(|n| format!("<key>{}</key><true/>", n % 60)).collect();
    let limits = Limits::default().with_duplicates(Duplicates::Last);
    let many = frame(&format!("<dict>{many}</dict>"));
    let (value, found) = plist::decode_noting(&many, &limits).unwrap();
    assert_eq!((value.as_dictionary().unwrap().len(), found.len()), (60, 40));
}

#[test]
fn limits_take_n_and_refuse_one_more() {
    let nested =
        |n: usize| format!("<plist>{}{}</plist>", "<array>".repeat(n), "</array>".repeat(n));
    let wide = |n: usize| format!("<plist><array>{}</array></plist>", "<true/>".repeat(n));
    let limits = Limits::default().with_depth(5).with_nodes(8);
    assert!(plist::decode(nested(5).as_bytes(), &limits).is_ok());
    assert!(plist::decode(nested(6).as_bytes(), &limits).is_err());
    assert!(plist::decode(wide(7).as_bytes(), &limits).is_ok());
    assert!(plist::decode(wide(8).as_bytes(), &limits).is_err());
    let deep = Limits::default().with_depth(usize::MAX);
    assert!(plist::decode(nested(256).as_bytes(), &deep).is_ok());
    assert!(plist::decode(nested(257).as_bytes(), &deep).is_err());
    for bytes in [frame("<string>12345</string>"), binary(&[b"\x5512345".to_vec()])] {
        let size = bytes.len();
        let of =
            |bytes_max, text_max| Limits::default().with_bytes(bytes_max).with_expansion(text_max);
        assert!(plist::decode(&bytes, &of(size, 5)).is_ok());
        assert!(plist::decode(&bytes, &of(size - 1, 5)).is_err());
        assert!(plist::decode(&bytes, &of(size, 4)).is_err());
    }
    // Binary: an array of arrays of arrays, and an array of three truths.
    let nested = binary(&[vec![0xA1, 1], vec![0xA1, 2], vec![0xA0]]);
    assert!(plist::decode(&nested, &Limits::default().with_depth(3)).is_ok());
    assert!(plist::decode(&nested, &Limits::default().with_depth(2)).is_err());
    let wide = binary(&[vec![0xA3, 1, 1, 1], vec![0x09]]);
    assert!(plist::decode(&wide, &Limits::default().with_nodes(4)).is_ok());
    assert!(plist::decode(&wide, &Limits::default().with_nodes(3)).is_err());
}

#[test]
fn shared_objects_cost_what_they_become() {
    let limits = Limits::default();
    // An array that holds itself is refused for its depth, whatever its length. Neither this nor the
    // levels below would end if each use were followed.
    let mut own = vec![0xAF, 0x11, 0xFF, 0xFF];
    own.extend([0; 0xFFFF]);
    assert!(plist::decode(&binary(&[own]), &limits).is_err());
    // Twenty uses of a megabyte are twenty megabytes, even if they are borrowed: whoever copies
    // them would pay.
    let mut users = vec![0xAF, 0x10, 20];
    users.extend([1; 20]);
    let mut data = vec![0x4F, 0x12, 0x00, 0x10, 0x00, 0x00];
    data.extend(vec![7; 1 << 20]);
    let list = binary(&[users, data]);
    assert!(plist::decode(&list, &limits).is_err());
    assert!(plist::decode(&list, &limits.with_expansion(20 << 20)).is_ok());
    assert!(plist::decode(&list, &limits.with_expansion((20 << 20) - 1)).is_err());
    // Keys count as well: thirty levels of dictionaries, each twice in the one above.
    let mut levels: Vec<Vec<u8>> = (0u8..30).map(|n| vec![0xD2, 31, 32, n + 1, n + 1]).collect();
    levels.extend([vec![0x09], vec![0x51, b'a'], vec![0x51, b'b']]);
    let many = limits.with_values_per_byte(usize::MAX);
    assert!(error(&binary(&levels), &many).starts_with("more than 500000 values, at byte "));
}

#[test]
fn binary_text_and_data_are_borrowed() {
    let list = binary(&[vec![0xA2, 1, 2], b"\x54Idle".to_vec(), vec![0x42, 1, 2]]);
    let value = plist::decode(&list, &Limits::default()).unwrap();
    let [Value::String(text), Value::Data(data)] = value.as_array().unwrap() else { panic!() };
    assert!(matches!(text, std::borrow::Cow::Borrowed("Idle")));
    assert!(matches!(data, std::borrow::Cow::Borrowed([1, 2])));
}

#[test]
fn errors_say_where() {
    let limits = Limits::default();
    let text = b"<plist>\n<dict>\n<key>a</key><integer>x</integer></dict></plist>";
    assert_eq!(error(text, &limits), "\"x\" is no integer, at line 3, column 13 (in a)");
    let inner = "<dict><key>Updates</key><array><dict><key>InstallAction</key><string>D</string>\
                 <key>ProductKey</key><integer>?</integer></dict></array></dict>";
    let found = plist::decode(&frame(inner), &limits).unwrap_err();
    assert_eq!(found.path(), Some("Updates[0]/ProductKey"));
    let tag = plist::decode(&frame("<array><true/><true></array>"), &limits).unwrap_err();
    assert_eq!((tag.path(), tag.position().unwrap().column), (Some("[1]"), 42));
    let list = binary(&[vec![0xD1, 1, 2], vec![0x51, b'k'], vec![0x33]]);
    let found = plist::decode(&list, &limits).unwrap_err();
    assert_eq!(
        found.to_string(),
        "the binary property list is broken: an object reaches past the objects, at byte 14 (in k)"
    );
}

#[test]
fn strict_reading_refuses_what_is_odd() {
    let list = "<array><real>1</real><data>Zm8</data></array>";
    let found = plist::decode_strict(&frame(list), &Limits::default()).unwrap_err();
    assert_eq!(found.kind(), &ErrorKind::Odd(DiagnosticCode::Base64));
    assert_eq!(found.path(), Some("[1]"));
    assert!(plist::decode_strict(&frame("<real>1</real>"), &Limits::default()).is_ok());
}

#[test]
fn utf16_is_read() {
    let text = "<plist><string>Zoë</string></plist>";
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let value = plist::decode(&bytes, &Limits::default()).unwrap();
    assert_eq!(value.as_str(), Some("Zoë"));
}

#[test]
fn binary_is_written_small_and_once() {
    let value: Value<'_> = Dictionary::new()
        .with("a", "Idle")
        .with("b", vec![Value::from("Idle"), Value::from("a"), Value::from(1), Value::from(1)])
        .with("c", Value::Real(1.0))
        .into();
    let mut out = Vec::new();
    write_binary(&value, &mut out);
    // Top, a, b, c, Idle, the array, the real, and 1: each once.
    assert_eq!(out[out.len() - 17], 8);
    assert_eq!(plist::decode(&out, &Limits::default()).unwrap(), value);
    let sizes = |number: i128| {
        let mut out = Vec::new();
        write_binary(&Value::Integer(number), &mut out);
        assert_eq!(plist::decode(&out, &Limits::default()).unwrap(), Value::Integer(number));
        out[8]
    };
    let all = [255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, -1].map(sizes);
    assert_eq!(all, [0x10, 0x11, 0x11, 0x12, 0x12, 0x13, 0x13]);
    assert_eq!(sizes(i128::from(u64::MAX)), 0x14);
    // The table begins beyond 255: its offsets take two bytes.
    let mut out = Vec::new();
    write_binary(&Value::from("x".repeat(300)), &mut out);
    assert_eq!((out[8..13].to_vec(), out[out.len() - 26]), (vec![0x5F, 0x11, 1, 44, b'x'], 2));
    // More than 256 objects: references take two bytes.
    let many: Value<'_> = (0..300).map(Value::from).collect::<Vec<_>>().into();
    let mut out = Vec::new();
    write_binary(&many, &mut out);
    assert_eq!(out[out.len() - 25], 2);
    assert_eq!(plist::decode(&out, &Limits::default()).unwrap(), many);
}

#[test]
fn dates_keep_what_their_form_can_hold() {
    let list = |seconds: f64| {
        let mut object = vec![0x33];
        object.extend(seconds.to_be_bytes());
        binary(&[object])
    };
    let read = |bytes: &[u8]| plist::decode(bytes, &Limits::default()).unwrap().into_owned();
    for (seconds, text) in [
        (0.0, "2001-01-01T00:00:00Z"),
        (-0.5, "2000-12-31T23:59:59.500Z"),
        (785_000_000.25, "2025-11-16T15:33:20.250Z"),
        (0.999_999_999_9, "2001-01-01T00:00:01Z"),
    ] {
        let value = read(&list(seconds));
        assert_eq!(value.as_date().unwrap().as_str(), text);
        let mut out = Vec::new();
        write_binary(&value, &mut out);
        assert_eq!(read(&out), value);
        let mut out = Vec::new();
        write_xml(&value, &mut out);
        assert_eq!(read(&out).as_date().unwrap().as_str().len(), 20);
    }
    // Years before 1 and after 9999 are none that XML could hold.
    for seconds in [f64::NAN, f64::INFINITY, 1e12, -7e10, 2.6e11, -6.4e10] {
        assert!(plist::decode(&list(seconds), &Limits::default()).is_err());
    }
}

#[test]
fn dates_of_programs_stay_within_four_digits() {
    for (seconds, text) in [
        (i64::from(u32::MAX), "2106-02-07T06:28:15Z"),
        (-62_135_596_801, "0001-01-01T00:00:00Z"),
        (253_402_300_800, "9999-12-31T23:59:59Z"),
    ] {
        let date = Date::from(DateTime::from_timestamp(seconds, 0).unwrap());
        assert_eq!(date.as_str(), text);
        assert_eq!(Date::from_text(text), Some(date));
    }
    for text in ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"] {
        assert_eq!(Date::from_text(text), None, "{text}");
    }
}

#[test]
fn a_deep_value_is_written_without_recursion() {
    let mut value = Value::from(true);
    for _ in 0..2_000 {
        value = vec![value].into();
    }
    let mut out = Vec::new();
    write_xml(&value, &mut out);
    write_binary(&value, &mut out);
    assert!(out.len() > 30_000);
}

/// Values whose text XML can carry.
fn values() -> impl Strategy<Value = Value<'static>> {
    let text = "[ -~äöü€\u{1F600}\t\r\n\u{85}\u{2028}\u{FFFD}]{0,12}";
    let time = (0i64..4_000_000_000)
        .prop_map(|seconds| Value::Date(DateTime::from_timestamp(seconds, 0).unwrap().into()));
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(|number| Value::Integer(number.into())),
        any::<f64>().prop_filter("equal to itself", |n| !n.is_nan()).prop_map(Value::Real),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::from),
        text.prop_map(Value::from),
        time,
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-zA-Z ]{0,6}", inner), 0..6).prop_map(|entries| {
                let mut dictionary = Dictionary::new();
                for (key, value) in entries {
                    dictionary.push(key, value);
                }
                dictionary.into()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn both_forms_give_the_value_back(value in values()) {
        let (mut xml, mut binary) = (Vec::new(), Vec::new());
        prop_assert_eq!(write_xml(&value, &mut xml), 0);
        write_binary(&value, &mut binary);
        let limits = Limits::default();
        prop_assert_eq!(&plist::decode(&xml, &limits).unwrap(), &value);
        let from_binary = plist::decode(&binary, &limits).unwrap();
        prop_assert_eq!(&from_binary, &value);
        let mut again = Vec::new();
        write_binary(&from_binary, &mut again);
        prop_assert_eq!(again, binary);
    }

    #[test]
    fn uids_survive_in_binary(uid in any::<u64>()) {
        let mut out = Vec::new();
        write_binary(&Value::Uid(uid), &mut out);
        prop_assert_eq!(plist::decode(&out, &Limits::default()).unwrap(), Value::Uid(uid));
    }

    #[test]
    fn nothing_panics(text in "(<|</|>|/>|plist|dict|array|key|string|integer|data| |1|A=|&amp;){0,30}") {
        let _ = plist::decode(text.as_bytes(), &Limits::default());
    }

    #[test]
    fn binary_never_panics(body in prop::collection::vec(any::<u8>(), 0..80), count in 0u8..9, top in 0u8..4) {
        let mut list = b"bplist00".to_vec();
        list.extend(&body);
        let table = u8::try_from(list.len().saturating_sub(usize::from(count))).unwrap();
        list.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        list.extend([0, 0, 0, 0, 0, 0, 0, count]);
        list.extend([0, 0, 0, 0, 0, 0, 0, top]);
        list.extend([0, 0, 0, 0, 0, 0, 0, table]);
        let _ = plist::decode(&list, &Limits::default().with_nodes(10_000));
    }

    #[test]
    fn a_changed_byte_never_panics(value in values(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut out = Vec::new();
        write_binary(&value, &mut out);
        let place = place.index(out.len());
        out[place] = byte;
        let _ = plist::decode(&out, &Limits::default().with_nodes(10_000));
    }
}
