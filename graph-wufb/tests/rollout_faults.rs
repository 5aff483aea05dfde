//! Whole rollouts against a service on which everything that can fail fails: what stands in its own
//! books in the end is what was asked for, once, and after the clean-up nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{
    AudienceId, CatalogContent, CatalogEntry, CatalogEntryId, DeployableContent, Deployment,
    DeploymentStateValue, DeviceId, FeatureUpdateCatalogEntry,
};
use graph_wufb::requests::{self, Headers, Method, Request};
use graph_wufb::simulator::{Deed, Service, Timing};
use graph_wufb::workflow::{
    ApprovalStatus, Cleanup, DeploymentRollout, DriverRollout, Event, Handled, Loss, Plan,
    RolloutState, Step, Token,
};
use proptest::prelude::*;

fn device(number: usize) -> DeviceId {
    format!("device-{number}").parse().unwrap()
}

fn entry(name: &str) -> CatalogEntryId {
    name.parse().unwrap()
}

/// What becomes of a request and its answer.
#[derive(Clone, Debug)]
enum Fate {
    Answered,
    AnsweredTwice,
    /// No connection.
    NotSent,
    /// It never came there, but who knows.
    RequestLost,
    /// It was carried out, and nobody heard.
    AnswerLost,
    /// The answer comes after it was given up.
    AnswerLate,
    /// The node dies before or after it sends; another one goes on from what was saved.
    Crash {
        after_sending: bool,
    },
    /// A failure, with a `Retry-After`.
    Fails {
        status: u16,
        carried_out: bool,
        wait: Option<&'static str>,
    },
    /// The answer breaks off.
    CutOff,
    /// A gateway says 200 and something else.
    Unreadable,
}

fn fate() -> impl Strategy<Value = Fate> {
    let waits = [None, Some("1"), Some("17"), Some("2.128"), Some("soon"), Some("-4"), Some("")];
    let fails = (
        prop::sample::select(&[408, 429, 500, 502, 503, 504, 509][..]),
        any::<bool>(),
        prop::sample::select(waits.to_vec()),
    );
    prop_oneof![
        8 => Just(Fate::Answered),
        1 => Just(Fate::AnsweredTwice),
        1 => Just(Fate::NotSent),
        1 => Just(Fate::RequestLost),
        2 => Just(Fate::AnswerLost),
        1 => Just(Fate::AnswerLate),
        2 => any::<bool>().prop_map(|after_sending| Fate::Crash { after_sending }),
        3 => fails.prop_map(|(status, carried_out, wait)| Fate::Fails {
            // What is throttled is not carried out.
            status, carried_out: carried_out && !matches!(status, 429 | 509), wait,
        }),
        1 => Just(Fate::CutOff),
        1 => Just(Fate::Unreadable),
    ]
}

/// How slow the service is, in what portions everything goes, and how often the vendor saves.
#[derive(Clone, Debug)]
struct Setting {
    timing: Timing,
    page: usize,
    chunk: Option<usize>,
    one_by_one: usize,
    /// Only before requests that change something, and after commands.
    saves_rarely: bool,
}

prop_compose! {
    fn setting()(
        delays in prop::array::uniform8(0u32..10),
        page in 1usize..4,
        chunk in prop::option::of(1usize..3),
        one_by_one in prop::sample::select(&[0, 20][..]),
        saves_rarely in any::<bool>(),
    ) -> Setting {
        let mut timing = Timing::default();
        [timing.known, timing.enrolled, timing.unenrolled, timing.content] =
            [delays[0], delays[1] * 2, delays[2], delays[3] * 20];
        // Looks for what a lost answer made go on for at least twelve seconds.
        [timing.listed, timing.found, timing.deployed, timing.deleted] =
            [delays[4], delays[5] / 2, delays[6] / 2, delays[7] / 2];
        Setting { timing, page, chunk, one_by_one, saves_rarely }
    }
}

#[derive(Clone)]
enum Rollout {
    Drivers(DriverRollout),
    Deployment(DeploymentRollout),
}

macro_rules! each {
    ($self:expr, $rollout:ident => $body:expr) => {
        match $self {
            Rollout::Drivers($rollout) => $body,
            Rollout::Deployment($rollout) => $body,
        }
    };
}

impl Rollout {
    fn save(&self) -> String {
        each!(self, rollout => serde_json::to_string(rollout).unwrap())
    }

