//! Mending a message: the frame, the commands, their identifiers.

use std::borrow::Cow;
use std::collections::HashSet;

use super::change::{Mended, Remedy};
use super::item::{Of, cred, extra, item, location, meta, own_attributes, pairs, trim};
use crate::diagnostic::DiagnosticCode as Code;
use crate::error::Limits;
use crate::id::{CmdId, MsgId, SessionId};
use crate::model::{Command, Few, Header, Message, Meta, Namespace, Request};

pub(super) fn message<'a>(
    message: &mut Message<'a>,
    fallback: Option<&Header<'_>>,
    limits: &Limits,
    mended: &mut Mended,
) {
    if message.namespace != Namespace::V12 {
        let before = message.namespace.uri().to_owned();
        mended.note(Code::Namespace, Remedy::Changed, before, Namespace::V12.uri());
        message.namespace = Namespace::V12;
    }
    pairs(&mut message.attributes, &[], mended);
    let scope: Vec<String> = declared(&message.attributes);
    own_attributes(&mut message.body_attributes, &scope, mended);
    match (&mut message.header, fallback) {
        (Some(header), fallback) => mend_header(header, fallback, &scope, mended),
        (place @ None, Some(fallback)) => {
            mended.note(Code::NoHeader, Remedy::Added, "", "");
            let mut header = fallback.clone().into_owned();
            mend_header(&mut header, None, &scope, mended);
            *place = Some(header);
        }
        (None, None) => {}
    }
    let (commands_left, copies) = (limits.commands, limits.copies);
    let mut ids = Ids { commands: commands_left, copies, ..Ids::default() };
    for command in &message.body.commands {
        ids.gather(command);
    }
    commands(&mut message.body.commands, &scope, &mut ids, mended);
}

/// The prefixes that attributes declare, with the colon.
fn declared(attributes: &[(Cow<'_, str>, Cow<'_, str>)]) -> Vec<String> {
    attributes
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("xmlns:").map(|prefix| format!("{prefix}:")))
        .collect()
}

fn mend_header<'a>(
    header: &mut Header<'a>,
    fallback: Option<&Header<'_>>,
    scope: &[String],
    mended: &mut Mended,
) {
    own_attributes(&mut header.attributes, scope, mended);
    for (value, expected) in [(&mut header.ver_dtd, "1.2"), (&mut header.ver_proto, "DM/1.2")] {
        trim(value, mended);
        if *value != expected {
            let code = if value.is_empty() { Code::Missing } else { Code::Version };
            mended.note(code, Remedy::Changed, value.to_string(), expected);
            *value = Cow::Borrowed(expected);
        }
    }
    let mut id = header.session_id.as_str().to_owned().into();
    if trim(&mut id, mended) {
        header.session_id = SessionId::new(id);
    }
    let mut id = header.msg_id.as_str().to_owned().into();
    if trim(&mut id, mended) {
        header.msg_id = MsgId::new(id);
    }
    if let Some(fallback) = fallback {
        if header.session_id.as_str().is_empty() {
            mended.note(Code::Missing, Remedy::Added, "", fallback.session_id.as_str());
            header.session_id = fallback.session_id.clone().into_owned();
        }
        if header.msg_id.as_str().is_empty() {
            mended.note(Code::Missing, Remedy::Added, "", fallback.msg_id.as_str());
            header.msg_id = fallback.msg_id.clone().into_owned();
        }
        let places =
            [(&mut header.target, &fallback.target), (&mut header.source, &fallback.source)];
        for (place, fallback) in places {
            if place.loc_uri.trim().is_empty() {
                mended.note(Code::Missing, Remedy::Added, "", &*fallback.loc_uri);
                place.loc_uri = Cow::Owned(fallback.loc_uri.to_string());
            }
        }
    }
    location(&mut header.target, scope, mended);
    location(&mut header.source, scope, mended);
    if let Some(uri) = &mut header.resp_uri {
        trim(uri, mended);
    }
    if let Some(found) = &mut header.cred {
        cred(found, scope, mended);
    }
    if let Some(found) = &mut header.meta {
        meta(found, scope, mended);
    }
    extra(&mut header.extra, mended);
}

