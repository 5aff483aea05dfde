//! Where markup ends, in a text that is still coming.
//!
//! It decides nothing but where a piece may be cut: what is malformed in a piece is found when the
//! piece is decoded. It goes on where it stopped, so that no byte is looked at for each chunk.

use memchr::{memchr, memchr3, memmem};

/// A piece of markup that is complete.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Token {
    /// Where its `<` stands.
    pub(crate) start: usize,
    /// Behind its `>`.
    pub(crate) end: usize,
    pub(crate) kind: TokenKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenKind {
    /// A start tag.
    Start { empty: bool },
    /// An end tag.
    End,
    /// A comment, a CDATA section, a processing instruction, a document type declaration.
    Other,
    /// `<` and something that begins no markup.
    Bad,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Up to the next `<`.
    Text,
    /// Behind a `<`.
    Markup,
    /// In a tag, in a value with this quote (0 for none).
    Tag { quote: u8, end: bool },
    /// Up to what closes it.
    Until(&'static [u8]),
    /// In a document type declaration.
    Doctype { quote: u8, subset: bool, declaration: bool },
}

/// A place in a text that grows at its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scanner {
    at: usize,
    /// Where the markup begins that is being read.
    markup: usize,
    state: State,
}

impl Scanner {
    /// At a place between two pieces of markup.
    pub(crate) fn new(at: usize) -> Self {
        Self { at, markup: at, state: State::Text }
    }

    /// The first byte that was not looked at.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Where the tag begins that is being read, if one is or could be.
    pub(crate) fn open_tag(&self) -> Option<usize> {
        matches!(self.state, State::Markup | State::Tag { .. }).then_some(self.markup)
    }

    /// Where the markup begins that is being read, if any is.
    pub(crate) fn markup(&self) -> Option<usize> {
        (self.state != State::Text).then_some(self.markup)
    }

    /// `by` bytes were taken off the front of the text.
    pub(crate) fn moved(&mut self, by: usize) {
        self.at = self.at.saturating_sub(by);
        self.markup = self.markup.saturating_sub(by);
    }

    /// The next markup that is complete.
    pub(crate) fn next(&mut self, bytes: &[u8]) -> Option<Token> {
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            match self.state {
                State::Text => match memchr(b'<', rest) {
                    Some(found) => {
                        self.markup = self.at + found;
                        self.at = self.markup + 1;
                        self.state = State::Markup;
                    }
                    None => {
                        self.at = bytes.len();
                        return None;
                    }
                },
                State::Markup => {
                    let (state, opening) = match rest {
                        [] => return None,
                        [b'/', ..] => (State::Tag { quote: 0, end: true }, 1),
                        [b'?', ..] => (State::Until(b"?>"), 1),
                        [b'!', declared @ ..] => match declaration(declared) {
                            Ok(found) => found,
                            Err(Some(length)) => {
                                return Some(self.token(self.at + length, TokenKind::Bad));
                            }
                            Err(None) => return None,
                        },
                        _ => (State::Tag { quote: 0, end: false }, 0),
                    };
                    self.state = state;
                    self.at += opening;
                }
                State::Tag { quote: 0, end } => {
                    let found =
                        if end { memchr(b'>', rest) } else { memchr3(b'>', b'"', b'\'', rest) };
                    let Some(found) = found else {
                        self.at = bytes.len();
                        return None;
                    };
                    let at = self.at + found;
                    self.at = at + 1;
                    match bytes.get(at) {
                        Some(b'>') => {
                            let kind = if end {
                                TokenKind::End
                            } else {
                                let before = at.checked_sub(1).and_then(|at| bytes.get(at));
                                TokenKind::Start { empty: before == Some(&b'/') }
                            };
                            return Some(self.token(at + 1, kind));
                        }
                        Some(&quote) => self.state = State::Tag { quote, end },
                        None => return None,
                    }
                }
                State::Tag { quote, end } => {
                    self.at = self.behind(rest, &[quote], bytes.len())?;
                    self.state = State::Tag { quote: 0, end };
                }
                State::Until(close) => {
                    self.at = self.behind(rest, close, bytes.len())?;
                    return Some(self.token(self.at, TokenKind::Other));
                }
                State::Doctype { quote: 0, .. } => {
                    if let Some(end) = self.doctype(rest)? {
                        return Some(self.token(end, TokenKind::Other));
                    }
                }
                State::Doctype { quote, subset, declaration } => {
                    self.at = self.behind(rest, &[quote], bytes.len())?;
                    self.state = State::Doctype { quote: 0, subset, declaration };
                }
            }
        }
    }

    fn token(&mut self, end: usize, kind: TokenKind) -> Token {
        self.at = end;
        self.state = State::Text;
        Token { start: self.markup, end, kind }
    }

    /// Behind the next `what`; if it is not there yet, everything is looked at but what its
    /// beginning could be.
    fn behind(&mut self, rest: &[u8], what: &[u8], length: usize) -> Option<usize> {
        match memmem::find(rest, what) {
            Some(found) => Some(self.at + found + what.len()),
            None => {
                self.at = self.at.max((length + 1).saturating_sub(what.len()));
                None
            }
        }
    }

    /// One delimiter on in a document type declaration; `Some(Some(end))` at its end.
    fn doctype(&mut self, rest: &[u8]) -> Option<Option<usize>> {
        let State::Doctype { subset, declaration, .. } = self.state else { return None };
        let Some(found) = rest.iter().position(|byte| b"\"'<>[]".contains(byte)) else {
            self.at += rest.len();
            return None;
        };
        self.at += found + 1;
        let state = |subset, declaration| State::Doctype { quote: 0, subset, declaration };
        match rest.get(found)? {
            b'>' if !subset && !declaration => return Some(Some(self.at)),
            b'>' => self.state = state(subset, false),
            b'<' => self.state = state(subset, subset),
            b'[' => self.state = state(true, declaration),
            b']' => self.state = state(false, false),
            &quote => self.state = State::Doctype { quote, subset, declaration },
        }
        Some(None)
    }
}

