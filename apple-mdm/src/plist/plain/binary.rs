//! Binary property lists in which every text is what its marker says.

use std::borrow::Cow;

use super::tree::Tree;
use crate::plist::binary::{Binary, Pending};
use crate::plist::{Date, Limits, Value};

/// Texts of keys by their objects: all updates of a list share theirs.
const CACHED: usize = 64;

/// Reads a list that has nothing to report about it.
pub(in crate::plist) fn read<'a>(list: &Binary<'a>, limits: &Limits) -> Option<Value<'a>> {
    let mut tree = Tree::new(limits);
    let mut open: Vec<Pending> = Vec::new();
    let mut keys = [(usize::MAX, ""); CACHED];
    let mut at = place(list, list.top?)?;
    loop {
        if let Some(pending) = object(list, at, &mut tree)? {
            open.push(pending);
        }
        loop {
            let Some(pending) = open.last_mut() else { return tree.finish() };
            if pending.next == pending.count {
                open.pop();
                tree.close()?;
                continue;
            }
            let index = pending.next * list.ref_size;
            pending.next += 1;
            if let Some(first) = pending.keys {
                let key = reference(list, first + index)?;
                let cached = keys.get_mut(key % CACHED)?;
                if cached.0 != key {
                    *cached = (key, key_text(list, place(list, key)?)?);
                }
                tree.key(cached.1)?;
            }
            at = place(list, reference(list, pending.values + index)?)?;
            break;
        }
    }
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

#[inline]
fn ascii<'a>(list: &Binary<'a>, at: usize, low: u8) -> Option<&'a str> {
    let (length, from) = length(list, at, low)?;
    let bytes = slice(list, from, length)?;
    bytes.is_ascii().then(|| std::str::from_utf8(bytes).ok())?
}

/// A key; one that is not ASCII is rare.
fn key_text<'a>(list: &Binary<'a>, at: usize) -> Option<&'a str> {
    match slice(list, at, 1)? {
        [marker @ 0x50..=0x5F] => ascii(list, at, marker & 15),
        _ => None,
    }
}

/// Takes the object at a place; what is left to read of it, if it holds others.
#[inline]
fn object<'a>(list: &Binary<'a>, at: usize, tree: &mut Tree<'a>) -> Option<Option<Pending>> {
    let [marker] = slice(list, at, 1)? else { return None };
    let low = marker & 15;
    match (marker >> 4, low) {
        (0, 8) => tree.put(Value::Boolean(false))?,
        (0, 9) => tree.put(Value::Boolean(true))?,
        (1, 0..=2) => {
            tree.put(Value::Integer(number(slice(list, at + 1, 1 << low)?)?.into()))?;
        }
        (1, 3) => {
            let value = number(slice(list, at + 1, 8)?)?.cast_signed();
            tree.put(Value::Integer(value.into()))?;
        }
        (1, 4) => {
            let value = i128::from_be_bytes(slice(list, at + 1, 16)?.try_into().ok()?);
            let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
            tree.put(Value::Integer(Some(value).filter(|value| range.contains(value))?))?;
        }
        (2, 2) => {
            let value = f32::from_be_bytes(slice(list, at + 1, 4)?.try_into().ok()?);
            tree.put(Value::Real(value.into()))?;
        }
        (2, 3) => {
            let value = f64::from_be_bytes(slice(list, at + 1, 8)?.try_into().ok()?);
            tree.put(Value::Real(value))?;
        }
        (3, 3) => {
            let seconds = f64::from_be_bytes(slice(list, at + 1, 8)?.try_into().ok()?);
            tree.put(Value::Date(Date::from_apple_seconds(seconds)?))?;
        }
        (4, _) => {
            let (length, from) = length(list, at, low)?;
            tree.data(Cow::Borrowed(slice(list, from, length)?))?;
        }
        (5, _) => tree.text(Cow::Borrowed(ascii(list, at, low)?))?,
        (6, _) => {
            let (length, from) = length(list, at, low)?;
            tree.text(Cow::Owned(wide(slice(list, from, length.checked_mul(2)?)?)?))?;
        }
        (8, _) => {
            let bytes = slice(list, at + 1, usize::from(low) + 1)?;
            tree.put(Value::Uid(number(bytes)?))?;
        }
        (10, _) => {
            let (count, values) = length(list, at, low)?;
            slice(list, values, count.checked_mul(list.ref_size)?)?;
            tree.open(true)?;
            return Some(Some(Pending { at, keys: None, values, count, next: 0 }));
        }
        (13, _) => {
            let (count, keys) = length(list, at, low)?;
            let size = count.checked_mul(list.ref_size)?;
            slice(list, keys, size.checked_mul(2)?)?;
            tree.open(false)?;
            let values = keys + size;
            return Some(Some(Pending { at, keys: Some(keys), values, count, next: 0 }));
        }
        _ => return None,
    }
    Some(None)
}

fn wide(bytes: &[u8]) -> Option<String> {
    let (units, _) = bytes.as_chunks::<2>();
    char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit)))
        .collect::<Result<_, _>>()
        .ok()
}
