//! What can be wrong with a message or a document, and what they may cost.

/// What is wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::ErrorKind),
    /// Not a SOAP envelope.
    #[error("<{0}> is no SOAP envelope")]
    NotSoap(Box<str>),
    /// An envelope without a message in it.
    #[error("the SOAP body is empty")]
    EmptyBody,
    /// An element that the message cannot do without.
    #[error("<{0}> is missing")]
    Missing(&'static str),
    /// A value that is not of its type.
    #[error("{text:?} is no {what}")]
    Value {
        /// The type.
        what: &'static str,
        /// The value, cut after 64 characters.
        text: Box<str>,
    },
    /// Not an update document.
    #[error("<{0}> is no update document")]
    NotUpdate(Box<str>),
    /// More updates, revisions or parts of one than [`Limits`] allow.
    #[error("more than {max} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// A value with a character that XML cannot carry, in a message to be written.
    #[error("a value has a character that XML cannot carry")]
    Unwritable,
    /// A compressed document that cannot be decoded.
    #[cfg(feature = "cab")]
    #[error("cabinet: {0}")]
    Cab(#[from] crate::cab::CabError),
}

mdm_xml::located_error! {
    /// What is wrong with a message or a document, and where.
    pub struct Error(ErrorKind);
}

/// Bounds on one message. Each is a count that is still accepted.
///
/// ```
/// let limits = wsusss::Limits::default().with_items(10);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// What the XML may cost. By default 128 MiB in one message: servers bound their answers to
    /// 2 MB (MS-WSUSSS note 37), but single documents of 47 MB exist.
    pub xml: mdm_xml::Limits,
    /// Updates, revisions, languages or files in one message. Default 200,000.
    pub items: usize,
    /// Bytes of a decompressed document, or of what is kept of one that is skimmed. Default 128
    /// MiB: a document of 47 MB was seen, and as UTF-16 it has twice that.
    pub document: usize,
    /// Bytes of one item of an answer that is decoded while it arrives; an update document is one,
    /// escaped or in base64. Default 64 MiB.
    pub item: usize,
    /// Bytes of the tags around the items of such an answer that may be read again for them: as
    /// many as this, and 32 for each byte that came. Default 32 MiB. Long tags around many small
    /// elements would else cost their product.
    pub around: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            xml: mdm_xml::Limits::DEFAULT
                .with_bytes(128 << 20)
                .with_text(128 << 20)
                .with_elements(5_000_000),
            items: 200_000,
            document: 128 << 20,
            item: 64 << 20,
            around: 32 << 20,
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

    /// These limits with another [`items`](Self::items).
    #[must_use]
    pub const fn with_items(mut self, items: usize) -> Self {
        self.items = items;
        self
    }

    /// These limits with another [`item`](Self::item).
    #[must_use]
    pub const fn with_item(mut self, item: usize) -> Self {
        self.item = item;
        self
    }

    /// These limits with another [`around`](Self::around).
    #[must_use]
    pub const fn with_around(mut self, around: usize) -> Self {
        self.around = around;
        self
    }

    /// These limits with another [`document`](Self::document).
    #[must_use]
    pub const fn with_document(mut self, document: usize) -> Self {
        self.document = document;
        self
    }
}

/// A value that is not of its type.
pub(crate) fn bad_value(what: &'static str, text: &str) -> ErrorKind {
    ErrorKind::Value { what, text: text.chars().take(64).collect() }
}
