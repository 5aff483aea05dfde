//! Views against the strict reader and the models: the same texts, the same errors, the same values.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::check::{check, check_text};
use super::*;
use crate::json::{self, Limits};
use crate::models;
use crate::requests::{Headers, Origin, Query, list_catalog_entries};
use crate::{ErrorKind, Pager, Response, Turn};

/// A text read by the strict reader and here.
fn both(bytes: &[u8], limits: &Limits) {
    if let Err(error) = check_text(bytes, limits) {
        panic!("{error} in {}", String::from_utf8_lossy(bytes));
    }
}

fn as_everything(bytes: &[u8]) -> usize {
    check(bytes).unwrap()
}

/// Members of the types that have views, their neighbours in spelling, and others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "id", "displayName", "catalogEntry", "catalogEntryId", "matchedDevices", "deviceId",
            "recommendedBy", "version", "description", "provider", "isExpeditable", "state",
            "qualityUpdateCadence", "cveSeverityInformation", "maxBaseScore", "exploitedCves",
            "effectiveValue", "reasons", "value", "content", "settings", "audience", "members",
            "enrollment", "feature", "enrollmentState", "errors", "reason", "releaseDateTime",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec![
            "ID", "DisplayName", "catalogentry", "MatchedDevices", "VERSION", "id@odata.type", "Errors",
            "State", "\\u0069d", "display\\u004eame", "version\\n",
        ]).prop_map(str::to_owned),
        1 => "[a-z]{1,3}",
    ]
}

fn json_text() -> impl Strategy<Value = String> {
    let types = [
        "driverUpdateCatalogEntry",
        "featureUpdateCatalogEntry",
        "qualityUpdateCatalogEntry",
        "recoveryUpdateCatalogEntry",
        "catalogEntry",
        "catalogContent",
        "azureADDevice",
        "x",
        "updatableAssetGroup",
        "AZUREADDEVICEREGISTRATIONERROR",
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][-+]?[0-9]{1,2})?",
        "\"([a-zA-Z0-9 .-]|\\\\n|\\\\u00e9|\\\\ud83d\\\\ude00|ä|\\\\/){0,12}\"",
        Just("\"2026-11-21T10:00:00Z\"".to_owned()),
        Just("\"monthly\"".to_owned()),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        let tag = prop::option::of((prop::sample::select(types.to_vec()), 0usize..3));
        let object = (prop::collection::vec((name(), inner.clone()), 0..20), tag).prop_map(
            |(members, tag)| {
                // No name twice: that is refused at once.
                let members: BTreeMap<_, _> = members.into_iter().collect();
                let mut members: Vec<String> =
                    members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                if let Some((tag, at)) = tag {
                    let tag =
                        format!("\"@odata.type\" : \"#microsoft.graph.windowsUpdates.{tag}\"");
                    members.insert(at.min(members.len()), tag);
                }
                format!("{{{}}}", members.join(", "))
            },
        );
        let array =
            prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(",")));
        prop_oneof![3 => object, 1 => array]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_text_is_read_or_refused_as_the_strict_reader_does(
        mut text in json_text(),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0usize..4, prop::sample::select(vec![
                "", ",", "]", "}", "\"", "{\"a\":", "\\", "0", "\\u12", "\\ud800", " ", "nul",
                "\u{1}", "\u{feff}", "1.", "-", "\"id\":1,", "e",
            ])),
            0..3,
        ),
        few in (0usize..60, 0usize..6, 0usize..200),
    ) {
        for (at, cut, piece) in edits {
            let places: Vec<usize> =
                text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let at = at.index(places.len());
            let end = places[(at + cut).min(places.len() - 1)];
            text.replace_range(places[at]..end, piece);
        }
        both(text.as_bytes(), &Limits::new());
        both(text.as_bytes(), &Limits::new().with_nodes(few.0).with_depth(few.1));
        both(text.as_bytes(), &Limits::new().with_bytes(few.2));
    }

    #[test]
    fn views_read_what_models_read(items in prop::collection::vec(json_text(), 0..4)) {
        let objects = items.iter().filter(|item| item.starts_with('{')).cloned();
        let items = objects.collect::<Vec<_>>().join(",");
        let text = format!("{{\"@odata.count\": 7, \"value\": [{items}]}}");
        let _ = as_everything(text.as_bytes());
    }
}

#[test]
fn every_list_of_the_corpus_is_the_same_both_ways() {
    let Some(corpus) = mdm_test_support::corpus("graph-wufb") else { return };
    let (mut texts, mut items) = (0, 0);
    for file in corpus.files() {
        if file.extension() == "json" {
            both(&file.bytes, &Limits::new());
            items += as_everything(&file.bytes);
            texts += 1;
        }
    }
    assert!(texts == 0 || items > 0, "{texts} texts without a list");
}

