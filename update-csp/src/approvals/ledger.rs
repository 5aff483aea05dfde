//! What IT decided.

use std::collections::{BTreeMap, BTreeSet};

use super::metadata::UpdateMetadata;
use super::terms::{Accepted, Approvable, Decision, Terms};
use super::{ApprovalError, LEDGER_VERSION};
use crate::classification::Classification;
use crate::id::{EulaId, UpdateGuid};
use crate::inventory::Inventory;

/// Where updates of an approved classification are approved.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum ClassMode {
    /// On the server, one by one, as devices report them: those with licence terms only when these
    /// were accepted.
    PerUpdate,
    /// On the device, which is sent the classification's identifier. The device approves whatever
    /// comes, and accepts its terms in the user's name.
    OnDevice,
}

/// One approved update.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(from = "StoredApproval"))]
struct Approval {
    /// The terms that it had then.
    eulas: BTreeSet<EulaId>,
    decision: Decision,
}

/// How an approval is stored; there was only one identifier of terms once.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct StoredApproval {
    #[serde(default)]
    eulas: BTreeSet<EulaId>,
    #[serde(default)]
    eula: Option<EulaId>,
    decision: Decision,
}

#[cfg(feature = "serde")]
impl From<StoredApproval> for Approval {
    fn from(approval: StoredApproval) -> Self {
        let StoredApproval { mut eulas, eula, decision } = approval;
        eulas.extend(eula);
        Self { eulas, decision }
    }
}

/// One approved classification.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct ClassApproval {
    mode: ClassMode,
    /// None for what is approved from the beginning.
    decision: Option<Decision>,
}

/// Licence terms that IT has to read before updates can be approved.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TermsDue {
    /// The terms: one decision, however many updates share them.
    pub eula: EulaId,
    /// The updates that wait for them.
    pub updates: Vec<UpdateGuid>,
}

/// What IT decided: terms accepted, updates and classifications approved. Plain and serialisable.
///
/// It holds no approval whose licence terms nobody accepted: approving takes a proof
/// ([`Approvable`]), and a stored ledger is checked when it is read.
///
/// ```
/// use update_csp::approvals::{ApprovalError, ApprovalLedger, Decision, Terms};
/// use update_csp::{EulaId, UpdateGuid};
///
/// let (update, eula) = (UpdateGuid::from_u128(1), EulaId::from_u128(2));
/// let now = chrono::DateTime::UNIX_EPOCH;
/// let mut ledger = ApprovalLedger::default();
/// let terms = Terms::from(eula);
/// let refused = ledger.approvable(update, &terms);
/// assert_eq!(refused, Err(ApprovalError::EulasNotAccepted(vec![eula])));
/// ledger.accept_eula(eula, Decision::new("j.doe", now));
/// let proof = ledger.approvable(update, &terms)?;
/// assert!(ledger.approve(proof, Decision::new("j.doe", now)));
/// # Ok::<(), ApprovalError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "LedgerState", into = "LedgerState"))]
pub struct ApprovalLedger {
    eulas: BTreeMap<EulaId, Decision>,
    updates: BTreeMap<UpdateGuid, Approval>,
    classes: BTreeMap<Classification, ClassApproval>,
}

/// How a ledger is stored.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct LedgerState {
    version: u32,
    #[cfg_attr(feature = "serde", serde(default))]
    eulas: BTreeMap<EulaId, Decision>,
    #[cfg_attr(feature = "serde", serde(default))]
    updates: BTreeMap<UpdateGuid, Approval>,
    #[cfg_attr(feature = "serde", serde(default))]
    classes: BTreeMap<Classification, ClassApproval>,
}

impl From<ApprovalLedger> for LedgerState {
    fn from(ledger: ApprovalLedger) -> Self {
        let ApprovalLedger { eulas, updates, classes } = ledger;
        Self { version: LEDGER_VERSION, eulas, updates, classes }
    }
}

impl TryFrom<LedgerState> for ApprovalLedger {
    type Error = ApprovalError;

