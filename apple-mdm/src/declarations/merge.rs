//! Several software update settings on one device: what counts (R16; the schema's combinetype).

use super::settings::{
    Automatic, AutomaticActions, Beta, BetaProgram, Cadence, Deferrals, RapidSecurityResponse,
    SoftwareUpdateSettings,
};
use crate::json::Object;

/// What counts on the device, and where each value comes from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Effective {
    /// The settings that count. What this crate does not know is in none of them.
    pub settings: SoftwareUpdateSettings,
    /// For each key that is set, the places in the input whose value it has.
    pub sources: Vec<(&'static str, Vec<usize>)>,
}

/// How a key's values are combined (Apple's schema, combinetype).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Combine {
    /// True if all are.
    BooleanAnd,
    /// The largest.
    NumberMax,
    /// The one that stands last in the schema's list, whatever declaration it is in.
    EnumLast,
    /// All different ones.
    SetUnion,
    /// The one that the device processes first.
    First,
}

/// How each key is combined: the table that [`merge`] follows.
pub const COMBINE: &[(&str, Combine)] = &[
    ("Notifications", Combine::BooleanAnd),
    ("Deferrals/CombinedPeriodInDays", Combine::NumberMax),
    ("Deferrals/MajorPeriodInDays", Combine::NumberMax),
    ("Deferrals/MinorPeriodInDays", Combine::NumberMax),
    ("Deferrals/SystemPeriodInDays", Combine::NumberMax),
    ("RecommendedCadence", Combine::EnumLast),
    ("AutomaticActions/Download", Combine::EnumLast),
    ("AutomaticActions/InstallOSUpdates", Combine::EnumLast),
    ("AutomaticActions/InstallSecurityUpdate", Combine::EnumLast),
    ("RapidSecurityResponse/Enable", Combine::BooleanAnd),
    ("RapidSecurityResponse/EnableRollback", Combine::BooleanAnd),
    ("AllowStandardUserOSUpdates", Combine::BooleanAnd),
    ("Beta/ProgramEnrollment", Combine::EnumLast),
    ("Beta/OfferPrograms", Combine::SetUnion),
    ("Beta/RequireProgram", Combine::First),
];

struct Merge<'s> {
    all: &'s [&'s SoftwareUpdateSettings],
    sources: Vec<(&'static str, Vec<usize>)>,
}

impl<'s> Merge<'s> {
    /// The best value by an order, and who has it.
    fn best<T: Clone + PartialEq + 's, K: Ord>(
        &mut self,
        key: &'static str,
        get: impl Fn(&'s SoftwareUpdateSettings) -> Option<&'s T>,
        rank: impl Fn(usize, &T) -> K,
    ) -> Option<T> {
        let found = self.all.iter().enumerate().filter_map(|(at, one)| Some((at, get(one)?)));
        let (_, best) = found.max_by_key(|(at, value)| rank(*at, value))?;
        let owners = self.all.iter().enumerate().filter(|(_, one)| get(one) == Some(best));
        self.sources.push((key, owners.map(|(at, _)| at).collect()));
        Some(best.clone())
    }

