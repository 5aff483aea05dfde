//! XML values.
//!
//! Two documents are the same if their elements have the same names (in the same namespaces,
//! whatever the prefixes), attributes and text. Blanks between elements, comments, the XML
//! declaration, quotes, CDATA sections and the order of attributes say nothing.

use std::borrow::Cow;
use std::collections::HashMap;

use mdm_xml::{Event, Options, Reader, Tolerance};

use super::{Reason, XmlDifference};

/// One step through a document.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Step<'x> {
    Start { namespace: Name, name: &'x str, attributes: Vec<(Name, &'x str, Cow<'x, str>)> },
    Text(Cow<'x, str>),
    End,
}

/// A namespace, as a number: its name can be as long as the document, and each element has one.
type Name = usize;

/// The namespaces of both documents.
#[derive(Default)]
struct Names(HashMap<String, Name>);

impl Names {
    /// The number of a namespace; none where its name is too long to be looked up for each element.
    fn of(&mut self, uri: &str) -> Option<Name> {
        const LONGEST: usize = 512;
        if let Some(known) = self.0.get(uri.get(..uri.len().min(LONGEST + 1))?) {
            return Some(*known);
        }
        if uri.len() > LONGEST {
            return None;
        }
        let new = self.0.len();
        self.0.insert(uri.to_owned(), new);
        Some(new)
    }
}

/// Why two texts are not the same XML: nothing but a spelling, or what is different. None if one of
/// them is no XML that can be compared.
pub(super) fn compare(desired: &str, returned: &str) -> Option<Vec<Reason>> {
    let mut names = Names::default();
    let (wanted, found) = (steps(desired, &mut names)?, steps(returned, &mut names)?);
    if wanted == found {
        return Some(vec![Reason::XmlSpelling]);
    }
    if let (Some(wanted), Some(found)) = (settings(&wanted), settings(&found)) {
        return Some(vec![admx(&wanted, &found)]);
    }
    Some(vec![difference(&wanted, &found)])
}

fn steps<'x>(text: &'x str, names: &mut Names) -> Option<Vec<Step<'x>>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let limits = mdm_xml::Limits::DEFAULT
        .with_bytes(text.len())
        .with_text(text.len())
        .with_depth(1024)
        .with_elements(text.len());
    let options = Options::default()
        .with_limits(limits)
        .with_fragment(true)
        .with_undeclared_prefixes(Tolerance::Keep);
    // The declaration may name UTF-16, which the document was before it came into a message.
    let body = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or(text, |(_, rest)| rest),
        None => text,
    };
    let mut reader = Reader::new(body, &options).ok()?;
    let mut steps: Vec<Step<'x>> = Vec::new();
    let mut elements = 0_usize;
    loop {
        match reader.next().ok()? {
            Event::Start(element) => {
                elements += 1;
                let mut attributes: Vec<(Name, &'x str, Cow<'x, str>)> = Vec::new();
                for one in reader.attributes(&element) {
                    let namespace = names.of(reader.namespace_uri(one.ns()))?;
                    attributes.push((namespace, one.local(), one.value()));
                }
                attributes.sort();
                let namespace = names.of(reader.namespace_uri(element.ns()))?;
                steps.push(Step::Start { namespace, name: element.local(), attributes });
            }
            Event::Text(text) => {
                let value = text.value();
                if !value.trim().is_empty() {
                    steps.push(Step::Text(trimmed(value)));
                }
            }
            Event::End => steps.push(Step::End),
            _ => return (elements > 0).then_some(steps),
        }
    }
}

/// A text without the blanks around it and with plain line ends.
fn trimmed(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(text) if !text.contains('\r') => Cow::Borrowed(text.trim()),
        other => Cow::Owned(other.trim().replace("\r\n", "\n")),
    }
}

/// The first place where two documents differ.
fn difference(wanted: &[Step<'_>], found: &[Step<'_>]) -> Reason {
    let mut path: Vec<&str> = Vec::new();
    let mut found = found.iter();
    let reason = |path: &[&str], what| Reason::Xml { path: path.join("/"), what };
    for step in wanted {
        let other = found.next();
        match (step, other) {
            (Step::Start { namespace, name, attributes }, other) => match other {
                Some(Step::Start { namespace: uri, name: local, attributes: others })
                    if namespace == uri && name == local =>
                {
                    path.push(name);
                    if attributes != others {
                        return reason(&path, XmlDifference::Attribute);
                    }
                }
                Some(Step::Start { .. }) => {
                    path.push(name);
                    return reason(&path, XmlDifference::Name);
                }
                Some(Step::Text(_)) => return reason(&path, XmlDifference::Text),
                Some(Step::End) | None => {
                    path.push(name);
                    return reason(&path, XmlDifference::Missing);
                }
            },
            (Step::Text(text), Some(Step::Text(other))) if text == other => {}
            (Step::Text(_), _) => return reason(&path, XmlDifference::Text),
            (Step::End, Some(Step::End)) => {
                path.pop();
            }
            (Step::End, Some(Step::Text(_))) => return reason(&path, XmlDifference::Text),
            (Step::End, _) => return reason(&path, XmlDifference::Additional),
        }
    }
    reason(&path, XmlDifference::Additional)
}

/// An ADMX-backed policy's value: its state, and its elements' values by their ids (Microsoft Learn,
/// "Understanding ADMX policies"). Windows looks at neither letter case of names nor order.
struct Settings {
    enabled: bool,
    /// Pairs of an id, folded, with the id as it stands and the value; sorted.
    data: Vec<(String, String, String)>,
}

fn settings(steps: &[Step<'_>]) -> Option<Settings> {
    let mut enabled = None;
    let mut data = Vec::new();
    let mut depth = 0_usize;
    for step in steps {
        match step {
            Step::Start { name, attributes, .. } => {
                depth += 1;
                if depth > 1 {
                    return None;
                }
                let attribute = |wanted: &str| {
                    attributes
                        .iter()
                        .find(|(_, name, _)| name.eq_ignore_ascii_case(wanted))
                        .map(|(_, _, value)| value.to_string())
                };
                match name.to_ascii_lowercase().as_str() {
                    "enabled" if enabled.is_none() => enabled = Some(true),
                    "disabled" if enabled.is_none() => enabled = Some(false),
                    "data" => {
                        let id = attribute("id")?;
                        data.push((id.to_ascii_lowercase(), id, attribute("value")?));
                    }
                    _ => return None,
                }
            }
            Step::End => depth = depth.saturating_sub(1),
            Step::Text(_) => return None,
        }
    }
    data.sort();
    Some(Settings { enabled: enabled?, data })
}

fn admx(wanted: &Settings, found: &Settings) -> Reason {
    if wanted.enabled != found.enabled {
        return Reason::Admx { id: String::new() };
    }
    // Both are sorted by their ids, so the first pair that differs tells which setting it is.
    let mut pairs = wanted.data.iter().zip(&found.data);
    let differing = pairs.find(|((id, _, value), (other, _, found))| id != other || value != found);
    if let Some(((folded, id, _), (other, other_id, _))) = differing {
        let id = if folded <= other { id } else { other_id };
        return Reason::Admx { id: id.clone() };
    }
    let longer = if wanted.data.len() > found.data.len() { &wanted.data } else { &found.data };
    match longer.get(wanted.data.len().min(found.data.len())) {
        Some((_, id, _)) => Reason::Admx { id: id.clone() },
        None => Reason::AdmxSpelling,
    }
}
