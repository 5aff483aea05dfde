//! The reader: one loop over the text with an explicit stack, for both modes.
//!
//! *Decision*: strict mode is the tolerant reader whose first repair is an error, not serde_json:
//! serde_json has no pointers, loses number spelling and takes duplicate names. The tests compare
//! the two on what is JSON and what is not.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostic::{Code, Diagnostic};
use super::value::{RawObject, Value};
use super::{Document, Limits, MAX_DEPTH, Mode, Options};
use crate::error::{Cursor, Error, ErrorKind, LimitKind, Position, excerpt};

/// What looking for the places of diagnostics may cost: bytes of pointers.
const WATCH_BYTES: usize = 64 << 20;

/// Objects with more members than this look names up in a map, so that reading stays linear.
const SMALL: usize = 16;

pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Document, Error> {
    let text = text(bytes, &options.limits)?;
    let mut reader = Reader::new(text, *options, None);
    let value = reader.run()?;
    Ok(Document { value, diagnostics: reader.diagnostics() })
}

/// Where the values at these pointers start, or else the value that holds them.
pub(crate) fn locate(
    bytes: &[u8],
    options: &Options,
    pointers: BTreeSet<String>,
) -> BTreeMap<String, Position> {
    let Ok(text) = text(bytes, &options.limits) else { return BTreeMap::new() };
    let mut reader = Reader::new(text, *options, Some(pointers));
    // The same text was read before with the same options; should it fail, what was found stands.
    let _ = reader.run();
    let mut found: Vec<_> = std::mem::take(&mut reader.found).into_iter().collect();
    found.sort_by_key(|(_, offset)| *offset);
    let mut cursor = Cursor::new(text);
    found.into_iter().map(|(pointer, offset)| (pointer, cursor.advance(offset))).collect()
}

fn text<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, Error> {
    if bytes.len() > limits.bytes {
        return Err(ErrorKind::Limit { what: LimitKind::Bytes, limit: limits.bytes }.into());
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let position =
            std::str::from_utf8(valid).ok().map(|text| Position::of(text, error.valid_up_to()));
        Error::at(ErrorKind::Encoding, position, String::new())
    })
}

/// What may come next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    /// A value: at the start of the text, after a colon.
    Value,
    /// A value or `]`, just after `[`.
    First,
    /// A value, after a comma in an array.
    Element,
    /// A name or `}`, just after `{`.
    FirstName,
    /// A name, after a comma in an object.
    Name,
    /// A comma or the closing bracket.
    Comma,
    /// The end of the text.
    End,
}

#[derive(Debug)]
enum Frame {
    Object {
        members: RawObject,
        /// Filled only for objects of more than `SMALL` members.
        index: BTreeMap<String, usize>,
        name: String,
        /// The member that `name` repeats.
        repeats: Option<usize>,
    },
    Array(Vec<Value>),
}

impl Frame {
    fn object() -> Self {
        Self::Object {
            members: RawObject::new(),
            index: BTreeMap::new(),
            name: String::new(),
            repeats: None,
        }
    }

    fn closer(&self) -> u8 {
        match self {
            Self::Object { .. } => b'}',
            Self::Array(_) => b']',
        }
    }
}

