//! Code that a vendor would write around the crates.
