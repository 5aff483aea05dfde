//! What IT decides: licence terms and approvals.

use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};
use update_csp::approvals::{ApprovalError, Decision as Signed, UpdateMetadata};
use update_csp::{EulaId, UpdateGuid};

use super::terms::LicenceText;
use super::windows::{ledger, title};
use super::{Server, ServerError, store, terms};

/// What became of a decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// It counts.
    Taken,
    /// It does not, and why.
    Refused(String),
}

/// Licence terms that nobody accepted yet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TermsToRead {
    /// What they are accepted by.
    pub id: String,
    /// Where they can be read.
    pub texts: Vec<LicenceText>,
}

/// An update that waits for IT.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Pending {
    /// The update.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its licence terms that have to be accepted first.
    pub terms: Vec<TermsToRead>,
    /// Parts of it are not known, so there may be more: it cannot be approved yet.
    pub parts_missing: bool,
}

impl Server {
    /// The updates that are known and not approved, and those that were and whose terms are to be
    /// read again.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn pending_updates(&self) -> Result<Vec<Pending>, ServerError> {
        self.store().transaction(|tx| {
            let ledger = ledger(tx)?;
            // What is only a part of others is approved with them.
            let mut statement = tx.prepare_cached(
                "SELECT id FROM update_metadata
                 WHERE deployable OR id NOT IN (SELECT part FROM bundle_part) ORDER BY title, id",
            )?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            let ids: Vec<UpdateGuid> = rows.iter().filter_map(|id| id.parse().ok()).collect();
            let metadata = terms::known(tx, ids.iter().copied())?;
            let mut pending = Vec::new();
            for id in ids {
                if ledger.covers(id, &metadata) {
                    continue;
                }
                let known = metadata.terms(id);
                let mut to_read = Vec::new();
                for eula in known.eulas().filter(|eula| !ledger.is_accepted(*eula)) {
                    let texts = terms::texts(tx, id, eula)?;
                    to_read.push(TermsToRead { id: eula.to_string(), texts });
                }
                pending.push(Pending {
                    id: id.to_string(),
                    title: title(tx, id)?,
                    terms: to_read,
                    parts_missing: !known.is_complete(),
                });
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
            let metadata = terms::known(tx, [update])?;
            // Without metadata nobody knows whether there are terms to accept.
            if metadata.get(update).is_none() {
                return Ok(Decision::Refused(format!("nothing is known about {update}")));
            }
            let title = title(tx, update)?;
            let mut ledger = ledger(tx)?;
            match ledger.approvable(update, &metadata.terms(update)) {
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
                        ApprovalError::EulasNotAccepted(eulas) => {
                            let eulas: Vec<String> =
                                eulas.iter().map(ToString::to_string).collect();
                            format!("eula {}", eulas.join(" "))
                        }
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
            let count = "SELECT count(*) FROM update_metadata
                         WHERE eula IS NOT NULL OR id IN (SELECT of FROM licence_text)";
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
