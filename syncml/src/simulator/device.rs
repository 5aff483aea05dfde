//! The client's side of a session.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::execute::{plain_status, status};
use super::profile::Profile;
use super::tree::Tree;
#[cfg(feature = "auth")]
use crate::auth::{Account, Nonce};
use crate::codes::{AlertCode, StatusCode};
use crate::error::{Error, ErrorKind, Limits};
use crate::id::{CmdId, MsgId};
use crate::model::{Alert, Command, Data, Few, Header, Item, Message, Meta, Request, Status};
use crate::objects::{Cursor, Joiner};
use crate::session::login::{HeaderAnswer, Judgement, Login};
#[cfg(feature = "auth")]
use crate::session::login::{Proving, Verifying};
use crate::session::{LoginStatus, SessionError, Stored, SyncType, digest, read};

/// What to do after a server's message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Send this and wait for an answer.
    Send(Vec<u8>),
    /// The session is over.
    Done,
}

/// A command that the device executed, for tests.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Executed {
    /// The session.
    pub session: u32,
    /// The server's message and command.
    pub message: String,
    /// The command in it.
    pub command: String,
    /// Its name.
    pub name: String,
    /// The node.
    pub target: String,
    /// What came of it.
    pub status: StatusCode,
}

/// A message that was sent.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Outgoing {
    pub(super) body: Stored,
    pub(super) hmac: Option<String>,
}

/// A simulated device over a tree.
///
/// ```
/// use syncml::simulator::{DeviceSession, MemoryTree, Step};
///
/// let tree = MemoryTree::default().with("./DevDetail/SwV", "chr", "10.0.26100.1");
/// let mut device = DeviceSession::new("urn:uuid:4", "https://mdm.example/", tree);
/// let package_1 = device.start(&[])?;
/// assert!(String::from_utf8_lossy(&package_1).contains("<Data>1201</Data>"));
/// # Ok::<(), syncml::Error>(())
/// ```
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct DeviceSession<T> {
    pub(super) id: String,
    pub(super) server: String,
    /// The management tree.
    pub tree: T,
    /// Who is signed in. As long as it is not the user, `./User` cannot be managed.
    pub login_status: LoginStatus,
    /// Whose nodes its sessions are for: it says so in package 1 (Alert 1224), and answers commands
    /// for others with 405. Default none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub sync_type: Option<SyncType>,
    /// What the user says when asked to confirm (Alert 1101). Default yes.
    pub confirms: bool,
    /// What the user types when asked (Alert 1102).
    pub typed_text: String,
    pub(super) profile: Profile,
    pub(super) session: u32,
    pub(super) message: u32,
    /// The last server message that was executed, by MsgID and digest.
    last: Option<(String, u64)>,
    /// What was sent last and has no answer yet.
    pub(super) outgoing: Option<Outgoing>,
    /// What it held, in case the server asks for credentials.
    pub(super) sent: Vec<Command<'static>>,
    /// Answers that had no room yet.
    pub(super) backlog: VecDeque<Command<'static>>,
    /// How much was sent of the first of them.
    pub(super) cursor: Cursor,
    /// The last message's Results, for clients that repeat them.
    pub(super) repeat: Vec<Command<'static>>,
    pub(super) joiner: Joiner,
    /// The server's MaxMsgSize.
    pub(super) server_max: Option<usize>,
    /// Whether the server's package, that is being answered, is complete.
    server_final: bool,
    /// The session was aborted from here: the next message is the last.
    pub(super) aborted: bool,
    pub(super) login: Login,
    pub(super) journal: Vec<Executed>,
}

impl<T: std::fmt::Debug> std::fmt::Debug for DeviceSession<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceSession")
            .field("id", &self.id)
            .field("tree", &self.tree)
            .field("session", &self.session)
            .field("message", &self.message)
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

impl<T: Tree + Clone> DeviceSession<T> {
    /// A Windows 11 device with this DevId, enrolled at this server.
    #[must_use]
    pub fn new(id: impl Into<String>, server: impl Into<String>, tree: T) -> Self {
        Self {
            id: id.into(),
            server: server.into(),
            tree,
            login_status: LoginStatus::User,
            sync_type: None,
            confirms: true,
            typed_text: String::new(),
            profile: Profile::WINDOWS_11,
            session: 0,
            message: 0,
            last: None,
            outgoing: None,
            sent: Vec::new(),
            backlog: VecDeque::new(),
            cursor: Cursor::default(),
            repeat: Vec::new(),
            joiner: Joiner::default(),
            server_max: None,
            server_final: true,
            aborted: false,
            login: Login::default(),
            journal: Vec::new(),
        }
    }

    /// The same device as another kind of client.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same device with an account that it proves to the server.
    #[cfg(feature = "auth")]
    #[must_use]
    pub fn with_account(mut self, account: Account) -> Self {
        self.login.own = Some(Proving::new(account));
        self
    }

