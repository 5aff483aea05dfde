//! A submitted command on its way: what of it was sent, and what was said about it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

use super::bytes::{read_key, write_key};
use super::items::{size, whole};
use super::key::StateKey;
use super::outcome::{Cause, ItemStatus, Outcome, Verdict, fold};
use super::{digest, mix};
use crate::codes::StatusCode;
use crate::encode::meta_len;
use crate::loc_uri::{LocUri, Scope, is_same_address};
use crate::model::{Command, Group, Item, Request, Results, Status};
use crate::objects::Cursor;
use crate::pack::{Broken, Input, packed};
use crate::upsert::Upsert;

/// A command that was submitted. The pieces that it was sent in have one outcome together.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Job<K> {
    pub(super) key: K,
    /// What is sent; only its name is left once it can never be sent again.
    pub(super) command: Command<'static>,
    /// How many items it has.
    items: usize,
    pub(super) cursor: Cursor,
    parts: Vec<Part>,
    results: Vec<Item<'static>>,
    /// Digests of the results' addresses, in order, to find repeated ones. Those of a command in
    /// another one hold its number.
    seen: BTreeSet<u64>,
    /// Bytes that the results cost.
    bytes: usize,
    truncated: bool,
    cause: Option<Cause>,
    /// A device aborted over it: it goes by itself, item by item.
    pub(super) alone: bool,
    /// The other verb, if the status calls for it.
    upsert: Option<Upsert>,
    /// A session ended over it once already, and no device had aborted.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    again: bool,
    /// One of its nodes is a user's, so that [`Head`] says so. Of a job that an earlier version
    /// stored, neither this nor the next is known.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    user: bool,
    /// One of its nodes is the device's.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    device: bool,
}

/// A piece that was sent.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct Part {
    #[cfg_attr(feature = "serde", serde(with = "as_text"))]
    msg: u32,
    #[cfg_attr(feature = "serde", serde(with = "as_text"))]
    cmd: u32,
    items: usize,
    /// More of the same value follows.
    is_chunk: bool,
    /// The node, where the piece has one item of several.
    only: Option<String>,
    statuses: Vec<ItemStatus>,
    /// The commands in it.
    children: Vec<Child>,
    /// Where in its first item's value it begins.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_zero"))]
    offset: usize,
    /// More of its value was to follow, and the device did not want it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    is_cut: bool,
}

/// A command in an Atomic or Sequence.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct Child {
    #[cfg_attr(feature = "serde", serde(with = "as_text"))]
    cmd: u32,
    items: usize,
    statuses: Vec<ItemStatus>,
    /// It is a Get: its command is not kept.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    gets: bool,
    /// One of its items is a list.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    lists: bool,
    /// How many results it has.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_zero"))]
    results: usize,
}

impl Child {
    /// Whether it is a Get of which some was there and not all results came.
    fn lacks_results(&self) -> bool {
        let done = self.statuses.iter().any(|status| status.code.is_success());
        let came = self.results.saturating_add(failed(&self.statuses, self.items));
        self.gets && done && (self.lists || came < self.items)
    }
}

/// How many of a command's items failed.
fn failed(statuses: &[ItemStatus], items: usize) -> usize {
    match statuses {
        // It says so of all of them.
        [only] if only.target.is_none() && !only.code.is_success() => items,
        all => all.iter().filter(|status| !status.code.is_success()).count(),
    }
}

/// Whether it asks for a list: that returns any number of items, and none is the last.
fn lists(command: &Command<'_>) -> bool {
    let list = |uri: &str| uri.parse::<LocUri>().is_ok_and(|uri| uri.list().is_some());
    command.items().iter().filter_map(Item::loc_uri).any(list)
}

/// What a piece's identifiers lead to.
#[derive(Clone, Copy)]
pub(super) struct Place {
    part: usize,
    child: Option<usize>,
}

impl Place {
    /// A node of which a result is there: its address, and the command that asked for it.
    fn node(self, address: &str) -> u64 {
        match self.child {
            Some(child) => mix(node(address), child as u64),
            None => node(address),
        }
    }
}

/// Statuses that were taken: digests of their nodes, and codes.
pub(super) type Said = Seen<(Option<u64>, StatusCode)>;

/// A set that nearly always has one: it needs no memory for that.
pub(super) struct Seen<T> {
    first: Option<T>,
    more: HashSet<T>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { first: None, more: HashSet::new() }
    }
}

