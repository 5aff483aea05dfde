//! Walks Apple's schema and fails where a key about updates has no typed access, or one that the
//! schema does not have, or another type.

use std::collections::BTreeMap;

use crate::enrollment::{BetaProgram, MachineInfo, RequiredAnswer, RequiredDetails};
use crate::fields::Seen;
use crate::messages::{
    self, Authenticate, AvailableOsUpdatesItem, CheckOut, DeclarativeManagement, DeviceInformation,
    GetBootstrapToken, GetToken, ManagementStatus, OsUpdateSettings, OsUpdateStatusItem, Query,
    ScanAnswer, SecureBoot, SecurityInfo, SetBootstrapToken, SettingResult,
    SoftwareUpdateSettingsInfo, TokenParameters, TokenUpdate, UpdateResultsItem, UserAuthenticate,
};
use crate::plist::{Date, Dictionary, Value};
use crate::profile::{MdmPayload, SoftwareUpdatePayload, UpdateRestrictions};
use crate::schema::{Family, Group, Key, Place, Type, groups};

/// A value of a key's type.
fn sample(group: &Group, key: &Key) -> Value<'static> {
    match key.value_type {
        Type::Array => {
            let item = group.below(key.place, key.path).next();
            let items: Vec<Value<'_>> = item.map(|item| sample(group, item)).into_iter().collect();
            Value::Array(items)
        }
        Type::Boolean => true.into(),
        Type::Data => vec![1].into(),
        Type::Date => Date::from_text("2026-11-21T07:30:00Z").unwrap().into(),
        Type::Dictionary => below(group, key.place, key.path).into(),
        Type::Integer => 1.into(),
        Type::Real => Value::Real(0.5),
        Type::Text | Type::Any => key.values.first().copied().unwrap_or("text").into(),
    }
}

