//! Authentication in a session: who has to prove what, and the nonces' life.
//!
//! The nonces of a challenge belong to the session; only a nonce that went to, or came from, an
//! authenticated peer is kept for the next one (OMA-TS-DM_Security 1.2.1, 5.1.3.4). So nobody can
//! spoil a device's nonce by asking in its name.

use crate::auth::{Account, Check, Nonce, Scheme, challenge, check, credentials};
use crate::codes::StatusCode;
use crate::model::{Challenge, Cred, Header, Status};
use crate::pack::{packed, packed_enum};

/// What is known about credentials.
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(crate) struct Login {
    /// What the peer has to prove.
    pub(crate) peer: Option<Verifying>,
    /// What we prove.
    pub(crate) own: Option<Proving>,
    /// A nonce from the caller that was not used.
    pub(crate) fresh: Option<Nonce>,
}

/// The side that is asked.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(crate) struct Verifying {
    pub(crate) account: Account,
    /// Each message needs credentials.
    every_message: bool,
    /// 212 was said: none are needed any more.
    accepted: bool,
    /// The nonce of the last challenge.
    challenged: Option<Nonce>,
    challenges: u8,
    /// What the status of the last message's header carries.
    owes: Owes,
}

#[derive(Clone, Copy, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
enum Owes {
    Nothing,
    Challenge,
    NextNonce,
}

/// The side that proves itself.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(crate) struct Proving {
    pub(crate) account: Account,
    /// The nonce of the peer's challenge.
    challenged: Option<Nonce>,
    tries: u8,
    accepted: bool,
}

/// What a message's credentials mean for it.
pub(crate) enum Judgement {
    NotAsked,
    Accepted {
        code: StatusCode,
        user: String,
    },
    /// `last`: it was asked often enough.
    Refused {
        code: StatusCode,
        last: bool,
    },
}

/// What the peer's status for our header means.
pub(crate) enum HeaderAnswer {
    Fine,
    SendAgain(StatusCode),
    Refused(StatusCode),
}

packed! {
    Login { peer, own, fresh }
    Verifying { account, every_message, accepted, challenged, challenges, owes }
    Proving { account, challenged, tries, accepted }
}

packed_enum! {
    Owes { 0 = Nothing, 1 = Challenge, 2 = NextNonce }
}

impl Verifying {
    pub(crate) fn new(account: Account, every_message: bool) -> Self {
        // HMAC is 200 for each message, never 212 (OMA-TS-DM_Security 1.2.1, 5.3).
        let every_message = every_message || account.scheme() == Scheme::Hmac;
        let owes = Owes::Nothing;
        Self { account, every_message, accepted: false, challenged: None, challenges: 0, owes }
    }
}

impl Proving {
    pub(crate) fn new(account: Account) -> Self {
        Self { account, challenged: None, tries: 0, accepted: false }
    }

    /// The account as it proves itself now.
    fn now(&self) -> Account {
        match &self.challenged {
            Some(nonce) => self.account.clone().with_nonce(nonce.clone()),
            None => self.account.clone(),
        }
    }
}

