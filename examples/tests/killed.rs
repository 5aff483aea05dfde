//! The day is killed again and again and started again on the same database: nothing is lost, and
//! nothing is done twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;

const PCS: usize = 4;

/// Starts the day and says, line by line, what it prints.
fn start(database: &Path) -> (Child, mpsc::Receiver<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_update-day"))
        .args(["--serve", "--port", "0", "--pace", "40", "--devices", &PCS.to_string(), "--db"])
        .arg(database)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    (child, receive)
}

/// Waits for the end of the day, or for the time to kill it; says whether the day ended.
fn wait(lines: &mpsc::Receiver<String>, time: Duration) -> bool {
    let until = Instant::now() + time;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if line.contains("the server stays up") => return true,
            Ok(line) if line.contains("wrong:") => panic!("{line}"),
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => return false,
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("it ended by itself"),
        }
    }
}

fn peer(database: &Connection, name: &str) -> Value {
    let json: String = database
        .query_row("SELECT json FROM peer WHERE name = ?1", [name], |row| row.get(0))
        .unwrap();
    serde_json::from_str(&json).unwrap()
}

fn counts(database: &Connection, query: &str) -> BTreeMap<String, i64> {
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_day_that_is_killed_again_and_again_ends_as_it_must() {
    let folder = std::env::temp_dir().join(format!("update-day-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let database = folder.join("day.sqlite");
    let mut kills = 0;
    // Times that do not repeat a rhythm of the day; long enough to get some way each time.
    for round in 0..60_u64 {
        let (mut child, lines) = start(&database);
        let time = if round < 14 { 70 + round * 37 % 120 } else { 20_000 };
        let ended = wait(&lines, Duration::from_millis(time));
        // SIGKILL: nothing is flushed, closed or said good-bye to.
        child.kill().unwrap();
        child.wait().unwrap();
        if ended {
            break;
        }
        kills += 1;
        assert!(round < 59, "the day does not end");
    }
    assert!(kills >= 5, "killed only {kills} times: the day is too fast for the test");

    let database = Connection::open(&database).unwrap();
    let decisions = counts(
        &database,
        "SELECT what || ' ' || subject, count(*) FROM decision WHERE what != 'refused' GROUP BY 1",
    );
    assert!(decisions.values().all(|count| *count == 1), "decided twice: {decisions:?}");
    for what in ["eula ", "update ", "driver "] {
        assert!(decisions.keys().any(|key| key.starts_with(what)), "{what}is lost: {decisions:?}");
    }
    let ledger: String = database
        .query_row("SELECT json FROM value WHERE key = 'ledger'", [], |row| row.get(0))
        .unwrap();
    for key in decisions.keys() {
        let (what, subject) = key.split_once(' ').unwrap();
        assert!(what == "driver" || ledger.contains(subject), "{key} is not in the ledger");
    }
    let states = counts(&database, "SELECT state, count(*) FROM command GROUP BY state");
    assert!(!states.contains_key("queued") && !states.contains_key("sent"), "{states:?}");

    for number in 1..=PCS {
        let pc = peer(&database, &format!("PC-{number:03}"));
        let mut executed = BTreeMap::new();
        let mut added = BTreeMap::new();
        for entry in pc["journal"].as_array().unwrap() {
            let text = |field: &str| entry[field].to_string();
            *executed.entry((text("session"), text("message"), text("command"))).or_insert(0) += 1;
            if entry["name"] == "Add" || entry["name"] == "Replace" {
                *added.entry((text("name"), text("target"))).or_insert(0) += 1;
                assert_eq!(entry["status"], 200, "{entry}");
            }
        }
        assert!(executed.values().all(|count| *count == 1), "executed twice: {executed:?}");
        assert!(added.values().all(|count| *count == 1), "sent twice: {added:?}");
        let installed: Vec<&str> = pc["tree"]["journal"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap())
            .collect();
        let mut once = installed.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), installed.len(), "installed twice: {installed:?}");
        assert!(!installed.is_empty());
    }
    assert_eq!(peer(&database, "iPhone")["device"]["installations"], 1);
    let upstream = peer(&database, "upstream");
    assert_eq!(upstream["calls"]["GetAuthorizationCookie"], 1, "the cookie was lost");
    assert_eq!(upstream["calls"]["GetCookie"], 1, "the cookie was lost");
    drop(database);
    std::fs::remove_dir_all(&folder).unwrap();
}
