//! The services in the cloud: Microsoft Update's upstream and the Graph endpoint, behind HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use wsusss::simulator::Upstream;

use crate::clock::Clock;
use crate::server::store::{self, Store, StoreError};

/// What can go wrong with a simulated peer.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Its disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network.
    #[error(transparent)]
    Http(#[from] crate::http::HttpError),
    /// The server answered something that the peer does not understand.
    #[error("the server's answer: {0}")]
    Answer(String),
}

/// The services. Clones share everything.
#[derive(Clone, Debug)]
pub struct Cloud {
    upstream: Arc<Mutex<Upstream>>,
    store: Store,
    clock: Clock,
}

impl Cloud {
    /// The services over a disk. What the upstream gave out before is still good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn new(mut upstream: Upstream, store: Store, clock: Clock) -> Result<Self, StoreError> {
        let before: Option<Upstream> = store.transaction(|tx| store::peer(tx, "upstream"))?;
        if let Some(before) = before {
            upstream.remember(&before);
        }
        Ok(Self { upstream: Arc::new(Mutex::new(upstream)), store, clock })
    }

    /// How often an operation of the upstream was called, in all runs.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u32 {
        self.upstream.lock().unwrap_or_else(PoisonError::into_inner).calls(operation)
    }

    /// The upstream's HTTP interface.
    pub fn update_router(&self) -> Router {
        Router::new().fallback(any(update)).with_state(self.clone())
    }

    /// Graph's HTTP interface.
    pub fn graph_router(&self) -> Router {
        Router::new().fallback(any(graph)).with_state(self.clone())
    }
}

async fn update(State(cloud): State<Cloud>, body: Bytes) -> Response {
    let mut upstream = cloud.upstream.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = upstream.handle(&body, cloud.clock.now());
    // On disk before the answer leaves.
    let kept = cloud.store.transaction(|tx| store::set_peer(tx, "upstream", &*upstream));
    if let Err(error) = kept {
        return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
}

async fn graph(
    State(cloud): State<Cloud>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let headers: BTreeMap<String, String> = headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let answered = cloud.store.transaction(|tx| {
        super::cloud::graph_call(tx, method.as_str(), path, &headers, &body, cloud.clock.now())
    });
    match answered {
        Ok((status, headers, body)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (status, body).into_response();
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) =
                    (header::HeaderName::try_from(name), header::HeaderValue::try_from(value))
                {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
