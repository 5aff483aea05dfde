//! Bytes made by chance, the same in every run, through the targets that take them for decisions.

use mdm_fuzz::{Kind, TARGETS};

/// As many cases for each target as `FUZZ_CASES` says.
#[test]
fn bytes_made_by_chance_go_through_their_targets() {
    let cases = std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48);
    // A generator of its own (xorshift).
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    for target in TARGETS.iter().filter(|target| target.kind == Kind::Decisions) {
        for case in 0..cases {
            let length = case * 37 % 1_200;
            // Small bytes make the usual choices.
            let most = [255, 15, 239][case % 3];
            let data: Vec<u8> = (0..length).map(|_| next() % most).collect();
            let run = std::panic::catch_unwind(|| target.run(&data));
            assert!(run.is_ok(), "{}, case {case}: {data:?}", target.name);
        }
    }
}
