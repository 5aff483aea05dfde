//! Large objects: values that travel in chunks over several messages.
//!
//! The first chunk says how large the whole is (Meta, Size), all but the last say that more follows
//! (MoreData), and nothing may come between them. Size counts the bytes of the value as it stands in
//! the message once references are resolved: for base64 the length of the base64 text, for the raw
//! bytes that WBXML has in format `bin` their number. Here those are base64 too, joined to one text.
//!
//! *Specified*: OMA-TS-DM_Protocol 1.2.1, section 7; OMA-TS-DM_TND 1.2.1, 8.3.7.4.
//! *Decision*: markup is sent as text when it has to be cut, since half an element is no element.

mod join;
mod split;

pub use join::{Interrupted, Joined, Joiner, Taken};
pub(crate) use split::{Cursor, Cut, cut, size_of_value};
