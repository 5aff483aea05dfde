//! Every model, of the namespace and of Intune's: what is written is what was read, with unknown
//! members; a change from something to itself is no change; what is not as the schema has it is
//! found as a second check finds it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[macro_use]
#[path = "shared/every_type.rs"]
mod every_type;
#[path = "shared/generate.rs"]
mod generate;
#[path = "shared/reference.rs"]
mod reference;
#[path = "shared/requests.rs"]
mod requests;
#[path = "shared/shape.rs"]
mod shape;

use std::collections::BTreeSet;
use std::fmt::Debug;

use generate::{Choices, text};
use graph_wufb::json::{Code, Options, RawObject, Value};
use graph_wufb::models::dialect::decode_any;
use graph_wufb::models::schema::{Schema, schema};
use graph_wufb::models::{self, Model, Wire, decode, intune};
use graph_wufb::requests::{LintCode, Method, Patch, lint};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[test]
fn the_list_of_every_type_is_the_schemas() {
    let mut ours = BTreeSet::new();
    macro_rules! name {
        ($model:ty) => {
            ours.insert(<$model as Wire>::schema_type());
        };
    }
    every_type!(name);
    let schema = schema();
    let objects = schema.objects.iter().map(|it| it.name.to_owned());
    let bases = schema.polymorphic.iter().map(|it| it.name.clone());
    // A base that is a model too (`gradualRolloutSettings`) has one name for both.
    let theirs: BTreeSet<String> = objects.chain(bases).collect();
    let missing: Vec<_> = theirs.symmetric_difference(&ours).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What holds for every type and every text of it.
fn check<T>(schema: &Schema, bytes: &[u8])
where
    T: Model + Clone + PartialEq + Debug + Serialize + DeserializeOwned,
{
    let kind = T::schema_type();
    let text = text(schema, &kind, 4, &mut Choices(bytes));
    let Ok(tree) = reference::parse(&text) else {
        // Only names that occur twice: of an annotation, or in another spelling.
        assert!(decode::<T>(text.as_bytes(), &Options::strict()).is_err());
        return;
    };
    let read = decode::<T>(text.as_bytes(), &Options::tolerant());
    let reference::Json::Object(_) = tree.value else {
        let error = read.unwrap_err();
        assert_eq!(error.position().unwrap().offset, 0, "{error}");
        return;
    };
    let read = read.unwrap();

    // What is written is what was read, but what is mended on purpose and said so.
    let written = read.value.write().to_json();
    let is_mended = |code| matches!(code, Code::StringInteger | Code::MisspelledName);
    if !read.diagnostics.iter().any(|it| is_mended(it.code)) {
        let spelt = graph_wufb::json::read(text.as_bytes(), &Options::strict()).unwrap();
        assert_eq!(written, spelt.value.to_json());
    }
    let again = decode::<T>(written.as_bytes(), &Options::tolerant()).unwrap();
    assert_eq!(again.value, read.value);
    // Mended for good, but what cannot be a member of the schema keeps its name too.
    let misfits = read.diagnostics.iter().any(|it| it.code == Code::UnexpectedType);
    assert!(misfits || !again.diagnostics.iter().any(|it| is_mended(it.code)), "{text}");
    let saved = serde_json::to_string(&read.value).unwrap();
    let resumed: T = serde_json::from_str(&saved).unwrap();
    assert_eq!(serde_json::to_string(&resumed).unwrap(), saved);

    // What is not as the schema has it, in order and with its place.
    let found: Vec<_> = read
        .diagnostics
        .iter()
        .map(|it| (it.code, it.pointer.clone(), it.position.offset))
        .collect();
    // A model of one type does not ask which subtype it is.
    let deviations = match T::EXPECTED.starts_with("an object (") {
        true => shape::deviations_of_object(&tree, &kind),
        false => shape::deviations(&tree, &kind, ""),
    };
    let expected: Vec<_> =
        deviations.into_iter().map(|it| (it.code, it.pointer, it.offset)).collect();
    assert_eq!(found, expected, "{kind}: {text}");
    match decode::<T>(text.as_bytes(), &Options::strict()) {
        Ok(_) => assert!(expected.is_empty(), "{kind}: {text}"),
        Err(error) => {
            assert_eq!(error.position().unwrap().offset, expected[0].2, "{error}: {text}");
        }
    }

    // Nothing of an earlier dialect is in it, unless a name says so.
    let any = decode_any::<T>(text.as_bytes(), &Options::tolerant()).unwrap();
    assert!(any.changes.is_empty() && any.value == read.value, "{text}");

    // A change from something to itself is none.
    assert!(Patch::between(&read.value, &read.value).is_empty(), "{text}");
}

/// A change from one value to another has every member of the new one that differs, and no other.
fn check_change<T: Model>(schema: &Schema, old: &[u8], new: &[u8]) {
    let read = |bytes: &[u8]| {
        let text = text(schema, &T::schema_type(), 3, &mut Choices(bytes));
        Some(decode::<T>(text.as_bytes(), &Options::tolerant()).ok()?.value)
    };
    let (Some(old), Some(new)) = (read(old), read(new)) else { return };
    let change = Patch::between(&old, &new);
    let (Value::Object(old), Value::Object(new)) = (old.write(), new.write()) else { panic!() };
    let mut merged = old.clone();
    for (name, value) in change.iter() {
        assert_ne!(old.get(name), Some(value), "{name} has not changed");
        merged.insert(name, value.clone());
    }
    for (name, value) in new.iter() {
        assert_eq!(merged.get(name), Some(value), "{name} was left out");
    }
    assert_eq!(change.is_empty(), new.iter().all(|(name, value)| old.get(name) == Some(value)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_written_is_what_was_read(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let schema = schema();
        macro_rules! run {
            ($model:ty) => { check::<$model>(&schema, &bytes); };
        }
        every_type!(run);
    }

    #[test]
    fn a_change_is_what_differs(
        old in prop::collection::vec(any::<u8>(), 0..96),
        new in prop::collection::vec(any::<u8>(), 0..96),
    ) {
        let schema = schema();
        macro_rules! run {
            ($model:ty) => {
                check_change::<$model>(&schema, &old, &new);
                check_change::<$model>(&schema, &old, &old);
            };
        }
        every_type!(run);
    }

    #[test]
    fn a_patch_of_nothing_is_empty(bytes in prop::collection::vec(any::<u8>(), 0..96)) {
        let schema = schema();
        macro_rules! run {
            ($($model:ident)*) => {$(
                // Of nothing, whatever is set and then taken out again.
                assert!(Patch::<models::$model>::new().is_empty());
                assert_eq!(Patch::<models::$model>::new().to_object(), RawObject::new());
                let kind = models::$model::TYPE;
                let sample = text(&schema, kind, 3, &mut Choices(&bytes));
                if let Ok(read) = decode::<models::$model>(sample.as_bytes(), &Options::tolerant()) {
                    prop_assert!(Patch::between(&read.value, &read.value).is_empty());
                    let nothing = models::$model::default();
                    prop_assert!(Patch::between(&read.value, &nothing).is_empty());
                }
            )*};
        }
        run!(UpdatePolicy Deployment DeploymentSettings ContentApproval QualityUpdatePolicy
            QualityUpdateRing PolicyApproval ScheduleSettings);
    }
}

/// Every request that changes something sends nothing where nothing is changed, and a lint says so.
#[test]
fn a_request_that_changes_nothing_says_nothing() {
    let mut checked = 0;
    for request in requests::all().into_iter().chain(requests::intune()) {
        if request.method != Method::Patch {
            continue;
        }
        let body = request.body_value().unwrap();
        let members: Vec<_> = body
            .as_object()
            .unwrap()
            .iter()
            .map(|it| it.0)
            .filter(|it| !it.contains('@'))
            .collect();
        let empty = lint(&request).iter().any(|lint| lint.code == LintCode::EmptyPatch);
        assert_eq!(empty, members.is_empty(), "{}", request.target);
        // Those that change one thing by their name.
        let one = ["state", "isRevoked"];
        assert!(members.is_empty() || (members.len() == 1 && one.contains(&members[0])));
        checked += usize::from(empty);
    }
    assert!(checked >= 10);
}
