//! What a plan is told: the device, the goal, and how long to wait for what.

use crate::check::{DeviceFacts, EnrollmentKind};
use crate::declarations::LocalDateTime;
use crate::declarations::rules::Installed;
use crate::declarations::support::Enrollment;
use crate::version::{Build, OsVersion};

/// What is known of the device's bootstrap token (Macs with Apple silicon need it to update
/// without a user; R17).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum BootstrapToken {
    /// Nothing: the plan asks a Mac by SecurityInfo.
    Unknown,
    /// The server has it, and gives it when the device asks (GetBootstrapToken).
    Escrowed,
    /// The device needs one and the server has none.
    Missing,
    /// The device needs none, or may not use one.
    NotNeeded,
}

/// The device of a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Device {
    /// What is installed, as far as the server knows.
    pub installed: Installed,
    /// How it is managed.
    pub enrollment: Enrollment,
    /// Its bootstrap token.
    pub bootstrap_token: BootstrapToken,
}

impl Device {
    /// A device with this installed.
    #[must_use]
    pub const fn new(installed: Installed, enrollment: Enrollment) -> Self {
        Self { installed, enrollment, bootstrap_token: BootstrapToken::Unknown }
    }

    /// The same with what the server knows of its bootstrap token.
    #[must_use]
    pub const fn with_bootstrap_token(mut self, token: BootstrapToken) -> Self {
        self.bootstrap_token = token;
        self
    }
}

impl Device {
    /// What the rules for commands need to know of it.
    #[must_use]
    pub fn facts(&self) -> DeviceFacts {
        let mut facts = DeviceFacts::new(self.installed.platform, self.installed.version)
            .with_supervised(self.enrollment == Enrollment::Supervised)
            .with_enrollment(match self.enrollment {
                Enrollment::User => EnrollmentKind::User,
                Enrollment::Supervised | Enrollment::Device => EnrollmentKind::Device,
            });
        facts.build.clone_from(&self.installed.build);
        facts
    }
}

/// How a plan reaches its goal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Path {
    /// By ScheduleOSUpdate and its kin, which Apple removes in OS 27.
    Commands,
    /// By a declaration (iOS 17, macOS 14, tvOS 18.4, visionOS 26).
    Declarations,
}

/// Which path the caller wants.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Way {
    /// Declarations where the device takes them, otherwise commands; and the other one where the
    /// first turns out not to work.
    #[default]
    Auto,
    /// Only this one.
    Only(Path),
}

/// How a Mac installs what it has downloaded. Other devices decide by themselves.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum MacInstall {
    /// InstallASAP: the user sees a countdown.
    #[default]
    Asap,
    /// InstallForceRestart: data may be lost.
    ForceRestart,
    /// InstallLater; the user may put it off so often (macOS 12, minor updates).
    Later {
        /// MaxUserDeferrals.
        deferrals: u32,
    },
}

/// How long a plan waits. Seconds, and counts that are still accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Patience {
    /// Between two questions how far the device is. Default 10 minutes.
    pub poll: u32,
    /// Between two questions while the user decides, or a Mac without a bootstrap token waits.
    /// Default 1 hour.
    pub user_poll: u32,
    /// For the answer to a command, before the device is pushed. Default 15 minutes.
    pub answer: u32,
    /// Between two pushes of a silent device. Default 4 hours.
    pub push: u32,
    /// After something failed; and for a device to forget a declaration before it gets commands,
    /// if it does not say that it has. Default 1 hour.
    pub retry: u32,
    /// After an installation command, before a device without a user gets another. Default 30
    /// minutes.
    pub restart: u32,
    /// After an installation command without an answer, before an iOS device gets another: the
    /// user may have chosen later. Default 24 hours.
    pub unanswered: u32,
    /// For the bootstrap token, before a Mac is told to install without. Default 24 hours.
    pub bootstrap: u32,
    /// Without a status report, before a device with a declaration is asked. Default 12 hours.
    pub report: u32,
    /// For a device to forget a declaration. Default 3 days.
    pub clearing: u32,
    /// After the deadline, before the plan is given up. Default 7 days.
    pub overtime: u32,
    /// How often the device is asked for an update that it does not have; for each update anew
    /// where one follows another. Default 3.
    pub looks: u32,
    /// How often something may fail, until an update is downloaded and again from then on. What the
    /// device does not take for the moment does not count. Default 3.
    pub failures: u32,
    /// How many installation commands are sent, without those that the device refuses, for all
    /// updates of a plan together. Default 5.
    pub installs: u32,
}

