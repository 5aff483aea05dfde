//! The best version for a device, and why not the others.

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;
use std::fmt;

use chrono::NaiveDate;

use super::catalogue::{Catalogue, is_for};
use super::entry::{Entry, Set};
use crate::check::DeviceFacts;
use crate::schema::Platform;
use crate::version::{Build, OsVersion};

/// Which of two twin builds is taken.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Twins {
    /// The lower, which background security improvements name as what they need. The default.
    #[default]
    Lower,
    /// The higher.
    Higher,
    /// The one whose thousands are those of the device's build, else the lower.
    AsDevice,
}

/// What a vendor wants for a device.
///
/// ```
/// use apple_mdm::gdmf::Policy;
///
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 4, 11).ok_or("a day")?;
/// let policy = Policy::new(today).with_maximum("18.9".parse()?);
/// assert_eq!(policy.maximum.map(|version| version.major()), Some(18));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// The day.
    pub today: NaiveDate,
    /// The newest version that is wanted, with its background security improvements unless it is one
    /// of them itself.
    pub maximum: Option<OsVersion>,
    /// The oldest version that is wanted.
    pub minimum: Option<OsVersion>,
    /// Whether the device stays within its major version.
    pub same_major: bool,
    /// Whether versions count that only managed devices are offered. Default: no.
    pub non_public: bool,
    /// Whether background security improvements count. Default: yes.
    pub background: bool,
    /// How many days a version has to be offered before it counts. Default: none.
    pub wait_days: u16,
    /// Which of two twins is taken.
    pub twins: Twins,
}

impl Policy {
    /// The newest version that everybody is offered on a day.
    #[must_use]
    pub const fn new(today: NaiveDate) -> Self {
        Self {
            today,
            maximum: None,
            minimum: None,
            same_major: false,
            non_public: false,
            background: true,
            wait_days: 0,
            twins: Twins::Lower,
        }
    }

    /// The same up to a version.
    #[must_use]
    pub const fn with_maximum(mut self, version: OsVersion) -> Self {
        self.maximum = Some(version);
        self
    }

    /// The same from a version on.
    #[must_use]
    pub const fn with_minimum(mut self, version: OsVersion) -> Self {
        self.minimum = Some(version);
        self
    }

    /// The same within the device's major version, or not.
    #[must_use]
    pub const fn with_same_major(mut self, same_major: bool) -> Self {
        self.same_major = same_major;
        self
    }

    /// The same with versions that only managed devices are offered, or without.
    #[must_use]
    pub const fn with_non_public(mut self, non_public: bool) -> Self {
        self.non_public = non_public;
        self
    }

    /// The same with background security improvements, or without.
    #[must_use]
    pub const fn with_background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// The same, and a version counts once it has been offered so long.
    #[must_use]
    pub const fn with_wait_days(mut self, days: u16) -> Self {
        self.wait_days = days;
        self
    }

    /// The same with another choice of twins.
    #[must_use]
    pub const fn with_twins(mut self, twins: Twins) -> Self {
        self.twins = twins;
        self
    }

