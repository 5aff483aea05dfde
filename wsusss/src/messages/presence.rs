//! Absent, nil, empty: what an optional element can be.

use std::fmt;

/// An optional element. XML Schema tells an element that is not there from one that is there and
/// says `xsi:nil="true"`, and both from an empty one; so do we, both ways. *Observed*: WCF servers
/// write nil where asmx ones leave the element out.
///
/// ```
/// use wsusss::messages::Presence;
///
/// let anchor: Presence<String> = "9438,2026-10-04 16:33:26.848".into();
/// assert_eq!(anchor.as_str(), Some("9438,2026-10-04 16:33:26.848"));
/// assert_eq!(Presence::<String>::Nil.as_str(), None);
/// assert_eq!(Presence::<String>::from("").as_str(), Some(""));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum Presence<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It is there and says that it has no value.
    Nil,
    /// It is there.
    Value(T),
}

impl<T> Presence<T> {
    /// The value; `None` for absent and nil alike.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Nil => None,
        }
    }

    /// The value itself; `None` for absent and nil alike.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Nil => None,
        }
    }

    /// Whether it is not there.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether it says that it has no value.
    #[must_use]
    pub const fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// The same with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Presence<U> {
        match self {
            Self::Absent => Presence::Absent,
            Self::Nil => Presence::Nil,
            Self::Value(value) => Presence::Value(change(value)),
        }
    }
}

impl<T: AsRef<str>> Presence<T> {
    /// The text; `None` for absent and nil alike.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.value().map(AsRef::as_ref)
    }
}

impl<T> From<T> for Presence<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Presence<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

/// `None` is absent.
impl<T> From<Option<T>> for Presence<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// An optional list: absent, nil, or there with any number of items, each of which can be nil too.
/// Most callers want the items and nothing else: [`iter`](Self::iter).
///
/// ```
/// use wsusss::messages::List;
///
/// let list: List<i32> = [1, 2].into_iter().collect();
/// assert_eq!(list.iter().sum::<i32>(), 3);
/// assert!(List::<i32>::absent().is_empty() && List::<i32>::absent() != List::default());
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct List<T>(Presence<Vec<Option<T>>>);

impl<T> List<T> {
    /// A list that is not there.
    #[must_use]
    pub const fn absent() -> Self {
        Self(Presence::Absent)
    }

    /// A list that says that it has no value.
    #[must_use]
    pub const fn nil() -> Self {
        Self(Presence::Nil)
    }

    /// Whether it is not there.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.0.is_absent()
    }

    /// Whether it says that it has no value.
    #[must_use]
    pub const fn is_nil(&self) -> bool {
        self.0.is_nil()
    }

    /// The items that have a value.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.slots().iter().flatten()
    }

    /// The items, `None` for one that is nil.
    #[must_use]
    pub fn slots(&self) -> &[Option<T>] {
        self.0.value().map_or(&[], Vec::as_slice)
    }

    /// How many items there are, nil ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots().len()
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots().is_empty()
    }

    /// The first item that has a value.
    #[must_use]
    pub fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    /// Appends an item; a list that was absent or nil is there then.
    pub fn push(&mut self, item: impl Into<Option<T>>) {
        match &mut self.0 {
            Presence::Value(items) => items.push(item.into()),
            other => *other = Presence::Value(vec![item.into()]),
        }
    }

    /// This list, or an absent one if it has no items: as clients write theirs.
    #[must_use]
    pub fn or_absent(self) -> Self {
        if self.is_empty() { Self::absent() } else { self }
    }

    /// The items that have a value.
    #[must_use]
    pub fn into_items(self) -> Vec<T> {
        self.0.into_value().unwrap_or_default().into_iter().flatten().collect()
    }

    pub(super) fn map<U>(self, change: impl Fn(T) -> U) -> List<U> {
        List(self.0.map(|items| items.into_iter().map(|item| item.map(&change)).collect()))
    }
}

/// A list that is there and empty.
impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Presence::Value(Vec::new()))
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Presence::Absent => f.write_str("Absent"),
            Presence::Nil => f.write_str("Nil"),
            Presence::Value(items) => f.debug_list().entries(items).finish(),
        }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().map(Some).collect()
    }
}

impl<T> FromIterator<Option<T>> for List<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(items: I) -> Self {
        Self(Presence::Value(items.into_iter().collect()))
    }
}

impl<'l, T> IntoIterator for &'l List<T> {
    type Item = &'l T;
    type IntoIter = std::iter::Flatten<std::slice::Iter<'l, Option<T>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.slots().iter().flatten()
    }
}
