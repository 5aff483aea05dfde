//! Faults: what a server refuses.

use std::fmt;

use mdm_xml::Element;

use super::Soap;
use super::diagnostic::DiagnosticCode;
use super::markup;
use super::values::Base64;
use super::wire::{Decoder, W};
use crate::error::Error;
use crate::id::UpdateKey;

/// The ErrorCode of a fault (MS-WSUSSS 2.2.9.3). Others are kept.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum FaultCode {
    /// A parameter is wrong; the message names it.
    InvalidParameters,
    /// The cookie is wrong.
    InvalidCookie,
    /// The authorization cookie is wrong.
    InvalidAuthorizationCookie,
    /// The cookie expired. Of MS-WUSP only; not seen here.
    CookieExpired,
    /// The configuration changed. Of MS-WUSP only; not seen here.
    ConfigChanged,
    /// The server failed. *Observed*: also for an update or revision that it does not know.
    InternalServerError,
    /// The versions do not fit.
    IncompatibleProtocolVersion,
    /// The server is another one than before.
    ServerChanged,
    /// The server is busy.
    ServerBusy,
    /// Files are not there; the message has their digests.
    FileDigestsMissing,
    /// Too many identifiers (of GetDriverSetData only).
    TooManyIds,
    /// Another one.
    Other(String),
}

impl FaultCode {
    /// The code with this text; case matters.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "InvalidParameters" => Self::InvalidParameters,
            "InvalidCookie" => Self::InvalidCookie,
            "InvalidAuthorizationCookie" => Self::InvalidAuthorizationCookie,
            "CookieExpired" => Self::CookieExpired,
            "ConfigChanged" => Self::ConfigChanged,
            "InternalServerError" => Self::InternalServerError,
            "IncompatibleProtocolVersion" => Self::IncompatibleProtocolVersion,
            "ServerChanged" => Self::ServerChanged,
            "ServerBusy" => Self::ServerBusy,
            "FileDigestsMissing" => Self::FileDigestsMissing,
            "TooManyIds" => Self::TooManyIds,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidParameters => "InvalidParameters",
            Self::InvalidCookie => "InvalidCookie",
            Self::InvalidAuthorizationCookie => "InvalidAuthorizationCookie",
            Self::CookieExpired => "CookieExpired",
            Self::ConfigChanged => "ConfigChanged",
            Self::InternalServerError => "InternalServerError",
            Self::IncompatibleProtocolVersion => "IncompatibleProtocolVersion",
            Self::ServerChanged => "ServerChanged",
            Self::ServerBusy => "ServerBusy",
            Self::FileDigestsMissing => "FileDigestsMissing",
            Self::TooManyIds => "TooManyIds",
            Self::Other(text) => text,
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A SOAP fault. Only the code says what to do ([`reaction`](Self::reaction)): real servers put the
/// same words into every faultstring.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Fault {
    /// `soap:Client` or `soap:Server`, with the prefix as it stands. In SOAP 1.2 these are written
    /// and read as `Sender` and `Receiver` (part 1, 5.4.6).
    pub soap_code: String,
    /// The codes below it, outermost first (SOAP 1.2).
    pub subcodes: Vec<String>,
    /// Words for people.
    pub reason: String,
    /// The address that failed (`faultactor`, or `Role` of SOAP 1.2).
    pub actor: Option<String>,
    /// What is wrong; `None` for faults that are not the service's own.
    pub code: Option<FaultCode>,
    /// More about it: for wrong parameters, the parameter's name.
    pub message: Option<String>,
    /// Identifies the fault in the server's log.
    pub id: Option<String>,
    /// The operation's SOAPAction, as it stands, with quotes.
    pub method: Option<String>,
    /// What else the detail holds, as it stands.
    pub detail: Vec<String>,
}

/// What a list of revisions that are missing begins with.
const MISSING: &str = "Missing Revisions:";

impl Fault {
    /// A fault as servers write it.
    #[must_use]
    pub fn new(code: FaultCode) -> Self {
        let soap_code = match code {
            FaultCode::InternalServerError | FaultCode::ServerBusy => "soap:Server",
            _ => "soap:Client",
        };
        Self {
            soap_code: soap_code.to_owned(),
            reason: "Fault occurred".to_owned(),
            code: Some(code),
            message: Some(String::new()),
            ..Self::default()
        }
    }

    /// The same with a message, such as a parameter's name.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// The digests of the files that are not there (FileDigestsMissing): the message has them,
    /// separated by `|`.
    pub fn missing_files(&self) -> impl Iterator<Item = Base64> {
        let missing = self.code == Some(FaultCode::FileDigestsMissing);
        let message = self.message.as_deref().filter(|_| missing).unwrap_or_default();
        message.split('|').map(str::trim).filter(|digest| !digest.is_empty()).map(Base64::new)
    }

