//! Compressed update documents: the cabinets that servers send as `XmlUpdateBlobCompressed`.
//!
//! *Observed* (WSUS 2025): one folder compressed with LZX, one file `blob`, UTF-16LE without a byte
//! order mark. *Specified*: MS-CAB 2 for the container, MS-PATCH for LZX.

mod container;
mod lzx;
mod make;

use std::ops::ControlFlow;

pub use container::{Cabinet, FileEntry};
pub use lzx::Compression;
pub use make::{Maker, make_document};

use crate::metadata::{Select, Skimmer, Update};

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

/// Reads a compressed update document as far as it is wanted, block by block: what nobody asked
/// for is never held. Documents of 47 MB have been reported, which is twice that as UTF-16.
///
/// # Errors
/// [`ErrorKind::Cab`](crate::ErrorKind::Cab), and as [`Update::read`](crate::Update::read).
///
/// ```
/// use wsusss::metadata::Select;
///
/// # let text = r#"<Update><UpdateIdentity UpdateID="6964aab4-c5b5-43bd-a17d-ffb4346a8e1d" RevisionNumber="7"/></Update>"#;
/// let cabinet = wsusss::cab::make_document(text);
/// let update = wsusss::cab::read_update(&cabinet, Select::SUMMARY, &wsusss::Limits::default())?;
/// assert_eq!(update.key.revision, 7);
/// # Ok::<(), wsusss::Error>(())
/// ```
pub fn read_update(
    bytes: &[u8],
    select: Select<'_>,
    limits: &crate::Limits,
) -> Result<Update<'static>, crate::Error> {
    let kind = crate::ErrorKind::from;
    let cabinet = Cabinet::read(bytes).map_err(kind)?;
    let [file] = cabinet.files() else { return Err(kind(CabError::Shape).into()) };
    let mut skimmer = Skimmer::new(select, limits);
    let mut failed = None;
    let extracted = cabinet.extract_in_blocks(file, limits.xml.bytes, |block| {
        match skimmer.handle_bytes(block) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    match failed {
        Some(error) => Err(error),
        None => {
            extracted.map_err(kind)?;
            skimmer.finish()
        }
    }
}
