//! Rules across policies: what is wrong, useless or surprising about a set on a device.
//!
//! Types keep single values right ([`policy`](crate::policy)); this says what a build or an edition
//! does not have, which policies clash or need each other, and who else has a say. Each finding
//! names its [`Rule`] with a stable code and its source. Findings of severity
//! [`Error`](Severity::Error) mean that the device refuses a policy or does something else than the
//! set says; a set without them is accepted.
//!
//! ```
//! use update_csp::policy::values::{ActiveHoursEnd, ActiveHoursStart};
//! use update_csp::rules::{Rule, Target};
//! use update_csp::{Build, Edition, PolicySet};
//!
//! let target = Target::new(Build::WINDOWS_11_24H2, Edition::PROFESSIONAL);
//! let set = PolicySet::new().with(ActiveHoursStart::at(5)?).with(ActiveHoursEnd::at(1)?);
//! let report = set.validate(&target);
//! assert!(!report.is_accepted() && report.has(Rule::ActiveHoursSpan));
//! println!("{report}");
//! # Ok::<(), update_csp::policy::PolicyError>(())
//! ```

mod offering;
mod restart;
mod rule;
mod source;
mod support;
mod target;
mod who;

use std::fmt;

pub use mdm_xml::{Code, Severity};
pub use rule::Rule;
pub(crate) use source::{SCAN_SOURCES, deferring};
pub use target::Target;

use crate::policy::{PolicyId, PolicySet};

/// One finding.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The policies it is about, the one to change first. Empty for a raw policy of another name.
    pub policies: Vec<PolicyId>,
    /// What exactly.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (severity, id, summary) = (self.rule.severity(), self.rule.id(), self.rule.summary());
        write!(f, "{severity} {id}: {summary}: {} [{}]", self.detail, self.rule.reference())
    }
}

/// What the rules say of a set, in the order of [`Rule::ALL`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Report(Vec<Finding>);

impl Report {
    /// Every finding.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.0
    }

    /// The findings that keep the set from being accepted.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(|finding| finding.rule.severity() == Severity::Error)
    }

    /// Whether the device takes every policy and does what the set says.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.errors().next().is_none()
    }

    /// Whether a rule is broken.
    #[must_use]
    pub fn has(&self, rule: Rule) -> bool {
        self.0.iter().any(|finding| finding.rule == rule)
    }

    /// The findings about a policy.
    pub fn about(&self, policy: PolicyId) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(move |finding| finding.policies.contains(&policy))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

impl PolicySet {
    /// What is wrong, useless or surprising about the set on this device.
    #[must_use]
    pub fn validate(&self, target: &Target) -> Report {
        let mut check = Check { set: Self::new(), target, found: Vec::new() };
        // Raw policies that are known ones in disguise are checked as those.
        check.set = support::understood(self, &mut check);
        support::check(&mut check);
        offering::check(&mut check);
        restart::check(&mut check);
        source::check(&mut check);
        who::check(&mut check);
        check.found.sort_by_key(|finding| finding.rule);
        Report(check.found)
    }
}

/// A set on a device, and what was found so far.
struct Check<'a> {
    set: PolicySet,
    target: &'a Target,
    found: Vec<Finding>,
}

impl Check<'_> {
    fn note(&mut self, rule: Rule, policies: &[PolicyId], detail: impl Into<String>) {
        self.found.push(Finding { rule, policies: policies.to_vec(), detail: detail.into() });
    }

    /// The value of a policy that takes a number.
    fn number(&self, policy: PolicyId) -> Option<i64> {
        self.set.number(policy)
    }

    fn has(&self, policy: PolicyId) -> bool {
        self.set.contains(policy)
    }

    /// Those of the policies that are set.
    fn among(&self, policies: &[PolicyId]) -> Vec<PolicyId> {
        policies.iter().copied().filter(|policy| self.has(*policy)).collect()
    }

    /// Notes that `first` has something to do with those of the others that are set, if any is.
    fn note_with(&mut self, rule: Rule, first: PolicyId, others: &[PolicyId]) {
        let others = self.among(others);
        if self.has(first) && !others.is_empty() {
            let detail = format!("{first} with {}", names(&others));
            self.note(rule, &[&[first], &*others].concat(), detail);
        }
    }
}

/// `A, B and C`.
fn names(policies: &[PolicyId]) -> String {
    match policies {
        [] => String::new(),
        [one] => one.to_string(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(|policy| policy.name()).collect();
            format!("{} and {last}", rest.join(", "))
        }
    }
}
