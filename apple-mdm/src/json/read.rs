//! Reading, by serde_json: its recursion has a bound of its own, above ours.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::{Error, ErrorKind, Limits, Object, Value, at};

/// serde_json stops at 128.
const DEEPEST: usize = 120;

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
}

impl Context {
    fn pass<E: de::Error>(&mut self, what: &'static str, max: usize) -> E {
        self.passed = Some(ErrorKind::Limit { what, max });
        E::custom("limit")
    }

    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            out.push('/');
            match step {
                Step::Key(key) => {
                    let key: String = key.chars().take(64).collect();
                    out.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(index) => out.push_str(&index.to_string()),
            }
        }
        out
    }
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
        return Err(ErrorKind::Limit { what: "bytes", max: limits.bytes }.into());
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let context =
        RefCell::new(Context { path: Vec::new(), nodes: 0, limits: *limits, passed: None });
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
        at(kind, text, error.line(), error.column(), context.pointer())
    })
}
