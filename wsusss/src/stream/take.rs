//! Decoding a piece.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use mdm_xml::{Limit, Location};

use super::levels::Kind;
use super::pieces::{Action, Piece, Progress, local_of, tag_name};
use super::scan::Scanner;
use super::{Decoder, Event};
use crate::error::{Error, ErrorKind, Limits};
use crate::messages::{self, DocumentText, Message, Presence, Soap, UpdateDocument};

/// Stands for the message that has been, before what follows it in the body and is passed over.
const FIRST: &str = "<_/>";
/// How often a byte may be read again, besides [`Limits::around`].
const AROUND: usize = 32;
/// A piece from this size on is moved instead of copied, and its memory is not kept.
const LARGE: usize = 1 << 16;
/// What an item leaves of a chunk, as a share of it: of chunks of 64 KiB, documents of up to 24 KiB.
const LEFT: (usize, usize) = (3, 8);
/// An item that holds an update document.
const UPDATE: &str = "ServerSyncUpdateData";

impl Decoder {
    /// Decodes a piece and goes behind it.
    pub(super) fn take(&mut self, piece: Piece) -> Result<Option<Held>, Error> {
        self.in_place = false;
        if let Some(held) = self.take_update(piece) {
            return Ok(held);
        }
        let length = piece.end - self.start;
        let tag = piece.tag - self.start;
        let name = self.name_at(piece.tag).to_owned();
        self.check_around(piece)?;
        let first = match piece.action {
            Action::Items => self.first(Some(piece.tag)),
            Action::Broken => self.first(self.piece.item),
            Action::Open(_) | Action::Close => self.first(None),
        };
        let head = self.load(piece.end, piece.action, &name, &first);
        let room = self.room();
        let limits = self.limits_inside(room, !first.is_empty());
        let decoded = match messages::decode_text(&self.work.0, &limits) {
            Err(error) if *error.kind() == ErrorKind::EmptyBody => None,
            Ok(decoded) => Some(decoded),
            Err(_) if piece.items > 1 => {
                // Item by item, so that those before the broken one are not lost.
                self.unload(head, length);
                self.batch = 1;
                return Ok(None);
            }
            Err(error) => return Err(self.placed(error, head, length, room)),
        };
        if let Action::Open(kind) = piece.action
            && self.levels.kind() == Some(Kind::Body)
            && !is_answer(kind, decoded.as_ref().map(|(_, message)| message))
        {
            // One of that name in another namespace: a message like any other.
            self.unload(head, length);
            self.in_one_piece = true;
            return Ok(None);
        }
        if let Some((_, message)) = &decoded
            && !self.is_second()
        {
            self.has_result |= matches!(
                message,
                Message::GetUpdateDataResponse(Presence::Value(_))
                    | Message::GetRevisionIdListResponse(Presence::Value(_))
            );
        }
        let text = self.work.0.get(head..head + length).unwrap_or_default();
        if piece.action == Action::Broken {
            let kind = mdm_xml::ErrorKind::from(mdm_xml::Malformed::Markup);
            let place = Location::new(self.base.after(text), self.levels.path());
            return Err(Error::at(kind.into(), place));
        }
        self.base = self.base.after(text);
        self.elements = self.elements.saturating_add(piece.elements);
        self.piece = Progress::new(self.start);
        self.scanner = Scanner::new(self.start);
        let tag = text.get(tag..).unwrap_or_default();
        match piece.action {
            Action::Open(kind) => {
                self.levels.open(kind, &name, tag);
                let begins = match (kind, decoded) {
                    (Kind::UpdateDataResponse, Some((soap, _))) => Event::UpdateData(soap),
                    (Kind::RevisionListResponse, Some((soap, _))) => Event::RevisionList(soap),
                    _ => return Ok(None),
                };
                self.begun = true;
                self.queue.push_back(begins);
            }
            Action::Close => {
                if let Some(root) = self.levels.close() {
                    self.root = Some(root);
                }
            }
            Action::Items => {
                self.levels.count(&name, u32::try_from(piece.items).unwrap_or(u32::MAX));
                self.levels.came(local_of(&name));
                if !first.is_empty() {
                    return Ok(None);
                }
                let kind = self.levels.kind();
                if kind.and_then(Kind::counted) == Some(local_of(&name)) {
                    self.levels.add_items(piece.items);
                }
                if kind.is_none() && self.root.is_none() {
                    // An empty root.
                    self.root = Some(tag.to_owned());
                }
                if let Some((soap, message)) = decoded {
                    if kind == Some(Kind::Body) {
                        self.begun = true;
                        self.in_one_piece = false;
                    }
                    return Ok(events(kind, soap, message, &self.work.0, &mut self.queue));
                }
            }
            Action::Broken => {}
        }
        Ok(None)
    }

