//! What is known about a device.

use std::collections::BTreeMap;

use super::overlay::ancestors;
use crate::codes::StatusCode;
use crate::loc_uri::LocUri;
use crate::session::{LoginStatus, Outcome, SyncType};

/// Whether a node is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Presence {
    /// It is.
    Present,
    /// It is not.
    Absent,
    /// Nobody knows.
    Unknown,
}

/// What can be done to a node (OMA-TS-DM_TND 1.2.1, AccessType).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Verb {
    /// Add.
    Add,
    /// Copy.
    Copy,
    /// Delete.
    Delete,
    /// Exec.
    Exec,
    /// Get.
    Get,
    /// Replace.
    Replace,
}

/// What is known about a device. Everything may be unknown; a catalog of CSPs can say more than
/// [`Observed`] does.
pub trait Knowledge {
    /// Whether this node is there. The address has no query.
    fn presence(&self, uri: &LocUri) -> Presence {
        let _ = uri;
        Presence::Unknown
    }

    /// Whether this node allows this verb, if that is known.
    fn allows(&self, uri: &LocUri, verb: Verb) -> Option<bool> {
        let _ = (uri, verb);
        None
    }

    /// Who is signed in, if that is known.
    fn login(&self) -> Option<LoginStatus> {
        None
    }

    /// Whose nodes the session is for, if that is known.
    fn sync_type(&self) -> Option<SyncType> {
        None
    }

    /// The device's MaxObjSize, if it said one.
    fn max_obj_size(&self) -> Option<usize> {
        None
    }

    /// `./DevDetail/URI/MaxTotLen`; *observed*: Windows says 0, which is no limit.
    fn max_uri_len(&self) -> Option<usize> {
        None
    }
}

/// What a device told us: nodes that were seen, and nodes that were looked for and missed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Observed {
    nodes: BTreeMap<String, bool>,
    verbs: BTreeMap<String, Vec<(Verb, bool)>>,
    /// Bytes of the addresses in both.
    bytes: usize,
    /// How many bytes of addresses are remembered; what would be more is not learnt. Default 8 MiB.
    pub max_bytes: usize,
    /// Who is signed in, from [`Event::Login`](crate::session::Event::Login).
    pub login: Option<LoginStatus>,
    /// Whose nodes the session is for, from
    /// [`Event::SyncType`](crate::session::Event::SyncType).
    pub sync_type: Option<SyncType>,
    /// The device's MaxObjSize.
    pub max_obj_size: Option<usize>,
    /// `./DevDetail/URI/MaxTotLen`.
    pub max_uri_len: Option<usize>,
}

impl Default for Observed {
    fn default() -> Self {
        Self {
            nodes: BTreeMap::new(),
            verbs: BTreeMap::new(),
            bytes: 0,
            max_bytes: 8 << 20,
            login: None,
            sync_type: None,
            max_obj_size: None,
            max_uri_len: None,
        }
    }
}

impl Observed {
    /// The node is there, and so are those above it. What is no address is passed over.
    pub fn learn_present(&mut self, uri: &str) {
        let Ok(uri) = uri.parse::<LocUri>() else { return };
        let key = uri.key();
        for above in ancestors(&key) {
            self.remember(above, true);
        }
        self.remember(&key, true);
    }

    /// The node is not there, and so nothing below it is.
    pub fn learn_absent(&mut self, uri: &str) {
        let Ok(uri) = uri.parse::<LocUri>() else { return };
        let key = uri.key();
        let below = format!("{key}\u{0}");
        // They are gone with it; what is not remembered costs no time again.
        let range = self.nodes.range(below.clone()..);
        let gone = range.map(|(key, _)| key).take_while(|key| key.starts_with(&below)).cloned();
        for key in gone.collect::<Vec<_>>() {
            self.nodes.remove(&key);
            self.bytes = self.bytes.saturating_sub(key.len());
        }
        self.remember(&key, false);
    }

    fn remember(&mut self, key: &str, present: bool) {
        if let Some(known) = self.nodes.get_mut(key) {
            *known = present;
        } else if self.has_room(key) {
            self.nodes.insert(key.to_owned(), present);
        }
    }

    fn has_room(&mut self, key: &str) -> bool {
        let bytes = self.bytes.saturating_add(key.len());
        let fits = bytes <= self.max_bytes;
        if fits {
            self.bytes = bytes;
        }
        fits
    }

    /// The node allows this verb, or does not.
    pub fn learn_verb(&mut self, uri: &str, verb: Verb, allowed: bool) {
        let Ok(uri) = uri.parse::<LocUri>() else { return };
        let key = uri.key();
        if !self.verbs.contains_key(&key) && !self.has_room(&key) {
            return;
        }
        let verbs = self.verbs.entry(key).or_default();
        verbs.retain(|(known, _)| *known != verb);
        verbs.push((verb, allowed));
    }

    /// Learns from what became of a command: results are there, 404 is not, 418 is.
    pub fn learn<K>(&mut self, outcome: &Outcome<K>) {
        for item in &outcome.results {
            if let Some(uri) = item.loc_uri() {
                self.learn_present(uri);
            }
        }
        for status in &outcome.statuses {
            let Some(target) = &status.target else { continue };
            match status.code {
                StatusCode::NOT_FOUND => self.learn_absent(target),
                StatusCode::ALREADY_EXISTS => self.learn_present(target),
                code if code.is_success() && outcome.command == "Delete" => {
                    self.learn_absent(target);
                }
                code if code.is_success() => self.learn_present(target),
                _ => {}
            }
        }
    }
}

impl Knowledge for Observed {
    fn presence(&self, uri: &LocUri) -> Presence {
        let key = uri.key();
        match self.nodes.get(&key) {
            Some(true) => return Presence::Present,
            Some(false) => return Presence::Absent,
            None => {}
        }
        let missing = ancestors(&key).any(|above| self.nodes.get(above) == Some(&false));
        if missing { Presence::Absent } else { Presence::Unknown }
    }

    fn allows(&self, uri: &LocUri, verb: Verb) -> Option<bool> {
        let verbs = self.verbs.get(&uri.key())?;
        verbs.iter().find(|(known, _)| *known == verb).map(|(_, allowed)| *allowed)
    }

    fn login(&self) -> Option<LoginStatus> {
        self.login.clone()
    }

    fn sync_type(&self) -> Option<SyncType> {
        self.sync_type.clone()
    }

    fn max_obj_size(&self) -> Option<usize> {
        self.max_obj_size
    }

    fn max_uri_len(&self) -> Option<usize> {
        self.max_uri_len
    }
}
