//! Answers of the service: any 2xx with or without a body, or an error.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, excerpt};
use crate::json::{self, Diagnostic, Options, RawObject, Value};
use crate::models::{Decoded, GraphDateTime, Model, from_value};
use crate::requests::Headers;

/// An answer.
///
/// ```
/// use graph_wufb::models::UpdatePolicy;
/// use graph_wufb::requests::Headers;
/// use graph_wufb::Response;
///
/// let answer = Response::parse(202, &Headers::new(), br#"{"id": "p1"}"#)?;
/// let policy = answer.entity::<UpdatePolicy>()?.unwrap().value;
/// assert_eq!(policy.id.get().unwrap().as_str(), "p1");
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header `request-id`, which Microsoft's support asks for.
    pub request_id: Option<String>,
    /// What the service says of failure; `None` for any 2xx.
    pub error: Option<GraphError>,
    /// What the body says, if it is JSON.
    pub body: Option<Value>,
    /// What was repaired to read the body.
    pub diagnostics: Vec<Diagnostic>,
    bytes: Vec<u8>,
    options: Options,
}

impl Response {
    /// Reads an answer with the default options: tolerant.
    ///
    /// # Errors
    /// As [`Self::parse_with`].
    pub fn parse(status: u16, headers: &Headers, body: &[u8]) -> Result<Self, Error> {
        Self::parse_with(status, headers, body, &Options::tolerant())
    }

    /// Reads an answer. The body of a failure need not be JSON: gateways answer with HTML.
    ///
    /// # Errors
    /// What [`json::read`] gives for the body of a 2xx.
    pub fn parse_with(
        status: u16,
        headers: &Headers,
        body: &[u8],
        options: &Options,
    ) -> Result<Self, Error> {
        let good = (200..300).contains(&status);
        let read = if body.iter().all(u8::is_ascii_whitespace) {
            None
        } else {
            match json::read(body, options) {
                Ok(document) => Some(document),
                Err(error) if good => return Err(error),
                Err(_) => None,
            }
        };
        let (body_value, diagnostics) = match read {
            Some(document) => (Some(document.value), document.diagnostics),
            None => (None, Vec::new()),
        };
        let request_id = headers.get("request-id").map(excerpt);
        let error = (!good)
            .then(|| GraphError::new(status, headers, body_value.as_ref(), request_id.as_deref()));
        Ok(Self {
            status,
            request_id,
            error,
            body: body_value,
            diagnostics,
            bytes: if good { body.to_vec() } else { Vec::new() },
            options: *options,
        })
    }

    /// Whether the body ends before it is whole. What was read of it is there all the same, but a
    /// list lacks its rest, and the link to it.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.code == json::Code::UnclosedTail)
    }

    /// The answer, or the error that it reports.
    ///
    /// # Errors
    /// The service's error, for anything but a 2xx.
    pub fn ok(self) -> Result<Self, Box<GraphError>> {
        match self.error {
            Some(error) => Err(error.into()),
            None => Ok(self),
        }
    }

    /// The object in the body, or `None` if there is no body. The documentation wraps some single
    /// objects in `{"value": {…}}`: those are unwrapped.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if the body is not an object, or, in strict mode, not as the schema has
    /// it.
    pub fn entity<T: Model>(&self) -> Result<Option<Decoded<T>>, Error> {
        let Some(body) = &self.body else { return Ok(None) };
        let inner = body.as_object().filter(|object| !object.iter().any(|(name, _)| name == "id"));
        let (value, base) = match inner.and_then(|object| object.get("value")) {
            Some(value @ Value::Object(_)) => (value, "/value"),
            _ => (body, ""),
        };
        from_value(value.clone(), self.diagnostics.clone(), &self.bytes, base, &self.options)
            .map(Some)
    }

    /// The page of a list in the body. No body is an empty page.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if the body has no array `value`, the link to the next page is no text,
    /// or, in strict mode, an element is not as the schema has it.
    pub fn page<T: Model>(&self) -> Result<Page<T>, Error> {
        let empty =
            Page { items: Vec::new(), next_link: None, count: None, diagnostics: Vec::new() };
        let Some(body) = &self.body else { return Ok(empty) };
        let object = body.as_object();
        let Some(value @ Value::Array(_)) = object.and_then(|object| object.get_loose("value"))
        else {
            let found = object.and_then(|object| object.get_loose("value")).unwrap_or(body).name();
            let kind = ErrorKind::Shape { expected: "an array `value`", found: found.to_owned() };
            return Err(Error::at(kind, None, "/value".to_owned()));
        };
        let text = |name| object.and_then(|object| object.get_loose(name));
        // A link that is none must not pass for the end of the list.
        let next_link = match text("@odata.nextLink") {
            None | Some(Value::Null) => None,
            Some(Value::String(link)) => Some(link.clone()),
            Some(other) => {
                let found = other.name().to_owned();
                let kind = ErrorKind::Shape { expected: "a text `@odata.nextLink`", found };
                return Err(Error::at(kind, None, "/@odata.nextLink".to_owned()));
            }
        };
        let Decoded { value: items, diagnostics } = from_value::<Vec<T>>(
            value.clone(),
            self.diagnostics.clone(),
            &self.bytes,
            "/value",
            &self.options,
        )?;
        Ok(Page {
            items,
            next_link,
            count: text("@odata.count").and_then(Value::as_i64),
            diagnostics,
        })
    }
}

