//! The steps of a plan, and what a device's answers to them mean.

use std::fmt;

use syncml::model::Format;
use syncml::{Command, Data, StatusCode};

use super::reported::{Reported, State};
use super::{Rollback, config_uri};
use crate::policy::{CONFIG, RawPolicy, ValueFormat};

/// What a step does.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Verb {
    /// Makes a policy's node.
    Add,
    /// Changes a policy, or makes it.
    Replace,
    /// Removes a policy, so that its default holds again.
    Delete,
    /// Starts a rollback.
    Exec,
}

/// One command of a plan. Plain and serialisable: it can wait in a queue.
#[derive(Clone, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Step {
    kind: Kind,
    /// Whether it follows from the answer to another one.
    second: bool,
}

#[derive(Clone, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
enum Kind {
    Set { name: String, add: bool, format: ValueFormat, data: String },
    Delete { name: String },
    Exec { rollback: Rollback },
}

/// What a device's answer to a step means.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
#[non_exhaustive]
pub enum Outcome {
    /// The device is as the step wants it.
    Done,
    /// The node was there, or was not, against what was known: this step does it.
    Retry(Step),
    /// The device refused. What it has is not known any more; the next plan tries again.
    Failed(StatusCode),
}

impl Step {
    pub(super) fn set(name: &str, verb: Verb, format: ValueFormat, data: &str) -> Self {
        let (name, data) = (name.to_owned(), data.to_owned());
        Self { kind: Kind::Set { name, add: verb == Verb::Add, format, data }, second: false }
    }

    pub(super) fn delete(name: &str) -> Self {
        Self { kind: Kind::Delete { name: name.to_owned() }, second: false }
    }

    pub(super) const fn exec(rollback: Rollback) -> Self {
        Self { kind: Kind::Exec { rollback }, second: false }
    }

    /// What it does.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match &self.kind {
            Kind::Set { add: true, .. } => Verb::Add,
            Kind::Set { .. } => Verb::Replace,
            Kind::Delete { .. } => Verb::Delete,
            Kind::Exec { .. } => Verb::Exec,
        }
    }

    /// The policy's name; `None` for a rollback.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        match &self.kind {
            Kind::Set { name, .. } | Kind::Delete { name } => Some(name),
            Kind::Exec { .. } => None,
        }
    }

    /// The value that it sets, if it sets one.
    #[must_use]
    pub fn data(&self) -> Option<&str> {
        match &self.kind {
            Kind::Set { data, .. } => Some(data),
            _ => None,
        }
    }

    /// The command.
    #[must_use]
    pub fn command(&self) -> Command<'static> {
        // Names that make no address are in no report.
        let uri = |name: &str| config_uri(name).unwrap_or_else(|_| format!("{CONFIG}/{name}"));
        match &self.kind {
            Kind::Set { name, add, format, data } => {
                let make = if *add { Command::add } else { Command::replace };
                make(uri(name), Format::from_text(format.name()), Data::text(data.clone()))
            }
            Kind::Delete { name } => Command::delete(uri(name)),
            Kind::Exec { rollback } => rollback.command(),
        }
    }
}

impl fmt::Display for Step {
    /// `Replace DeferQualityUpdatesPeriodInDays = 7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Set { name, data, .. } => write!(f, "{:?} {name} = {data}", self.verb()),
            Kind::Delete { name } => write!(f, "Delete {name}"),
            Kind::Exec { rollback: Rollback::Quality } => {
                f.write_str("Exec the rollback of quality updates")
            }
            Kind::Exec { rollback: Rollback::Feature } => {
                f.write_str("Exec the rollback of feature updates")
            }
        }
    }
}

impl fmt::Debug for Step {
    /// Without the value of a policy that is not known here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.policy().unwrap_or_default();
        match (&self.kind, crate::policy::known(name)) {
            (Kind::Set { data, .. }, None) => {
                write!(f, "Step({:?} {name}, {} bytes)", self.verb(), data.len())
            }
            _ => write!(f, "Step({self})"),
        }
    }
}

impl Reported {
    /// Takes in what a device answered to a step.
    ///
    /// A success makes the device's policy what the step set; one that nobody here knows is from then
    /// on deleted as known ones are ([`Managed::All`](super::Managed::All)). A Set that failed changed
    /// nothing, and what the device has stays whose it was. 404 to a Delete is success: it is
    /// gone. 418, already exists, to an Add asks for a Replace, 404 to a Replace for an Add; each
    /// once. (*Observed*: Microsoft's IoT client takes 418 for success where the value does not
    /// matter; a policy's does.)
    pub fn record(&mut self, step: &Step, status: StatusCode) -> Outcome {
        match &step.kind {
            Kind::Set { name, add, format, data } => {
                if status.is_success() {
                    self.set(name, State::Value(data.clone()));
                    self.note_own(name);
                    return Outcome::Done;
                }
                let other = if *add { StatusCode::ALREADY_EXISTS } else { StatusCode::NOT_FOUND };
                if status == other && !step.second {
                    self.set(name, if *add { State::Present } else { State::Absent });
                    let verb = if *add { Verb::Replace } else { Verb::Add };
                    let again = Self::again(name, verb, *format, data);
                    return Outcome::Retry(again);
                }
                self.forget(name);
            }
            Kind::Delete { name } => {
                if status.is_success() || status == StatusCode::NOT_FOUND {
                    self.set(name, State::Absent);
                    self.disown(name);
                    return Outcome::Done;
                }
                self.forget(name);
            }
            Kind::Exec { rollback } => {
                if status.is_success() {
                    self.note_rollback(*rollback);
                    return Outcome::Done;
                }
            }
        }
        Outcome::Failed(status)
    }

