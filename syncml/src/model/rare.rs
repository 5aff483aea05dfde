//! Lists that are most often empty, or hold one.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::owned::IntoOwned;

/// A list that is empty in nearly every message: a single pointer, and no memory until there is
/// something in it. It is used like a `Vec`.
///
/// ```
/// use syncml::model::{Item, Rare};
///
/// let mut item = Item::target("./DevDetail/SwV");
/// assert!(item.data_attributes.is_empty());
/// item.data_attributes.push(("msft:originalerror".into(), "0x80004005".into()));
/// assert_eq!(item.original_error(), Some("0x80004005"));
/// ```
#[derive(Clone)]
#[expect(clippy::box_collection, reason = "a third of the size where it is empty")]
pub struct Rare<T>(Option<Box<Vec<T>>>);

impl<T> Rare<T> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Appends one.
    pub fn push(&mut self, one: T) {
        self.0.get_or_insert_default().push(one);
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// Keeps those that `keep` says to keep.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        if let Some(list) = &mut self.0 {
            list.retain(keep);
        }
    }

    /// Removes and returns the one at `index`; `None` where there is none.
    pub fn take(&mut self, index: usize) -> Option<T> {
        let list = self.0.as_mut()?;
        (index < list.len()).then(|| list.remove(index))
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for Rare<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl<T> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.0.as_deref_mut().map_or(&mut [], Vec::as_mut_slice)
    }
}

impl<T> From<Vec<T>> for Rare<T> {
    fn from(list: Vec<T>) -> Self {
        Self((!list.is_empty()).then(|| Box::new(list)))
    }
}

impl<T> From<Rare<T>> for Vec<T> {
    fn from(list: Rare<T>) -> Self {
        list.0.map(|list| *list).unwrap_or_default()
    }
}

impl<T> FromIterator<T> for Rare<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Vec::from_iter(iter).into()
    }
}

impl<T> Extend<T> for Rare<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        iter.into_iter().for_each(|one| self.push(one));
    }
}

impl<T> IntoIterator for Rare<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        Vec::from(self).into_iter()
    }
}

impl<'l, T> IntoIterator for &'l Rare<T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'l, T> IntoIterator for &'l mut Rare<T> {
    type Item = &'l mut T;
    type IntoIter = std::slice::IterMut<'l, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// What is kept in a [`Rare`], and when two lists of it say the same.
pub trait Listed: PartialEq + Sized {
    /// Whether two lists say the same: they do if they are equal.
    #[must_use]
    fn says_same(left: &[Self], right: &[Self]) -> bool {
        left == right
    }
}

impl Listed for Cow<'_, str> {}
impl Listed for (Cow<'_, str>, Cow<'_, str>) {}

impl<T: Listed> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        T::says_same(self, other)
    }
}

impl<T: Listed + Eq> Eq for Rare<T> {}

impl<T: fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: IntoOwned> IntoOwned for Rare<T> {
    type Static = Rare<T::Static>;
    fn owned(self) -> Self::Static {
        Rare(self.0.map(|list| Box::new(list.into_iter().map(T::owned).collect())))
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Rare<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Rare<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

/// A list that has one in nearly every message, which then needs no memory of its own. It is used
/// like a `Vec`.
#[derive(Clone)]
pub struct Few<T>(Kept<T>);

#[derive(Clone)]
enum Kept<T> {
    One(T),
    // Also none.
    Several(Vec<T>),
}

impl<T> Few<T> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(Kept::Several(Vec::new()))
    }

    /// A list of one.
    #[must_use]
    pub const fn one(one: T) -> Self {
        Self(Kept::One(one))
    }

    /// Appends one.
    pub fn push(&mut self, one: T) {
        match &mut self.0 {
            Kept::Several(list) if list.capacity() == 0 => self.0 = Kept::One(one),
            Kept::Several(list) => list.push(one),
            Kept::One(_) => {
                self.reserve(1);
                self.push(one);
            }
        }
    }

