//! Addresses of nodes in the management tree.

mod percent;
mod query;

use std::fmt;
use std::str::FromStr;

pub(crate) use percent::percent_decode_lossy;
use percent::{percent_decode, percent_encode};
pub use query::{List, Property, UriLimits};

/// Whose node it is (Microsoft Learn, "Structure of OMA DM provisioning files").
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scope {
    /// `./Device/…`.
    Device,
    /// `./User/…`.
    User,
    /// Neither, which Windows takes as the device's.
    Unscoped,
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LocUriError {
    /// Nothing but white space.
    #[error("the address is empty")]
    Empty,
    /// It begins with `/`.
    #[error("the address begins with /")]
    LeadingSlash,
    /// Two `/` in a row, or one at the end.
    #[error("the address has an empty segment")]
    EmptySegment,
    /// `.` elsewhere than at the beginning, or `..`.
    #[error("the address has a dot for a segment")]
    DotSegment,
    /// A segment that is `*`, which stands for no node here.
    #[error("the address has a wildcard for a segment")]
    Wildcard,
    /// A backslash, a line end or another control character.
    #[error("the address has a character that addresses cannot have")]
    Character,
    /// More than [`LocUri::MAX_BYTES`].
    #[error("the address has more than {} bytes", LocUri::MAX_BYTES)]
    TooLong,
    /// More than [`LocUri::MAX_SEGMENTS`].
    #[error("the address has more than {} segments", LocUri::MAX_SEGMENTS)]
    TooDeep,
}

/// The address of a node in the management tree, such as
/// `./Vendor/MSFT/Update/InstallableUpdates?list=StructData`.
///
/// It keeps its text; comparing ([`is_same`](Self::is_same), [`is_under`](Self::is_under)) looks
/// through letter case, percent-coding and the alias `./Device` for no scope, as Windows does.
///
/// *Specified*: OMA-TS-DM_TND 1.2.1, 6 and 8.3; Microsoft Learn, "Structure of OMA DM provisioning
/// files" for the scopes.
///
/// ```
/// use syncml::{LocUri, Scope};
///
/// let update: LocUri = "./Vendor/MSFT/Update".parse()?;
/// let approved = update.join("ApprovedUpdates")?.join("{a317dafe-baf4-453f-b232-a7075efae36e}")?;
/// assert_eq!(
///     approved.as_str(),
///     "./Vendor/MSFT/Update/ApprovedUpdates/%7Ba317dafe-baf4-453f-b232-a7075efae36e%7D"
/// );
/// assert!(approved.is_under(&"./device/vendor/msft/update".parse()?));
/// assert_eq!(approved.scope(), Scope::Unscoped);
/// # Ok::<(), syncml::LocUriError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct LocUri(String);

impl LocUri {
    /// Bytes of an address, its query included.
    ///
    /// *Decision*: the specifications leave it to the device (`./DevDetail/URI/MaxTotLen`); the
    /// longest in Microsoft's documentation have some hundred.
    pub const MAX_BYTES: usize = 8192;
    /// Segments of an address. *Decision*: the deepest in Microsoft's DDF files have about ten.
    pub const MAX_SEGMENTS: usize = 64;

    /// The address with the query left out.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.split_once('?').map_or(&*self.0, |(path, _)| path)
    }

    /// What follows `?`, if anything does: `list=StructData`, `prop=Format`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.0.split_once('?').map(|(_, query)| query)
    }

    /// The value of one part of the query, without regard to case.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query()?.split('&').find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Whose node it is.
    #[must_use]
    pub fn scope(&self) -> Scope {
        scoped(self.path()).0
    }

    /// The segments below the scope, percent-decoded.
    pub fn segments(&self) -> impl Iterator<Item = String> + '_ {
        scoped(self.path()).1.map(percent_decode)
    }

    /// What is asked for with `?list=`, if anything is.
    #[must_use]
    pub fn list(&self) -> Option<List> {
        self.query_value("list").map(List::from_text)
    }

    /// The property that is asked for with `?prop=`, if one is.
    #[must_use]
    pub fn property(&self) -> Option<Property> {
        self.query_value("prop").map(Property::from_text)
    }

    /// The same node with the structure and the values below it: what the Update CSP's lists are
    /// asked for with.
    ///
    /// # Errors
    /// As [`with_query`](Self::with_query).
    ///
    /// ```
    /// let uri: syncml::LocUri = "./Vendor/MSFT/Update/InstallableUpdates".parse()?;
    /// let all = uri.with_list(&syncml::loc_uri::List::StructData)?;
    /// assert_eq!(all.as_str(), "./Vendor/MSFT/Update/InstallableUpdates?list=StructData");
    /// # Ok::<(), syncml::LocUriError>(())
    /// ```
    pub fn with_list(&self, list: &List) -> Result<Self, LocUriError> {
        self.with_query(&format!("list={list}"))
    }

    /// A property of the node.
    ///
    /// # Errors
    /// As [`with_query`](Self::with_query).
    pub fn with_property(&self, property: &Property) -> Result<Self, LocUriError> {
        self.with_query(&format!("prop={property}"))
    }

    /// The same node in another scope, spelled with `./Device`, `./User`, or neither.
    ///
    /// # Errors
    /// [`LocUriError::TooLong`] and [`LocUriError::TooDeep`] where the scope is one segment too many.
    ///
    /// ```
    /// use syncml::{LocUri, Scope};
    ///
    /// let uri: LocUri = "./Device/Vendor/MSFT/Policy?prop=Type".parse()?;
    /// assert_eq!(uri.in_scope(Scope::User)?.as_str(), "./User/Vendor/MSFT/Policy?prop=Type");
    /// assert_eq!(uri.in_scope(Scope::Unscoped)?.as_str(), "./Vendor/MSFT/Policy?prop=Type");
    /// # Ok::<(), syncml::LocUriError>(())
    /// ```
    pub fn in_scope(&self, scope: Scope) -> Result<Self, LocUriError> {
        let mut text = String::with_capacity(self.0.len() + 8);
        text.push('.');
        match scope {
            Scope::Device => text.push_str("/Device"),
            Scope::User => text.push_str("/User"),
            Scope::Unscoped => {}
        }
        for segment in scoped(self.path()).1 {
            text.push('/');
            text.push_str(segment);
        }
        if let Some(query) = self.query() {
            text.push('?');
            text.push_str(query);
        }
        Self::checked(text)
    }

    /// The node above, without a query; none above the root and a scope.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.depth().checked_sub(2)?;
        let (parent, _) = self.path().rsplit_once('/')?;
        Some(Self(parent.to_owned()))
    }

    /// The last segment, percent-decoded.
    #[must_use]
    pub fn last_segment(&self) -> String {
        self.segments().last().unwrap_or_default()
    }

    /// The address of a child. The name is percent-coded where it has to be; the query is left out.
    ///
    /// # Errors
    /// Those of [`FromStr`] for a name that no node has (nothing, `.`, `..`, `*`, one with U+0000),
    /// and for an address beyond [`MAX_BYTES`](Self::MAX_BYTES) or
    /// [`MAX_SEGMENTS`](Self::MAX_SEGMENTS).
    ///
    /// ```
    /// use syncml::{LocUri, LocUriError};
    ///
    /// let uri: LocUri = "./Vendor/MSFT/Policy".parse()?;
    /// assert_eq!(uri.join("a b")?.as_str(), "./Vendor/MSFT/Policy/a%20b");
    /// // What a device calls its nodes leads to no other node.
    /// assert_eq!(uri.join(".."), Err(LocUriError::DotSegment));
    /// # Ok::<(), LocUriError>(())
    /// ```
    pub fn join(&self, name: &str) -> Result<Self, LocUriError> {
        let mut child = String::with_capacity(self.0.len() + name.len() + 8);
        child.push_str(self.path());
        child.push('/');
        percent_encode(name, &mut child);
        Self::checked(child)
    }

    /// The same address with this query; white space behind it is dropped.
    ///
    /// # Errors
    /// [`LocUriError::Character`] for what addresses cannot have, and [`LocUriError::TooLong`].
    pub fn with_query(&self, query: &str) -> Result<Self, LocUriError> {
        Self::checked(format!("{}?{}", self.path(), query.trim_end()))
    }

    /// An address that was put together.
    fn checked(text: String) -> Result<Self, LocUriError> {
        Self::check(&text)?;
        Ok(Self(text))
    }

    /// The same address without a query.
    #[must_use]
    pub fn without_query(&self) -> Self {
        Self(self.path().to_owned())
    }

    /// The scope of a text that was found to be an address.
    pub(crate) fn scope_of(text: &str) -> Scope {
        scope(text.trim()).0
    }

    /// What is the same for all spellings of a node: the scope and the segments in small letters,
    /// with U+0000 between them.
    pub(crate) fn key(&self) -> String {
        let mut key = String::with_capacity(self.0.len() + 8);
        key.push_str(if self.scope() == Scope::User { "user" } else { "device" });
        for segment in self.segments() {
            key.push('\u{0}');
            key.push_str(&segment.to_lowercase());
        }
        key
    }

    /// Whether it is the same node: without regard to letter case, percent-coding, the query and
    /// `./Device`, which is the same as no scope.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        below(self.path(), other.path()).is_some_and(|mut rest| rest.next().is_none())
    }

    /// Whether it is this node or one below it, in the same sense.
    #[must_use]
    pub fn is_under(&self, ancestor: &Self) -> bool {
        below(self.path(), ancestor.path()).is_some()
    }

    /// The segments below `ancestor`, if it is under it.
    #[must_use]
    pub fn relative_to(&self, ancestor: &Self) -> Option<Vec<String>> {
        self.is_under(ancestor).then(|| self.segments().skip(ancestor.depth()).collect())
    }

    /// How many segments there are below the scope.
    #[must_use]
    pub fn depth(&self) -> usize {
        scoped(self.path()).1.count()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is letters and digits, as the names below a parent are most often: too short for vector
/// instructions.
fn is_plain_name(name: &str) -> bool {
    #[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a constant")]
    const PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            plain[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        plain
    };
    let is_plain = |byte| PLAIN.get(usize::from(byte)).is_some_and(|plain| *plain);
    !name.is_empty() && name.bytes().all(is_plain)
}

/// Addresses one after the other: nearly all are siblings of the one before, of which only the name
/// has to be looked at then.
#[derive(Debug, Default)]
pub(crate) struct Siblings<'t> {
    /// What a plain address begins with, up to its last slash.
    parent: &'t str,
}

