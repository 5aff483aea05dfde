//! What is odd about a message that was read all the same.

use mdm_xml::{Code, Severity};

/// A deviation from OMA DM 1.2 and MS-MDM that is tolerated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// The message has no SyncHdr.
    NoHeader,
    /// The document is a part of a message: a SyncBody, a SyncHdr, or bare commands.
    Fragment,
    /// Elements are in another namespace than SYNCML:SYNCML1.2.
    Namespace,
    /// One command holds several pairs of CmdID and items; it is read as several commands.
    SeveralCommands,
    /// A command has no CmdID.
    NoCmdId,
    /// An element that occurs once occurs again; the last one counts.
    Repeated,
    /// Something follows Data in an item, although Data comes last.
    AfterData,
    /// TargetRef or SourceRef holds a LocURI instead of text.
    RefElement,
    /// A Target or Source holds its address as text instead of in a LocURI.
    BareAddress,
    /// A LocURI has white space around it, which is not part of the address.
    BlankAddress,
    /// Format, Type or another MetInf element stands outside Meta.
    OutsideMeta,
    /// A MetInf element is not in the namespace syncml:metinf.
    MetInfNamespace,
    /// Data holds a CDATA section; Windows does not write them and cannot be relied on to read them.
    CData,
    /// Data holds markup.
    Markup,
    /// The XML declaration names another encoding than the document has.
    EncodingDeclaration,
    /// A namespace prefix is not declared.
    UndeclaredPrefix,
    /// Text where elements are expected.
    StrayText,
    /// An element that is not known here; it is kept.
    UnknownElement,
}

impl Code for DiagnosticCode {
    fn id(self) -> &'static str {
        match self {
            Self::NoHeader => "syncml-no-header",
            Self::Fragment => "syncml-fragment",
            Self::Namespace => "syncml-namespace",
            Self::SeveralCommands => "syncml-several-commands",
            Self::NoCmdId => "syncml-no-cmdid",
            Self::Repeated => "syncml-repeated",
            Self::AfterData => "syncml-after-data",
            Self::RefElement => "syncml-ref-element",
            Self::BareAddress => "syncml-bare-address",
            Self::BlankAddress => "syncml-blank-address",
            Self::OutsideMeta => "syncml-outside-meta",
            Self::MetInfNamespace => "syncml-metinf-namespace",
            Self::CData => "syncml-cdata",
            Self::Markup => "syncml-markup",
            Self::EncodingDeclaration => "syncml-encoding-declaration",
            Self::UndeclaredPrefix => "syncml-undeclared-prefix",
            Self::StrayText => "syncml-stray-text",
            Self::UnknownElement => "syncml-unknown-element",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Markup | Self::CData | Self::EncodingDeclaration | Self::RefElement => {
                Severity::Info
            }
            Self::NoCmdId | Self::SeveralCommands | Self::Repeated | Self::StrayText => {
                Severity::Error
            }
            _ => Severity::Warning,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::NoHeader => "the message has no SyncHdr",
            Self::Fragment => "this is a part of a message",
            Self::Namespace => "not the namespace SYNCML:SYNCML1.2",
            Self::SeveralCommands => "one command holds several CmdIDs and was read as several",
            Self::NoCmdId => "a command has no CmdID",
            Self::Repeated => "an element occurs twice; the last one counts",
            Self::AfterData => "something follows Data in an item",
            Self::RefElement => "a reference holds a LocURI instead of text",
            Self::BareAddress => "an address stands outside a LocURI",
            Self::BlankAddress => "white space around a LocURI",
            Self::OutsideMeta => "a MetInf element stands outside Meta",
            Self::MetInfNamespace => "a MetInf element is not in syncml:metinf",
            Self::CData => "Data holds a CDATA section",
            Self::Markup => "Data holds markup",
            Self::EncodingDeclaration => "the declaration names another encoding",
            Self::UndeclaredPrefix => "a namespace prefix is not declared",
            Self::StrayText => "text where elements are expected",
            Self::UnknownElement => "an unknown element, kept as it is",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::NoHeader | Self::Fragment => "MS-MDM 2.2.2",
            Self::Namespace => "MS-MDM 2.2.2; OMA-TS-DM_RepPro 1.2.1, 4.1",
            Self::SeveralCommands | Self::NoCmdId => "MS-MDM 2.2.3.2",
            Self::Repeated | Self::UnknownElement | Self::StrayText => "OMA-SyncML-RepPro 1.2 DTD",
            Self::AfterData | Self::CData | Self::Markup => "MS-MDM 2.2.5.1, 2.2.5.2",
            Self::RefElement => "MS-MDM 2.2.6.1 against OMA-SyncML-RepPro 1.2",
            Self::BareAddress | Self::BlankAddress => "OMA-SyncML-RepPro 1.2, LocURI",
            Self::OutsideMeta | Self::MetInfNamespace => "OMA-SyncML-MetInf 1.2; MS-MDM 2.2.5.3",
            Self::EncodingDeclaration => "XML 1.0, 4.3.3",
            Self::UndeclaredPrefix => "Namespaces in XML 1.0, 5",
        }
    }
}
