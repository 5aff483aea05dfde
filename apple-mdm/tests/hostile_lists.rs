//! Property lists that were made to hurt, each with what stops it. The table is HOSTILE.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use apple_mdm::messages::{self, Answer, CheckIn, Report, Request};
use apple_mdm::plist::{
    self, Date, DiagnosticCode, Dictionary, Duplicates, ErrorKind, Limits, Value,
};
use apple_mdm::profile::Profile;

fn frame(inner: &str) -> Vec<u8> {
    format!("<plist version=\"1.0\">{inner}</plist>").into_bytes()
}

fn kind(bytes: &[u8], limits: &Limits) -> ErrorKind {
    plist::decode(bytes, limits).unwrap_err().into_parts().0
}

fn owned(bytes: &[u8]) -> Option<Value<'static>> {
    plist::decode(bytes, &Limits::default()).ok().map(Value::into_owned)
}

fn limit(what: &'static str, max: usize) -> ErrorKind {
    ErrorKind::Limit { what, max }
}

/// A binary property list with these objects, the first on top; references have two bytes.
fn binary(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut list = b"bplist00".to_vec();
    let places: Vec<u32> = objects
        .iter()
        .map(|object| {
            let place = u32::try_from(list.len()).unwrap();
            list.extend(object);
            place
        })
        .collect();
    let table = u64::try_from(list.len()).unwrap();
    list.extend(places.iter().flat_map(|place| place.to_be_bytes()));
    list.extend([0, 0, 0, 0, 0, 0, 4, 2]);
    for number in [u64::try_from(objects.len()).unwrap(), 0, table] {
        list.extend(number.to_be_bytes());
    }
    list
}

/// An array of references.
fn array(refs: &[u16]) -> Vec<u8> {
    let mut object = vec![0xAF, 0x12];
    object.extend(u32::try_from(refs.len()).unwrap().to_be_bytes());
    object.extend(refs.iter().flat_map(|one| one.to_be_bytes()));
    object
}

fn broken(list: &[u8]) -> &'static str {
    match kind(list, &Limits::default()) {
        ErrorKind::Binary(what) => what,
        other => panic!("{other}"),
    }
}

#[test]
fn a_billion_laughs_in_binary_stop_at_half_a_million() {
    // Each level holds the next one twice: 2^40 values in 700 bytes.
    let mut levels: Vec<Vec<u8>> = (1u16..41).map(|next| array(&[next, next])).collect();
    levels.push(b"\x52ha".to_vec());
    let list = binary(&levels);
    assert!(list.len() < 800);
    // Sixteen for each byte, and half a million whatever the bytes are.
    assert_eq!(kind(&list, &Limits::default()), limit("values", 16 * list.len()));
    let many = Limits::default().with_values_per_byte(usize::MAX);
    assert_eq!(kind(&list, &many), limit("values", 500_000));
    // Twelve levels are 2^13 - 1 values, and as many and one more is one too many.
    let mut levels: Vec<Vec<u8>> = (1u16..13).map(|next| array(&[next, next])).collect();
    levels.push(vec![0x09]);
    let list = binary(&levels);
    assert!(plist::decode(&list, &many.with_nodes(8191)).is_ok());
    assert_eq!(kind(&list, &many.with_nodes(8190)), limit("values", 8190));
    // An array of one object, as often as references fit: n for each byte, and one more.
    let list = binary(&[array(&[1; 10]), array(&[2; 30]), vec![0x09]]);
    let values = 1 + 10 + 10 * 30;
    let bytes = list.len();
    assert!(2 * bytes < values && values <= 3 * bytes);
    assert!(plist::decode(&list, &many.with_values_per_byte(3)).is_ok());
    assert_eq!(kind(&list, &many.with_values_per_byte(2)), limit("values", 2 * bytes));
}

#[test]
fn one_long_text_used_often_stops_at_what_it_becomes() {
    // UTF-16, which is copied for each use.
    let mut text = vec![0x6F, 0x12, 0x00, 0x08, 0x00, 0x00];
    text.extend([0x9D, 0xD7].repeat(0x8_0000));
    let list = |uses: usize| binary(&[array(&vec![1; uses]), text.clone()]);
    let each = 3 * 0x8_0000;
    let limits = Limits::default().with_expansion(2 * each);
    assert!(plist::decode(&list(2), &limits).is_ok());
    assert_eq!(kind(&list(3), &limits), limit("bytes of text and data", 2 * each));
    assert_eq!(kind(&list(65_000), &Limits::default()), limit("bytes of text and data", 16 << 20));
}

