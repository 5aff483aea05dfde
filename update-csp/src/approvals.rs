//! Approvals: what IT allows, behind the licence terms it accepted.
//!
//! *Specified*: Microsoft Learn, "Update CSP", ApprovedUpdates. The terms have to be shown and
//! accepted before an update is approved, once for each set of terms; an update is approved by its
//! identifier, whatever its revision; taking an approval back uninstalls nothing.

use std::collections::{BTreeMap, BTreeSet};

use syncml::{Command, LocUri, StatusCode};

use crate::classification::Classification;
use crate::id::{EulaId, UpdateGuid};
use crate::inventory::Inventory;

/// Why an update was not approved.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// Its licence terms were not accepted.
    #[error("the licence terms {0} have not been accepted")]
    EulaNotAccepted(EulaId),
    /// A saved ledger of a version that this program does not know.
    #[error("the saved ledger has version {0}, this program reads version {LEDGER_VERSION}")]
    Version(u32),
}

/// The version of the ledger that this program writes and reads.
pub const LEDGER_VERSION: u32 = 1;

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

/// What IT decided: terms accepted, updates and classifications approved. Plain and serialisable.
///
/// ```
/// use update_csp::approvals::{ApprovalError, ApprovalLedger};
/// use update_csp::{EulaId, UpdateGuid};
///
/// let update = UpdateGuid::from_u128(1);
/// let terms = EulaId::from_u128(2);
/// let mut ledger = ApprovalLedger::default();
/// assert_eq!(ledger.approve(update, Some(terms)), Err(ApprovalError::EulaNotAccepted(terms)));
/// ledger.accept_eula(terms);
/// assert_eq!(ledger.approve(update, Some(terms)), Ok(true));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct ApprovalLedger {
    version: u32,
    eulas: BTreeSet<EulaId>,
    updates: BTreeSet<UpdateGuid>,
    classifications: BTreeSet<Classification>,
}

impl Default for ApprovalLedger {
    /// Nothing but definition updates, which the documentation strongly recommends to approve
    /// always.
    fn default() -> Self {
        Self {
            version: LEDGER_VERSION,
            eulas: BTreeSet::new(),
            updates: BTreeSet::new(),
            classifications: [Classification::DEFINITION_UPDATES].into(),
        }
    }
}

impl ApprovalLedger {
    /// Accepts licence terms; `false` if they were accepted before.
    pub fn accept_eula(&mut self, eula: EulaId) -> bool {
        self.eulas.insert(eula)
    }

    /// Whether licence terms were accepted.
    #[must_use]
    pub fn is_accepted(&self, eula: EulaId) -> bool {
        self.eulas.contains(&eula)
    }

    /// Approves an update; `false` if it was approved before.
    ///
    /// # Errors
    /// [`ApprovalError::EulaNotAccepted`]; nothing is approved then.
    pub fn approve(
        &mut self,
        update: UpdateGuid,
        eula: Option<EulaId>,
    ) -> Result<bool, ApprovalError> {
        match eula.filter(|eula| !self.is_accepted(*eula)) {
            Some(eula) => Err(ApprovalError::EulaNotAccepted(eula)),
            None => Ok(self.updates.insert(update)),
        }
    }

    /// Approves every update of a classification, now and later; `false` if it was before.
    pub fn approve_classification(&mut self, classification: Classification) -> bool {
        self.classifications.insert(classification)
    }

    /// Takes an approval back. Devices that have the update keep it.
    pub fn revoke(&mut self, update: UpdateGuid) -> bool {
        self.updates.remove(&update)
    }

    /// The approved updates.
    pub fn updates(&self) -> impl Iterator<Item = UpdateGuid> + '_ {
        self.updates.iter().copied()
    }

    /// Whether an update is approved, by itself or with its classification.
    #[must_use]
    pub fn is_approved(&self, update: UpdateGuid, class: Option<Classification>) -> bool {
        self.updates.contains(&update)
            || class.is_some_and(|class| self.classifications.contains(&class))
    }

    /// Checks a ledger that was read from storage.
    ///
    /// # Errors
    /// [`ApprovalError::Version`].
    pub fn checked(self) -> Result<Self, ApprovalError> {
        if self.version == LEDGER_VERSION {
            Ok(self)
        } else {
            Err(ApprovalError::Version(self.version))
        }
    }

    /// What a device has to be told: the approvals that it needs and does not have, and nothing
    /// else. Updates are only approved on devices that say they can install them.
    #[must_use]
    pub fn plan(&self, device: &Inventory, form: NodeForm) -> Vec<(UpdateGuid, Command<'static>)> {
        let none = BTreeMap::new();
        let known = device.approved.as_ref().unwrap_or(&none);
        let installable = device.installable.as_ref().unwrap_or(&none);
        let classes = self.classifications.iter().map(|class| class.id());
        let updates = self.updates.iter().copied().filter(|id| installable.contains_key(id));
        classes
            .chain(updates)
            .filter(|id| !known.contains_key(id))
            .map(|id| (id, approve_command(id, form)))
            .collect()
    }
}

/// The Add that approves an update or a classification on a device.
#[must_use]
pub fn approve_command(id: UpdateGuid, form: NodeForm) -> Command<'static> {
    let name = match form {
        NodeForm::Bare => id.to_string(),
        NodeForm::Braced => id.braced(),
    };
    let list = format!("{}/ApprovedUpdates", crate::UPDATE_CSP);
    let node = list.parse::<LocUri>().map(|list| list.join(&name).to_string());
    Command::add_node(node.unwrap_or_else(|_| format!("{list}/{name}")))
}

/// Whether a device has an approval after answering its Add with this status. 418, it exists
/// already, is as good as 200 (*observed* in Microsoft's IoT client).
#[must_use]
pub fn is_approved_by(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::ALREADY_EXISTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Query;
    use syncml::{Data, Item};

    #[test]
    fn a_plan_is_minimal_and_only_for_what_the_device_can_install() {
        let [a, b, c] = [1, 2, 3].map(UpdateGuid::from_u128);
        let mut ledger = ApprovalLedger::default();
        for id in [a, b, c] {
            assert_eq!(ledger.approve(id, None), Ok(true));
            assert_eq!(ledger.approve(id, None), Ok(false));
        }
        let mut device = Inventory::default();
        let list = |node: &str, ids: &[UpdateGuid]| {
            let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
            [Item::source(format!("{}/{node}", crate::UPDATE_CSP))
                .with_data(Data::text(names.join("/")))]
        };
        device.apply(
            Query::Installable,
            Some(StatusCode::OK),
            &list("InstallableUpdates", &[a, b]),
        );
        device.apply(Query::Approved, Some(StatusCode::OK), &list("ApprovedUpdates", &[a]));
        let plan: Vec<UpdateGuid> =
            ledger.plan(&device, NodeForm::Bare).into_iter().map(|(id, _)| id).collect();
        assert_eq!(plan, [Classification::DEFINITION_UPDATES.id(), b]);
    }

    #[test]
    fn both_forms_of_the_node_are_written() {
        let id = UpdateGuid::from_u128(0xa317dafe_baf4_453f_b232_a7075efae36e);
        let uri = |form| approve_command(id, form).items()[0].loc_uri().unwrap().to_owned();
        assert_eq!(
            uri(NodeForm::Bare),
            "./Vendor/MSFT/Update/ApprovedUpdates/a317dafe-baf4-453f-b232-a7075efae36e"
        );
        assert_eq!(
            uri(NodeForm::Braced),
            "./Vendor/MSFT/Update/ApprovedUpdates/%7Ba317dafe-baf4-453f-b232-a7075efae36e%7D"
        );
    }
}
