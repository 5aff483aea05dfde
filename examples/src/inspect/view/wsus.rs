//! SOAP messages of MS-WSUSSS.

use std::fmt::Display;

use wsusss::Limits;
use wsusss::messages::{
    AuthConfig, Blob, ConfigData, Cookie, DecryptionData, DeploymentData, DriverRequest,
    DriverSetData, Fault, Guid, IdAndDelta, List, Message, Presence, RevisionRequest,
    ServiceStatus, UpdateData, inspect,
};

use super::{update, xml};
use crate::inspect::{View, cut, short};

/// Identifiers of one list that are shown.
const SHOWN: usize = 200;
/// Characters of a fault's detail.
const DETAIL: usize = 400;
/// Elements that are shown of a message of another protocol.
const ELEMENTS: usize = 60;

pub(in crate::inspect) fn soap(text: &str) -> View {
    let mut view = View::of("SOAP");
    match inspect(text, &Limits::default()) {
        Ok((_, message, found)) => {
            view.line(0, short(message.name()));
            write(&mut view, &message);
            view.note(&found);
            view
        }
        Err(error) => view.failed(&error),
    }
}

/// An optional value as a line shows it.
fn said<T: Display>(value: &Presence<T>) -> String {
    match value {
        Presence::Value(value) => short(&value.to_string()),
        Presence::Nil => "nil".to_owned(),
        Presence::Absent => "none".to_owned(),
    }
}

/// What an answer says, or that it says nothing.
fn result<T>(view: &mut View, result: &Presence<T>, write: impl FnOnce(&mut View, &T)) {
    match result {
        Presence::Value(value) => write(view, value),
        Presence::Nil => view.line(1, "the result is nil"),
        Presence::Absent => view.line(1, "there is no result"),
    }
}

/// Some of a list, a line each, and how many there are in all.
fn list<T: Display>(view: &mut View, depth: usize, what: &str, all: &List<T>) {
    if all.is_absent() || all.is_nil() {
        return;
    }
    view.line(depth, format_args!("{} {what}", all.len()));
    for one in all.iter().take(SHOWN) {
        view.line(depth + 1, short(&one.to_string()));
    }
    if all.len() > SHOWN {
        view.line(depth + 1, format_args!("… {} more", all.len() - SHOWN));
    }
}

fn cookie(view: &mut View, what: &str, cookie: &Presence<Cookie>) {
    if let Some(cookie) = cookie.value() {
        view.line(1, format_args!("{what} that ends {} (not shown)", said(&cookie.expiration)));
    }
}

fn write(view: &mut View, message: &Message<'_>) {
    match message {
        Message::Fault(fault) => write_fault(view, fault),
        Message::GetAuthConfigResponse(config) => result(view, config, write_auth),
        Message::GetAuthorizationCookie(request) => {
            let (name, guid) = (said(&request.account_name), said(&request.account_guid));
            view.line(1, format_args!("account {name}, {guid}"));
            list(view, 1, "program keys", &request.program_keys);
        }
        Message::GetAuthorizationCookieResponse(answer) => result(view, answer, |view, cookie| {
            view.line(1, format_args!("a cookie of {} (not shown)", said(&cookie.plug_in_id)));
        }),
        Message::GetCookie(request) => {
            view.line(1, format_args!("protocol {}", said(&request.protocol_version)));
            view.line(1, format_args!("{} authorization cookies", request.auth_cookies.len()));
            cookie(view, "in place of a cookie", &request.old_cookie);
        }
        Message::GetCookieResponse(answer) => cookie(view, "a cookie", answer),
        Message::GetConfigData(request) => {
            view.line(1, format_args!("anchor {}", said(&request.config_anchor)));
            cookie(view, "with a cookie", &request.cookie);
        }
        Message::GetConfigDataResponse(answer) => result(view, answer, write_config),
        Message::GetRevisionIdList(request) => write_revision_request(view, request),
        Message::GetRevisionIdListResponse(answer) => result(view, answer, |view, revisions| {
            view.line(1, format_args!("anchor {}", said(&revisions.anchor)));
            list(view, 1, "revisions", &revisions.new_revisions);
        }),
        Message::GetUpdateData(request) | Message::GetUpdateDecryptionData(request) => {
            cookie(view, "with a cookie", &request.cookie);
            list(view, 1, "updates", &request.update_ids);
        }
        Message::GetUpdateDataResponse(answer) => result(view, answer, write_update_data),
        Message::GetUpdateDecryptionDataResponse(answer) => result(view, answer, write_keys),
        Message::GetDriverIdList(request) => write_driver_request(view, request),
        Message::GetDriverIdListResponse(answer) => result(view, answer, |view, drivers| {
            view.line(1, format_args!("anchor {}", said(&drivers.anchor)));
            list(view, 1, "revisions", &drivers.new_revisions);
            list(view, 1, "driver sets", &drivers.new_driver_sets);
            list(view, 1, "driver sets are gone", &drivers.removed_driver_sets);
        }),
        Message::GetDriverSetData(request) => {
            cookie(view, "with a cookie", &request.cookie);
            list(view, 1, "driver sets", &request.driver_sets);
        }
        Message::GetDriverSetDataResponse(answer) => result(view, answer, write_driver_sets),
        Message::GetRelatedRevisionsForUpdates(request) => {
            cookie(view, "with a cookie", &request.cookie);
            list(view, 1, "updates", &request.update_ids);
        }
        Message::GetRelatedRevisionsForUpdatesResponse(revisions) => {
            list(view, 1, "revisions", revisions);
        }
        Message::GetDeployments(request) => {
            let (deployments, sync) =
                (said(&request.deployment_anchor), said(&request.sync_anchor));
            view.line(1, format_args!("anchor {deployments}, of the sync {sync}"));
            cookie(view, "with a cookie", &request.cookie);
        }
        Message::GetDeploymentsResponse(answer) => result(view, answer, write_deployments),
        Message::DownloadFiles(request) => {
            cookie(view, "with a cookie", &request.cookie);
            list(view, 1, "files", &request.file_digests);
        }
        Message::Ping(request) => view.line(1, format_args!("level {}", said(&request.level))),
        Message::PingResponse(answer) => {
            result(view, answer, |view, status| write_status(view, status));
        }
        Message::Other { raw, .. } => {
            view.line(1, "of another protocol; its elements:");
            if let Err(error) = xml::write(view, 2, raw, ELEMENTS) {
                view.line(2, format_args!("not readable: {error}"));
            }
        }
        _ => {}
    }
}

