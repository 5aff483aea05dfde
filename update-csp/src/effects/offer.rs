//! When, and from where, an update is offered.

use chrono::{DateTime, NaiveDate, TimeZone};

use super::{Context, PREVIEW_DEFERRAL_DAYS, days_after, local, midnight, months_after, pause};
use crate::policy::values::{
    AllowMUUpdateService, AllowUpdateService, DisableDualScan, ExcludeWUDriversInQualityUpdate,
    SetPolicyDrivenUpdateSourceForDriverUpdates, SetPolicyDrivenUpdateSourceForFeatureUpdates,
    SetPolicyDrivenUpdateSourceForOtherUpdates, SetPolicyDrivenUpdateSourceForQualityUpdates,
};
use crate::policy::{PolicyId, PolicySet};
use crate::{Build, Classification, DeferralCategory};

/// An update that Microsoft released.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Update<Z: TimeZone> {
    /// Its classification.
    pub classification: Classification,
    /// When it was released.
    pub released: DateTime<Z>,
    /// Whether it is for another product than Windows, and so comes from Microsoft Update only.
    pub other_product: bool,
}

impl<Z: TimeZone> Update<Z> {
    /// An update of Windows.
    #[must_use]
    pub const fn new(classification: Classification, released: DateTime<Z>) -> Self {
        Self { classification, released, other_product: false }
    }

    /// The same for another product.
    #[must_use]
    pub const fn of_other_product(mut self) -> Self {
        self.other_product = true;
        self
    }
}

/// Where an update comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// Windows Update, or Microsoft Update.
    WindowsUpdate,
    /// The WSUS server, which decides itself what it offers and when.
    Wsus,
}

/// How far an update is deferred.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Deferral {
    /// Days.
    pub days: i64,
    /// Months before that, on Windows 10 1511.
    pub months: u32,
    /// The policy that says so; none where nothing defers it.
    pub policy: Option<PolicyId>,
}

impl Deferral {
    const NONE: Self = Self { days: 0, months: 0, policy: None };
}

/// When an update is offered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OfferDate<Z: TimeZone> {
    /// When.
    pub at: DateTime<Z>,
    /// The deferral in it.
    pub deferral: Deferral,
    /// The day until which a pause holds it back, if one does.
    pub paused_until: Option<NaiveDate>,
}

/// Why an update is not offered at all.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Never {
    /// Drivers are left out (ExcludeWUDriversInQualityUpdate).
    DriversExcluded,
    /// Updates of other products need Microsoft Update (AllowMUUpdateService).
    NoMicrosoftUpdate,
    /// No public update service may be used (AllowUpdateService, with a WSUS server).
    NoUpdateService,
    /// Its day is beyond the end of the calendar.
    BeyondCalendar,
}

/// Whether and when an update is offered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Offered<Z: TimeZone> {
    /// On this date.
    On(OfferDate<Z>),
    /// When the WSUS server offers it.
    ByWsus,
    /// Not at all, as long as the policies are these.
    Never(Never),
}

