//! The real messages that `MDM_CORPUS` names: small ones, all of a kind one after the other.

use std::hint::black_box;

use mdm_test_support::corpus;

use super::{Scale, rivals};
use crate::claims::Claim;
use crate::measure::Group;
use crate::report::Report;

/// Measures it, where there is a corpus.
pub fn measure(scale: &Scale, report: &mut Report) {
    syncml(scale, report);
    wsusss(scale, report);
    apple(scale, report);
    graph(scale, report);
}

/// The messages of a crate that both sides read, or none.
fn messages(crate_name: &str, read: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let Some(corpus) = corpus(crate_name) else { return Vec::new() };
    let files = corpus.files().into_iter().map(|file| file.bytes);
    files.filter(|bytes| !bytes.is_empty() && read(bytes)).collect()
}

/// A group of all of them; `None` where there are none.
fn group<'x>(name: &str, messages: &[Vec<u8>]) -> Option<Group<'x>> {
    let bytes = messages.iter().map(Vec::len).sum();
    let name = format!("corpus: {} {name}", messages.len());
    (!messages.is_empty()).then(|| Group::new(name, bytes))
}

fn all(messages: &[Vec<u8>], one: impl Fn(&[u8]) -> usize) -> usize {
    messages.iter().map(|bytes| one(black_box(bytes))).sum()
}

fn syncml(scale: &Scale, report: &mut Report) {
    let limits = syncml::Limits::default();
    let one =
        |bytes: &[u8]| syncml::decode(bytes, &limits).map_or(0, |m| 1 + m.body.commands.len());
    let messages = messages("syncml", |bytes| bytes.starts_with(b"<") && one(bytes) > 0);
    let Some(group) = group("messages of SyncML", &messages) else { return };
    let group = group
        .with("quick-xml raw", || all(&messages, rivals::quick_xml_raw))
        .with("roxmltree", || all(&messages, rivals::roxmltree))
        .with("syncml", || all(&messages, one));
    let ratio = report.table(group.measure(scale.rounds)).ratio("syncml", "quick-xml raw");
    report.claim(Claim::at_least("corpus: SyncML decode vs quick-xml raw", ratio, 0.8, 1.5));
}

fn wsusss(scale: &Scale, report: &mut Report) {
    let limits = wsusss::Limits::default();
    let one = |bytes: &[u8]| usize::from(wsusss::messages::decode(bytes, &limits).is_ok());
    let messages = messages("wsusss", |bytes| one(bytes) > 0);
    let Some(group) = group("messages of WSUS", &messages) else { return };
    let group = group
        .with("quick-xml raw", || all(&messages, rivals::quick_xml_raw))
        .with("wsusss", || all(&messages, one));
    let _ = report.table(group.measure(scale.rounds));
}

fn apple(scale: &Scale, report: &mut Report) {
    let limits = apple_mdm::plist::Limits::default();
    let ours = |bytes: &[u8]| usize::from(apple_mdm::plist::decode(bytes, &limits).is_ok());
    let theirs =
        |bytes: &[u8]| usize::from(plist::Value::from_reader(std::io::Cursor::new(bytes)).is_ok());
    let messages = messages("apple-mdm", |bytes| ours(bytes) + theirs(bytes) == 2);
    let Some(group) = group("property lists", &messages) else { return };
    let group = group
        .with("plist::Value", || all(&messages, theirs))
        .with("apple-mdm, Value", || all(&messages, ours));
    let _ = report.table(group.measure(scale.rounds));
}

fn graph(scale: &Scale, report: &mut Report) {
    use graph_wufb::{json, views};
    let limits = json::Limits::new();
    let scan = |bytes: &[u8]| usize::from(views::read(bytes, &limits).is_ok());
    let owned =
        |bytes: &[u8]| usize::from(serde_json::from_slice::<serde_json::Value>(bytes).is_ok());
    let any =
        |bytes: &[u8]| usize::from(serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok());
    let messages = messages("graph-wufb", |bytes| scan(bytes) + owned(bytes) == 2);
    let Some(group) = group("texts of JSON", &messages) else { return };
    let group = group
        .with("serde_json, Value", || all(&messages, owned))
        .with("serde_json, IgnoredAny", || all(&messages, any))
        .with("graph-wufb, scan", || all(&messages, scan));
    let _ = report.table(group.measure(scale.rounds));
}
