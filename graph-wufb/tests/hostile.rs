//! Hostile input: what an answer can hold to hurt who reads it, and the limit that stops it
//! (`HOSTILE.md` is the table).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[macro_use]
#[path = "shared/every_type.rs"]
mod every_type;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use graph_wufb::json::{Code, Limits, MAX_DEPTH, Options, RawObject, Value, read};
use graph_wufb::models::dialect::{decode_any, modernise};
use graph_wufb::models::schema::schema;
use graph_wufb::models::{
    self, AzureAdDevice, Deployment, DeviceId, GraphDateTime, IsoDuration, Wire, decode, intune,
};
use graph_wufb::requests::{self, Headers, Origin, next_page};
use graph_wufb::{ErrorKind, GraphError, LimitKind, Response, RetryAfter};

fn both() -> [Options; 2] {
    [Options::strict(), Options::tolerant()]
}

/// What takes quadratic time here takes hours; what is linear a second or two, unoptimised.
fn within_reason<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    assert!(begun.elapsed() < Duration::from_secs(20), "{what} took {:?}", begun.elapsed());
    done
}

fn limit_of(text: &str, options: &Options) -> Option<(LimitKind, usize)> {
    match read(text.as_bytes(), options) {
        Ok(_) => None,
        Err(error) => match error.kind() {
            ErrorKind::Limit { what, limit, .. } => Some((*what, *limit)),
            other => panic!("{other:?}"),
        },
    }
}

#[test]
fn nesting_stops_at_the_limit() {
    for options in both() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth: usize| {
                let inner = if open == "[" { "" } else { "1" };
                format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
            };
            let depth = options.limits.depth;
            assert_eq!(limit_of(&nested(depth), &options), None);
            assert_eq!(limit_of(&nested(depth + 1), &options), Some((LimitKind::Depth, depth)));
            // Whatever a caller asks for: values are written and dropped by walking down.
            let deepest = options.with_limits(Limits::new().with_depth(usize::MAX));
            assert_eq!(limit_of(&nested(MAX_DEPTH), &deepest), None);
            let over = Some((LimitKind::Depth, MAX_DEPTH));
            assert_eq!(limit_of(&nested(MAX_DEPTH + 1), &deepest), over);
            assert_eq!(limit_of(&nested(100_000), &deepest), over);
            // Brackets that are never closed are not waited for.
            assert_eq!(limit_of(&open.repeat(100_000), &deepest), over);
        }
    }
}

#[test]
fn size_and_number_stop_at_the_limit() {
    for options in both() {
        let short = options.with_limits(Limits::new().with_bytes(8));
        assert_eq!(limit_of("[123456]", &short), None);
        assert_eq!(limit_of("[1234567]", &short), Some((LimitKind::Bytes, 8)));
        // Two arrays, three numbers; or an object, its names and its values.
        for text in ["[[1,2,3]]", "{\"a\":1,\"b\":2}"] {
            let few = |nodes| options.with_limits(Limits::new().with_nodes(nodes));
            assert_eq!(limit_of(text, &few(5)), None, "{text}");
            assert_eq!(limit_of(text, &few(4)), Some((LimitKind::Nodes, 4)), "{text}");
        }
    }
    let few = |repairs| Options::tolerant().with_limits(Limits::new().with_repairs(repairs));
    assert_eq!(limit_of("[1 2 3]", &few(2)), None);
    assert_eq!(limit_of("[1 2 3]", &few(1)), Some((LimitKind::Repairs, 1)));
    // Deviations from the schema share the limit: beyond it they are not listed, and nothing is lost.
    let text = br#"{"id":7,"state":7,"settings":7}"#;
    for (limit, listed) in [(3, 3), (2, 2), (0, 0)] {
        let decoded = decode::<Deployment>(text, &few(limit)).unwrap();
        assert_eq!(decoded.diagnostics.len(), listed);
        assert_eq!(decoded.value.to_json().as_bytes(), text);
    }
    // Strict reading refuses them whatever that limit is.
    let none = Options::strict().with_limits(Limits::new().with_repairs(0));
    assert!(decode::<Deployment>(text, &none).is_err());
}