/// Where updates of a classification come from.
///
/// *Specified*: wufb-wsus. Without UpdateServiceUrl, from Windows Update. With it, where a
/// scan-source policy says; those that are not set stand at their default, WSUS. Without any of
/// them, on Windows 10, a deferral or pause makes everything come from Windows Update (the flag of a
/// pause that is off, 0, is neither). There
/// DisableDualScan keeps everything on WSUS, whatever scan sources say: with both, nothing comes from
/// Windows Update. Windows 11 does not know it.
///
/// *Decision* (D07): until 2022 that page had a deferral change the source on every release; since
/// 2024-04-22 it says so of Windows 10 only, and that Windows 11 stays with WSUS unless a scan source
/// says otherwise. The newer text counts, since it names the releases;
/// [`Context::with_dual_scan_on_windows_11`] has the older one.
#[must_use]
pub fn source<Z: TimeZone>(
    set: &PolicySet,
    context: impl Into<Context>,
    update: &Update<Z>,
) -> Source {
    let context = context.into();
    let build = context.build;
    if !set.contains(PolicyId::UpdateServiceUrl) {
        return Source::WindowsUpdate;
    }
    if set.get() == Some(DisableDualScan::WsusOnly) && !build.is_windows_11() {
        return Source::Wsus;
    }
    let [driver, feature, other, quality] = crate::rules::SCAN_SOURCES;
    let takes = |id: PolicyId| set.contains(id) && id.meta().is_on(build);
    if [driver, feature, other, quality].into_iter().any(takes) {
        let from_windows_update = if update.other_product {
            set.get() == Some(SetPolicyDrivenUpdateSourceForOtherUpdates::WindowsUpdate)
        } else if update.classification == Classification::DRIVERS {
            set.get() == Some(SetPolicyDrivenUpdateSourceForDriverUpdates::WindowsUpdate)
        } else if update.classification == Classification::UPGRADES {
            set.get() == Some(SetPolicyDrivenUpdateSourceForFeatureUpdates::WindowsUpdate)
        } else {
            set.get() == Some(SetPolicyDrivenUpdateSourceForQualityUpdates::WindowsUpdate)
        };
        return if from_windows_update { Source::WindowsUpdate } else { Source::Wsus };
    }
    let deferring = crate::rules::deferring(set).next().is_some();
    let scans_both = if build.is_windows_11() {
        context.dual_scan_on_windows_11
    } else {
        build >= Build::WINDOWS_10_1607
    };
    if deferring && scans_both { Source::WindowsUpdate } else { Source::Wsus }
}

/// How far updates of a classification are deferred.
///
/// *Specified*: Policy CSP - Update. Quality updates by days, as are drivers and everything else of
/// the documented list except upgrades; upgrades by days as feature updates; the rest not at all.
/// Preview builds by 14 days at most. On Windows 10 1511 by weeks and months, and not at all with a
/// WSUS server. Only Mobile Enterprise of 1511 needs RequireDeferUpgrade for the weeks (DDF,
/// DeferUpdatePeriod), which this leaves to the rule `Requires`.
///
/// *Decision*: the days count from the release, as the product's documentation says, not from when
/// the device got the policy (a comment of Microsoft's staff, IntuneDocs #1970).
#[must_use]
pub fn deferral(set: &PolicySet, build: Build, classification: Classification) -> Deferral {
    let kind = classification.deferral();
    if build < Build::WINDOWS_10_1607 {
        if set.contains(PolicyId::UpdateServiceUrl) {
            return Deferral::NONE;
        }
        let (policy, months) = match kind {
            DeferralCategory::Update => (PolicyId::DeferUpdatePeriod, false),
            DeferralCategory::Upgrade => (PolicyId::DeferUpgradePeriod, true),
            DeferralCategory::NotDeferrable => return Deferral::NONE,
        };
        let Some(number) = set.number(policy) else { return Deferral::NONE };
        let count = u32::try_from(number).unwrap_or_default();
        return if months {
            Deferral { days: 0, months: count, policy: Some(policy) }
        } else {
            Deferral { days: i64::from(count) * 7, months: 0, policy: Some(policy) }
        };
    }
    let policy = match kind {
        DeferralCategory::Update => PolicyId::DeferQualityUpdatesPeriodInDays,
        DeferralCategory::Upgrade => PolicyId::DeferFeatureUpdatesPeriodInDays,
        DeferralCategory::NotDeferrable => return Deferral::NONE,
    };
    let Some(days) = set.number(policy) else { return Deferral::NONE };
    let preview = matches!(set.number(PolicyId::BranchReadinessLevel), Some(2 | 4 | 8 | 128));
    let most = match (kind, preview) {
        (DeferralCategory::Upgrade, true) => PREVIEW_DEFERRAL_DAYS,
        // C01: what 1607 does not take cannot defer it further.
        (DeferralCategory::Upgrade, false) => policy
            .meta()
            .narrower
            .filter(|narrower| build < narrower.before)
            .map_or(i64::MAX, |narrower| narrower.max),
        _ => i64::MAX,
    };
    Deferral { days: days.min(most), months: 0, policy: Some(policy) }
}

