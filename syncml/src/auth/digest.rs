//! The digests that OMA DM is made of.

use std::fmt;
use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::Nonce;
use crate::pack::{Broken, Input, Pack, write_bytes};

fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Whether two texts are equal, in a time that depends on their lengths only.
pub(super) fn equal(a: &[u8], b: &[u8]) -> bool {
    let mut differs = u8::from(a.len() != b.len());
    for (a, b) in a.iter().zip(b) {
        differs |= black_box(a ^ b);
    }
    black_box(differs) == 0
}

/// H(user:password), what a server keeps instead of a password. It is as good as the password for
/// whoever gets hold of it in MD5 and HMAC, so keep it as one; it does not appear in `Debug` output.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct PasswordDigest([u8; 16]);

impl fmt::Debug for PasswordDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordDigest(…)")
    }
}

impl Pack for PasswordDigest {
    fn pack(&self, out: &mut Vec<u8>) {
        write_bytes(&self.0, out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        input.bytes()?.try_into().map(Self).map_err(|_| Broken)
    }
}

impl Eq for PasswordDigest {}

impl PartialEq for PasswordDigest {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        equal(&self.0, &other.0)
    }
}

impl PasswordDigest {
    /// The digest of a user's name and password.
    #[must_use]
    pub fn of(user: &str, password: &str) -> Self {
        Self(md5(&[user.as_bytes(), b":", password.as_bytes()]))
    }

    /// A digest that was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// What to store.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; 16] {
        self.0
    }

    fn inner(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Whether these credentials of scheme basic are this user's.
    #[must_use]
    pub fn verifies_basic(&self, credentials: &str) -> bool {
        let credentials: String =
            credentials.chars().filter(|letter| !letter.is_whitespace()).collect();
        match STANDARD.decode(credentials) {
            Ok(plain) => equal(&md5(&[&plain]), &self.0),
            Err(_) => false,
        }
    }

    /// Whether these credentials of scheme MD5 were made with this digest and nonce.
    #[must_use]
    pub fn verifies_md5(&self, nonce: &Nonce, credentials: &str) -> bool {
        equal(md5_credentials(self, nonce).as_bytes(), credentials.trim().as_bytes())
    }

    /// Whether this is the message's code under this digest and nonce.
    #[must_use]
    pub fn verifies_hmac(&self, nonce: &Nonce, body: &[u8], mac: &str) -> bool {
        equal(hmac_mac(self, nonce, body).as_bytes(), mac.trim().as_bytes())
    }
}

/// Credentials of scheme basic: base64 of `user:password` (OMA-SyncML-RepPro 1.2, Cred).
#[must_use]
pub fn basic_credentials(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

/// Credentials of scheme MD5: B64(H(B64(H(user:password)) ":" nonce))
/// (OMA-TS-DM_Security 1.2.1, 5.1.2.2).
///
/// ```
/// use syncml::auth::{Nonce, PasswordDigest, md5_credentials};
///
/// // The sample of OMA-TS-DM_Protocol 1.2.1.
/// let digest = PasswordDigest::of("Bruce2", "OhBehave");
/// let nonce = Nonce::new(b"Nonce".to_vec())?;
/// assert_eq!(md5_credentials(&digest, &nonce), "Zz6EivR3yeaaENcRN6lpAQ==");
/// # Ok::<(), syncml::auth::NonceError>(())
/// ```
#[must_use]
pub fn md5_credentials(digest: &PasswordDigest, nonce: &Nonce) -> String {
    STANDARD.encode(md5(&[digest.inner().as_bytes(), b":", nonce.as_bytes()]))
}

/// The code of a message: B64(H(B64(H(user:password)) ":" nonce ":" B64(H(body))))
/// (OMA-TS-DM_Security 1.2.1, 5.3). `body` is the whole message as it travels, XML or WBXML.
#[must_use]
pub fn hmac_mac(digest: &PasswordDigest, nonce: &Nonce, body: &[u8]) -> String {
    let body = STANDARD.encode(md5(&[body]));
    let inner = digest.inner();
    STANDARD.encode(md5(&[inner.as_bytes(), b":", nonce.as_bytes(), b":", body.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparison_sees_every_byte_and_the_length() {
        assert!(equal(b"", b"") && equal(b"abc", b"abc"));
        for (a, b) in [("abc", "abd"), ("abc", "Xbc"), ("abc", "ab"), ("", "a"), ("abc", "abcd")] {
            assert!(!equal(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }
}
