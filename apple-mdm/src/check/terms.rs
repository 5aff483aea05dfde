//! What Apple's schema says of a message and its keys on a device.

use super::facts::{DeviceFacts, EnrollmentKind};
use super::finding::{FindingCode, Found};
use crate::messages::Channel;
use crate::plist::{Dictionary, Value, push_index, push_key};
use crate::schema::{Group, Key, Mode, Place, Platform, Since, Terms, Type};

/// The terms of a message as a whole.
pub(super) fn group(group: &Group, device: &DeviceFacts, found: &mut Found) {
    let terms = group.support.on(device.platform);
    let platform = device.platform;
    match terms.since {
        Since::Never | Since::Inherited => {
            return found.note(FindingCode::NotOnPlatform, "", platform);
        }
        Since::Version(since) if device.version < since => {
            found.note(FindingCode::TooOld, "", format_args!("{platform} {since}"));
        }
        Since::Version(_) => {}
    }
    match (terms.removed, terms.deprecated) {
        (Some(removed), _) if device.version >= removed => {
            found.note(FindingCode::Removed, "", format_args!("{platform} {removed}"));
        }
        (_, Some(deprecated)) if device.version >= deprecated => {
            found.note(FindingCode::Deprecated, "", format_args!("{platform} {deprecated}"));
        }
        _ => {}
    }
    if terms.supervised == Some(true) && !device.supervised {
        found.note(FindingCode::NeedsSupervision, "", "");
    }
    if terms.user_enrollment == Some(Mode::Forbidden) && device.enrollment == EnrollmentKind::User {
        found.note(FindingCode::UserEnrollment, "", "");
    }
    channel(terms, device, found);
    right(terms, device, "", found);
}

fn channel(terms: &Terms, device: &DeviceFacts, found: &mut Found) {
    let (user, taken) = if device.shared_ipad && device.platform == Platform::Ios {
        if terms.shared_ipad == Some(Mode::Forbidden) {
            return found.note(FindingCode::SharedIpad, "", "");
        }
        (true, [terms.shared_device_channel, terms.shared_user_channel])
    } else {
        // Of the others, only Macs have a channel for users.
        (device.platform == Platform::MacOs, [terms.device_channel, terms.user_channel])
    };
    match (device.channel, taken) {
        (Channel::Device, [Some(false), _]) => {
            found.note(FindingCode::WrongChannel, "", "the device's");
        }
        (Channel::User, [_, Some(false)]) => {
            found.note(FindingCode::WrongChannel, "", "a user's");
        }
        (Channel::User, _) if !user => {
            found.note(FindingCode::WrongChannel, "", "the platform has none for users");
        }
        _ => {}
    }
}

fn right(terms: &Terms, device: &DeviceFacts, path: &str, found: &mut Found) {
    // Rights do not count where a user enrolled the device.
    let rights = device.access_rights.filter(|_| device.enrollment != EnrollmentKind::User);
    if let (Some(right), Some(rights)) = (terms.right, rights)
        && !rights.has(right)
    {
        found.note(FindingCode::MissingRight, path, right);
    }
}

