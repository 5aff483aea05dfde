//! What the sync machine does where devices name revisions that the server does not have, and it may
//! ask which ones it has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "syncing/mod.rs"]
mod syncing;

use std::collections::BTreeSet;

use syncing::{Bench, PRODUCT, changed, key};
use wsusss::messages::{self, Fault, FaultCode, Message, Soap};
use wsusss::sync::{Config, Event, Phase, Sync, SyncState};
use wsusss::{UpdateId, UpdateKey};

const ASK: &str = "GetRelatedRevisionsForUpdates";

fn config() -> Config {
    let mut config = syncing::config();
    config.current_revisions = true;
    config
}

/// What was asked in each question.
fn asked(bench: &Bench) -> Vec<Vec<UpdateId>> {
    let ids = |message: &Message<'_>| match message {
        Message::GetRelatedRevisionsForUpdates(request) => {
            assert!(request.cookie.value().is_some());
            Some(request.update_ids.iter().copied().collect())
        }
        _ => None,
    };
    bench.requests.iter().filter_map(|(_, message)| ids(message)).collect()
}

fn resting(bench: &Bench) -> Vec<UpdateKey> {
    bench.sync.quarantine().map(|(key, _)| key).collect()
}

fn is_finished(bench: &Bench) -> bool {
    matches!(bench.events.last(), Some(Event::Finished { .. }))
}

/// An upstream with an update at revision 200, of which a device names revision 1.
fn start(config: &Config) -> Bench {
    let mut bench = Bench::new(config);
    bench.offer(0x1000, 200, PRODUCT);
    bench.sync.want(key(0x1000, 1));
    bench
}

/// The question, of which the answer is still to come.
fn until_question(bench: &mut Bench) -> wsusss::sync::Transmit {
    for _ in 0..99 {
        let request = bench.sync.poll_transmit(bench.now).unwrap();
        if request.soap_action.contains(ASK) {
            return request;
        }
        bench.step();
    }
    panic!("it is not asked");
}

/// Answers the question with these revisions, and goes on.
fn tell(bench: &mut Bench, told: &[UpdateKey]) {
    let request = until_question(bench);
    let answer = Message::GetRelatedRevisionsForUpdatesResponse(told.to_vec().into());
    let mut body = Vec::new();
    messages::encode(Soap::V11, &answer, &mut body).unwrap();
    bench.sync.handle_response(bench.now, request.token, &body).unwrap();
    bench.run();
}

#[test]
fn a_revision_that_is_gone_is_replaced_by_the_current_one_if_that_may_be_asked() {
    let mut bench = start(&syncing::config());
    bench.run();
    assert_eq!((asked(&bench).len(), resting(&bench)), (0, vec![key(0x1000, 1)]), "not by default");
    let mut bench = start(&config());
    bench.run();
    assert_eq!(
        bench.names()[3..],
        ["GetConfigData", "GetUpdateData", ASK, "GetUpdateData"],
        "and nothing more"
    );
    let id = UpdateId::from_u128(0x1000);
    assert_eq!(asked(&bench), [[id]]);
    assert_eq!(bench.sync.known().get(&id), Some(&200));
    assert!(bench.sync.needed().is_empty() && resting(&bench).is_empty() && is_finished(&bench));
    // What the device says again is known by now.
    assert_eq!(bench.sync.want(key(0x1000, 1)), wsusss::sync::Want::Known);
    // The same with answers in chunks.
    let mut bench = start(&config());
    while let Some(request) = bench.sync.poll_transmit(bench.now) {
        let answer = bench.upstream.handle(&request.body, bench.now).body;
        for chunk in answer.chunks(7) {
            bench.sync.handle_response_chunk(bench.now, request.token, chunk).unwrap();
        }
        bench.sync.handle_response_end(bench.now, request.token).unwrap();
        while let Some(event) = bench.sync.poll_event() {
            if let Event::Update { key, .. } = event {
                bench.sync.committed(key);
            }
        }
    }
    assert_eq!(bench.sync.known().get(&id), Some(&200));
}

#[test]
fn what_the_server_never_had_is_asked_once_in_a_run() {
    let mut bench = start(&config());
    bench.upstream.remove(UpdateId::from_u128(0x1000));
    for _ in 0..3 {
        bench.next_run();
        assert_eq!((asked(&bench).len(), resting(&bench)), (1, vec![key(0x1000, 1)]));
        assert!(is_finished(&bench));
    }
    // One that has an older revision than a device names: it is stored, and the other one waits.
    bench.offer(0x1000, 3, PRODUCT);
    bench.sync.want(key(0x1000, 5));
    bench.next_run();
    assert_eq!(bench.sync.known().get(&UpdateId::from_u128(0x1000)), Some(&3));
    assert_eq!(resting(&bench), [key(0x1000, 5)]);
    bench.next_run();
    assert_eq!((bench.batches(), asked(&bench).len()), (vec![1], 1), "only for the other one");
}

#[test]
fn questions_are_as_long_as_batches() {
    for (count, questions) in [(3, vec![3]), (4, vec![3, 1])] {
        let mut config = config();
        config.max_batch = 3;
        let mut bench = Bench::new(&config);
        for number in 0..count {
            bench.offer(0x1000 + number, 200, PRODUCT);
            bench.sync.want(key(0x1000 + number, 1));
        }
        bench.run();
        assert_eq!(asked(&bench).iter().map(Vec::len).collect::<Vec<_>>(), questions);
        assert_eq!(bench.sync.known().len() as u128, count);
    }
}

