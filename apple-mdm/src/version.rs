//! Versions and builds of Apple's systems.
//!
//! *Observed* in the version catalogue: one to three numbers, compared as numbers (`9.3` is before
//! `10.0`); a background security improvement, formerly rapid security response, adds a letter:
//! `16.5.1 (a)`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::schema::Platform;

/// A text that is no version or no build.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// Not one to three numbers and perhaps a letter in parentheses.
    #[error("not a version of Apple's systems")]
    Version,
    /// Not a train, a letter and a number.
    #[error("not a build of Apple's systems")]
    Build,
}

/// A version: `18.7.2`, `26`, `16.5.1 (a)`.
///
/// Missing numbers are 0: `18` and `18.0.0` are equal, and print as they were written.
///
/// ```
/// use apple_mdm::version::OsVersion;
///
/// let version: OsVersion = "10.15.7".parse()?;
/// assert!(version < "26.1".parse()?);
/// assert!("16.5.1 (a)".parse::<OsVersion>()? > "16.5.1".parse()?);
/// assert_eq!("26".parse::<OsVersion>()?, "26.0".parse()?);
/// # Ok::<(), apple_mdm::version::VersionError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OsVersion {
    numbers: [u32; 3],
    /// How many numbers were written.
    written: u8,
    /// The letter of a background security improvement.
    extra: Option<u8>,
}

impl OsVersion {
    /// The version of these numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        let written = if patch > 0 { 3 } else { 2 };
        Self { numbers: [major, minor, patch], written, extra: None }
    }

    /// The first number.
    #[must_use]
    pub const fn major(&self) -> u32 {
        self.numbers[0]
    }

    /// The second number.
    #[must_use]
    pub const fn minor(&self) -> u32 {
        self.numbers[1]
    }

    /// The third number.
    #[must_use]
    pub const fn patch(&self) -> u32 {
        self.numbers[2]
    }

    /// The letter of a background security improvement: `a` of `16.5.1 (a)`.
    #[must_use]
    pub fn extra(&self) -> Option<char> {
        self.extra.map(char::from)
    }

    /// Whether it is a background security improvement of another version.
    #[must_use]
    pub const fn is_supplemental(&self) -> bool {
        self.extra.is_some()
    }

    /// The version without the letter of a background security improvement.
    #[must_use]
    pub const fn base(mut self) -> Self {
        self.extra = None;
        self
    }

    /// The version with the extra of a background security improvement, as devices and the
    /// catalogue write it: `(a)`.
    ///
    /// # Errors
    /// [`VersionError::Version`] where it is no letter.
    pub fn with_extra(mut self, extra: &str) -> Result<Self, VersionError> {
        let letter = extra.trim().trim_start_matches('(').trim_end_matches(')');
        match letter.as_bytes() {
            [letter] if letter.is_ascii_alphabetic() => {
                self.extra = Some(letter.to_ascii_lowercase());
                Ok(self)
            }
            _ => Err(VersionError::Version),
        }
    }

    /// Whether an update from `other` to this version stays within the major version, which
    /// deferrals and priority of a command need. Before macOS 11 the second number was the major
    /// one.
    #[must_use]
    pub const fn is_minor_of(&self, other: &Self) -> bool {
        self.major() == other.major() && (self.major() > 10 || self.minor() == other.minor())
    }

    /// Whether it is the same version in the numbers that `asked` was written with, at least two:
    /// 16.1.2 is a patch of 16.1, and so is 16.1 itself.
    #[must_use]
    pub fn is_patch_of(&self, asked: &Self) -> bool {
        let count = usize::from(asked.written).max(2);
        self.numbers.iter().zip(&asked.numbers).take(count).all(|(own, other)| own == other)
    }

    const fn key(&self) -> ([u32; 3], u8) {
        (
            self.numbers,
            match self.extra {
                Some(letter) => letter,
                None => 0,
            },
        )
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

impl PartialOrd for OsVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OsVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl FromStr for OsVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (numbers, extra) = match text.split_once('(') {
            Some((numbers, extra)) if extra.ends_with(')') => (numbers.trim_end(), Some(extra)),
            Some(_) => return Err(VersionError::Version),
            None => (text, None),
        };
        let mut version = Self { numbers: [0; 3], written: 0, extra: None };
        for part in numbers.split('.') {
            let place = version.numbers.get_mut(usize::from(version.written));
            let place = place.ok_or(VersionError::Version)?;
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(VersionError::Version);
            }
            *place = part.parse().map_err(|_| VersionError::Version)?;
            version.written += 1;
        }
        match extra {
            Some(extra) => version.with_extra(extra),
            None => Ok(version),
        }
    }
}

impl fmt::Display for OsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.major())?;
        if self.written > 1 {
            write!(f, ".{}", self.minor())?;
        }
        if self.written > 2 {
            write!(f, ".{}", self.patch())?;
        }
        match self.extra() {
            Some(letter) => write!(f, " ({letter})"),
            None => Ok(()),
        }
    }
}

/// The most bytes of a build; real ones have nine.
pub const MAX_BUILD: usize = 32;

/// A build: `23E254`, `20A5283p`, `22H340`, of [`MAX_BUILD`] bytes at most.
///
/// Its train, letter, number and perhaps another letter order the builds of one system; any text
/// can be kept, and a text that is no build orders by itself after all builds.
///
/// ```
/// use apple_mdm::version::Build;
///
/// assert!("22H333".parse::<Build>()? < "22H340".parse()?);
/// assert!("9B176".parse::<Build>()? < "10A403".parse()?);
/// # Ok::<(), apple_mdm::version::VersionError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Build(Box<str>);

