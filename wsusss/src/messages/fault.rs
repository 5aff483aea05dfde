//! Faults: what a server refuses, and what to do about it.

use std::fmt;

/// The ErrorCode of a fault (MS-WSUSSS 2.2.2.4). Others are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum FaultCode {
    /// A parameter is wrong; the message names it.
    InvalidParameters,
    /// The cookie is wrong.
    InvalidCookie,
    /// The authorization cookie is wrong.
    InvalidAuthorizationCookie,
    /// The cookie expired.
    CookieExpired,
    /// The configuration changed.
    ConfigChanged,
    /// The server failed. *Observed*: also for an update that it does not know.
    InternalServerError,
    /// The versions do not fit.
    IncompatibleProtocolVersion,
    /// The server is another one than before.
    ServerChanged,
    /// The server is busy.
    ServerBusy,
    /// Files are not there.
    FileDigestsMissing,
    /// Too many identifiers.
    TooManyIds,
    /// Another one, or none at all.
    Other(String),
}

impl FaultCode {
    /// The code with this text; case matters.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "InvalidParameters" => Self::InvalidParameters,
            "InvalidCookie" => Self::InvalidCookie,
            "InvalidAuthorizationCookie" => Self::InvalidAuthorizationCookie,
            "CookieExpired" => Self::CookieExpired,
            "ConfigChanged" => Self::ConfigChanged,
            "InternalServerError" => Self::InternalServerError,
            "IncompatibleProtocolVersion" => Self::IncompatibleProtocolVersion,
            "ServerChanged" => Self::ServerChanged,
            "ServerBusy" => Self::ServerBusy,
            "FileDigestsMissing" => Self::FileDigestsMissing,
            "TooManyIds" => Self::TooManyIds,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidParameters => "InvalidParameters",
            Self::InvalidCookie => "InvalidCookie",
            Self::InvalidAuthorizationCookie => "InvalidAuthorizationCookie",
            Self::CookieExpired => "CookieExpired",
            Self::ConfigChanged => "ConfigChanged",
            Self::InternalServerError => "InternalServerError",
            Self::IncompatibleProtocolVersion => "IncompatibleProtocolVersion",
            Self::ServerChanged => "ServerChanged",
            Self::ServerBusy => "ServerBusy",
            Self::FileDigestsMissing => "FileDigestsMissing",
            Self::TooManyIds => "TooManyIds",
            Self::Other(text) => text,
        }
    }
}

/// A SOAP fault. Only the code says what to do: real servers put the same words into every
/// faultstring.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Fault {
    /// `soap:Client` or `soap:Server`, as it stands.
    pub soap_code: String,
    /// Words for people.
    pub reason: String,
    /// What is wrong.
    pub code: FaultCode,
    /// More about it: for wrong parameters, the parameter's name.
    pub message: String,
    /// Identifies the fault in the server's log.
    pub id: String,
    /// The operation, as it stands, with quotes.
    pub method: String,
}

impl Fault {
    /// A fault as servers write it.
    #[must_use]
    pub fn new(code: FaultCode) -> Self {
        let soap_code = match code {
            FaultCode::InternalServerError | FaultCode::ServerBusy => "soap:Server",
            _ => "soap:Client",
        };
        Self {
            soap_code: soap_code.to_owned(),
            reason: "Fault occurred".to_owned(),
            code,
            message: String::new(),
            id: String::new(),
            method: String::new(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        match self.message.as_str() {
            "" => Ok(()),
            message => write!(f, " ({message})"),
        }
    }
}
