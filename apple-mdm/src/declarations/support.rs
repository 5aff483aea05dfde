//! Which declarations and keys a device understands: by platform, version and supervision.
//!
//! *Specified*: supportedOS in Apple's schema at OS 27 (2026); for status items at OS 18.1 with
//! the rows that OS 26 added.

use super::declaration::Payload;
use super::fields::{Field, join};
use crate::json::Value;
use crate::version::{OsVersion, Platform};

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

/// Where and since when something is understood.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Support {
    /// A declaration type with the path of a key below it, separated by `/`, or a status item.
    pub name: &'static str,
    /// The first version of iOS.
    pub ios: Option<&'static str>,
    /// The first version of macOS.
    pub macos: Option<&'static str>,
    /// The first version of tvOS.
    pub tvos: Option<&'static str>,
    /// The first version of visionOS.
    pub visionos: Option<&'static str>,
    /// The kinds of enrolment, on iOS, tvOS and visionOS. On macOS it is always
    /// [`Enrollment::Supervised`], or User where the others have it as well.
    pub enrollments: &'static [Enrollment],
}

const SUPERVISED: &[Enrollment] = &[Enrollment::Supervised];
const DEVICE: &[Enrollment] = &[Enrollment::Supervised, Enrollment::Device];
const ANY: &[Enrollment] = &[Enrollment::Supervised, Enrollment::Device, Enrollment::User];

