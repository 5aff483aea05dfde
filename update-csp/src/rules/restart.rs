//! Installing and restarting.

use super::{Check, Rule, names};
use crate::Build;
use crate::effects::{ActiveHours, DeadlineModel, heeds_auto_update};
use crate::policy::PolicyId;

const DEADLINES: [PolicyId; 2] =
    [PolicyId::ConfigureDeadlineForQualityUpdates, PolicyId::ConfigureDeadlineForFeatureUpdates];

const SCHEDULE: [PolicyId; 7] = [
    PolicyId::ScheduledInstallDay,
    PolicyId::ScheduledInstallTime,
    PolicyId::ScheduledInstallEveryWeek,
    PolicyId::ScheduledInstallFirstWeek,
    PolicyId::ScheduledInstallSecondWeek,
    PolicyId::ScheduledInstallThirdWeek,
    PolicyId::ScheduledInstallFourthWeek,
];

const ENGAGED: [PolicyId; 6] = [
    PolicyId::EngagedRestartDeadline,
    PolicyId::EngagedRestartDeadlineForFeatureUpdates,
    PolicyId::EngagedRestartSnoozeSchedule,
    PolicyId::EngagedRestartSnoozeScheduleForFeatureUpdates,
    PolicyId::EngagedRestartTransitionSchedule,
    PolicyId::EngagedRestartTransitionScheduleForFeatureUpdates,
];

const AUTO_RESTART: [PolicyId; 2] = [
    PolicyId::AutoRestartDeadlinePeriodInDays,
    PolicyId::AutoRestartDeadlinePeriodInDaysForFeatureUpdates,
];

pub(super) fn check(check: &mut Check<'_>) {
    let mode = check.number(PolicyId::AllowAutoUpdate);
    if mode == Some(5) {
        let id = PolicyId::AllowAutoUpdate;
        check.note(Rule::UpdatesOff, &[id], format!("{id} is 5"));
    }
    let schedule = check.among(&SCHEDULE);
    if !schedule.is_empty() && !matches!(mode, Some(3 | 4)) {
        let mode = mode.map_or("not set".to_owned(), |mode| mode.to_string());
        let detail = format!("{} with AllowAutoUpdate {mode}", names(&schedule));
        check.note(Rule::ScheduleIgnored, &schedule, detail);
    }
    active_hours(check);
    deadlines(check);
    precedence(check);
    if check.number(PolicyId::NoUpdateNotificationsDuringActiveHours) == Some(1)
        && !matches!(check.number(PolicyId::UpdateNotificationLevel), Some(1 | 2))
    {
        let ids =
            [PolicyId::NoUpdateNotificationsDuringActiveHours, PolicyId::UpdateNotificationLevel];
        check.note(Rule::NotificationsNeedLevel, &ids, names(&ids));
    }
}

fn active_hours(check: &mut Check<'_>) {
    let (start, end) = (PolicyId::ActiveHoursStart, PolicyId::ActiveHoursEnd);
    let set = check.among(&[start, end]);
    if set.is_empty() {
        return;
    }
    if let [one] = *set {
        let other = if one == start { end } else { start };
        check.note(Rule::ActiveHoursIncomplete, &set, format!("{one} without {other}"));
    }
    // What is not set has its default, and counts with it.
    let hours = ActiveHours::of(&check.set);
    let longest = ActiveHours::longest(&check.set, check.target.build);
    if hours.span() > longest {
        let detail = format!("{hours} is {} hours, at most {longest}", hours.span());
        check.note(Rule::ActiveHoursSpan, &set, detail);
    }
    if let Some(always) = always(check) {
        check.note_with(Rule::ActiveHoursDisabled, always, &[start, end]);
    }
}

