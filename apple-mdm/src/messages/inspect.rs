//! Holds a dictionary against Apple's schema.

use super::diagnostic::{DiagnosticCode, Notes};
use crate::plist::{Dictionary, Value, push_index, push_key};
use crate::schema::{Group, Key, Place, Platform, Since, Type};

/// Keys that say whose message it is; which of them there are depends on the enrolment.
pub(crate) const IDENTITY: [&str; 6] =
    ["EnrollmentID", "EnrollmentUserID", "UDID", "UserID", "UserLongName", "UserShortName"];

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
    let mut waiting = vec![(dictionary, within, path.to_owned())];
    while let Some((dictionary, within, path)) = waiting.pop() {
        let top = within.is_empty();
        for key in group.below(place, within).filter(|key| is_missed(key, dictionary)) {
            if !(top && also.contains(&key.name())) {
                notes.note(DiagnosticCode::MissingKey, &path, key.name());
            }
        }
        for (name, value) in dictionary.iter() {
            let mut path = path.clone();
            push_key(&mut path, name);
            let Some(key) = group.below(place, within).find(|key| key.name() == name) else {
                let known = !group.complete || is_any(group, place, within);
                if !(known || top && also.contains(&name)) {
                    notes.note(DiagnosticCode::UnknownKey, &path, "");
                }
                continue;
            };
            check(key, value, &path, notes);
            match value {
                Value::Dictionary(inner) => waiting.push((inner, key.path, path)),
                Value::Array(items) if key.value_type == Type::Dictionary => {
                    for (index, item) in items.iter().enumerate() {
                        let mut path = path.clone();
                        push_index(&mut path, index);
                        if let Value::Dictionary(inner) = item {
                            waiting.push((inner, key.path, path));
                        }
                    }
                }
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        let Some(kind) = item_key(group, place, key.path, item) else { continue };
                        let mut path = path.clone();
                        push_index(&mut path, index);
                        check(kind, item, &path, notes);
                        if let Value::Dictionary(inner) = item {
                            waiting.push((inner, kind.path, path));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a key is missing that every platform with software updates should have sent.
fn is_missed(key: &Key, dictionary: &Dictionary<'_>) -> bool {
    let everywhere = [Platform::Ios, Platform::MacOs, Platform::TvOs]
        .iter()
        .all(|platform| key.support.on(*platform).since != Since::Never);
    key.required
        && everywhere
        && key.name() != "ANY"
        && !IDENTITY.contains(&key.name())
        && !dictionary.contains(key.name())
}

/// Whether the schema takes any key here.
fn is_any(group: &Group, place: Place, within: &str) -> bool {
    group.below(place, within).any(|key| key.name() == "ANY")
}

/// The key of the schema that describes an item of an array. Items of several kinds say in `Item`
/// which they are.
fn item_key(group: &Group, place: Place, array: &str, item: &Value<'_>) -> Option<&'static Key> {
    let kind = item.as_dictionary().and_then(|item| item.str("Item"));
    group.below(place, array).find(|key| match group.key(place, &format!("{}/Item", key.path)) {
        Some(named) => kind.is_some_and(|kind| named.values.contains(&kind)),
        // Items of texts that name keys, as in Queries, are no values of the array's items.
        None => key.value_type != Type::Text || group.below(place, array).count() == 1,
    })
}

fn check(key: &Key, value: &Value<'_>, path: &str, notes: &mut Notes) {
    let code = match (key.value_type, value) {
        (Type::Boolean, Value::Integer(0 | 1)) => Some(DiagnosticCode::IntegerForBoolean),
        (Type::Integer, Value::Real(_)) if value.as_int().is_some() => {
            Some(DiagnosticCode::RealForInteger)
        }
        (Type::Real, Value::Integer(_)) => Some(DiagnosticCode::IntegerForReal),
        (Type::Text, Value::Integer(_)) => Some(DiagnosticCode::IntegerForText),
        (Type::Dictionary, Value::Array(_)) => Some(DiagnosticCode::ArrayForDictionary),
        (Type::Any, _)
        | (Type::Array, Value::Array(_))
        | (Type::Boolean, Value::Boolean(_))
        | (Type::Data, Value::Data(_))
        | (Type::Date, Value::Date(_))
        | (Type::Dictionary, Value::Dictionary(_))
        | (Type::Integer, Value::Integer(_))
        | (Type::Real, Value::Real(_))
        | (Type::Text, Value::String(_)) => None,
        _ => Some(DiagnosticCode::WrongType),
    };
    if let Some(code) = code {
        notes.note(code, path, value.type_name());
    }
    let listed = |text: &str| key.values.is_empty() || key.values.contains(&text);
    match value {
        Value::String(text) if !listed(text) => {
            notes.note(DiagnosticCode::UnknownValue, path, text);
        }
        Value::Integer(number) if key.value_type != Type::Text && !listed(&number.to_string()) => {
            notes.note(DiagnosticCode::UnknownValue, path, &number.to_string());
        }
        _ => {}
    }
    if let (Some((low, high)), Some(number)) = (key.range, value.as_int())
        && !(low..=high).contains(&number)
    {
        notes.note(DiagnosticCode::OutOfRange, path, &number.to_string());
    }
}
