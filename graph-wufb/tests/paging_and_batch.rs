//! Pages and batches: nothing is lost, nothing is asked for ever.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::json::{RawObject, Value};
use graph_wufb::models::{CatalogEntry, DeviceId};
use graph_wufb::requests::{
    self, Headers, Method, Origin, Query, Request, create_deployment_audience, get_updatable_asset,
};
use graph_wufb::{BATCH_SIZE, BatchId, BatchOutcome, Batcher, ErrorKind, Pager, Response, Turn};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn answer(text: &str) -> Response {
    Response::parse(200, &Headers::new(), text.as_bytes()).unwrap()
}

fn page(next: Option<&str>) -> Response {
    let next = next.map_or(String::new(), |next| {
        format!(r#","@odata.nextLink":"https://graph.microsoft.com{next}""#)
    });
    answer(&format!(r#"{{"@odata.count":7,"value":[{{"id":"e"}}]{next}}}"#))
}

#[test]
fn next_links_are_followed_with_the_headers_of_the_first_request() {
    let first = requests::list_catalog_entries(&Query::new()).with_header("ConsistencyLevel", "x");
    let mut pager = Pager::new(Origin::global(), first);
    let Turn::More(items, next) =
        pager.feed::<CatalogEntry>(&page(Some("/beta/x?$skip=1"))).unwrap()
    else {
        panic!("there is a next page")
    };
    assert_eq!((items.len(), pager.count()), (1, Some(7)));
    assert_eq!(next.target, "/beta/x?$skip=1");
    assert_eq!(next.headers.get("consistencylevel"), Some("x"));
    assert_eq!(next.headers.get("prefer"), Some("include-unknown-enum-members"));
    // Restored from its state it goes on.
    let saved = serde_json::to_string(&pager).unwrap();
    let mut pager: Pager = serde_json::from_str(&saved).unwrap();
    assert_eq!(pager.request(), &next);
    assert!(matches!(pager.feed::<CatalogEntry>(&page(None)).unwrap(), Turn::Last(_)));
    assert!(pager.is_done());
}

#[test]
fn a_link_that_was_followed_before_or_leads_away_ends_the_list() {
    let mut pager = Pager::new(Origin::global(), requests::list_deployments());
    let own = pager.request().target.clone();
    let error = pager.feed::<CatalogEntry>(&page(Some(&own))).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::LinkLoop);
    pager.feed::<CatalogEntry>(&page(Some("/beta/2"))).unwrap();
    pager.feed::<CatalogEntry>(&page(Some("/beta/3"))).unwrap();
    let before = pager.clone();
    let error = pager.feed::<CatalogEntry>(&page(Some("/beta/2"))).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::LinkLoop);
    let foreign = answer(r#"{"value":[],"@odata.nextLink":"https://example.org/beta/4"}"#);
    let error = pager.feed::<CatalogEntry>(&foreign).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ForeignLink { .. }));
    // Nothing changed: the same page can be asked for again.
    assert_eq!(pager, before);
}

#[test]
fn a_list_has_as_many_pages_as_allowed_and_no_more() {
    for (pages, fine) in [(2, true), (1, false)] {
        let mut pager =
            Pager::new(Origin::global(), requests::list_deployments()).with_max_pages(pages);
        let read = pager.feed::<CatalogEntry>(&page(Some("/beta/2")));
        assert_eq!(read.is_ok(), fine, "{pages}");
    }
}

fn device(n: usize) -> Request {
    get_updatable_asset(&DeviceId::new(&format!("d{n}")).unwrap())
}

/// The requests of a batch: id, URL and what it depends on.
fn inner(request: &Request) -> Vec<RawObject> {
    let body = request.body_value().unwrap();
    let list = body.pointer("/requests").unwrap().as_array().unwrap().to_vec();
    list.into_iter().map(|inner| inner.as_object().unwrap().clone()).collect()
}

