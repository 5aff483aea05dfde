//! Each rule fires where it should and stays quiet where it should.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;

use update_csp::policy::values::*;
use update_csp::policy::{PolicyId, PolicySet, RawPolicy, ValueFormat};
use update_csp::rules::{Code, Rule, Severity, Target};
use update_csp::{Build, Edition};

fn on(build: &str) -> Target {
    Target::new(build.parse().unwrap(), Edition::PROFESSIONAL)
}

fn mobile() -> Target {
    Target::new(Build::WINDOWS_10_1511, Edition::MOBILE_ENTERPRISE)
}

fn new() -> PolicySet {
    PolicySet::new()
}

fn raw(name: &str, format: ValueFormat, data: &str) -> PolicySet {
    new().with_raw(RawPolicy::new(name, format, data).unwrap())
}

fn url() -> UpdateServiceUrl {
    UpdateServiceUrl::url("http://wsus:8530").unwrap()
}

fn pause() -> PauseQualityUpdatesStartTime {
    PauseQualityUpdatesStartTime::on("2026-11-21".parse().unwrap()).unwrap()
}

fn quality(days: u16) -> DeferQualityUpdatesPeriodInDays {
    DeferQualityUpdatesPeriodInDays::days(days).unwrap()
}

fn feature(days: u16) -> DeferFeatureUpdatesPeriodInDays {
    DeferFeatureUpdatesPeriodInDays::days(days).unwrap()
}

fn always() -> PolicySet {
    new().with(AlwaysAutoRebootAtScheduledTimeMinutes::MIN)
}

fn quality_deadline() -> ConfigureDeadlineForQualityUpdates {
    ConfigureDeadlineForQualityUpdates::days(3).unwrap()
}

fn release(name: &str) -> TargetReleaseVersion {
    TargetReleaseVersion::named(name).unwrap()
}

fn windows_11() -> ProductVersion {
    ProductVersion::named("Windows 11").unwrap()
}

fn all_sources() -> PolicySet {
    new()
        .with(SetPolicyDrivenUpdateSourceForDriverUpdates::Wsus)
        .with(SetPolicyDrivenUpdateSourceForFeatureUpdates::WindowsUpdate)
        .with(SetPolicyDrivenUpdateSourceForOtherUpdates::Wsus)
        .with(SetPolicyDrivenUpdateSourceForQualityUpdates::WindowsUpdate)
}

const NOW: &str = "10.0.26100.2033";
const TEN: &str = "10.0.19045.3803";

