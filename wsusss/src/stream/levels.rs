//! The elements around the pieces: what is open, what to call a place in it.

use super::pieces::local_of;
use mdm_xml::{Location, Position};

/// What an element is that pieces are taken out of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Envelope,
    Body,
    UpdateDataResponse,
    UpdateDataResult,
    Updates,
    FileUrls,
    RevisionListResponse,
    RevisionListResult,
    NewRevisions,
}

impl Kind {
    /// What a child with this name is, if pieces are taken out of it as well.
    pub(super) fn inside(parent: Option<Self>, local: &str) -> Option<Self> {
        Some(match (parent, local) {
            (None, _) => Self::Envelope,
            (Some(Self::Envelope), "Body") => Self::Body,
            (Some(Self::Body), "GetUpdateDataResponse") => Self::UpdateDataResponse,
            (Some(Self::Body), "GetRevisionIdListResponse") => Self::RevisionListResponse,
            (Some(Self::UpdateDataResponse), "GetUpdateDataResult") => Self::UpdateDataResult,
            (Some(Self::UpdateDataResult), "updates") => Self::Updates,
            (Some(Self::UpdateDataResult), "fileUrls") => Self::FileUrls,
            (Some(Self::RevisionListResponse), "GetRevisionIdListResult") => {
                Self::RevisionListResult
            }
            (Some(Self::RevisionListResult), "NewRevisions") => Self::NewRevisions,
            _ => return None,
        })
    }

    /// The bit of a child of which only the first counts, as in a whole message.
    fn once(self, local: &str) -> u8 {
        match (self, local) {
            (Self::UpdateDataResponse, "GetUpdateDataResult")
            | (Self::RevisionListResponse, "GetRevisionIdListResult")
            | (Self::UpdateDataResult, "updates")
            | (Self::RevisionListResult, "NewRevisions") => 1,
            (Self::UpdateDataResult, "fileUrls") | (Self::RevisionListResult, "Anchor") => 2,
            _ => 0,
        }
    }

    /// The name of the small items of which many are decoded at a time.
    pub(super) fn batched(self) -> Option<&'static str> {
        match self {
            Self::FileUrls => Some("ServerSyncUrlData"),
            Self::NewRevisions => Some("UpdateIdentity"),
            _ => None,
        }
    }

    /// The name of the items that the caller's limit counts.
    pub(super) fn counted(self) -> Option<&'static str> {
        match self {
            Self::Updates => Some("ServerSyncUpdateData"),
            _ => self.batched(),
        }
    }
}

/// An element that is open.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) kind: Kind,
    name: String,
    /// Its number among its siblings of one name.
    number: u32,
    /// How much of the head is before its start tag.
    head: usize,
    /// How often each name has been seen in it.
    names: Vec<(String, u32)>,
    /// Items in it that count against the limit.
    pub(super) items: usize,
    /// Children that were there already, of those of which only the first counts.
    came: u8,
}

/// How many different names one element's children are counted under, as
/// [`mdm_xml`] does it.
const NAMES: usize = 32;

/// The elements that are open.
#[derive(Debug, Default)]
pub(super) struct Levels {
    open: Vec<Level>,
    /// Their start tags, outermost first, and their end tags, innermost first. Between the two a
    /// piece is a document.
    head: String,
    tail: String,
    /// Names at the top.
    top: Vec<(String, u32)>,
    /// The namespace declarations of the start tags, once somebody has asked.
    scope: Option<Vec<(String, String)>>,
}

impl Levels {
    pub(super) fn head(&self) -> &str {
        &self.head
    }

    pub(super) fn tail(&self) -> &str {
        &self.tail
    }

    /// Finds out the namespace declarations that are in scope; whether that can be done.
    pub(super) fn find_scope(&mut self, limits: &crate::Limits) -> bool {
        if self.scope.is_none() {
            self.scope = crate::messages::scope_behind(&self.head, limits);
        }
        self.scope.is_some()
    }

    /// Those that were found, outermost first.
    pub(super) fn scope(&self) -> &[(String, String)] {
        self.scope.as_deref().unwrap_or_default()
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.open.last().map(|level| level.kind)
    }

