//! Windows PCs.

use chrono::{DateTime, Utc};
use syncml::simulator::{Device, Step};
use update_csp::simulator::{Offer, WindowsUpdate};

use super::PeerError;
use crate::http::Http;
use crate::journal::Journal;
use crate::server::store::{self, Store, StoreError};

/// The address that the PCs are enrolled with; where it is reached is the network's matter.
const SERVER_URI: &str = "https://mdm.contoso.example/ManagementServer/MDM.svc";

/// A PC.
#[derive(Clone, Debug)]
pub struct Pc {
    /// Its name.
    pub name: String,
    /// Its DevId.
    pub id: String,
    store: Store,
    http: Http,
    journal: Journal,
    url: String,
}

type Disk = Device<WindowsUpdate>;

impl Pc {
    /// The PC of this number. A new one has these updates on offer; one that was here before goes
    /// on as it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn new(
        number: usize,
        offers: &[Offer],
        store: Store,
        http: Http,
        journal: Journal,
        url: String,
    ) -> Result<Self, StoreError> {
        let name = format!("PC-{number:03}");
        let id = format!("urn:uuid:5f0c2f4e-0000-4000-8000-{number:012}");
        let pc = Self { name, id, store, http, journal, url };
        pc.store.transaction(|tx| {
            if store::peer::<Disk>(tx, &pc.name)?.is_none() {
                let tree = WindowsUpdate::new("10.0.26100.4652", offers.to_vec());
                let disk = Device::new(pc.id.clone(), SERVER_URI, tree);
                store::set_peer(tx, &pc.name, &disk)?;
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(pc)
    }

    /// Reads the disk, changes it and writes it back, all or nothing.
    fn with_disk<T>(
        &self,
        work: impl FnOnce(&mut Disk) -> Result<T, PeerError>,
    ) -> Result<T, PeerError> {
        self.store.transaction(|tx| {
            let disk = store::peer(tx, &self.name)?;
            let mut disk: Disk = disk.ok_or_else(|| PeerError::Answer("no disk".to_owned()))?;
            let result = work(&mut disk)?;
            store::set_peer(tx, &self.name, &disk)?;
            Ok(result)
        })
    }

    /// Whether a session was cut off and is to be gone on with.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn is_in_session(&self) -> Result<bool, PeerError> {
        self.with_disk(|disk| Ok(disk.outgoing().is_some()))
    }

    /// Checks in: a whole session, from package 1 or from where it was cut off.
    ///
    /// # Errors
    /// [`PeerError`].
    pub async fn check_in(&self, now: DateTime<Utc>) -> Result<(), PeerError> {
        let answer_error = |error: syncml::Error| PeerError::Answer(error.to_string());
        let happened = self.with_disk(|disk| {
            if disk.outgoing().is_some() {
                return Ok(Vec::new());
            }
            let happened = disk.tree.advance(now);
            disk.start(&[]).map_err(answer_error)?;
            Ok(happened)
        })?;
        for line in happened {
            self.journal.line(&self.name, line);
        }
        loop {
            let message = self.with_disk(|disk| Ok(disk.outgoing().map(<[u8]>::to_vec)))?;
            let Some(message) = message else { return Ok(()) };
            let headers = [("content-type".to_owned(), syncml::CONTENT_TYPE_XML.to_owned())];
            let answer = self
                .http
                .send(&self.name.to_lowercase(), "POST", &self.url, &headers, message)
                .await?;
            if answer.status != 200 {
                let words = String::from_utf8_lossy(&answer.body).into_owned();
                return Err(PeerError::Answer(format!("{} {words}", answer.status)));
            }
            let step =
                self.with_disk(|disk| disk.handle_message(&answer.body).map_err(answer_error))?;
            if step == Step::Done {
                return Ok(());
            }
        }
    }
}
