//! Values as few bytes: what a session's state is stored as.
//!
//! A struct begins with a number whose bits say which of its fields are there; nothing is spent on
//! the others, and most are empty in most values. Numbers are written in groups of seven bits,
//! texts behind their length. Nothing here is a format for others: the version in front of a state
//! says how to read it.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};

use crate::codes::{AlertCode, StatusCode};
use crate::model::{Few, Rare};

/// The bytes are none that [`Pack::pack`] wrote.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Broken;

/// How deep enums hold enums: commands in an Atomic in a Sequence have a format in it, and nothing
/// that a session takes is deeper.
const MAX_DEPTH: u8 = 8;

/// A value that can be written as bytes and read again.
pub(crate) trait Pack: Sized {
    /// Appends it to `out`: one byte at least, but for truth values and where it
    /// [says nothing](Self::is_blank), which only fields do.
    fn pack(&self, out: &mut Vec<u8>);

    /// Reads what [`pack`](Self::pack) wrote.
    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken>;

    /// Whether it is what a field holds that says nothing: it is then not written at all.
    fn is_blank(&self) -> bool {
        false
    }

    /// What a field holds that was not written. Most have to be.
    fn blank() -> Result<Self, Broken> {
        Err(Broken)
    }
}

/// Bytes that are read.
pub(crate) struct Input<'b> {
    rest: &'b [u8],
    depth: u8,
}

impl<'b> Input<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Broken> {
        let (byte, rest) = self.rest.split_first().ok_or(Broken)?;
        self.rest = rest;
        Ok(*byte)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Broken> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut number = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            let group = u64::from(byte & 0x7f);
            if (group << shift) >> shift != group {
                return Err(Broken);
            }
            number |= group << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Broken)
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    pub(crate) fn length(&mut self) -> Result<usize, Broken> {
        usize::try_from(self.number()?).map_err(|_| Broken)
    }

    /// Bytes behind their length.
    pub(crate) fn bytes(&mut self) -> Result<&'b [u8], Broken> {
        let length = self.length()?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Broken)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<&'b str, Broken> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Broken)
    }

    /// A list. What it costs follows from what is there, not from the length that is claimed.
    fn list<T: Pack>(&mut self) -> Result<Vec<T>, Broken> {
        let length = self.length()?;
        if length > self.left() {
            return Err(Broken);
        }
        let mut list = Vec::with_capacity(length.min(16 + self.left() / 32));
        for _ in 0..length {
            list.push(T::unpack(self)?);
        }
        Ok(list)
    }

    /// Begins to read what may hold its like.
    pub(crate) fn enter(&mut self) -> Result<(), Broken> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Broken) } else { Ok(()) }
    }

    /// It was read.
    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }
}

pub(crate) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(low(number) | 0x80);
        number >>= 7;
    }
    out.push(low(number));
}

fn low(number: u64) -> u8 {
    let [low, ..] = number.to_le_bytes();
    low
}

pub(crate) fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_number(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn write_list<'l, T: Pack + 'l>(list: impl ExactSizeIterator<Item = &'l T>, out: &mut Vec<u8>) {
    write_number(list.len() as u64, out);
    list.for_each(|one| one.pack(out));
}

impl Pack for bool {
    /// The bit that says that the field is there says it all.
    fn pack(&self, _: &mut Vec<u8>) {}

    fn unpack(_: &mut Input<'_>) -> Result<Self, Broken> {
        Ok(true)
    }

    fn is_blank(&self) -> bool {
        !self
    }

    fn blank() -> Result<Self, Broken> {
        Ok(false)
    }
}

/// A digest: its bits are spread over all of its bytes.
impl Pack for u64 {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        let (bytes, rest) = input.rest.split_first_chunk().ok_or(Broken)?;
        input.rest = rest;
        Ok(Self::from_le_bytes(*bytes))
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Pack for $type {
            fn pack(&self, out: &mut Vec<u8>) {
                write_number(*self as u64, out);
            }

            fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
                Self::try_from(input.number()?).map_err(|_| Broken)
            }

            fn is_blank(&self) -> bool {
                *self == 0
            }

            fn blank() -> Result<Self, Broken> {
                Ok(0)
            }
        }
    )*};
}

