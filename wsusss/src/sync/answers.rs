//! What answers and faults mean.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::chunks::START;
use super::documents::known_or_left_out;
use super::state::{Call, Run, Stage, Which};
use super::{Event, FailReason, Sync, SyncError};
use crate::error::{Error, ErrorKind};
use crate::id::UpdateKey;
use crate::messages::{
    self, Asked, Cookie, Fault, FaultCode, Message, Presence, Reaction, RevisionList, Secret,
};

/// How often in a row a cookie is refused before the server is believed to refuse every one: the
/// first time it is renewed, the second time authorization starts over.
const MAX_REFUSALS: u32 = 2;

impl Sync {
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
        self.receiving = None;
        self.look_at_clock(now);
        match messages::decode(body, &self.config.limits) {
            Ok((_, message)) => self.answer(now, call, message, body.len()),
            Err(error) => self.unread_answer(now, call, error, body),
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
        let call = self.take_call(token)?;
        self.receiving = None;
        self.look_at_clock(now);
        self.retry(now, call, FailReason::NoAnswer(why.into()));
        Ok(())
    }

    /// An answer that cannot be read. If it is one, something in it is at fault: a document that
    /// is too large or has a character that XML cannot carry fails all that came with it.
    pub(super) fn unread_answer(
        &mut self,
        now: DateTime<Utc>,
        call: Call,
        error: Error,
        body: &[u8],
    ) {
        let too_much = matches!(error.kind(), ErrorKind::Limit { .. })
            || matches!(error.kind(), ErrorKind::Xml(mdm_xml::ErrorKind::Limit { .. }));
        let start = body.get(..START).unwrap_or(body);
        let soap = start.windows(8).any(|part| part == b"Envelope");
        match call {
            Call::Updates(batch) if soap || too_much => {
                let most = self.config.max_failures;
                let run = self.run();
                run.failures = run.failures.saturating_add(1);
                let failures = run.failures;
                match batch.as_slice() {
                    [one] => self.unreadable(now, *one, error.clone()),
                    _ => self.split(batch),
                }
                if failures > most {
                    self.fail(now, FailReason::Answer(error));
                }
            }
            Call::List(..) if too_much => self.fail(now, FailReason::Answer(error)),
            Call::Current(asked) if soap || too_much => {
                self.lookup_refused(&asked, FailReason::Answer(error));
            }
            // To wait for an answer that can be read is worth it to nobody.
            Call::Current(_) => self.no_current(FailReason::Answer(error)),
            call => self.retry(now, call, FailReason::Answer(error)),
        }
    }

    pub(super) fn take_call(&mut self, token: u64) -> Result<Call, SyncError> {
        match self.state.pending_call.take_if(|pending| pending.token == token) {
            Some(pending) => Ok(pending.call),
            None => Err(SyncError::Token(token)),
        }
    }

    pub(super) fn run(&mut self) -> &mut Run {
        self.state.run.get_or_insert_default()
    }

    /// A request has got an answer that can be read.
    pub(super) fn answered(&mut self) {
        let summary = &mut self.run().summary;
        summary.requests = summary.requests.saturating_add(1);
    }

