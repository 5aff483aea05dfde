//! What happens on the way, and how a plan ends.

use std::fmt;

use super::goal::Path;
use super::state::Stage;
use crate::declarations::LocalDateTime;
use crate::declarations::status::InstallState;

/// Why a device does not take updates on a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Refusal {
    /// Its platform has nothing of the kind.
    #[error("the platform cannot be updated like this")]
    Platform,
    /// Its version has nothing of the kind yet.
    #[error("the installed version is too old to be updated like this")]
    TooOld,
    /// Its version has nothing of the kind any more: OS 27 knows no update commands.
    #[error("OS 27 has no update commands")]
    Removed,
    /// It has to be supervised, or enrolled in another way.
    #[error("the device is not supervised")]
    NotSupervised,
    /// A declaration names a Background Security Improvement by its build, and the goal has none.
    #[error("a declaration needs the build of the improvement")]
    NeedsBuild,
}

/// What went wrong. Words are the device's own, cut after 200 characters.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Failure {
    /// The device answered a command with errors.
    #[error("the device refuses {command}: {words}")]
    Refused {
        /// The command's RequestType.
        command: String,
        /// Its errors.
        words: String,
    },
    /// The device calls a command malformed.
    #[error("the device cannot read {0}")]
    Format(String),
    /// The download failed or is not possible: the status in UpdateResults, or the device's words.
    #[error("the download fails: {0}")]
    Download(String),
    /// The installation failed or is not possible.
    #[error("the installation fails: {0}")]
    Install(String),
    /// The device did everything it was told and the version is the same.
    #[error("the device was told to install and did not")]
    NotInstalled,
    /// The device refuses the declaration.
    #[error("the device refuses the declaration: {0}")]
    Declaration(String),
    /// The declaration is not in force and nothing is wrong with it: no activation or configuration
    /// names it, or a predicate does not hold (the codes of
    /// [`ReasonCode::is_inactive`](crate::declarations::status::ReasonCode::is_inactive)).
    #[error("the declaration is not in force: {0}")]
    Inactive(String),
}

/// How a plan ended.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Outcome {
    /// The device has the version, or a newer one.
    Updated {
        /// The version that it has.
        version: String,
    },
    /// The device offers no such update.
    NotOffered,
    /// The device cannot be updated on any path that the goal allows.
    Impossible(Refusal),
    /// It went wrong too often.
    Failed(Failure),
    /// The time is over.
    TimedOut {
        /// Where the plan was.
        stage: Stage,
        /// What went wrong last, if anything did.
        failure: Option<Failure>,
    },
    /// The caller took it back.
    Withdrawn {
        /// Whether the device had been told to install before: it may do so yet.
        told_to_install: bool,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Updated { version } => write!(f, "updated to {version}"),
            Self::NotOffered => f.write_str("the device offers no such update"),
            Self::Impossible(why) => write!(f, "impossible: {why}"),
            Self::Failed(why) => write!(f, "failed: {why}"),
            Self::TimedOut { stage, failure: None } => write!(f, "out of time while {stage:?}"),
            Self::TimedOut { stage, failure: Some(why) } => {
                write!(f, "out of time while {stage:?}: {why}")
            }
            Self::Withdrawn { told_to_install: true } => {
                f.write_str("withdrawn after the device was told to install")
            }
            Self::Withdrawn { told_to_install: false } => f.write_str("withdrawn"),
        }
    }
}

/// Why the device should be pushed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum PushReason {
    /// There is something to send.
    Command,
    /// A command has no answer.
    NoAnswer,
    /// The device said NotNow and then something else to another command: it does not come back
    /// by itself (R11).
    AfterNotNow,
    /// Nothing was heard for long.
    Silence,
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Event {
    /// The path was chosen, or another one after the first did not work.
    Chosen(Path),
    /// The update was found.
    Found {
        /// Its key.
        product_key: String,
        /// Its name for people.
        name: String,
    },
    /// The device downloads.
    DownloadStarted,
    /// The device has downloaded the update.
    Downloaded,
    /// The device installs; it may not be heard of until it has restarted.
    InstallStarted,
    /// The declaration is in force on the device.
    Declared,
    /// How far the device is with the declaration.
    State(InstallState),
    /// The device will install an update at this time: it has the deadline, of this plan's
    /// declaration if the two are the same, or of another one. Told again when either changes, and
    /// by [`Unplanned`](Self::Unplanned) when it is over. A plan that takes the other path
    /// ([`Chosen`](Self::Chosen)) follows it no longer.
    Planned {
        /// The version, in the device's words.
        version: String,
        /// When, on the device's own clock.
        at: LocalDateTime,
    },
    /// What was [`Planned`](Self::Planned) is not any more: the device reports no time of an
    /// installation, as nothing enforces one.
    Unplanned {
        /// The version that was planned, in the device's words.
        version: String,
    },
    /// The device does something else than it was told (R4).
    ActionChanged {
        /// What it was told.
        asked: String,
        /// What it does.
        got: String,
    },
    /// Something is in the way; the plan tries again. What a device does not take for the moment
    /// ([`ErrorClass::is_momentary`](crate::messages::ErrorClass::is_momentary)) is told once until it
    /// takes it, and then anew.
    Blocked(Failure),
    /// The user has put the installation off. The plan waits for the deadline.
    UserDeferred {
        /// How often they may again, where the device says (macOS 12.3).
        remaining: Option<i64>,
    },
    /// The deadline is over: the device is told to install although the user has put it off.
    Insisting,
    /// The Mac needs a bootstrap token and the server has none: let the device escrow one, then
    /// call [`bootstrap_token_escrowed`](super::UpdatePlan::bootstrap_token_escrowed).
    BootstrapTokenNeeded,
    /// The device cannot do it now; it asks again by itself.
    NotNow,
    /// Send the device a push notification.
    Push(PushReason),
    /// It is decided how the plan ends. A declaration may still have to be taken back: see
    /// [`is_over`](super::UpdatePlan::is_over).
    Over(Outcome),
}
