//! What happened in a session.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::outcome::Outcome;
use crate::codes::{AlertCode, StatusCode};
use crate::diagnostic::DiagnosticCode;
use crate::loc_uri::{LocUri, Scope};
use crate::model::{Alert, Data, Item};

/// What happened in a session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Event<K> {
    /// The session began. The device is who it says if TLS says so, or if it comes after
    /// [`Authenticated`](Self::Authenticated).
    Began {
        /// The device's address, the Source of its messages.
        device: String,
        /// The user's name, if the device gave one.
        user: Option<String>,
    },
    /// The device's first package is complete. Comes once; now is the time to submit commands.
    PackageOne(Box<PackageOne>),
    /// The device described itself again, after package 1.
    DeviceInfo(DeviceInfo),
    /// Whether somebody is signed in (Alert 1224, `com.microsoft/MDM/LoginStatus`). Also in
    /// [`PackageOne`](Self::PackageOne).
    Login(LoginStatus),
    /// Whose nodes the session is for (Alert 1224, `com.microsoft.mdm.synctype`). Also in
    /// [`PackageOne`](Self::PackageOne). Commands for other nodes wait
    /// ([`Config::holds_other_scope`](super::Config::holds_other_scope)).
    SyncType(SyncType),
    /// The user's Entra token (Alert 1224, `com.microsoft/MDM/AADUserToken`).
    UserToken(UserToken),
    /// The user takes the device out of management (the type
    /// `com.microsoft:mdm.unenrollment.userrequest`). *Observed* also after an unenrolment that the
    /// server asked for.
    Unenrolled(Box<GenericAlert>),
    /// Another event of the client (1224) or another generic alert (1226), one for each item.
    Generic(Box<GenericAlert>),
    /// Any other alert, but for those that belong to the protocol.
    Alert(Box<Alert<'static>>),
    /// What a Get returned, as far as it came in this message; only with
    /// [`Config::hand_over_results`](super::Config::hand_over_results). Each node comes once each time
    /// that the Get is asked: one that the end of a session cut off is asked again, and then all of
    /// it comes again. Replace what there is of a node, and do not append.
    Results {
        /// The vendor's key.
        key: K,
        /// The nodes and their values; the address is the source.
        items: Vec<Item<'static>>,
    },
    /// A command is finished. Comes exactly once for each command that was sent or given up.
    Outcome(Outcome<K>),
    /// A large object of the device is complete.
    ObjectComplete {
        /// The node that it comes from, if it was said.
        address: Option<String>,
        /// Its bytes.
        bytes: usize,
    },
    /// The device's credentials are right, for this message or the whole session.
    Authenticated {
        /// The account's user.
        user: String,
    },
    /// The device is asked for credentials: 407 because it sent none, 401 because they are wrong.
    Challenged(StatusCode),
    /// The device did not authenticate, was asked often enough, and is sent away.
    AuthenticationFailed,
    /// A nonce changed: store the accounts (`device_account`, `server_account`) for the next session.
    NonceChanged,
    /// The device asks the server for credentials; its commands are sent again with them.
    ChallengedByDevice(StatusCode),
    /// The device refused the header of a message. Where it asks for credentials that cannot be given
    /// (401, 407), the next answer ends the session, and what was not sent stays queued.
    HeaderRefused(StatusCode),
    /// The device ended the session (Alert 1223). Commands that had no outcome get one, but for
    /// what can be asked again in the next session
    /// ([`into_next_session`](super::ServerSession::into_next_session)).
    Aborted,
    /// The device sent something that it may not, and how it was answered. `SyncHdr` with 513: it
    /// speaks another version of the protocol, and the answer, which names ours, ends the session.
    Violation {
        /// The command's name.
        command: String,
        /// The status.
        answered: StatusCode,
    },
    /// A status that belongs to no command that waits for one. *Observed*: Windows answers a command
    /// in which it finds no CmdID with 400 and an empty CmdRef. It may also be about a command that
    /// was never sent, or whose outcome was told before. Of long texts the beginning is here.
    ///
    /// *Decision*: the session's own alerts and statuses have numbers as well, and are known only by
    /// the name that the status gives. So statuses for an Alert are never told here, the vendor's
    /// included, and one for an own alert is if it names no command. Statuses 401 and 407 are not
    /// told where the server proves itself
    /// ([`authenticate_server`](super::ServerSession::authenticate_server)): what they refuse is
    /// sent again.
    UnmatchedStatus {
        /// The MsgRef; empty if there is none.
        msg_ref: String,
        /// The CmdRef; empty if there is none.
        cmd_ref: String,
        /// The command's name, if the device gave it.
        command: Option<String>,
        /// The status; 500 where the device sent something that is no number.
        code: StatusCode,
    },
    /// Something was odd about the device's message.
    Diagnostic(mdm_xml::Diagnostic<DiagnosticCode>),
    /// The answer to this message ends the session: nothing is left to do, the vendor ended it, or
    /// the device speaks another version of the protocol ([`Violation`](Self::Violation)). Where the
    /// device ends it, or does not authenticate, there is [`Aborted`](Self::Aborted) or
    /// [`AuthenticationFailed`](Self::AuthenticationFailed) instead;
    /// [`is_ended`](super::ServerSession::is_ended) tells all of them.
    Ended,
}

