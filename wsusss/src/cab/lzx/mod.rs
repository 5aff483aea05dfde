//! LZX as cabinets have it (MS-PATCH 2; MS-CAB 2.4 for the frames).
//!
//! Our own: the published decoders in Rust panic on what a server may send (lzxd 0.2.7 counts
//! offsets without checks) or bring C along, and with the whole output at hand no window has to be
//! kept or copied. CI compares it with `cabextract`.

mod bits;
mod encode;
mod huffman;

use std::borrow::Cow;

use self::bits::Bits;
use self::huffman::Codes;

pub use encode::Compression;
pub(super) use encode::Encoder;

/// Bytes in a frame; the last one may have fewer.
pub(super) const FRAME: usize = 0x8000;
/// Symbols of a literal.
const LITERALS: usize = 256;
/// Symbols of the length code.
const LENGTHS: usize = 249;
/// The shortest match.
const SHORTEST: usize = 2;
/// The most position slots, with the largest window.
const SLOTS: usize = 50;
/// Room behind the output: matches are copied 16 bytes at a time.
const SLACK: usize = 32;

/// What cannot be decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Broken;

/// Position slots of a window of 2 to the power of 15 to 21.
pub(super) const fn slots(window_bits: u32) -> Option<usize> {
    Some(match window_bits {
        15 => 30,
        16 => 32,
        17 => 34,
        18 => 36,
        19 => 38,
        20 => 42,
        21 => 50,
        _ => return None,
    })
}

/// How many bits follow each slot.
#[expect(clippy::indexing_slicing, reason = "the compiler computes it")]
const FOOTERS: [u8; SLOTS] = {
    let mut footers = [0; SLOTS];
    let mut slot = 4;
    while slot < SLOTS {
        let bits = slot / 2 - 1;
        #[expect(clippy::cast_possible_truncation)]
        {
            footers[slot] = if bits < 17 { bits as u8 } else { 17 };
        }
        slot += 1;
    }
    footers
};

/// The first position of each slot.
#[expect(clippy::indexing_slicing, reason = "the compiler computes it")]
const BASES: [u32; SLOTS] = {
    let mut bases = [0; SLOTS];
    let mut slot = 1;
    while slot < SLOTS {
        bases[slot] = bases[slot - 1] + (1 << FOOTERS[slot - 1]);
        slot += 1;
    }
    bases
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Verbatim,
    Aligned,
    Uncompressed,
}

/// Decodes the frames of one folder, one after the other.
pub(super) struct Decoder {
    out: Vec<u8>,
    length: usize,
    /// A match reaches no further back.
    window: usize,
    slots: usize,
    started: bool,
    /// The file's size as calls were translated with it.
    translation: Option<u32>,
    kind: Kind,
    /// Bytes that the block has still to give.
    remaining: usize,
    /// The block has an odd number of bytes, and one follows to make it even.
    odd: bool,
    /// The last three offsets.
    recent: [u32; 3],
    main_lengths: [u8; LITERALS + SLOTS * 8],
    length_lengths: [u8; LENGTHS],
    main: Codes<11>,
    lengths: Codes<9>,
    aligned: Codes<7>,
    pretree: Codes<7>,
}

impl Decoder {
    /// A decoder for a window of 2 to the power of 15 to 21, and about how much it will give.
    pub(super) fn new(window_bits: u32, expected: usize) -> Option<Self> {
        Some(Self {
            out: Vec::with_capacity(expected + SLACK),
            length: 0,
            window: 1 << window_bits,
            slots: slots(window_bits)?,
            started: false,
            translation: None,
            kind: Kind::Verbatim,
            remaining: 0,
            odd: false,
            recent: [1; 3],
            main_lengths: [0; LITERALS + SLOTS * 8],
            length_lengths: [0; LENGTHS],
            main: Codes::new(),
            lengths: Codes::new(),
            aligned: Codes::new(),
            pretree: Codes::new(),
        })
    }

    /// Decodes a frame of `size` bytes.
    pub(super) fn frame(&mut self, input: &[u8], size: usize) -> Result<(), Broken> {
        let end = self.length + size;
        self.out.resize(end + SLACK, 0);
        let mut bits = Bits::new(input);
        if self.odd && self.remaining == 0 {
            bits.bytes(1).ok_or(Broken)?;
            self.odd = false;
        }
        if !self.started {
            self.started = true;
            if bits.read(1) == 1 {
                self.translation = Some(bits.read(32));
            }
        }
        while self.length < end {
            if self.remaining == 0 {
                self.block(&mut bits)?;
            }
            let run = self.remaining.min(end - self.length);
            let until = self.length + run;
            match self.kind {
                Kind::Verbatim => self.matches::<false>(&mut bits, until)?,
                Kind::Aligned => self.matches::<true>(&mut bits, until)?,
                Kind::Uncompressed => {
                    let bytes = bits.bytes(run).ok_or(Broken)?;
                    let place = self.out.get_mut(self.length..until).ok_or(Broken)?;
                    place.copy_from_slice(bytes);
                }
            }
            self.length = until;
            self.remaining -= run;
            if self.remaining == 0 && self.odd && bits.bytes(1).is_some() {
                self.odd = false;
            }
        }
        if bits.overrun() { Err(Broken) } else { Ok(()) }
    }

