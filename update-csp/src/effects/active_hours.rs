//! Active hours: when Windows does not restart by itself.

use std::fmt;

use chrono::{DateTime, Duration, TimeZone, Timelike};

use crate::Build;
use crate::policy::PolicySet;
use crate::policy::values::{ActiveHoursEnd, ActiveHoursMaxRange, ActiveHoursStart};

/// Active hours, from an hour of the day to another, which may be of the next day.
///
/// ```
/// use update_csp::PolicySet;
/// use update_csp::effects::ActiveHours;
/// use update_csp::policy::values::{ActiveHoursEnd, ActiveHoursStart};
///
/// let set = PolicySet::new().with(ActiveHoursStart::at(22)?).with(ActiveHoursEnd::at(6)?);
/// let hours = ActiveHours::of(&set);
/// assert_eq!((hours.span(), hours.contains(23), hours.contains(6)), (8, true, false));
/// # Ok::<(), update_csp::policy::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct ActiveHours {
    start: u32,
    end: u32,
}

impl ActiveHours {
    /// The active hours that a set makes: what it does not set has its default, 8 and 17. Users can
    /// choose others where the set has neither.
    #[must_use]
    pub fn of(set: &PolicySet) -> Self {
        Self {
            start: set.get::<ActiveHoursStart>().map_or(8, |hour| hour.get().into()),
            end: set.get::<ActiveHoursEnd>().map_or(17, |hour| hour.get().into()),
        }
    }

    /// The longest span that a device takes, in hours: 12 on Windows 10 1607, what
    /// ActiveHoursMaxRange says or 18 since.
    #[must_use]
    pub fn longest(set: &PolicySet, build: Build) -> u32 {
        if build < Build::WINDOWS_10_1703 {
            return 12;
        }
        set.get::<ActiveHoursMaxRange>().map_or(18, |hours| hours.get().into())
    }

    /// How many hours they last: 0 to 23.
    #[must_use]
    pub const fn span(self) -> u32 {
        // Stored hours may be any number.
        (self.end % 24 + 24 - self.start % 24) % 24
    }

    /// Whether an hour of the day, 0 to 23, is among them.
    #[must_use]
    pub const fn contains(self, hour: u32) -> bool {
        (hour % 24 + 24 - self.start % 24) % 24 < self.span()
    }

    /// The first moment from this one on that is outside of them.
    #[must_use]
    pub fn next_outside<Z: TimeZone>(self, time: &DateTime<Z>) -> DateTime<Z> {
        let mut at = time.clone();
        // At most a day and the two changes of daylight saving.
        for _ in 0..26 {
            if !self.contains(at.hour()) {
                break;
            }
            let into = Duration::minutes(at.minute().into())
                + Duration::seconds(at.second().into())
                + Duration::nanoseconds((at.nanosecond() % 1_000_000_000).into());
            let Some(next) = at.clone().checked_add_signed(Duration::hours(1) - into) else {
                break;
            };
            at = next;
        }
        at
    }
}

impl fmt::Display for ActiveHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:00 to {:02}:00", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    #[test]
    fn hours_wrap_around_midnight() {
        for (start, end, span) in [(8, 17, 9), (22, 6, 8), (0, 0, 0), (23, 0, 1), (1, 0, 23)] {
            let hours = ActiveHours { start, end };
            assert_eq!(hours.span(), span);
            assert_eq!((0..24).filter(|hour| hours.contains(*hour)).count(), span as usize);
        }
    }

    #[test]
    fn stored_hours_may_be_any_number() {
        let hours = ActiveHours { start: u32::MAX, end: 0 };
        assert!(hours.span() < 24 && !hours.contains(u32::MAX - 1));
    }

    #[test]
    fn restarts_wait_for_their_end_by_the_devices_clock() {
        let hours = ActiveHours::of(&PolicySet::new());
        let next = |text: &str| {
            let time: DateTime<FixedOffset> = text.parse().unwrap();
            hours.next_outside(&time).to_rfc3339()
        };
        assert_eq!(next("2026-11-21T09:12:13.5+05:30"), "2026-11-21T17:00:00+05:30");
        assert_eq!(next("2026-11-21T17:00:00+05:30"), "2026-11-21T17:00:00+05:30");
        assert_eq!(next("2026-11-21T07:59:59+05:30"), "2026-11-21T07:59:59+05:30");
        assert_eq!(next("2026-11-21T08:00:00+05:30"), "2026-11-21T17:00:00+05:30");
    }

    #[test]
    fn the_longest_span_depends_on_the_release() {
        let set = PolicySet::new().with(ActiveHoursMaxRange::hours(10).unwrap());
        assert_eq!(ActiveHours::longest(&set, Build::WINDOWS_10_1607), 12);
        assert_eq!(ActiveHours::longest(&set, Build::WINDOWS_10_1703), 10);
        assert_eq!(ActiveHours::longest(&PolicySet::new(), Build::WINDOWS_11_24H2), 18);
    }
}