    /// The same device, asking the server for the credentials of this account.
    #[cfg(feature = "auth")]
    #[must_use]
    pub fn asking_for(mut self, account: Account, every_message: bool) -> Self {
        self.login.peer = Some(Verifying::new(account, every_message));
        self
    }

    /// The account that it proves, with the nonce that it has now.
    #[cfg(feature = "auth")]
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.login.own.as_ref().map(|own| &own.account)
    }

    /// What was sent last and has no answer yet: what a device sends again after a restart.
    #[must_use]
    pub fn outgoing(&self) -> Option<&[u8]> {
        self.outgoing.as_ref().map(|outgoing| outgoing.body.as_bytes())
    }

    /// The value of `x-syncml-hmac` that goes with it.
    #[must_use]
    pub fn outgoing_hmac(&self) -> Option<&str> {
        self.outgoing.as_ref()?.hmac.as_deref()
    }

    /// Every command that was executed, in order.
    #[must_use]
    pub fn journal(&self) -> &[Executed] {
        &self.journal
    }

    /// Gives up the session: what was sent is not sent again.
    pub fn give_up(&mut self) {
        self.outgoing = None;
    }

    /// Begins a session: package 1, with these alerts behind the first ones.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`].
    pub fn start(&mut self, alerts: &[Command<'_>]) -> Result<Vec<u8>, Error> {
        self.session = self.session.saturating_add(1);
        self.message = 0;
        self.last = None;
        self.backlog.clear();
        self.cursor = Cursor::default();
        self.repeat.clear();
        self.joiner = Joiner::default();
        self.server_max = None;
        self.aborted = false;
        self.login = std::mem::take(&mut self.login).next_session();
        let mut commands = vec![Command::alert(AlertCode::CLIENT_INITIATED)];
        let login = Some(self.login_status.as_str()).filter(|_| self.profile.login_status);
        commands.extend(login.map(|word| client_event("com.microsoft/MDM/LoginStatus", word)));
        let sync_type = self.sync_type.as_ref().map(SyncType::as_str);
        commands.extend(sync_type.map(|word| client_event("com.microsoft.mdm.synctype", word)));
        commands.extend(alerts.iter().cloned().map(Command::into_owned));
        let info = [
            ("DevId", self.id.clone()),
            ("Man", "Contoso".to_owned()),
            ("Mod", "Virtual Machine".to_owned()),
            ("DmV", "1.3".to_owned()),
            ("Lang", "en-US".to_owned()),
        ];
        let items = info.map(|(name, value)| {
            Item::source(format!("./DevInfo/{name}")).with_data(Data::text(value))
        });
        commands.push(Command::Replace(Request {
            items: items.into_iter().collect(),
            ..Request::default()
        }));
        self.send(commands, 2, true)
    }

    /// Executes a server's message. The same message again gives the same answer and is not
    /// executed.
    ///
    /// # Errors
    /// Those of [`decode`](crate::decode), [`ErrorKind::Session`] for a message of another session
    /// or an old one, and [`ErrorKind::Unwritable`].
    pub fn handle_message(&mut self, bytes: &[u8]) -> Result<Step, Error> {
        self.handle_message_with_hmac(bytes, None)
    }

    /// The same, with the value of the transport header `x-syncml-hmac` if there was one.
    ///
    /// # Errors
    /// As [`handle_message`](Self::handle_message).
    pub fn handle_message_with_hmac(
        &mut self,
        bytes: &[u8],
        hmac: Option<&str>,
    ) -> Result<Step, Error> {
        let message = read(bytes, &Limits::default())?;
        let error = |error| Error::new(ErrorKind::Session(error));
        let header = message.header.as_ref().ok_or(error(SessionError::NoHeader))?;
        let session = self.session.to_string();
        if header.session_id != *session.as_str() {
            let (expected, found) = (session.into(), header.session_id.as_str().into());
            return Err(error(SessionError::OtherSession { expected, found }));
        }
        let this = (header.msg_id.to_string(), digest(bytes));
        if self.last.as_ref() == Some(&this) {
            let again = self.outgoing.clone();
            return Ok(again.map_or(Step::Done, |again| Step::Send(again.body.as_bytes().to_vec())));
        }
        let number = |id: &str| id.parse::<u64>().ok();
        let last = self.last.as_ref().map(|(last, _)| last.clone());
        if let Some(last) = last
            && number(&last) >= number(&this.0)
        {
            let (last, found) = (last.into(), this.0.into());
            return Err(error(SessionError::Stale { last, found }));
        }
        self.provide_nonce();
        let judgement = self.login.judge(header, bytes, hmac, 2);
        self.last = Some(this);
        self.outgoing = None;
        self.take(&message, header, &judgement)
    }

    /// A nonce for the case that one is needed. A simulation has no secrets.
    fn provide_nonce(&mut self) {
        #[cfg(feature = "auth")]
        {
            let nonce = format!("{}/{}/{}", self.id, self.session, self.message);
            self.login.fresh = Nonce::new(nonce).ok();
        }
    }

    fn take(
        &mut self,
        message: &Message<'_>,
        header: &Header<'_>,
        judgement: &Judgement,
    ) -> Result<Step, Error> {
        let message_ref = header.msg_id.clone().into_owned();
        let number = |text: Option<&str>| text.and_then(|text| text.trim().parse::<usize>().ok());
        let meta = header.meta.as_ref();
        let max = number(meta.and_then(|meta| meta.max_msg_size.as_deref()));
        self.server_max = max.or(self.server_max);
        let code = match judgement {
            Judgement::NotAsked => StatusCode::OK,
            Judgement::Accepted { code, .. } => *code,
            Judgement::Refused { code, last } => {
                return self.refuse(message, &message_ref, *code, *last);
            }
        };
        let mut head = plain_status(&message_ref, &CmdId::from(0), "SyncHdr", code);
        head.challenge = self.login.challenge().unwrap_or_default();
        let head = Command::Status(head);
        match self.asked(message) {
            HeaderAnswer::Fine => {}
            HeaderAnswer::Refused(_) => return Ok(Step::Done),
            HeaderAnswer::SendAgain(_) => {
                self.login.sent();
                let again = self.again(vec![head]);
                return self.send(again, 1, true).map(Step::Send);
            }
        }
        if self.aborted {
            return Ok(Step::Done);
        }
        let mut answers = Vec::new();
        for command in &message.body.commands {
            if let Command::Alert(alert) = command
                && alert.code() == Some(AlertCode::SESSION_ABORT)
            {
                return Ok(Step::Done);
            }
            self.execute(command, &message_ref, &mut answers);
        }
        // A client sends no message that holds a successful header status only (MS-MDM 2.2.6.1).
        if answers.is_empty() && self.backlog.is_empty() && message.body.is_final {
            return Ok(Step::Done);
        }
        self.login.sent();
        let mut heads = vec![head];
        let asks = |command: &Command<'_>| matches!(command, Command::Alert(alert) if alert.code() == Some(AlertCode::NEXT_MESSAGE));
        // A message that asks for the rest belongs to no package.
        if !message.body.commands.iter().any(asks) {
            self.server_final = message.body.is_final;
        }
        if self.backlog.is_empty() {
            self.backlog.extend(std::mem::take(&mut self.repeat));
            self.backlog.extend(answers);
        } else {
            // The server asks for the rest (Alert 1222): its statuses come before that.
            heads.extend(answers);
        }
        self.answer(heads, self.server_final).map(Step::Send)
    }

    /// Executes nothing before the server has proven who it is.
    fn refuse(
        &mut self,
        message: &Message<'_>,
        message_ref: &MsgId<'static>,
        code: StatusCode,
        last: bool,
    ) -> Result<Step, Error> {
        if last {
            return Ok(Step::Done);
        }
        let mut head = plain_status(message_ref, &CmdId::from(0), "SyncHdr", code);
        head.challenge = self.login.challenge().unwrap_or_default();
        self.login.sent();
        let mut answers = vec![Command::Status(head)];
        let asked = self.asked(message);
        for command in &message.body.commands {
            if !matches!(command, Command::Status(_) | Command::Results(_)) {
                let id = command.cmd_id().cloned().unwrap_or(CmdId::new("")).into_owned();
                answers.push(status(message_ref, &id, command.name(), code));
            }
        }
        // Both sides may ask at once.
        let answers = match asked {
            HeaderAnswer::SendAgain(_) => self.again(answers),
            _ => answers,
        };
        self.send(answers, 1, true).map(Step::Send)
    }

    /// What the server's status for our header asks for.
    fn asked(&mut self, message: &Message<'_>) -> HeaderAnswer {
        let statuses = message.body.commands.iter().filter_map(header_status);
        let mut answer = HeaderAnswer::Fine;
        for status in statuses {
            answer = self.login.header_status(status).0;
        }
        answer
    }

    /// The last message's commands once more, now with credentials, behind these statuses.
    fn again(&mut self, mut statuses: Vec<Command<'static>>) -> Vec<Command<'static>> {
        let sent = std::mem::take(&mut self.sent);
        statuses.extend(sent.into_iter().filter(|command| header_status(command).is_none()));
        statuses
    }
}

/// An Alert 1224 of this type.
fn client_event(typ: &'static str, word: &str) -> Command<'static> {
    let item = Item::default()
        .with_meta(Meta::default().with_type(typ))
        .with_data(Data::text(word.to_owned()));
    let data = Some(Cow::Borrowed("1224"));
    Command::Alert(Alert { data, items: Few::one(item), ..Alert::default() })
}

/// The status, if the command is one for a header.
fn header_status<'c, 'm>(command: &'c Command<'m>) -> Option<&'c Status<'m>> {
    let Command::Status(status) = command else { return None };
    status.cmd_ref.as_ref().is_some_and(|id| id.as_str() == "0").then_some(status)
}
