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

mod build;
mod headers;
mod link;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use build::{
    AudienceUpdate, create_content_approval, create_deployment_audience, create_update_policy,
    delete_deployment, delete_deployment_audience, delete_update_policy, enroll_assets,
    get_compliance_change, get_deployment, get_deployment_audience, get_updatable_asset,
    get_update_policy, list_applicable_content, list_audience_members, list_compliance_changes,
    list_deployment_audiences, list_deployments, list_deployments_of_audience,
    list_updatable_assets, list_update_policies, patch_update_policy, revoke_content_approval,
    unenroll_assets, update_audience,
};
pub use headers::Headers;
pub use link::{Origin, next_page};

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
}

impl Permission {
    /// The name of the permission.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "WindowsUpdates.Read.All",
            Self::ReadWrite => "WindowsUpdates.ReadWrite.All",
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

    /// Sets the body. Durations in weeks become days: the service refuses weeks.
    #[must_use]
    pub fn with_body(mut self, mut body: RawObject) -> Self {
        build::weeks_to_days(&mut body);
        self.headers.insert("Content-Type", "application/json");
        self.body = Some(body.to_json().into_bytes());
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
    pub(crate) fn repeatable(mut self) -> Self {
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
