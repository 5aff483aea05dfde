//! What a device has reported so far: full reports replace, others add.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{StatusError, StatusItems, StatusReport};
use crate::declarations::error::{Error, ErrorKind};
use crate::declarations::fields::Field;
use crate::declarations::management::UPDATE_STATUS_ITEMS;
use crate::fields::is_secret;
use crate::json::{Object, Value};

/// Bounds on what is kept of one device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreLimits {
    /// Values in all items, and again in all errors. Default 100,000.
    pub nodes: usize,
    /// Bytes of names, texts and keys in all items, and again in all errors. Default 4 MiB.
    pub bytes: usize,
    /// Items that the device could not give; of more, the first ones are kept. Default 1,000.
    pub errors: usize,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self { nodes: 100_000, bytes: 4 << 20, errors: 1_000 }
    }
}

impl StoreLimits {
    /// These limits with another [`nodes`](Self::nodes).
    #[must_use]
    pub const fn with_nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// These limits with another [`bytes`](Self::bytes).
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// These limits with another [`errors`](Self::errors).
    #[must_use]
    pub const fn with_errors(mut self, errors: usize) -> Self {
        self.errors = errors;
        self
    }
}

/// An item that a report changed.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// Its name: `softwareupdate.install-state`.
    pub item: String,
    /// What it was.
    pub before: Option<Value>,
    /// What it is; `None` if a full report does not have it any more.
    pub after: Option<Value>,
}

/// The status of one device: a plain value, serialisable with the feature `serde`.
///
/// Items of a report that is not full replace the item as a whole, except arrays of things with
/// identifiers, of which only the changed ones are reported: `_removed` takes one away
/// (statusreport, app.managed.list). `management.declarations` is no such array, but an item with
/// arrays in it: each report has all of its rows, and several of one declaration if the device has
/// several revisions. What the device does not report any more is gone with the next report that
/// has the item.
///
/// ```
/// use apple_mdm::declarations::status::{StatusReport, StatusStore};
///
/// let mut store = StatusStore::default();
/// let report = |text: &[u8]| StatusReport::decode(text, &Default::default());
/// let one = report(br#"{"StatusItems": {"softwareupdate": {"install-state": "downloading"}}}"#)?;
/// let changes = store.apply(&one, &Default::default())?;
/// assert_eq!(changes[0].item, "softwareupdate.install-state");
/// assert!(store.apply(&one, &Default::default())?.is_empty(), "a repeated report changes nothing");
/// # Ok::<(), apple_mdm::declarations::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct StatusStore {
    items: BTreeMap<String, Value>,
    errors: BTreeMap<String, StatusError>,
}

/// An item's value for Debug: what its name says is secret is not shown. The keys above the item
/// are in its name.
struct Shown<'v>(&'v str, &'v Value);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.split('.').any(is_secret) { f.write_str("[redacted]") } else { self.1.fmt(f) }
    }
}

impl fmt::Debug for Change {
    /// Tokens and their like are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("item", &self.item)
            .field("before", &self.before.as_ref().map(|value| Shown(&self.item, value)))
            .field("after", &self.after.as_ref().map(|value| Shown(&self.item, value)))
            .finish()
    }
}

impl fmt::Debug for StatusStore {
    /// Tokens and their like are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(item, value)| (item, Shown(item, value)));
        let items: BTreeMap<&str, Shown<'_>> = shown.collect();
        f.debug_struct("StatusStore").field("items", &items).field("errors", &self.errors).finish()
    }
}

