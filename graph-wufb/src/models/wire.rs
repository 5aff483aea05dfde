//! How values of the schema are read from and written to JSON: what every model shares.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorKind, Position};
use crate::json::{self, Code, Diagnostic, Mode, Options, RawObject, Value};

/// A member of an object: absent, `null` and a value are three things (a PATCH leaves what is
/// absent and clears what is `null`).
///
/// ```
/// use graph_wufb::models::{Member, ScheduleSettings};
///
/// let mut schedule = ScheduleSettings::default();
/// assert!(schedule.start_date_time.is_absent());
/// schedule.start_date_time = Member::Null;
/// assert_eq!(schedule.to_json(), r#"{"startDateTime":null}"#);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "JSON has these three cases")]
pub enum Member<T> {
    /// The object has no such member.
    #[default]
    Absent,
    /// The member is `null`.
    Null,
    /// The member has a value.
    Value(T),
}

impl<T> Member<T> {
    /// The value.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, to change it.
    #[must_use]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, taken out.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the object has no such member.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the member is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<T> Member<Vec<T>> {
    /// The elements; none if the member is absent or `null`.
    #[must_use]
    pub fn items(&self) -> &[T] {
        self.get().map_or(&[], Vec::as_slice)
    }
}

impl Member<String> {
    /// The text; empty if the member is absent or `null`.
    #[must_use]
    pub fn text(&self) -> &str {
        self.get().map_or("", String::as_str)
    }
}

impl<T> From<T> for Member<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// A value of the schema and what was tolerated to read it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Decoded<T> {
    /// The value.
    pub value: T,
    /// What was repaired or is not as the schema has it.
    pub diagnostics: Vec<Diagnostic>,
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

    /// The JSON form.
    fn write(&self) -> Value;
}

/// Collects what is not as the schema has it, with pointers.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Context {
    path: Vec<String>,
    notes: Vec<(Code, String, String)>,
    limit: usize,
}

impl Context {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(crate) fn within<R>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(name.replace('~', "~0").replace('/', "~1"));
        let result = read(self);
        self.path.pop();
        result
    }

    /// Beyond the limit nothing more is noted: what was read is kept all the same.
    pub(crate) fn note(&mut self, code: Code, message: impl FnOnce() -> String) {
        if self.notes.len() < self.limit {
            let pointer = self.path.iter().fold(String::new(), |all, name| all + "/" + name);
            self.notes.push((code, pointer, message()));
        }
    }

    /// Turns the notes into diagnostics: reads the text once more to find the positions.
    pub(crate) fn finish(self, bytes: &[u8], options: &Options) -> Vec<Diagnostic> {
        if self.notes.is_empty() {
            return Vec::new();
        }
        let pointers: BTreeSet<_> = self.notes.iter().map(|note| note.1.clone()).collect();
        let places = json::locate(bytes, options, pointers);
        self.notes
            .into_iter()
            .map(|(code, pointer, message)| Diagnostic {
                code,
                position: place(&places, &pointer),
                pointer,
                message,
            })
            .collect()
    }
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
    let mut cx = Context::new(options.limits.repairs.saturating_sub(diagnostics.len()));
    cx.path.extend(base.split('/').skip(1).map(str::to_owned));
    let read = T::read(value, &mut cx).map_err(|value| {
        let kind = ErrorKind::Shape { expected: T::EXPECTED, found: value.name().to_owned() };
        Error::at(kind, None, base.to_owned())
    })?;
    let notes = cx.finish(bytes, options);
    if let (Mode::Strict, Some(first)) = (options.mode, notes.first()) {
        let kind = ErrorKind::Shape {
            expected: "what the schema has here",
            found: format!("{} ({})", first.message, first.code),
        };
        return Err(Error::at(kind, Some(first.position), first.pointer.clone()));
    }
    diagnostics.extend(notes);
    Ok(Decoded { value: read, diagnostics })
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
                cx.note(Code::StringInteger, || format!("the string {text:?} was read as {text}"));
                text.clone()
            }
            _ => return Err(value),
        };
        text.parse().map_err(|_| value)
    }

    fn write(&self) -> Value {
        Value::from(*self)
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
}

