//! How values of the schema are read from and written to JSON: what every model shares.

use std::collections::{BTreeMap, BTreeSet};

use super::dialect::{Change, Dialect, Moves, Walk};
use crate::error::{Error, ErrorKind, Position, excerpt};
use crate::json::{self, Code, Diagnostic, Dialects, Mode, Number, Options, RawObject, Value};

/// A value of the schema and what was tolerated to read it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Decoded<T> {
    /// The value.
    pub value: T,
    /// What was repaired or is not as the schema has it, with its place in the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The oldest dialect of which it had something; [`Dialect::Current`] if the options do not ask
    /// for others ([`Options::any_dialect`]).
    pub dialect: Dialect,
    /// What was turned into today's shape.
    pub changes: Vec<Change>,
}

/// A type of the namespace that has a JSON form.
///
/// Implemented by the models of this crate, and by [`RawObject`] for whatever has no model.
pub trait Model: Wire {}

/// Reading and writing one value. Hidden: implemented here only.
#[doc(hidden)]
pub trait Wire: Sized {
    /// What the schema has here, for messages.
    const EXPECTED: &'static str;

    /// Whether [`Self::read`] takes this value. Shallow: what is inside objects is not judged.
    fn accepts(value: &Value) -> bool;

    /// Reads the value, or gives back one that is not accepted.
    fn read(value: Value, cx: &mut Context) -> Result<Self, Value>;

    /// Whether a value that is not accepted says that there is none, as `null` does.
    #[must_use]
    fn says_none(_value: &Value) -> bool {
        false
    }

    /// The JSON form.
    fn write(&self) -> Value;

    /// What the schema calls the type.
    fn schema_type() -> String;

    /// Which element of a list is not accepted, and what the schema has there.
    #[must_use]
    fn misfit(_value: &Value) -> Option<(usize, &'static str, &'static str)> {
        None
    }
}

/// Collects what is not as the schema has it, with pointers.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Context {
    path: Vec<String>,
    notes: Vec<Note>,
    limit: usize,
}

#[derive(Debug)]
struct Note {
    code: Code,
    pointer: String,
    expected: &'static str,
    found: String,
}

impl Note {
    fn message(&self) -> String {
        let Self { code, expected, found, .. } = self;
        match code {
            Code::NameCase | Code::MisspelledName => format!("{found} was read as `{expected}`"),
            Code::StringInteger => format!("{found} was read as an integer"),
            _ => format!("expected {expected}, found {found}"),
        }
    }
}

impl Context {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(crate) fn within<R>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(json::segment(name));
        let result = read(self);
        self.path.pop();
        result
    }

    /// Beyond the limit nothing more is noted: what was read is kept all the same.
    pub(crate) fn note(
        &mut self,
        code: Code,
        expected: &'static str,
        found: impl FnOnce() -> String,
    ) {
        if self.notes.len() < self.limit {
            let pointer = self.path.iter().fold(String::new(), |all, name| all + "/" + name);
            self.notes.push(Note { code, pointer, expected, found: found() });
        }
    }

    /// The notes with their places: reads the text once more to find them. Pointers are into what
    /// was read, below `base`; those of values that were moved are turned into those of then.
    fn finish(
        self,
        bytes: &[u8],
        base: &str,
        moves: &Moves,
        options: &Options,
    ) -> Vec<(Note, Position)> {
        if self.notes.is_empty() {
            return Vec::new();
        }
        let mut notes = self.notes;
        for note in &mut notes {
            if let Some(inner) = note.pointer.strip_prefix(base) {
                note.pointer = format!("{base}{}", moves.original(inner));
            }
        }
        let pointers: BTreeSet<_> = notes.iter().map(|note| note.pointer.clone()).collect();
        let places = json::locate(bytes, options, pointers);
        notes
            .into_iter()
            .map(|note| {
                let position = place(&places, &note.pointer);
                (note, position)
            })
            .collect()
    }
}

/// A text that a peer sent, for messages.
pub(crate) fn quoted(text: &str) -> String {
    format!("the text {:?}", excerpt(text))
}

