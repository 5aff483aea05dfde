//! Tables that tools/policies.py makes from tables/update-policies.toml.

pub(crate) mod id;
pub(crate) mod table;
/// A type for each policy, which holds exactly what the policy takes.
pub mod values;
