//! When to try again.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::GraphError;
use crate::json::Value;
use crate::models::{GraphDateTime, IsoDuration};

/// When to try again (RFC 9110 section 10.2.3; the service also wrote fractions of seconds).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum RetryAfter {
    /// After so many seconds, rounded up.
    Seconds(u32),
    /// At a time, as the header has it.
    At(String),
}

impl RetryAfter {
    /// Reads the header's value. Seconds may have any number of digits; a date is read up to
    /// [`GraphError::MAX_CODE`] bytes, because it is kept.
    ///
    /// ```
    /// use graph_wufb::RetryAfter;
    ///
    /// assert_eq!(RetryAfter::parse("2.128"), Some(RetryAfter::Seconds(3)));
    /// assert_eq!(RetryAfter::parse("soon"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !whole.is_empty() && digits(whole) && digits(fraction) {
            let more = u32::from(fraction.bytes().any(|byte| byte != b'0'));
            // So many digits that they do not fit mean "never"; the longest wait stands for it.
            return Some(Self::Seconds(whole.parse().unwrap_or(u32::MAX).saturating_add(more)));
        }
        // Such a date may have a comment of any length behind it.
        let date = (text.len() <= GraphError::MAX_CODE).then_some(text)?;
        DateTime::parse_from_rfc2822(date).ok().map(|_| Self::At(date.to_owned()))
    }

    /// The member `RetryAfter` of a message of Intune's. Only `null` was seen there, so whatever can
    /// be meant is read: what the header can have, as number or text, a time span of .NET
    /// (`[d.]hh:mm:ss[.fffffff]`), an ISO 8601 duration, or a date and time of OData. No wait at all
    /// is none told: it is what a member of .NET has that nobody set.
    pub(super) fn told(value: &Value) -> Option<Self> {
        let text = match value {
            Value::Number(number) => number.as_str(),
            Value::String(text) if text.len() <= GraphError::MAX_CODE => text.trim(),
            _ => return None,
        };
        Self::parse(text)
            .or_else(|| span(text))
            .or_else(|| duration(text))
            .or_else(|| date(text))
            .filter(|wait| *wait != Self::Seconds(0))
    }

    /// How long to wait from `now` on.
    #[must_use]
    pub fn delay(&self, now: DateTime<Utc>) -> TimeDelta {
        match self {
            Self::Seconds(seconds) => TimeDelta::seconds(i64::from(*seconds)),
            Self::At(text) => DateTime::parse_from_rfc2822(text)
                .map_or(TimeDelta::zero(), |time| time.to_utc() - now)
                .max(TimeDelta::zero()),
        }
    }

    /// The same, and nothing for a date that has passed: it tells no wait. A header's 0 does.
    pub(crate) fn wait(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let delay = self.delay(now);
        let tells = matches!(self, Self::Seconds(_)) || delay > TimeDelta::zero();
        tells.then_some(delay)
    }
}

fn span(text: &str) -> Option<RetryAfter> {
    let (clock, seconds) = text.rsplit_once(':')?;
    let (hours, minutes) = clock.split_once(':')?;
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let RetryAfter::Seconds(seconds) = RetryAfter::parse(seconds)? else { return None };
    let part = |text: &str, unit: u32| Some(text.parse::<u32>().ok()?.saturating_mul(unit));
    let parts = [part(days, 86_400)?, part(hours, 3_600)?, part(minutes, 60)?];
    Some(RetryAfter::Seconds(parts.into_iter().fold(seconds, u32::saturating_add)))
}

fn duration(text: &str) -> Option<RetryAfter> {
    let wait = text.parse::<IsoDuration>().ok()?.time_delta()?;
    // A negative one has no seconds that fit, and is none.
    let seconds = wait.num_seconds().saturating_add(i64::from(wait.subsec_nanos() > 0));
    (wait >= TimeDelta::zero())
        .then(|| RetryAfter::Seconds(u32::try_from(seconds).unwrap_or(u32::MAX)))
}

/// As the header would have it, which has years of four digits.
fn date(text: &str) -> Option<RetryAfter> {
    let date = GraphDateTime::date_of(text).filter(|date| (2..=9_999).contains(&date.year()))?;
    Some(RetryAfter::At(date.to_rfc2822()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_tells_is_read_in_every_form() {
        let now: DateTime<Utc> = "2026-01-12T08:00:00Z".parse().unwrap();
        let wait = |value: Value| RetryAfter::told(&value).map(|it| it.delay(now).num_seconds());
        let text = |text: &str| wait(Value::from(text));
        assert_eq!(wait(Value::from(30)), Some(30));
        for (told, seconds) in [
            ("30", 30),
            (" 2.5 ", 3),
            ("99999999999", i64::from(u32::MAX)),
            ("Mon, 12 Jan 2026 08:00:30 GMT", 30),
            ("00:01:30", 90),
            ("00:00:01.2500000", 2),
            ("1.02:03:04", 93_784),
            ("4294967295.23:59:59", i64::from(u32::MAX)),
            ("PT2M", 120),
            ("PT0.5S", 1),
            ("P99999D", i64::from(u32::MAX)),
            ("2026-01-12T08:01:00Z", 60),
            ("2026-01-12T09:01:00+01:00", 60),
            ("2026-01-12T07:00:00Z", 0),
            ("9999-12-31T23:59:59Z", 251_634_095_999),
        ] {
            assert_eq!(text(told), Some(seconds), "{told}");
        }
        for told in [
            "",
            "soon",
            "-30",
            "-PT30S",
            "P1M",
            "00:30",
            "1:2:3:4",
            "-1:00:00",
            ":00:30",
            "0",
            "0.0",
            "00:00:00",
            "00:00:00.0000000",
            "PT0S",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-14:00",
            "+12026-01-12T08:01:00",
        ] {
            assert_eq!(text(told), None, "{told}");
        }
        for value in [Value::Null, Value::Bool(true), Value::from(-1), Value::Array(Vec::new())] {
            assert_eq!(wait(value), None);
        }
        assert_eq!(wait(Value::from(0)), None);
    }
}
