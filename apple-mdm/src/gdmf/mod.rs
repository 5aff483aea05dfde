//! The version catalogue: which versions Apple offers to which devices, and which of them is the
//! best for one device under a policy.
//!
//! *Specified*: Apple, "Use MDM to deploy software updates", on <https://gdmf.apple.com/v2/pmv>.
//! *Observed* in captures of 2026-04-11 and 2026-08-22, and it decides how this module works:
//!
//! - The list named `iOS` holds the versions of Apple TVs, watches and speakers as well, so entries
//!   are found by device and not by platform.
//! - `AssetSets` has more entries than `PublicAssetSets`, not fewer.
//! - Nearly every version for iPhones and iPads has two builds for the same devices whose numbers
//!   differ in their thousands only (23E254 and 23E6254): *twins*. What the second is for is not
//!   documented; background security improvements name the lower one as what they need.
//! - A version can be issued again with another build (18.7.7: 22H333, 22H340).
//!
//! The catalogue may be fetched once a day ([`POLL_EVERY`]).

mod catalogue;
mod diagnostic;
mod entry;
mod policy;

pub use catalogue::{Catalogue, Offer};
pub use diagnostic::{Diagnostic, DiagnosticCode};
pub use entry::{Entry, Set};
pub use policy::{Candidate, Policy, Resolution, Target, Twins, WhyNot};

use chrono::Duration;

/// What is wrong with a version catalogue.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not readable JSON.
    #[error(transparent)]
    Json(#[from] crate::json::ErrorKind),
    /// JSON that is no object.
    #[error("the catalogue is no object")]
    NotObject,
    /// An object without any of the catalogue's lists.
    #[error("the catalogue has none of its lists")]
    NoLists,
    /// More entries than [`Limits`] allow.
    #[error("more than {max} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
}

mdm_xml::located_error! {
    @shape
    /// What is wrong with a version catalogue, and where: the path is a JSON pointer.
    pub struct Error(ErrorKind);
}

impl From<crate::json::Error> for Error {
    fn from(error: crate::json::Error) -> Self {
        match error.into_parts() {
            (kind, Some(location)) => Self::at(kind.into(), location),
            (kind, None) => Self::new(kind.into()),
        }
    }
}

/// Bounds on one catalogue. Each is a count that is still accepted. The real one has 150 entries,
/// 6,000 devices and 137 kB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// What the JSON may cost.
    pub json: crate::json::Limits,
    /// Entries in all lists together. Default 20,000.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { json: crate::json::Limits::default(), entries: 20_000 }
    }
}

impl Limits {
    /// These limits with another [`entries`](Self::entries).
    #[must_use]
    pub const fn with_entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }
}

/// How often the catalogue may be fetched (Apple, device-management, 2026 Seed 1: once a day).
pub const POLL_EVERY: Duration = Duration::days(1);
