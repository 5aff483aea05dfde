//! What tests of the sync machine's rules share: a machine and the simulated upstream, in step.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing)]

use chrono::{DateTime, Utc};
use wsusss::messages::{self, Message};
use wsusss::simulator::Upstream;
use wsusss::sync::{Config, Event, Filter, Scope, Sync, Transmit};
use wsusss::{Limits, UpdateId, UpdateKey};

pub(crate) const PRODUCT: u128 = 0x100;
pub(crate) const OTHER_PRODUCT: u128 = 0x101;
pub(crate) const CLASS: u128 = 0x200;

pub(crate) fn key(number: u128, revision: u32) -> UpdateKey {
    UpdateKey::new(UpdateId::from_u128(number), revision)
}

pub(crate) fn document(key: UpdateKey, kind: &str, categories: &[u128], rest: &str) -> String {
    let clause = |id: &u128| {
        format!(
            "<upd:AtLeastOne IsCategory=\"true\"><upd:UpdateIdentity UpdateID=\"{}\" />\
             </upd:AtLeastOne>",
            UpdateId::from_u128(*id)
        )
    };
    let clauses: String = categories.iter().map(clause).collect();
    format!(
        "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">\
         <upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"{}\" /><upd:Properties \
         UpdateType=\"{kind}\" /><upd:Relationships><upd:Prerequisites>{clauses}\
         </upd:Prerequisites>{rest}</upd:Relationships></upd:Update>",
        key.id, key.revision
    )
}

pub(crate) struct Bench {
    pub(crate) upstream: Upstream,
    pub(crate) sync: Sync,
    pub(crate) now: DateTime<Utc>,
    pub(crate) requests: Vec<(Transmit, Message<'static>)>,
    pub(crate) events: Vec<Event>,
    pub(crate) commit: bool,
}

impl Bench {
    pub(crate) fn new(config: &Config) -> Self {
        let mut upstream = Upstream::default();
        for category in [PRODUCT, OTHER_PRODUCT, CLASS] {
            upstream.add(document(key(category, 1), "Category", &[], "")).unwrap();
        }
        Self {
            upstream,
            sync: Sync::new(config),
            now: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            requests: Vec::new(),
            events: Vec::new(),
            commit: true,
        }
    }

    pub(crate) fn offer(&mut self, number: u128, revision: u32, product: u128) -> UpdateKey {
        let key = key(number, revision);
        self.upstream.add(document(key, "Software", &[product, CLASS], "")).unwrap()
    }

    /// One request, if one is due.
    pub(crate) fn step(&mut self) -> bool {
        let request = self.sync.poll_transmit(self.now);
        let asked = request.is_some();
        if let Some(request) = request {
            let (_, message) = messages::decode(&request.body, &Limits::default()).unwrap();
            let answer = self.upstream.handle(&request.body, self.now);
            self.sync.handle_response(self.now, request.token, &answer.body).unwrap();
            self.requests.push((request.clone(), message.into_owned()));
        }
        while let Some(event) = self.sync.poll_event() {
            if let (Event::Update { key, .. }, true) = (&event, self.commit) {
                self.sync.committed(*key);
            }
            self.events.push(event);
        }
        asked
    }

    pub(crate) fn run(&mut self) {
        for _ in 0..2000 {
            if !self.step() {
                return;
            }
        }
        panic!("the run does not end");
    }

    pub(crate) fn next_run(&mut self) {
        self.requests.clear();
        self.events.clear();
        self.now = self.now.max(self.sync.poll_timeout().unwrap());
        self.run();
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.requests.iter().map(|(_, message)| message.name()).collect()
    }

    pub(crate) fn batches(&self) -> Vec<usize> {
        let size = |message: &Message<'_>| match message {
            Message::GetUpdateData(request) => Some(request.update_ids.len()),
            _ => None,
        };
        self.requests.iter().filter_map(|(_, message)| size(message)).collect()
    }

    /// Of the last list: the anchor and what was wanted whole or as changes.
    pub(crate) fn filter(&self, get_config: bool) -> (Option<String>, Vec<bool>) {
        let found = self.requests.iter().rev().find_map(|(_, message)| match message {
            Message::GetRevisionIdList(request) => {
                request.filter.value().filter(|filter| filter.get_config == get_config.into())
            }
            _ => None,
        });
        let filter = found.unwrap();
        let deltas = filter.categories.iter().chain(&filter.classifications);
        let deltas = deltas.map(|one| *one.delta.value().unwrap()).collect();
        (filter.anchor.as_str().map(str::to_owned), deltas)
    }
}

pub(crate) fn config() -> Config {
    Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001")
}

pub(crate) fn filtered(products: &[u128]) -> Config {
    let ids = |ids: &[u128]| ids.iter().map(|id| UpdateId::from_u128(*id)).collect::<Vec<_>>();
    let mut config = config();
    config.scope = Scope::Updates(Filter::new(ids(products), ids(&[CLASS])).unwrap());
    config
}

pub(crate) fn changed(bench: &mut Bench, config: &Config) {
    bench.sync = Sync::resume(bench.sync.state().clone(), config).unwrap();
}
