//! Whether the device has the policies and takes their values.

use super::source::is_flag_of_0;
use super::{Check, Rule, names};
use crate::Build;
use crate::policy::{Allowed, Observed, PolicyId, PolicySet, RawPolicy, Setting};

/// The policies of Windows 10 1511.
pub(super) const OF_1511: [PolicyId; 4] = [
    PolicyId::DeferUpdatePeriod,
    PolicyId::DeferUpgradePeriod,
    PolicyId::PauseDeferrals,
    PolicyId::RequireDeferUpgrade,
];

/// Those that replaced them.
const SINCE_1607: [PolicyId; 7] = [
    PolicyId::BranchReadinessLevel,
    PolicyId::DeferFeatureUpdatesPeriodInDays,
    PolicyId::DeferQualityUpdatesPeriodInDays,
    PolicyId::PauseFeatureUpdates,
    PolicyId::PauseFeatureUpdatesStartTime,
    PolicyId::PauseQualityUpdates,
    PolicyId::PauseQualityUpdatesStartTime,
];

/// The set with raw policies as what they are, where that is known.
pub(super) fn understood(set: &PolicySet, check: &mut Check<'_>) -> PolicySet {
    let mut known: PolicySet = set.settings().collect();
    for raw in set.raw() {
        let trusted = check.target.unlisted.contains(&raw.name().to_ascii_lowercase());
        match raw.id() {
            Some(id) => match as_setting(id, raw) {
                Some(setting) => known = known.with_setting(setting),
                // `with_unlisted` vouches for names that nobody lists, not for values.
                None => {
                    let detail = format!("{id} takes {}", takes(id));
                    check.note(Rule::RawValue, &[id], detail);
                }
            },
            None if trusted => check.note(Rule::RawTrusted, &[], raw.name()),
            None => match (raw.observed(), raw.name().parse::<PolicyId>()) {
                (Some(seen), _) => observed(check, seen),
                (None, Err(error)) if error.seen_in().is_some() => {
                    let meant: Vec<PolicyId> = error.did_you_mean().into_iter().collect();
                    check.note(Rule::RawMisspelt, &meant, error.to_string());
                }
                (None, Err(error)) => check.note(Rule::RawName, &[], error.to_string()),
                (None, Ok(id)) => check.note(Rule::RawValue, &[id], raw.name()),
            },
        }
    }
    known
}

/// A name that no DDF lists and that devices know: whether it is right is more than anybody here can
/// say, so it is a warning, but where the device is said not to have it. A name that no device was
/// seen with is no better than one that nobody heard of.
fn observed(check: &mut Check<'_>, seen: &Observed) {
    let Observed { name, seen: place, open, .. } = seen;
    let build = check.target.build;
    if seen.name_only {
        return check.note(Rule::RawName, &[], format!("{name}, seen in {place}: {open}"));
    }
    match seen.since.filter(|_| !seen.may_be_on(build)) {
        Some(since) => {
            let detail = format!("{name} is said to need {since}; the device has {build}");
            check.note(Rule::RawName, &[], detail);
        }
        None => check.note(Rule::RawObserved, &[], format!("{name}, seen in {place}: {open}")),
    }
}

/// A raw policy as the known one that it is, if format and value are right.
fn as_setting(id: PolicyId, raw: &RawPolicy) -> Option<Setting> {
    let setting = Setting::parse(id, raw.data()).ok()?;
    (raw.format() == id.meta().format).then_some(setting)
}

/// What a policy takes, in words.
fn takes(id: PolicyId) -> String {
    match id.meta().allowed {
        Allowed::Range { min, max } => format!("{min} to {max}, as int"),
        Allowed::Enum(values) => {
            let mut values: Vec<i64> = values.iter().map(|known| known.value).collect();
            values.sort_unstable();
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("{}, as int", values.join(", "))
        }
        Allowed::Date => "a day written yyyy-mm-dd, as chr".to_owned(),
        Allowed::Url => "an http or https address, as chr".to_owned(),
        Allowed::Text => "a text of 1 to 256 bytes, as chr".to_owned(),
    }
}

