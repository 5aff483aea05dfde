//! Which updates are offered, and when.

use super::{Check, Rule, names};
use crate::effects::PREVIEW_DEFERRAL_DAYS;
use crate::policy::PolicyId;
use crate::policy::values::TargetReleaseVersion;
use crate::{Build, Edition};

/// Days and flags of pauses, and the deferrals that they make useless.
const PAUSES: [(PolicyId, PolicyId, PolicyId); 2] = [
    (
        PolicyId::PauseFeatureUpdates,
        PolicyId::PauseFeatureUpdatesStartTime,
        PolicyId::DeferFeatureUpdatesPeriodInDays,
    ),
    (
        PolicyId::PauseQualityUpdates,
        PolicyId::PauseQualityUpdatesStartTime,
        PolicyId::DeferQualityUpdatesPeriodInDays,
    ),
];

pub(super) fn check(check: &mut Check<'_>) {
    let build = check.target.build;
    for (flag, day, deferral) in PAUSES {
        let flagged = check.number(flag) == Some(1);
        if (flagged || check.has(day)) && check.number(deferral).is_some_and(|days| days > 0) {
            let pause = if check.has(day) { day } else { flag };
            let detail = format!("{pause} with {deferral}");
            check.note(Rule::PauseSupersedesDeferral, &[pause, deferral], detail);
        }
        if flagged && build >= Build::WINDOWS_10_1703 {
            check.note(Rule::PauseFlag, &[flag], format!("{flag}: use {day}"));
        }
        if check.has(flag) && check.has(day) {
            check.note(Rule::PauseTwice, &[flag, day], format!("{flag} with {day}"));
        }
    }
    let preview =
        check.number(PolicyId::BranchReadinessLevel).filter(|it| matches!(it, 2 | 4 | 8 | 128));
    let days = check.number(PolicyId::DeferFeatureUpdatesPeriodInDays);
    if let (Some(channel), Some(days)) =
        (preview, days.filter(|days| *days > PREVIEW_DEFERRAL_DAYS))
    {
        let ids = [PolicyId::DeferFeatureUpdatesPeriodInDays, PolicyId::BranchReadinessLevel];
        check.note(Rule::PreviewDeferral, &ids, format!("{days} days in channel {channel}"));
    }
    target(check);
    if check.number(PolicyId::DisableWUfBSafeguards) == Some(1) {
        let id = PolicyId::DisableWUfBSafeguards;
        check.note(Rule::SafeguardsReset, &[id], id.name());
    }
    requires(check);
}

fn target(check: &mut Check<'_>) {
    let (target, product) = (PolicyId::TargetReleaseVersion, PolicyId::ProductVersion);
    if let Some(release) = check.set.get::<TargetReleaseVersion>() {
        // Before ProductVersion was there, the release was enough.
        if !check.has(product) && product.meta().is_on(check.target.build) {
            check.note(Rule::TargetWithoutProduct, &[target, product], release.as_str());
        }
        if !is_release(release.as_str()) {
            check.note(Rule::TargetFormat, &[target], release.as_str());
        }
        let deferring =
            check.number(PolicyId::DeferFeatureUpdatesPeriodInDays).is_some_and(|days| days > 0);
        if deferring {
            let id = PolicyId::DeferFeatureUpdatesPeriodInDays;
            check.note(Rule::TargetAndDeferral, &[id, target], names(&[target, id]));
        }
    } else if check.has(product) {
        check.note(Rule::ProductWithoutTarget, &[product], product.name());
    }
    if check.has(product) {
        check.note(Rule::ProductAcceptsTerms, &[product], product.name());
    }
}

/// Whether a text looks like a release of Windows: `1507` to `2004`, `20H2`, `24H2`. The list of
/// releases grows, so only the form is checked.
fn is_release(text: &str) -> bool {
    match text.as_bytes() {
        [a, b, c @ b'0'..=b'1', d] => {
            [a, b, d].iter().all(|byte| byte.is_ascii_digit()) && {
                // Year and month of the first releases: 1507, 1511 … 2004.
                let month = (c - b'0') * 10 + (d - b'0');
                (1..=12).contains(&month)
            }
        }
        [a, b, b'H' | b'h', b'1' | b'2'] => a.is_ascii_digit() && b.is_ascii_digit(),
        _ => false,
    }
}

/// Policies that need another one.
fn requires(check: &mut Check<'_>) {
    let (period, upgrade) = (PolicyId::DeferUpdatePeriod, PolicyId::RequireDeferUpgrade);
    // *Specified*: the DDF's text asks for it "in Windows 10 Mobile Enterprise version 1511 devices"
    // only; the guide of 2017 has no such condition for desktops.
    let mobile = check.target.edition == Edition::MOBILE_ENTERPRISE;
    if mobile
        && check.number(period).is_some_and(|weeks| weeks > 0)
        && check.number(upgrade) != Some(1)
    {
        check.note(Rule::Requires, &[period, upgrade], format!("{period} needs {upgrade} 1"));
    }
    let urls = (PolicyId::FillEmptyContentUrls, PolicyId::UpdateServiceUrlAlternate);
    if check.number(urls.0) == Some(1) && !check.has(urls.1) {
        check.note(Rule::Requires, &[urls.0, urls.1], format!("{} needs {}", urls.0, urls.1));
    }
}

#[cfg(test)]
mod tests {
    use super::is_release;

    #[test]
    fn releases_are_known_by_their_form() {
        for text in ["1507", "1809", "2004", "20H2", "24h2", "21H1"] {
            assert!(is_release(text), "{text}");
        }
        for text in ["", "11", "Windows 11", "22000", "21H3", "1813", "1800", "2099", "é1H2"] {
            assert!(!is_release(text), "{text}");
        }
    }
}
