//! Writing messages, in the order of the WSDL.

use mdm_xml::Writer;

use super::{Blob, Cookie, Fault, IdAndDelta, Message, Soap};
use crate::error::{Error, ErrorKind};
use crate::id::UpdateKey;

const SERVER_SYNC: &str = "http://www.microsoft.com/SoftwareDistribution";
const DSS_AUTH: &str = "http://www.microsoft.com/SoftwareDistribution/Server/DssAuthWebService";

fn namespace(message: &Message<'_>) -> &'static str {
    match message {
        Message::GetAuthorizationCookie(_) | Message::GetAuthorizationCookieResponse(_) => DSS_AUTH,
        _ => SERVER_SYNC,
    }
}

/// The SOAPAction of a request.
#[must_use]
pub fn soap_action(message: &Message<'_>) -> String {
    format!("{}/{}", namespace(message), message.name())
}

/// Appends the message to `out`. The same message gives the same bytes.
///
/// # Errors
/// [`ErrorKind::Unwritable`]; `out` is then as it was.
///
/// ```
/// use wsusss::messages::{self, Message, Soap};
///
/// let mut out = Vec::new();
/// messages::encode(Soap::V11, &Message::GetAuthConfig, &mut out)?;
/// let (_, again) = messages::decode(&out, &wsusss::Limits::default())?;
/// assert_eq!(again, Message::GetAuthConfig);
/// # Ok::<(), wsusss::Error>(())
/// ```
pub fn encode(soap: Soap, message: &Message<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    let before = out.len();
    let mut w = Writer::new(&mut *out);
    let uri = match soap {
        Soap::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
        Soap::V12 => "http://www.w3.org/2003/05/soap-envelope",
    };
    w.declaration();
    w.element("soap:Envelope").attr("xmlns:soap", uri).body(|w| {
        w.element("soap:Body").body(|w| match message {
            Message::Fault(fault) => write_fault(w, soap, fault),
            Message::Other { raw, .. } => w.raw(raw),
            message => w
                .element(message.name())
                .attr("xmlns", namespace(message))
                .body(|w| write_body(w, message)),
        });
    });
    if w.replaced() > 0 {
        out.truncate(before);
        return Err(ErrorKind::Unwritable.into());
    }
    Ok(())
}

type W<'o> = Writer<&'o mut Vec<u8>>;

fn write_body(w: &mut W<'_>, message: &Message<'_>) {
    match message {
        Message::GetAuthConfig | Message::Fault(_) | Message::Other { .. } => {}
        Message::GetAuthConfigResponse(config) => w.element("GetAuthConfigResult").body(|w| {
            text(w, "LastChange", config.last_change.as_ref().map(|time| time.as_str()));
            w.element("AuthInfo").body(|w| {
                for plug_in in &config.plug_ins {
                    w.element("AuthPlugInInfo").body(|w| {
                        text(w, "PlugInID", plug_in.plug_in_id.as_deref());
                        text(w, "ServiceUrl", plug_in.service_url.as_deref());
                        text(w, "Parameter", plug_in.parameter.as_deref());
                    });
                }
            });
            if !config.allowed_event_ids.is_empty() {
                w.element("AllowedEventIds").body(|w| {
                    for id in &config.allowed_event_ids {
                        w.element("int").text_fmt(format_args!("{id}"));
                    }
                });
            }
        }),
        Message::GetAuthorizationCookie(request) => {
            text(w, "accountName", request.account_name.as_deref());
            text(w, "accountGuid", request.account_guid.as_deref());
            if !request.program_keys.is_empty() {
                w.element("programKeys").body(|w| {
                    for key in &request.program_keys {
                        w.element("guid").text(key);
                    }
                });
            }
        }
        Message::GetAuthorizationCookieResponse(cookie) => {
            w.element("GetAuthorizationCookieResult").body(|w| {
                text(w, "PlugInId", cookie.plug_in_id.as_deref());
                text(w, "CookieData", cookie.cookie_data.as_deref());
            });
        }
        Message::GetCookie(request) => {
            w.element("authCookies").body(|w| {
                for cookie in &request.auth_cookies {
                    w.element("AuthorizationCookie").body(|w| {
                        text(w, "PlugInId", cookie.plug_in_id.as_deref());
                        text(w, "CookieData", cookie.cookie_data.as_deref());
                    });
                }
            });
            write_cookie(w, "oldCookie", request.old_cookie.as_ref());
            text(w, "protocolVersion", request.protocol_version.as_deref());
        }
        Message::GetCookieResponse(cookie) => write_cookie(w, "GetCookieResult", Some(cookie)),
        Message::GetConfigData(request) => {
            write_cookie(w, "cookie", request.cookie.as_ref());
            text(w, "configAnchor", request.config_anchor.as_deref());
        }
        Message::GetConfigDataResponse(config) => {
            w.element("GetConfigDataResult").body(|w| {
                flag(w, "CatalogOnlySync", config.catalog_only_sync);
                flag(w, "LazySync", config.lazy_sync);
                flag(w, "ServerHostsPsfFiles", config.server_hosts_psf_files);
                number(w, "MaxNumberOfComputerIdsInRequest", config.max_computer_ids);
                number(w, "MaxNumberOfDriverSetsPerRequest", config.max_driver_sets);
                number(w, "MaxNumberOfPnpHardwareIdsInRequest", config.max_pnp_hardware_ids);
                number(w, "MaxNumberOfUpdatesPerRequest", config.max_updates);
                text(w, "NewConfigAnchor", config.new_config_anchor.as_deref());
                text(w, "ProtocolVersion", config.protocol_version.as_deref());
                if !config.languages.is_empty() {
                    w.element("LanguageUpdateList").body(|w| {
                        for language in &config.languages {
                            w.element("ServerSyncLanguageData").body(|w| {
                                w.element("LanguageID").text_fmt(format_args!("{}", language.id));
                                text(w, "ShortLanguage", language.short.as_deref());
                                text(w, "LongLanguage", language.long.as_deref());
                                flag(w, "Enabled", Some(language.enabled));
                            });
                        }
                    });
                }
                number(
                    w,
                    "MaxUpdatesPerRequestInGetUpdateDecryptionData",
                    config.max_updates_decryption,
                );
            });
        }
        Message::GetRevisionIdList(request) => {
            write_cookie(w, "cookie", request.cookie.as_ref());
            w.element("filter").body(|w| {
                text(w, "Anchor", request.anchor.as_deref());
                flag(w, "GetConfig", Some(request.get_config));
                flag(w, "Get63LanguageOnly", request.get_63_language_only);
                write_deltas(w, "Categories", &request.categories);
                write_deltas(w, "Classifications", &request.classifications);
            });
        }
        Message::GetRevisionIdListResponse(list) => {
            w.element("GetRevisionIdListResult").body(|w| {
                text(w, "Anchor", list.anchor.as_deref());
                w.element("NewRevisions").body(|w| write_keys(w, &list.new_revisions));
            });
        }
        Message::GetUpdateData(request) => {
            write_cookie(w, "cookie", request.cookie.as_ref());
            w.element("updateIds").body(|w| write_keys(w, &request.update_ids));
        }
        Message::GetUpdateDataResponse(data) => w.element("GetUpdateDataResult").body(|w| {
            w.element("updates").body(|w| {
                for update in &data.updates {
                    w.element("ServerSyncUpdateData").body(|w| {
                        if let Some(key) = &update.key {
                            w.element("Id").body(|w| write_key(w, key));
                        }
                        if let Blob::Text(blob) = &update.blob {
                            w.element("XmlUpdateBlob").text(blob);
                        }
                        if !update.file_digests.is_empty() {
                            w.element("FileDigestList").body(|w| {
                                for digest in &update.file_digests {
                                    w.element("base64Binary").text(digest);
                                }
                            });
                        }
                        if let Blob::Compressed(blob) = &update.blob {
                            w.element("XmlUpdateBlobCompressed").text(blob);
                        }
                    });
                }
            });
            w.element("fileUrls").body(|w| {
                for file in &data.file_urls {
                    w.element("ServerSyncUrlData").body(|w| {
                        text(w, "FileDigest", file.digest.as_deref());
                        text(w, "MUUrl", file.mu_url.as_deref());
                        text(w, "UssUrl", file.uss_url.as_deref());
                    });
                }
            });
        }),
    }
}

fn text(w: &mut W<'_>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        w.element(name).text(value);
    }
}

