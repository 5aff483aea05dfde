//! What is odd about a message that was read all the same.

use std::fmt;

use mdm_xml::{Code, Severity};

/// A kind of finding in a message.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// An element that the message's type does not have; it was passed over.
    UnknownElement,
    /// An element before another one that the WSDL has first.
    OutOfOrder,
    /// A second element where the WSDL has one; the first one counts, since a
    /// stream could not take back what it gave.
    RepeatedElement,
    /// An element or attribute that the WSDL requires is not there.
    MissingElement,
    /// A second message in one body; the first one counts.
    SecondMessage,
    /// An update document as markup instead of text.
    MarkupDocument,
    /// Text between elements.
    StrayText,
}

impl Code for DiagnosticCode {
    fn id(self) -> &'static str {
        match self {
            Self::UnknownElement => "wsusss-unknown-element",
            Self::OutOfOrder => "wsusss-out-of-order",
            Self::RepeatedElement => "wsusss-repeated-element",
            Self::MissingElement => "wsusss-missing-element",
            Self::SecondMessage => "wsusss-second-message",
            Self::MarkupDocument => "wsusss-markup-document",
            Self::StrayText => "wsusss-stray-text",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::OutOfOrder | Self::MissingElement | Self::MarkupDocument => Severity::Info,
            Self::UnknownElement | Self::StrayText => Severity::Warning,
            Self::RepeatedElement | Self::SecondMessage => Severity::Error,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::UnknownElement => "an element that this message does not have was passed over",
            Self::OutOfOrder => "elements are not in the order of the WSDL",
            Self::RepeatedElement => "an element is there twice; the first one counts",
            Self::MissingElement => "an element that the WSDL requires is not there",
            Self::SecondMessage => "a second message in the body was passed over",
            Self::MarkupDocument => "an update document is not escaped",
            Self::StrayText => "text between elements was passed over",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::UnknownElement | Self::RepeatedElement | Self::StrayText => "MS-WSUSSS 6",
            Self::OutOfOrder => "MS-WSUSSS 6; GetConfigData of the public service does it",
            Self::MissingElement => "MS-WSUSSS 6; the samples of section 4 do it",
            Self::SecondMessage => "SOAP 1.1 4.3",
            Self::MarkupDocument => "MS-WSUSSS 3.1.4.6.3.3; sample 2 of section 4 does it",
        }
    }
}

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
