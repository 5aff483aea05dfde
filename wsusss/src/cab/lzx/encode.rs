//! Writing LZX: for servers of one's own, and to test the decoder with every shape there is.

use std::collections::BinaryHeap;

use super::huffman::LONGEST;
use super::{BASES, FOOTERS, FRAME, LENGTHS, LITERALS, SHORTEST, slots, translate};

/// What the blocks of a stream are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// Prefix codes.
    #[default]
    Verbatim,
    /// Prefix codes, and one more for the low bits of offsets.
    Aligned,
    /// Not compressed.
    Uncompressed,
    /// One after the other.
    Mixed,
}

/// Literal, or what follows the match symbol.
#[derive(Clone, Copy)]
struct Token {
    /// The symbol of the main code.
    symbol: u16,
    /// The symbol of the length code, for long matches.
    footer: Option<u8>,
    /// The position slot's footer: its value and how many bits it has.
    extra: u32,
    bits: u8,
    /// Bytes that it stands for.
    length: u16,
}

/// Encodes a file into frames.
pub(in crate::cab) struct Encoder {
    pub(in crate::cab) window_bits: u32,
    pub(in crate::cab) compression: Compression,
    /// Bytes in a block.
    pub(in crate::cab) block: usize,
    /// Translate calls, with this size.
    pub(in crate::cab) translation: Option<u32>,
}

struct Codebook {
    lengths: Vec<u8>,
    codes: Vec<u16>,
}

impl Encoder {
    /// The frames: their compressed bytes, and how many bytes each of them has decompressed.
    pub(in crate::cab) fn frames(&self, content: &[u8]) -> Vec<(Vec<u8>, usize)> {
        let mut content = content.to_vec();
        if let Some(size) = self.translation {
            translate(&mut content, 0, size, super::forth);
        }
        let mut w = Writer::default();
        w.put(u32::from(self.translation.is_some()), 1);
        if let Some(size) = self.translation {
            w.put(size >> 16, 16);
            w.put(size & 0xFFFF, 16);
        }
        let symbols = LITERALS + slots(self.window_bits).unwrap_or_default() * 8;
        let mut old = (vec![0; symbols], vec![0; LENGTHS]);
        let mut finder = Finder::new(&content, 1 << self.window_bits);
        let mut start = 0;
        for (number, block) in content.chunks(self.block.clamp(1, 0x00FF_FFFF)).enumerate() {
            let kind = match self.compression {
                Compression::Verbatim => 1,
                Compression::Aligned => 2,
                Compression::Uncompressed => 3,
                Compression::Mixed => [1, 2, 3].get(number % 3).copied().unwrap_or(1),
            };
            w.put(kind, 3);
            w.put(u32::try_from(block.len() >> 8).unwrap_or_default(), 16);
            w.put(u32::try_from(block.len() & 0xFF).unwrap_or_default(), 8);
            let end = start + block.len();
            if kind == 3 {
                w.uncompressed(block, &finder.recent);
                finder.skip(end);
            } else {
                let tokens = finder.tokens(end);
                compressed(&mut w, &tokens, kind == 2, &mut old);
            }
            start = end;
        }
        w.finish()
    }
}

fn compressed(w: &mut Writer, tokens: &[Token], aligned: bool, old: &mut (Vec<u8>, Vec<u8>)) {
    let mut main = vec![0u32; old.0.len()];
    let mut footers = vec![0u32; LENGTHS];
    let mut low = vec![0u32; 8];
    for token in tokens {
        add(&mut main, usize::from(token.symbol));
        if let Some(footer) = token.footer {
            add(&mut footers, usize::from(footer));
        }
        if aligned && token.bits >= 3 {
            add(&mut low, token.extra as usize & 7);
        }
    }
    let main = Codebook::new(&mut main, LONGEST, true);
    let footers = Codebook::new(&mut footers, LONGEST, false);
    let low = Codebook::new(&mut low, 7, true);
    if aligned {
        for &length in &low.lengths {
            w.put(u32::from(length), 3);
        }
    }
    let (literals, positions) = main.lengths.split_at(LITERALS.min(main.lengths.len()));
    let (old_literals, old_positions) = old.0.split_at(LITERALS.min(old.0.len()));
    write_lengths(w, literals, old_literals);
    write_lengths(w, positions, old_positions);
    write_lengths(w, &footers.lengths, &old.1);
    for token in tokens {
        main.write(w, usize::from(token.symbol));
        if let Some(footer) = token.footer {
            footers.write(w, usize::from(footer));
        }
        if aligned && token.bits >= 3 {
            w.put(token.extra >> 3, token.bits - 3);
            low.write(w, token.extra as usize & 7);
        } else {
            w.put(token.extra, token.bits);
        }
        w.wrote(usize::from(token.length));
    }
    *old = (main.lengths, footers.lengths);
}

