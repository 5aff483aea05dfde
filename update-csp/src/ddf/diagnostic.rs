//! What is odd about a document that was read all the same.

use mdm_xml::{Code, Severity};

/// A deviation that is tolerated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DdfCode {
    /// The root is no MgmtTree, but it holds nodes: a part cut out of a document.
    Extract,
    /// A text was coded as UTF-8 twice; it was put right.
    CodedTwice,
    /// A node has no NodeName.
    NoName,
    /// A name or a path that comes after child nodes.
    LateName,
    /// A node has no DFProperties.
    NoProperties,
    /// An access type, format, occurrence or scope that DDF 1.2 does not have.
    UnknownWord,
    /// A property that is not known here; it is kept.
    UnknownProperty,
    /// An element outside DFProperties that is not known here; it is passed over.
    UnknownElement,
    /// Builds that cannot be read.
    Builds,
    /// A range that cannot be read.
    Range,
}

impl Code for DdfCode {
    fn id(self) -> &'static str {
        match self {
            Self::Extract => "ddf-extract",
            Self::CodedTwice => "ddf-coded-twice",
            Self::NoName => "ddf-no-name",
            Self::LateName => "ddf-late-name",
            Self::NoProperties => "ddf-no-properties",
            Self::UnknownWord => "ddf-unknown-word",
            Self::UnknownProperty => "ddf-unknown-property",
            Self::UnknownElement => "ddf-unknown-element",
            Self::Builds => "ddf-builds",
            Self::Range => "ddf-range",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::NoName | Self::LateName => Severity::Error,
            // Microsoft's schema wants them, the standard's DTD does not (D05).
            Self::NoProperties | Self::UnknownProperty | Self::UnknownElement => Severity::Info,
            _ => Severity::Warning,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Extract => "the root is no MgmtTree; its nodes have no full address",
            Self::CodedTwice => "a text was coded twice and was put right",
            Self::NoName => "a node without a NodeName",
            Self::LateName => "a name or path after child nodes",
            Self::NoProperties => "a node without DFProperties",
            Self::UnknownWord => "a word that DDF 1.2 does not have",
            Self::UnknownProperty => "an unknown property, kept as it is",
            Self::UnknownElement => "an unknown element, passed over",
            Self::Builds => "builds that cannot be read",
            Self::Range => "a range that cannot be read",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::Builds | Self::Range => "DDFv2Msft.xsd",
            Self::CodedTwice => "XML 1.0, 4.3.3",
            _ => "OMA-TS-DM_TND 1.2.1, 8.3",
        }
    }
}
