//! The upstream over a vendor's own catalogue: what it offers, and what it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::needless_pass_by_value)]

use std::cell::Cell;

use chrono::{DateTime, Utc};
use wsusss::messages::{
    self, Asked, Base64, ConfigRequest, Cookie, CookieRequest, DeploymentData, DeploymentRequest,
    DownloadRequest, DriverFilter, DriverList, DriverRequest, DriverSetRequest, FaultCode, Guid,
    HardwareIdAndDelta, IdAndDelta, List, Message, PingRequest, Presence, Reaction, RevisionFilter,
    RevisionRequest, Soap, UpdateDataRequest,
};
use wsusss::upstream::{Catalog, Selection, Server, ServerConfig, Stored};
use wsusss::{Limits, UpdateId, UpdateKey};

fn key(number: u128) -> UpdateKey {
    UpdateKey::new(UpdateId::from_u128(number), 1)
}

/// Two updates: the first of the product 1 and the class 9, changed at 5; the second of the product
/// 2 and the class 9, changed at 7, for protocol 1.20 and later, in more than 63 languages. One
/// driver, one driver set. It remembers whether only 63 languages were asked for last.
#[derive(Default)]
struct Shop(Cell<bool>);

impl Catalog for Shop {
    fn change(&self) -> u64 {
        7
    }

    fn categories(&self, since: Option<u64>) -> Vec<UpdateKey> {
        if since.is_none() { vec![key(1), key(2), key(9)] } else { Vec::new() }
    }

    fn updates(&self, selection: &Selection) -> Vec<UpdateKey> {
        self.0.set(selection.only_63_languages);
        let id = UpdateId::from_u128;
        let all = [(key(0x10), [id(1), id(9)], 5, 0), (key(0x20), [id(2), id(9)], 7, 20)];
        let taken = |(key, categories, changed, minor): &&(UpdateKey, [UpdateId; 2], u64, u32)| {
            let languages = !selection.only_63_languages || key.id.as_u128() == 0x10;
            languages && selection.takes(categories, *changed, *minor)
        };
        all.iter().filter(taken).map(|(key, ..)| *key).collect()
    }

    fn document(&self, key: UpdateKey) -> Option<Stored> {
        let known = [0x10, 0x20].contains(&key.id.as_u128());
        known.then(|| Stored::text("<Update/>".to_owned()))
    }

    fn tells_current_revisions(&self) -> bool {
        true
    }

    fn current_revision(&self, id: UpdateId) -> Option<u32> {
        (id == key(0x10).id).then_some(1)
    }

    fn has_file(&self, digest: &Base64) -> bool {
        digest.as_str() == "AQID"
    }

    fn drivers(&self, filter: &DriverFilter, _: Option<u64>) -> DriverList {
        let mut list = DriverList::default();
        if !filter.pnp_hardware_ids.is_empty() {
            list.new_revisions = vec![key(0x30)].into();
            list.new_driver_sets = vec![Guid::from_u128(0x40)].into();
        }
        list
    }

    fn driver_set(&self, id: Guid) -> Option<String> {
        (id == Guid::from_u128(0x40)).then(|| "<DriverSet/>".to_owned())
    }

    fn deployments(&self, since: Option<u64>, upto: u64) -> DeploymentData {
        let mut data = DeploymentData::default();
        let numbers = [since.unwrap_or(99), upto].map(|number| Guid::from_u128(number.into()));
        data.accepted_eulas = numbers.to_vec().into();
        data
    }
}

struct Client {
    server: Server<Shop>,
    cookie: Presence<Cookie>,
    now: DateTime<Utc>,
}

impl Client {
    fn new(version: &str) -> Self {
        let mut config = ServerConfig::new(Guid::from_u128(1));
        config.address = "http://upstream".to_owned();
        config.max_driver_sets = 1;
        config.max_pnp_hardware_ids = 1;
        let server = Server::new(Shop::default(), config);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut client = Self { server, cookie: Presence::Absent, now };
        let account = "6f1c2f6e-3f0b-4d3a-9b1e-0d2f6a1c5e12";
        let request = messages::AuthorizationRequest::new("mdm.example", account);
        let Message::GetAuthorizationCookieResponse(Presence::Value(authorization)) =
            client.call(&Message::GetAuthorizationCookie(request))
        else {
            panic!()
        };
        let mut request = CookieRequest::default();
        request.auth_cookies = vec![authorization].into();
        request.protocol_version = version.into();
        let Message::GetCookieResponse(cookie) = client.call(&Message::GetCookie(request)) else {
            panic!()
        };
        client.cookie = cookie;
        client
    }

