//! What Intune's update rings and settings catalogs set on devices, by `update-csp`.

use graph_wufb::json::{RawObject, Value};
use update_csp::graph_ring::{CatalogPolicy, Import, Reason, RingConfiguration};

use crate::inspect::{View, short};

/// Properties that are named as setting nothing.
const SHOWN: usize = 200;

/// Whether the object is a policy of the settings catalog.
pub(super) fn is_catalog(object: &RawObject) -> bool {
    let is_one =
        |value: &Value| value.as_object().is_some_and(|one| one.get("settingInstance").is_some());
    let list = object.get("settings").or_else(|| object.get("value"));
    list.and_then(Value::as_array).and_then(<[Value]>::first).is_some_and(is_one)
}

pub(super) fn write_catalog(view: &mut View, object: &RawObject) {
    if let Ok(policy) = serde_json::from_str::<CatalogPolicy>(&object.to_json()) {
        view.line(0, "a policy of the settings catalog");
        write(view, &policy.import());
    }
}

pub(super) fn write_ring(view: &mut View, object: &RawObject) {
    if let Ok(ring) = serde_json::from_str::<RingConfiguration>(&object.to_json()) {
        write(view, &ring.import());
    }
}

fn write(view: &mut View, import: &Import) {
    for setting in import.intent.policies.settings() {
        view.line(1, format_args!("sets {}", short(&setting.to_string())));
    }
    for rollback in &import.intent.rollbacks {
        view.line(1, format_args!("rolls back: {rollback:?}"));
    }
    // Actions and assignments are beside what is set.
    let beside = |name: &str| name.starts_with('#') || name == "assignments";
    let odd = import.unmapped.iter();
    let odd = odd.filter(|(name, reason)| *reason != Reason::Description && !beside(name));
    for (name, reason) in odd.take(SHOWN) {
        let why = match reason {
            Reason::OtherArea => "a policy of another area",
            Reason::DrivenByService => "what the service makes of it depends on more",
            Reason::Computed => "the service computes it",
            Reason::Unknown => "no property that is known",
            Reason::Value => "not a value of the property",
            Reason::ValueNotTaken => "not a value of the policy",
            Reason::Incomplete => "more of it was not read",
            _ => "no policy",
        };
        view.line(1, format_args!("sets nothing: {} ({why})", short(name)));
    }
}
