//! The dialects that the namespace was spoken in, read into today's.
//!
//! The namespace only exists in beta, so its shapes drift. In 2021 settings had a `rollout`, content
//! was a reference by version or date, devices had a list of `enrollments`, and a deployment's state
//! a `value` (CSDL of 2021-06-08). In 2022 `safeguard` stood beside `schedule`. Answers and stored
//! objects of all of them are still about. [`modernise`] turns an object into today's shapes and
//! says what it changed; what has no counterpart stays as an unknown member.

use std::collections::BTreeSet;
use std::fmt;

use super::wire::{Model, from_value};
use crate::error::Error;
use crate::json::{self, Diagnostic, Options, RawObject, Value};

/// A dialect, by the year in which it was spoken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Dialect {
    /// `rollout`, references, `enrollments`, `value`.
    Y2021,
    /// `schedule` and `enrollment`, with members that no schema has any more.
    Y2023,
    /// What the models have.
    Current,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Y2021 => "2021",
            Self::Y2023 => "2023",
            Self::Current => "current",
        })
    }
}

/// One thing that was turned into today's shape.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The JSON pointer of the object that had it, in the text that was read.
    pub pointer: String,
    /// What it was: a member, or a type.
    pub was: &'static str,
    /// What it is now.
    pub is: &'static str,
    /// The dialect that it is of.
    pub dialect: Dialect,
}

/// A value that was read from any dialect.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Modern<T> {
    /// The value in today's shape.
    pub value: T,
    /// The oldest dialect of which it had something.
    pub dialect: Dialect,
    /// What was turned into today's shape.
    pub changes: Vec<Change>,
    /// What was tolerated to read it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Members that are gone, and what took their place: type, member, today's member.
const GONE: &[(&str, &str, &str)] = &[
    ("deploymentSettings", "rollout", "schedule"),
    ("rolloutSettings", "devicesPerOffer", "schedule/gradualRollout/devicesPerOffer"),
    ("rolloutSettings", "durationBetweenOffers", "schedule/gradualRollout/durationBetweenOffers"),
    ("rolloutSettings", "endDateTime", "schedule/gradualRollout/endDateTime"),
    ("rolloutSettings", "startDateTime", "schedule/startDateTime"),
    ("qualityUpdateReference", "classification", "catalogEntry/qualityUpdateClassification"),
    ("qualityUpdateReference", "releaseDateTime", "catalogEntry/releaseDateTime"),
    // Nothing in today's schema says it; it stays as an unknown member of the content.
    ("expeditedQualityUpdateReference", "equivalentContent", "equivalentContent"),
    ("featureUpdateReference", "version", "catalogEntry/version"),
    ("updateManagementEnrollment", "updateCategory", "enrollment"),
    ("azureADDevice", "enrollments", "enrollment"),
    ("deploymentState", "value", "effectiveValue"),
    ("windows", "updates", "/admin/windows/updates"),
    ("updates", "catalog", "/admin/windows/updates/catalog"),
    ("updates", "deployments", "/admin/windows/updates/deployments"),
    ("updates", "updatableAssets", "/admin/windows/updates/updatableAssets"),
];

/// What a member of an earlier schema became, by the type's name (with or without namespace).
///
/// ```
/// use graph_wufb::models::dialect::became;
///
/// assert_eq!(became("deploymentState", "value"), Some("effectiveValue"));
/// ```
#[must_use]
pub fn became(type_name: &str, member: &str) -> Option<&'static str> {
    let short = type_name.rsplit('.').next().unwrap_or(type_name);
    let gone = GONE.iter().find(|(known, name, _)| *known == short && *name == member);
    gone.map(|(_, _, now)| *now)
}

/// Reads a value of any dialect.
///
/// ```
/// use graph_wufb::json::Options;
/// use graph_wufb::models::Deployment;
/// use graph_wufb::models::dialect::{Dialect, decode_any};
///
/// let text = br#"{"id":"d1","state":{"value":"offering","requestedValue":"none"},
///     "settings":{"rollout":{"devicesPerOffer":100,"durationBetweenOffers":"P1D"}}}"#;
/// let read = decode_any::<Deployment>(text, &Options::strict())?;
/// assert_eq!(read.dialect, Dialect::Y2021);
/// let schedule = read.value.settings.get().unwrap().schedule.get().unwrap();
/// assert!(schedule.gradual_rollout.get().is_some());
/// # Ok::<(), graph_wufb::Error>(())
/// ```
///
/// # Errors
/// As [`decode`](super::decode).
pub fn decode_any<T: Model>(bytes: &[u8], options: &Options) -> Result<Modern<T>, Error> {
    let mut document = json::read(bytes, options)?;
    let mut dialect = oldest_hint(&document.value);
    let changes = Walk::over(&mut document.value);
    if let Some(oldest) = changes.iter().map(|change| change.dialect).min() {
        dialect = dialect.min(oldest);
    }
    let decoded = from_value(document.value, document.diagnostics, bytes, "", options)?;
    Ok(Modern { value: decoded.value, dialect, changes, diagnostics: decoded.diagnostics })
}

