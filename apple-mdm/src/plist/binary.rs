//! Reading binary property lists (`bplist00`).
//!
//! The format is Apple's CFBinaryPList. Objects may be shared: each use counts as a value of its
//! own, so that a small file cannot become a large value.

use std::borrow::Cow;

use chrono::DateTime;

use super::{Date, Dictionary, Error, ErrorKind, Limits, Open, Value};

/// Seconds from 1970 to 2001, where Apple's time begins.
const EPOCH: i64 = 978_307_200;

struct File<'a> {
    bytes: &'a [u8],
    offset_size: usize,
    ref_size: usize,
    count: usize,
    table: usize,
}

/// What is left to read of an open array or dictionary: where its references stand.
struct Pending {
    /// Where the references to keys begin, for a dictionary.
    keys: Option<usize>,
    /// Where the references to values begin.
    values: usize,
    count: usize,
    next: usize,
}

fn broken(at: usize) -> Error {
    Error::new(ErrorKind::Binary(at))
}

fn limit(what: &'static str, max: usize) -> Error {
    Error::new(ErrorKind::Limit { what, max })
}

pub(super) fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Value<'a>, Error> {
    if bytes.len() > limits.xml.bytes {
        return Err(limit("bytes", limits.xml.bytes));
    }
    let (file, top) = File::open(bytes)?;
    // Bytes of values that do not borrow: a shared one is copied for each use.
    let mut copied = 0;
    let mut open: Vec<(Open<'a>, Pending)> = Vec::new();
    let mut nodes = 0;
    let mut next = top;
    loop {
        nodes += 1;
        if nodes > limits.nodes {
            return Err(limit("values", limits.nodes));
        }
        let mut value = match file.object(next)? {
            Object::Value(value) => Some(value),
            Object::Open(pending) => {
                let container = match pending.keys {
                    None => Open::Array(Vec::new()),
                    Some(_) => Open::Dictionary(Dictionary::new(), None),
                };
                open.push((container, pending));
                None
            }
        };
        copied += value.as_ref().map_or(0, owned_bytes);
        if copied > limits.xml.bytes {
            return Err(limit("bytes of shared values", limits.xml.bytes));
        }
        if open.len() > limits.deepest() {
            return Err(limit("nested values", limits.deepest()));
        }
        // Give the value to what is open, close what is complete, find the next reference.
        next = loop {
            let Some((container, pending)) = open.last_mut() else {
                return value.ok_or_else(|| broken(0));
            };
            if let Some(value) = value.take() {
                match container {
                    Open::Array(values) => values.push(value),
                    Open::Dictionary(dictionary, key) => {
                        dictionary.push(key.take().unwrap_or_default(), value);
                    }
                }
            }
            if pending.next < pending.count {
                let index = pending.next;
                pending.next += 1;
                if let (Open::Dictionary(_, key), Some(keys)) = (container, pending.keys) {
                    let text = file.key(file.reference(keys, index)?)?;
                    if let Cow::Owned(text) = &text {
                        copied += text.len();
                    }
                    *key = Some(text);
                }
                break file.reference(pending.values, index)?;
            }
            value = open.pop().map(|(container, _)| match container {
                Open::Array(values) => Value::Array(values),
                Open::Dictionary(dictionary, _) => Value::Dictionary(dictionary),
            });
        };
    }
}

enum Object<'a> {
    Value(Value<'a>),
    Open(Pending),
}

