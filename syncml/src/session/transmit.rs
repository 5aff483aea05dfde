//! What goes out: the answer to one message, filled to the device's MaxMsgSize. In WBXML it has the
//! same commands, in fewer bytes.

use std::fmt;

use chrono::{DateTime, Utc};

use super::check::give_ids;
use super::error::SessionError;
use super::event::Event;
use super::job::{Job, writable};
use super::outcome::{Cause, Outcome};
use super::server::ServerSession;
use super::state::Reply;
use super::{session, write};
use crate::codes::AlertCode;
use crate::encode::{command_len, encoded_len};
use crate::error::Error;
use crate::id::{MsgId, SessionId};
use crate::model::{Body, Command, Header, Item, Location, Message, Meta};
use crate::objects::{Cursor, Cut, cut};

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
    commands: Vec<Command<'static>>,
    /// Bytes so far, the frame and Final included.
    used: usize,
    next_id: u32,
    /// The commands of the vendor that are in it, whole or to their end.
    sent: usize,
    /// It is full, or holds a command that goes alone.
    closed: bool,
    is_final: bool,
}

/// A job whose command is in the message, whole or to its end.
struct Sent<K> {
    job: Job<K>,
    /// Where its command is, as long as the message is made.
    lent: Option<usize>,
}

/// What became of a command that was to go into a message.
enum Packed {
    /// It is in; the job holds no more than its name meanwhile.
    Lent,
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
    fn push(&mut self, command: Command<'static>, bytes: usize) {
        self.used = self.used.saturating_add(bytes);
        self.commands.push(command);
    }
}

