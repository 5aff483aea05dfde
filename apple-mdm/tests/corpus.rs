//! Every property list of the corpus: agreed with an independent reader, written and read again in
//! both forms, and decoded to the type of its message with nothing lost on the way back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use apple_mdm::messages::{Answer, CheckIn, CheckInMessage, Report, ReportStatus, Request};
use apple_mdm::plist::{self, Dictionary, Format, Limits, Value, write_xml};
use mdm_test_support::{Corpus, CorpusFile, corpus};
use serde_json::Value as Json;

/// Whether a value is what the other reader has. Data is base64 in `$data`, a time in `$date`.
fn same(found: &Value<'_>, expected: &Json) -> Result<(), String> {
    let wrong = || Err(format!("{found:?} is not {expected}"));
    let is = |good: bool| if good { Ok(()) } else { wrong() };
    match (found, expected) {
        (Value::Array(found), Json::Array(expected)) if found.len() == expected.len() => {
            found.iter().zip(expected).try_for_each(|(found, expected)| same(found, expected))
        }
        (Value::Dictionary(found), Json::Object(expected)) => {
            for (key, expected) in expected {
                let value = found.get(key).ok_or_else(|| format!("{key} is missing"))?;
                same(value, expected).map_err(|error| format!("{key}: {error}"))?;
            }
            let keys = found.iter().filter(|(key, _)| !expected.contains_key(*key)).count();
            is(keys == 0)
        }
        (Value::Data(found), Json::Object(expected)) => {
            let text = expected["$data"].as_str().unwrap_or("?");
            let mut list = b"<plist><data>".to_vec();
            list.extend(text.as_bytes());
            list.extend(b"</data></plist>");
            let decoded = plist::decode(&list, &Limits::default()).unwrap();
            is(decoded == Value::Data(found.clone()))
        }
        (Value::Date(found), Json::Object(expected)) => {
            is(expected["$date"].as_str() == Some(found.as_str()))
        }
        (Value::Boolean(found), Json::Bool(expected)) => is(found == expected),
        (Value::String(found), Json::String(expected)) => is(found == expected),
        (Value::Integer(found), Json::Number(expected)) => is(expected.as_i128() == Some(*found)),
        (Value::Real(found), expected) => {
            is(expected.as_f64().is_some_and(|expected| expected == *found))
        }
        // JSON has no form for them that all makers of expect.json agree on.
        (Value::Uid(_), _) => Ok(()),
        _ => wrong(),
    }
}

fn lists(corpus: &Corpus) -> Vec<CorpusFile> {
    corpus.files().into_iter().filter(|file| file.extension() != "json").collect()
}

/// Why we refuse what the other reader takes, or nothing if there is no rule.
fn why_refused(file: &CorpusFile, error: &plist::Error) -> Option<&'static str> {
    match error.kind() {
        _ if file.what.contains("must fail") => Some("its maker says that it must fail"),
        // PropertyList-1.0.dtd: elements have no text between them. Python drops it.
        plist::ErrorKind::Text => Some("text is no value"),
        // PropertyList-1.0.dtd: one value. Python takes the last, or gives none for none.
        plist::ErrorKind::OneValue => Some("a list holds one value"),
        // Made to cost more than it weighs.
        plist::ErrorKind::Limit { .. } if file.what.contains("hostile") => Some("it is hostile"),
        _ => None,
    }
}

#[test]
fn property_lists_agree_with_the_other_reader() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    let (mut agreed, mut refused, mut known, mut wrong) = (0, 0, 0, Vec::new());
    for file in lists(&corpus) {
        let read = plist::decode(&file.bytes, &Limits::default());
        let expected = file.expect.as_ref().map(|expected| &expected["plist"]);
        let expected = expected.filter(|expected| !expected.is_null());
        known += usize::from(expected.is_some());
        match (&read, expected) {
            (Ok(value), Some(expected)) => match same(value, expected) {
                Ok(()) => agreed += 1,
                Err(error) => wrong.push(format!("{}: {error}", file.name)),
            },
            (Err(error), expected) => {
                assert!(error.position().is_some(), "{}: {error} has no place", file.name);
                let why = why_refused(&file, error);
                eprintln!("{}: {error} ({})", file.name, why.unwrap_or("so does the other reader"));
                if expected.is_some() {
                    match why {
                        Some(_) => refused += 1,
                        None => wrong.push(format!("{}: {error}", file.name)),
                    }
                }
            }
            (Ok(_), None) => {
                if file.what.contains("must fail") || file.what.contains("must be refused") {
                    wrong.push(format!("{}: must be refused", file.name));
                }
            }
        }
        if let Ok(value) = read {
            written_and_read_again(&file.name, &value);
        }
    }
    eprintln!("{agreed} of {known} agree, {refused} are refused for a reason");
    assert!(agreed > 0, "no list of the corpus was compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(agreed + refused, known);
}

