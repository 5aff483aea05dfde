//! Checks every repair of a text by making it: each is one edit of the text, and each edit moves the
//! first fault that a strict reader finds, from one repair to the next, until there is none.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::string_slice)]

use graph_wufb::ErrorKind;
use graph_wufb::json::{self, Code, Options};

use super::reference::{self, Fault, found, place};

/// Checks strict and tolerant reading of a text against the reference reader. Returns the repairs
/// and the text that they make, or `None` if there is no repair for a fault: then the tolerant
/// error has to name it.
pub(crate) fn check(name: &str, text: &str) -> Option<(Vec<Code>, String)> {
    let Ok(document) = json::read(text.as_bytes(), &Options::tolerant()) else {
        let error = json::read(text.as_bytes(), &Options::tolerant()).unwrap_err();
        if matches!(error.kind(), ErrorKind::Limit { .. }) {
            return None;
        }
        assert!(matches!(error.kind(), ErrorKind::Syntax { .. }), "{name}: {error}");
        let offset = error.position().unwrap_or_else(|| panic!("{name}: no place")).offset;
        // Where tolerant reading ends is no better than where strict reading does.
        let first = reference::parse(text).expect_err(name).offset;
        assert!(first <= offset || text.starts_with('\u{feff}'), "{name}: {error}");
        strict(name, text);
        return None;
    };
    let mut edited = text.to_owned();
    // For each byte of the edited text, and for its end, the byte that it was before.
    let mut origin: Vec<Option<usize>> = (0..=text.len()).map(Some).collect();
    let mut codes = Vec::new();
    let mut rest: Vec<_> = document.diagnostics.iter().collect();
    for repair in &rest {
        let position = (repair.position.line, repair.position.column);
        assert_eq!(position, place(text, repair.position.offset), "{name}: {repair}");
        codes.push(repair.code);
    }
    while !rest.is_empty() {
        let fault =
            strict(name, &edited).unwrap_or_else(|| panic!("{name}: {rest:?}: for nothing"));
        let now = |was: usize| origin.iter().position(|it| *it >= Some(was)).unwrap();
        // Repairs are told in the order of the text; a name that occurs twice is only known to when
        // it was read.
        let next = rest
            .iter()
            .position(|it| belongs(it.code, &fault, &edited, now(it.position.offset)))
            .unwrap_or_else(|| panic!("{name}: {rest:?}: {fault:?}\n{edited}"));
        let repair = rest.remove(next);
        let at = now(repair.position.offset);
        if repair.code != Code::SurplusClose || fault.offset == at {
            assert_eq!(repair.pointer, fault.pointer, "{name}: {repair}\n{edited}");
        }
        let (start, end, new) = edit(repair.code, &fault, &edited, at);
        origin.splice(start..end, new.bytes().map(|_| None));
        edited.replace_range(start..end, &new);
    }
    assert_eq!(strict(name, &edited), None, "{name}: a repair was not reported\n{edited}");
    // The value is that of the text with the edits; a third reader says so.
    match serde_json::from_str::<serde_json::Value>(&edited) {
        Ok(expected) => {
            let value: serde_json::Value = serde_json::from_str(&document.value.to_json()).unwrap();
            assert_eq!(value, expected, "{name}");
        }
        // It has no number beyond a double.
        Err(error) => {
            assert!(error.to_string().contains("number out of range"), "{name}: {error}\n{edited}");
        }
    }
    Some((codes, edited))
}

