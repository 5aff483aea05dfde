//! What the benches share: inputs made by rule, a way to measure that a busy machine cannot spoil,
//! the shapes that are measured, and the claims that are made of them.

pub mod alloc;
pub mod claims;
pub mod growth;
pub mod inputs;
pub mod measure;
pub mod report;
pub mod shapes;
pub mod workloads;
