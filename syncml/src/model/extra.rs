//! What a message has besides what the specifications name, so that nothing is lost.

use std::borrow::Cow;
use std::fmt;

use super::owned::{by_into_owned, into_owned};
use super::rare::Listed;

/// An element that is kept as it stands.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Raw<'a>(pub(crate) Cow<'a, str>);

impl Raw<'_> {
    /// The element with its tags. It declares the namespaces that it uses, so it can be read alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its name, with its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        let tag = self.0.strip_prefix('<').unwrap_or(&self.0);
        let end = tag.find(['>', '/', ' ', '\t', '\r', '\n']);
        end.and_then(|end| tag.get(..end)).unwrap_or(tag)
    }

    /// Its name without its prefix.
    #[must_use]
    pub fn local_name(&self) -> &str {
        let name = self.name();
        name.split_once(':').map_or(name, |(_, local)| local)
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Raw<'static> {
        Raw(Cow::Owned(self.0.into_owned()))
    }
}

by_into_owned!(Raw);

impl Listed for Raw<'_> {}

impl Listed for Attribute<'_> {
    /// Each says to which child it belongs, so that the order of the children does not matter.
    fn says_same(left: &[Self], right: &[Self]) -> bool {
        let by_child = |list: &[Self]| {
            let mut places: Vec<usize> = (0..list.len()).collect();
            places.sort_by_key(|place| list.get(*place).map(|one| (&*one.element, one.index)));
            places
        };
        left == right
            || left.len() == right.len()
                && by_child(left)
                    .into_iter()
                    .zip(by_child(right))
                    .all(|(one, other)| left.get(one) == right.get(other))
    }
}

impl fmt::Debug for Raw<'_> {
    /// The name and the size; what is in it may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw(<{}>, {} bytes)", self.name(), self.0.len())
    }
}

/// An attribute that the specifications do not have. SyncML itself has none at all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// The child that has it (`CmdID`, `LocURI`); empty where it is the element's own.
    pub element: Cow<'a, str>,
    /// How many children of that name stand before it.
    pub index: u32,
    /// The name with its prefix. A declaration that it needs comes as an attribute of its own.
    pub name: Cow<'a, str>,
    /// The value.
    pub value: Cow<'a, str>,
}

into_owned! {
    Attribute { element, index, name, value }
}

/// The bytes that a command was read from. They do not count when commands are compared.
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct OwnBytes<'a>(pub(crate) Option<Cow<'a, str>>);

impl OwnBytes<'_> {
    /// The command's element as it stood in the message, if the message was read with
    /// [`Options::with_own_bytes`](crate::DecodeOptions::with_own_bytes).
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl OwnBytes<'_> {
    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> OwnBytes<'static> {
        OwnBytes(self.0.map(|text| Cow::Owned(text.into_owned())))
    }
}

by_into_owned!(OwnBytes);

impl PartialEq for OwnBytes<'_> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for OwnBytes<'_> {}

impl fmt::Debug for OwnBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(text) => write!(f, "{} bytes", text.len()),
            None => f.write_str("none"),
        }
    }
}
