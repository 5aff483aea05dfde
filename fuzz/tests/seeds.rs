//! Every target has a file, seeds of its own and a row in the table; the seeds, whole, cut and
//! changed, go through it.

use std::fs;
use std::path::{Path, PathBuf};

use mdm_fuzz::TARGETS;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("no {}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn the_table_names_every_target() {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    let stems: Vec<_> = files("fuzz_targets")
        .iter()
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, stems);
    for name in names {
        let source = format!("{}/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = fs::read_to_string(source).expect("a target");
        assert!(source.contains(&format!("run(\"{name}\", data)")), "{name} runs another");
    }
}

#[test]
fn dictionaries_are_of_targets_that_there_are() {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/dictionaries/targets");
    for line in fs::read_to_string(table).expect("a table").lines() {
        if line.starts_with('#') {
            continue;
        }
        let (target, dictionary) = line.split_once(' ').expect("a target and its dictionary");
        assert!(mdm_fuzz::named(target).is_some(), "{target}");
        let path = format!("{}/dictionaries/{dictionary}.dict", env!("CARGO_MANIFEST_DIR"));
        assert!(Path::new(&path).exists(), "{path}");
    }
}

#[test]
fn seeds_cut_and_changed_go_through_their_targets() {
    for target in TARGETS {
        let seeds = files(&format!("seeds/{}", target.name));
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        for seed in seeds {
            let bytes = fs::read(&seed).expect("a seed");
            target.run(&bytes);
            // Those that a fuzzer found are cut and changed already.
            let is_ours = !seed.file_name().expect("a name").to_string_lossy().starts_with("kept-");
            let changes = if is_ours { 24 } else { 2 };
            let places = || (0..bytes.len()).step_by(1 + bytes.len() / changes);
            for at in places().chain([bytes.len().saturating_sub(1)]) {
                target.run(&bytes[..at]);
            }
            for at in places() {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << (at % 8);
                target.run(&changed);
            }
        }
    }
}
