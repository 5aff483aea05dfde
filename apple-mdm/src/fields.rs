//! Typed views of dictionaries: a view knows the keys of one kind of dictionary and reads them on
//! demand. Nothing is copied, and what a view does not know stays where it is.

use std::fmt;

use crate::open_enum::OpenEnum;
use crate::plist::{Date, Dictionary, Value};
use crate::schema::Type;

/// A type that a key's value can be read as.
pub(crate) trait FromField<'a>: Sized {
    /// The type in the schema.
    #[cfg_attr(not(test), allow(dead_code))]
    const TYPE: Type;

    /// The value as this type, if it can be.
    fn from_field(value: &'a Value<'a>) -> Option<Self>;
}

macro_rules! simple_field {
    ($($type:ty, $kind:ident, $read:path;)*) => { $(
        impl<'a> FromField<'a> for $type {
            const TYPE: Type = Type::$kind;
            fn from_field(value: &'a Value<'a>) -> Option<Self> {
                $read(value)
            }
        }
    )* };
}

simple_field! {
    &'a str, Text, Value::as_str;
    bool, Boolean, Value::as_bool;
    i64, Integer, Value::as_int;
    f64, Real, Value::as_real;
    &'a [u8], Data, Value::as_data;
    &'a Date, Date, Value::as_date;
    &'a Dictionary<'a>, Dictionary, Value::as_dictionary;
}

impl<'a, T: OpenEnum> FromField<'a> for T {
    const TYPE: Type = Type::Text;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        value.as_str().map(T::of_text)
    }
}

impl<'a> FromField<'a> for Vec<&'a str> {
    const TYPE: Type = Type::Array;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        value.as_array()?.iter().map(Value::as_str).collect()
    }
}

impl<'a> FromField<'a> for Vec<&'a Date> {
    const TYPE: Type = Type::Array;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        value.as_array()?.iter().map(Value::as_date).collect()
    }
}

/// How keys end whose values no log may show: tokens, passwords, what proves who somebody is, and
/// bodies that may hold any of them.
const SECRETS: [&str; 16] = [
    "challenge",
    "data",
    "digestresponse",
    "hash",
    "magic",
    "passcode",
    "password",
    "payload",
    "pin",
    "privatekey",
    "recoverykey",
    "recoverykeycms",
    "requirebetaprogram",
    "secret",
    "token",
    "tokenparameters",
];

pub(crate) fn is_secret(key: &str) -> bool {
    let key = key.as_bytes();
    SECRETS.iter().any(|end| {
        let from = key.len().checked_sub(end.len());
        let last = from.and_then(|from| key.get(from..));
        last.is_some_and(|last| last.eq_ignore_ascii_case(end.as_bytes()))
    })
}

/// A dictionary for Debug: bytes by their number, secrets not at all.
pub(crate) struct Redacted<'d>(pub(crate) &'d Dictionary<'d>);

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (key, value) in self.0.iter() {
            match value {
                _ if is_secret(key) => map.entry(&key, &format_args!("[redacted]")),
                value => map.entry(&key, &RedactedValue(value)),
            };
        }
        map.finish()
    }
}

struct RedactedValue<'d>(&'d Value<'d>);

impl fmt::Debug for RedactedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Dictionary(dictionary) => Redacted(dictionary).fmt(f),
            Value::Array(values) => {
                f.debug_list().entries(values.iter().map(RedactedValue)).finish()
            }
            Value::Data(bytes) => write!(f, "{} bytes", bytes.len()),
            value => value.fmt(f),
        }
    }
}

/// What a test of the schema wants to know of a view.
#[cfg(test)]
pub(crate) struct Seen {
    /// The group and path in the schema.
    pub(crate) group: &'static str,
    pub(crate) place: crate::schema::Place,
    pub(crate) path: &'static str,
    /// Key, type, and whether the view could read the key of the dictionary it was given.
    pub(crate) keys: Vec<(&'static str, Type, bool)>,
}

/// Defines a view: `view! { /// docs struct Name: "group", Response, "path" { field: type = "Key"; } }`.
macro_rules! view {
    ($(#[$meta:meta])* struct $name:ident: $group:literal, $place:ident, $path:literal {
        $($(#[$field_meta:meta])* $field:ident: $type:ty = $key:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq)]
        pub struct $name<'a>(&'a $crate::plist::Dictionary<'a>);

        impl<'a> $name<'a> {
            /// Sees a dictionary as this.
            #[must_use]
            pub const fn new(dictionary: &'a $crate::plist::Dictionary<'a>) -> Self {
                Self(dictionary)
            }

            /// Everything as it came, with the keys that have no method here.
            #[must_use]
            pub const fn dictionary(&self) -> &'a $crate::plist::Dictionary<'a> {
                self.0
            }

            $(
                $(#[$field_meta])*
                #[must_use]
                pub fn $field(&self) -> Option<$type> {
                    <$type as $crate::fields::FromField<'a>>::from_field(self.0.get($key)?)
                }
            )*

            #[cfg(test)]
            pub(crate) fn seen(&self) -> $crate::fields::Seen {
                $crate::fields::Seen {
                    group: $group,
                    place: $crate::schema::Place::$place,
                    path: $path,
                    keys: vec![$((
                        $key,
                        <$type as $crate::fields::FromField<'a>>::TYPE,
                        self.$field().is_some(),
                    )),*],
                }
            }
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&$crate::fields::Redacted(self.0)).finish()
            }
        }

        impl<'a> $crate::fields::FromField<'a> for $name<'a> {
            const TYPE: $crate::schema::Type = $crate::schema::Type::Dictionary;
            fn from_field(value: &'a $crate::plist::Value<'a>) -> Option<Self> {
                value.as_dictionary().map(Self)
            }
        }

        impl<'a> $crate::fields::FromField<'a> for Vec<$name<'a>> {
            const TYPE: $crate::schema::Type = $crate::schema::Type::Array;
            fn from_field(value: &'a $crate::plist::Value<'a>) -> Option<Self> {
                // What is no dictionary among them is a finding, and hides none of the others.
                let items = value.as_array()?.iter();
                Some(items.filter_map($crate::plist::Value::as_dictionary).map($name).collect())
            }
        }
    };
}

pub(crate) use view;
