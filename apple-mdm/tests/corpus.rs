//! Every property list of the corpus: agreed with an independent reader, written and read again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::time::{Duration, Instant};

use apple_mdm::messages::{Report, ReportStatus, Request};
use apple_mdm::plist::{self, Limits, Value, write_xml};
use mdm_test_support::corpus;
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
        (Value::Uid(_), _) => Ok(()),
        _ => wrong(),
    }
}

#[test]
fn property_lists_agree_with_the_other_reader() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    let (mut agreed, mut refused, mut known, mut wrong) = (0, 0, 0, Vec::new());
    for file in corpus.files() {
        if file.extension() == "json" {
            continue;
        }
        let began = Instant::now();
        let read = plist::decode(&file.bytes, &Limits::default());
        assert!(began.elapsed() < Duration::from_secs(5), "{}: too slow", file.name);
        let expected = file.expect.as_ref().map(|expected| &expected["plist"]);
        let expected = expected.filter(|expected| !expected.is_null());
        known += usize::from(expected.is_some() && !file.what.contains("must fail"));
        match (&read, expected) {
            (Ok(value), Some(expected)) => match same(value, expected) {
                Ok(()) => agreed += 1,
                Err(error) => wrong.push(format!("{}: {error}", file.name)),
            },
            // The other reader takes base64 that is none, and `what` says that it must fail.
            (Err(error), Some(_)) if file.what.contains("must fail") => {
                eprintln!("{}: {error}", file.name);
                refused += 1;
            }
            (Err(error), Some(_)) => wrong.push(format!("{}: {error}", file.name)),
            (Ok(_), None) => {
                if file.what.contains("must fail") || file.what.contains("must be refused") {
                    wrong.push(format!("{}: must be refused", file.name));
                }
            }
            (Err(error), None) => {
                eprintln!("{}: {error}", file.name);
                refused += 1;
            }
        }
        if let Ok(value) = read {
            let mut out = Vec::new();
            if write_xml(&value, &mut out) == 0 {
                let again = plist::decode(&out, &Limits::default())
                    .unwrap_or_else(|error| panic!("{}: {error}", file.name));
                let mut twice = Vec::new();
                write_xml(&again, &mut twice);
                assert_eq!(out, twice, "{}: written in two ways", file.name);
                if !format!("{value:?}").contains("Uid(") && !format!("{value:?}").contains("NaN") {
                    assert_eq!(again, value, "{}: lost something", file.name);
                }
            }
        }
    }
    eprintln!("{agreed} agree, {refused} refused");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreed >= known, "{known} are known to be readable");
}

#[test]
fn answers_and_commands_are_recognised() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    let (mut reports, mut requests) = (0, 0);
    for file in corpus.files() {
        let Ok(Value::Dictionary(list)) = plist::decode(&file.bytes, &Limits::default()) else {
            continue;
        };
        if list.str("Status").is_some() {
            let report = Report::decode(&file.bytes, &Limits::default()).unwrap();
            assert!(!matches!(report.status, ReportStatus::Other(_)), "{}", file.name);
            for key in ["AvailableOSUpdates", "OSUpdateStatus", "UpdateResults"] {
                let count = list.get(key).and_then(Value::as_array).map(<[_]>::len);
                let found = match key {
                    "AvailableOSUpdates" => report.available_updates().map(|found| found.len()),
                    "OSUpdateStatus" => report.update_progress().map(|found| found.len()),
                    _ => report.update_results().map(|found| found.len()),
                };
                assert!(count.is_none() || found == count, "{}: {key}", file.name);
            }
            reports += 1;
        }
        if list.get("Command").is_some() {
            let request = Request::decode(&file.bytes, &Limits::default());
            let request = request.unwrap_or_else(|error| panic!("{}: {error}", file.name));
            let mut out = Vec::new();
            request.encode(&mut out).unwrap();
            assert_eq!(
                Request::decode(&out, &Limits::default()).unwrap(),
                request,
                "{}",
                file.name
            );
            requests += 1;
        }
    }
    eprintln!("{reports} reports, {requests} requests");
}
