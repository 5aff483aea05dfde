//! The reader: elements and text, checked, with namespaces, within limits.

mod characters;
mod expected;
mod start;

use std::borrow::Cow;

use crate::attribute::{Attribute, RawAttribute, RawAttributes, declared_prefix};
use crate::error::{Error, ErrorKind, Limit, Malformed, quote};
use crate::event::{Content, Element, Event, Raw};
use crate::limits::{Doctype, Options, Tolerance};
use crate::name::{self, Binding, Declined, Namespaces, NsId, Scope};
use crate::position::{self, Location};
use crate::reference;
use crate::text::{self, Pieces, Text};
use crate::tokenizer::{Markup, Next, Tokenizer};

pub use expected::Tags;

/// An element that is open.
struct Open<'x> {
    name: &'x str,
    offset: usize,
    scope: Scope,
}

/// What a [`Reader`] allocates, for the next one: with it, reading many small texts allocates
/// nothing.
///
/// ```
/// use mdm_xml::{Memory, Options, Reader};
///
/// let mut memory = Memory::default();
/// for text in ["<a/>", "<b><c/></b>"] {
///     let mut reader = Reader::with_memory(text, &Options::default(), memory)?;
///     reader.root()?;
///     reader.skip()?;
///     memory = reader.into_memory();
/// }
/// # Ok::<(), mdm_xml::Error>(())
/// ```
#[derive(Default)]
pub struct Memory {
    open: Vec<Open<'static>>,
    bindings: Vec<Binding<'static>>,
    scratch: Vec<RawAttribute<'static>>,
    prefixed: Vec<(NsId, &'static str)>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

/// A list without what is in it: the standard library keeps the memory where the items have one
/// size, as a text's borrow and another's have.
fn emptied<T, U>(mut list: Vec<T>) -> Vec<U> {
    list.clear();
    list.into_iter().filter_map(|_| None).collect()
}

/// A pull reader over a text that somebody else keeps: everything it hands out borrows from the
/// text, and nothing is allocated for an element.
///
/// Decoders walk with [`root`](Self::root) and [`child`](Self::child). An element that one of them
/// returned is open and is taken by exactly one of [`text`](Self::text), [`content`](Self::content),
/// [`raw`](Self::raw), [`skip`](Self::skip), or by [`child`](Self::child) until it returns `None`.
///
/// What it refuses is listed at [`ErrorKind`]. After an error the reader is of no further use.
///
/// ```
/// use mdm_xml::{Options, Reader};
///
/// let text = "<order><item>screws</item><note/><item>nails &amp; glue</item></order>";
/// let mut reader = Reader::new(text, &Options::default())?;
/// let mut items = Vec::new();
/// reader.root()?;
/// while let Some(child) = reader.child()? {
///     match child.local() {
///         "item" => items.push(reader.text()?.value()),
///         _ => reader.skip()?,
///     }
/// }
/// reader.finish()?;
/// assert_eq!(items, ["screws", "nails & glue"]);
/// # Ok::<(), mdm_xml::Error>(())
/// ```
pub struct Reader<'x> {
    text: &'x str,
    /// Bytes in which no forbidden character begins.
    checked: usize,
    tokens: Tokenizer<'x>,
    options: Options,
    namespaces: Namespaces<'x>,
    open: Vec<Open<'x>>,
    elements: usize,
    /// The element that was started last was `<name/>`: its end comes next.
    ends: bool,
    rooted: bool,
    /// Where the last end tag begins; for `<name/>`, where it ends.
    end_tag: usize,
    /// A place, and how many blanks stand there.
    indent: (usize, usize),
    stray: Option<(usize, &'x str)>,
    /// The namespace that start tags like the one of [`Tokenizer::expect_again`] declare.
    usual: (&'x str, NsId),
    /// Attributes of the start tag being read; kept for its memory.
    scratch: Vec<RawAttribute<'x>>,
    /// Those of them with a prefix: namespace and local name; kept for its memory.
    prefixed: Vec<(NsId, &'x str)>,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the text: it may hold secrets.
        f.debug_struct("Reader").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl<'x> Reader<'x> {
    /// A reader at the start of a text.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] for the text's length.
    pub fn new(text: &'x str, options: &Options) -> Result<Self, Error> {
        Self::with_memory(text, options, Memory::default())
    }

    /// As [`new`](Self::new), in the memory of a reader that has done its work.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_memory(text: &'x str, options: &Options, memory: Memory) -> Result<Self, Error> {
        let Memory { mut open, bindings, scratch, prefixed } = memory;
        open.reserve(16);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Self {
            text,
            checked: text.len(),
            tokens: Tokenizer::new(text),
            options: *options,
            namespaces: Namespaces::new(options.namespaces, bindings),
            open,
            elements: 0,
            ends: false,
            rooted: false,
            end_tag: 0,
            indent: (usize::MAX, 0),
            stray: None,
            usual: ("", NsId::NONE),
            scratch,
            prefixed: emptied(prefixed),
        };
        if text.len() > options.limits.bytes {
            return Err(reader.limit(Limit::Bytes, options.limits.bytes, 0));
        }
        if options.forbidden_chars == Tolerance::Refuse {
            reader.checked = 0;
        }
        Ok(reader)
    }

    /// Goes back to the beginning, to read the text as a fragment
    /// ([`Options::with_fragment`]): for decoders that find a part where a document could be. What
    /// was looked at is not looked at again; prefixes that were [declared](Self::declare) are
    /// forgotten.
    ///
    /// ```
    /// use mdm_xml::{Options, Reader};
    ///
    /// let mut reader = Reader::new("<item/><item/>", &Options::default())?;
    /// if reader.root()?.local() == "item" {
    ///     reader.restart_as_fragment();
    /// }
    /// let mut items = 0;
    /// while reader.child()?.is_some() {
    ///     reader.skip()?;
    ///     items += 1;
    /// }
    /// assert_eq!(items, 2);
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    pub fn restart_as_fragment(&mut self) {
        self.options = self.options.with_fragment(true);
        self.tokens = Tokenizer::new(self.text);
        self.namespaces = Namespaces::new(self.options.namespaces, Vec::new());
        self.open.clear();
        self.elements = 0;
        self.ends = false;
        self.rooted = false;
        self.end_tag = 0;
        self.indent = (usize::MAX, 0);
        self.stray = None;
        self.usual = ("", NsId::NONE);
    }

    /// Its memory, for the next reader.
    #[must_use]
    pub fn into_memory(self) -> Memory {
        Memory {
            open: emptied(self.open),
            bindings: emptied(self.namespaces.into_bindings()),
            scratch: emptied(self.scratch),
            prefixed: emptied(self.prefixed),
        }
    }

    /// Declares a prefix (empty for the default namespace) around everything that was not read
    /// yet: for a piece that was cut out of a document. Counts against
    /// [`Limits::namespaces`](crate::Limits::namespaces).
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] and [`Malformed::Namespace`].
    ///
    /// ```
    /// use mdm_xml::{NsId, Options, Reader};
    ///
    /// let mut reader = Reader::new("<a:b/>", &Options::new(&["urn:known"]))?;
    /// reader.declare("a", "urn:known")?;
    /// assert_eq!(reader.root()?.ns(), NsId::known(1));
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    pub fn declare(&mut self, prefix: &'x str, uri: &'x str) -> Result<(), Error> {
        let max = self.options.limits.namespaces;
        let offset = self.tokens.offset();
        self.namespaces.declare(prefix, Cow::Borrowed(uri), max).map_err(
            |declined| match declined {
                Declined::TooMany => self.limit(Limit::Namespaces, max, offset),
                Declined::NotAllowed => self.fail(Malformed::Namespace.into(), offset),
            },
        )
    }

    /// The next start tag, end tag or run of text.
    ///
    /// # Errors
    /// Every [`ErrorKind`] but those of encodings.
    #[expect(clippy::should_implement_trait, reason = "an iterator could not end with an error")]
    pub fn next(&mut self) -> Result<Event<'x>, Error> {
        if self.ends {
            self.close_empty();
            return Ok(Event::End);
        }
        loop {
            match self.tokens.peek() {
                Next::StartTag => return Ok(Event::Start(self.start()?)),
                Next::EndTag => {
                    self.end()?;
                    return Ok(Event::End);
                }
                Next::Text | Next::Other => {
                    let start = self.tokens.offset();
                    let pieces = self.run()?;
                    if let Some(text) = self.text_since(start, pieces) {
                        return Ok(Event::Text(text));
                    }
                }
                Next::Eof => return self.eof().map(|()| Event::Eof),
            }
        }
    }

    /// The root's start tag.
    ///
    /// # Errors
    /// As [`next`](Self::next); [`ErrorKind::NoRoot`] where there is none.
    pub fn root(&mut self) -> Result<Element<'x>, Error> {
        match self.child()? {
            Some(root) => Ok(root),
            None => Err(self.fail(ErrorKind::NoRoot, self.tokens.offset())),
        }
    }

    /// The next child of the innermost open element; `None` once its end tag was read, which
    /// closes it. With no element open, the next element at the top.
    ///
    /// Text between elements is passed over; what of it is not blank is kept for
    /// [`take_stray_text`](Self::take_stray_text).
    ///
    /// # Errors
    /// As [`next`](Self::next).
    #[inline]
    pub fn child(&mut self) -> Result<Option<Element<'x>>, Error> {
        // Decoders that expect children ask once more when all were there: here is the end.
        if !self.ends {
            let offset = self.tokens.offset();
            if let Some(open) = self.open.last()
                && self.tokens.end_tag_of(open.name)
            {
                self.end_tag = offset;
                self.close();
                return Ok(None);
            }
        }
        self.child_or_end()
    }

