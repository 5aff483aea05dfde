//! Mending text that is nearly XML, as it comes out of word processors and manuals.
//!
//! One pass; what is in order is copied. The result may still be no XML: then what was wrong is
//! not clear, and the text is refused.

use mdm_xml::Position;

use super::change::{Change, Remedy};

/// The text with what can be mended mended, and what was changed.
pub(super) fn mend(text: &str) -> (String, Vec<Change>) {
    let mut pen = Pen {
        text,
        at: 0,
        out: String::with_capacity(text.len() + 64),
        inked: false,
        place: Position::of("", 0),
        changes: Vec::new(),
    };
    pen.document();
    (pen.out, pen.changes)
}

/// Changes that are told; more are made.
const TOLD: usize = 256;

struct Pen<'x> {
    text: &'x str,
    at: usize,
    out: String,
    /// `out` was seen to hold more than blanks.
    inked: bool,
    /// The place of the last change.
    place: Position,
    changes: Vec<Change>,
}

fn is_dash(character: char) -> bool {
    matches!(character, '\u{2012}'..='\u{2015}' | '\u{2212}')
}

fn is_double(character: char) -> bool {
    matches!(character, '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ff02}')
}

fn is_single(character: char) -> bool {
    matches!(character, '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{b4}' | '`')
}

fn starts_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

impl<'x> Pen<'x> {
    fn rest(&self) -> &'x str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn copy(&mut self, length: usize) {
        let end = self.at.saturating_add(length).min(self.text.len());
        self.out.push_str(self.text.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn change(&mut self, remedy: Remedy, length: usize, after: &str) {
        let end = self.at.saturating_add(length).min(self.text.len());
        if self.changes.len() < TOLD {
            let before = self.text.get(self.at..end).unwrap_or_default();
            let since = self.text.get(self.place.offset..self.at).unwrap_or_default();
            self.place = self.place.after(since);
            self.changes.push(Change {
                code: None,
                remedy,
                position: Some(self.place),
                path: String::new(),
                before: before.chars().take(64).collect(),
                after: after.to_owned(),
            });
        }
        self.out.push_str(after);
        self.at = end;
    }

    fn until(&self, end: &str) -> usize {
        let rest = self.rest();
        rest.find(end).map_or(rest.len(), |at| at + end.len())
    }

    fn document(&mut self) {
        while let Some(at) = self.rest().find(['<', '&']) {
            self.copy(at);
            let rest = self.rest();
            let mut after = rest.chars();
            let first = after.next();
            let second = after.next();
            if first == Some('&') {
                self.reference();
            } else if rest.starts_with("<!--") {
                self.copy(self.until("-->"));
            } else if rest.starts_with("<![CDATA[") {
                self.copy(self.until("]]>"));
            } else if rest.starts_with("<!") && after.next().is_some_and(is_dash) {
                self.comment();
            } else if rest.starts_with("<?xml") {
                self.declaration();
            } else if rest.starts_with("<?") {
                self.copy(self.until("?>"));
            } else if rest.starts_with("<!DOCTYPE") {
                self.copy(self.until(">"));
            } else if second.is_some_and(|next| starts_name(next) || next == '/') {
                self.tag();
            } else {
                self.spaced_tag();
            }
        }
        self.copy(self.rest().len());
    }

    /// `&` that begins no reference.
    fn reference(&mut self) {
        let rest = self.rest();
        // No reference that is known is longer than `&#x10FFFF;`. Looking further would be looking
        // to the end of the text, for each `&`.
        let name = rest.get(1..).unwrap_or_default();
        let end = name.bytes().take(10).position(|byte| byte == b';');
        let name = end.and_then(|end| name.get(..end)).unwrap_or_default();
        let known = matches!(name, "lt" | "gt" | "amp" | "quot" | "apos")
            || name.strip_prefix('#').is_some_and(|number| match number.strip_prefix('x') {
                Some(hex) => {
                    !hex.is_empty() && hex.len() < 7 && hex.bytes().all(|b| b.is_ascii_hexdigit())
                }
                None => {
                    !number.is_empty()
                        && number.len() < 8
                        && number.bytes().all(|b| b.is_ascii_digit())
                }
            });
        if known {
            self.copy(1);
        } else {
            self.change(Remedy::Rewritten, 1, "&amp;");
        }
    }

    /// A comment with typographic dashes.
    fn comment(&mut self) {
        let rest = self.rest();
        let open: usize = rest.chars().take(3).map(char::len_utf8).sum();
        self.change(Remedy::Rewritten, open, "<!--");
        let rest = self.rest();
        let end = rest.find('>').unwrap_or(rest.len());
        let inside = rest.get(..end).unwrap_or_default();
        let text = inside.trim_end_matches(|c: char| is_dash(c) || c == '-');
        self.out.push_str(&text.replace("--", "- -"));
        self.out.push_str(" -->");
        self.at = self.at.saturating_add(end.saturating_add(1)).min(self.text.len());
    }

    /// An XML declaration: at the start it may stand; elsewhere it is left out.
    fn declaration(&mut self) {
        let length = self.until("?>");
        if self.at == 0 {
            // Its quotes may be typographic, and the text is UTF-8 here: it can go.
            let declaration = self.rest().get(..length).unwrap_or_default();
            if declaration.is_ascii() {
                return self.copy(length);
            }
        }
        if !self.inked {
            self.inked = !self.out.trim_start().is_empty();
            if !self.inked {
                self.out.clear();
            }
        }
        self.change(Remedy::Removed, length, "");
    }

    /// `< /Name>`, or a `<` that begins nothing.
    fn spaced_tag(&mut self) {
        let after = self.rest().get(1..).unwrap_or_default();
        let name = after.trim_start();
        let blanks = after.len() - name.len();
        let tag = name.strip_prefix('/').unwrap_or(name);
        if blanks > 0 && name.starts_with('/') && tag.starts_with(starts_name) {
            self.change(Remedy::Rewritten, 1 + blanks, "<");
            // The tag is read on from its slash.
            let length = self.until(">");
            self.copy(length);
        } else {
            self.change(Remedy::Rewritten, 1, "&lt;");
        }
    }

    /// A tag, with its attributes.
    fn tag(&mut self) {
        let rest = self.rest();
        let name = rest
            .char_indices()
            .skip(2)
            .find(|(_, c)| c.is_whitespace() || matches!(c, '>' | '/' | '<'))
            .map_or(rest.len(), |(at, _)| at);
        self.copy(name);
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            self.copy(blanks);
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with('<') {
                return;
            }
            if rest.starts_with('>') {
                return self.copy(1);
            }
            if rest.starts_with("/>") {
                return self.copy(2);
            }
            let Some(equals) = rest.find(['=', '>', '<']) else { return };
            if !rest.get(equals..).unwrap_or_default().starts_with('=') {
                return self.copy(equals);
            }
            self.copy(equals + 1);
            let rest = self.rest();
            self.copy(rest.len() - rest.trim_start().len());
            self.value();
        }
    }

