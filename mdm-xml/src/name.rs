//! Names and namespaces.

use std::borrow::Cow;

use crate::words;

/// A namespace, as a number.
///
/// Decoders name the namespaces they know in [`Options::namespaces`](crate::Options) and compare
/// numbers from then on. The number of a namespace that was not named there is good as long as
/// the element is open, for [`Reader::namespace_uri`](crate::Reader::namespace_uri).
///
/// ```
/// use mdm_xml::{NsId, Options, Reader};
///
/// const NAMESPACES: &[&str] = &["syncml:metinf"];
/// const METINF: NsId = NsId::known(1);
///
/// let text = r#"<Meta><Format xmlns="syncml:metinf">int</Format></Meta>"#;
/// let mut reader = Reader::new(text, &Options::new(NAMESPACES))?;
/// assert_eq!(reader.root()?.ns(), NsId::NONE);
/// assert_eq!(reader.child()?.map(|format| format.ns()), Some(METINF));
/// # Ok::<(), mdm_xml::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct NsId(u16);

impl NsId {
    /// No namespace.
    pub const NONE: Self = Self(0);
    /// The namespace of the prefix `xml`.
    pub const XML: Self = Self(u16::MAX - 1);
    /// That of a prefix that nobody declared, where
    /// [`Options::undeclared_prefixes`](crate::Options) keeps such.
    pub const UNDECLARED: Self = Self(u16::MAX);

    /// Ids of declarations that the caller did not name begin here.
    const SCOPED: u16 = 0x4000;

    /// The `n`th of [`Options::namespaces`](crate::Options), counted from 1.
    #[must_use]
    pub const fn known(n: u16) -> Self {
        assert!(n > 0 && n < Self::SCOPED, "namespaces are counted from 1");
        Self(n)
    }

    /// Whether it is one that the caller named.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 > 0 && self.0 < Self::SCOPED
    }
}

const XML_URI: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_URI: &str = "http://www.w3.org/2000/xmlns/";

/// A name at the start of some bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Scanned {
    pub(crate) length: usize,
    /// Bytes before its colon; none for 0, since no name begins with one.
    pub(crate) colon: usize,
}

/// What a byte can be in a name.
const OTHER: u8 = 0;
const FIRST: u8 = 1;
const LATER: u8 = 2;
const COLON: u8 = 3;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [OTHER; 256];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0;
    while let Some((class, after)) = rest.split_first_mut() {
        *class = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xff => FIRST,
            b'0'..=b'9' | b'-' | b'.' => LATER,
            b':' => COLON,
            _ => OTHER,
        };
        byte = byte.wrapping_add(1);
        rest = after;
    }
    classes
}

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER)
}

/// The name that `bytes` begin with: at most one colon, and that between two parts, and no ASCII
/// character that names cannot have. Others are not looked up in XML's tables of letters.
#[inline(always)]
pub(crate) fn scan(bytes: &[u8]) -> Option<Scanned> {
    let ends = |at: usize| bytes.get(at).is_some_and(|&next| class(next) == OTHER);
    let letters = letters(bytes);
    if letters > 0 && ends(letters) {
        return Some(Scanned { length: letters, colon: 0 });
    }
    if let Some((b':', local)) = bytes.get(letters..).and_then(<[u8]>::split_first)
        && letters > 0
    {
        let more = self::letters(local);
        let length = letters + 1 + more;
        if more > 0 && ends(length) {
            return Some(Scanned { length, colon: letters });
        }
    }
    scan_any(bytes, letters)
}

/// How many letters of ASCII the bytes begin with, as far as names go: nearly every name is of
/// letters, and not of more than sixteen.
#[inline(always)]
fn letters(bytes: &[u8]) -> usize {
    let mut letters = 0;
    for eight in bytes.as_chunks::<8>().0.iter().take(2) {
        let more = words::letters(*eight);
        letters += more;
        if more < 8 {
            break;
        }
    }
    letters
}

/// The same for any name; the first bytes are known to be letters.
fn scan_any(bytes: &[u8], letters: usize) -> Option<Scanned> {
    if class(*bytes.first()?) != FIRST {
        return None;
    }
    let mut colon = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(letters) {
        match class(byte) {
            FIRST | LATER => {}
            COLON => {
                let next = bytes.get(at + 1).map_or(OTHER, |&next| class(next));
                if colon != 0 || next != FIRST {
                    return None;
                }
                colon = at;
            }
            _ => return Some(Scanned { length: at, colon }),
        }
    }
    Some(Scanned { length: bytes.len(), colon })
}

