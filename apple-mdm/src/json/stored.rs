//! How values are saved, with the feature `serde`.
//!
//! *Decision*: as their JSON text, in one text. serde's own form of an enum nests three levels for
//! each of ours, and serde_json reads 128, so that what was written could not be read; and a database
//! that sorts keys would change what is kept in order. That form is still read, and written where
//! the format is a binary one.

use std::fmt;

use serde::de::value::{EnumAccessDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use super::read::DEEPEST;
use super::{Limits, Object, Value, decode, write};

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(remote = "Value", rename = "Value")]
enum Tagged {
    Null,
    Boolean(bool),
    Integer(i128),
    Real(f64),
    String(String),
    Array(Vec<Value>),
    Object(Object),
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(remote = "Object", rename = "Object")]
struct Pairs(Vec<(String, Value)>);

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or_default(),
        Value::Object(object) => depth_of(object),
        _ => 0,
    }
}

fn depth_of(object: &Object) -> usize {
    1 + object.iter().map(|(_, value)| depth(value)).max().unwrap_or_default()
}

fn put<S: Serializer>(
    to: S,
    depth: usize,
    write: impl Fn(&mut Vec<u8>),
) -> Result<S::Ok, S::Error> {
    // Only a program builds what no reader takes.
    if depth > DEEPEST {
        return Err(S::Error::custom(format_args!("more than {DEEPEST} values inside each other")));
    }
    let mut out = Vec::new();
    write(&mut out);
    to.serialize_str(std::str::from_utf8(&out).map_err(S::Error::custom)?)
}

fn take<E: de::Error>(text: &str) -> Result<Value, E> {
    let limits = Limits { bytes: usize::MAX, nodes: usize::MAX, depth: DEEPEST };
    // What it holds may be a secret.
    decode(text.as_bytes(), &limits).map_err(|_| E::custom("this is no JSON text"))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return Tagged::serialize(self, to);
        }
        put(to, depth(self), |out| write::write(self, out))
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return Pairs::serialize(self, to);
        }
        put(to, depth_of(self), |out| write::object(self, out))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return Tagged::deserialize(from);
        }
        from.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return Pairs::deserialize(from);
        }
        from.deserialize_any(ObjectVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        match text {
            // Of the earlier form, and no JSON.
            "Null" => Ok(Value::Null),
            text => take(text),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        Tagged::deserialize(MapAccessDeserializer::new(map))
    }

    /// The earlier form in a format that has enums of its own: YAML's tags.
    fn visit_enum<A: EnumAccess<'de>>(self, value: A) -> Result<Value, A::Error> {
        Tagged::deserialize(EnumAccessDeserializer::new(value))
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object in a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Object, E> {
        match take(text)? {
            Value::Object(object) => Ok(object),
            _ => Err(E::custom("this is no JSON object")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, pairs: A) -> Result<Object, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(pairs)).map(Object)
    }
}
