//! What makes the types in [`values`](super::values).

use super::{PolicyId, Setting, Value};

/// A policy's type. Its values are exactly what the policy takes.
pub trait Policy: Sized {
    /// The policy.
    const ID: PolicyId;

    /// The value.
    fn value(&self) -> Value;

    /// Reads a value, if it is one of the policy's.
    fn from_value(value: &Value) -> Option<Self>;

    /// The policy with this value.
    fn setting(self) -> Setting {
        Setting::trusted(Self::ID, self.value())
    }
}

/// Conversions of a policy that takes numbers.
macro_rules! numbers {
    ($name:ident) => {
        impl TryFrom<i64> for $name {
            type Error = crate::policy::PolicyError;

            fn try_from(number: i64) -> Result<Self, Self::Error> {
                let id = crate::policy::PolicyId::$name;
                let setting = crate::policy::Setting::number(id, number)?;
                crate::policy::Policy::from_value(setting.value())
                    .ok_or(crate::policy::PolicyError::Kind(id))
            }
        }

        impl From<$name> for i64 {
            fn from(policy: $name) -> Self {
                crate::policy::Policy::value(&policy).number().unwrap_or_default()
            }
        }
    };
}

/// Conversions of a policy that takes texts.
macro_rules! words {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = crate::policy::PolicyError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                let id = crate::policy::PolicyId::$name;
                let setting = crate::policy::Setting::text(id, &text)?;
                crate::policy::Policy::from_value(setting.value())
                    .ok_or(crate::policy::PolicyError::Kind(id))
            }
        }

        impl From<$name> for String {
            fn from(policy: $name) -> Self {
                crate::policy::Policy::value(&policy).to_string()
            }
        }
    };
}

/// A policy that takes whole numbers between two.
macro_rules! ranged {
    ($(#[$meta:meta])* $name:ident: $constructor:ident, $unit:literal, $min:literal, $max:literal) => {
        $(#[$meta])*
        ///
        #[doc = concat!("From ", $min, " to ", $max, " (", $unit, ").")]
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "i64", into = "i64"))]
        pub struct $name(u16);

        impl $name {
            #[doc = concat!("The smallest value (", $unit, ").")]
            pub const MIN: Self = Self($min);
            #[doc = concat!("The largest value (", $unit, ").")]
            pub const MAX: Self = Self($max);

            #[doc = concat!("The value (", $unit, ").")]
            ///
            /// # Errors
            /// [`PolicyError::Range`](crate::policy::PolicyError::Range).
            pub const fn $constructor(value: u16) -> Result<Self, crate::policy::PolicyError> {
                if value > $max || (value as i32) < $min {
                    return Err(crate::policy::PolicyError::Range {
                        policy: crate::policy::PolicyId::$name,
                        min: $min,
                        max: $max,
                        value: value as i64,
                    });
                }
                Ok(Self(value))
            }

            #[doc = concat!("The value (", $unit, ").")]
            #[must_use]
            pub const fn get(self) -> u16 {
                self.0
            }
        }

        impl crate::policy::Policy for $name {
            const ID: crate::policy::PolicyId = crate::policy::PolicyId::$name;

            fn value(&self) -> crate::policy::Value {
                crate::policy::Value::Number(self.0.into())
            }

            fn from_value(value: &crate::policy::Value) -> Option<Self> {
                Self::$constructor(value.number()?.try_into().ok()?).ok()
            }
        }

        crate::policy::typed::numbers! { $name }
    };
}

/// A policy that takes some numbers.
macro_rules! enumerated {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $value:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "i64", into = "i64"))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$about])* $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number that is sent.
            #[must_use]
            pub const fn number(self) -> i64 {
                match self {
                    $(Self::$variant => $value,)*
                }
            }
        }

        impl crate::policy::Policy for $name {
            const ID: crate::policy::PolicyId = crate::policy::PolicyId::$name;

            fn value(&self) -> crate::policy::Value {
                crate::policy::Value::Number(self.number())
            }

            fn from_value(value: &crate::policy::Value) -> Option<Self> {
                match value.number()? {
                    $($value => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        crate::policy::typed::numbers! { $name }
    };
}

/// A policy that takes a day.
macro_rules! dated {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub struct $name(chrono::NaiveDate);

        impl $name {
            /// This day.
            ///
            /// # Errors
            /// [`PolicyError::Date`](crate::policy::PolicyError::Date) for a year that has not four
            /// digits.
            pub fn on(day: chrono::NaiveDate) -> Result<Self, crate::policy::PolicyError> {
                let id = crate::policy::PolicyId::$name;
                crate::policy::Setting::date(id, day).map(|_| Self(day))
            }

            /// The day.
            #[must_use]
            pub const fn day(self) -> chrono::NaiveDate {
                self.0
            }
        }

        impl crate::policy::Policy for $name {
            const ID: crate::policy::PolicyId = crate::policy::PolicyId::$name;

            fn value(&self) -> crate::policy::Value {
                crate::policy::Value::Text(self.0.format("%Y-%m-%d").to_string())
            }

            fn from_value(value: &crate::policy::Value) -> Option<Self> {
                crate::policy::setting::day(value.text()?).map(Self)
            }
        }

        crate::policy::typed::words! { $name }
    };
}

/// A policy that takes a text with rules of its own.
macro_rules! texts {
    ($(#[$meta:meta])* $name:ident, $constructor:ident, $takes:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("This ", $takes, ".")]
            ///
            /// # Errors
            /// [`PolicyError`](crate::policy::PolicyError), which says what it takes.
            pub fn $constructor(text: &str) -> Result<Self, crate::policy::PolicyError> {
                let id = crate::policy::PolicyId::$name;
                crate::policy::Setting::text(id, text)
                    .map(|setting| Self(setting.value().to_string()))
            }

            #[doc = concat!("The ", $takes, ".")]
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl crate::policy::Policy for $name {
            const ID: crate::policy::PolicyId = crate::policy::PolicyId::$name;

            fn value(&self) -> crate::policy::Value {
                crate::policy::Value::Text(self.0.clone())
            }

            fn from_value(value: &crate::policy::Value) -> Option<Self> {
                Self::$constructor(value.text()?).ok()
            }
        }

        crate::policy::typed::words! { $name }
    };
}

/// A policy that takes the address of a server.
macro_rules! served {
    ($(#[$meta:meta])* $name:ident) => {
        crate::policy::typed::texts! { $(#[$meta])* $name, url, "address" }
    };
}

/// A policy that takes a name.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident) => {
        crate::policy::typed::texts! { $(#[$meta])* $name, named, "name" }
    };
}

pub(crate) use {dated, enumerated, named, numbers, ranged, served, texts, words};