numbers!(u8, u16, u32, usize);

macro_rules! codes {
    ($($type:ty),*) => {$(
        impl Pack for $type {
            fn pack(&self, out: &mut Vec<u8>) {
                self.number().pack(out);
            }

            fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
                u16::unpack(input).map(Self::new)
            }
        }
    )*};
}

codes!(StatusCode, AlertCode);

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Pack for $type {
            fn pack(&self, out: &mut Vec<u8>) {
                write_bytes(self.as_bytes(), out);
            }

            fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
                Ok(Self::from(input.text()?.to_owned()))
            }

            fn is_blank(&self) -> bool {
                self.is_empty()
            }

            fn blank() -> Result<Self, Broken> {
                Ok(Self::default())
            }
        }
    )*};
}

texts!(String, Cow<'static, str>);

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        if let Some(value) = self {
            value.pack(out);
        }
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        T::unpack(input).map(Some)
    }

    fn is_blank(&self) -> bool {
        self.is_none()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(None)
    }
}

impl<T: Pack> Pack for Box<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        (**self).pack(out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        T::unpack(input).map(Self::new)
    }
}

macro_rules! lists {
    ($($type:ident),*) => {$(
        impl<T: Pack> Pack for $type<T> {
            fn pack(&self, out: &mut Vec<u8>) {
                write_list(self.iter(), out);
            }

            fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
                input.list().map(Self::from)
            }

            fn is_blank(&self) -> bool {
                self.is_empty()
            }

            fn blank() -> Result<Self, Broken> {
                Ok(Self::new())
            }
        }
    )*};
}

lists!(Vec, VecDeque, Rare);

impl<T: Pack> Pack for Few<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        write_list(self.iter(), out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        match input.rest.split_first() {
            Some((1, rest)) => {
                input.rest = rest;
                T::unpack(input).map(Self::one)
            }
            _ => input.list().map(Self::from),
        }
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(Self::new())
    }
}

impl Pack for BTreeSet<u64> {
    fn pack(&self, out: &mut Vec<u8>) {
        write_list(self.iter(), out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        input.list().map(Self::from_iter)
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(Self::new())
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
        self.1.pack(out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        Ok((A::unpack(input)?, B::unpack(input)?))
    }
}

/// [`Pack`] for structs, from their fields in the order in which they are written. All have to be
/// named: a new one is written at the end, and is a new version of the state, since who does not know
/// it refuses all of it. One field may come first, by functions of its own.
macro_rules! packed {
    ($(
        $name:ty $(where [$($generics:tt)*])? $(=> $other:ident by $write:ident, $read:ident)? {
            $($field:ident),* $(,)?
        }
    )*) => {$(
        impl$(<$($generics)*>)? $crate::pack::Pack for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                let Self { $($other,)? $($field),* } = self;
                let mut present = 0;
                for (bit, is_blank) in [$($crate::pack::Pack::is_blank($field)),*].into_iter().enumerate() {
                    present |= u64::from(!is_blank) << bit;
                }
                $crate::pack::write_number(present, out);
                $($write($other, out);)?
                $(if !$crate::pack::Pack::is_blank($field) {
                    $crate::pack::Pack::pack($field, out);
                })*
            }

            fn unpack(
                input: &mut $crate::pack::Input<'_>,
            ) -> Result<Self, $crate::pack::Broken> {
                let mut present = input.number()?;
                let value = Self {
                    $($other: $read(input)?,)?
                    $($field: {
                        let is_there = present & 1 == 1;
                        present >>= 1;
                        if is_there {
                            $crate::pack::Pack::unpack(input)?
                        } else {
                            $crate::pack::Pack::blank()?
                        }
                    }),*
                };
                // A field that nobody knows.
                if present == 0 { Ok(value) } else { Err($crate::pack::Broken) }
            }
        }
    )*};
}

