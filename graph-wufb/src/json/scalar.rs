//! Words, numbers and strings.

use super::diagnostic::Code;
use super::reader::Reader;
use super::value::{Number, Value};
use crate::error::Error;

impl Reader<'_> {
    pub(super) fn literal(&mut self, word: &'static str, value: Value) -> Result<(), Error> {
        self.count()?;
        let rest = self.rest();
        if rest.starts_with(word) {
            self.offset += word.len();
        } else if word.starts_with(rest) {
            self.repair(Code::UnclosedTail, "a value", || {
                format!("the text ends in a word that was read as {word}")
            })?;
            self.offset = self.text.len();
        } else {
            return Err(self.unexpected("a value"));
        }
        self.complete(value)
    }

    /// RFC 8259 section 6. `None` where the text ends before the first digit, repaired.
    pub(super) fn number(&mut self) -> Result<Option<Number>, Error> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits =
            |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = usize::from(bytes.first() == Some(&b'-'));
        let whole = digits(end);
        let leading_zero = whole > 1 && bytes.get(end) == Some(&b'0');
        let mut good = end + whole;
        let mut broken = whole == 0 || leading_zero;
        end = good;
        if !broken && bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            end += 1 + fraction;
            broken = fraction == 0;
            good = if broken { good } else { end };
        }
        if !broken && matches!(bytes.get(end), Some(b'e' | b'E')) {
            end += 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end);
            end += exponent;
            broken = exponent == 0;
            good = if broken { good } else { end };
        }
        if !broken {
            self.offset += end;
            return Ok(rest.get(..end).map(Number::checked));
        }
        let at_end = end >= rest.len() && !leading_zero;
        self.offset += if leading_zero { 0 } else { end };
        if !at_end {
            return Err(self.unexpected("a digit"));
        }
        self.repair(Code::UnclosedTail, "a digit", || "the text ends in a number".into())?;
        Ok(rest
            .get(..good)
            .filter(|text| text.ends_with(|c: char| c.is_ascii_digit()))
            .map(Number::checked))
    }

    /// RFC 8259 section 7. The offset is at the opening quote.
    pub(super) fn string(&mut self) -> Result<String, Error> {
        self.offset += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain =
                rest.find(|c: char| matches!(c, '"' | '\\') || c < '\u{20}').unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.offset += plain;
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(control) => {
                    self.repair(Code::ControlCharacter, "an escape", || {
                        format!("the control character {control:#04x} was kept")
                    })?;
                    out.push(char::from(control));
                    self.offset += 1;
                }
                None => {
                    self.repair(Code::UnclosedTail, "`\"`", || "the text ends in a string".into())?;
                    return Ok(out);
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Error> {
        let plain = match self.text.as_bytes().get(self.offset + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(out),
            other => {
                let skip = usize::from(other.is_some_and(u8::is_ascii));
                self.repair(Code::BadEscape, "an escape", || "read as U+FFFD".into())?;
                self.offset += 1 + skip;
                out.push('\u{fffd}');
                return Ok(());
            }
        };
        out.push(plain);
        self.offset += 2;
        Ok(())
    }

    fn unicode_escape(&mut self, out: &mut String) -> Result<(), Error> {
        let unit = |offset: usize| {
            let digits = self.text.get(offset..offset + 6)?.strip_prefix("\\u")?;
            let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            u16::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)
        };
        let high = unit(self.offset);
        let pair = high
            .filter(|high| (0xd800..0xdc00).contains(high))
            .and_then(|high| char::decode_utf16([high, unit(self.offset + 6)?]).next()?.ok());
        let single = high.and_then(|unit| char::from_u32(unit.into()));
        match (pair, single) {
            (Some(character), _) => {
                out.push(character);
                self.offset += 12;
            }
            (None, Some(character)) => {
                out.push(character);
                self.offset += 6;
            }
            (None, None) => {
                self.repair(Code::BadEscape, "an escape", || "read as U+FFFD".into())?;
                out.push('\u{fffd}');
                self.offset += if high.is_some() { 6 } else { 2 };
            }
        }
        Ok(())
    }
}
