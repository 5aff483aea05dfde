//! What in a message is not as the schema has it, found a second way: by the schema's own list of
//! types and the reference reader, for the tests to compare the models' diagnostics with.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::string_slice)]

use std::collections::BTreeSet;

use graph_wufb::json::Code;
use graph_wufb::models::schema::{Schema, schema};

use super::reference::{Json, Node};

/// A deviation: what kind, where, and what the schema has there.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Deviation {
    pub(crate) code: Code,
    pub(crate) pointer: String,
    pub(crate) offset: usize,
    pub(crate) expected: String,
}

/// The deviations of a value of type `kind`, in the order of the text.
pub(crate) fn deviations(node: &Node, kind: &str, pointer: &str) -> Vec<Deviation> {
    let mut checker = Checker { schema: schema(), found: Vec::new() };
    checker.value(node, kind, "", pointer);
    checker.found
}

/// What a text is that has to be an ID.
const ID: &str = "an ID";

/// The same of an object that is of exactly this type, whatever its `@odata.type` says.
pub(crate) fn deviations_of_object(node: &Node, kind: &str) -> Vec<Deviation> {
    let mut checker = Checker { schema: schema(), found: Vec::new() };
    if let Json::Object(members) = &node.value {
        checker.members(members, kind, "");
    }
    checker.found
}

struct Checker {
    schema: Schema,
    found: Vec<Deviation>,
}

fn item(kind: &str) -> Option<&str> {
    kind.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'))
}

impl Checker {
    fn note(&mut self, code: Code, node: &Node, pointer: &str, expected: &str) {
        let (pointer, expected) = (pointer.to_owned(), expected.to_owned());
        self.found.push(Deviation { code, pointer, offset: node.start, expected });
    }

    /// What is wrong with a value that a member of this type cannot hold.
    fn misfit(&self, node: &Node, kind: &str, name: &str) -> Option<&'static str> {
        let fits = |right: bool, expected| (!right).then_some(expected);
        let text = match &node.value {
            Json::String(text) => Some(text.as_str()),
            _ => None,
        };
        match kind {
            "Edm.String" if name == ID => {
                let right = text.is_some_and(|text| {
                    (1..=512).contains(&text.len())
                        && !text.chars().any(char::is_control)
                        && !matches!(text, "." | "..")
                });
                fits(right, " ID")
            }
            "Edm.String" => fits(text.is_some(), "a string"),
            "Edm.Boolean" => fits(matches!(node.value, Json::Bool), "a boolean"),
            "Edm.Int32" => {
                let (Json::Number(spelt) | Json::String(spelt)) = &node.value else {
                    return Some("an integer");
                };
                let right = spelt.parse::<i32>().is_ok_and(|it| it.to_string() == *spelt);
                fits(right, "an integer")
            }
            "Edm.Double" => fits(matches!(node.value, Json::Number(_)), "a number"),
            "Edm.DateTimeOffset" => fits(text.is_some(), "a date and time"),
            "Edm.Duration" => fits(text.is_some(), "a duration"),
            "Edm.Date" => fits(text.is_some(), "a date"),
            "Edm.TimeOfDay" => fits(text.is_some(), "a time of day"),
            _ if self.schema.enums.iter().any(|it| it.name == kind) => {
                fits(text.is_some(), "a word")
            }
            _ if item(kind).is_some() => fits(matches!(node.value, Json::Array(_)), "an array"),
            _ => fits(matches!(node.value, Json::Object(_)), ""),
        }
    }

    /// Checks a value; whether it fits.
    fn value(&mut self, node: &Node, kind: &str, name: &str, pointer: &str) -> bool {
        if let Some(expected) = self.misfit(node, kind, name) {
            self.note(Code::UnexpectedType, node, pointer, expected);
            return false;
        }
        match (&node.value, kind) {
            (Json::Array(items), _) => {
                let kind = item(kind).unwrap();
                for (index, node) in items.iter().enumerate() {
                    if let Some(expected) = self.misfit(node, kind, name) {
                        let pointer = format!("{pointer}/{index}");
                        self.note(Code::UnexpectedType, node, &pointer, expected);
                        return false;
                    }
                }
                for (index, node) in items.iter().enumerate() {
                    self.value(node, kind, name, &format!("{pointer}/{index}"));
                }
            }
            (Json::Object(members), _) => self.object(members, kind, pointer),
            (Json::String(_), "Edm.Int32") => {
                self.note(Code::StringInteger, node, pointer, "an integer");
            }
            (Json::String(text), "Edm.DateTimeOffset") if !is_time(text) => {
                self.note(Code::UnreadableTime, node, pointer, "a date and time");
            }
            (Json::String(text), "Edm.Duration") if !is_duration(text) => {
                self.note(Code::UnreadableTime, node, pointer, "a duration");
            }
            (Json::String(text), "Edm.Date") if !is_shaped(text, "dddd-dd-dd") => {
                self.note(Code::UnreadableTime, node, pointer, "a date");
            }
            (Json::String(text), "Edm.TimeOfDay")
                if !is_shaped(text.split('.').next().unwrap(), "dd:dd:dd") =>
            {
                self.note(Code::UnreadableTime, node, pointer, "a time of day");
            }
            _ => {}
        }
        true
    }

    fn object(&mut self, members: &[(String, Node)], kind: &str, pointer: &str) {
        let base = self.schema.polymorphic.iter().find(|base| base.name == kind);
        let kind = match base {
            Some(base) => {
                let types =
                    members.iter().filter(|(name, _)| name.eq_ignore_ascii_case("@odata.type"));
                let name = types.into_iter().find_map(|(_, node)| match &node.value {
                    Json::String(name) => Some(name.rsplit(['.', '#']).next().unwrap()),
                    _ => None,
                });
                let case = base.types.iter().find(|(names, _)| {
                    name.is_some_and(|it| names.iter().any(|name| name.eq_ignore_ascii_case(it)))
                });
                match case {
                    Some((_, model)) => (*model).to_owned(),
                    None => return,
                }
            }
            None => kind.to_owned(),
        };
        self.members(members, &kind, pointer);
    }

    fn members(&mut self, members: &[(String, Node)], kind: &str, pointer: &str) {
        let Some(object) = self.schema.objects.iter().find(|object| object.name == kind) else {
            return;
        };
        let known: Vec<(&'static str, String)> = object.members.clone();
        let spelt: BTreeSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        let mut filled = BTreeSet::new();
        for (name, node) in members {
            let at = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            let exact = known.iter().find(|(known, _)| known == name);
            let others = known.iter().filter(|(known, _)| !spelt.contains(known));
            let (member, code) = match exact {
                Some(member) => (member, None),
                None if name.contains('@') => continue,
                None => {
                    let mut others = others;
                    let loose = others.clone().find(|(known, _)| known.eq_ignore_ascii_case(name));
                    let plural = name.to_ascii_lowercase().replacen("deviceper", "devicesper", 1);
                    let misspelt = others.find(|(known, _)| known.to_ascii_lowercase() == plural);
                    match (loose, misspelt) {
                        (Some(member), _) => (member, Some(Code::NameCase)),
                        (None, Some(member)) => (member, Some(Code::MisspelledName)),
                        (None, None) => continue,
                    }
                }
            };
            if let Some(code) = code {
                self.note(code, node, &at, member.0);
            }
            // The first of two spellings stands.
            if filled.contains(member.0) {
                continue;
            }
            // IDs go into paths. A catalog is only one.
            let names = ["id", "catalogEntryId", "deviceId", "groupId"];
            let in_paths = match kind.strip_prefix("microsoft.graph.windowsUpdates.") {
                Some(name) => name != "catalog",
                None => {
                    OF_INTUNE.iter().any(|name| kind.strip_prefix("microsoft.graph.") == Some(name))
                }
            };
            let is_id = in_paths && names.contains(&member.0);
            // An empty one is none, which is no deviation.
            if is_id && matches!(&node.value, Json::String(text) if text.is_empty()) {
                continue;
            }
            let role = if is_id { ID } else { "" };
            if matches!(node.value, Json::Null) || self.value(node, &member.1, role, &at) {
                filled.insert(member.0);
            }
        }
    }
}