    pub(super) fn answer(
        &mut self,
        now: DateTime<Utc>,
        call: Call,
        message: Message<'_>,
        size: usize,
    ) {
        self.answered();
        if let Message::Fault(fault) = message {
            return self.fault(now, call, fault);
        }
        if let Err(error) = self.check_tokens(&message) {
            return self.fail(now, FailReason::Answer(error));
        }
        // A cookie that ends while a busy server is waited for must not prolong that for ever.
        let handshake = matches!(call, Call::AuthConfig | Call::Authorization | Call::Cookie);
        match (call, message) {
            (Call::AuthConfig, Message::GetAuthConfigResponse(Presence::Value(config))) => {
                let plug_in = config.plug_ins.first();
                let named = plug_in.and_then(|plug_in| plug_in.service_url.as_str());
                let named = named.unwrap_or_default();
                self.state.authorization_url = self.authorization_url(named);
                if self.state.authorization_url.is_none() {
                    return self.fail(now, FailReason::ForeignOrigin(named.to_owned()));
                }
            }
            (
                Call::Authorization,
                Message::GetAuthorizationCookieResponse(Presence::Value(cookie)),
            ) => self.state.authorization_cookie = Some(cookie),
            (Call::Cookie, Message::GetCookieResponse(Presence::Value(cookie))) => {
                self.cookie(now, cookie);
            }
            (Call::Config, Message::GetConfigDataResponse(Presence::Value(config))) => {
                let max = config.max_updates.value().copied().unwrap_or_default();
                self.state.server_max = u32::try_from(max).ok().filter(|max| *max > 0);
                self.state.server_version = config.protocol_version.into_value();
                self.state.config_anchor = config.new_config_anchor.into_value();
                self.run().config_read = true;
            }
            (
                Call::List(which, filter),
                Message::GetRevisionIdListResponse(Presence::Value(list)),
            ) => {
                self.went_well();
                self.list(now, which, filter, list);
            }
            (Call::Updates(batch), Message::GetUpdateDataResponse(Presence::Value(data))) => {
                self.went_well();
                self.updates(now, &batch, &data, size);
            }
            (Call::Current(asked), Message::GetRelatedRevisionsForUpdatesResponse(told)) => {
                self.went_well();
                self.take_current(now, asked, &told);
            }
            (Call::Current(_), message) => {
                let reason = FailReason::UnexpectedAnswer(message.name().to_owned());
                return self.no_current(reason);
            }
            (_, message) => {
                let reason = FailReason::UnexpectedAnswer(message.name().to_owned());
                return self.fail(now, reason);
            }
        }
        if !handshake {
            self.run().retries = 0;
        }
    }

    /// What is stored and sent back with every request is no longer than it may be.
    fn check_tokens(&self, message: &Message<'_>) -> Result<(), Error> {
        let secret =
            |secret: &Presence<Secret>| secret.value().map_or(0, |text| text.expose().len());
        let text = |text: &Presence<String>| text.as_str().map_or(0, str::len);
        let (what, length) = match message {
            Message::GetAuthConfigResponse(Presence::Value(config)) => {
                let plug_in = config.plug_ins.first();
                let url = plug_in.map_or(0, |plug_in| text(&plug_in.service_url));
                ("bytes of an address", url)
            }
            Message::GetAuthorizationCookieResponse(Presence::Value(cookie)) => {
                let name = text(&cookie.plug_in_id);
                ("bytes of a cookie", name.saturating_add(secret(&cookie.cookie_data)))
            }
            Message::GetCookieResponse(Presence::Value(cookie)) => {
                let ends = cookie.expiration.as_str().map_or(0, str::len);
                ("bytes of a cookie", ends.saturating_add(secret(&cookie.encrypted_data)))
            }
            Message::GetConfigDataResponse(Presence::Value(config)) => {
                let version = text(&config.protocol_version);
                ("bytes of an anchor", text(&config.new_config_anchor).max(version))
            }
            Message::GetRevisionIdListResponse(Presence::Value(list)) => {
                ("bytes of an anchor", text(&list.anchor))
            }
            _ => return Ok(()),
        };
        self.check_token(what, length)
    }

    pub(super) fn check_token(&self, what: &'static str, length: usize) -> Result<(), Error> {
        let max = self.config.max_token;
        if length > max {
            return Err(ErrorKind::Limit { what, max }.into());
        }
        Ok(())
    }

    /// The server took the cookie for what it is for. That it took it for its configuration, which
    /// is read again after a refusal, says nothing: that could go on for ever.
    pub(super) fn went_well(&mut self) {
        self.run().refusals = 0;
    }

