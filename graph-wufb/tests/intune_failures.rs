//! Intune's failures: a message that is JSON, and sometimes JSON again inside of it. The texts are
//! ours, in the shapes that administrators were seen to get from 2018 to 2026.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::DeviceId;
use graph_wufb::requests::{Expect, Headers, Method, Request};
use graph_wufb::workflow::{DriverRollout, Event, Plan, RolloutState};
use graph_wufb::{Batcher, GraphError, Response, RetryAfter};
use serde_json::{Value, json};

const ACTIVITY: &str = "5e0d6a41-1c7b-4b5e-9a53-2f8f5e7c9d10";
const NONE: &str = "00000000-0000-0000-0000-000000000000";

/// What Intune adds to a sentence.
fn details(sentence: &str) -> String {
    format!(
        "{sentence} - Operation ID (for customer support): {NONE} - Activity ID: {ACTIVITY} - Url: \
         https://fef.example/Updates/deviceManagement/windowsDriverUpdateProfiles?api-version=1"
    )
}

/// The text that Intune has for a message.
fn message(text: &str, phrase: &str, retry_after: &Value) -> String {
    let message = json!({"_version": 3, "Message": text, "CustomApiErrorPhrase": phrase,
        "RetryAfter": retry_after, "ErrorSourceService": "", "HttpHeaders": "{}"});
    serde_json::to_string_pretty(&message).unwrap().replace('\n', "\r\n")
}

fn body(code: &str, message: &str) -> Vec<u8> {
    json!({"error": {"code": code, "message": message}}).to_string().into_bytes()
}

fn failed(status: u16, body: &[u8]) -> GraphError {
    Response::parse(status, &Headers::new(), body).unwrap().error.unwrap()
}

#[test]
fn the_sentence_the_phrase_and_the_activity_are_told() {
    let text = message(&details("Feature disabled."), "FeatureDisabled", &Value::Null);
    let error = failed(400, &body("BadRequest", &text));
    assert_eq!(error.to_string(), "the service answered 400 FeatureDisabled: Feature disabled.");
    assert_eq!((error.code.as_str(), error.innermost_code()), ("BadRequest", "FeatureDisabled"));
    assert_eq!(error.activity_id.as_deref(), Some(ACTIVITY));
    assert_eq!(error.retry_after, None);
    assert_eq!(error.raw_message, Some(text));
    assert!(!error.is_transient());
    // Without a phrase, which is usual; with IDs of Graph's own.
    let text = message(&details("Invalid property values"), "", &Value::Null);
    let inner =
        json!({"date": "2026-01-02T03:04:05", "request-id": "r1", "client-request-id": "c1"});
    let with_ids =
        json!({"error": {"code": "BadRequest", "message": text, "innerError": inner}}).to_string();
    let error = failed(400, with_ids.as_bytes());
    assert_eq!(error.to_string(), "the service answered 400 BadRequest: Invalid property values");
    assert_eq!(error.request_id.as_deref(), Some("r1"));
    assert_eq!(error.client_request_id.as_deref(), Some("c1"));
    assert_eq!(error.activity_id.as_deref(), Some(ACTIVITY));
    assert!(error.date.is_some() && error.inner_codes.is_empty());
    // The phrase behind the sentence, or behind everything, as plain text.
    let plain =
        format!("No. - Operation ID (for customer support): {NONE}   CustomApiErrorPhrase: Off");
    let error = failed(400, &body("BadRequest", &plain));
    assert_eq!((error.innermost_code(), error.message.as_str()), ("Off", "No."));
    assert_eq!((error.activity_id, error.raw_message), (None, Some(plain)));
    let error = failed(403, &body("Forbidden", &(details("No.") + " - CustomApiErrorPhrase: ")));
    assert_eq!((error.innermost_code(), error.message.as_str()), ("Forbidden", "No."));
    // No ID at all.
    let zeros = details("No.").replace(ACTIVITY, NONE);
    assert_eq!(failed(400, &body("BadRequest", &zeros)).activity_id, None);
}

