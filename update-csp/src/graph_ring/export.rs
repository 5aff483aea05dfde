//! From policies to a ring.

use std::collections::BTreeMap;

use super::{
    ACTIVE_HOURS_TYPE, DAYS, GraphValue, Kind, MAPPED, ODATA_TYPE, Reason, RingConfiguration,
    SCHEDULE, SCHEDULED_TYPE, WEEKS, preview_builds,
};
use crate::plan::{Intent, Rollback};
use crate::policy::{Policy, PolicyId, PolicySet, Setting, Value};

/// A ring that sets policies on devices.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Export {
    /// The ring.
    pub ring: RingConfiguration,
    /// The policies that rings have no property for, by name.
    pub unmapped: Vec<(String, Reason)>,
}

impl RingConfiguration {
    /// The ring that sets these policies and starts these rollbacks. What is not set is left out,
    /// so that a PATCH changes nothing else; a POST of it makes a new ring, for which Graph wants a
    /// `displayName` as well.
    ///
    /// A pause with a day is Graph's flag and day; its `PauseStartDate` alone pauses nothing.
    /// ManagePreviewBuilds has no property: a ring sets it by its BranchReadinessLevel, and another
    /// value than that one is unmapped.
    #[must_use]
    pub fn export(intent: &Intent) -> Export {
        let set = &intent.policies;
        let mut export =
            Export { ring: Self::new().with("@odata.type", ODATA_TYPE), unmapped: Vec::new() };
        for setting in set.settings() {
            let policy = setting.policy();
            let known = MAPPED.iter().find(|(_, mapped, _)| *mapped == policy);
            let done = match known {
                Some((name, _, kind)) => property(*kind, &setting).map(|value| {
                    export.ring.0.insert((*name).to_owned(), value);
                }),
                None if in_schedule(policy) || in_weeks(policy) => Ok(()),
                None if policy == PolicyId::ManagePreviewBuilds => by_level(set, &setting),
                None => Err(Reason::NoProperty),
            };
            if let Err(reason) = done {
                export.unmapped.push((policy.to_string(), reason));
            }
        }
        for (flag, day) in [
            ("featureUpdatesPaused", "featureUpdatesPauseStartDate"),
            ("qualityUpdatesPaused", "qualityUpdatesPauseStartDate"),
        ] {
            if export.ring.get(day).is_some() {
                export.ring = std::mem::take(&mut export.ring).with(flag, true);
            }
        }
        schedule(set, &mut export);
        weeks(set, &mut export);
        for rollback in &intent.rollbacks {
            let name = match rollback {
                Rollback::Feature => "featureUpdatesWillBeRolledBack",
                Rollback::Quality => "qualityUpdatesWillBeRolledBack",
            };
            export.ring = std::mem::take(&mut export.ring).with(name, true);
        }
        export.unmapped.extend(set.raw().map(|raw| (raw.name().to_owned(), Reason::Raw)));
        export.unmapped.sort();
        export
    }
}

/// ManagePreviewBuilds comes with the level that the ring sets.
fn by_level(set: &PolicySet, preview: &Setting) -> Result<(), Reason> {
    let level = set.number(PolicyId::BranchReadinessLevel).ok_or(Reason::NoProperty)?;
    let same = preview_builds(level).is_some_and(|ring| ring.value() == *preview.value());
    if same { Ok(()) } else { Err(Reason::Taken) }
}

fn property(kind: Kind, setting: &Setting) -> Result<GraphValue, Reason> {
    match (kind, setting.value()) {
        (Kind::Number, Value::Number(number)) => Ok(GraphValue::Number(*number)),
        (Kind::Bool, Value::Number(number)) => Ok(GraphValue::Bool(*number != 0)),
        (Kind::Date, Value::Text(day)) => Ok(GraphValue::Text(day.clone())),
        (Kind::Members(members), Value::Number(number)) => members
            .iter()
            .find(|(_, value)| *value == Some(*number))
            .map(|(name, _)| GraphValue::from(*name))
            .ok_or(Reason::NoMember),
        _ => Err(Reason::NoMember),
    }
}

