//! Compressed update documents: the cabinets that servers send as `XmlUpdateBlobCompressed`.
//!
//! *Observed* (WSUS 2025): one folder compressed with LZX, one file `blob`, UTF-16LE without a byte
//! order mark. *Specified*: MS-CAB 2 for the container, MS-PATCH for LZX.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lzxd::{Lzxd, WindowSize};

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
    /// More than one folder or file, or a file that is spread over several cabinets.
    #[error("it is not one file in one folder")]
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

struct Input<'x> {
    bytes: &'x [u8],
    at: usize,
}

impl<'x> Input<'x> {
    fn take(&mut self, length: usize) -> Result<&'x [u8], CabError> {
        let end = self.at.checked_add(length).ok_or(CabError::End)?;
        let taken = self.bytes.get(self.at..end).ok_or(CabError::End)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CabError> {
        self.take(N)?.try_into().map_err(|_| CabError::End)
    }

    fn u8(&mut self) -> Result<u8, CabError> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Result<u16, CabError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, CabError> {
        self.array().map(u32::from_le_bytes)
    }

    fn skip_text(&mut self) -> Result<(), CabError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += memchr::memchr(0, rest).ok_or(CabError::End)? + 1;
        Ok(())
    }
}

/// Whether these bytes begin as a cabinet does.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"MSCF")
}

