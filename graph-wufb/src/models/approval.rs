//! Approvals: the compliance changes of an update policy.

use super::content::{CatalogContent, CatalogEntry, DeployableContent, DriverUpdateCatalogEntry};
use super::deployment::Deployment;
use super::ids::{ApprovalId, CatalogEntryId};
use super::object::{model, polymorphic};
use super::policy::UpdatePolicy;
use super::settings::DeploymentSettings;
use super::time::GraphDateTime;

polymorphic! {
    /// A change that a policy enforces (CSDL `complianceChange`).
    pub enum ComplianceChange = "complianceChange" ("a compliance change") {
        /// The approval of content; also where the abstract type's name is sent, as the
        /// documentation does.
        Approval(ContentApproval) = "contentApproval" | "complianceChange",
    }
}

model! {
    /// The approval of content (CSDL `contentApproval`).
    pub struct ContentApproval = "contentApproval" {
        /// The ID.
        id: ApprovalId = "id",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// Whether it was taken back, which is final.
        is_revoked: bool = "isRevoked",
        /// When it was taken back; a date in the year 1 if it was not.
        revoked_date_time: GraphDateTime = "revokedDateTime",
        /// What is approved.
        content: DeployableContent = "content",
        /// How and when it is offered.
        deployment_settings: DeploymentSettings = "deploymentSettings",
        /// The deployments that came of it, if expanded.
        deployments: Vec<Deployment> = "deployments",
        /// The policy that it belongs to, if expanded.
        update_policy: Box<UpdatePolicy> = "updatePolicy",
    }
}

impl ContentApproval {
    /// The approval of a driver, to be sent (seed 003, "Create driver approval").
    #[must_use]
    pub fn of_driver(entry: &CatalogEntryId, settings: Option<DeploymentSettings>) -> Self {
        let mut driver = DriverUpdateCatalogEntry::tagged();
        driver.id = entry.clone().into();
        let mut content = CatalogContent::tagged();
        content.catalog_entry = CatalogEntry::Driver(driver).into();
        let mut approval = Self::tagged();
        approval.content = DeployableContent::Catalog(content).into();
        if let Some(settings) = settings {
            approval.deployment_settings = settings.into();
        }
        approval
    }

    /// The ID of the approved update. The seed's answer lost the line that opens `catalogEntry`,
    /// which leaves the update's members in `content` itself; they are found there too.
    #[must_use]
    pub fn catalog_entry_id(&self) -> Option<CatalogEntryId> {
        let content = self.content.get()?;
        content.catalog_entry_id().or_else(|| match content {
            DeployableContent::Catalog(content) => {
                CatalogEntryId::new(content.extra.get("id")?.as_str()?).ok()
            }
            DeployableContent::Other(_) => None,
        })
    }

    /// Whether it stands.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.is_revoked.get() != Some(&true)
    }
}
