//! The models have exactly what the schema files of the corpus have: types, members and their
//! types, words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use graph_wufb::models::schema;
use mdm_test_support::{CorpusFile, corpus};

const NAMESPACE: &str = "microsoft.graph.windowsUpdates";

/// The base, the own members with their types, and whether it is abstract.
type Object = (Option<String>, BTreeMap<String, String>, bool);

/// What a CSDL file has.
#[derive(Default)]
struct Csdl {
    objects: BTreeMap<String, Object>,
    /// Full name: words and their numbers.
    enums: BTreeMap<String, Vec<(String, i64)>>,
}

impl Csdl {
    fn read(text: &str) -> Self {
        let document = roxmltree::Document::parse(text).unwrap();
        let mut new = Self::default();
        let tagged = |node: roxmltree::Node<'_, '_>, name: &str| node.tag_name().name() == name;
        let schemas = document.descendants().filter(|node| tagged(*node, "Schema"));
        for schema in schemas {
            let namespace = schema.attribute("Namespace").unwrap();
            for node in schema.children().filter(roxmltree::Node::is_element) {
                let Some(name) = node.attribute("Name") else { continue };
                let name = format!("{namespace}.{name}");
                match node.tag_name().name() {
                    "EnumType" => {
                        let words = node.children().filter(|node| tagged(*node, "Member"));
                        let words = words.map(|word| {
                            let number = word.attribute("Value").unwrap().parse().unwrap();
                            (word.attribute("Name").unwrap().to_owned(), number)
                        });
                        new.enums.insert(name, words.collect());
                    }
                    "ComplexType" | "EntityType" => {
                        let members = node.children().filter(|node| {
                            tagged(*node, "Property") || tagged(*node, "NavigationProperty")
                        });
                        let members = members.map(|member| {
                            let kind = full(member.attribute("Type").unwrap());
                            (member.attribute("Name").unwrap().to_owned(), kind)
                        });
                        let base = node.attribute("BaseType").map(full);
                        let is_abstract = node.attribute("Abstract") == Some("true");
                        new.objects.insert(name, (base, members.collect(), is_abstract));
                    }
                    _ => {}
                }
            }
        }
        new
    }

    /// The members of a type and of its bases.
    fn members(&self, name: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        let mut next = Some(name.to_owned());
        while let Some(name) = next {
            let Some((base, members, _)) = self.objects.get(&name) else { break };
            all.extend(members.clone());
            next = base.clone();
        }
        all
    }
}

fn full(name: &str) -> String {
    name.replace("graph.", "microsoft.graph.").replace("microsoft.microsoft.", "microsoft.")
}

fn is_csdl(file: &CorpusFile) -> bool {
    file.name.ends_with(".csdl.xml")
}

/// The CSDL of the corpus that has most of the namespace: the newest.
fn newest() -> Option<Csdl> {
    let files = corpus("graph-wufb")?.files();
    let all = files.iter().filter(|file| is_csdl(file)).map(|file| {
        Csdl::read(std::str::from_utf8(&file.bytes).unwrap().trim_start_matches('\u{feff}'))
    });
    let ours = |csdl: &Csdl| csdl.objects.keys().filter(|name| name.starts_with(NAMESPACE)).count();
    all.filter(|csdl| ours(csdl) > 0).max_by_key(ours)
}

#[test]
fn every_object_has_every_member_with_its_type_and_no_other() {
    let Some(csdl) = newest() else { return };
    let schema = schema();
    let abstracts: BTreeMap<&str, Vec<&str>> = schema
        .polymorphic
        .iter()
        .map(|base| {
            (base.name.as_str(), base.types.iter().flat_map(|(names, _)| *names).copied().collect())
        })
        .collect();
    for (name, (_, _, is_abstract)) in &csdl.objects {
        if !name.starts_with(NAMESPACE) {
            continue;
        }
        let expected = csdl.members(name);
        match schema.objects.iter().find(|object| object.name == name) {
            Some(object) => {
                let ours: BTreeMap<String, String> = object
                    .members
                    .iter()
                    .map(|(member, kind)| ((*member).to_owned(), kind.clone()))
                    .collect();
                let expected = expected
                    .into_iter()
                    .map(|(member, kind)| match kind.as_str() {
                        // Of another part of Graph.
                        "microsoft.graph.group" => (member, "object".to_owned()),
                        _ => (member, kind),
                    })
                    .collect();
                assert_eq!(ours, expected, "{name}");
            }
            // An abstract type without a model of its own is one of the cases of its base, or is
            // what that is called; or nothing in the schema is of it.
            None => {
                assert!(is_abstract, "{name} has no model");
                let short = name.rsplit('.').next().unwrap();
                let used = csdl.objects.keys().any(|other| {
                    csdl.members(other)
                        .values()
                        .any(|kind| kind == name || *kind == format!("Collection({name})"))
                });
                let known = abstracts.contains_key(name.as_str())
                    || abstracts.values().any(|names| names.contains(&short));
                assert!(
                    known || !used || name.ends_with("updatableAssetError"),
                    "{name} is used and has no model"
                );
            }
        }
    }
}

