//! Windows devices: one SyncML message in, one out, in one transaction.

use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use syncml::Command;
use syncml::session::{Config, Event, Outcome, Session, SessionState, Transmit, Verdict, peek};
use update_csp::approvals::{ApprovalLedger, NodeForm, is_approved_by};
use update_csp::plan::{self, PolicyQuery, Reported, Step};
use update_csp::policy::PolicySet;
use update_csp::policy::values::RequireUpdateApproval;
use update_csp::{Inventory, Query, Shape, UpdateGuid};

use super::store::{self, StoreError};
use super::{Server, ServerError, terms};

/// The address that devices are enrolled with.
const SERVER_URI: &str = "https://mdm.contoso.example/ManagementServer/MDM.svc";

/// Why a command was queued: what its outcome means.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Purpose {
    Policies,
    Policy(Step),
    Read(Query),
    Approve(UpdateGuid),
}

struct Device {
    id: String,
    name: String,
    ring: String,
    session: Option<SessionState<i64>>,
    inventory: Inventory,
    policies: Reported,
}

impl Server {
    /// Enrols a Windows device into a ring; nothing happens if it is enrolled already.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn enrol_windows(&self, id: &str, name: &str, ring: &str) -> Result<(), ServerError> {
        let new = self.store().transaction(|tx| {
            Ok::<_, ServerError>(tx.execute(
                "INSERT OR IGNORE INTO device (id, name, kind, ring) VALUES (?1, ?2, 'windows', ?3)",
                params![id, name, ring],
            )?)
        })?;
        if new > 0 {
            self.line(name, format_args!("enrolled, ring: {ring}"));
        }
        Ok(())
    }

    /// Answers a device's message.
    ///
    /// # Errors
    /// [`ServerError`]; nothing is changed then.
    pub fn handle_windows(&self, body: &[u8]) -> Result<Transmit, ServerError> {
        let config = Config::new(SERVER_URI);
        // A real server takes the device's identity from its client certificate.
        let who = peek(body, &config.limits)?;
        self.store().transaction(|tx| {
            let mut device = load(tx, &who.device)?;
            // Of a session that the device gave up, what was not sent goes into the next, and what
            // it may have executed ends without an answer: each session asks and plans anew.
            let mut session = Session::open(device.session.take(), &who, &config)?;
            session.handle_message(self.now(), body)?;
            self.react(tx, &mut device, &mut session)?;
            // The last message may come again, or the device may leave: the next session has it.
            if !session.is_ended() {
                self.plan(tx, &device)?;
                for (row, command) in queued(tx, &device.id)? {
                    session.submit(row, command)?;
                    tx.execute("UPDATE command SET state = 'sent' WHERE id = ?1", [row])?;
                }
            }
            let answer = session.poll_transmit(self.now())?;
            // What fits in no message has its outcome only now.
            self.react(tx, &mut device, &mut session)?;
            tx.execute(
                "UPDATE device SET session = ?2, inventory = ?3, policies = ?4, last_seen = ?5
                 WHERE id = ?1",
                params![
                    device.id,
                    session.into_state().to_bytes(),
                    serde_json::to_string(&device.inventory)?,
                    serde_json::to_string(&device.policies)?,
                    self.now().to_rfc3339(),
                ],
            )?;
            Ok(answer)
        })
    }

    /// Whether every Windows device has the policies of its ring, by its own word.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn policies_are_set(&self) -> Result<bool, ServerError> {
        self.store().transaction(|tx| {
            let mut devices = tx.prepare_cached("SELECT id FROM device WHERE kind = 'windows'")?;
            let devices = devices.query_map([], |row| row.get::<_, String>(0))?;
            for id in devices {
                let device = load(tx, &id?)?;
                if !ring_policies(&device.ring).diff(&device.policies).is_empty() {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    fn react(
        &self,
        tx: &Transaction<'_>,
        device: &mut Device,
        session: &mut Session<i64>,
    ) -> Result<(), ServerError> {
        while let Some(event) = session.poll_event() {
            self.windows_event(tx, device, event)?;
        }
        Ok(())
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
                let policies = PolicyQuery::All.command(Shape::StructData);
                queue(tx, &device.id, &Purpose::Policies, &policies)?;
                for query in Query::ALL {
                    let read = query.command(Shape::StructData);
                    queue(tx, &device.id, &Purpose::Read(query), &read)?;
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
            Purpose::Policies => {
                let code = code.filter(|_| !outcome.truncated);
                for finding in device.policies.apply(&PolicyQuery::All, code, &outcome.results) {
                    self.line(&device.name, format_args!("odd answer: {finding:?}"));
                }
                for step in ring_policies(&device.ring).diff(&device.policies) {
                    queue(tx, &device.id, &Purpose::Policy(step.clone()), &step.command())?;
                }
                true
            }
            Purpose::Policy(step) => match code.map(|code| device.policies.record(&step, code)) {
                Some(plan::Outcome::Done) => true,
                Some(plan::Outcome::Retry(again)) => {
                    queue(tx, &device.id, &Purpose::Policy(again.clone()), &again.command())?;
                    false
                }
                // The next session sees what is missing, and tries again.
                _ => {
                    self.line(&device.name, format_args!("did not take {step}: {words}"));
                    false
                }
            },
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
            queue(tx, &device.id, &Purpose::Approve(update), &command)?;
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
            "SELECT name, ring, session, inventory, policies FROM device
             WHERE id = ?1 AND kind = 'windows'",
        )?
        .query_row([id], |row| {
            let texts: (String, String) = (row.get(0)?, row.get(1)?);
            let session: Option<Vec<u8>> = row.get(2)?;
            let reports: (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
            Ok((texts, session, reports))
        })
        .optional()?;
    let Some(((name, ring), session, (inventory, policies))) = row else {
        return Err(ServerError::NotEnrolled(id.chars().take(64).collect()));
    };
    let session = session.map(|bytes| SessionState::from_bytes(&bytes)).transpose()?;
    let inventory = inventory.map(|json| serde_json::from_str(&json)).transpose()?;
    let inventory = inventory.unwrap_or_default();
    let policies: Option<Reported> =
        policies.map(|json| serde_json::from_str(&json)).transpose()?;
    let policies = policies.unwrap_or_default().checked();
    let policies = policies.map_err(|error| ServerError::Version(error.to_string()))?;
    Ok(Device { id: id.to_owned(), name, ring, session, inventory, policies })
}

/// Queues a command, unless one for the same purpose waits.
fn queue(
    tx: &Transaction<'_>,
    device: &str,
    purpose: &Purpose,
    command: &Command<'_>,
) -> Result<(), StoreError> {
    if is_waiting(tx, device, purpose)? {
        return Ok(());
    }
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
