//! The whole loop against the simulated device: ask, approve, install, restart, comply.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Duration, Utc};
use syncml::StatusCode;
use syncml::session::{Config, Event, Session};
use syncml::simulator::{Device, Step};
use update_csp::approvals::{
    ApprovalLedger, Decision, NoMetadata, NodeForm, Terms, is_approved_by,
};
use update_csp::compliance::{Compliance, Need, Standing, judge};
use update_csp::hresult::HResult;
use update_csp::inventory::{Rollback, Stage};
use update_csp::policy::values::{
    ConfigureDeadlineForFeatureUpdates, ConfigureDeadlineForQualityUpdates,
    ConfigureDeadlineGracePeriod, PauseQualityUpdatesStartTime, RequireUpdateApproval,
};
use update_csp::policy::{PolicyId, PolicySet};
use update_csp::simulator::{Offer, Restarts, WindowsUpdate};
use update_csp::{Classification, Inventory, Query, Shape, UpdateGuid};

#[derive(Clone, Debug, PartialEq)]
enum Key {
    Read(Query),
    Policy(PolicyId),
    Approve(UpdateGuid),
}

struct World {
    now: DateTime<Utc>,
    device: Device<WindowsUpdate>,
    inventory: Inventory,
    ledger: ApprovalLedger,
}

impl World {
    fn new(offers: Vec<Offer>) -> Self {
        let tree = WindowsUpdate::new("10.0.26100.1", offers);
        Self {
            now: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            device: Device::new("urn:uuid:1", "https://mdm.example/", tree),
            inventory: Inventory::default(),
            ledger: ApprovalLedger::default(),
        }
    }

    fn session(&mut self, policies: &PolicySet, shape: Shape) {
        self.now += Duration::hours(1);
        self.device.tree.advance(self.now);
        let mut session = Session::new(&Config::new("https://mdm.example/"));
        for (id, command) in policies.commands() {
            session.submit(Key::Policy(id), command).unwrap();
        }
        for query in Query::ALL {
            session.submit(Key::Read(query), query.command(shape)).unwrap();
        }
        let mut planned = false;
        let mut request = self.device.start(&[]).unwrap();
        loop {
            session.handle_message(self.now, &request).unwrap();
            while let Some(event) = session.poll_event() {
                let Event::Outcome(outcome) = event else { continue };
                match outcome.key.clone() {
                    Key::Read(query) => {
                        let code = outcome.code();
                        assert_eq!(self.inventory.apply(query, code, &outcome.results), []);
                    }
                    Key::Policy(id) => assert!(outcome.is_success(), "{id}"),
                    Key::Approve(_) => assert!(is_approved_by(outcome.code().unwrap())),
                }
            }
            if self.inventory.approved.is_some() && !planned {
                planned = true;
                for (id, command) in self.ledger.plan(&self.inventory, &NoMetadata, NodeForm::Bare)
                {
                    session.submit(Key::Approve(id), command).unwrap();
                }
            }
            let answer = session.poll_transmit(self.now).unwrap().body;
            match self.device.handle_message(&answer).unwrap() {
                Step::Send(next) => request = next,
                Step::Done => return,
            }
        }
    }

    fn compliance(&self) -> Compliance {
        judge(&self.inventory, &self.ledger, |_| None, self.now, Duration::days(7)).compliance
    }
}

