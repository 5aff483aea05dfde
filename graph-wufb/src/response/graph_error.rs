//! What the service says of a failure, wherever in the answer it says it.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::RetryAfter;
use crate::error::excerpt;
use crate::json::{self, Limits, Options, RawObject, Value};
use crate::models::GraphDateTime;
use crate::requests::Headers;

/// What the service says of a failure (Graph, "Microsoft Graph error responses").
///
/// Intune's failures have a JSON text in `error.message`, and sometimes another one in the `Message`
/// of that (*Observed*, 2018 to 2026). What they say is unwrapped; [`Self::raw_message`] is the text
/// as it was.
///
/// ```
/// use graph_wufb::Response;
/// use graph_wufb::requests::Headers;
///
/// let message = r#"{"Message": "No. - Activity ID: a1", "CustomApiErrorPhrase": "FeatureDisabled"}"#;
/// let body = serde_json::json!({"error": {"code": "BadRequest", "message": message}}).to_string();
/// let error = Response::parse(400, &Headers::new(), body.as_bytes())?.error.unwrap();
/// assert_eq!(error.to_string(), "the service answered 400 FeatureDisabled: No.");
/// assert_eq!(error.activity_id.as_deref(), Some("a1"));
/// assert_eq!(error.raw_message.as_deref(), Some(message));
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GraphError {
    /// The status.
    pub status: u16,
    /// `error.code`; may be empty.
    pub code: String,
    /// `error.message`: for people, not for programs. Of Intune's, the sentence alone, or the whole
    /// JSON text where there is no sentence in it.
    pub message: String,
    /// The codes of the inner errors, from outside in: of `innerError`, then those that the message
    /// has (`ErrorCode`, `CustomApiErrorPhrase`), as far as they say something new.
    pub inner_codes: Vec<String>,
    /// The request's ID, in the body or the header.
    pub request_id: Option<String>,
    /// The ID that the client gave to the request.
    pub client_request_id: Option<String>,
    /// The activity that a message of Intune's names for its support: mostly
    /// [`Self::client_request_id`], or [`Self::request_id`] where the client gave none.
    #[serde(default)]
    pub activity_id: Option<String>,
    /// When it happened; without a zone, UTC is meant.
    pub date: Option<GraphDateTime>,
    /// When to try again: the header, or else what the message says, unless that is at once.
    pub retry_after: Option<RetryAfter>,
    /// `error.message` as it was sent, if [`Self::message`] is only a part of it.
    #[serde(default)]
    pub raw_message: Option<String>,
}

/// What is read of a JSON text in a message; [`GraphError::MAX_NESTED_BYTES`] says it.
const NESTED: Limits = Limits::new()
    .with_bytes(GraphError::MAX_NESTED_BYTES)
    .with_depth(16)
    .with_nodes(1_000)
    .with_repairs(100);

impl GraphError {
    /// Characters of [`Self::message`] and of [`Self::raw_message`] that are kept: they are for
    /// people, and kept in events.
    pub const MAX_MESSAGE: usize = 4_096;

    /// Characters of each code, ID and date that are kept. The longest code in the documentation
    /// has 40.
    pub const MAX_CODE: usize = 256;

    /// JSON texts in one another that are unwrapped of a message; a further one is the message. Two
    /// were seen.
    pub const MAX_NESTED: usize = 4;

    /// Bytes of a JSON text in a message; a longer one is the message, and so is one of more than 16
    /// open objects and arrays, 1,000 values and names, or 100 repairs. Those that were seen have
    /// less than 1,000 bytes, one object and 12 values and names.
    pub const MAX_NESTED_BYTES: usize = 65_536;

    pub(super) fn new(
        status: u16,
        headers: &Headers,
        body: Option<&Value>,
        request_id: Option<&str>,
    ) -> Self {
        let mut new = Self {
            status,
            code: String::new(),
            message: String::new(),
            inner_codes: Vec::new(),
            request_id: request_id.map(str::to_owned),
            client_request_id: headers.get("client-request-id").map(excerpt),
            activity_id: None,
            date: None,
            retry_after: headers.get("retry-after").and_then(RetryAfter::parse),
            raw_message: None,
        };
        if let Some(error) = body.and_then(Value::as_object).and_then(failure) {
            new.code = cut(code(error).unwrap_or_default(), Self::MAX_CODE);
            new.inner_errors(error);
            new.phrase(error);
            new.read_message(error.text("message").unwrap_or_default());
        }
        new
    }

    /// `innerError` and `innererror` both occur; they nest. The reader bounds the depth.
    fn inner_errors(&mut self, error: &RawObject) {
        let mut inner = Some(error);
        while let Some(next) = inner.and_then(|object| object.get_loose("innerError")) {
            inner = next.as_object();
            let short = |name: &str| {
                let text = inner.and_then(|object| object.text(name));
                text.filter(|text| !text.is_empty()).map(|text| cut(text, Self::MAX_CODE))
            };
            self.inner_codes.extend(short("code"));
            self.request_id = short("request-id").or(self.request_id.take());
            self.client_request_id = short("client-request-id").or(self.client_request_id.take());
            if let Some(date) = short("date") {
                self.date = Some(date.as_str().into());
            }
        }
    }

