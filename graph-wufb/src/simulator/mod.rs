//! An in-memory deployment service for tests and demonstrations (feature `simulator`).
//!
//! [`Service`] answers requests as the documentation's samples do, in virtual time: what is asked
//! for takes effect some seconds later. It is no model of everything the service does; what it
//! refuses is what the sources say is refused.

mod answers;
mod content;
mod deployments;
mod log;
mod routes;
mod store;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::json::RawObject;
use crate::models::{
    CatalogEntryId, DeploymentId, DeviceId, DriverUpdateCatalogEntry, FeatureUpdateCatalogEntry,
    GraphDateTime, QualityUpdateCatalogEntry,
};
use crate::requests::{Headers, Origin, Request};
use log::Log;
use store::{Audience, Device, Driver, PolicyRecord};

pub use log::Deed;

/// Seconds until things take effect.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Timing {
    /// Until an unknown device is known. Default 2.
    pub known: u32,
    /// Until a device is enrolled. Default 5.
    pub enrolled: u32,
    /// Until a device is unenrolled. Default 10.
    pub unenrolled: u32,
    /// Until the content that applies to a new member is listed. Default 120.
    pub content: u32,
    /// Until something new is in lists. Default 2.
    pub listed: u32,
    /// Until something new is found by its ID; before, the service answers 404. Default 0.
    pub found: u32,
    /// Until the deployment that an approval makes is in lists. Default 0.
    pub deployed: u32,
    /// Until something deleted is no longer in lists; as long, it keeps its audience. Default 0.
    pub deleted: u32,
}

impl Timing {
    /// Everything at once.
    #[must_use]
    pub const fn immediate() -> Self {
        Self {
            known: 0,
            enrolled: 0,
            unenrolled: 0,
            content: 0,
            listed: 0,
            found: 0,
            deployed: 0,
            deleted: 0,
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self { known: 2, enrolled: 5, unenrolled: 10, content: 120, listed: 2, ..Self::immediate() }
    }
}

/// A failure to come.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Fault {
    status: u16,
    retry_after: Option<String>,
    carried_out: bool,
}

/// The deployment service of one tenant.
///
/// ```
/// use chrono::DateTime;
/// use graph_wufb::requests::Headers;
/// use graph_wufb::simulator::Service;
///
/// let mut service = Service::new();
/// let (status, _, body) = service.handle(
///     "POST",
///     "/beta/admin/windows/updates/deploymentAudiences",
///     &Headers::new(),
///     b"{}",
///     DateTime::UNIX_EPOCH,
/// );
/// assert_eq!(status, 201);
/// assert!(body.starts_with(b"{\"@odata.context\":"));
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Service {
    origin: Origin,
    timing: Timing,
    page_size: usize,
    next_id: u64,
    refused: BTreeMap<DeviceId, String>,
    devices: BTreeMap<DeviceId, Device>,
    drivers: BTreeMap<CatalogEntryId, Driver>,
    /// Feature and quality updates, as the catalog shows them.
    updates: BTreeMap<CatalogEntryId, RawObject>,
    audiences: Vec<Audience>,
    policies: Vec<PolicyRecord>,
    deployments: Vec<store::DeploymentRecord>,
    /// Whether applicable content is shown whole, asked for or not.
    #[serde(default)]
    inline_content: bool,
    /// What the publisher has withdrawn.
    withdrawn: BTreeSet<CatalogEntryId>,
    faults: VecDeque<Fault>,
    requests: u64,
    log: Log,
}

impl Service {
    /// An empty tenant.
    #[must_use]
    pub fn new() -> Self {
        Self {
            origin: Origin::global(),
            timing: Timing::default(),
            page_size: 100,
            next_id: 1,
            refused: BTreeMap::new(),
            devices: BTreeMap::new(),
            drivers: BTreeMap::new(),
            updates: BTreeMap::new(),
            audiences: Vec::new(),
            policies: Vec::new(),
            deployments: Vec::new(),
            inline_content: false,
            withdrawn: BTreeSet::new(),
            faults: VecDeque::new(),
            requests: 0,
            log: Log::new(Self::LOG),
        }
    }

    /// Sets when things take effect.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Sets the objects of one page; 0 is taken as 1.
    #[must_use]
    pub fn with_page_size(mut self, objects: usize) -> Self {
        self.page_size = objects.max(1);
        self
    }

    /// Sets the origin that next links lead to.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Shows applicable content as the documentation of 2023 has it: with the update and all its
    /// devices, asked for or not. Otherwise it is that of 2024: each only where it is expanded, and
    /// of the devices then no more than the link to them.
    #[must_use]
    pub fn with_inline_content(mut self) -> Self {
        self.inline_content = true;
        self
    }

