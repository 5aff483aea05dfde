//! What the reader hands out.

use std::borrow::Cow;

use crate::attribute::{RawAttributes, declared_prefix};
use crate::name::{self, NsId};
use crate::text::Text;
use crate::unescape;

/// The start tag of an element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'x> {
    pub(crate) name: &'x str,
    /// Bytes before the colon of the name; none for 0.
    pub(crate) colon: usize,
    pub(crate) attributes: &'x str,
    pub(crate) ns: NsId,
    pub(crate) offset: usize,
    pub(crate) empty: bool,
    /// Whether it has attributes besides namespace declarations.
    pub(crate) more: bool,
}

impl<'x> Element<'x> {
    /// The name with its prefix.
    #[must_use]
    pub fn name(&self) -> &'x str {
        self.name
    }

    /// The prefix, empty for none.
    #[must_use]
    pub fn prefix(&self) -> &'x str {
        name::prefix(self.name, self.colon)
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local(&self) -> &'x str {
        name::local(self.name, self.colon)
    }

    /// The namespace.
    #[must_use]
    pub fn ns(&self) -> NsId {
        self.ns
    }

    /// Bytes before its `<` in the document.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether it has attributes, namespace declarations left out.
    #[must_use]
    pub fn has_attributes(&self) -> bool {
        self.more
    }

    /// Whether it is written `<name/>`.
    #[must_use]
    pub fn is_empty_tag(&self) -> bool {
        self.empty
    }

    /// The namespace declarations in its own start tag, in their order: prefix (empty for the
    /// default) and name. Also once it is closed.
    pub fn declarations(&self) -> impl Iterator<Item = (&'x str, Cow<'x, str>)> + use<'x> {
        RawAttributes::new(self.attributes).filter_map(|raw| {
            let prefix = declared_prefix(raw.name)?;
            Some((prefix, unescape::attribute_value(raw.value)))
        })
    }
}

/// What comes next in a document.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'x> {
    /// An element begins; `<name/>` begins and ends.
    Start(Element<'x>),
    /// All character data up to the next start or end tag.
    Text(Text<'x>),
    /// The innermost open element ends.
    End,
    /// The document ends.
    Eof,
}

/// What an element holds.
#[derive(Clone, Copy, Debug)]
pub enum Content<'x> {
    /// Character data only, or nothing.
    Text(Text<'x>),
    /// Elements, with or without text between them.
    Markup(Raw<'x>),
}

/// An element as it stands in the document.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'x> {
    pub(crate) outer: &'x str,
    pub(crate) inner: &'x str,
    pub(crate) offset: usize,
}

impl<'x> Raw<'x> {
    /// The element with its tags.
    #[must_use]
    pub fn outer(&self) -> &'x str {
        self.outer
    }

    /// What is between its tags; empty for `<name/>`.
    #[must_use]
    pub fn inner(&self) -> &'x str {
        self.inner
    }

    /// Bytes before its `<` in the document.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}
