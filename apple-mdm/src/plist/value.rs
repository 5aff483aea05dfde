//! Values of property lists.

use std::borrow::Cow;

use super::{Date, Dictionary};

/// A value.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Value<'a> {
    /// Values in order.
    Array(Vec<Self>),
    /// A truth value.
    Boolean(bool),
    /// Bytes; those of a binary list are borrowed.
    Data(Cow<'a, [u8]>),
    /// A time.
    Date(Date),
    /// Values by keys.
    Dictionary(Dictionary<'a>),
    /// A number; property lists have those of 64 bits with and without sign.
    Integer(i128),
    /// A floating point number.
    Real(f64),
    /// A text.
    String(Cow<'a, str>),
    /// A reference in an archive; in binary property lists only.
    Uid(u64),
}

impl<'a> Value<'a> {
    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value. *Observed*: devices send `0` and `1` for some.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            Self::Integer(0) => Some(false),
            Self::Integer(1) => Some(true),
            _ => None,
        }
    }

    /// The number. *Observed*: devices send whole numbers as reals.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => i64::try_from(*value).ok(),
            // Every whole number of this size is exact, so nothing is cut.
            #[allow(clippy::cast_possible_truncation)]
            Self::Real(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(*value as i64),
            _ => None,
        }
    }

    /// The number as a floating point one.
    #[must_use]
    pub fn as_real(&self) -> Option<f64> {
        match self {
            Self::Real(value) => Some(*value),
            // Rounded to the nearest, as a reader of `<real>` would.
            #[allow(clippy::cast_precision_loss)]
            Self::Integer(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The bytes, if they are some.
    #[must_use]
    pub fn as_data(&self) -> Option<&[u8]> {
        match self {
            Self::Data(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The time, if it is one.
    #[must_use]
    pub fn as_date(&self) -> Option<&Date> {
        match self {
            Self::Date(date) => Some(date),
            _ => None,
        }
    }

    /// The array, if it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The dictionary, if it is one.
    #[must_use]
    pub fn as_dictionary(&self) -> Option<&Dictionary<'a>> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    /// The name of its element in XML.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Array(_) => "array",
            Self::Boolean(true) => "true",
            Self::Boolean(false) => "false",
            Self::Data(_) => "data",
            Self::Date(_) => "date",
            Self::Dictionary(_) => "dict",
            Self::Integer(_) => "integer",
            Self::Real(_) => "real",
            Self::String(_) => "string",
            Self::Uid(_) => "uid",
        }
    }

    /// The same, independent of what it borrowed from. As deep as the limits allowed.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Array(values) => {
                Value::Array(values.into_iter().map(Value::into_owned).collect())
            }
            Self::Boolean(value) => Value::Boolean(value),
            Self::Data(value) => Value::Data(Cow::Owned(value.into_owned())),
            Self::Date(value) => Value::Date(value),
            Self::Dictionary(value) => Value::Dictionary(value.into_owned()),
            Self::Integer(value) => Value::Integer(value),
            Self::Real(value) => Value::Real(value),
            Self::String(value) => Value::String(Cow::Owned(value.into_owned())),
            Self::Uid(value) => Value::Uid(value),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Data(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Data(Cow::Owned(bytes))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<Date> for Value<'_> {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Vec<Self>> for Value<'_> {
    fn from(values: Vec<Self>) -> Self {
        Self::Array(values)
    }
}

impl<'a> From<Dictionary<'a>> for Value<'a> {
    fn from(dictionary: Dictionary<'a>) -> Self {
        Self::Dictionary(dictionary)
    }
}