    fn cookie(&mut self, now: DateTime<Utc>, cookie: Cookie) {
        // One that seems expired when it comes shows that a clock is wrong: the server decides.
        self.run().fresh_cookie = !self.seems_good(&cookie, now);
        self.state.session_cookie = Some(cookie);
        self.state.refused_cookie = None;
        self.events.push_back(Event::CookieChanged);
    }

    /// A list: of each update the highest revision, if it is new.
    fn list(
        &mut self,
        now: DateTime<Utc>,
        which: Which,
        filter: super::Filter,
        list: RevisionList,
    ) {
        let mut remaining = std::collections::BTreeMap::new();
        for key in &list.new_revisions {
            if !known_or_left_out(&self.state, &self.config, key) {
                let revision = remaining.entry(key.id).or_insert(key.revision);
                *revision = key.revision.max(*revision);
            }
        }
        self.take_list(now, which, filter, list.anchor.into_value(), remaining);
    }

    /// What to do about a fault.
    fn fault(&mut self, now: DateTime<Utc>, call: Call, fault: Fault) {
        let asked = match &call {
            Call::Updates(batch) => Asked::ids(batch.len()),
            Call::Current(ids) => Asked::ids(ids.len()),
            Call::List(which, _) => Asked::list(self.state.list(*which).anchor.is_some()),
            Call::Config => Asked::list(self.state.config_anchor.is_some()),
            _ => Asked::default(),
        };
        let old = call == Call::Cookie && self.state.old_cookie().is_some();
        if old && fault.code == Some(FaultCode::CookieExpired) {
            // It could read the cookie of before, so it is the same server. Once: there is none the
            // next time.
            self.state.session_cookie = None;
            self.state.refused_cookie = None;
            return;
        }
        let version = fault.code == Some(FaultCode::IncompatibleProtocolVersion);
        let reaction = match fault.reaction(asked) {
            // *Decision*: a server that cannot read the cookie of before, whatever fault it has for
            // that, is taken for another one. Lists from their beginning cost less than what a
            // foreign anchor would hide for ever, or than a cookie that fails every run.
            Reaction::RenewCookie | Reaction::Stop if old && !version => Reaction::ResetAnchors,
            reaction => reaction,
        };
        if let Call::Current(ids) = &call {
            let once = reaction == Reaction::ResetAnchors && self.run().server_changed;
            match reaction {
                Reaction::Split | Reaction::Quarantine => {
                    return self.lookup_refused(ids, FailReason::Fault(fault));
                }
                reaction if once || !is_about_the_server(reaction) => {
                    return self.no_current(FailReason::Fault(fault));
                }
                _ => {}
            }
        }
        let call = match call {
            Call::Updates(batch) => match self.named_as_missing(now, batch, &fault) {
                Some(batch) => Call::Updates(batch),
                None => return,
            },
            call => call,
        };
        match reaction {
            Reaction::RenewCookie => self.refused(now, call, fault, false),
            Reaction::Reauthorize => self.refused(now, call, fault, true),
            Reaction::RereadConfig => {
                self.run().config_read = false;
                self.refused(now, call, fault, false);
            }
            Reaction::ResetAnchors if !self.run().server_changed => {
                // The cookie says which server gave it, so it goes as well.
                self.state.forget_anchors();
                self.state.forget_cookies();
                let run = self.run();
                run.server_changed = true;
                run.fresh_cookie = false;
                run.config_read = false;
                run.stage = Stage::default();
                run.queue.clear();
                self.events.push_back(Event::ServerChanged);
            }
            Reaction::DropAnchor if self.may_drop_anchor(&call) => {
                if let Call::List(which, _) = call {
                    self.run().anchors_dropped.push(which);
                    *self.state.list(which) = super::state::List::default();
                } else {
                    self.state.config_anchor = None;
                }
            }
            Reaction::Split | Reaction::Quarantine => self.refused_documents(now, call, fault),
            Reaction::BackOff => self.retry(now, call, FailReason::Fault(fault)),
            _ if version => {
                let ours = self.config.protocol_version.clone();
                let theirs = self.state.server_version.clone();
                self.fail(now, FailReason::Version { ours, theirs });
            }
            _ => self.fail(now, FailReason::Fault(fault)),
        }
    }

