//! A simulated iPhone, Mac or Apple TV, as far as updates go, for tests and demonstrations: it
//! downloads, asks its user, installs and restarts in virtual time.
//!
//! It executes commands until OS 27 and declarations since its platform has them, refuses what a
//! device must refuse and keeps a list of it, and has the habits of real ones: NotNow, users who
//! choose later, answers that never come, another InstallAction than asked for.
//!
//! Its clock is UTC.

mod commands;
mod declared;
mod refusals;

use chrono::{DateTime, Duration, Utc};

pub use refusals::Refused;

use crate::declarations::rules::{Installed, Release};
use crate::declarations::support::Enrollment;
use crate::plist::{Dictionary, write_xml};
use crate::schema::Platform;
use crate::version::{Build, OsVersion};
use declared::Declared;

/// How long a download takes.
const DOWNLOAD: Duration = Duration::minutes(15);
/// How long a restart takes.
const RESTART: Duration = Duration::minutes(20);

/// What is peculiar about a device or its user.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Habits {
    /// How often it says NotNow first.
    pub busy: u32,
    /// How often the user chooses later (iOS; on macOS after InstallLater).
    pub deferrals: u32,
    /// For how many hours each time.
    pub deferral_hours: u32,
    /// How many of the first answers to ScheduleOSUpdate never reach the server, although the
    /// command is executed (R10).
    pub swallowed: u32,
    /// Whether it answers the installation command before it restarts.
    pub answers_installation: bool,
    /// Whether a Mac does InstallLater where InstallASAP was asked for (R4).
    pub installs_later: bool,
    /// How many installations fail first.
    pub failures: u32,
    /// Whether a Mac needs a bootstrap token to install without its user.
    pub needs_token: bool,
    /// Whether its user installs a declared update as soon as it is ready, and not at its time.
    pub eager: bool,
}

/// The device: a plain value, serialisable with the feature `serde`.
///
/// ```
/// use apple_mdm::simulator::AppleDevice;
///
/// let phone = AppleDevice::new("00008020-000915083C80012E", "18.7.1", "18.7.2", "iOSUpdate22H100");
/// assert!(String::from_utf8_lossy(&phone.check_in()).contains("Idle"));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct AppleDevice {
    udid: String,
    platform: Platform,
    enrollment: Enrollment,
    version: OsVersion,
    build: Option<Build>,
    target: OsVersion,
    target_build: Build,
    product_key: String,
    /// A newer version than the target, which is the only one that iOS and tvOS then list.
    newest: Option<OsVersion>,
    habits: Habits,
    scanned: bool,
    /// Seconds since 1970 when the download is done.
    downloaded_at: Option<i64>,
    /// Whether the installation follows the download by itself.
    installs_when_downloaded: bool,
    /// Seconds since 1970 until when the user has chosen later.
    deferred_until: Option<i64>,
    /// Seconds since 1970 when the restart is over.
    back_at: Option<i64>,
    installations: u32,
    token_escrowed: bool,
    refused: Vec<Refused>,
    /// When installation commands came although the user had chosen later.
    overruled: Vec<i64>,
    declared: Declared,
}

impl AppleDevice {
    /// A supervised iPhone with this version, for which the target is there under this key. Texts
    /// that are no versions become 1.0 and 1.1.
    #[must_use]
    pub fn new(
        udid: impl Into<String>,
        version: &str,
        target: &str,
        product_key: impl Into<String>,
    ) -> Self {
        let parse = |text: &str, minor| text.parse().unwrap_or(OsVersion::new(1, minor, 0));
        let mut device = Self {
            udid: udid.into(),
            platform: Platform::Ios,
            enrollment: Enrollment::Supervised,
            version: parse(version, 0),
            build: None,
            target: parse(target, 1),
            target_build: build(OsVersion::new(1, 1, 0)),
            product_key: product_key.into(),
            newest: None,
            habits: Habits { deferral_hours: 8, ..Habits::default() },
            scanned: false,
            downloaded_at: None,
            installs_when_downloaded: false,
            deferred_until: None,
            back_at: None,
            installations: 0,
            token_escrowed: false,
            refused: Vec::new(),
            overruled: Vec::new(),
            declared: Declared::default(),
        };
        device.build = Some(build(device.version));
        device.target_build = build(device.target);
        device
    }

    /// The same on another platform.
    #[must_use]
    pub fn with_platform(mut self, platform: Platform) -> Self {
        self.platform = platform;
        self
    }

    /// The same, enrolled in another way.
    #[must_use]
    pub fn with_enrollment(mut self, enrollment: Enrollment) -> Self {
        self.enrollment = enrollment;
        self
    }