/// Whether this can be the name of an element or attribute, with a prefix or without: what a
/// [`Reader`](crate::Reader) takes for one. Characters beyond ASCII are, as in most readers, letters.
///
/// ```
/// assert!(mdm_xml::is_name("msft:originalerror") && mdm_xml::is_name("\u{fc}_1.-"));
/// assert!(!mdm_xml::is_name("") && !mdm_xml::is_name("1a") && !mdm_xml::is_name("a:b:c"));
/// ```
#[must_use]
pub fn is_name(name: &str) -> bool {
    scan(name.as_bytes()).is_some_and(|scanned| scanned.length == name.len())
}

/// The prefix of a name whose colon is known, empty for none.
#[inline]
pub(crate) fn prefix(name: &str, colon: usize) -> &str {
    name.get(..colon).unwrap_or_default()
}

/// The part after the colon of a name whose colon is known.
#[inline]
pub(crate) fn local(name: &str, colon: usize) -> &str {
    match colon {
        0 => name,
        _ => name.get(colon + 1..).unwrap_or_default(),
    }
}

/// One declaration in scope.
pub(crate) struct Binding<'x> {
    prefix: &'x str,
    ns: NsId,
    uri: Cow<'x, str>,
}

/// The namespace declarations in scope.
pub(crate) struct Namespaces<'x> {
    known: &'static [&'static str],
    bindings: Vec<Binding<'x>>,
    default: NsId,
}

/// The declarations in scope before an element, to go back to after it.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    bindings: usize,
    default: NsId,
}

/// Why a declaration was not taken.
pub(crate) enum Declined {
    TooMany,
    NotAllowed,
}

