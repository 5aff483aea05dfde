//! The shapes that are measured, one file each crate: inputs, contestants, and what we claim of them.

pub mod apple;
pub mod corpus;
pub mod graph;
mod rivals;
pub mod session;
pub mod syncml;
pub mod wsusss;
pub mod xml;

use crate::report::Report;

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Scale {
    /// How often each contestant gets its turn.
    pub rounds: usize,
    /// Only small inputs: a run that shows that everything works.
    pub quick: bool,
}

/// A shape's name, and what measures it.
pub type Shape = (&'static str, fn(&Scale, &mut Report));

/// All shapes.
pub const ALL: [Shape; 7] = [
    ("xml", xml::measure),
    ("syncml", syncml::measure),
    ("session", session::measure),
    ("wsusss", wsusss::measure),
    ("apple", apple::measure),
    ("graph", graph::measure),
    ("corpus", corpus::measure),
];
