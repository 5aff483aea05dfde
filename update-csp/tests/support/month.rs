//! A month of the guides' update model: a Test ring where updates flow and an All ring that comes
//! seven days later, a bad update, a pause, a rollback, licence terms, failures and deadlines.
//!
//! The vendor's side is this crate: rings, plans, approvals, inventories, effects, compliance. The
//! devices are simulated ones, which know Windows' rules by themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use syncml::{Command, StatusCode};
use update_csp::approvals::{
    ApprovalLedger, Catalog, Decision, NodeForm, Terms, UpdateFacts, UpdateMetadata, is_approved_by,
};
use update_csp::compliance::{Judge, Report, Rollup};
use update_csp::effects::{self, Offered, Update};
use update_csp::hresult::HResult;
use update_csp::plan::Rollback;
use update_csp::policy::values::{
    ConfigureDeadlineForQualityUpdates, ConfigureDeadlineGracePeriod,
    DeferFeatureUpdatesPeriodInDays, RequireUpdateApproval,
};
use update_csp::simulator::{Offer, Restarts, WindowsUpdate};
use update_csp::{
    Build, Classification, DeferralCategory, EulaId, Inventory, PolicySet, Query, Shape, UpdateGuid,
};

const BUILD: &str = "10.0.26100.2000";

/// The November update, which is bad.
pub(crate) const BAD: UpdateGuid = UpdateGuid::from_u128(0x1111);
/// The update that replaces it.
pub(crate) const GOOD: UpdateGuid = UpdateGuid::from_u128(0x2222);
/// A driver with licence terms.
pub(crate) const DRIVER: UpdateGuid = UpdateGuid::from_u128(0x3333);
/// The new release of Windows.
pub(crate) const FEATURE: UpdateGuid = UpdateGuid::from_u128(0x4444);
/// The driver's terms.
pub(crate) const TERMS: EulaId = EulaId::from_u128(0xE01A);
/// What a full disk says.
pub(crate) const DISK_FULL: HResult = HResult::new(0x8007_0070);
/// What Windows Setup says after it rolled back.
pub(crate) const SETUP_ROLLED_BACK: HResult = HResult::new(0xC190_0101);

/// The definition update of a day.
pub(crate) const fn definitions(day: u32) -> UpdateGuid {
    UpdateGuid::from_u128(0xDEF0_0000 + day as u128)
}

/// How a device of the All ring behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Habit {
    /// As it should.
    Normal,
    /// Enrolled, and never heard of.
    NeverOn,
    /// Not heard of after the fifth of the month.
    Silent,
    /// Its disk is full.
    DiskFull,
    /// Its downloads fail twice before they succeed.
    Flaky,
    /// Its user never restarts it.
    NeverRestarts,
    /// Its hardware does not take the new release.
    BadDriver,
}

struct Pc {
    ring: &'static str,
    habit: Habit,
    windows: WindowsUpdate,
    inventory: Inventory,
    /// What it was sent last.
    policies: PolicySet,
    rolled_back: bool,
}

/// The month.
pub(crate) struct Month {
    pub(crate) now: DateTime<Utc>,
    pcs: Vec<Pc>,
    rings: BTreeMap<&'static str, PolicySet>,
    catalog: Catalog,
    released: Vec<(UpdateGuid, Classification, DateTime<Utc>)>,
    ledger: ApprovalLedger,
    roll_back: bool,
}

fn on(day: u32, hour: u32) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default();
    day.and_hms_opt(hour, 0, 0).unwrap_or_default().and_utc()
}

fn habit(index: usize) -> Habit {
    match index {
        0..10 => Habit::NeverOn,
        10..30 => Habit::Silent,
        30..60 => Habit::DiskFull,
        60..100 => Habit::Flaky,
        100..200 => Habit::NeverRestarts,
        _ => Habit::Normal,
    }
}

impl Month {
    /// The last day of October: devices are enrolled, nothing has happened.
    pub(crate) fn new(test: usize, all: usize) -> Self {
        let deadlines = |ring: PolicySet| {
            let days = ConfigureDeadlineForQualityUpdates::days(3);
            let grace = ConfigureDeadlineGracePeriod::days(2);
            ring.with(days.unwrap_or(ConfigureDeadlineForQualityUpdates::MAX))
                .with(grace.unwrap_or(ConfigureDeadlineGracePeriod::MAX))
        };
        let feature = DeferFeatureUpdatesPeriodInDays::days(30);
        let all_ring = deadlines(PolicySet::all_ring())
            .with(feature.unwrap_or(DeferFeatureUpdatesPeriodInDays::MAX))
            .with(RequireUpdateApproval::Required);
        let pc = |ring, habit| {
            let windows = WindowsUpdate::new(BUILD, Vec::new());
            let when =
                if habit == Habit::NeverRestarts { Restarts::Forced } else { Restarts::Soon };
            Pc {
                ring,
                habit,
                windows: windows.restarting(when),
                inventory: Inventory::default(),
                policies: PolicySet::default(),
                rolled_back: false,
            }
        };
        let test_pcs = (0..test)
            .map(|index| pc("Test", if index < 2 { Habit::BadDriver } else { Habit::Normal }));
        let all_pcs = (0..all).map(|index| pc("All", habit(index)));
        let mut month = Self {
            now: on(1, 20).checked_sub_days(Days::new(1)).unwrap_or_default(),
            pcs: test_pcs.chain(all_pcs).collect(),
            rings: [("Test", deadlines(PolicySet::test_ring())), ("All", all_ring)].into(),
            catalog: Catalog::default(),
            released: Vec::new(),
            ledger: ApprovalLedger::default(),
            roll_back: false,
        };
        // Security updates are approved as a class, but for terms that nobody has read.
        let it = month.it();
        month.ledger.approve_classification(Classification::SECURITY_UPDATES, it);
        month
    }

