//! Platforms, versions and builds, as Apple writes them and as they compare.
//!
//! *Observed* in the version catalogue: old lines stay in it (`10.6.2`, `5.3.10`), so that texts
//! compare wrongly; versions have one to three numbers. A Background Security Improvement (before
//! OS 26: Rapid Security Response) adds letters: `16.5.1 (a)`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// An operating system. Others are kept.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Platform {
    /// iOS and iPadOS.
    Ios,
    /// macOS.
    MacOs,
    /// tvOS.
    TvOs,
    /// visionOS.
    VisionOs,
    /// watchOS.
    WatchOs,
    /// Another one, by its name.
    Other(String),
}

impl Platform {
    /// The platform of this name, as in Apple's schema and in `device.operating-system.family`.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "iOS" | "iPadOS" => Self::Ios,
            "macOS" => Self::MacOs,
            "tvOS" => Self::TvOs,
            // *Observed* in older lists: xrOS.
            "visionOS" | "xrOS" => Self::VisionOs,
            "watchOS" => Self::WatchOs,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name in Apple's schema.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ios => "iOS",
            Self::MacOs => "macOS",
            Self::TvOs => "tvOS",
            Self::VisionOs => "visionOS",
            Self::WatchOs => "watchOS",
            Self::Other(text) => text,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no version or build.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text:?} is no {what}")]
pub struct VersionError {
    what: &'static str,
    text: Box<str>,
}

impl VersionError {
    fn new(what: &'static str, text: &str) -> Self {
        Self { what, text: text.chars().take(64).collect() }
    }
}

/// The most bytes of a version or build; longer texts are none.
pub const MAX_VERSION: usize = 64;

/// A version: one to four numbers, and the letters of a Background Security Improvement.
///
/// Compared by its numbers, where a missing one is zero, then by the letters, where none comes
/// first. Displayed as it was written.
///
/// ```
/// use apple_mdm::version::OsVersion;
///
/// let version = |text: &str| text.parse::<OsVersion>();
/// assert!(version("9.3.6")? < version("18.0")?);
/// assert_eq!(version("26")?, version("26.0.0")?);
/// assert!(version("16.5.1")? < version("16.5.1 (a)")?);
/// assert_eq!(version("16.5.1 (c)")?.base().to_string(), "16.5.1");
/// # Ok::<(), apple_mdm::version::VersionError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct OsVersion {
    text: Box<str>,
    numbers: [u32; 4],
    count: u8,
    extra: Option<Box<str>>,
}

impl OsVersion {
    /// The text, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first number.
    #[must_use]
    pub const fn major(&self) -> u32 {
        let [major, ..] = self.numbers;
        major
    }

    /// The second number, 0 if there is none.
    #[must_use]
    pub const fn minor(&self) -> u32 {
        let [_, minor, ..] = self.numbers;
        minor
    }

    /// How many numbers it was written with.
    #[must_use]
    pub fn components(&self) -> usize {
        self.count.into()
    }

    /// The letters of a Background Security Improvement, without parentheses.
    #[must_use]
    pub fn extra(&self) -> Option<&str> {
        self.extra.as_deref()
    }

    /// The version without the letters: what has to be installed before them.
    #[must_use]
    pub fn base(&self) -> Self {
        let text = self.text.split('(').next().unwrap_or_default().trim_end();
        Self { text: text.into(), numbers: self.numbers, count: self.count, extra: None }
    }

    /// The version with these letters, as `device.operating-system.supplemental.extra-version`
    /// gives them; parentheses are *observed* with and without.
    ///
    /// # Errors
    /// [`VersionError`] for anything but letters and digits.
    pub fn with_extra(&self, extra: &str) -> Result<Self, VersionError> {
        let extra = extra.trim().trim_start_matches('(').trim_end_matches(')');
        if extra.is_empty() {
            return Ok(self.base());
        }
        format!("{} ({extra})", self.base().text).parse()
    }

    /// Whether this version was installed by asking for that one: the numbers that were written
    /// are the same.
    ///
    /// ```
    /// # use apple_mdm::version::OsVersion;
    /// let version = |text: &str| text.parse::<OsVersion>();
    /// assert!(version("16.1.2")?.is_patch_of(&version("16.1")?));
    /// assert!(!version("16.2")?.is_patch_of(&version("16.1")?));
    /// # Ok::<(), apple_mdm::version::VersionError>(())
    /// ```
    #[must_use]
    pub fn is_patch_of(&self, asked: &Self) -> bool {
        let count = asked.components().max(2);
        self.numbers.iter().zip(&asked.numbers).take(count).all(|(own, other)| own == other)
    }