/// Where a rule fires, and where the nearest thing does not. A new rule without a case does not
/// compile.
fn cases(rule: Rule) -> Vec<[(PolicySet, Target); 2]> {
    match rule {
        Rule::Build => vec![
            [
                (new().with(AllowOptionalContent::Updates), on("10.0.19044.3756")),
                (new().with(AllowOptionalContent::Updates), on("10.0.19044.3757")),
            ],
            [
                // C23: a monthly update of 22H2; no later release by the DDF.
                (new().with(AllowTemporaryEnterpriseFeatureControl::Allowed), on(NOW)),
                (
                    new().with(AllowTemporaryEnterpriseFeatureControl::Allowed),
                    on("10.0.22631.2000"),
                ),
            ],
            [
                // C32.
                (new().with(DeferUpdatePeriod::MIN), on("10.0.10240.1")),
                (new().with(DeferUpdatePeriod::MIN), on("10.0.10586.1")),
            ],
        ],
        Rule::BuildDisputed => vec![
            [
                (new().with(AutoRestartDeadlinePeriodInDays::MIN), on("10.0.14393.1")),
                (new().with(AutoRestartDeadlinePeriodInDays::MIN), on("10.0.15063.1")),
            ],
            [
                (
                    new().with(ConfigureDeadlineNoAutoRebootForQualityUpdates::Enabled),
                    on("10.0.22631.1"),
                ),
                (new().with(ConfigureDeadlineNoAutoRebootForQualityUpdates::Enabled), on(NOW)),
            ],
            [
                // D08: a device of this build lists all that it has, and not this one.
                (new().with(AlwaysAutoRebootAtScheduledTimeMinutes::MIN), on("10.0.22631.3296")),
                (new().with(AlwaysAutoRebootAtScheduledTimeMinutes::MIN), on(NOW)),
            ],
            [
                (
                    new().with(AllowTemporaryEnterpriseFeatureControl::Allowed),
                    on("10.0.22621.1200"),
                ),
                (
                    new().with(AllowTemporaryEnterpriseFeatureControl::Allowed),
                    on("10.0.22621.1344"),
                ),
            ],
        ],
        Rule::Edition => vec![[
            (new().with(quality(7)), Target::new(NOW.parse().unwrap(), Edition::HOME)),
            (new().with(url()), Target::new(NOW.parse().unwrap(), Edition::IOT_ENTERPRISE)),
        ]],
        Rule::RangeOnBuild => vec![
            [
                (new().with(feature(181)), on("10.0.14393.1")),
                (new().with(feature(180)), on("10.0.14393.1")),
            ],
            [
                (new().with(feature(365)), on("10.0.14393.1")),
                (new().with(feature(365)), on("10.0.15063.1")),
            ],
        ],
        Rule::ValueOnBuild => vec![
            [
                (new().with(BranchReadinessLevel::BusinessReady), on("10.0.18362.1")),
                (new().with(BranchReadinessLevel::BusinessReady), on("10.0.17763.1")),
            ],
            [
                (new().with(BranchReadinessLevel::InsiderFast), on("10.0.15063.1")),
                (new().with(BranchReadinessLevel::InsiderFast), on("10.0.16299.1")),
            ],
        ],
        Rule::RawValue => vec![
            [
                (raw("allowautoupdate", ValueFormat::Int, "6"), on(NOW)),
                (raw("allowautoupdate", ValueFormat::Int, "5"), on(NOW)),
            ],
            [
                (raw("AllowAutoUpdate", ValueFormat::Chr, "5"), on(NOW)),
                (raw("AllowRebootlessUpdates", ValueFormat::Chr, "5"), on(NOW)),
            ],
        ],
        Rule::RawName => vec![
            [
                (raw("Unheard", ValueFormat::Int, "1"), on(NOW)),
                (raw("AllowRebootlessUpdates", ValueFormat::Int, "1"), on(NOW)),
            ],
            [
                (raw("Unheard", ValueFormat::Int, "1"), on(NOW)),
                (raw("Unheard", ValueFormat::Int, "1"), on(NOW).with_unlisted("unheard")),
            ],
            [
                (raw("disablewindowsupdateaccess", ValueFormat::Int, "1"), on(NOW)),
                (
                    raw("DisableWindowsUpdateAccess", ValueFormat::Int, "1"),
                    on(NOW).with_unlisted("DisableWindowsUpdateAccess"),
                ),
            ],
            // Said to have come with a monthly update.
            [
                (raw("MaintenanceWindowEnabled", ValueFormat::Int, "1"), on("10.0.26100.7839")),
                (raw("MaintenanceWindowEnabled", ValueFormat::Int, "1"), on("10.0.26100.7840")),
            ],
        ],
        Rule::RawObserved => vec![
            [
                (raw("AllowRebootlessUpdates", ValueFormat::Int, "1"), on(NOW)),
                // A name in a library, which no device was seen with.
                (raw("PauseQualityUpdatesEndTime", ValueFormat::Chr, "2026-12-01"), on(NOW)),
            ],
            [
                (raw("allowrebootlessupdates", ValueFormat::Int, "1"), on(NOW)),
                (
                    raw("AllowRebootlessUpdates", ValueFormat::Int, "1"),
                    on(NOW).with_unlisted("allowrebootlessupdates"),
                ),
            ],
            [
                (raw("MaintenanceWindowWeeklySunday", ValueFormat::Bool, "true"), on("10.0.28000")),
                (raw("MaintenanceWindowWeeklySunday", ValueFormat::Bool, "true"), on(TEN)),
            ],
        ],
        Rule::RawMisspelt => vec![[
            (raw("DeferQualityUpdatePeriodInDays", ValueFormat::Int, "7"), on(NOW)),
            (raw("DeferQualityUpdatesPeriodinDays", ValueFormat::Int, "7"), on(NOW)),
        ]],
        Rule::RawTrusted => vec![[
            (raw("New", ValueFormat::Int, "1"), on(NOW).with_unlisted("New")),
            (raw("New", ValueFormat::Int, "1"), on(NOW).with_unlisted("Newer")),
        ]],
        Rule::Legacy1511 => vec![[
            (new().with(PauseDeferrals::Paused), on("10.0.14393.1")),
            (new().with(PauseDeferrals::Paused), on("10.0.10586.1")),
        ]],
        Rule::LegacyMixed => vec![[
            (new().with(DeferUpgradePeriod::MIN).with(quality(7)), on("10.0.14393.1")),
            (
                new().with(DeferUpgradePeriod::MIN).with(AllowAutoUpdate::Scheduled),
                on("10.0.14393.1"),
            ),
        ]],
        Rule::Superseded => vec![
            [
                (new().with(EngagedRestartDeadline::MAX), on("10.0.18362.1")),
                // What replaces it came with 1903.
                (new().with(EngagedRestartDeadline::MAX), on("10.0.17134.1")),
            ],
            [
                (new().with(ConfigureDeadlineNoAutoReboot::Enabled), on(NOW)),
                (new().with(ConfigureDeadlineNoAutoReboot::Enabled), on(TEN)),
            ],
            [
                // C22: what a device may not have replaces nothing.
                (new().with(ConfigureDeadlineNoAutoReboot::Enabled), on(NOW)),
                (new().with(ConfigureDeadlineNoAutoReboot::Enabled), on("10.0.22631.3296")),
            ],
            [
                // As rings have it that are not paused.
                (new().with(PauseQualityUpdates::Paused), on(TEN)),
                (new().with(PauseQualityUpdates::NotPaused), on(TEN)),
            ],
        ],
        Rule::Requires => vec![
            // The DDF's text: "In Windows 10 Mobile Enterprise version 1511 devices set to automatic
            // updates, for DeferUpdatePeriod to work, […] RequireDeferUpgrade must be set to 1".
            [
                (new().with(DeferUpdatePeriod::MAX), mobile()),
                (
                    new().with(DeferUpdatePeriod::MAX).with(RequireDeferUpgrade::BusinessBranch),
                    mobile(),
                ),
            ],
            [
                (new().with(DeferUpdatePeriod::MAX), mobile()),
                (new().with(DeferUpdatePeriod::MAX), on("10.0.10586.1")),
            ],
            [
                (new().with(url()).with(FillEmptyContentUrls::Enabled), on(NOW)),
                (
                    new()
                        .with(url())
                        .with(FillEmptyContentUrls::Enabled)
                        .with(UpdateServiceUrlAlternate::url("http://cdn").unwrap()),
                    on(NOW),
                ),
            ],
        ],
        Rule::PauseSupersedesDeferral => vec![[
            (new().with(pause()).with(quality(7)), on(NOW)),
            (new().with(pause()).with(feature(7)), on(NOW)),
        ]],
        Rule::PauseFlag => vec![[
            (new().with(PauseFeatureUpdates::Paused), on("10.0.15063.1")),
            (new().with(PauseFeatureUpdates::Paused), on("10.0.14393.1")),
        ]],
        Rule::PauseTwice => vec![[
            (new().with(PauseQualityUpdates::NotPaused).with(pause()), on(NOW)),
            (new().with(PauseFeatureUpdates::NotPaused).with(pause()), on(NOW)),
        ]],
        Rule::PreviewDeferral => vec![
            [
                (new().with(BranchReadinessLevel::InsiderSlow).with(feature(15)), on(NOW)),
                (new().with(BranchReadinessLevel::InsiderSlow).with(feature(14)), on(NOW)),
            ],
            [
                (new().with(BranchReadinessLevel::Canary).with(feature(15)), on(NOW)),
                (new().with(BranchReadinessLevel::GeneralAvailability).with(feature(15)), on(NOW)),
            ],
        ],
        Rule::TargetWithoutProduct => vec![[
            (new().with(release("24H2")), on(NOW)),
            // Before there was a ProductVersion.
            (new().with(release("2004")), on("10.0.18363.836")),
        ]],
        Rule::ProductWithoutTarget => vec![[
            (new().with(windows_11()), on(NOW)),
            (new().with(windows_11()).with(release("24H2")), on(NOW)),
        ]],
        Rule::ProductAcceptsTerms => vec![[
            (new().with(windows_11()).with(release("24H2")), on(NOW)),
            (new().with(release("24H2")), on(NOW)),
        ]],
        Rule::TargetFormat => vec![[
            (new().with(windows_11()).with(release("Windows 11")), on(NOW)),
            (new().with(windows_11()).with(release("24h2")), on(NOW)),
        ]],
        Rule::TargetAndDeferral => vec![[
            (new().with(windows_11()).with(release("24H2")).with(feature(1)), on(NOW)),
            (new().with(windows_11()).with(release("24H2")).with(feature(0)), on(NOW)),
        ]],
        Rule::SafeguardsReset => vec![[
            (new().with(DisableWUfBSafeguards::SafeguardsOff), on(NOW)),
            (new().with(DisableWUfBSafeguards::SafeguardsOn), on(NOW)),
        ]],
        Rule::UpdatesOff => vec![[
            (new().with(AllowAutoUpdate::Off), on(NOW)),
            (new().with(AllowAutoUpdate::InstallWithoutUser), on(NOW)),
        ]],
        Rule::ScheduleIgnored => vec![
            [
                (new().with(ScheduledInstallTime::MIN), on(NOW)),
                (new().with(ScheduledInstallTime::MIN).with(AllowAutoUpdate::Scheduled), on(NOW)),
            ],
            [
                (
                    new()
                        .with(ScheduledInstallThirdWeek::Yes)
                        .with(AllowAutoUpdate::InstallAndRestart),
                    on(NOW),
                ),
                (
                    new()
                        .with(ScheduledInstallThirdWeek::Yes)
                        .with(AllowAutoUpdate::InstallWithoutUser),
                    on(NOW),
                ),
            ],
        ],
        Rule::ActiveHoursIncomplete => vec![[
            (new().with(ActiveHoursStart::MIN), on(NOW)),
            (new().with(ActiveHoursStart::MIN).with(ActiveHoursEnd::MIN), on(NOW)),
        ]],
        Rule::ActiveHoursSpan => {
            let hours = |start, end| {
                new()
                    .with(ActiveHoursStart::at(start).unwrap())
                    .with(ActiveHoursEnd::at(end).unwrap())
            };
            let at_most = |most| hours(8, 20).with(ActiveHoursMaxRange::hours(most).unwrap());
            vec![
                [(hours(0, 19), on(NOW)), (hours(0, 18), on(NOW))],
                [(hours(5, 0), on(NOW)), (hours(18, 12), on(NOW))],
                [(hours(8, 21), on("10.0.14393.1")), (hours(8, 20), on("10.0.14393.1"))],
                [(at_most(11), on(NOW)), (at_most(12), on(NOW))],
                // Alone, the other end has its default.
                [
                    (new().with(ActiveHoursStart::at(18).unwrap()), on(NOW)),
                    (new().with(ActiveHoursStart::at(17).unwrap()), on(NOW)),
                ],
            ]
        }
        Rule::ActiveHoursDisabled => vec![
            [(always().with(ActiveHoursEnd::MAX), on(NOW)), (always(), on(NOW))],
            [
                // D08: effects do not reckon with it there.
                (always().with(ActiveHoursEnd::MAX), on(NOW)),
                (always().with(ActiveHoursEnd::MAX), on("10.0.22631.3296")),
            ],
        ],
        Rule::DeadlineOverridesAutoUpdate => vec![
            [
                (new().with(quality_deadline()).with(AllowAutoUpdate::Scheduled), on(NOW)),
                (new().with(quality_deadline()), on(NOW)),
            ],
            [
                // D10: until the update of December 2024.
                (
                    new().with(quality_deadline()).with(AllowAutoUpdate::Scheduled),
                    on("10.0.22631.4601"),
                ),
                (
                    new().with(quality_deadline()).with(AllowAutoUpdate::Scheduled),
                    on("10.0.22631.4602"),
                ),
            ],
        ],
        Rule::AutoUpdateUntilDeadline => vec![[
            (
                new().with(quality_deadline()).with(AllowAutoUpdate::Scheduled),
                on("10.0.26100.2605"),
            ),
            (
                new().with(quality_deadline()).with(AllowAutoUpdate::Scheduled),
                on("10.0.26100.2604"),
            ),
        ]],
        Rule::DeadlineOverridesLegacyRestart => vec![
            [
                (new().with(quality_deadline()).with(EngagedRestartDeadline::MIN), on(NOW)),
                (new().with(EngagedRestartDeadline::MIN), on(NOW)),
            ],
            [
                (always().with(quality_deadline()), on(NOW)),
                (always().with(quality_deadline()), on("10.0.22631.3296")),
            ],
        ],
        Rule::GraceWithoutDeadline => vec![
            [
                (new().with(ConfigureDeadlineGracePeriod::MIN), on(NOW)),
                // C30: it serves feature updates too.
                (
                    new()
                        .with(ConfigureDeadlineGracePeriod::MIN)
                        .with(ConfigureDeadlineForFeatureUpdates::MIN),
                    on(NOW),
                ),
            ],
            [
                (
                    new()
                        .with(ConfigureDeadlineGracePeriodForFeatureUpdates::MIN)
                        .with(quality_deadline()),
                    on(NOW),
                ),
                (
                    new()
                        .with(ConfigureDeadlineGracePeriodForFeatureUpdates::MIN)
                        .with(ConfigureDeadlineForFeatureUpdates::MIN),
                    on(NOW),
                ),
            ],
        ],
        Rule::FeatureGraceIgnored => vec![[
            (new().with(ConfigureDeadlineGracePeriodForFeatureUpdates::MIN), on("10.0.22000.1")),
            (new().with(ConfigureDeadlineGracePeriodForFeatureUpdates::MIN), on("10.0.22621.1")),
        ]],
        Rule::NoAutoRebootWithoutDeadline => vec![
            [
                (new().with(ConfigureDeadlineNoAutoReboot::Enabled), on(TEN)),
                (
                    new().with(ConfigureDeadlineNoAutoReboot::Enabled).with(quality_deadline()),
                    on(TEN),
                ),
            ],
            [
                (
                    new()
                        .with(ConfigureDeadlineNoAutoRebootForFeatureUpdates::Enabled)
                        .with(quality_deadline()),
                    on(NOW),
                ),
                (new().with(ConfigureDeadlineNoAutoRebootForFeatureUpdates::Disabled), on(NOW)),
            ],
        ],
        Rule::RestartOverridden => vec![
            [
                (
                    new()
                        .with(AutoRestartDeadlinePeriodInDays::MIN)
                        .with(EngagedRestartDeadline::MIN),
                    on("10.0.17763.1"),
                ),
                // Of the other kind of updates.
                (
                    new()
                        .with(AutoRestartDeadlinePeriodInDaysForFeatureUpdates::MIN)
                        .with(EngagedRestartDeadline::MIN),
                    on("10.0.17763.1"),
                ),
            ],
            [
                (always().with(AutoRestartDeadlinePeriodInDays::MIN), on(NOW)),
                (new().with(AutoRestartDeadlinePeriodInDays::MIN), on(NOW)),
            ],
            [
                (always().with(AutoRestartDeadlinePeriodInDays::MIN), on(NOW)),
                (always().with(AutoRestartDeadlinePeriodInDays::MIN), on("10.0.22631.3296")),
            ],
        ],
        Rule::LoggedOnUsersSpared => vec![
            [
                (
                    new().with(EngagedRestartDeadline::MIN),
                    on(TEN).with_spared_logged_on_users(true),
                ),
                (new().with(EngagedRestartDeadline::MIN), on(TEN)),
            ],
            [
                (
                    new().with(AlwaysAutoRebootAtScheduledTimeMinutes::MIN),
                    on(NOW).with_spared_logged_on_users(true),
                ),
                (new().with(AlwaysAutoRebootAtScheduledTimeMinutes::MIN), on(NOW)),
            ],
        ],
        Rule::TelemetryCancels1511 => vec![[
            (new().with(DeferUpgradePeriod::MAX), on("10.0.10586.1").with_telemetry(0)),
            (new().with(DeferUpgradePeriod::MAX), on("10.0.10586.1").with_telemetry(1)),
        ]],
        Rule::EduRestartOverrides => vec![[
            (new().with(SetEDURestart::Enabled).with(AllowAutoUpdate::Scheduled), on(NOW)),
            (new().with(SetEDURestart::Disabled).with(AllowAutoUpdate::Scheduled), on(NOW)),
        ]],
        Rule::NotificationsNeedLevel => vec![[
            (
                new()
                    .with(NoUpdateNotificationsDuringActiveHours::Enabled)
                    .with(UpdateNotificationLevel::Default),
                on(NOW),
            ),
            (
                new()
                    .with(NoUpdateNotificationsDuringActiveHours::Enabled)
                    .with(UpdateNotificationLevel::Nothing),
                on(NOW),
            ),
        ]],
        Rule::WsusMissing => vec![
            [
                (new().with(DetectionFrequency::MIN), on(NOW)),
                (new().with(DetectionFrequency::MIN).with(url()), on(NOW)),
            ],
            [
                (all_sources(), on(NOW)),
                (
                    all_sources()
                        .with(SetPolicyDrivenUpdateSourceForDriverUpdates::WindowsUpdate)
                        .with(SetPolicyDrivenUpdateSourceForOtherUpdates::WindowsUpdate),
                    on(NOW),
                ),
            ],
            // The facts' dependency: effective only if UpdateServiceUrl is set.
            [
                (new().with(AllowUpdateService::NotAllowed), on(NOW)),
                (new().with(AllowUpdateService::Allowed), on(NOW)),
            ],
            // Its default changes nothing.
            [
                (new().with(SetProxyBehaviorForUpdateDetection::UserProxyFallback), on(NOW)),
                (new().with(SetProxyBehaviorForUpdateDetection::SystemProxy), on(NOW)),
            ],
        ],
        Rule::WsusIgnoresLegacyDeferral => vec![[
            (new().with(url()).with(DeferUpgradePeriod::MAX), on("10.0.10586.1")),
            (new().with(DeferUpgradePeriod::MAX), on("10.0.10586.1")),
        ]],
        Rule::WsusWithDeferral => vec![
            [
                (new().with(url()).with(quality(0)), on(TEN)),
                (new().with(url()).with(quality(0)).with(DisableDualScan::WsusOnly), on(TEN)),
            ],
            [
                (new().with(url()).with(PauseQualityUpdates::Paused), on(TEN)),
                (new().with(url()).with(PauseQualityUpdates::NotPaused), on(TEN)),
            ],
            [
                // D07: since 2024-04-22 wufb-wsus says it of Windows 10 only.
                (new().with(url()).with(pause()), on(TEN)),
                (new().with(url()).with(pause()), on(NOW)),
            ],
            [
                (new().with(url()).with(pause()), on(TEN)),
                (all_sources().with(url()).with(pause()), on(TEN)),
            ],
        ],
        Rule::WsusIgnoresDeferral => vec![
            [
                // Windows 11 does not know DisableDualScan.
                (new().with(url()).with(pause()).with(DisableDualScan::WsusOnly), on(NOW)),
                (all_sources().with(url()).with(pause()), on(NOW)),
            ],
            [
                (new().with(url()).with(PauseFeatureUpdates::Paused), on(NOW)),
                (new().with(url()).with(PauseFeatureUpdates::NotPaused), on(NOW)),
            ],
            [
                (new().with(url()).with(quality(7)), on(NOW)),
                (new().with(url()).with(quality(7)), on(TEN)),
            ],
        ],
        Rule::ScanSourceIncomplete => vec![[
            (
                all_sources()
                    .with(url())
                    .without(PolicyId::SetPolicyDrivenUpdateSourceForOtherUpdates),
                on(NOW),
            ),
            (all_sources().with(url()), on(NOW)),
        ]],
        Rule::DualScanClash => vec![[
            (all_sources().with(url()).with(DisableDualScan::WsusOnly), on(TEN)),
            (all_sources().with(url()).with(DisableDualScan::DualScan), on(TEN)),
        ]],
        Rule::DualScanUnsupported => vec![[
            (new().with(url()).with(DisableDualScan::WsusOnly), on("10.0.22000.1")),
            (new().with(url()).with(DisableDualScan::WsusOnly), on(TEN)),
        ]],
        Rule::ServiceForbidden => vec![
            [
                (new().with(url()).with(AllowUpdateService::NotAllowed), on(NOW)),
                (new().with(url()).with(AllowUpdateService::Allowed), on(NOW)),
            ],
            [
                (new().with(url()).with(AllowUpdateService::NotAllowed), on(NOW)),
                // Its template: "This policy applies only when this PC is configured to connect to
                // an intranet update service".
                (new().with(AllowUpdateService::NotAllowed), on(NOW)),
            ],
        ],
        Rule::MicrosoftUpdateStays => vec![[
            (new().with(AllowMUUpdateService::NotAllowed), on(NOW)),
            (new().with(AllowMUUpdateService::Allowed), on(NOW)),
        ]],
        Rule::DriverApprovalDefeated => {
            let graph = |build| on(build).with_graph_driver_approvals(true);
            let excluded = new().with(ExcludeWUDriversInQualityUpdate::Exclude);
            let drivers_from_windows_update =
                new().with(url()).with(SetPolicyDrivenUpdateSourceForDriverUpdates::WindowsUpdate);
            vec![
                [(excluded.clone(), graph(NOW)), (excluded, on(NOW))],
                [(new(), graph(NOW).with_telemetry(0)), (new(), graph(NOW).with_telemetry(1))],
                [
                    (all_sources().with(url()), graph(NOW)),
                    (
                        all_sources()
                            .with(url())
                            .with(SetPolicyDrivenUpdateSourceForDriverUpdates::WindowsUpdate),
                        graph(NOW),
                    ),
                ],
                // A WSUS server alone, and one with a deferral: everything comes from it, but on
                // Windows 10 with the deferral.
                [
                    (new().with(url()), graph(NOW)),
                    (drivers_from_windows_update.clone(), graph(NOW)),
                ],
                [
                    (new().with(url()), graph(TEN)),
                    (drivers_from_windows_update.clone(), graph(TEN)),
                ],
                [
                    (new().with(url()).with(quality(7)), graph(NOW)),
                    (new().with(url()).with(quality(7)), graph(TEN)),
                ],
                // 1909 does not have the scan sources.
                [
                    (drivers_from_windows_update.clone(), graph("10.0.18363.1")),
                    (new(), graph("10.0.18363.1")),
                ],
                [
                    (
                        drivers_from_windows_update.clone().with(DisableDualScan::WsusOnly),
                        graph(TEN),
                    ),
                    (
                        drivers_from_windows_update.clone().with(DisableDualScan::DualScan),
                        graph(TEN),
                    ),
                ],
                [
                    (
                        drivers_from_windows_update.clone().with(AllowUpdateService::NotAllowed),
                        graph(NOW),
                    ),
                    (drivers_from_windows_update.with(AllowUpdateService::Allowed), graph(NOW)),
                ],
                [
                    (new().with(url()).with(AllowUpdateService::NotAllowed), graph(NOW)),
                    (new().with(AllowUpdateService::NotAllowed), graph(NOW)),
                ],
            ]
        }
        Rule::ApprovalOnDesktop => vec![[
            (new().with(RequireUpdateApproval::Required), on(NOW)),
            (new().with(RequireUpdateApproval::NotRequired), on(NOW)),
        ]],
        Rule::GroupPolicyWins => vec![[
            (
                new().with(quality(7)),
                on(NOW).with_group_policy([PolicyId::DeferQualityUpdatesPeriodInDays]),
            ),
            (new().with(quality(7)), on(NOW).with_group_policy([PolicyId::AllowAutoUpdate])),
        ]],
        Rule::MdmWinsOverGpIgnored => {
            let group_policy =
                || on(NOW).with_group_policy([PolicyId::DeferQualityUpdatesPeriodInDays]);
            vec![[
                (new().with(quality(7)), group_policy().with_mdm_wins_over_gp(true)),
                (new().with(quality(7)), group_policy()),
            ]]
        }
        other => panic!("no case for {other:?}"),
    }
}

