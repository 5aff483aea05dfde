//! Compliance: what a device's inventory means against what IT decided.
//!
//! [`Judge`] gives each device a [`Report`]: how it stands as a whole and with each update, with
//! the reason. [`Rollup`] counts reports by ring and by update. *Decision*: the Update CSP has no
//! notion of compliance; the states are ours, and [`Compliance::graph`] and
//! [`Standing::summarization`] say what Graph and WSUS call them.

mod judge;
mod mapping;
mod rollup;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::hresult::HResult;
use crate::id::{EulaId, UpdateGuid};
use crate::inventory::{Stage, UpdateKind, UpdateState};

pub use judge::{Judge, judge};
pub use mapping::{GraphStatus, Summarization};
pub use rollup::{Counts, RingRollup, Rollup, Table, UpdateRollup};

/// Why an update that applies is not installed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Need {
    /// IT approved it, or need not, and the device has yet to install it.
    Approved,
    /// It cannot be approved before somebody accepts these licence terms; of several, the first.
    /// [`ApprovalLedger::terms_due`](crate::approvals::ApprovalLedger::terms_due) has all.
    EulaMissing(EulaId),
    /// IT has not approved it, or cannot yet: nobody knows whether it has licence terms.
    NotApproved,
    /// A policy holds it back until this time.
    DeferredUntil(DateTime<Utc>),
}

impl Need {
    /// Whether the device, and not IT, is what it waits for.
    #[must_use]
    pub const fn is_on_device(self) -> bool {
        matches!(self, Self::Approved)
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approved => f.write_str("approved"),
            Self::EulaMissing(eula) => write!(f, "licence terms {eula} not accepted"),
            Self::NotApproved => f.write_str("not approved"),
            Self::DeferredUntil(time) => {
                write!(f, "deferred until {}", time.format("%Y-%m-%d %H:%M"))
            }
        }
    }
}

/// How an update failed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Failure {
    /// The HRESULT, if the device gave one.
    pub hresult: Option<HResult>,
    /// How far it came, if the device said so.
    pub state: Option<UpdateState>,
}

impl Failure {
    /// What it was being done with.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.state.and_then(UpdateState::stage)
    }

    /// Whether the device says that something holds the update up (State 8, "download blocked", or
    /// 128, "install blocked"), and not that an attempt failed.
    ///
    /// It counts as a failure all the same: an approved update is not installed, and what holds it up
    /// the device does not say. *Observed* in notes of Microsoft's support: an update whose download
    /// Windows Update's own service regulation holds up stands in FailedUpdates, and Intune reports the
    /// device as failed, while the device itself shows that it is up to date. Which State and HRESULT
    /// such an entry has nobody recorded, so that this is as much as can be told apart.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.state.is_some_and(|state| matches!(state.0, 8 | 128))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_blocked() { "blocked" } else { "failed" })?;
        if let Some(stage) = self.stage() {
            write!(f, " at {}", stage.name())?;
        }
        match self.hresult {
            Some(hresult) => write!(f, " with {}", hresult.describe()),
            None => Ok(()),
        }
    }
}

/// Where one update stands on one device.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Standing {
    /// It applies and is not installed.
    Needed(Need),
    /// It is installed but for a restart, since this time if the device said so.
    PendingReboot(Option<DateTime<Utc>>),
    /// It failed.
    Failed(Failure),
    /// It is installed.
    Installed,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Needed(need) => write!(f, "needed: {need}"),
            Self::PendingReboot(_) => f.write_str("restart pending"),
            Self::Failed(failure) => failure.fmt(f),
            Self::Installed => f.write_str("installed"),
        }
    }
}

/// How a device stands as a whole, with the reason.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Compliance {
    /// It never scanned, or one of the lists that would tell was never read.
    NotScanned,
    /// Its last scan is too old to tell.
    ScanStale {
        /// When that was.
        last: DateTime<Utc>,
    },
    /// An update that should be installed failed.
    Failed {
        /// The first one that did.
        update: UpdateGuid,
        /// How.
        failure: Failure,
    },
    /// Updates apply and are not installed: the most urgent reason, in the order of [`Need`].
    Needed(Need),
    /// A restart is all that is missing.
    PendingReboot,
    /// Nothing applies that is not installed.
    UpToDate,
}

impl Compliance {
    /// Whether the device is as IT decided: everything that it should install is installed.
    #[must_use]
    pub const fn is_compliant(self) -> bool {
        match self {
            Self::UpToDate => true,
            Self::Needed(need) => !need.is_on_device(),
            _ => false,
        }
    }

    /// A word or two for a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotScanned => "not scanned",
            Self::ScanStale { .. } => "scan stale",
            Self::Failed { .. } => "failed",
            Self::Needed(Need::Approved) => "installing",
            Self::Needed(Need::EulaMissing(_)) => "awaiting terms",
            Self::Needed(Need::NotApproved) => "awaiting approval",
            Self::Needed(Need::DeferredUntil(_)) => "deferred",
            Self::PendingReboot => "restart pending",
            Self::UpToDate => "up to date",
        }
    }
}

impl fmt::Display for Compliance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScanStale { last } => {
                write!(f, "scan stale: last on {}", last.format("%Y-%m-%d %H:%M"))
            }
            Self::Failed { update, failure } => write!(f, "{update} {failure}"),
            Self::Needed(need) => write!(f, "needed: {need}"),
            other => f.write_str(other.name()),
        }
    }
}

/// A device's standing, as a whole and for each update.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// The device as a whole.
    pub compliance: Compliance,
    /// Each update that the device named.
    pub updates: BTreeMap<UpdateGuid, Standing>,
    /// What the device said about installable updates: security, critical or neither.
    pub kinds: BTreeMap<UpdateGuid, UpdateKind>,
    /// The last scan, if there was one.
    pub last_scan: Option<DateTime<Utc>>,
}

impl Report {
    /// How many updates wait for IT: for an approval or for accepted terms.
    #[must_use]
    pub fn awaiting_approval(&self) -> usize {
        let awaits = |standing: &&Standing| {
            matches!(standing, Standing::Needed(Need::NotApproved | Need::EulaMissing(_)))
        };
        self.updates.values().filter(awaits).count()
    }

    /// How many updates of a kind apply and are not installed.
    #[must_use]
    pub fn missing(&self, kind: UpdateKind) -> usize {
        let missing = |id: &UpdateGuid| {
            self.updates.get(id).is_some_and(|standing| *standing != Standing::Installed)
        };
        self.kinds.iter().filter(|(id, known)| **known == kind && missing(id)).count()
    }
}
