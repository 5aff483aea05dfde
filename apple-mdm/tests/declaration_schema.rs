//! Every key of Apple's schema about declarations and status has a field: a document with it is
//! read without a rest and written again, and with the key under another name it is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use apple_mdm::declarations::merge::{COMBINE, Combine};
use apple_mdm::declarations::status::{ReasonCode, StatusItems, StatusReport};
use apple_mdm::declarations::support::{DECLARATIONS, Enrollment, STATUS_ITEMS, Support};
use apple_mdm::declarations::{Declaration, Manifest, TokensResponse, Unknown};
use serde_json::{Map, Value, json};

const TABLE: &str = include_str!("schema/declarations.tsv");

#[derive(Clone, Debug)]
struct Row {
    group: String,
    path: String,
    kind: String,
    required: bool,
    values: Vec<String>,
    combine: String,
    since: [String; 4],
    enrollments: String,
}

fn rows() -> Vec<Row> {
    let read = |line: &str| {
        let c: Vec<&str> = line.split('\t').collect();
        Row {
            group: c[0].to_owned(),
            path: c[1].to_owned(),
            kind: c[2].to_owned(),
            required: c[3] == "required",
            values: c[4].split(',').filter(|t| !t.is_empty()).map(str::to_owned).collect(),
            combine: c[5].to_owned(),
            since: [c[6], c[7], c[8], c[9]].map(str::to_owned),
            enrollments: c[10].to_owned(),
        }
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).map(read).collect()
}

fn groups() -> BTreeMap<String, Vec<Row>> {
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows() {
        groups.entry(row.group.clone()).or_default().push(row);
    }
    groups
}

/// A value for the key at `path`: of several possible texts the one at `choice`.
fn value(rows: &[Row], path: &str, choice: usize) -> Value {
    let row = rows.iter().find(|row| row.path == path).unwrap();
    let children: Vec<&Row> = rows
        .iter()
        .filter(|child| child.path.rsplit_once('/').map_or("", |(above, _)| above) == path)
        .filter(|child| !child.path.is_empty())
        .collect();
    let key = path.rsplit('/').next().unwrap();
    match row.kind.as_str() {
        "string" => match row.values.len() {
            0 => json!(match key {
                "TargetOSVersion" => "26.1",
                "TargetBuildVersion" => "23B85",
                "TargetLocalDateTime" => "2026-01-20T18:00:00",
                "code" | "Code" => "Error.Unknown",
                other => other,
            }),
            count => json!(row.values[choice % count]),
        },
        "integer" => json!(7),
        "boolean" => json!(true),
        "any" => json!({"x": [1.5, null]}),
        "array" => json!([value(rows, &children[0].path, choice)]),
        "dictionary" => {
            let mut object = Map::new();
            for child in children {
                let key = child.path.rsplit('/').next().unwrap();
                object.insert(key.to_owned(), value(rows, &child.path, choice));
            }
            Value::Object(object)
        }
        other => panic!("{}/{path}: the type {other}", row.group),
    }
}

/// The whole document around a group's payload.
fn document(group: &str, payload: Value) -> Value {
    if let Some(name) = group.strip_prefix("declaration.") {
        if name == "base" {
            let mut base = payload;
            base["Payload"] = json!({"Name": "x"});
            base["Type"] = json!("com.apple.management.organization-info");
            return base;
        }
        let kind = if name.starts_with("activation") { "" } else { "configuration." };
        let declaration_type = format!("com.apple.{kind}{name}");
        return json!({"Type": declaration_type, "Identifier": "1", "ServerToken": "2",
                      "Payload": payload});
    }
    if group == "status.statusreason" {
        let declaration = json!({"identifier": "1", "reasons": [payload]});
        return json!({"management": {"declarations": {"configurations": [declaration]}}});
    }
    if let Some(name) = group.strip_prefix("status.") {
        let item = payload[name].clone();
        let parts = name.split('.').rev();
        return parts.fold(item, |inner, part| json!({ part: inner }));
    }
    if group == "protocol.tokensresponse" {
        return json!({"SyncTokens": {"DeclarationsToken": "1", "Timestamp": "2"}});
    }
    payload
}