    /// The bytes of the last frame, of this size; and the memory of those before it as far as no
    /// match can reach them any more.
    pub(super) fn last(&mut self, size: usize, number: usize) -> Cow<'_, [u8]> {
        if self.length > 2 * self.window + size {
            let kept = self.length - self.window.max(size);
            self.out.copy_within(kept..self.length, 0);
            self.length -= kept;
        }
        let frame = self.out.get(self.length.saturating_sub(size)..self.length);
        let frame = frame.unwrap_or_default();
        match self.translation {
            None => Cow::Borrowed(frame),
            Some(file) => {
                let mut frame = frame.to_vec();
                translate(&mut frame, number, file, back);
                Cow::Owned(frame)
            }
        }
    }

    /// The bytes of all frames.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.out.truncate(self.length);
        if let Some(size) = self.translation {
            translate(&mut self.out, 0, size, back);
        }
        self.out
    }

    /// The header of a block.
    fn block(&mut self, bits: &mut Bits<'_>) -> Result<(), Broken> {
        let kind = bits.read(3);
        self.remaining = bits.read(24) as usize;
        self.kind = match kind {
            1 => Kind::Verbatim,
            2 => Kind::Aligned,
            3 => Kind::Uncompressed,
            _ => return Err(Broken),
        };
        if self.remaining == 0 {
            return Err(Broken);
        }
        if self.kind == Kind::Uncompressed {
            bits.align();
            for recent in &mut self.recent {
                let bytes = bits.bytes(4).and_then(<[u8]>::first_chunk).ok_or(Broken)?;
                *recent = u32::from_le_bytes(*bytes);
            }
            self.odd = self.remaining % 2 == 1;
            return Ok(());
        }
        self.odd = false;
        if self.kind == Kind::Aligned {
            let mut lengths = [0; 8];
            for length in &mut lengths {
                *length = three_bits(bits);
            }
            self.aligned.build(&lengths)?;
        }
        let symbols = LITERALS + self.slots * 8;
        let main = self.main_lengths.get_mut(..symbols).ok_or(Broken)?;
        let (literals, positions) = main.split_at_mut_checked(LITERALS).ok_or(Broken)?;
        read_lengths(&mut self.pretree, bits, literals)?;
        read_lengths(&mut self.pretree, bits, positions)?;
        read_lengths(&mut self.pretree, bits, &mut self.length_lengths)?;
        self.main.build(self.main_lengths.get(..symbols).ok_or(Broken)?)?;
        self.lengths.build(&self.length_lengths)
    }

    /// Literals and matches up to `until`.
    #[inline(always)]
    fn matches<const ALIGNED: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        until: usize,
    ) -> Result<(), Broken> {
        let mut at = self.length;
        let [mut first, mut second, mut third] = self.recent;
        let out = self.out.as_mut_slice();
        while at < until {
            bits.refill();
            let symbol = self.main.next(bits)?;
            let Some(symbol) = symbol.checked_sub(256) else {
                #[expect(clippy::cast_possible_truncation)]
                let literal = symbol as u8;
                *out.get_mut(at).ok_or(Broken)? = literal;
                at += 1;
                continue;
            };
            let mut length = usize::from(symbol & 7) + SHORTEST;
            if symbol & 7 == 7 {
                length += usize::from(self.lengths.next(bits)?);
            }
            let offset = match usize::from(symbol >> 3) {
                0 => first,
                1 => {
                    std::mem::swap(&mut first, &mut second);
                    first
                }
                2 => {
                    std::mem::swap(&mut first, &mut third);
                    first
                }
                slot => {
                    let footer = u32::from(*FOOTERS.get(slot).ok_or(Broken)?);
                    let base = *BASES.get(slot).ok_or(Broken)?;
                    let extra = match footer {
                        0 => 0,
                        1..3 => bits.take(footer),
                        _ if ALIGNED => {
                            bits.refill();
                            let high = if footer > 3 { bits.take(footer - 3) << 3 } else { 0 };
                            high + u32::from(self.aligned.next(bits)?)
                        }
                        _ => bits.take(footer),
                    };
                    (third, second) = (second, first);
                    first = base + extra - 2;
                    first
                }
            };
            let offset = offset as usize;
            if offset == 0 || offset > at || offset > self.window || length > until - at {
                return Err(Broken);
            }
            copy(out, at, offset, length)?;
            at += length;
        }
        self.recent = [first, second, third];
        Ok(())
    }
}