    /// Decodes an update document where it is, without the elements around it. `None` where it is
    /// something else, or something is wrong with it, or could be: then it is decoded as
    /// everything is, which says what is wrong and where.
    fn take_update(&mut self, piece: Piece) -> Option<Option<Held>> {
        let room = self.room();
        let one = piece.action == Action::Items && piece.items == 1;
        if !one || self.levels.kind() != Some(Kind::Updates) || self.root.is_some() || room == 0 {
            return None;
        }
        let limits = self.limits_inside(room, false);
        let depth = self.levels.depth();
        let inside = limits.xml.with_depth(limits.xml.depth.checked_sub(depth)?);
        let inside = inside.with_elements(limits.xml.elements.checked_sub(depth)?);
        let before = self.buffer.0.get(self.start..piece.tag)?;
        let text = self.buffer.0.get(piece.tag..piece.end)?;
        let name = tag_name(text);
        let blank = before.bytes().all(|byte| mdm_xml::is_space(char::from(byte)));
        if !blank || local_of(name) != UPDATE || !self.levels.find_scope(&limits) {
            return None;
        }
        let memory = std::mem::take(&mut self.memory);
        let scope = self.levels.scope();
        let (document, memory) =
            messages::decode_update(text, scope, &limits.with_xml(inside), memory).ok()?;
        let held = document.into_value().map(|update| Held::hold(update, &self.buffer.0));
        self.memory = memory;
        self.base = self.base.after(before).after(text);
        self.elements = self.elements.saturating_add(piece.elements);
        self.levels.count(name, 1);
        self.levels.add_items(1);
        self.start = piece.end;
        self.piece = Progress::new(self.start);
        self.scanner = Scanner::new(self.start);
        self.in_place = true;
        Some(held)
    }

    /// The tags around the items were not read again too often, each item counted alone: where
    /// chunks end makes no difference.
    fn check_around(&mut self, piece: Piece) -> Result<(), Error> {
        let more = self.levels.around().saturating_mul(piece.items);
        self.around = self.around.saturating_add(more);
        let came = self.base.offset.saturating_add(piece.end - self.start);
        let max = self.limits.around;
        if self.around > came.saturating_mul(AROUND).saturating_add(max) {
            let kind = ErrorKind::Limit { what: "bytes of tags around items", max };
            return Err(Error::at(kind, Location::new(self.base, self.levels.path())));
        }
        Ok(())
    }

