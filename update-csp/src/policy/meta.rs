//! What is known of each policy. The tables are in [`generated`](super::generated).

use std::fmt;

use super::PolicyId;
use super::generated::table;
use crate::build::Build;
use crate::edition::Edition;

/// The SyncML format of a value. The policies that DDF documents list in the Update area are `int` or
/// `chr`; some of those that were only [observed](super::observed()) may be `bool`, and others occur in
/// policies that are not known here.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum ValueFormat {
    /// A number.
    Int,
    /// A text.
    Chr,
    /// `true` or `false`.
    Bool,
    /// Base64.
    B64,
    /// Markup.
    Xml,
}

impl ValueFormat {
    /// Its name in SyncML.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Chr => "chr",
            Self::Bool => "bool",
            Self::B64 => "b64",
            Self::Xml => "xml",
        }
    }
}

/// What a policy takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Allowed {
    /// Whole numbers between two, both included.
    Range {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// Some numbers, in the order of the newest DDF.
    Enum(&'static [EnumValue]),
    /// A day, `yyyy-mm-dd`. DDF documents say nothing about it; the documentation does.
    Date,
    /// The address of a server.
    Url,
    /// A text.
    Text,
}

/// One of the numbers that a policy takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct EnumValue {
    /// The number.
    pub value: i64,
    /// The variant of the policy's type.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// The first build that takes it, where that is not the policy's first.
    pub from: Option<Build>,
    /// The first build that does not take it any more.
    pub before: Option<Build>,
}

/// A range that older builds cut short.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NarrowerRange {
    /// The first build with the whole range.
    pub before: Build,
    /// The largest value until then.
    pub max: i64,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Unit {
    /// Hours since midnight, by the device's clock.
    HourOfDay,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months.
    Months,
    /// A day of the calendar.
    Date,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HourOfDay => "hour of day",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Date => "date",
        })
    }
}

/// A first build, as the newest DDF lists it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BuildFloor {
    /// The build.
    pub build: Build,
    /// The release's name.
    pub os: Option<&'static str>,
    /// The knowledge base article of the monthly update that brought it.
    pub kb: Option<&'static str>,
}

/// What happens when several management servers set a policy (DDF, ConflictResolution).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ConflictRule {
    /// The last one wins.
    LastWrite,
    /// The lowest value wins.
    LowestValueMostSecure,
    /// The highest value wins.
    HighestValueMostSecure,
}

impl ConflictRule {
    /// Its name in DDF documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LastWrite => "LastWrite",
            Self::LowestValueMostSecure => "LowestValueMostSecure",
            Self::HighestValueMostSecure => "HighestValueMostSecure",
        }
    }
}

/// Where the documentation of 2024-09-27 files a policy.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Category {
    /// What the user sees.
    EndUserExperience,
    /// What comes from Windows Update.
    OfferedFromWindowsUpdate,
    /// What comes from WSUS.
    OfferedFromWsus,
    /// Kept for older releases.
    Legacy,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndUserExperience => "Manage end user experience",
            Self::OfferedFromWindowsUpdate => "Manage updates offered from Windows Update",
            Self::OfferedFromWsus => "Manage updates offered from Windows Server Update Service",
            Self::Legacy => "Legacy Policies",
        })
    }
}

/// How a policy depends on others. What follows from it are the [`rules`](crate::rules).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DependencyKind {
    /// They are set together.
    SetTogether,
    /// The other one bounds it.
    RangeLimit,
    /// It does nothing unless the other one is set.
    EffectiveOnlyIfSet,
    /// It does nothing unless the other one has one of the values.
    EffectiveOnlyIf,
    /// It does nothing unless one of the others is set.
    EffectiveOnlyIfAnySet,
    /// It takes the other one's place.
    Overrides,
    /// The other one takes its place.
    OverriddenBy,
    /// It does nothing if the other one is set.
    NoEffectIfSet,
    /// It does nothing if the other one has one of the values.
    NoEffectIf,
    /// It needs one of the values of the other one.
    Requires,
    /// They must not be set both.
    Conflicts,
    /// The other one is better.
    Prefer,
    /// It works with the other node.
    Uses,
}

/// How a policy depends on others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Dependency {
    /// How.
    pub kind: DependencyKind,
    /// On which policies.
    pub on: &'static [PolicyId],
    /// On which policy of another area, or node of another CSP.
    pub other: Option<&'static str>,
    /// On which of their values.
    pub values: &'static [i64],
}

