//! Plans: the commands that take a device from what it reported to what it should have.
//!
//! [`Reported`] holds what a device said of its policies; [`diff`] compares it with an [`Intent`]
//! and makes a [`Plan`] of the fewest commands: Add for what is not there, Replace for what differs
//! or is not known, Delete for what is managed no longer, Exec for a rollback. What the device
//! answers to each goes into [`Reported::record`], which knows that a Delete's 404 is success, that
//! an Add's 418 asks for a Replace and a Replace's 404 for an Add. Everything is plain and
//! serialisable, so that any node behind a load balancer can go on.
//!
//! ```
//! use syncml::StatusCode;
//! use update_csp::PolicySet;
//! use update_csp::plan::{Intent, Managed, Outcome, PolicyQuery, Reported, diff};
//!
//! // The device has nothing below Policy/Config/Update.
//! let mut device = Reported::default();
//! device.apply(&PolicyQuery::All, Some(StatusCode::NOT_FOUND), &[]);
//!
//! let intent = Intent::from(PolicySet::all_ring());
//! let plan = diff(&intent, &device, &Managed::All);
//! for step in plan.steps() {
//!     let command = step.command(); // an Add: send it, and hand in what the device answered
//!     assert_eq!(device.record(step, StatusCode::OK), Outcome::Done);
//! }
//! assert!(diff(&intent, &device, &Managed::All).is_empty());
//! ```

mod reported;
mod step;

use std::collections::{BTreeMap, BTreeSet};

pub use reported::{
    MAX_REPORTED, PolicyQuery, REPORTED_VERSION, ReadFinding, Reported, ReportedError,
    ReportedValue,
};
pub use step::{Outcome, Step, Verb};

pub use crate::inventory::Rollback;

use syncml::{LocUri, LocUriError};

use crate::policy::{CONFIG, PolicySet, ValueFormat};

/// What a device should have and do.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Intent {
    /// The policies.
    pub policies: PolicySet,
    /// What is rolled back, once.
    pub rollbacks: BTreeSet<Rollback>,
}

impl Intent {
    /// The same with a rollback.
    #[must_use]
    pub fn with_rollback(mut self, rollback: Rollback) -> Self {
        self.rollbacks.insert(rollback);
        self
    }
}

impl From<PolicySet> for Intent {
    fn from(policies: PolicySet) -> Self {
        Self { policies, rollbacks: BTreeSet::new() }
    }
}

/// Which of the policies that a device has and the intent has not are deleted.
///
/// *Decision*: what this crate does not know, a maintenance window that somebody else set for one, is
/// not deleted unless that is asked for: nobody here can say what the device does without it.
///
/// A report that was stored before plans noted what they set, and one whose device's answers were
/// lost, do not say which raw policies are the plans' own: [`Reported::adopt`] the set that was
/// managed before once, or they stay.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Managed {
    /// All that it reported and that this crate knows, and what plans set before
    /// ([`Reported::record`]): nobody else manages updates on it. What else it reported stays, and is
    /// in [`Plan::left`].
    #[default]
    All,
    /// All that it reported, known or not.
    Everything,
    /// Those of this set, which was managed before, reported or not. It stays the one before until
    /// a plan is empty: what was not deleted yet, a pause that a rollback needs among it, is in no
    /// later set.
    Set(PolicySet),
}

