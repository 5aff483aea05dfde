//! Authentication, where the feature `auth` is off: nobody is asked.

use crate::codes::StatusCode;
use crate::model::{Challenge, Cred, Header, Status};
use crate::pack::{Broken, Input, Pack};

/// What is known about credentials.
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(crate) struct Login {}

/// A state with credentials is not read here: who stored it asked for them.
impl Pack for Login {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(0);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        if input.byte()? == 0 { Ok(Self {}) } else { Err(Broken) }
    }
}

/// What a message's credentials mean for it.
#[allow(dead_code)]
pub(crate) enum Judgement {
    NotAsked,
    Accepted { code: StatusCode, user: String },
    Refused { code: StatusCode, last: bool },
}

/// What the peer's status for our header means.
#[allow(dead_code)]
pub(crate) enum HeaderAnswer {
    Fine,
    SendAgain(StatusCode),
    Refused(StatusCode),
}

impl Login {
    pub(crate) fn peer_has_nonces(&self) -> bool {
        false
    }

    pub(crate) fn judge(&mut self, _: &Header<'_>, _: &[u8], _: Option<&str>, _: u8) -> Judgement {
        Judgement::NotAsked
    }

    /// The challenge that the header's status carries; `Err` where a nonce is lacking.
    pub(crate) fn challenge(&self) -> Result<Option<Challenge<'static>>, ()> {
        Ok(None)
    }

    pub(crate) fn sent(&mut self) -> bool {
        false
    }

    pub(crate) fn credentials(&self) -> Option<Cred<'static>> {
        None
    }

    pub(crate) fn user(&self) -> Option<&str> {
        None
    }

    pub(crate) fn hmac(&self, _: &[u8]) -> Option<String> {
        None
    }

    pub(crate) fn proves(&self) -> bool {
        false
    }

    pub(crate) fn may_be_challenged(&self) -> bool {
        false
    }

    pub(crate) fn header_status(&mut self, status: &Status<'_>) -> (HeaderAnswer, bool) {
        let refused = status.code().filter(|code| !code.is_success());
        (refused.map_or(HeaderAnswer::Fine, HeaderAnswer::Refused), false)
    }

    pub(crate) fn next_session(self) -> Self {
        self
    }
}
