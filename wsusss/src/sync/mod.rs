//! Keeping update metadata: the algorithm that Microsoft recommends to MDM vendors, and the full
//! sync of MS-WSUSSS, as one machine without I/O.
//!
//! *Specified*: Microsoft Learn, "MDM for device updates" (seed 000): a list of needed update ids;
//! every two hours, and never more than once an hour, authorize unless a cookie is still good, ask
//! for what is not known, keep the newest revision, leave definition updates out. MS-WSUSSS
//! 3.2.4.2: the calls, their order, and the anchors of a sync by categories and classifications.
//!
//! *Observed* (WSUS 2025): one update that the server does not know fails the whole batch with
//! `InternalServerError`. So a failing batch is halved until the update is alone, and that one is
//! left in peace for a while; the rest is stored.
//!
//! *Decision*: what devices name is asked for as they name it. Where they name revisions that the
//! server does not have, [`Config::current_revisions`] asks it for those that it has.
//!
//! *Decision*: the anchor of a list counts once every document of it was
//! [committed](Sync::committed) or given up, and not when the list arrives (3.2.4.2): a crash in
//! between loses nothing. What is given up stays needed and is asked for again.

mod answers;
mod chunks;
mod config;
mod current;
mod documents;
mod progress;
mod run;
mod state;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use chrono::{DateTime, Utc};

pub use config::{Config, Filter, MIN_INTERVAL, Scope};
pub use progress::{Phase, Progress, Summary};
pub use state::{STATE_VERSION, SyncState};

use crate::endpoints::same_host;
use crate::error::Error;
use crate::id::{MAX_REVISION, UpdateId, UpdateKey};
use crate::messages::{Fault, FileUrl};
use state::{Call, Wanted};

/// The most revisions of one update that are remembered as needed; of more, the highest.
const MAX_REVISIONS: usize = 8;
/// The most definition updates that are remembered as such.
const MAX_LEFT_OUT: usize = 10_000;

/// A request to be sent.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Transmit {
    /// Names the request when its answer comes.
    pub token: u64,
    /// Where to POST it to.
    pub url: String,
    /// The value for the `Content-Type` header.
    pub content_type: String,
    /// The value for the `SOAPAction` header, in quotes. SOAP 1.2 has it in the content type too.
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
    #[non_exhaustive]
    Update {
        /// Which revision of which update.
        key: UpdateKey,
        /// The document's text.
        document: String,
        /// Where its files can be had, licence terms included.
        files: Vec<FileUrl>,
    },
    /// Where more files of an update can be had, of which the document came in this answer, or in
    /// one before that broke off: only with
    /// [`handle_response_chunk`](Sync::handle_response_chunk), where documents do not wait for
    /// their addresses. After an answer that broke off, some may be named again.
    #[non_exhaustive]
    Files {
        /// The update.
        key: UpdateKey,
        /// Where its files can be had.
        files: Vec<FileUrl>,
    },
    /// A definition update, which is left out: there is no document. Note that the update is of
    /// the classification [`UpdateId::DEFINITION_UPDATES`], which is how it is approved and what a
    /// report needs to know of it; devices name it like any other.
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
    /// The server does not tell what revisions updates have now, which
    /// [`Config::current_revisions`] asks for: why. The run goes on without.
    NoCurrentRevisions(FailReason),
    /// A new cookie: the state has changed in something worth storing at once.
    CookieChanged,
    /// The server is another one than before, although its address is the same: it was restored or
    /// replaced. Lists are taken over from their beginning.
    ServerChanged,
    /// A request failed and is repeated later.
    Waiting {
        /// Why.
        reason: FailReason,
        /// When it is repeated.
        until: DateTime<Utc>,
    },
    /// Parts of a bundle that are not followed, because [`Config::max_needed`] updates are needed
    /// already.
    #[non_exhaustive]
    NoRoom {
        /// The bundle.
        key: UpdateKey,
        /// How many parts.
        parts: usize,
    },
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
    /// So many requests for documents were refused in a row that the server is to be mended, and
    /// not the list of updates. The last fault.
    ServerFails(Fault),
    /// The protocol versions do not fit.
    Version {
        /// Ours.
        ours: String,
        /// The server's, if it has said.
        theirs: Option<String>,
    },
    /// An answer that cannot be read.
    Answer(Error),
    /// An answer of another kind than what was asked for, or without its result.
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

