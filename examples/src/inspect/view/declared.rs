//! What Apple's devices and servers say in JSON: declarative management, and the version catalogue.

use apple_mdm::declarations::status::{StatusItems, StatusReport};
use apple_mdm::declarations::{Declaration, Error, Manifest, Payload, TokensResponse, Unknown};
use apple_mdm::gdmf::{self, Catalogue, Entry, Set};
use apple_mdm::json::Limits;
use graph_wufb::json::{Document, RawObject, Value};
use mdm_xml::Code;

use super::places::places;
use super::tree;
use crate::inspect::{Oddity, View, short};

/// Findings that are given their places.
const FINDINGS: usize = 256;

/// What a JSON object is, by its members.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Status,
    StatusItems,
    Declaration,
    Tokens,
    Items,
    Catalogue,
}

pub(super) fn kind_of(object: &RawObject) -> Option<Kind> {
    let has = |name: &str| object.get(name).is_some();
    let lists = [
        "PublicAssetSets",
        "AssetSets",
        "PublicBackgroundSecurityImprovements",
        "PublicRapidSecurityResponses",
    ];
    let is_apples = || object.get("Type")?.as_str()?.starts_with("com.apple.").then_some(());
    if has("StatusItems") {
        Some(Kind::Status)
    } else if lists.into_iter().any(has) {
        Some(Kind::Catalogue)
    } else if has("SyncTokens") {
        Some(Kind::Tokens)
    } else if has("Declarations") && has("DeclarationsToken") {
        Some(Kind::Items)
    } else if is_apples().is_some() && (has("Payload") || has("Identifier")) {
        Some(Kind::Declaration)
    } else if is_items(object) {
        Some(Kind::StatusItems)
    } else {
        None
    }
}

/// Whether these are status items without the report around them, as Apple's examples are.
fn is_items(object: &RawObject) -> bool {
    let management = object.get("management").and_then(Value::as_object);
    let known = |name: &&str| management.is_some_and(|inner| inner.get(name).is_some());
    object.get("softwareupdate").and_then(Value::as_object).is_some()
        || ["declarations", "client-capabilities"].iter().any(known)
}

/// A document of this kind; `read` is how the tolerant reader reads it.
pub(super) fn view(kind: Kind, bytes: &[u8], read: &Document) -> View {
    let mut view = View::of(match kind {
        Kind::Status => "Apple status report",
        Kind::StatusItems => "Apple status items",
        Kind::Declaration => "Apple declaration",
        Kind::Tokens => "Apple tokens",
        Kind::Items => "Apple declaration items",
        Kind::Catalogue => "Apple version catalogue",
    });
    let written = match kind {
        Kind::Status => status(&mut view, bytes),
        Kind::StatusItems => lone_items(&mut view, bytes),
        Kind::Declaration => {
            let has_token =
                read.value.as_object().is_some_and(|object| object.get("ServerToken").is_some());
            declaration(&mut view, bytes, has_token)
        }
        Kind::Tokens => tokens(&mut view, bytes),
        Kind::Items => items(&mut view, bytes),
        Kind::Catalogue => match catalogue(&mut view, bytes) {
            // Six thousand devices are no view.
            Ok(()) => return view,
            Err(error) => {
                tree::json(&mut view, 0, &read.value);
                return view.failed(&error);
            }
        },
    };
    tree::json(&mut view, 0, &read.value);
    match written {
        Ok(()) => view,
        Err(error) => view.failed(&error),
    }
}

/// What the types do not know, with its places.
fn unknown(view: &mut View, bytes: &[u8], mut all: Vec<Unknown>) {
    let more = all.len().saturating_sub(FINDINGS);
    all.truncate(FINDINGS);
    let pointers: Vec<String> = all.iter().map(|one| one.path.clone()).collect();
    for (one, place) in all.iter().zip(places(bytes, &pointers)) {
        let (code, severity, message) = if one.known_key {
            let message = "a value that the schema does not have here; it is kept";
            ("ddm-unknown-value", "warning", message)
        } else {
            ("ddm-unknown-key", "info", "a key that is not known here; it is kept")
        };
        view.odd(Oddity {
            code: code.to_owned(),
            severity: severity.to_owned(),
            line: place.line,
            column: place.column,
            path: one.path.clone(),
            message: format!("{message} [Apple, device-management schema, declarative]"),
        });
    }
    view.more_oddities = view.more_oddities.saturating_add(more);
}

