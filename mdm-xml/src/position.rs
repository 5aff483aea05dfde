//! Where in a document something stands.

use std::fmt;
use std::fmt::Write as _;

use crate::tokenizer::{Next, Passed, Tokenizer};

/// A place in a document.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Position {
    /// Bytes before the place, in the UTF-8 text that was read.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// The place `offset` bytes into `text`; past the end, the end.
    ///
    /// ```
    /// let place = mdm_xml::Position::of("<a>\n  <b/>\n</a>", 6);
    /// assert_eq!((place.line, place.column), (2, 3));
    /// ```
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        Self { offset: 0, line: 1, column: 1 }.advance(text, offset)
    }

    /// The place behind `text`, which begins at this place: for whoever reads a document in pieces.
    ///
    /// ```
    /// use mdm_xml::Position;
    ///
    /// let behind = Position::of("<a>", 3).after("\n <b/>");
    /// assert_eq!(behind, Position::of("<a>\n <b/>", 9));
    /// ```
    #[must_use]
    pub fn after(self, text: &str) -> Self {
        let start = Self { offset: 0, ..self };
        let place = start.advance(text, text.len());
        Self { offset: self.offset.saturating_add(place.offset), ..place }
    }

    /// A place in a document that has no lines, such as a binary property list: line and column
    /// are 0, and it prints as `byte 12`.
    ///
    /// ```
    /// assert_eq!(mdm_xml::Position::of_byte(12).to_string(), "byte 12");
    /// ```
    #[must_use]
    pub const fn of_byte(offset: usize) -> Self {
        Self { offset, line: 0, column: 0 }
    }

    /// The place `offset` bytes into `text`, counted on from this one, which is not behind it.
    fn advance(self, text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let between = text.get(self.offset..end).unwrap_or_default();
        let mut place = Self { offset: end, ..self };
        let last_line = match memchr::memrchr(b'\n', between.as_bytes()) {
            None => between,
            Some(newline) => {
                let lines = memchr::memchr_iter(b'\n', between.as_bytes()).count();
                place.line = place.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                place.column = 1;
                between.get(newline + 1..).unwrap_or_default()
            }
        };
        let columns = u32::try_from(characters(last_line)).unwrap_or(u32::MAX);
        place.column = place.column.saturating_add(columns);
        place
    }
}

/// How many characters these are: bytes that are not in the middle of one. Blocks are counted in a
/// byte each, so that the compiler makes vector instructions of it.
fn characters(text: &str) -> usize {
    const BLOCK: usize = 128;
    fn count(bytes: &[u8]) -> u8 {
        bytes.iter().fold(0, |count, byte| count + u8::from(byte.cast_signed() >= -0x40))
    }
    let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
    let counted: usize = blocks.iter().map(|block| usize::from(count(block))).sum();
    counted + usize::from(count(rest))
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(f, "byte {}", self.offset);
        }
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A place in a document and the elements around it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Location {
    /// The place.
    pub position: Position,
    /// The elements that are open there, outermost first, with `[n]` where an element is not the
    /// first of its name among its siblings: `SyncML/SyncBody/Replace[2]/Item`. The element whose
    /// start tag begins at the place is the last of them. Past 256 elements it ends in `…`.
    pub path: String,
}

impl Location {
    /// A place with a path of the caller's making, for documents whose paths are not made of
    /// elements.
    #[must_use]
    pub const fn new(position: Position, path: String) -> Self {
        Self { position, path }
    }
}

/// The locations of `offsets`, which ascend, in one pass over `text`.
///
/// Where the text is not well-formed the elements up to there count.
pub(crate) fn locate(text: &str, offsets: impl IntoIterator<Item = usize>) -> Vec<Location> {
    let mut walk = Walk::new(text);
    let mut position = Position { offset: 0, line: 1, column: 1 };
    offsets
        .into_iter()
        .map(|offset| {
            walk.to(offset);
            position = position.advance(text, offset);
            Location { position, path: walk.path() }
        })
        .collect()
}

/// How many elements of a path are named; deeper ones are `…`. A document is also walked for errors
/// that are found before its depth is, so this is the bound on what a walk costs.
const DEPTH: usize = 256;

/// A name that is quoted whole, whatever it holds.
const SHORT: usize = 64;

/// How many different names one element's children are counted under. A path past it only loses
/// the number behind a name.
const NAMES: usize = 32;

/// An open element.
struct Open<'x> {
    name: &'x str,
    /// Its number among its siblings of one name.
    number: u32,
    /// Where the names of its children begin in [`Walk::counts`].
    children: usize,
}

/// The elements open at a place, while the place moves on.
struct Walk<'x> {
    tokens: Tokenizer<'x>,
    open: Vec<Open<'x>>,
    /// How often each name has been seen in the document, then in the outermost open element, and so
    /// on to the innermost.
    counts: Vec<(&'x str, u32)>,
    /// The place is inside a tag that closes the innermost element, which ends here.
    closing: Option<usize>,
    /// How many elements are open inside the innermost of `open`.
    deeper: usize,
}

impl<'x> Walk<'x> {
    fn new(text: &'x str) -> Self {
        let tokens = Tokenizer::new(text);
        let (open, counts) = (Vec::with_capacity(8), Vec::with_capacity(16));
        Self { tokens, open, counts, closing: None, deeper: 0 }
    }

    /// Moves on to `offset`.
    fn to(&mut self, offset: usize) {
        if self.closing.is_some_and(|end| end <= offset) {
            self.closing = None;
            self.close();
        }
        while self.closing.is_none() && self.tokens.offset() <= offset {
            let Some(closes) = self.step() else {
                // Not well-formed from here on.
                self.closing = Some(usize::MAX);
                return;
            };
            let end = self.tokens.offset();
            if closes && end > offset {
                self.closing = Some(end);
            } else if closes {
                self.close();
            }
        }
    }

