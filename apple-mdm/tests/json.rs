//! JSON is read bounded, in order, and written as it was read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use apple_mdm::json::{ErrorKind, Limits, Object, Value, decode};
use proptest::prelude::*;

#[test]
fn limits_take_n_and_refuse_one_more() {
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    let limits = Limits::default().with_depth(5).with_nodes(8).with_bytes(40);
    assert!(decode(nested(5).as_bytes(), &limits).is_ok());
    let error = decode(nested(6).as_bytes(), &limits).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit { max: 5, .. }), "{error}");
    let wide = |n: usize| format!("[{}0]", "0,".repeat(n - 1));
    assert!(decode(wide(7).as_bytes(), &limits).is_ok());
    let error = decode(wide(8).as_bytes(), &limits).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit { max: 8, .. }), "{error}");
    let long = |n: usize| format!("\"{}\"", "a".repeat(n - 2));
    assert!(decode(long(40).as_bytes(), &limits).is_ok());
    assert!(decode(long(41).as_bytes(), &limits).is_err());
    let deep = Limits::default().with_depth(usize::MAX);
    assert!(decode(nested(120).as_bytes(), &deep).is_ok());
    assert!(decode(nested(121).as_bytes(), &deep).is_err());
    assert!(decode(nested(100_000).as_bytes(), &deep).is_err());
}

#[test]
fn errors_say_where() {
    let error = decode("{\"ä\": {\"b/c\": [1, ?]}}".as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.path(), Some("/ä/b~1c/1"));
    let place = error.position().unwrap();
    assert_eq!((place.offset, place.line, place.column), (19, 1, 19));
    for text in ["", "{", "[1,]", "{\"a\":1}{", "nul", "\"\\x\"", "01"] {
        assert!(decode(text.as_bytes(), &Limits::default()).is_err(), "{text}");
    }
    assert!(decode(b"\"\xFF\"", &Limits::default()).is_err());
    assert!(decode(b"\xEF\xBB\xBF{}", &Limits::default()).is_ok());
}

#[test]
fn of_a_key_that_occurs_twice_the_last_value_counts_and_both_survive() {
    let text = br#"{"a":1,"b":2,"a":3}"#;
    let value = decode(text, &Limits::default()).unwrap();
    assert_eq!(value.as_object().unwrap().get("a"), Some(&Value::Integer(3)));
    assert_eq!(value.to_json(), text);
    let Value::Object(mut object) = value else { panic!() };
    assert_eq!(object.set("a", true.into()), Some(Value::Integer(3)));
    assert_eq!(object.remove("a"), Some(Value::Boolean(true)));
    assert_eq!(object, Object::new().with("b", 2));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(|number| Value::Integer(number.into())),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Real),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((any::<String>(), inner), 0..5).prop_map(|members| {
                let mut object = Object::new();
                for (key, value) in members {
                    object.push(key, value);
                }
                Value::Object(object)
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_is_read(value in values()) {
        let text = value.to_json();
        prop_assert_eq!(decode(&text, &Limits::default()).unwrap(), value);
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn nothing_panics(text in "[\\[\\]{}\",:0-9eE.+\\\\u a-f-]{0,40}") {
        let _ = decode(text.as_bytes(), &Limits::default());
    }
}
