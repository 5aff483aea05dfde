//! WBXML, the binary form of SyncML: into XML text, which everything else reads.
//!
//! *Specified*: WBXML 1.3 (W3C note, 1999); code pages in OMA-SyncML-RepPro 1.2 section 8,
//! OMA-SyncML-MetInf 1.2 section 8 and OMA-TS-DM_TND 1.2.1 section 8.6.

mod reader;
mod tables;

pub use reader::{WbxmlError, looks_like, to_xml};

use crate::decode::DecodeOptions;
use crate::error::{Error, Limits};
use crate::model::Message;

/// Reads a message in WBXML.
///
/// # Errors
/// [`ErrorKind::Wbxml`](crate::ErrorKind::Wbxml) and those of [`decode`](crate::decode).
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Message<'static>, Error> {
    let xml = to_xml(bytes, limits)?;
    Ok(crate::decode::decode_text(&xml, false, &DecodeOptions::default().with_limits(*limits))?
        .into_owned())
}