    /// Over the wire and back, in both versions of SOAP.
    fn call(&self, request: &Message<'_>) -> Message<'static> {
        let answers = [Soap::V11, Soap::V12].map(|soap| {
            let mut out = Vec::new();
            messages::encode(soap, request, &mut out).unwrap();
            let answer = self.server.handle(&out, self.now);
            assert_eq!(
                answer,
                self.server.handle(&out, self.now),
                "the same request, the same bytes"
            );
            let (version, message) = messages::decode(&answer.body, &Limits::default()).unwrap();
            assert_eq!(version, soap);
            assert_eq!(answer.status == 500, matches!(message, Message::Fault(_)));
            assert_eq!(answer.content_type.contains("soap+xml"), soap == Soap::V12);
            message.into_owned()
        });
        assert_eq!(answers[0], answers[1]);
        answers[0].clone()
    }

    fn updates(
        &self,
        anchor: Option<&str>,
        products: &[(u128, bool)],
        classes: &[(u128, bool)],
    ) -> Vec<u128> {
        self.listed(anchor, products, classes, None)
    }

    fn listed(
        &self,
        anchor: Option<&str>,
        products: &[(u128, bool)],
        classes: &[(u128, bool)],
        only_63: Option<bool>,
    ) -> Vec<u128> {
        let list = |ids: &[(u128, bool)]| {
            let one = |(id, delta): &(u128, bool)| IdAndDelta::new(Guid::from_u128(*id), *delta);
            ids.iter().map(one).collect::<List<_>>().or_absent()
        };
        let mut filter = RevisionFilter::default();
        filter.get_config = false.into();
        filter.get_63_language_only = only_63.into();
        filter.anchor = anchor.map(str::to_owned).into();
        filter.categories = list(products);
        filter.classifications = list(classes);
        let mut request = RevisionRequest::default();
        request.cookie = self.cookie.clone();
        request.filter = filter.into();
        match self.call(&Message::GetRevisionIdList(request)) {
            Message::GetRevisionIdListResponse(Presence::Value(list)) => {
                assert!(list.anchor.as_str().is_some_and(|anchor| anchor.starts_with("7,")));
                list.new_revisions.iter().map(|key| key.id.as_u128()).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn refuses(&self, request: &Message<'_>, code: FaultCode, message: &str) {
        let Message::Fault(fault) = self.call(request) else { panic!() };
        assert_eq!((fault.code.as_ref(), fault.message.as_deref()), (Some(&code), Some(message)));
        assert_eq!(fault.method, Some(format!("\"{}\"", messages::soap_action(request))));
        assert!(fault.actor.is_some_and(|actor| actor.starts_with("http://upstream/")));
        assert!(fault.id.is_some());
    }
}

#[test]
fn filters_anchors_and_deltas_are_those_of_wsus() {
    let client = Client::new("1.20");
    let all = [(1, false), (2, false)];
    assert_eq!(client.updates(None, &[], &[]), [0x10, 0x20]);
    assert_eq!(client.updates(None, &all, &[(9, false)]), [0x10, 0x20]);
    assert_eq!(client.updates(None, &[(1, false)], &[(9, false)]), [0x10]);
    assert_eq!(client.updates(None, &all, &[]), [0u128; 0], "half a filter");
    assert_eq!(client.updates(None, &[], &[(9, false)]), [0u128; 0], "half a filter");
    let anchor = Some("6,2026-10-04 16:33:26.848");
    assert_eq!(client.updates(anchor, &[], &[]), [0x20]);
    assert_eq!(client.updates(anchor, &all, &[(9, false)]), [0x10, 0x20], "everything again");
    assert_eq!(client.updates(anchor, &[(1, true), (2, true)], &[(9, true)]), [0x20]);
    assert_eq!(client.updates(anchor, &[(1, false), (2, true)], &[(9, true)]), [0x10, 0x20]);
    assert_eq!(client.updates(Some(""), &[], &[]), [0x10, 0x20], "an empty anchor is none");
    // What needs a later version than the client's is left out (MS-WSUSSS 3.1.4.5).
    assert_eq!(Client::new("1.8").updates(None, &[], &[]), [0x10]);
}

/// Of the two updates, the one in more than 63 languages needs 1.20 besides: so this looks at what
/// the catalogue is asked.
#[test]
fn languages_are_63_if_the_client_says_so_or_cannot_say_it() {
    let client = Client::new("1.20");
    assert_eq!(client.listed(None, &[], &[], Some(false)), [0x10, 0x20]);
    assert_eq!(client.listed(None, &[], &[], Some(true)), [0x10]);
    for (version, said, expected) in [
        ("1.1", None, true),
        ("1.1", Some(false), true),
        ("1.2", None, false),
        ("1.2", Some(false), false),
        ("1.2", Some(true), true),
    ] {
        let client = Client::new(version);
        client.listed(None, &[], &[], said);
        assert_eq!(client.server.catalog.0.get(), expected, "{version} {said:?}");
    }
}

#[test]
fn which_languages_there_are_is_said() {
    let mut client = Client::new("1.20");
    for all in [true, false] {
        client.server.config.all_languages = all;
        let mut request = ConfigRequest::default();
        request.cookie = client.cookie.clone();
        let Message::GetConfigDataResponse(Presence::Value(config)) =
            client.call(&Message::GetConfigData(request))
        else {
            panic!()
        };
        let first = config.languages.first().unwrap();
        assert_eq!((&first.id, &first.enabled), (&0.into(), &all.into()));
    }
}

#[test]
fn limits_hold_at_n_and_at_one_more() {
    let mut client = Client::new("1.20");
    let data = |client: &Client, count: usize| {
        Message::GetUpdateData(UpdateDataRequest::new(
            client.cookie.clone(),
            vec![key(0x10); count],
        ))
    };
    assert!(matches!(client.call(&data(&client, 100)), Message::GetUpdateDataResponse(_)));
    client.refuses(&data(&client, 101), FaultCode::InvalidParameters, "updateIds");
    let sets = |client: &Client, count: usize| {
        let mut request = DriverSetRequest::default();
        request.cookie = client.cookie.clone();
        request.driver_sets = vec![Guid::from_u128(0x40); count].into();
        Message::GetDriverSetData(request)
    };
    let Message::GetDriverSetDataResponse(Presence::Value(found)) = client.call(&sets(&client, 1))
    else {
        panic!()
    };
    assert_eq!(found.driver_sets.first().unwrap().xml.as_str(), Some("<DriverSet/>"));
    client.refuses(&sets(&client, 2), FaultCode::TooManyIds, "");
    let drivers = |client: &Client, count: usize| {
        let mut filter = DriverFilter::default();
        let mut device = HardwareIdAndDelta::default();
        device.id = "pci\\ven_1234".into();
        filter.pnp_hardware_ids = vec![device; count].into();
        let mut request = DriverRequest::default();
        request.cookie = client.cookie.clone();
        request.filter = filter.into();
        Message::GetDriverIdList(request)
    };
    let Message::GetDriverIdListResponse(Presence::Value(list)) = client.call(&drivers(&client, 1))
    else {
        panic!()
    };
    assert_eq!(list.new_revisions.first(), Some(&key(0x30)));
    assert!(list.anchor.as_str().is_some());
    client.refuses(&drivers(&client, 2), FaultCode::InvalidParameters, "filter");
    let files = |client: &Client, count: usize| {
        let mut request = DownloadRequest::default();
        request.cookie = client.cookie.clone();
        request.file_digests = vec![Base64::new("AQID"); count].into();
        Message::DownloadFiles(request)
    };
    assert!(matches!(client.call(&files(&client, 100)), Message::DownloadFilesResponse(_)));
    client.refuses(&files(&client, 101), FaultCode::InvalidParameters, "fileDigestList");
    // A cookie is good to its end and not longer.
    let ends = client.cookie.value().unwrap().ends().unwrap();
    client.now = ends - chrono::Duration::seconds(1);
    assert!(matches!(client.call(&data(&client, 1)), Message::GetUpdateDataResponse(_)));
    client.now = ends;
    client.refuses(&data(&client, 1), FaultCode::InvalidCookie, "");
}

#[test]
fn what_is_missing_or_wrong_has_its_code() {
    let mut client = Client::new("1.20");
    let unknown = vec![key(0x10), key(0xbad)];
    let request = Message::GetUpdateData(UpdateDataRequest::new(client.cookie.clone(), unknown));
    client.refuses(&request, FaultCode::InternalServerError, "");
    let Message::Fault(fault) = client.call(&request) else { panic!() };
    assert_eq!(fault.reaction(Asked::of(&request)), Reaction::Split);
    let mut absent = UpdateDataRequest::default();
    absent.cookie = client.cookie.clone();
    client.refuses(&Message::GetUpdateData(absent), FaultCode::InvalidParameters, "updateIds");
    // A list that is not there is none (3.1.4.11, 3.1.4.18); an empty one asks for nothing.
    for (list, good) in
        [(Presence::Absent, false), (Presence::Nil, false), (Presence::Value(()), true)]
    {
        let mut keys = UpdateDataRequest::default();
        keys.cookie = client.cookie.clone();
        let mut files = DownloadRequest::default();
        files.cookie = client.cookie.clone();
        match list {
            Presence::Absent => {}
            Presence::Nil => (keys.update_ids, files.file_digests) = (List::nil(), List::nil()),
            Presence::Value(()) => {
                (keys.update_ids, files.file_digests) = (List::default(), List::default());
            }
        }
        let keys = Message::GetUpdateDecryptionData(keys);
        let files = Message::DownloadFiles(files);
        if good {
            assert!(!matches!(client.call(&keys), Message::Fault(_)));
            assert!(!matches!(client.call(&files), Message::Fault(_)));
        } else {
            client.refuses(&keys, FaultCode::InvalidParameters, "updateIds");
            client.refuses(&files, FaultCode::InvalidParameters, "fileDigestList");
        }
    }
    let mut files = DownloadRequest::default();
    files.cookie = client.cookie.clone();
    files.file_digests = vec![Base64::new("AQID"), Base64::new("/+8="), Base64::new("BAUG")].into();
    client.refuses(&Message::DownloadFiles(files), FaultCode::FileDigestsMissing, "/+8=|BAUG");
    for (version, code, message) in [
        ("2.0", FaultCode::IncompatibleProtocolVersion, ""),
        ("1", FaultCode::InvalidParameters, "protocolVersion"),
        ("1.x", FaultCode::InvalidParameters, "protocolVersion"),
        ("", FaultCode::InvalidParameters, "protocolVersion"),
    ] {
        let account = "6f1c2f6e-3f0b-4d3a-9b1e-0d2f6a1c5e12";
        let request = messages::AuthorizationRequest::new("mdm.example", account);
        let Message::GetAuthorizationCookieResponse(Presence::Value(one)) =
            client.call(&Message::GetAuthorizationCookie(request))
        else {
            panic!()
        };
        let mut request = CookieRequest::default();
        request.auth_cookies = vec![one.clone()].into();
        request.protocol_version = version.into();
        client.refuses(&Message::GetCookie(request.clone()), code, message);
        request.auth_cookies = vec![one.clone(), one].into();
        client.refuses(&Message::GetCookie(request), FaultCode::InvalidParameters, "authCookies");
    }
    // A cookie of another server, or of another time.
    let request =
        Message::GetUpdateData(UpdateDataRequest::new(client.cookie.clone(), vec![key(0x10)]));
    client.server.config.generation += 1;
    client.refuses(&request, FaultCode::InvalidCookie, "");
    client.server.config.server_id = Guid::from_u128(2);
    client.refuses(&request, FaultCode::ServerChanged, "");
}

#[test]
fn replicas_and_monitors_are_answered() {
    let client = Client::new("1.20");
    let mut request = DeploymentRequest::default();
    request.cookie = client.cookie.clone();
    client.refuses(
        &Message::GetDeployments(request.clone()),
        FaultCode::InvalidParameters,
        "syncAnchor",
    );
    request.deployment_anchor = "3,2026-10-04 16:33:26.848".into();
    // Up to what the client has, and the next time from there.
    for (upto, anchor) in [(6, "6,"), (7, "7,"), (9, "7,"), (2, "3,")] {
        request.sync_anchor = format!("{upto},2026-10-04 16:33:26.848").into();
        let Message::GetDeploymentsResponse(Presence::Value(data)) =
            client.call(&Message::GetDeployments(request.clone()))
        else {
            panic!()
        };
        let told: Vec<u128> = data.accepted_eulas.iter().map(|number| number.as_u128()).collect();
        assert_eq!(told, [3, upto]);
        assert!(data.anchor.as_str().is_some_and(|told| told.starts_with(anchor)), "{upto}");
    }
    let Message::PingResponse(Presence::Value(status)) =
        client.call(&Message::Ping(PingRequest::default()))
    else {
        panic!()
    };
    assert_eq!(status.success, true.into());
    // An answer is no request.
    let Message::Fault(fault) =
        client.call(&Message::DownloadFilesResponse(messages::Empty::default()))
    else {
        panic!()
    };
    assert_eq!(fault.code, None);
}

#[test]
fn what_revision_an_update_has_now_is_told_by_a_catalogue_that_knows() {
    let client = Client::new("1.20");
    let ask = |cookie: Presence<Cookie>, numbers: &[u128]| {
        let ids: Vec<UpdateId> = numbers.iter().map(|number| key(*number).id).collect();
        let request = messages::RelatedRevisionsRequest::new(cookie, ids);
        client.call(&Message::GetRelatedRevisionsForUpdates(request))
    };
    let told = |keys: Vec<UpdateKey>| Message::GetRelatedRevisionsForUpdatesResponse(keys.into());
    assert_eq!(ask(client.cookie.clone(), &[0x20, 0x10, 0x30]), told(vec![key(0x10)]));
    // Without a cookie nothing is told, be it known or not.
    for numbers in [vec![], vec![0x20], vec![0x10], vec![0x20; 101]] {
        let Message::Fault(fault) = ask(Presence::Absent, &numbers) else { panic!() };
        assert_eq!(fault.code, Some(FaultCode::InvalidCookie));
    }
    // As many as documents, and not one more.
    assert_eq!(ask(client.cookie.clone(), &[0x20; 100]), told(Vec::new()));
    let Message::Fault(fault) = ask(client.cookie.clone(), &[0x20; 101]) else { panic!() };
    assert_eq!(fault.code, Some(FaultCode::InvalidParameters));
    assert_eq!(fault.message.as_deref(), Some("updateIDs"));
}

/// A catalogue that tells nothing, whatever it knows.
struct Silent;

impl Catalog for Silent {
    fn change(&self) -> u64 {
        1
    }

    fn categories(&self, _: Option<u64>) -> Vec<UpdateKey> {
        Vec::new()
    }

    fn updates(&self, _: &Selection) -> Vec<UpdateKey> {
        Vec::new()
    }

    fn document(&self, _: UpdateKey) -> Option<Stored> {
        None
    }

    fn current_revision(&self, _: UpdateId) -> Option<u32> {
        panic!("it is not asked")
    }
}

#[test]
fn what_revision_an_update_has_now_is_ignored_by_a_catalogue_that_does_not_tell() {
    let server = Server::new(Silent, ServerConfig::new(Guid::from_u128(1)));
    let ids = vec![key(0x10).id; 10_000];
    let request = messages::RelatedRevisionsRequest::new(Presence::Absent, ids);
    let request = Message::GetRelatedRevisionsForUpdates(request);
    let answer = server.respond(&request, DateTime::<Utc>::UNIX_EPOCH);
    assert_eq!(answer, Message::GetRelatedRevisionsForUpdatesResponse(List::default()));
}

#[test]
fn reports_are_taken() {
    use wsusss::messages::reporting::{ComputerRollup, RollupConfigurationRequest, StatusRollup};
    let client = Client::new("1.20");
    let mut request = RollupConfigurationRequest::default();
    request.cookie = Cookie::reporting().into();
    let Message::GetRollupConfigurationResponse(Presence::Value(config)) =
        client.call(&Message::GetRollupConfiguration(request))
    else {
        panic!()
    };
    assert_eq!(config.max_computers, 1500.into());
    let reply = client.call(&Message::RollupComputers(ComputerRollup::default()));
    assert_eq!(reply, Message::RollupComputersResponse(List::default()));
    let reply = client.call(&Message::RollupComputerStatus(StatusRollup::default()));
    assert_eq!(reply, Message::RollupComputerStatusResponse(true.into()));
}

#[test]
fn names_of_accounts_are_those_of_hosts() {
    let client = Client::new("1.20");
    let ask = |name: &str| {
        let account = "6f1c2f6e-3f0b-4d3a-9b1e-0d2f6a1c5e12";
        Message::GetAuthorizationCookie(messages::AuthorizationRequest::new(name, account))
    };
    let label = |length: usize| "a".repeat(length);
    let long = |last: usize| format!("{0}.{0}.{0}.{1}", label(63), label(last));
    for (name, good) in [
        ("mdm".to_owned(), true),
        ("mdm-1.contoso.example".to_owned(), true),
        (label(63), true),
        (label(64), false),
        (long(63), true),
        (format!("{}.a", long(63)), false),
        (String::new(), false),
        ("no name".to_owned(), false),
        ("a..b".to_owned(), false),
        ("ü.example".to_owned(), false),
    ] {
        if good {
            let answer = client.call(&ask(&name));
            assert!(matches!(answer, Message::GetAuthorizationCookieResponse(_)), "{name}");
        } else {
            client.refuses(&ask(&name), FaultCode::InvalidParameters, "machineName");
        }
    }
}
