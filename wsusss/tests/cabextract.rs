//! Our cabinets and our decoder against `cabextract`. Runs where `CABEXTRACT` names a folder to
//! work in (`.ci/cabextract_peer` sets it); `.cab` files that lie in it are compared as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg(feature = "cab")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wsusss::cab::{self, CabError, Cabinet, Compression, Maker};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CABEXTRACT").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: CABEXTRACT names no folder");
    }
    folder
}

/// Extracts cabinets into a folder; whether it thought well of them all.
fn peer(cabinets: &[PathBuf], out: &Path) -> bool {
    let mut command = Command::new("cabextract");
    command.args(["-q", "-s", "-d"]).arg(out).args(cabinets);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().expect("cabextract").success()
}

/// Markup with numbers that change, a table of numbers, and noise.
fn content(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut out = Vec::with_capacity(size + 64);
    while out.len() < size {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = state >> 33;
        match number % 5 {
            0..3 => {
                let line =
                    format!("<file name=\"f{}.dll\" size=\"{}\"/>\n", number % 97, number % 9);
                out.extend(line.encode_utf16().flat_map(u16::to_le_bytes));
            }
            3 => out.extend([0xE8, number.to_le_bytes()[0], number.to_le_bytes()[1], 0, 0, 7]),
            _ => out.extend(state.to_le_bytes()),
        }
    }
    out.truncate(size);
    out
}

#[test]
fn cabinets_of_many_sizes_are_the_same_to_both() {
    let Some(folder) = folder() else { return };
    let out = folder.join("ours");
    let mut cabinets = Vec::new();
    let mut sizes = vec![1, 2, 9, 10, 11, 12, 100, 2_700, 5_121];
    for near in [32_768usize, 65_536, 131_072] {
        sizes.extend([near - 1, near, near + 1, near + 11]);
    }
    sizes.extend([300_000, 1_000_003, 3_000_000]);
    let kinds = [
        Compression::Verbatim,
        Compression::Aligned,
        Compression::Uncompressed,
        Compression::Mixed,
    ];
    let mut number = 0u64;
    for &size in &sizes {
        for kind in kinds {
            for (bits, block) in
                [(15, 32_768), (17, 777), (19, 50_001), (21, 32_768), (21, 1 << 20)]
            {
                // Every size in every window would be many megabytes.
                if size > 200_000 && (bits != 21 || block < 1000) {
                    continue;
                }
                number += 1;
                let content = content(size, number);
                let mut maker = Maker::default().window_bits(bits).compression(kind).block(block);
                if number.is_multiple_of(3) {
                    maker = maker.translation(12_000_000);
                }
                let name = format!("f{number}");
                let cabinet = maker.make(&name, &content);
                assert!(cab::extract(&cabinet, size).as_deref() == Ok(&content), "{name}");
                let path = folder.join(format!("ours-{number}.made"));
                std::fs::write(&path, cabinet).unwrap();
                cabinets.push((path, name, content));
            }
        }
    }
    let paths: Vec<PathBuf> = cabinets.iter().map(|(path, _, _)| path.clone()).collect();
    assert!(peer(&paths, &out), "cabextract complains of one of {}", paths.len());
    for (path, name, content) in &cabinets {
        let theirs = std::fs::read(out.join(name)).unwrap();
        assert!(theirs == *content, "{}: cabextract has other bytes", path.display());
    }
    eprintln!("{} cabinets are the same to cabextract", cabinets.len());
}

#[test]
fn cabinets_of_others_are_the_same_to_both() {
    let Some(folder) = folder() else { return };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cab"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no cabinets of others");
    let (mut same, mut refused) = (0, 0);
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        let out = path.with_extension("out");
        let fine = peer(std::slice::from_ref(path), &out);
        let cabinet = match Cabinet::read(&bytes) {
            Ok(cabinet) => cabinet,
            Err(error) => {
                let named = !fine || matches!(error, CabError::Shape | CabError::Signature);
                assert!(named, "{}: {error}", path.display());
                refused += 1;
                continue;
            }
        };
        for file in cabinet.files() {
            let name = String::from_utf8_lossy(file.name).into_owned();
            let theirs = std::fs::read(out.join(&name)).ok();
            match (cabinet.extract(file, 64 << 20), theirs) {
                (Ok(ours), Some(theirs)) => {
                    assert!(!fine || ours == theirs, "{}: {name} differs", path.display());
                    same += 1;
                }
                // Names that no file system takes.
                (Ok(_), None) => {}
                (Err(error), _) => {
                    let named = !fine || matches!(error, CabError::Compression(_));
                    assert!(named, "{}: {name}: {error}, but not to cabextract", path.display());
                    refused += 1;
                }
            }
        }
    }
    eprintln!("{} cabinets of others: {same} files the same, {refused} refused", paths.len());
    assert!(same > 0);
}
