//! Holds a dictionary against Apple's schema.

use super::diagnostic::{DiagnosticCode, Notes};
use crate::plist::{Dictionary, Value, push_index, push_key};
use crate::schema::{Group, Key, Place, Platform, Since, Type};
use crate::version::OsVersion;

/// Keys that say whose message it is; which of them there are depends on the enrolment.
pub(crate) const IDENTITY: [&str; 6] =
    ["EnrollmentID", "EnrollmentUserID", "UDID", "UserID", "UserLongName", "UserShortName"];

/// The platforms that answer commands about updates.
const PLATFORMS: [Platform; 3] = [Platform::Ios, Platform::MacOs, Platform::TvOs];

/// Keys of answers that devices of a platform leave out, whatever the schema says. *Observed*: no
/// list of a Mac has builds, and only some of its updates have sizes; Apple's description has sizes
/// of updates of the system only.
const LEFT_OUT: [(&str, Platform); 2] = [
    ("AvailableOSUpdates/AvailableOSUpdatesItem/Build", Platform::MacOs),
    ("AvailableOSUpdates/AvailableOSUpdatesItem/DownloadSize", Platform::MacOs),
];

/// Texts of the schema that are whole numbers in every real answer (macOS 10.11 to 13).
const NUMBERS: [&str; 1] = ["QueryResponses/OSUpdateSettings/PreviousScanResult"];

/// What a group has below one path, so that its keys are not looked through for each item of an
/// array.
struct Below {
    within: &'static str,
    keys: Vec<(&'static str, &'static Key)>,
    /// Keys that devices of every platform should have sent, since some version.
    required: Vec<(&'static str, &'static Key)>,
    /// Whether the schema takes any key here.
    any: bool,
}

impl Below {
    fn new(group: &Group, place: Place, within: &'static str) -> Self {
        let keys: Vec<_> = group.below(place, within).map(|key| (key.name(), key)).collect();
        let required = keys.iter().filter(|(_, key)| is_required(key)).copied();
        let any = keys.iter().any(|(name, _)| *name == "ANY");
        Self { within, required: required.collect(), any, keys }
    }
}

