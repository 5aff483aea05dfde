//! Many requests in one: `$batch` (Graph, "JSON batching").

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::json::{RawObject, Value};
use crate::moment::Moment;
use crate::requests::{Expect, Headers, Method, Request};
use crate::response::Response;

/// How many requests one batch may hold (Graph, "JSON batching").
pub const BATCH_SIZE: usize = 20;

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
    /// It was sent, no answer came, and to send it again could do its work twice.
    Unknown,
    /// It was tried as often as [`Batcher::with_attempts`] allows; the last answer, if there was
    /// one.
    GaveUp(Option<Box<Response>>),
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Entry {
    request: Request,
    after: Vec<BatchId>,
    attempts: u32,
    not_before: Option<Moment>,
}

/// Packs requests into batches and takes the answers apart.
///
/// Answers come in any order and are found by their IDs. A request that was throttled is sent again
/// after the time that its own `Retry-After` says, and so is what failed because of it (424). Every
/// request has exactly one [outcome](BatchOutcome). State is plain serde data.
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
pub struct Batcher {
    next: u64,
    waiting: BTreeMap<BatchId, Entry>,
    sent: Vec<BatchId>,
    /// Requests that failed for good, for those that depend on them.
    failed: BTreeSet<BatchId>,
    attempts: u32,
}

impl Default for Batcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Batcher {
    /// Without requests; each is tried at most five times.
    #[must_use]
    pub fn new() -> Self {
        Self {
            next: 0,
            waiting: BTreeMap::new(),
            sent: Vec::new(),
            failed: BTreeSet::new(),
            attempts: 5,
        }
    }

