//! Update policies: the part that the rings of the update model need.
//!
//! *Specified*: Microsoft Learn, "Policy CSP - Update", and the DDF releases for formats and
//! ranges. Where they contradict each other, the widest range that a supported release of Windows
//! takes is used (contradictions C01 and C04: feature deferral to 365 days since 1703, pause by
//! start date).

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use syncml::model::Format;
use syncml::{Command, Data};

/// Where a device's update policies are set. Windows takes the address without `./Device` as the
/// same node.
pub const CONFIG: &str = "./Device/Vendor/MSFT/Policy/Config/Update";
/// Where the policies in force are read.
pub const RESULT: &str = "./Device/Vendor/MSFT/Policy/Result/Update";

/// Why a policy's value was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A number outside the policy's range.
    #[error("{policy} takes {min} to {max}, not {value}")]
    Range {
        /// The policy.
        policy: PolicyId,
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
        /// The value.
        value: i64,
    },
    /// A text for a policy that takes a number, or the other way round.
    #[error("{0} takes a value of the other kind")]
    Kind(PolicyId),
    /// A text that the policy cannot take.
    #[error("{0} cannot take an empty text or one with control characters")]
    Text(PolicyId),
}

/// What a policy takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Number(i64, i64),
    Text,
    Date,
}

