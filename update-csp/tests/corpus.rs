//! The corpus: every DDF document is read as another reader reads it, every command for these CSPs
//! is accepted or refused for a reason that its text confirms, and no answer breaks the inventory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/ddf_by_roxmltree.rs"]
mod ddf_by_roxmltree;

use std::collections::{BTreeMap, BTreeSet};

use ddf_by_roxmltree::Known;
use mdm_test_support::{CorpusFile, corpus};
use mdm_xml::Severity;
use syncml::{Command, Limits, LocUri, Message, StatusCode};
use update_csp::ddf::{
    CheckCode, Context, DdfCode, Document, ErrorKind, Finding, Lookup, Tree, Verb,
};
use update_csp::device::{CspVersions, DeviceInfo};
use update_csp::{Inventory, Query, UpdateGuid, nodes};

fn files() -> Vec<(&'static str, CorpusFile)> {
    let parts = ["update-csp", "syncml"].into_iter();
    let files = parts.filter_map(|part| Some((part, corpus(part)?)));
    files
        .flat_map(|(part, corpus)| corpus.files().into_iter().map(move |file| (part, file)))
        .collect()
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    // A document in another encoding than UTF-8 has no such bytes, and none is a DDF.
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn ddf_documents_are_read_as_another_reader_reads_them() {
    let (mut read, mut candidates, mut twice) = (0, 0, 0);
    for (part, file) in files() {
        let name = format!("{part}/{}", file.name);
        let is_ddf = holds(&file.bytes, "<NodeName") && !holds(&file.bytes, "<SyncML");
        candidates += usize::from(is_ddf);
        let document = match Document::read(&file.bytes, &update_csp::ddf::Limits::default()) {
            Ok(document) => document,
            Err(error) => {
                // Other documents are named as such; what is well-formed and holds nodes is read.
                let named = matches!(error.kind(), ErrorKind::NotDdf(_) | ErrorKind::Xml(_));
                assert!(named, "{name}: {error}");
                assert!(ddf_by_roxmltree::read(&file.bytes).is_none(), "{name}: {error}");
                continue;
            }
        };
        read += 1;
        let theirs = ddf_by_roxmltree::read(&file.bytes)
            .unwrap_or_else(|| panic!("{name}: read here and nowhere else"));
        assert_eq!(document.nodes.len(), theirs.len(), "{name}");
        for (ours, theirs) in document.nodes.iter().zip(&theirs) {
            let place = format!("{name} {}", theirs.path);
            assert_eq!(ours.path, theirs.path, "{place}");
            let access: Vec<&str> = ours.access.verbs().map(Verb::name).collect();
            assert_eq!(access, theirs.access, "{place}");
            let format = ours.format.as_ref().map_or("", |format| format.as_str());
            assert_eq!(format, theirs.format, "{place}");
            assert_eq!(ours.default, theirs.default, "{place}");
            let occurrence = ours.occurrence.as_ref().map_or("", |occurrence| occurrence.name());
            assert_eq!(occurrence, theirs.occurrence, "{place}");
            let builds = ours.applicability.builds.as_ref();
            assert_eq!(builds.map(|builds| builds.as_str()), theirs.builds.as_deref(), "{place}");
            assert!(builds.is_none_or(|builds| builds.is_readable()), "{place}");
            let allowed = ours.allowed.as_ref();
            assert_eq!(
                allowed.map(|allowed| allowed.kind.name()),
                theirs.kind.as_deref(),
                "{place}"
            );
            let values = allowed.map_or(Vec::new(), |allowed| allowed.values.clone());
            let values: Vec<&str> = values.iter().map(|value| &*value.value).collect();
            assert_eq!(values, theirs.values, "{place}");
        }
        for found in &document.diagnostics {
            // What is odd about Microsoft's files is known; anything else would be our mistake.
            let known = match found.code {
                DdfCode::Extract => !holds(&file.bytes, "<MgmtTree"),
                DdfCode::CodedTwice => true,
                DdfCode::NoProperties => {
                    theirs.iter().any(|node| node.format.is_empty() && node.access.is_empty())
                }
                _ => false,
            };
            assert!(known, "{name}: {found}");
        }
        let repaired = document.diagnostics.iter().any(|found| found.code == DdfCode::CodedTwice);
        twice += usize::from(repaired);
        for text in document.nodes.iter().filter_map(|node| node.description.as_deref()) {
            assert!(!text.contains("\u{C2}\u{A0}") && !text.contains("\u{E2}\u{20AC}"), "{name}");
        }
    }
    assert!(read > 0 || candidates == 0, "no DDF document was read");
    eprintln!("{read} DDF documents, {twice} with text coded twice");
}

/// The nodes of all documents with whole addresses, for us and for the other reader. Newer ones
/// come last, as their names sort.
fn trees() -> (Tree, Known) {
    let mut tree = nodes::tree();
    let mut known = Known::default();
    for (_, file) in files() {
        let limits = update_csp::ddf::Limits::default();
        let Ok(document) = Document::read(&file.bytes, &limits) else { continue };
        if document.nodes.iter().all(|node| node.path.starts_with("./")) {
            tree.add(&document);
            known.add(&ddf_by_roxmltree::read(&file.bytes).unwrap());
        }
    }
    (tree, known)
}

/// Whether an address is in one of the CSPs that this crate is about.
fn is_ours(uri: &LocUri) -> bool {
    let policies =
        ["./Vendor/MSFT/Policy/Config/Update", "./Vendor/MSFT/Policy/Result/Update"].into_iter();
    let roots = nodes::all().iter().map(|info| info.uri).chain(policies);
    roots.filter(|root| !root.contains('{')).any(|root| uri.is_under(&root.parse().unwrap()))
}

fn addresses(message: &Message<'_>) -> Vec<String> {
    let mut open: Vec<&Command<'_>> = message.body.commands.iter().collect();
    let mut found = Vec::new();
    while let Some(command) = open.pop() {
        open.extend(command.children());
        found.extend(command.items().iter().filter_map(|item| item.loc_uri()).map(str::to_owned));
    }
    found
}

/// The node at an address by the corpus' DDF, or else by the crate's own tables, which other tests
/// hold against the facts.
fn known_node(uri: &str, known: &Known, tree: &Tree) -> Option<ddf_by_roxmltree::Node> {
    if let Some(node) = known.find(uri) {
        return Some(node.clone());
    }
    let Lookup::Found(found) = tree.lookup(&uri.parse().ok()?) else { return None };
    let allowed = found.node.allowed.clone().unwrap_or_default();
    Some(ddf_by_roxmltree::Node {
        path: found.node.path.clone(),
        access: found.node.access.verbs().map(|verb| verb.name().to_owned()).collect(),
        format: found.node.format.as_ref().map_or(String::new(), |f| f.as_str().to_owned()),
        values: allowed.values.into_iter().map(|value| value.value).collect(),
        ..Default::default()
    })
}

/// Whether the text of the document and of the DDF bears a refusal out.
fn is_confirmed(finding: &Finding, message: &Message<'_>, known: &Known, tree: &Tree) -> bool {
    let mut commands = Vec::new();
    let mut open: Vec<&Command<'_>> = message.body.commands.iter().rev().collect();
    while let Some(command) = open.pop() {
        if command.children().is_empty() {
            commands.push(command);
        }
        open.extend(command.children().iter().rev());
    }
    let command = commands[finding.command];
    let item = &command.items()[finding.item];
    let node = known_node(&finding.address, known, tree);
    let node = node.as_ref();
    let data = item.data.as_ref().map_or("", |data| data.as_str()).trim();
    match finding.code {
        CheckCode::Address => finding.address.parse::<LocUri>().is_err(),
        CheckCode::NoNode => node.is_none(),
        CheckCode::Verb => {
            node.is_some_and(|node| !node.access.iter().any(|verb| verb == command.name()))
        }
        CheckCode::Format => {
            let meta = item.meta.as_ref().and_then(|meta| meta.format.as_ref());
            node.is_some_and(|node| meta.is_some_and(|format| format.as_str() != node.format))
        }
        CheckCode::NoData => item.data.is_none(),
        CheckCode::Data => node.is_some_and(|node| ["null", "node"].contains(&&*node.format)),
        CheckCode::Value => node.is_some_and(|node| match &*node.format {
            "int" => data.parse::<i64>().is_err(),
            "bool" => !["true", "false", "1", "0"].contains(&&*data.to_lowercase()),
            _ => false,
        }),
        CheckCode::NotAllowed => node
            .is_some_and(|node| !node.values.is_empty() && !node.values.iter().any(|v| v == data)),
        _ => false,
    }
}

#[test]
fn commands_for_these_csps_are_accepted_or_refused_for_a_reason() {
    let (tree, known) = trees();
    let (mut touching, mut accepted, mut refused, mut unreadable) = (0, 0, Vec::new(), 0);
    for (part, file) in files() {
        let name = format!("{part}/{}", file.name);
        let message = match syncml::decode(&file.bytes, &Limits::default()) {
            Ok(message) => message,
            Err(error) => {
                // Refused as a whole: then another reader refuses it as well, or it is no SyncML.
                if let Ok(text) = std::str::from_utf8(&file.bytes)
                    && file.extension() == "xml"
                    && matches!(error.kind(), syncml::ErrorKind::Xml(_))
                {
                    let text = text.trim_start_matches('\u{FEFF}');
                    let wrapped = format!("<fragment>{text}</fragment>");
                    let fine = roxmltree::Document::parse(text).is_ok()
                        || roxmltree::Document::parse(&wrapped).is_ok();
                    assert!(!fine, "{name}: {error}");
                    unreadable += 1;
                }
                continue;
            }
        };
        let ours = addresses(&message).iter().any(|uri| uri.parse().is_ok_and(|uri| is_ours(&uri)));
        if !ours {
            continue;
        }
        touching += 1;
        let findings = tree.check_all(&message.body.commands, &Context::default());
        let errors: Vec<&Finding> = findings
            .iter()
            .filter(|found| found.is_error())
            .filter(|found| found.address.parse().is_ok_and(|uri| is_ours(&uri)))
            .collect();
        if errors.is_empty() {
            accepted += 1;
        }
        for finding in errors {
            assert!(is_confirmed(finding, &message, &known, &tree), "{name}: {finding}");
            refused.push(format!("{name}: {finding}"));
        }
    }
    for line in &refused {
        eprintln!("refused: {line}");
    }
    eprintln!("{touching} documents touch these CSPs, {accepted} accepted, {unreadable} not XML");
    assert!(accepted > 0 || touching == 0, "nothing was accepted");
}

/// Whole messages in the guides beside the corpus, where they are.
fn examples_in_guides() -> Vec<(String, Vec<u8>)> {
    let Some(corpus) = std::env::var_os("MDM_CORPUS").filter(|value| !value.is_empty()) else {
        return Vec::new();
    };
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let Ok(guides) = std::fs::read_dir(workspace.join(corpus).join("../seeds")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for guide in guides {
        let path = guide.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for part in text.split("<SyncML ").skip(1) {
            if let Some((inner, _)) = part.split_once("</SyncML>") {
                let message = format!("<SyncML {inner}</SyncML>");
                found.push((format!("{}", path.display()), message.into_bytes()));
            }
        }
    }
    found
}

#[test]
fn an_example_with_blanks_and_several_commands_in_one_is_accepted_with_diagnostics() {
    // Ours, in the shape of the seeds' example; then theirs, wherever the corpus has it.
    let item = |id: u8, name: &str| {
        format!(
            "<CmdID>{id}</CmdID><Item><Meta><Format>int</Format><Type>text/plain</Type></Meta>\
             <Target><LocURI>./Vendor/MSFT/Update/{name} </LocURI></Target><Data>0</Data></Item>"
        )
    };
    let own = format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.1\"><SyncBody><Replace xmlns=\"\">{}{}</Replace><Final/>\
         </SyncBody></SyncML>",
        item(1, "DeferUpgrade"),
        item(2, "DeferUpgrade")
    );
    let mut documents = vec![("own".to_owned(), own.into_bytes())];
    documents.extend(
        files().into_iter().map(|(part, file)| (format!("{part}/{}", file.name), file.bytes)),
    );
    documents.extend(examples_in_guides());
    let (tree, _) = trees();
    let mut seen = 0;
    for (name, bytes) in documents {
        let Ok(message) = syncml::decode(&bytes, &Limits::default()) else { continue };
        let code = |code| message.diagnostics.iter().any(|found| found.code == code);
        let ours = addresses(&message).iter().any(|uri| uri.parse().is_ok_and(|uri| is_ours(&uri)));
        if !ours
            || !code(syncml::DiagnosticCode::BlankAddress)
            || !code(syncml::DiagnosticCode::SeveralCommands)
        {
            continue;
        }
        seen += 1;
        for found in message
            .diagnostics
            .iter()
            .filter(|found| found.code == syncml::DiagnosticCode::BlankAddress)
        {
            assert!(found.position.line >= 1 && found.severity() != Severity::Info, "{name}");
        }
        let findings = tree.check_all(&message.body.commands, &Context::default());
        // The address is the node's, blanks or not.
        assert!(
            !findings.iter().any(|found| found.code == CheckCode::NoNode),
            "{name}: {findings:?}"
        );
        if name != "own" {
            assert!(findings.iter().all(|found| !found.is_error()), "{name}: {findings:?}");
        }
    }
    eprintln!("{seen} examples with blanks and several commands in one");
    assert!(seen > 0);
}

#[test]
fn every_result_of_the_corpus_can_be_fed_to_the_inventory() {
    let root: LocUri = update_csp::UPDATE_CSP.parse().unwrap();
    let (mut fed, mut known) = (0, 0);
    for (_, file) in files() {
        let Ok(message) = syncml::decode(&file.bytes, &Limits::default()) else { continue };
        for command in &message.body.commands {
            let mut device = DeviceInfo::default();
            device.take(command.items());
            known += usize::from(device != DeviceInfo::default());
            let Command::Results(results) = command else { continue };
            let ours = results.items.iter().all(|item| {
                item.loc_uri()
                    .and_then(|uri| uri.parse::<LocUri>().ok())
                    .is_some_and(|uri| uri.is_under(&root))
            });
            for query in Query::LISTS.into_iter().chain([Query::Everything]) {
                let mut inventory = Inventory::default();
                let findings = inventory.apply(query, Some(StatusCode::OK), &results.items);
                assert!(ours || !findings.is_empty(), "{}", file.name);
                fed += 1;
            }
        }
    }
    eprintln!("{fed} Results fed, {known} said something about the device");
}

/// A client's own tests say which updates they approve, and how the device names them afterwards.
#[test]
fn identifiers_in_any_spelling_are_the_ones_that_devices_give_back() {
    let mut seen = 0;
    for (part, file) in files() {
        if part != "update-csp" || file.extension() != "json" {
            continue;
        }
        let json: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap();
        let mut open = vec![&json];
        let mut spellings: BTreeMap<UpdateGuid, BTreeSet<String>> = BTreeMap::new();
        while let Some(value) = open.pop() {
            match value {
                serde_json::Value::Array(values) => open.extend(values),
                serde_json::Value::Object(values) => open.extend(values.values()),
                serde_json::Value::String(text) => {
                    for word in text.split([',', ';', '/', ' ']) {
                        if let Ok(id) = word.parse() {
                            spellings.entry(id).or_default().insert(word.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        for (id, spellings) in spellings {
            seen += 1;
            // Of several spellings, one is the device's, which is ours.
            assert!(spellings.len() == 1 || spellings.contains(&id.to_string()), "{spellings:?}");
        }
    }
    eprintln!("{seen} identifiers");
}

#[test]
fn capabilities_of_the_corpus_are_read() {
    let mut read = 0;
    for (part, file) in files() {
        // By itself, or coded into Data as devices send it.
        let mut candidates = vec![file.bytes.clone()];
        if let Ok(text) = std::str::from_utf8(&file.bytes)
            && let Ok(inner) = mdm_xml::unescape(text)
        {
            candidates.push(inner.into_owned().into_bytes());
        }
        if let Ok(message) = syncml::decode(&file.bytes, &Limits::default()) {
            for command in &message.body.commands {
                for data in command.items().iter().filter_map(|item| item.data.as_ref()) {
                    candidates.push(data.as_str().as_bytes().to_vec());
                }
            }
        }
        for bytes in candidates {
            if holds(&bytes, "<CSPVersions>")
                && bytes.trim_ascii_start().starts_with(b"<")
                && !holds(&bytes, "<SyncML")
                && let Ok(versions) = CspVersions::read(&bytes)
            {
                read += 1;
                let update = update_csp::UPDATE_CSP.parse().unwrap();
                let version = versions.version(&update);
                assert!(version.is_some_and(|text| text.contains('.')), "{part}/{}", file.name);
            }
        }
    }
    eprintln!("{read} lists of CSP versions read");
}
