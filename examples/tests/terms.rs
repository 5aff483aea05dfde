//! What an MDM may not send: licence terms that nobody read, whatever Microsoft Update says of them;
//! and what a report may not leave out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::any;
use chrono::{DateTime, Duration};
use mdm_examples::clock::Clock;
use mdm_examples::http::Http;
use mdm_examples::journal::Journal;
use mdm_examples::server::store::{Store, StoreError};
use mdm_examples::server::terms::{LicenceText, terms};
use mdm_examples::server::{Decision, DeviceLine, Partners, Server, TermsToRead};
use syncml::simulator::{Device, Step};
use update_csp::approvals::Terms;
use update_csp::hresult::HResult;
use update_csp::simulator::{Offer, WindowsUpdate};
use update_csp::{Classification, EulaId, UpdateGuid};
use wsusss::simulator::Upstream;

const SERVER_URI: &str = "https://mdm.contoso.example/ManagementServer/MDM.svc";
const SECURITY: Classification = Classification::SECURITY_UPDATES;

fn guid(number: u128) -> UpdateGuid {
    UpdateGuid::from_u128(0x5eed_0000_4000_8000_0000_0000_0000 + number)
}

fn eula(number: u32) -> String {
    format!("aaaaaaaa-0000-4000-8000-{number:012}")
}

/// An update document.
#[derive(Clone, Default)]
struct Document {
    number: u128,
    revision: u32,
    eula: Option<String>,
    /// The language of a file with terms.
    file: Option<&'static str>,
    parts: Vec<u128>,
    /// What is only installed as a part of others.
    hidden: bool,
    class: Option<Classification>,
}

impl Document {
    fn new(number: u128) -> Self {
        Self { number, revision: 200, ..Self::default() }
    }

    fn text(&self) -> String {
        let eula = self.eula.as_ref().map(|id| format!(" EulaID=\"{id}\"")).unwrap_or_default();
        let file = self.file.map(|language| {
            let number = self.number;
            format!("<EulaFile Digest=\"terms{number}\" FileName=\"t\" Language=\"{language}\"/>")
        });
        let identity = |id| format!("<UpdateIdentity UpdateID=\"{id}\" RevisionNumber=\"200\"/>");
        let parts: String = self.parts.iter().map(|part| identity(guid(*part))).collect();
        format!(
            "<Update xmlns=\"http://schemas.microsoft.com/msus/2002/12/Update\"><UpdateIdentity \
             UpdateID=\"{id}\" RevisionNumber=\"{revision}\"/><Properties UpdateType=\"Software\" \
             ExplicitlyDeployable=\"{offered}\"{eula}/><LocalizedPropertiesCollection>\
             <LocalizedProperties><Language>en</Language><Title>Update {number}</Title>\
             </LocalizedProperties>{file}</LocalizedPropertiesCollection><Relationships>\
             <Prerequisites><AtLeastOne IsCategory=\"true\"><UpdateIdentity UpdateID=\"{class}\"/>\
             </AtLeastOne></Prerequisites><BundledUpdates>{parts}</BundledUpdates></Relationships>\
             </Update>",
            id = guid(self.number),
            revision = self.revision,
            offered = !self.hidden,
            number = self.number,
            file = file.unwrap_or_default(),
            class = self.class.unwrap_or(SECURITY).id(),
        )
    }
}

/// A vendor's server, an upstream and some PCs.
struct Bench {
    clock: Clock,
    store: Store,
    server: Server,
    upstream: Arc<Mutex<Upstream>>,
}

