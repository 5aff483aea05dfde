//! Reading XML property lists.

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mdm_xml::{Diagnostic, Element, Findings, Options, Reader, TextKind};

use super::{Date, DiagnosticCode, Dictionary, Error, ErrorKind, FINDINGS, Limits, Open, Value};

/// Base64 as peers write it, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

type Found = Findings<DiagnosticCode>;

/// The keys of each open dictionary, to find those that occur twice.
type Keys<'a> = Vec<HashSet<Cow<'a, str>>>;

pub(super) fn read<'a>(
    text: &'a str,
    limits: &Limits,
) -> Result<(Value<'a>, Vec<Diagnostic<DiagnosticCode>>), Error> {
    let options = Options::default().with_limits(limits.xml);
    let mut r = Reader::new(text, &options)?;
    let root = r.root()?;
    // *Observed*: fragments without the element around them.
    let wrapped = root.local() == "plist";
    let mut next = if wrapped { r.child()? } else { Some(root) };
    let mut open: Vec<Open<'a>> = Vec::new();
    let mut found = Findings::new(FINDINGS);
    if !wrapped {
        found.note(DiagnosticCode::NoFrame, root.offset()..r.offset(), String::new);
    }
    let mut keys: Keys<'a> = Vec::new();
    let mut nodes = 0;
    let mut whole = None;
    loop {
        if let Some((offset, _)) = r.take_stray_text() {
            return Err(Error::at(ErrorKind::Text, r.locate(offset)));
        }
        let value = match next {
            Some(element) => {
                match begin(&mut r, &element, &mut open, &mut keys, &mut found, limits)? {
                    Some(value) => value,
                    None => {
                        next = r.child()?;
                        continue;
                    }
                }
            }
            None => match open.pop() {
                Some(Open::Array(values)) => Value::Array(values),
                Some(Open::Dictionary(dictionary, None)) => {
                    keys.pop();
                    Value::Dictionary(dictionary)
                }
                Some(Open::Dictionary(_, Some(_))) => {
                    return Err(Error::at(ErrorKind::Key, r.locate(r.offset())));
                }
                None => break,
            },
        };
        nodes += 1;
        if nodes > limits.nodes {
            let kind = ErrorKind::Limit { what: "values", max: limits.nodes };
            return Err(Error::at(kind, r.locate(r.offset())));
        }
        match open.last_mut() {
            Some(Open::Array(values)) => values.push(value),
            Some(Open::Dictionary(dictionary, key)) => match key.take() {
                Some(key) => dictionary.push(key, value),
                None => return Err(Error::at(ErrorKind::Key, r.locate(r.offset()))),
            },
            None if whole.is_some() => {
                return Err(Error::at(ErrorKind::OneValue, r.locate(r.offset())));
            }
            None => whole = Some(value),
        }
        if open.is_empty() && !wrapped {
            break;
        }
        next = r.child()?;
    }
    r.finish()?;
    let whole = whole.ok_or_else(|| Error::at(ErrorKind::OneValue, r.locate(r.offset())))?;
    Ok((whole, found.finish(r.source())))
}

/// Reads a simple value, or opens an array or dictionary, or takes a key.
fn begin<'a>(
    r: &mut Reader<'a>,
    element: &Element<'a>,
    open: &mut Vec<Open<'a>>,
    keys: &mut Keys<'a>,
    found: &mut Found,
    limits: &Limits,
) -> Result<Option<Value<'a>>, Error> {
    let at = |r: &Reader<'a>, kind| Err(Error::at(kind, r.locate(element.offset())));
    let deeper = |open: &[Open<'a>]| open.len() < limits.deepest();
    let name = element.name();
    match name {
        "array" | "dict" if !deeper(open) => {
            let max = limits.deepest();
            return at(r, ErrorKind::Limit { what: "nested values", max });
        }
        "array" => {
            open.push(Open::Array(Vec::new()));
            return Ok(None);
        }
        "dict" => {
            open.push(Open::Dictionary(Dictionary::new(), None));
            keys.push(HashSet::new());
            return Ok(None);
        }
        "key" => {
            let Some(Open::Dictionary(_, key @ None)) = open.last_mut() else {
                return at(r, ErrorKind::Key);
            };
            let text = r.text()?.value();
            if keys.last_mut().is_some_and(|keys| !keys.insert(text.clone())) {
                let span = element.offset()..r.offset();
                found.note(DiagnosticCode::DuplicateKey, span, || text.clone().into_owned());
            }
            *key = Some(text);
            return Ok(None);
        }
        "true" | "false" => {
            r.skip()?;
            return Ok(Some(Value::Boolean(name == "true")));
        }
        _ => {}
    }
    let text = r.text()?;
    if text.kind() != TextKind::Plain {
        found.note(DiagnosticCode::CData, element.offset()..r.offset(), String::new);
    }
    let text = text.value();
    let wrong = |what| ErrorKind::Value { what, text: text.chars().take(64).collect() };
    let value = match name {
        "string" => return Ok(Some(Value::String(text))),
        "integer" => integer(&text).map(Value::Integer).ok_or_else(|| wrong("integer")),
        "real" => text.trim().parse().map(Value::Real).map_err(|_| wrong("real")),
        "date" => Date::from_text(&text).map(Value::Date).ok_or_else(|| wrong("date")),
        "data" => data(&text).map(Value::Data).ok_or_else(|| wrong("base64")),
        _ => Err(ErrorKind::Element(name.chars().take(64).collect())),
    };
    match value {
        Ok(value) => Ok(Some(value)),
        Err(kind) => at(r, kind),
    }
}

/// Decimal or hexadecimal, in the range of 64 bits with or without sign.
fn integer(text: &str) -> Option<i128> {
    let text = text.trim();
    let value = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i128::from_str_radix(hex, 16).ok()?,
        None => text.parse().ok()?,
    };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

fn data(text: &str) -> Option<Vec<u8>> {
    let tight: Cow<'_, str> = if text.contains(char::is_whitespace) {
        Cow::Owned(text.chars().filter(|character| !character.is_whitespace()).collect())
    } else {
        Cow::Borrowed(text)
    };
    BASE64.decode(tight.as_bytes()).ok()
}
