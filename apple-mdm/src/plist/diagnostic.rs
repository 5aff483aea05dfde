//! What is odd about a property list that was read all the same.

use mdm_xml::{Code, Severity};

/// A deviation from Apple's property lists that is tolerated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// A key occurs twice in a dictionary.
    DuplicateKey,
    /// The element `plist` around the value is missing.
    NoFrame,
    /// A text holds a CDATA section, which Apple's writers do not use and some readers drop.
    CData,
    /// A character that XML does not have, such as U+0000.
    ForbiddenCharacter,
    /// Base64 with characters that are none, with bits left over, or without its padding; what
    /// can be read of it is read.
    Base64,
    /// White space around a number or a date.
    Padded,
    /// A real number without a fraction, as Apple's writers write whole ones.
    WholeReal,
    /// A date that is not of the form `yyyy-mm-ddThh:mm:ssZ`.
    DateForm,
    /// A text marked as ASCII that is UTF-8.
    NotAscii,
}

impl Code for DiagnosticCode {
    fn id(self) -> &'static str {
        match self {
            Self::DuplicateKey => "plist-duplicate-key",
            Self::NoFrame => "plist-no-frame",
            Self::CData => "plist-cdata",
            Self::ForbiddenCharacter => "plist-forbidden-character",
            Self::Base64 => "plist-base64",
            Self::Padded => "plist-padded",
            Self::WholeReal => "plist-whole-real",
            Self::DateForm => "plist-date-form",
            Self::NotAscii => "plist-not-ascii",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::DuplicateKey | Self::Base64 => Severity::Error,
            Self::NoFrame | Self::ForbiddenCharacter | Self::DateForm | Self::NotAscii => {
                Severity::Warning
            }
            Self::CData | Self::Padded | Self::WholeReal => Severity::Info,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::DuplicateKey => "a key occurs twice",
            Self::NoFrame => "the element plist is missing",
            Self::CData => "a text holds a CDATA section",
            Self::ForbiddenCharacter => "a character that XML does not have",
            Self::Base64 => "base64 that is not quite base64",
            Self::Padded => "white space around a value",
            Self::WholeReal => "a real number without a fraction",
            Self::DateForm => "a date in another form than Apple's",
            Self::NotAscii => "a text marked as ASCII that is UTF-8",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::DuplicateKey | Self::NoFrame | Self::CData => "Apple, PropertyList-1.0.dtd",
            Self::ForbiddenCharacter => "XML 1.0, production 2; micromdm issue 1066",
            Self::Base64 => "RFC 4648, section 4",
            Self::Padded | Self::WholeReal | Self::DateForm => {
                "Apple, PropertyList-1.0.dtd, comments on real, integer and date"
            }
            Self::NotAscii => "Apple, CFBinaryPList.c, string 0101",
        }
    }
}