impl Bench {
    async fn new(documents: &[Document]) -> Self {
        let clock = Clock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap());
        let upstream = Arc::new(Mutex::new(Upstream::default()));
        let (answering, time) = (Arc::clone(&upstream), clock.clone());
        let answer = move |body: Bytes| {
            let answer = answering.lock().unwrap().handle(&body, time.now());
            async move { answer.body }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let update = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(any(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let store = Store::open(None).unwrap();
        let partners = Partners { update, graph: "http://127.0.0.1:1".to_owned() };
        let server = Server::new(
            store.clone(),
            clock.clone(),
            Journal::new(clock.clone()),
            Http::new(None).unwrap(),
            partners,
        );
        let bench = Self { clock, store, server, upstream };
        bench.publish(documents);
        bench
    }

    fn publish(&self, documents: &[Document]) {
        for document in documents {
            self.upstream.lock().unwrap().add(document.text()).unwrap();
        }
    }

    /// A PC of a ring, which these updates are offered to.
    fn pc(&self, name: &str, ring: &str, offers: &[Offer]) -> Device<WindowsUpdate> {
        self.server.enrol_windows(name, name, ring).unwrap();
        Device::new(name, SERVER_URI, WindowsUpdate::new("10.0.26100.4652", offers.to_vec()))
    }

    /// Three hours later a PC has a session.
    fn check_in(&self, pc: &mut Device<WindowsUpdate>) -> Vec<String> {
        self.clock.advance(Duration::hours(3));
        let happened = pc.tree.advance(self.clock.now());
        pc.start(&[]).unwrap();
        loop {
            let message = pc.outgoing().unwrap().to_vec();
            let answer = self.server.handle_windows(&message).unwrap();
            if pc.handle_message(&answer.body).unwrap() == Step::Done {
                return happened;
            }
        }
    }

    /// Three hours later Microsoft Update is asked.
    async fn sync(&self) {
        self.clock.advance(Duration::hours(3));
        self.server.sync_metadata().await.unwrap();
    }

    /// A PC of the All ring reports updates, and Microsoft Update is asked about them.
    async fn reported(documents: &[Document], offers: &[u128]) -> (Self, Device<WindowsUpdate>) {
        let bench = Self::new(documents).await;
        let offers: Vec<Offer> = offers.iter().map(|number| offer(*number, 200)).collect();
        let mut pc = bench.pc("PC", "all", &offers);
        bench.check_in(&mut pc);
        bench.sync().await;
        (bench, pc)
    }

    fn approve(&self, number: u128) -> Result<(), String> {
        match self.server.approve(&guid(number).to_string()).unwrap() {
            Decision::Taken => Ok(()),
            Decision::Refused(why) => Err(why),
        }
    }

    fn accept(&self, eula: &str) {
        assert_eq!(self.server.accept_eula(eula).unwrap(), Decision::Taken);
    }

    /// Whether an approval was ever queued for a device.
    fn was_sent(&self, device: &str, number: u128) -> bool {
        let command = format!("%ApprovedUpdates/{}%", guid(number));
        let sent: Result<bool, StoreError> = self.store.transaction(|tx| {
            let query = "SELECT count(*) FROM command WHERE device = ?1 AND command LIKE ?2";
            Ok(tx.query_row(query, [device, &command], |row| row.get::<_, i64>(0))? > 0)
        });
        sent.unwrap()
    }

    fn line(&self, name: &str) -> DeviceLine {
        let report = self.server.report().unwrap();
        report.devices.into_iter().find(|device| device.name == name).unwrap()
    }
}

fn offer(number: u128, revision: u32) -> Offer {
    Offer::new(guid(number), revision, SECURITY)
}

fn unread(terms: &str) -> Result<(), String> {
    Err(format!("eula {terms}"))
}

#[tokio::test]
async fn an_identifier_that_is_no_guid_is_no_absence_of_terms() {
    let odd = Document { eula: Some("Fabrikam-EULA-3".to_owned()), ..Document::new(1) };
    let (bench, mut pc) = Bench::reported(&[odd], &[1]).await;
    // They are this update's own.
    assert_eq!(bench.approve(1), unread(&guid(1).to_string()));
    bench.accept(&guid(1).to_string());
    assert_eq!(bench.approve(1), Ok(()));
    bench.check_in(&mut pc);
    assert!(bench.was_sent("PC", 1));
}

#[tokio::test]
async fn a_file_with_terms_and_no_identifier_is_no_absence_of_terms() {
    let file = Document { file: Some("en"), ..Document::new(1) };
    let (bench, _) = Bench::reported(&[file], &[1]).await;
    assert_eq!(bench.approve(1), unread(&guid(1).to_string()));
    bench.accept(&guid(1).to_string());
    assert_eq!(bench.approve(1), Ok(()));
}

#[tokio::test]
async fn the_terms_of_a_bundle_are_those_of_all_of_its_parts() {
    let hidden = |number| Document { hidden: true, ..Document::new(number) };
    let documents = [
        Document { parts: vec![2, 3], ..Document::new(1) },
        Document { eula: Some(eula(7)), ..hidden(2) },
        Document { parts: vec![4], ..hidden(3) },
        Document { eula: Some(eula(8)), ..hidden(4) },
    ];
    let (bench, mut pc) = Bench::reported(&documents, &[1]).await;
    assert_eq!(bench.approve(1), unread(&format!("{} {}", eula(7), eula(8))));
    bench.accept(&eula(7));
    assert_eq!(bench.approve(1), unread(&eula(8)));
    bench.accept(&eula(8));
    assert_eq!(bench.approve(1), Ok(()));
    bench.check_in(&mut pc);
    assert!(bench.was_sent("PC", 1));
}

#[tokio::test]
async fn a_bundle_of_which_a_part_is_missing_waits_and_other_updates_do_not() {
    let documents = [Document { parts: vec![2], ..Document::new(1) }, Document::new(3)];
    let (bench, mut pc) = Bench::reported(&documents, &[1, 3]).await;
    let refused = bench.approve(1).unwrap_err();
    assert!(refused.contains("parts of"), "{refused}");
    assert_eq!(bench.approve(3), Ok(()), "an ordinary update is not held up");
    bench.check_in(&mut pc);
    assert!(bench.was_sent("PC", 3) && !bench.was_sent("PC", 1));
    // Microsoft Update has the part after all.
    bench.publish(&[Document { hidden: true, ..Document::new(2) }]);
    bench.sync().await;
    assert_eq!(bench.approve(1), Ok(()));
}

/// Its document is left out, so nobody has read its terms.
#[tokio::test]
async fn a_bundle_with_a_definition_update_in_it_waits() {
    let definitions = Some(Classification::DEFINITION_UPDATES);
    let part = Document { class: definitions, eula: Some(eula(7)), ..Document::new(2) };
    let documents =
        [Document { parts: vec![2], ..Document::new(1) }, Document { hidden: true, ..part }];
    let (bench, mut pc) = Bench::reported(&documents, &[1]).await;
    let refused = bench.approve(1).unwrap_err();
    assert!(refused.contains("parts of"), "{refused}");
    bench.check_in(&mut pc);
    assert!(!bench.was_sent("PC", 1));
}

#[tokio::test]
async fn terms_that_a_later_revision_brings_hold_back_what_was_approved() {
    let (bench, _) = Bench::reported(&[Document::new(1)], &[1]).await;
    assert_eq!(bench.approve(1), Ok(()));
    bench.publish(&[Document { revision: 201, eula: Some(eula(7)), ..Document::new(1) }]);
    // A PC that sees the new revision, while nothing is known of that yet.
    let mut first = bench.pc("FIRST", "test", &[offer(1, 201)]);
    bench.check_in(&mut first);
    bench.sync().await;
    let mut late = bench.pc("LATE", "all", &[offer(1, 201)]);
    bench.check_in(&mut late);
    assert!(!bench.was_sent("LATE", 1), "its terms are unread");
    let pending = bench.server.pending_updates().unwrap();
    assert!(pending.iter().any(|update| update.id == guid(1).to_string()), "IT is told");
    bench.accept(&eula(7));
    bench.check_in(&mut late);
    assert!(bench.was_sent("LATE", 1));
    assert!(bench.server.pending_updates().unwrap().is_empty());
}

#[tokio::test]
async fn definition_updates_that_were_left_out_are_approved_as_a_class_and_their_failures_count() {
    let definitions = Classification::DEFINITION_UPDATES;
    let document = Document { class: Some(definitions), ..Document::new(1) };
    let bench = Bench::new(&[document]).await;
    let offers = [Offer::new(guid(1), 200, definitions).failing(HResult::WU_E_TIME_OUT)];
    let mut pc = bench.pc("PC", "all", &offers);
    bench.check_in(&mut pc);
    bench.sync().await;
    let line = bench.line("PC");
    assert_eq!((line.standing.as_str(), line.waiting.len()), ("installing", 0));
    assert!(bench.server.pending_updates().unwrap().is_empty(), "nothing for IT to decide");
    bench.check_in(&mut pc);
    let line = bench.line("PC");
    assert_eq!((line.standing.as_str(), line.compliant), ("failed", false));
}

/// Its policy asks for no approval, so what it needs and what fails is not for IT to allow.
#[tokio::test]
async fn the_test_ring_is_judged_without_approvals() {
    let bench = Bench::new(&[Document::new(1)]).await;
    let fails = offer(1, 200).failing(HResult::WU_E_TIME_OUT);
    let mut pc = bench.pc("PC", "test", &[fails]);
    bench.check_in(&mut pc);
    bench.sync().await;
    let line = bench.line("PC");
    assert_eq!((line.standing.as_str(), line.compliant), ("installing", false));
    assert!(line.waiting.is_empty());
    bench.check_in(&mut pc);
    assert_eq!(bench.line("PC").standing, "failed");
}

#[tokio::test]
async fn a_newer_revision_of_what_is_needed_already_is_asked_for() {
    let newer = Document { revision: 201, ..Document::new(1) };
    let bench = Bench::new(&[newer]).await;
    // Microsoft Update does not have the first one's revision any more.
    for (name, revision) in [("OLD", 200), ("NEW", 201)] {
        let mut pc = bench.pc(name, "test", &[offer(1, revision)]);
        bench.check_in(&mut pc);
    }
    bench.sync().await;
    let pending = bench.server.pending_updates().unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].title, "Update 1");
}

