//! What to ask next, and when.

use chrono::{DateTime, Duration, Utc};

use super::config::Filter;
use super::state::{Call, InFlight, Run, Stage, Which, time};
use super::{Event, FailReason, MIN_INTERVAL, Scope, Summary, Sync, Transmit};
use crate::endpoints::{SERVER_SYNC_PATH, resolve};
use crate::id::{UpdateId, UpdateKey};
use crate::messages::{
    self, AuthorizationRequest, ConfigRequest, Cookie, CookieRequest, Empty, Guid, IdAndDelta,
    LanguageAndDelta, List, Message, RelatedRevisionsRequest, RevisionFilter, RevisionRequest,
    UpdateDataRequest,
};

/// How far the caller's clock may go back without being noticed, in seconds.
const CLOCK_TOLERANCE: i64 = 60;
/// The shortest and the longest wait before a request is repeated (MS-WSUSSS note 77).
const WAIT: (i64, i64) = (60, 300);

impl Sync {
    /// The next request, if one is due. Asked again before its answer, it gives the same one.
    ///
    /// The machine does not see the headers of HTTP and waits by times of its own. Where a server
    /// names one (503 or 429 with Retry-After), the caller waits at least as long before it asks
    /// for the next request: nothing is lost by coming late.
    #[must_use]
    pub fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<Transmit> {
        self.look_at_clock(now);
        if self.state.pending_call.is_none() {
            let call = self.next_call(now)?;
            let token = self.state.next_token;
            self.state.next_token = token.wrapping_add(1);
            self.state.pending_call = Some(InFlight { token, call });
        }
        let InFlight { token, call } = self.state.pending_call.clone()?;
        let url = match call {
            Call::Authorization => self.state.authorization_url.clone(),
            _ => Some(format!("{}{SERVER_SYNC_PATH}", self.config.server)),
        };
        let message = self.message(call);
        let mut body = Vec::new();
        let written = messages::encode(self.config.soap, &message, &mut body);
        let Some(url) = url else {
            // A state that was tampered with: authorization begins at its beginning.
            self.state.forget_authorization();
            self.fail(now, FailReason::ForeignOrigin(String::new()));
            return None;
        };
        if let Err(error) = written {
            // Something in the configuration cannot be written.
            self.fail(now, FailReason::Answer(error));
            return None;
        }
        Some(Transmit {
            token,
            url,
            content_type: self.config.soap.content_type(Some(&message)).into_owned(),
            soap_action: format!("\"{}\"", messages::soap_action(&message)),
            body,
        })
    }

