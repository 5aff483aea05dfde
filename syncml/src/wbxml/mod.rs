//! WBXML, the binary form of SyncML: both ways, on the same model as XML.
//!
//! Bytes that XML carries as base64 travel raw where WBXML says so: a NextNonce, and Data whose
//! format is `bin`. *Observed*: Sony Ericsson's phones send bytes as they are and name no format;
//! such a value is read as one of format `bin`, with a diagnostic
//! ([`Bytes`](crate::DiagnosticCode::Bytes)). Elements without a token, and attributes, which SyncML's code pages do not have,
//! are written as literals with their names in the string table, so nothing is lost; peers that
//! know no literals pass over them.
//!
//! *Specified*: WBXML 1.3 (W3C note, 1999); code pages in OMA-SyncML-RepPro 1.2 section 8,
//! OMA-SyncML-MetInf 1.2 section 8 and OMA-TS-DM_TND 1.2.1 section 8.6. *Observed*: libwbxml writes
//! a description of the tree or of a device in Data as a document of its own, in opaque data; it is
//! read. It knows no code page 2 in SyncML, which we write as OMA has it.

mod error;
mod formats;
mod reader;
mod tables;
mod writer;

pub use error::WbxmlError;
use reader::to_coded_xml;
pub use reader::{looks_like, to_xml};
pub(crate) use writer::of_xml;
pub use writer::{EncodeOptions, PublicId, Version, encode, encode_with, encoded_len};

use crate::decode::{DecodeOptions, decode_coded};
use crate::error::{Error, Limits};
use crate::model::Message;

/// Reads a message in WBXML. Places in its diagnostics are those in the text that [`to_xml`] gives.
///
/// # Errors
/// [`ErrorKind::Wbxml`](crate::ErrorKind::Wbxml) and those of [`decode`](crate::decode).
///
/// ```
/// let mut message = syncml::Message::default();
/// message.body.commands.push(syncml::Command::get("./DevInfo"));
/// let mut bytes = Vec::new();
/// syncml::wbxml::encode(&message, &mut bytes)?;
/// assert_eq!(syncml::wbxml::decode(&bytes, &syncml::Limits::default())?, message);
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Message<'static>, Error> {
    decode_with(bytes, &DecodeOptions::default().with_limits(*limits))
}

/// Reads a message in WBXML as `options` say.
///
/// # Errors
/// As [`decode`], and [`ErrorKind::Strict`](crate::ErrorKind::Strict).
pub fn decode_with(bytes: &[u8], options: &DecodeOptions) -> Result<Message<'static>, Error> {
    let (xml, coded) = to_coded_xml(bytes, &options.limits)?;
    Ok(decode_coded(&xml, coded, options)?.into_owned())
}
