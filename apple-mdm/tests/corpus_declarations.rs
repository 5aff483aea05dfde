//! Every declaration and status report of the corpus is read, and written with nothing lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use apple_mdm::declarations::Declaration;
use apple_mdm::declarations::status::{StatusItems, StatusReport, StatusStore};
use apple_mdm::json::{self, Limits};
use mdm_test_support::corpus;

/// The members of status items, by which a document without a report is recognised.
const ITEMS: &[&str] = &["management", "device", "softwareupdate"];

#[test]
fn declarations_and_reports_lose_nothing() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    let limits = Limits::default();
    let (mut declarations, mut reports, mut announced) = (0, 0, 0);
    for file in corpus.files() {
        let told = ["declaration", "status report", "status item"];
        let json = file.extension() == "json";
        announced += usize::from(json && told.iter().any(|words| file.what.contains(words)));
        let Ok(other) = serde_json::from_slice::<serde_json::Value>(&file.bytes) else {
            continue;
        };
        let Some(members) = other.as_object() else { continue };
        let value = json::decode(&file.bytes, &limits).unwrap();
        let same: serde_json::Value = serde_json::from_slice(&value.to_json()).unwrap();
        assert_eq!(same, other, "{}: the JSON changed", file.name);
        let mut out = Vec::new();
        if members.contains_key("Type") && members.contains_key("Payload") {
            let read = Declaration::decode(&file.bytes, &limits);
            let read = read.unwrap_or_else(|error| panic!("{}: {error}", file.name));
            read.encode(&mut out);
            declarations += 1;
        } else if members.contains_key("StatusItems") {
            let read = StatusReport::decode(&file.bytes, &limits);
            let read = read.unwrap_or_else(|error| panic!("{}: {error}", file.name));
            read.encode(&mut out);
            reports += 1;
            let mut store = StatusStore::default();
            let changes = store.apply(&read, &Default::default()).unwrap();
            assert_eq!(changes.len(), store.iter().count(), "{}", file.name);
            assert!(store.apply(&read, &Default::default()).unwrap().is_empty(), "{}", file.name);
            assert_eq!(store.items().operating_system(), read.status_items.operating_system());
        } else if members.keys().all(|key| ITEMS.contains(&key.as_str())) && !members.is_empty() {
            let read = StatusItems::decode(&file.bytes, &limits);
            let read = read.unwrap_or_else(|error| panic!("{}: {error}", file.name));
            read.encode(&mut out);
            reports += 1;
        } else {
            continue;
        }
        let again: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(again, other, "{}: lost something", file.name);
    }
    eprintln!("{declarations} declarations, {reports} reports");
    assert!(declarations + reports > 0, "the corpus has neither declarations nor reports");
    assert!(declarations + reports >= announced, "{announced} files say that they are of these");
}
