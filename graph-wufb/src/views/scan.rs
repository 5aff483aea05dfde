//! One pass over a text: what is JSON, and where everything stands.
//!
//! *Decision*: this is the strict reader's grammar once more, for speed alone. It gives nothing for
//! a text that the strict reader refuses, which is then asked why: so both refuse for the same
//! reason at the same place.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::json::{Limits, MAX_DEPTH};

/// Objects with more members than this look names up in a set, so that reading stays linear.
const SMALL: usize = 16;

/// What a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Null,
    True,
    False,
    Number,
    String,
    Array,
    Object,
}

/// A value, behind its name if it is a member. The values in an array or object follow it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Where the name stands, without its quotes.
    name: (u32, u32),
    /// Where the value stands; of a string, without its quotes.
    place: (u32, u32),
    /// The next value that is not inside this one.
    pub(super) next: u32,
    pub(super) kind: Kind,
    name_escaped: bool,
    escaped: bool,
    /// A number that is the same for the same name.
    hash: u8,
}

fn slice(text: &str, (from, to): (u32, u32)) -> &str {
    text.get(from as usize..to as usize).unwrap_or_default()
}

impl Node {
    pub(super) fn name<'a>(&self, text: &'a str) -> Cow<'a, str> {
        unescaped(slice(text, self.name), self.name_escaped)
    }

    /// The value of a string.
    pub(super) fn string<'a>(&self, text: &'a str) -> Cow<'a, str> {
        unescaped(slice(text, self.place), self.escaped)
    }

    /// The value as it stands.
    pub(super) fn raw<'a>(&self, text: &'a str) -> &'a str {
        let (from, to) = self.place;
        // The quotes are there: the value stands between them.
        let quotes = u32::from(self.kind == Kind::String);
        slice(text, (from.saturating_sub(quotes), to.saturating_add(quotes)))
    }

    /// Bytes before the value.
    pub(super) fn offset(&self) -> usize {
        (self.place.0 as usize).saturating_sub(usize::from(self.kind == Kind::String))
    }

    /// Whether this is its name.
    #[inline]
    pub(super) fn is_named(&self, text: &str, name: &[u8], hash: u8) -> bool {
        self.hash == hash && self.has_name(text, name)
    }

    fn has_name(&self, text: &str, name: &[u8]) -> bool {
        let (from, to) = self.name;
        if self.name_escaped {
            return self.name(text).as_bytes() == name;
        }
        text.as_bytes().get(from as usize..to as usize) == Some(name)
    }
}

/// An array or object that is open.
struct Open<'a> {
    node: u32,
    is_object: bool,
    /// How many members there are, and a bit for each kind of name.
    count: usize,
    kinds: u64,
    /// The names, once there are many.
    names: Option<BTreeSet<Cow<'a, str>>>,
}

