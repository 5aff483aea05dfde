//! From bytes to a document: one pass, without recursion.

use std::borrow::Cow;

use mdm_xml::{Content, Doctype, Element, Findings, Options, Reader, Source, Tolerance};

use super::diagnostic::DdfCode;
use super::model::{Node, NodeScope};
use super::{Document, Error, ErrorKind, Limits, property, text};

const NAMESPACES: &[&str] = &["http://schemas.microsoft.com/MobileDevice/DM"];

/// A node that is being read.
struct Open {
    index: usize,
    /// The address without the name.
    base: String,
    named: bool,
    described: bool,
    children: bool,
}

pub(super) struct Ddf<'x> {
    pub(super) reader: Reader<'x>,
    pub(super) findings: Findings<DdfCode>,
    limits: Limits,
    /// Bytes of all addresses so far.
    paths: usize,
    /// Nodes that addresses name and that are no element.
    between: usize,
    document: Document,
    open: Vec<Open>,
}

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Error> {
    let source = Source::new(bytes, &limits.xml)?;
    let options = Options::new(NAMESPACES)
        .with_limits(limits.xml)
        .with_doctype(Doctype::IgnoreSubset)
        .with_undeclared_prefixes(Tolerance::Keep);
    let mut ddf = Ddf {
        reader: Reader::new(source.text(), &options)?,
        findings: Findings::new(limits.diagnostics),
        limits: *limits,
        paths: 0,
        between: 0,
        document: Document::default(),
        open: Vec::new(),
    };
    ddf.run()?;
    ddf.inherited()?;
    ddf.document.diagnostics = ddf.findings.finish(source.text());
    Ok(ddf.document)
}

impl<'x> Ddf<'x> {
    fn run(&mut self) -> Result<(), Error> {
        let root = self.reader.root()?;
        if root.local() == "Node" {
            // A subtree by itself.
            self.note(DdfCode::Extract, root.offset(), String::new);
            self.start(root.offset())?;
        }
        let mut proven = root.local() == "MgmtTree" || root.local() == "Node";
        loop {
            let Some(child) = self.reader.child()? else {
                // The root's end: it is a node itself, or no node is open.
                let root_ends = self.open.len() <= usize::from(root.local() == "Node");
                self.end();
                if root_ends {
                    break;
                }
                continue;
            };
            if self.open.is_empty() && !proven {
                // A part of a document in a wrapper of somebody's own.
                if child.local() != "Node" {
                    break;
                }
                proven = true;
                self.note(DdfCode::Extract, root.offset(), || root.name().to_owned());
            }
            self.element(&child)?;
        }
        if !proven {
            let name = root.name().chars().take(64).collect();
            return Err(Error::at(ErrorKind::NotDdf(name), self.reader.locate(root.offset())));
        }
        self.reader.finish()?;
        Ok(())
    }

    fn element(&mut self, child: &Element<'x>) -> Result<(), Error> {
        match (child.local(), self.open.is_empty()) {
            ("Node", _) => self.start(child.offset()),
            ("NodeName", false) => {
                let name = self.value()?;
                let name = name.trim();
                self.count(name, child.offset())?;
                if let Some(open) = self.open.last_mut() {
                    open.named = true;
                    if let Some(node) = self.document.nodes.get_mut(open.index) {
                        name.clone_into(&mut node.name);
                    }
                }
                self.place(child.offset())
            }
            ("Path", false) => {
                let path = self.value()?;
                let path = path.trim().trim_end_matches('/');
                self.count(path, child.offset())?;
                if let Some(open) = self.open.last_mut() {
                    path.clone_into(&mut open.base);
                }
                self.place(child.offset())
            }
            ("DFProperties", false) => {
                let Some(open) = self.open.last_mut() else { return Ok(()) };
                open.described = true;
                let index = open.index;
                let mut node = match self.document.nodes.get_mut(index) {
                    Some(node) => std::mem::take(node),
                    None => Node::default(),
                };
                let read = property::properties(self, &mut node);
                if let Some(place) = self.document.nodes.get_mut(index) {
                    *place = node;
                }
                read
            }
            // The value that a node begins with (DTD of DDF 1.2: a leaf's, in place of children).
            ("Value", false) => {
                let value = self.value()?.into_owned();
                if let Some(open) = self.open.last()
                    && let Some(node) = self.document.nodes.get_mut(open.index)
                {
                    node.value = Some(value);
                }
                Ok(())
            }
            ("VerDTD", true) => {
                self.document.version = Some(self.value()?.trim().to_owned());
                Ok(())
            }
            ("Man" | "Mod" | "Diagnostics", true) | ("RTProperties", false) => {
                Ok(self.reader.skip()?)
            }
            (other, _) => {
                self.note(DdfCode::UnknownElement, child.offset(), || other.to_owned());
                Ok(self.reader.skip()?)
            }
        }
    }

