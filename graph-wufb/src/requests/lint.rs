//! What the service refuses or does not do what it seems to, said before a request is sent.

use std::fmt;

use super::{Method, Request};
use crate::json::{RawObject, Value};
use crate::models::{GradualRolloutSettings, IsoDuration, RateDrivenRolloutSettings};

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum LintCode {
    /// A PATCH that changes nothing.
    EmptyPatch,
    /// A PATCH of a compliance change with more or less than one property, which is refused.
    OnePropertyPatch,
    /// A PATCH of an update policy with rules. Sources disagree whether they are taken; settings
    /// are.
    PolicyPatch,
    /// An approval of an Autopatch policy cannot be deleted.
    UndeletableApproval,
    /// `catalogEntryId` of an approval of an Autopatch policy cannot be changed.
    FixedCatalogEntry,
    /// `isRevoked: false`: a revocation is final. Approve again instead.
    FinalRevocation,
    /// A number outside its range.
    OutOfRange,
    /// A text that is too long.
    TooLong,
    /// `durationBetweenOffers` of a rate without `devicesPerOffer`: all devices at once.
    IdleInterval,
    /// A misspelt member, which the service does not know.
    Misspelt,
    /// A number as a text.
    StringNumber,
    /// A text that is no duration.
    BadDuration,
    /// A group where only devices can be enrolled.
    EnrolledGroup,
    /// A monitoring rule that contradicts itself.
    MonitoringRule,
    /// More than one monitoring rule for a signal.
    SecondMonitoringRule,
    /// The members of a group cannot be expanded: ask for them by their own path.
    ExpandedMembers,
    /// A query option without `$`, which the service passes over.
    BareOption,
    /// No `Prefer: include-unknown-enum-members`: the category `driver` comes back as
    /// `unknownFutureValue`.
    NoPreference,
}

impl LintCode {
    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::EmptyPatch => "empty-patch",
            Self::OnePropertyPatch => "one-property-patch",
            Self::PolicyPatch => "policy-patch",
            Self::UndeletableApproval => "undeletable-approval",
            Self::FixedCatalogEntry => "fixed-catalog-entry",
            Self::FinalRevocation => "final-revocation",
            Self::OutOfRange => "out-of-range",
            Self::TooLong => "too-long",
            Self::IdleInterval => "idle-interval",
            Self::Misspelt => "misspelt",
            Self::StringNumber => "string-number",
            Self::BadDuration => "bad-duration",
            Self::EnrolledGroup => "enrolled-group",
            Self::MonitoringRule => "monitoring-rule",
            Self::SecondMonitoringRule => "second-monitoring-rule",
            Self::ExpandedMembers => "expanded-members",
            Self::BareOption => "bare-option",
            Self::NoPreference => "no-preference",
        }
    }

    /// Whether the service refuses such a request; otherwise it takes it and does something else
    /// than one might think.
    #[must_use]
    pub const fn is_refused(self) -> bool {
        !matches!(
            self,
            Self::PolicyPatch
                | Self::IdleInterval
                | Self::BareOption
                | Self::NoPreference
                | Self::EmptyPatch
                | Self::SecondMonitoringRule
                | Self::StringNumber
        )
    }
}

impl fmt::Display for LintCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Lint {
    /// What.
    pub code: LintCode,
    /// The JSON pointer into the body; empty for the request itself.
    pub pointer: String,
    /// What it is about.
    pub detail: String,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// What is wrong with a request, as far as is known: from the documentation, the schema, and what
/// others observed (`protocol/graph-wufb.md`, sections 0 and 4). Nothing here keeps a request from
/// being sent: the service is the judge.
///
/// ```
/// use graph_wufb::models::{ApprovalId, ContentApproval, PolicyId};
/// use graph_wufb::requests::{LintCode, lint, patch_compliance_change};
///
/// let mut change = ContentApproval::default();
/// change.is_revoked = true.into();
/// change.deployment_settings = Default::default();
/// let (policy, approval) = (PolicyId::new("p")?, ApprovalId::new("a")?);
/// assert!(lint(&patch_compliance_change(&policy, &approval, &change)).is_empty());
///
/// change.deployment_settings = graph_wufb::models::DeploymentSettings::default().into();
/// let found = lint(&patch_compliance_change(&policy, &approval, &change));
/// assert_eq!(found[0].code, LintCode::OnePropertyPatch);
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[must_use]
pub fn lint(request: &Request) -> Vec<Lint> {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let mut linter = Linter { found: Vec::new() };
    linter.request(request, path, query);
    if let Some(Value::Object(body)) = request.body_value() {
        linter.body(request.method, path, &body);
    }
    linter.found
}

struct Linter {
    found: Vec<Lint>,
}

impl Linter {
    fn say(&mut self, code: LintCode, pointer: impl Into<String>, detail: impl Into<String>) {
        self.found.push(Lint { code, pointer: pointer.into(), detail: detail.into() });
    }

