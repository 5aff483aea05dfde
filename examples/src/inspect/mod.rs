//! What a file is, what it says, and what is odd about it: the library behind `mdm-inspect`.

mod text;
mod view;

use serde::Serialize;

use text::{cut, short};
use view::{apple, graph, syncml, update, wsus, xml};

/// Lines of a [`View`]. A document can have a million values, and nobody reads so many lines: of
/// those behind these only the number is told.
pub const MAX_LINES: usize = 20_000;
/// Characters of one line, blanks in front included.
pub const MAX_LINE: usize = 1_000;
/// Oddities of a [`View`]; of further ones only the number is told.
pub const MAX_ODDITIES: usize = 2_000;

/// One oddity with its place.
#[derive(Clone, Debug, Serialize)]
pub struct Oddity {
    /// A stable name.
    pub code: String,
    /// `info`, `warning` or `error`.
    pub severity: String,
    /// The line, from 1; 0 where the document has no lines.
    pub line: u32,
    /// The column, from 1; 0 where the document has no lines.
    pub column: u32,
    /// The elements or members around it. What is inside a document in another one begins with
    /// `(…)`, and its line and column are those in the inner one.
    pub path: String,
    /// What it is.
    pub message: String,
}

/// What a file turned out to be.
#[derive(Clone, Debug, Default, Serialize)]
pub struct View {
    /// The file's name.
    pub file: String,
    /// `SyncML`, `WBXML`, `SOAP`, `update metadata`, `DDF`; `Apple check-in message`, `Apple answer`,
    /// `Apple command`, `Apple profile`, `plist`; `Apple status report`, `Apple status items`,
    /// `Apple declaration`, `Apple tokens`, `Apple declaration items`, `Apple version catalogue`; `Graph JSON`, `JSON`; `XML`,
    /// `cabinet`, `empty`, `unknown`.
    pub kind: String,
    /// A readable view, a line each; at most [`MAX_LINES`] and one that says how many are left out.
    pub lines: Vec<String>,
    /// What was odd; at most [`MAX_ODDITIES`] and one that says how many are left out.
    pub diagnostics: Vec<Oddity>,
    /// Why it cannot be read.
    pub error: Option<String>,
    /// Lines that are left out.
    #[serde(skip)]
    more_lines: usize,
    /// Oddities that are left out.
    #[serde(skip)]
    more_oddities: usize,
}

impl View {
    /// A file that cannot be opened.
    #[must_use]
    pub fn unreadable(file: &str, error: &dyn std::fmt::Display) -> Self {
        Self { file: file.to_owned(), ..Self::default() }.failed(error)
    }

    fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// Adds a line. Nothing in it ends the line, steers a terminal or is without end.
    fn line(&mut self, depth: usize, text: impl std::fmt::Display) {
        if self.is_full() {
            self.more_lines = self.more_lines.saturating_add(1);
            return;
        }
        let mut line = "  ".repeat(depth.min(MAX_LINE / 4));
        line.push_str(&mdm_xml::printable(&text.to_string()));
        self.lines.push(cut(&line, MAX_LINE));
    }

    /// Whether further lines are only counted: who walks through a document can stop.
    fn is_full(&self) -> bool {
        self.lines.len() >= MAX_LINES
    }

    /// That lines are left out without having been made.
    fn and_more(&mut self, lines: usize) {
        self.more_lines = self.more_lines.saturating_add(lines);
    }

    fn failed(mut self, error: &dyn std::fmt::Display) -> Self {
        self.error = Some(cut(&mdm_xml::printable(&error.to_string()), MAX_LINE));
        self
    }

    /// Adds an oddity. As with lines, nothing in it ends the line, steers a terminal or is without
    /// end.
    fn odd(&mut self, oddity: Oddity) {
        if self.diagnostics.len() < MAX_ODDITIES {
            let Oddity { path, message, .. } = &oddity;
            let path = cut(&mdm_xml::printable(path), MAX_LINE);
            let message = cut(&mdm_xml::printable(message), MAX_LINE);
            self.diagnostics.push(Oddity { path, message, ..oddity });
        } else {
            self.more_oddities = self.more_oddities.saturating_add(1);
        }
    }

    fn note<C: mdm_xml::Code>(&mut self, found: &[mdm_xml::Diagnostic<C>]) {
        self.note_in("", found);
    }

    /// Findings about a document that is inside this one; `within` says which.
    fn note_in<C: mdm_xml::Code>(&mut self, within: &str, found: &[mdm_xml::Diagnostic<C>]) {
        for found in found {
            self.odd(Oddity {
                code: found.code.id().to_owned(),
                severity: found.severity().to_string(),
                line: found.position.line,
                column: found.position.column,
                path: path_in(within, &found.path),
                message: format!("{} [{}]", found.message(), found.reference()),
            });
        }
    }

    /// Takes over what another view says, below this depth; `within` says which document it is of.
    fn take(&mut self, depth: usize, within: &str, inner: Self) {
        for line in inner.lines {
            self.line(depth, line);
        }
        self.and_more(inner.more_lines);
        for oddity in inner.diagnostics {
            self.odd(Oddity { path: path_in(within, &oddity.path), ..oddity });
        }
        self.more_oddities = self.more_oddities.saturating_add(inner.more_oddities);
        if let Some(error) = inner.error {
            self.line(depth, format_args!("{within} cannot be read: {error}"));
        }
    }

