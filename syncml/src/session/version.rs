//! Which version of the protocol a device speaks, and is answered in.
//!
//! *Specified*: a server that follows OMA DM 1.2 says VerDTD 1.2 and VerProto DM/1.2
//! (OMA-TS-DM_Protocol 1.2.1, 8.4). Who does not support the protocol of a message answers its header
//! with 513, and with the versions that it supports in the status' items (OMA-SyncML-RepPro 1.2,
//! response status codes); 505 is the same for the DTD. *Observed*: Nokia and Sony Ericsson phones say
//! DM/1.1, in XML and WBXML; Microsoft asks servers for 1.1.2 or later (Microsoft Learn, "Server
//! requirements for using OMA DM").
//!
//! *Decision*: a device that says DM/1.1 knows nothing else, so it is answered in kind: VerDTD, VerProto,
//! the namespace, and with it the public identifier of WBXML. What a session needs is the same in both
//! versions. VerProto alone decides: VerDTD and namespaces of 1.1 are *observed* in samples and messages
//! of DM/1.2. DM/1.0 and other major versions are refused with 513, once the device has proven itself
//! where it has to. A third number says nothing: DM/1.1.2 is DM/1.1. All else is answered in 1.2, as far
//! as it can be read: a later 1.x, and what is no version of DM (a diagnostic says so). A device that
//! cannot read the answer refuses it itself ([`Event::HeaderRefused`](super::Event::HeaderRefused)).

use std::borrow::Cow;

use super::event::Event;
use super::server::ServerSession;
use crate::codes::StatusCode;
use crate::model::{Command, Data, Header, Item, Message, Namespace};

/// The versions that are spoken here, the best first.
const SPOKEN: [&str; 2] = ["DM/1.2", "DM/1.1"];

/// How a device is to be answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Version {
    /// In DM/1.2.
    V12,
    /// In DM/1.1.
    V11,
    /// Not at all.
    NotSpoken,
}

impl Version {
    /// What the VerProto of a message asks for; nothing where it is empty.
    pub(super) fn of(ver_proto: &str) -> Option<Self> {
        let text = ver_proto.trim();
        if text == "DM/1.2" {
            return Some(Self::V12);
        }
        let (name, version) = text.split_once('/').unwrap_or((text, ""));
        if text.is_empty() || !name.eq_ignore_ascii_case("DM") {
            return (!text.is_empty()).then_some(Self::V12);
        }
        let (major, minor) = version.split_once('.').unwrap_or((version, ""));
        Some(match (leading(major), leading(minor)) {
            (Some(1), Some(0)) => Self::NotSpoken,
            (Some(1), Some(1)) => Self::V11,
            (Some(1) | None, _) => Self::V12,
            (Some(_), _) => Self::NotSpoken,
        })
    }
}

/// The number that a text begins with: of `1.2` and `1-draft` it is 1. One that is too large is as
/// large as can be.
fn leading(text: &str) -> Option<u32> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let digits = text.get(..end).filter(|digits| !digits.is_empty())?;
    Some(digits.parse().unwrap_or(u32::MAX))
}

impl<K: Clone> ServerSession<K> {
    /// Ends a session that is in another version, with those that are spoken here: a device that
    /// knows one of them begins again. `user`: the account whose credentials the message has.
    pub(super) fn refuse_version(
        &mut self,
        message: &Message<'_>,
        header: &Header<'_>,
        digest: u64,
        user: Option<String>,
    ) {
        let left = self.turn_to(header, digest);
        self.state.events.extend(user.map(|user| Event::Authenticated { user }));
        let answered = StatusCode::PROTOCOL_NOT_SUPPORTED;
        self.owe_all(message, &header.msg_id.clone().into_owned(), answered);
        if let Some(Command::Status(status)) = self.state.owed.front_mut() {
            let item = |version| Item::default().with_data(Data::text(version));
            status.items.extend(SPOKEN.map(item));
        }
        self.state.owed.extend(left);
        self.state.refused = true;
        self.state.ended = true;
        let command = "SyncHdr".to_owned();
        self.state.events.push_back(Event::Violation { command, answered });
        self.settle();
        if !self.state.done {
            self.state.events.push_back(Event::Ended);
        }
    }
}

/// Makes a header one of DM/1.1.
pub(super) fn make_1_1(header: &mut Header<'_>) {
    header.ver_dtd = Cow::Borrowed("1.1");
    header.ver_proto = Cow::Borrowed("DM/1.1");
}

/// The namespace of our messages.
pub(super) fn namespace(speaks_1_1: bool) -> Namespace<'static> {
    if speaks_1_1 { Namespace::V11 } else { Namespace::V12 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_apart() {
        for (text, version) in [
            ("DM/1.2", Some(Version::V12)),
            (" dm/1.2 ", Some(Version::V12)),
            ("DM/1.3", Some(Version::V12)),
            ("DM/1.1", Some(Version::V11)),
            (" DM/1.1\n", Some(Version::V11)),
            ("DM/1.0", Some(Version::NotSpoken)),
            ("DM/0.9", Some(Version::NotSpoken)),
            ("DM/2.0", Some(Version::NotSpoken)),
            ("DM/4294967295.1", Some(Version::NotSpoken)),
            ("DM/4294967296.1", Some(Version::NotSpoken)),
            ("DM/99999999999999999999.2", Some(Version::NotSpoken)),
            ("DM/1.4294967296", Some(Version::V12)),
            ("DM/2", Some(Version::NotSpoken)),
            ("DM/2.x", Some(Version::NotSpoken)),
            // What stands behind the second number says nothing.
            ("DM/1.0.1", Some(Version::NotSpoken)),
            ("DM/1.1.2", Some(Version::V11)),
            ("DM/1.2.1", Some(Version::V12)),
            ("DM/1.1-draft", Some(Version::V11)),
            // What is no number is no version, and data synchronisation is another protocol.
            ("DM/1", Some(Version::V12)),
            ("DM/+1.1", Some(Version::V12)),
            ("DM/x.1", Some(Version::V12)),
            ("DM/", Some(Version::V12)),
            ("DM", Some(Version::V12)),
            ("1.1", Some(Version::V12)),
            ("SyncML/1.1", Some(Version::V12)),
            ("", None),
            (" ", None),
        ] {
            assert_eq!(Version::of(text), version, "{text:?}");
        }
    }
}
