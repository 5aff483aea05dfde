//! The session: what the vendor sees and asks for.

use std::fmt;

use super::check::sendable;
use super::config::Config;
use super::error::SessionError;
use super::event::Event;
use super::job::Job;
use super::state::{OLDEST_VERSION, STATE_VERSION, SessionState};
use super::{Peek, session};
#[cfg(feature = "auth")]
use crate::auth::{Account, Nonce};
use crate::error::Error;
use crate::model::Command;
use crate::upsert::Upsert;

/// One session with one device. `K` is the vendor's own key for a command.
///
/// After [`handle_message`](Self::handle_message), drain [`poll_event`](Self::poll_event), submit
/// what is to be done, take the answer from [`poll_transmit`](Self::poll_transmit), drain the
/// events once more, and store [`into_state`](Self::into_state) before the answer leaves: then a
/// repeated request gets the same bytes, whichever node it reaches, and nothing is done twice.
/// Making the answer is what shows that a command fits in no message, or that the session ends;
/// events that nobody asked for stay in the state.
///
/// ```
/// use syncml::session::{Config, Event, ServerSession};
/// use syncml::Command;
///
/// let config = Config::new("https://mdm.example/");
/// let package_1 = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>
///     <VerProto>DM/1.2</VerProto><SessionID>7</SessionID><MsgID>1</MsgID>
///     <Target><LocURI>https://mdm.example/</LocURI></Target>
///     <Source><LocURI>urn:uuid:4</LocURI></Source></SyncHdr><SyncBody>
///     <Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/></SyncBody></SyncML>"#;
///
/// let mut session = ServerSession::new(&config);
/// session.handle_message(chrono::DateTime::UNIX_EPOCH, package_1)?;
/// while let Some(event) = session.poll_event() {
///     if let Event::Began { device, .. } = event {
///         assert_eq!(device, "urn:uuid:4");
///     }
/// }
/// session.submit("inventory", Command::get("./Vendor/MSFT/Update/InstallableUpdates"))?;
/// let answer = session.poll_transmit(chrono::DateTime::UNIX_EPOCH)?;
/// assert_eq!(answer.content_type, syncml::CONTENT_TYPE_XML);
/// while let Some(_event) = session.poll_event() {} // as above: what did not fit has its outcome
/// let state = session.into_state(); // store it, then send the answer
/// # Ok::<(), syncml::Error>(())
/// ```
pub struct ServerSession<K> {
    pub(super) config: Config,
    pub(super) state: SessionState<K>,
}

impl<K> fmt::Debug for ServerSession<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSession").field("state", &self.state).finish_non_exhaustive()
    }
}