    /// What Intune adds to a failure.
    fn phrase(&mut self, error: &RawObject) {
        self.inner_code(error.text("customApiErrorPhrase").unwrap_or_default());
        if self.retry_after.is_none() {
            self.retry_after = error.get_loose("retryAfter").and_then(RetryAfter::told);
        }
    }

    /// A code that the message has. Most repeat one from further out.
    fn inner_code(&mut self, code: &str) {
        let code = cut(code, Self::MAX_CODE);
        let is_known = |known: &String| known.eq_ignore_ascii_case(&code);
        if !code.is_empty() && !is_known(&self.code) && !self.inner_codes.iter().any(is_known) {
            self.inner_codes.push(code);
        }
    }

    /// Unwraps what is JSON, and takes what is for support from the sentence.
    fn read_message(&mut self, raw: &str) {
        let mut text = Cow::Borrowed(raw);
        for _ in 0..Self::MAX_NESTED {
            let Some(object) = nested(&text) else { break };
            let Some(error) = failure(&object) else { break };
            self.inner_code(code(error).unwrap_or_default());
            self.phrase(error);
            // A failure without a sentence is told as it is.
            let inner = error.text("message").filter(|inner| !inner.trim().is_empty());
            let Some(inner) = inner.map(str::to_owned) else { break };
            text = Cow::Owned(inner);
        }
        let (sentence, details) = split(&text);
        if let Some(id) = after(details, "Activity ID:") {
            self.activity_id = Some(cut(id, Self::MAX_CODE));
        }
        self.inner_code(after(details, "CustomApiErrorPhrase:").unwrap_or_default());
        self.message = cut(sentence, Self::MAX_MESSAGE);
        if sentence != raw {
            self.raw_message = Some(cut(raw, Self::MAX_MESSAGE));
        }
    }

    /// The most precise code: the innermost one, or else `code`.
    #[must_use]
    pub fn innermost_code(&self) -> &str {
        self.inner_codes.last().map_or(&self.code, String::as_str)
    }

    /// Whether the same request may do better later: throttling and failures of the service.
    ///
    /// *Decision*: the status says so, here and wherever else the crate decides. Codes inside of a
    /// message are for people and logs: no list of Intune's phrases is published, and each that was
    /// seen agrees with its status.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.status, 408 | 429 | 500 | 502 | 503 | 504 | 509)
    }

    /// Whether the service may have carried the request out all the same. It did not where it
    /// refused: throttling (429, 509) and anything below 500 but a timeout.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.status == 408 || (self.status >= 500 && !matches!(self.status, 501 | 509))
    }
}

/// The object that tells of a failure: the member `error`, or the object itself where only that has
/// members of one, as those in messages have.
fn failure(object: &RawObject) -> Option<&RawObject> {
    let tells = |object: &&RawObject| {
        let members = ["message", "errorCode", "customApiErrorPhrase"];
        members.iter().any(|name| object.text(name).is_some())
    };
    let is_envelope = |error: &&RawObject| {
        let inner = error.get_loose("innerError").and_then(Value::as_object);
        tells(error) || error.text("code").is_some() || inner.is_some()
    };
    let error = object.get_loose("error").and_then(Value::as_object);
    error.filter(is_envelope).or_else(|| Some(object).filter(tells)).or(error)
}

fn code(error: &RawObject) -> Option<&str> {
    error.text("code").or_else(|| error.text("errorCode"))
}

/// The object that a message is the text of.
fn nested(text: &str) -> Option<RawObject> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    match json::read(text.as_bytes(), &Options::tolerant().with_limits(NESTED)).ok()?.value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The sentence for people, and what Intune adds to it for its support: IDs, a URL, the phrase.
fn split(text: &str) -> (&str, &str) {
    let marks = [" - Operation ID (for customer support):", " - Activity ID:"];
    let end = marks.iter().filter_map(|mark| text.find(mark)).min();
    // A sentence that is nothing but details is better than none.
    let (sentence, details) = text.split_at(end.unwrap_or(text.len()));
    if sentence.trim().is_empty() { (text, details) } else { (sentence, details) }
}

/// The word behind a mark, unless it says nothing: an ID of zeros, or a dash.
fn after<'t>(details: &'t str, mark: &str) -> Option<&'t str> {
    let word = details.split_once(mark)?.1.split_whitespace().next()?;
    word.bytes().any(|byte| byte.is_ascii_alphanumeric() && byte != b'0').then_some(word)
}

/// At most so many characters, and an ellipsis if there were more.
fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service answered {}", self.status)?;
        if !self.innermost_code().is_empty() {
            write!(f, " {}", self.innermost_code())?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for GraphError {}
