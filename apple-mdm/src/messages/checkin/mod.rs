//! Check-in messages: enrolment, tokens for push notifications, bootstrap tokens, declarative
//! management.
//!
//! *Specified*: Apple's schema, mdm/checkin.

mod answer;
mod views;

pub use answer::CheckInAnswer;
pub use views::{
    Authenticate, CheckOut, DeclarativeManagement, GetBootstrapToken, GetToken, SetBootstrapToken,
    TokenParameters, TokenUpdate, UserAuthenticate,
};

use super::Enrollment;
use super::diagnostic::{Diagnostic, DiagnosticCode, Notes, strict};
use super::error::{self, Error, ErrorKind};
use super::inspect::{IDENTITY, inspect};
use super::report::encode;
use crate::fields::Redacted;
use crate::open_enum::open_enum;
use crate::plist::{Dictionary, Format, Limits};
use crate::schema::{self, Family, Place};

open_enum! {
    /// What a check-in message is about. Others are kept.
    pub enum CheckInType {
        /// A device begins to enrol.
        Authenticate = "Authenticate",
        /// A device has a token for push notifications: it is enrolled.
        TokenUpdate = "TokenUpdate",
        /// A device leaves.
        CheckOut = "CheckOut",
        /// A user of a Mac signs in.
        UserAuthenticate = "UserAuthenticate",
        /// A Mac leaves its bootstrap token with the server.
        SetBootstrapToken = "SetBootstrapToken",
        /// A Mac asks for its bootstrap token, for example to authorise an update.
        GetBootstrapToken = "GetBootstrapToken",
        /// Declarative management.
        DeclarativeManagement = "DeclarativeManagement",
        /// A device asks for a token of a service.
        GetToken = "GetToken",
    }
}

/// A check-in message, as its typed view.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum CheckInMessage<'a> {
    /// A device begins to enrol.
    Authenticate(Authenticate<'a>),
    /// A device has a token for push notifications: it is enrolled.
    TokenUpdate(TokenUpdate<'a>),
    /// A device leaves.
    CheckOut(CheckOut<'a>),
    /// A user of a Mac signs in.
    UserAuthenticate(UserAuthenticate<'a>),
    /// A Mac leaves its bootstrap token with the server.
    SetBootstrapToken(SetBootstrapToken<'a>),
    /// A Mac asks for its bootstrap token.
    GetBootstrapToken(GetBootstrapToken<'a>),
    /// Declarative management; its data is JSON.
    DeclarativeManagement(DeclarativeManagement<'a>),
    /// A device asks for a token of a service.
    GetToken(GetToken<'a>),
    /// Another one; [`CheckIn::dictionary`] has it.
    Other,
}

/// A message that a device sends to the check-in URL.
///
/// ```
/// use apple_mdm::messages::{CheckIn, CheckInMessage};
///
/// let body = b"<plist><dict><key>MessageType</key><string>TokenUpdate</string>
///     <key>Topic</key><string>com.apple.mgmt.External.1</string>
///     <key>UDID</key><string>00008020-000915083C80012E</string>
///     <key>PushMagic</key><string>M</string><key>Token</key><data>AQI=</data></dict></plist>";
/// let message = CheckIn::decode(body, &Default::default())?;
/// let CheckInMessage::TokenUpdate(update) = message.message() else { return Err("what?".into()) };
/// assert_eq!(update.token(), Some(&[1, 2][..]));
/// assert!(!format!("{message:?}").contains("\"M\""), "secrets stay out of logs");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckIn<'a> {
    /// What it is about.
    pub message_type: CheckInType,
    /// Everything, as it came.
    pub dictionary: Dictionary<'a>,
}

impl std::fmt::Debug for CheckIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CheckIn").field(&Redacted(&self.dictionary)).finish()
    }
}

impl<'a> CheckIn<'a> {
    /// Reads a check-in message.
    ///
    /// # Errors
    /// Every [`ErrorKind`] of reading.
    pub fn decode(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let (dictionary, _) = error::dictionary(bytes, limits)?;
        Self::of(dictionary).map_err(|kind| Error::in_list(kind, bytes, limits, ""))
    }

    /// Reads a check-in message and says what was odd about it.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    pub fn decode_noting(
        bytes: &'a [u8],
        limits: &Limits,
    ) -> Result<(Self, Vec<Diagnostic>), Error> {
        let (dictionary, found) = error::dictionary(bytes, limits)?;
        let message =
            Self::of(dictionary).map_err(|kind| Error::in_list(kind, bytes, limits, ""))?;
        let mut notes = Notes::default();
        if message.enrollment().device().is_none() {
            notes.note(DiagnosticCode::NoDevice, "", "");
        }
        match schema::group(Family::CheckIn, message.message_type.as_str()) {
            Some(group) => {
                let dictionary = &message.dictionary;
                inspect(group, Place::Payload, "", dictionary, "", &IDENTITY, &mut notes);
            }
            None => {
                let name = message.message_type.as_str();
                notes.note(DiagnosticCode::UnknownValue, "MessageType", name);
            }
        }
        Ok((message, notes.finish(bytes, limits, found)))
    }

    /// Reads a check-in message and refuses what is odd about it.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode), and [`ErrorKind::Odd`].
    pub fn decode_strict(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        Self::decode_noting(bytes, limits).and_then(strict)
    }

    /// The message that a dictionary is.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] without a MessageType.
    pub fn from_dictionary(dictionary: Dictionary<'a>) -> Result<Self, Error> {
        Self::of(dictionary).map_err(Error::new)
    }

    fn of(dictionary: Dictionary<'a>) -> Result<Self, ErrorKind> {
        let name = dictionary.str("MessageType").ok_or(ErrorKind::Missing("MessageType"))?;
        Ok(Self { message_type: CheckInType::from_text(name), dictionary })
    }

    /// Appends the message to `out`, with everything that it came with. For simulated devices.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`]; `out` is then as it was.
    pub fn encode(&self, format: Format, out: &mut Vec<u8>) -> Result<(), Error> {
        encode(self.dictionary.clone(), format, out)
    }

    /// The same, independent of what it borrowed from.
    #[must_use]
    pub fn into_owned(self) -> CheckIn<'static> {
        CheckIn { message_type: self.message_type, dictionary: self.dictionary.into_owned() }
    }

    /// Whose message it is.
    #[must_use]
    pub fn enrollment(&self) -> Enrollment<'_> {
        Enrollment::read(&self.dictionary)
    }

    /// The message as its typed view.
    #[must_use]
    pub fn message(&self) -> CheckInMessage<'_> {
        let all = &self.dictionary;
        match self.message_type {
            CheckInType::Authenticate => CheckInMessage::Authenticate(Authenticate::new(all)),
            CheckInType::TokenUpdate => CheckInMessage::TokenUpdate(TokenUpdate::new(all)),
            CheckInType::CheckOut => CheckInMessage::CheckOut(CheckOut::new(all)),
            CheckInType::UserAuthenticate => {
                CheckInMessage::UserAuthenticate(UserAuthenticate::new(all))
            }
            CheckInType::SetBootstrapToken => {
                CheckInMessage::SetBootstrapToken(SetBootstrapToken::new(all))
            }
            CheckInType::GetBootstrapToken => {
                CheckInMessage::GetBootstrapToken(GetBootstrapToken::new(all))
            }
            CheckInType::DeclarativeManagement => {
                CheckInMessage::DeclarativeManagement(DeclarativeManagement::new(all))
            }
            CheckInType::GetToken => CheckInMessage::GetToken(GetToken::new(all)),
            CheckInType::Other(_) => CheckInMessage::Other,
        }
    }
}