impl Build {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The train, which is one major version of a system: 23 of `23E254`.
    #[must_use]
    pub fn train(&self) -> u32 {
        self.key().0
    }

    /// The number after the letter: 254 of `23E254`.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.key().2
    }

    /// Whether both are of the same train and letter, that is of one minor version.
    #[must_use]
    pub fn is_sibling_of(&self, other: &Self) -> bool {
        let ((train, letter, ..), (other_train, other_letter, ..)) = (self.key(), other.key());
        (train, letter) == (other_train, other_letter)
    }

    /// Whether it has a letter at its end: a supplemental update, or a beta.
    #[must_use]
    pub fn is_supplemental(&self) -> bool {
        !self.key().3.is_empty()
    }

    /// Whether it is a beta. *Observed* in those that Apple gives out: a letter at the end and a
    /// number from 5000 (20A5283p), which no release has.
    #[must_use]
    pub fn is_beta(&self) -> bool {
        let (_, _, number, suffix) = self.key();
        !suffix.is_empty() && (5_000..6_000).contains(&number)
    }

    /// Train, letter, and the number without the thousands that tell twin builds apart: a later
    /// issue of one version is greater.
    pub(crate) fn issue(&self) -> (u32, u8, u32) {
        let (train, letter, number, _) = self.key();
        (train, letter, number % 1000)
    }

    /// Orders builds of one version of a system as issues of it: twins are equal. What has a letter
    /// at its end has no twin.
    ///
    /// *Observed*: up to macOS 10.15 a security update keeps the version, and only the build counts
    /// on, past a thousand: 19H15, 19H1922, 19H2026 of 10.15.7. Nothing there has a twin.
    pub(crate) fn cmp_issue(
        &self,
        other: &Self,
        platform: Platform,
        version: OsVersion,
    ) -> Ordering {
        let counts_on = platform == Platform::MacOs && version.major() < 11;
        if counts_on || self.is_supplemental() || other.is_supplemental() {
            return self.cmp(other);
        }
        self.issue().cmp(&other.issue())
    }

    fn key(&self) -> (u32, u8, u32, &str) {
        parts(&self.0).unwrap_or((u32::MAX, 0, 0, &self.0))
    }
}

/// Train, letter, number and what follows.
fn parts(text: &str) -> Option<(u32, u8, u32, &str)> {
    // Zeros before a number would make it as long as a message.
    if text.len() > MAX_BUILD {
        return None;
    }
    let train_end = text.find(|character: char| !character.is_ascii_digit())?;
    let (train, rest) = text.split_at_checked(train_end)?;
    let (letter, rest) = rest.split_at_checked(1)?;
    let letter = *letter.as_bytes().first().filter(|letter| letter.is_ascii_uppercase())?;
    let number_end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    let (number, suffix) = rest.split_at_checked(number_end)?;
    let suffix_is = suffix.len() <= 1 && suffix.bytes().all(|byte| byte.is_ascii_lowercase());
    if !suffix_is {
        return None;
    }
    Some((train.parse().ok()?, letter, number.parse().ok()?, suffix))
}

impl FromStr for Build {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        parts(text).ok_or(VersionError::Build)?;
        Ok(Self(text.into()))
    }
}

impl PartialOrd for Build {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Build {
    /// A beta comes before the release that it is of, whatever its number.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |build: &Self| {
            let (train, letter, ..) = build.key();
            (train, letter, !build.is_beta())
        };
        key(self).cmp(&key(other)).then_with(|| self.key().cmp(&other.key()))
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "serde")]
mod as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::{Build, OsVersion};

    impl Serialize for OsVersion {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    impl<'de> Deserialize<'de> for OsVersion {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        }
    }

    impl Serialize for Build {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    impl<'de> Deserialize<'de> for Build {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_order_by_number_and_print_as_written() {
        let mut sorted: Vec<OsVersion> =
            ["26.4.1", "5.3.10", "10.6.2", "16.5.1 (a)", "16.5.1", "9"]
                .map(|text| text.parse().unwrap())
                .into();
        sorted.sort();
        let printed: Vec<String> = sorted.iter().map(ToString::to_string).collect();
        assert_eq!(printed, ["5.3.10", "9", "10.6.2", "16.5.1", "16.5.1 (a)", "26.4.1"]);
        for text in
            ["", " ", "18A391", "1.2.3.4", "1..2", "+1", "1.2 (ab)", "1.2 (a", "99999999999"]
        {
            assert!(text.parse::<OsVersion>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_minor_update_stays_within_the_major_version() {
        let version = |text: &str| text.parse::<OsVersion>().unwrap();
        assert!(version("14.7").is_minor_of(&version("14.0")));
        assert!(!version("15.0").is_minor_of(&version("14.7")));
        assert!(version("10.15.7").is_minor_of(&version("10.15.1")));
        assert!(!version("10.15").is_minor_of(&version("10.14")));
    }

    #[test]
    fn builds_order_by_train_letter_and_number() {
        let mut sorted: Vec<Build> = ["23E6254", "23E254", "9B176", "20A242a", "20A242", "23D8133"]
            .map(|text| text.parse().unwrap())
            .into();
        sorted.sort();
        let printed: Vec<&str> = sorted.iter().map(Build::as_str).collect();
        assert_eq!(printed, ["9B176", "20A242", "20A242a", "23D8133", "23E254", "23E6254"]);
        assert!(
            ["", "A1", "20", "20A", "20a1", "20A1xy"]
                .iter()
                .all(|text| text.parse::<Build>().is_err())
        );
    }
}
