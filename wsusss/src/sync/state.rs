//! What is stored between two steps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

use super::config::{Config, Filter, MIN_INTERVAL};
use crate::id::{UpdateId, UpdateKey};
use crate::messages::{AuthorizationCookie, Cookie};

/// The version that this program writes and reads.
pub const STATE_VERSION: u32 = 2;

/// The machine between two steps: a plain value, serialisable with the feature `serde`. Times are
/// seconds since 1970.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default))]
pub struct SyncState {
    pub(super) version: u32,
    /// Whose cookies and anchors these are.
    pub(super) peer: Peer,
    /// What devices need.
    pub(super) wanted: BTreeMap<UpdateId, Wanted>,
    /// The newest revision that was committed.
    pub(super) known: BTreeMap<UpdateId, u32>,
    /// Definition updates, so that they are not fetched to find out again: a number that says which
    /// was met first, and the revision.
    pub(super) left_out: BTreeMap<UpdateId, (u64, u32)>,
    pub(super) left_out_count: u64,
    /// What the server did not have.
    pub(super) resting: BTreeMap<UpdateId, BTreeMap<u32, Rest>>,
    /// The authorization service's address.
    pub(super) authorization_url: Option<String>,
    pub(super) authorization_cookie: Option<AuthorizationCookie>,
    pub(super) session_cookie: Option<Cookie>,
    /// The last cookie, if the server refused it: by it a server still sees that it is another one
    /// than the anchors are of.
    pub(super) refused_cookie: Option<Cookie>,
    /// The most updates in one request that the server allows.
    pub(super) server_max: Option<u32>,
    pub(super) server_version: Option<String>,
    pub(super) config_anchor: Option<String>,
    pub(super) categories: List,
    pub(super) updates: List,
    /// Bytes that a document took lately.
    pub(super) document_size: usize,
    /// The caller's clock when it was last seen.
    pub(super) seen: Option<i64>,
    pub(super) last_start: Option<i64>,
    pub(super) next_run: Option<i64>,
    pub(super) run: Option<Run>,
    pub(super) last_run: Option<super::Summary>,
    pub(super) pending_call: Option<InFlight>,
    pub(super) next_token: u64,
    /// The next run takes the lists over from their beginning.
    pub(super) start_over: bool,
}

impl Default for SyncState {
    fn default() -> Self {
        Self {
            version: STATE_VERSION,
            peer: Peer::default(),
            wanted: BTreeMap::new(),
            known: BTreeMap::new(),
            left_out: BTreeMap::new(),
            left_out_count: 0,
            resting: BTreeMap::new(),
            authorization_url: None,
            authorization_cookie: None,
            session_cookie: None,
            refused_cookie: None,
            server_max: None,
            server_version: None,
            config_anchor: None,
            categories: List::default(),
            updates: List::default(),
            document_size: 0,
            seen: None,
            last_start: None,
            next_run: None,
            run: None,
            last_run: None,
            pending_call: None,
            next_token: 1,
            start_over: false,
        }
    }
}

/// Whose cookies and anchors the state holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Peer {
    pub(super) server: String,
    pub(super) account: (String, String),
    pub(super) protocol_version: String,
}

impl Peer {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            server: config.server.clone(),
            account: (config.account_name.clone(), config.account_guid.clone()),
            protocol_version: config.protocol_version.clone(),
        }
    }
}

/// An update that is needed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Wanted {
    /// The revisions that were named.
    pub(super) revisions: BTreeSet<u32>,
    /// How many bundles it is inside of.
    pub(super) depth: u32,
    /// The revision that the server says it has now, which nobody named. It is asked for besides,
    /// and forgotten once that does not help.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) told: Option<u32>,
}

impl Wanted {
    /// What is asked for.
    pub(super) fn highest_first(&self) -> impl Iterator<Item = u32> + use<'_> {
        let told = self.told;
        let is_above = move |revision: &u32| told.is_none_or(|told| *revision > told);
        let named = || self.revisions.iter().rev().copied();
        named().take_while(is_above).chain(told).chain(named().skip_while(is_above))
    }

    /// Whether a revision is asked for.
    pub(super) fn has(&self, revision: u32) -> bool {
        self.told == Some(revision) || self.revisions.contains(&revision)
    }
}

