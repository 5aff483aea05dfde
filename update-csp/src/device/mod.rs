//! The device itself: what update management asks about it, and its restarts.
//!
//! *Specified*: Microsoft's DDF files of DevDetail, DevInfo, DeviceStatus and Reboot, February
//! 2025; the nodes are in [`crate::nodes`].

mod capabilities;
mod info;
mod reboot;

pub use capabilities::{CapabilitiesError, CspVersions};
pub use info::{DeviceFinding, DeviceInfo, DeviceQuery, OsMode, Protection, SecureBoot};
pub use reboot::{RebootError, RebootQuery, RebootSchedule, Recurrence, restart_now};
