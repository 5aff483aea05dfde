//! Access tokens for Graph run out: a new one is taken, and one that is refused too is not tried
//! for ever.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::any;
use chrono::Duration;
use mdm_examples::clock::Clock;
use mdm_examples::http::Http;
use mdm_examples::journal::Journal;
use mdm_examples::server::store::Store;
use mdm_examples::server::{Partners, Server};

type Seen = Arc<Mutex<Vec<String>>>;

/// A Graph that takes no token, and what it was sent.
async fn closed() -> (String, Seen) {
    let seen = Seen::default();
    let kept = seen.clone();
    let refuse = async move |headers: HeaderMap| {
        let token = headers.get("authorization").map(|token| token.to_str().unwrap().to_owned());
        kept.lock().unwrap().push(token.unwrap_or_default());
        (StatusCode::UNAUTHORIZED, r#"{"error":{"code":"InvalidAuthenticationToken"}}"#)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(refuse));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, seen)
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let (graph, seen) = closed().await;
    let clock = Clock::at("2026-11-21T08:00:00Z".parse().unwrap());
    let partners = Partners { update: String::new(), graph };
    let (journal, http) = (Journal::new(clock.clone()), Http::new(None).unwrap());
    let store = Store::open(None).unwrap();
    let start = || {
        let (journal, http) = (journal.clone(), http.clone());
        Server::new(store.clone(), clock.clone(), journal, http, partners.clone())
    };
    let server = start();
    server.enrol_drivers(1).unwrap();
    server.advance_drivers().await.unwrap();
    let sent = seen.lock().unwrap().clone();
    assert_eq!(sent.len(), 2, "the first has none, the second a new one: {sent:?}");
    assert_ne!(sent[0], sent[1]);
    assert!(!format!("{server:?}").contains("until-"), "a token is a secret");
    // It waits for a person, who does not have to hurry.
    clock.advance(Duration::hours(2));
    server.advance_drivers().await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 2);
    // One who starts the server again.
    let server = start();
    server.enrol_drivers(1).unwrap();
    server.advance_drivers().await.unwrap();
    assert!(seen.lock().unwrap().len() > 2);
}