#[test]
fn nothing_is_installed_before_it_is_approved_and_everything_after() {
    let [quality, driver, broken, definition] = [1, 2, 3, 4].map(UpdateGuid::from_u128);
    let mut world = World::new(vec![
        Offer::new(quality, 200, Classification::SECURITY_UPDATES).with_reboot(),
        Offer::new(driver, 1, Classification::DRIVERS),
        Offer::new(broken, 5, Classification::UPDATES).failing(HResult::WU_E_UH_INVALIDMETADATA),
        Offer::new(definition, 7, Classification::DEFINITION_UPDATES),
    ]);
    let policies = PolicySet::all_ring().with(RequireUpdateApproval::Required);
    let none = PolicySet::default();
    assert_eq!(world.compliance(), Compliance::NotScanned);
    world.session(&policies, Shape::StructData);
    let installable = world.inventory.installable.clone().unwrap();
    assert_eq!(installable.len(), 4);
    assert_eq!(installable[&quality].revision, Some(200));

    // Definition updates are approved as a class from the beginning.
    world.session(&none, Shape::Names);
    assert_eq!(world.device.tree.installations(), [definition]);
    assert_eq!(world.compliance(), Compliance::Needed(Need::NotApproved));
    assert!(world.compliance().is_compliant(), "nothing else is approved");

    for id in [quality, broken] {
        let proof = world.ledger.approvable(id, &Terms::None).unwrap();
        assert!(world.ledger.approve(proof, Decision::new("IT", world.now)));
    }
    assert_eq!(world.compliance(), Compliance::Needed(Need::Approved));
    world.session(&none, Shape::StructData);
    world.session(&none, Shape::StructData);
    let report = judge(&world.inventory, &world.ledger, |_| None, world.now, Duration::days(7));
    assert!(matches!(report.compliance, Compliance::Failed { update, .. } if update == broken));
    assert!(matches!(report.updates[&quality], Standing::PendingReboot(Some(_))));
    assert_eq!(report.updates[&driver], Standing::Needed(Need::NotApproved));
    assert_eq!(report.awaiting_approval(), 1);
    match report.updates[&broken] {
        Standing::Failed(failure) => {
            assert_eq!(failure.hresult, Some(HResult::WU_E_UH_INVALIDMETADATA));
            assert_eq!(failure.state.unwrap().name(), Some("install failed"));
            assert_eq!(failure.stage(), Some(Stage::Install));
        }
        other => panic!("{other:?}"),
    }

    world.session(&none, Shape::StructData);
    let report = judge(&world.inventory, &world.ledger, |_| None, world.now, Duration::days(7));
    assert_eq!(report.updates[&quality], Standing::Installed);
    assert_eq!(world.device.tree.installations(), [definition, quality]);
    assert_eq!(world.device.tree.restarts(), 1);
    world.now += Duration::days(8);
    assert!(matches!(world.compliance(), Compliance::ScanStale { .. }));
}

#[test]
fn the_simulated_client_is_as_its_build_has_it() {
    let offer = Offer::new(UpdateGuid::from_u128(1), 3, Classification::UPDATES)
        .failing(HResult::WU_E_TIME_OUT);
    let at = |build: &str| {
        let mut tree = WindowsUpdate::new(build, vec![offer.clone()]);
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        tree.advance(start);
        tree.advance(start + Duration::days(1));
        tree
    };
    for (build, rollback, state) in [
        ("10.0.16299.15", false, "Status"),
        ("10.0.19045.2130", true, "Status"),
        ("10.0.26100.1", true, "State"),
    ] {
        let mut tree = at(build);
        let (code, _) = tree.execute(&Query::QualityRollback.command(Shape::Names));
        assert_eq!(code == StatusCode::OK, rollback, "{build}");
        // Neither paused nor installed: no build takes anything back.
        let (code, _) = tree.execute(&Rollback::Quality.command());
        assert_eq!(code, StatusCode::NOT_FOUND, "{build}");
        let (_, items) = tree.execute(&Query::Failed.command(Shape::StructData));
        let names: Vec<&str> =
            items.iter().filter_map(|item| item.loc_uri()?.rsplit('/').next()).collect();
        assert_eq!(names, ["HResult", state, "RevisionNumber"], "{build}");
        // The whole CSP in one answer says what its parts say.
        let (code, items) = tree.execute(&Query::Everything.command(Shape::StructData));
        let mut whole = Inventory::default();
        assert_eq!(whole.apply(Query::Everything, Some(code), &items), []);
        let mut parts = Inventory::default();
        for query in Query::ALL {
            let (code, items) = tree.execute(&query.command(Shape::StructData));
            assert_eq!(parts.apply(query, Some(code), &items), [], "{query:?}");
        }
        assert_eq!(whole, parts, "{build}");
    }
}

