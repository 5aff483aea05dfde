//! What Windows will answer, before anything is sent.
//!
//! [`predict`] goes through a plan in order and says for each command which status to expect and
//! why, with what is known about the device ([`Knowledge`]). It sees what earlier commands of the
//! plan change, and undoes that where an Atomic is rolled back.
//!
//! ```
//! use syncml::preflight::{Observed, Reason, predict};
//! use syncml::{Command, Data, Format, StatusCode};
//!
//! let mut device = Observed::default();
//! device.learn_present("./Vendor/MSFT/WiFi/Profile/Office/WlanXml");
//! let plan = [
//!     Command::add("./Vendor/MSFT/WiFi/Profile/Office/WlanXml", Format::Chr, Data::text("…")),
//!     Command::atomic(vec![
//!         Command::delete("./Vendor/MSFT/WiFi/Profile/Office/WlanXml"),
//!         Command::get("./DevDetail/SwV"),
//!     ]),
//! ];
//! let [add, atomic] = predict(&plan, &device).try_into().unwrap();
//! assert_eq!(add.code, Some(StatusCode::ALREADY_EXISTS));
//! assert_eq!(atomic.code, Some(StatusCode::ATOMIC_FAILED));
//! assert_eq!(atomic.parts[0].code, Some(StatusCode::ATOMIC_ROLLED_BACK));
//! assert_eq!(atomic.parts[1].reason, Reason::GetInAtomic);
//! ```

mod knowledge;
mod overlay;
mod predict;

pub use knowledge::{Knowledge, Observed, Presence, Verb};
pub use predict::predict;

use crate::codes::StatusCode;

/// How sure a prediction is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Certainty {
    /// Nothing is known against it.
    Guess,
    /// What Microsoft documents or captures show, in words that leave room.
    Likely,
    /// The rule has one answer.
    Certain,
}

/// Why a status is expected.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing speaks against it.
    Fine,
    /// Whether it works depends on what is not known.
    Unknown,
    /// No item, or no node in one.
    Malformed,
    /// Not an element of OMA DM.
    NotDm,
    /// Windows has no Copy.
    NoCopy,
    /// The address is none.
    BadAddress,
    /// The address is longer than the device takes.
    UriTooLong,
    /// There is no such node.
    NoSuchNode,
    /// The node is there already.
    NodeExists,
    /// The node does not know this verb.
    VerbNotAllowed,
    /// The node's property is not one that Windows has.
    NoSuchProperty,
    /// The user is not signed in, so `./User` is out of reach.
    NotSignedIn,
    /// The session is only for nodes of the other scope.
    OtherScope,
    /// A value that is XML was escaped once more than a message needs: the device gets text. What
    /// Windows does with that differs; *observed* for a value of format `xml`, it answers 200 and
    /// does nothing.
    DoublyEscaped,
    /// An Atomic in an Atomic.
    NestedAtomic,
    /// A Get in an Atomic.
    GetInAtomic,
    /// A group in a group that Windows does not take.
    NestedGroup,
    /// A node that is added and replaced in the same Atomic.
    AddThenReplace,
    /// A value that is larger than the device takes.
    ValueTooLarge,
    /// A command of this Atomic fails.
    ChildFails,
    /// Undone with its Atomic.
    RolledBack,
    /// Its Atomic failed before.
    NotExecuted,
}

