//! Licence terms, who accepted them, and the proof that they were.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};

use super::ApprovalError;
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
///
/// ```
/// use update_csp::approvals::Terms;
/// use update_csp::{EulaId, UpdateGuid};
///
/// let update = UpdateGuid::from_u128(1);
/// let named = Terms::named(update, ["5d6dede6-84ba-4c4a-931d-62d9c9c2a99d"]);
/// assert_eq!(named, Terms::from("5d6dede6-84ba-4c4a-931d-62d9c9c2a99d".parse::<EulaId>()?));
/// // What is no GUID is no absence of terms: they are the update's own.
/// assert_eq!(Terms::named(update, ["Fabrikam-EULA"]), Terms::own(update));
/// // The terms of a bundle are those of all of its parts; of one part nothing is known here.
/// let bundle = Terms::None.and(named).and(Terms::Unknown);
/// assert!(!bundle.is_complete() && bundle.eulas().count() == 1);
/// # Ok::<(), update_csp::ParseIdError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(from = "StoredTerms"))]
#[allow(clippy::exhaustive_enums, reason = "nothing else can be known about terms")]
pub enum Terms {
    /// Nobody has the metadata, so there may be some.
    Unknown,
    /// There are none.
    None,
    /// These. All of them have to be accepted.
    Eulas(BTreeSet<EulaId>),
    /// These, which may be none, and nobody knows whether there are more: parts of the bundle are
    /// missing. They have to be accepted, and the parts have to be known.
    Incomplete(BTreeSet<EulaId>),
}

/// How terms are stored; there was only one for each update once.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
enum StoredTerms {
    Unknown,
    None,
    Eula(EulaId),
    Eulas(BTreeSet<EulaId>),
    Incomplete(BTreeSet<EulaId>),
}

#[cfg(feature = "serde")]
impl From<StoredTerms> for Terms {
    fn from(terms: StoredTerms) -> Self {
        match terms {
            StoredTerms::Unknown => Self::Unknown,
            StoredTerms::None => Self::None,
            StoredTerms::Eula(eula) => Self::from(eula),
            StoredTerms::Eulas(eulas) => Self::Eulas(eulas),
            StoredTerms::Incomplete(eulas) => Self::Incomplete(eulas),
        }
    }
}

impl From<EulaId> for Terms {
    fn from(eula: EulaId) -> Self {
        Self::Eulas(BTreeSet::from([eula]))
    }
}

impl From<Option<EulaId>> for Terms {
    /// For metadata that is there and whole: `None` says that there are no terms. An identifier that
    /// could not be read is not `None`, nor is a file with terms that nothing identifies: see
    /// [`Terms::named`] and [`Terms::own`].
    fn from(eula: Option<EulaId>) -> Self {
        eula.map_or(Self::None, Self::from)
    }
}

impl Terms {
    /// The terms of an update as metadata identifies them (Properties/@EulaID), of its parts as
    /// well; there are none if there is no text. A text that is no GUID, blank ones included, stands
    /// for terms that are the update's own.
    #[must_use]
    pub fn named<T: AsRef<str>>(update: UpdateGuid, eulas: impl IntoIterator<Item = T>) -> Self {
        let id = |text: T| text.as_ref().parse().unwrap_or(EulaId::of_update(update));
        let eulas: BTreeSet<EulaId> = eulas.into_iter().map(id).collect();
        if eulas.is_empty() { Self::None } else { Self::Eulas(eulas) }
    }

    /// Terms that nothing identifies, of an update or of a part of it: files with terms without an
    /// identifier. They are accepted for this update alone, whatever its revision, as
    /// [`EulaId::of_update`]. *Decision*: what cannot be told apart from others' terms is nobody
    /// else's.
    #[must_use]
    pub fn own(update: UpdateGuid) -> Self {
        EulaId::of_update(update).into()
    }

    /// These and those: the terms of a bundle and of one more of its parts. With a part of which
    /// nobody knows them they are [`Terms::Incomplete`].
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let complete = self.is_complete() && other.is_complete();
        match (self, other) {
            (Self::Unknown, Self::Unknown) => Self::Unknown,
            (Self::None, Self::None) => Self::None,
            (one, other) => {
                let eulas = one.eulas().chain(other.eulas()).collect();
                if complete { Self::Eulas(eulas) } else { Self::Incomplete(eulas) }
            }
        }
    }

    /// The terms that are known.
    pub fn eulas(&self) -> impl Iterator<Item = EulaId> + '_ {
        let eulas = match self {
            Self::Eulas(eulas) | Self::Incomplete(eulas) => Some(eulas),
            Self::Unknown | Self::None => None,
        };
        eulas.into_iter().flatten().copied()
    }

    /// Whether there are no others for sure.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        matches!(self, Self::None | Self::Eulas(_))
    }

    /// What stands between an update with these terms and its approval.
    pub(super) fn check(
        &self,
        update: UpdateGuid,
        accepted: impl Fn(EulaId) -> bool,
    ) -> Result<(), ApprovalError> {
        let missing: Vec<EulaId> = self.eulas().filter(|eula| !accepted(*eula)).collect();
        match self {
            Self::Unknown => Err(ApprovalError::MetadataMissing(update)),
            _ if !missing.is_empty() => Err(ApprovalError::EulasNotAccepted(missing)),
            Self::Incomplete(_) => Err(ApprovalError::TermsIncomplete(update)),
            Self::None | Self::Eulas(_) => Ok(()),
        }
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

/// The proof that an update may be approved: it has no licence terms, or somebody accepted each of
/// them.
///
/// It cannot be made otherwise than from that:
///
/// ```compile_fail
/// # let update = update_csp::UpdateGuid::from_u128(1);
/// let forged = update_csp::approvals::Approvable { update, accepted: vec![] };
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
    pub(super) accepted: Vec<Accepted>,
}

impl Approvable {
    /// The proof for an update with these terms; what else was accepted is left aside.
    ///
    /// # Errors
    /// [`ApprovalError::EulasNotAccepted`] with the terms that are missing,
    /// [`ApprovalError::TermsIncomplete`] where there may be others, and
    /// [`ApprovalError::MetadataMissing`] where nobody knows any.
    pub fn new(
        update: UpdateGuid,
        terms: &Terms,
        accepted: impl IntoIterator<Item = Accepted>,
    ) -> Result<Self, ApprovalError> {
        let mut given: BTreeMap<EulaId, Accepted> =
            accepted.into_iter().map(|accepted| (accepted.eula, accepted)).collect();
        terms.check(update, |eula| given.contains_key(&eula))?;
        let accepted = terms.eulas().filter_map(|eula| given.remove(&eula)).collect();
        Ok(Self { update, accepted })
    }

    /// The acceptance of each of its terms.
    pub fn accepted(&self) -> impl Iterator<Item = &Accepted> {
        self.accepted.iter()
    }

    /// The update.
    #[must_use]
    pub const fn update(&self) -> UpdateGuid {
        self.update
    }
}
