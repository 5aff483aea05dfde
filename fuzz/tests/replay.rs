//! Replays the corpus of real messages, and broken copies of it, through every target.

use mdm_test_support::corpus;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 12] = [
    ("xml", mdm_fuzz::xml),
    ("syncml", mdm_fuzz::syncml),
    ("wbxml", mdm_fuzz::wbxml),
    ("session", mdm_fuzz::session),
    ("soap", mdm_fuzz::soap),
    ("metadata", mdm_fuzz::metadata),
    ("cabinet", mdm_fuzz::cabinet),
    ("sync_answers", mdm_fuzz::sync_answers),
    ("plist", mdm_fuzz::plist),
    ("apple_plan", mdm_fuzz::apple_plan),
    ("ddf", mdm_fuzz::ddf),
    ("graph_json", mdm_fuzz::graph_json),
];

#[test]
fn the_corpus_goes_through_every_target() {
    for part in ["syncml", "wsusss", "update-csp", "apple-mdm", "graph-wufb", "enrollment"] {
        let Some(corpus) = corpus(part) else { return };
        for file in corpus.files() {
            for (name, target) in TARGETS {
                let _ = name;
                target(&file.bytes);
                // Cut in the middle, and with a byte changed: what fuzzing tries first.
                let half = file.bytes.len() / 2;
                target(&file.bytes[..half]);
                if let Some(byte) = file.bytes.get(half) {
                    let mut changed = file.bytes.clone();
                    changed[half] = byte ^ 0x20;
                    target(&changed);
                }
            }
        }
    }
}