#[test]
fn every_rule_fires_where_it_should_and_nowhere_near() {
    for rule in Rule::ALL {
        for [(fires, target), (quiet, other)] in cases(*rule) {
            let report = fires.validate(&target);
            assert!(report.has(*rule), "{rule:?} should fire for\n{fires}on {target:?}\n{report}");
            let report = quiet.validate(&other);
            assert!(
                !report.has(*rule),
                "{rule:?} should not fire for\n{quiet}on {other:?}\n{report}"
            );
        }
    }
}

#[test]
fn every_rule_has_a_code_a_summary_and_a_source() {
    let codes: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(codes.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        assert!(rule.id().starts_with("policy-"), "{rule:?}");
        assert!(rule.summary().len() > 10 && rule.reference().len() > 2, "{rule:?}");
        let json = serde_json::to_string(rule).unwrap();
        assert_eq!(json, format!("\"{}\"", rule.id()), "stored by its code");
        assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), *rule);
    }
}

/// The policies of maintenance windows, as a profile of Intune sets one for each night.
#[test]
fn observed_names_are_a_warning_with_what_is_not_known() {
    let window = [
        ("MaintenanceWindowEnabled", ValueFormat::Int, "1"),
        ("MaintenanceWindowStartTime", ValueFormat::Chr, "01:30"),
        ("MaintenanceWindowDurationHours", ValueFormat::Int, "3"),
        ("MaintenanceWindowRepeatScheduleOption", ValueFormat::Int, "2"),
        ("MaintenanceWindowUpdateActions", ValueFormat::Int, "3"),
    ];
    let set = window.into_iter().fold(new(), |set, (name, format, data)| {
        set.with_raw(RawPolicy::new(name, format, data).unwrap())
    });
    let report = set.validate(&on("10.0.26200.8037"));
    assert!(report.is_accepted(), "{report}");
    assert_eq!(report.findings().len(), window.len());
    for (finding, raw) in report.findings().iter().zip(set.raw()) {
        assert_eq!((finding.rule, &*finding.policies), (Rule::RawObserved, &[][..]));
        assert!(finding.detail.starts_with(raw.name()) && finding.detail.contains("no DDF"));
    }
    assert_eq!(set.validate(&on(TEN)).errors().count(), window.len(), "not on Windows 10");
}

