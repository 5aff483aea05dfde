//! What is odd about a catalogue that was read all the same.

use mdm_xml::{Code, Severity};

/// A deviation in a catalogue. What it is about is left out of queries, and everything else holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// A list that this program does not know.
    UnknownList,
    /// The older name of a list: PublicRapidSecurityResponses.
    OlderName,
    /// Something that is no entry: without a version, or of another type.
    NoEntry,
    /// A version that cannot be read.
    Version,
    /// A date that cannot be read: the entry counts as posted, or as not expired.
    Date,
    /// An entry without devices.
    NoDevices,
}

impl Code for DiagnosticCode {
    fn id(self) -> &'static str {
        match self {
            Self::UnknownList => "gdmf-unknown-list",
            Self::OlderName => "gdmf-older-name",
            Self::NoEntry => "gdmf-no-entry",
            Self::Version => "gdmf-version",
            Self::Date => "gdmf-date",
            Self::NoDevices => "gdmf-no-devices",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::UnknownList | Self::OlderName => Severity::Info,
            Self::NoDevices | Self::Date => Severity::Warning,
            Self::NoEntry | Self::Version => Severity::Error,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::UnknownList => "a list that is not known",
            Self::OlderName => "an older name of a list",
            Self::NoEntry => "not an entry",
            Self::Version => "not a version",
            Self::Date => "not a date",
            Self::NoDevices => "an entry for no device",
        }
    }

    fn reference(self) -> &'static str {
        "Apple, Use MDM to deploy software updates; captures of 2026"
    }
}

/// A finding about a catalogue.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Diagnostic {
    /// What it is.
    pub code: DiagnosticCode,
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// What exactly was found; may be empty.
    pub detail: String,
}
