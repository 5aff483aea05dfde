//! Objects of the schema: typed members, everything else, and the order of both.

use super::member::Member;
use super::wire::{Context, Wire};
use crate::error::excerpt;
use crate::json::{Code, RawObject, Value};

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

    /// Sets another member: in its place if there is one of this name, otherwise at the end. A typed
    /// member is set by its field: where that is set, another one of its name is not written.
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

    /// Of each typed member, whether it is set and has a place. Empty where that does not matter,
    /// which is nearly always: no other member has the name of a typed one.
    fn placed(&self, typed: &[(&'static str, Member<Value>)]) -> Vec<bool> {
        let is_typed = |name: &str| typed.iter().any(|member| member.0 == name);
        let clashes = |slot: &Slot| matches!(slot, Slot::Other(name, _) if is_typed(name));
        if !self.slots.iter().any(clashes) {
            return Vec::new();
        }
        let stands = |known: &str| {
            self.slots.iter().any(|slot| matches!(slot, Slot::Typed(name, _) if *name == known))
        };
        typed.iter().map(|(known, member)| !member.is_absent() && stands(known)).collect()
    }

    /// Lays the typed members out among the others as they were read; new ones come last, or where
    /// a value of this name stood that was none of theirs. What is set stands once.
    pub(crate) fn lay_out(&self, mut typed: Vec<(&'static str, Member<Value>)>) -> RawObject {
        let mut placed = self.placed(&typed);
        let mut out = RawObject::new();
        for slot in &self.slots {
            match slot {
                Slot::Other(name, value) => {
                    // Without a clash there is no name to look for.
                    let mut twins = typed.iter_mut().zip(&mut placed);
                    let value = match twins.find(|(member, _)| member.0 == *name) {
                        Some((_, is_placed)) if *is_placed => continue,
                        Some((member, is_placed)) => {
                            *is_placed = !member.1.is_absent();
                            match std::mem::take(&mut member.1) {
                                Member::Value(value) => value,
                                Member::Null => Value::Null,
                                Member::Absent => value.clone(),
                            }
                        }
                        None => value.clone(),
                    };
                    out.push(name.clone(), value);
                }
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
    // A member by its own name goes before one in another spelling.
    let free = |known: &&&'static str| !exact.contains(*known);
    let loose = names.iter().filter(|known| known.eq_ignore_ascii_case(name)).find(free);
    if let Some(known) = loose {
        cx.within(name, |cx| {
            cx.note(Code::NameCase, known, || format!("the name {:?}", excerpt(name)));
        });
        return Some(known);
    }
    // *Observed* in five published samples; the schema has the plural.
    if name.eq_ignore_ascii_case("devicePerOffer")
        && let Some(known) = names.iter().filter(|known| **known == "devicesPerOffer").find(free)
    {
        cx.within(name, |cx| {
            cx.note(Code::MisspelledName, known, || format!("the name {:?}", excerpt(name)));
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
        // Nothing of it is lost, and the schema allows the text.
        Err(value) if T::says_none(&value) => Err(value),
        Err(value) => {
            cx.within(name, |cx| match T::misfit(&value) {
                Some((index, expected, found)) => cx.within(&index.to_string(), |cx| {
                    cx.note(Code::UnexpectedType, expected, || found.to_owned());
                }),
                None => {
                    cx.note(Code::UnexpectedType, T::EXPECTED, || value.name().to_owned());
                }
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
    ($(#[$meta:meta])* pub struct $($rest:tt)*) => {
        $crate::models::object::model_of! {
            "microsoft.graph.windowsUpdates."; $(#[$meta])* pub struct $($rest)*
        }
    };
}

/// The same in another namespace.
macro_rules! model_of {
    (
        $namespace:literal;
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
            pub const TYPE: &'static str = concat!($namespace, $type);

            /// The schema's names of the typed members.
            pub const MEMBERS: &'static [&'static str] = &[$($wire),*];

            /// An empty one that names its type in `@odata.type`, as bodies of requests do.
            #[must_use]
            pub fn tagged() -> Self {
                let mut new = Self::default();
                new.extra.insert("@odata.type", concat!("#", $namespace, $type));
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
                    $( ($wire, $crate::models::object::put(&self.$field)), )*
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
                    let known = $crate::models::object::known_name(&name, Self::MEMBERS, &exact, cx);
                    let filled = match known {
                        $( Some(known @ $wire) => {
                            $crate::models::object::fill(&mut new.$field, &name, value, cx)
                                .map(|()| known)
                        } )*
                        _ => Err(value),
                    };
                    match filled {
                        Ok(known) => {
                            let spelt = $crate::models::object::spelling(name, known);
                            new.extra.typed(known, spelt);
                        }
                        Err(value) => new.extra.other(name, value),
                    }
                }
                new
            }
        }

        impl $crate::models::Wire for $name {
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

            fn schema_type() -> String {
                Self::TYPE.to_owned()
            }
        }

        impl $crate::models::Model for $name {}

        impl $crate::models::schema::Described for $name {
            fn describe() -> $crate::models::schema::ObjectType {
                $crate::models::schema::ObjectType {
                    name: Self::TYPE,
                    members: vec![
                        $( ($wire, <$kind as $crate::models::Wire>::schema_type()), )*
                    ],
                }
            }
        }

        $crate::models::object::serde_as_object!($name);
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
        pub enum $name:ident = $base:literal ($expected:literal) {
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

        impl $crate::models::schema::Polymorphic for $name {
            fn describe() -> $crate::models::schema::PolymorphicType {
                $crate::models::schema::PolymorphicType {
                    name: <Self as $crate::models::Wire>::schema_type(),
                    types: vec![$( (&[$($type),+] as &[&str], <$kind>::TYPE) ),*],
                }
            }
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

        impl $crate::models::Wire for $name {
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

            fn schema_type() -> String {
                let names: &[&str] = &[$( <$kind>::TYPE ),*];
                let namespace = names.first().and_then(|name| name.rsplit_once('.'));
                format!("{}.{}", namespace.map_or("", |parts| parts.0), $base)
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

        $crate::models::object::serde_as_object!($name);
    };
}

pub(crate) use {model, model_of, polymorphic, serde_as_object};