/// A name that documentation got wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Misspelling {
    /// The wrong name.
    pub name: &'static str,
    /// Where.
    pub seen_in: &'static str,
}

/// The Group Policy setting behind a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GroupPolicy {
    /// What DDF documents name.
    pub ddf: Option<DdfMapping>,
    /// What that is in the administrative templates. *Decision* (C25, C26, C27, C34): what DDF
    /// documents name is not there for 29 of 69 policies, or belongs to another; this is what the
    /// templates themselves say, and absent where they say nothing. (D03: the collected facts take
    /// the switch of UpdateNotificationLevel for its value; every template has an element for it.)
    pub admx: Option<AdmxMapping>,
    /// The registry value of Windows 10 1607, which later templates do not have any more.
    pub value_1607: Option<&'static str>,
    /// Whether the setting counts otherwise than the policy, with no documented translation.
    pub other_numbering: bool,
}

/// The Group Policy setting that DDF documents name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DdfMapping {
    /// GpEnglishName.
    pub policy: &'static str,
    /// GpAreaPath.
    pub area: &'static str,
    /// GpElement.
    pub element: Option<&'static str>,
}

/// What carries a value in an administrative template.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ElementKind {
    /// One of some numbers.
    Enum,
    /// 0 or 1.
    Boolean,
    /// A number.
    Decimal,
    /// A text.
    Text,
}

/// A policy of an administrative template, and its place in the registry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AdmxMapping {
    /// The template.
    pub file: &'static str,
    /// The policy.
    pub policy: &'static str,
    /// Its element, if one carries the value.
    pub element: Option<&'static str>,
    /// What kind of element.
    pub kind: Option<ElementKind>,
    /// The category's name.
    pub category: Option<&'static str>,
    /// Where the editor shows it.
    pub path: &'static str,
    /// What the editor calls it.
    pub title: &'static str,
    /// The key below HKEY_LOCAL_MACHINE.
    pub key: &'static str,
    /// The value's name, if it has one.
    pub value: Option<&'static str>,
    /// The value that says whether the setting is enabled.
    pub enabled_by: Option<&'static str>,
    /// What else is written when the setting is enabled.
    pub switch: Option<RegistrySwitch>,
}

/// A registry value that an enabled setting writes beside its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RegistrySwitch {
    /// The key below HKEY_LOCAL_MACHINE.
    pub key: &'static str,
    /// The value's name.
    pub value: &'static str,
    /// Its data while the setting is enabled.
    pub data: u32,
}

/// A release of Microsoft's DDF documents.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Release {
    /// With Windows 10 1607.
    V1607,
    /// With Windows 10 1703.
    V1703,
    /// With Windows 10 1709.
    V1709,
    /// With Windows 10 1803.
    V1803,
    /// With Windows 10 1809.
    V1809,
    /// With Windows 10 1903.
    V1903,
    /// With Windows 10 2004.
    V2004,
    /// With Windows 10 20H2.
    V20H2,
    /// Of December 2022, the first of version 2.
    Dec2022,
    /// Of September 2023.
    Sept2023,
    /// Of May 2024.
    May2024,
    /// Of September 2024.
    Sept2024,
    /// Of February 2025.
    Feb2025,
}

impl Release {
    /// Every release that the tables know, oldest first.
    pub const ALL: [Self; 13] = [
        Self::V1607,
        Self::V1703,
        Self::V1709,
        Self::V1803,
        Self::V1809,
        Self::V1903,
        Self::V2004,
        Self::V20H2,
        Self::Dec2022,
        Self::Sept2023,
        Self::May2024,
        Self::Sept2024,
        Self::Feb2025,
    ];

    /// Its name: `1607`, `Dec 2022`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1607 => "1607",
            Self::V1703 => "1703",
            Self::V1709 => "1709",
            Self::V1803 => "1803",
            Self::V1809 => "1809",
            Self::V1903 => "1903",
            Self::V2004 => "2004",
            Self::V20H2 => "20H2",
            Self::Dec2022 => "Dec 2022",
            Self::Sept2023 => "Sept 2023",
            Self::May2024 => "May 2024",
            Self::Sept2024 => "Sept 2024",
            Self::Feb2025 => "Feb 2025",
        }
    }
}

/// What a DDF release says of a policy, from that release on until the next entry.
///
/// *Decision* (C05, C06): defaults changed between releases, so none is the only one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// The release.
    pub release: Release,
    /// The format.
    pub format: ValueFormat,
    /// The default.
    pub default: Option<&'static str>,
    /// The values, as `[0-23]` or `0,1`; version 1 has none.
    pub allowed: Option<&'static str>,
    /// The first builds, as they stand; version 1 has none.
    pub builds: Option<&'static str>,
}

