//! JSON, as declarations, status reports and the version catalogue use it: read bounded, with the
//! path of what is wrong; kept in order; written deterministically, without blanks.
//!
//! serde_json does the reading below; its values would lose the order of keys.

mod read;
#[cfg(feature = "serde")]
mod stored;
mod write;

use std::fmt;

use crate::fields::is_secret;

/// What is wrong with a JSON text.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not JSON.
    #[error("this is no JSON: {0}")]
    Syntax(Box<str>),
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
    @shape
    /// What is wrong with a JSON text, and where: the path is a JSON pointer (RFC 6901).
    ///
    /// ```
    /// use apple_mdm::json::{Limits, decode};
    ///
    /// let error = decode(b"{\"StatusItems\":\n {\"softwareupdate\": tru}}", &Limits::default())
    ///     .unwrap_err();
    /// assert_eq!(error.position().map(|place| (place.line, place.column)), Some((2, 24)));
    /// assert_eq!(error.path(), Some("/StatusItems/softwareupdate"));
    /// ```
    pub struct Error(ErrorKind);
}

/// Bounds on one text. Each is a count that is still accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes. Default 16 MiB.
    pub bytes: usize,
    /// Values. Default 500,000.
    pub nodes: usize,
    /// How deep arrays and objects nest. Default 64, and 120 whatever is set.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 << 20, nodes: 500_000, depth: 64 }
    }
}

impl Limits {
    /// These limits with another [`bytes`](Self::bytes).
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

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
}

/// A JSON value. Numbers of more than 64 bits become [`Real`](Self::Real). serde saves it as its JSON
/// text, in one text, in formats for people; binary ones have a form of their own. What was read
/// within [`Limits`] is read again whatever is around it.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "RFC 8259 section 3 has these and no more")]
pub enum Value {
    /// Nothing.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i128),
    /// A number with a point or exponent. What JSON cannot write (not a number, infinite) becomes
    /// null.
    Real(f64),
    /// A text.
    String(String),
    /// Values in order.
    Array(Vec<Self>),
    /// Values by keys.
    Object(Object),
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number, if it is one that fits.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => i64::try_from(*value).ok(),
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

    /// The object, if it is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// How many values it is, itself included.
    #[must_use]
    pub fn nodes(&self) -> usize {
        match self {
            Self::Array(values) => 1 + values.iter().map(Self::nodes).sum::<usize>(),
            Self::Object(object) => 1 + object.iter().map(|(_, v)| v.nodes()).sum::<usize>(),
            _ => 1,
        }
    }

    /// How many bytes its texts and keys have.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::String(text) => text.len(),
            Self::Array(values) => values.iter().map(Self::text_bytes).sum(),
            Self::Object(object) => {
                object.iter().map(|(key, value)| key.len() + value.text_bytes()).sum()
            }
            _ => 0,
        }
    }

    /// Appends the text to `out`. The same value gives the same bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        write::write(self, out);
    }

    /// The text.
    ///
    /// ```
    /// use apple_mdm::json::{Limits, decode};
    ///
    /// let value = decode(b" { \"b\" : 1.0, \"a\" : [ null ] } ", &Limits::default())?;
    /// assert_eq!(value.to_json(), br#"{"b":1.0,"a":[null]}"#);
    /// # Ok::<(), apple_mdm::json::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<Vec<Self>> for Value {
    fn from(values: Vec<Self>) -> Self {
        Self::Array(values)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// An object: keys and values in the order in which they stand.
#[derive(Clone, Default, PartialEq)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a key. Of a key that occurs twice, the last value counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The value at this path of keys.
    #[must_use]
    pub fn at<'k>(&self, path: impl IntoIterator<Item = &'k str>) -> Option<&Value> {
        let mut path = path.into_iter();
        let first = self.get(path.next()?)?;
        path.try_fold(first, |value, key| value.as_object()?.get(key))
    }

    /// The text of a key.
    #[must_use]
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
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
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    /// Sets the value of a key, in its place or at the end; gives the value before.
    pub fn set(&mut self, key: &str, value: Value) -> Option<Value> {
        match self.0.iter_mut().rev().find(|(known, _)| known == key) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                self.push(key, value);
                None
            }
        }
    }

    /// Takes a key out, with all its values; gives the one that counted.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let mut last = None;
        // One pass, however often the key stands here.
        self.0.retain_mut(|(known, value)| {
            let found = known == key;
            if found {
                last = Some(std::mem::replace(value, Value::Null));
            }
            !found
        });
        last
    }

    /// The same with one more key.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.push(key, value);
        self
    }

    pub(crate) fn into_entries(self) -> Vec<(String, Value)> {
        self.0
    }
}

impl fmt::Debug for Object {
    /// The keys and values; tokens, passwords and their like are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (key, value) in self.iter() {
            if is_secret(key) {
                map.entry(&key, &format_args!("[redacted]"));
            } else {
                map.entry(&key, value);
            }
        }
        map.finish()
    }
}

/// Reads a JSON text. A byte order mark is passed over.
///
/// # Errors
/// Every [`ErrorKind`].
///
/// ```
/// use apple_mdm::json::{Limits, decode};
///
/// let value = decode(br#"{"SyncTokens": {"DeclarationsToken": "1"}}"#, &Limits::default())?;
/// let object = value.as_object().expect("an object");
/// assert_eq!(object.at(["SyncTokens", "DeclarationsToken"]), Some(&"1".into()));
/// # Ok::<(), apple_mdm::json::Error>(())
/// ```
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Value, Error> {
    read::read(bytes, limits)
}

pub(crate) use read::locate;
