//! Cookies and anchors: what they say, and how it is read back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::ServerConfig;
use crate::messages::{Fault, FaultCode, Secret};

/// What a cookie says (MS-WSUSSS 2.2.4.8).
pub(super) struct Session {
    pub(super) ends: i64,
    pub(super) protocol_version: String,
}

pub(super) fn authorization(config: &ServerConfig, account: &str) -> Secret {
    seal(&["wsusss-authorization", &config.server_id.to_string(), account])
}

/// Who asked for the authorization cookie.
pub(super) fn account(config: &ServerConfig, cookie: &Secret) -> Option<String> {
    let parts = open(cookie)?;
    match parts.as_slice() {
        [kind, server, account]
            if kind == "wsusss-authorization" && *server == config.server_id.to_string() =>
        {
            Some(account.clone())
        }
        _ => None,
    }
}

pub(super) fn session(
    config: &ServerConfig,
    account: &str,
    ends: DateTime<Utc>,
    protocol_version: &str,
) -> Secret {
    seal(&[
        "wsusss-cookie",
        &config.server_id.to_string(),
        &config.generation.to_string(),
        &ends.timestamp().to_string(),
        protocol_version,
        account,
    ])
}

pub(super) fn read(config: &ServerConfig, cookie: &Secret) -> Result<Session, Box<Fault>> {
    let invalid = || Box::new(Fault::new(FaultCode::InvalidCookie));
    let parts = open(cookie).ok_or_else(invalid)?;
    let [kind, server, generation, ends, protocol_version, _] = parts.as_slice() else {
        return Err(invalid());
    };
    if kind != "wsusss-cookie" {
        return Err(invalid());
    }
    if *server != config.server_id.to_string() {
        return Err(Box::new(Fault::new(FaultCode::ServerChanged)));
    }
    if *generation != config.generation.to_string() {
        return Err(invalid());
    }
    let ends = ends.parse().map_err(|_| invalid())?;
    Ok(Session { ends, protocol_version: protocol_version.clone() })
}

/// Whether another server gave out this cookie. One that cannot be read says nothing.
pub(super) fn is_of_another(config: &ServerConfig, cookie: &Secret) -> bool {
    match open(cookie).as_deref() {
        Some([kind, server, ..]) => {
            kind == "wsusss-cookie" && *server != config.server_id.to_string()
        }
        _ => false,
    }
}

/// Parts have no semicolon: identifiers, numbers, and a version that was checked.
fn seal(parts: &[&str]) -> Secret {
    Secret::new(STANDARD.encode(parts.join(";")))
}

fn open(cookie: &Secret) -> Option<Vec<String>> {
    let text = cookie.expose();
    if text.len() > 1024 {
        return None;
    }
    let bytes = STANDARD.decode(text.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.split(';').map(str::to_owned).collect())
}

/// The second number of `1.20`.
pub(super) fn minor(version: &str) -> Result<u32, Box<Fault>> {
    let fault = Fault::new(FaultCode::InvalidParameters).with_message("protocolVersion");
    let invalid = || Box::new(fault.clone());
    let (major, minor) = version.split_once('.').ok_or_else(invalid)?;
    let number = |text: &str| -> Result<u32, Box<Fault>> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits).ok_or_else(invalid)
    };
    if number(major)? != 1 {
        return Err(Box::new(Fault::new(FaultCode::IncompatibleProtocolVersion)));
    }
    number(minor)
}

/// An anchor, in the form of WSUS' (*observed*): the number of the last change and a time.
pub(super) fn anchor(change: u64, now: DateTime<Utc>) -> String {
    format!("{change},{}", now.format("%Y-%m-%d %H:%M:%S%.3f"))
}

/// The number of the last change that an anchor names; `None` for an empty one.
pub(super) fn change(anchor: Option<&str>, parameter: &str) -> Result<Option<u64>, Box<Fault>> {
    let Some(anchor) = anchor.map(str::trim).filter(|anchor| !anchor.is_empty()) else {
        return Ok(None);
    };
    let fault = Fault::new(FaultCode::InvalidParameters).with_message(parameter);
    let invalid = || Box::new(fault.clone());
    let (change, time) = anchor.split_once(',').ok_or_else(invalid)?;
    chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S%.f").map_err(|_| invalid())?;
    change.parse().map(Some).map_err(|_| invalid())
}