#[test]
fn names_are_told_apart_however_many_there_are_and_however_they_are_spelt() {
    for count in [1, 2, 15, 16, 17, 18, 40] {
        let members: Vec<String> =
            (0..count).map(|index| format!("\"n{index}\":{index}")).collect();
        let whole = format!("{{{}}}", members.join(","));
        both(whole.as_bytes(), &Limits::new());
        for again in [0, count - 1] {
            for name in [format!("n{again}"), format!("\\u006e{again}")] {
                let text = format!("{{{},\"{name}\":0}}", members.join(","));
                let error = read(text.as_bytes(), &Limits::new()).unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::DuplicateName { .. }), "{error}");
                both(text.as_bytes(), &Limits::new());
            }
        }
    }
}

#[test]
fn limits_hold_at_n_and_not_beyond() {
    let text = br#"{"value":[[1,{"a":"b"}]]}"#;
    let limits = Limits::new();
    for (limits, holds) in [
        (limits.with_bytes(text.len()), true),
        (limits.with_bytes(text.len() - 1), false),
        (limits.with_depth(4), true),
        (limits.with_depth(3), false),
        (limits.with_nodes(8), true),
        (limits.with_nodes(7), false),
    ] {
        assert_eq!(read(text, &limits).is_ok(), holds, "{limits:?}");
        both(text, &limits);
    }
    // The constant bound, whatever the caller asks for.
    for (depth, holds) in [(json::MAX_DEPTH, true), (json::MAX_DEPTH + 1, false)] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(read(text.as_bytes(), &limits.with_depth(10_000)).is_ok(), holds);
    }
}

#[test]
fn pages_that_are_none_are_refused_with_their_place() {
    for (text, message) in [
        ("[]", "expected an array `value`, found an array, at line 1, column 1 (in /value)"),
        (
            "{\"value\": {}}",
            "expected an array `value`, found an object, at line 1, column 11 (in /value)",
        ),
        (
            "{\"value\": [{}, 7]}",
            "expected an object, found a number, at line 1, column 16 (in /value/1)",
        ),
        ("{\"value\": [{},]}", "expected a value, found `]`, at line 1, column 15 (in /value)"),
    ] {
        let error = page(text.as_bytes(), &Limits::new()).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn a_pager_goes_the_same_way_with_views() {
    let pages = [
        r#"{"value":[{"id":"1"}],"@odata.count":3,"@odata.nextLink":"https://graph.microsoft.com/beta/a?$skiptoken=1"}"#,
        r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/beta/a?$skiptoken=2"}"#,
        r#"{"value":[{"id":"2"}]}"#,
    ];
    let new = || Pager::new(Origin::global(), list_catalog_entries(&Query::new()));
    let (mut owned, mut viewed) = (new(), new());
    for text in pages {
        let answer = Response::parse(200, &Headers::new(), text.as_bytes()).unwrap();
        let next = match owned.feed::<models::CatalogEntry>(&answer).unwrap() {
            Turn::More(_, next) => Some(next),
            Turn::Last(_) => None,
        };
        let page = page(text.as_bytes(), &Limits::new()).unwrap();
        assert_eq!(viewed.feed_view(&page).unwrap(), next);
        assert_eq!(viewed, owned);
    }
    assert!(viewed.is_done());
    let last = page(pages[2].as_bytes(), &Limits::new()).unwrap();
    assert!(viewed.feed_view(&last).is_err());
    // Links to elsewhere, and links that were followed before.
    let mut viewed = new();
    for link in ["https://example.com/a", "https://graph.microsoft.com/beta/b"] {
        let text = format!(r#"{{"value":[],"@odata.nextLink":"{link}"}}"#);
        let page = page(text.as_bytes(), &Limits::new()).unwrap();
        let before = viewed.clone();
        let first = viewed.feed_view(&page);
        assert_eq!(first.is_ok(), !link.contains("example"), "{link}");
        if first.is_err() {
            assert_eq!(viewed, before);
        } else {
            assert!(matches!(viewed.feed_view(&page).unwrap_err().kind(), ErrorKind::LinkLoop));
        }
    }
}

#[test]
fn a_view_whose_next_link_is_no_text_is_no_last_page() {
    for link in ["7", "{}", "[\"https://graph.microsoft.com/beta/a\"]", "true"] {
        for name in ["@odata.nextLink", "@odata.NEXTLINK"] {
            let text = format!(r#"{{"value":[],"{name}":{link}}}"#);
            let view = page(text.as_bytes(), &Limits::new()).unwrap();
            let mut pager = Pager::new(Origin::global(), list_catalog_entries(&Query::new()));
            let refused = pager.feed_view(&view).unwrap_err();
            assert!(matches!(refused.kind(), ErrorKind::Shape { .. }), "{refused}");
            assert!(!pager.is_done());
        }
    }
    let text = br#"{"value":[],"@odata.nextlink":"https://graph.microsoft.com/beta/a?b=1"}"#;
    let view = page(text, &Limits::new()).unwrap();
    let mut pager = Pager::new(Origin::global(), list_catalog_entries(&Query::new()));
    assert!(pager.feed_view(&view).unwrap().is_some());
}
