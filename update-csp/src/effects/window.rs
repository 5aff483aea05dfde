//! Maintenance windows.

use crate::Build;
use crate::policy::{Observed, PolicySet};

/// Whether a set gives devices of a build a maintenance window, as far as anybody can tell.
///
/// *Observed* ([`policy::observed`](crate::policy::observed())): the policies `MaintenanceWindow…` of
/// Windows 11 24H2 since 10.0.26100.7840, in no DDF that we have; a set has them as raw ones. Restarts
/// begin within the window only and, by MaintenanceWindowUpdateActions, downloads and installations as
/// well; Microsoft's page on compliance deadlines is quoted (2026-09-28) to say that nothing but a
/// deadline that has passed goes beyond it. The functions here do not reckon with that: where this is
/// true, take the times of automatic restarts and of installations as the earliest.
///
/// *Decision*: true where the set has any of these policies, unless MaintenanceWindowEnabled is 0 or
/// `false`; whether the others do anything without it is not known. What a device has from somebody
/// else is in [`Reported::unknown`](crate::plan::Reported::unknown) and has to be in the set to count.
///
/// ```
/// use update_csp::effects::has_maintenance_window;
/// use update_csp::policy::{PolicySet, RawPolicy, ValueFormat};
///
/// let enabled = RawPolicy::new("MaintenanceWindowEnabled", ValueFormat::Int, "1")?;
/// let set = PolicySet::new().with_raw(enabled);
/// assert!(has_maintenance_window(&set, "10.0.26100.7840".parse()?));
/// assert!(!has_maintenance_window(&set, "10.0.26100.2605".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn has_maintenance_window(set: &PolicySet, build: Build) -> bool {
    let of_window = |seen: &&Observed| seen.is_maintenance_window() && seen.may_be_on(build);
    let mut any = false;
    for raw in set.raw() {
        let Some(seen) = raw.observed().filter(of_window) else { continue };
        let data = raw.data().trim();
        let off = data == "0" || data.eq_ignore_ascii_case("false");
        if seen.name == "MaintenanceWindowEnabled" && off {
            return false;
        }
        any = true;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{RawPolicy, ValueFormat};

    fn set(policies: &[(&str, &str)]) -> PolicySet {
        policies.iter().fold(PolicySet::new(), |set, (name, data)| {
            set.with_raw(RawPolicy::new(*name, ValueFormat::Chr, *data).unwrap())
        })
    }

    #[test]
    fn a_window_is_one_unless_it_is_switched_off() {
        let build: Build = "10.0.26100.7840".parse().unwrap();
        let has = |policies: &[(&str, &str)]| has_maintenance_window(&set(policies), build);
        let (enabled, start) =
            ("MaintenanceWindowEnabled", ("maintenancewindowstarttime", "02:00"));
        assert!(has(&[(enabled, "1")]) && has(&[(enabled, "true"), start]));
        assert!(has(&[start]), "what it does alone is not known");
        for off in ["0", " False "] {
            assert!(!has(&[(enabled, off), start]), "{off}");
        }
        assert!(!has(&[]) && !has(&[("AllowRebootlessUpdates", "1")]));
        for (build, wanted) in
            [("10.0.26100.7839", false), ("10.0.26200.7840", true), ("10.0.28000.1", true)]
        {
            assert_eq!(
                has_maintenance_window(&set(&[(enabled, "1")]), build.parse().unwrap()),
                wanted,
                "{build}"
            );
        }
    }
}
