//! Moments in saved states.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, in the saved state as text (RFC 3339): a chrono type would tie it to chrono.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Moment(pub(crate) DateTime<Utc>);

impl Moment {
    pub(crate) fn after(now: DateTime<Utc>, delay: TimeDelta) -> Self {
        // RFC 3339 ends with the year 9999, and a state has to be readable again.
        let last = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(now);
        Self(now.checked_add_signed(delay).map_or(last, |time| time.min(last)))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| Self(time.to_utc()))
            .map_err(serde::de::Error::custom)
    }
}
