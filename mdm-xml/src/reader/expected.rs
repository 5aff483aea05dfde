//! Elements that a decoder expects, and that peers write in one and the same way: their tags are
//! compared as they stand, and nothing is looked up.

use super::{Open, Reader};
use crate::event::Element;
use crate::name::NsId;
use crate::words;

/// The tags of an element as peers write them most often: without a prefix, without attributes but
/// one declaration at most. [`tags!`](crate::tags) makes them when the program is compiled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tags {
    name: &'static str,
    open: &'static str,
    close: &'static str,
    namespace: Option<&'static str>,
}

impl Tags {
    #[doc(hidden)]
    #[must_use]
    pub const fn made_by_macro(
        name: &'static str,
        open: &'static str,
        close: &'static str,
        namespace: Option<&'static str>,
    ) -> Self {
        Self { name, open, close, namespace }
    }

    /// `name`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// `<name>`, or `<name xmlns="namespace">`.
    #[must_use]
    pub const fn open(self) -> &'static str {
        self.open
    }

    /// `</name>`.
    #[must_use]
    pub const fn close(self) -> &'static str {
        self.close
    }

    /// The namespace that its start tag declares, if it declares one.
    #[must_use]
    pub const fn namespace(self) -> Option<&'static str> {
        self.namespace
    }
}

/// The [`Tags`] of an element, from literals: `tags!("CmdID")`, `tags!("Format" in
/// "syncml:metinf")`. A namespace has to be one that is not XML's own and has nothing to be escaped.
///
/// ```
/// let tags = mdm_xml::tags!("Format" in "syncml:metinf");
/// assert_eq!(tags.open(), r#"<Format xmlns="syncml:metinf">"#);
/// assert_eq!(tags.close(), "</Format>");
/// ```
#[macro_export]
macro_rules! tags {
    ($name:literal) => {
        const {
            $crate::Tags::made_by_macro(
                $name,
                concat!("<", $name, ">"),
                concat!("</", $name, ">"),
                None,
            )
        }
    };
    ($name:literal in $namespace:literal) => {
        const {
            $crate::Tags::made_by_macro(
                $name,
                concat!("<", $name, " xmlns=\"", $namespace, "\">"),
                concat!("</", $name, ">"),
                Some($namespace),
            )
        }
    };
}

/// Blanks that are passed over between tags here; more is left to [`Reader::child`].
const BLANKS: usize = 64;

