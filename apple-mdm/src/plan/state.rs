//! What is stored between two messages.

use std::collections::VecDeque;

use super::goal::{Device, Goal, Path};
use super::outcome::{Event, Failure, Outcome};
use crate::declarations::LocalDateTime;
use crate::declarations::status::InstallState;
use crate::messages::CommandUuid;

/// The version of the state that this program writes and reads. It stays while every state that was
/// ever saved can be read: what was not kept yet is then not known. The other way round, a program
/// that is older than the one that saved a state finds its version and may not know an event or a
/// failure in it: serde refuses such a state. Take all events before saving, and only failures are
/// left.
pub const STATE_VERSION: u32 = 1;

/// How many events wait to be taken; of more, the oldest are dropped.
pub const MAX_EVENTS: usize = 256;

/// The most bytes of a product key; updates with longer ones are not seen.
pub const MAX_PRODUCT_KEY: usize = 256;

/// Where a plan is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Stage {
    /// Asks a Mac whether it needs a bootstrap token.
    Preparing,
    /// Tells a Mac to look for updates.
    Scanning,
    /// Asks which updates there are.
    Looking,
    /// Asks how far the update is, before anything is sent that could start an installation.
    Checking,
    /// Tells the device to download.
    Downloading,
    /// Asks whether the download is done.
    AwaitingDownload,
    /// Tells the device to install.
    Installing,
    /// Waits for the device to be back.
    AwaitingRestart,
    /// Waits for the user, who has put the installation off.
    AwaitingUser,
    /// Asks for the version.
    Verifying,
    /// Tells the device to fetch its declarations.
    Declaring,
    /// The device does what the declaration says.
    Declared,
    /// The declaration is taken back.
    Clearing,
    /// Nothing is left to do.
    Over,
}

/// A question or order to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) enum Ask {
    Security,
    Scan,
    Available,
    Status,
    Info,
    /// Download or install.
    Schedule {
        action: String,
        deferrals: Option<u32>,
        installs: bool,
        by_version: bool,
    },
    Declare,
}

impl Ask {
    /// The RequestType of [`Ask::Schedule`].
    pub(super) const SCHEDULE: &str = "ScheduleOSUpdate";

    /// Its RequestType.
    pub(super) const fn command(&self) -> &'static str {
        match self {
            Self::Security => "SecurityInfo",
            Self::Scan => "ScheduleOSUpdateScan",
            Self::Available => "AvailableOSUpdates",
            Self::Status => "OSUpdateStatus",
            Self::Info => "DeviceInformation",
            Self::Schedule { .. } => Self::SCHEDULE,
            Self::Declare => "DeclarativeManagement",
        }
    }

    /// Whether the device's version decides if it takes this.
    pub(super) const fn needs_version(&self) -> bool {
        !matches!(self, Self::Info | Self::Security)
    }
}

/// A command that was sent and has no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Sent {
    pub(super) uuid: CommandUuid,
    pub(super) ask: Ask,
    /// Seconds since 1970.
    pub(super) at: i64,
    /// Whether the device said NotNow: it is sent again when the device comes back.
    pub(super) refused: bool,
}

/// A plan between two messages: a plain value, serialisable with the feature `serde`. Times are
/// seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct PlanState {
    pub(super) version: u32,
    /// Begins the identifiers of commands and declarations.
    pub(super) name: String,
    pub(super) device: Device,
    pub(super) goal: Goal,
    pub(super) path: Path,
    pub(super) stage: Stage,
    pub(super) outcome: Option<Outcome>,
    pub(super) events: VecDeque<Event>,
    pub(super) started_at: Option<i64>,
    /// When the device last said its version.
    pub(super) version_at: Option<i64>,
    /// How many commands were made; names them.
    pub(super) commands: u32,
    pub(super) sent: Option<Sent>,
    /// An order whose answer did not come before the device checked in again.
    pub(super) lost: Option<Sent>,
    /// Nothing is sent before.
    pub(super) not_before: i64,
    pub(super) last_push: i64,
    /// When the device said NotNow, if that was the last that it said.
    pub(super) not_now: Option<i64>,
    pub(super) product_key: Option<String>,
    /// The device is asked by version, as its list does not have the update.
    pub(super) by_version: bool,
    pub(super) looks: u32,
    pub(super) failures: u32,
    pub(super) stalls: u32,
    pub(super) switches: u32,
    pub(super) last_failure: Option<Failure>,
    /// How many of the possible actions the device has refused.
    pub(super) download_rank: usize,
    pub(super) install_rank: usize,
    pub(super) installs: u32,
    /// When the last installation command was made, and whether the device answered it.
    pub(super) install_at: Option<i64>,
    pub(super) install_answered: bool,
    /// Whether the device leaves the installation to a user, by what it answered.
    pub(super) install_waits: bool,
    pub(super) download_told: bool,
    pub(super) install_told: bool,
    pub(super) deferral_told: bool,
    pub(super) deferrals_left: Option<i64>,
    /// When the missing bootstrap token was found.
    pub(super) token_missing_at: Option<i64>,
    pub(super) token_allowed: bool,
    /// Whether DeclarativeManagement was sent to a device that may know it, or the device reports
    /// the declaration anyway.
    pub(super) declare_sent: bool,
    /// Whether the device has the declaration in force, or had.
    pub(super) declared: bool,
    pub(super) install_state: Option<InstallState>,
    pub(super) failure_count: i64,
    /// When the device last said how far it is.
    pub(super) heard_at: i64,
    /// The device refuses the declaration or a command; its version decides what that means.
    pub(super) refused: Option<Failure>,
    /// When the declaration was taken back, and whether the device was told.
    pub(super) clearing_at: i64,
    pub(super) clearing_told: bool,
    /// When the device said that it will install what is pending. States that were saved before this
    /// was kept have none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) planned_for: Option<LocalDateTime>,
    /// The version of that, in the device's words.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) planned_version: Option<String>,
    /// The command that the device does not take for the moment; the last failure says why.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) held: Option<String>,
}
