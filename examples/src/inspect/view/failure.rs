//! What Graph and Intune say of a failure.

use graph_wufb::GraphError;
use graph_wufb::Response;
use graph_wufb::json::{Options, RawObject, Value};
use graph_wufb::requests::Headers;

use crate::inspect::{View, short};

/// Whether the object is the body of a failure.
pub(super) fn is_failure(object: &RawObject) -> bool {
    let error = object.get_loose("error").and_then(Value::as_object);
    error.is_some_and(|error| error.get_loose("code").or(error.get_loose("message")).is_some())
}

/// The failure that a body tells of. The status is not in it; 400 stands for it and is not shown.
pub(super) fn write_body(view: &mut View, depth: usize, bytes: &[u8]) {
    let options = Options::tolerant();
    let read = Response::parse_with(400, &Headers::new(), bytes, &options);
    if let Some(error) = read.ok().and_then(|answer| answer.error) {
        write(view, depth, &error);
    }
}

pub(super) fn write(view: &mut View, depth: usize, error: &GraphError) {
    view.line(depth, format_args!("failure {}", short(&error.code)));
    let mut text = |what: &str, text: Option<&str>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            view.line(depth + 1, format_args!("{what} {}", short(text)));
        }
    };
    text("message", Some(&error.message));
    for code in &error.inner_codes {
        text("inner code", Some(code));
    }
    text("activity", error.activity_id.as_deref());
    text("request", error.request_id.as_deref());
    text("request of the client", error.client_request_id.as_deref());
    text("at", error.date.as_ref().map(|date| date.as_str()));
    if let Some(after) = &error.retry_after {
        view.line(depth + 1, format_args!("to be tried again: {after:?}"));
    }
}