    fn it(&self) -> Decision {
        Decision::new("it@contoso.example", self.now)
    }

    /// The date, as `11-15`.
    pub(crate) fn date(&self) -> String {
        self.now.format("%m-%d").to_string()
    }

    /// One day passes; in its evening every device that is on checks in.
    pub(crate) fn day(&mut self) {
        self.now += TimeDelta::days(1);
        self.microsoft();
        self.it_department();
        let month_day = self.date();
        for index in 0..self.pcs.len() {
            let on = match self.pcs.get(index).map(|pc| pc.habit) {
                Some(Habit::NeverOn) | None => false,
                Some(Habit::Silent) => month_day.as_str() <= "11-05",
                Some(_) => true,
            };
            if on {
                self.check_in(index);
            }
        }
    }

    /// What Microsoft Update publishes and withdraws.
    fn microsoft(&mut self) {
        use Classification as Class;
        match self.date().as_str() {
            "11-02" => self.publish(
                definitions(2),
                "Definitions 11-02",
                Class::DEFINITION_UPDATES,
                on(2, 6),
                None,
            ),
            "11-03" => self.publish(
                DRIVER,
                "Contoso display driver",
                Class::DRIVERS,
                on(3, 12),
                Some(TERMS),
            ),
            "11-09" => self.publish(
                definitions(9),
                "Definitions 11-09",
                Class::DEFINITION_UPDATES,
                on(9, 6),
                None,
            ),
            "11-10" => self.publish(
                BAD,
                "2026-11 Cumulative Update",
                Class::SECURITY_UPDATES,
                on(10, 18),
                None,
            ),
            "11-16" => self.publish(
                definitions(16),
                "Definitions 11-16",
                Class::DEFINITION_UPDATES,
                on(16, 6),
                None,
            ),
            "11-18" => {
                for pc in &mut self.pcs {
                    pc.windows.withdraw(BAD);
                }
                self.released.retain(|(id, ..)| *id != BAD);
                self.publish(
                    GOOD,
                    "2026-11 Cumulative Update, again",
                    Class::SECURITY_UPDATES,
                    on(18, 18),
                    None,
                );
            }
            "11-20" => {
                self.publish(
                    FEATURE,
                    "Windows 11, version 26H2",
                    Class::UPGRADES,
                    on(20, 18),
                    None,
                );
            }
            "11-23" => self.publish(
                definitions(23),
                "Definitions 11-23",
                Class::DEFINITION_UPDATES,
                on(23, 6),
                None,
            ),
            "11-30" => self.publish(
                definitions(30),
                "Definitions 11-30",
                Class::DEFINITION_UPDATES,
                on(30, 6),
                None,
            ),
            _ => {}
        }
    }

    fn publish(
        &mut self,
        id: UpdateGuid,
        title: &str,
        class: Classification,
        at: DateTime<Utc>,
        eula: Option<EulaId>,
    ) {
        let facts = UpdateFacts::new(title, Some(class));
        self.catalog.insert(id, eula.map_or(facts.clone(), |eula| facts.with_eula(eula)));
        self.released.push((id, class, at));
        for pc in &mut self.pcs {
            let mut offer = Offer::new(id, 1, class).released(at);
            if [Classification::SECURITY_UPDATES, Classification::UPGRADES].contains(&class) {
                offer = offer.with_reboot();
            }
            offer = match (pc.habit, class) {
                (Habit::DiskFull, Classification::SECURITY_UPDATES) => offer.failing(DISK_FULL),
                (Habit::Flaky, Classification::SECURITY_UPDATES) => {
                    offer.failing_times(HResult::WU_E_DOWNLOAD_FAILED, 2)
                }
                (Habit::BadDriver, Classification::UPGRADES) => offer.failing(SETUP_ROLLED_BACK),
                _ => offer,
            };
            pc.windows.offer(offer);
        }
    }

