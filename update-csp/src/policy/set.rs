//! Sets of policies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use syncml::model::Format;
use syncml::{Command, Data};

use super::{
    CONFIG, ConflictRule, Policy, PolicyError, PolicyId, RawPolicy, Setting, Value, ValueFormat,
};

/// What makes a command of address, format and value: Add or Replace.
pub(crate) type Make = fn(String, Format<'static>, Data<'static>) -> Command<'static>;

/// A set of policies with values that each of them takes.
///
/// Serialises as a map from names to values as they are sent; reading one back checks every value.
///
/// ```
/// use update_csp::policy::values::DeferQualityUpdatesPeriodInDays;
/// use update_csp::policy::{PolicyId, PolicySet};
///
/// let ring = PolicySet::new().with(DeferQualityUpdatesPeriodInDays::days(7)?);
/// assert_eq!(ring.number(PolicyId::DeferQualityUpdatesPeriodInDays), Some(7));
/// assert!(ring.clone().with_number(PolicyId::DeferQualityUpdatesPeriodInDays, 31).is_err());
/// assert_eq!(ring.commands().len(), ring.len());
/// # Ok::<(), update_csp::policy::PolicyError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Plain", into = "Plain"))]
pub struct PolicySet {
    known: BTreeMap<PolicyId, Value>,
    /// By name in lower case. None of them has the name of one in `known`.
    raw: BTreeMap<String, RawPolicy>,
}

impl PolicySet {
    /// No policies.
    #[must_use]
    pub const fn new() -> Self {
        Self { known: BTreeMap::new(), raw: BTreeMap::new() }
    }

    /// The same with a policy. It takes the place of what the set had for it.
    #[must_use]
    pub fn with<P: Policy>(self, policy: P) -> Self {
        self.with_setting(policy.setting())
    }

    /// The same with a policy whose type is not known at compile time.
    #[must_use]
    pub fn with_setting(mut self, setting: Setting) -> Self {
        let (policy, value) = setting.into_parts();
        self.raw.remove(&policy.name().to_ascii_lowercase());
        self.known.insert(policy, value);
        self
    }

    /// The same with a policy that takes a number.
    ///
    /// # Errors
    /// As [`Setting::number`].
    pub fn with_number(self, policy: PolicyId, value: i64) -> Result<Self, PolicyError> {
        Ok(self.with_setting(Setting::number(policy, value)?))
    }

    /// The same with a policy that takes a text.
    ///
    /// # Errors
    /// As [`Setting::text`].
    pub fn with_text(self, policy: PolicyId, text: &str) -> Result<Self, PolicyError> {
        Ok(self.with_setting(Setting::text(policy, text)?))
    }

    /// The same with a policy that takes a day.
    ///
    /// # Errors
    /// As [`Setting::date`].
    pub fn with_date(self, policy: PolicyId, day: NaiveDate) -> Result<Self, PolicyError> {
        Ok(self.with_setting(Setting::date(policy, day)?))
    }

    /// The same with a policy that is sent as it stands.
    #[must_use]
    pub fn with_raw(mut self, raw: RawPolicy) -> Self {
        if let Some(id) = raw.id() {
            self.known.remove(&id);
        }
        self.raw.insert(raw.name().to_ascii_lowercase(), raw);
        self
    }

    /// The same without a policy.
    #[must_use]
    pub fn without(mut self, policy: PolicyId) -> Self {
        self.known.remove(&policy);
        self.raw.remove(&policy.name().to_ascii_lowercase());
        self
    }

