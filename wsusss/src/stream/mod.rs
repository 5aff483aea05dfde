//! Answers that are decoded while they arrive.
//!
//! An answer to GetUpdateData or GetRevisionIdList has no pages: one of 3 MB with 24,509 revisions
//! was seen, and documents of 47 MB exist. [`Decoder`] takes it in chunks of any size, cut
//! anywhere, and hands out one item after the other. It holds no more than the largest item, and a
//! chunk and a half. Every other message, faults included, comes in one piece.
//!
//! An item is decoded as a document of its own, in the elements that it stands in, by the same
//! code as a whole message ([`messages::decode`](crate::messages::decode)): what one refuses, the
//! other refuses, with the same position.

pub(crate) mod input;
mod levels;
pub(crate) mod pieces;
pub(crate) mod scan;
mod take;

use std::collections::VecDeque;

use mdm_xml::{Location, Memory, Position};

use self::input::Input;
use self::levels::Levels;
use self::pieces::Progress;
use self::scan::Scanner;
use self::take::Held;
use crate::error::{Error, Limits};
use crate::id::UpdateKey;
use crate::messages::{FileUrl, Message, Soap, UpdateDocument};

/// Items that are decoded at a time.
const BATCH: usize = 256;

/// A part of an answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The answer to GetUpdateData begins: updates and addresses follow.
    UpdateData(Soap),
    /// An update document.
    Update(UpdateDocument<'a>),
    /// Where a file can be had.
    FileUrl(FileUrl),
    /// The answer to GetRevisionIdList begins: an anchor and revisions follow, in any order.
    RevisionList(Soap),
    /// The anchor for next time; opaque.
    Anchor(String),
    /// A revision.
    Revision(UpdateKey),
    /// Any other message, a fault as well.
    Message(Soap, Message<'a>),
}

impl Event<'_> {
    /// The same, independent of the decoder that it came from.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        match self {
            Self::UpdateData(soap) => Event::UpdateData(soap),
            Self::Update(update) => Event::Update(update.into_owned()),
            Self::FileUrl(file) => Event::FileUrl(file),
            Self::RevisionList(soap) => Event::RevisionList(soap),
            Self::Anchor(anchor) => Event::Anchor(anchor),
            Self::Revision(key) => Event::Revision(key),
            Self::Message(soap, message) => Event::Message(soap, message.into_owned()),
        }
    }
}

/// Decodes an answer while it arrives.
///
/// ```
/// use wsusss::Limits;
/// use wsusss::stream::{Decoder, Event};
///
/// # let body = br#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetUpdateDataResponse xmlns="http://www.microsoft.com/SoftwareDistribution"><GetUpdateDataResult><updates><ServerSyncUpdateData><XmlUpdateBlob>&lt;a/></XmlUpdateBlob></ServerSyncUpdateData></updates></GetUpdateDataResult></GetUpdateDataResponse></s:Body></s:Envelope>"#;
/// let limits = Limits::default();
/// let mut decoder = Decoder::new(&limits);
/// let mut documents = Vec::new();
/// let mut chunks = body.chunks(10); // as they come from your HTTP
/// while !decoder.is_finished() {
///     match chunks.next() {
///         Some(chunk) => decoder.handle_bytes(chunk),
///         None => decoder.handle_end(),
///     }
///     while let Some(event) = decoder.poll_event()? {
///         if let Event::Update(update) = event {
///             documents.push(update.blob().document(&limits)?.into_owned());
///         }
///     }
/// }
/// assert_eq!(documents, ["<a/>"]);
/// # Ok::<(), wsusss::Error>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    input: Input,
    ended: bool,
    /// Text that no event was made of yet begins at `start`, which is the place `base`.
    buffer: Buffer,
    start: usize,
    base: Position,
    scanner: Scanner,
    piece: Progress,
    levels: Levels,
    /// The root's tags, once it is closed.
    root: Option<String>,
    /// A message has begun, and its result.
    begun: bool,
    has_result: bool,
    /// The message that comes is no answer with items.
    in_one_piece: bool,
    elements: usize,
    /// Bytes of the tags around items that were read again for them.
    around: usize,
    /// The piece that the last event borrows from, between the tags around it; or it is where it
    /// came, in `buffer`.
    work: Buffer,
    in_place: bool,
    /// What reading an item in place allocates.
    memory: Memory,
    queue: VecDeque<Event<'static>>,
    batch: usize,
    failed: Option<Error>,
    finished: bool,
}

