//! What comes in: one message of the device.

use std::borrow::Cow;
use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::error::SessionError;
use super::event::{DeviceInfo, Event, LoginStatus, SyncType, typed};
use super::items::with_chunk;
use super::job::{Job, Place, Said, Seen, writable};
use super::login::{HeaderAnswer, Judgement};
use super::outcome::Cause;
use super::server::ServerSession;
use super::version::Version;
use super::{digest, identifiers, read, session};
use crate::codes::{AlertCode, StatusCode};
use crate::error::Error;
use crate::id::{CmdId, MsgId};
use crate::model::{
    Alert, Command, Header, Item, Location, Message, Meta, Request, Results, Status,
};
use crate::objects::{Interrupted, Joined};
use crate::small;
use crate::wbxml;

/// Where the job is that a reference leads to.
#[derive(Clone, Copy)]
enum Slot {
    Open,
    Pending(usize),
}

/// What is known of the jobs while one message is read.
struct Known {
    /// In the order of the references.
    pieces: Vec<Piece>,
    /// What all of them keep of what the device said ([`Config::max_result_bytes`]).
    ///
    /// [`Config::max_result_bytes`]: super::Config::max_result_bytes
    bytes: usize,
    /// Bytes that results handed over share with others.
    handed: usize,
    /// The message has a chunk of a large object.
    chunked: bool,
    /// Bytes that [`DeviceInfo::other`] has in package 1, once they are asked for.
    described: Option<usize>,
}

/// A command of ours that a device may refer to.
struct Piece {
    /// Its message and itself, as we numbered them.
    reference: (u32, u32),
    slot: Slot,
    place: Place,
    /// The statuses that it has, once they are asked for.
    said: Option<Said>,
}

/// Letters that are kept of what a status says that belongs to nothing.
const UNMATCHED: usize = 64;

/// A number of ours, as we write it: another spelling is none.
fn number(text: &str) -> Option<u32> {
    if text.starts_with(['0', '+']) { None } else { text.parse().ok() }
}

impl Known {
    fn find(&mut self, msg: &str, cmd: &str) -> Option<&mut Piece> {
        let reference = (number(msg)?, number(cmd)?);
        let found = self.pieces.binary_search_by_key(&reference, |piece| piece.reference);
        self.pieces.get_mut(found.ok()?)
    }
}

impl<K: Clone> ServerSession<K> {
    /// Takes a device's message. A repetition of the last one changes nothing and is answered with
    /// the same bytes.
    ///
    /// # Errors
    /// Those of [`decode`](crate::decode), and [`ErrorKind::Session`](crate::ErrorKind::Session).
    /// The state is then as it was before.
    pub fn handle_message(&mut self, now: DateTime<Utc>, bytes: &[u8]) -> Result<(), Error> {
        self.handle_message_with_hmac(now, bytes, None)
    }