    fn try_from(state: LedgerState) -> Result<Self, ApprovalError> {
        if state.version != LEDGER_VERSION {
            return Err(ApprovalError::Version(state.version));
        }
        let LedgerState { eulas, updates, classes, .. } = state;
        let unread = updates.values().find_map(|approval| {
            let unread = |eula: &&EulaId| !eulas.contains_key(*eula);
            let unread: Vec<EulaId> = approval.eulas.iter().filter(unread).copied().collect();
            (!unread.is_empty()).then_some(unread)
        });
        match unread {
            Some(unread) => Err(ApprovalError::EulasNotAccepted(unread)),
            None => Ok(Self { eulas, updates, classes }),
        }
    }
}

impl Default for ApprovalLedger {
    /// Nothing but definition updates, which the documentation strongly recommends to approve
    /// always: they come several times a day and have no terms.
    fn default() -> Self {
        let definitions = ClassApproval { mode: ClassMode::OnDevice, decision: None };
        Self {
            eulas: BTreeMap::new(),
            updates: BTreeMap::new(),
            classes: [(Classification::DEFINITION_UPDATES, definitions)].into(),
        }
    }
}

impl ApprovalLedger {
    /// Accepts licence terms, once for every update that has them. If they were accepted before,
    /// that decision stays.
    pub fn accept_eula(&mut self, eula: EulaId, decision: Decision) -> Accepted {
        let decision = self.eulas.entry(eula).or_insert(decision).clone();
        Accepted { eula, decision }
    }

    /// Whether licence terms were accepted.
    #[must_use]
    pub fn is_accepted(&self, eula: EulaId) -> bool {
        self.eulas.contains_key(&eula)
    }

    /// The proof that licence terms were accepted, with who did it and when.
    #[must_use]
    pub fn accepted(&self, eula: EulaId) -> Option<Accepted> {
        let decision = self.eulas.get(&eula)?.clone();
        Some(Accepted { eula, decision })
    }

    /// The proof that an update with these terms may be approved.
    ///
    /// # Errors
    /// Those of [`Approvable::new`].
    pub fn approvable(
        &self,
        update: UpdateGuid,
        terms: &Terms,
    ) -> Result<Approvable, ApprovalError> {
        Approvable::new(update, terms, terms.eulas().filter_map(|eula| self.accepted(eula)))
    }

    /// What stands between an update with these terms and its approval.
    pub(super) fn check(&self, update: UpdateGuid, terms: &Terms) -> Result<(), ApprovalError> {
        terms.check(update, |eula| self.is_accepted(eula))
    }

    /// Approves an update, whatever its revision; `false` if it was approved before. The
    /// acceptance of its terms is taken over from the proof, should this ledger not have it. Terms
    /// that a later revision brings hold it back until they are accepted, as far as the metadata
    /// that [`ApprovalLedger::plan`] is given has them.
    pub fn approve(&mut self, approvable: Approvable, decision: Decision) -> bool {
        let Approvable { update, accepted } = approvable;
        let eulas = accepted.iter().map(Accepted::eula).collect();
        for accepted in accepted {
            self.eulas.entry(accepted.eula).or_insert(accepted.decision);
        }
        let new = !self.updates.contains_key(&update);
        if new {
            self.updates.insert(update, Approval { eulas, decision });
        }
        new
    }

    /// Approves every update of a classification, now and later, as devices report them and as
    /// their terms are accepted; `false` if it was approved before. Definition updates, which have
    /// no terms, are approved on the device.
    pub fn approve_classification(&mut self, class: Classification, decision: Decision) -> bool {
        let mode = if class == Classification::DEFINITION_UPDATES {
            ClassMode::OnDevice
        } else {
            ClassMode::PerUpdate
        };
        self.approve_class(class, mode, decision)
    }

    /// Approves every update of a classification on the device itself, **with the terms of updates
    /// that nobody has seen**; `false` if it was approved so before. Microsoft's documentation
    /// offers this for security updates, and says that terms have to be shown to IT first: use it
    /// only where that is settled otherwise.
    pub fn approve_classification_unseen(
        &mut self,
        class: Classification,
        decision: Decision,
    ) -> bool {
        self.approve_class(class, ClassMode::OnDevice, decision)
    }

