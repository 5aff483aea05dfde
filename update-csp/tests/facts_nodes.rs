//! Nodes and HRESULTs agree, field by field, with the facts beside the checkout, where they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};

use serde_json::Value;
use syncml::LocUri;
use update_csp::Classification;
use update_csp::ddf::{Access, Allowed, Verb};
use update_csp::hresult::HResult;
use update_csp::inventory::UpdateState;
use update_csp::nodes::{self, Csp, NodeInfo};

/// The facts beside the corpus, if they are there.
fn facts(name: &str) -> Option<Value> {
    let corpus = std::env::var_os("MDM_CORPUS").filter(|value| !value.is_empty())?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let path: PathBuf = workspace.join(corpus).parent()?.join("facts").join(name);
    // Without MDM_CORPUS there is nothing to compare; a corpus that it names has its facts.
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_slice(&bytes).expect("facts are JSON"))
}

fn access(value: &Value) -> Access {
    let verbs: Vec<Verb> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|verb| Verb::from_name(verb.as_str().unwrap()).unwrap())
        .collect();
    Access::of(&verbs)
}

fn named<'n>(uri: &str) -> &'n NodeInfo {
    nodes::all().iter().find(|info| info.uri == uri).unwrap_or_else(|| panic!("no node {uri}"))
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

#[test]
fn every_node_of_the_update_csp_agrees() {
    let Some(facts) = facts("update-csp-nodes.json") else { return };
    let all = facts["nodes"].as_array().unwrap();
    assert_eq!(facts["meta"]["count"].as_u64(), Some(all.len() as u64));
    for fact in all {
        let uri = fact["uri"].as_str().unwrap();
        let info = named(uri);
        assert_eq!(info.csp, Csp::Update, "{uri}");
        assert_eq!(info.name(), fact["name"].as_str().unwrap_or_default(), "{uri}");
        assert_eq!(info.format, fact["format"], "{uri}");
        assert_eq!(info.access, access(&fact["access_ddf"]), "{uri}");
        let docs: Vec<Verb> =
            fact["access_docs"].as_str().unwrap().split(", ").filter_map(Verb::from_name).collect();
        assert_eq!(info.docs_access.unwrap_or_default(), Access::of(&docs), "{uri}");
        assert_eq!(info.occurrence, fact["occurrence"], "{uri}");
        assert_eq!(info.scope, fact["node_scope"].as_str(), "{uri}");
        assert_eq!(info.default, fact["default"].as_str(), "{uri}");
        assert_eq!(info.case_sense, fact["case_sense"].as_str(), "{uri}");
        let kind = &fact["type"];
        let kind =
            format!("{}:{}", kind["kind"].as_str().unwrap(), kind["value"].as_str().unwrap());
        assert_eq!(info.node_type, Some(&*kind), "{uri}");
        assert_eq!(info.title, fact["title"].as_str(), "{uri}");
        let build = fact["min_build"].as_str().unwrap().split(' ').next();
        assert_eq!(info.builds, build, "{uri}");
        assert_eq!(info.releases, strings(&fact["in_ddf"]), "{uri}");
        assert_eq!(info.aliases, strings(&fact["aliases"]), "{uri}");
        if info.name() == "Status" {
            for (number, name) in fact["values"].as_object().unwrap() {
                let state = UpdateState(number.parse().unwrap());
                let ours = state.name().unwrap_or_else(|| panic!("state {number}"));
                let known = name.as_str().unwrap().to_lowercase();
                // UpdateStatusDownloadFailed is "download failed" here; restart is Reboot there.
                let same = ours.replace("restart", "reboot").replace([' ', '-'], "");
                assert!(known.contains(&same), "{number}: {ours} is not {known}");
            }
        }
    }
    let ours = nodes::all().iter().filter(|info| info.csp == Csp::Update).count();
    assert_eq!(ours, all.len(), "nodes that the facts do not have");
}

#[test]
fn every_node_of_the_related_csps_agrees() {
    let Some(facts) = facts("related-csps.json") else { return };
    let mut seen = 0;
    for (csp, all) in facts["csps"].as_object().unwrap() {
        for fact in all.as_array().unwrap() {
            seen += 1;
            let uri = fact["uri"].as_str().unwrap();
            let info = named(uri);
            assert_eq!(format!("{:?}", info.csp), *csp, "{uri}");
            assert_eq!(info.format, fact["format"], "{uri}");
            assert_eq!(info.access, access(&fact["access"]), "{uri}");
            assert_eq!(info.occurrence, fact["occurrence"], "{uri}");
            assert_eq!(info.default, fact["default"].as_str(), "{uri}");
            assert_eq!(info.builds, fact["min_builds"].as_str(), "{uri}");
            assert_eq!(info.csp_version, fact["csp_version"].as_str(), "{uri}");
            assert_eq!(info.title, fact["title"].as_str(), "{uri}");
            let allowed = info.allowed_values();
            let wanted = &fact["allowed"];
            assert_eq!(
                allowed.as_ref().map(|allowed| allowed.kind.name()),
                wanted["type"].as_str(),
                "{uri}"
            );
            let Some(allowed) = allowed else { continue };
            let ours: Vec<&str> = allowed.values.iter().map(|value| &*value.value).collect();
            let theirs: Vec<&str> = match (&wanted["enum"], &wanted["value"]) {
                (Value::Array(list), _) => list.iter().filter_map(|two| two[0].as_str()).collect(),
                (_, Value::String(one)) => vec![one],
                _ => Vec::new(),
            };
            assert_eq!(ours, theirs, "{uri}");
            for value in theirs.iter().filter(|_| wanted["enum"].is_array()) {
                assert_eq!(allowed.check(value, None), Allowed::Yes, "{uri} {value}");
            }
            let delimiter = wanted["other"][0][1]["Delimiter"].as_str();
            assert_eq!(allowed.delimiter.as_deref(), delimiter, "{uri}");
        }
    }
    let ours = nodes::all().iter().filter(|info| info.csp != Csp::Update).count();
    assert_eq!(ours, seen, "nodes that the facts do not have");
}

#[test]
fn every_address_of_the_facts_is_found() {
    for info in nodes::all() {
        let uri: LocUri = info.uri.replace("{}", "x").parse().unwrap();
        assert!(std::ptr::eq(nodes::find(&uri).unwrap(), info), "{uri}");
    }
}

#[test]
fn every_hresult_agrees() {
    let Some(facts) = facts("wu-hresults.json") else { return };
    let all = facts["codes"].as_array().unwrap();
    assert_eq!(facts["count"].as_u64(), Some(HResult::ALL.len() as u64));
    assert_eq!(all.len(), HResult::ALL.len());
    for fact in all {
        let hex = fact["hex"].as_str().unwrap();
        let code: HResult = hex.parse().unwrap();
        assert_eq!(code.name(), fact["name"].as_str(), "{hex}");
        let signed = fact["signed"].as_i64().unwrap();
        assert_eq!(i64::from(code.signed()), signed, "{hex}");
        assert_eq!(signed.to_string().parse(), Ok(code), "{hex}");
        assert_eq!(code.bits().to_string().parse(), Ok(code), "{hex}");
    }
}

#[test]
fn every_classification_agrees() {
    let Some(facts) = facts("update-classifications.json") else { return };
    let mut seen = 0;
    for category in facts["categories"].as_array().unwrap() {
        let name = category["category"].as_str().unwrap();
        for class in category["classifications"].as_array().unwrap() {
            seen += 1;
            let id: Classification = class["guid"].as_str().unwrap().parse().unwrap();
            // "Security Update" there, "Security Updates" here, as Microsoft's catalog names them.
            let known = id.name().unwrap_or_else(|| panic!("no classification {class}"));
            let wanted = class["name"].as_str().unwrap();
            assert_eq!(known.trim_end_matches('s'), wanted.trim_end_matches('s'));
            assert_eq!(id.deferral().name(), name, "{class}");
        }
    }
    assert_eq!(seen, Classification::all().len());
}