impl Model for RawObject {}

// --- objects --------------------------------------------------------------------------------------

/// What a model has besides its typed members: unknown members, annotations, and the order and
/// spelling of everything that was read.
#[derive(Clone, Debug, Default, Eq)]
pub struct Extra {
    slots: Vec<Slot>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Slot {
    /// A typed member's place, and its name as it was spelt.
    Typed(&'static str, String),
    Other(String, Value),
}

impl Extra {
    /// The other members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Other(name, value) => Some((name.as_str(), value)),
            Slot::Typed(..) => None,
        })
    }

    /// The other member of exactly this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|member| member.0 == name).map(|member| member.1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Sets another member: in its place if there is one of this name, otherwise at the end.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        for slot in &mut self.slots {
            if let Slot::Other(known, old) = slot
                && *known == name
            {
                *old = value;
                return;
            }
        }
        self.slots.push(Slot::Other(name, value));
    }

    /// The type that `@odata.type` names, without `#`.
    #[must_use]
    pub fn odata_type(&self) -> Option<&str> {
        let member = self.iter().find(|member| member.0.eq_ignore_ascii_case("@odata.type"))?;
        let text = member.1.as_str()?;
        Some(text.strip_prefix('#').unwrap_or(text))
    }

    pub(crate) fn typed(&mut self, known: &'static str, spelt: String) {
        self.slots.push(Slot::Typed(known, spelt));
    }

    pub(crate) fn other(&mut self, name: String, value: Value) {
        self.slots.push(Slot::Other(name, value));
    }

    /// Lays the typed members out among the others as they were read; new ones come last.
    pub(crate) fn lay_out(&self, mut typed: Vec<(&'static str, Member<Value>)>) -> RawObject {
        let mut out = RawObject::new();
        for slot in &self.slots {
            match slot {
                Slot::Other(name, value) => out.push(name.clone(), value.clone()),
                Slot::Typed(known, spelt) => {
                    let member = typed.iter_mut().find(|member| member.0 == *known);
                    match member.map(|member| std::mem::take(&mut member.1)) {
                        Some(Member::Value(value)) => out.push(spelt.clone(), value),
                        Some(Member::Null) => out.push(spelt.clone(), Value::Null),
                        Some(Member::Absent) | None => {}
                    }
                }
            }
        }
        for (name, member) in typed {
            match member {
                Member::Value(value) => out.push(name.to_owned(), value),
                Member::Null => out.push(name.to_owned(), Value::Null),
                Member::Absent => {}
            }
        }
        out
    }
}

