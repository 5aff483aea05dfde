//! Property lists: read borrowed and bounded, from XML and from binary; written as XML.
//!
//! Nothing recurses: reading keeps its own stack, and the depth of a value is bounded, so that
//! dropping one is shallow as well.

mod binary;
mod diagnostic;
mod write;
mod xml;

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, Utc};

pub use diagnostic::DiagnosticCode;
pub use write::write_xml;

/// What is wrong with a property list.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// An element that property lists do not have, or not here.
    #[error("<{0}> does not belong here")]
    Element(Box<str>),
    /// A value in a dictionary without a key before it, or a key without a value.
    #[error("a dictionary needs a key before each value")]
    Key,
    /// A property list without a value, or with a second one.
    #[error("a property list holds one value")]
    OneValue,
    /// A text that is not of its element's type.
    #[error("{text:?} is no {what}")]
    Value {
        /// The type.
        what: &'static str,
        /// The text, cut after 64 characters.
        text: Box<str>,
    },
    /// Text where elements are expected.
    #[error("text where elements are expected")]
    Text,
    /// Not a binary property list, or one whose parts point outside.
    #[error("the binary property list is broken at byte {0}")]
    Binary(usize),
    /// More of something than [`Limits`] allow.
    #[error("more than {max} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
}

mdm_xml::located_error! {
    /// What is wrong with a property list, and where.
    pub struct Error(ErrorKind);
}

/// Bounds on one property list. Each is a count that is still accepted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// What the XML may cost; its bytes bound binary ones too. Default 16 MiB.
    pub xml: mdm_xml::Limits,
    /// Values in a property list; in a binary one, each use of a shared value counts. Default
    /// 500,000.
    pub nodes: usize,
    /// How deep arrays and dictionaries nest. Default 64, and 256 whatever is set.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { xml: mdm_xml::Limits::DEFAULT.with_depth(300), nodes: 500_000, depth: 64 }
    }
}

impl Limits {
    /// These limits with another [`nodes`](Self::nodes).
    #[must_use]
    pub const fn with_nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// These limits with another [`depth`](Self::depth).
    #[must_use]
    pub const fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    fn deepest(&self) -> usize {
        self.depth.min(256)
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Value<'a> {
    /// Values in order.
    Array(Vec<Self>),
    /// A truth value.
    Boolean(bool),
    /// Bytes.
    Data(Vec<u8>),
    /// A time.
    Date(Date),
    /// Values by keys.
    Dictionary(Dictionary<'a>),
    /// A number; property lists have those of 64 bits with and without sign.
    Integer(i128),
    /// A floating point number.
    Real(f64),
    /// A text.
    String(Cow<'a, str>),
    /// A reference in an archive; in binary property lists only.
    Uid(u64),
}

impl<'a> Value<'a> {
    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value. *Observed*: devices send `0` and `1` for some.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            Self::Integer(0) => Some(false),
            Self::Integer(1) => Some(true),
            _ => None,
        }
    }

    /// The number. *Observed*: devices send whole numbers as reals.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => i64::try_from(*value).ok(),
            // Every whole number of this size is exact.
            Self::Real(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                format!("{value:.0}").parse().ok()
            }
            _ => None,
        }
    }

    /// The number as a floating point one.
    #[must_use]
    pub fn as_real(&self) -> Option<f64> {
        match self {
            Self::Real(value) => Some(*value),
            Self::Integer(value) => value.to_string().parse().ok(),
            _ => None,
        }
    }

    /// The array, if it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The dictionary, if it is one.
    #[must_use]
    pub fn as_dictionary(&self) -> Option<&Dictionary<'a>> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    /// The same, independent of what it borrowed from. As deep as the limits allowed.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Array(values) => {
                Value::Array(values.into_iter().map(Value::into_owned).collect())
            }
            Self::Boolean(value) => Value::Boolean(value),
            Self::Data(value) => Value::Data(value),
            Self::Date(value) => Value::Date(value),
            Self::Dictionary(value) => Value::Dictionary(value.into_owned()),
            Self::Integer(value) => Value::Integer(value),
            Self::Real(value) => Value::Real(value),
            Self::String(value) => Value::String(Cow::Owned(value.into_owned())),
            Self::Uid(value) => Value::Uid(value),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

