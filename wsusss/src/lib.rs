#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "cab")]
pub mod cab;
pub mod catalog;
mod error;
mod id;
pub mod messages;
pub mod metadata;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod stream;
pub mod sync;

pub use error::{Error, ErrorKind, Limits};
pub use id::{ParseIdError, UpdateId, UpdateKey, XsDateTime};
pub use messages::{Fault, FaultCode, Message};
pub use metadata::Update;

/// The path of ServerSyncWebService on every server (MS-WSUSSS 2.1).
pub const SERVER_SYNC_PATH: &str = "/ServerSyncWebService/ServerSyncWebService.asmx";
