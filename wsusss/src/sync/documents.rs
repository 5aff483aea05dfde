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

/// Where a file can be had, by its digest; `None` while nothing is known of any.
pub(super) type Find<'f> = Option<&'f dyn Fn(&str) -> Option<FileUrl>>;

/// What became of a document that counts.
pub(super) enum Taken {
    /// It was handed out.
    Update(UpdateKey),
    /// It was handed out before, when its answer broke off: the addresses of its files are missing.
    Again(UpdateKey, String),
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
        self.note_size(size, data.updates.iter().count());
        let urls: BTreeMap<&str, &FileUrl> =
            data.file_urls.iter().filter_map(|url| Some((url.digest.as_str()?, url))).collect();
        // By update, the revision that was asked for.
        let asked: BTreeMap<UpdateId, u32> =
            batch.iter().map(|key| (key.id, key.revision)).collect();
        let mut answered = BTreeSet::new();
        let find = |digest: &str| urls.get(digest).map(|url| (*url).clone());
        let find: Find<'_> = if urls.is_empty() { None } else { Some(&find) };
        let mut taken = 0;
        for update in &data.updates {
            let found = self.document(now, &asked, &mut answered, update, find, &mut taken);
            if let Some(Taken::Again(key, document)) = found {
                let files = files_of(update, &document, find);
                taken = files.iter().fold(taken, |sum, file| sum.saturating_add(size_of_url(file)));
                self.run().without_files.remove(&key);
                self.files(key, files);
            }
        }
        self.missing(now, batch, &answered);
    }

    /// Hands out addresses that did not come with their document.
    pub(super) fn files(&mut self, key: UpdateKey, files: Vec<FileUrl>) {
        if !files.is_empty() {
            self.events.push_back(Event::Files { key, files });
        }
    }

    /// Takes one document of an answer. `answered` are those that were asked for and came, `taken`
    /// the bytes that were taken out of the answer.
    pub(super) fn document(
        &mut self,
        now: DateTime<Utc>,
        asked: &BTreeMap<UpdateId, u32>,
        answered: &mut BTreeSet<UpdateId>,
        update: &UpdateDocument<'_>,
        find: Find<'_>,
        taken: &mut usize,
    ) -> Option<Taken> {
        let named = update.key.value().copied();
        // What was not asked for is not even decompressed, and what there is no room for is asked
        // for again.
        let unasked = named.is_some_and(|key| !asked.contains_key(&key.id));
        if unasked || *taken >= self.config.max_documents.max(1) {
            return None;
        }
        match self.read(update, taken) {
            Ok(found) => {
                // What was not asked for is not taken.
                let revision = asked.get(&found.key.id)?;
                if found.key.revision >= *revision {
                    answered.insert(found.key.id);
                }
                return self.found(found, update, find, taken);
            }
            Err(error) => {
                let key = named.filter(|key| asked.contains_key(&key.id));
                if let Some(key) = key.filter(|key| answered.insert(key.id)) {
                    let revision = asked.get(&key.id).copied().unwrap_or(key.revision);
                    self.unreadable(now, UpdateKey::new(key.id, revision), error);
                }
            }
        }
        None
    }

    /// Some of what was asked for came. A newer revision is an answer as well, committed or not.
    pub(super) fn came(&mut self, batch: &[UpdateKey], answered: &BTreeSet<UpdateId>) {
        let run = self.run();
        run.failures = 0;
        run.asked.extend(batch.iter().filter(|key| answered.contains(&key.id)));
    }

    /// What was asked for and did not come.
    pub(super) fn missing(
        &mut self,
        now: DateTime<Utc>,
        batch: &[UpdateKey],
        answered: &BTreeSet<UpdateId>,
    ) {
        let missing: Vec<UpdateKey> =
            batch.iter().filter(|key| !answered.contains(&key.id)).copied().collect();
        if missing.len() < batch.len() {
            self.came(batch, answered);
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
    pub(super) fn note_size(&mut self, size: usize, documents: usize) {
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

    fn found(
        &mut self,
        found: Found,
        update: &UpdateDocument<'_>,
        find: Find<'_>,
        taken: &mut usize,
    ) -> Option<Taken> {
        let key = found.key;
        if !self.run().asked.insert(key) {
            let again = self.run().without_files.contains(&key) && !self.state.is_known(&key);
            return again.then_some(Taken::Again(key, found.document));
        }
        if found.definition && !self.config.definition_updates {
            count(&mut self.run().summary.left_out);
            self.note_left_out(key);
            self.settle(UpdateKey::new(key.id, u32::MAX));
            self.events.push_back(Event::DefinitionUpdateSkipped(key));
            return None;
        }
        self.state.left_out.remove(&key.id);
        // The newest revision wins; an equal or older one says nothing new.
        if self.state.is_known(&key) {
            self.settle(key);
            return None;
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
        let files = files_of(update, &found.document, find);
        *taken = files.iter().fold(*taken, |sum, file| sum.saturating_add(size_of_url(file)));
        self.events.push_back(Event::Update { key, document: found.document, files });
        Some(Taken::Update(key))
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
        self.note_outdated(key.id);
    }

    /// Leaves a revision in peace for a while.
    fn rest(&mut self, now: DateTime<Utc>, key: UpdateKey) -> DateTime<Utc> {
        self.run().asked.insert(key);
        let before = self.state.rest(&key).map_or(0, |rest| rest.attempts);
        let factor = 1i32.checked_shl(before.min(16)).unwrap_or(i32::MAX);
        let wait = self.config.quarantine.checked_mul(factor).unwrap_or(LONGEST_QUARANTINE);
        let wait = wait.clamp(Duration::zero(), LONGEST_QUARANTINE);
        let until = now.timestamp().saturating_add(wait.num_seconds());
        if let Some(until) = self.forget_told(now, key) {
            return until;
        }
        self.nothing_due = false;
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
pub(super) fn size_of_url(file: &FileUrl) -> usize {
    let texts = [&file.mu_url, &file.uss_url].map(|text| text.as_str().map_or(0, str::len));
    let digest = file.digest.as_str().map_or(0, str::len);
    let key = file.decryption_key.value().map_or(0, |key| key.expose().len());
    texts.iter().fold(digest.saturating_add(key), |sum, length| sum.saturating_add(*length))
        + size_of::<FileUrl>()
}

/// The files of a document: those of its digest list, and those whose digests it names (licence
/// terms are in no list).
fn files_of(update: &UpdateDocument<'_>, document: &str, find: Find<'_>) -> Vec<FileUrl> {
    let Some(find) = find else { return Vec::new() };
    let named = named_digests(update, document);
    named.filter_map(find).collect()
}

/// The digests that a document names, each once: those of its digest list first.
pub(super) fn named_digests<'d>(
    update: &'d UpdateDocument<'_>,
    document: &'d str,
) -> impl Iterator<Item = &'d str> {
    let listed = update.file_digests.iter().map(|digest| digest.as_str());
    let named = document.split("Digest=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut seen = BTreeSet::new();
    listed.chain(named).filter(move |digest| seen.insert(*digest))
}