impl<K: Clone> ServerSession<K> {
    /// A session that has not begun.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone(), state: SessionState::default() }
    }

    /// Goes on where [`into_state`](Self::into_state) left off.
    ///
    /// # Errors
    /// [`SessionError::StateVersion`].
    pub fn resume(state: SessionState<K>, config: &Config) -> Result<Self, Error> {
        if !(OLDEST_VERSION..=STATE_VERSION).contains(&state.version) {
            return Err(session(SessionError::StateVersion(state.version)));
        }
        let state = SessionState { version: STATE_VERSION, ..state };
        Ok(Self { config: config.clone(), state })
    }

    /// The session that a device's message belongs to: the stored one, or, if it begins another
    /// one, the next ([`into_next_session`](Self::into_next_session)). A device that lost power
    /// begins anew, and not every device counts its sessions: where nothing was to be done in a
    /// session of one exchange, the same message begins the next one, unless it was made with a
    /// nonce (MD5 credentials that are asked for; those of HMAC are beside the message, which is the
    /// same in each session). Should the answer have been lost instead, what the device said is
    /// reported once more, and nothing is sent twice.
    /// *Decision*: so does the first message again in the middle of a session. Such a device would
    /// else be refused for ever; where the message was only late, what was sent is
    /// [`Unanswered`](super::Verdict::Unanswered), and nothing is sent twice.
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    pub fn open(
        stored: Option<SessionState<K>>,
        message: &Peek,
        config: &Config,
    ) -> Result<Self, Error> {
        let Some(state) = stored else { return Ok(Self::new(config)) };
        let session = Self::resume(state, config)?;
        let state = &session.state;
        let same = state.session_id.as_deref().is_none_or(|id| id == message.session_id);
        let last = state.last_message.as_ref().map(|(_, last)| *last);
        // With a nonce no two sessions begin with the same bytes; before it is challenged, a device
        // may begin without.
        let has_nonce = message.has_nonce && state.login.peer_has_nonces();
        let was_idle = state.done && state.first_message == last && !has_nonce;
        // The last message again; or the first, which is late if it has a nonce.
        let again = (state.first_message == Some(message.digest) && !state.ended && has_nonce)
            || (last == Some(message.digest) && !was_idle);
        let begins = message.msg_id.trim() == "1" && state.session_id.is_some();
        Ok(if begins && !(same && again) { session.into_next_session() } else { session })
    }

    /// The state, to be stored: all of it, also the events that were not polled.
    #[must_use]
    pub fn into_state(self) -> SessionState<K> {
        self.state
    }

    /// The session's identifier, once it began.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.state.session_id.as_deref()
    }

    /// The device's address, once the session began.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.state.device.as_deref()
    }

    /// Whether the session is over.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.state.ended
    }

    /// The commands that were submitted and not sent, in order.
    pub fn queued(&self) -> impl Iterator<Item = &K> {
        self.state.queue.keys()
    }

    /// The commands that were sent, at least in part, and have no outcome. When a session dies, the
    /// vendor decides about these: the device may have executed them.
    pub fn unanswered(&self) -> impl Iterator<Item = &K> {
        self.state.pending.iter().chain(&self.state.open).map(|job| &job.key)
    }

    /// What happened since it was last asked. To be drained after each
    /// [`handle_message`](Self::handle_message) and [`poll_transmit`](Self::poll_transmit); what was
    /// not waits, in the state and in the next session too.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event<K>> {
        self.state.events.pop_front()
    }

    /// Queues a command, without a CmdID. Commands are sent in the order of their submission. A
    /// command that cannot be sent is refused here and now, and the others do not notice.
    ///
    /// # Errors
    /// [`SessionError::QueueFull`] and [`SessionError::Ended`];
    /// [`SessionError::NotSendable`] for what a server does not send or Windows does not take:
    /// Status, Results, Put, Copy, unknown elements, and a Get or an Atomic inside an Atomic
    /// (OMA-TS-DM_RepPro 1.2.1, 4.1.6.3); [`SessionError::NoTarget`] and [`SessionError::Address`]
    /// for a node that cannot be; [`SessionError::Markup`] and
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for values that XML cannot carry.
    pub fn submit(&mut self, key: K, command: Command<'_>) -> Result<(), Error> {
        self.has_room()?;
        sendable(&command)?;
        self.state.queue.push_back(Job::new(key, command.into_owned()));
        Ok(())
    }

    /// Queues the setting of a node, whether or not it is there: one key and one outcome, for up to
    /// three commands. Several in a row go together; other commands that were submitted later wait
    /// until they are done.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub fn submit_upsert(&mut self, key: K, upsert: Upsert) -> Result<(), Error> {
        self.has_room()?;
        sendable(&upsert.command())?;
        self.state.queue.push_back(Job::upsert(key, upsert));
        Ok(())
    }

    fn has_room(&self) -> Result<(), Error> {
        let max = self.config.max_queue;
        if self.state.queue.len() >= max {
            return Err(session(SessionError::QueueFull { max }));
        }
        if self.state.ended {
            return Err(session(SessionError::Ended));
        }
        Ok(())
    }

    /// Ends the session with the next answer that is made (Alert 1223). Commands that the device has
    /// not answered get their outcome with it, also one of which only a part was sent; Gets, which
    /// can be asked again, and those that were not sent stay [`queued`](Self::queued).
    ///
    /// An answer that was made stays as it is: then the answer to the device's next message ends the
    /// session, unless there is no such message.
    pub fn abort(&mut self) {
        self.state.abort |= !self.state.ended;
    }

    /// Asks the device for the credentials of this account, from the next message on. With
    /// `every_message`, each message needs them; without, the first is enough (212). Scheme HMAC
    /// always is for every message.
    #[cfg(feature = "auth")]
    pub fn authenticate_device(&mut self, account: Account, every_message: bool) {
        self.state.login.peer = Some(super::login::Verifying::new(account, every_message));
    }

    /// Proves this account to the device, in case it asks.
    #[cfg(feature = "auth")]
    pub fn authenticate_server(&mut self, account: Account) {
        self.state.login.own = Some(super::login::Proving::new(account));
    }

    /// Gives randomness for the next nonce: 16 fresh bytes, which only this session knows. One that
    /// was not used is replaced.
    #[cfg(feature = "auth")]
    pub fn provide_nonce(&mut self, nonce: Nonce) {
        self.state.login.fresh = Some(nonce);
    }

    /// The device's account with the nonce for the next session: to be stored after
    /// [`Event::NonceChanged`].
    #[cfg(feature = "auth")]
    #[must_use]
    pub fn device_account(&self) -> Option<&Account> {
        self.state.login.peer.as_ref().map(|peer| &peer.account)
    }

    /// The server's account with the nonce for the next session: to be stored after
    /// [`Event::NonceChanged`].
    #[cfg(feature = "auth")]
    #[must_use]
    pub fn server_account(&self) -> Option<&Account> {
        self.state.login.own.as_ref().map(|own| &own.account)
    }
}
