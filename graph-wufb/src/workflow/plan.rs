//! What the vendor decides before a rollout starts.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::models::{CatalogEntryId, DeploymentSettings, DeviceId, UpdateCategory};
use crate::requests::Origin;

/// Times between tries: the first one, then twice as long each time, up to the longest.
///
/// ```
/// use graph_wufb::workflow::Schedule;
///
/// let schedule = Schedule::new(3, 10);
/// let seconds: Vec<_> = (0..4).map(|tries| schedule.delay(tries).num_seconds()).collect();
/// assert_eq!(seconds, [3, 6, 10, 10]);
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Schedule {
    /// Seconds before the first try.
    pub first: u32,
    /// Seconds before any try at most.
    pub longest: u32,
}

impl Schedule {
    /// From `first` to `longest` seconds.
    #[must_use]
    pub const fn new(first: u32, longest: u32) -> Self {
        Self { first, longest }
    }

    /// The time before the next try, after so many: a second at least, so that a schedule of zeros
    /// does not keep everybody busy.
    #[must_use]
    pub fn delay(&self, tries: u32) -> TimeDelta {
        let factor = 1_u32.checked_shl(tries).unwrap_or(u32::MAX);
        TimeDelta::seconds(self.first.saturating_mul(factor).min(self.longest).max(1).into())
    }
}

/// What is rolled out.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Goal {
    /// Drivers, approved one by one in a policy.
    Drivers,
    /// A feature update, by a deployment of its own.
    Feature { entry: CatalogEntryId },
    /// A quality update in a hurry, by a deployment of its own.
    Expedited { entry: CatalogEntryId },
}

impl Goal {
    pub(super) fn category(&self) -> UpdateCategory {
        match self {
            Self::Drivers => UpdateCategory::Driver,
            Self::Feature { .. } => UpdateCategory::Feature,
            Self::Expedited { .. } => UpdateCategory::Quality,
        }
    }

    /// Feature updates and drivers need enrolment, expedited quality updates do not
    /// (documentation, "Enroll devices").
    pub(super) fn needs_enrolment(&self) -> bool {
        !matches!(self, Self::Expedited { .. })
    }
}

/// What to roll out to which devices, and how patiently.
///
/// ```
/// use graph_wufb::models::DeviceId;
/// use graph_wufb::workflow::{Plan, Schedule};
///
/// let plan = Plan::new([DeviceId::new("fb95f07d-9e73-411d-99ab-7eca3a5122b1")?])
///     .with_content_schedule(Schedule::new(300, 3600));
/// assert_eq!(plan.devices.len(), 1);
/// # Ok::<(), graph_wufb::Error>(())
/// ```
///
/// # Limits
/// What a service can put into the state is bounded: [`objects`](Self::objects) offers of
/// [`entry_bytes`](Self::entry_bytes) and [`matches`](Self::matches) devices together (twice that
/// while one round replaces another), the events of one answer beyond [`events`](Self::events), a
/// next link of [`MAX_LINK`](crate::requests::MAX_LINK), an error, and words otherwise. One answer has at most [`answer_bytes`](Self::answer_bytes). What goes beyond stops the rollout with
/// [`Event::Blocked`](super::Event::Blocked), which says what.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Plan {
    /// Where the service is; next links may only lead there.
    pub origin: Origin,
    /// The devices, each once.
    pub devices: Vec<DeviceId>,
    /// The policy's or deployment's settings.
    pub settings: Option<DeploymentSettings>,
    pub(super) goal: Goal,
    /// Devices of one request. No limit of the service is known, so the default is all.
    pub chunk: Option<usize>,
    /// When to look whether devices are enrolled. Default 3 s to 60 s: enrolments were seen to take
    /// 2 s to 75 s.
    pub enrolment: Schedule,
    /// Seconds until a device that is not enrolled is left out. Default 900.
    pub patience: u32,
    /// When to look for applicable content. Default 60 s to 3600 s: devices scan once a day.
    pub content: Schedule,
    /// When to try again what failed for the moment; `Retry-After` goes before. Default 2 s to
    /// 120 s.
    pub retry: Schedule,
    /// Tries of one request, and of one list whose later pages are refused, before the rollout stops
    /// and asks, or goes on without the list where it can. Default 8.
    pub tries: u32,
    /// Looks for something whose answer was lost, before it is made again. Default 3.
    pub looks: u32,
    /// Waiting devices up to which each is asked for by itself; for more, the service's list of
    /// devices is read. Default 20.
    pub one_by_one: usize,
    /// Pages of one list at most. Default 1,000.
    pub pages: u32,
    /// Objects kept of one list at most, and approvals, revoked ones included. Default 10,000.
    pub objects: usize,
    /// Bytes of an update's entry as JSON that are kept in an [`Offer`](super::Offer). Default
    /// 16 KiB: a driver of the documentation has less than 1 KiB.
    pub entry_bytes: usize,
    /// Devices of all offers together, so that the state stays in proportion. Default 250,000.
    pub matches: usize,
    /// Bytes of one answer. Default 16 MiB.
    pub answer_bytes: usize,
    /// Events that may wait for the vendor: with as many waiting, nothing is sent. Default 10,000; 0
    /// is taken as 1.
    pub events: usize,
}

impl Plan {
    /// A plan for these devices with the defaults.
    #[must_use]
    pub fn new(devices: impl IntoIterator<Item = DeviceId>) -> Self {
        let mut known = std::collections::BTreeSet::new();
        Self {
            origin: Origin::global(),
            devices: devices.into_iter().filter(|device| known.insert(device.clone())).collect(),
            settings: None,
            goal: Goal::Drivers,
            chunk: None,
            enrolment: Schedule::new(3, 60),
            patience: 900,
            content: Schedule::new(60, 3600),
            retry: Schedule::new(2, 120),
            tries: 8,
            looks: 3,
            one_by_one: 20,
            pages: 1_000,
            objects: 10_000,
            entry_bytes: 16 << 10,
            matches: 250_000,
            answer_bytes: crate::json::Limits::new().bytes,
            events: 10_000,
        }
    }

    /// Sets [`Self::origin`].
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Sets [`Self::settings`].
    #[must_use]
    pub fn with_settings(mut self, settings: DeploymentSettings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Sets [`Self::chunk`]; 0 is taken as 1.
    #[must_use]
    pub fn with_chunk(mut self, chunk: usize) -> Self {
        self.chunk = Some(chunk);
        self
    }

    /// Sets [`Self::enrolment`] and [`Self::patience`].
    #[must_use]
    pub fn with_enrolment_schedule(mut self, schedule: Schedule, patience: u32) -> Self {
        (self.enrolment, self.patience) = (schedule, patience);
        self
    }

    /// Sets [`Self::content`].
    #[must_use]
    pub fn with_content_schedule(mut self, schedule: Schedule) -> Self {
        self.content = schedule;
        self
    }

    /// Sets [`Self::retry`] and [`Self::tries`].
    #[must_use]
    pub fn with_retry(mut self, schedule: Schedule, tries: u32) -> Self {
        (self.retry, self.tries) = (schedule, tries);
        self
    }
}

impl Default for Plan {
    /// A plan for no device, which starts nothing.
    fn default() -> Self {
        Self::new([])
    }
}
