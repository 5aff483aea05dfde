//! What the session tests share: messages by hand, and whole sessions.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use chrono::{DateTime, Utc};
use syncml::session::{Config, Event, Outcome, ServerSession};
use syncml::simulator::{DeviceSession, MemoryTree, Step};
use syncml::{Command, DiagnosticCode, Limits, Message, decode, wbxml};

pub(crate) const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
pub(crate) const SERVER: &str = "https://mdm.example/";

pub(crate) fn config() -> Config {
    Config::new(SERVER)
}

pub(crate) fn device(tree: MemoryTree) -> DeviceSession<MemoryTree> {
    DeviceSession::new("urn:uuid:4", SERVER, tree)
}

/// A message of the device with this number, header children, and body.
pub(crate) fn message(id: u32, header: &str, body: &str) -> Vec<u8> {
    format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><MsgID>{id}</MsgID><Target><LocURI>{SERVER}</LocURI></Target>\
         <Source><LocURI>urn:uuid:4</LocURI></Source>{header}</SyncHdr>\
         <SyncBody>{body}</SyncBody></SyncML>"
    )
    .into_bytes()
}

/// A status of the device for a command of our message `msg`.
pub(crate) fn status(msg: u32, cmd: u32, name: &str, target: &str, code: u16) -> String {
    let target = match target {
        "" => String::new(),
        target => format!("<TargetRef>{target}</TargetRef>"),
    };
    format!(
        "<Status><CmdID>9{cmd}</CmdID><MsgRef>{msg}</MsgRef><CmdRef>{cmd}</CmdRef>\
         <Cmd>{name}</Cmd>{target}<Data>{code}</Data></Status>"
    )
}

pub(crate) fn events<K: Clone>(session: &mut ServerSession<K>) -> Vec<Event<K>> {
    std::iter::from_fn(|| session.poll_event()).collect()
}

pub(crate) fn outcomes<K>(events: Vec<Event<K>>) -> Vec<Outcome<K>> {
    let outcome = |event| match event {
        Event::Outcome(outcome) => Some(outcome),
        _ => None,
    };
    events.into_iter().filter_map(outcome).collect()
}

/// Handles a message and returns the events and the answer.
pub(crate) fn handle<K: Clone>(
    session: &mut ServerSession<K>,
    bytes: &[u8],
) -> (Vec<Event<K>>, Message<'static>) {
    session.handle_message(NOW, bytes).unwrap();
    let mut found = events(session);
    let answer = session.poll_transmit(NOW).unwrap().body;
    found.extend(events(session));
    (found, decode(&answer, &Limits::default()).unwrap().into_owned())
}

/// The server's answers have nothing odd in them, and at most so many bytes.
fn check_answer(answer: &[u8], max: usize) {
    let message = if wbxml::looks_like(answer) {
        wbxml::decode(answer, &Limits::default()).unwrap()
    } else {
        decode(answer, &Limits::default()).unwrap()
    };
    // Values that the vendor gives as markup are markup.
    let odd = message.diagnostics.iter().find(|found| found.code != DiagnosticCode::Markup);
    assert_eq!(odd, None, "{}", String::from_utf8_lossy(answer));
    assert!(answer.len() <= max, "{} bytes of {max}", answer.len());
}

/// Runs a session to its end. Returns the events, and how many messages the device sent.
pub(crate) fn run<K: Clone>(
    session: &mut ServerSession<K>,
    device: &mut DeviceSession<MemoryTree>,
    max: usize,
) -> (Vec<Event<K>>, usize) {
    let mut found = Vec::new();
    let mut request = device.start(&[]).unwrap();
    for count in 1..2_000 {
        let hmac = device.outgoing_hmac().map(str::to_owned);
        session.handle_message_with_hmac(NOW, &request, hmac.as_deref()).unwrap();
        found.extend(events(session));
        let answer = transmit(session);
        found.extend(events(session));
        check_answer(&answer.body, max);
        match device.handle_message_with_hmac(&answer.body, answer.hmac.as_deref()).unwrap() {
            Step::Send(next) => request = next,
            Step::Done => {
                // What two say who do right belongs together.
                let lost = |event: &Event<K>| matches!(event, Event::UnmatchedStatus { .. });
                assert!(!found.iter().any(lost));
                return (found, count);
            }
        }
    }
    panic!("the session does not end");
}

/// The answer; with nonces that count up where one is needed.
#[cfg(feature = "auth")]
fn transmit<K: Clone>(session: &mut ServerSession<K>) -> syncml::session::Transmit {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NONCE: AtomicU32 = AtomicU32::new(0);
    match session.poll_transmit(NOW) {
        Ok(answer) => answer,
        Err(_) => {
            let number = NONCE.fetch_add(1, Ordering::Relaxed);
            let nonce = syncml::auth::Nonce::new(format!("nonce {number}\u{0}\u{ff}")).unwrap();
            session.provide_nonce(nonce);
            session.poll_transmit(NOW).unwrap()
        }
    }
}

#[cfg(not(feature = "auth"))]
fn transmit<K: Clone>(session: &mut ServerSession<K>) -> syncml::session::Transmit {
    session.poll_transmit(NOW).unwrap()
}

/// What a device says of its MaxMsgSize, for its header.
pub(crate) fn announce(size: usize) -> String {
    format!("<Meta><MaxMsgSize xmlns='syncml:metinf'>{size}</MaxMsgSize></Meta>")
}

/// A result for `./a` in pieces: this piece, whether more follow, and the Size if it is told.
pub(crate) fn chunk(id: u32, more: bool, size: Option<usize>, data: &str) -> String {
    let size = size.map(|size| format!("<Meta><Size xmlns='syncml:metinf'>{size}</Size></Meta>"));
    let more = if more { "<MoreData/>" } else { "" };
    format!(
        "<Results><CmdID>5{id}</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Item><Source><LocURI>./a\
         </LocURI></Source>{}<Data>{data}</Data>{more}</Item></Results>",
        size.unwrap_or_default()
    )
}

/// Statuses and alerts of the answer: names and codes.
pub(crate) fn said(answer: &Message<'_>) -> Vec<(String, u16)> {
    let one = |command: &Command<'_>| match command {
        Command::Status(status) => {
            Some((status.cmd.as_deref().unwrap().to_owned(), status.code().unwrap().number()))
        }
        Command::Alert(alert) => Some(("!".to_owned(), alert.code().unwrap().number())),
        _ => None,
    };
    answer.body.commands.iter().filter_map(one).collect()
}

/// A session that has asked for `./a`, of which it takes six bytes.
pub(crate) fn asked() -> ServerSession<u32> {
    let mut config = config();
    config.max_object_bytes = 6;
    let mut session = ServerSession::new(&config);
    session.submit(1, Command::get("./a")).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    session
}