impl<T: Eq + Hash> Seen<T> {
    /// Adds it, and says whether it is new.
    pub(super) fn insert(&mut self, one: T) -> bool {
        match &self.first {
            None => {
                self.first = Some(one);
                true
            }
            Some(first) => *first != one && self.more.insert(one),
        }
    }
}

impl Part {
    /// All of a command that is sent now.
    fn of(command: &Command<'_>, msg: u32) -> Self {
        let mut children = Vec::new();
        let mut stack: Vec<&Command<'_>> = command.children().iter().rev().collect();
        while let Some(child) = stack.pop() {
            let gets = matches!(child, Command::Get(_));
            children.push(Child {
                cmd: id(child),
                items: child.items().len(),
                statuses: Vec::new(),
                gets,
                lists: gets && lists(child),
                results: 0,
            });
            stack.extend(child.children().iter().rev());
        }
        Self {
            msg,
            cmd: id(command),
            items: command.items().len(),
            is_chunk: false,
            only: None,
            statuses: Vec::new(),
            children,
            offset: 0,
            is_cut: false,
        }
    }
}

impl<K> Job<K> {
    pub(super) fn new(key: K, command: Command<'static>) -> Box<Self> {
        let (user, device) = scopes_of(&command);
        Box::new(Self {
            key,
            items: command.items().len(),
            user,
            device,
            command,
            cursor: Cursor::default(),
            parts: Vec::new(),
            results: Vec::new(),
            seen: BTreeSet::new(),
            bytes: 0,
            truncated: false,
            cause: None,
            alone: false,
            upsert: None,
            again: false,
        })
    }

    pub(super) fn upsert(key: K, upsert: Upsert) -> Box<Self> {
        let mut job = Self::new(key, upsert.command());
        job.upsert = Some(upsert);
        job
    }

    pub(super) fn is_get(&self) -> bool {
        matches!(self.command, Command::Get(_))
    }

