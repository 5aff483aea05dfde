//! The messages of a metadata sync, both ways.
//!
//! Requests are written in the order of the WSDL, which services insist on; everything is read by
//! name, in any order and whatever the prefixes, since servers differ (MS-WSUSSS 3.1.4; *observed*
//! with asmx, WCF and the specification's samples).

mod decode;
mod encode;
mod fault;

use std::borrow::Cow;
use std::fmt;

pub use decode::{decode, decode_text};
pub use encode::{encode, soap_action};
pub use fault::{Fault, FaultCode};

use crate::id::{UpdateKey, XsDateTime};

/// The version of the envelope.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Soap {
    /// SOAP 1.1: `text/xml` and a `SOAPAction` header.
    #[default]
    V11,
    /// SOAP 1.2: `application/soap+xml`.
    V12,
}

/// A message of ServerSyncWebService or DssAuthWebService.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// Asks how to authorize (MS-WSUSSS 3.1.4.1).
    GetAuthConfig,
    /// How to authorize.
    GetAuthConfigResponse(AuthConfig),
    /// Asks for an authorization cookie (3.1.4.2).
    GetAuthorizationCookie(AuthorizationRequest),
    /// An authorization cookie.
    GetAuthorizationCookieResponse(AuthorizationCookie),
    /// Asks for a cookie (3.1.4.3).
    GetCookie(CookieRequest),
    /// A cookie.
    GetCookieResponse(Cookie),
    /// Asks for the server's configuration (3.1.4.4).
    GetConfigData(ConfigRequest),
    /// The server's configuration.
    GetConfigDataResponse(Box<ConfigData>),
    /// Asks which revisions there are (3.1.4.5).
    GetRevisionIdList(RevisionRequest),
    /// Which revisions there are.
    GetRevisionIdListResponse(RevisionList),
    /// Asks for update documents (3.1.4.6).
    GetUpdateData(UpdateDataRequest),
    /// Update documents.
    GetUpdateDataResponse(UpdateData<'a>),
    /// What went wrong.
    Fault(Fault),
    /// Another message, kept as it stands.
    Other {
        /// The operation's name.
        name: String,
        /// The element in the body.
        raw: Cow<'a, str>,
    },
}

impl Message<'_> {
    /// The name of the element in the body.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::GetAuthConfig => "GetAuthConfig",
            Self::GetAuthConfigResponse(_) => "GetAuthConfigResponse",
            Self::GetAuthorizationCookie(_) => "GetAuthorizationCookie",
            Self::GetAuthorizationCookieResponse(_) => "GetAuthorizationCookieResponse",
            Self::GetCookie(_) => "GetCookie",
            Self::GetCookieResponse(_) => "GetCookieResponse",
            Self::GetConfigData(_) => "GetConfigData",
            Self::GetConfigDataResponse(_) => "GetConfigDataResponse",
            Self::GetRevisionIdList(_) => "GetRevisionIdList",
            Self::GetRevisionIdListResponse(_) => "GetRevisionIdListResponse",
            Self::GetUpdateData(_) => "GetUpdateData",
            Self::GetUpdateDataResponse(_) => "GetUpdateDataResponse",
            Self::Fault(_) => "Fault",
            Self::Other { name, .. } => name,
        }
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::GetAuthConfig => Message::GetAuthConfig,
            Self::GetAuthConfigResponse(value) => Message::GetAuthConfigResponse(value),
            Self::GetAuthorizationCookie(value) => Message::GetAuthorizationCookie(value),
            Self::GetAuthorizationCookieResponse(value) => {
                Message::GetAuthorizationCookieResponse(value)
            }
            Self::GetCookie(value) => Message::GetCookie(value),
            Self::GetCookieResponse(value) => Message::GetCookieResponse(value),
            Self::GetConfigData(value) => Message::GetConfigData(value),
            Self::GetConfigDataResponse(value) => Message::GetConfigDataResponse(value),
            Self::GetRevisionIdList(value) => Message::GetRevisionIdList(value),
            Self::GetRevisionIdListResponse(value) => Message::GetRevisionIdListResponse(value),
            Self::GetUpdateData(value) => Message::GetUpdateData(value),
            Self::GetUpdateDataResponse(value) => {
                Message::GetUpdateDataResponse(value.into_owned())
            }
            Self::Fault(value) => Message::Fault(value),
            Self::Other { name, raw } => Message::Other { name, raw: Cow::Owned(raw.into_owned()) },
        }
    }
}