impl<'t> Siblings<'t> {
    /// What [`LocUri::check`] says of it; `text` has no blanks around it.
    pub(crate) fn check(&mut self, text: &'t str) -> Result<(), LocUriError> {
        if !self.parent.is_empty()
            && text.len() < 2 * LocUri::MAX_SEGMENTS
            && let Some(name) = text.strip_prefix(self.parent)
            && !name.starts_with(['/', '.'])
            && (is_plain_name(name) || LocUri::goes_on_plain(name.as_bytes()))
        {
            return Ok(());
        }
        if LocUri::check_trimmed(text)?
            && let Some(slash) = text.rfind('/')
        {
            self.parent = text.get(..=slash).unwrap_or_default();
        }
        Ok(())
    }
}

/// Whether two texts are addresses of the same node with the same query.
pub(crate) fn is_same_address(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    if a == b {
        return true;
    }
    let ((a_path, a_query), (b_path, b_query)) = (with_query(a), with_query(b));
    // Nearly always it is another name that tells them apart.
    let (a_name, b_name) = (last(a_path), last(b_path));
    let is_root = |name: &str| name == "." || name.eq_ignore_ascii_case("device");
    a_query == b_query
        && (is_root(a_name) || is_root(b_name) || equal_segments(a_name, b_name))
        && LocUri::check(a).is_ok()
        && LocUri::check(b).is_ok()
        && below(a_path, b_path).is_some_and(|mut rest| rest.next().is_none())
}