/// Notes where a dictionary differs from a group of the schema.
///
/// `path` is the dictionary's path in the message, `within` its path in the group, and `also` are
/// keys beside those of the group, which what is around the dictionary accounts for.
pub(crate) fn inspect(
    group: &Group,
    place: Place,
    within: &'static str,
    dictionary: &Dictionary<'_>,
    path: &str,
    also: &[&str],
    notes: &mut Notes,
) {
    let mut seen: Vec<Below> = Vec::new();
    let mut waiting = vec![(dictionary, within, path.to_owned())];
    while let Some((dictionary, within, path)) = waiting.pop() {
        if !seen.iter().any(|below| below.within == within) {
            seen.push(Below::new(group, place, within));
        }
        let Some(below) = seen.iter().find(|below| below.within == within) else { continue };
        let also = if within.is_empty() { also } else { &[] };
        let mut shown = None;
        for (name, key) in below.required.iter().filter(|(name, _)| !dictionary.contains(name)) {
            if also.contains(name) {
                continue;
            }
            let shown = shown.get_or_insert_with(|| Shown::new(below, dictionary));
            if shown.misses(key) {
                notes.note(DiagnosticCode::MissingKey, &path, name);
            }
        }
        for (name, value) in dictionary.iter() {
            let full = || {
                let mut path = path.clone();
                push_key(&mut path, name);
                path
            };
            let Some((_, key)) = below.keys.iter().find(|(known, _)| *known == name) else {
                if group.complete && !below.any && !also.contains(&name) {
                    notes.note(DiagnosticCode::UnknownKey, &full(), "");
                }
                continue;
            };
            check(key, value, &full, notes);
            match value {
                Value::Dictionary(inner) => waiting.push((inner, key.path, full())),
                Value::Array(items) => {
                    let (path, kinds) = (full(), kinds(group, place, key.path));
                    for (index, item) in items.iter().enumerate() {
                        let kind = match key.value_type {
                            Type::Dictionary => *key,
                            _ => match kind_of(&kinds, item) {
                                Some(kind) => kind,
                                None => continue,
                            },
                        };
                        let full = || {
                            let mut path = path.clone();
                            push_index(&mut path, index);
                            path
                        };
                        if key.value_type != Type::Dictionary {
                            check(kind, item, &full, notes);
                        }
                        if let Value::Dictionary(inner) = item {
                            waiting.push((inner, kind.path, full()));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether every platform with software updates should have sent a key.
fn is_required(key: &Key) -> bool {
    let everywhere =
        PLATFORMS.iter().all(|platform| key.support.on(*platform).since != Since::Never);
    key.required && everywhere && key.name() != "ANY" && !IDENTITY.contains(&key.name())
}

/// What the keys of a dictionary show of the device that sent it: for each platform, nothing if
/// that does not have one of them, or else the version since which it has the latest.
struct Shown([Option<OsVersion>; PLATFORMS.len()]);

impl Shown {
    fn new(below: &Below, dictionary: &Dictionary<'_>) -> Self {
        let mut shown = [Some(OsVersion::new(0, 0, 0)); PLATFORMS.len()];
        for (name, _) in dictionary.iter() {
            let Some((_, key)) = below.keys.iter().find(|(known, _)| *known == name) else {
                continue;
            };
            for (latest, platform) in shown.iter_mut().zip(PLATFORMS) {
                *latest = match key.support.on(platform).since {
                    Since::Never => None,
                    Since::Inherited => *latest,
                    Since::Version(since) => latest.map(|latest| latest.max(since)),
                };
            }
        }
        Self(shown)
    }

    /// Whether a device of whatever platform it may be of would have sent this key. One that came
    /// later is missed only beside a key that is as new: the device may be older.
    fn misses(&self, key: &Key) -> bool {
        self.0.iter().zip(PLATFORMS).all(|(latest, platform)| {
            let Some(latest) = latest else { return true };
            let since = match key.support.on(platform).since {
                Since::Version(since) => since <= *latest,
                _ => true,
            };
            since && !LEFT_OUT.contains(&(key.path, platform))
        })
    }
}

/// The keys of the schema that describe the items of an array, each with the key that says which
/// items are of its kind, where there are several.
fn kinds(group: &Group, place: Place, array: &str) -> Vec<(&'static Key, Option<&'static Key>)> {
    let named = |key: &'static Key| (key, group.key(place, &format!("{}/Item", key.path)));
    group.below(place, array).map(named).collect()
}

/// The key that describes an item.
fn kind_of(
    kinds: &[(&'static Key, Option<&'static Key>)],
    item: &Value<'_>,
) -> Option<&'static Key> {
    let name = item.as_dictionary().and_then(|item| item.str("Item"));
    let mut fitting = kinds.iter().filter(|(key, named)| match named {
        Some(named) => name.is_some_and(|name| named.values.contains(&name)),
        // Items of texts that name keys, as in Queries, are no values of the array's items.
        None => key.value_type != Type::Text || kinds.len() == 1,
    });
    fitting.next().map(|(key, _)| *key)
}

fn check(key: &Key, value: &Value<'_>, path: &dyn Fn() -> String, notes: &mut Notes) {
    let code = match (key.value_type, value) {
        (Type::Boolean, Value::Integer(0 | 1)) => Some(DiagnosticCode::IntegerForBoolean),
        (Type::Integer, Value::Real(_)) if value.as_int().is_some() => {
            Some(DiagnosticCode::RealForInteger)
        }
        (Type::Real, Value::Integer(_)) => Some(DiagnosticCode::IntegerForReal),
        (Type::Dictionary, Value::Array(_)) => Some(DiagnosticCode::ArrayForDictionary),
        (Type::Text, Value::Integer(_)) if NUMBERS.contains(&key.path) => None,
        (Type::Any, _)
        | (Type::Array, Value::Array(_))
        | (Type::Boolean, Value::Boolean(_))
        | (Type::Data, Value::Data(_))
        | (Type::Date, Value::Date(_))
        | (Type::Dictionary, Value::Dictionary(_))
        | (Type::Integer, Value::Integer(_))
        | (Type::Real, Value::Real(_))
        | (Type::Text, Value::String(_)) => None,
        (Type::Text, Value::Integer(_)) => Some(DiagnosticCode::IntegerForText),
        _ => Some(DiagnosticCode::WrongType),
    };
    if let Some(code) = code {
        notes.note(code, &path(), value.type_name());
    }
    let listed = |text: &str| key.values.is_empty() || key.values.contains(&text);
    match value {
        Value::String(text) if !listed(text) => {
            notes.note(DiagnosticCode::UnknownValue, &path(), text);
        }
        Value::Integer(number)
            if !key.values.is_empty()
                && key.value_type != Type::Text
                && !listed(&number.to_string()) =>
        {
            notes.note(DiagnosticCode::UnknownValue, &path(), &number.to_string());
        }
        _ => {}
    }
    if let (Some((low, high)), Some(number)) = (key.range, value.as_int())
        && !(low..=high).contains(&number)
    {
        notes.note(DiagnosticCode::OutOfRange, &path(), &number.to_string());
    }
}
