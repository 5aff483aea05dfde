//! Every file of the corpus can be looked at, and what the other tests read is read here too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mdm_examples::inspect::inspect;
use mdm_test_support::corpus;

#[test]
fn every_file_can_be_looked_at() {
    let mut kinds = std::collections::BTreeMap::new();
    for part in ["syncml", "wsusss", "update-csp", "apple-mdm", "graph-wufb", "enrollment"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            let view = inspect(&file.name, &file.bytes);
            assert!(!view.kind.is_empty() && view.kind != "other", "{part}/{}", file.name);
            // What an independent reader could read and recognise is read.
            let read = file.expect.as_ref().is_some_and(|expected| {
                ["SyncHdr", "operation", "update"].iter().any(|key| expected.get(*key).is_some())
            });
            if read {
                assert_eq!(view.error, None, "{part}/{}", file.name);
            }
            *kinds.entry(view.kind).or_insert(0) += 1;
        }
    }
    eprintln!("{kinds:?}");
    assert!(!kinds.is_empty() || !mdm_test_support::is_named());
}
