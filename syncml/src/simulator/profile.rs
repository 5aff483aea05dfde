//! How clients differ.

/// What a client does when its answer is larger than the server's MaxMsgSize.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum OverLimit {
    /// It says 200, gives nothing and ends the session (Alert 1223). *Observed*: Windows 11.
    Abort,
    /// It sends several messages, and large values in chunks (OMA-TS-DM_Protocol 1.2.1, 7).
    Split,
    /// It sends more than it may.
    Ignore,
}

/// A kind of client. Where no capture shows what it does, the field says so.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Profile {
    /// Whether it speaks WBXML; Windows does where its account says so (DEFAULTENCODING).
    pub wbxml: bool,
    /// Answers over the server's MaxMsgSize.
    pub over_limit: OverLimit,
    /// Whether it takes large objects in chunks (`./DevDetail/LrgObj`). *Observed*: Windows 11 says
    /// no. What it answers to one is not known; here it is 406.
    pub large_objects: bool,
    /// The MaxMsgSize that it tells the server.
    pub max_msg_size: Option<usize>,
    /// The MaxObjSize that it tells the server, and the most that it takes.
    pub max_obj_size: Option<usize>,
    /// Whether Results name their command. MS-MDM's samples do, Windows 11 does not.
    pub names_results: bool,
    /// Whether Results come again in the next message. *Observed* now and then with Windows 11.
    pub repeats_results: bool,
    /// Whether package 1 says who is signed in (Alert 1224).
    pub login_status: bool,
    /// Whether an Atomic that adds a node and then replaces it fails (Microsoft Learn, "OMA DM
    /// protocol support").
    pub refuses_add_then_replace: bool,
}

impl Profile {
    /// Windows 11, as captures of build 26200 show it.
    pub const WINDOWS_11: Self = Self {
        wbxml: false,
        over_limit: OverLimit::Abort,
        large_objects: false,
        max_msg_size: None,
        max_obj_size: None,
        names_results: false,
        repeats_results: false,
        login_status: true,
        refuses_add_then_replace: true,
    };

    /// Windows 10, as MS-MDM and one capture of package 1 show it. What it does over the server's
    /// MaxMsgSize is not known; here it ignores it.
    pub const WINDOWS_10: Self =
        Self { over_limit: OverLimit::Ignore, names_results: true, ..Self::WINDOWS_11 };

    /// A client that does all of OMA DM 1.2.
    pub const CONFORMING: Self = Self {
        over_limit: OverLimit::Split,
        large_objects: true,
        names_results: true,
        login_status: false,
        refuses_add_then_replace: false,
        ..Self::WINDOWS_11
    };
}

impl Default for Profile {
    fn default() -> Self {
        Self::WINDOWS_11
    }
}
