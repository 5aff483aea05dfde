//! What a DDF document says about a node.

use std::fmt;

use syncml::Format;

use super::allowed::AllowedValues;
use super::floors::BuildFloors;

/// What can be done with a node (OMA-TS-DM_TND 1.2.1, 8.3.1).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums, reason = "closed by the DTD of DDF 1.2")]
pub enum Verb {
    /// Make it.
    Add,
    /// Copy it.
    Copy,
    /// Remove it.
    Delete,
    /// Execute it.
    Exec,
    /// Read it.
    Get,
    /// Change it.
    Replace,
}

impl Verb {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 6] =
        [Self::Add, Self::Copy, Self::Delete, Self::Exec, Self::Get, Self::Replace];

    /// The name of the command and of the DDF element.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Copy => "Copy",
            Self::Delete => "Delete",
            Self::Exec => "Exec",
            Self::Get => "Get",
            Self::Replace => "Replace",
        }
    }

    /// The verb of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The verbs that a node takes.
///
/// ```
/// use update_csp::ddf::{Access, Verb};
///
/// let access = Access::of(&[Verb::Get, Verb::Exec]);
/// assert!(access.has(Verb::Exec) && !access.has(Verb::Add));
/// assert_eq!(access.to_string(), "Exec Get");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Access(u8);

impl Access {
    /// These verbs.
    #[must_use]
    pub const fn of(verbs: &[Verb]) -> Self {
        let mut bits = 0;
        let mut rest = verbs;
        while let Some((verb, more)) = rest.split_first() {
            bits |= verb.bit();
            rest = more;
        }
        Self(bits)
    }

    /// Whether a verb is among them.
    #[must_use]
    pub const fn has(self, verb: Verb) -> bool {
        self.0 & verb.bit() != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The verbs, in the order of their names.
    pub fn verbs(self) -> impl Iterator<Item = Verb> {
        Verb::ALL.into_iter().filter(move |verb| self.has(*verb))
    }

    pub(super) const fn insert(&mut self, verb: Verb) {
        self.0 |= verb.bit();
    }
}

impl fmt::Display for Access {
    /// The names with blanks between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, verb) in self.verbs().enumerate() {
            let blank = if index > 0 { " " } else { "" };
            write!(f, "{blank}{verb}")?;
        }
        Ok(())
    }
}

/// How often a node occurs (OMA-TS-DM_TND 1.2.1, 8.3.8).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Occurrence {
    /// Always once.
    One,
    /// Once or not.
    ZeroOrOne,
    /// Any number of times.
    ZeroOrMore,
    /// At least once.
    OneOrMore,
    /// Up to this number of times.
    ZeroOrN(u32),
    /// Once up to this number of times.
    OneOrN(u32),
    /// Something else.
    Other(Box<str>),
}

impl Occurrence {
    /// From the element's name and its text.
    #[must_use]
    pub fn from_name(name: &str, text: &str) -> Self {
        let number = text.trim().parse().ok();
        match (name, number) {
            ("One", _) => Self::One,
            ("ZeroOrOne", _) => Self::ZeroOrOne,
            ("ZeroOrMore", _) => Self::ZeroOrMore,
            ("OneOrMore", _) => Self::OneOrMore,
            ("ZeroOrN", Some(number)) => Self::ZeroOrN(number),
            ("OneOrN", Some(number)) => Self::OneOrN(number),
            _ => Self::Other(name.into()),
        }
    }

    /// The element's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::One => "One",
            Self::ZeroOrOne => "ZeroOrOne",
            Self::ZeroOrMore => "ZeroOrMore",
            Self::OneOrMore => "OneOrMore",
            Self::ZeroOrN(_) => "ZeroOrN",
            Self::OneOrN(_) => "OneOrN",
            Self::Other(name) => name,
        }
    }
}

/// Whether a node is always there (OMA-TS-DM_TND 1.2.1, 8.3.9).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum NodeScope {
    /// It is always there.
    Permanent,
    /// It comes and goes.
    Dynamic,
    /// Something else.
    Other(Box<str>),
}

impl NodeScope {
    /// From the element's name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "Permanent" => Self::Permanent,
            "Dynamic" => Self::Dynamic,
            other => Self::Other(other.into()),
        }
    }

    /// The element's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Permanent => "Permanent",
            Self::Dynamic => "Dynamic",
            Self::Other(name) => name,
        }
    }
}

/// What a node holds (`DFType`).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums, reason = "closed by the DTD of DDF 1.2")]
pub enum NodeType {
    /// A leaf's media type, or the identifier of what an interior node is.
    Mime(Box<str>),
    /// The name of another description; mostly empty.
    DdfName(Box<str>),
}

/// Who names a node whose name is not fixed (Microsoft's `DynamicNodeNaming`).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DynamicNaming {
    /// The server makes up a unique name.
    ServerGenerated,
    /// The device names it after what it has.
    ClientInventory,
    /// The server names it by this rule: a pattern or, in most files, a sentence.
    UniqueName(Box<str>),
}

