//! What a file is, what it says, and what is odd about it: the library behind `mdm-inspect`.

mod view;

use serde::Serialize;

use view::{ddf, graph, plist, soap, syncml_message, update_document, xml};

/// One oddity with its place.
#[derive(Clone, Debug, Serialize)]
pub struct Oddity {
    /// A stable name.
    pub code: String,
    /// `info`, `warning` or `error`.
    pub severity: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The elements or members around it.
    pub path: String,
    /// What it is.
    pub message: String,
}

/// What a file turned out to be.
#[derive(Clone, Debug, Default, Serialize)]
pub struct View {
    /// The file's name.
    pub file: String,
    /// `SyncML`, `WBXML`, `SOAP`, `update metadata`, `plist`, `Graph JSON`, `DDF`, `cabinet`, `XML`.
    pub kind: String,
    /// A readable view, a line each.
    pub lines: Vec<String>,
    /// What was odd.
    pub diagnostics: Vec<Oddity>,
    /// Why it cannot be read.
    pub error: Option<String>,
}

impl View {
    fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    fn line(&mut self, depth: usize, text: impl std::fmt::Display) {
        let mut line = "  ".repeat(depth);
        line.push_str(&text.to_string());
        self.lines.push(line);
    }

    fn failed(mut self, error: &dyn std::fmt::Display) -> Self {
        self.error = Some(error.to_string());
        self
    }

    fn note<C: mdm_xml::Code>(&mut self, found: &[mdm_xml::Diagnostic<C>]) {
        self.diagnostics.extend(found.iter().map(|found| Oddity {
            code: found.code.id().to_owned(),
            severity: found.severity().to_string(),
            line: found.position.line,
            column: found.position.column,
            path: found.path.clone(),
            message: format!("{} [{}]", found.message(), found.reference()),
        }));
    }
}

/// Looks at a file.
///
/// ```
/// let view = mdm_examples::inspect::inspect("a.xml", b"<SyncML><SyncBody><Final/></SyncBody></SyncML>");
/// assert_eq!(view.kind, "SyncML");
/// assert!(view.error.is_none() && !view.diagnostics.is_empty());
/// ```
#[must_use]
pub fn inspect(name: &str, bytes: &[u8]) -> View {
    let mut view = recognise(bytes);
    view.file = name.to_owned();
    if view.error.is_none() && view.lines.is_empty() {
        view.line(0, "(nothing in it)");
    }
    view
}

fn recognise(bytes: &[u8]) -> View {
    if bytes.starts_with(b"bplist") {
        return plist(bytes);
    }
    if wsusss::cab::looks_like(bytes) {
        return match wsusss::cab::document(bytes, &wsusss::Limits::default()) {
            Ok(text) => {
                let mut view = recognise(text.as_bytes());
                view.kind = format!("cabinet with {}", view.kind);
                view
            }
            Err(error) => View::of("cabinet").failed(&error),
        };
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{' | b'[') => return graph(bytes),
        Some(byte) if !byte.is_ascii() || *byte < 0x20 => {
            if syncml::wbxml::looks_like(bytes) {
                return match syncml::wbxml::to_xml(bytes, &syncml::Limits::default()) {
                    Ok(text) => {
                        let mut view = syncml_message(text.as_bytes());
                        "WBXML".clone_into(&mut view.kind);
                        view
                    }
                    Err(error) => View::of("WBXML").failed(&error),
                };
            }
        }
        None => return View::of("empty").failed(&"there is nothing to read"),
        Some(_) => {}
    }
    let limits = wsusss::Limits::default().xml;
    let source = match mdm_xml::Source::new(bytes, &limits) {
        Ok(source) => source,
        Err(error) => return View::of("unknown").failed(&error),
    };
    match root_name(source.text()).as_deref() {
        Ok("Envelope") => soap(bytes),
        Ok("Update") => update_document(source.text()),
        Ok("plist" | "dict") => plist(bytes),
        Ok("MgmtTree") => ddf(bytes),
        Ok(
            "MobileConfig" | "Extract" | "html" | "definitions" | "schema" | "policyDefinitions",
        ) => xml(source.text()),
        Ok(_) => {
            let view = syncml_message(bytes);
            if view.kind == "other" { xml(source.text()) } else { view }
        }
        Err(_) => syncml_message(bytes),
    }
}

/// The name of the first element, without its prefix.
fn root_name(text: &str) -> Result<String, mdm_xml::Error> {
    let options = mdm_xml::Options::default()
        .with_limits(wsusss::Limits::default().xml)
        .with_fragment(true)
        .with_doctype(mdm_xml::Doctype::IgnoreSubset)
        .with_forbidden_chars(mdm_xml::Tolerance::Keep)
        .with_undeclared_prefixes(mdm_xml::Tolerance::Keep);
    let mut reader = mdm_xml::Reader::new(text, &options)?;
    Ok(reader.root()?.local().to_owned())
}