impl<'x> Reader<'x> {
    /// The text of the next child of the innermost open element, if it is written as `tags` say,
    /// holds nothing but text in one piece that needs no resolving, and everything is within the
    /// limits. The child is closed then. `None`, and nothing is read, for everything else: the fast
    /// way before [`child`](Self::child), for decoders that know what peers send.
    ///
    /// `ns` is the namespace that the child is expected in. It has to be the default namespace
    /// where the reader is; tags that declare one are compared with their declaration instead.
    ///
    /// ```
    /// use mdm_xml::{NsId, Options, Reader, tags};
    ///
    /// let mut reader = Reader::new("<a><b>1</b> <b>2</b><b c=''>3</b></a>", &Options::default())?;
    /// reader.root()?;
    /// assert_eq!(reader.leaf(tags!("b"), NsId::NONE), Some("1"));
    /// assert_eq!(reader.leaf(tags!("c"), NsId::NONE), None);
    /// assert_eq!(reader.leaf(tags!("b"), NsId::NONE), Some("2"));
    /// // It has an attribute.
    /// assert_eq!(reader.leaf(tags!("b"), NsId::NONE), None);
    /// assert_eq!(reader.child()?.map(|child| child.name()), Some("b"));
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    #[inline(always)]
    pub fn leaf(&mut self, tags: Tags, ns: NsId) -> Option<&'x str> {
        let start = self.start_of(tags)?;
        if !self.may_start(tags, ns) {
            return None;
        }
        let start = start + tags.open.len();
        let text = self.tokens.plain_text(start, tags.name, self.plain_max(start))?;
        self.elements += 1;
        Some(text)
    }

    /// The next child of the innermost open element if its start tag is written as `tags` say, as
    /// [`child`](Self::child) returns it; `None`, and nothing is read, for everything else. `ns` is
    /// as in [`leaf`](Self::leaf).
    ///
    /// ```
    /// use mdm_xml::{NsId, Options, Reader, tags};
    ///
    /// let mut reader = Reader::new("<a>\n  <b><c/></b></a>", &Options::default())?;
    /// reader.root()?;
    /// assert_eq!(reader.enter(tags!("c"), NsId::NONE).map(|child| child.offset()), None);
    /// assert_eq!(reader.enter(tags!("b"), NsId::NONE).map(|child| child.offset()), Some(6));
    /// assert_eq!(reader.path(), "a/b");
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    #[inline(always)]
    pub fn enter(&mut self, tags: Tags, ns: NsId) -> Option<Element<'x>> {
        let offset = self.start_of(tags)?;
        // A declaration would have to be taken.
        if tags.namespace.is_some() || !self.may_start(tags, ns) {
            return None;
        }
        self.tokens.go_to(offset + tags.open.len());
        self.elements += 1;
        self.open.push(Open { name: tags.name, offset, scope: self.namespaces.scope() });
        Some(Element {
            name: tags.name,
            colon: 0,
            attributes: "",
            ns,
            offset,
            empty: false,
            more: false,
        })
    }

    /// As [`leaf`](Self::leaf), of a child that has the prefix of the innermost open element, which
    /// is `parent`, and so its namespace: for documents whose prefixes are theirs to choose.
    ///
    /// ```
    /// use mdm_xml::{Options, Reader};
    ///
    /// let text = "<u:a xmlns:u='urn:u'><u:b>1</u:b><b>2</b></u:a>";
    /// let mut reader = Reader::new(text, &Options::default())?;
    /// let root = reader.root()?;
    /// assert_eq!(reader.leaf_of(&root, "c"), None);
    /// assert_eq!(reader.leaf_of(&root, "b"), Some("1"));
    /// // It has another prefix.
    /// assert_eq!(reader.leaf_of(&root, "b"), None);
    /// assert_eq!(reader.child()?.map(|child| child.name()), Some("b"));
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    #[inline]
    pub fn leaf_of(&mut self, parent: &Element<'x>, local: &str) -> Option<&'x str> {
        let is_innermost = self.open.last().is_some_and(|open| open.offset == parent.offset);
        if !is_innermost || !self.has_room() {
            return None;
        }
        // With its colon.
        let prefix = parent.name.get(..parent.name.len() - parent.local().len())?;
        let start = self.tokens.offset() + self.blanks()? + 1;
        let name = start..start + prefix.len() + local.len();
        let tag = self.text.as_bytes().get(start - 1..)?;
        let (b'<', rest) = tag.split_first()? else { return None };
        let after = rest.strip_prefix(prefix.as_bytes())?;
        if !words::begin_with(after, local.as_bytes()) || after.get(local.len()) != Some(&b'>') {
            return None;
        }
        let (start, name) = (name.end + 1, self.text.get(name)?);
        let text = self.tokens.plain_text(start, name, self.plain_max(start))?;
        self.elements += 1;
        Some(text)
    }

    /// Where the start tag of the next child begins, if it is this one.
    #[inline(always)]
    fn start_of(&mut self, tags: Tags) -> Option<usize> {
        let offset = self.tokens.offset();
        let rest = self.tokens.rest();
        if rest.first() == Some(&b'<') {
            return rest.starts_with(tags.open.as_bytes()).then_some(offset);
        }
        let blanks = self.blanks()?;
        let tag = self.tokens.rest().get(blanks..)?;
        words::begin_with(tag, tags.open.as_bytes()).then_some(offset + blanks)
    }

    /// How many blanks there are before the next markup. Decoders of indented documents try one tag
    /// after the other behind the same ones.
    #[inline]
    fn blanks(&mut self) -> Option<usize> {
        if self.ends {
            return None;
        }
        let offset = self.tokens.offset();
        if self.indent.0 != offset {
            let rest = self.tokens.rest().iter().take(BLANKS.min(self.options.limits.text));
            let blanks = rest.take_while(|byte| crate::is_space(char::from(**byte))).count();
            self.indent = (offset, blanks);
        }
        Some(self.indent.1)
    }

    /// Goes to the next tag, if nothing but a few blanks is before it, as in indented documents.
    #[inline]
    pub(super) fn pass_blanks(&mut self) {
        let Some(blanks) = self.blanks() else { return };
        let tag = self.tokens.rest().get(blanks..).unwrap_or_default();
        if let [b'<', next, ..] = tag
            && !matches!(next, b'!' | b'?')
        {
            self.tokens.go_to(self.tokens.offset() + blanks);
        }
    }

    /// Whether a child may start here, in the namespace that is expected.
    #[inline(always)]
    fn may_start(&self, tags: Tags, ns: NsId) -> bool {
        let limits = &self.options.limits;
        let in_namespace = match tags.namespace {
            Some(_) => limits.attributes > 0 && self.namespaces.has_room(limits.namespaces),
            None => self.namespaces.default_ns() == ns,
        };
        in_namespace && self.has_room()
    }

    /// Whether a child may start here. What stands at the top has rules of its own.
    #[inline(always)]
    fn has_room(&self) -> bool {
        let limits = &self.options.limits;
        !self.ends
            && (1..limits.depth).contains(&self.open.len())
            && self.elements < limits.elements
    }
}
