//! Canonical prefix codes (MS-PATCH 2.4).

use super::Broken;
use super::bits::Bits;

/// The longest code.
pub(super) const LONGEST: usize = 16;

/// Decodes one alphabet of fewer than 1,024 symbols. Codes of up to `FAST` bits are looked up.
#[derive(Clone)]
pub(super) struct Codes<const FAST: u32> {
    /// By the next `FAST` bits: symbol and length; 0 for a longer code.
    fast: Vec<u16>,
    /// Symbols in the order of their codes.
    sorted: Vec<u16>,
    /// For each length: what the codes of that length are below, at the top of 16 bits.
    limits: [u32; LONGEST + 1],
    /// For each length: where its symbols begin among the sorted, minus its first code.
    offsets: [u32; LONGEST + 1],
}

impl<const FAST: u32> Codes<FAST> {
    pub(super) fn new() -> Self {
        Self {
            fast: vec![0; 1 << FAST],
            sorted: Vec::new(),
            limits: [0; LONGEST + 1],
            offsets: [0; LONGEST + 1],
        }
    }

    /// Makes the codes with these lengths, which have to use up all codes there are, or none.
    pub(super) fn build(&mut self, lengths: &[u8]) -> Result<(), Broken> {
        let mut counts = [0u32; LONGEST + 1];
        for &length in lengths {
            *counts.get_mut(usize::from(length)).ok_or(Broken)? += 1;
        }
        counts[0] = 0;
        self.sorted.clear();
        self.sorted.resize(lengths.len(), 0);
        // Where the symbols of each length begin, and their first code.
        let (mut starts, mut index, mut code) = ([0usize; LONGEST + 1], 0u32, 0u32);
        for length in 1..=LONGEST {
            let count = counts.get(length).copied().unwrap_or_default();
            if let Some(start) = starts.get_mut(length) {
                *start = index as usize;
            }
            if let (Some(limit), Some(offset)) =
                (self.limits.get_mut(length), self.offsets.get_mut(length))
            {
                *limit = (code + count) << (LONGEST - length);
                *offset = index.wrapping_sub(code);
            }
            index += count;
            code = (code + count) << 1;
        }
        // After the last length: every code is used (or there is none).
        if index > 0 && code != 2 << LONGEST {
            return Err(Broken);
        }
        for (symbol, &length) in (0u16..).zip(lengths) {
            if length > 0
                && let Some(start) = starts.get_mut(usize::from(length))
                && let Some(place) = self.sorted.get_mut(*start)
            {
                *place = symbol;
                *start += 1;
            }
        }
        self.sorted.truncate(index as usize);
        // In the order of their codes, so the table fills from its beginning.
        let mut rest = self.fast.as_mut_slice();
        let mut symbols = self.sorted.iter();
        for (length, &count) in (0u16..).zip(&counts).take(FAST as usize + 1).skip(1) {
            let width = 1usize << (FAST - u32::from(length));
            for symbol in symbols.by_ref().take(count as usize) {
                let Some((entries, after)) = std::mem::take(&mut rest).split_at_mut_checked(width)
                else {
                    return Err(Broken);
                };
                entries.fill(symbol << 5 | length);
                rest = after;
            }
        }
        rest.fill(0);
        Ok(())
    }

    /// The next symbol; 16 bits have to be there.
    #[inline(always)]
    pub(super) fn next(&self, bits: &mut Bits<'_>) -> Result<u16, Broken> {
        let place = bits.peek() >> (64 - FAST);
        #[expect(clippy::cast_possible_truncation)]
        let entry = self.fast.get(place as usize).copied().unwrap_or_default();
        if entry != 0 {
            bits.drop(u32::from(entry & 31));
            return Ok(entry >> 5);
        }
        self.long(bits)
    }

    #[inline(never)]
    fn long(&self, bits: &mut Bits<'_>) -> Result<u16, Broken> {
        let code = (bits.peek() >> 48) as u32;
        for (length, (&limit, &offset)) in (0u32..).zip(self.limits.iter().zip(&self.offsets)) {
            if length > FAST && code < limit {
                bits.drop(length);
                let place = offset.wrapping_add(code >> (16 - length));
                return self.sorted.get(place as usize).copied().ok_or(Broken);
            }
        }
        Err(Broken)
    }
}
