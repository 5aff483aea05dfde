//! Answers that are taken while they arrive.
//!
//! One answer can have a hundred megabytes. Fed in chunks it is never held: documents become events
//! one by one, and of everything else only what the machine goes by is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};

use super::documents::{Find, Taken, known_or_left_out, named_digests, size_of_url};
use super::state::{Call, Taking, Which};
use super::{Event, FailReason, Filter, Sync, SyncError};
use crate::error::{Error, ErrorKind};
use crate::id::{UpdateId, UpdateKey};
use crate::messages::{FileUrl, Message, UpdateDocument};
use crate::stream::{self, Decoder};

/// An answer of which some has come.
#[derive(Debug)]
pub(super) struct Receiving {
    token: u64,
    decoder: Decoder,
    bytes: usize,
    start: Start,
    /// What it is, if it is an answer with items.
    kind: Option<&'static str>,
    /// What it is otherwise.
    message: Option<Message<'static>>,
    failed: Option<Error>,
    /// Documents that came, and the updates among them that were asked for.
    documents: usize,
    answered: BTreeSet<UpdateId>,
    /// Bytes of documents and addresses that were taken out of it.
    taken: usize,
    /// Addresses by digest.
    urls: BTreeMap<String, FileUrl>,
    /// What was handed out without all of its addresses: the digests that it names.
    incomplete: Vec<(UpdateKey, Vec<String>)>,
    digests: usize,
    /// Of a list: its anchor, and by update the highest revision that is new.
    anchor: Option<String>,
    listed: BTreeMap<UpdateId, u32>,
}

/// The first bytes of an answer, to see what it is. They stay out of Debug output: a cookie may be
/// among them.
#[derive(Default)]
struct Start(Vec<u8>);

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// As much of an answer as shows whether it is one of the service's.
pub(super) const START: usize = 512;

impl Receiving {
    fn new(token: u64, limits: &crate::Limits) -> Self {
        Self {
            token,
            decoder: Decoder::new(limits),
            bytes: 0,
            start: Start::default(),
            kind: None,
            message: None,
            failed: None,
            documents: 0,
            answered: BTreeSet::new(),
            taken: 0,
            urls: BTreeMap::new(),
            incomplete: Vec::new(),
            digests: 0,
            anchor: None,
            listed: BTreeMap::new(),
        }
    }
}

impl Sync {
    /// Takes a part of the answer to a request, as it comes from the network: what
    /// [`handle_response`](Self::handle_response) takes whole. Poll events after each, so that the
    /// documents in it are not held; say [`handle_response_end`](Self::handle_response_end) after
    /// the last.
    ///
    /// An [`Event::Update`] comes with the addresses that are known by then. Those that follow it
    /// (*observed*: all of them) are an [`Event::Files`] at the end of the answer, so keep
    /// [`committed`](Self::committed) until then if you need them. An answer that breaks off has
    /// delivered what came before; the rest is asked for again, and so is what was not committed
    /// and lacks addresses: these come then, and its document does not. Until the end the state is
    /// that of a request without an answer, with what was delivered: after a restart the request is
    /// repeated.
    ///
    /// # Errors
    /// [`SyncError::Token`] for an answer that nobody waits for; nothing changes then.
    pub fn handle_response_chunk(
        &mut self,
        now: DateTime<Utc>,
        token: u64,
        bytes: &[u8],
    ) -> Result<(), SyncError> {
        let mut receiving = self.receiving(token)?;
        self.look_at_clock(now);
        let Start(start) = &mut receiving.start;
        let missing = START.saturating_sub(start.len());
        start.extend(bytes.iter().take(missing));
        receiving.bytes = receiving.bytes.saturating_add(bytes.len());
        if receiving.failed.is_none() {
            receiving.decoder.handle_bytes(bytes);
            self.receive(now, &mut receiving);
        }
        self.receiving = Some(receiving);
        Ok(())
    }

