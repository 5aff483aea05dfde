//! Messages as they are kept in a state: text where they are text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BINARY: &str = "base64:";

/// The bytes of a message. XML is stored as it stands, WBXML as base64.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub(crate) struct Stored(Vec<u8>);

impl Stored {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Stored {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl TryFrom<String> for Stored {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, base64::DecodeError> {
        Ok(Self(match text.strip_prefix(BINARY) {
            Some(coded) => STANDARD.decode(coded)?,
            None => text.into_bytes(),
        }))
    }
}

impl From<Stored> for String {
    fn from(stored: Stored) -> Self {
        let xml = stored.0.first() == Some(&b'<');
        match Self::from_utf8(stored.0) {
            Ok(text) if xml => text,
            Ok(text) => format!("{BINARY}{}", STANDARD.encode(text)),
            Err(error) => format!("{BINARY}{}", STANDARD.encode(error.as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_as_text() {
        for bytes in [&b""[..], b"<SyncML/>", b"\x02\xa4\x01j\0", b"\x02plain", b"base64:x"] {
            let text = String::from(Stored::from(bytes.to_vec()));
            assert_eq!(text.starts_with('<'), bytes.starts_with(b"<"));
            assert_eq!(Stored::try_from(text).unwrap().as_bytes(), bytes);
        }
        assert!(Stored::try_from("base64:?".to_owned()).is_err());
    }
}
