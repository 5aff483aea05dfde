//! Many requests in one: `$batch` (Graph, "JSON batching").

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, LimitKind};
use crate::json::{RawObject, Value};
use crate::moment::Moment;
use crate::requests::{Expect, Headers, Method, Request};
use crate::response::{GraphError, Response};

/// How many requests one batch may hold (Graph, "JSON batching").
pub const BATCH_SIZE: usize = 20;

/// The version of the saved state that a [`Batcher`] writes and reads.
const VERSION: u32 = 1;

/// A request that was given to a [`Batcher`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct BatchId(u64);

impl std::fmt::Display for BatchId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What became of a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum BatchOutcome {
    /// It was answered: with a 2xx, or with a failure that trying again does not mend.
    Answered(Box<Response>),
    /// A request that it depends on failed, so it was never sent or never carried out.
    DependencyFailed(BatchId),
    /// It was sent, no answer came, and it cannot be sent again: that could do its work twice, or a
    /// request that it depends on has no good answer either.
    Unknown,
    /// It was tried as often as [`Batcher::with_attempts`] allows; the last answer to it or to its
    /// batch, if there was one.
    GaveUp(Option<Box<Response>>),
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Entry {
    request: Request,
    after: Vec<BatchId>,
    attempts: u32,
    not_before: Option<Moment>,
    /// It may have been carried out by an attempt before.
    #[serde(default)]
    in_doubt: bool,
}

impl Entry {
    /// What became of it once a request that it depends on has failed and it waits no longer.
    fn without(&self, dependency: BatchId) -> BatchOutcome {
        if self.in_doubt {
            BatchOutcome::Unknown
        } else {
            BatchOutcome::DependencyFailed(dependency)
        }
    }
}

/// What goes together: the API's version and whose permissions are needed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Lane {
    version: &'static str,
    intune: bool,
}

impl Lane {
    fn of(request: &Request) -> Option<Self> {
        let version = VERSIONS.into_iter().find(|version| {
            let rest = request.target.strip_prefix(version);
            rest.is_some_and(|rest| rest.starts_with('/'))
        })?;
        Some(Self { version, intune: request.permission.is_intune() })
    }
}

const VERSIONS: [&str; 2] = ["/beta", "/v1.0"];

/// Graph takes no batch in a batch.
fn is_batch(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let name = path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    name.eq_ignore_ascii_case("$batch") || name.eq_ignore_ascii_case("%24batch")
}

/// Packs requests into batches and takes the answers apart.
///
/// Answers come in any order and are found by their IDs. A request that was throttled is sent again
/// after the time that its own `Retry-After` says, or that of its batch, and so is what failed
/// because of it (424). Every request has exactly one [outcome](BatchOutcome). Requests of the beta
/// version and of v1.0 go in batches of their own, and so do those for Intune, which need other
/// permissions.
///
/// State is plain serde data; save it before a batch is sent. A batch that was under way then is
/// given again by [`poll`](Self::poll): if its `idempotent` is `false`, call
/// [`handle_loss`](Self::handle_loss) first, so that nothing is done twice.
///
/// ```
/// use chrono::DateTime;
/// use graph_wufb::models::DeviceId;
/// use graph_wufb::requests::{Headers, get_updatable_asset};
/// use graph_wufb::{BatchOutcome, Batcher, Response};
///
/// let now = DateTime::UNIX_EPOCH; // your clock
/// let mut batcher = Batcher::new();
/// let id = batcher.add(get_updatable_asset(&DeviceId::new("d1")?), [])?;
/// let request = batcher.poll(now).unwrap();
/// assert_eq!(request.target, "/beta/$batch");
/// let body = br#"{"responses":[{"id":"0","status":200,"body":{"id":"d1"}}]}"#; // the answer
/// let answer = Response::parse(200, &Headers::new(), body)?;
/// let outcomes = batcher.handle_response(now, &answer)?;
/// assert!(matches!(outcomes.as_slice(), [(known, BatchOutcome::Answered(_))] if *known == id));
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Saved")]
pub struct Batcher {
    version: u32,
    next: u64,
    waiting: BTreeMap<BatchId, Entry>,
    sent: Vec<BatchId>,
    /// Requests that failed for good, for those that depend on them.
    failed: BTreeSet<BatchId>,
    attempts: u32,
    capacity: usize,
    #[serde(skip)]
    queue: Queue,
}

/// Finds what can go next without looking at everything that waits. Made anew from a saved state.
#[derive(Clone, Debug, Default)]
struct Queue {
    /// What depends on nothing and has no time to wait for.
    ready: BTreeMap<Lane, BTreeSet<BatchId>>,
    /// What depends on nothing and waits for its time.
    later: BTreeSet<(Moment, BatchId)>,
    /// Who waits for whom.
    dependents: BTreeMap<BatchId, BTreeSet<BatchId>>,
}

