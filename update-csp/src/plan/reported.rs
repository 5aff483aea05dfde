//! What a device says of its policies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use syncml::model::Item;
use syncml::{Command, LocUri, StatusCode};

use super::{Rollback, config_uri};
use crate::Shape;
use crate::policy::{CONFIG, PolicyId, PolicySet, RESULT, Setting, known};

/// The most policies that are kept of a device; Windows has 76.
pub const MAX_REPORTED: usize = 1024;

/// Bytes of a value that are kept.
const MAX_VALUE: usize = 65_536;

/// The version of [`Reported`] that this program writes and reads.
pub const REPORTED_VERSION: u32 = 1;

/// What is asked for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum PolicyQuery {
    /// Every policy that management set.
    All,
    /// One policy, as management set it.
    One(PolicyId),
    /// Every policy in force.
    AllInForce,
    /// One policy, as it is in force.
    OneInForce(PolicyId),
}

impl PolicyQuery {
    /// The Get. What was set is below Policy/Config, and is what plans go by; what is in force is
    /// below Policy/Result, where defaults, other servers and Group Policy have a say too.
    #[must_use]
    pub fn command(&self, shape: Shape) -> Command<'static> {
        let root = self.root();
        Command::get(match (self.policy(), shape) {
            (None, Shape::StructData) => format!("{root}?list=StructData"),
            (None, Shape::Names) => root.to_owned(),
            (Some(policy), _) => format!("{root}/{policy}"),
        })
    }

    const fn root(&self) -> &'static str {
        match self {
            Self::All | Self::One(_) => CONFIG,
            Self::AllInForce | Self::OneInForce(_) => RESULT,
        }
    }

    const fn policy(&self) -> Option<PolicyId> {
        match self {
            Self::All | Self::AllInForce => None,
            Self::One(policy) | Self::OneInForce(policy) => Some(*policy),
        }
    }
}

/// What a device has for a policy, as far as it said.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReportedValue<'a> {
    /// It was not asked, or answered neither yes nor no.
    Unknown,
    /// It has none.
    Absent,
    /// It has one; which, it did not say.
    Present,
    /// It has this one.
    Set(Setting),
    /// It has one that the policy does not take. *Decision* (C05): devices are known to report such
    /// values, 6 for AllowAutoUpdate for one; they are kept, never an error.
    Odd(&'a str),
}

/// What is known of one policy on a device.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) enum State {
    Unknown,
    Absent,
    Present,
    Value(String),
}

/// Something odd about a device's answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum ReadFinding {
    /// The read failed; what was known before stays.
    ReadFailed {
        /// The status, if there was one.
        status: Option<u16>,
    },
    /// An item about another node.
    OtherNode {
        /// Its address, or nothing where it has none.
        uri: String,
    },
    /// An item without a value.
    NoValue {
        /// Its address.
        uri: String,
    },
    /// A value of more than 65,536 bytes, which is not kept.
    TooLong {
        /// The policy.
        name: String,
    },
    /// More policies than [`MAX_REPORTED`]; the rest is not kept.
    TooMany,
    /// A value that the policy does not take; it is kept.
    OddValue {
        /// The policy.
        policy: PolicyId,
        /// The value's beginning.
        value: String,
    },
}

/// A stored report that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the saved report has version {0}, this program reads version {REPORTED_VERSION}")]
pub struct ReportedError(u32);

/// By name in lower case: the name as the device writes it, and what it has.
type Policies = BTreeMap<String, (String, State)>;

/// What a device said of its policies, and of rollbacks.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Reported {
    version: u32,
    /// Whether the device listed all its policies, so that others are absent.
    listed: bool,
    /// By name in lower case: the name as the device writes it, and what it has.
    policies: Policies,
    in_force_listed: bool,
    in_force: Policies,
    #[cfg_attr(feature = "serde", serde(rename = "rollbacks"))]
    did: BTreeSet<Did>,
}