    /// Everything came: what is left has to be nothing, or is what is wrong.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        let length = self.buffer.0.len() - self.start;
        let whole = self.root.is_some();
        let first = self.first(self.piece.item);
        let head = self.load(self.buffer.0.len(), Action::Broken, "", &first);
        let room = self.room();
        match messages::decode_text(&self.work.0, &self.limits_inside(room, !first.is_empty())) {
            Err(error) if *error.kind() != ErrorKind::EmptyBody => {
                return Err(self.placed(error, head, length, room));
            }
            _ => {}
        }
        let text = self.work.0.get(head..).unwrap_or_default();
        self.base = self.base.after(text);
        if whole && self.begun {
            self.finished = true;
            return Ok(());
        }
        Err(Error::at(ErrorKind::EmptyBody, Location::new(self.base, self.levels.path())))
    }

    /// What stands for the message or the element that has been and counts, before one that is passed
    /// over: what begins at `item`.
    fn first(&self, item: Option<usize>) -> Cow<'static, str> {
        if self.is_second() {
            return Cow::Borrowed(FIRST);
        }
        let local = item.map_or("", |item| local_of(self.name_at(item)));
        match self.levels.is_repeated(local) {
            true => Cow::Owned(format!("<_:{local} xmlns:_=\"_\"/>")),
            false => Cow::Borrowed(""),
        }
    }

    /// The place is in a body whose message has been.
    pub(super) fn is_second(&self) -> bool {
        self.begun && self.levels.kind() == Some(Kind::Body)
    }

    /// How many items the piece may have. Lists inside an item count for themselves.
    fn room(&self) -> usize {
        let max = self.limits.items;
        let left = max.saturating_sub(self.levels.items());
        match self.levels.kind() {
            Some(Kind::Updates) if left > 0 => max,
            Some(kind) if kind.counted().is_some() => left,
            _ => max,
        }
    }

    /// The limits for a piece between its tags: what was before it counts.
    fn limits_inside(&self, room: usize, second: bool) -> Limits {
        let mut limits = self.limits.with_items(room);
        limits.xml.bytes = usize::MAX;
        let left = limits.xml.elements.saturating_sub(self.elements);
        let stands_in = self.root.is_some() || second;
        let around = self.levels.depth() + usize::from(stands_in);
        limits.xml.elements = left.saturating_add(around);
        limits
    }

    /// An error in the piece as one in the whole answer.
    fn placed(&self, error: Error, head: usize, length: usize, room: usize) -> Error {
        let (kind, location) = error.into_parts();
        let kind = match kind {
            ErrorKind::Limit { what, max } if max == room => {
                ErrorKind::Limit { what, max: self.limits.items }
            }
            ErrorKind::Xml(mdm_xml::ErrorKind::Limit { limit: Limit::Elements, .. }) => {
                let max = self.limits.xml.elements;
                mdm_xml::ErrorKind::Limit { limit: Limit::Elements, max }.into()
            }
            kind => kind,
        };
        let text = self.work.0.get(head..head + length).unwrap_or_default();
        match location {
            Some(found) => {
                let at = found.position.offset.saturating_sub(head);
                Error::at(kind, self.levels.locate(&found.path, at, self.base, text))
            }
            None => Error::new(kind),
        }
    }

    /// Puts the piece up to `end` between the tags around it; returns how long those before it
    /// are.
    fn load(&mut self, end: usize, action: Action, name: &str, first: &str) -> usize {
        self.release();
        let head = self.root.as_deref().unwrap_or(self.levels.head());
        let length = head.len() + first.len();
        // Moved where that is less work: behind the piece there may be a whole answer.
        let piece = end - self.start;
        if piece >= LARGE && self.buffer.0.len() - end <= piece {
            let rest = self.buffer.0.split_off(end);
            self.buffer.0.replace_range(..self.start, first);
            self.buffer.0.insert_str(0, head);
            self.work.0 = std::mem::replace(&mut self.buffer.0, rest);
            self.start = 0;
        } else {
            self.work.0.clear();
            self.work.0.push_str(head);
            self.work.0.push_str(first);
            self.work.0.push_str(self.buffer.0.get(self.start..end).unwrap_or_default());
            self.start = end;
        }
        let tail = self.levels.tail();
        match action {
            Action::Items => self.work.0.push_str(tail),
            // The innermost end tag is in the piece.
            Action::Close => {
                self.work.0.push_str(tail.split_once('>').map_or("", |(_, tail)| tail));
            }
            Action::Open(_) => {
                for part in ["</", name, ">", tail] {
                    self.work.0.push_str(part);
                }
            }
            Action::Broken => {}
        }
        length
    }

    /// Puts a piece of this length back.
    fn unload(&mut self, head: usize, length: usize) {
        let piece = self.work.0.get(head..head + length).unwrap_or_default();
        self.buffer.0.replace_range(..self.start, piece);
        self.start = 0;
        self.scanner = Scanner::new(0);
        self.piece = Progress::default();
    }

    /// Gives memory back that the last piece needed and the next one hardly will.
    pub(super) fn release(&mut self) {
        if self.work.0.capacity() > 2 * LARGE {
            self.work.0 = String::new();
        }
    }

    /// Room for `more` bytes behind what is held. Little is what is needed, and what an item most
    /// often leaves before the next chunk, so that no two sizes are there at once; an item that
    /// grows and grows is not copied for each chunk. What only a large item needed is given back.
    pub(super) fn make_room(&mut self, more: usize) {
        let text = &mut self.buffer.0;
        let more = more.min(LARGE);
        let needed = text.len().saturating_add(more);
        if needed <= 4 * LARGE {
            if text.capacity() > 8 * LARGE {
                text.shrink_to(needed);
            }
            if text.capacity() < needed {
                text.reserve_exact(more + more * LEFT.0 / LEFT.1);
            }
        }
    }
}

