//! Group Policy: policies as the registry values that administrative templates write, and back.
//!
//! *Specified*: the guide for MDM vendors of 2017 for Windows 10 1607; WindowsUpdate.admx of 2019,
//! 2023-11 and build 25381 since. A setting that is enabled writes a switch beside its value
//! (`DeferQualityUpdates` beside `DeferQualityUpdatesPeriodInDays`); without the switch, the value
//! does not count. What has no counterpart is named, never dropped.
//!
//! ```
//! use update_csp::gpo::{self, RegistryData, RegistryValue};
//! use update_csp::{Build, PolicyId, PolicySet};
//!
//! let export = gpo::export(&PolicySet::all_ring(), Build::WINDOWS_11_24H2);
//! let key = r"Software\Policies\Microsoft\Windows\WindowsUpdate";
//! let days = RegistryValue::new(key, "DeferQualityUpdatesPeriodInDays", RegistryData::Dword(7));
//! assert!(export.values.contains(&days) && export.unmapped.is_empty());
//!
//! let import = gpo::import(&export.values, Build::WINDOWS_11_24H2);
//! assert_eq!(import.policies, PolicySet::all_ring());
//! ```

use std::collections::BTreeMap;

use crate::Build;
use crate::policy::values::AllowAutoUpdate;
use crate::policy::{
    AdmxMapping, Allowed, ElementKind, Policy, PolicyId, PolicySet, RegistrySwitch, Setting, Value,
};

/// The key of most values, below HKEY_LOCAL_MACHINE.
pub const KEY: &str = r"Software\Policies\Microsoft\Windows\WindowsUpdate";

const DEADLINES: &str = "SetComplianceDeadline";
const NO_AUTO_UPDATE: &str = "NoAutoUpdate";
const STATUS_SERVER: &str = "WUStatusServer";

/// What a registry value holds.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum RegistryData {
    /// REG_DWORD.
    Dword(u32),
    /// REG_SZ.
    Sz(String),
}

/// A value in the registry, below HKEY_LOCAL_MACHINE. Keys and names have no case.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct RegistryValue {
    /// The key.
    pub key: String,
    /// The value's name.
    pub name: String,
    /// What it holds.
    pub data: RegistryData,
}

impl RegistryValue {
    /// A value.
    #[must_use]
    pub fn new(key: impl Into<String>, name: impl Into<String>, data: RegistryData) -> Self {
        Self { key: key.into(), name: name.into(), data }
    }
}

/// Why something has no counterpart.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Reason {
    /// No template has a setting for the policy.
    NoSetting,
    /// The template's setting has no value of its own for the policy, or not for this release.
    NoValue,
    /// The setting counts otherwise and nobody documents how the numbers compare.
    OtherNumbering,
    /// The setting does not take the value, or the policy does not take it on this build.
    ValueNotTaken,
    /// A choice of the setting that no policy has: ScheduledInstallTime 24, an hour of Windows' own
    /// choosing, and AUOptions 7, which asks before installing and before restarting.
    NoPolicy,
    /// Another value says that the setting is not enabled, or has to for another policy.
    NotEnabled,
    /// A number where a text belongs, or the other way round.
    Type,
    /// Not a value that the tables know.
    Unknown,
    /// Sent as it stands, so nobody knows its setting.
    Raw,
}

/// Policies as registry values.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Export {
    /// The values, by key and name.
    pub values: Vec<RegistryValue>,
    /// The policies that have no value, by name.
    pub unmapped: Vec<(String, Reason)>,
}

/// Registry values as policies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Import {
    /// The policies.
    pub policies: PolicySet,
    /// Whether "No auto-restart with logged on users" is enabled, which is no policy but has a say
    /// ([`Target::spares_logged_on_users`](crate::rules::Target::spares_logged_on_users)).
    pub spares_logged_on_users: bool,
    /// The values that are no policy, as they came.
    pub unmapped: Vec<(RegistryValue, Reason)>,
}

/// Where a policy is in the registry of a build.
struct Place {
    key: &'static str,
    name: &'static str,
    switch: Option<RegistrySwitch>,
    /// The switch of templates before or after, which counts as well where it is found.
    other: Option<RegistrySwitch>,
    /// A number as its own value of the policy: no text.
    text: bool,
}

