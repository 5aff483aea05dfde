//! The server side: an upstream server over a catalogue, without I/O. For a vendor's own hierarchy
//! of update servers, and under [`simulator`](crate::simulator) for tests.
//!
//! It answers as WSUS 2025 does (*observed*) and MS-WSUSSS 3.1.4 says: a relative authorization
//! address, faults with HTTP status 500 whose detail names the parameter and the operation,
//! `InternalServerError` for a whole batch if one update of it is not known, an empty list for half
//! a filter.
//!
//! *Decision*: a cookie is a text that says who asked, until when and in which protocol version. It
//! is neither encrypted nor signed: the protocol gives one to anybody, so it is worth nothing. Who
//! may ask at all is for the HTTP server to say. Nothing is remembered between two requests, so any
//! number of nodes can answer.

mod answer;
mod catalog;
mod cookie;
#[cfg(feature = "reporting")]
mod rollup;

use chrono::{DateTime, Duration, Utc};

pub use catalog::{Catalog, Selection, Stored};

use crate::error::Limits;
use crate::messages::{self, Fault, FaultCode, Guid, Language, Message, Soap};

/// What the vendor decides about the server. The defaults are those of WSUS 2025.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The server. Another one than before makes clients take everything over anew.
    pub server_id: Guid,
    /// Its address, for faults; empty to leave it out of them.
    pub address: String,
    /// Where the authorization service is, relative to the server's root.
    pub authorization_service: String,
    /// The protocol version.
    pub protocol_version: String,
    /// How long a cookie is good. Default four hours (MS-WSUSSS note 29).
    pub cookie_life: Duration,
    /// The most updates in one GetUpdateData, and in one GetRelatedRevisionsForUpdates. Default 100.
    pub max_updates: u32,
    /// The most updates in one GetUpdateDecryptionData. Default 100.
    pub max_updates_decryption: u32,
    /// The most driver sets in one GetDriverSetData. Default 0.
    pub max_driver_sets: u32,
    /// The most computers in one GetDriverIdList. Default 0.
    pub max_computer_ids: u32,
    /// The most devices in one GetDriverIdList. Default 0.
    pub max_pnp_hardware_ids: u32,
    /// Changes when a cookie that was given out before is to be refused.
    pub generation: u64,
    /// Whether updates in all languages are to be had. Default true; clients then ignore
    /// [`languages`](Self::languages).
    pub all_languages: bool,
    /// The languages, besides "all languages".
    pub languages: Vec<Language>,
    /// What requests may cost.
    pub limits: Limits,
}

impl ServerConfig {
    /// The defaults for a server.
    #[must_use]
    pub fn new(server_id: Guid) -> Self {
        Self {
            server_id,
            address: String::new(),
            authorization_service: "DssAuthWebService/DssAuthWebService.asmx".to_owned(),
            protocol_version: "1.20".to_owned(),
            cookie_life: Duration::hours(4),
            max_updates: 100,
            max_updates_decryption: 100,
            max_driver_sets: 0,
            max_computer_ids: 0,
            max_pnp_hardware_ids: 0,
            generation: 0,
            all_languages: true,
            languages: Vec::new(),
            // Requests are small: a list of identifiers.
            limits: Limits::default()
                .with_items(10_000)
                .with_xml(mdm_xml::Limits::DEFAULT.with_bytes(8 << 20).with_elements(200_000)),
        }
    }
}

/// An answer, for the HTTP server to send.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status: 200, or 500 with a fault.
    pub status: u16,
    /// The media type.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// A server over a catalogue.
///
/// ```
/// use chrono::DateTime;
/// use wsusss::messages::{self, Empty, Guid, Message, Soap};
/// use wsusss::upstream::{Catalog, Server, ServerConfig, Selection, Stored};
/// use wsusss::UpdateKey;
///
/// struct Nothing;
/// impl Catalog for Nothing {
///     fn change(&self) -> u64 { 0 }
///     fn categories(&self, _: Option<u64>) -> Vec<UpdateKey> { Vec::new() }
///     fn updates(&self, _: &Selection) -> Vec<UpdateKey> { Vec::new() }
///     fn document(&self, _: UpdateKey) -> Option<Stored> { None }
/// }
///
/// let server = Server::new(Nothing, ServerConfig::new(Guid::from_u128(1)));
/// let mut request = Vec::new();
/// messages::encode(Soap::V11, &Message::GetAuthConfig(Empty::default()), &mut request)?;
/// let answer = server.handle(&request, DateTime::UNIX_EPOCH);
/// assert_eq!(answer.status, 200);
/// assert_eq!(server.handle(b"nonsense", DateTime::UNIX_EPOCH).status, 500);
/// # Ok::<(), wsusss::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Server<C> {
    /// The catalogue.
    pub catalog: C,
    /// The configuration.
    pub config: ServerConfig,
}

impl<C: Catalog> Server<C> {
    /// A server over a catalogue.
    #[must_use]
    pub const fn new(catalog: C, config: ServerConfig) -> Self {
        Self { catalog, config }
    }

    /// Answers a request, at whichever of the services. The same request at the same time gives
    /// the same bytes.
    #[must_use]
    pub fn handle(&self, body: &[u8], now: DateTime<Utc>) -> Answer {
        match messages::decode(body, &self.config.limits) {
            Ok((soap, request)) => self.answer(soap, &self.respond(&request, now)),
            Err(error) => {
                // As ASP.NET says it: no fault of the service, so no code.
                let reason = format!("Server was unable to read request. ---> {error}");
                self.answer(Soap::V11, &Message::Fault(plain_fault(reason)))
            }
        }
    }

    /// As [`handle`](Self::handle), for a request that was read already.
    #[must_use]
    pub fn respond(&self, request: &Message<'_>, now: DateTime<Utc>) -> Message<'static> {
        self.reply(request, now).unwrap_or_else(|mut fault| {
            if fault.code.is_some() {
                let seed = now.timestamp_millis().unsigned_abs();
                let id = self.config.server_id.as_u128() ^ u128::from(seed);
                fault.id = Some(Guid::from_u128(id).to_string());
                fault.method = Some(format!("\"{}\"", messages::soap_action(request)));
            }
            if !self.config.address.is_empty() {
                let path = match request {
                    Message::GetAuthorizationCookie(_) => crate::endpoints::DSS_AUTH_PATH,
                    _ => crate::endpoints::SERVER_SYNC_PATH,
                };
                fault.actor = Some(format!("{}{path}", self.config.address));
            }
            Message::Fault(*fault)
        })
    }

    /// Writes an answer.
    #[must_use]
    pub fn answer(&self, soap: Soap, message: &Message<'_>) -> Answer {
        let content_type = match soap {
            Soap::V11 => "text/xml; charset=utf-8",
            Soap::V12 => "application/soap+xml; charset=utf-8",
        };
        let mut status = if matches!(message, Message::Fault(_)) { 500 } else { 200 };
        let mut body = Vec::new();
        if messages::encode(soap, message, &mut body).is_err() {
            // A document with a character that XML cannot carry.
            status = 500;
            let fault = Message::Fault(Fault::new(FaultCode::InternalServerError));
            let _ = messages::encode(soap, &fault, &mut body);
        }
        Answer { status, content_type, body }
    }
}

/// A fault that is not the service's own.
fn plain_fault(reason: String) -> Fault {
    Fault { soap_code: "soap:Client".to_owned(), reason, ..Fault::default() }
}