/// Every value of the text in its order, if the strict reader takes it.
pub(super) fn scan(text: &str, limits: &Limits) -> Option<Vec<Node>> {
    u32::try_from(text.len()).ok()?;
    let depth = limits.depth.min(MAX_DEPTH);
    let mut scan = Scan {
        text,
        bytes: text.as_bytes(),
        at: 0,
        // As many as most texts of Graph have.
        nodes: Vec::with_capacity(text.len().min(1 << 20) / 24 + 4),
        left: limits.nodes,
    };
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut name = Name::default();
    loop {
        scan.blanks();
        if scan.value(&name)? {
            if open.len() >= depth {
                return None;
            }
            let is_object = scan.peek()? == b'{';
            scan.at += 1;
            let node = u32::try_from(scan.nodes.len() - 1).ok()?;
            scan.blanks();
            let closes = scan.peek()? == if is_object { b'}' } else { b']' };
            let mut new = Open { node, is_object, count: 0, kinds: 0, names: None };
            if !closes {
                name = if is_object { scan.name(&mut new)? } else { Name::default() };
                open.push(new);
                continue;
            }
            scan.at += 1;
            scan.close(node)?;
        }
        // A value is whole: what comes behind it?
        loop {
            scan.blanks();
            let Some(innermost) = open.last_mut() else {
                return (scan.at == text.len()).then_some(scan.nodes);
            };
            let close = if innermost.is_object { b'}' } else { b']' };
            match scan.peek()? {
                b',' => {
                    scan.at += 1;
                    if innermost.is_object {
                        scan.blanks();
                        name = scan.name(innermost)?;
                    }
                    break;
                }
                byte if byte == close => {
                    scan.at += 1;
                    scan.close(innermost.node)?;
                    open.pop();
                }
                _ => return None,
            }
        }
        if open.last().is_some_and(|open| !open.is_object) {
            name = Name::default();
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Name {
    place: (u32, u32),
    escaped: bool,
    hash: u8,
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    /// How many values and names there may still be.
    left: usize,
}

impl<'a> Scan<'a> {
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[inline(always)]
    fn count(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }

    /// Takes the value that stands here; of an array or object, nothing but its node. Whether it is
    /// one.
    #[inline(always)]
    fn value(&mut self, name: &Name) -> Option<bool> {
        self.count()?;
        let start = self.at;
        let (kind, place, escaped) = match self.peek()? {
            b'"' => {
                let (place, escaped) = self.string()?;
                (Kind::String, place, escaped)
            }
            byte @ (b'{' | b'[') => {
                let kind = if byte == b'{' { Kind::Object } else { Kind::Array };
                (kind, (short(start)?, short(start)?), false)
            }
            b'n' => (Kind::Null, self.word(b"null")?, false),
            b't' => (Kind::True, self.word(b"true")?, false),
            b'f' => (Kind::False, self.word(b"false")?, false),
            b'-' | b'0'..=b'9' => (Kind::Number, self.number()?, false),
            _ => return None,
        };
        let next = short(self.nodes.len() + 1)?;
        let Name { place: name, escaped: name_escaped, hash } = *name;
        self.nodes.push(Node { name, place, next, kind, name_escaped, escaped, hash });
        Some(matches!(kind, Kind::Array | Kind::Object))
    }

    fn close(&mut self, node: u32) -> Option<()> {
        let (end, next) = (short(self.at)?, short(self.nodes.len())?);
        let node = self.nodes.get_mut(node as usize)?;
        node.place.1 = end;
        node.next = next;
        Some(())
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8]) -> Option<(u32, u32)> {
        let start = self.at;
        self.at += word.len();
        (self.bytes.get(start..self.at)? == word).then_some(())?;
        Some((short(start)?, short(self.at)?))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    /// RFC 8259 section 6.
    fn number(&mut self) -> Option<(u32, u32)> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (zero && whole > 1) {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            (self.digits() > 0).then_some(())?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            (self.digits() > 0).then_some(())?;
        }
        Some((short(start)?, short(self.at)?))
    }

    /// RFC 8259 section 7: from the quote that stands here to behind the one that closes it.
    /// Whether there are escapes.
    #[inline(always)]
    fn string(&mut self) -> Option<((u32, u32), bool)> {
        let start = self.at + 1;
        self.at = start;
        let mut escaped = false;
        loop {
            self.at += special(self.bytes.get(self.at..)?)?;
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.at += escape(self.bytes.get(self.at..)?)?.1;
                }
                _ => return None,
            }
        }
        let place = (short(start)?, short(self.at)?);
        self.at += 1;
        Some((place, escaped))
    }

    /// Takes a name and its colon; no object has two of one name.
    #[inline(always)]
    fn name(&mut self, open: &mut Open<'a>) -> Option<Name> {
        if self.peek()? != b'"' {
            return None;
        }
        self.count()?;
        let (place, escaped) = self.string()?;
        let hash = if escaped {
            let name = unescaped(slice(self.text, place), true);
            self.is_new(open, name.as_bytes())?
        } else {
            self.is_new(open, self.bytes.get(place.0 as usize..place.1 as usize)?)?
        };
        if let Some(names) = &mut open.names {
            let text: &'a str = self.text;
            names.insert(unescaped(slice(text, place), escaped));
        }
        self.blanks();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        Some(Name { place, escaped, hash })
    }

    /// The number of a name that the object did not have before.
    #[inline(always)]
    fn is_new(&self, open: &mut Open<'a>, name: &[u8]) -> Option<u8> {
        let hash = hash(name);
        let kind = 1 << (hash & 63);
        let seen = open.kinds & kind != 0;
        open.kinds |= kind;
        open.count += 1;
        if open.count > SMALL {
            let known = open.names.get_or_insert_with(|| {
                self.members(open.node).map(|node| node.name(self.text)).collect()
            });
            return (!known.contains(std::str::from_utf8(name).ok()?)).then_some(hash);
        }
        let again =
            seen && self.members(open.node).any(|node| node.is_named(self.text, name, hash));
        (!again).then_some(hash)
    }

    /// The members so far of the object that is innermost.
    fn members(&self, object: u32) -> impl Iterator<Item = &Node> {
        let mut at = object as usize + 1;
        std::iter::from_fn(move || {
            let node = self.nodes.get(at)?;
            at = node.next as usize;
            Some(node)
        })
    }
}

fn short(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}

/// A number that is another for most names.
#[inline(always)]
pub(super) fn hash(name: &[u8]) -> u8 {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
    let length = u8::try_from(name.len() & 0xFF).unwrap_or_default();
    length.wrapping_mul(5).wrapping_add(first.wrapping_mul(3)).wrapping_add(*last)
}

/// Where the first quote, backslash or control character stands. Eight bytes at a time.
#[inline(always)]
fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        // A byte that is looked for, or one below it, borrows from the high bit; so may bytes above
        // such a one, which do not count, and bytes that are not ASCII, which are left out.
        let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * 0x5C)).wrapping_sub(ONES);
        let control = word.wrapping_sub(ONES * 0x20);
        let found = (quote | backslash | control) & !word & HIGH;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
    Some(at + found)
}

/// The character of the escape that `bytes` begin with, and how long the escape is. Half of a
/// surrogate pair is none.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let unit = |from: usize| {
        let [b'\\', b'u', digits @ ..] = bytes.get(from..from + 6)? else { return None };
        digits.iter().try_fold(0, |sum, digit| {
            Some(sum << 4 | u16::try_from(char::from(*digit).to_digit(16)?).ok()?)
        })
    };
    let plain = match bytes.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first: u16 = unit(0)?;
            return match char::from_u32(first.into()) {
                Some(character) => Some((character, 6)),
                None => {
                    let pair = char::decode_utf16([first, unit(6)?]).next()?.ok()?;
                    Some((pair, 12))
                }
            };
        }
        _ => return None,
    };
    Some((plain, 2))
}

/// A text that was scanned, without its escapes.
fn unescaped(raw: &str, escaped: bool) -> Cow<'_, str> {
    if !escaped {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = special(rest.as_bytes()) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let Some((character, length)) = escape(from.as_bytes()) else { break };
        out.push(character);
        rest = from.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}