#[test]
fn every_concrete_subtype_is_a_case_of_its_base() {
    let Some(csdl) = newest() else { return };
    for base in schema().polymorphic {
        if !base.name.starts_with(NAMESPACE) {
            continue;
        }
        for (name, (_, _, is_abstract)) in &csdl.objects {
            let mut ancestors = vec![name.clone()];
            while let Some(Some(parent)) =
                csdl.objects.get(ancestors.last().unwrap()).map(|object| object.0.clone())
            {
                ancestors.push(parent);
            }
            if *is_abstract || !ancestors.contains(&base.name) {
                continue;
            }
            let short = name.rsplit('.').next().unwrap();
            let found = base.types.iter().find(|(names, _)| names.contains(&short));
            let (_, model) = found.unwrap_or_else(|| panic!("{}: no case for {short}", base.name));
            assert_eq!(*model, name, "{}", base.name);
        }
    }
}

#[test]
fn every_enum_has_every_word_and_no_other() {
    let Some(csdl) = newest() else { return };
    let schema = schema();
    for (name, words) in &csdl.enums {
        if !name.starts_with(NAMESPACE) {
            continue;
        }
        let ours = schema.enums.iter().find(|known| known.name == name);
        let ours = ours.unwrap_or_else(|| panic!("no enum {name}"));
        let expected: BTreeSet<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
        assert_eq!(ours.words.iter().copied().collect::<BTreeSet<_>>(), expected, "{name}");
        // The words above the sentinel are those that are hidden without the Prefer header.
        let sentinel = words.iter().find(|(word, _)| word == "unknownFutureValue").unwrap().1;
        let hidden: BTreeSet<&str> = words
            .iter()
            .filter(|(_, number)| *number > sentinel)
            .map(|(word, _)| word.as_str())
            .collect();
        assert_eq!(ours.hidden.iter().copied().collect::<BTreeSet<_>>(), hidden, "{name}");
    }
    for ours in &schema.enums {
        let known = csdl.enums.contains_key(ours.name) || !ours.name.starts_with(NAMESPACE);
        assert!(known, "{} is not in the schema", ours.name);
    }
    for ours in &schema.objects {
        let known = csdl.objects.contains_key(ours.name) || !ours.name.starts_with(NAMESPACE);
        assert!(known, "{} is not in the schema", ours.name);
    }
}

/// Intune's types as the corpus lists them: Go names of types, own members only.
#[test]
fn intune_models_have_every_member() {
    let Some(corpus) = corpus("graph-wufb") else { return };
    let schema = schema();
    for file in corpus.files().iter().filter(|file| file.name.ends_with(".json")) {
        let Ok(json) = serde_json::from_slice::<serde_json::Value>(&file.bytes) else { continue };
        let Some(types) = json.get("types").and_then(|types| types.as_object()) else { continue };
        for (name, described) in types {
            let full = format!("microsoft.graph.{name}");
            if described["kind"] == "enum" {
                let ours = schema.enums.iter().find(|known| known.name == full);
                let ours = ours.unwrap_or_else(|| panic!("no enum {name}"));
                for word in described["members"].as_array().unwrap() {
                    let word = word.as_str().unwrap();
                    assert!(ours.words.contains(&word), "{name}: no {word}");
                }
                continue;
            }
            let ours = schema.objects.iter().find(|known| known.name == full);
            let ours = ours.unwrap_or_else(|| panic!("no model of {name}"));
            for (member, kind) in described["properties"].as_object().unwrap() {
                // What Kiota adds to every class.
                if ["AdditionalData", "BackingStore", "@odata.type"].contains(&member.as_str()) {
                    continue;
                }
                let kind = kind["goType"].as_str().unwrap();
                let found = ours.members.iter().find(|(known, _)| known == member);
                let (_, ours) = found.unwrap_or_else(|| panic!("{name}: no member {member}"));
                assert!(agrees(kind, ours), "{name}.{member}: {kind} is not {ours}");
            }
        }
    }
}

fn agrees(go: &str, ours: &str) -> bool {
    if let Some(item) = go.strip_prefix("[]") {
        let inner = ours.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'));
        return inner.is_some_and(|inner| agrees(item, inner));
    }
    match go.trim_start_matches('*') {
        "string" | "UUID" => ours == "Edm.String",
        "bool" => ours == "Edm.Boolean",
        "int32" => ours == "Edm.Int32",
        "float64" => ours == "Edm.Double",
        "Time" => ours == "Edm.DateTimeOffset",
        "DateOnly" => ours == "Edm.Date",
        "TimeOnly" => ours == "Edm.TimeOfDay",
        // Groups and the like, of another part of Graph.
        _ if ours == "object" => true,
        name => {
            let name = name.strip_suffix("able").unwrap_or(name);
            ours.rsplit('.').next().is_some_and(|short| short.eq_ignore_ascii_case(name))
        }
    }
}

/// Every member of the dialect of 2021 is one of today's, or listed with what it became.
#[test]
fn the_dialect_of_2021_is_known() {
    let Some(corpus) = corpus("graph-wufb") else { return };
    let today = schema();
    let members: BTreeSet<&str> = today
        .objects
        .iter()
        .flat_map(|object| object.members.iter().map(|member| member.0))
        .collect();
    for file in corpus.files().iter().filter(|file| is_csdl(file)) {
        let csdl =
            Csdl::read(std::str::from_utf8(&file.bytes).unwrap().trim_start_matches('\u{feff}'));
        for (name, (_, own, _)) in
            csdl.objects.iter().filter(|(name, _)| name.starts_with(NAMESPACE))
        {
            for member in own.keys() {
                let known = members.contains(member.as_str())
                    || graph_wufb::models::dialect::became(name, member).is_some();
                assert!(known, "{}: {name}.{member}", file.name);
            }
        }
    }
}