    /// Takes what comes next; whether it closes the innermost element. `None` at the end and at
    /// what is no markup.
    fn step(&mut self) -> Option<bool> {
        match self.tokens.peek() {
            Next::Text => {
                self.tokens.text();
                Some(false)
            }
            Next::StartTag => {
                // The element is open where the rest of its tag cannot be read, too.
                let (name, empty) = match self.tokens.start_tag(&mut Passed, usize::MAX) {
                    Ok(tag) => (tag.name, Some(tag.empty)),
                    Err(_) => (self.tokens.start_name()?, None),
                };
                if self.open.len() < DEPTH {
                    let number = self.count(name);
                    self.open.push(Open { name, number, children: self.counts.len() });
                } else {
                    self.deeper += 1;
                }
                empty
            }
            Next::EndTag => {
                let expected = self.open.last().filter(|_| self.deeper == 0);
                let found = expected.is_some_and(|open| self.tokens.end_tag_of(open.name));
                if found { Some(true) } else { self.tokens.end_tag().ok().map(|_| true) }
            }
            Next::Other => self.tokens.markup().ok().map(|_| false),
            Next::Eof => None,
        }
    }

    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(open) = self.open.pop() {
            self.counts.truncate(open.children);
        }
    }

    fn count(&mut self, name: &'x str) -> u32 {
        let from = self.open.last().map_or(0, |open| open.children);
        let siblings = self.counts.get_mut(from..).unwrap_or_default();
        if let Some((_, count)) = siblings.iter_mut().find(|(known, _)| *known == name) {
            *count = count.saturating_add(1);
            return *count;
        }
        if siblings.len() < NAMES {
            self.counts.push((name, 1));
        }
        1
    }

    fn path(&self) -> String {
        let room = self.open.iter().map(|open| open.name.len().min(SHORT) + 1).sum();
        let mut path = String::with_capacity(room);
        for Open { name, number, .. } in &self.open {
            if !path.is_empty() {
                path.push('/');
            }
            // A name can be as long as the document, and hold what no log should.
            if name.len() <= SHORT && name.bytes().all(|byte| byte.is_ascii_graphic()) {
                path.push_str(name);
            } else {
                path.push_str(&crate::error::quote(name));
            }
            if *number > 1 {
                // Writing to a String cannot fail.
                let _ = write!(path, "[{number}]");
            }
        }
        if self.deeper > 0 {
            path.push_str("/…");
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_wherever_they_stand() {
        for before in [0, 1, 250, 255, 256, 257, 700] {
            for character in ["a", "\u{fc}", "\u{9dd7}", "\u{1d11e}"] {
                let text = format!("{}{}b", "a".repeat(before), character.repeat(300));
                assert_eq!(characters(&text), text.chars().count());
                let place = Position::of(&text, text.len());
                assert_eq!(place.column as usize, before + 302);
            }
        }
    }

    #[test]
    fn paths_count_siblings_of_one_name_and_hold_inside_tags() {
        let text = "<a><b/><c>1</c><b>2</b>\n<b x='1'/></a>";
        let at = |needle: &str| text.find(needle).unwrap();
        let offsets =
            [0, at("<b/>"), at("1"), at("</c>"), at("<b>"), at("2"), at("x="), at("</a>")];
        let paths: Vec<String> =
            locate(text, offsets).into_iter().map(|location| location.path).collect();
        assert_eq!(paths, ["a", "a/b", "a/c", "a/c", "a/b[2]", "a/b[2]", "a/b[3]", "a"]);
    }

    #[test]
    fn so_many_names_of_siblings_are_counted_and_no_more() {
        let names: String = (0..=NAMES).map(|number| format!("<n{number}/>")).collect();
        let (last, more) = (format!("<n{}/>", NAMES - 1), format!("<n{NAMES}/>"));
        // Those of an element that is closed give their room back.
        let text = format!("<a><b>{names}</b><b>{names}{last}{more}</b><c/><b/></a>");
        let at = |needle: &str| text.rfind(needle).unwrap();
        let found = locate(&text, [at(&last), at(&more), at("<c/>"), at("<b/>")]);
        let paths: Vec<&str> = found.iter().map(|location| &*location.path).collect();
        let counted = format!("a/b[2]/n{}[2]", NAMES - 1);
        assert_eq!(paths, [&*counted, &*format!("a/b[2]/n{NAMES}"), "a/c", "a/b[3]"]);
    }

    #[test]
    fn a_path_names_so_many_elements_and_no_more() {
        let text = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        for (depth, end) in [(DEPTH, "/a"), (DEPTH + 1, "/…"), (100_000, "/…")] {
            let text = text(depth);
            let found = locate(&text, [3 * depth, text.len() - 4]);
            let [inside, last] = found.as_slice() else { unreachable!("two places") };
            assert!(inside.path.ends_with(end), "{}", inside.path);
            assert_eq!(inside.path.split('/').count(), depth.min(DEPTH + 1));
            assert_eq!(last.path, "a", "what was passed over is closed");
        }
    }

    #[test]
    fn columns_are_characters_and_lines_newlines() {
        let text = "<a>\nüü<b>\n\n</a>";
        assert_eq!(Position::of(text, 0), Position { offset: 0, line: 1, column: 1 });
        let b = text.find("<b>").unwrap();
        assert_eq!(Position::of(text, b), Position { offset: b, line: 2, column: 3 });
        // In the middle of a character, and past the end.
        assert_eq!(Position::of(text, 5), Position { offset: 4, line: 2, column: 1 });
        assert_eq!(Position::of(text, 999).offset, text.len());
        assert_eq!(Position::of(text, 999).line, 4);
    }
}