/// What plans did and no answer tells. Rollbacks are stored as they were when there was nothing else,
/// so that reports from then are read in every format.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
enum Did {
    // As those of `Rollback`, in their order.
    Quality,
    Feature,
    /// Set a policy that nobody here knows, by its name in lower case, until the device has it no
    /// longer.
    Set(String),
}

impl From<Rollback> for Did {
    fn from(rollback: Rollback) -> Self {
        match rollback {
            Rollback::Quality => Self::Quality,
            Rollback::Feature => Self::Feature,
        }
    }
}

impl Default for Reported {
    /// Nothing.
    fn default() -> Self {
        Self {
            version: REPORTED_VERSION,
            listed: false,
            policies: Policies::new(),
            in_force_listed: false,
            in_force: Policies::new(),
            did: BTreeSet::new(),
        }
    }
}

impl fmt::Debug for Reported {
    /// Without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reported")
            .field("listed", &self.listed)
            .field("policies", &self.policies.values().map(|(name, _)| name).collect::<Vec<_>>())
            .field("did", &self.did)
            .finish()
    }
}

impl Reported {
    /// Checks a report that was read from storage.
    ///
    /// # Errors
    /// [`ReportedError`] for one of another version.
    pub fn checked(self) -> Result<Self, ReportedError> {
        if self.version == REPORTED_VERSION { Ok(self) } else { Err(ReportedError(self.version)) }
    }

    /// Takes in a device's answer to a query, in either shape; 404 says that there is no such policy,
    /// or none at all. A failed read changes nothing, and neither does no status: give none where
    /// not all of the answer is there
    /// ([`Outcome::truncated`](syncml::session::Outcome::truncated)), or what is missing counts as
    /// not set.
    pub fn apply(
        &mut self,
        query: &PolicyQuery,
        status: Option<StatusCode>,
        items: &[Item<'_>],
    ) -> Vec<ReadFinding> {
        match status {
            Some(StatusCode::NOT_FOUND) => {
                let (policies, listed) = self.side(query);
                match query.policy() {
                    None => {
                        policies.clear();
                        *listed = true;
                    }
                    Some(policy) => put(policies, policy.name(), State::Absent),
                }
                self.forget_gone();
                return Vec::new();
            }
            Some(status) if status.is_success() => {}
            _ => {
                let status = status.map(StatusCode::number);
                return vec![ReadFinding::ReadFailed { status }];
            }
        }
        let mut findings = Vec::new();
        let mut read = BTreeMap::new();
        for item in items {
            if let Err(finding) = read_item(query, item, &mut read) {
                findings.push(finding);
            }
        }
        for (name, state) in read.values() {
            if let (Some(policy), State::Value(value)) = (known(name), state)
                && Setting::parse(policy, value).is_err()
            {
                let value = value.chars().take(64).collect();
                findings.push(ReadFinding::OddValue { policy, value });
            }
        }
        // An answer about other nodes only says nothing about these.
        if read.is_empty() && !findings.is_empty() {
            return findings;
        }
        let (policies, listed) = self.side(query);
        if query.policy().is_none() {
            *policies = read;
            *listed = !findings.contains(&ReadFinding::TooMany);
        } else {
            policies.extend(read);
        }
        self.forget_gone();
        findings
    }

    /// What plans set and the device has no longer is nobody's.
    fn forget_gone(&mut self) {
        if self.listed {
            self.did
                .retain(|did| !matches!(did, Did::Set(key) if !self.policies.contains_key(key)));
        }
    }

    const fn side(&mut self, query: &PolicyQuery) -> (&mut Policies, &mut bool) {
        match query {
            PolicyQuery::All | PolicyQuery::One(_) => (&mut self.policies, &mut self.listed),
            PolicyQuery::AllInForce | PolicyQuery::OneInForce(_) => {
                (&mut self.in_force, &mut self.in_force_listed)
            }
        }
    }

    /// What management set for a policy.
    #[must_use]
    pub fn value(&self, policy: PolicyId) -> ReportedValue<'_> {
        value(&self.policies, self.listed, policy)
    }

