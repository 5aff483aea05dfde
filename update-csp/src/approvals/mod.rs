//! Approvals: what IT allows, behind the licence terms it accepted.
//!
//! *Specified*: Microsoft Learn, "Update CSP", ApprovedUpdates. The terms have to be shown and
//! accepted before an update is approved, once for each set of terms; an update is approved by its
//! identifier, whatever its revision, and should be one that the device can install; definition
//! updates should always be approved as a class; taking an approval back uninstalls nothing.
//!
//! The order of things is in the types: [`ApprovalLedger::accept_eula`] gives [`Accepted`], one of
//! these for each of an update's terms, or the absence of terms, gives [`Approvable`], and only that
//! can be approved. What nobody knows, and terms that nothing identifies, are no absence: [`Terms`]
//! can say both.

mod ledger;
mod metadata;
mod plan;
mod terms;

use crate::id::{EulaId, UpdateGuid};

pub use ledger::{ApprovalLedger, ClassMode, TermsDue};
pub use metadata::{Catalog, NoMetadata, UpdateFacts, UpdateMetadata};
pub(crate) use plan::missing_terms;
pub use plan::{ApprovalPlan, Recommendation, is_approved_by};
pub use terms::{Accepted, Approvable, Decision, Terms};

/// Why an update was not approved, or a ledger not read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// Of its licence terms, these were not accepted.
    #[error("the licence terms {} have not been accepted", list(.0))]
    EulasNotAccepted(Vec<EulaId>),
    /// Nobody knows whether it has licence terms.
    #[error("nothing is known about {0}, so it may have licence terms")]
    MetadataMissing(UpdateGuid),
    /// All of its licence terms that are known were accepted, and it may have others.
    #[error("parts of {0} are not known, so it may have more licence terms")]
    TermsIncomplete(UpdateGuid),
    /// A saved ledger of a version that this program does not know.
    #[error("the saved ledger has version {0}, this program reads version {LEDGER_VERSION}")]
    Version(u32),
    /// A saved decision whose time is none.
    #[error("{0:?} is no time")]
    Time(Box<str>),
}

fn list(eulas: &[EulaId]) -> String {
    let eulas: Vec<String> = eulas.iter().map(ToString::to_string).collect();
    eulas.join(", ")
}

/// The version of the ledger that this program writes and reads.
pub const LEDGER_VERSION: u32 = 2;

/// How an approval's node is addressed.
///
/// *Decision* (contradictions C17, C18): the documentation shows braces, percent-coded; Microsoft's
/// own IoT client sends the bare GUID and devices give it back bare. Bare is the default.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum NodeForm {
    /// `…/ApprovedUpdates/a317dafe-…`.
    #[default]
    Bare,
    /// `…/ApprovedUpdates/%7Ba317dafe-…%7D`.
    Braced,
}
