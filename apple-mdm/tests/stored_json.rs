//! What is saved of JSON can be read again, however deep it is and whatever its keys are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use apple_mdm::declarations::status::{StatusReport, StatusStore, StoreLimits};
use apple_mdm::declarations::{Declaration, DeclarationSet};
use apple_mdm::json::{self, Limits, Object, Value};
use serde::Deserialize;
use serde::de::value::{self, SeqDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, VariantAccess, Visitor,
};

fn saved<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// So many arrays or objects inside each other, or one and then the other.
fn nested(kind: usize, depth: usize) -> String {
    let is_array = |at: usize| match kind {
        0 => true,
        1 => false,
        _ => at.is_multiple_of(2),
    };
    let mut text = String::new();
    text.extend((0..depth).map(|at| if is_array(at) { "[" } else { "{\"String\":" }));
    text.push('1');
    text.extend((0..depth).rev().map(|at| if is_array(at) { ']' } else { '}' }));
    text
}

#[test]
fn what_a_store_takes_is_read_again_however_deep_it_is() {
    for (limits, around) in [(Limits::default(), 64), (Limits::default().with_depth(200), 120)] {
        for kind in 0..3 {
            for (before, after, levels) in [
                // In an item that is an array, in one that we know, and in what could not be given.
                (r#"{"StatusItems":{"x":["#, "]}}", 3),
                (r#"{"StatusItems":{"softwareupdate":{"install-state":["#, "]}}}", 4),
                (
                    r#"{"StatusItems":{},"Errors":[{"StatusItem":"x","Reasons":[{"Code":"c","Details":{"x":"#,
                    "}}]}]}",
                    6,
                ),
            ] {
                let mut taken = 0;
                for depth in 1..=around {
                    let text = format!("{before}{}{after}", nested(kind, depth));
                    let Ok(report) = StatusReport::decode(text.as_bytes(), &limits) else {
                        continue;
                    };
                    taken = depth;
                    let mut store = StatusStore::default();
                    store.apply(&report, &StoreLimits::default()).unwrap();
                    assert_eq!(saved(&store), store);
                    assert_eq!(saved(&report), report);
                    // Within something that a vendor saves.
                    let around = [[[(1, store.clone())]]];
                    assert_eq!(saved(&around.to_vec()), around.to_vec());
                }
                assert_eq!(taken, around - levels, "{before}");
            }
        }
    }
}

#[test]
fn a_set_of_declarations_is_read_again_however_deep_it_is() {
    for declared in ["com.apple.management.properties", "com.example.unknown"] {
        for kind in 0..3 {
            let mut taken = 0;
            for depth in 1..=64 {
                let text = format!(
                    r#"{{"Type":"{declared}","Identifier":"a","ServerToken":"1","Payload":{{"x":{}}}}}"#,
                    nested(kind, depth)
                );
                let Ok(read) = Declaration::decode(text.as_bytes(), &Limits::default()) else {
                    continue;
                };
                taken = depth;
                let set = DeclarationSet::new([read]).unwrap();
                assert_eq!(saved(&set), set);
            }
            assert_eq!(taken, 62);
        }
    }
}

#[test]
fn values_of_every_kind_are_read_as_they_were_saved() {
    let text = r#"[null,"Null","null",true,0,-9223372036854775808,18446744073709551615,1.0,1e300,
        5e-324,"","\u0000\"\\\u2028","String",{"String":"x"},{"Null":null},{"Object":[["a",1]]},{},[],
        {"b":1,"a":2,"b":3,"":null},[["a",{"Integer":1}]]]"#;
    let Value::Array(values) = json::decode(text.as_bytes(), &Limits::default()).unwrap() else {
        panic!("no array")
    };
    for value in &values {
        assert_eq!(&saved(value), value);
        // Through what sorts keys and keeps one of two.
        let sorted = serde_json::to_value(value).unwrap();
        assert_eq!(&serde_json::from_value::<Value>(sorted).unwrap(), value);
        if let Value::Object(object) = value {
            assert_eq!(&saved(object), object);
        }
    }
    assert_eq!(saved(&Value::Array(values.clone())), Value::Array(values));
    // What JSON cannot write.
    assert_eq!(saved(&Value::Real(f64::NAN)), Value::Null);
    // A store is one text for each item.
    let mut store = StatusStore::default();
    let report = br#"{"StatusItems":{"x":{"b":[1,"c"]}}}"#;
    let report = StatusReport::decode(report, &Limits::default()).unwrap();
    store.apply(&report, &StoreLimits::default()).unwrap();
    let text = serde_json::to_string(&store).unwrap();
    assert_eq!(text, r#"{"items":{"x.b":"[1,\"c\"]"},"errors":{}}"#);
}

#[test]
fn what_was_saved_before_values_were_texts_is_read() {
    let old = r#"{"items":{"x.a":{"String":"Null"},"x.b":"Null","x.c":{"Array":[{"Integer":1},"Null",
        {"Object":[["k",{"Boolean":true}],["k",{"Real":1.5}],["m",{"Object":[]}]]}]}},"errors":{}}"#;
    let store: StatusStore = serde_json::from_str(old).unwrap();
    let json = |item: &str| String::from_utf8(store.get(item).unwrap().to_json()).unwrap();
    assert_eq!((json("x.a").as_str(), json("x.b").as_str()), ("\"Null\"", "null"));
    assert_eq!(json("x.c"), r#"[1,null,{"k":true,"k":1.5,"m":{}}]"#);
    assert_eq!(saved(&store), store);
    let object: Object = serde_json::from_str(r#"[["a",{"String":"b"}],["c","Null"]]"#).unwrap();
    assert_eq!(Value::from(object).to_json(), br#"{"a":"b","c":null}"#);
    // One of each.
    let mixed: Object = serde_json::from_str(r#"[["a","{\"b\":[]}"]]"#).unwrap();
    assert_eq!(Value::from(mixed).to_json(), br#"{"a":{"b":[]}}"#);
}

/// A format that has enums of its own, as YAML has tags.
enum Tagged {
    Text(&'static str),
    Integer(i64),
    List(Vec<Self>),
    Tag(&'static str, Box<Self>),
}

fn tag(name: &'static str, value: Tagged) -> Tagged {
    Tagged::Tag(name, Box::new(value))
}

impl<'de> Deserializer<'de> for Tagged {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            Self::Text(text) => visitor.visit_str(text),
            Self::Integer(number) => visitor.visit_i64(number),
            Self::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
            Self::Tag(..) => visitor.visit_enum(self),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de> IntoDeserializer<'de> for Tagged {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> EnumAccess<'de> for Tagged {
    type Error = value::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self), value::Error> {
        let Self::Tag(name, inner) = self else { return Err(value::Error::custom("no tag")) };
        Ok((seed.deserialize(name.into_deserializer())?, *inner))
    }
}

impl<'de> VariantAccess<'de> for Tagged {
    type Error = value::Error;

    fn unit_variant(self) -> Result<(), value::Error> {
        Err(value::Error::custom("a tag has a value"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, value::Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        self.deserialize_any(visitor)
    }
}

#[test]
fn what_was_saved_before_in_a_format_with_enums_is_read() {
    // !Array [!Integer 1, "Null", !Object [[k, !String v]], !Array []]
    let pair = Tagged::List(vec![Tagged::Text("k"), tag("String", Tagged::Text("v"))]);
    let old = tag(
        "Array",
        Tagged::List(vec![
            tag("Integer", Tagged::Integer(1)),
            Tagged::Text("Null"),
            tag("Object", Tagged::List(vec![pair])),
            tag("Array", Tagged::List(Vec::new())),
        ]),
    );
    assert_eq!(Value::deserialize(old).unwrap().to_json(), br#"[1,null,{"k":"v"},[]]"#);
    assert!(Value::deserialize(tag("Text", Tagged::Text("v"))).is_err());
    assert!(Object::deserialize(tag("Object", Tagged::List(Vec::new()))).is_err());
}

#[test]
fn what_somebody_else_saved_is_read_within_bounds_and_quoted_never() {
    let long = "[".repeat(100_000);
    for text in [long.as_str(), "hunter2", "\"hunter2", "{\"a\":hunter2}", "", "1 2"] {
        let text = serde_json::to_string(text).unwrap();
        let error = serde_json::from_str::<Value>(&text).unwrap_err().to_string();
        assert!(error.len() < 100 && !error.contains("hunter2"), "{error}");
        assert!(serde_json::from_str::<Object>(&text).is_err());
    }
    for text in ["7", "null", "true", "[]", r#"{"Text":"a"}"#, r#"{"String":7}"#, "{}"] {
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
    }
    for text in ["7", "null", "{}", r#""[]""#, r#"[["a"]]"#, r#"["a"]"#] {
        assert!(serde_json::from_str::<Object>(text).is_err(), "{text}");
    }
    // What no reader takes is not saved in the first place.
    for (depth, fine) in [(120, true), (121, false)] {
        let value = (0..depth).fold(Value::Null, |inner, _| vec![inner].into());
        assert_eq!(serde_json::to_string(&value).is_ok(), fine);
        let object = (0..depth).fold(Object::new(), |inner, at| match at {
            0 => inner,
            _ => Object::new().with("k", inner),
        });
        assert_eq!(serde_json::to_string(&object).is_ok(), fine);
        if fine {
            assert_eq!((saved(&value), saved(&object)), (value, object));
        }
    }
}
