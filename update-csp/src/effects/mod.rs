//! What policies do, and when: pure functions over a set, a build and the moments of an update.
//!
//! When an update is offered ([`offer`]), when a pause ends ([`pause`]), when it has to be installed
//! ([`deadline`]), when the device restarts by itself or by force ([`restart`]), when scheduled
//! installations run ([`next_installation`]), what active hours keep free ([`ActiveHours`]).
//!
//! Times are the device's: with its time zone, hours of the day and midnights are right. Every
//! function takes the build, because releases of Windows differ; where Microsoft's texts contradict
//! each other, the reading is a parameter ([`DeadlineModel`]). What maintenance windows do is not
//! known here: [`has_maintenance_window`] says that one may hold things back.
//!
//! ```
//! use chrono::{TimeZone, Utc};
//! use update_csp::effects::{self, Offered, Update};
//! use update_csp::{Build, Classification, PolicySet};
//!
//! let released = Utc.with_ymd_and_hms(2026, 11, 10, 18, 0, 0).single().ok_or("no such time")?;
//! let update = Update::new(Classification::SECURITY_UPDATES, released);
//! let Offered::On(offer) = effects::offer(&PolicySet::all_ring(), Build::WINDOWS_11_24H2, &update)
//! else {
//!     return Err("not offered".into());
//! };
//! assert_eq!(offer.at.to_rfc3339(), "2026-11-17T18:00:00+00:00");
//!
//! // Definition updates never wait.
//! let update = Update::new(Classification::DEFINITION_UPDATES, released);
//! let offered = effects::offer(&PolicySet::all_ring(), Build::WINDOWS_11_24H2, &update);
//! assert!(matches!(offered, Offered::On(offer) if offer.at == released));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod active_hours;
mod deadline;
mod offer;
mod pause;
mod restart;
mod schedule;
mod window;

pub use active_hours::ActiveHours;
pub use deadline::{
    Deadline, DeadlineModel, Moments, deadline, heeds_auto_update, waits_for_deadline,
};
pub use offer::{Deferral, Never, OfferDate, Offered, Source, Update, deferral, offer, source};
pub use pause::{Pause, PauseStatus, pause};
pub use restart::{Restart, RestartCause, restart};
pub use schedule::next_installation;
pub use window::has_maintenance_window;

use crate::Build;

/// Days by which preview builds can be deferred at most (WindowsUpdate.admx, DeferFeatureUpdates).
pub(crate) const PREVIEW_DEFERRAL_DAYS: i64 = 14;

/// What the functions have to know of a device. A [`Build`] alone is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Context {
    /// The build of Windows.
    pub build: Build,
    /// The day on which a pause without a day (PauseQualityUpdates, PauseFeatureUpdates,
    /// PauseDeferrals) reached the device. Windows keeps it in
    /// `HKLM\SOFTWARE\Microsoft\WindowsUpdate\UpdatePolicy\Settings`, PausedQualityDate and
    /// PausedFeatureDate.
    pub paused_since: Option<chrono::NaiveDate>,
    /// Whether a deferral or pause makes Windows 11 leave its WSUS server for Windows Update, as it
    /// makes Windows 10. False unless said otherwise; [`source`] says why.
    pub dual_scan_on_windows_11: bool,
}

impl Context {
    /// The same with the day on which a pause without a day reached the device.
    #[must_use]
    pub const fn with_paused_since(mut self, day: chrono::NaiveDate) -> Self {
        self.paused_since = Some(day);
        self
    }

    /// The same with the other reading of what Windows 11 does with a WSUS server and a deferral.
    #[must_use]
    pub const fn with_dual_scan_on_windows_11(mut self, scans_both: bool) -> Self {
        self.dual_scan_on_windows_11 = scans_both;
        self
    }
}

impl From<Build> for Context {
    fn from(build: Build) -> Self {
        Self { build, paused_since: None, dual_scan_on_windows_11: false }
    }
}

/// A time on the device's clock; none at the ends of time, where the clock is ahead or behind.
fn local<Z: chrono::TimeZone>(time: &chrono::DateTime<Z>) -> Option<chrono::NaiveDateTime> {
    time.naive_utc().checked_add_offset(chrono::Offset::fix(time.offset()))
}

/// A time some months later; the end of time where there is none.
fn months_after<Z: chrono::TimeZone>(
    time: &chrono::DateTime<Z>,
    months: u32,
) -> Option<chrono::DateTime<Z>> {
    if months == 0 {
        // Not by its local time, which comes twice when daylight saving ends.
        return Some(time.clone());
    }
    let from = local(time)?;
    let to = from.checked_add_months(chrono::Months::new(months))?;
    // The hour that daylight saving leaves out, as in `days_after`.
    let earliest = time.timezone().from_local_datetime(&to).earliest();
    earliest.or_else(|| time.clone().checked_add_signed(to.signed_duration_since(from)))
}

/// A time some days later; the end of time where there is none.
fn days_after<Z: chrono::TimeZone>(
    time: &chrono::DateTime<Z>,
    days: i64,
) -> Option<chrono::DateTime<Z>> {
    let days = u64::try_from(days).ok()?;
    // Days of the calendar: at the same hour, whatever daylight saving does.
    time.clone().checked_add_days(chrono::Days::new(days)).or_else(|| {
        // The hour that daylight saving leaves out.
        time.clone().checked_add_signed(chrono::Duration::try_days(days.try_into().ok()?)?)
    })
}

/// Midnight at the beginning of a day.
fn midnight<Z: chrono::TimeZone>(zone: &Z, day: chrono::NaiveDate) -> Option<chrono::DateTime<Z>> {
    // Where daylight saving leaves midnight out, the day begins an hour later.
    (0..=3).find_map(|hour| zone.from_local_datetime(&day.and_hms_opt(hour, 0, 0)?).earliest())
}