/// What Intune has by its ID: profiles, and the drivers in them.
const OF_INTUNE: [&str; 6] = [
    "windowsDriverUpdateInventory",
    "windowsDriverUpdateProfile",
    "windowsFeatureUpdateProfile",
    "windowsQualityUpdatePolicy",
    "windowsQualityUpdateProfile",
    "windowsUpdateForBusinessConfiguration",
];

/// Whether a text has this shape: `d` for a digit.
fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            shape => byte == shape,
        })
}

/// `2026-01-02T03:04:05`, a fraction or none, `Z`, an offset or nothing. Dates and times that no
/// calendar has do not occur in what is compared.
fn is_time(text: &str) -> bool {
    let Some((whole, rest)) = text.split_at_checked(19) else { return false };
    let digits = rest
        .strip_prefix('.')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count() + 1);
    let zone = &rest[digits..];
    is_shaped(whole, "dddd-dd-ddTdd:dd:dd")
        && digits != 1
        && (zone.is_empty()
            || zone == "Z"
            || zone.strip_prefix(['+', '-']).is_some_and(|zone| is_shaped(zone, "dd:dd")))
}

/// ISO 8601: `P`, days or weeks, `T` and hours, minutes, seconds.
fn is_duration(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let Some(rest) = text.strip_prefix('P') else { return false };
    let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
    let parts = |text: &str, units: &str| {
        let mut units = units.chars();
        text.split_inclusive(|c: char| c.is_ascii_alphabetic()).all(|part| {
            let (number, unit) = part.split_at(part.len() - 1);
            let digits = number.replacen('.', "", usize::from(unit == "S"));
            !digits.is_empty()
                && digits.bytes().all(|it| it.is_ascii_digit())
                && unit.chars().all(|unit| units.by_ref().any(|known| known == unit))
        })
    };
    !rest.is_empty() && !rest.ends_with('T') && parts(date, "YMWD") && parts(time, "HMS")
}
