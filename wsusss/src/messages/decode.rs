//! Reading messages, by name and in any order.

use std::borrow::Cow;

use mdm_xml::{Content, Element, NsId, Options, Reader, Source};

use super::{
    AuthConfig, AuthPlugIn, AuthorizationCookie, AuthorizationRequest, Blob, ConfigData,
    ConfigRequest, Cookie, CookieRequest, Fault, FaultCode, FileUrl, IdAndDelta, Language, Message,
    RevisionList, RevisionRequest, Soap, UpdateData, UpdateDataRequest, UpdateDocument,
};
use crate::error::{Error, ErrorKind, Limits, bad_value};
use crate::id::{UpdateKey, XsDateTime};

const NAMESPACES: &[&str] = &[
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
    "http://www.w3.org/2001/XMLSchema-instance",
];
const SOAP11: NsId = NsId::known(1);
const SOAP12: NsId = NsId::known(2);
const XSI: NsId = NsId::known(3);

/// Reads a message, whatever the HTTP status it came with. It borrows what it can if the bytes are
/// UTF-8.
///
/// # Errors
/// [`ErrorKind::Xml`], [`ErrorKind::NotSoap`], [`ErrorKind::EmptyBody`], [`ErrorKind::Value`] and
/// [`ErrorKind::Limit`].
///
/// ```
/// use wsusss::messages::{self, Message};
///
/// let bytes = br#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
///     <GetCookieResponse xmlns="http://www.microsoft.com/SoftwareDistribution"><GetCookieResult>
///     <EncryptedData>AAAA</EncryptedData><Expiration>2026-10-04T20:33:26.65455Z</Expiration>
///     </GetCookieResult></GetCookieResponse></s:Body></s:Envelope>"#;
/// let (_, message) = messages::decode(bytes, &wsusss::Limits::default())?;
/// let Message::GetCookieResponse(cookie) = message else { panic!() };
/// assert_eq!(cookie.expiration.as_str(), "2026-10-04T20:33:26.65455Z");
/// # Ok::<(), wsusss::Error>(())
/// ```
pub fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(Soap, Message<'a>), Error> {
    match Source::new(bytes, &limits.xml)?.into_text() {
        Cow::Borrowed(text) => decode_text(text, limits),
        Cow::Owned(text) => {
            decode_text(&text, limits).map(|(soap, message)| (soap, message.into_owned()))
        }
    }
}

/// As [`decode`], from text.
///
/// # Errors
/// As [`decode`].
pub fn decode_text<'a>(text: &'a str, limits: &Limits) -> Result<(Soap, Message<'a>), Error> {
    let options = Options::new(NAMESPACES).with_limits(limits.xml);
    let mut d = Decoder { r: Reader::new(text, &options)?, limits: *limits };
    let root = d.r.root()?;
    let soap = match root.ns() {
        SOAP12 if root.local() == "Envelope" => Soap::V12,
        SOAP11 if root.local() == "Envelope" => Soap::V11,
        _ => {
            let kind = ErrorKind::NotSoap(root.name().chars().take(64).collect());
            return Err(d.fail(kind, root.offset()));
        }
    };
    let mut message = None;
    while let Some(part) = d.r.child()? {
        if part.local() != "Body" {
            d.r.skip()?;
            continue;
        }
        while let Some(body) = d.r.child()? {
            message = Some(d.body(&body)?);
        }
    }
    d.r.finish()?;
    let end = d.r.offset();
    message.map(|message| (soap, message)).ok_or_else(|| d.fail(ErrorKind::EmptyBody, end))
}

struct Decoder<'x> {
    r: Reader<'x>,
    limits: Limits,
}

/// Reads the children of the open element by name.
macro_rules! children {
    ($self:ident, $child:ident, { $($name:pat => $body:expr,)* }) => {
        while let Some($child) = $self.r.child()? {
            match $child.local() {
                $($name => $body,)*
                #[allow(unreachable_patterns)]
                _ => $self.r.skip()?,
            }
        }
    };
}

impl<'x> Decoder<'x> {
    fn fail(&self, kind: ErrorKind, offset: usize) -> Error {
        Error::at(kind, self.r.locate(offset))
    }

