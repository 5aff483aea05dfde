//! Paths of keys, and the places of paths.

use std::borrow::Cow;
use std::collections::HashMap;

use mdm_xml::{Location, Position};

use super::events::{Event, Events, Notes};
use super::{Format, Limits, binary, xml};

/// Bytes of a path; what is longer ends in `…`.
const PATH: usize = 512;

/// Adds a key to a path. Long keys are cut, and characters that a line of a log cannot show are
/// escaped.
pub(crate) fn push_key(path: &mut String, key: &str) {
    if full(path) {
        return;
    }
    if !path.is_empty() {
        path.push('/');
    }
    let mut characters = key.chars();
    for character in characters.by_ref().take(64) {
        if character.is_control() {
            path.extend(character.escape_default());
        } else {
            path.push(character);
        }
    }
    if characters.next().is_some() {
        path.push('…');
    }
}

/// Adds the index of a value in an array to a path.
pub(crate) fn push_index(path: &mut String, index: usize) {
    if !full(path) {
        path.push_str(&format!("[{index}]"));
    }
}

fn full(path: &mut String) -> bool {
    let full = path.len() > PATH;
    if full && !path.ends_with('…') {
        path.push('…');
    }
    full
}

/// Where the values with these paths begin, in a property list that can be read. For findings
/// about messages, which are few: the list is read once more.
pub(crate) fn places(bytes: &[u8], limits: &Limits, paths: &[String]) -> Vec<Option<Location>> {
    let mut wanted = HashMap::new();
    for path in paths {
        wanted.entry(path.as_str()).or_insert(None);
    }
    match Format::of(bytes) {
        Format::Binary => {
            if let Ok(mut events) = binary::Binary::open(bytes, limits) {
                walk(&mut events, &mut wanted, limits);
            }
        }
        Format::Xml => {
            if let Ok(source) = mdm_xml::Source::new(bytes, &limits.xml) {
                let text: Cow<'_, str> = source.into_text();
                if let Ok(mut events) = xml::Xml::open(&text, limits) {
                    walk(&mut events, &mut wanted, limits);
                }
            }
        }
    }
    let place = |path: &String| {
        let position: Position = (*wanted.get(path.as_str())?)?;
        Some(Location::new(position, path.clone()))
    };
    paths.iter().map(place).collect()
}

fn walk<'a>(
    events: &mut impl Events<'a>,
    wanted: &mut HashMap<&str, Option<Position>>,
    limits: &Limits,
) {
    let mut notes = Notes::default();
    // The length of the path at each open value, and how many values an array has had.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    let mut path = String::new();
    let mut missing = wanted.len();
    let mut nodes = 0;
    while let Ok(Some((event, span))) = events.next(&mut notes) {
        if missing == 0 || nodes > limits.nodes {
            return;
        }
        let begins = match event {
            Event::Key(key) => {
                path.truncate(open.last().map_or(0, |(length, _)| *length));
                push_key(&mut path, &key);
                continue;
            }
            Event::End => {
                open.pop();
                continue;
            }
            Event::Scalar(_) => None,
            Event::Array => Some(Some(0)),
            Event::Dictionary => Some(None),
        };
        nodes += 1;
        if let Some((length, Some(index))) = open.last_mut() {
            path.truncate(*length);
            push_index(&mut path, *index);
            *index += 1;
        } else if open.is_empty() {
            path.clear();
        }
        if let Some(place @ None) = wanted.get_mut(path.as_str()) {
            *place = Some(events.position(span.start));
            missing -= 1;
        }
        if let Some(counter) = begins {
            open.push((path.len(), counter));
        }
    }
}
