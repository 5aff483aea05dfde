//! Choices that the fuzzer's bytes make, so that what is built from them has a structure and every
//! byte changes something in it.

/// Bytes that decide; zeros behind their end.
pub(super) struct Choices<'d> {
    rest: &'d [u8],
}

impl<'d> Choices<'d> {
    pub(super) fn new(rest: &'d [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// A number below `n`, which is at least one.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let byte = usize::from(self.byte());
        if n > 256 { (byte << 8 | usize::from(self.byte())) % n } else { byte % n }
    }

    /// Once in `n` times; never behind the end.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        !self.is_done() && self.below(n) == n - 1
    }

    pub(super) fn one_of<'t, T: ?Sized>(&mut self, all: &[&'t T]) -> &'t T {
        all[self.below(all.len())]
    }

    /// Some of the bytes themselves.
    pub(super) fn bytes(&mut self, most: usize) -> &'d [u8] {
        let length = self.below(most + 1).min(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Text with what is difficult in it, escaped for XML; sometimes something that is no text.
    pub(super) fn text(&mut self) -> String {
        const PARTS: &[&str] = &[
            "",
            "a",
            "9",
            " ",
            "\n",
            "&amp;",
            "&lt;",
            "&#x41;",
            "\u{fc}",
            "\u{1f600}",
            "true",
            "<![CDATA[<x>]]>",
            "<!-- -->",
            "]]&gt;",
            "p:q",
            "upd:x",
            "-1",
            "4294967296",
        ];
        let mut text = String::new();
        for _ in 0..self.below(5) {
            text.push_str(self.one_of(PARTS));
        }
        if self.one_in(16) {
            text.push_str(self.one_of(&["&bad;", "<", "&#0;", "\0", "<x/>", "</x>", "&"]));
        }
        text
    }
}
