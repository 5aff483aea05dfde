//! Every message that both crates can read, they read alike: what one has read and written, the
//! other reads as what it had read itself. Messages are those of the corpus, those made from our
//! table of shapes in the dialects of servers, and a conversation of the peer's client types with
//! our upstream. What only one can read is told, with its reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../wsusss/tests/support/instances.rs"]
#[allow(dead_code, unreachable_pub)]
mod instances;

use std::collections::{BTreeMap, BTreeSet};

use instances::{Dialect, PLAIN, Seed, instance};
use wsus_protocol::error::ProtocolError;
use wsus_protocol::soap::{
    Envelope, Limits as PeerLimits, SoapVersion, decode_response, encode_fault, encode_response,
};
use wsus_protocol::wsusss as peer;
use wsusss::Limits;
use wsusss::messages::{self, Message, Soap};

/// What the peer made of a message.
enum Peer {
    /// What it writes after it has read it, and how it shows it.
    Read(Vec<u8>, String),
    /// It does not know the message.
    Unknown,
    Refused(String),
}

macro_rules! by_name {
    ($name:expr, $bytes:expr, $soap:expr, $limits:expr, [$($type:ident)*]) => {
        match $name {
            $(stringify!($type) => match decode_response::<peer::$type>($bytes, $limits) {
                Ok(message) => {
                    let show = format!("{message:?}");
                    Peer::Read(encode_response($soap, &message).body, show)
                }
                Err(error) => Peer::Refused(error.to_string()),
            },)*
            _ => Peer::Unknown,
        }
    };
}

fn peer_reads(name: &str, bytes: &[u8], soap: Soap, limits: &PeerLimits) -> Peer {
    let version = if soap == Soap::V12 { SoapVersion::V12 } else { SoapVersion::V11 };
    if name == "Fault" {
        return match decode_response::<peer::GetAuthConfigResponse>(bytes, limits) {
            Err(ProtocolError::Fault(fault)) => {
                Peer::Read(encode_fault(&fault).body, format!("{:?}", fault.wsus))
            }
            Err(error) => Peer::Refused(error.to_string()),
            Ok(_) => Peer::Refused("no fault".to_owned()),
        };
    }
    by_name!(name, bytes, version, limits, [
        GetAuthConfig GetAuthConfigResponse GetAuthorizationCookie GetAuthorizationCookieResponse
        GetCookie GetCookieResponse GetConfigData GetConfigDataResponse GetRevisionIdList
        GetRevisionIdListResponse GetUpdateData GetUpdateDataResponse GetUpdateDecryptionData
        GetUpdateDecryptionDataResponse DownloadFiles DownloadFilesResponse GetDeployments
        GetDeploymentsResponse GetRelatedRevisionsForUpdates GetRelatedRevisionsForUpdatesResponse
    ])
}

#[derive(Default)]
struct Tally {
    both: BTreeMap<String, u32>,
    only_ours: BTreeMap<String, BTreeSet<String>>,
    only_theirs: Vec<String>,
    neither: u32,
}

impl Tally {
    /// Compares what the two make of a message; `what` says which one it is.
    fn compare(&mut self, what: &str, bytes: &[u8], limits: &PeerLimits) {
        let ours = messages::decode(bytes, &Limits::default());
        let (soap, message) = match ours {
            Ok(read) => read,
            Err(error) => {
                // The peer has to be told a name: that of the body's element, as it sees it.
                let name = Envelope::decode(bytes, limits)
                    .ok()
                    .and_then(|envelope| envelope.payload_name().map(|name| name.local.clone()));
                match name.map(|name| peer_reads(&name, bytes, Soap::V11, limits)) {
                    Some(Peer::Read(..)) => self.only_theirs.push(format!("{what}: {error}")),
                    _ => self.neither += 1,
                }
                return;
            }
        };
        let name = message.name().to_owned();
        let (written, shown) = match peer_reads(&name, bytes, soap, limits) {
            Peer::Read(written, shown) => (written, shown),
            Peer::Unknown => {
                self.only_ours.entry(name).or_default().insert("not implemented".to_owned());
                return;
            }
            Peer::Refused(why) => {
                self.only_ours.entry(name).or_default().insert(why);
                return;
            }
        };
        // Read by the peer, written by the peer, read by us.
        let (_, again) = messages::decode(&written, &Limits::default())
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(tidy(&again), tidy(&message), "{what}");
        // Read by us, written by us, read by the peer.
        let mut out = Vec::new();
        messages::encode(soap, &message, &mut out).unwrap();
        match peer_reads(&name, &out, soap, limits) {
            Peer::Read(_, again) => assert_eq!(again, shown, "{what}"),
            Peer::Unknown => panic!("{what}"),
            Peer::Refused(why) => panic!("{what}: refused as we write it: {why}"),
        }
        *self.both.entry(name).or_default() += 1;
    }

