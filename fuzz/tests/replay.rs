//! Replays the corpus of real messages, and broken copies of it, through every target.

use mdm_test_support::corpus;

type Target = fn(&[u8]);

const TARGETS: &[Target] = &[
    mdm_fuzz::xml,
    mdm_fuzz::syncml,
    mdm_fuzz::wbxml,
    mdm_fuzz::repair,
    mdm_fuzz::loc_uri,
    mdm_fuzz::compare,
    mdm_fuzz::session,
    mdm_fuzz::session_ops,
    mdm_fuzz::wbxml_model,
    mdm_fuzz::windows_budget,
    mdm_fuzz::soap,
    mdm_fuzz::metadata,
    mdm_fuzz::cabinet,
    mdm_fuzz::stream,
    mdm_fuzz::sync_answers,
    mdm_fuzz::plist,
    mdm_fuzz::apple_messages,
    mdm_fuzz::apple_catalogue,
    mdm_fuzz::apple_declarations,
    mdm_fuzz::apple_plan,
    mdm_fuzz::ddf,
    mdm_fuzz::update_csp,
    mdm_fuzz::update_ops,
    mdm_fuzz::policies,
    mdm_fuzz::graph_json,
    mdm_fuzz::graph_pager,
    mdm_fuzz::graph_batch,
    mdm_fuzz::graph_rollout,
];

#[test]
fn the_corpus_goes_through_every_target() {
    for part in ["syncml", "wsusss", "update-csp", "apple-mdm", "graph-wufb", "enrollment"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            for target in TARGETS {
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
