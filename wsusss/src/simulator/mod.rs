//! A simulated upstream: Microsoft Update as far as metadata goes, in memory and without I/O: the
//! [`upstream`](crate::upstream) server over a catalogue in memory, with ways to be difficult.

mod documents;
mod memory;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use documents::documents;
pub use memory::MemoryCatalog;

use crate::error::{Error, Limits};
use crate::id::UpdateKey;
use crate::messages::{self, Fault, FaultCode, Guid, Message};
use crate::upstream::{Server, ServerConfig};

pub use crate::upstream::Answer;

/// The upstream.
///
/// ```
/// use chrono::DateTime;
/// use wsusss::simulator::{Upstream, documents};
///
/// let mut upstream = Upstream::default();
/// for document in documents() {
///     upstream.add(document)?;
/// }
/// let answer = upstream.handle(b"nonsense", DateTime::UNIX_EPOCH);
/// assert_eq!(answer.status, 500);
/// # Ok::<(), wsusss::Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default))]
pub struct Upstream {
    /// Documents come with the program, not with the state.
    #[cfg_attr(feature = "serde", serde(skip))]
    catalog: MemoryCatalog,
    #[cfg_attr(feature = "serde", serde(skip, default = "default_config"))]
    config: ServerConfig,
    /// Cookies of another generation are refused.
    generation: u64,
    calls: BTreeMap<String, u32>,
    /// Faults to be given instead of answers.
    #[cfg_attr(feature = "serde", serde(skip))]
    faults: Vec<(Option<String>, Fault)>,
}

fn default_config() -> ServerConfig {
    ServerConfig::new(Guid::from_u128(0x5f0c_2f4e_0000_4000_8000_0000_0000_0001))
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            catalog: MemoryCatalog::default(),
            config: default_config(),
            generation: 0,
            calls: BTreeMap::new(),
            faults: Vec::new(),
        }
    }
}

impl Upstream {
    /// Offers a document, under the identity it has.
    ///
    /// # Errors
    /// Those of [`Update::read`](crate::metadata::Update::read).
    pub fn add(&mut self, document: impl Into<String>) -> Result<UpdateKey, Error> {
        self.catalog.add(document)
    }

    /// Offers a compressed document, given as the cabinet it is.
    ///
    /// # Errors
    /// Those of [`cab::document`](crate::cab::document) and
    /// [`Update::read`](crate::metadata::Update::read).
    #[cfg(feature = "cab")]
    pub fn add_cabinet(&mut self, cab: &[u8]) -> Result<UpdateKey, Error> {
        self.catalog.add_cabinet(cab)
    }

    /// No longer offers an update.
    pub fn remove(&mut self, id: crate::UpdateId) {
        self.catalog.remove(id);
    }

    /// What is offered.
    #[must_use]
    pub fn catalog(&self) -> &MemoryCatalog {
        &self.catalog
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// The configuration, to be changed.
    pub fn config_mut(&mut self) -> &mut ServerConfig {
        &mut self.config
    }

    /// Takes over what another one remembers: its cookies and its count of calls.
    pub fn remember(&mut self, other: &Self) {
        self.generation = other.generation;
        self.calls.clone_from(&other.calls);
    }

    /// The newest revision of each document that is offered, as text.
    #[must_use]
    pub fn newest(&self) -> Vec<String> {
        self.catalog.newest()
    }

    /// How often an operation was called.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u32 {
        self.calls.get(operation).copied().unwrap_or_default()
    }

    /// How often anything was called.
    #[must_use]
    pub fn all_calls(&self) -> u32 {
        self.calls.values().sum()
    }

    /// Takes back every cookie that was given out.
    pub fn drop_cookies(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    /// Is another server from now on, at the same address: restored from a backup, or replaced.
    pub fn become_another(&mut self) {
        let id = self.config.server_id.as_u128();
        self.config.server_id = Guid::from_u128(id.wrapping_add(1));
    }

    /// Answers the next request with a fault; with a name, the next one of that operation.
    pub fn fail_next(&mut self, operation: Option<&str>, fault: Fault) {
        self.faults.push((operation.map(str::to_owned), fault));
    }

    /// Answers a request, at whichever of the services.
    #[must_use]
    pub fn handle(&mut self, body: &[u8], now: DateTime<Utc>) -> Answer {
        let mut config = self.config.clone();
        config.generation = self.generation;
        let server = Server::new(&self.catalog, config);
        let Ok((soap, request)) = messages::decode(body, &Limits::default()) else {
            return server.handle(body, now);
        };
        let count = self.calls.entry(request.name().to_owned()).or_default();
        *count = count.saturating_add(1);
        let due = self.faults.iter().position(|(operation, _)| {
            operation.as_deref().is_none_or(|operation| operation == request.name())
        });
        if let Some(due) = due {
            let (_, fault) = self.faults.remove(due);
            return server.answer(soap, &Message::Fault(fault));
        }
        server.answer(soap, &server.respond(&request, now))
    }

    /// A fault as the server writes it, to be given with [`fail_next`](Self::fail_next).
    #[must_use]
    pub fn fault(code: FaultCode) -> Fault {
        Fault::new(code)
    }
}