impl PartialEq for Queue {
    /// It says nothing that the requests do not say.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Queue {}

impl Queue {
    fn depend(&mut self, id: BatchId, entry: &Entry) {
        for after in &entry.after {
            self.dependents.entry(*after).or_default().insert(id);
        }
    }

    fn add(&mut self, id: BatchId, entry: &Entry) {
        self.depend(id, entry);
        if !entry.after.is_empty() {
            return;
        }
        match (entry.not_before, Lane::of(&entry.request)) {
            (Some(time), _) => {
                self.later.insert((time, id));
            }
            (None, Some(lane)) => {
                self.ready.entry(lane).or_default().insert(id);
            }
            (None, None) => {}
        }
    }
}

/// A saved batcher before it is checked.
#[derive(Default, Deserialize)]
// The version is read whatever else there is, so that an old state is refused with a reason.
#[serde(default)]
struct Saved {
    version: u32,
    next: u64,
    waiting: BTreeMap<BatchId, Entry>,
    sent: Vec<BatchId>,
    failed: BTreeSet<BatchId>,
    attempts: u32,
    capacity: usize,
}

impl TryFrom<Saved> for Batcher {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        if saved.version != VERSION {
            let (found, known) = (saved.version, VERSION);
            return Err(ErrorKind::StateVersion { found, known }.into());
        }
        let new = |id: &BatchId| id.0 < saved.next;
        let sound = saved.waiting.iter().all(|(id, entry)| {
            let before = |after: &BatchId| after < id && saved.waiting.contains_key(after);
            new(id) && packable(&entry.request).is_ok() && entry.after.iter().all(before)
        });
        let lanes: BTreeSet<_> = saved
            .sent
            .iter()
            .map(|id| saved.waiting.get(id).and_then(|entry| Lane::of(&entry.request)))
            .collect();
        let sent = saved.sent.is_sorted_by(|a, b| a < b)
            && saved.sent.len() <= BATCH_SIZE
            && lanes.len() <= 1
            && !lanes.contains(&None);
        let apart = saved.failed.iter().all(|id| new(id) && !saved.waiting.contains_key(id));
        if !(sound && sent && apart) {
            return Err(Error::command("resume", "the state contradicts itself"));
        }
        let mut queue = Queue::default();
        for (id, entry) in &saved.waiting {
            if saved.sent.contains(id) {
                queue.depend(*id, entry);
            } else {
                queue.add(*id, entry);
            }
        }
        let Saved { version, next, waiting, sent, failed, attempts, capacity } = saved;
        Ok(Self { version, next, waiting, sent, failed, attempts, capacity, queue })
    }
}

/// Whether a request can go into a batch.
fn packable(request: &Request) -> Result<(), Error> {
    if Lane::of(request).is_none() {
        return Err(Error::value("a target of the beta version or of v1.0", &request.target));
    }
    if is_batch(&request.target) {
        return Err(Error::value("a request that is no batch", &request.target));
    }
    if request.body.is_some() && request.body_value().is_none() {
        return Err(Error::value("a request with a body of JSON", &request.target));
    }
    Ok(())
}

impl Default for Batcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Batcher {
    /// How many requests a batcher holds unless [`with_capacity`](Self::with_capacity) says
    /// otherwise.
    pub const CAPACITY: usize = 10_000;

    /// Without requests; each is tried at most five times.
    #[must_use]
    pub fn new() -> Self {
        Self {
            version: VERSION,
            next: 0,
            waiting: BTreeMap::new(),
            sent: Vec::new(),
            failed: BTreeSet::new(),
            attempts: 5,
            capacity: Self::CAPACITY,
            queue: Queue::default(),
        }
    }

    /// With another number of attempts of one request, at least one.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// With room for so many requests: those that wait, and those that failed, which are remembered
    /// so that nothing is added after them.
    #[must_use]
    pub fn with_capacity(mut self, requests: usize) -> Self {
        self.capacity = requests;
        self
    }

