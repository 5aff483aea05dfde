//! Typed dictionaries over JSON objects: what is known has a field, everything else stays as it
//! is, in order.

use super::error::{Error, ErrorKind};
use crate::json::{Object, Value};
use crate::open_enum::OpenEnum;

/// Why a value is not of its type, and the keys to it, innermost first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wrong {
    pub(crate) kind: ErrorKind,
    path: Vec<String>,
}

impl Wrong {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, path: Vec::new() }
    }

    pub(crate) fn expected(what: &'static str) -> Self {
        Self::new(ErrorKind::Type(what))
    }

    pub(crate) fn text(what: &'static str, text: &str) -> Self {
        Self::new(ErrorKind::Value { what, text: text.chars().take(64).collect() })
    }

    pub(crate) fn under(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    /// The error in this text, which was read as JSON before.
    pub(crate) fn into_error(self, text: &[u8]) -> Error {
        let keys: Vec<String> = self.path.into_iter().rev().collect();
        Error::at(self.kind, crate::json::locate(text, &keys))
    }
}

/// What is in a document that this crate has no field for.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unknown {
    /// The keys to it, separated by `/`.
    pub path: String,
    /// Whether the key is known and only its value is not what the schema says.
    pub known_key: bool,
}

/// A value with a type.
pub(crate) trait Field: Sized {
    fn read(value: &Value) -> Result<Self, Wrong>;
    fn write(&self) -> Value;
    fn unknown(&self, _path: &str, _out: &mut Vec<Unknown>) {}
}

/// A place in a dictionary for a value: required, or optional as an `Option`.
pub(crate) trait Slot: Sized {
    /// `used` says whether the value is in the slot.
    fn take(value: Option<&Value>, used: &mut bool) -> Result<Self, Wrong>;
    fn put(&self, key: &str, object: &mut Object);
    fn unknown(&self, path: &str, out: &mut Vec<Unknown>);
}

impl<T: Field> Slot for T {
    fn take(value: Option<&Value>, used: &mut bool) -> Result<Self, Wrong> {
        let value = value.ok_or_else(|| Wrong::new(ErrorKind::Missing))?;
        *used = true;
        T::read(value)
    }

    fn put(&self, key: &str, object: &mut Object) {
        object.push(key, self.write());
    }

    fn unknown(&self, path: &str, out: &mut Vec<Unknown>) {
        Field::unknown(self, path, out);
    }
}

impl<T: Field> Slot for Option<T> {
    fn take(value: Option<&Value>, used: &mut bool) -> Result<Self, Wrong> {
        // A value of another type stays where it was.
        let value = value.and_then(|value| T::read(value).ok());
        *used = value.is_some();
        Ok(value)
    }

    fn put(&self, key: &str, object: &mut Object) {
        if let Some(value) = self {
            object.push(key, value.write());
        }
    }

    fn unknown(&self, path: &str, out: &mut Vec<Unknown>) {
        if let Some(value) = self {
            Field::unknown(value, path, out);
        }
    }
}

impl Field for String {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_str().map(str::to_owned).ok_or_else(|| Wrong::expected("a string"))
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }
}

impl<T: OpenEnum> Field for T {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_str().map(T::of_text).ok_or_else(|| Wrong::expected("a string"))
    }

    fn write(&self) -> Value {
        self.text().into()
    }

    fn unknown(&self, path: &str, out: &mut Vec<Unknown>) {
        if self.is_other() {
            out.push(Unknown { path: path.to_owned(), known_key: true });
        }
    }
}

