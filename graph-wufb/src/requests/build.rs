//! The requests of the driver flow and of deployments. Bodies are those of seed 003.

use std::fmt::Write as _;

use super::{Expect, Method, ROOT, Request};
use crate::json::{RawObject, Value};
use crate::models::{
    ApprovalId, AudienceId, AzureAdDevice, CatalogEntryId, ContentApproval, DeploymentAudience,
    DeploymentId, DeploymentSettings, DeviceId, IsoDuration, PolicyId, UpdateCategory,
    UpdatePolicy, Vocabulary, Wire,
};

/// `ROOT` and segments; what is a value there is percent-encoded (RFC 3986 section 3.3).
macro_rules! path {
    ($($segment:expr),+) => {{
        let mut path = ROOT.to_owned();
        $( path.push('/'); push_segment(&mut path, $segment); )+
        path
    }};
}

fn push_segment(path: &mut String, segment: &str) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

fn devices<'a>(ids: impl IntoIterator<Item = &'a DeviceId>) -> Value {
    Value::Array(ids.into_iter().map(|id| AzureAdDevice::reference(id).write()).collect())
}

fn enrollment<'a>(
    action: &str,
    category: UpdateCategory,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    let body = RawObject::from_iter([
        ("updateCategory", Value::from(category.word())),
        ("assets", devices(ids)),
    ]);
    Request::new(Method::Post, path!("updatableAssets", action), Expect::Nothing)
        .with_body(body)
        .repeatable()
}

/// Enrols devices for a category: `POST updatableAssets/enrollAssets`. Takes effect some seconds
/// after the answer. Enrolling twice does no more than once.
pub fn enroll_assets<'a>(
    category: UpdateCategory,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    enrollment("enrollAssets", category, ids)
}

/// Takes devices back from a category: `POST updatableAssets/unenrollAssets`.
pub fn unenroll_assets<'a>(
    category: UpdateCategory,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    enrollment("unenrollAssets", category, ids)
}

/// One device or group: `GET updatableAssets/{id}`. 404 until the service knows it.
#[must_use]
pub fn get_updatable_asset(id: &DeviceId) -> Request {
    Request::new(Method::Get, path!("updatableAssets", id.as_str()), Expect::Entity)
}

/// The devices that the service knows: `GET updatableAssets`, without groups.
#[must_use]
pub fn list_updatable_assets() -> Request {
    let filter = "?$filter=isof(%27microsoft.graph.windowsUpdates.azureADDevice%27)";
    Request::new(Method::Get, path!("updatableAssets") + filter, Expect::Page)
}

/// Makes an empty audience: `POST deploymentAudiences`.
#[must_use]
pub fn create_deployment_audience() -> Request {
    Request::new(Method::Post, path!("deploymentAudiences"), Expect::Entity)
        .with_body(RawObject::new())
}

/// The audiences: `GET deploymentAudiences`.
#[must_use]
pub fn list_deployment_audiences() -> Request {
    Request::new(Method::Get, path!("deploymentAudiences"), Expect::Page)
}

/// One audience: `GET deploymentAudiences/{id}`.
#[must_use]
pub fn get_deployment_audience(id: &AudienceId) -> Request {
    Request::new(Method::Get, path!("deploymentAudiences", id.as_str()), Expect::Entity)
}

/// The members of an audience: `GET deploymentAudiences/{id}/members`.
#[must_use]
pub fn list_audience_members(id: &AudienceId) -> Request {
    let path = path!("deploymentAudiences", id.as_str(), "members");
    Request::new(Method::Get, path, Expect::Page)
}

/// Deletes an audience. Refused while there is a deployment for it.
#[must_use]
pub fn delete_deployment_audience(id: &AudienceId) -> Request {
    Request::new(Method::Delete, path!("deploymentAudiences", id.as_str()), Expect::Nothing)
}

