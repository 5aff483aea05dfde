//! The whole loop against the simulated device: ask, approve, install, restart, comply.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Duration, Utc};
use syncml::session::{Config, Event, Session};
use syncml::simulator::{Device, Step};
use update_csp::approvals::{ApprovalLedger, NodeForm, is_approved_by};
use update_csp::compliance::{Compliance, Standing, judge};
use update_csp::policy::values::RequireUpdateApproval;
use update_csp::policy::{PolicyId, PolicySet};
use update_csp::simulator::{Offer, WindowsUpdate};
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
                for (id, command) in self.ledger.plan(&self.inventory, NodeForm::Bare) {
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
        Offer::new(broken, 5, Classification::UPDATES).failing(0x8024_2006),
        Offer::new(definition, 7, Classification::DEFINITION_UPDATES),
    ]);
    let policies = PolicySet::all_ring().with(RequireUpdateApproval::Required);
    let none = PolicySet::default();
    assert_eq!(world.compliance(), Compliance::Unknown);
    world.session(&policies, Shape::StructData);
    let installable = world.inventory.installable.clone().unwrap();
    assert_eq!(installable.len(), 4);
    assert_eq!(installable[&quality].revision, Some(200));

    // Definition updates are approved as a class from the beginning.
    world.session(&none, Shape::Names);
    assert_eq!(world.device.tree.installations(), [definition]);
    assert_eq!(world.compliance(), Compliance::Compliant, "nothing else is approved");

    for id in [quality, broken] {
        world.ledger.approve(id, None).unwrap();
    }
    assert_eq!(world.compliance(), Compliance::Pending);
    world.session(&none, Shape::StructData);
    world.session(&none, Shape::StructData);
    let report = judge(&world.inventory, &world.ledger, |_| None, world.now, Duration::days(7));
    assert_eq!(report.compliance, Compliance::Failed);
    assert_eq!(report.updates[&quality], Standing::PendingReboot);
    assert_eq!(report.updates[&driver], Standing::NeedsApproval);
    assert_eq!(report.awaiting_approval(), 1);
    match report.updates[&broken] {
        Standing::Failed { hresult, state } => {
            assert_eq!(hresult, Some(0x8024_2006));
            assert_eq!(state.unwrap().name(), Some("install failed"));
        }
        other => panic!("{other:?}"),
    }

    world.session(&none, Shape::StructData);
    let report = judge(&world.inventory, &world.ledger, |_| None, world.now, Duration::days(7));
    assert_eq!(report.updates[&quality], Standing::Installed);
    assert_eq!(world.device.tree.installations(), [definition, quality]);
    assert_eq!(world.device.tree.restarts(), 1);
    world.now += Duration::days(8);
    assert_eq!(world.compliance(), Compliance::ScanStale);
}
