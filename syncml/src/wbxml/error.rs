//! What is wrong with a WBXML document.

/// What is wrong with a WBXML document.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WbxmlError {
    /// It ends too early.
    #[error("it ends too early")]
    End,
    /// A version that is not 1.0 to 1.3.
    #[error("version byte 0x{0:02X} is not of WBXML 1.0 to 1.3")]
    Version(u8),
    /// A character set that is not read here.
    #[error("character set {0} is not supported")]
    Charset(u32),
    /// A document of another kind.
    #[error("the public identifier is not one of SyncML")]
    NotSyncml,
    /// A number of more than 32 bits.
    #[error("a number is too large, at byte {0}")]
    Number(usize),
    /// A token without a meaning.
    #[error("token 0x{token:02X} of code page {page} is not known, at byte {offset}")]
    Token {
        /// The code page.
        page: u8,
        /// The token.
        token: u8,
        /// Bytes before it.
        offset: usize,
    },
    /// A text that is not in the string table.
    #[error("a text is not in the string table, at byte {0}")]
    StringTable(usize),
    /// Text that is not of its character set, or that XML cannot carry.
    #[error("a text is not valid, at byte {0}")]
    Text(usize),
    /// A name that is none.
    #[error("a name is not valid, at byte {0}")]
    Name(usize),
    /// An end without a start, or a start without an end.
    #[error("elements do not nest, at byte {0}")]
    Nesting(usize),
    /// More than [`Limits::xml`](crate::Limits::xml) allow, of the document or of the XML that it
    /// stands for.
    #[error("more than {max} {limit}")]
    Limit {
        /// What there is too much of.
        limit: mdm_xml::Limit,
        /// How much is allowed.
        max: usize,
    },
}
