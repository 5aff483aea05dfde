//! The dialects of 2021 and 2023: what is gone is listed, and the list is what the reader does.

use std::collections::{BTreeMap, BTreeSet};

use graph_wufb::json::{Options, RawObject, Value, read};
use graph_wufb::models::dialect::{Dialect, GONE, Gone, Now, became, modernise};
use graph_wufb::models::schema;
use graph_wufb::requests::ROOT;

use super::{NAMESPACE, is_csdl};
use mdm_test_support::corpus;

/// Every member of the dialect of 2021 is a member of the same type today, or listed with what it
/// became; so is every member of a type that is gone.
#[test]
fn the_dialect_of_2021_is_known() {
    let Some(corpus) = corpus("graph-wufb") else { return };
    let today = schema();
    let members: BTreeMap<&str, BTreeSet<&str>> = today
        .objects
        .iter()
        .map(|object| (object.name, object.members.iter().map(|member| member.0).collect()))
        .collect();
    // Abstract types without a model: their members are those of each of their subtypes.
    let cases: BTreeMap<&str, Vec<&str>> = today
        .polymorphic
        .iter()
        .map(|base| (base.name.as_str(), base.types.iter().map(|(_, model)| *model).collect()))
        .collect();
    let mut gone = BTreeSet::new();
    let mut compared = 0;
    let namespace = format!("{NAMESPACE}.");
    for file in corpus.files().iter().filter(|file| is_csdl(file)) {
        let csdl = super::read(file);
        for (name, object) in csdl.objects.iter().filter(|(name, _)| name.starts_with(&namespace)) {
            for member in object.members.keys() {
                compared += 1;
                let has = |name: &str| members.get(name).is_some_and(|all| all.contains(&**member));
                let still = has(name)
                    || cases.get(&**name).is_some_and(|all| all.iter().all(|name| has(name)))
                    || csdl.objects.keys().any(|other| {
                        // A base that has no model: where its subtypes have the member, it stands.
                        !members.contains_key(&**name)
                            && csdl.ancestors(other).contains(name)
                            && has(other)
                    });
                let listed = became(name, member);
                assert!(still != listed.is_some(), "{}: {name}.{member}: {listed:?}", file.name);
                if listed.is_some() {
                    gone.insert((name.rsplit('.').next().unwrap().to_owned(), member.clone()));
                }
            }
        }
    }
    // Nothing is listed that no schema had, but what was answered without a schema.
    let mut old_schema = false;
    for file in corpus.files().iter().filter(|file| is_csdl(file)) {
        old_schema |=
            super::read(file).objects.contains_key(&format!("{NAMESPACE}.rolloutSettings"));
    }
    if old_schema {
        assert!(compared > 50);
        for entry in GONE
            .iter()
            .filter(|entry| entry.dialect == Dialect::Y2021 && entry.member != "effectiveSinceDate")
        {
            let key = (entry.type_name.to_owned(), entry.member.to_owned());
            assert!(gone.contains(&key), "{entry:?} was in no schema");
        }
    }
}

/// An object that holds something of each type of the table: what stands before the member, its
/// value, what stands after it, and where the places of the table begin.
fn sample(gone: &Gone) -> (String, &'static str) {
    let name = gone.member;
    let typed = |kind: &str, value: &str| {
        format!(r##"{{"@odata.type":"#{NAMESPACE}.{kind}","{name}":{value}}}"##)
    };
    match (gone.type_name, name) {
        ("deploymentSettings", "rollout") => (r#"{"s":{"rollout":{"x":1}}}"#.to_owned(), "/s"),
        ("deploymentSettings", "safeguard") => {
            (r#"{"s":{"schedule":null,"safeguard":{"x":1}}}"#.to_owned(), "/s")
        }
        ("rolloutSettings", _) => (format!(r#"{{"s":{{"rollout":{{"{name}":"77"}}}}}}"#), "/s"),
        ("updateManagementEnrollment", _) => {
            (r#"{"enrollments":[{"updateCategory":"feature"}]}"#.to_owned(), "")
        }
        ("azureADDevice", _) => (r#"{"enrollments":[]}"#.to_owned(), ""),
        ("deploymentState", "value") => {
            (r#"{"state":{"value":"77","requestedValue":"none"}}"#.to_owned(), "/state")
        }
        (kind, _) => (format!(r#"{{"c":{}}}"#, typed(kind, "\"77\"")), "/c"),
    }
}

#[test]
fn what_is_listed_as_gone_is_what_the_reader_turns() {
    for gone in GONE {
        let (text, base) = sample(gone);
        let mut object = RawObject::try_from(text.as_str()).unwrap();
        let changes = modernise(&mut object);
        let value = Value::Object(object);
        match gone.now {
            Now::At(place) => {
                let change = changes.iter().find(|change| change.was == gone.member);
                let change = change.unwrap_or_else(|| panic!("{gone:?}: {changes:?}"));
                assert_eq!((change.is, change.dialect), (place, gone.dialect), "{gone:?}");
                assert_eq!(change.pointer, base, "{gone:?}");
                let now = value.pointer(&format!("{base}/{place}"));
                let now = now.unwrap_or_else(|| panic!("{gone:?}: {value:?}"));
                let was = read(text.as_bytes(), &Options::strict()).unwrap().value;
                let holder = match gone.type_name {
                    "rolloutSettings" => format!("{base}/rollout"),
                    _ => base.to_owned(),
                };
                if let Some(text @ Value::String(_)) =
                    was.pointer(&format!("{holder}/{}", gone.member))
                {
                    assert_eq!(now, text, "{gone:?}");
                }
                let left = value.pointer(&format!("{holder}/{}", gone.member));
                assert!(left.is_none(), "{gone:?} is still there: {value:?}");
            }
            Now::In(kind) => {
                let now = value.pointer(base).and_then(Value::as_object).unwrap();
                assert_eq!(now.odata_type().and_then(|name| name.rsplit('.').next()), Some(kind));
                let name = format!("{NAMESPACE}.{kind}");
                let today = schema().objects.into_iter().find(|it| it.name == name).unwrap();
                assert!(today.members.iter().any(|it| it.0 == gone.member), "{gone:?}");
                assert!(now.get(gone.member).is_some() && !changes.is_empty(), "{gone:?}");
            }
            Now::Kept => {
                let kept = value.pointer(&format!("{base}/{}", gone.member));
                assert_eq!(kept.and_then(Value::as_str), Some("77"), "{gone:?}");
            }
            Now::Path(path) => {
                assert!(path.starts_with(ROOT.strip_prefix("/beta").unwrap()), "{gone:?}");
                let mut ours = super::all_requests::all().into_iter();
                assert!(
                    path.ends_with("/updates")
                        || ours.any(|it| it.target.starts_with(&format!("/beta{path}"))),
                    "{gone:?}: no request"
                );
                continue;
            }
            other => panic!("{other:?}"),
        }
        // And the year is told.
        let options = Options::strict();
        let again = graph_wufb::models::dialect::decode_any::<RawObject>(text.as_bytes(), &options);
        assert_eq!(again.unwrap().dialect, gone.dialect, "{gone:?}");
    }
}
