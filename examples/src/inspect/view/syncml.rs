//! SyncML messages and parts of them, whole or cut, and the WBXML that stands for them.

use std::borrow::Cow;

use mdm_xml::{Event, Options, Reader, Source, Tolerance};
use syncml::model::{Command, Cred, Header, Location, Map, Message, Meta, Search, Status, Sync};
use syncml::repair::{RepairOptions, Repaired, repair_bytes};
use syncml::{Error, ErrorKind, Limits};

use super::explain::{Explainer, result};
use super::syncml_item::{data, from, items, meta, place, unknown};
use super::xml;
use crate::inspect::{View, short};

/// The kind of a view of something that is no SyncML.
pub(in crate::inspect) const OTHER: &str = "other";

const ROOTS: [&str; 15] = [
    "SyncML", "SyncHdr", "SyncBody", "Add", "Alert", "Atomic", "Copy", "Delete", "Exec", "Get",
    "Item", "Replace", "Results", "Sequence", "Status",
];

/// Whether an element of this name is SyncML's whatever is wrong behind it.
pub(in crate::inspect) fn is_root(name: &str) -> bool {
    ROOTS.contains(&name)
}

/// A message, or as much of it as can be read; `root` is the name of its first element.
pub(in crate::inspect) fn message(bytes: &[u8], root: &str) -> View {
    let mut view = View::of("SyncML");
    let (message, error) = syncml::decode_prefix(bytes, &Limits::default());
    let Some(error) = error else {
        write(&mut view, &message);
        view.note(&message.diagnostics);
        return view;
    };
    if matches!(error.kind(), ErrorKind::NotSyncml(_)) {
        return View::of(OTHER);
    }
    let repaired = repair(bytes);
    // A command that is not whole is none for the decoder; people want to see it.
    let closed = closed(bytes, &error);
    let (more, was_open) = match &closed {
        Some((text, open)) => (syncml::decode(text.as_bytes(), &Limits::default()).ok(), *open),
        None => (None, false),
    };
    let shown = more.as_ref().unwrap_or(&message);
    let is_empty = shown.header.is_none() && shown.body.commands.is_empty();
    if is_empty && repaired.is_err() && !is_root(root) {
        return View::of(OTHER);
    }
    let end = error.position().map_or_else(|| "its beginning".to_owned(), |end| end.to_string());
    match repaired {
        Ok(repaired) => {
            view.line(0, format_args!("as it stands it can be read up to {end}; repair reads it:"));
            for change in &repaired.changes {
                view.line(1, change);
            }
            view.line(0, "repaired, it says:");
            write(&mut view, &repaired.message);
        }
        Err(refused) => {
            write(&mut view, shown);
            if more.is_some() && was_open {
                view.line(0, "(what is open where it ends is shown as if it were closed)");
            }
            view.line(0, format_args!("it can be read up to {end}; repair refuses it: {refused}"));
        }
    }
    view.note(&message.diagnostics);
    view.failed(&error)
}

/// The text up to what cannot be read, with what is open there closed, and whether anything was.
fn closed(bytes: &[u8], error: &Error) -> Option<(String, bool)> {
    let end = error.position()?.offset;
    let limits = Limits::default().xml;
    let source = Source::new(bytes, &limits);
    let text = match &source {
        Ok(source) => source.text().get(..end)?,
        // What is before the first bytes that are no text.
        Err(_) => std::str::from_utf8(bytes.get(..end)?).ok()?,
    };
    let options = Options::default()
        .with_limits(limits)
        .with_fragment(true)
        .with_undeclared_prefixes(Tolerance::Keep);
    let mut reader = Reader::new(text, &options).ok()?;
    let (mut open, mut end) = (Vec::new(), 0);
    loop {
        match reader.next() {
            Ok(Event::Start(element)) => open.push(element.name()),
            Ok(Event::End) => drop(open.pop()),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        end = reader.offset();
    }
    let mut closed = text.get(..end)?.to_owned();
    let was_open = !open.is_empty();
    for name in open.into_iter().rev() {
        closed.push_str(&format!("</{name}>"));
    }
    Some((closed, was_open))
}

/// The message as repair makes it, of which only the commands count where it has no header.
fn repair(bytes: &[u8]) -> Result<Repaired<'static>, Error> {
    let options = RepairOptions::default();
    repair_bytes(bytes, &options).or_else(|error| {
        let nowhere = || Location::new("./");
        let header = Header::new(1.into(), 1.into(), nowhere(), nowhere());
        let mut repaired = repair_bytes(bytes, &options.with_header(header)).map_err(|_| error)?;
        repaired.message.header = None;
        Ok(repaired)
    })
}

