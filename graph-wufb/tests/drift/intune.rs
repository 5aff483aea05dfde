//! Intune's types, as the corpus has them: CSDL of v1.0 and of 2021, and a list of 2026 made from an
//! SDK (Go names of types, own members only).

use std::collections::{BTreeMap, BTreeSet};

use graph_wufb::models::schema;
use mdm_test_support::corpus;
use serde_json::Value;

/// Types of other parts of Graph that Intune's are made from, which the corpus does not describe:
/// their members (Graph reference, `entity` and `deviceConfiguration`).
const BASES: &[(&str, &[(&str, &str)])] = &[
    ("entity", &[("id", "Edm.String")]),
    (
        "deviceConfiguration",
        &[
            ("id", "Edm.String"),
            ("createdDateTime", "Edm.DateTimeOffset"),
            ("description", "Edm.String"),
            ("displayName", "Edm.String"),
            ("lastModifiedDateTime", "Edm.DateTimeOffset"),
            ("roleScopeTagIds", "Collection(Edm.String)"),
            ("supportsScopeTags", "Edm.Boolean"),
            (
                "deviceManagementApplicabilityRuleDeviceMode",
                "microsoft.graph.deviceManagementApplicabilityRuleDeviceMode",
            ),
            (
                "deviceManagementApplicabilityRuleOsEdition",
                "microsoft.graph.deviceManagementApplicabilityRuleOsEdition",
            ),
            (
                "deviceManagementApplicabilityRuleOsVersion",
                "microsoft.graph.deviceManagementApplicabilityRuleOsVersion",
            ),
            ("version", "Edm.Int32"),
        ],
    ),
];

#[derive(Default)]
struct Described {
    /// Type: its base, and its own members with a check of our type for each.
    types: BTreeMap<String, (Option<String>, BTreeMap<String, Kind>)>,
    enums: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Clone, Debug)]
enum Kind {
    Csdl(String),
    Go(String),
}

impl Kind {
    fn agrees(&self, ours: &str) -> bool {
        match self {
            Self::Csdl(kind) => kind == ours || (ours == "object" && !kind.starts_with("Edm.")),
            Self::Go(kind) => go_agrees(kind, ours),
        }
    }
}

/// What the corpus says; later files add to earlier ones.
fn described() -> Option<(Described, usize)> {
    let corpus = corpus("graph-wufb")?;
    let mut all = Described::default();
    let mut lists = 0;
    for file in corpus.files() {
        if super::is_csdl(&file) {
            let csdl = super::read(&file);
            // The namespace's own schema holds excerpts of `microsoft.graph` only.
            let own = format!("{}.", super::NAMESPACE);
            if csdl.objects.keys().any(|name| name.starts_with(&own)) {
                continue;
            }
            for (name, object) in csdl.objects {
                let name = name.rsplit('.').next().unwrap().to_owned();
                let base = object.base.map(|base| base.rsplit('.').next().unwrap().to_owned());
                let entry = all.types.entry(name).or_default();
                entry.0 = base.or(entry.0.take());
                for (member, described) in object.members {
                    entry.1.insert(member, Kind::Csdl(described.kind));
                }
            }
            for (name, words) in csdl.enums {
                let name = name.rsplit('.').next().unwrap().to_owned();
                let words = words.into_iter().map(|(word, _)| word);
                all.enums.entry(name).or_default().extend(words);
            }
        } else if file.name.ends_with(".json") {
            let Ok(json) = serde_json::from_slice::<Value>(&file.bytes) else { continue };
            let Some(types) = json.get("types").and_then(Value::as_object) else { continue };
            lists += 1;
            for (name, described) in types {
                go_type(&mut all, name, described);
            }
        }
    }
    Some((all, lists))
}

fn go_type(all: &mut Described, name: &str, described: &Value) {
    if described["kind"] == "enum" {
        let words = described["members"].as_array().unwrap();
        let words = words.iter().map(|word| word.as_str().unwrap().to_owned());
        all.enums.entry(name.to_owned()).or_default().extend(words);
        return;
    }
    let entry = all.types.entry(name.to_owned()).or_default();
    let base = described["embeds"].as_str().filter(|base| *base != "backingStore");
    let base = base.map(|base| {
        let (first, rest) = base.split_at(1);
        first.to_lowercase() + rest
    });
    entry.0 = base.or(entry.0.take());
    for (member, kind) in described["properties"].as_object().unwrap() {
        // What Kiota adds to every class.
        if ["AdditionalData", "BackingStore", "@odata.type"].contains(&member.as_str()) {
            continue;
        }
        let kind = Kind::Go(kind["goType"].as_str().unwrap().to_owned());
        entry.1.insert(member.clone(), kind);
    }
}