/// The fewest commands from a report to an intent.
///
/// Policies come first, in the order of their names, then deletions, then rollbacks, which need a
/// pause that the policies may just have set; without any the device refuses the Exec
/// ([`Rollback::command`]). What would end the pause of a rollback comes in the plan after the one whose Exec
/// succeeded: a device that refuses every time stays paused until the intent has the rollback no
/// longer.
#[must_use]
pub fn diff(intent: &Intent, reported: &Reported, managed: &Managed) -> Plan {
    let wanted = wanted(&intent.policies);
    let open: Vec<Rollback> =
        intent.rollbacks.iter().copied().filter(|rollback| !reported.did(*rollback)).collect();
    let needed = |key: &str| open.iter().any(|rollback| is_pause(*rollback, key));
    let mut steps = Vec::new();
    for (key, wish) in &wanted {
        if needed(key) && is_no_pause(&wish.data) {
            continue;
        }
        let verb = match reported.state(key) {
            reported::State::Value(text) if same(key, &text, &wish.data) => continue,
            reported::State::Absent => Verb::Add,
            // Windows makes a policy's node on Replace, so it is right for what is not known.
            _ => Verb::Replace,
        };
        steps.push(Step::set(&wish.name, verb, wish.format, &wish.data));
    }
    let mut gone: BTreeMap<String, String> = BTreeMap::new();
    let mut left = Vec::new();
    match managed {
        Managed::All => {
            for (key, name) in reported.present() {
                if crate::policy::known(&key).is_some() || reported.is_own(&key) {
                    gone.insert(key, name);
                } else if !wanted.contains_key(&key) {
                    left.push(name);
                }
            }
        }
        Managed::Everything => gone.extend(reported.present()),
        Managed::Set(before) => {
            for (key, wish) in self::wanted(before) {
                if reported.state(&key) != reported::State::Absent {
                    gone.insert(key, wish.name);
                }
            }
        }
    }
    gone.retain(|key, _| !wanted.contains_key(key) && !needed(key));
    steps.extend(gone.values().map(|name| Step::delete(name)));
    steps.extend(open.iter().map(|rollback| Step::exec(*rollback)));
    Plan { steps, left }
}

/// Whether a name in lower case is of a pause that a rollback needs.
fn is_pause(rollback: Rollback, key: &str) -> bool {
    match rollback {
        Rollback::Quality => matches!(key, "pausequalityupdates" | "pausequalityupdatesstarttime"),
        Rollback::Feature => matches!(key, "pausefeatureupdates" | "pausefeatureupdatesstarttime"),
    }
}

/// Whether a value of a pause says that there is none: 0, or no day.
fn is_no_pause(data: &str) -> bool {
    data.trim().trim_matches('0').is_empty()
}

/// A policy as it is sent.
struct Wish {
    name: String,
    format: ValueFormat,
    data: String,
}

/// The policies of a set, by name in lower case.
fn wanted(set: &PolicySet) -> BTreeMap<String, Wish> {
    let known = set.settings().map(|setting| Wish {
        name: setting.policy().to_string(),
        format: setting.policy().meta().format,
        data: setting.value().to_string(),
    });
    let raw = set.raw().map(|raw| Wish {
        name: raw.name().to_owned(),
        format: raw.format(),
        data: raw.data().to_owned(),
    });
    known.chain(raw).map(|wish| (wish.name.to_ascii_lowercase(), wish)).collect()
}

/// Whether a reported value is the wanted one: numbers as numbers, texts without blanks around.
fn same(key: &str, reported: &str, wanted: &str) -> bool {
    let read = |text: &str| {
        let id = crate::policy::known(key)?;
        crate::policy::Setting::parse(id, text).ok()
    };
    match (read(reported), read(wanted)) {
        (Some(reported), Some(wanted)) => reported == wanted,
        _ => reported.trim() == wanted.trim(),
    }
}

/// The commands that take a device from what it reported to what it should have.
///
/// Serialises as the list of its steps; what is left stands behind them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(from = "Vec<step::Stored>", into = "Vec<step::Stored>"))]
pub struct Plan {
    steps: Vec<Step>,
    left: Vec<String>,
}