/// Two are equal if they have the same other members in the same order; where the typed members
/// stood does not matter.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// The schema's name for a member name: exact, a known misspelling, or in another case.
pub(crate) fn known_name(
    name: &str,
    names: &[&'static str],
    exact: &[&'static str],
    cx: &mut Context,
) -> Option<&'static str> {
    if let Some(known) = names.iter().find(|known| **known == name) {
        return Some(known);
    }
    if name.contains('@') {
        return None;
    }
    let names = || names.iter().filter(|name| !exact.contains(name));
    if let Some(known) = names().find(|known| known.eq_ignore_ascii_case(name)) {
        cx.within(name, |cx| {
            cx.note(Code::NameCase, || format!("{name:?} was read as {known:?}"));
        });
        return Some(known);
    }
    // *Observed* in five published samples; the schema has the plural.
    if name.eq_ignore_ascii_case("devicePerOffer")
        && let Some(known) = names().find(|known| **known == "devicesPerOffer")
    {
        cx.within(name, |cx| {
            cx.note(Code::MisspelledName, || format!("{name:?} was read as {known:?}"));
        });
        return Some(known);
    }
    None
}

/// Whether a name keeps its own spelling when written: a misspelling does not.
pub(crate) fn spelling(name: String, known: &'static str) -> String {
    if name.eq_ignore_ascii_case(known) { name } else { known.to_owned() }
}

/// Fills a typed member, or gives the value back.
pub(crate) fn fill<T: Wire>(
    member: &mut Member<T>,
    name: &str,
    value: Value,
    cx: &mut Context,
) -> Result<(), Value> {
    // The same member twice, in two spellings: the first stands, the second is kept beside it.
    if !member.is_absent() {
        return Err(value);
    }
    if value.is_null() {
        *member = Member::Null;
        return Ok(());
    }
    match cx.within(name, |cx| T::read(value, cx)) {
        Ok(read) => {
            *member = Member::Value(read);
            Ok(())
        }
        Err(value) => {
            cx.within(name, |cx| {
                cx.note(Code::UnexpectedType, || {
                    format!("expected {}, found {}", T::EXPECTED, value.name())
                });
            });
            Err(value)
        }
    }
}

pub(crate) fn put<T: Wire>(member: &Member<T>) -> Member<Value> {
    match member {
        Member::Absent => Member::Absent,
        Member::Null => Member::Null,
        Member::Value(value) => Member::Value(value.write()),
    }
}

/// Declares an object of the schema.
macro_rules! model {
    (
        $(#[$meta:meta])*
        pub struct $name:ident = $type:literal {
            $( $(#[$doc:meta])* $field:ident: $kind:ty = $wire:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, Eq, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$doc])* pub $field: $crate::models::Member<$kind>, )*
            /// Unknown members and annotations, and the order of everything that was read.
            pub extra: $crate::models::Extra,
        }

        impl $name {
            /// The type's name in the schema, without `#`.
            pub const TYPE: &'static str = concat!("microsoft.graph.windowsUpdates.", $type);

            /// The schema's names of the typed members.
            pub const MEMBERS: &'static [&'static str] = &[$($wire),*];

            /// An empty one that names its type in `@odata.type`, as bodies of requests do.
            #[must_use]
            pub fn tagged() -> Self {
                let mut new = Self::default();
                new.extra.insert(
                    "@odata.type",
                    concat!("#microsoft.graph.windowsUpdates.", $type),
                );
                new
            }

            /// Takes an object; what is not as the schema has it stays in `extra`.
            #[must_use]
            pub fn from_object(object: $crate::json::RawObject) -> Self {
                Self::read_object(object, &mut $crate::models::Context::default())
            }

            /// The JSON object: members in the order they were read in, new ones after them.
            #[must_use]
            pub fn to_object(&self) -> $crate::json::RawObject {
                self.extra.lay_out(vec![
                    $( ($wire, $crate::models::wire::put(&self.$field)), )*
                ])
            }

            /// The JSON text of [`Self::to_object`].
            #[must_use]
            pub fn to_json(&self) -> String {
                self.to_object().to_json()
            }

            pub(crate) fn read_object(
                object: $crate::json::RawObject,
                cx: &mut $crate::models::Context,
            ) -> Self {
                let mut new = Self::default();
                // A member by its own name goes before one in another spelling.
                let exact: Vec<&str> =
                    Self::MEMBERS.iter().copied().filter(|name| object.get(name).is_some()).collect();
                for (name, value) in object {
                    let known = $crate::models::wire::known_name(&name, Self::MEMBERS, &exact, cx);
                    let filled = match known {
                        $( Some(known @ $wire) => {
                            $crate::models::wire::fill(&mut new.$field, &name, value, cx)
                                .map(|()| known)
                        } )*
                        _ => Err(value),
                    };
                    match filled {
                        Ok(known) => {
                            let spelt = $crate::models::wire::spelling(name, known);
                            new.extra.typed(known, spelt);
                        }
                        Err(value) => new.extra.other(name, value),
                    }
                }
                new
            }
        }

        impl $crate::models::wire::Wire for $name {
            const EXPECTED: &'static str = concat!("an object (", $type, ")");

            fn accepts(value: &$crate::json::Value) -> bool {
                matches!(value, $crate::json::Value::Object(_))
            }

            fn read(
                value: $crate::json::Value,
                cx: &mut $crate::models::Context,
            ) -> Result<Self, $crate::json::Value> {
                match value {
                    $crate::json::Value::Object(object) => Ok(Self::read_object(object, cx)),
                    other => Err(other),
                }
            }

            fn write(&self) -> $crate::json::Value {
                $crate::json::Value::Object(self.to_object())
            }
        }

        impl $crate::models::Model for $name {}

        $crate::models::wire::serde_as_object!($name);
    };
}

/// serde through the JSON object: the values survive, [`RawObject`]'s number spelling need not.
macro_rules! serde_as_object {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.to_object(), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer).map(Self::from_object)
            }
        }
    };
}

