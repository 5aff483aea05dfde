//! A policy with a value that it takes.

use std::fmt;

use chrono::NaiveDate;

use super::error::beginning;
use super::{Allowed, PolicyError, PolicyId, ValueFormat};

/// The longest text that a policy takes, in bytes.
const MAX_TEXT: usize = 256;

/// A value of a policy.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Value {
    /// A number.
    Number(i64),
    /// A text; days are `yyyy-mm-dd`.
    Text(String),
}

impl Value {
    /// The number, if it is one.
    #[must_use]
    pub const fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Number(_) => None,
            Self::Text(text) => Some(text),
        }
    }
}

impl fmt::Display for Value {
    /// As it is sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A policy with a value that it takes.
///
/// ```
/// use update_csp::policy::{PolicyId, Setting};
///
/// // What an administrator typed into a form.
/// let setting = Setting::parse(PolicyId::DeferQualityUpdatesPeriodInDays, "7")?;
/// assert_eq!(setting.value().number(), Some(7));
/// let error = Setting::parse(PolicyId::DeferQualityUpdatesPeriodInDays, "31").unwrap_err();
/// assert_eq!(error.to_string(), "DeferQualityUpdatesPeriodInDays takes 0 to 30, not 31");
/// # Ok::<(), update_csp::policy::PolicyError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(PolicyId, String)", into = "(PolicyId, String)"))]
pub struct Setting {
    policy: PolicyId,
    value: Value,
}

impl Setting {
    /// Reads a value as it is sent or typed.
    ///
    /// # Errors
    /// [`PolicyError`], which says what the policy takes.
    pub fn parse(policy: PolicyId, text: &str) -> Result<Self, PolicyError> {
        let text = text.trim();
        match policy.meta().format {
            ValueFormat::Int => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                let number = plain.then(|| text.parse().ok()).flatten();
                let number = number
                    .ok_or_else(|| PolicyError::NotANumber { policy, text: beginning(text) })?;
                Self::number(policy, number)
            }
            _ => Self::text(policy, text),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// [`PolicyError::Range`], [`PolicyError::NotAllowed`] or [`PolicyError::Kind`].
    pub fn number(policy: PolicyId, value: i64) -> Result<Self, PolicyError> {
        match policy.meta().allowed {
            Allowed::Range { min, max } if !(min..=max).contains(&value) => {
                Err(PolicyError::Range { policy, min, max, value })
            }
            Allowed::Enum(values) if !values.iter().any(|known| known.value == value) => {
                let mut allowed: Vec<i64> = values.iter().map(|known| known.value).collect();
                allowed.sort_unstable();
                Err(PolicyError::NotAllowed { policy, allowed, value })
            }
            Allowed::Range { .. } | Allowed::Enum(_) => {
                Ok(Self { policy, value: Value::Number(value) })
            }
            Allowed::Date | Allowed::Url | Allowed::Text => Err(PolicyError::Kind(policy)),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// [`PolicyError::Date`], [`PolicyError::Url`], [`PolicyError::Text`] or
    /// [`PolicyError::Kind`].
    pub fn text(policy: PolicyId, text: &str) -> Result<Self, PolicyError> {
        let text = text.trim();
        match policy.meta().allowed {
            Allowed::Date => match day(text) {
                Some(_) => {}
                None => return Err(PolicyError::Date { policy, text: beginning(text) }),
            },
            Allowed::Url if !is_server(text) => {
                return Err(PolicyError::Url { policy, text: beginning(text) });
            }
            Allowed::Url | Allowed::Text => {
                if text.is_empty() || text.len() > MAX_TEXT || text.contains(lost) {
                    return Err(PolicyError::Text(policy));
                }
            }
            Allowed::Range { .. } | Allowed::Enum(_) => return Err(PolicyError::Kind(policy)),
        }
        Ok(Self { policy, value: Value::Text(text.to_owned()) })
    }

    /// A day.
    ///
    /// # Errors
    /// [`PolicyError::Kind`], and [`PolicyError::Date`] for a year that has not four digits.
    pub fn date(policy: PolicyId, day: NaiveDate) -> Result<Self, PolicyError> {
        match policy.meta().allowed {
            Allowed::Date => Self::text(policy, &day.format("%Y-%m-%d").to_string()),
            _ => Err(PolicyError::Kind(policy)),
        }
    }

    /// A value that its type guarantees.
    pub(crate) const fn trusted(policy: PolicyId, value: Value) -> Self {
        Self { policy, value }
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> PolicyId {
        self.policy
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    pub(crate) fn into_parts(self) -> (PolicyId, Value) {
        (self.policy, self.value)
    }
}

impl TryFrom<(PolicyId, String)> for Setting {
    type Error = PolicyError;

    fn try_from((policy, text): (PolicyId, String)) -> Result<Self, PolicyError> {
        Self::parse(policy, &text)
    }
}

impl From<Setting> for (PolicyId, String) {
    fn from(setting: Setting) -> Self {
        (setting.policy, setting.value.to_string())
    }
}

impl fmt::Display for Setting {
    /// `DeferQualityUpdatesPeriodInDays = 7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.policy, self.value)
    }
}

/// Reads `yyyy-mm-dd` and nothing else.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if shape { text.parse().ok() } else { None }
}

/// Whether a character cannot be in a value: controls, and what XML cannot carry.
fn lost(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Whether a text is the address of a server: http or https, a host, no blanks, at most 256 bytes.
///
/// *Decision*: the DDF takes any text. An address that Windows cannot reach leaves a device without
/// updates, so at least its form is checked; `CorpWSUS`, the DDF's default, is a placeholder.
fn is_server(text: &str) -> bool {
    let lower = text.get(..8).or(text.get(..7)).unwrap_or_default().to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        text.get(8..)
    } else if lower.starts_with("http://") {
        text.get(7..)
    } else {
        None
    };
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // An IPv6 host has its colons in brackets.
    let (host, port) = match authority.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((host, after)) => {
                (host, after.strip_prefix(':').or((!after.is_empty()).then_some("x")))
            }
            None => return false,
        },
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let printable = |c: char| !lost(c) && !c.is_whitespace() && c != '\\';
    let port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    text.len() <= MAX_TEXT
        && !host.is_empty()
        && !host.contains('@')
        && port
        && text.chars().all(printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_and_list_takes_its_values_and_nothing_else() {
        for policy in PolicyId::ALL {
            let takes = |value| Setting::number(policy, value).is_ok();
            match policy.meta().allowed {
                Allowed::Range { min, max } => {
                    assert!(takes(min) && takes(max), "{policy}");
                    assert!(!takes(min - 1) && !takes(max + 1), "{policy}");
                }
                Allowed::Enum(values) => {
                    for value in -1..=300 {
                        let listed = values.iter().any(|known| known.value == value);
                        assert_eq!(takes(value), listed, "{policy} {value}");
                    }
                }
                _ => assert_eq!(Setting::number(policy, 1), Err(PolicyError::Kind(policy))),
            }
        }
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        let policy = PolicyId::PauseQualityUpdatesStartTime;
        for text in ["2026-11-21", " 2024-02-29 ", "0001-01-01"] {
            assert!(Setting::parse(policy, text).is_ok(), "{text}");
        }
        for text in [
            "",
            "2026-02-29",
            "2026-1-1",
            "26-11-21",
            "2026-11-21T00:00:00Z",
            "21.11.2026",
            "+026-11-21",
            "2026-11-21x",
        ] {
            assert!(Setting::parse(policy, text).is_err(), "{text}");
        }
        assert!(Setting::date(policy, NaiveDate::MAX).is_err());
        assert!(Setting::date(PolicyId::TargetReleaseVersion, NaiveDate::MIN).is_err());
    }

    #[test]
    fn servers_are_addresses() {
        let takes = |text: &str| Setting::parse(PolicyId::UpdateServiceUrl, text).is_ok();
        for text in ["http://abcd-srv:8530", "HTTPS://wsus.contoso.example/a", "http://[::1]:8530"]
        {
            assert!(takes(text), "{text}");
        }
        for text in [
            "",
            "CorpWSUS",
            "http://",
            "http://:8530",
            "ftp://a",
            "http://a:0",
            "http://a:70000",
            "http://a b",
            "http://[::1",
            "http://[::1]8530",
            "http://user@host",
            "http://a\\b",
            "https:/é",
            "http://a/\u{ffff}",
        ] {
            assert!(!takes(text), "{text}");
        }
        assert!(takes(&format!("http://a/{}", "x".repeat(MAX_TEXT - 9))));
        assert!(!takes(&format!("http://a/{}", "x".repeat(MAX_TEXT - 8))));
    }

    #[test]
    fn numbers_are_read_as_numbers_only() {
        let policy = PolicyId::AllowAutoUpdate;
        assert_eq!(Setting::parse(policy, " 05 ").unwrap().value(), &Value::Number(5));
        for text in ["", "-", "x", "1.0", "+1", "0x1", "99999999999999999999", "6", "-1"] {
            assert!(Setting::parse(policy, text).is_err(), "{text}");
        }
        assert!(Setting::text(policy, "1").is_err());
        assert!(Setting::parse(PolicyId::TargetReleaseVersion, &"1".repeat(256)).is_ok());
        assert!(Setting::parse(PolicyId::TargetReleaseVersion, &"1".repeat(257)).is_err());
    }
}
