//! What a device has to be told.

use std::collections::{BTreeMap, BTreeSet};

use syncml::{Command, LocUri, StatusCode};

use super::ledger::{ApprovalLedger, ClassMode};
use super::metadata::UpdateMetadata;
use super::{ApprovalError, NodeForm};
use crate::classification::Classification;
use crate::id::UpdateGuid;
use crate::inventory::{Inventory, Query};

/// What should be done besides.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Recommendation {
    /// Definition updates are not approved as a class, so that each waits for somebody.
    ApproveDefinitionUpdates,
    /// The device has not been asked this yet; approvals are checked against it.
    AskFirst(Query),
}

/// What a device has to be told, and what is kept back.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ApprovalPlan {
    /// What is approved, and the Add that tells the device.
    pub steps: Vec<(UpdateGuid, Command<'static>)>,
    /// Updates that the device can install and that are approved but for their terms: those of a
    /// classification whose terms are not all known and accepted, and those approved one by one to
    /// which a later revision brought terms that nobody accepted, or parts that nobody knows.
    pub held: Vec<(UpdateGuid, ApprovalError)>,
    /// Approved updates that the device cannot install now, so that it is not told.
    pub not_installable: Vec<UpdateGuid>,
    /// What the device knows as approved and the ledger does not, or not on the device: by a
    /// classification that the ledger approves update by update the device installs what is held. No
    /// documented command takes an approval back from a device (contradiction C17).
    pub not_in_ledger: Vec<UpdateGuid>,
    /// What should be done besides.
    pub recommendations: Vec<Recommendation>,
}

impl IntoIterator for ApprovalPlan {
    type Item = (UpdateGuid, Command<'static>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.steps.into_iter()
    }
}

impl ApprovalLedger {
    /// What a device has to be told: the approvals that it needs and does not have, and nothing
    /// else. Updates are only approved on devices that say they can install them.
    ///
    /// Terms come first, each once (*specified*: Update CSP, ApprovedUpdates): what has terms that
    /// are not accepted is held back, even if it was approved when it had none. Where nobody has the
    /// metadata of an update that was approved by itself, its approval stands: it was given with
    /// the terms known. Where somebody has it and parts of the bundle are missing, they may be new.
    ///
    /// It works on devices that require approvals (policy `RequireUpdateApproval`); others install
    /// what they are offered. A device may have to restart before it heeds new approvals.
    #[must_use]
    pub fn plan(
        &self,
        device: &Inventory,
        metadata: &impl UpdateMetadata,
        form: NodeForm,
    ) -> ApprovalPlan {
        let mut plan = ApprovalPlan::default();
        let none = BTreeMap::new();
        let known: BTreeSet<UpdateGuid> = device.approvals().collect();
        let installable = device.installable.as_ref().unwrap_or(&none);
        for (query, list) in
            [(Query::Installable, &device.installable), (Query::Approved, &device.approved)]
        {
            if list.is_none() {
                plan.recommendations.push(Recommendation::AskFirst(query));
            }
        }
        if self.class_mode(Classification::DEFINITION_UPDATES) != Some(ClassMode::OnDevice) {
            plan.recommendations.push(Recommendation::ApproveDefinitionUpdates);
        }
        let approve = |plan: &mut ApprovalPlan, id: UpdateGuid| {
            if !known.contains(&id) {
                plan.steps.push((id, approve_command(id, form)));
            }
        };
        for (class, mode, _) in self.classifications() {
            if mode == ClassMode::OnDevice {
                approve(&mut plan, class.id());
            }
        }
        for id in installable.keys().copied() {
            let alone = self.approval(id).is_some();
            let mode = metadata.classification(id).and_then(|class| self.class_mode(class));
            if !alone && mode != Some(ClassMode::PerUpdate) {
                continue;
            }
            match self.check(id, &metadata.terms(id)) {
                Ok(()) => approve(&mut plan, id),
                Err(ApprovalError::MetadataMissing(_)) if alone => approve(&mut plan, id),
                // The device approves the whole classification, terms included.
                Err(_) if mode == Some(ClassMode::OnDevice) => {}
                Err(why) => plan.held.push((id, why)),
            }
        }
        plan.not_installable = self.updates().filter(|id| !installable.contains_key(id)).collect();
        plan.not_in_ledger = known
            .into_iter()
            .filter(|id| {
                let class = self.class_mode(Classification::new(*id)) == Some(ClassMode::OnDevice);
                !class && self.approval(*id).is_none() && !self.covers(*id, metadata)
            })
            .collect();
        plan
    }
}

/// The Add that approves an update or a classification on a device.
#[must_use]
pub(super) fn approve_command(id: UpdateGuid, form: NodeForm) -> Command<'static> {
    let name = match form {
        NodeForm::Bare => id.to_string(),
        NodeForm::Braced => id.braced(),
    };
    let list = format!("{}/{}", crate::UPDATE_CSP, Query::Approved.node());
    let node = list.parse::<LocUri>().and_then(|list| list.join(&name)).map(String::from);
    Command::add_node(node.unwrap_or_else(|_| format!("{list}/{name}")))
}

/// Whether a device has an approval after answering its Add with this status. 418, it exists
/// already, is as good as 200 (*observed* in Microsoft's IoT client).
#[must_use]
pub fn is_approved_by(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::ALREADY_EXISTS
}

/// Terms that stand between an update and its approval, for compliance reports: of several, the
/// first.
pub(crate) fn missing_terms(
    ledger: &ApprovalLedger,
    update: UpdateGuid,
    metadata: &impl UpdateMetadata,
) -> Option<crate::EulaId> {
    metadata.terms(update).eulas().find(|eula| !ledger.is_accepted(*eula))
}