    fn resume(&self, saved: &str) -> Self {
        let state: RolloutState = serde_json::from_str(saved).unwrap();
        match self {
            Self::Drivers(_) => Self::Drivers(DriverRollout::resume(state).unwrap()),
            Self::Deployment(_) => Self::Deployment(DeploymentRollout::resume(state).unwrap()),
        }
    }
}

struct World {
    rollout: Rollout,
    service: Service,
    now: DateTime<Utc>,
    events: Vec<Event>,
    fates: VecDeque<Fate>,
    faults: usize,
    saves_rarely: bool,
    saved: String,
    requests: usize,
    waits: usize,
    /// What belonged to others before, and how many deeds were done then.
    foreign: usize,
}

impl World {
    fn new(setting: &Setting, fates: Vec<Fate>, start: impl FnOnce(Plan) -> Rollout) -> Self {
        let now = "2026-01-12T08:00:00Z".parse().unwrap();
        let mut service = Service::new().with_timing(setting.timing).with_page_size(setting.page);
        service.add_driver("e1", "Contoso - Net - 1.0", &[device(0), device(1)]);
        service.add_driver("e2", "Contoso - Audio - 2.0", &[device(2)]);
        service.add_feature_update("f1", "Windows 11, version 25H2");
        service.add_quality_update("q1", "2026-11 B");
        // Somebody else's, which nobody may touch.
        let earlier = now - TimeDelta::days(1);
        for _ in 0..2 {
            service.handle_request(&requests::create_deployment_audience(), earlier);
        }
        let foreign: Vec<AudienceId> = service
            .log()
            .filter_map(|(_, deed)| match deed {
                Deed::AudienceMade(audience) => Some(audience.clone()),
                _ => None,
            })
            .collect();
        let later = now - TimeDelta::hours(1);
        let policy = requests::create_update_policy(&foreign[0], None);
        assert_eq!(service.handle_request(&policy, later).0, 202);
        let mut update = FeatureUpdateCatalogEntry::tagged();
        update.id = entry("f1").into();
        let mut content = CatalogContent::tagged();
        content.catalog_entry = CatalogEntry::Feature(update).into();
        let mut deployment = Deployment::tagged();
        deployment.content = DeployableContent::Catalog(content).into();
        let deployment = requests::create_deployment(&deployment);
        assert_eq!(service.handle_request(&deployment, later).0, 201);
        let foreign = service.log().count();

        let mut plan = Plan::new((0..3).map(device));
        (plan.chunk, plan.one_by_one, plan.tries) = (setting.chunk, setting.one_by_one, 1_000);
        // A dozen faults in a row take longer than a vendor's usual patience with a device.
        plan.patience = 100_000;
        let rollout = start(plan);
        let saved = rollout.save();
        Self {
            rollout,
            service,
            now,
            events: Vec::new(),
            faults: fates.iter().filter(|fate| !matches!(fate, Fate::Answered)).count(),
            fates: fates.into(),
            saves_rarely: setting.saves_rarely,
            saved,
            requests: 0,
            waits: 0,
            foreign,
        }
    }

    fn save(&mut self) {
        self.saved = self.rollout.save();
    }

    fn crash(&mut self) {
        self.rollout = self.rollout.resume(&self.saved);
    }

    fn drain(&mut self) {
        each!(&mut self.rollout, rollout => {
            self.events.extend(std::iter::from_fn(|| rollout.poll_event()));
        });
    }

    fn answer(&mut self, token: Token, answer: &(u16, Headers, Vec<u8>)) -> Handled {
        let (status, headers, body) = answer;
        each!(&mut self.rollout, rollout =>
            rollout.handle_response(self.now, token, *status, headers, body))
    }

    fn lose(&mut self, token: Token, loss: Loss) {
        each!(&mut self.rollout, rollout => rollout.handle_loss(self.now, token, loss));
    }

    /// The next request, after as much waiting as it takes.
    fn poll(&mut self) -> Option<(Token, Request)> {
        for _ in 0..4 {
            let polled = each!(&mut self.rollout, rollout => rollout.poll_transmit(self.now));
            self.drain();
            if polled.is_some() {
                return polled;
            }
            let wake = each!(&self.rollout, rollout => rollout.poll_timeout())?;
            assert!(wake > self.now, "nothing to send, and yet woken at once");
            self.waits += 1;
            self.now = wake;
        }
        panic!("it waits and waits");
    }