/// The identifiers of a message.
#[derive(Default)]
struct Ids {
    used: HashSet<String>,
    taken: HashSet<String>,
    next: u32,
    /// Commands that there may be yet, and bytes that may be copied for them.
    commands: usize,
    copies: usize,
}

impl Ids {
    /// Whether there may be an Exec for each item of this one.
    fn may_split(&mut self, request: &Request<'_>) -> bool {
        let more = request.items.len().saturating_sub(1);
        let shell = Request::default();
        let pattern = Request {
            meta: request.meta.clone(),
            correlator: request.correlator.clone(),
            attributes: request.attributes.clone(),
            extra: request.extra.clone(),
            ..shell
        };
        let bytes = crate::encode::command_len(&Command::Exec(pattern)).saturating_mul(more);
        let may = more <= self.commands && bytes <= self.copies;
        if may {
            self.commands -= more;
            self.copies -= bytes;
        }
        may
    }

    fn gather(&mut self, command: &Command<'_>) {
        self.commands = self.commands.saturating_sub(1);
        if let Some(id) = command.cmd_id() {
            self.used.insert(id.as_str().trim().to_owned());
        }
        for child in command.children() {
            self.gather(child);
        }
    }

    /// The smallest number that no command has.
    fn fresh(&mut self) -> CmdId<'static> {
        loop {
            self.next = self.next.saturating_add(1);
            let text = self.next.to_string();
            if !self.used.contains(&text) || self.next == u32::MAX {
                self.taken.insert(text);
                return CmdId::from(self.next);
            }
        }
    }

    fn mend(&mut self, command: &mut Command<'_>, mended: &mut Mended) {
        let Some(id) = command.cmd_id() else {
            let id = self.fresh();
            mended.note(Code::NoCmdId, Remedy::Added, "", id.as_str());
            return command.set_cmd_id(id);
        };
        let mut text: Cow<'static, str> = Cow::Owned(id.as_str().to_owned());
        let trimmed = trim(&mut text, mended);
        let code = match &*text {
            "" | "0" => Code::BadCmdId,
            _ if self.taken.contains(&*text) => Code::RepeatedCmdId,
            _ => {
                self.taken.insert(text.to_string());
                if trimmed {
                    command.set_cmd_id(CmdId::new(text));
                }
                return;
            }
        };
        let id = self.fresh();
        mended.note(code, Remedy::Changed, text, id.as_str());
        command.set_cmd_id(id);
    }
}

fn commands(list: &mut Vec<Command<'_>>, scope: &[String], ids: &mut Ids, mended: &mut Mended) {
    list.retain(|command| match command {
        Command::Unknown(raw) => {
            super::item::removed(raw, mended);
            false
        }
        _ => true,
    });
    let mut split = Vec::with_capacity(list.len());
    for mut command in std::mem::take(list) {
        one(&mut command, scope, ids, mended);
        // An Exec takes one item (MS-MDM 2.2.7): each of several gets an Exec of its own. Those that
        // would be more commands than a message may have are left together, and the message is
        // refused.
        let Command::Exec(request) = &mut command else {
            split.push(command);
            continue;
        };
        if request.items.len() <= 1 || !ids.may_split(request) {
            split.push(command);
            continue;
        }
        let mut items = Vec::from(std::mem::take(&mut request.items));
        let more = items.split_off(1);
        request.items = items.into();
        mended.note(Code::SeveralItems, Remedy::Split, "", (more.len() + 1).to_string());
        let pattern = Request { items: Few::new(), ..request.clone() };
        split.push(command);
        for item in more {
            let cmd_id = Some(ids.fresh());
            let request = Request { cmd_id, items: Few::one(item), ..pattern.clone() };
            split.push(Command::Exec(request));
        }
    }
    *list = split;
}

