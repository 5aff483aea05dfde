//! Keeping metadata of the updates that devices need: the algorithm that Microsoft recommends to
//! MDM vendors, as a machine without I/O.
//!
//! *Specified*: Microsoft Learn, "MDM for device updates" (seed 000): a list of needed update ids;
//! every two hours, and never more than once an hour, authorize unless a cookie is still good, ask
//! for what is not known, keep the newest revision, leave definition updates out. MS-WSUSSS
//! 3.2.4.2 for the calls.
//!
//! *Observed* (WSUS 2025): one update that the server does not know fails the whole batch with
//! `InternalServerError`. So a failing batch is halved until the update is alone, and that one is
//! left in peace for a while.

mod run;
mod state;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use chrono::{DateTime, Duration, Utc};

pub use state::{STATE_VERSION, SyncState};

use crate::error::{Error, Limits};
use crate::id::{UpdateId, UpdateKey};
use crate::messages::Fault;

/// The shortest interval between two runs that Microsoft allows.
pub const MIN_INTERVAL: Duration = Duration::hours(1);

/// What the vendor decides.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The server's root, such as `https://sws.update.microsoft.com`. The address that the
    /// documentation names (fe2.update.microsoft.com) is out of service.
    pub server: String,
    /// Who asks: any name that is valid as a host's.
    pub account_name: String,
    /// Who asks: any GUID.
    pub account_guid: String,
    /// The protocol version. Default `1.20`.
    pub protocol_version: String,
    /// Time between two runs. Default two hours; less than [`MIN_INTERVAL`] counts as that.
    pub interval: Duration,
    /// How long before its end a cookie counts as expired. Default two minutes.
    pub cookie_skew: Duration,
    /// The most updates in one request, if the server allows more. Default 100.
    pub max_batch: usize,
    /// How long an update that the server does not have is left in peace at first; doubled each
    /// time up to a day. Default one hour.
    pub quarantine: Duration,
    /// What answers may cost.
    pub limits: Limits,
}

impl Config {
    /// The defaults, for a server and an account.
    #[must_use]
    pub fn new(
        server: impl Into<String>,
        account_name: impl Into<String>,
        account_guid: impl Into<String>,
    ) -> Self {
        Self {
            server: server.into().trim_end_matches('/').to_owned(),
            account_name: account_name.into(),
            account_guid: account_guid.into(),
            protocol_version: "1.20".to_owned(),
            interval: Duration::hours(2),
            cookie_skew: Duration::minutes(2),
            max_batch: 100,
            quarantine: Duration::hours(1),
            limits: Limits::default(),
        }
    }
}

/// A request to be sent.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Transmit {
    /// Names the request when its answer comes.
    pub token: u64,
    /// Where to POST it to.
    pub url: String,
    /// The media type for `Content-Type`.
    pub content_type: &'static str,
    /// The value for the `SOAPAction` header, in quotes.
    pub soap_action: String,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Transmit {
    /// Not the body: it holds the cookie.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit")
            .field("token", &self.token)
            .field("url", &self.url)
            .field("soap_action", &self.soap_action)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A document that is newer than what was known. Store it, then say
    /// [`committed`](Sync::committed); until then it counts as not known.
    Update {
        /// Which revision of which update.
        key: UpdateKey,
        /// The document's text.
        document: String,
    },
    /// A definition update, which is left out.
    DefinitionUpdateSkipped(UpdateKey),
    /// The server does not have an update; it is asked for again after this time.
    Unavailable {
        /// The update.
        key: UpdateKey,
        /// When it is asked for again.
        until: DateTime<Utc>,
    },
    /// A document that cannot be read; treated as unavailable.
    Unreadable {
        /// The update.
        key: UpdateKey,
        /// What is wrong with it.
        error: Error,
    },
    /// A new cookie: the state has changed in something worth storing at once.
    CookieChanged,
    /// The server refused something that the machine cannot mend. The run is over, the needed
    /// updates stay needed.
    Failed(FailReason),
    /// The run is over; the next one is due then.
    Finished {
        /// When.
        next: DateTime<Utc>,
    },
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FailReason {
    /// A fault.
    Fault(Fault),
    /// An answer that cannot be read.
    Answer(Error),
    /// An answer of another kind than what was asked for.
    UnexpectedAnswer(String),
    /// The server names another server to authorize at.
    ForeignOrigin(String),
    /// The request got no answer; the vendor's words.
    NoAnswer(String),
}

/// Why the machine did not take something.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// An answer to another request than the last one.
    #[error("no request with token {0} waits for an answer")]
    Token(u64),
    /// A saved state of a version that this program does not know.
    #[error("the saved state has version {0}, this program reads version {STATE_VERSION}")]
    StateVersion(u32),
}