fn flag(w: &mut W<'_>, name: &str, value: Option<bool>) {
    text(w, name, value.map(|value| if value { "true" } else { "false" }));
}

fn number(w: &mut W<'_>, name: &str, value: Option<u32>) {
    if let Some(value) = value {
        w.element(name).text_fmt(format_args!("{value}"));
    }
}

fn write_cookie(w: &mut W<'_>, name: &str, cookie: Option<&Cookie>) {
    if let Some(cookie) = cookie {
        w.element(name).body(|w| {
            w.element("Expiration").text(cookie.expiration.as_str());
            text(w, "EncryptedData", cookie.encrypted_data.as_deref());
        });
    }
}

fn write_key(w: &mut W<'_>, key: &UpdateKey) {
    w.element("UpdateID").text_fmt(format_args!("{}", key.id));
    w.element("RevisionNumber").text_fmt(format_args!("{}", key.revision));
}

fn write_keys(w: &mut W<'_>, keys: &[UpdateKey]) {
    for key in keys {
        w.element("UpdateIdentity").body(|w| write_key(w, key));
    }
}

fn write_deltas(w: &mut W<'_>, name: &str, deltas: &[IdAndDelta]) {
    if deltas.is_empty() {
        return;
    }
    w.element(name).body(|w| {
        for IdAndDelta { id, delta } in deltas {
            w.element("IdAndDelta").body(|w| {
                w.element("Id").text_fmt(format_args!("{id}"));
                flag(w, "Delta", Some(*delta));
            });
        }
    });
}

/// The detail's children have no namespace (*observed*, and in the specification's sample).
fn write_fault(w: &mut W<'_>, soap: Soap, fault: &Fault) {
    let detail = |w: &mut W<'_>| {
        text(w, "ErrorCode", Some(fault.code.as_str()));
        text(w, "Message", Some(&fault.message));
        text(w, "ID", Some(&fault.id));
        text(w, "Method", Some(&fault.method));
    };
    w.element("soap:Fault").body(|w| match soap {
        Soap::V11 => {
            text(w, "faultcode", Some(&fault.soap_code));
            text(w, "faultstring", Some(&fault.reason));
            w.element("detail").body(detail);
        }
        Soap::V12 => {
            w.element("soap:Code").body(|w| text(w, "soap:Value", Some(&fault.soap_code)));
            w.element("soap:Reason").body(|w| {
                w.element("soap:Text").attr("xml:lang", "en").text(&fault.reason);
            });
            w.element("soap:Detail").body(|w| w.element("Detail").body(detail));
        }
    });
}
