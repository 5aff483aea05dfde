//! Builds of Windows.

use std::fmt;
use std::str::FromStr;

/// A build of Windows: `10.0.19045.3803`. The revision, which monthly updates raise, may be unknown.
///
/// Builds order by their numbers; without a revision a build comes before itself with one.
///
/// ```
/// use update_csp::Build;
///
/// let device: Build = "10.0.22631.3007".parse()?;
/// assert!(device > Build::WINDOWS_11_22H2 && device.is_windows_11());
/// assert_eq!(device.to_string(), "10.0.22631.3007");
/// # Ok::<(), update_csp::ParseBuildError>(())
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

/// A text that is no build.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no build of Windows: 10.0.19045.3803 is one")]
pub struct ParseBuildError(String);

impl Build {
    /// Windows 10 1507, the first.
    pub const WINDOWS_10_1507: Self = Self::new(10, 0, 10240, None);
    /// Windows 10 1511.
    pub const WINDOWS_10_1511: Self = Self::new(10, 0, 10586, None);
    /// Windows 10 1607.
    pub const WINDOWS_10_1607: Self = Self::new(10, 0, 14393, None);
    /// Windows 10 1703.
    pub const WINDOWS_10_1703: Self = Self::new(10, 0, 15063, None);
    /// Windows 10 1709.
    pub const WINDOWS_10_1709: Self = Self::new(10, 0, 16299, None);
    /// Windows 10 1903.
    pub const WINDOWS_10_1903: Self = Self::new(10, 0, 18362, None);
    /// Windows 10 22H2, the last.
    pub const WINDOWS_10_22H2: Self = Self::new(10, 0, 19045, None);
    /// Windows 11 21H2, the first.
    pub const WINDOWS_11_21H2: Self = Self::new(10, 0, 22000, None);
    /// Windows 11 22H2.
    pub const WINDOWS_11_22H2: Self = Self::new(10, 0, 22621, None);
    /// Windows 11 23H2.
    pub const WINDOWS_11_23H2: Self = Self::new(10, 0, 22631, None);
    /// Windows 11 24H2.
    pub const WINDOWS_11_24H2: Self = Self::new(10, 0, 26100, None);
    /// What DDF documents write for a build that is not released (contradiction C22).
    pub const UNRELEASED: Self = Self::new(99, 9, 99999, None);

    /// The build of these numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, number: u32, revision: Option<u32>) -> Self {
        Self { major, minor, number, revision }
    }

    /// The third number: `19045`.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The fourth number, if it is known.
    #[must_use]
    pub const fn revision(self) -> Option<u32> {
        self.revision
    }

    /// Whether it stands for a build that is not released: no build of Windows is as high as 99.
    #[must_use]
    pub const fn is_unreleased(self) -> bool {
        self.major >= 99
    }

    /// Whether it is Windows 11.
    #[must_use]
    pub fn is_windows_11(self) -> bool {
        self >= Self::WINDOWS_11_21H2
    }

    /// The first build of its servicing family. Builds of one family get the same monthly updates
    /// and count revisions together: 19042.1202 is 19041.1202 with other features switched on.
    #[must_use]
    pub const fn family(self) -> Self {
        let number = match self.number {
            18362..=18363 => 18362,
            19041..=19045 => 19041,
            22621..=22635 => 22621,
            26100..=26200 => 26100,
            other => other,
        };
        Self { number, revision: None, ..self }
    }

    /// The revision, or that of the release where it is not known; 0 for the first release of a
    /// family, which every monthly update came after.
    ///
    /// *Specified*: the release information of Windows 10 and 11, dates of general availability.
    /// The DDF agrees where it speaks: it names 19044.1288 and 19045.2130 as first builds
    /// (SetPolicyDrivenUpdateSource…), and leaves out the releases that came with a policy, as 20H2
    /// did with DisableWUfBSafeguards (19041.546).
    const fn revision_or_release(self) -> u32 {
        match (self.revision, self.number) {
            (Some(revision), _) => revision,
            (None, 18363) => 418,
            (None, 19042) => 572,
            (None, 19043) => 985,
            (None, 19044) => 1288,
            (None, 19045) => 2130,
            (None, 22631) => 2428,
            (None, 26200) => 6584,
            (None, _) => 0,
        }
    }

    /// Whether a device of this build has what a DDF document gives these first builds.
    ///
    /// *Specified*: DDFv2Msft.xsd, OsBuildVersion. The build without a revision is the first
    /// release that has it, with everything later; the others are older releases that got it with
    /// a monthly update. Where all have revisions, the highest stands for everything later. The
    /// list can be in any order. A revision that is not known is taken as that of the release:
    /// 22H2 of Windows 10 came as 19045.2130, so [`Self::WINDOWS_10_22H2`] has what 19043.1202 has.
    ///
    /// ```
    /// use update_csp::Build;
    ///
    /// let floors: Vec<Build> =
    ///     ["10.0.22000", "10.0.19041.906"].iter().filter_map(|text| text.parse().ok()).collect();
    /// let has = |text: &str| text.parse().is_ok_and(|build: Build| build.has(&floors));
    /// assert!(has("10.0.19044.1288") && has("10.0.26100") && !has("10.0.19041.100"));
    /// // Between the two: nobody says that it has it.
    /// assert!(!has("10.0.20348.1"));
    /// # Ok::<(), update_csp::ParseBuildError>(())
    /// ```
    #[must_use]
    pub fn has(self, floors: &[Self]) -> bool {
        self.has_of(floors.iter().copied())
    }

    /// The same for first builds that are not in a slice.
    pub(crate) fn has_of(self, floors: impl Iterator<Item = Self> + Clone) -> bool {
        let Some(highest) = floors.clone().max() else { return true };
        let main = floors.clone().filter(|floor| floor.revision.is_none()).min();
        let family = self.family();
        if family > main.unwrap_or(highest).family() {
            return true;
        }
        floors
            .filter(|floor| floor.family() == family && floor.number <= self.number)
            .any(|floor| floor.revision.unwrap_or(0) <= self.revision_or_release())
    }
}