impl Plan {
    /// The steps, in the order in which they are sent.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many steps it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// The policies that the device has, that are not in the intent and that nobody here knows, by
    /// name: with [`Managed::All`] they stay. [`Reported::unknown`] has their values, and
    /// [`policy::Observed`](crate::policy::Observed) what is known of some.
    #[must_use]
    pub fn left(&self) -> &[String] {
        &self.left
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl IntoIterator for Plan {
    type Item = Step;
    type IntoIter = std::vec::IntoIter<Step>;

    fn into_iter(self) -> Self::IntoIter {
        self.steps.into_iter()
    }
}

impl PolicySet {
    /// The fewest commands from a report to this set; what the device has beyond it and this crate
    /// knows is deleted ([`Managed::All`]). [`diff`] has more choices.
    #[must_use]
    pub fn diff(&self, reported: &Reported) -> Plan {
        diff(&Intent::from(self.clone()), reported, &Managed::All)
    }
}

/// The address where a policy is set; an error for what is the name of no node.
fn config_uri(name: &str) -> Result<String, LocUriError> {
    Ok(CONFIG.parse::<LocUri>()?.join(name)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::values::*;
    use crate::policy::{PolicyId, RawPolicy};
    use syncml::{Data, Item, StatusCode};

    fn device(policies: &[(&str, &str)]) -> Reported {
        let items: Vec<Item<'_>> = policies
            .iter()
            .map(|(name, data)| {
                Item::source(config_uri(name).unwrap()).with_data(Data::text(*data))
            })
            .collect();
        let mut reported = Reported::default();
        assert_eq!(reported.apply(&PolicyQuery::All, Some(StatusCode::OK), &items), []);
        reported
    }

    fn lines(plan: &Plan) -> Vec<String> {
        plan.steps().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_plan_has_what_differs_and_nothing_else() {
        let set = PolicySet::new()
            .with(AllowAutoUpdate::Scheduled)
            .with(ScheduledInstallTime::at(4).unwrap())
            .with(TargetReleaseVersion::named("24H2").unwrap())
            .with_raw(RawPolicy::new("NewPolicy", ValueFormat::Int, "1").unwrap());
        let reported = device(&[
            ("allowautoupdate", " 03 "),
            ("ScheduledInstallTime", "5"),
            ("NewPolicy", "1"),
            ("UpdateServiceUrl", "http://wsus:8530"),
            ("Unheard", "x"),
        ]);
        assert_eq!(
            lines(&set.diff(&reported)),
            [
                "Replace ScheduledInstallTime = 4",
                "Add TargetReleaseVersion = 24H2",
                "Delete UpdateServiceUrl",
            ]
        );
        assert_eq!(set.diff(&reported).left(), ["Unheard"], "nobody knows what it does");
        let plan = diff(&Intent::from(set), &reported, &Managed::Everything);
        assert_eq!(lines(&plan)[2..], ["Delete Unheard", "Delete UpdateServiceUrl"]);
        assert!(plan.left().is_empty());
    }

    #[test]
    fn a_maintenance_window_of_somebody_else_stays_and_is_said() {
        let (enabled, start) = ("MaintenanceWindowEnabled", "MaintenanceWindowStartTime");
        let mut reported = device(&[(enabled, "1"), (start, "02:00"), ("AllowAutoUpdate", "3")]);
        let none = Intent::from(PolicySet::new());
        let plan = diff(&none, &reported, &Managed::All);
        assert_eq!(lines(&plan), ["Delete AllowAutoUpdate"]);
        assert_eq!(plan.left(), [enabled, start]);
        // What a plan set itself, the next one takes back.
        let window = RawPolicy::new("maintenancewindowenabled", ValueFormat::Int, "0").unwrap();
        let ours = Intent::from(PolicySet::new().with_raw(window.clone()));
        for step in diff(&ours, &reported, &Managed::All) {
            assert_eq!(reported.record(&step, StatusCode::OK), Outcome::Done);
        }
        let plan = diff(&ours, &reported, &Managed::All);
        assert_eq!((plan.len(), plan.left()), (0, &[start.to_owned()][..]));
        let mut again = reported.clone();
        let plan = diff(&none, &reported, &Managed::All);
        assert_eq!(lines(&plan), ["Delete MaintenanceWindowEnabled"]);
        for step in plan {
            assert_eq!(reported.record(&step, StatusCode::OK), Outcome::Done);
        }
        // Gone, it is nobody's; what is there later is somebody else's.
        let items = [Item::source(config_uri(enabled).unwrap()).with_data(Data::text("1"))];
        assert_eq!(reported.apply(&PolicyQuery::All, Some(StatusCode::OK), &items), []);
        assert_eq!(diff(&none, &reported, &Managed::All).left(), [enabled]);
        assert_eq!(again.apply(&PolicyQuery::All, Some(StatusCode::NOT_FOUND), &[]), []);
        assert_eq!(again.apply(&PolicyQuery::All, Some(StatusCode::OK), &items), []);
        assert_eq!(diff(&none, &again, &Managed::All).left(), [enabled]);
        // As a set that was managed before it says itself what goes.
        let before = Managed::Set(PolicySet::new().with_raw(window));
        let plan = diff(&none, &again, &before);
        assert_eq!(lines(&plan), ["Delete maintenancewindowenabled"]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn plans_and_reports_that_were_stored_before_are_still_read() {
        let plan = PolicySet::new().diff(&device(&[("AllowAutoUpdate", "3")]));
        let json = r#"[{"kind":{"Delete":{"name":"AllowAutoUpdate"}},"second":false}]"#;
        assert_eq!(serde_json::to_string(&plan).unwrap(), json);
        assert_eq!(serde_json::from_str::<Plan>(json).unwrap(), plan);
        let plan = PolicySet::new().diff(&device(&[("AllowAutoUpdate", "3"), ("Other", "1")]));
        let json = serde_json::to_string(&plan).unwrap();
        // One kind of thing whatever is in it, so that formats that do not say what comes take it.
        let left = r#"{"kind":{"Left":{"name":"Other"}},"second":false}]"#;
        assert!(json.starts_with(r#"[{"kind":{"Delete":"#) && json.ends_with(left), "{json}");
        assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
        let mut every = Intent::from(PolicySet::all_ring()).with_rollback(Rollback::Quality);
        every.policies = every.policies.with(AllowAutoUpdate::Off);
        let plan = diff(&every, &device(&[("ActiveHoursEnd", "3"), ("Other", "1")]), &Managed::All);
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
        // A report without names of ours is as it was.
        let json = r#"{"version":1,"listed":true,"policies":{"other":["Other",{"Value":"1"}]},
            "in_force_listed":false,"in_force":{},"rollbacks":[]}"#;
        let mut reported: Reported = serde_json::from_str(json).unwrap();
        assert_eq!(reported, device(&[("Other", "1")]));
        let plain = json.split_whitespace().collect::<String>();
        assert_eq!(serde_json::to_string(&reported).unwrap(), plain);
        assert_eq!(PolicySet::new().diff(&reported).left(), ["Other"], "nobody knows whose it is");
        let mut adopted = reported.clone();
        let raw = RawPolicy::new("Other", ValueFormat::Int, "2").unwrap();
        assert_eq!(reported.record(&Step::from(&raw), StatusCode::OK), Outcome::Done);
        let exec = Step::exec(Rollback::Feature);
        assert_eq!(reported.record(&exec, StatusCode::OK), Outcome::Done);
        let json = serde_json::to_string(&reported).unwrap();
        assert!(json.contains(r#""rollbacks":["Feature",{"Set":"other"}]"#), "{json}");
        assert_eq!(serde_json::from_str::<Reported>(&json).unwrap(), reported);
        assert_eq!(lines(&PolicySet::new().diff(&reported)), ["Delete Other"]);
        // What was managed when a report was stored before says which are ours.
        let gone = RawPolicy::new("Gone", ValueFormat::Int, "1").unwrap();
        adopted.adopt(&PolicySet::new().with(AllowAutoUpdate::Off).with_raw(gone).with_raw(raw));
        assert_eq!(lines(&PolicySet::new().diff(&adopted)), ["Delete Other"]);
        let items = [Item::source(config_uri("Gone").unwrap()).with_data(Data::text("1"))];
        assert_eq!(adopted.apply(&PolicyQuery::All, Some(StatusCode::OK), &items), []);
        assert_eq!(PolicySet::new().diff(&adopted).left(), ["Gone"], "the device did not have it");
    }

    /// Whose a policy is changes when a device takes a step, and not when it refuses one.
    #[test]
    fn what_a_device_refused_to_set_is_not_deleted() {
        let name = "MaintenanceWindowEnabled";
        let ours = RawPolicy::new(name, ValueFormat::Int, "0").unwrap();
        let ours = PolicySet::new().with_raw(ours);
        let other = device(&[(name, "1")]);
        let plan = ours.diff(&other);
        let [step] = plan.steps() else { panic!("{plan:?}") };
        let add = Step::set(name, Verb::Add, ValueFormat::Int, "0");
        for (step, status) in [
            (step, StatusCode::COMMAND_FAILED),
            (step, StatusCode::NOT_FOUND),
            (&add, StatusCode::ALREADY_EXISTS),
        ] {
            let mut reported = other.clone();
            assert_ne!(reported.record(step, status), Outcome::Done);
            let plan = PolicySet::new().diff(&reported);
            assert!(plan.is_empty(), "{status:?}: {plan:?}");
        }
        // One that is ours stays ours when the device refuses a change of it.
        let mut reported = other;
        assert_eq!(reported.record(step, StatusCode::OK), Outcome::Done);
        let failed = StatusCode::COMMAND_FAILED;
        assert_eq!(reported.record(step, failed), Outcome::Failed(failed));
        assert_eq!(lines(&PolicySet::new().diff(&reported)), [format!("Delete {name}")]);
    }

    #[test]
    fn what_others_manage_stays() {
        let before = PolicySet::all_ring().with(AllowAutoUpdate::Off);
        let managed = Managed::Set(before);
        let intent = Intent::from(PolicySet::all_ring());
        let reported = device(&[
            ("AllowMUUpdateService", "1"),
            ("DeferQualityUpdatesPeriodInDays", "7"),
            ("UpdateServiceUrl", "http://wsus:8530"),
        ]);
        assert!(diff(&intent, &reported, &managed).is_empty(), "AllowAutoUpdate is not there");
        // Nothing was read: what was managed before is deleted to be sure, the rest replaced.
        let plan = diff(&intent, &Reported::default(), &managed);
        assert_eq!(
            lines(&plan),
            [
                "Replace AllowMUUpdateService = 1",
                "Replace DeferQualityUpdatesPeriodInDays = 7",
                "Delete AllowAutoUpdate",
            ]
        );
    }

    #[test]
    fn names_that_devices_make_up_stay_one_segment() {
        let items = [Item::source(format!("{CONFIG}/a%2Fb%20c")).with_data(Data::text("1"))];
        let mut reported = Reported::default();
        assert_eq!(reported.apply(&PolicyQuery::All, Some(StatusCode::OK), &items), []);
        let plan = diff(&PolicySet::new().into(), &reported, &Managed::Everything);
        let command = plan.steps()[0].command();
        let uri: LocUri = command.items()[0].loc_uri().unwrap().parse().unwrap();
        assert_eq!(uri.relative_to(&CONFIG.parse().unwrap()), Some(vec!["a/b c".to_owned()]));
        let dots = [Item::source(CONFIG).with_data(Data::text("AllowAutoUpdate/../."))];
        let findings = reported.apply(&PolicyQuery::All, Some(StatusCode::OK), &dots);
        assert_eq!(findings.len(), 1);
        assert_eq!(lines(&PolicySet::new().diff(&reported)), ["Delete AllowAutoUpdate"]);
    }

    #[test]
    fn rollbacks_come_last_and_once() {
        let intent = Intent::from(PolicySet::all_ring())
            .with_rollback(Rollback::Feature)
            .with_rollback(Rollback::Quality);
        let mut reported = Reported::default();
        let plan = diff(&intent, &reported, &Managed::All);
        let uris: Vec<String> = plan
            .steps()
            .iter()
            .map(|step| step.command().items()[0].loc_uri().unwrap().to_owned())
            .collect();
        assert_eq!(uris.len(), 4);
        assert_eq!(uris[2], "./Vendor/MSFT/Update/Rollback/QualityUpdate");
        for step in plan.steps() {
            assert_eq!(reported.record(step, StatusCode::OK), Outcome::Done);
        }
        assert!(diff(&intent, &reported, &Managed::All).is_empty());
        reported.forget_rollback(Rollback::Quality);
        let again = diff(&intent, &reported, &Managed::All);
        assert_eq!(lines(&again), ["Exec the rollback of quality updates"]);
    }

    #[test]
    fn a_rollback_comes_before_the_end_of_the_pause_that_it_needs() {
        let mut reported = device(&[
            ("AllowAutoUpdate", "2"),
            ("PauseFeatureUpdatesStartTime", "2026-11-01"),
            ("PauseQualityUpdates", "1"),
            ("PauseQualityUpdatesStartTime", "2026-11-01"),
        ]);
        let intent = Intent::from(PolicySet::new()).with_rollback(Rollback::Quality);
        let plan = diff(&intent, &reported, &Managed::All);
        assert_eq!(
            lines(&plan),
            [
                "Delete AllowAutoUpdate",
                "Delete PauseFeatureUpdatesStartTime",
                "Exec the rollback of quality updates",
            ]
        );
        for step in plan.steps() {
            assert_eq!(reported.record(step, StatusCode::OK), Outcome::Done);
        }
        let plan = diff(&intent, &reported, &Managed::All);
        assert_eq!(
            lines(&plan),
            ["Delete PauseQualityUpdates", "Delete PauseQualityUpdatesStartTime"]
        );
        for step in plan.steps() {
            assert_eq!(reported.record(step, StatusCode::OK), Outcome::Done);
        }
        assert!(diff(&intent, &reported, &Managed::All).is_empty());
    }

    #[test]
    fn a_pause_outlives_the_rollback_that_a_device_refuses() {
        let mut reported = device(&[("PauseQualityUpdatesStartTime", "2026-11-01")]);
        let intent = Intent::from(PolicySet::new()).with_rollback(Rollback::Quality);
        let day = "2026-11-01".parse().unwrap();
        let pause = PauseQualityUpdatesStartTime::on(day).unwrap();
        let before = Managed::Set(PolicySet::new().with(pause));
        let refused = StatusCode::COMMAND_FAILED;
        for _ in 0..2 {
            for managed in [&Managed::All, &before] {
                let plan = diff(&intent, &reported, managed);
                assert_eq!(lines(&plan), ["Exec the rollback of quality updates"]);
                for step in plan.steps() {
                    let status = if step.verb() == Verb::Exec { refused } else { StatusCode::OK };
                    let _ = reported.record(step, status);
                }
            }
        }
        let pause = reported.value(PolicyId::PauseQualityUpdatesStartTime);
        assert!(matches!(pause, ReportedValue::Set(_)), "{pause:?}");
        // Without the rollback nothing needs the pause; after it, neither.
        let gone = ["Delete PauseQualityUpdatesStartTime"];
        assert_eq!(lines(&PolicySet::new().diff(&reported)), gone);
        for step in diff(&intent, &reported, &Managed::All) {
            assert_eq!(reported.record(&step, StatusCode::OK), Outcome::Done);
        }
        assert_eq!(lines(&diff(&intent, &reported, &Managed::All)), gone);
    }

    #[test]
    fn a_pause_that_a_value_ends_outlives_the_rollback_as_well() {
        let typed = PolicySet::new().with(PauseQualityUpdates::NotPaused);
        let raw = RawPolicy::new("pausequalityupdates", ValueFormat::Int, " 00 ").unwrap();
        for (set, last) in [
            (typed, "Replace PauseQualityUpdates = 0"),
            (PolicySet::new().with_raw(raw), "Replace pausequalityupdates =  00 "),
        ] {
            let set = set.with(PauseFeatureUpdates::NotPaused);
            let mut reported =
                device(&[("PauseQualityUpdates", "1"), ("PauseFeatureUpdates", "1")]);
            let intent = Intent::from(set).with_rollback(Rollback::Quality);
            let plan = diff(&intent, &reported, &Managed::All);
            assert_eq!(
                lines(&plan),
                ["Replace PauseFeatureUpdates = 0", "Exec the rollback of quality updates"]
            );
            for step in plan {
                assert_eq!(reported.record(&step, StatusCode::OK), Outcome::Done);
            }
            assert_eq!(lines(&diff(&intent, &reported, &Managed::All)), [last]);
        }
        // A pause that is set is what the rollback needs.
        let set = PolicySet::new().with(PauseQualityUpdates::Paused);
        let intent = Intent::from(set).with_rollback(Rollback::Quality);
        let plan = diff(&intent, &device(&[("PauseQualityUpdates", "0")]), &Managed::All);
        assert_eq!(
            lines(&plan),
            ["Replace PauseQualityUpdates = 1", "Exec the rollback of quality updates"]
        );
    }

    #[test]
    fn a_pause_that_is_over_is_deleted() {
        let reported = device(&[
            ("AllowMUUpdateService", "1"),
            ("DeferQualityUpdatesPeriodInDays", "7"),
            ("PauseQualityUpdatesStartTime", "2026-11-01"),
        ]);
        let plan = PolicySet::all_ring().diff(&reported);
        assert_eq!(lines(&plan), ["Delete PauseQualityUpdatesStartTime"]);
        assert!(!PolicySet::all_ring().contains(PolicyId::PauseQualityUpdatesStartTime));
    }
}
