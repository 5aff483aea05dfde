//! Authorization: how, a cookie for it, and the cookie for everything else
//! (MS-WSUSSS 3.1.4.1 to 3.1.4.3). The protocol is open: any name and GUID get a cookie.

use chrono::{DateTime, Utc};

use super::presence::{List, Presence};
use super::records::{item, records};
use super::values::{Guid, Secret};
use crate::id::XsDateTime;

records! {
    /// A message without content.
    Empty {}

    /// How to authorize (ServerAuthConfig).
    AuthConfig {
        /// When this changed last.
        last_change: Presence<XsDateTime> = "LastChange" [!],
        /// The ways; exactly one by the specification.
        plug_ins: List<AuthPlugIn> = "AuthInfo",
        /// Events that the server takes in reports.
        allowed_event_ids: List<i32> = "AllowedEventIds",
    }

    /// One way to authorize (AuthPlugInInfo).
    AuthPlugIn {
        /// `DssTargeting`.
        plug_in_id: Presence<String> = "PlugInID" | "PlugInId",
        /// The address of its service, relative to the server's root. Only one at the same origin
        /// can be trusted; [`sync`](crate::sync) sees to it.
        service_url: Presence<String> = "ServiceUrl",
        /// Nothing by the specification; real servers send an empty one.
        parameter: Presence<String> = "Parameter",
    }

    /// Asks for an authorization cookie (GetAuthorizationCookie).
    AuthorizationRequest {
        /// A name that is valid as a host's. *Observed*: another one is refused with
        /// InvalidParameters naming `machineName`.
        account_name: Presence<String> = "accountName",
        /// A GUID.
        account_guid: Presence<String> = "accountGuid",
        /// Unused.
        program_keys: List<Guid> = "programKeys",
    }

    /// An authorization cookie.
    AuthorizationCookie {
        /// The way it was given out by.
        plug_in_id: Presence<String> = "PlugInId" | "PlugInID",
        /// The cookie, as it travels (base64).
        cookie_data: Presence<Secret> = "CookieData",
    }

    /// Asks for a cookie (GetCookie).
    CookieRequest {
        /// Exactly one.
        auth_cookies: List<AuthorizationCookie> = "authCookies",
        /// The cookie before, expired or not.
        old_cookie: Presence<Cookie> = "oldCookie",
        /// `1.20`: 1.1, 1.2, 1.3, 1.6, 1.8 and 1.20 are specified (1.7).
        protocol_version: Presence<String> = "protocolVersion",
    }

    /// A cookie. *Observed*: good for four hours at WSUS (MS-WSUSSS note 29).
    Cookie {
        /// How long it is good.
        expiration: Presence<XsDateTime> = "Expiration" [!],
        /// The cookie, as it travels (base64); opaque.
        encrypted_data: Presence<Secret> = "EncryptedData",
    }
}

item! {
    AuthPlugIn = "AuthPlugInInfo",
    AuthorizationCookie = "AuthorizationCookie",
}

impl AuthorizationRequest {
    /// A request for this account.
    #[must_use]
    pub fn new(account_name: impl Into<String>, account_guid: impl Into<String>) -> Self {
        Self {
            account_name: Presence::Value(account_name.into()),
            account_guid: Presence::Value(account_guid.into()),
            program_keys: List::absent(),
        }
    }
}

impl AuthorizationCookie {
    /// A cookie given out by `DssTargeting`, the one way that the specification has.
    #[must_use]
    pub fn new(cookie_data: Secret) -> Self {
        Self { plug_in_id: "DssTargeting".into(), cookie_data: Presence::Value(cookie_data) }
    }
}

impl Cookie {
    /// A cookie.
    #[must_use]
    pub fn new(expiration: XsDateTime, encrypted_data: Secret) -> Self {
        Self {
            expiration: Presence::Value(expiration),
            encrypted_data: Presence::Value(encrypted_data),
        }
    }

    /// The cookie of every call of MS-WSUSSS to ReportingWebService: it never expires and holds nothing
    /// (MS-WSUSSS 3.2.4.5).
    #[must_use]
    pub fn reporting() -> Self {
        Self::new(XsDateTime::new("9999-12-31T23:59:59.9999999"), Secret::default())
    }

    /// When it ends, if it says so in a readable way.
    #[must_use]
    pub fn ends(&self) -> Option<DateTime<Utc>> {
        self.expiration.value()?.time()
    }
}
