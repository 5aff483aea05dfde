//! What Windows Update offers to a simulated device.

use chrono::{DateTime, Utc};

use crate::classification::Classification;
use crate::hresult::HResult;
use crate::id::UpdateGuid;

/// An update that Windows Update offers to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Offer {
    /// The update.
    pub id: UpdateGuid,
    /// The revision that the device sees.
    pub revision: u32,
    /// `Type`: 1 security, 2 critical, 0 neither.
    pub kind: i64,
    /// Its classification.
    pub classification: Classification,
    /// Whether it needs a restart.
    pub needs_reboot: bool,
    /// When it was released (RFC 3339); from the beginning, if absent.
    pub released: Option<String>,
    /// The HRESULT it fails with, if it does.
    pub fails_with: Option<HResult>,
    /// How often it fails before it succeeds; `None` is always.
    pub failures: Option<u32>,
}

impl Offer {
    /// An update that installs without a restart.
    #[must_use]
    pub fn new(id: UpdateGuid, revision: u32, classification: Classification) -> Self {
        let kind = match classification {
            Classification::SECURITY_UPDATES => 1,
            Classification::CRITICAL_UPDATES => 2,
            _ => 0,
        };
        Self {
            id,
            revision,
            kind,
            classification,
            needs_reboot: false,
            released: None,
            fails_with: None,
            failures: None,
        }
    }

    /// The same with a restart.
    #[must_use]
    pub fn with_reboot(mut self) -> Self {
        self.needs_reboot = true;
        self
    }

    /// The same, released at this time.
    #[must_use]
    pub fn released(mut self, at: DateTime<Utc>) -> Self {
        self.released = Some(at.to_rfc3339());
        self
    }

    /// The same, but it fails.
    #[must_use]
    pub fn failing(mut self, hresult: impl Into<HResult>) -> Self {
        self.fails_with = Some(hresult.into());
        self.failures = None;
        self
    }

    /// The same, but it fails this often before it succeeds.
    #[must_use]
    pub fn failing_times(mut self, hresult: impl Into<HResult>, times: u32) -> Self {
        self.fails_with = Some(hresult.into());
        self.failures = Some(times);
        self
    }

    pub(super) fn released_at(&self) -> Option<DateTime<Utc>> {
        let text = self.released.as_deref()?;
        DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
    }
}