fn add(counts: &mut [u32], symbol: usize) {
    if let Some(count) = counts.get_mut(symbol) {
        *count += 1;
    }
}

/// Code lengths as changes of those before.
fn write_lengths(w: &mut Writer, lengths: &[u8], old: &[u8]) {
    // Symbols of the pretree, each with a value of some bits behind it.
    let mut symbols: Vec<(u8, u32, u8)> = Vec::new();
    let mut rest = lengths.iter().zip(old).peekable();
    let mut at = 0;
    while let Some((&length, &before)) = rest.next() {
        let same = lengths.iter().skip(at).take_while(|&&next| next == length).count();
        let change = (before + 17 - length) % 17;
        let run = match (length, same) {
            (0, 20..) => {
                let run = same.min(51);
                symbols.push((18, u32::try_from(run - 20).unwrap_or_default(), 5));
                run
            }
            (0, 4..) => {
                symbols.push((17, u32::try_from(same - 4).unwrap_or_default(), 4));
                same
            }
            (_, 4..) => {
                let run = same.min(5);
                symbols.push((19, u32::try_from(run - 4).unwrap_or_default(), 1));
                symbols.push((change, 0, 0));
                run
            }
            _ => {
                symbols.push((change, 0, 0));
                1
            }
        };
        at += run;
        for _ in 1..run {
            rest.next();
        }
    }
    let mut counts = vec![0u32; 20];
    for (symbol, _, _) in &symbols {
        add(&mut counts, usize::from(*symbol));
    }
    let pretree = Codebook::new(&mut counts, 15, true);
    for &length in &pretree.lengths {
        w.put(u32::from(length), 4);
    }
    for (symbol, value, bits) in symbols {
        pretree.write(w, usize::from(symbol));
        w.put(value, bits);
    }
}

impl Codebook {
    /// Codes for these counts, of at most `longest` bits. A code that has to be complete has two
    /// symbols at least.
    fn new(counts: &mut [u32], longest: usize, needed: bool) -> Self {
        let used = counts.iter().filter(|&&count| count > 0).count();
        if used == 0 && !needed {
            return Self { lengths: vec![0; counts.len()], codes: vec![0; counts.len()] };
        }
        for count in
            counts.iter_mut().filter(|count| **count == 0).take(2usize.saturating_sub(used))
        {
            *count = 1;
        }
        let lengths = loop {
            let lengths = huffman(counts);
            if lengths.iter().all(|&length| usize::from(length) <= longest) {
                break lengths;
            }
            // Flatter counts give shorter codes.
            for count in counts.iter_mut().filter(|count| **count > 0) {
                *count = (*count >> 1) + 1;
            }
        };
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        let length_of = |symbol: usize| lengths.get(symbol).copied().unwrap_or_default();
        order.retain(|&symbol| length_of(symbol) > 0);
        order.sort_by_key(|&symbol| (length_of(symbol), symbol));
        let (mut codes, mut code, mut last) = (vec![0; lengths.len()], 0u32, 0);
        for symbol in order {
            let length = length_of(symbol);
            code <<= length - last;
            last = length;
            if let Some(place) = codes.get_mut(symbol) {
                *place = u16::try_from(code).unwrap_or_default();
            }
            code += 1;
        }
        Self { lengths, codes }
    }

