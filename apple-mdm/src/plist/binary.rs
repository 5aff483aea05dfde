//! Reading binary property lists (`bplist00`).
//!
//! The format is Apple's CFBinaryPList. Objects may be shared: each use is an event of its own,
//! so that the limits count what a small file becomes.

use std::borrow::Cow;
use std::ops::Range;

use mdm_xml::Position;

use super::error::Fault;
use super::events::{Event, Events, Notes};
use super::{Date, DiagnosticCode, ErrorKind, Limits, Value};

/// A binary property list that is being read.
pub(super) struct Binary<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) offset_size: usize,
    pub(super) ref_size: usize,
    pub(super) count: usize,
    /// Where the table of offsets begins; objects end before it.
    pub(super) table: usize,
    open: Vec<Pending>,
    /// The object on top, until it was read.
    pub(super) top: Option<usize>,
    /// The value whose key was just read.
    value: Option<usize>,
    deepest: usize,
}

/// What is left to read of an open array or dictionary: where its references stand.
pub(super) struct Pending {
    /// Where the object begins.
    pub(super) at: usize,
    /// Where the references to keys begin, for a dictionary.
    pub(super) keys: Option<usize>,
    /// Where the references to values begin.
    pub(super) values: usize,
    pub(super) count: usize,
    pub(super) next: usize,
}

enum Object<'a> {
    Scalar(Value<'a>),
    Open(Pending),
}

fn broken(what: &'static str, at: usize) -> Fault {
    Fault::new(ErrorKind::Binary(what), at)
}

