//! Requests as values: the vendor's HTTP client sends them, this crate only says what to send.
//!
//! ```
//! use graph_wufb::models::{DeviceId, UpdateCategory};
//! use graph_wufb::requests::{self, Method};
//!
//! let device = DeviceId::new("fb95f07d-9e73-411d-99ab-7eca3a5122b1")?;
//! let request = requests::enroll_assets(UpdateCategory::Driver, [&device]);
//! assert_eq!(request.method, Method::Post);
//! assert_eq!(request.target, "/beta/admin/windows/updates/updatableAssets/enrollAssets");
//! assert_eq!(request.url("https://graph.microsoft.com"),
//!     "https://graph.microsoft.com/beta/admin/windows/updates/updatableAssets/enrollAssets");
//! assert!(request.idempotent);
//! # Ok::<(), graph_wufb::Error>(())
//! ```

mod assets;
mod audiences;
mod autopatch;
mod catalog;
mod deployments;
pub mod fields;
mod headers;
#[cfg(feature = "http")]
mod http_types;
mod intune;
mod link;
mod lint;
mod odata;
mod patch;
mod path;
mod policies;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use assets::{
    AssetKind, add_group_members, add_group_members_by_id, create_updatable_asset_group,
    delete_updatable_asset, enroll_assets, enroll_assets_by_id, get_updatable_asset,
    list_azure_ad_devices, list_group_members, list_updatable_asset_groups, list_updatable_assets,
    remove_group_members, remove_group_members_by_id, unenroll_assets, unenroll_assets_by_id,
};
pub use audiences::{
    AudienceUpdate, create_deployment_audience, delete_deployment_audience,
    get_deployment_audience, list_applicable_content, list_audience_exclusions,
    list_audience_members, list_deployment_audiences, list_matched_devices, update_audience,
    update_audience_by_id, update_deployment_audience_by_id,
};
pub use autopatch::{
    create_policy, create_policy_approval, create_ring, delete_policy, delete_policy_approval,
    delete_ring, get_policy, get_policy_approval, get_ring, list_policies,
    list_policy_applicable_content, list_policy_approvals, list_policy_matched_devices, list_rings,
    patch_policy, patch_policy_approval, patch_ring,
};
pub use catalog::{
    create_mdm_app_settings, create_resource_connection, delete_resource_connection,
    find_known_issues_by_kb_number, find_products_by_catalog_id, find_products_by_end_of_service,
    find_products_by_kb_number, get_known_issue, get_known_issues_by_time_range,
    get_mdm_app_settings, get_product, get_resource_connection, get_tenant_settings,
    list_catalog_entries, list_editions, list_known_issues, list_mdm_app_settings,
    list_operational_insights_connections, list_product_known_issues, list_product_revisions,
    list_products, list_resource_connections, patch_mdm_app_settings, patch_tenant_settings,
};
pub use deployments::{
    create_deployment, delete_deployment, get_deployment, list_deployments,
    list_deployments_of_audience, patch_deployment, request_deployment_state,
};
pub use fields::entry;
pub use headers::Headers;
pub use intune::{
    IntuneProfile, assign_intune_profile, create_driver_update_profile,
    create_feature_update_profile, create_quality_update_policy, create_quality_update_profile,
    create_update_ring, delete_intune_profile, execute_driver_action, get_intune_profile,
    get_software_update_status_summary, list_device_update_states, list_driver_inventories,
    list_intune_profiles, list_update_catalog_items, patch_intune_profile, patch_update_ring,
    sync_driver_inventory,
};
pub use link::{MAX_LINK, Origin, next_page};
pub(crate) use link::{check_target, is_path};
pub use lint::{Lint, LintCode, lint};
pub use odata::{Field, Filter, Literal, Query, isof};
pub use patch::Patch;
pub use policies::{
    create_compliance_change, create_content_approval, create_update_policy,
    create_update_policy_of, delete_compliance_change, delete_update_policy, get_compliance_change,
    get_update_policy, list_compliance_changes, list_content_approvals,
    list_deployments_of_approval, list_update_policies, patch_compliance_change,
    patch_update_policy, revoke_content_approval,
};

use crate::json::{RawObject, Value};

/// Where the namespace is served: only in the beta version (schema mappings of 2026-08).
pub const ROOT: &str = "/beta/admin/windows/updates";

