//! What tests on policies share.
#![allow(dead_code)]

use proptest::prelude::*;
use update_csp::policy::{Allowed, PolicyId, PolicySet, RawPolicy, Setting, ValueFormat};
use update_csp::{Build, Edition};

/// Builds around every line that matters: releases, and monthly updates that brought policies.
pub(crate) const BUILDS: [&str; 24] = [
    "10.0.10240.18696",
    "10.0.10586.1",
    "10.0.14393",
    "10.0.14393.4169",
    "10.0.15063.1",
    "10.0.15063.2500",
    "10.0.16299.15",
    "10.0.17134.1488",
    "10.0.17763.1",
    "10.0.17763.1852",
    "10.0.18362.836",
    "10.0.18363.1474",
    "10.0.19041.508",
    "10.0.19041.1202",
    "10.0.19042.906",
    "10.0.19044.3757",
    "10.0.19045.2130",
    "10.0.20348.371",
    "10.0.22000.194",
    "10.0.22621.1",
    "10.0.22621.1344",
    "10.0.22631.3007",
    "10.0.26100.1",
    "10.0.26200.1",
];

pub(crate) fn build() -> impl Strategy<Value = Build> {
    proptest::sample::select(&BUILDS[..]).prop_map(|text| text.parse().unwrap())
}

pub(crate) fn edition() -> impl Strategy<Value = Edition> {
    proptest::sample::select(vec![
        Edition::PROFESSIONAL,
        Edition::ENTERPRISE,
        Edition::EDUCATION,
        Edition::IOT_ENTERPRISE,
        Edition::HOME,
        Edition::new(0x88),
        Edition::new(0xAF),
    ])
}

/// The values of a policy that stand for all: the ends of a range, every one of a list.
pub(crate) fn samples(policy: PolicyId) -> Vec<Setting> {
    match policy.meta().allowed {
        Allowed::Range { min, max } => [min, i64::midpoint(min, max), max]
            .into_iter()
            .map(|value| Setting::number(policy, value).unwrap())
            .collect(),
        Allowed::Enum(values) => {
            values.iter().map(|known| Setting::number(policy, known.value).unwrap()).collect()
        }
        Allowed::Date => vec![Setting::parse(policy, "2026-11-21").unwrap()],
        Allowed::Url => vec![Setting::parse(policy, "https://wsus.contoso.example:8531").unwrap()],
        _ => ["24H2", "Windows 11"].map(|text| Setting::parse(policy, text).unwrap()).into(),
    }
}

pub(crate) fn setting() -> impl Strategy<Value = Setting> {
    proptest::sample::select(&PolicyId::ALL[..]).prop_flat_map(|policy| {
        let samples = samples(policy);
        match policy.meta().allowed {
            Allowed::Range { min, max } => {
                (min..=max).prop_map(move |value| Setting::number(policy, value).unwrap()).boxed()
            }
            Allowed::Date => (0_u64..40_000)
                .prop_map(move |days| {
                    let day = chrono::NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
                    Setting::date(policy, day + chrono::Days::new(days)).unwrap()
                })
                .boxed(),
            Allowed::Text => "[0-9A-Za-z][ -~]{0,30}[!-~]"
                .prop_map(move |text| Setting::text(policy, &text).unwrap())
                .boxed(),
            _ => proptest::sample::select(samples).boxed(),
        }
    })
}

pub(crate) fn set(most: usize) -> impl Strategy<Value = PolicySet> {
    proptest::collection::vec(setting(), 0..=most)
        .prop_map(|settings| settings.into_iter().collect())
}

/// Raw policies: unheard ones, and known names with any value.
pub(crate) fn raw() -> impl Strategy<Value = RawPolicy> {
    let known: Vec<String> = PolicyId::ALL.iter().map(ToString::to_string).collect();
    let name = prop_oneof![
        proptest::sample::select(known),
        Just("DeferQualityUpdatePeriodInDays".to_owned()),
        "[A-Z][A-Za-z]{3,12}",
    ];
    let format =
        proptest::sample::select(vec![ValueFormat::Int, ValueFormat::Chr, ValueFormat::Bool]);
    let data = prop_oneof!["-?[0-9]{1,3}", "[ -~]{0,12}"];
    (name, format, data)
        .prop_map(|(name, format, data)| RawPolicy::new(name, format, data).unwrap())
}

pub(crate) fn set_with_raw(most: usize) -> impl Strategy<Value = PolicySet> {
    let raw = proptest::collection::vec(raw(), 0..=2);
    (set(most), raw).prop_map(|(set, raw)| raw.into_iter().fold(set, PolicySet::with_raw))
}
