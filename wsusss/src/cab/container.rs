//! The cabinet around the compressed bytes (MS-CAB 2).

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::lzx::{self, FRAME};
use super::{BLOCK, CabError};

/// Reads numbers, low byte first, and never past the end.
#[derive(Clone)]
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

    fn offset(&mut self) -> Result<usize, CabError> {
        usize::try_from(self.u32()?).map_err(|_| CabError::End)
    }

    fn text(&mut self) -> Result<&'x [u8], CabError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = memchr::memchr(0, rest).ok_or(CabError::End)?;
        let text = self.take(length)?;
        self.take(1)?;
        Ok(text)
    }
}

/// Files together in one stream (CFFOLDER).
#[derive(Clone, Copy, Debug)]
struct Folder {
    /// Where its first block begins.
    data: usize,
    blocks: u16,
    compression: u16,
}

/// A file in a cabinet (CFFILE).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FileEntry<'x> {
    /// Its name: UTF-8 or some code page, as it stands.
    pub name: &'x [u8],
    /// Its size in bytes, as the cabinet says.
    pub size: usize,
    /// Where it begins in its folder's stream.
    start: usize,
    folder: u16,
}

/// A cabinet, whose directory was read and whose files were not.
///
/// ```
/// let bytes = wsusss::cab::Maker::default().make("blob", b"content");
/// let cabinet = wsusss::cab::Cabinet::read(&bytes)?;
/// let file = &cabinet.files()[0];
/// assert_eq!((file.name, file.size), (&b"blob"[..], 7));
/// assert_eq!(cabinet.extract(file, 100)?, b"content");
/// # Ok::<(), wsusss::cab::CabError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cabinet<'x> {
    bytes: &'x [u8],
    folders: Vec<Folder>,
    files: Vec<FileEntry<'x>>,
    /// Bytes that the cabinet's maker reserved in each block.
    reserved: usize,
}

impl<'x> Cabinet<'x> {
    /// Reads the directory of a cabinet.
    ///
    /// # Errors
    /// [`CabError::Signature`], [`CabError::End`], and [`CabError::Shape`] for a cabinet that is
    /// one of a set.
    pub fn read(bytes: &'x [u8]) -> Result<Self, CabError> {
        if !super::looks_like(bytes) {
            return Err(CabError::Signature);
        }
        let mut input = Input { bytes, at: 4 };
        input.take(4 + 4 + 4)?; // reserved, size, reserved
        let files_at = input.offset()?;
        input.take(4 + 2)?; // reserved, version
        let (folder_count, file_count, flags) = (input.u16()?, input.u16()?, input.u16()?);
        input.take(4)?; // set, number in it
        if flags & 3 != 0 {
            return Err(CabError::Shape);
        }
        let (mut in_folder, mut reserved) = (0, 0);
        if flags & 4 != 0 {
            let in_header = input.u16()?;
            in_folder = usize::from(input.u8()?);
            reserved = usize::from(input.u8()?);
            input.take(usize::from(in_header))?;
        }
        // Every folder and file takes up bytes, so what is kept is never more than what came.
        let mut folders = Vec::new();
        for _ in 0..folder_count {
            let data = input.offset()?;
            let (blocks, compression) = (input.u16()?, input.u16()?);
            input.take(in_folder)?;
            folders.push(Folder { data, blocks, compression });
        }
        let mut input = Input { bytes, at: files_at };
        let mut files = Vec::new();
        for _ in 0..file_count {
            let (size, start) = (input.offset()?, input.offset()?);
            let folder = input.u16()?;
            input.take(2 + 2 + 2)?; // date, time, attributes
            let name = input.text()?;
            // Numbers from FFFD on are files that go on in another cabinet.
            if usize::from(folder) >= folders.len() {
                return Err(CabError::Shape);
            }
            files.push(FileEntry { name, size, start, folder });
        }
        Ok(Self { bytes, folders, files, reserved })
    }

    /// The files.
    #[must_use]
    pub fn files(&self) -> &[FileEntry<'x>] {
        &self.files
    }

    /// The bytes of one file, of at most `max` bytes. What is before it in its folder is
    /// decompressed as well and counts.
    ///
    /// # Errors
    /// [`CabError::Limit`], before anything is decompressed; [`CabError::Compression`],
    /// [`CabError::Checksum`], [`CabError::Block`] and [`CabError::End`].
    pub fn extract(&self, file: &FileEntry<'x>, max: usize) -> Result<Vec<u8>, CabError> {
        let end = file.start.checked_add(file.size).ok_or(CabError::End)?;
        if end > max {
            return Err(CabError::Limit(max));
        }
        let folder = self.folders.get(usize::from(file.folder)).ok_or(CabError::Shape)?;
        let mut out = self.unpack(folder, end)?;
        if out.len() < end {
            return Err(CabError::End);
        }
        out.truncate(end);
        out.drain(..file.start);
        Ok(out)
    }