    fn key(&self) -> ([u32; 4], Option<&str>) {
        (self.numbers, self.extra.as_deref())
    }
}

impl FromStr for OsVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError::new("version", text);
        let text = text.trim();
        if text.len() > MAX_VERSION {
            return Err(wrong());
        }
        let (plain, extra) = match text.split_once('(') {
            Some((plain, rest)) => {
                let extra = rest.strip_suffix(')').ok_or_else(wrong)?;
                if extra.is_empty() || !extra.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    return Err(wrong());
                }
                (plain.trim_end(), Some(extra.into()))
            }
            None => (text, None),
        };
        let mut numbers = [0; 4];
        let mut count = 0u8;
        let mut places = numbers.iter_mut();
        for part in plain.split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(wrong());
            }
            *places.next().ok_or_else(wrong)? = part.parse().map_err(|_| wrong())?;
            count += 1;
        }
        Ok(Self { text: text.into(), numbers, count, extra })
    }
}

impl TryFrom<String> for OsVersion {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<OsVersion> for String {
    fn from(version: OsVersion) -> Self {
        version.text.into()
    }
}

impl fmt::Display for OsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for OsVersion {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for OsVersion {}

impl Hash for OsVersion {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Ord for OsVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for OsVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A build: train, letter, number, and for a supplemental update one more letter: `20A242a`.
///
/// ```
/// use apple_mdm::version::BuildVersion;
///
/// let build = |text: &str| text.parse::<BuildVersion>();
/// assert!(build("22A5282m")? < build("22B83")?);
/// assert!(build("22H333")? < build("22H340")?);
/// assert!(build("20A242a")?.is_supplemental());
/// # Ok::<(), apple_mdm::version::VersionError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct BuildVersion {
    train: u32,
    letter: char,
    number: u32,
    suffix: Option<char>,
    text: Box<str>,
}

impl BuildVersion {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The train, which goes up with each major version of a platform: 22 in `22H333`.
    #[must_use]
    pub const fn train(&self) -> u32 {
        self.train
    }

    /// Whether it has a letter at its end: a supplemental update, or a beta.
    #[must_use]
    pub const fn is_supplemental(&self) -> bool {
        self.suffix.is_some()
    }
}

impl FromStr for BuildVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError::new("build", text);
        let text = text.trim();
        if text.len() > MAX_VERSION {
            return Err(wrong());
        }
        let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (train, rest) = text.split_at_checked(at).ok_or_else(wrong)?;
        let mut rest = rest.chars();
        let letter = rest.next().filter(char::is_ascii_uppercase).ok_or_else(wrong)?;
        let rest = rest.as_str();
        let suffix = rest.chars().next_back().filter(char::is_ascii_lowercase);
        let number = rest.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(rest);
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        Ok(Self {
            train: train.parse().map_err(|_| wrong())?,
            letter,
            number: number.parse().map_err(|_| wrong())?,
            suffix,
            text: text.into(),
        })
    }
}

impl TryFrom<String> for BuildVersion {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<BuildVersion> for String {
    fn from(build: BuildVersion) -> Self {
        build.text.into()
    }
}

impl fmt::Display for BuildVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        for text in ["", "18.", ".1", "18.x", "1.2.3.4.5", "4294967296", "18 (", "18 ()", "18(a"] {
            assert!(text.parse::<OsVersion>().is_err(), "{text}");
        }
        let compact: OsVersion = "16.5.1(a)".parse().unwrap();
        assert_eq!(compact, "16.5.1 (a)".parse().unwrap());
        assert_eq!(compact.base().as_str(), "16.5.1");
        assert_eq!(compact.base().with_extra("(a)").unwrap(), compact);
        assert_eq!(compact.with_extra("").unwrap().extra(), None);
        let exact = "1".repeat(9) + &".0".repeat(3);
        assert!(exact.parse::<OsVersion>().is_ok());
        assert!(format!("1 ({})", "a".repeat(60)).parse::<OsVersion>().is_ok());
        assert!(format!("1 ({})", "a".repeat(61)).parse::<OsVersion>().is_err());
    }

    #[test]
    fn builds_are_read_and_compared() {
        for text in ["", "22", "22h3", "H3", "22H", "22H3aa", "22H3A"] {
            assert!(text.parse::<BuildVersion>().is_err(), "{text}");
        }
        let build = |text: &str| text.parse::<BuildVersion>().unwrap();
        assert!(build("20A242") < build("20A242a"));
        assert!(build("9A405") < build("20A242"));
        assert!(build("23E254") < build("23E6254"));
    }
}
