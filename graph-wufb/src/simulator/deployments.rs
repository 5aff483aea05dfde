//! Deployments that are asked for themselves.

use chrono::{DateTime, Utc};

use super::answers::Answer;
use super::routes::{unsupported, weeks};
use super::store::{ApprovalRecord, DeploymentRecord, body, due};
use super::{Deed, Service};
use crate::json::{RawObject, Value};
use crate::models::{
    ApprovalId, AudienceId, CatalogEntryId, Deployment, DeploymentId, RequestedDeploymentStateValue,
};
use crate::moment::Moment;

impl Service {
    pub(super) fn create_deployment(&mut self, bytes: &[u8], now: DateTime<Utc>) -> Answer {
        let request: Deployment = match body(bytes) {
            Ok(request) => request,
            Err(error) => return Answer::bad(error.to_string()),
        };
        let entry = request.content.get().and_then(|content| content.catalog_entry_id());
        let entry = entry.filter(|entry| !self.withdrawn.contains(entry));
        let Some((entry, update)) = entry.and_then(|entry| self.updates.get_key_value(&entry))
        else {
            return Answer::bad("The catalog entry was not found.");
        };
        let (entry, update): (CatalogEntryId, RawObject) = (entry.clone(), update.clone());
        let settings = request.settings.get().map(|settings| settings.to_object());
        let settings = settings.unwrap_or_default();
        if let Some(refusal) = weeks(&settings) {
            return refusal;
        }
        let audience = request.audience.get().and_then(|audience| audience.target());
        let audience = match audience {
            Some(id) if self.audience_at(id.as_str(), now).is_some() => id,
            Some(_) => return Answer::bad("The audience was not found."),
            // A deployment brings its own.
            None => {
                let Ok(id) = AudienceId::new(&self.new_id("a0d1e4ce")) else {
                    return unsupported();
                };
                self.add_audience(id.clone(), now);
                id
            }
        };
        let ids = (self.new_id("c0d1e4ce"), self.new_id("d0d1e4ce"));
        let (Ok(approval), Ok(id)) = (ApprovalId::new(&ids.0), DeploymentId::new(&ids.1)) else {
            return unsupported();
        };
        let content = RawObject::from_iter([
            ("@odata.type", Value::from("#microsoft.graph.windowsUpdates.catalogContent")),
            ("catalogEntry", Value::from(update)),
        ]);
        let record = DeploymentRecord {
            id,
            audience,
            approval: ApprovalRecord {
                id: approval,
                created: Moment(now),
                revoked: None,
                entry,
                settings,
            },
            requested: None,
            tripped: false,
            content: Some(content),
            deleted: None,
        };
        self.log.note(now, Deed::DeploymentMade(record.id.clone(), record.audience.clone()));
        let shown = self.with_context("deployments/$entity", self.show_deployment(&record, now));
        self.deployments.push(record);
        Answer::Body(201, shown)
    }

    pub(super) fn patch_deployment(
        &mut self,
        id: &str,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Answer {
        let change: Deployment = match body(bytes) {
            Ok(change) => change,
            Err(error) => return Answer::bad(error.to_string()),
        };
        let settings = change.settings.get().map(|settings| settings.to_object());
        if let Some(refusal) = settings.as_ref().and_then(weeks) {
            return refusal;
        }
        let monitoring = change.settings.get().and_then(|settings| settings.monitoring.get());
        let rules = monitoring.and_then(|monitoring| monitoring.monitoring_rules.get());
        let removes_rules = rules.is_some_and(Vec::is_empty);
        let at = self.deployment_at(id, now);
        let found = at.and_then(|at| self.deployments.get_mut(at));
        let Some(deployment) = found else { return Answer::not_found("deployment", id) };
        for (name, value) in settings.unwrap_or_default() {
            deployment.approval.settings.insert(name, value);
        }
        // Without rules no rule pauses it.
        deployment.tripped &= !removes_rules;
        if let Some(requested) = change.state.get().and_then(|state| state.requested_value.get()) {
            let archived = deployment.requested.as_deref() == Some("archived");
            match requested.known() {
                None | Some(RequestedDeploymentStateValue::UnknownFutureValue) => {
                    return Answer::bad("requestedValue is not known");
                }
                Some(_) if archived => return Answer::bad("An archived deployment is final."),
                Some(_) => {
                    let word = requested.as_str().to_owned();
                    if deployment.requested.as_ref() != Some(&word) {
                        let deed = Deed::DeploymentAsked(deployment.id.clone(), word.clone());
                        self.log.note(now, deed);
                    }
                    deployment.requested = Some(word);
                }
            }
        }
        let deployment = deployment.clone();
        Answer::Body(202, self.show_deployment(&deployment, now))
    }

    /// The place of a deployment that is found by its ID.
    pub(super) fn deployment_at(&self, id: &str, now: DateTime<Utc>) -> Option<usize> {
        self.deployments.iter().position(|known| {
            known.id.as_str() == id
                && known.deleted.is_none()
                && self.is_found(known.approval.created, now)
        })
    }

    pub(super) fn delete_deployment(&mut self, id: &str, now: DateTime<Utc>) -> Answer {
        let at = self.deployment_at(id, now);
        let Some(deployment) = at.and_then(|at| self.deployments.get_mut(at)) else {
            return Answer::not_found("deployment", id);
        };
        deployment.deleted = Some(Moment(now));
        self.log.note(now, Deed::DeploymentDeleted(deployment.id.clone()));
        Answer::Empty(204)
    }

    pub(super) fn list_deployments(&self, path: &str, query: &str, now: DateTime<Utc>) -> Answer {
        let audience = query.split_once("audience/id eq '").map(|(_, rest)| rest);
        let audience = audience.and_then(|rest| rest.split('\'').next());
        let listed = self.deployments.iter().filter(|deployment| {
            // One that came of an approval takes its time to be made.
            let made = deployment.content.is_some()
                || due(deployment.approval.created, self.timing.deployed, now);
            made && self.listed(deployment.approval.created, now)
                && audience.is_none_or(|audience| deployment.audience.as_str() == audience)
        });
        self.page(path, query, listed, |deployment| self.show_deployment(deployment, now))
    }
}
