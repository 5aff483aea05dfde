//! What others call these states.

use super::{Compliance, Need, Standing};

/// `windowsUpdateStatus` of Microsoft Graph (beta).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum GraphStatus {
    /// `upToDate`.
    UpToDate,
    /// `pendingInstallation`.
    PendingInstallation,
    /// `pendingReboot`.
    PendingReboot,
    /// `failed`.
    Failed,
}

impl GraphStatus {
    /// The value in Graph's JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpToDate => "upToDate",
            Self::PendingInstallation => "pendingInstallation",
            Self::PendingReboot => "pendingReboot",
            Self::Failed => "failed",
        }
    }
}

/// `SummarizationState` of an update on a computer (MS-WSUSSS, RollupComputerStatus).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Summarization {
    /// 0: nothing is known.
    Unknown,
    /// 1: it does not apply.
    NotApplicable,
    /// 2: it applies and is not installed.
    NotInstalled,
    /// 3: it is downloaded.
    Downloaded,
    /// 4: it is installed.
    Installed,
    /// 5: it failed.
    Failed,
    /// 6: it is installed but for a restart.
    InstalledPendingReboot,
}

impl Summarization {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::NotApplicable => 1,
            Self::NotInstalled => 2,
            Self::Downloaded => 3,
            Self::Installed => 4,
            Self::Failed => 5,
            Self::InstalledPendingReboot => 6,
        }
    }
}

impl Compliance {
    /// What Graph calls it. Graph has no word for a device that did not scan. Updates that are
    /// held back are not pending in Graph's eyes either: the device is not offered them.
    #[must_use]
    pub const fn graph(self) -> Option<GraphStatus> {
        Some(match self {
            Self::NotScanned | Self::ScanStale { .. } => return None,
            Self::Failed { .. } => GraphStatus::Failed,
            Self::Needed(Need::DeferredUntil(_)) | Self::UpToDate => GraphStatus::UpToDate,
            Self::Needed(_) => GraphStatus::PendingInstallation,
            Self::PendingReboot => GraphStatus::PendingReboot,
        })
    }
}

impl Standing {
    /// What WSUS calls it.
    #[must_use]
    pub const fn summarization(self) -> Summarization {
        match self {
            Self::Needed(_) => Summarization::NotInstalled,
            Self::PendingReboot(_) => Summarization::InstalledPendingReboot,
            Self::Failed(_) => Summarization::Failed,
            Self::Installed => Summarization::Installed,
        }
    }
}
