//! What the benches share: inputs made by rule, and a way to measure that a busy machine cannot
//! spoil.

pub mod alloc;
pub mod inputs;
pub mod measure;
