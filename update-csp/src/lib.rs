#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod approvals;
mod build;
pub mod classification;
pub mod compliance;
pub mod ddf;
pub mod device;
mod edition;
pub mod effects;
pub mod gpo;
pub mod graph_ring;
pub mod hresult;
mod id;
pub mod inventory;
pub mod nodes;
pub mod plan;
pub mod policy;
mod rings;
pub mod rules;
#[cfg(feature = "simulator")]
pub mod simulator;

pub use build::{Build, ParseBuildError};
pub use classification::{Classification, DeferralCategory};
pub use edition::{Edition, ParseEditionError};
pub use id::{EulaId, ParseIdError, UpdateGuid};
pub use inventory::{Inventory, Query, Shape};
pub use policy::{PolicyId, PolicySet};
pub use rings::Ring;

/// The root of the Update CSP (Microsoft Learn, "Update CSP").
pub const UPDATE_CSP: &str = "./Vendor/MSFT/Update";
