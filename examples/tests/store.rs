//! The database file of the vendor's server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_examples::server::store::{Store, StoreError};
use rusqlite::Connection;

#[test]
fn a_database_of_another_version_is_refused_and_not_changed() {
    let folder = std::env::temp_dir().join(format!("store-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("old.db");
    let old = Connection::open(&path).unwrap();
    // As they were before parts and licence terms were noted.
    old.execute_batch(
        "CREATE TABLE device (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
         CREATE TABLE update_metadata (id TEXT PRIMARY KEY, eula TEXT) WITHOUT ROWID;",
    )
    .unwrap();
    let tables = || -> i64 {
        old.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap()
    };
    let before = tables();
    let refused = Store::open(Some(&path)).unwrap_err();
    assert!(matches!(refused, StoreError::Version), "{refused}");
    assert!(refused.to_string().contains("delete it"));
    assert_eq!(tables(), before);
    // One of this version is opened again.
    let path = folder.join("new.db");
    for _ in 0..2 {
        Store::open(Some(&path)).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
