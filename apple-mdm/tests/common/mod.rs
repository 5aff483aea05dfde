//! A server with one plan, a simulated device, and a network between them that loses and repeats.
//! The plan is saved and read again at every step, as if each message met another node.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use apple_mdm::check::{DeviceFacts, EnrollmentKind, is_refused};
use apple_mdm::declarations::read_check_in;
use apple_mdm::declarations::status::StatusReport;
use apple_mdm::declarations::support::Enrollment;
use apple_mdm::messages::{Report, Request};
use apple_mdm::plan::{Device, Event, Goal, Outcome, Path, PlanState, Stage, UpdatePlan};
use apple_mdm::plist::{self, Limits, Value};
use apple_mdm::schema::Platform;
use apple_mdm::simulator::AppleDevice;
use chrono::{DateTime, Duration, Utc};

/// When every test begins.
pub fn start() -> DateTime<Utc> {
    "2026-01-10T08:00:00Z".parse().unwrap()
}

/// So many days after the start, as a local time.
pub fn days(days: i64) -> apple_mdm::declarations::LocalDateTime {
    (start() + Duration::days(days)).naive_utc().into()
}

pub fn goal(version: &str) -> Goal {
    Goal::new(version.parse().unwrap(), days(3))
}

/// What happens to one message and its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    None,
    /// The device's message does not arrive.
    Lost,
    /// The answer does not arrive.
    AnswerLost,
    /// The device's message arrives twice; the second answer arrives.
    Twice,
}

pub struct World {
    pub device: AppleDevice,
    saved: String,
    enrollment: Enrollment,
    due: Option<DateTime<Utc>>,
    over: bool,
    pub now: DateTime<Utc>,
    pub events: Vec<Event>,
    faults: std::vec::IntoIter<Fault>,
    pushed: bool,
    /// When the device polls by itself after NotNow.
    polls_at: Option<DateTime<Utc>>,
    was_away: bool,
    /// RequestType of each command that reached the device, and when.
    pub commands: Vec<(DateTime<Utc>, String)>,
    /// How many messages the device has sent, and which of them each command answered.
    pub messages: usize,
    pub carried: Vec<usize>,
    /// All of them, as bytes.
    pub bodies: Vec<String>,
    pub pushes: u32,
    /// The server offers the bootstrap token when the plan asks for it.
    pub escrows: bool,
}

impl World {
    pub fn new(device: AppleDevice, goal: Goal) -> Self {
        Self::enrolled(device, goal, Enrollment::Supervised)
    }