impl FromStr for Build {
    type Err = ParseBuildError;

    /// Reads `10.0.19045.3803`, `10.0.19045`, and `19045.3803` or `19045` as release notes have it.
    fn from_str(text: &str) -> Result<Self, ParseBuildError> {
        let error = || ParseBuildError(text.chars().take(64).collect());
        let mut numbers = [0_u32; 4];
        let mut count = 0;
        for part in text.trim().split('.') {
            let slot = numbers.get_mut(count).ok_or_else(error)?;
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(error());
            }
            *slot = part.parse().map_err(|_| error())?;
            count += 1;
        }
        let [a, b, c, d] = numbers;
        match count {
            // A single small number is no build but perhaps a version.
            1 if a >= 10240 => Ok(Self::new(10, 0, a, None)),
            2 if a >= 10240 => Ok(Self::new(10, 0, a, Some(b))),
            3 => Ok(Self::new(a, b, c, None)),
            4 => Ok(Self::new(a, b, c, Some(d))),
            _ => Err(error()),
        }
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

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.number)?;
        self.revision.map_or(Ok(()), |revision| write!(f, ".{revision}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(text: &str) -> Build {
        text.parse().unwrap()
    }

    #[test]
    fn builds_are_read_in_each_form_and_nothing_else() {
        assert_eq!(build("10.0.19045.3803"), build(" 19045.3803 "));
        assert_eq!(build("10.0.19045"), build("19045"));
        assert!(build("10.0.19045") < build("10.0.19045.0"));
        for text in ["", "10", "10.0", "10.0.19045.", "10.0.x", "1.2.3.4.5", "10.0.-1", "+1.0.0"] {
            assert!(text.parse::<Build>().is_err(), "{text}");
        }
        assert!(build("99.9.99999").is_unreleased());
    }

    #[test]
    fn backports_count_by_family_and_later_releases_by_the_main_one() {
        let floors = ["10.0.22000", "10.0.19042.906", "10.0.18363.1474"].map(build);
        for has in ["22000", "22000.1", "26100", "19042.906", "19045.3803", "18363.1474"] {
            assert!(build(has).has(&floors), "{has}");
        }
        // 19041 comes before 19042 and nobody says that it has it.
        for lacks in ["19042.905", "19042", "19041.5000", "18362.2000", "18363.1", "17763.9999"] {
            assert!(!build(lacks).has(&floors), "{lacks}");
        }
        // A release that came after the monthly update has it; one that came before does not.
        let floors = ["10.0.22000", "10.0.19043.1202", "10.0.19042.1202"].map(build);
        for has in ["19044", "19045", "10.0.19045.2130"] {
            assert!(build(has).has(&floors), "{has}");
        }
        assert!(!build("19043").has(&floors) && !build("19042").has(&floors));
        assert!(!build("19045").has(&[build("19044.3757")]), "December 2023");
        assert!(build("22631").has(&[build("22621.1194"), Build::UNRELEASED]));
        assert!(!build("22621").has(&[build("22621.1194"), Build::UNRELEASED]));
        // C23: a monthly update of one release, and nothing later yet.
        let floors = ["10.0.22621.1194", "99.9.99999"].map(build);
        assert!(build("22631.1194").has(&floors));
        assert!(!build("26100.1").has(&floors));
        // C21: only a monthly update is named.
        assert!(build("22000").has(&[build("19044.3757")]));
        assert!(!build("22631.3000").has(&[Build::UNRELEASED]));
    }
}
