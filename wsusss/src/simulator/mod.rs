//! A simulated upstream: Microsoft Update as far as metadata goes, in memory and without I/O.
//!
//! It answers as WSUS 2025 does (*observed*): a relative authorization address, faults with HTTP
//! status 500, and `InternalServerError` for a whole batch if one update of it is not known.

mod documents;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

pub use documents::documents;

use crate::error::{Error, Limits};
use crate::id::{UpdateId, UpdateKey, XsDateTime};
use crate::messages::{
    self, AuthConfig, AuthPlugIn, AuthorizationCookie, Blob, ConfigData, Cookie, Fault, FaultCode,
    List, Message, RevisionList, Secret, Soap, UpdateData, UpdateDocument,
};
use crate::metadata::{Select, Update};

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// The upstream.
///
/// ```
/// use chrono::DateTime;
/// use wsusss::simulator::{Upstream, documents};
///
/// let mut upstream = Upstream::default();
/// for document in documents() {
///     upstream.add(document)?;
/// }
/// let answer = upstream.handle(b"nonsense", DateTime::UNIX_EPOCH);
/// assert_eq!(answer.status, 500);
/// # Ok::<(), wsusss::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Upstream {
    /// Documents by update and revision. They come with the program, not with the state.
    #[cfg_attr(feature = "serde", serde(skip))]
    documents: BTreeMap<UpdateId, BTreeMap<u32, Document>>,
    /// Cookies that were given out, and when they end, in seconds since 1970.
    cookies: BTreeMap<String, i64>,
    calls: BTreeMap<String, u32>,
    given: u32,
}

#[derive(Clone, Debug)]
enum Document {
    Text(String),
    /// A cabinet, in base64.
    Compressed(String),
}

impl Upstream {
    /// Offers a document, under the identity it has.
    ///
    /// # Errors
    /// Those of [`Update::read`].
    pub fn add(&mut self, document: impl Into<String>) -> Result<UpdateKey, Error> {
        let document = document.into();
        let key = Update::read(&document, Select::IDENTITY, &Limits::default())?.key;
        let revisions = self.documents.entry(key.id).or_default();
        revisions.insert(key.revision, Document::Text(document));
        Ok(key)
    }

    /// Offers a compressed document, given as the cabinet it is.
    ///
    /// # Errors
    /// Those of [`cab::document`](crate::cab::document) and [`Update::read`].
    #[cfg(feature = "cab")]
    pub fn add_cabinet(&mut self, cab: &[u8]) -> Result<UpdateKey, Error> {
        use base64::Engine as _;
        let document = crate::cab::document(cab, &Limits::default())?;
        let key = Update::read(&document, Select::IDENTITY, &Limits::default())?.key;
        let encoded = base64::engine::general_purpose::STANDARD.encode(cab);
        let revisions = self.documents.entry(key.id).or_default();
        revisions.insert(key.revision, Document::Compressed(encoded));
        Ok(key)
    }

    /// Takes over what another one remembers: its cookies and its count of calls.
    pub fn remember(&mut self, other: &Self) {
        self.cookies.clone_from(&other.cookies);
        self.calls.clone_from(&other.calls);
        self.given = other.given;
    }

    /// The newest revision of each document that is offered, as text.
    #[must_use]
    pub fn newest(&self) -> Vec<String> {
        let newest = self.documents.values().filter_map(|revisions| revisions.values().next_back());
        newest
            .filter_map(|document| match document {
                Document::Text(text) => Some(text.clone()),
                #[cfg(feature = "cab")]
                Document::Compressed(text) => {
                    let blob = Blob::Compressed(text.as_str().into());
                    blob.document(&Limits::default()).ok().map(std::borrow::Cow::into_owned)
                }
                #[cfg(not(feature = "cab"))]
                Document::Compressed(_) => None,
            })
            .collect()
    }

