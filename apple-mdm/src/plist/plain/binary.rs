//! Binary property lists in which every text is what its marker says.

use std::borrow::Cow;

use super::tree::Keys;
use crate::plist::binary::Binary;
use crate::plist::{Date, Dictionary, Limits, Value};

/// Texts of keys by their objects: all updates of a list share theirs.
const CACHED: usize = 64;
/// Bytes that are looked at together to see whether they are text.
const RUN: usize = 128;
/// The keys of a dictionary with so many or fewer are known again,
const KNOWN_KEYS: usize = 64;
/// and so many kinds of them are: updates in a list have the same keys, or nearly.
const KNOWN: usize = 8;

/// An array or dictionary that is open. It has a place for each of its values from the beginning:
/// a value that is put together elsewhere and moved takes longer than one that is made where it
/// stays.
struct Open<'a> {
    places: Places<'a>,
    /// Where the references to its values begin.
    values: usize,
    next: usize,
}

enum Places<'a> {
    Array(Vec<Value<'a>>),
    Dictionary(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Open<'a> {
    fn array(values: usize, count: usize) -> Self {
        let places = std::iter::repeat_with(|| Value::Boolean(false)).take(count).collect();
        Self { places: Places::Array(places), values, next: 0 }
    }

    fn is_full(&self) -> bool {
        let count = match &self.places {
            Places::Array(values) => values.len(),
            Places::Dictionary(entries) => entries.len(),
        };
        self.next == count
    }

    /// The next place.
    #[inline(always)]
    fn place(&mut self) -> Option<&mut Value<'a>> {
        let next = self.next;
        self.next += 1;
        match &mut self.places {
            Places::Array(values) => values.get_mut(next),
            Places::Dictionary(entries) => entries.get_mut(next).map(|(_, value)| value),
        }
    }

    fn into_value(self) -> Value<'a> {
        match self.places {
            Places::Array(values) => Value::Array(values),
            Places::Dictionary(entries) => Value::Dictionary(Dictionary(entries)),
        }
    }
}

/// Puts a value into a place. What stands there before is `Boolean(false)`, which need not be
/// dropped.
#[inline(always)]
fn put<'a>(place: &mut Value<'a>, value: Value<'a>) {
    std::mem::forget(std::mem::replace(place, value));
}

/// The keys of a dictionary, none of them twice.
struct KnownKeys<'a> {
    references: &'a [u8],
    keys: Vec<&'a str>,
    /// Bytes of all of them.
    bytes: usize,
}

/// Reads a list that has nothing to report about it.
pub(in crate::plist) fn read<'a>(list: &Binary<'a>, limits: &Limits) -> Option<Value<'a>> {
    let mut reader = Reader {
        list,
        // The top object is one.
        nodes: limits.nodes.checked_sub(1)?,
        bytes: limits.expansion,
        texts: [(usize::MAX, ""); CACHED],
        run: "",
        run_at: 0,
        known: Vec::new(),
    };
    let deepest = limits.deepest();
    let mut at = place(list, list.top?)?;
    // The list as the only value of an array.
    let mut open = Open::array(0, 1);
    let mut outer = Vec::new();
    loop {
        if let Some(inner) = reader.object(at, &mut open)? {
            if outer.len() >= deepest {
                return None;
            }
            outer.push(std::mem::replace(&mut open, inner));
        }
        while open.is_full() {
            let Some(parent) = outer.pop() else {
                let Places::Array(mut values) = open.places else { return None };
                return values.pop();
            };
            let full = std::mem::replace(&mut open, parent);
            put(open.place()?, full.into_value());
        }
        at = place(list, reference(list, open.values + open.next * list.ref_size)?)?;
    }
}

struct Reader<'l, 'a> {
    list: &'l Binary<'a>,
    /// Values, and bytes of texts, keys and data, that there may still be.
    nodes: usize,
    bytes: usize,
    /// Texts of keys, with the number of their objects.
    texts: [(usize, &'a str); CACHED],
    /// Bytes that were seen to be text, and where they begin.
    run: &'a str,
    run_at: usize,
    /// The first of them that came; none is given up.
    known: Vec<KnownKeys<'a>>,
}

impl<'a> Reader<'_, 'a> {
    #[inline]
    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.bytes = self.bytes.checked_sub(bytes)?;
        Some(())
    }