    pub(super) fn has_begun(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Whether all of it was sent.
    pub(super) fn is_sent(&self) -> bool {
        self.has_begun() && (self.cursor.item >= self.items)
    }

    /// Notes that all of it is sent now.
    pub(super) fn note_sent(&mut self, msg: u32) {
        let part = Part::of(&self.command, msg);
        self.parts.push(part);
        self.cursor = Cursor { item: self.items, offset: 0 };
    }

    /// Notes a piece that is sent now.
    pub(super) fn note_piece(
        &mut self,
        msg: u32,
        piece: &Command<'_>,
        next: Cursor,
        is_chunk: bool,
    ) {
        let only = match piece.items() {
            [item] if self.items > 1 => item.loc_uri().map(str::to_owned),
            _ => None,
        };
        let offset = self.cursor.offset;
        self.parts.push(Part { is_chunk, only, offset, ..Part::of(piece, msg) });
        self.cursor = next;
    }

    /// Lets go of what is never sent again, but for the command's name: its values are large, and
    /// the state is stored. What a Get asks for may have to be asked again.
    pub(super) fn strip(&mut self) {
        self.command = match &self.command {
            Command::Add(_) => Command::Add(Request::default()),
            Command::Delete(_) => Command::Delete(Request::default()),
            Command::Exec(_) => Command::Exec(Request::default()),
            Command::Replace(_) => Command::Replace(Request::default()),
            Command::Atomic(_) => Command::Atomic(Group::default()),
            Command::Sequence(_) => Command::Sequence(Group::default()),
            _ => return,
        };
    }

    /// As if nothing of it had been sent.
    pub(super) fn rewind(&mut self) {
        self.cursor = Cursor::default();
        self.parts.clear();
        self.results.clear();
        self.seen.clear();
        self.bytes = 0;
        self.truncated = false;
    }

    /// As if this message had not been sent. What was in earlier ones was executed, and stays.
    pub(super) fn take_back(&mut self, msg: u32) {
        let Some(first) = self.parts.iter().position(|part| part.msg == msg) else { return };
        let offset = self.parts.get(first).map_or(0, |part| part.offset);
        self.parts.truncate(first);
        if self.parts.is_empty() {
            self.rewind();
        } else {
            self.cursor = Cursor { item: self.whole_items(), offset };
        }
    }

    /// How many of its items were sent to their end.
    fn whole_items(&self) -> usize {
        let whole = self.parts.iter().filter(|part| !part.is_chunk && !part.is_cut);
        let whole = whole.map(|part| part.items);
        whole.fold(0, usize::saturating_add)
    }

    /// The identifiers of everything that was sent: message, command, and where they lead.
    pub(super) fn places(&self) -> impl Iterator<Item = (u32, u32, Place)> {
        self.parts.iter().enumerate().flat_map(|(index, part)| {
            let own = (part.msg, part.cmd, Place { part: index, child: None });
            let children = part.children.iter().enumerate().map(move |(child, one)| {
                (part.msg, one.cmd, Place { part: index, child: Some(child) })
            });
            std::iter::once(own).chain(children)
        })
    }

    /// Whether a piece of it was in this message.
    pub(super) fn was_in(&self, msg: u32) -> bool {
        self.parts.iter().any(|part| part.msg == msg)
    }

    /// Bytes that its results cost so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The statuses that a piece has.
    pub(super) fn said(&self, place: Place) -> Said {
        let mut said = Said::default();
        let Some(part) = self.parts.get(place.part) else { return said };
        let statuses = match place.child.and_then(|child| part.children.get(child)) {
            Some(child) => &child.statuses,
            None => &part.statuses,
        };
        for status in statuses {
            said.insert((status.target.as_deref().map(node), status.code));
        }
        said
    }

    /// Takes a status. `room`: bytes that may be kept of what the device says with it.
    pub(super) fn add_status(
        &mut self,
        place: Place,
        status: &Status<'_>,
        room: usize,
        said: &mut Said,
    ) {
        let code = status.code().unwrap_or(StatusCode::COMMAND_FAILED);
        // Only a promise: the status itself follows.
        if code == StatusCode::IN_PROGRESS {
            return;
        }
        let own = status.data_attributes.iter().find(|(name, _)| {
            name.rsplit(':').next().is_some_and(|local| local.eq_ignore_ascii_case("originalerror"))
        });
        let own = own.map(|(_, value)| &**value);
        let original = own.or_else(|| status.items.iter().find_map(Item::original_error));
        let Some(part) = self.parts.get_mut(place.part) else { return };
        let only = part.only.as_deref();
        // One for the command and one for each item; a device that sends more has nothing to say.
        let (statuses, most) = match place.child.and_then(|child| part.children.get_mut(child)) {
            Some(child) => (&mut child.statuses, child.items),
            None => (&mut part.statuses, part.items),
        };
        let most = most.saturating_add(1);
        let refs =
            if status.target_refs.is_empty() { &*status.source_refs } else { &*status.target_refs };
        let named = refs.iter().map(|target| Some(&**target));
        let alone = if refs.is_empty() { Some(only) } else { None };
        let mut room = room;
        for target in named.chain(alone) {
            if statuses.len() >= most {
                break;
            }
            // A status that is repeated says nothing new.
            if !said.insert((target.map(node), code)) {
                continue;
            }
            // What the device says about it is kept as far as there is room, once for each node;
            // the code always is.
            let mut keep = |text: &str| {
                let left = room.checked_sub(text.len());
                self.truncated |= left.is_none();
                self.bytes = self.bytes.saturating_add(left.map_or(0, |_| text.len()));
                room = left.unwrap_or(room);
                left.map(|_| text.to_owned())
            };
            let target = target.and_then(&mut keep);
            let original_error = original.and_then(&mut keep);
            let texts = status.items.iter().filter_map(|item| item.data.as_ref());
            let data = texts.filter_map(|data| keep(data.as_str())).collect();
            statuses.push(ItemStatus { target, code, original_error, data });
        }
    }

    /// Takes the items of a Results; each node counts once, as *observed*: Windows may repeat them.
    /// A Sequence may ask for it again, though. `room`: bytes that may be kept.
    pub(super) fn keep_results(&mut self, place: Place, results: &Results<'_>, room: usize) {
        let outer = results.meta.as_deref().filter(|meta| !meta.is_empty());
        let shared = outer.map_or(0, meta_len);
        let mut room = room;
        for item in &results.items {
            let address = place.node(item.loc_uri().unwrap_or_default());
            // The command's Meta goes to each item, and is perhaps longer than all of them.
            let cost = size(item).saturating_add(shared);
            if self.seen.contains(&address) {
                continue;
            }
            if cost > room {
                self.truncated = true;
                continue;
            }
            room -= cost;
            self.bytes = self.bytes.saturating_add(cost);
            self.seen.insert(address);
            self.count_result(place);
            self.results.push(whole(item, outer));
        }
    }

    /// Notes a result of a command in another one.
    fn count_result(&mut self, place: Place) {
        let part = self.parts.get_mut(place.part);
        let child = part.zip(place.child).and_then(|(part, child)| part.children.get_mut(child));
        if let Some(child) = child {
            child.results = child.results.saturating_add(1);
        }
    }

    /// Notes that some of its results do not come.
    pub(super) fn miss_results(&mut self) {
        self.truncated = true;
    }

    /// The same, for results that are handed over and not kept; all that stays is that they came.
    /// `handed`: bytes of the command's Meta that may be handed over with items. Returns the items,
    /// and how much of that it was.
    pub(super) fn hand_over(
        &mut self,
        place: Place,
        results: &Results<'_>,
        room: usize,
        handed: usize,
    ) -> (Vec<Item<'static>>, usize) {
        let outer = results.meta.as_deref().filter(|meta| !meta.is_empty());
        let shared = outer.map_or(0, meta_len);
        let (mut room, mut left) = (room, handed);
        let mut items = Vec::new();
        for item in &results.items {
            let address = place.node(item.loc_uri().unwrap_or_default());
            if self.seen.contains(&address) {
                continue;
            }
            if SEEN > room || shared > left {
                self.truncated = true;
                continue;
            }
            room -= SEEN;
            left -= shared;
            self.bytes = self.bytes.saturating_add(SEEN);
            self.seen.insert(address);
            self.count_result(place);
            items.push(whole(item, outer));
        }
        (items, handed - left)
    }

    /// The device gave up this command's object.
    pub(super) fn no_end_of_data(&mut self, address: Option<&str>) -> bool {
        let named = self.parts.iter().any(|part| part.is_chunk);
        let addressed = address.is_none_or(|address| {
            let mut items = self.command.items().iter().filter_map(Item::loc_uri);
            items.any(|uri| is_same_address(uri, address))
        });
        let found = named && addressed && !self.is_sent();
        if found {
            self.stop(Cause::NoEndOfData);
        }
        found
    }

    /// Nothing more of it is sent.
    pub(super) fn stop(&mut self, cause: Cause) {
        self.cause = Some(cause);
        self.cursor = Cursor { item: self.items, offset: 0 };
    }

    /// Looks at the answer to a chunk. 213 goes on; anything else was the last word. `last`: the
    /// device has nothing more to say.
    pub(super) fn judge_chunk(&mut self, last: bool) {
        let Some(part) = self.parts.last().filter(|part| part.is_chunk) else { return };
        let refused = part.statuses.iter().any(|status| status.code != StatusCode::CHUNK_ACCEPTED);
        if refused || (last && part.statuses.is_empty()) {
            self.cursor = Cursor { item: self.items, offset: 0 };
            // It stays as the answer.
            if let Some(part) = self.parts.last_mut() {
                part.is_cut = true;
                part.is_chunk = false;
            }
        }
    }

    /// Whether the device said 213 to the last chunk.
    pub(super) fn chunk_is_taken(&self) -> bool {
        self.parts.last().is_some_and(|part| part.is_chunk && !part.statuses.is_empty())
    }

    fn has_status(&self) -> bool {
        self.parts.iter().any(|part| {
            !part.statuses.is_empty()
                || part.children.iter().any(|child| !child.statuses.is_empty())
        })
    }

    /// Whether each part of it has its status, and each command in it.
    fn is_answered(&self) -> bool {
        self.is_sent()
            && self.parts.iter().filter(|part| !part.is_chunk).all(|part| {
                let whole = part.statuses.iter().any(|status| status.target.is_none());
                let every = part.statuses.len() >= part.items.max(1);
                (whole || every) && part.children.iter().all(|child| !child.statuses.is_empty())
            })
    }

    fn statuses(&self) -> impl Iterator<Item = &ItemStatus> {
        self.parts.iter().flat_map(|part| &part.statuses)
    }

    /// Whether nothing more is to come for it, as far as one can know before the package ends.
    pub(super) fn is_finished(&self) -> bool {
        // Results follow the status, and may come with the next message.
        let gets = self.is_get() || matches!(self.command, Command::Sequence(_));
        self.is_answered() && (!gets || self.statuses().all(|status| !status.code.is_success()))
    }

    /// Whether each item of a Get that was cut off has a result or is not there.
    fn has_results(&self) -> bool {
        let failed = self.parts.iter().map(|part| failed(&part.statuses, part.items));
        let failed = failed.fold(0, usize::saturating_add);
        let all_failed = failed >= self.items;
        all_failed
            || (self.seen.len().saturating_add(failed) >= self.items && !lists(&self.command))
    }

    /// Whether a Get in it does not have all of its results.
    fn lacks_results(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.children).any(Child::lacks_results)
    }