/// Where a policy is in the registry of a build.
fn place(policy: PolicyId, build: Build) -> Result<Place, Reason> {
    let setting = policy.meta().group_policy.ok_or(Reason::NoSetting)?;
    let admx: AdmxMapping = setting.admx.ok_or(Reason::NoSetting)?;
    if setting.other_numbering {
        return Err(Reason::OtherNumbering);
    }
    let text = admx.kind == Some(ElementKind::Text);
    if let Some(name) = setting.value_1607 {
        // Templates since 1703 pause by a day.
        return if build < Build::WINDOWS_10_1703 {
            Ok(Place { key: admx.key, name, switch: None, other: None, text })
        } else {
            Err(Reason::NoValue)
        };
    }
    let name = admx.value.ok_or(Reason::NoValue)?;
    let mut switch = admx.switch;
    if policy == PolicyId::BranchReadinessLevel {
        // *Decision* (C34): a value of its own until Windows 10 1607; an element of the deferral of
        // feature updates on Windows 10 (template of 2019); of ManagePreviewBuilds since.
        switch = if build < Build::WINDOWS_10_1703 {
            None
        } else if build.is_windows_11() {
            Some(RegistrySwitch { key: KEY, value: "ManagePreviewBuildsPolicyValue", data: 2 })
        } else {
            Some(RegistrySwitch { key: KEY, value: "DeferFeatureUpdates", data: 1 })
        };
    }
    let mut other = None;
    if switch.is_some_and(|switch| switch.value.starts_with(DEADLINES)) {
        // *Decision* (D11): deadlines had one switch until the template of build 25381 split it by
        // kind of update.
        let one = RegistrySwitch { key: KEY, value: DEADLINES, data: 1 };
        (switch, other) =
            if build.number() < 25381 { (Some(one), switch) } else { (switch, Some(one)) };
    }
    Ok(Place { key: admx.key, name, switch, other, text })
}

/// Whether both the setting and the policy take a number on a build.
fn takes(policy: PolicyId, build: Build, number: i64) -> bool {
    let meta = policy.meta();
    if meta.narrower.is_some_and(|narrower| build < narrower.before && number > narrower.max) {
        return false;
    }
    if policy == PolicyId::BranchReadinessLevel && build.is_windows_11() {
        return matches!(number, 2 | 4 | 8 | 64);
    }
    // Left to the user is what a setting is that nobody configured.
    if policy == PolicyId::ManagePreviewBuilds {
        return matches!(number, 0..=2);
    }
    match meta.allowed {
        Allowed::Enum(values) => values.iter().any(|known| {
            known.value == number
                && known.from.is_none_or(|from| build >= from)
                && known.before.is_none_or(|before| build < before)
        }),
        Allowed::Range { min, max } => (min..=max).contains(&number),
        _ => false,
    }
}

/// The registry values that a template writes for these policies on a build.
///
/// AllowAutoUpdate counts otherwise than its setting's AUOptions, and only 5, off, has a
/// counterpart: the setting disabled.
#[must_use]
pub fn export(set: &PolicySet, build: Build) -> Export {
    let mut values = Values::default();
    let mut export = Export::default();
    let mut later = Vec::new();
    for setting in set.settings() {
        let policy = setting.policy();
        if setting == AllowAutoUpdate::Off.setting() {
            values.put(&format!(r"{KEY}\AU"), NO_AUTO_UPDATE, RegistryData::Dword(1));
            continue;
        }
        match place(policy, build).and_then(|place| Ok((data(&setting, &place, build)?, place))) {
            // Switches that are values of policies themselves have to be there first.
            Ok((data, place)) => later.push((policy, place, data)),
            Err(reason) => export.unmapped.push((policy.to_string(), reason)),
        }
    }
    for (_, place, data) in later.iter().filter(|(_, place, _)| place.switch.is_none()) {
        values.put(place.key, place.name, data.clone());
    }
    for (policy, place, data) in later {
        let Some(switch) = place.switch else { continue };
        let on = RegistryData::Dword(switch.data);
        // A switch that is a policy itself is not switched on because of another one.
        let own = is_policy(switch, build);
        let there = values.get(switch.key, switch.value);
        if there.is_some_and(|data| *data != on) || (own && there.is_none()) {
            export.unmapped.push((policy.to_string(), Reason::NotEnabled));
            continue;
        }
        values.put(switch.key, switch.value, on);
        // The setting of the WSUS server asks for the server that statistics go to as well.
        if policy == PolicyId::UpdateServiceUrl {
            values.put(place.key, STATUS_SERVER, data.clone());
        }
        values.put(place.key, place.name, data);
    }
    export.unmapped.extend(set.raw().map(|raw| (raw.name().to_owned(), Reason::Raw)));
    export.unmapped.sort();
    export.values = values.0.into_values().collect();
    export
}

