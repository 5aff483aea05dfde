//! The short way: lists as Apple's writers write them, read without events, findings or places.
//!
//! What these readers give is what [`build`](super::build) gives over the events of the same list,
//! and a list about which that has something to report: an error, a finding, a limit that is
//! reached, is not read here at all. So they decide nothing, they are only fast at what is usual;
//! `tests/plist_plain.rs` and the fuzz target `plist` compare the two.

mod binary;
mod tree;
mod xml;

pub(super) use binary::read as read_binary;
pub(super) use xml::read as read_xml;
