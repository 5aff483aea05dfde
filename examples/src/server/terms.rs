//! Licence terms: what `wsusss` found becomes what approvals go by.

use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use update_csp::approvals::{Catalog, Terms, UpdateFacts};
use update_csp::{EulaId, UpdateGuid};
use wsusss::catalog::Terms as Found;
use wsusss::messages::FileUrl;
use wsusss::metadata::Update;

use super::store::StoreError;

/// The bridge between the two crates. It fails closed: terms that cannot be told apart count as the
/// update's own, and where anything may be missing, that is said.
#[must_use]
pub fn terms(update: UpdateGuid, found: &Found) -> Terms {
    match found {
        Found::Known { eulas, without_id, complete } => {
            let named = Terms::named(update, eulas.iter().map(wsusss::metadata::EulaId::as_str));
            let own = if *without_id { Terms::own(update) } else { Terms::None };
            let more = if *complete { Terms::None } else { Terms::Unknown };
            named.and(own).and(more)
        }
        // Unknown, and whatever later versions may say.
        _ => Terms::Unknown,
    }
}

/// A file with licence terms, for people.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LicenceText {
    /// The language.
    pub language: String,
    /// The region (a GeoId), if the terms are for one.
    pub region: Option<String>,
    /// Where it can be had; nobody may have said so.
    pub url: Option<String>,
}

/// An update, or a part of it.
struct Member {
    id: String,
    known: bool,
    eula: Option<String>,
    has_files: bool,
}

/// An update and everything that is installed with it, the update first.
fn members(tx: &Transaction<'_>, update: UpdateGuid) -> Result<Vec<Member>, StoreError> {
    let mut statement = tx.prepare_cached(
        // Of a definition update only the classification is noted, so its terms are not known.
        "WITH RECURSIVE member (id, depth) AS (
             SELECT ?1, 0
             UNION
             SELECT part, 1 FROM bundle_part JOIN member ON bundle = member.id
         )
         SELECT member.id, known.id IS NOT NULL AND known.document <> '', known.eula,
                EXISTS (SELECT 1 FROM licence_text WHERE of = member.id)
         FROM member LEFT JOIN update_metadata AS known ON known.id = member.id
         ORDER BY depth, member.id",
    )?;
    let rows = statement.query_map([update.to_string()], |row| {
        let (id, known) = (row.get(0)?, row.get(1)?);
        Ok(Member { id, known, eula: row.get(2)?, has_files: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What `wsusss`'s own catalogue says of an update's terms, from the tables.
fn found(members: &[Member]) -> Found {
    if members.first().is_none_or(|update| !update.known) {
        return Found::Unknown;
    }
    let (mut eulas, mut without_id) = (Vec::new(), false);
    for member in members {
        match member.eula.as_deref().map(str::parse) {
            Some(Ok(eula)) if !eulas.contains(&eula) => eulas.push(eula),
            Some(Ok(_)) => {}
            Some(Err(_)) => without_id = true,
            None => without_id |= member.has_files,
        }
    }
    Found::Known { eulas, without_id, complete: members.iter().all(|member| member.known) }
}

/// What the tables know about these updates. It is read before anybody asks, so that trouble with
/// the database ends the transaction, and is not taken for an update that nobody knows.
pub(super) fn known(
    tx: &Transaction<'_>,
    updates: impl IntoIterator<Item = UpdateGuid>,
) -> Result<Catalog, StoreError> {
    let mut catalog = Catalog::default();
    let mut statement =
        tx.prepare_cached("SELECT title, classification FROM update_metadata WHERE id = ?1")?;
    for update in updates {
        let row: Option<(String, String)> = statement
            .query_row([update.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((title, classification)) = row {
            let terms = terms(update, &found(&members(tx, update)?));
            let facts = UpdateFacts::new(title, classification.parse().ok()).with_terms(terms);
            catalog.insert(update, facts);
        }
    }
    Ok(catalog)
}

/// Every update that something is known about.
pub(super) fn all_known(tx: &Transaction<'_>) -> Result<Vec<UpdateGuid>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT id FROM update_metadata")?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// Where the text of an update's terms can be read.
pub(super) fn texts(
    tx: &Transaction<'_>,
    update: UpdateGuid,
    eula: EulaId,
) -> Result<Vec<LicenceText>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT language, region, url FROM licence_text WHERE of = ?1 ORDER BY language, region",
    )?;
    let mut texts = Vec::new();
    for member in members(tx, update)? {
        let of_member = match &member.eula {
            Some(eula) => Terms::named(update, [eula]),
            None => Terms::own(update),
        };
        if !of_member.eulas().any(|id| id == eula) {
            continue;
        }
        let rows = statement.query_map([&member.id], |row| {
            Ok(LicenceText { language: row.get(0)?, region: row.get(1)?, url: row.get(2)? })
        })?;
        for row in rows {
            let text = row?;
            // Parts share terms, and their files.
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    Ok(texts)
}

/// Notes the parts of an update and the files with its terms, in place of those of before.
pub(super) fn note(
    tx: &Transaction<'_>,
    update: &Update<'_>,
    files: &[FileUrl],
) -> Result<(), StoreError> {
    let id = update.key.id.to_string();
    tx.execute("DELETE FROM bundle_part WHERE bundle = ?1", [&id])?;
    tx.execute("DELETE FROM licence_text WHERE of = ?1", [&id])?;
    for (part, _) in update.bundled_keys() {
        tx.prepare_cached("INSERT OR IGNORE INTO bundle_part (bundle, part) VALUES (?1, ?2)")?
            .execute([&id, &part.to_string()])?;
    }
    for file in &update.eula_files {
        tx.prepare_cached(
            "INSERT INTO licence_text (of, digest, language, region) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id, file.file.digest, file.language, file.geo_id])?;
    }
    note_addresses(tx, &id, files)
}

/// Notes where the files with an update's terms can be had.
pub(super) fn note_addresses(
    tx: &Transaction<'_>,
    update: &str,
    files: &[FileUrl],
) -> Result<(), StoreError> {
    for file in files {
        // Microsoft's servers, or else the one that was asked.
        let urls = [&file.mu_url, &file.uss_url].map(|url| url.as_str());
        let url = urls.into_iter().flatten().find(|url| !url.trim().is_empty());
        tx.prepare_cached("UPDATE licence_text SET url = ?3 WHERE of = ?1 AND digest = ?2")?
            .execute(params![update, file.digest.as_str(), url])?;
    }
    Ok(())
}
