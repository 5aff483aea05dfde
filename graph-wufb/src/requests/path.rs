//! Paths and bodies of requests.

use std::fmt::Write as _;

use crate::json::{RawObject, Value};
use crate::models::{AzureAdDevice, DeviceId, IsoDuration, Wire};

/// `ROOT` and segments; what is a value there is percent-encoded (RFC 3986 section 3.3).
macro_rules! target {
    ($($segment:expr),+) => {{
        let mut path = $crate::requests::ROOT.to_owned();
        $( path.push('/'); $crate::requests::path::push_segment(&mut path, $segment); )+
        path
    }};
}

pub(super) fn push_segment(path: &mut String, segment: &str) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

pub(super) use target;

/// The path of something of Intune's.
macro_rules! intune_path {
    ($version:expr, $($segment:expr),+) => {{
        let mut path = format!("/{}/deviceManagement", $version);
        $( path.push('/'); $crate::requests::path::push_segment(&mut path, $segment); )+
        path
    }};
}

pub(super) use intune_path;

pub(super) fn devices<'a>(ids: impl IntoIterator<Item = &'a DeviceId>) -> Value {
    Value::Array(ids.into_iter().map(|id| AzureAdDevice::reference(id).write()).collect())
}

/// A body that names a type: its own, or else this one. Where the schema declares a list of an
/// abstract type, nothing else says which type is meant (OData JSON 4.01 section 4.6.3).
pub(super) fn typed(body: RawObject, name: &str) -> RawObject {
    if body.iter().any(|(member, _)| member.eq_ignore_ascii_case("@odata.type")) {
        return body;
    }
    let mut out = RawObject::new();
    out.push("@odata.type".to_owned(), Value::from(format!("#{name}")));
    for (member, value) in body {
        out.push(member, value);
    }
    out
}

/// A string literal of OData, ready for a URL: a quote inside is doubled (OData URL conventions
/// 5.1.1.14.1).
pub(super) fn push_literal(out: &mut String, text: &str) {
    out.push_str("%27");
    push_segment(out, &text.replace('\'', "''"));
    out.push_str("%27");
}

/// Rewrites the schema's three duration members, and leaves out its IDs that are empty, wherever
/// they are.
pub(super) fn as_the_service_takes_it(body: &mut RawObject) {
    let mut open: Vec<&mut Value> = Vec::new();
    visit(body, &mut open);
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(object) => visit(object, &mut open),
            _ => {}
        }
    }
}

fn visit<'a>(object: &'a mut RawObject, open: &mut Vec<&'a mut Value>) {
    const DURATIONS: [&str; 3] =
        ["durationBetweenOffers", "durationUntilDeploymentEnd", "durationBeforeDeploymentStart"];
    const IDS: [&str; 4] = ["id", "catalogEntryId", "deviceId", "groupId"];
    let is_one_of =
        |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    object.retain(|name, value| value.as_str() != Some("") || !is_one_of(&IDS, name));
    for (name, value) in object.values_mut() {
        if let Value::String(text) = value
            && is_one_of(&DURATIONS, name)
            && let Ok(duration) = text.parse::<IsoDuration>()
        {
            *text = duration.as_str().to_owned();
        }
        open.push(value);
    }
}
