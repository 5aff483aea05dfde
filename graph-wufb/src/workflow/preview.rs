//! Who is offered what, when: computed before anything is sent.

use chrono::{DateTime, TimeDelta, Utc};

use crate::models::{GradualRollout, ScheduleSettings};

/// One offer of a gradual rollout.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Wave {
    /// When.
    pub time: DateTime<Utc>,
    /// The first device of it, by its place among the devices.
    pub first: usize,
    /// How many devices.
    pub devices: usize,
}

/// Offers of one preview; a schedule of more is refused.
pub const MAX_WAVES: usize = 100_000;

/// Why a schedule cannot be previewed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoPreview {
    /// A duration is no number of seconds (months, years) or less than a millisecond.
    #[error("the time between offers is not a positive number of seconds")]
    Interval,
    /// A date cannot be read or lies beyond the calendar, or the end lies before the start.
    #[error("a date of the schedule cannot be read, or the end lies before the start")]
    Date,
    /// A kind of rollout that this crate does not know.
    #[error("the kind of rollout is not known")]
    Kind,
    /// More than [`MAX_WAVES`] offers.
    #[error("more than {MAX_WAVES} offers")]
    Waves,
}

/// The offers of a schedule to so many devices that are assigned at `now`; which device is in which
/// wave is the service's choice.
///
/// - Without a start the first offer is now, without a gradual rollout it goes to all (documentation,
///   "Schedule a deployment").
/// - *By rate*: so many devices every so often; a day is the documented default, and no
///   `devicesPerOffer`, or 0 as the service answers it, means all at once.
/// - *By date* and *by duration*: from the start to the end, in shares as equal as can be; the last
///   offer is before the end (schema, `endDateTime`; *Decision*: a duration ends likewise). Without an
///   end date all get the offer at once. *Decision*: one offer a day where the schedule does not say
///   how often. The documentation says only that the service computes it.
/// - *A start in the past*: the first offer is now. *Decision*: by rate, what was missed is not made
///   up for, because that would break the rate, which is there to limit harm. By date, the end is
///   kept, so the shares grow; by duration, the end counts from the schedule's own start. An end
///   that has passed leaves one offer, now, to all.
///
/// A deployment that is under way is previewed with the time at which its devices were assigned;
/// what lies before the present was offered:
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use graph_wufb::models::{GradualRollout, RateDrivenRolloutSettings, ScheduleSettings};
/// use graph_wufb::workflow::preview;
///
/// let mut schedule = ScheduleSettings::default();
/// let rate = RateDrivenRolloutSettings::new(100, 7);
/// schedule.gradual_rollout = GradualRollout::from(rate).into();
/// let assigned = DateTime::UNIX_EPOCH;
/// let waves = preview(&schedule, 250, assigned)?;
/// let devices: Vec<usize> = waves.iter().map(|wave| wave.devices).collect();
/// assert_eq!(devices, [100, 100, 50]);
/// assert_eq!((waves[2].time - assigned).num_days(), 14);
///
/// let now = assigned + TimeDelta::days(10);
/// let offered: usize =
///     waves.iter().filter(|wave| wave.time <= now).map(|wave| wave.devices).sum();
/// assert_eq!(offered, 200);
/// # Ok::<(), graph_wufb::workflow::NoPreview>(())
/// ```
///
/// # Errors
/// See [`NoPreview`].
pub fn preview(
    schedule: &ScheduleSettings,
    devices: usize,
    now: DateTime<Utc>,
) -> Result<Vec<Wave>, NoPreview> {
    let given = match schedule.start_date_time.get() {
        None => None,
        Some(start) if start.is_unset() => None,
        Some(start) => Some(start.date().ok_or(NoPreview::Date)?),
    };
    let start = given.map_or(now, |given| given.max(now));
    let (end, interval) = match schedule.gradual_rollout.get() {
        None | Some(GradualRollout::Plain(_)) => return Ok(at_once(start, devices)),
        Some(GradualRollout::RateDriven(rate)) => {
            let each = rate.devices().and_then(|each| usize::try_from(each).ok());
            let interval = interval(rate.duration_between_offers.get())?;
            return match each {
                Some(each) => by_rate(start, devices, each, interval),
                None => Ok(at_once(start, devices)),
            };
        }
        Some(GradualRollout::DateDriven(by)) => {
            let end = match by.end_date_time.get() {
                None => return Ok(at_once(start, devices)),
                Some(end) if end.is_unset() => return Ok(at_once(start, devices)),
                Some(end) => end.date().ok_or(NoPreview::Date)?,
            };
            (end, interval(by.duration_between_offers.get())?)
        }
        Some(GradualRollout::DurationDriven(by)) => {
            let whole = by.duration_until_deployment_end.get().and_then(|time| time.time_delta());
            let whole = whole.ok_or(NoPreview::Interval)?;
            let end = given.unwrap_or(now).checked_add_signed(whole).ok_or(NoPreview::Date)?;
            (end, interval(by.duration_between_offers.get())?)
        }
        Some(GradualRollout::Other(_)) => return Err(NoPreview::Kind),
    };
    if given.is_some_and(|given| end < given) {
        Err(NoPreview::Date)
    } else if end <= start {
        Ok(at_once(start, devices))
    } else {
        by_date(start, end, devices, interval)
    }
}

