//! What a command does that a tree does not allow.

use mdm_xml::{Code, Severity};
use syncml::StatusCode;

/// What was found. Of severity error: a device with this tree refuses the command.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum CheckCode {
    /// The item has no address, or one that is none.
    Address,
    /// White space around the address.
    BlankAddress,
    /// No document describes the address, so that nothing was checked.
    Undescribed,
    /// No such node.
    NoNode,
    /// The node does not take this command.
    Verb,
    /// The node itself does not say that it can be added; its parent does.
    AddByParent,
    /// The name does not follow the node's rule for names.
    Name,
    /// The command does not say the format, which is not `chr`.
    NoFormat,
    /// The command says another format than the node has.
    Format,
    /// The command has no data, and the node needs some.
    NoData,
    /// The command has data, and the node takes none.
    Data,
    /// The data is no value of the node's format.
    Value,
    /// The value is spelled in a way that not every device reads.
    Spelling,
    /// The value is not one that the node takes.
    NotAllowed,
    /// Whether the value is one that the node takes cannot be said from here.
    Undecided,
    /// The device's build does not have the node.
    Build,
    /// No released build has the node.
    Unreleased,
    /// The device's edition does not have the node.
    Edition,
    /// The node should not be used any more.
    Deprecated,
    /// The command has to be in an Atomic.
    AtomicRequired,
    /// The node depends on another one, whose value is not known to suit.
    Dependency,
}

impl Code for CheckCode {
    fn id(self) -> &'static str {
        match self {
            Self::Address => "csp-address",
            Self::BlankAddress => "csp-blank-address",
            Self::Undescribed => "csp-undescribed",
            Self::NoNode => "csp-no-node",
            Self::Verb => "csp-verb",
            Self::AddByParent => "csp-add-by-parent",
            Self::Name => "csp-name",
            Self::NoFormat => "csp-no-format",
            Self::Format => "csp-format",
            Self::NoData => "csp-no-data",
            Self::Data => "csp-data",
            Self::Value => "csp-value",
            Self::Spelling => "csp-spelling",
            Self::NotAllowed => "csp-not-allowed",
            Self::Undecided => "csp-undecided",
            Self::Build => "csp-build",
            Self::Unreleased => "csp-unreleased",
            Self::Edition => "csp-edition",
            Self::Deprecated => "csp-deprecated",
            Self::AtomicRequired => "csp-atomic-required",
            Self::Dependency => "csp-dependency",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::AddByParent | Self::Undecided => Severity::Info,
            Self::BlankAddress
            | Self::Undescribed
            | Self::NoFormat
            | Self::Spelling
            | Self::Deprecated
            | Self::Dependency => Severity::Warning,
            _ => Severity::Error,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Address => "no address",
            Self::BlankAddress => "white space around the address",
            Self::Undescribed => "nothing is known about the address",
            Self::NoNode => "no such node",
            Self::Verb => "the node does not take this command",
            Self::AddByParent => "the node's parent says that it can be added",
            Self::Name => "the name does not follow the rule",
            Self::NoFormat => "no format is given",
            Self::Format => "another format than the node's",
            Self::NoData => "no data is given",
            Self::Data => "the node takes no data",
            Self::Value => "the data does not suit the format",
            Self::Spelling => "a spelling that not every device reads",
            Self::NotAllowed => "the node does not take this value",
            Self::Undecided => "the value could not be checked",
            Self::Build => "the device's build does not have the node",
            Self::Unreleased => "no released build has the node",
            Self::Edition => "the device's edition does not have the node",
            Self::Deprecated => "the node should not be used any more",
            Self::AtomicRequired => "the command has to be in an Atomic",
            Self::Dependency => "the node depends on another",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::Address | Self::BlankAddress => "OMA-TS-DM_TND 1.2.1, 6",
            Self::Undescribed | Self::NoNode | Self::Name => "OMA-TS-DM_TND 1.2.1, 8.3.4",
            Self::Verb | Self::AddByParent => "OMA-TS-DM_TND 1.2.1, 7.7.1 and 8.3.1",
            Self::NoFormat | Self::Format | Self::NoData | Self::Data | Self::Value => {
                "OMA-TS-DM_TND 1.2.1, 8.3.7; MS-MDM 2.2.5.3"
            }
            Self::Spelling => "OMA-SyncML-MetInf 1.2",
            _ => "DDFv2Msft.xsd",
        }
    }
}

impl CheckCode {
    /// The status that OMA DM has for a command refused for this reason; none for what is no
    /// error.
    #[must_use]
    pub fn status(self) -> Option<StatusCode> {
        if self.severity() != Severity::Error {
            return None;
        }
        Some(match self {
            Self::Address => StatusCode::BAD_REQUEST,
            Self::NoNode | Self::Build | Self::Unreleased | Self::Edition => StatusCode::NOT_FOUND,
            Self::Verb => StatusCode::METHOD_NOT_ALLOWED,
            Self::Format => StatusCode::UNSUPPORTED_FORMAT,
            Self::NoData => StatusCode::INCOMPLETE,
            _ => StatusCode::COMMAND_FAILED,
        })
    }
}

/// One finding about one item of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// What was found.
    pub code: CheckCode,
    /// Which of the checked commands it is about, counted from 0 in the order they stand in, those
    /// in an Atomic or Sequence each by itself.
    pub command: usize,
    /// Which of the command's items it is about, counted from 0.
    pub item: usize,
    /// The item's address.
    pub address: String,
    /// More about it. Never the data itself, which may be secret.
    pub detail: String,
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether a device refuses the command for this.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.address, self.code.summary())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}