fn with_query(text: &str) -> (&str, Option<&str>) {
    text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)))
}

fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| *segment != ".")
}

/// The scope of an address, and what follows the segment that says it.
fn scope(address: &str) -> (Scope, &str) {
    let mut path = address;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    for (name, scope) in [("device", Scope::Device), ("user", Scope::User)] {
        if let Some((first, rest)) = path.split_at_checked(name.len())
            && first.eq_ignore_ascii_case(name)
            && (rest.is_empty() || rest.starts_with(['/', '?']))
        {
            return (scope, rest);
        }
    }
    (Scope::Unscoped, path)
}

/// The scope of a path, and the segments below it as they stand.
fn scoped(path: &str) -> (Scope, impl Iterator<Item = &str>) {
    let (scope, below) = scope(path);
    // What is left begins with the slash, or is nothing: that segment is none.
    (scope, split(below).skip(usize::from(scope != Scope::Unscoped)))
}

/// What of a path is left below an ancestor, if it is under it.
fn below<'p>(path: &'p str, ancestor: &str) -> Option<impl Iterator<Item = &'p str>> {
    let ((scope, mut segments), (other, expected)) = (scoped(path), scoped(ancestor));
    if (scope == Scope::User) != (other == Scope::User) {
        return None;
    }
    for expected in expected {
        if !equal_segments(segments.next()?, expected) {
            return None;
        }
    }
    Some(segments)
}