pub(super) fn check(check: &mut Check<'_>) {
    let settings: Vec<Setting> = check.set.settings().collect();
    for setting in &settings {
        one(check, setting);
    }
    let legacy = check.among(&OF_1511);
    if check.target.telemetry == Some(0) && !legacy.is_empty() {
        check.note(Rule::TelemetryCancels1511, &legacy, names(&legacy));
    }
    let modern = check.among(&SINCE_1607);
    if !legacy.is_empty() && !modern.is_empty() {
        let detail = format!("{} with {}", names(&legacy), names(&modern));
        check.note(Rule::LegacyMixed, &[&*legacy, &*modern].concat(), detail);
    }
}

/// Whether a device of this build has a policy.
///
/// *Decision* (C32): DDF documents give 1607 as the first build of the policies of 1511, while their
/// own text says that they are for 1511 and not to be used since. 1511 has them.
fn is_on(id: PolicyId, build: Build) -> bool {
    let of_1511 = OF_1511.contains(&id) && build.number() == Build::WINDOWS_10_1511.number();
    of_1511 || id.meta().is_on(build)
}

fn one(check: &mut Check<'_>, setting: &Setting) {
    let (id, build, edition) = (setting.policy(), check.target.build, check.target.edition);
    let meta = id.meta();
    if is_on(id, build) {
        disputed(check, id);
    } else {
        let floors: Vec<String> = meta
            .floors
            .iter()
            .map(|floor| match floor.kb {
                Some(kb) => format!("{} ({kb})", floor.build),
                None if floor.build.is_unreleased() => "a release to come".to_owned(),
                None => floor.build.to_string(),
            })
            .collect();
        let detail = format!("{id} needs {}; the device has {build}", floors.join(" or "));
        check.note(Rule::Build, &[id], detail);
    }
    if !meta.is_in(edition) {
        check.note(Rule::Edition, &[id], format!("{id} on {edition}"));
    }
    if let Some(value) = setting.value().number() {
        if let Some(narrower) = meta.narrower.filter(|it| build < it.before && value > it.max) {
            let detail =
                format!("{id} is {value}, at most {} before {}", narrower.max, narrower.before);
            check.note(Rule::RangeOnBuild, &[id], detail);
        }
        if let Allowed::Enum(values) = meta.allowed {
            let listed = values.iter().find(|known| known.value == value);
            let early = listed.and_then(|known| known.from).filter(|from| build < *from);
            let late = listed.and_then(|known| known.before).filter(|before| build >= *before);
            if let Some(bound) = early.or(late) {
                let when = if early.is_some() { "from" } else { "before" };
                let detail =
                    format!("{id} takes {value} {when} {bound} only; the device has {build}");
                check.note(Rule::ValueOnBuild, &[id], detail);
            }
        }
    }
    if OF_1511.contains(&id) && build >= Build::WINDOWS_10_1607 {
        check.note(Rule::Legacy1511, &[id], format!("{id} on {build}"));
    }
    // What the device may not have is no advice.
    let sure = |other: &PolicyId| is_on(*other, build) && !other.meta().is_disputed_on(build);
    let better: Vec<PolicyId> = meta.replaced_by.iter().copied().filter(sure).collect();
    // A pause that is off needs no day in its place.
    if !better.is_empty() && !is_flag_of_0(id, setting.value().number()) {
        let detail = format!("{id} by {}", names(&better));
        check.note(Rule::Superseded, &[id], detail);
    }
}

/// Whether other evidence gives a later first build than the newest DDF.
fn disputed(check: &mut Check<'_>, id: PolicyId) {
    let (meta, build) = (id.meta(), check.target.build);
    if let Some(seen) = meta.first_seen.filter(|seen| build < *seen) {
        check.note(Rule::BuildDisputed, &[id], format!("no DDF lists {id} before {seen}"));
    }
    let mut doubts = Vec::new();
    if !meta.documented_floors.is_empty() && !build.has(meta.documented_floors) {
        let floors: Vec<String> = meta.documented_floors.iter().map(ToString::to_string).collect();
        doubts.push(format!("{id} since {}, says the documentation", floors.join(" or ")));
    }
    // D08.
    if let Some(lacking) = meta.lacked_by.filter(|_| meta.is_lacking_on(build)) {
        doubts.push(format!("a device of {lacking} does not have {id}"));
    }
    if !doubts.is_empty() {
        check.note(Rule::BuildDisputed, &[id], doubts.join("; "));
    }
}
