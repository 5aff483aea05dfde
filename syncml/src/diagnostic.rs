//! What is odd about a message that was read all the same.

use mdm_xml::{Code, Severity};

/// Declares the codes with everything that is said about them.
macro_rules! codes {
    ($($code:ident, $id:literal, $severity:ident, $doc:literal, $summary:literal, $rule:literal;)*) => {
        /// A deviation from OMA DM 1.2 and MS-MDM. Reading tolerates it and notes it; strict
        /// reading ([`DecodeOptions::strict`](crate::DecodeOptions::strict)) refuses it;
        /// `repair` mends it where what was meant is clear.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum DiagnosticCode {
            $(#[doc = $doc] $code,)*
        }

        impl DiagnosticCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];
        }

        impl Code for DiagnosticCode {
            fn id(self) -> &'static str {
                match self {
                    $(Self::$code => $id,)*
                }
            }

            fn severity(self) -> Severity {
                match self {
                    $(Self::$code => Severity::$severity,)*
                }
            }

            fn summary(self) -> &'static str {
                match self {
                    $(Self::$code => $summary,)*
                }
            }

            fn reference(self) -> &'static str {
                match self {
                    $(Self::$code => $rule,)*
                }
            }
        }
    };
}

codes! {
    NoHeader, "syncml-no-header", Warning,
        "The message has no SyncHdr.",
        "the message has no SyncHdr",
        "MS-MDM 2.2.2";
    Fragment, "syncml-fragment", Warning,
        "The document is a part of a message: a SyncBody, a SyncHdr, or bare commands.",
        "this is a part of a message",
        "MS-MDM 2.2.2";
    Namespace, "syncml-namespace", Warning,
        "Elements are in another namespace than SYNCML:SYNCML1.2, or in another one than the message.",
        "not the namespace SYNCML:SYNCML1.2",
        "MS-MDM 2.2.2; OMA-TS-DM_RepPro 1.2.1, 4.1";
    Version, "syncml-version", Warning,
        "VerDTD is not 1.2, or VerProto is not DM/1.2.",
        "another version than 1.2 and DM/1.2",
        "OMA-TS-DM_RepPro 1.2.1, 4.1; MS-MDM 2.2.3";
    Missing, "syncml-missing", Error,
        "An element that has to be there is not, or is empty.",
        "something is missing",
        "OMA-SyncML-RepPro 1.2 DTD; MS-MDM 2.2.4 to 2.2.7";
    Order, "syncml-order", Warning,
        "An element stands before one that it has to follow.",
        "elements stand in another order",
        "MS-MDM 2.2.2; OMA-SyncML-RepPro 1.2 DTD";
    AfterFinal, "syncml-after-final", Warning,
        "A command follows Final.",
        "a command follows Final",
        "OMA-SyncML-RepPro 1.2, Final";
    SeveralCommands, "syncml-several-commands", Error,
        "One command holds several pairs of CmdID and items; it is read as several commands.",
        "one command holds several CmdIDs and was read as several",
        "MS-MDM 2.2.3.2";
    SeveralItems, "syncml-several-items", Warning,
        "An Exec has several items.",
        "Exec takes one item",
        "MS-MDM 2.2.7; OMA-SyncML-RepPro 1.2 DTD";
    NoCmdId, "syncml-no-cmdid", Error,
        "A command has no CmdID.",
        "a command has no CmdID",
        "MS-MDM 2.2.3.2";
    BadCmdId, "syncml-bad-cmdid", Error,
        "A CmdID is empty or 0, which stands for the header.",
        "a CmdID that commands cannot have",
        "MS-MDM 2.2.3.2";
    RepeatedCmdId, "syncml-repeated-cmdid", Error,
        "Two commands have the same CmdID.",
        "a CmdID that another command has",
        "MS-MDM 2.2.3.2";
    Repeated, "syncml-repeated", Error,
        "An element that occurs once occurs again; the first one counts and the others are kept as they stand.",
        "an element occurs twice; the first one counts",
        "OMA-SyncML-RepPro 1.2 DTD";
    BadCode, "syncml-bad-code", Error,
        "The code of a Status or Alert is no number.",
        "a code that is no number",
        "OMA-SyncML-RepPro 1.2, response status codes; MS-MDM 2.2.6.1, 2.2.7.2";
    BadNumber, "syncml-bad-number", Warning,
        "A size in Meta is no number.",
        "a size that is no number",
        "OMA-SyncML-MetInf 1.2";
    BadFormat, "syncml-bad-format", Warning,
        "A Format that OMA DM does not have.",
        "an unknown format",
        "OMA-SyncML-MetInf 1.2; OMA-TS-DM_TND 1.2.1, 8.3.7";
    BadAddress, "syncml-bad-address", Error,
        "A LocURI that is no address of a node.",
        "no address of a node",
        "OMA-TS-DM_TND 1.2.1, 6; Microsoft Learn, \"OMA DM protocol support\"";
    InAtomic, "syncml-in-atomic", Error,
        "An Atomic holds a command that it may not: Get, another Atomic, Status or Results.",
        "a command that an Atomic cannot hold",
        "OMA-TS-DM_RepPro 1.2.1, 4.1.6.3";
    NotInDm, "syncml-not-in-dm", Warning,
        "Something that SyncML has for data synchronisation and OMA DM does not use.",
        "not used in OMA DM",
        "OMA-TS-DM_RepPro 1.2.1, 4.1";
    AfterData, "syncml-after-data", Warning,
        "Something follows Data in an item, although Data comes last.",
        "something follows Data in an item",
        "MS-MDM 2.2.5.2";
    RefElement, "syncml-ref-element", Info,
        "TargetRef or SourceRef holds a LocURI instead of text.",
        "a reference holds a LocURI instead of text",
        "MS-MDM 2.2.6.1 against OMA-SyncML-RepPro 1.2";
    BareAddress, "syncml-bare-address", Warning,
        "A Target or Source holds its address as text instead of in a LocURI.",
        "an address stands outside a LocURI",
        "OMA-SyncML-RepPro 1.2, LocURI";
    BlankAddress, "syncml-blank-address", Warning,
        "A LocURI has white space around it, which is not part of the address.",
        "white space around a LocURI",
        "OMA-SyncML-RepPro 1.2, LocURI";
    BlankValue, "syncml-blank-value", Warning,
        "White space around an identifier, a code or a value of Meta.",
        "white space around a value",
        "OMA-SyncML-RepPro 1.2";
    OutsideMeta, "syncml-outside-meta", Warning,
        "Format, Type or another MetInf element stands outside Meta.",
        "a MetInf element stands outside Meta",
        "OMA-SyncML-MetInf 1.2; MS-MDM 2.2.5.3";
    MetInfNamespace, "syncml-metinf-namespace", Warning,
        "A MetInf element is not in the namespace syncml:metinf.",
        "a MetInf element is not in syncml:metinf",
        "OMA-SyncML-MetInf 1.2; MS-MDM 2.2.5.3";
    CData, "syncml-cdata", Info,
        "Data holds a CDATA section; Windows does not write them and cannot be relied on to read them.",
        "Data holds a CDATA section",
        "OMA-TS-DM_RepPro 1.2.1, 4.1.3.1; MS-MDM 2.2.5.1";
    Markup, "syncml-markup", Info,
        "Data, or another element that holds text, holds elements that are not in a namespace of their own.",
        "markup where text is expected",
        "MS-MDM 2.2.5.1";
    DoublyEscaped, "syncml-doubly-escaped", Error,
        "Data of format xml is escaped twice, so that it is no XML. Windows says 200 to it and does nothing.",
        "a value of format xml is escaped twice",
        "MS-MDM 2.2.5.1; OMA-TS-DM_RepPro 1.2.1, 4.1.3.1";
    Bytes, "syncml-bytes", Warning,
        "WBXML holds bytes that are no text where no format says so. They are read as base64, and a value without a format as one of format bin.",
        "bytes where text is expected, read as base64",
        "OMA-SyncML-RepPro 1.2, 8; OMA-SyncML-MetInf 1.2, Format";
    EncodingDeclaration, "syncml-encoding-declaration", Info,
        "The XML declaration names another encoding than the document has.",
        "the declaration names another encoding",
        "XML 1.0, 4.3.3";
    UndeclaredPrefix, "syncml-undeclared-prefix", Warning,
        "A namespace prefix is not declared.",
        "a namespace prefix is not declared",
        "Namespaces in XML 1.0, 5";
    StrayText, "syncml-stray-text", Error,
        "Text where elements are expected.",
        "text where elements are expected",
        "OMA-SyncML-RepPro 1.2 DTD";
    UnknownElement, "syncml-unknown-element", Warning,
        "An element that is not known here; it is kept.",
        "an unknown element, kept as it is",
        "OMA-SyncML-RepPro 1.2 DTD";
    UnknownAttribute, "syncml-unknown-attribute", Warning,
        "An attribute that is not known here; it is kept.",
        "an unknown attribute, kept as it is",
        "OMA-SyncML-RepPro 1.2 DTD";
}

impl std::fmt::Display for DiagnosticCode {
    /// The code's [`id`](Code::id).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}
