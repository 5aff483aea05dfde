//! Restarts: now, once at a time, every day or every week (Reboot CSP).

use chrono::NaiveDateTime;
use syncml::{Command, Data, Format, Item, LocUri, StatusCode};

use crate::Build;

const ROOT: &str = "./Device/Vendor/MSFT/Reboot";
/// The build that brought weekly restarts (DDF of February 2025).
const WEEKLY_SINCE: u32 = 26100;

/// Restarts the device, within five minutes and after the session.
#[must_use]
pub fn restart_now() -> Command<'static> {
    Command::exec(format!("{ROOT}/RebootNow"))
}

/// Why a schedule cannot be set.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RebootError {
    /// The device's build does not have weekly restarts.
    #[error("weekly restarts need build {WEEKLY_SINCE}, the device has {0}")]
    Weekly(Build),
}

/// Restarts again and again, from a local time on. The device takes one of the two.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums, reason = "the Reboot CSP has these two")]
pub enum Recurrence {
    /// Every day.
    Daily(#[cfg_attr(feature = "serde", serde(with = "as_text"))] NaiveDateTime),
    /// Every week (Windows 11 24H2 and later).
    Weekly(#[cfg_attr(feature = "serde", serde(with = "as_text"))] NaiveDateTime),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums, reason = "the Reboot CSP has these three")]
pub enum RebootQuery {
    /// The one restart.
    Single,
    /// The daily one.
    Daily,
    /// The weekly one.
    Weekly,
}

impl RebootQuery {
    /// Everything that can be asked.
    pub const ALL: [Self; 3] = [Self::Single, Self::Daily, Self::Weekly];

    /// The node's address.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Single => "./Device/Vendor/MSFT/Reboot/Schedule/Single",
            Self::Daily => "./Device/Vendor/MSFT/Reboot/Schedule/DailyRecurrent",
            Self::Weekly => "./Device/Vendor/MSFT/Reboot/Schedule/WeeklyRecurrent",
        }
    }

    /// The Get.
    #[must_use]
    pub fn command(self) -> Command<'static> {
        Command::get(self.uri())
    }
}

/// Restarts at a time. That there is at most one that recurs is in the type.
///
/// ```
/// use chrono::NaiveDate;
/// use update_csp::device::{RebootSchedule, Recurrence};
///
/// let at = NaiveDate::from_ymd_opt(2026, 11, 21).and_then(|day| day.and_hms_opt(3, 0, 0)).unwrap();
/// let wanted = RebootSchedule { recurring: Some(Recurrence::Daily(at)), ..Default::default() };
/// let commands = wanted.plan(&RebootSchedule::default(), None)?;
/// assert_eq!(commands[0].items()[0].data.as_ref().unwrap().as_str(), "2026-11-21T03:00:00");
/// # Ok::<(), update_csp::device::RebootError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[allow(clippy::exhaustive_structs, reason = "all that the Reboot CSP schedules")]
pub struct RebootSchedule {
    /// Once, at this local time.
    #[cfg_attr(feature = "serde", serde(with = "as_text::option"))]
    pub single: Option<NaiveDateTime>,
    /// Again and again.
    pub recurring: Option<Recurrence>,
}

impl RebootSchedule {
    fn value(&self, query: RebootQuery) -> Option<NaiveDateTime> {
        match (query, self.recurring) {
            (RebootQuery::Single, _) => self.single,
            (RebootQuery::Daily, Some(Recurrence::Daily(at)))
            | (RebootQuery::Weekly, Some(Recurrence::Weekly(at))) => Some(at),
            _ => None,
        }
    }