/// A message in WBXML. Places are those in the XML that it stands for.
pub(in crate::inspect) fn wbxml(bytes: &[u8]) -> View {
    let mut view = match syncml::wbxml::decode(bytes, &Limits::default()) {
        Ok(message) => {
            let mut view = View::default();
            write(&mut view, &message);
            view.note(&message.diagnostics);
            view
        }
        Err(_) => match syncml::wbxml::to_xml(bytes, &Limits::default()) {
            Ok(text) => {
                let view = message(text.as_bytes(), "");
                if view.kind == OTHER { xml::outline(&text) } else { view }
            }
            Err(error) => View::default().failed(&error),
        },
    };
    "WBXML".clone_into(&mut view.kind);
    view
}

fn write(view: &mut View, message: &Message<'_>) {
    if let Some(header) = &message.header {
        write_header(view, header);
    }
    let mut explainer = Explainer::default();
    let commands = &message.body.commands;
    let mut rest = commands.as_slice();
    while let Some((command, others)) = rest.split_first() {
        let Command::Unknown(_) = command else {
            write_command(view, command, &mut explainer);
            rest = others;
            continue;
        };
        let run = rest.iter().take_while(|one| matches!(one, Command::Unknown(_))).count();
        let (unknowns, others) = rest.split_at(run);
        let unknowns = unknowns.iter().filter_map(|one| match one {
            Command::Unknown(raw) => Some(raw),
            _ => None,
        });
        unknown(view, unknowns, message.namespace.uri(), &mut explainer);
        rest = others;
    }
    if message.body.is_final {
        view.line(0, "Final");
    }
}

fn write_header(view: &mut View, header: &Header<'_>) {
    let (session, number) = (header.session_id.as_str(), header.msg_id.as_str());
    view.line(0, format_args!("session {}, message {}", short(session), short(number)));
    view.line(0, format_args!("from {}", place(&header.source)));
    view.line(0, format_args!("to   {}", place(&header.target)));
    if let Some(uri) = &header.resp_uri {
        view.line(0, format_args!("answers go to {}", short(uri)));
    }
    if header.no_resp {
        view.line(0, "no statuses are wanted");
    }
    if let Some(cred) = &header.cred {
        credentials(view, 0, cred);
    }
    write_meta(view, 0, header.meta.as_ref());
}

fn credentials(view: &mut View, depth: usize, cred: &Cred<'_>) {
    let typ = cred.meta.typ.as_deref().map(short).unwrap_or_else(|| "basic".to_owned());
    view.line(depth, format_args!("with credentials: {typ} (not shown)"));
}

fn write_meta(view: &mut View, depth: usize, of: Option<&Meta<'_>>) {
    let all = of.map(meta).unwrap_or_default();
    if !all.is_empty() {
        view.line(depth, format_args!("meta: {}", all.join(", ")));
    }
}

fn write_command(view: &mut View, first: &Command<'_>, explainer: &mut Explainer) {
    let mut stack = vec![(0, first)];
    while let Some((depth, command)) = stack.pop() {
        if view.is_full() {
            view.and_more(stack.len() + 1);
            return;
        }
        view.line(depth, head(command));
        match command {
            Command::Status(status) => write_status(view, depth + 1, status),
            Command::Alert(alert) => {
                correlated(view, depth + 1, alert.correlator.as_deref());
                marks(view, depth + 1, alert.no_resp, alert.cred.as_ref());
            }
            Command::Results(results) => {
                references(view, depth + 1, &results.target_refs, &results.source_refs);
                write_meta(view, depth + 1, results.meta.as_deref());
            }
            Command::Atomic(group) | Command::Sequence(group) => {
                marks(view, depth + 1, group.no_resp, None);
                write_meta(view, depth + 1, group.meta.as_deref());
            }
            Command::Sync(sync) => write_sync(view, depth + 1, sync),
            Command::Map(map) => write_map(view, depth + 1, map),
            Command::Search(search) => write_search(view, depth + 1, search),
            // Inside of an Atomic or the like.
            Command::Unknown(_) => view.line(depth + 1, "unknown (not shown)"),
            other => {
                if let Some(request) = other.request() {
                    correlated(view, depth + 1, request.correlator.as_deref());
                    marks(view, depth + 1, request.no_resp, request.cred.as_ref());
                    write_meta(view, depth + 1, request.meta.as_deref());
                }
            }
        }
        items(view, depth + 1, command, explainer);
        stack.extend(command.children().iter().rev().map(|child| (depth + 1, child)));
    }
}