/// A revision that the server did not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Rest {
    pub(super) until: i64,
    pub(super) attempts: u32,
}

/// A list of the server's: how far it was taken over.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct List {
    /// Everything before it was committed.
    pub(super) anchor: Option<String>,
    /// The filter that the anchor is good for.
    pub(super) filter: Filter,
    pub(super) taking: Option<Taking>,
}

/// A list that is being taken over: its anchor counts when nothing remains.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Taking {
    pub(super) anchor: Option<String>,
    pub(super) filter: Filter,
    pub(super) remaining: BTreeMap<UpdateId, u32>,
}

impl List {
    /// A revision was committed or given up; takes over the anchor if it was the last.
    pub(super) fn settle(&mut self, key: &UpdateKey) {
        if let Some(taking) = &mut self.taking
            && taking.remaining.get(&key.id).is_some_and(|revision| *revision <= key.revision)
        {
            taking.remaining.remove(&key.id);
        }
        self.promote();
    }

    pub(super) fn promote(&mut self) {
        if let Some(taking) = self.taking.take_if(|taking| taking.remaining.is_empty()) {
            self.anchor = taking.anchor;
            self.filter = taking.filter;
        }
    }
}

/// One of the two lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) enum Which {
    Categories,
    Updates,
}

impl Which {
    /// The step of a run that follows when the list is there.
    pub(super) const fn next(self) -> Stage {
        match self {
            Self::Categories => Stage::Updates,
            Self::Updates => Stage::Needed,
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) enum Stage {
    #[default]
    Categories,
    Updates,
    Needed,
}

/// A run that is under way.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default))]
pub(super) struct Run {
    pub(super) stage: Stage,
    /// What is still to be asked for.
    pub(super) queue: VecDeque<VecDeque<UpdateKey>>,
    /// What was delivered or given up, and is not asked for again in this run.
    pub(super) asked: BTreeSet<UpdateKey>,
    pub(super) config_read: bool,
    /// The cookie is of this run and seemed to have ended when it came: the server's clock and not
    /// ours says how long it is good.
    pub(super) fresh_cookie: bool,
    /// How often in a row the server refused a cookie.
    pub(super) refusals: u32,
    /// How often in a row a request failed without a fault of its own.
    pub(super) retries: u32,
    /// How often in a row documents were refused.
    pub(super) failures: u32,
    pub(super) server_changed: bool,
    /// Lists whose anchor the server did not take.
    pub(super) anchors_dropped: Vec<Which>,
    /// What was delivered while its answer came, before the addresses of its files did. They are
    /// handed out when the answer, or a repeated one, is complete.
    pub(super) without_files: BTreeSet<UpdateKey>,
    /// Of what was named the server does not have the revision: to be asked what it is now.
    pub(super) outdated: BTreeSet<UpdateId>,
    /// What was asked so, and is not again in this run.
    pub(super) looked_up: BTreeSet<UpdateId>,
    /// The server does not tell.
    pub(super) no_lookups: bool,
    /// The most in one question, after longer ones were refused; 0 for as many as in a batch.
    pub(super) lookup_max: u32,
    /// Whether a question was answered.
    pub(super) lookups_work: bool,
    /// Questions about one update alone that were refused.
    pub(super) lookup_failures: u32,
    /// The next run is wanted soon.
    pub(super) hurried: bool,
    pub(super) wait: Option<i64>,
    pub(super) summary: super::Summary,
}

/// A request that was not answered.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct InFlight {
    pub(super) token: u64,
    pub(super) call: Call,
}

/// A call.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) enum Call {
    AuthConfig,
    Authorization,
    Cookie,
    Config,
    List(Which, Filter),
    Updates(Vec<UpdateKey>),
    /// What revisions these have now.
    Current(BTreeSet<UpdateId>),
}

/// The time, or the end of time on that side: one that was far away must not become 1970.
pub(super) fn time(seconds: i64) -> DateTime<Utc> {
    let end = if seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp(seconds, 0).unwrap_or(end)
}

