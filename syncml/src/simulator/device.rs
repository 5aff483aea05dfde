//! The client's side of a session.

use std::borrow::Cow;

use super::tree::{Leaf, NodeValue, Tree};
use crate::codes::{AlertCode, StatusCode};
use crate::decode::decode;
use crate::encode::encode;
use crate::error::{Error, ErrorKind, Limits};
use crate::id::{CmdId, MsgId, SessionId};
use crate::loc_uri::LocUri;
use crate::model::{
    Body, Command, Data, Format, Header, Item, Location, Message, Meta, Results, Status,
};
use crate::session::{SessionError, digest};

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

/// A simulated device over a tree.
///
/// ```
/// use syncml::simulator::{Device, MemoryTree, Step};
///
/// let tree = MemoryTree::default().with("./DevDetail/SwV", "chr", "10.0.26100.1");
/// let mut device = Device::new("urn:uuid:4", "https://mdm.example/", tree);
/// let package_1 = device.start(&[])?;
/// assert!(String::from_utf8_lossy(&package_1).contains("<Data>1201</Data>"));
/// # Ok::<(), syncml::Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Device<T> {
    id: String,
    server: String,
    /// The management tree.
    pub tree: T,
    session: u32,
    message: u32,
    /// The last server message that was executed, by MsgID and digest.
    last: Option<(String, u64)>,
    /// What was sent last and has no answer yet.
    outgoing: Option<String>,
    journal: Vec<Executed>,
}

impl<T: Tree + Clone> Device<T> {
    /// A device with this DevId, enrolled at this server.
    #[must_use]
    pub fn new(id: impl Into<String>, server: impl Into<String>, tree: T) -> Self {
        Self {
            id: id.into(),
            server: server.into(),
            tree,
            session: 0,
            message: 0,
            last: None,
            outgoing: None,
            journal: Vec::new(),
        }
    }