fn go_agrees(go: &str, ours: &str) -> bool {
    if let Some(item) = go.strip_prefix("[]") {
        let inner = super::item(ours);
        return inner.is_some_and(|inner| go_agrees(item, inner));
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

impl Described {
    fn members(&self, name: &str) -> BTreeMap<String, Kind> {
        let mut all = BTreeMap::new();
        let mut next = Some(name.to_owned());
        while let Some(name) = next {
            if let Some((_, members)) = BASES.iter().find(|(base, _)| *base == name) {
                let members = members.iter();
                all.extend(
                    members.map(|(it, kind)| ((*it).to_owned(), Kind::Csdl((*kind).to_owned()))),
                );
            }
            let Some((base, members)) = self.types.get(&name) else { break };
            for (member, kind) in members {
                all.entry(member.clone()).or_insert_with(|| kind.clone());
            }
            next = base.clone();
        }
        all
    }

    fn differences(&self) -> Vec<String> {
        let schema = schema();
        let short = |name: &str| name.strip_prefix("microsoft.graph.").unwrap_or("").to_owned();
        let is_ours = |name: &str| !name.is_empty() && !name.contains('.');
        let mut found = Vec::new();
        let objects: BTreeMap<String, _> = schema
            .objects
            .iter()
            .map(|object| (short(object.name), &object.members))
            .filter(|(name, _)| is_ours(name))
            .collect();
        for name in self.types.keys() {
            let Some(ours) = objects.get(name) else {
                found.push(format!("{name} has no model"));
                continue;
            };
            let theirs = self.members(name);
            for (member, kind) in &theirs {
                match ours.iter().find(|(known, _)| known == member) {
                    None => found.push(format!("{name}.{member} is missing")),
                    Some((_, ours)) if !kind.agrees(ours) => {
                        found.push(format!("{name}.{member} is {kind:?}, not {ours}"));
                    }
                    Some(_) => {}
                }
            }
            for (member, _) in ours.iter().filter(|(known, _)| !theirs.contains_key(*known)) {
                found.push(format!("{name}.{member} is invented"));
            }
        }
        found.extend(
            objects
                .keys()
                .filter(|name| !self.types.contains_key(*name))
                .map(|name| format!("{name} is invented")),
        );
        for words in schema.enums.iter().filter(|words| is_ours(&short(words.name))) {
            let Some(theirs) = self.enums.get(&short(words.name)) else { continue };
            let ours: BTreeSet<&str> = words.words.iter().copied().collect();
            for word in theirs.iter().filter(|word| !ours.contains(word.as_str())) {
                found.push(format!("{}: {word} is missing", words.name));
            }
            for word in ours.iter().filter(|word| !theirs.contains(**word)) {
                // Not every enum of Intune's has the sentinel; reading it does no harm.
                if *word != "unknownFutureValue" {
                    found.push(format!("{}: {word} is invented", words.name));
                }
            }
        }
        let enums: BTreeSet<String> = schema.enums.iter().map(|it| short(it.name)).collect();
        let used = |name: &String| {
            self.types.values().any(|(_, members)| {
                members.values().any(|kind| match kind {
                    Kind::Csdl(kind) => kind.ends_with(&format!(".{name}")),
                    Kind::Go(kind) => {
                        kind.trim_start_matches(['*', '[', ']']).eq_ignore_ascii_case(name)
                    }
                })
            })
        };
        for name in self.enums.keys().filter(|name| !enums.contains(*name) && used(name)) {
            found.push(format!("{name} is used and has no model"));
        }
        found
    }
}

#[test]
fn intunes_models_have_every_member_and_no_other() {
    let Some((described, lists)) = described() else { return };
    if lists == 0 {
        eprintln!("the corpus has no list of Intune's types");
        return;
    }
    assert_eq!(described.differences(), [] as [String; 0]);
}

/// The comparison finds what is wrong.
#[test]
fn a_doctored_list_of_intunes_types_is_found_out() {
    let Some((right, lists)) = described() else { return };
    if lists == 0 {
        return;
    }
    let name = "windowsFeatureUpdateProfile".to_owned();
    let doctored = |change: &dyn Fn(&mut Described)| {
        let mut doctored = Described { types: right.types.clone(), enums: right.enums.clone() };
        change(&mut doctored);
        doctored.differences()
    };
    let found = doctored(&|it| {
        it.types.get_mut(&name).unwrap().1.insert("x".into(), Kind::Go("*bool".into()));
    });
    assert_eq!(found, [format!("{name}.x is missing")]);
    let found = doctored(&|it| {
        it.types.get_mut(&name).unwrap().1.remove("description").unwrap();
    });
    assert_eq!(found, [format!("{name}.description is invented")]);
    let found = doctored(&|it| {
        let members = &mut it.types.get_mut(&name).unwrap().1;
        members.insert("description".into(), Kind::Go("[]string".into()));
    });
    assert!(found[0].starts_with(&format!("{name}.description is Go")), "{found:?}");
    let found = doctored(&|it| {
        it.types.insert("windowsNews".into(), (None, BTreeMap::new()));
    });
    assert_eq!(found, ["windowsNews has no model"]);
    let found = doctored(&|it| {
        it.types.remove(&name);
    });
    assert_eq!(found, [format!("{name} is invented")]);
    let found = doctored(&|it| {
        it.enums.get_mut("driverApprovalAction").unwrap().insert("postpone".into());
    });
    assert_eq!(found, ["microsoft.graph.driverApprovalAction: postpone is missing"]);
}