    /// The same with these habits.
    #[must_use]
    pub fn with_habits(mut self, habits: Habits) -> Self {
        self.habits = habits;
        self
    }

    /// The same, and it says NotNow so often first.
    #[must_use]
    pub fn with_busy(mut self, times: u32) -> Self {
        self.habits.busy = times;
        self
    }

    /// The same, and there is a newer version than the target.
    #[must_use]
    pub fn with_newest(mut self, newest: OsVersion) -> Self {
        self.newest = Some(newest);
        self
    }

    /// The server has its bootstrap token.
    pub fn escrow_token(&mut self) {
        self.token_escrowed = true;
    }

    /// Its identifier.
    #[must_use]
    pub fn udid(&self) -> &str {
        &self.udid
    }

    /// The version it has.
    #[must_use]
    pub fn version(&self) -> String {
        self.version.to_string()
    }

    /// What is installed.
    #[must_use]
    pub fn installed(&self) -> Installed {
        Installed { platform: self.platform, version: self.version, build: self.build.clone() }
    }

    /// How often it installed something.
    #[must_use]
    pub fn installations(&self) -> u32 {
        self.installations
    }

    /// The commands that it had to refuse: what a server should have known.
    #[must_use]
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// When installation commands came although the user had chosen later, in seconds since 1970.
    #[must_use]
    pub fn overruled(&self) -> &[i64] {
        &self.overruled
    }

    /// Whether an enforced update is in force on it.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        !self.active_targets().is_empty()
    }

    /// How many declarations it has.
    #[must_use]
    pub fn declaration_count(&self) -> usize {
        self.declared.declarations.len()
    }

    /// Whether it can check in: not while it restarts.
    pub fn is_reachable(&mut self, now: DateTime<Utc>) -> bool {
        self.tick(now.timestamp());
        self.back_at.is_none()
    }

    /// What it says when it checks in.
    #[must_use]
    pub fn check_in(&self) -> Vec<u8> {
        let report = Dictionary::new().with("Status", "Idle").with("UDID", self.udid.clone());
        write(report)
    }

    /// Lets the time pass.
    fn tick(&mut self, now: i64) {
        // The user chooses later again and again until they have chosen so often.
        while let Some(until) = self.deferred_until.filter(|until| now >= *until) {
            if self.habits.deferrals > 0 {
                self.habits.deferrals -= 1;
                self.deferred_until = Some(until + self.deferral());
            } else {
                self.deferred_until = None;
                self.install(until);
            }
        }
        let done = self.downloaded_at.filter(|at| now >= *at);
        if let Some(done) = done.filter(|_| self.installs_when_downloaded) {
            self.installs_when_downloaded = false;
            self.install(done);
        }
        if self.back_at.is_some_and(|back| now >= back) && !self.declared.is_installing() {
            self.back_at = None;
            self.set_installed(Release::new(self.target, self.target_build.clone()));
        }
        self.tick_declared(now);
    }

    fn deferral(&self) -> i64 {
        i64::from(self.habits.deferral_hours.max(1)) * 3600
    }

    fn set_installed(&mut self, release: Release) {
        self.version = release.version;
        self.build = Some(release.build);
        self.downloaded_at = None;
        self.deferred_until = None;
        self.installs_when_downloaded = false;
        self.declared.changed = true;
        self.installations = self.installations.saturating_add(1);
    }

    /// Whether there is something to update to.
    fn is_there(&self) -> bool {
        self.version < self.target
    }

    /// Bootstrap tokens came with macOS 11.
    fn needs_token(&self) -> bool {
        self.habits.needs_token && self.platform == Platform::MacOs && self.version.major() >= 11
    }

    /// Restarts with the new version, if a Mac may without its user. Gives whether it does.
    fn install(&mut self, at: i64) -> bool {
        if self.needs_token() && !self.token_escrowed {
            return false;
        }
        self.back_at = Some(at + RESTART.num_seconds());
        true
    }
}

/// The build that the simulation gives to a version.
fn build(version: OsVersion) -> Build {
    let letter = char::from(b'A' + u8::try_from(version.minor() % 26).unwrap_or_default());
    let suffix = version.extra().map(String::from).unwrap_or_default();
    let number = version.patch().saturating_mul(10).saturating_add(100);
    let text = format!("{}{letter}{number}{suffix}", version.major().saturating_add(4));
    // Made to be one.
    text.parse().unwrap_or_else(|_| build(OsVersion::new(1, 1, 0)))
}

fn write(report: Dictionary<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write_xml(&report.into(), &mut out);
    out
}