#[derive(Debug)]
struct Note {
    code: Code,
    offset: usize,
    pointer: String,
    message: String,
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    options: Options,
    pub(super) offset: usize,
    stack: Vec<Frame>,
    next: Next,
    /// Between the first and the last character of a string or number that is a value.
    inside: bool,
    root: Option<Value>,
    /// Where the bracket stands that closed the root.
    root_closed_at: usize,
    /// Of the root's names, kept for a root that goes on after its end.
    root_index: BTreeMap<String, usize>,
    /// How many bytes of pointers may still be made to find places.
    watch_bytes: usize,
    nodes: usize,
    notes: Vec<Note>,
    watch: Option<BTreeSet<String>>,
    found: BTreeMap<String, usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, options: Options, watch: Option<BTreeSet<String>>) -> Self {
        Self {
            text,
            options,
            offset: 0,
            stack: Vec::new(),
            next: Next::Value,
            inside: false,
            root: None,
            root_closed_at: 0,
            root_index: BTreeMap::new(),
            watch_bytes: WATCH_BYTES,
            nodes: 0,
            notes: Vec::new(),
            watch,
            found: BTreeMap::new(),
        }
    }

    fn run(&mut self) -> Result<Value, Error> {
        if self.text.starts_with('\u{feff}') {
            self.repair(Code::ByteOrderMark, "a value", || {
                "a byte order mark was left out".into()
            })?;
            self.offset = '\u{feff}'.len_utf8();
        }
        loop {
            self.skip_blanks();
            match (self.next, self.peek()) {
                (Next::End, None) => {
                    return self.root.take().ok_or_else(|| self.unexpected("a value"));
                }
                (Next::End, Some(byte)) => self.after_root(byte)?,
                (Next::Value | Next::First | Next::Element, byte) => self.value(byte)?,
                (Next::FirstName | Next::Name, byte) => self.name(byte)?,
                (Next::Comma, byte) => self.comma(byte)?,
            }
        }
    }

    // --- what comes next ------------------------------------------------------------------------

    fn value(&mut self, byte: Option<u8>) -> Result<(), Error> {
        // A closing bracket after `[` or a comma begins no value.
        if self.next == Next::Value || !matches!(byte, Some(b']' | b'}') | None) {
            self.watch();
        }
        match byte {
            Some(b'{') => self.open(Frame::object(), Next::FirstName),
            Some(b'[') => self.open(Frame::Array(Vec::new()), Next::First),
            Some(b'"') => {
                self.count()?;
                self.inside = true;
                let text = self.string()?;
                self.complete(Value::String(text))
            }
            Some(b'-' | b'0'..=b'9') => {
                self.count()?;
                self.inside = true;
                match self.number()? {
                    Some(number) => self.complete(Value::Number(number)),
                    // Nothing of it is left: the text ends before this value.
                    None => {
                        self.inside = false;
                        Ok(())
                    }
                }
            }
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            Some(byte @ (b']' | b'}')) if self.next == Next::First => self.close(byte),
            Some(byte @ (b']' | b'}')) if self.next == Next::Element => {
                if !self.closes(byte) {
                    return self.surplus("a value");
                }
                self.repair(Code::TrailingComma, "a value", || "the comma was left out".into())?;
                self.close(byte)
            }
            Some(b',') if matches!(self.next, Next::First | Next::Element) => {
                self.repair(Code::ExtraComma, "a value", || "the comma was left out".into())?;
                self.offset += 1;
                Ok(())
            }
            Some(b',' | b']' | b'}') if !self.stack.is_empty() => {
                self.repair(Code::MissingValue, "a value", || "read as null".into())?;
                self.complete(Value::Null)
            }
            None if self.stack.is_empty() => Err(self.unexpected("a value")),
            None if self.next == Next::Value => self.missing_value(),
            None => self.tail("a value"),
            Some(_) => Err(self.unexpected("a value")),
        }
    }

    fn name(&mut self, byte: Option<u8>) -> Result<(), Error> {
        match byte {
            Some(b'"') => {
                self.count()?;
                let at = self.offset;
                let name = self.string()?;
                self.take_name(name, at)?;
                self.skip_blanks();
                match self.peek() {
                    Some(b':') => self.offset += 1,
                    None => self.repair(Code::UnclosedTail, "`:`", || {
                        "the text ends after a name".into()
                    })?,
                    Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                        self.repair(Code::MissingColon, "`:`", || "the colon was added".into())?;
                    }
                    Some(_) => return Err(self.unexpected("`:`")),
                }
                self.next = Next::Value;
                Ok(())
            }
            Some(byte @ (b'}' | b']')) if self.next == Next::FirstName => self.close(byte),
            Some(byte @ (b'}' | b']')) => {
                if !self.closes(byte) {
                    return self.surplus("a name");
                }
                self.repair(Code::TrailingComma, "a name", || "the comma was left out".into())?;
                self.close(byte)
            }
            Some(b',') => {
                self.repair(Code::ExtraComma, "a name", || "the comma was left out".into())?;
                self.offset += 1;
                Ok(())
            }
            None => self.tail("a name"),
            Some(_) => Err(self.unexpected("a name")),
        }
    }

    fn comma(&mut self, byte: Option<u8>) -> Result<(), Error> {
        let object = matches!(self.stack.last(), Some(Frame::Object { .. }));
        let expected = if object { "`,` or `}`" } else { "`,` or `]`" };
        match byte {
            Some(b',') => {
                self.offset += 1;
                self.next = if object { Next::Name } else { Next::Element };
                Ok(())
            }
            Some(byte @ (b'}' | b']')) => self.close(byte),
            Some(b'"') if object => {
                self.repair(Code::MissingComma, expected, || "the comma was added".into())?;
                self.next = Next::Name;
                Ok(())
            }
            Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') if !object => {
                self.repair(Code::MissingComma, expected, || "the comma was added".into())?;
                self.next = Next::Element;
                Ok(())
            }
            None => self.tail(expected),
            Some(_) => Err(self.unexpected(expected)),
        }
    }

    /// More text after the root: a member list without its brace, or a root closed too early.
    fn after_root(&mut self, byte: u8) -> Result<(), Error> {
        const END: &str = "the end of the text";
        match (byte, self.root.take()) {
            (b':', Some(Value::String(name))) => {
                self.repair(Code::MissingOpen, END, || "an opening brace was added".into())?;
                self.stack.push(Frame::object());
                self.take_name(name, self.offset)?;
                self.offset += 1;
                self.next = Next::Value;
                Ok(())
            }
            (b'}' | b']', root @ Some(_)) => {
                self.repair(Code::SurplusClose, END, || "a closing bracket too many".into())?;
                self.offset += 1;
                self.root = root;
                Ok(())
            }
            (b',' | b'"', Some(Value::Object(members))) => {
                let at = std::mem::replace(&mut self.offset, self.root_closed_at);
                // Strict mode points at what follows, as the root itself is whole.
                if self.options.mode == Mode::Strict {
                    self.offset = at;
                }
                self.repair(Code::SurplusClose, END, || {
                    "the document goes on: this bracket was left out".into()
                })?;
                self.offset = at;
                let index = std::mem::take(&mut self.root_index);
                self.next = if members.is_empty() { Next::FirstName } else { Next::Comma };
                self.stack.push(Frame::Object {
                    members,
                    index,
                    name: String::new(),
                    repeats: None,
                });
                Ok(())
            }
            _ => Err(self.unexpected(END)),
        }
    }

    // --- opening, closing, completing -----------------------------------------------------------

    fn open(&mut self, frame: Frame, next: Next) -> Result<(), Error> {
        self.count()?;
        let limit = self.options.limits.depth.min(MAX_DEPTH);
        if self.stack.len() >= limit {
            return Err(self.error(ErrorKind::Limit { what: LimitKind::Depth, limit }));
        }
        self.offset += 1;
        self.stack.push(frame);
        self.next = next;
        Ok(())
    }

    /// A closing bracket, which need not be the innermost one's.
    fn close(&mut self, byte: u8) -> Result<(), Error> {
        match self.stack.last().map(Frame::closer) {
            Some(closer) if closer == byte => {
                self.offset += 1;
                self.finish()
            }
            Some(closer) => {
                let expected = if closer == b'}' { "`}`" } else { "`]`" };
                if !self.closes(byte) {
                    return self.surplus(expected);
                }
                self.repair(Code::MissingClose, expected, || format!("{expected} was added"))?;
                self.finish()
            }
            None => Err(self.unexpected("a value")),
        }
    }

    /// Whether something is open that this bracket closes. As far out as texts are deep.
    fn closes(&self, byte: u8) -> bool {
        self.stack.iter().any(|frame| frame.closer() == byte)
    }

    /// Leaves out a bracket that closes nothing; what was expected is still expected.
    fn surplus(&mut self, expected: &'static str) -> Result<(), Error> {
        self.repair(Code::SurplusClose, expected, || "it closes nothing".into())?;
        self.offset += 1;
        Ok(())
    }

    fn tail(&mut self, expected: &'static str) -> Result<(), Error> {
        let open = self.stack.len();
        self.repair(Code::UnclosedTail, expected, || {
            format!("the text ends with {open} open: they were closed")
        })?;
        while !self.stack.is_empty() {
            self.finish()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.root_closed_at = self.offset.saturating_sub(1);
        match self.stack.pop() {
            Some(Frame::Object { members, index, .. }) => {
                if self.stack.is_empty() {
                    self.root_index = index;
                }
                self.complete(Value::Object(members))
            }
            Some(Frame::Array(items)) => self.complete(Value::Array(items)),
            None => Ok(()),
        }
    }

    pub(super) fn complete(&mut self, value: Value) -> Result<(), Error> {
        self.next = Next::Comma;
        self.inside = false;
        match self.stack.last_mut() {
            Some(Frame::Array(items)) => items.push(value),
            Some(Frame::Object { members, index, name, repeats }) => {
                let name = std::mem::take(name);
                match repeats.take() {
                    Some(first) => members.replace(first, value),
                    None => {
                        if members.len() == SMALL {
                            index.extend(
                                members.iter().enumerate().map(|(at, (name, _))| (name.into(), at)),
                            );
                        }
                        if members.len() >= SMALL {
                            index.insert(name.clone(), members.len());
                        }
                        members.push(name, value);
                    }
                }
            }
            None => {
                self.root = Some(value);
                self.next = Next::End;
            }
        }
        Ok(())
    }

    fn missing_value(&mut self) -> Result<(), Error> {
        self.repair(Code::MissingValue, "a value", || "read as null".into())?;
        self.complete(Value::Null)
    }

    fn take_name(&mut self, new: String, at: usize) -> Result<(), Error> {
        let Some(Frame::Object { members, index, name, repeats }) = self.stack.last_mut() else {
            return Ok(());
        };
        *repeats = if members.len() > SMALL {
            index.get(&new).copied()
        } else {
            members.iter().position(|(known, _)| known == new)
        };
        *name = new;
        if repeats.is_some() {
            let after = std::mem::replace(&mut self.offset, at);
            let name = excerpt(name);
            if self.options.mode == Mode::Strict {
                return Err(self.error(ErrorKind::DuplicateName { name }));
            }
            self.repair(Code::DuplicateName, "", || {
                format!("{name:?} occurs twice: the last value stands")
            })?;
            self.offset = after;
        }
        Ok(())
    }

    // --- the text -------------------------------------------------------------------------------

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.offset += 1;
        }
    }

    pub(super) fn count(&mut self) -> Result<(), Error> {
        self.nodes += 1;
        let limit = self.options.limits.nodes;
        if self.nodes > limit {
            return Err(self.error(ErrorKind::Limit { what: LimitKind::Nodes, limit }));
        }
        Ok(())
    }

    // --- reports --------------------------------------------------------------------------------

    /// The JSON pointer of what is being read.
    fn pointer(&self) -> String {
        let mut out = String::new();
        for (depth, frame) in self.stack.iter().enumerate() {
            let innermost = depth + 1 == self.stack.len();
            match frame {
                // After a value the next member has no name yet: the object itself is meant.
                Frame::Object { name, .. }
                    if innermost && self.next != Next::Value && name.is_empty() => {}
                Frame::Object { name, .. } => {
                    out.push('/');
                    out.push_str(&super::segment(name));
                }
                Frame::Array(_) if innermost && !self.inside && self.at_closer() => {}
                Frame::Array(items) => out.push_str(&format!("/{}", items.len())),
            }
        }
        out
    }

    fn at_closer(&self) -> bool {
        matches!(self.peek(), Some(b']' | b'}') | None)
    }

    fn watch(&mut self) {
        if self.watch.is_none() {
            return;
        }
        let pointer = self.pointer();
        // Deep texts have long pointers: past this, places are those of the values around.
        match self.watch_bytes.checked_sub(pointer.len()) {
            Some(rest) => self.watch_bytes = rest,
            None => {
                self.watch = None;
                return;
            }
        }
        if self.watch.as_ref().is_some_and(|watch| watch.contains(&pointer)) {
            self.found.insert(pointer, self.offset);
        }
    }

    pub(super) fn repair(
        &mut self,
        code: Code,
        expected: &'static str,
        message: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        if self.options.mode == Mode::Strict {
            return Err(self.unexpected(expected));
        }
        let limit = self.options.limits.repairs;
        if self.notes.len() >= limit {
            return Err(self.error(ErrorKind::Limit { what: LimitKind::Repairs, limit }));
        }
        let (offset, pointer) = (self.offset, self.pointer());
        self.notes.push(Note { code, offset, pointer, message: message() });
        Ok(())
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> Error {
        let rest = self.rest();
        let word = match rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len()) {
            0 => rest.chars().next().map_or(0, char::len_utf8),
            word => word,
        };
        let found = match rest.get(..word) {
            Some(text) if !text.is_empty() => format!("`{}`", excerpt(text)),
            _ => "the end of the text".to_owned(),
        };
        self.error(ErrorKind::Syntax { expected, found })
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::at(kind, Some(Position::of(self.text, self.offset)), self.pointer())
    }

    fn diagnostics(self) -> Vec<Diagnostic> {
        let mut notes = self.notes;
        notes.sort_by_key(|note| note.offset);
        let mut cursor = Cursor::new(self.text);
        notes
            .into_iter()
            .map(|note| Diagnostic {
                code: note.code,
                position: cursor.advance(note.offset),
                pointer: note.pointer,
                message: note.message,
            })
            .collect()
    }
}
