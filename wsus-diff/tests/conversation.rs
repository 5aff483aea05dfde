//! The peer's client types talk with our upstream and cannot tell it from WSUS: every answer is what
//! they expect, in the order that they insist on, and every fault has its code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Duration, Utc};
use wsus_protocol::error::ProtocolError;
use wsus_protocol::identity::{Revision, UpdateId, UpdateRevision};
use wsus_protocol::soap::wire::Presence;
use wsus_protocol::soap::{
    ErrorCode, Limits, SoapRequest, SoapVersion, decode_request, decode_response, encode_request,
};
use wsus_protocol::wsusss::*;
use wsusss::simulator::{Upstream, documents};
use wsusss::sync::{Config, Event, Filter, Scope, Sync};

struct Client {
    upstream: Upstream,
    now: DateTime<Utc>,
    version: SoapVersion,
}

impl Client {
    fn new(version: SoapVersion) -> Self {
        let mut upstream = Upstream::default();
        for document in documents() {
            upstream.add(document).unwrap();
        }
        Self { upstream, now: DateTime::from_timestamp(1_790_000_000, 0).unwrap(), version }
    }

    fn call<R: SoapRequest>(&mut self, request: &R) -> Result<R::Response, ProtocolError> {
        let sent = encode_request(self.version, request);
        let answer = self.upstream.handle(&sent.body, self.now);
        assert_eq!(
            answer.status == 500,
            decode_response::<R::Response>(&answer.body, &Limits::default()).is_err()
        );
        decode_response::<R::Response>(&answer.body, &Limits::default())
    }

    fn fails<R: SoapRequest>(&mut self, request: &R, code: &ErrorCode, message: &str)
    where
        R::Response: std::fmt::Debug,
    {
        match self.call(request) {
            Err(ProtocolError::Fault(fault)) => {
                let detail = fault.wsus.expect("a detail");
                assert_eq!(&detail.error_code, code);
                assert_eq!(detail.message.as_deref(), Some(message));
                let action = format!("\"{}/{}\"", R::NAMESPACE, R::NAME);
                assert_eq!(detail.method.as_deref(), Some(action.as_str()));
                assert!(detail.id.is_some());
            }
            other => panic!("{other:?}"),
        }
    }

    fn cookie(&mut self) -> Cookie {
        let auth = self.call(&GetAuthConfig {}).unwrap().result.into_value().unwrap();
        let plug_in = auth.auth_info.into_value().unwrap().remove(0);
        assert_eq!(plug_in.plug_in_id.value().unwrap(), "DssTargeting");
        assert_eq!(plug_in.parameter.value().unwrap(), "");
        let cookie = self
            .call(&GetAuthorizationCookie {
                account_name: "probe.lab.invalid".into(),
                account_guid: "6f1c2f6e-3f0b-4d3a-9b1e-0d2f6a1c5e12".into(),
                program_keys: Presence::Absent,
            })
            .unwrap();
        let request = GetCookie {
            auth_cookies: vec![cookie.result.into_value().unwrap()].into(),
            old_cookie: Presence::Absent,
            protocol_version: "1.20".into(),
        };
        self.call(&request).unwrap().result.into_value().unwrap()
    }

    fn list(&mut self, cookie: &Cookie, filter: ServerSyncFilter) -> (String, Vec<UpdateRevision>) {
        let request = GetRevisionIdList { cookie: cookie.clone().into(), filter: filter.into() };
        let list = self.call(&request).unwrap().result.into_value().unwrap();
        (list.anchor.into_value().unwrap(), list.new_revisions.into_value().unwrap())
    }
}

fn filter(get_config: bool) -> ServerSyncFilter {
    ServerSyncFilter {
        dss_protocol_version: Presence::Absent,
        anchor: Presence::Absent,
        get_config,
        get63_language_only: false.into(),
        categories: Presence::Absent,
        classifications: Presence::Absent,
        languages: Presence::Absent,
    }
}

#[test]
fn a_sync_by_the_peers_client_types() {
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let mut client = Client::new(version);
        let cookie = client.cookie();
        let config = client.call(&GetConfigData {
            cookie: cookie.clone().into(),
            config_anchor: Presence::Absent,
        });
        let config = config.unwrap().result.into_value().unwrap();
        assert_eq!(config.max_number_of_updates_per_request, 100);
        let (_, categories) = client.list(&cookie, filter(true));
        let (anchor, updates) = client.list(&cookie, filter(false));
        assert!(!categories.is_empty() && updates.len() > 3);
        // Nothing has changed since.
        let again = ServerSyncFilter { anchor: anchor.clone().into(), ..filter(false) };
        assert_eq!(client.list(&cookie, again), (anchor, Vec::new()));
        let all: Vec<UpdateRevision> = categories.into_iter().chain(updates).collect();
        let request =
            GetUpdateData { cookie: cookie.clone().into(), update_ids: all.clone().into() };
        let data = client.call(&request).unwrap().result.into_value().unwrap();
        let data = data.updates.into_value().unwrap();
        assert_eq!(data.len(), all.len());
        for (document, key) in data.iter().zip(&all) {
            assert_eq!(document.id.value(), Some(key));
            assert!(
                document
                    .xml_update_blob
                    .value()
                    .is_some_and(|text| text.contains("UpdateIdentity"))
            );
        }
        // Asked for twice, answered twice.
        let twice = vec![all[0], all[0]];
        let request = GetUpdateData { cookie: cookie.into(), update_ids: twice.into() };
        let data = client.call(&request).unwrap().result.into_value().unwrap();
        assert_eq!(data.updates.into_value().unwrap().len(), 2);
    }
}

