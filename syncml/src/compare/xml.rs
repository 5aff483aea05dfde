//! XML values.
//!
//! Two documents are the same if their elements have the same names (in the same namespaces,
//! whatever the prefixes), attributes and text. Blanks between elements, comments, the XML
//! declaration, quotes, CDATA sections and the order of attributes say nothing.

use mdm_xml::{Event, Options, Reader, Tolerance};

use super::{Reason, XmlDifference};

/// One step through a document.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Start { namespace: String, name: String, attributes: Vec<(String, String, String)> },
    Text(String),
    End,
}

/// Why two texts are not the same XML: nothing but a spelling, or what is different. None if one of
/// them is no XML.
pub(super) fn compare(desired: &str, returned: &str) -> Option<Vec<Reason>> {
    let (wanted, found) = (steps(desired)?, steps(returned)?);
    if wanted == found {
        return Some(vec![Reason::XmlSpelling]);
    }
    if let (Some(wanted), Some(found)) = (settings(&wanted), settings(&found)) {
        return Some(vec![admx(&wanted, &found)]);
    }
    Some(vec![difference(&wanted, &found)])
}

fn steps(text: &str) -> Option<Vec<Step>> {
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
    let mut steps: Vec<Step> = Vec::new();
    let mut elements = 0_usize;
    loop {
        match reader.next().ok()? {
            Event::Start(element) => {
                elements += 1;
                let mut attributes: Vec<(String, String, String)> = reader
                    .attributes(&element)
                    .map(|one| {
                        let namespace = reader.namespace_uri(one.ns()).to_owned();
                        (namespace, one.local().to_owned(), one.value().into_owned())
                    })
                    .collect();
                attributes.sort();
                steps.push(Step::Start {
                    namespace: reader.namespace_uri(element.ns()).to_owned(),
                    name: element.local().to_owned(),
                    attributes,
                });
            }
            Event::Text(text) => {
                let value = text.value();
                if !value.trim().is_empty() {
                    steps.push(Step::Text(value.trim().replace("\r\n", "\n")));
                }
            }
            Event::End => steps.push(Step::End),
            _ => return (elements > 0).then_some(steps),
        }
    }
}

/// The first place where two documents differ.
fn difference(wanted: &[Step], found: &[Step]) -> Reason {
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

fn settings(steps: &[Step]) -> Option<Settings> {
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
                        .map(|(_, _, value)| value.clone())
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
