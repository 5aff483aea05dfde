//! A driver rollout and the simulated service, in a time of their own.
#![allow(dead_code, reason = "each test file uses a part")]

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{CatalogEntryId, DeviceId};
use graph_wufb::requests::{Method, Request};
use graph_wufb::simulator::Service;
use graph_wufb::workflow::{DriverRollout, Event, Handled, Plan, RolloutState, Step, Token};

pub(crate) fn start() -> DateTime<Utc> {
    "2026-01-12T08:00:00Z".parse().unwrap()
}

pub(crate) fn device(name: &str) -> DeviceId {
    name.parse().unwrap()
}

pub(crate) fn entry(name: &str) -> CatalogEntryId {
    name.parse().unwrap()
}

/// How the request for applicable content ends.
pub(crate) const CONTENT: &str = "applicableContent?$expand=catalogEntry,matchedDevices";

/// A rollout, a service, and the time that both live in.
pub(crate) struct Pair {
    pub(crate) rollout: DriverRollout,
    pub(crate) service: Service,
    pub(crate) now: DateTime<Utc>,
    pub(crate) events: Vec<Event>,
    pub(crate) sent: Vec<Request>,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::with(Plan::new(["d1", "d2", "d3"].map(device)))
    }

    pub(crate) fn with(plan: Plan) -> Self {
        let mut service = Service::new();
        service.add_driver("e1", "Contoso - Net - 1.0", [&device("d1"), &device("d2")]);
        service.add_driver("e2", "Contoso - Audio - 2.0", [&device("d3")]);
        let rollout = DriverRollout::new(plan);
        Self { rollout, service, now: start(), events: Vec::new(), sent: Vec::new() }
    }

    pub(crate) fn drain(&mut self) {
        self.events.extend(std::iter::from_fn(|| self.rollout.poll_event()));
    }

    /// Goes on to the next time that there is something to do, and asks what.
    pub(crate) fn poll(&mut self) -> Option<(Token, Request)> {
        for _ in 0..100 {
            if let Some(sent) = self.rollout.poll_transmit(self.now) {
                return Some(sent);
            }
            self.drain();
            self.now = self.rollout.poll_timeout()?.max(self.now + TimeDelta::milliseconds(1));
        }
        panic!("nothing to do in a hundred polls, yet a time to wake")
    }

    pub(crate) fn step(&mut self) -> bool {
        let Some((token, request)) = self.poll() else { return false };
        let (status, headers, body) = self.service.handle_request(&request, self.now);
        self.sent.push(request);
        let handled = self.rollout.handle_response(self.now, token, status, &headers, &body);
        assert_eq!(handled, Handled::Applied);
        self.drain();
        true
    }

    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        for _ in 0..500 {
            if done(self) {
                return;
            }
            assert!(self.step(), "stuck at {:?}: {:?}", self.rollout.step(), self.events);
        }
        panic!("not done after 500 requests: {:?}", self.events);
    }

    pub(crate) fn run_to(&mut self, step: Step) {
        self.run_until(|pair| pair.rollout.step() >= step);
    }

    /// To the request of this method and end of its path, which is given out but not answered.
    pub(crate) fn run_to_request(&mut self, method: Method, end: &str) -> (Token, Request) {
        for _ in 0..500 {
            let (token, request) = self.poll().expect("something to send");
            if request.method == method && request.target.ends_with(end) {
                return (token, request);
            }
            assert!(self.step());
        }
        panic!("no {method} …{end}");
    }

    pub(crate) fn save_and_resume(&mut self) {
        let saved = serde_json::to_string(&self.rollout.state()).unwrap();
        let state: RolloutState = serde_json::from_str(&saved).unwrap();
        self.rollout = DriverRollout::resume(state).unwrap();
    }

    pub(crate) fn count(&self, method: Method, end: &str) -> usize {
        let same = |request: &&Request| request.method == method && request.target.ends_with(end);
        self.sent.iter().filter(same).count()
    }
}
