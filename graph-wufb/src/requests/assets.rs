//! Devices and groups: `updatableAssets`.

use super::path::{devices, target};
use super::{Expect, Method, Request};
use crate::json::{RawObject, Value};
use crate::models::{DeviceId, UpdateCategory, Vocabulary};

fn enrollment<'a>(
    action: &str,
    category: UpdateCategory,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    let body = RawObject::from_iter([
        ("updateCategory", Value::from(category.word())),
        ("assets", devices(ids)),
    ]);
    Request::new(Method::Post, target!("updatableAssets", action), Expect::Nothing)
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
    Request::new(Method::Get, target!("updatableAssets", id.as_str()), Expect::Entity)
}

/// The devices that the service knows: `GET updatableAssets`, without groups.
#[must_use]
pub fn list_updatable_assets() -> Request {
    let filter = "?$filter=isof(%27microsoft.graph.windowsUpdates.azureADDevice%27)";
    Request::new(Method::Get, target!("updatableAssets") + filter, Expect::Page)
}

/// The devices that the service knows, by the path with the cast:
/// `GET updatableAssets/…azureADDevice`.
#[must_use]
pub fn list_azure_ad_devices() -> Request {
    let path = target!("updatableAssets", "microsoft.graph.windowsUpdates.azureADDevice");
    Request::new(Method::Get, path, Expect::Page)
}

/// The groups that the service knows: `GET updatableAssets/…updatableAssetGroup`.
#[must_use]
pub fn list_updatable_asset_groups() -> Request {
    let path = target!("updatableAssets", "microsoft.graph.windowsUpdates.updatableAssetGroup");
    Request::new(Method::Get, path, Expect::Page)
}

/// Makes a group of assets: `POST updatableAssets`.
#[must_use]
pub fn create_updatable_asset_group() -> Request {
    let body = RawObject::from_iter([(
        "@odata.type",
        "#microsoft.graph.windowsUpdates.updatableAssetGroup",
    )]);
    Request::new(Method::Post, target!("updatableAssets"), Expect::Entity).with_body(body)
}

/// Deletes a group, or takes a device out of everything: `DELETE updatableAssets/{id}`. A device is
/// then unenrolled from all categories and leaves all audiences and groups.
#[must_use]
pub fn delete_updatable_asset(id: &DeviceId) -> Request {
    Request::new(Method::Delete, target!("updatableAssets", id.as_str()), Expect::Nothing)
}

/// The members of a group. Only the path with the cast works: `$expand=members` is answered with
/// 400 and a cast item path with 405 (*Observed* by others, 2026).
#[must_use]
pub fn list_group_members(id: &DeviceId) -> Request {
    let cast = "microsoft.graph.windowsUpdates.updatableAssetGroup";
    let path = target!("updatableAssets", id.as_str(), cast, "members");
    Request::new(Method::Get, path, Expect::Page)
}

/// Adds devices to a group: `POST updatableAssets/{id}/addMembers`.
pub fn add_group_members<'a>(
    group: &DeviceId,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    members(group, "addMembers", ids)
}

/// Removes devices from a group: `POST updatableAssets/{id}/removeMembers`.
pub fn remove_group_members<'a>(
    group: &DeviceId,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    members(group, "removeMembers", ids)
}

fn members<'a>(
    group: &DeviceId,
    action: &str,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    let body = RawObject::from_iter([("assets", devices(ids))]);
    Request::new(Method::Post, target!("updatableAssets", group.as_str(), action), Expect::Nothing)
        .with_body(body)
        .repeatable()
}

/// Which kind of assets IDs are of, in the actions that take IDs only.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AssetKind {
    /// Devices of Microsoft Entra.
    Device,
    /// Groups of assets.
    Group,
}

impl AssetKind {
    /// The type's full name in the schema.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Device => "#microsoft.graph.windowsUpdates.azureADDevice",
            Self::Group => "#microsoft.graph.windowsUpdates.updatableAssetGroup",
        }
    }
}

fn by_id<'a>(ids: impl IntoIterator<Item = &'a DeviceId>, kind: AssetKind) -> RawObject {
    let ids = ids.into_iter().map(|id| Value::from(id.as_str())).collect();
    RawObject::from_iter([
        ("memberEntityType", Value::from(kind.type_name())),
        ("ids", Value::Array(ids)),
    ])
}

/// Enrols devices by their IDs: `POST updatableAssets/enrollAssetsById`.
pub fn enroll_assets_by_id<'a>(
    category: UpdateCategory,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    enrollment_by_id("enrollAssetsById", category, ids)
}

/// Takes devices back by their IDs: `POST updatableAssets/unenrollAssetsById`.
pub fn unenroll_assets_by_id<'a>(
    category: UpdateCategory,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    enrollment_by_id("unenrollAssetsById", category, ids)
}

fn enrollment_by_id<'a>(
    action: &str,
    category: UpdateCategory,
    ids: impl IntoIterator<Item = &'a DeviceId>,
) -> Request {
    let mut body = RawObject::from_iter([("updateCategory", Value::from(category.word()))]);
    for (name, value) in by_id(ids, AssetKind::Device) {
        body.insert(name, value);
    }
    Request::new(Method::Post, target!("updatableAssets", action), Expect::Nothing)
        .with_body(body)
        .repeatable()
}

/// Adds assets to a group by their IDs: `POST updatableAssets/{id}/addMembersById`.
pub fn add_group_members_by_id<'a>(
    group: &DeviceId,
    ids: impl IntoIterator<Item = &'a DeviceId>,
    kind: AssetKind,
) -> Request {
    let path = target!("updatableAssets", group.as_str(), "addMembersById");
    Request::new(Method::Post, path, Expect::Nothing).with_body(by_id(ids, kind)).repeatable()
}

/// Removes assets from a group by their IDs: `POST updatableAssets/{id}/removeMembersById`.
pub fn remove_group_members_by_id<'a>(
    group: &DeviceId,
    ids: impl IntoIterator<Item = &'a DeviceId>,
    kind: AssetKind,
) -> Request {
    let path = target!("updatableAssets", group.as_str(), "removeMembersById");
    Request::new(Method::Post, path, Expect::Nothing).with_body(by_id(ids, kind)).repeatable()
}
