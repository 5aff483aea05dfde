//! What goes out: the answer to one message, filled to the device's MaxMsgSize. In WBXML it has the
//! same commands, in fewer bytes.

use std::fmt;

use chrono::{DateTime, Utc};

use super::check::give_ids;
use super::error::SessionError;
use super::event::{Event, SyncType};
use super::job::{Job, writable};
use super::outcome::{Cause, Outcome};
use super::queue::Passed;
use super::server::ServerSession;
use super::session;
use super::state::Reply;
use super::version::{make_1_1, namespace};
use crate::codes::AlertCode;
use crate::encode::{Mark, Pieces, command_len};
use crate::error::Error;
use crate::id::{MsgId, SessionId};
use crate::loc_uri::Scope;
use crate::model::{Command, Header, Item, Location, Meta, Namespace};
use crate::objects::{Cursor, Cut, cut, size_of_value};
use crate::small;
use crate::wbxml::{self, EncodeOptions};

/// An answer to be sent.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Transmit {
    /// The media type for `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// The value of the header `x-syncml-hmac`, where the server proves itself by scheme HMAC.
    pub hmac: Option<String>,
}

impl fmt::Debug for Transmit {
    /// Not the body: its values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit")
            .field("content_type", &self.content_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl From<&Reply> for Transmit {
    fn from(reply: &Reply) -> Self {
        let content_type =
            if reply.in_wbxml { crate::CONTENT_TYPE_WBXML } else { crate::CONTENT_TYPE_XML };
        Self { content_type, body: reply.body.as_bytes().to_vec(), hmac: reply.hmac.clone() }
    }
}

/// A message that is being filled.
struct Packing {
    text: Pieces,
    /// Statuses that are in it, which stay in the state until it is made.
    statuses: usize,
    /// The end of the first of them, the header's.
    first: Mark,
    next_id: u32,
    /// The commands of the vendor that are in it, whole or to their end.
    sent: usize,
    /// It is full, or holds a command that goes alone.
    closed: bool,
    is_final: bool,
}

/// What became of a command that was to go into a message.
enum Packed {
    /// It is in, to its end.
    Whole,
    /// A piece of it is in.
    Piece,
    /// It waits for another message.
    Waits,
    /// It would fit if the statuses before it did not take the room.
    Crowded,
    /// It fits in none.
    TooLarge(Cause),
}

impl Packing {
    fn new(header: Header<'_>, namespace: Namespace<'_>) -> Self {
        let text = Pieces::new(header, namespace);
        let first = text.mark();
        Self { text, statuses: 0, first, next_id: 1, sent: 0, closed: false, is_final: true }
    }

    /// Takes back all statuses but the header's.
    fn keep_first(&mut self) {
        self.text.back_to(self.first);
        self.statuses = self.statuses.min(1);
        self.next_id = 2;
    }
}

impl<K: Clone> ServerSession<K> {
    /// The answer to the last message: statuses, then as many commands as fit. Asked again before
    /// the next message, it gives the same bytes. It makes events of its own, such as the outcome of
    /// a command that fits in no message: drain [`poll_event`](Self::poll_event) once more.
    ///
    /// # Errors
    /// [`SessionError::NothingToAnswer`], and [`SessionError::NonceNeeded`] where a fresh nonce has
    /// to be given first. The state is then as it was before.
    pub fn poll_transmit(&mut self, _now: DateTime<Utc>) -> Result<Transmit, Error> {
        if let Some(reply) = &self.state.last_reply {
            return Ok(reply.into());
        }
        if self.state.last_message.is_none() {
            return Err(session(SessionError::NothingToAnswer));
        }
        let challenge =
            self.state.login.challenge().map_err(|()| session(SessionError::NonceNeeded))?;
        // The header's status is the first.
        if let (Some(_), Some(Command::Status(first))) = (&challenge, self.state.owed.front_mut()) {
            first.challenge = challenge;
        }
        let namespace = namespace(self.state.speaks_1_1);
        let msg_id = small::text(self.state.next_message);
        let mut packing = Packing::new(self.header(&msg_id), namespace.clone());
        let room = self.config.max_message_bytes.min(self.hard_limit());
        self.pack_statuses(&mut packing, room);
        let before = self.state.pending.len();
        if self.may_send(&mut packing, room) {
            self.pack_commands(&mut packing, room);
        }
        let Packing { text, statuses, is_final, sent, .. } = packing;
        // What was begun keeps a session open, but not against the vendor.
        let idle = sent == 0 && self.state.open.is_none();
        let ends = (idle || self.state.abort) && is_final && !self.state.refused;
        let body = text.finish(is_final).and_then(|xml| match self.state.in_wbxml {
            true => wbxml::of_xml(&xml, &namespace, &EncodeOptions::default()),
            false => Ok(xml),
        });
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                // Cannot be: everything in it was looked at before. But nothing may be lost.
                let open = self.state.open.take();
                let sent = self.state.pending.drain(before.min(self.state.pending.len())..);
                for mut job in sent.chain(open).rev() {
                    job.rewind();
                    self.state.queue.push_front(job);
                }
                return Err(error);
            }
        };
        self.state.owed.drain(..statuses.min(self.state.owed.len()));
        // What may have to be sent again stays with its job.
        if !self.state.login.may_be_challenged() {
            self.state.pending.iter_mut().skip(before).for_each(|job| job.strip());
        }
        self.state.next_message = self.state.next_message.saturating_add(1);
        // A challenge in the middle of an object does not end our package.
        let cut = self.state.open.as_ref().is_some_and(|job| job.cursor.offset > 0);
        self.state.server_open = cut || (!is_final && (self.state.server_open || self.may_go_on()));
        if self.state.login.sent() {
            self.state.events.push_back(Event::NonceChanged);
        }
        if ends {
            if (!self.state.ended || self.state.abort) && !self.state.done {
                self.state.done = !self.state.abort;
                self.state.events.push_back(Event::Ended);
            }
            self.state.ended = true;
            if std::mem::take(&mut self.state.abort) {
                // A device that may still ask for credentials does not go on after this.
                self.state.done = false;
                self.state.owed.clear();
                self.settle();
            }
        }
        let hmac = self.state.login.hmac(&body);
        let reply = Reply { body: body.into(), in_wbxml: self.state.in_wbxml, hmac };
        let transmit = Transmit::from(&reply);
        self.state.last_reply = Some(reply);
        Ok(transmit)
    }