    fn approve_class(
        &mut self,
        class: Classification,
        mode: ClassMode,
        decision: Decision,
    ) -> bool {
        if self.classes.get(&class).is_some_and(|known| known.mode == mode) {
            return false;
        }
        self.classes.insert(class, ClassApproval { mode, decision: Some(decision) });
        true
    }

    /// Takes an approval back. Devices that have the update keep it.
    pub fn revoke(&mut self, update: UpdateGuid) -> bool {
        self.updates.remove(&update).is_some()
    }

    /// Takes the approval of a classification back. Devices that were sent it keep it.
    pub fn revoke_classification(&mut self, class: Classification) -> bool {
        self.classes.remove(&class).is_some()
    }

    /// The approved updates.
    pub fn updates(&self) -> impl Iterator<Item = UpdateGuid> + '_ {
        self.updates.keys().copied()
    }

    /// Who approved an update, and when.
    #[must_use]
    pub fn approval(&self, update: UpdateGuid) -> Option<&Decision> {
        self.updates.get(&update).map(|approval| &approval.decision)
    }

    /// The approved classifications, with who approved them; nobody did for definition updates.
    pub fn classifications(
        &self,
    ) -> impl Iterator<Item = (Classification, ClassMode, Option<&Decision>)> + '_ {
        self.classes.iter().map(|(class, known)| (*class, known.mode, known.decision.as_ref()))
    }

    /// The accepted terms, with who accepted them.
    pub fn eulas(&self) -> impl Iterator<Item = (EulaId, &Decision)> + '_ {
        self.eulas.iter().map(|(eula, decision)| (*eula, decision))
    }

    /// Whether an update is approved, by itself or with its classification.
    #[must_use]
    pub fn is_approved(&self, update: UpdateGuid, class: Option<Classification>) -> bool {
        self.updates.contains_key(&update)
            || class.is_some_and(|class| self.classes.contains_key(&class))
    }

    /// Whether an update with this metadata is approved, and its terms accepted where the ledger
    /// is what accepts them. The approval of an update by itself stands where nobody has its
    /// metadata; terms that are known and not accepted, and parts that are missing, come first, even
    /// so.
    #[must_use]
    pub fn covers(&self, update: UpdateGuid, metadata: &impl UpdateMetadata) -> bool {
        let alone = self.updates.contains_key(&update);
        let class = metadata.classification(update).and_then(|class| self.class_mode(class));
        if class == Some(ClassMode::OnDevice) {
            return true;
        }
        match self.check(update, &metadata.terms(update)) {
            Ok(()) => alone || class == Some(ClassMode::PerUpdate),
            Err(ApprovalError::MetadataMissing(_)) => alone,
            Err(_) => false,
        }
    }

    pub(super) fn class_mode(&self, class: Classification) -> Option<ClassMode> {
        self.classes.get(&class).map(|class| class.mode)
    }

    /// The terms that IT has to read, each once: those of updates that devices can install and
    /// that are not accepted yet. Terms that are an update's own are in it as
    /// [`EulaId::of_update`].
    pub fn terms_due<'d>(
        &self,
        devices: impl IntoIterator<Item = &'d Inventory>,
        metadata: &impl UpdateMetadata,
    ) -> Vec<TermsDue> {
        let mut due: BTreeMap<EulaId, Vec<UpdateGuid>> = BTreeMap::new();
        for device in devices {
            for update in device.installable.iter().flatten().map(|(id, _)| *id) {
                let terms = metadata.terms(update);
                for eula in terms.eulas().filter(|eula| !self.is_accepted(*eula)) {
                    let updates = due.entry(eula).or_default();
                    if let Err(place) = updates.binary_search(&update) {
                        updates.insert(place, update);
                    }
                }
            }
        }
        due.into_iter().map(|(eula, updates)| TermsDue { eula, updates }).collect()
    }
}