    /// Makes room for so many more at once.
    pub fn reserve(&mut self, more: usize) {
        match std::mem::take(self).0 {
            Kept::One(first) => {
                let mut list = Vec::with_capacity(more.saturating_add(1));
                list.push(first);
                self.0 = Kept::Several(list);
            }
            Kept::Several(mut list) => {
                list.reserve(more);
                self.0 = Kept::Several(list);
            }
        }
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Keeps those that `keep` says to keep.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        match &mut self.0 {
            Kept::One(one) if !keep(one) => self.clear(),
            Kept::One(_) => {}
            Kept::Several(list) => list.retain(keep),
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match &self.0 {
            Kept::One(one) => std::slice::from_ref(one),
            Kept::Several(list) => list,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Kept::One(one) => std::slice::from_mut(one),
            Kept::Several(list) => list,
        }
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(mut list: Vec<T>) -> Self {
        match list.pop() {
            Some(one) if list.is_empty() => Self::one(one),
            Some(last) => {
                list.push(last);
                Self(Kept::Several(list))
            }
            None => Self::new(),
        }
    }
}

impl<T, const N: usize> From<[T; N]> for Few<T> {
    fn from(list: [T; N]) -> Self {
        list.into_iter().collect()
    }
}

impl<T> From<Few<T>> for Vec<T> {
    fn from(list: Few<T>) -> Self {
        match list.0 {
            Kept::One(one) => vec![one],
            Kept::Several(list) => list,
        }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        let mut list = Self::new();
        list.extend(iter);
        list
    }
}

impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        iter.into_iter().for_each(|one| self.push(one));
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, std::vec::IntoIter<T>>;
    fn into_iter(self) -> Self::IntoIter {
        let (one, several) = match self.0 {
            Kept::One(one) => (Some(one), Vec::new()),
            Kept::Several(list) => (None, list),
        };
        one.into_iter().chain(several)
    }
}

impl<'l, T> IntoIterator for &'l Few<T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'l, T> IntoIterator for &'l mut Few<T> {
    type Item = &'l mut T;
    type IntoIter = std::slice::IterMut<'l, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: IntoOwned> IntoOwned for Few<T> {
    type Static = Few<T::Static>;
    fn owned(self) -> Self::Static {
        Few(match self.0 {
            Kept::One(one) => Kept::One(one.owned()),
            Kept::Several(list) => Kept::Several(list.owned()),
        })
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Few<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Few<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_behave_like_lists() {
        let mut rare = Rare::new();
        let mut few = Few::new();
        for length in 0..4 {
            let expected: Vec<usize> = (0..length).collect();
            assert_eq!((&*rare, &*few), (expected.as_slice(), expected.as_slice()));
            assert_eq!(&*rare, &*Rare::from(expected.clone()));
            assert_eq!(few, Few::from(expected.clone()));
            assert_eq!(rare.clone().into_iter().collect::<Vec<_>>(), expected);
            assert_eq!(few.clone().into_iter().collect::<Vec<_>>(), expected);
            assert_eq!(Vec::from(rare.clone()), expected);
            assert_eq!(Vec::from(few.clone()), expected);
            rare.push(length);
            few.push(length);
        }
        rare.retain(|number| number % 2 == 0);
        few.retain(|number| number % 2 == 0);
        assert_eq!((&*rare, &*few), (&[0, 2][..], &[0, 2][..]));
        assert_eq!((rare.take(0), rare.take(5)), (Some(0), None));
        let mut one: Few<u8> = [1].into_iter().collect();
        one.retain(|_| false);
        assert!(one.is_empty());
        one.push(2);
        assert_eq!(one.first(), Some(&2));
    }

    #[test]
    fn an_empty_list_costs_a_pointer() {
        assert_eq!(size_of::<Rare<[u64; 9]>>(), size_of::<usize>());
    }
}