    /// The best version for a device, and for every other entry why not.
    #[must_use]
    pub fn resolve<'c>(&self, catalogue: &'c Catalogue, device: &DeviceFacts) -> Resolution<'c> {
        let mut others = Vec::new();
        let mut fit: Vec<&Entry> = Vec::new();
        let named = device.software_update_device_id.is_some() || device.product_name.is_some();
        let public = catalogue.for_device(device).filter(|entry| entry.set == Set::Public);
        let public: HashSet<_> = public.map(|entry| (entry.version, &entry.build)).collect();
        for entry in catalogue.entries() {
            let why = self.refuse(entry, device, named).map(|why| match why {
                WhyNot::NotPublic if public.contains(&(entry.version, &entry.build)) => {
                    WhyNot::AlsoPublic
                }
                why => why,
            });
            match why {
                Some(why) => others.push(Candidate { entry, why }),
                None => fit.push(entry),
            }
        }
        fit.sort_by(|one, two| self.order(one, two, device));
        let target = fit.pop().map(|entry| Target { entry, twin: None, then: None });
        let Some(mut target) = target else { return Resolution { target: None, others } };
        for entry in fit.into_iter().rev() {
            let why = if same(entry, target.entry) {
                WhyNot::SameAsTarget
            } else if entry.is_twin_of(target.entry) {
                target.twin = Some(entry);
                WhyNot::Twin
            } else if entry.version == target.entry.version {
                WhyNot::IssuedAgain
            } else {
                WhyNot::Older
            };
            others.push(Candidate { entry, why });
        }
        target.then = self.then(target.entry, catalogue, device);
        Resolution { target: Some(target), others }
    }

    /// Why an entry is out of the question for a device.
    fn refuse(&self, entry: &Entry, device: &DeviceFacts, named: bool) -> Option<WhyNot> {
        if !named {
            return Some(WhyNot::NoDeviceName);
        }
        if !is_for(entry, device) {
            return Some(WhyNot::OtherDevice);
        }
        if let Some(why) = self.unwanted(entry, device) {
            return Some(why);
        }
        let version = entry.version;
        match version.cmp(&device.version) {
            Ordering::Less => return Some(WhyNot::NotNewer),
            Ordering::Equal if !is_reissue(entry, device) => return Some(WhyNot::NotNewer),
            _ => {}
        }
        if entry.set == Set::Background {
            let needs = entry.prerequisite.as_ref();
            // A device with an improvement of the same version has the build that it needed.
            let has_base =
                device.version.is_supplemental() && device.version.base() == version.base();
            if needs.is_some() && !has_base && needs != device.build.as_ref() {
                return Some(WhyNot::Prerequisite(needs.cloned()));
            }
        }
        None
    }

    /// Why the policy does not want an entry, whatever the device has.
    fn unwanted(&self, entry: &Entry, device: &DeviceFacts) -> Option<WhyNot> {
        if let Some(posted) = entry.posted() {
            if posted > self.today {
                return Some(WhyNot::NotYet(posted));
            }
            let from = posted.checked_add_days(chrono::Days::new(self.wait_days.into()));
            if let Some(from) = from.filter(|from| *from > self.today) {
                return Some(WhyNot::TooNew(from));
            }
        }
        if let Some(expires) = entry.expires().filter(|expires| *expires <= self.today) {
            return Some(WhyNot::Expired(expires));
        }
        match entry.set {
            Set::Managed if !self.non_public => return Some(WhyNot::NotPublic),
            Set::Background if !self.background => return Some(WhyNot::Background),
            _ => {}
        }
        let version = entry.version;
        // Without a letter it includes the improvements of its version.
        let above = |maximum: OsVersion| match maximum.extra() {
            Some(_) => version > maximum,
            None => version.base() > maximum,
        };
        if self.maximum.is_some_and(above) {
            return Some(WhyNot::AboveMaximum);
        }
        if self.minimum.is_some_and(|minimum| version < minimum) {
            return Some(WhyNot::BelowMinimum);
        }
        // Only of macOS was the second number ever the major one.
        let same_major = match device.platform {
            Platform::MacOs => version.is_minor_of(&device.version),
            _ => version.major() == device.version.major(),
        };
        if self.same_major && !same_major {
            return Some(WhyNot::OtherMajor);
        }
        None
    }

    /// The better of two entries is the greater: by version, by issue, by twin; of two that are the
    /// same, the public one; then in a fixed order.
    fn order(&self, one: &Entry, two: &Entry, device: &DeviceFacts) -> Ordering {
        let key = |entry: &Entry| {
            let issue = entry.build.as_ref().map(Build::issue);
            (entry.version, issue, self.twin_rank(entry, device), Reverse(entry.set))
        };
        key(one).cmp(&key(two)).then_with(|| one.build.cmp(&two.build))
    }

    /// How much a build is wanted among builds of one issue.
    fn twin_rank(&self, entry: &Entry, device: &DeviceFacts) -> i64 {
        let number = entry.build.as_ref().map_or(0, |build| i64::from(build.number() / 1000));
        match self.twins {
            Twins::Lower => -number,
            Twins::Higher => number,
            Twins::AsDevice if thousands(entry, device) => i64::MAX,
            Twins::AsDevice => -number,
        }
    }

    /// The background security improvement that comes after a target.
    fn then<'c>(
        &self,
        target: &Entry,
        catalogue: &'c Catalogue,
        device: &DeviceFacts,
    ) -> Option<&'c Entry> {
        if !self.background || target.set == Set::Background {
            return None;
        }
        let improvements = catalogue.entries().iter().filter(|entry| {
            entry.set == Set::Background
                && is_for(entry, device)
                && self.unwanted(entry, device).is_none()
                && entry.prerequisite.is_some()
                && entry.prerequisite == target.build
        });
        improvements.max_by(|one, two| one.version.cmp(&two.version))
    }
}