#[test]
fn a_message_inside_of_a_message_is_unwrapped() {
    let inner = message(&details("An error has occurred"), "NotLicensed", &Value::Null);
    let outer = |code: &str| {
        json!({"ErrorCode": code, "Message": inner, "Target": null, "Details": null,
            "InnerError": null, "InstanceAnnotations": [], "TypeAnnotation": null})
        .to_string()
    };
    let error = failed(403, &body("Forbidden", &outer("Forbidden")));
    assert_eq!(error.to_string(), "the service answered 403 NotLicensed: An error has occurred");
    assert_eq!(error.inner_codes, ["NotLicensed"], "what is said again is not said twice");
    let error = failed(403, &body("Forbidden", &outer("Denied")));
    assert_eq!(error.inner_codes, ["Denied", "NotLicensed"]);
    // Without Graph's envelope, as a proxy hands it on; and Graph's envelope in the message.
    let error = failed(403, outer("Denied").as_bytes());
    assert_eq!((error.code.as_str(), error.message.as_str()), ("Denied", "An error has occurred"));
    let again = String::from_utf8(body("Denied", "No.")).unwrap();
    let error = failed(403, &body("Forbidden", &again));
    assert_eq!((error.innermost_code(), error.message.as_str()), ("Denied", "No."));
    // What is no object, or no JSON, tells nothing, and is a failure all the same.
    for text in ["[]", "7", "{\"error\": \"invalid_grant\"}", "<ODataError/>"] {
        let error = failed(403, text.as_bytes());
        assert_eq!((error.code.as_str(), error.message.as_str()), ("", ""), "{text}");
    }
}