impl StatusStore {
    /// Takes a report; gives what it changed, by name.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`]; nothing is changed then.
    pub fn apply(
        &mut self,
        report: &StatusReport,
        limits: &StoreLimits,
    ) -> Result<Vec<Change>, Error> {
        let reported = report.status_items.write();
        let mut found = BTreeMap::new();
        let full = report.is_full();
        let boundaries = self.boundaries(&reported, full);
        let (mut name, mut left) = (String::new(), limits.bytes);
        let what = "bytes of status of one device";
        let limit = || ErrorKind::Limit { what, max: limits.bytes };
        flatten(&mut name, &reported, &boundaries, &mut left, &mut found).ok_or_else(limit)?;
        let mut changes = Vec::new();
        // Given again as they were.
        let mut same = Vec::new();
        for (item, value) in found {
            let before = self.items.get(&item);
            let after = match before {
                Some(Value::Array(known)) if !full => merge_array(known, value),
                // What is removed and was never there.
                _ => merge_array(&[], value),
            };
            if before != Some(&after) {
                changes.push(Change { before: before.cloned(), after: Some(after), item });
            } else if full {
                // Still there: not to be taken away below.
                changes.push(Change { before: None, after: None, item });
            } else if self.errors.contains_key(&item) {
                same.push(item);
            }
        }
        if full {
            let named: BTreeSet<&str> = changes.iter().map(|change| &*change.item).collect();
            let gone = self.items.iter().filter(|(item, _)| !named.contains(&***item));
            let gone = gone.map(|(item, value)| Change {
                item: item.clone(),
                before: Some(value.clone()),
                after: None,
            });
            let gone: Vec<Change> = gone.collect();
            changes.extend(gone);
            changes.retain(|change| change.before.is_some() || change.after.is_some());
        }
        let cost = |measure: fn(&str, &Value) -> usize| {
            let kept: usize = self.items.iter().map(|(item, value)| measure(item, value)).sum();
            let of = |item: &str, value: &Option<Value>| {
                value.as_ref().map_or(0, |value| measure(item, value))
            };
            let added: usize = changes.iter().map(|one| of(&one.item, &one.after)).sum();
            let taken: usize = changes.iter().map(|one| of(&one.item, &one.before)).sum();
            (kept + added).saturating_sub(taken)
        };
        let nodes = cost(|_, value| value.nodes());
        let bytes = cost(|item, value| item.len() + value.text_bytes());
        for (what, count, max) in [
            ("status values of one device", nodes, limits.nodes),
            ("bytes of status of one device", bytes, limits.bytes),
        ] {
            if count > max {
                return Err(ErrorKind::Limit { what, max }.into());
            }
        }
        if full {
            self.errors.clear();
        }
        // What could not be given and is now is no error any more.
        for item in &same {
            self.errors.remove(item);
        }
        for change in &changes {
            match &change.after {
                Some(value) => self.items.insert(change.item.clone(), value.clone()),
                None => self.items.remove(&change.item),
            };
            self.errors.remove(&change.item);
        }
        let cost = |error: &StatusError| {
            let written = error.write();
            (written.text_bytes(), written.nodes())
        };
        let (mut bytes, mut nodes) = self
            .errors
            .values()
            .map(cost)
            .fold((0usize, 0usize), |(bytes, nodes), one| (bytes + one.0, nodes + one.1));
        for error in report.errors.iter().flatten() {
            let known = self.errors.contains_key(&error.status_item);
            let (more_bytes, more_nodes) = cost(error);
            (bytes, nodes) = (bytes + more_bytes, nodes + more_nodes);
            let fits = bytes <= limits.bytes && nodes <= limits.nodes;
            if fits && (known || self.errors.len() < limits.errors) {
                self.errors.insert(error.status_item.clone(), error.clone());
            }
        }
        Ok(changes)
    }

    /// How many values are kept.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.items.values().map(Value::nodes).sum()
    }

    /// The value of an item, by its full name.
    #[must_use]
    pub fn get(&self, item: &str) -> Option<&Value> {
        self.items.get(item)
    }

    /// The items by their full names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.items.iter().map(|(item, value)| (&**item, value))
    }

    /// The items that the device could not give.
    pub fn errors(&self) -> impl Iterator<Item = &StatusError> {
        self.errors.values()
    }

    /// The items with their types.
    #[must_use]
    pub fn items(&self) -> StatusItems {
        let mut all = Tree::default();
        for (item, value) in &self.items {
            let mut place = &mut all;
            // A name of many dots would nest as deep as it is long.
            for part in item.splitn(PARTS, '.') {
                place = place.inner.entry(part).or_default();
            }
            place.value = Some(value);
        }
        <StatusItems as Field>::read(&all.into_value(None)).unwrap_or_default()
    }

    /// The names at which an item begins: those that we know, and those that the device says it
    /// has. Those are the ones that count once the report was taken, so that the same report again
    /// has the same items.
    fn boundaries(&self, reported: &Value, full: bool) -> BTreeSet<String> {
        let mut known: BTreeSet<String> =
            UPDATE_STATUS_ITEMS.iter().map(|item| (*item).to_owned()).collect();
        known.extend(["management.declarations", CAPABILITIES].map(str::to_owned));
        let told = last_named(reported, CAPABILITIES);
        let stored = self.items.get(CAPABILITIES).filter(|_| !full);
        let told = told.or(stored).and_then(Value::as_object);
        let told = told.and_then(|item| item.at(["supported-payloads", "status-items"]));
        let told = told.and_then(Value::as_array).unwrap_or_default();
        known.extend(told.iter().filter_map(Value::as_str).map(str::to_owned));
        known
    }
}