/// Whether the thousands of a build are those of the device's.
fn thousands(entry: &Entry, device: &DeviceFacts) -> bool {
    match (&entry.build, &device.build) {
        (Some(build), Some(own)) => build.number() / 1000 == own.number() / 1000,
        _ => false,
    }
}

/// Whether an entry of the device's own version is a later issue of it, and not its twin.
fn is_reissue(entry: &Entry, device: &DeviceFacts) -> bool {
    match (&entry.build, &device.build) {
        (Some(build), Some(own)) if build.is_sibling_of(own) => {
            build.number() % 1000 > own.number() % 1000
        }
        _ => false,
    }
}

fn same(one: &Entry, two: &Entry) -> bool {
    one.version == two.version && one.build == two.build
}

/// The version to install.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Target<'c> {
    /// The entry.
    pub entry: &'c Entry,
    /// Its twin, if it has one: a declaration that names no build leaves the choice to the device.
    pub twin: Option<&'c Entry>,
    /// The background security improvement to install after it. Before iOS 18 and macOS 15 that
    /// takes a second declaration.
    pub then: Option<&'c Entry>,
}

/// An entry that was not chosen.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Candidate<'c> {
    /// The entry.
    pub entry: &'c Entry,
    /// Why not.
    pub why: WhyNot,
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let build = self.entry.build.as_ref().map_or("?", Build::as_str);
        write!(f, "{} ({build}): {}", self.entry.version, self.why)
    }
}

/// The best version for a device.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resolution<'c> {
    /// What to install; none if there is nothing better than what the device has.
    pub target: Option<Target<'c>>,
    /// Every other entry, in the order of the catalogue and then of their rank.
    pub others: Vec<Candidate<'c>>,
}

impl Resolution<'_> {
    /// The entries for the device that were not chosen.
    pub fn considered(&self) -> impl Iterator<Item = &Candidate<'_>> {
        let elsewhere = |why: &WhyNot| matches!(why, WhyNot::OtherDevice | WhyNot::NoDeviceName);
        self.others.iter().filter(move |other| !elsewhere(&other.why))
    }
}

/// Why an entry is not the version to install.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WhyNot {
    /// The device's names in the catalogue are not known.
    NoDeviceName,
    /// It is for other devices.
    OtherDevice,
    /// It is offered from this day on.
    NotYet(NaiveDate),
    /// It has not been offered long enough: it counts from this day on.
    TooNew(NaiveDate),
    /// It expired on this day.
    Expired(NaiveDate),
    /// Only managed devices are offered it.
    NotPublic,
    /// The public set has it as well, and that one counts.
    AlsoPublic,
    /// Background security improvements do not count.
    Background,
    /// It is newer than wanted.
    AboveMaximum,
    /// It is older than wanted.
    BelowMinimum,
    /// It is of another major version.
    OtherMajor,
    /// The device has it, or a newer one.
    NotNewer,
    /// It needs another build than the device has.
    Prerequisite(Option<Build>),
    /// It is older than the target.
    Older,
    /// The target's version was issued again, with the target's build.
    IssuedAgain,
    /// It is the target's twin.
    Twin,
    /// It is the target, in another set.
    SameAsTarget,
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDeviceName => f.write_str("the device's name in the catalogue is not known"),
            Self::OtherDevice => f.write_str("it is for other devices"),
            Self::NotYet(day) => write!(f, "it is offered from {day} on"),
            Self::TooNew(day) => write!(f, "it counts from {day} on"),
            Self::Expired(day) => write!(f, "it expired on {day}"),
            Self::NotPublic => f.write_str("only managed devices are offered it"),
            Self::AlsoPublic => f.write_str("it is in the public set as well"),
            Self::Background => f.write_str("background security improvements do not count"),
            Self::AboveMaximum => f.write_str("it is newer than wanted"),
            Self::BelowMinimum => f.write_str("it is older than wanted"),
            Self::OtherMajor => f.write_str("it is of another major version"),
            Self::NotNewer => f.write_str("the device has it or a newer one"),
            Self::Prerequisite(Some(build)) => write!(f, "it needs build {build}"),
            Self::Prerequisite(None) => f.write_str("it needs another build"),
            Self::Older => f.write_str("it is older than the target"),
            Self::IssuedAgain => f.write_str("its version was issued again with another build"),
            Self::Twin => f.write_str("it is the target's twin"),
            Self::SameAsTarget => f.write_str("it is the target in another set"),
        }
    }
}
