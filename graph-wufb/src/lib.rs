#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;
pub mod json;
pub mod models;
mod moment;
pub mod requests;
mod response;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod workflow;

pub use error::{Error, ErrorKind, LimitKind, Position};
pub use response::{GraphError, Page, Response, RetryAfter};
