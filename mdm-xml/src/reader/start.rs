//! Start tags: limits, attributes, declarations and prefixes.

use std::borrow::Cow;

use super::{Open, Reader};
use crate::attribute::{RawAttribute, declared_prefix};
use crate::error::{Error, ErrorKind, Limit, Malformed, quote};
use crate::event::Element;
use crate::limits::Tolerance;
use crate::name::{self, Declined, NsId};
use crate::tokenizer::{Refused, StartTag};
use crate::{reference, unescape};

impl<'x> Reader<'x> {
    #[inline(always)]
    pub(super) fn start(&mut self) -> Result<Element<'x>, Error> {
        let limits = self.options.limits;
        let offset = self.tokens.offset();
        self.scratch.clear();
        let tag = match self.tokens.start_tag(&mut self.scratch, limits.attributes) {
            Ok(tag) => tag,
            Err((at, Refused::Malformed(malformed))) => return Err(self.fail(malformed.into(), at)),
            Err((at, Refused::TooMany)) => {
                return Err(self.limit(Limit::Attributes, limits.attributes, at));
            }
        };
        self.checked()?;
        if self.open.is_empty() {
            if self.rooted && !self.options.fragment {
                return Err(self.fail(ErrorKind::SecondRoot(quote(tag.name)), offset));
            }
            self.rooted = true;
        }
        if self.open.len() >= limits.depth {
            return Err(self.limit(Limit::Depth, limits.depth, offset));
        }
        if self.elements >= limits.elements {
            return Err(self.limit(Limit::Elements, limits.elements, offset));
        }
        self.elements += 1;
        let scope = self.namespaces.scope();
        let more = match (tag.usual, self.scratch.as_slice()) {
            (true, _) => {
                self.declare_again(&tag, offset)?;
                false
            }
            (false, []) => false,
            (false, attributes) => {
                let alone = matches!(attributes, [only] if only.name == "xmlns");
                let more = self.check_attributes()?;
                if alone {
                    self.expect_again(tag.attributes);
                }
                more
            }
        };
        let ns = match tag.colon {
            0 => self.namespaces.default_ns(),
            colon => self.prefix(name::prefix(tag.name, colon), offset)?,
        };
        self.open.push(Open { name: tag.name, offset, scope });
        self.ends = tag.empty;
        let StartTag { name, colon, attributes, empty, .. } = tag;
        Ok(Element { name, colon, attributes, ns, offset, empty, more })
    }

    /// Remembers a start tag whose only attribute declared a default namespace that the caller
    /// named: it will come again.
    fn expect_again(&mut self, attributes: &'x str) {
        let ns = self.namespaces.default_ns();
        let value = self.scratch.first().map(|attribute| attribute.value);
        if let Some(value) = value.filter(|_| ns.is_known())
            && let Cow::Borrowed(uri) = unescape::attribute_value(value)
        {
            self.usual = (uri, ns);
            self.tokens.expect_again(attributes);
        }
    }

    /// Takes the declaration of [`expect_again`](Self::expect_again).
    #[inline(always)]
    fn declare_again(&mut self, tag: &StartTag<'x>, offset: usize) -> Result<(), Error> {
        let max = self.options.limits.namespaces;
        let (uri, ns) = self.usual;
        self.namespaces.declare_again(uri, ns, max).map_err(|_| {
            let blanks =
                tag.attributes.len() - tag.attributes.trim_start_matches(crate::is_space).len();
            self.limit(Limit::Namespaces, max, offset + 1 + tag.name.len() + blanks)
        })
    }

    /// Checks the attributes of the start tag that was read last and takes its namespace
    /// declarations; says whether there are others.
    fn check_attributes(&mut self) -> Result<bool, Error> {
        let (mut prefixed, mut more) = (false, false);
        for (index, attribute) in self.scratch.iter().enumerate() {
            let offset = attribute.offset;
            let earlier = self.scratch.get(..index).unwrap_or_default();
            if earlier.iter().any(|earlier| earlier.name == attribute.name) {
                return Err(self.fail(ErrorKind::DuplicateAttribute(quote(attribute.name)), offset));
            }
            if attribute.references {
                reference::check_references(attribute.value, self.options.forbidden_chars)
                    .map_err(|(_, kind)| self.fail(kind, offset))?;
            }
            if let Some(prefix) = declared_prefix(attribute.name) {
                let uri = unescape::attribute_value(attribute.value);
                let max = self.options.limits.namespaces;
                match self.namespaces.declare(prefix, uri, max) {
                    Ok(()) => {}
                    Err(Declined::TooMany) => {
                        return Err(self.limit(Limit::Namespaces, max, offset));
                    }
                    Err(Declined::NotAllowed) => {
                        return Err(self.fail(Malformed::Namespace.into(), offset));
                    }
                }
            } else {
                more = true;
                prefixed |= attribute.colon > 0;
            }
        }
        if prefixed {
            self.check_prefixes()?;
        }
        Ok(more)
    }

    /// Checks the prefixes of attributes, once all declarations of the tag are known. Two prefixes
    /// of one namespace can make two attributes of one name.
    fn check_prefixes(&mut self) -> Result<(), Error> {
        let mut seen = std::mem::take(&mut self.prefixed);
        seen.clear();
        let result = self.check_prefixes_of(&mut seen);
        self.prefixed = seen;
        result
    }

    /// Each prefix is looked up once: looked up again for each pair of attributes, a tag would
    /// cost the square of its attributes times the declarations in scope.
    fn check_prefixes_of(&self, seen: &mut Vec<(NsId, &'x str)>) -> Result<(), Error> {
        for attribute in &self.scratch {
            let RawAttribute { name, colon, offset, .. } = *attribute;
            let (prefix, local) = (name::prefix(name, colon), name::local(name, colon));
            if prefix.is_empty() || prefix == "xmlns" {
                continue;
            }
            let ns = self.prefix(prefix, offset)?;
            if ns == NsId::UNDECLARED {
                continue;
            }
            if seen.contains(&(ns, local)) {
                return Err(self.fail(ErrorKind::DuplicateAttribute(quote(name)), offset));
            }
            seen.push((ns, local));
        }
        Ok(())
    }

    fn prefix(&self, prefix: &str, offset: usize) -> Result<NsId, Error> {
        let ns = self.namespaces.resolve(prefix);
        if ns == NsId::UNDECLARED && self.options.undeclared_prefixes == Tolerance::Refuse {
            return Err(self.fail(ErrorKind::UndeclaredPrefix(quote(prefix)), offset));
        }
        Ok(ns)
    }
}