    /// Puts the object at a place where the next value goes; if it holds others, it is returned.
    #[inline(always)]
    fn object(&mut self, at: usize, open: &mut Open<'a>) -> Option<Option<Open<'a>>> {
        let list = self.list;
        let [marker] = slice(list, at, 1)? else { return None };
        match marker {
            0x50..=0x5F => {
                let text = self.ascii(at, marker & 15)?;
                self.spend(text.len())?;
                put(open.place()?, Value::String(Cow::Borrowed(text)));
            }
            0x08 | 0x09 => put(open.place()?, Value::Boolean(*marker == 0x09)),
            0x10..=0x12 => {
                let value = number(slice(list, at + 1, 1 << (marker & 15))?)?;
                put(open.place()?, Value::Integer(value.into()));
            }
            0x13 => {
                let value = i64::from_be_bytes(slice(list, at + 1, 8)?.try_into().ok()?);
                put(open.place()?, Value::Integer(value.into()));
            }
            0xA0..=0xAF => {
                let (count, values) = length(list, at, marker & 15)?;
                slice(list, values, count.checked_mul(list.ref_size)?)?;
                self.nodes = self.nodes.checked_sub(count)?;
                return Some(Some(Open::array(values, count)));
            }
            0xD0..=0xDF => {
                let (count, keys) = length(list, at, marker & 15)?;
                let size = count.checked_mul(list.ref_size)?;
                slice(list, keys, size.checked_mul(2)?)?;
                self.nodes = self.nodes.checked_sub(count)?;
                let places = Places::Dictionary(self.entries(keys, count)?);
                return Some(Some(Open { places, values: keys + size, next: 0 }));
            }
            _ => {
                let (value, bytes) = rare(list, at, *marker)?;
                self.spend(bytes)?;
                put(open.place()?, value);
            }
        }
        Some(None)
    }

    /// The keys of the dictionary whose references to them begin there, with places for the values.
    fn entries(&mut self, first: usize, count: usize) -> Option<Vec<(Cow<'a, str>, Value<'a>)>> {
        let references = self.list.bytes.get(first..first + count * self.list.ref_size)?;
        if let Some(known) = self.known.iter().find(|known| known.references == references) {
            self.bytes = self.bytes.checked_sub(known.bytes)?;
            let entries = known.keys.iter().map(|key| (Cow::Borrowed(*key), Value::Boolean(false)));
            return Some(entries.collect());
        }
        let (mut keys, mut bytes) = (Vec::with_capacity(count), 0);
        let mut seen = Keys::default();
        for index in 0..count {
            let key = self.key(first + index * self.list.ref_size)?;
            if !seen.is_new(key, || keys.iter().copied()) {
                return None;
            }
            keys.push(key);
            self.spend(key.len())?;
            bytes += key.len();
        }
        let entries = keys.iter().map(|key| (Cow::Borrowed(*key), Value::Boolean(false))).collect();
        if count <= KNOWN_KEYS && self.known.len() < KNOWN {
            self.known.push(KnownKeys { references, keys, bytes });
        }
        Some(entries)
    }

    /// The text of the key whose reference stands there.
    #[inline]
    fn key(&mut self, at: usize) -> Option<&'a str> {
        let key = reference(self.list, at)?;
        if let Some((known, text)) = self.texts.get(key % CACHED)
            && *known == key
        {
            return Some(text);
        }
        let at = place(self.list, key)?;
        // A key that is not ASCII is rare.
        let [marker @ 0x50..=0x5F] = slice(self.list, at, 1)? else { return None };
        let text = self.ascii(at, marker & 15)?;
        *self.texts.get_mut(key % CACHED)? = (key, text);
        Some(text)
    }

    /// The text of an object, if it is what its marker says.
    #[inline]
    fn ascii(&mut self, at: usize, low: u8) -> Option<&'a str> {
        let (length, from) = length(self.list, at, low)?;
        if let Some(at) = from.checked_sub(self.run_at)
            && let Some(text) = self.run.get(at..at.checked_add(length)?)
        {
            return Some(text);
        }
        let bytes = slice(self.list, from, length)?;
        // Texts stand side by side, and their markers are ASCII as well: to look at a few together
        // is faster than at each by itself.
        let more = self.list.bytes.get(from..self.list.table.min(from + RUN)).unwrap_or(bytes);
        let run = ascii_prefix(if more.len() > length { more } else { bytes });
        (self.run, self.run_at) = (std::str::from_utf8(run).ok()?, from);
        self.run.get(..length)
    }
}

