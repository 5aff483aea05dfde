//! A JSON value that keeps what others lose: the order of members and the spelling of numbers.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::error::Error;

/// A JSON number in its own spelling: `1`, `1.0` and `1e0` stay three texts.
///
/// serde writes the number that the text means; [`Value::to_json`] writes the text.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Number(Box<str>);

impl Number {
    /// Takes a text that the reader checked.
    pub(crate) fn checked(text: &str) -> Self {
        Self(text.into())
    }

    /// The number as it was spelt.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as an integer, if it is spelt as one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest double.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string().into())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A JSON value (RFC 8259 section 3).
#[derive(Clone, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "RFC 8259 section 3 has these and no more")]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(RawObject),
}

impl Value {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if this is a number that is spelt as one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The object.
    #[must_use]
    pub fn as_object(&self) -> Option<&RawObject> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value at a JSON pointer (RFC 6901).
    ///
    /// ```
    /// use graph_wufb::json::{Options, read};
    ///
    /// let document = read(br#"{"value": [{"id": "a/b"}]}"#, &Options::strict())?;
    /// assert_eq!(document.value.pointer("/value/0/id").and_then(|id| id.as_str()), Some("a/b"));
    /// # Ok::<(), graph_wufb::Error>(())
    /// ```
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |value, token| {
            let name = token.replace("~1", "/").replace("~0", "~");
            match value {
                Self::Object(object) => object.get(&name),
                Self::Array(items) => items.get(name.parse::<usize>().ok()?),
                _ => None,
            }
        })
    }

    /// What it is, for messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// Writes the value without blanks. Member order and number spelling are as read.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    // Recursion is bounded: the reader opens no more than `MAX_DEPTH` objects and arrays.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number.as_str()),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => object.write(out),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Number(i64::from(value).into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<RawObject> for Value {
    fn from(value: RawObject) -> Self {
        Self::Object(value)
    }
}

impl From<Vec<Self>> for Value {
    fn from(value: Vec<Self>) -> Self {
        Self::Array(value)
    }
}

/// An object as it was read: every member, annotation (`name@odata.…`) and unknown name in its
/// order.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct RawObject {
    members: Vec<(String, Value)>,
}

impl RawObject {
    /// An empty object.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The member of exactly this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|member| member.0 == name).map(|member| &member.1)
    }

    /// The member of this name, in whatever case if none has exactly this one: real answers have
    /// `BuildNumber` where the schema has `buildNumber` (*Observed*, product-findbykbnumber).
    #[must_use]
    pub fn get_loose(&self, name: &str) -> Option<&Value> {
        self.get(name).or_else(|| {
            self.members
                .iter()
                .find(|member| member.0.eq_ignore_ascii_case(name))
                .map(|member| &member.1)
        })
    }

    /// The text of a member, in whatever case its name is.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get_loose(name)?.as_str()
    }

    /// The type that `@odata.type` names, without `#` (OData JSON 4.01 section 4.6.3).
    #[must_use]
    pub fn odata_type(&self) -> Option<&str> {
        let text = self.text("@odata.type")?;
        Some(text.strip_prefix('#').unwrap_or(text))
    }

    /// Sets a member: in its place if there is one of this name, otherwise at the end.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.members.iter_mut().find(|member| member.0 == name) {
            Some(member) => member.1 = value,
            None => self.members.push((name, value)),
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.members.iter().position(|member| member.0 == name)?;
        Some(self.members.remove(index).1)
    }

    /// Keeps the members for which `keep` holds.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str, &Value) -> bool) {
        self.members.retain(|(name, value)| keep(name, value));
    }

    /// Adds a member whose name the caller knows to be new.
    pub(crate) fn push(&mut self, name: String, value: Value) {
        self.members.push((name, value));
    }

    pub(super) fn replace(&mut self, index: usize, value: Value) {
        if let Some(member) = self.members.get_mut(index) {
            member.1 = value;
        }
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.members.iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push('{');
        for (index, (name, value)) in self.members.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_string(name, out);
            out.push(':');
            value.write(out);
        }
        out.push('}');
    }

    /// Writes the object without blanks.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

impl fmt::Debug for RawObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl IntoIterator for RawObject {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for RawObject {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        let mut object = Self::new();
        for (name, value) in members {
            object.insert(name, value);
        }
        object
    }
}

impl TryFrom<&str> for RawObject {
    type Error = Error;

    /// Reads strictly with the default limits.
    fn try_from(text: &str) -> Result<Self, Error> {
        super::read(text.as_bytes(), &super::Options::strict())?.into_object()
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{0}'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => match number.as_i64() {
                Some(integer) => serializer.serialize_i64(integer),
                None => match number.as_str().parse::<u64>() {
                    Ok(integer) => serializer.serialize_u64(integer),
                    Err(_) => serializer.serialize_f64(number.as_f64().unwrap_or(f64::NAN)),
                },
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut out = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    out.serialize_element(item)?;
                }
                out.end()
            }
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for RawObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            out.serialize_entry(name, value)?;
        }
        out.end()
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(Number::checked(&value.to_string())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        if !value.is_finite() {
            return Err(E::custom("a number that is not finite"));
        }
        // Debug keeps the point of `1.0`, so that a double stays one.
        Ok(Value::Number(Number::checked(&format!("{value:?}"))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element()? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = RawObject::new();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            out.push(name, value);
        }
        Ok(Value::Object(out))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(object) => Ok(object),
            other => Err(de::Error::custom(format!("expected an object, found {}", other.name()))),
        }
    }
}
