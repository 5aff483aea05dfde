//! Update policies and their approvals: `updatePolicies`.

use super::path::{target, typed};
use super::{Expect, Method, Request};
use crate::models::{
    ApprovalId, AudienceId, CatalogEntryId, ContentApproval, DeploymentAudience,
    DeploymentSettings, PolicyId, UpdatePolicy,
};

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
    Request::new(Method::Post, target!("updatePolicies"), Expect::Entity)
        .with_body(policy.to_object())
}

/// One policy: `GET updatePolicies/{id}`.
#[must_use]
pub fn get_update_policy(id: &PolicyId) -> Request {
    Request::new(Method::Get, target!("updatePolicies", id.as_str()), Expect::Entity)
}

/// The policies with their audiences: `GET updatePolicies?$expand=audience`.
#[must_use]
pub fn list_update_policies() -> Request {
    Request::new(Method::Get, target!("updatePolicies") + "?$expand=audience", Expect::Page)
}

/// Changes a policy: `PATCH updatePolicies/{id}`. What is absent stays, what is `null` is cleared,
/// and settings are replaced one by one as wholes.
#[must_use]
pub fn patch_update_policy(id: &PolicyId, change: &UpdatePolicy) -> Request {
    Request::new(Method::Patch, target!("updatePolicies", id.as_str()), Expect::Entity)
        .with_body(change.to_object())
}

/// Deletes a policy.
#[must_use]
pub fn delete_update_policy(id: &PolicyId) -> Request {
    Request::new(Method::Delete, target!("updatePolicies", id.as_str()), Expect::Nothing)
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
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges");
    Request::new(Method::Post, path, Expect::Entity).with_body(approval.to_object())
}

/// The approvals of a policy: `GET updatePolicies/{id}/complianceChanges`.
#[must_use]
pub fn list_compliance_changes(policy: &PolicyId) -> Request {
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges");
    Request::new(Method::Get, path, Expect::Page)
}

/// The same, content approvals only:
/// `GET updatePolicies/{id}/complianceChanges/…contentApproval`.
#[must_use]
pub fn list_content_approvals(policy: &PolicyId) -> Request {
    let cast = "microsoft.graph.windowsUpdates.contentApproval";
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges", cast);
    Request::new(Method::Get, path, Expect::Page)
}

/// The deployments that an approval made:
/// `GET updatePolicies/{id}/complianceChanges/{id}/…contentApproval/deployments`. They outlive it,
/// and keep its audience from being deleted.
#[must_use]
pub fn list_deployments_of_approval(policy: &PolicyId, id: &ApprovalId) -> Request {
    let cast = "microsoft.graph.windowsUpdates.contentApproval";
    let (policy, id) = (policy.as_str(), id.as_str());
    let path = target!("updatePolicies", policy, "complianceChanges", id, cast, "deployments");
    Request::new(Method::Get, path, Expect::Page)
}

/// One approval: `GET updatePolicies/{id}/complianceChanges/{id}`.
#[must_use]
pub fn get_compliance_change(policy: &PolicyId, id: &ApprovalId) -> Request {
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges", id.as_str());
    Request::new(Method::Get, path, Expect::Entity)
}

/// Takes an approval back for good: `PATCH updatePolicies/{id}/complianceChanges/{id}`. One
/// property, as the service takes no more in one request.
#[must_use]
pub fn revoke_content_approval(policy: &PolicyId, id: &ApprovalId) -> Request {
    let mut change = ContentApproval::tagged();
    change.is_revoked = true.into();
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges", id.as_str());
    Request::new(Method::Patch, path, Expect::Nothing).with_body(change.to_object())
}

/// Makes a policy as given: with rules that approve by themselves, for example.
#[must_use]
pub fn create_update_policy_of(policy: &UpdatePolicy) -> Request {
    Request::new(Method::Post, target!("updatePolicies"), Expect::Entity)
        .with_body(policy.to_object())
}

/// Approves content as given. Its body names its type.
#[must_use]
pub fn create_compliance_change(policy: &PolicyId, approval: &ContentApproval) -> Request {
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges");
    Request::new(Method::Post, path, Expect::Entity)
        .with_body(typed(approval.to_object(), ContentApproval::TYPE))
}

/// Changes an approval: `PATCH updatePolicies/{id}/complianceChanges/{id}`. Its body names its type,
/// which is no property; of those the service takes one in one request ([`lint`](super::lint()) says
/// so).
///
/// ```
/// use graph_wufb::models::{ApprovalId, ContentApproval, PolicyId};
/// use graph_wufb::requests::{Patch, patch_compliance_change};
///
/// let change = Patch::<ContentApproval>::new().set(|approval| &mut approval.is_revoked, true);
/// let (policy, approval) = (PolicyId::new("p")?, ApprovalId::new("a")?);
/// let request = patch_compliance_change(&policy, &approval, change.as_model());
/// assert_eq!(
///     request.body_value().unwrap().to_json(),
///     r##"{"@odata.type":"#microsoft.graph.windowsUpdates.contentApproval","isRevoked":true}"##
/// );
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[must_use]
pub fn patch_compliance_change(
    policy: &PolicyId,
    id: &ApprovalId,
    change: &ContentApproval,
) -> Request {
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges", id.as_str());
    Request::new(Method::Patch, path, Expect::Nothing)
        .with_body(typed(change.to_object(), ContentApproval::TYPE))
}

/// Deletes an approval. The deployment that it made stays (*Observed* by others, 2026): delete that
/// too, or its audience cannot be deleted.
#[must_use]
pub fn delete_compliance_change(policy: &PolicyId, id: &ApprovalId) -> Request {
    let path = target!("updatePolicies", policy.as_str(), "complianceChanges", id.as_str());
    Request::new(Method::Delete, path, Expect::Nothing)
}