    /// What was sent last and has no answer yet: what a device sends again after a restart.
    #[must_use]
    pub fn outgoing(&self) -> Option<&[u8]> {
        self.outgoing.as_deref().map(str::as_bytes)
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

    /// Begins a session: package 1, with these alerts behind the first one.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`].
    pub fn start(&mut self, alerts: &[Command<'_>]) -> Result<Vec<u8>, Error> {
        self.session = self.session.saturating_add(1);
        self.message = 0;
        self.last = None;
        let mut commands = vec![Command::alert(AlertCode::CLIENT_INITIATED)];
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
        let request = crate::model::Request { items: items.into(), ..Default::default() };
        commands.push(Command::Replace(request));
        self.send(commands, 2, true)
    }

    fn send(
        &mut self,
        mut commands: Vec<Command<'static>>,
        first_id: u32,
        is_final: bool,
    ) -> Result<Vec<u8>, Error> {
        for (index, command) in commands.iter_mut().enumerate() {
            let id = first_id.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
            command.set_cmd_id(CmdId::from(id));
        }
        self.message = self.message.saturating_add(1);
        let header = Header::new(
            SessionId::from(self.session),
            MsgId::from(self.message),
            Location::new(self.server.clone()),
            Location::new(self.id.clone()),
        );
        let mut out = Vec::new();
        encode(&Message::new(header, Body { commands, is_final }), &mut out)?;
        self.outgoing = Some(String::from_utf8_lossy(&out).into_owned());
        Ok(out)
    }

    /// Executes a server's message. The same message again gives the same answer and is not
    /// executed.
    ///
    /// # Errors
    /// Those of [`decode`], [`ErrorKind::Session`] for a message of another session, and
    /// [`ErrorKind::Unwritable`].
    pub fn handle_message(&mut self, bytes: &[u8]) -> Result<Step, Error> {
        let message = decode(bytes, &Limits::default())?;
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
            return Ok(again.map_or(Step::Done, |text| Step::Send(text.into_bytes())));
        }
        let message_ref = header.msg_id.clone().into_owned();
        let mut answers = vec![status(&message_ref, &CmdId::from(0), "SyncHdr", StatusCode::OK)];
        for command in &message.body.commands {
            self.execute(command, &message_ref, &mut answers);
        }
        self.last = Some(this);
        self.outgoing = None;
        // A client sends no message that holds a successful header status only (MS-MDM 2.2.6.1).
        if answers.len() == 1 && message.body.is_final {
            return Ok(Step::Done);
        }
        self.send(answers, 1, true).map(Step::Send)
    }

    fn execute(
        &mut self,
        command: &Command<'_>,
        message: &MsgId<'static>,
        answers: &mut Vec<Command<'static>>,
    ) {
        let id = command.cmd_id().cloned().unwrap_or(CmdId::new("")).into_owned();
        match command {
            Command::Status(_) | Command::Results(_) => {}
            Command::Alert(_) => answers.push(status(message, &id, "Alert", StatusCode::OK)),
            Command::Get(request) => {
                let mut found = Vec::new();
                let several = request.items.len() > 1;
                for item in &request.items {
                    let (code, items) = self.read(item);
                    found.extend(items);
                    let mut answer = plain_status(message, &id, "Get", code);
                    if several {
                        answer.target_refs.extend(item.loc_uri().map(|uri| uri.to_owned().into()));
                    }
                    self.note(message, &id, "Get", item, code);
                    answers.push(Command::Status(answer));
                }
                if !found.is_empty() {
                    answers.push(Command::Results(Results {
                        msg_ref: Some(message.clone()),
                        cmd_ref: Some(id),
                        items: found,
                        ..Results::default()
                    }));
                }
            }
            Command::Atomic(group) => self.atomic(&group.commands, message, &id, answers),
            Command::Sequence(group) => {
                answers.push(status(message, &id, "Sequence", StatusCode::OK));
                for child in &group.commands {
                    // Nested groups are not in OMA DM's Sequence as Windows takes it.
                    if child.children().is_empty() {
                        self.execute(child, message, answers);
                    }
                }
            }
            other => {
                for item in other.items() {
                    let code = self.change(other, item);
                    self.note(message, &id, other.name(), item, code);
                    let mut answer = plain_status(message, &id, other.name(), code);
                    if other.items().len() > 1 {
                        answer.target_refs.extend(item.loc_uri().map(|uri| uri.to_owned().into()));
                    }
                    answers.push(Command::Status(answer));
                }
            }
        }
    }

    /// All or nothing: 507 for the Atomic, 216 for what was undone, 215 for what was not begun
    /// (OMA-TS-DM_RepPro 1.2.1, 4.1.6.3).
    fn atomic(
        &mut self,
        children: &[Command<'_>],
        message: &MsgId<'static>,
        id: &CmdId<'static>,
        answers: &mut Vec<Command<'static>>,
    ) {
        let before = self.tree.clone();
        let mut codes = Vec::new();
        let mut failed = false;
        for child in children {
            let code = match child {
                _ if failed => StatusCode::NOT_EXECUTED,
                Command::Get(_) | Command::Atomic(_) => StatusCode::COMMAND_FAILED,
                child => {
                    let codes = child.items().iter().map(|item| self.change(child, item));
                    let codes: Vec<StatusCode> = codes.collect();
                    codes.iter().find(|code| !code.is_success()).copied().unwrap_or(StatusCode::OK)
                }
            };
            failed |= !code.is_success();
            codes.push(code);
        }
        if failed {
            self.tree = before;
        }
        let whole = if failed { StatusCode::ATOMIC_FAILED } else { StatusCode::OK };
        answers.push(status(message, id, "Atomic", whole));
        for (child, code) in children.iter().zip(codes) {
            let undone = failed && code.is_success();
            let code = if undone { StatusCode::ATOMIC_ROLLED_BACK } else { code };
            let id = child.cmd_id().cloned().unwrap_or(CmdId::new("")).into_owned();
            for item in child.items() {
                self.note(message, &id, child.name(), item, code);
            }
            answers.push(status(message, &id, child.name(), code));
        }
    }

    fn change(&mut self, command: &Command<'_>, item: &Item<'_>) -> StatusCode {
        let Some(uri) = address(item) else { return StatusCode::NOT_FOUND };
        let meta =
            item.meta.as_ref().or(command.request().and_then(|request| request.meta.as_ref()));
        let format = meta.and_then(|meta| meta.format.as_ref()).map_or("chr", Format::as_str);
        let leaf = item.data.as_ref().map(|data| Leaf::new(format, data.as_str()));
        match command {
            Command::Add(_) => self.tree.add(&uri, leaf.filter(|_| format != "node")),
            Command::Replace(_) => {
                self.tree.replace(&uri, leaf.unwrap_or_else(|| Leaf::new(format, "")))
            }
            Command::Delete(_) => self.tree.delete(&uri),
            Command::Exec(_) => self.tree.exec(&uri),
            _ => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn read(&self, item: &Item<'_>) -> (StatusCode, Vec<Item<'static>>) {
        let Some(uri) = address(item) else { return (StatusCode::NOT_FOUND, Vec::new()) };
        let struct_data =
            uri.query_value("list").is_some_and(|list| list.eq_ignore_ascii_case("StructData"));
        let node = uri.without_query();
        let result = if struct_data {
            self.tree.leaves(&node).map(|leaves| {
                leaves.into_iter().map(|(uri, leaf)| value(uri.as_str(), leaf)).collect()
            })
        } else {
            self.tree.get(&node).map(|found| match found {
                NodeValue::Leaf(leaf) => vec![value(node.as_str(), leaf)],
                NodeValue::Interior(names) => {
                    // Names are percent-coded and joined (Microsoft Learn, "OMA DM protocol
                    // support").
                    let coded = names.iter().map(|name| {
                        let base = node.as_str().len() + 1;
                        node.join(name).as_str().get(base..).unwrap_or_default().to_owned()
                    });
                    let joined = coded.collect::<Vec<_>>().join("/");
                    vec![value(node.as_str(), Leaf::new("node", joined))]
                }
            })
        };
        match result {
            Ok(items) => (StatusCode::OK, items),
            Err(code) => (code, Vec::new()),
        }
    }

    fn note(
        &mut self,
        message: &MsgId<'_>,
        id: &CmdId<'_>,
        name: &str,
        item: &Item<'_>,
        status: StatusCode,
    ) {
        self.journal.push(Executed {
            session: self.session,
            message: message.to_string(),
            command: id.to_string(),
            name: name.to_owned(),
            target: item.loc_uri().unwrap_or_default().to_owned(),
            status,
        });
    }
}

fn address(item: &Item<'_>) -> Option<LocUri> {
    item.loc_uri()?.parse().ok()
}

fn value(uri: &str, leaf: Leaf) -> Item<'static> {
    let item = Item::source(uri.to_owned()).with_data(Data::text(leaf.data));
    if leaf.format == "chr" {
        return item;
    }
    item.with_meta(Meta::format(Format::from_text(leaf.format)))
}

fn plain_status(
    message: &MsgId<'static>,
    id: &CmdId<'static>,
    name: &str,
    code: StatusCode,
) -> Status<'static> {
    Status {
        msg_ref: Some(message.clone()),
        cmd_ref: Some(id.clone()),
        cmd: Some(Cow::Owned(name.to_owned())),
        data: Some(Cow::Owned(code.number().to_string())),
        ..Status::default()
    }
}

fn status(
    message: &MsgId<'static>,
    id: &CmdId<'static>,
    name: &str,
    code: StatusCode,
) -> Command<'static> {
    Command::Status(plain_status(message, id, name, code))
}