    /// The same, with the value of the transport header `x-syncml-hmac` if there was one.
    ///
    /// # Errors
    /// As [`handle_message`](Self::handle_message).
    pub fn handle_message_with_hmac(
        &mut self,
        _now: DateTime<Utc>,
        bytes: &[u8],
        hmac: Option<&str>,
    ) -> Result<(), Error> {
        let message = read(bytes, &self.config.limits)?;
        let header = message.header.as_ref().ok_or(session(SessionError::NoHeader))?;
        let (session_id, msg_id) = (header.session_id.as_str(), header.msg_id.as_str());
        if session_id.is_empty() || msg_id.is_empty() {
            return Err(session(SessionError::NoHeader));
        }
        identifiers(header, &self.config.limits)?;
        if let Some(expected) = self.state.session_id.as_deref().filter(|id| *id != session_id) {
            let (expected, found) = (expected.into(), session_id.into());
            return Err(session(SessionError::OtherSession { expected, found }));
        }
        // SessionIDs are small numbers that many devices use at the same time. An empty Source says
        // nothing; *observed* in published samples.
        let source = header.source.loc_uri.trim();
        if let Some(expected) = self.state.device.as_deref()
            && !source.is_empty()
            && source != expected
        {
            let quote = |text: &str| text.chars().take(64).collect::<String>().into();
            let (expected, found) = (quote(expected), quote(source));
            return Err(session(SessionError::OtherDevice { expected, found }));
        }
        let digest = digest(bytes);
        if let Some((last, last_digest)) = &self.state.last_message {
            if last == msg_id {
                if *last_digest == digest {
                    return Ok(());
                }
                return Err(session(SessionError::Changed(msg_id.into())));
            }
            let order = last.parse::<u64>().ok().zip(msg_id.parse::<u64>().ok());
            if order.is_some_and(|(last, found)| found < last) {
                let (last, found) = (last.as_str().into(), msg_id.into());
                return Err(session(SessionError::Stale { last, found }));
            }
        }
        // A device that does not know us yet may ask for credentials even if nothing is left to do.
        let may_ask = self.state.done && self.state.login.may_be_challenged();
        if self.state.ended && !may_ask {
            return Err(session(SessionError::Ended));
        }
        self.state.ended = false;
        self.state.in_wbxml = wbxml::looks_like(bytes);
        let version = Version::of(&header.ver_proto);
        match version {
            Some(Version::V11) => self.state.speaks_1_1 = true,
            Some(Version::V12) => self.state.speaks_1_1 = false,
            // The version of the message before.
            Some(Version::NotSpoken) | None => {}
        }
        // Who has to prove itself and did not ends no session, in whichever version it speaks.
        let max = self.config.max_challenges;
        match self.state.login.judge(header, bytes, hmac, max) {
            Judgement::Accepted { user, .. } if version == Some(Version::NotSpoken) => {
                self.refuse_version(&message, header, digest, Some(user));
            }
            Judgement::NotAsked if version == Some(Version::NotSpoken) => {
                self.refuse_version(&message, header, digest, None);
            }
            judgement => self.take(&message, header, digest, judgement),
        }
        Ok(())
    }