/// A page of a list. It may be empty and still have a next one (Graph, "Paging").
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<T>,
    /// Where the next page is: see [`requests::next_page`](crate::requests::next_page).
    pub next_link: Option<String>,
    /// How many objects the whole list has, where the service says.
    pub count: Option<i64>,
    /// What was repaired or is not as the schema has it.
    pub diagnostics: Vec<Diagnostic>,
}

/// When to try again (RFC 9110 section 10.2.3; the service also wrote fractions of seconds).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum RetryAfter {
    /// After so many seconds, rounded up.
    Seconds(u32),
    /// At a time, as the header has it.
    At(String),
}

impl RetryAfter {
    /// Reads the header's value.
    ///
    /// ```
    /// use graph_wufb::RetryAfter;
    ///
    /// assert_eq!(RetryAfter::parse("2.128"), Some(RetryAfter::Seconds(3)));
    /// assert_eq!(RetryAfter::parse("soon"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !whole.is_empty() && digits(whole) && digits(fraction) {
            let more = u32::from(fraction.bytes().any(|byte| byte != b'0'));
            // So many digits that they do not fit mean "never"; the longest wait stands for it.
            return Some(Self::Seconds(whole.parse().unwrap_or(u32::MAX).saturating_add(more)));
        }
        DateTime::parse_from_rfc2822(text).ok().map(|_| Self::At(text.to_owned()))
    }

    /// How long to wait from `now` on.
    #[must_use]
    pub fn delay(&self, now: DateTime<Utc>) -> TimeDelta {
        match self {
            Self::Seconds(seconds) => TimeDelta::seconds(i64::from(*seconds)),
            Self::At(text) => DateTime::parse_from_rfc2822(text)
                .map_or(TimeDelta::zero(), |time| time.to_utc() - now)
                .max(TimeDelta::zero()),
        }
    }
}

/// What the service says of a failure (Graph, "Microsoft Graph error responses").
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GraphError {
    /// The status.
    pub status: u16,
    /// `error.code`; may be empty.
    pub code: String,
    /// `error.message`: for people, not for programs.
    pub message: String,
    /// The codes of the inner errors, from outside in.
    pub inner_codes: Vec<String>,
    /// The request's ID, in the body or the header.
    pub request_id: Option<String>,
    /// The ID that the client gave to the request.
    pub client_request_id: Option<String>,
    /// When it happened; without a zone, UTC is meant.
    pub date: Option<GraphDateTime>,
    /// When to try again.
    pub retry_after: Option<RetryAfter>,
}

impl GraphError {
    fn new(status: u16, headers: &Headers, body: Option<&Value>, request_id: Option<&str>) -> Self {
        let error = body
            .and_then(Value::as_object)
            .and_then(|object| object.get_loose("error"))
            .and_then(Value::as_object);
        // Errors are kept in states and events: a peer's texts no longer than they make sense.
        let text = |object: Option<&RawObject>, name: &str| {
            object.and_then(|object| object.text(name)).map(|text| cut(text.to_owned()))
        };
        let mut new = Self {
            status,
            code: text(error, "code").unwrap_or_default(),
            message: text(error, "message").unwrap_or_default(),
            inner_codes: Vec::new(),
            request_id: request_id.map(str::to_owned),
            client_request_id: headers.get("client-request-id").map(excerpt),
            date: None,
            retry_after: headers.get("retry-after").and_then(RetryAfter::parse),
        };
        // `innerError` and `innererror` both occur; they nest. The reader bounds the depth.
        let mut inner = error;
        while let Some(next) = inner.and_then(|object| object.get_loose("innerError")) {
            inner = next.as_object();
            new.inner_codes.extend(text(inner, "code").filter(|code| !code.is_empty()));
            new.request_id = text(inner, "request-id").or(new.request_id);
            new.client_request_id = text(inner, "client-request-id").or(new.client_request_id);
            if let Some(date) = text(inner, "date") {
                new.date = Some(date.as_str().into());
            }
        }
        new
    }

    /// The most precise code: the innermost one, or else `code`.
    #[must_use]
    pub fn innermost_code(&self) -> &str {
        self.inner_codes.last().map_or(&self.code, String::as_str)
    }

    /// Whether the same request may do better later: throttling and failures of the service.
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

/// A message is for people, and kept in events: no longer than they read.
fn cut(mut message: String) -> String {
    const LONGEST: usize = 4_096;
    if let Some((end, _)) = message.char_indices().nth(LONGEST) {
        message.truncate(end);
        message.push('…');
    }
    message
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
