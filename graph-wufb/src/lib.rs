#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;
pub mod json;
pub mod models;



#[cfg(feature = "simulator")]
#[cfg_attr(docsrs, doc(cfg(feature = "simulator")))]
pub mod simulator;


pub use error::{Error, ErrorKind, LimitKind, Position};

