#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "cab")]
pub mod cab;
pub mod catalog;
pub mod endpoints;
mod error;
mod id;
pub mod messages;
pub mod metadata;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod stream;
pub mod sync;
#[cfg(feature = "upstream")]
pub mod upstream;
#[cfg(feature = "xpress")]
pub mod xpress;

pub use endpoints::SERVER_SYNC_PATH;
pub use error::{Error, ErrorKind, Limits};
pub use id::{ParseIdError, UpdateId, UpdateKey, XsDateTime};
pub use messages::{Fault, FaultCode, Message};
pub use metadata::Update;