#[test]
fn a_batch_holds_twenty_and_no_more() {
    let mut batcher = Batcher::new();
    for n in 0..=BATCH_SIZE {
        batcher.add(device(n), []).unwrap();
    }
    let first = batcher.poll(now()).unwrap();
    assert_eq!((first.method, first.target.as_str()), (Method::Post, "/beta/$batch"));
    assert_eq!(inner(&first).len(), BATCH_SIZE);
    assert_eq!(inner(&first)[0].text("url"), Some("/admin/windows/updates/updatableAssets/d0"));
    // The same again until it is answered.
    assert_eq!(batcher.poll(now()).unwrap(), first);
    let responses: Vec<String> = (0..BATCH_SIZE)
        .rev()
        .map(|n| format!(r#"{{"id":"{n}","status":200,"body":{{"id":"d{n}"}}}}"#))
        .collect();
    let text = format!(r#"{{"responses":[{}]}}"#, responses.join(","));
    assert_eq!(batcher.handle_response(now(), &answer(&text)).unwrap().len(), BATCH_SIZE);
    assert_eq!(inner(&batcher.poll(now()).unwrap()).len(), 1);
}

#[test]
fn a_throttled_request_waits_as_long_as_it_was_told_and_its_dependents_with_it() {
    let mut batcher = Batcher::new();
    let first = batcher.add(device(0), []).unwrap();
    let second = batcher.add(device(1), [first]).unwrap();
    let batch = batcher.poll(now()).unwrap();
    assert_eq!(inner(&batch)[1].get("dependsOn").unwrap().to_json(), r#"["0"]"#);
    let text = r#"{"responses":[
        {"id":"1","status":424,"body":{"error":{"code":"FailedDependency","message":""}}},
        {"id":"0","status":429,"headers":{"Retry-After":"30"},"body":{"error":{"code":"TooManyRequests"}}}]}"#;
    let outcomes = batcher.handle_response(now(), &answer(text)).unwrap();
    assert!(outcomes.is_empty());
    let later = now() + TimeDelta::seconds(30);
    assert_eq!(batcher.poll(later - TimeDelta::seconds(1)), None);
    assert_eq!(inner(&batcher.poll(later).unwrap()).len(), 2);
    let text = r#"{"responses":[{"id":"0","status":400,"body":{"error":{"code":"BadRequest"}}},{"id":"1","status":424}]}"#;
    let outcomes = batcher.handle_response(later, &answer(text)).unwrap();
    assert!(matches!(
        outcomes.as_slice(),
        [(a, BatchOutcome::Answered(_)), (b, BatchOutcome::DependencyFailed(of))]
            if (*a, *b, *of) == (first, second, first)
    ));
    assert!(batcher.is_done());
}

/// Graph takes dependencies that are all one after the other, or none.
#[test]
fn a_chain_goes_alone_and_what_is_independent_together() {
    let mut batcher = Batcher::new();
    let first = batcher.add(device(0), []).unwrap();
    let second = batcher.add(device(1), [first]).unwrap();
    batcher.add(device(2), []).unwrap();
    batcher.add(device(3), [first, second]).unwrap();
    let sent = |batch: Option<Request>| -> Vec<String> {
        let inner = inner(&batch.unwrap());
        inner.iter().map(|inner| inner.text("id").unwrap().to_owned()).collect()
    };
    let ok = |ids: &[&str]| {
        let list: Vec<String> =
            ids.iter().map(|id| format!(r#"{{"id":"{id}","status":200}}"#)).collect();
        answer(&format!(r#"{{"responses":[{}]}}"#, list.join(",")))
    };
    assert_eq!(sent(batcher.poll(now())), ["0", "2"]);
    batcher.handle_response(now(), &ok(&["2", "0"])).unwrap();
    // What was answered well is no dependency any more, so the rest is a chain.
    assert_eq!(sent(batcher.poll(now())), ["1", "3"]);
    batcher.handle_response(now(), &ok(&["1", "3"])).unwrap();
    assert!(batcher.is_done());
}

#[test]
fn requests_with_other_permissions_go_apart() {
    let mut batcher = Batcher::new();
    batcher.add(device(0), []).unwrap();
    let profiles = requests::list_intune_profiles(requests::IntuneProfile::Driver, &Query::new());
    batcher.add(profiles, []).unwrap();
    let batch = batcher.poll(now()).unwrap();
    assert_eq!((inner(&batch).len(), batch.permission), (1, requests::Permission::Read));
    let text = r#"{"responses":[{"id":"0","status":200}]}"#;
    batcher.handle_response(now(), &answer(text)).unwrap();
    let batch = batcher.poll(now()).unwrap();
    assert_eq!(batch.permission, requests::Permission::IntuneRead);
}

#[test]
fn each_version_has_its_own_batches() {
    let mut batcher = Batcher::new();
    batcher.add(device(0), []).unwrap();
    for n in 0..2 {
        let ring = Request::new(Method::Get, format!("/v1.0/x/{n}"), requests::Expect::Entity);
        batcher.add(ring, []).unwrap();
    }
    batcher.add(device(3), []).unwrap();
    let ids = |batch: &Request| -> Vec<String> {
        inner(batch).iter().map(|inner| inner.text("id").unwrap().to_owned()).collect()
    };
    let batch = batcher.poll(now()).unwrap();
    assert_eq!(
        (batch.target.as_str(), ids(&batch)),
        ("/beta/$batch", vec!["0".into(), "3".into()])
    );
    batcher
        .handle_response(
            now(),
            &answer(r#"{"responses":[{"id":"0","status":200},{"id":"3","status":200}]}"#),
        )
        .unwrap();
    let batch = batcher.poll(now()).unwrap();
    assert_eq!(
        (batch.target.as_str(), ids(&batch)),
        ("/v1.0/$batch", vec!["1".into(), "2".into()])
    );
    assert_eq!(inner(&batch)[0].text("url"), Some("/x/0"));
    assert_eq!(batcher.poll(now()), Some(batch));
}

#[test]
fn a_batcher_has_room_for_so_many_requests_and_no_more() {
    let mut batcher = Batcher::new().with_capacity(2);
    batcher.add(device(0), []).unwrap();
    batcher.add(device(1), []).unwrap();
    let error = batcher.add(device(2), []).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit { limit: 2, .. }));
    batcher.poll(now()).unwrap();
    let text = r#"{"responses":[{"id":"0","status":200},{"id":"1","status":404}]}"#;
    batcher.handle_response(now(), &answer(text)).unwrap();
    // What failed is remembered, so that nothing is added after it.
    batcher.add(device(2), []).unwrap();
    assert!(batcher.add(device(3), []).is_err());
}

/// Looking at everything that waits for every batch would take hours here.
#[test]
fn a_batcher_goes_through_ten_thousand_requests_in_five_hundred_batches() {
    for chained in [false, true] {
        let mut batcher = Batcher::new();
        let mut last = None;
        for n in 0..10_000 {
            last = Some(batcher.add(device(n), last.filter(|_| chained)).unwrap());
        }
        let mut batches = 0;
        while let Some(batch) = batcher.poll(now()) {
            batches += 1;
            let list: Vec<String> = inner(&batch)
                .iter()
                .map(|inner| format!(r#"{{"id":"{}","status":200}}"#, inner.text("id").unwrap()))
                .collect();
            let text = format!(r#"{{"responses":[{}]}}"#, list.join(","));
            assert_eq!(batcher.handle_response(now(), &answer(&text)).unwrap().len(), 20);
        }
        assert!(batcher.is_done());
        assert_eq!(batches, 500);
    }
}

#[test]
fn saved_states_are_checked() {
    let mut batcher = Batcher::new();
    let first = batcher.add(device(0), []).unwrap();
    batcher.add(device(1), [first]).unwrap();
    batcher.poll(now()).unwrap();
    let good = serde_json::to_value(&batcher).unwrap();
    assert_eq!(serde_json::from_value::<Batcher>(good.clone()).unwrap(), batcher);
    let error = |change: fn(&mut serde_json::Value)| {
        let mut saved = good.clone();
        change(&mut saved);
        serde_json::from_value::<Batcher>(saved).unwrap_err().to_string()
    };
    assert!(error(|saved| saved["version"] = 2.into()).contains("version 2"));
    assert!(error(|saved| *saved = serde_json::json!({})).contains("version 0"));
    let contradictions: [fn(&mut serde_json::Value); 5] = [
        |saved| saved["next"] = 1.into(),
        |saved| saved["sent"] = serde_json::json!([0, 7]),
        |saved| saved["sent"] = serde_json::json!([1, 0]),
        |saved| saved["failed"] = serde_json::json!([0]),
        // It would wait for itself.
        |saved| saved["waiting"]["1"]["after"] = serde_json::json!([1]),
    ];
    for change in contradictions {
        assert!(error(change).contains("contradicts itself"));
    }
    let pager = Pager::new(Origin::global(), requests::list_deployments());
    let good = serde_json::to_value(&pager).unwrap();
    assert_eq!(serde_json::from_value::<Pager>(good.clone()).unwrap(), pager);
    for (member, value) in [("version", serde_json::json!(9)), ("seen", serde_json::json!([]))] {
        let mut saved = good.clone();
        saved[member] = value;
        assert!(serde_json::from_value::<Pager>(saved).is_err(), "{member}");
    }
}

#[test]
fn a_batch_that_fails_as_a_whole_is_tried_again_or_told() {
    let failed = |status: u16| {
        let headers = Headers::from_iter([("Retry-After", "7")]);
        Response::parse(status, &headers, br#"{"error":{"code":"x"}}"#).unwrap()
    };
    let mut batcher = Batcher::new().with_attempts(2);
    batcher.add(device(0), []).unwrap();
    batcher.add(create_deployment_audience(), []).unwrap();
    batcher.poll(now()).unwrap();
    // Throttled: nothing was carried out.
    assert!(batcher.handle_response(now(), &failed(429)).unwrap().is_empty());
    assert_eq!(batcher.poll(now()), None);
    let later = now() + TimeDelta::seconds(7);
    batcher.poll(later).unwrap();
    // The second time is the last one.
    let outcomes = batcher.handle_response(later, &failed(429)).unwrap();
    assert!(outcomes.iter().all(|(_, it)| matches!(it, BatchOutcome::GaveUp(Some(_)))));
    assert_eq!(outcomes.len(), 2);
    // Refused: each is told so.
    let mut batcher = Batcher::new();
    batcher.add(device(0), []).unwrap();
    batcher.poll(now()).unwrap();
    let outcomes = batcher.handle_response(now(), &failed(400)).unwrap();
    assert!(
        matches!(outcomes.as_slice(), [(_, BatchOutcome::Answered(answer))] if answer.status == 400)
    );
    // A failure of the service: nobody knows what was carried out.
    let mut batcher = Batcher::new();
    batcher.add(device(0), []).unwrap();
    let post = batcher.add(create_deployment_audience(), []).unwrap();
    batcher.poll(now()).unwrap();
    let outcomes = batcher.handle_response(now(), &failed(502)).unwrap();
    assert!(matches!(outcomes.as_slice(), [(id, BatchOutcome::Unknown)] if *id == post));
}

/// Whether it was a lost answer or a gateway's: what was sent in a chain may have been carried out as
/// a whole, and what was not sent was not.
#[test]
fn what_was_sent_with_a_lost_request_is_as_unknown_as_that() {
    let gateway = Response::parse(502, &Headers::new(), b"").unwrap();
    for lost in [true, false] {
        let mut batcher = Batcher::new();
        let first = batcher.add(create_deployment_audience(), []).unwrap();
        let second = batcher.add(create_deployment_audience(), [first]).unwrap();
        let third = batcher.add(create_deployment_audience(), [first, second]).unwrap();
        assert_eq!(inner(&batcher.poll(now()).unwrap()).len(), 2);
        let outcomes = if lost {
            batcher.handle_loss(now())
        } else {
            batcher.handle_response(now(), &gateway).unwrap()
        };
        use BatchOutcome::{DependencyFailed, Unknown};
        assert!(
            matches!(
                outcomes.as_slice(),
                [(a, Unknown), (b, Unknown), (c, DependencyFailed(_))]
                    if (*a, *b, *c) == (first, second, third)
            ),
            "{outcomes:?}"
        );
        assert!(batcher.is_done());
    }
    // The same where the first can be sent again, but not for ever.
    let mut batcher = Batcher::new().with_attempts(1);
    let first = batcher.add(device(0), []).unwrap();
    batcher.add(create_deployment_audience(), [first]).unwrap();
    batcher.poll(now()).unwrap();
    let outcomes = batcher.handle_loss(now());
    assert!(matches!(
        outcomes.as_slice(),
        [(_, BatchOutcome::GaveUp(None)), (_, BatchOutcome::Unknown)]
    ));
    // What the service refused, it did not go on from, whether or not it says so of each.
    let mut batcher = Batcher::new();
    let mut last = None;
    for _ in 0..3 {
        last = Some(batcher.add(create_deployment_audience(), last).unwrap());
    }
    batcher.poll(now()).unwrap();
    let text = r#"{"responses":[{"id":"0","status":400}]}"#;
    let outcomes = batcher.handle_response(now(), &answer(text)).unwrap();
    assert!(matches!(
        outcomes.as_slice(),
        [
            (_, BatchOutcome::Answered(_)),
            (_, BatchOutcome::DependencyFailed(_)),
            (_, BatchOutcome::DependencyFailed(_)),
        ]
    ));
}

#[test]
fn what_may_have_been_done_the_first_time_is_never_told_as_not_done() {
    for answered in [true, false] {
        let mut batcher = Batcher::new();
        let first = batcher.add(device(0), []).unwrap();
        let delete = requests::delete_deployment(&"x".parse().unwrap());
        let second = batcher.add(delete, [first]).unwrap();
        batcher.poll(now()).unwrap();
        assert!(batcher.handle_loss(now()).is_empty());
        let saved = serde_json::to_string(&batcher).unwrap();
        let mut batcher: Batcher = serde_json::from_str(&saved).unwrap();
        let later = now() + TimeDelta::seconds(60);
        assert_eq!(inner(&batcher.poll(later).unwrap()).len(), 2);
        let dependent = if answered { r#",{"id":"1","status":424}"# } else { "" };
        let text = format!(r#"{{"responses":[{{"id":"0","status":404}}{dependent}]}}"#);
        let outcomes = batcher.handle_response(later, &answer(&text)).unwrap();
        assert!(
            matches!(
                outcomes.as_slice(),
                [(a, BatchOutcome::Answered(_)), (b, BatchOutcome::Unknown)]
                    if (*a, *b) == (first, second)
            ),
            "{outcomes:?}"
        );
    }
}

#[test]
fn a_batch_that_fails_as_a_whole_is_waited_for_as_long_as_it_says() {
    for status in [503, 504, 429] {
        let headers = Headers::from_iter([("Retry-After", "120")]);
        let failed = Response::parse(status, &headers, b"").unwrap();
        let mut batcher = Batcher::new().with_attempts(2);
        batcher.add(device(0), []).unwrap();
        batcher.poll(now()).unwrap();
        assert!(batcher.handle_response(now(), &failed).unwrap().is_empty());
        let later = now() + TimeDelta::seconds(120);
        assert_eq!(batcher.poll_timeout(), Some(later), "{status}");
        batcher.poll(later).unwrap();
        let outcomes = batcher.handle_response(later, &failed).unwrap();
        let [(_, BatchOutcome::GaveUp(Some(last)))] = outcomes.as_slice() else {
            panic!("{outcomes:?}")
        };
        assert_eq!(last.status, status);
    }
}

#[test]
fn a_saved_pager_stays_with_its_origin() {
    let pager = Pager::new(Origin::global(), requests::list_deployments());
    let good = serde_json::to_value(&pager).unwrap();
    let resume = |target: &str| {
        let mut saved = good.clone();
        saved["request"]["target"] = target.into();
        // Whoever writes the target can write its hash as well (FNV-1a).
        let hash = target.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        saved["seen"] = serde_json::json!([hash]);
        serde_json::from_value::<Pager>(saved)
    };
    assert!(resume("/beta/x?$filter=a eq 'b'").is_ok());
    for target in ["@evil.example/x", ".evil.example", ":8443/x", "//evil.example", "/\r\nX: 1", ""]
    {
        assert!(resume(target).is_err(), "{target:?}");
    }
}

#[test]
fn a_body_that_cannot_be_packed_is_refused() {
    let mut broken = create_deployment_audience();
    broken.body = Some(br#"{"a":1,"a":2}"#.to_vec());
    assert!(Batcher::new().add(broken, []).is_err());
}

/// What was made in 2021 may still be shown in that year's shape.
#[test]
fn pages_and_batches_are_read_in_any_dialect() {
    use graph_wufb::json::Options;
    use graph_wufb::models::{Deployment, DeploymentStateValue};
    let old = r#"{"id":"d1","state":{"value":"paused","requestedValue":"none"}}"#;
    let read = |text: String| {
        let options = Options::tolerant().any_dialect();
        Response::parse_with(200, &Headers::new(), text.as_bytes(), &options).unwrap()
    };
    let paused = |deployment: &Deployment| {
        deployment
            .state
            .get()
            .unwrap()
            .effective_value
            .get()
            .unwrap()
            .is(DeploymentStateValue::Paused)
    };
    let mut pager = Pager::new(Origin::global(), requests::list_deployments());
    let page = read(format!(r#"{{"value":[{old}]}}"#));
    let Turn::Last(items) = pager.feed::<Deployment>(&page).unwrap() else { panic!("one page") };
    assert!(paused(&items[0]));
    assert_eq!(
        (pager.changes()[0].pointer.as_str(), pager.changes()[0].was),
        ("/value/0/state", "value")
    );
    let mut batcher = Batcher::new();
    batcher.add(requests::get_deployment(&"d1".parse().unwrap()), []).unwrap();
    batcher.poll(now()).unwrap();
    let batch = read(format!(r#"{{"responses":[{{"id":"0","status":200,"body":{old}}}]}}"#));
    let outcomes = batcher.handle_response(now(), &batch).unwrap();
    let [(_, BatchOutcome::Answered(answer))] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert!(paused(&answer.entity::<Deployment>().unwrap().unwrap().value));
}

#[test]
fn a_page_that_is_cut_off_is_no_last_page() {
    let mut pager = Pager::new(Origin::global(), requests::list_deployments());
    let cut = answer(r#"{"value":[{"id":"e1"},{"id":"e2"#);
    assert!(cut.is_cut_off());
    assert!(pager.feed::<CatalogEntry>(&cut).is_err());
    assert!(!pager.is_done());
    pager.feed::<CatalogEntry>(&page(None)).unwrap();
    assert!(pager.feed::<CatalogEntry>(&page(None)).is_err());
}

#[test]
fn what_may_have_been_done_is_not_sent_twice() {
    let mut batcher = Batcher::new();
    let get = batcher.add(device(0), []).unwrap();
    let post = batcher.add(create_deployment_audience(), []).unwrap();
    assert!(!batcher.poll(now()).unwrap().idempotent);
    let outcomes = batcher.handle_loss(now());
    assert!(matches!(outcomes.as_slice(), [(id, BatchOutcome::Unknown)] if *id == post));
    let again = batcher.poll(now() + TimeDelta::seconds(1)).unwrap();
    assert_eq!(inner(&again)[0].text("id"), Some(get.to_string().as_str()));
}

#[test]
fn misuse_is_refused() {
    let mut batcher = Batcher::new();
    for target in
        ["/v2.0/x", "/betax", "x", "", "/beta/$batch", "/v1.0/$Batch/", "/beta/%24batch?x"]
    {
        let request = Request::new(Method::Get, target, requests::Expect::Page);
        assert!(batcher.add(request, []).is_err(), "{target}");
    }
    let mut other = Batcher::new();
    let strange = (0..3).map(|n| other.add(device(n), []).unwrap()).last().unwrap();
    assert!(batcher.add(device(0), [strange]).is_err());
    assert!(batcher.handle_response(now(), &answer("{}")).is_err());
    let id = batcher.add(device(0), []).unwrap();
    batcher.poll(now()).unwrap();
    assert!(batcher.handle_response(now(), &answer(r#"{"x":1}"#)).is_err());
    let outcomes = batcher
        .handle_response(now(), &answer(r#"{"responses":[{"id":"0","status":404}]}"#))
        .unwrap();
    assert!(matches!(outcomes.as_slice(), [(known, BatchOutcome::Answered(_))] if *known == id));
    assert!(batcher.add(device(1), [id]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Whatever links come, a list ends after as many pages as it may have, and each page once.
    #[test]
    fn a_pager_never_goes_on_for_ever(links in prop::collection::vec(prop::option::of(0u8..20), 1..40)) {
        let mut pager =
            Pager::new(Origin::global(), requests::list_deployments()).with_max_pages(25);
        let mut seen = std::collections::BTreeSet::from([pager.request().target.clone()]);
        for link in links.into_iter().cycle().take(100) {
            let link = link.map(|link| format!("/beta/{link}"));
            match pager.feed::<CatalogEntry>(&page(link.as_deref())) {
                Ok(Turn::More(items, next)) => {
                    prop_assert_eq!(items.len(), 1);
                    prop_assert!(seen.insert(next.target), "a page twice");
                    prop_assert!(seen.len() <= 25);
                }
                Ok(_) => {
                    prop_assert!(pager.is_done());
                    break;
                }
                // The same page can be asked for again, and another answer be given.
                Err(_) => prop_assert!(!pager.is_done()),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Whatever the service answers, every request gets exactly one outcome, in a bounded number
    /// of batches, through restarts from saved state.
    #[test]
    fn every_request_has_exactly_one_outcome(
        wants in prop::collection::vec((any::<bool>(), prop::collection::vec(0usize..40, 0..3)), 1..40),
        dice in prop::collection::vec(0u16..12, 1..64),
    ) {
        let mut batcher = Batcher::new().with_attempts(3);
        let mut ids: Vec<BatchId> = Vec::new();
        for (number, (post, after)) in wants.iter().enumerate() {
            let request = if *post { create_deployment_audience() } else { device(number) };
            let after: Vec<BatchId> =
                after.iter().filter_map(|index| ids.get(*index).copied()).collect();
            ids.push(batcher.add(request, after).unwrap());
        }
        let mut outcomes: BTreeMap<BatchId, usize> = BTreeMap::new();
        let mut now = now();
        let mut dice = dice.iter().copied().cycle();
        let mut rounds = 0;
        while !batcher.is_done() {
            rounds += 1;
            prop_assert!(rounds < 1_000, "it never ends");
            let saved = serde_json::to_string(&batcher).unwrap();
            batcher = serde_json::from_str(&saved).unwrap();
            let Some(batch) = batcher.poll(now) else {
                now += TimeDelta::seconds(1);
                continue;
            };
            prop_assert!(inner(&batch).len() <= BATCH_SIZE);
            let fate = dice.next();
            if let Some(fate @ 8..) = fate {
                let whole = [400, 429, 503].get(usize::from(fate) - 8);
                let told = match whole {
                    Some(status) => {
                        let answer = Response::parse(*status, &Headers::new(), b"").unwrap();
                        batcher.handle_response(now, &answer).unwrap()
                    }
                    None => batcher.handle_loss(now),
                };
                for (id, _) in told {
                    *outcomes.entry(id).or_default() += 1;
                }
                continue;
            }
            let mut failed: Vec<String> = Vec::new();
            let mut responses = Vec::new();
            for inner in inner(&batch) {
                let id = inner.text("id").unwrap().to_owned();
                let after = inner.get("dependsOn").and_then(Value::as_array).unwrap_or_default();
                let blocked = after.iter().any(|after| failed.iter().any(|it| Some(it.as_str()) == after.as_str()));
                let status = match dice.next().unwrap() {
                    _ if blocked => 424,
                    0..=5 => 200,
                    6 => 404,
                    7 => 429,
                    8 => 503,
                    // No answer to this one.
                    9 => continue,
                    _ => 500,
                };
                if status != 200 {
                    failed.push(id.clone());
                }
                responses.push(format!(r#"{{"id":"{id}","status":{status},"headers":{{"retry-after":"2"}}}}"#));
            }
            responses.reverse();
            let text = format!(r#"{{"responses":[{}]}}"#, responses.join(","));
            for (id, _) in batcher.handle_response(now, &answer(&text)).unwrap() {
                *outcomes.entry(id).or_default() += 1;
            }
        }
        let expected: BTreeMap<BatchId, usize> = ids.into_iter().map(|id| (id, 1)).collect();
        prop_assert_eq!(outcomes, expected);
    }
}