#[test]
fn a_list_that_holds_itself_stops_at_the_depth() {
    assert_eq!(kind(&binary(&[array(&[0])]), &Limits::default()), limit("nested values", 64));
    let dictionary = vec![0xD1, 0, 1, 0, 0];
    let list = binary(&[dictionary, b"\x51a".to_vec()]);
    assert_eq!(kind(&list, &Limits::default()), limit("nested values", 64));
    // A key that is a dictionary, and a value that is its own key.
    assert_eq!(kind(&binary(&[vec![0xD1, 0, 0, 0, 0]]), &Limits::default()), ErrorKind::Key);
}

#[test]
fn a_hundred_thousand_nested_values_stop_at_the_depth() {
    let xml = |depth: usize, name: &str| {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        frame(&format!("{}{}", open.repeat(depth), close.repeat(depth)))
    };
    assert!(plist::decode(&xml(64, "array"), &Limits::default()).is_ok());
    assert_eq!(kind(&xml(65, "array"), &Limits::default()), limit("nested values", 64));
    assert_eq!(kind(&xml(100_000, "array"), &Limits::default()), limit("nested values", 64));
    let keyed = format!("{}<true/>", "<dict><key>a</key>".repeat(100_000));
    assert_eq!(kind(&frame(&keyed), &Limits::default()), limit("nested values", 64));
    // And 256 whatever a caller sets: values are dropped level by level.
    let deep = Limits::default().with_depth(usize::MAX);
    assert_eq!(kind(&xml(257, "array"), &deep), limit("nested values", 256));
    let chain = |depth: u16| {
        let mut levels: Vec<Vec<u8>> = (1..depth).map(|next| array(&[next])).collect();
        levels.push(array(&[]));
        binary(&levels)
    };
    assert!(plist::decode(&chain(64), &Limits::default()).is_ok());
    assert_eq!(kind(&chain(65), &Limits::default()), limit("nested values", 64));
    assert_eq!(kind(&chain(50_000), &Limits::default()), limit("nested values", 64));
}

#[test]
fn lengths_that_are_announced_and_not_there_cost_nothing() {
    // Data, text, UTF-16, array, dictionary of lengths that end in every kind of overflow.
    for marker in [0x4Fu8, 0x5F, 0x6F, 0xAF, 0xDF] {
        for length in [1u64, 1 << 30, i64::MAX.cast_unsigned(), u64::MAX / 2 + 1, u64::MAX] {
            let mut object = vec![marker, 0x13];
            object.extend(length.to_be_bytes());
            assert_eq!(
                broken(&binary(&[object])),
                "an object reaches past the objects",
                "{marker:x} {length}"
            );
        }
        // A length of sixteen bytes, one that is no number, and none at all.
        for rest in [&[0x14][..], &[0x50], &[0x09], &[0x33]] {
            let object = [&[marker], rest, &[0; 16]].concat();
            assert_eq!(broken(&binary(&[object])), "a length that is no number", "{marker:x}");
        }
    }
    // The same as scalars: a number, a real, a date without their bytes.
    for marker in [0x13u8, 0x14, 0x22, 0x23, 0x33, 0x8F] {
        assert_eq!(broken(&binary(&[vec![marker]])), "an object reaches past the objects");
    }
}

#[test]
fn trailers_do_not_point_outside() {
    let good = binary(&[vec![0x09]]);
    let with = |at: usize, bytes: &[u8]| {
        let mut list = good.clone();
        let from = list.len() - 32 + at;
        list[from..from + bytes.len()].copy_from_slice(bytes);
        list
    };
    assert!(plist::decode(&good, &Limits::default()).is_ok());
    for number in [u64::MAX, u64::MAX / 4, 1 << 40, 2] {
        let bytes = number.to_be_bytes();
        assert!(matches!(kind(&with(8, &bytes), &Limits::default()), ErrorKind::Binary(_)));
        assert!(matches!(kind(&with(16, &bytes), &Limits::default()), ErrorKind::Binary(_)));
        assert!(matches!(kind(&with(24, &bytes), &Limits::default()), ErrorKind::Binary(_)));
    }
    // No objects at all, and sizes of numbers that are none.
    assert!(matches!(kind(&with(8, &[0; 8]), &Limits::default()), ErrorKind::Binary(_)));
    for size in [0u8, 9, 255] {
        assert_eq!(broken(&with(6, &[size])), "the sizes in its trailer are no sizes");
        assert_eq!(broken(&with(7, &[size])), "the sizes in its trailer are no sizes");
    }
    for length in 0..40 {
        assert!(matches!(kind(&good[..length.max(6)], &Limits::default()), ErrorKind::Binary(_)));
    }
    // Other formats have the same beginning.
    for version in [b"bplist15", b"bplist16", b"bplistXX"] {
        let mut other = good.clone();
        other[..8].copy_from_slice(version);
        assert_eq!(broken(&other), "it is of another version");
    }
}