/// The place of the pointer, or of the nearest value around it.
fn place(places: &BTreeMap<String, Position>, pointer: &str) -> Position {
    let mut pointer = pointer;
    loop {
        if let Some(place) = places.get(pointer) {
            return *place;
        }
        match pointer.rsplit_once('/') {
            Some((outer, _)) => pointer = outer,
            None => return Position { offset: 0, line: 1, column: 1 },
        }
    }
}

/// Reads one value of the schema from JSON.
///
/// ```
/// use graph_wufb::json::Options;
/// use graph_wufb::models::{DeploymentStateValue, Deployment, decode};
///
/// let text = br#"{"id": "d1", "state": {"effectiveValue": "offering"}, "newMember": [1.50]}"#;
/// let deployment = decode::<Deployment>(text, &Options::strict())?.value;
/// let state = deployment.state.get().unwrap();
/// assert_eq!(state.effective(), Some(DeploymentStateValue::Offering));
/// assert_eq!(deployment.to_json().as_bytes(), text.iter().copied().filter(|b| *b != b' ')
///     .collect::<Vec<u8>>());
/// # Ok::<(), graph_wufb::Error>(())
/// ```
///
/// # Errors
/// What [`json::read`] gives; [`ErrorKind::Shape`] if the text is no object, and in strict mode
/// where a member is not as the schema has it.
pub fn decode<T: Model>(bytes: &[u8], options: &Options) -> Result<Decoded<T>, Error> {
    let document = json::read(bytes, options)?;
    from_value(document.value, document.diagnostics, bytes, "", options)
}

/// Reads a value that is part of a text; `base` is the pointer to it.
pub(crate) fn from_value<T: Wire>(
    value: Value,
    mut diagnostics: Vec<Diagnostic>,
    bytes: &[u8],
    base: &str,
    options: &Options,
) -> Result<Decoded<T>, Error> {
    let mut value = value;
    let (dialect, changes, moves) = match options.dialects {
        Dialects::Current => (Dialect::Current, Vec::new(), Moves::default()),
        Dialects::Any => {
            let mut walked = Walk::over(&mut value);
            for change in &mut walked.changes {
                change.pointer.insert_str(0, base);
            }
            (walked.dialect, walked.changes, walked.moves)
        }
    };
    // Strict mode needs the first one only, and needs it whatever the limit is.
    let limit = match options.mode {
        Mode::Strict => 1,
        Mode::Tolerant => options.limits.repairs.saturating_sub(diagnostics.len()),
    };
    let mut cx = Context::new(limit);
    cx.path.extend(base.split('/').skip(1).map(str::to_owned));
    let read = match T::read(value, &mut cx) {
        Ok(read) => read,
        Err(value) => return Err(misfit::<T>(&value, bytes, base, options)),
    };
    let notes = cx.finish(bytes, base, &moves, options);
    if options.mode == Mode::Strict
        && let Some((note, position)) = notes.first()
    {
        let kind = ErrorKind::Shape { expected: note.expected, found: note.found.clone() };
        return Err(Error::at(kind, Some(*position), note.pointer.clone()));
    }
    diagnostics.extend(notes.into_iter().map(|(note, position)| Diagnostic {
        code: note.code,
        position,
        message: note.message(),
        pointer: note.pointer,
    }));
    Ok(Decoded { value: read, diagnostics, dialect, changes })
}

/// The error for a value that is not accepted; `base` is the pointer to it.
fn misfit<T: Wire>(value: &Value, bytes: &[u8], base: &str, options: &Options) -> Error {
    match T::misfit(value) {
        Some((index, expected, found)) => {
            shape(expected, found, bytes, &format!("{base}/{index}"), options)
        }
        None => shape(T::EXPECTED, value.name(), bytes, base, options),
    }
}

/// The error for a value that is not what the schema has there, with its place in the text.
pub(crate) fn shape(
    expected: &'static str,
    found: &str,
    bytes: &[u8],
    pointer: &str,
    options: &Options,
) -> Error {
    let places = json::locate(bytes, options, BTreeSet::from([pointer.to_owned()]));
    let position = place(&places, pointer);
    let kind = ErrorKind::Shape { expected, found: found.to_owned() };
    Error::at(kind, Some(position), pointer.to_owned())
}

