//! Inputs, made by rule: the same bytes on every machine.

mod apple;
mod graph;
mod random;
mod syncml;
mod wsusss;

pub use apple::available_updates;
pub use graph::driver_page;
pub use random::Random;
pub use syncml::{device_package, policy_package};
pub use wsusss::update_data;