fn write_fault(view: &mut View, fault: &Fault) {
    let mut codes = vec![short(&fault.soap_code)];
    codes.extend(fault.subcodes.iter().take(10).map(|code| short(code)));
    codes.extend(fault.code.as_ref().map(|code| short(code.as_str())));
    view.line(1, codes.join(" "));
    for (what, text) in [
        ("reason", Some(&fault.reason)),
        ("message", fault.message.as_ref()),
        ("actor", fault.actor.as_ref()),
        ("method", fault.method.as_ref()),
        ("id", fault.id.as_ref()),
    ] {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            view.line(1, format_args!("{what} {}", cut(text.trim(), DETAIL)));
        }
    }
    for missing in fault.missing_revisions().take(SHOWN) {
        view.line(1, format_args!("the server does not have {missing}"));
    }
    for missing in fault.missing_files().take(SHOWN) {
        view.line(1, format_args!("the server does not have the file {}", short(missing.as_str())));
    }
    for detail in fault.detail.iter().take(SHOWN) {
        view.line(1, format_args!("detail {}", cut(detail.trim(), DETAIL)));
    }
}

fn write_auth(view: &mut View, config: &AuthConfig) {
    for plug_in in config.plug_ins.iter().take(SHOWN) {
        let (id, url) = (said(&plug_in.plug_in_id), said(&plug_in.service_url));
        view.line(1, format_args!("{id} at {url}"));
    }
}

fn write_config(view: &mut View, config: &ConfigData) {
    let (version, languages) = (said(&config.protocol_version), config.languages.len());
    view.line(1, format_args!("protocol {version}, {languages} languages"));
    for (what, value) in [
        ("updates", &config.max_updates),
        ("driver sets", &config.max_driver_sets),
        ("computers", &config.max_computer_ids),
        ("hardware identifiers", &config.max_pnp_hardware_ids),
        ("updates to decrypt", &config.max_updates_decryption),
    ] {
        view.line(1, format_args!("{what} in a request: {}", said(value)));
    }
    for (what, value) in [
        ("only the catalogue is synced", &config.catalog_only_sync),
        ("files are fetched when they are asked for", &config.lazy_sync),
        ("express files are there", &config.server_hosts_psf_files),
    ] {
        view.line(1, format_args!("{what}: {}", said(value)));
    }
    view.line(1, format_args!("anchor {}", said(&config.new_config_anchor)));
}

/// Categories and the like, those that are new since the last time marked.
fn filter(view: &mut View, what: &str, all: &List<IdAndDelta>) {
    let known = |id: &Guid| {
        let name = wsusss::UpdateId::from_u128(id.as_u128()).classification_name();
        name.map_or_else(|| id.to_string(), str::to_owned)
    };
    for one in all.iter().take(SHOWN) {
        let id = one.id.value().map_or_else(|| "?".to_owned(), known);
        let new = if one.delta.value() == Some(&true) { ", only what is new" } else { "" };
        view.line(2, format_args!("{what} {id}{new}"));
    }
    if all.len() > SHOWN {
        view.line(2, format_args!("… {} more", all.len() - SHOWN));
    }
}