    /// The fewest commands that bring a device from one schedule to this one: what goes is deleted
    /// before anything is set, so that never two recur at once.
    ///
    /// # Errors
    /// [`RebootError::Weekly`] for a device that is known to be too old.
    pub fn plan(
        &self,
        reported: &Self,
        build: Option<Build>,
    ) -> Result<Vec<Command<'static>>, RebootError> {
        if let (Some(Recurrence::Weekly(_)), Some(build)) = (self.recurring, build)
            && build.number() < WEEKLY_SINCE
        {
            return Err(RebootError::Weekly(build));
        }
        let (mut deletes, mut sets) = (Vec::new(), Vec::new());
        for query in RebootQuery::ALL {
            match (reported.value(query), self.value(query)) {
                (before, Some(wanted)) if before != Some(wanted) => {
                    let text = wanted.format("%Y-%m-%dT%H:%M:%S").to_string();
                    sets.push(Command::replace(query.uri(), Format::Chr, Data::text(text)));
                }
                (Some(_), None) => deletes.push(Command::delete(query.uri())),
                _ => {}
            }
        }
        deletes.append(&mut sets);
        Ok(deletes)
    }

    /// Takes the answer to a query; `false` if it could not be read, and then nothing changes. 404
    /// and an empty value say that nothing is scheduled.
    pub fn apply(
        &mut self,
        query: RebootQuery,
        code: Option<StatusCode>,
        items: &[Item<'_>],
    ) -> bool {
        let code = code.unwrap_or(StatusCode::COMMAND_FAILED);
        let text = match code {
            StatusCode::NOT_FOUND => "",
            code if code.is_success() => {
                let item = answer(query, items);
                if item.is_none() && !items.is_empty() {
                    return false;
                }
                item.and_then(|item| item.data.as_ref()).map_or("", |data| data.as_str()).trim()
            }
            _ => return false,
        };
        let read = if text.is_empty() {
            None
        } else {
            match read_time(text) {
                Some(at) => Some(at),
                None => return false,
            }
        };
        match (query, read) {
            (RebootQuery::Single, at) => self.single = at,
            (RebootQuery::Daily, Some(at)) => self.recurring = Some(Recurrence::Daily(at)),
            (RebootQuery::Weekly, Some(at)) => self.recurring = Some(Recurrence::Weekly(at)),
            (RebootQuery::Daily, None) => {
                self.recurring.take_if(|known| matches!(known, Recurrence::Daily(_)));
            }
            (RebootQuery::Weekly, None) => {
                self.recurring.take_if(|known| matches!(known, Recurrence::Weekly(_)));
            }
        }
        true
    }
}

/// The item that answers a query; one about another node is no answer. No item at all says that
/// nothing is there.
fn answer<'i, 'a>(query: RebootQuery, items: &'i [Item<'a>]) -> Option<&'i Item<'a>> {
    let asked: LocUri = query.uri().parse().ok()?;
    items.iter().find(|item| match item.loc_uri() {
        // *Observed*: an item without an address in the answer to a Get of one leaf.
        None => items.len() == 1,
        Some(uri) => uri.parse::<LocUri>().is_ok_and(|uri| uri.is_same(&asked)),
    })
}

/// A local time: what is after the seconds, a zone included, does not count.
fn read_time(text: &str) -> Option<NaiveDateTime> {
    let local = text.get(..19).unwrap_or(text);
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(local, format).ok())
}

/// Local times as text: what is stored does not depend on how chrono writes them.
#[cfg(feature = "serde")]
mod as_text {
    use chrono::NaiveDateTime;
    use serde::{Deserialize as _, Deserializer, Serializer};

    const FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.f";

    fn read<E: serde::de::Error>(text: &str) -> Result<NaiveDateTime, E> {
        NaiveDateTime::parse_from_str(text, FORMAT).map_err(|_| E::custom("no local time"))
    }

    pub(super) fn serialize<S: Serializer>(at: &NaiveDateTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&at.format(FORMAT))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<NaiveDateTime, D::Error> {
        read(&String::deserialize(from)?)
    }

    pub(super) mod option {
        use super::*;

