//! Dictionaries of property lists.

use std::borrow::Cow;

use super::{Date, Value};

/// A dictionary: keys and values in the order in which they stand. Debug shows data by its length,
/// and of tokens, passwords and their like nothing.
#[derive(Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Dictionary<'a>(pub(super) Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Dictionary<'a> {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a key. Of a key that occurs twice, the last value counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Whether it has a key.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The text of a key.
    #[must_use]
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The truth value of a key; see [`Value::as_bool`].
    #[must_use]
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// The whole number of a key; see [`Value::as_int`].
    #[must_use]
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key)?.as_int()
    }

    /// The number of a key.
    #[must_use]
    pub fn real(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_real()
    }

    /// The bytes of a key.
    #[must_use]
    pub fn data(&self, key: &str) -> Option<&[u8]> {
        self.get(key)?.as_data()
    }

    /// The time of a key.
    #[must_use]
    pub fn date(&self, key: &str) -> Option<&Date> {
        self.get(key)?.as_date()
    }

    /// The array of a key.
    #[must_use]
    pub fn array(&self, key: &str) -> Option<&[Value<'a>]> {
        self.get(key)?.as_array()
    }

    /// The dictionary of a key.
    #[must_use]
    pub fn dictionary(&self, key: &str) -> Option<&Self> {
        self.get(key)?.as_dictionary()
    }

    /// The keys and values, in order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value<'a>)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a key and its value at the end.
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        self.0.push((key.into(), value.into()));
    }

    /// Takes a key out: its value, the last one if it occurs twice.
    pub fn remove(&mut self, key: &str) -> Option<Value<'a>> {
        let mut taken = None;
        self.0.retain_mut(|(known, value)| {
            let found = known == key;
            if found {
                taken = Some(std::mem::replace(value, Value::Boolean(false)));
            }
            !found
        });
        taken
    }

    /// The same with one more key.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> Self {
        self.push(key, value);
        self
    }

    /// The same with one more key, if there is a value.
    #[must_use]
    pub fn with_opt<V: Into<Value<'a>>>(
        mut self,
        key: impl Into<Cow<'a, str>>,
        value: Option<V>,
    ) -> Self {
        if let Some(value) = value {
            self.push(key, value);
        }
        self
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Dictionary<'static> {
        let owned = |(key, value): (Cow<'a, str>, Value<'a>)| {
            (Cow::Owned(key.into_owned()), value.into_owned())
        };
        Dictionary(self.0.into_iter().map(owned).collect())
    }
}

impl std::fmt::Debug for Dictionary<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::fields::Redacted(self).fmt(f)
    }
}

impl<'a> IntoIterator for Dictionary<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Value<'a>)> for Dictionary<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Value<'a>)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}