/// A dictionary with every key below a path.
fn below(group: &Group, place: Place, path: &'static str) -> Dictionary<'static> {
    let mut dictionary = Dictionary::new();
    for key in group.below(place, path).filter(|key| key.name() != "ANY") {
        dictionary.push(key.name(), sample(group, key));
    }
    dictionary
}

/// A dictionary with every key below a path, each of a type that it cannot have.
fn wrong(dictionary: &Dictionary<'_>) -> Dictionary<'static> {
    let mut wrong = Dictionary::new();
    for (key, value) in dictionary.iter() {
        let other = match value {
            Value::Boolean(_) | Value::Integer(_) | Value::Real(_) => Value::from("text"),
            Value::String(_) => Value::from(vec![Value::from(true)]),
            Value::Array(_) => Value::from(true),
            _ => Value::from(7),
        };
        // A last scan is a number in real answers and a text in the schema.
        let other = if key == "PreviousScanResult" { Value::from(true) } else { other };
        wrong.push(key.to_owned(), other);
    }
    wrong
}

/// Where a group's view of a path gets the dictionaries from that it is shown.
type Show = fn(&Dictionary<'_>) -> Seen;

macro_rules! views {
    ($($view:ident)*) => { vec![$(|dictionary| $view::new(dictionary).seen()),*] };
}

fn shown() -> Vec<Show> {
    let mut all: Vec<Show> = views! {
        AvailableOsUpdatesItem OsUpdateStatusItem UpdateResultsItem ScanAnswer DeviceInformation
        OsUpdateSettings SoftwareUpdateSettingsInfo SecurityInfo ManagementStatus SecureBoot
        SettingResult Authenticate TokenUpdate CheckOut UserAuthenticate SetBootstrapToken
        GetBootstrapToken DeclarativeManagement GetToken TokenParameters MachineInfo
        RequiredAnswer RequiredDetails BetaProgram
    };
    all.push(|list| MdmPayload::from_dictionary(list.clone().into_owned()).seen());
    all.push(|list| SoftwareUpdatePayload::from_dictionary(list.clone().into_owned()).seen());
    all.push(|list| UpdateRestrictions::from_dictionary(list.clone().into_owned()).seen());
    all
}

/// Keys of commands and answers that are typed elsewhere than in a view, each with its test.
const ELSEWHERE: &[(&str, Place, &str)] = &[
    // ScheduleOsUpdate and ScheduledUpdate: `commands_take_their_keys`.
    ("command.ScheduleOSUpdate", Place::Payload, "Updates/UpdatesItem/ProductKey"),
    ("command.ScheduleOSUpdate", Place::Payload, "Updates/UpdatesItem/ProductVersion"),
    ("command.ScheduleOSUpdate", Place::Payload, "Updates/UpdatesItem/InstallAction"),
    ("command.ScheduleOSUpdate", Place::Payload, "Updates/UpdatesItem/MaxUserDeferrals"),
    ("command.ScheduleOSUpdate", Place::Payload, "Updates/UpdatesItem/Priority"),
    ("command.ScheduleOSUpdateScan", Place::Payload, "Force"),
    ("command.DeclarativeManagement", Place::Payload, "Data"),
    ("command.DeviceInformation", Place::Payload, "Queries"),
    (
        "command.Settings.SoftwareUpdateSettings",
        Place::Payload,
        "Settings/SoftwareUpdateSettings/Item",
    ),
    (
        "command.Settings.SoftwareUpdateSettings",
        Place::Payload,
        "Settings/SoftwareUpdateSettings/RecommendationCadence",
    ),
    // CheckInAnswer: `answers_to_check_ins`.
    ("checkin.getbootstraptoken", Place::Response, "BootstrapToken"),
    ("checkin.gettoken", Place::Response, "TokenData"),
    // Report, Request and Enrollment: `the_envelope_is_typed`.
    ("envelope.command", Place::Payload, "CommandUUID"),
    ("envelope.command", Place::Payload, "Command/RequestType"),
    ("envelope.command", Place::Payload, "Command/RequestRequiresNetworkTether"),
    ("envelope.response", Place::Payload, "Status"),
    ("envelope.response", Place::Payload, "CommandUUID"),
    ("envelope.response", Place::Payload, "UDID"),
    ("envelope.response", Place::Payload, "EnrollmentID"),
    ("envelope.response", Place::Payload, "UserID"),
    ("envelope.response", Place::Payload, "EnrollmentUserID"),
    ("envelope.response", Place::Payload, "UserShortName"),
    ("envelope.response", Place::Payload, "UserLongName"),
    ("envelope.response", Place::Payload, "RequestType"),
    ("envelope.response", Place::Payload, "ErrorChain/ErrorCode"),
    ("envelope.response", Place::Payload, "ErrorChain/ErrorDomain"),
    ("envelope.response", Place::Payload, "ErrorChain/LocalizedDescription"),
    ("envelope.response", Place::Payload, "ErrorChain/USEnglishDescription"),
];

/// Whether a key is a step on the way to others, or an item whose array was read as a whole.
fn is_step(group: &Group, key: &Key) -> bool {
    group.below(key.place, key.path).next().is_some()
        || group.key(key.place, key.parent()).is_some_and(|parent| {
            parent.value_type == Type::Array && key.value_type != Type::Dictionary
        })
        || key.name() == "ANY"
}

#[test]
fn every_key_about_updates_is_typed() {
    let mut typed: BTreeMap<(&str, &str, String), Type> = BTreeMap::new();
    let name = |place| if place == Place::Payload { "payload" } else { "response" };
    let empty = Dictionary::new();
    for show in shown() {
        let seen = show(&empty);
        assert!(
            seen.keys.iter().all(|(_, _, read)| !read),
            "{}: reads what is not there",
            seen.group
        );
        let group = groups().find(|group| group.id == seen.group).expect(seen.group);
        let dictionary = below(group, seen.place, seen.path);
        for (key, kind, read) in show(&dictionary).keys {
            let path = format!("{}/{key}", seen.path);
            let path = path.trim_start_matches('/').to_owned();
            let listed = group.key(seen.place, &path);
            // The boot level's parent is not in the table, and ErrorChain is a kind of its own.
            let listed = listed.unwrap_or_else(|| panic!("{}: no key {path}", seen.group));
            assert_eq!(listed.value_type, kind, "{}: {path}", seen.group);
            assert!(read, "{}: {path} is not read", seen.group);
            typed.insert((seen.group, name(seen.place), path), kind);
        }
        for (key, _, read) in show(&wrong(&dictionary)).keys {
            // A chain may be one dictionary; numbers of texts are read as the texts they are not.
            assert!(!read, "{}: {key} is read from a wrong type", seen.group);
        }
    }
    let mut missing = Vec::new();
    for group in groups() {
        let mine = matches!(
            group.family,
            Family::Command
                | Family::CheckIn
                | Family::Profile
                | Family::Error
                | Family::Other
                | Family::Envelope
        );
        for key in group.keys.iter().filter(|_| mine) {
            let at = (group.id, name(key.place), key.path.to_owned());
            let elsewhere = ELSEWHERE.contains(&(group.id, key.place, key.path));
            let query = key.path.strip_prefix("Queries/QueriesItem/");
            let asked = query.is_some_and(|query| Query::KNOWN.contains(&query));
            if !(typed.contains_key(&at) || elsewhere || asked || is_step(group, key)) {
                missing.push(at);
            }
        }
    }
    assert!(missing.is_empty(), "not typed: {missing:#?}");
    for (id, place, path) in ELSEWHERE {
        let group = groups().find(|group| group.id == *id).expect(id);
        assert!(group.key(*place, path).is_some(), "{id}: no key {path}");
    }
}

#[test]
fn open_enums_know_what_the_schema_lists() {
    let of = |id: &str, place, path: &str| {
        groups()
            .find(|group| group.id == id)
            .and_then(|group| group.key(place, path))
            .unwrap()
            .values
    };
    let results = "UpdateResults/UpdateResultsItem/Status";
    assert_eq!(
        of("command.ScheduleOSUpdate", Place::Response, results),
        messages::UpdateStatus::KNOWN
    );
    let mut actions: Vec<&str> =
        of("command.ScheduleOSUpdate", Place::Payload, "Updates/UpdatesItem/InstallAction")
            .to_vec();
    actions.extend(of(
        "command.ScheduleOSUpdate",
        Place::Response,
        "UpdateResults/UpdateResultsItem/InstallAction",
    ));
    for action in actions {
        assert!(messages::InstallAction::KNOWN.contains(&action), "{action}");
    }
    let status = of("envelope.response", Place::Payload, "Status");
    assert_eq!(status, messages::ReportStatus::KNOWN);
    let allowed = of(
        "command.SecurityInfo",
        Place::Response,
        "SecurityInfo/BootstrapTokenAllowedForAuthentication",
    );
    assert_eq!(allowed, messages::BootstrapTokenAllowed::KNOWN);
    let levels =
        of("command.SecurityInfo", Place::Response, "SecurityInfo/SecureBoot/SecureBootLevel");
    assert_eq!(levels, messages::SecureBootLevel::KNOWN);
}

#[test]
fn every_right_of_the_schema_has_its_bit() {
    use crate::profile::AccessRights;
    use crate::schema::Platform;
    let none = AccessRights::from_bits(0);
    for group in groups() {
        let own = Platform::ALL.map(|platform| group.support.on(platform).right);
        let keys = group
            .keys
            .iter()
            .flat_map(|key| Platform::ALL.map(|platform| key.support.on(platform).right));
        for right in own.into_iter().chain(keys).flatten() {
            let asks = !matches!(right, "None" | "SpecialCase");
            assert_eq!(!none.has(right), asks, "{right}");
            assert!(AccessRights::ALL.has(right), "{right}");
        }
    }
}
