//! How a device follows enforced updates: what a target means on which release, and in which order
//! several are processed.

use std::cmp::Reverse;

use super::enforcement::EnforcementSpecific;
use crate::schema::Platform;
use crate::version::{Build, OsVersion};

/// What is installed on a device.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Installed {
    /// The operating system.
    pub platform: Platform,
    /// Its version, with the letters of a Background Security Improvement.
    pub version: OsVersion,
    /// Its build; with an improvement, the build that this has.
    pub build: Option<Build>,
}

impl Installed {
    /// This version of this system.
    #[must_use]
    pub const fn new(platform: Platform, version: OsVersion, build: Option<Build>) -> Self {
        Self { platform, version, build }
    }
}

/// A release that the device could install.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Release {
    /// Its version; of an improvement, with the letters.
    pub version: OsVersion,
    /// Its build.
    pub build: Build,
}

impl Release {
    /// The release of this version and build.
    #[must_use]
    pub const fn new(version: OsVersion, build: Build) -> Self {
        Self { version, build }
    }

    /// Whether it is a Background Security Improvement: its version has letters.
    #[must_use]
    pub fn is_improvement(&self) -> bool {
        self.version.extra().is_some()
    }
}

/// What a version without a build asks for (R14; the texts of OS 26 and OS 27 differ).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reading {
    /// Up to OS 26: `16.1` installs the latest 16.1.x; where version and build do not belong
    /// together, the version counts.
    LatestPatch,
    /// From OS 27: exactly this version; where version and build do not belong together, the
    /// declaration stays active and nothing is installed.
    Exact,
}

impl Reading {
    /// The reading of a device with this release. *Decision*: the release that reads the
    /// declaration counts, not the one that it asks for.
    #[must_use]
    pub const fn of(installed: &Installed) -> Self {
        if installed.version.major() >= 27 { Self::Exact } else { Self::LatestPatch }
    }
}

/// Whether one declaration reaches a Background Security Improvement from an older base version
/// (R15): from iOS 18, tvOS 18 and macOS 15 on. Before, the base version needs a declaration of
/// its own.
#[must_use]
pub fn installs_combined(installed: &Installed) -> bool {
    let since = match installed.platform {
        Platform::Ios | Platform::TvOs => 18,
        Platform::MacOs => 15,
        // It has declarations for updates since 26.
        Platform::VisionOs => 26,
        Platform::WatchOs => return false,
    };
    installed.version.major() >= since
}

/// Why a device does not install the target of a declaration.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotInstallable {
    /// It has this version and build, or newer ones: an error in the status report (R12).
    #[error("the device has this release or a newer one")]
    NotNewer,
    /// There is no such release. The declaration stays active, in case it comes.
    #[error("there is no such release")]
    NotOffered,
    /// The build is one of another version (OS 27). The declaration stays active.
    #[error("the build belongs to another version")]
    BuildMismatch,
    /// The improvement needs this version first, by a declaration of its own (before iOS 18,
    /// macOS 15).
    #[error("version {0} has to be installed first")]
    NeedsBase(OsVersion),
}

/// The release that a device would install for a declaration.
///
/// `available` is what Apple offers this device: filtered by device, not expired.
///
/// # Errors
/// [`NotInstallable`].
///
/// ```
/// use apple_mdm::declarations::EnforcementSpecific;
/// use apple_mdm::declarations::rules::{Installed, Release, target};
/// use apple_mdm::schema::Platform;
///
/// let asked = EnforcementSpecific::new("16.1".parse()?, "2026-01-20T18:00:00".parse()?);
/// let old = Installed::new(Platform::Ios, "16.0".parse()?, None);
/// let patch = Release::new("16.1.2".parse()?, "20B110".parse()?);
/// assert_eq!(target(&asked, &old, &[patch.clone()]), Ok(&patch));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn target<'r>(
    asked: &EnforcementSpecific,
    installed: &Installed,
    available: &'r [Release],
) -> Result<&'r Release, NotInstallable> {
    if !is_newer(asked, installed) {
        return Err(NotInstallable::NotNewer);
    }
    let reading = Reading::of(installed);
    let version = &asked.target_os_version;
    if let Some(build) = &asked.target_build_version {
        match available.iter().find(|release| release.build == *build) {
            Some(release) if release.version.base() == version.base() => {
                return with_base(release, installed);
            }
            Some(_) if reading == Reading::Exact => return Err(NotInstallable::BuildMismatch),
            None if reading == Reading::Exact => return Err(NotInstallable::NotOffered),
            // The version counts.
            Some(_) | None => {}
        }
    }
    let fits = |release: &&Release| match (reading, version.extra()) {
        (_, Some(_)) => release.version == *version,
        (Reading::Exact, None) => release.version == *version,
        (Reading::LatestPatch, None) => {
            !release.is_improvement() && release.version.is_patch_of(version)
        }
    };
    let newest = |one: &&Release| (one.version, one.build.clone());
    let base =
        available.iter().filter(fits).max_by_key(newest).ok_or(NotInstallable::NotOffered)?;
    if base.is_improvement() {
        return with_base(base, installed);
    }
    // A version alone brings its newest improvement with it.
    let improved = available
        .iter()
        .filter(|release| release.is_improvement() && release.version.base() == base.version);
    match improved.max_by_key(newest) {
        Some(improved) if installs_combined(installed) => Ok(improved),
        _ => Ok(base),
    }
}