fn owned_bytes(value: &Value<'_>) -> usize {
    match value {
        Value::Data(bytes) => bytes.len(),
        Value::String(Cow::Owned(text)) => text.len(),
        _ => 0,
    }
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<(Self, usize), Error> {
        let trailer = bytes.len().checked_sub(32).filter(|at| *at >= 8);
        let at = trailer.ok_or_else(|| broken(bytes.len()))?;
        let byte = |index: usize| bytes.get(at + index).copied().map(usize::from).unwrap_or(0);
        let long = |index: usize| {
            let eight = bytes.get(at + index..at + index + 8)?;
            usize::try_from(u64::from_be_bytes(eight.try_into().ok()?)).ok()
        };
        let (offset_size, ref_size) = (byte(6), byte(7));
        let (Some(count), Some(top), Some(table)) = (long(8), long(16), long(24)) else {
            return Err(broken(at));
        };
        let size = count.checked_mul(offset_size).and_then(|size| size.checked_add(table));
        let fits = size.is_some_and(|end| end <= at) && table >= 8;
        if !(1..=8).contains(&offset_size) || !(1..=8).contains(&ref_size) || !fits || top >= count
        {
            return Err(broken(at));
        }
        Ok((Self { bytes, offset_size, ref_size, count, table }, top))
    }

    fn slice(&self, at: usize, length: usize) -> Result<&'a [u8], Error> {
        let end = at.checked_add(length).filter(|end| *end <= self.table);
        end.and_then(|end| self.bytes.get(at..end)).ok_or_else(|| broken(at))
    }

    fn number(bytes: &[u8]) -> Option<usize> {
        let value = bytes
            .iter()
            .try_fold(0u64, |sum, byte| sum.checked_mul(256).map(|sum| sum | u64::from(*byte)));
        usize::try_from(value?).ok()
    }

    /// Where an object begins.
    fn place(&self, reference: usize) -> Result<usize, Error> {
        if reference >= self.count {
            return Err(broken(self.table));
        }
        let at = self.table + reference * self.offset_size;
        let entry = self.bytes.get(at..at + self.offset_size).and_then(Self::number);
        entry.filter(|place| (8..self.table).contains(place)).ok_or_else(|| broken(at))
    }

    /// The length in a marker, and where the content begins.
    fn length(&self, at: usize, low: u8) -> Result<(usize, usize), Error> {
        if low != 15 {
            return Ok((usize::from(low), at + 1));
        }
        let [marker] = self.slice(at + 1, 1)? else { return Err(broken(at)) };
        if marker >> 4 != 1 {
            return Err(broken(at + 1));
        }
        let size = 1usize << (marker & 15).min(8);
        let length = Self::number(self.slice(at + 2, size)?).ok_or_else(|| broken(at + 2))?;
        Ok((length, at + 2 + size))
    }

    /// Whether this many references fit behind a place.
    fn refs(&self, at: usize, count: usize) -> Result<usize, Error> {
        let size = count.checked_mul(self.ref_size).ok_or_else(|| broken(at))?;
        self.slice(at, size).map(|_| at + size)
    }

    /// One of the references behind a place.
    fn reference(&self, at: usize, index: usize) -> Result<usize, Error> {
        let entry = self.slice(at + index * self.ref_size, self.ref_size)?;
        Self::number(entry).ok_or_else(|| broken(at))
    }

    fn key(&self, reference: usize) -> Result<Cow<'a, str>, Error> {
        match self.object(reference)? {
            Object::Value(Value::String(key)) => Ok(key),
            _ => Err(Error::new(ErrorKind::Key)),
        }
    }

    fn object(&self, reference: usize) -> Result<Object<'a>, Error> {
        let at = self.place(reference)?;
        let [marker] = self.slice(at, 1)? else { return Err(broken(at)) };
        let (high, low) = (marker >> 4, marker & 15);
        Ok(Object::Value(match (high, low) {
            (0, 8) => Value::Boolean(false),
            (0, 9) => Value::Boolean(true),
            (1, 0..=4) => {
                let bytes = self.slice(at + 1, 1 << low)?;
                let unsigned = bytes.iter().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
                // Eight bytes carry a sign, fewer do not.
                let value = match low {
                    3 => u64::try_from(unsigned).map(u64::cast_signed).ok().map(i128::from),
                    _ => i128::try_from(unsigned).ok(),
                };
                let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
                let value = value.filter(|value| range.contains(value));
                Value::Integer(value.ok_or_else(|| broken(at))?)
            }
            (2, 2) => Value::Real(f32::from_be_bytes(self.array(at + 1)?).into()),
            (2, 3) => Value::Real(f64::from_be_bytes(self.array(at + 1)?)),
            (3, 3) => Value::Date(self.date(at)?),
            (4, _) => {
                let (length, from) = self.length(at, low)?;
                Value::Data(self.slice(from, length)?.to_vec())
            }
            (5, _) => {
                let (length, from) = self.length(at, low)?;
                let bytes = self.slice(from, length)?;
                let text = std::str::from_utf8(bytes).ok();
                Value::String(Cow::Borrowed(text.ok_or_else(|| broken(from))?))
            }
            (6, _) => {
                let (length, from) = self.length(at, low)?;
                let length = length.checked_mul(2).ok_or_else(|| broken(at))?;
                let (units, _) = self.slice(from, length)?.as_chunks::<2>();
                let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
                let text: Result<String, _> = char::decode_utf16(units).collect();
                Value::String(Cow::Owned(text.map_err(|_| broken(from))?))
            }
            (8, _) => {
                let bytes = self.slice(at + 1, usize::from(low) + 1)?;
                let value = Self::number(bytes).and_then(|value| u64::try_from(value).ok());
                Value::Uid(value.ok_or_else(|| broken(at))?)
            }
            (10, _) => {
                let (count, values) = self.length(at, low)?;
                self.refs(values, count)?;
                return Ok(Object::Open(Pending { keys: None, values, count, next: 0 }));
            }
            (13, _) => {
                let (count, keys) = self.length(at, low)?;
                let values = self.refs(keys, count)?;
                self.refs(values, count)?;
                return Ok(Object::Open(Pending { keys: Some(keys), values, count, next: 0 }));
            }
            _ => return Err(broken(at)),
        }))
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Error> {
        self.slice(at, N)?.try_into().map_err(|_| broken(at))
    }

    fn date(&self, at: usize) -> Result<Date, Error> {
        let seconds = f64::from_be_bytes(self.array(at + 1)?);
        // Beyond this chrono has no date, and nobody means one.
        if !(-1e11..1e11).contains(&seconds) {
            return Err(broken(at));
        }
        let whole: i64 = format!("{:.0}", seconds.floor()).parse().map_err(|_| broken(at))?;
        DateTime::from_timestamp(EPOCH + whole, 0).map(Date::from).ok_or_else(|| broken(at))
    }
}