    /// The answer that came in chunks is complete, or the connection ended.
    ///
    /// # Errors
    /// [`SyncError::Token`] for an answer that nobody waits for; nothing changes then.
    pub fn handle_response_end(&mut self, now: DateTime<Utc>, token: u64) -> Result<(), SyncError> {
        let mut receiving = self.receiving(token)?;
        self.look_at_clock(now);
        if receiving.failed.is_none() {
            receiving.decoder.handle_end();
            self.receive(now, &mut receiving);
        }
        let call = self.take_call(token)?;
        if let Err(error) = self.complete(&mut receiving) {
            receiving.failed.get_or_insert(error);
        }
        let receiving = *receiving;
        let Receiving { failed, message, kind, start, bytes, .. } = receiving;
        if let Some(error) = failed {
            let rest = |key: &UpdateKey| !receiving.answered.contains(&key.id);
            return {
                match call {
                    Call::Updates(batch) if batch.iter().any(|key| !rest(key)) => {
                        // Some of it came: the rest is asked for by itself.
                        self.came(&batch, &receiving.answered);
                        let missing: Vec<_> =
                            batch.iter().filter(|key| rest(key)).copied().collect();
                        if missing.is_empty() {
                            self.retry(now, Call::Updates(batch), FailReason::Answer(error));
                        } else {
                            self.split(missing);
                            // What came without its addresses, after that: they are worth less.
                            let run = self.run();
                            let mut bare = batch;
                            bare.retain(|key| {
                                receiving.answered.contains(&key.id) && run.awaits_files(key.id)
                            });
                            if !bare.is_empty() {
                                run.queue.push_back(bare.into());
                            }
                        }
                    }
                    call => self.unread_answer(now, call, error, &start.0),
                }
                Ok(())
            };
        }
        if let Some(message) = message {
            self.answer(now, call, message, bytes);
            return Ok(());
        }
        self.answered();
        let result = receiving.decoder.has_result();
        match (call, kind.filter(|_| result)) {
            (Call::List(which, filter), Some(LIST)) => {
                let anchor = receiving.anchor.as_ref().map_or(0, String::len);
                if let Err(error) = self.check_token("bytes of an anchor", anchor) {
                    self.fail(now, FailReason::Answer(error));
                    return Ok(());
                }
                self.went_well();
                self.take_list(now, which, filter, receiving.anchor, receiving.listed);
            }
            (Call::Updates(batch), Some(UPDATES)) => {
                self.went_well();
                self.note_size(bytes, receiving.documents);
                self.missing(now, &batch, &receiving.answered);
            }
            (call, _) => {
                let name = kind.unwrap_or_default().to_owned();
                self.fail_call(now, &call, FailReason::UnexpectedAnswer(name));
                return Ok(());
            }
        }
        self.run().retries = 0;
        Ok(())
    }

    /// The answer to this request, as far as it has come.
    fn receiving(&mut self, token: u64) -> Result<Box<Receiving>, SyncError> {
        if self.state.pending_call.as_ref().is_none_or(|pending| pending.token != token) {
            return Err(SyncError::Token(token));
        }
        let before = self.receiving.take().filter(|receiving| receiving.token == token);
        Ok(before.unwrap_or_else(|| Box::new(Receiving::new(token, &self.config.limits))))
    }

