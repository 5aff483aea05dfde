//! Builds of Windows, and from which build on something is there.

use std::fmt;
use std::str::FromStr;

/// A text that is no build.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no build of Windows")]
pub struct ParseBuildError(Box<str>);

/// A build of Windows as DevDetail/SwV and DDF files write it: `10.0.22621.1344`, or without the
/// last number, which is the revision that monthly updates raise.
///
/// ```
/// use update_csp::ddf::Build;
///
/// let build: Build = "10.0.19045.2130".parse()?;
/// assert_eq!((build.number(), build.revision()), (19045, Some(2130)));
/// assert!("99.9.99999".parse::<Build>()?.is_unreleased());
/// # Ok::<(), update_csp::ddf::ParseBuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Build {
    major: u32,
    minor: u32,
    number: u32,
    revision: Option<u32>,
}

impl Build {
    /// The build of Windows 10 or 11 with this number, such as 22621, without a revision.
    #[must_use]
    pub const fn windows(number: u32) -> Self {
        Self { major: 10, minor: 0, number, revision: None }
    }

    /// The same build with a revision.
    #[must_use]
    pub const fn with_revision(mut self, revision: u32) -> Self {
        self.revision = Some(revision);
        self
    }

    /// The third number, which tells releases apart: 19045 is Windows 10 22H2.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The fourth number.
    #[must_use]
    pub const fn revision(self) -> Option<u32> {
        self.revision
    }

    /// Whether it stands for "not released yet": DDF files write `99.9.99999` (contradiction C22).
    #[must_use]
    pub const fn is_unreleased(self) -> bool {
        self.major >= 99
    }

    const fn release(self) -> (u32, u32, u32) {
        (self.major, self.minor, self.number)
    }
}

impl FromStr for Build {
    type Err = ParseBuildError;

    fn from_str(text: &str) -> Result<Self, ParseBuildError> {
        let text = text.trim();
        let error = || ParseBuildError(text.chars().take(64).collect());
        let mut parts = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits { part.parse::<u32>().map_err(|_| error()) } else { Err(error()) }
        });
        let mut next = || parts.next().unwrap_or_else(|| Err(error()));
        let (major, minor, number) = (next()?, next()?, next()?);
        let revision = parts.next().transpose()?;
        match parts.next() {
            None => Ok(Self { major, minor, number, revision }),
            Some(_) => Err(error()),
        }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.number)?;
        self.revision.map_or(Ok(()), |revision| write!(f, ".{revision}"))
    }
}

impl TryFrom<String> for Build {
    type Error = ParseBuildError;

    fn try_from(text: String) -> Result<Self, ParseBuildError> {
        text.parse()
    }
}

impl From<Build> for String {
    fn from(build: Build) -> Self {
        build.to_string()
    }
}

/// Whether a build has something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Support {
    /// It has.
    Yes,
    /// It has, or not: that depends on the revision, which is not known.
    Perhaps,
    /// It has not.
    No,
    /// No released build has.
    Unreleased,
}

/// The builds from which on something is there (`OsBuildVersion`): one, or one for each release
/// that it was brought back to, in any order.
///
/// *Specified*: Microsoft's DDFv2Msft.xsd: where a change was brought back to older releases, the
/// entry without a revision is the first release that has it from its beginning.
///
/// ```
/// use update_csp::ddf::{BuildFloors, Support};
///
/// let floors = BuildFloors::read("10.0.22000, 10.0.19042.1202, 10.0.19041.1202");
/// assert_eq!(floors.support("10.0.19042.1500".parse()?), Support::Yes);
/// assert_eq!(floors.support("10.0.19042.900".parse()?), Support::No);
/// assert_eq!(floors.support("10.0.26100".parse()?), Support::Yes);
/// # Ok::<(), update_csp::ddf::ParseBuildError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct BuildFloors {
    text: String,
    builds: Vec<Build>,
    unreadable: bool,
}

impl BuildFloors {
    /// Reads the list. What is no build in it is passed over; see [`Self::is_readable`].
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut builds, mut unreadable) = (Vec::new(), false);
        for part in text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
            match part.parse() {
                Ok(build) => builds.push(build),
                Err(_) => unreadable = true,
            }
        }
        unreadable |= builds.is_empty();
        Self { text: text.trim().to_owned(), builds, unreadable }
    }

    /// Whether every part of it is a build.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        !self.unreadable
    }

    /// The list as it stands.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The builds, in the order they stand in.
    #[must_use]
    pub fn builds(&self) -> &[Build] {
        &self.builds
    }

    /// Whether `build` is one of these or comes after.
    #[must_use]
    pub fn support(&self, build: Build) -> Support {
        if self.builds.is_empty() {
            return Support::Perhaps;
        }
        let here = self.builds.iter().filter(|floor| floor.release() == build.release());
        // The release's own entry decides.
        if let Some(floor) = here.min() {
            return match (floor.revision, build.revision) {
                (None, _) => Support::Yes,
                (Some(floor), Some(revision)) if revision >= floor => Support::Yes,
                (Some(_), Some(_)) => Support::No,
                (Some(_), None) => Support::Perhaps,
            };
        }
        let later = |floor: &Build| build.release() > floor.release();
        let mut whole = self.builds.iter().filter(|floor| floor.revision.is_none()).peekable();
        if whole.peek().is_some() {
            let mut released = whole.filter(|floor| !floor.is_unreleased()).peekable();
            return if released.peek().is_none() {
                Support::Unreleased
            } else if released.any(later) {
                Support::Yes
            } else {
                Support::No
            };
        }
        // Only revisions: everything after the last of these releases has it.
        if self.builds.iter().all(later) { Support::Yes } else { Support::No }
    }
}

impl fmt::Display for BuildFloors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn support(floors: &str, build: &str) -> Support {
        BuildFloors::read(floors).support(build.parse().unwrap())
    }

    #[test]
    fn floors_in_any_order_with_and_without_revisions() {
        let backported = "10.0.22000, 10.0.19042.906, 10.0.17763.1852";
        for (build, expected) in [
            ("10.0.17763.1851", Support::No),
            ("10.0.17763.1852", Support::Yes),
            ("10.0.17763", Support::Perhaps),
            ("10.0.18363.5000", Support::No),
            ("10.0.22000", Support::Yes),
            ("10.0.26100.1", Support::Yes),
            ("10.0.14393.1", Support::No),
        ] {
            assert_eq!(support(backported, build), expected, "{build}");
        }
        assert_eq!(support("10.0.19044.3757", "10.0.19045.1"), Support::Yes);
        assert_eq!(support("99.9.99999", "10.0.26100"), Support::Unreleased);
        assert_eq!(support("10.0.22621.1194, 99.9.99999", "10.0.22621.1200"), Support::Yes);
        assert_eq!(support("10.0.22621.1194, 99.9.99999", "10.0.26100"), Support::Unreleased);
        assert_eq!(support("soon", "10.0.26100"), Support::Perhaps);
        assert!(!BuildFloors::read("soon").is_readable());
        assert!(!BuildFloors::read("10.0.1, x").is_readable());
    }

    #[test]
    fn what_is_no_build_is_refused() {
        for text in ["", "10", "10.0", "10.0.x", "10.0.1.2.3", "10..1", "+10.0.1", "4294967296.0.0"]
        {
            assert!(text.parse::<Build>().is_err(), "{text}");
        }
        assert_eq!(" 10.0.1.2 ".parse::<Build>().unwrap().to_string(), "10.0.1.2");
    }
}