    /// The value of an attribute.
    fn value(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let width = first.len_utf8();
        let after = rest.get(width..).unwrap_or_default();
        match first {
            '"' | '\'' => {
                let end = after.find(first).map_or(rest.len(), |at| width + at + 1);
                self.copy(end);
            }
            _ if is_double(first) || is_single(first) => {
                let double = is_double(first);
                let closes = |c: char| {
                    if double { is_double(c) || c == '"' } else { is_single(c) || c == '\'' }
                };
                let Some(end) = after.find(closes) else { return self.copy(width) };
                let close = after.get(end..).and_then(|rest| rest.chars().next());
                let value = after.get(..end).unwrap_or_default();
                let quoted = format!("\"{}\"", value.replace('"', "&quot;").replace('<', "&lt;"));
                let length = width + end + close.map_or(0, char::len_utf8);
                self.change(Remedy::Rewritten, length, &quoted);
            }
            _ => {
                let end = rest
                    .char_indices()
                    .find(|(at, c)| {
                        c.is_whitespace()
                            || matches!(c, '>' | '<' | '"')
                            || rest.get(*at..).is_some_and(|rest| rest.starts_with("/>"))
                    })
                    .map_or(rest.len(), |(at, _)| at);
                let quoted = format!("\"{}\"", rest.get(..end).unwrap_or_default());
                if end > 0 {
                    self.change(Remedy::Rewritten, end, &quoted);
                } else {
                    self.copy(width);
                }
            }
        }
    }
}
