//! Licence terms, who accepted them, and what has to be known about an update before anybody can
//! approve it.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

use super::ApprovalError;
use crate::classification::Classification;
use crate::id::{EulaId, UpdateGuid};

/// Who decided something, and when.
///
/// ```
/// use update_csp::approvals::Decision;
///
/// let decision = Decision::new("j.doe@contoso.example", chrono::DateTime::UNIX_EPOCH);
/// assert_eq!(decision.to_string(), "j.doe@contoso.example at 1970-01-01T00:00:00Z");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "DecisionText", into = "DecisionText"))]
pub struct Decision {
    by: String,
    at: DateTime<Utc>,
}

/// How a decision is stored.
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[derive(Clone, Debug)]
struct DecisionText {
    by: String,
    at: String,
}

impl From<Decision> for DecisionText {
    fn from(decision: Decision) -> Self {
        let at = decision.at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        Self { by: decision.by, at }
    }
}

impl TryFrom<DecisionText> for Decision {
    type Error = ApprovalError;

    fn try_from(text: DecisionText) -> Result<Self, ApprovalError> {
        let at = DateTime::parse_from_rfc3339(&text.at)
            .map_err(|_| ApprovalError::Time(text.at.chars().take(64).collect()))?;
        Ok(Self { by: text.by, at: at.to_utc() })
    }
}

impl Decision {
    /// A decision of this person or program at this time.
    #[must_use]
    pub fn new(by: impl Into<String>, at: DateTime<Utc>) -> Self {
        Self { by: by.into(), at }
    }

    /// Who.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = DecisionText::from(self.clone());
        write!(f, "{} at {}", text.by, text.at)
    }
}

/// What an update's metadata says about licence terms.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums, reason = "nothing else can be known about terms")]
pub enum Terms {
    /// Nobody has the metadata, so there may be some.
    Unknown,
    /// There are none.
    None,
    /// These.
    Eula(EulaId),
}

impl From<Option<EulaId>> for Terms {
    /// For metadata that is there: `None` says that there are no terms.
    fn from(eula: Option<EulaId>) -> Self {
        eula.map_or(Self::None, Self::Eula)
    }
}

/// What is known about updates from their metadata: implemented over whatever holds it, such as
/// what `wsusss` fetched from Microsoft Update.
pub trait UpdateMetadata {
    /// The licence terms of an update.
    fn terms(&self, update: UpdateGuid) -> Terms;

    /// The classification of an update, if it is known.
    fn classification(&self, update: UpdateGuid) -> Option<Classification> {
        let _ = update;
        None
    }

    /// The title of an update, if it is known.
    fn title(&self, update: UpdateGuid) -> Option<String> {
        let _ = update;
        None
    }
}

impl<M: UpdateMetadata + ?Sized> UpdateMetadata for &M {
    fn terms(&self, update: UpdateGuid) -> Terms {
        (**self).terms(update)
    }

    fn classification(&self, update: UpdateGuid) -> Option<Classification> {
        (**self).classification(update)
    }

    fn title(&self, update: UpdateGuid) -> Option<String> {
        (**self).title(update)
    }
}

/// Nothing is known about any update.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMetadata;

impl UpdateMetadata for NoMetadata {
    fn terms(&self, _update: UpdateGuid) -> Terms {
        Terms::Unknown
    }
}

/// What is known about one update.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct UpdateFacts {
    /// Its licence terms, if it has some.
    pub eula: Option<EulaId>,
    /// Its classification.
    pub classification: Option<Classification>,
    /// Its title.
    pub title: String,
}

impl UpdateFacts {
    /// An update without terms.
    #[must_use]
    pub fn new(title: impl Into<String>, classification: Option<Classification>) -> Self {
        Self { eula: None, classification, title: title.into() }
    }

    /// The same with licence terms.
    #[must_use]
    pub fn with_eula(mut self, eula: EulaId) -> Self {
        self.eula = Some(eula);
        self
    }
}

/// Metadata in memory, for servers that keep it there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Catalog(BTreeMap<UpdateGuid, UpdateFacts>);

impl Catalog {
    /// Takes what is known about an update, in place of what was known before.
    pub fn insert(&mut self, update: UpdateGuid, facts: UpdateFacts) {
        self.0.insert(update, facts);
    }

    /// What is known about an update.
    #[must_use]
    pub fn get(&self, update: UpdateGuid) -> Option<&UpdateFacts> {
        self.0.get(&update)
    }
}

impl UpdateMetadata for Catalog {
    fn terms(&self, update: UpdateGuid) -> Terms {
        self.0.get(&update).map_or(Terms::Unknown, |facts| facts.eula.into())
    }

    fn classification(&self, update: UpdateGuid) -> Option<Classification> {
        self.0.get(&update)?.classification
    }

    fn title(&self, update: UpdateGuid) -> Option<String> {
        self.0.get(&update).map(|facts| facts.title.clone())
    }
}

/// The proof that somebody accepted licence terms. Only a ledger gives it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Accepted {
    pub(super) eula: EulaId,
    pub(super) decision: Decision,
}

impl Accepted {
    /// The terms.
    #[must_use]
    pub const fn eula(&self) -> EulaId {
        self.eula
    }

    /// Who accepted them, and when.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }
}

/// The proof that an update may be approved: it has no licence terms, or somebody accepted them.
///
/// It cannot be made otherwise than from that:
///
/// ```compile_fail
/// # let update = update_csp::UpdateGuid::from_u128(1);
/// let forged = update_csp::approvals::Approvable { update, accepted: None };
/// ```
///
/// and a ledger takes no update without it:
///
/// ```compile_fail
/// # use update_csp::approvals::{ApprovalLedger, Decision};
/// # let update = update_csp::UpdateGuid::from_u128(1);
/// # let decision = Decision::new("IT", chrono::DateTime::UNIX_EPOCH);
/// ApprovalLedger::default().approve(update, decision);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "a proof approves nothing by itself"]
pub struct Approvable {
    pub(super) update: UpdateGuid,
    pub(super) accepted: Option<Accepted>,
}

impl Approvable {
    /// The proof for an update with these terms.
    ///
    /// # Errors
    /// [`ApprovalError::MetadataMissing`] where nobody knows the terms, and
    /// [`ApprovalError::EulaNotAccepted`] where other terms, or none, were accepted.
    pub fn new(
        update: UpdateGuid,
        terms: Terms,
        accepted: Option<Accepted>,
    ) -> Result<Self, ApprovalError> {
        match (terms, accepted) {
            (Terms::Unknown, _) => Err(ApprovalError::MetadataMissing(update)),
            (Terms::None, _) => Ok(Self { update, accepted: None }),
            (Terms::Eula(eula), Some(accepted)) if accepted.eula == eula => {
                Ok(Self { update, accepted: Some(accepted) })
            }
            (Terms::Eula(eula), _) => Err(ApprovalError::EulaNotAccepted(eula)),
        }
    }

    /// The update.
    #[must_use]
    pub const fn update(&self) -> UpdateGuid {
        self.update
    }
}