    /// Notes which message is answered now. Returns the statuses that had no room in the last answer:
    /// the header's comes before them.
    pub(super) fn turn_to(
        &mut self,
        header: &Header<'_>,
        digest: u64,
    ) -> VecDeque<Command<'static>> {
        let state = &mut self.state;
        if state.session_id.is_none() {
            state.session_id = Some(header.session_id.to_string());
            state.device = Some(header.source.loc_uri.trim().to_owned());
        }
        state.first_message.get_or_insert(digest);
        state.last_message = Some((header.msg_id.to_string(), digest));
        state.last_reply = None;
        let mut left = std::mem::take(&mut state.owed);
        // A device that never leaves room for them does not get them all.
        left.truncate(self.config.limits.commands);
        left
    }

    fn take(
        &mut self,
        message: &Message<'_>,
        header: &Header<'_>,
        digest: u64,
        judgement: Judgement,
    ) {
        let left = self.turn_to(header, digest);
        let msg_ref = header.msg_id.clone().into_owned();
        let asked = !matches!(judgement, Judgement::NotAsked);
        let code = match judgement {
            Judgement::Refused { code, last } => {
                self.refuse(message, &msg_ref, code, last);
                self.state.owed.extend(left);
                return;
            }
            Judgement::Accepted { code, user } => {
                self.state.events.push_back(Event::Authenticated { user });
                code
            }
            Judgement::NotAsked => StatusCode::OK,
        };
        self.state.refused = false;
        self.state.asked_next = false;
        if !self.state.began {
            self.state.began = true;
            let device = self.state.device.clone().unwrap_or_default();
            let user = header.source.loc_name.as_deref().map(str::to_owned);
            self.state.events.push_back(Event::Began { device, user });
        }
        self.state.events.extend(message.diagnostics.iter().cloned().map(Event::Diagnostic));
        self.sizes(header);
        if asked || !header.no_resp {
            self.owe(&msg_ref, &CmdId::from(0), "SyncHdr", code);
        }
        self.state.owed.extend(left);
        self.header_statuses(message);
        let (pieces, bytes) = (self.pieces(), self.kept());
        let mut known = Known { pieces, bytes, handed: 0, chunked: false, described: None };
        for command in &message.body.commands {
            self.command(command, &msg_ref, &mut known);
        }
        // No package ends inside an object: the rest of this one does not come. A message without
        // Final may have had no room for it.
        if message.body.is_final
            && !known.chunked
            && let Some(interrupted) = self.state.joiner.interrupt()
        {
            self.no_end_of_data(interrupted, &mut known);
        }
        self.state.device_final = message.body.is_final && !self.state.joiner.is_open();
        if self.state.device_final
            && let Some(package) = self.state.package_one.take()
        {
            self.state.events.push_back(Event::PackageOne(Box::new(package)));
        }
        self.settle_after(true);
        self.state.abort |=
            !self.state.ended && self.state.next_message >= self.config.max_messages;
    }

    /// Sends the device away until it has the right credentials: nothing of its message is looked
    /// at, and the answer holds statuses only (OMA-TS-DM_Security 1.2.1, 5.1).
    fn refuse(
        &mut self,
        message: &Message<'_>,
        msg_ref: &MsgId<'static>,
        code: StatusCode,
        last: bool,
    ) {
        self.owe_all(message, msg_ref, code);
        self.state.refused = true;
        if last {
            self.state.ended = true;
            self.state.events.push_back(Event::AuthenticationFailed);
            self.settle();
        } else {
            self.state.events.push_back(Event::Challenged(code));
        }
    }

    /// The same status for the header and everything that is answered.
    pub(super) fn owe_all(
        &mut self,
        message: &Message<'_>,
        msg_ref: &MsgId<'static>,
        code: StatusCode,
    ) {
        self.owe(msg_ref, &CmdId::from(0), "SyncHdr", code);
        for command in &message.body.commands {
            if !matches!(command, Command::Status(_) | Command::Results(_)) {
                let id = command.cmd_id().cloned().unwrap_or(CmdId::new(""));
                self.owe(msg_ref, &id, command.name(), code);
            }
        }
    }

    /// What the device takes in one message and in one object; it may change on the way.
    fn sizes(&mut self, header: &Header<'_>) {
        let number = |text: Option<&str>| text.and_then(|text| text.trim().parse::<usize>().ok());
        let meta = header.meta.as_ref();
        // 0 says nothing: no message has that size.
        let some = |size: &usize| *size > 0;
        let message = number(meta.and_then(|meta| meta.max_msg_size.as_deref())).filter(some);
        let object = number(meta.and_then(|meta| meta.max_obj_size.as_deref())).filter(some);
        self.state.max_msg_size = message.or(self.state.max_msg_size);
        self.state.max_obj_size = object.or(self.state.max_obj_size);
    }

    fn owe(&mut self, msg_ref: &MsgId<'static>, cmd_ref: &CmdId<'_>, name: &str, code: StatusCode) {
        let kept = |text: &str| match small::same(text) {
            Some(number) => Cow::Borrowed(number),
            None => writable(text).into_owned().into(),
        };
        let (msg_ref, cmd_ref) = (kept(msg_ref.as_str()), kept(cmd_ref.as_str()));
        let name = match Command::known_name(name) {
            Some(known) => Cow::Borrowed(known),
            None => writable(name).into_owned().into(),
        };
        let (msg_ref, cmd_ref) = (MsgId::new(msg_ref), CmdId::new(cmd_ref));
        self.state.owed.push_back(Command::status(msg_ref, cmd_ref, name, code));
    }

    /// The device's statuses for our headers come first, since they say what the others are worth.
    /// A message has one header, and so one status for it: further ones say nothing.
    fn header_statuses(&mut self, message: &Message<'_>) {
        let mut said = Seen::default();
        for command in &message.body.commands {
            let Command::Status(status) = command else { continue };
            if status.cmd_ref.as_ref().is_none_or(|id| id.as_str() != "0") {
                continue;
            }
            let msg = status.msg_ref.as_ref().map_or("1", MsgId::as_str);
            if !said.insert(msg) {
                continue;
            }
            let (answer, changed) = self.state.login.header_status(status);
            if changed {
                self.state.events.push_back(Event::NonceChanged);
            }
            // Looked for only where it can be: the numbers that were given out are few.
            let ours = number(msg).filter(|msg| *msg < self.state.next_message);
            match answer {
                HeaderAnswer::Fine => {}
                HeaderAnswer::SendAgain(code) => {
                    if let Some(msg) = ours {
                        self.send_again(msg);
                    }
                    // In the middle of an object, our package has begun all the same, also where
                    // the rest of the object was to end it.
                    let cut = self.state.open.as_ref().is_some_and(|job| job.cursor.offset > 0);
                    self.state.server_open =
                        cut || (self.state.server_open && self.state.open.is_some());
                    self.state.events.push_back(Event::ChallengedByDevice(code));
                }
                HeaderAnswer::Refused(code) => {
                    // Who cannot give the credentials that are asked for ends the session, before
                    // everything that waits is refused (OMA-TS-DM_Security 1.2.1, 5.1). What was
                    // said to an earlier message is said again.
                    let asks =
                        matches!(code, StatusCode::UNAUTHORIZED | StatusCode::MISSING_CREDENTIALS);
                    let is_last = ours.is_some_and(|msg| msg + 1 == self.state.next_message);
                    self.state.abort |= asks && is_last;
                    let jobs = self.state.pending.iter_mut().chain(&mut self.state.open);
                    for job in jobs.filter(|job| ours.is_some_and(|msg| job.was_in(msg))) {
                        job.stop(Cause::HeaderRefused(code));
                    }
                    self.state.events.push_back(Event::HeaderRefused(code));
                }
            }
        }
    }

    /// Nothing of our message was executed: its commands wait again, in their order. One of which
    /// earlier messages had a part goes on where this message did.
    fn send_again(&mut self, msg: u32) {
        let (again, pending): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.state.pending).into_iter().partition(|job| job.was_in(msg));
        self.state.pending = pending;
        let open = self.state.open.take_if(|job| job.was_in(msg));
        for mut job in again.into_iter().chain(open).rev() {
            job.take_back(msg);
            if job.has_begun() && self.state.open.is_none() {
                self.state.open = Some(job);
            } else {
                self.state.queue.push_front(job);
            }
        }
    }

    fn kept(&self) -> usize {
        let jobs = self.state.pending.iter().chain(&self.state.open);
        // A stored state may say anything.
        jobs.map(|job| job.bytes()).fold(0, usize::saturating_add)
    }

    fn pieces(&self) -> Vec<Piece> {
        let open = self.state.open.iter().map(|job| (Slot::Open, job));
        let pending = self.state.pending.iter().enumerate();
        let jobs = open.chain(pending.map(|(index, job)| (Slot::Pending(index), job)));
        let mut pieces = Vec::with_capacity(self.state.pending.len() + 1);
        pieces.extend(jobs.flat_map(|(slot, job)| {
            job.places().map(move |(msg, cmd, place)| Piece {
                reference: (msg, cmd),
                slot,
                place,
                said: None,
            })
        }));
        // Sent in order, so that there is little to sort.
        pieces.sort_by_key(|piece| piece.reference);
        pieces
    }

    fn job(&mut self, slot: Slot) -> Option<&mut Job<K>> {
        match slot {
            Slot::Open => self.state.open.as_deref_mut(),
            Slot::Pending(index) => self.state.pending.get_mut(index).map(|job| &mut **job),
        }
    }

    fn command(&mut self, command: &Command<'_>, msg_ref: &MsgId<'static>, known: &mut Known) {
        let answer = match command {
            Command::Status(status) => return self.status(status, known),
            Command::Results(results) => return self.results(results, msg_ref, known),
            Command::Alert(alert) => self.alert(alert, known),
            Command::Replace(request) => self.replace(request, known),
            // Not a command of OMA DM at all (Microsoft Learn, "OMA DM protocol support").
            Command::Unknown(_)
            | Command::Map(_)
            | Command::Move(_)
            | Command::Put(_)
            | Command::Search(_)
            | Command::Sync(_) => self.violation(command, StatusCode::BAD_REQUEST),
            // OMA-TS-DM_Protocol 1.2.1, 8: a client sends Alert, Replace, Results and Status.
            _ => self.violation(command, StatusCode::METHOD_NOT_ALLOWED),
        };
        let no_resp = match command {
            Command::Alert(alert) => alert.no_resp,
            Command::Atomic(group) | Command::Sequence(group) => group.no_resp,
            other => other.request().is_some_and(|request| request.no_resp),
        };
        if !no_resp {
            // Microsoft Learn, "OMA DM protocol support": without a CmdID the reference is blank.
            let id = command.cmd_id().cloned().unwrap_or(CmdId::new(""));
            let answer = if command.cmd_id().is_none() { StatusCode::BAD_REQUEST } else { answer };
            self.owe(msg_ref, &id, command.name(), answer);
        }
    }

    fn violation(&mut self, command: &Command<'_>, answered: StatusCode) -> StatusCode {
        self.state
            .events
            .push_back(Event::Violation { command: command.name().to_owned(), answered });
        answered
    }

    /// Passes items through the joiner: those that are complete, and the worst status. `meta`: the
    /// command's.
    fn joined<'i>(
        &mut self,
        (command, reference): (&str, &str),
        meta: Option<&'i Meta<'i>>,
        items: &'i [Item<'i>],
        known: &mut Known,
    ) -> (Cow<'i, [Item<'i>]>, StatusCode) {
        if !self.state.joiner.is_open() && !items.iter().any(|item| item.more_data) {
            return (Cow::Borrowed(items), StatusCode::OK);
        }
        let max = self.config.max_object_bytes;
        let mut whole = Vec::with_capacity(items.len());
        let mut code = StatusCode::OK;
        for item in with_chunk(items, meta) {
            let in_wbxml = self.state.in_wbxml;
            let taken = self.state.joiner.take_in(command, reference, &item, max, in_wbxml);
            known.chunked |= !matches!(taken.joined, Joined::Plain);
            if let Some(interrupted) = taken.interrupted {
                self.no_end_of_data(interrupted, known);
            }
            match taken.joined {
                Joined::Plain => whole.push(item.into_owned()),
                Joined::Whole(item) => {
                    let bytes = item.data.as_ref().map_or(0, |data| data.as_str().len());
                    let address = item.loc_uri().map(|uri| uri.trim().to_owned());
                    self.state.events.push_back(Event::ObjectComplete { address, bytes });
                    whole.push(*item);
                }
                Joined::Chunk => code = StatusCode::CHUNK_ACCEPTED,
                Joined::Refused(refused) => {
                    self.state.events.push_back(Event::Violation {
                        command: command.to_owned(),
                        answered: refused,
                    });
                    code = refused;
                    // The code of a later item does not make up for it.
                    self.miss_results(command, reference, known);
                }
            }
        }
        (Cow::Owned(whole), code)
    }

    /// Alert 1225 for an object whose end did not come.
    fn no_end_of_data(&mut self, interrupted: Interrupted, known: &mut Known) {
        let Interrupted { command, reference, address } = interrupted;
        self.miss_results(&command, &reference, known);
        let mut alert = Command::alert(AlertCode::NO_END_OF_DATA);
        if let (Command::Alert(alert), Some(address)) = (&mut alert, address) {
            let mut item = Item::source(writable(&address).into_owned());
            let server = Location::new(self.config.server_uri.clone());
            item.target = Some(server);
            alert.items.push(item);
        }
        self.state.owed.push_back(alert);
    }

    /// Notes that what a command of ours asked for is not all there, if these are its Results.
    fn miss_results(&mut self, command: &str, reference: &str, known: &mut Known) {
        if command == "Results"
            && let Some((msg, cmd)) = reference.split_once('/')
            && let Some(piece) = known.find(msg, cmd)
            && let Some(job) = self.job(piece.slot)
        {
            job.miss_results();
        }
    }

    fn results(&mut self, results: &Results<'_>, msg_ref: &MsgId<'static>, known: &mut Known) {
        let msg = results.msg_ref.as_ref().map_or("1", MsgId::as_str);
        let cmd = results.cmd_ref.as_ref().map_or("1", CmdId::as_str);
        let chunked =
            self.state.joiner.is_open() || results.items.iter().any(|item| item.more_data);
        let joined = if chunked {
            let reference = format!("{msg}/{cmd}");
            let meta = results.meta.as_deref();
            let (items, code) = self.joined(("Results", &*reference), meta, &results.items, known);
            // A Results that was taken has no status (OMA-TS-DM_RepPro 1.2.1, 4.1.5.1).
            if code != StatusCode::OK {
                let id = results.cmd_id.clone().unwrap_or(CmdId::new(""));
                self.owe(msg_ref, &id, "Results", code);
            }
            // What is joined has no Size any more.
            let meta = results.meta.clone().map(|mut meta| {
                meta.size = None;
                meta
            });
            Some(Results { items: items.into_owned().into(), meta, ..Results::default() })
        } else {
            None
        };
        let results = joined.as_ref().unwrap_or(results);
        let room = self.config.max_result_bytes.saturating_sub(known.bytes);
        let hand_over = self.config.hand_over_results;
        let handed = self.config.max_result_bytes.saturating_sub(known.handed);
        let Some(piece) = known.find(msg, cmd) else { return };
        let place = piece.place;
        let Some(job) = self.job(piece.slot) else { return };
        let before = job.bytes();
        let items = if hand_over {
            let (items, shared) = job.hand_over(place, results, room, handed);
            known.handed += shared;
            items
        } else {
            job.keep_results(place, results, room);
            Vec::new()
        };
        known.bytes = known.bytes.saturating_add(job.bytes().saturating_sub(before));
        if !items.is_empty() {
            let key = job.key.clone();
            self.state.events.push_back(Event::Results { key, items });
        }
    }

    fn replace(&mut self, request: &Request<'_>, known: &mut Known) -> StatusCode {
        let meta = request.meta.as_deref();
        let (items, code) = self.joined(("Replace", ""), meta, &request.items, known);
        let nodes = items.iter().filter_map(|item| Some((DeviceInfo::node(item)?, item)));
        let nodes: Vec<_> = nodes.collect();
        let max = self.config.max_device_info_bytes;
        match &mut self.state.package_one {
            Some(package) => {
                let used = known.described.get_or_insert_with(|| package.device.bytes());
                package.device.take(&nodes, used, max);
            }
            None if !nodes.is_empty() => {
                let mut info = DeviceInfo::default();
                info.take(&nodes, &mut 0, max);
                self.state.events.push_back(Event::DeviceInfo(info));
            }
            None => {}
        }
        if nodes.len() == items.len() {
            return code;
        }
        // A device replaces nothing of the server's but its own description, which is taken all the
        // same.
        let answered = StatusCode::METHOD_NOT_ALLOWED;
        self.state.events.push_back(Event::Violation { command: "Replace".to_owned(), answered });
        answered
    }

    fn alert(&mut self, alert: &Alert<'_>, known: &mut Known) -> StatusCode {
        let code = alert.code();
        match code {
            Some(AlertCode::NEXT_MESSAGE) => {
                self.state.asked_next = true;
                return StatusCode::OK;
            }
            Some(AlertCode::SESSION_ABORT) => {
                self.aborted();
                return StatusCode::OK;
            }
            Some(AlertCode::NO_END_OF_DATA) => {
                let address = alert.items.first().and_then(Item::loc_uri);
                if let Some(open) = &mut self.state.open {
                    open.no_end_of_data(address);
                }
                return StatusCode::OK;
            }
            Some(code @ (AlertCode::SERVER_INITIATED | AlertCode::CLIENT_INITIATED)) => {
                if let Some(package) = &mut self.state.package_one {
                    package.initiated = Some(code);
                }
                return StatusCode::OK;
            }
            _ => {}
        }
        let kind = alert.data.as_deref().unwrap_or_default();
        let (items, answer) = self.joined(("Alert", kind), None, &alert.items, known);
        let had_items = !alert.items.is_empty();
        let is_typed = matches!(code, Some(AlertCode::CLIENT_EVENT | AlertCode::GENERIC));
        if is_typed && had_items {
            let before = self.state.events.len();
            typed(alert, &items, &mut self.state.events);
            let (mut login, mut sync_type) = (None, None);
            for event in self.state.events.iter().skip(before) {
                match event {
                    Event::Login(last) => login = Some(last),
                    Event::SyncType(last) => sync_type = Some(last),
                    _ => {}
                }
            }
            let (login, sync_type) = (login.cloned(), sync_type.cloned());
            if let Some(login) = login {
                self.state.without_user = login != LoginStatus::User;
                if let Some(package) = &mut self.state.package_one {
                    package.login = Some(login);
                }
            }
            if let Some(sync_type) = sync_type {
                let known = !matches!(sync_type, SyncType::Other(_));
                self.state.sync_type = known.then(|| sync_type.clone());
                if let Some(package) = &mut self.state.package_one {
                    package.sync_type = Some(sync_type);
                }
            }
        } else if !items.is_empty() || !had_items {
            let items = items.into_owned().into();
            let alert = Alert { items, ..alert.clone() };
            self.state.events.push_back(Event::Alert(Box::new(alert.into_owned())));
        }
        answer
    }

    fn status(&mut self, status: &Status<'_>, known: &mut Known) {
        let msg = status.msg_ref.as_ref().map_or("1", MsgId::as_str);
        let cmd = status.cmd_ref.as_ref().map_or("", CmdId::as_str);
        let room = self.config.max_result_bytes.saturating_sub(known.bytes);
        let Some(piece) = known.find(msg, cmd) else { return self.unmatched(status) };
        let Some(job) = self.job(piece.slot) else { return };
        let said = piece.said.get_or_insert_with(|| job.said(piece.place));
        let before = job.bytes();
        job.add_status(piece.place, status, room, said);
        known.bytes = known.bytes.saturating_add(job.bytes().saturating_sub(before));
    }

    /// A status that belongs to no command that waits for one.
    fn unmatched(&mut self, status: &Status<'_>) {
        let cmd_ref = status.cmd_ref.as_ref().map_or("", CmdId::as_str);
        let command = status.cmd.as_deref();
        let code = status.code().unwrap_or(StatusCode::COMMAND_FAILED);
        let asks = matches!(code, StatusCode::UNAUTHORIZED | StatusCode::MISSING_CREDENTIALS);
        // Those of headers were looked at before; the session's own alerts and statuses, which have
        // numbers too, are no commands of the vendor's.
        let own = matches!(command, Some("Alert" | "Status")) && !cmd_ref.trim().is_empty();
        // What was refused for lack of credentials waits to be sent again, or was; its statuses may
        // come in a later message than the header's.
        let msg = status.msg_ref.as_ref().map_or("1", MsgId::as_str);
        let ours = number(msg).is_some_and(|msg| msg < self.state.next_message);
        let again = asks && ours && self.state.login.proves();
        if cmd_ref == "0" || own || again {
            return;
        }
        let short = |text: &str| text.chars().take(UNMATCHED).collect();
        self.state.events.push_back(Event::UnmatchedStatus {
            msg_ref: short(status.msg_ref.as_ref().map_or("", MsgId::as_str)),
            cmd_ref: short(cmd_ref),
            command: command.map(short),
            code,
        });
    }
}