    fn request(&mut self, request: &Request, path: &str, query: &str) {
        let preferred = request
            .headers
            .get("prefer")
            .is_some_and(|value| value.to_ascii_lowercase().contains(super::PREFER));
        if !preferred {
            self.say(LintCode::NoPreference, "", "the header Prefer is missing");
        }
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let name = option.split('=').next().unwrap_or_default();
            let known = ["filter", "select", "expand", "orderby", "top", "skip", "count", "search"];
            if known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                self.say(LintCode::BareOption, "", format!("{name} without $"));
            }
        }
        let segments = segments(path);
        match segments.as_slice() {
            [.., "policies", _, "approvals", _] if request.method == Method::Delete => {
                self.say(LintCode::UndeletableApproval, "", "suspend it instead");
            }
            [.., "updatableAssets", _] if query.to_ascii_lowercase().contains("expand=members") => {
                self.say(LintCode::ExpandedMembers, "", "ask for the group's members");
            }
            _ => {}
        }
    }

    fn body(&mut self, method: Method, path: &str, body: &RawObject) {
        let segments = segments(path);
        let members: Vec<&str> =
            body.iter().map(|member| member.0).filter(|name| !name.contains('@')).collect();
        if method == Method::Patch {
            if members.is_empty() {
                self.say(LintCode::EmptyPatch, "", "it changes nothing");
            }
            match segments.as_slice() {
                [.., "complianceChanges", _] if members.len() > 1 => {
                    self.say(LintCode::OnePropertyPatch, "", members.join(", "));
                }
                [.., "updatePolicies", _] if members.contains(&"complianceChangeRules") => {
                    self.say(LintCode::PolicyPatch, "/complianceChangeRules", "rules in a PATCH");
                }
                [.., "policies", _, "approvals", _] if members.contains(&"catalogEntryId") => {
                    self.say(LintCode::FixedCatalogEntry, "/catalogEntryId", "it stays as it is");
                }
                _ => {}
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
                let inner = format!("{pointer}/{}", crate::json::segment(name));
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
            let at = || format!("{pointer}/{}", crate::json::segment(name));
            if name == "devicePerOffer" {
                self.say(LintCode::Misspelt, at(), "devicesPerOffer is meant");
            }
            if name == "isRevoked" && *value == Value::Bool(false) {
                self.say(LintCode::FinalRevocation, at(), "make a new approval instead");
            }
            if let Some((_, low, high)) = RANGES.iter().find(|range| range.0 == name) {
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
                (LENGTHS.iter().find(|length| length.0 == name), value.as_str())
                && text.chars().count() > *longest
            {
                self.say(LintCode::TooLong, at(), format!("more than {longest} characters"));
            }
            if DURATIONS.contains(&name)
                && value.as_str().is_some_and(|text| text.parse::<IsoDuration>().is_err())
            {
                self.say(LintCode::BadDuration, at(), "not an ISO 8601 duration");
            }
        }
        self.rollout(pointer, object);
        if let Some(rules) = object.get("monitoringRules").and_then(Value::as_array) {
            self.rules(pointer, rules);
        }
    }

    fn rollout(&mut self, pointer: &str, object: &RawObject) {
        let rate = object.odata_type().is_some_and(|name| name == RateDrivenRolloutSettings::TYPE);
        let plain = object.odata_type().is_some_and(|name| name == GradualRolloutSettings::TYPE);
        if (rate || plain)
            && object.get("durationBetweenOffers").is_some()
            && object.get("devicesPerOffer").is_none()
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
            if signals.contains(&signal) {
                self.say(LintCode::SecondMonitoringRule, &at, "one rule for a signal is in force");
            }
            signals.push(signal);
        }
    }
}

/// The segments of a path after the service's root.
fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// Numbers and their ranges (documentation; for `devicesPerOffer` and `threshold` *Observed* by
/// others).
const RANGES: &[(&str, i64, i64)] = &[
    ("devicesPerOffer", 1, i32::MAX as i64),
    ("deferralInDays", 0, 30),
    ("threshold", 1, 100),
    ("daysUntilForcedReboot", 0, 30),
    ("deadlineForFeatureUpdatesInDays", 2, 30),
    ("deadlineForQualityUpdatesInDays", 0, 30),
    ("deadlineGracePeriodInDays", 0, 7),
    ("qualityUpdatesDeferralPeriodInDays", 0, 30),
    ("featureUpdatesDeferralPeriodInDays", 0, 365),
    ("featureUpdatesRollbackWindowInDays", 2, 60),
];

/// Texts and how long they may be, in characters (documentation).
const LENGTHS: &[(&str, usize)] = &[("displayName", 200), ("description", 1500)];

const DURATIONS: &[&str] =
    &["durationBetweenOffers", "durationUntilDeploymentEnd", "durationBeforeDeploymentStart"];