impl<'x> Namespaces<'x> {
    /// With the memory of another one.
    pub(crate) fn new(known: &'static [&'static str], bindings: Vec<Binding<'x>>) -> Self {
        Self { known, bindings, default: NsId::NONE }
    }

    pub(crate) fn into_bindings(self) -> Vec<Binding<'x>> {
        self.bindings
    }

    pub(crate) fn scope(&self) -> Scope {
        Scope { bindings: self.bindings.len(), default: self.default }
    }

    #[inline]
    pub(crate) fn restore(&mut self, scope: Scope) {
        if self.bindings.len() > scope.bindings {
            self.bindings.truncate(scope.bindings);
        }
        self.default = scope.default;
    }

    /// Takes one declaration; an empty prefix is the default namespace.
    pub(crate) fn declare(
        &mut self,
        prefix: &'x str,
        uri: Cow<'x, str>,
        max: usize,
    ) -> Result<(), Declined> {
        // Nearly every declaration is a default namespace that the caller named.
        if prefix.is_empty()
            && self.bindings.len() < max
            && let Some(ns) = self.known(&uri)
        {
            self.default = ns;
            self.bindings.push(Binding { prefix, ns, uri });
            return Ok(());
        }
        let reserved = uri == XML_URI || uri == XMLNS_URI;
        if prefix == "xml" && uri == XML_URI {
            return Ok(());
        }
        if reserved
            || prefix == "xml"
            || prefix == "xmlns"
            || (uri.is_empty() && !prefix.is_empty())
        {
            return Err(Declined::NotAllowed);
        }
        // An id counts from SCOPED up, so there is room for as many as this and no more.
        let room = usize::from(u16::MAX - 2 - NsId::SCOPED);
        if self.bindings.len() >= max.min(room) {
            return Err(Declined::TooMany);
        }
        let ns = self.id(&uri);
        if prefix.is_empty() {
            self.default = ns;
        }
        self.bindings.push(Binding { prefix, ns, uri });
        Ok(())
    }

    /// The namespace of this name if the caller named it, and it is not one of XML's own.
    fn known(&self, uri: &str) -> Option<NsId> {
        let index = self.known.iter().position(|known| *known == uri)?;
        let own = uri.is_empty() || uri == XML_URI || uri == XMLNS_URI;
        let number = u16::try_from(index).unwrap_or(0).saturating_add(1);
        (!own).then_some(NsId(number))
    }

    /// Takes the declaration of a default namespace that was taken before, or as one that was.
    #[inline]
    pub(crate) fn declare_again(
        &mut self,
        uri: &'x str,
        ns: NsId,
        max: usize,
    ) -> Result<(), Declined> {
        if self.bindings.len() >= max {
            return Err(Declined::TooMany);
        }
        self.default = ns;
        self.bindings.push(Binding { prefix: "", ns, uri: Cow::Borrowed(uri) });
        Ok(())
    }

    /// Whether one more declaration is within `max`.
    #[inline]
    pub(crate) fn has_room(&self, max: usize) -> bool {
        self.bindings.len() < max
    }

    fn id(&self, uri: &str) -> NsId {
        if uri.is_empty() {
            return NsId::NONE;
        }
        let number = |index: usize| u16::try_from(index).unwrap_or(0);
        if let Some(known) = self.known(uri) {
            return known;
        }
        match self.bindings.iter().find(|binding| binding.uri == uri) {
            Some(binding) => binding.ns,
            None => NsId(NsId::SCOPED.saturating_add(number(self.bindings.len()))),
        }
    }

    /// The namespace of elements without a prefix.
    pub(crate) fn default_ns(&self) -> NsId {
        self.default
    }

    /// The namespace of a prefix that is not empty.
    pub(crate) fn resolve(&self, prefix: &str) -> NsId {
        if prefix == "xml" {
            return NsId::XML;
        }
        // Prefixes are short and differ at once; long ones that differ at their end are compared by
        // blocks.
        let (first, length) = (prefix.as_bytes().first(), prefix.len());
        let same = |known: &str| {
            known.len() == length && known.as_bytes().first() == first && known == prefix
        };
        let binding = self.bindings.iter().rev().find(|binding| same(binding.prefix));
        binding.map_or(NsId::UNDECLARED, |binding| binding.ns)
    }

    /// The namespace's name; empty for none, and for one that is not in scope any more.
    pub(crate) fn uri(&self, ns: NsId) -> &str {
        match ns {
            NsId::NONE | NsId::UNDECLARED => "",
            NsId::XML => XML_URI,
            known if known.is_known() => {
                self.known.get(usize::from(known.0 - 1)).copied().unwrap_or_default()
            }
            NsId(number) => {
                let binding = self.bindings.get(usize::from(number - NsId::SCOPED));
                binding.map_or("", |binding| binding.uri.as_ref())
            }
        }
    }

    /// The declarations in scope, innermost first: prefix (empty for the default) and name.
    pub(crate) fn in_scope(&self) -> impl Iterator<Item = (&'x str, &str)> {
        self.bindings.iter().rev().map(|binding| (binding.prefix, binding.uri.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_at_most_one_colon_and_no_markup() {
        for name in ["a", "_a1", "a:b", "a.b-c", "ä", "x:ö"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ":", "a:", ":a", "a:b:c", "1a", "-", "a b", "a<b", "a=\"", "a:1"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn names_are_taken_the_same_by_words_and_by_bytes() {
        let found = |scanned: Option<Scanned>| scanned.map(|name| (name.length, name.colon));
        for prefix in 0..20 {
            for local in 0..20 {
                for middle in ["", ":", "::", "1", "\u{e4}", ":1", "-:", ":-", " ", "/"] {
                    for end in ["", ">", " a='b'", "=", ":", "/>", "1>", "\u{e4}>", "a:b:c "] {
                        let text =
                            format!("{}{middle}{}{end}", "p".repeat(prefix), "L".repeat(local));
                        let bytes = text.as_bytes();
                        assert_eq!(found(scan(bytes)), found(scan_any(bytes, 0)), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_namespace_has_one_id_however_often_it_is_declared() {
        let mut namespaces = Namespaces::new(&["known"], Vec::new());
        for (prefix, uri) in [("a", "known"), ("b", "other"), ("c", "other"), ("d", "third")] {
            assert!(namespaces.declare(prefix, uri.into(), 9).is_ok());
        }
        assert_eq!(namespaces.resolve("a"), NsId::known(1));
        assert_eq!(namespaces.resolve("b"), namespaces.resolve("c"));
        assert_ne!(namespaces.resolve("b"), namespaces.resolve("d"));
        assert_eq!(namespaces.uri(namespaces.resolve("d")), "third");
    }
}