impl Login {
    /// Whether the peer proves itself with nonces, which change with each session.
    pub(crate) fn peer_has_nonces(&self) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.account.scheme().has_nonce())
    }

    /// Checks a message's credentials.
    pub(crate) fn judge(
        &mut self,
        header: &Header<'_>,
        body: &[u8],
        hmac: Option<&str>,
        max_challenges: u8,
    ) -> Judgement {
        let Some(peer) = &mut self.peer else { return Judgement::NotAsked };
        peer.owes = Owes::Nothing;
        if peer.accepted && !peer.every_message {
            return Judgement::NotAsked;
        }
        let nonces = [peer.challenged.as_ref(), peer.account.nonce()];
        match check(&peer.account, &nonces, header, body, hmac) {
            Check::Right => {
                peer.accepted = true;
                peer.challenged = None;
                if peer.account.scheme().has_nonce() {
                    peer.owes = Owes::NextNonce;
                }
                let code =
                    if peer.every_message { StatusCode::OK } else { StatusCode::AUTHENTICATED };
                Judgement::Accepted { code, user: peer.account.user().to_owned() }
            }
            wrong => {
                let code = if wrong == Check::Missing {
                    StatusCode::MISSING_CREDENTIALS
                } else {
                    StatusCode::UNAUTHORIZED
                };
                let last = peer.challenges >= max_challenges;
                if !last {
                    peer.challenges += 1;
                    peer.owes = Owes::Challenge;
                }
                Judgement::Refused { code, last }
            }
        }
    }

    /// The challenge that the header's status carries; `Err` where a nonce is lacking.
    pub(crate) fn challenge(&self) -> Result<Option<Challenge<'static>>, ()> {
        let Some(peer) = self.peer.as_ref().filter(|peer| peer.owes != Owes::Nothing) else {
            return Ok(None);
        };
        let scheme = peer.account.scheme();
        match &self.fresh {
            None if scheme.has_nonce() => Err(()),
            fresh => Ok(Some(challenge(scheme, fresh.as_ref().filter(|_| scheme.has_nonce())))),
        }
    }

    /// The answer with the challenge was made: from now on its nonce counts. Says whether the
    /// account changed.
    pub(crate) fn sent(&mut self) -> bool {
        let Some(peer) = &mut self.peer else { return false };
        let owed = std::mem::replace(&mut peer.owes, Owes::Nothing);
        if owed == Owes::Nothing || !peer.account.scheme().has_nonce() {
            return false;
        }
        let Some(fresh) = self.fresh.take() else { return false };
        if owed == Owes::Challenge {
            peer.challenged = Some(fresh);
            return false;
        }
        peer.account.set_nonce(fresh);
        true
    }

    /// What goes into the header of our message.
    pub(crate) fn credentials(&self) -> Option<Cred<'static>> {
        let own = self.own.as_ref().filter(|own| !own.accepted)?;
        credentials(&own.now())
    }

    /// The user's name, which stands beside MD5 credentials (OMA-TS-DM_RepPro 1.2.1, 4.1.1.9).
    pub(crate) fn user(&self) -> Option<&str> {
        let account = &self.own.as_ref()?.account;
        (account.scheme() == Scheme::Md5).then(|| account.user())
    }

    /// What goes beside our message.
    pub(crate) fn hmac(&self, body: &[u8]) -> Option<String> {
        let own = self.own.as_ref().filter(|own| !own.accepted)?;
        Some(own.now().hmac(body)?.to_string())
    }

    /// Whether we have credentials, so that what is refused for lack of them is sent again.
    pub(crate) fn proves(&self) -> bool {
        self.own.is_some()
    }

    /// Whether the peer may still refuse what we send, so that it has to be sent again.
    pub(crate) fn may_be_challenged(&self) -> bool {
        self.own.as_ref().is_some_and(|own| !own.accepted)
    }

    /// Reads the peer's status for our header. Also says whether our account changed.
    pub(crate) fn header_status(&mut self, status: &Status<'_>) -> (HeaderAnswer, bool) {
        let code = status.code().unwrap_or(StatusCode::COMMAND_FAILED);
        let trusted = self.peer.as_ref().is_none_or(|peer| peer.accepted);
        let meta = status.challenge.as_ref().map(|challenge| &challenge.meta);
        let next = meta.and_then(|meta| meta.next_nonce.as_deref());
        let next = next.and_then(|nonce| Nonce::from_base64(nonce).ok());
        let Some(own) = &mut self.own else {
            let refused = !code.is_success();
            return (if refused { HeaderAnswer::Refused(code) } else { HeaderAnswer::Fine }, false);
        };
        if code.is_success() {
            own.tries = 0;
            // 212 holds for the session, whatever later messages are answered. HMAC has none.
            own.accepted |=
                code == StatusCode::AUTHENTICATED && own.account.scheme() != Scheme::Hmac;
            let changed = next.is_some() && trusted;
            match next {
                Some(nonce) if trusted => {
                    own.challenged = None;
                    own.account.set_nonce(nonce);
                }
                Some(nonce) => own.challenged = Some(nonce),
                None => {}
            }
            return (HeaderAnswer::Fine, changed);
        }
        // A challenge is answered with the scheme that it names, once.
        let scheme = meta.and_then(|meta| meta.typ.as_deref()).and_then(Scheme::from_type);
        let asked = matches!(code, StatusCode::UNAUTHORIZED | StatusCode::MISSING_CREDENTIALS);
        let can = scheme == Some(own.account.scheme())
            && (next.is_some() || !own.account.scheme().has_nonce());
        if asked && can && own.tries == 0 && !own.accepted {
            own.tries = 1;
            own.challenged = next;
            return (HeaderAnswer::SendAgain(code), false);
        }
        (HeaderAnswer::Refused(code), false)
    }

    /// What the next session begins with: the accounts, and nothing that was proven.
    pub(crate) fn next_session(self) -> Self {
        Self {
            peer: self.peer.map(|peer| Verifying::new(peer.account, peer.every_message)),
            own: self.own.map(|own| Proving::new(own.account)),
            fresh: self.fresh,
        }
    }
}