/// *Observed* by Microsoft's support: an Exec whose conditions are not met is "not found".
#[test]
fn a_simulated_device_refuses_a_rollback_whose_conditions_are_not_met() {
    let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let device = |build: &str, installed: bool, paused: bool| {
        let offer = Offer::new(UpdateGuid::from_u128(1), 3, Classification::UPDATES);
        let mut tree = WindowsUpdate::new(build, vec![offer]);
        for day in 0..=i64::from(installed) {
            tree.advance(start + Duration::days(day));
        }
        assert_eq!(tree.installations().len(), usize::from(installed));
        if paused {
            let day = PauseQualityUpdatesStartTime::on(start.date_naive()).unwrap();
            for (_, command) in PolicySet::new().with(day).commands() {
                assert!(tree.execute(&command).0.is_success());
            }
        }
        let (code, _) = tree.execute(&Rollback::Quality.command());
        let mut inventory = Inventory::default();
        let (status, items) = tree.execute(&Query::QualityRollback.command(Shape::Names));
        let _ = inventory.apply(Query::QualityRollback, Some(status), &items);
        (code, inventory.quality_rollback.unwrap_or_default())
    };
    let (now, refused) = ("10.0.26100.1", (StatusCode::NOT_FOUND, String::new()));
    assert_eq!(device(now, true, true), (StatusCode::OK, "rolled back".to_owned()));
    for (installed, paused) in [(false, false), (false, true), (true, false)] {
        assert_eq!(device(now, installed, paused), refused, "{installed} {paused}");
    }
    assert_eq!(device("10.0.16299.15", true, true), refused, "since 1803");
}

#[test]
fn a_simulated_device_grants_the_grace_period_that_nobody_set() {
    let released = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let days = |class: Classification, build: &str| {
        let offer = Offer::new(UpdateGuid::from_u128(1), 1, class).with_reboot();
        let mut tree = WindowsUpdate::new(build, vec![offer]).restarting(Restarts::Forced);
        let policies = PolicySet::new()
            .with(ConfigureDeadlineForQualityUpdates::days(0).unwrap())
            .with(ConfigureDeadlineForFeatureUpdates::days(0).unwrap());
        for (_, command) in policies.commands() {
            assert!(tree.execute(&command).0.is_success());
        }
        // The first scan finds it, the second installs it.
        tree.advance(released);
        tree.advance(released);
        (0..30).find(|days| {
            tree.advance(released + Duration::days(*days));
            tree.restarts() == 1
        })
    };
    // As the crate's own reckoning has it: 2 days, and 7 for feature updates since 22H2 (D09).
    assert_eq!(days(Classification::SECURITY_UPDATES, "10.0.26100.1"), Some(2));
    assert_eq!(days(Classification::UPGRADES, "10.0.26100.1"), Some(7));
    assert_eq!(days(Classification::UPGRADES, "10.0.19045.1"), Some(2));
}

/// wufb-compliancedeadlines: until Windows 11 21H2 the deadline of feature updates counts from the
/// pending restart, since 22H2 from the scan that found the update.
#[test]
fn a_simulated_device_counts_the_deadline_of_feature_updates_as_its_build_does() {
    let found = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let day = |class: Classification, build: &str| {
        let offer = Offer::new(UpdateGuid::from_u128(1), 1, class).with_reboot();
        let mut tree = WindowsUpdate::new(build, vec![offer]).restarting(Restarts::Forced);
        let policies = PolicySet::new()
            .with(ConfigureDeadlineForQualityUpdates::days(7).unwrap())
            .with(ConfigureDeadlineForFeatureUpdates::days(7).unwrap())
            .with(ConfigureDeadlineGracePeriod::days(2).unwrap());
        for (_, command) in policies.commands() {
            assert!(tree.execute(&command).0.is_success());
        }
        // Found on the first day, installed nine days later.
        tree.advance(found);
        (9..30).find(|days| {
            tree.advance(found + Duration::days(*days));
            tree.restarts() == 1
        })
    };
    assert_eq!(day(Classification::UPGRADES, "10.0.19045.1"), Some(16), "seven days later");
    assert_eq!(day(Classification::UPGRADES, "10.0.26100.1"), Some(11), "after the grace period");
    assert_eq!(day(Classification::SECURITY_UPDATES, "10.0.19045.1"), Some(11));
}