    fn body(&mut self, body: &Element<'x>) -> Result<Message<'x>, Error> {
        Ok(match body.local() {
            "GetAuthConfig" => {
                self.r.skip()?;
                Message::GetAuthConfig
            }
            "GetAuthConfigResponse" => Message::GetAuthConfigResponse(self.auth_config()?),
            "GetAuthorizationCookie" => {
                let mut request = AuthorizationRequest::default();
                children!(self, child, {
                    "accountName" => request.account_name = self.text()?,
                    "accountGuid" => request.account_guid = self.text()?,
                    "programKeys" => request.program_keys = self.texts()?,
                });
                Message::GetAuthorizationCookie(request)
            }
            "GetAuthorizationCookieResponse" => {
                let mut cookie = AuthorizationCookie::default();
                children!(self, child, {
                    "GetAuthorizationCookieResult" => cookie = self.authorization_cookie()?,
                });
                Message::GetAuthorizationCookieResponse(cookie)
            }
            "GetCookie" => {
                let mut request = CookieRequest::default();
                children!(self, child, {
                    "authCookies" => children!(self, child, {
                        "AuthorizationCookie" => {
                            self.room(request.auth_cookies.len())?;
                            let cookie = self.authorization_cookie()?;
                            request.auth_cookies.push(cookie);
                        },
                    }),
                    "oldCookie" => request.old_cookie = self.cookie(&child)?,
                    "protocolVersion" => request.protocol_version = self.text()?,
                });
                Message::GetCookie(request)
            }
            "GetCookieResponse" => {
                let mut cookie = Cookie::default();
                children!(self, child, {
                    "GetCookieResult" => cookie = self.cookie(&child)?.unwrap_or_default(),
                });
                Message::GetCookieResponse(cookie)
            }
            "GetConfigData" => {
                let mut request = ConfigRequest::default();
                children!(self, child, {
                    "cookie" => request.cookie = self.cookie(&child)?,
                    "configAnchor" => request.config_anchor = self.text()?,
                });
                Message::GetConfigData(request)
            }
            "GetConfigDataResponse" => {
                let mut config = ConfigData::default();
                children!(self, child, {
                    "GetConfigDataResult" => config = self.config()?,
                });
                Message::GetConfigDataResponse(Box::new(config))
            }
            "GetRevisionIdList" => Message::GetRevisionIdList(self.revision_request()?),
            "GetRevisionIdListResponse" => {
                let mut list = RevisionList::default();
                children!(self, child, {
                    "GetRevisionIdListResult" => children!(self, child, {
                        "Anchor" => list.anchor = self.text()?,
                        "NewRevisions" => list.new_revisions = self.keys("UpdateIdentity")?,
                    }),
                });
                Message::GetRevisionIdListResponse(list)
            }
            "GetUpdateData" => {
                let mut request = UpdateDataRequest::default();
                children!(self, child, {
                    "cookie" => request.cookie = self.cookie(&child)?,
                    "updateIds" => request.update_ids = self.keys("UpdateIdentity")?,
                });
                Message::GetUpdateData(request)
            }
            "GetUpdateDataResponse" => {
                let mut data = UpdateData::default();
                children!(self, child, {
                    "GetUpdateDataResult" => data = self.update_data()?,
                });
                Message::GetUpdateDataResponse(data)
            }
            "Fault" => Message::Fault(self.fault()?),
            name => {
                let raw = self.r.raw()?;
                Message::Other { name: name.to_owned(), raw: Cow::Borrowed(raw.outer()) }
            }
        })
    }

    fn room(&self, length: usize) -> Result<(), Error> {
        let max = self.limits.items;
        if length >= max {
            let kind = ErrorKind::Limit { what: "items in a list", max };
            return Err(self.fail(kind, self.r.offset()));
        }
        Ok(())
    }

    /// The text of the open element; `None` if it says that it is nil.
    fn text(&mut self) -> Result<Option<String>, Error> {
        Ok(Some(self.r.text()?.value().into_owned()))
    }

    fn texts(&mut self) -> Result<Vec<String>, Error> {
        let mut texts = Vec::new();
        while self.r.child()?.is_some() {
            self.room(texts.len())?;
            texts.push(self.r.text()?.value().into_owned());
        }
        Ok(texts)
    }

    fn is_nil(&self, element: &Element<'x>) -> bool {
        let nil = self.r.attribute(element, XSI, "nil");
        nil.is_some_and(|nil| matches!(nil.trim(), "true" | "1"))
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<Option<T>, Error> {
        let text = self.r.text()?;
        let value = text.value();
        match value.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) if value.trim().is_empty() => Ok(None),
            Err(_) => Err(self.fail(bad_value("number", &value), text.offset())),
        }
    }

