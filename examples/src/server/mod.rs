//! The vendor's MDM server.

mod apple;
mod drivers;
mod it;
mod metadata;
mod report;
mod status_page;
pub mod store;
pub mod terms;
mod windows;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};

pub use drivers::entra_device;
pub use it::{Decision, Pending, TermsToRead};
pub use report::{DeviceLine, Report};
use store::{Store, StoreError};

use crate::clock::Clock;
use crate::http::Http;
use crate::journal::Journal;

/// What can go wrong while a request is handled.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A message of a Windows device.
    #[error("SyncML: {0}")]
    Syncml(#[from] syncml::Error),
    /// A message of an Apple device.
    #[error("property list: {0}")]
    Apple(#[from] apple_mdm::messages::Error),
    /// A device that is not enrolled.
    #[error("device {0} is not enrolled")]
    NotEnrolled(String),
    /// Something that is kept is of another version.
    #[error("{0}")]
    Version(String),
}

impl From<rusqlite::Error> for ServerError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<serde_json::Error> for ServerError {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(error.into())
    }
}

impl IntoResponse for ServerError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Store(_) | Self::Version(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotEnrolled(_) => StatusCode::FORBIDDEN,
            // Bad input: the device's fault, and nothing was changed.
            Self::Syncml(_) | Self::Apple(_) => StatusCode::BAD_REQUEST,
        };
        (status, self.to_string()).into_response()
    }
}

/// Where the server's partners are.
#[derive(Clone, Debug)]
pub struct Partners {
    /// The root of Microsoft Update's server-to-server services.
    pub update: String,
    /// The root of Microsoft Graph.
    pub graph: String,
}

/// The server. Clones share everything.
#[derive(Clone, Debug)]
pub struct Server(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    journal: Journal,
    http: Http,
    partners: Partners,
    graph_token: drivers::AccessToken,
}

impl Server {
    /// A server over a database.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        journal: Journal,
        http: Http,
        partners: Partners,
    ) -> Self {
        let graph_token = drivers::AccessToken::default();
        Self(Arc::new(Inner { store, clock, journal, http, partners, graph_token }))
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.clock.now()
    }

    fn line(&self, who: &str, what: impl std::fmt::Display) {
        self.0.journal.line(who, what);
    }

    /// The server's HTTP interface.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(page))
            .route("/ManagementServer/MDM.svc", post(windows_message))
            .route("/mdm", put(apple_message))
            .route("/it/updates", get(pending))
            .route("/it/updates/{id}/approve", post(approve))
            .route("/it/eulas/{id}/accept", post(accept))
            .with_state(self.clone())
    }
}

async fn page(State(server): State<Server>) -> Result<Response, ServerError> {
    let page = server.status_page()?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response())
}

async fn windows_message(
    State(server): State<Server>,
    body: Bytes,
) -> Result<Response, ServerError> {
    let answer = server.handle_windows(&body)?;
    Ok(([(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response())
}

async fn apple_message(State(server): State<Server>, body: Bytes) -> Result<Response, ServerError> {
    let answer = server.handle_apple(&body)?;
    Ok(([(header::CONTENT_TYPE, apple_mdm::CONTENT_TYPE)], answer).into_response())
}

async fn pending(State(server): State<Server>) -> Result<Response, ServerError> {
    let pending = serde_json::to_vec(&server.pending_updates()?)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], pending).into_response())
}

async fn approve(
    State(server): State<Server>,
    Path(id): Path<String>,
) -> Result<Response, ServerError> {
    Ok(match server.approve(&id)? {
        Decision::Taken => StatusCode::OK.into_response(),
        Decision::Refused(why) => (StatusCode::CONFLICT, why).into_response(),
    })
}

async fn accept(
    State(server): State<Server>,
    Path(id): Path<String>,
) -> Result<Response, ServerError> {
    Ok(match server.accept_eula(&id)? {
        Decision::Taken => StatusCode::OK.into_response(),
        Decision::Refused(why) => (StatusCode::CONFLICT, why).into_response(),
    })
}
