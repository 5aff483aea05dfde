#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "auth")]
pub mod auth;
pub mod builder;
pub mod codes;
pub mod compare;
mod decode;
mod diagnostic;
mod encode;
mod error;
mod id;
pub mod loc_uri;
pub mod model;
pub mod objects;
mod pack;
pub mod preflight;
pub mod repair;
pub mod reserved;
pub mod session;
#[cfg(feature = "simulator")]
pub mod simulator;
mod small;
pub mod upsert;
pub mod wbxml;

pub use codes::{AlertCode, Retry, StatusCode};
pub use decode::{DecodeOptions, decode, decode_prefix, decode_with};
pub use diagnostic::DiagnosticCode;
pub use encode::{encode, encode_own_bytes, encoded_len};
pub use error::{Error, ErrorKind, Limits};
pub use id::{CmdId, MsgId, SessionId};
pub use loc_uri::{LocUri, LocUriError, Scope};
pub use model::{Command, Data, Format, Item, Message, Meta};

/// The media type of an OMA DM message in XML (OMA-TS-DM_RepPro 1.2.1, 4.1.2.1; MS-MDM 2.1).
pub const CONTENT_TYPE_XML: &str = "application/vnd.syncml.dm+xml";
/// The media type of an OMA DM message in WBXML (OMA-TS-DM_RepPro 1.2.1, 4.1.2.1).
pub const CONTENT_TYPE_WBXML: &str = "application/vnd.syncml.dm+wbxml";
