//! What a set of policies is for.

use std::collections::BTreeSet;

use crate::policy::PolicyId;
use crate::{Build, Edition};

/// The device or kind of device that a set of policies is for.
///
/// ```
/// use update_csp::rules::Target;
/// use update_csp::{Build, Edition};
///
/// let target = Target::new(Build::WINDOWS_11_24H2, Edition::PROFESSIONAL)
///     .with_graph_driver_approvals(true);
/// assert!(target.graph_driver_approvals);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Target {
    /// The build: DevDetail/SwV.
    pub build: Build,
    /// The edition: DeviceStatus/OS/Edition.
    pub edition: Edition,
    /// Policies whose settings Group Policy has too, as far as somebody knows.
    /// [`gpo::import`](crate::gpo::import) reads them from registry values.
    pub group_policy: BTreeSet<PolicyId>,
    /// Whether ControlPolicyConflict/MDMWinsOverGP is set.
    pub mdm_wins_over_gp: bool,
    /// Whether drivers are approved through Graph (Windows Update for Business deployment service).
    pub graph_driver_approvals: bool,
    /// Whether the Group Policy "No auto-restart with logged on users" is set, which has no policy
    /// of its own.
    pub spares_logged_on_users: bool,
    /// System/AllowTelemetry, the level of diagnostic data, if it is known.
    pub telemetry: Option<u8>,
    /// Names of raw policies, in lower case, that the caller vouches for.
    pub unlisted: BTreeSet<String>,
}

impl Target {
    /// A device of this build and edition, about which nothing else is known.
    #[must_use]
    pub const fn new(build: Build, edition: Edition) -> Self {
        Self {
            build,
            edition,
            group_policy: BTreeSet::new(),
            mdm_wins_over_gp: false,
            graph_driver_approvals: false,
            spares_logged_on_users: false,
            telemetry: None,
            unlisted: BTreeSet::new(),
        }
    }

    /// The same with policies whose settings Group Policy has too.
    #[must_use]
    pub fn with_group_policy(mut self, policies: impl IntoIterator<Item = PolicyId>) -> Self {
        self.group_policy.extend(policies);
        self
    }

    /// The same with or without MDMWinsOverGP.
    #[must_use]
    pub const fn with_mdm_wins_over_gp(mut self, set: bool) -> Self {
        self.mdm_wins_over_gp = set;
        self
    }

    /// The same with or without drivers that are approved through Graph.
    #[must_use]
    pub const fn with_graph_driver_approvals(mut self, used: bool) -> Self {
        self.graph_driver_approvals = used;
        self
    }

    /// The same with or without the Group Policy "No auto-restart with logged on users".
    #[must_use]
    pub const fn with_spared_logged_on_users(mut self, set: bool) -> Self {
        self.spares_logged_on_users = set;
        self
    }

    /// The same with a level of diagnostic data: 0 security, 1 required, 3 optional.
    #[must_use]
    pub const fn with_telemetry(mut self, level: u8) -> Self {
        self.telemetry = Some(level);
        self
    }

    /// The same with a raw policy that the caller knows to be on the device, although no DDF lists
    /// it.
    #[must_use]
    pub fn with_unlisted(mut self, name: &str) -> Self {
        self.unlisted.insert(name.to_ascii_lowercase());
        self
    }
}