const fn row(
    name: &'static str,
    versions: [&'static str; 4],
    enrollments: &'static [Enrollment],
) -> Support {
    const fn since(text: &'static str) -> Option<&'static str> {
        if text.is_empty() { None } else { Some(text) }
    }
    let [ios, macos, tvos, visionos] = versions;
    Support {
        name,
        ios: since(ios),
        macos: since(macos),
        tvos: since(tvos),
        visionos: since(visionos),
        enrollments,
    }
}

const SPECIFIC: &str = "com.apple.configuration.softwareupdate.enforcement.specific";

/// Declarations and their keys. A key that is not here is understood wherever its dictionary is.
pub const DECLARATIONS: &[Support] = &[
    row("com.apple.activation.simple", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row(
        "com.apple.configuration.management.status-subscriptions",
        ["15.0", "13.0", "16.0", "1.1"],
        ANY,
    ),
    row("com.apple.management.organization-info", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("com.apple.management.server-capabilities", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("com.apple.management.properties", ["16.0", "13.0", "16.0", "1.1"], ANY),
    row(SPECIFIC, ["17.0", "14.0", "18.4", "26.0"], DEVICE),
    row(
        "com.apple.configuration.softwareupdate.settings",
        ["18.0", "15.0", "18.4", "26.0"],
        DEVICE,
    ),
    row("Deferrals", ["18.0", "15.0", "18.4", "26.0"], SUPERVISED),
    row("Deferrals/CombinedPeriodInDays", ["18.0", "", "18.4", "26.0"], SUPERVISED),
    row("Deferrals/MajorPeriodInDays", ["", "15.0", "", ""], SUPERVISED),
    row("Deferrals/MinorPeriodInDays", ["", "15.0", "", ""], SUPERVISED),
    row("Deferrals/SystemPeriodInDays", ["", "15.0", "", ""], SUPERVISED),
    row("RecommendedCadence", ["18.0", "", "", "26.0"], DEVICE),
    row("AutomaticActions", ["18.0", "15.0", "18.4", "26.0"], SUPERVISED),
    row("AutomaticActions/Download", ["18.0", "15.0", "", "26.0"], SUPERVISED),
    row("AutomaticActions/InstallSecurityUpdate", ["18.0", "15.0", "", "26.0"], SUPERVISED),
    row("RapidSecurityResponse", ["18.0", "15.0", "", ""], SUPERVISED),
    row("AllowStandardUserOSUpdates", ["", "15.0", "", ""], DEVICE),
    row("Beta", ["18.0", "15.4", "", ""], DEVICE),
    row("Beta/ProgramEnrollment", ["18.0", "15.4", "", ""], SUPERVISED),
    row("Beta/RequireProgram", ["18.0", "15.4", "", ""], SUPERVISED),
];

/// Status items about updates. The schema read for install-reason and pending-version is that of
/// OS 18.1: for tvOS and visionOS they are *not verified*.
pub const STATUS_ITEMS: &[Support] = &[
    row("device.operating-system.build-version", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("device.operating-system.family", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("device.operating-system.marketing-name", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("device.operating-system.supplemental.build-version", ["16.1", "13.0", "16.1", "1.1"], ANY),
    row("device.operating-system.supplemental.extra-version", ["16.1", "13.0", "16.1", "1.1"], ANY),
    row("device.operating-system.version", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("management.client-capabilities", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("management.declarations", ["15.0", "13.0", "16.0", "1.1"], ANY),
    row("softwareupdate.beta-enrollment", ["18.0", "15.0", "", ""], DEVICE),
    row("softwareupdate.device-id", ["18.0", "15.0", "", ""], DEVICE),
    row("softwareupdate.failure-reason", ["17.0", "14.0", "18.4", "26.0"], DEVICE),
    row("softwareupdate.install-reason", ["17.0", "14.0", "", ""], DEVICE),
    row("softwareupdate.install-state", ["17.0", "14.0", "18.4", "26.0"], DEVICE),
    row("softwareupdate.pending-version", ["17.0", "14.0", "", ""], DEVICE),
];

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
        since: &'static str,
    },
    /// Not with this kind of enrolment.
    #[error("{name} is not understood with this kind of enrolment")]
    Enrollment {
        /// What.
        name: String,
    },
}

impl Support {
    /// Whether a device understands it.
    ///
    /// # Errors
    /// [`Unsupported`].
    pub fn check(
        &self,
        platform: &Platform,
        version: &OsVersion,
        enrollment: Enrollment,
    ) -> Result<(), Unsupported> {
        let name = || self.name.to_owned();
        let since = match platform {
            Platform::Ios => self.ios,
            Platform::MacOs => self.macos,
            Platform::TvOs => self.tvos,
            Platform::VisionOs => self.visionos,
            Platform::WatchOs | Platform::Other(_) => None,
        };
        let Some(since) = since else {
            return Err(Unsupported::Platform { name: name(), platform: platform.clone() });
        };
        if since.parse().is_ok_and(|since: OsVersion| *version < since) {
            return Err(Unsupported::Version { name: name(), since });
        }
        let fits = match platform {
            // The schema gives macOS supervised, and user where everybody may.
            Platform::MacOs => match enrollment {
                Enrollment::Supervised => true,
                Enrollment::Device => false,
                Enrollment::User => self.enrollments == ANY,
            },
            _ => self.enrollments.contains(&enrollment),
        };
        if fits { Ok(()) } else { Err(Unsupported::Enrollment { name: name() }) }
    }
}

/// Whether a device takes enforced updates at all.
///
/// # Errors
/// [`Unsupported`].
pub fn check_enforcement(
    platform: &Platform,
    version: &OsVersion,
    enrollment: Enrollment,
) -> Result<(), Unsupported> {
    match DECLARATIONS.iter().find(|known| known.name == SPECIFIC) {
        Some(known) => known.check(platform, version, enrollment),
        None => Ok(()),
    }
}

impl Payload {
    /// What a device of this kind does not understand in it: the type, or single keys.
    ///
    /// ```
    /// use apple_mdm::declarations::support::Enrollment;
    /// use apple_mdm::declarations::{Deferrals, Payload, SoftwareUpdateSettings};
    /// use apple_mdm::version::Platform;
    ///
    /// let mut settings = SoftwareUpdateSettings::default();
    /// let mut deferrals = Deferrals::default();
    /// deferrals.major_period_in_days = Some(30);
    /// settings.deferrals = Some(deferrals);
    /// let payload = Payload::Settings(settings);
    /// let check = |platform, version: &str| {
    ///     version.parse().map(|v| payload.check(&platform, &v, Enrollment::Supervised))
    /// };
    /// assert!(check(Platform::MacOs, "15.1")?.is_empty());
    /// assert_eq!(check(Platform::Ios, "18.1")?.len(), 1);
    /// # Ok::<(), apple_mdm::version::VersionError>(())
    /// ```
    #[must_use]
    pub fn check(
        &self,
        platform: &Platform,
        version: &OsVersion,
        enrollment: Enrollment,
    ) -> Vec<Unsupported> {
        let find = |name: &str| DECLARATIONS.iter().find(|known| known.name == name);
        let check = |known: &Support| known.check(platform, version, enrollment).err();
        if let Some(no) = find(self.declaration_type()).and_then(check) {
            return vec![no];
        }
        let mut found = Vec::new();
        if let Self::Settings(settings) = self {
            let mut names = Vec::new();
            paths("", &settings.write(), &mut names);
            // Of a dictionary that is not understood, its keys are no further news.
            let mut refused: Vec<String> = Vec::new();
            for name in names {
                if refused.iter().any(|above| name.starts_with(above.as_str())) {
                    continue;
                }
                if let Some(no) = find(&name).and_then(check) {
                    refused.push(format!("{name}/"));
                    found.push(no);
                }
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