/// What became of a wish.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Want {
    /// It is needed now, if it was not before.
    Needed,
    /// It is known at this revision or a higher one.
    Known,
    /// It is a definition update, which is left out; see [`Event::DefinitionUpdateSkipped`].
    LeftOut,
    /// [`Config::max_needed`] updates are needed already.
    Full,
    /// No server can have it: revisions end at 2,147,483,647. Asking for it would fail all that is
    /// asked for with it.
    Impossible,
}

/// The machine.
///
/// Feed it with [`want`](Self::want); whenever [`poll_timeout`](Self::poll_timeout) is due, send
/// what [`poll_transmit`](Self::poll_transmit) gives until it gives nothing, hand each answer to
/// [`handle_response`](Self::handle_response) or, while it arrives, to
/// [`handle_response_chunk`](Self::handle_response_chunk), and drain [`poll_event`](Self::poll_event). Store
/// [`state`](Self::state) in the transaction that stores the documents.
///
/// There is at most one request without an answer. A run begins [`Config::interval`] after the one
/// before has ended and never less than [`MIN_INTERVAL`] after it has begun; inside it, a request is
/// repeated a bounded number of times.
///
/// ```
/// use chrono::DateTime;
/// use wsusss::sync::{Config, Sync};
/// use wsusss::{UpdateKey, endpoints};
///
/// let config = Config::new(endpoints::MICROSOFT_UPDATE, "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001");
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
    /// What has come of an answer in chunks.
    receiving: Option<Box<chunks::Receiving>>,
    /// Nothing that is needed is due in this run, and none became so since that was found out.
    nothing_due: bool,
}