    /// The same with every policy of another set, whose values count where both have one.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for setting in other.settings() {
            self = self.with_setting(setting);
        }
        for raw in other.raw() {
            self = self.with_raw(raw.clone());
        }
        self
    }

    /// What is in force on a device that several servers manage, given what each sent, the last one
    /// last: the last value, the lowest or the highest, as each policy's conflict rule has it
    /// ([`PolicyMeta::conflict`](super::PolicyMeta::conflict)). Of raw policies, the last.
    ///
    /// ```
    /// use update_csp::PolicySet;
    /// use update_csp::policy::values::{AllowAutoUpdate, DeferQualityUpdatesPeriodInDays};
    ///
    /// let ours = PolicySet::new()
    ///     .with(AllowAutoUpdate::InstallAndUserRestarts)
    ///     .with(DeferQualityUpdatesPeriodInDays::days(3)?);
    /// let theirs = PolicySet::new()
    ///     .with(AllowAutoUpdate::InstallWithoutUser)
    ///     .with(DeferQualityUpdatesPeriodInDays::days(9)?);
    /// let both = PolicySet::in_force(&[&ours, &theirs]);
    /// assert_eq!(both.get(), Some(AllowAutoUpdate::InstallAndUserRestarts)); // the lowest
    /// assert_eq!(both.get(), Some(DeferQualityUpdatesPeriodInDays::days(9)?)); // the last
    /// # Ok::<(), update_csp::policy::PolicyError>(())
    /// ```
    #[must_use]
    pub fn in_force(writers: &[&Self]) -> Self {
        let mut all = Self::new();
        for set in writers {
            for setting in set.settings() {
                let policy = setting.policy();
                let keep = all.number(policy).zip(setting.value().number()).is_some_and(
                    |(before, now)| match policy.meta().conflict {
                        ConflictRule::LastWrite => false,
                        ConflictRule::LowestValueMostSecure => before <= now,
                        ConflictRule::HighestValueMostSecure => before >= now,
                    },
                );
                if !keep {
                    all = all.with_setting(setting);
                }
            }
            for raw in set.raw() {
                all = all.with_raw(raw.clone());
            }
        }
        all
    }

    /// The value of a policy, if the set has it.
    #[must_use]
    pub fn get<P: Policy>(&self) -> Option<P> {
        self.known.get(&P::ID).and_then(P::from_value)
    }

    /// The value of a policy, if the set has it.
    #[must_use]
    pub fn value(&self, policy: PolicyId) -> Option<&Value> {
        self.known.get(&policy)
    }

    /// The value of a policy that takes a number.
    #[must_use]
    pub fn number(&self, policy: PolicyId) -> Option<i64> {
        self.value(policy).and_then(Value::number)
    }

    /// Whether the set has a policy, raw or not.
    #[must_use]
    pub fn contains(&self, policy: PolicyId) -> bool {
        self.known.contains_key(&policy)
            || (!self.raw.is_empty() && self.raw.contains_key(&policy.name().to_ascii_lowercase()))
    }

    /// The policies with their values, in the order of their names.
    pub fn settings(&self) -> impl Iterator<Item = Setting> + '_ {
        self.known.iter().map(|(policy, value)| Setting::trusted(*policy, value.clone()))
    }

    /// The policies that are sent as they stand, in the order of their names.
    pub fn raw(&self) -> impl Iterator<Item = &RawPolicy> {
        self.raw.values()
    }

    /// How many policies are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len() + self.raw.len()
    }

    /// Whether none is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.raw.is_empty()
    }

    /// The Replace of each policy; [`raw_commands`](Self::raw_commands) has those of raw ones.
    /// Windows makes a policy's node on Replace. A [`plan`](crate::plan) has just the commands that
    /// a device needs.
    #[must_use]
    pub fn commands(&self) -> Vec<(PolicyId, Command<'static>)> {
        self.settings()
            .map(|setting| (setting.policy(), command(&setting, Command::replace)))
            .collect()
    }

    /// The Replace of each policy that is sent as it stands.
    #[must_use]
    pub fn raw_commands(&self) -> Vec<(String, Command<'static>)> {
        self.raw().map(|raw| (raw.name().to_owned(), raw.command(Command::replace))).collect()
    }

    /// The Delete of each policy that is in `before` and not here any more, so that the device goes
    /// back to its default. Raw policies of known names are among them;
    /// [`raw_deletions`](Self::raw_deletions) has those of other names. Documentation once said that
    /// Delete is not supported (C16); it is.
    #[must_use]
    pub fn deletions(&self, before: &Self) -> Vec<(PolicyId, Command<'static>)> {
        let raw = before.raw.values().filter_map(RawPolicy::id);
        let all: BTreeSet<PolicyId> = before.known.keys().copied().chain(raw).collect();
        let gone = all.into_iter().filter(|id| !self.contains(*id));
        gone.map(|id| (id, Command::delete(format!("{CONFIG}/{id}")))).collect()
    }

    /// The Delete of each raw policy of a name that is not known here, that is in `before` and not
    /// here any more.
    #[must_use]
    pub fn raw_deletions(&self, before: &Self) -> Vec<(String, Command<'static>)> {
        let gone = before
            .raw
            .iter()
            .filter(|(key, raw)| raw.id().is_none() && !self.raw.contains_key(*key));
        gone.map(|(_, raw)| {
            // A name of letters and digits is a segment as it stands.
            let delete = Command::delete(format!("{CONFIG}/{}", raw.name()));
            (raw.name().to_owned(), delete)
        })
        .collect()
    }
}