/// The item that names the others.
const CAPABILITIES: &str = "management.client-capabilities";

/// What is at this name in a tree, the last one if there are several. As deep as the name has parts.
fn last_named<'v>(tree: &'v Value, name: &str) -> Option<&'v Value> {
    let below = tree.as_object()?.iter().filter_map(|(key, value)| {
        match name.strip_prefix(key)? {
            "" => Some(value),
            // An empty key above everything is no part of a name.
            rest if rest.len() == CAPABILITIES.len() => last_named(value, rest),
            rest => last_named(value, rest.strip_prefix('.')?),
        }
    });
    below.last()
}

/// How many parts of an item's name are told apart; the last one has the rest. Apple's have six.
const PARTS: usize = 32;

/// The most bytes of a name at which an item can begin. Apple's have sixty.
const BOUNDARY: usize = 256;

/// Items by the parts of their names.
#[derive(Default)]
struct Tree<'v> {
    value: Option<&'v Value>,
    inner: BTreeMap<&'v str, Self>,
}

impl Tree<'_> {
    /// As deep as a name has [`PARTS`].
    fn into_value(self, around: Option<Value>) -> Value {
        let own = self.value.cloned().or(around);
        if self.inner.is_empty() {
            return own.unwrap_or(Value::Null);
        }
        let (mut object, mut below) = (Object::new(), BTreeMap::new());
        if let Some(Value::Object(own)) = own {
            for (key, value) in own.into_entries() {
                if self.inner.contains_key(key.as_str()) {
                    below.insert(key, value);
                } else {
                    object.push(key, value);
                }
            }
        }
        for (key, inner) in self.inner {
            object.push(key, inner.into_value(below.remove(key)));
        }
        object.into()
    }
}

/// The items in a tree, by full names; `None` where their names have more bytes than are `left`.
/// Names with a dot in one part cannot be told apart from two parts; Apple has none.
///
/// Each item has the whole name, so that a long key above many short ones costs its length for each
/// of them. As deep as the limits of reading.
fn flatten(
    name: &mut String,
    value: &Value,
    boundaries: &BTreeSet<String>,
    left: &mut usize,
    out: &mut BTreeMap<String, Value>,
) -> Option<()> {
    let is_item = name.len() <= BOUNDARY && boundaries.contains(name.as_str());
    match value {
        Value::Object(object) if name.is_empty() || !is_item => {
            let length = name.len();
            for (key, value) in object.iter() {
                if length > 0 {
                    name.push('.');
                }
                name.push_str(key);
                flatten(name, value, boundaries, left, out)?;
                name.truncate(length);
            }
        }
        other => {
            *left = left.checked_sub(name.len())?;
            out.insert(name.clone(), other.clone());
        }
    }
    Some(())
}

/// Adds the changed elements of an array; elements without identifiers make it a new array.
fn merge_array(known: &[Value], reported: Value) -> Value {
    let id = |value: &Value| -> Option<String> {
        value.as_object().and_then(|item| item.str("identifier")).map(str::to_owned)
    };
    let is_removed = |value: &Value| {
        value.as_object().and_then(|item| item.get("_removed")?.as_bool()) == Some(true)
    };
    let Value::Array(mut reported) = reported else { return reported };
    let named = |all: &[Value]| all.iter().all(|value| id(value).is_some());
    if reported.is_empty() || !named(&reported) {
        // What is removed is not in the new array either.
        reported.retain(|value| !(is_removed(value) && id(value).is_some()));
        return Value::Array(reported);
    }
    // Things with identifiers take the place of things without.
    let mut merged = if named(known) { known.to_vec() } else { Vec::new() };
    let mut places: BTreeMap<String, usize> =
        merged.iter().enumerate().filter_map(|(at, value)| Some((id(value)?, at))).collect();
    let mut gone = BTreeSet::new();
    for value in reported {
        let Some(name) = id(&value) else { continue };
        let removed = is_removed(&value);
        match places.get(&name).copied() {
            Some(at) if removed => {
                gone.insert(at);
            }
            Some(at) => {
                gone.remove(&at);
                if let Some(place) = merged.get_mut(at) {
                    *place = value;
                }
            }
            None if removed => {}
            None => {
                places.insert(name, merged.len());
                merged.push(value);
            }
        }
    }
    let kept = merged.into_iter().enumerate().filter(|(at, _)| !gone.contains(at));
    Value::Array(kept.map(|(_, value)| value).collect())
}
