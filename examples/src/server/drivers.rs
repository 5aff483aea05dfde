//! Driver updates through Microsoft Graph.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use graph_wufb::models::DeviceId;
use graph_wufb::requests::{Headers, Origin};
use graph_wufb::workflow::{ApprovalStatus, BlockCause, DriverRollout, Event};
use graph_wufb::workflow::{Loss, Plan, RolloutState};
use mdm_xml::escape_text;
use rusqlite::Transaction;

use super::store::{self, StoreError};
use super::{Server, ServerError};

/// Where Graph is; the network decides where that leads to.
const ORIGIN: &str = "https://graph.microsoft.com";

fn version(error: impl std::fmt::Display) -> ServerError {
    ServerError::Version(error.to_string())
}

/// The Entra device that belongs to a PC.
#[must_use]
pub fn entra_device(number: usize) -> String {
    format!("fb95f07d-9e73-411d-99ab-{number:012}")
}

/// The access token for Graph: a secret, so it is kept in memory and printed nowhere.
#[derive(Default)]
pub(super) struct AccessToken(Mutex<String>);

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

impl AccessToken {
    fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a new token, good for an hour, and says whether there was one to be had. A vendor asks
    /// Entra for it, with the application's certificate and the scope
    /// `https://graph.microsoft.com/.default`.
    fn renew(&self, now: DateTime<Utc>) -> bool {
        let token = format!("until-{}", (now + Duration::hours(1)).timestamp());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *kept != token;
        *kept = token;
        is_new
    }
}

impl Server {
    fn rollout(tx: &Transaction<'_>) -> Result<Option<DriverRollout>, ServerError> {
        let state: Option<RolloutState> = store::value(tx, "drivers")?;
        state.map(DriverRollout::resume).transpose().map_err(version)
    }

    fn keep(&self, tx: &Transaction<'_>, rollout: &mut DriverRollout) -> Result<(), ServerError> {
        while let Some(event) = rollout.poll_event() {
            match event {
                // A new token that is refused as well is for a person, as all the rest.
                Event::Blocked { cause: BlockCause::AccessToken, .. }
                    if self.0.graph_token.renew(self.now()) =>
                {
                    self.line("graph", "has a new access token");
                    rollout.retry();
                }
                Event::Blocked { reason, .. } => {
                    self.line("graph", format_args!("does not go on: {reason}"));
                }
                Event::DeviceEnrolled { device, .. } => {
                    self.line("graph", format_args!("{device} is enrolled for drivers"));
                }
                Event::AudienceCreated { .. } => self.line("graph", "the audience stands"),
                Event::PolicyCreated { .. } => self.line("graph", "the update policy stands"),
                Event::ContentOffered { name, devices, .. } => {
                    self.line("graph", format_args!("{name} applies to {devices} devices"));
                }
                Event::ApprovalCreated { approval, .. } => {
                    self.line("graph", format_args!("the driver is approved: {approval}"));
                }
                Event::DeviceLeftOut { device, status, .. } => {
                    self.line("graph", format_args!("{device} is left out: {status:?}"));
                }
                Event::MembersAdded { .. } => {}
                other => self.line("graph", format_args!("{other:?}")),
            }
        }
        store::set_value(tx, "drivers", &rollout.state())?;
        Ok(())
    }