/// Whether and when an update is offered to a device with these policies.
///
/// That is its release plus the deferral; if that falls into a pause, the end of the pause. What is
/// never deferred is offered at once.
///
/// Whether an upgrade brings the release that TargetReleaseVersion asks for is not looked at: that is
/// a matter of the update's metadata.
#[must_use]
pub fn offer<Z: TimeZone>(
    set: &PolicySet,
    context: impl Into<Context>,
    update: &Update<Z>,
) -> Offered<Z> {
    let context = context.into();
    if source(set, context, update) == Source::Wsus {
        return Offered::ByWsus;
    }
    let driver = update.classification == Classification::DRIVERS;
    // *Specified*: WindowsUpdate.admx, DoNotConnectToWindowsUpdateInternetLocations, and the guide of
    // 2017: it applies only where a WSUS server is set.
    if set.get() == Some(AllowUpdateService::NotAllowed) && set.contains(PolicyId::UpdateServiceUrl)
    {
        return Offered::Never(Never::NoUpdateService);
    }
    if driver && set.get() == Some(ExcludeWUDriversInQualityUpdate::Exclude) {
        return Offered::Never(Never::DriversExcluded);
    }
    if update.other_product && set.get() != Some(AllowMUUpdateService::Allowed) {
        return Offered::Never(Never::NoMicrosoftUpdate);
    }
    on(set, context, update).map_or(Offered::Never(Never::BeyondCalendar), Offered::On)
}