    /// Takes what can be read by now.
    fn receive(&mut self, now: DateTime<Utc>, receiving: &mut Receiving) {
        let (updates, list) = match self.state.pending_call.as_ref().map(|pending| &pending.call) {
            Some(Call::Updates(batch)) => {
                (Some(batch.iter().map(|key| (key.id, key.revision)).collect()), false)
            }
            Some(Call::List(..)) => (None::<BTreeMap<UpdateId, u32>>, true),
            _ => (None, false),
        };
        let max = self.config.limits.items;
        let Receiving {
            decoder,
            kind,
            message,
            failed,
            documents,
            answered,
            taken,
            urls,
            incomplete,
            digests,
            ..
        } = receiving;
        loop {
            let event = match decoder.poll_event() {
                Ok(Some(event)) => event,
                Ok(None) => return,
                Err(error) => {
                    *failed = Some(error);
                    return;
                }
            };
            match event {
                stream::Event::UpdateData(_) => *kind = Some(UPDATES),
                stream::Event::RevisionList(_) => *kind = Some(LIST),
                stream::Event::Message(_, other) => *message = Some(other.into_owned()),
                stream::Event::Update(update) => {
                    *documents += 1;
                    let Some(asked) = &updates else { continue };
                    let find = |digest: &str| urls.get(digest).cloned();
                    let find: Find<'_> = if urls.is_empty() { None } else { Some(&find) };
                    let Some(found) = self.document(now, asked, answered, &update, find, taken)
                    else {
                        continue;
                    };
                    let (key, named) = self.named_by(found, &update, urls);
                    *digests = digests.saturating_add(named.len());
                    if *digests > max {
                        let what = "digests of files in an answer";
                        *failed = Some(ErrorKind::Limit { what, max }.into());
                        return;
                    }
                    if !named.is_empty() {
                        self.run().without_files.insert(key);
                        incomplete.push((key, named));
                    }
                }
                stream::Event::FileUrl(url) => {
                    if let (Some(digest), true) = (url.digest.as_str(), updates.is_some()) {
                        urls.insert(digest.to_owned(), url);
                    }
                }
                stream::Event::Anchor(anchor) => receiving.anchor = Some(anchor),
                stream::Event::Revision(key) => {
                    if list && !known_or_left_out(&self.state, &self.config, &key) {
                        let revision = receiving.listed.entry(key.id).or_insert(key.revision);
                        *revision = key.revision.max(*revision);
                    }
                }
            }
        }
    }

    /// The digests that a document names whose addresses were not handed out with it: those that
    /// are not known yet, or all if it was handed out before.
    fn named_by(
        &self,
        found: Taken,
        update: &UpdateDocument<'_>,
        urls: &BTreeMap<String, FileUrl>,
    ) -> (UpdateKey, Vec<String>) {
        match found {
            Taken::Again(key, document) => {
                let digests = named_digests(update, &document);
                (key, digests.map(str::to_owned).collect())
            }
            Taken::Update(key) => {
                // It was delivered last.
                let Some(Event::Update { document, .. }) = self.events.back() else {
                    return (key, Vec::new());
                };
                let digests = named_digests(update, document);
                let missing = digests.filter(|digest| !urls.contains_key(*digest));
                (key, missing.map(str::to_owned).collect())
            }
        }
    }

    /// Hands out the addresses that came after their documents, as far as there is room for them:
    /// a long one can be named by any number of documents.
    fn complete(&mut self, receiving: &mut Receiving) -> Result<(), Error> {
        let all_came = receiving.failed.is_none();
        for (key, digests) in std::mem::take(&mut receiving.incomplete) {
            let found = digests.iter().filter_map(|digest| receiving.urls.get(digest));
            let mut files: Vec<FileUrl> = Vec::new();
            for file in found {
                receiving.taken = receiving.taken.saturating_add(size_of_url(file));
                // One document, or the addresses of one, may go past it.
                let max = self.config.max_documents.saturating_add(self.config.limits.document);
                if receiving.taken > max {
                    return Err(
                        ErrorKind::Limit { what: "bytes of documents in an answer", max }.into()
                    );
                }
                files.push(file.clone());
            }
            if all_came || files.len() == digests.len() {
                self.run().without_files.remove(&key);
            }
            self.files(key, files);
        }
        Ok(())
    }

    /// A list: of each update the highest revision, if it is new.
    pub(super) fn take_list(
        &mut self,
        now: DateTime<Utc>,
        which: Which,
        filter: Filter,
        anchor: Option<String>,
        remaining: BTreeMap<UpdateId, u32>,
    ) {
        let anchor = anchor.filter(|anchor| !anchor.is_empty());
        self.state.list(which).taking = Some(Taking { anchor, filter, remaining });
        self.go_to(which.next());
        self.queue_list(which, now);
    }
}

const UPDATES: &str = "GetUpdateDataResponse";
const LIST: &str = "GetRevisionIdListResponse";