/// Who comes to an audience and who goes. An exclusion wins over a membership.
///
/// ```
/// use graph_wufb::models::{AudienceId, DeviceId};
/// use graph_wufb::requests::{AudienceUpdate, update_audience};
///
/// let (audience, device) = (AudienceId::new("a1")?, DeviceId::new("d1")?);
/// let update = AudienceUpdate::new().add_members([&device]);
/// let request = update_audience(&audience, &update);
/// assert!(request.target.ends_with("/deploymentAudiences/a1/updateAudience"));
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AudienceUpdate {
    add_members: Vec<DeviceId>,
    remove_members: Vec<DeviceId>,
    add_exclusions: Vec<DeviceId>,
    remove_exclusions: Vec<DeviceId>,
}

impl AudienceUpdate {
    /// No change.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds members.
    #[must_use]
    pub fn add_members<'a>(mut self, ids: impl IntoIterator<Item = &'a DeviceId>) -> Self {
        self.add_members.extend(ids.into_iter().cloned());
        self
    }

    /// Removes members.
    #[must_use]
    pub fn remove_members<'a>(mut self, ids: impl IntoIterator<Item = &'a DeviceId>) -> Self {
        self.remove_members.extend(ids.into_iter().cloned());
        self
    }

    /// Adds exclusions.
    #[must_use]
    pub fn add_exclusions<'a>(mut self, ids: impl IntoIterator<Item = &'a DeviceId>) -> Self {
        self.add_exclusions.extend(ids.into_iter().cloned());
        self
    }

    /// Removes exclusions.
    #[must_use]
    pub fn remove_exclusions<'a>(mut self, ids: impl IntoIterator<Item = &'a DeviceId>) -> Self {
        self.remove_exclusions.extend(ids.into_iter().cloned());
        self
    }
}

/// Changes an audience: `POST deploymentAudiences/{id}/updateAudience`. Takes effect some time
/// after the answer. The same change twice does no more than once.
#[must_use]
pub fn update_audience(id: &AudienceId, update: &AudienceUpdate) -> Request {
    let lists = [
        ("addMembers", &update.add_members),
        ("removeMembers", &update.remove_members),
        ("addExclusions", &update.add_exclusions),
        ("removeExclusions", &update.remove_exclusions),
    ];
    let body = lists
        .into_iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(name, ids)| (name, devices(ids)))
        .collect();
    let path = path!("deploymentAudiences", id.as_str(), "updateAudience");
    Request::new(Method::Post, path, Expect::Nothing).with_body(body).repeatable()
}

/// What applies to the members of an audience: `GET deploymentAudiences/{id}/applicableContent`.
/// *Decision*: the permissions reference does not list this path; it gives the read permission for
/// the audience and for a policy's applicable content, so that is named here too.
#[must_use]
pub fn list_applicable_content(id: &AudienceId) -> Request {
    let path = path!("deploymentAudiences", id.as_str(), "applicableContent");
    Request::new(Method::Get, path, Expect::Page)
}

/// Makes a policy for an audience: `POST updatePolicies`.
#[must_use]
pub fn create_update_policy(
    audience: &AudienceId,
    settings: Option<&DeploymentSettings>,
) -> Request {
    let policy = UpdatePolicy {
        audience: DeploymentAudience::binding(audience).into(),
        deployment_settings: settings.cloned().map_or_else(Default::default, Into::into),
        ..UpdatePolicy::default()
    };
    Request::new(Method::Post, path!("updatePolicies"), Expect::Entity)
        .with_body(policy.to_object())
}

/// One policy: `GET updatePolicies/{id}`.
#[must_use]
pub fn get_update_policy(id: &PolicyId) -> Request {
    Request::new(Method::Get, path!("updatePolicies", id.as_str()), Expect::Entity)
}

/// The policies with their audiences: `GET updatePolicies?$expand=audience`.
#[must_use]
pub fn list_update_policies() -> Request {
    Request::new(Method::Get, path!("updatePolicies") + "?$expand=audience", Expect::Page)
}

/// Changes a policy: `PATCH updatePolicies/{id}`. What is absent stays, what is `null` is cleared,
/// and settings are replaced one by one as wholes.
#[must_use]
pub fn patch_update_policy(id: &PolicyId, change: &UpdatePolicy) -> Request {
    Request::new(Method::Patch, path!("updatePolicies", id.as_str()), Expect::Entity)
        .with_body(change.to_object())
}

