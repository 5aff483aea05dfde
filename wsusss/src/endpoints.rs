//! Where the services are. Which server is asked and whom its certificate has to be from is the
//! caller's decision: nothing in this crate uses the hosts named here by itself.
//!
//! - The public service is [`MICROSOFT_UPDATE`] (*observed* in 2026; MicrosoftDocs SupportArticles).
//! - [`DECOMMISSIONED`] is what Microsoft Learn's "MDM for device updates" still names.
//! - Trust: the public service's certificate comes from Microsoft's own root ("Microsoft Root
//!   Certificate Authority"), which is in Windows' store and in few others. Give your TLS client
//!   that root for this host; do not switch verification off.
//! - A WSUS server of one's own listens at [`WSUS_HTTP_PORT`] or [`WSUS_HTTPS_PORT`].

/// The public service.
pub const MICROSOFT_UPDATE: &str = "https://sws.update.microsoft.com";
/// The public service's second name.
pub const MICROSOFT_UPDATE_SECOND: &str = "https://sws1.update.microsoft.com";
/// Out of service.
pub const DECOMMISSIONED: &str = "https://fe2.update.microsoft.com/v6";
/// Where WSUS listens without TLS.
pub const WSUS_HTTP_PORT: u16 = 8530;
/// Where WSUS listens with TLS.
pub const WSUS_HTTPS_PORT: u16 = 8531;

/// The path of ServerSyncWebService below a server's root (MS-WSUSSS 2.1).
pub const SERVER_SYNC_PATH: &str = "/ServerSyncWebService/ServerSyncWebService.asmx";
/// The path of DssAuthWebService. A client takes it from GetAuthConfig's answer.
pub const DSS_AUTH_PATH: &str = "/DssAuthWebService/DssAuthWebService.asmx";
/// The path of ReportingWebService.
pub const REPORTING_PATH: &str = "/ReportingWebService/ReportingWebService.asmx";

/// The address that `named` means at `server`: relative to its root, or at the same origin. `None`
/// for any other origin and for what is no plain address: a server has no business sending its
/// clients elsewhere.
///
/// ```
/// use wsusss::endpoints::resolve;
///
/// let server = "https://Upstream.example:443/root";
/// let at = |named| resolve(server, named);
/// assert_eq!(at("Dss/Dss.asmx").as_deref(), Some("https://Upstream.example:443/root/Dss/Dss.asmx"));
/// assert_eq!(at("/Dss.asmx").as_deref(), Some("https://Upstream.example:443/Dss.asmx"));
/// assert_eq!(at("https://upstream.example/x").as_deref(), Some("https://upstream.example/x"));
/// assert_eq!(at("http://upstream.example/x"), None);
/// assert_eq!(at("//evil.example/x"), None);
/// ```
#[must_use]
pub fn resolve(server: &str, named: &str) -> Option<String> {
    let named = named.trim();
    let plain = |text: &str| {
        text.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '\\' && c != '#')
    };
    if named.is_empty() || !plain(named) || named.starts_with("//") {
        return None;
    }
    let server = server.trim_end_matches('/');
    let home = Origin::of(server)?;
    // As HTTP clients see it: a dot may be written by its number.
    let climbs = |path: &str| {
        path.split(['/', '?']).any(|part| {
            let dots = part.replace("%2e", ".").replace("%2E", ".");
            dots == ".."
        })
    };
    if named.contains("://") {
        let origin = Origin::of(named)?;
        return (origin == home && !climbs(named)).then(|| named.to_owned());
    }
    // A scheme of another kind, such as `javascript:`.
    let colon = named.find(':').unwrap_or(usize::MAX);
    if climbs(named) || colon < named.find(['/', '?']).unwrap_or(usize::MAX) {
        return None;
    }
    if named.starts_with('/') {
        return Some(format!("{}{named}", server.get(..home.length)?));
    }
    Some(format!("{server}/{named}"))
}

/// Whether two addresses have the scheme and the host in common, whatever the port: a cookie of one
/// may be shown to the other, as browsers do (RFC 6265, 8.5).
pub(crate) fn same_host(one: &str, other: &str) -> bool {
    match (Origin::of(one), Origin::of(other)) {
        (Some(one), Some(other)) => one.scheme == other.scheme && one.host == other.host,
        _ => false,
    }
}

/// Scheme, host and port of an address.
#[derive(Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: String,
    /// Bytes of the address before its path.
    length: usize,
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        (&self.scheme, &self.host, &self.port) == (&other.scheme, &other.host, &other.port)
    }
}

impl Origin {
    fn of(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "http" => "80",
            "https" => "443",
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..end)?;
        // No user before an @, which people read as a host.
        if authority.is_empty() || authority.contains('@') {
            return None;
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (authority, ""),
        };
        if host.is_empty() || !port.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            host: host.to_ascii_lowercase(),
            port: if port.is_empty() { default } else { port }.to_owned(),
            length: scheme.len() + 3 + end,
            scheme,
        })
    }
}