/// Whether two segments name the same node, however they are spelled.
fn equal_segments(a: &str, b: &str) -> bool {
    let coded = |name: &str| name.contains('%');
    if coded(a) || coded(b) {
        equal_names(&percent_decode(a), &percent_decode(b))
    } else {
        equal_names(a, b)
    }
}

fn equal_names(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}

impl FromStr for LocUri {
    type Err = LocUriError;

    /// Reads an address; white space around it is dropped.
    fn from_str(text: &str) -> Result<Self, LocUriError> {
        Self::check(text)?;
        Ok(Self(text.trim().to_owned()))
    }
}

impl LocUri {
    /// Whether a text is an address, white space around it aside.
    pub(crate) fn check(text: &str) -> Result<(), LocUriError> {
        Self::check_trimmed(text.trim()).map(drop)
    }

    /// Whether it is plain; `text` has no blanks around it.
    fn check_trimmed(text: &str) -> Result<bool, LocUriError> {
        if text.is_empty() {
            return Err(LocUriError::Empty);
        }
        if text.starts_with('/') {
            return Err(LocUriError::LeadingSlash);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(LocUriError::TooLong);
        }
        if Self::is_plain(text.as_bytes()) {
            return Ok(true);
        }
        Self::check_all(text).map(|()| false)
    }

    fn check_all(text: &str) -> Result<(), LocUriError> {
        if text.chars().any(|character| character.is_control() || character == '\\') {
            return Err(LocUriError::Character);
        }
        let path = text.split_once('?').map_or(text, |(path, _)| path);
        let coded = path.contains('%');
        for (index, segment) in path.split('/').enumerate() {
            if index >= Self::MAX_SEGMENTS {
                return Err(LocUriError::TooDeep);
            }
            if !coded {
                Self::check_segment(segment, index)?;
                continue;
            }
            let name = percent_decode(segment);
            // Where a device's text ends, whatever follows.
            if name.contains('\0') {
                return Err(LocUriError::Character);
            }
            Self::check_segment(&name, index)?;
        }
        Ok(())
    }

    /// Whether it is an address beyond doubt, as nearly all are: characters of ASCII without codes
    /// and queries, and no segment that is empty, a wildcard or begins with a dot, except the first.
    fn is_plain(text: &[u8]) -> bool {
        let rest = text.strip_prefix(b".").unwrap_or(text);
        let Some(&first) = rest.first() else { return text == b"." };
        let scope = rest.len() < text.len();
        if first == b'.' || scope != (first == b'/') || !Self::goes_on_plain(rest) {
            return false;
        }
        // No segment is empty, so the shortest have two bytes each with what is between them.
        text.len() < 2 * Self::MAX_SEGMENTS
            || rest.iter().filter(|byte| **byte == b'/').count() < Self::MAX_SEGMENTS
    }

