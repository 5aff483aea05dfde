//! The vendor's server and one Windows PC, without HTTP: what goes wrong in a session is mended in
//! the same one or the next.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Duration, Utc};
use mdm_examples::clock::Clock;
use mdm_examples::http::Http;
use mdm_examples::journal::Journal;
use mdm_examples::server::store::{Store, set_value};
use mdm_examples::server::{Partners, Server, ServerError};
use syncml::simulator::{Device, Leaf, NodeValue, Step, Tree};
use syncml::{Command, LocUri, StatusCode};
use update_csp::approvals::{ApprovalLedger, Decision, Terms};
use update_csp::simulator::{Offer, WindowsUpdate};
use update_csp::{Classification, UpdateGuid};

const ID: &str = "urn:uuid:5f0c2f4e-0000-4000-8000-000000000001";
const UPDATE: UpdateGuid = UpdateGuid::from_u128(0x5f0c_2f4e);

/// A PC that refuses so many settings before it takes one.
#[derive(Clone)]
struct Pc {
    tree: WindowsUpdate,
    refusals: u32,
    refused: Vec<String>,
}

impl Pc {
    fn refuses(&mut self, uri: &LocUri) -> bool {
        let refuses = self.refusals > 0 && uri.to_string().contains("Policy/Config/Update");
        if refuses {
            self.refusals -= 1;
            self.refused.push(uri.to_string());
        }
        refuses
    }
}

impl Tree for Pc {
    fn get(&self, uri: &LocUri) -> Result<NodeValue, StatusCode> {
        self.tree.get(uri)
    }

    fn add(&mut self, uri: &LocUri, value: Option<Leaf>) -> StatusCode {
        if self.refuses(uri) { StatusCode::COMMAND_FAILED } else { self.tree.add(uri, value) }
    }

    fn replace(&mut self, uri: &LocUri, value: Leaf) -> StatusCode {
        if self.refuses(uri) { StatusCode::COMMAND_FAILED } else { self.tree.replace(uri, value) }
    }

    fn delete(&mut self, uri: &LocUri) -> StatusCode {
        self.tree.delete(uri)
    }

    fn exec(&mut self, uri: &LocUri) -> StatusCode {
        self.tree.exec(uri)
    }
}

struct Day {
    server: Server,
    store: Store,
    pc: Device<Pc>,
}

fn now() -> DateTime<Utc> {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn day(refusals: u32) -> Day {
    let store = Store::open(None).unwrap();
    let clock = Clock::at(now());
    let journal = Journal::new(clock.clone());
    let nowhere = Partners { update: String::new(), graph: String::new() };
    let server = Server::new(store.clone(), clock, journal, Http::new(None).unwrap(), nowhere);
    server.enrol_windows(ID, "PC-001", "all").unwrap();
    let offer = Offer::new(UPDATE, 7, Classification::UPDATES);
    let tree = WindowsUpdate::new("10.0.26100.4652", vec![offer]);
    let pc = Pc { tree, refusals, refused: Vec::new() };
    let pc = Device::new(ID, "https://mdm.contoso.example/ManagementServer/MDM.svc", pc);
    Day { server, store, pc }
}

impl Day {
    /// A session to its end; returns the messages of the PC and the last answer.
    fn session(&mut self) -> (Vec<Vec<u8>>, Vec<u8>) {
        self.pc.tree.tree.advance(now() + Duration::hours(1));
        let mut sent = vec![self.pc.start(&[]).unwrap()];
        loop {
            let answer = self.server.handle_windows(sent.last().unwrap()).unwrap();
            match self.pc.handle_message(&answer.body).unwrap() {
                Step::Send(next) => sent.push(next),
                Step::Done => return (sent, answer.body),
            }
            assert!(sent.len() < 20, "the session does not end");
        }
    }

    fn approve(&self) {
        let mut ledger = ApprovalLedger::default();
        let proof = ledger.approvable(UPDATE, &Terms::None).unwrap();
        ledger.approve(proof, Decision::new("IT", now()));
        self.store
            .transaction(|tx| Ok::<_, ServerError>(set_value(tx, "ledger", &ledger)?))
            .unwrap();
    }

    fn is_approved_on_the_pc(&mut self) -> bool {
        let node = format!("./Vendor/MSFT/Update/ApprovedUpdates/{UPDATE}");
        self.pc.tree.tree.execute(&Command::get(node)).0.is_success()
    }
}

#[test]
fn a_policy_that_a_pc_refuses_is_tried_again_in_the_next_session() {
    let mut day = day(1);
    day.session();
    assert_eq!(day.pc.tree.refused.len(), 1);
    assert!(!day.server.policies_are_set().unwrap(), "nobody believes that all is well");
    day.session();
    assert!(day.server.policies_are_set().unwrap());
    let (node, _) = day.pc.tree.refused[0].split_once('?').unwrap_or((&day.pc.tree.refused[0], ""));
    assert!(day.pc.tree.tree.execute(&Command::get(node.to_owned())).0.is_success());
    // All is as it must be: nothing is set any more.
    let before = day.pc.journal().len();
    day.session();
    let after = &day.pc.journal()[before..];
    assert!(after.iter().all(|entry| entry.name == "Get"), "{after:?}");
}

#[test]
fn a_last_message_that_comes_again_gets_its_answer_whatever_was_decided_since() {
    let mut day = day(0);
    let (sent, answer) = day.session();
    day.approve();
    let again = day.server.handle_windows(sent.last().unwrap()).unwrap();
    assert_eq!(again.body, answer);
    assert!(!day.is_approved_on_the_pc());
    day.session();
    assert!(day.is_approved_on_the_pc(), "the next session has it");
    assert!(day.server.nothing_is_queued().unwrap());
}

#[test]
fn a_pc_that_leaves_with_its_last_word_is_answered() {
    let mut day = day(0);
    day.session();
    day.approve();
    let package_1 = day.pc.start(&[]).unwrap();
    let answer = day.server.handle_windows(&package_1).unwrap();
    let Step::Send(results) = day.pc.handle_message(&answer.body).unwrap() else { panic!() };
    let leaves = "<Alert><CmdID>999</CmdID><Data>1223</Data></Alert><Final";
    let results = String::from_utf8(results).unwrap().replace("<Final", leaves);
    day.server.handle_windows(results.as_bytes()).unwrap();
    day.pc.give_up();
    day.session();
    assert!(day.is_approved_on_the_pc(), "the next session has it");
    assert!(day.server.nothing_is_queued().unwrap());
}

#[test]
fn a_session_that_begins_anew_with_the_same_number_is_a_new_one() {
    let mut day = day(0);
    let package_1 = day.pc.start(&[]).unwrap();
    day.server.handle_windows(&package_1).unwrap();
    // The PC lost power before it had the answer, and does not count its sessions.
    let anew = String::from_utf8(package_1).unwrap().replace("<Final", "<!-- again --><Final");
    let answer = day.server.handle_windows(anew.as_bytes()).unwrap();
    let answer = syncml::decode(&answer.body, &syncml::Limits::default()).unwrap();
    let asks = answer.body.commands.iter().any(|command| command.name() == "Get");
    assert!(asks, "what was asked is asked again");
}
