//! The catalog, products, known issues, connections and settings of the tenant.

use super::odata::Query;
use super::path::{push_literal, target, typed};
use super::{Expect, Method, Request};
use crate::json::RawObject;
use crate::models::{
    CatalogEntryId, ConnectionId, KnownIssueId, MdmAppId, OperationalInsightsConnection, ProductId,
};

/// The updates of the catalog: `GET catalog/entries`.
///
/// ```
/// use graph_wufb::requests::{Query, entry, isof, list_catalog_entries};
///
/// let newest = Query::new()
///     .filter(isof("qualityUpdateCatalogEntry") & entry::IS_EXPEDITABLE.eq(true))
///     .order_by_descending("releaseDateTime")
///     .top(3);
/// assert!(list_catalog_entries(&newest).target.contains("$top=3"));
/// ```
#[must_use]
pub fn list_catalog_entries(query: &Query) -> Request {
    Request::new(Method::Get, query.append_to(target!("catalog", "entries")), Expect::Page)
}

/// The products: `GET products`.
#[must_use]
pub fn list_products(query: &Query) -> Request {
    Request::new(Method::Get, query.append_to(target!("products")), Expect::Page)
}

/// One product: `GET products/{id}`.
#[must_use]
pub fn get_product(id: &ProductId) -> Request {
    Request::new(Method::Get, target!("products", id.as_str()), Expect::Entity)
}

/// The products that an update is for: `GET products/findByCatalogId(catalogID='…')`.
#[must_use]
pub fn find_products_by_catalog_id(id: &CatalogEntryId, query: &Query) -> Request {
    let mut path = target!("products") + "/findByCatalogId(catalogID=";
    push_literal(&mut path, id.as_str());
    Request::new(Method::Get, query.append_to(path + ")"), Expect::Page)
}

/// The products that an article is about: `GET products/findByKbNumber(kbNumber=…)`. The number
/// without `KB`.
///
/// ```
/// use graph_wufb::requests::{Query, find_products_by_kb_number};
///
/// let request = find_products_by_kb_number(5_029_332, &Query::new().expand("revisions"));
/// assert!(request.target.ends_with("/products/findByKbNumber(kbNumber=5029332)?$expand=revisions"));
/// ```
#[must_use]
pub fn find_products_by_kb_number(number: u32, query: &Query) -> Request {
    let path = target!("products") + &format!("/findByKbNumber(kbNumber={number})");
    Request::new(Method::Get, query.append_to(path), Expect::Page)
}

/// The products that get their last update soon:
/// `GET products/findByEndOfService(monthsFromToday=…)`. In the permissions of 2026-08, in no CSDL.
#[must_use]
pub fn find_products_by_end_of_service(months: u32) -> Request {
    let path = target!("products") + &format!("/findByEndOfService(monthsFromToday={months})");
    Request::new(Method::Get, path, Expect::Page)
}

/// The editions of a product: `GET products/{id}/editions`.
#[must_use]
pub fn list_editions(id: &ProductId) -> Request {
    Request::new(Method::Get, target!("products", id.as_str(), "editions"), Expect::Page)
}

/// The builds of a product: `GET products/{id}/revisions`.
#[must_use]
pub fn list_product_revisions(id: &ProductId) -> Request {
    Request::new(Method::Get, target!("products", id.as_str(), "revisions"), Expect::Page)
}

/// What is known to be wrong with a product: `GET products/{id}/knownIssues`.
#[must_use]
pub fn list_product_known_issues(id: &ProductId) -> Request {
    Request::new(Method::Get, target!("products", id.as_str(), "knownIssues"), Expect::Page)
}

/// The same of the last days, and what is not mended yet:
/// `GET products/{id}/getKnownIssuesByTimeRange(daysInPast=…,includeAllActive=…)`.
#[must_use]
pub fn get_known_issues_by_time_range(
    id: &ProductId,
    days: u32,
    include_all_active: Option<bool>,
) -> Request {
    let mut path = target!("products", id.as_str());
    path += &format!("/getKnownIssuesByTimeRange(daysInPast={days}");
    if let Some(all) = include_all_active {
        path += &format!(",includeAllActive={all}");
    }
    Request::new(Method::Get, path + ")", Expect::Page)
}

