//! What is looked at when a command is submitted: a bad one fails alone, and at once.

use mdm_xml::{Doctype, Options, Reader, Source};

use super::plain::is_plain;
use super::{SessionError, session};
use crate::codes::AlertCode;
use crate::decode::decode;
use crate::encode::encode;
use crate::error::{Error, Limits};
use crate::id::CmdId;
use crate::loc_uri::LocUri;
use crate::model::{Body, Command, Item, Message};

/// Whether the command can be sent: its kind, its addresses, and whether it survives being written.
pub(super) fn sendable(command: &Command<'_>) -> Result<(), Error> {
    structure(command)?;
    // What is plain survives (`plain::tests`), and to try it costs as much as a message.
    if is_plain(command) { Ok(()) } else { survives(command) }
}

fn structure(command: &Command<'_>) -> Result<(), Error> {
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
        Command::Atomic(group) | Command::Sequence(group) if group.no_resp => refuse("NoResp"),
        Command::Atomic(group) if group.commands.is_empty() => refuse("an empty Atomic"),
        Command::Sequence(group) if group.commands.is_empty() => refuse("an empty Sequence"),
        Command::Atomic(group) => group.commands.iter().try_for_each(|child| match child {
            Command::Get(_) => refuse("Get inside Atomic"),
            Command::Atomic(_) => refuse("Atomic inside Atomic"),
            Command::Sequence(_) => refuse("Sequence inside Atomic"),
            child => structure(child),
        }),
        Command::Sequence(group) => group.commands.iter().try_for_each(|child| match child {
            Command::Sequence(_) => refuse("Sequence inside Sequence"),
            child => structure(child),
        }),
        Command::Alert(alert) => match alert.code() {
            // Questions to the user (OMA-TS-DM_Protocol 1.2.1, 10); the others are the session's.
            Some(code) if alert.no_resp || !is_question(code) => refuse("this Alert"),
            Some(_) => Ok(()),
            None => refuse("an Alert without a code"),
        },
        Command::Add(request)
        | Command::Delete(request)
        | Command::Exec(request)
        | Command::Get(request)
        | Command::Replace(request) => {
            // Not in OMA DM, and without a status there would be no outcome.
            if request.no_resp {
                return refuse("NoResp");
            }
            if request.items.is_empty() {
                return Err(session(SessionError::NoTarget(command.name().into())));
            }
            request.items.iter().try_for_each(|item| node(command, item))
        }
    }
}

fn is_question(code: AlertCode) -> bool {
    (AlertCode::DISPLAY..=AlertCode::MULTIPLE_CHOICE).contains(&code)
}

fn node(command: &Command<'_>, item: &Item<'_>) -> Result<(), Error> {
    if item.more_data {
        return Err(session(SessionError::NotSendable("MoreData")));
    }
    let Some(target) = &item.target else {
        return Err(session(SessionError::NoTarget(command.name().into())));
    };
    LocUri::check(&target.loc_uri).map_err(|error| {
        let uri = target.loc_uri.chars().take(64).collect::<String>().into();
        session(SessionError::Address { uri, error })
    })
}

/// Writes the command and reads it again: what comes back has to be the same.
pub(super) fn survives(command: &Command<'_>) -> Result<(), Error> {
    let mut copy = command.clone();
    give_ids(&mut copy, &mut 1);
    let message = Message { body: Body::last(vec![copy]), ..Message::default() };
    let mut bytes = Vec::new();
    encode(&message, &mut bytes)?;
    let mut limits = Limits::default();
    limits.xml = limits.xml.with_bytes(bytes.len()).with_text(bytes.len());
    let broken = || session(SessionError::Markup(command.name().into()));
    strictly(&bytes, limits.xml).map_err(|_| broken())?;
    let again = decode(&bytes, &limits).map_err(|_| broken())?;
    let same = match again.body.commands.as_slice() {
        [again] => again.body_is(command),
        _ => false,
    };
    // The device may speak WBXML.
    crate::wbxml::encode(&message, &mut Vec::new()).map_err(|_| broken())?;
    if same && again.body.is_final { Ok(()) } else { Err(broken()) }
}

/// As a device's XML reader would: it knows no tolerance.
fn strictly(bytes: &[u8], limits: mdm_xml::Limits) -> Result<(), mdm_xml::Error> {
    let options = Options::default().with_limits(limits).with_doctype(Doctype::Refuse);
    let source = Source::new(bytes, &limits)?;
    let mut reader = Reader::new(source.text(), &options)?;
    reader.root()?;
    reader.skip()?;
    reader.finish()
}

trait Same {
    fn body_is(&self, other: &Command<'_>) -> bool;
}

impl Same for Command<'_> {
    /// Whether it has the same nodes and values. Groups nest two deep at most here.
    fn body_is(&self, other: &Command<'_>) -> bool {
        let values = |command: &Command<'_>| -> Vec<(String, String)> {
            let items = command.items().iter().map(|item| {
                let data = item.data.as_ref().map_or("", |data| data.as_str());
                (item.loc_uri().unwrap_or_default().to_owned(), data.to_owned())
            });
            items.collect()
        };
        self.name() == other.name()
            && values(self) == values(other)
            && self.children().len() == other.children().len()
            && self.children().iter().zip(other.children()).all(|(a, b)| a.body_is(b))
    }
}

/// Gives a command, and the commands in it, the next identifiers.
pub(super) fn give_ids(command: &mut Command<'_>, next: &mut u32) {
    command.set_cmd_id(CmdId::from(*next));
    *next = next.saturating_add(1);
    if let Command::Atomic(group) | Command::Sequence(group) = command {
        for child in &mut group.commands {
            give_ids(child, next);
        }
    }
}
