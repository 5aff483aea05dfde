//! The tokenizer: quick-xml's event reader, and nothing of it outside this file.
//!
//! quick-xml finds where markup begins and ends. Character data it would hand out in pieces, one
//! for each reference (an update document that travels as escaped text has one every thirty
//! bytes), so text is taken here as one slice up to the next `<` and quick-xml goes on from there.

use quick_xml::errors::{Error as QuickError, SyntaxError};
use quick_xml::events::Event;

use crate::error::Malformed;

/// One token. Slices are of the text that is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Token<'x> {
    /// Character data up to the next `<`, references unresolved.
    Text(&'x str),
    /// A start tag: what is between `<` and `>` or `/>`.
    Start { tag: &'x str, empty: bool },
    /// An end tag: the name.
    End { name: &'x str },
    /// A CDATA section: its content.
    CData(&'x str),
    /// `<!-- … -->`.
    Comment,
    /// `<? … ?>`, but not the XML declaration.
    Instruction,
    /// `<?xml … ?>`.
    Declaration,
    /// `<!DOCTYPE …>`: what is between `<!DOCTYPE` and `>`.
    Doctype(&'x str),
    /// The end of the text.
    Eof,
}

/// Splits a text into tokens; knows nothing of nesting.
pub(crate) struct Tokenizer<'x> {
    text: &'x str,
    offset: usize,
    quick: quick_xml::Reader<&'x [u8]>,
}

impl<'x> Tokenizer<'x> {
    pub(crate) fn new(text: &'x str) -> Self {
        let mut quick = quick_xml::Reader::from_reader(text.as_bytes());
        let config = quick.config_mut();
        // The reader above compares names with its own stack, and says where.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Self { text, offset: 0, quick }
    }

    /// Bytes before the next token.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// What follows the last token.
    pub(crate) fn rest(&self) -> &'x str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token<'x>, Malformed> {
        let rest = self.rest();
        match memchr::memchr(b'<', rest.as_bytes()) {
            Some(0) => self.markup(rest),
            _ if rest.is_empty() => Ok(Token::Eof),
            end => {
                let text = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
                self.offset += text.len();
                Ok(Token::Text(text))
            }
        }
    }

    fn markup(&mut self, rest: &'x str) -> Result<Token<'x>, Malformed> {
        // Character data that was taken above is passed over here: between two pieces of markup
        // quick-xml's reader is in the state "in text" and takes what the slice has next.
        *self.quick.get_mut() = rest.as_bytes();
        let event = self.quick.read_event().map_err(|error| malformed(&error))?;
        let used = rest.len().saturating_sub(self.quick.get_ref().len());
        let markup = rest.get(..used).unwrap_or_default();
        let inside = |before: usize, after: usize| {
            markup.get(before..used.saturating_sub(after)).unwrap_or_default()
        };
        let token = match event {
            Event::Start(_) => Token::Start { tag: inside(1, 1), empty: false },
            Event::Empty(_) => Token::Start { tag: inside(1, 2), empty: true },
            Event::End(_) => Token::End { name: inside(2, 1).trim_end_matches(crate::is_space) },
            Event::CData(_) => Token::CData(inside(9, 3)),
            Event::Comment(_) => Token::Comment,
            Event::PI(_) => Token::Instruction,
            Event::Decl(_) => Token::Declaration,
            Event::DocType(_) => Token::Doctype(inside(9, 1)),
            // The slice begins with `<`, so neither text nor its end can come.
            Event::Text(_) | Event::GeneralRef(_) | Event::Eof => return Err(Malformed::Markup),
        };
        self.offset += used;
        Ok(token)
    }
}

fn malformed(error: &QuickError) -> Malformed {
    match error {
        QuickError::Syntax(syntax) => match syntax {
            SyntaxError::InvalidBangMarkup => Malformed::Markup,
            SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => Malformed::OpenInstruction,
            SyntaxError::UnclosedComment => Malformed::OpenComment,
            SyntaxError::UnclosedDoctype => Malformed::OpenDoctype,
            SyntaxError::UnclosedCData => Malformed::OpenCData,
            SyntaxError::UnclosedTag => Malformed::OpenTag,
            SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue => Malformed::OpenAttribute,
        },
        _ => Malformed::Markup,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Result<Token<'_>, Malformed>> {
        let mut tokenizer = Tokenizer::new(text);
        let mut all = Vec::new();
        loop {
            let token = tokenizer.next();
            let last = matches!(token, Ok(Token::Eof) | Err(_));
            all.push(token);
            if last {
                return all;
            }
        }
    }

    #[test]
    fn every_kind_of_markup_is_a_token_and_text_is_one_slice() {
        let text = "<?xml version='1.0'?><!DOCTYPE p [<!ENTITY a '>'>]><a b='>'>x&amp;y\
                    <![CDATA[<c>]]><!-- d --><?e f?><g/></a >\n";
        assert_eq!(
            tokens(text),
            [
                Token::Declaration,
                Token::Doctype(" p [<!ENTITY a '>'>]"),
                Token::Start { tag: "a b='>'", empty: false },
                Token::Text("x&amp;y"),
                Token::CData("<c>"),
                Token::Comment,
                Token::Instruction,
                Token::Start { tag: "g", empty: true },
                Token::End { name: "a" },
                Token::Text("\n"),
                Token::Eof,
            ]
            .map(Ok)
        );
    }

    #[test]
    fn open_markup_says_what_is_open() {
        for (text, expected) in [
            ("<a", Malformed::OpenTag),
            ("<", Malformed::OpenTag),
            ("<a b='", Malformed::OpenAttribute),
            ("<!-- ", Malformed::OpenComment),
            ("<![CDATA[ ]]", Malformed::OpenCData),
            ("<!DOCTYPE a [", Malformed::OpenDoctype),
            ("<?a ", Malformed::OpenInstruction),
            ("<!x>", Malformed::Markup),
        ] {
            assert_eq!(tokens(text).pop(), Some(Err(expected)), "{text}");
        }
    }
}