/// A text that stays out of Debug output: it may hold cookies.
#[derive(Default)]
struct Buffer(String);

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Decoder {
    /// A decoder for one answer.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            input: Input::new(&limits.xml),
            ended: false,
            buffer: Buffer::default(),
            start: 0,
            base: Position { offset: 0, line: 1, column: 1 },
            scanner: Scanner::new(0),
            piece: Progress::default(),
            levels: Levels::default(),
            root: None,
            begun: false,
            has_result: false,
            in_one_piece: false,
            elements: 0,
            around: 0,
            work: Buffer::default(),
            in_place: false,
            memory: Memory::default(),
            queue: VecDeque::new(),
            batch: BATCH,
            failed: None,
            finished: false,
        }
    }

    /// The next bytes of the answer. To be followed by [`poll_event`](Self::poll_event) until it
    /// returns `None`, or what came is held.
    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        if self.ended || self.failed.is_some() {
            return;
        }
        // The last event is done with.
        self.release();
        self.buffer.0.drain(..self.start);
        self.scanner.moved(self.start);
        self.piece.moved(self.start);
        self.start = 0;
        self.make_room(bytes.len());
        self.input.take(bytes, &mut self.buffer.0);
    }

    /// The answer is complete.
    pub fn handle_end(&mut self) {
        if !self.ended {
            self.ended = true;
            self.input.end(&mut self.buffer.0);
        }
    }

    /// The next part of the answer; `None` if that needs more bytes or the answer is at its end.
    ///
    /// # Errors
    /// As [`messages::decode`](crate::messages::decode), each after the events of everything
    /// before it; [`ErrorKind::Limit`](crate::ErrorKind::Limit) for [`Limits::item`]. Every further call returns the same.
    pub fn poll_event(&mut self) -> Result<Option<Event<'_>>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.step() {
            Ok(Some(Ready::Queued(event))) => Ok(Some(event)),
            Ok(Some(Ready::Update(held))) => {
                let text = if self.in_place { &self.buffer.0 } else { &self.work.0 };
                Ok(Some(Event::Update(held.restore(text))))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Whether the whole answer was read.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.finished && self.queue.is_empty()
    }

    /// Whether an answer with items has its result, which is not there to be taken for granted.
    pub(crate) fn has_result(&self) -> bool {
        self.has_result
    }

    /// Where the decoder is: everything before this place has become events.
    #[must_use]
    pub fn position(&self) -> Position {
        self.base
    }

    /// Bytes of text that are held because their item is not complete.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.0.len() - self.start
    }

    fn step(&mut self) -> Result<Option<Ready>, Error> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Ok(Some(Ready::Queued(event)));
            }
            if self.finished {
                return Ok(None);
            }
            let Some(piece) = self.find()? else {
                if let Some(kind) = self.input.fault() {
                    let at = match kind {
                        mdm_xml::ErrorKind::Limit { .. } => Position::of("", 0),
                        _ => self.base.after(self.rest()),
                    };
                    let kind = kind.clone().into();
                    return Err(Error::at(kind, Location::new(at, String::new())));
                }
                if self.ended {
                    self.finish()?;
                }
                return Ok(None);
            };
            if let Some(held) = self.take(piece)? {
                return Ok(Some(Ready::Update(held)));
            }
        }
    }

    fn rest(&self) -> &str {
        self.buffer.0.get(self.start..).unwrap_or_default()
    }
}

/// An event that can be handed out.
enum Ready {
    Queued(Event<'static>),
    Update(Held),
}
