//! Progress that a person can be shown.

use std::fmt;

use chrono::{DateTime, Utc};

/// What came of a run so far, or in the end.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Summary {
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// When it ended; `None` while it is under way.
    pub ended: Option<i64>,
    /// Whether it was given up.
    pub failed: bool,
    /// Requests that were answered.
    pub requests: u64,
    /// Updates to be asked for, as far as is known.
    pub total: u64,
    /// Documents that were delivered.
    pub delivered: u64,
    /// Definition updates that were left out.
    pub left_out: u64,
    /// Updates that the server does not have.
    pub unavailable: u64,
    /// Documents that cannot be read.
    pub unreadable: u64,
}

impl Summary {
    /// Updates that were dealt with.
    #[must_use]
    pub const fn done(&self) -> u64 {
        let there = self.delivered.saturating_add(self.left_out);
        there.saturating_add(self.unavailable).saturating_add(self.unreadable)
    }
}

/// What the machine is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Phase {
    /// Nothing is under way.
    Idle,
    /// It gets a cookie.
    Authorizing,
    /// It reads the server's configuration.
    Configuration,
    /// It asks which categories or updates there are.
    Listing,
    /// It fetches documents.
    Documents,
    /// It waits before it repeats a request.
    Waiting(DateTime<Utc>),
}

/// How far a run is. Displays as one line for people.
///
/// ```
/// use wsusss::sync::{Config, Sync};
///
/// let sync = Sync::new(&Config::new("http://wsus", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001"));
/// assert_eq!(sync.progress().to_string(), "idle");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// What it is about.
    pub phase: Phase,
    /// What came of the run so far; of the last one if none is under way.
    pub summary: Summary,
}

impl Progress {
    pub(super) const fn new(phase: Phase, summary: Summary) -> Self {
        Self { phase, summary }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = &self.summary;
        match self.phase {
            Phase::Idle => f.write_str("idle")?,
            Phase::Authorizing => f.write_str("authorizing")?,
            Phase::Configuration => f.write_str("reading the server's configuration")?,
            Phase::Listing => f.write_str("asking what there is")?,
            Phase::Documents => {
                write!(f, "fetching documents, {} of {}", summary.done(), summary.total)?;
            }
            Phase::Waiting(until) => {
                write!(f, "the server does not answer, again at {}", until.format("%H:%M:%S"))?;
            }
        }
        for (count, what) in [
            (summary.delivered, "new"),
            (summary.left_out, "definition updates left out"),
            (summary.unavailable, "not at the server"),
            (summary.unreadable, "unreadable"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}