#[test]
fn numbers_stay_within_64_bits_and_dates_within_four_digits() {
    let integer = |text: &str| owned(&frame(&format!("<integer>{text}</integer>")));
    for (text, value) in [
        ("18446744073709551615", u64::MAX.into()),
        ("-9223372036854775808", i64::MIN.into()),
        ("0x7fffffffffffffff", i64::MAX.into()),
    ] {
        assert_eq!(integer(text), Some(Value::Integer(value)));
    }
    let digits = "9".repeat(100_000);
    for text in ["18446744073709551616", "-9223372036854775809", "0x10000000000000000", &digits] {
        assert_eq!(integer(text), None);
    }
    // Sixteen bytes hold what eight cannot, and no more.
    let sixteen = |number: i128| {
        let mut object = vec![0x14];
        object.extend(number.to_be_bytes());
        owned(&binary(&[object]))
    };
    assert_eq!(sixteen(u64::MAX.into()), Some(Value::Integer(u64::MAX.into())));
    for number in [i128::from(u64::MAX) + 1, i128::from(i64::MIN) - 1, i128::MAX, i128::MIN] {
        assert_eq!(sixteen(number), None);
    }
    // A real that is none, or out of its range, is a real; it is no number of anything.
    for text in ["1e999", "-1e999", "nan", "inf"] {
        let list = frame(&format!("<real>{text}</real>"));
        let value = plist::decode(&list, &Limits::default()).unwrap();
        assert_eq!(value.as_int(), None, "{text}");
        let mut out = Vec::new();
        plist::write_xml(&value, &mut out);
        assert!(plist::decode(&out, &Limits::default()).is_ok(), "{text}");
    }
    let date = |seconds: f64| {
        let mut object = vec![0x33];
        object.extend(seconds.to_be_bytes());
        match plist::decode(&binary(&[object]), &Limits::default()) {
            Ok(Value::Date(date)) => Some(date.as_str().to_owned()),
            Ok(other) => panic!("{other:?}"),
            Err(_) => None,
        }
    };
    // The first second of year 1 and the last of 9999, and one more on each side.
    assert_eq!(date(-63_113_904_000.0).as_deref(), Some("0001-01-01T00:00:00Z"));
    assert_eq!(date(-63_113_904_001.0), None);
    assert_eq!(date(252_423_993_599.0).as_deref(), Some("9999-12-31T23:59:59Z"));
    assert_eq!(date(252_423_993_600.0), None);
    for seconds in [1e12, -1e12, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        assert_eq!(date(seconds), None, "{seconds}");
    }
    for (text, read) in [
        ("0001-01-01T00:00:00Z", true),
        ("9999-12-31T23:59:59Z", true),
        ("0000-12-31T23:59:59Z", false),
        ("10000-01-01T00:00:00Z", false),
        ("-0001-01-01T00:00:00Z", false),
        ("9999-12-31T23:59:59-23:59", false),
        ("0001-01-01T00:00:00+23:59", false),
        ("2016-12-31T23:59:60Z", false),
        ("2026-02-29T00:00:00Z", false),
        ("2026-01-01T24:00:00Z", false),
        ("99999999999999999999-01-01T00:00:00Z", false),
    ] {
        assert_eq!(Date::from_text(text).is_some(), read, "{text}");
    }
}

/// Found by fuzzing (plist_values): dates after 5169 were written in binary and not read again.
#[test]
fn every_date_that_xml_has_goes_through_binary_and_back() {
    for text in ["0001-01-01T00:00:00Z", "5169-11-16T09:46:40Z", "9999-12-31T23:59:59Z"] {
        let value = Value::from(Date::from_text(text).unwrap());
        let mut out = Vec::new();
        plist::write_binary(&value, &mut out);
        assert_eq!(owned(&out), Some(value), "{text}");
    }
}