    fn and(
        &mut self,
        key: &'static str,
        get: impl Fn(&'s SoftwareUpdateSettings) -> Option<&'s bool>,
    ) -> Option<bool> {
        self.best(key, get, |_, value| !*value)
    }

    fn last(
        &mut self,
        key: &'static str,
        get: impl Fn(&'s SoftwareUpdateSettings) -> Option<&'s Automatic>,
    ) -> Option<Automatic> {
        // *Decision*: a value that we do not know stands nowhere in our list; known ones win.
        self.best(key, get, |_, value| rank(Automatic::KNOWN, value.as_str()))
    }

    fn max(
        &mut self,
        key: &'static str,
        get: impl Fn(&'s Deferrals) -> Option<&'s i64>,
    ) -> Option<i64> {
        self.best(key, |one| one.deferrals.as_ref().and_then(&get), |_, value| *value)
    }
}

fn rank(known: &[&str], text: &str) -> usize {
    known.iter().position(|name| *name == text).map_or(0, |at| at + 1)
}

fn some<T: PartialEq + Default>(value: T) -> Option<T> {
    (value != T::default()).then_some(value)
}

/// What several settings come to on the device, in the order in which it processes them.
///
/// The result may break a rule that each of them keeps, such as offered programmes with a required
/// one: see [`SoftwareUpdateSettings::errors`].
///
/// ```
/// use apple_mdm::declarations::{Deferrals, SoftwareUpdateSettings, merge::merge};
///
/// let mut one = SoftwareUpdateSettings::default();
/// one.notifications = Some(false);
/// let mut other = SoftwareUpdateSettings::default();
/// other.notifications = Some(true);
/// let merged = merge(&[&one, &other]);
/// assert_eq!(merged.settings.notifications, Some(false));
/// assert_eq!(merged.sources, [("Notifications", vec![0])]);
/// ```
#[must_use]
pub fn merge(all: &[&SoftwareUpdateSettings]) -> Effective {
    let mut m = Merge { all, sources: Vec::new() };
    let notifications = m.and("Notifications", |one| one.notifications.as_ref());
    let deferrals = Deferrals {
        combined_period_in_days: m
            .max("Deferrals/CombinedPeriodInDays", |one| one.combined_period_in_days.as_ref()),
        major_period_in_days: m
            .max("Deferrals/MajorPeriodInDays", |one| one.major_period_in_days.as_ref()),
        minor_period_in_days: m
            .max("Deferrals/MinorPeriodInDays", |one| one.minor_period_in_days.as_ref()),
        system_period_in_days: m
            .max("Deferrals/SystemPeriodInDays", |one| one.system_period_in_days.as_ref()),
        unknown: Object::new(),
    };
    let recommended_cadence = m.best(
        "RecommendedCadence",
        |one| one.recommended_cadence.as_ref(),
        |_, value| rank(Cadence::KNOWN, value.as_str()),
    );
    let automatic_actions = AutomaticActions {
        download: m.last("AutomaticActions/Download", |one| {
            one.automatic_actions.as_ref()?.download.as_ref()
        }),
        install_os_updates: m.last("AutomaticActions/InstallOSUpdates", |one| {
            one.automatic_actions.as_ref()?.install_os_updates.as_ref()
        }),
        install_security_update: m.last("AutomaticActions/InstallSecurityUpdate", |one| {
            one.automatic_actions.as_ref()?.install_security_update.as_ref()
        }),
        unknown: Object::new(),
    };
    let rapid_security_response = RapidSecurityResponse {
        enable: m.and("RapidSecurityResponse/Enable", |one| {
            one.rapid_security_response.as_ref()?.enable.as_ref()
        }),
        enable_rollback: m.and("RapidSecurityResponse/EnableRollback", |one| {
            one.rapid_security_response.as_ref()?.enable_rollback.as_ref()
        }),
        unknown: Object::new(),
    };
    let allow_standard_user_os_updates =
        m.and("AllowStandardUserOSUpdates", |one| one.allow_standard_user_os_updates.as_ref());
    let program_enrollment =
        m.last("Beta/ProgramEnrollment", |one| one.beta.as_ref()?.program_enrollment.as_ref());
    let offered = union(&mut m);
    let require_program = m.best(
        "Beta/RequireProgram",
        |one| one.beta.as_ref()?.require_program.as_ref(),
        |at, _| usize::MAX - at,
    );
    let beta = Beta {
        program_enrollment,
        offer_programs: offered,
        require_program,
        unknown: Object::new(),
    };
    let settings = SoftwareUpdateSettings {
        notifications,
        deferrals: some(deferrals),
        recommended_cadence,
        automatic_actions: some(automatic_actions),
        rapid_security_response: some(rapid_security_response),
        allow_standard_user_os_updates,
        beta: some(beta),
        unknown: Object::new(),
    };
    Effective { settings, sources: m.sources }
}

fn union(m: &mut Merge<'_>) -> Option<Vec<BetaProgram>> {
    let mut all: Option<Vec<BetaProgram>> = None;
    let mut owners = Vec::new();
    for (at, one) in m.all.iter().enumerate() {
        let Some(offered) = one.beta.as_ref().and_then(|beta| beta.offer_programs.as_ref()) else {
            continue;
        };
        owners.push(at);
        let all = all.get_or_insert_default();
        for program in offered {
            if !all.contains(program) {
                all.push(program.clone());
            }
        }
    }
    if all.is_some() {
        m.sources.push(("Beta/OfferPrograms", owners));
    }
    all
}
