//! Lints of bodies.

use super::{LintCode, Linter, segments};
use crate::json::{self, RawObject, Value};
use crate::models::{IsoDuration, schema};
use crate::requests::Method;

impl Linter {
    pub(super) fn body(&mut self, method: Method, path: &str, body: &RawObject) {
        let segments = segments(path);
        let members: Vec<&str> =
            body.iter().map(|member| member.0).filter(|name| !name.contains('@')).collect();
        if is_of_abstract_type(method, &segments) && body.odata_type().is_none_or(str::is_empty) {
            self.say(LintCode::NoType, "", "@odata.type is missing");
        }
        if method == Method::Patch {
            if members.is_empty() {
                self.say(LintCode::EmptyPatch, "", "it changes nothing");
            }
            match segments.as_slice() {
                [.., "complianceChanges", _] if members.len() > 1 => {
                    self.say(LintCode::OnePropertyPatch, "", members.join(", "));
                }
                [.., "updatePolicies", _] => {
                    if members.contains(&"complianceChangeRules") {
                        let at = "/complianceChangeRules";
                        self.say(LintCode::PolicyPatch, at, "rules in a PATCH");
                    }
                    if members.contains(&"autoEnrollmentUpdateCategories") {
                        let at = "/autoEnrollmentUpdateCategories";
                        self.say(LintCode::PolicyPatch, at, "categories in a PATCH");
                    }
                }
                [.., "policies", _, "approvals", _] if members.contains(&"catalogEntryId") => {
                    self.say(LintCode::FixedCatalogEntry, "/catalogEntryId", "it stays as it is");
                }
                _ => {}
            }
        }
        if matches!(segments.as_slice(), ["v1.0", "deviceManagement", "deviceConfigurations", ..]) {
            let is_of_beta = |name: &str| BETA.iter().any(|beta| beta.eq_ignore_ascii_case(name));
            for name in members.iter().filter(|name| is_of_beta(name)) {
                self.say(LintCode::BetaMember, format!("/{name}"), "v1.0 does not have it");
            }
        }
        let enrols = segments
            .last()
            .is_some_and(|last| last.to_ascii_lowercase().starts_with("enrollassets"));
        // Inner objects: a stack, so that a body of any depth is walked.
        let mut open = vec![(String::new(), body)];
        while let Some((pointer, object)) = open.pop() {
            self.object(&pointer, object);
            let kind = object.text("memberEntityType").or_else(|| object.odata_type());
            if enrols && kind.is_some_and(|kind| kind.ends_with("updatableAssetGroup")) {
                self.say(LintCode::EnrolledGroup, pointer.clone(), "only devices can be enrolled");
            }
            for (name, value) in object.iter() {
                let inner = format!("{pointer}/{}", json::segment(name));
                match value {
                    Value::Object(object) => open.push((inner, object)),
                    Value::Array(items) => {
                        let objects = items.iter().enumerate().filter_map(|(index, item)| {
                            Some((format!("{inner}/{index}"), item.as_object()?))
                        });
                        open.extend(objects);
                    }
                    _ => {}
                }
            }
        }
        self.found.sort_by(|a, b| a.pointer.cmp(&b.pointer).then(a.code.cmp(&b.code)));
    }

    fn object(&mut self, pointer: &str, object: &RawObject) {
        for (name, value) in object.iter() {
            let at = || format!("{pointer}/{}", json::segment(name));
            if name.eq_ignore_ascii_case("devicePerOffer") {
                self.say(LintCode::Misspelt, at(), "devicesPerOffer is meant");
            }
            if name == "isRevoked" && *value == Value::Bool(false) {
                self.say(LintCode::FinalRevocation, at(), "make a new approval instead");
            }
            if let Some((_, low, high)) =
                RANGES.iter().find(|range| range.0.eq_ignore_ascii_case(name))
            {
                match value {
                    Value::String(text) => self.say(LintCode::StringNumber, at(), text.as_str()),
                    Value::Number(number)
                        if !number.as_i64().is_some_and(|it| (*low..=*high).contains(&it)) =>
                    {
                        let detail = format!("{number} is not {low} to {high}");
                        self.say(LintCode::OutOfRange, at(), detail);
                    }
                    _ => {}
                }
            }
            if let (Some((_, longest)), Some(text)) =
                (LENGTHS.iter().find(|length| length.0.eq_ignore_ascii_case(name)), value.as_str())
                && text.chars().count() > *longest
            {
                self.say(LintCode::TooLong, at(), format!("more than {longest} characters"));
            }
            if let Some(text) = value.as_str() {
                self.duration(at, name, text);
            }
        }
        self.rollout(pointer, object);
        if let Some(rules) = object.get("monitoringRules").and_then(Value::as_array) {
            self.rules(pointer, rules);
        }
    }