    /// What is in force for a policy.
    #[must_use]
    pub fn in_force(&self, policy: PolicyId) -> ReportedValue<'_> {
        value(&self.in_force, self.in_force_listed, policy)
    }

    /// The policies that are set and for which something else is in force: Group Policy wins over
    /// MDM here (contradiction C31), or another server does by the policy's conflict rule.
    pub fn overridden(&self) -> impl Iterator<Item = PolicyId> + '_ {
        PolicyId::ALL.into_iter().filter(|policy| {
            match (self.value(*policy), self.in_force(*policy)) {
                (ReportedValue::Set(set), ReportedValue::Set(force)) => set != force,
                (ReportedValue::Set(_), ReportedValue::Odd(_)) => true,
                _ => false,
            }
        })
    }

    /// The policies that the device has and that are not known here, with their values where it
    /// said them.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.policies.values().filter(|(name, _)| known(name).is_none()).filter_map(
            |(name, state)| match state {
                State::Value(text) => Some((&**name, Some(&**text))),
                State::Present => Some((&**name, None)),
                State::Absent | State::Unknown => None,
            },
        )
    }

    /// Forgets that a rollback was started, so that an intent that has it starts it again.
    pub fn forget_rollback(&mut self, rollback: Rollback) {
        self.did.remove(&rollback.into());
    }

    /// Takes the raw policies of a set that nobody here knows for what plans set, as
    /// [`record`](Self::record) does when a device takes one: with
    /// [`Managed::All`](super::Managed::All) those that the device has are deleted once the intent has
    /// them no longer.
    ///
    /// For a report that was stored before plans noted this, whose raw policies would stay, and where
    /// answers of the device were lost. Give the set that was managed until then, after the device
    /// listed its policies.
    pub fn adopt(&mut self, before: &PolicySet) {
        for raw in before.raw() {
            self.note_own(raw.name());
        }
        self.forget_gone();
    }

    pub(super) fn note_rollback(&mut self, rollback: Rollback) {
        self.did.insert(rollback.into());
    }

    pub(super) fn did(&self, rollback: Rollback) -> bool {
        self.did.contains(&rollback.into())
    }

    /// What is known of the policy with this name in lower case.
    pub(super) fn state(&self, key: &str) -> State {
        match self.policies.get(key) {
            Some((_, state)) => state.clone(),
            None if self.listed => State::Absent,
            None => State::Unknown,
        }
    }

    pub(super) fn set(&mut self, name: &str, state: State) {
        put(&mut self.policies, name, state);
    }

    /// Whether a plan set the policy with this name in lower case, which nobody here knows.
    pub(super) fn is_own(&self, key: &str) -> bool {
        self.did.contains(&Did::Set(key.to_owned()))
    }

    pub(super) fn note_own(&mut self, name: &str) {
        if known(name).is_none() {
            self.did.insert(Did::Set(name.to_ascii_lowercase()));
        }
    }

    pub(super) fn disown(&mut self, name: &str) {
        self.did.remove(&Did::Set(name.to_ascii_lowercase()));
    }

    pub(super) fn forget(&mut self, name: &str) {
        self.set(name, State::Unknown);
    }

    /// The policies that the device has or may have, by name in lower case: of one whose command
    /// failed nobody knows, and it is tried again.
    pub(super) fn present(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.policies
            .iter()
            .filter(|(_, (name, state))| {
                !matches!(state, State::Absent) && config_uri(name).is_ok()
            })
            .map(|(key, (name, _))| (key.clone(), name.clone()))
    }
}

fn put(policies: &mut Policies, name: &str, state: State) {
    let entry = policies.entry(name.to_ascii_lowercase());
    entry.or_insert_with(|| (name.to_owned(), State::Unknown)).1 = state;
}

