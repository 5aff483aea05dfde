//! Authentication inside the protocol: basic, MD5 and HMAC.
//!
//! Most servers identify a device by its TLS client certificate and need none of this. Where the
//! enrolment gave the device an account (`w7 APPLICATION`, `APPAUTH`), either side can ask the
//! other for credentials.
//!
//! What a server keeps of an account is [`Account`]: the user's name, H(user:password), the scheme
//! and the nonce that the next session begins with. The password itself is never stored, and
//! digests are compared in constant time.
//!
//! *Specified*: OMA-TS-DM_Security 1.2.1, section 5; OMA-TS-DM_Protocol 1.2.1, section 9.
//!
//! # A trap in the specification
//!
//! The sample of `x-syncml-hmac` in OMA-TS-DM_Security 1.2.1 has a `mac` that is the base64 of the
//! *hexadecimal* text of MD5("Bruce2:OhBehave:Nonce"). It does not follow the formula that stands
//! above it (no inner digest, no body), so it is no test vector: an implementation that gives it is
//! wrong. The sample of MD5 in OMA-TS-DM_Protocol 1.2.1 is right, and a test here.

mod digest;
mod hmac;
mod login;
mod nonce;

use std::fmt;

pub use digest::{PasswordDigest, basic_credentials, hmac_mac, md5_credentials};
pub use hmac::{HmacHeader, HmacHeaderError};
pub(crate) use login::{Check, challenge, check, credentials};
pub use nonce::{Nonce, NonceError};

use crate::pack::{packed, packed_enum};

/// How one side proves who it is. The specification has these three.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums)]
pub enum Scheme {
    /// `syncml:auth-basic`: the password itself, readable. Only inside TLS.
    Basic,
    /// `syncml:auth-md5`: a digest over password and nonce, in the header of the message.
    Md5,
    /// `syncml:auth-MAC`: a digest over password, nonce and the whole message, beside the message
    /// in the transport header [`HmacHeader::NAME`].
    Hmac,
}

impl Scheme {
    /// The type in Meta of Cred and Chal.
    #[must_use]
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Basic => "syncml:auth-basic",
            Self::Md5 => "syncml:auth-md5",
            Self::Hmac => "syncml:auth-MAC",
        }
    }

    /// The scheme of this type, whatever its case.
    #[must_use]
    pub fn from_type(typ: &str) -> Option<Self> {
        let typ = typ.trim();
        [Self::Basic, Self::Md5, Self::Hmac]
            .into_iter()
            .find(|scheme| scheme.typ().eq_ignore_ascii_case(typ))
    }

    /// Whether it needs nonces.
    #[must_use]
    pub const fn has_nonce(self) -> bool {
        matches!(self, Self::Md5 | Self::Hmac)
    }
}

/// What is kept about one side's credentials. Neither the password, its digest nor the nonce appears in `Debug`
/// output.
///
/// ```
/// use syncml::auth::{Account, Nonce, PasswordDigest, Scheme};
///
/// let account = Account::new("Bruce2", PasswordDigest::of("Bruce2", "OhBehave"), Scheme::Md5)
///     .with_nonce(Nonce::new(b"Nonce".to_vec())?);
/// assert!(!format!("{account:?}").contains("Nonce("));
/// # Ok::<(), syncml::auth::NonceError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Account {
    user: String,
    digest: PasswordDigest,
    scheme: Scheme,
    nonce: Option<Nonce>,
    /// Only for proving ourselves by scheme basic.
    password: Option<String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

packed! {
    Account { user, digest, scheme, nonce, password }
}

packed_enum! {
    Scheme { 0 = Basic, 1 = Md5, 2 = Hmac }
}

impl Account {
    /// An account without a nonce: its first authentication by MD5 or HMAC begins with a challenge.
    #[must_use]
    pub fn new(user: impl Into<String>, digest: PasswordDigest, scheme: Scheme) -> Self {
        Self { user: user.into(), digest, scheme, nonce: None, password: None }
    }

    /// An account that proves itself by scheme basic, for which the password itself is needed. To
    /// verify a peer's credentials, [`new`](Self::new) is enough.
    #[must_use]
    pub fn basic(user: impl Into<String>, password: impl Into<String>) -> Self {
        let (user, password) = (user.into(), password.into());
        let digest = PasswordDigest::of(&user, &password);
        Self { user, digest, scheme: Scheme::Basic, nonce: None, password: Some(password) }
    }

    /// The same with the nonce that enrolment gave (`AAUTHDATA`), or that the last session left.
    #[must_use]
    pub fn with_nonce(mut self, nonce: Nonce) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// The user's name.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The digest of user and password.
    #[must_use]
    pub fn digest(&self) -> &PasswordDigest {
        &self.digest
    }

    /// How it authenticates.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The nonce that the next authentication is made with.
    #[must_use]
    pub fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }

    pub(crate) fn set_nonce(&mut self, nonce: Nonce) {
        self.nonce = Some(nonce);
    }
}
