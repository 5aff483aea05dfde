//! The bits of one block: 16-bit words, low byte first, high bit first (MS-PATCH 2.1).

/// Reads bits. Behind the last word there are zeros; that they were read is seen at the end.
pub(super) struct Bits<'x> {
    bytes: &'x [u8],
    /// The next byte that is not in the buffer.
    at: usize,
    /// The next bits, from the top. Below `count` there may be more of them already.
    buffer: u64,
    count: u32,
    /// Zeros in the buffer that no byte stands for.
    made_up: u32,
}

impl<'x> Bits<'x> {
    pub(super) fn new(bytes: &'x [u8]) -> Self {
        Self { bytes, at: 0, buffer: 0, count: 0, made_up: 0 }
    }

    /// Afterwards there are at least 49 bits: the longest match needs that many.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if self.count > 48 {
            return;
        }
        let next = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>);
        if let Some(next) = next {
            // Four words, the first on top.
            let words = u64::from_le_bytes(*next).rotate_left(32);
            let words = (words & 0x0000_FFFF_0000_FFFF) << 16 | words >> 16 & 0x0000_FFFF_0000_FFFF;
            self.buffer |= words >> self.count;
            // What of a further word fits is put in as well and put in again next time.
            let taken = (64 - self.count) >> 4;
            self.at += 2 * taken as usize;
            self.count += 16 * taken;
        } else {
            self.refill_at_end();
        }
    }

    #[cold]
    fn refill_at_end(&mut self) {
        while self.count <= 48 {
            let word = match self.bytes.get(self.at..).unwrap_or_default() {
                [low, high, ..] => u16::from_le_bytes([*low, *high]),
                _ => {
                    self.made_up += 16;
                    0
                }
            };
            if self.made_up == 0 {
                self.at += 2;
            }
            self.buffer |= u64::from(word) << 48 >> self.count;
            self.count += 16;
        }
    }

    /// The next bits, from the top.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        self.buffer
    }

    /// Passes over bits that are there.
    #[inline(always)]
    pub(super) fn drop(&mut self, count: u32) {
        self.buffer <<= count;
        self.count = self.count.wrapping_sub(count);
    }

    /// The next `count` bits, which are there: 1 to 32.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        // At most 32 bits are left of the shift.
        #[expect(clippy::cast_possible_truncation)]
        let value = (self.buffer >> (64 - count)) as u32;
        self.drop(count);
        value
    }

    /// The next `count` bits, 1 to 32.
    pub(super) fn read(&mut self, count: u32) -> u32 {
        self.refill();
        self.take(count)
    }

    /// Whether more was read than there was.
    pub(super) fn overrun(&self) -> bool {
        self.made_up > self.count
    }

    /// Goes to the next word, over 1 to 16 bits; from there bytes can be taken.
    pub(super) fn align(&mut self) {
        // Bits of whole bytes that are still in the buffer; what is left of a word is passed over.
        let left = self.count.saturating_sub(self.made_up);
        let words = left / 16;
        self.at -= 2 * words as usize;
        if left.is_multiple_of(16) {
            self.at += 2;
        }
        (self.buffer, self.count, self.made_up) = (0, 0, 0);
    }

    /// The next bytes, once the bits are aligned.
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'x [u8]> {
        let end = self.at.checked_add(count)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With 48 bits in the buffer it was left as it was, and the longest match took one too many:
    /// from there on the decoder read zeros and never noticed.
    #[test]
    fn there_are_always_enough_bits_for_the_longest_match() {
        for length in [0, 2, 6, 7, 8, 9, 30, 100] {
            let bytes = vec![0xA5; length];
            for taken in 1..=32 {
                let mut bits = Bits::new(&bytes);
                for _ in 0..8 {
                    bits.refill();
                    assert!(bits.count >= 49, "{length} {taken}: {}", bits.count);
                    bits.take(taken);
                }
            }
        }
    }
}