/// What is not understood, and the document written again; or why it is refused.
fn read(group: &str, document: &Value) -> Result<(Vec<Unknown>, Value), String> {
    let text = serde_json::to_vec(document).unwrap();
    let limits = Default::default();
    let mut out = Vec::new();
    let unknown = if group.starts_with("declaration.") {
        let read = Declaration::decode(&text, &limits).map_err(|error| error.to_string())?;
        read.encode(&mut out);
        read.unknown()
    } else if group.starts_with("status.") {
        let read = StatusItems::decode(&text, &limits).map_err(|error| error.to_string())?;
        read.encode(&mut out);
        read.unknown()
    } else if group == "protocol.statusreport" {
        let read = StatusReport::decode(&text, &limits).map_err(|error| error.to_string())?;
        read.encode(&mut out);
        read.unknown()
    } else if group == "protocol.declarationitemsresponse" {
        let read = Manifest::decode(&text, &limits).map_err(|error| error.to_string())?;
        read.encode(&mut out);
        read.unknown()
    } else {
        let read = TokensResponse::decode(&text, &limits).map_err(|error| error.to_string())?;
        read.encode(&mut out);
        read.unknown()
    };
    Ok((unknown, serde_json::from_slice(&out).unwrap()))
}

#[test]
fn every_key_and_value_of_the_schema_has_a_field() {
    let groups = groups();
    assert!(groups.len() >= 20, "the table is not whole");
    for (group, rows) in &groups {
        let choices = rows.iter().map(|row| row.values.len()).max().unwrap_or(0).max(1);
        for choice in 0..choices {
            let document = document(group, value(rows, "", choice));
            let (unknown, again) = read(group, &document).unwrap_or_else(|error| {
                panic!("{group}: {error}: {document}");
            });
            assert!(unknown.is_empty(), "{group}: not understood: {unknown:?}");
            assert_eq!(again, document, "{group}: lost something");
        }
    }
}

/// Renames every occurrence of a key.
fn rename(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, inner)| {
                let name = if name == key { format!("{name}X") } else { name.clone() };
                (name, rename(inner, key))
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.iter().map(|value| rename(value, key)).collect(),
        other => other.clone(),
    }
}

#[test]
fn a_key_that_has_no_field_is_found() {
    for (group, rows) in &groups() {
        for row in rows.iter().filter(|row| !row.path.is_empty()) {
            let key = row.path.rsplit('/').next().unwrap();
            let parent = row.path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let parent = rows.iter().find(|row| row.path == parent).unwrap();
            // Elements of arrays, open dictionaries, and the item whose name is the key itself.
            if parent.kind == "array" || key == "ANY" || group.ends_with(key) {
                continue;
            }
            let document = document(group, value(rows, "", 0));
            let renamed = rename(&document, key);
            if renamed == document {
                continue;
            }
            match read(group, &renamed) {
                Err(error) => assert!(row.required || group == "declaration.base", "{error}"),
                Ok((unknown, again)) => {
                    assert!(!unknown.is_empty(), "{group}: {key}X was taken for something");
                    assert_eq!(again, renamed, "{group}: {key}X did not survive");
                }
            }
        }
    }
}

#[test]
fn keys_are_combined_as_the_schema_says() {
    let settings = groups().remove("declaration.softwareupdate.settings").unwrap();
    let name = |combine| match combine {
        Combine::BooleanAnd => "boolean-and",
        Combine::NumberMax => "number-max",
        Combine::EnumLast => "enum-last",
        Combine::SetUnion => "set-union",
        Combine::First => "first",
        _ => "?",
    };
    let ours: Vec<(&str, &str)> = COMBINE.iter().map(|(key, how)| (*key, name(*how))).collect();
    let theirs: Vec<(&str, &str)> = settings
        .iter()
        .filter(|row| !row.combine.is_empty())
        .map(|row| (row.path.as_str(), row.combine.as_str()))
        .collect();
    assert_eq!(ours, theirs);
}

