//! What the sync machine does where devices name revisions that the server does not have, and it may
//! ask which ones it has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "syncing/mod.rs"]
mod syncing;

use syncing::{Bench, PRODUCT, changed, key};
use wsusss::messages::{self, Fault, FaultCode, Message, Soap};
use wsusss::sync::{Config, Event, FailReason, Phase, Sync, SyncState, Transmit};
use wsusss::{Limits, UpdateId, UpdateKey};

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

/// Why the server was not asked any more.
fn reasons(bench: &Bench) -> Vec<&FailReason> {
    let reasons = bench.events.iter().filter_map(|event| match event {
        Event::NoCurrentRevisions(reason) => Some(reason),
        _ => None,
    });
    reasons.collect()
}

/// Goes on to the end of the run, with a server that names what it does not have at revision 1, by a
/// code that nobody knows, and refuses the questions that this refuses.
fn run_refusing(bench: &mut Bench, refuses: impl Fn(&[UpdateId]) -> bool) {
    for _ in 0..500 {
        let Some(request) = bench.sync.poll_transmit(bench.now) else { return bench.run() };
        let (_, message) = messages::decode(&request.body, &Limits::default()).unwrap();
        let fault = match &message {
            Message::GetUpdateData(request) => {
                let gone = request.update_ids.iter().filter(|key| key.revision == 1);
                let gone: Vec<String> = gone.map(|key| format!("{}.1", key.id)).collect();
                let list = format!("Missing Revisions: {}", gone.join(", "));
                let fault = Fault::new(FaultCode::Other("New".to_owned())).with_message(list);
                (!gone.is_empty()).then_some(fault)
            }
            Message::GetRelatedRevisionsForUpdates(request) => {
                let ids: Vec<UpdateId> = request.update_ids.iter().copied().collect();
                refuses(&ids).then(|| Fault::new(FaultCode::TooManyIds))
            }
            _ => None,
        };
        let body = match fault {
            Some(fault) => encoded(&Message::Fault(fault)),
            None => bench.upstream.handle(&request.body, bench.now).body,
        };
        bench.requests.push((request.clone(), message.into_owned()));
        bench.sync.handle_response(bench.now, request.token, &body).unwrap();
        while let Some(event) = bench.sync.poll_event() {
            if let Event::Update { key, .. } = &event {
                bench.sync.committed(*key);
            }
            bench.events.push(event);
        }
    }
    panic!("the run does not end");
}

fn encoded(message: &Message<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    messages::encode(Soap::V11, message, &mut body).unwrap();
    body
}

/// An upstream with so many updates at revision 200, of which devices name revision 1.
fn start_with(count: u128, config: &Config) -> Bench {
    let mut bench = Bench::new(config);
    for number in 0..count {
        bench.offer(0x1000 + number, 200, PRODUCT);
        bench.sync.want(key(0x1000 + number, 1));
    }
    bench
}

fn lengths(bench: &Bench) -> Vec<usize> {
    asked(bench).iter().map(Vec::len).collect()
}

/// An upstream with an update at revision 200, of which a device names revision 1.
fn start(config: &Config) -> Bench {
    let mut bench = Bench::new(config);
    bench.offer(0x1000, 200, PRODUCT);
    bench.sync.want(key(0x1000, 1));
    bench
}