/// Whether a message is the answer that an element of this kind is to be.
fn is_answer(kind: Kind, message: Option<&Message<'_>>) -> bool {
    match kind {
        Kind::UpdateDataResponse => matches!(message, Some(Message::GetUpdateDataResponse(_))),
        _ => matches!(message, Some(Message::GetRevisionIdListResponse(_))),
    }
}

/// An update whose texts stay where they are.
pub(super) struct Held {
    document: UpdateDocument<'static>,
    /// Where the text is, and whether it is escaped.
    text: Option<(Range<usize>, bool)>,
    compressed: Option<Range<usize>>,
}

impl Held {
    fn hold(mut document: UpdateDocument<'_>, work: &str) -> Self {
        let range = |borrowed: &str| {
            let start = borrowed.as_ptr().addr().wrapping_sub(work.as_ptr().addr());
            start..start.wrapping_add(borrowed.len())
        };
        let text = document.text.value().and_then(DocumentText::borrowed);
        let text = text.map(|(text, escaped)| (range(text), escaped));
        if text.is_some() {
            document.text = Presence::Absent;
        }
        let compressed = match document.compressed {
            Presence::Value(Cow::Borrowed(text)) => Some(range(text)),
            _ => None,
        };
        if compressed.is_some() {
            document.compressed = Presence::Absent;
        }
        Self { document: document.into_owned(), text, compressed }
    }

    pub(super) fn restore(self, work: &str) -> UpdateDocument<'_> {
        let Self { mut document, text, compressed } = self;
        let at = |range: Range<usize>| work.get(range).unwrap_or_default();
        if let Some((range, escaped)) = text {
            document.text = Presence::Value(DocumentText::restored(at(range), escaped));
        }
        if let Some(range) = compressed {
            document.compressed = Presence::Value(Cow::Borrowed(at(range)));
        }
        document
    }
}

/// The events of the items in an element of this kind.
fn events(
    kind: Option<Kind>,
    soap: Soap,
    message: Message<'_>,
    work: &str,
    queue: &mut VecDeque<Event<'static>>,
) -> Option<Held> {
    match (kind, message) {
        (Some(Kind::Updates), Message::GetUpdateDataResponse(Presence::Value(data))) => {
            let update = data.updates.into_items().pop();
            return update.map(|update| Held::hold(update, work));
        }
        (Some(Kind::FileUrls), Message::GetUpdateDataResponse(Presence::Value(data))) => {
            queue.extend(data.file_urls.into_items().into_iter().map(Event::FileUrl));
        }
        (
            Some(Kind::RevisionListResult),
            Message::GetRevisionIdListResponse(Presence::Value(list)),
        ) => {
            queue.extend(list.anchor.into_value().map(Event::Anchor));
        }
        (Some(Kind::NewRevisions), Message::GetRevisionIdListResponse(Presence::Value(list))) => {
            queue.extend(list.new_revisions.into_items().into_iter().map(Event::Revision));
        }
        (Some(Kind::Body), Message::GetUpdateDataResponse(_)) => {
            queue.push_back(Event::UpdateData(soap));
        }
        (Some(Kind::Body), Message::GetRevisionIdListResponse(_)) => {
            queue.push_back(Event::RevisionList(soap));
        }
        (Some(Kind::Body), message) => {
            queue.push_back(Event::Message(soap, message.into_owned()));
        }
        _ => {}
    }
    None
}
