//! Device description framework (DDF): which nodes CSPs have, and whether a command suits them.
//!
//! [`Document`] reads version 1 and 2 of Microsoft's DDF files: byte order marks, document types
//! with internal subsets (passed over, never expanded), text that was coded twice, builds that are
//! not released, names that are not fixed, values of every kind, and Microsoft's properties.
//! [`Tree`] puts documents together and checks any SyncML command against them: right node, verb,
//! format, value, build.
//!
//! *Specified*: OMA-TS-DM_TND 1.2.1, 8; Microsoft Learn, "Configuration service provider DDF files";
//! Microsoft's DDFv2.xsd and DDFv2Msft.xsd.

mod allowed;
mod check;
mod diagnostic;
mod finding;
mod floors;
mod model;
mod pattern;
mod property;
mod read;
mod text;
mod tree;

use mdm_xml::Diagnostic;

pub use allowed::{AdmxBacked, Allowed, AllowedValue, AllowedValues, ValueKind};
pub use check::Context;
pub use diagnostic::DdfCode;
pub use finding::{CheckCode, Finding};
pub use floors::{BuildFloors, Support};
pub use model::{
    Access, AdmxMapping, Applicability, Dependency, DependencyGroup, DynamicNaming, Editions,
    GpMapping, Node, NodeScope, NodeType, Occurrence, Verb,
};
pub use tree::{Lookup, Tree};

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// A document of another kind.
    #[error("<{0}> is no MgmtTree and holds no nodes")]
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
    /// Addresses of more bytes together than [`Limits::paths`].
    #[error("addresses of more than {max} bytes together")]
    Paths {
        /// The limit.
        max: usize,
    },
    /// A node with more values than [`Limits::values`].
    #[error("more than {max} values of one node")]
    Values {
        /// The limit.
        max: usize,
    },
    /// A node that depends on more than [`Limits::dependencies`].
    #[error("more than {max} dependencies of one node")]
    Dependencies {
        /// The limit.
        max: usize,
    },
    /// More than [`Limits::inherited`].
    #[error("nodes take over more than {max} bytes about builds and editions from those above")]
    Inherited {
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
    /// Nodes in a document, those that a Path names included. Default 100,000; Microsoft's largest
    /// file has some 10,000.
    pub nodes: usize,
    /// Bytes in a node's address. Default 4,096; Windows takes 1,024.
    pub path: usize,
    /// Bytes in all addresses together. Default 32 MiB: nesting makes more of them than the
    /// document has.
    pub paths: usize,
    /// Values in the list of one node. Default 4,096.
    pub values: usize,
    /// Other nodes that one node depends on. Default 256.
    pub dependencies: usize,
    /// Bytes about builds, versions and editions that nodes have from the nodes above them, each
    /// counted for itself. Default 32 MiB: in Microsoft's files they are some hundred bytes.
    pub inherited: usize,
    /// Diagnostics that are kept. Default 1,000.
    pub diagnostics: usize,
}

impl Limits {
    /// These limits with another [`xml`](Self::xml).
    #[must_use]
    pub const fn with_xml(mut self, xml: mdm_xml::Limits) -> Self {
        self.xml = xml;
        self
    }

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

    /// These limits with another [`paths`](Self::paths).
    #[must_use]
    pub const fn with_paths(mut self, paths: usize) -> Self {
        self.paths = paths;
        self
    }

    /// These limits with another [`values`](Self::values).
    #[must_use]
    pub const fn with_values(mut self, values: usize) -> Self {
        self.values = values;
        self
    }

    /// These limits with another [`dependencies`](Self::dependencies).
    #[must_use]
    pub const fn with_dependencies(mut self, dependencies: usize) -> Self {
        self.dependencies = dependencies;
        self
    }

    /// These limits with another [`inherited`](Self::inherited).
    #[must_use]
    pub const fn with_inherited(mut self, inherited: usize) -> Self {
        self.inherited = inherited;
        self
    }

    /// These limits with another [`diagnostics`](Self::diagnostics).
    #[must_use]
    pub const fn with_diagnostics(mut self, diagnostics: usize) -> Self {
        self.diagnostics = diagnostics;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            xml: mdm_xml::Limits::DEFAULT,
            nodes: 100_000,
            path: 4096,
            paths: 32 << 20,
            values: 4096,
            dependencies: 256,
            inherited: 32 << 20,
            diagnostics: 1000,
        }
    }
}

/// Which of Microsoft's two versions of DDF files a document is in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Generation {
    /// Until 2021: nothing about builds; values and Group Policies at most in short.
    V1,
    /// Since December 2022: builds, editions, values, Group Policies.
    V2,
}

/// A document: its nodes, parents before children.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// `VerDTD`, mostly `1.2`.
    pub version: Option<String>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// What was odd about it.
    pub diagnostics: Vec<Diagnostic<DdfCode>>,
}

impl Document {
    /// Reads a document, or a part of one: a Node by itself, or nodes in another element.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    ///
    /// ```
    /// use update_csp::ddf::{Document, Limits, Verb};
    ///
    /// let text = b"<MgmtTree><Node><NodeName>Update</NodeName><Path>./Vendor/MSFT</Path>
    ///     <DFProperties><AccessType><Get/></AccessType><DFFormat><node/></DFFormat></DFProperties>
    ///     <Node><NodeName/><DFProperties/></Node></Node></MgmtTree>";
    /// let document = Document::read(text, &Limits::default())?;
    /// let paths: Vec<&str> = document.nodes.iter().map(|node| &*node.path).collect();
    /// assert_eq!(paths, ["./Vendor/MSFT/Update", "./Vendor/MSFT/Update/*"]);
    /// assert!(document.nodes[0].access.has(Verb::Get) && document.diagnostics.is_empty());
    /// # Ok::<(), update_csp::ddf::Error>(())
    /// ```
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        read::read(bytes, limits)
    }

    /// Which of Microsoft's versions it is in, by what its nodes say.
    #[must_use]
    pub fn generation(&self) -> Generation {
        let new = self.nodes.iter().any(|node| {
            let applicability = &node.applicability;
            applicability.builds.is_some()
                || applicability.csp_version.is_some()
                || node.naming.is_some()
                || node.gp.is_some()
        });
        if new { Generation::V2 } else { Generation::V1 }
    }

    /// What a node says about the devices that have it, with what it takes over from the nodes
    /// above it (DDFv2Msft.xsd: Applicability is inherited).
    #[must_use]
    pub fn applicability(&self, node: &Node) -> Applicability {
        let mut found = node.applicability.clone();
        let mut above = node.parent;
        while let Some(parent) = above.and_then(|index| self.nodes.get(index)) {
            found.inherit(&parent.applicability);
            // A parent stands before its children, so this ends.
            above = parent.parent.filter(|index| Some(*index) < above);
        }
        found
    }
}

impl Applicability {
    pub(crate) fn inherit(&mut self, above: &Self) {
        if self.builds.is_none() {
            self.builds.clone_from(&above.builds);
        }
        if self.csp_version.is_none() {
            self.csp_version.clone_from(&above.csp_version);
        }
        if self.editions.is_none() {
            self.editions.clone_from(&above.editions);
        }
        self.requires_azure_ad |= above.requires_azure_ad;
    }
}
