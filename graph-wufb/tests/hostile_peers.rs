//! Pages and batches of a peer that answers as it likes: nothing loops, nothing is lost, nothing is
//! done twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::json::Value;
use graph_wufb::models::{CatalogEntry, DeviceId};
use graph_wufb::requests::{
    self, Headers, Method, Origin, Request, create_deployment_audience, get_updatable_asset,
};
use graph_wufb::{BATCH_SIZE, BatchId, BatchOutcome, Batcher, ErrorKind, Pager, Response, Turn};
use proptest::prelude::*;

fn answer(text: &str) -> Response {
    Response::parse(200, &Headers::new(), text.as_bytes()).unwrap()
}

// --- pages --------------------------------------------------------------------------------------

/// Next links as JSON: good ones by number, and everything else that a peer can write there.
fn link() -> impl Strategy<Value = String> {
    let hostile = [
        "null",
        "7",
        "true",
        "[]",
        "{}",
        r#"["https://graph.microsoft.com/beta/1"]"#,
        r#""""#,
        r#""/beta/1""#,
        r#""//graph.microsoft.com/beta/1""#,
        r#""https://example.org/beta/1""#,
        r#""http://graph.microsoft.com/beta/1""#,
        r#""https://graph.microsoft.com:8443/beta/1""#,
        r#""https://graph.microsoft.com:0443/beta/1""#,
        r#""https://graph.microsoft.com./beta/1""#,
        r#""https://graph.microsoft.com@example.org/beta/1""#,
        r#""https://user:pass@graph.microsoft.com/beta/1""#,
        r#""https://graph%2Emicrosoft%2Ecom/beta/1""#,
        r#""https://graph.microsoft.com%2F@example.org/beta/1""#,
        r#""https://graph.microsoft.com/beta/../v1.0/me""#,
        r#""https://graph.microsoft.com/beta/%2e%2e/me""#,
        r#""https://graph.microsoft.com\\@example.org/beta/1""#,
        r#""https://graph.microsoft.com/beta/1\r\nX-Evil: 1""#,
        r#""https://graph.microsoft.com/beta/1#x""#,
        r#""javascript:alert(1)""#,
    ];
    prop_oneof![
        3 => (0u8..30).prop_map(|n| format!(r#""https://graph.microsoft.com/beta/{n}""#)),
        1 => (0u8..30).prop_map(|n| format!(r#""HTTPS://Graph.Microsoft.COM:443/beta/{n}""#)),
        3 => prop::sample::select(hostile.to_vec()).prop_map(str::to_owned),
        1 => Just(format!(r#""https://graph.microsoft.com/beta/{}""#, "x".repeat(20_000))),
    ]
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["@odata.nextLink", "@odata.nextlink", "@ODATA.NEXTLINK"][..])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Whatever stands where the link belongs: the pager goes on with pages of the same origin that
    /// it has not asked for, or says why not and has lost nothing. Only no link is the end.
    #[test]
    fn no_link_leads_away_or_round_in_circles(
        pages in prop::collection::vec((name(), link(), 0u8..8), 1..60),
    ) {
        let mut pager =
            Pager::new(Origin::global(), requests::list_deployments()).with_max_pages(25);
        let mut asked = BTreeSet::from([pager.request().target.clone()]);
        for (name, link, kind) in pages {
            let text = match kind {
                0 => format!(r#"{{"value":[{{"id":"e"}}],"{name}":{link}"#),
                1 => format!(r#"{{"value":{{"id":"e"}},"{name}":{link}}}"#),
                _ => format!(r#"{{"{name}":{link},"value":[{{"id":"e"}}]}}"#),
            };
            let before = pager.clone();
            let saved = serde_json::to_string(&pager).unwrap();
            match pager.feed::<CatalogEntry>(&answer(&text)) {
                Ok(Turn::More(items, next)) => {
                    prop_assert_eq!(items.len(), 1);
                    prop_assert!(next.target.starts_with("/beta/"), "{}", next.target);
                    prop_assert!(!next.target.contains("..") && next.target.len() < 17_000);
                    prop_assert!(asked.insert(next.target.clone()), "a page twice");
                    prop_assert_eq!(next.headers.get("prefer"), Some(requests::PREFER));
                    prop_assert_eq!((next.method, next.body.is_none()), (Method::Get, true));
                    prop_assert!(asked.len() <= 25);
                }
                Ok(Turn::Last(_)) => {
                    prop_assert_eq!(link, "null");
                    return Ok(());
                }
                Ok(_) => unreachable!(),
                Err(_) => {
                    prop_assert_ne!(link, "null".to_owned() + if kind > 1 { "" } else { "!" });
                    // Nothing changed, and a saved pager is the same.
                    prop_assert_eq!(&pager, &before);
                    let resumed: Pager = serde_json::from_str(&saved).unwrap();
                    prop_assert_eq!(serde_json::to_string(&resumed).unwrap(), saved);
                }
            }
        }
    }
}

#[test]
fn a_link_that_is_no_text_does_not_end_the_list() {
    for link in ["7", "[]", "{}", "true"] {
        let mut pager = Pager::new(Origin::global(), requests::list_deployments());
        let text = format!(r#"{{"value":[],"@odata.nextLink":{link}}}"#);
        let error = pager.feed::<CatalogEntry>(&answer(&text)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Shape { .. }), "{link}");
        assert_eq!(error.path(), Some("/@odata.nextLink"));
        assert!(!pager.is_done());
    }
    // In another case it is the link all the same.
    let mut pager = Pager::new(Origin::global(), requests::list_deployments());
    let text = r#"{"value":[],"@odata.NextLink":"https://graph.microsoft.com/beta/2"}"#;
    assert!(matches!(pager.feed::<CatalogEntry>(&answer(text)), Ok(Turn::More(..))));
}

// --- batches ------------------------------------------------------------------------------------

fn inner(request: &Request) -> Vec<(String, Method, Vec<String>)> {
    let body = request.body_value().unwrap();
    let list = body.pointer("/requests").unwrap().as_array().unwrap().to_vec();
    list.iter()
        .map(|inner| {
            let inner = inner.as_object().unwrap();
            let method =
                if inner.text("method") == Some("GET") { Method::Get } else { Method::Post };
            let after = inner.get("dependsOn").and_then(Value::as_array).unwrap_or_default();
            let after = after.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
            (inner.text("id").unwrap().to_owned(), method, after)
        })
        .collect()
}

/// What the peer writes for one request, and whether it has carried it out.
fn response(dice: u8, id: &str) -> (Vec<String>, bool) {
    let with = |status: &str, more: &str| format!(r#"{{"id":"{id}","status":{status}{more}}}"#);
    let throttled = |wait: &str| with("429", &format!(r#","headers":{{"Retry-After":{wait}}}"#));
    match dice {
        0..=5 => (vec![with("200", r#","body":{"id":"x"}"#)], true),
        6 => (vec![with(r#""201""#, "")], true),
        7 => (vec![format!(r#"{{"id":{id},"status":204}}"#)], true),
        8 => (vec![with("404", r#","body":{"error":{"code":"x"}}"#)], true),
        // None, and answers to nobody.
        9 => (vec![], true),
        10 => (vec![r#"{"id":"99999","status":200}"#.to_owned(), r#"{"id":"x"}"#.to_owned()], true),
        11 => (vec![format!(r#"{{"id":"0{id}","status":429}}"#)], true),
        12 => (vec![format!(r#"{{"id":"+{id}","status":429}}"#)], true),
        // Twice: the first counts.
        13 => (vec![with("200", ""), with("429", "")], true),
        14 => (vec![with("429", ""), with("429", "")], false),
        // No status.
        15 => (vec![with("null", "")], true),
        16 => (vec![with("-429", "")], true),
        17 => (vec![with("429.5", "")], true),
        18 => (vec![with("99999999999", "")], true),
        19 => (vec![with("42", "")], true),
        20 => (vec![with("[429]", "")], true),
        21 => (vec!["7".to_owned(), "null".to_owned()], true),
        // A batch in the answer.
        22 => (
            vec![with(
                "200",
                &format!(r#","body":{{"responses":[{{"id":"{id}","status":429}}]}}"#),
            )],
            true,
        ),
        // Waits.
        23 => (vec![throttled("3")], false),
        24 => (vec![throttled(r#""3""#)], false),
        25 => (vec![throttled(r#""Thu, 01 Jan 1970 00:00:30 GMT""#)], false),
        26 => (vec![throttled(r#""soon""#)], false),
        27 => (vec![throttled(r#"["3"]"#)], false),
        28 => (vec![throttled("-7")], false),
        29 => (vec![throttled("1e99")], false),
        30 => (vec![throttled(r#""99999999999999999999""#)], false),
        31 => (vec![with("503", "")], true),
        32 => (vec![with("500", "")], true),
        33 => (vec![with("424", "")], false),
        34 => (vec![with("401", "")], false),
        _ => (vec![with("302", "")], true),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Every request gets exactly one outcome after a bounded number of batches, none that was
    /// carried out is carried out again unless that does no harm, and nobody is woken for nothing.
    #[test]
    fn a_hostile_peer_makes_no_batch_loop_lose_or_repeat(
        wants in prop::collection::vec((any::<bool>(), any::<bool>(), prop::option::of(0usize..9)), 1..50),
        dice in prop::collection::vec(0u8..37, 1..64),
        wholes in prop::collection::vec(0u8..14, 1..16),
    ) {
        let mut batcher = Batcher::new().with_attempts(3);
        let mut ids: Vec<BatchId> = Vec::new();
        for (number, (post, newer, after)) in wants.iter().enumerate() {
            let mut request = if *post {
                create_deployment_audience()
            } else {
                get_updatable_asset(&DeviceId::new(&format!("d{number}")).unwrap())
            };
            if *newer {
                request.target = request.target.replacen("/beta", "/v1.0", 1);
            }
            let after = after.and_then(|back| ids.len().checked_sub(back + 1));
            ids.push(batcher.add(request, after.map(|index| ids[index])).unwrap());
        }
        let (mut outcomes, mut carried) = (BTreeMap::new(), BTreeMap::<String, usize>::new());
        let mut now: DateTime<Utc> = DateTime::UNIX_EPOCH;
        let (mut dice, mut wholes) = (dice.into_iter().cycle(), wholes.into_iter().cycle());
        let mut batches = 0;
        while !batcher.is_done() {
            let saved = serde_json::to_string(&batcher).unwrap();
            let resumed: Batcher = serde_json::from_str(&saved).unwrap();
            prop_assert_eq!(&resumed, &batcher);
            batcher = resumed;
            let Some(batch) = batcher.poll(now) else {
                let wake = batcher.poll_timeout().expect("it waits for something");
                prop_assert!(wake > now, "woken for nothing");
                now = wake;
                continue;
            };
            batches += 1;
            prop_assert!(batches <= 3 * ids.len() + 3, "it never ends");
            let sent = inner(&batch);
            prop_assert!(!sent.is_empty() && sent.len() <= BATCH_SIZE);
            prop_assert_eq!(&batcher.poll(now), &Some(batch.clone()));
            let (mut list, mut done) = (Vec::new(), Vec::new());
            for (id, method, after) in &sent {
                let (answers, did) = if after.iter().any(|id| !done.contains(id)) {
                    (vec![format!(r#"{{"id":"{id}","status":424}}"#)], false)
                } else {
                    response(dice.next().unwrap(), id)
                };
                if did {
                    done.push(id.clone());
                    *carried.entry(id.clone()).or_default() += 1;
                    prop_assert!(*method == Method::Get || carried[id] == 1, "{} done twice", id);
                }
                list.push(answers);
            }
            // In any order, but for two answers to one.
            list.reverse();
            let list = list.concat().join(",");
            let text = match wholes.next().unwrap() {
                0 => r#"{"responses":7}"#.to_owned(),
                1 => "[]".to_owned(),
                2 => format!(r#"{{"responses":[{list}"#),
                3 => {
                    let cut = list.len().saturating_sub(4);
                    format!(r#"{{"responses":[{}"#, list.get(..cut).unwrap_or_default())
                }
                4 => format!(r#"{{"Responses":[{list}],"@odata.nextLink":"https://example.org"}}"#),
                _ => format!(r#"{{"responses":[{list}]}}"#),
            };
            let read = Response::parse(200, &Headers::new(), text.as_bytes());
            let told = match read.and_then(|read| batcher.handle_response(now, &read)) {
                Ok(told) => told,
                // Nobody knows what was done.
                Err(_) => batcher.handle_loss(now),
            };
            for (id, outcome) in told {
                let known = matches!(
                    outcome,
                    BatchOutcome::Answered(_) | BatchOutcome::DependencyFailed(_)
                        | BatchOutcome::Unknown | BatchOutcome::GaveUp(_)
                );
                prop_assert!(known);
                prop_assert!(outcomes.insert(id, ()).is_none(), "two outcomes of {}", id);
            }
            now += TimeDelta::milliseconds(10);
        }
        prop_assert_eq!(outcomes.into_keys().collect::<Vec<_>>(), ids);
        prop_assert_eq!(batcher.poll(now), None);
    }
}
