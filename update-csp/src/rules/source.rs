//! Where updates come from.

use chrono::{DateTime, Utc};

use super::support::OF_1511;
use super::{Check, Rule, names};
use crate::Classification;
use crate::effects::{Source, Update, source};
use crate::policy::{DependencyKind, PolicyId, PolicySet, Setting};

/// The four scan-source policies.
pub(crate) const SCAN_SOURCES: [PolicyId; 4] = [
    PolicyId::SetPolicyDrivenUpdateSourceForDriverUpdates,
    PolicyId::SetPolicyDrivenUpdateSourceForFeatureUpdates,
    PolicyId::SetPolicyDrivenUpdateSourceForOtherUpdates,
    PolicyId::SetPolicyDrivenUpdateSourceForQualityUpdates,
];

/// Deferrals and pauses, which make Windows 10 with a WSUS server scan against Windows Update.
const DEFERRALS: [PolicyId; 6] = [
    PolicyId::DeferFeatureUpdatesPeriodInDays,
    PolicyId::DeferQualityUpdatesPeriodInDays,
    PolicyId::PauseFeatureUpdates,
    PolicyId::PauseFeatureUpdatesStartTime,
    PolicyId::PauseQualityUpdates,
    PolicyId::PauseQualityUpdatesStartTime,
];

/// Those of a set. *Decision*: a flag of 0 is none, although the policy is there: it says that nothing
/// is paused, and rings that are not paused bring one.
pub(crate) fn deferring(set: &PolicySet) -> impl Iterator<Item = PolicyId> {
    let defers = |id: &PolicyId| set.contains(*id) && !is_flag_of_0(*id, set.number(*id));
    DEFERRALS.into_iter().filter(defers)
}

/// Whether a policy is the flag of a pause that is off.
pub(super) fn is_flag_of_0(id: PolicyId, number: Option<i64>) -> bool {
    matches!(id, PolicyId::PauseFeatureUpdates | PolicyId::PauseQualityUpdates) && number == Some(0)
}

pub(super) fn check(check: &mut Check<'_>) {
    let url = PolicyId::UpdateServiceUrl;
    let windows_11 = check.target.build.is_windows_11();
    let sources = check.among(&SCAN_SOURCES);
    if !sources.is_empty() && sources.len() < SCAN_SOURCES.len() {
        let missing: Vec<PolicyId> =
            SCAN_SOURCES.into_iter().filter(|id| !check.has(*id)).collect();
        let detail = format!("{} without {}", names(&sources), names(&missing));
        check.note(Rule::ScanSourceIncomplete, &[&*missing, &*sources].concat(), detail);
    }
    let dual = PolicyId::DisableDualScan;
    if check.number(dual) == Some(1) {
        if windows_11 {
            check.note(Rule::DualScanUnsupported, &[dual], format!("{dual} on Windows 11"));
        } else {
            check.note_with(Rule::DualScanClash, dual, &SCAN_SOURCES);
        }
    }
    if check.has(url) {
        check.note_with(Rule::WsusIgnoresLegacyDeferral, url, &OF_1511);
        // *Decision* (D07): on Windows 11 deferrals do not change the source. Windows 10 with
        // DisableDualScan does not let them.
        let deferring: Vec<PolicyId> = deferring(&check.set).collect();
        if sources.is_empty() && windows_11 {
            check.note_with(Rule::WsusIgnoresDeferral, url, &deferring);
        } else if sources.is_empty() && check.number(dual) != Some(1) {
            check.note_with(Rule::WsusWithDeferral, url, &deferring);
        }
    } else {
        // The tables know who needs a WSUS server; values that change nothing need none.
        let useless: Vec<PolicyId> =
            check.set.settings().filter(needs_wsus).map(|setting| setting.policy()).collect();
        if !useless.is_empty() {
            check.note(Rule::WsusMissing, &useless, format!("{} without {url}", names(&useless)));
        }
    }
    // Without a WSUS server it does nothing, which `WsusMissing` says.
    let service = PolicyId::AllowUpdateService;
    if check.number(service) == Some(0) && check.has(url) {
        check.note(Rule::ServiceForbidden, &[service], format!("{service} is 0"));
    }
    let microsoft = PolicyId::AllowMUUpdateService;
    if check.number(microsoft) == Some(0) {
        check.note(Rule::MicrosoftUpdateStays, &[microsoft], format!("{microsoft} is 0"));
    }
    drivers(check);
}

/// Whether a setting does nothing without UpdateServiceUrl.
fn needs_wsus(setting: &Setting) -> bool {
    let meta = setting.policy().meta();
    let depends = meta.depends.iter().any(|depends| {
        depends.kind == DependencyKind::EffectiveOnlyIfSet
            && depends.on.contains(&PolicyId::UpdateServiceUrl)
    });
    if SCAN_SOURCES.contains(&setting.policy()) {
        // From Windows Update is where updates come from anyway.
        return setting.value().number() == Some(1);
    }
    let default = meta.default.is_some_and(|default| default == setting.value().to_string());
    depends && !default
}

/// What keeps drivers that were approved through Graph from being installed.
fn drivers(check: &mut Check<'_>) {
    if !check.target.graph_driver_approvals {
        return;
    }
    if check.target.telemetry == Some(0) {
        let why = "System/AllowTelemetry is 0; the service needs required diagnostic data";
        check.note(Rule::DriverApprovalDefeated, &[], why);
    }
    let url = PolicyId::UpdateServiceUrl;
    let driver = Update::new(Classification::DRIVERS, DateTime::<Utc>::UNIX_EPOCH);
    if source(&check.set, check.target.build, &driver) == Source::Wsus {
        let mut policies = vec![url];
        policies.extend(check.among(&[SCAN_SOURCES[0]]));
        if check.number(PolicyId::DisableDualScan) == Some(1) && !check.target.build.is_windows_11()
        {
            policies.push(PolicyId::DisableDualScan);
        }
        let detail =
            format!("{}: drivers come from WSUS, so Graph has no inventory", names(&policies));
        check.note(Rule::DriverApprovalDefeated, &policies, detail);
    }
    for (policy, defeats, why) in [
        (
            PolicyId::ExcludeWUDriversInQualityUpdate,
            check.number(PolicyId::ExcludeWUDriversInQualityUpdate) == Some(1),
            "drivers are shown as applicable and never installed",
        ),
        (
            PolicyId::AllowUpdateService,
            check.has(url) && check.number(PolicyId::AllowUpdateService) == Some(0),
            "Windows Update may not be used",
        ),
    ] {
        if defeats {
            check.note(Rule::DriverApprovalDefeated, &[policy], format!("{policy}: {why}"));
        }
    }
}
