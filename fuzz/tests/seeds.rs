//! Replays the seeds, which were written by hand: `seeds/TARGET/NAME`.

use std::fs;
use std::path::Path;

#[test]
fn the_seeds_go_through_their_targets() {
    let mut replayed = 0;
    for (name, target) in mdm_fuzz::WINDOWS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let mut files = 0;
        for file in fs::read_dir(&folder).expect("each target has seeds") {
            let bytes = fs::read(file.expect("a file").path()).expect("readable");
            target(&bytes);
            // Cut, and with a byte changed: what fuzzing tries first.
            target(&bytes[..bytes.len() / 2]);
            let mut changed = bytes;
            if let Some(byte) = changed.last_mut() {
                *byte ^= 0x20;
            }
            target(&changed);
            files += 1;
        }
        assert!(files > 0, "{name}");
        replayed += files;
    }
    assert!(replayed > 60);
}
