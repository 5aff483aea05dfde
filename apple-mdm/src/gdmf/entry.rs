//! One entry of the catalogue.

use chrono::NaiveDate;

use super::diagnostic::{Diagnostic, DiagnosticCode};
use crate::json::{Object, Value};
use crate::version::{Build, OsVersion};

/// The set that an entry is in.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Set {
    /// What everybody is offered.
    Public,
    /// What managed devices can be told to install besides.
    Managed,
    /// Background security improvements, formerly rapid security responses.
    Background,
}

impl Set {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "PublicAssetSets" => Some(Self::Public),
            "AssetSets" => Some(Self::Managed),
            "PublicBackgroundSecurityImprovements" | "PublicRapidSecurityResponses" => {
                Some(Self::Background)
            }
            _ => None,
        }
    }
}

/// A version that Apple offers to some devices.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Entry {
    /// The set.
    pub set: Set,
    /// The list within the set, as it is named: `iOS`, `macOS`, `visionOS`, `xrOS`.
    pub platform: String,
    /// The version, with the letter of a background security improvement.
    pub version: OsVersion,
    /// The build.
    pub build: Option<Build>,
    /// The build that a background security improvement needs.
    pub prerequisite: Option<Build>,
    /// The first day it is offered: `yyyy-mm-dd`.
    posted: Option<String>,
    /// The first day it is offered no more; *observed* to be moved later.
    expires: Option<String>,
    /// The devices, sorted.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "sorted"))]
    devices: Vec<String>,
    /// What has no field here.
    extra: Object,
}

/// What was stored may have been put in order by somebody else; devices are looked up by order.
#[cfg(feature = "serde")]
fn sorted<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut devices: Vec<String> = serde::Deserialize::deserialize(deserializer)?;
    devices.sort_unstable();
    Ok(devices)
}

/// Reads an entry; what cannot be read of it is noted.
pub(super) fn read(
    value: &Value,
    set: Set,
    platform: &str,
    pointer: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<Entry> {
    let mut note = |code, key: &str, detail: &str| {
        if found.len() < 256 {
            let pointer =
                if key.is_empty() { pointer.to_owned() } else { format!("{pointer}/{key}") };
            let detail = detail.chars().take(64).collect();
            found.push(Diagnostic { code, pointer, detail });
        }
    };
    let Some(object) = value.as_object() else {
        note(DiagnosticCode::NoEntry, "", "");
        return None;
    };
    let Some(text) = object.str("ProductVersion") else {
        note(DiagnosticCode::NoEntry, "ProductVersion", "");
        return None;
    };
    let Ok(version) = text.parse::<OsVersion>() else {
        note(DiagnosticCode::Version, "ProductVersion", text);
        return None;
    };
    let version = match object.str("ProductVersionExtra") {
        None => version,
        Some(extra) => match version.with_extra(extra) {
            Ok(version) => version,
            Err(_) => {
                note(DiagnosticCode::Version, "ProductVersionExtra", extra);
                return None;
            }
        },
    };
    let mut date = |key: &str| {
        let text = object.get(key)?.as_str().unwrap_or_default();
        let is_date = text.parse::<NaiveDate>().is_ok();
        if !is_date {
            note(DiagnosticCode::Date, key, text);
        }
        is_date.then(|| text.to_owned())
    };
    let (posted, expires) = (date("PostingDate"), date("ExpirationDate"));
    let devices = object.get("SupportedDevices").and_then(Value::as_array).unwrap_or_default();
    let mut devices: Vec<String> =
        devices.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if devices.is_empty() {
        note(DiagnosticCode::NoDevices, "SupportedDevices", "");
    }
    devices.sort_unstable();
    let known = |key: &str| {
        matches!(
            key,
            "ProductVersion"
                | "ProductVersionExtra"
                | "Build"
                | "PrerequisiteBuild"
                | "PostingDate"
                | "ExpirationDate"
                | "SupportedDevices"
        )
    };
    let mut extra = Object::new();
    for (key, value) in object.iter().filter(|(key, _)| !known(key)) {
        extra.push(key, value.clone());
    }
    Some(Entry {
        set,
        platform: platform.to_owned(),
        version,
        build: object.str("Build").and_then(|text| text.parse().ok()),
        prerequisite: object.str("PrerequisiteBuild").and_then(|text| text.parse().ok()),
        posted,
        expires,
        devices,
        extra,
    })
}

impl Entry {
    /// The first day it is offered, if the catalogue says.
    #[must_use]
    pub fn posted(&self) -> Option<NaiveDate> {
        self.posted.as_deref()?.parse().ok()
    }

    /// The first day it is offered no more; none if it does not expire yet.
    #[must_use]
    pub fn expires(&self) -> Option<NaiveDate> {
        self.expires.as_deref()?.parse().ok()
    }

    /// Whether it is offered on a day.
    #[must_use]
    pub fn is_offered(&self, day: NaiveDate) -> bool {
        self.posted().is_none_or(|posted| posted <= day)
            && self.expires().is_none_or(|expires| day < expires)
    }

    /// The devices, by the names that DeviceInformation calls SoftwareUpdateDeviceID (Macs), or
    /// ProductName (others).
    #[must_use]
    pub fn devices(&self) -> &[String] {
        &self.devices
    }

    /// Whether it is for a device of this name.
    #[must_use]
    pub fn is_for(&self, device: &str) -> bool {
        self.devices.binary_search_by(|known| known.as_str().cmp(device)).is_ok()
    }

    /// What has no field here, as it came.
    #[must_use]
    pub const fn extra(&self) -> &Object {
        &self.extra
    }

    /// Whether two builds of one version differ in the thousands of their numbers only, and are for
    /// a device both: twins.
    #[must_use]
    pub fn is_twin_of(&self, other: &Self) -> bool {
        let (Some(one), Some(two)) = (&self.build, &other.build) else { return false };
        self.version == other.version
            && one != two
            && one.is_sibling_of(two)
            && one.number() % 1000 == two.number() % 1000
            && self.devices.iter().any(|device| other.is_for(device))
    }
}
