//! The model of the guides for MDM vendors — a Test group and an All group — over a month.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, NaiveDate, Utc};
use update_csp::effects::{self, DeadlineModel, Moments, Offered, PauseStatus, Update};
use update_csp::policy::PolicySet;
use update_csp::policy::values::*;
use update_csp::rules::Target;
use update_csp::{Build, Classification, DeferralCategory, Edition, Ring};

const BUILD: Build = Build::WINDOWS_11_24H2;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// When a ring is offered an update that was released then: `11-17 18:00`.
fn offered(policies: &PolicySet, class: Classification, released: &str) -> String {
    match effects::offer(policies, BUILD, &Update::new(class, time(released))) {
        Offered::On(offer) => offer.at.format("%m-%d %H:%M").to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn test_and_all_over_a_month() {
    let [test, all] = Ring::test_and_all().map(|ring| ring.policies);
    let target = Target::new(BUILD, Edition::ENTERPRISE);
    let (quality, definitions, drivers, upgrade) = (
        Classification::SECURITY_UPDATES,
        Classification::DEFINITION_UPDATES,
        Classification::DRIVERS,
        Classification::UPGRADES,
    );
    let patch_tuesday = "2026-11-10T18:00:00Z";
    let definition = "2026-11-11T06:00:00Z";

    // Patch Tuesday: the Test ring gets it at once, the All ring a week later; definition updates
    // wait nowhere, feature updates neither, as nobody asked for it.
    assert_eq!(offered(&test, quality, patch_tuesday), "11-10 18:00");
    assert_eq!(offered(&all, quality, patch_tuesday), "11-17 18:00");
    assert_eq!(offered(&all, drivers, patch_tuesday), "11-17 18:00");
    assert_eq!(offered(&all, upgrade, patch_tuesday), "11-10 18:00");
    for ring in [&test, &all] {
        assert_eq!(offered(ring, definitions, definition), "11-11 06:00");
        assert_eq!(ring.validate(&target).findings(), []);
    }

    // The Test ring has trouble on Friday: IT pauses the All ring before the update reaches it.
    let paused = all.clone().paused(DeferralCategory::Update, BUILD, day("2026-11-13")).unwrap();
    assert!(paused.validate(&target).is_accepted());
    assert_eq!(offered(&paused, quality, patch_tuesday), "12-18 00:00", "35 days from the pause");
    assert_eq!(offered(&paused, definitions, definition), "11-11 06:00");
    let pause = effects::pause(&paused, BUILD, DeferralCategory::Update).unwrap();
    assert_eq!(pause.status(day("2026-12-17")), PauseStatus::Paused);
    assert_eq!(pause.status(day("2026-12-18")), PauseStatus::AutoResumed);

    // The fix comes out of band on Thursday; IT resumes. It flows to the Test ring at once and to
    // the All ring after its seven days, the update of Patch Tuesday as before the pause.
    let resumed = paused.resumed(DeferralCategory::Update);
    assert_eq!(resumed, all);
    let fix = "2026-11-19T20:00:00Z";
    assert_eq!(offered(&test, quality, fix), "11-19 20:00");
    assert_eq!(offered(&resumed, quality, fix), "11-26 20:00");
    assert_eq!(offered(&resumed, quality, patch_tuesday), "11-17 18:00");
}

#[test]
fn an_all_ring_with_deadlines_says_when_devices_restart() {
    let all = PolicySet::all_ring()
        .with(ConfigureDeadlineForQualityUpdates::days(3).unwrap())
        .with(ConfigureDeadlineGracePeriod::days(2).unwrap())
        .with(ConfigureDeadlineNoAutoRebootForQualityUpdates::Enabled);
    let released = time("2026-11-10T18:00:00Z");
    let update = Update::new(Classification::SECURITY_UPDATES, released);
    let Offered::On(offer) = effects::offer(&all, BUILD, &update) else { panic!("not offered") };
    // A laptop that was away finds it two days later, and installs it the next day.
    let found = offer.at + chrono::Duration::days(2);
    let pending = found + chrono::Duration::hours(30);
    let moments = Moments::offered(found).with_restart_pending(pending);
    let model = DeadlineModel::of(BUILD);
    let deadline = effects::deadline(&all, model, DeferralCategory::Update, &moments).unwrap();
    assert_eq!(deadline.deadline, time("2026-11-22T18:00:00Z"));
    assert_eq!(deadline.grace_end, Some(time("2026-11-23T00:00:00Z")));
    let restart = effects::restart(&all, BUILD, DeferralCategory::Update, &moments).unwrap();
    assert_eq!(restart.forced_at, Some(time("2026-11-23T00:00:00Z")));
    assert_eq!(restart.automatic_from, restart.forced_at, "the user chooses until then");
    // A new deadline never moves what was not found yet: definition updates have none of their own.
    assert_eq!(effects::deadline(&all, model, DeferralCategory::Upgrade, &moments), None);
}
