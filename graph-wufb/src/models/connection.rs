//! The catalog, and where the service sends what it learns.

use super::content::CatalogEntry;
use super::ids::ConnectionId;
use super::object::{model, polymorphic};
use super::open::{Open, ResourceConnectionState};

model! {
    /// The catalog (CSDL `catalog`).
    pub struct Catalog = "catalog" {
        /// The ID.
        id: String = "id",
        /// The updates, if expanded.
        entries: Vec<CatalogEntry> = "entries",
    }
}

polymorphic! {
    /// Where the service sends what it learns (CSDL `resourceConnection`, abstract).
    pub enum ResourceConnection = "resourceConnection" ("a resource connection") {
        /// A Log Analytics workspace.
        OperationalInsights(OperationalInsightsConnection) = "operationalInsightsConnection",
        /// The abstract type's name.
        Abstract(ResourceConnectionBase) = "resourceConnection",
    }
}

model! {
    /// What every connection has (CSDL `resourceConnection`).
    pub struct ResourceConnectionBase = "resourceConnection" {
        /// The ID.
        id: ConnectionId = "id",
        /// Whether it works.
        state: Open<ResourceConnectionState> = "state",
    }
}

model! {
    /// A Log Analytics workspace (CSDL `operationalInsightsConnection`).
    pub struct OperationalInsightsConnection = "operationalInsightsConnection" {
        /// The ID.
        id: ConnectionId = "id",
        /// Whether it works.
        state: Open<ResourceConnectionState> = "state",
        /// The Azure resource group.
        azure_resource_group_name: String = "azureResourceGroupName",
        /// The Azure subscription.
        azure_subscription_id: String = "azureSubscriptionId",
        /// The workspace.
        workspace_name: String = "workspaceName",
    }
}
