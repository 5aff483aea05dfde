//! What is odd about a property list that was read all the same.

use mdm_xml::{Code, Severity};

/// A deviation from Apple's property lists that is tolerated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// A key occurs twice in a dictionary; the last value counts.
    DuplicateKey,
    /// The element `plist` around the value is missing.
    NoFrame,
    /// A text holds a CDATA section, which Apple's writers do not use and some readers drop.
    CData,
}

impl Code for DiagnosticCode {
    fn id(self) -> &'static str {
        match self {
            Self::DuplicateKey => "plist-duplicate-key",
            Self::NoFrame => "plist-no-frame",
            Self::CData => "plist-cdata",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::DuplicateKey => Severity::Error,
            Self::NoFrame => Severity::Warning,
            Self::CData => Severity::Info,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::DuplicateKey => "a key occurs twice; the last value counts",
            Self::NoFrame => "the element plist is missing",
            Self::CData => "a text holds a CDATA section",
        }
    }

    fn reference(self) -> &'static str {
        "Apple, PropertyList-1.0.dtd"
    }
}
