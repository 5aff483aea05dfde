//! What a server answers to check-in messages.

use std::borrow::Cow;

use crate::messages::Error;
use crate::messages::report::encode;
use crate::plist::{Dictionary, Format, Value};

/// The body of the answer to a check-in message. Everything else is answered with an empty one.
///
/// ```
/// use apple_mdm::messages::CheckInAnswer;
///
/// let mut body = Vec::new();
/// CheckInAnswer::BootstrapToken(Some(b"secret".as_slice().into())).encode(&mut body)?;
/// assert!(String::from_utf8_lossy(&body).contains("<key>BootstrapToken</key>"));
/// # Ok::<(), apple_mdm::messages::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum CheckInAnswer<'a> {
    /// To GetBootstrapToken: the token, or that there is none.
    BootstrapToken(Option<Cow<'a, [u8]>>),
    /// To GetToken: the token of the service.
    Token(Cow<'a, [u8]>),
    /// To the first UserAuthenticate of a login: a challenge. `None` lets the user in: they are
    /// managed without an AuthToken, whatever their password. A server that will not manage the
    /// user answers with status 410 and none of these.
    ///
    /// *Specified*: Apple, User Authenticate.
    DigestChallenge(Option<Cow<'a, str>>),
    /// To the second UserAuthenticate, which has the digest of the challenge: the token that the
    /// user's messages carry from now on. An empty one says that the password is wrong.
    ///
    /// *Specified*: Apple, User Authenticate.
    AuthToken(Cow<'a, str>),
}

impl std::fmt::Debug for CheckInAnswer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::BootstrapToken(_) => "BootstrapToken([redacted])",
            Self::Token(_) => "Token([redacted])",
            Self::DigestChallenge(_) => "DigestChallenge([redacted])",
            Self::AuthToken(_) => "AuthToken([redacted])",
        })
    }
}

impl CheckInAnswer<'_> {
    /// Appends the XML property list to `out`.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`](crate::messages::ErrorKind::Unwritable); `out` is then as it was.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let dictionary = match self {
            Self::BootstrapToken(token) => {
                let token = token.as_deref().map(Value::from);
                Dictionary::new().with_opt("BootstrapToken", token)
            }
            Self::Token(token) => Dictionary::new().with("TokenData", &**token),
            Self::DigestChallenge(challenge) => {
                let challenge = challenge.as_deref().unwrap_or_default();
                Dictionary::new().with("DigestChallenge", challenge)
            }
            Self::AuthToken(token) => Dictionary::new().with("AuthToken", &**token),
        };
        encode(dictionary, Format::Xml, out)
    }
}