    fn write(&self, w: &mut Writer, symbol: usize) {
        if let (Some(&code), Some(&length)) = (self.codes.get(symbol), self.lengths.get(symbol)) {
            w.put(u32::from(code), length);
        }
    }
}

/// Huffman's code lengths.
fn huffman(counts: &[u32]) -> Vec<u8> {
    let mut parents: Vec<usize> = Vec::new();
    let mut heap = BinaryHeap::new();
    let mut leaves = Vec::new();
    for (symbol, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        heap.push((std::cmp::Reverse(u64::from(count)), leaves.len()));
        leaves.push(symbol);
        parents.push(0);
    }
    while let (Some((a, first)), Some((b, second))) = (heap.pop(), heap.pop()) {
        let node = parents.len();
        parents.push(0);
        for child in [first, second] {
            if let Some(parent) = parents.get_mut(child) {
                *parent = node;
            }
        }
        heap.push((std::cmp::Reverse(a.0 + b.0), node));
        if heap.len() == 1 {
            break;
        }
    }
    // A parent comes after its children, so depths are known from the root on.
    let mut depths = vec![0u8; parents.len()];
    for node in (0..parents.len().saturating_sub(1)).rev() {
        let parent = parents.get(node).copied().unwrap_or_default();
        let depth = depths.get(parent).copied().unwrap_or_default();
        if let Some(place) = depths.get_mut(node) {
            *place = depth.saturating_add(1);
        }
    }
    let mut lengths = vec![0; counts.len()];
    for (leaf, symbol) in leaves.into_iter().enumerate() {
        if let (Some(place), Some(&depth)) = (lengths.get_mut(symbol), depths.get(leaf)) {
            *place = depth;
        }
    }
    lengths
}

/// Finds matches.
struct Finder<'x> {
    content: &'x [u8],
    window: usize,
    at: usize,
    recent: [u32; 3],
    /// The last place of each hash, and for each place the one before it.
    heads: Vec<u32>,
    before: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl<'x> Finder<'x> {
    fn new(content: &'x [u8], window: usize) -> Self {
        let (heads, before) = (vec![NOWHERE; 1 << 14], vec![NOWHERE; content.len()]);
        Self { content, window, at: 0, recent: [1; 3], heads, before }
    }

    fn hash(&self, at: usize) -> Option<usize> {
        let three = self.content.get(at..)?.first_chunk::<3>()?;
        let number = u32::from_le_bytes([three[0], three[1], three[2], 0]);
        Some((number.wrapping_mul(0x9E37_79B1) >> 18) as usize)
    }

    fn note(&mut self, at: usize) {
        let Some(hash) = self.hash(at) else { return };
        if let (Some(head), Some(before)) = (self.heads.get_mut(hash), self.before.get_mut(at)) {
            *before = *head;
            *head = u32::try_from(at).unwrap_or(NOWHERE);
        }
    }

    /// Goes on without matches.
    fn skip(&mut self, end: usize) {
        for at in self.at..end {
            self.note(at);
        }
        self.at = end;
    }

    fn common(&self, from: usize, max: usize) -> usize {
        let (Some(a), Some(b)) = (self.content.get(from..), self.content.get(self.at..)) else {
            return 0;
        };
        a.iter().zip(b).take(max).take_while(|(a, b)| a == b).count()
    }

    /// The longest match, no longer than `max`: length and offset.
    fn find(&self, max: usize) -> (usize, usize) {
        let mut best = (0, 0);
        for &recent in &self.recent {
            let offset = recent as usize;
            if offset <= self.at && offset > 0 {
                let length = self.common(self.at - offset, max);
                if length > best.0 {
                    best = (length, offset);
                }
            }
        }
        let mut next = self.hash(self.at).and_then(|hash| self.heads.get(hash)).copied();
        for _ in 0..16 {
            let Some(place) = next.filter(|&place| place != NOWHERE).map(|place| place as usize)
            else {
                break;
            };
            let offset = self.at - place;
            // Three values of an offset stand for recent ones.
            if offset > self.window - 3 {
                break;
            }
            let length = self.common(place, max);
            if length > best.0 {
                best = (length, offset);
            }
            next = self.before.get(place).copied();
        }
        best
    }

    /// Tokens up to `end`; no match goes over the end of a frame.
    fn tokens(&mut self, end: usize) -> Vec<Token> {
        let mut tokens = Vec::new();
        while self.at < end {
            let frame = FRAME - self.at % FRAME;
            let (length, offset) = self.find(frame.min(end - self.at).min(257));
            let token = if length >= 3 {
                self.matched(length, offset)
            } else {
                let literal = self.content.get(self.at).copied().unwrap_or_default();
                Token { symbol: literal.into(), footer: None, extra: 0, bits: 0, length: 1 }
            };
            tokens.push(token);
            self.skip(self.at + usize::from(token.length));
        }
        tokens
    }

    fn matched(&mut self, length: usize, offset: usize) -> Token {
        let offset = u32::try_from(offset).unwrap_or_default();
        let [first, second, third] = self.recent;
        let (slot, extra, bits) = if offset == first {
            (0, 0, 0)
        } else if offset == second {
            self.recent = [second, first, third];
            (1, 0, 0)
        } else if offset == third {
            self.recent = [third, second, first];
            (2, 0, 0)
        } else {
            self.recent = [offset, first, second];
            let formatted = offset + 2;
            let slot = BASES.partition_point(|&base| base <= formatted) - 1;
            let base = BASES.get(slot).copied().unwrap_or_default();
            (slot, formatted - base, FOOTERS.get(slot).copied().unwrap_or_default())
        };
        let header = (length - SHORTEST).min(7);
        let footer = (header == 7).then(|| u8::try_from(length - SHORTEST - 7).unwrap_or_default());
        let symbol = u16::try_from(LITERALS + slot * 8 + header).unwrap_or_default();
        let length = u16::try_from(length).unwrap_or_default();
        Token { symbol, footer, extra, bits, length }
    }
}