/// What is known to be wrong: `GET knownIssues`. In the permissions of 2026-08, in no CSDL.
#[must_use]
pub fn list_known_issues() -> Request {
    Request::new(Method::Get, target!("knownIssues"), Expect::Page)
}

/// One known issue: `GET knownIssues/{id}`. In the permissions of 2026-08, in no CSDL.
#[must_use]
pub fn get_known_issue(id: &KnownIssueId) -> Request {
    Request::new(Method::Get, target!("knownIssues", id.as_str()), Expect::Entity)
}

/// The known issues that an article is about. In the permissions of 2026-08, in no CSDL.
#[must_use]
pub fn find_known_issues_by_kb_number(number: u32) -> Request {
    let path = target!("knownIssues") + &format!("/findByKbNumber(kbNumber={number})");
    Request::new(Method::Get, path, Expect::Page)
}

/// Where the service sends what it learns: `GET resourceConnections`.
#[must_use]
pub fn list_resource_connections() -> Request {
    Request::new(Method::Get, target!("resourceConnections"), Expect::Page)
}

/// The Log Analytics workspaces: `GET resourceConnections/…operationalInsightsConnection`.
#[must_use]
pub fn list_operational_insights_connections() -> Request {
    let cast = "microsoft.graph.windowsUpdates.operationalInsightsConnection";
    Request::new(Method::Get, target!("resourceConnections", cast), Expect::Page)
}

/// One connection: `GET resourceConnections/{id}`.
#[must_use]
pub fn get_resource_connection(id: &ConnectionId) -> Request {
    Request::new(Method::Get, target!("resourceConnections", id.as_str()), Expect::Entity)
}

/// Makes a connection: `POST resourceConnections`. Its body names its type.
#[must_use]
pub fn create_resource_connection(connection: &OperationalInsightsConnection) -> Request {
    Request::new(Method::Post, target!("resourceConnections"), Expect::Entity)
        .with_body(typed(connection.to_object(), OperationalInsightsConnection::TYPE))
}

/// Deletes a connection.
#[must_use]
pub fn delete_resource_connection(id: &ConnectionId) -> Request {
    Request::new(Method::Delete, target!("resourceConnections", id.as_str()), Expect::Nothing)
}

/// The tenant's settings: `GET tenantSettings`. In the permissions of 2026-08, in no CSDL, so what
/// it answers is read as a [`RawObject`].
#[must_use]
pub fn get_tenant_settings() -> Request {
    Request::new(Method::Get, target!("tenantSettings"), Expect::Entity)
}

/// Changes the tenant's settings: `PATCH tenantSettings`.
#[must_use]
pub fn patch_tenant_settings(change: RawObject) -> Request {
    Request::new(Method::Patch, target!("tenantSettings"), Expect::Entity).with_body(change)
}

/// The settings of MDM vendors' apps: `GET tenantSettings/mdmAppSettings`.
#[must_use]
pub fn list_mdm_app_settings() -> Request {
    Request::new(Method::Get, target!("tenantSettings", "mdmAppSettings"), Expect::Page)
}

/// Makes settings for an MDM vendor's app: `POST tenantSettings/mdmAppSettings`.
#[must_use]
pub fn create_mdm_app_settings(settings: RawObject) -> Request {
    Request::new(Method::Post, target!("tenantSettings", "mdmAppSettings"), Expect::Entity)
        .with_body(settings)
}

/// The settings of one app: `GET tenantSettings/mdmAppSettings/{id}`.
#[must_use]
pub fn get_mdm_app_settings(id: &MdmAppId) -> Request {
    Request::new(
        Method::Get,
        target!("tenantSettings", "mdmAppSettings", id.as_str()),
        Expect::Entity,
    )
}

/// Changes the settings of one app: `PATCH tenantSettings/mdmAppSettings/{id}`.
#[must_use]
pub fn patch_mdm_app_settings(id: &MdmAppId, change: RawObject) -> Request {
    Request::new(
        Method::Patch,
        target!("tenantSettings", "mdmAppSettings", id.as_str()),
        Expect::Entity,
    )
    .with_body(change)
}
