//! Dates of property lists.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Seconds from 1970 to 2001, where Apple's time begins.
const EPOCH: i64 = 978_307_200;

/// A time as it stands: `yyyy-mm-ddThh:mm:ssZ`; of a binary list, with a fraction if it has one.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Date(String);

impl Date {
    /// The time with this text, if it is one. A missing `Z` is UTC all the same; another zone
    /// becomes UTC.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        if is_canonical(text) {
            return Some(Self(text.to_owned()));
        }
        let time = match DateTime::parse_from_rfc3339(text) {
            Ok(time) => time.naive_utc(),
            Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok()?,
        };
        // Leap seconds have no place in Apple's time.
        (chrono::Timelike::nanosecond(&time) < 1_000_000_000).then(|| Self::of(time))?
    }

    /// The time, if its year has four digits: XML has no room for more.
    fn of(time: NaiveDateTime) -> Option<Self> {
        let year = chrono::Datelike::year(&time);
        let text = || Self(time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string());
        (1..=9999).contains(&year).then(text)
    }

    /// The time this many seconds after the beginning of 2001 (UTC), as binary lists have it.
    pub(super) fn from_apple_seconds(seconds: f64) -> Option<Self> {
        // Years 1 to 9999 are well within; beyond this chrono has no date.
        if !(-1e12..1e12).contains(&seconds) {
            return None;
        }
        let whole = seconds.floor();
        // A billionth is finer than the number is at any time after 2001.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (mut whole, mut nanos) = (whole as i64, ((seconds - whole) * 1e9).round() as u32);
        if nanos >= 1_000_000_000 {
            (whole, nanos) = (whole + 1, 0);
        }
        Self::of(DateTime::from_timestamp(EPOCH + whole, nanos)?.naive_utc())
    }

    /// The seconds after the beginning of 2001 (UTC).
    pub(super) fn to_apple_seconds(&self) -> f64 {
        let Some(time) = self.time() else { return 0.0 };
        #[allow(clippy::cast_precision_loss)]
        let whole = (time.timestamp() - EPOCH) as f64;
        whole + f64::from(time.timestamp_subsec_nanos()) / 1e9
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text without a fraction of a second, as XML has it.
    pub(super) fn whole(&self) -> &str {
        self.0.split_once('.').map_or(self.0.as_str(), |(whole, _)| whole).trim_end_matches('Z')
    }

    /// The time.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(&self.0).ok().map(|time| time.to_utc())
    }
}

/// Whether a text is a date in Apple's form, without parsing more than that.
pub(super) fn is_canonical(text: &str) -> bool {
    let bytes = text.as_bytes();
    let form = bytes.len() == 20
        && bytes.iter().zip(b"0000-00-00T00:00:00Z").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == form,
        });
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
    let (Some(hour), Some(minute), Some(second)) = (number(11, 13), number(14, 16), number(17, 19))
    else {
        return false;
    };
    let year = text.get(..4).and_then(|year| year.parse().ok()).filter(|year| *year > 0);
    let date = year.zip(number(5, 7)).zip(number(8, 10));
    let date = date.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month, day));
    form && date.and_then(|date| date.and_hms_opt(hour, minute, second)).is_some()
}

/// Without its fraction; a year before 1 or after 9999 becomes the nearest that property lists
/// have.
impl From<DateTime<Utc>> for Date {
    fn from(time: DateTime<Utc>) -> Self {
        // The first second of year 1 and the last of 9999.
        let bounds = [-62_135_596_800, 253_402_300_799].map(|at| DateTime::from_timestamp(at, 0));
        let time = match bounds {
            [Some(first), Some(last)] => time.clamp(first, last),
            _ => time,
        };
        Self(time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

impl TryFrom<String> for Date {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_text(&text).ok_or("not a date")
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.0
    }
}
