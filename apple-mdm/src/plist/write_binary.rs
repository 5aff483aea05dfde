//! Writing binary property lists (`bplist00`).

use std::collections::{HashMap, VecDeque};

use super::Value;

/// Appends the property list to `out`. The same value gives the same bytes: objects stand in the
/// order in which a walk by levels meets them, and equal simple values are one object.
///
/// Numbers, offsets and references have the smallest size that holds them, of 1, 2, 4 and 8 bytes
/// (and 16 for numbers above 2⁶³), as Apple's writers choose them.
///
/// ```
/// use apple_mdm::plist::{self, Dictionary, Limits, Value};
///
/// let value = Value::from(Dictionary::new().with("Status", "Idle"));
/// let mut out = Vec::new();
/// plist::write_binary(&value, &mut out);
/// assert_eq!(plist::decode(&out, &Limits::default())?, value);
/// # Ok::<(), apple_mdm::plist::Error>(())
/// ```
pub fn write_binary(value: &Value<'_>, out: &mut Vec<u8>) {
    let mut objects = Objects::default();
    objects.add(value);
    while let Some((index, value)) = objects.waiting.pop_front() {
        let mut refs = Vec::new();
        match value {
            Value::Array(values) => refs.extend(values.iter().map(|value| objects.add(value))),
            Value::Dictionary(entries) => {
                refs.extend(entries.iter().map(|(key, _)| objects.scalar(Scalar::Text(key))));
                refs.extend(entries.iter().map(|(_, value)| objects.add(value)));
            }
            _ => {}
        }
        if let Some(Object::Container { refs: place, .. }) = objects.list.get_mut(index) {
            *place = refs;
        }
    }
    objects.write(out);
}

/// A simple value, as far as it is equal to another.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
enum Scalar<'v> {
    Boolean(bool),
    Data(&'v [u8]),
    /// Seconds since 2001 as bits.
    Date(u64),
    Integer(i128),
    /// The bits: a zero has its sign, and what is no number equals itself.
    Real(u64),
    Text(&'v str),
    Uid(u64),
}

enum Object<'v> {
    Scalar(Scalar<'v>),
    Container {
        /// Values of an array, entries of a dictionary.
        count: usize,
        is_array: bool,
        refs: Vec<usize>,
    },
}

#[derive(Default)]
struct Objects<'v> {
    list: Vec<Object<'v>>,
    known: HashMap<Scalar<'v>, usize>,
    /// Containers whose references are not known yet.
    waiting: VecDeque<(usize, &'v Value<'v>)>,
}

impl<'v> Objects<'v> {
    fn add(&mut self, value: &'v Value<'v>) -> usize {
        let (count, is_array) = match value {
            Value::Array(values) => (values.len(), true),
            Value::Dictionary(entries) => (entries.len(), false),
            Value::Boolean(value) => return self.scalar(Scalar::Boolean(*value)),
            Value::Data(bytes) => return self.scalar(Scalar::Data(bytes)),
            Value::Date(date) => {
                return self.scalar(Scalar::Date(date.to_apple_seconds().to_bits()));
            }
            Value::Integer(number) => return self.scalar(Scalar::Integer(*number)),
            Value::Real(number) => return self.scalar(Scalar::Real(number.to_bits())),
            Value::String(text) => return self.scalar(Scalar::Text(text)),
            Value::Uid(uid) => return self.scalar(Scalar::Uid(*uid)),
        };
        let index = self.list.len();
        self.list.push(Object::Container { count, is_array, refs: Vec::new() });
        self.waiting.push_back((index, value));
        index
    }

    fn scalar(&mut self, scalar: Scalar<'v>) -> usize {
        let next = self.list.len();
        let index = *self.known.entry(scalar).or_insert(next);
        if index == next {
            self.list.push(Object::Scalar(scalar));
        }
        index
    }

    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend(b"bplist00");
        let ref_size = size_of(self.list.len().saturating_sub(1));
        let mut offsets = Vec::with_capacity(self.list.len());
        for object in &self.list {
            offsets.push(out.len() - start);
            match object {
                Object::Scalar(scalar) => write_scalar(*scalar, out),
                Object::Container { count, is_array, refs } => {
                    marker(if *is_array { 0xA0 } else { 0xD0 }, *count, out);
                    for reference in refs {
                        sized(*reference, ref_size, out);
                    }
                }
            }
        }
        let table = out.len() - start;
        let offset_size = size_of(table);
        for offset in offsets {
            sized(offset, offset_size, out);
        }
        // Five unused bytes, the version of sorting, the sizes.
        out.extend([0; 6]);
        out.extend([offset_size, ref_size]);
        sized(self.list.len(), 8, out);
        sized(0, 8, out);
        sized(table, 8, out);
    }
}

fn write_scalar(scalar: Scalar<'_>, out: &mut Vec<u8>) {
    match scalar {
        Scalar::Boolean(value) => out.push(if value { 9 } else { 8 }),
        Scalar::Data(bytes) => {
            marker(0x40, bytes.len(), out);
            out.extend(bytes);
        }
        Scalar::Date(bits) => {
            out.push(0x33);
            out.extend(bits.to_be_bytes());
        }
        Scalar::Integer(number) => integer(number, out),
        Scalar::Real(bits) => {
            out.push(0x23);
            out.extend(bits.to_be_bytes());
        }
        Scalar::Text(text) if text.is_ascii() => {
            marker(0x50, text.len(), out);
            out.extend(text.as_bytes());
        }
        Scalar::Text(text) => {
            marker(0x60, text.encode_utf16().count(), out);
            out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        }
        Scalar::Uid(uid) => {
            let size = usize::try_from(uid).map_or(8, size_of);
            out.push(0x80 | (size - 1));
            let bytes = uid.to_be_bytes();
            out.extend(bytes.iter().skip(8 - usize::from(size)));
        }
    }
}

/// One, two and four bytes have no sign, eight have one, sixteen hold what is left.
fn integer(number: i128, out: &mut Vec<u8>) {
    if let Ok(byte) = u8::try_from(number) {
        out.extend([0x10, byte]);
    } else if let Ok(short) = u16::try_from(number) {
        out.push(0x11);
        out.extend(short.to_be_bytes());
    } else if let Ok(word) = u32::try_from(number) {
        out.push(0x12);
        out.extend(word.to_be_bytes());
    } else if let Ok(long) = i64::try_from(number) {
        out.push(0x13);
        out.extend(long.to_be_bytes());
    } else {
        out.push(0x14);
        out.extend(number.to_be_bytes());
    }
}

/// A marker with its length, which stands behind it if it is 15 or more.
fn marker(high: u8, length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(low @ 0..=14) => out.push(high | low),
        _ => {
            out.push(high | 15);
            // A length never exceeds what memory holds.
            integer(i128::try_from(length).unwrap_or_default(), out);
        }
    }
}

/// The bytes that hold a number: 1, 2, 4 or 8.
fn size_of(number: usize) -> u8 {
    if number <= 0xFF {
        1
    } else if number <= 0xFFFF {
        2
    } else if u32::try_from(number).is_ok() {
        4
    } else {
        8
    }
}

fn sized(number: usize, size: u8, out: &mut Vec<u8>) {
    let bytes = u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes();
    out.extend(bytes.iter().skip(8 - usize::from(size)));
}