/// Reads a text strictly: `None` if it is JSON, and otherwise its first fault, which the crate has
/// to name as the reference does: kind, pointer, line, column, what was expected, what was found.
pub(crate) fn strict(name: &str, text: &str) -> Option<Fault> {
    let read = json::read(text.as_bytes(), &Options::strict());
    match (reference::parse(text), read) {
        (Ok(_), Ok(document)) => {
            assert!(document.diagnostics.is_empty(), "{name}");
            None
        }
        (Err(fault), Err(error)) => {
            let position =
                error.position().unwrap_or_else(|| panic!("{name}: no place in {error}"));
            assert_eq!(position.offset, fault.offset, "{name}: {error}: {fault:?}\n{text}");
            let line_and_column = (position.line, position.column);
            assert_eq!(line_and_column, place(text, fault.offset), "{name}: {error}");
            assert_eq!(error.path(), Some(fault.pointer.as_str()), "{name}: {error}\n{text}");
            match error.kind() {
                ErrorKind::DuplicateName { .. } => assert!(fault.first.is_some(), "{name}"),
                ErrorKind::Syntax { expected, found: what, .. } => {
                    assert_eq!(*expected, fault.expected, "{name}: {error}\n{text}");
                    assert_eq!(*what, found(text, fault.offset), "{name}: {error}");
                }
                other => panic!("{name}: {other:?}"),
            }
            Some(fault)
        }
        (reference, read) => panic!("{name}: {reference:?}, {read:?}\n{text}"),
    }
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// Whether a repair of this kind, at this place, is one of this fault.
fn belongs(code: Code, fault: &Fault, text: &str, at: usize) -> bool {
    let closer = matches!(byte(text, at), Some(b']' | b'}'));
    let end = at == text.len();
    let expected = fault.expected;
    let here = fault.offset == at;
    match code {
        Code::ByteOrderMark => at == 0 && text.starts_with('\u{feff}'),
        Code::TrailingComma => here && closer && matches!(expected, "a name" | "a value"),
        Code::ExtraComma => {
            here && byte(text, at) == Some(b',') && matches!(expected, "a name" | "a value")
        }
        Code::MissingComma => here && !closer && !end && expected.starts_with("`,` or"),
        Code::MissingColon => here && expected == "`:`" && !end,
        Code::MissingValue => here && expected == "a value",
        Code::MissingOpen => {
            here && expected == "the end of the text" && byte(text, at) == Some(b':')
        }
        Code::MissingClose => here && closer && matches!(expected, "`]`" | "`}`"),
        // One too many, or one too early: then the fault is what goes on after it.
        Code::SurplusClose => {
            closer
                && fault.offset >= at
                && (here || text[at + 1..fault.offset].trim().is_empty())
                && matches!(expected, "`]`" | "`}`" | "a value" | "a name" | "the end of the text")
        }
        Code::UnclosedTail => fault.offset == text.len() || "tfn".contains(&text[at..at + 1]),
        Code::DuplicateName => here && fault.first.is_some(),
        Code::ControlCharacter | Code::BadEscape => here && expected == "an escape",
        _ => false,
    }
}

/// The edit that a repair makes: from, to, and what takes its place.
fn edit(code: Code, fault: &Fault, text: &str, at: usize) -> (usize, usize, String) {
    match code {
        Code::ByteOrderMark => (0, '\u{feff}'.len_utf8(), String::new()),
        Code::TrailingComma => {
            let comma = text[..at].rfind(',').unwrap();
            (comma, comma + 1, " ".to_owned())
        }
        // A blank in its place, so that no two numbers become one.
        Code::ExtraComma | Code::SurplusClose => (at, at + 1, " ".to_owned()),
        Code::MissingComma => (at, at, ",".to_owned()),
        Code::MissingColon => (at, at, ":".to_owned()),
        Code::MissingValue => (at, at, "null".to_owned()),
        Code::MissingOpen => {
            let start = text.find('"').unwrap();
            (start, start, "{".to_owned())
        }
        Code::MissingClose => (at, at, fault.expected.trim_matches('`').to_owned()),
        Code::DuplicateName => {
            let (start, next) = fault.first.unwrap();
            (start, next, String::new())
        }
        Code::ControlCharacter => (at, at + 1, format!("\\u{:04x}", text.as_bytes()[at])),
        Code::BadEscape => {
            let rest = &text[at..];
            let hexadecimal = rest.get(2..6).is_some_and(|digits| {
                rest.starts_with("\\u") && digits.bytes().all(|it| it.is_ascii_hexdigit())
            });
            let next = rest[1..].chars().next();
            let length = match next {
                _ if hexadecimal => 6,
                Some(character) if character.is_ascii() => 2,
                _ => 1,
            };
            (at, at + length, "\u{fffd}".to_owned())
        }
        Code::UnclosedTail => tail(fault, text, at),
        other => panic!("{other:?} is no repair of JSON"),
    }
}

/// What a text that ends inside lacks: the rest of a word, a number or a string, a colon, or the
/// brackets.
fn tail(fault: &Fault, text: &str, at: usize) -> (usize, usize, String) {
    let end = text.len();
    match fault.expected {
        "`\"`" => (end, end, "\"".to_owned()),
        "`:`" => (end, end, ":".to_owned()),
        "a digit" => {
            // Back to the last digit that ends a number.
            let kept = text.trim_end_matches(|c: char| !c.is_ascii_digit());
            let start = if kept.len() < end
                && text[kept.len()..].trim_start_matches(['.', 'e', 'E', '+', '-']).is_empty()
                && text[kept.len()..].starts_with(['.', 'e', 'E'])
            {
                kept.len()
            } else {
                end - 1
            };
            (start, end, String::new())
        }
        "a value" if at < end => {
            let word = ["true", "false", "null"].into_iter().find(|it| it.starts_with(&text[at..]));
            (at, end, word.unwrap().to_owned())
        }
        _ => {
            let comma = text.trim_end();
            match comma.ends_with(',') {
                true => (comma.len() - 1, end, format!(" {}", fault.open)),
                false => (end, end, fault.open.clone()),
            }
        }
    }
}