    fn step(&mut self) -> bool {
        let Some((token, request)) = self.poll() else { return false };
        self.requests += 1;
        if !self.saves_rarely || request.method != Method::Get {
            self.save();
        }
        match self.fates.pop_front().unwrap_or(Fate::Answered) {
            Fate::Answered => {
                let answer = self.service.handle_request(&request, self.now);
                assert_eq!(self.answer(token, &answer), Handled::Applied);
            }
            Fate::AnsweredTwice => {
                let answer = self.service.handle_request(&request, self.now);
                self.answer(token, &answer);
                assert_eq!(self.answer(token, &answer), Handled::Stale);
            }
            Fate::NotSent => self.lose(token, Loss::NotSent),
            Fate::RequestLost => self.lose(token, Loss::Unknown),
            Fate::AnswerLost => {
                self.service.handle_request(&request, self.now);
                self.lose(token, Loss::Unknown);
            }
            Fate::AnswerLate => {
                let answer = self.service.handle_request(&request, self.now);
                self.lose(token, Loss::Unknown);
                assert_eq!(self.answer(token, &answer), Handled::Stale);
            }
            Fate::Crash { after_sending } => {
                if after_sending {
                    self.service.handle_request(&request, self.now);
                }
                self.crash();
            }
            Fate::Fails { status, carried_out, wait } => {
                self.service.fail_next(status, wait, carried_out);
                let answer = self.service.handle_request(&request, self.now);
                self.answer(token, &answer);
            }
            Fate::CutOff => {
                let mut answer = self.service.handle_request(&request, self.now);
                if answer.0 < 300 && answer.2.len() > 2 {
                    answer.2.truncate(answer.2.len() - 2);
                }
                self.answer(token, &answer);
            }
            Fate::Unreadable => {
                let mut answer = self.service.handle_request(&request, self.now);
                answer.2 = b"<html>".to_vec();
                self.answer(token, &answer);
            }
        }
        if !self.saves_rarely {
            self.save();
        }
        self.drain();
        // It goes on a little later.
        self.now += TimeDelta::milliseconds(300);
        true
    }

    /// As many requests as a rollout of three devices in pages of one and portions of one needs,
    /// and some for each fault.
    fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            if !self.step() {
                assert!(done(self), "stuck before {what}: {:?}", self.events);
            }
            let most = 250 + 20 * self.faults;
            assert!(self.requests < most, "too many requests before {what}: {:?}", self.events);
            assert!(self.waits < most, "too many waits before {what}: {:?}", self.events);
        }
    }

    fn is_done(&self) -> bool {
        each!(&self.rollout, rollout => rollout.step() == Step::Done)
    }

    fn drivers(&mut self) -> &mut DriverRollout {
        match &mut self.rollout {
            Rollout::Drivers(rollout) => rollout,
            Rollout::Deployment(_) => panic!("it is of drivers"),
        }
    }

    fn command(&mut self, command: impl FnOnce(&mut Rollout)) {
        command(&mut self.rollout);
        self.drain();
        self.save();
    }

    fn approval(&self, at: usize) -> ApprovalStatus {
        match &self.rollout {
            Rollout::Drivers(rollout) => rollout.approvals()[at].status,
            Rollout::Deployment(_) => panic!("it is of drivers"),
        }
    }

    fn does(&self, value: DeploymentStateValue) -> bool {
        match &self.rollout {
            Rollout::Deployment(rollout) => rollout.effective().is_some_and(|word| word.is(value)),
            Rollout::Drivers(_) => panic!("it is a deployment"),
        }
    }

    fn deeds(&self) -> Vec<Deed> {
        self.service.log().skip(self.foreign).map(|(_, deed)| deed.clone()).collect()
    }

    fn count(&self, which: impl Fn(&Deed) -> bool) -> usize {
        self.deeds().iter().filter(|deed| which(deed)).count()
    }

    /// Whatever happened, by the service's books: nothing was made twice, nothing is left, and what
    /// belongs to others is untouched.
    fn audit(&self, category: Option<&str>) {
        let deeds = self.deeds();
        let story = format!("{deeds:?}\n{:?}", self.events);
        let mut seen: BTreeMap<&Deed, usize> = BTreeMap::new();
        let (mut open, mut standing) = (BTreeSet::new(), BTreeSet::new());
        let mut audiences = BTreeSet::new();
        for deed in &deeds {
            match deed {
                Deed::Approved(_, entry) => {
                    assert!(standing.insert(entry), "approved twice: {story}");
                    continue;
                }
                Deed::Revoked(_, entry) => {
                    assert!(standing.remove(entry), "revoked twice: {story}");
                    continue;
                }
                Deed::DeploymentAsked(..) => continue,
                Deed::AudienceMade(id) => {
                    audiences.insert(id.clone());
                    open.insert(id.to_string());
                }
                Deed::PolicyMade(id, audience) => {
                    assert!(audiences.contains(audience), "{story}");
                    open.insert(id.to_string());
                }
                Deed::DeploymentMade(id, audience) => {
                    assert!(audiences.contains(audience), "{story}");
                    open.insert(id.to_string());
                }
                Deed::AudienceDeleted(id) => assert!(open.remove(id.as_str()), "{story}"),
                Deed::PolicyDeleted(id) => assert!(open.remove(id.as_str()), "{story}"),
                Deed::DeploymentDeleted(id) => assert!(open.remove(id.as_str()), "{story}"),
                _ => {}
            }
            *seen.entry(deed).or_default() += 1;
        }
        assert!(seen.values().all(|times| *times == 1), "something happened twice: {story}");
        assert!(standing.is_empty(), "an approval stands: {story}");
        assert!(open.is_empty(), "left behind: {open:?} {story}");
        for made in ["audience", "policy"] {
            let times = self.count(|deed| match made {
                "audience" => matches!(deed, Deed::AudienceMade(_)),
                _ => matches!(deed, Deed::PolicyMade(..)),
            });
            assert!(times <= 1, "{times} of {made}: {story}");
        }
        let counts = self.service.counts();
        // Two audiences by themselves, one with a deployment; a policy.
        assert_eq!((counts.audiences, counts.policies, counts.deployments), (3, 1, 1), "{story}");
        for known in ["driver", "feature", "quality"] {
            assert_eq!(self.service.enrolled(known).count(), 0, "{known} {story}");
        }
        let enrolled = |deed: &Deed| matches!(deed, Deed::Enrolled(..));
        match category {
            None => assert_eq!(self.count(enrolled), 0, "{story}"),
            Some(category) => {
                assert!(self.count(enrolled) <= 3, "{story}");
                for deed in &deeds {
                    if let Deed::Enrolled(_, found) = deed {
                        assert_eq!(found, category);
                    }
                }
            }
        }
        let trouble =
            |event: &&Event| matches!(event, Event::Blocked { .. } | Event::LeftOver { .. });
        assert_eq!(self.events.iter().find(trouble), None, "{story}");
        assert!(self.events.contains(&Event::Finished), "{story}");
    }
}

