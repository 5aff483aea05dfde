//! Findings: what was odd about a document that was read all the same.

use std::fmt;
use std::ops::Range;

use crate::error::printable;
use crate::position::{self, Position};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Severity {
    /// Normal for some peers; good to know.
    Info,
    /// Against the specification; the meaning is clear.
    Warning,
    /// Against the specification; what was meant had to be guessed, or something was left out.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The kinds of findings of one protocol. An enum implements it.
pub trait Code: Copy {
    /// A stable name for programs, such as `syncml-target-ref-element`.
    fn id(self) -> &'static str;
    /// How much it matters.
    fn severity(self) -> Severity;
    /// One sentence for people.
    fn summary(self) -> &'static str;
    /// The rule that it breaks: document and section, or the capture where it was observed.
    fn reference(self) -> &'static str;
}

/// One finding, with its place.
///
/// Prints `warning syncml-… at line 3, column 7 (in SyncML/SyncBody): summary: detail [reference]`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Diagnostic<C> {
    /// What it is.
    pub code: C,
    /// Where it begins.
    pub position: Position,
    /// Bytes before its end.
    pub end: usize,
    /// The elements around it, outermost first, separated by `/`.
    pub path: String,
    /// What exactly was found; may be empty.
    pub detail: String,
}

impl<C> Diagnostic<C> {
    /// A finding of a reader that finds places by itself. The detail is cut after 256 characters,
    /// as in [`Findings::note`].
    #[must_use]
    pub fn new(code: C, position: Position, end: usize, path: String, mut detail: String) -> Self {
        if let Some((cut, _)) = detail.char_indices().nth(DETAIL) {
            detail.truncate(cut);
        }
        Self { code, position, end, path, detail }
    }
}

impl<C: Code> Diagnostic<C> {
    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// What it is, for people: one line, whatever a peer sent.
    #[must_use]
    pub fn message(&self) -> String {
        match self.detail.as_str() {
            "" => self.code.summary().to_owned(),
            detail => format!("{}: {}", self.code.summary(), printable(detail)),
        }
    }

    /// The rule that it breaks.
    #[must_use]
    pub fn reference(&self) -> &'static str {
        self.code.reference()
    }
}

impl<C: Code> fmt::Display for Diagnostic<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} at {}", self.severity(), self.code.id(), self.position)?;
        if !self.path.is_empty() {
            write!(f, " (in {})", self.path)?;
        }
        write!(f, ": {} [{}]", self.message(), self.reference())
    }
}

/// Characters of a detail.
const DETAIL: usize = 256;

struct Found<C> {
    code: C,
    span: Range<usize>,
    detail: String,
}

/// Gathers findings while a document is read, up to a number, and gives them their places at the
/// end in one pass over the text.
pub struct Findings<C> {
    found: Vec<Found<C>>,
    max: usize,
    dropped: usize,
}

impl<C> fmt::Debug for Findings<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Findings")
            .field("kept", &self.found.len())
            .field("dropped", &self.dropped)
            .finish()
    }
}

impl<C> Findings<C> {
    /// Gathers up to `max` findings; further ones are only counted.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { found: Vec::new(), max, dropped: 0 }
    }

    /// Notes a finding at a range of bytes. The detail is only made if it is kept, and cut after 256
    /// characters: what a peer sends can be long.
    pub fn note(&mut self, code: C, span: Range<usize>, detail: impl FnOnce() -> String) {
        if self.found.len() < self.max {
            let mut detail = detail();
            if let Some((end, _)) = detail.char_indices().nth(DETAIL) {
                detail.truncate(end);
            }
            self.found.push(Found { code, span, detail });
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// How many findings were not kept.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The findings in the order of their places in `text`, which is the text that was read.
    #[must_use]
    pub fn finish(mut self, text: &str) -> Vec<Diagnostic<C>> {
        if self.found.is_empty() {
            return Vec::new();
        }
        self.found.sort_by_key(|found| found.span.start);
        let offsets: Vec<usize> = self.found.iter().map(|found| found.span.start).collect();
        self.found
            .into_iter()
            .zip(position::locate(text, offsets))
            .map(|(found, location)| Diagnostic {
                code: found.code,
                position: location.position,
                end: found.span.end,
                path: location.path,
                detail: found.detail,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Odd;

    impl Code for Odd {
        fn id(self) -> &'static str {
            "odd"
        }
        fn severity(self) -> Severity {
            Severity::Warning
        }
        fn summary(self) -> &'static str {
            "odd"
        }
        fn reference(self) -> &'static str {
            "nowhere"
        }
    }

    #[test]
    fn findings_are_placed_in_order_and_counted_past_the_limit() {
        let text = "<a>\n<b>x</b></a>";
        let mut findings = Findings::new(2);
        findings.note(Odd, 7..8, || "x".to_owned());
        findings.note(Odd, 0..3, String::new);
        findings.note(Odd, 0..3, || unreachable!("not kept, so not made"));
        assert_eq!(findings.dropped(), 1);
        let printed: Vec<String> = findings.finish(text).iter().map(ToString::to_string).collect();
        assert_eq!(
            printed,
            [
                "warning odd at line 1, column 1 (in a): odd [nowhere]",
                "warning odd at line 2, column 4 (in a/b): odd: x [nowhere]",
            ]
        );
    }
}