impl Field for bool {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_bool().ok_or_else(|| Wrong::expected("true or false"))
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl Field for i64 {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_int().ok_or_else(|| Wrong::expected("a whole number"))
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl Field for Object {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_object().cloned().ok_or_else(|| Wrong::expected("an object"))
    }

    fn write(&self) -> Value {
        self.clone().into()
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let values = value.as_array().ok_or_else(|| Wrong::expected("an array"))?;
        let read =
            |(index, value)| T::read(value).map_err(|wrong| wrong.under(&format!("{index}")));
        values.iter().enumerate().map(read).collect()
    }

    fn write(&self) -> Value {
        Value::Array(self.iter().map(Field::write).collect())
    }

    fn unknown(&self, path: &str, out: &mut Vec<Unknown>) {
        for (index, value) in self.iter().enumerate() {
            value.unknown(&join(path, &index.to_string()), out);
        }
    }
}

/// A type that is written as text.
macro_rules! text_field {
    ($type:ty, $what:literal) => {
        impl crate::declarations::fields::Field for $type {
            fn read(
                value: &crate::json::Value,
            ) -> Result<Self, crate::declarations::fields::Wrong> {
                use crate::declarations::fields::Wrong;
                let text = value.as_str().ok_or_else(|| Wrong::expected("a string"))?;
                text.parse().map_err(|_| Wrong::text($what, text))
            }

            fn write(&self) -> crate::json::Value {
                self.to_string().into()
            }
        }
    };
}
pub(crate) use text_field;

text_field!(crate::version::OsVersion, "version");
text_field!(crate::version::Build, "build");

pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") }
}

/// What a dictionary macro's `read` does besides its fields: the keys that no field took.
pub(crate) fn rest(object: &Object, keys: &[&str], used: &[bool]) -> Object {
    let mut rest = Object::new();
    for (key, value) in object.iter() {
        let known = keys.iter().position(|known| *known == key);
        let taken = known.and_then(|at| used.get(at)).copied().unwrap_or_default();
        // Of a key that stands twice, the value that does not count is no loss worth keeping.
        if !taken {
            rest.push(key, value.clone());
        }
    }
    rest
}

/// A dictionary with typed keys. Fields are required, or optional as `Option`.
macro_rules! dictionary {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* $key:literal => $field:ident : $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// What this crate does not know, in order; and known keys whose values are not what
            /// the schema says.
            pub unknown: crate::json::Object,
        }

        impl $name {
            /// The keys that it knows.
            pub const KEYS: &'static [&'static str] = &[$($key),*];
        }

        impl crate::declarations::fields::Field for $name {
            fn read(
                value: &crate::json::Value,
            ) -> Result<Self, crate::declarations::fields::Wrong> {
                use crate::declarations::fields::{Slot, Wrong, rest};
                let object = value.as_object().ok_or_else(|| Wrong::expected("an object"))?;
                let mut used = Vec::with_capacity(Self::KEYS.len());
                $(
                    let mut taken = false;
                    let $field = <$type as Slot>::take(object.get($key), &mut taken)
                        .map_err(|wrong| wrong.under($key))?;
                    used.push(taken);
                )*
                Ok(Self { $($field,)* unknown: rest(object, Self::KEYS, &used) })
            }

            fn write(&self) -> crate::json::Value {
                use crate::declarations::fields::Slot;
                let mut object = crate::json::Object::new();
                $(Slot::put(&self.$field, $key, &mut object);)*
                let own = object.len();
                for (key, value) in self.unknown.iter() {
                    // What a field says counts: what was saved before a key had one is here.
                    if Self::KEYS.contains(&key) && object.iter().take(own).any(|one| one.0 == key) {
                        continue;
                    }
                    object.push(key, value.clone());
                }
                object.into()
            }

            fn unknown(&self, path: &str, out: &mut Vec<crate::declarations::fields::Unknown>) {
                use crate::declarations::fields::{Slot, Unknown, join};
                $(Slot::unknown(&self.$field, &join(path, $key), out);)*
                for (key, _) in self.unknown.iter() {
                    let known_key = Self::KEYS.contains(&key);
                    out.push(Unknown { path: join(path, key), known_key });
                }
            }
        }
    };
}
pub(crate) use dictionary;