    /// Adds a request, to be sent after others were answered with a 2xx.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if the request is for neither the beta version nor v1.0, is a batch
    /// itself, or has a body that is not JSON, [`ErrorKind::Limit`] if there is no room, and
    /// [`ErrorKind::Command`] if it shall come after one that was never added or has failed.
    pub fn add(
        &mut self,
        request: Request,
        after: impl IntoIterator<Item = BatchId>,
    ) -> Result<BatchId, Error> {
        packable(&request)?;
        if self.waiting.len() + self.failed.len() >= self.capacity {
            let (what, limit) = (LimitKind::Requests, self.capacity);
            return Err(ErrorKind::Limit { what, limit }.into());
        }
        let mut after: Vec<BatchId> = after.into_iter().collect();
        if after.iter().any(|id| id.0 >= self.next) {
            return Err(Error::command("add", "it depends on a request that was never added"));
        }
        if after.iter().any(|id| self.failed.contains(id)) {
            return Err(Error::command("add", "it depends on a request that failed"));
        }
        // What was answered well is done.
        after.retain(|id| self.waiting.contains_key(id));
        after.sort_unstable();
        after.dedup();
        let id = BatchId(self.next);
        self.next = self.next.saturating_add(1);
        let entry = Entry { request, after, attempts: 0, not_before: None, in_doubt: false };
        self.queue.add(id, &entry);
        self.waiting.insert(id, entry);
        Ok(id)
    }

