//! The machines of graph-wufb against peers that answer as they like, with the state saved and
//! restored in between. The bytes are read as decisions, so that every input is a conversation.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{CatalogEntry, CatalogEntryId, DeviceId};
use graph_wufb::requests::{self, Headers, Method, Origin, Request};
use graph_wufb::simulator::{Service, Timing};
use graph_wufb::workflow::{
    Cleanup, DeploymentRollout, DriverRollout, Event, Loss, Plan, RolloutState, Step, Token,
};
use graph_wufb::{BATCH_SIZE, BatchId, Batcher, Pager, Response, Turn};
use libfuzzer_sys::arbitrary::Unstructured;

/// One of these; the first when the input is over.
fn one_of<'a, T: ?Sized>(u: &mut Unstructured<'_>, all: &[&'a T]) -> &'a T {
    all[u.choose_index(all.len()).unwrap_or(0)]
}

fn byte(u: &mut Unstructured<'_>) -> u8 {
    u.arbitrary().unwrap_or(0)
}

fn text(u: &mut Unstructured<'_>) -> String {
    let length = usize::from(byte(u) % 64).min(u.len());
    String::from_utf8_lossy(u.bytes(length).unwrap_or_default()).into_owned()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whatever stands where the next link belongs: no page twice, none of another origin, no more than
/// allowed, and an error changes nothing.
pub fn graph_pager(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let most = usize::from(byte(&mut u) % 16) + 1;
    let mut pager = Pager::new(Origin::global(), requests::list_deployments()).with_max_pages(most);
    let mut asked = BTreeSet::from([pager.request().target.clone()]);
    for _ in 0..64 {
        if u.is_empty() {
            return;
        }
        let link = match byte(&mut u) % 8 {
            0 => "null".to_owned(),
            1 => text(&mut u),
            2 => quoted(&text(&mut u)),
            3 => quoted(&format!("{}/{}", one_of(&mut u, ORIGINS), text(&mut u))),
            n => quoted(&format!(
                "https://graph.microsoft.com/beta/{}",
                n.wrapping_mul(byte(&mut u))
            )),
        };
        let name = one_of(&mut u, &["@odata.nextLink", "@odata.nextlink", "@odata.nextLinks"]);
        let items = one_of(&mut u, &[r#"[{"id":"e"}]"#, "[]", "{}", "[7]", r#"[{"id":7}]"#]);
        let end = one_of(&mut u, &["}", "", "}}", ",}"]);
        let body = format!(r#"{{"value":{items},"{name}":{link}{end}"#);
        let status = [200, 200, 200, 204, 404, 429][usize::from(byte(&mut u) % 6)];
        let Ok(answer) = Response::parse(status, &Headers::new(), body.as_bytes()) else {
            continue;
        };
        let saved = serde_json::to_string(&pager).expect("a state is plain");
        match pager.feed::<CatalogEntry>(&answer) {
            Ok(Turn::More(_, next)) => {
                assert!(asked.insert(next.target.clone()), "a page twice");
                assert!(asked.len() <= most && next.target.starts_with('/'));
                let path = next.target.split('?').next().unwrap_or_default();
                assert!(!path.contains("/../") && next.target.is_ascii());
                assert_eq!(next.headers.get("prefer"), Some(requests::PREFER));
            }
            Ok(_) => {
                assert!(pager.is_done());
                return;
            }
            Err(_) => {
                assert_eq!(serde_json::to_string(&pager).expect("a state is plain"), saved);
                pager = serde_json::from_str(&saved).expect("it was written");
            }
        }
    }
}

const ORIGINS: &[&str] = &[
    "https://graph.microsoft.com",
    "HTTPS://GRAPH.microsoft.com:443",
    "https://graph.microsoft.com:444",
    "https://graph.microsoft.com@example.org",
    "https://user@graph.microsoft.com",
    "https://example.org",
    "http://graph.microsoft.com",
    "",
];

/// Requests of both versions, alone and in chains, and a peer that answers to some of them in some
/// way: one outcome each, in a bounded number of batches, and nothing done twice.
pub fn graph_batch(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let mut batcher = Batcher::new().with_attempts(3);
    let mut ids: Vec<BatchId> = Vec::new();
    for number in 0..=(byte(&mut u) % 48) {
        let kind = byte(&mut u);
        let mut request = if kind % 2 == 0 {
            requests::create_deployment_audience()
        } else {
            requests::get_updatable_asset(&DeviceId::new(&format!("d{number}")).expect("an ID"))
        };
        if kind & 2 != 0 {
            request.target = request.target.replacen("/beta", "/v1.0", 1);
        }
        let after = ids.len().checked_sub(usize::from(kind >> 2) + 1).map(|index| ids[index]);
        ids.push(batcher.add(request, after).expect("it can be packed"));
    }
    let (mut outcomes, mut done) = (BTreeSet::new(), BTreeMap::<String, u32>::new());
    // What the peer answered under the ID of another request: it may have told it to come again.
    let mut misnamed = BTreeSet::new();
    let mut now = DateTime::UNIX_EPOCH;
    let mut batches = 0;
    while !batcher.is_done() {
        if byte(&mut u) % 4 == 0 {
            let saved = serde_json::to_string(&batcher).expect("a state is plain");
            let resumed: Batcher = serde_json::from_str(&saved).expect("it was written");
            assert_eq!(resumed, batcher);
            batcher = resumed;
        }
        let Some(batch) = batcher.poll(now) else {
            let wake = batcher.poll_timeout().expect("it waits for something");
            assert!(wake > now, "woken for nothing");
            now = wake;
            continue;
        };
        batches += 1;
        assert!(batches <= 3 * ids.len() + 3, "it never ends");
        let body = batch.body_value().expect("a batch is JSON");
        let sent = body.pointer("/requests").and_then(|list| list.as_array()).expect("requests");
        assert!(sent.len() <= BATCH_SIZE);
        let mut list = Vec::new();
        for request in sent {
            let request = request.as_object().expect("a request");
            let id = request.text("id").expect("an ID");
            let (answer, carried_out) = batch_answer(&mut u, id, &mut misnamed);
            list.extend(answer);
            let times = done.entry(id.to_owned()).or_default();
            *times += u32::from(carried_out);
            let harmless = request.text("method") == Some("GET") || misnamed.contains(id);
            assert!(harmless || *times <= 1, "done twice");
        }
        if byte(&mut u) % 2 == 0 {
            list.reverse();
        }
        let cut = byte(&mut u);
        let mut text = format!(r#"{{"responses":[{}]}}"#, list.join(","));
        if cut < 32 {
            // The end may be missing, but what is there stays what it is.
            text.truncate(text.len().saturating_sub(usize::from(cut % 3)));
        } else if cut == 255 {
            text = "7".to_owned();
        }
        let answer = Response::parse(200, &Headers::new(), text.as_bytes());
        let told = match answer.and_then(|answer| batcher.handle_response(now, &answer)) {
            Ok(told) => told,
            Err(_) => batcher.handle_loss(now),
        };
        for (id, _) in told {
            assert!(outcomes.insert(id), "two outcomes");
        }
    }
    assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), ids);
}

/// The answer to one request of a batch, and whether it was carried out.
fn batch_answer(
    u: &mut Unstructured<'_>,
    id: &str,
    misnamed: &mut BTreeSet<String>,
) -> (Option<String>, bool) {
    let with = |status: &str, wait: &str| {
        Some(format!(r#"{{"id":"{id}","status":{status},"headers":{{"Retry-After":{wait}}}}}"#))
    };
    match byte(u) % 8 {
        0 | 1 => (with("200", "1"), true),
        2 => (None, true),
        3 => (with("404", r#""x""#), true),
        4 => {
            let wait = one_of(u, &["3", r#""3""#, "-1", "[]", "1e9", r#""soon""#, r#""2.5""#]);
            (with("429", wait), false)
        }
        5 => (with("503", "null"), true),
        6 => {
            let status = one_of(u, &["null", "-1", r#""x""#, "70000", "[]", "42", "4.29"]);
            (with(status, "1"), true)
        }
        _ => {
            let other = text(u).escape_default().to_string();
            let answer = format!(r#"{{"id":"{other}","status":429}}"#);
            misnamed.insert(other);
            (Some(answer), true)
        }
    }
}

enum Rollout {
    Drivers(Box<DriverRollout>),
    Deployment(Box<DeploymentRollout>),
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
        each!(self, rollout => serde_json::to_string(rollout).expect("a state is plain"))
    }

    fn resume(&mut self, saved: &str) -> bool {
        let Ok(state) = serde_json::from_str::<RolloutState>(saved) else { return false };
        match self {
            Self::Drivers(rollout) => match DriverRollout::resume(state) {
                Ok(resumed) => **rollout = resumed,
                Err(_) => return false,
            },
            Self::Deployment(rollout) => match DeploymentRollout::resume(state) {
                Ok(resumed) => **rollout = resumed,
                Err(_) => return false,
            },
        }
        true
    }

    /// What another node has that reads this one's saved state.
    fn twin(&self) -> Self {
        let mut twin = match self {
            Self::Drivers(rollout) => {
                Self::Drivers(Box::new(DriverRollout::new(rollout.plan().clone())))
            }
            Self::Deployment(rollout) => {
                let plan = rollout.plan().clone();
                let entry = CatalogEntryId::new("f").expect("an ID");
                Self::Deployment(Box::new(DeploymentRollout::feature(plan, entry)))
            }
        };
        assert!(twin.resume(&self.save()), "what was saved can be resumed");
        twin
    }

    fn poll(&mut self, now: DateTime<Utc>) -> Option<(Token, Request)> {
        each!(self, rollout => rollout.poll_transmit(now))
    }

    fn wake(&self) -> Option<DateTime<Utc>> {
        each!(self, rollout => rollout.poll_timeout())
    }

    fn drain(&mut self) -> Vec<Event> {
        each!(self, rollout => std::iter::from_fn(|| rollout.poll_event()).collect())
    }

    fn answer(&mut self, now: DateTime<Utc>, token: Token, status: u16, body: &[u8], wait: &str) {
        let headers = Headers::from_iter([("Retry-After", wait)]);
        each!(self, rollout => rollout.handle_response(now, token, status, &headers, body));
    }

    fn command(&mut self, order: u8, entry: &CatalogEntryId) {
        let cleanup = if order > 127 { Cleanup::Keep } else { Cleanup::Remove };
        let _ = match self {
            Self::Drivers(rollout) => match order % 8 {
                0..=3 => rollout.approve(entry, None),
                4..=6 => rollout.revoke(entry),
                _ => rollout.unenroll(cleanup),
            },
            Self::Deployment(rollout) => match order % 8 {
                0..=2 => rollout.pause(),
                3..=5 => rollout.go_on(),
                6 => rollout.archive(),
                _ => rollout.finish(cleanup),
            },
        };
    }

    fn end(&mut self) {
        let _ = match self {
            Self::Drivers(rollout) => rollout.unenroll(Cleanup::Remove),
            Self::Deployment(rollout) => rollout.finish(Cleanup::Remove),
        };
    }
}

/// A rollout through random answers, losses, commands and restarts from saved states, some of which
/// were tampered with: it never panics, is never woken for nothing, and in the end it ends. If nobody
/// lied to it, nothing is left in the service that it does not name.
pub fn graph_rollout(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let kind = byte(&mut u);
    let devices: Vec<DeviceId> =
        (0..3).map(|n| DeviceId::new(&format!("d{n}")).expect("an ID")).collect();
    let mut service = Service::new().with_timing(Timing::immediate());
    service = service.with_page_size(usize::from(kind >> 4) + 1);
    service.add_driver("e1", "Net", &devices);
    service.add_driver("e2", "Audio", &devices[..1]);
    service.add_feature_update("f", "25H2");
    service.add_quality_update("q", "B");
    let mut plan = Plan::new(devices);
    plan.chunk = (kind & 4 != 0).then_some(2);
    plan.one_by_one = usize::from(kind & 8);
    let entry = |name: &str| CatalogEntryId::new(name).expect("an ID");
    let entries = [entry("e1"), entry("e2"), entry("e3")];
    let mut rollout = match kind % 3 {
        0 => Rollout::Drivers(Box::new(DriverRollout::new(plan))),
        1 => Rollout::Deployment(Box::new(DeploymentRollout::feature(plan, entry("f")))),
        _ => Rollout::Deployment(Box::new(DeploymentRollout::expedited(plan, entry("q"), 2))),
    };
    let mut now: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let (mut lied, mut kept, mut left, mut waits) = (false, false, false, false);
    let mut note = |rollout: &mut Rollout| {
        left |= rollout.drain().iter().any(|event| matches!(event, Event::LeftOver { .. }));
    };
    for _ in 0..300 {
        if u.is_empty() {
            break;
        }
        note(&mut rollout);
        let mut twin = rollout.twin();
        let polled = rollout.poll(now);
        // Under a token of its own. What is under way here may have been lost for the other one.
        if !waits {
            let request =
                |polled: &Option<(Token, Request)>| polled.as_ref().map(|one| one.1.clone());
            assert_eq!(request(&twin.poll(now)), request(&polled), "another node does the same");
            assert_eq!(twin.wake(), rollout.wake());
        }
        waits = polled.is_some();
        assert_eq!(rollout.poll(now), polled, "the same again");
        let saved = rollout.save();
        let dice = byte(&mut u);
        if dice < 24 {
            let order = byte(&mut u);
            kept |= order > 127 && order % 8 == 7;
            rollout.command(order, &entries[usize::from(dice % 3)]);
        } else if dice < 32 {
            let mut tampered = saved.clone().into_bytes();
            let place = usize::from(u.arbitrary::<u16>().unwrap_or(0)) % tampered.len();
            tampered[place] = byte(&mut u);
            let tampered = String::from_utf8_lossy(&tampered).into_owned();
            // Where it is the same again, it was no lie.
            lied |= rollout.resume(&tampered) && tampered != saved;
        } else if dice < 48 {
            assert!(rollout.resume(&saved), "what was saved can be resumed");
        } else if let Some((token, request)) = polled {
            waits = false;
            let wait = one_of(&mut u, &["", "1", "60", "x", "2.5", "-1"]);
            match dice % 8 {
                0 => {
                    let status = [200, 201, 204, 400, 404, 409, 500][usize::from(byte(&mut u) % 7)];
                    let body = text(&mut u);
                    lied = true;
                    rollout.answer(now, token, status, body.as_bytes(), wait);
                }
                1 => {
                    each!(&mut rollout, rollout => rollout.handle_loss(now, token, Loss::NotSent));
                }
                2 => {
                    let carried_out = byte(&mut u) % 2 == 0;
                    if carried_out {
                        service.handle_request(&request, now);
                    }
                    each!(&mut rollout, rollout => rollout.handle_loss(now, token, Loss::Unknown));
                }
                3 => {
                    let status = [429, 500, 503, 504, 403, 401][usize::from(byte(&mut u) % 6)];
                    let carried_out = matches!(status, 500 | 503 | 504) && byte(&mut u) % 2 == 0;
                    service.fail_next(status, Some(wait), carried_out);
                    let (status, _, body) = service.handle_request(&request, now);
                    rollout.answer(now, token, status, &body, wait);
                }
                _ => {
                    let (status, _, body) = service.handle_request(&request, now);
                    rollout.answer(now, token, status, &body, wait);
                }
            }
        } else if let Some(wake) = rollout.wake() {
            now = wake.max(now + TimeDelta::milliseconds(1));
        } else {
            each!(&mut rollout, rollout => rollout.retry());
        }
    }
    rollout.end();
    finish(&mut rollout, &mut service, now, lied, &mut note);
    let counts = service.counts();
    if !lied && !kept && !left {
        assert_eq!((counts.audiences, counts.policies, counts.deployments), (0, 0, 0));
        assert_eq!(service.enrolled("driver").count() + service.enrolled("feature").count(), 0);
    }
}

/// With an honest service everything ends.
fn finish(
    rollout: &mut Rollout,
    service: &mut Service,
    mut now: DateTime<Utc>,
    lied: bool,
    note: &mut impl FnMut(&mut Rollout),
) {
    for _ in 0..500 {
        note(rollout);
        if let Some((token, request)) = rollout.poll(now) {
            let (status, _, body) = service.handle_request(&request, now);
            rollout.answer(now, token, status, &body, "");
        } else if let Some(wake) = rollout.wake() {
            assert!(wake > now, "woken for nothing");
            now = wake;
        } else if each!(&*rollout, rollout => rollout.step() == Step::Done) {
            note(rollout);
            return;
        } else {
            each!(&mut *rollout, rollout => rollout.retry());
        }
    }
    // A list of devices without one, no room for events, or another service than this, whose lists
    // lead elsewhere: what only tampering can make.
    let method = rollout.poll(now).map(|(_, request)| request.method == Method::Get);
    let stuck = each!(&*rollout, rollout => rollout.plan().devices.is_empty()
        || rollout.plan().events < 8 || rollout.is_blocked()
        || rollout.plan().origin != Origin::global());
    assert!(lied && stuck, "it never ends: {method:?} {}", rollout.save());
}
