//! What IT decides: licence terms and approvals.

use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use update_csp::approvals::{ApprovalError, Decision as Signed, Terms};
use update_csp::{EulaId, UpdateGuid};

use super::store;
use super::windows::{ledger, title};
use super::{Server, ServerError};

/// What became of a decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// It counts.
    Taken,
    /// It does not, and why.
    Refused(String),
}

/// An update that waits for IT.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Pending {
    /// The update.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its licence terms, if nobody accepted them yet.
    pub eula: Option<String>,
}

impl Server {
    /// The updates that are known and not approved.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn pending_updates(&self) -> Result<Vec<Pending>, ServerError> {
        self.store().transaction(|tx| {
            let ledger = ledger(tx)?;
            let mut statement =
                tx.prepare_cached("SELECT id, title, eula FROM update_metadata ORDER BY title")?;
            let rows = statement.query_map([], |row| {
                Ok(Pending { id: row.get(0)?, title: row.get(1)?, eula: row.get(2)? })
            })?;
            let mut pending = Vec::new();
            for row in rows {
                let mut update = row?;
                let accepted =
                    |id: &String| id.parse::<EulaId>().is_ok_and(|id| ledger.is_accepted(id));
                update.eula = update.eula.filter(|id| !accepted(id));
                let approved =
                    update.id.parse::<UpdateGuid>().is_ok_and(|id| ledger.is_approved(id, None));
                if !approved {
                    pending.push(update);
                }
            }
            Ok(pending)
        })
    }

    /// Approves an update on all devices of the All ring.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn approve(&self, id: &str) -> Result<Decision, ServerError> {
        let Ok(update) = id.parse::<UpdateGuid>() else {
            return Ok(Decision::Refused(format!("{id} is no update")));
        };
        self.store().transaction(|tx| {
            let eula: Option<Option<String>> = tx
                .query_row(
                    "SELECT eula FROM update_metadata WHERE id = ?1",
                    [update.to_string()],
                    |row| row.get(0),
                )
                .optional()?;
            // Without metadata nobody knows whether there are terms to accept.
            let Some(eula) = eula else {
                return Ok(Decision::Refused(format!("nothing is known about {update}")));
            };
            let eula = eula.and_then(|id| id.parse::<EulaId>().ok());
            let title = title(tx, update)?;
            let mut ledger = ledger(tx)?;
            match ledger.approvable(update, Terms::from(eula)) {
                Ok(proof) => {
                    let new = ledger.approve(proof, Signed::new("IT", self.now()));
                    store::set_value(tx, "ledger", &ledger)?;
                    if new {
                        self.decide(tx, "update", &update.to_string())?;
                        self.line("IT", format_args!("approves {title}"));
                    }
                    Ok(Decision::Taken)
                }
                Err(error) => {
                    self.decide(tx, "refused", &update.to_string())?;
                    self.line("IT", format_args!("cannot approve {title}: {error}"));
                    let why = match error {
                        ApprovalError::EulaNotAccepted(eula) => format!("eula {eula}"),
                        other => other.to_string(),
                    };
                    Ok(Decision::Refused(why))
                }
            }
        })
    }

    /// Accepts licence terms for everybody.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn accept_eula(&self, id: &str) -> Result<Decision, ServerError> {
        let Ok(eula) = id.parse::<EulaId>() else {
            return Ok(Decision::Refused(format!("{id} are no licence terms")));
        };
        self.store().transaction(|tx| {
            let mut ledger = ledger(tx)?;
            if !ledger.is_accepted(eula) {
                ledger.accept_eula(eula, Signed::new("IT", self.now()));
                store::set_value(tx, "ledger", &ledger)?;
                self.decide(tx, "eula", &eula.to_string())?;
                self.line("IT", format_args!("reads and accepts the licence terms {eula}"));
            }
            Ok(Decision::Taken)
        })
    }

    /// How many decisions of a kind were taken: `eula`, `update`, `driver`, `refused`.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn decisions(&self, what: &str) -> Result<i64, ServerError> {
        self.store().transaction(|tx| {
            let count = "SELECT count(*) FROM decision WHERE what = ?1";
            Ok(tx.query_row(count, [what], |row| row.get(0))?)
        })
    }

    /// How many known updates have licence terms.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn updates_with_terms(&self) -> Result<i64, ServerError> {
        self.store().transaction(|tx| {
            let count = "SELECT count(*) FROM update_metadata WHERE eula IS NOT NULL";
            Ok(tx.query_row(count, [], |row| row.get(0))?)
        })
    }

    /// Whether no device has a command waiting.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn nothing_is_queued(&self) -> Result<bool, ServerError> {
        self.store().transaction(|tx| {
            let waiting = "SELECT 1 FROM command WHERE state IN ('queued', 'sent')";
            Ok(!tx.prepare_cached(waiting)?.exists([])?)
        })
    }

    pub(super) fn decide(
        &self,
        tx: &Transaction<'_>,
        what: &str,
        subject: &str,
    ) -> Result<(), ServerError> {
        tx.execute(
            "INSERT INTO decision (at, who, what, subject) VALUES (?1, 'IT', ?2, ?3)",
            params![self.now().to_rfc3339(), what, subject],
        )?;
        Ok(())
    }
}