/// The ASCII characters that some bytes begin with.
fn ascii_prefix(bytes: &[u8]) -> &[u8] {
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    let other = words.iter().map(|word| u64::from_le_bytes(*word) & HIGHS).enumerate();
    let length = match { other }.find(|(_, other)| *other != 0) {
        Some((index, other)) => index * 8 + other.trailing_zeros() as usize / 8,
        None => words.len() * 8 + rest.iter().take_while(|byte| byte.is_ascii()).count(),
    };
    bytes.get(..length).unwrap_or_default()
}

/// A big-endian number.
#[inline]
fn number(bytes: &[u8]) -> Option<u64> {
    Some(match bytes {
        [byte] => u64::from(*byte),
        [high, low] => u64::from(u16::from_be_bytes([*high, *low])),
        _ if bytes.len() <= 8 => bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        _ => return None,
    })
}

#[inline]
fn size(bytes: &[u8]) -> Option<usize> {
    usize::try_from(number(bytes)?).ok()
}

/// A reference; those of a container were all within the objects when it was opened.
#[inline]
fn reference(list: &Binary<'_>, at: usize) -> Option<usize> {
    size(list.bytes.get(at..at + list.ref_size)?)
}

/// Where an object begins.
#[inline]
fn place(list: &Binary<'_>, reference: usize) -> Option<usize> {
    if reference >= list.count {
        return None;
    }
    let at = list.table + reference * list.offset_size;
    size(list.bytes.get(at..at + list.offset_size)?).filter(|at| (8..list.table).contains(at))
}

#[inline]
fn slice<'a>(list: &Binary<'a>, at: usize, length: usize) -> Option<&'a [u8]> {
    let end = at.checked_add(length).filter(|end| *end <= list.table)?;
    list.bytes.get(at..end)
}

/// The length in a marker, and where the content begins.
#[inline]
fn length(list: &Binary<'_>, at: usize, low: u8) -> Option<(usize, usize)> {
    if low != 15 {
        return Some((usize::from(low), at + 1));
    }
    match slice(list, at + 1, 1)? {
        [marker @ 0x10..=0x13] => {
            let wide = 1 << (marker & 15);
            Some((size(slice(list, at + 2, wide)?)?, at + 2 + wide))
        }
        _ => None,
    }
}

/// The value of one of the other types, and how many bytes count against the limit.
fn rare<'a>(list: &Binary<'a>, at: usize, marker: u8) -> Option<(Value<'a>, usize)> {
    let low = marker & 15;
    let value = match (marker >> 4, low) {
        (1, 4) => {
            let value = i128::from_be_bytes(slice(list, at + 1, 16)?.try_into().ok()?);
            let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
            Value::Integer(Some(value).filter(|value| range.contains(value))?)
        }
        (2, 2) => {
            let value = f32::from_be_bytes(slice(list, at + 1, 4)?.try_into().ok()?);
            Value::Real(value.into())
        }
        (2, 3) => {
            let value = f64::from_be_bytes(slice(list, at + 1, 8)?.try_into().ok()?);
            Value::Real(value)
        }
        (3, 3) => {
            let seconds = f64::from_be_bytes(slice(list, at + 1, 8)?.try_into().ok()?);
            Value::Date(Date::from_apple_seconds(seconds)?)
        }
        (4, _) => {
            let (length, from) = length(list, at, low)?;
            let data = slice(list, from, length)?;
            return Some((Value::Data(Cow::Borrowed(data)), length));
        }
        (6, _) => {
            let (length, from) = length(list, at, low)?;
            let text = wide(slice(list, from, length.checked_mul(2)?)?)?;
            let bytes = text.len();
            return Some((Value::String(Cow::Owned(text)), bytes));
        }
        (8, _) => Value::Uid(number(slice(list, at + 1, usize::from(low) + 1)?)?),
        _ => return None,
    };
    Some((value, 0))
}

fn wide(bytes: &[u8]) -> Option<String> {
    let (units, _) = bytes.as_chunks::<2>();
    char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit)))
        .collect::<Result<_, _>>()
        .ok()
}
