//! One run: authorize, ask in batches, halve what fails.

use std::borrow::Cow;
use std::collections::VecDeque;

use chrono::{DateTime, Duration, Utc};

use super::state::{Call, InFlight, Quarantine, Run, time};
use super::{Event, FailReason, MIN_INTERVAL, Sync, SyncError, Transmit};
use crate::error::Error;
use crate::id::UpdateKey;
use crate::messages::{
    self, AuthorizationRequest, ConfigRequest, CookieRequest, Empty, Fault, FaultCode, Message,
    Presence, Soap, UpdateData, UpdateDataRequest, UpdateDocument,
};
use crate::metadata::{Select, Update};

/// How often a cookie is renewed in one run before the server is believed to refuse every one.
const MAX_RENEWALS: u32 = 2;
/// How long a busy or unreachable server is left in peace.
const BUSY: Duration = Duration::minutes(5);
/// The longest quarantine.
const LONGEST_QUARANTINE: Duration = Duration::hours(24);

impl Sync {
    /// The next request, if one is due. Asked again before its answer, it gives the same one.
    #[must_use]
    pub fn poll_transmit(&mut self, now: DateTime<Utc>) -> Option<Transmit> {
        if self.state.in_flight.is_none() {
            let call = self.next_call(now)?;
            let token = self.state.next_token;
            self.state.next_token = token.wrapping_add(1);
            self.state.in_flight = Some(InFlight { token, call });
        }
        let InFlight { token, call } = self.state.in_flight.clone()?;
        let url = match call {
            Call::Authorization => self.authorization_url()?,
            _ => format!("{}{}", self.config.server, crate::SERVER_SYNC_PATH),
        };
        let message = self.message(call);
        let mut body = Vec::new();
        if let Err(error) = messages::encode(Soap::V11, &message, &mut body) {
            // Something in the configuration cannot be written.
            self.fail(now, FailReason::Answer(error));
            return None;
        }
        Some(Transmit {
            token,
            url,
            content_type: "text/xml; charset=utf-8",
            soap_action: format!("\"{}\"", messages::soap_action(&message)),
            body,
        })
    }

    fn next_call(&mut self, now: DateTime<Utc>) -> Option<Call> {
        if self.state.run.is_none() {
            let due = self.state.next_run.is_none_or(|next| now.timestamp() >= next);
            if !due {
                return None;
            }
            let wanted = self.due(now);
            if wanted.is_empty() {
                return None;
            }
            let batches = VecDeque::from([wanted]);
            self.state.run = Some(Run { batches, renewals: 0 });
        }
        let skew = self.config.cookie_skew;
        let good = |cookie: &messages::Cookie| cookie.ends().is_some_and(|end| end - skew > now);
        let state = &mut self.state;
        if state.cookie.as_ref().is_none_or(|cookie| !good(cookie)) {
            return Some(if state.plug_in.is_none() {
                Call::AuthConfig
            } else if state.authorization.is_none() {
                Call::Authorization
            } else {
                Call::Cookie
            });
        }
        let Some(max) = state.max_updates else { return Some(Call::Config) };
        let max = usize::try_from(max).unwrap_or(usize::MAX).min(self.config.max_batch).max(1);
        let run = state.run.as_mut()?;
        let Some(mut batch) = run.batches.pop_front() else {
            self.finish(now);
            return None;
        };
        if batch.len() > max {
            run.batches.push_front(batch.split_off(max));
        }
        Some(Call::Updates(batch))
    }

    /// What is needed and not in quarantine.
    fn due(&self, now: DateTime<Utc>) -> Vec<UpdateKey> {
        let state = &self.state;
        let free = |id| {
            state.quarantine.get(id).is_none_or(|quarantine| now.timestamp() >= quarantine.until)
        };
        let needed = state.needed.iter().filter(|(id, _)| free(id));
        needed.map(|(id, revision)| UpdateKey::new(*id, *revision)).collect()
    }

    /// The authorization service: relative to the server's root, or at the same origin.
    fn authorization_url(&self) -> Option<String> {
        let named = self.state.plug_in.as_ref()?.service_url.as_str()?.trim();
        let server = &self.config.server;
        if named.contains("://") {
            let rest = named.strip_prefix(server.as_str())?;
            return rest.starts_with('/').then(|| named.to_owned());
        }
        if named.starts_with("//") {
            return None;
        }
        Some(format!("{server}/{}", named.trim_start_matches('/')))
    }

