//! Replays the seeds of the targets of mdm-xml and apple-mdm, the corpus of real messages through
//! those that read bytes, and bytes made by chance through those that build their input from parts.

use mdm_test_support::corpus;

type Target = (&'static str, fn(&[u8]));

const READERS: &[Target] = &[
    ("xml_oracle", mdm_fuzz::apple::xml_oracle),
    ("plist_oracle", mdm_fuzz::apple::plist_oracle),
    ("apple_texts", mdm_fuzz::apple::apple_texts),
];

const BUILDERS: &[Target] = &[
    ("xml_writer", mdm_fuzz::apple::xml_writer),
    ("plist_values", mdm_fuzz::apple::plist_values),
    ("apple_store", mdm_fuzz::apple::apple_store),
    ("apple_plan_steps", mdm_fuzz::apple::apple_plan_steps),
    ("apple_pair", mdm_fuzz::apple::apple_pair),
];

#[test]
fn every_seed_goes_through_its_target() {
    for (name, target) in READERS.iter().chain(BUILDERS) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let seeds = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("no seeds for {name}"));
        let mut count = 0;
        for seed in seeds {
            let bytes = std::fs::read(seed.expect("a file").path()).expect("it can be read");
            target(&bytes);
            count += 1;
        }
        assert!(count >= 3, "{name} has {count} seeds");
    }
}

#[test]
fn the_corpus_goes_through_the_readers() {
    for part in ["apple-mdm", "syncml", "wsusss", "update-csp", "enrollment"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            for (_, target) in READERS {
                target(&file.bytes);
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

#[test]
fn what_is_built_from_chance_goes_through_the_builders() {
    // A generator of its own (xorshift), so that every run is the same.
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut bytes = Vec::new();
    for round in 0..60usize {
        bytes.clear();
        for _ in 0..(round * 20) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.push((state >> 32) as u8);
        }
        for (name, target) in BUILDERS {
            // A pair lives through days.
            if *name != "apple_pair" || round % 6 == 0 {
                target(&bytes);
            }
        }
    }
}
