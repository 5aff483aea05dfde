//! What `mdm-inspect` shows, per crate, and of what nobody should send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod apple;
mod graph;
mod hostile;
mod shown;
mod syncml;
mod wsus;
