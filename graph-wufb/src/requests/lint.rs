//! What the service refuses or does not do what it seems to, said before a request is sent.

mod body;
mod query;

use std::fmt;

use super::Request;
use crate::json::{self, Value};

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum LintCode {
    /// A PATCH that changes nothing.
    EmptyPatch,
    /// A PATCH of a compliance change with more or less than one property, which is refused.
    OnePropertyPatch,
    /// A PATCH of an update policy with rules or `autoEnrollmentUpdateCategories`. Settings are
    /// taken; sources disagree whether rules are, and none says that the categories are.
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
    /// A member that only beta has, in a request to v1.0: of update rings.
    BetaMember,
    /// A number as a text.
    StringNumber,
    /// A text that is no duration.
    BadDuration,
    /// A duration in weeks, which the service refuses: `P7D` instead of `P1W`. Bodies made by
    /// [`Request::with_body`] have none in the schema's own members; raw bodies and members that
    /// the schema has not may.
    Weeks,
    /// A body that is no JSON text, or not an object.
    BadBody,
    /// A body without `Content-Type: application/json`.
    NoContentType,
    /// A body that does not name its type where the schema has an abstract one: `policies`, their
    /// `rings`, `complianceChanges`, `resourceConnections`, `updatableAssets`. Requests of this crate
    /// that take a model name it.
    NoType,
    /// A group where only devices can be enrolled.
    EnrolledGroup,
    /// A monitoring rule that contradicts itself.
    MonitoringRule,
    /// More than one monitoring rule: for one signal, or at all. Sources disagree on the latter ("one
    /// active monitoring rule at a time", "rules are combined using 'or'").
    SecondMonitoringRule,
    /// The members of a group cannot be expanded: ask for them by their own path.
    ExpandedMembers,
    /// One asset by a path with a cast (`updatableAssets/{id}/…azureADDevice`), answered with 405.
    CastItem,
    /// A query option without `$`, which the service passes over.
    BareOption,
    /// A query option twice (OData URL conventions 5.1).
    RepeatedOption,
    /// A query option with `$` that OData does not have.
    UnknownOption,
    /// A query option of lists where one object is asked for, or something is changed.
    ListOption,
    /// A query option whose value cannot be read: brackets, quotes, a number.
    BadOption,
    /// A condition with a word above `unknownFutureValue` without the header `Prefer`.
    HiddenWord,
    /// No `Prefer: include-unknown-enum-members`: the category `driver` comes back as
    /// `unknownFutureValue`.
    NoPreference,
}

impl LintCode {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::EmptyPatch,
        Self::OnePropertyPatch,
        Self::PolicyPatch,
        Self::UndeletableApproval,
        Self::FixedCatalogEntry,
        Self::FinalRevocation,
        Self::OutOfRange,
        Self::TooLong,
        Self::IdleInterval,
        Self::Misspelt,
        Self::BetaMember,
        Self::StringNumber,
        Self::BadDuration,
        Self::EnrolledGroup,
        Self::MonitoringRule,
        Self::SecondMonitoringRule,
        Self::ExpandedMembers,
        Self::Weeks,
        Self::BadBody,
        Self::NoContentType,
        Self::NoType,
        Self::CastItem,
        Self::BareOption,
        Self::RepeatedOption,
        Self::UnknownOption,
        Self::ListOption,
        Self::BadOption,
        Self::HiddenWord,
        Self::NoPreference,
    ];

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
            Self::BetaMember => "beta-member",
            Self::StringNumber => "string-number",
            Self::BadDuration => "bad-duration",
            Self::EnrolledGroup => "enrolled-group",
            Self::MonitoringRule => "monitoring-rule",
            Self::SecondMonitoringRule => "second-monitoring-rule",
            Self::ExpandedMembers => "expanded-members",
            Self::Weeks => "weeks",
            Self::BadBody => "bad-body",
            Self::NoContentType => "no-content-type",
            Self::NoType => "no-type",
            Self::CastItem => "cast-item",
            Self::BareOption => "bare-option",
            Self::RepeatedOption => "repeated-option",
            Self::UnknownOption => "unknown-option",
            Self::ListOption => "list-option",
            Self::BadOption => "bad-option",
            Self::HiddenWord => "hidden-word",
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
    if let Some(body) = request.body.as_deref() {
        let kind = request.headers.get("content-type").unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/json") {
            linter.say(LintCode::NoContentType, "", "the body's type is not said");
        }
        // The bytes as they will be sent, whoever made them.
        match json::read(body, &json::Options::strict()) {
            Ok(document) => match &document.value {
                Value::Object(body) => linter.body(request.method, path, body),
                other => linter.say(LintCode::BadBody, "", format!("{} as body", other.name())),
            },
            Err(error) => {
                linter.say(LintCode::BadBody, error.path().unwrap_or_default(), error.to_string());
            }
        }
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
}

/// The segments of a path.
fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}
