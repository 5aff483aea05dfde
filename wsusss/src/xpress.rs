//! `Content-Encoding: xpress`: how WSUS servers compress answers for clients that say
//! `Accept-Encoding: xpress`. A list of 540 kB takes 150 kB.
//!
//! *Specified*: MS-WUSP 2.1.1 for the blocks, MS-XCA 2.3 and 2.4 (plain LZ77) for what is in them.
//! *Observed* (WSUS 2025): blocks of 16,352 bytes; one whose two lengths are equal is stored.
//!
//! The public service was not seen to offer it. HTTP is the caller's: decode the body before it is
//! handed to the machine.

use crate::error::Limits;

/// The most bytes that a block gives (MS-WUSP 2.1.1).
pub const MAX_BLOCK: usize = 65_535;
/// Bytes in a block as WSUS writes them.
const BLOCK: usize = 16_352;
/// The farthest and the longest match that are written.
const FARTHEST: usize = 8_192;
const LONGEST: usize = 1 << 15;
/// Matches from this length on are worth it.
const SHORTEST: usize = 3;

/// What is wrong with a compressed body.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum XpressError {
    /// It ends inside a block, which begins at this byte.
    #[error("it ends inside the block at byte {0}")]
    End(usize),
    /// A block that says it gives nothing, is nothing, or gives more than [`MAX_BLOCK`].
    #[error("the block at byte {0} says that it has an impossible length")]
    Length(usize),
    /// A block that does not decompress to what it says.
    #[error("the block at byte {0} cannot be decompressed")]
    Block(usize),
    /// More bytes than allowed.
    #[error("more than {0} bytes after decompression")]
    Limit(usize),
}

/// Decompresses a body. It gives at most as many bytes as a message may have
/// ([`Limits::xml`]).
///
/// # Errors
/// [`XpressError`].
///
/// ```
/// use wsusss::{Limits, xpress};
///
/// let text = "<UpdateIdentity/>".repeat(1000);
/// let body = xpress::encode(text.as_bytes());
/// assert!(body.len() < 1000);
/// assert_eq!(xpress::decode(&body, &Limits::default())?, text.as_bytes());
/// # Ok::<(), xpress::XpressError>(())
/// ```
pub fn decode(body: &[u8], limits: &Limits) -> Result<Vec<u8>, XpressError> {
    let max = limits.xml.bytes;
    let mut out = Vec::new();
    let mut at = 0usize;
    while at < body.len() {
        let start = at;
        let length = |from: usize| {
            let bytes = body.get(from..from.checked_add(4)?)?;
            usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
        };
        let full = length(at).ok_or(XpressError::End(start))?;
        let packed = length(at + 4).ok_or(XpressError::End(start))?;
        if full == 0 || packed == 0 || full > MAX_BLOCK {
            return Err(XpressError::Length(start));
        }
        at += 8;
        let end = at.checked_add(packed).ok_or(XpressError::End(start))?;
        let block = body.get(at..end).ok_or(XpressError::End(start))?;
        if max.saturating_sub(out.len()) < full {
            return Err(XpressError::Limit(max));
        }
        if full == packed {
            out.extend_from_slice(block);
        } else {
            unpack(block, full, &mut out).ok_or(XpressError::Block(start))?;
        }
        at = end;
    }
    Ok(out)
}

/// One block (MS-XCA 2.4.4). `None` if it is broken.
fn unpack(block: &[u8], full: usize, out: &mut Vec<u8>) -> Option<()> {
    let begin = out.len();
    let (mut at, mut flags, mut left) = (0usize, 0u32, 0u32);
    // Where the second half of a length byte waits.
    let mut half: Option<usize> = None;
    while out.len() - begin < full {
        if left == 0 {
            flags = u32::from_le_bytes(block.get(at..at + 4)?.try_into().ok()?);
            at += 4;
            left = 32;
        }
        left -= 1;
        if flags >> left & 1 == 0 {
            out.push(*block.get(at)?);
            at += 1;
            continue;
        }
        let pair = usize::from(two(block, at)?);
        at += 2;
        let offset = pair / 8 + 1;
        let mut length = pair % 8;
        if length == 7 {
            length = match half.take() {
                Some(place) => usize::from(*block.get(place)? >> 4),
                None => {
                    half = Some(at);
                    at += 1;
                    usize::from(*block.get(at - 1)? & 15)
                }
            };
            if length == 15 {
                length = usize::from(*block.get(at)?);
                at += 1;
                if length == 255 {
                    length = usize::from(two(block, at)?);
                    at += 2;
                    if length == 0 {
                        let four = block.get(at..at + 4)?.try_into().ok()?;
                        length = usize::try_from(u32::from_le_bytes(four)).ok()?;
                        at += 4;
                    }
                    length = length.checked_sub(15 + 7)?;
                }
                length = length.checked_add(15)?;
            }
            length = length.checked_add(7)?;
        }
        // Where addresses have 32 bits, so has the longest length.
        length = length.checked_add(SHORTEST)?;
        let have = out.len() - begin;
        if offset > have || length > full - have {
            return None;
        }
        // A match may reach into what it gives.
        for _ in 0..length {
            let byte = *out.get(out.len() - offset)?;
            out.push(byte);
        }
    }
    Some(())
}

