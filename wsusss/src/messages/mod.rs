//! The messages of ServerSyncWebService, DssAuthWebService and ReportingWebService, both ways.
//!
//! Requests are written in the order of the WSDL, which services insist on; everything is read by
//! name, in any order and whatever the prefixes, since servers differ (MS-WSUSSS 3.1.4; *observed*
//! with asmx, WCF and the specification's samples). An element that is absent, nil or empty is
//! [told apart](Presence), anchors are opaque text, times keep their digits. What was odd about a
//! message, [`inspect`] says with its place.

mod authorization;
mod blob;
mod configuration;
mod deployments;
mod diagnostic;
mod drivers;
mod fault;
mod markup;
mod operations;
mod presence;
mod reaction;
mod records;
#[cfg(feature = "reporting")]
pub mod reporting;
mod revisions;
mod scalars;
pub mod schema;
mod updates;
mod values;
mod wire;

use std::borrow::Cow;

use mdm_xml::{Diagnostic, Findings, Memory, NsId, Options, Reader, Source, Writer};

pub use authorization::{
    AuthConfig, AuthPlugIn, AuthorizationCookie, AuthorizationRequest, Cookie, CookieRequest, Empty,
};
pub use blob::{Blob, DocumentText};
pub use configuration::{ConfigData, ConfigRequest, Language, PingRequest, ServiceStatus};
pub use deployments::{Deployment, DeploymentData, DeploymentRequest, TargetGroup};
pub use diagnostic::DiagnosticCode;
pub use drivers::{
    DriverFilter, DriverList, DriverRequest, DriverSet, DriverSetData, DriverSetRequest,
    HardwareIdAndDelta,
};
pub use fault::{Fault, FaultCode};
pub use operations::{DSS_AUTH, MONITORABLE, Message, SERVER_SYNC, shapes};
pub use presence::{List, Presence};
pub use reaction::{Asked, Reaction};
pub use revisions::{
    IdAndDelta, LanguageAndDelta, RelatedRevisionsRequest, RevisionFilter, RevisionList,
    RevisionRequest,
};
pub use updates::{
    DecryptionData, DownloadRequest, FileDecryption, FileUrl, UpdateData, UpdateDataRequest,
    UpdateDecryption, UpdateDocument,
};
pub use values::{Base64, Guid, Secret};

use crate::error::{Error, ErrorKind, Limits};
use wire::{Decoder, is_nil};

const NAMESPACES: &[&str] = &[
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
    wire::XSI_URI,
    SERVER_SYNC,
    DSS_AUTH,
    MONITORABLE,
];
const SOAP11: NsId = NsId::known(1);
const SOAP12: NsId = NsId::known(2);
/// A message in another namespace is of another protocol: MS-WUSP has operations of the same names.
const OURS: [NsId; 4] = [NsId::NONE, NsId::known(4), NsId::known(5), NsId::known(6)];
/// The most findings about one message.
const MAX_FINDINGS: usize = 1000;

/// The version of the envelope.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Soap {
    /// SOAP 1.1: `text/xml` and a `SOAPAction` header.
    #[default]
    V11,
    /// SOAP 1.2: `application/soap+xml` with the action as a parameter.
    V12,
}

impl Soap {
    /// The value for `Content-Type`: of a request if it is given, else of an answer.
    ///
    /// ```
    /// use wsusss::messages::{Empty, Message, Soap};
    ///
    /// let request = Message::GetAuthConfig(Empty::default());
    /// assert_eq!(Soap::V11.content_type(Some(&request)), "text/xml; charset=utf-8");
    /// assert!(Soap::V12.content_type(Some(&request)).contains("action=\"http://"));
    /// ```
    #[must_use]
    pub fn content_type(self, request: Option<&Message<'_>>) -> Cow<'static, str> {
        match (self, request) {
            (Self::V11, _) => Cow::Borrowed("text/xml; charset=utf-8"),
            (Self::V12, None) => Cow::Borrowed("application/soap+xml; charset=utf-8"),
            (Self::V12, Some(request)) => Cow::Owned(format!(
                "application/soap+xml; charset=utf-8; action=\"{}\"",
                soap_action(request)
            )),
        }
    }
}

/// The SOAPAction of a request, without quotes.
#[must_use]
pub fn soap_action(message: &Message<'_>) -> String {
    format!("{}/{}", message.namespace(), message.name())
}

/// Reads a message, whatever the HTTP status it came with. It borrows what it can if the bytes are
/// UTF-8.
///
/// # Errors
/// [`ErrorKind::Xml`], [`ErrorKind::NotSoap`], [`ErrorKind::EmptyBody`], [`ErrorKind::Value`],
/// [`ErrorKind::Missing`] and [`ErrorKind::Limit`].
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
/// assert_eq!(cookie.value().and_then(|cookie| cookie.ends()).map(|end| end.timestamp()), Some(1791146006));
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
    read(text, limits, None).map(|(soap, message, _)| (soap, message))
}