/// Declares a type of which `@odata.type` names the subtype.
macro_rules! polymorphic {
    (
        $(#[$meta:meta])*
        pub enum $name:ident ($expected:literal) {
            $( $(#[$doc:meta])* $variant:ident($kind:ident) = $($type:literal)|+, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "the large variants are the usual ones")]
        pub enum $name {
            $( $(#[$doc])* $variant($kind), )*
            /// A type that this crate does not know, or none named; as it was read.
            Other($crate::json::RawObject),
        }

        impl $name {
            /// Takes an object: its `@odata.type` decides, with or without `#`, in any case.
            #[must_use]
            pub fn from_object(object: $crate::json::RawObject) -> Self {
                Self::read_object(object, &mut $crate::models::Context::default())
            }

            /// The JSON object.
            #[must_use]
            pub fn to_object(&self) -> $crate::json::RawObject {
                match self {
                    $( Self::$variant(value) => value.to_object(), )*
                    Self::Other(object) => object.clone(),
                }
            }

            /// The JSON text of [`Self::to_object`].
            #[must_use]
            pub fn to_json(&self) -> String {
                self.to_object().to_json()
            }

            /// The type that `@odata.type` names, without `#`.
            #[must_use]
            pub fn odata_type(&self) -> Option<&str> {
                match self {
                    $( Self::$variant(value) => value.extra.odata_type(), )*
                    Self::Other(object) => object.odata_type(),
                }
            }

            pub(crate) fn read_object(
                object: $crate::json::RawObject,
                cx: &mut $crate::models::Context,
            ) -> Self {
                let short = object
                    .odata_type()
                    .and_then(|name| name.rsplit('.').next())
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                $(
                    if [$($type),+].iter().any(|name| name.eq_ignore_ascii_case(&short)) {
                        return Self::$variant($kind::read_object(object, cx));
                    }
                )*
                Self::Other(object)
            }
        }

        impl $crate::models::wire::Wire for $name {
            const EXPECTED: &'static str = $expected;

            fn accepts(value: &$crate::json::Value) -> bool {
                matches!(value, $crate::json::Value::Object(_))
            }

            fn read(
                value: $crate::json::Value,
                cx: &mut $crate::models::Context,
            ) -> Result<Self, $crate::json::Value> {
                match value {
                    $crate::json::Value::Object(object) => Ok(Self::read_object(object, cx)),
                    other => Err(other),
                }
            }

            fn write(&self) -> $crate::json::Value {
                $crate::json::Value::Object(self.to_object())
            }
        }

        impl $crate::models::Model for $name {}

        $(
            impl From<$kind> for $name {
                fn from(value: $kind) -> Self {
                    Self::$variant(value)
                }
            }
        )*

        $crate::models::wire::serde_as_object!($name);
    };
}

pub(crate) use {model, polymorphic, serde_as_object};