/// The machine.
///
/// Feed it with [`want`](Self::want); whenever [`poll_timeout`](Self::poll_timeout) is due, send
/// what [`poll_transmit`](Self::poll_transmit) gives until it gives nothing, hand each answer to
/// [`handle_response`](Self::handle_response), and drain [`poll_event`](Self::poll_event). Store
/// [`state`](Self::state) in the transaction that stores the documents.
///
/// ```
/// use chrono::DateTime;
/// use wsusss::UpdateKey;
/// use wsusss::sync::{Config, Sync};
///
/// let config = Config::new("https://sws.update.microsoft.com", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001");
/// let mut sync = Sync::new(&config);
/// sync.want(UpdateKey::new("44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a".parse()?, 200));
/// let now = DateTime::UNIX_EPOCH;
/// let request = sync.poll_transmit(now).ok_or("nothing to do")?;
/// assert!(request.soap_action.contains("GetAuthConfig"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sync {
    config: Config,
    state: SyncState,
    events: VecDeque<Event>,
}

impl Sync {
    /// A machine that knows nothing.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone(), state: SyncState::default(), events: VecDeque::new() }
    }

    /// Goes on where [`state`](Self::state) was stored. A request that was not answered then is
    /// sent again.
    ///
    /// # Errors
    /// [`SyncError::StateVersion`].
    pub fn resume(state: SyncState, config: &Config) -> Result<Self, SyncError> {
        if state.version != STATE_VERSION {
            return Err(SyncError::StateVersion(state.version));
        }
        Ok(Self { config: config.clone(), state, events: VecDeque::new() })
    }

    /// The state, to be stored. It holds the cookie, which is no secret of much value: the server
    /// gives one to anybody.
    #[must_use]
    pub fn state(&self) -> &SyncState {
        &self.state
    }

    /// Asks for the metadata of an update that a device needs. An update that is known at this
    /// revision or a higher one, or known as a definition update, is not asked for again.
    ///
    /// Returns whether it is needed now.
    pub fn want(&mut self, key: UpdateKey) -> bool {
        let state = &mut self.state;
        let known = state.known.get(&key.id).is_some_and(|revision| *revision >= key.revision);
        if known || state.definitions.contains(&key.id) {
            return false;
        }
        let revision = state.needed.entry(key.id).or_insert(key.revision);
        *revision = key.revision.max(*revision);
        true
    }

    /// No longer asks for an update.
    pub fn forget(&mut self, id: UpdateId) {
        self.state.needed.remove(&id);
        self.state.quarantine.remove(&id);
    }

    /// Says that a document was stored: the update is known, and not needed any more.
    pub fn committed(&mut self, key: UpdateKey) {
        let known = self.state.known.entry(key.id).or_insert(key.revision);
        *known = key.revision.max(*known);
        let fulfilled = self.state.needed.get(&key.id).is_some_and(|needed| *needed <= *known);
        if fulfilled {
            self.state.needed.remove(&key.id);
        }
        self.state.quarantine.remove(&key.id);
    }

    /// The updates that are needed, with the revision that devices named.
    #[must_use]
    pub fn needed(&self) -> &BTreeMap<UpdateId, u32> {
        &self.state.needed
    }

    /// The newest revision of each update that is known.
    #[must_use]
    pub fn known(&self) -> &BTreeMap<UpdateId, u32> {
        &self.state.known
    }

    /// What happened since it was last asked.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When there is something to do again, if anything is needed. To be asked after everything
    /// else.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<DateTime<Utc>> {
        if self.state.needed.is_empty() && self.state.in_flight.is_none() {
            return None;
        }
        Some(self.state.next_run.map_or(DateTime::UNIX_EPOCH, state::time))
    }
}