/// What `<!` begins: the state and how much opens it; else how much is needed to see that it is
/// nothing, if it can be seen already.
fn declaration(rest: &[u8]) -> Result<(State, usize), Option<usize>> {
    let doctype = State::Doctype { quote: 0, subset: false, declaration: false };
    let mut fits = 0;
    for (word, state) in [
        (&b"--"[..], State::Until(b"-->")),
        (b"[CDATA[", State::Until(b"]]>")),
        (b"DOCTYPE", doctype),
    ] {
        let same = word
            .iter()
            .zip(rest)
            .take_while(|(word, byte)| {
                *word == *byte || (state == doctype && word.eq_ignore_ascii_case(byte))
            })
            .count();
        if same == word.len() {
            return Ok((state, 1 + same));
        }
        fits = fits.max(same);
    }
    // `!`, the longest beginning of a word that fits, and the character that does not: the same
    // whatever comes behind it.
    let Some(other) = rest.get(fits..).filter(|other| !other.is_empty()) else { return Err(None) };
    let more = other.iter().skip(1).take_while(|byte| (0x80..0xC0).contains(*byte)).count();
    Err(Some(1 + fits + 1 + more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &[u8], chunk: usize) -> Vec<(usize, usize, TokenKind)> {
        let mut scanner = Scanner::new(0);
        let mut found = Vec::new();
        let mut end = 0;
        loop {
            while let Some(token) = scanner.next(text.get(..end).unwrap()) {
                found.push((token.start, token.end, token.kind));
            }
            if end == text.len() {
                return found;
            }
            end = (end + chunk).min(text.len());
        }
    }

    #[test]
    fn markup_is_cut_at_the_same_places_whatever_the_chunks() {
        let text =
            b"<?xml a='>'?><!DOCTYPE p \">\" [<!ENTITY a '>'>]> <!-- > --> <a b='>' c=\"/>\" \
                     ><![CDATA[<x>]]]]>t</a ><g/><?e >f?></h>";
        let whole = tokens(text, text.len());
        let kinds: Vec<TokenKind> = whole.iter().map(|token| token.2).collect();
        assert_eq!(
            kinds,
            [
                TokenKind::Other,
                TokenKind::Other,
                TokenKind::Other,
                TokenKind::Start { empty: false },
                TokenKind::Other,
                TokenKind::End,
                TokenKind::Start { empty: true },
                TokenKind::Other,
                TokenKind::End,
            ]
        );
        for chunk in 1..20 {
            assert_eq!(tokens(text, chunk), whole, "{chunk}");
        }
    }

    #[test]
    fn what_begins_no_markup_is_seen_as_early_as_can_be() {
        for text in [&b"<!x>"[..], b"<!-x", b"<![CDATB", b"<!doctypo"] {
            assert_eq!(tokens(text, 1).first().map(|token| token.2), Some(TokenKind::Bad));
        }
        for text in [&b"<"[..], b"<!", b"<!-", b"<!--", b"<![CDATA", b"<a b='>", b"<!doctype"] {
            assert_eq!(tokens(text, 1), []);
        }
    }
}