const ACTIVE: [(PolicyId, &str); 2] = [
    (PolicyId::ActiveHoursStart, "activeHoursStart"),
    (PolicyId::ActiveHoursEnd, "activeHoursEnd"),
];

fn in_schedule(policy: PolicyId) -> bool {
    ACTIVE.iter().any(|(active, _)| *active == policy)
        || matches!(policy, PolicyId::ScheduledInstallDay | PolicyId::ScheduledInstallTime)
}

fn in_weeks(policy: PolicyId) -> bool {
    policy == PolicyId::ScheduledInstallEveryWeek || WEEKS.iter().any(|(_, week)| *week == policy)
}

fn time(hour: i64) -> GraphValue {
    GraphValue::Text(format!("{hour:02}:00:00.0000000"))
}

/// A ring installs by schedule or outside active hours, never both. With AllowAutoUpdate 3 or 4 the
/// schedule is what a device goes by.
fn schedule(set: &PolicySet, export: &mut Export) {
    let mut install = BTreeMap::new();
    if let Some(day) = set.number(PolicyId::ScheduledInstallDay)
        && let Some(name) = usize::try_from(day).ok().and_then(|index| DAYS.get(index))
    {
        install.insert("scheduledInstallDay".to_owned(), GraphValue::from(*name));
    }
    if let Some(hour) = set.number(PolicyId::ScheduledInstallTime) {
        install.insert("scheduledInstallTime".to_owned(), time(hour));
    }
    let mut active = BTreeMap::new();
    for (policy, name) in ACTIVE {
        if let Some(hour) = set.number(policy) {
            active.insert(name.to_owned(), time(hour));
        }
    }
    let scheduled = matches!(set.number(PolicyId::AllowAutoUpdate), Some(3 | 4));
    let by_schedule = !install.is_empty() && (scheduled || active.is_empty());
    let (mut chosen, typ, left): (_, _, Vec<PolicyId>) = if by_schedule {
        let left = ACTIVE.iter().map(|(policy, _)| *policy).collect();
        (install, SCHEDULED_TYPE, left)
    } else {
        let left = vec![PolicyId::ScheduledInstallDay, PolicyId::ScheduledInstallTime];
        (active, ACTIVE_HOURS_TYPE, left)
    };
    if chosen.is_empty() {
        return;
    }
    for policy in left.into_iter().filter(|policy| set.contains(*policy)) {
        export.unmapped.push((policy.to_string(), Reason::Taken));
    }
    chosen.insert("@odata.type".to_owned(), GraphValue::from(typ));
    export.ring.0.insert(SCHEDULE.to_owned(), GraphValue::Object(chosen));
}

fn weeks(set: &PolicySet, export: &mut Export) {
    let chosen: Vec<&str> = WEEKS
        .iter()
        .filter(|(_, policy)| set.number(*policy) == Some(1))
        .map(|(name, _)| *name)
        .collect();
    let every = set.number(PolicyId::ScheduledInstallEveryWeek);
    let value = match (every, &*chosen) {
        (Some(1), _) => {
            // All four, so there is no saying anything about one.
            let single = WEEKS.iter().filter(|(_, policy)| set.contains(*policy));
            export.unmapped.extend(single.map(|(_, id)| (id.to_string(), Reason::Taken)));
            "everyWeek".to_owned()
        }
        (_, [_, ..]) => chosen.join(","),
        _ => {
            // Weeks that are switched off, and no other: rings cannot say so.
            for policy in set.settings().map(|setting| setting.policy()).filter(|it| in_weeks(*it))
            {
                export.unmapped.push((policy.to_string(), Reason::NoMember));
            }
            return;
        }
    };
    export.ring.0.insert("updateWeeks".to_owned(), GraphValue::Text(value));
}