    /// Whether the next message goes on with our package, and not with asking for the device's.
    fn may_go_on(&self) -> bool {
        self.state.open.is_some() || self.state.device_final || !self.state.owed.is_empty()
    }

    /// The most that a message may have, whatever is in it.
    fn hard_limit(&self) -> usize {
        self.state.max_msg_size.unwrap_or(usize::MAX)
    }

    fn header<'s>(&'s self, msg_id: &'s str) -> Header<'s> {
        let text = |text: &'s Option<String>| writable(text.as_deref().unwrap_or_default());
        let mut header = Header::new(
            SessionId::new(text(&self.state.session_id)),
            MsgId::new(msg_id),
            Location::new(text(&self.state.device)),
            Location::new(&*self.config.server_uri),
        );
        if self.state.speaks_1_1 {
            make_1_1(&mut header);
        }
        header.cred = self.state.login.credentials();
        if header.cred.is_some() {
            header.source.loc_name = self.state.login.user().map(writable);
        }
        // Once a device aborted over it, no size is announced any more.
        if let Some(bytes) = self.config.announced_message_bytes.filter(|_| !self.state.cautious) {
            header.meta = Some(Meta {
                max_msg_size: Some(bytes.to_string().into()),
                max_obj_size: Some(self.config.max_object_bytes.to_string().into()),
                ..Meta::default()
            });
        }
        header
    }