/// Whether a switch is the value of a policy.
fn is_policy(switch: RegistrySwitch, build: Build) -> bool {
    let is = |place: Place| {
        place.key.eq_ignore_ascii_case(switch.key) && place.name.eq_ignore_ascii_case(switch.value)
    };
    PolicyId::ALL.into_iter().any(|id| place(id, build).is_ok_and(is))
}

fn data(setting: &Setting, place: &Place, build: Build) -> Result<RegistryData, Reason> {
    match setting.value() {
        Value::Number(number) if takes(setting.policy(), build, *number) && !place.text => {
            u32::try_from(*number).map(RegistryData::Dword).map_err(|_| Reason::ValueNotTaken)
        }
        Value::Number(_) => Err(Reason::ValueNotTaken),
        Value::Text(text) => Ok(RegistryData::Sz(text.clone())),
    }
}

/// The policies that registry values of a build stand for.
///
/// A value without its switch does not count, as the guide's table has it ("other or absent: don't
/// defer"), and is named. Values of a setting that is disabled are named too, except `NoAutoUpdate`
/// 1, which is AllowAutoUpdate 5. An empty first day of a pause is no pause, and nothing to name.
#[must_use]
pub fn import(values: &[RegistryValue], build: Build) -> Import {
    let mut table = Values::default();
    for value in values {
        table.put(&value.key, &value.name, value.data.clone());
    }
    let mut import = Import::default();
    let places: Vec<(PolicyId, Place)> =
        PolicyId::ALL.into_iter().filter_map(|id| Some((id, place(id, build).ok()?))).collect();
    for value in table.0.values() {
        if value.key.eq_ignore_ascii_case(&format!(r"{KEY}\AU"))
            && value.name.eq_ignore_ascii_case("NoAutoRebootWithLoggedOnUsers")
            && let RegistryData::Dword(number @ 0..=1) = value.data
        {
            import.spares_logged_on_users = number == 1;
            continue;
        }
        match read(value, &table, &places, build) {
            Ok(Some(setting)) => {
                import.policies = std::mem::take(&mut import.policies).with_setting(setting);
            }
            // A switch, which says something about other values only.
            Ok(None) => {}
            Err(reason) => import.unmapped.push((value.clone(), reason)),
        }
    }
    import
}