fn value(policies: &Policies, listed: bool, policy: PolicyId) -> ReportedValue<'_> {
    let key = policy.name().to_ascii_lowercase();
    match policies.get(&key).map(|(_, state)| state) {
        Some(State::Value(text)) => match Setting::parse(policy, text) {
            Ok(setting) => ReportedValue::Set(setting),
            Err(_) => ReportedValue::Odd(text),
        },
        Some(State::Present) => ReportedValue::Present,
        Some(State::Absent) => ReportedValue::Absent,
        None if listed => ReportedValue::Absent,
        Some(State::Unknown) | None => ReportedValue::Unknown,
    }
}

fn read_item(query: &PolicyQuery, item: &Item<'_>, read: &mut Policies) -> Result<(), ReadFinding> {
    let text = item.loc_uri().unwrap_or_default();
    let short = || text.chars().take(256).collect::<String>();
    let other = || ReadFinding::OtherNode { uri: short() };
    let uri: LocUri = text.parse().map_err(|_| other())?;
    let root = query.root().parse::<LocUri>().map_err(|_| other())?;
    let below = uri.relative_to(&root).ok_or_else(other)?;
    let data = item.data.as_ref().map(|data| data.as_str());
    let mut put = |name: &str, state: State| {
        // What can be no node's name is kept by no one.
        config_uri(name).map_err(|_| other())?;
        let key = name.to_ascii_lowercase();
        if read.len() >= MAX_REPORTED && !read.contains_key(&key) {
            return Err(ReadFinding::TooMany);
        }
        read.insert(key, (name.to_owned(), state));
        Ok(())
    };
    match (query.policy(), below.as_slice()) {
        // The names of the children; of nothing, if there are none.
        (None, []) => {
            let names = data.unwrap_or_default().split('/').map(str::trim);
            let mut read = Ok(());
            for name in names.filter(|name| !name.is_empty()) {
                match put(name, State::Present) {
                    Err(ReadFinding::TooMany) => return Err(ReadFinding::TooMany),
                    // One that is odd is not the end of the list.
                    Err(odd) => read = Err(odd),
                    Ok(()) => {}
                }
            }
            read
        }
        (_, [name]) => {
            if query.policy().is_some_and(|policy| known(name) != Some(policy)) {
                return Err(other());
            }
            // A text that is set and empty is a value; an item without Data says none.
            let Some(data) = data else {
                // The policy is there all the same.
                put(name, State::Present)?;
                return Err(ReadFinding::NoValue { uri: short() });
            };
            if data.len() > MAX_VALUE {
                put(name, State::Present)?;
                return Err(ReadFinding::TooLong { name: name.clone() });
            }
            put(name, State::Value(data.trim().to_owned()))
        }
        _ => Err(other()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncml::Data;

    fn item(name: &str, data: &str) -> Item<'static> {
        Item::source(format!("./Vendor/MSFT/Policy/Config/Update/{name}"))
            .with_data(Data::text(data.to_owned()))
    }

    const OK: Option<StatusCode> = Some(StatusCode::OK);

    #[test]
    fn an_answer_about_other_nodes_says_nothing_about_policies() {
        let mut reported = Reported::default();
        reported.apply(&PolicyQuery::All, OK, &[item("AllowAutoUpdate", "3")]);
        let before = reported.clone();
        let other = Item::source("./Vendor/MSFT/Policy/Config/System/AllowTelemetry")
            .with_data(Data::text("1"));
        let found = reported.apply(&PolicyQuery::All, OK, &[other]);
        assert!(matches!(found.as_slice(), [ReadFinding::OtherNode { .. }]));
        assert_eq!(reported, before);
        // An item without Data has a name all the same.
        let bare = Item::source("./Vendor/MSFT/Policy/Config/Update/UpdateServiceUrl");
        reported.apply(&PolicyQuery::All, OK, &[bare]);
        assert_eq!(reported.value(PolicyId::UpdateServiceUrl), ReportedValue::Present);
    }

    #[test]
    fn odd_names_of_a_list_do_not_hide_those_behind_them() {
        let root = Item::source(CONFIG);
        let odd = ["..", "*", "a\0b", &"b".repeat(9_000)].join("/");
        let names = format!("AllowAutoUpdate/{odd}/UpdateServiceUrl");
        let mut reported = Reported::default();
        let found =
            reported.apply(&PolicyQuery::All, OK, &[root.with_data(Data::text(names.as_str()))]);
        assert!(matches!(found.as_slice(), [ReadFinding::OtherNode { .. }]), "{found:?}");
        assert_eq!(reported.value(PolicyId::UpdateServiceUrl), ReportedValue::Present);
        assert_eq!(reported.unknown().count(), 0, "no node has such a name");
        // Too many is more to know than one that is odd.
        let many: Vec<String> = (0..=MAX_REPORTED).map(|name| format!("n{name}")).collect();
        let names = format!("../{}", many.join("/"));
        let root = Item::source(CONFIG).with_data(Data::text(names));
        assert_eq!(reported.apply(&PolicyQuery::All, OK, &[root]), [ReadFinding::TooMany]);
        assert_eq!(reported.value(PolicyId::UpdateServiceUrl), ReportedValue::Unknown);
    }

    #[test]
    fn both_shapes_are_read() {
        let mut reported = Reported::default();
        let unknown = reported.value(PolicyId::AllowAutoUpdate);
        assert_eq!(unknown, ReportedValue::Unknown);
        let items = [item("AllowAutoUpdate", "3"), item("New", "x")];
        assert_eq!(reported.apply(&PolicyQuery::All, OK, &items), []);
        let setting = Setting::number(PolicyId::AllowAutoUpdate, 3).unwrap();
        assert_eq!(reported.value(PolicyId::AllowAutoUpdate), ReportedValue::Set(setting));
        assert_eq!(reported.value(PolicyId::UpdateServiceUrl), ReportedValue::Absent);
        assert_eq!(reported.unknown().collect::<Vec<_>>(), [("New", Some("x"))]);

        let names = [Item::source(CONFIG).with_data(Data::text("AllowAutoUpdate/New"))];
        assert_eq!(reported.apply(&PolicyQuery::All, OK, &names), []);
        assert_eq!(reported.value(PolicyId::AllowAutoUpdate), ReportedValue::Present);
        let none = [Item::source(CONFIG).with_data(Data::text(""))];
        assert_eq!(reported.apply(&PolicyQuery::All, OK, &none), []);
        assert_eq!(reported.value(PolicyId::AllowAutoUpdate), ReportedValue::Absent);
    }

    #[test]
    fn a_default_that_the_policy_does_not_take_is_kept() {
        let mut reported = Reported::default();
        let query = PolicyQuery::One(PolicyId::AllowAutoUpdate);
        let findings = reported.apply(&query, OK, &[item("AllowAutoUpdate", "6")]);
        assert!(matches!(&*findings, [ReadFinding::OddValue { value, .. }] if value == "6"));
        assert_eq!(reported.value(PolicyId::AllowAutoUpdate), ReportedValue::Odd("6"));
    }

    #[test]
    fn what_is_in_force_tells_who_wins() {
        let mut reported = Reported::default();
        let items = [item("AllowAutoUpdate", "3"), item("DetectionFrequency", "9")];
        assert_eq!(reported.apply(&PolicyQuery::All, OK, &items), []);
        let result = |name: &str, data: &'static str| {
            Item::source(format!("./Device/Vendor/MSFT/Policy/Result/Update/{name}"))
                .with_data(Data::text(data))
        };
        // Set, and not what is in force.
        let items = [result("AllowAutoUpdate", "5"), result("DetectionFrequency", "9")];
        assert_eq!(reported.apply(&PolicyQuery::AllInForce, OK, &items), []);
        assert_eq!(reported.overridden().collect::<Vec<_>>(), [PolicyId::AllowAutoUpdate]);
        let one = PolicyQuery::OneInForce(PolicyId::AllowAutoUpdate);
        assert_eq!(reported.apply(&one, OK, &[result("AllowAutoUpdate", "3")]), []);
        assert_eq!(reported.overridden().count(), 0);
        // Answers about the other half of the tree are no answers.
        let findings = reported.apply(&one, OK, &[item("AllowAutoUpdate", "3")]);
        assert!(matches!(&*findings, [ReadFinding::OtherNode { .. }]));
        assert_eq!(
            one.command(Shape::Names).items()[0].loc_uri(),
            Some("./Device/Vendor/MSFT/Policy/Result/Update/AllowAutoUpdate")
        );
    }

    #[test]
    fn failed_reads_change_nothing_and_404_says_no() {
        let mut reported = Reported::default();
        let query = PolicyQuery::One(PolicyId::AllowAutoUpdate);
        let _ = reported.apply(&query, OK, &[item("AllowAutoUpdate", "2")]);
        let before = reported.clone();
        for status in [None, Some(StatusCode::COMMAND_FAILED)] {
            let findings = reported.apply(&PolicyQuery::All, status, &[]);
            assert!(matches!(&*findings, [ReadFinding::ReadFailed { .. }]));
            assert_eq!(reported, before);
        }
        // Without a status what came is not taken for all there is.
        let part = [item("UpdateServiceUrl", "http://wsus:8530")];
        let findings = reported.apply(&PolicyQuery::All, None, &part);
        assert_eq!(findings, [ReadFinding::ReadFailed { status: None }]);
        assert_eq!(reported, before);
        let gone = Some(StatusCode::NOT_FOUND);
        assert_eq!(reported.apply(&query, gone, &[]), []);
        assert_eq!(reported.value(PolicyId::AllowAutoUpdate), ReportedValue::Absent);
        assert_eq!(reported.value(PolicyId::UpdateServiceUrl), ReportedValue::Unknown);
        assert_eq!(reported.apply(&PolicyQuery::All, gone, &[]), []);
        assert_eq!(reported.value(PolicyId::UpdateServiceUrl), ReportedValue::Absent);
    }

    #[test]
    fn other_nodes_and_too_much_are_said() {
        let mut reported = Reported::default();
        let items = [
            Item::source("./Vendor/MSFT/Policy/Config/System/AllowTelemetry")
                .with_data(Data::text("1")),
            Item::source(format!("{CONFIG}/AllowAutoUpdate")),
            item("a/b", "1"),
            item("Long", &"x".repeat(MAX_VALUE + 1)),
            item("Most", &"x".repeat(MAX_VALUE)),
        ];
        let findings = reported.apply(&PolicyQuery::All, OK, &items);
        assert_eq!(findings.len(), 4, "{findings:?}");
        assert_eq!(reported.unknown().filter(|(_, value)| value.is_some()).count(), 1);
        let many = |count: usize| -> Vec<Item<'static>> {
            (0..count).map(|number| item(&format!("P{number}"), "1")).collect()
        };
        assert_eq!(reported.apply(&PolicyQuery::All, OK, &many(MAX_REPORTED)), []);
        let findings = reported.apply(&PolicyQuery::All, OK, &many(MAX_REPORTED + 1));
        assert_eq!(findings, [ReadFinding::TooMany]);
        assert_eq!(reported.value(PolicyId::AllowAutoUpdate), ReportedValue::Unknown);
        let other = PolicyQuery::One(PolicyId::UpdateServiceUrl);
        let findings = reported.apply(&other, OK, &[item("AllowAutoUpdate", "1")]);
        assert!(matches!(&*findings, [ReadFinding::OtherNode { .. }]));
    }
}