impl<'a> Binary<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Fault> {
        if bytes.len() > limits.xml.bytes {
            let kind = ErrorKind::Limit { what: "bytes", max: limits.xml.bytes };
            return Err(Fault::new(kind, limits.xml.bytes));
        }
        // Apple reads `bplist0` and any byte behind it (CFBinaryPList.c); others are other formats.
        if bytes.get(6) != Some(&b'0') {
            return Err(broken("it is of another version", 6));
        }
        // 8 bytes of header, 32 of trailer: 6 unused, 2 sizes, 3 numbers of 8 bytes.
        let at = bytes.len().checked_sub(32).filter(|at| *at >= 8);
        let at = at.ok_or_else(|| broken("too short for its trailer", bytes.len()))?;
        let byte = |index: usize| bytes.get(at + index).copied().map(usize::from).unwrap_or(0);
        let long = |index: usize| {
            let eight = bytes.get(at + index..at + index + 8)?;
            usize::try_from(u64::from_be_bytes(eight.try_into().ok()?)).ok()
        };
        let (offset_size, ref_size) = (byte(6), byte(7));
        let (Some(count), Some(top), Some(table)) = (long(8), long(16), long(24)) else {
            return Err(broken("a number of its trailer is too large", at));
        };
        if !(1..=8).contains(&offset_size) || !(1..=8).contains(&ref_size) {
            return Err(broken("the sizes in its trailer are no sizes", at + 6));
        }
        let size = count.checked_mul(offset_size).and_then(|size| size.checked_add(table));
        if size.is_none_or(|end| end > at) || table < 9 {
            return Err(broken("its table of offsets is elsewhere", at + 24));
        }
        if top >= count {
            return Err(broken("its top object does not exist", at + 16));
        }
        Ok(Self {
            bytes,
            offset_size,
            ref_size,
            count,
            table,
            open: Vec::new(),
            top: Some(top),
            value: None,
            deepest: limits.deepest(),
        })
    }

    fn slice(&self, at: usize, length: usize) -> Result<&'a [u8], Fault> {
        let end = at.checked_add(length).filter(|end| *end <= self.table);
        let slice = end.and_then(|end| self.bytes.get(at..end));
        slice.ok_or_else(|| broken("an object reaches past the objects", at))
    }

    fn number(bytes: &[u8]) -> Option<usize> {
        let value = bytes
            .iter()
            .try_fold(0u64, |sum, byte| sum.checked_mul(256).map(|sum| sum | u64::from(*byte)));
        usize::try_from(value?).ok()
    }

    /// Where an object begins.
    fn place(&self, reference: usize, from: usize) -> Result<usize, Fault> {
        if reference >= self.count {
            return Err(broken("a reference to an object that does not exist", from));
        }
        let at = self.table + reference * self.offset_size;
        let entry = self.bytes.get(at..at + self.offset_size).and_then(Self::number);
        let place = entry.filter(|place| (8..self.table).contains(place));
        place.ok_or_else(|| broken("an offset that is not of an object", at))
    }

    /// The length in a marker, and where the content begins.
    fn length(&self, at: usize, low: u8) -> Result<(usize, usize), Fault> {
        if low != 15 {
            return Ok((usize::from(low), at + 1));
        }
        let wrong = || broken("a length that is no number", at + 1);
        let [marker] = self.slice(at + 1, 1)? else { return Err(wrong()) };
        if marker >> 4 != 1 || marker & 15 > 3 {
            return Err(wrong());
        }
        let size = 1usize << (marker & 15);
        let length = Self::number(self.slice(at + 2, size)?).ok_or_else(wrong)?;
        Ok((length, at + 2 + size))
    }

    /// Passes over references, which have to fit.
    fn refs(&self, at: usize, count: usize) -> Result<usize, Fault> {
        let size = count.checked_mul(self.ref_size);
        let size = size.ok_or_else(|| broken("an object reaches past the objects", at))?;
        self.slice(at, size).map(|_| at + size)
    }

    /// One of the references behind a place, and where it stands.
    fn reference(&self, at: usize, index: usize) -> Result<(usize, usize), Fault> {
        let at = at + index * self.ref_size;
        let entry = Self::number(self.slice(at, self.ref_size)?);
        entry
            .map(|reference| (reference, at))
            .ok_or_else(|| broken("a reference to an object that does not exist", at))
    }

    fn text(bytes: &'a [u8], at: usize, notes: &mut Notes) -> Result<Value<'a>, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|_| broken("a text that is none", at))?;
        if !text.is_ascii() {
            notes.note(DiagnosticCode::NotAscii, at..at + bytes.len(), "");
        }
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn wide(bytes: &[u8], at: usize) -> Result<Value<'a>, Fault> {
        let (units, _) = bytes.as_chunks::<2>();
        let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        let text = text.map_err(|_| broken("a text that is no UTF-16", at))?;
        Ok(Value::String(Cow::Owned(text)))
    }

    fn object(&self, at: usize, notes: &mut Notes) -> Result<Object<'a>, Fault> {
        let [marker] = self.slice(at, 1)? else { return Err(broken("no object", at)) };
        let (high, low) = (marker >> 4, marker & 15);
        Ok(Object::Scalar(match (high, low) {
            (0, 8) => Value::Boolean(false),
            (0, 9) => Value::Boolean(true),
            (1, 0..=4) => {
                let bytes = self.slice(at + 1, 1 << low)?;
                let unsigned = bytes.iter().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
                // Eight bytes carry a sign, fewer do not, and sixteen hold what eight cannot.
                let value = match low {
                    3 => u64::try_from(unsigned).map(u64::cast_signed).ok().map(i128::from),
                    _ => Some(unsigned.cast_signed()),
                };
                let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
                let value = value.filter(|value| range.contains(value));
                let large = || broken("a number of more than 64 bits", at);
                Value::Integer(value.ok_or_else(large)?)
            }
            (2, 2) => Value::Real(f32::from_be_bytes(self.array(at + 1)?).into()),
            (2, 3) => Value::Real(f64::from_be_bytes(self.array(at + 1)?)),
            (3, 3) => {
                let date = Date::from_apple_seconds(f64::from_be_bytes(self.array(at + 1)?));
                Value::Date(date.ok_or_else(|| broken("a date that is none", at))?)
            }
            (4, _) => {
                let (length, from) = self.length(at, low)?;
                Value::Data(Cow::Borrowed(self.slice(from, length)?))
            }
            (5, _) => {
                let (length, from) = self.length(at, low)?;
                Self::text(self.slice(from, length)?, from, notes)?
            }
            (6, _) => {
                let (length, from) = self.length(at, low)?;
                let long = || broken("an object reaches past the objects", at);
                let length = length.checked_mul(2).ok_or_else(long)?;
                Self::wide(self.slice(from, length)?, from)?
            }
            (8, _) => {
                let bytes = self.slice(at + 1, usize::from(low) + 1)?;
                let value = Self::number(bytes).and_then(|value| u64::try_from(value).ok());
                let large = || broken("a UID of more than 64 bits", at);
                Value::Uid(value.ok_or_else(large)?)
            }
            (10, _) => {
                let (count, values) = self.length(at, low)?;
                self.refs(values, count)?;
                return Ok(Object::Open(Pending { at, keys: None, values, count, next: 0 }));
            }
            (13, _) => {
                let (count, keys) = self.length(at, low)?;
                let values = self.refs(keys, count)?;
                self.refs(values, count)?;
                return Ok(Object::Open(Pending { at, keys: Some(keys), values, count, next: 0 }));
            }
            // Null, URLs, UUIDs, sets: property lists have none of them.
            _ => return Err(broken("an object of a type that property lists do not have", at)),
        }))
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Fault> {
        self.slice(at, N)?.try_into().map_err(|_| broken("no object", at))
    }

    fn begin(
        &mut self,
        at: usize,
        notes: &mut Notes,
    ) -> Result<Option<(Event<'a>, Range<usize>)>, Fault> {
        let event = match self.object(at, notes)? {
            Object::Scalar(value) => Event::Scalar(value),
            Object::Open(pending) => {
                // Whoever reads on past the limit of depth would follow a cycle for ever.
                if self.open.len() > self.deepest {
                    let kind = ErrorKind::Limit { what: "nested values", max: self.deepest };
                    return Err(Fault::new(kind, at));
                }
                let is_array = pending.keys.is_none();
                self.open.push(pending);
                if is_array { Event::Array } else { Event::Dictionary }
            }
        };
        Ok(Some((event, at..at + 1)))
    }
}

impl<'a> Events<'a> for Binary<'a> {
    fn next(&mut self, notes: &mut Notes) -> Result<Option<(Event<'a>, Range<usize>)>, Fault> {
        if let Some(top) = self.top.take() {
            let at = self.place(top, self.bytes.len() - 16)?;
            return self.begin(at, notes);
        }
        if let Some(at) = self.value.take() {
            return self.begin(at, notes);
        }
        let Some(pending) = self.open.last_mut() else { return Ok(None) };
        if pending.next == pending.count {
            let at = pending.at;
            self.open.pop();
            return Ok(Some((Event::End, at..at)));
        }
        let (index, keys, values) = (pending.next, pending.keys, pending.values);
        pending.next += 1;
        let (reference, from) = self.reference(values, index)?;
        let Some(keys) = keys else {
            let at = self.place(reference, from)?;
            return self.begin(at, notes);
        };
        let (key, key_from) = self.reference(keys, index)?;
        let key_at = self.place(key, key_from)?;
        let Object::Scalar(Value::String(key)) = self.object(key_at, notes)? else {
            return Err(Fault::new(ErrorKind::Key, key_at));
        };
        self.value = Some(self.place(reference, from)?);
        Ok(Some((Event::Key(key), key_at..key_at + 1)))
    }

    fn position(&self, offset: usize) -> Position {
        Position::of_byte(offset.min(self.bytes.len()))
    }
}
