//! XML property lists without attributes, comments, sections and blanks in tags.

use std::borrow::Cow;

use super::tree::Tree;
use crate::plist::{Date, Limits, Value, date, scalar};

/// What may stand before the element `plist`, blanks between them.
const DECLARATION: &[u8; 38] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const DOCTYPE: &[u8; 102] = b"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
    \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">";

/// Reads a list of the usual form that has nothing to report about it.
pub(in crate::plist) fn read<'a>(text: &'a str, limits: &Limits) -> Option<Value<'a>> {
    // Line ends of Windows are to be resolved.
    if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        return None;
    }
    if text.len() > limits.xml.bytes || mdm_xml::forbidden_char(text).is_some() {
        return None;
    }
    let mut scanner = Scanner { text, at: 0, longest: limits.xml.text };
    let mut tree = Tree::new(limits);
    scanner.take(DECLARATION);
    scanner.blanks()?;
    scanner.take(DOCTYPE);
    scanner.blanks()?;
    // What stands before the root counts as one text.
    if scanner.at > limits.xml.text {
        return None;
    }
    let root = scanner.take(b"<plist version=\"1.0\">") || scanner.take(b"<plist>");
    if !root || limits.xml.attributes == 0 {
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
    #[inline(always)]
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline(always)]
    fn starts_with<const N: usize>(&self, what: &[u8; N]) -> bool {
        self.rest().first_chunk() == Some(what)
    }

    #[inline(always)]
    fn take<const N: usize>(&mut self, what: &[u8; N]) -> bool {
        let found = self.starts_with(what);
        if found {
            self.at += N;
        }
        found
    }

    /// The second byte from here: the first of an element's name.
    #[inline(always)]
    fn second(&self) -> u8 {
        self.rest().get(1).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn blanks(&mut self) -> Option<()> {
        let rest = self.rest();
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n');
        let length = rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
        self.at += length;
        (length <= self.longest).then_some(())
    }

    /// The text between two tags, if it holds no references.
    #[inline(always)]
    fn plain<const N: usize, const M: usize>(
        &mut self,
        open: &[u8; N],
        close: &[u8; M],
    ) -> Option<&'a str> {
        if !self.take(open) {
            return None;
        }
        let (text, plain) = self.until_tag()?;
        (plain && self.take(close)).then_some(text)
    }

    /// The text between two tags.
    #[inline(always)]
    fn text<const N: usize, const M: usize>(
        &mut self,
        open: &[u8; N],
        close: &[u8; M],
    ) -> Option<Cow<'a, str>> {
        if !self.take(open) {
            return None;
        }
        let (text, plain) = self.until_tag()?;
        let text = if plain { Cow::Borrowed(text) } else { resolved(text)? };
        self.take(close).then_some(text)
    }

    /// The text up to the next `<`, and whether it holds no references.
    #[inline]
    fn until_tag(&mut self) -> Option<(&'a str, bool)> {
        let rest = self.rest();
        let (mut length, special) = first_special(rest)?;
        let plain = special == b'<';
        if !plain {
            length += memchr::memchr(b'<', rest.get(length..)?)?;
        }
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length;
        (length <= self.longest).then_some((text, plain))
    }
}

/// Where the first `<` or `&` stands, and which of them it is. Eight bytes at a time: most texts are
/// shorter than what it takes to set up a search.
#[inline(always)]
fn first_special(bytes: &[u8]) -> Option<(usize, u8)> {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    for _ in 0..4 {
        let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) else { break };
        let word = u64::from_le_bytes(*chunk);
        // A byte that is looked for borrows from the high bit; so may bytes above it, which do not
        // count, and bytes that are not ASCII, which are left out.
        let tag = (word ^ (ONES * 0x3C)).wrapping_sub(ONES);
        let reference = (word ^ (ONES * 0x26)).wrapping_sub(ONES);
        let found = (tag | reference) & !word & HIGH;
        if found != 0 {
            let at = at + found.trailing_zeros() as usize / 8;
            return Some((at, *bytes.get(at)?));
        }
        at += 8;
    }
    let at = at + memchr::memchr2(b'<', b'&', bytes.get(at..)?)?;
    Some((at, *bytes.get(at)?))
}

/// A text with references; what they should not be is for the other way.
fn resolved(text: &str) -> Option<Cow<'_, str>> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, reference) = rest.split_at_checked(at)?;
        out.push_str(before);
        let named =
            [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\'')];
        let found = |(name, character)| Some((reference.strip_prefix(name)?, character));
        let (after, character) = named.into_iter().find_map(found)?;
        out.push(character);
        rest = after;
    }
    out.push_str(rest);
    // Control characters are reported where there are references; these are the first bytes of all
    // that XML has besides white space.
    let odd = out.bytes().any(|byte| byte == 0x7F || byte == 0xC2);
    (!odd).then_some(Cow::Owned(out))
}