/// One way to authorize (AuthPlugInInfo).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct AuthPlugIn {
    /// `DssTargeting`.
    pub plug_in_id: Option<String>,
    /// The address of its service, relative to the server's root.
    pub service_url: Option<String>,
    /// Nothing; real servers send an empty one.
    pub parameter: Option<String>,
}

/// How to authorize.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct AuthConfig {
    /// When this changed last.
    pub last_change: Option<XsDateTime>,
    /// The ways; exactly one by the specification.
    pub plug_ins: Vec<AuthPlugIn>,
    /// Events that the server takes in reports.
    pub allowed_event_ids: Vec<i64>,
}

/// Who asks for an authorization cookie. Any name and identifier do.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// A name that is valid as a host's.
    pub account_name: Option<String>,
    /// An identifier.
    pub account_guid: Option<String>,
    /// Unused.
    pub program_keys: Vec<String>,
}

/// An authorization cookie; the data does not appear in `Debug` output.
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct AuthorizationCookie {
    /// The way it was given out by.
    pub plug_in_id: Option<String>,
    /// The cookie, as it travels (base64).
    pub cookie_data: Option<String>,
}

impl fmt::Debug for AuthorizationCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationCookie")
            .field("plug_in_id", &self.plug_in_id)
            .finish_non_exhaustive()
    }
}

/// A cookie; the data does not appear in `Debug` output.
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Cookie {
    /// How long it is good.
    pub expiration: XsDateTime,
    /// The cookie, as it travels (base64).
    pub encrypted_data: Option<String>,
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie").field("expiration", &self.expiration).finish_non_exhaustive()
    }
}

/// Asks for a cookie.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct CookieRequest {
    /// Exactly one.
    pub auth_cookies: Vec<AuthorizationCookie>,
    /// The cookie before.
    pub old_cookie: Option<Cookie>,
    /// `1.20`.
    pub protocol_version: Option<String>,
}

/// Asks for the server's configuration.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConfigRequest {
    /// The cookie.
    pub cookie: Option<Cookie>,
    /// The anchor of the configuration that is known; opaque.
    pub config_anchor: Option<String>,
}

/// A language of the server.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Language {
    /// The locale's number.
    pub id: i64,
    /// `en`.
    pub short: Option<String>,
    /// Its name.
    pub long: Option<String>,
    /// Whether it is used.
    pub enabled: bool,
}

/// The server's configuration. Numbers that older servers and the specification's sample leave out
/// are absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConfigData {
    /// Only metadata, no files.
    pub catalog_only_sync: Option<bool>,
    /// Files are fetched when they are asked for.
    pub lazy_sync: Option<bool>,
    /// Express files are there.
    pub server_hosts_psf_files: Option<bool>,
    /// The most computer identifiers in one request.
    pub max_computer_ids: Option<u32>,
    /// The most driver sets in one request.
    pub max_driver_sets: Option<u32>,
    /// The most hardware identifiers in one request.
    pub max_pnp_hardware_ids: Option<u32>,
    /// The most updates in one GetUpdateData.
    pub max_updates: Option<u32>,
    /// The anchor of this configuration; opaque.
    pub new_config_anchor: Option<String>,
    /// The server's protocol version.
    pub protocol_version: Option<String>,
    /// The languages.
    pub languages: Vec<Language>,
    /// The most updates in one GetUpdateDecryptionData.
    pub max_updates_decryption: Option<u32>,
}

/// A category or classification to filter by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct IdAndDelta {
    /// The category.
    pub id: crate::UpdateId,
    /// Only what changed since the anchor.
    pub delta: bool,
}