    fn boolean(&mut self) -> Result<Option<bool>, Error> {
        let text = self.r.text()?;
        let value = text.value();
        match value.trim() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            "" => Ok(None),
            _ => Err(self.fail(bad_value("boolean", &value), text.offset())),
        }
    }

    fn auth_config(&mut self) -> Result<AuthConfig, Error> {
        let mut config = AuthConfig::default();
        children!(self, child, {
            "GetAuthConfigResult" => children!(self, child, {
                "LastChange" => config.last_change = self.text()?.map(XsDateTime::new),
                "AuthInfo" => children!(self, child, {
                    "AuthPlugInInfo" => {
                        self.room(config.plug_ins.len())?;
                        let mut plug_in = AuthPlugIn::default();
                        children!(self, child, {
                            "PlugInID" | "PlugInId" => plug_in.plug_in_id = self.text()?,
                            "ServiceUrl" => plug_in.service_url = self.text()?,
                            "Parameter" => plug_in.parameter = self.text()?,
                        });
                        config.plug_ins.push(plug_in);
                    },
                }),
                "AllowedEventIds" => while self.r.child()?.is_some() {
                    self.room(config.allowed_event_ids.len())?;
                    config.allowed_event_ids.extend(self.number::<i64>()?);
                },
            }),
        });
        Ok(config)
    }

    fn authorization_cookie(&mut self) -> Result<AuthorizationCookie, Error> {
        let mut cookie = AuthorizationCookie::default();
        children!(self, child, {
            "PlugInId" | "PlugInID" => cookie.plug_in_id = self.text()?,
            "CookieData" => cookie.cookie_data = self.text()?,
        });
        Ok(cookie)
    }

    fn cookie(&mut self, element: &Element<'x>) -> Result<Option<Cookie>, Error> {
        if self.is_nil(element) {
            self.r.skip()?;
            return Ok(None);
        }
        let mut cookie = Cookie::default();
        children!(self, child, {
            "Expiration" => cookie.expiration = XsDateTime::new(self.text()?.unwrap_or_default()),
            "EncryptedData" => cookie.encrypted_data = self.text()?,
        });
        Ok(Some(cookie))
    }

    fn config(&mut self) -> Result<ConfigData, Error> {
        let mut config = ConfigData::default();
        children!(self, child, {
            "CatalogOnlySync" => config.catalog_only_sync = self.boolean()?,
            "LazySync" => config.lazy_sync = self.boolean()?,
            "ServerHostsPsfFiles" => config.server_hosts_psf_files = self.boolean()?,
            "MaxNumberOfComputerIdsInRequest" => config.max_computer_ids = self.number()?,
            "MaxNumberOfDriverSetsPerRequest" => config.max_driver_sets = self.number()?,
            "MaxNumberOfPnpHardwareIdsInRequest" => config.max_pnp_hardware_ids = self.number()?,
            "MaxNumberOfUpdatesPerRequest" => config.max_updates = self.number()?,
            "NewConfigAnchor" => config.new_config_anchor = self.text()?,
            "ProtocolVersion" => config.protocol_version = self.text()?,
            "MaxUpdatesPerRequestInGetUpdateDecryptionData" => {
                config.max_updates_decryption = self.number()?;
            },
            "LanguageUpdateList" => children!(self, child, {
                "ServerSyncLanguageData" => {
                    self.room(config.languages.len())?;
                    let mut language = Language::default();
                    children!(self, child, {
                        "LanguageID" => language.id = self.number()?.unwrap_or_default(),
                        "ShortLanguage" => language.short = self.text()?,
                        "LongLanguage" => language.long = self.text()?,
                        "Enabled" => language.enabled = self.boolean()?.unwrap_or_default(),
                    });
                    config.languages.push(language);
                },
            }),
        });
        Ok(config)
    }

    fn revision_request(&mut self) -> Result<RevisionRequest, Error> {
        let mut request = RevisionRequest::default();
        children!(self, child, {
            "cookie" => request.cookie = self.cookie(&child)?,
            "filter" => children!(self, child, {
                "Anchor" => request.anchor = self.text()?,
                "GetConfig" => request.get_config = self.boolean()?.unwrap_or_default(),
                "Get63LanguageOnly" => request.get_63_language_only = self.boolean()?,
                "Categories" => request.categories = self.deltas()?,
                "Classifications" => request.classifications = self.deltas()?,
            }),
        });
        Ok(request)
    }

    fn deltas(&mut self) -> Result<Vec<IdAndDelta>, Error> {
        let mut deltas = Vec::new();
        while self.r.child()?.is_some() {
            self.room(deltas.len())?;
            let (mut id, mut delta) = (None, false);
            children!(self, child, {
                "Id" => id = Some(self.guid()?),
                "Delta" => delta = self.boolean()?.unwrap_or_default(),
            });
            deltas.extend(id.map(|id| IdAndDelta { id, delta }));
        }
        Ok(deltas)
    }

    fn guid(&mut self) -> Result<crate::UpdateId, Error> {
        let text = self.r.text()?;
        let value = text.value();
        value.parse().map_err(|_| self.fail(bad_value("GUID", &value), text.offset()))
    }

    fn key(&mut self) -> Result<Option<UpdateKey>, Error> {
        let (mut id, mut revision) = (None, 0);
        children!(self, child, {
            "UpdateID" => id = Some(self.guid()?),
            "RevisionNumber" => revision = self.number()?.unwrap_or_default(),
        });
        Ok(id.map(|id| UpdateKey::new(id, revision)))
    }

    fn keys(&mut self, name: &str) -> Result<Vec<UpdateKey>, Error> {
        let mut keys = Vec::new();
        while let Some(child) = self.r.child()? {
            if child.local() == name {
                self.room(keys.len())?;
                keys.extend(self.key()?);
            } else {
                self.r.skip()?;
            }
        }
        Ok(keys)
    }

    fn update_data(&mut self) -> Result<UpdateData<'x>, Error> {
        let mut data = UpdateData::default();
        children!(self, child, {
            "updates" => children!(self, child, {
                "ServerSyncUpdateData" => {
                    self.room(data.updates.len())?;
                    if self.is_nil(&child) {
                        self.r.skip()?;
                    } else {
                        let update = self.update()?;
                        data.updates.push(update);
                    }
                },
            }),
            "fileUrls" => children!(self, child, {
                "ServerSyncUrlData" => {
                    self.room(data.file_urls.len())?;
                    let mut file = FileUrl::default();
                    children!(self, child, {
                        "FileDigest" => file.digest = self.text()?,
                        "MUUrl" => file.mu_url = self.text()?,
                        "UssUrl" => file.uss_url = self.text()?,
                    });
                    data.file_urls.push(file);
                },
            }),
        });
        Ok(data)
    }

    fn update(&mut self) -> Result<UpdateDocument<'x>, Error> {
        let mut update = UpdateDocument { key: None, blob: Blob::None, file_digests: Vec::new() };
        children!(self, child, {
            "Id" => update.key = self.key()?,
            "XmlUpdateBlob" => match self.r.content()? {
                // Escaped by servers, unescaped in the specification's sample.
                Content::Text(text) if !text.is_blank() => update.blob = Blob::Text(text.value()),
                Content::Text(_) => {}
                Content::Markup(raw) => update.blob = Blob::Text(Cow::Borrowed(raw.inner())),
            },
            "XmlUpdateBlobCompressed" => {
                let text = self.r.text()?;
                if !text.is_blank() {
                    update.blob = Blob::Compressed(text.value());
                }
            },
            "FileDigestList" => update.file_digests = self.texts()?,
        });
        Ok(update)
    }

    fn fault(&mut self) -> Result<Fault, Error> {
        let mut fault = Fault::new(FaultCode::Other(String::new()));
        fault.soap_code.clear();
        fault.reason.clear();
        children!(self, child, {
            "faultcode" => fault.soap_code = self.text()?.unwrap_or_default(),
            "faultstring" => fault.reason = self.text()?.unwrap_or_default(),
            "Code" => children!(self, child, {
                "Value" => fault.soap_code = self.text()?.unwrap_or_default(),
            }),
            "Reason" => children!(self, child, {
                "Text" => fault.reason = self.text()?.unwrap_or_default(),
            }),
            "detail" | "Detail" => children!(self, child, {
                // SOAP 1.2 has the service's detail inside its own.
                "Detail" => children!(self, child, {
                    name => self.fault_detail(name, &mut fault)?,
                }),
                name => self.fault_detail(name, &mut fault)?,
            }),
        });
        Ok(fault)
    }

    fn fault_detail(&mut self, name: &str, fault: &mut Fault) -> Result<(), Error> {
        match name {
            "ErrorCode" => {
                let text = self.text()?.unwrap_or_default();
                fault.code = FaultCode::from_text(text.trim());
            }
            "Message" => fault.message = self.text()?.unwrap_or_default(),
            "ID" => fault.id = self.text()?.unwrap_or_default(),
            "Method" => fault.method = self.text()?.unwrap_or_default(),
            _ => self.r.skip()?,
        }
        Ok(())
    }
}
