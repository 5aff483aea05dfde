//! The server's side of a management session, as a machine without I/O.
//!
//! A session lives over many HTTP requests, on many nodes. Between two of them it is a
//! [`SessionState`]: a plain value to be stored beside everything else the vendor keeps about the
//! device.
//!
//! *Specified*: OMA-TS-DM_Protocol 1.2.1 section 8 (packages); MS-MDM 2.2 and 3.

mod outcome;
mod state;

use std::collections::VecDeque;
use std::fmt;

use chrono::{DateTime, Utc};

pub use outcome::{ItemStatus, Outcome};
pub use state::{STATE_VERSION, SessionState};

use crate::codes::{AlertCode, StatusCode};
use crate::decode::decode;
use crate::diagnostic::DiagnosticCode;
use crate::encode::encode;
use crate::error::{Error, ErrorKind, Limits};
use crate::id::{CmdId, MsgId, SessionId};
use crate::model::{Alert, Body, Command, Header, Item, Location, Message, Status};
use state::{Pending, Queued};

/// Why a session did not take something. Its state is then as it was before.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// A message without SyncHdr, SessionID or MsgID.
    #[error("the message has no usable SyncHdr")]
    NoHeader,
    /// A message of another session.
    #[error("the message belongs to session {found:?}, not {expected:?}")]
    OtherSession {
        /// This session.
        expected: Box<str>,
        /// The message's.
        found: Box<str>,
    },
    /// A message that was answered long ago.
    #[error("message {found:?} comes after message {last:?}")]
    Stale {
        /// The last message.
        last: Box<str>,
        /// This one.
        found: Box<str>,
    },
    /// Another message with the identifier of the last one.
    #[error("message {0:?} came before with other content")]
    Changed(Box<str>),
    /// The session is over.
    #[error("the session is over")]
    Ended,
    /// [`Config::max_queue`] commands are waiting already.
    #[error("more than {max} commands are waiting")]
    QueueFull {
        /// The limit.
        max: usize,
    },
    /// A command that a server cannot send, such as a Status or a Get inside an Atomic.
    #[error("{0} cannot be sent here")]
    NotSendable(&'static str),
    /// No message was handled that an answer could be made for.
    #[error("there is nothing to answer")]
    NothingToAnswer,
    /// A saved state of a version that this program does not know.
    #[error("the saved state has version {0}, this program reads version {STATE_VERSION}")]
    StateVersion(u32),
}

/// What the vendor decides about sessions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The server's address, the Source of its messages.
    pub server_uri: String,
    /// What a device's message may cost.
    pub limits: Limits,
    /// How many commands may wait. Default 10,000.
    pub max_queue: usize,
    /// How many commands go into one message. Default 200.
    pub max_commands: usize,
    /// How many bytes of results are kept for commands that are not finished. Default 8 MiB; what
    /// is over it is left out and the outcome says so.
    pub max_result_bytes: usize,
}

impl Config {
    /// The defaults for a server at this address.
    #[must_use]
    pub fn new(server_uri: impl Into<String>) -> Self {
        Self {
            server_uri: server_uri.into(),
            limits: Limits::default(),
            max_queue: 10_000,
            max_commands: 200,
            max_result_bytes: 8 << 20,
        }
    }
}

/// What a device said about itself in package 1.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// `./DevInfo/DevId`.
    pub dev_id: Option<String>,
    /// `./DevInfo/Man`: who made it.
    pub man: Option<String>,
    /// `./DevInfo/Mod`: its model.
    pub model: Option<String>,
    /// `./DevInfo/DmV`: the version of its management client.
    pub dm_v: Option<String>,
    /// `./DevInfo/Lang`: its language.
    pub lang: Option<String>,
}

