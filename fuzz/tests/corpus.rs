//! Replays the corpus of real messages, and broken copies of it, through every target.

use mdm_fuzz::{Kind, TARGETS, Target};
use mdm_test_support::corpus;

/// As many bytes of a file serve a target that takes them for decisions.
const DECISIONS: usize = 600;

#[test]
fn the_corpus_goes_through_every_target() {
    let parts = ["syncml", "wsusss", "update-csp", "apple-mdm", "graph-wufb", "enrollment"];
    let parts: Vec<_> = parts.into_iter().filter_map(corpus).collect();
    // A target to each thread; what it may cost is counted for the thread.
    let waiting = std::sync::Mutex::new(TARGETS.iter());
    let next = || waiting.lock().ok()?.next();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(target) = next() {
                    for file in parts.iter().flat_map(|corpus| corpus.files()) {
                        replay(target, &file.bytes);
                    }
                }
            });
        }
    });
}

fn replay(target: &Target, mut bytes: &[u8]) {
    if target.kind == Kind::Decisions {
        bytes = &bytes[..bytes.len().min(DECISIONS)];
    }
    target.run(bytes);
    // Cut in the middle, and with a byte changed: what fuzzing tries first.
    let half = bytes.len() / 2;
    target.run(&bytes[..half]);
    if let Some(byte) = bytes.get(half) {
        let mut changed = bytes.to_vec();
        changed[half] = byte ^ 0x20;
        target.run(&changed);
    }
}

/// The first byte says which type is read: what a message holds is foreign to most.
#[test]
fn graph_messages_are_read_as_types_that_they_are_not() {
    let Some(corpus) = corpus("graph-wufb") else { return };
    for file in corpus.files().iter().filter(|file| file.extension() == "json") {
        for which in [0, 16, 64, 80] {
            let bytes: Vec<u8> = std::iter::once(which).chain(file.bytes.iter().copied()).collect();
            mdm_fuzz::run("graph_models", &bytes);
        }
    }
}
