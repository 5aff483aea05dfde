//! The vendor's database: one SQLite file.
//!
//! State of the crates' machines is kept as the JSON that serde makes of it. Everything that one
//! message changes is written in one transaction before the answer leaves, so a server that is
//! killed at any moment answers the same request with the same bytes afterwards.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("database: {0}")]
    Sql(#[from] rusqlite::Error),
    /// What the database holds is not what this program writes.
    #[error("database: {0}")]
    Json(#[from] serde_json::Error),
    /// The file has the tables of another version of this program.
    #[error("database: made by another version of this program: delete it")]
    Version,
}

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store(Arc<Mutex<Connection>>);

/// Of the tables below; to be counted up with every change.
const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
    -- Single values: the clock, and the state of the machines that exist once.
    CREATE TABLE IF NOT EXISTS value (
        key TEXT PRIMARY KEY,
        json TEXT NOT NULL
    ) WITHOUT ROWID;

    -- A row for each managed device.
    CREATE TABLE IF NOT EXISTS device (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,              -- windows, apple
        ring TEXT NOT NULL,              -- test, all
        session BLOB,                    -- the machine's state between two messages
        inventory TEXT,                  -- what the device said it needs and has
        policies TEXT,                   -- what it said of its policies
        last_seen TEXT
    ) WITHOUT ROWID;

    -- What a device is to do, and what became of it. `purpose` is the vendor's key.
    CREATE TABLE IF NOT EXISTS command (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        device TEXT NOT NULL REFERENCES device (id),
        purpose TEXT NOT NULL,
        command TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued',   -- queued, sent, done, failed
        outcome TEXT
    );
    CREATE INDEX IF NOT EXISTS command_of_device ON command (device, state);

    -- The newest revision of each update's metadata.
    CREATE TABLE IF NOT EXISTS update_metadata (
        id TEXT PRIMARY KEY,
        revision INTEGER NOT NULL,
        title TEXT NOT NULL,
        kb TEXT NOT NULL,
        classification TEXT NOT NULL,
        eula TEXT,
        deployable INTEGER NOT NULL,     -- 0 for what is only installed as a part of others
        document TEXT NOT NULL           -- empty for definition updates, which are left out
    ) WITHOUT ROWID;

    -- What is installed with an update.
    CREATE TABLE IF NOT EXISTS bundle_part (
        bundle TEXT NOT NULL,
        part TEXT NOT NULL,
        PRIMARY KEY (bundle, part)
    ) WITHOUT ROWID;

    -- The files with an update's licence terms.
    CREATE TABLE IF NOT EXISTS licence_text (
        of TEXT NOT NULL,
        digest TEXT NOT NULL,
        language TEXT NOT NULL,
        region TEXT,
        url TEXT
    );
    CREATE INDEX IF NOT EXISTS licence_text_of ON licence_text (of);

    -- What IT decided. Nothing is ever deleted here.
    CREATE TABLE IF NOT EXISTS decision (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,              -- eula, update, driver, refused
        subject TEXT NOT NULL
    );

    -- The simulated peers' own disks: no vendor has this table.
    CREATE TABLE IF NOT EXISTS peer (
        name TEXT PRIMARY KEY,
        json TEXT NOT NULL
    ) WITHOUT ROWID;
";

impl Store {
    /// Opens a database file, or one in memory, and makes its tables.
    ///
    /// # Errors
    /// [`StoreError::Sql`], and [`StoreError::Version`] for a file that is left as it is.
    pub fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        let mut connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        // A process that is killed loses nothing that was committed; only a machine that loses
        // power could lose the last commits.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        // In one transaction: a process that is killed here leaves no tables without a version.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let query = "SELECT count(*) FROM sqlite_schema WHERE name = 'device'";
        let is_new = transaction.query_row(query, [], |row| row.get::<_, i64>(0))? == 0;
        if !is_new && version != SCHEMA_VERSION {
            return Err(StoreError::Version);
        }
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        transaction.commit()?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` in one transaction: all of it counts, or nothing.
    ///
    /// # Errors
    /// What `work` returns, and [`StoreError::Sql`].
    pub fn transaction<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic while the lock was held has rolled its transaction back.
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction().map_err(StoreError::from)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(result)
    }
}

/// Reads a single value.
///
/// # Errors
/// [`StoreError`].
pub fn value<T: DeserializeOwned>(
    tx: &Transaction<'_>,
    key: &str,
) -> Result<Option<T>, StoreError> {
    from_row(tx, "SELECT json FROM value WHERE key = ?1", key)
}

/// Writes a single value.
///
/// # Errors
/// [`StoreError`].
pub fn set_value(
    tx: &Transaction<'_>,
    key: &str,
    value: &impl Serialize,
) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR REPLACE INTO value (key, json) VALUES (?1, ?2)")?
        .execute(params![key, serde_json::to_string(value)?])?;
    Ok(())
}

/// Reads what a simulated peer keeps.
///
/// # Errors
/// [`StoreError`].
pub fn peer<T: DeserializeOwned>(
    tx: &Transaction<'_>,
    name: &str,
) -> Result<Option<T>, StoreError> {
    from_row(tx, "SELECT json FROM peer WHERE name = ?1", name)
}

/// Writes what a simulated peer keeps.
///
/// # Errors
/// [`StoreError`].
pub fn set_peer(
    tx: &Transaction<'_>,
    name: &str,
    value: &impl Serialize,
) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR REPLACE INTO peer (name, json) VALUES (?1, ?2)")?
        .execute(params![name, serde_json::to_string(value)?])?;
    Ok(())
}

fn from_row<T: DeserializeOwned>(
    tx: &Transaction<'_>,
    query: &str,
    key: &str,
) -> Result<Option<T>, StoreError> {
    let json: Option<String> =
        tx.prepare_cached(query)?.query_row([key], |row| row.get(0)).optional()?;
    Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
}
