//! Deployments that are asked for themselves.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::Service;
use super::answers::Answer;
use super::routes::{unsupported, weeks};
use super::store::{ApprovalRecord, Audience, DeploymentRecord, body};
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
            Some(id) if self.audiences.iter().any(|known| known.id == id) => id,
            Some(_) => return Answer::bad("The audience was not found."),
            // A deployment brings its own.
            None => {
                let Ok(id) = AudienceId::new(&self.new_id("a0d1e4ce")) else {
                    return unsupported();
                };
                self.audiences.push(Audience {
                    id: id.clone(),
                    created: Moment(now),
                    members: BTreeMap::new(),
                    exclusions: BTreeSet::new(),
                });
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
            content: Some(content),
        };
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
        let found = self.deployments.iter_mut().find(|known| known.id.as_str() == id);
        let Some(deployment) = found else { return Answer::not_found("deployment", id) };
        for (name, value) in settings.unwrap_or_default() {
            deployment.approval.settings.insert(name, value);
        }
        if let Some(requested) = change.state.get().and_then(|state| state.requested_value.get()) {
            let archived = deployment.requested.as_deref() == Some("archived");
            match requested.known() {
                None | Some(RequestedDeploymentStateValue::UnknownFutureValue) => {
                    return Answer::bad("requestedValue is not known");
                }
                Some(_) if archived => return Answer::bad("An archived deployment is final."),
                Some(_) => deployment.requested = Some(requested.as_str().to_owned()),
            }
        }
        let deployment = deployment.clone();
        Answer::Body(202, self.show_deployment(&deployment, now))
    }
}