    fn again(name: &str, verb: Verb, format: ValueFormat, data: &str) -> Step {
        Step { second: true, ..Step::set(name, verb, format, data) }
    }
}

/// How a plan is stored: its steps in a list, as before plans left anything, and behind them what it
/// leaves. All formats of serde take it, those that do not say what comes as well.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize, serde::Serialize)]
pub(super) struct Stored {
    kind: StoredKind,
    second: bool,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize, serde::Serialize)]
enum StoredKind {
    // As those of `Kind`, in their order.
    Set { name: String, add: bool, format: ValueFormat, data: String },
    Delete { name: String },
    Exec { rollback: Rollback },
    Left { name: String },
}

#[cfg(feature = "serde")]
impl From<super::Plan> for Vec<Stored> {
    fn from(plan: super::Plan) -> Self {
        let steps = plan.steps.into_iter().map(|Step { kind, second }| {
            let kind = match kind {
                Kind::Set { name, add, format, data } => {
                    StoredKind::Set { name, add, format, data }
                }
                Kind::Delete { name } => StoredKind::Delete { name },
                Kind::Exec { rollback } => StoredKind::Exec { rollback },
            };
            Stored { kind, second }
        });
        let left = plan.left.into_iter();
        let left = left.map(|name| Stored { kind: StoredKind::Left { name }, second: false });
        steps.chain(left).collect()
    }
}

#[cfg(feature = "serde")]
impl From<Vec<Stored>> for super::Plan {
    fn from(stored: Vec<Stored>) -> Self {
        let mut plan = Self::default();
        for Stored { kind, second } in stored {
            let kind = match kind {
                StoredKind::Set { name, add, format, data } => {
                    Kind::Set { name, add, format, data }
                }
                StoredKind::Delete { name } => Kind::Delete { name },
                StoredKind::Exec { rollback } => Kind::Exec { rollback },
                StoredKind::Left { name } => {
                    plan.left.push(name);
                    continue;
                }
            };
            plan.steps.push(Step { kind, second });
        }
        plan
    }
}

impl From<&RawPolicy> for Step {
    /// The Replace of a policy that is sent as it stands.
    fn from(raw: &RawPolicy) -> Self {
        Self::set(raw.name(), Verb::Replace, raw.format(), raw.data())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Intent, Managed, diff};
    use crate::policy::values::AllowAutoUpdate;
    use crate::policy::{PolicyId, PolicySet};

    fn one(verb: Verb) -> Step {
        Step::set("AllowAutoUpdate", verb, ValueFormat::Int, "2")
    }

    #[test]
    fn answers_that_contradict_what_was_known_are_answered_once() {
        let mut reported = Reported::default();
        let Outcome::Retry(again) = reported.record(&one(Verb::Add), StatusCode::ALREADY_EXISTS)
        else {
            panic!("no retry")
        };
        assert_eq!(again.to_string(), "Replace AllowAutoUpdate = 2");
        let refused = reported.record(&again, StatusCode::NOT_FOUND);
        assert_eq!(refused, Outcome::Failed(StatusCode::NOT_FOUND), "not for ever");
        let Outcome::Retry(again) = reported.record(&one(Verb::Replace), StatusCode::NOT_FOUND)
        else {
            panic!("no retry")
        };
        assert_eq!(again.verb(), Verb::Add);
        assert_eq!(reported.record(&again, StatusCode::OK), Outcome::Done);
        let set = PolicySet::new().with(AllowAutoUpdate::InstallAndRestart);
        assert!(diff(&Intent::from(set), &reported, &Managed::All).is_empty());
    }

    #[test]
    fn a_delete_of_what_is_gone_is_done() {
        let mut reported = Reported::default();
        let step = Step::delete("AllowAutoUpdate");
        assert_eq!(reported.record(&step, StatusCode::NOT_FOUND), Outcome::Done);
        let failed = StatusCode::COMMAND_FAILED;
        assert_eq!(reported.record(&step, failed), Outcome::Failed(failed));
        assert_eq!(reported.value(PolicyId::AllowAutoUpdate), crate::plan::ReportedValue::Unknown);
        // Nobody knows whether it is still there, so the next plan tries again.
        let again = PolicySet::new().diff(&reported);
        assert_eq!(again.steps, [step]);
    }

    #[test]
    fn values_of_unknown_policies_stay_out_of_debug() {
        let raw = RawPolicy::new("Other", ValueFormat::Chr, "secret").unwrap();
        assert!(!format!("{:?}", Step::from(&raw)).contains("secret"));
        assert!(format!("{:?}", one(Verb::Add)).contains("= 2"));
    }
}
