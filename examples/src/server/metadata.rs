//! Metadata from Microsoft Update.

use rusqlite::{Transaction, params};
use update_csp::{Classification, UpdateGuid};
use wsusss::messages::FileUrl;
use wsusss::metadata::{Select, Update};
use wsusss::sync::{Config, Event, Phase, Sync, Want};
use wsusss::{UpdateId, UpdateKey};

use super::store::{self, StoreError};
use super::{Server, ServerError, terms};

impl Server {
    fn sync_config(&self) -> Config {
        let mut config = Config::new(
            self.0.partners.update.clone(),
            "mdm.contoso.example",
            "8d3c2a10-6f6e-4c55-9d0f-3f6c1d2e4b5a",
        );
        // The terms of a bundle are those of all of its parts.
        config.bundles = u32::MAX;
        config
    }

    fn sync(&self, tx: &Transaction<'_>) -> Result<Sync, ServerError> {
        let state = store::value(tx, "sync")?;
        let config = self.sync_config();
        match state {
            None => Ok(Sync::new(&config)),
            Some(state) => Sync::resume(state, &config)
                .map_err(|error| ServerError::Version(error.to_string())),
        }
    }

    /// Notes the updates that a device needs and nobody knows.
    pub(super) fn want_metadata(
        &self,
        tx: &Transaction<'_>,
        updates: impl Iterator<Item = (UpdateGuid, u32)>,
    ) -> Result<(), ServerError> {
        let mut sync = self.sync(tx)?;
        // With their revisions: a newer one of an update that is needed already is news.
        let before = sync.needed();
        for (id, revision) in updates {
            let key = UpdateKey::new(UpdateId::from_u128(id.as_u128()), revision);
            if sync.want(key) == Want::LeftOut {
                note_definition_update(tx, key)?;
            }
        }
        if sync.needed() != before {
            store::set_value(tx, "sync", sync.state())?;
        }
        Ok(())
    }

    /// Whether no run is under way, which may still bring parts of what is known.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn metadata_is_settled(&self) -> Result<bool, ServerError> {
        self.store().transaction(|tx| Ok(self.sync(tx)?.progress().phase == Phase::Idle))
    }

    /// Syncs what is due. To be called whenever a timer fires; it does nothing in between.
    ///
    /// # Errors
    /// [`ServerError`]. Trouble with the upstream is no error: the machine tries again later.
    pub async fn sync_metadata(&self) -> Result<(), ServerError> {
        loop {
            // What is about to be sent is stored first, so that after a crash the same request is
            // sent again instead of another one.
            let request = self.store().transaction(|tx| {
                let mut sync = self.sync(tx)?;
                let request = sync.poll_transmit(self.now());
                self.sync_events(tx, &mut sync)?;
                Ok::<_, ServerError>(request)
            })?;
            let Some(request) = request else { return Ok(()) };
            let headers = [
                ("content-type".to_owned(), request.content_type.to_owned()),
                ("soapaction".to_owned(), request.soap_action.clone()),
            ];
            let answer =
                self.0.http.send("wsusss", "POST", &request.url, &headers, request.body).await;
            self.store().transaction(|tx| {
                let mut sync = self.sync(tx)?;
                let now = self.now();
                // An answer that nobody waits for any more is dropped.
                let _ = match &answer {
                    Ok(answer) => sync.handle_response(now, request.token, &answer.body),
                    Err(error) => sync.handle_no_answer(now, request.token, error.to_string()),
                };
                self.sync_events(tx, &mut sync)
            })?;
        }
    }

    fn sync_events(&self, tx: &Transaction<'_>, sync: &mut Sync) -> Result<(), ServerError> {
        while let Some(event) = sync.poll_event() {
            match event {
                Event::Update { key, document, files, .. } => {
                    self.store_document(tx, key, &document, &files)?;
                    sync.committed(key);
                }
                Event::Files { key, files, .. } => {
                    terms::note_addresses(tx, &key.id.to_string(), &files)?;
                }
                Event::DefinitionUpdateSkipped(key) => {
                    note_definition_update(tx, key)?;
                    self.line(
                        "metadata",
                        format_args!("{} is a definition update: left out", key.id),
                    );
                }
                Event::Unavailable { key, until } => self.line(
                    "metadata",
                    format_args!(
                        "{} is not at Microsoft Update; next try {}",
                        key.id,
                        until.format("%H:%M")
                    ),
                ),
                Event::Unreadable { key, error } => {
                    self.line("metadata", format_args!("{} cannot be read: {error}", key.id));
                }
                Event::CookieChanged => self.line("metadata", "authorized at Microsoft Update"),
                Event::Failed(reason) => self.line("metadata", format_args!("failed: {reason:?}")),
                _ => {}
            }
        }
        store::set_value(tx, "sync", sync.state())?;
        Ok(())
    }

    fn store_document(
        &self,
        tx: &Transaction<'_>,
        key: UpdateKey,
        document: &str,
        files: &[FileUrl],
    ) -> Result<(), ServerError> {
        let limits = self.sync_config().limits;
        let update = match Update::read(document, Select::SUMMARY, &limits) {
            Ok(update) => update,
            Err(error) => {
                self.line("metadata", format_args!("{} cannot be read: {error}", key.id));
                return Ok(());
            }
        };
        let classes: Vec<UpdateId> = Classification::all()
            .iter()
            .map(|class| UpdateId::from_u128(class.id().as_u128()))
            .collect();
        let classification = update.classification(&classes).map(|id| id.to_string());
        let title = update.title("en").unwrap_or_default();
        let articles: Vec<String> = update.articles().map(|article| article.to_string()).collect();
        tx.execute(
            "INSERT OR REPLACE INTO update_metadata
             (id, revision, title, kb, classification, eula, deployable, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                key.id.to_string(),
                key.revision,
                title,
                articles.join(" "),
                classification.unwrap_or_default(),
                update.eula_id(),
                update.is_deployable(),
                document,
            ],
        )?;
        terms::note(tx, &update, files)?;
        let terms = if update.needs_eula() { ", with licence terms" } else { "" };
        self.line("metadata", format_args!("faulted in: {title}{terms}"));
        Ok(())
    }
}

/// Notes the classification of a definition update. It is all that anybody needs of it: it is
/// approved as a class, and counts as such when it is missing or fails.
fn note_definition_update(tx: &Transaction<'_>, key: UpdateKey) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO update_metadata
         (id, revision, title, kb, classification, deployable, document)
         VALUES (?1, ?2, '', '', ?3, 1, '')",
    )?
    .execute(params![
        key.id.to_string(),
        key.revision,
        Classification::DEFINITION_UPDATES.id().to_string()
    ])?;
    Ok(())
}
