//! What each request is answered with (MS-WSUSSS 3.1.4).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::cookie::{self, Session};
use super::{Catalog, Selection, Server, plain_fault};
use crate::id::{UpdateId, UpdateKey, XsDateTime};
use crate::messages::{
    AuthConfig, AuthPlugIn, AuthorizationCookie, AuthorizationRequest, Base64, ConfigData, Cookie,
    CookieRequest, DecryptionData, DriverSet, DriverSetData, Empty, Fault, FaultCode, IdAndDelta,
    Language, List, Message, Presence, RevisionFilter, RevisionList, ServiceStatus, UpdateData,
    UpdateDecryption, UpdateDocument,
};

type Reply = Result<Message<'static>, Box<Fault>>;

/// The most digests in one DownloadFiles (MS-WSUSSS 3.1.4.11).
const MAX_DOWNLOADS: usize = 100;

fn fault(code: FaultCode) -> Box<Fault> {
    Box::new(Fault::new(code))
}

fn parameter(name: &str) -> Box<Fault> {
    Box::new(Fault::new(FaultCode::InvalidParameters).with_message(name))
}

fn is_missing<T>(list: &List<T>) -> bool {
    list.is_absent() || list.is_nil()
}

fn too_many(count: usize, max: u32) -> bool {
    usize::try_from(max).is_ok_and(|max| count > max)
}

fn number(value: u32) -> Presence<i32> {
    i32::try_from(value).unwrap_or(i32::MAX).into()
}

impl<C: Catalog> Server<C> {
    pub(super) fn reply(&self, request: &Message<'_>, now: DateTime<Utc>) -> Reply {
        Ok(match request {
            Message::GetAuthConfig(_) => {
                Message::GetAuthConfigResponse(self.authorization_config().into())
            }
            Message::GetAuthorizationCookie(request) => self.authorization_cookie(request)?,
            Message::GetCookie(request) => self.cookie(request, now)?,
            Message::GetConfigData(request) => {
                self.check(&request.cookie, now)?;
                let known = cookie::change(request.config_anchor.as_str(), "configAnchor")?;
                Message::GetConfigDataResponse(self.config_data(known, now).into())
            }
            Message::GetRevisionIdList(request) => {
                let session = self.check(&request.cookie, now)?;
                let filter = request.filter.value().ok_or_else(|| parameter("filter"))?;
                Message::GetRevisionIdListResponse(self.revisions(filter, &session, now)?.into())
            }
            Message::GetUpdateData(request) => {
                self.check(&request.cookie, now)?;
                if is_missing(&request.update_ids)
                    || too_many(request.update_ids.len(), self.config.max_updates)
                {
                    return Err(parameter("updateIds"));
                }
                Message::GetUpdateDataResponse(self.update_data(&request.update_ids)?.into())
            }
            Message::GetUpdateDecryptionData(request) => {
                self.check(&request.cookie, now)?;
                let most = self.config.max_updates_decryption;
                if is_missing(&request.update_ids) || too_many(request.update_ids.len(), most) {
                    return Err(parameter("updateIds"));
                }
                let mut updates = List::default();
                for key in &request.update_ids {
                    let files = self.catalog.decryption(*key);
                    let files = files.ok_or_else(|| fault(FaultCode::InternalServerError))?;
                    updates.push(UpdateDecryption { key: (*key).into(), files: files.into() });
                }
                Message::GetUpdateDecryptionDataResponse(DecryptionData { updates }.into())
            }
            Message::GetDriverIdList(request) => {
                self.check(&request.cookie, now)?;
                let filter = request.filter.value().ok_or_else(|| parameter("filter"))?;
                if too_many(filter.computer_ids.len(), self.config.max_computer_ids)
                    || too_many(filter.pnp_hardware_ids.len(), self.config.max_pnp_hardware_ids)
                {
                    return Err(parameter("filter"));
                }
                let since = cookie::change(filter.anchor.as_str(), "filter")?;
                let mut list = self.catalog.drivers(filter, since);
                list.anchor = cookie::anchor(self.catalog.change(), now).into();
                Message::GetDriverIdListResponse(list.into())
            }
            Message::GetDriverSetData(request) => {
                self.check(&request.cookie, now)?;
                if is_missing(&request.driver_sets) {
                    return Err(parameter("driverSets"));
                }
                if too_many(request.driver_sets.len(), self.config.max_driver_sets) {
                    return Err(fault(FaultCode::TooManyIds));
                }
                let sets = request.driver_sets.iter().filter_map(|id| {
                    let xml = self.catalog.driver_set(*id)?;
                    Some(DriverSet { id: (*id).into(), xml: xml.into() })
                });
                let data = DriverSetData { driver_sets: sets.collect() };
                Message::GetDriverSetDataResponse(data.into())
            }
            Message::GetDeployments(request) => {
                self.check(&request.cookie, now)?;
                let since = cookie::change(request.deployment_anchor.as_str(), "deploymentAnchor")?;
                let upto = cookie::change(request.sync_anchor.as_str(), "syncAnchor")?;
                let upto = upto.ok_or_else(|| parameter("syncAnchor"))?;
                let mut data = self.catalog.deployments(since, upto);
                // What is later than the client's updates is told the next time.
                let told = upto.max(since.unwrap_or_default()).min(self.catalog.change());
                data.anchor = cookie::anchor(told, now).into();
                Message::GetDeploymentsResponse(data.into())
            }
            Message::DownloadFiles(request) => {
                self.check(&request.cookie, now)?;
                if is_missing(&request.file_digests) || request.file_digests.len() > MAX_DOWNLOADS {
                    return Err(parameter("fileDigestList"));
                }
                let missing = request.file_digests.iter().filter(|one| !self.catalog.has_file(one));
                let missing: Vec<&str> = missing.map(Base64::as_str).collect();
                if !missing.is_empty() {
                    let fault = Fault::new(FaultCode::FileDigestsMissing);
                    return Err(Box::new(fault.with_message(missing.join("|"))));
                }
                Message::DownloadFilesResponse(Empty::default())
            }
            // By a catalogue that tells nothing it is ignored (MS-WSUSSS 3.1.4.9), whoever asks.
            Message::GetRelatedRevisionsForUpdates(_)
                if !self.catalog.tells_current_revisions() =>
            {
                Message::GetRelatedRevisionsForUpdatesResponse(List::default())
            }
            Message::GetRelatedRevisionsForUpdates(request) => {
                self.check(&request.cookie, now)?;
                if too_many(request.update_ids.len(), self.config.max_updates) {
                    return Err(parameter("updateIDs"));
                }
                let current = |id: &UpdateId| self.catalog.current_revision(*id);
                let known = request.update_ids.iter();
                let known = known.filter_map(|id| Some(UpdateKey::new(*id, current(id)?)));
                Message::GetRelatedRevisionsForUpdatesResponse(known.collect())
            }
            Message::Ping(_) => {
                let status = ServiceStatus {
                    success: true.into(),
                    services_time: XsDateTime::from(now).into(),
                    is_https: false.into(),
                    ..ServiceStatus::default()
                };
                Message::PingResponse(Box::new(status).into())
            }
            other => {
                #[cfg(feature = "reporting")]
                if let Some(reply) = self.rollup(other) {
                    return Ok(reply);
                }
                let reason = format!(
                    "Server did not recognize the value of HTTP Header SOAPAction: {}.",
                    other.name()
                );
                return Err(Box::new(plain_fault(reason)));
            }
        })
    }