#[test]
fn many_members_and_elements_are_read_in_linear_time() {
    const MANY: usize = 30_000;
    let members: Vec<String> = (0..MANY).map(|number| format!("\"a{number}\":{{}}")).collect();
    let object = format!("{{{}}}", members.join(","));
    within_reason("an object of many members", || {
        for options in both() {
            let decoded = decode::<Deployment>(object.as_bytes(), &options).unwrap();
            assert_eq!(decoded.value.extra.iter().count(), MANY);
            assert_eq!(decoded.value.to_json(), object);
            let any =
                decode_any::<intune::UpdateForBusinessConfiguration>(object.as_bytes(), &options);
            assert_eq!(any.unwrap().value.to_json().len(), object.len());
        }
    });
    within_reason("a typed member's name again and again, as serde hands it on", || {
        let text = format!("{{{}\"id\":\"x\"}}", "\"id\":\"\",".repeat(10 * MANY));
        let deployment: Deployment = serde_json::from_str(&text).unwrap();
        assert_eq!(deployment.to_json(), "{\"id\":\"x\"}");
    });
    let list = format!("{{\"value\":[{}]}}", vec!["{\"id\":\"d\",\"errors\":5}"; MANY].join(","));
    within_reason("a page of many objects, each with a fault", || {
        let options = Options::tolerant().any_dialect();
        let answer = Response::parse_with(200, &Headers::new(), list.as_bytes(), &options).unwrap();
        let page = answer.page::<AzureAdDevice>().unwrap();
        assert_eq!(page.items.len(), MANY);
        assert_eq!(page.diagnostics.len(), options.limits.repairs);
    });
    within_reason("the same name again and again", || {
        let doubled = format!("{{{}}}", vec!["\"a\":1"; MANY].join(","));
        let error = read(doubled.as_bytes(), &Options::strict()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::DuplicateName { .. }));
        assert_eq!(limit_of(&doubled, &Options::tolerant()), Some((LimitKind::Repairs, 1_000)));
    });
    within_reason("enrolments and rollouts of 2021 without end", || {
        let entries: Vec<String> =
            (0..MANY).map(|number| format!("{{\"updateCategory\":\"c{number}\"}}")).collect();
        let text = format!("{{\"enrollments\":[{}]}}", entries.join(","));
        let device = decode_any::<AzureAdDevice>(text.as_bytes(), &Options::strict()).unwrap();
        assert_eq!(device.changes.len(), 1_000, "listed up to a limit");
        let enrolled = device.value.enrollment.get().unwrap();
        assert_eq!(enrolled.extra.iter().count(), MANY);
        let rollouts = vec!["{\"rollout\":{\"startDateTime\":7}}"; MANY].join(",");
        let text = format!("{{\"a\":[{rollouts}]}}");
        let mut object = RawObject::try_from(text.as_str()).unwrap();
        assert_eq!(modernise(&mut object).len(), 1_000);
        assert!(!object.to_json().contains("rollout\":{\"s"));
    });
}

#[test]
fn names_pointers_and_messages_are_cut() {
    let long = "n".repeat(1_000_000);
    for text in [
        format!("{{\"{long}\":{{\"{long}\":[1 2]}}}}"),
        format!("{{\"{long}\":1,\"{long}\":2}}"),
        format!("{{\"id\":\"{long}\",\"createdDateTime\":\"{long}\"}}"),
        format!("[{long}]"),
        format!("{{\"@odata.type\":\"#{long}\",\"state\":{{\"{long}\":}}}}"),
    ] {
        for options in both() {
            match decode::<Deployment>(text.as_bytes(), &options) {
                Ok(decoded) => {
                    for diagnostic in decoded.diagnostics {
                        assert!(diagnostic.to_string().len() < 1_000, "{}", diagnostic.code);
                    }
                }
                Err(error) => assert!(error.to_string().len() < 1_000),
            }
        }
    }
}

#[test]
fn texts_in_other_encodings_are_refused_or_told() {
    let utf16 = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    for bytes in [
        utf16("{}"),
        b"{\"a\":\"\xe9\"}".to_vec(),
        // Overlong, a surrogate, a character beyond Unicode, a sequence cut off.
        b"\"\xc0\x80\"".to_vec(),
        b"\"\xed\xa0\x80\"".to_vec(),
        b"\"\xf4\x90\x80\x80\"".to_vec(),
        b"\"\xe2\x82".to_vec(),
    ] {
        for options in both() {
            let error = read(&bytes, &options).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Encoding, "{bytes:?}");
            assert!(error.position().is_some());
        }
    }
    // A mark before the text is left out and told; inside it is a character like any other.
    let marked = read("\u{feff}[\"\u{feff}\"]".as_bytes(), &Options::tolerant()).unwrap();
    assert_eq!(marked.diagnostics[0].code, Code::ByteOrderMark);
    assert_eq!(marked.value.to_json(), "[\"\u{feff}\"]");
}

