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
/// let approved = update.join("ApprovedUpdates").join("{a317dafe-baf4-453f-b232-a7075efae36e}");
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
        match self.all_segments().next() {
            Some(first) if first.eq_ignore_ascii_case("device") => Scope::Device,
            Some(first) if first.eq_ignore_ascii_case("user") => Scope::User,
            _ => Scope::Unscoped,
        }
    }

    /// The segments below the scope, percent-decoded.
    pub fn segments(&self) -> impl Iterator<Item = String> + '_ {
        let scoped = usize::from(self.scope() != Scope::Unscoped);
        self.all_segments().skip(scoped).map(percent_decode)
    }

    fn all_segments(&self) -> impl Iterator<Item = &str> {
        self.path().split('/').filter(|segment| *segment != ".")
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
    /// ```
    /// let uri: syncml::LocUri = "./Vendor/MSFT/Update/InstallableUpdates".parse()?;
    /// let all = uri.with_list(&syncml::loc_uri::List::StructData);
    /// assert_eq!(all.as_str(), "./Vendor/MSFT/Update/InstallableUpdates?list=StructData");
    /// # Ok::<(), syncml::LocUriError>(())
    /// ```
    #[must_use]
    pub fn with_list(&self, list: &List) -> Self {
        self.with_query(&format!("list={list}"))
    }

    /// A property of the node.
    #[must_use]
    pub fn with_property(&self, property: &Property) -> Self {
        self.with_query(&format!("prop={property}"))
    }

    /// The same node in another scope, spelled with `./Device`, `./User`, or neither.
    ///
    /// ```
    /// use syncml::{LocUri, Scope};
    ///
    /// let uri: LocUri = "./Device/Vendor/MSFT/Policy?prop=Type".parse()?;
    /// assert_eq!(uri.in_scope(Scope::User).as_str(), "./User/Vendor/MSFT/Policy?prop=Type");
    /// assert_eq!(uri.in_scope(Scope::Unscoped).as_str(), "./Vendor/MSFT/Policy?prop=Type");
    /// # Ok::<(), syncml::LocUriError>(())
    /// ```
    #[must_use]
    pub fn in_scope(&self, scope: Scope) -> Self {
        let mut text = String::with_capacity(self.0.len() + 8);
        text.push('.');
        match scope {
            Scope::Device => text.push_str("/Device"),
            Scope::User => text.push_str("/User"),
            Scope::Unscoped => {}
        }
        let scoped = usize::from(self.scope() != Scope::Unscoped);
        for segment in self.all_segments().skip(scoped) {
            text.push('/');
            text.push_str(segment);
        }
        if let Some(query) = self.query() {
            text.push('?');
            text.push_str(query);
        }
        Self(text)
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
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let mut child = String::with_capacity(self.0.len() + name.len() + 8);
        child.push_str(self.path());
        child.push('/');
        percent_encode(name, &mut child);
        Self(child)
    }

    /// The same address with this query.
    #[must_use]
    pub fn with_query(&self, query: &str) -> Self {
        Self(format!("{}?{query}", self.path()))
    }

    /// The same address without a query.
    #[must_use]
    pub fn without_query(&self) -> Self {
        Self(self.path().to_owned())
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
        self.depth() == other.depth() && self.is_under(other)
    }

    /// Whether it is this node or one below it, in the same sense.
    #[must_use]
    pub fn is_under(&self, ancestor: &Self) -> bool {
        let user = |uri: &Self| uri.scope() == Scope::User;
        if user(self) != user(ancestor) {
            return false;
        }
        let mut segments = self.segments();
        ancestor
            .segments()
            .all(|expected| segments.next().is_some_and(|segment| equal_names(&segment, &expected)))
    }

    /// The segments below `ancestor`, if it is under it.
    #[must_use]
    pub fn relative_to(&self, ancestor: &Self) -> Option<Vec<String>> {
        self.is_under(ancestor).then(|| self.segments().skip(ancestor.depth()).collect())
    }

    /// How many segments there are below the scope.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.segments().count()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn equal_names(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
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
        let text = text.trim();
        if text.is_empty() {
            return Err(LocUriError::Empty);
        }
        if text.starts_with('/') {
            return Err(LocUriError::LeadingSlash);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(LocUriError::TooLong);
        }
        // Without a branch inside, so that the compiler makes vector instructions of it.
        let suspect = |byte: u8| !(0x20..0x7f).contains(&byte) | (byte == b'\\');
        if text.bytes().fold(false, |found, byte| found | suspect(byte))
            && text.chars().any(|character| character.is_control() || character == '\\')
        {
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
        assert_eq!(uri.join("a b/c").as_str(), "./Vendor/MSFT/Update/a%20b%2Fc");
        assert_eq!(uri.join("ü").last_segment(), "ü");
    }
}
