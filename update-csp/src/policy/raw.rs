//! Policies that are not known here.

use std::fmt;

use syncml::model::Format;
use syncml::{Command, Data};

use super::error::beginning;
use super::{Observed, PolicyError, PolicyId, ValueFormat, name};

/// Bytes in a raw policy's value.
pub(super) const MAX_DATA: usize = 65_536;

/// A policy of the Update area that is sent as it stands: one that is newer than the tables, or a
/// value of a known one that is. [`PolicySet::validate`](crate::PolicySet::validate) says what the
/// tables have against it.
///
/// ```
/// use update_csp::policy::{PolicySet, RawPolicy, ValueFormat};
/// use update_csp::rules::{Rule, Target};
/// use update_csp::{Build, Edition};
///
/// // Observed on devices with hotpatch, in no DDF until February 2025.
/// let hotpatch = RawPolicy::new("AllowRebootlessUpdates", ValueFormat::Int, "1")?;
/// let set = PolicySet::new().with_raw(hotpatch);
/// let report = set.validate(&Target::new(Build::WINDOWS_11_24H2, Edition::ENTERPRISE));
/// assert!(report.is_accepted() && report.has(Rule::RawObserved)); // a warning
/// # Ok::<(), update_csp::policy::PolicyError>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RawPolicy {
    name: String,
    format: ValueFormat,
    data: String,
}

impl RawPolicy {
    /// A policy of this name, format and value.
    ///
    /// # Errors
    /// [`PolicyError::Name`] for a name that is empty, longer than 128 bytes or has other
    /// characters than letters, digits, `_` and `-`; [`PolicyError::Data`] for a value of more than
    /// 65,536 bytes or with characters that XML cannot carry.
    pub fn new(
        name: impl Into<String>,
        format: ValueFormat,
        data: impl Into<String>,
    ) -> Result<Self, PolicyError> {
        let (name, data) = (name.into(), data.into());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if name.is_empty() || name.len() > 128 || !name.bytes().all(plain) {
            return Err(PolicyError::Name(beginning(&name)));
        }
        let lost = |c: char| {
            (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
                || matches!(c, '\u{fffe}' | '\u{ffff}')
        };
        if data.len() > MAX_DATA || data.contains(lost) {
            return Err(PolicyError::Data(name));
        }
        Ok(Self { name, format, data })
    }

    /// The node's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The policy of that name, if it is known.
    #[must_use]
    pub fn id(&self) -> Option<PolicyId> {
        name::known(&self.name)
    }

    /// What is known of that name, if no DDF lists it and it was seen on devices all the same.
    #[must_use]
    pub fn observed(&self) -> Option<&'static Observed> {
        Observed::of(&self.name)
    }

    /// The value's format.
    #[must_use]
    pub const fn format(&self) -> ValueFormat {
        self.format
    }

    /// The value.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }

    pub(crate) fn command(&self, make: super::set::Make) -> Command<'static> {
        // A name of letters and digits is a segment as it stands.
        let uri = format!("{}/{}", super::CONFIG, self.name);
        make(uri, Format::from_text(self.format.name()), Data::text(self.data.clone()))
    }
}

impl fmt::Debug for RawPolicy {
    /// Without the value: nobody knows what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPolicy")
            .field("name", &self.name)
            .field("format", &self.format)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_have_bounds() {
        let new = |name: &str, data: &str| RawPolicy::new(name, ValueFormat::Chr, data);
        assert!(new(&"a".repeat(128), "").is_ok());
        assert!(new(&"a".repeat(129), "").is_err());
        assert!(new("a", &"x".repeat(MAX_DATA)).is_ok());
        assert!(new("a", &"x".repeat(MAX_DATA + 1)).is_err());
        for name in ["", "a/b", "a b", "a%2f", "..", "ü"] {
            assert!(new(name, "1").is_err(), "{name}");
        }
        assert!(new("a", "\u{1}").is_err() && new("a", "\u{ffff}").is_err());
        assert_eq!(new("allowautoupdate", "9").unwrap().id(), Some(PolicyId::AllowAutoUpdate));
        assert!(!format!("{:?}", new("a", "secret").unwrap()).contains("secret"));
    }
}