/// A command's line: what it is, its number, and what it is about in short.
fn head(command: &Command<'_>) -> String {
    let id = command.cmd_id().map(|id| format!(" {}", short(id.as_str()))).unwrap_or_default();
    let name = short(command.name());
    match command {
        Command::Status(status) => {
            let of = status.cmd.as_deref().map_or_else(|| "?".to_owned(), short);
            let to = status.cmd_ref.as_ref().map(|to| format!(" {}", short(to.as_str())));
            let code = match (status.code(), status.data.as_deref()) {
                (Some(code), _) => code.to_string(),
                (None, Some(text)) => format!("{:?}", short(text)),
                (None, None) => "?".to_owned(),
            };
            let message = in_message(status.msg_ref.as_ref().map(|id| id.as_str()));
            format!("Status{id}: {of}{}{message} -> {code}", to.unwrap_or_default())
        }
        Command::Results(results) => {
            let of = results.cmd.as_deref().map(|of| format!(" {}", short(of)));
            let to = results.cmd_ref.as_ref().map(|to| format!(" {}", short(to.as_str())));
            let message = in_message(results.msg_ref.as_ref().map(|id| id.as_str()));
            let about = of.unwrap_or_default() + &to.unwrap_or_default() + &message;
            let to = if about.is_empty() { "" } else { ": to" };
            format!("Results{id}{to}{about}")
        }
        Command::Alert(alert) => {
            let code = match (alert.code(), alert.data.as_deref()) {
                (Some(code), _) => code.to_string(),
                (None, Some(text)) => format!("{:?}", short(text)),
                (None, None) => "?".to_owned(),
            };
            let typ = alert.typ().map(|typ| format!(", {}", short(typ))).unwrap_or_default();
            format!("Alert{id}: {code}{typ}")
        }
        _ => format!("{name}{id}"),
    }
}

fn in_message(id: Option<&str>) -> String {
    id.map(|id| format!(" of message {}", short(id))).unwrap_or_default()
}

fn write_status(view: &mut View, depth: usize, status: &Status<'_>) {
    references(view, depth, &status.target_refs, &status.source_refs);
    for told in attributes(&status.data_attributes) {
        view.line(depth, told);
    }
    if let Some(cred) = &status.cred {
        credentials(view, depth, cred);
    }
    if let Some(challenge) = &status.challenge {
        view.line(depth, format_args!("challenge: {}", meta(&challenge.meta).join(", ")));
    }
}

/// The attributes of Data: the error behind a code in words, others as they are.
pub(super) fn attributes<'m>(
    all: &'m [(Cow<'m, str>, Cow<'m, str>)],
) -> impl Iterator<Item = String> + 'm {
    let told = all.iter().filter(|(name, _)| !name.starts_with("xmlns"));
    told.map(|(name, value)| {
        let local = name.rsplit(':').next().unwrap_or(name);
        if local.eq_ignore_ascii_case("originalerror") {
            format!("original error {}", result(value).unwrap_or_else(|| short(value)))
        } else {
            format!("{}={}", short(name), short(value))
        }
    })
}

fn references(view: &mut View, depth: usize, targets: &[Cow<'_, str>], sources: &[Cow<'_, str>]) {
    for target in targets {
        view.line(depth, format_args!("for {}", short(target)));
    }
    for source in sources {
        view.line(depth, format_args!("for the source {}", short(source)));
    }
}

fn correlated(view: &mut View, depth: usize, correlator: Option<&str>) {
    if let Some(correlator) = correlator {
        view.line(depth, format_args!("correlator {}", short(correlator)));
    }
}

fn marks(view: &mut View, depth: usize, no_resp: bool, cred: Option<&Cred<'_>>) {
    if no_resp {
        view.line(depth, "no status is wanted");
    }
    if let Some(cred) = cred {
        credentials(view, depth, cred);
    }
}

fn between(
    view: &mut View,
    depth: usize,
    to: Option<&Location<'_>>,
    source: Option<&Location<'_>>,
) {
    let text = from(to, source);
    if !text.is_empty() {
        view.line(depth, text);
    }
}

fn write_sync(view: &mut View, depth: usize, sync: &Sync<'_>) {
    between(view, depth, sync.target.as_ref(), sync.source.as_ref());
    marks(view, depth, sync.no_resp, sync.cred.as_ref());
    write_meta(view, depth, sync.meta.as_ref());
    if let Some(number) = &sync.number_of_changes {
        view.line(depth, format_args!("{} changes", short(number)));
    }
}

fn write_map(view: &mut View, depth: usize, map: &Map<'_>) {
    between(view, depth, map.target.as_ref(), map.source.as_ref());
    marks(view, depth, false, map.cred.as_ref());
    write_meta(view, depth, map.meta.as_ref());
    for item in &map.items {
        between(view, depth, item.target.as_ref(), item.source.as_ref());
    }
}

fn write_search(view: &mut View, depth: usize, search: &Search<'_>) {
    for source in &search.sources {
        between(view, depth, search.target.as_ref(), Some(source));
    }
    marks(view, depth, search.no_resp, search.cred.as_ref());
    write_meta(view, depth, search.meta.as_ref());
    if let Some(value) = &search.data {
        view.line(depth, data(None, value));
    }
}
