//! A simulated device: the client's side of a session, over a management tree.
//!
//! [`DeviceSession`] talks as the peer that its [`Profile`] describes. By default that is Windows 11
//! (*observed* in captures of build 26200): CmdIDs begin at 2 in package 1, alerts come before the
//! Replace of DevInfo, references are plain text, Results have no Cmd, results that are larger than
//! the server's MaxMsgSize end the session, and a message that would hold nothing but the header's
//! status is not sent.
//!
//! Its state is a plain value, written to the device's disk together with what its tree changed:
//! a device that loses power sends the same message again, and executes nothing twice.

mod device;
mod execute;
mod profile;
mod send;
mod tree;

pub use device::{DeviceSession, Executed, Step};
// The short name; there is one session type on the device's side.
pub use device::DeviceSession as Device;
pub use profile::{OverLimit, Profile};
pub use tree::{Leaf, MemoryTree, NodeValue, Tree};

pub use crate::session::bytes::seal;