fn at_once(time: DateTime<Utc>, devices: usize) -> Vec<Wave> {
    if devices == 0 { Vec::new() } else { vec![Wave { time, first: 0, devices }] }
}

fn interval(duration: Option<&crate::models::IsoDuration>) -> Result<TimeDelta, NoPreview> {
    match duration {
        None => Ok(TimeDelta::days(1)),
        Some(duration) => duration
            .time_delta()
            .filter(|time| time.num_milliseconds() > 0)
            .ok_or(NoPreview::Interval),
    }
}

fn by_rate(
    start: DateTime<Utc>,
    devices: usize,
    each: usize,
    interval: TimeDelta,
) -> Result<Vec<Wave>, NoPreview> {
    let each = each.max(1);
    if devices.div_ceil(each) > MAX_WAVES {
        return Err(NoPreview::Waves);
    }
    let mut waves = Vec::with_capacity(devices.div_ceil(each));
    let (mut first, mut time) = (0, Some(start));
    while first < devices {
        let count = each.min(devices - first);
        let at = time.ok_or(NoPreview::Date)?;
        waves.push(Wave { time: at, first, devices: count });
        first += count;
        time = at.checked_add_signed(interval);
    }
    Ok(waves)
}

fn by_date(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    devices: usize,
    interval: TimeDelta,
) -> Result<Vec<Wave>, NoPreview> {
    // The last one still lies before the end.
    let before = (end - start).num_milliseconds().saturating_sub(1).max(0);
    let steps = before / interval.num_milliseconds().max(1);
    // More offers than devices would be empty ones.
    let steps = usize::try_from(steps).unwrap_or(usize::MAX).saturating_add(1).min(devices);
    if steps > MAX_WAVES {
        return Err(NoPreview::Waves);
    }
    let (share, more) = (devices / steps.max(1), devices % steps.max(1));
    let (mut first, mut time) = (0, start);
    Ok((0..steps)
        .map(|step| {
            let count = share + usize::from(step < more);
            let wave = Wave { time, first, devices: count };
            first += count;
            time = time.checked_add_signed(interval).unwrap_or(end).min(end);
            wave
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{
        DateDrivenRolloutSettings, DurationDrivenRolloutSettings, GraphDateTime, IsoDuration,
        RateDrivenRolloutSettings,
    };

    fn schedule(rollout: impl Into<GradualRollout>) -> ScheduleSettings {
        ScheduleSettings {
            start_date_time: GraphDateTime::from("2026-11-21T00:00:00Z").into(),
            gradual_rollout: rollout.into().into(),
            ..Default::default()
        }
    }

    fn waves(schedule: &ScheduleSettings, devices: usize) -> Vec<(i64, usize)> {
        let now = "2026-11-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let waves = preview(schedule, devices, now).unwrap();
        assert_eq!(waves.iter().map(|wave| wave.devices).sum::<usize>(), devices);
        let first = waves.first().map(|wave| wave.time);
        waves.iter().map(|wave| ((wave.time - first.unwrap()).num_days(), wave.devices)).collect()
    }

    #[test]
    fn by_rate() {
        let weekly = schedule(RateDrivenRolloutSettings::new(100, 7));
        assert_eq!(waves(&weekly, 201), [(0, 100), (7, 100), (14, 1)]);
        // As the service answers what was never set: all at once.
        assert_eq!(waves(&schedule(RateDrivenRolloutSettings::new(0, 1)), 201), [(0, 201)]);
        assert!(waves(&weekly, 0).is_empty());
    }

    #[test]
    fn by_date_and_by_duration() {
        let mut by_date = DateDrivenRolloutSettings::tagged();
        by_date.end_date_time = GraphDateTime::from("2026-11-24T00:00:00Z").into();
        assert_eq!(waves(&schedule(by_date.clone()), 10), [(0, 4), (1, 3), (2, 3)]);
        assert_eq!(waves(&schedule(by_date.clone()), 2), [(0, 1), (1, 1)]);
        let mut by_duration = DurationDrivenRolloutSettings::tagged();
        by_duration.duration_until_deployment_end = IsoDuration::days(10).into();
        by_duration.duration_between_offers = IsoDuration::days(5).into();
        assert_eq!(waves(&schedule(by_duration), 7), [(0, 4), (5, 3)]);
        by_date.end_date_time = GraphDateTime::from("2026-11-24T00:00:00.001Z").into();
        assert_eq!(waves(&schedule(by_date.clone()), 10), [(0, 3), (1, 3), (2, 2), (3, 2)]);
        by_date.end_date_time = GraphDateTime::from("2026-11-01T00:00:00Z").into();
        let error = preview(&schedule(by_date), 1, DateTime::UNIX_EPOCH);
        assert_eq!(error, Err(NoPreview::Date));
    }

    #[test]
    fn without_an_end_date_all_are_offered_at_once() {
        let mut by_date = DateDrivenRolloutSettings::tagged();
        assert_eq!(waves(&schedule(by_date.clone()), 10), [(0, 10)]);
        by_date.end_date_time = GraphDateTime::from("0001-01-01T00:00:00Z").into();
        assert_eq!(waves(&schedule(by_date.clone()), 10), [(0, 10)]);
        by_date.end_date_time = GraphDateTime::from("String (timestamp)").into();
        let error = preview(&schedule(by_date), 1, DateTime::UNIX_EPOCH);
        assert_eq!(error, Err(NoPreview::Date));
    }

    #[test]
    fn a_start_in_the_past() {
        let now = "2026-11-25T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let offers = |schedule: &ScheduleSettings| -> Vec<(i64, usize)> {
            let waves = preview(schedule, 9, now).unwrap();
            waves.iter().map(|wave| ((wave.time - now).num_days(), wave.devices)).collect()
        };
        // By rate: from now on, as fast as was asked for.
        assert_eq!(
            offers(&schedule(RateDrivenRolloutSettings::new(4, 2))),
            [(0, 4), (2, 4), (4, 1)]
        );
        // By date: everybody by the end.
        let mut by_date = DateDrivenRolloutSettings::tagged();
        by_date.end_date_time = GraphDateTime::from("2026-11-27T00:00:00Z").into();
        assert_eq!(offers(&schedule(by_date.clone())), [(0, 5), (1, 4)]);
        // The end has passed, too.
        by_date.end_date_time = GraphDateTime::from("2026-11-24T00:00:00Z").into();
        assert_eq!(offers(&schedule(by_date)), [(0, 9)]);
        // Six days from the start on the 21st: until the 27th.
        let mut by_duration = DurationDrivenRolloutSettings::tagged();
        by_duration.duration_until_deployment_end = IsoDuration::days(6).into();
        assert_eq!(offers(&schedule(by_duration)), [(0, 5), (1, 4)]);
    }

    #[test]
    fn nothing_hostile_takes_long() {
        let mut by_date = DateDrivenRolloutSettings::tagged();
        by_date.end_date_time = GraphDateTime::from("9999-12-31T00:00:00Z").into();
        by_date.duration_between_offers = "PT1S".parse::<IsoDuration>().unwrap().into();
        assert_eq!(waves(&schedule(by_date), 3).len(), 3);
        let mut rate = RateDrivenRolloutSettings::new(1, 1);
        rate.duration_between_offers = "P99999999D".parse::<IsoDuration>().unwrap().into();
        let error = preview(&schedule(rate.clone()), 3, DateTime::UNIX_EPOCH);
        assert_eq!(error, Err(NoPreview::Date));
        let slow = schedule(RateDrivenRolloutSettings::new(1, 1));
        assert_eq!(waves(&slow, MAX_WAVES).len(), MAX_WAVES);
        let error = preview(&slow, MAX_WAVES + 1, DateTime::UNIX_EPOCH);
        assert_eq!(error, Err(NoPreview::Waves));
        let error = preview(&slow, usize::MAX, DateTime::UNIX_EPOCH);
        assert_eq!(error, Err(NoPreview::Waves));
        rate.duration_between_offers = "-P1D".parse::<IsoDuration>().unwrap().into();
        let error = preview(&schedule(rate), 3, DateTime::UNIX_EPOCH);
        assert_eq!(error, Err(NoPreview::Interval));
    }
}
