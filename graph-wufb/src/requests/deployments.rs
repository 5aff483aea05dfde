//! Deployments: `deployments`.

use super::path::{push_literal, target};
use super::{Expect, Method, Request};
use crate::models::{AudienceId, Deployment, DeploymentId, Open, RequestedDeploymentStateValue};

/// The deployments: `GET deployments`.
#[must_use]
pub fn list_deployments() -> Request {
    Request::new(Method::Get, target!("deployments"), Expect::Page)
}

/// The deployments for an audience: `GET deployments?$filter=audience/id eq '{id}'`.
#[must_use]
pub fn list_deployments_of_audience(id: &AudienceId) -> Request {
    let mut path = target!("deployments") + "?$filter=audience/id%20eq%20";
    push_literal(&mut path, id.as_str());
    Request::new(Method::Get, path, Expect::Page)
}

/// One deployment: `GET deployments/{id}`.
#[must_use]
pub fn get_deployment(id: &DeploymentId) -> Request {
    Request::new(Method::Get, target!("deployments", id.as_str()), Expect::Entity)
}

/// Deletes a deployment.
#[must_use]
pub fn delete_deployment(id: &DeploymentId) -> Request {
    Request::new(Method::Delete, target!("deployments", id.as_str()), Expect::Nothing)
}

/// Makes a deployment, and an audience for it: `POST deployments`.
#[must_use]
pub fn create_deployment(deployment: &Deployment) -> Request {
    Request::new(Method::Post, target!("deployments"), Expect::Entity)
        .with_body(deployment.to_object())
}

/// Changes a deployment: `PATCH deployments/{id}`. Settings are replaced one by one as wholes.
#[must_use]
pub fn patch_deployment(id: &DeploymentId, change: &Deployment) -> Request {
    Request::new(Method::Patch, target!("deployments", id.as_str()), Expect::Entity)
        .with_body(change.to_object())
}

/// Pauses a deployment, lets it go on, or ends it.
///
/// ```
/// use graph_wufb::models::{DeploymentId, RequestedDeploymentStateValue};
/// use graph_wufb::requests::request_deployment_state;
///
/// let id = DeploymentId::new("d1")?;
/// let request = request_deployment_state(&id, RequestedDeploymentStateValue::Paused);
/// let body = request.body_value().unwrap().to_json();
/// assert!(body.contains(r#""requestedValue":"paused""#));
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[must_use]
pub fn request_deployment_state(
    id: &DeploymentId,
    state: RequestedDeploymentStateValue,
) -> Request {
    let mut change = Deployment::tagged();
    let mut wanted = crate::models::DeploymentState::tagged();
    wanted.requested_value = Open::from(state).into();
    change.state = wanted.into();
    patch_deployment(id, &change)
}
