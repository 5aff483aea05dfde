//! Values in messages: secrets, digests, identifiers, words of open lists.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::error::{Error, bad_value};
use crate::id::ParseIdError;

/// Binary data as it travels (base64, sometimes with line breaks): digests and compressed
/// documents. The text is kept.
///
/// ```
/// let digest = wsusss::messages::Base64::encode(&[1, 2, 3]);
/// assert_eq!(digest.as_str(), "AQID");
/// assert_eq!(digest.decode()?, [1, 2, 3]);
/// # Ok::<(), wsusss::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Base64(String);

impl Base64 {
    /// The data as it travels.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The data, encoded.
    #[must_use]
    pub fn encode(bytes: &[u8]) -> Self {
        Self(STANDARD.encode(bytes))
    }

    /// The text as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes. White space is passed over.
    ///
    /// # Errors
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) for what is no base64.
    pub fn decode(&self) -> Result<Vec<u8>, Error> {
        decode_base64(&self.0)
    }
}

impl AsRef<str> for Base64 {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    decode_base64_into(text, &mut bytes)?;
    Ok(bytes)
}

/// As [`decode_base64`], behind what `bytes` holds.
pub(super) fn decode_base64_into(text: &str, bytes: &mut Vec<u8>) -> Result<(), Error> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0C);
    let decoded = if memchr::memchr3(b' ', b'\n', b'\r', text.as_bytes()).is_none()
        && memchr::memchr2(b'\t', 0x0C, text.as_bytes()).is_none()
    {
        STANDARD.decode_vec(text, bytes)
    } else {
        let tight: Vec<u8> = text.bytes().filter(|byte| !is_blank(byte)).collect();
        STANDARD.decode_vec(tight, bytes)
    };
    decoded.map_err(|_| bad_value("base64", text).into())
}

/// A cookie's or key's data as it travels. It does not appear in `Debug` output.
#[derive(Clone, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Secret(String);

impl Secret {
    /// The secret with this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// The identifier of something that is no update: a server, a group, a deployment, a driver set, a
/// set of licence terms. Compares as a GUID, whatever its case.
///
/// ```
/// let group: wsusss::messages::Guid = "A0A08746-4dbe-4a37-9adf-9e7652c0b421".parse()?;
/// assert_eq!(group.to_string(), "a0a08746-4dbe-4a37-9adf-9e7652c0b421");
/// # Ok::<(), wsusss::ParseIdError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Guid(Uuid);

impl Guid {
    /// The identifier with this value.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(Uuid::from_u128(value))
    }

    /// Its value.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }
}

impl FromStr for Guid {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Uuid::try_parse(text.trim()).map(Self).map_err(|_| ParseIdError::new(text))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl TryFrom<String> for Guid {
    type Error = ParseIdError;

    fn try_from(text: String) -> Result<Self, ParseIdError> {
        text.parse()
    }
}

impl From<Guid> for String {
    fn from(guid: Guid) -> Self {
        guid.to_string()
    }
}

/// Categories and classifications are updates of their own.
impl From<crate::UpdateId> for Guid {
    fn from(id: crate::UpdateId) -> Self {
        Self::from_u128(id.as_u128())
    }
}

impl From<Guid> for crate::UpdateId {
    fn from(guid: Guid) -> Self {
        Self::from_u128(guid.as_u128())
    }
}