    fn start(&mut self, offset: usize) -> Result<(), Error> {
        let max = self.limits.nodes;
        if self.document.nodes.len().saturating_add(self.between) >= max {
            return Err(Error::at(ErrorKind::Nodes { max }, self.reader.locate(offset)));
        }
        let parent = self.open.last_mut().map(|open| {
            open.children = true;
            open.index
        });
        let above = parent.and_then(|parent| self.document.nodes.get(parent));
        let base = above.map(|node| node.path.clone()).unwrap_or_default();
        let (index, depth) = (self.document.nodes.len(), self.open.len());
        self.open.push(Open { index, base, named: false, described: false, children: false });
        self.document.nodes.push(Node { depth, parent, ..Node::default() });
        // Until it has a name, it has one that is not fixed.
        self.place(offset)
    }

    /// Counts the nodes that an address or a name goes through: a tree has each of them.
    fn count(&mut self, path: &str, offset: usize) -> Result<(), Error> {
        let max = self.limits.nodes;
        let segments = path.bytes().filter(|byte| *byte == b'/').count();
        self.between = self.between.saturating_add(segments);
        if self.document.nodes.len().saturating_add(self.between) > max {
            return Err(Error::at(ErrorKind::Nodes { max }, self.reader.locate(offset)));
        }
        Ok(())
    }

    /// Checks what nodes take over from those above: one long list of builds could be there for
    /// each of many nodes ([`Document::applicability`]).
    fn inherited(&self) -> Result<(), Error> {
        let mut total: usize = 0;
        let mut known: Vec<[usize; 3]> = Vec::with_capacity(self.document.nodes.len());
        for node in &self.document.nodes {
            let own = &node.applicability;
            let own = [
                own.builds.as_ref().map(|builds| builds.as_str().len()),
                own.csp_version.as_ref().map(String::len),
                own.editions.as_ref().map(|editions| editions.as_str().len()),
            ];
            let above = node.parent.and_then(|parent| known.get(parent)).copied();
            let mut all = [0; 3];
            for ((all, own), above) in all.iter_mut().zip(own).zip(above.unwrap_or_default()) {
                *all = own.unwrap_or(above);
                total = total.saturating_add(if own.is_none() { above } else { 0 });
            }
            known.push(all);
        }
        let max = self.limits.inherited;
        if total > max { Err(Error::new(ErrorKind::Inherited { max })) } else { Ok(()) }
    }

    /// Gives the open node its address, as far as it is known now.
    fn place(&mut self, offset: usize) -> Result<(), Error> {
        let Some(open) = self.open.last() else { return Ok(()) };
        let late = open.children;
        let Some(node) = self.document.nodes.get_mut(open.index) else { return Ok(()) };
        let name = if node.name.is_empty() { "*" } else { &node.name };
        let path =
            if open.base.is_empty() { name.to_owned() } else { format!("{}/{name}", open.base) };
        let max = self.limits.path;
        if path.len() > max {
            return Err(Error::at(ErrorKind::Path { max }, self.reader.locate(offset)));
        }
        self.paths = self.paths.saturating_sub(node.path.len()).saturating_add(path.len());
        node.path = path;
        let max = self.limits.paths;
        if self.paths > max {
            return Err(Error::at(ErrorKind::Paths { max }, self.reader.locate(offset)));
        }
        if late {
            self.note(DdfCode::LateName, offset, String::new);
        }
        Ok(())
    }

    /// The innermost open node is complete.
    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let offset = self.reader.offset();
        let Some(node) = self.document.nodes.get(open.index) else { return };
        let path = node.path.clone();
        if !open.named {
            self.note(DdfCode::NoName, offset, || path.clone());
        }
        if !open.described {
            self.note(DdfCode::NoProperties, offset, || path);
        }
    }

    pub(super) fn note(&mut self, code: DdfCode, offset: usize, detail: impl FnOnce() -> String) {
        self.findings.note(code, offset..offset, || detail().chars().take(64).collect());
    }

    /// The content of the element just opened, as text.
    pub(super) fn value(&mut self) -> Result<Cow<'x, str>, Error> {
        Ok(match self.reader.content()? {
            Content::Text(text) => text.value(),
            Content::Markup(raw) => Cow::Borrowed(raw.inner()),
        })
    }

    /// A text for people: what was coded twice is put right.
    pub(super) fn prose(&mut self) -> Result<String, Error> {
        let offset = self.reader.offset();
        let read = self.value()?;
        let length = read.len();
        let right = text::repair(read);
        if right.len() != length {
            self.note(DdfCode::CodedTwice, offset, String::new);
        }
        Ok(right.into_owned())
    }

    /// The name and the text of the one child of the element just opened; the last one if there
    /// are several.
    pub(super) fn choice(&mut self) -> Result<Option<(&'x str, Cow<'x, str>)>, Error> {
        let mut chosen = None;
        while let Some(child) = self.reader.child()? {
            chosen = Some((child.local(), self.value()?));
        }
        Ok(chosen)
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl NodeScope {
    pub(super) const fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}
