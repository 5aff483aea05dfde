//! Which declarations, keys and status items a device understands: by platform, version and kind
//! of enrolment, from [`crate::schema`].
//!
//! The schema read for softwareupdate.install-reason and .pending-version is that of OS 18.1: for
//! tvOS and visionOS they are *not verified*.

use super::declaration::Payload;
use super::fields::join;
use crate::json::Value;
use crate::schema::{self, Family, Group, Place, Platform, Since};
use crate::version::OsVersion;

/// How a device came under management.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Enrollment {
    /// Supervised: by Automated Device Enrollment or Apple Configurator.
    Supervised,
    /// Device Enrollment, by a profile.
    Device,
    /// User Enrollment: the personal device of somebody.
    User,
}

impl Enrollment {
    /// Its name in the schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supervised => "supervised",
            Self::Device => "device",
            Self::User => "user",
        }
    }
}

/// Why a device does not understand something.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// Not on this platform.
    #[error("{platform} does not have {name}")]
    Platform {
        /// What.
        name: String,
        /// The platform.
        platform: Platform,
    },
    /// Not in this version.
    #[error("{name} needs version {since}")]
    Version {
        /// What.
        name: String,
        /// The first version.
        since: OsVersion,
    },
    /// Not in this version any more.
    #[error("{name} is gone since version {since}")]
    Removed {
        /// What.
        name: String,
        /// The first version without it.
        since: OsVersion,
    },
    /// Not with this kind of enrolment.
    #[error("{name} is not understood with this kind of enrolment")]
    Enrollment {
        /// What.
        name: String,
    },
}

/// What the schema says of a key on a platform: what is not said of it holds as for what it is in.
struct Effective {
    since: Since,
    removed: Option<OsVersion>,
    enrollments: Option<&'static [&'static str]>,
}

fn effective(group: &Group, platform: Platform, path: &str) -> Effective {
    let terms = group.support.on(platform);
    let mut found =
        Effective { since: terms.since, removed: terms.removed, enrollments: terms.enrollments };
    // Every prefix of the path, the outermost first. An array's elements are a step in the
    // schema that documents do not have; they say nothing of their own.
    for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
        let Some(key) = path.get(..end).and_then(|path| group.key(Place::Payload, path)) else {
            continue;
        };
        let terms = key.support.on(platform);
        if found.since != Since::Never && terms.since != Since::Inherited {
            found.since = terms.since;
        }
        found.removed = terms.removed.or(found.removed);
        found.enrollments = terms.enrollments.or(found.enrollments);
    }
    found
}

fn check(
    group: &Group,
    path: &str,
    platform: Platform,
    version: OsVersion,
    enrollment: Enrollment,
) -> Result<(), Unsupported> {
    let name = || if path.is_empty() { group.name.to_owned() } else { path.to_owned() };
    let terms = effective(group, platform, path);
    match terms.since {
        Since::Never => return Err(Unsupported::Platform { name: name(), platform }),
        Since::Version(since) if version.base() < since => {
            return Err(Unsupported::Version { name: name(), since });
        }
        Since::Version(_) | Since::Inherited => {}
    }
    if let Some(since) = terms.removed.filter(|since| version.base() >= *since) {
        return Err(Unsupported::Removed { name: name(), since });
    }
    match terms.enrollments {
        Some(ways) if !ways.contains(&enrollment.as_str()) => {
            Err(Unsupported::Enrollment { name: name() })
        }
        _ => Ok(()),
    }
}

/// Whether a device takes declarations of this type. Of types that the tables do not have, nothing
/// is known and nothing said.
///
/// # Errors
/// [`Unsupported`].
pub fn check_declaration(
    declaration_type: &str,
    platform: Platform,
    version: OsVersion,
    enrollment: Enrollment,
) -> Result<(), Unsupported> {
    match schema::group(Family::Declaration, declaration_type) {
        Some(group) => check(group, "", platform, version, enrollment),
        None => Ok(()),
    }
}

/// Whether a device has a status item.
///
/// # Errors
/// [`Unsupported`].
pub fn check_status_item(
    item: &str,
    platform: Platform,
    version: OsVersion,
    enrollment: Enrollment,
) -> Result<(), Unsupported> {
    match schema::group(Family::Status, item) {
        Some(group) => check(group, "", platform, version, enrollment),
        None => Ok(()),
    }
}

/// Whether a device takes enforced updates at all.
///
/// # Errors
/// [`Unsupported`].
pub fn check_enforcement(
    platform: Platform,
    version: OsVersion,
    enrollment: Enrollment,
) -> Result<(), Unsupported> {
    const TYPE: &str = "com.apple.configuration.softwareupdate.enforcement.specific";
    check_declaration(TYPE, platform, version, enrollment)
}

impl Payload {
    /// What a device of this kind does not understand in it: the type, or single keys.
    ///
    /// ```
    /// use apple_mdm::declarations::support::Enrollment;
    /// use apple_mdm::declarations::{Deferrals, Payload, SoftwareUpdateSettings};
    /// use apple_mdm::schema::Platform;
    ///
    /// let mut settings = SoftwareUpdateSettings::default();
    /// let mut deferrals = Deferrals::default();
    /// deferrals.major_period_in_days = Some(30);
    /// settings.deferrals = Some(deferrals);
    /// let payload = Payload::Settings(settings);
    /// let check = |platform, version: &str| {
    ///     version.parse().map(|v| payload.check(platform, v, Enrollment::Supervised))
    /// };
    /// assert!(check(Platform::MacOs, "15.1")?.is_empty());
    /// assert_eq!(check(Platform::Ios, "18.1")?.len(), 1);
    /// # Ok::<(), apple_mdm::version::VersionError>(())
    /// ```
    #[must_use]
    pub fn check(
        &self,
        platform: Platform,
        version: OsVersion,
        enrollment: Enrollment,
    ) -> Vec<Unsupported> {
        let Some(group) = schema::group(Family::Declaration, self.declaration_type()) else {
            return Vec::new();
        };
        if let Err(no) = check(group, "", platform, version, enrollment) {
            return vec![no];
        }
        let mut names = Vec::new();
        paths("", &self.write(), &mut names);
        let mut found = Vec::new();
        // Of a dictionary that is not understood, its keys are no further news.
        let mut refused: Vec<String> = Vec::new();
        for name in names {
            if refused.iter().any(|above| name.starts_with(above.as_str())) {
                continue;
            }
            if let Err(no) = check(group, &name, platform, version, enrollment) {
                refused.push(format!("{name}/"));
                found.push(no);
            }
        }
        found
    }
}

fn paths(path: &str, value: &Value, out: &mut Vec<String>) {
    let Some(object) = value.as_object() else { return };
    for (key, value) in object.iter() {
        let path = join(path, key);
        out.push(path.clone());
        paths(&path, value, out);
    }
}
