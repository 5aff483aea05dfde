//! Making cabinets as servers send them.

use super::container::block_checksum;
use super::lzx::{Compression, Encoder, slots};

/// Makes a cabinet of one file, in the shape that WSUS sends: one folder, LZX, version 1.3.
///
/// ```
/// use wsusss::cab::{self, Maker};
///
/// let cabinet = Maker::default().make("blob", b"some content, some content");
/// assert_eq!(cab::extract(&cabinet, 1000)?, b"some content, some content");
/// # Ok::<(), cab::CabError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Maker {
    window_bits: Option<u32>,
    compression: Compression,
    block: usize,
    translation: Option<u32>,
}

impl Default for Maker {
    /// As WSUS: a window of 2 MiB.
    fn default() -> Self {
        Self {
            window_bits: Some(21),
            compression: Compression::Verbatim,
            block: 0x8000,
            translation: None,
        }
    }
}

impl Maker {
    /// With a window of 2 to the power of this, 15 to 21; another number is brought there.
    #[must_use]
    pub fn window_bits(mut self, bits: u32) -> Self {
        self.window_bits = Some(bits.clamp(15, 21));
        self
    }

    /// With blocks of this kind.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// With blocks of this many bytes, 64 at least: what begins a block takes room, and a frame has
    /// room for 6 KiB more than its content.
    #[must_use]
    pub fn block(mut self, bytes: usize) -> Self {
        self.block = bytes.max(64);
        self
    }

    /// With calls translated, as for programs of this size.
    #[must_use]
    pub fn translation(mut self, size: u32) -> Self {
        self.translation = Some(size);
        self
    }

    /// Without compression at all.
    #[must_use]
    pub fn stored(mut self) -> Self {
        self.window_bits = None;
        self
    }

    /// A cabinet with this file in it. A file has room for 65,535 blocks of 32 KiB; what is more
    /// is left out.
    #[must_use]
    pub fn make(&self, name: &str, content: &[u8]) -> Vec<u8> {
        let content = content.get(..65_535 * 0x8000).unwrap_or(content);
        let frames = match self.window_bits.filter(|&bits| slots(bits).is_some()) {
            None => content.chunks(0x8000).map(|block| (block.to_vec(), block.len())).collect(),
            Some(window_bits) => {
                let (compression, block) = (self.compression, self.block);
                Encoder { window_bits, compression, block, translation: self.translation }
                    .frames(content)
            }
        };
        let compression = self.window_bits.map_or(0, |bits| bits << 8 | 3);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        let name: Vec<u8> = name.bytes().filter(|byte| *byte != 0).chain([0]).collect();
        let data = 36 + 8 + 16 + name.len();
        let size = data + frames.iter().map(|(packed, _)| 8 + packed.len()).sum::<usize>();
        let mut cab = Vec::with_capacity(size);
        cab.extend(b"MSCF\0\0\0\0");
        cab.extend(number(size));
        cab.extend([0; 4]);
        cab.extend(number(36 + 8));
        cab.extend([0, 0, 0, 0, 3, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        cab.extend(number(data));
        cab.extend(short(frames.len()).to_le_bytes());
        cab.extend(compression.to_le_bytes().iter().take(2));
        cab.extend(number(content.len()));
        cab.extend([0; 12]);
        cab.extend(name);
        for (packed, size) in frames {
            let (length, size) = (short(packed.len()), short(size));
            cab.extend(block_checksum(length, size, &[], &packed).to_le_bytes());
            cab.extend(length.to_le_bytes());
            cab.extend(size.to_le_bytes());
            cab.extend(packed);
        }
        cab
    }
}

/// A compressed update document as WSUS makes it: UTF-16LE without a byte order mark, in a file
/// `blob`. *Observed*: for documents of more than 5,120 bytes of UTF-16.
///
/// ```
/// let cabinet = wsusss::cab::make_document("<Update>ü</Update>");
/// let limits = wsusss::Limits::default();
/// assert_eq!(wsusss::cab::document(&cabinet, &limits)?, "<Update>ü</Update>");
/// # Ok::<(), wsusss::Error>(())
/// ```
#[must_use]
pub fn make_document(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Maker::default().make("blob", &units)
}