/// The terms have to be presented (Update CSP, ApprovedUpdates), so somebody must find their text.
#[tokio::test]
async fn it_is_shown_where_the_text_of_the_terms_can_be_read() {
    let hidden = |number| Document { hidden: true, ..Document::new(number) };
    let documents = [
        Document { parts: vec![2, 3], eula: Some(eula(7)), ..Document::new(1) },
        Document { eula: Some(eula(7)), file: Some("en"), ..hidden(2) },
        Document { file: Some("de"), ..hidden(3) },
    ];
    let (bench, _) = Bench::reported(&documents, &[1]).await;
    let pending = bench.server.pending_updates().unwrap();
    let [update] = pending.as_slice() else { panic!("parts are not decided about: {pending:?}") };
    assert!(!update.parts_missing);
    let text = |language: &str, number: u128| LicenceText {
        language: language.to_owned(),
        region: None,
        url: Some(format!("http://download.example/terms{number}")),
    };
    let terms = |id: String, texts: LicenceText| TermsToRead { id, texts: vec![texts] };
    let mut shown = update.terms.clone();
    shown.sort_by_key(|terms| terms.texts[0].language.clone());
    assert_eq!(
        shown,
        [terms(guid(1).to_string(), text("de", 3)), terms(eula(7), text("en", 2))],
        "those of the part that nothing identifies are the bundle's own"
    );
    let page = bench.server.status_page().unwrap();
    assert!(page.contains("<a href=\"http://download.example/terms2\">en</a>"), "{page}");
}

