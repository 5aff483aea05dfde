#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod batch;
mod error;
pub mod json;
pub mod models;
mod moment;
mod paging;
pub mod requests;
mod response;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod views;
pub mod workflow;

pub use batch::{BATCH_SIZE, BatchId, BatchOutcome, Batcher};
pub use error::{Error, ErrorKind, LimitKind, Position};
pub use paging::{Pager, Turn};
pub use response::{GraphError, Page, Response, RetryAfter};
