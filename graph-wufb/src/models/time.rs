//! Dates and durations that keep their text.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::wire::{Context, Wire, quoted};
use crate::error::Error;
use crate::json::{Code, Value};

/// A date and time as the service wrote it: 0 to 9 fraction digits, `Z` or an offset.
///
/// Equality is that of the text; [`Self::instant`] is the moment.
///
/// ```
/// use graph_wufb::models::GraphDateTime;
///
/// let created = GraphDateTime::from("2023-01-19T07:58:01.9721459Z");
/// assert_eq!(created.instant().unwrap().timestamp_subsec_nanos(), 972_145_900);
/// assert_eq!(created.to_string(), "2023-01-19T07:58:01.9721459Z");
/// assert!(GraphDateTime::from("0001-01-01T00:00:00Z").is_unset());
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct GraphDateTime(Box<str>);

impl GraphDateTime {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment, sentinels included. A text without an offset is read as UTC: the `date` of an
    /// error has none (*Observed*, Graph error reference).
    #[must_use]
    pub fn instant(&self) -> Option<DateTime<Utc>> {
        Self::instant_of(&self.0)
    }

    /// The moment that a text is.
    pub(crate) fn instant_of(text: &str) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(text)
            .map(|time| time.to_utc())
            .or_else(|_| {
                NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
                    .map(|time| time.and_utc())
            })
            .ok()
    }

    /// Whether it is one of the dates in the year 1 that the service writes for "none"
    /// (*Observed*: seed 003, `revokedDateTime` of an approval that stands).
    #[must_use]
    pub fn is_unset(&self) -> bool {
        self.instant().is_some_and(|time| time.year() <= 1)
    }

    /// The moment that a text is, if it is a real one.
    pub(crate) fn date_of(text: &str) -> Option<DateTime<Utc>> {
        Self::instant_of(text).filter(|time| time.year() > 1)
    }

    /// The moment, if it is a real one.
    #[must_use]
    pub fn date(&self) -> Option<DateTime<Utc>> {
        Self::date_of(&self.0)
    }
}

impl From<&str> for GraphDateTime {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<DateTime<Utc>> for GraphDateTime {
    /// With `Z`, and no more fraction digits than needed.
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
    }
}

impl fmt::Display for GraphDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Wire for GraphDateTime {
    const EXPECTED: &'static str = "a date and time";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn read(value: Value, cx: &mut Context) -> Result<Self, Value> {
        let Value::String(text) = value else { return Err(value) };
        let time = Self(text.into());
        if time.instant().is_none() {
            cx.note(Code::UnreadableTime, Self::EXPECTED, || quoted(&time.0));
        }
        Ok(time)
    }

    fn write(&self) -> Value {
        Value::from(self.as_str())
    }

    fn schema_type() -> String {
        "Edm.DateTimeOffset".to_owned()
    }
}

/// An ISO 8601 duration as it was written (Edm.Duration).
///
/// *Decision*: the service refuses weeks (`P1W`) and takes days (`P7D`), so values made here and
/// bodies of requests never have weeks; a text that was read is kept as it is.
///
/// ```
/// use graph_wufb::models::IsoDuration;
///
/// assert_eq!(IsoDuration::days(7).as_str(), "P7D");
/// assert_eq!("P1W".parse::<IsoDuration>()?.as_str(), "P7D");
/// assert_eq!("PT36H".parse::<IsoDuration>()?.time_delta().unwrap().num_hours(), 36);
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct IsoDuration(Box<str>);

impl IsoDuration {
    /// Whole days.
    #[must_use]
    pub fn days(days: u32) -> Self {
        Self(format!("P{days}D").into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The length. `None` for years and months, which have none, and for what is no duration.
    #[must_use]
    pub fn time_delta(&self) -> Option<TimeDelta> {
        parse(&self.0)?.delta
    }

    /// The same without weeks.
    #[must_use]
    pub fn without_weeks(&self) -> Self {
        match parse(&self.0) {
            Some(Parts { weeks: Some(weeks), negative, .. }) => {
                let sign = if negative { "-" } else { "" };
                Self(format!("{sign}P{}D", weeks.saturating_mul(7)).into())
            }
            _ => self.clone(),
        }
    }
}

impl FromStr for IsoDuration {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) if the text is no duration.
    fn from_str(text: &str) -> Result<Self, Error> {
        match parse(text) {
            Some(_) => Ok(Self(text.into()).without_weeks()),
            None => Err(Error::value("an ISO 8601 duration", text)),
        }
    }
}

impl fmt::Display for IsoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Wire for IsoDuration {
    const EXPECTED: &'static str = "a duration";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn read(value: Value, cx: &mut Context) -> Result<Self, Value> {
        let Value::String(text) = value else { return Err(value) };
        if parse(&text).is_none() {
            cx.note(Code::UnreadableTime, Self::EXPECTED, || quoted(&text));
        }
        Ok(Self(text.into()))
    }