    /// Whether a child of this name was there before and only the first counts.
    pub(super) fn is_repeated(&self, local: &str) -> bool {
        self.open.last().is_some_and(|level| level.came & level.kind.once(local) != 0)
    }

    /// A child of this name is there.
    pub(super) fn came(&mut self, local: &str) {
        if let Some(level) = self.open.last_mut() {
            level.came |= level.kind.once(local);
        }
    }

    /// Bytes of the tags around a piece.
    pub(super) fn around(&self) -> usize {
        self.head.len().saturating_add(self.tail.len())
    }

    pub(super) fn items(&self) -> usize {
        self.open.last().map_or(0, |level| level.items)
    }

    pub(super) fn add_items(&mut self, count: usize) {
        if let Some(level) = self.open.last_mut() {
            level.items = level.items.saturating_add(count);
        }
    }

    fn names(&self) -> &[(String, u32)] {
        self.open.last().map_or(&self.top, |level| &level.names)
    }

    /// How many children of this name there were.
    fn seen(&self, name: &str) -> u32 {
        let counted = self.names().iter().find(|(known, _)| known == name);
        counted.map_or(0, |(_, count)| *count)
    }

    /// There are `count` further children of this name.
    pub(super) fn count(&mut self, name: &str, count: u32) {
        let names = self.open.last_mut().map_or(&mut self.top, |level| &mut level.names);
        if let Some((_, known)) = names.iter_mut().find(|(known, _)| known == name) {
            *known = known.saturating_add(count);
        } else if names.len() < NAMES {
            names.push((name.to_owned(), count));
        }
    }

    pub(super) fn open(&mut self, kind: Kind, name: &str, tag: &str) {
        self.scope = None;
        self.count(name, 1);
        self.came(local_of(name));
        let number = self.seen(name).max(1);
        let (head, names) = (self.head.len(), Vec::new());
        self.open.push(Level {
            kind,
            name: name.to_owned(),
            number,
            head,
            names,
            items: 0,
            came: 0,
        });
        self.head.push_str(tag);
        self.tail.insert_str(0, &format!("</{name}>"));
    }

    /// Closes the innermost element; returns its start and end tag if it was the root.
    pub(super) fn close(&mut self) -> Option<String> {
        self.scope = None;
        let level = self.open.pop()?;
        let end = level.name.len() + 3;
        let root = self.open.is_empty().then(|| format!("{}{}", self.head, self.tail));
        self.head.truncate(level.head);
        self.tail.replace_range(..end.min(self.tail.len()), "");
        root
    }

    /// The place `at` bytes into `piece`, which begins at the place `before`, in the whole answer.
    /// `inside` is its path in the piece between the tags around it.
    pub(super) fn locate(
        &self,
        inside: &str,
        at: usize,
        before: Position,
        piece: &str,
    ) -> Location {
        let mut at = at.min(piece.len());
        while !piece.is_char_boundary(at) {
            at -= 1;
        }
        let position = before.after(piece.get(..at).unwrap_or_default());
        let mut path = String::new();
        if inside.is_empty() {
            return Location::new(position, path);
        }
        for (depth, part) in inside.split('/').enumerate() {
            if depth > 0 {
                path.push('/');
            }
            let (name, number) = numbered(part);
            let number = match self.open.get(depth) {
                Some(level) => level.number,
                None if depth == self.open.len() => self.seen(name).saturating_add(number),
                None => number,
            };
            path.push_str(name);
            if number > 1 {
                path.push_str(&format!("[{number}]"));
            }
        }
        Location::new(position, path)
    }

    /// The elements that are open.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for level in &self.open {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&level.name);
            if level.number > 1 {
                path.push_str(&format!("[{}]", level.number));
            }
        }
        path
    }
}

/// `name[3]` as its parts.
fn numbered(part: &str) -> (&str, u32) {
    let numbered = part.strip_suffix(']').and_then(|part| part.rsplit_once('['));
    match numbered.and_then(|(name, number)| Some((name, number.parse().ok()?))) {
        Some(parts) => parts,
        None => (part, 1),
    }
}
