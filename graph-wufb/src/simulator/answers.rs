//! Answers in the service's shapes.

use chrono::{DateTime, Utc};

use crate::json::{RawObject, Value};

/// An answer before it is written.
pub(super) enum Answer {
    Empty(u16),
    Body(u16, RawObject),
    Error { status: u16, code: String, message: String },
}

impl Answer {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::Error { status: 400, code: "BadRequest".to_owned(), message: message.into() }
    }

    pub(super) fn not_found(what: &str, id: &str) -> Self {
        let message = format!(
            "The resource 'microsoft.graph.windowsUpdates.{what}' with id '{id}' was not found."
        );
        Self::Error { status: 404, code: "ResourceNotFound".to_owned(), message }
    }

    pub(super) fn conflict(message: &str) -> Self {
        Self::Error { status: 409, code: "Conflict".to_owned(), message: message.to_owned() }
    }

    pub(super) fn finish(self, request_id: &str, now: DateTime<Utc>) -> (u16, Vec<u8>) {
        match self {
            Self::Empty(status) => (status, Vec::new()),
            Self::Body(status, body) => (status, body.to_json().into_bytes()),
            Self::Error { status, code, message } => {
                let inner = RawObject::from_iter([
                    ("date", now.format("%Y-%m-%dT%H:%M:%S").to_string()),
                    ("request-id", request_id.to_owned()),
                ]);
                let error = RawObject::from_iter([
                    ("code", Value::from(code)),
                    ("message", Value::from(message)),
                    ("innerError", Value::from(inner)),
                ]);
                let body = RawObject::from_iter([("error", error)]);
                (status, body.to_json().into_bytes())
            }
        }
    }
}

/// A failure that a test asked for.
pub(super) fn fault(status: u16) -> Answer {
    let code = match status {
        401 => "InvalidAuthenticationToken",
        403 => "Authorization_RequestDenied",
        429 => "TooManyRequests",
        503 => "serviceNotAvailable",
        _ => "generalException",
    };
    let message = "A failure that a test asked for.".to_owned();
    Answer::Error { status, code: code.to_owned(), message }
}
