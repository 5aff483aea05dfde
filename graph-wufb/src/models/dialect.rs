//! The dialects that the namespace was spoken in, read into today's.
//!
//! The namespace only exists in beta, so its shapes drift. In 2021 settings had a `rollout`, content
//! was a reference by version or date, devices had a list of `enrollments`, and a deployment's state
//! a `value` (CSDL of 2021-06-08). In 2022 `safeguard` stood beside `schedule`. Answers and stored
//! objects of all of them are still about. [`modernise`] turns an object into today's shapes and
//! says what it changed; what has no counterpart stays as an unknown member.

mod walk;

use std::fmt;

use super::wire::{Model, decode};
use crate::error::Error;
use crate::json::{Diagnostic, Dialects, Options, RawObject, Value};

pub(crate) use walk::{Moves, Walk};

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

/// A member of an earlier schema or answer that today's schema has not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Gone {
    /// The dialect that had it.
    pub dialect: Dialect,
    /// The type that had it, without namespace.
    pub type_name: &'static str,
    /// Its name.
    pub member: &'static str,
    /// What became of it.
    pub now: Now,
}

/// What became of a member.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Now {
    /// It is here today, from the object on that held it (for a member of `rolloutSettings` or
    /// `updateManagementEnrollment`: that held those).
    At(&'static str),
    /// It has the same name in this type, which took the place of the one that had it.
    In(&'static str),
    /// Nothing in today's schema says it: it stays as an unknown member.
    Kept,
    /// It is no member any more but a path of its own.
    Path(&'static str),
}

const fn gone(dialect: Dialect, type_name: &'static str, member: &'static str, now: Now) -> Gone {
    Gone { dialect, type_name, member, now }
}

/// Everything of earlier dialects that today's schema has not: the CSDL of 2021-06-08, and members
/// that were answered without being in a schema (documentation of 2021 and 2023).
pub const GONE: &[Gone] = {
    use Dialect::{Y2021, Y2023};
    use Now::{At, In, Kept, Path};
    &[
        gone(Y2021, "deploymentSettings", "rollout", At("schedule")),
        gone(
            Y2021,
            "rolloutSettings",
            "devicesPerOffer",
            At("schedule/gradualRollout/devicesPerOffer"),
        ),
        gone(
            Y2021,
            "rolloutSettings",
            "durationBetweenOffers",
            At("schedule/gradualRollout/durationBetweenOffers"),
        ),
        gone(Y2021, "rolloutSettings", "endDateTime", At("schedule/gradualRollout/endDateTime")),
        gone(Y2021, "rolloutSettings", "startDateTime", At("schedule/startDateTime")),
        gone(
            Y2021,
            "qualityUpdateReference",
            "classification",
            At("catalogEntry/qualityUpdateClassification"),
        ),
        gone(
            Y2021,
            "qualityUpdateReference",
            "releaseDateTime",
            At("catalogEntry/releaseDateTime"),
        ),
        gone(Y2021, "expeditedQualityUpdateReference", "equivalentContent", Kept),
        gone(Y2021, "featureUpdateReference", "version", At("catalogEntry/version")),
        gone(Y2021, "updateManagementEnrollment", "updateCategory", At("enrollment")),
        gone(Y2021, "azureADDevice", "enrollments", At("enrollment")),
        gone(Y2021, "deploymentState", "value", At("effectiveValue")),
        gone(Y2021, "deploymentState", "effectiveSinceDate", Kept),
        gone(Y2021, "windowsDeploymentSettings", "userExperience", In("deploymentSettings")),
        gone(Y2021, "windows", "updates", Path("/admin/windows/updates")),
        gone(Y2021, "updates", "catalog", Path("/admin/windows/updates/catalog")),
        gone(Y2021, "updates", "deployments", Path("/admin/windows/updates/deployments")),
        gone(Y2021, "updates", "updatableAssets", Path("/admin/windows/updates/updatableAssets")),
        gone(Y2023, "deploymentSettings", "safeguard", At("contentApplicability/safeguard")),
        gone(Y2023, "deploymentAudience", "reportingDeviceCount", Kept),
    ]
};

/// What a member of an earlier schema became, by the type's name (with or without namespace): its
/// place today, or its own name if it is kept as it was.
///
/// ```
/// use graph_wufb::models::dialect::became;
///
/// assert_eq!(became("deploymentState", "value"), Some("effectiveValue"));
/// ```
#[must_use]
pub fn became(type_name: &str, member: &str) -> Option<&'static str> {
    let short = type_name.rsplit('.').next().unwrap_or(type_name);
    let gone = GONE.iter().find(|gone| gone.type_name == short && gone.member == member)?;
    Some(match gone.now {
        Now::At(place) | Now::Path(place) => place,
        Now::In(_) | Now::Kept => gone.member,
    })
}

/// Reads a value of any dialect: [`decode`] with [`Options::any_dialect`].
///
/// Places in `diagnostics` are those of the text that was read, also where the value was moved.
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
/// As [`decode`].
pub fn decode_any<T: Model>(bytes: &[u8], options: &Options) -> Result<Modern<T>, Error> {
    let options = Options { dialects: Dialects::Any, ..*options };
    let decoded = decode(bytes, &options)?;
    Ok(Modern {
        value: decoded.value,
        dialect: decoded.dialect,
        changes: decoded.changes,
        diagnostics: decoded.diagnostics,
    })
}

/// Turns an object into today's shapes; returns what was changed.
pub fn modernise(object: &mut RawObject) -> Vec<Change> {
    let mut value = Value::Object(std::mem::take(object));
    let walked = Walk::over(&mut value);
    if let Value::Object(new) = value {
        *object = new;
    }
    walked.changes
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
        let changes: Vec<_> =
            read.changes.iter().map(|change| (change.pointer.as_str(), change.was)).collect();
        assert_eq!(
            changes,
            [
                ("/content", "expeditedQualityUpdateReference"),
                ("/content", "releaseDateTime"),
                ("/content", "classification"),
                ("/settings", "windowsDeploymentSettings"),
                ("/settings", "rollout"),
                ("/settings", "startDateTime"),
                ("/settings", "endDateTime"),
                ("/settings", "devicesPerOffer"),
                ("/state", "value"),
                ("", "expeditedQualityUpdateReference"),
            ]
        );
    }

    #[test]
    fn places_are_those_of_the_text_that_was_read() {
        let text = r##"{"id":"d","content":{"@odata.type":"#microsoft.graph.windowsUpdates.qualityUpdateReference",
 "releaseDateTime":"soon","classification":7},
 "settings":{"rollout":{"startDateTime":"now","devicesPerOffer":"100","durationBetweenOffers":"daily",
  "gradualRollout":null},"safeguard":{"disabledSafeguardProfiles":{}}},
 "state":{"value":"paused","requestedValue":9}}"##;
        let read = decode_any::<Deployment>(text.as_bytes(), &Options::tolerant()).unwrap();
        let mut found: Vec<_> =
            read.diagnostics.iter().map(|it| (it.position.line, it.pointer.as_str())).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                (2, "/content/classification"),
                (2, "/content/releaseDateTime"),
                (3, "/settings/rollout/devicesPerOffer"),
                (3, "/settings/rollout/durationBetweenOffers"),
                (3, "/settings/rollout/startDateTime"),
                (4, "/settings/safeguard/disabledSafeguardProfiles"),
                (5, "/state/requestedValue"),
            ]
        );
        for diagnostic in &read.diagnostics {
            let name = diagnostic.pointer.rsplit('/').next().unwrap();
            let before = text.get(..diagnostic.position.offset).unwrap();
            assert!(before.ends_with(&format!("\"{name}\":")), "{diagnostic}");
        }
        // The strict error is the first of them.
        let error = decode_any::<Deployment>(text.as_bytes(), &Options::strict()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected a date and time, found the text \"soon\", at line 2, column 20 \
             (in /content/releaseDateTime)"
        );
    }

    #[test]
    fn enrolments_of_2021_are_states() {
        let read: Modern<AzureAdDevice> = decode_one(
            r#"{"id":"a","errors":[],"enrollments":[{"updateCategory":"feature","y":2},{"x":1}]}"#,
        );
        // What says no category stays, and what an entry says besides goes with it.
        assert_eq!(
            read.value.to_json(),
            r#"{"id":"a","errors":[],"enrollment":{"feature":{"y":2,"enrollmentState":"enrolled"}},"enrollments":[{"x":1}]}"#
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
        // In no schema, and answered to this day.
        let text =
            r#"{"id":"p","autoEnrollmentUpdateCategories":["driver"],"complianceChangeRules":[]}"#;
        let read: Modern<crate::models::UpdatePolicy> = decode_one(text);
        assert_eq!((read.dialect, read.changes.len()), (Dialect::Current, 0));
        assert_eq!(read.value.to_json(), text);
    }
}
