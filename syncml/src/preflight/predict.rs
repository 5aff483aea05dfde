//! The rules.

use std::collections::HashSet;

use super::knowledge::{Knowledge, Presence, Verb};
use super::overlay::Overlay;
use super::{Certainty, Prediction, Reason};
use crate::codes::StatusCode;
use crate::loc_uri::{LocUri, Scope};
use crate::model::{Command, Escaped, Item, Meta};
use crate::session::LoginStatus;

/// What to expect of each command of a plan, in order.
#[must_use]
pub fn predict<D: Knowledge>(plan: &[Command<'_>], device: &D) -> Vec<Prediction> {
    let mut overlay = Overlay::new(device);
    plan.iter().map(|command| top(command, &mut overlay)).collect()
}

fn top<D: Knowledge>(command: &Command<'_>, overlay: &mut Overlay<'_, D>) -> Prediction {
    match command {
        Command::Atomic(group) => atomic(&group.commands, overlay),
        Command::Sequence(group) => {
            let parts = group.commands.iter().map(|child| match child {
                Command::Atomic(group) => atomic(&group.commands, overlay),
                // Not what Windows takes in a Sequence.
                Command::Sequence(_) => {
                    Prediction::likely(StatusCode::COMMAND_FAILED, Reason::NestedGroup)
                }
                child => request(child, overlay),
            });
            let parts = parts.collect();
            // It is 200 once it is begun, whatever becomes of what is in it.
            Prediction { parts, ..Prediction::certain(StatusCode::OK, Reason::Fine) }
        }
        command => request(command, overlay),
    }
}

/// All or nothing.
fn atomic<D: Knowledge>(children: &[Command<'_>], overlay: &mut Overlay<'_, D>) -> Prediction {
    if children.is_empty() {
        return Prediction::likely(StatusCode::BAD_REQUEST, Reason::Malformed);
    }
    let mark = overlay.mark();
    let mut parts: Vec<Prediction> = Vec::with_capacity(children.len());
    let mut added: HashSet<String> = HashSet::new();
    let mut failed = false;
    let mut unknown = false;
    for child in children {
        let addresses = || child.items().iter().filter_map(address);
        let replaces_added = matches!(child, Command::Replace(_))
            && addresses().any(|uri| added.contains(&uri.key()));
        let part = match child {
            _ if failed => Prediction::certain(StatusCode::NOT_EXECUTED, Reason::NotExecuted),
            Command::Atomic(_) => {
                Prediction::certain(StatusCode::COMMAND_FAILED, Reason::NestedAtomic)
            }
            Command::Get(_) => Prediction::certain(StatusCode::COMMAND_FAILED, Reason::GetInAtomic),
            Command::Sequence(_) => {
                Prediction::likely(StatusCode::COMMAND_FAILED, Reason::NestedGroup)
            }
            _ if replaces_added => {
                Prediction::likely(StatusCode::COMMAND_FAILED, Reason::AddThenReplace)
            }
            child => request(child, overlay),
        };
        if matches!(child, Command::Add(_)) {
            added.extend(addresses().map(|uri| uri.key()));
        }
        // A child that may fail makes everything after it uncertain, but not yet failed.
        unknown |= part.code.is_none();
        failed |= part.fails();
        parts.push(part);
    }
    if failed {
        overlay.undo_to(mark);
        let certainty = parts.iter().filter(|part| part.fails()).map(|part| part.certainty);
        let certainty = certainty.min().unwrap_or(Certainty::Guess);
        for part in &mut parts {
            if part.code.is_none_or(StatusCode::is_success) {
                // Done and undone; if it failed itself, the others were not even begun.
                let sure = if unknown { Certainty::Likely } else { certainty };
                *part = Prediction::new(StatusCode::ATOMIC_ROLLED_BACK, Reason::RolledBack, sure);
            }
        }
        let whole = Prediction::new(StatusCode::ATOMIC_FAILED, Reason::ChildFails, certainty);
        return Prediction { parts, ..whole };
    }
    let whole = if unknown {
        overlay.blur_from(mark);
        Prediction::unknown()
    } else {
        let certainty = parts.iter().map(|part| part.certainty).min();
        let certainty = certainty.unwrap_or(Certainty::Guess);
        Prediction::new(StatusCode::OK, Reason::Fine, certainty)
    };
    Prediction { parts, ..whole }
}

/// A command that is no group.
fn request<D: Knowledge>(command: &Command<'_>, overlay: &mut Overlay<'_, D>) -> Prediction {
    let verb = match command {
        Command::Add(_) => Verb::Add,
        Command::Delete(_) => Verb::Delete,
        Command::Exec(_) => Verb::Exec,
        Command::Get(_) => Verb::Get,
        Command::Replace(_) => Verb::Replace,
        Command::Copy(_) => {
            return Prediction::likely(StatusCode::NOT_SUPPORTED, Reason::NoCopy);
        }
        // The user decides.
        Command::Alert(_) => return Prediction::unknown(),
        _ => return Prediction::certain(StatusCode::BAD_REQUEST, Reason::NotDm),
    };
    let outer = command.request().and_then(|request| request.meta.as_deref());
    match command.items() {
        [] => Prediction::certain(StatusCode::BAD_REQUEST, Reason::Malformed),
        [only] => item((verb, command.name()), only, outer, overlay),
        items => {
            let parts = items.iter().map(|one| item((verb, command.name()), one, outer, overlay));
            let parts: Vec<Prediction> = parts.collect();
            let worst = parts.iter().find(|part| part.fails());
            let worst = worst.or(parts.iter().find(|part| part.code.is_none()));
            let Some(worst) = worst.or(parts.first()) else { return Prediction::unknown() };
            Prediction { parts: parts.clone(), ..worst.clone() }
        }
    }
}

fn address(item: &Item<'_>) -> Option<LocUri> {
    item.loc_uri()?.parse().ok()
}

/// Properties that nodes have (OMA-TS-DM_TND 1.2.1, 8.3.3), but for ACL, which Windows has not
/// (MS-MDM 3.1.7.1).
const PROPERTIES: [&str; 7] = ["Format", "Name", "Size", "Title", "TStamp", "Type", "VerNo"];

/// What to expect of one item; `name` is its command's, and `outer` its command's Meta.
fn item<D: Knowledge>(
    (verb, name): (Verb, &str),
    item: &Item<'_>,
    outer: Option<&Meta<'_>>,
    overlay: &mut Overlay<'_, D>,
) -> Prediction {
    if item.loc_uri().is_none_or(|uri| uri.trim().is_empty()) {
        return Prediction::certain(StatusCode::BAD_REQUEST, Reason::Malformed);
    }
    let Some(uri) = address(item) else {
        return Prediction::likely(StatusCode::NOT_FOUND, Reason::BadAddress);
    };
    let device = overlay.device();
    if device.max_uri_len().is_some_and(|max| max > 0 && uri.path().len() > max) {
        return Prediction::certain(StatusCode::URI_TOO_LONG, Reason::UriTooLong);
    }
    if device.sync_type().is_some_and(|sync_type| !sync_type.takes(uri.scope())) {
        return Prediction::likely(StatusCode::METHOD_NOT_ALLOWED, Reason::OtherScope);
    }
    if uri.scope() == Scope::User && device.login().is_some_and(|login| login != LoginStatus::User)
    {
        return Prediction::likely(StatusCode::COMMAND_FAILED, Reason::NotSignedIn);
    }
    if let Some(property) = uri.query_value("prop")
        && !PROPERTIES.iter().any(|known| known.eq_ignore_ascii_case(property))
    {
        return Prediction::likely(StatusCode::NOT_SUPPORTED, Reason::NoSuchProperty);
    }
    let size = item.data.as_ref().map_or(0, |data| data.as_str().len());
    if device.max_obj_size().is_some_and(|max| size > max) {
        return Prediction::certain(StatusCode::TOO_LARGE, Reason::ValueTooLarge);
    }
    let node = uri.without_query();
    if device.allows(&node, verb) == Some(false) {
        return Prediction::certain(StatusCode::METHOD_NOT_ALLOWED, Reason::VerbNotAllowed);
    }
    let presence = overlay.presence(&node);
    match (verb, presence) {
        (Verb::Add, Presence::Present) => {
            return Prediction::certain(StatusCode::ALREADY_EXISTS, Reason::NodeExists);
        }
        (Verb::Add, _) => overlay.add(&node),
        (_, Presence::Absent) => {
            return Prediction::certain(StatusCode::NOT_FOUND, Reason::NoSuchNode);
        }
        (Verb::Delete, _) => overlay.remove(&node),
        _ => {}
    }
    let fine = match presence {
        Presence::Unknown => Prediction::unknown(),
        _ => Prediction::likely(StatusCode::OK, Reason::Fine),
    };
    if !item.looks_escaped_twice() {
        return fine;
    }
    let reason = Reason::DoublyEscaped;
    let own = item.meta.as_ref().and_then(Meta::is_xml);
    match Escaped::of(name, own, outer.and_then(Meta::is_xml)) {
        // Whatever the status is, it is for nothing.
        Escaped::Twice => Prediction { reason, certainty: Certainty::Likely, ..fine },
        Escaped::Perhaps => Prediction { reason, ..Prediction::unknown() },
        Escaped::Told => fine,
    }
}
