//! The corpus: DDF documents are read whole, and no answer or command of it breaks the inventory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::corpus;
use syncml::{Command, Limits, LocUri, StatusCode};
use update_csp::ddf::{Document, ErrorKind};
use update_csp::{Inventory, Query};

#[test]
fn ddf_documents_are_read_whole() {
    let (mut read, mut trees) = (0, 0);
    for part in ["update-csp", "syncml"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            trees += usize::from(count(&file.bytes, b"<MgmtTree") > 0);
            let count = count(&file.bytes, b"<NodeName");
            match Document::read(&file.bytes, &update_csp::ddf::Limits::default()) {
                Ok(document) => {
                    read += 1;
                    assert_eq!(document.nodes.len(), count, "{part}/{}", file.name);
                    for node in &document.nodes {
                        assert!(!node.path.is_empty(), "{part}/{}", file.name);
                    }
                }
                Err(error) => {
                    let named = matches!(error.kind(), ErrorKind::NotDdf(_) | ErrorKind::Xml(_));
                    assert!(named, "{part}/{}: {error}", file.name);
                    // Other documents are named as such; a DDF that is well-formed is readable.
                    let tree = self::count(&file.bytes, b"<MgmtTree") > 0;
                    let ddf = tree && file.folder() == "ddf";
                    assert!(!ddf, "{part}/{}: {error}", file.name);
                }
            }
        }
    }
    assert!(read > 0 || trees == 0, "no DDF document was read");
}

#[test]
fn limits_take_n_and_refuse_one_more() {
    let limits = update_csp::ddf::Limits::default().with_nodes(3).with_path(10);
    let nodes = |n: usize| {
        let nodes = "<Node><NodeName>a</NodeName></Node>".repeat(n);
        Document::read(format!("<MgmtTree>{nodes}</MgmtTree>").as_bytes(), &limits)
    };
    assert!(nodes(3).is_ok());
    assert!(nodes(4).is_err());
    let named = |n: usize| {
        let name = "a".repeat(n);
        let text = format!(
            "<MgmtTree><Node><NodeName>b</NodeName><Path>./</Path>\
             <Node><NodeName>{name}</NodeName></Node></Node></MgmtTree>"
        );
        Document::read(text.as_bytes(), &limits)
    };
    assert!(named(6).is_ok(), "./b/aaaaaa");
    assert!(named(7).is_err());
}

fn count(bytes: &[u8], needle: &[u8]) -> usize {
    // A document in another encoding than UTF-8 has no such bytes, and none is a DDF.
    bytes.windows(needle.len()).filter(|window| *window == needle).count()
}

#[test]
fn every_result_of_the_corpus_can_be_fed_to_the_inventory() {
    let Some(corpus) = corpus("syncml") else { return };
    let root: LocUri = update_csp::UPDATE_CSP.parse().unwrap();
    let mut fed = 0;
    for file in corpus.files() {
        let Ok(message) = syncml::decode(&file.bytes, &Limits::default()) else { continue };
        for command in &message.body.commands {
            let Command::Results(results) = command else { continue };
            for query in Query::ALL {
                let mut inventory = Inventory::default();
                let findings = inventory.apply(query, Some(StatusCode::OK), &results.items);
                let ours = results.items.iter().all(|item| {
                    item.loc_uri()
                        .and_then(|uri| uri.parse::<LocUri>().ok())
                        .is_some_and(|uri| uri.is_under(&root))
                });
                let list = !matches!(query, Query::LastScan | Query::DeferUpgrade);
                assert!(ours || !list || !findings.is_empty(), "{}", file.name);
                fed += 1;
            }
        }
    }
    eprintln!("{fed} Results fed");
}
