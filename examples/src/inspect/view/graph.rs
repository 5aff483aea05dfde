//! JSON: what Microsoft Graph answers, and whatever else.

use graph_wufb::json::{Diagnostic, Document, Options, RawObject, Value, read};
use graph_wufb::models::dialect::{Change, Dialect};
use graph_wufb::requests::Headers;
use graph_wufb::{Position, Response, views};

use super::models::{Known, Next, Notes, model_of};
use super::places::{find, places};
use super::{declared, failure, ring, tree};
use crate::inspect::{Oddity, View, short};

/// Requests or answers of a batch that are looked into. Graph takes twenty.
const BATCH: usize = 100;
/// Objects of a page that are shown as policies.
const RINGS: usize = 50;

pub(in crate::inspect) fn json(bytes: &[u8]) -> View {
    let options = Options::tolerant().any_dialect();
    let document = match read(bytes, &options) {
        Ok(document) => document,
        Err(error) => return View::of("JSON").failed(&error),
    };
    let mut view = match document.value.as_object() {
        Some(object) => match declared::kind_of(object) {
            Some(kind) => {
                let mut view = declared::view(kind, bytes, &document);
                repairs(&mut view, &document.diagnostics);
                return view;
            }
            None => answer(bytes, &document, object),
        },
        None => {
            let mut view = View::of("JSON");
            repairs(&mut view, &document.diagnostics);
            view
        }
    };
    tree::json(&mut view, 0, &document.value);
    view
}

fn answer(bytes: &[u8], document: &Document, object: &RawObject) -> View {
    let mut view = View::of("Graph JSON");
    let batch = ["responses", "requests"].into_iter().find(|name| is_batch(object, name));
    if failure::is_failure(object) {
        failure::write_body(&mut view, 0, bytes);
    } else if let Some(name) = batch {
        write_batch(&mut view, bytes, object, name);
    } else if ring::is_catalog(object) {
        ring::write_catalog(&mut view, object);
    } else if let Some(known) = model_of(object) {
        // What was repaired is among what the model notes.
        match read_as(known, 200, bytes) {
            Ok(notes) => {
                page(&mut view, 0, known, &notes);
                model(&mut view, bytes, &notes);
                rings(&mut view, known, object);
                return view;
            }
            Err(error) => view.line(0, format_args!("no {}: {error}", known.name)),
        }
    } else if !object.iter().any(|(name, _)| name.contains("@odata.")) {
        "JSON".clone_into(&mut view.kind);
    }
    repairs(&mut view, &document.diagnostics);
    view
}

fn read_as(known: &Known, status: u16, bytes: &[u8]) -> Result<Notes, graph_wufb::Error> {
    let options = Options::tolerant().any_dialect();
    let answer = Response::parse_with(status, &Headers::new(), bytes, &options)?;
    (known.read)(&answer)
}

fn repairs(view: &mut View, all: &[Diagnostic]) {
    for found in all {
        view.odd(oddity(found, None));
    }
}

/// A finding; `base` is where the text that it is about begins in a larger one.
fn oddity(found: &Diagnostic, base: Option<Position>) -> Oddity {
    let (mut line, mut column) = (found.position.line, found.position.column);
    if let Some(base) = base {
        if line <= 1 {
            column = column.saturating_add(base.column).saturating_sub(1);
        }
        line = line.saturating_add(base.line).saturating_sub(1);
    }
    Oddity {
        code: found.code.to_string(),
        severity: format!("{:?}", found.severity()).to_lowercase(),
        line,
        column,
        path: found.pointer.clone(),
        message: format!("{} [{}]", mdm_xml::printable(&found.message), found.reference()),
    }
}

/// What the document is, in a line, and whether there is more of it.
fn page(view: &mut View, depth: usize, known: &Known, notes: &Notes) {
    match &notes.page {
        None => view.line(depth, known.name),
        Some((count, next)) => {
            view.line(depth, format_args!("page of {count}: {}", known.name));
            match next {
                Next::None => {}
                Next::Link(link) => view.line(depth + 1, format_args!("next: {}", short(link))),
                Next::Unreadable => {
                    view.line(depth + 1, "another page comes, and nobody can say where it is");
                }
            }
        }
    }
}

