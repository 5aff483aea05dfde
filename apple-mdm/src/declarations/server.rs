//! The four endpoints, without I/O: what a device asks in a DeclarativeManagement check-in
//! message, and what to answer.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::declaration::Kind;
use super::error::{Error, ErrorKind};
use super::manifest::DeclarationSet;
use super::status::StatusReport;
use crate::json;
use crate::plist::Dictionary;

/// What a device asks for (check-in message DeclarativeManagement, key Endpoint).
///
/// ```
/// use apple_mdm::declarations::{Endpoint, Kind};
///
/// let endpoint: Endpoint = "declaration/configuration/a/b".parse()?;
/// let identifier = "a/b".to_owned();
/// assert_eq!(endpoint, Endpoint::Declaration { kind: Kind::Configuration, identifier });
/// assert_eq!(endpoint.to_string(), "declaration/configuration/a/b");
/// # Ok::<(), apple_mdm::declarations::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Endpoint {
    /// Whether anything is new.
    Tokens,
    /// Which declarations there are.
    DeclarationItems,
    /// One declaration.
    Declaration {
        /// Its kind.
        kind: Kind,
        /// Its identifier.
        identifier: String,
    },
    /// A status report.
    Status,
}

/// The most bytes of an endpoint.
pub const MAX_ENDPOINT: usize = 1024;

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_ENDPOINT {
            let what = "bytes in an endpoint";
            return Err(ErrorKind::Limit { what, max: MAX_ENDPOINT }.into());
        }
        match text {
            "tokens" => Ok(Self::Tokens),
            "declaration-items" => Ok(Self::DeclarationItems),
            "status" => Ok(Self::Status),
            other => {
                let parts = other.strip_prefix("declaration/").and_then(|at| at.split_once('/'));
                match parts {
                    Some((kind, identifier)) if !identifier.is_empty() => {
                        let kind = Kind::from_text(kind);
                        Ok(Self::Declaration { kind, identifier: identifier.to_owned() })
                    }
                    _ => {
                        let text = other.chars().take(64).collect();
                        Err(ErrorKind::Value { what: "endpoint", text }.into())
                    }
                }
            }
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tokens => f.write_str("tokens"),
            Self::DeclarationItems => f.write_str("declaration-items"),
            Self::Status => f.write_str("status"),
            Self::Declaration { kind, identifier } => write!(f, "declaration/{kind}/{identifier}"),
        }
    }
}

/// What to answer: the status and body of the HTTP answer. Debug shows the body by its length: it
/// may hold tokens.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// 200; 404 for a declaration that is not there (any more): the device then forgets it; 400
    /// for a report that cannot be read.
    pub status: u16,
    /// JSON, with the type [`CONTENT_TYPE`]; empty for reports and errors.
    pub body: Vec<u8>,
    /// What the device reported.
    pub report: Option<StatusReport>,
    /// Why the report cannot be read, and where.
    pub error: Option<Error>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("report", &self.report)
            .field("error", &self.error)
            .finish()
    }
}

/// The media type of declarations and manifests.
pub const CONTENT_TYPE: &str = "application/json";

impl DeclarationSet {
    /// Answers a device. `data` is the message's key Data: a status report, or the tokens that
    /// the device has.
    ///
    /// ```
    /// use apple_mdm::declarations::{DeclarationSet, Endpoint};
    ///
    /// let set = DeclarationSet::default();
    /// let now = chrono::DateTime::UNIX_EPOCH;
    /// let answer = set.answer(&Endpoint::DeclarationItems, &[], now);
    /// assert!(String::from_utf8_lossy(&answer.body).contains("\"Configurations\":[]"));
    /// let gone = Endpoint::Declaration { kind: "configuration".into(), identifier: "1".into() };
    /// assert_eq!(set.answer(&gone, &[], now).status, 404);
    /// ```
    #[must_use]
    pub fn answer(&self, endpoint: &Endpoint, data: &[u8], now: DateTime<Utc>) -> Response {
        self.answer_within(endpoint, data, now, &json::Limits::default())
    }

    /// Answers a device, with other bounds on its reports than the default.
    #[must_use]
    pub fn answer_within(
        &self,
        endpoint: &Endpoint,
        data: &[u8],
        now: DateTime<Utc>,
        limits: &json::Limits,
    ) -> Response {
        let mut response = Response { status: 200, body: Vec::new(), report: None, error: None };
        match endpoint {
            Endpoint::Tokens => self.tokens(now).encode(&mut response.body),
            Endpoint::DeclarationItems => self.manifest().encode(&mut response.body),
            Endpoint::Declaration { kind, identifier } => match self.get(identifier) {
                Some(found) if found.kind() == *kind => found.encode(&mut response.body),
                _ => response.status = 404,
            },
            Endpoint::Status => match StatusReport::decode(data, limits) {
                Ok(report) => response.report = Some(report),
                Err(error) => {
                    response.status = 400;
                    response.error = Some(error);
                }
            },
        }
        response
    }
}

impl From<&str> for Kind {
    fn from(text: &str) -> Self {
        Self::from_text(text)
    }
}

/// The endpoint and data of a check-in message, if it is one of declarative management.
///
/// # Errors
/// [`ErrorKind::Missing`] and [`ErrorKind::Value`] for a message of declarative management
/// without an endpoint, or with another one.
pub fn read_check_in(message: &Dictionary<'_>) -> Result<Option<(Endpoint, Vec<u8>)>, Error> {
    if message.str("MessageType") != Some("DeclarativeManagement") {
        return Ok(None);
    }
    let endpoint = message.str("Endpoint").ok_or(ErrorKind::Missing)?.parse()?;
    let data = match message.get("Data") {
        Some(crate::plist::Value::Data(bytes)) => bytes.to_vec(),
        _ => Vec::new(),
    };
    Ok(Some((endpoint, data)))
}
