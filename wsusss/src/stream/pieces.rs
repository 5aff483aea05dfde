//! Where one piece ends that can be decoded by itself.

use mdm_xml::{Limit, Location};

use super::Decoder;
use super::levels::Kind;
use super::scan::{Scanner, TokenKind};
use crate::error::{Error, ErrorKind};

/// How far the piece at `start` has been looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// Where the run of text began that is before the next tag.
    run: usize,
    /// The first of the complete items.
    first: usize,
    /// The element that is being read: where it begins, and how many are open in it.
    pub(super) item: Option<usize>,
    depth: usize,
    /// Start tags in it, and in the complete items before it.
    elements: usize,
    /// Complete items, where the last one ends, and start tags in them.
    items: usize,
    complete: usize,
    complete_elements: usize,
}

/// What is done with a piece.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    /// Its last tag opens an element that pieces are taken out of.
    Open(Kind),
    /// Its last tag closes one.
    Close,
    /// It has elements in it.
    Items,
    /// It cannot be read.
    Broken,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Behind its last byte.
    pub(super) end: usize,
    /// Its last tag; the first item's where there are several.
    pub(super) tag: usize,
    pub(super) action: Action,
    pub(super) items: usize,
    pub(super) elements: usize,
}

impl Decoder {
    /// Looks for the end of the piece that begins at `start`.
    pub(super) fn find(&mut self) -> Result<Option<Piece>, Error> {
        loop {
            let Some(token) = self.scanner.next(self.buffer.0.as_bytes()) else {
                if self.piece.items > 0 {
                    return Ok(Some(self.batch_so_far()));
                }
                let at = self.scanner.at();
                self.check_held(self.scanner.open_tag().unwrap_or(at), at)?;
                return Ok(None);
            };
            let empty = match token.kind {
                TokenKind::Other => continue,
                TokenKind::Bad if self.piece.items > 0 => return Ok(Some(self.batch_so_far())),
                TokenKind::Bad => {
                    self.check_held(token.start, token.end)?;
                    return Ok(Some(self.broken(token.end)));
                }
                TokenKind::End => false,
                TokenKind::Start { empty } => empty,
            };
            let starts = token.kind != TokenKind::End;
            if let Some(item) = self.piece.item {
                if starts {
                    self.piece.elements += 1;
                    self.piece.depth += usize::from(!empty);
                    // Too deep: what there is of it is enough to see that.
                    let depth = self.levels.depth() + self.piece.depth;
                    if depth > self.limits.xml.depth && self.piece.items == 0 {
                        self.check_item(item, token.end)?;
                        return Ok(Some(self.broken(token.end)));
                    }
                } else {
                    self.piece.depth = self.piece.depth.saturating_sub(1);
                }
                if self.piece.depth == 0
                    && let Some(piece) = self.item_ends(item, token.end)?
                {
                    return Ok(Some(piece));
                }
                continue;
            }
            // Between items.
            let name = self.name_at(token.start);
            let local = local_of(name);
            let parent = self.levels.kind();
            if self.piece.items > 0 {
                let batched = starts && parent.and_then(Kind::batched) == Some(local);
                if !batched || name != self.name_at(self.piece.first) {
                    return Ok(Some(self.batch_so_far()));
                }
            }
            let whole = empty || self.root.is_some() || self.in_one_piece || self.is_second();
            let again = self.levels.is_repeated(local);
            let opens = Kind::inside(parent, local).filter(|_| !whole && !again);
            self.check_held(token.start, token.end)?;
            if !starts {
                return Ok(Some(self.piece_to(token.start, token.end, Action::Close)));
            }
            self.piece.elements += 1;
            if let Some(kind) = opens {
                return Ok(Some(self.piece_to(token.start, token.end, Action::Open(kind))));
            }
            self.piece.item = Some(token.start);
            self.piece.depth = usize::from(!empty);
            if empty && let Some(piece) = self.item_ends(token.start, token.end)? {
                return Ok(Some(piece));
            }
        }
    }

