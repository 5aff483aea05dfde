//! From events to values, within limits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use mdm_xml::Location;

use super::error::Fault;
use super::events::{Event, Events, Notes};
use super::place::{push_index, push_key};
use super::{Diagnostic, DiagnosticCode, Dictionary, Duplicates, Error, ErrorKind, Limits, Value};

/// An array or dictionary that is being read.
enum Open<'a> {
    Array(Vec<Value<'a>>),
    Dictionary(Fields<'a>),
}

/// From this many keys on they are looked up by hash.
const MANY: usize = 24;

#[derive(Default)]
struct Fields<'a> {
    entries: Dictionary<'a>,
    /// Where each key stands, once there are many.
    places: HashMap<Cow<'a, str>, usize>,
    /// The key that waits for its value, and the place of the same key before.
    key: Option<(Cow<'a, str>, Option<usize>)>,
}

impl<'a> Fields<'a> {
    fn find(&mut self, key: &str) -> Option<usize> {
        let entries = &self.entries.0;
        if entries.len() < MANY {
            return entries.iter().position(|(known, _)| known == key);
        }
        if self.places.is_empty() {
            for (place, (known, _)) in entries.iter().enumerate() {
                self.places.entry(known.clone()).or_insert(place);
            }
        }
        self.places.get(key).copied()
    }

    fn push(&mut self, key: Cow<'a, str>, value: Value<'a>) {
        if !self.places.is_empty() {
            self.places.entry(key.clone()).or_insert(self.entries.len());
        }
        self.entries.push(key, value);
    }
}

struct Builder<'a, 'l> {
    open: Vec<Open<'a>>,
    whole: Option<Value<'a>>,
    nodes: usize,
    bytes: usize,
    limits: &'l Limits,
}

pub(super) fn build<'a>(
    events: &mut impl Events<'a>,
    limits: &Limits,
) -> Result<(Value<'a>, Vec<Diagnostic>), Error> {
    let mut notes = Notes::default();
    let mut builder = Builder { open: Vec::new(), whole: None, nodes: 0, bytes: 0, limits };
    loop {
        let taken = match events.next(&mut notes) {
            Ok(Some((event, span))) => {
                notes.place(|| builder.path());
                builder.take(event, span, &mut notes)
            }
            Ok(None) => break,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = taken {
            let location = Location::new(events.position(fault.offset), builder.path());
            return Err(Error::at(fault.kind, location));
        }
        notes.place(|| builder.path());
    }
    match builder.whole {
        Some(value) => Ok((value, notes.finish(events))),
        None => Err(Error::at(
            ErrorKind::OneValue,
            Location::new(events.position(usize::MAX), String::new()),
        )),
    }
}

impl<'a> Builder<'a, '_> {
    fn take(
        &mut self,
        event: Event<'a>,
        span: Range<usize>,
        notes: &mut Notes,
    ) -> Result<(), Fault> {
        let fail = |kind| Err(Fault::new(kind, span.start));
        match event {
            Event::Key(key) => {
                self.spend(key.len(), &span)?;
                let Some(Open::Dictionary(fields)) = self.open.last_mut() else {
                    return fail(ErrorKind::Key);
                };
                if fields.key.is_some() {
                    return fail(ErrorKind::Key);
                }
                let before = fields.find(&key);
                if before.is_some() {
                    if self.limits.duplicates == Duplicates::Refuse {
                        let key = key.chars().take(64).collect();
                        return fail(ErrorKind::Duplicate(key));
                    }
                    notes.note(DiagnosticCode::DuplicateKey, span, "");
                }
                fields.key = Some((key, before));
                Ok(())
            }
            Event::Scalar(value) => {
                let bytes = match &value {
                    Value::String(text) => text.len(),
                    Value::Data(bytes) => bytes.len(),
                    _ => 0,
                };
                self.spend(bytes, &span)?;
                self.begin(&span)?;
                self.put(value);
                Ok(())
            }
            Event::Array | Event::Dictionary => {
                self.begin(&span)?;
                let max = self.limits.deepest();
                if self.open.len() >= max {
                    return fail(ErrorKind::Limit { what: "nested values", max });
                }
                self.open.push(match event {
                    Event::Array => Open::Array(Vec::new()),
                    _ => Open::Dictionary(Fields::default()),
                });
                Ok(())
            }
            Event::End => match self.open.pop() {
                Some(Open::Array(values)) => {
                    self.put(Value::Array(values));
                    Ok(())
                }
                Some(Open::Dictionary(fields)) if fields.key.is_none() => {
                    self.put(Value::Dictionary(fields.entries));
                    Ok(())
                }
                _ => fail(ErrorKind::Key),
            },
        }
    }

    fn spend(&mut self, bytes: usize, span: &Range<usize>) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(bytes);
        let max = self.limits.expansion;
        if self.bytes > max {
            let kind = ErrorKind::Limit { what: "bytes of text and data", max };
            return Err(Fault::new(kind, span.start));
        }
        Ok(())
    }

    /// Whether a value may stand here, before it is made.
    fn begin(&mut self, span: &Range<usize>) -> Result<(), Fault> {
        self.nodes += 1;
        let max = self.limits.nodes;
        let fail = |kind| Err(Fault::new(kind, span.start));
        match self.open.last() {
            _ if self.nodes > max => fail(ErrorKind::Limit { what: "values", max }),
            None if self.whole.is_some() => fail(ErrorKind::OneValue),
            Some(Open::Dictionary(Fields { key: None, .. })) => fail(ErrorKind::Key),
            _ => Ok(()),
        }
    }

    fn put(&mut self, value: Value<'a>) {
        match self.open.last_mut() {
            None => self.whole = Some(value),
            Some(Open::Array(values)) => values.push(value),
            Some(Open::Dictionary(fields)) => {
                let Some((key, before)) = fields.key.take() else { return };
                let before = before.filter(|_| self.limits.duplicates != Duplicates::Keep);
                match before.and_then(|place| fields.entries.0.get_mut(place)) {
                    None => fields.push(key, value),
                    Some((_, last)) if self.limits.duplicates == Duplicates::Last => *last = value,
                    Some(_) => {}
                }
            }
        }
    }

    /// The path of the value that comes next.
    fn path(&self) -> String {
        let mut path = String::new();
        for open in &self.open {
            match open {
                Open::Array(values) => push_index(&mut path, values.len()),
                Open::Dictionary(Fields { key: Some((key, _)), .. }) => push_key(&mut path, key),
                Open::Dictionary(_) => {}
            }
        }
        path
    }
}