fn write_revision_request(view: &mut View, request: &RevisionRequest) {
    cookie(view, "with a cookie", &request.cookie);
    let Some(wanted) = request.filter.value() else {
        return view.line(1, "without a filter");
    };
    let what = match wanted.get_config.value() {
        Some(true) => "categories and detectoids",
        _ => "updates",
    };
    view.line(1, format_args!("{what}, anchor {}", said(&wanted.anchor)));
    filter(view, "category", &wanted.categories);
    filter(view, "classification", &wanted.classifications);
    let languages: Vec<String> =
        wanted.languages.iter().take(SHOWN).map(|language| said(&language.id)).collect();
    if !languages.is_empty() {
        view.line(2, format_args!("languages {}", languages.join(" ")));
    }
}

fn write_update_data(view: &mut View, data: &UpdateData<'_>) {
    let limits = Limits::default();
    let count = data.updates.len();
    for (index, document) in data.updates.iter().enumerate() {
        if view.is_full() {
            view.and_more(count - index);
            break;
        }
        let key = said(&document.key);
        let blob = document.blob();
        let kind = match blob {
            Blob::Compressed(_) => " (compressed)",
            _ => "",
        };
        view.line(1, format_args!("{key}{kind}"));
        match blob.document(&limits) {
            Ok(text) => update::inner(view, 2, &key, &text),
            Err(error) => view.odd(update::broken(&key, &error)),
        }
    }
    view.line(1, format_args!("{} file addresses", data.file_urls.len()));
}

fn write_keys(view: &mut View, data: &DecryptionData) {
    for update in data.updates.iter().take(SHOWN) {
        view.line(1, said(&update.key));
        for file in update.files.iter().take(SHOWN) {
            let key =
                if file.decryption_key.value().is_some() { "a key (not shown)" } else { "no key" };
            view.line(2, format_args!("file {}: {key}", said(&file.digest)));
        }
    }
    if data.updates.len() > SHOWN {
        view.line(1, format_args!("… {} more updates", data.updates.len() - SHOWN));
    }
}

fn write_driver_request(view: &mut View, request: &DriverRequest) {
    cookie(view, "with a cookie", &request.cookie);
    let Some(wanted) = request.filter.value() else {
        return view.line(1, "without a filter");
    };
    view.line(1, format_args!("anchor {}", said(&wanted.anchor)));
    filter(view, "category", &wanted.categories);
    filter(view, "computer", &wanted.computer_ids);
    for one in wanted.pnp_hardware_ids.iter().take(SHOWN) {
        view.line(2, format_args!("hardware {}", said(&one.id)));
    }
    if wanted.pnp_hardware_ids.len() > SHOWN {
        view.line(2, format_args!("… {} more", wanted.pnp_hardware_ids.len() - SHOWN));
    }
}

fn write_driver_sets(view: &mut View, data: &DriverSetData) {
    for set in data.driver_sets.iter().take(SHOWN) {
        view.line(1, format_args!("driver set {}", said(&set.id)));
        view.line(2, said(&set.xml));
    }
    if data.driver_sets.len() > SHOWN {
        view.line(1, format_args!("… {} more", data.driver_sets.len() - SHOWN));
    }
}

fn write_deployments(view: &mut View, data: &DeploymentData) {
    view.line(1, format_args!("anchor {}", said(&data.anchor)));
    for group in data.groups.iter().take(SHOWN) {
        view.line(1, format_args!("group {} {}", said(&group.id), said(&group.name)));
    }
    for one in data.deployments.iter().take(SHOWN) {
        let (update, revision) = (said(&one.update_id), said(&one.revision_number));
        let (action, group) = (said(&one.action), said(&one.target_group_id));
        let deadline = said(&one.deadline);
        view.line(
            1,
            format_args!(
                "{update} revision {revision}: action {action} for group {group}, deadline {deadline}"
            ),
        );
    }
    if data.deployments.len() > SHOWN {
        view.line(1, format_args!("… {} more", data.deployments.len() - SHOWN));
    }
    list(view, 1, "deployments are gone", &data.dead_deployments);
    list(view, 1, "updates are hidden", &data.hidden_updates);
    list(view, 1, "licence terms are accepted", &data.accepted_eulas);
}

fn write_status(view: &mut View, status: &ServiceStatus) {
    let success = match status.success.value() {
        Some(true) => "well",
        Some(false) => "not well",
        None => "it does not say how",
    };
    let (name, machine) = (said(&status.services_name), said(&status.services_machine));
    view.line(1, format_args!("{name} at {machine}: {success}"));
    view.line(1, format_args!("its time is {}", said(&status.services_time)));
}