fn status(view: &mut View, bytes: &[u8]) -> Result<(), Error> {
    let report = StatusReport::decode(bytes, &Limits::default())?;
    let extent = if report.is_full() { "everything" } else { "what changed" };
    view.line(0, format_args!("a report of {extent}"));
    status_items(view, &report.status_items);
    for error in report.errors.iter().flatten() {
        view.line(1, format_args!("no {}", short(&error.status_item)));
        for reason in error.reasons.iter().flatten() {
            let text = reason.description.as_deref().map(short).unwrap_or_default();
            view.line(2, format_args!("{}: {text}", short(reason.code.as_str())));
        }
    }
    unknown(view, bytes, report.unknown());
    Ok(())
}

fn lone_items(view: &mut View, bytes: &[u8]) -> Result<(), Error> {
    let items = StatusItems::decode(bytes, &Limits::default())?;
    view.line(0, "without a report around them");
    status_items(view, &items);
    unknown(view, bytes, items.unknown());
    Ok(())
}

fn status_items(view: &mut View, items: &StatusItems) {
    if let Some(system) = items.operating_system() {
        let text = |text: &Option<String>| text.as_deref().map(short).unwrap_or_default();
        let (family, version) = (text(&system.family), text(&system.version));
        view.line(1, format_args!("{family} {version} ({})", text(&system.build_version)));
    }
    if let Some(update) = &items.softwareupdate {
        if let Some(state) = &update.install_state {
            view.line(1, format_args!("update: {}", short(state.as_str())));
        }
        if let Some(pending) =
            update.pending_version.as_ref().filter(|it| !it.os_version.is_empty())
        {
            let by = pending.target_local_date_time.as_ref();
            let by = by.map(|time| format!(" by {}", time.as_str())).unwrap_or_default();
            let (version, build) = (short(&pending.os_version), short(&pending.build_version));
            view.line(1, format_args!("pending: {version} ({build}){by}"));
        }
        if let Some(reason) = &update.install_reason {
            let words: Vec<&str> = reason.reason.iter().map(|word| word.as_str()).collect();
            let id = reason.declaration_id.as_deref().map(|id| format!(" ({})", short(id)));
            let id = id.unwrap_or_default();
            view.line(1, format_args!("because of: {}{id}", short(&words.join(", "))));
        }
        if let Some(failure) = update.failure_reason.as_ref().filter(|it| it.count != 0) {
            let words = failure.reason.as_deref().map(short).unwrap_or_default();
            view.line(1, format_args!("failed {} times: {words}", failure.count));
        }
    }
    for one in items.declarations().into_iter().flat_map(|all| all.iter()) {
        let valid = one.valid.as_ref().map_or_else(|| "?".to_owned(), |it| short(it.as_str()));
        let active = match one.active {
            Some(true) => "active",
            Some(false) => "not active",
            None => "active or not",
        };
        let token = one.server_token.as_deref().map_or_else(|| "none".to_owned(), short);
        let name = short(&one.identifier);
        view.line(1, format_args!("declaration {name}: {active}, validity {valid}, token {token}"));
        for reason in one.reasons() {
            let text = reason.description.as_deref().map(short).unwrap_or_default();
            view.line(2, format_args!("{}: {text}", short(reason.code.as_str())));
        }
    }
}

