//! What the upstream takes in one request, and what a document's findings may be: n and not one more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Utc};
use wsusss::messages::{
    self, AuthorizationRequest, Cookie, CookieRequest, DriverFilter, DriverRequest, FaultCode,
    Guid, Message, Presence, Soap, UpdateDataRequest,
};
use wsusss::metadata::{Oddity, Select, read_noting};
use wsusss::upstream::{Catalog, Selection, Server, ServerConfig, Stored};
use wsusss::{Limits, UpdateId, UpdateKey};

/// One update, as often as anybody likes.
struct One;

impl Catalog for One {
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
        Some(Stored::text("<Update/>".to_owned()))
    }
}

struct Client {
    server: Server<One>,
    cookie: Presence<Cookie>,
    now: DateTime<Utc>,
}

impl Client {
    fn new(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let mut config = ServerConfig::new(Guid::from_u128(1));
        change(&mut config);
        let server = Server::new(One, config);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let account = "6f1c2f6e-3f0b-4d3a-9b1e-0d2f6a1c5e12";
        let request = AuthorizationRequest::new("mdm.example", account);
        let Message::GetAuthorizationCookieResponse(Presence::Value(authorization)) =
            server.respond(&Message::GetAuthorizationCookie(request), now)
        else {
            panic!()
        };
        let mut request = CookieRequest::default();
        request.auth_cookies = vec![authorization].into();
        request.protocol_version = "1.20".into();
        let Message::GetCookieResponse(cookie) = server.respond(&Message::GetCookie(request), now)
        else {
            panic!()
        };
        Self { server, cookie, now }
    }

    /// The parameter that is refused, if any.
    fn refused(&self, request: &Message<'_>) -> Option<String> {
        let Message::Fault(fault) = self.server.respond(request, self.now) else { return None };
        assert_eq!(fault.code, Some(FaultCode::InvalidParameters), "{fault:?}");
        fault.message
    }

    fn updates(&self, count: usize) -> Message<'static> {
        let key = UpdateKey::new(UpdateId::from_u128(1), 1);
        Message::GetUpdateData(UpdateDataRequest::new(self.cookie.clone(), vec![key; count]))
    }
}

#[test]
fn requests_ask_for_as_much_as_the_server_says() {
    for most in [0, 1, 3] {
        let client = Client::new(|config| {
            config.max_updates = most + 1;
            config.max_updates_decryption = most;
            config.max_computer_ids = most;
            config.max_pnp_hardware_ids = most + 1;
        });
        let decryption = |count: u32| {
            let mut request = UpdateDataRequest::default();
            request.cookie = client.cookie.clone();
            let key = UpdateKey::new(UpdateId::from_u128(1), 1);
            request.update_ids = vec![key; usize::try_from(count).unwrap()].into();
            client.refused(&Message::GetUpdateDecryptionData(request))
        };
        assert_eq!(decryption(most), None);
        assert_eq!(decryption(most + 1).as_deref(), Some("updateIds"));
        let computers = |count: u32| {
            let mut filter = DriverFilter::default();
            filter.computer_ids = vec![Default::default(); usize::try_from(count).unwrap()].into();
            let mut request = DriverRequest::default();
            request.cookie = client.cookie.clone();
            request.filter = filter.into();
            client.refused(&Message::GetDriverIdList(request))
        };
        assert_eq!(computers(most), None);
        assert_eq!(computers(most + 1).as_deref(), Some("filter"));
    }
}

#[test]
fn requests_have_so_many_bytes_and_items_and_not_one_more() {
    let client = Client::new(|config| config.max_updates = 20_000);
    let handle = |body: &[u8]| {
        let answer = client.server.handle(body, client.now);
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    let encoded = |count: usize| {
        let mut out = Vec::new();
        messages::encode(Soap::V11, &client.updates(count), &mut out).unwrap();
        out
    };
    for (count, status) in [(10_000, 200), (10_001, 500)] {
        let (found, body) = handle(&encoded(count));
        assert_eq!(found, status, "{count}");
        assert!(status == 200 || body.contains("10000"), "{body}");
    }
    for (bytes, status) in [(8 << 20, 200), ((8 << 20) + 1, 500)] {
        let mut body = encoded(1);
        body.resize(bytes, b' ');
        assert_eq!(handle(&body).0, status, "{bytes}");
    }
    // Elements that mean nothing count as well.
    let with = |count: usize| {
        let text = String::from_utf8(encoded(1)).unwrap();
        let own =
            text.matches('<').count() - text.matches("</").count() - text.matches("<?").count();
        text.replacen("<updateIds>", &format!("{}<updateIds>", "<x/>".repeat(count - own)), 1)
    };
    for (count, status) in [(200_000, 200), (200_001, 500)] {
        let text = with(count);
        assert!(text.contains("<x/>"));
        assert_eq!(handle(text.as_bytes()).0, status, "{count}");
    }
}

#[test]
fn findings_of_a_document_are_a_hundred_at_most() {
    let id = "6964aab4-c5b5-43bd-a17d-ffb4346a8e1d";
    for (files, found) in [(99, 99), (100, 100), (101, 100), (5_000, 100)] {
        let text = format!(
            "<Update><UpdateIdentity UpdateID='{id}' RevisionNumber='1'/><Files>{}</Files></Update>",
            "<File Size='big'/>".repeat(files)
        );
        let (update, oddities) = read_noting(&text, Select::ALL, &Limits::default()).unwrap();
        assert_eq!((update.files.len(), oddities.len()), (files, found));
        assert!(oddities.iter().all(|oddity| oddity.code == Oddity::NotNumber));
    }
}
