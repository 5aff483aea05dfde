//! Device description framework documents: which nodes a CSP has.
//!
//! Reads version 1 and 2 of Microsoft's DDF files. They have document types with internal subsets,
//! which are passed over, and properties of Microsoft's own namespace, of which the ones that
//! matter here are read.
//!
//! *Specified*: OMA-TS-DM_TND 1.2.1, 8; Microsoft Learn, "Configuration service provider DDF files".

use std::borrow::Cow;

use mdm_xml::{Doctype, Options, Reader, Source, Tolerance};

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// A document of another kind.
    #[error("<{0}> is no MgmtTree")]
    NotDdf(Box<str>),
    /// More nodes than [`Limits::nodes`].
    #[error("more than {max} nodes")]
    Nodes {
        /// The limit.
        max: usize,
    },
    /// An address of more bytes than [`Limits::path`].
    #[error("an address of more than {max} bytes")]
    Path {
        /// The limit.
        max: usize,
    },
}

mdm_xml::located_error! {
    /// What is wrong with a document, and where.
    pub struct Error(ErrorKind);
}

/// Bounds on one document.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// What the XML may cost.
    pub xml: mdm_xml::Limits,
    /// Nodes in a document. Default 100,000.
    pub nodes: usize,
    /// Bytes in a node's address. Default 4,096; Windows takes 1,024.
    pub path: usize,
}

impl Limits {
    /// These limits with another [`nodes`](Self::nodes).
    #[must_use]
    pub const fn with_nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// These limits with another [`path`](Self::path).
    #[must_use]
    pub const fn with_path(mut self, path: usize) -> Self {
        self.path = path;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { xml: mdm_xml::Limits::DEFAULT, nodes: 100_000, path: 4096 }
    }
}

/// One node.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// Its address, as far as the document has it; `*` for a name that the server chooses.
    pub path: String,
    /// Its name; empty where the server chooses it.
    pub name: String,
    /// The commands that it takes: `Add`, `Delete`, `Exec`, `Get`, `Replace`.
    pub access: Vec<String>,
    /// Its format: `int`, `node`.
    pub format: Option<String>,
    /// How often it occurs: `One`, `ZeroOrMore`.
    pub occurrence: Option<String>,
    /// The value it has if nobody sets one.
    pub default: Option<String>,
    /// The first build of Windows that has it (version 2), as it stands.
    pub os_build: Option<String>,
    /// The values it takes (version 2), as they stand.
    pub allowed: Vec<String>,
    /// How deep it is in the tree, from 0.
    pub depth: usize,
}

/// A document: its nodes, parents before children.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// The nodes.
    pub nodes: Vec<Node>,
}