    /// The revisions that the server does not have, if it names them: those that are asked for
    /// without them the next time, instead of one half after the other. Go by those that were asked
    /// for, and by [`reaction`](Self::reaction) if there is none among them; WSUS 2025 names none
    /// (*observed*). The [sync machine](crate::sync) does so.
    ///
    /// *Observed* at second hand, in what ArchiveTeam/microsoftupdate-grab (microsoftupdate.lua) insists
    /// on, without a capture: Microsoft's own service answers GetUpdateData with `Requested <n> returned
    /// <m> (test content removed: <k>). Missing Revisions: ` and `<GUID>.<number>` of each. What is
    /// between them is not known, so that blanks and `,`, `;` and `|` all separate them. The code is
    /// not known either: what stands behind `Missing Revisions:` counts under any, or none, but those
    /// that are about cookies, versions, files or the server as a whole. Without a Message it is looked
    /// for in the reason.
    ///
    /// ```
    /// use wsusss::UpdateKey;
    /// use wsusss::messages::{Asked, Fault, FaultCode, Reaction};
    ///
    /// let id = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a".parse()?;
    /// let mut asked = vec![UpdateKey::new(id, 1), UpdateKey::new(id, 200)];
    /// let fault = Fault::new(FaultCode::InternalServerError).with_message(
    ///     "Requested 2 returned 1 (test content removed: 0). Missing Revisions: \
    ///      44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a.1",
    /// );
    /// let missing: Vec<UpdateKey> =
    ///     fault.missing_revisions().filter(|key| asked.contains(key)).collect();
    /// if missing.is_empty() {
    ///     assert_eq!(fault.reaction(Asked::ids(asked.len())), Reaction::Split);
    /// } else {
    ///     asked.retain(|key| !missing.contains(key));
    /// }
    /// assert_eq!(asked, [UpdateKey::new(id, 200)]); // to be asked for again
    /// # Ok::<(), wsusss::ParseIdError>(())
    /// ```
    pub fn missing_revisions(&self) -> impl Iterator<Item = UpdateKey> {
        let is_about_another = matches!(
            self.code,
            Some(
                FaultCode::InvalidCookie
                    | FaultCode::CookieExpired
                    | FaultCode::InvalidAuthorizationCookie
                    | FaultCode::ConfigChanged
                    | FaultCode::ServerChanged
                    | FaultCode::ServerBusy
                    | FaultCode::IncompatibleProtocolVersion
                    | FaultCode::FileDigestsMissing
            )
        );
        let message = self.message.as_deref().unwrap_or(&self.reason);
        let is_list = |part: &[u8]| part.eq_ignore_ascii_case(MISSING.as_bytes());
        let list = message.as_bytes().windows(MISSING.len()).position(is_list);
        let list = list.filter(|_| !is_about_another);
        let list = list.and_then(|start| message.get(start.saturating_add(MISSING.len())..));
        let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
        list.unwrap_or_default().split(between).filter_map(|word| {
            let (id, revision) = word.trim_matches('.').split_once('.')?;
            Some(UpdateKey::new(id.parse().ok()?, revision.parse().ok()?))
        })
    }

    pub(super) fn read(d: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut fault = Self::default();
        let mut seen = 0;
        while let Some(child) = d.r.child()? {
            // Details are joined: SOAP 1.2 has two of them.
            let once = match child.local() {
                "faultcode" | "Code" => 1,
                "faultstring" | "Reason" => 2,
                "faultactor" | "Role" => 4,
                _ => 0,
            };
            if seen & once != 0 {
                repeated(d, &child);
                d.r.skip()?;
                continue;
            }
            seen |= once;
            match child.local() {
                "faultcode" => fault.soap_code = text(d)?,
                "faultstring" => fault.reason = text(d)?,
                "faultactor" | "Role" => fault.actor = Some(text(d)?),
                "Code" => fault.read_code(d)?,
                "Reason" => {
                    let mut first = true;
                    while let Some(child) = d.r.child()? {
                        if child.local() == "Text" && std::mem::take(&mut first) {
                            fault.reason = text(d)?;
                        } else {
                            d.r.skip()?;
                        }
                    }
                }
                "detail" | "Detail" => {
                    while let Some(child) = d.r.child()? {
                        // SOAP 1.2 has an element Detail with the service's own in it
                        // (MS-WSUSSS 2.2.9.2), which some put into SOAP's.
                        if child.local() == "Detail" {
                            while let Some(child) = d.r.child()? {
                                fault.read_detail(d, &child)?;
                            }
                        } else {
                            fault.read_detail(d, &child)?;
                        }
                    }
                }
                _ => d.unknown(&child)?,
            }
        }
        // A detail may be a text instead of elements.
        d.stray();
        Ok(fault)
    }

