//! Identifiers of updates, and times as they stand.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use uuid::Uuid;

/// A text that is no GUID.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no GUID")]
pub struct ParseIdError(Box<str>);

impl ParseIdError {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.chars().take(64).collect())
    }
}

/// The identifier of an update, category or detectoid, whatever its revision
/// (MS-WSUSSS 2.2.2.2.4). *Observed*: its case varies inside one document.
///
/// ```
/// let a: wsusss::UpdateId = "6964AAB4-C5B5-43BD-A17D-FFB4346A8E1D".parse()?;
/// assert_eq!(a, "6964aab4-c5b5-43bd-a17d-ffb4346a8e1d".parse()?);
/// # Ok::<(), wsusss::ParseIdError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct UpdateId(Uuid);

impl UpdateId {
    /// The classification of definition updates.
    pub const DEFINITION_UPDATES: Self = Self::from_u128(0xe0789628_ce08_4437_be74_2495b842f43b);

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

impl FromStr for UpdateId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let trimmed = text.trim();
        Uuid::try_parse(trimmed).map(Self).map_err(|_| ParseIdError::new(text))
    }
}

impl fmt::Display for UpdateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl TryFrom<String> for UpdateId {
    type Error = ParseIdError;

    fn try_from(text: String) -> Result<Self, ParseIdError> {
        text.parse()
    }
}

impl From<UpdateId> for String {
    fn from(id: UpdateId) -> Self {
        id.to_string()
    }
}

/// The highest revision that there can be: it travels as a signed number (MS-WSUSSS 2.2.2.2.4).
pub(crate) const MAX_REVISION: u32 = 0x7fff_ffff;

/// One revision of an update (UpdateIdentity).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct UpdateKey {
    /// The update.
    pub id: UpdateId,
    /// Its revision; higher is newer. On the wire it ends at 2,147,483,647.
    pub revision: u32,
}

impl UpdateKey {
    /// This revision of this update.
    #[must_use]
    pub const fn new(id: UpdateId, revision: u32) -> Self {
        Self { id, revision }
    }
}

impl fmt::Display for UpdateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} revision {}", self.id, self.revision)
    }
}

/// A time as servers write it: with zero to seven fraction digits, with and without `Z` (UTC either
/// way). The text is kept.
///
/// ```
/// let expires = wsusss::XsDateTime::new("2026-10-04T20:33:26.65455Z");
/// assert_eq!(expires.time().map(|time| time.timestamp()), Some(1_791_146_006));
/// assert!(wsusss::XsDateTime::new("9999-12-31T23:59:59.9999999").is_sentinel());
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct XsDateTime(String);

impl XsDateTime {
    /// The time with this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time, if the text is one.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        let text = self.0.trim();
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(time.to_utc());
        }
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
        naive.ok().map(|time| time.and_utc())
    }

    /// Whether it stands for "never" or "not set".
    #[must_use]
    pub fn is_sentinel(&self) -> bool {
        self.0.starts_with("9999-12-31") || self.0.starts_with("0001-01-01")
    }
}

impl AsRef<str> for XsDateTime {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<DateTime<Utc>> for XsDateTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
    }
}

impl fmt::Display for XsDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
