//! Which request does what.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::answers::Answer;
use super::store::{ApprovalRecord, Audience, DeploymentRecord, Device, PolicyRecord, body, due};
use super::{Deed, Service};
use crate::json::{RawObject, Value};
use crate::models::{
    ApprovalId, AudienceId, AzureAdDevice, ContentApproval, DeploymentId, DeviceId, IsoDuration,
    Open, PolicyId, UpdatableAsset, UpdateCategory, UpdatePolicy,
};
use crate::moment::Moment;
use crate::requests::{Headers, ROOT};

impl Service {
    pub(super) fn route(
        &mut self,
        method: &str,
        path_and_query: &str,
        _headers: &Headers,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Answer {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let Some(path) = path.strip_prefix(ROOT) else {
            return Answer::not_found("resource", path);
        };
        let segments: Vec<String> =
            path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let query = decode(query);
        match (method, segments.as_slice()) {
            ("POST", ["updatableAssets", "enrollAssets"]) => self.enroll(bytes, true, now),
            ("POST", ["updatableAssets", "unenrollAssets"]) => self.enroll(bytes, false, now),
            ("GET", ["updatableAssets"])
            | ("GET", ["updatableAssets", "microsoft.graph.windowsUpdates.azureADDevice"]) => {
                let known = self.devices.iter().filter(|(_, device)| self.is_known(device, now));
                self.page(path, &query, known, |(id, device)| device.show(id, &self.timing, now))
            }
            ("GET", ["updatableAssets", id]) => self.device(id, now),
            ("POST", ["deploymentAudiences"]) => self.create_audience(bytes, now),
            ("GET", ["deploymentAudiences"]) => {
                let listed =
                    self.audiences.iter().filter(|audience| self.listed(audience.created, now));
                let show =
                    |audience: &Audience| RawObject::from_iter([("id", audience.id.as_str())]);
                self.page(path, &query, listed, show)
            }
            (_, ["deploymentAudiences", id, rest @ ..]) => {
                let Some(at) = self.audience_at(id, now) else {
                    return Answer::not_found("deploymentAudience", id);
                };
                self.audience(method, at, rest, path, &query, bytes, now)
            }
            ("POST", ["updatePolicies"]) => self.create_policy(bytes, now),
            ("GET", ["updatePolicies"]) => {
                let expand = query.contains("expand=audience");
                let listed = self.policies.iter().filter(|policy| self.listed(policy.created, now));
                self.page(path, &query, listed, |policy| policy.show(expand))
            }
            (_, ["updatePolicies", id, rest @ ..]) => {
                let Some(at) = self.policy_at(id, now) else {
                    return Answer::not_found("updatePolicy", id);
                };
                self.policy(method, at, rest, path, &query, bytes, now)
            }
            ("POST", ["deployments"]) => self.create_deployment(bytes, now),
            ("PATCH", ["deployments", id]) => self.patch_deployment(id, bytes, now),
            ("GET", ["deployments"]) => self.list_deployments(path, &query, now),
            ("DELETE", ["deployments", id]) => self.delete_deployment(id, now),
            (_, ["deployments", id]) => {
                let at = self.deployment_at(id, now);
                match (method, at.and_then(|at| self.deployments.get(at))) {
                    ("GET", Some(found)) => Answer::Body(200, self.show_deployment(found, now)),
                    (_, None) => Answer::not_found("deployment", id),
                    _ => unsupported(),
                }
            }
            _ => unsupported(),
        }
    }

    // --- devices --------------------------------------------------------------------------------

    fn is_known(&self, device: &Device, now: DateTime<Utc>) -> bool {
        due(device.registered, self.timing.known, now)
    }

    fn device(&self, id: &str, now: DateTime<Utc>) -> Answer {
        let found = DeviceId::new(id).ok().and_then(|id| self.devices.get_key_value(&id));
        match found.filter(|(_, device)| self.is_known(device, now)) {
            Some((id, device)) => Answer::Body(200, device.show(id, &self.timing, now)),
            None => Answer::not_found("azureADDevice", id),
        }
    }

    fn enroll(&mut self, bytes: &[u8], enrol: bool, now: DateTime<Utc>) -> Answer {
        let request: RawObject = match body(bytes) {
            Ok(request) => request,
            Err(error) => return Answer::bad(error.to_string()),
        };
        let category = request.text("updateCategory").unwrap_or_default();
        let known = Open::<UpdateCategory>::from(category).known();
        if known.is_none_or(|known| known == UpdateCategory::UnknownFutureValue) {
            return Answer::bad("updateCategory is not known");
        }
        let ids = match devices(request.get("assets")) {
            Some(ids) if !ids.is_empty() => ids,
            _ => return Answer::bad("assets must be azureADDevice objects"),
        };
        let category = category.to_ascii_lowercase();
        for id in ids {
            let error = self.refused.get(&id).cloned();
            let device = self.devices.entry(id.clone()).or_insert_with(|| Device {
                registered: Moment(now),
                categories: BTreeMap::new(),
                error,
            });
            // Asking twice does not start again.
            if device.categories.get(&category).is_none_or(|(_, enrolled)| *enrolled != enrol) {
                let before = device.categories.insert(category.clone(), (Moment(now), enrol));
                if enrol {
                    self.log.note(now, Deed::Enrolled(id.clone(), category.clone()));
                } else if before.is_some() {
                    self.log.note(now, Deed::Unenrolled(id.clone(), category.clone()));
                }
            }
            if !enrol && category == "driver" {
                for audience in &mut self.audiences {
                    audience.members.remove(&id);
                }
            }
        }
        Answer::Empty(202)
    }

    // --- audiences ------------------------------------------------------------------------------

    fn create_audience(&mut self, bytes: &[u8], now: DateTime<Utc>) -> Answer {
        if let Err(error) = body::<RawObject>(bytes) {
            return Answer::bad(error.to_string());
        }
        let Ok(id) = AudienceId::new(&self.new_id("a0d1e4ce")) else { return unsupported() };
        self.add_audience(id.clone(), now);
        let shown = RawObject::from_iter([
            ("@odata.context", self.context("deploymentAudiences/$entity")),
            ("id", Value::from(id.as_str())),
            ("applicableContent", Value::Array(Vec::new())),
        ]);
        Answer::Body(201, shown)
    }

    #[allow(clippy::too_many_arguments, reason = "one call, the parts of one request")]
    fn audience(
        &mut self,
        method: &str,
        at: usize,
        rest: &[&str],
        path: &str,
        query: &str,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Answer {
        let Some(audience) = self.audiences.get(at) else { return unsupported() };
        let show = |id: &DeviceId| AzureAdDevice::reference(id).to_object();
        match (method, rest) {
            ("GET", []) => Answer::Body(200, RawObject::from_iter([("id", audience.id.as_str())])),
            ("GET", ["members"]) => self.page(path, query, audience.members.keys(), show),
            ("GET", ["exclusions"]) => self.page(path, query, audience.exclusions.iter(), show),
            ("GET", ["applicableContent"]) => self.list_content(audience, path, query, now),
            ("GET", ["applicableContent", entry, "matchedDevices"]) => {
                self.list_matches(audience, entry, path, query, now)
            }
            ("POST", ["updateAudience"]) => {
                let request: RawObject = match body(bytes) {
                    Ok(request) => request,
                    Err(error) => return Answer::bad(error.to_string()),
                };
                self.update_audience(at, &request, now)
            }
            ("DELETE", []) => {
                let id = &audience.id;
                if self.deployments.iter().any(|deployment| deployment.audience == *id) {
                    return Answer::conflict("The audience has deployments.");
                }
                if self.policies.iter().any(|policy| policy.audience == *id) {
                    return Answer::conflict("The audience has update policies.");
                }
                let id = id.clone();
                self.log.note(now, Deed::AudienceDeleted(id));
                if let Some(audience) = self.audiences.get_mut(at) {
                    audience.deleted = Some(Moment(now));
                }
                Answer::Empty(204)
            }
            _ => unsupported(),
        }
    }

    fn update_audience(&mut self, at: usize, request: &RawObject, now: DateTime<Utc>) -> Answer {
        let Some(audience) = self.audiences.get_mut(at) else { return unsupported() };
        for (name, list) in request.iter() {
            let Some(ids) = devices(Some(list)) else {
                return Answer::bad(format!("{name} must be updatableAsset objects"));
            };
            for id in ids {
                match name {
                    "addMembers" => {
                        audience.members.entry(id.clone()).or_insert_with(|| {
                            let deed = Deed::MemberAdded(audience.id.clone(), id);
                            self.log.note(now, deed);
                            Moment(now)
                        });
                    }
                    "removeMembers" => {
                        audience.members.remove(&id);
                    }
                    "addExclusions" => {
                        audience.exclusions.insert(id);
                    }
                    "removeExclusions" => {
                        audience.exclusions.remove(&id);
                    }
                    _ => return Answer::bad(format!("{name} is not known")),
                }
            }
        }
        Answer::Empty(202)
    }

    // --- policies and approvals -----------------------------------------------------------------

    fn create_policy(&mut self, bytes: &[u8], now: DateTime<Utc>) -> Answer {
        let request: UpdatePolicy = match body(bytes) {
            Ok(request) => request,
            Err(error) => return Answer::bad(error.to_string()),
        };
        let audience = request.audience.get().and_then(|audience| audience.target());
        let Some(audience) =
            audience.filter(|audience| self.audience_at(audience.as_str(), now).is_some())
        else {
            return Answer::bad("The audience was not found.");
        };
        let settings = request.deployment_settings.get().map(|settings| settings.to_object());
        let settings = settings.unwrap_or_default();
        if let Some(refusal) = weeks(&settings) {
            return refusal;
        }
        let Ok(id) = PolicyId::new(&self.new_id("b0d1e4ce")) else { return unsupported() };
        let record = PolicyRecord {
            id,
            created: Moment(now),
            audience,
            rules: request.to_object().get("complianceChangeRules").cloned(),
            settings,
            approvals: Vec::new(),
            deleted: None,
        };
        self.log.note(now, Deed::PolicyMade(record.id.clone(), record.audience.clone()));
        let shown = self.with_context("updatePolicies/$entity", record.show(false));
        self.policies.push(record);
        Answer::Body(202, shown)
    }

    #[allow(clippy::too_many_arguments, reason = "one call, the parts of one request")]
    fn policy(
        &mut self,
        method: &str,
        at: usize,
        rest: &[&str],
        path: &str,
        query: &str,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Answer {
        let Some(policy) = self.policies.get(at) else { return unsupported() };
        match (method, rest) {
            ("GET", []) => Answer::Body(200, policy.show(query.contains("expand=audience"))),
            ("PATCH", []) => self.patch_policy(at, bytes),
            ("DELETE", []) => {
                self.log.note(now, Deed::PolicyDeleted(policy.id.clone()));
                if let Some(policy) = self.policies.get_mut(at) {
                    policy.deleted = Some(Moment(now));
                }
                Answer::Empty(204)
            }
            ("GET", ["complianceChanges"]) => {
                let listed =
                    policy.approvals.iter().filter(|known| self.listed(known.created, now));
                self.page(path, query, listed, |approval| {
                    approval.show(self.drivers.get(&approval.entry))
                })
            }
            ("POST", ["complianceChanges"]) => self.approve(at, bytes, now),
            (_, ["complianceChanges", id]) => {
                let found = policy
                    .approvals
                    .iter()
                    .find(|known| known.id.as_str() == *id && self.is_found(known.created, now));
                let Some(approval) = found else {
                    return Answer::not_found("complianceChange", id);
                };
                match method {
                    "GET" => Answer::Body(200, approval.show(self.drivers.get(&approval.entry))),
                    "PATCH" => {
                        let id = approval.id.clone();
                        self.revoke(at, &id, bytes, now)
                    }
                    _ => unsupported(),
                }
            }
            _ => unsupported(),
        }
    }

    fn patch_policy(&mut self, at: usize, bytes: &[u8]) -> Answer {
        let change: RawObject = match body(bytes) {
            Ok(change) => change,
            Err(error) => return Answer::bad(error.to_string()),
        };
        if let Some(refusal) = weeks(&change) {
            return refusal;
        }
        let Some(policy) = self.policies.get_mut(at) else { return unsupported() };
        match change.get("deploymentSettings") {
            Some(Value::Object(settings)) => {
                for (name, value) in settings.iter().filter(|(name, _)| !name.contains('@')) {
                    policy.settings.insert(name, value.clone());
                }
            }
            Some(Value::Null) => policy.settings = RawObject::new(),
            _ => {}
        }
        if let Some(rules) = change.get("complianceChangeRules") {
            policy.rules = Some(rules.clone());
        }
        Answer::Body(200, policy.show(false))
    }

    fn approve(&mut self, at: usize, bytes: &[u8], now: DateTime<Utc>) -> Answer {
        let request: ContentApproval = match body(bytes) {
            Ok(request) => request,
            Err(error) => return Answer::bad(error.to_string()),
        };
        let entry = request.catalog_entry_id();
        let entry = entry.filter(|entry| !self.withdrawn.contains(entry));
        let Some(entry) = entry.filter(|entry| self.drivers.contains_key(entry)) else {
            return Answer::bad("The catalog entry was not found.");
        };
        let settings = request.deployment_settings.get().map(|settings| settings.to_object());
        let settings = settings.unwrap_or_default();
        if let Some(refusal) = weeks(&settings) {
            return refusal;
        }
        let ids = (self.new_id("c0d1e4ce"), self.new_id("d0d1e4ce"));
        let (Ok(id), Ok(deployment)) = (ApprovalId::new(&ids.0), DeploymentId::new(&ids.1)) else {
            return unsupported();
        };
        let approval = ApprovalRecord { id, created: Moment(now), revoked: None, entry, settings };
        let Some(policy) = self.policies.get_mut(at) else { return unsupported() };
        policy.approvals.push(approval.clone());
        let (policy, audience) = (policy.id.clone(), policy.audience.clone());
        let shown = approval.show(self.drivers.get(&approval.entry));
        self.log.note(now, Deed::Approved(policy.clone(), approval.entry.clone()));
        self.log.note(now, Deed::DeploymentMade(deployment.clone(), audience.clone()));
        // An approval makes a deployment by itself.
        self.deployments.push(DeploymentRecord {
            id: deployment,
            audience,
            approval,
            requested: None,
            tripped: false,
            content: None,
            deleted: None,
        });
        let context = format!("updatePolicies('{policy}')/complianceChanges/$entity");
        Answer::Body(201, self.with_context(&context, shown))
    }

    fn revoke(&mut self, at: usize, id: &ApprovalId, bytes: &[u8], now: DateTime<Utc>) -> Answer {
        let change: RawObject = match body(bytes) {
            Ok(change) => change,
            Err(error) => return Answer::bad(error.to_string()),
        };
        if change.iter().filter(|(name, _)| !name.contains('@')).count() != 1 {
            return Answer::bad("Exactly one property can be changed at a time.");
        }
        let revoke = change.get("isRevoked") == Some(&Value::Bool(true));
        let policy = self.policies.get(at).map(|policy| policy.id.clone());
        let Some(approval) = self
            .policies
            .get_mut(at)
            .and_then(|policy| policy.approvals.iter_mut().find(|known| known.id == *id))
        else {
            return Answer::not_found("complianceChange", id.as_str());
        };
        if let Some(Value::Object(settings)) = change.get("deploymentSettings") {
            approval.settings = settings.clone();
        }
        if revoke && approval.revoked.is_none() {
            approval.revoked = Some(Moment(now));
            if let Some(policy) = &policy {
                self.log.note(now, Deed::Revoked(policy.clone(), approval.entry.clone()));
            }
        } else if change.get("isRevoked") == Some(&Value::Bool(false)) && approval.revoked.is_some()
        {
            return Answer::bad("A revocation is final.");
        }
        let approval = approval.clone();
        for deployment in &mut self.deployments {
            if deployment.approval.id == approval.id {
                deployment.approval = approval.clone();
            }
        }
        Answer::Empty(204)
    }

    // --- common ---------------------------------------------------------------------------------

    pub(super) fn listed(&self, created: Moment, now: DateTime<Utc>) -> bool {
        due(created, self.timing.listed, now)
    }

    pub(super) fn is_found(&self, created: Moment, now: DateTime<Utc>) -> bool {
        due(created, self.timing.found, now)
    }

    /// Forgets what was deleted long enough ago.
    pub(super) fn forget(&mut self, now: DateTime<Utc>) {
        let seconds = self.timing.deleted;
        let gone = |deleted: Option<Moment>| deleted.is_some_and(|time| due(time, seconds, now));
        self.deployments.retain(|known| !gone(known.deleted));
        self.policies.retain(|known| !gone(known.deleted));
        self.audiences.retain(|known| !gone(known.deleted));
    }

    /// The place of an audience that is found by its ID.
    pub(super) fn audience_at(&self, id: &str, now: DateTime<Utc>) -> Option<usize> {
        self.audiences.iter().position(|known| {
            known.id.as_str() == id && known.deleted.is_none() && self.is_found(known.created, now)
        })
    }

    fn policy_at(&self, id: &str, now: DateTime<Utc>) -> Option<usize> {
        self.policies.iter().position(|known| {
            known.id.as_str() == id && known.deleted.is_none() && self.is_found(known.created, now)
        })
    }

    pub(super) fn add_audience(&mut self, id: AudienceId, now: DateTime<Utc>) {
        self.log.note(now, Deed::AudienceMade(id.clone()));
        self.audiences.push(Audience {
            id,
            created: Moment(now),
            members: BTreeMap::new(),
            exclusions: BTreeSet::new(),
            deleted: None,
        });
    }

    pub(super) fn show_deployment(
        &self,
        deployment: &DeploymentRecord,
        now: DateTime<Utc>,
    ) -> RawObject {
        let entry = &deployment.approval.entry;
        deployment.show(self.drivers.get(entry), self.withdrawn.contains(entry), now)
    }

    pub(super) fn new_id(&mut self, kind: &str) -> String {
        let id = format!("{kind}-0000-4000-8000-{:012x}", self.next_id);
        self.next_id += 1;
        id
    }

    fn context(&self, what: &str) -> Value {
        Value::from(format!("{}/beta/$metadata#admin/windows/updates/{what}", self.origin))
    }

    pub(super) fn with_context(&self, what: &str, shown: RawObject) -> RawObject {
        let context = [("@odata.context".to_owned(), self.context(what))];
        context.into_iter().chain(shown).collect()
    }

    /// One page of a list; only what is on it is made.
    pub(super) fn page<T>(
        &self,
        path: &str,
        query: &str,
        all: impl Iterator<Item = T>,
        show: impl Fn(T) -> RawObject,
    ) -> Answer {
        let skip = query.split_once("$skiptoken=").map(|(_, rest)| rest);
        let skip = skip.and_then(|rest| rest.split('&').next()?.parse().ok()).unwrap_or(0_usize);
        let mut rest = all.skip(skip);
        let items = rest.by_ref().take(self.page_size).map(|item| Value::from(show(item)));
        let items: Vec<Value> = items.collect();
        let more = rest.next().is_some();
        let mut shown = RawObject::new();
        shown.insert("@odata.context", self.context(path.trim_start_matches('/')));
        if more {
            let rest = query.split_once("&$skiptoken=").map_or(query, |(rest, _)| rest);
            let rest = if rest.starts_with("$skiptoken=") { "" } else { rest };
            let rest = if rest.is_empty() { String::new() } else { encode(rest) + "&" };
            let next = skip.saturating_add(self.page_size);
            let link = format!("{}{ROOT}{path}?{rest}$skiptoken={next}", self.origin);
            shown.insert("@odata.nextLink", link);
        }
        shown.insert("value", Value::Array(items));
        Answer::Body(200, shown)
    }
}

pub(super) fn unsupported() -> Answer {
    Answer::Error {
        status: 405,
        code: "Request_BadRequest".to_owned(),
        message: "Specified HTTP method is not allowed for the request target.".to_owned(),
    }
}

fn devices(list: Option<&Value>) -> Option<Vec<DeviceId>> {
    list?
        .as_array()?
        .iter()
        .map(|asset| match UpdatableAsset::from_object(asset.as_object()?.clone()) {
            UpdatableAsset::Device(device) => device.id.into_option(),
            _ => None,
        })
        .collect()
}

/// The service takes `P7D` and refuses `P1W`.
pub(super) fn weeks(settings: &RawObject) -> Option<Answer> {
    let mut open: Vec<(&str, &Value)> = settings.iter().collect();
    while let Some((name, value)) = open.pop() {
        match value {
            Value::String(text) if name.starts_with("duration") => {
                let days = text.parse::<IsoDuration>();
                if days.map_or(true, |days| days.as_str() != text) {
                    return Some(Answer::bad(format!("The duration '{text}' is not valid.")));
                }
            }
            Value::Object(object) => open.extend(object.iter()),
            Value::Array(items) => open.extend(items.iter().map(|item| ("", item))),
            _ => {}
        }
    }
    None
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = rest.clone();
        let pair: Vec<u8> = digits.take(2).collect();
        let value = std::str::from_utf8(&pair).ok().filter(|pair| {
            byte == b'%' && pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        match value.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) => {
                out.push(value);
                rest.nth(1);
            }
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encode(text: &str) -> String {
    text.replace('%', "%25").replace(' ', "%20").replace('\'', "%27").replace('#', "%23")
}
