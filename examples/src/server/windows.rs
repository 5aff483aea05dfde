//! Windows devices: one SyncML message in, one out, in one transaction.

use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use syncml::session::{Config, Event, Outcome, Session, SessionState, Transmit, Verdict};
use syncml::{Command, Limits};
use update_csp::approvals::{ApprovalLedger, NodeForm, is_approved_by};
use update_csp::policy::values::RequireUpdateApproval;
use update_csp::policy::{PolicyId, PolicySet};
use update_csp::{Inventory, Query, Shape, UpdateGuid};

use super::store::{self, StoreError};
use super::{Server, ServerError, terms};

/// The address that devices are enrolled with.
const SERVER_URI: &str = "https://mdm.contoso.example/ManagementServer/MDM.svc";

/// Why a command was queued: what its outcome means.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Purpose {
    Policy(PolicyId),
    Read(Query),
    Approve(UpdateGuid),
}

struct Device {
    id: String,
    name: String,
    ring: String,
    session: Option<SessionState<i64>>,
    inventory: Inventory,
}

impl Server {
    /// Enrols a Windows device into a ring; nothing happens if it is enrolled already.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn enrol_windows(&self, id: &str, name: &str, ring: &str) -> Result<(), ServerError> {
        let new = self.store().transaction(|tx| {
            let new = tx.execute(
                "INSERT OR IGNORE INTO device (id, name, kind, ring) VALUES (?1, ?2, 'windows', ?3)",
                params![id, name, ring],
            )?;
            if new > 0 {
                for (policy, command) in ring_policies(ring).commands() {
                    queue(tx, id, &Purpose::Policy(policy), &command)?;
                }
            }
            Ok::<_, ServerError>(new > 0)
        })?;
        if new {
            self.line(name, format_args!("enrolled, ring: {ring}"));
        }
        Ok(())
    }

    /// Answers a device's message.
    ///
    /// # Errors
    /// [`ServerError`]; nothing is changed then.
    pub fn handle_windows(&self, body: &[u8]) -> Result<Transmit, ServerError> {
        let message = syncml::decode(body, &Limits::default())?;
        // A real server takes the device's identity from its client certificate.
        let header = message.header.as_ref();
        let id = header.map(|header| header.source.loc_uri.trim().to_owned()).unwrap_or_default();
        let session_id = header.map(|header| header.session_id.to_string());
        self.store().transaction(|tx| {
            let mut device = load(tx, &id)?;
            let config = Config::new(SERVER_URI);
            let mut session = match device.session.take().map(|state| Session::resume(state, &config)) {
                Some(session) => {
                    let session = session?;
                    if session.session_id() == session_id.as_deref() {
                        session
                    } else {
                        // The device gave up a session. What it may have executed is asked for
                        // again: every command of ours can be repeated without harm.
                        tx.execute(
                            "UPDATE command SET state = 'queued' WHERE device = ?1 AND state = 'sent'",
                            [&device.id],
                        )?;
                        Session::new(&config)
                    }
                }
                None => Session::new(&config),
            };
            session.handle_message(self.now(), body)?;
            while let Some(event) = session.poll_event() {
                self.windows_event(tx, &mut device, event)?;
            }
            self.plan(tx, &device)?;
            for (row, command) in queued(tx, &device.id)? {
                session.submit(row, command)?;
                tx.execute("UPDATE command SET state = 'sent' WHERE id = ?1", [row])?;
            }
            let answer = session.poll_transmit(self.now())?;
            tx.execute(
                "UPDATE device SET session = ?2, inventory = ?3, last_seen = ?4 WHERE id = ?1",
                params![
                    device.id,
                    session.into_state().to_bytes(),
                    serde_json::to_string(&device.inventory)?,
                    self.now().to_rfc3339(),
                ],
            )?;
            Ok(answer)
        })
    }

    fn windows_event(
        &self,
        tx: &Transaction<'_>,
        device: &mut Device,
        event: Event<i64>,
    ) -> Result<(), ServerError> {
        match event {
            // Each session asks for everything: an inventory is cheap and ages fast.
            Event::Began { .. } => {
                for query in Query::ALL {
                    let purpose = Purpose::Read(query);
                    if !is_waiting(tx, &device.id, &purpose)? {
                        queue(tx, &device.id, &purpose, &query.command(Shape::StructData))?;
                    }
                }
            }
            Event::Outcome(outcome) if outcome.verdict == Verdict::Unanswered => {
                settle(tx, outcome.key, "failed", "no status")?;
            }
            Event::Outcome(outcome) => self.outcome(tx, device, &outcome)?,
            _ => {}
        }
        Ok(())
    }

    fn outcome(
        &self,
        tx: &Transaction<'_>,
        device: &mut Device,
        outcome: &Outcome<i64>,
    ) -> Result<(), ServerError> {
        let row = outcome.key;
        let text: Option<String> = tx
            .query_row("SELECT purpose FROM command WHERE id = ?1", [row], |row| row.get(0))
            .optional()?;
        let Some(text) = text else { return Ok(()) };
        let code = outcome.code();
        let words = code.map(|code| code.to_string()).unwrap_or_default();
        let good = match serde_json::from_str(&text)? {
            Purpose::Policy(_) => outcome.is_success(),
            Purpose::Approve(update) => {
                let approved = code.is_some_and(is_approved_by);
                if approved {
                    device.inventory.note_approved(update);
                }
                if approved && !is_classification(update) {
                    self.line(&device.name, format_args!("may install {}", title(tx, update)?));
                }
                approved
            }
            Purpose::Read(query) => {
                let before = device.inventory.clone();
                // A list that is not whole is no list.
                let code = code.filter(|_| !outcome.truncated);
                for finding in device.inventory.apply(query, code, &outcome.results) {
                    self.line(&device.name, format_args!("odd answer: {finding:?}"));
                }
                self.compare(tx, device, &before, query)?;
                true
            }
        };
        settle(tx, row, if good { "done" } else { "failed" }, &words)
    }

    /// Says what is new, and asks for the metadata of what nobody knows yet.
    fn compare(
        &self,
        tx: &Transaction<'_>,
        device: &Device,
        before: &Inventory,
        query: Query,
    ) -> Result<(), ServerError> {
        let (old, new, what) = match query {
            Query::Installable => {
                (&before.installable, &device.inventory.installable, "reports as installable")
            }
            Query::Installed => (&before.installed, &device.inventory.installed, "has installed"),
            Query::PendingReboot => {
                (&before.pending_reboot, &device.inventory.pending_reboot, "needs a restart for")
            }
            Query::Failed => (&before.failed, &device.inventory.failed, "failed to install"),
            _ => return Ok(()),
        };
        let Some(new) = new else { return Ok(()) };
        let known = |id: &UpdateGuid| old.as_ref().is_some_and(|old| old.contains_key(id));
        let fresh: Vec<UpdateGuid> = new.keys().filter(|id| !known(id)).copied().collect();
        if query == Query::Installable {
            if !fresh.is_empty() {
                self.line(&device.name, format_args!("{what}: {} updates", fresh.len()));
            }
            // Without a revision there is nothing that Microsoft Update could be asked for.
            let wanted = new.iter().filter_map(|(id, entry)| Some((*id, entry.revision?)));
            return self.want_metadata(tx, wanted);
        }
        for id in fresh {
            self.line(&device.name, format_args!("{what} {}", title(tx, id)?));
        }
        Ok(())
    }

    /// Queues the approvals that the device needs and does not have, once it was asked.
    fn plan(&self, tx: &Transaction<'_>, device: &Device) -> Result<(), ServerError> {
        let asked = device.inventory.approved.is_some() && device.inventory.installable.is_some();
        let reading = Query::ALL.iter().try_fold(false, |found, query| {
            Ok::<_, ServerError>(found || is_waiting(tx, &device.id, &Purpose::Read(*query))?)
        })?;
        if device.ring == "test" || !asked || reading {
            return Ok(());
        }
        let ledger = ledger(tx)?;
        let installable = device.inventory.installable.iter().flatten();
        let metadata = terms::known(tx, installable.map(|(id, _)| *id))?;
        for (update, command) in ledger.plan(&device.inventory, &metadata, NodeForm::Bare) {
            let purpose = Purpose::Approve(update);
            if !is_waiting(tx, &device.id, &purpose)? {
                queue(tx, &device.id, &purpose, &command)?;
            }
        }
        Ok(())
    }
}