    /// Whether there is nothing in it that [`is_plain`](Self::is_plain) looks for, but for how it
    /// begins.
    fn goes_on_plain(text: &[u8]) -> bool {
        let suspect = |byte: u8| {
            let coded = (byte == b'\\') | (byte == b'%') | (byte == b'?') | (byte == b'*');
            !(0x20..0x7f).contains(&byte) | coded
        };
        let (&[_, ref later @ ..], &[ref earlier @ .., last]) = (text, text) else { return false };
        // Without a branch inside, so that the compiler makes vector instructions of it.
        let pairs = earlier.iter().zip(later);
        !pairs.fold(suspect(last) | (last == b'/'), |found, (&byte, &next)| {
            found | suspect(byte) | ((byte == b'/') & ((next == b'/') | (next == b'.')))
        })
    }

    fn check_segment(name: &str, index: usize) -> Result<(), LocUriError> {
        match name {
            "" => Err(LocUriError::EmptySegment),
            "." if index == 0 => Ok(()),
            "." | ".." => Err(LocUriError::DotSegment),
            "*" => Err(LocUriError::Wildcard),
            _ => Ok(()),
        }
    }
}

impl TryFrom<String> for LocUri {
    type Error = LocUriError;

    fn try_from(text: String) -> Result<Self, LocUriError> {
        text.parse()
    }
}

impl From<LocUri> for String {
    fn from(uri: LocUri) -> Self {
        uri.0
    }
}