impl Sync {
    /// A machine that knows nothing.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let state = SyncState { peer: state::Peer::of(config), ..SyncState::default() };
        Self::of(state, config)
    }

    /// Goes on where [`state`](Self::state) was stored. A request that was not answered then is
    /// sent again, unless the configuration has changed in what it was about.
    ///
    /// # Errors
    /// [`SyncError::StateVersion`].
    pub fn resume(state: SyncState, config: &Config) -> Result<Self, SyncError> {
        if state.version != STATE_VERSION {
            return Err(SyncError::StateVersion(state.version));
        }
        let mut sync = Self::of(state, config);
        sync.take_over_config();
        // What no server can have would fail all that is asked for with it.
        sync.state.wanted.retain(|_, wanted| {
            wanted.revisions.retain(|revision| *revision <= MAX_REVISION);
            wanted.told.take_if(|told| *told > MAX_REVISION);
            !wanted.revisions.is_empty()
        });
        // Whatever was stored, names and accounts go nowhere but to the server.
        if let Some(url) = sync.state.authorization_url.take() {
            sync.state.authorization_url = sync.authorization_url(&url);
        }
        Ok(sync)
    }

    fn of(state: SyncState, config: &Config) -> Self {
        let (config, events) = (config.clone(), VecDeque::new());
        Self { config, state, events, receiving: None, nothing_due: false }
    }

    /// The state, to be stored. It holds the cookie, which is no secret of much value: the server
    /// gives one to anybody.
    #[must_use]
    pub fn state(&self) -> &SyncState {
        &self.state
    }

    /// The state itself. Events that were not polled are lost; what they were about is asked for
    /// again.
    #[must_use]
    pub fn into_state(self) -> SyncState {
        self.state
    }

    /// What another configuration means for what is stored.
    fn take_over_config(&mut self) {
        if self.config.definition_updates {
            // What was left out until now is needed.
            // What there is no room for waits where it is.
            for (id, (met, revision)) in std::mem::take(&mut self.state.left_out) {
                let key = UpdateKey::new(id, revision);
                if self.state.is_known(&key) {
                    // Stored all the same, and not missing.
                } else if self.has_room(id) {
                    self.need(key, 0);
                } else {
                    self.state.left_out.insert(id, (met, revision));
                }
            }
        }
        if let Some(Call::List(which, filter)) =
            self.state.pending_call.as_ref().map(|pending| &pending.call)
            && self.filter_of(*which).as_ref() != Some(filter)
        {
            // A list that nobody wants any more.
            self.state.pending_call = None;
        }
        if !self.config.current_revisions {
            let is_lookup =
                |pending: &mut state::InFlight| matches!(pending.call, Call::Current(_));
            self.state.pending_call.take_if(is_lookup);
        }
        let peer = state::Peer::of(&self.config);
        let before = &self.state.peer;
        if *before == peer {
            return;
        }
        let same = before.account == peer.account
            && before.protocol_version == peer.protocol_version
            && same_host(&before.server, &peer.server);
        if before.server != peer.server {
            // An anchor that another server took for its own would hide updates for ever.
            self.state.forget_anchors();
            self.state.resting.clear();
            self.state.authorization_url = None;
        }
        if !same {
            self.state.forget_cookies();
        }
        self.state.pending_call = None;
        if let Some(run) = &mut self.state.run {
            // Begins again from its first step, with what it had counted.
            let (summary, hurried) = (run.summary, run.hurried);
            *run = state::Run { summary, hurried, ..state::Run::default() };
        }
        self.state.peer = peer;
    }

    /// Asks for the metadata of an update that a device needs. An update that is known at this
    /// revision or a higher one, or known as a definition update, is not asked for again.
    pub fn want(&mut self, key: UpdateKey) -> Want {
        if key.revision > MAX_REVISION {
            return Want::Impossible;
        }
        if self.state.is_known(&key) {
            return Want::Known;
        }
        if !self.config.definition_updates && self.state.left_out.contains_key(&key.id) {
            return Want::LeftOut;
        }
        if !self.has_room(key.id) {
            return Want::Full;
        }
        self.need(key, 0);
        Want::Needed
    }

    /// Whether one more can be needed.
    fn has_room(&self, id: UpdateId) -> bool {
        let wanted = &self.state.wanted;
        wanted.contains_key(&id) || wanted.len() < self.config.max_needed
    }

    fn need(&mut self, key: UpdateKey, depth: u32) {
        self.nothing_due = false;
        let fresh = || Wanted { depth, ..Wanted::default() };
        let wanted = self.state.wanted.entry(key.id).or_insert_with(fresh);
        wanted.depth = wanted.depth.min(depth);
        wanted.revisions.insert(key.revision);
        wanted.told.take_if(|told| *told == key.revision);
        if wanted.revisions.len() > MAX_REVISIONS {
            wanted.revisions.pop_first();
        }
    }

    /// No longer asks for an update. One that the server listed for [`Scope::Updates`] is not asked
    /// for either, until it lists it again.
    pub fn forget(&mut self, id: UpdateId) {
        self.state.wanted.remove(&id);
        self.state.resting.remove(&id);
        let all = UpdateKey::new(id, u32::MAX);
        self.state.categories.settle(&all);
        self.state.updates.settle(&all);
    }

    /// Leaves an update out as a definition update, without fetching it to find out.
    pub fn leave_out(&mut self, key: UpdateKey) {
        self.note_left_out(key);
        self.forget(key.id);
    }

    /// Says that a document was stored: the update is known, and not needed any more.
    pub fn committed(&mut self, key: UpdateKey) {
        let known = self.state.known.entry(key.id).or_insert(key.revision);
        *known = key.revision.max(*known);
        let known = UpdateKey::new(key.id, *known);
        self.settle(known);
    }

    /// A revision is dealt with, and so are all older ones.
    fn settle(&mut self, key: UpdateKey) {
        let state = &mut self.state;
        if let Some(wanted) = state.wanted.get_mut(&key.id) {
            wanted.revisions.retain(|revision| *revision > key.revision);
            wanted.told.take_if(|told| *told <= key.revision);
            if wanted.revisions.is_empty() {
                state.wanted.remove(&key.id);
            }
        }
        if let Some(resting) = state.resting.get_mut(&key.id) {
            resting.retain(|revision, _| *revision > key.revision);
            if resting.is_empty() {
                state.resting.remove(&key.id);
            }
        }
        state.categories.settle(&key);
        state.updates.settle(&key);
    }

    /// Says that what was stored of an update is gone: it counts as not known. Ask for it again
    /// with [`want`](Self::want).
    pub fn lost(&mut self, id: UpdateId) {
        self.state.known.remove(&id);
    }

    /// Begins the next run as soon as Microsoft's rule allows: [`MIN_INTERVAL`] after the last one
    /// has begun. While a run is under way, the next one is the one after it.
    pub fn hurry(&mut self) {
        let soonest = self.state.soonest();
        if let (Some(next), Some(soonest)) = (&mut self.state.next_run, soonest) {
            *next = soonest.min(*next);
        }
        if let Some(run) = &mut self.state.run {
            run.hurried = true;
        }
    }

    /// Takes the lists of [`Scope::Categories`] and [`Scope::Updates`] over from their beginning,
    /// in the next run. A run that is under way goes on as it began.
    pub fn start_over(&mut self) {
        if self.state.run.is_some() {
            self.state.start_over = true;
        } else {
            self.state.forget_anchors();
        }
    }

    /// Gives the machine another random number for its waits; see [`Config::jitter`].
    pub fn set_jitter(&mut self, jitter: u32) {
        self.config.jitter = jitter;
    }

    /// The updates that are needed, with the highest revision that was named.
    #[must_use]
    pub fn needed(&self) -> BTreeMap<UpdateId, u32> {
        let highest = |wanted: &Wanted| wanted.revisions.last().copied().unwrap_or_default();
        self.state.wanted.iter().map(|(id, wanted)| (*id, highest(wanted))).collect()
    }

    /// The newest revision of each update that is known.
    #[must_use]
    pub fn known(&self) -> &BTreeMap<UpdateId, u32> {
        &self.state.known
    }

    /// Whether an update is remembered as a definition update that was left out: what is known of
    /// it is its classification, [`UpdateId::DEFINITION_UPDATES`]. Of 10,000 of them the oldest is
    /// forgotten when another one comes.
    #[must_use]
    pub fn is_left_out(&self, id: UpdateId) -> bool {
        self.state.left_out.contains_key(&id)
    }

    /// The revisions that the server did not have, and when each is asked for again.
    pub fn quarantine(&self) -> impl Iterator<Item = (UpdateKey, DateTime<Utc>)> {
        self.state.resting.iter().flat_map(|(id, revisions)| {
            revisions
                .iter()
                .map(|(revision, rest)| (UpdateKey::new(*id, *revision), state::time(rest.until)))
        })
    }

    /// The anchors that count: of the categories and of the updates.
    #[must_use]
    pub fn anchors(&self) -> (Option<&str>, Option<&str>) {
        let (categories, updates) = (&self.state.categories, &self.state.updates);
        (categories.anchor.as_deref(), updates.anchor.as_deref())
    }

    /// What happened since it was last asked.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let Some(run) = &self.state.run else {
            return Progress::new(Phase::Idle, self.state.last_run.unwrap_or_default());
        };
        let phase = match (run.wait, &self.state.pending_call) {
            (Some(until), _) => Phase::Waiting(state::time(until)),
            (None, None) => Phase::Documents,
            (None, Some(pending)) => match pending.call {
                Call::AuthConfig | Call::Authorization | Call::Cookie => Phase::Authorizing,
                Call::Config => Phase::Configuration,
                Call::List(..) | Call::Current(_) => Phase::Listing,
                Call::Updates(_) => Phase::Documents,
            },
        };
        Progress::new(phase, run.summary)
    }
}