    pub fn enrolled(device: AppleDevice, goal: Goal, enrollment: Enrollment) -> Self {
        let device = device.with_enrollment(enrollment);
        let known = Device::new(device.installed(), enrollment);
        let plan = UpdatePlan::new("test", known, goal);
        Self {
            device,
            enrollment,
            due: plan.poll_timeout(),
            over: plan.is_over(),
            saved: serde_json::to_string(&plan.into_state()).unwrap(),
            now: start(),
            events: Vec::new(),
            faults: Vec::new().into_iter(),
            pushed: true,
            polls_at: None,
            was_away: false,
            commands: Vec::new(),
            messages: 0,
            carried: Vec::new(),
            bodies: Vec::new(),
            pushes: 0,
            escrows: true,
        }
    }

    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults.into_iter();
        self
    }

    pub fn plan(&self) -> UpdatePlan {
        let state: PlanState = serde_json::from_str(&self.saved).unwrap();
        UpdatePlan::resume(state).unwrap()
    }

    /// One access of a server's node to the plan.
    pub fn with_plan<T>(&mut self, work: impl FnOnce(&mut UpdatePlan, DateTime<Utc>) -> T) -> T {
        let mut plan = self.plan();
        let result = work(&mut plan, self.now);
        while let Some(event) = plan.poll_event() {
            if let Event::Push(_) = event {
                self.pushed = true;
                self.pushes += 1;
            }
            if event == Event::BootstrapTokenNeeded && self.escrows {
                self.device.escrow_token();
                plan.bootstrap_token_escrowed();
            }
            self.events.push(event);
        }
        self.due = plan.poll_timeout();
        self.over = plan.is_over();
        self.saved = serde_json::to_string(&plan.into_state()).unwrap();
        result
    }

    pub fn outcome(&self) -> Option<Outcome> {
        self.plan().outcome().cloned()
    }

    pub fn stage(&self) -> Stage {
        self.plan().stage()
    }

    /// The server's answer to one message of the device: status and body.
    fn serve(&mut self, message: &[u8]) -> (u16, Vec<u8>) {
        let value = plist::decode(message, &Limits::default()).unwrap();
        let Value::Dictionary(dictionary) = &value else { panic!("no dictionary") };
        if let Some((endpoint, data)) = read_check_in(dictionary).unwrap() {
            return self.with_plan(|plan, now| {
                let response = plan.answer(now, &endpoint, &data);
                (response.status, response.body)
            });
        }
        let report = Report::decode(message, &Limits::default()).unwrap();
        let body = self.with_plan(|plan, now| {
            plan.handle_report(now, &report);
            let command = plan.poll_transmit(now).unwrap();
            assert_eq!(plan.poll_transmit(now).unwrap(), command, "the same bytes again");
            command
        });
        (200, body.unwrap_or_default())
    }

    /// Sends a message; `None` if the device gets no answer.
    fn send(&mut self, message: &[u8]) -> Option<(u16, Vec<u8>)> {
        self.messages += 1;
        match self.faults.next().unwrap_or(Fault::None) {
            Fault::None => Some(self.serve(message)),
            Fault::Lost => None,
            Fault::AnswerLost => {
                self.serve(message);
                None
            }
            Fault::Twice => {
                let first = self.serve(message);
                let second = self.serve(message);
                let idle = message.windows(4).any(|window| window == b"Idle");
                // A second Idle may be another check-in: then an order is not repeated blindly.
                if !idle {
                    assert_eq!(first, second, "a repeated request gets the same bytes");
                }
                Some(second)
            }
        }
    }

    /// The rules of the crate have nothing against a command for the device as it is, if it is as
    /// the server believes.
    fn check(&self, body: &[u8]) {
        let believed = self.plan().device().installed.clone();
        if believed.version != self.device.installed().version {
            return;
        }
        let kind = match self.enrollment {
            Enrollment::User => EnrollmentKind::User,
            _ => EnrollmentKind::Device,
        };
        let mut facts = DeviceFacts::new(believed.platform, believed.version)
            .with_supervised(self.enrollment == Enrollment::Supervised)
            .with_enrollment(kind);
        facts.has_enforcement = self.device.is_declared();
        let request = Request::decode(body, &Limits::default()).unwrap();
        let findings = request.command.check(&facts);
        assert!(
            !is_refused(&findings),
            "{findings:?} {believed:?} {:?} {:?}",
            self.commands,
            self.events
        );
    }

    /// The device checks in and executes what it gets.
    fn check_in(&mut self) {
        let mut said = Some(self.device.check_in());
        while let Some(message) = said.take() {
            let not_now = message.windows(6).any(|window| window == b"NotNow");
            let Some((status, body)) = self.send(&message) else {
                // Nobody polls for an answer that it never got.
                return;
            };
            assert_eq!(status, 200);
            if not_now {
                assert!(body.is_empty(), "a device that cannot now is left in peace");
                self.polls_at = Some(self.now + Duration::minutes(10));
                return;
            }
            if body.is_empty() {
                return;
            }
            self.check(&body);
            let command = plist::decode(&body, &Limits::default()).unwrap();
            let command = command.as_dictionary().unwrap().get("Command").unwrap().clone();
            let name = command.as_dictionary().unwrap().str("RequestType").unwrap().to_owned();
            self.commands.push((self.now, name));
            self.carried.push(self.messages);
            self.bodies.push(String::from_utf8_lossy(&body).into_owned());
            said = self.device.handle_command(&body, self.now).unwrap();
        }
    }

    /// Five minutes pass.
    pub fn step(&mut self) {
        self.now += Duration::minutes(5);
        if self.due.is_some_and(|due| self.now >= due) {
            self.with_plan(|plan, now| plan.handle_timeout(now));
        }
        if !self.device.is_reachable(self.now) {
            self.was_away = true;
            return;
        }
        // It speaks when it is pushed, after a restart, and after NotNow.
        let polls = self.polls_at.is_some_and(|at| self.now >= at);
        if self.pushed || polls || std::mem::take(&mut self.was_away) {
            self.pushed = false;
            self.polls_at = None;
            self.check_in();
        }
        for _ in 0..20 {
            let Some(message) = self.device.poll_check_in(self.now) else { break };
            match self.send(&message) {
                Some((status, body)) => self.device.handle_check_in(self.now, status, &body),
                None => break,
            }
        }
    }

    /// Runs until the plan is over.
    pub fn run(&mut self) -> Outcome {
        for _ in 0..(20 * 288) {
            if self.over {
                return self.outcome().expect("an outcome");
            }
            self.step();
        }
        panic!("the plan does not end: {:?} {:?}", self.stage(), self.events);
    }

    pub fn named(&self, name: &str) -> usize {
        self.commands.iter().filter(|(_, known)| known == name).count()
    }

    pub fn has(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.events.iter().any(wanted)
    }

    pub fn chosen(&self) -> Vec<Path> {
        let chosen = self.events.iter().filter_map(|event| match event {
            Event::Chosen(path) => Some(*path),
            _ => None,
        });
        chosen.collect()
    }
}

pub fn updated(version: &str) -> Outcome {
    Outcome::Updated { version: version.to_owned() }
}

pub fn iphone(from: &str, to: &str) -> AppleDevice {
    AppleDevice::new("00008020-000915083C80012E", from, to, "iOSUpdate")
}

pub fn mac(from: &str, to: &str) -> AppleDevice {
    AppleDevice::new("MAC", from, to, "MSU_UPDATE").with_platform(Platform::MacOs)
}

pub fn tv(from: &str, to: &str) -> AppleDevice {
    AppleDevice::new("TV", from, to, "tvOSUpdate").with_platform(Platform::TvOs)
}

/// What a device says of the plan's declaration: that it is active, and valid or not.
pub fn declaration_status(plan: &UpdatePlan, valid: &str, reasons: &str) -> StatusReport {
    let declarations = plan.declarations();
    let declaration = declarations.first().expect("a declaration");
    let text = format!(
        r#"{{"StatusItems": {{"management": {{"declarations": {{"configurations": [
            {{"identifier": "{}", "server-token": "{}", "active": true, "valid": "{valid}",
              "reasons": {reasons}}}]}}}}}}}}"#,
        declaration.identifier(),
        declaration.server_token()
    );
    StatusReport::decode(text.as_bytes(), &Default::default()).unwrap()
}
