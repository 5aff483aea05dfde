//! Taking documents, and leaving in peace what the server does not have.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::state::{Rest, SyncState, time};
use super::{Config, Event, MAX_LEFT_OUT, Sync};
use crate::error::Error;
use crate::id::{UpdateId, UpdateKey};
use crate::messages::{Blob, FileUrl, UpdateData, UpdateDocument};
use crate::metadata::{Select, Update};

/// About how many bytes a byte of a cabinet gives at most.
const MOST_PER_BYTE: usize = 1024;
/// The longest quarantine.
const LONGEST_QUARANTINE: Duration = Duration::hours(24);

pub(super) fn known_or_left_out(state: &SyncState, config: &Config, key: &UpdateKey) -> bool {
    state.is_known(key) || (!config.definition_updates && state.left_out.contains_key(&key.id))
}

/// What a document says that matters here.
struct Found {
    key: UpdateKey,
    definition: bool,
    bundled: Vec<UpdateKey>,
    document: String,
}

impl Sync {
    pub(super) fn updates(
        &mut self,
        now: DateTime<Utc>,
        batch: &[UpdateKey],
        data: &UpdateData<'_>,
        size: usize,
    ) {
        self.note_size(size, data.updates.len());
        let urls: BTreeMap<&str, &FileUrl> =
            data.file_urls.iter().filter_map(|url| Some((url.digest.as_str()?, url))).collect();
        // By update, the revision that was asked for.
        let asked: BTreeMap<UpdateId, u32> =
            batch.iter().map(|key| (key.id, key.revision)).collect();
        let mut answered = BTreeSet::new();
        let mut taken = 0usize;
        for update in &data.updates {
            let named = update.key.value().copied();
            // What was not asked for is not even decompressed.
            if named.is_some_and(|key| !asked.contains_key(&key.id)) {
                continue;
            }
            if taken >= self.config.max_documents.max(1) {
                break;
            }
            match self.read(update, &mut taken) {
                Ok(found) => {
                    // What was not asked for is not taken.
                    let Some(revision) = asked.get(&found.key.id) else { continue };
                    if found.key.revision >= *revision {
                        answered.insert(found.key.id);
                    }
                    taken = taken.saturating_add(self.found(found, update, &urls));
                }
                Err(error) => {
                    let key = named.filter(|key| asked.contains_key(&key.id));
                    if let Some(key) = key.filter(|key| answered.insert(key.id)) {
                        let revision = asked.get(&key.id).copied().unwrap_or(key.revision);
                        self.unreadable(now, UpdateKey::new(key.id, revision), error);
                    }
                }
            }
        }
        let missing: Vec<UpdateKey> =
            batch.iter().filter(|key| !answered.contains(&key.id)).copied().collect();
        if missing.len() < batch.len() {
            let run = self.run();
            run.failures = 0;
            // A newer revision than was asked for is an answer as well, committed or not.
            run.asked.extend(batch.iter().filter(|key| answered.contains(&key.id)));
        }
        match missing.as_slice() {
            [] => {}
            // Servers may leave out what they do not have, or what makes an answer too long.
            [one] if batch.len() == 1 => self.unavailable(now, *one),
            all if all.len() == batch.len() => self.split(missing),
            _ => self.run().queue.push_back(missing.into()),
        }
    }

    /// Learns how large documents are.
    fn note_size(&mut self, size: usize, documents: usize) {
        if let Some(average) = size.checked_div(documents) {
            let before = self.state.document_size;
            let weighed = average.saturating_add(before.saturating_mul(3)) / 4;
            self.state.document_size = if before == 0 { average } else { weighed };
        }
    }

    /// Reads a document, and adds what it cost to `taken`.
    fn read(&self, update: &UpdateDocument<'_>, taken: &mut usize) -> Result<Found, Error> {
        let blob = update.blob();
        // A cabinet that is broken at its end has been decompressed up to there.
        let lost = match &blob {
            Blob::Compressed(text) => text.len().saturating_mul(MOST_PER_BYTE),
            _ => 0,
        };
        let text = blob.into_document(&self.config.limits);
        let cost = text.as_deref().map_or(lost.min(self.config.limits.document), str::len);
        *taken = taken.saturating_add(cost);
        let text: Cow<'_, str> = text?;
        let read = Update::read(&text, Select::RELATIONSHIPS, &self.config.limits)?;
        let bundled = read.bundled.iter().flat_map(|clause| &clause.any);
        let bundled = bundled.filter_map(|(id, revision)| Some(UpdateKey::new(*id, (*revision)?)));
        Ok(Found {
            key: read.key,
            definition: read.is_definition_update(),
            bundled: if self.config.bundles > 0 { bundled.collect() } else { Vec::new() },
            document: text.into_owned(),
        })
    }

