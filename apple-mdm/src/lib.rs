#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod check;
pub mod declarations;
pub mod enrollment;
mod fields;
pub mod gdmf;
pub mod json;
pub mod messages;
mod open_enum;
pub mod plan;
pub mod plist;
pub mod profile;
pub mod schema;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod version;

pub use messages::{Command, CommandUuid, Report, Request};
pub use plist::{Dictionary, Value};

/// The media type that devices and servers use for property lists in MDM.
pub const CONTENT_TYPE: &str = "application/xml; charset=utf-8";