/// A time as it stands: `yyyy-mm-ddThh:mm:ssZ`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Date(String);

impl Date {
    /// The time with this text, if it is one. A missing `Z` is UTC all the same.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let date = Self(text.trim().to_owned());
        date.time().is_some().then_some(date)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        if let Ok(time) = DateTime::parse_from_rfc3339(&self.0) {
            return Some(time.to_utc());
        }
        NaiveDateTime::parse_from_str(&self.0, "%Y-%m-%dT%H:%M:%S").ok().map(|time| time.and_utc())
    }
}

impl From<DateTime<Utc>> for Date {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

/// A dictionary: keys and values in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Dictionary<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Dictionary<'a> {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a key. Of a key that occurs twice, the last value counts, as on devices.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The text of a key.
    #[must_use]
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a key and its value at the end.
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        self.0.push((key.into(), value.into()));
    }

    /// The same with one more key.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> Self {
        self.push(key, value);
        self
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> Dictionary<'static> {
        let owned = |(key, value): (Cow<'a, str>, Value<'a>)| {
            (Cow::Owned(key.into_owned()), value.into_owned())
        };
        Dictionary(self.0.into_iter().map(owned).collect())
    }
}

impl<'a> From<Dictionary<'a>> for Value<'a> {
    fn from(dictionary: Dictionary<'a>) -> Self {
        Self::Dictionary(dictionary)
    }
}

/// Reads a property list, XML or binary.
///
/// # Errors
/// Every [`ErrorKind`].
///
/// ```
/// use apple_mdm::plist;
///
/// let text = b"<plist version=\"1.0\"><dict><key>Status</key><string>Idle</string></dict></plist>";
/// let value = plist::decode(text, &plist::Limits::default())?;
/// assert_eq!(value.as_dictionary().and_then(|report| report.str("Status")), Some("Idle"));
/// # Ok::<(), apple_mdm::plist::Error>(())
/// ```
pub fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Value<'a>, Error> {
    decode_noting(bytes, limits).map(|(value, _)| value)
}

/// Reads a property list and says what was odd about it, up to 256 findings with their places.
///
/// # Errors
/// Every [`ErrorKind`].
///
/// ```
/// use apple_mdm::plist::{DiagnosticCode, Limits, decode_noting};
///
/// let text = b"<dict><key>a</key><true/><key>a</key><false/></dict>";
/// let (value, found) = decode_noting(text, &Limits::default())?;
/// let codes: Vec<DiagnosticCode> = found.iter().map(|found| found.code).collect();
/// assert_eq!(codes, [DiagnosticCode::NoFrame, DiagnosticCode::DuplicateKey]);
/// assert_eq!(found[1].position.column, 26);
/// # Ok::<(), apple_mdm::plist::Error>(())
/// ```
pub fn decode_noting<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<(Value<'a>, Vec<mdm_xml::Diagnostic<DiagnosticCode>>), Error> {
    if bytes.starts_with(b"bplist") {
        return binary::read(bytes, limits).map(|value| (value, Vec::new()));
    }
    match mdm_xml::Source::new(bytes, &limits.xml)?.into_text() {
        Cow::Borrowed(text) => xml::read(text, limits),
        Cow::Owned(text) => {
            xml::read(&text, limits).map(|(value, found)| (value.into_owned(), found))
        }
    }
}

/// An array or dictionary that is being read.
enum Open<'a> {
    Array(Vec<Value<'a>>),
    Dictionary(Dictionary<'a>, Option<Cow<'a, str>>),
}

/// How many findings are kept.
const FINDINGS: usize = 256;