fn one(command: &mut Command<'_>, scope: &[String], ids: &mut Ids, mended: &mut Mended) {
    command.set_own_bytes(crate::model::OwnBytes::default());
    ids.mend(command, mended);
    let addressed = command.request().is_some();
    match &mut *command {
        Command::Atomic(group) | Command::Sequence(group) => {
            own_attributes(&mut group.attributes, scope, mended);
            no_resp(&mut group.no_resp, mended);
            if let Some(found) = &mut group.meta {
                meta(found, scope, mended);
            }
            extra(&mut group.extra, mended);
            commands(&mut group.commands, scope, ids, mended);
        }
        Command::Alert(alert) => {
            own_attributes(&mut alert.attributes, scope, mended);
            no_resp(&mut alert.no_resp, mended);
            no_cred(&mut alert.cred, mended);
            if let Some(data) = &mut alert.data {
                trim(data, mended);
            }
            extra(&mut alert.extra, mended);
        }
        Command::Status(status) => {
            own_attributes(&mut status.attributes, scope, mended);
            no_cred(&mut status.cred, mended);
            references(&mut status.msg_ref, &mut status.cmd_ref, mended);
            let texts = status.cmd.iter_mut().chain(&mut status.target_refs);
            for text in texts.chain(&mut status.source_refs).chain(&mut status.data) {
                trim(text, mended);
            }
            pairs(&mut status.data_attributes, scope, mended);
            if let Some(challenge) = &mut status.challenge {
                own_attributes(&mut challenge.attributes, scope, mended);
                meta(&mut challenge.meta, scope, mended);
                extra(&mut challenge.extra, mended);
            }
            extra(&mut status.extra, mended);
        }
        Command::Results(results) => {
            own_attributes(&mut results.attributes, scope, mended);
            references(&mut results.msg_ref, &mut results.cmd_ref, mended);
            let texts = results.cmd.iter_mut().chain(&mut results.target_refs);
            for text in texts.chain(&mut results.source_refs) {
                trim(text, mended);
            }
            if let Some(found) = &mut results.meta {
                meta(found, scope, mended);
            }
            extra(&mut results.extra, mended);
        }
        // Not in OMA DM; mended all the same, so that only this is left to be said.
        Command::Sync(sync) => {
            own_attributes(&mut sync.attributes, scope, mended);
            extra(&mut sync.extra, mended);
            commands(&mut sync.commands, scope, ids, mended);
        }
        other => {
            if let Some(request) = other.request_mut() {
                own_attributes(&mut request.attributes, scope, mended);
                no_resp(&mut request.no_resp, mended);
                no_cred(&mut request.cred, mended);
                if let Some(found) = &mut request.meta {
                    meta(found, scope, mended);
                }
                extra(&mut request.extra, mended);
            }
        }
    }
    let meta = command.request().and_then(|request| request.meta.as_deref());
    let is_xml = meta.and_then(Meta::is_xml);
    let verb = Command::known_name(command.name()).unwrap_or_default();
    let of = Of { verb, addressed, is_xml };
    for found in command.items_mut().into_iter().flatten() {
        item(found, of, scope, mended);
    }
}

fn references<'a>(
    msg_ref: &mut Option<MsgId<'a>>,
    cmd_ref: &mut Option<CmdId<'a>>,
    mended: &mut Mended,
) {
    if let Some(id) = msg_ref {
        let mut text: Cow<'static, str> = Cow::Owned(id.as_str().to_owned());
        if trim(&mut text, mended) {
            *id = MsgId::new(text);
        }
    }
    if let Some(id) = cmd_ref {
        let mut text: Cow<'static, str> = Cow::Owned(id.as_str().to_owned());
        if trim(&mut text, mended) {
            *id = CmdId::new(text);
        }
    }
}

fn no_resp(flag: &mut bool, mended: &mut Mended) {
    if std::mem::take(flag) {
        mended.note(Code::NotInDm, Remedy::Removed, "NoResp", "");
    }
}

fn no_cred(found: &mut Option<crate::model::Cred<'_>>, mended: &mut Mended) {
    if found.take().is_some() {
        mended.note(Code::NotInDm, Remedy::Removed, "Cred", "");
    }
}
