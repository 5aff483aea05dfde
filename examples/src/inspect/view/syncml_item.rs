//! Items of SyncML commands: addresses, Meta and values; and those that stand by themselves.

use syncml::model::{Command, Data, Item, Location, Meta, Raw};
use syncml::{Limits, decode};

use super::explain::Explainer;
use super::syncml::attributes;
use crate::inspect::text::is_secret;
use crate::inspect::{View, short};

/// An address and its name for people.
pub(super) fn place(location: &Location<'_>) -> String {
    let name = location.loc_name.as_deref().filter(|name| !name.is_empty());
    let name = name.map(|name| format!(" ({})", short(name))).unwrap_or_default();
    short(&location.loc_uri) + &name
}

/// Where something goes, and where it comes from if both are said.
pub(super) fn from(target: Option<&Location<'_>>, source: Option<&Location<'_>>) -> String {
    match (target, source) {
        (Some(target), Some(source)) => format!("{} from {}", place(target), place(source)),
        (Some(one), None) | (None, Some(one)) => place(one),
        (None, None) => String::new(),
    }
}

/// What a Meta says, in short. Nonces are secrets.
pub(super) fn meta(meta: &Meta<'_>) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(meta.format.as_ref().map(|format| short(format.as_str())));
    all.extend(meta.typ.as_deref().map(short));
    for (name, value) in [
        ("mark", &meta.mark),
        ("size", &meta.size),
        ("version", &meta.version),
        ("MaxMsgSize", &meta.max_msg_size),
        ("MaxObjSize", &meta.max_obj_size),
        ("field level", &meta.field_level),
    ] {
        all.extend(value.as_deref().map(|value| format!("{name} {}", short(value))));
    }
    if let Some(anchor) = &meta.anchor {
        let or_none = |value: Option<&str>| value.map_or_else(|| "none".to_owned(), short);
        let (last, next) = (or_none(anchor.last.as_deref()), or_none(anchor.next.as_deref()));
        all.push(format!("anchor {last} to {next}"));
    }
    if meta.next_nonce.is_some() {
        all.push("with a NextNonce (not shown)".to_owned());
    }
    for emi in &meta.emi {
        all.push(format!("EMI {}", short(emi)));
    }
    if let Some(mem) = &meta.mem {
        for (name, value) in [("free memory", &mem.free_mem), ("free identifiers", &mem.free_id)] {
            all.extend(value.as_deref().map(|value| format!("{name} {}", short(value))));
        }
    }
    for other in &meta.extra {
        all.push(format!("unknown {}", short(other.name())));
    }
    all
}

/// A value, unless its address says that it is a secret.
pub(super) fn data(uri: Option<&str>, data: &Data<'_>) -> String {
    let name = uri.and_then(|uri| uri.trim().trim_end_matches('/').rsplit('/').next());
    if name.is_some_and(is_secret) && !data.as_str().is_empty() {
        return format!("= ({} bytes, not shown)", data.as_str().len());
    }
    format!("= {}", short(data.as_str()))
}

/// The items of a command.
pub(super) fn items(
    view: &mut View,
    depth: usize,
    command: &Command<'_>,
    explainer: &mut Explainer,
) {
    // The token of a signed-in user travels in an alert; its type says what it is.
    let is_token = match command {
        Command::Alert(alert) => alert.typ().is_some_and(is_secret),
        _ => false,
    };
    for item in command.items() {
        if view.is_full() {
            view.and_more(1);
            continue;
        }
        write_item(view, depth, item, is_token, explainer);
    }
}

fn write_item(
    view: &mut View,
    depth: usize,
    item: &Item<'_>,
    is_secret: bool,
    explainer: &mut Explainer,
) {
    let uri = item.loc_uri();
    let mut line = vec![from(item.target.as_ref(), item.source.as_ref())];
    let about = item.meta.as_ref().map(meta).unwrap_or_default();
    if !about.is_empty() {
        line.push(format!("({})", about.join(", ")));
    }
    match &item.data {
        Some(value) if is_secret => {
            line.push(format!("= ({} bytes, not shown)", value.as_str().len()));
        }
        Some(value) => line.push(data(uri, value)),
        None => {}
    }
    if item.more_data {
        line.push("(more data follows)".to_owned());
    }
    line.retain(|part| !part.is_empty());
    let line = line.join(" ");
    view.line(depth, if line.is_empty() { "(an empty item)" } else { &line });
    for told in attributes(&item.data_attributes) {
        view.line(depth + 1, told);
    }
    if let Some(uri) = uri {
        for told in explainer.explain(uri, item.data.as_ref().map(Data::as_str)) {
            view.line(depth + 1, told);
        }
    }
}

/// Parts of an item, which are shown as one where they stand by themselves.
const PARTS: [&str; 5] = ["Target", "Source", "Meta", "Data", "MoreData"];

/// Elements that stand where commands do and are none: items and their parts as what they say, of
/// others the name.
pub(super) fn unknown<'m>(
    view: &mut View,
    all: impl Iterator<Item = &'m Raw<'m>>,
    namespace: &str,
    explainer: &mut Explainer,
) {
    let mut parts: Vec<&Raw<'_>> = Vec::new();
    for raw in all {
        if PARTS.contains(&raw.local_name()) {
            parts.push(raw);
            continue;
        }
        lone_items(view, &std::mem::take(&mut parts), true, namespace, explainer);
        if raw.local_name() == "Item" {
            lone_items(view, &[raw], false, namespace, explainer);
        } else {
            view.line(0, format_args!("unknown <{}> (not shown)", short(raw.name())));
        }
    }
    lone_items(view, &parts, true, namespace, explainer);
}

/// Reads items that are in no command, in one.
fn lone_items(
    view: &mut View,
    all: &[&Raw<'_>],
    are_parts: bool,
    namespace: &str,
    explainer: &mut Explainer,
) {
    let Some(first) = all.first() else { return };
    if view.is_full() {
        view.and_more(1);
        return;
    }
    let prefix = first.name().strip_suffix(first.local_name()).unwrap_or_default();
    let xmlns = if prefix.is_empty() { "xmlns" } else { "xmlns:" };
    let declaration = match namespace {
        "" => String::new(),
        uri => {
            let uri = mdm_xml::escape_text(uri).replace('"', "&quot;");
            format!(" {xmlns}{}=\"{uri}\"", prefix.trim_end_matches(':'))
        }
    };
    let raw: String = all.iter().map(|raw| raw.as_str()).collect();
    let raw = if are_parts { format!("<{prefix}Item>{raw}</{prefix}Item>") } else { raw };
    let text = format!("<{prefix}Replace{declaration}>{raw}</{prefix}Replace>");
    let kind = if are_parts { first.local_name() } else { "Item" };
    view.line(0, format_args!("<{}> without a command", short(kind)));
    match decode(text.as_bytes(), &Limits::default()) {
        Ok(message) => {
            for command in &message.body.commands {
                items(view, 1, command, explainer);
            }
        }
        Err(error) => view.line(1, format_args!("not readable: {error}")),
    }
}