    /// With another number of attempts of one request, at least one.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Adds a request, to be sent after others were answered with a 2xx.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if the request is not for the beta version, where the batch goes, or has
    /// a body that is not JSON, and
    /// [`ErrorKind::Command`] if it shall come after one that was never added or has failed.
    pub fn add(
        &mut self,
        request: Request,
        after: impl IntoIterator<Item = BatchId>,
    ) -> Result<BatchId, Error> {
        if !request.target.starts_with("/beta/") {
            return Err(Error::value("a target of the beta version", &request.target));
        }
        if request.body.is_some() && request.body_value().is_none() {
            return Err(Error::value("a request with a body of JSON", &request.target));
        }
        let mut after: Vec<BatchId> = after.into_iter().collect();
        if after.iter().any(|id| id.0 >= self.next) {
            let reason = "it depends on a request that was never added";
            return Err(ErrorKind::Command { command: "add", reason }.into());
        }
        if after.iter().any(|id| self.failed.contains(id)) {
            let reason = "it depends on a request that failed";
            return Err(ErrorKind::Command { command: "add", reason }.into());
        }
        // What was answered well is done.
        after.retain(|id| self.waiting.contains_key(id));
        let id = BatchId(self.next);
        self.next += 1;
        self.waiting.insert(id, Entry { request, after, attempts: 0, not_before: None });
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
        let times = self.waiting.values().map(|entry| entry.not_before);
        times.map(|time| time.map_or(DateTime::UNIX_EPOCH, |time| time.0)).min()
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
    /// one after the other or not at all, so a chain goes alone. Requests for Intune and for the
    /// deployment service need other permissions, so they do not go together.
    fn choose(&self, now: DateTime<Utc>) -> Vec<BatchId> {
        let ready = |entry: &Entry| entry.not_before.is_none_or(|time| time.0 <= now);
        let free = |entry: &Entry| ready(entry) && entry.after.is_empty();
        let Some(first) = self.waiting.values().find(|entry| free(entry)) else {
            return Vec::new();
        };
        let intune = first.request.permission.is_intune();
        let mut chosen: Vec<BatchId> = self
            .waiting
            .iter()
            .filter(|(_, entry)| free(entry) && entry.request.permission.is_intune() == intune)
            .map(|(id, _)| *id)
            .take(BATCH_SIZE)
            .collect();
        if let [root] = chosen.as_slice() {
            let mut last = *root;
            while chosen.len() < BATCH_SIZE {
                // Identities ascend, and nothing depends on what was added later.
                let next = self.waiting.range(last..).find(|(_, entry)| {
                    ready(entry)
                        && entry.after == [last]
                        && entry.request.permission.is_intune() == intune
                });
                let Some((id, _)) = next else { break };
                last = *id;
                chosen.push(last);
            }
        }
        chosen
    }

    fn pack(&self) -> Request {
        let requests = self.sent.iter().filter_map(|id| {
            let entry = self.waiting.get(id)?;
            let request = &entry.request;
            let mut inner = RawObject::from_iter([
                ("id", Value::from(id.to_string())),
                ("method", Value::from(request.method.as_str())),
                ("url", Value::from(request.target.strip_prefix("/beta").unwrap_or_default())),
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
        let mut batch = Request::new(Method::Post, "/beta/$batch", Expect::Entity).with_body(body);
        let inner = || self.sent.iter().filter_map(|id| self.waiting.get(id));
        batch.idempotent = inner().all(|entry| entry.request.idempotent);
        if let Some(most) = inner().map(|entry| entry.request.permission).max() {
            batch.permission = most;
        }
        batch
    }

    /// Takes the answer to the batch under way.
    ///
    /// # Errors
    /// [`ErrorKind::Command`] if none is under way and [`ErrorKind::Shape`] if the answer is none
    /// to a batch. The batch is then still under way: [`poll`](Self::poll) gives it again,
    /// [`handle_loss`](Self::handle_loss) gives it up.
    pub fn handle_response(
        &mut self,
        now: DateTime<Utc>,
        answer: &Response,
    ) -> Result<Vec<(BatchId, BatchOutcome)>, Error> {
        if self.sent.is_empty() {
            let reason = "no batch is under way";
            return Err(ErrorKind::Command { command: "handle_response", reason }.into());
        }
        if let Some(error) = &answer.error {
            // The whole batch failed: each request has, or nobody knows.
            return Ok(if error.is_ambiguous() {
                self.settle(now, BTreeMap::new())
            } else {
                self.settle(now, self.sent.iter().map(|id| (*id, answer.clone())).collect())
            });
        }
        let list = answer.body.as_ref().and_then(Value::as_object);
        let list = list.and_then(|body| body.get_loose("responses")).and_then(Value::as_array);
        let Some(list) = list else {
            let found = answer.body.as_ref().map_or("no body", Value::name).to_owned();
            return Err(ErrorKind::Shape { expected: "an array `responses`", found }.into());
        };
        let mut answers: BTreeMap<BatchId, Response> = BTreeMap::new();
        for inner in list.iter().filter_map(Value::as_object) {
            let id = inner.text("id").and_then(|id| id.parse().ok()).map(BatchId);
            let Some(id) = id.filter(|id| self.sent.contains(id)) else { continue };
            // The first answer to an ID counts.
            if let (false, Some(read)) = (answers.contains_key(&id), Self::inner(inner)) {
                answers.insert(id, read);
            }
        }
        Ok(self.settle(now, answers))
    }

    fn inner(inner: &RawObject) -> Option<Response> {
        let status = inner.get_loose("status")?.as_i64()?.try_into().ok()?;
        let headers: Headers = inner
            .get_loose("headers")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(RawObject::iter)
            .filter_map(|(name, value)| Some((name, value.as_str()?)))
            .collect();
        let body = match inner.get_loose("body") {
            None | Some(Value::Null) => Vec::new(),
            Some(body) => body.to_json().into_bytes(),
        };
        Response::parse(status, &headers, &body).ok()
    }

    /// No answer came to the batch under way. What can be sent again is; of the others nobody knows.
    pub fn handle_loss(&mut self, now: DateTime<Utc>) -> Vec<(BatchId, BatchOutcome)> {
        self.settle(now, BTreeMap::new())
    }

    /// Gives every request that was sent its outcome, or back to those that wait.
    fn settle(
        &mut self,
        now: DateTime<Utc>,
        mut answers: BTreeMap<BatchId, Response>,
    ) -> Vec<(BatchId, BatchOutcome)> {
        let mut outcomes = Vec::new();
        // Identities ascend, so a request comes after those that it depends on.
        for id in std::mem::take(&mut self.sent) {
            let Some(entry) = self.waiting.remove(&id) else { continue };
            let answer = answers.remove(&id);
            let status = answer.as_ref().map(|answer| answer.status);
            let failed = entry.after.iter().copied().find(|id| self.failed.contains(id));
            let outcome = match failed {
                Some(dependency) if matches!(status, None | Some(424)) => {
                    Some(BatchOutcome::DependencyFailed(dependency))
                }
                _ => self.settle_one(now, id, entry, answer),
            };
            if let Some(outcome) = outcome {
                let good = matches!(
                    &outcome,
                    BatchOutcome::Answered(answer) if answer.error.is_none()
                );
                outcomes.push((id, outcome));
                if good {
                    for entry in self.waiting.values_mut() {
                        entry.after.retain(|after| *after != id);
                    }
                } else {
                    self.failed.insert(id);
                }
            }
        }
        self.fail_dependents(&mut outcomes);
        outcomes
    }

    /// The outcome of one request that was sent, or none if it waits again.
    fn settle_one(
        &mut self,
        now: DateTime<Utc>,
        id: BatchId,
        mut entry: Entry,
        answer: Option<Response>,
    ) -> Option<BatchOutcome> {
        let error = answer.as_ref().and_then(|answer| answer.error.as_ref());
        if error.is_some_and(|error| error.status == 424) && !entry.after.is_empty() {
            // It was not tried: what it depends on waits again, and it waits with it.
            self.waiting.insert(id, entry);
            return None;
        }
        entry.attempts += 1;
        let repeatable = match (&answer, error) {
            (None, _) => entry.request.idempotent,
            (_, None) => false,
            (_, Some(error)) => {
                error.is_transient() && (entry.request.idempotent || !error.is_ambiguous())
            }
        };
        if repeatable && entry.attempts < self.attempts {
            // Without a time of the service's: 1, 2, 4 … seconds.
            let seconds = 1i64 << entry.attempts.saturating_sub(1).min(8);
            let delay = error
                .and_then(|error| error.retry_after.as_ref())
                .map_or(TimeDelta::seconds(seconds), |after| {
                    after.delay(now).min(TimeDelta::days(1))
                });
            entry.not_before = Some(Moment::after(now, delay));
            self.waiting.insert(id, entry);
            return None;
        }
        Some(match answer {
            Some(answer) if repeatable => BatchOutcome::GaveUp(Some(Box::new(answer))),
            Some(answer) => BatchOutcome::Answered(Box::new(answer)),
            None if repeatable => BatchOutcome::GaveUp(None),
            None => BatchOutcome::Unknown,
        })
    }

    /// What waits for a request that failed fails with it.
    fn fail_dependents(&mut self, outcomes: &mut Vec<(BatchId, BatchOutcome)>) {
        // Identities ascend, so one pass finds chains.
        let ids: Vec<BatchId> = self.waiting.keys().copied().collect();
        for id in ids {
            let after = self.waiting.get(&id).map(|entry| entry.after.as_slice());
            let failed = after.and_then(|after| after.iter().find(|id| self.failed.contains(id)));
            if let Some(dependency) = failed.copied() {
                self.waiting.remove(&id);
                self.failed.insert(id);
                outcomes.push((id, BatchOutcome::DependencyFailed(dependency)));
            }
        }
    }
}
