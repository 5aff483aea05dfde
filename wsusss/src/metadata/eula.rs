//! Licence terms: which ones, and in which language and region.

use std::fmt;
use std::str::FromStr;

use super::{EulaFile, Update, base_language, is_neutral};
use crate::id::UpdateId;

/// Identifies licence terms (Properties/@EulaID). Several updates share one, and accepting it once
/// is enough for all of them (seed 001, ApprovedUpdates).
///
/// GUIDs compare whatever their case; a text that is none is kept as it stands.
///
/// ```
/// use wsusss::metadata::EulaId;
///
/// let a: EulaId = "AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa".parse()?;
/// assert_eq!(a, "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa".parse()?);
/// assert!(" ".parse::<EulaId>().is_err());
/// # Ok::<(), wsusss::metadata::ParseEulaIdError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct EulaId(Box<str>);

/// A text that identifies no licence terms: it is blank.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a blank text identifies no licence terms")]
pub struct ParseEulaIdError;

impl EulaId {
    /// The identifier, lower case if it is a GUID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EulaId {
    type Err = ParseEulaIdError;

    fn from_str(text: &str) -> Result<Self, ParseEulaIdError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ParseEulaIdError);
        }
        Ok(Self(match text.parse::<UpdateId>() {
            Ok(guid) => guid.to_string().into(),
            Err(_) => text.into(),
        }))
    }
}

impl fmt::Display for EulaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EulaId {
    type Error = ParseEulaIdError;

    fn try_from(text: String) -> Result<Self, ParseEulaIdError> {
        text.parse()
    }
}

impl From<EulaId> for String {
    fn from(id: EulaId) -> Self {
        id.0.into()
    }
}

impl<'a> Update<'a> {
    /// The licence terms that have to be accepted before it is approved, as they stand.
    #[must_use]
    pub fn eula_id(&self) -> Option<&str> {
        self.property("EulaID").filter(|id| !id.trim().is_empty())
    }

    /// The licence terms that have to be accepted before it is approved.
    #[must_use]
    pub fn eula(&self) -> Option<EulaId> {
        self.property("EulaID")?.parse().ok()
    }

    /// Whether licence terms have to be accepted before it is approved. Files with terms need
    /// [`Select::LOCALIZED`](super::Select::LOCALIZED).
    #[must_use]
    pub fn needs_eula(&self) -> bool {
        self.eula_id().is_some() || !self.eula_files.is_empty()
    }

    /// The file with the licence terms for a language and a region (a GeoId), or the nearest.
    ///
    /// Terms for another region are never given. Among those for the region, or else for none, the
    /// language decides as it does for titles.
    #[must_use]
    pub fn eula_file(&self, language: &str, geo_id: Option<&str>) -> Option<&EulaFile<'a>> {
        let here = |file: &&EulaFile<'a>| match (&file.geo_id, geo_id) {
            (Some(file), Some(wanted)) => file.trim() == wanted.trim(),
            _ => false,
        };
        let anywhere = |file: &&EulaFile<'a>| {
            file.geo_id.as_deref().is_none_or(|geo_id| geo_id.trim().is_empty())
        };
        let default = self.default_language();
        let rank = |file: &&EulaFile<'a>| language_rank(&file.language, language, default);
        self.eula_files
            .iter()
            .filter(here)
            .min_by_key(rank)
            .or_else(|| self.eula_files.iter().filter(anywhere).min_by_key(rank))
    }
}

/// How well a text in `language` serves somebody who asked for `wanted`: 0 is best.
pub(crate) fn language_rank(language: &str, wanted: &str, default: &str) -> u8 {
    let same = |other: &str| language.eq_ignore_ascii_case(other);
    if same(wanted) {
        0
    } else if same(base_language(wanted)) {
        1
    } else if base_language(language).eq_ignore_ascii_case(base_language(wanted)) {
        2
    } else if same(default) {
        3
    } else if is_neutral(language) {
        4
    } else if same("en") {
        5
    } else {
        6
    }
}