/// Copies a match; there are `SLACK` bytes behind what may be written.
#[inline(always)]
fn copy(out: &mut [u8], at: usize, offset: usize, length: usize) -> Result<(), Broken> {
    let from = at - offset;
    if offset >= 16 {
        let mut done = 0;
        while done < length {
            let chunk = out.get(from + done..).and_then(<[u8]>::first_chunk::<16>);
            let chunk = *chunk.ok_or(Broken)?;
            let place = out.get_mut(at + done..).and_then(<[u8]>::first_chunk_mut::<16>);
            *place.ok_or(Broken)? = chunk;
            done += 16;
        }
        return Ok(());
    }
    let place = out.get_mut(from..at + length).ok_or(Broken)?;
    if offset == 1 {
        let byte = *place.first().ok_or(Broken)?;
        place.fill(byte);
        return Ok(());
    }
    // The match overlaps itself: twice as much of it is there after each step.
    let mut there = offset;
    while there < place.len() {
        let step = there.min(place.len() - there);
        place.copy_within(..step, there);
        there += step;
    }
    Ok(())
}

fn three_bits(bits: &mut Bits<'_>) -> u8 {
    bits.read(3).to_le_bytes()[0]
}

/// Code lengths as changes of those before, themselves coded (MS-PATCH 2.7.2).
fn read_lengths(
    pretree: &mut Codes<7>,
    bits: &mut Bits<'_>,
    lengths: &mut [u8],
) -> Result<(), Broken> {
    let mut coded = [0; 20];
    for length in &mut coded {
        *length = bits.read(4).to_le_bytes()[0];
    }
    pretree.build(&coded)?;
    let mut at = 0;
    while at < lengths.len() {
        bits.refill();
        let symbol = pretree.next(bits)?;
        let old = *lengths.get(at).ok_or(Broken)?;
        let (run, length) = match symbol {
            17 => (4 + bits.take(4), 0),
            18 => (20 + bits.take(5), 0),
            19 => {
                let run = 4 + bits.take(1);
                (run, less(old, pretree.next(bits)?)?)
            }
            symbol => (1, less(old, symbol)?),
        };
        let end = at + run as usize;
        lengths.get_mut(at..end).ok_or(Broken)?.fill(length);
        at = end;
    }
    Ok(())
}

/// A length that is `by` less than the one before, counted round at 17.
fn less(old: u8, by: u16) -> Result<u8, Broken> {
    let by = u8::try_from(by).ok().filter(|by| *by <= 16).ok_or(Broken)?;
    Ok((old + 17 - by) % 17)
}

/// Calls in programs are stored with where they go instead of how far (MS-PATCH 2.8; the encoder
/// says in the stream's header whether it did so). Both ways, from the frame of this number on.
fn translate(out: &mut [u8], first: usize, size: u32, one: impl Fn(i64, i64, i64) -> Option<i64>) {
    /// Frames from this one on are left alone.
    const FRAMES: usize = 32_768;
    let size = i64::from(size.cast_signed());
    for (number, frame) in (first..FRAMES).zip(out.chunks_mut(FRAME)) {
        let Some(last) = frame.len().checked_sub(10) else { continue };
        let start = number * FRAME;
        let mut at = 0;
        while let Some(found) = frame.get(at..last).and_then(|rest| memchr::memchr(0xE8, rest)) {
            at += found;
            let place = frame.get_mut(at + 1..).and_then(<[u8]>::first_chunk_mut::<4>);
            let here = i64::try_from(start + at).unwrap_or(i64::MAX);
            if let Some(place) = place
                && let Some(value) = one(i64::from(i32::from_le_bytes(*place)), here, size)
            {
                #[expect(clippy::cast_possible_truncation)]
                let value = value as i32;
                *place = value.to_le_bytes();
            }
            at += 5;
        }
    }
}

/// Where a call goes, as how far.
fn back(value: i64, here: i64, size: i64) -> Option<i64> {
    match value {
        _ if value < -here || value >= size => None,
        0.. => Some(value - here),
        _ => Some(value + size),
    }
}

/// How far a call goes, as where.
fn forth(value: i64, here: i64, size: i64) -> Option<i64> {
    match value {
        _ if value < -here || value >= size => None,
        _ if value < size - here => Some(value + here),
        _ => Some(value - size),
    }
}