/// Reads a message and says what is odd about it: what other servers or the WSDL do otherwise.
///
/// # Errors
/// As [`decode`].
///
/// ```
/// use wsusss::messages::{self, DiagnosticCode};
///
/// let text = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
/// <GetConfigData xmlns="http://www.microsoft.com/SoftwareDistribution"><configAnchor>1</configAnchor>
/// <cookie><Expiration>2026-10-04T20:33:26Z</Expiration></cookie></GetConfigData></s:Body></s:Envelope>"#;
/// let (_, _, odd) = messages::inspect(text, &wsusss::Limits::default())?;
/// assert_eq!(odd[0].code, DiagnosticCode::OutOfOrder);
/// assert_eq!(odd[0].position.line, 3);
/// # Ok::<(), wsusss::Error>(())
/// ```
pub fn inspect<'a>(
    text: &'a str,
    limits: &Limits,
) -> Result<(Soap, Message<'a>, Vec<Diagnostic<DiagnosticCode>>), Error> {
    let (soap, message, found) = read(text, limits, Some(Findings::new(MAX_FINDINGS)))?;
    Ok((soap, message, found.map(|found| found.finish(text)).unwrap_or_default()))
}

/// Reads one item of the list of update documents by itself. `scope` has the declarations around
/// it, outermost first; `limits` count from the item on.
///
/// # Errors
/// Whatever is wrong with it; where, only a reader of the whole message can say.
pub(crate) fn decode_update<'a>(
    text: &'a str,
    scope: &'a [(String, String)],
    limits: &Limits,
    memory: Memory,
) -> Result<(Presence<UpdateDocument<'a>>, Memory), Error> {
    let options = Options::new(NAMESPACES).with_limits(limits.xml);
    let r = Reader::with_memory(text, &options, memory)?;
    let mut d = Decoder { r, limits: *limits, found: None, added: 0 };
    for (prefix, uri) in scope {
        d.r.declare(prefix, uri)?;
    }
    let item = d.r.root()?;
    let document = <Presence<UpdateDocument<'a>> as wire::Read<'a>>::read(&mut d, &item)?;
    d.r.finish()?;
    Ok((document, d.r.into_memory()))
}

/// The declarations in scope behind the start tags that `head` is made of, outermost first.
pub(crate) fn scope_behind(head: &str, limits: &Limits) -> Option<Vec<(String, String)>> {
    let mut r = Reader::new(head, &Options::new(NAMESPACES).with_limits(limits.xml)).ok()?;
    while r.offset() < head.len() {
        // What is in an element that is nil does not count.
        let element = r.child().ok()??;
        if is_nil(&r, &element) {
            return None;
        }
    }
    let mut scope: Vec<_> =
        r.declarations().map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect();
    scope.reverse();
    Some(scope)
}

type Found = Option<Findings<DiagnosticCode>>;

fn read<'a>(
    text: &'a str,
    limits: &Limits,
    found: Found,
) -> Result<(Soap, Message<'a>, Found), Error> {
    let options = Options::new(NAMESPACES).with_limits(limits.xml);
    let mut d = Decoder { r: Reader::new(text, &options)?, limits: *limits, found, added: 0 };
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
            if message.is_some() {
                d.note(DiagnosticCode::SecondMessage, &body, || body.name().to_owned());
                d.r.skip()?;
            } else {
                message = Some(read_body(&mut d, &body)?);
            }
        }
    }
    d.r.finish()?;
    let end = d.r.offset();
    let message = message.ok_or_else(|| d.fail(ErrorKind::EmptyBody, end))?;
    Ok((soap, message, d.found))
}

fn read_body<'a>(d: &mut Decoder<'a>, body: &mdm_xml::Element<'a>) -> Result<Message<'a>, Error> {
    if body.local() == "Fault" && (body.ns() == SOAP11 || body.ns() == SOAP12) {
        return Fault::read(d).map(Message::Fault);
    }
    if OURS.contains(&body.ns())
        && let Some(message) = Message::read(d, body)?
    {
        return Ok(message);
    }
    let raw = d.r.raw()?;
    let raw = markup::standalone(d, raw.outer(), raw.outer())?;
    Ok(Message::Other { name: body.local().to_owned(), raw })
}

/// Appends the message to `out`. The same message gives the same bytes.
///
/// # Errors
/// [`ErrorKind::Unwritable`]; `out` is then as it was.
///
/// ```
/// use wsusss::messages::{self, Empty, Message, Soap};
///
/// let mut out = Vec::new();
/// let request = Message::GetAuthConfig(Empty::default());
/// messages::encode(Soap::V11, &request, &mut out)?;
/// let (_, again) = messages::decode(&out, &wsusss::Limits::default())?;
/// assert_eq!(again, request);
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
            Message::Fault(fault) => fault.write(w, soap),
            Message::Other { raw, .. } => w.raw(raw),
            message => w
                .element(message.name())
                .attr("xmlns", message.namespace())
                .body(|w| message.write_children(w)),
        });
    });
    if w.replaced() > 0 {
        out.truncate(before);
        return Err(ErrorKind::Unwritable.into());
    }
    Ok(())
}