macro_rules! policies {
    ($($(#[$meta:meta])* $name:ident: $kind:expr;)*) => {
        /// A policy of the Update area. Its name is the node's name.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum PolicyId {
            $($(#[$meta])* $name,)*
        }

        impl PolicyId {
            /// Every policy that is known here.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The node's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            const fn kind(self) -> Kind {
                match self {
                    $(Self::$name => $kind,)*
                }
            }
        }
    };
}

policies! {
    /// Hour at which active hours end.
    ActiveHoursEnd: Kind::Number(0, 23);
    /// Longest span of active hours, in hours.
    ActiveHoursMaxRange: Kind::Number(8, 18);
    /// Hour at which active hours start.
    ActiveHoursStart: Kind::Number(0, 23);
    /// How updates are scanned for, downloaded and installed: 0 notify, 1 install and let the user
    /// restart, 2 install and restart, 3 at a scheduled time, 4 without the user's control, 5 off.
    AllowAutoUpdate: Kind::Number(0, 5);
    /// 1: updates of other Microsoft products as well.
    AllowMUUpdateService: Kind::Number(0, 1);
    /// 1: Microsoft Update and WSUS may be used.
    AllowUpdateService: Kind::Number(0, 1);
    /// Which releases are offered: 2, 4, 8 preview channels, 16 general availability, 32 its older
    /// business branch.
    BranchReadinessLevel: Kind::Number(2, 128);
    /// Days until a feature update is installed whatever the user does.
    ConfigureDeadlineForFeatureUpdates: Kind::Number(0, 30);
    /// Days until a quality update is installed whatever the user does.
    ConfigureDeadlineForQualityUpdates: Kind::Number(0, 30);
    /// Days that the user has for the restart at least.
    ConfigureDeadlineGracePeriod: Kind::Number(0, 7);
    /// Days by which feature updates are deferred.
    DeferFeatureUpdatesPeriodInDays: Kind::Number(0, 365);
    /// Days by which quality updates are deferred; definition updates never are.
    DeferQualityUpdatesPeriodInDays: Kind::Number(0, 30);
    /// 1: no drivers with quality updates. It also defeats driver approvals through Graph.
    ExcludeWUDriversInQualityUpdate: Kind::Number(0, 1);
    /// 1: feature updates are paused.
    PauseFeatureUpdates: Kind::Number(0, 1);
    /// The day from which feature updates are paused, for 35 days.
    PauseFeatureUpdatesStartTime: Kind::Date;
    /// 1: quality updates are paused.
    PauseQualityUpdates: Kind::Number(0, 1);
    /// The day from which quality updates are paused, for 35 days.
    PauseQualityUpdatesStartTime: Kind::Date;
    /// The product that TargetReleaseVersion belongs to: `Windows 11`. Setting it accepts licence
    /// terms.
    ProductVersion: Kind::Text;
    /// 1: only updates in ApprovedUpdates are installed.
    RequireUpdateApproval: Kind::Number(0, 1);
    /// Day of scheduled installations: 0 every day, 1 Sunday to 7 Saturday.
    ScheduledInstallDay: Kind::Number(0, 7);
    /// Hour of scheduled installations.
    ScheduledInstallTime: Kind::Number(0, 23);
    /// The release to move to and stay on: `24H2`. Needs ProductVersion.
    TargetReleaseVersion: Kind::Text;
    /// The WSUS server to use instead of Windows Update.
    UpdateServiceUrl: Kind::Text;
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for PolicyId {
    type Err = ();

    /// Reads a name, without regard to case.
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|id| id.name().eq_ignore_ascii_case(text)).ok_or(())
    }
}

/// A policy's value, in its range.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
enum Value {
    Number(i64),
    Text(String),
}

/// A set of policies with values that each of them takes.
///
/// ```
/// use update_csp::policy::{PolicyId, PolicySet};
///
/// let ring = PolicySet::all_ring();
/// assert_eq!(ring.number(PolicyId::DeferQualityUpdatesPeriodInDays), Some(7));
/// assert!(ring.clone().with(PolicyId::DeferQualityUpdatesPeriodInDays, 31).is_err());
/// assert_eq!(ring.commands().len(), ring.len());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct PolicySet(BTreeMap<PolicyId, Value>);

impl PolicySet {
    /// The Test ring of the recommended model: updates flow, and come first here.
    #[must_use]
    pub fn test_ring() -> Self {
        Self::numbers(&[
            (PolicyId::AllowMUUpdateService, 1),
            (PolicyId::DeferQualityUpdatesPeriodInDays, 0),
            (PolicyId::RequireUpdateApproval, 0),
        ])
    }

    /// The All ring of the recommended model: quality updates come after seven days.
    #[must_use]
    pub fn all_ring() -> Self {
        Self::numbers(&[
            (PolicyId::AllowMUUpdateService, 1),
            (PolicyId::DeferQualityUpdatesPeriodInDays, 7),
        ])
    }

    /// Values that are known to be in range.
    fn numbers(values: &[(PolicyId, i64)]) -> Self {
        Self(values.iter().map(|(id, value)| (*id, Value::Number(*value))).collect())
    }

    /// The same with a policy that takes a number.
    ///
    /// # Errors
    /// [`PolicyError::Range`] and [`PolicyError::Kind`].
    pub fn with(mut self, policy: PolicyId, value: i64) -> Result<Self, PolicyError> {
        match policy.kind() {
            Kind::Number(min, max) if (min..=max).contains(&value) => {
                self.0.insert(policy, Value::Number(value));
                Ok(self)
            }
            Kind::Number(min, max) => Err(PolicyError::Range { policy, min, max, value }),
            Kind::Text | Kind::Date => Err(PolicyError::Kind(policy)),
        }
    }

    /// The same with a policy that takes a text.
    ///
    /// # Errors
    /// [`PolicyError::Text`] and [`PolicyError::Kind`].
    pub fn with_text(mut self, policy: PolicyId, text: &str) -> Result<Self, PolicyError> {
        if policy.kind() != Kind::Text {
            return Err(PolicyError::Kind(policy));
        }
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(PolicyError::Text(policy));
        }
        self.0.insert(policy, Value::Text(text.to_owned()));
        Ok(self)
    }

    /// The same with a policy that takes a day, written `yyyy-mm-dd`.
    ///
    /// # Errors
    /// [`PolicyError::Kind`].
    pub fn with_date(mut self, policy: PolicyId, day: NaiveDate) -> Result<Self, PolicyError> {
        if policy.kind() != Kind::Date {
            return Err(PolicyError::Kind(policy));
        }
        self.0.insert(policy, Value::Text(day.format("%Y-%m-%d").to_string()));
        Ok(self)
    }

    /// The value of a policy that takes a number.
    #[must_use]
    pub fn number(&self, policy: PolicyId) -> Option<i64> {
        match self.0.get(&policy)? {
            Value::Number(value) => Some(*value),
            Value::Text(_) => None,
        }
    }

    /// How many policies are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The Replace of each policy. Windows makes a policy's node on Replace.
    #[must_use]
    pub fn commands(&self) -> Vec<(PolicyId, Command<'static>)> {
        self.0
            .iter()
            .map(|(id, value)| {
                let uri = format!("{CONFIG}/{id}");
                let command = match value {
                    Value::Number(number) => {
                        Command::replace(uri, Format::Int, Data::text(number.to_string()))
                    }
                    Value::Text(text) => {
                        Command::replace(uri, Format::Chr, Data::text(text.clone()))
                    }
                };
                (*id, command)
            })
            .collect()
    }

    /// The Delete of each policy that is in `before` and not here any more, so that the device goes
    /// back to its default. Documentation once said that Delete is not supported (C16); it is.
    #[must_use]
    pub fn deletions(&self, before: &Self) -> Vec<(PolicyId, Command<'static>)> {
        let gone = before.0.keys().filter(|id| !self.0.contains_key(id));
        gone.map(|id| (*id, Command::delete(format!("{CONFIG}/{id}")))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_takes_its_ends_and_nothing_beyond() {
        for id in PolicyId::ALL {
            if let Kind::Number(min, max) = id.kind() {
                for value in [min, max] {
                    assert!(PolicySet::default().with(*id, value).is_ok(), "{id} {value}");
                }
                for value in [min - 1, max + 1] {
                    assert!(PolicySet::default().with(*id, value).is_err(), "{id} {value}");
                }
            } else {
                assert_eq!(PolicySet::default().with(*id, 1), Err(PolicyError::Kind(*id)));
            }
            assert_eq!(id.name().to_lowercase().parse(), Ok(*id));
        }
    }

    #[test]
    fn presets_hold_values_that_their_policies_take() {
        for ring in [PolicySet::test_ring(), PolicySet::all_ring()] {
            for (id, value) in &ring.0 {
                let Value::Number(value) = value else { continue };
                assert!(PolicySet::default().with(*id, *value).is_ok(), "{id}");
            }
        }
    }

    #[test]
    fn what_is_no_longer_managed_is_deleted() {
        let gone = PolicySet::test_ring().deletions(
            &PolicySet::all_ring()
                .with_date(
                    PolicyId::PauseQualityUpdatesStartTime,
                    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
                )
                .unwrap(),
        );
        let names: Vec<&str> = gone.iter().map(|(_, command)| command.name()).collect();
        assert_eq!(names, ["Delete"]);
    }
}
