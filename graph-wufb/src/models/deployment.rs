//! Deployments.

use super::content::DeployableContent;
use super::ids::DeploymentId;
use super::object::model;
use super::open::{
    DeploymentStateReasonValue, DeploymentStateValue, Open, RequestedDeploymentStateValue,
};
use super::policy::DeploymentAudience;
use super::settings::DeploymentSettings;
use super::time::GraphDateTime;

model! {
    /// Content on its way to an audience (CSDL `deployment`). An approval makes one by itself.
    pub struct Deployment = "deployment" {
        /// The ID.
        id: DeploymentId = "id",
        /// What it does, and what it was asked to.
        state: DeploymentState = "state",
        /// What is deployed.
        content: DeployableContent = "content",
        /// How and when.
        settings: DeploymentSettings = "settings",
        /// To whom, if expanded.
        audience: DeploymentAudience = "audience",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
    }
}

model! {
    /// What a deployment does, and what it was asked to (CSDL `deploymentState`).
    pub struct DeploymentState = "deploymentState" {
        /// What it does: the service's.
        effective_value: Open<DeploymentStateValue> = "effectiveValue",
        /// What it was asked to: yours.
        requested_value: Open<RequestedDeploymentStateValue> = "requestedValue",
        /// Why.
        reasons: Vec<DeploymentStateReason> = "reasons",
    }
}

impl DeploymentState {
    /// What the deployment does, in `effectiveValue` or, as in 2021, in `value`.
    #[must_use]
    pub fn effective(&self) -> Option<DeploymentStateValue> {
        match self.effective_value.get() {
            Some(value) => value.known(),
            None => Open::from(self.extra.get("value")?.as_str()?).known(),
        }
    }
}

model! {
    /// Why a deployment does what it does (CSDL `deploymentStateReason`).
    pub struct DeploymentStateReason = "deploymentStateReason" {
        /// The reason.
        value: Open<DeploymentStateReasonValue> = "value",
    }
}