    /// Whether it was about a list whose anchor was not dropped in this run, or about the
    /// configuration, which has none when it is asked for again.
    fn may_drop_anchor(&mut self, call: &Call) -> bool {
        match call {
            Call::List(which, _) => !self.run().anchors_dropped.contains(which),
            Call::Config => true,
            _ => false,
        }
    }

    /// The server refused a cookie: another one, and the request again.
    fn refused(&mut self, now: DateTime<Utc>, call: Call, fault: Fault, authorization: bool) {
        let run = self.run();
        run.refusals = run.refusals.saturating_add(1);
        if run.refusals > MAX_REFUSALS {
            return self.fail_call(now, &call, FailReason::Fault(fault));
        }
        run.fresh_cookie = false;
        let all = authorization || run.refusals == MAX_REFUSALS;
        if let Call::Updates(batch) = call {
            run.queue.push_front(batch.into());
        }
        self.state.retire_cookie();
        if all {
            self.state.forget_authorization();
        }
    }

    /// The server says itself which of these it does not have, so nothing has to be found out: the
    /// others are asked for again. The batch again if it names none of them.
    fn named_as_missing(
        &mut self,
        now: DateTime<Utc>,
        mut batch: Vec<UpdateKey>,
        fault: &Fault,
    ) -> Option<Vec<UpdateKey>> {
        let asked: BTreeSet<UpdateKey> = batch.iter().copied().collect();
        let missing = fault.missing_revisions().filter(|key| asked.contains(key));
        let missing: BTreeSet<UpdateKey> = missing.collect();
        if missing.is_empty() {
            return Some(batch);
        }
        let run = self.run();
        run.refusals = 0;
        run.retries = 0;
        for key in batch.extract_if(.., |key| missing.contains(key)) {
            self.unavailable(now, key);
        }
        if !batch.is_empty() {
            self.run().queue.push_front(batch.into());
        }
        None
    }

    fn refused_documents(&mut self, now: DateTime<Utc>, call: Call, fault: Fault) {
        let Call::Updates(batch) = call else {
            return self.fail(now, FailReason::Fault(fault));
        };
        // The server has changed its mind about how many it takes.
        if fault.code != Some(FaultCode::InternalServerError) && batch.len() > 1 {
            self.run().config_read = false;
        }
        let most = self.config.max_failures;
        let run = self.run();
        run.refusals = 0;
        run.retries = 0;
        run.failures = run.failures.saturating_add(1);
        let failures = run.failures;
        match batch.as_slice() {
            [one] => self.unavailable(now, *one),
            _ => self.split(batch),
        }
        if failures > most {
            self.fail(now, FailReason::ServerFails(fault));
        }
    }

    /// Asks for the two halves before everything else, but for the other half of the batch that this
    /// one was a half of: where one update is to blame, that shows at once that the server works.
    /// With the halves at the end, as many batches as may fail in a row would fail first.
    pub(super) fn split(&mut self, mut batch: Vec<UpdateKey>) {
        let rest = batch.split_off(batch.len() / 2);
        let max = self.batch();
        let run = self.run();
        let is_half = run.queue.front().is_some_and(|next| next.len() <= max);
        let place = usize::from(is_half);
        for half in [rest, batch] {
            if !half.is_empty() {
                run.queue.insert(place, half.into());
            }
        }
    }
}

/// Whether a reaction is to something that any request could have met.
fn is_about_the_server(reaction: Reaction) -> bool {
    matches!(
        reaction,
        Reaction::RenewCookie
            | Reaction::Reauthorize
            | Reaction::RereadConfig
            | Reaction::ResetAnchors
            | Reaction::BackOff
    )
}
