//! Audiences: `deploymentAudiences`.

use super::assets::AssetKind;
use super::path::{devices, target};
use super::{Expect, Method, Request};
use crate::json::{RawObject, Value};
use crate::models::{AudienceId, CatalogEntryId, DeploymentId, DeviceId};

/// Makes an empty audience: `POST deploymentAudiences`.
#[must_use]
pub fn create_deployment_audience() -> Request {
    Request::new(Method::Post, target!("deploymentAudiences"), Expect::Entity)
        .with_body(RawObject::new())
}

/// The audiences: `GET deploymentAudiences`.
#[must_use]
pub fn list_deployment_audiences() -> Request {
    Request::new(Method::Get, target!("deploymentAudiences"), Expect::Page)
}

/// One audience: `GET deploymentAudiences/{id}`.
#[must_use]
pub fn get_deployment_audience(id: &AudienceId) -> Request {
    Request::new(Method::Get, target!("deploymentAudiences", id.as_str()), Expect::Entity)
}

/// The members of an audience: `GET deploymentAudiences/{id}/members`.
#[must_use]
pub fn list_audience_members(id: &AudienceId) -> Request {
    let path = target!("deploymentAudiences", id.as_str(), "members");
    Request::new(Method::Get, path, Expect::Page)
}

/// The exclusions of an audience: `GET deploymentAudiences/{id}/exclusions`.
#[must_use]
pub fn list_audience_exclusions(id: &AudienceId) -> Request {
    let path = target!("deploymentAudiences", id.as_str(), "exclusions");
    Request::new(Method::Get, path, Expect::Page)
}

/// Deletes an audience. Refused while there is a deployment for it.
#[must_use]
pub fn delete_deployment_audience(id: &AudienceId) -> Request {
    Request::new(Method::Delete, target!("deploymentAudiences", id.as_str()), Expect::Nothing)
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

    /// The lists that are not empty, by the names of the action's parameters.
    fn lists(&self) -> impl Iterator<Item = (&'static str, &[DeviceId])> {
        [
            ("addMembers", self.add_members.as_slice()),
            ("removeMembers", self.remove_members.as_slice()),
            ("addExclusions", self.add_exclusions.as_slice()),
            ("removeExclusions", self.remove_exclusions.as_slice()),
        ]
        .into_iter()
        .filter(|(_, ids)| !ids.is_empty())
    }
}

/// Changes an audience: `POST deploymentAudiences/{id}/updateAudience`. Takes effect some time
/// after the answer. The same change twice does no more than once.
#[must_use]
pub fn update_audience(id: &AudienceId, update: &AudienceUpdate) -> Request {
    let body = update.lists().map(|(name, ids)| (name, devices(ids))).collect();
    let path = target!("deploymentAudiences", id.as_str(), "updateAudience");
    Request::new(Method::Post, path, Expect::Nothing).with_body(body).repeatable()
}

/// The same for the audience of a deployment, by IDs:
/// `POST deployments/{id}/audience/updateAudienceById`.
#[must_use]
pub fn update_deployment_audience_by_id(
    id: &DeploymentId,
    update: &AudienceUpdate,
    kind: AssetKind,
) -> Request {
    let path = target!("deployments", id.as_str(), "audience", "updateAudienceById");
    by_id(path, update, kind)
}

/// Changes an audience by IDs: `POST deploymentAudiences/{id}/updateAudienceById`.
#[must_use]
pub fn update_audience_by_id(id: &AudienceId, update: &AudienceUpdate, kind: AssetKind) -> Request {
    by_id(target!("deploymentAudiences", id.as_str(), "updateAudienceById"), update, kind)
}

fn by_id(path: String, update: &AudienceUpdate, kind: AssetKind) -> Request {
    let ids = |ids: &[DeviceId]| -> Value {
        Value::Array(ids.iter().map(|id| Value::from(id.as_str())).collect())
    };
    let mut body = RawObject::from_iter([("memberEntityType", kind.type_name())]);
    for (name, list) in update.lists() {
        body.insert(name, ids(list));
    }
    Request::new(Method::Post, path, Expect::Nothing).with_body(body).repeatable()
}

/// What applies to the members of an audience: `GET deploymentAudiences/{id}/applicableContent`.
/// Today's service shows neither the updates nor the devices unless it is asked to expand
/// `catalogEntry` and `matchedDevices`, and of the devices often only where they are: see
/// [`list_matched_devices`] (Graph, "Deploy a driver update", step 5).
/// *Decision*: the permissions reference does not list this path; it gives the read permission for
/// the audience and for a policy's applicable content, so that is named here too.
#[must_use]
pub fn list_applicable_content(id: &AudienceId) -> Request {
    let path = target!("deploymentAudiences", id.as_str(), "applicableContent");
    Request::new(Method::Get, path, Expect::Page)
}

/// The devices that an update of an audience's applicable content applies to:
/// `GET deploymentAudiences/{id}/applicableContent/{entry}/matchedDevices`. *Decision*: of the
/// permission as with [`list_applicable_content`].
#[must_use]
pub fn list_matched_devices(id: &AudienceId, entry: &CatalogEntryId) -> Request {
    let path = target!(
        "deploymentAudiences",
        id.as_str(),
        "applicableContent",
        entry.as_str(),
        "matchedDevices"
    );
    Request::new(Method::Get, path, Expect::Page)
}
