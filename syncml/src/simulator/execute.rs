//! What the device does with a command.

use std::borrow::Cow;

use super::device::{DeviceSession, Executed};
use super::tree::{Leaf, NodeValue, Tree};
use crate::codes::{AlertCode, StatusCode};
use crate::id::{CmdId, MsgId};
use crate::loc_uri::{LocUri, Scope};
use crate::model::{Alert, Command, Data, Format, Item, Location, Meta, Results, Status};
use crate::objects::{Joined, size_of_value};
use crate::session::{LoginStatus, inherited, with_chunk};

/// The largest object that a device takes without saying otherwise.
const MAX_OBJECT: usize = 16 << 20;

impl<T: Tree + Clone> DeviceSession<T> {
    pub(super) fn execute(
        &mut self,
        command: &Command<'_>,
        message: &MsgId<'static>,
        answers: &mut Vec<Command<'static>>,
    ) {
        let id = command.cmd_id().cloned().unwrap_or(CmdId::new("")).into_owned();
        match command {
            Command::Status(_) | Command::Results(_) => {}
            Command::Unknown(_) | Command::Put(_) => {
                answers.push(status(message, &id, command.name(), StatusCode::BAD_REQUEST));
            }
            Command::Alert(alert) => answers.push(self.alert(alert, message, &id)),
            Command::Get(_) => self.get(command, message, &id, answers),
            Command::Atomic(group) => self.atomic(&group.commands, message, &id, answers),
            Command::Sequence(group) => self.sequence(&group.commands, message, &id, answers),
            other => self.request(other, message, &id, answers),
        }
    }

    fn get(
        &mut self,
        command: &Command<'_>,
        message: &MsgId<'static>,
        id: &CmdId<'static>,
        answers: &mut Vec<Command<'static>>,
    ) {
        let mut found = Vec::new();
        let several = command.items().len() > 1;
        for item in command.items() {
            let (code, items) = self.read(item);
            found.extend(items);
            let mut answer = plain_status(message, id, "Get", code);
            if several {
                answer.target_refs.extend(item.loc_uri().map(|uri| uri.to_owned().into()));
            }
            self.note(message, id, "Get", item, code);
            answers.push(Command::Status(answer));
        }
        if !found.is_empty() {
            answers.push(Command::Results(Results {
                msg_ref: Some(message.clone()),
                cmd_ref: Some(id.clone()),
                cmd: self.profile.names_results.then_some(Cow::Borrowed("Get")),
                items: found.into(),
                ..Results::default()
            }));
        }
    }

    /// Commands that change something. Their values may come in chunks.
    fn request(
        &mut self,
        command: &Command<'_>,
        message: &MsgId<'static>,
        id: &CmdId<'static>,
        answers: &mut Vec<Command<'static>>,
    ) {
        let several = command.items().len() > 1;
        let meta = command.request().and_then(|request| request.meta.as_deref());
        for item in with_chunk(command.items(), meta) {
            let max = self.profile.max_obj_size.unwrap_or(MAX_OBJECT);
            let in_wbxml = self.profile.wbxml;
            let taken = self.joiner.take_in(command.name(), "", &item, max, in_wbxml);
            if let Some(interrupted) = taken.interrupted {
                answers.push(self.no_end_of_data(interrupted.address));
            }
            let code = match taken.joined {
                Joined::Plain if size_of_value(&item, command, self.profile.wbxml) > max => {
                    StatusCode::TOO_LARGE
                }
                Joined::Plain => self.change_and_note(command, &item, message, id),
                Joined::Whole(item) => self.change_and_note(command, &item, message, id),
                Joined::Chunk | Joined::Refused(_) if !self.profile.large_objects => {
                    self.joiner.interrupt();
                    StatusCode::NOT_SUPPORTED
                }
                Joined::Chunk => StatusCode::CHUNK_ACCEPTED,
                Joined::Refused(code) => code,
            };
            let mut answer = plain_status(message, id, command.name(), code);
            if several {
                answer.target_refs.extend(item.loc_uri().map(|uri| uri.to_owned().into()));
            }
            answers.push(Command::Status(answer));
        }
    }