fn declaration(view: &mut View, bytes: &[u8], has_token: bool) -> Result<(), Error> {
    let limits = Limits::default();
    let declaration = if has_token {
        Declaration::decode(bytes, &limits)?
    } else {
        Declaration::decode_authored(bytes, &limits)?
    };
    view.line(0, short(declaration.declaration_type()));
    view.line(1, format_args!("identifier {}", short(declaration.identifier().as_str())));
    if has_token {
        view.line(1, format_args!("token {}", short(declaration.server_token().as_str())));
    } else {
        view.line(1, "without ServerToken, as people write it: the server adds it");
    }
    match declaration.payload() {
        Payload::Enforcement(update) => {
            let build = update.target_build_version.as_ref();
            let build = build.map(|build| format!(" ({build})")).unwrap_or_default();
            let (version, time) = (&update.target_os_version, &update.target_local_date_time);
            view.line(1, format_args!("{version}{build} by {}", time.as_str()));
        }
        Payload::Settings(settings) => {
            let place = places(bytes, &["/Payload".to_owned()]).first().copied();
            for error in settings.errors() {
                view.odd(Oddity {
                    code: "ddm-settings".to_owned(),
                    severity: "error".to_owned(),
                    line: place.map_or(1, |place| place.line),
                    column: place.map_or(1, |place| place.column),
                    path: "Payload".to_owned(),
                    message: error.to_string(),
                });
            }
        }
        _ => {}
    }
    unknown(view, bytes, declaration.unknown());
    Ok(())
}

fn tokens(view: &mut View, bytes: &[u8]) -> Result<(), Error> {
    let answer = TokensResponse::decode(bytes, &Limits::default())?;
    let tokens = &answer.sync_tokens;
    let (token, time) = (short(tokens.declarations_token.as_str()), short(&tokens.timestamp));
    view.line(0, format_args!("token {token} at {time}"));
    unknown(view, bytes, answer.unknown());
    Ok(())
}

fn items(view: &mut View, bytes: &[u8]) -> Result<(), Error> {
    let manifest = Manifest::decode(bytes, &Limits::default())?;
    view.line(0, format_args!("token {}", short(manifest.declarations_token.as_str())));
    for (kind, item) in manifest.items() {
        let (name, token) = (short(item.identifier.as_str()), short(item.server_token.as_str()));
        view.line(1, format_args!("{} {name}, token {token}", short(kind.as_str())));
    }
    unknown(view, bytes, manifest.unknown());
    Ok(())
}

fn catalogue(view: &mut View, bytes: &[u8]) -> Result<(), gdmf::Error> {
    let (catalogue, found) = Catalogue::decode_noting(bytes, &gdmf::Limits::default())?;
    for entry in catalogue.entries() {
        view.line(0, entry_line(entry));
    }
    let pointers: Vec<String> = found.iter().map(|one| one.pointer.clone()).collect();
    for (one, place) in found.iter().zip(places(bytes, &pointers)) {
        let detail = match one.detail.as_str() {
            "" => String::new(),
            detail => format!(": {}", mdm_xml::printable(detail)),
        };
        view.odd(Oddity {
            code: one.code.id().to_owned(),
            severity: one.code.severity().to_string(),
            line: place.line,
            column: place.column,
            path: one.pointer.clone(),
            message: format!("{}{detail} [{}]", one.code.summary(), one.code.reference()),
        });
    }
    Ok(())
}

fn entry_line(entry: &Entry) -> String {
    let set = match entry.set {
        Set::Public => "public",
        Set::Managed => "managed",
        Set::Background => "background",
        _ => "other",
    };
    let mut line = format!("{} {}", short(&entry.platform), entry.version);
    for (before, build) in [(" (", &entry.build), (" (on ", &entry.prerequisite)] {
        if let Some(build) = build {
            line.push_str(&format!("{before}{build})"));
        }
    }
    line.push_str(&format!(", {set}"));
    for (what, day) in [("posted", entry.posted()), ("expires", entry.expires())] {
        if let Some(day) = day {
            line.push_str(&format!(", {what} {day}"));
        }
    }
    line.push_str(&format!(", {} devices", entry.devices().len()));
    line
}
