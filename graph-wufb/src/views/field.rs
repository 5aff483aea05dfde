//! What a member can be read as, without a copy.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};

use super::value::{Elements, ObjectView, ValueView};
use crate::error::Error;
use crate::models::{GraphDateTime, Open, Vocabulary, is_id};

/// A type that a member can be seen as. Implemented by the views of this crate.
pub trait FieldView<'d>: Sized {
    /// The value as this type; `None` where [`models`](crate::models) would not take it.
    fn read(value: ValueView<'d>) -> Option<Self>;

    /// Whether the value can be read as this type.
    #[must_use]
    fn accepts(value: ValueView<'d>) -> bool {
        Self::read(value).is_some()
    }
}

impl<'d> FieldView<'d> for Cow<'d, str> {
    #[inline]
    fn read(value: ValueView<'d>) -> Option<Self> {
        value.as_str()
    }

    fn accepts(value: ValueView<'d>) -> bool {
        value.is_string()
    }
}

impl<'d> FieldView<'d> for bool {
    fn read(value: ValueView<'d>) -> Option<Self> {
        value.as_bool()
    }
}

impl<'d> FieldView<'d> for ValueView<'d> {
    fn read(value: Self) -> Option<Self> {
        Some(value)
    }
}

impl<'d> FieldView<'d> for ObjectView<'d> {
    fn read(value: ValueView<'d>) -> Option<Self> {
        value.as_object()
    }
}

/// An identity where it stands; `T` is the type that it has on its own, such as
/// [`DeviceId`](crate::models::DeviceId).
#[derive(Clone)]
pub struct IdView<'d, T>(Cow<'d, str>, PhantomData<fn() -> T>);

impl<'d, T> IdView<'d, T> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, borrowed where it has no escapes.
    #[must_use]
    pub fn into_text(self) -> Cow<'d, str> {
        self.0
    }
}

impl<T> IdView<'_, T>
where
    T: for<'x> TryFrom<&'x str, Error = Error>,
{
    /// An identity of its own.
    ///
    /// # Errors
    /// None in fact: the text was checked when it was seen.
    pub fn to_id(&self) -> Result<T, Error> {
        T::try_from(self.as_str())
    }
}

impl<T> fmt::Debug for IdView<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> PartialEq<str> for IdView<'_, T> {
    /// Without regard to ASCII case, as identities are.
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl<'d, T> FieldView<'d> for IdView<'d, T> {
    #[inline]
    fn read(value: ValueView<'d>) -> Option<Self> {
        value.as_str().filter(|text| is_id(text)).map(|text| Self(text, PhantomData))
    }
}

/// A date and time where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimeView<'d>(Cow<'d, str>);

impl TimeView<'_> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment; see [`GraphDateTime::instant`].
    #[must_use]
    pub fn instant(&self) -> Option<DateTime<Utc>> {
        GraphDateTime::instant_of(&self.0)
    }

    /// The moment, if it is a real one; see [`GraphDateTime::date`].
    #[must_use]
    pub fn date(&self) -> Option<DateTime<Utc>> {
        GraphDateTime::date_of(&self.0)
    }

    /// A date and time of its own.
    #[must_use]
    pub fn to_time(&self) -> GraphDateTime {
        GraphDateTime::from(self.as_str())
    }
}

impl<'d> FieldView<'d> for TimeView<'d> {
    #[inline]
    fn read(value: ValueView<'d>) -> Option<Self> {
        value.as_str().map(Self)
    }

    fn accepts(value: ValueView<'d>) -> bool {
        value.is_string()
    }
}

/// A word of an open enum where it stands.
#[derive(Clone)]
pub struct WordView<'d, T>(Cow<'d, str>, PhantomData<fn() -> T>);

impl<T: Vocabulary> WordView<'_, T> {
    /// The word, if the schema has it.
    #[must_use]
    pub fn known(&self) -> Option<T> {
        Open::<T>::known_of(&self.0)
    }

    /// The word as it is spelt.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this word.
    #[must_use]
    pub fn is(&self, word: T) -> bool {
        self.known() == Some(word)
    }

    /// A word of its own.
    #[must_use]
    pub fn to_word(&self) -> Open<T> {
        Open::from(self.as_str())
    }
}

impl<T> fmt::Debug for WordView<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'d, T> FieldView<'d> for WordView<'d, T> {
    #[inline]
    fn read(value: ValueView<'d>) -> Option<Self> {
        value.as_str().map(|text| Self(text, PhantomData))
    }

    fn accepts(value: ValueView<'d>) -> bool {
        value.is_string()
    }
}

/// A number as it is spelt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NumberView<'d>(&'d str);

impl<'d> NumberView<'d> {
    /// The number as it is spelt.
    #[must_use]
    pub fn as_str(&self) -> &'d str {
        self.0
    }

    /// The nearest double.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

impl<'d> FieldView<'d> for NumberView<'d> {
    fn read(value: ValueView<'d>) -> Option<Self> {
        value.as_number().map(Self)
    }
}

/// An array of which every element can be seen as `T`.
#[derive(Clone)]
pub struct ListView<'d, T>(Elements<'d>, PhantomData<fn() -> T>);

impl<'d, T: FieldView<'d>> ListView<'d, T> {
    /// The elements.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'d, T> {
        self.0.clone().filter_map(T::read)
    }
}

impl<T> fmt::Debug for ListView<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.clone()).finish()
    }
}

impl<'d, T: FieldView<'d>> FieldView<'d> for ListView<'d, T> {
    #[inline]
    fn read(value: ValueView<'d>) -> Option<Self> {
        let elements = value.as_array()?;
        let all = elements.clone().all(T::accepts);
        all.then_some(Self(elements, PhantomData))
    }
}
