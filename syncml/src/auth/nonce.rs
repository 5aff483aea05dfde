//! Nonces.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::pack::{Broken, Input, Pack, write_bytes};

/// Why something is no nonce.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NonceError {
    /// Nothing, or more than [`Nonce::MAX`] bytes.
    #[error("a nonce has 1 to {} bytes", Nonce::MAX)]
    Length,
    /// Not base64.
    #[error("the nonce is not base64")]
    Base64,
}

/// A number used once: bytes, that travel as base64. They need not be text. It does not appear in
/// `Debug` output.
///
/// Where the session needs a fresh one, it asks its caller, who has a source of randomness; 16
/// bytes of it are enough.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Nonce(Vec<u8>);

impl Nonce {
    /// The longest that is taken: a peer chooses the nonces that we answer.
    pub const MAX: usize = 256;

    /// The nonce of these bytes.
    ///
    /// # Errors
    /// [`NonceError::Length`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, NonceError> {
        let bytes = bytes.into();
        match bytes.len() {
            1..=Self::MAX => Ok(Self(bytes)),
            _ => Err(NonceError::Length),
        }
    }

    /// The nonce in a NextNonce.
    ///
    /// # Errors
    /// [`NonceError`].
    pub fn from_base64(text: &str) -> Result<Self, NonceError> {
        // Cheaper than finding out after decoding.
        if text.len() > Self::MAX * 4 {
            return Err(NonceError::Length);
        }
        let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        Self::new(STANDARD.decode(text).map_err(|_| NonceError::Base64)?)
    }

    /// As it travels.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.0)
    }

    /// The bytes that go into a digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Pack for Nonce {
    fn pack(&self, out: &mut Vec<u8>) {
        write_bytes(&self.0, out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        Self::new(input.bytes()?).map_err(|_| Broken)
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}

impl TryFrom<String> for Nonce {
    type Error = NonceError;

    fn try_from(text: String) -> Result<Self, NonceError> {
        Self::from_base64(&text)
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        nonce.to_base64()
    }
}