    fn authorization_config(&self) -> AuthConfig {
        let plug_in = AuthPlugIn {
            plug_in_id: "DssTargeting".into(),
            service_url: self.config.authorization_service.as_str().into(),
            parameter: "".into(),
        };
        AuthConfig {
            last_change: XsDateTime::new("2026-01-01T00:00:00.000Z").into(),
            plug_ins: vec![plug_in].into(),
            allowed_event_ids: List::absent(),
        }
    }

    /// *Observed*: a name that is none is refused under the name of another parameter.
    fn authorization_cookie(&self, request: &AuthorizationRequest) -> Reply {
        let valid = |part: &str| {
            let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            !part.is_empty() && part.len() <= 63 && part.chars().all(inner)
        };
        let name = request.account_name.as_str().unwrap_or_default();
        if name.len() > 255 || !name.split('.').all(valid) {
            return Err(parameter("machineName"));
        }
        let guid = request.account_guid.as_str().unwrap_or_default();
        let Ok(guid) = guid.parse::<crate::messages::Guid>() else {
            return Err(parameter("accountGuid"));
        };
        let cookie = cookie::authorization(&self.config, &guid.to_string());
        Ok(Message::GetAuthorizationCookieResponse(AuthorizationCookie::new(cookie).into()))
    }

    fn cookie(&self, request: &CookieRequest, now: DateTime<Utc>) -> Reply {
        let [Some(authorization)] = request.auth_cookies.slots() else {
            return Err(parameter("authCookies"));
        };
        // First: an authorization cookie of another server is not good either, and only this tells
        // the client that its anchors are not. *Decision*: MS-WSUSSS 3.1.4.3 does not say what the
        // old cookie is for; MS-WUSP's GetCookie answers so.
        let old = request.old_cookie.value().and_then(|cookie| cookie.encrypted_data.value());
        if old.is_some_and(|old| cookie::is_of_another(&self.config, old)) {
            return Err(fault(FaultCode::ServerChanged));
        }
        let account = authorization.cookie_data.value();
        let account = account.and_then(|cookie| cookie::account(&self.config, cookie));
        let account = account.ok_or_else(|| fault(FaultCode::InvalidAuthorizationCookie))?;
        let version = request.protocol_version.as_str().unwrap_or_default();
        cookie::minor(version)?;
        let ends = now.checked_add_signed(self.config.cookie_life).unwrap_or(now);
        let data = cookie::session(&self.config, &account, ends, version);
        Ok(Message::GetCookieResponse(Cookie::new(ends.into(), data).into()))
    }

