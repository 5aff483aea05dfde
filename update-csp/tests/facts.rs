//! The tables agree with the collected facts, field by field. The facts lie beside the corpus, in
//! `../facts` of the folder that MDM_CORPUS names; without them there is nothing to compare.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice
)]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;
use update_csp::policy::{
    Allowed, ConflictRule, DependencyKind, Document, PolicyId, PolicyMeta, Release, ValueFormat,
};
use update_csp::{Build, Classification, DeferralCategory};

fn facts(name: &str) -> Option<Json> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let corpus = std::env::var_os("MDM_CORPUS").filter(|value| !value.is_empty());
    let corpus = corpus.map_or_else(|| workspace.join("../shared/corpus"), |it| workspace.join(it));
    let Ok(text) = std::fs::read_to_string(corpus.join("../facts").join(name)) else {
        assert!(!mdm_test_support::is_named(), "no facts beside the corpus that MDM_CORPUS names");
        eprintln!("skipped: no facts beside the corpus");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn words(json: &Json) -> Vec<&str> {
    json.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}

/// A field's text with the words that stand for it here.
fn text(value: Option<&str>) -> Json {
    value.map_or(Json::Null, |value| Json::String(value.to_owned()))
}

/// What the collected facts have wrong, with what the administrative template really says; each is
/// checked against the template in tests/tables_and_ddf.rs.
const WRONG_FACTS: [(&str, &str, &str); 3] = [
    // The template's element, not the switch, carries the level.
    ("UpdateNotificationLevel", "admx_element", "UpdateNotificationLevel"),
    ("UpdateNotificationLevel", "element_kind", "enum"),
    ("UpdateNotificationLevel", "registry_value", "UpdateNotificationLevel"),
];

#[test]
fn every_policy_agrees_with_the_facts_field_by_field() {
    let Some(facts) = facts("update-policies.json") else { return };
    let policies = facts["policies"].as_array().unwrap();
    assert_eq!(policies.len(), PolicyId::ALL.len());
    let seen: BTreeSet<&str> = facts["observed_only"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    // What was seen after the facts were collected: maintenance windows, of 2026.
    let ours: BTreeSet<&str> = update_csp::policy::observed().iter().map(|it| it.name).collect();
    assert!(seen.is_subset(&ours), "{seen:?}");
    let later: Vec<&str> = ours.difference(&seen).copied().collect();
    assert_eq!(later.len(), 17, "{later:?}");
    assert!(later.iter().all(|name| name.starts_with("MaintenanceWindow")), "{later:?}");
    let root = &facts["meta"]["root"];
    assert_eq!(root["uri"], update_csp::policy::CONFIG);
    for (id, fact) in PolicyId::ALL.into_iter().zip(policies) {
        assert_eq!(fact["name"], id.name());
        for (field, value) in fact.as_object().unwrap() {
            compare(id.meta(), field, value);
        }
    }
}

/// Compares one field. A field that this does not know fails the test.
fn compare(meta: &PolicyMeta, field: &str, fact: &Json) {
    let id = meta.id;
    let here = format!("{id}: {field}");
    let is = |ours: Json| assert_eq!(&ours, fact, "{here}");
    let list = |ours: &[&str]| assert_eq!(words(fact), ours, "{here}");
    match field {
        "name" => is(id.name().into()),
        "config_uri" => is(meta.config_uri().into()),
        "config_uri_short" => {
            assert_eq!(fact.as_str().unwrap().parse(), Ok(id));
            is(meta.config_uri().replace("./Device/", "./").into());
        }
        "result_uri" => is(meta.result_uri().into()),
        "scope" => list(meta.scope()),
        "format" => is(meta.format.name().into()),
        "mime" => is(meta.mime().into()),
        "access" => list(meta.access()),
        "result_access" => list(meta.result_access()),
        "occurrence" => is(meta.occurrence().into()),
        "node_scope" => is(meta.node_scope().into()),
        "default" => is(text(meta.default)),
        "unit" => {
            // A date's form is said with it.
            let unit = fact.as_str().map(|unit| unit.trim_end_matches(" yyyy-mm-dd"));
            assert_eq!(meta.unit.map(|unit| unit.to_string()).as_deref(), unit, "{here}");
        }
        "allowed" => allowed(meta, fact),
        "os_builds" => {
            let facts = fact.as_array().unwrap();
            assert_eq!(meta.floors.len(), facts.len(), "{here}");
            for (ours, fact) in meta.floors.iter().zip(facts) {
                assert_eq!(fact["min_build"], ours.build.to_string(), "{here}");
                assert_eq!(fact["os"], text(ours.os), "{here}");
                assert_eq!(fact["kb"], text(ours.kb), "{here}");
            }
        }
        "os_builds_docs_2024_09" => {
            let ours: Vec<String> = meta.documented_floors.iter().map(Build::to_string).collect();
            list(&ours.iter().map(String::as_str).collect::<Vec<_>>());
        }
        "csp_version" => is(meta.csp_version.into()),
        "editions" => {
            let facts = fact.as_array().unwrap();
            assert_eq!(meta.editions.len(), facts.len(), "{here}");
            for (ours, fact) in meta.editions.iter().zip(facts) {
                assert_eq!(fact["code"].as_str().unwrap().parse(), Ok(*ours), "{here}");
                assert_eq!(fact["name"], text(ours.name()), "{here}");
            }
        }
        "conflict_resolution" => is(meta.conflict.name().into()),
        "docs_category" => {
            is(meta.category.map_or(Json::Null, |category| category.to_string().into()));
        }
        "legacy" => is(meta.legacy.into()),
        "deprecated" => is(meta.deprecated.into()),
        "replaced_by" => replaced_by(meta, fact),
        "depends" => depends(meta, fact),
        "aliases" => {
            let facts = fact.as_array().unwrap();
            assert_eq!(meta.misspellings.len(), facts.len(), "{here}");
            for (ours, fact) in meta.misspellings.iter().zip(facts) {
                assert_eq!(fact["name"], ours.name, "{here}");
                assert_eq!(
                    fact["seen_in"]
                        .as_str()
                        .unwrap()
                        .replace('"', "'")
                        .replace("seed 001 +", "guide for MDM vendors 2017 and"),
                    ours.seen_in,
                    "{here}"
                );
            }
        }
        "group_policy" => group_policy(meta, fact),
        "ddf_history" => {
            let facts = fact.as_array().unwrap();
            assert_eq!(meta.history.len(), facts.len(), "{here}");
            for (ours, fact) in meta.history.iter().zip(facts) {
                assert_eq!(release(&fact["ddf"]), ours.release, "{here}");
                assert_eq!(fact["format"], ours.format.name(), "{here}");
                assert_eq!(fact["default"], text(ours.default), "{here}");
                assert_eq!(fact["allowed"], text(ours.allowed), "{here}");
                assert_eq!(fact["builds"], text(ours.builds), "{here}");
            }
        }
        "first_ddf" => assert_eq!(Some(release(fact)), meta.first_release(), "{here}"),
        "sources" => sources(meta, fact),
        "seed_001_says" => seed(meta, fact),
        // Prose; what follows from it is in summaries and rules.
        "note" => assert!(!meta.summary.is_empty()),
        other => panic!("{here}: the test does not know this field: {other}"),
    }
}

fn release(fact: &Json) -> Release {
    let name = fact.as_str().unwrap();
    let name = name.split(" (").next().unwrap();
    Release::ALL.into_iter().find(|release| release.name() == name).unwrap()
}

fn allowed(meta: &PolicyMeta, fact: &Json) {
    let id = meta.id;
    match meta.allowed {
        Allowed::Range { min, max } => {
            assert_eq!(fact["kind"], "range", "{id}");
            assert_eq!(
                (fact["min"].as_i64(), fact["max"].as_i64()),
                (Some(min), Some(max)),
                "{id}"
            );
        }
        Allowed::Enum(values) => {
            assert_eq!(fact["kind"], "enum", "{id}");
            let facts = fact["values"].as_array().unwrap();
            assert_eq!(values.len(), facts.len(), "{id}");
            for (ours, fact) in values.iter().zip(facts) {
                assert_eq!(fact["value"], ours.value.to_string(), "{id}");
                // Ours are our own words: only what is too short to be said otherwise is the same.
                let theirs = fact["meaning"].as_str().unwrap_or_default();
                assert!(!ours.meaning.is_empty(), "{id}");
                let same = ours.meaning.trim_end_matches('.') == theirs.trim_end_matches('.');
                assert!(!same || theirs.split(' ').count() <= 3, "{id}: {theirs}");
            }
        }
        Allowed::Date => assert_eq!(fact["kind"], "date", "{id}"),
        Allowed::Url => assert_eq!(fact["kind"], "url", "{id}"),
        Allowed::Text => assert_eq!(fact["kind"], "free_string", "{id}"),
        other => panic!("{id}: {other:?}"),
    }
}

/// Names and patterns in a fact's prose: `ConfigureDeadlineFor*Updates + …GracePeriod*`.
fn matching(pattern: &str) -> BTreeSet<PolicyId> {
    let pattern = pattern.replace("...", "*");
    let parts: Vec<&str> = pattern.split('*').collect();
    let fits = |name: &str| {
        let mut rest = name;
        for (index, part) in parts.iter().enumerate() {
            match rest.find(part) {
                Some(0) if index == 0 => rest = &rest[part.len()..],
                Some(at) if index > 0 => rest = &rest[at + part.len()..],
                _ => return false,
            }
        }
        pattern.ends_with('*') || rest.is_empty()
    };
    PolicyId::ALL.into_iter().filter(|id| fits(id.name())).collect()
}

fn replaced_by(meta: &PolicyMeta, fact: &Json) {
    let prose = fact.as_str().unwrap_or_default();
    let tokens = prose.split(|c: char| !c.is_ascii_alphabetic() && c != '*' && c != '.');
    let sets: Vec<BTreeSet<PolicyId>> = tokens
        .filter(|token| token.len() > 5)
        .map(matching)
        .filter(|policies| !policies.is_empty())
        .collect();
    let all: BTreeSet<PolicyId> = sets.iter().flatten().copied().collect();
    let ours: BTreeSet<PolicyId> = meta.replaced_by.iter().copied().collect();
    // A name that the prose cuts short ("...ForQualityUpdates") fits more than it means.
    assert!(ours.is_subset(&all), "{}: {ours:?} of {all:?}", meta.id);
    for set in &sets {
        let cut = prose.contains("...") && set.len() > 1;
        assert!(set.is_subset(&ours) || (cut && !set.is_disjoint(&ours)), "{}: {set:?}", meta.id);
    }
}

fn depends(meta: &PolicyMeta, fact: &Json) {
    let facts = fact.as_array().unwrap();
    assert_eq!(meta.depends.len(), facts.len(), "{}", meta.id);
    for (ours, fact) in meta.depends.iter().zip(facts) {
        let kind = match ours.kind {
            DependencyKind::SetTogether => "set_together",
            DependencyKind::RangeLimit => "range_limit",
            DependencyKind::EffectiveOnlyIfSet => "effective_only_if_set",
            DependencyKind::EffectiveOnlyIf => "effective_only_if",
            DependencyKind::EffectiveOnlyIfAnySet => "effective_only_if_any_set",
            DependencyKind::Overrides => "overrides",
            DependencyKind::OverriddenBy => "overridden_by",
            DependencyKind::NoEffectIfSet => "no_effect_if_set",
            DependencyKind::NoEffectIf => "no_effect_if",
            DependencyKind::Requires => "requires",
            DependencyKind::Conflicts => "conflicts",
            DependencyKind::Prefer => "prefer",
            DependencyKind::Uses => "uses",
            other => panic!("{other:?}"),
        };
        assert_eq!(fact["kind"], kind, "{}", meta.id);
        let values: Vec<String> = ours.values.iter().map(ToString::to_string).collect();
        let theirs = fact["values"].as_array().cloned().unwrap_or_default();
        assert_eq!(theirs, values, "{}", meta.id);
        if let Some(on) = fact["policy"].as_str().filter(|on| !on.contains('/')) {
            let wanted: BTreeSet<PolicyId> = on.split('|').flat_map(matching).collect();
            assert_eq!(ours.on.iter().copied().collect::<BTreeSet<_>>(), wanted, "{}", meta.id);
        } else {
            let on = fact["policy"].as_str().or(fact["csp"].as_str());
            assert_eq!(ours.other, on, "{}", meta.id);
        }
    }
}

fn group_policy(meta: &PolicyMeta, fact: &Json) {
    let id = meta.id;
    let ours = meta.group_policy;
    for (field, value) in fact.as_object().unwrap() {
        match field.as_str() {
            "ddf" => {
                let ddf = ours.and_then(|ours| ours.ddf);
                assert_eq!(ddf.is_none(), value.is_null(), "{id}");
                let Some(ddf) = ddf else { continue };
                assert_eq!(value["GpEnglishName"], ddf.policy, "{id}");
                assert_eq!(value["GpAreaPath"], ddf.area, "{id}");
                assert_eq!(value["GpElement"], text(ddf.element), "{id}");
            }
            "resolved" => {
                let admx = ours.and_then(|ours| ours.admx);
                assert_eq!(admx.is_none(), value.is_null(), "{id}");
                let Some(admx) = admx else { continue };
                for (field, value) in value.as_object().unwrap() {
                    let kind = admx.kind.map(|kind| format!("{kind:?}").to_lowercase());
                    let ours = match field.as_str() {
                        "admx_file" => Some(admx.file),
                        "admx_policy" => Some(admx.policy),
                        "admx_element" => admx.element,
                        "element_kind" => kind.as_deref(),
                        "registry_hive" => Some("HKLM"),
                        "registry_key" => Some(admx.key),
                        "registry_value" => admx.value,
                        "enable_value" => admx.enabled_by,
                        "admx_category" => admx.category,
                        "path" => Some(admx.path),
                        "friendly_name" => Some(admx.title),
                        // How it was found.
                        "how" => continue,
                        other => panic!("{id}: {other}"),
                    };
                    let wrong = WRONG_FACTS.iter().find(|(n, f, _)| *n == id.name() && f == field);
                    match wrong {
                        Some((.., right)) => assert_eq!(ours, Some(*right), "{id}: {field}"),
                        None => assert_eq!(value, &text(ours), "{id}: {field}"),
                    }
                }
            }
            "policymanager_registry" => {
                assert_eq!(value, &Json::String(format!("HKLM\\{}", meta.registry_path())), "{id}");
            }
            // Prose about policies that no template has.
            "note" => assert!(ours.is_none_or(|ours| ours.admx.is_none()), "{id}"),
            other => panic!("{id}: {other}"),
        }
    }
}

fn sources(meta: &PolicyMeta, fact: &Json) {
    let id = meta.id;
    let first = meta.first_release().unwrap();
    let mut releases = Vec::new();
    for field in ["ddf_v1_releases", "ddf_v2_releases"] {
        releases.extend(fact[field].as_array().unwrap().iter().map(release));
    }
    // No policy was ever removed from a DDF.
    let ours: Vec<Release> = Release::ALL.into_iter().filter(|release| *release >= first).collect();
    assert_eq!(releases, ours, "{id}");
    for (field, document) in [
        ("seed_001_2017", Document::Guide2017),
        ("seed_000_2023", Document::Guide2023),
        ("docs_2017_12_Barazak", Document::Docs2017),
        ("docs_2024_09_27", Document::Docs2024),
    ] {
        assert_eq!(fact[field].as_bool(), Some(meta.named_in.contains(&document)), "{id}: {field}");
    }
    assert_eq!(fact.as_object().unwrap().len(), 6, "{id}");
}

/// What the guide of 2017 says is what the tables say, or a recorded contradiction.
fn seed(meta: &PolicyMeta, fact: &Json) {
    let Some(fact) = fact.as_object() else { return };
    let id = meta.id;
    for (field, value) in fact {
        // Where the guide says nothing.
        let Some(value) = value.as_str() else { continue };
        match (id, field.as_str()) {
            (PolicyId::DeferFeatureUpdatesPeriodInDays, "range") => {
                // C01.
                assert_eq!(value, format!("0-{}", meta.narrower.unwrap().max));
            }
            (PolicyId::EngagedRestartTransitionSchedule, "range") => assert_eq!(value, "2-30"), // C10
            (PolicyId::EngagedRestartDeadline, "default") => assert!(value.starts_with('0')), // C09
            (PolicyId::AllowNonMicrosoftSignedUpdate, "default") => assert!(value.contains('0')), // C13
            (PolicyId::BranchReadinessLevel, "values") => assert_eq!(value, "16,32"), // C14
            (_, "type") => assert!(meta.format == ValueFormat::Chr || value == "string"), // C15
            (_, "ops") => {
                // C16: at most what the DDF has.
                assert!(value.split(", ").all(|verb| meta.access().contains(&verb)), "{id}");
            }
            (_, "range") => {
                let Allowed::Range { min, max } = meta.allowed else { panic!("{id}") };
                assert_eq!(value, format!("{min}-{max}"), "{id}");
            }
            (_, "values") => {
                let Allowed::Enum(values) = meta.allowed else { panic!("{id}") };
                let mut values: Vec<i64> = values.iter().map(|known| known.value).collect();
                values.sort_unstable();
                let wanted: Vec<i64> = match value.split_once('-') {
                    Some((first, last)) => {
                        (first.parse().unwrap()..=last.parse().unwrap()).collect()
                    }
                    None => value.split(',').map(|value| value.parse().unwrap()).collect(),
                };
                assert_eq!(values, wanted, "{id}");
            }
            (_, "default") => {
                let default = value.split(' ').next().unwrap();
                assert_eq!(meta.default.unwrap_or_default(), default, "{id}");
            }
            (_, "unit") => assert_eq!(meta.unit.unwrap().to_string(), value, "{id}"),
            (_, "note") => {}
            (_, other) => panic!("{id}: {other}"),
        }
    }
}

#[test]
fn counts_are_those_of_the_protocol_notes() {
    let count = |wanted: fn(&PolicyMeta) -> bool| {
        PolicyId::ALL.into_iter().filter(|id| wanted(id.meta())).count()
    };
    assert_eq!(PolicyId::ALL.len(), 76);
    assert_eq!(count(|meta| matches!(meta.allowed, Allowed::Enum(_))), 46);
    assert_eq!(count(|meta| matches!(meta.allowed, Allowed::Range { .. })), 24);
    assert_eq!(count(|meta| meta.format == ValueFormat::Int), 70);
    assert_eq!(count(|meta| meta.conflict == ConflictRule::LastWrite), 55);
    assert_eq!(count(|meta| meta.conflict == ConflictRule::LowestValueMostSecure), 16);
    assert_eq!(count(|meta| meta.conflict == ConflictRule::HighestValueMostSecure), 5);
    assert_eq!(count(|meta| meta.named_in.contains(&Document::Docs2024)), 75);
    assert_eq!(count(|meta| meta.named_in.contains(&Document::Docs2017)), 47);
    // 67 of 76 policies have a Group Policy setting that the templates know.
    assert_eq!(count(|meta| meta.group_policy.is_some_and(|gp| gp.admx.is_some())), 67);
    let per_release = Release::ALL.map(|release| {
        PolicyId::ALL.into_iter().filter(|id| id.meta().at(release).is_some()).count()
    });
    assert_eq!(per_release, [20, 39, 47, 48, 55, 60, 61, 63, 73, 75, 75, 76, 76]);
}

#[test]
fn classifications_are_deferred_as_the_facts_say() {
    let Some(facts) = facts("update-classifications.json") else { return };
    let mut seen = 0;
    for category in facts["categories"].as_array().unwrap() {
        let wanted = match category["category"].as_str().unwrap() {
            "OS upgrade" => DeferralCategory::Upgrade,
            "Update" => DeferralCategory::Update,
            _ => DeferralCategory::NotDeferrable,
        };
        for class in category["classifications"].as_array().unwrap() {
            let id: Classification = class["guid"].as_str().unwrap().parse().unwrap();
            assert_eq!(id.deferral(), wanted, "{class}");
            seen += 1;
        }
    }
    assert_eq!(seen, Classification::all().len());
}

/// The text of a file, or of a module: one file or a folder of them.
fn source(path: &Path) -> String {
    if path.is_dir() {
        let files = std::fs::read_dir(path).unwrap();
        return files.map(|file| source(&file.unwrap().path())).collect();
    }
    let path = if path.exists() { path.to_owned() } else { path.with_extension("rs") };
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()))
}

/// Every contradiction has a decision, and the code that it names speaks of it.
#[test]
fn every_contradiction_has_a_decision_where_the_code_is() {
    let table = include_str!("../CONTRADICTIONS.md");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| C") || line.starts_with("| D"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for row in &rows {
        let [id, topic, decision, places] = row[..] else { panic!("{row:?}") };
        assert!(!topic.is_empty() && decision.len() > 10 && !places.is_empty(), "{id}");
        for place in places.split(", ") {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(place.trim_matches('`'));
            assert!(source(&path).contains(id), "{id} is not spoken of in {place}");
        }
    }
    let Some(facts) = facts("contradictions.json") else { return };
    let ids: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    let wanted: Vec<&str> =
        facts.as_array().unwrap().iter().map(|fact| fact["id"].as_str().unwrap()).collect();
    assert_eq!(wanted.len(), 35);
    for id in wanted {
        assert!(ids.contains(id), "{id} has no decision");
    }
}
