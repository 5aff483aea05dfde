//! DDF documents as another reader sees them.

use std::collections::BTreeMap;

/// A node as roxmltree has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Node {
    pub(crate) path: String,
    pub(crate) access: Vec<String>,
    pub(crate) format: String,
    pub(crate) default: Option<String>,
    pub(crate) occurrence: String,
    pub(crate) builds: Option<String>,
    /// Values of a list, or the one range or pattern.
    pub(crate) values: Vec<String>,
    pub(crate) kind: Option<String>,
}

/// The nodes of a document in its order, or none if it is no DDF.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Node>> {
    let text = std::str::from_utf8(bytes).ok()?;
    // Parts that were cut out of a document have lost the declaration of Microsoft's prefix.
    let plain = text.replace("<MSFT:", "<").replace("</MSFT:", "</");
    let text = if text.contains("xmlns:MSFT") { text } else { &plain };
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document =
        roxmltree::Document::parse_with_options(text.trim_start_matches('\u{FEFF}'), options)
            .ok()?;
    let root = document.root_element();
    let mut nodes = Vec::new();
    for child in root.children().filter(|child| child.tag_name().name() == "Node") {
        walk(child, "", &mut nodes);
    }
    (!nodes.is_empty()).then_some(nodes)
}

fn child<'a, 'i>(of: roxmltree::Node<'a, 'i>, name: &str) -> Option<roxmltree::Node<'a, 'i>> {
    of.children().find(|child| child.tag_name().name() == name)
}

fn names(of: Option<roxmltree::Node<'_, '_>>) -> Vec<String> {
    let elements = of.into_iter().flat_map(|of| of.children()).filter(|child| child.is_element());
    elements.map(|child| child.tag_name().name().to_owned()).collect()
}

fn text(of: Option<roxmltree::Node<'_, '_>>) -> Option<String> {
    of.map(|of| of.text().unwrap_or_default().trim().to_owned())
}

fn walk(node: roxmltree::Node<'_, '_>, above: &str, nodes: &mut Vec<Node>) {
    let name = text(child(node, "NodeName")).unwrap_or_default();
    let base = text(child(node, "Path")).unwrap_or_else(|| above.to_owned());
    let base = base.trim_end_matches('/');
    let shown = if name.is_empty() { "*" } else { &name };
    let path = if base.is_empty() { shown.to_owned() } else { format!("{base}/{shown}") };
    let properties = child(node, "DFProperties");
    let property = |name: &str| properties.and_then(|properties| child(properties, name));
    let mut access = names(property("AccessType"));
    access.sort();
    let mut values = Vec::new();
    let mut kind = None;
    if let Some(allowed) = property("AllowedValues") {
        kind = allowed.attribute("ValueType").map(str::to_owned);
        for part in allowed.children() {
            match part.tag_name().name() {
                "Enum" => values.extend(text(child(part, "Value"))),
                "Value" => values.extend(text(Some(part))),
                _ => {}
            }
        }
    } else if let Some(supported) = property("SupportedValues") {
        if let (Some(low), Some(high)) = (supported.attribute("low"), supported.attribute("high")) {
            kind = Some("Range".to_owned());
            values.push(format!("[{low}-{high}]"));
        } else if let Some(list) = supported.attribute("AllowedValues") {
            kind = Some("ENUM".to_owned());
            values.extend(list.split(',').map(|value| value.trim().to_owned()));
        }
    }
    nodes.push(Node {
        path: path.clone(),
        access,
        format: names(property("DFFormat")).pop().unwrap_or_default(),
        default: property("DefaultValue").map(|value| value.text().unwrap_or_default().to_owned()),
        occurrence: names(property("Occurrence")).pop().unwrap_or_default(),
        builds: text(property("Applicability").and_then(|of| child(of, "OsBuildVersion"))),
        values,
        kind,
    });
    for inner in node.children().filter(|child| child.tag_name().name() == "Node") {
        walk(inner, &path, nodes);
    }
}

/// Nodes by the segments of their addresses, in lower case; scope `device` is left out.
#[derive(Debug, Default)]
pub(crate) struct Known(BTreeMap<Vec<String>, Node>);

impl Known {
    pub(crate) fn add(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.0.insert(segments(&node.path), node.clone());
        }
    }

    /// The node at an address: names first, then any name, segment by segment.
    pub(crate) fn find(&self, uri: &str) -> Option<&Node> {
        let uri = uri.trim().split('?').next().unwrap_or_default();
        let mut path: Vec<String> = Vec::new();
        for segment in segments(uri) {
            let is_there = |path: &[String]| self.0.keys().any(|known| known.starts_with(path));
            path.push(segment);
            if !is_there(&path) {
                path.pop();
                path.push("*".to_owned());
                if !is_there(&path) {
                    return None;
                }
            }
        }
        self.0.get(&path)
    }
}

fn segments(path: &str) -> Vec<String> {
    let mut segments: Vec<String> =
        path.split('/').filter(|part| *part != ".").map(str::to_lowercase).collect();
    if segments.first().is_some_and(|first| first == "device") {
        segments.remove(0);
    }
    segments
}
