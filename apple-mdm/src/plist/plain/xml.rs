//! XML property lists without attributes, comments, sections and blanks in tags.

use std::borrow::Cow;

use mdm_xml::{Options, Reader};

use super::tree::Tree;
use crate::plist::{Date, Limits, Value, date, scalar};

/// What may stand before the element `plist`, blanks between them.
const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const DOCTYPE: &[u8] = b"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
    \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">";
const ROOTS: [&[u8]; 2] = [b"<plist version=\"1.0\">", b"<plist>"];

/// Reads a list of the usual form that has nothing to report about it.
pub(in crate::plist) fn read<'a>(text: &'a str, limits: &Limits) -> Option<Value<'a>> {
    // The characters that XML does not have.
    Reader::new(text, &Options::default().with_limits(limits.xml)).ok()?;
    let mut scanner = Scanner { text, at: 0, longest: limits.xml.text };
    let mut tree = Tree::new(limits);
    scanner.take(DECLARATION);
    scanner.blanks()?;
    scanner.take(DOCTYPE);
    scanner.blanks()?;
    if !ROOTS.iter().any(|root| scanner.take(root)) || limits.xml.attributes == 0 {
        return None;
    }
    // The root is one.
    let mut elements = limits.xml.elements.checked_sub(1)?;
    // How many arrays and dictionaries may be open with the root around them and a value inside.
    let deepest = limits.xml.depth.checked_sub(2)?;
    loop {
        scanner.blanks()?;
        if scanner.take(b"</") {
            match tree.in_array() {
                Some(true) if scanner.take(b"array>") => tree.close()?,
                Some(false) if scanner.take(b"dict>") => tree.close()?,
                None if scanner.take(b"plist>") => break,
                _ => return None,
            }
            continue;
        }
        elements = elements.checked_sub(1)?;
        match scanner.second() {
            b'k' => {
                let key = scanner.plain(b"<key>", b"</key>")?;
                tree.key(key)?;
            }
            b's' if scanner.take(b"<string/>") => tree.text(Cow::Borrowed(""))?,
            b's' => {
                let text = scanner.text(b"<string>", b"</string>")?;
                tree.text(text)?;
            }
            b't' if scanner.take(b"<true/>") => tree.put(Value::Boolean(true))?,
            b'f' if scanner.take(b"<false/>") => tree.put(Value::Boolean(false))?,
            b'i' => {
                let number = integer(scanner.plain(b"<integer>", b"</integer>")?)?;
                tree.put(Value::Integer(number))?;
            }
            b'd' if scanner.take(b"<dict>") => {
                tree.open(false)?;
                if tree.depth() > deepest {
                    return None;
                }
            }
            b'a' if scanner.take(b"<array>") => {
                tree.open(true)?;
                if tree.depth() > deepest {
                    return None;
                }
            }
            b'd' if scanner.take(b"<dict/>") => {
                tree.open(false)?;
                tree.close()?;
            }
            b'a' if scanner.take(b"<array/>") => {
                tree.open(true)?;
                tree.close()?;
            }
            b'd' if scanner.starts_with(b"<data>") => {
                let (bytes, clean) = scalar::base64(scanner.plain(b"<data>", b"</data>")?);
                tree.data(Cow::Owned(clean.then_some(bytes)?))?;
            }
            b'd' => {
                let text = scanner.plain(b"<date>", b"</date>")?;
                let date = date::is_canonical(text).then(|| Date::from_text(text))??;
                tree.put(Value::Date(date))?;
            }
            b'r' => {
                let text = scanner.plain(b"<real>", b"</real>")?;
                // A whole one is reported.
                let usual = text.bytes().any(|byte| !byte.is_ascii_digit());
                tree.put(Value::Real(usual.then(|| text.parse().ok())??))?;
            }
            _ => return None,
        }
    }
    scanner.blanks()?;
    (scanner.at == text.len()).then(|| tree.finish())?
}

/// A decimal number as most are, or in one of the other forms.
#[inline]
fn integer(text: &str) -> Option<i128> {
    let digits = text.as_bytes();
    // As many as fit whatever they are.
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return scalar::integer(text);
    }
    let value = digits.iter().fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(value.into())
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The longest text that there may be.
    longest: usize,
}

impl<'a> Scanner<'a> {
    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn starts_with(&self, what: &[u8]) -> bool {
        self.rest().starts_with(what)
    }

    #[inline]
    fn take(&mut self, what: &[u8]) -> bool {
        let found = self.starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    /// The second byte from here: the first of an element's name.
    #[inline]
    fn second(&self) -> u8 {
        self.rest().get(1).copied().unwrap_or_default()
    }

    #[inline]
    fn blanks(&mut self) -> Option<()> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = bytes.get(self.at) {
            self.at += 1;
        }
        (self.at - start <= self.longest).then_some(())
    }

    /// The text between two tags, if it holds neither references nor carriage returns.
    #[inline]
    fn plain(&mut self, open: &[u8], close: &[u8]) -> Option<&'a str> {
        match self.between(open)? {
            (text, false) => self.take(close).then_some(text),
            _ => None,
        }
    }

    /// The text between two tags.
    #[inline]
    fn text(&mut self, open: &[u8], close: &[u8]) -> Option<Cow<'a, str>> {
        let text = match self.between(open)? {
            (text, false) => Cow::Borrowed(text),
            (text, true) => resolved(text)?,
        };
        self.take(close).then_some(text)
    }

    /// The text behind a tag up to the next `<`, and whether it has to be resolved.
    #[inline]
    fn between(&mut self, open: &[u8]) -> Option<(&'a str, bool)> {
        if !self.take(open) {
            return None;
        }
        let rest = self.rest();
        let mut length = first_special(rest)?;
        let special = rest.get(length) != Some(&b'<');
        if special {
            length += memchr::memchr(b'<', rest.get(length..)?)?;
        }
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length;
        (length <= self.longest).then_some((text, special))
    }
}

/// Where the first `<`, `&` or carriage return stands. Most texts are a few bytes long, where a
/// loop is faster than to set up a search.
#[inline]
fn first_special(bytes: &[u8]) -> Option<usize> {
    const SHORT: usize = 16;
    let head = bytes.get(..SHORT).unwrap_or(bytes);
    let found = head.iter().position(|byte| matches!(byte, b'<' | b'&' | b'\r'));
    found.or_else(|| Some(SHORT + memchr::memchr3(b'<', b'&', b'\r', bytes.get(SHORT..)?)?))
}

/// A text with references; what they should not be is for the other way.
#[cold]
fn resolved(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('\r') {
        return None;
    }
    let text = mdm_xml::unescape(text).ok()?;
    let odd = |character: char| character.is_control() && !character.is_whitespace();
    (!text.contains(odd)).then_some(text)
}