/// Turns an object into today's shapes; returns what was changed.
pub fn modernise(object: &mut RawObject) -> Vec<Change> {
    let mut value = Value::Object(std::mem::take(object));
    let changes = Walk::over(&mut value);
    if let Value::Object(new) = value {
        *object = new;
    }
    changes
}

/// Members of the answers of 2023 that no schema of ours has.
fn oldest_hint(value: &Value) -> Dialect {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                for (name, value) in object.iter() {
                    if matches!(name, "autoEnrollmentUpdateCategories" | "reportingDeviceCount") {
                        return Dialect::Y2023;
                    }
                    open.push(value);
                }
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    Dialect::Current
}

/// Turns what a value holds into today's shapes, inner objects first.
struct Walk {
    path: Vec<String>,
    changes: Vec<Change>,
}

impl Walk {
    /// The changes that `value` needed.
    fn over(value: &mut Value) -> Vec<Change> {
        let mut walk = Self { path: Vec::new(), changes: Vec::new() };
        walk.value(value);
        walk.changes
    }

    /// As deep as the text, which the reader bounds by a constant.
    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Object(object) => {
                let expedited = is_expedited(object);
                for (name, inner) in object.values_mut() {
                    self.within(json::segment(name), inner);
                }
                self.object(object);
                if expedited {
                    expedite(object);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.within(index.to_string(), item);
                }
            }
            _ => {}
        }
    }

    fn within(&mut self, segment: String, value: &mut Value) {
        // Texts and numbers have nothing to change.
        if matches!(value, Value::Object(_) | Value::Array(_)) {
            self.path.push(segment);
            self.value(value);
            self.path.pop();
        }
    }

    fn note(&mut self, was: &'static str, is: &'static str, dialect: Dialect) {
        // One is enough to know that there are more.
        if self.changes.len() < CHANGES {
            let pointer = self.path.iter().fold(String::new(), |all, name| all + "/" + name);
            self.changes.push(Change { pointer, was, is, dialect });
        }
    }
}

/// How many changes are listed. All are made.
const CHANGES: usize = 1_000;

fn short_type(object: &RawObject) -> &str {
    object.odata_type().and_then(|name| name.rsplit('.').next()).unwrap_or_default()
}

/// Whether this is a deployment whose content is an expedited reference of 2021.
fn is_expedited(object: &RawObject) -> bool {
    let content = object.get_loose("content").and_then(Value::as_object);
    content.is_some_and(|content| {
        short_type(content).eq_ignore_ascii_case("expeditedQualityUpdateReference")
    })
}

/// In 2021 the content said that it is expedited; today the settings do.
fn expedite(deployment: &mut RawObject) {
    let mut settings = match deployment.get("settings") {
        None | Some(Value::Null) => RawObject::new(),
        Some(Value::Object(settings)) => settings.clone(),
        // What is no object stays as it is.
        Some(_) => return,
    };
    if settings.get("expedite").is_none() {
        let expedite: RawObject = [("isExpedited", Value::Bool(true))].into_iter().collect();
        settings.insert("expedite", expedite);
    }
    deployment.insert("settings", settings);
}