/// The question, of which the answer is still to come.
fn until_question(bench: &mut Bench) -> Transmit {
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
    let body = encoded(&Message::GetRelatedRevisionsForUpdatesResponse(told.to_vec().into()));
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
        let mut bench = start_with(count, &config);
        bench.run();
        assert_eq!(lengths(&bench), questions);
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
        // What one of them may be to blame for has to happen twice.
        let asked_for = fault.reaction(messages::Asked::ids(1));
        let times = if asked_for == messages::Reaction::Quarantine { 2 } else { 1 };
        for _ in 0..times {
            bench.upstream.fail_next(Some(ASK), fault.clone());
        }
        bench.run();
        assert_eq!((asked(&bench).len(), bench.sync.known().len()), (times, 1), "{fault}");
        let [FailReason::Fault(own)] = reasons(&bench)[..] else { panic!("{:?}", bench.events) };
        assert_eq!(own.code, fault.code);
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
        assert_eq!(bench.sync.needed()[&UpdateId::from_u128(id)], 1, "the highest that was named");
        // The highest was asked for, and what nobody named does not stay.
        let highest = told.iter().filter(|key| key.id.as_u128() == id).max();
        let gone = |event: &Event| match event {
            Event::Unavailable { key, .. } if key.revision > 1 => Some(*key),
            _ => None,
        };
        let gone: Vec<UpdateKey> = bench.events.iter().filter_map(gone).collect();
        assert_eq!(gone.first(), highest.filter(|key| key.revision > 1));
        assert_eq!((gone.len() <= 1, resting(&bench)), (true, vec![key(id, 1)]));
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

#[test]
fn whatever_comes_instead_of_an_answer_fails_nothing() {
    let negative = String::from_utf8(encoded(&Message::GetRelatedRevisionsForUpdatesResponse(
        vec![key(0x1000, 7)].into(),
    )));
    let negative = negative.unwrap().replace(">7<", ">-1<");
    assert!(negative.contains("-1"));
    let many: Vec<UpdateKey> = (1..=21).map(|revision| key(0x1000, revision)).collect();
    let bodies = [
        b"<html><body>404</body></html>".to_vec(),
        Vec::new(),
        b"405 Method Not Allowed".to_vec(),
        negative.into_bytes(),
        encoded(&Message::GetRelatedRevisionsForUpdatesResponse(many.into())),
        encoded(&Message::GetUpdateDataResponse(messages::UpdateData::default().into())),
        encoded(&Message::GetRevisionIdListResponse(messages::RevisionList::default().into())),
        encoded(&Message::GetAuthConfigResponse(messages::AuthConfig::default().into())),
    ];
    let mut config = config();
    config.limits = config.limits.with_items(20);
    for body in bodies {
        for chunk in [0, 9] {
            let mut bench = start(&config);
            let Transmit { token, .. } = until_question(&mut bench);
            if chunk == 0 {
                bench.sync.handle_response(bench.now, token, &body).unwrap();
            } else {
                for chunk in body.chunks(chunk) {
                    bench.sync.handle_response_chunk(bench.now, token, chunk).unwrap();
                }
                bench.sync.handle_response_end(bench.now, token).unwrap();
            }
            bench.run();
            let text = String::from_utf8_lossy(&body).into_owned();
            assert!(is_finished(&bench), "{text} {:?}", bench.events);
            let [reason] = reasons(&bench)[..] else { panic!("{text} {:?}", bench.events) };
            let is_other = text.contains("Response") && !text.contains("RelatedRevisions");
            assert_eq!(matches!(reason, FailReason::UnexpectedAnswer(_)), is_other, "{text}");
            assert_eq!(resting(&bench), [key(0x1000, 1)]);
            // In the next run all is well.
            bench.next_run();
            assert_eq!((asked(&bench).len(), bench.sync.known().len()), (1, 1));
        }
    }
}

#[test]
fn a_question_that_is_never_answered_ends_no_run() {
    // No answer: after as many waits as for any.
    let mut bench = start(&config());
    for _ in 0..4 {
        let request = until_question(&mut bench);
        bench.sync.handle_no_answer(bench.now, request.token, "lost").unwrap();
        bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
    }
    bench.run();
    assert!(matches!(reasons(&bench)[..], [FailReason::NoAnswer(_)]), "{:?}", bench.events);
    assert!(is_finished(&bench));
    // Faults that any request may meet, but this one always does.
    for (code, times) in [
        (FaultCode::ServerBusy, 4),
        (FaultCode::InvalidCookie, 3),
        (FaultCode::InvalidAuthorizationCookie, 3),
        (FaultCode::ConfigChanged, 3),
        (FaultCode::ServerChanged, 2),
    ] {
        let mut bench = start(&config());
        for _ in 0..times {
            bench.upstream.fail_next(Some(ASK), Fault::new(code.clone()));
        }
        for _ in 0..times {
            bench.run();
            if !is_finished(&bench) {
                bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
            }
        }
        assert!(matches!(reasons(&bench)[..], [FailReason::Fault(_)]), "{code} {:?}", bench.events);
        assert_eq!((asked(&bench).len(), is_finished(&bench)), (times, true), "{code}");
        bench.next_run();
        assert_eq!((asked(&bench).len(), bench.sync.known().len()), (1, 1), "{code}");
    }
}

#[test]
fn questions_that_are_refused_are_halved_until_one_is_alone() {
    // A server that takes one at a time, or three.
    for (most, questions) in [(1, vec![8, 4, 2, 1, 1, 1]), (3, vec![8, 4, 2, 2, 2, 2])] {
        let mut bench = start_with(8, &config());
        run_refusing(&mut bench, |ids| ids.len() > most);
        assert_eq!((&lengths(&bench)[..6], bench.sync.known().len()), (&questions[..], 8));
        assert!(reasons(&bench).is_empty() && is_finished(&bench));
    }
    // One that refuses them all: two alone are enough.
    let mut bench = start_with(8, &config());
    run_refusing(&mut bench, |_| true);
    assert_eq!((lengths(&bench), bench.sync.known().len()), (vec![8, 4, 2, 1, 1], 0));
    assert!(matches!(reasons(&bench)[..], [FailReason::Fault(_)]) && is_finished(&bench));
    assert_eq!(resting(&bench).len(), 8);
    // One that is to blame itself keeps nothing else away, wherever it is.
    for place in 0..8 {
        let bad = UpdateId::from_u128(0x1000 + place);
        let mut bench = start_with(8, &config());
        run_refusing(&mut bench, |ids| ids.contains(&bad));
        assert_eq!((bench.sync.known().len(), resting(&bench)), (7, vec![key(0x1000 + place, 1)]));
        assert!(reasons(&bench).is_empty() && is_finished(&bench), "{place}");
    }
    // As many of those as requests for documents may fail, and not one more.
    for (bad, known) in [(2, 6), (3, 1)] {
        let mut config = config();
        config.max_failures = 2;
        let mut bench = start_with(1 + bad + if bad == 2 { 5 } else { 4 }, &config);
        run_refusing(&mut bench, |ids| {
            ids.iter().any(|id| (0x1001..=0x1000 + bad).contains(&id.as_u128()))
        });
        assert_eq!(
            (bench.sync.known().len(), reasons(&bench).len()),
            (known, usize::from(bad == 3))
        );
        assert!(is_finished(&bench));
    }
}

#[test]
fn what_is_told_is_not_as_if_a_device_had_named_it() {
    let id = UpdateId::from_u128(0x1000);
    // It is not given either, and a lower one is what there is.
    let mut bench = start(&config());
    tell(&mut bench, &[key(0x1000, 300)]);
    assert_eq!(bench.sync.needed()[&id], 1);
    bench.sync.want(key(0x1000, 200));
    bench.next_run();
    assert_eq!(bench.sync.known().get(&id), Some(&200));
    assert!(bench.sync.needed().is_empty() && resting(&bench).is_empty());
    // Devices may name eight, and what is told is besides: lower, between, or higher.
    for told in [9, 15, 18] {
        let mut bench = Bench::new(&config());
        let named: Vec<u32> = (10..=18).filter(|revision| *revision != told).take(8).collect();
        bench.offer(0x1000, told, PRODUCT);
        for revision in &named {
            bench.sync.want(key(0x1000, *revision));
        }
        tell(&mut bench, &[key(0x1000, told)]);
        assert_eq!(bench.sync.known().get(&id), Some(&told));
        let above = named.iter().filter(|revision| **revision > told);
        let above: Vec<UpdateKey> = above.map(|revision| key(0x1000, *revision)).collect();
        assert_eq!(resting(&bench), above, "{told}");
    }
    // A ninth takes the place of the lowest, as ever, and what is told of none.
    let mut bench = Bench::new(&config());
    for revision in 10..=17 {
        bench.sync.want(key(0x1000, revision));
    }
    tell(&mut bench, &[key(0x1000, 300)]);
    assert_eq!((bench.sync.needed()[&id], resting(&bench).len()), (17, 8));
    bench.sync.want(key(0x1000, 18));
    bench.next_run();
    let expected: Vec<UpdateKey> = (11..=18).map(|revision| key(0x1000, revision)).collect();
    assert_eq!(resting(&bench), expected);
}

#[test]
fn what_is_told_outlives_a_restart_and_a_run_that_fails() {
    let mut bench = start(&config());
    let request = until_question(&mut bench);
    let told = vec![key(0x1000, 200)];
    let body = encoded(&Message::GetRelatedRevisionsForUpdatesResponse(told.into()));
    bench.sync.handle_response(bench.now, request.token, &body).unwrap();
    let mut json = serde_json::to_value(bench.sync.state()).unwrap();
    let mut bench = start(&config());
    bench.sync = Sync::resume(serde_json::from_value(json.clone()).unwrap(), &config()).unwrap();
    bench.run();
    assert_eq!((bench.sync.known().len(), asked(&bench).len()), (1, 0));
    // Without that run, it is asked for in the next one.
    json["run"] = serde_json::Value::Null;
    let mut bench = start(&config());
    bench.sync = Sync::resume(serde_json::from_value(json.clone()).unwrap(), &config()).unwrap();
    bench.next_run();
    assert_eq!((bench.sync.known().len(), bench.batches(), asked(&bench).len()), (1, vec![1], 0));
    // Gone by then: the server is asked, once, and nothing but what was named rests.
    let mut bench = start(&config());
    bench.upstream.remove(UpdateId::from_u128(0x1000));
    bench.sync = Sync::resume(serde_json::from_value(json.clone()).unwrap(), &config()).unwrap();
    bench.now = bench.now.max(bench.sync.poll_timeout().unwrap());
    tell(&mut bench, &[key(0x1000, 200)]);
    assert_eq!(resting(&bench), [key(0x1000, 1)]);
    // Nothing is due before that one is.
    let rest = bench.sync.quarantine().map(|(_, until)| until).min().unwrap();
    assert!(bench.sync.poll_timeout().unwrap() >= rest);
    // One that no server can read is not asked for.
    let id = UpdateId::from_u128(0x1000).to_string();
    json["wanted"][&id]["told"] = 0x8000_0000_u32.into();
    let resumed = Sync::resume(serde_json::from_value(json).unwrap(), &config()).unwrap();
    let stored = serde_json::to_value(resumed.state()).unwrap();
    assert!(stored["wanted"][&id]["told"].is_null(), "{stored}");
}

#[test]
fn what_becomes_needed_between_two_questions_comes_before_the_next_one() {
    let mut config = config();
    config.max_batch = 1;
    let mut bench = start_with(3, &config);
    until_question(&mut bench);
    let there = bench.offer(0x2000, 1, PRODUCT);
    bench.sync.want(there);
    bench.requests.clear();
    bench.run();
    assert_eq!(bench.names()[..4], [ASK, "GetUpdateData", "GetUpdateData", ASK]);
    assert_eq!((bench.sync.known().len(), asked(&bench).len()), (4, 3));
}