    /// Says what is left out.
    fn finish(&mut self) {
        if self.more_lines > 0 {
            self.lines.push(format!("… {} more lines", self.more_lines));
        }
        if self.more_oddities > 0 {
            let last = self.diagnostics.last();
            self.diagnostics.push(Oddity {
                code: "inspect-more".to_owned(),
                severity: "info".to_owned(),
                line: last.map_or(1, |last| last.line),
                column: last.map_or(1, |last| last.column),
                path: String::new(),
                message: format!("{} more findings are left out", self.more_oddities),
            });
        }
    }
}

fn path_in(within: &str, path: &str) -> String {
    match (within, path) {
        ("", _) => path.to_owned(),
        (_, "") => format!("({within})"),
        _ => format!("({within}) {path}"),
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
    if view.error.is_some()
        && let Some(again) = without_late_declaration(bytes)
    {
        view = again;
    }
    name.clone_into(&mut view.file);
    if view.error.is_none() && view.lines.is_empty() {
        view.line(0, "(nothing in it)");
    }
    view.finish();
    view
}

/// Blanks before the XML declaration keep all readers but SyncML's from the document. What it says
/// otherwise is shown all the same: blanks take the declaration's place, so that all places stay as they are.
fn without_late_declaration(bytes: &[u8]) -> Option<View> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).filter(|at| *at > 0)?;
    let rest = bytes.get(start..)?;
    let length =
        rest.starts_with(b"<?xml").then(|| rest.windows(2).position(|end| end == b"?>"))??;
    let (before, after) = (bytes.get(..start)?, rest.get(length + 2..)?);
    let blank: Vec<u8> = rest
        .get(..length + 2)?
        .iter()
        .map(|byte| if byte.is_ascii_whitespace() { *byte } else { b' ' })
        .collect();
    let mut view = recognise(&[before, &blank, after].concat());
    if view.error.is_some() {
        return None;
    }
    let place = mdm_xml::Position::of(&String::from_utf8_lossy(before), usize::MAX);
    let oddity = Oddity {
        code: "inspect-late-declaration".to_owned(),
        severity: "error".to_owned(),
        line: place.line,
        column: place.column,
        path: String::new(),
        message: "blanks before the XML declaration: readers refuse this document; it is shown as \
                  if the declaration were not there [XML 1.0, 2.8]"
            .to_owned(),
    };
    view.diagnostics.insert(0, oddity);
    Some(view)
}

fn recognise(bytes: &[u8]) -> View {
    if bytes.starts_with(b"bplist") {
        return apple::plist(bytes);
    }
    if wsusss::cab::looks_like(bytes) {
        return match wsusss::cab::document(bytes, &wsusss::Limits::default()) {
            // A cabinet in it would be a text that begins like one.
            Ok(text) if wsusss::cab::looks_like(text.as_bytes()) => {
                View::of("cabinet").failed(&"there is another cabinet in it")
            }
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
        Some(b'{' | b'[' | b'"') => return graph::json(bytes),
        Some(byte) if !byte.is_ascii() || *byte < 0x20 => {
            if ::syncml::wbxml::looks_like(bytes) {
                return syncml::wbxml(bytes);
            }
        }
        None => return View::of("empty").failed(&"there is nothing to read"),
        Some(_) => {}
    }
    let limits = wsusss::Limits::default().xml;
    let source = match mdm_xml::Source::new(bytes, &limits) {
        Ok(source) => source,
        Err(error) => {
            let end = error.position().map_or(0, |end| end.offset);
            let start = bytes.get(..end).and_then(|start| std::str::from_utf8(start).ok());
            let name = first_tag(start.unwrap_or_default());
            if syncml::is_root(name) {
                return syncml::message(bytes, name);
            }
            return View::of("unknown").failed(&error);
        }
    };
    match root_name(source.text()).as_deref() {
        Ok("Envelope") => wsus::soap(source.text()),
        Ok("Update") => update::document(source.text()),
        Ok("plist" | "dict") => apple::plist(bytes),
        Ok("MgmtTree" | "Node") => update::ddf(bytes),
        Ok(
            "MobileConfig" | "Extract" | "html" | "definitions" | "schema" | "policyDefinitions",
        ) => xml::outline(source.text()),
        Ok(name) => {
            let view = syncml::message(bytes, name);
            if view.kind == syncml::OTHER { xml::outline(source.text()) } else { view }
        }
        // Nearly XML, or nothing of the kind.
        Err(error) => {
            let view = syncml::message(bytes, first_tag(source.text()));
            if view.kind == syncml::OTHER { View::of("unknown").failed(error) } else { view }
        }
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

/// What a text that is no XML has for the name of its first element.
fn first_tag(text: &str) -> &str {
    let mut tags = text.split('<').skip(1);
    let tag = tags.find(|tag| tag.starts_with(char::is_alphabetic)).unwrap_or_default();
    let end = tag.find(|c: char| !c.is_alphanumeric() && c != ':');
    let name = tag.get(..end.unwrap_or(tag.len())).unwrap_or_default();
    name.rsplit(':').next().unwrap_or(name)
}
