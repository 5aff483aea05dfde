//! From which build on something is there.

use std::fmt;

use crate::Build;

/// Whether a build has something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Support {
    /// It has.
    Yes,
    /// It has, or not: that depends on the revision, which is not known, and the release did not
    /// have it yet.
    Perhaps,
    /// It has not.
    No,
    /// No released build has (contradiction C22).
    Unreleased,
}

/// The builds from which on something is there (`OsBuildVersion`): one, or one for each release
/// that it was brought back to, in any order; [`Build::has`] has the rule.
///
/// ```
/// use update_csp::ddf::{BuildFloors, Support};
///
/// let floors = BuildFloors::read("10.0.22000, 10.0.19042.1202, 10.0.19041.1202");
/// assert_eq!(floors.support("10.0.19042.1500".parse()?), Support::Yes);
/// assert_eq!(floors.support("10.0.19042.900".parse()?), Support::No);
/// assert_eq!(floors.support("10.0.26100".parse()?), Support::Yes);
/// # Ok::<(), update_csp::ParseBuildError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct BuildFloors {
    text: String,
    builds: Vec<Build>,
    readable: bool,
}

impl BuildFloors {
    /// Reads the list. What is no build in it is passed over; see [`Self::is_readable`].
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut builds, mut readable) = (Vec::new(), true);
        for part in text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
            match part.parse() {
                Ok(build) => builds.push(build),
                Err(_) => readable = false,
            }
        }
        readable &= !builds.is_empty();
        Self { text: text.trim().to_owned(), builds, readable }
    }

    /// Whether every part of it is a build.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        self.readable
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
        if build.has(&self.builds) {
            return Support::Yes;
        }
        // The same build with the highest revision that there could be.
        let text = format!("{build}.{}", u32::MAX);
        if build.revision().is_none()
            && text.parse().is_ok_and(|latest: Build| latest.has(&self.builds))
        {
            return Support::Perhaps;
        }
        if self.builds.iter().any(|floor| floor.is_unreleased()) {
            Support::Unreleased
        } else {
            Support::No
        }
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
            // 20H2 came as 19042.572, 21H1 as 19043.985.
            ("10.0.19042", Support::Perhaps),
            ("10.0.19043", Support::Yes),
            ("10.0.18363.5000", Support::No),
            ("10.0.22000", Support::Yes),
            ("10.0.26100.1", Support::Yes),
            ("10.0.14393.1", Support::No),
        ] {
            assert_eq!(support(backported, build), expected, "{build}");
        }
        assert_eq!(support("10.0.19044.3757", "10.0.22000.1"), Support::Yes);
        assert_eq!(support("99.9.99999", "10.0.26100"), Support::Unreleased);
        assert_eq!(support("10.0.22621.1194, 99.9.99999", "10.0.22621.1200"), Support::Yes);
        assert_eq!(support("10.0.22621.1194, 99.9.99999", "10.0.26100"), Support::Unreleased);
        assert_eq!(support("soon", "10.0.26100"), Support::Perhaps);
        assert!(!BuildFloors::read("soon").is_readable());
        assert!(!BuildFloors::read("10.0.1, x").is_readable());
    }
}