/// The Test ring lets updates flow; the All ring waits for IT.
fn ring_policies(ring: &str) -> PolicySet {
    if ring == "test" {
        return PolicySet::test_ring();
    }
    PolicySet::all_ring().with(RequireUpdateApproval::Required)
}

fn is_classification(update: UpdateGuid) -> bool {
    update_csp::Classification::all().iter().any(|class| class.id() == update)
}

fn load(tx: &Transaction<'_>, id: &str) -> Result<Device, ServerError> {
    let row = tx
        .prepare_cached(
            "SELECT name, ring, session, inventory FROM device WHERE id = ?1 AND kind = 'windows'",
        )?
        .query_row([id], |row| {
            let texts: (String, String) = (row.get(0)?, row.get(1)?);
            let states: (Option<Vec<u8>>, Option<String>) = (row.get(2)?, row.get(3)?);
            Ok((texts, states))
        })
        .optional()?;
    let Some(((name, ring), (session, inventory))) = row else {
        return Err(ServerError::NotEnrolled(id.chars().take(64).collect()));
    };
    let session = session.map(|bytes| SessionState::from_bytes(&bytes)).transpose()?;
    let inventory = inventory.map(|json| serde_json::from_str(&json)).transpose()?;
    let inventory = inventory.unwrap_or_default();
    Ok(Device { id: id.to_owned(), name, ring, session, inventory })
}