fn model(view: &mut View, bytes: &[u8], notes: &Notes) {
    if notes.dialect != Dialect::Current {
        view.line(1, format_args!("in the dialect of {}", notes.dialect));
    }
    for found in &notes.diagnostics {
        view.odd(oddity(found, None));
    }
    let pointers: Vec<String> = notes.changes.iter().map(|it| it.pointer.clone()).collect();
    for (change, place) in notes.changes.iter().zip(places(bytes, &pointers)) {
        view.odd(changed(change, place.line, place.column));
    }
}

fn changed(change: &Change, line: u32, column: u32) -> Oddity {
    let Change { was, is, dialect, .. } = change;
    Oddity {
        code: "graph-dialect".to_owned(),
        severity: "info".to_owned(),
        line,
        column,
        path: change.pointer.clone(),
        message: format!("{was} is {is} today [the namespace as it was spoken in {dialect}]"),
    }
}

/// What rings of Intune set on devices.
fn rings(view: &mut View, known: &Known, object: &RawObject) {
    if known.name != "update ring" {
        return;
    }
    match object.get_loose("value") {
        Some(Value::Array(items)) => {
            for item in items.iter().filter_map(Value::as_object).take(RINGS) {
                view.line(
                    0,
                    item.text("displayName").map_or_else(|| "(no name)".to_owned(), short),
                );
                ring::write_ring(view, item);
            }
        }
        Some(Value::Object(inner)) => ring::write_ring(view, inner),
        _ => ring::write_ring(view, object),
    }
}

fn is_batch(object: &RawObject, name: &str) -> bool {
    let first = object.get(name).and_then(Value::as_array).and_then(<[Value]>::first);
    let first = first.and_then(Value::as_object);
    first.is_some_and(|one| one.get("status").or_else(|| one.get("url")).is_some())
}

/// The parts of a batch (Graph, "JSON batching"), each as it would be alone.
fn write_batch(view: &mut View, bytes: &[u8], object: &RawObject, name: &str) {
    let parts = object.get(name).and_then(Value::as_array).unwrap_or_default();
    view.line(0, format_args!("batch of {} {name}", parts.len()));
    // Places need the text; what was repaired has none here.
    let text = views::read(bytes, &graph_wufb::json::Limits::new()).ok();
    let root = text.as_ref().and_then(|text| text.root());
    for (index, part) in parts.iter().enumerate().take(BATCH) {
        let Some(part) = part.as_object() else { continue };
        let id = part.text("id").map_or_else(|| "?".to_owned(), short);
        if let Some(url) = part.text("url") {
            let method = part.text("method").map_or_else(|| "?".to_owned(), short);
            view.line(1, format_args!("{id}: {method} {}", short(url)));
            continue;
        }
        let status = part.get("status").and_then(Value::as_i64).unwrap_or_default();
        let status = u16::try_from(status).unwrap_or_default();
        view.line(1, format_args!("{id}: status {status}"));
        let pointer = format!("/{name}/{index}/body");
        let body = root.map(|root| find(root, &pointer)).filter(|_| part.get("body").is_some());
        let (Some(body), Some(object)) = (body, part.get("body").and_then(Value::as_object)) else {
            continue;
        };
        write_part(view, status, body, object);
    }
    if parts.len() > BATCH {
        view.line(1, format_args!("… {} more", parts.len() - BATCH));
    }
}

fn write_part(view: &mut View, status: u16, body: views::ValueView<'_>, object: &RawObject) {
    if !(200..300).contains(&status) {
        return failure::write_body(view, 2, body.raw().as_bytes());
    }
    let Some(known) = model_of(object) else { return };
    match read_as(known, status, body.raw().as_bytes()) {
        Ok(notes) => {
            page(view, 2, known, &notes);
            let base = body.position();
            for found in &notes.diagnostics {
                view.odd(oddity(found, Some(base)));
            }
        }
        Err(error) => view.line(2, format_args!("no {}: {error}", known.name)),
    }
}
