//! Code that a vendor would write around the crates, and a small world to run it in.
//!
//! [`server`] is the vendor's: an MDM server with a database, the conversations with devices, the
//! metadata sync, the driver approvals, and what IT decides. It is written the way a vendor would
//! write it. [`world`] is everything else: Microsoft Update, Windows PCs, an iPhone and a Graph
//! endpoint, all simulated by the crates' own simulators. [`day`] lets a virtual day pass.
#![forbid(unsafe_code)]

pub mod clock;
pub mod day;
pub mod http;
pub mod inspect;
pub mod journal;
pub mod server;
pub mod world;
