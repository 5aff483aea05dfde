//! Every target has seeds of its own, and the older ones are replayed here; the others have their
//! own tests beside this one.

use std::fs;
use std::path::{Path, PathBuf};

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("xml", mdm_fuzz::xml),
    ("soap", mdm_fuzz::soap),
    ("metadata", mdm_fuzz::metadata),
    ("stream", mdm_fuzz::stream),
    ("sync_answers", mdm_fuzz::sync_answers),
    ("cabinet", mdm_fuzz::cabinet),
    ("plist", mdm_fuzz::plist),
    ("apple_messages", mdm_fuzz::apple_messages),
    ("apple_catalogue", mdm_fuzz::apple_catalogue),
    ("apple_declarations", mdm_fuzz::apple_declarations),
    ("apple_plan", mdm_fuzz::apple_plan),
    ("graph_json", mdm_fuzz::graph_json),
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("no {}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn every_target_has_seeds() {
    let targets = files(&folder("fuzz_targets"));
    assert!(!targets.is_empty());
    for target in targets {
        let name = target.file_stem().expect("a name").to_str().expect("UTF-8").to_owned();
        assert!(!files(&folder("seeds").join(&name)).is_empty(), "{name} has no seeds");
    }
}

#[test]
fn seeds_cut_and_changed_go_through_their_targets() {
    for (name, target) in TARGETS {
        for seed in files(&folder("seeds").join(name)) {
            let bytes = fs::read(seed).expect("a seed");
            target(&bytes);
            for cut in [bytes.len() / 3, bytes.len() / 2, bytes.len().saturating_sub(1)] {
                target(&bytes[..cut]);
            }
            for at in (0..bytes.len()).step_by(1 + bytes.len() / 64) {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << (at % 8);
                target(&changed);
            }
        }
    }
}