    /// How often an operation was called.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u32 {
        self.calls.get(operation).copied().unwrap_or_default()
    }

    /// Takes back every cookie that was given out.
    pub fn drop_cookies(&mut self) {
        self.cookies.clear();
    }

    /// Answers a request, at whichever of the two services.
    #[must_use]
    pub fn handle(&mut self, body: &[u8], now: DateTime<Utc>) -> Answer {
        let (soap, answer) = match messages::decode(body, &Limits::default()) {
            Ok((soap, request)) => {
                let count = self.calls.entry(request.name().to_owned()).or_default();
                *count = count.saturating_add(1);
                let answer = self.answer(&request, now);
                (soap, answer.unwrap_or_else(|code| Message::Fault(Fault::new(code))))
            }
            Err(_) => {
                let code = FaultCode::InvalidParameters;
                (Soap::V11, Message::Fault(Fault::new(code)))
            }
        };
        let status = if matches!(answer, Message::Fault(_)) { 500 } else { 200 };
        let content_type = match soap {
            Soap::V11 => "text/xml; charset=utf-8",
            Soap::V12 => "application/soap+xml; charset=utf-8",
        };
        let mut body = Vec::new();
        // Documents were read before they were offered, so they can be written.
        let written = messages::encode(soap, &answer, &mut body).is_ok();
        Answer { status: if written { status } else { 500 }, content_type, body }
    }

    fn answer(
        &mut self,
        request: &Message<'_>,
        now: DateTime<Utc>,
    ) -> Result<Message<'static>, FaultCode> {
        Ok(match request {
            Message::GetAuthConfig(_) => Message::GetAuthConfigResponse(
                AuthConfig {
                    last_change: XsDateTime::new("2026-01-01T00:00:00Z").into(),
                    plug_ins: vec![AuthPlugIn {
                        plug_in_id: "DssTargeting".into(),
                        service_url: "DssAuthWebService/DssAuthWebService.asmx".into(),
                        parameter: "".into(),
                    }]
                    .into(),
                    allowed_event_ids: List::absent(),
                }
                .into(),
            ),
            Message::GetAuthorizationCookie(request) => {
                let named = request.account_name.as_str().is_some_and(|name| !name.is_empty());
                if !named {
                    return Err(FaultCode::InvalidParameters);
                }
                let cookie = AuthorizationCookie::new(Secret::new("QXV0aG9yaXplZA=="));
                Message::GetAuthorizationCookieResponse(cookie.into())
            }
            Message::GetCookie(request) => {
                let authorized = request.auth_cookies.iter().any(|cookie| {
                    cookie.cookie_data.value() == Some(&Secret::new("QXV0aG9yaXplZA=="))
                });
                if !authorized {
                    return Err(FaultCode::InvalidAuthorizationCookie);
                }
                self.given = self.given.saturating_add(1);
                let data = format!("COOKIE{:06}", self.given);
                let end = now + Duration::hours(4);
                self.cookies.insert(data.clone(), end.timestamp());
                Message::GetCookieResponse(Cookie::new(end.into(), Secret::new(data)).into())
            }
            Message::GetConfigData(request) => {
                self.check(request.cookie.value(), now)?;
                Message::GetConfigDataResponse(
                    ConfigData {
                        catalog_only_sync: false.into(),
                        lazy_sync: false.into(),
                        server_hosts_psf_files: false.into(),
                        max_computer_ids: 0.into(),
                        max_driver_sets: 0.into(),
                        max_pnp_hardware_ids: 0.into(),
                        max_updates: 100.into(),
                        new_config_anchor: "1,2026-01-01 00:00:00.000".into(),
                        protocol_version: "1.20".into(),
                        languages: List::default(),
                        max_updates_decryption: 100.into(),
                    }
                    .into(),
                )
            }
            Message::GetRevisionIdList(request) => {
                self.check(request.cookie.value(), now)?;
                let newest = self.documents.iter().filter_map(|(id, revisions)| {
                    revisions.last_key_value().map(|(revision, _)| UpdateKey::new(*id, *revision))
                });
                let filter = request.filter.value().cloned().unwrap_or_default();
                let filtered = filter.categories.is_empty() != filter.classifications.is_empty();
                Message::GetRevisionIdListResponse(
                    RevisionList {
                        anchor: "1,2026-01-01 00:00:00.000".into(),
                        new_revisions: if filtered { List::default() } else { newest.collect() },
                    }
                    .into(),
                )
            }
            Message::GetUpdateData(request) => {
                self.check(request.cookie.value(), now)?;
                if request.update_ids.len() > 100 {
                    return Err(FaultCode::InvalidParameters);
                }
                let updates: Option<Vec<UpdateDocument<'static>>> =
                    request.update_ids.iter().map(|key| self.find(key)).collect();
                Message::GetUpdateDataResponse(
                    UpdateData {
                        updates: updates.ok_or(FaultCode::InternalServerError)?.into(),
                        file_urls: List::default(),
                    }
                    .into(),
                )
            }
            _ => return Err(FaultCode::InvalidParameters),
        })
    }

    fn find(&self, key: &UpdateKey) -> Option<UpdateDocument<'static>> {
        Some(match self.documents.get(&key.id)?.get(&key.revision)? {
            Document::Text(text) => UpdateDocument::text(*key, text.clone()),
            Document::Compressed(text) => UpdateDocument::compressed(*key, text.clone()),
        })
    }

    fn check(&self, cookie: Option<&Cookie>, now: DateTime<Utc>) -> Result<(), FaultCode> {
        let data = cookie.and_then(|cookie| cookie.encrypted_data.value());
        match data.and_then(|data| self.cookies.get(data.expose())) {
            Some(end) if now.timestamp() < *end => Ok(()),
            _ => Err(FaultCode::InvalidCookie),
        }
    }
}