/// Whether a declaration asks for something newer than what is installed.
///
/// *Observed* in the version catalogue: most versions have two builds that differ in the thousands
/// (`23E254`, `23E6254`). *Decision*: such twins are the same release.
#[must_use]
pub fn is_newer(asked: &EnforcementSpecific, installed: &Installed) -> bool {
    let (wanted, has) = (asked.target_os_version.base(), installed.version.base());
    if wanted != has {
        return wanted > has;
    }
    match (&asked.target_build_version, &installed.build) {
        (Some(wanted), Some(has)) => {
            wanted.cmp_issue(has, installed.platform, installed.version).is_gt()
        }
        (Some(_), None) => true,
        (None, _) => asked.target_os_version > installed.version,
    }
}

fn with_base<'r>(
    release: &'r Release,
    installed: &Installed,
) -> Result<&'r Release, NotInstallable> {
    let base = release.version.base();
    if release.is_improvement() && installed.version.base() != base && !installs_combined(installed)
    {
        return Err(NotInstallable::NeedsBase(base));
    }
    Ok(release)
}

/// What a device does with several declarations.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Queue<'r> {
    /// The one that it works on, as a place in the input, and the release that it installs.
    pub current: Option<(usize, &'r Release)>,
    /// Those that wait for their turn, in order.
    pub waiting: Vec<usize>,
    /// Those that come to nothing as things are, and why.
    pub idle: Vec<(usize, NotInstallable)>,
}

/// What a device does with several declarations: the earliest time first (R12). After each update
/// this is asked again: what is not newer by then is ignored.
///
/// *Decision*, as Apple says nothing of it: at the same time the lower version goes first, and one
/// that cannot be installed does not hold up the others.
#[must_use]
pub fn queue<'r>(
    declarations: &[&EnforcementSpecific],
    installed: &Installed,
    available: &'r [Release],
) -> Queue<'r> {
    let mut order: Vec<usize> = (0..declarations.len()).collect();
    order.sort_by_key(|at| {
        declarations.get(*at).map(|one| (&one.target_local_date_time, one.target_os_version))
    });
    let mut queue = Queue { current: None, waiting: Vec::new(), idle: Vec::new() };
    for at in order {
        let Some(declaration) = declarations.get(at) else { continue };
        match target(declaration, installed, available) {
            Ok(release) if queue.current.is_none() => queue.current = Some((at, release)),
            Ok(_) => queue.waiting.push(at),
            Err(why) => queue.idle.push((at, why)),
        }
    }
    queue
}

/// Everything that a device will install for these declarations, one after another, as places in
/// the input with their releases: a preview for administrators.
#[must_use]
pub fn preview<'r>(
    declarations: &[&EnforcementSpecific],
    installed: &Installed,
    available: &'r [Release],
) -> Vec<(usize, &'r Release)> {
    let mut installed = installed.clone();
    let mut steps = Vec::new();
    // Each step installs something newer; more steps than releases cannot be.
    for _ in 0..available.len() {
        let Some((at, release)) = queue(declarations, &installed, available).current else { break };
        steps.push((at, release));
        installed.version = release.version;
        installed.build = Some(release.build.clone());
    }
    steps
}

/// The declarations that bring a device to a release: one, or before iOS 18 and macOS 15 two for
/// a Background Security Improvement whose base is not installed (R15). The base comes an hour
/// before, as declarations are processed in the order of their times.
///
/// *Specified*: TargetOSVersion has no letters, so that only a build says which improvement is
/// meant. Without one, what is declared is the base version: it brings the newest improvement from
/// iOS 18 and macOS 15 on, none before, and a device that has it takes it for what it has (R12).
#[must_use]
pub fn declarations_for(
    release: &EnforcementSpecific,
    installed: &Installed,
) -> Vec<EnforcementSpecific> {
    let letter = release.target_os_version.extra().is_some();
    let supplemental = release
        .target_build_version
        .as_ref()
        .is_some_and(|build| letter || (build.is_supplemental() && !build.is_beta()));
    let base = release.target_os_version.base();
    let mut last = release.clone();
    last.target_os_version = base;
    if !supplemental || installed.version.base() == base || installs_combined(installed) {
        return vec![last];
    }
    let mut first = last.clone();
    first.target_build_version = None;
    first.target_os_version = base;
    first.target_local_date_time = last.target_local_date_time.earlier(chrono::Duration::hours(1));
    vec![first, last]
}

/// Sorts releases, the newest first.
pub fn newest_first(releases: &mut [Release]) {
    releases.sort_by_cached_key(|one| Reverse((one.version, one.build.clone())));
}