/// What the DDF of December 2022 said otherwise than those since.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Dec2022 {
    /// Its list of editions, as it stands. *Decision* (D01): the newest list counts.
    pub editions: &'static [&'static str],
    /// Its CSP version, where that is another one (D02: the newest counts).
    pub csp_version: Option<&'static str>,
}

/// A text other than a DDF that names a policy.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Document {
    /// The guide for MDM vendors of 2017-11.
    Guide2017,
    /// The guide for MDM vendors of 2023-04.
    Guide2023,
    /// The documentation of 2017-12.
    Docs2017,
    /// The documentation of 2024-09-27.
    Docs2024,
}

/// What is known of a policy.
///
/// *Specified*: Microsoft's DDF releases from 1607 to February 2025; Microsoft Learn, "Policy CSP -
/// Update" of 2017-12 and 2024-09-27; the administrative templates of 2019 to build 25381. Meanings
/// are in our own words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PolicyMeta {
    /// The policy.
    pub id: PolicyId,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The format of its value. *Decision* (C15): every DDF has `int` for ScheduledInstallDay and
    /// ScheduledInstallTime, so the guide's "string" is wrong.
    pub format: ValueFormat,
    /// What it takes. *Decision* (C10, C11): the ranges of the DDF, not of prose and templates.
    pub allowed: Allowed,
    /// The range of older builds. *Decision* (C01): 180 days on 1607, 365 since 1703.
    pub narrower: Option<NarrowerRange>,
    /// Its default in the newest DDF. *Decision* (C09, C13): that is what a device answers; what an
    /// unset policy does is in `summary` and the [`effects`](crate::effects). UpdateServiceUrl's
    /// is a placeholder. Where devices were seen to answer something else,
    /// [`default_seen`](Self::default_seen) has that.
    pub default: Option<&'static str>,
    /// What devices answer that have no value, where it is not the newest DDF's default (C06, D09).
    /// *Observed*: MDM diagnostic report of Windows 11 22631.3296.
    pub default_seen: Option<&'static str>,
    /// What its number counts.
    pub unit: Option<Unit>,
    /// The first builds, in the order of the newest DDF. *Decision* (C21, C22, C24): the newest
    /// DDF counts.
    pub floors: &'static [BuildFloor],
    /// What the documentation of 2024-09-27 says instead (C22, C23: both are kept).
    pub documented_floors: &'static [Build],
    /// The first build whose DDF lists it, where the newest DDF claims an older one. *Decision*
    /// (C12): sent from the claimed build on, with a finding until this one.
    pub first_seen: Option<Build>,
    /// The newest build on which a device was seen without it, where the newest DDF claims an older
    /// first one (C22, D08). *Observed*: MDM diagnostic report of Windows 11 22631.3296, which lists
    /// every policy of the device.
    pub lacked_by: Option<Build>,
    /// The version of the Policy CSP that has it.
    pub csp_version: &'static str,
    /// The version that DDF documents gave it before it was released.
    pub csp_version_unreleased: Option<&'static str>,
    /// The editions that have it.
    pub editions: &'static [Edition],
    /// What the DDF of December 2022 said otherwise.
    pub dec_2022: Option<Dec2022>,
    /// What happens when several servers set it.
    pub conflict: ConflictRule,
    /// Where the documentation files it; not at all, if it was dropped there.
    pub category: Option<Category>,
    /// Whether it is kept for older releases only.
    pub legacy: bool,
    /// Whether the documentation advises against it.
    pub deprecated: bool,
    /// What to use instead.
    pub replaced_by: &'static [PolicyId],
    /// How it depends on others.
    pub depends: &'static [Dependency],
    /// What documentation called it by mistake.
    pub misspellings: &'static [Misspelling],
    /// Its Group Policy setting.
    pub group_policy: Option<GroupPolicy>,
    /// What the DDF releases say of it, oldest first.
    pub history: &'static [HistoryEntry],
    /// Texts other than DDFs that name it.
    pub named_in: &'static [Document],
}