#[test]
fn a_server_that_does_not_tell_is_asked_no_more_in_that_run_and_fails_nothing() {
    let mut plain = Fault::default();
    plain.reason = "no such action".to_owned();
    let faults = [
        Fault::new(FaultCode::InvalidParameters),
        Fault::new(FaultCode::InternalServerError),
        Fault::new(FaultCode::TooManyIds),
        Fault::new(FaultCode::IncompatibleProtocolVersion),
        Fault::new(FaultCode::Other("New".to_owned())),
        plain,
    ];
    for fault in faults {
        let mut config = config();
        config.max_batch = 1;
        let mut bench = start(&config);
        bench.sync.want(key(0x1001, 1));
        let there = bench.offer(0x1002, 1, PRODUCT);
        bench.sync.want(there);
        bench.upstream.fail_next(Some(ASK), fault.clone());
        bench.run();
        assert_eq!((asked(&bench).len(), bench.sync.known().len()), (1, 1), "{fault}");
        let said = |event: &&Event| matches!(event, Event::NoCurrentRevisions(own) if own.code == fault.code);
        assert_eq!(bench.events.iter().filter(said).count(), 1);
        assert!(is_finished(&bench), "{:?}", bench.events);
        // In the next run it is.
        bench.next_run();
        assert_eq!((asked(&bench).len(), bench.sync.known().len()), (2, 2));
    }
    // What any request could meet is dealt with as for any.
    for (code, again) in [
        (FaultCode::InvalidCookie, "GetCookie"),
        (FaultCode::InvalidAuthorizationCookie, "GetAuthConfig"),
        (FaultCode::ServerChanged, "GetAuthConfig"),
    ] {
        let mut bench = start(&config());
        bench.upstream.fail_next(Some(ASK), Fault::new(code));
        bench.run();
        let place = bench.names().iter().position(|name| *name == ASK).unwrap();
        assert_eq!((bench.names()[place + 1], asked(&bench).len()), (again, 2));
        assert_eq!(bench.sync.known().len(), 1);
    }
    let mut bench = start(&config());
    bench.upstream.fail_next(Some(ASK), Fault::new(FaultCode::ServerBusy));
    bench.run();
    assert!(matches!(bench.sync.progress().phase, Phase::Waiting(_)));
    bench.now = bench.sync.poll_timeout().unwrap();
    bench.run();
    assert_eq!((asked(&bench).len(), bench.sync.known().len()), (2, 1));
}

#[test]
fn an_answer_adds_at_most_one_revision_of_what_was_asked_for() {
    let id = 0x1000;
    // Others, several, revisions that the server does not give either, and all of it at once.
    let strange: Vec<UpdateKey> = (0..500).map(|number| key(0xbad_000 + number, 7)).collect();
    let many: Vec<UpdateKey> = (2..150).map(|revision| key(id, revision)).collect();
    for told in [strange.clone(), many.clone(), [strange, many].concat(), vec![key(id, 1); 9]] {
        let mut bench = start(&config());
        tell(&mut bench, &told);
        assert!(is_finished(&bench), "{:?}", bench.events);
        assert_eq!(bench.sync.needed().len(), 1);
        let highest = told.iter().filter(|key| key.id.as_u128() == id).max();
        let expected: BTreeSet<UpdateKey> =
            highest.copied().into_iter().chain([key(id, 1)]).collect();
        assert_eq!(resting(&bench), expected.into_iter().collect::<Vec<_>>());
        // No second question in this run; in the next one all is well.
        assert_eq!(asked(&bench).len(), 0, "the first was answered here");
        bench.next_run();
        assert_eq!((asked(&bench).len(), bench.sync.known().len()), (1, 1));
    }
    // What is forgotten while it is asked for does not come back.
    let mut bench = start(&config());
    until_question(&mut bench);
    bench.sync.forget(UpdateId::from_u128(id));
    tell(&mut bench, &[key(id, 200)]);
    assert!(bench.sync.needed().is_empty() && is_finished(&bench));
}

#[test]
fn a_question_outlives_a_restart_unless_it_may_not_be_asked_any_more() {
    let stored = |bench: &Bench| -> SyncState {
        let json = serde_json::to_string(bench.sync.state()).unwrap();
        serde_json::from_str(&json).unwrap()
    };
    let mut bench = start(&config());
    let request = until_question(&mut bench);
    bench.sync = Sync::resume(stored(&bench), &config()).unwrap();
    assert_eq!(bench.sync.poll_transmit(bench.now).unwrap(), request);
    assert_eq!(bench.sync.progress().phase, Phase::Listing);
    bench.run();
    assert_eq!(bench.sync.known().len(), 1);
    let mut bench = start(&config());
    until_question(&mut bench);
    changed(&mut bench, &syncing::config());
    bench.run();
    assert_eq!((asked(&bench).len(), resting(&bench)), (0, vec![key(0x1000, 1)]));
    assert!(is_finished(&bench));
}