    /// The statuses come first; what does not fit waits for the next message, and so does Final.
    fn pack_statuses(&mut self, packing: &mut Packing, room: usize) {
        for status in self.state.owed.iter_mut().skip(packing.statuses) {
            give_ids(status, &mut packing.next_id);
            let before = packing.text.mark();
            packing.text.push(status);
            if packing.statuses == 0 {
                packing.first = packing.text.mark();
            } else if packing.text.len() > room {
                packing.text.back_to(before);
                packing.is_final = false;
                return;
            }
            packing.statuses += 1;
        }
    }

    /// Whether commands may follow the statuses. If they may not because the device has more to
    /// say, it is asked for that.
    fn may_send(&mut self, packing: &mut Packing, room: usize) -> bool {
        if self.state.refused {
            return false;
        }
        if self.state.abort {
            self.push_alert(packing, AlertCode::SESSION_ABORT, room);
            // Statuses that had no room are not waited for.
            packing.is_final = true;
            return false;
        }
        if !packing.is_final || self.state.ended {
            return false;
        }
        // No new commands before the device has finished its package; but if ours is not finished,
        // it is the device that waits, and says so, or has taken a chunk: nothing comes between two.
        // A device that says nothing is asked once.
        let taken = self.state.open.as_ref().is_some_and(|job| job.chunk_is_taken());
        let waits = self.state.asked_next || self.state.prompted || taken;
        let goes_on = self.state.server_open && waits && !self.state.joiner.is_open();
        self.state.prompted = !self.state.device_final && !goes_on;
        if self.state.prompted {
            self.push_alert(packing, AlertCode::NEXT_MESSAGE, room);
            packing.is_final = false;
            return false;
        }
        true
    }

    /// An alert behind the statuses. Where there is no room for it, the last of them wait.
    fn push_alert(&mut self, packing: &mut Packing, code: AlertCode, room: usize) {
        let mut alert = Command::alert(code);
        let before = packing.text.mark();
        let (statuses, mut id) = (packing.statuses, packing.next_id);
        give_ids(&mut alert, &mut id);
        packing.text.push(&alert);
        if packing.text.len() <= room || statuses <= 1 {
            packing.next_id = id;
            return;
        }
        let left = room.saturating_sub(before.bytes_to(packing.text.mark()));
        packing.keep_first();
        self.pack_statuses(packing, left);
        give_ids(&mut alert, &mut packing.next_id);
        packing.text.push(&alert);
    }

    fn pack_commands(&mut self, packing: &mut Packing, room: usize) {
        let before = self.state.pending.len();
        let without_user = self.config.holds_user_scope && self.state.without_user;
        let sync_type = self.state.sync_type.clone().filter(|_| self.config.holds_other_scope);
        let sync_type = sync_type.unwrap_or(SyncType::Mixed);
        let holds = without_user || sync_type != SyncType::Mixed;
        let waits =
            |scope: Scope| (without_user && scope == Scope::User) || !sync_type.takes(scope);
        let mut passed = Passed::default();
        while packing.sent < self.config.max_commands && !packing.closed {
            let open = self.state.open.take().map(Ok);
            if holds && open.is_none() {
                self.state.queue.pass(&mut passed, waits);
            }
            let mut job = match open.or_else(|| self.state.queue.pop_front()) {
                Some(Ok(job)) => job,
                Some(Err(key)) => {
                    self.state.events.push_back(Event::Outcome(Outcome::unreadable(key)));
                    continue;
                }
                None => break,
            };
            // A command that needs what an upsert before it sets does not overtake its second verb.
            if !job.is_upsert() && self.state.pending.iter().skip(before).any(|job| job.is_upsert())
            {
                self.put_back(job);
                break;
            }
            match self.pack(packing, &mut job, room) {
                Packed::Whole => {
                    packing.sent += 1;
                    self.state.pending.push(job);
                }
                Packed::Piece => {
                    self.state.open = Some(job);
                    break;
                }
                Packed::Waits => {
                    self.put_back(job);
                    break;
                }
                Packed::Crowded if self.state.asked_next => {
                    // It waited for this message, and there is always the status of the Alert 1222
                    // that asked for it: that one can wait.
                    packing.keep_first();
                    self.put_back(job);
                }
                Packed::Crowded => {
                    packing.is_final = false;
                    self.put_back(job);
                    break;
                }
                Packed::TooLarge(cause) => {
                    job.set_cause(cause);
                    // An upsert's other verb would be as large.
                    match job.finish() {
                        Ok(outcome) => self.state.events.push_back(Event::Outcome(outcome)),
                        Err(job) => self.state.queue.push_front(job),
                    }
                }
            }
        }
        self.state.queue.restore(passed);
    }

