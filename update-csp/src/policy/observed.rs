//! Names that no DDF lists.

use super::generated::table;
use crate::Build;

/// A name below `Policy/Config/Update` that was seen on devices or in their files, and that no DDF
/// until February 2025 lists.
///
/// *Decision*: it is no policy here, because neither its format nor its values, default and editions
/// are sure, and who sends one vouches for it. But it is no mistake either: rules warn of it
/// ([`Rule::RawObserved`](crate::rules::Rule::RawObserved)) unless it is a
/// [name only](Self::name_only), plans leave what others set of it alone
/// ([`Managed::All`](crate::plan::Managed::All)), and effects say where they do not know what it does
/// ([`has_maintenance_window`](crate::effects::has_maintenance_window)).
///
/// ```
/// use update_csp::policy::Observed;
///
/// let window = Observed::of("maintenancewindowenabled").ok_or("not observed")?;
/// assert_eq!(window.since.map(|build| build.to_string()).as_deref(), Some("10.0.26100.7840"));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Observed {
    /// The node's name.
    pub name: &'static str,
    /// Where it was seen.
    pub seen: &'static str,
    /// Whether it is no more than a text in a library of Windows, and no device was seen with it: rules
    /// refuse it ([`Rule::RawName`](crate::rules::Rule::RawName)) as they do what nobody heard of.
    pub name_only: bool,
    /// The first build that has it, as far as anybody says one.
    pub since: Option<Build>,
    /// What is said of its values, and what is not known.
    pub open: &'static str,
}

impl Observed {
    /// The observed name that this is, in any case.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        table::OBSERVED.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// Whether it is one of the policies of maintenance windows, of Windows 11 24H2 in 2026.
    #[must_use]
    pub fn is_maintenance_window(&self) -> bool {
        self.name.starts_with("MaintenanceWindow")
    }

    /// Whether a device of this build may have it: all that is said against it is a first build.
    #[must_use]
    pub fn may_be_on(&self, build: Build) -> bool {
        self.since.is_none_or(|since| build.has(&[since]))
    }
}

/// Every observed name, in their order: candidates for a [`RawPolicy`](super::RawPolicy), at the
/// caller's own risk.
#[must_use]
pub fn observed() -> &'static [Observed] {
    table::OBSERVED
}