impl Walk {
    fn object(&mut self, object: &mut RawObject) {
        match short_type(object).to_ascii_lowercase().as_str() {
            "windowsdeploymentsettings" => {
                set_type(object, "deploymentSettings");
                self.note("windowsDeploymentSettings", "deploymentSettings", Dialect::Y2021);
            }
            "featureupdatereference" => {
                reference(object, "featureUpdateCatalogEntry", &[("version", "version")]);
                self.note("featureUpdateReference", "catalogContent", Dialect::Y2021);
            }
            "qualityupdatereference" | "expeditedqualityupdatereference" => {
                let members = [
                    ("releaseDateTime", "releaseDateTime"),
                    ("classification", "qualityUpdateClassification"),
                ];
                reference(object, "qualityUpdateCatalogEntry", &members);
                self.note("qualityUpdateReference", "catalogContent", Dialect::Y2021);
            }
            _ => {}
        }
        if object.get("schedule").is_none()
            && let Some(Value::Object(rollout)) = take_if(object, "rollout", Value::as_object)
        {
            object.insert("schedule", schedule(rollout));
            self.note("rollout", "schedule", Dialect::Y2021);
        }
        if object.get("enrollment").is_none()
            && let Some(Value::Array(list)) = take_if(object, "enrollments", Value::as_array)
        {
            let enrolled = || -> RawObject {
                [("enrollmentState", Value::from("enrolled"))].into_iter().collect()
            };
            let categories: BTreeSet<&str> =
                list.iter().filter_map(|entry| entry.as_object()?.text("updateCategory")).collect();
            let mut enrollment = RawObject::new();
            for category in categories {
                enrollment.push(category.to_owned(), enrolled().into());
            }
            object.insert("enrollment", enrollment);
            self.note("enrollments", "enrollment", Dialect::Y2021);
        }
        if object.get("effectiveValue").is_none()
            && object.get("requestedValue").is_some()
            && let Some(value) = take_if(object, "value", Value::as_str)
        {
            object.insert("effectiveValue", value);
            self.note("value", "effectiveValue", Dialect::Y2021);
        }
        let settings = ["schedule", "monitoring", "expedite", "userExperience"];
        if object.get("contentApplicability").is_none()
            && settings.iter().any(|name| object.get(name).is_some())
            && let Some(safeguard) = take_if(object, "safeguard", Value::as_object)
        {
            let inner: RawObject = [("safeguard", safeguard)].into_iter().collect();
            object.insert("contentApplicability", inner);
            self.note("safeguard", "contentApplicability/safeguard", Dialect::Y2023);
        }
    }
}

/// Takes a member out if it is of the type that the old dialect had.
fn take_if<T: ?Sized>(
    object: &mut RawObject,
    name: &str,
    is: impl Fn(&Value) -> Option<&T>,
) -> Option<Value> {
    is(object.get(name)?)?;
    object.remove(name)
}

fn set_type(object: &mut RawObject, short: &str) {
    let name =
        object.iter().map(|member| member.0).find(|name| name.eq_ignore_ascii_case("@odata.type"));
    let name = name.unwrap_or("@odata.type").to_owned();
    object.insert(name, format!("#microsoft.graph.windowsUpdates.{short}"));
}

/// A reference of 2021 as content of the catalog: what the reference said is said of the entry.
fn reference(object: &mut RawObject, entry: &str, members: &[(&str, &str)]) {
    let mut inner = RawObject::new();
    inner.insert("@odata.type", format!("#microsoft.graph.windowsUpdates.{entry}"));
    for (was, is) in members {
        if let Some(value) = object.remove(was) {
            inner.insert(*is, value);
        }
    }
    set_type(object, "catalogContent");
    object.insert("catalogEntry", inner);
}

