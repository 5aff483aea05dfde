//! A readable view of each kind of document.

use apple_mdm::plist::Value as PlistValue;
use syncml::model::{Command, Message as SyncmlMessage};
use update_csp::ddf::Document;
use wsusss::messages::{Blob, Message as SoapMessage, Presence};
use wsusss::metadata::{Select, Update};

use super::{Oddity, View};

/// The longest value that a view shows whole.
const LONGEST: usize = 120;

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            format!("{}… ({} bytes)", line.get(..end).unwrap_or_default(), text.len())
        }
        None => line,
    }
}

pub(super) fn syncml_message(bytes: &[u8]) -> View {
    let mut view = View::of("SyncML");
    match syncml::decode(bytes, &syncml::Limits::default()) {
        Ok(message) => {
            write_syncml(&mut view, &message);
            view.note(&message.diagnostics);
            view
        }
        Err(error) if matches!(error.kind(), syncml::ErrorKind::NotSyncml(_)) => View::of("other"),
        Err(error) => view.failed(&error),
    }
}

fn write_syncml(view: &mut View, message: &SyncmlMessage<'_>) {
    if let Some(header) = &message.header {
        view.line(0, format_args!("session {}, message {}", header.session_id, header.msg_id));
        view.line(0, format_args!("from {}", short(&header.source.loc_uri)));
        view.line(0, format_args!("to   {}", short(&header.target.loc_uri)));
        if header.cred.is_some() {
            view.line(0, "with credentials (not shown)");
        }
    }
    let mut stack: Vec<(usize, &Command<'_>)> =
        message.body.commands.iter().rev().map(|command| (0, command)).collect();
    while let Some((depth, command)) = stack.pop() {
        let id = command.cmd_id().map(|id| format!(" {id}")).unwrap_or_default();
        match command {
            Command::Status(status) => {
                let of = status.cmd.as_deref().unwrap_or("?");
                let to = status.cmd_ref.as_ref().map(ToString::to_string).unwrap_or_default();
                let code = status.code().map(|code| code.to_string()).unwrap_or_default();
                view.line(depth, format_args!("Status{id}: {of} {to} -> {code}"));
                for target in &status.target_refs {
                    view.line(depth + 1, format_args!("for {}", short(target)));
                }
            }
            Command::Alert(alert) => {
                let code = alert.code().map(|code| code.to_string()).unwrap_or_default();
                let typ = alert.typ().map(|typ| format!(", {}", short(typ))).unwrap_or_default();
                view.line(depth, format_args!("Alert{id}: {code}{typ}"));
            }
            other => view.line(depth, format_args!("{}{id}", other.name())),
        }
        for item in command.items() {
            let uri = item.loc_uri().map(short).unwrap_or_default();
            let format = item
                .meta
                .as_ref()
                .and_then(|meta| meta.format.as_ref())
                .map(|format| format!(" ({})", format.as_str()))
                .unwrap_or_default();
            let data = item.data.as_ref().map(|data| format!(" = {}", short(data.as_str())));
            view.line(depth + 1, format_args!("{uri}{format}{}", data.unwrap_or_default()));
        }
        stack.extend(command.children().iter().rev().map(|child| (depth + 1, child)));
    }
    if message.body.is_final {
        view.line(0, "Final");
    }
}

pub(super) fn soap(bytes: &[u8]) -> View {
    let mut view = View::of("SOAP");
    let limits = wsusss::Limits::default();
    let (_, message) = match wsusss::messages::decode(bytes, &limits) {
        Ok(read) => read,
        Err(error) => return view.failed(&error),
    };
    view.line(0, message.name());
    match &message {
        SoapMessage::Fault(fault) => {
            view.line(1, format_args!("{} {fault}", fault.soap_code));
            let method = fault.method.as_deref().unwrap_or("unknown");
            view.line(1, format_args!("method {method}"));
        }
        SoapMessage::GetCookieResponse(Presence::Value(cookie)) => {
            view.line(1, format_args!("expires {}", cookie.expiration.as_str().unwrap_or("?")));
        }
        SoapMessage::GetAuthConfigResponse(Presence::Value(config)) => {
            for plug_in in &config.plug_ins {
                let id = plug_in.plug_in_id.as_str().unwrap_or_default();
                let url = plug_in.service_url.as_str().unwrap_or_default();
                view.line(1, format_args!("{id} at {url}"));
            }
        }
        SoapMessage::GetConfigDataResponse(Presence::Value(config)) => {
            let version = config.protocol_version.as_str().unwrap_or("?");
            view.line(1, format_args!("protocol {version}, {} languages", config.languages.len()));
            view.line(1, format_args!("updates in a request: {:?}", config.max_updates.value()));
        }
        SoapMessage::GetRevisionIdListResponse(Presence::Value(list)) => {
            let anchor = list.anchor.as_str().unwrap_or("none");
            view.line(1, format_args!("{} revisions, anchor {anchor}", list.new_revisions.len()));
        }
        SoapMessage::GetUpdateData(request) => {
            for key in &request.update_ids {
                view.line(1, key);
            }
        }
        SoapMessage::GetUpdateDataResponse(Presence::Value(data)) => {
            for update in &data.updates {
                let key = update.key.value().map(ToString::to_string).unwrap_or_default();
                let blob = update.blob();
                let kind = match blob {
                    Blob::Compressed(_) => " (compressed)",
                    _ => "",
                };
                view.line(1, format_args!("{key}{kind}"));
                let shown = blob.document(&limits).and_then(|text| {
                    let inner = Update::read(&text, Select::ALL, &limits)?;
                    write_update(&mut view, 2, &inner);
                    Ok(())
                });
                if let Err(error) = shown {
                    view.diagnostics.push(broken_document(&key, &error));
                }
            }
            view.line(1, format_args!("{} file addresses", data.file_urls.len()));
        }
        SoapMessage::Other { raw, .. } => view.line(1, short(raw)),
        _ => {}
    }
    view
}

/// A document inside a message that cannot be read; the place is the one in the document.
fn broken_document(key: &str, error: &wsusss::Error) -> Oddity {
    let place = error.position();
    Oddity {
        code: "wsusss-document".to_owned(),
        severity: "error".to_owned(),
        line: place.map_or(1, |place| place.line),
        column: place.map_or(1, |place| place.column),
        path: error.path().unwrap_or_default().to_owned(),
        message: format!("the document of {key}: {}", error.kind()),
    }
}

pub(super) fn update_document(text: &str) -> View {
    let mut view = View::of("update metadata");
    let update = match Update::read(text, Select::ALL, &wsusss::Limits::default()) {
        Ok(update) => update,
        Err(error) => return view.failed(&error),
    };
    write_update(&mut view, 0, &update);
    view
}

fn write_update(view: &mut View, depth: usize, update: &Update<'_>) {
    view.line(depth, format_args!("{} {}", update.update_type.as_str(), update.key));
    view.line(depth, update.title("en").unwrap_or("(no title)"));
    let languages: Vec<&str> = update.localized.iter().map(|local| &*local.language).collect();
    view.line(depth, format_args!("languages: {}", short(&languages.join(" "))));
    if let Some(date) = update.creation_date() {
        view.line(depth, format_args!("created {date}"));
    }
    for kb in &update.kb_articles {
        view.line(depth, format_args!("KB{kb}"));
    }
    if let Some(eula) = update.eula_id() {
        view.line(depth, format_args!("licence terms {eula}"));
    }
    for clause in &update.prerequisites {
        let ids: Vec<String> = clause.any.iter().map(|(id, _)| name_of(*id)).collect();
        let kind = if clause.is_category { "category" } else { "needs" };
        view.line(depth, format_args!("{kind} {}", short(&ids.join(" or "))));
    }
    if !update.superseded.is_empty() {
        view.line(depth, format_args!("supersedes {} updates", update.superseded.len()));
    }
    for clause in &update.bundled {
        view.line(depth, format_args!("bundles {} updates", clause.any.len()));
    }
    for driver in &update.drivers {
        view.line(
            0,
            format_args!("driver {} {} for {}", driver.provider, driver.version, driver.model),
        );
    }
    for file in &update.files {
        view.line(
            depth,
            format_args!("file {} ({} bytes)", file.name, file.size.unwrap_or_default()),
        );
    }
}

fn name_of(id: wsusss::UpdateId) -> String {
    let class: Option<update_csp::Classification> = id.to_string().parse().ok();
    let name = class.and_then(update_csp::Classification::name);
    name.map_or_else(|| id.to_string(), str::to_owned)
}

pub(super) fn plist(bytes: &[u8]) -> View {
    let mut view = View::of("plist");
    let limits = apple_mdm::plist::Limits::default();
    let value = match apple_mdm::plist::decode_noting(bytes, &limits) {
        Ok((value, found)) => {
            view.note(&found);
            value
        }
        Err(error) => return view.failed(&error),
    };
    let mut stack = vec![(0, String::new(), &value)];
    while let Some((depth, name, value)) = stack.pop() {
        let label = if name.is_empty() { String::new() } else { format!("{name}: ") };
        match value {
            PlistValue::Dictionary(dictionary) => {
                view.line(depth, format_args!("{label}dictionary"));
                let entries: Vec<_> = dictionary.iter().collect();
                for (key, value) in entries.into_iter().rev() {
                    stack.push((depth + 1, short(key), value));
                }
            }
            PlistValue::Array(values) => {
                view.line(depth, format_args!("{label}array of {}", values.len()));
                for value in values.iter().rev() {
                    stack.push((depth + 1, "-".to_owned(), value));
                }
            }
            PlistValue::String(text) => view.line(depth, format_args!("{label}{}", short(text))),
            PlistValue::Data(bytes) => {
                view.line(depth, format_args!("{label}{} bytes", bytes.len()));
            }
            PlistValue::Date(date) => view.line(depth, format_args!("{label}{}", date.as_str())),
            PlistValue::Boolean(value) => view.line(depth, format_args!("{label}{value}")),
            PlistValue::Integer(value) => view.line(depth, format_args!("{label}{value}")),
            PlistValue::Real(value) => view.line(depth, format_args!("{label}{value}")),
            other => view.line(depth, format_args!("{label}{other:?}")),
        }
    }
    view
}

pub(super) fn ddf(bytes: &[u8]) -> View {
    let mut view = View::of("DDF");
    match Document::read(bytes, &update_csp::ddf::Limits::default()) {
        Ok(document) => {
            for node in &document.nodes {
                let format = node.format.as_deref().unwrap_or("?");
                let access = node.access.join(" ");
                let build = node.os_build.as_ref().map(|build| format!(", since {}", short(build)));
                view.line(
                    node.depth,
                    format_args!("{} ({format}; {access}{})", node.path, build.unwrap_or_default()),
                );
            }
            view
        }
        Err(error) => view.failed(&error),
    }
}

pub(super) fn graph(bytes: &[u8]) -> View {
    use graph_wufb::json::{Options, Value, read};
    let mut view = View::of("Graph JSON");
    let document = match read(bytes, &Options::tolerant()) {
        Ok(document) => document,
        Err(error) => return view.failed(&error),
    };
    view.diagnostics.extend(document.diagnostics.iter().map(|found| Oddity {
        code: found.code.to_string(),
        severity: format!("{:?}", found.severity()).to_lowercase(),
        line: found.position.line,
        column: found.position.column,
        path: found.pointer.clone(),
        message: format!("{} [{}]", found.message, found.reference()),
    }));
    let mut stack = vec![(0, String::new(), &document.value)];
    while let Some((depth, name, value)) = stack.pop() {
        let label = if name.is_empty() { String::new() } else { format!("{name}: ") };
        match value {
            Value::Object(object) => {
                let kind = object.odata_type().unwrap_or("object");
                view.line(depth, format_args!("{label}{kind}"));
                let members: Vec<_> = object.iter().collect();
                for (name, value) in members.into_iter().rev() {
                    stack.push((depth + 1, short(name), value));
                }
            }
            Value::Array(values) => {
                view.line(depth, format_args!("{label}{} values", values.len()));
                for value in values.iter().rev() {
                    stack.push((depth + 1, "-".to_owned(), value));
                }
            }
            other => view.line(depth, format_args!("{label}{}", short(&other.to_json()))),
        }
    }
    view
}

/// Any other XML: its elements, as far as they fit on a screen.
pub(super) fn xml(text: &str) -> View {
    const ELEMENTS: usize = 60;
    let mut view = View::of("XML");
    let options = mdm_xml::Options::default()
        .with_limits(wsusss::Limits::default().xml)
        .with_doctype(mdm_xml::Doctype::IgnoreSubset)
        .with_undeclared_prefixes(mdm_xml::Tolerance::Keep);
    let mut outline = || -> Result<(), mdm_xml::Error> {
        let mut reader = mdm_xml::Reader::new(text, &options)?;
        let mut elements = 0;
        loop {
            match reader.next()? {
                mdm_xml::Event::Start(element) => {
                    elements += 1;
                    if elements <= ELEMENTS {
                        view.line(reader.depth() - 1, element.name());
                    }
                }
                mdm_xml::Event::Eof => {
                    if elements > ELEMENTS {
                        view.line(0, format_args!("… {elements} elements"));
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
    };
    match outline() {
        Ok(()) => view,
        Err(error) => view.failed(&error),
    }
}