/// The one file in a cabinet, of at most `max` bytes.
///
/// # Errors
/// Every [`CabError`].
pub fn extract(bytes: &[u8], max: usize) -> Result<Vec<u8>, CabError> {
    if !looks_like(bytes) {
        return Err(CabError::Signature);
    }
    let mut input = Input { bytes, at: 4 };
    input.take(4 + 4 + 4)?; // reserved, size, reserved
    let files_at = usize::try_from(input.u32()?).map_err(|_| CabError::End)?;
    input.take(4 + 2)?; // reserved, version
    let (folders, files, flags) = (input.u16()?, input.u16()?, input.u16()?);
    input.take(4)?; // set, number in it
    if folders != 1 || files != 1 || flags & 3 != 0 {
        return Err(CabError::Shape);
    }
    // Room that the maker of the cabinet reserved for itself.
    let (mut in_folder, mut in_block) = (0, 0);
    if flags & 4 != 0 {
        let in_header = input.u16()?;
        in_folder = usize::from(input.u8()?);
        in_block = usize::from(input.u8()?);
        input.take(usize::from(in_header))?;
    }
    let data_at = usize::try_from(input.u32()?).map_err(|_| CabError::End)?;
    let (blocks, compression) = (input.u16()?, input.u16()?);
    input.take(in_folder)?;

    let mut file = Input { bytes, at: files_at };
    let size = usize::try_from(file.u32()?).map_err(|_| CabError::End)?;
    let start = usize::try_from(file.u32()?).map_err(|_| CabError::End)?;
    file.take(2 + 2 + 2 + 2)?; // folder, date, time, attributes
    file.skip_text()?;
    let end = start.checked_add(size).ok_or(CabError::End)?;
    if end > max {
        return Err(CabError::Limit(max));
    }

    let mut decoder = match compression & 0x000F {
        0 => None,
        3 => Some(Lzxd::new(window(compression)?)),
        _ => return Err(CabError::Compression(compression)),
    };
    let mut data = Input { bytes, at: data_at };
    // Never more than the blocks that are there can give: 32 KiB each.
    let mut out = Vec::with_capacity(end.min(usize::from(blocks) * BLOCK));
    for block in 0..blocks {
        let checksum = data.u32()?;
        let (packed, unpacked) = (data.u16()?, data.u16()?);
        let reserved = data.take(in_block)?;
        let content = data.take(usize::from(packed))?;
        if checksum != 0 && checksum != block_checksum(packed, unpacked, reserved, content) {
            return Err(CabError::Checksum(block));
        }
        let unpacked = usize::from(unpacked);
        // The decoder's chunks are no larger (MS-CAB 2.4).
        if unpacked > BLOCK {
            return Err(CabError::Block(block));
        }
        match &mut decoder {
            None if content.len() == unpacked => out.extend_from_slice(content),
            None => return Err(CabError::Block(block)),
            Some(decoder) => {
                // lzxd 0.2.7 computes offsets from the input without a check, which panics where
                // arithmetic is checked. A panic is an error like any other here.
                let decoded = catch_unwind(AssertUnwindSafe(|| {
                    decoder.decompress_next(content, unpacked).map(|decoded| {
                        out.extend_from_slice(decoded);
                    })
                }));
                match decoded {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return Err(CabError::Block(block)),
                }
            }
        }
        if out.len() > max {
            return Err(CabError::Limit(max));
        }
    }
    let file = out.get(start..end).ok_or(CabError::End)?;
    Ok(if start == 0 && end == out.len() { out } else { file.to_vec() })
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

fn window(compression: u16) -> Result<WindowSize, CabError> {
    Ok(match compression >> 8 & 0x1F {
        15 => WindowSize::KB32,
        16 => WindowSize::KB64,
        17 => WindowSize::KB128,
        18 => WindowSize::KB256,
        19 => WindowSize::KB512,
        20 => WindowSize::MB1,
        21 => WindowSize::MB2,
        _ => return Err(CabError::Compression(compression)),
    })
}

/// The checksum of a CFDATA block (MS-CAB 3.1): over its sizes, what is reserved, and its content.
fn block_checksum(packed: u16, unpacked: u16, reserved: &[u8], content: &[u8]) -> u32 {
    let sizes = u32::from(packed) | u32::from(unpacked) << 16;
    xor_words(content, xor_words(reserved, 0)) ^ sizes
}

/// Exclusive or of little-endian words; the bytes that are left over count the other way round.
fn xor_words(bytes: &[u8], seed: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum = words.iter().fold(seed, |sum, word| sum ^ u32::from_le_bytes(*word));
    sum ^ rest.iter().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cabinet whose one file is stored in blocks.
    fn stored(content: &[u8]) -> Vec<u8> {
        let blocks: Vec<&[u8]> = content.chunks(0x8000).collect();
        let mut cab = b"MSCF".to_vec();
        cab.extend([0; 12]);
        cab.extend(44u32.to_le_bytes());
        cab.extend([0, 0, 0, 0, 3, 1]);
        for number in [1u16, 1, 0, 0, 0] {
            cab.extend(number.to_le_bytes());
        }
        cab.extend(65u32.to_le_bytes());
        cab.extend(u16::try_from(blocks.len()).unwrap().to_le_bytes());
        cab.extend(0u16.to_le_bytes());
        cab.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        cab.extend([0; 12]);
        cab.extend(b"blob\0");
        for block in blocks {
            let size = u16::try_from(block.len()).unwrap();
            cab.extend(block_checksum(size, size, &[], block).to_le_bytes());
            cab.extend(size.to_le_bytes());
            cab.extend(size.to_le_bytes());
            cab.extend(block);
        }
        cab
    }

    #[test]
    fn stored_files_of_every_size_are_read() {
        for size in [0, 1, 3, 4, 5, 0x7fff, 0x8000, 0x8001, 100_000] {
            let content: Vec<u8> = (0..size).map(|index: u32| index.to_le_bytes()[0]).collect();
            assert_eq!(extract(&stored(&content), 100_000), Ok(content), "{size}");
        }
        assert_eq!(extract(&stored(&[0; 11]), 10), Err(CabError::Limit(10)));
        assert!(extract(&stored(&[0; 10]), 10).is_ok());
    }

    #[test]
    fn a_broken_cabinet_is_refused_wherever_it_is_cut_or_changed() {
        let cab = stored(b"<a/> some text that is long enough");
        for end in 0..cab.len() {
            assert!(extract(cab.get(..end).unwrap(), 1000).is_err(), "{end}");
        }
        let mut changed = cab.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(extract(&changed, 1000), Err(CabError::Checksum(0)));
        for (at, value, error) in [
            (26, 2, CabError::Shape),
            (42, 1, CabError::Compression(1)),
            (0, 0, CabError::Signature),
        ] {
            let mut changed = cab.clone();
            *changed.get_mut(at).unwrap() = value;
            assert_eq!(extract(&changed, 1000), Err(error), "{at}");
        }
    }
}