/// What the schema says of a key, or of the nearest thing above it that says something.
fn effective(rows: &[Row], path: &str) -> ([String; 4], String) {
    let row = rows.iter().find(|row| row.path == path).unwrap();
    if path.is_empty() {
        return (row.since.clone(), row.enrollments.clone());
    }
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    let (since, enrollments) = effective(rows, above);
    let mut own = row.since.clone();
    for (own, above) in own.iter_mut().zip(since) {
        // What is not there above is not there below either.
        if own == "-" || above == "n/a" {
            *own = above;
        }
    }
    let enrollments = if row.enrollments == "-" { enrollments } else { row.enrollments.clone() };
    (own, enrollments)
}

fn of_table(known: &Support) -> ([String; 4], String) {
    let since = [known.ios, known.macos, known.tvos, known.visionos];
    let names = known.enrollments.iter().map(|way| match way {
        Enrollment::Supervised => "supervised",
        Enrollment::Device => "device",
        Enrollment::User => "user",
        _ => "?",
    });
    (since.map(|text| text.unwrap_or("n/a").to_owned()), names.collect::<Vec<_>>().join(","))
}

#[test]
fn devices_understand_what_the_schema_says() {
    let groups = groups();
    let find = |table: &'static [Support], name: &str| table.iter().find(|row| row.name == name);
    for (group, rows) in &groups {
        if let Some(item) = group.strip_prefix("status.") {
            if item == "statusreason" {
                continue;
            }
            let known = find(STATUS_ITEMS, item).unwrap_or_else(|| panic!("{item} is missing"));
            assert_eq!(of_table(known), effective(rows, ""), "{item}");
        }
    }
    for name in ["softwareupdate.enforcement.specific", "management.status-subscriptions"] {
        let rows = &groups[&format!("declaration.{name}")];
        let known = find(DECLARATIONS, &format!("com.apple.configuration.{name}")).unwrap();
        assert_eq!(of_table(known), effective(rows, ""), "{name}");
    }
    let settings = &groups["declaration.softwareupdate.settings"];
    let whole = find(DECLARATIONS, "com.apple.configuration.softwareupdate.settings").unwrap();
    let mut compared = 0;
    for row in settings {
        let mut path = row.path.as_str();
        let known = loop {
            if let Some(known) = find(DECLARATIONS, path) {
                break known;
            }
            match path.rsplit_once('/') {
                Some((above, _)) => path = above,
                None => break whole,
            }
        };
        assert_eq!(of_table(known), effective(settings, &row.path), "{}", row.path);
        compared += 1;
    }
    assert!(compared > 20);
}

/// The facts beside the corpus, where they are.
fn facts() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("MDM_CORPUS").filter(|value| !value.is_empty())?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let facts = workspace.join(named).join("../facts");
    let there = facts.join("apple-schema.json").is_file();
    if !there {
        eprintln!("skipped: there are no facts beside the corpus");
    }
    there.then_some(facts)
}

#[test]
fn the_table_is_that_of_the_facts() {
    let Some(facts) = facts() else { return };
    let schema: Value =
        serde_json::from_slice(&std::fs::read(facts.join("apple-schema.json")).unwrap()).unwrap();
    let rows = rows();
    let mut keys = 0;
    for (group, body) in schema.as_object().unwrap() {
        if !["declaration.", "status.", "protocol."].iter().any(|kind| group.starts_with(kind)) {
            continue;
        }
        for key in body["keys"].as_array().unwrap() {
            let row = rows.iter().find(|row| row.group == *group && key["path"] == row.path);
            let row = row.unwrap_or_else(|| panic!("{group}: {} is missing", key["path"]));
            assert_eq!(key["type"], row.kind, "{group}: {}", row.path);
            let values = key["rangelist"].as_array().cloned().unwrap_or_default();
            assert_eq!(values, row.values, "{group}: {}", row.path);
            keys += 1;
        }
    }
    assert_eq!(keys, rows.iter().filter(|row| !row.path.is_empty()).count());
}

#[test]
fn every_reason_of_the_schema_is_known() {
    let Some(facts) = facts() else { return };
    let name = "apple-yaml/declarative__declarations__declarationbase.yaml";
    let Ok(text) = std::fs::read_to_string(facts.join(name)) else { return };
    let codes: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- value: ")).collect();
    assert_eq!(codes, ReasonCode::KNOWN);
}