impl fmt::Display for LocUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> LocUri {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, expected) in [
            ("", LocUriError::Empty),
            (" \n ", LocUriError::Empty),
            ("/Vendor", LocUriError::LeadingSlash),
            ("./Vendor//MSFT", LocUriError::EmptySegment),
            ("./Vendor/", LocUriError::EmptySegment),
            ("./Vendor/../x", LocUriError::DotSegment),
            ("./Vendor/%2e%2E/x", LocUriError::DotSegment),
            ("./Vendor/./x", LocUriError::DotSegment),
            (".\\Vendor", LocUriError::Character),
            ("./Vendor/*/x", LocUriError::Wildcard),
            ("./Vendor/%2A", LocUriError::Wildcard),
        ] {
            assert_eq!(text.parse::<LocUri>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn what_is_plain_is_an_address() {
        let alphabet = [b'.', b'/', b'a', b'*', b'%', b'?', b'\\', b'\x7f'];
        let mut plain = 0;
        for number in 0..1 << 15 {
            let digits = (0..5).map(|digit| alphabet[number >> (3 * digit) & 7]);
            for length in 1..=5 {
                let bytes: Vec<u8> = digits.clone().take(length).collect();
                let text = std::str::from_utf8(&bytes).unwrap();
                if LocUri::is_plain(&bytes) && !text.starts_with('/') {
                    plain += 1;
                    assert_eq!(LocUri::check_all(text), Ok(()), "{text}");
                }
            }
        }
        assert!(plain > 0);
        for (segments, fits) in [(LocUri::MAX_SEGMENTS, true), (LocUri::MAX_SEGMENTS + 1, false)] {
            for text in
                [vec!["a"; segments].join("/"), format!("./{}", vec!["a"; segments - 1].join("/"))]
            {
                assert_eq!(LocUri::is_plain(text.as_bytes()), fits, "{text}");
                assert_eq!(LocUri::check_all(&text).is_ok(), fits, "{text}");
            }
        }
        for text in ["./Vendor/MSFT/Update", ".", "DevInfo/Man", "./a b/c.d/e-{f}"] {
            assert!(LocUri::is_plain(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn the_same_node_under_other_spellings() {
        let base = uri("./Vendor/MSFT/Update");
        for text in [
            "./vendor/msft/update",
            "./Device/Vendor/MSFT/Update",
            "Vendor/MSFT/Update",
            " ./Vendor/MSFT/Upd%61te ",
            "./Vendor/MSFT/Update?list=StructData",
        ] {
            assert!(uri(text).is_same(&base), "{text}");
        }
        for text in ["./User/Vendor/MSFT/Update", "./Vendor/MSFT", "./Vendor/MSFT/Update/x"] {
            assert!(!uri(text).is_same(&base), "{text}");
        }
        assert!(uri("./Vendor/MSFT/Update/x/y").is_under(&base));
        assert!(!uri("./Vendor/MSFT/Updates").is_under(&base));
        assert_eq!(
            uri("./Device/Vendor/MSFT/Update/%7Bx%7D/y").relative_to(&base),
            Some(vec!["{x}".to_owned(), "y".to_owned()])
        );
    }

    #[test]
    fn queries_are_not_part_of_the_path() {
        let uri = uri("./Vendor/MSFT/Update?List=StructData&prop=Format");
        assert_eq!(uri.path(), "./Vendor/MSFT/Update");
        assert_eq!(uri.query_value("list"), Some("StructData"));
        assert_eq!(uri.query_value("prop"), Some("Format"));
        assert_eq!(uri.join("a b/c").unwrap().as_str(), "./Vendor/MSFT/Update/a%20b%2Fc");
        assert_eq!(uri.join("ü").unwrap().last_segment(), "ü");
    }

    #[test]
    fn the_scope_of_a_text_is_that_of_the_address() {
        for (text, expected) in [
            ("./User", Scope::User),
            (" ./uSER/Vendor", Scope::User),
            ("./User ", Scope::User),
            ("./Device\n", Scope::Device),
            ("User?list=Struct", Scope::User),
            ("./Device/User/a", Scope::Device),
            ("DEVICE/a", Scope::Device),
            ("./Users/a", Scope::Unscoped),
            ("./Use", Scope::Unscoped),
            ("./\u{fc}ser/a", Scope::Unscoped),
            ("./Vendor/User", Scope::Unscoped),
            (".", Scope::Unscoped),
        ] {
            assert_eq!(LocUri::scope_of(text), expected, "{text}");
            assert_eq!(uri(text).scope(), expected, "{text}");
        }
    }

    #[test]
    fn siblings_are_checked_as_if_each_came_alone() {
        let deep = |segments: usize| format!("./{}", vec!["a"; segments - 1].join("/"));
        let long = "a".repeat(LocUri::MAX_BYTES - 4);
        let texts = [
            "./A/b",
            "./A/c",
            "./A/",
            "./A//c",
            "./A/.c",
            "./A/..",
            "./A/c/./d",
            "./A/c/d",
            "./A/*",
            "./A/c*",
            "./A/%41",
            "./A/%00",
            "./A/c?prop=Type",
            "./A/?",
            "./A/c d",
            "./A/\u{fc}",
            "./A",
            "./AB/c",
            "/A/b",
            "A/b",
            "A/c",
            ".",
            "./",
            "./.",
            "./A/c\\d",
            "./A/c\u{1}",
            "",
        ];
        let more = [deep(63), deep(64), deep(65), format!("./A/{long}"), format!("./A/{long}b")];
        let texts: Vec<&str> = texts.into_iter().chain(more.iter().map(String::as_str)).collect();
        for first in &texts {
            for text in &texts {
                let mut siblings = Siblings::default();
                let _ = siblings.check(first);
                assert_eq!(siblings.check(text), LocUri::check(text), "{text} after {first}");
                // What was refused is not what the next is compared with.
                assert_eq!(siblings.check(first), LocUri::check(first), "{first} after {text}");
            }
        }
    }

    #[test]
    fn addresses_are_the_same_as_the_nodes_that_they_name() {
        let texts = [
            ".",
            "./Device",
            "./device/",
            "./User",
            "./Vendor/MSFT/Update",
            "./Device/Vendor/msft/update",
            " ./Vendor/MSFT/Update ",
            "./Vendor/MSFT/%55pdate",
            "./Vendor/MSFT/Update?list=Struct",
            "./User/Vendor/MSFT/Update",
            "./Vendor/MSFT/Device",
            "./Vendor/MSFT",
            "./\u{c4}",
            "./\u{e4}",
            "Vendor/MSFT/Update",
            "/Vendor",
            "",
        ];
        for (a, b) in texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b))) {
            let (left, right) = (a.parse::<LocUri>(), b.parse::<LocUri>());
            let expected = a.trim() == b.trim()
                || left.is_ok_and(|a| {
                    right.is_ok_and(|b| {
                        let (left, right) = (a.segments(), b.segments());
                        let lower = |name: String| name.to_lowercase();
                        a.query() == b.query()
                            && (a.scope() == Scope::User) == (b.scope() == Scope::User)
                            && left.map(lower).eq(right.map(lower))
                    })
                });
            assert_eq!(is_same_address(a, b), expected, "{a:?} {b:?}");
        }
    }
}