fn written_and_read_again(name: &str, value: &Value<'_>) {
    for format in [Format::Xml, Format::Binary] {
        let (mut out, mut twice) = (Vec::new(), Vec::new());
        if plist::write(value, format, &mut out) > 0 {
            continue;
        }
        let again = plist::decode(&out, &Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        plist::write(&again, format, &mut twice);
        assert_eq!(out, twice, "{name}: written in two ways");
        // XML has neither UIDs nor fractions of seconds, and what is no number is not itself.
        let text = format!("{value:?}");
        let lossy = format == Format::Xml && (text.contains("Uid(") || text.contains("Date("));
        if !lossy && !text.contains("NaN") {
            assert_eq!(&again, value, "{name}: lost something as {format:?}");
        }
        if lossy && !text.contains("Uid(") {
            let mut plain = Vec::new();
            write_xml(&again, &mut plain);
            assert_eq!(plain, out, "{name}");
        }
    }
}

/// A hostile file costs no more than its limits, whatever they are: without them, those that grow
/// when they are read would not end.
#[test]
fn hostile_lists_stay_within_limits() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    for file in lists(&corpus) {
        for limits in [
            Limits::default(),
            Limits::default().with_nodes(100),
            Limits::default().with_depth(2),
            Limits::default().with_expansion(10),
        ] {
            let read = plist::decode(&file.bytes, &limits);
            let hostile = file.what.contains("hostile") && file.what.contains("must be refused");
            assert!(!(hostile && read.is_ok()), "{}: must be refused", file.name);
            if let Ok(value) = read {
                let (nodes, depth, bytes) = size(&value);
                assert!(nodes <= limits.nodes, "{}: {nodes} values", file.name);
                assert!(depth <= limits.depth, "{}: {depth} levels", file.name);
                assert!(bytes <= limits.expansion, "{}: {bytes} bytes", file.name);
            }
        }
    }
}

/// Values, levels and bytes.
fn size(value: &Value<'_>) -> (usize, usize, usize) {
    let (mut nodes, mut deepest, mut bytes) = (0, 0, 0);
    let mut waiting = vec![(value, 0)];
    while let Some((value, depth)) = waiting.pop() {
        nodes += 1;
        match value {
            Value::Array(values) => waiting.extend(values.iter().map(|value| (value, depth + 1))),
            Value::Dictionary(entries) => {
                bytes += entries.iter().map(|(key, _)| key.len()).sum::<usize>();
                waiting.extend(entries.iter().map(|(_, value)| (value, depth + 1)));
            }
            Value::String(text) => bytes += text.len(),
            Value::Data(data) => bytes += data.len(),
            _ => {}
        }
        if matches!(value, Value::Array(_) | Value::Dictionary(_)) {
            deepest = deepest.max(depth + 1);
        }
    }
    (nodes, deepest, bytes)
}

/// A dictionary as a set of keys, whatever their order.
fn sorted(dictionary: &Dictionary<'_>) -> BTreeMap<String, String> {
    let text = |value: &Value<'_>| match value {
        Value::Dictionary(inner) => format!("{:?}", sorted(inner)),
        Value::Array(items) => {
            let items = items.iter().map(|item| match item {
                Value::Dictionary(inner) => format!("{:?}", sorted(inner)),
                other => format!("{other:?}"),
            });
            format!("{:?}", items.collect::<Vec<_>>())
        }
        other => format!("{other:?}"),
    };
    dictionary.iter().map(|(key, value)| (key.to_owned(), text(value))).collect()
}