/// What is in no member that we look for is shown with all that is around it.
#[test]
fn a_failure_without_a_sentence_is_told_as_it_is() {
    let text = r#"{"ErrorCode":"X","Message":null,"Details":[{"message":"why"}]}"#;
    let error = failed(400, &body("BadRequest", text));
    assert_eq!(error.to_string(), format!("the service answered 400 X: {text}"));
    assert_eq!(error.raw_message, None);
    let outer = json!({"Message": text}).to_string();
    let error = failed(400, &body("BadRequest", &outer));
    assert_eq!((error.innermost_code(), error.message.as_str()), ("X", text));
    assert_eq!(error.raw_message, Some(outer));
    let error = failed(400, &body("BadRequest", r#"{"CustomApiErrorPhrase":"Off"}"#));
    assert_eq!((error.innermost_code(), error.message.contains("Off")), ("Off", true));
    // An `error` that tells nothing does not hide what stands beside it.
    for text in [r#"{"error":{},"Message":"why"}"#, r#"{"error":{"id":"e"},"message":"why"}"#] {
        assert_eq!(failed(400, &body("BadRequest", text)).message, "why");
        assert_eq!(failed(400, text.as_bytes()).message, "why");
    }
    let error = failed(400, br#"{"error":{"innerError":{"code":"x"}},"message":"beside"}"#);
    assert_eq!((error.innermost_code(), error.message.as_str()), ("x", ""));
    let wait = failed(429, br#"{"error":{"retryAfter":30}}"#).retry_after;
    assert_eq!(wait, Some(RetryAfter::Seconds(30)));
}

#[test]
fn a_wait_that_the_message_tells_is_kept() {
    let now: DateTime<Utc> = "2026-01-12T08:00:00Z".parse().unwrap();
    let throttled = |wait: &Value| body("TooManyRequests", &message("Slow down.", "", wait));
    for (wait, seconds) in
        [(json!(90), 90), (json!("90"), 90), (json!("00:01:30"), 90), (json!(1e9), 1_000_000_000)]
    {
        let error = failed(429, &throttled(&wait));
        let delay = error.retry_after.map(|wait| wait.delay(now).num_seconds());
        assert_eq!(delay, Some(seconds), "{wait}");
    }
    // What nobody set is a wait of nothing in .NET, and says nothing.
    let unset = [json!(0), json!("0"), json!(0.0), json!("00:00:00"), json!("PT0S")];
    for wait in [json!(null), json!(-1), json!("later"), json!([]), json!("")].iter().chain(&unset)
    {
        let wait = wait.clone();
        assert_eq!(failed(429, &throttled(&wait)).retry_after, None, "{wait}");
    }
    // The header is the protocol's word.
    let headers = Headers::from_iter([("Retry-After", "5")]);
    let answer = Response::parse(429, &headers, &throttled(&json!(90))).unwrap();
    assert_eq!(answer.error.unwrap().retry_after, Some(RetryAfter::Seconds(5)));
}

/// In the machines it counts as the header does: a day at most.
#[test]
fn a_wait_that_the_message_tells_is_waited_for() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    for (wait, least, most) in [(90, 90, 91), (u32::MAX, 86_400, 86_401)] {
        let text = body("TooManyRequests", &message("Slow down.", "", &json!(wait)));
        let mut rollout = DriverRollout::new(Plan::new([DeviceId::new("d1").unwrap()]));
        let (token, _) = rollout.poll_transmit(now).unwrap();
        rollout.handle_response(now, token, 429, &Headers::new(), &text);
        let delay = (rollout.poll_timeout().unwrap() - now).num_seconds();
        assert!((least..=most).contains(&delay), "{delay}");
        // The same in a batch.
        let mut batcher = Batcher::new();
        let request = Request::new(Method::Get, "/beta/deviceManagement/x", Expect::Page);
        batcher.add(request, []).unwrap();
        let sent = batcher.poll(now).unwrap().body_value().unwrap();
        let id = sent.pointer("/requests/0/id").and_then(|id| id.as_str()).unwrap();
        let inner: Value = serde_json::from_slice(&text).unwrap();
        let answer = json!({"responses": [{"id": id, "status": 429, "body": inner}]}).to_string();
        let answer = Response::parse(200, &Headers::new(), answer.as_bytes()).unwrap();
        assert!(batcher.handle_response(now, &answer).unwrap().is_empty());
        let delay = (batcher.poll_timeout().unwrap() - now).num_seconds();
        assert!((least..=most).contains(&delay), "{delay}");
    }
}

/// How many seconds a batcher waits each time the request in it gets this answer.
fn waits(answer: &Value, times: usize) -> Vec<i64> {
    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let mut batcher = Batcher::new();
    batcher.add(Request::new(Method::Get, "/beta/deviceManagement/x", Expect::Page), []).unwrap();
    let turn = |_| {
        let sent = batcher.poll(now).unwrap().body_value().unwrap();
        let mut answer = answer.clone();
        answer["id"] = json!(sent.pointer("/requests/0/id").and_then(|id| id.as_str()).unwrap());
        let text = json!({"responses": [answer]}).to_string();
        let answer = Response::parse(200, &Headers::new(), text.as_bytes()).unwrap();
        assert!(batcher.handle_response(now, &answer).unwrap().is_empty());
        let until = batcher.poll_timeout().unwrap();
        (until - std::mem::replace(&mut now, until)).num_seconds()
    };
    (0..times).map(turn).collect()
}

/// The batcher's own waits stand where the message tells none, or one that has passed.
#[test]
fn a_message_without_a_wait_does_not_hurry_the_batcher() {
    let told = |wait: Value| {
        let body = body("TooManyRequests", &message("Slow down.", "", &wait));
        json!({"status": 429, "body": serde_json::from_slice::<Value>(&body).unwrap()})
    };
    for wait in [
        json!(null),
        json!(0),
        json!("00:00:00"),
        json!("0001-01-01T00:00:00Z"),
        json!("2020-01-01T00:00:00Z"),
        json!("Wed, 01 Jan 2020 00:00:00 GMT"),
    ] {
        assert_eq!(waits(&told(wait.clone()), 4), [1, 2, 4, 8], "{wait}");
    }
    assert_eq!(waits(&told(json!(3)), 4), [3, 3, 3, 3]);
    // A header's 0 is the service's word.
    let mut answer = told(json!(90));
    answer["headers"] = json!({"Retry-After": "0"});
    assert_eq!(waits(&answer, 4), [0, 0, 0, 0]);
}

/// Whatever the message says, the status decides.
#[test]
fn the_status_decides_what_is_done() {
    for (status, transient, ambiguous) in
        [(400, false, false), (403, false, false), (429, true, false), (500, true, true)]
    {
        for phrase in ["TooManyRequests", "FeatureDisabled", "NotFound", ""] {
            let error = failed(status, &body("x", &message("m", phrase, &Value::Null)));
            assert_eq!((error.is_transient(), error.is_ambiguous()), (transient, ambiguous));
        }
    }
}

/// An event with a failure, saved before messages were read.
#[test]
fn failures_that_were_saved_before_messages_were_read_are_read() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let mut rollout = DriverRollout::new(Plan::new([DeviceId::new("d1").unwrap()]));
    let (token, _) = rollout.poll_transmit(now).unwrap();
    let text = body("Forbidden", &message(&details("No."), "NotLicensed", &Value::Null));
    rollout.handle_response(now, token, 403, &Headers::new(), &text);
    let mut saved = serde_json::to_value(rollout.state()).unwrap();
    let error = saved.pointer_mut("/events/0/Blocked/error").unwrap().as_object_mut().unwrap();
    assert!(error.remove("activity_id").is_some() && error.remove("raw_message").is_some());
    let state: RolloutState = serde_json::from_value(saved).unwrap();
    let mut resumed = DriverRollout::resume(state).unwrap();
    let Some(Event::Blocked { reason, error: Some(error), .. }) = resumed.poll_event() else {
        panic!()
    };
    assert_eq!(reason, "the service answered 403 NotLicensed: No.");
    assert_eq!((error.innermost_code(), error.message.as_str()), ("NotLicensed", "No."));
    assert_eq!((error.activity_id, error.raw_message), (None, None));
}

// --- limits ---------------------------------------------------------------------------------------

/// The failure whose message is this text.
fn refused(message: &str) -> GraphError {
    failed(400, &body("BadRequest", message))
}

/// A JSON text whose `Message` is this text.
fn wrapped(message: &str) -> String {
    json!({"Message": message}).to_string()
}

#[test]
fn so_many_texts_are_unwrapped_and_no_more() {
    let mut text = "No.".to_owned();
    for depth in 0..=GraphError::MAX_NESTED {
        assert_eq!(refused(&text).message, "No.", "{depth}");
        assert_eq!(refused(&text).raw_message, (depth > 0).then(|| text.clone()), "{depth}");
        text = wrapped(&text);
    }
    let error = refused(&text);
    assert_eq!(error.message, wrapped("No."));
    assert_eq!(error.raw_message, Some(text));
}

#[test]
fn so_many_bytes_levels_and_values_are_unwrapped_and_no_more() {
    let bytes = |count: usize| wrapped(&"x".repeat(count - wrapped("").len()));
    let levels = |count: usize| {
        let inner = format!("{}{}", "[".repeat(count - 1), "]".repeat(count - 1));
        format!(r#"{{"Message":"x","a":{inner}}}"#)
    };
    // The object, its two names, the message and the array.
    let values =
        |count: usize| format!(r#"{{"Message":"x","a":[{}]}}"#, vec!["1"; count - 5].join(","));
    // A comma too many for each repair.
    let repairs = |count: usize| format!(r#"{{"Message":"x"{}}}"#, ",".repeat(count));
    for (n, text) in [
        (GraphError::MAX_NESTED_BYTES, &bytes as &dyn Fn(usize) -> String),
        (16, &levels),
        (1_000, &values),
        (100, &repairs),
    ] {
        assert!(refused(&text(n)).message.starts_with('x'), "{n}");
        assert!(refused(&format!(" {}\r\n", text(n))).message.starts_with('x'), "{n}");
        let over = refused(&text(n + 1));
        assert!(over.message.starts_with("{\"Message\""), "{n}");
    }
}

#[test]
fn what_a_message_keeps_is_cut() {
    for (length, is_cut) in [(GraphError::MAX_CODE, false), (GraphError::MAX_CODE + 1, true)] {
        let word = |c: &str| c.repeat(length);
        let (code, phrase) = (word("a"), word("b"));
        let message = format!("x - Activity ID: {} CustomApiErrorPhrase: {}", word("c"), word("d"));
        let object = json!({"ErrorCode": code, "CustomApiErrorPhrase": phrase, "Message": message});
        let error = refused(&object.to_string());
        let kept: Vec<_> = error.inner_codes.iter().chain(&error.activity_id).collect();
        assert_eq!(kept.len(), 4, "{kept:?}");
        for text in kept {
            assert_eq!((text.chars().count(), text.ends_with('…')), (length, is_cut), "{text}");
        }
    }
    let error = refused(&wrapped(&"ü".repeat(GraphError::MAX_MESSAGE + 1)));
    for text in [&error.message, error.raw_message.as_ref().unwrap()] {
        assert_eq!(text.chars().count(), GraphError::MAX_MESSAGE + 1);
    }
    let error = refused(&wrapped(&"ü".repeat(GraphError::MAX_MESSAGE)));
    assert!(!error.message.ends_with('…'));
}

#[test]
fn what_is_no_failure_stays_a_text() {
    for text in [
        "",
        "plain",
        "{0} is not valid",
        "{",
        "{}",
        "[1]",
        "{\"a\": {\"message\": \"m\"}}",
        "{\"Message\": 7}",
        "Operation ID (for customer support): 7",
        " - Operation ID (for customer support): 7",
        "{\"error\": {}}",
        "{\"Message\": \"\"}",
        "{\"error\": {\"message\": \" \"}}",
    ] {
        let error = refused(text);
        assert_eq!((error.message.as_str(), error.raw_message), (text, None), "{text}");
        assert!(error.inner_codes.is_empty() && error.activity_id.is_none(), "{text}");
    }
}

#[test]
fn a_date_is_kept_up_to_its_limit() {
    let date = |length: usize| {
        let date = "Mon, 12 Jan 2026 08:00:30 GMT (";
        format!("{date}{})", "x".repeat(length - date.len() - 1))
    };
    let longest = GraphError::MAX_CODE;
    assert_eq!(RetryAfter::parse(&date(longest)), Some(RetryAfter::At(date(longest))));
    assert_eq!(RetryAfter::parse(&date(longest + 1)), None);
    let told = |date: String| refused(&message("x", "", &json!(date))).retry_after;
    assert!(told(date(longest)).is_some());
    assert_eq!(told(date(longest + 1)), None);
}