fn on<Z: TimeZone>(set: &PolicySet, context: Context, update: &Update<Z>) -> Option<OfferDate<Z>> {
    let deferral = deferral(set, context.build, update.classification);
    let at = days_after(&months_after(&update.released, deferral.months)?, deferral.days)?;
    let paused_until = match pause(set, context, update.classification.deferral()) {
        Some(pause) => {
            let today = local(&at)?.date();
            Some(pause.until).filter(|until| pause.first <= today && today < *until)
        }
        None => None,
    };
    let at = match paused_until {
        Some(day) => midnight(&at.timezone(), day)?,
        None => at,
    };
    Some(OfferDate { at, deferral, paused_until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::values::*;
    use chrono::{FixedOffset, Utc};

    const NOW: Build = Build::WINDOWS_11_24H2;

    fn at(set: &PolicySet, context: impl Into<Context>, class: Classification) -> String {
        let released: DateTime<Utc> = "2026-11-10T18:00:00Z".parse().unwrap();
        match offer(set, context, &Update::new(class, released)) {
            Offered::On(offer) => offer.at.format("%m-%d %H:%M").to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn each_classification_waits_for_its_own_policy() {
        let set = PolicySet::new()
            .with(DeferQualityUpdatesPeriodInDays::days(7).unwrap())
            .with(DeferFeatureUpdatesPeriodInDays::days(30).unwrap());
        for class in Classification::all() {
            let wanted = match *class {
                Classification::UPGRADES => "12-10 18:00",
                Classification::DEFINITION_UPDATES => "11-10 18:00",
                _ => "11-17 18:00",
            };
            assert_eq!(at(&set, NOW, *class), wanted, "{class:?}");
        }
        let unknown = Classification::new(crate::UpdateGuid::from_u128(1));
        assert_eq!(at(&set, NOW, unknown), "11-10 18:00", "what no list names is not deferred");
    }

    #[test]
    fn a_pause_holds_back_what_would_come_during_it() {
        let first: NaiveDate = "2026-11-12".parse().unwrap();
        let paused = |days| {
            let days = DeferQualityUpdatesPeriodInDays::days(days).unwrap();
            PolicySet::new().with(days).with(PauseQualityUpdatesStartTime::on(first).unwrap())
        };
        let class = Classification::SECURITY_UPDATES;
        assert_eq!(at(&paused(1), NOW, class), "11-11 18:00", "before it");
        assert_eq!(at(&paused(2), NOW, class), "12-17 00:00", "on its first day");
        assert_eq!(at(&paused(30), NOW, class), "12-17 00:00", "superseded by it");
        assert_eq!(at(&paused(2), NOW, Classification::DEFINITION_UPDATES), "11-10 18:00");
        assert_eq!(at(&paused(2), NOW, Classification::UPGRADES), "11-10 18:00");
    }

    #[test]
    fn windows_10_1511_counts_weeks_and_months() {
        let set = PolicySet::new()
            .with(RequireDeferUpgrade::BusinessBranch)
            .with(DeferUpdatePeriod::weeks(4).unwrap())
            .with(DeferUpgradePeriod::months(1).unwrap());
        let old = Build::WINDOWS_10_1511;
        assert_eq!(at(&set, old, Classification::UPDATES), "12-08 18:00");
        assert_eq!(at(&set, old, Classification::UPGRADES), "12-10 18:00");
        assert_eq!(at(&set, Build::WINDOWS_10_1607, Classification::UPDATES), "11-10 18:00");
        let wsus = set.with(UpdateServiceUrl::url("http://wsus:8530").unwrap());
        assert_eq!(at(&wsus, old, Classification::UPDATES), "ByWsus");
    }

    #[test]
    fn a_desktop_of_1511_defers_without_another_policy() {
        let set = PolicySet::new().with(DeferUpdatePeriod::weeks(4).unwrap());
        let deferral = deferral(&set, Build::WINDOWS_10_1511, Classification::UPDATES);
        assert_eq!((deferral.days, deferral.policy), (28, Some(PolicyId::DeferUpdatePeriod)));
    }

    #[test]
    fn ranges_of_old_builds_and_previews_bound_a_deferral() {
        let set = PolicySet::new().with(DeferFeatureUpdatesPeriodInDays::MAX);
        let days = |set: &PolicySet, build| deferral(set, build, Classification::UPGRADES).days;
        assert_eq!(days(&set, Build::WINDOWS_10_1607), 180);
        assert_eq!(days(&set, Build::WINDOWS_10_1703), 365);
        assert_eq!(days(&set.with(BranchReadinessLevel::InsiderSlow), NOW), 14);
    }

    #[test]
    fn a_wsus_server_changes_where_updates_come_from() {
        let released: DateTime<Utc> = "2026-11-10T18:00:00Z".parse().unwrap();
        let update = Update::new(Classification::DRIVERS, released);
        let url = PolicySet::new().with(UpdateServiceUrl::url("http://wsus:8530").unwrap());
        let deferring = url.clone().with(DeferQualityUpdatesPeriodInDays::MIN);
        let held = deferring.clone().with(DisableDualScan::WsusOnly);
        let sources = deferring
            .clone()
            .with(SetPolicyDrivenUpdateSourceForDriverUpdates::WindowsUpdate)
            .with(SetPolicyDrivenUpdateSourceForQualityUpdates::Wsus);
        let ten = Build::WINDOWS_10_22H2;
        assert_eq!(source(&PolicySet::new(), ten, &update), Source::WindowsUpdate);
        assert_eq!(source(&url, ten, &update), Source::Wsus);
        assert_eq!(source(&deferring, ten, &update), Source::WindowsUpdate);
        assert_eq!(source(&held, ten, &update), Source::Wsus);
        let off =
            url.clone().with(PauseQualityUpdates::NotPaused).with(PauseFeatureUpdates::NotPaused);
        assert_eq!(source(&off, ten, &update), Source::Wsus, "nothing is paused");
        let paused = off.with(PauseQualityUpdates::Paused);
        assert_eq!(source(&paused, ten, &update), Source::WindowsUpdate);
        // D07: the page had no release here until 2022; since 2024-04-22 it names Windows 10.
        assert_eq!(source(&deferring, NOW, &update), Source::Wsus);
        let older = Context::from(NOW).with_dual_scan_on_windows_11(true);
        assert_eq!(source(&deferring, older, &update), Source::WindowsUpdate);
        assert_eq!(source(&held, older, &update), Source::WindowsUpdate, "unknown to Windows 11");
        assert_eq!(source(&sources, NOW, &update), Source::WindowsUpdate);
        let quality = Update::new(Classification::UPDATES, released);
        assert_eq!(source(&sources, NOW, &quality), Source::Wsus);
        assert_eq!(source(&sources, NOW, &quality.of_other_product()), Source::Wsus, "default");
    }

    #[test]
    fn scan_sources_and_disable_dual_scan_leave_nothing_of_windows_update_on_windows_10() {
        let released: DateTime<Utc> = "2026-11-10T18:00:00Z".parse().unwrap();
        let clash = PolicySet::new()
            .with(UpdateServiceUrl::url("http://wsus:8530").unwrap())
            .with(SetPolicyDrivenUpdateSourceForDriverUpdates::WindowsUpdate)
            .with(SetPolicyDrivenUpdateSourceForFeatureUpdates::WindowsUpdate)
            .with(SetPolicyDrivenUpdateSourceForOtherUpdates::WindowsUpdate)
            .with(SetPolicyDrivenUpdateSourceForQualityUpdates::WindowsUpdate)
            .with(DisableDualScan::WsusOnly);
        let ten: Build = "10.0.19045.3803".parse().unwrap();
        for class in Classification::all() {
            let update = Update::new(*class, released);
            assert_eq!(offer(&clash, ten, &update), Offered::ByWsus, "{class:?}");
            assert_eq!(source(&clash, NOW, &update), Source::WindowsUpdate, "{class:?}");
            let sources = clash.clone().with(DisableDualScan::DualScan);
            assert_eq!(source(&sources, ten, &update), Source::WindowsUpdate, "{class:?}");
            // The release had the policies, so a build without a revision has them.
            let release = source(&sources, Build::WINDOWS_10_22H2, &update);
            assert_eq!(release, Source::WindowsUpdate, "{class:?}");
        }
    }

    #[test]
    fn what_is_never_offered_says_why() {
        let released: DateTime<Utc> = "2026-11-10T18:00:00Z".parse().unwrap();
        let driver = Update::new(Classification::DRIVERS, released);
        let set = PolicySet::new().with(ExcludeWUDriversInQualityUpdate::Exclude);
        assert_eq!(offer(&set, NOW, &driver), Offered::Never(Never::DriversExcluded));
        let office = Update::new(Classification::UPDATES, released).of_other_product();
        assert_eq!(offer(&set, NOW, &office), Offered::Never(Never::NoMicrosoftUpdate));
        let set = set.with(AllowMUUpdateService::Allowed);
        assert!(matches!(offer(&set, NOW, &office), Offered::On(_)));
        // Facts and template: AllowUpdateService counts only with UpdateServiceUrl.
        let set = set.with(AllowUpdateService::NotAllowed);
        assert!(matches!(offer(&set, NOW, &office), Offered::On(_)));
        let set = set
            .with(UpdateServiceUrl::url("http://wsus:8530").unwrap())
            .with(SetPolicyDrivenUpdateSourceForOtherUpdates::WindowsUpdate);
        assert_eq!(offer(&set, NOW, &office), Offered::Never(Never::NoUpdateService));
        let end = Update::new(Classification::UPGRADES, DateTime::<Utc>::MAX_UTC);
        let set = PolicySet::new().with(DeferFeatureUpdatesPeriodInDays::MAX);
        assert_eq!(offer(&set, NOW, &end), Offered::Never(Never::BeyondCalendar));
    }

    #[test]
    fn a_pause_ends_at_midnight_where_the_device_is() {
        let released: DateTime<FixedOffset> = "2026-11-12T23:00:00-08:00".parse().unwrap();
        let first: NaiveDate = "2026-11-12".parse().unwrap();
        let set = PolicySet::new().with(PauseQualityUpdatesStartTime::on(first).unwrap());
        let Offered::On(offer) = offer(&set, NOW, &Update::new(Classification::UPDATES, released))
        else {
            panic!("not offered")
        };
        assert_eq!(offer.at.to_rfc3339(), "2026-12-17T00:00:00-08:00");
    }
}