/// The value of the header `Prefer` that makes the service send words above the sentinel, such as
/// the category `driver`, instead of `unknownFutureValue`.
pub const PREFER: &str = "include-unknown-enum-members";

/// The method of a request.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// The method as HTTP has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The least permission that a request needs (Graph permissions reference, 2026-08).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum Permission {
    /// `WindowsUpdates.Read.All`
    Read,
    /// `WindowsUpdates.ReadWrite.All`
    ReadWrite,
    /// `DeviceManagementConfiguration.Read.All`
    IntuneRead,
    /// `DeviceManagementConfiguration.ReadWrite.All`
    IntuneReadWrite,
}

impl Permission {
    pub(crate) const fn is_intune(self) -> bool {
        matches!(self, Self::IntuneRead | Self::IntuneReadWrite)
    }

    /// The name of the permission.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "WindowsUpdates.Read.All",
            Self::ReadWrite => "WindowsUpdates.ReadWrite.All",
            Self::IntuneRead => "DeviceManagementConfiguration.Read.All",
            Self::IntuneReadWrite => "DeviceManagementConfiguration.ReadWrite.All",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a good answer holds. Status codes of the documentation disagree with each other, so any
/// 2xx is good, and a body may be missing (*Decision*).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Expect {
    /// Nothing that matters.
    Nothing,
    /// One object.
    Entity,
    /// A page of a list.
    Page,
}

/// A request to send.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, from the origin on.
    pub target: String,
    /// The headers, without those of the vendor's client (`Authorization`, `Host`,
    /// `Content-Length`; the service wants the last one on every POST).
    pub headers: Headers,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// The least permission that it needs.
    pub permission: Permission,
    /// Whether sending it twice does no more than sending it once.
    pub idempotent: bool,
    /// What a good answer holds.
    pub expect: Expect,
}

impl Request {
    /// Any request to the service, for what has no builder yet.
    ///
    /// ```
    /// use graph_wufb::requests::{Expect, Method, Request};
    ///
    /// let request = Request::new(Method::Get, "/beta/admin/windows/updates/products", Expect::Page);
    /// assert_eq!(request.headers.get("prefer"), Some("include-unknown-enum-members"));
    /// ```
    #[must_use]
    pub fn new(method: Method, target: impl Into<String>, expect: Expect) -> Self {
        let mut headers = Headers::new();
        headers.insert("Accept", "application/json");
        headers.insert("Prefer", PREFER);
        Self {
            method,
            target: target.into(),
            headers,
            body: None,
            permission: if method == Method::Get {
                Permission::Read
            } else {
                Permission::ReadWrite
            },
            idempotent: method != Method::Post,
            expect,
        }
    }

    /// Sets the body. Durations in weeks become days: the service refuses weeks. Empty IDs, which
    /// objects of answers may have, are left out: they are none.
    #[must_use]
    pub fn with_body(mut self, mut body: RawObject) -> Self {
        path::as_the_service_takes_it(&mut body);
        self.headers.insert("Content-Type", "application/json");
        self.body = Some(body.to_json().into_bytes());
        self
    }

    /// Asks for a part of the list, or for more of each object: for every request that lists, and
    /// for one object what it can be asked ([`lint`] says what the service refuses).
    ///
    /// ```
    /// use graph_wufb::models::{DeploymentStateValue, Open};
    /// use graph_wufb::requests::{Query, fields::deployment, list_deployments};
    ///
    /// let paused = Open::from(DeploymentStateValue::Paused);
    /// let query = Query::new().filter(deployment::EFFECTIVE_STATE.eq(paused)).top(50);
    /// let request = list_deployments().with_query(&query);
    /// assert!(request.target.ends_with(
    ///     "/deployments?$filter=state/effectiveValue%20eq%20%27paused%27&$top=50"
    /// ));
    /// ```
    #[must_use]
    pub fn with_query(mut self, query: &Query) -> Self {
        self.target = query.append_to(self.target);
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says that sending it twice does no harm.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// The whole URL.
    #[must_use]
    pub fn url(&self, origin: &str) -> String {
        format!("{}{}", origin.trim_end_matches('/'), self.target)
    }

    /// The body as JSON, if there is one.
    #[must_use]
    pub fn body_value(&self) -> Option<Value> {
        let body = self.body.as_deref()?;
        crate::json::read(body, &crate::json::Options::strict()).ok().map(|read| read.value)
    }
}