/// What happened in a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<K> {
    /// The session began; the device is who it says (authenticating it is TLS's job here).
    Began {
        /// The device's address, the Source of its messages.
        device: String,
        /// The user's name, if the device gave one.
        user: Option<String>,
    },
    /// The device described itself.
    DeviceInfo(DeviceInfo),
    /// An alert of the device.
    Alert(Box<Alert<'static>>),
    /// A command is finished. Comes once for each command.
    Outcome(Outcome<K>),
    /// The device ended its package without a status for a command. It may have been executed.
    Unanswered {
        /// The vendor's key.
        key: K,
    },
    /// The device refused the header of a message.
    HeaderRefused(StatusCode),
    /// The device ended the session (Alert 1223). What was sent and not finished is in
    /// [`Session::unanswered`].
    Aborted,
    /// The device sent something that it may not, and how it was answered.
    Violation {
        /// The command's name.
        command: String,
        /// The status.
        answered: StatusCode,
    },
    /// Something was odd about the device's message.
    Diagnostic(mdm_xml::Diagnostic<DiagnosticCode>),
    /// Nothing is left to do: the answer to this message ends the session.
    Ended,
}

/// An answer to be sent.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Transmit {
    /// The media type for `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Transmit {
    /// Not the body: its values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit")
            .field("content_type", &self.content_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// One session with one device. `K` is the vendor's own key for a command.
///
/// After [`handle_message`](Self::handle_message), drain [`poll_event`](Self::poll_event), submit
/// what is to be done, take the answer from [`poll_transmit`](Self::poll_transmit), and store
/// [`into_state`](Self::into_state) before the answer leaves: then a repeated request gets the
/// same bytes, whichever node it reaches, and nothing is done twice.
///
/// ```
/// use syncml::session::{Config, Event, Session};
/// use syncml::Command;
///
/// let config = Config::new("https://mdm.example/");
/// let package_1 = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>
///     <VerProto>DM/1.2</VerProto><SessionID>7</SessionID><MsgID>1</MsgID>
///     <Target><LocURI>https://mdm.example/</LocURI></Target>
///     <Source><LocURI>urn:uuid:4</LocURI></Source></SyncHdr><SyncBody>
///     <Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/></SyncBody></SyncML>"#;
///
/// let mut session = Session::new(&config);
/// session.handle_message(chrono::DateTime::UNIX_EPOCH, package_1)?;
/// while let Some(event) = session.poll_event() {
///     if let Event::Began { device, .. } = event {
///         assert_eq!(device, "urn:uuid:4");
///     }
/// }
/// session.submit("inventory", Command::get("./Vendor/MSFT/Update/InstallableUpdates"))?;
/// let answer = session.poll_transmit(chrono::DateTime::UNIX_EPOCH)?;
/// assert_eq!(answer.content_type, syncml::CONTENT_TYPE_XML);
/// let state = session.into_state(); // store it, then send the answer
/// # Ok::<(), syncml::Error>(())
/// ```
pub struct Session<K> {
    config: Config,
    state: SessionState<K>,
    events: VecDeque<Event<K>>,
}

impl<K> fmt::Debug for Session<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("state", &self.state)
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

impl<K: Clone> Session<K> {
    /// A session that has not begun.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone(), state: SessionState::default(), events: VecDeque::new() }
    }

    /// Goes on where [`into_state`](Self::into_state) left off.
    ///
    /// # Errors
    /// [`SessionError::StateVersion`].
    pub fn resume(state: SessionState<K>, config: &Config) -> Result<Self, Error> {
        if state.version != STATE_VERSION {
            return Err(session(SessionError::StateVersion(state.version)));
        }
        Ok(Self { config: config.clone(), state, events: VecDeque::new() })
    }

    /// The state, to be stored.
    #[must_use]
    pub fn into_state(self) -> SessionState<K> {
        self.state
    }

    /// The session's identifier, once it began.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.state.session_id.as_deref()
    }

    /// The device's address, once the session began.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.state.device.as_deref()
    }

    /// Whether the session is over.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.state.ended
    }

    /// The commands that were submitted and not sent, in order.
    pub fn queued(&self) -> impl Iterator<Item = &K> {
        self.state.queue.iter().map(|queued| &queued.key)
    }

    /// The commands that were sent and have no outcome. When a session dies, the vendor decides
    /// about these: the device may have executed them.
    pub fn unanswered(&self) -> impl Iterator<Item = &K> {
        self.state.pending.iter().map(|pending| &pending.key)
    }

    /// Takes a device's message. A repetition of the last one changes nothing and is answered with
    /// the same bytes.
    ///
    /// # Errors
    /// Those of [`decode`], and [`ErrorKind::Session`]. The state is then as it was before.
    pub fn handle_message(&mut self, _now: DateTime<Utc>, bytes: &[u8]) -> Result<(), Error> {
        let message = decode(bytes, &self.config.limits)?;
        let header = message.header.as_ref().ok_or(session(SessionError::NoHeader))?;
        let (session_id, msg_id) = (header.session_id.as_str(), header.msg_id.as_str());
        if session_id.is_empty() || msg_id.is_empty() {
            return Err(session(SessionError::NoHeader));
        }
        if let Some(expected) = self.state.session_id.as_deref().filter(|id| *id != session_id) {
            let (expected, found) = (expected.into(), session_id.into());
            return Err(session(SessionError::OtherSession { expected, found }));
        }
        let digest = digest(bytes);
        if let Some((last, last_digest)) = &self.state.last_message {
            if last == msg_id {
                if *last_digest == digest {
                    return Ok(());
                }
                return Err(session(SessionError::Changed(msg_id.into())));
            }
            let order = last.parse::<u64>().ok().zip(msg_id.parse::<u64>().ok());
            if order.is_some_and(|(last, found)| found < last) {
                let (last, found) = (last.as_str().into(), msg_id.into());
                return Err(session(SessionError::Stale { last, found }));
            }
        }
        if self.state.ended {
            return Err(session(SessionError::Ended));
        }
        self.take(&message, header, digest);
        Ok(())
    }

    fn take(&mut self, message: &Message<'_>, header: &Header<'_>, digest: u64) {
        if self.state.session_id.is_none() {
            self.state.session_id = Some(header.session_id.to_string());
            let device = header.source.loc_uri.trim().to_owned();
            self.state.device = Some(device.clone());
            let user = header.source.loc_name.as_deref().map(str::to_owned);
            self.events.push_back(Event::Began { device, user });
        }
        self.events.extend(message.diagnostics.iter().cloned().map(Event::Diagnostic));
        self.state.last_message = Some((header.msg_id.to_string(), digest));
        self.state.last_reply = None;
        self.state.owed.clear();
        let msg_ref = header.msg_id.clone().into_owned();
        if !header.no_resp {
            self.owe(&msg_ref, CmdId::from(0), "SyncHdr", StatusCode::OK);
        }
        for command in &message.body.commands {
            self.command(command, &msg_ref);
        }
        self.state.device_final = message.body.is_final;
        self.settle();
    }

    fn owe(&mut self, msg_ref: &MsgId<'static>, cmd_ref: CmdId<'_>, name: &str, code: StatusCode) {
        let cmd_ref = cmd_ref.into_owned();
        let status = Command::status(msg_ref.clone(), cmd_ref, name.to_owned(), code);
        self.state.owed.push(status);
    }

    fn command(&mut self, command: &Command<'_>, msg_ref: &MsgId<'static>) {
        let answer = match command {
            Command::Status(status) => return self.status(status),
            Command::Results(results) => {
                let msg = results.msg_ref.as_ref().map_or("1", MsgId::as_str);
                let cmd = results.cmd_ref.as_ref().map_or("1", CmdId::as_str);
                let room = self.config.max_result_bytes;
                let used: usize = self.state.pending.iter().map(Pending::bytes).sum();
                if let Some(pending) = self.state.pending_mut(msg, cmd) {
                    pending.add_results(results, room.saturating_sub(used));
                }
                return;
            }
            Command::Alert(alert) => {
                if alert.code() == Some(AlertCode::SESSION_ABORT) {
                    self.state.ended = true;
                    self.events.push_back(Event::Aborted);
                } else if alert.code() != Some(AlertCode::NEXT_MESSAGE) {
                    let alert = Command::Alert(alert.clone()).into_owned();
                    if let Command::Alert(alert) = alert {
                        self.events.push_back(Event::Alert(Box::new(alert)));
                    }
                }
                StatusCode::OK
            }
            Command::Replace(request) => {
                self.events.push_back(Event::DeviceInfo(device_info(&request.items)));
                StatusCode::OK
            }
            // OMA-TS-DM_Protocol 1.2.1, 8: a client sends Alert, Replace, Results and Status.
            _ => {
                let answered = StatusCode::METHOD_NOT_ALLOWED;
                let command = command.name().to_owned();
                self.events.push_back(Event::Violation { command, answered });
                answered
            }
        };
        let no_resp = match command {
            Command::Alert(alert) => alert.no_resp,
            Command::Atomic(group) | Command::Sequence(group) => group.no_resp,
            other => other.request().is_some_and(|request| request.no_resp),
        };
        if !no_resp {
            // Microsoft Learn, "OMA DM protocol support": without a CmdID the reference is blank.
            let id = command.cmd_id().cloned().unwrap_or(CmdId::new(""));
            let answer = if command.cmd_id().is_none() { StatusCode::BAD_REQUEST } else { answer };
            self.owe(msg_ref, id, command.name(), answer);
        }
    }

    fn status(&mut self, status: &Status<'_>) {
        let msg = status.msg_ref.as_ref().map_or("1", MsgId::as_str);
        let cmd = status.cmd_ref.as_ref().map_or("", CmdId::as_str);
        if cmd == "0" {
            if let Some(code) = status.code().filter(|code| !code.is_success()) {
                self.events.push_back(Event::HeaderRefused(code));
            }
            return;
        }
        if let Some(pending) = self.state.pending_mut(msg, cmd) {
            pending.add_status(cmd, status);
        }
    }

    /// Reports the commands that are finished.
    fn settle(&mut self) {
        let last = self.state.device_final;
        let (finished, open) = std::mem::take(&mut self.state.pending)
            .into_iter()
            .partition::<Vec<_>, _>(|pending| pending.is_finished() || last);
        self.state.pending = open;
        for pending in finished {
            self.events.push_back(if pending.has_status() {
                Event::Outcome(pending.into_outcome())
            } else {
                Event::Unanswered { key: pending.key }
            });
        }
    }

    /// What happened since it was last asked. To be drained after each
    /// [`handle_message`](Self::handle_message) and [`poll_transmit`](Self::poll_transmit).
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event<K>> {
        self.events.pop_front()
    }

    /// Queues a command, without a CmdID. Commands are sent in the order of their submission.
    ///
    /// # Errors
    /// [`SessionError::QueueFull`], [`SessionError::Ended`], and [`SessionError::NotSendable`] for
    /// what a server does not send or Windows does not take: Status, Results, Put, Copy, unknown
    /// elements, and a Get or an Atomic inside an Atomic (OMA-TS-DM_RepPro 1.2.1, 4.1.6.3).
    pub fn submit(&mut self, key: K, command: Command<'_>) -> Result<(), Error> {
        let max = self.config.max_queue;
        if self.state.queue.len() >= max {
            return Err(session(SessionError::QueueFull { max }));
        }
        if self.state.ended {
            return Err(session(SessionError::Ended));
        }
        sendable(&command)?;
        self.state.queue.push_back(Queued { key, command: command.into_owned() });
        Ok(())
    }

    /// The answer to the last message: statuses, then as many commands as fit. Asked again before
    /// the next message, it gives the same bytes.
    ///
    /// # Errors
    /// [`SessionError::NothingToAnswer`], and [`ErrorKind::Unwritable`] where a submitted command
    /// cannot be written.
    pub fn poll_transmit(&mut self, _now: DateTime<Utc>) -> Result<Transmit, Error> {
        if let Some(reply) = &self.state.last_reply {
            return Ok(transmit(reply.clone().into_bytes()));
        }
        if self.state.last_message.is_none() {
            return Err(session(SessionError::NothingToAnswer));
        }
        let mut commands = self.state.owed.clone();
        let mut sent = Vec::new();
        // No new commands before the device has finished its package and owes nothing.
        let more = !self.state.device_final && !self.state.ended;
        if more {
            commands.push(Command::alert(AlertCode::NEXT_MESSAGE));
        } else if self.state.pending.is_empty() && !self.state.ended {
            let count = self.state.queue.len().min(self.config.max_commands);
            sent.extend(self.state.queue.iter().take(count).cloned());
            commands.extend(sent.iter().map(|queued| queued.command.clone()));
        }
        let number = self.state.next_message;
        let msg_id = number.to_string();
        let statuses = commands.len() - sent.len();
        let mut next_id = 1;
        for command in &mut commands {
            give_ids(command, &mut next_id);
        }
        let pending: Vec<Pending<K>> = sent
            .iter()
            .zip(commands.iter().skip(statuses))
            .map(|(queued, command)| Pending::new(queued.key.clone(), &msg_id, command))
            .collect();
        let ends = sent.is_empty() && !more;
        let header = Header::new(
            SessionId::new(self.state.session_id.clone().unwrap_or_default()),
            MsgId::new(msg_id),
            Location::new(self.state.device.clone().unwrap_or_default()),
            Location::new(self.config.server_uri.clone()),
        );
        let mut message = Message::new(header, Body { commands, is_final: !more });
        message.diagnostics.clear();
        let mut body = Vec::new();
        encode(&message, &mut body)?;
        // Only now, when nothing can fail any more, the state changes.
        self.state.queue.drain(..sent.len());
        self.state.pending.extend(pending);
        self.state.next_message = number.saturating_add(1);
        self.state.owed.clear();
        if ends && !self.state.ended {
            self.state.ended = true;
            self.events.push_back(Event::Ended);
        }
        self.state.last_reply = Some(String::from_utf8_lossy(&body).into_owned());
        Ok(transmit(body))
    }
}