    /// Whether the session ended in the middle of it, as far as one can know.
    pub(super) fn is_cut_off(&self) -> bool {
        !self.is_answered() || (self.is_get() && !self.has_results()) || self.lacks_results()
    }

    /// What the end of a session means for a Get that it cut off: asking again cannot harm. After a
    /// device that aborted over it, more carefully; after an answer that was lost, first as it was.
    /// Says whether it is to be asked again, which is no more than twice.
    pub(super) fn asks_again(&mut self, device_aborted: bool) -> bool {
        if !self.is_get() || self.alone || self.cause.is_some() || !self.is_cut_off() {
            return false;
        }
        self.alone = device_aborted || self.again;
        self.again = true;
        self.rewind();
        true
    }

    /// Nothing more comes for what is not all there.
    pub(super) fn break_off(&mut self) {
        self.cause.get_or_insert(Cause::Aborted);
        self.truncated |= self.is_get() || self.lacks_results();
    }

    /// Whether it has not begun and is about a node of one of these scopes.
    pub(super) fn waits(&self, scopes: impl Fn(Scope) -> bool) -> bool {
        let (user, device) = match (self.user, self.device) {
            (false, false) => scopes_of(&self.command),
            known => known,
        };
        !self.has_begun() && is_about(user, device, scopes)
    }

