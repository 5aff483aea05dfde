//! Reading XML property lists.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use mdm_xml::{Element, Options, Position, Reader, TextKind, Tolerance};

use super::error::Fault;
use super::events::{Event, Events, Notes};
use super::{Date, DiagnosticCode, Error, ErrorKind, Limits, Value, date, scalar};

/// An XML property list that is being read.
pub(super) struct Xml<'a> {
    reader: Reader<'a>,
    state: State<'a>,
    /// Arrays and dictionaries that are open.
    open: usize,
    /// The first character that XML does not have, if the list has one.
    forbidden: Option<usize>,
    /// The last position that was asked for: most are asked for in order.
    last: Cell<Position>,
}

enum State<'a> {
    /// Before the root, which was read.
    Root(Element<'a>),
    /// Inside the element `plist`.
    Framed,
    /// The root is the value.
    Bare,
    Over,
}

impl<'a> Xml<'a> {
    pub(super) fn open(text: &'a str, limits: &Limits) -> Result<Self, Error> {
        // What XML forbids is read and told.
        let options =
            Options::default().with_limits(limits.xml).with_forbidden_chars(Tolerance::Keep);
        let mut reader = Reader::new(text, &options)?;
        let forbidden = mdm_xml::forbidden_char(reader.source()).map(|(offset, _)| offset);
        let root = reader.root().map_err(|error| without_path(error.into()))?;
        let last = Cell::new(Position { offset: 0, line: 1, column: 1 });
        Ok(Self { reader, state: State::Root(root), open: 0, forbidden, last })
    }

    fn stray(&mut self) -> Result<(), Fault> {
        match self.reader.take_stray_text() {
            None => Ok(()),
            Some((offset, text)) => {
                let blanks = text.len() - text.trim_start_matches(mdm_xml::is_space).len();
                Err(Fault::new(ErrorKind::Text, offset + blanks))
            }
        }
    }

    /// The event of an element that was opened.
    fn element(&mut self, element: &Element<'a>, notes: &mut Notes) -> Result<Event<'a>, Fault> {
        let name = element.name();
        match name {
            "array" => {
                self.open += 1;
                return Ok(Event::Array);
            }
            "dict" => {
                self.open += 1;
                return Ok(Event::Dictionary);
            }
            "key" | "string" | "true" | "false" | "integer" | "real" | "date" | "data" => {}
            _ => {
                let name: String = name.chars().take(64).collect();
                let kind = ErrorKind::Element(mdm_xml::printable(&name).into());
                return Err(Fault::new(kind, element.offset()));
            }
        }
        let text = self.reader.text()?;
        let span = element.offset()..self.reader.offset();
        if text.kind() != TextKind::Plain {
            notes.note(DiagnosticCode::CData, span.clone(), "");
        }
        let text = text.value();
        // Characters that were written as references.
        if let Cow::Owned(text) = &text
            && text.contains(|character: char| character.is_control() && !character.is_whitespace())
        {
            notes.note(DiagnosticCode::ForbiddenCharacter, span.clone(), "");
        }
        if name == "key" {
            return Ok(Event::Key(text));
        }
        self.scalar(name, text, span, notes).map(Event::Scalar)
    }

    fn scalar(
        &self,
        name: &str,
        text: Cow<'a, str>,
        span: Range<usize>,
        notes: &mut Notes,
    ) -> Result<Value<'a>, Fault> {
        if name == "string" {
            return Ok(Value::String(text));
        }
        if name == "data" {
            let (bytes, clean) = scalar::base64(&text);
            if !clean {
                notes.note(DiagnosticCode::Base64, span, "");
            }
            return Ok(Value::Data(Cow::Owned(bytes)));
        }
        let tight = text.trim_matches(mdm_xml::is_space);
        if name == "true" || name == "false" {
            if !tight.is_empty() {
                return Err(Fault::new(ErrorKind::Text, span.start));
            }
            return Ok(Value::Boolean(name == "true"));
        }
        if tight.len() != text.len() {
            notes.note(DiagnosticCode::Padded, span.clone(), "");
        }
        let value = match name {
            "integer" => scalar::integer(tight).map(Value::Integer).ok_or("integer"),
            "real" => {
                if !tight.is_empty() && tight.bytes().all(|byte| byte.is_ascii_digit()) {
                    notes.note(DiagnosticCode::WholeReal, span.clone(), "");
                }
                tight.parse().map(Value::Real).map_err(|_| "real")
            }
            _ => {
                if !date::is_canonical(tight) {
                    notes.note(DiagnosticCode::DateForm, span.clone(), tight);
                }
                Date::from_text(tight).map(Value::Date).ok_or("date")
            }
        };
        value.map_err(|what| {
            let text = text.chars().take(64).collect();
            Fault::new(ErrorKind::Value { what, text }, span.start)
        })
    }
}

impl<'a> Events<'a> for Xml<'a> {
    fn next(&mut self, notes: &mut Notes) -> Result<Option<(Event<'a>, Range<usize>)>, Fault> {
        if let Some(offset) = self.forbidden.take() {
            notes.note(DiagnosticCode::ForbiddenCharacter, offset..offset + 1, "");
        }
        let element = match self.state {
            State::Over => return Ok(None),
            // A value without a frame is one value.
            State::Bare if self.open == 0 => None,
            State::Framed | State::Bare => {
                let child = self.reader.child()?;
                self.stray()?;
                child
            }
            State::Root(root) if root.name() == "plist" => {
                self.state = State::Framed;
                let child = self.reader.child()?;
                self.stray()?;
                child
            }
            State::Root(root) => {
                self.state = State::Bare;
                // *Observed*: fragments without the element around them.
                notes.note(DiagnosticCode::NoFrame, root.offset()..self.reader.offset(), "");
                Some(root)
            }
        };
        match element {
            Some(element) => {
                let event = self.element(&element, notes)?;
                Ok(Some((event, element.offset()..self.reader.offset())))
            }
            None if self.open > 0 => {
                self.open -= 1;
                let end = self.reader.offset();
                Ok(Some((Event::End, end..end)))
            }
            None => {
                self.reader.finish()?;
                self.state = State::Over;
                Ok(None)
            }
        }
    }

    fn position(&self, offset: usize) -> Position {
        let (last, text) = (self.last.get(), self.reader.source());
        let place = match text.get(last.offset..) {
            Some(rest) if offset >= last.offset => {
                let beyond = Position::of(rest, offset - last.offset);
                let column = if beyond.line == 1 { last.column - 1 } else { 0 };
                Position {
                    offset: last.offset + beyond.offset,
                    line: last.line.saturating_add(beyond.line - 1),
                    column: column.saturating_add(beyond.column),
                }
            }
            _ => Position::of(text, offset),
        };
        self.last.set(place);
        place
    }
}

/// The error without the elements around it: paths of property lists are keys.
fn without_path(error: Error) -> Error {
    match error.into_parts() {
        (kind, Some(place)) => {
            Error::at(kind, mdm_xml::Location::new(place.position, String::new()))
        }
        (kind, None) => Error::new(kind),
    }
}