#[test]
fn findings_say_what_where_and_why() {
    let set = new().with(AllowOptionalContent::Updates);
    let report = set.validate(&on("10.0.19044.1"));
    let [finding] = report.findings() else { panic!("{report}") };
    assert_eq!(finding.policies, [PolicyId::AllowOptionalContent]);
    assert_eq!(
        finding.to_string(),
        "error policy-build: the device's build does not have the policy: AllowOptionalContent \
         needs 10.0.19044.3757; the device has 10.0.19044.1 [DDF, OsBuildVersion (newest release \
         that lists the policy)]"
    );
    assert_eq!(report.errors().count(), 1);
    assert_eq!(report.about(PolicyId::AllowAutoUpdate).count(), 0);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<update_csp::rules::Report>(&json).unwrap(), report);
}

/// A constant without a revision stands for its release, which came after the monthly updates that
/// brought these policies to older ones.
#[test]
fn a_release_without_a_revision_has_what_older_releases_were_brought() {
    let target = Target::new(Build::WINDOWS_10_22H2, Edition::PROFESSIONAL);
    let set = new()
        .with(release("22H2"))
        .with(ProductVersion::named("Windows 10").unwrap())
        .with(DisableWUfBSafeguards::SafeguardsOff)
        .with(ConfigureDeadlineForFeatureUpdates::days(7).unwrap())
        .with(ConfigureDeadlineGracePeriodForFeatureUpdates::days(2).unwrap());
    let report = set.and(&all_sources()).with(url()).validate(&target);
    assert!(report.is_accepted(), "{report}");
    // What came to 22H2 with a monthly update of its own, the release does not have.
    let report = new().with(AllowOptionalContent::Updates).validate(&target);
    assert!(report.has(Rule::Build));
}

#[test]
fn the_recommended_rings_are_accepted_without_a_word() {
    for build in [Build::WINDOWS_10_1607, Build::WINDOWS_10_22H2, Build::WINDOWS_11_24H2] {
        let target = Target::new(build, Edition::PROFESSIONAL);
        for ring in update_csp::Ring::test_and_all() {
            let report = ring.policies.validate(&target);
            assert_eq!(report.findings(), [], "{}", ring.name);
        }
        for ring in update_csp::Ring::pilot_fast_slow() {
            assert!(ring.policies.validate(&target).is_accepted(), "{}", ring.name);
        }
        let deadlines = PolicySet::suggested_deadlines(build);
        let report = deadlines.validate(&target);
        let worst = report.findings().iter().map(|finding| finding.rule.severity()).max();
        assert!(build == Build::WINDOWS_10_1607 || worst < Some(Severity::Warning), "{report}");
    }
}
