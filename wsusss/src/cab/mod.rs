//! Compressed update documents: the cabinets that servers send as `XmlUpdateBlobCompressed`.
//!
//! *Observed* (WSUS 2025): one folder compressed with LZX, one file `blob`, UTF-16LE without a byte
//! order mark. *Specified*: MS-CAB 2 for the container, MS-PATCH for LZX.

mod container;
mod lzx;
mod make;

pub use container::{Cabinet, FileEntry};
pub use lzx::Compression;
pub use make::{Maker, make_document};

/// Bytes that a block gives at most.
const BLOCK: usize = 0x8000;

/// What is wrong with a cabinet.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CabError {
    /// Not a cabinet.
    #[error("it does not begin with MSCF")]
    Signature,
    /// It ends too early, or its offsets point outside.
    #[error("it ends too early")]
    End,
    /// Not one file where one is wanted, or a file that is spread over several cabinets.
    #[error("it is not one file in one cabinet")]
    Shape,
    /// A compression that is not read here: MSZIP or Quantum.
    #[error("compression 0x{0:04X} is not supported")]
    Compression(u16),
    /// A block whose checksum is wrong.
    #[error("the checksum of block {0} is wrong")]
    Checksum(u16),
    /// A block that does not decompress to what it says.
    #[error("block {0} cannot be decompressed")]
    Block(u16),
    /// More bytes than allowed.
    #[error("more than {0} bytes after decompression")]
    Limit(usize),
}

/// Whether these bytes begin as a cabinet does.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"MSCF")
}

/// The one file in a cabinet, of at most `max` bytes.
///
/// # Errors
/// Every [`CabError`]; [`CabError::Shape`] where there is not exactly one file.
pub fn extract(bytes: &[u8], max: usize) -> Result<Vec<u8>, CabError> {
    let cabinet = Cabinet::read(bytes)?;
    match cabinet.files() {
        [file] => cabinet.extract(file, max),
        _ => Err(CabError::Shape),
    }
}

/// The text of a compressed update document.
///
/// # Errors
/// [`ErrorKind::Cab`](crate::ErrorKind::Cab), and those of the encoding.
pub fn document(bytes: &[u8], limits: &crate::Limits) -> Result<String, crate::Error> {
    let file = extract(bytes, limits.document).map_err(crate::ErrorKind::from)?;
    let source = mdm_xml::Source::new(&file, &limits.xml)?;
    Ok(source.into_text().into_owned())
}