    /// Whether another command may follow from its status, which later ones may not overtake.
    pub(super) fn is_upsert(&self) -> bool {
        self.upsert.is_some()
    }

    pub(super) fn set_cause(&mut self, cause: Cause) {
        self.cause.get_or_insert(cause);
    }

    /// The outcome; or the same job with the other verb.
    pub(super) fn finish(mut self: Box<Self>) -> Result<Outcome<K>, Box<Self>> {
        if let Some(upsert) = &mut self.upsert {
            let codes = self.parts.iter().flat_map(|part| &part.statuses);
            let code =
                codes.map(|status| status.code).find(|code| *code != StatusCode::CHUNK_ACCEPTED);
            let next = code.map(|code| upsert.after(code));
            if let (Some(crate::upsert::Next::Send(command)), None) = (next, self.cause) {
                self.rewind();
                self.items = command.items().len();
                self.command = *command;
                return Err(self);
            }
        }
        let answered = self.has_status();
        let command = self.command.own_name();
        let (mut statuses, mut children) = (Vec::new(), Vec::new());
        let sent = self.has_begun();
        // A device may end the session before all of its items were sent.
        let mut complete = self.whole_items() >= self.items;
        for part in self.parts.into_iter().filter(|part| !part.is_chunk) {
            complete &= !part.statuses.is_empty();
            statuses.extend(part.statuses);
            children.extend(part.children.into_iter().map(|child| child.statuses));
        }
        let verdict = match fold(&command, &statuses, &children) {
            _ if !sent => Verdict::NotSent,
            _ if self.cause == Some(Cause::NoEndOfData) => Verdict::Failed,
            _ if !answered => Verdict::Unanswered,
            // A Get that was aborted instead of answered.
            Verdict::Applied
                if self.cause == Some(Cause::Aborted)
                    && command == "Get"
                    && self.seen.is_empty() =>
            {
                Verdict::Failed
            }
            Verdict::Applied if !complete && command != "Atomic" => Verdict::Partial,
            Verdict::Applied if self.truncated && matches!(&*command, "Get" | "Sequence") => {
                Verdict::Partial
            }
            verdict => verdict,
        };
        Ok(Outcome {
            key: self.key,
            command,
            verdict,
            cause: self.cause,
            statuses,
            results: self.results,
            children,
            truncated: self.truncated,
        })
    }
}

