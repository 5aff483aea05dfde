//! Every key of Apple's schema about declarations and status has a field: a document with it is
//! read without a rest and written again, and with the key under another name it is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use apple_mdm::declarations::merge::{COMBINE, Combine};
use apple_mdm::declarations::status::{ReasonCode, StatusItems, StatusReport};
use apple_mdm::declarations::{
    Declaration, Manifest, TokensResponse, UPDATE_STATUS_ITEMS, Unknown,
};
use apple_mdm::schema::{self, Family, Type};
use serde_json::{Map, Value, json};

/// A key of the crate's own tables, which a CI step compares with Apple's schema.
#[derive(Clone, Debug)]
struct Row {
    path: String,
    kind: Type,
    required: bool,
    values: Vec<String>,
}

fn groups() -> BTreeMap<String, Vec<Row>> {
    let mut groups = BTreeMap::new();
    for group in schema::groups() {
        if !matches!(group.family, Family::Declaration | Family::Status | Family::Protocol) {
            continue;
        }
        let whole =
            Row { path: String::new(), kind: Type::Dictionary, required: true, values: vec![] };
        let keys = group.keys.iter().map(|key| Row {
            path: key.path.to_owned(),
            kind: key.value_type,
            required: key.required,
            values: key.values.iter().map(|text| (*text).to_owned()).collect(),
        });
        let rows: Vec<Row> = std::iter::once(whole).chain(keys).collect();
        groups.insert(group.id.to_owned(), rows);
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
    match row.kind {
        Type::Text => match row.values.len() {
            0 => json!(match key {
                "TargetOSVersion" => "26.1",
                "TargetBuildVersion" => "23B85",
                "TargetLocalDateTime" => "2026-01-20T18:00:00",
                "code" | "Code" => "Error.Unknown",
                other => other,
            }),
            count => json!(row.values[choice % count]),
        },
        Type::Integer => json!(7),
        Type::Boolean => json!(true),
        Type::Any => json!({"x": [1.5, null]}),
        Type::Array => json!([value(rows, &children[0].path, choice)]),
        Type::Dictionary => {
            let mut object = Map::new();
            for child in children {
                let key = child.path.rsplit('/').next().unwrap();
                object.insert(key.to_owned(), value(rows, &child.path, choice));
            }
            Value::Object(object)
        }
        other => panic!("{path}: the type {other:?}"),
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
            if parent.kind == Type::Array || key == "ANY" || group.ends_with(key) {
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

/// The facts beside the corpus, where MDM_CORPUS names one.
fn facts() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("MDM_CORPUS").filter(|value| !value.is_empty())?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let facts = workspace.join(named).join("../facts");
    assert!(facts.join("apple-schema.json").is_file(), "no facts beside the corpus");
    Some(facts)
}

#[test]
fn keys_are_combined_as_the_schema_says() {
    let Some(facts) = facts() else { return };
    let schema: Value =
        serde_json::from_slice(&std::fs::read(facts.join("apple-schema.json")).unwrap()).unwrap();
    let name = |combine| match combine {
        Combine::BooleanAnd => "boolean-and",
        Combine::NumberMax => "number-max",
        Combine::EnumLast => "enum-last",
        Combine::SetUnion => "set-union",
        Combine::First => "first",
        _ => "?",
    };
    let ours: Vec<(&str, &str)> = COMBINE.iter().map(|(key, how)| (*key, name(*how))).collect();
    let keys = schema["declaration.softwareupdate.settings"]["keys"].as_array().unwrap();
    let combined = keys.iter().filter(|key| key["combinetype"].is_string());
    let theirs: Vec<(&str, &str)> = combined
        .map(|key| (key["path"].as_str().unwrap(), key["combinetype"].as_str().unwrap()))
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
fn every_reason_of_the_schema_is_known() {
    let Some(facts) = facts() else { return };
    let name = "apple-yaml/declarative__declarations__declarationbase.yaml";
    let Ok(text) = std::fs::read_to_string(facts.join(name)) else { return };
    let codes: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- value: ")).collect();
    assert_eq!(codes, ReasonCode::KNOWN);
}

#[test]
fn every_status_item_about_updates_is_subscribed_to() {
    let groups = groups();
    let items: Vec<&str> = groups
        .keys()
        .filter_map(|group| group.strip_prefix("status."))
        .filter(|item| item.starts_with("softwareupdate.") || item.starts_with("device."))
        .collect();
    assert_eq!(items, UPDATE_STATUS_ITEMS);
}