    fn put_back(&mut self, job: Box<Job<K>>) {
        if job.has_begun() {
            self.state.open = Some(job);
        } else {
            self.state.queue.put_back(job);
        }
    }

    /// Puts a command, or a piece of it, into the message.
    fn pack(&self, packing: &mut Packing, job: &mut Job<K>, room: usize) -> Packed {
        let (hard, msg_id) = (self.hard_limit(), self.state.next_message);
        if let Some(cause) = self.too_large_value(job) {
            return Packed::TooLarge(cause);
        }
        let first = packing.sent == 0;
        let piecewise = job.alone && job.command.items().len() > 1;
        if (job.alone || job.has_begun()) && !first {
            return Packed::Waits;
        }
        let mut next_id = packing.next_id;
        give_ids(&mut job.command, &mut next_id);
        let hard_left = hard.saturating_sub(packing.text.len());
        // What has larger values than there is room is not written to see that it does not fit.
        let most = if first { hard_left } else { room.saturating_sub(packing.text.len()) };
        if job.cursor == Cursor::default() && !piecewise && values(&job.command) <= most {
            let before = packing.text.mark();
            packing.text.push(&job.command);
            let used = packing.text.len();
            if used <= room || (first && used <= hard) {
                packing.next_id = next_id;
                packing.closed = job.alone;
                job.note_sent(msg_id);
                return Packed::Whole;
            }
            packing.text.back_to(before);
        }
        if !first {
            return Packed::Waits;
        }
        let Some(Cut { command, next, is_chunk }) =
            cut(&job.command, job.cursor, hard_left, piecewise, self.state.in_wbxml)
        else {
            return self.no_room(packing, job, hard);
        };
        packing.next_id = next_id;
        job.note_piece(msg_id, &command, next, is_chunk);
        packing.text.push(&command);
        // Nothing comes between two chunks.
        packing.is_final = !is_chunk;
        packing.closed = piecewise;
        if job.is_sent() { Packed::Whole } else { Packed::Piece }
    }

    /// Neither the command nor a piece of it fits: because of the statuses, or in any message?
    fn no_room(&self, packing: &Packing, job: &Job<K>, hard: usize) -> Packed {
        let statuses = packing.first.bytes_to(packing.text.mark());
        let most = hard.saturating_sub(packing.text.len().saturating_sub(statuses));
        let bytes = command_len(&job.command);
        let fits = bytes <= most
            || cut(&job.command, job.cursor, most, true, self.state.in_wbxml).is_some();
        if fits && statuses > 0 {
            return Packed::Crowded;
        }
        Packed::TooLarge(Cause::TooLarge { bytes, max: most })
    }

    /// A value that the device will not take, in however many chunks.
    fn too_large_value(&self, job: &Job<K>) -> Option<Cause> {
        let max = self.state.max_obj_size?;
        let largest = |command: &Command<'_>| {
            let size = |item: &Item<'_>| size_of_value(item, command, self.state.in_wbxml);
            command.items().iter().map(size).max().unwrap_or_default()
        };
        let mut bytes = largest(&job.command);
        let mut stack: Vec<&Command<'_>> = job.command.children().iter().collect();
        while let Some(command) = stack.pop() {
            bytes = bytes.max(largest(command));
            stack.extend(command.children());
        }
        (bytes > max && !job.has_begun()).then_some(Cause::TooLarge { bytes, max })
    }
}

/// Bytes of a command's own values, which it has at least in a message.
fn values(command: &Command<'_>) -> usize {
    let size = |item: &Item<'_>| item.data.as_ref().map_or(0, |data| data.as_str().len());
    command.items().iter().map(size).fold(0, usize::saturating_add)
}
