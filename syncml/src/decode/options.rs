//! How a message is to be read.

use crate::error::Limits;

/// How a message is to be read. The default is tolerant.
///
/// ```
/// use syncml::{DecodeOptions, ErrorKind, decode_with};
///
/// let part = b"<Get><CmdID>1</CmdID><Item><Target><LocURI>./DevInfo</LocURI></Target></Item></Get>";
/// let message = decode_with(part, &DecodeOptions::default())?;
/// assert_eq!(message.diagnostics[0].code, syncml::DiagnosticCode::Fragment);
///
/// let error = decode_with(part, &DecodeOptions::default().strict()).unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::Strict(found) if found.len() == 1));
/// # Ok::<(), syncml::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// What the message may cost.
    pub limits: Limits,
    /// Whether a deviation is an error ([`ErrorKind::Strict`](crate::ErrorKind::Strict)). Nothing
    /// is excused then, also not what real peers send and what one of two specifications allows:
    /// what is read strictly has the form in which [`encode`](crate::encode) writes messages.
    pub strict: bool,
    /// Whether each command keeps the bytes that it was read from.
    pub own_bytes: bool,
    /// Whether to stop behind the header.
    pub(crate) header_only: bool,
}

impl DecodeOptions {
    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same, with every deviation an error.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// The same with another [`own_bytes`](Self::own_bytes).
    #[must_use]
    pub const fn with_own_bytes(mut self, own_bytes: bool) -> Self {
        self.own_bytes = own_bytes;
        self
    }
}