#[test]
fn a_hundred_thousand_keys_that_are_the_same_are_one_finding_each_and_no_square() {
    let list = frame(&format!("<dict>{}</dict>", "<key>a</key><true/>".repeat(100_000)));
    for (duplicates, kept) in
        [(Duplicates::Keep, 100_000), (Duplicates::First, 1), (Duplicates::Last, 1)]
    {
        let limits = Limits::default().with_duplicates(duplicates);
        let (value, found) = plist::decode_noting(&list, &limits).unwrap();
        assert_eq!(value.as_dictionary().map(Dictionary::len), Some(kept));
        assert_eq!(found.len(), 256);
        assert!(found.iter().all(|found| found.code == DiagnosticCode::DuplicateKey));
    }
    let refuse = Limits::default().with_duplicates(Duplicates::Refuse);
    assert_eq!(kind(&list, &refuse), ErrorKind::Duplicate("a".into()));
    // Different ones as well.
    let keys: String = (0..100_000).map(|at| format!("<key>k{at}</key><true/>")).collect();
    let list = frame(&format!("<dict>{keys}</dict>"));
    let (value, found) = plist::decode_noting(&list, &Limits::default()).unwrap();
    assert_eq!((value.as_dictionary().map(Dictionary::len), found.len()), (Some(100_000), 0));
}

/// A key twice, and every way to read it finds the same one.
#[test]
fn a_report_with_two_answers_is_read_as_one() {
    let list = frame(
        "<dict><key>Status</key><string>Idle</string><key>Status</key><string>Acknowledged</string>\
         <key>CommandUUID</key><string>1</string><key>UDID</key><string>A</string>\
         <key>UDID</key><string>B</string><key>AvailableOSUpdates</key><array>\
         <dict><key>ProductKey</key><string>first</string></dict></array>\
         <key>AvailableOSUpdates</key><array>\
         <dict><key>ProductKey</key><string>last</string></dict></array></dict>",
    );
    let (report, found) = Report::decode_noting(&list, &Limits::default()).unwrap();
    assert_eq!(
        found.iter().filter(|one| one.code.to_string_id() == "plist-duplicate-key").count(),
        3
    );
    assert_eq!(report.status, messages::ReportStatus::Acknowledged);
    assert_eq!((report.device.as_str(), report.enrollment().udid), ("B", Some("B")));
    let Answer::AvailableOsUpdates(answer) = report.answer() else { panic!("{report:?}") };
    let listed = report.available_updates().unwrap();
    assert_eq!(answer, listed);
    assert_eq!(answer[0].product_key(), Some("last"));
    assert!(Report::decode_strict(&list, &Limits::default()).is_err());
}

/// The keys that say what an answer is, again and again in front of many others.
#[test]
fn an_answer_of_a_hundred_thousand_kinds_is_looked_through_once() {
    let wrong = "<key>Settings</key><true/>".repeat(50_000);
    let others: String = (0..50_000).map(|at| format!("<key>k{at}</key><true/>")).collect();
    let list =
        frame(&format!("<dict><key>Status</key><string>Idle</string>{wrong}{others}</dict>"));
    let report = Report::decode(&list, &Limits::default()).unwrap();
    assert_eq!(report.answer(), Answer::Other);
}

trait Id {
    fn to_string_id(&self) -> &'static str;
}

impl Id for messages::DiagnosticCode {
    fn to_string_id(&self) -> &'static str {
        mdm_xml::Code::id(*self)
    }
}

#[test]
fn base64_is_never_more_than_its_text() {
    // A megabyte of padding, of what is no base64, and of blanks.
    // Letters and digits of percent-coding are digits of base64 as well.
    for (filler, length) in [("=", 1), ("%", 1), (" ", 1), ("\n", 1), ("%3D", (3 << 19) + 1)] {
        let list = frame(&format!("<data>QQ{}</data>", filler.repeat(1 << 20)));
        let value = plist::decode(&list, &Limits::default()).unwrap();
        assert_eq!(value.as_data().map(<[u8]>::len), Some(length), "{filler:?}");
    }
    let list = frame(&format!("<data>{}</data>", "QUFB".repeat(1000)));
    assert!(plist::decode(&list, &Limits::default().with_expansion(3000)).is_ok());
    let error = kind(&list, &Limits::default().with_expansion(2999));
    assert_eq!(error, limit("bytes of text and data", 2999));
    // Percent-coding means nothing in a property list.
    let list = frame("<string>%252e%252e%2f%00</string>");
    let value = plist::decode(&list, &Limits::default()).unwrap();
    assert_eq!(value.as_str(), Some("%252e%252e%2f%00"));
}