/// The command that sets a policy.
pub(crate) fn command(setting: &Setting, make: Make) -> Command<'static> {
    let format = match setting.policy().meta().format {
        ValueFormat::Int => Format::Int,
        _ => Format::Chr,
    };
    make(format!("{CONFIG}/{}", setting.policy()), format, Data::text(setting.value().to_string()))
}

impl FromIterator<Setting> for PolicySet {
    fn from_iter<I: IntoIterator<Item = Setting>>(settings: I) -> Self {
        settings.into_iter().fold(Self::new(), Self::with_setting)
    }
}

impl Extend<Setting> for PolicySet {
    fn extend<I: IntoIterator<Item = Setting>>(&mut self, settings: I) {
        let set = std::mem::take(self);
        *self = settings.into_iter().fold(set, Self::with_setting);
    }
}

impl fmt::Display for PolicySet {
    /// A line for each policy: its name and its value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for setting in self.settings() {
            writeln!(f, "{setting}")?;
        }
        for raw in self.raw() {
            writeln!(f, "{} = {} (raw)", raw.name(), raw.data())?;
        }
        Ok(())
    }
}

/// How a set is stored.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize, serde::Serialize)]
struct Plain {
    policies: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    raw: Vec<(String, ValueFormat, String)>,
}

#[cfg(feature = "serde")]
impl From<PolicySet> for Plain {
    fn from(set: PolicySet) -> Self {
        Self {
            policies: set
                .settings()
                .map(|setting| (setting.policy().to_string(), setting.value().to_string()))
                .collect(),
            raw: set
                .raw()
                .map(|raw| (raw.name().to_owned(), raw.format(), raw.data().to_owned()))
                .collect(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Plain> for PolicySet {
    type Error = String;

    fn try_from(plain: Plain) -> Result<Self, String> {
        let mut set = Self::new();
        for (name, text) in &plain.policies {
            let id: PolicyId =
                name.parse().map_err(|error: super::ParsePolicyError| error.to_string())?;
            set = set.with_setting(Setting::parse(id, text).map_err(|error| error.to_string())?);
        }
        for (name, format, data) in plain.raw {
            set = set
                .with_raw(RawPolicy::new(name, format, data).map_err(|error| error.to_string())?);
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::super::values::*;
    use super::*;

    #[test]
    fn typed_values_come_back_as_they_went_in() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let set = PolicySet::new()
            .with(AllowAutoUpdate::Scheduled)
            .with(ScheduledInstallTime::at(4).unwrap())
            .with(PauseQualityUpdatesStartTime::on(day).unwrap())
            .with(TargetReleaseVersion::named("24H2").unwrap())
            .with(UpdateServiceUrl::url("http://wsus:8530").unwrap());
        assert_eq!(set.get::<AllowAutoUpdate>(), Some(AllowAutoUpdate::Scheduled));
        assert_eq!(set.get::<ScheduledInstallTime>().map(ScheduledInstallTime::get), Some(4));
        assert_eq!(set.get::<PauseQualityUpdatesStartTime>().unwrap().day(), day);
        assert_eq!(set.get::<TargetReleaseVersion>().unwrap().as_str(), "24H2");
        assert_eq!(set.get::<ScheduledInstallDay>(), None);
        assert_eq!(set.len(), 5);
        assert_eq!(set.settings().collect::<PolicySet>(), set);
        assert!(set.to_string().contains("PauseQualityUpdatesStartTime = 2026-11-21\n"));
    }

    #[test]
    fn a_raw_policy_and_a_known_one_of_the_same_name_take_each_others_place() {
        let raw = RawPolicy::new("AllowAutoUpdate", ValueFormat::Int, "6").unwrap();
        let set = PolicySet::new().with(AllowAutoUpdate::Off).with_raw(raw);
        assert_eq!((set.len(), set.get::<AllowAutoUpdate>()), (1, None));
        assert!(set.contains(PolicyId::AllowAutoUpdate));
        assert_eq!(set.raw_commands().len(), 1);
        let set = set.with(AllowAutoUpdate::Off);
        assert_eq!((set.len(), set.raw().count()), (1, 0));
        assert!(set.without(PolicyId::AllowAutoUpdate).is_empty());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn typed_values_are_stored_as_they_are_sent_and_checked_when_read() {
        let days = DeferQualityUpdatesPeriodInDays::days(7).unwrap();
        assert_eq!(serde_json::to_string(&days).unwrap(), "7");
        assert_eq!(serde_json::from_str::<DeferQualityUpdatesPeriodInDays>("7").unwrap(), days);
        assert!(serde_json::from_str::<DeferQualityUpdatesPeriodInDays>("31").is_err());
        assert!(serde_json::from_str::<AllowAutoUpdate>("6").is_err());
        assert_eq!(serde_json::to_string(&AllowAutoUpdate::Off).unwrap(), "5");
        let target = TargetReleaseVersion::named("24H2").unwrap();
        assert_eq!(serde_json::to_string(&target).unwrap(), r#""24H2""#);
        assert!(serde_json::from_str::<PauseQualityUpdatesStartTime>(r#""2026-02-30""#).is_err());
        let setting = Setting::number(PolicyId::AllowAutoUpdate, 5).unwrap();
        let json = serde_json::to_string(&setting).unwrap();
        assert_eq!(json, r#"["AllowAutoUpdate","5"]"#);
        assert_eq!(serde_json::from_str::<Setting>(&json).unwrap(), setting);
        assert!(serde_json::from_str::<Setting>(r#"["AllowAutoUpdate","6"]"#).is_err());
    }

    #[test]
    fn several_servers_are_settled_by_each_policys_rule() {
        let ours = PolicySet::new()
            .with(AllowAutoUpdate::InstallWithoutUser)
            .with(RequireUpdateApproval::Required)
            .with(TargetReleaseVersion::named("23H2").unwrap());
        let theirs = PolicySet::new()
            .with(AllowAutoUpdate::NotifyBeforeDownload)
            .with(RequireUpdateApproval::NotRequired)
            .with(TargetReleaseVersion::named("24H2").unwrap());
        for (writers, release) in [([&ours, &theirs], "24H2"), ([&theirs, &ours], "23H2")] {
            let set = PolicySet::in_force(&writers);
            assert_eq!(set.get(), Some(AllowAutoUpdate::NotifyBeforeDownload), "lowest");
            assert_eq!(set.get(), Some(RequireUpdateApproval::Required), "highest");
            assert_eq!(set.get::<TargetReleaseVersion>().unwrap().as_str(), release, "last");
        }
    }

    #[test]
    fn what_is_no_longer_managed_is_deleted() {
        let before = PolicySet::new()
            .with(AllowAutoUpdate::Off)
            .with(DeferQualityUpdatesPeriodInDays::days(3).unwrap());
        let gone = PolicySet::new().with(AllowAutoUpdate::Scheduled).deletions(&before);
        let names: Vec<(PolicyId, &str)> =
            gone.iter().map(|(id, command)| (*id, command.name())).collect();
        assert_eq!(names, [(PolicyId::DeferQualityUpdatesPeriodInDays, "Delete")]);
    }

    #[test]
    fn raw_policies_that_are_no_longer_managed_are_deleted_too() {
        let raw = |name: &str| RawPolicy::new(name, ValueFormat::Int, "6").unwrap();
        let before = PolicySet::new()
            .with_raw(raw("AllowAutoUpdate"))
            .with_raw(raw("AllowRebootlessUpdates"))
            .with_raw(raw("Kept"));
        let now = PolicySet::new().with_raw(raw("kept"));
        let known = now.deletions(&before);
        let [(id, delete)] = known.as_slice() else { panic!("{known:?}") };
        let uri = "./Device/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate";
        assert_eq!((*id, delete.name()), (PolicyId::AllowAutoUpdate, "Delete"));
        assert_eq!(delete.items()[0].loc_uri(), Some(uri));
        let other = now.raw_deletions(&before);
        let [(name, delete)] = other.as_slice() else { panic!("{other:?}") };
        let uri = "./Device/Vendor/MSFT/Policy/Config/Update/AllowRebootlessUpdates";
        assert_eq!((&**name, delete.name()), ("AllowRebootlessUpdates", "Delete"));
        assert_eq!(delete.items()[0].loc_uri(), Some(uri));
        // A known one in its place, or the raw one still there: nothing to delete.
        assert!(now.clone().with(AllowAutoUpdate::Off).deletions(&before).is_empty());
        assert!(before.raw_deletions(&before).is_empty());
    }
}