    fn tell(&self, what: &str) {
        eprintln!("{what}: both read {:?}", self.both);
        eprintln!("{what}: neither reads {}", self.neither);
        for (name, reasons) in &self.only_ours {
            for reason in reasons {
                let reason: String = reason.chars().take(120).collect();
                eprintln!("{what}: only we read {name} ({reason})");
            }
        }
        assert_eq!(self.only_theirs, Vec::<String>::new(), "{what}: only they read");
    }
}

/// The peer reads base64 into bytes and writes it without line breaks.
fn tidy(message: &Message<'_>) -> String {
    let mut text = serde_json::to_string(message).unwrap();
    for space in ["\\n", "\\r", " "] {
        text = text.replace(space, "");
    }
    text
}

fn any_order() -> PeerLimits {
    PeerLimits { strict_sequence_order: false, ..PeerLimits::default() }
}

#[test]
fn the_corpus_is_read_alike() {
    let Some(corpus) = mdm_test_support::corpus("wsusss") else { return };
    let mut tally = Tally::default();
    for file in corpus.files() {
        tally.compare(&file.name, &file.bytes, &PeerLimits::default());
    }
    tally.tell("corpus");
}

#[test]
fn every_shape_is_read_alike() {
    let (mut plain, mut odd) = (Tally::default(), Tally::default());
    let mut seed = Seed(1);
    for shape in messages::shapes() {
        for round in 0..40 {
            let text = instance(shape, PLAIN, &mut seed);
            plain.compare(&text, text.as_bytes(), &PeerLimits::default());
            let bit = |bit: u32| round >> bit & 1 == 1;
            let dialect = Dialect {
                soap12: bit(0),
                wcf: bit(1),
                prefixed: bit(2),
                shuffled: bit(3),
                gaps: bit(4),
                strange: false,
            };
            let text = instance(shape, dialect, &mut seed);
            odd.compare(&text, text.as_bytes(), &any_order());
        }
    }
    plain.tell("plain");
    odd.tell("dialects");
    // All twenty of its messages were compared, and none of the others exist for it.
    assert_eq!(plain.both.len(), 20, "{:?}", plain.both.keys());
    assert_eq!(odd.both.len(), 20, "{:?}", odd.both.keys());
}

/// What the peer loses without an error: a document that is not escaped, as in the specification's
/// sample.
#[test]
fn a_document_as_markup_is_lost_by_the_peer_and_kept_by_us() {
    let text = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <GetUpdateDataResponse xmlns=\"{}\"><GetUpdateDataResult><updates><ServerSyncUpdateData>\
         <XmlUpdateBlob><Update xmlns=\"urn:u\"/></XmlUpdateBlob></ServerSyncUpdateData></updates>\
         </GetUpdateDataResult></GetUpdateDataResponse></s:Body></s:Envelope>",
        messages::SERVER_SYNC
    );
    let Peer::Read(_, shown) =
        peer_reads("GetUpdateDataResponse", text.as_bytes(), Soap::V11, &PeerLimits::default())
    else {
        panic!()
    };
    assert!(!shown.contains("urn:u"), "{shown}");
    let (_, message) = messages::decode(text.as_bytes(), &Limits::default()).unwrap();
    assert!(format!("{message:?}").contains("urn:u"));
}
