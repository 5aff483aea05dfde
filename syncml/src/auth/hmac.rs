//! The transport header of scheme HMAC.

use std::fmt;
use std::str::FromStr;

/// Why a header is not one of scheme HMAC.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HmacHeaderError {
    /// It has no user name.
    #[error("the header has no username")]
    NoUser,
    /// It has no code.
    #[error("the header has no mac")]
    NoMac,
    /// It names an algorithm that is not MD5.
    #[error("the header's algorithm is not MD5")]
    Algorithm,
    /// A quoted value does not end.
    #[error("a quoted value does not end")]
    Unfinished,
}

/// The header `x-syncml-hmac: algorithm=MD5, username="…", mac=…`
/// (OMA-TS-DM_Security 1.2.1, 5.3.2). The code does not appear in `Debug` output.
///
/// ```
/// use syncml::auth::HmacHeader;
///
/// let header: HmacHeader = r#"algorithm=MD5, username="Bruce2", mac=NTI2OTJhMDAwNj=="#.parse()?;
/// assert_eq!(header.user(), "Bruce2");
/// assert_eq!(header.to_string(), r#"algorithm=MD5, username="Bruce2", mac=NTI2OTJhMDAwNj=="#);
/// # Ok::<(), syncml::auth::HmacHeaderError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct HmacHeader {
    user: String,
    mac: String,
}

impl HmacHeader {
    /// The header's name. HTTP compares it without regard to case.
    pub const NAME: &'static str = "x-syncml-hmac";

    /// A header of algorithm MD5.
    #[must_use]
    pub fn new(user: impl Into<String>, mac: impl Into<String>) -> Self {
        Self { user: user.into(), mac: mac.into() }
    }

    /// The user's name.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The code, in base64.
    #[must_use]
    pub fn mac(&self) -> &str {
        &self.mac
    }
}

impl fmt::Debug for HmacHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacHeader").field("user", &self.user).finish_non_exhaustive()
    }
}

impl fmt::Display for HmacHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "algorithm=MD5, username=\"{user}\", mac={}", self.mac)
    }
}

impl FromStr for HmacHeader {
    type Err = HmacHeaderError;

    /// Reads the header's value: parameters in any order and case, quoted or not; MD5 where no
    /// algorithm is named; others are passed over.
    fn from_str(text: &str) -> Result<Self, HmacHeaderError> {
        let (mut user, mut mac) = (None, None);
        let mut rest = text;
        while let Some((name, after)) = rest.split_once('=') {
            let (value, after) = value(after)?;
            rest = after;
            let name = name.trim().trim_start_matches(',').trim();
            if name.eq_ignore_ascii_case("username") {
                user = Some(value);
            } else if name.eq_ignore_ascii_case("mac") {
                mac = Some(value);
            } else if name.eq_ignore_ascii_case("algorithm") && !value.eq_ignore_ascii_case("MD5") {
                return Err(HmacHeaderError::Algorithm);
            }
        }
        let user = user.ok_or(HmacHeaderError::NoUser)?;
        let mac = mac.filter(|mac| !mac.is_empty()).ok_or(HmacHeaderError::NoMac)?;
        Ok(Self { user, mac })
    }
}

/// A value, and what follows it. Base64 has `=` in it, so a plain value ends at the comma.
fn value(text: &str) -> Result<(String, &str), HmacHeaderError> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_once(',').unwrap_or((text, ""));
        return Ok((value.trim().to_owned(), after));
    };
    let mut value = String::new();
    let mut letters = quoted.chars();
    loop {
        match letters.next() {
            Some('"') => return Ok((value, letters.as_str())),
            Some('\\') => value.extend(letters.next()),
            Some(letter) => value.push(letter),
            None => return Err(HmacHeaderError::Unfinished),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_in_any_form() {
        for text in [
            "algorithm=MD5, username=\"a,b=\\\"c\\\"\", mac=AAA=",
            "mac=AAA=,username=\"a,b=\\\"c\\\"\"",
            "MAC=\"AAA=\" , Algorithm=md5 , UserName=\"a,b=\\\"c\\\"\"",
        ] {
            let header: HmacHeader = text.parse().unwrap();
            assert_eq!((header.user(), header.mac()), ("a,b=\"c\"", "AAA="), "{text}");
            assert_eq!(header.to_string().parse(), Ok(header));
        }
        for (text, error) in [
            ("", HmacHeaderError::NoUser),
            ("username=a", HmacHeaderError::NoMac),
            ("username=a, mac=", HmacHeaderError::NoMac),
            ("algorithm=SHA1, username=a, mac=b", HmacHeaderError::Algorithm),
            ("username=\"a, mac=b", HmacHeaderError::Unfinished),
        ] {
            assert_eq!(text.parse::<HmacHeader>(), Err(error), "{text}");
        }
    }
}
