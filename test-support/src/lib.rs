//! What the crates' tests share: reading the corpus that the environment variable `MDM_CORPUS`
//! names.
//!
//! A corpus is a folder with one subfolder a crate. Each holds messages of real peers, `INDEX.tsv`
//! (a header line, then `file`, `source`, `licence`, `what`) and, where somebody wrote down what an
//! independent reader makes of them, `expect.json`. Tests name no file of it: they decide by
//! folder, INDEX columns and `expect.json`, so that any other corpus of the same layout runs too.

// Tests are allowed to stop where the corpus itself is broken.
#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One crate's part of the corpus.
#[derive(Debug)]
pub struct Corpus {
    root: PathBuf,
    index: BTreeMap<String, String>,
    expect: Option<serde_json::Value>,
}

/// One file of the corpus.
#[derive(Debug)]
pub struct CorpusFile {
    /// The path below the crate's folder, with `/`.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// The `what` column of INDEX.tsv, empty where the file has no row.
    pub what: String,
    /// What an independent reader read, where `expect.json` says.
    pub expect: Option<serde_json::Value>,
}

impl CorpusFile {
    /// The first folder of the name: `sessions` for `sessions/a.xml`, empty for a file at the top.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The part of the name after the last dot, empty where there is none.
    #[must_use]
    pub fn extension(&self) -> &str {
        Path::new(&self.name).extension().and_then(|text| text.to_str()).unwrap_or_default()
    }
}

/// Whether `MDM_CORPUS` names a corpus, so that a test has to have read something.
#[must_use]
pub fn is_named() -> bool {
    std::env::var_os("MDM_CORPUS").is_some_and(|value| !value.is_empty())
}

/// The part of the corpus for one crate, or `None` where `MDM_CORPUS` is not set or the corpus has
/// no such part; a line on the standard error says so then.
///
/// A relative path is taken from the workspace's root, because cargo runs each crate's tests in
/// the crate's own folder.
///
/// # Panics
/// Where the variable names no folder, or a part of it cannot be read.
#[must_use]
pub fn corpus(crate_name: &str) -> Option<Corpus> {
    let Some(named) = std::env::var_os("MDM_CORPUS").filter(|value| !value.is_empty()) else {
        eprintln!("skipped: MDM_CORPUS is not set, so the corpus of {crate_name} was not read");
        return None;
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let all = workspace.join(named);
    assert!(all.is_dir(), "MDM_CORPUS names no folder: {}", all.display());
    let root = all.join(crate_name);
    if !root.is_dir() {
        eprintln!("skipped: the corpus has no part {crate_name}");
        return None;
    }
    let index = match std::fs::read_to_string(root.join("INDEX.tsv")) {
        Ok(text) => text
            .lines()
            .skip(1)
            .filter_map(|line| {
                let mut columns = line.split('\t');
                let file = columns.next()?.to_owned();
                Some((file, columns.nth(2).unwrap_or_default().to_owned()))
            })
            .collect(),
        Err(error) => panic!("{}: {error}", root.join("INDEX.tsv").display()),
    };
    let expect = std::fs::read(root.join("expect.json"))
        .ok()
        .map(|bytes| serde_json::from_slice(&bytes).expect("expect.json is JSON"));
    Some(Corpus { root, index, expect })
}

impl Corpus {
    /// Every file below the crate's folder in the order of its names, but `INDEX.tsv`,
    /// `expect.json` and README files.
    ///
    /// # Panics
    /// Where a folder or a file cannot be read, or there is none at all.
    #[must_use]
    pub fn files(&self) -> Vec<CorpusFile> {
        let mut names = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a readable folder") {
                let path = entry.expect("a readable entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    names.push(path);
                }
            }
        }
        names.sort();
        let files: Vec<CorpusFile> = names
            .into_iter()
            .filter_map(|path| {
                let name = path.strip_prefix(&self.root).ok()?.to_str()?.replace('\\', "/");
                if matches!(name.as_str(), "INDEX.tsv" | "expect.json")
                    || name.to_ascii_lowercase().ends_with("readme.md")
                {
                    return None;
                }
                let bytes = std::fs::read(&path).expect("a readable file");
                let what = self.index.get(&name).cloned().unwrap_or_default();
                let expect = self.expect.as_ref().and_then(|all| all.get(&name)).cloned();
                Some(CorpusFile { name, bytes, what, expect })
            })
            .collect();
        assert!(!files.is_empty(), "the corpus folder {} is empty", self.root.display());
        files
    }
}
