//! Characters that XML forbids are looked for while a text is read, a part at a time and before
//! anything in it is handed out: a large text comes from memory once.

use super::Reader;
use crate::error::{Error, ErrorKind};
use crate::text;

impl Reader<'_> {
    /// How many bytes plain text from `start` on may have: not more than were checked.
    #[inline(always)]
    pub(super) fn plain_max(&self, start: usize) -> usize {
        self.options.limits.text.min(self.checked.saturating_sub(start))
    }

    /// Refuses what was taken if it holds a character that XML forbids. An end tag needs no look:
    /// it has the name that the start tag had.
    #[inline(always)]
    pub(super) fn checked(&mut self) -> Result<(), Error> {
        if self.tokens.offset() <= self.checked { Ok(()) } else { self.check_more() }
    }

    /// Looks at the next part of the text, while it is read: a large one comes from memory once.
    #[cold]
    fn check_more(&mut self) -> Result<(), Error> {
        let end = self.tokens.offset().max(self.checked.saturating_add(text::PART));
        if let Some((offset, character)) = text::forbidden_char_in(self.text, self.checked..end) {
            return Err(self.fail(ErrorKind::ForbiddenChar(character.into()), offset));
        }
        self.checked = end.min(self.text.len());
        Ok(())
    }
}