    /// The name in the tag that begins there.
    pub(super) fn name_at(&self, tag: usize) -> &str {
        tag_name(self.buffer.0.get(tag..).unwrap_or_default())
    }

    /// An element is complete: the piece, unless more of its kind are wanted in it.
    fn item_ends(&mut self, item: usize, end: usize) -> Result<Option<Piece>, Error> {
        self.check_item(item, end)?;
        if self.piece.items == 0 {
            self.piece.first = item;
        }
        self.piece.item = None;
        self.piece.run = end;
        self.piece.items += 1;
        self.piece.complete = end;
        self.piece.complete_elements = self.piece.elements;
        let local = local_of(self.name_at(item));
        let batched = self.levels.kind().and_then(Kind::batched) == Some(local);
        if batched && self.piece.items < self.batch {
            return Ok(None);
        }
        Ok(Some(self.batch_so_far()))
    }

    fn piece_to(&self, tag: usize, end: usize, action: Action) -> Piece {
        Piece { end, tag, action, items: 0, elements: self.piece.elements }
    }

    /// A piece that cannot be decoded, up to where that is seen.
    fn broken(&self, at: usize) -> Piece {
        let mut end = at.min(self.buffer.0.len());
        while !self.buffer.0.is_char_boundary(end) {
            end += 1;
        }
        self.piece_to(end, end, Action::Broken)
    }

    /// The complete items; what was looked at behind them is looked at again.
    fn batch_so_far(&mut self) -> Piece {
        let Progress { first, complete, complete_elements, items, .. } = self.piece;
        self.scanner = Scanner::new(complete);
        Piece {
            end: complete,
            tag: first,
            action: Action::Items,
            items,
            elements: complete_elements,
        }
    }

    /// What has to be held of a piece up to the end of some markup is no longer than it may be: the
    /// same whether the bytes came at once or one by one.
    fn check_held(&self, markup: usize, end: usize) -> Result<(), Error> {
        match self.piece.item {
            Some(item) => self.check_item(item, end),
            None => {
                self.check_run(markup)?;
                self.check_item(markup, end)
            }
        }
    }

    /// The text between items is no longer than it may be.
    fn check_run(&self, end: usize) -> Result<(), Error> {
        let max = self.limits.xml.text;
        if end.saturating_sub(self.piece.run) > max {
            let kind = mdm_xml::ErrorKind::Limit { limit: Limit::Text, max };
            return Err(self.fail_at(kind.into(), self.piece.run));
        }
        Ok(())
    }

    /// An item is no longer than it may be, as far as it goes.
    fn check_item(&self, item: usize, end: usize) -> Result<(), Error> {
        let max = self.limits.item;
        if end.saturating_sub(item) > max {
            return Err(self.fail_at(ErrorKind::Limit { what: "bytes in one item", max }, item));
        }
        Ok(())
    }

    fn fail_at(&self, kind: ErrorKind, at: usize) -> Error {
        let before = self.buffer.0.get(self.start..at).unwrap_or_default();
        Error::at(kind, Location::new(self.base.after(before), self.levels.path()))
    }
}

impl Progress {
    /// Nothing was looked at behind this place.
    pub(super) fn new(at: usize) -> Self {
        Self { run: at, ..Self::default() }
    }

    /// `by` bytes were taken off the front of the text.
    pub(super) fn moved(&mut self, by: usize) {
        self.run = self.run.saturating_sub(by);
        self.item = self.item.map(|item| item.saturating_sub(by));
        self.first = self.first.saturating_sub(by);
        self.complete = self.complete.saturating_sub(by);
    }
}

/// The name in a tag: `<a:b …`, `</a:b>`.
pub(crate) fn tag_name(tag: &str) -> &str {
    let inside = tag.strip_prefix('<').unwrap_or(tag);
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let end = inside.find(|c: char| mdm_xml::is_space(c) || matches!(c, '/' | '>'));
    end.and_then(|end| inside.get(..end)).unwrap_or(inside)
}

/// `b` of `a:b`.
pub(crate) fn local_of(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