/// Deletes a policy.
#[must_use]
pub fn delete_update_policy(id: &PolicyId) -> Request {
    Request::new(Method::Delete, path!("updatePolicies", id.as_str()), Expect::Nothing)
}

/// Approves a driver: `POST updatePolicies/{id}/complianceChanges`. A second approval of the same
/// driver makes a second deployment.
#[must_use]
pub fn create_content_approval(
    policy: &PolicyId,
    entry: &CatalogEntryId,
    settings: Option<&DeploymentSettings>,
) -> Request {
    let approval = ContentApproval::of_driver(entry, settings.cloned());
    let path = path!("updatePolicies", policy.as_str(), "complianceChanges");
    Request::new(Method::Post, path, Expect::Entity).with_body(approval.to_object())
}

/// The approvals of a policy: `GET updatePolicies/{id}/complianceChanges`.
#[must_use]
pub fn list_compliance_changes(policy: &PolicyId) -> Request {
    let path = path!("updatePolicies", policy.as_str(), "complianceChanges");
    Request::new(Method::Get, path, Expect::Page)
}

/// One approval: `GET updatePolicies/{id}/complianceChanges/{id}`.
#[must_use]
pub fn get_compliance_change(policy: &PolicyId, id: &ApprovalId) -> Request {
    let path = path!("updatePolicies", policy.as_str(), "complianceChanges", id.as_str());
    Request::new(Method::Get, path, Expect::Entity)
}

/// Takes an approval back for good: `PATCH updatePolicies/{id}/complianceChanges/{id}`. One
/// property, as the service takes no more in one request.
#[must_use]
pub fn revoke_content_approval(policy: &PolicyId, id: &ApprovalId) -> Request {
    let mut change = ContentApproval::tagged();
    change.is_revoked = true.into();
    let path = path!("updatePolicies", policy.as_str(), "complianceChanges", id.as_str());
    Request::new(Method::Patch, path, Expect::Nothing).with_body(change.to_object())
}

/// The deployments: `GET deployments`.
#[must_use]
pub fn list_deployments() -> Request {
    Request::new(Method::Get, path!("deployments"), Expect::Page)
}

/// The deployments for an audience: `GET deployments?$filter=audience/id eq '{id}'`.
#[must_use]
pub fn list_deployments_of_audience(id: &AudienceId) -> Request {
    let mut path = path!("deployments") + "?$filter=audience/id%20eq%20%27";
    // A quote in a string literal is doubled (OData URL conventions 5.1.1.14.1).
    push_segment(&mut path, &id.as_str().replace('\'', "''"));
    Request::new(Method::Get, path + "%27", Expect::Page)
}

/// One deployment: `GET deployments/{id}`.
#[must_use]
pub fn get_deployment(id: &DeploymentId) -> Request {
    Request::new(Method::Get, path!("deployments", id.as_str()), Expect::Entity)
}

/// Deletes a deployment.
#[must_use]
pub fn delete_deployment(id: &DeploymentId) -> Request {
    Request::new(Method::Delete, path!("deployments", id.as_str()), Expect::Nothing)
}

/// Rewrites the schema's three duration members, wherever they are.
pub(super) fn weeks_to_days(body: &mut RawObject) {
    const DURATIONS: [&str; 3] =
        ["durationBetweenOffers", "durationUntilDeploymentEnd", "durationBeforeDeploymentStart"];
    let mut open: Vec<&mut Value> = Vec::new();
    let visit = |name: &str, value: &mut Value| {
        if let Value::String(text) = value
            && DURATIONS.iter().any(|known| known.eq_ignore_ascii_case(name))
            && let Ok(duration) = text.parse::<IsoDuration>()
        {
            *text = duration.as_str().to_owned();
        }
    };
    for (name, value) in body.values_mut() {
        visit(name, value);
        open.push(value);
    }
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(object) => {
                for (name, value) in object.values_mut() {
                    visit(name, value);
                    open.push(value);
                }
            }
            _ => {}
        }
    }
}
