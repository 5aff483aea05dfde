//! Commands that wait. Those that come from stored bytes stay bytes until it is their turn, so that
//! a session with thousands of them costs each message no more than copying them.

use std::collections::VecDeque;

use super::job::Job;
use super::key::StateKey;
use crate::pack::{Broken, Input, Pack, write_bytes, write_number};

/// Commands that wait, in order.
#[derive(Clone)]
pub(super) struct Queue<K> {
    /// Those that go before the stored ones.
    front: VecDeque<Box<Job<K>>>,
    stored: Stored<K>,
    /// Those that were submitted since.
    back: VecDeque<Box<Job<K>>>,
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
        Self { front: VecDeque::new(), stored, back: VecDeque::new() }
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
            return Some(Ok(job));
        }
        let Some(key) = self.stored.keys.pop_front() else {
            return self.back.pop_front().map(Ok);
        };
        let mut input = Input::new(self.stored.left());
        let job = input.bytes().and_then(self.stored.read);
        self.stored.start = self.stored.bytes.len() - input.left();
        Some(job.map_err(|_| key))
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