/// Writes bits into frames.
#[derive(Default)]
struct Writer {
    frames: Vec<(Vec<u8>, usize)>,
    out: Vec<u8>,
    /// Bytes that the frame stands for so far.
    size: usize,
    buffer: u64,
    count: u32,
}

impl Writer {
    fn put(&mut self, value: u32, bits: u8) {
        self.buffer = self.buffer << bits | u64::from(value);
        self.count += u32::from(bits);
        while self.count >= 16 {
            self.count -= 16;
            let word = (self.buffer >> self.count).to_le_bytes();
            self.out.extend(word.iter().take(2));
        }
    }

    /// What was put stands for `size` further bytes, which do not go over the end of the frame.
    fn wrote(&mut self, size: usize) {
        self.size += size;
        if self.size == FRAME {
            self.end_frame();
        }
    }

    fn end_frame(&mut self) {
        self.put(0, u8::try_from((16 - self.count) % 16).unwrap_or_default());
        self.frames.push((std::mem::take(&mut self.out), self.size));
        self.size = 0;
    }

    fn uncompressed(&mut self, block: &[u8], recent: &[u32; 3]) {
        // 1 to 16 bits up to a word.
        self.put(0, u8::try_from(16 - self.count).unwrap_or_default());
        for recent in recent {
            self.out.extend(recent.to_le_bytes());
        }
        let mut rest = block;
        while !rest.is_empty() {
            let (bytes, after) = rest.split_at(rest.len().min(FRAME - self.size));
            self.out.extend(bytes);
            rest = after;
            self.size += bytes.len();
            if rest.is_empty() && block.len() % 2 == 1 {
                self.out.push(0);
            }
            if self.size == FRAME {
                self.end_frame();
            }
        }
    }

    fn finish(mut self) -> Vec<(Vec<u8>, usize)> {
        if self.size > 0 {
            self.end_frame();
        }
        self.frames
    }
}
