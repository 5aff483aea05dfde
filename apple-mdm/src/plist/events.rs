//! A property list as a row of events: what XML and binary ones have in common.

use std::borrow::Cow;
use std::ops::Range;

use mdm_xml::{Diagnostic, Position};

use super::error::Fault;
use super::{DiagnosticCode, Value};

/// How many findings are kept.
const FINDINGS: usize = 256;

/// One step through a property list.
pub(super) enum Event<'a> {
    /// An array begins.
    Array,
    /// A dictionary begins.
    Dictionary,
    /// The innermost array or dictionary ends.
    End,
    /// A key of the innermost dictionary.
    Key(Cow<'a, str>),
    /// A value without values in it.
    Scalar(Value<'a>),
}

/// A property list that is being read.
pub(super) trait Events<'a> {
    /// The next event and where it stands; `None` at the end of the list.
    fn next(&mut self, notes: &mut Notes) -> Result<Option<(Event<'a>, Range<usize>)>, Fault>;

    /// The position of a byte. Each call may read the document again.
    fn position(&self, offset: usize) -> Position;
}

/// The findings, with their paths, before their places are known.
#[derive(Default)]
pub(super) struct Notes {
    found: Vec<Note>,
    /// How many of them have their path.
    placed: usize,
}

struct Note {
    code: DiagnosticCode,
    span: Range<usize>,
    path: String,
    detail: String,
}

impl Notes {
    /// Notes a finding; further ones than [`FINDINGS`] are passed over.
    pub(super) fn note(&mut self, code: DiagnosticCode, span: Range<usize>, detail: &str) {
        if self.found.len() < FINDINGS {
            let detail = detail.chars().take(64).collect();
            self.found.push(Note { code, span, path: String::new(), detail });
        }
    }

    /// Gives the findings since the last call this path.
    pub(super) fn place(&mut self, path: impl Fn() -> String) {
        for note in self.found.iter_mut().skip(self.placed) {
            note.path = path();
        }
        self.placed = self.found.len();
    }

    pub(super) fn finish<'a>(
        mut self,
        events: &impl Events<'a>,
    ) -> Vec<Diagnostic<DiagnosticCode>> {
        self.found.sort_by_key(|note| note.span.start);
        let found = self.found.into_iter().map(|note| {
            let position = events.position(note.span.start);
            Diagnostic::new(note.code, position, note.span.end, note.path, note.detail)
        });
        found.collect()
    }
}