impl<K: StateKey> Job<K> {
    /// The key of a job that [`Pack::pack`] wrote.
    pub(super) fn key_of(input: &mut Input<'_>) -> Result<K, Broken> {
        input.number()?;
        read_key(input)
    }
}

/// Whether a command is about nodes of users, and about others.
fn scopes_of(command: &Command<'_>) -> (bool, bool) {
    let (mut user, mut device) = (false, false);
    let mut stack = Vec::new();
    let mut next = Some(command);
    while let Some(command) = next {
        let uris = command.items().iter().filter_map(Item::loc_uri);
        // What other commands are about was looked at; an Alert's items may say anything.
        let is_alert = matches!(command, Command::Alert(_));
        for uri in uris.filter(|uri| !is_alert || LocUri::check(uri).is_ok()) {
            let is_user = LocUri::scope_of(uri) == Scope::User;
            user |= is_user;
            device |= !is_user;
        }
        stack.extend(command.children());
        next = stack.pop();
    }
    (user, device)
}

fn is_about(user: bool, device: bool, scopes: impl Fn(Scope) -> bool) -> bool {
    (user && scopes(Scope::User)) || (device && scopes(Scope::Device))
}

/// What the first bytes of a packed job say: which of its fields are there.
pub(super) struct Head(u64);

impl Head {
    const PARTS: u32 = 3;
    const USER: u32 = 12;
    const DEVICE: u32 = 13;

    pub(super) fn of(bytes: &[u8]) -> Result<Self, Broken> {
        Input::new(bytes).number().map(Self)
    }

    /// What [`Job::waits`] says of it, if that can be told.
    pub(super) fn waits(&self, scopes: impl Fn(Scope) -> bool) -> Option<bool> {
        let has = |bit: u32| self.0 >> bit & 1 == 1;
        let (user, device) = (has(Self::USER), has(Self::DEVICE));
        let known = user || device || has(Self::PARTS);
        known.then(|| !has(Self::PARTS) && is_about(user, device, scopes))
    }
}

/// The identifier that the session gave it: a number.
fn id(command: &Command<'_>) -> u32 {
    command.cmd_id().and_then(|id| id.as_str().parse().ok()).unwrap_or_default()
}

packed! {
    Job<K> where [K: StateKey] => key by write_key, read_key {
        command, items, cursor, parts, results, seen, bytes, truncated, cause, alone, upsert,
        again, user, device,
    }
    Part { msg, cmd, items, is_chunk, only, statuses, children, offset, is_cut }
    Child { cmd, items, statuses, gets, lists, results }
}

/// The numbers that the session gives, as the text that they are in a message.
#[cfg(feature = "serde")]
mod as_text {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom("an identifier of this session is a number"))
    }
}

/// What most have is not said: a piece begins where a value does, and nothing else than a Get has
/// results.
#[cfg(feature = "serde")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Bytes of one of the nodes in [`Job::seen`].
const SEEN: usize = 16;

/// A node's address, to find it again.
fn node(address: &str) -> u64 {
    digest(address.trim().as_bytes())
}

/// The text with what XML cannot carry replaced, so that an answer can always be written.
pub(crate) fn writable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let allowed =
        |letter: &char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let letters = text.chars().map(|letter| if allowed(&letter) { letter } else { '\u{fffd}' });
    Cow::Owned(letters.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::AlertCode;
    use crate::model::Data;

    #[test]
    fn the_scopes_of_a_command_are_those_of_its_nodes() {
        let get = |uri: &'static str| Command::get(uri);
        let question = |source: &'static str| {
            let mut question = Command::alert(AlertCode::DISPLAY);
            if let Command::Alert(alert) = &mut question {
                alert.items.push(Item::source(source).with_data(Data::text("Now?")));
            }
            question
        };
        for (command, expected) in [
            (get("./User/Vendor"), (true, false)),
            (get("./User "), (true, false)),
            (get("./Vendor"), (false, true)),
            (Command::atomic(vec![get("./Vendor"), get("./User/Vendor")]), (true, true)),
            // Nothing looked at what an Alert's items say.
            (question("https://mdm.example/x"), (false, false)),
            (question(""), (false, false)),
            (question("./User/Vendor"), (true, false)),
        ] {
            assert_eq!(scopes_of(&command), expected, "{command:?}");
        }
    }
}