    /// Puts a driver into the catalog that is better than what these devices have.
    pub fn add_driver<'a>(
        &mut self,
        id: &str,
        name: &str,
        devices: impl IntoIterator<Item = &'a DeviceId>,
    ) {
        let Ok(entry) = CatalogEntryId::new(id) else { return };
        let mut driver = DriverUpdateCatalogEntry::tagged();
        driver.id = entry.clone().into();
        driver.display_name = name.to_owned().into();
        driver.release_date_time = GraphDateTime::from("2026-01-11T02:43:14Z").into();
        driver.manufacturer = "Contoso".to_owned().into();
        driver.driver_class = "OtherHardware".to_owned().into();
        driver.provider = "Contoso".to_owned().into();
        driver.version = "1.0.0.1".to_owned().into();
        let devices: BTreeSet<_> = devices.into_iter().cloned().collect();
        self.drivers.insert(entry, Driver { entry: driver, devices });
    }

    /// Puts a feature update into the catalog.
    pub fn add_feature_update(&mut self, id: &str, name: &str) {
        let Ok(entry) = CatalogEntryId::new(id) else { return };
        let mut update = FeatureUpdateCatalogEntry::tagged();
        update.id = entry.clone().into();
        update.display_name = name.to_owned().into();
        self.updates.insert(entry, update.to_object());
    }

    /// Puts a quality update that can be expedited into the catalog.
    pub fn add_quality_update(&mut self, id: &str, name: &str) {
        let Ok(entry) = CatalogEntryId::new(id) else { return };
        let mut update = QualityUpdateCatalogEntry::tagged();
        update.id = entry.clone().into();
        update.display_name = name.to_owned().into();
        update.is_expeditable = true.into();
        self.updates.insert(entry, update.to_object());
    }

    /// A device has installed a driver: it no longer applies to it.
    pub fn install(&mut self, entry: &CatalogEntryId, device: &DeviceId) {
        if let Some(driver) = self.drivers.get_mut(entry) {
            driver.devices.remove(device);
        }
    }

    /// The publisher withdraws an update: it no longer applies to anybody, cannot be approved, and
    /// its deployments stop with `faultedByContentOutdated`.
    pub fn withdraw(&mut self, entry: &CatalogEntryId) {
        self.withdrawn.insert(entry.clone());
    }

    /// A monitoring rule pauses a deployment, which stays so until its rules are removed.
    pub fn trip_monitoring(&mut self, deployment: &DeploymentId) {
        let found = self.deployments.iter_mut().find(|known| known.id == *deployment);
        if let Some(deployment) = found {
            deployment.tripped = true;
        }
    }

    /// The devices that are enrolled for a category, or will be.
    pub fn enrolled<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a DeviceId> {
        let enrolled = move |device: &Device| {
            device.categories.get(category).is_some_and(|(_, enrolled)| *enrolled)
        };
        self.devices.iter().filter(move |(_, device)| enrolled(device)).map(|(id, _)| id)
    }

    /// Makes the registration of a device fail for a reason, such as `invalidAzureADDeviceId`.
    pub fn refuse_device(&mut self, device: &DeviceId, reason: &str) {
        self.refused.insert(device.clone(), reason.to_owned());
    }

    /// Makes the next request that has no failure yet fail; `carried_out` if its effect is to come
    /// about all the same.
    pub fn fail_next(&mut self, status: u16, retry_after: Option<&str>, carried_out: bool) {
        let retry_after = retry_after.map(str::to_owned);
        self.faults.push_back(Fault { status, retry_after, carried_out });
    }

    /// How many audiences, policies, approvals that stand, and deployments there are, without what
    /// was deleted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let policies = || self.policies.iter().filter(|policy| policy.deleted.is_none());
        let approvals = policies().flat_map(|policy| &policy.approvals);
        let deployments = self.deployments.iter().filter(|known| known.deleted.is_none());
        Counts {
            audiences: self.audiences.iter().filter(|known| known.deleted.is_none()).count(),
            policies: policies().count(),
            approvals: approvals.filter(|approval| approval.revoked.is_none()).count(),
            deployments: deployments.count(),
            requests: self.requests,
        }
    }

    /// Answers a request that is a value of this crate.
    pub fn handle_request(
        &mut self,
        request: &Request,
        now: DateTime<Utc>,
    ) -> (u16, Headers, Vec<u8>) {
        self.handle(
            request.method.as_str(),
            &request.target,
            &request.headers,
            request.body.as_deref().unwrap_or_default(),
            now,
        )
    }

    /// Answers a request.
    pub fn handle(
        &mut self,
        method: &str,
        path_and_query: &str,
        headers: &Headers,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> (u16, Headers, Vec<u8>) {
        self.requests += 1;
        self.forget(now);
        let id = format!("{:08x}-0000-4000-8000-00000000aaaa", self.requests);
        let fault = self.faults.pop_front();
        let answer = match &fault {
            Some(fault) if !fault.carried_out => answers::fault(fault.status),
            _ => {
                let answer = self.route(method, path_and_query, headers, body, now);
                fault.as_ref().map_or(answer, |fault| answers::fault(fault.status))
            }
        };
        let mut fields = Headers::from_iter([("request-id", id.as_str())]);
        if let Some(wait) = fault.and_then(|fault| fault.retry_after) {
            fields.insert("Retry-After", wait);
        }
        let (status, body) = answer.finish(&id, now);
        if !body.is_empty() {
            fields.insert("Content-Type", "application/json");
        }
        (status, fields, body)
    }
}

impl Default for Service {
    fn default() -> Self {
        Self::new()
    }
}

/// What a [`Service`] holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Audiences.
    pub audiences: usize,
    /// Policies.
    pub policies: usize,
    /// Approvals that stand.
    pub approvals: usize,
    /// Deployments.
    pub deployments: usize,
    /// Requests that came in.
    pub requests: u64,
}