    fn child_or_end(&mut self) -> Result<Option<Element<'x>>, Error> {
        if self.ends {
            self.close_empty();
            return Ok(None);
        }
        self.pass_blanks();
        loop {
            match self.tokens.peek() {
                Next::StartTag => return Ok(Some(self.start()?)),
                Next::EndTag => {
                    self.end()?;
                    return Ok(None);
                }
                Next::Text | Next::Other => {
                    let start = self.tokens.offset();
                    let pieces = self.run()?;
                    if (pieces.text || pieces.cdata) && self.stray.is_none() {
                        self.keep_stray(start, pieces);
                    }
                }
                Next::Eof => {
                    self.eof()?;
                    return Ok(None);
                }
            }
        }
    }

    #[cold]
    fn keep_stray(&mut self, start: usize, pieces: Pieces) {
        let text = self.text_since(start, pieces).filter(|text| !text.is_blank());
        self.stray = text.map(|text| (text.offset(), text.raw()));
    }

    /// All character data of the element that was just opened, which is then closed.
    ///
    /// # Errors
    /// As [`next`](Self::next); [`ErrorKind::UnexpectedElement`] where it has a child.
    pub fn text(&mut self) -> Result<Text<'x>, Error> {
        let start = self.tokens.offset();
        if self.ends {
            self.close_empty();
            return Ok(Text::new("", start, Pieces::default()));
        }
        let pieces = self.run()?;
        let end = self.tokens.offset();
        match self.tokens.peek() {
            Next::EndTag => self.end()?,
            Next::Eof => self.eof()?,
            _ => return Err(self.unexpected_element()),
        }
        let raw = self.text.get(start..end).unwrap_or_default();
        Ok(Text::new(raw, start, pieces))
    }

    #[cold]
    fn unexpected_element(&mut self) -> Error {
        match self.start() {
            Ok(element) => {
                self.fail(ErrorKind::UnexpectedElement(quote(element.name)), element.offset)
            }
            Err(error) => error,
        }
    }

    /// The text of the element that was just opened if it holds nothing else, in one piece that
    /// needs no resolving and is within the limits; the element is then closed. `None`, and nothing
    /// is read, for everything else, `<name/>` included: the fast way before
    /// [`text`](Self::text) and [`content`](Self::content), which take anything.
    ///
    /// ```
    /// use mdm_xml::{Options, Reader};
    ///
    /// let mut reader = Reader::new("<a>plain</a>", &Options::default())?;
    /// reader.root()?;
    /// assert_eq!(reader.plain_text(), Some("plain"));
    /// let mut reader = Reader::new("<a>&lt;</a>", &Options::default())?;
    /// reader.root()?;
    /// assert_eq!(reader.plain_text(), None);
    /// assert_eq!(reader.text()?.value(), "<");
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    #[inline]
    pub fn plain_text(&mut self) -> Option<&'x str> {
        if self.ends {
            return None;
        }
        let open = self.open.last()?;
        let start = self.tokens.offset();
        let text = self.tokens.plain_text(start, open.name, self.plain_max(start))?;
        self.end_tag = self.tokens.offset() - open.name.len() - 3;
        self.close();
        Some(text)
    }

    /// What the element that was just opened holds, as text or, if it has children, as it stands;
    /// the element is then closed.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn content(&mut self) -> Result<Content<'x>, Error> {
        let outer = self.open.last().map_or(0, |open| open.offset);
        let start = self.tokens.offset();
        if self.ends {
            self.close_empty();
            return Ok(Content::Text(Text::new("", start, Pieces::default())));
        }
        let pieces = self.run()?;
        let end = self.tokens.offset();
        match self.tokens.peek() {
            Next::EndTag => self.end()?,
            Next::Eof => self.eof()?,
            _ => {
                self.skip()?;
                return Ok(Content::Markup(self.slice(outer, start)));
            }
        }
        let raw = self.text.get(start..end).unwrap_or_default();
        Ok(Content::Text(Text::new(raw, start, pieces)))
    }

    /// The element that was just opened as it stands; it is then closed.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn raw(&mut self) -> Result<Raw<'x>, Error> {
        let outer = self.open.last().map_or(0, |open| open.offset);
        let inner = self.tokens.offset();
        self.skip()?;
        Ok(self.slice(outer, inner))
    }

    /// Passes over the rest of the innermost open element, which is then closed. It is checked as
    /// everything else is.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn skip(&mut self) -> Result<(), Error> {
        let Some(until) = self.open.len().checked_sub(1) else { return Ok(()) };
        while self.open.len() > until {
            if self.ends {
                self.close_empty();
                continue;
            }
            match self.tokens.peek() {
                Next::StartTag => {
                    self.start()?;
                }
                Next::EndTag => self.end()?,
                Next::Text | Next::Other => {
                    self.run()?;
                }
                Next::Eof => self.eof()?,
            }
        }
        Ok(())
    }

    /// Reads to the end of the document, where nothing but comments, processing instructions and
    /// white space may be left (in a fragment: anything).
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn finish(&mut self) -> Result<(), Error> {
        while !matches!(self.next()?, Event::Eof) {}
        Ok(())
    }

    /// The attributes of an element that is open, namespace declarations left out.
    pub fn attributes(&self, element: &Element<'x>) -> impl Iterator<Item = Attribute<'x>> {
        let base = element.offset + 1 + element.name.len();
        // They were checked when the start tag was read.
        RawAttributes::new(element.attributes).filter_map(move |raw| {
            if declared_prefix(raw.name).is_some() {
                return None;
            }
            let ns = match raw.colon {
                0 => NsId::NONE,
                colon => self.namespaces.resolve(name::prefix(raw.name, colon)),
            };
            let offset = base + raw.offset;
            Some(Attribute { name: raw.name, colon: raw.colon, raw: raw.value, ns, offset })
        })
    }

    /// The value of one attribute of an element that is open. One without a prefix is in
    /// [`NsId::NONE`].
    #[must_use]
    pub fn attribute(&self, element: &Element<'x>, ns: NsId, local: &str) -> Option<Cow<'x, str>> {
        if !element.more {
            return None;
        }
        self.attributes(element)
            .find(|attribute| attribute.ns == ns && attribute.local() == local)
            .map(|attribute| attribute.value())
    }

    /// The namespace's name; empty for [`NsId::NONE`] and [`NsId::UNDECLARED`].
    #[must_use]
    pub fn namespace_uri(&self, ns: NsId) -> &str {
        self.namespaces.uri(ns)
    }

    /// The namespace of a prefix where the reader is, for prefixes in values (`xsi:type`).
    #[must_use]
    pub fn resolve_prefix(&self, prefix: &str) -> NsId {
        if prefix.is_empty() {
            self.namespaces.default_ns()
        } else {
            self.namespaces.resolve(prefix)
        }
    }

    /// The namespace declarations in scope, innermost first: prefix (empty for the default) and
    /// name. What a raw slice needs to stand alone.
    pub fn declarations(&self) -> impl Iterator<Item = (&'x str, &str)> {
        self.namespaces.in_scope()
    }

    /// The first text since the last call that [`child`](Self::child) passed over and that is not
    /// blank: the bytes before it and the text as it stands.
    pub fn take_stray_text(&mut self) -> Option<(usize, &'x str)> {
        self.stray.take()
    }

    /// Bytes read.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.tokens.offset()
    }

    /// How many elements are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The whole text.
    #[must_use]
    pub fn source(&self) -> &'x str {
        self.text
    }

    /// The names of the open elements, outermost first, separated by `/`.
    #[must_use]
    pub fn path(&self) -> String {
        let names: Vec<&str> = self.open.iter().map(|open| open.name).collect();
        names.join("/")
    }

    /// Line, column and path of a place in the document. Reads the document up to there again, so
    /// it is for errors, not for every element.
    #[must_use]
    pub fn locate(&self, offset: usize) -> Location {
        position::locate(self.text, [offset]).pop().unwrap_or_else(|| Location {
            position: position::Position::of(self.text, offset),
            path: String::new(),
        })
    }

    /// That a character stands further on which XML forbids, if one does: every error of the reader
    /// is this one then. For decoders with errors of their own, so that which one is said does not
    /// depend on how far characters were looked at ahead of markup.
    ///
    /// ```
    /// use mdm_xml::{ErrorKind, Options, Reader};
    ///
    /// let text = format!("<a><b>x</b>{}\u{1}</a>", " ".repeat(100_000));
    /// let mut reader = Reader::new(&text, &Options::default())?;
    /// reader.root()?;
    /// reader.child()?;
    /// assert_eq!(reader.text()?.value(), "x");
    /// let error = reader.forbidden_ahead().expect("a character that is in no document");
    /// assert_eq!(error.kind(), &ErrorKind::ForbiddenChar(1));
    /// # Ok::<(), mdm_xml::Error>(())
    /// ```
    #[must_use]
    pub fn forbidden_ahead(&self) -> Option<Error> {
        let (at, found) = text::forbidden_char_in(self.text, self.checked..self.text.len())?;
        Some(Error::at(ErrorKind::ForbiddenChar(found.into()), self.locate(at)))
    }

    fn slice(&self, outer: usize, inner: usize) -> Raw<'x> {
        let end = self.tokens.offset();
        Raw {
            outer: self.text.get(outer..end).unwrap_or_default(),
            inner: self.text.get(inner..self.end_tag).unwrap_or_default(),
            offset: outer,
        }
    }

    /// Passes over the run of character data that comes next. At the top of a document it has to
    /// be blank.
    #[inline(always)]
    fn run(&mut self) -> Result<Pieces, Error> {
        let start = self.tokens.offset();
        let mut pieces = Pieces::default();
        loop {
            match self.tokens.peek() {
                Next::Text => self.piece(&mut pieces)?,
                Next::Other => self.markup(&mut pieces)?,
                Next::StartTag | Next::EndTag | Next::Eof => break,
            }
        }
        self.within(self.tokens.offset() - start)?;
        Ok(pieces)
    }

    /// The run that was passed over; none at the top where it is blank.
    #[inline(always)]
    fn text_since(&self, start: usize, pieces: Pieces) -> Option<Text<'x>> {
        if self.open.is_empty() && !(pieces.text || pieces.cdata) {
            return None;
        }
        Some(Text::new(self.text.get(start..self.tokens.offset())?, start, pieces))
    }

    /// Takes the character data up to the next `<`.
    #[inline(always)]
    fn piece(&mut self, pieces: &mut Pieces) -> Result<(), Error> {
        let offset = self.tokens.offset();
        let (raw, special) = self.tokens.text();
        self.checked()?;
        // Text between tags is blank or it is not from its first byte on, most of the time.
        if pieces.text || !raw.bytes().all(|byte| crate::is_space(char::from(byte))) {
            pieces.text = true;
            if self.open.is_empty() && !self.options.fragment {
                let blanks = raw.len() - raw.trim_start_matches(crate::is_space).len();
                return Err(self.fail(ErrorKind::TextOutsideRoot, offset + blanks));
            }
        }
        if let Some(special) = special {
            pieces.resolve = true;
            let rest = raw.get(special..).unwrap_or_default();
            reference::check_references(rest, self.options.forbidden_chars)
                .map_err(|(at, kind)| self.fail(kind, offset + special + at))?;
        }
        Ok(())
    }

    /// Takes markup that is no tag.
    fn markup(&mut self, pieces: &mut Pieces) -> Result<(), Error> {
        let offset = self.tokens.offset();
        let markup =
            self.tokens.markup().map_err(|malformed| self.fail(malformed.into(), offset))?;
        self.checked()?;
        pieces.markup |= !matches!(markup, Markup::CData(_));
        match markup {
            Markup::CData(content) => {
                pieces.cdata = true;
                if self.open.is_empty() && !self.options.fragment {
                    return Err(self.fail(ErrorKind::TextOutsideRoot, offset));
                }
                self.within(content.len())
            }
            Markup::Declaration if offset == 0 => Ok(()),
            // A fragment is often an indented document: blanks before it are no harm.
            Markup::Declaration if self.options.fragment && self.only_blanks_before(offset) => {
                Ok(())
            }
            Markup::Declaration => Err(self.fail(Malformed::Declaration.into(), offset)),
            Markup::Doctype { subset } => self.doctype(subset, offset),
            Markup::Comment | Markup::Instruction => Ok(()),
        }
    }

    fn only_blanks_before(&self, offset: usize) -> bool {
        self.text.get(..offset).is_some_and(|text| text.trim_matches(crate::is_space).is_empty())
    }

    #[inline]
    fn within(&self, length: usize) -> Result<(), Error> {
        let max = self.options.limits.text;
        if length > max {
            return Err(self.limit(Limit::Text, max, self.tokens.offset()));
        }
        Ok(())
    }

    fn doctype(&self, subset: bool, offset: usize) -> Result<(), Error> {
        if self.rooted || !self.open.is_empty() {
            return Err(self.fail(Malformed::Doctype.into(), offset));
        }
        match self.options.doctype {
            Doctype::Refuse => Err(self.fail(ErrorKind::Doctype, offset)),
            Doctype::Plain if subset => Err(self.fail(ErrorKind::InternalSubset, offset)),
            Doctype::Plain | Doctype::IgnoreSubset => Ok(()),
        }
    }

    #[inline]
    fn end(&mut self) -> Result<(), Error> {
        let offset = self.tokens.offset();
        self.end_tag = offset;
        match self.open.last() {
            Some(open) if self.tokens.end_tag_of(open.name) => {
                self.close();
                Ok(())
            }
            _ => self.unusual_end(offset),
        }
    }

    /// An end tag with blanks in it, or of another name.
    #[cold]
    fn unusual_end(&mut self, offset: usize) -> Result<(), Error> {
        let name = match self.tokens.end_tag() {
            Ok(name) => name,
            Err(malformed) => return Err(self.fail(malformed.into(), offset)),
        };
        let Some(open) = self.open.last() else {
            return Err(self.fail(ErrorKind::UnmatchedEndTag(quote(name)), offset));
        };
        if open.name != name {
            let kind =
                ErrorKind::MismatchedEndTag { expected: quote(open.name), found: quote(name) };
            return Err(self.fail(kind, offset));
        }
        self.close();
        Ok(())
    }

    /// Ends `<name/>`.
    #[inline]
    fn close_empty(&mut self) {
        self.ends = false;
        self.end_tag = self.tokens.offset();
        self.close();
    }

    #[inline]
    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.namespaces.restore(open.scope);
        }
    }

    #[cold]
    fn eof(&self) -> Result<(), Error> {
        let offset = self.tokens.offset();
        if let Some(open) = self.open.last() {
            let kind = ErrorKind::UnexpectedEnd { open: quote(open.name) };
            return Err(self.fail(kind, offset));
        }
        if !self.rooted && !self.options.fragment {
            return Err(self.fail(ErrorKind::NoRoot, offset));
        }
        Ok(())
    }

    fn limit(&self, limit: Limit, max: usize, offset: usize) -> Error {
        self.fail(ErrorKind::Limit { limit, max }, offset)
    }

    /// The error; or that there is a forbidden character in what was not checked yet, for it may be
    /// all that is wrong, and callers can keep such characters.
    #[cold]
    fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        self.forbidden_ahead().unwrap_or_else(|| Error::at(kind, self.locate(offset)))
    }
}