    /// Code and Subcode, each inside the one before.
    fn read_code(&mut self, d: &mut Decoder<'_>) -> Result<(), Error> {
        let mut depth = 1usize;
        while depth > 0 {
            match d.r.child()? {
                None => depth -= 1,
                Some(child) if child.local() == "Subcode" => depth += 1,
                Some(child) if child.local() == "Value" && depth == 1 => {
                    self.soap_code = with_local(&text(d)?, &SENDER_AND_RECEIVER);
                }
                Some(child) if child.local() == "Value" => {
                    d.room(self.subcodes.len())?;
                    self.subcodes.push(text(d)?);
                }
                Some(child) => d.unknown(&child)?,
            }
        }
        Ok(())
    }

    fn read_detail<'x>(&mut self, d: &mut Decoder<'x>, child: &Element<'x>) -> Result<(), Error> {
        let again = match child.local() {
            "ErrorCode" => self.code.is_some(),
            "Message" => self.message.is_some(),
            "ID" => self.id.is_some(),
            "Method" => self.method.is_some(),
            _ => false,
        };
        if again {
            // The first one counts.
            repeated(d, child);
            return Ok(d.r.skip()?);
        }
        match child.local() {
            "ErrorCode" => self.code = Some(FaultCode::from_text(text(d)?.trim())),
            "Message" => self.message = Some(text(d)?),
            "ID" => self.id = Some(text(d)?),
            "Method" => self.method = Some(text(d)?),
            _ => {
                d.room(self.detail.len())?;
                let raw = d.r.raw()?;
                let own = markup::standalone(d, raw.outer(), raw.outer())?;
                self.detail.push(own.into_owned());
            }
        }
        Ok(())
    }

    /// The detail's children have no namespace (MS-WSUSSS 2.2.9.1).
    pub(super) fn write(&self, w: &mut W<'_>, soap: Soap) {
        let one = |w: &mut W<'_>, name: &str, value: Option<&str>| {
            if let Some(value) = value {
                w.element(name).text(value);
            }
        };
        let detail = |w: &mut W<'_>| {
            one(w, "ErrorCode", self.code.as_ref().map(FaultCode::as_str));
            one(w, "Message", self.message.as_deref());
            one(w, "ID", self.id.as_deref());
            one(w, "Method", self.method.as_deref());
            for raw in &self.detail {
                w.raw(raw);
            }
        };
        let detailed = self.code.is_some()
            || self.message.is_some()
            || self.id.is_some()
            || self.method.is_some()
            || !self.detail.is_empty();
        w.element("soap:Fault").body(|w| match soap {
            Soap::V11 => {
                one(w, "faultcode", Some(&self.soap_code));
                one(w, "faultstring", Some(&self.reason));
                one(w, "faultactor", self.actor.as_deref());
                if detailed {
                    w.element("detail").body(detail);
                }
            }
            Soap::V12 => {
                w.element("soap:Code").body(|w| {
                    let [sender, receiver] = SENDER_AND_RECEIVER;
                    let back = [(sender.1, sender.0), (receiver.1, receiver.0)];
                    one(w, "soap:Value", Some(&with_local(&self.soap_code, &back)));
                    // Each inside the one before: written as markup, since there can be many.
                    for code in &self.subcodes {
                        w.raw("<soap:Subcode>");
                        one(w, "soap:Value", Some(code));
                    }
                    for _ in &self.subcodes {
                        w.raw("</soap:Subcode>");
                    }
                });
                w.element("soap:Reason").body(|w| {
                    w.element("soap:Text").attr("xml:lang", "en").text(&self.reason);
                });
                one(w, "soap:Role", self.actor.as_deref());
                if detailed {
                    w.element("Detail").body(detail);
                }
            }
        });
    }
}

/// What SOAP 1.2 calls what 1.1 calls otherwise.
const SENDER_AND_RECEIVER: [(&str, &str); 2] = [("Sender", "Client"), ("Receiver", "Server")];

/// A name with its local part replaced, if it is one of these.
fn with_local(name: &str, replaced: &[(&str, &str)]) -> String {
    let trimmed = name.trim();
    let (prefix, local) = trimmed.split_at(trimmed.find(':').map_or(0, |colon| colon + 1));
    match replaced.iter().find(|(from, _)| *from == local) {
        Some((_, to)) => format!("{prefix}{to}"),
        None => name.to_owned(),
    }
}

fn repeated<'x>(d: &mut Decoder<'x>, child: &Element<'x>) {
    d.note(DiagnosticCode::RepeatedElement, child, || child.name().to_owned());
}

fn text(d: &mut Decoder<'_>) -> Result<String, Error> {
    Ok(d.r.text()?.value().into_owned())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => f.write_str(code.as_str())?,
            None => write!(f, "{}: {}", self.soap_code, self.reason)?,
        }
        match self.message.as_deref() {
            None | Some("") => Ok(()),
            Some(message) => write!(f, " ({message})"),
        }
    }
}
