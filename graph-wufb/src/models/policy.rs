//! Deployment audiences and update policies.

use super::approval::ComplianceChange;
use super::asset::UpdatableAsset;
use super::content::ApplicableContent;
use super::ids::{AudienceId, PolicyId};
use super::object::model;
use super::open::{Open, UpdateCategory};
use super::rule::ComplianceChangeRule;
use super::settings::DeploymentSettings;
use super::time::GraphDateTime;

model! {
    /// The devices that content is offered to (CSDL `deploymentAudience`).
    pub struct DeploymentAudience = "deploymentAudience" {
        /// The ID.
        id: AudienceId = "id",
        /// What applies to the members, if expanded.
        applicable_content: Vec<ApplicableContent> = "applicableContent",
        /// The members, if expanded.
        members: Vec<UpdatableAsset> = "members",
        /// Who gets nothing although a member, if expanded.
        exclusions: Vec<UpdatableAsset> = "exclusions",
    }
}

impl DeploymentAudience {
    /// A binding to an existing audience, as the seed sends it: the bare ID in `@odata.id`.
    #[must_use]
    pub fn binding(id: &AudienceId) -> Self {
        let mut audience = Self::default();
        audience.extra.insert("@odata.id", id.as_str());
        audience
    }

    /// The ID of the audience meant: `id`, or the last segment of `@odata.id`.
    #[must_use]
    pub fn target(&self) -> Option<AudienceId> {
        self.id.get().cloned().or_else(|| {
            let path = self.extra.get("@odata.id")?.as_str()?;
            let last = path.rsplit('/').next()?;
            // `deploymentAudiences('id')` is the other form of a key (OData URL conventions 4.3.1).
            let last = last.rsplit_once("('").map_or(last, |(_, key)| key.trim_end_matches("')"));
            AudienceId::new(last).ok()
        })
    }
}

model! {
    /// How content is deployed to an audience (CSDL `updatePolicy`).
    pub struct UpdatePolicy = "updatePolicy" {
        /// The ID.
        id: PolicyId = "id",
        /// For which updates the devices of its audience are enrolled by themselves. In no schema;
        /// answers of 2023 and 2026-07 have it (documentation; *Observed*). Of answers only: no
        /// request was seen with it, and [`lint`](crate::requests::lint()) tells where a PATCH has
        /// it.
        auto_enrollment_update_categories: Vec<Open<UpdateCategory>>
            = "autoEnrollmentUpdateCategories",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// The audience: a binding in requests, an object in answers where expanded.
        audience: DeploymentAudience = "audience",
        /// Rules that make approvals by themselves.
        compliance_change_rules: Vec<ComplianceChangeRule> = "complianceChangeRules",
        /// The approvals, if expanded.
        compliance_changes: Vec<ComplianceChange> = "complianceChanges",
        /// How and when content is offered.
        deployment_settings: DeploymentSettings = "deploymentSettings",
    }
}