/// What the device's first package says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct PackageOne {
    /// Who began: 1200 the server, 1201 the device. MS-MDM's own sample leaves it out.
    pub initiated: Option<AlertCode>,
    /// What the device says about itself.
    pub device: DeviceInfo,
    /// Whether somebody is signed in, if it was said.
    pub login: Option<LoginStatus>,
    /// Whose nodes the session is for, if it was said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub sync_type: Option<SyncType>,
}

/// What a device says about itself (OMA-TS-DM_StdObj 1.2.1, DevInfo).
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct DeviceInfo {
    /// `./DevInfo/DevId`.
    pub dev_id: Option<String>,
    /// `./DevInfo/Man`: who made it.
    pub man: Option<String>,
    /// `./DevInfo/Mod`: its model.
    pub model: Option<String>,
    /// `./DevInfo/DmV`: the version of its management client.
    pub dm_v: Option<String>,
    /// `./DevInfo/Lang`: its language.
    pub lang: Option<String>,
    /// Other nodes, by their addresses as the device writes them: `./DevInfo/Ext` and
    /// `./DevInfo/Bearer`, which are the maker's. *Observed*: firmware (`./DevInfo/Ext/FwV`), the
    /// operator, the card. White space around a value is dropped. `Debug` shows how many there are.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "BTreeMap::is_empty"))]
    pub other: BTreeMap<String, String>,
    /// There were more [`other`](Self::other) nodes than
    /// [`Config::max_device_info_bytes`](super::Config::max_device_info_bytes) allows, or a longer
    /// value for one of them: it is then not there at all, and neither is the one before.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub truncated: bool,
}

/// A node of DevInfo.
pub(super) struct Node<'i> {
    /// Its address, as the device writes it.
    address: &'i str,
    /// Its name, if it is directly below DevInfo.
    name: Option<Cow<'i, str>>,
}

/// What a node costs beside its address and value.
const NODE: usize = 64;

/// What a node costs.
fn cost(address: &str, value: &str) -> usize {
    NODE.saturating_add(address.len()).saturating_add(value.len())
}

impl fmt::Debug for DeviceInfo {
    /// Not what makers add: it may be a card's number, or anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceInfo")
            .field("dev_id", &self.dev_id)
            .field("man", &self.man)
            .field("model", &self.model)
            .field("dm_v", &self.dm_v)
            .field("lang", &self.lang)
            .field("other", &format_args!("{} nodes", self.other.len()))
            .field("truncated", &self.truncated)
            .finish()
    }
}

impl DeviceInfo {
    /// The node of DevInfo that an item is about, if it is about one.
    pub(super) fn node<'i>(item: &'i Item<'_>) -> Option<Node<'i>> {
        let place = item.source.as_ref().or(item.target.as_ref())?;
        let address = place.loc_uri.trim();
        // Most are written as the standard has them.
        if let Some((parent, name)) =
            address.strip_prefix("./").and_then(|text| text.split_once('/'))
            && parent.eq_ignore_ascii_case("DevInfo")
            && !name.contains(['/', '?', '%'])
        {
            let name = Some(name.into());
            return LocUri::check(address).ok().map(|()| Node { address, name });
        }
        let uri = place.address().ok()?;
        let mut segments = uri.segments();
        segments.next().filter(|parent| parent.eq_ignore_ascii_case("DevInfo"))?;
        // DevInfo itself is no value.
        let first = segments.next()?;
        let name = segments.next().is_none().then_some(Cow::from(first));
        Some(Node { address, name })
    }

    /// Bytes that its other nodes cost.
    pub(super) fn bytes(&self) -> usize {
        let kept = self.other.iter().map(|(address, value)| cost(address, value));
        kept.fold(0, usize::saturating_add)
    }