    /// What IT decides.
    fn it_department(&mut self) {
        let it = self.it();
        match self.date().as_str() {
            "11-12" => {
                self.ledger.approve_classification(Classification::DRIVERS, it);
            }
            // The Test ring is in trouble: everything stops.
            "11-13" => {
                let (build, today) = (Build::WINDOWS_11_24H2, self.now.date_naive());
                for ring in self.rings.values_mut() {
                    let paused = ring.clone().paused(DeferralCategory::Update, build, today);
                    *ring = paused.unwrap_or_default();
                }
            }
            // The devices that have it go back.
            "11-14" => self.roll_back = true,
            "11-19" => {
                for ring in self.rings.values_mut() {
                    *ring = ring.clone().resumed(DeferralCategory::Update);
                }
            }
            // Somebody reads the terms that devices wait for.
            "11-21" => {
                let due =
                    self.ledger.terms_due(self.pcs.iter().map(|pc| &pc.inventory), &self.catalog);
                for terms in due {
                    self.ledger.accept_eula(terms.eula, it.clone());
                }
            }
            _ => {}
        }
    }

    /// A device lets time pass, says how it stands, and is told what to do.
    fn check_in(&mut self, index: usize) {
        let (ledger, catalog) = (&self.ledger, &self.catalog);
        let Some(pc) = self.pcs.get_mut(index) else { return };
        pc.windows.advance(self.now);

        // Every evening what is to be approved; everything when somebody looks.
        let looks = ["11-05", "11-11", "11-13", "11-14", "11-15", "11-20", "11-27", "11-30"];
        let query = if looks.contains(&self.now.format("%m-%d").to_string().as_str()) {
            Query::Everything
        } else {
            Query::Installable
        };
        let (code, items) = pc.windows.execute(&query.command(Shape::StructData));
        let findings = pc.inventory.apply(query, Some(code), &items);
        assert_eq!(findings, [], "{:?}", pc.habit);

        let mut send = |command: &Command<'_>| -> StatusCode { pc.windows.execute(command).0 };
        if let Some(ring) = self.rings.get(pc.ring).filter(|ring| **ring != pc.policies) {
            for (policy, command) in ring.deletions(&pc.policies) {
                assert!(send(&command).is_success(), "{policy}");
            }
            for (policy, command) in ring.commands() {
                assert!(send(&command).is_success(), "{policy}");
            }
            pc.policies = ring.clone();
        }
        if pc.ring == "All" {
            for (id, command) in ledger.plan(&pc.inventory, catalog, NodeForm::Bare) {
                assert!(is_approved_by(send(&command)), "{id}");
                pc.inventory.note_approved(id);
            }
        }
        let has_it = pc.inventory.installed.as_ref().is_some_and(|all| all.contains_key(&BAD));
        if self.roll_back && has_it && !pc.rolled_back {
            assert!(send(&Rollback::Quality.command()).is_success());
            pc.rolled_back = true;
        }
    }

    /// How a device stands.
    fn judge(&self, pc: &Pc) -> Report {
        let ring = self.rings.get(pc.ring).cloned().unwrap_or_default();
        let released: Vec<UpdateGuid> = self.released.iter().map(|(id, ..)| *id).collect();
        let hold = |id: UpdateGuid| {
            let (_, class, at) = self.released.iter().find(|(known, ..)| *known == id)?;
            let update = Update::new(*class, *at);
            match effects::offer(&ring, Build::WINDOWS_11_24H2, &update) {
                Offered::On(offer) => Some(offer.at),
                _ => None,
            }
        };
        let judge = Judge::new(&self.catalog).with_hold(&hold).with_released(&released);
        let judge = if pc.ring == "All" { judge.with_approvals(&self.ledger) } else { judge };
        judge.judge(&pc.inventory, self.now)
    }

    /// How all devices stand.
    pub(crate) fn report(&self) -> Rollup {
        let mut rollup = Rollup::default();
        for pc in &self.pcs {
            rollup.add(pc.ring, &self.judge(pc));
        }
        rollup
    }

    /// The report as it is printed.
    pub(crate) fn printed(&self) -> String {
        self.report().table(&self.catalog).to_string()
    }

    /// How often an update was installed on devices of a ring, each installation counted.
    pub(crate) fn installations(&self, ring: &str, id: UpdateGuid) -> usize {
        let pcs = self.pcs.iter().filter(|pc| pc.ring == ring);
        pcs.flat_map(|pc| pc.windows.installations()).filter(|known| **known == id).count()
    }

    /// What the devices of a ring say about their last rollback, counted.
    pub(crate) fn rollbacks(&self, ring: &str) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for pc in self.pcs.iter().filter(|pc| pc.ring == ring) {
            let status = pc.inventory.quality_rollback.clone().unwrap_or_default();
            *counts.entry(status).or_default() += 1;
        }
        counts
    }

    /// Whether the driver's terms were accepted, and when.
    pub(crate) fn terms_accepted(&self) -> Option<DateTime<Utc>> {
        assert_eq!(self.catalog.terms(DRIVER), Terms::from(TERMS));
        self.ledger.accepted(TERMS).map(|accepted| accepted.decision().at())
    }
}