    fn message(&self, call: Call) -> Message<'static> {
        let cookie = self.state.cookie.clone();
        match call {
            Call::AuthConfig => Message::GetAuthConfig(Empty::default()),
            Call::Authorization => {
                let (name, guid) = (&self.config.account_name, &self.config.account_guid);
                Message::GetAuthorizationCookie(AuthorizationRequest::new(name, guid))
            }
            Call::Cookie => Message::GetCookie(CookieRequest {
                auth_cookies: self.state.authorization.clone().into_iter().collect(),
                old_cookie: cookie.into(),
                protocol_version: self.config.protocol_version.as_str().into(),
            }),
            Call::Config => Message::GetConfigData(ConfigRequest {
                cookie: cookie.into(),
                config_anchor: Presence::Absent,
            }),
            Call::Updates(update_ids) => {
                Message::GetUpdateData(UpdateDataRequest::new(cookie, update_ids))
            }
        }
    }

    /// Takes the answer to a request, whatever its HTTP status: faults come with 500.
    ///
    /// # Errors
    /// [`SyncError::Token`] for an answer that nobody waits for; nothing changes then.
    pub fn handle_response(
        &mut self,
        now: DateTime<Utc>,
        token: u64,
        body: &[u8],
    ) -> Result<(), SyncError> {
        let call = self.take_call(token)?;
        match messages::decode(body, &self.config.limits) {
            Ok((_, message)) => self.answer(now, call, message),
            Err(error) => self.fail(now, FailReason::Answer(error)),
        }
        Ok(())
    }

    /// Takes the news that a request got no answer: it could not be sent, or timed out.
    ///
    /// # Errors
    /// [`SyncError::Token`] for a request that nobody waits for; nothing changes then.
    pub fn handle_no_answer(
        &mut self,
        now: DateTime<Utc>,
        token: u64,
        why: impl Into<String>,
    ) -> Result<(), SyncError> {
        self.take_call(token)?;
        self.fail(now, FailReason::NoAnswer(why.into()));
        Ok(())
    }

    fn take_call(&mut self, token: u64) -> Result<Call, SyncError> {
        match self.state.in_flight.take_if(|in_flight| in_flight.token == token) {
            Some(in_flight) => Ok(in_flight.call),
            None => Err(SyncError::Token(token)),
        }
    }

    fn answer(&mut self, now: DateTime<Utc>, call: Call, message: Message<'_>) {
        match (call, message) {
            (call, Message::Fault(fault)) => self.fault(now, call, fault),
            (Call::AuthConfig, Message::GetAuthConfigResponse(config)) => {
                let plug_ins = config.into_value().map(|config| config.plug_ins.into_items());
                self.state.plug_in = plug_ins.unwrap_or_default().into_iter().next();
                if self.authorization_url().is_none() {
                    let plug_in = self.state.plug_in.take();
                    let url = plug_in
                        .and_then(|plug_in| plug_in.service_url.into_value())
                        .unwrap_or_default();
                    self.fail(now, FailReason::ForeignOrigin(url));
                }
            }
            (Call::Authorization, Message::GetAuthorizationCookieResponse(cookie)) => {
                self.state.authorization = cookie.into_value();
            }
            (Call::Cookie, Message::GetCookieResponse(cookie)) => {
                // A cookie that is expired when it comes would be asked for for ever.
                let renewals = self.state.run.get_or_insert_default();
                renewals.renewals += 1;
                let cookie = cookie.into_value().unwrap_or_default();
                let good = cookie.ends().is_some_and(|end| end > now);
                if !good && renewals.renewals > MAX_RENEWALS {
                    self.state.cookie = None;
                    let fault = Fault::new(FaultCode::CookieExpired);
                    return self.fail(now, FailReason::Fault(fault));
                }
                self.state.cookie = Some(cookie);
                self.events.push_back(Event::CookieChanged);
            }
            (Call::Config, Message::GetConfigDataResponse(config)) => {
                let max = config.value().and_then(|config| config.max_updates.value().copied());
                self.state.max_updates =
                    Some(max.and_then(|max| max.try_into().ok()).unwrap_or(u32::MAX));
            }
            (Call::Updates(batch), Message::GetUpdateDataResponse(data)) => {
                self.updates(now, &batch, &data.into_value().unwrap_or_default());
            }
            (_, message) => {
                let reason = FailReason::UnexpectedAnswer(message.name().to_owned());
                self.fail(now, reason);
            }
        }
    }

    fn updates(&mut self, now: DateTime<Utc>, batch: &[UpdateKey], data: &UpdateData<'_>) {
        let mut answered = Vec::new();
        for update in &data.updates {
            let key = update.key.value().copied();
            match self.document(update) {
                Ok((found, document)) => {
                    // What was not asked for is not taken.
                    if !batch.iter().any(|asked| asked.id == found.0.id) {
                        continue;
                    }
                    answered.push(found.0.id);
                    self.document_found(found, document);
                }
                Err(error) => {
                    let asked =
                        batch.iter().find(|asked| key.is_some_and(|key| key.id == asked.id));
                    if let Some(asked) = asked {
                        answered.push(asked.id);
                        self.events.push_back(Event::Unreadable { key: *asked, error });
                        self.quarantine(now, *asked, false);
                    }
                }
            }
        }
        for key in batch {
            if !answered.contains(&key.id) {
                self.quarantine(now, *key, true);
            }
        }
    }

    /// The document's identity, whether it is a definition update, and its text.
    fn document(&self, update: &UpdateDocument<'_>) -> Result<((UpdateKey, bool), String), Error> {
        let text: Cow<'_, str> = update.blob().into_document(&self.config.limits)?;
        let read = Update::read(&text, Select::RELATIONSHIPS, &self.config.limits)?;
        Ok(((read.key, read.is_definition_update()), text.into_owned()))
    }

    fn document_found(&mut self, (key, definition): (UpdateKey, bool), document: String) {
        let state = &mut self.state;
        if definition {
            state.needed.remove(&key.id);
            state.quarantine.remove(&key.id);
            if state.definitions.insert(key.id) {
                self.events.push_back(Event::DefinitionUpdateSkipped(key));
            }
            return;
        }
        // The newest revision wins; an equal or older one says nothing new.
        if state.known.get(&key.id).is_none_or(|known| *known < key.revision) {
            self.events.push_back(Event::Update { key, document });
        } else {
            state.needed.remove(&key.id);
        }
    }

    /// Leaves an update in peace for a while.
    fn quarantine(&mut self, now: DateTime<Utc>, key: UpdateKey, tell: bool) {
        let before = self.state.quarantine.get(&key.id).map_or(0, |quarantine| quarantine.attempts);
        let factor = 1i32.checked_shl(before.min(16)).unwrap_or(i32::MAX);
        let wait = self
            .config
            .quarantine
            .checked_mul(factor)
            .unwrap_or(LONGEST_QUARANTINE)
            .min(LONGEST_QUARANTINE);
        let until = now + wait;
        let quarantine =
            Quarantine { until: until.timestamp(), attempts: before.saturating_add(1) };
        self.state.quarantine.insert(key.id, quarantine);
        if tell {
            let until = time(quarantine.until);
            self.events.push_back(Event::Unavailable { key, until });
        }
    }

    /// What to do about a fault (MS-WSUSSS 2.2.2.4, and what real servers mean by them).
    fn fault(&mut self, now: DateTime<Utc>, call: Call, fault: Fault) {
        let none = FaultCode::Other(String::new());
        let run = self.state.run.get_or_insert_default();
        match (fault.code.as_ref().unwrap_or(&none), call) {
            (
                FaultCode::InvalidCookie
                | FaultCode::CookieExpired
                | FaultCode::InvalidAuthorizationCookie
                | FaultCode::ServerChanged
                | FaultCode::ConfigChanged,
                call,
            ) if run.renewals <= MAX_RENEWALS => {
                run.renewals += 1;
                if let Call::Updates(batch) = call {
                    run.batches.push_front(batch);
                }
                self.state.cookie = None;
                self.state.max_updates = None;
                if !matches!(fault.code, Some(FaultCode::InvalidCookie | FaultCode::CookieExpired))
                {
                    self.state.authorization = None;
                    self.state.plug_in = None;
                }
            }
            // One update that the server does not know, or too many at once: halve.
            (
                FaultCode::InternalServerError
                | FaultCode::InvalidParameters
                | FaultCode::TooManyIds,
                Call::Updates(mut batch),
            ) => {
                if batch.len() > 1 {
                    let rest = batch.split_off(batch.len() / 2);
                    run.batches.push_front(rest);
                    run.batches.push_front(batch);
                } else if let Some(key) = batch.first() {
                    self.quarantine(now, *key, true);
                }
            }
            _ => self.fail(now, FailReason::Fault(fault)),
        }
    }

    /// Ends the run. What was to be asked for stays needed.
    fn fail(&mut self, now: DateTime<Utc>, reason: FailReason) {
        let soon = matches!(reason, FailReason::NoAnswer(_))
            || matches!(&reason, FailReason::Fault(fault) if fault.code == Some(FaultCode::ServerBusy));
        self.state.run = None;
        self.state.in_flight = None;
        let wait = if soon { BUSY } else { self.interval() };
        self.state.next_run = Some((now + wait).timestamp());
        self.events.push_back(Event::Failed(reason));
    }

    fn finish(&mut self, now: DateTime<Utc>) {
        self.state.run = None;
        let next = now + self.interval();
        self.state.next_run = Some(next.timestamp());
        self.events.push_back(Event::Finished { next: time(next.timestamp()) });
    }

    fn interval(&self) -> Duration {
        self.config.interval.max(MIN_INTERVAL)
    }
}
