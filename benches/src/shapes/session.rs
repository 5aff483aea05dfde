//! Whole sessions with Windows devices: what a node does from the first byte of a request to the
//! state that it stores.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use syncml::session::{Config, Event, Outcome, ServerSession, SessionState, peek};
use syncml::simulator::{DeviceSession, MemoryTree, Step};
use syncml::{Command, Data, Format};

use super::Scale;
use crate::claims::Claim;
use crate::measure::Group;
use crate::report::Report;

const SERVER: &str = "https://mdm.example/ManagementServer/MDM.svc";
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const POLICY: &str = "./Vendor/MSFT/Policy/Config/Update/";
const UPDATE: &str = "./Vendor/MSFT/Update/";
const POLICIES: [&str; 5] = [
    "ActiveHoursStart",
    "ActiveHoursEnd",
    "DeferQualityUpdatesPeriodInDays",
    "ConfigureDeadlineForQualityUpdates",
    "AllowAutoUpdate",
];
const LISTS: [&str; 4] =
    ["InstallableUpdates", "InstalledUpdates", "PendingRebootUpdates", "FailedUpdates"];

/// What a device needs: the list that approvals are made from.
const INSTALLABLE: &str = "./Vendor/MSFT/Update/InstallableUpdates";

/// Measures it.
pub fn measure(scale: &Scale, report: &mut Report) {
    let messages = record(0);
    assert_eq!(messages.len(), 3, "package 1, the answers to the plan, those to the approvals");
    let bytes = messages.iter().map(Vec::len).sum();
    let group = Group::new("a session of Windows, 3 messages", bytes)
        .with("decode alone", || {
            let limits = syncml::Limits::default();
            let decoded = messages.iter().map(|bytes| {
                syncml::decode(black_box(bytes), &limits).expect("a message").body.commands.len()
            });
            decoded.sum()
        })
        .with("syncml", || serve(black_box(&messages), 0, Stored::Bytes))
        .with("syncml, its state as JSON", || serve(black_box(&messages), 0, Stored::Json));
    let table = report.table(group.measure(scale.rounds)).clone();
    report.claim(Claim::at_least(
        "whole Windows sessions a second on one core",
        1.0 / table.row("syncml").seconds,
        10_000.0,
        20_000.0,
    ));
    let (least, most) = if scale.quick { (10, 300) } else { (10, 10_000) };
    let (few, many) = (record(least), record(most));
    let bytes = many.iter().map(Vec::len).sum();
    let group = Group::new(format!("a session with {most} more commands"), bytes)
        .with("none", || serve(black_box(&messages), 0, Stored::Bytes))
        .with("few", || serve(black_box(&few), least, Stored::Bytes))
        .with("many", || serve(black_box(&many), most, Stored::Bytes));
    let table = report.table(group.measure(scale.rounds)).clone();
    // What every session costs aside; the commands go out 200 at a time, as is the default.
    let of_one = |name: &str, commands: usize| {
        (table.row(name).seconds - table.row("none").seconds) / commands as f64
    };
    report.claim(Claim::at_most(
        format!("session: cost of a command, {most} more of them vs {least}"),
        of_one("many", most) / of_one("few", least),
        2.0,
        1.2,
    ));
}

/// As many sessions, for counting instructions.
pub(crate) fn sessions(times: usize) -> usize {
    let messages = record(0);
    (0..times).map(|_| serve(black_box(&messages), 0, Stored::Bytes)).sum()
}

/// What a device sends in the session that [`serve`] holds with it.
fn record(more: usize) -> Vec<Vec<u8>> {
    let mut tree = MemoryTree::default().with("./DevDetail/SwV", "chr", "10.0.26100.2033");
    for policy in POLICIES {
        tree = tree.with(&format!("{POLICY}{policy}"), "int", "1");
    }
    for list in LISTS {
        for number in 0..3 {
            let id = format!("{UPDATE}{list}/{number:08x}-0000-4000-8000-000000000001");
            tree = tree.with(&format!("{id}/RevisionNumber"), "int", "200");
        }
    }
    let mut device =
        DeviceSession::new("urn:uuid:5f0c2f4e-0000-4000-8000-000000000001", SERVER, tree);
    let mut messages = vec![device.start(&[]).expect("a package")];
    let mut state = None;
    loop {
        let (answer, next) = one(&messages[messages.len() - 1], state, more);
        state = Some(next);
        match device.handle_message(&answer).expect("an answer") {
            Step::Send(message) => messages.push(message),
            _ => return messages,
        }
    }
}

/// How the state is stored.
#[derive(Clone, Copy)]
enum Stored {
    /// As the documentation says.
    Bytes,
    /// Through serde, for who wants to read it.
    Json,
}

/// The server's side of a session, each message with the state from storage and back into it.
fn serve(messages: &[Vec<u8>], more: usize, how: Stored) -> usize {
    let mut stored: Option<Vec<u8>> = None;
    let mut work = 0;
    for message in messages {
        let state = stored.take().map(|stored| match how {
            Stored::Bytes => SessionState::from_bytes(&stored).expect("a state"),
            Stored::Json => serde_json::from_slice(&stored).expect("a state"),
        });
        let (answer, state) = one(message, state, more);
        let saved = match how {
            Stored::Bytes => state.to_bytes(),
            Stored::Json => serde_json::to_vec(&state).expect("a state"),
        };
        work += answer.len() + saved.len();
        stored = Some(saved);
    }
    work
}

/// One message, as a vendor's handler has it.
fn one(
    message: &[u8],
    stored: Option<SessionState<u32>>,
    more: usize,
) -> (Vec<u8>, SessionState<u32>) {
    let mut config = Config::new(SERVER);
    config.max_message_bytes = 4 << 20;
    config.max_queue = 20_000;
    let who = peek(message, &config.limits).expect("a message");
    let mut session = ServerSession::open(stored, &who, &config).expect("a session");
    session.handle_message(NOW, message).expect("a message of the session");
    let mut seen = 0;
    while let Some(event) = session.poll_event() {
        match event {
            Event::PackageOne(_) => plan(&mut session, more),
            Event::Outcome(outcome) => {
                seen += usize::from(outcome.is_success());
                approve(&mut session, &outcome);
            }
            _ => {}
        }
    }
    black_box(seen);
    let answer = session.poll_transmit(NOW).expect("an answer");
    (answer.body, session.into_state())
}

/// Approves what can be installed.
fn approve(session: &mut ServerSession<u32>, outcome: &Outcome<u32>) {
    let Some(list) = outcome.result_of(INSTALLABLE) else { return };
    let ids = list.data.as_ref().map_or("", Data::as_str);
    for (id, key) in ids.split('/').zip(outcome.key * 1_000..) {
        let node = Command::add_node(format!("{UPDATE}ApprovedUpdates/{id}"));
        session.submit(key, node).expect("it can be sent");
    }
}

fn plan(session: &mut ServerSession<u32>, more: usize) {
    let mut key = 0;
    let mut submit = |command| {
        key += 1;
        session.submit(key, command).expect("it can be sent");
    };
    for policy in POLICIES {
        let uri = format!("{POLICY}{policy}");
        submit(Command::replace(uri, Format::Int, Data::text("8")));
    }
    for list in LISTS {
        submit(Command::get(format!("{UPDATE}{list}")));
    }
    for _ in 0..more {
        submit(Command::get("./DevDetail/SwV"));
    }
}
