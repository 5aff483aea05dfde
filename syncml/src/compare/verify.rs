//! Whole configurations: what was sent against what came back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Included, Unbounded};

use super::{Comparison, Value, compare};
use crate::loc_uri::{LocUri, Scope};
use crate::model::Command;

/// One node that was to be set or removed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// Its address, as the command had it.
    pub address: String,
    /// What was found.
    pub finding: Finding,
}

/// What was found about a node.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// It was to have a value and one came back.
    Compared(Comparison),
    /// It was to have a value and none came back.
    NotReturned,
    /// It was to be removed and is gone, as far as what came back tells.
    Gone,
    /// It was to be removed and came back, or something below it that no later command set.
    StillThere,
}

impl Checked {
    /// Whether the device has what it was to have.
    #[must_use]
    pub fn is_as_desired(&self) -> bool {
        match &self.finding {
            Finding::Compared(comparison) => comparison.is_same(),
            Finding::Gone => true,
            Finding::NotReturned | Finding::StillThere => false,
        }
    }
}

/// A node, whatever the spelling of its address: whose it is, and its names.
type Path = Vec<String>;
/// A node or, with a name behind it, one of its properties.
type Key = (Path, String);

fn key(address: &str) -> Key {
    let mut path = vec!["device".to_owned()];
    let mut property = String::new();
    match address.parse::<LocUri>() {
        Ok(uri) => {
            if uri.scope() == Scope::User {
                path = vec!["user".to_owned()];
            }
            path.extend(uri.segments().map(|segment| segment.to_lowercase()));
            property = uri.query_value("prop").unwrap_or_default().to_lowercase();
        }
        Err(_) => path.push(address.trim().to_lowercase()),
    }
    (path, property)
}

/// The nodes that came back and that no command set, not even by what is below them; with how many
/// names the nearest node above has that a command set.
fn strays<'f>(
    found: &'f BTreeMap<Key, Value<'_>>,
    set: &BTreeSet<Path>,
) -> BTreeMap<&'f [String], usize> {
    let mut strays = BTreeMap::new();
    for path in found.keys().map(|(path, _)| path.as_slice()) {
        let mut next = set.range::<[String], _>((Included(path), Unbounded));
        if next.next().is_some_and(|next| next.starts_with(path)) {
            continue;
        }
        let is_set = |names: &usize| path.get(..*names).is_some_and(|above| set.contains(above));
        strays.insert(path, (1..path.len()).rev().find(is_set).unwrap_or_default());
    }
    strays
}

/// Whether a node that was removed came back, itself or below it.
fn is_back(node: &[String], strays: &BTreeMap<&[String], usize>) -> bool {
    let returned = strays.range::<[String], _>((Included(node), Unbounded));
    let mut below = returned.take_while(|(path, _)| path.starts_with(node));
    // What is below a node that a later command set belongs to that one.
    below.any(|(_, set)| *set < node.len())
}

/// Compares each node that `desired` sets or removes with what the Results in `returned` say of it.
///
/// Commands count in their order, those in Atomic and Sequence too: a later one overrides an earlier
/// one, and a Delete takes what is below with it. Nodes are in the order of their addresses. A
/// property (`?prop=`) is compared with the same property, never with the node's value. Exec and Get
/// set nothing.
///
/// ```
/// use syncml::compare::verify;
/// use syncml::{Command, Data, Format};
///
/// let sent = [
///     Command::replace("./Vendor/MSFT/A", Format::Int, Data::text("1")),
///     Command::delete("./Vendor/MSFT/B"),
/// ];
/// let answer = syncml::decode(
///     b"<Results><CmdID>2</CmdID><CmdRef>4</CmdRef><Item><Source>\
///       <LocURI>./Device/vendor/msft/A</LocURI></Source><Data>01</Data></Item></Results>",
///     &syncml::Limits::default(),
/// )?;
/// let checked = verify(&sent, &answer.body.commands);
/// assert_eq!(checked.len(), 2);
/// assert!(checked.iter().all(syncml::compare::Checked::is_as_desired));
/// # Ok::<(), syncml::Error>(())
/// ```
#[must_use]
pub fn verify(desired: &[Command<'_>], returned: &[Command<'_>]) -> Vec<Checked> {
    let mut wanted: BTreeMap<Key, (String, Option<Value<'_>>)> = BTreeMap::new();
    let mut waiting: Vec<&Command<'_>> = desired.iter().rev().collect();
    while let Some(command) = waiting.pop() {
        waiting.extend(command.children().iter().rev());
        match command {
            Command::Add(_) | Command::Replace(_) => {
                for (address, value) in Value::of_command(command) {
                    wanted.insert(key(address), (address.trim().to_owned(), Some(value)));
                }
            }
            Command::Delete(_) => {
                for address in command.items().iter().filter_map(|item| item.loc_uri()) {
                    let node = (key(address).0, String::new());
                    // Keys below it follow it.
                    let below: Vec<Key> = wanted
                        .range(node.clone()..)
                        .take_while(|((path, _), _)| path.starts_with(&node.0))
                        .map(|(key, _)| key.clone())
                        .collect();
                    for key in below {
                        wanted.remove(&key);
                    }
                    wanted.insert(node, (address.trim().to_owned(), None));
                }
            }
            _ => {}
        }
    }
    let mut found: BTreeMap<Key, Value<'_>> = BTreeMap::new();
    let mut waiting: Vec<&Command<'_>> = returned.iter().rev().collect();
    while let Some(command) = waiting.pop() {
        waiting.extend(command.children().iter().rev());
        if let Command::Results(results) = command {
            for item in &results.items {
                if let Some(address) = item.source.as_ref().or(item.target.as_ref()) {
                    let value = Value::of(item, results.meta.as_deref());
                    found.insert(key(&address.loc_uri), value);
                }
            }
        }
    }
    let set = wanted.iter().filter(|(_, (_, value))| value.is_some());
    let set: BTreeSet<Path> = set.map(|((path, _), _)| path.clone()).collect();
    let removes = set.len() < wanted.len();
    let strays = if removes { strays(&found, &set) } else { BTreeMap::new() };
    wanted
        .into_iter()
        .map(|(key, (address, value))| {
            let finding = match (value, found.get(&key)) {
                (Some(value), Some(other)) => Finding::Compared(compare(&value, other)),
                (Some(_), None) => Finding::NotReturned,
                (None, _) if is_back(&key.0, &strays) => Finding::StillThere,
                (None, _) => Finding::Gone,
            };
            Checked { address, finding }
        })
        .collect()
}
