//! Commands that wait. Those that come from stored bytes stay bytes until it is their turn, so that
//! a session with thousands of them costs each message no more than copying them.

use std::collections::VecDeque;

use super::job::{Head, Job};
use super::key::StateKey;
use crate::loc_uri::Scope;
use crate::pack::{Broken, Input, Pack, write_bytes, write_number};

/// Commands that wait, in order.
#[derive(Clone)]
pub(super) struct Queue<K> {
    /// Those that go before the stored ones.
    front: VecDeque<Box<Job<K>>>,
    stored: Stored<K>,
    /// Those that were submitted since.
    back: VecDeque<Box<Job<K>>>,
    /// Where the last one was that was taken.
    last: Place,
}

/// Where a command was.
#[derive(Clone, Copy, Default)]
enum Place {
    #[default]
    Front,
    /// Where its bytes begin.
    Stored(usize),
    Back,
}

/// Commands that others go ahead of, in order and as they were.
pub(super) struct Passed<K> {
    front: VecDeque<Box<Job<K>>>,
    keys: VecDeque<K>,
    bytes: Vec<u8>,
    back: VecDeque<Box<Job<K>>>,
}

impl<K> Default for Passed<K> {
    fn default() -> Self {
        let (front, back) = (VecDeque::new(), VecDeque::new());
        Self { front, keys: VecDeque::new(), bytes: Vec::new(), back }
    }
}

/// Reads one command that was stored.
type Read<K> = fn(&[u8]) -> Result<Box<Job<K>>, Broken>;

/// Commands as they were stored.
#[derive(Clone)]
struct Stored<K> {
    keys: VecDeque<K>,
    /// Jobs behind their lengths.
    bytes: Vec<u8>,
    /// Where the first that is left begins.
    start: usize,
    read: Read<K>,
}

impl<K> Default for Queue<K> {
    fn default() -> Self {
        let read = |_: &[u8]| Err(Broken);
        let stored = Stored { keys: VecDeque::new(), bytes: Vec::new(), start: 0, read };
        Self { front: VecDeque::new(), stored, back: VecDeque::new(), last: Place::Front }
    }
}

impl<K> Queue<K> {
    pub(super) fn len(&self) -> usize {
        self.front.len() + self.stored.keys.len() + self.back.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        let front = self.front.iter().map(|job| &job.key);
        front.chain(&self.stored.keys).chain(self.back.iter().map(|job| &job.key))
    }

    pub(super) fn push_back(&mut self, job: Box<Job<K>>) {
        self.back.push_back(job);
    }

    pub(super) fn push_front(&mut self, job: Box<Job<K>>) {
        self.front.push_front(job);
    }

    /// The next command; or only its key, if what was stored of it is no command: somebody else
    /// wrote it.
    pub(super) fn pop_front(&mut self) -> Option<Result<Box<Job<K>>, K>> {
        if let Some(job) = self.front.pop_front() {
            self.last = Place::Front;
            return Some(Ok(job));
        }
        let Some(key) = self.stored.keys.pop_front() else {
            self.last = Place::Back;
            return self.back.pop_front().map(Ok);
        };
        self.last = Place::Stored(self.stored.start);
        let mut input = Input::new(self.stored.left());
        let job = input.bytes().and_then(self.stored.read);
        self.stored.start = self.stored.bytes.len() - input.left();
        Some(job.map_err(|_| key))
    }

    /// Puts the command back that was taken last, and that has not changed but for its numbers.
    pub(super) fn put_back(&mut self, job: Box<Job<K>>) {
        match self.last {
            Place::Front => self.front.push_front(job),
            Place::Stored(start) => {
                self.stored.start = start;
                self.stored.keys.push_front(job.key);
            }
            Place::Back => self.back.push_front(job),
        }
    }

    /// Passes over the commands that wait because of their scope, to the first that does not. Those
    /// that are bytes are not read: what they begin with says it.
    pub(super) fn pass(&mut self, passed: &mut Passed<K>, waits: impl Fn(Scope) -> bool) {
        while self.front.front().is_some_and(|job| job.waits(&waits)) {
            passed.front.extend(self.front.pop_front());
        }
        if !self.front.is_empty() {
            return;
        }
        while !self.stored.keys.is_empty() {
            let left = self.stored.left();
            let mut input = Input::new(left);
            let Ok(job) = input.bytes() else { return };
            let told = Head::of(job).ok().and_then(|head| head.waits(&waits));
            let read = || (self.stored.read)(job).is_ok_and(|job| job.waits(&waits));
            if !told.unwrap_or_else(read) {
                return;
            }
            let length = left.len() - input.left();
            passed.bytes.extend_from_slice(left.get(..length).unwrap_or_default());
            passed.keys.extend(self.stored.keys.pop_front());
            self.stored.start += length;
        }
        while self.back.front().is_some_and(|job| job.waits(&waits)) {
            passed.back.extend(self.back.pop_front());
        }
    }

    /// Puts those back that were passed over.
    pub(super) fn restore(&mut self, mut passed: Passed<K>) {
        let in_front = |all: &mut VecDeque<_>, mut passed: VecDeque<_>| {
            passed.append(all);
            *all = passed;
        };
        in_front(&mut self.front, passed.front);
        in_front(&mut self.back, passed.back);
        if !passed.keys.is_empty() {
            passed.bytes.extend_from_slice(self.stored.left());
            passed.keys.append(&mut self.stored.keys);
            (self.stored.bytes, self.stored.keys) = (passed.bytes, passed.keys);
            self.stored.start = 0;
        }
    }
}

impl<K> Stored<K> {
    fn left(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

fn read<K: StateKey>(bytes: &[u8]) -> Result<Box<Job<K>>, Broken> {
    let mut input = Input::new(bytes);
    let job = Pack::unpack(&mut input)?;
    if input.left() == 0 { Ok(job) } else { Err(Broken) }
}

impl<K: StateKey> Pack for Queue<K> {
    fn pack(&self, out: &mut Vec<u8>) {
        write_number(self.len() as u64, out);
        let mut one = Vec::new();
        let mut write = |job: &Job<K>, out: &mut Vec<u8>| {
            one.clear();
            job.pack(&mut one);
            write_bytes(&one, out);
        };
        self.front.iter().for_each(|job| write(job, out));
        out.extend_from_slice(self.stored.left());
        self.back.iter().for_each(|job| write(job, out));
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        let length = input.length()?;
        let all = input.rest();
        let mut keys = VecDeque::new();
        for _ in 0..length {
            keys.push_back(Job::key_of(&mut Input::new(input.bytes()?))?);
        }
        let bytes = all.get(..all.len() - input.left()).ok_or(Broken)?.to_vec();
        let stored = Stored { keys, bytes, start: 0, read: read::<K> };
        Ok(Self { stored, ..Self::default() })
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(Self::default())
    }
}

#[cfg(feature = "serde")]
impl<K: serde::Serialize> serde::Serialize for Queue<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error as _, SerializeSeq as _};
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        self.front.iter().try_for_each(|job| list.serialize_element(job))?;
        let mut input = Input::new(self.stored.left());
        for _ in &self.stored.keys {
            let job = input.bytes().and_then(self.stored.read);
            list.serialize_element(&job.map_err(|_| S::Error::custom("a broken command"))?)?;
        }
        self.back.iter().try_for_each(|job| list.serialize_element(job))?;
        list.end()
    }
}

#[cfg(feature = "serde")]
impl<'de, K: serde::Deserialize<'de>> serde::Deserialize<'de> for Queue<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { back: VecDeque::deserialize(deserializer)?, ..Self::default() })
    }
}