fn two(block: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(block.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Compresses a body, as servers do for clients that ask for it. The same bytes give the same.
#[must_use]
pub fn encode(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for block in body.chunks(BLOCK) {
        let mut packed = pack(block);
        if packed.len() >= block.len() {
            packed = block.to_vec();
        }
        for length in [block.len(), packed.len()] {
            // Both are less than a block.
            out.extend_from_slice(&u32::try_from(length).unwrap_or_default().to_le_bytes());
        }
        out.extend_from_slice(&packed);
    }
    out
}

/// Writes literals and matches, with a word of flags before each 32 of them.
struct Packer {
    out: Vec<u8>,
    flags: u32,
    count: u32,
    flags_at: usize,
    half: Option<usize>,
}

impl Packer {
    fn flag(&mut self, bit: u32) {
        self.flags = self.flags << 1 | bit;
        self.count += 1;
    }

    /// Begins the next word of flags once this one is full: after what its last flag is about. The
    /// last word always has a flag left, by which readers see the end.
    fn item(&mut self) {
        if self.count == 32 {
            self.close();
            self.flags_at = self.out.len();
            self.out.extend_from_slice(&[0; 4]);
            (self.flags, self.count) = (0, 0);
        }
    }

    /// Puts the flags where they belong; those that are not used are ones.
    fn close(&mut self) {
        let rest = 32 - self.count;
        let flags = (u64::from(self.flags) << rest) | ((1u64 << rest) - 1);
        let flags = u32::try_from(flags).unwrap_or(u32::MAX);
        if let Some(place) = self.out.get_mut(self.flags_at..self.flags_at + 4) {
            place.copy_from_slice(&flags.to_le_bytes());
        }
    }

    fn matched(&mut self, offset: usize, length: usize) {
        self.flag(1);
        let mut rest = length - SHORTEST;
        let pair = (offset - 1) * 8 + rest.min(7);
        self.out.extend_from_slice(&u16::try_from(pair).unwrap_or_default().to_le_bytes());
        if rest < 7 {
            return;
        }
        rest -= 7;
        let nibble = u8::try_from(rest.min(15)).unwrap_or(15);
        match self.half.take() {
            Some(place) => {
                if let Some(byte) = self.out.get_mut(place) {
                    *byte |= nibble << 4;
                }
            }
            None => {
                self.half = Some(self.out.len());
                self.out.push(nibble);
            }
        }
        if rest < 15 {
            return;
        }
        rest -= 15;
        match u8::try_from(rest) {
            Ok(byte) if byte < 255 => self.out.push(byte),
            _ => {
                self.out.push(255);
                let long = u16::try_from(rest + 15 + 7).unwrap_or(u16::MAX);
                self.out.extend_from_slice(&long.to_le_bytes());
            }
        }
    }
}

fn pack(block: &[u8]) -> Vec<u8> {
    let mut packer = Packer { out: vec![0; 4], flags: 0, count: 0, flags_at: 0, half: None };
    // Where three bytes with this sum were seen last, plus one.
    let mut last = vec![0usize; 1 << 13];
    let sum = |at: usize| -> Option<usize> {
        let [a, b, c] = block.get(at..at + SHORTEST)? else { return None };
        let mixed = u32::from(*a) | u32::from(*b) << 8 | u32::from(*c) << 16;
        usize::try_from(mixed.wrapping_mul(0x9e37_79b1) >> 19).ok()
    };
    let mut at = 0;
    while let Some(byte) = block.get(at) {
        let place = sum(at);
        let slot = place.and_then(|place| last.get_mut(place));
        let before = slot.map_or(0, |slot| std::mem::replace(slot, at + 1));
        let found = before.checked_sub(1).filter(|before| at - before <= FARTHEST);
        let length = found.map_or(0, |before| {
            let same = block.iter().skip(before).zip(block.iter().skip(at));
            same.take(LONGEST).take_while(|(one, other)| one == other).count()
        });
        match found {
            Some(before) if length >= SHORTEST => {
                packer.matched(at - before, length);
                for passed in at + 1..at + length {
                    if let Some(slot) = sum(passed).and_then(|place| last.get_mut(place)) {
                        *slot = passed + 1;
                    }
                }
                at += length;
            }
            _ => {
                packer.flag(0);
                packer.out.push(*byte);
                at += 1;
            }
        }
        packer.item();
    }
    packer.close();
    packer.out
}