// --- plain values ---------------------------------------------------------------------------------

impl Wire for String {
    const EXPECTED: &'static str = "a string";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn read(value: Value, _: &mut Context) -> Result<Self, Value> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(other),
        }
    }

    fn write(&self) -> Value {
        Value::String(self.clone())
    }

    fn schema_type() -> String {
        "Edm.String".to_owned()
    }
}

impl Wire for bool {
    const EXPECTED: &'static str = "a boolean";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::Bool(_))
    }

    fn read(value: Value, _: &mut Context) -> Result<Self, Value> {
        match value {
            Value::Bool(truth) => Ok(truth),
            other => Err(other),
        }
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }

    fn schema_type() -> String {
        "Edm.Boolean".to_owned()
    }
}

/// Edm.Int32. A string of digits is read too: the documentation sends `"devicesPerOffer": "100"`.
impl Wire for i32 {
    const EXPECTED: &'static str = "an integer";

    fn accepts(value: &Value) -> bool {
        match value {
            // `1.0` or `1e2` mean integers, but would be written otherwise than they were read.
            Value::Number(number) => {
                number.to_string().parse::<Self>().is_ok_and(|i| i.to_string() == number.as_str())
            }
            Value::String(text) => {
                text.parse::<Self>().is_ok_and(|number| number.to_string() == *text)
            }
            _ => false,
        }
    }

    fn read(value: Value, cx: &mut Context) -> Result<Self, Value> {
        let text = match &value {
            _ if !Self::accepts(&value) => return Err(value),
            Value::Number(number) => number.to_string(),
            Value::String(text) => {
                cx.note(Code::StringInteger, Self::EXPECTED, || quoted(text));
                text.clone()
            }
            _ => return Err(value),
        };
        text.parse().map_err(|_| value)
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }

    fn schema_type() -> String {
        "Edm.Int32".to_owned()
    }
}

/// Edm.Double. The text of the number is kept.
impl Wire for Number {
    const EXPECTED: &'static str = "a number";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::Number(_))
    }

    fn read(value: Value, _: &mut Context) -> Result<Self, Value> {
        match value {
            Value::Number(number) => Ok(number),
            other => Err(other),
        }
    }

    fn write(&self) -> Value {
        Value::Number(self.clone())
    }

    fn schema_type() -> String {
        "Edm.Double".to_owned()
    }
}

impl<T: Wire> Wire for Vec<T> {
    const EXPECTED: &'static str = "an array";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::Array(items) if items.iter().all(T::accepts))
    }

    fn read(value: Value, cx: &mut Context) -> Result<Self, Value> {
        match value {
            Value::Array(items) if items.iter().all(T::accepts) => Ok(items
                .into_iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    cx.within(&index.to_string(), |cx| T::read(item, cx).ok())
                })
                .collect()),
            other => Err(other),
        }
    }

    fn write(&self) -> Value {
        Value::Array(self.iter().map(Wire::write).collect())
    }

    fn schema_type() -> String {
        format!("Collection({})", T::schema_type())
    }

    fn misfit(value: &Value) -> Option<(usize, &'static str, &'static str)> {
        let items = value.as_array()?;
        let (index, item) = items.iter().enumerate().find(|(_, item)| !T::accepts(item))?;
        Some((index, T::EXPECTED, item.name()))
    }
}

impl<T: Wire> Wire for Box<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn accepts(value: &Value) -> bool {
        T::accepts(value)
    }

    fn read(value: Value, cx: &mut Context) -> Result<Self, Value> {
        T::read(value, cx).map(Self::new)
    }

    fn write(&self) -> Value {
        T::write(self)
    }

    fn schema_type() -> String {
        T::schema_type()
    }
}

impl Wire for RawObject {
    const EXPECTED: &'static str = "an object";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::Object(_))
    }

    fn read(value: Value, _: &mut Context) -> Result<Self, Value> {
        match value {
            Value::Object(object) => Ok(object),
            other => Err(other),
        }
    }

    fn write(&self) -> Value {
        Value::Object(self.clone())
    }

    fn schema_type() -> String {
        "object".to_owned()
    }
}

impl Model for RawObject {}