#[test]
fn nul_and_lone_surrogates_do_no_harm() {
    // Escaped NUL is a character; it is written as an escape again.
    let text = r#"{"id":"a\u0000b","displayName":"\u0000","\u0000":"\u0000"}"#;
    let decoded =
        decode::<models::CatalogEntryBase>(text.as_bytes(), &Options::tolerant()).unwrap();
    assert_eq!(decoded.value.to_json(), text);
    // But no ID that goes into a path.
    assert!(decoded.value.id.is_absent());
    assert_eq!(decoded.diagnostics[0].code, Code::UnexpectedType);
    // A bare one is no JSON.
    assert!(read(b"[\"\0\"]", &Options::strict()).is_err());
    let bare = read(b"[\"\0\"]", &Options::tolerant()).unwrap();
    assert_eq!(bare.diagnostics[0].code, Code::ControlCharacter);
    assert!(read(b"[\0]", &Options::tolerant()).is_err());
    for half in [r"\ud800", r"\udc00", r"\ud800\ud800", r"\udc00\ud800", r"\ud800\u0041"] {
        let text = format!("[\"{half}\"]");
        assert!(read(text.as_bytes(), &Options::strict()).is_err(), "{half}");
        let read = read(text.as_bytes(), &Options::tolerant()).unwrap();
        assert!(read.diagnostics.iter().all(|it| it.code == Code::BadEscape), "{half}");
        assert!(read.value.to_json().contains('\u{fffd}'), "{half}");
    }
    assert_eq!(read(br#""\ud83d\ude00""#, &Options::strict()).unwrap().value.as_str(), Some("😀"));
}

/// Calls `check` with every member of every type whose type is `kind`, by the text of an object
/// that has it.
fn every_member(kind: &str, value: &str, mut check: impl FnMut(&str, &str, &str)) {
    let schema = schema();
    let mut found = 0;
    for object in &schema.objects {
        for (name, of) in &object.members {
            if of == kind {
                check(object.name, name, &format!("{{\"{name}\":{value}}}"));
                found += 1;
            }
        }
    }
    assert!(found > 0, "no member is of {kind}");
}

/// Reads the text by the model of that name: what is written again, and how many values are noted.
fn read_any(model: &str, text: &str) -> (String, usize) {
    macro_rules! run {
        ($model:ty) => {
            // A base type has the name of its own model too.
            if <$model as Wire>::schema_type() == model
                && <$model as Wire>::EXPECTED.starts_with("an object (")
            {
                let read = decode::<$model>(text.as_bytes(), &Options::tolerant()).unwrap();
                let codes = [Code::UnexpectedType, Code::UnreadableTime];
                let noted = read.diagnostics.iter().filter(|it| codes.contains(&it.code));
                return (read.value.write().to_json(), noted.count());
            }
        };
    }
    every_type!(run);
    panic!("no model of {model}");
}

#[test]
fn an_empty_id_is_none_wherever_the_schema_has_one() {
    let mut names = BTreeSet::new();
    every_member("Edm.String", "\"..\"", |model, member, text| {
        let empty = text.replace("..", "");
        assert_eq!(read_any(model, &empty), (empty.clone(), 0), "{model}.{member}");
        // Any other text that is no ID is told.
        if read_any(model, text).1 > 0 {
            names.insert(member.to_owned());
        }
    });
    // Those that `Request::with_body` leaves out where they are empty.
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["catalogEntryId", "deviceId", "groupId", "id"]
    );
}

#[test]
fn numbers_that_do_not_fit_are_kept_and_noted() {
    for (number, fits) in [
        ("2147483647", true),
        ("-2147483648", true),
        ("0", true),
        ("2147483648", false),
        ("-2147483649", false),
        ("9223372036854775808", false),
        ("99999999999999999999999999", false),
        ("1e400", false),
        ("1.0", false),
        ("-0", false),
        ("1e2", false),
        ("\"2147483648\"", false),
        ("\"007\"", false),
        ("\"+1\"", false),
        ("\" 1\"", false),
    ] {
        every_member("Edm.Int32", number, |model, member, text| {
            let (written, noted) = read_any(model, text);
            assert_eq!(written, text, "{model}.{member}");
            assert_eq!(noted, usize::from(!fits), "{model}.{member}: {number}");
        });
    }
    // Numbers as doubles: their text is kept, whatever a double could hold.
    for number in ["1e400", "-1e400", "0.1e-400", "123456789012345678901234567890.5", "-0.0"] {
        every_member("Edm.Double", number, |model, member, text| {
            assert_eq!(read_any(model, text), (text.to_owned(), 0), "{model}.{member}");
        });
        let value = read(number.as_bytes(), &Options::strict()).unwrap().value;
        let Value::Number(number) = value else { panic!("{value:?}") };
        assert!(number.as_f64().is_none_or(f64::is_finite), "{number}");
        assert_eq!(number.as_i64(), None, "{number}");
    }
    // A million digits.
    let digits = "7".repeat(1_000_000);
    let value = read(digits.as_bytes(), &Options::strict()).unwrap().value;
    assert_eq!((value.as_i64(), value.to_json() == digits), (None, true));
    // And in what is not a model: how many there are, and when to try again.
    let text = r#"{"value":[],"@odata.count":99999999999999999999}"#;
    let page = Response::parse(200, &Headers::new(), text.as_bytes()).unwrap();
    let page = page.page::<Deployment>().unwrap();
    assert_eq!((page.count, page.diagnostics.len()), (None, 1));
    let now = DateTime::<Utc>::MAX_UTC;
    for text in
        ["0", "99999999999999999999999999", "1.999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"]
    {
        if let Some(after) = RetryAfter::parse(text) {
            assert!(after.delay(now) >= chrono::TimeDelta::zero(), "{text}");
            assert!(after.delay(DateTime::<Utc>::MIN_UTC) >= chrono::TimeDelta::zero(), "{text}");
        }
    }
}

#[test]
fn dates_at_both_ends_are_kept() {
    for (date, is_date) in [
        ("0001-01-01T00:00:00Z", true),
        ("0000-01-01T00:00:00Z", true),
        ("9999-12-31T23:59:59.9999999Z", true),
        ("9999-12-31T23:59:59.9999999-14:00", true),
        ("0001-01-01T00:00:00+14:00", true),
        ("2024-02-29T00:00:00Z", true),
        ("2023-02-29T00:00:00Z", false),
        ("10000-01-01T00:00:00Z", false),
        ("+262143-12-31T23:59:59Z", false),
        ("-0001-01-01T00:00:00Z", false),
        ("2026-13-01T00:00:00Z", false),
        ("2026-01-01T25:00:00Z", false),
        ("2026-01-01T00:00:00+99:99", false),
        ("", false),
    ] {
        assert_eq!(GraphDateTime::from(date).instant().is_some(), is_date, "{date}");
        let value = format!("\"{date}\"");
        every_member("Edm.DateTimeOffset", &value, |model, member, text| {
            let (written, noted) = read_any(model, text);
            assert_eq!(written, text, "{model}.{member}");
            assert_eq!(noted, usize::from(!is_date), "{model}.{member}: {date}");
        });
    }
    let digits = format!("2026-01-01T00:00:00.{}Z", "9".repeat(100_000));
    let _ = GraphDateTime::from(digits.as_str()).instant();
    for (kind, value) in [("Edm.Date", "\"99999-01-01\""), ("Edm.TimeOfDay", "\"24:00:00\"")] {
        every_member(kind, value, |model, member, text| {
            assert_eq!(read_any(model, text), (text.to_owned(), 1), "{model}.{member}");
        });
    }
    for duration in [
        "P99999999999999999999D",
        "PT9223372036854775807S",
        "P106751991167300DT24H",
        "-P9223372036854775807W",
        "PT0.99999999999999999999S",
    ] {
        let kept = IsoDuration::days(1);
        let read = duration.parse::<IsoDuration>();
        let _ = read.as_ref().unwrap_or(&kept).time_delta();
        let value = format!("\"{duration}\"");
        every_member("Edm.Duration", &value, |model, member, text| {
            assert_eq!(read_any(model, text).0, text, "{model}.{member}");
        });
    }
}

#[test]
fn errors_without_end_are_cut() {
    let deep = format!(
        "{{\"error\":{}{}}}",
        "{\"code\":\"c\",\"innerError\":".repeat(60) + "{}",
        "}".repeat(60)
    );
    let error = Response::parse(500, &Headers::new(), deep.as_bytes()).unwrap().error.unwrap();
    assert_eq!((error.innermost_code(), error.inner_codes.len()), ("c", 59));
    // Deeper than the limit it is no JSON that we read, and still a failure.
    let deeper = deep.replace("{}", &format!("{}1{}", "[".repeat(200), "]".repeat(200)));
    let error = Response::parse(500, &Headers::new(), deeper.as_bytes()).unwrap().error.unwrap();
    assert_eq!((error.status, error.code.as_str()), (500, ""));
    // Texts in texts: each level doubles what it escapes, so few fit into an answer.
    let mut nested = "m".to_owned();
    for _ in 0..12 {
        nested = RawObject::from_iter([("Message", nested)]).to_json();
    }
    let text = format!("{{\"error\":{nested}}}");
    let error = Response::parse(500, &Headers::new(), text.as_bytes()).unwrap().error.unwrap();
    assert!(error.message.starts_with("{\"Message\""), "{}", error.message);
    let long = "x".repeat(1_000_000);
    let text = format!("{{\"error\":{{\"code\":\"{long}\",\"message\":\"{long}\"}}}}");
    let headers = Headers::from_iter([("request-id", long.as_str()), ("retry-after", &long)]);
    let error = Response::parse(500, &headers, text.as_bytes()).unwrap().error.unwrap();
    let kept = serde_json::to_string(&error).unwrap().len();
    assert!(kept < GraphError::MAX_MESSAGE + 2 * GraphError::MAX_CODE + 1_000, "{kept}");
    // HTML of a gateway, and nothing at all.
    for body in [long.as_bytes(), b"<html>", b"", b"\xff\xfe"] {
        assert!(Response::parse(502, &Headers::new(), body).unwrap().error.is_some());
    }
}

#[test]
fn links_and_ids_stay_where_they_are_meant() {
    let origin = Origin::global();
    for link in [
        "https://graph.microsoft.com@evil.example/beta",
        "https://graph.microsoft.com:443@evil.example/beta",
        "https://graph.microsoft.com.evil.example/beta",
        "https://evil.example/https://graph.microsoft.com/beta",
        "https://graph.microsoft.com\\@evil.example/",
        "https://graph.microsoft.com:444/beta",
        "https://graph.microsoft.com%2eevil.example/beta",
        "http://graph.microsoft.com/beta",
        "//graph.microsoft.com/beta",
        "javascript:alert(1)",
        "https://graph.microsoft.com/beta\r\nHost: evil.example",
        "https://graph.microsoft.com/beta#x",
        "https://[::1]/beta",
    ] {
        let error = next_page(&origin, link).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::ForeignLink { .. }), "{link}");
    }
    for id in ["..", ".", "", "a\r\nX: y", &"i".repeat(513)] {
        assert!(DeviceId::new(id).is_err(), "{id}");
    }
    // What an ID can hold is percent-coded once: it comes back as it was, and is one segment.
    for id in ["../x", "a/b", "a?b", "a#b", "a%2fb", "%", "a b", "a'b", "é", "a;b", "(a)"] {
        let target = requests::get_updatable_asset(&DeviceId::new(id).unwrap()).target;
        let segment = target.strip_prefix("/beta/admin/windows/updates/updatableAssets/").unwrap();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        assert!(segment.bytes().all(plain), "{segment}");
        let mut bytes = segment.bytes();
        let mut decoded = Vec::new();
        while let Some(byte) = bytes.next() {
            decoded.push(match byte {
                b'%' => {
                    let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                byte => byte,
            });
        }
        assert_eq!(decoded, id.as_bytes());
    }
}

/// The table names tests that are there, and every test of this file is in it.
#[test]
fn the_table_is_kept() {
    let table = include_str!("HOSTILE.md");
    let code: String = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 15);
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{row}");
        let names: Vec<&str> = cells[3].split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(code.contains(&format!("fn {name}(")), "{name} is no test");
        }
    }
    let tests = include_str!("hostile.rs").split("#[test]\nfn ").skip(1);
    for test in tests.filter_map(|rest| rest.split('(').next()) {
        assert!(table.contains(&format!("`{test}`")) || test == "the_table_is_kept", "{test}");
    }
}