    fn write(&self) -> Value {
        Value::from(self.as_str())
    }

    fn schema_type() -> String {
        "Edm.Duration".to_owned()
    }
}

struct Parts {
    negative: bool,
    /// The weeks, if they are all there is.
    weeks: Option<i64>,
    delta: Option<TimeDelta>,
}

/// ISO 8601 `PnYnMnDTnHnMnS` and `PnW`; a fraction on the seconds only, as in XML Schema.
fn parse(text: &str) -> Option<Parts> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut rest = rest.strip_prefix('P')?;
    let mut total = Some(TimeDelta::zero());
    let mut add = |delta: Option<TimeDelta>| {
        total = total.and_then(|sum| sum.checked_add(&delta?));
    };
    let mut in_time = false;
    let mut order = "YMWD";
    let mut weeks = None;
    let mut parts = 0;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T').filter(|time| !in_time && !time.is_empty()) {
            (in_time, order, rest) = (true, "HMS", time);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at_checked(end)?;
        let unit = unit.chars().next()?;
        let (_, later) = order.split_once(unit)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
        if whole.is_empty() || (number.contains('.') && (unit != 'S' || !digits)) {
            return None;
        }
        let count: i64 = whole.parse().ok()?;
        match unit {
            'W' => {
                weeks = Some(count);
                add(TimeDelta::try_weeks(count));
            }
            'D' => add(TimeDelta::try_days(count)),
            'H' => add(TimeDelta::try_hours(count)),
            'M' if in_time => add(TimeDelta::try_minutes(count)),
            'S' => {
                let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
                let nanos = nanos.fold(0, |all, digit| all * 10 + i64::from(digit - b'0'));
                add(TimeDelta::try_seconds(count));
                add(Some(TimeDelta::nanoseconds(nanos)));
            }
            _ => add(None),
        }
        parts += 1;
        order = later;
        rest = rest.get(end + 1..)?;
    }
    // Weeks stand alone (ISO 8601-1, 5.5.2.4): with others they could not be written in days.
    if weeks.is_some() && parts > 1 {
        return None;
    }
    let delta = total.map(|delta| if negative { -delta } else { delta });
    (parts > 0).then_some(Parts { negative, weeks, delta })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_one_grammar() {
        for (text, seconds) in [
            ("P1D", Some(86_400)),
            ("P7D", Some(604_800)),
            ("P2W", Some(1_209_600)),
            ("PT0S", Some(0)),
            ("P1DT2H3M4.5S", Some(93_784)),
            ("-PT5M", Some(-300)),
            ("P1M", None),
        ] {
            let parts = parse(text).unwrap_or_else(|| panic!("{text} is a duration"));
            assert_eq!(parts.delta.map(|delta| delta.num_seconds()), seconds, "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1",
            "1D",
            "P1H",
            "PT1D",
            "P.5D",
            "P1DT",
            "P1D1D",
            "PT1.S",
            "PT1.2.3S",
            "PT1..S",
            "P1W2D",
            "P1Y1W",
            "P-1D",
            "7 days, 0:00:00",
        ] {
            assert!(parse(text).is_none(), "{text} is no duration");
        }
        assert!(parse("P99999999999999999D").is_some_and(|parts| parts.delta.is_none()));
    }

    #[test]
    fn dates_are_read_with_any_fraction_and_offset() {
        for text in [
            "2023-02-14T01:00:00Z",
            "2023-08-24T02:51:27.29Z",
            "2023-01-19T08:41:29.3840994Z",
            "2023-09-07T16:14:07.1881817-07:00",
            "2025-02-13T10:17:05",
        ] {
            assert!(GraphDateTime::from(text).date().is_some(), "{text}");
        }
        assert!(GraphDateTime::from("0001-01-21T04:18:32Z").is_unset());
        assert_eq!(GraphDateTime::from("String (timestamp)").instant(), None);
    }
}