impl<K: Clone> ServerSession<K> {
    /// The answer to the last message: statuses, then as many commands as fit. Asked again before
    /// the next message, it gives the same bytes.
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
        let msg_id = self.state.next_message.to_string();
        let header = self.header(&msg_id);
        let frame = Message::new(header, Body::last(Vec::new()));
        let waiting = self.state.queue.len().min(self.config.max_commands);
        let mut packing = Packing {
            commands: Vec::with_capacity(self.state.owed.len() + waiting + 1),
            used: encoded_len(&frame),
            next_id: 1,
            sent: 0,
            closed: false,
            is_final: true,
        };
        let room = self.config.max_message_bytes.min(self.hard_limit());
        self.pack_statuses(&mut packing, room);
        let mut sent: Vec<Sent<K>> = Vec::new();
        if self.may_send(&mut packing) {
            self.pack_commands(&mut packing, room, &mut sent);
        }
        let Packing { commands, is_final, sent: count, used, .. } = packing;
        let idle = count == 0 && self.state.open.is_none();
        let ends = idle && is_final && !self.state.refused;
        let mut message = Message { body: Body { commands, is_final }, ..frame };
        let body = write(&message, self.state.in_wbxml, used);
        // What may be sent again goes back to its job.
        let may_repeat = body.is_err() || self.state.login.may_be_challenged();
        for Sent { job, lent } in &mut sent {
            let lent = lent.and_then(|place| message.body.commands.get_mut(place));
            match lent {
                Some(command) if may_repeat || job.is_get() => {
                    std::mem::swap(&mut job.command, command);
                }
                Some(_) => {}
                None if may_repeat => {}
                None => job.strip(),
            }
        }
        let sent = sent.into_iter().map(|sent| sent.job);
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                // Cannot be: everything in it was looked at before. But nothing may be lost.
                let open = self.state.open.take();
                for mut job in sent.chain(open).rev() {
                    job.rewind();
                    self.state.queue.push_front(job);
                }
                return Err(error);
            }
        };
        self.state.pending.extend(sent);
        self.state.next_message = self.state.next_message.saturating_add(1);
        self.state.server_open = !is_final && (self.state.server_open || self.may_go_on());
        if self.state.login.sent() {
            self.events.push_back(Event::NonceChanged);
        }
        if ends {
            if (!self.state.ended || self.state.abort) && !self.state.done {
                self.state.done = !self.state.abort;
                self.events.push_back(Event::Ended);
            }
            self.state.ended = true;
            if std::mem::take(&mut self.state.abort) {
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

    fn header(&self, msg_id: &str) -> Header<'static> {
        let text = |text: &Option<String>| writable(text.as_deref().unwrap_or_default());
        let mut header = Header::new(
            SessionId::new(text(&self.state.session_id)),
            MsgId::new(msg_id.to_owned()),
            Location::new(text(&self.state.device)),
            Location::new(self.config.server_uri.clone()),
        );
        header.cred = self.state.login.credentials();
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
        while let Some(status) = self.state.owed.front_mut() {
            give_ids(status, &mut packing.next_id);
            let bytes = command_len(status);
            if !packing.commands.is_empty() && packing.used.saturating_add(bytes) > room {
                packing.is_final = false;
                return;
            }
            let Some(status) = self.state.owed.pop_front() else { return };
            packing.push(status, bytes);
        }
    }

    /// Whether commands may follow the statuses. If they may not because the device has more to
    /// say, it is asked for that.
    fn may_send(&mut self, packing: &mut Packing) -> bool {
        if !packing.is_final || self.state.refused {
            return false;
        }
        if self.state.abort {
            self.push_alert(packing, AlertCode::SESSION_ABORT);
            return false;
        }
        if self.state.ended {
            return false;
        }
        // No new commands before the device has finished its package; but if ours is not finished,
        // it is the device that waits, and says so. A device that says nothing is asked once.
        let waits = self.state.asked_next || self.state.prompted;
        let goes_on = self.state.server_open && waits && !self.state.joiner.is_open();
        self.state.prompted = !self.state.device_final && !goes_on;
        if self.state.prompted {
            self.push_alert(packing, AlertCode::NEXT_MESSAGE);
            packing.is_final = false;
            return false;
        }
        true
    }

    fn push_alert(&self, packing: &mut Packing, code: AlertCode) {
        let mut alert = Command::alert(code);
        give_ids(&mut alert, &mut packing.next_id);
        let bytes = command_len(&alert);
        packing.push(alert, bytes);
    }

    fn pack_commands(&mut self, packing: &mut Packing, room: usize, sent: &mut Vec<Sent<K>>) {
        let holds = self.config.holds_user_scope && self.state.without_user;
        let mut held = Vec::new();
        while packing.sent < self.config.max_commands && !packing.closed {
            let open = self.state.open.take().map(Ok);
            let mut job = match open.or_else(|| self.state.queue.pop_front()) {
                Some(Ok(job)) => job,
                Some(Err(key)) => {
                    self.events.push_back(Event::Outcome(Outcome::unreadable(key)));
                    continue;
                }
                None => break,
            };
            if holds && !job.has_begun() && job.is_for_user() {
                held.push(job);
                continue;
            }
            // A command that needs what an upsert before it sets does not overtake its second verb.
            if !job.is_upsert() && sent.iter().any(|sent| sent.job.is_upsert()) {
                self.put_back(job);
                break;
            }
            match self.pack(packing, &mut job, room) {
                Packed::Lent => {
                    packing.sent += 1;
                    sent.push(Sent { job, lent: packing.commands.len().checked_sub(1) });
                }
                Packed::Whole => {
                    packing.sent += 1;
                    sent.push(Sent { job, lent: None });
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
                    self.put_back_statuses(packing);
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
                        Ok(outcome) => self.events.push_back(Event::Outcome(outcome)),
                        Err(job) => self.state.queue.push_front(*job),
                    }
                }
            }
        }
        for job in held.into_iter().rev() {
            self.state.queue.push_front(job);
        }
    }

    fn put_back(&mut self, job: Job<K>) {
        if job.has_begun() {
            self.state.open = Some(job);
        } else {
            self.state.queue.push_front(job);
        }
    }

    /// Leaves nothing in the message but the header's status.
    fn put_back_statuses(&mut self, packing: &mut Packing) {
        let statuses = packing.commands.split_off(packing.commands.len().min(1));
        for status in statuses.into_iter().rev() {
            packing.used = packing.used.saturating_sub(command_len(&status));
            self.state.owed.push_front(status);
        }
        packing.next_id = 2;
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
        let left = room.saturating_sub(packing.used);
        let hard_left = hard.saturating_sub(packing.used);
        if job.cursor == Cursor::default() && !piecewise {
            let bytes = command_len(&job.command);
            if bytes <= left || (first && bytes <= hard_left) {
                let end = Cursor { item: job.command.items().len(), offset: 0 };
                packing.next_id = next_id;
                packing.closed = job.alone;
                let command = job.lend();
                job.note_sent(msg_id, &command, end, false);
                packing.push(command, bytes);
                return Packed::Lent;
            }
        }
        if !first {
            return Packed::Waits;
        }
        let Some(Cut { command, next, is_chunk }) =
            cut(&job.command, job.cursor, hard_left, piecewise)
        else {
            return self.no_room(packing, job, hard);
        };
        packing.next_id = next_id;
        let bytes = command_len(&command);
        job.note_sent(msg_id, &command, next, is_chunk);
        packing.push(command, bytes);
        // Nothing comes between two chunks.
        packing.is_final = !is_chunk;
        packing.closed = piecewise;
        if job.is_sent() { Packed::Whole } else { Packed::Piece }
    }

    /// Neither the command nor a piece of it fits: because of the statuses, or in any message?
    fn no_room(&self, packing: &Packing, job: &Job<K>, hard: usize) -> Packed {
        let statuses: usize = packing.commands.iter().skip(1).map(command_len).sum();
        let most = hard.saturating_sub(packing.used.saturating_sub(statuses));
        let bytes = command_len(&job.command);
        let fits = bytes <= most || cut(&job.command, job.cursor, most, true).is_some();
        if fits && statuses > 0 {
            return Packed::Crowded;
        }
        Packed::TooLarge(Cause::TooLarge { bytes, max: most })
    }

    /// A value that the device will not take, in however many chunks.
    fn too_large_value(&self, job: &Job<K>) -> Option<Cause> {
        let max = self.state.max_obj_size?;
        let size = |item: &Item<'_>| item.data.as_ref().map_or(0, |data| data.as_str().len());
        let own = job.command.items().iter().map(size).max().unwrap_or_default();
        let mut stack: Vec<&Command<'_>> = job.command.children().iter().collect();
        let mut bytes = own;
        while let Some(command) = stack.pop() {
            bytes = bytes.max(command.items().iter().map(size).max().unwrap_or_default());
            stack.extend(command.children());
        }
        (bytes > max && !job.has_begun()).then_some(Cause::TooLarge { bytes, max })
    }
}
