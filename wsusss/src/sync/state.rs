//! What is stored between two steps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

use crate::id::{UpdateId, UpdateKey};
use crate::messages::{AuthPlugIn, AuthorizationCookie, Cookie};

/// The version that this program writes and reads.
pub const STATE_VERSION: u32 = 1;

/// The machine between two steps: a plain value, serialisable with the feature `serde`. Times are
/// seconds since 1970.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct SyncState {
    pub(super) version: u32,
    /// What devices need, with the revision they named.
    pub(super) needed: BTreeMap<UpdateId, u32>,
    /// The newest revision that was committed.
    pub(super) known: BTreeMap<UpdateId, u32>,
    /// Definition updates, so that they are not fetched to find out again.
    pub(super) definitions: BTreeSet<UpdateId>,
    pub(super) quarantine: BTreeMap<UpdateId, Quarantine>,
    pub(super) plug_in: Option<AuthPlugIn>,
    pub(super) authorization: Option<AuthorizationCookie>,
    pub(super) cookie: Option<Cookie>,
    /// The most updates in one request that the server allows.
    pub(super) max_updates: Option<u32>,
    pub(super) next_run: Option<i64>,
    pub(super) run: Option<Run>,
    pub(super) in_flight: Option<InFlight>,
    pub(super) next_token: u64,
}

impl Default for SyncState {
    fn default() -> Self {
        Self {
            version: STATE_VERSION,
            needed: BTreeMap::new(),
            known: BTreeMap::new(),
            definitions: BTreeSet::new(),
            quarantine: BTreeMap::new(),
            plug_in: None,
            authorization: None,
            cookie: None,
            max_updates: None,
            next_run: None,
            run: None,
            in_flight: None,
            next_token: 1,
        }
    }
}

/// An update that the server did not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Quarantine {
    pub(super) until: i64,
    pub(super) attempts: u32,
}

/// A run that is under way.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Run {
    /// What is still to be asked for.
    pub(super) batches: VecDeque<Vec<UpdateKey>>,
    /// How often the cookie was renewed.
    pub(super) renewals: u32,
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
    Updates(Vec<UpdateKey>),
}

pub(super) fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}
