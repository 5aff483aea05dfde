//! Reading a document while it arrives, without holding what nobody asked for.

use mdm_xml::{Location, Position};

use super::{Select, Update};
use crate::error::{Error, ErrorKind, Limits};
use crate::stream::input::Input;
use crate::stream::pieces::{local_of, tag_name};
use crate::stream::scan::{Scanner, TokenKind};

/// Reads a document from chunks of bytes, in any encoding and cut anywhere, and holds only the
/// parts that are wanted: the titles of a document of 47 MB cost some kilobytes.
///
/// Parts that are passed over are not checked, except for where they end. Otherwise it reads what
/// [`Update::read`] reads.
///
/// ```
/// use wsusss::Limits;
/// use wsusss::metadata::{Select, Skimmer};
///
/// # let body = br#"<Update><UpdateIdentity UpdateID="6964aab4-c5b5-43bd-a17d-ffb4346a8e1d" RevisionNumber="1"/><ApplicabilityRules><a/></ApplicabilityRules></Update>"#;
/// let mut skimmer = Skimmer::new(Select::SUMMARY, &Limits::default());
/// for chunk in body.chunks(16) {
///     skimmer.handle_bytes(chunk)?;
/// }
/// let update = skimmer.finish()?;
/// assert_eq!(update.key.revision, 1);
/// # Ok::<(), wsusss::Error>(())
/// ```
#[derive(Debug)]
pub struct Skimmer<'l> {
    select: Select<'l>,
    limits: Limits,
    input: Input,
    /// Text that was not looked at to its end begins at `start`, which is the place `base`.
    text: String,
    start: usize,
    base: Position,
    scanner: Scanner,
    depth: usize,
    skipping: bool,
    /// Markup that is none: all that follows is kept, for the error.
    broken: bool,
    kept: String,
    /// Where in `kept` something was left out before, and the place of what follows.
    cuts: Vec<(usize, Position)>,
}

impl<'l> Skimmer<'l> {
    /// A reader for one document.
    #[must_use]
    pub fn new(select: Select<'l>, limits: &Limits) -> Self {
        Self {
            select,
            limits: *limits,
            input: Input::new(&limits.xml),
            text: String::new(),
            start: 0,
            base: Position { offset: 0, line: 1, column: 1 },
            scanner: Scanner::new(0),
            depth: 0,
            skipping: false,
            broken: false,
            kept: String::new(),
            cuts: Vec::new(),
        }
    }

    /// The next bytes of the document.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] for [`Limits::document`], which bounds what is held.
    pub fn handle_bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.text.drain(..self.start);
        self.scanner.moved(self.start);
        self.start = 0;
        self.input.take(bytes, &mut self.text);
        self.look()
    }

    /// The document, once all of it came.
    ///
    /// # Errors
    /// As [`Update::read`].
    pub fn finish(mut self) -> Result<Update<'static>, Error> {
        self.complete()?;
        match Update::read(&self.kept, self.select, &self.limits) {
            Ok(update) => Ok(update.into_owned()),
            Err(error) => Err(self.placed(error, &self.kept)),
        }
    }

    /// What was kept, once all of it came; [`placed`](Self::placed) has the rest.
    #[cfg(feature = "cab")]
    pub(super) fn kept(&mut self) -> Result<String, Error> {
        self.complete()?;
        Ok(std::mem::take(&mut self.kept))
    }

    fn complete(&mut self) -> Result<(), Error> {
        self.input.end(&mut self.text);
        self.look()?;
        if let Some(kind) = self.input.fault() {
            let rest = self.text.get(self.start..).unwrap_or_default();
            let place = Location::new(self.base.after(rest), String::new());
            return Err(Error::at(kind.clone().into(), place));
        }
        let rest = self.text.get(self.start..).unwrap_or_default();
        if !self.skipping {
            self.kept.push_str(rest);
        }
        Ok(())
    }

    /// An error in what was kept as one in the whole document.
    pub(super) fn placed(&self, error: Error, kept: &str) -> Error {
        let (kind, location) = error.into_parts();
        let Some(mut location) = location else { return Error::new(kind) };
        let at = location.position.offset;
        if let Some((from, place)) = self.cuts.iter().rev().find(|(from, _)| *from <= at) {
            location.position = place.after(kept.get(*from..at).unwrap_or_default());
        }
        Error::at(kind, location)
    }

    /// Looks at what came, and sorts it into what is kept and what is not.
    fn look(&mut self) -> Result<(), Error> {
        while !self.broken
            && let Some(token) = self.scanner.next(self.text.as_bytes())
        {
            match token.kind {
                TokenKind::Other => {}
                TokenKind::Bad => {
                    // What is passed over before it is left out however it was cut into chunks.
                    if self.skipping {
                        self.resume(token.start);
                    }
                    self.broken = true;
                }
                TokenKind::Start { empty } => {
                    let tag = self.text.get(token.start..token.end).unwrap_or_default();
                    let wanted = self.depth != 1 || self.select.keeps(local_of(tag_name(tag)));
                    if !wanted {
                        self.pass(token.start);
                        self.skipping = true;
                    }
                    self.depth += usize::from(!empty);
                    if empty && self.depth == 1 && self.skipping {
                        self.resume(token.end);
                    }
                }
                TokenKind::End => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth <= 1 && self.skipping {
                        self.resume(token.end);
                    }
                }
            }
            if !self.broken {
                self.pass(token.end);
            }
        }
        if self.skipping {
            // What has been looked at is not needed, but for the markup that is not complete.
            self.pass(self.scanner.markup().unwrap_or(self.scanner.at()));
        } else if self.broken {
            self.pass(self.text.len());
        }
        // What is remembered of each part that was left out is held as well.
        let cuts = self.cuts.len().saturating_mul(size_of::<(usize, Position)>());
        let held = self.kept.len().saturating_add(cuts) + (self.text.len() - self.start);
        let max = self.limits.document;
        if held > max {
            let kind = ErrorKind::Limit { what: "bytes of a document", max };
            return Err(Error::at(kind, Location::new(self.base, String::new())));
        }
        Ok(())
    }

    /// Goes on to a place; what is before it is kept unless it is skipped.
    fn pass(&mut self, to: usize) {
        let passed = self.text.get(self.start..to).unwrap_or_default();
        self.base = self.base.after(passed);
        if !self.skipping {
            self.kept.push_str(passed);
        }
        self.start = self.start.max(to);
    }

    /// The part that is skipped ends there.
    fn resume(&mut self, end: usize) {
        self.pass(end);
        self.skipping = false;
        let cut = (self.kept.len(), self.base);
        match self.cuts.last_mut() {
            // Nothing was kept between the two.
            Some(last) if last.0 == cut.0 => *last = cut,
            _ => self.cuts.push(cut),
        }
    }
}
