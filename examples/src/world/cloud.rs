//! The services in the cloud: Microsoft Update's upstream and the Graph endpoint, behind HTTP.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use graph_wufb::models::DeviceId;
use graph_wufb::requests::Headers;
use graph_wufb::simulator::Service;
use wsusss::simulator::Upstream;

use crate::clock::Clock;
use crate::server::entra_device;
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

/// One call of the deployment service, from its disk and back to it.
fn graph_call(
    tx: &rusqlite::Transaction<'_>,
    method: &str,
    path: &str,
    headers: &Headers,
    body: &[u8],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(u16, Headers, Vec<u8>), StoreError> {
    let saved: Option<Service> = store::peer(tx, "graph")?;
    let mut service = match saved {
        Some(service) => service,
        None => first_service(),
    };
    let answer = service.handle(method, path, headers, body, now);
    store::set_peer(tx, "graph", &service)?;
    Ok(answer)
}

/// A service that knows one driver, which two PCs need.
fn first_service() -> Service {
    let mut service = Service::new();
    let devices: Vec<DeviceId> =
        [1, 2].iter().filter_map(|number| entra_device(*number).parse().ok()).collect();
    service.add_driver("5d6dede684ba5c4a731d62d9", "Northwind - Net - 4.2.0.1", &devices);
    service
}

async fn graph(
    State(cloud): State<Cloud>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Entra's tokens are signed; these only say how long they are good.
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let until = token.and_then(|token| token.strip_prefix("Bearer until-")?.parse::<i64>().ok());
    if until.is_none_or(|until| until <= cloud.clock.now().timestamp()) {
        let error = r#"{"error":{"code":"InvalidAuthenticationToken","message":"The token is not valid."}}"#;
        return (StatusCode::UNAUTHORIZED, error).into_response();
    }
    let mut named = Headers::new();
    for (name, value) in &headers {
        named.insert(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let answered = cloud
        .store
        .transaction(|tx| graph_call(tx, method.as_str(), path, &named, &body, cloud.clock.now()));
    match answered {
        Ok((status, headers, body)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (status, body).into_response();
            for (name, value) in headers.iter() {
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