fn drivers(setting: &Setting, fates: Vec<Fate>) -> World {
    World::new(setting, fates, |plan| Rollout::Drivers(DriverRollout::new(plan)))
}

fn deployment(setting: &Setting, fates: Vec<Fate>, expedited: bool) -> World {
    World::new(setting, fates, |plan| {
        Rollout::Deployment(if expedited {
            DeploymentRollout::expedited(plan, entry("q1"), 2)
        } else {
            DeploymentRollout::feature(plan, entry("f1"))
        })
    })
}

/// `PROPTEST_CASES` sets more for a longer run.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: cases.unwrap_or(64), failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    /// The seed's flow to its end: enrolment, audience, members, policy, applicable content,
    /// approval, revocation, approval again, content that its publisher withdraws, departure.
    #[test]
    fn a_driver_rollout_ends_where_it_must_whatever_fails(
        setting in setting(),
        fates in prop::collection::vec(fate(), 0..90),
        keep in any::<bool>(),
    ) {
        let mut world = drivers(&setting, fates);
        world.until("offers", |world| match &world.rollout {
            Rollout::Drivers(rollout) => rollout.offers().count() == 2,
            Rollout::Deployment(_) => false,
        });
        world.command(|rollout| if let Rollout::Drivers(it) = rollout {
            it.approve(&entry("e1"), None).unwrap();
        });
        world.until("approval", |world| world.approval(0) == ApprovalStatus::Standing);
        world.command(|rollout| if let Rollout::Drivers(it) = rollout {
            it.revoke(&entry("e1")).unwrap();
            it.approve(&entry("e1"), None).unwrap();
        });
        world.until("re-approval", |world| world.approval(1) == ApprovalStatus::Standing);
        prop_assert_eq!(world.approval(0), ApprovalStatus::Revoked);
        world.service.withdraw(&entry("e2"));
        world.until("withdrawal", |world| match &world.rollout {
            Rollout::Drivers(rollout) => rollout.offer(&entry("e2")).is_none(),
            Rollout::Deployment(_) => false,
        });
        world.command(|rollout| if let Rollout::Drivers(it) = rollout {
            it.approve(&entry("e2"), None).unwrap();
        });
        world.until("refusal", |world| world.approval(2) == ApprovalStatus::Refused);
        // By the books: every device once, each approval as often as it was asked for.
        let approved = |deed: &Deed| matches!(deed, Deed::Approved(_, it) if *it == entry("e1"));
        prop_assert_eq!(world.count(approved), 2);
        prop_assert_eq!(world.count(|deed| matches!(deed, Deed::Enrolled(..))), 3);
        prop_assert_eq!(world.count(|deed| matches!(deed, Deed::MemberAdded(..))), 3);
        prop_assert_eq!(world.count(|deed| matches!(deed, Deed::DeploymentMade(..))), 2);
        let cleanup = if keep { Cleanup::Keep } else { Cleanup::Remove };
        world.command(|rollout| if let Rollout::Drivers(it) = rollout {
            it.unenroll(cleanup).unwrap();
        });
        world.until("the end", World::is_done);
        if keep {
            let counts = world.service.counts();
            prop_assert_eq!((counts.audiences, counts.policies, counts.approvals), (4, 2, 0));
            prop_assert_eq!(world.service.enrolled("driver").count(), 0);
        } else {
            world.audit(Some("driver"));
        }
    }

    /// A departure at any time, also with requests under way and approvals half made.
    #[test]
    fn a_departure_at_any_time_leaves_nothing_behind(
        setting in setting(),
        fates in prop::collection::vec(fate(), 0..60),
        steps in 0usize..50,
        under_way in any::<bool>(),
        revoke in any::<bool>(),
    ) {
        let mut world = drivers(&setting, fates);
        world.command(|rollout| if let Rollout::Drivers(it) = rollout {
            it.approve(&entry("e1"), None).unwrap();
            it.approve(&entry("e2"), None).unwrap();
        });
        for _ in 0..steps {
            world.step();
        }
        if under_way {
            // Given out and not answered before the order comes.
            let _ = world.poll();
        }
        if revoke {
            let _ = world.drivers().revoke(&entry("e2"));
        }
        world.command(|rollout| if let Rollout::Drivers(it) = rollout {
            it.unenroll(Cleanup::Remove).unwrap();
        });
        world.until("the end", World::is_done);
        world.audit(Some("driver"));
    }

    /// Feature and expedited updates: offered, paused, going on, out of date or not, archived, gone.
    #[test]
    fn a_deployment_ends_where_it_must_whatever_fails(
        setting in setting(),
        fates in prop::collection::vec(fate(), 0..60),
        expedited in any::<bool>(),
        outdated in any::<bool>(),
    ) {
        let mut world = deployment(&setting, fates, expedited);
        let ask = |world: &mut World, order: fn(&mut DeploymentRollout)| {
            world.command(|rollout| if let Rollout::Deployment(it) = rollout { order(it) });
        };
        use DeploymentStateValue::{Archived, Faulted, Offering, Paused};
        world.until("the offer", |world| world.does(Offering));
        ask(&mut world, |it| it.pause().unwrap());
        world.until("the pause", |world| world.does(Paused));
        ask(&mut world, |it| it.go_on().unwrap());
        world.until("the offer again", |world| world.does(Offering));
        if outdated {
            world.service.withdraw(&entry(if expedited { "q1" } else { "f1" }));
            world.until("the fault", |world| world.does(Faulted));
        }
        ask(&mut world, |it| it.archive().unwrap());
        world.until("the archive", |world| world.does(Archived));
        let asked: Vec<String> = world.deeds().into_iter().filter_map(|deed| match deed {
            Deed::DeploymentAsked(_, word) => Some(word),
            _ => None,
        }).collect();
        prop_assert_eq!(asked, ["paused", "none", "archived"]);
        prop_assert_eq!(world.count(|deed| matches!(deed, Deed::DeploymentMade(..))), 1);
        prop_assert_eq!(world.count(|deed| matches!(deed, Deed::MemberAdded(..))), 3);
        ask(&mut world, |it| it.finish(Cleanup::Remove).unwrap());
        world.until("the end", World::is_done);
        world.audit((!expedited).then_some("feature"));
    }

    /// The same departure for deployments.
    #[test]
    fn a_deployment_can_be_left_at_any_time(
        setting in setting(),
        fates in prop::collection::vec(fate(), 0..40),
        steps in 0usize..30,
        expedited in any::<bool>(),
    ) {
        let mut world = deployment(&setting, fates, expedited);
        for _ in 0..steps {
            world.step();
        }
        world.command(|rollout| if let Rollout::Deployment(it) = rollout {
            it.finish(Cleanup::Remove).unwrap();
        });
        world.until("the end", World::is_done);
        world.audit((!expedited).then_some("feature"));
    }
}