fn read(
    value: &RegistryValue,
    table: &Values,
    places: &[(PolicyId, Place)],
    build: Build,
) -> Result<Option<Setting>, Reason> {
    let is = |key: &str, name: &str| {
        value.key.eq_ignore_ascii_case(key) && value.name.eq_ignore_ascii_case(name)
    };
    let au = format!(r"{KEY}\AU");
    if is(&au, NO_AUTO_UPDATE) {
        return match value.data {
            RegistryData::Dword(0) => Ok(None),
            RegistryData::Dword(1) => Ok(Some(AllowAutoUpdate::Off.setting())),
            RegistryData::Dword(_) => Err(Reason::ValueNotTaken),
            RegistryData::Sz(_) => Err(Reason::Type),
        };
    }
    if is(&au, "AUOptions") {
        let asks = value.data == RegistryData::Dword(7);
        return Err(if asks { Reason::NoPolicy } else { Reason::OtherNumbering });
    }
    if is(KEY, STATUS_SERVER) {
        // Nothing of its own as long as it is the server itself.
        let same = table.get(KEY, "WUServer") == Some(&value.data);
        return if same { Ok(None) } else { Err(Reason::NoSetting) };
    }
    let Some((policy, place)) = places.iter().find(|(_, place)| is(place.key, place.name)) else {
        let mut switches =
            places.iter().flat_map(|(_, place)| [place.switch, place.other]).flatten();
        let known = switches.find(|switch| is(switch.key, switch.value));
        return match (known, &value.data) {
            (Some(_), RegistryData::Dword(0 | 1)) => Ok(None),
            (Some(_), RegistryData::Dword(_)) => Err(Reason::ValueNotTaken),
            (Some(_), RegistryData::Sz(_)) => Err(Reason::Type),
            (None, _) => Err(Reason::Unknown),
        };
    };
    // What the editor writes of a setting whose day is left empty: no pause.
    if policy.meta().allowed == Allowed::Date
        && matches!(&value.data, RegistryData::Sz(day) if day.trim().is_empty())
    {
        return Ok(None);
    }
    let on = |switch: RegistrySwitch| {
        // What is absent counts as 0.
        let data = table.get(switch.key, switch.value).unwrap_or(&RegistryData::Dword(0));
        *data == RegistryData::Dword(switch.data)
    };
    if place.switch.is_some_and(|switch| !on(switch)) && !place.other.is_some_and(on) {
        return Err(Reason::NotEnabled);
    }
    let setting = match (&value.data, place.text) {
        (RegistryData::Dword(number), false) => {
            let number = i64::from(*number);
            if *policy == PolicyId::ScheduledInstallTime && number == 24 {
                return Err(Reason::NoPolicy);
            }
            if !takes(*policy, build, number) {
                return Err(Reason::ValueNotTaken);
            }
            Setting::number(*policy, number)
        }
        (RegistryData::Sz(text), true) => Setting::text(*policy, text),
        _ => return Err(Reason::Type),
    };
    setting.map(Some).map_err(|_| Reason::ValueNotTaken)
}

/// Registry values, by key and name in lower case.
#[derive(Default)]
struct Values(BTreeMap<(String, String), RegistryValue>);

impl Values {
    fn put(&mut self, key: &str, name: &str, data: RegistryData) {
        let index = (key.to_ascii_lowercase(), name.to_ascii_lowercase());
        self.0.insert(index, RegistryValue::new(key, name, data));
    }