impl Reason {
    /// A sentence for people.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Fine => "nothing speaks against it",
            Self::Unknown => "it depends on what is not known",
            Self::Malformed => "it names no node",
            Self::NotDm => "the element is not one of OMA DM",
            Self::NoCopy => "Windows has no Copy",
            Self::BadAddress => "the address cannot be one of a node",
            Self::UriTooLong => "the address is longer than the device takes",
            Self::NoSuchNode => "there is no such node",
            Self::NodeExists => "the node is there already",
            Self::VerbNotAllowed => "the node does not know this verb",
            Self::NoSuchProperty => "Windows does not have this property of nodes",
            Self::NotSignedIn => "the user is not signed in, so ./User is out of reach",
            Self::OtherScope => "the session is only for nodes of the other scope",
            Self::DoublyEscaped => "the value is escaped twice, so that the device gets no XML",
            Self::NestedAtomic => "an Atomic cannot hold an Atomic",
            Self::GetInAtomic => "an Atomic cannot hold a Get",
            Self::NestedGroup => "groups cannot be nested like this",
            Self::AddThenReplace => "a node is added and replaced in the same Atomic",
            Self::ValueTooLarge => "the value is larger than the device takes",
            Self::ChildFails => "a command of the Atomic fails",
            Self::RolledBack => "it is undone with its Atomic",
            Self::NotExecuted => "its Atomic has failed before",
        }
    }

    /// Where the rule stands.
    #[must_use]
    pub const fn reference(self) -> &'static str {
        match self {
            Self::Fine | Self::Unknown => "none",
            Self::Malformed | Self::NotDm | Self::NoCopy | Self::AddThenReplace => {
                "Microsoft Learn, OMA DM protocol support"
            }
            Self::BadAddress => "OMA-TS-DM_TND 1.2.1, 6",
            Self::UriTooLong => "OMA-TS-DM_StdObj 1.2.1, DevDetail/URI/MaxTotLen",
            Self::NoSuchNode | Self::NodeExists | Self::VerbNotAllowed | Self::ValueTooLarge => {
                "OMA-TS-DM_RepPro 1.2.1, 4.1.6"
            }
            Self::NoSuchProperty => "OMA-TS-DM_TND 1.2.1, 8.3.3; MS-MDM 3.1.7.1",
            Self::NotSignedIn => "observed (reports of MDM vendors); decision: 500",
            Self::OtherScope => "MS-MDM 3.2.5.1.5",
            Self::DoublyEscaped => "MS-MDM 2.2.5.1; observed (windows-itpro-docs #1746)",
            Self::NestedAtomic
            | Self::GetInAtomic
            | Self::NestedGroup
            | Self::ChildFails
            | Self::RolledBack
            | Self::NotExecuted => "OMA-TS-DM_RepPro 1.2.1, 4.1.6.3",
        }
    }
}

/// What is expected of one command.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// The status; none where it depends on what is not known.
    pub code: Option<StatusCode>,
    /// Why.
    pub reason: Reason,
    /// How sure it is.
    pub certainty: Certainty,
    /// What is expected of each of its items, if there are several, or of the commands in it.
    pub parts: Vec<Self>,
}

impl Prediction {
    fn new(code: StatusCode, reason: Reason, certainty: Certainty) -> Self {
        Self { code: Some(code), reason, certainty, parts: Vec::new() }
    }

    fn certain(code: StatusCode, reason: Reason) -> Self {
        Self::new(code, reason, Certainty::Certain)
    }

    fn likely(code: StatusCode, reason: Reason) -> Self {
        Self::new(code, reason, Certainty::Likely)
    }

    fn unknown() -> Self {
        let (reason, certainty) = (Reason::Unknown, Certainty::Guess);
        Self { code: None, reason, certainty, parts: Vec::new() }
    }

    /// Whether it is expected to fail: with a status that says so. What is
    /// [in vain](Self::is_in_vain) does not.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.code.is_some_and(|code| !code.is_success())
    }

    /// Whether it, or something in it, is expected to do nothing even where the device says 200: a
    /// value of format `xml` that was escaped twice ([`Reason::DoublyEscaped`]). Also where the
    /// status is not known because it is not known whether the node is there. A value of another
    /// format may be meant so, and does not count.
    ///
    /// ```
    /// use syncml::preflight::{Observed, predict};
    /// use syncml::{Command, Data, Format};
    ///
    /// let set = |value| Command::replace("./Vendor/a", Format::Xml, Data::text(value));
    /// let found = predict(&[set("&lt;a/&gt;"), set("<a/>")], &Observed::default());
    /// assert!(found[0].is_in_vain() && !found[0].fails() && !found[1].is_in_vain());
    /// ```
    #[must_use]
    pub fn is_in_vain(&self) -> bool {
        let sure = self.certainty != Certainty::Guess;
        (self.reason == Reason::DoublyEscaped && sure) || self.parts.iter().any(Self::is_in_vain)
    }
}