    /// Takes items and the nodes that they are about. `used`: what [`bytes`](Self::bytes) says, which
    /// goes along; `max`: what it may come to.
    pub(super) fn take(&mut self, nodes: &[(Node<'_>, &Item<'_>)], used: &mut usize, max: usize) {
        for (Node { address, name }, item) in nodes {
            let value = item.data.as_ref().map(|data| data.as_str().trim());
            if let Some(place) = name.as_deref().and_then(|name| self.standard(name)) {
                *place = value.map(str::to_owned);
                continue;
            }
            let value = value.unwrap_or_default();
            let before = self.other.get_mut(*address);
            let freed = before.as_ref().map_or(0, |before| cost(address, before));
            let others = used.saturating_sub(freed);
            let all = others.saturating_add(cost(address, value));
            if all > max {
                // What it was before is not what it is.
                self.truncated = true;
                if before.is_some() {
                    self.other.remove(*address);
                    *used = others;
                }
                continue;
            }
            *used = all;
            match before {
                Some(before) => value.clone_into(before),
                None => drop(self.other.insert((*address).to_owned(), value.to_owned())),
            }
        }
    }

    /// One of the five nodes of the standard. *Observed*: `DevID` in Microsoft's samples.
    fn standard(&mut self, name: &str) -> Option<&mut Option<String>> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        Some(match () {
            () if is("DevId") => &mut self.dev_id,
            () if is("Man") => &mut self.man,
            () if is("Mod") => &mut self.model,
            () if is("DmV") => &mut self.dm_v,
            () if is("Lang") => &mut self.lang,
            () => return None,
        })
    }
}

/// Whether somebody is signed in (MS-MDM 3.1.5; Microsoft Learn, "DM client CSP").
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum LoginStatus {
    /// The user who enrolled the device. Only now can `./User` be managed.
    User,
    /// Somebody else.
    Others,
    /// Nobody.
    Nobody,
    /// Another word.
    Other(String),
}

impl LoginStatus {
    /// The status of this word, whatever its case.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text.trim() {
            text if text.eq_ignore_ascii_case("user") => Self::User,
            text if text.eq_ignore_ascii_case("others") => Self::Others,
            text if text.eq_ignore_ascii_case("none") => Self::Nobody,
            text => Self::Other(text.to_owned()),
        }
    }

    /// Its word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Others => "others",
            Self::Nobody => "none",
            Self::Other(text) => text,
        }
    }
}

/// Whose nodes a session is for (MS-MDM 3.2.5.1.5): on a PC that several users share, there are
/// sessions of the device and of each of them. Commands for others are answered with 405.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum SyncType {
    /// The user's: `./User` only.
    User,
    /// The device's: everything but `./User`.
    Device,
    /// Both, as in a usual session.
    Mixed,
    /// Another word. It is taken to forbid nothing.
    Other(String),
}

impl SyncType {
    /// The type of this word, whatever its case.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text.trim() {
            text if text.eq_ignore_ascii_case("user") => Self::User,
            text if text.eq_ignore_ascii_case("device") => Self::Device,
            text if text.eq_ignore_ascii_case("mixed") => Self::Mixed,
            text => Self::Other(text.to_owned()),
        }
    }

    /// Its word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Device => "device",
            Self::Mixed => "mixed",
            Self::Other(text) => text,
        }
    }

    /// Whether such a session takes commands for nodes of this scope. An address without one is the
    /// device's.
    ///
    /// ```
    /// use syncml::Scope;
    /// use syncml::session::SyncType;
    ///
    /// assert!(SyncType::User.takes(Scope::User) && !SyncType::User.takes(Scope::Unscoped));
    /// assert!(SyncType::Device.takes(Scope::Unscoped) && !SyncType::Device.takes(Scope::User));
    /// ```
    #[must_use]
    pub fn takes(&self, scope: Scope) -> bool {
        match self {
            Self::User => scope == Scope::User,
            Self::Device => scope != Scope::User,
            Self::Mixed | Self::Other(_) => true,
        }
    }
}

/// A token of the user's. It does not appear in `Debug` output.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct UserToken(pub(super) String);

impl UserToken {
    /// The token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserToken(…)")
    }
}

/// How much an alert matters (OMA-SyncML-MetInf 1.2, Mark; OMA-TS-DM_Protocol 1.2.1, 8.7).
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Mark {
    /// `fatal`.
    Fatal,
    /// `critical`.
    Critical,
    /// `minor`.
    Minor,
    /// `warning`.
    Warning,
    /// `informational`; also where nothing is said.
    Informational,
    /// `harmless`.
    Harmless,
    /// `indeterminate`.
    Indeterminate,
    /// Another word.
    Other(String),
}