#[test]
fn texts_that_are_none_are_refused_in_binary() {
    let wide = |units: &[u16]| {
        let mut object = vec![0x60 | u8::try_from(units.len()).unwrap()];
        object.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        binary(&[object])
    };
    for lone in [&[0xD800][..], &[0xDC00], &[0xDC00, 0xD800], &[0xD800, 0x41]] {
        assert_eq!(broken(&wide(lone)), "a text that is no UTF-16");
    }
    assert!(plist::decode(&wide(&[0xD834, 0xDD1E]), &Limits::default()).is_ok());
    for bytes in [&b"\x53\xED\xA0\x80"[..], b"\x52\xC0\x80", b"\x51\xE9"] {
        assert_eq!(broken(&binary(&[bytes.to_vec()])), "a text that is none");
    }
    // NUL is a character; XML cannot carry it on, and says so.
    let value = owned(&binary(&[b"\x53a\0b".to_vec()])).unwrap();
    assert_eq!(value.as_str(), Some("a\0b"));
    assert_eq!(plist::write_xml(&value, &mut Vec::new()), 1);
}

#[test]
fn one_document_is_one_list() {
    // Both forms at once: the first bytes decide.
    let mut both = frame("<string>xml</string>");
    both.extend(binary(&[b"\x56binary".to_vec()]));
    assert!(plist::decode(&both, &Limits::default()).is_err());
    let mut both = b"bplist00<plist><string>xml</string></plist>".to_vec();
    let table = u64::try_from(both.len()).unwrap();
    both.extend([8, 0, 0, 0, 0, 0, 0, 1, 1]);
    for number in [1, 0, table] {
        both.extend(u64::to_be_bytes(number));
    }
    assert!(matches!(kind(&both, &Limits::default()), ErrorKind::Binary(_)));
    for (inner, expected) in [
        ("<true/><false/>", ErrorKind::OneValue),
        ("", ErrorKind::OneValue),
        ("<dict><string>a</string></dict>", ErrorKind::Key),
        ("<dict><key>a</key></dict>", ErrorKind::Key),
        ("<dict><key>a</key><key>b</key><true/></dict>", ErrorKind::Key),
        ("<array><key>a</key></array>", ErrorKind::Key),
        ("<plist><true/></plist>", ErrorKind::Element("plist".into())),
        ("<x:true xmlns:x='u'/>", ErrorKind::Element("x:true".into())),
        ("<array>a<true/></array>", ErrorKind::Text),
        ("<true>false</true>", ErrorKind::Text),
    ] {
        assert_eq!(kind(&frame(inner), &Limits::default()), expected, "{inner}");
    }
    let laughs = b"<!DOCTYPE plist [<!ENTITY a 'Idle'>]><plist><string>&a;</string></plist>";
    let refused = ErrorKind::Xml(mdm_xml::ErrorKind::InternalSubset);
    assert_eq!(kind(laughs, &Limits::default()), refused);
}

#[test]
fn what_xml_may_cost_is_asked_of_lists_as_well() {
    let many: String = (0..65).map(|at| format!(" a{at}=''")).collect();
    let attributes = mdm_xml::ErrorKind::Limit { limit: mdm_xml::Limit::Attributes, max: 64 };
    let list = format!("<plist><true{many}/></plist>");
    assert_eq!(kind(list.as_bytes(), &Limits::default()), ErrorKind::Xml(attributes));
    let long = vec![b' '; (16 << 20) + 1];
    let bytes = mdm_xml::ErrorKind::Limit { limit: mdm_xml::Limit::Bytes, max: 16 << 20 };
    assert_eq!(kind(&long, &Limits::default()), ErrorKind::Xml(bytes));
    let mut long = b"bplist00".to_vec();
    long.resize((16 << 20) + 1, 0);
    assert_eq!(kind(&long, &Limits::default()), limit("bytes", 16 << 20));
    // UTF-16 with a lone surrogate, and a list cut in the middle of a character.
    let cut = [b"<plist><string>", &[0xC3][..], b"</string></plist>"].concat();
    assert_eq!(kind(&cut, &Limits::default()), ErrorKind::Xml(mdm_xml::ErrorKind::Utf8));
}

