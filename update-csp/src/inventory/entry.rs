//! What a device says about one update, and its times.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::hresult::HResult;

/// What the device's `Type` says: 0 none, 1 security, 2 critical. Others are kept.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct UpdateKind(pub i64);

impl UpdateKind {
    /// Neither.
    pub const NONE: Self = Self(0);
    /// A security update.
    pub const SECURITY: Self = Self(1);
    /// A critical update.
    pub const CRITICAL: Self = Self(2);
}

/// What a failed update was being done with.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Stage {
    /// Nothing yet.
    New,
    /// Downloading.
    Download,
    /// Installing.
    Install,
    /// Restarting, and what comes after.
    Restart,
    /// It was done.
    Done,
}

impl Stage {
    /// Its name in a report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Download => "download",
            Self::Install => "install",
            Self::Restart => "restart",
            Self::Done => "done",
        }
    }
}

/// How far an approved update came before it failed. Values are single bits; others are kept.
///
/// *Specified*: Microsoft Learn, "Update CSP" (2023-11-16), FailedUpdates/State (contradictions C19
/// and C20: DDF and older documentation call the node Status and give no values).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct UpdateState(pub i64);

impl UpdateState {
    /// Its name, if it is a known one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "new",
            2 => "ready to download",
            4 => "downloading",
            8 => "download blocked",
            16 => "download failed",
            32 => "ready to install",
            64 => "installing",
            128 => "install blocked",
            256 => "install failed",
            512 => "restart required",
            1024 => "completed",
            2048 => "commit failed",
            4096 => "post-restart",
            _ => return None,
        })
    }

    /// What the update was being done with, if the value is a known one; of several bits, the
    /// highest.
    #[must_use]
    pub const fn stage(self) -> Option<Stage> {
        if self.0 <= 0 || self.0 >= 8192 {
            return None;
        }
        Some(match self.0 {
            1 => Stage::New,
            2..=31 => Stage::Download,
            32..=511 => Stage::Install,
            1024..=2047 => Stage::Done,
            // 512, 2048 and 4096: the restart, the commit and what comes after.
            _ => Stage::Restart,
        })
    }
}

/// What a device says about one update in one of its lists. What it does not say is absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[non_exhaustive]
pub struct Entry {
    /// `Type` of an installable update.
    pub kind: Option<UpdateKind>,
    /// `RevisionNumber`: what the update's metadata is asked for with.
    pub revision: Option<u32>,
    /// `HResult` of a failed update.
    pub hresult: Option<HResult>,
    /// `State`, or `Status` in DDF, of a failed update.
    pub state: Option<UpdateState>,
    /// `InstalledTime` or `ApprovedTime`, as it stands.
    pub time: Option<String>,
    /// Other leaves, by their address below the update.
    pub other: BTreeMap<String, String>,
}

impl Entry {
    /// `InstalledTime` or `ApprovedTime`, if it is one.
    #[must_use]
    pub fn time_at(&self) -> Option<DateTime<Utc>> {
        read_time(self.time.as_deref()?)
    }

    /// Keeps what an older answer said and this one does not, with at most so many other leaves:
    /// answer by answer, a device could make up new names without end.
    pub(super) fn keep(&mut self, mut older: Self, most: usize) {
        for (name, value) in std::mem::take(&mut older.other) {
            if self.other.len() >= most {
                break;
            }
            self.other.entry(name).or_insert(value);
        }
        // Where they differ the newer one counts, which is no finding.
        let _ = self.complete(older);
    }

    /// Takes over what `other` says and this does not. Returns the names of leaves about which
    /// they differ.
    pub(super) fn complete(&mut self, other: Self) -> Vec<&'static str> {
        fn fill<T: PartialEq>(
            mine: &mut Option<T>,
            theirs: Option<T>,
            name: &'static str,
            differ: &mut Vec<&'static str>,
        ) {
            match (mine.as_ref(), theirs) {
                (None, theirs) => *mine = theirs,
                (Some(mine), Some(theirs)) if *mine != theirs => differ.push(name),
                _ => {}
            }
        }
        let mut differ = Vec::new();
        fill(&mut self.kind, other.kind, "Type", &mut differ);
        fill(&mut self.revision, other.revision, "RevisionNumber", &mut differ);
        fill(&mut self.hresult, other.hresult, "HResult", &mut differ);
        fill(&mut self.state, other.state, "State", &mut differ);
        fill(&mut self.time, other.time, "Time", &mut differ);
        for (name, value) in other.other {
            self.other.entry(name).or_insert(value);
        }
        differ
    }
}

/// A time as devices write it: RFC 3339 with any offset, or without one, which is taken as UTC.
pub(super) fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    // The DDF format is `time` and nothing says how it is written.
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y%m%dT%H%M%SZ"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc())
}

/// When a device last scanned.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum ScanTime {
    /// Never: the node's default `0`, nothing, or the beginning of Windows' time.
    Never,
    /// At this time, as the device wrote it.
    At(String),
    /// Something that is no time.
    Unreadable(String),
}

impl ScanTime {
    /// Reads the value of LastSuccessfulScanTime.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || text == "0" || text.starts_with("1601-01-01") {
            return Self::Never;
        }
        match read_time(text) {
            Some(_) => Self::At(text.chars().take(64).collect()),
            None => Self::Unreadable(text.chars().take(64).collect()),
        }
    }

    /// The time, if there is one.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(text) => read_time(text),
            Self::Never | Self::Unreadable(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_scanned_has_several_spellings() {
        for text in ["", "0", "1601-01-01T00:00:00Z"] {
            assert_eq!(ScanTime::read(text), ScanTime::Never);
        }
        assert!(matches!(ScanTime::read("yesterday"), ScanTime::Unreadable(_)));
    }

    #[test]
    fn times_are_read_as_simulators_that_intune_accepts_write_them() {
        let expected = DateTime::from_timestamp(1_795_244_400, 0);
        for text in [
            "2026-11-21T07:00:00Z",
            "2026-11-21T08:00:00+01:00",
            "2026-11-21T08:00:00.000000+01:00",
            "2026-11-21T07:00:00",
            "2026-11-21 07:00:00",
            "20261121T070000Z",
        ] {
            assert_eq!(ScanTime::read(text).time(), expected, "{text}");
        }
    }

    #[test]
    fn states_have_stages_by_their_highest_bit() {
        for (state, stage) in [
            (1, Some(Stage::New)),
            (16, Some(Stage::Download)),
            (256, Some(Stage::Install)),
            (512, Some(Stage::Restart)),
            (1024, Some(Stage::Done)),
            (2048, Some(Stage::Restart)),
            (4096, Some(Stage::Restart)),
            (256 | 16, Some(Stage::Install)),
            (0, None),
            (8192, None),
            (-1, None),
        ] {
            assert_eq!(UpdateState(state).stage(), stage, "{state}");
        }
    }
}