    fn get(&self, key: &str, name: &str) -> Option<&RegistryData> {
        let index = (key.to_ascii_lowercase(), name.to_ascii_lowercase());
        self.0.get(&index).map(|value| &value.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::values::*;

    fn value(name: &str, number: u32) -> RegistryValue {
        RegistryValue::new(KEY, name, RegistryData::Dword(number))
    }

    #[test]
    fn a_value_without_its_switch_does_not_count() {
        let old = Build::WINDOWS_10_1607;
        let days = value("DeferQualityUpdatesPeriodInDays", 7);
        let alone = import(std::slice::from_ref(&days), old);
        assert!(alone.policies.is_empty());
        assert_eq!(alone.unmapped, [(days.clone(), Reason::NotEnabled)]);
        let both = import(&[days.clone(), value("deferqualityupdates", 1)], old);
        assert_eq!(both.policies.number(PolicyId::DeferQualityUpdatesPeriodInDays), Some(7));
        assert!(both.unmapped.is_empty());
        let off = import(&[days, value("DeferQualityUpdates", 0)], old);
        assert!(off.policies.is_empty());
    }

    #[test]
    fn values_that_a_build_does_not_take_are_named() {
        let defer = value("DeferFeatureUpdates", 1);
        let days = value("DeferFeatureUpdatesPeriodInDays", 200);
        let values = [defer, days.clone()];
        let unmapped = import(&values, Build::WINDOWS_10_1607).unmapped;
        assert_eq!(unmapped, [(days, Reason::ValueNotTaken)]);
        assert!(import(&values, Build::WINDOWS_10_1703).unmapped.is_empty());
        // C34: the template of Windows 11 has no business branch.
        let branch = PolicySet::new().with(BranchReadinessLevel::GeneralAvailability);
        let unmapped = export(&branch, Build::WINDOWS_11_24H2).unmapped;
        assert_eq!(unmapped, [("BranchReadinessLevel".to_owned(), Reason::ValueNotTaken)]);
        let old = export(&branch, Build::WINDOWS_10_1607);
        assert_eq!(old.values, [value("BranchReadinessLevel", 16)]);
        // C09: 0 is a choice of the template and no value of the policy.
        let engaged =
            [value("SetEngagedRestartTransitionSchedule", 1), value("EngagedRestartDeadline", 0)];
        let unmapped = import(&engaged, Build::WINDOWS_11_24H2).unmapped;
        assert_eq!(unmapped, [(engaged[1].clone(), Reason::ValueNotTaken)]);
    }

    #[test]
    fn settings_that_exclude_each_other_are_named() {
        let off = PolicySet::new().with(AllowAutoUpdate::Off).with(ScheduledInstallDay::Friday);
        let export = export(&off, Build::WINDOWS_11_24H2);
        assert_eq!(export.unmapped, [("ScheduledInstallDay".to_owned(), Reason::NotEnabled)]);
        assert_eq!(export.values.len(), 1);
        let back = import(&export.values, Build::WINDOWS_11_24H2);
        assert_eq!(back.policies, PolicySet::new().with(AllowAutoUpdate::Off));
        let other = PolicySet::new().with(AllowAutoUpdate::Scheduled);
        let unmapped = super::export(&other, Build::WINDOWS_11_24H2).unmapped;
        assert_eq!(unmapped, [("AllowAutoUpdate".to_owned(), Reason::OtherNumbering)]);
    }

    #[test]
    fn a_wsus_server_brings_what_its_setting_asks_for() {
        let set = PolicySet::new().with(UpdateServiceUrl::url("http://wsus:8530").unwrap());
        let export = export(&set, Build::WINDOWS_11_24H2);
        let names: Vec<&str> = export.values.iter().map(|value| &*value.name).collect();
        assert_eq!(names, ["WUServer", "WUStatusServer", "UseWUServer"]);
        assert_eq!(import(&export.values, Build::WINDOWS_11_24H2).policies, set);
        let mut other = export.values;
        other[1].data = RegistryData::Sz("http://elsewhere".into());
        let import = import(&other, Build::WINDOWS_11_24H2);
        assert_eq!((import.policies, import.unmapped.len()), (set, 1));
    }

    #[test]
    fn deadlines_have_the_switch_of_their_release() {
        let set = PolicySet::new().with(ConfigureDeadlineForQualityUpdates::MIN);
        let names = |build| -> Vec<String> {
            export(&set, build).values.into_iter().map(|value| value.name).collect()
        };
        let (old, new) = (Build::WINDOWS_11_23H2, Build::WINDOWS_11_24H2);
        let policy = "ConfigureDeadlineForQualityUpdates";
        assert_eq!(names(old), [policy, "SetComplianceDeadline"]);
        assert_eq!(names(new), [policy, "SetComplianceDeadlineForQU"]);
        // A device that was upgraded has what the older template wrote.
        for (from, to) in [(old, new), (new, old)] {
            let import = import(&export(&set, from).values, to);
            assert_eq!((&import.policies, import.unmapped.len()), (&set, 0));
        }
    }

    #[test]
    fn what_nobody_knows_is_named() {
        let values = [
            value("Other", 1),
            RegistryValue::new(KEY, "SetActiveHours", RegistryData::Sz("1".into())),
            RegistryValue::new(format!(r"{KEY}\AU"), "AUOptions", RegistryData::Dword(4)),
            RegistryValue::new(
                KEY,
                "ExcludeWUDriversInQualityUpdate",
                RegistryData::Sz("1".into()),
            ),
        ];
        let import = import(&values, Build::WINDOWS_11_24H2);
        assert!(import.policies.is_empty());
        let mut reasons: Vec<Reason> = import.unmapped.iter().map(|(_, reason)| *reason).collect();
        reasons.sort();
        assert_eq!(reasons, [Reason::OtherNumbering, Reason::Type, Reason::Type, Reason::Unknown]);
    }
}