impl Default for Patience {
    fn default() -> Self {
        const HOUR: u32 = 3600;
        Self {
            poll: 600,
            user_poll: HOUR,
            answer: 900,
            push: 4 * HOUR,
            retry: HOUR,
            restart: 1800,
            unanswered: 24 * HOUR,
            bootstrap: 24 * HOUR,
            report: 12 * HOUR,
            clearing: 72 * HOUR,
            overtime: 7 * 24 * HOUR,
            looks: 3,
            failures: 3,
            installs: 5,
        }
    }
}

/// What a plan is for: a release, and until when.
///
/// ```
/// use apple_mdm::plan::{Goal, MacInstall};
///
/// let goal = Goal::new("26.1".parse()?, "2026-01-20T18:00:00".parse()?)
///     .with_build("25B78".parse()?)
///     .with_mac_install(MacInstall::Later { deferrals: 3 });
/// assert_eq!(goal.version.to_string(), "26.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Goal {
    /// The version; of a Background Security Improvement, with its letters. A declaration can name
    /// an improvement by its build only: without one it comes along with its version from iOS 18
    /// and macOS 15 on, and else by command or not at all ([`Refusal::NeedsBuild`]).
    ///
    /// [`Refusal::NeedsBuild`]: super::Refusal::NeedsBuild
    pub version: OsVersion,
    /// The build, where only one will do; or its twin (`23E254` and `23E6254`), as a device has
    /// one of the two.
    pub build: Option<Build>,
    /// Until then the user decides, on the device's clock. A declaration makes the device install
    /// by itself then; by commands, the plan sends another installation command.
    pub deadline: LocalDateTime,
    /// A page about the update, for declarations.
    pub details_url: Option<String>,
    /// How a Mac installs.
    pub mac_install: MacInstall,
    /// Which path.
    pub way: Way,
    /// How long to wait.
    pub patience: Patience,
}

impl Goal {
    /// This version by this time.
    #[must_use]
    pub fn new(version: OsVersion, deadline: LocalDateTime) -> Self {
        Self {
            version,
            build: None,
            deadline,
            details_url: None,
            mac_install: MacInstall::default(),
            way: Way::default(),
            patience: Patience::default(),
        }
    }

    /// The same, and this build of it.
    #[must_use]
    pub fn with_build(mut self, build: Build) -> Self {
        self.build = Some(build);
        self
    }

    /// The same with a page about the update.
    #[must_use]
    pub fn with_details_url(mut self, url: impl Into<String>) -> Self {
        self.details_url = Some(url.into());
        self
    }

    /// The same with how a Mac installs.
    #[must_use]
    pub const fn with_mac_install(mut self, install: MacInstall) -> Self {
        self.mac_install = install;
        self
    }

    /// The same by this path.
    #[must_use]
    pub const fn with_way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// The same with other waiting times.
    #[must_use]
    pub const fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Whether a device with this installed needs nothing more. A newer release will do.
    #[must_use]
    pub fn is_reached(&self, installed: &Installed) -> bool {
        let (wanted, has) = (self.version.base(), installed.version.base());
        if wanted != has {
            return has > wanted;
        }
        match (&self.build, &installed.build) {
            (Some(wanted), Some(has)) => {
                has.cmp_issue(wanted, installed.platform, self.version).is_ge()
            }
            // The device did not say: the version has to do.
            (Some(_), None) | (None, _) => installed.version >= self.version,
        }
    }
}
