//! From a ring to policies.

use std::collections::BTreeMap;

use super::{
    ACTIVE_HOURS_TYPE, DAYS, GraphValue, Kind, MAPPED, PORTAL, Reason, RingConfiguration, SCHEDULE,
    SCHEDULED_TYPE, WEEKS, preview_builds,
};
use crate::Build;
use crate::plan::{Intent, Rollback};
use crate::policy::values::ScheduledInstallEveryWeek;
use crate::policy::{PolicyId, PolicySet, Setting};

/// What a ring sets on devices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Import {
    /// The policies, and rollbacks that were started.
    pub intent: Intent,
    /// The properties that are no policy, by name. `null` and "nobody chose" need none and are not
    /// among them.
    pub unmapped: Vec<(String, Reason)>,
}

impl RingConfiguration {
    /// What the ring sets on devices.
    ///
    /// A level brings ManagePreviewBuilds along, which devices of Windows 10 1507 to 1703 do not have:
    /// for them it is [`Rule::Build`](crate::rules::Rule::Build), an error, and
    /// [`import_for`](Self::import_for) is what does without.
    #[must_use]
    pub fn import(&self) -> Import {
        self.read(true)
    }

    /// What the ring sets on devices of a build: what a property brings along beside the policy that
    /// it stands for is left out where the build does not have it.
    #[must_use]
    pub fn import_for(&self, build: Build) -> Import {
        self.read(PolicyId::ManagePreviewBuilds.meta().is_on(build))
    }

    fn read(&self, has_preview_builds: bool) -> Import {
        let mut import = Import::default();
        for (name, value) in &self.0 {
            if *value == GraphValue::Null {
                continue;
            }
            let read = property(name, value);
            match read {
                Ok(Read::Settings(settings)) => import.intent.policies.extend(settings),
                Ok(Read::Rollback(Some(rollback))) => {
                    import.intent.rollbacks.insert(rollback);
                }
                Ok(Read::Rollback(None)) => {}
                Err(reason) => import.unmapped.push((name.clone(), reason)),
            }
        }
        let policies = &mut import.intent.policies;
        without_days_or_flags(policies);
        let level = policies.number(PolicyId::BranchReadinessLevel);
        if let Some(preview) = level.and_then(preview_builds).filter(|_| has_preview_builds) {
            *policies = std::mem::take(policies).with(preview);
        }
        import
    }
}

enum Read {
    Settings(Vec<Setting>),
    Rollback(Option<Rollback>),
}

fn property(name: &str, value: &GraphValue) -> Result<Read, Reason> {
    let mut all = MAPPED.iter().chain(PORTAL);
    if let Some((_, policy, kind)) = all.find(|(known, ..)| *known == name) {
        return mapped(*policy, *kind, value)
            .map(|setting| Read::Settings(setting.into_iter().collect()));
    }
    let rollback = |rollback| match value {
        GraphValue::Bool(wanted) => Ok(Read::Rollback(wanted.then_some(rollback))),
        _ => Err(Reason::Value),
    };
    match name {
        SCHEDULE => schedule(value).map(Read::Settings),
        "updateWeeks" => weeks(value).map(Read::Settings),
        "featureUpdatesWillBeRolledBack" => rollback(Rollback::Feature),
        "qualityUpdatesWillBeRolledBack" => rollback(Rollback::Quality),
        "allowWindows11Upgrade" => Err(Reason::DrivenByService),
        "deliveryOptimizationMode" | "prereleaseFeatures" => Err(Reason::OtherArea),
        _ if name.ends_with("ExpiryDateTime") || name.ends_with("RollbackStartDateTime") => {
            Err(Reason::Computed)
        }
        // The base type deviceConfiguration, and OData's annotations.
        "id"
        | "displayName"
        | "description"
        | "version"
        | "createdDateTime"
        | "lastModifiedDateTime"
        | "roleScopeTagIds"
        | "supportsScopeTags"
        | "deviceManagementApplicabilityRuleDeviceMode"
        | "deviceManagementApplicabilityRuleOsEdition"
        | "deviceManagementApplicabilityRuleOsVersion" => Err(Reason::Description),
        _ if name.contains("@odata") => Err(Reason::Description),
        _ => Err(Reason::Unknown),
    }
}

fn mapped(policy: PolicyId, kind: Kind, value: &GraphValue) -> Result<Option<Setting>, Reason> {
    let setting = match (kind, value) {
        (Kind::Number, GraphValue::Number(number)) => Setting::number(policy, *number),
        (Kind::Bool, GraphValue::Bool(yes)) => Setting::number(policy, i64::from(*yes)),
        (Kind::Date, GraphValue::Text(day)) => Setting::text(policy, day),
        (Kind::Members(members), GraphValue::Text(text)) => {
            let member = members.iter().find(|(name, _)| same(name, text)).ok_or(Reason::Value)?;
            let Some(number) = member.1 else { return Ok(None) };
            Setting::number(policy, number)
        }
        _ => return Err(Reason::Value),
    };
    setting.map(Some).map_err(|_| Reason::ValueNotTaken)
}