/// Holds the keys of a message against the schema.
pub(super) fn keys(
    group: &Group,
    dictionary: &Dictionary<'_>,
    device: &DeviceFacts,
    found: &mut Found,
) {
    let mut waiting = vec![(dictionary, "", String::new())];
    while let Some((dictionary, within, path)) = waiting.pop() {
        for key in group.below(Place::Payload, within) {
            let since = key.support.on(device.platform).since;
            // Without Updates the device does its default, the prose says.
            let optional = !key.required || since == Since::Never || key.path == "Updates";
            if !optional && !dictionary.contains(key.name()) {
                found.note(FindingCode::MissingKey, &path, key.name());
            }
        }
        for (name, value) in dictionary.iter() {
            let mut path = path.clone();
            push_key(&mut path, name);
            let mut rows = group.below(Place::Payload, within);
            let Some(key) = rows.find(|key| key.name() == name) else {
                let envelope = within.is_empty()
                    && matches!(name, "RequestType" | "RequestRequiresNetworkTether");
                let payload = within.is_empty() && name.starts_with("Payload");
                if group.complete && !envelope && !payload {
                    found.note(FindingCode::UnknownKey, &path, "");
                }
                continue;
            };
            check(key, value, device, &path, found);
            match value {
                Value::Dictionary(inner) => waiting.push((inner, key.path, path)),
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        let mut path = path.clone();
                        push_index(&mut path, index);
                        let Some(row) = row_of(group, key, item) else { continue };
                        check(row, item, device, &path, found);
                        if let Value::Dictionary(inner) = item {
                            waiting.push((inner, row.path, path));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// The row of an array's item: by the item's `Item`, by its text for queries, or the only one.
fn row_of(group: &Group, array: &Key, item: &Value<'_>) -> Option<&'static Key> {
    if let Value::String(text) = item {
        let path = format!("{}/QueriesItem/{text}", array.path);
        if let Some(query) = group.key(Place::Payload, &path) {
            return Some(query);
        }
    }
    let kind = item.as_dictionary().and_then(|item| item.str("Item"));
    let mut rows = group.below(Place::Payload, array.path);
    rows.find(|row| match group.key(Place::Payload, &format!("{}/Item", row.path)) {
        Some(named) => kind.is_some_and(|kind| named.values.contains(&kind)),
        None => true,
    })
}

fn check(key: &Key, value: &Value<'_>, device: &DeviceFacts, path: &str, found: &mut Found) {
    let platform = device.platform;
    let terms = key.support.on(platform);
    match terms.since {
        Since::Never => return found.note(FindingCode::KeyNotOnPlatform, path, platform),
        Since::Version(since) if device.version < since => {
            found.note(FindingCode::KeyTooOld, path, format_args!("{platform} {since}"));
        }
        _ => {}
    }
    match (terms.removed, terms.deprecated) {
        (Some(removed), _) if device.version >= removed => {
            found.note(FindingCode::KeyRemoved, path, format_args!("{platform} {removed}"));
        }
        (_, Some(deprecated)) if device.version >= deprecated => {
            found.note(FindingCode::KeyDeprecated, path, format_args!("{platform} {deprecated}"));
        }
        _ => {}
    }
    if terms.supervised == Some(true) && !device.supervised {
        found.note(FindingCode::KeyNeedsSupervision, path, "");
    }
    if terms.user_enrollment == Some(Mode::Forbidden) && device.enrollment == EnrollmentKind::User {
        found.note(FindingCode::KeyEnrollment, path, "");
    }
    right(terms, device, path, found);
    let fits = matches!(
        (key.value_type, value),
        (Type::Array, Value::Array(_))
            | (Type::Boolean, Value::Boolean(_))
            | (Type::Data, Value::Data(_))
            | (Type::Date, Value::Date(_))
            | (Type::Dictionary, Value::Dictionary(_))
            | (Type::Integer, Value::Integer(_))
            | (Type::Real, Value::Real(_) | Value::Integer(_))
            | (Type::Text, Value::String(_))
            | (Type::Any, _)
    );
    if !fits {
        return found.note(FindingCode::WrongType, path, value.type_name());
    }
    let text = match value {
        Value::String(text) => text.clone().into_owned(),
        Value::Integer(number) => number.to_string(),
        _ => return,
    };
    if !key.values.is_empty() && !key.values.contains(&text.as_str()) {
        found.note(FindingCode::UnknownValue, path, &text);
    }
    if let (Some((low, high)), Some(number)) = (key.range, value.as_int())
        && !(low..=high).contains(&number)
    {
        found.note(FindingCode::OutOfRange, path, format_args!("{number} ({low} to {high})"));
    }
    if let Some(listed) = key.values_since.iter().find(|listed| listed.value == text) {
        match listed.support.on(platform).since {
            Since::Never => {
                found.note(
                    FindingCode::ValueNotOnPlatform,
                    path,
                    format_args!("{text} on {platform}"),
                );
            }
            Since::Version(since) if device.version < since => {
                found.note(
                    FindingCode::ValueTooOld,
                    path,
                    format_args!("{text} since {platform} {since}"),
                );
            }
            _ => {}
        }
    }
}