        pub(crate) fn serialize<S: Serializer>(
            at: &Option<NaiveDateTime>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, to),
                None => to.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<NaiveDateTime>, D::Error> {
            Option::<String>::deserialize(from)?.map(|text| read(&text)).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ddf::Context;

    fn at(day: u32) -> NaiveDateTime {
        chrono::NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(3, 0, 0).unwrap()
    }

    fn names(commands: &[Command<'_>]) -> Vec<String> {
        let short = |command: &Command<'_>| {
            let uri = command.items()[0].loc_uri().unwrap();
            format!("{} {}", command.name(), uri.rsplit('/').next().unwrap())
        };
        commands.iter().map(short).collect()
    }

    #[test]
    fn plans_are_minimal_and_never_let_two_recur() {
        let daily =
            RebootSchedule { single: Some(at(1)), recurring: Some(Recurrence::Daily(at(2))) };
        let weekly =
            RebootSchedule { single: Some(at(1)), recurring: Some(Recurrence::Weekly(at(2))) };
        let plan = weekly.plan(&daily, None).unwrap();
        assert_eq!(names(&plan), ["Delete DailyRecurrent", "Replace WeeklyRecurrent"]);
        assert_eq!(weekly.plan(&weekly, None).unwrap(), []);
        let clear = RebootSchedule::default().plan(&daily, None).unwrap();
        assert_eq!(names(&clear), ["Delete Single", "Delete DailyRecurrent"]);
        let old = Build::new(10, 0, 22631, None);
        assert_eq!(weekly.plan(&daily, Some(old)), Err(RebootError::Weekly(old)));
        let tree = crate::nodes::tree();
        let new = Context::default().with_build(Build::WINDOWS_11_24H2);
        for commands in
            [&plan[..], &clear[..], &[restart_now()], &RebootQuery::ALL.map(RebootQuery::command)]
        {
            assert_eq!(tree.check_all(commands, &new), []);
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_schedule_is_stored_between_sessions() {
        let mut schedule =
            RebootSchedule { single: Some(at(1)), recurring: Some(Recurrence::Weekly(at(2))) };
        let json = serde_json::to_string(&schedule).unwrap();
        let text =
            r#"{"single":"2026-11-01T03:00:00","recurring":{"Weekly":"2026-11-02T03:00:00"}}"#;
        assert_eq!(json, text);
        assert_eq!(serde_json::from_str::<RebootSchedule>(&json).unwrap(), schedule);
        schedule = RebootSchedule { recurring: Some(Recurrence::Daily(at(3))), single: None };
        let json = serde_json::to_string(&schedule).unwrap();
        assert_eq!(serde_json::from_str::<RebootSchedule>(&json).unwrap(), schedule);
        assert_eq!(serde_json::from_str::<RebootSchedule>("{}").unwrap(), Default::default());
        for text in [r#"{"single":"soon"}"#, r#"{"recurring":{"Daily":""}}"#] {
            assert!(serde_json::from_str::<RebootSchedule>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn answers_are_read_and_what_is_none_keeps_what_was_known() {
        let ok = Some(StatusCode::OK);
        let answer = |text: &str| [Item::default().with_data(Data::text(text.to_owned()))];
        let mut schedule = RebootSchedule::default();
        assert!(schedule.apply(RebootQuery::Single, ok, &answer("2026-11-01T03:00:00")));
        assert!(schedule.apply(RebootQuery::Daily, ok, &answer("2026-11-02T03:00:00Z")));
        assert!(schedule.apply(RebootQuery::Weekly, Some(StatusCode::NOT_FOUND), &[]));
        let expected =
            RebootSchedule { single: Some(at(1)), recurring: Some(Recurrence::Daily(at(2))) };
        assert_eq!(schedule, expected);
        assert!(!schedule.apply(RebootQuery::Single, ok, &answer("soon")));
        assert!(!schedule.apply(RebootQuery::Daily, None, &[]));
        assert_eq!(schedule, expected);
        assert!(schedule.apply(RebootQuery::Daily, ok, &answer("")));
        assert_eq!(schedule.recurring, None);
    }
}
