//! Whole configurations: what was sent against what came back.

use std::collections::BTreeMap;

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
    /// It was to be removed and came back.
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

/// A node, whatever the spelling of its address.
type Key = (bool, Vec<String>);

fn key(address: &str) -> Key {
    match address.parse::<LocUri>() {
        Ok(uri) => {
            let segments = uri.segments().map(|segment| segment.to_lowercase()).collect();
            (uri.scope() == Scope::User, segments)
        }
        Err(_) => (false, vec![address.trim().to_lowercase()]),
    }
}

/// Compares each node that `desired` sets or removes with what the Results in `returned` say of it.
///
/// Commands count in their order, those in Atomic and Sequence too: a later one overrides an earlier
/// one, and a Delete takes what is below with it. Nodes are in the order of their addresses. Exec
/// and Get set nothing.
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
                    let node = key(address);
                    // Keys below it follow it.
                    let below: Vec<Key> = wanted
                        .range(node.clone()..)
                        .take_while(|((user, path), _)| {
                            *user == node.0 && path.starts_with(&node.1)
                        })
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
    wanted
        .into_iter()
        .map(|(key, (address, value))| {
            let finding = match (value, found.get(&key)) {
                (Some(value), Some(other)) => Finding::Compared(compare(&value, other)),
                (Some(_), None) => Finding::NotReturned,
                (None, Some(_)) => Finding::StillThere,
                (None, None) => Finding::Gone,
            };
            Checked { address, finding }
        })
        .collect()
}