    /// Whether every request has its outcome.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// When the next batch can be sent; `None` if one is under way or nothing waits.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<DateTime<Utc>> {
        if !self.sent.is_empty() {
            return None;
        }
        if self.queue.ready.values().any(|ready| !ready.is_empty()) {
            return Some(DateTime::UNIX_EPOCH);
        }
        self.queue.later.first().map(|(time, _)| time.0)
    }

    /// The next batch, if one can be sent now. While one is under way: the same again, byte for
    /// byte, so that a lost one can be repeated where that does no harm.
    pub fn poll(&mut self, now: DateTime<Utc>) -> Option<Request> {
        if self.sent.is_empty() {
            self.sent = self.choose(now);
        }
        if self.sent.is_empty() { None } else { Some(self.pack()) }
    }

    /// Which requests go next: those whose time has come. Graph takes dependencies that are all
    /// one after the other or not at all, so a chain goes alone.
    fn choose(&mut self, now: DateTime<Utc>) -> Vec<BatchId> {
        while let Some((time, id)) = self.queue.later.first().copied() {
            if now < time.0 {
                break;
            }
            self.queue.later.pop_first();
            if let Some(entry) = self.waiting.get_mut(&id) {
                entry.not_before = None;
                self.queue.add(id, entry);
            }
        }
        // The lane of the oldest request.
        let lanes = self.queue.ready.iter_mut().filter(|(_, ready)| !ready.is_empty());
        let Some((lane, ready)) = lanes.min_by_key(|(_, ready)| ready.first().copied()) else {
            return Vec::new();
        };
        let lane = *lane;
        let mut chosen: Vec<BatchId> = Vec::new();
        while chosen.len() < BATCH_SIZE
            && let Some(id) = ready.pop_first()
        {
            chosen.push(id);
        }
        if let [root] = chosen.as_slice() {
            let mut last = *root;
            while chosen.len() < BATCH_SIZE
                && let Some(next) = self.follower(last, lane, now)
            {
                chosen.push(next);
                last = next;
            }
        }
        chosen
    }

    /// The first request that waits for this one only.
    fn follower(&self, last: BatchId, lane: Lane, now: DateTime<Utc>) -> Option<BatchId> {
        let dependents = self.queue.dependents.get(&last)?;
        dependents.iter().copied().find(|id| {
            self.waiting.get(id).is_some_and(|entry| {
                entry.after == [last]
                    && entry.not_before.is_none_or(|time| time.0 <= now)
                    && Lane::of(&entry.request) == Some(lane)
            })
        })
    }

    fn pack(&self) -> Request {
        let inner = || self.sent.iter().filter_map(|id| self.waiting.get(id));
        let lane = inner().next().and_then(|entry| Lane::of(&entry.request));
        let version = lane.map_or("/beta", |lane| lane.version);
        let requests = self.sent.iter().filter_map(|id| {
            let entry = self.waiting.get(id)?;
            let request = &entry.request;
            let mut inner = RawObject::from_iter([
                ("id", Value::from(id.to_string())),
                ("method", Value::from(request.method.as_str())),
                ("url", Value::from(request.target.strip_prefix(version).unwrap_or_default())),
            ]);
            let headers: RawObject = request.headers.iter().collect();
            if !headers.is_empty() {
                inner.insert("headers", headers);
            }
            if let Some(body) = request.body_value() {
                inner.insert("body", body);
            }
            if !entry.after.is_empty() {
                let after = entry.after.iter().map(|id| Value::from(id.to_string())).collect();
                inner.insert("dependsOn", Value::Array(after));
            }
            Some(Value::from(inner))
        });
        let body = RawObject::from_iter([("requests", Value::Array(requests.collect()))]);
        let mut batch =
            Request::new(Method::Post, format!("{version}/$batch"), Expect::Entity).with_body(body);
        batch.idempotent = inner().all(|entry| entry.request.idempotent);
        if let Some(most) = inner().map(|entry| entry.request.permission).max() {
            batch.permission = most;
        }
        batch
    }

    /// Takes the answer to the batch under way. The answers in it are read with the
    /// [`Options`](crate::json::Options) that it was read with, earlier dialects included.
    ///
    /// # Errors
    /// [`ErrorKind::Command`] if none is under way and [`ErrorKind::Shape`] if the answer is none
    /// to a batch. The batch is then still under way, and what it did is not known:
    /// [`handle_loss`](Self::handle_loss) goes on from there. ([`poll`](Self::poll) would give it
    /// again, which does harm unless it is idempotent.)
    pub fn handle_response(
        &mut self,
        now: DateTime<Utc>,
        answer: &Response,
    ) -> Result<Vec<(BatchId, BatchOutcome)>, Error> {
        if self.sent.is_empty() {
            return Err(Error::command("handle_response", "no batch is under way"));
        }
        if let Some(error) = &answer.error {
            // The whole batch failed: each request has, or nobody knows.
            return Ok(if error.is_ambiguous() {
                self.settle(now, BTreeMap::new(), Some(answer))
            } else {
                let each = self.sent.iter().map(|id| (*id, answer.clone())).collect();
                self.settle(now, each, None)
            });
        }
        let list = answer.body.as_ref().and_then(Value::as_object);
        let list = list.and_then(|body| body.get_loose("responses")).and_then(Value::as_array);
        let Some(list) = list else {
            let found = answer.body.as_ref().map_or("no body", Value::name).to_owned();
            return Err(ErrorKind::Shape { expected: "an array `responses`", found }.into());
        };
        // What is cut off is cut off in the last answer.
        let whole = if answer.is_cut_off() { list.len().saturating_sub(1) } else { list.len() };
        let mut answers: BTreeMap<BatchId, Response> = BTreeMap::new();
        for inner in list.iter().take(whole).filter_map(Value::as_object) {
            let Some(id) = Self::inner_id(inner).filter(|id| self.sent.contains(id)) else {
                continue;
            };
            // The first answer to an ID counts.
            if let (false, Some(read)) = (answers.contains_key(&id), Self::inner(inner, answer)) {
                answers.insert(id, read);
            }
        }
        Ok(self.settle(now, answers, None))
    }

    /// The ID of an answer: ours, letter for letter, or the number that it is.
    fn inner_id(inner: &RawObject) -> Option<BatchId> {
        match inner.get_loose("id")? {
            Value::String(text) => {
                let id = BatchId(text.parse().ok()?);
                (id.to_string() == *text).then_some(id)
            }
            other => other.as_i64()?.try_into().ok().map(BatchId),
        }
    }

    /// One answer, or none if it has no status that HTTP has.
    fn inner(inner: &RawObject, answer: &Response) -> Option<Response> {
        let status = match inner.get_loose("status")? {
            Value::String(text) => text.parse().ok()?,
            other => other.as_i64()?,
        };
        let status = u16::try_from(status).ok().filter(|status| (100..600).contains(status))?;
        let headers: Headers = inner
            .get_loose("headers")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(RawObject::iter)
            .filter_map(|(name, value)| match value {
                Value::String(text) => Some((name, text.clone())),
                Value::Number(number) => Some((name, number.to_string())),
                _ => None,
            })
            .collect();
        let body = match inner.get_loose("body") {
            None | Some(Value::Null) => Vec::new(),
            Some(body) => body.to_json().into_bytes(),
        };
        Response::parse_with(status, &headers, &body, answer.options()).ok()
    }

    /// No answer came to the batch under way. What can be sent again is; of the others nobody knows.
    pub fn handle_loss(&mut self, now: DateTime<Utc>) -> Vec<(BatchId, BatchOutcome)> {
        self.settle(now, BTreeMap::new(), None)
    }

    /// Gives every request that was sent its outcome, or back to those that wait. `whole` is what the
    /// batch itself was answered where that says nothing of the requests in it.
    fn settle(
        &mut self,
        now: DateTime<Utc>,
        mut answers: BTreeMap<BatchId, Response>,
        whole: Option<&Response>,
    ) -> Vec<(BatchId, BatchOutcome)> {
        let (mut outcomes, mut failed_now) = (Vec::new(), BTreeSet::new());
        // What ends without an answer of its own: it may have been carried out, and so may what was
        // sent with it and depends on it.
        let mut in_doubt = BTreeSet::new();
        // Identities ascend, so a request comes after those that it depends on.
        let sent = std::mem::take(&mut self.sent);
        for (place, id) in sent.iter().copied().enumerate() {
            let Some(entry) = self.waiting.remove(&id) else { continue };
            let answer = answers.remove(&id);
            let status = answer.as_ref().map(|answer| answer.status);
            let failed = entry.after.iter().copied().find(|id| self.failed.contains(id));
            let outcome = match (failed, status) {
                (Some(dependency), None) if in_doubt.contains(&dependency) => {
                    Some(BatchOutcome::Unknown)
                }
                (Some(dependency), None | Some(424)) => Some(entry.without(dependency)),
                _ => self.settle_one(now, id, entry, answer, whole),
            };
            if let Some(outcome) = outcome {
                let unanswered = matches!(
                    &outcome,
                    BatchOutcome::Unknown | BatchOutcome::GaveUp(_) if status.is_none()
                );
                if unanswered {
                    in_doubt.insert(id);
                }
                let good = matches!(
                    &outcome,
                    BatchOutcome::Answered(answer) if answer.error.is_none()
                );
                outcomes.push((id, outcome));
                if good {
                    self.free_dependents(id, sent.get(place..).unwrap_or_default());
                } else {
                    self.failed.insert(id);
                    failed_now.insert(id);
                }
            }
        }
        self.fail_dependents(failed_now, &mut outcomes);
        outcomes
    }

    /// The outcome of one request that was sent, or none if it waits again.
    fn settle_one(
        &mut self,
        now: DateTime<Utc>,
        id: BatchId,
        mut entry: Entry,
        answer: Option<Response>,
        whole: Option<&Response>,
    ) -> Option<BatchOutcome> {
        let error = answer.as_ref().or(whole).and_then(|answer| answer.error.as_ref());
        if error.is_some_and(|error| error.status == 424) && !entry.after.is_empty() {
            // It was not tried: what it depends on waits again, and it waits with it.
            self.put_back(id, entry);
            return None;
        }
        entry.attempts = entry.attempts.saturating_add(1);
        let repeatable = match (&answer, error) {
            (None, _) => entry.request.idempotent,
            (_, None) => false,
            (_, Some(error)) => {
                error.is_transient() && (entry.request.idempotent || !error.is_ambiguous())
            }
        };
        if repeatable && entry.attempts < self.attempts {
            entry.in_doubt |= answer.is_none() || error.is_some_and(GraphError::is_ambiguous);
            // Without a time of the service's: 1, 2, 4 … seconds.
            let seconds = 1i64 << entry.attempts.saturating_sub(1).min(8);
            let delay = error
                .and_then(|error| error.retry_after.as_ref()?.wait(now))
                .map_or(TimeDelta::seconds(seconds), |wait| wait.min(TimeDelta::days(1)));
            entry.not_before = Some(Moment::after(now, delay));
            self.put_back(id, entry);
            return None;
        }
        Some(match answer {
            Some(answer) if repeatable => BatchOutcome::GaveUp(Some(Box::new(answer))),
            Some(answer) => BatchOutcome::Answered(Box::new(answer)),
            None if repeatable => BatchOutcome::GaveUp(whole.cloned().map(Box::new)),
            None => BatchOutcome::Unknown,
        })
    }

    fn put_back(&mut self, id: BatchId, entry: Entry) {
        self.queue.add(id, &entry);
        self.waiting.insert(id, entry);
    }

    /// What waited for a request that was answered well waits no more. What was sent with it gets its
    /// place when it is settled itself.
    fn free_dependents(&mut self, id: BatchId, sent: &[BatchId]) {
        for dependent in self.queue.dependents.remove(&id).unwrap_or_default() {
            let Some(entry) = self.waiting.get_mut(&dependent) else { continue };
            entry.after.retain(|after| *after != id);
            if entry.after.is_empty() && !sent.contains(&dependent) {
                self.queue.add(dependent, entry);
            }
        }
    }

    /// What waits for a request that failed fails with it.
    fn fail_dependents(
        &mut self,
        mut failed: BTreeSet<BatchId>,
        outcomes: &mut Vec<(BatchId, BatchOutcome)>,
    ) {
        // Identities ascend, so what fails is met after that which made it fail.
        while let Some(dependency) = failed.pop_first() {
            for id in self.queue.dependents.remove(&dependency).unwrap_or_default() {
                if let Some(entry) = self.waiting.remove(&id) {
                    self.failed.insert(id);
                    failed.insert(id);
                    outcomes.push((id, entry.without(dependency)));
                }
            }
        }
    }
}
