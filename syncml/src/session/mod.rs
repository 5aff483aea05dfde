//! The server's side of a management session, as a machine without I/O.
//!
//! A session lives over many HTTP requests, on many nodes. Between two of them it is a
//! [`SessionState`]: a plain value to be stored beside everything else the vendor keeps about the
//! device. [`peek`] says which session a request belongs to; [`ServerSession`] does the rest.
//!
//! | Package | From | Holds | Here |
//! |---|---|---|---|
//! | 1 | device | alerts, DevInfo | [`Event::PackageOne`] and one event for each alert |
//! | 2 | server | statuses, commands | [`ServerSession::submit`], [`ServerSession::poll_transmit`] |
//! | 3 | device | statuses, results | [`Event::Outcome`], once for each command |
//! | 4 | server | as 2; without commands it ends the session | [`Event::Ended`] |
//!
//! *Specified*: OMA-TS-DM_Protocol 1.2.1 section 8 (packages) and 7 (large objects); MS-MDM 2.2
//! and 3.

pub(crate) mod bytes;
mod check;
mod config;
mod error;
mod event;
mod event_bytes;
mod items;
mod job;
mod key;
#[cfg_attr(not(feature = "auth"), path = "no_login.rs")]
pub(crate) mod login;
mod outcome;
mod plain;
mod queue;
mod receive;
mod server;
mod settle;
mod state;
mod stored;
mod transmit;
mod version;

pub use config::Config;
pub use error::SessionError;
pub use event::{
    DeviceInfo, Event, GenericAlert, LoginStatus, Mark, PackageOne, SyncType, UserToken,
};
#[cfg(feature = "simulator")]
pub(crate) use items::{inherited, with_chunk};
pub use key::StateKey;
pub use outcome::{Cause, ItemStatus, Outcome, Verdict};
pub use server::ServerSession;
// The short name; there is one session type on the server's side.
pub use server::ServerSession as Session;
pub use state::{STATE_VERSION, SessionState};
#[cfg(feature = "simulator")]
pub(crate) use stored::Stored;
pub use transmit::Transmit;

use crate::decode::{decode, decode_header};
use crate::error::{Error, ErrorKind, Limits};
use crate::model::{Header, Message};
use crate::wbxml;

/// Whose message it is, before anything is done with it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Peek {
    /// The device's address, the Source of its messages: its DevId.
    pub device: String,
    /// The user's name, if the device gave one.
    pub user: Option<String>,
    /// The session.
    pub session_id: String,
    /// The message in the session; a session begins with 1.
    pub msg_id: String,
    digest: u64,
    /// Its credentials are made with a nonce. Those of HMAC are not in the message.
    has_nonce: bool,
}

/// Says which device and session a message belongs to, so that its state can be fetched. Nothing
/// in it is proven: a server compares it with what it knows from TLS.
///
/// ```
/// # let bytes = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>
/// #   <VerProto>DM/1.2</VerProto><SessionID>7</SessionID><MsgID>1</MsgID>
/// #   <Target><LocURI>https://mdm.example/</LocURI></Target>
/// #   <Source><LocURI>urn:uuid:4</LocURI></Source></SyncHdr><SyncBody><Final/></SyncBody></SyncML>"#;
/// let peek = syncml::session::peek(bytes, &syncml::Limits::default())?;
/// assert_eq!((peek.device.as_str(), peek.session_id.as_str()), ("urn:uuid:4", "7"));
/// # Ok::<(), syncml::Error>(())
/// ```
///
/// # Errors
/// Those of [`decode`](crate::decode) as far as the message is read: to the end of its header;
/// [`SessionError::NoHeader`] and [`ErrorKind::Identifier`].
pub fn peek(bytes: &[u8], limits: &Limits) -> Result<Peek, Error> {
    let message = match wbxml::looks_like(bytes) {
        true => wbxml::decode(bytes, limits)?,
        false => decode_header(bytes, limits)?,
    };
    let header = message.header.as_ref().ok_or(session(SessionError::NoHeader))?;
    identifiers(header, limits)?;
    Ok(Peek {
        device: header.source.loc_uri.trim().to_owned(),
        user: header.source.loc_name.as_deref().map(str::to_owned),
        session_id: header.session_id.to_string(),
        msg_id: header.msg_id.to_string(),
        digest: digest(bytes),
        has_nonce: header.cred.as_ref().is_some_and(|cred| {
            let typ = cred.meta.typ.as_deref().unwrap_or_default();
            typ.trim().eq_ignore_ascii_case("syncml:auth-md5")
        }),
    })
}

/// Whether the identifiers that every answer repeats are of a sensible length.
fn identifiers(header: &Header<'_>, limits: &Limits) -> Result<(), Error> {
    let max = limits.identifier;
    let longest = header.session_id.as_str().len().max(header.msg_id.as_str().len());
    if longest > max { Err(Error::new(ErrorKind::Identifier { max })) } else { Ok(()) }
}

/// A message in whichever form it came.
pub(crate) fn read<'b>(bytes: &'b [u8], limits: &Limits) -> Result<Message<'b>, Error> {
    if wbxml::looks_like(bytes) { wbxml::decode(bytes, limits) } else { decode(bytes, limits) }
}

fn session(error: SessionError) -> Error {
    Error::new(ErrorKind::Session(error))
}

/// Tells a repeated message from another one with the same number: FNV-1a on eight bytes at a time,
/// with the high half folded in, since a multiplication only carries upwards. A device that forges
/// an equal digest only gets the old answer.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let hash = eights.iter().fold(0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64, |hash, eight| {
        mix(hash, u64::from_le_bytes(*eight))
    });
    rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}

/// One step of a digest.
fn mix(hash: u64, part: u64) -> u64 {
    let hash = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 32)
}
