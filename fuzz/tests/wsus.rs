//! Replays the seeds of the structure-aware targets of `wsusss`, and bytes that look random.

use std::path::Path;

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("wsus_bodies", mdm_fuzz::wsus::bodies),
    ("wsus_catalog", mdm_fuzz::wsus::catalog),
    ("wsus_document", mdm_fuzz::wsus::document),
    ("wsus_envelope", mdm_fuzz::wsus::envelope),
    ("wsus_frames", mdm_fuzz::wsus::frames),
    ("wsus_server", mdm_fuzz::wsus::server),
    ("wsus_states", mdm_fuzz::wsus::states),
    ("wsus_sync", mdm_fuzz::wsus::sync),
    ("wsus_values", mdm_fuzz::wsus::values),
];

#[test]
fn seeds_go_through_their_targets() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for (name, target) in TARGETS {
        let mut count = 0;
        for file in std::fs::read_dir(seeds.join(name)).expect("seeds") {
            target(&std::fs::read(file.expect("a file").path()).expect("it can be read"));
            count += 1;
        }
        assert!(count > 0, "{name} has seeds");
    }
}

/// As many cases for each target as `WSUS_CASES` says.
#[test]
fn bytes_that_look_random_go_through_every_target() {
    let cases = std::env::var("WSUS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    let mut state = 0x5eed_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    for (name, target) in TARGETS {
        for case in 0..cases {
            let length = 20 + case * 37 % 700;
            // Small bytes make the usual choices.
            let most = [255, 15, 239][case % 3];
            let data: Vec<u8> = (0..length).map(|_| next() % most).collect();
            let run = std::panic::catch_unwind(|| target(&data));
            assert!(run.is_ok(), "{name}, case {case}: {data:?}");
        }
    }
}
