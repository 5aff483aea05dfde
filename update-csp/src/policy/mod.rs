//! Update policies: the 76 that DDF documents list in the Update area, typed.
//!
//! Each policy has a type in [`values`] that holds nothing but what the policy takes, so a
//! [`PolicySet`] cannot hold a wrong value. What a policy is — its range, default, first build,
//! editions, Group Policy setting, its history over the DDF releases — says [`PolicyMeta`]. What is
//! not known here goes by [`RawPolicy`]; names that were seen on devices and that no DDF lists,
//! maintenance windows among them, are [`observed()`].
//!
//! ```
//! use update_csp::policy::values::{AllowAutoUpdate, DeferQualityUpdatesPeriodInDays};
//! use update_csp::policy::{PolicyId, PolicySet};
//!
//! let ring = PolicySet::new()
//!     .with(DeferQualityUpdatesPeriodInDays::days(7)?)
//!     .with(AllowAutoUpdate::InstallAndRestart);
//! assert_eq!(ring.get::<AllowAutoUpdate>(), Some(AllowAutoUpdate::InstallAndRestart));
//! assert_eq!(ring.commands().len(), 2);
//!
//! // Names come in any case and as addresses; what documentation misspelt is told apart.
//! let id: PolicyId = "./Vendor/MSFT/Policy/Config/Update/allowautoupdate".parse()?;
//! assert_eq!(id, PolicyId::AllowAutoUpdate);
//! let error = "DeferQualityUpdatePeriodInDays".parse::<PolicyId>().unwrap_err();
//! assert_eq!(error.did_you_mean(), Some(PolicyId::DeferQualityUpdatesPeriodInDays));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod document;
mod error;
pub(crate) mod generated;
mod meta;
mod name;
mod observed;
mod raw;
mod set;
mod setting;
pub(crate) mod typed;

pub use document::document;
pub use error::PolicyError;
pub use generated::id::PolicyId;
pub use generated::values;
pub use meta::{
    AdmxMapping, Allowed, BuildFloor, Category, ConflictRule, DdfMapping, Dec2022, Dependency,
    DependencyKind, Document, ElementKind, EnumValue, GroupPolicy, HistoryEntry, Misspelling,
    NarrowerRange, PolicyMeta, RegistrySwitch, Release, Unit, ValueFormat,
};
pub use name::ParsePolicyError;
pub(crate) use name::known;
pub use observed::{Observed, observed};
pub use raw::RawPolicy;
pub use set::PolicySet;
pub use setting::{Setting, Value};
pub use typed::Policy;

/// Where a device's update policies are set. Windows takes the address without `./Device` as the
/// same node.
pub const CONFIG: &str = "./Device/Vendor/MSFT/Policy/Config/Update";
/// Where the policies in force are read.
pub const RESULT: &str = "./Device/Vendor/MSFT/Policy/Result/Update";

/// The names of product types.
pub(crate) fn edition_names() -> &'static [(u32, &'static str)] {
    generated::table::EDITION_NAMES
}