    fn check(&self, cookie: &Presence<Cookie>, now: DateTime<Utc>) -> Result<Session, Box<Fault>> {
        let data = cookie.value().and_then(|cookie| cookie.encrypted_data.value());
        let data = data.ok_or_else(|| fault(FaultCode::InvalidCookie))?;
        let session = cookie::read(&self.config, data)?;
        cookie::minor(&session.protocol_version)?;
        if now.timestamp() >= session.ends {
            return Err(fault(FaultCode::InvalidCookie));
        }
        Ok(session)
    }

    fn config_data(&self, known: Option<u64>, now: DateTime<Utc>) -> ConfigData {
        let config = &self.config;
        let all = Language {
            id: 0.into(),
            short: "all".into(),
            long: "all".into(),
            enabled: config.all_languages.into(),
        };
        // Only what has changed; the languages do not change while the configuration does not.
        let changed = known.is_none_or(|known| known < config.generation);
        let languages = config.languages.iter().filter(|_| changed).cloned();
        ConfigData {
            catalog_only_sync: false.into(),
            lazy_sync: false.into(),
            server_hosts_psf_files: false.into(),
            max_computer_ids: number(config.max_computer_ids),
            max_driver_sets: number(config.max_driver_sets),
            max_pnp_hardware_ids: number(config.max_pnp_hardware_ids),
            max_updates: number(config.max_updates),
            new_config_anchor: cookie::anchor(config.generation, now).into(),
            protocol_version: config.protocol_version.as_str().into(),
            languages: [all].into_iter().chain(languages).collect(),
            max_updates_decryption: number(config.max_updates_decryption),
        }
    }

    fn revisions(
        &self,
        filter: &RevisionFilter,
        session: &Session,
        now: DateTime<Utc>,
    ) -> Result<RevisionList, Box<Fault>> {
        let since = cookie::change(filter.anchor.as_str(), "filter")?;
        let wanted = |list: &List<IdAndDelta>| {
            let one = |one: &IdAndDelta| {
                Some(((*one.id.value()?).into(), one.delta.value().copied().unwrap_or_default()))
            };
            list.iter().filter_map(one).collect()
        };
        let keys = if filter.get_config.value() == Some(&true) {
            self.catalog.categories(since)
        } else {
            let languages = filter.languages.iter().filter_map(|one| {
                Some((*one.id.value()?, one.delta.value().copied().unwrap_or_default()))
            });
            let protocol_minor = cookie::minor(&session.protocol_version)?;
            let only_63 = filter.get_63_language_only.value() == Some(&true);
            self.catalog.updates(&Selection {
                categories: wanted(&filter.categories),
                classifications: wanted(&filter.classifications),
                languages: languages.collect(),
                since,
                protocol_minor,
                // Version 1.1 does not have the field (3.1.4.5).
                only_63_languages: only_63 || protocol_minor < 2,
            })
        };
        Ok(RevisionList {
            anchor: cookie::anchor(self.catalog.change(), now).into(),
            new_revisions: keys.into(),
        })
    }

    /// *Observed*: what is asked for twice is answered twice, and what is not known fails it all.
    fn update_data(&self, keys: &List<UpdateKey>) -> Result<UpdateData<'static>, Box<Fault>> {
        let mut data = UpdateData { updates: List::default(), file_urls: List::default() };
        let mut named = BTreeSet::new();
        for key in keys {
            let stored = self.catalog.document(*key);
            let stored = stored.ok_or_else(|| fault(FaultCode::InternalServerError))?;
            let mut document = match stored.document {
                Ok(text) => UpdateDocument::text(*key, text),
                Err(cabinet) => UpdateDocument::compressed(*key, cabinet.as_str().to_owned()),
            };
            document.file_digests = List::from(stored.file_digests).or_absent();
            data.updates.push(document);
            for url in stored.file_urls {
                if named.insert(url.digest.as_str().map(str::to_owned)) {
                    data.file_urls.push(url);
                }
            }
        }
        Ok(data)
    }
}