#[test]
fn what_wsus_refuses_is_refused_as_wsus_does_it() {
    let mut client = Client::new(SoapVersion::V11);
    let cookie = client.cookie();
    let key = |id: u128, revision| UpdateRevision {
        id: UpdateId(format!("{id:032x}").parse().unwrap()),
        revision: Revision(revision),
    };
    let data = |ids: Vec<UpdateRevision>| GetUpdateData {
        cookie: cookie.clone().into(),
        update_ids: ids.into(),
    };
    client.fails(&data(vec![key(0xbad, 1)]), &ErrorCode::InternalServerError, "");
    let known = client.list(&cookie, filter(false)).1[0];
    client.fails(&data(vec![known, key(0xbad, 1)]), &ErrorCode::InternalServerError, "");
    let wrong = UpdateRevision { revision: Revision(known.revision.0 + 1), ..known };
    client.fails(&data(vec![wrong]), &ErrorCode::InternalServerError, "");
    client.fails(&data(vec![known; 101]), &ErrorCode::InvalidParameters, "updateIds");
    let none = GetRevisionIdList { cookie: Presence::Absent, filter: filter(true).into() };
    client.fails(&none, &ErrorCode::InvalidCookie, "");
    let anchor = ServerSyncFilter { anchor: "yesterday".into(), ..filter(false) };
    let bad = GetRevisionIdList { cookie: cookie.clone().into(), filter: anchor.into() };
    client.fails(&bad, &ErrorCode::InvalidParameters, "filter");
    let name = GetAuthorizationCookie {
        account_name: "no name".into(),
        account_guid: "6f1c2f6e-3f0b-4d3a-9b1e-0d2f6a1c5e12".into(),
        program_keys: Presence::Absent,
    };
    client.fails(&name, &ErrorCode::InvalidParameters, "machineName");
    let forged = GetCookie {
        auth_cookies: vec![AuthorizationCookie {
            plug_in_id: "DssTargeting".into(),
            cookie_data: vec![1, 2, 3].into(),
        }]
        .into(),
        old_cookie: Presence::Absent,
        protocol_version: "1.20".into(),
    };
    client.fails(&forged, &ErrorCode::InvalidAuthorizationCookie, "");
    let digests = vec![vec![1u8; 20], vec![2u8; 20]];
    let files = DownloadFiles { cookie: cookie.clone().into(), file_digest_list: digests.into() };
    client.fails(
        &files,
        &ErrorCode::FileDigestsMissing,
        "AQEBAQEBAQEBAQEBAQEBAQEBAQE=|AgICAgICAgICAgICAgICAgICAgI=",
    );
    let no_anchor = GetDeployments {
        cookie: cookie.clone().into(),
        deployment_anchor: Presence::Absent,
        sync_anchor: Presence::Absent,
    };
    client.fails(&no_anchor, &ErrorCode::InvalidParameters, "syncAnchor");
    client.now += Duration::hours(4);
    client.fails(&data(vec![known]), &ErrorCode::InvalidCookie, "");
    // Half a filter is no error: it gives nothing.
    client.now -= Duration::hours(4);
    let half = ServerSyncFilter {
        categories: vec![IdAndDelta { id: known.id.0, delta: false }].into(),
        ..filter(false)
    };
    assert_eq!(client.list(&cookie, half).1, Vec::new());
}

/// Our client's requests, read by the peer as a strict server reads them.
#[test]
fn the_peer_reads_every_request_of_our_sync_machine() {
    let mut client = Client::new(SoapVersion::V11);
    let mut config =
        Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001");
    config.scope = Scope::Updates(Filter::everything().with_languages([1033, 1031]));
    let mut sync = Sync::new(&config);
    let mut seen = Vec::new();
    for _ in 0..2 {
        while let Some(request) = sync.poll_transmit(client.now) {
            let name = request.soap_action.trim_matches('"').rsplit('/').next().unwrap().to_owned();
            let limits = Limits::default();
            let action = Some(request.soap_action.as_str());
            let read = match name.as_str() {
                "GetAuthConfig" => {
                    decode_request::<GetAuthConfig>(action, &request.body, &limits).map(drop)
                }
                "GetAuthorizationCookie" => {
                    decode_request::<GetAuthorizationCookie>(action, &request.body, &limits)
                        .map(drop)
                }
                "GetCookie" => {
                    decode_request::<GetCookie>(action, &request.body, &limits).map(drop)
                }
                "GetConfigData" => {
                    decode_request::<GetConfigData>(action, &request.body, &limits).map(drop)
                }
                "GetRevisionIdList" => {
                    decode_request::<GetRevisionIdList>(action, &request.body, &limits).map(drop)
                }
                "GetUpdateData" => {
                    decode_request::<GetUpdateData>(action, &request.body, &limits).map(drop)
                }
                other => panic!("{other}"),
            };
            read.unwrap_or_else(|error| panic!("{name}: {error}"));
            seen.push(name);
            let answer = client.upstream.handle(&request.body, client.now);
            sync.handle_response(client.now, request.token, &answer.body).unwrap();
            while let Some(event) = sync.poll_event() {
                if let Event::Update { key, .. } = event {
                    sync.committed(key);
                }
            }
        }
        client.now += Duration::hours(5);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 6, "{seen:?}");
    // All but the definition update.
    assert_eq!(sync.known().len(), client.upstream.newest().len() - 1);
}
