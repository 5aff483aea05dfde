//! Tables that tools/generator/update_policies.py makes from update-csp/tables/update-policies.toml.

pub(crate) mod id;
pub(crate) mod table;
/// A type for each policy, which holds exactly what the policy takes.
pub mod values;