#[test]
fn the_bridge_between_the_crates_fails_closed() {
    use wsusss::catalog::Terms as Found;

    let id = |text: &str| text.parse::<wsusss::metadata::EulaId>().unwrap();
    let found = |eulas: &[&str], without_id, complete| {
        let eulas = eulas.iter().map(|text| id(text)).collect();
        terms(guid(1), &Found::Known { eulas, without_id, complete })
    };
    let (seven, eight) = (eula(7), eula(8));
    let [a, b]: [EulaId; 2] = [&seven, &eight].map(|text| text.parse().unwrap());
    let own = EulaId::of_update(guid(1));
    let all = |ids: &[EulaId]| Terms::Eulas(ids.iter().copied().collect());
    assert_eq!(found(&[], false, true), Terms::None);
    assert_eq!(found(&[&seven], false, true), all(&[a]));
    assert_eq!(found(&[&seven, &eight], false, true), all(&[a, b]));
    assert_eq!(found(&["Fabrikam-EULA-3"], false, true), all(&[own]));
    assert_eq!(found(&[&seven, "Fabrikam-EULA-3"], false, true), all(&[a, own]));
    assert_eq!(found(&[], true, true), all(&[own]));
    assert_eq!(found(&[&seven], true, true), all(&[a, own]));
    assert_eq!(found(&[], false, false), Terms::Incomplete([].into()));
    assert_eq!(found(&[&seven], true, false), Terms::Incomplete([a, own].into()));
    assert_eq!(terms(guid(1), &Found::Unknown), Terms::Unknown);

    // From the catalogue of `wsusss` as from the tables.
    let documents = [
        Document { parts: vec![2], ..Document::new(1) },
        Document { eula: Some(eula(7)), hidden: true, ..Document::new(2) },
    ];
    let mut catalog = wsusss::catalog::Catalog::new(["en"]);
    let of = |catalog: &wsusss::catalog::Catalog| {
        terms(guid(1), &catalog.terms(wsusss::UpdateId::from_u128(guid(1).as_u128())))
    };
    assert_eq!(of(&catalog), Terms::Unknown);
    for (document, expected) in documents.iter().zip([Terms::Incomplete([].into()), all(&[a])]) {
        catalog.insert_document(&document.text(), &wsusss::Limits::default()).unwrap();
        assert_eq!(of(&catalog), expected);
    }
}
