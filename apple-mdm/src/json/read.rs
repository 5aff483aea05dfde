//! Reading, by serde_json: its recursion has a bound of its own, above ours.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use mdm_xml::{Location, Position};

use super::{Error, ErrorKind, Limits, Object, Value};

/// serde_json stops at 128.
pub(super) const DEEPEST: usize = 120;

enum Step {
    Key(String),
    Index(usize),
}

struct Context {
    path: Vec<Step>,
    nodes: usize,
    limits: Limits,
    /// The limit that was passed.
    passed: Option<ErrorKind>,
    /// The keys to the place that is looked for.
    wanted: Option<Vec<String>>,
    /// How many values at that place were passed over, and how many are.
    passed_over: usize,
    pass_over: usize,
}

impl Context {
    fn pass<E: de::Error>(&mut self, what: &'static str, max: usize) -> E {
        self.passed = Some(ErrorKind::Limit { what, max });
        E::custom("limit")
    }

    /// Whether this is the place that is looked for. It is asked at each value, so nothing is made
    /// for it: the pointer of a deep place is long.
    fn is_here(&self) -> bool {
        let Some(wanted) = &self.wanted else { return false };
        let is = |(step, wanted): (&Step, &String)| match step {
            Step::Key(key) => key == wanted,
            Step::Index(index) => wanted.parse() == Ok(*index),
        };
        self.path.len() == wanted.len() && self.path.iter().zip(wanted).rev().all(is)
    }

    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => push_key(key, &mut out),
                Step::Index(index) => push_key(&index.to_string(), &mut out),
            }
        }
        out
    }
}

/// Adds a key to a pointer, cut after 64 characters; what a line of a log cannot show is escaped.
pub(crate) fn push_key(key: &str, out: &mut String) {
    let key: String = key.chars().take(64).collect();
    out.push('/');
    out.push_str(&mdm_xml::printable(&key).replace('~', "~0").replace('/', "~1"));
}

#[derive(Clone, Copy)]
struct Seed<'c>(&'c RefCell<Context>);

impl Seed<'_> {
    fn enter<E: de::Error>(self) -> Result<(), E> {
        let mut context = self.0.borrow_mut();
        let max = context.limits.depth.min(DEEPEST);
        if context.path.len() >= max {
            return Err(context.pass("arrays and objects inside each other", max));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        {
            let mut context = self.0.borrow_mut();
            context.nodes += 1;
            let max = context.limits.nodes;
            if context.nodes > max {
                return Err(context.pass("values", max));
            }
            if context.is_here() {
                if context.passed_over == context.pass_over {
                    context.wanted = None;
                    return Err(de::Error::custom("here"));
                }
                context.passed_over += 1;
            }
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Real(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut values = Vec::new();
        loop {
            self.0.borrow_mut().path.push(Step::Index(values.len()));
            let next = access.next_element_seed(self)?;
            self.0.borrow_mut().path.pop();
            match next {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut object = Object::new();
        while let Some(key) = access.next_key::<String>()? {
            self.0.borrow_mut().path.push(Step::Key(key));
            let value = access.next_value_seed(self)?;
            if let Some(Step::Key(key)) = self.0.borrow_mut().path.pop() {
                object.push(key, value);
            }
        }
        Ok(Value::Object(object))
    }
}

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Value, Error> {
    if bytes.len() > limits.bytes {
        let kind = ErrorKind::Limit { what: "bytes", max: limits.bytes };
        let location = Location::new(Position::of_byte(limits.bytes), String::new());
        return Err(Error::at(kind, location));
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let context = RefCell::new(Context {
        path: Vec::new(),
        nodes: 0,
        limits: *limits,
        passed: None,
        wanted: None,
        passed_over: 0,
        pass_over: 0,
    });
    let mut json = serde_json::Deserializer::from_slice(text);
    let result = Seed(&context).deserialize(&mut json).and_then(|value| {
        json.end()?;
        Ok(value)
    });
    result.map_err(|error| {
        let mut context = context.into_inner();
        let kind = context.passed.take().unwrap_or_else(|| {
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or_default();
            ErrorKind::Syntax(words.chars().take(64).collect())
        });
        let position = place(text, error.line(), error.column());
        Error::at(kind, Location::new(position, context.pointer()))
    })
}

/// Where the value at these keys stands in a text that was read before; or else the innermost
/// value on the way to it.
pub(crate) fn locate(bytes: &[u8], keys: &[String]) -> Location {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut path = String::new();
    for key in keys {
        push_key(key, &mut path);
    }
    for count in (0..=keys.len()).rev() {
        // Of a key that stands twice, the last value is the one that counts: it is looked for by
        // the number of those before it.
        let mut pass_over = usize::MAX;
        for _ in 0..2 {
            let context = RefCell::new(Context {
                path: Vec::new(),
                nodes: 0,
                limits: Limits { bytes: usize::MAX, nodes: usize::MAX, depth: DEEPEST },
                passed: None,
                wanted: Some(keys.iter().take(count).cloned().collect()),
                passed_over: 0,
                pass_over,
            });
            let mut json = serde_json::Deserializer::from_slice(text);
            let result = Seed(&context).deserialize(&mut json);
            let context = context.into_inner();
            if let (Err(error), None) = (result, &context.wanted) {
                return Location::new(value_at(text, error.line(), error.column()), path);
            }
            match context.passed_over.checked_sub(1) {
                Some(before) => pass_over = before,
                None => break,
            }
        }
    }
    Location::new(Position::of_byte(0), path)
}

/// The value that begins at a place or behind the blanks there.
fn value_at(text: &[u8], line: usize, column: usize) -> Position {
    let offset = offset(text, line, column);
    let rest = text.get(offset..).unwrap_or_default();
    position(text, offset + (rest.len() - rest.trim_ascii_start().len()))
}

fn place(text: &[u8], line: usize, column: usize) -> Position {
    position(text, offset(text, line, column))
}

/// serde_json counts the bytes of a line; we count characters.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    (before + column.saturating_sub(1)).min(text.len())
}

fn position(text: &[u8], offset: usize) -> Position {
    match std::str::from_utf8(text) {
        Ok(text) => Position::of(text, offset),
        Err(_) => Position::of_byte(offset),
    }
}