fn queue(
    tx: &Transaction<'_>,
    device: &str,
    purpose: &Purpose,
    command: &Command<'_>,
) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO command (device, purpose, command) VALUES (?1, ?2, ?3)")?
        .execute(params![
            device,
            serde_json::to_string(purpose)?,
            serde_json::to_string(command)?
        ])?;
    Ok(())
}

fn is_waiting(tx: &Transaction<'_>, device: &str, purpose: &Purpose) -> Result<bool, StoreError> {
    let purpose = serde_json::to_string(purpose)?;
    Ok(tx
        .prepare_cached(
            "SELECT 1 FROM command
             WHERE device = ?1 AND purpose = ?2 AND state IN ('queued', 'sent')",
        )?
        .exists(params![device, purpose])?)
}

fn queued(tx: &Transaction<'_>, device: &str) -> Result<Vec<(i64, Command<'static>)>, ServerError> {
    let mut statement = tx.prepare_cached(
        "SELECT id, command FROM command WHERE device = ?1 AND state = 'queued' ORDER BY id",
    )?;
    let rows = statement.query_map([device], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let mut commands = Vec::new();
    for row in rows {
        let (id, json) = row?;
        commands.push((id, serde_json::from_str(&json)?));
    }
    Ok(commands)
}

fn settle(tx: &Transaction<'_>, row: i64, state: &str, outcome: &str) -> Result<(), ServerError> {
    tx.prepare_cached("UPDATE command SET state = ?2, outcome = ?3 WHERE id = ?1")?
        .execute(params![row, state, outcome])?;
    Ok(())
}

/// What IT decided.
pub(super) fn ledger(tx: &Transaction<'_>) -> Result<ApprovalLedger, ServerError> {
    // A stored ledger is checked as it is read.
    Ok(store::value(tx, "ledger")?.unwrap_or_default())
}

/// An update's title, or its identifier as long as nobody knows more.
pub(super) fn title(tx: &Transaction<'_>, id: UpdateGuid) -> Result<String, StoreError> {
    let title: Option<String> = tx
        .prepare_cached("SELECT title FROM update_metadata WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    Ok(title.filter(|title| !title.is_empty()).unwrap_or_else(|| id.to_string()))
}
