//! Replays our own seeds and the corpus of Graph messages through the targets of Graph's data.

use mdm_test_support::corpus;

fn target(name: &str) -> fn(&[u8]) {
    match name {
        "graph_repair" => mdm_fuzz::graph_repair,
        "graph_models" => mdm_fuzz::graph_models,
        "graph_pager" => mdm_fuzz::graph_pager,
        "graph_batch" => mdm_fuzz::graph_batch,
        "graph_rollout" => mdm_fuzz::graph_rollout,
        other => panic!("no target {other}"),
    }
}

#[test]
fn our_seeds_go_through_their_targets() {
    let mut replayed = 0;
    for name in ["graph_repair", "graph_models"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/").to_owned() + name;
        for entry in std::fs::read_dir(folder).expect("the seeds are there") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            target(name)(&bytes);
            // Cut everywhere.
            for end in 0..bytes.len().min(512) {
                target(name)(&bytes[..end]);
            }
            replayed += 1;
        }
    }
    assert!(replayed > 20);
}

/// A conversation that breaks off anywhere comes to its end all the same.
#[test]
fn our_conversations_go_through_the_machines() {
    let mut replayed = 0;
    for name in ["graph_pager", "graph_batch", "graph_rollout"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/").to_owned() + name;
        for entry in std::fs::read_dir(folder).expect("the seeds are there") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            target(name)(&bytes);
            for end in (0..bytes.len()).step_by(7) {
                target(name)(&bytes[..end]);
            }
            replayed += 1;
        }
    }
    assert!(replayed > 40);
}

#[test]
fn the_corpus_goes_through_the_targets() {
    let Some(corpus) = corpus("graph-wufb") else { return };
    for file in corpus.files().iter().filter(|file| file.extension() == "json") {
        mdm_fuzz::graph_repair(&file.bytes);
        // As some type, whichever: what a message holds is foreign to most.
        for which in [0, 16, 64, 80] {
            let bytes: Vec<u8> = std::iter::once(which).chain(file.bytes.iter().copied()).collect();
            mdm_fuzz::graph_models(&bytes);
        }
    }
}