    /// Takes a document; returns the bytes of what was put beside it.
    fn found(
        &mut self,
        found: Found,
        update: &UpdateDocument<'_>,
        urls: &BTreeMap<&str, &FileUrl>,
    ) -> usize {
        let key = found.key;
        if !self.run().asked.insert(key) {
            return 0;
        }
        if found.definition && !self.config.definition_updates {
            count(&mut self.run().summary.left_out);
            self.note_left_out(key);
            self.settle(UpdateKey::new(key.id, u32::MAX));
            self.events.push_back(Event::DefinitionUpdateSkipped(key));
            return 0;
        }
        self.state.left_out.remove(&key.id);
        // The newest revision wins; an equal or older one says nothing new.
        if self.state.is_known(&key) {
            self.settle(key);
            return 0;
        }
        count(&mut self.run().summary.delivered);
        let depth = self.state.wanted.get(&key.id).map_or(0, |wanted| wanted.depth);
        let mut no_room = 0usize;
        for child in found.bundled {
            if depth >= self.config.bundles || known_or_left_out(&self.state, &self.config, &child)
            {
                continue;
            }
            if self.has_room(child.id) {
                self.need(child, depth + 1);
            } else {
                no_room = no_room.saturating_add(1);
            }
        }
        if no_room > 0 {
            self.events.push_back(Event::NoRoom { key, parts: no_room });
        }
        let files = files_of(update, &found.document, urls);
        let beside = files.iter().fold(0usize, |sum, file| sum.saturating_add(size_of_url(file)));
        self.events.push_back(Event::Update { key, document: found.document, files });
        beside
    }

    pub(super) fn note_left_out(&mut self, key: UpdateKey) {
        let state = &mut self.state;
        state.left_out_count = state.left_out_count.wrapping_add(1);
        state.left_out.insert(key.id, (state.left_out_count, key.revision));
        // They are many, and each is of no use after some days: the oldest is forgotten.
        if state.left_out.len() > MAX_LEFT_OUT {
            let oldest = state.left_out.iter().min_by_key(|(_, (count, _))| *count);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                state.left_out.remove(&oldest);
            }
        }
    }

    pub(super) fn unreadable(&mut self, now: DateTime<Utc>, key: UpdateKey, error: Error) {
        count(&mut self.run().summary.unreadable);
        self.rest(now, key);
        self.events.push_back(Event::Unreadable { key, error });
    }

    pub(super) fn unavailable(&mut self, now: DateTime<Utc>, key: UpdateKey) {
        count(&mut self.run().summary.unavailable);
        let until = self.rest(now, key);
        self.events.push_back(Event::Unavailable { key, until });
    }

    /// Leaves a revision in peace for a while.
    fn rest(&mut self, now: DateTime<Utc>, key: UpdateKey) -> DateTime<Utc> {
        self.run().asked.insert(key);
        let before = self.state.rest(&key).map_or(0, |rest| rest.attempts);
        let factor = 1i32.checked_shl(before.min(16)).unwrap_or(i32::MAX);
        let wait = self.config.quarantine.checked_mul(factor).unwrap_or(LONGEST_QUARANTINE);
        let wait = wait.clamp(Duration::zero(), LONGEST_QUARANTINE);
        let until = now.timestamp().saturating_add(wait.num_seconds());
        let rest = Rest { until, attempts: before.saturating_add(1) };
        self.state.resting.entry(key.id).or_default().insert(key.revision, rest);
        self.give_up(key);
        time(until)
    }

    /// A list that names this revision does not wait for it any more. It stays needed; if no more
    /// can be, it stays in its list.
    pub(super) fn give_up(&mut self, key: UpdateKey) {
        if self.state.is_listed(&key) {
            if !self.has_room(key.id) {
                return;
            }
            let depth = self.state.wanted.get(&key.id).map_or(0, |wanted| wanted.depth);
            self.need(key, depth);
        }
        self.state.categories.settle(&key);
        self.state.updates.settle(&key);
    }
}

fn count(number: &mut u64) {
    *number = number.saturating_add(1);
}

/// Bytes that an address takes.
fn size_of_url(file: &FileUrl) -> usize {
    let texts = [&file.mu_url, &file.uss_url].map(|text| text.as_str().map_or(0, str::len));
    let digest = file.digest.as_str().map_or(0, str::len);
    let key = file.decryption_key.value().map_or(0, |key| key.expose().len());
    texts.iter().fold(digest.saturating_add(key), |sum, length| sum.saturating_add(*length))
        + size_of::<FileUrl>()
}

/// The files of a document: those of its digest list, and those whose digests it names (licence
/// terms are in no list).
fn files_of(
    update: &UpdateDocument<'_>,
    document: &str,
    urls: &BTreeMap<&str, &FileUrl>,
) -> Vec<FileUrl> {
    if urls.is_empty() {
        return Vec::new();
    }
    let listed = update.file_digests.iter().map(|digest| digest.as_str());
    let named = document.split("Digest=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut seen = BTreeSet::new();
    let digests = listed.chain(named).filter(|digest| seen.insert(*digest));
    digests.filter_map(|digest| urls.get(digest).map(|url| (*url).clone())).collect()
}