    /// A text that is or should be a duration.
    fn duration(&mut self, at: impl Fn() -> String, name: &str, text: &str) {
        let known = DURATIONS.iter().any(|known| known.eq_ignore_ascii_case(name));
        match text.parse::<IsoDuration>() {
            // In a member that nobody knows, what looks like weeks is taken for weeks.
            Ok(days) if days.as_str() != text && (known || !is_text(name)) => {
                self.say(LintCode::Weeks, at(), format!("{days} instead of {text}"));
            }
            Err(_) if known => {
                self.say(LintCode::BadDuration, at(), "not an ISO 8601 duration");
            }
            _ => {}
        }
    }

    fn rollout(&mut self, pointer: &str, object: &RawObject) {
        let kind = object.odata_type().and_then(|name| name.rsplit('.').next());
        let timed = ["rateDrivenRolloutSettings", "gradualRolloutSettings"];
        let has = |name| object.get_loose(name).is_some();
        if kind.is_some_and(|kind| timed.iter().any(|timed| timed.eq_ignore_ascii_case(kind)))
            && has("durationBetweenOffers")
            && !has("devicesPerOffer")
        {
            let detail = "without devicesPerOffer all devices get the offer at once";
            self.say(LintCode::IdleInterval, pointer, detail);
        }
    }

    fn rules(&mut self, pointer: &str, rules: &[Value]) {
        let mut signals: Vec<String> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let Some(rule) = rule.as_object() else { continue };
            let at = format!("{pointer}/monitoringRules/{index}");
            let word = |name| rule.text(name).unwrap_or_default().to_ascii_lowercase();
            let (signal, action) = (word("signal"), word("action"));
            if signal == "ineligible" && action != "offerfallback" {
                self.say(LintCode::MonitoringRule, &at, "ineligible takes offerFallback only");
            }
            if action == "offerfallback" && rule.get("threshold").is_some_and(|it| !it.is_null()) {
                self.say(LintCode::MonitoringRule, &at, "offerFallback takes no threshold");
            }
            if action == "offerfallback" && signal != "ineligible" {
                self.say(LintCode::MonitoringRule, &at, "offerFallback goes with ineligible only");
            }
            if signals.contains(&signal) {
                self.say(LintCode::SecondMonitoringRule, &at, "one rule for a signal is in force");
            } else if index > 0 {
                let detail = "sources disagree whether a deployment has more than one rule";
                self.say(LintCode::SecondMonitoringRule, &at, detail);
            }
            signals.push(signal);
        }
    }
}

/// Whether something of a type that is abstract in the schema is made or changed.
fn is_of_abstract_type(method: Method, segments: &[&str]) -> bool {
    let ["beta", "admin", "windows", "updates", path @ ..] = segments else { return false };
    let ((Method::Post, list) | (Method::Patch, [list @ .., _])) = (method, path) else {
        return false;
    };
    matches!(
        list,
        ["policies" | "resourceConnections" | "updatableAssets"]
            | ["policies", _, "rings"]
            | ["updatePolicies", _, "complianceChanges"]
    )
}

/// Whether the schema has a member of this name that is a plain text.
fn is_text(name: &str) -> bool {
    schema().objects.iter().any(|object| {
        let mut members = object.members.iter();
        members.any(|(known, kind)| known.eq_ignore_ascii_case(name) && kind == "Edm.String")
    })
}

/// Numbers and their ranges (documentation; for `devicesPerOffer` and `threshold` *Observed* by
/// others).
const RANGES: &[(&str, i64, i64)] = &[
    ("devicesPerOffer", 1, i32::MAX as i64),
    ("deferralInDays", 0, 30),
    ("threshold", 1, 100),
    ("daysUntilForcedReboot", 0, 30),
    ("deadlineForFeatureUpdatesInDays", 0, 30),
    ("deadlineForQualityUpdatesInDays", 0, 30),
    ("deadlineGracePeriodInDays", 0, 7),
    ("qualityUpdatesDeferralPeriodInDays", 0, 30),
    ("featureUpdatesDeferralPeriodInDays", 0, 365),
    ("featureUpdatesRollbackWindowInDays", 2, 60),
];

/// What `deviceConfiguration` has in beta and not in v1.0 (Graph reference of both).
const BETA: &[&str] = &[
    "roleScopeTagIds",
    "supportsScopeTags",
    "deviceManagementApplicabilityRuleDeviceMode",
    "deviceManagementApplicabilityRuleOsEdition",
    "deviceManagementApplicabilityRuleOsVersion",
];

/// Texts and how long they may be, in characters (documentation).
const LENGTHS: &[(&str, usize)] = &[("displayName", 200), ("description", 1500)];

const DURATIONS: &[&str] =
    &["durationBetweenOffers", "durationUntilDeploymentEnd", "durationBeforeDeploymentStart"];