impl Run {
    /// Whether the addresses of an update's files are still to come, whichever revision it was
    /// delivered at.
    pub(super) fn awaits_files(&self, id: UpdateId) -> bool {
        let all = UpdateKey::new(id, 0)..=UpdateKey::new(id, u32::MAX);
        self.without_files.range(all).next().is_some()
    }
}

impl SyncState {
    /// The earliest time of the next run: [`MIN_INTERVAL`] after the last one has begun.
    pub(super) fn soonest(&self) -> Option<i64> {
        self.last_start.map(|start| start.saturating_add(MIN_INTERVAL.num_seconds()))
    }

    /// The cookie is good no more; the next one is asked for with it.
    pub(super) fn retire_cookie(&mut self) {
        self.refused_cookie = self.session_cookie.take().or(self.refused_cookie.take());
    }

    /// The cookie of the last GetCookie that went well (MS-WSUSSS 3.1.4.3.2.1).
    pub(super) fn old_cookie(&self) -> Option<&Cookie> {
        self.session_cookie.as_ref().or(self.refused_cookie.as_ref())
    }

    /// Forgets how to get a cookie.
    pub(super) fn forget_authorization(&mut self) {
        self.authorization_url = None;
        self.authorization_cookie = None;
        self.retire_cookie();
    }

    /// Forgets cookies too: they mean nothing to whoever is asked next.
    pub(super) fn forget_cookies(&mut self) {
        self.forget_authorization();
        self.refused_cookie = None;
    }

    /// Forgets what only means something to the server before (MS-WSUSSS 2.2.9.3, ServerChanged).
    pub(super) fn forget_anchors(&mut self) {
        self.categories = List::default();
        self.updates = List::default();
        self.config_anchor = None;
        self.server_max = None;
    }

    /// The clock went back by so many seconds: what was to be waited is waited still.
    pub(super) fn shift(&mut self, seconds: i64) {
        let back = |time: &mut i64| *time = time.saturating_sub(seconds);
        let times = [&mut self.last_start, &mut self.next_run];
        times.into_iter().flatten().for_each(back);
        if let Some(run) = &mut self.run {
            run.wait.iter_mut().for_each(back);
        }
        for rest in self.resting.values_mut().flat_map(BTreeMap::values_mut) {
            back(&mut rest.until);
        }
    }

    pub(super) fn list(&mut self, which: Which) -> &mut List {
        match which {
            Which::Categories => &mut self.categories,
            Which::Updates => &mut self.updates,
        }
    }

    /// Whether a revision is left in peace.
    pub(super) fn rests(&self, key: &UpdateKey, now: DateTime<Utc>) -> bool {
        self.rest(key).is_some_and(|rest| time(rest.until) > now)
    }

    pub(super) fn rest(&self, key: &UpdateKey) -> Option<&Rest> {
        self.resting.get(&key.id)?.get(&key.revision)
    }

    /// Forgets the rest of what nobody asks for any more: revisions that were displaced by higher
    /// ones, and those of lists that the server has taken back.
    pub(super) fn forget_rests(&mut self) {
        let mut resting = std::mem::take(&mut self.resting);
        resting.retain(|id, revisions| {
            let named = self.wanted.get(id).map(|wanted| &wanted.revisions);
            revisions.retain(|revision, _| {
                named.is_some_and(|named| named.contains(revision))
                    || self.is_listed(&UpdateKey::new(*id, *revision))
            });
            !revisions.is_empty()
        });
        self.resting = resting;
    }

    /// Whether a list waits for this revision.
    pub(super) fn is_listed(&self, key: &UpdateKey) -> bool {
        let takings = [&self.categories.taking, &self.updates.taking];
        let revision = Some(&key.revision);
        takings.into_iter().flatten().any(|taking| taking.remaining.get(&key.id) == revision)
    }

    pub(super) fn is_known(&self, key: &UpdateKey) -> bool {
        self.known.get(&key.id).is_some_and(|known| *known >= key.revision)
    }
}
