//! Setting a node whether or not it is there.
//!
//! OMA DM has no such command: Replace on a missing node is 404, Add on an existing one is 418
//! (OMA-TS-DM_RepPro 1.2.1, 4.1.6), and a server does not know which it will be.

use crate::codes::StatusCode;
use crate::model::{Command, Data, Format};
use crate::pack::packed;

/// What to do after a status.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Next {
    /// The node has the value.
    Done,
    /// Send this.
    Send(Box<Command<'static>>),
    /// It cannot be set, and this is why.
    Failed(StatusCode),
}

/// Sets a node: Replace, and Add where there is none; or the other way round.
///
/// A session does all of it under one key
/// ([`submit_upsert`](crate::session::ServerSession::submit_upsert)).
///
/// ```
/// use syncml::upsert::{Next, Upsert};
/// use syncml::{Data, Format, StatusCode};
///
/// let mut wifi = Upsert::new("./Vendor/MSFT/WiFi/Profile/Office/WlanXml", Format::Chr, Data::text("…"));
/// assert_eq!(wifi.command().name(), "Replace");
/// let Next::Send(add) = wifi.after(StatusCode::NOT_FOUND) else { panic!() };
/// assert_eq!(add.name(), "Add");
/// assert_eq!(wifi.after(StatusCode::OK), Next::Done);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Upsert {
    loc_uri: String,
    format: Format<'static>,
    data: Data<'static>,
    adds: bool,
    /// Commands that were sent.
    tries: u8,
}

impl Upsert {
    /// Sets this node, with Replace first: most nodes that are managed are there already.
    #[must_use]
    pub fn new(loc_uri: impl Into<String>, format: Format<'_>, data: Data<'_>) -> Self {
        let (format, data) = (format.into_owned(), data.into_owned());
        Self { loc_uri: loc_uri.into(), format, data, adds: false, tries: 1 }
    }

    /// The same, with Add first: for nodes that are probably new, such as profiles.
    #[must_use]
    pub fn adding_first(mut self) -> Self {
        self.adds = true;
        self
    }

    /// The command to send now.
    #[must_use]
    pub fn command(&self) -> Command<'static> {
        let (uri, format, data) = (self.loc_uri.clone(), self.format.clone(), self.data.clone());
        if self.adds {
            Command::add(uri, format, data)
        } else {
            Command::replace(uri, format, data)
        }
    }

    /// What to do after the status of the last command. Three commands are the most: a node that
    /// is made or removed by somebody else meanwhile needs the first verb again.
    pub fn after(&mut self, code: StatusCode) -> Next {
        let other_verb = match code {
            _ if code.is_success() => return Next::Done,
            StatusCode::NOT_FOUND => !self.adds,
            StatusCode::ALREADY_EXISTS => self.adds,
            // *Decision*: it may be that the node knows one of the two verbs only, as one settable
            // node in eight of Microsoft's DDF files does (`./DevDetail/Ext/Microsoft/DeviceName`).
            // So does `./Vendor/MSFT/Update/ApprovedUpdates/{guid}`: it is documented with Get and
            // Add, while its DDF file has Get alone. More often the device does not have the node
            // here at all ([`StatusCode::retry`]); then one more command says so once more.
            StatusCode::METHOD_NOT_ALLOWED => self.tries == 1,
            _ => false,
        };
        if !other_verb || self.tries >= 3 {
            return Next::Failed(code);
        }
        self.adds = !self.adds;
        self.tries += 1;
        Next::Send(Box::new(self.command()))
    }
}

packed! {
    Upsert { loc_uri, format, data, adds, tries }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verbs(upsert: Upsert, codes: &[u16]) -> (Vec<&'static str>, Next) {
        let mut upsert = upsert;
        let name = |command: &Command<'_>| if command.name() == "Add" { "Add" } else { "Replace" };
        let mut verbs = vec![name(&upsert.command())];
        for code in codes {
            match upsert.after(StatusCode::new(*code)) {
                Next::Send(command) => verbs.push(name(&command)),
                end => return (verbs, end),
            }
        }
        panic!("it does not end: {verbs:?}")
    }

    #[test]
    fn each_status_calls_for_the_right_verb_and_it_ends() {
        let set = || Upsert::new("./x", Format::Int, Data::text("1"));
        let failed = |code| Next::Failed(StatusCode::new(code));
        assert_eq!(verbs(set(), &[200]), (vec!["Replace"], Next::Done));
        assert_eq!(verbs(set(), &[404, 200]), (vec!["Replace", "Add"], Next::Done));
        assert_eq!(verbs(set().adding_first(), &[418, 200]), (vec!["Add", "Replace"], Next::Done));
        assert_eq!(verbs(set(), &[405, 201]), (vec!["Replace", "Add"], Next::Done));
        assert_eq!(verbs(set(), &[405, 405]), (vec!["Replace", "Add"], failed(405)));
        assert_eq!(verbs(set().adding_first(), &[405, 405]), (vec!["Add", "Replace"], failed(405)));
        assert_eq!(
            verbs(set(), &[404, 418, 404]),
            (vec!["Replace", "Add", "Replace"], failed(404))
        );
        // The parent is missing: Add says 404 as well.
        assert_eq!(verbs(set(), &[404, 404]), (vec!["Replace", "Add"], failed(404)));
        assert_eq!(verbs(set(), &[500]), (vec!["Replace"], failed(500)));
    }
}