    /// The bytes of one file, of at most `max` bytes, block by block. No more is held than a match
    /// can reach back: 4 MiB. `each` says whether to go on.
    ///
    /// # Errors
    /// As [`extract`](Self::extract); blocks before the broken one have been handed out then.
    pub fn extract_in_blocks(
        &self,
        file: &FileEntry<'x>,
        max: usize,
        mut each: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), CabError> {
        let end = file.start.checked_add(file.size).ok_or(CabError::End)?;
        if end > max {
            return Err(CabError::Limit(max));
        }
        let folder = self.folders.get(usize::from(file.folder)).ok_or(CabError::Shape)?;
        let mut blocks = self.blocks(folder)?;
        // Two windows of 2 MiB are the most that is ever held.
        let mut unpacker = self.unpacker(folder, end.min((4 << 20) + 2 * FRAME))?;
        let mut done = 0;
        while done < end {
            let Some(block) = blocks.next()? else { return Err(CabError::End) };
            unpacker.block(&block).ok_or(CabError::Block(block.number))?;
            let bytes = unpacker.last(&block);
            let from = file.start.saturating_sub(done).min(bytes.len());
            let to = (end - done).min(bytes.len());
            done += bytes.len();
            if let Some(bytes) = bytes.get(from..to).filter(|bytes| !bytes.is_empty())
                && each(bytes).is_break()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The first `wanted` bytes of a folder, and the rest of the block that they end in.
    fn unpack(&self, folder: &Folder, wanted: usize) -> Result<Vec<u8>, CabError> {
        // What is likely, not what the cabinet says: it may lie.
        let mut unpacker = self.unpacker(folder, wanted.min(self.bytes.len().saturating_mul(8)))?;
        let mut blocks = self.blocks(folder)?;
        let mut done = 0;
        while done < wanted
            && let Some(block) = blocks.next()?
        {
            unpacker.block(&block).ok_or(CabError::Block(block.number))?;
            done += block.size;
        }
        Ok(unpacker.finish())
    }

    fn unpacker(&self, folder: &Folder, expected: usize) -> Result<Unpacker, CabError> {
        let unknown = CabError::Compression(folder.compression);
        Ok(match folder.compression & 0x000F {
            0 => Unpacker::Stored(Vec::with_capacity(expected)),
            3 => {
                let window = u32::from(folder.compression >> 8 & 0x1F);
                Unpacker::Lzx(Box::new(lzx::Decoder::new(window, expected).ok_or(unknown)?))
            }
            _ => return Err(unknown),
        })
    }

    fn blocks(&self, folder: &Folder) -> Result<Blocks<'x>, CabError> {
        let data = Input { bytes: self.bytes, at: folder.data };
        Ok(Blocks { data, reserved: self.reserved, number: 0, count: folder.blocks })
    }
}

/// The blocks of a folder (CFDATA).
struct Blocks<'x> {
    data: Input<'x>,
    reserved: usize,
    number: u16,
    count: u16,
}

struct Block<'x> {
    number: u16,
    last: bool,
    content: &'x [u8],
    /// Bytes that it gives.
    size: usize,
}

impl<'x> Blocks<'x> {
    /// The next block, with its checksum right.
    fn next(&mut self) -> Result<Option<Block<'x>>, CabError> {
        let number = self.number;
        if number == self.count {
            return Ok(None);
        }
        self.number += 1;
        let checksum = self.data.u32()?;
        let (packed, unpacked) = (self.data.u16()?, self.data.u16()?);
        let reserved = self.data.take(self.reserved)?;
        let content = self.data.take(usize::from(packed))?;
        if checksum != 0 && checksum != block_checksum(packed, unpacked, reserved, content) {
            return Err(CabError::Checksum(number));
        }
        let last = self.number == self.count;
        Ok(Some(Block { number, last, content, size: usize::from(unpacked) }))
    }
}

enum Unpacker {
    Stored(Vec<u8>),
    Lzx(Box<lzx::Decoder>),
}

impl Unpacker {
    fn block(&mut self, block: &Block<'_>) -> Option<()> {
        if block.size > BLOCK {
            return None;
        }
        match self {
            Self::Stored(out) if block.content.len() == block.size => {
                out.extend_from_slice(block.content);
            }
            Self::Stored(_) => return None,
            // Only the last frame may be short: the others are where calls are translated from.
            Self::Lzx(_) if block.size != FRAME && !block.last => return None,
            Self::Lzx(decoder) => decoder.frame(block.content, block.size).ok()?,
        }
        Some(())
    }

    /// What the last block gave; what is before it is no longer wanted.
    fn last<'s>(&'s mut self, block: &Block<'s>) -> Cow<'s, [u8]> {
        match self {
            Self::Stored(out) => {
                out.clear();
                Cow::Borrowed(block.content)
            }
            Self::Lzx(decoder) => decoder.last(block.size, usize::from(block.number)),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Stored(out) => out,
            Self::Lzx(decoder) => decoder.finish(),
        }
    }
}

/// The checksum of a CFDATA block (MS-CAB 3.1): over its sizes, what is reserved, and its content.
pub(super) fn block_checksum(packed: u16, unpacked: u16, reserved: &[u8], content: &[u8]) -> u32 {
    let sizes = u32::from(packed) | u32::from(unpacked) << 16;
    xor_words(content, xor_words(reserved, 0)) ^ sizes
}

/// Exclusive or of little-endian words; the bytes that are left over count the other way round.
fn xor_words(bytes: &[u8], seed: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum = words.iter().fold(seed, |sum, word| sum ^ u32::from_le_bytes(*word));
    sum ^ rest.iter().fold(0, |word, byte| word << 8 | u32::from(*byte))
}