/// [`Pack`] for enums: a number for each, and what it holds.
macro_rules! packed_enum {
    ($($name:ty { $($number:literal = $variant:ident $(($held:ident))?),* $(,)? })*) => {$(
        impl $crate::pack::Pack for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($held))? => {
                        out.push($number);
                        $($crate::pack::Pack::pack($held, out);)?
                    })*
                }
            }

            fn unpack(
                input: &mut $crate::pack::Input<'_>,
            ) -> Result<Self, $crate::pack::Broken> {
                input.enter()?;
                let value = match input.byte()? {
                    $($number => Self::$variant $(({
                        let $held = $crate::pack::Pack::unpack(input)?;
                        $held
                    }))?,)*
                    _ => return Err($crate::pack::Broken),
                };
                input.leave();
                Ok(value)
            }
        }
    )*};
}

pub(crate) use {packed, packed_enum};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Command, Data, Format, Item};

    fn packed<T: Pack>(value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        value.pack(&mut out);
        out
    }

    fn unpacked<T: Pack>(bytes: &[u8]) -> Result<T, Broken> {
        let mut input = Input::new(bytes);
        let value = T::unpack(&mut input)?;
        assert_eq!(input.left(), 0, "all of it is read");
        Ok(value)
    }

    #[test]
    fn numbers_come_back_and_too_large_ones_do_not() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u64::MAX >> 1, u64::MAX] {
            let mut out = Vec::new();
            write_number(number, &mut out);
            assert_eq!(Input::new(&out).number(), Ok(number));
            assert_eq!(Input::new(&out[..out.len() - 1]).number(), Err(Broken));
        }
        assert_eq!(unpacked::<u8>(&[0xff, 0x01]), Ok(255));
        assert_eq!(unpacked::<u8>(&[0x80, 0x02]), Err(Broken));
        let [mut long, mut over] = [[0xff; 10], [0xff; 10]];
        (long[9], over[9]) = (1, 2);
        assert_eq!(Input::new(&long).number(), Ok(u64::MAX));
        assert_eq!(Input::new(&over).number(), Err(Broken));
        assert_eq!(Input::new(&[0x80; 20]).number(), Err(Broken));
    }

    #[test]
    fn what_is_empty_costs_nothing() {
        assert_eq!(packed(&Command::get("./x")), b"\x06\x20\x01\x01\x01\x03./x");
        let replace = Command::replace("./x", Format::Int, Data::text("8"));
        assert_eq!(unpacked(&packed(&replace)), Ok(replace.clone()));
        assert!(packed(&replace).len() < 40);
    }

    #[test]
    fn lengths_that_are_claimed_cost_nothing() {
        let claimed = [&[0xff; 9][..], &[1]].concat();
        assert_eq!(unpacked::<String>(&claimed), Err(Broken));
        assert_eq!(unpacked::<Vec<Item<'static>>>(&claimed), Err(Broken));
        assert_eq!(unpacked::<Vec<u32>>(&[3, 1, 2]), Err(Broken));
        assert_eq!(unpacked::<String>(b"\x02\xff\xfe"), Err(Broken));
    }

    #[test]
    fn groups_nest_as_deep_as_a_limit() {
        let nest = |depth: u8| {
            (1..depth).fold(Command::get("./x"), |inner, _| Command::atomic(vec![inner]))
        };
        let deepest = nest(MAX_DEPTH);
        assert_eq!(unpacked(&packed(&deepest)), Ok(deepest));
        assert_eq!(unpacked::<Command<'static>>(&packed(&nest(MAX_DEPTH + 1))), Err(Broken));
    }

    #[test]
    fn unknown_fields_and_kinds_are_refused() {
        assert_eq!(unpacked::<Command<'static>>(&[200, 0]), Err(Broken));
        assert_eq!(unpacked::<Item<'static>>(&[0x80, 0x40]), Err(Broken));
    }
}
