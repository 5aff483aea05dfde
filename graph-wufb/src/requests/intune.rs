//! Intune's resources for the updates of Windows: `/deviceManagement`.

use super::path::intune_path;
use super::{Expect, Method, Permission, Query, Request};
use crate::json::{RawObject, Value};
use crate::models::intune::{
    DriverApprovalAction, DriverUpdateProfile, FeatureUpdateProfile, QualityUpdatePolicy,
    QualityUpdateProfile, UpdateForBusinessConfiguration,
};
use crate::models::{DriverInventoryId, GroupId, IntuneProfileId, Vocabulary};

/// A kind of profile; all of them are kept, assigned and listed alike.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum IntuneProfile {
    /// Update rings (`deviceConfigurations`, v1.0).
    Ring,
    /// Feature update profiles (beta).
    Feature,
    /// Expedited quality update profiles (beta).
    Quality,
    /// Quality update policies (beta).
    QualityPolicy,
    /// Driver update profiles (beta).
    Driver,
}

impl IntuneProfile {
    const fn collection(self) -> (&'static str, &'static str) {
        match self {
            Self::Ring => ("v1.0", "deviceConfigurations"),
            Self::Feature => ("beta", "windowsFeatureUpdateProfiles"),
            Self::Quality => ("beta", "windowsQualityUpdateProfiles"),
            Self::QualityPolicy => ("beta", "windowsQualityUpdatePolicies"),
            Self::Driver => ("beta", "windowsDriverUpdateProfiles"),
        }
    }

    fn target(self) -> String {
        let (version, collection) = self.collection();
        intune_path!(version, collection)
    }

    fn target_of(self, id: &IntuneProfileId) -> String {
        let (version, collection) = self.collection();
        intune_path!(version, collection, id.as_str())
    }
}

fn request(method: Method, target: String, expect: Expect) -> Request {
    let mut request = Request::new(method, target, expect);
    request.permission = match method {
        Method::Get => Permission::IntuneRead,
        _ => Permission::IntuneReadWrite,
    };
    request
}

/// All profiles of a kind. Rings are filtered out of all device configurations.
#[must_use]
pub fn list_intune_profiles(kind: IntuneProfile, query: &Query) -> Request {
    let query = match kind {
        IntuneProfile::Ring => query
            .clone()
            .filter(super::isof("microsoft.graph.windowsUpdateForBusinessConfiguration")),
        _ => query.clone(),
    };
    request(Method::Get, query.append_to(kind.target()), Expect::Page)
}

/// One profile.
#[must_use]
pub fn get_intune_profile(kind: IntuneProfile, id: &IntuneProfileId) -> Request {
    request(Method::Get, kind.target_of(id), Expect::Entity)
}

/// Deletes a profile.
#[must_use]
pub fn delete_intune_profile(kind: IntuneProfile, id: &IntuneProfileId) -> Request {
    request(Method::Delete, kind.target_of(id), Expect::Nothing)
}

/// Makes an update ring: `POST deviceConfigurations`. Its body names its type.
#[must_use]
pub fn create_update_ring(ring: &UpdateForBusinessConfiguration) -> Request {
    let mut body = RawObject::new();
    body.insert("@odata.type", format!("#{}", UpdateForBusinessConfiguration::TYPE));
    for (name, value) in ring.to_object() {
        if !name.eq_ignore_ascii_case("@odata.type") {
            body.insert(name, value);
        }
    }
    request(Method::Post, IntuneProfile::Ring.target(), Expect::Entity).with_body(body)
}

/// Changes an update ring; its body names its type, which the service wants.
#[must_use]
pub fn patch_update_ring(id: &IntuneProfileId, change: &UpdateForBusinessConfiguration) -> Request {
    let mut new = create_update_ring(change);
    new.method = Method::Patch;
    new.target = IntuneProfile::Ring.target_of(id);
    new.idempotent = true;
    new
}

/// Makes a feature update profile.
#[must_use]
pub fn create_feature_update_profile(profile: &FeatureUpdateProfile) -> Request {
    request(Method::Post, IntuneProfile::Feature.target(), Expect::Entity)
        .with_body(profile.to_object())
}

/// Makes an expedited quality update profile.
#[must_use]
pub fn create_quality_update_profile(profile: &QualityUpdateProfile) -> Request {
    request(Method::Post, IntuneProfile::Quality.target(), Expect::Entity)
        .with_body(profile.to_object())
}

/// Makes a quality update policy.
#[must_use]
pub fn create_quality_update_policy(policy: &QualityUpdatePolicy) -> Request {
    request(Method::Post, IntuneProfile::QualityPolicy.target(), Expect::Entity)
        .with_body(policy.to_object())
}

/// Makes a driver update profile.
#[must_use]
pub fn create_driver_update_profile(profile: &DriverUpdateProfile) -> Request {
    request(Method::Post, IntuneProfile::Driver.target(), Expect::Entity)
        .with_body(profile.to_object())
}