    /// Begins the rollout of drivers to this many devices, unless it has begun. One that waits for a
    /// person goes on: whoever starts the server again is one.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn enrol_drivers(&self, devices: usize) -> Result<(), ServerError> {
        self.store().transaction(|tx| {
            if let Some(mut rollout) = Self::rollout(tx)? {
                if rollout.is_blocked() {
                    rollout.retry();
                    return self.keep(tx, &mut rollout);
                }
                return Ok(());
            }
            let ids = (1..=devices).map(|number| entra_device(number).parse::<DeviceId>());
            let ids = ids.collect::<Result<Vec<_>, _>>().map_err(version)?;
            let origin: Origin = ORIGIN.parse().map_err(version)?;
            let mut rollout = DriverRollout::new(Plan::new(ids).with_origin(origin));
            self.keep(tx, &mut rollout)
        })
    }

    /// Does what is due.
    ///
    /// # Errors
    /// [`ServerError`]. Trouble with Graph is no error: the rollout tries again later.
    pub async fn advance_drivers(&self) -> Result<(), ServerError> {
        loop {
            let now = self.now();
            let request = self.store().transaction(|tx| {
                let Some(mut rollout) = Self::rollout(tx)? else { return Ok(None) };
                let request = rollout.poll_transmit(now);
                self.keep(tx, &mut rollout)?;
                Ok::<_, ServerError>(request)
            })?;
            let Some((token, request)) = request else { return Ok(()) };
            let mut headers: Vec<(String, String)> = request
                .headers
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let bearer = format!("Bearer {}", self.0.graph_token.get());
            headers.push(("authorization".to_owned(), bearer));
            let url = request.url(&self.0.partners.graph);
            let method = request.method.as_str();
            let body = request.body.clone().unwrap_or_default();
            let answer = self.0.http.send("graph", method, &url, &headers, body).await;
            self.store().transaction(|tx| {
                let Some(mut rollout) = Self::rollout(tx)? else { return Ok(()) };
                match &answer {
                    Ok(answer) => {
                        let mut headers = Headers::new();
                        for (name, value) in &answer.headers {
                            headers.insert(name, value);
                        }
                        rollout.handle_response(now, token, answer.status, &headers, &answer.body);
                    }
                    Err(_) => {
                        rollout.handle_loss(now, token, Loss::Unknown);
                    }
                }
                self.keep(tx, &mut rollout)
            })?;
        }
    }

    /// IT approves every driver that is offered and was not decided about.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn approve_drivers(&self) -> Result<(), ServerError> {
        self.store().transaction(|tx| {
            let Some(mut rollout) = Self::rollout(tx)? else { return Ok(()) };
            let offers: Vec<_> = rollout
                .offers()
                .map(|(entry, offer)| {
                    let name = offer.entry.as_ref().map(|entry| entry.display_name().to_owned());
                    (entry.clone(), name.unwrap_or_default())
                })
                .collect();
            for (entry, name) in offers {
                let decided = rollout.approvals().iter().any(|approval| approval.entry == entry);
                if !decided && rollout.approve(&entry, None).is_ok() {
                    self.decide(tx, "driver", entry.as_str())?;
                    self.line("IT", format_args!("approves the driver {name}"));
                }
            }
            self.keep(tx, &mut rollout)
        })
    }

    /// Whether a driver's approval stands.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn drivers_are_done(&self) -> Result<bool, ServerError> {
        self.store().transaction(|tx| {
            let Some(rollout) = Self::rollout(tx)? else { return Ok(true) };
            let approvals = rollout.approvals();
            let stands = |status| status == ApprovalStatus::Standing;
            Ok(!approvals.is_empty() && approvals.iter().all(|approval| stands(approval.status)))
        })
    }

    pub(super) fn driver_section(&self) -> Result<String, ServerError> {
        let rollout = self.store().transaction(Self::rollout)?;
        let Some(rollout) = rollout else { return Ok(String::new()) };
        let mut section = "<h2>Drivers</h2><ul>".to_owned();
        for (entry, offer) in rollout.offers() {
            let name = offer.entry.as_ref().map_or("", |entry| entry.display_name());
            let approval = rollout.approvals().iter().find(|approval| approval.entry == *entry);
            let status = approval.map_or("not approved".to_owned(), |approval| {
                format!("{:?}", approval.status).to_lowercase()
            });
            section.push_str(&format!("<li>{}: {status}", escape_text(name)));
        }
        section.push_str("</ul>");
        Ok::<_, StoreError>(section).map_err(ServerError::from)
    }
}
