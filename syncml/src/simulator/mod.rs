//! A simulated device: the client's side of a session, over a management tree.
//!
//! It talks as Windows 11 does (*observed* in captures of build 26200): CmdIDs begin at 2 in
//! package 1, alerts come before the Replace of DevInfo, references are plain text, Results have
//! no Cmd, and a message that would hold nothing but the header's status is not sent.
//!
//! Its state is a plain value, written to the device's disk together with what its tree changed:
//! a device that loses power sends the same message again, and executes nothing twice.

mod device;
mod tree;

pub use device::{Device, Executed, Step};
pub use tree::{Leaf, MemoryTree, NodeValue, Tree};