    fn no_end_of_data(&self, address: Option<String>) -> Command<'static> {
        let mut alert = Command::alert(AlertCode::NO_END_OF_DATA);
        if let (Command::Alert(alert), Some(address)) = (&mut alert, address) {
            let mut item = Item::target(address);
            item.source = Some(Location::new(self.id.clone()));
            alert.items.push(item);
        }
        alert
    }

    fn change_and_note(
        &mut self,
        command: &Command<'_>,
        item: &Item<'_>,
        message: &MsgId<'static>,
        id: &CmdId<'static>,
    ) -> StatusCode {
        let code = self.change(command, item);
        self.note(message, id, command.name(), item, code);
        code
    }

    /// What the user says (OMA-TS-DM_Protocol 1.2.1, 10).
    fn alert(
        &mut self,
        alert: &Alert<'_>,
        message: &MsgId<'static>,
        id: &CmdId<'static>,
    ) -> Command<'static> {
        let mut answer = plain_status(message, id, "Alert", StatusCode::OK);
        match alert.code() {
            Some(AlertCode::CONFIRM) if !self.confirms => {
                answer.data = Some(StatusCode::NOT_MODIFIED.text());
            }
            Some(AlertCode::TEXT_INPUT) => {
                let text = Data::text(self.typed_text.clone());
                answer.items.push(Item::default().with_data(text));
            }
            _ => {}
        }
        Command::Status(answer)
    }

    /// One after the other; what follows a refusal of the user is not executed.
    fn sequence(
        &mut self,
        children: &[Command<'_>],
        message: &MsgId<'static>,
        id: &CmdId<'static>,
        answers: &mut Vec<Command<'static>>,
    ) {
        answers.push(status(message, id, "Sequence", StatusCode::OK));
        let mut skips = false;
        for child in children {
            let child_id = child.cmd_id().cloned().unwrap_or(CmdId::new("")).into_owned();
            if skips {
                answers.push(status(message, &child_id, child.name(), StatusCode::NOT_EXECUTED));
                continue;
            }
            match child {
                // Sequences in sequences are not in OMA DM as Windows takes it.
                Command::Sequence(_) => {
                    answers.push(status(
                        message,
                        &child_id,
                        "Sequence",
                        StatusCode::COMMAND_FAILED,
                    ));
                }
                Command::Alert(alert) => {
                    let answer = self.alert(alert, message, &child_id);
                    skips = alert.code() == Some(AlertCode::CONFIRM) && !self.confirms;
                    answers.push(answer);
                }
                child => self.execute(child, message, answers),
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
        let mut added: Vec<LocUri> = Vec::new();
        for child in children {
            let replaces_added = matches!(child, Command::Replace(_))
                && self.profile.refuses_add_then_replace
                && child
                    .items()
                    .iter()
                    .filter_map(address)
                    .any(|uri| added.iter().any(|added| added.is_same(&uri)));
            let code = match child {
                _ if failed => StatusCode::NOT_EXECUTED,
                Command::Get(_) | Command::Atomic(_) | Command::Sequence(_) => {
                    StatusCode::COMMAND_FAILED
                }
                _ if replaces_added => StatusCode::COMMAND_FAILED,
                child => {
                    let codes = child.items().iter().map(|item| self.change(child, item));
                    let codes: Vec<StatusCode> = codes.collect();
                    codes.iter().find(|code| !code.is_success()).copied().unwrap_or(StatusCode::OK)
                }
            };
            if matches!(child, Command::Add(_)) {
                added.extend(child.items().iter().filter_map(address));
            }
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

    /// Why a node cannot be managed now, if it cannot: a session that is not for it (405; MS-MDM
    /// 3.2.5.1.5), or nobody's `./User`, as long as the user is not signed in (*observed*: 500).
    fn out_of_reach(&self, uri: &LocUri) -> Option<StatusCode> {
        let scope = uri.scope();
        if self.sync_type.as_ref().is_some_and(|sync_type| !sync_type.takes(scope)) {
            return Some(StatusCode::METHOD_NOT_ALLOWED);
        }
        let nobody = scope == Scope::User && self.login_status != LoginStatus::User;
        nobody.then_some(StatusCode::COMMAND_FAILED)
    }

    fn change(&mut self, command: &Command<'_>, item: &Item<'_>) -> StatusCode {
        let Some(uri) = address(item) else { return StatusCode::NOT_FOUND };
        if let Some(code) = self.out_of_reach(&uri) {
            return code;
        }
        let outer = command.request().and_then(|request| request.meta.as_deref());
        let meta = inherited(item.meta.clone().map(Meta::into_owned), outer);
        let format = meta.and_then(|meta| meta.format);
        let format = format.as_ref().map_or("chr", Format::as_str);
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
        if let Some(code) = self.out_of_reach(&uri) {
            return (code, Vec::new());
        }
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
                    let coded = names.iter().filter_map(|name| {
                        let base = node.as_str().len() + 1;
                        Some(node.join(name).ok()?.as_str().get(base..)?.to_owned())
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

pub(super) fn plain_status(
    message: &MsgId<'static>,
    id: &CmdId<'static>,
    name: &str,
    code: StatusCode,
) -> Status<'static> {
    Status {
        msg_ref: Some(message.clone()),
        cmd_ref: Some(id.clone()),
        cmd: Some(Cow::Owned(name.to_owned())),
        data: Some(code.text()),
        ..Status::default()
    }
}

pub(super) fn status(
    message: &MsgId<'static>,
    id: &CmdId<'static>,
    name: &str,
    code: StatusCode,
) -> Command<'static> {
    Command::Status(plain_status(message, id, name, code))
}
