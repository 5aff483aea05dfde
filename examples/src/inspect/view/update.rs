//! Update documents of WSUS and Microsoft Update, and DDF files.

use update_csp::ddf::{Document, Generation};
use wsusss::metadata::{Clause, Select, Update, read_noting};

use crate::inspect::{Oddity, View, short};

pub(in crate::inspect) fn document(text: &str) -> View {
    let mut view = View::of("update metadata");
    match read_noting(text, Select::ALL, &wsusss::Limits::default()) {
        Ok((update, found)) => {
            write(&mut view, 0, &update);
            view.note(&found);
            view
        }
        Err(error) => view.failed(&error),
    }
}

/// A document inside of a message; places are those in the document.
pub(super) fn inner(view: &mut View, depth: usize, key: &str, text: &str) {
    match read_noting(text, Select::ALL, &wsusss::Limits::default()) {
        Ok((update, found)) => {
            write(view, depth, &update);
            view.note_in(&format!("the document of {key}"), &found);
        }
        Err(error) => view.odd(broken(key, &error)),
    }
}

/// A document inside of a message that cannot be read.
pub(super) fn broken(key: &str, error: &wsusss::Error) -> Oddity {
    let place = error.position();
    Oddity {
        code: "wsusss-document".to_owned(),
        severity: "error".to_owned(),
        line: place.map_or(1, |place| place.line),
        column: place.map_or(1, |place| place.column),
        path: format!("(the document of {key}) {}", error.path().unwrap_or_default()),
        message: format!("it cannot be read: {}", error.kind()),
    }
}

fn write(view: &mut View, depth: usize, update: &Update<'_>) {
    view.line(depth, format_args!("{} {}", short(update.update_type.as_str()), update.key));
    view.line(depth, update.title("en").map_or_else(|| "(no title)".to_owned(), short));
    let languages: Vec<&str> = update.localized.iter().map(|local| &*local.language).collect();
    view.line(depth, format_args!("languages: {}", short(&languages.join(" "))));
    if let Some(date) = update.creation_date() {
        view.line(depth, format_args!("created {}", short(date)));
    }
    for article in update.articles() {
        view.line(depth, short(&article.to_string()));
    }
    for (what, all) in [("bulletin", &update.bulletins), ("CVE", &update.cves)] {
        for one in all {
            view.line(depth, format_args!("{what} {}", short(one)));
        }
    }
    if let Some(severity) = update.severity() {
        view.line(depth, format_args!("severity {}", short(severity)));
    }
    if let Some(eula) = update.eula_id() {
        view.line(depth, format_args!("licence terms {}", short(eula)));
    }
    for clause in &update.prerequisites {
        let kind = if clause.is_category { "category" } else { "needs" };
        view.line(depth, format_args!("{kind} {}", any(clause)));
    }
    if !update.superseded.is_empty() {
        view.line(depth, format_args!("supersedes {} updates", update.superseded.len()));
    }
    for clause in &update.bundled {
        view.line(depth, format_args!("bundles {} updates", clause.any.len()));
    }
    for driver in &update.drivers {
        let model = match short(&driver.model) {
            model if model.is_empty() => String::new(),
            model => format!(" for {model}"),
        };
        let (provider, version) = (short(&driver.provider), short(&driver.version));
        view.line(depth, format_args!("driver {provider} {version}{model}"));
    }
    for file in &update.files {
        let size = match file.size {
            Some(size) => format!("{size} bytes"),
            None => "size unknown".to_owned(),
        };
        view.line(depth, format_args!("file {} ({size})", short(&file.name)));
    }
}

/// The updates of a clause, those that everybody knows by their names.
fn any(clause: &Clause) -> String {
    if clause.any.is_empty() {
        return "(no update: nothing fulfils it)".to_owned();
    }
    let names: Vec<String> = clause.any.iter().take(100).map(|(id, _)| name_of(*id)).collect();
    short(&names.join(" or "))
}

fn name_of(id: wsusss::UpdateId) -> String {
    id.classification_name().map_or_else(|| id.to_string(), str::to_owned)
}

pub(in crate::inspect) fn ddf(bytes: &[u8]) -> View {
    let mut view = View::of("DDF");
    let document = match Document::read(bytes, &update_csp::ddf::Limits::default()) {
        Ok(document) => document,
        Err(error) => return view.failed(&error),
    };
    if document.generation() == Generation::V1 {
        view.line(0, "of the older kind: nothing about builds");
    }
    for (index, node) in document.nodes.iter().enumerate() {
        if view.is_full() {
            view.and_more(document.nodes.len() - index);
            break;
        }
        let format = node.format.as_ref().map_or_else(|| "?".to_owned(), |it| short(it.as_str()));
        let build = node.applicability.builds.as_ref();
        let build = build.map(|build| format!(", since {}", short(build.as_str())));
        let (path, build) = (&node.path, build.unwrap_or_default());
        view.line(node.depth, format_args!("{path} ({format}; {}{build})", node.access));
    }
    view.note(&document.diagnostics);
    view
}