fn transmit(body: Vec<u8>) -> Transmit {
    Transmit { content_type: crate::CONTENT_TYPE_XML, body }
}

fn session(error: SessionError) -> Error {
    Error::new(ErrorKind::Session(error))
}

fn sendable(command: &Command<'_>) -> Result<(), Error> {
    let refuse = |what| Err(session(SessionError::NotSendable(what)));
    match command {
        Command::Status(_) => refuse("Status"),
        Command::Results(_) => refuse("Results"),
        Command::Put(_) => refuse("Put"),
        Command::Copy(_) => refuse("Copy"),
        Command::Map(_) | Command::Move(_) | Command::Search(_) | Command::Sync(_) => {
            refuse("a command of SyncML DS")
        }
        Command::Unknown(_) => refuse("an unknown element"),
        Command::Atomic(group) => group.commands.iter().try_for_each(|child| match child {
            Command::Get(_) => refuse("Get inside Atomic"),
            Command::Atomic(_) => refuse("Atomic inside Atomic"),
            Command::Sequence(_) => refuse("Sequence inside Atomic"),
            child => sendable(child),
        }),
        Command::Sequence(group) => group.commands.iter().try_for_each(|child| match child {
            Command::Sequence(_) => refuse("Sequence inside Sequence"),
            child => sendable(child),
        }),
        _ => Ok(()),
    }
}

fn give_ids(command: &mut Command<'_>, next: &mut u32) {
    command.set_cmd_id(CmdId::from(*next));
    *next = next.saturating_add(1);
    if let Command::Atomic(group) | Command::Sequence(group) = command {
        for child in &mut group.commands {
            give_ids(child, next);
        }
    }
}

fn device_info(items: &[Item<'_>]) -> DeviceInfo {
    let mut info = DeviceInfo::default();
    for item in items {
        let address = item.source.as_ref().or(item.target.as_ref()).map(|place| place.address());
        let (Some(Ok(address)), Some(data)) = (address, &item.data) else { continue };
        let segments: Vec<String> = address.segments().collect();
        let [parent, name] = segments.as_slice() else { continue };
        if !parent.eq_ignore_ascii_case("DevInfo") {
            continue;
        }
        let value = Some(data.as_str().trim().to_owned());
        match name.as_str() {
            "DevId" => info.dev_id = value,
            "Man" => info.man = value,
            "Mod" => info.model = value,
            "DmV" => info.dm_v = value,
            "Lang" => info.lang = value,
            _ => {}
        }
    }
    info
}

/// FNV-1a, to tell a repeated message from another one with the same number. A device that forges
/// an equal digest only gets the old answer.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