    /// When there is something to do again, if there is. To be asked after everything else, and
    /// again after the clock was set.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<DateTime<Utc>> {
        let state = &self.state;
        if let Some(run) = &state.run {
            return Some(time(run.wait.unwrap_or_default()));
        }
        if state.pending_call.is_some() {
            return Some(time(0));
        }
        let next = state.next_run.unwrap_or_default();
        if self.config.scope != Scope::Needed {
            return Some(time(next));
        }
        // The first moment at which something that is needed may be asked for.
        let free = state.wanted.iter().filter_map(|(id, wanted)| {
            let until = |revision| {
                let rest = state.rest(&UpdateKey::new(*id, revision));
                rest.map_or(0, |rest| rest.until)
            };
            wanted.highest_first().map(until).min()
        });
        free.min().map(|free| time(free.max(next)))
    }

    pub(super) fn look_at_clock(&mut self, now: DateTime<Utc>) {
        let now = now.timestamp();
        if let Some(seen) = self.state.seen
            && seen.saturating_sub(now) > CLOCK_TOLERANCE
        {
            self.state.shift(seen.saturating_sub(now));
        }
        self.state.seen = Some(now);
    }

    fn next_call(&mut self, now: DateTime<Utc>) -> Option<Call> {
        let seconds = now.timestamp();
        if self.state.run.is_none() {
            let due = self.poll_timeout().is_some_and(|due| now >= due);
            if !due {
                return None;
            }
            if std::mem::take(&mut self.state.start_over) {
                self.state.forget_anchors();
            }
            self.state.last_start = Some(seconds);
            // Whatever becomes of this run, the next one keeps its distance.
            self.state.next_run = Some(seconds.saturating_add(self.interval().num_seconds()));
            let summary = Summary { started: seconds, ..Summary::default() };
            self.state.run = Some(Run { summary, ..Run::default() });
            self.nothing_due = false;
        }
        let run = self.state.run.as_mut()?;
        if run.wait.is_some_and(|wait| now < time(wait)) {
            return None;
        }
        run.wait = None;
        if let Some(call) = self.handshake(now) {
            return Some(call);
        }
        if !self.state.run.as_ref()?.config_read {
            return Some(Call::Config);
        }
        self.next_data_call(now)
    }

    /// The next call towards a cookie, if there is none that is good.
    fn handshake(&self, now: DateTime<Utc>) -> Option<Call> {
        let state = &self.state;
        let fresh = state.run.as_ref().is_some_and(|run| run.fresh_cookie);
        let good = |cookie: &Cookie| fresh || self.seems_good(cookie, now);
        let good = state.session_cookie.as_ref().is_some_and(good);
        if good {
            None
        } else if state.authorization_url.is_none() {
            Some(Call::AuthConfig)
        } else if state.authorization_cookie.is_none() {
            Some(Call::Authorization)
        } else {
            Some(Call::Cookie)
        }
    }

    /// Whether a cookie is good by our clock.
    pub(super) fn seems_good(&self, cookie: &Cookie, now: DateTime<Utc>) -> bool {
        let skew = self.config.cookie_skew;
        let ends = cookie.ends().and_then(|end| end.checked_sub_signed(skew));
        ends.is_some_and(|end| end > now)
    }

    fn next_data_call(&mut self, now: DateTime<Utc>) -> Option<Call> {
        loop {
            let max = self.batch();
            let run = self.state.run.as_mut()?;
            if let Some(keys) = run.queue.front_mut() {
                let mut batch: Vec<UpdateKey> = keys.drain(..max.min(keys.len())).collect();
                if keys.is_empty() {
                    run.queue.pop_front();
                }
                // Known by now, or forgotten, or found to be unreadable before its answer broke off.
                batch.retain(|key| self.is_asked_for(key) && !self.state.rests(key, now));
                if !batch.is_empty() {
                    return Some(Call::Updates(batch));
                }
                continue;
            }
            match run.stage {
                Stage::Categories | Stage::Updates => {
                    let which = match run.stage {
                        Stage::Categories => Which::Categories,
                        _ => Which::Updates,
                    };
                    match self.filter_of(which) {
                        None => self.go_to(which.next()),
                        Some(_) if self.state.list(which).taking.is_some() => {
                            self.go_to(which.next());
                            self.queue_list(which, now);
                        }
                        Some(filter) => return Some(Call::List(which, filter)),
                    }
                }
                Stage::Needed => {
                    if !self.nothing_due {
                        let due = self.due(now);
                        self.nothing_due = due.is_empty();
                        if !due.is_empty() {
                            self.queue(due);
                            continue;
                        }
                    }
                    if let Some(call) = self.next_lookup() {
                        return Some(call);
                    }
                    self.finish(now);
                    return None;
                }
            }
        }
    }

    /// The filter that a list is asked for with, if it is asked for.
    pub(super) fn filter_of(&self, which: Which) -> Option<Filter> {
        let filter = match (which, &self.config.scope) {
            (_, Scope::Needed) | (Which::Updates, Scope::Categories) => return None,
            (Which::Categories, _) => Filter::everything(),
            (Which::Updates, Scope::Updates(filter)) => {
                filter.clone().with_definitions(self.config.definition_updates)
            }
        };
        Some(filter.asked_by(&self.config))
    }

    pub(super) fn go_to(&mut self, stage: Stage) {
        if let Some(run) = &mut self.state.run {
            run.stage = stage;
        }
    }

    pub(super) fn queue(&mut self, keys: Vec<UpdateKey>) {
        if let Some(run) = &mut self.state.run
            && !keys.is_empty()
        {
            let count = u64::try_from(keys.len()).unwrap_or(u64::MAX);
            run.summary.total = run.summary.total.saturating_add(count);
            run.queue.push_back(keys.into());
        }
    }

    /// Queues what remains of a list. What rests is needed from now on, so that the list can end.
    pub(super) fn queue_list(&mut self, which: Which, now: DateTime<Utc>) {
        let list = self.state.list(which);
        let Some(taking) = &list.taking else { return };
        let remaining: Vec<UpdateKey> =
            taking.remaining.iter().map(|(id, revision)| UpdateKey::new(*id, *revision)).collect();
        let mut keys = Vec::new();
        for key in remaining {
            if self.state.rests(&key, now) {
                self.give_up(key);
            } else if self.state.run.as_ref().is_some_and(|run| !run.asked.contains(&key)) {
                keys.push(key);
            }
        }
        self.queue(keys);
        self.state.list(which).promote();
    }

    /// The most updates in the next request.
    pub(super) fn batch(&self) -> usize {
        let server = self.state.server_max.and_then(|max| usize::try_from(max).ok());
        let by_size = self.config.max_answer.checked_div(self.state.document_size);
        let max = self.config.max_batch.min(server.unwrap_or(usize::MAX));
        max.min(by_size.unwrap_or(usize::MAX)).max(1)
    }

    fn is_asked_for(&self, key: &UpdateKey) -> bool {
        let wanted = self.state.wanted.get(&key.id);
        let named = wanted.is_some_and(|wanted| wanted.has(key.revision));
        (named || self.state.is_listed(key)) && !self.state.is_known(key)
    }

    /// What is needed, of each update the highest revision that does not rest; what failed least
    /// often comes first.
    fn due(&self, now: DateTime<Utc>) -> Vec<UpdateKey> {
        let state = &self.state;
        let asked = |key: &UpdateKey| state.run.as_ref().is_some_and(|run| run.asked.contains(key));
        let mut due: Vec<(u32, UpdateKey)> = Vec::new();
        for (id, wanted) in &state.wanted {
            let mut keys = wanted.highest_first().map(|revision| UpdateKey::new(*id, revision));
            // One that was delivered in this run and waits to be committed says enough. What is known
            // by now is not asked for: to queue it would only be to take it off the queue again.
            let free = keys.find(|key| !state.rests(key, now) && !state.is_known(key));
            let Some(key) = free.filter(|key| !asked(key)) else { continue };
            due.push((state.rest(&key).map_or(0, |rest| rest.attempts), key));
        }
        due.sort_unstable();
        due.into_iter().map(|(_, key)| key).collect()
    }

    fn message(&self, call: Call) -> Message<'static> {
        let cookie = self.state.session_cookie.clone();
        match call {
            Call::AuthConfig => Message::GetAuthConfig(Empty::default()),
            Call::Authorization => {
                let (name, guid) = (&self.config.account_name, &self.config.account_guid);
                Message::GetAuthorizationCookie(AuthorizationRequest::new(name, guid))
            }
            Call::Cookie => Message::GetCookie(CookieRequest {
                auth_cookies: self.state.authorization_cookie.clone().into_iter().collect(),
                old_cookie: self.state.old_cookie().cloned().into(),
                protocol_version: self.config.protocol_version.as_str().into(),
            }),
            Call::Config => Message::GetConfigData(ConfigRequest {
                cookie: cookie.into(),
                config_anchor: self.state.config_anchor.clone().into(),
            }),
            Call::List(which, filter) => Message::GetRevisionIdList(RevisionRequest {
                cookie: cookie.into(),
                filter: self.list_filter(which, &filter).into(),
            }),
            Call::Updates(update_ids) => {
                Message::GetUpdateData(UpdateDataRequest::new(cookie, update_ids))
            }
            Call::Current(ids) => {
                let ids: List<UpdateId> = ids.into_iter().collect();
                Message::GetRelatedRevisionsForUpdates(RelatedRevisionsRequest::new(cookie, ids))
            }
        }
    }

    fn list_filter(&self, which: Which, filter: &Filter) -> RevisionFilter {
        let minor = self.config.protocol_minor();
        let mut request = RevisionFilter {
            get_config: (which == Which::Categories).into(),
            // Forbidden in 1.1, insisted on later by the public service.
            get_63_language_only: (minor >= 2).then_some(self.config.only_63_languages).into(),
            ..RevisionFilter::default()
        };
        let list = match which {
            Which::Categories => &self.state.categories,
            Which::Updates => &self.state.updates,
        };
        let before = &list.filter;
        let anchor = list.anchor.clone().filter(|_| !filter.opens(before));
        let known = anchor.is_some();
        request.anchor = anchor.into();
        if which == Which::Updates {
            let product =
                |id| IdAndDelta::new(Guid::from(id), known && Filter::had_product(before, id));
            let classification = |id| {
                IdAndDelta::new(Guid::from(id), known && Filter::had_classification(before, id))
            };
            // With a further one there is no anchor.
            let language = |id: i32| LanguageAndDelta { id: id.into(), delta: known.into() };
            request.categories = filter.products().map(product).collect::<List<_>>().or_absent();
            request.classifications =
                filter.classifications().map(classification).collect::<List<_>>().or_absent();
            request.languages = filter.languages().map(language).collect::<List<_>>().or_absent();
        }
        request
    }

    /// The authorization service's address, if it can be trusted.
    pub(super) fn authorization_url(&self, named: &str) -> Option<String> {
        resolve(&self.config.server, named)
    }

    /// Repeats the request later, if that was not done often enough.
    pub(super) fn retry(&mut self, now: DateTime<Utc>, call: Call, reason: FailReason) {
        let most = self.config.retries;
        let jitter = i64::from(self.config.jitter);
        let run = self.state.run.get_or_insert_default();
        if run.retries >= most {
            return self.fail_call(now, &call, reason);
        }
        run.retries = run.retries.saturating_add(1);
        if let Call::Updates(batch) = call {
            run.queue.push_front(batch.into());
        }
        let (shortest, longest) = WAIT;
        let wait = shortest + (longest - shortest) * jitter / i64::from(u32::MAX);
        let until = now.timestamp().saturating_add(wait);
        run.wait = Some(until);
        self.events.push_back(Event::Waiting { reason, until: time(until) });
    }

    /// Ends the run, unless it can go on without what was asked.
    pub(super) fn fail_call(&mut self, now: DateTime<Utc>, call: &Call, reason: FailReason) {
        if matches!(call, Call::Current(_)) {
            self.no_current(reason);
        } else {
            self.fail(now, reason);
        }
    }

    /// Ends the run. What was to be asked for stays needed.
    pub(super) fn fail(&mut self, now: DateTime<Utc>, reason: FailReason) {
        if self.state.authorization_cookie.is_none() {
            // An address that gave no cookie may be one of before: the next run asks for it again.
            self.state.authorization_url = None;
        }
        self.end(now, true);
        self.events.push_back(Event::Failed(reason));
    }

    fn finish(&mut self, now: DateTime<Utc>) {
        let next = self.end(now, false);
        self.events.push_back(Event::Finished { next });
    }

    fn end(&mut self, now: DateTime<Utc>, failed: bool) -> DateTime<Utc> {
        self.state.pending_call = None;
        self.state.forget_rests();
        let seconds = now.timestamp();
        let mut next = seconds.saturating_add(self.interval().num_seconds());
        if let Some(run) = self.state.run.take() {
            if let Some(soonest) = self.state.soonest().filter(|_| run.hurried) {
                // After a run that took longer than that, at once.
                next = next.min(soonest.max(seconds.saturating_add(1)));
            }
            self.state.last_run = Some(Summary { ended: Some(seconds), failed, ..run.summary });
        }
        self.state.next_run = Some(next);
        time(next)
    }

    fn interval(&self) -> Duration {
        self.config.interval.clamp(MIN_INTERVAL, Duration::days(365))
    }
}
