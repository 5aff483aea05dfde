//! Pages: next links are followed as they are, but never to another origin.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Expect, Method, Request};
use crate::error::{Error, ErrorKind, excerpt};

/// Bytes of a next link; longer ones are refused. *Decision*: those of the documentation have less
/// than 1 KiB, and a link is kept in saved states.
pub const MAX_LINK: usize = 16 << 10;

/// Scheme, host and port of the service, such as `https://graph.microsoft.com`.
///
/// ```
/// use graph_wufb::requests::Origin;
///
/// let origin: Origin = "https://Graph.Microsoft.com:443/".parse()?;
/// assert_eq!(origin, Origin::global());
/// assert!("graph.microsoft.com".parse::<Origin>().is_err());
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Origin(Box<str>);

impl Origin {
    /// The global service.
    #[must_use]
    pub fn global() -> Self {
        Self("https://graph.microsoft.com".into())
    }

    /// The text, in lower case and without the scheme's own port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin of a URL and the rest from the path on.
    fn split(url: &str) -> Option<(Self, &str)> {
        if url.len() > MAX_LINK {
            return None;
        }
        // What clients read differently from one another is no URL to follow.
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(['\\', '#']) {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end)?;
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(default).unwrap_or(&authority);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        if authority.is_empty() || !authority.bytes().all(plain) {
            return None;
        }
        Some((Self(format!("{scheme}://{authority}").into()), target))
    }
}

impl FromStr for Origin {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::Value`] if the text is no http or https origin.
    fn from_str(text: &str) -> Result<Self, Error> {
        match Self::split(text) {
            Some((origin, "" | "/")) => Ok(origin),
            _ => Err(Error::value("an origin", text)),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The request for the next page of a list. The link is taken as it is; the headers are set anew,
/// because the service does not carry them over (Graph, "Paging").
///
/// ```
/// use graph_wufb::requests::{Origin, next_page};
///
/// let origin = Origin::global();
/// let link = "https://graph.microsoft.com/beta/admin/windows/updates/deployments?$skiptoken=a%2Fb";
/// assert_eq!(
///     next_page(&origin, link)?.target,
///     "/beta/admin/windows/updates/deployments?$skiptoken=a%2Fb",
/// );
/// assert!(next_page(&origin, "https://graph.microsoft.com.example.org/beta").is_err());
/// # Ok::<(), graph_wufb::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::ForeignLink`] if the link is not an absolute URL of the same origin: the vendor's
/// client would send its token there. Also if it is longer than [`MAX_LINK`], or clients would not
/// take its path as it is (`..`).
pub fn next_page(origin: &Origin, link: &str) -> Result<Request, Error> {
    match Origin::split(link) {
        Some((to, target)) if to == *origin && is_path(target) && !has_dot_segments(target) => {
            Ok(Request::new(Method::Get, target, Expect::Page))
        }
        _ => Err(ErrorKind::ForeignLink { origin: origin.to_string(), link: excerpt(link) }.into()),
    }
}

/// A target of a saved state, vetted as the link that it came from was.
pub(crate) fn check_target(origin: &Origin, target: &str) -> Result<(), Error> {
    let link = format!("{origin}{target}");
    if next_page(origin, &link)?.target == target {
        return Ok(());
    }
    Err(ErrorKind::ForeignLink { origin: origin.to_string(), link: excerpt(&link) }.into())
}

/// Whether it stays where it is put behind an origin: `@other.example/` and `.example/` make another
/// host of it, and `//other.example/` does for clients that join the two as a reference.
pub(crate) fn is_path(target: &str) -> bool {
    target.starts_with('/') && !target.starts_with("//")
}

/// Whether clients would make another path of it (RFC 3986 section 5.2.4; some also decode).
fn has_dot_segments(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_elsewhere_are_refused() {
        let origin = Origin::global();
        for link in [
            "",
            "/beta/next",
            "//graph.microsoft.com/beta",
            "http://graph.microsoft.com/beta",
            "https://graph.microsoft.com:8443/beta",
            "https://graph.microsoft.com@example.org/beta",
            "https://user@graph.microsoft.com/beta",
            "https://example.org\\@graph.microsoft.com/beta",
            "https://graph.microsoft.com\\.example.org/",
            "https://graph.microsoft.com/a b",
            "https://graph.microsoft.com/a\r\nX: y",
            "https://graph.microsoft.com",
            "https://graph.microsoft.com?x=1",
            "https://graph.microsoft.com/beta/../v1.0/me",
            "https://graph.microsoft.com/beta/%2e%2E/me",
            "https://graph.microsoft.com/./beta",
            "https://graph.microsoft.com/beta/..",
            "https://graph.microsoft.com//example.org/beta",
            "https://graph.microsoft.com:0443/beta",
            "https://graph.microsoft.com:443:443/beta",
            "https://graph.microsoft.com:/beta",
            "https://graph.microsoft.com./beta",
            "https://graph%2Emicrosoft.com/beta",
            "https:///graph.microsoft.com/beta",
            "https:graph.microsoft.com/beta",
            "https://:443/beta",
            "https://grаph.microsoft.com/beta",
        ] {
            assert!(next_page(&origin, link).is_err(), "{link}");
        }
        assert!(next_page(&origin, "HTTPS://GRAPH.microsoft.com:443/beta?$skip=1").is_ok());
        // What the query says is the service's business.
        assert!(next_page(&origin, "https://graph.microsoft.com/beta?$skiptoken=../..").is_ok());
        let long = |bytes: usize| {
            let link = "https://graph.microsoft.com/beta?";
            format!("{link}{}", "x".repeat(bytes - link.len()))
        };
        assert!(next_page(&origin, &long(MAX_LINK)).is_ok());
        assert!(next_page(&origin, &long(MAX_LINK + 1)).is_err());
    }
}