/// Which devices have a node (Microsoft's `Applicability`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Applicability {
    /// The builds from which on.
    pub builds: Option<BuildFloors>,
    /// The version of the CSP from which on.
    pub csp_version: Option<String>,
    /// The editions (`GetProductInfo` numbers).
    pub editions: Option<Editions>,
    /// Only on devices joined to Entra ID.
    pub requires_azure_ad: bool,
}

/// Editions of Windows, as `0x4;0x1B;0x88*;`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Editions(String);

impl Editions {
    /// The list as it stands.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The list as it stands.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The editions' numbers, as far as they are numbers.
    pub fn codes(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.split([';', ',']).filter_map(|part| {
            // DDFv2Msft.xsd: the star marks Holographic for Business.
            let part = part.trim().trim_end_matches('*');
            let digits = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"))?;
            u32::from_str_radix(digits, 16).ok()
        })
    }

    /// Whether an edition is in the list.
    #[must_use]
    pub fn allows(&self, edition: u32) -> bool {
        self.codes().any(|code| code == edition)
    }
}

/// The Group Policy that a node stands for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct GpMapping {
    /// The policy's name.
    pub name: String,
    /// Where it stands.
    pub area: String,
    /// The part of it.
    pub element: Option<String>,
}

/// The Group Policy that a node stands for, as version 1 of 2018 to 2020 writes it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct AdmxMapping {
    /// The ADMX file.
    pub file: Option<String>,
    /// The category.
    pub category: Option<String>,
    /// The policy's name.
    pub policy: Option<String>,
    /// The part of it.
    pub element: Option<String>,
}

/// Values of other nodes that a node depends on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct DependencyGroup {
    /// Its name.
    pub name: String,
    /// The values that the node takes if the dependencies hold, if others than usual.
    pub changed: Option<AllowedValues>,
    /// The dependencies.
    pub dependencies: Vec<Dependency>,
}

/// A value of another node that a node depends on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Dependency {
    /// Whether the other node must not have one of the values.
    pub negative: bool,
    /// The other node's address.
    pub uri: String,
    /// The values.
    pub allowed: AllowedValues,
}

/// Serde writes a node that is deprecated since no build like one that is not: here that is an empty
/// text.
#[cfg(feature = "serde")]
mod since {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    type Since = Option<Option<String>>;

    pub(super) fn serialize<S: Serializer>(since: &Since, to: S) -> Result<S::Ok, S::Error> {
        since.as_ref().map(|build| build.as_deref().unwrap_or_default()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Since, D::Error> {
        let since = Option::<String>::deserialize(from)?;
        Ok(since.map(|build| Some(build).filter(|build| !build.is_empty())))
    }
}

/// One node.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Node {
    /// Its address, as far as the document has it; `*` for a name that is not fixed.
    pub path: String,
    /// Its name; empty where it is not fixed.
    pub name: String,
    /// How deep it is in the document, from 0.
    pub depth: usize,
    /// The place of its parent in [`super::Document::nodes`].
    pub parent: Option<usize>,
    /// The value it begins with, where the document gives one.
    pub value: Option<String>,
    /// The commands that it takes.
    pub access: Access,
    /// Its format.
    pub format: Option<Format<'static>>,
    /// How often it occurs.
    pub occurrence: Option<Occurrence>,
    /// Whether it is always there.
    pub scope: Option<NodeScope>,
    /// The value it has if nobody sets one.
    pub default: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it holds.
    pub node_type: Option<NodeType>,
    /// `CS` if letter case counts in its name, `CIS` if not.
    pub case_sense: Option<String>,
    /// Who names it.
    pub naming: Option<DynamicNaming>,
    /// Which devices have it; what is absent is as with its parent.
    pub applicability: Applicability,
    /// The values it takes.
    pub allowed: Option<AllowedValues>,
    /// `Append` or `Replace`: what a Replace does.
    pub replace_behavior: Option<String>,
    /// `Automatic`, `ServerInitiated` or `None`: the restart it needs.
    pub reboot_behavior: Option<String>,
    /// The Group Policy it stands for.
    pub gp: Option<GpMapping>,
    /// The same in version 1.
    pub admx: Option<AdmxMapping>,
    /// How values of several administrators are merged: `LastWrite`, `LowestValueMostSecure`.
    pub conflict: Option<String>,
    /// HRESULTs that it often answers.
    pub common_errors: Vec<String>,
    /// It should not be used any more; from this build on, if the document says so.
    #[cfg_attr(feature = "serde", serde(default, with = "since"))]
    pub deprecated: Option<Option<String>>,
    /// What it depends on.
    pub dependencies: Vec<DependencyGroup>,
    /// It has to be sent in an Atomic, with everything below it.
    pub atomic_required: bool,
    /// Platforms that do not have it (version 1).
    pub not_on: Vec<String>,
    /// Properties that are not known here: the element's name and content.
    pub other: Vec<(String, String)>,
}