/// The rollout of 2021 as a schedule: so many devices at a time, or all by a date.
fn schedule(mut rollout: RawObject) -> RawObject {
    let mut schedule = RawObject::new();
    let real = |value: &Value| !value.is_null() && value.as_i64() != Some(0);
    if let Some(start) = rollout.remove("startDateTime") {
        schedule.insert("startDateTime", start);
    }
    let rate = rollout.get("devicesPerOffer").is_some_and(real);
    let date = rollout.get("endDateTime").is_some_and(real);
    let kind = match (rate, date) {
        (true, _) => "rateDrivenRolloutSettings",
        (false, true) => "dateDrivenRolloutSettings",
        (false, false) => "gradualRolloutSettings",
    };
    rollout.remove("@odata.type");
    if !rollout.is_empty() {
        let mut gradual = RawObject::new();
        gradual.insert("@odata.type", format!("#microsoft.graph.windowsUpdates.{kind}"));
        for (name, value) in rollout {
            // No name occurs twice in what was read.
            gradual.push(name, value);
        }
        schedule.insert("gradualRollout", gradual);
    }
    schedule
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{AzureAdDevice, Deployment, DeploymentStateValue, UpdateCategory};

    fn decode_one<T: Model>(text: &str) -> Modern<T> {
        decode_any(text.as_bytes(), &Options::strict()).unwrap()
    }

    #[test]
    fn a_deployment_of_2021_is_read_as_todays() {
        let read: Modern<Deployment> = decode_one(
            r##"{"id":"d","content":{"@odata.type":"#microsoft.graph.windowsUpdates.expeditedQualityUpdateReference",
            "releaseDateTime":"2021-04-13T00:00:00Z","classification":"security","equivalentContent":"latestSecurity"},
            "settings":{"@odata.type":"microsoft.graph.windowsUpdates.windowsDeploymentSettings",
            "rollout":{"startDateTime":null,"endDateTime":"2021-06-01T00:00:00Z","devicesPerOffer":0},
            "userExperience":{"daysUntilForcedReboot":2}},
            "state":{"value":"scheduled","requestedValue":"none","reasons":[],"effectiveSinceDate":"x"}}"##,
        );
        assert_eq!(read.dialect, Dialect::Y2021);
        assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
        let deployment = read.value;
        assert_eq!(
            deployment.state.get().unwrap().effective(),
            Some(DeploymentStateValue::Scheduled)
        );
        let settings = deployment.settings.get().unwrap();
        assert_eq!(settings.expedite.get().unwrap().is_expedited.get(), Some(&true));
        let schedule = settings.schedule.get().unwrap();
        assert!(schedule.start_date_time.is_null());
        assert!(schedule.gradual_rollout.get().unwrap().to_json().contains("dateDriven"));
        let content = deployment.content.get().unwrap().to_json();
        assert!(content.contains(r#""equivalentContent":"latestSecurity""#), "{content}");
        assert!(content.contains(r#""qualityUpdateClassification":"security""#), "{content}");
        // What has no counterpart is still there.
        assert!(deployment.to_json().contains("effectiveSinceDate"));
        let pointers: Vec<&str> =
            read.changes.iter().map(|change| change.pointer.as_str()).collect();
        assert_eq!(pointers, ["/content", "/settings", "/settings", "/state"]);
    }

    #[test]
    fn enrolments_of_2021_are_states() {
        let read: Modern<AzureAdDevice> = decode_one(
            r#"{"id":"a","errors":[],"enrollments":[{"updateCategory":"feature"},{"x":1}]}"#,
        );
        assert!(read.value.is_enrolled(UpdateCategory::Feature));
        assert!(!read.value.is_enrolled(UpdateCategory::Driver));
    }

    #[test]
    fn a_policy_of_2023_is_read_as_todays() {
        let read: Modern<crate::models::UpdatePolicy> = decode_one(
            r#"{"id":"p","autoEnrollmentUpdateCategories":["driver"],"deploymentSettings":{
            "schedule":null,"safeguard":{"disabledSafeguardProfiles":[]}}}"#,
        );
        assert_eq!((read.dialect, read.changes.len()), (Dialect::Y2023, 1));
        let settings = read.value.deployment_settings.get().unwrap();
        assert!(settings.content_applicability.get().unwrap().safeguard.get().is_some());
        // Members that no schema has say the year too, and stay.
        let read: Modern<Deployment> = decode_one(r#"{"id":"d","reportingDeviceCount":3}"#);
        assert_eq!((read.dialect, read.changes.len()), (Dialect::Y2023, 0));
        assert!(read.value.extra.get("reportingDeviceCount").is_some());
    }

    #[test]
    fn settings_that_are_no_object_stay_as_they_are() {
        let read: Modern<RawObject> = decode_one(
            r##"{"content":{"@odata.type":"#x.expeditedQualityUpdateReference"},"settings":7}"##,
        );
        assert_eq!(read.value.get("settings").and_then(Value::as_i64), Some(7));
    }

    #[test]
    fn what_is_of_today_is_left_alone() {
        let text = r#"{"id":"d","state":{"effectiveValue":"offering","requestedValue":"none"},"settings":{"schedule":{"gradualRollout":null}},"rollout":1}"#;
        let read: Modern<Deployment> = decode_one(text);
        assert_eq!((read.dialect, read.changes.len()), (Dialect::Current, 0));
        assert_eq!(read.value.to_json(), text);
        let mut object = RawObject::try_from(text).unwrap();
        assert!(modernise(&mut object).is_empty());
        assert_eq!(object.to_json(), text);
    }
}
