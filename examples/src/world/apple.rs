//! The iPhone.

use apple_mdm::simulator::AppleDevice;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::PeerError;
use crate::http::Http;
use crate::server::store::{self, Store, StoreError};

/// A phone.
#[derive(Clone, Debug)]
pub struct Phone {
    store: Store,
    http: Http,
    url: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Disk {
    device: AppleDevice,
    /// What it says next; kept until the server has answered it.
    outgoing: Option<String>,
}

const NAME: &str = "iPhone";

impl Phone {
    /// The phone; one that was here before goes on as it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn new(
        device: AppleDevice,
        store: Store,
        http: Http,
        url: String,
    ) -> Result<Self, StoreError> {
        store.transaction(|tx| {
            if store::peer::<Disk>(tx, NAME)?.is_none() {
                store::set_peer(tx, NAME, &Disk { device, outgoing: None })?;
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(Self { store, http, url })
    }

    fn with_disk<T>(
        &self,
        work: impl FnOnce(&mut Disk) -> Result<T, PeerError>,
    ) -> Result<T, PeerError> {
        self.store.transaction(|tx| {
            let disk = store::peer(tx, NAME)?;
            let mut disk: Disk = disk.ok_or_else(|| PeerError::Answer("no disk".to_owned()))?;
            let result = work(&mut disk)?;
            store::set_peer(tx, NAME, &disk)?;
            Ok(result)
        })
    }

    /// Checks in, executes commands and answers them until the server has none.
    ///
    /// # Errors
    /// [`PeerError`].
    pub async fn check_in(&self, now: DateTime<Utc>) -> Result<(), PeerError> {
        self.with_disk(|disk| {
            if disk.device.is_reachable(now) && disk.outgoing.is_none() {
                disk.outgoing = Some(String::from_utf8_lossy(&disk.device.check_in()).into_owned());
            }
            Ok(())
        })?;
        loop {
            let Some(message) = self.with_disk(|disk| Ok(disk.outgoing.clone()))? else {
                return Ok(());
            };
            let headers = [("content-type".to_owned(), apple_mdm::CONTENT_TYPE.to_owned())];
            let answer =
                self.http.send("iphone", "PUT", &self.url, &headers, message.into_bytes()).await?;
            if answer.status != 200 {
                let words = String::from_utf8_lossy(&answer.body).into_owned();
                return Err(PeerError::Answer(format!("{} {words}", answer.status)));
            }
            self.with_disk(|disk| {
                disk.outgoing = None;
                if !answer.body.is_empty() {
                    let said = disk.device.handle_command(&answer.body, now);
                    let said = said.map_err(|error| PeerError::Answer(error.to_string()))?;
                    disk.outgoing = said.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                }
                Ok(())
            })?;
        }
    }
}