/// AlwaysAutoRebootAtScheduledTimeMinutes where effects reckon with it (D08): elsewhere it takes
/// nothing's place.
fn always(check: &Check<'_>) -> Option<PolicyId> {
    let always = PolicyId::AlwaysAutoRebootAtScheduledTimeMinutes;
    Some(always).filter(|always| always.meta().counts_on(check.target.build))
}

fn deadlines(check: &mut Check<'_>) {
    let build = check.target.build;
    let set = check.among(&DEADLINES);
    let legacy = [&ENGAGED[..], &AUTO_RESTART[..], always(check).as_slice()].concat();
    for deadline in &set {
        let mode = if heeds_auto_update(build) {
            Rule::AutoUpdateUntilDeadline
        } else {
            Rule::DeadlineOverridesAutoUpdate
        };
        check.note_with(mode, *deadline, &[PolicyId::AllowAutoUpdate]);
        check.note_with(Rule::DeadlineOverridesLegacyRestart, *deadline, &legacy);
    }
    let quality = check.has(DEADLINES[0]);
    let feature = check.has(DEADLINES[1]);
    let (grace, feature_grace) = (
        PolicyId::ConfigureDeadlineGracePeriod,
        PolicyId::ConfigureDeadlineGracePeriodForFeatureUpdates,
    );
    // *Decision* (C30): the documentation of 2024 names the quality deadline only; the grace period
    // serves feature updates too, alone on older builds and as a fallback on newer ones.
    if check.has(grace) && set.is_empty() {
        check.note(Rule::GraceWithoutDeadline, &[grace], format!("{grace} without a deadline"));
    }
    if check.has(feature_grace) {
        if DeadlineModel::of(build) == DeadlineModel::UntilWindows11_21H2 {
            let detail = format!("{feature_grace} on {build}: {grace} counts");
            check.note(Rule::FeatureGraceIgnored, &[feature_grace, grace], detail);
        } else if !feature {
            let detail = format!("{feature_grace} without {}", DEADLINES[1]);
            check.note(Rule::GraceWithoutDeadline, &[feature_grace, DEADLINES[1]], detail);
        }
    }
    for (policy, set) in [
        (PolicyId::ConfigureDeadlineNoAutoReboot, quality || feature),
        (PolicyId::ConfigureDeadlineNoAutoRebootForQualityUpdates, quality),
        (PolicyId::ConfigureDeadlineNoAutoRebootForFeatureUpdates, feature),
    ] {
        if check.number(policy) == Some(1) && !set {
            check.note(Rule::NoAutoRebootWithoutDeadline, &[policy], policy.name());
        }
    }
}

/// Older restart policies among themselves.
fn precedence(check: &mut Check<'_>) {
    let always = always(check);
    if let Some(always) = always {
        let others = [&AUTO_RESTART[..], &ENGAGED[..]].concat();
        check.note_with(Rule::RestartOverridden, always, &others);
    }
    // Quality updates' policies override quality updates', feature updates' those of feature
    // updates.
    for (deadline, kind) in AUTO_RESTART.into_iter().zip([false, true]) {
        let of_kind: Vec<PolicyId> = ENGAGED
            .into_iter()
            .filter(|id| id.name().ends_with("ForFeatureUpdates") == kind)
            .collect();
        check.note_with(Rule::RestartOverridden, deadline, &of_kind);
    }
    if check.target.spares_logged_on_users {
        let hours = [PolicyId::ActiveHoursStart, PolicyId::ActiveHoursEnd];
        let others = [always.as_slice(), &AUTO_RESTART[..], &ENGAGED[..], &hours[..]].concat();
        let others = check.among(&others);
        if !others.is_empty() {
            check.note(Rule::LoggedOnUsersSpared, &others, names(&others));
        }
    }
    if check.number(PolicyId::SetEDURestart) == Some(1)
        && check.target.build >= Build::WINDOWS_10_1703
    {
        check.note_with(
            Rule::EduRestartOverrides,
            PolicyId::SetEDURestart,
            &[PolicyId::AllowAutoUpdate],
        );
    }
}
