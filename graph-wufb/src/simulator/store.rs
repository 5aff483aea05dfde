//! What the simulated service keeps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Timing;
use crate::json::{RawObject, Value};
use crate::models::{
    ApprovalId, AudienceId, AzureAdDevice, CatalogContent, CatalogEntry, CatalogEntryId,
    ContentApproval, DeployableContent, Deployment, DeploymentId, DeploymentSettings,
    DeploymentState, DeploymentStateReason, DeploymentStateReasonValue, DeploymentStateValue,
    DeviceId, DriverUpdateCatalogEntry, EnrollmentState, GraphDateTime, Model, PolicyId,
    RequestedDeploymentStateValue, UpdateCategoryEnrollmentInformation, UpdateManagementEnrollment,
    UpdatePolicy,
};
use crate::moment::Moment;

pub(super) fn due(since: Moment, seconds: u32, now: DateTime<Utc>) -> bool {
    now >= Moment::after(since.0, TimeDelta::seconds(seconds.into())).0
}

/// The service's own dates have seven fraction digits.
pub(super) fn stamp(time: Moment) -> GraphDateTime {
    let ticks = time.0.timestamp_subsec_nanos() / 100;
    let text = format!("{}.{ticks:07}Z", time.0.format("%Y-%m-%dT%H:%M:%S"));
    GraphDateTime::from(text.as_str())
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Device {
    pub(super) registered: Moment,
    /// By category: since when, and whether enrolled or taken back.
    pub(super) categories: BTreeMap<String, (Moment, bool)>,
    pub(super) error: Option<String>,
}

impl Device {
    pub(super) fn state(
        &self,
        category: &str,
        timing: &Timing,
        now: DateTime<Utc>,
    ) -> EnrollmentState {
        match self.categories.get(category) {
            Some(_) if self.error.is_some() => EnrollmentState::NotEnrolled,
            Some((since, true)) if due(*since, timing.enrolled, now) => EnrollmentState::Enrolled,
            Some((_, true)) => EnrollmentState::Enrolling,
            Some((since, false)) if !due(*since, timing.unenrolled, now) => {
                EnrollmentState::Unenrolling
            }
            Some((_, false)) | None => EnrollmentState::NotEnrolled,
        }
    }

    pub(super) fn show(&self, id: &DeviceId, timing: &Timing, now: DateTime<Utc>) -> RawObject {
        let information = |category: &str| {
            let since = self.categories.get(category).map_or(self.registered, |entry| entry.0);
            UpdateCategoryEnrollmentInformation {
                enrollment_state: self.enrollment(category, timing, now).into(),
                last_modified_date_time: stamp(since).into(),
                ..Default::default()
            }
        };
        let mut device = AzureAdDevice::reference(id);
        let errors = self.error.iter().map(|reason| {
            let mut error = crate::models::AzureAdDeviceRegistrationError::tagged();
            error.reason = crate::models::Open::from(reason.as_str()).into();
            crate::models::UpdatableAssetError::from(error)
        });
        device.errors = errors.collect::<Vec<_>>().into();
        device.enrollment = UpdateManagementEnrollment {
            feature: information("feature").into(),
            quality: information("quality").into(),
            driver: information("driver").into(),
            ..Default::default()
        }
        .into();
        device.to_object()
    }

    fn enrollment(
        &self,
        category: &str,
        timing: &Timing,
        now: DateTime<Utc>,
    ) -> crate::models::Open<EnrollmentState> {
        self.state(category, timing, now).into()
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Driver {
    pub(super) entry: DriverUpdateCatalogEntry,
    pub(super) devices: BTreeSet<DeviceId>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Audience {
    pub(super) id: AudienceId,
    pub(super) created: Moment,
    pub(super) members: BTreeMap<DeviceId, Moment>,
    pub(super) exclusions: BTreeSet<DeviceId>,
    pub(super) deleted: Option<Moment>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct PolicyRecord {
    pub(super) id: PolicyId,
    pub(super) created: Moment,
    pub(super) audience: AudienceId,
    pub(super) rules: Option<Value>,
    pub(super) settings: RawObject,
    pub(super) approvals: Vec<ApprovalRecord>,
    pub(super) deleted: Option<Moment>,
}

/// The settings of an answer: every setting, `null` where there is none.
pub(super) fn settings(given: &RawObject) -> RawObject {
    const ALL: [&str; 5] =
        ["schedule", "monitoring", "contentApplicability", "userExperience", "expedite"];
    ALL.into_iter().map(|name| (name, given.get(name).cloned().unwrap_or(Value::Null))).collect()
}

impl PolicyRecord {
    pub(super) fn show(&self, expand: bool) -> RawObject {
        let mut policy = UpdatePolicy {
            id: self.id.clone().into(),
            created_date_time: stamp(self.created).into(),
            ..UpdatePolicy::default()
        }
        .to_object();
        if expand {
            policy.insert("audience", RawObject::from_iter([("id", self.audience.as_str())]));
        }
        policy.insert("autoEnrollmentUpdateCategories", Vec::new());
        let rules = self.rules.clone().unwrap_or_else(|| Value::Array(Vec::new()));
        policy.insert("complianceChangeRules", rules);
        policy.insert("deploymentSettings", settings(&self.settings));
        policy
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct ApprovalRecord {
    pub(super) id: ApprovalId,
    pub(super) created: Moment,
    pub(super) revoked: Option<Moment>,
    pub(super) entry: CatalogEntryId,
    pub(super) settings: RawObject,
}

fn content(entry: &CatalogEntryId, driver: Option<&Driver>) -> DeployableContent {
    let mut bare = DriverUpdateCatalogEntry::tagged();
    bare.id = entry.clone().into();
    let mut content = CatalogContent::tagged();
    content.catalog_entry =
        CatalogEntry::Driver(driver.map_or(bare, |driver| driver.entry.clone())).into();
    DeployableContent::Catalog(content)
}

impl ApprovalRecord {
    pub(super) fn show(&self, driver: Option<&Driver>) -> RawObject {
        let mut approval = ContentApproval::tagged();
        approval.id = self.id.clone().into();
        approval.created_date_time = stamp(self.created).into();
        approval.is_revoked = self.revoked.is_some().into();
        approval.revoked_date_time =
            self.revoked.map_or_else(|| GraphDateTime::from("0001-01-01T00:00:00Z"), stamp).into();
        approval.content = content(&self.entry, driver).into();
        let mut shown = approval.to_object();
        shown.insert("deploymentSettings", settings(&self.settings));
        shown
    }

    fn start(&self) -> Option<DateTime<Utc>> {
        let settings = DeploymentSettings::from_object(self.settings.clone());
        settings.schedule.get()?.start_date_time.get()?.date()
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct DeploymentRecord {
    pub(super) id: DeploymentId,
    pub(super) audience: AudienceId,
    /// The approval that it came of; for one that was asked for itself, what would be in it.
    pub(super) approval: ApprovalRecord,
    /// What it was asked to do.
    pub(super) requested: Option<String>,
    /// Whether a monitoring rule has paused it.
    #[serde(default)]
    pub(super) tripped: bool,
    /// Its content, where it did not come of an approval.
    pub(super) content: Option<RawObject>,
    pub(super) deleted: Option<Moment>,
}

impl DeploymentRecord {
    pub(super) fn show(
        &self,
        driver: Option<&Driver>,
        withdrawn: bool,
        now: DateTime<Utc>,
    ) -> RawObject {
        let asked = self.requested.as_deref().map(crate::models::Open::from);
        let asked = asked.and_then(|word| word.known());
        let (effective, requested) = if asked == Some(RequestedDeploymentStateValue::Archived)
            || self.approval.revoked.is_some()
        {
            (DeploymentStateValue::Archived, RequestedDeploymentStateValue::Archived)
        } else if withdrawn {
            (DeploymentStateValue::Faulted, RequestedDeploymentStateValue::None)
        } else if asked == Some(RequestedDeploymentStateValue::Paused) {
            (DeploymentStateValue::Paused, RequestedDeploymentStateValue::Paused)
        } else if self.tripped {
            (DeploymentStateValue::Paused, RequestedDeploymentStateValue::None)
        } else if self.approval.start().is_some_and(|start| now < start) {
            (DeploymentStateValue::Scheduled, RequestedDeploymentStateValue::None)
        } else {
            (DeploymentStateValue::Offering, RequestedDeploymentStateValue::None)
        };
        let word = match effective {
            DeploymentStateValue::Faulted => {
                Some(DeploymentStateReasonValue::FaultedByContentOutdated)
            }
            DeploymentStateValue::Paused if self.tripped => {
                Some(DeploymentStateReasonValue::PausedByMonitoring)
            }
            _ => None,
        };
        let reasons = word.map(|word| {
            let mut reason = DeploymentStateReason::tagged();
            reason.value = crate::models::Open::from(word).into();
            reason
        });
        let reasons: Vec<_> = reasons.into_iter().collect();
        let mut deployment = Deployment::tagged();
        deployment.id = self.id.clone().into();
        deployment.created_date_time = stamp(self.approval.created).into();
        deployment.last_modified_date_time =
            stamp(self.approval.revoked.unwrap_or(self.approval.created)).into();
        deployment.state = DeploymentState {
            effective_value: crate::models::Open::from(effective).into(),
            requested_value: crate::models::Open::from(requested).into(),
            reasons: reasons.into(),
            ..Default::default()
        }
        .into();
        deployment.content = content(&self.approval.entry, driver).into();
        let mut shown = deployment.to_object();
        shown.insert("settings", settings(&self.approval.settings));
        if let Some(content) = &self.content {
            shown.insert("content", content.clone());
        }
        shown
    }
}

/// Reads a body as the service does: strictly, but without minding what it does not know.
pub(super) fn body<T: Model>(bytes: &[u8]) -> Result<T, crate::Error> {
    let options = crate::json::Options::strict();
    let document = crate::json::read(bytes, &options)?;
    let lenient = crate::json::Options::tolerant();
    crate::models::from_value(document.value, Vec::new(), bytes, "", &lenient)
        .map(|decoded| decoded.value)
}