/// Whether two words of Graph are the same one: they come in other cases than the schema's.
fn same(ours: &str, theirs: &str) -> bool {
    ours.eq_ignore_ascii_case(theirs)
}

/// Installation by schedule or outside active hours.
fn schedule(value: &GraphValue) -> Result<Vec<Setting>, Reason> {
    let GraphValue::Object(members) = value else { return Err(Reason::Value) };
    let typ = match members.get("@odata.type") {
        // With and without `#`: v1.0's documentation has none.
        Some(GraphValue::Text(typ)) => Some(typ.trim_start_matches('#')),
        _ => None,
    };
    // Without its type an object is known by its members.
    let has = |name| members.contains_key(name);
    let is = |name: &str, member| {
        let name = name.trim_start_matches('#');
        typ.map_or_else(|| has(member), |typ| same(name, typ))
    };
    let active = is(ACTIVE_HOURS_TYPE, "activeHoursStart");
    let scheduled = is(SCHEDULED_TYPE, "scheduledInstallDay");
    let mut settings = Vec::new();
    if active {
        settings.extend(hour(members, "activeHoursStart", PolicyId::ActiveHoursStart)?);
        settings.extend(hour(members, "activeHoursEnd", PolicyId::ActiveHoursEnd)?);
    } else if scheduled {
        settings.extend(day(members)?);
        settings.extend(hour(members, "scheduledInstallTime", PolicyId::ScheduledInstallTime)?);
    } else {
        return Err(Reason::Value);
    }
    Ok(settings)
}

fn day(members: &BTreeMap<String, GraphValue>) -> Result<Option<Setting>, Reason> {
    let text = match members.get("scheduledInstallDay") {
        None | Some(GraphValue::Null) => return Ok(None),
        Some(GraphValue::Text(text)) if same("userDefined", text) => return Ok(None),
        Some(GraphValue::Text(text)) => text,
        Some(_) => return Err(Reason::Value),
    };
    let index = DAYS.iter().position(|day| same(day, text)).ok_or(Reason::Value)?;
    let number = i64::try_from(index).map_err(|_| Reason::Value)?;
    Setting::number(PolicyId::ScheduledInstallDay, number)
        .map(Some)
        .map_err(|_| Reason::ValueNotTaken)
}

/// Reads `08:00:00.0000000`. The policies take whole hours.
fn hour(
    members: &BTreeMap<String, GraphValue>,
    name: &str,
    policy: PolicyId,
) -> Result<Option<Setting>, Reason> {
    let text = match members.get(name) {
        None | Some(GraphValue::Null) => return Ok(None),
        Some(GraphValue::Text(text)) => text,
        Some(_) => return Err(Reason::Value),
    };
    let (hour, rest) = text.split_once(':').ok_or(Reason::Value)?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(hour) || hour.len() > 2 || !rest.split([':', '.']).all(plain) {
        return Err(Reason::Value);
    }
    if rest.bytes().any(|byte| !matches!(byte, b'0' | b':' | b'.')) {
        return Err(Reason::ValueNotTaken);
    }
    Setting::parse(policy, hour).map(Some).map_err(|_| Reason::ValueNotTaken)
}

/// Reads `firstWeek,thirdWeek`, `everyWeek`, or the sum of the flags.
fn weeks(value: &GraphValue) -> Result<Vec<Setting>, Reason> {
    let flags = match value {
        GraphValue::Text(text) => {
            let mut flags = 0;
            for name in text.split(',').map(str::trim) {
                flags |= match name {
                    _ if same("userDefined", name) => 0,
                    _ if same("everyWeek", name) => 15,
                    _ => {
                        let index = WEEKS.iter().position(|(week, _)| same(week, name));
                        1_i64 << index.ok_or(Reason::Value)?
                    }
                };
            }
            flags
        }
        GraphValue::Number(flags) => *flags,
        _ => return Err(Reason::Value),
    };
    use crate::policy::Policy as _;
    match flags {
        0 => Ok(Vec::new()),
        15 => Ok(vec![ScheduledInstallEveryWeek::Yes.setting()]),
        1..=14 => {
            let chosen = WEEKS.iter().enumerate().filter(|(index, _)| flags & (1 << index) != 0);
            let mut settings = vec![ScheduledInstallEveryWeek::No.setting()];
            for (_, (_, policy)) in chosen {
                settings.extend(Setting::number(*policy, 1).ok());
            }
            Ok(settings)
        }
        _ => Err(Reason::Value),
    }
}

/// A pause with a day needs no flag, and one that is off needs no day: Graph keeps the day of a pause
/// that is over. A flag of 0 stays: devices of Intune have it.
fn without_days_or_flags(policies: &mut PolicySet) {
    for (flag, day) in [
        (PolicyId::PauseFeatureUpdates, PolicyId::PauseFeatureUpdatesStartTime),
        (PolicyId::PauseQualityUpdates, PolicyId::PauseQualityUpdatesStartTime),
    ] {
        let mut set = std::mem::take(policies);
        if set.number(flag) == Some(0) {
            set = set.without(day);
        } else if set.contains(day) {
            set = set.without(flag);
        }
        *policies = set;
    }
}