/// Every message of a device and every command is decoded to its type, and nothing is lost.
#[test]
fn messages_are_decoded_and_nothing_is_lost() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    let (mut reports, mut requests, mut check_ins) = (0, 0, 0);
    for file in lists(&corpus) {
        let name = &file.name;
        let limits = Limits::default();
        let Ok(Value::Dictionary(list)) = plist::decode(&file.bytes, &limits) else { continue };
        let again = |out: &[u8]| match plist::decode(out, &limits).unwrap().into_owned() {
            Value::Dictionary(list) => sorted(&list),
            other => panic!("{name}: {other:?}"),
        };
        if list.str("MessageType").is_some() {
            let (message, found) = CheckIn::decode_noting(&file.bytes, &limits).unwrap();
            assert!(!matches!(message.message(), CheckInMessage::Other), "{name}: unknown type");
            let mut out = Vec::new();
            message.encode(Format::of(&file.bytes), &mut out).unwrap();
            assert_eq!(again(&out), sorted(&list), "{name}");
            show(name, &found);
            check_ins += 1;
        } else if list.str("Status").is_some() {
            let (report, found) = Report::decode_noting(&file.bytes, &limits).unwrap();
            assert!(!matches!(report.status, ReportStatus::Other(_)), "{name}");
            let mut out = Vec::new();
            report.encode(Format::of(&file.bytes), &mut out).unwrap();
            assert_eq!(again(&out), sorted(&list), "{name}");
            typed(name, &report, &list);
            show(name, &found);
            reports += 1;
        } else if list.get("Command").is_some() {
            let (request, found) = Request::decode_noting(&file.bytes, &limits).unwrap();
            let mut out = Vec::new();
            request.encode_as(Format::of(&file.bytes), &mut out).unwrap();
            let read = Request::decode(&out, &limits).unwrap();
            assert_eq!(read, request, "{name}");
            let known = request.command.schema().is_some();
            let is_other = matches!(request.command, apple_mdm::messages::Command::Other(_));
            assert_ne!(known, is_other, "{name}: a command of the schema is typed");
            // Apple's example nests the command twice; it is written once.
            let inner = list.dictionary("Command").filter(|inner| inner.contains("Command"));
            assert_eq!(again(&out), sorted(inner.unwrap_or(&list)), "{name}");
            show(name, &found);
            requests += 1;
        }
    }
    eprintln!("{reports} answers, {requests} commands, {check_ins} check-in messages");
    assert!(reports > 0 && requests > 0 && check_ins > 0, "a kind of message was not there");
}

fn show(name: &str, found: &[apple_mdm::messages::Diagnostic]) {
    for finding in found {
        eprintln!("{name}: {finding}");
    }
}

/// The answer's type is that of its keys, with as many items.
fn typed(name: &str, report: &Report<'_>, list: &Dictionary<'_>) {
    let count = |key: &str| list.array(key).map(<[_]>::len);
    let answer = report.answer();
    let found = match &answer {
        Answer::AvailableOsUpdates(items) => count("AvailableOSUpdates") == Some(items.len()),
        Answer::OsUpdateStatus(items) => count("OSUpdateStatus") == Some(items.len()),
        Answer::UpdateResults(items) => count("UpdateResults") == Some(items.len()),
        Answer::Scan(scan) => scan.began().is_some(),
        Answer::DeviceInformation(_) => list.contains("QueryResponses"),
        Answer::SecurityInfo(_) => list.contains("SecurityInfo"),
        Answer::Settings(settings) => !settings.is_empty() || count("Settings") == Some(0),
        Answer::Nothing => true,
        // An answer that has nothing to do with updates.
        _ => ![
            "AvailableOSUpdates",
            "OSUpdateStatus",
            "UpdateResults",
            "QueryResponses",
            "SecurityInfo",
        ]
        .iter()
        .any(|key| list.contains(key)),
    };
    assert!(found, "{name}: {answer:?}");
    if let Answer::DeviceInformation(device) = &answer {
        for (key, read) in
            [("OSVersion", device.os_version()), ("BuildVersion", device.build_version())]
        {
            let said = device.dictionary().str(key);
            assert_eq!(read, said, "{name}: {key}");
        }
        if let Some(settings) = device.os_update_settings() {
            for (key, _) in settings.dictionary().iter() {
                let read = match key {
                    "PreviousScanResult" => settings.previous_scan_result().is_some(),
                    "PreviousScanDate" => settings.previous_scan_date().is_some(),
                    "CatalogURL" => settings.catalog_url().is_some(),
                    _ => true,
                };
                assert!(read, "{name}: {key}");
            }
        }
    }
    for (key, found) in [
        ("AvailableOSUpdates", report.available_updates().map(|found| found.len())),
        ("OSUpdateStatus", report.update_progress().map(|found| found.len())),
        ("UpdateResults", report.update_results().map(|found| found.len())),
    ] {
        assert!(count(key).is_none() || found == count(key), "{name}: {key}");
    }
}