#[test]
fn what_is_told_of_a_peer_is_one_line() {
    let odd = |text: &str| text.chars().any(|character| character.is_control());
    let forged = "ERROR\u{85}all devices wiped\u{9b}2J";
    let errors = [
        frame(&format!("<x{}/>", forged.replace(' ', "-"))),
        frame(&format!("<integer>{forged}</integer>")),
        frame(&format!("<dict><key>a\n{forged}</key><integer>a</integer></dict>")),
    ];
    for list in &errors {
        let error = plist::decode(list, &Limits::default()).unwrap_err().to_string();
        assert!(!odd(&error) && error.contains("ERROR"), "{error:?}");
    }
    let list = frame(&format!(
        "<dict><key>Status</key><string>Ok\r\n{forged}</string><key>CommandUUID</key>\
         <string>1</string><key>RequestType</key><string>{forged}</string>\
         <key>\n{forged}</key><true/><key>\n{forged}</key><true/></dict>"
    ));
    let (_, found) = Report::decode_noting(&list, &Limits::default()).unwrap();
    assert!(found.len() >= 3, "{found:?}");
    assert!(found.iter().all(|found| !odd(&found.to_string())), "{found:?}");
}

#[test]
fn no_debug_shows_a_secret() {
    let secrets = frame(
        "<dict><key>MessageType</key><string>TokenUpdate</string><key>UDID</key><string>D</string>\
         <key>PushMagic</key><string>hunter2</string><key>UnlockToken</key><data>aHVudGVyMg==</data>\
         <key>Command</key><dict><key>RequestType</key><string>Settings</string>\
         <key>Settings</key><array><dict><key>Item</key><string>WiFi</string>\
         <key>Password</key><string>hunter2</string></dict></array></dict>\
         <key>CommandUUID</key><string>1</string><key>Status</key><string>Idle</string>\
         <key>PayloadType</key><string>Configuration</string>\
         <key>PayloadContent</key><array><dict><key>Password</key><string>hunter2</string>\
         <key>PersonalRecoveryKey</key><string>hunter2</string>\
         <key>Passcode</key><string>hunter2</string>\
         <key>Certificate</key><data>aHVudGVyMg==</data></dict></array></dict>",
    );
    let limits = Limits::default();
    let request = Request::decode(&secrets, &limits).unwrap();
    let shown = [
        format!("{:?}", plist::decode(&secrets, &limits).unwrap()),
        format!("{:?}", Report::decode(&secrets, &limits).unwrap().dictionary),
        format!("{:?}", CheckIn::decode(&secrets, &limits).unwrap().message()),
        format!("{request:?} {:?} {:?}", request.command, request.extra()),
        format!("{:?}", Profile::decode(&secrets, &limits).unwrap()),
    ];
    // By its letters and by its bytes.
    for text in shown {
        assert!(!text.contains("hunter2") && !text.contains("104, 117, 110"), "{text}");
        assert!(text.contains("redacted"), "{text}");
    }
}

#[test]
fn a_device_cannot_call_itself_the_user_of_another() {
    let key = |inner: &str| {
        let list = frame(&format!("<dict><key>Status</key><string>Idle</string>{inner}</dict>"));
        let report = Report::decode(&list, &Limits::default()).unwrap();
        report.enrollment().key().map(std::borrow::Cow::into_owned)
    };
    let text = |name: &str, value: &str| format!("<key>{name}</key><string>{value}</string>");
    let ann = format!("{}{}", text("UDID", "D"), text("UserID", "ann"));
    assert_eq!(key(&ann).as_deref(), Some("D:ann"));
    assert_eq!(key(&text("UDID", "D:ann")), None);
    assert_eq!(key(&text("EnrollmentID", "D:ann")), None);
    assert_eq!(key(&text("UDID", "")), None);
    assert_eq!(key(&format!("{}{}", text("UDID", "D"), text("UserID", ""))), None);
    assert_eq!(key(""), None);
}

#[test]
fn commands_inside_commands_end_with_the_depth() {
    let nested = |levels: usize| {
        let open = "<dict><key>Command</key>".repeat(levels);
        let inner = "<dict><key>RequestType</key><string>OSUpdateStatus</string></dict>";
        let close = "<key>CommandUUID</key><string>1</string></dict>".repeat(levels);
        frame(&format!("{open}{inner}{close}"))
    };
    let request = Request::decode(&nested(63), &Limits::default()).unwrap();
    assert_eq!(request.command.request_type(), "OSUpdateStatus");
    let error = Request::decode(&nested(64), &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), &messages::ErrorKind::Plist(limit("nested values", 64)));
}
