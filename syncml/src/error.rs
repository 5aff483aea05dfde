//! What can be wrong with a message, and what a message may cost.

use mdm_xml::Diagnostic;

use crate::diagnostic::DiagnosticCode;

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// A document of another kind.
    #[error("<{0}> is no SyncML message or command")]
    NotSyncml(Box<str>),
    /// More commands than [`Limits::commands`].
    #[error("more than {max} commands")]
    Commands {
        /// The limit.
        max: usize,
    },
    /// More items than [`Limits::items`].
    #[error("more than {max} items")]
    Items {
        /// The limit.
        max: usize,
    },
    /// More than [`Limits::copies`].
    #[error("more than {max} bytes of declarations and Metas that several elements share")]
    Copies {
        /// The limit.
        max: usize,
    },
    /// A SessionID or MsgID longer than [`Limits::identifier`].
    #[error("a SessionID or MsgID of more than {max} bytes")]
    Identifier {
        /// The limit.
        max: usize,
    },
    /// Atomic and Sequence nested deeper than [`Limits::nesting`].
    #[error("Atomic and Sequence nested more than {max} deep")]
    Nesting {
        /// The limit.
        max: usize,
    },
    /// A message that deviates from the rules, read strictly. Every deviation is listed, in the
    /// order of the places; the error's own place is that of the first.
    #[error("{} in a message that was to be read strictly: {}", count(.0), first(.0))]
    Strict(Box<[Diagnostic<DiagnosticCode>]>),
    /// A message in which not everything can be mended: what was meant is not clear. What is left
    /// is listed, as strict reading finds it in the message after repair.
    #[error("{} cannot be mended: {}", count(.0), first(.0))]
    Unrepairable(Box<[Diagnostic<DiagnosticCode>]>),
    /// A value with a character that XML cannot carry, in a message to be written.
    #[error("a value has a character that XML cannot carry")]
    Unwritable,
    /// Not a readable WBXML document.
    #[error("WBXML: {0}")]
    Wbxml(#[from] crate::wbxml::WbxmlError),
    /// A message that the session cannot take where it is.
    #[error("session: {0}")]
    Session(#[from] crate::session::SessionError),
}

fn count(found: &[Diagnostic<DiagnosticCode>]) -> String {
    match found.len() {
        1 => "one deviation".to_owned(),
        count => format!("{count} deviations"),
    }
}

fn first(found: &[Diagnostic<DiagnosticCode>]) -> String {
    found.first().map(Diagnostic::message).unwrap_or_default()
}

mdm_xml::located_error! {
    /// What is wrong with a message, and where.
    pub struct Error(ErrorKind);
}

/// Bounds on one message. Each is a count that is still accepted.
///
/// ```
/// let limits = syncml::Limits::default().with_commands(1);
/// let two = b"<SyncBody><Get><CmdID>1</CmdID></Get><Get><CmdID>2</CmdID></Get></SyncBody>";
/// assert_eq!(syncml::decode(two, &limits).unwrap_err().to_string().get(..20), Some("more than 1 commands"));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// What the XML may cost. By default 8 MiB, 500,000 elements, 32 of them open, and 32 namespace
    /// declarations: Windows devices send up to some hundred kilobytes at once.
    pub xml: mdm_xml::Limits,
    /// Commands in a message, nested ones included, and unknown elements that stand where commands
    /// do. Default 10,000.
    pub commands: usize,
    /// Items in a message. Default 100,000.
    pub items: usize,
    /// How deep Atomic and Sequence nest. Default 4, and 16 whatever is set: OMA DM allows a
    /// Sequence in an Atomic and no more.
    pub nesting: usize,
    /// How many findings are kept. Default 256.
    pub diagnostics: usize,
    /// Bytes of the message that are kept more than once: a declaration that stands further out
    /// comes along with each unknown element, attribute and markup that uses it, and a Meta goes to
    /// each of several commands in one. Default 8 MiB; a real message has some hundred.
    pub copies: usize,
    /// Bytes of a SessionID or MsgID that a session takes: they come back in each status. Default
    /// 256; MS-MDM 2.2.3.8 allows 4, and a MsgID is a number.
    pub identifier: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            xml: mdm_xml::Limits::DEFAULT
                .with_bytes(8 << 20)
                .with_depth(32)
                .with_elements(500_000)
                .with_namespaces(32),
            commands: 10_000,
            items: 100_000,
            nesting: 4,
            diagnostics: 256,
            copies: 8 << 20,
            identifier: 256,
        }
    }
}

impl Limits {
    /// These limits with other ones for the XML.
    #[must_use]
    pub const fn with_xml(mut self, xml: mdm_xml::Limits) -> Self {
        self.xml = xml;
        self
    }

    /// These limits with another [`commands`](Self::commands).
    #[must_use]
    pub const fn with_commands(mut self, commands: usize) -> Self {
        self.commands = commands;
        self
    }

    /// These limits with another [`items`](Self::items).
    #[must_use]
    pub const fn with_items(mut self, items: usize) -> Self {
        self.items = items;
        self
    }

    /// These limits with another [`nesting`](Self::nesting).
    #[must_use]
    pub const fn with_nesting(mut self, nesting: usize) -> Self {
        self.nesting = nesting;
        self
    }

    /// These limits with another [`copies`](Self::copies).
    #[must_use]
    pub const fn with_copies(mut self, copies: usize) -> Self {
        self.copies = copies;
        self
    }

    /// These limits with another [`identifier`](Self::identifier).
    #[must_use]
    pub const fn with_identifier(mut self, identifier: usize) -> Self {
        self.identifier = identifier;
        self
    }

    /// These limits with another [`diagnostics`](Self::diagnostics).
    #[must_use]
    pub const fn with_diagnostics(mut self, diagnostics: usize) -> Self {
        self.diagnostics = diagnostics;
        self
    }
}
