//! Windows Autopatch: `policies`, their rings and approvals.

use super::path::{target, typed};
use super::{Expect, Method, Request};
use crate::models::{
    CatalogEntryId, PolicyApproval, PolicyApprovalId, PolicyId, QualityUpdatePolicy,
    QualityUpdateRing, RingId,
};

/// The policies: `GET policies`.
#[must_use]
pub fn list_policies() -> Request {
    Request::new(Method::Get, target!("policies"), Expect::Page)
}

/// One policy: `GET policies/{id}`.
#[must_use]
pub fn get_policy(id: &PolicyId) -> Request {
    Request::new(Method::Get, target!("policies", id.as_str()), Expect::Entity)
}

/// Makes a policy: `POST policies`. Its body names its type.
#[must_use]
pub fn create_policy(policy: &QualityUpdatePolicy) -> Request {
    Request::new(Method::Post, target!("policies"), Expect::Entity)
        .with_body(typed(policy.to_object(), QualityUpdatePolicy::TYPE))
}

/// Changes a policy: `PATCH policies/{id}`. Its body names its type.
#[must_use]
pub fn patch_policy(id: &PolicyId, change: &QualityUpdatePolicy) -> Request {
    Request::new(Method::Patch, target!("policies", id.as_str()), Expect::Entity)
        .with_body(typed(change.to_object(), QualityUpdatePolicy::TYPE))
}

/// Deletes a policy.
#[must_use]
pub fn delete_policy(id: &PolicyId) -> Request {
    Request::new(Method::Delete, target!("policies", id.as_str()), Expect::Nothing)
}

/// What applies to the devices of a policy: `GET policies/{id}/applicableContent`.
#[must_use]
pub fn list_policy_applicable_content(id: &PolicyId) -> Request {
    let path = target!("policies", id.as_str(), "applicableContent");
    Request::new(Method::Get, path, Expect::Page)
}

/// The devices that an update of a policy's applicable content applies to:
/// `GET policies/{id}/applicableContent/{entry}/matchedDevices`.
#[must_use]
pub fn list_policy_matched_devices(id: &PolicyId, entry: &CatalogEntryId) -> Request {
    let path =
        target!("policies", id.as_str(), "applicableContent", entry.as_str(), "matchedDevices");
    Request::new(Method::Get, path, Expect::Page)
}

/// What was approved or held back: `GET policies/{id}/approvals`.
#[must_use]
pub fn list_policy_approvals(id: &PolicyId) -> Request {
    Request::new(Method::Get, target!("policies", id.as_str(), "approvals"), Expect::Page)
}

/// One approval: `GET policies/{id}/approvals/{id}`.
#[must_use]
pub fn get_policy_approval(policy: &PolicyId, id: &PolicyApprovalId) -> Request {
    let path = target!("policies", policy.as_str(), "approvals", id.as_str());
    Request::new(Method::Get, path, Expect::Entity)
}

/// Approves content or holds it back: `POST policies/{id}/approvals`.
#[must_use]
pub fn create_policy_approval(policy: &PolicyId, approval: &PolicyApproval) -> Request {
    Request::new(Method::Post, target!("policies", policy.as_str(), "approvals"), Expect::Entity)
        .with_body(approval.to_object())
}

/// Changes an approval: `PATCH policies/{id}/approvals/{id}`. Only its status can be changed
/// (*Observed* by others, 2026).
#[must_use]
pub fn patch_policy_approval(
    policy: &PolicyId,
    id: &PolicyApprovalId,
    change: &PolicyApproval,
) -> Request {
    let path = target!("policies", policy.as_str(), "approvals", id.as_str());
    Request::new(Method::Patch, path, Expect::Entity).with_body(change.to_object())
}

/// Asks for the deletion of an approval, which the permissions list and the service refuses with
/// 400 (*Observed* by others, 2026): suspend it instead.
#[must_use]
pub fn delete_policy_approval(policy: &PolicyId, id: &PolicyApprovalId) -> Request {
    let path = target!("policies", policy.as_str(), "approvals", id.as_str());
    Request::new(Method::Delete, path, Expect::Nothing)
}

/// The rings of a policy: `GET policies/{id}/rings`.
#[must_use]
pub fn list_rings(policy: &PolicyId) -> Request {
    Request::new(Method::Get, target!("policies", policy.as_str(), "rings"), Expect::Page)
}

/// One ring: `GET policies/{id}/rings/{id}`.
#[must_use]
pub fn get_ring(policy: &PolicyId, id: &RingId) -> Request {
    let path = target!("policies", policy.as_str(), "rings", id.as_str());
    Request::new(Method::Get, path, Expect::Entity)
}

/// Makes a ring: `POST policies/{id}/rings`. Its body names its type.
#[must_use]
pub fn create_ring(policy: &PolicyId, ring: &QualityUpdateRing) -> Request {
    Request::new(Method::Post, target!("policies", policy.as_str(), "rings"), Expect::Entity)
        .with_body(typed(ring.to_object(), QualityUpdateRing::TYPE))
}

/// Changes a ring: `PATCH policies/{id}/rings/{id}`. Its body names its type.
#[must_use]
pub fn patch_ring(policy: &PolicyId, id: &RingId, change: &QualityUpdateRing) -> Request {
    let path = target!("policies", policy.as_str(), "rings", id.as_str());
    Request::new(Method::Patch, path, Expect::Entity)
        .with_body(typed(change.to_object(), QualityUpdateRing::TYPE))
}

/// Deletes a ring.
#[must_use]
pub fn delete_ring(policy: &PolicyId, id: &RingId) -> Request {
    let path = target!("policies", policy.as_str(), "rings", id.as_str());
    Request::new(Method::Delete, path, Expect::Nothing)
}