impl PolicyMeta {
    /// What is known of every policy, in the order of [`PolicyId::ALL`].
    #[must_use]
    pub const fn all() -> &'static [Self] {
        &table::TABLE
    }

    /// The address where it is set.
    #[must_use]
    pub fn config_uri(&self) -> String {
        format!("{}/{}", super::CONFIG, self.id)
    }

    /// The address where the value in force is read.
    #[must_use]
    pub fn result_uri(&self) -> String {
        format!("{}/{}", super::RESULT, self.id)
    }

    /// Whose settings it is among: the device's.
    #[must_use]
    pub const fn scope(&self) -> &'static [&'static str] {
        table::SCOPE
    }

    /// The media type of its value.
    #[must_use]
    pub const fn mime(&self) -> &'static str {
        table::MIME
    }

    /// The commands that it takes. *Decision* (C16): Add, Delete, Get and Replace, as in every DDF;
    /// the guide's "Get and Replace" leaves out Delete, which is the only way back for
    /// UpdateServiceUrl.
    #[must_use]
    pub const fn access(&self) -> &'static [&'static str] {
        table::ACCESS
    }

    /// The commands that its result takes.
    #[must_use]
    pub const fn result_access(&self) -> &'static [&'static str] {
        table::RESULT_ACCESS
    }

    /// How often its node occurs.
    #[must_use]
    pub const fn occurrence(&self) -> &'static str {
        table::OCCURRENCE
    }

    /// Whether its node is always there.
    #[must_use]
    pub const fn node_scope(&self) -> &'static str {
        table::NODE_SCOPE
    }

    /// Where the device keeps the value in force, below HKEY_LOCAL_MACHINE.
    #[must_use]
    pub fn registry_path(&self) -> String {
        format!(r"SOFTWARE\Microsoft\PolicyManager\current\device\Update\{}", self.id)
    }

    /// What a DDF release says of it, or `None` before the first that lists it.
    #[must_use]
    pub fn at(&self, release: Release) -> Option<&'static HistoryEntry> {
        self.history.iter().rev().find(|entry| entry.release <= release)
    }

    /// The first DDF release that lists it.
    #[must_use]
    pub fn first_release(&self) -> Option<Release> {
        self.history.first().map(|entry| entry.release)
    }

    /// Whether a device of this build has it, by the newest DDF.
    #[must_use]
    pub fn is_on(&self, build: Build) -> bool {
        build.has_of(self.floors.iter().map(|floor| floor.build))
    }

    /// Whether other evidence than the newest DDF gives a later first build (C12, C22, C23, D08): a
    /// device of this build, which has it by that DDF, may not have it.
    #[must_use]
    pub fn is_disputed_on(&self, build: Build) -> bool {
        self.first_seen.is_some_and(|seen| build < seen)
            || (!self.documented_floors.is_empty() && !build.has(self.documented_floors))
            || self.is_lacking_on(build)
    }

    /// Whether a device was seen without it that had this build or a later one, or one of the same
    /// servicing family: which monthly update of the family brought it, if one did, nobody says.
    #[must_use]
    pub fn is_lacking_on(&self, build: Build) -> bool {
        self.lacked_by.is_some_and(|lacking| build.family() <= lacking.family())
    }

    /// Whether effects and rules reckon with it on a build: it has it by the newest DDF, and no device
    /// of it was seen without.
    pub(crate) fn counts_on(&self, build: Build) -> bool {
        self.is_on(build) && !self.is_lacking_on(build)
    }

    /// Whether a device of this edition has it.
    #[must_use]
    pub fn is_in(&self, edition: Edition) -> bool {
        self.editions.contains(&edition)
    }
}

impl PolicyId {
    /// What is known of it.
    #[must_use]
    pub fn meta(self) -> &'static PolicyMeta {
        // The table is in the order of the variants, which the generator and a test see to; the
        // first entry is never what is returned instead.
        table::TABLE.get(self as usize).unwrap_or(&table::TABLE[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_identifiers() {
        for id in PolicyId::ALL {
            assert_eq!(id.meta().id, id);
        }
    }

    #[test]
    fn history_is_in_order_and_ends_with_what_the_table_says() {
        for meta in &table::TABLE {
            assert!(meta.history.is_sorted_by_key(|entry| entry.release), "{}", meta.id);
            let last = meta.at(Release::Feb2025).unwrap();
            assert_eq!((last.format, last.default), (meta.format, meta.default), "{}", meta.id);
            let builds: Vec<String> =
                meta.floors.iter().map(|floor| floor.build.to_string()).collect();
            assert_eq!(last.builds, Some(&*builds.join(", ")), "{}", meta.id);
            assert!(meta.is_in(Edition::PROFESSIONAL) && !meta.is_in(Edition::HOME), "{}", meta.id);
        }
    }
}