/// Changes a profile of any kind but a ring.
#[must_use]
pub fn patch_intune_profile(
    kind: IntuneProfile,
    id: &IntuneProfileId,
    change: RawObject,
) -> Request {
    request(Method::Patch, kind.target_of(id), Expect::Entity).with_body(change)
}

/// Assigns a profile to groups, and to no others: `POST …/{id}/assign`.
///
/// ```
/// use graph_wufb::models::{GroupId, IntuneProfileId};
/// use graph_wufb::requests::{IntuneProfile, assign_intune_profile};
///
/// let group = GroupId::new("3f1c6d0e-0000-4000-8000-000000000001")?;
/// let profile = IntuneProfileId::new("p1")?;
/// let request = assign_intune_profile(IntuneProfile::Driver, &profile, [&group], []);
/// assert_eq!(request.target, "/beta/deviceManagement/windowsDriverUpdateProfiles/p1/assign");
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[must_use]
pub fn assign_intune_profile<'a>(
    kind: IntuneProfile,
    id: &IntuneProfileId,
    included: impl IntoIterator<Item = &'a GroupId>,
    excluded: impl IntoIterator<Item = &'a GroupId>,
) -> Request {
    let target = |short: &str, group: &GroupId| {
        let target = RawObject::from_iter([
            ("@odata.type", Value::from(format!("#microsoft.graph.{short}"))),
            ("groupId", Value::from(group.as_str())),
        ]);
        Value::from(RawObject::from_iter([("target", target)]))
    };
    let included = included.into_iter().map(|group| target("groupAssignmentTarget", group));
    let excluded =
        excluded.into_iter().map(|group| target("exclusionGroupAssignmentTarget", group));
    let list = Value::Array(included.chain(excluded).collect());
    let body = RawObject::from_iter([("assignments", list)]);
    let (version, collection) = kind.collection();
    let target = intune_path!(version, collection, id.as_str(), "assign");
    request(Method::Post, target, Expect::Nothing).with_body(body).repeatable()
}

/// The drivers of a profile: `GET windowsDriverUpdateProfiles/{id}/driverInventories`.
#[must_use]
pub fn list_driver_inventories(profile: &IntuneProfileId, query: &Query) -> Request {
    let profile = profile.as_str();
    let target = intune_path!("beta", "windowsDriverUpdateProfiles", profile, "driverInventories");
    request(Method::Get, query.append_to(target), Expect::Page)
}

/// Approves, declines or suspends drivers of a profile:
/// `POST windowsDriverUpdateProfiles/{id}/executeAction`.
#[must_use]
pub fn execute_driver_action<'a>(
    profile: &IntuneProfileId,
    action: DriverApprovalAction,
    drivers: impl IntoIterator<Item = &'a DriverInventoryId>,
    deployment_date: Option<&str>,
) -> Request {
    let ids = drivers.into_iter().map(|driver| Value::from(driver.as_str())).collect();
    let mut body = RawObject::from_iter([
        ("actionName", Value::from(action.word())),
        ("driverIds", Value::Array(ids)),
    ]);
    if let Some(date) = deployment_date {
        body.insert("deploymentDate", date);
    }
    let profile = profile.as_str();
    let target = intune_path!("beta", "windowsDriverUpdateProfiles", profile, "executeAction");
    request(Method::Post, target, Expect::Nothing).with_body(body).repeatable()
}

/// Has the drivers of a profile looked for anew:
/// `POST windowsDriverUpdateProfiles/{id}/syncInventory`.
#[must_use]
pub fn sync_driver_inventory(profile: &IntuneProfileId) -> Request {
    let profile = profile.as_str();
    let target = intune_path!("beta", "windowsDriverUpdateProfiles", profile, "syncInventory");
    request(Method::Post, target, Expect::Nothing).repeatable()
}

/// The updates that profiles can be made of: `GET windowsUpdateCatalogItems`.
#[must_use]
pub fn list_update_catalog_items(query: &Query) -> Request {
    let target = intune_path!("beta", "windowsUpdateCatalogItems");
    request(Method::Get, query.append_to(target), Expect::Page)
}

/// How far the devices of a ring are: `GET deviceConfigurations/{id}/…/deviceUpdateStates`.
#[must_use]
pub fn list_device_update_states(ring: &IntuneProfileId) -> Request {
    let cast = "microsoft.graph.windowsUpdateForBusinessConfiguration";
    let ring = ring.as_str();
    let target = intune_path!("beta", "deviceConfigurations", ring, cast, "deviceUpdateStates");
    request(Method::Get, target, Expect::Page)
}

/// How many devices are where: `GET softwareUpdateStatusSummary`.
#[must_use]
pub fn get_software_update_status_summary() -> Request {
    request(Method::Get, intune_path!("v1.0", "softwareUpdateStatusSummary"), Expect::Entity)
}