impl Mark {
    const WORDS: [(&'static str, Self); 7] = [
        ("fatal", Self::Fatal),
        ("critical", Self::Critical),
        ("minor", Self::Minor),
        ("warning", Self::Warning),
        ("informational", Self::Informational),
        ("harmless", Self::Harmless),
        ("indeterminate", Self::Indeterminate),
    ];

    /// The mark of this word, whatever its case.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let text = text.trim();
        let known = Self::WORDS.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        known.map_or_else(|| Self::Other(text.to_owned()), |(_, mark)| mark)
    }

    /// Its word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Fatal => "fatal",
            Self::Critical => "critical",
            Self::Minor => "minor",
            Self::Warning => "warning",
            Self::Informational => "informational",
            Self::Harmless => "harmless",
            Self::Indeterminate => "indeterminate",
            Self::Other(text) => text,
        }
    }
}

/// One item of an alert whose type says what happened (OMA-TS-DM_Protocol 1.2.1, 8.7).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct GenericAlert {
    /// 1224 or 1226.
    pub code: AlertCode,
    /// What happened, white space and the prefix `Reversed-Domain-Name:` dropped; *observed* with
    /// both.
    pub typ: Option<String>,
    /// How much it matters.
    pub mark: Mark,
    /// The format of the data.
    pub format: Option<String>,
    /// The node that it is about.
    pub source: Option<String>,
    /// The node that it is for.
    pub target: Option<String>,
    /// What it says.
    pub data: Option<Data<'static>>,
    /// The Exec that it belongs to. Shared by the items of one alert.
    #[cfg_attr(feature = "serde", serde(with = "shared"))]
    pub correlator: Option<Arc<str>>,
    /// The HRESULT behind it (`msft:originalerror`; MS-MDM 2.2.5.1), if Windows gave it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub original_error: Option<String>,
}

/// A text that several share, as each of them has it.
#[cfg(feature = "serde")]
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(
        text: &Option<Arc<str>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        text.as_deref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<str>>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.map(Arc::from))
    }
}

const LOGIN_STATUS: &str = "com.microsoft/MDM/LoginStatus";
const SYNC_TYPE: &str = "com.microsoft.mdm.synctype";
const USER_TOKEN: &str = "com.microsoft/MDM/AADUserToken";
const UNENROLMENT: &str = "com.microsoft:mdm.unenrollment.userrequest";

/// One event for each item of an alert that carries items with types.
pub(super) fn typed<K>(alert: &Alert<'_>, items: &[Item<'_>], events: &mut impl Extend<Event<K>>) {
    let code = alert.code().unwrap_or(AlertCode::GENERIC);
    let correlator: Option<Arc<str>> = alert.correlator.as_deref().map(Arc::from);
    events.extend(items.iter().map(|item| {
        let meta = item.meta.as_ref();
        let typ = meta.and_then(|meta| meta.typ.as_deref()).map(|typ| {
            let typ = typ.trim();
            typ.strip_prefix("Reversed-Domain-Name:").unwrap_or(typ).trim()
        });
        let is = |name: &str| typ.is_some_and(|typ| typ.eq_ignore_ascii_case(name));
        let text = item.data.as_ref().map_or("", Data::as_str).trim();
        if is(LOGIN_STATUS) {
            return Event::Login(LoginStatus::from_text(text));
        }
        if is(SYNC_TYPE) {
            return Event::SyncType(SyncType::from_text(text));
        }
        if is(USER_TOKEN) {
            return Event::UserToken(UserToken(text.to_owned()));
        }
        let mark = meta.and_then(|meta| meta.mark.as_deref());
        let place = |place: Option<&crate::model::Location<'_>>| {
            place.map(|place| place.loc_uri.trim().to_owned())
        };
        let generic = Box::new(GenericAlert {
            code,
            typ: typ.map(str::to_owned),
            mark: mark.map_or(Mark::Informational, Mark::from_text),
            format: meta
                .and_then(|meta| meta.format.as_ref())
                .map(|format| format.as_str().to_owned()),
            source: place(item.source.as_ref()),
            target: place(item.target.as_ref()),
            data: item.data.clone().map(Data::into_owned),
            correlator: correlator.clone(),
            original_error: item.original_error().map(str::to_owned),
        });
        if is(UNENROLMENT) { Event::Unenrolled(generic) } else { Event::Generic(generic) }
    }));
}
