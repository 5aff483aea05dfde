//! Credentials in messages: what a peer sent, and what it is to be asked for.

use std::borrow::Cow;

use super::{Account, HmacHeader, Nonce, Scheme, hmac_mac, md5_credentials};
use crate::model::{Challenge, Cred, Format, Header, Meta};

/// What a message's credentials are worth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Check {
    Right,
    /// There are none of the scheme that is wanted.
    Missing,
    Wrong,
}

/// Checks a message's credentials against an account and the nonces that may have been used.
pub(crate) fn check(
    account: &Account,
    nonces: &[Option<&Nonce>],
    header: &Header<'_>,
    body: &[u8],
    hmac: Option<&str>,
) -> Check {
    let mut nonces = nonces.iter().flatten();
    if account.scheme == Scheme::Hmac {
        let Some(hmac) = hmac else { return Check::Missing };
        let Ok(hmac) = hmac.parse::<HmacHeader>() else { return Check::Wrong };
        let right = hmac.user() == account.user
            && nonces.any(|nonce| account.digest.verifies_hmac(nonce, body, hmac.mac()));
        return if right { Check::Right } else { Check::Wrong };
    }
    let Some(cred) = &header.cred else { return Check::Missing };
    // Credentials without a type are basic (OMA-SyncML-RepPro 1.2, Cred).
    let scheme = cred.meta.typ.as_deref().map_or(Some(Scheme::Basic), Scheme::from_type);
    let right = match scheme {
        Some(scheme) if scheme != account.scheme => return Check::Missing,
        Some(Scheme::Basic) => account.digest.verifies_basic(&cred.data),
        Some(Scheme::Md5) => nonces.any(|nonce| account.digest.verifies_md5(nonce, &cred.data)),
        Some(Scheme::Hmac) | None => return Check::Missing,
    };
    if right { Check::Right } else { Check::Wrong }
}

/// What a Status asks for: the scheme, and the nonce that the answer is to be made with.
pub(crate) fn challenge(scheme: Scheme, nonce: Option<&Nonce>) -> Challenge<'static> {
    let mut meta = Meta::format(Format::B64).with_type(scheme.typ());
    meta.next_nonce = nonce.map(|nonce| Cow::Owned(nonce.to_base64()));
    Challenge::new(meta)
}

/// What goes into the header of a message that proves this account: nothing where MD5 has no nonce
/// yet, and nothing for HMAC, which goes beside the message.
pub(crate) fn credentials(account: &Account) -> Option<Cred<'static>> {
    let data = match account.scheme {
        Scheme::Basic => super::basic_credentials(&account.user, account.password.as_deref()?),
        Scheme::Md5 => md5_credentials(&account.digest, account.nonce.as_ref()?),
        Scheme::Hmac => return None,
    };
    let meta = Meta::format(Format::B64).with_type(account.scheme.typ());
    Some(Cred::new(meta, data))
}

impl Account {
    /// The header of a message of scheme HMAC.
    pub(crate) fn hmac(&self, body: &[u8]) -> Option<HmacHeader> {
        let (Scheme::Hmac, Some(nonce)) = (self.scheme, &self.nonce) else { return None };
        Some(HmacHeader::new(self.user.clone(), hmac_mac(&self.digest, nonce, body)))
    }
}