const NAMESPACES: &[&str] = &["http://schemas.microsoft.com/MobileDevice/DM"];

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    ///
    /// ```
    /// use update_csp::ddf::{Document, Limits};
    ///
    /// let text = b"<MgmtTree><Node><NodeName>Update</NodeName><Path>./Vendor/MSFT</Path>
    ///     <DFProperties><AccessType><Get/></AccessType><DFFormat><node/></DFFormat></DFProperties>
    ///     <Node><NodeName/></Node></Node></MgmtTree>";
    /// let document = Document::read(text, &Limits::default())?;
    /// let paths: Vec<&str> = document.nodes.iter().map(|node| &*node.path).collect();
    /// assert_eq!(paths, ["./Vendor/MSFT/Update", "./Vendor/MSFT/Update/*"]);
    /// # Ok::<(), update_csp::ddf::Error>(())
    /// ```
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let source = Source::new(bytes, &limits.xml)?;
        let options = Options::new(NAMESPACES)
            .with_limits(limits.xml)
            .with_doctype(Doctype::IgnoreSubset)
            .with_undeclared_prefixes(Tolerance::Keep);
        let mut reader = Reader::new(source.text(), &options)?;
        let root = reader.root()?;
        if root.local() != "MgmtTree" {
            let name = root.name().chars().take(64).collect();
            return Err(Error::at(ErrorKind::NotDdf(name), reader.locate(root.offset())));
        }
        let mut document = Self::default();
        // The open nodes, by their place in the list.
        let mut open: Vec<usize> = Vec::new();
        loop {
            let Some(child) = reader.child()? else {
                let Some(done) = open.pop() else { break };
                document.finish(done);
                continue;
            };
            match child.local() {
                "Node" => {
                    let max = limits.nodes;
                    if document.nodes.len() >= max {
                        let place = reader.locate(child.offset());
                        return Err(Error::at(ErrorKind::Nodes { max }, place));
                    }
                    let depth = open.len();
                    open.push(document.nodes.len());
                    document.nodes.push(Node { depth, ..Node::default() });
                }
                "NodeName" => {
                    let name = value(&mut reader)?;
                    if let Some(node) = document.current(&open) {
                        node.name = name.trim().to_owned();
                    }
                    document.place(&open);
                    document.bound(&open, &reader, limits)?;
                }
                "Path" => {
                    let path = value(&mut reader)?;
                    if let Some(node) = document.current(&open) {
                        node.path = path.trim().trim_end_matches('/').to_owned();
                    }
                    document.place(&open);
                    document.bound(&open, &reader, limits)?;
                }
                "DFProperties" => match document.current(&open) {
                    Some(node) => properties(&mut reader, node)?,
                    None => reader.skip()?,
                },
                _ => reader.skip()?,
            }
        }
        reader.finish()?;
        Ok(document)
    }

    fn current(&mut self, open: &[usize]) -> Option<&mut Node> {
        self.nodes.get_mut(*open.last()?)
    }

    /// Gives a node without a Path its parent's, as soon as its name is known.
    fn place(&mut self, open: &[usize]) {
        let parent = open.len().checked_sub(2).and_then(|index| open.get(index)).copied();
        let base = parent.and_then(|index| self.nodes.get(index)).map(full_path);
        if let (Some(node), Some(base)) = (self.current(open), base) {
            node.path = base;
        }
    }

    /// Refuses an address that is too long before children repeat it.
    fn bound(&mut self, open: &[usize], reader: &Reader<'_>, limits: &Limits) -> Result<(), Error> {
        let max = limits.path;
        match self.current(open) {
            Some(node) if node.path.len() + node.name.len() + 1 > max => {
                Err(Error::at(ErrorKind::Path { max }, reader.locate(reader.offset())))
            }
            _ => Ok(()),
        }
    }

    /// Joins path and name, once the node is complete.
    fn finish(&mut self, index: usize) {
        if let Some(node) = self.nodes.get_mut(index) {
            node.path = full_path(node);
        }
    }
}

/// The address of a node whose `path` is still its parent's.
fn full_path(node: &Node) -> String {
    let name = if node.name.is_empty() { "*" } else { &node.name };
    if node.path.is_empty() { name.to_owned() } else { format!("{}/{name}", node.path) }
}

fn value<'x>(reader: &mut Reader<'x>) -> Result<Cow<'x, str>, Error> {
    Ok(match reader.content()? {
        mdm_xml::Content::Text(text) => text.value(),
        mdm_xml::Content::Markup(raw) => Cow::Borrowed(raw.inner()),
    })
}

fn properties(reader: &mut Reader<'_>, node: &mut Node) -> Result<(), Error> {
    while let Some(child) = reader.child()? {
        match child.local() {
            "AccessType" => node.access = names(reader)?,
            "DFFormat" => node.format = names(reader)?.into_iter().next(),
            "Occurrence" => node.occurrence = names(reader)?.into_iter().next(),
            "DefaultValue" => node.default = Some(value(reader)?.into_owned()),
            "Applicability" => {
                while let Some(part) = reader.child()? {
                    if part.local() == "OsBuildVersion" {
                        node.os_build = Some(value(reader)?.trim().to_owned());
                    } else {
                        reader.skip()?;
                    }
                }
            }
            "AllowedValues" => {
                while let Some(part) = reader.child()? {
                    match part.local() {
                        "Enum" => {
                            while let Some(field) = reader.child()? {
                                if field.local() == "Value" {
                                    node.allowed.push(value(reader)?.trim().to_owned());
                                } else {
                                    reader.skip()?;
                                }
                            }
                        }
                        "Value" => node.allowed.push(value(reader)?.trim().to_owned()),
                        _ => reader.skip()?,
                    }
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok(())
}

/// The names of the children.
fn names(reader: &mut Reader<'_>) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    while let Some(child) = reader.child()? {
        names.push(child.local().to_owned());
        reader.skip()?;
    }
    Ok(names)
}