/// Asks which revisions there are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RevisionRequest {
    /// The cookie.
    pub cookie: Option<Cookie>,
    /// The anchor of the last list; opaque.
    pub anchor: Option<String>,
    /// Categories and detectoids instead of updates.
    pub get_config: bool,
    /// Only updates of the 63 common languages. Needed by protocol 1.2 and later, forbidden before.
    pub get_63_language_only: Option<bool>,
    /// Products.
    pub categories: Vec<IdAndDelta>,
    /// Classifications. Without both, the list is empty.
    pub classifications: Vec<IdAndDelta>,
}

/// Which revisions there are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RevisionList {
    /// The anchor for next time; opaque.
    pub anchor: Option<String>,
    /// The revisions; an update may occur twice.
    pub new_revisions: Vec<UpdateKey>,
}

/// Asks for update documents.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct UpdateDataRequest {
    /// The cookie.
    pub cookie: Option<Cookie>,
    /// The revisions.
    pub update_ids: Vec<UpdateKey>,
}

/// An update document as it travels.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Blob<'a> {
    /// As text; servers escape it, the specification's sample does not.
    Text(Cow<'a, str>),
    /// As a cabinet in base64; see [`cab`](crate::cab).
    Compressed(Cow<'a, str>),
    /// Not there.
    None,
}

impl Blob<'_> {
    /// The document's text.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where there is none,
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) for what is no base64, and those of
    /// [`cab::document`](crate::cab::document).
    #[cfg(feature = "cab")]
    pub fn document(&self, limits: &crate::Limits) -> Result<Cow<'_, str>, crate::Error> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Compressed(text) => {
                let cab = decode_base64(text)?;
                crate::cab::document(&cab, limits).map(Cow::Owned)
            }
            Self::None => Err(crate::ErrorKind::Missing("XmlUpdateBlob").into()),
        }
    }

    fn into_owned(self) -> Blob<'static> {
        match self {
            Self::Text(text) => Blob::Text(Cow::Owned(text.into_owned())),
            Self::Compressed(text) => Blob::Compressed(Cow::Owned(text.into_owned())),
            Self::None => Blob::None,
        }
    }
}

#[cfg(feature = "cab")]
fn decode_base64(text: &str) -> Result<Vec<u8>, crate::Error> {
    use base64::Engine as _;
    let tight: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    base64::engine::general_purpose::STANDARD
        .decode(tight)
        .map_err(|_| crate::error::bad_value("base64", text).into())
}

/// An update document in an answer (ServerSyncUpdateData).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UpdateDocument<'a> {
    /// Which revision it is.
    pub key: Option<UpdateKey>,
    /// The document.
    pub blob: Blob<'a>,
    /// Digests of its files, as they travel (base64).
    pub file_digests: Vec<String>,
}

impl<'a> UpdateDocument<'a> {
    /// The same, independent of the text that it was read from.
    #[must_use]
    pub fn into_owned(self) -> UpdateDocument<'static> {
        UpdateDocument {
            key: self.key,
            blob: self.blob.into_owned(),
            file_digests: self.file_digests,
        }
    }

    /// A document as text.
    #[must_use]
    pub fn text(key: UpdateKey, text: impl Into<Cow<'a, str>>) -> Self {
        Self { key: Some(key), blob: Blob::Text(text.into()), file_digests: Vec::new() }
    }
}

/// Where a file can be had (ServerSyncUrlData).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct FileUrl {
    /// Its digest, as it travels (base64).
    pub digest: Option<String>,
    /// At Microsoft Update.
    pub mu_url: Option<String>,
    /// At this server.
    pub uss_url: Option<String>,
}

/// Update documents.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct UpdateData<'a> {
    /// The documents.
    pub updates: Vec<UpdateDocument<'a>>,
    /// Where their files can be had.
    pub file_urls: Vec<FileUrl>,
}

impl UpdateData<'_> {
    fn into_owned(self) -> UpdateData<'static> {
        let updates = self.updates.into_iter().map(UpdateDocument::into_owned);
        UpdateData { updates: updates.collect(), file_urls: self.file_urls }
    }
}
